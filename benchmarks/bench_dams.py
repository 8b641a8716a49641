"""Dam sites and curves of the benchmark terrain; a sample compared with plain NumPy first.

python benchmarks/bench_dams.py [cells per side]      (default 4801)

No program at hand does the same work: the recorded figure of the atlas code stands beside,
from another terrain of that size and relief (另一地形，仅供参考).
"""

from __future__ import annotations

import sys

import numba
import numpy as np
from harness import Case, measure, table
from scipy import ndimage
from terrain import SIDE, terrain

from geo.grid import Grid
from geo.hydrology import STEP_COLS, STEP_ROWS, Drainage, drainage
from siting.pumped.dams.find import find_dams
from siting.pumped.dams.model import Cap, DamAudit, DamSites
from siting.pumped.dams.reasons import REASONS
from siting.pumped.dams.section import parameters, section

THREADS = str(numba.get_num_threads())
#: Seconds of the atlas code for 15 heights without axes, recorded on another terrain.
ATLAS_S = 45.4
SAMPLE = 200


def work(drained: Drainage, dem: np.ndarray) -> tuple[DamSites, DamAudit]:
    cap = Cap(np.zeros(drained.grid.shape, np.uint8), ())
    return find_dams(drained, dem, None, (cap, cap), parameters({}))


def compare(drained: Drainage, sites: DamSites, dem: np.ndarray, grid: Grid) -> str:
    """Compare a sample with ground flooded behind the axis and the section along it."""
    rng = np.random.default_rng(1)
    water, rock = [], []
    for i in rng.choice(sites.count, min(SAMPLE, sites.count), replace=False):
        h = int(np.argmax(sites.volume_m3[i] >= 3e6))
        if h == 0 or sites.axis[i] < 0 or not np.isfinite(sites.dam_m3[i, h]):
            continue
        water.append(sites.volume_m3[i, h] / flooded(drained, sites, int(i), h, grid))
        rock.append(along(sites, int(i), h, dem, grid) / sites.dam_m3[i, h])
    quarter = np.nanpercentile(water, (50, 5, 25, 75, 95))
    same = float(np.mean(np.abs(np.asarray(rock) - 1) < 2e-3))
    assert abs(quarter[0] - 1) < 0.01
    assert max(rock) < 1.002
    return (
        "volume beside scipy.ndimage.label of the ground flooded behind the axis: median "
        "{:.3f}, 5 % {:.3f}, 25 % {:.3f}, 75 % {:.3f}, 95 % {:.3f}".format(*quarter)
        + f" ({len(water)} sites); dam body equal to the section along the axis, with no "
        f"saddle dam, at {same:.0%}"
    )


def flooded(drained: Drainage, sites: DamSites, i: int, h: int, grid: Grid) -> float:
    """Return the water behind the axis by labels in a window round the catchment [m³]."""
    start, size = int(sites.start[i]), int(sites.cells[i])
    row, col = np.divmod(drained.order[start : start + size], grid.cols)
    r0, r1 = max(row.min() - 60, 0), min(row.max() + 61, grid.rows)
    c0, c1 = max(col.min() - 60, 0), min(col.max() + 61, grid.cols)
    level = float(sites.foot_m[i]) + h
    angle = np.deg2rad(22.5 * sites.axis[i])
    south, east = np.mgrid[r0:r1, c0:c1].astype(float)
    south, east = (south - sites.row[i]) * grid.dy, (east - sites.col[i]) * grid.dx
    t = east * np.cos(angle) + south * np.sin(angle)
    u = south * np.cos(angle) - east * np.sin(angle)
    r, c = int(sites.row[i]), int(sites.col[i])
    for _ in range(8):  # the bed tells which side is downstream
        way = drained.direction[r, c]
        if way > 7:
            break
        r, c = r + STEP_ROWS[way], c + STEP_COLS[way]
    u = u if u[min(max(r - r0, 0), r1 - r0 - 1), min(max(c - c0, 0), c1 - c0 - 1)] > 0 else -u
    depth = level - drained.filled[r0:r1, c0:c1].astype(float)
    wall = (abs(u) <= 0.75 * grid.dx) & (abs(t) <= sites.crest_length_m[i, h])
    label, _ = ndimage.label((depth > 0) & ~wall, structure=np.ones((3, 3)))
    inside = np.zeros(label.shape, bool)
    inside[row - r0, col - c0] = True
    pool = label[inside & (label > 0) & (u < 0)]
    if pool.size == 0:
        return float("nan")
    share = np.where(
        wall, np.clip(0.5 - u / grid.dx, 0.0, 1.0), label == np.bincount(pool).argmax()
    )
    return float((np.maximum(depth, 0.0) * share).sum()) * grid.dx * grid.dy


def along(sites: DamSites, i: int, h: int, dem: np.ndarray, grid: Grid) -> float:
    """Return the body over the ground along the axis, bilinear, by NumPy [m³]."""
    shape, angle = section(parameters({})), np.deg2rad(22.5 * sites.axis[i])
    crest, body = float(sites.foot_m[i]) + h + shape.freeboard_m, 0.0
    for sign in (1.0, -1.0):
        away = np.arange(0.0, 1000.0, grid.dx)
        row = sites.row[i] + sign * away * np.sin(angle) / grid.dy
        col = sites.col[i] + sign * away * np.cos(angle) / grid.dx
        row, col = np.clip(row, 0, grid.rows - 1.001), np.clip(col, 0, grid.cols - 1.001)
        r, c = row.astype(int), col.astype(int)
        fr, fc = row - r, col - c
        ground = (1 - fr) * ((1 - fc) * dem[r, c] + fc * dem[r, c + 1])
        ground += fr * ((1 - fc) * dem[r + 1, c] + fc * dem[r + 1, c + 1])
        high = np.flatnonzero(ground >= crest)
        last = int(high[0]) + 1 if high.size else ground.size
        body += float(shape.body(ground[:last], crest, grid.dx))
    return body


def counts(sites: DamSites, audit: DamAudit) -> list[str]:
    """Return how many candidates each test stopped."""
    number = np.bincount(audit.reason, minlength=len(REASONS))
    lines = ["| test | candidates |", "|---|---|"]
    lines += [
        f"| {reason.text.en.split(':')[0]} | {n} |"
        for reason, n in zip(REASONS, number, strict=True)
        if n
    ]
    wall = int((sites.axis < 0).sum())
    return [*lines, "", f"{sites.count} sites, {wall} of them with a D8 wall.", ""]


def scaling(side: int) -> list[str]:
    """Return the cost by size of the terrain."""
    lines = [
        "| cells | candidates | sites | median [s] | µs a candidate |",
        "|---|---|---|---|---|",
    ]
    for part in sorted({601, 1201, 2401, side}):
        if part > side:
            continue
        dem, grid = terrain(side)
        dem = np.ascontiguousarray(dem[:part, :part])
        drained = drainage(dem, grid.window(0, 0, part, part))
        seconds, _, (sites, audit) = measure(lambda d=drained, z=dem: work(d, z))
        each = seconds / max(audit.row.size, 1) * 1e6
        size = f"{part * part / 1e6:.1f} M | {audit.row.size} | {sites.count}"
        lines.append(f"| {size} | {seconds:.2f} | {each:.1f} |")
    return [*lines, ""]


def main(side: int) -> None:
    dem, grid = terrain(side)
    drained = drainage(dem, grid)
    sites, audit = work(drained, dem)
    print(compare(drained, sites, dem, grid), "\n")
    name = f"dam sites, 1 m steps, 8 axes, {grid.size / 1e6:.0f} M cells"
    case = Case(name, lambda: work(drained, dem), (), THREADS)
    print("\n".join(table("dam sites and curves", [case], ("numba", "numpy"))))
    print(f"Atlas code, 15 heights, no axes, 1 thread: {ATLAS_S} s 另一地形，仅供参考.\n")
    print("\n".join(counts(sites, audit)))
    print("\n".join(scaling(side)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIDE)
