"""Exact disc buffers and distances of a raster class beside OpenCV, SciPy and atlite.

python benchmarks/bench_distance.py [cells per side]      (default 10000)

The marked cells are the roads of the synthetic country, burnt 30 m wide.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numba
import numpy as np
import rasterio
import shapely
from harness import Case, Peer, measure, table
from scipy import ndimage
from screening_data import SIDE, country

from geo.burn import burn_bits, read_outlines
from geo.components import label
from geo.distance import distance_m, within
from geo.grid import Grid

try:
    import cv2
except ImportError:
    cv2 = None
try:
    import atlite
except ImportError:
    atlite = None

THREADS = str(numba.get_num_threads())
CV_THREADS = str(cv2.getNumThreads()) if cv2 else ""
PACKAGES = ("numba", "numpy", "scipy", "opencv-python-headless", "atlite")
RADIUS = 1_000.0


def roads(side: int) -> tuple[Grid, np.ndarray]:
    """Return the cells within 15 m of a road."""
    place = country(side)
    plane = np.zeros(place.grid.shape, dtype=np.uint8)
    burn_bits(read_outlines(place.vector("road")), 15.0, place.grid, plane, 0)
    return place.grid, plane.view(np.bool_)


def cv(mask: np.ndarray, grid: Grid, reach: float | None) -> Callable[[], Any] | None:
    """Return OpenCV's near-exact transform, in metres or as a disc."""
    if cv2 is None:
        return None
    away = (~mask).astype(np.uint8)

    def call() -> Any:
        found = cv2.distanceTransform(away, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        return found * np.float32(grid.dx) if reach is None else found <= reach / grid.dx

    return call


def edt(mask: np.ndarray, grid: Grid, reach: float | None) -> Callable[[], Any]:
    """Return SciPy's exact transform, in metres or as a disc."""

    def call() -> Any:
        found = ndimage.distance_transform_edt(~mask) * grid.dx
        return found.astype(np.float32) if reach is None else found <= reach

    return call


def circular(mask: np.ndarray, grid: Grid) -> Callable[[], Any] | None:
    """Return atlite's circular buffer of a raster class, from its file."""
    if atlite is None:
        return None
    path = Path(tempfile.gettempdir()) / f"shiyan-bench-roads-{grid.rows}.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=grid.rows, width=grid.cols, count=1, dtype="uint8",
        crs=grid.crs, transform=grid.transform,
    ) as target:  # fmt: skip
        target.write(mask.view(np.uint8), 1)
    box = gpd.GeoSeries([shapely.box(*grid.bounds)], crs=grid.crs)

    def call() -> Any:
        excluder = atlite.ExclusionContainer(crs=grid.crs, res=grid.dx)
        excluder.add_raster(
            str(path), codes=1, buffer=RADIUS, buffer_geometry="circular", crs=grid.crs
        )
        free, transform = excluder.compute_shape_availability(box)
        left = round((grid.transform.c - transform.c) / grid.dx)
        top = round((transform.f - grid.transform.f) / grid.dy)
        return ~free[top : top + grid.rows, left : left + grid.cols]

    return call


def equal(ours: Any, other: Any) -> bool:
    return bool(np.array_equal(ours, other))


def nearly(ours: Any, other: Any) -> bool:
    """OpenCV is exact but for the rounding of float32."""
    return bool(np.allclose(ours, other, rtol=1e-5, atol=1e-2))


def alike(ours: Any, other: Any) -> bool:
    """Allow OpenCV and atlite what their rounding or framing costs: 1 cell in 10,000."""
    return float((ours != other).mean()) < 1e-4


def scaling(side: int) -> list[str]:
    """Return the table of time per cell from 1e6 cells up."""
    lines = ["| cells | 1,000 m disc [ns/cell] | distance [ns/cell] |", "|---|---|---|"]
    for part in sorted({1_000, 2_000, 5_000, side}):
        if part <= side:
            grid, mask = roads(part)
            disc = measure(lambda m=mask, g=grid: within(m, g, RADIUS), runs=3)[0]
            away = measure(lambda m=mask, g=grid: distance_m(m, g), runs=3)[0]
            cost = f"{disc / grid.size * 1e9:.2f} | {away / grid.size * 1e9:.2f}"
            lines.append(f"| {grid.size / 1e6:.0f} M | {cost} |")
    return [*lines, ""]


def main(side: int) -> None:
    grid, mask = roads(side)
    size = f"{grid.size / 1e6:.0f} M cells"
    cases = [
        Case(
            f"1,000 m disc buffer of a raster class, {size}",
            lambda: within(mask, grid, RADIUS),
            [
                Peer("OpenCV precise", CV_THREADS, cv(mask, grid, RADIUS), alike),
                Peer("SciPy EDT", "1", edt(mask, grid, RADIUS), equal),
                Peer("atlite circular, from a GeoTIFF", "1", circular(mask, grid), alike),
            ],
            THREADS,
        ),
        Case(
            f"exact distance, {size}",
            lambda: distance_m(mask, grid),
            [
                Peer("OpenCV precise", CV_THREADS, cv(mask, grid, None), nearly),
                Peer("SciPy EDT", "1", edt(mask, grid, None), equal),
            ],
            THREADS,
        ),
        Case(
            f"components, {size}",
            lambda: label(mask),
            [
                Peer(
                    "SciPy label", "1", lambda: ndimage.label(mask),
                    lambda a, b: a[1] == b[1] and equal(a[0], b[0]),
                )
            ],
        ),
    ]  # fmt: skip
    print("\n".join(table("discs and distances", cases, PACKAGES)))
    print(f"{mask.mean() * 100:.2f} % of the cells are marked.\n")
    print("\n".join(scaling(side)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIDE)
