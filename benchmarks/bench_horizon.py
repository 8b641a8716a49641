"""Horizon, sky view and beam shading: speed beside topocalc, accuracy beside two brute forces.

python benchmarks/bench_horizon.py [cells per side]      (default 10000)

topocalc takes minutes per direction at 1e8 cells, so it is met at 4 million cells; its
oblique directions shift whole cells, so answers are compared in the four main directions,
on flat earth, as it has no curvature. The brute forces walk every sample of chosen cells:
once along the very line that the sweep uses, once along rays interpolated between four
cells, sampled once and four times a step. The yearly beam is that of a clear sky on flat
ground, twelve representative days (Klein 1977), Meinel's air mass formula, 32.5 N.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
from harness import Case, Peer, table
from screening_data import SIDE, grid_of, relief

from geo.grid import Grid
from geo.horizon import EARTH_RADIUS, NEAR, REFRACTION, beam_share, ray, sky_view, tangent

try:
    from topocalc.horizon import horizon as peer_horizon
except ImportError:
    peer_horizon = None

THREADS = str(numba.get_num_threads())
DIRECTIONS = 16
SMALL = 2_000
CURVED = EARTH_RADIUS / (1 - REFRACTION)
LATITUDE = 32.5
#: Day of the year that stands for its month, and the days of the month.
DAYS = (17, 47, 75, 105, 135, 162, 198, 228, 258, 288, 318, 344)
MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@numba.njit(parallel=True)
def rays(
    z: np.ndarray, right: float, down: float, step: float, cells: np.ndarray, out: np.ndarray
) -> None:
    """Fill tangents of bilinear rays; a sample lies ``right``, ``down`` cells after the last."""
    rows, cols = z.shape
    for i in numba.prange(cells.shape[0]):
        row, col = cells[i, 0], cells[i, 1]
        best, j = 0.0, 1
        while True:
            y, x = row + down * j, col + right * j
            if y < 0 or x < 0 or y > rows - 1 or x > cols - 1:
                break
            top, left = int(y), int(x)
            v, u = y - top, x - left
            low, far = min(top + 1, rows - 1), min(left + 1, cols - 1)
            upper = z[top, left] * (1 - u) + z[top, far] * u
            lower = z[low, left] * (1 - u) + z[low, far] * u
            away = j * step
            best = max(
                best, (upper * (1 - v) + lower * v - z[row, col]) / away - away / (2 * CURVED)
            )
            j += 1
        out[i] = best


@numba.njit(parallel=True)
def lines(
    z: np.ndarray, lean: float, step: float, near: int, cells: np.ndarray, out: np.ndarray
) -> None:
    """Fill tangents along the sweep's own lines, downwards, by walking every sample."""
    rows, cols = z.shape
    for i in numba.prange(cells.shape[0]):
        row, col = cells[i, 0], cells[i, 1]
        first = col - math.floor(lean * row + 0.5)
        best = 0.0
        for other in range(row + 1, rows):
            j = other - row
            place = col + lean * j if j <= near else first + lean * other
            left = math.floor(place)
            share = place - left
            if left < 0 or left + (share > 0) >= cols:
                continue
            height = z[other, left] * (1 - share)
            if share > 0:
                height += z[other, left + 1] * share
            away = j * step
            best = max(best, (height - z[row, col]) / away - away / (2 * CURVED))
        out[i] = best


def degrees(tangents: np.ndarray) -> np.ndarray:
    return np.degrees(np.arctan(tangents.astype(np.float64)))


def rough(side: int) -> np.ndarray:
    """Return a spectral relief of median slope 20 deg: rougher than most mountains [m]."""
    rng = np.random.default_rng(5)
    wave = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    noise = np.fft.rfft2(rng.normal(size=(side, side)))
    z = np.fft.irfft2(noise * np.maximum(wave, 1 / 400) ** -2.0, s=(side, side))
    south, east = np.gradient(z, 30.0)
    z *= math.tan(math.radians(20)) / np.median(np.hypot(east, south))
    return (z - z.min()).astype(np.float32)


def ours_at(z: np.ndarray, grid: Grid, cells: np.ndarray) -> np.ndarray:
    """Return tangents of all directions at chosen cells."""
    room = np.empty_like(z)
    return np.array(
        [tangent(z, grid, 360 * k / DIRECTIONS, room)[tuple(cells.T)] for k in range(DIRECTIONS)]
    )


def rays_at(z: np.ndarray, grid: Grid, cells: np.ndarray, finer: int) -> np.ndarray:
    """Return tangents of bilinear rays, sampled ``finer`` times a step."""
    found = np.empty((DIRECTIONS, len(cells)))
    for k in range(DIRECTIONS):
        way = ray(360 * k / DIRECTIONS, grid)
        ahead = -1.0 if way.flip else 1.0
        down, right = (ahead, way.lean) if way.along_columns else (way.lean, ahead)
        rays(z, right / finer, down / finer, way.step_m / finer, cells, found[k])
    return found


def lines_at(z: np.ndarray, grid: Grid, cells: np.ndarray) -> np.ndarray:
    """Return tangents along the sweep's own lines."""
    found = np.empty((DIRECTIONS, len(cells)))
    for k in range(DIRECTIONS):
        way = ray(360 * k / DIRECTIONS, grid)
        turned, places = (z, cells) if way.along_columns else (z.T, cells[:, ::-1])
        if way.flip:
            turned = turned[::-1]
            places = np.column_stack([turned.shape[0] - 1 - places[:, 0], places[:, 1]])
        near = 0 if way.lean in {-1.0, 0.0, 1.0} else NEAR
        lines(np.ascontiguousarray(turned), way.lean, way.step_m, near, places.copy(), found[k])
    return found


def suns() -> np.ndarray:
    """Return (azimuth, altitude, weight) of a year's clear-sky beam on flat ground."""
    table_ = []
    for day, days in zip(DAYS, MONTHS, strict=True):
        tilt = math.radians(23.45 * math.sin(2 * math.pi * (284 + day) / 365))
        for hour in np.arange(0.25, 24, 0.5):
            turn = math.radians(15 * (hour - 12))
            north = math.radians(LATITUDE)
            high = math.sin(north) * math.sin(tilt)
            high += math.cos(north) * math.cos(tilt) * math.cos(turn)
            if high > 0.01:
                east = -math.cos(tilt) * math.sin(turn)
                ahead = math.cos(north) * math.sin(tilt)
                ahead -= math.sin(north) * math.cos(tilt) * math.cos(turn)
                beam = 1353 * 0.7 ** ((1 / high) ** 0.678)
                table_.append(
                    (math.degrees(math.atan2(east, ahead)) % 360, math.degrees(math.asin(high)),
                     beam * high * days / 2)
                )  # fmt: skip
    return np.array(table_)


def shares(tangents: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Return the share of the beam that passes horizons known in all directions."""
    passed = np.zeros(tangents.shape[1])
    for azimuth, altitude, weight in year:
        place = azimuth * DIRECTIONS / 360
        k = int(place)
        first, second = tangents[k], tangents[(k + 1) % DIRECTIONS]
        edge = first + (second - first) * (place - k)
        passed += weight * (edge <= math.tan(math.radians(altitude)))
    return passed / year[:, 2].sum()


def accuracy(name: str, z: np.ndarray, year: np.ndarray) -> list[str]:
    """Return the table of differences, direction by direction, and the change of the beam."""
    grid = grid_of(z.shape[0])
    cells = np.random.default_rng(6).integers(100, z.shape[0] - 100, (5_000, 2))
    ours, own = ours_at(z, grid, cells), lines_at(z, grid, cells)
    once, often = rays_at(z, grid, cells, 1), rays_at(z, grid, cells, 4)
    off = [np.abs(degrees(ours) - degrees(other)) for other in (own, once, often)]
    if off[0].max() > 0.01:
        raise SystemExit(f"horizon leaves its own line by {off[0].max():.3f} deg")
    out = [
        f"#### Accuracy, {name} relief, {grid.size / 1e6:.0f} M cells, {len(cells)} cells chosen",
        "",
        (
            "Differences of the horizon's height [deg]: same line (largest), bilinear rays sampled"
            " once a step and four times a step (median, p95, largest)."
        ),
        "",
        "| azimuth | same line | rays, 1 a step | rays, 4 a step |",
        "|---|---|---|---|",
    ]
    for k in range(DIRECTIONS):
        cells_ = [
            f"{np.median(one[k]):.4f}, {np.percentile(one[k], 95):.3f}, {one[k].max():.2f}"
            for one in off[1:]
        ]
        out.append(f"| {360 * k / DIRECTIONS:g} | {off[0][k].max():.5f} | {' | '.join(cells_)} |")
    out += [
        "",
        "| yearly beam, change against | median | p95 | largest | mean |",
        "|---|---|---|---|---|",
    ]
    mine = shares(ours, year)
    for label, other in (("rays, 1 a step", once), ("rays, 4 a step", often)):
        base = shares(other, year)
        change = np.abs(mine - base) / np.maximum(base, 1e-9) * 100
        out.append(
            f"| {label} | {np.median(change):.3f} % | {np.percentile(change, 95):.2f} % "
            f"| {change.max():.1f} % | {np.mean(mine - base) * 100:+.3f} % |"
        )
    return [*out, ""]


def theirs(dem: np.ndarray, azimuth: float) -> Callable[[], Any] | None:
    """Return topocalc's call; its azimuth runs from south through east."""
    if peer_horizon is None:
        return None
    wide = dem.astype(np.float64)
    turned = (180 - azimuth + 180) % 360 - 180
    return lambda: peer_horizon(turned, wide, 30.0)


def same(ours: np.ndarray, other: np.ndarray) -> bool:
    """Compare on flat earth; the peer gives the sine of the height."""
    del ours
    height = np.degrees(np.arcsin(np.clip(other, 0, 1)))
    return bool(np.abs(degrees(SAME) - height).max() < 0.02)


SAME = np.empty((0, 0))


def speed() -> list[str]:
    """Return the table of one direction beside topocalc."""
    global SAME  # noqa: PLW0603  # the flat answer that the next peer is compared with
    grid, dem = grid_of(SMALL), relief(SMALL)
    out = np.empty_like(dem)
    found: list[str] = []
    for azimuth in (90.0, 0.0, 45.0, 22.5):
        SAME = tangent(dem, grid, azimuth, refraction=1.0)
        oblique = azimuth % 90 != 0
        peer = Peer(
            "topocalc" + (" (whole cells aside; not compared)" if oblique else ""), "1",
            theirs(dem, azimuth), (lambda _a, _b: True) if oblique else same,
        )  # fmt: skip
        name = f"horizon towards {azimuth:g}, {grid.size / 1e6:.0f} M cells"
        case = Case(name, lambda a=azimuth: tangent(dem, grid, a, out), [peer], THREADS)
        rows = table("horizon, one direction", [case], ("numba", "numpy", "topocalc"))
        found += rows[:-1] if not found else rows[6:-1]
    return [*found, ""]


def once(call: Callable[[], Any]) -> tuple[float, float]:
    """Return the time of one call [s] and the peak of memory above the level before [MiB].

    The kernel's own high-water mark, because a compiled loop lets no thread sample it.
    """
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the mark starts anew
    before, start = high_water(), time.perf_counter()
    call()
    return time.perf_counter() - start, high_water() - before


def high_water() -> float:
    """Return the most memory held since the mark was reset [MiB]."""
    lines_ = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines_ if line.startswith("VmHWM"))


def all_round(z: np.ndarray, grid: Grid, room: np.ndarray) -> None:
    for k in range(DIRECTIONS):
        tangent(z, grid, 360 * k / DIRECTIONS, room)


def scaling(side: int, year: np.ndarray) -> list[str]:
    """Return the table of time per cell and direction from 1e6 cells up."""
    out = [
        f"{DIRECTIONS} directions, {len(year)} suns; one call, peak memory above the DEM.",
        "",
        (
            "| cells | 16 tangents [s] | ns per cell and direction | sky view [s] | peak MiB "
            "| beam share [s] | peak MiB |"
        ),
        "|---|---|---|---|---|---|---|",
    ]
    warm = grid_of(200), relief(200)
    sky_view(warm[1], warm[0])
    beam_share(warm[1], warm[0], year)
    for part in sorted({1_000, 2_000, 5_000, side}):
        if part <= side:
            grid, dem = grid_of(part), relief(part)
            room = np.empty_like(dem)
            seconds, _ = once(lambda z=dem, g=grid, o=room: all_round(z, g, o))
            view = once(lambda z=dem, g=grid: sky_view(z, g, DIRECTIONS))
            beam = once(lambda z=dem, g=grid: beam_share(z, g, year, DIRECTIONS))
            each = seconds / grid.size / DIRECTIONS * 1e9
            out.append(
                f"| {grid.size / 1e6:.0f} M | {seconds:.2f} | {each:.1f} | {view[0]:.2f} "
                f"| {view[1]:.0f} | {beam[0]:.2f} | {beam[1]:.0f} |"
            )
    return [*out, ""]


def main(side: int) -> None:
    year = suns()
    print("\n".join(speed()))
    print("\n".join(scaling(side, year)))
    for name, z in (("smooth", relief(SMALL)), ("rough", rough(SMALL))):
        print("\n".join(accuracy(name, z, year)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIDE)
