"""Kernels of ``geo`` beside NumPy, SciPy, OpenCV and xarray-spatial, in one run.

python benchmarks/bench_geo.py [million cells ...]      (default 1 5 25)
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from affine import Affine
from harness import Case, Peer, table
from scipy import ndimage

from geo.components import label
from geo.crs import cell_areas
from geo.distance import distance_m, within
from geo.grid import Grid
from geo.terrain import slope_aspect
from geo.zonal import sums

try:
    import cv2
except ImportError:
    cv2 = None
try:
    import xarray as xr
    import xrspatial
except ImportError:
    xrspatial = None

THREADS = str(numba.get_num_threads())
CV_THREADS = str(cv2.getNumThreads()) if cv2 else ""
PACKAGES = ("numba", "numpy", "scipy", "opencv-python-headless", "xarray-spatial")


def scene(cells: float) -> tuple[Grid, np.ndarray]:
    """Return a grid of about ``cells`` million cells and a seeded, smooth relief on it [m]."""
    side = round((cells * 1e6) ** 0.5)
    grid = Grid("EPSG:4546", Affine(30, 0, 353_700, 0, -30, 3_684_600), (side, side))
    rng = np.random.default_rng(0)
    noise = ndimage.gaussian_filter(rng.normal(size=(side, side)), 12, mode="wrap")
    return grid, (noise * 12_000 + 900).astype(np.float32)


def xr_slope(dem: np.ndarray) -> Callable[[], Any] | None:
    if xrspatial is None:
        return None
    array = xr.DataArray(dem, dims=("y", "x"), attrs={"res": (30.0, 30.0)})
    return lambda: (xrspatial.slope(array).data, xrspatial.aspect(array).data)


def same_slope(ours: Any, theirs: Any) -> bool:
    """Compare slopes inside the border; aspects only where the ground is not flat."""
    inner = np.s_[1:-1, 1:-1]
    steep = ours[0][inner] > 0.5
    turn = np.abs(ours[1][inner] - theirs[1][inner])[steep]
    return bool(
        np.nanmax(np.abs(ours[0][inner] - theirs[0][inner])) < 0.01
        and np.nanmax(np.minimum(turn, 360 - turn)) < 0.1
    )


def cv_distance(away: np.ndarray) -> Callable[[], Any] | None:
    if cv2 is None:
        return None
    return lambda: cv2.distanceTransform(away, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) * 30.0


def close(ours: Any, theirs: Any) -> bool:
    return bool(np.allclose(ours, theirs, rtol=1e-5, atol=1e-2))


def cases(cells: float) -> list[Case]:
    grid, dem = scene(cells)
    marks = np.random.default_rng(1).random(grid.shape) < 5e-4
    away, high = (~marks).astype(np.uint8), dem > 900
    zones = (np.arange(grid.rows)[:, None] * 9 // grid.rows + np.zeros(grid.cols, int)).astype(
        np.uint8
    )
    areas = cell_areas(grid)
    whole = np.ascontiguousarray(areas)
    size = f"{grid.size / 1e6:.0f} M"
    return [
        Case(
            f"slope + aspect, {size}",
            lambda: slope_aspect(dem, grid),
            [Peer("xarray-spatial", "1", xr_slope(dem), same_slope)],
            THREADS,
        ),
        Case(
            f"exact distance, {size}",
            lambda: distance_m(marks, grid),
            [
                Peer("OpenCV precise", CV_THREADS, cv_distance(away), close),
                Peer("SciPy EDT", "1", lambda: ndimage.distance_transform_edt(away) * 30.0, close),
            ],
            THREADS,
        ),
        Case(
            f"1,000 m disc, {size}",
            lambda: within(marks, grid, 1000.0),
            [
                Peer(
                    "SciPy EDT", "1",
                    lambda: ndimage.distance_transform_edt(away) * 30.0 <= 1000.0,
                    lambda ours, theirs: bool(np.array_equal(ours, theirs)),
                )
            ],
            THREADS,
        ),
        Case(
            f"components, {size}",
            lambda: label(high),
            [
                Peer(
                    "SciPy label", "1", lambda: ndimage.label(high),
                    lambda ours, theirs: ours[1] == theirs[1],
                )
            ],
        ),
        Case(
            f"zonal sums weighted by true cell area, {size}",
            lambda: sums(zones, dem, areas),
            [
                Peer(
                    "NumPy bincount", "1",
                    lambda: np.bincount(zones.ravel(), (dem * whole).ravel()),
                    lambda ours, theirs: bool(np.allclose(ours, theirs, rtol=1e-5)),
                )
            ],
            THREADS,
        ),
    ]  # fmt: skip


def main(sizes: list[float]) -> None:
    for cells in sizes:
        print("\n".join(table(f"geo, {cells:g} million cells", cases(cells), PACKAGES)))


if __name__ == "__main__":
    main([float(one) for one in sys.argv[1:]] or [1.0, 5.0, 25.0])
