"""Wind yield cell by cell beside windpowerlib, vectorised over blocks, and SciPy.

python benchmarks/bench_wind.py [million cells]      (default 2)
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from harness import Case, Peer, measure, table
from scipy.ndimage import map_coordinates
from scipy.special import gamma

from siting.wind.density import air_density, pressure
from siting.wind.hours import SHAPE_STEP, SPEED_STEP, Climate, hours, hours_table, shape_rows
from siting.wind.turbine import Turbine, load_turbine

try:
    import windpowerlib
    from windpowerlib.power_output import power_curve
    from windpowerlib.wind_speed import hellman
except ImportError:
    windpowerlib = None

THREADS = str(numba.get_num_threads())
BLOCK = 100_000
#: Wind speeds of equal probability at which a peer samples the distribution of a cell: the
#: fewest that hold 0.5 % in every cell.
SAMPLES = 256
SEA_C, LAPSE = 15.0, 0.0065


def climate(cells: int, *, layers: bool) -> Climate:
    """Return wind and air of so many cells: all layers at hand, or wind and elevation alone."""
    rng = np.random.default_rng(1)

    def draw(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, (cells // 1000, 1000)).astype(np.float32)

    mean, height = draw(3.0, 8.0), draw(150.0, 2500.0)
    lower = (mean / draw(1.0, 1.25)).astype(np.float32)
    shape, warmth = draw(1.6, 2.6), (16.0 - 0.0055 * height).astype(np.float32)
    if not layers:
        return Climate(mean, 100.0, None, 50.0, 0.143, None, 2.0, height, None, SEA_C, LAPSE)
    return Climate(mean, 100.0, lower, 50.0, 0.143, shape, 2.0, height, warmth, SEA_C, LAPSE)


def equivalent(known: Climate, turbine: Turbine, part: slice) -> tuple[np.ndarray, Any]:
    """Return the density-corrected mean speed at the hub and the shape of some cells, by NumPy."""
    mean = known.mean.ravel()[part].astype(np.float64)
    height = known.height.ravel()[part].astype(np.float64)
    shear: Any = known.shear
    if known.lower is not None:
        shear = np.log(mean / known.lower.ravel()[part]) / np.log(known.map_m / known.lower_m)
    if windpowerlib is not None:
        hub = hellman(mean, known.map_m, turbine.hub_m, hellman_exponent=shear)
    else:
        hub = mean * (turbine.hub_m / known.map_m) ** shear
    at = height + turbine.hub_m
    if known.warmth is None:
        air = air_density(at, SEA_C, LAPSE)
    else:
        warm = known.warmth.ravel()[part].astype(np.float64) - LAPSE * turbine.hub_m + 273.15
        air = pressure(at, SEA_C, LAPSE) / (287.05287 * warm)
    shape = known.one_shape if known.shape is None else known.shape.ravel()[part]
    return hub * np.cbrt(air / 1.225), shape


def by_windpowerlib(known: Climate, turbine: Turbine) -> Callable[[], Any] | None:
    """Return windpowerlib's power curve on the sampled speeds of a block of cells at a time."""
    if windpowerlib is None:
        return None
    chance = -np.log1p(-(np.arange(SAMPLES) + 0.5) / SAMPLES)

    def call() -> np.ndarray:
        out = np.empty(known.mean.size)
        for start in range(0, out.size, BLOCK):
            part = slice(start, start + BLOCK)
            mean, shape = equivalent(known, turbine, part)
            k = np.asarray(shape, np.float64).reshape(-1, 1)  # one row where the shape is one
            speeds = (mean[:, None] / gamma(1 + 1 / k)) * chance ** (1 / k)
            watts = power_curve(speeds, turbine.speeds, turbine.share)
            out[part] = 8760 * watts.mean(axis=1)
        return out

    return call


def by_scipy(known: Climate, turbine: Turbine) -> Callable[[], Any]:
    """Return the same table read by SciPy's linear interpolation, blocks of cells."""

    def call() -> np.ndarray:
        rows = shape_rows(known.shape, known.one_shape)
        cells = hours_table(turbine, rows)
        cells = np.repeat(cells, 2, axis=0) if rows.size == 1 else cells
        out = np.empty(known.mean.size, np.float32)
        for start in range(0, out.size, BLOCK):
            part = slice(start, start + BLOCK)
            mean, shape = equivalent(known, turbine, part)
            down = np.broadcast_to((np.asarray(shape) - rows[0]) / SHAPE_STEP, mean.shape)
            out[part] = map_coordinates(cells, [down, mean / SPEED_STEP], order=1)
        return out

    return call


def same(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Compare every cell: within 0.5 %."""
    return bool(np.allclose(ours.ravel(), theirs, rtol=0.005, atol=0.5))


def throughput(turbine: Turbine, cells: int) -> list[str]:
    """Return the table of cells a second on a whole map."""
    lines = ["| layers | cells | median [s] | million cells/s |", "|---|---|---|---|"]
    for layers, name in (
        (False, "wind and elevation"),
        (True, "two heights, shape, elevation, temperature"),
    ):
        known = climate(cells, layers=layers)
        seconds, _, _ = measure(lambda known=known: hours(known, turbine))
        lines.append(
            f"| {name} | {cells / 1e6:g} M | {seconds:.3f} | {cells / seconds / 1e6:.0f} |"
        )
    return [*lines, ""]


def main(millions: int) -> None:
    turbine = load_turbine()
    cells = millions * 1_000_000
    cases = []
    for layers, name in ((False, "wind, elevation"), (True, "two heights, shape, temperature")):
        known = climate(cells, layers=layers)
        cases.append(
            Case(
                f"full-load hours of {millions} M cells, {name}",
                lambda known=known: hours(known, turbine),
                [
                    Peer(
                        f"windpowerlib power_curve, {SAMPLES} speeds a cell, blocks of 1e5", "1",
                        by_windpowerlib(known, turbine), same,
                    ),
                    Peer("SciPy map_coordinates on our table", "1", by_scipy(known, turbine), same),
                ],
                THREADS,
            )
        )  # fmt: skip
    packages = ("numba", "numpy", "scipy", "windpowerlib")
    print("\n".join(table("wind yield", cases, packages)))
    print("\n".join(throughput(turbine, 44_000_000)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
