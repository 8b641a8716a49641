"""Terrain, distance, components and sums of ``geo`` beside NumPy and SciPy, in one run.

    python benchmarks/bench_terrain.py [rows] [cols]

Prints the best of three warm runs of each, after a check that the answers agree.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from affine import Affine
from scipy import ndimage

from geo.components import label
from geo.crs import cell_areas
from geo.distance import distance_m
from geo.grid import Grid
from geo.terrain import slope_aspect
from geo.zonal import sums


def best(run: Callable[[], Any]) -> tuple[float, Any]:
    """Return the shortest of three runs after a first one that compiles [s], and the answer."""
    answer = run()
    times = []
    for _ in range(3):
        start = time.perf_counter()
        answer = run()
        times.append(time.perf_counter() - start)
    return min(times), answer


def numpy_horn(z: np.ndarray, cell: float) -> tuple[np.ndarray, np.ndarray]:
    """Return Horn's slope and aspect by slices in [deg]."""
    a, b, c = z[:-2, :-2], z[:-2, 1:-1], z[:-2, 2:]
    d, f = z[1:-1, :-2], z[1:-1, 2:]
    g, h, i = z[2:, :-2], z[2:, 1:-1], z[2:, 2:]
    east = ((c + 2 * f + i) - (a + 2 * d + g)) / (8 * cell)
    north = ((a + 2 * b + c) - (g + 2 * h + i)) / (8 * cell)
    return np.degrees(np.arctan(np.hypot(east, north))), np.degrees(np.arctan2(-east, -north)) % 360


def main(rows: int = 2200, cols: int = 2400) -> None:
    grid = Grid("EPSG:4546", Affine(90, 0, 353_700, 0, -90, 3_684_600), (rows, cols))
    rng = np.random.default_rng(0)
    dem = (ndimage.gaussian_filter(rng.normal(size=grid.shape), 20) * 20_000).astype(np.float32)
    marks, high = rng.random(grid.shape) < 5e-4, dem > 0
    zones = (np.arange(rows)[:, None] * 9 // rows + np.zeros(cols, int)).astype(np.uint8)
    areas = cell_areas(grid)
    whole = np.ascontiguousarray(areas)

    def report(name: str, ours: tuple[float, Any], peer: tuple[float, Any], same: bool) -> None:
        assert same, name
        print(f"{name:28}{ours[0]:9.3f} s{peer[0]:9.3f} s{peer[0] / ours[0]:8.1f} x")

    print(f"{grid.size / 1e6:.1f} M cells{'':16}{'geo':>11}{'peer':>11}")
    ours, peer = best(lambda: slope_aspect(dem, grid)), best(lambda: numpy_horn(dem, 90.0))
    same = np.allclose(ours[1][0][1:-1, 1:-1], peer[1][0], atol=1e-2)
    report("slope and aspect / NumPy", ours, peer, same)
    ours = best(lambda: distance_m(marks, grid))
    peer = best(lambda: ndimage.distance_transform_edt(~marks) * 90.0)
    report("exact distance / SciPy", ours, peer, np.array_equal(ours[1], np.float32(peer[1])))
    ours, peer = best(lambda: label(high)), best(lambda: ndimage.label(high))
    report("components / SciPy", ours, peer, ours[1][1] == peer[1][1])
    ours = best(lambda: sums(zones, dem, areas))
    peer = best(lambda: np.bincount(zones.ravel(), (dem * whole).ravel()))
    report("zonal sums / NumPy", ours, peer, np.allclose(ours[1], peer[1], rtol=1e-4))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
