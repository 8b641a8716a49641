"""Slope, aspect and slope class beside xarray-spatial, on a relief of 10,000 x 10,000 cells.

python benchmarks/bench_terrain.py [cells per side]      (default 10000)
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from harness import Case, Peer, measure, table
from screening_data import SIDE, grid_of, relief

from geo.grid import Grid
from geo.terrain import slope_aspect, slope_class

try:
    import xarray as xr
    import xrspatial
except ImportError:
    xrspatial = None

THREADS = str(numba.get_num_threads())
LIMITS = (15.0, 20.0, 25.0, 30.0, 35.0)
INNER = np.s_[1:-1, 1:-1]


def theirs(dem: np.ndarray, grid: Grid) -> Callable[[], Any] | None:
    if xrspatial is None:
        return None
    array = xr.DataArray(dem, dims=("y", "x"), attrs={"res": (grid.dx, grid.dy)})
    return lambda: (xrspatial.slope(array).data, xrspatial.aspect(array).data)


def exact(dem: np.ndarray, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return slope and aspect of Horn in float64 [deg]."""
    z = dem.astype(np.float64)
    a, b, c = z[:-2, :-2], z[:-2, 1:-1], z[:-2, 2:]
    d, f = z[1:-1, :-2], z[1:-1, 2:]
    g, h, i = z[2:, :-2], z[2:, 1:-1], z[2:, 2:]
    east = ((c + 2 * f + i) - (a + 2 * d + g)) / (8 * grid.dx)
    north = ((a + 2 * b + c) - (g + 2 * h + i)) / (8 * grid.dy)
    return np.degrees(np.arctan(np.hypot(east, north))), np.degrees(np.arctan2(-east, -north)) % 360


def apart(ours: np.ndarray, other: np.ndarray) -> float:
    """Return the largest angle between two sets of bearings [deg]."""
    turn = np.abs(ours.astype(np.float64) - other)
    return float(np.nanmax(np.minimum(turn, 360 - turn)))


def same(ours: Any, other: Any) -> bool:
    """Compare inside the border; aspect where the ground is not flat."""
    rows = slice(1, 2001)
    slopes = np.abs(ours[0][rows, 1:-1] - other[0][rows, 1:-1]).max()
    steep = ours[0][rows, 1:-1] > 0.1
    return bool(
        slopes < 1e-3 and apart(ours[1][rows, 1:-1][steep], other[1][rows, 1:-1][steep]) < 1e-2
    )


def errors(dem: np.ndarray, grid: Grid) -> str:
    """Say how far ours and the peer's are from float64, on the first rows."""
    part = np.ascontiguousarray(dem[:1500])
    small = grid.window(0, 0, *part.shape)
    want = exact(part, small)
    steep = want[0] > 0.1
    lines = []
    for name, call in (("ours", lambda: slope_aspect(part, small)), ("peer", theirs(part, small))):
        if call is not None:
            found = call()
            slope = np.abs(found[0][INNER] - want[0]).max()
            turn = apart(found[1][INNER][steep], want[1][steep])
            lines.append(f"{name}: slope {slope:.1e}, aspect {turn:.1e}")
    return f"Largest error against float64 [deg], aspect where slope > 0.1 deg: {'; '.join(lines)}."


def scaling(side: int) -> list[str]:
    """Return the table of time per cell from 1e6 cells up."""
    lines = ["| cells | slope + aspect [ns/cell] | slope class [ns/cell] |", "|---|---|---|"]
    for part in sorted({1_000, 2_000, 5_000, side}):
        if part <= side:
            grid, dem = grid_of(part), relief(part)
            out = np.empty_like(dem), np.empty_like(dem)
            both = measure(lambda z=dem, g=grid, o=out: slope_aspect(z, g, out=o))[0]
            one = measure(lambda z=dem, g=grid: slope_class(z, g, LIMITS))[0]
            cost = f"{both / grid.size * 1e9:.2f} | {one / grid.size * 1e9:.2f}"
            lines.append(f"| {grid.size / 1e6:.0f} M | {cost} |")
    return [*lines, ""]


def main(side: int) -> None:
    grid, dem = grid_of(side), relief(side)
    out = np.empty_like(dem), np.empty_like(dem)
    size = f"{grid.size / 1e6:.0f} M cells"
    peer = theirs(dem, grid)
    cases = [
        Case(
            f"slope + aspect into arrays of the caller, {size}",
            lambda: slope_aspect(dem, grid, out=out),
            [Peer("xarray-spatial slope + aspect, NumPy", "1", peer, same)],
            THREADS,
        ),
        Case(f"slope + aspect, new arrays, {size}", lambda: slope_aspect(dem, grid), (), THREADS),
        Case(
            f"slope class of {len(LIMITS)} limits, {size}",
            lambda: slope_class(dem, grid, LIMITS), (), THREADS,
        ),
    ]  # fmt: skip
    print("\n".join(table("slope and aspect", cases, ("numba", "numpy", "xarray-spatial"))))
    print(errors(dem, grid), "\n")
    print("\n".join(scaling(side)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIDE)
