"""Terrain, horizon and zonal kernels once more, with bounds checks and one and two threads."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

BODY = """
    import hashlib, numpy as np, shapely
    from affine import Affine
    from geo import coverage, horizon, terrain, zonal
    from geo._kernels import coverage as cover_kernel, horizon as hull, horn
    from geo._kernels import near_horizon, sky, slope_class, sums, zones
    from geo.grid import Grid

    digest = hashlib.sha256()
    rng = np.random.default_rng(7)
    suns = np.array([[10.0, 5.0, 1.0], [95.0, 20.0, 2.0], [200.0, 40.0, 3.0], [355.0, 9.0, 1.0]])
    for shape in [(1, 1), (1, 5), (5, 1), (2, 2), (3, 3), (7, 130), (260, 9), (33, 34)]:
        for cell in ((30, 30), (30, 12)):
            grid = Grid("EPSG:4546", Affine(cell[0], 0, 500_010, 0, -cell[1], 3_600_000), shape)
            dem = (rng.normal(size=shape) * 40).astype(np.float32)
            dem[rng.random(shape) < 0.03] = np.nan
            west, south, east, north = grid.bounds
            wide, high = east - west, north - south
            corners = rng.uniform(-0.5, 1.5, (9, 3, 2)) * [wide, high] + [west, south]
            shapes = [shapely.Polygon(one) for one in corners]
            shapes.append(shapely.box(west, south, east, north))
            shapes.append(shapely.box(west - wide, south - high, east + wide, north + high))
            shapes.append(shapely.box(east + 1, south, east + wide, north))
            index = rng.integers(0, 6, shape).astype(np.uint16)
            labels, areas = index.astype(np.int32), rng.uniform(1, 2, shape)
            by_row = np.broadcast_to(areas[:, :1], shape)
            answers = [
                *terrain.slope_aspect(dem, grid), terrain.slope_class(dem, grid, [5, 25]),
                horizon.horizon(dem, grid, 16), horizon.horizon(dem, grid, 5),
                horizon.sky_view(dem, grid, 8), horizon.beam_share(dem, grid, suns, 8),
                zonal.sums(index.astype(np.uint8), dem, areas),
                zonal.area_by_pattern(index, index.astype(np.uint8), areas, 6, 5),
                zonal.area_by_pattern(index, index.astype(np.uint8), by_row, 6, 5),
                *zonal.stats(labels, dem, 4).values(),
                *zonal.stats_of(shapes, dem, grid, exact=True).values(),
                *zonal.stats_of(shapes, dem, grid, exact=False).values(),
                *[coverage.fractions(one, grid)[0] for one in shapes],
            ]
            for answer in answers:
                digest.update(np.ascontiguousarray(answer).tobytes())
    for module in (cover_kernel, hull, horn, near_horizon, sky, slope_class, sums, zones):
        for name, value in vars(module).items():
            if hasattr(value, "py_func"):
                assert len(value.signatures) <= 1, (module.__name__, name, value.signatures)
    print(digest.hexdigest())
"""


def run(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(BODY)],
        check=False,
        capture_output=True,
        text=True,
        timeout=500,
        env=os.environ | environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_bounds_hold_and_threads_do_not_matter(tmp_path):
    checked = run(NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path), NUMBA_NUM_THREADS="2")
    assert checked == run(NUMBA_NUM_THREADS="1")
