"""Flood, flow directions, accumulation and drainage order beside pyflwdir and whitebox.

python benchmarks/bench_flow.py [cells per side]      (default 4801)
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import rasterio
from harness import Case, Peer, measure, table
from terrain import SIDE, terrain

from geo.grid import Grid
from geo.hydrology import OUTLET, Drainage, drainage

try:
    import pyflwdir
except ImportError:
    pyflwdir = None
try:
    import whitebox_workflows
except ImportError:
    whitebox_workflows = None

THREADS = str(numba.get_num_threads())
#: Standard deviation of the error added to the second terrain [m].
NOISE = 3.0
VOID = -9999.0
#: Share of a filled surface that must be the same in whitebox: it overfills some basins that
#: drain over the edge of the grid.
MOSTLY = 0.99


def quantised(side: int, noise: float) -> tuple[np.ndarray, Grid]:
    """Return the terrain in whole decimetres, which is what all programs are given."""
    dem, grid = terrain(side, noise_m=noise)
    return np.rint(dem * 10).astype(np.float32) / np.float32(10), grid


def by_pyflwdir(dem: np.ndarray, grid: Grid) -> Callable[[], Any] | None:
    if pyflwdir is None:
        return None

    def call() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        filled, d8 = pyflwdir.dem.fill_depressions(dem, nodata=VOID)
        flow = pyflwdir.from_array(
            d8, ftype="d8", check_ftype=False, transform=grid.transform, latlon=False
        )
        return filled, flow.upstream_area(unit="cell"), d8 == 0

    return call


def by_whitebox(dem: np.ndarray, grid: Grid, folder: Path) -> Callable[[], Any] | None:
    if whitebox_workflows is None:
        return None
    file = folder / f"{len(list(folder.iterdir()))}.tif"
    with rasterio.open(
        file, "w", driver="GTiff", height=grid.rows, width=grid.cols, count=1, dtype="float32",
        crs=grid.crs, transform=grid.transform, nodata=VOID,
    ) as target:  # fmt: skip
        target.write(dem, 1)
    wbe = whitebox_workflows.WbEnvironment()
    raster = wbe.read_raster(str(file))

    def call() -> tuple[Any, Any]:
        wbe.clear_raster_memory()
        filled = wbe.hydrology.fill_depressions(dem=raster)
        return filled, wbe.hydrology.d8_flow_accum(input=filled, out_type="cells")

    return call


def told(name: str, ours: Drainage, filled: np.ndarray, cells: np.ndarray, ends: np.ndarray) -> str:
    """Say how far another answer agrees with ours."""
    apart = filled - ours.filled
    differs = np.abs(apart) > 0.06
    return (
        f"- {name}: filled surface the same in {1 - differs.mean():.4%} of the cells, elsewhere up"
        f" to {apart[differs].max(initial=0):.1f} m higher and"
        f" {abs(apart[differs].min(initial=0)):.1f} m lower; cells above the same in"
        f" {(cells == ours.cells).mean():.1%}; {cells[ends].sum() / ours.order.size:.4f} of all"
        " cells arrive at the outlets."
    )


def compared(name: str, notes: list[str]) -> tuple[Callable[..., bool], Callable[..., bool]]:
    """Return the comparison with each peer; what it finds is added to the notes."""

    def pyflwdir_same(ours: Drainage, theirs: Any) -> bool:
        filled, cells, ends = theirs
        notes.append(told(f"pyflwdir, {name}", ours, filled, cells, ends))
        gathered = int(cells[ends].sum()) == ours.order.size == int(ours.cells[outlets(ours)].sum())
        return gathered and bool(np.abs(filled - ours.filled).max() < 1e-3)

    def whitebox_same(ours: Drainage, theirs: Any) -> bool:
        filled, cells = (one.to_numpy() for one in theirs)
        notes.append(told(f"whitebox-workflows, {name}", ours, filled, cells, outlets(ours)))
        return bool((np.abs(filled - ours.filled) < 0.06).mean() > MOSTLY)

    return pyflwdir_same, whitebox_same


def outlets(drained: Drainage) -> np.ndarray:
    return (drained.direction == OUTLET) & (drained.cells > 0)


def scaling(side: int) -> list[str]:
    """Return the table of time by size."""
    lines = ["| cells | ours [s] | ns/cell | raised cells |", "|---|---|---|---|"]
    for part in (side // 2, side):
        for noise in (0.0, NOISE):
            dem, grid = quantised(part, noise)
            spent, _, drained = measure(lambda z=dem, g=grid: drainage(z, g))
            raised = (drained.filled > dem + 0.05).mean()
            name = f"{grid.size / 1e6:.1f} M{', error added' if noise else ''}"
            cost = f"{spent / grid.size * 1e9:.1f}"
            lines.append(f"| {name} | {spent:.3f} | {cost} | {raised:.2%} |")
    return [*lines, ""]


def main(side: int) -> None:
    cases, notes = [], []
    with tempfile.TemporaryDirectory() as folder:
        for noise in (0.0, NOISE):
            dem, grid = quantised(side, noise)
            name = f"error of {NOISE:.0f} m added" if noise else "as generated"
            first, second = compared(name, notes)
            peers = [
                Peer("pyflwdir fill_depressions + from_array + upstream_area", "1",
                     by_pyflwdir(dem, grid), first),
                Peer("whitebox-workflows fill_depressions + d8_flow_accum", "its own choice",
                     by_whitebox(dem, grid, Path(folder)), second),
            ]  # fmt: skip
            work = f"flood + D8 + accumulation, {grid.size / 1e6:.0f} M cells, {name}"
            call = lambda z=dem, g=grid: drainage(z, g)  # noqa: E731
            cases.append(Case(f"{work} (ours: and drainage order)", call, peers, THREADS))
        packages = ("numba", "numpy", "pyflwdir", "whitebox-workflows")
        print("\n".join(table("flow: flood, directions, accumulation", cases, packages)))
    print("Against ours, all on the same whole decimetres (pyflwdir drains along its flood, not by")
    print("steepest descent, hence other catchments on hillsides):\n")
    print("\n".join(notes), "\n")
    print("\n".join(scaling(side)))
    print(
        "The recorded figure of the atlas code for this work is 21.1 s"
        " (另一地形，仅供参考: another terrain of 23 M cells, 1,300 m relief, one thread)."
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIDE)
