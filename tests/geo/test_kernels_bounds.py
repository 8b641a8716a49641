"""Every kernel once more, compiled with bounds checks and with one and two threads."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

BODY = """
    import hashlib, importlib, pkgutil, numpy as np, shapely
    from affine import Affine
    import geo._kernels
    from geo import burn, components, distance, terrain, zonal
    from geo.grid import Grid

    digest = hashlib.sha256()
    rng = np.random.default_rng(7)
    for shape in [(1, 1), (1, 5), (5, 1), (2, 2), (3, 3), (7, 130), (260, 9)]:
        grid = Grid("EPSG:4546", Affine(30, 0, 500_010, 0, -30, 3_600_000), shape)
        dem = rng.normal(size=shape).astype(np.float32)
        mask = rng.random(shape) < 0.3
        zones = rng.integers(0, 4, shape).astype(np.uint8)
        labels, count = components.label(mask, True)
        answers = [
            *terrain.slope_aspect(dem, grid), terrain.hillshade(dem, grid),
            distance.distance_m(mask, grid), distance.within(mask, grid, 60.0),
            labels, components.label(~mask)[0], zonal.sums(zones, dem),
            zonal.area_by_pattern(zones.astype(np.uint16), zones, np.ones(shape), 4, 3),
            *zonal.stats(labels, dem, count).values(),
        ]
        west, south, east, north = grid.bounds
        corners = rng.uniform((west - 99, south - 99), (east + 99, north + 99), (90, 2))
        shapes = [
            shapely.Polygon(corners[:70]), shapely.LineString(corners[60:]),
            shapely.MultiPoint(corners[:5]), shapely.box(west, south, east, north), None,
            shapely.box(west + 15, south + 15, west + 75, south + 75).reverse(),
        ]
        for dtype, bit in (("u1", 7), ("u8", 63)):
            plane = np.zeros(shape, dtype)
            burn.burn_bits(shapes, 0.0, grid, plane, 0)
            burn.burn_bits(shapes, [70.0, 45.0, 30.0, 0.0, 9.0, 200.0], grid, plane, bit)
            burn.set_bit(plane, mask, 1)
            answers.append(plane)
        for answer in answers:
            digest.update(np.ascontiguousarray(answer).tobytes())
    for info in pkgutil.iter_modules(geo._kernels.__path__):
        module = importlib.import_module(f"geo._kernels.{info.name}")
        for name, value in vars(module).items():
            if hasattr(value, "py_func"):
                assert len(value.signatures) <= 1, (info.name, name, value.signatures)
    print(digest.hexdigest())
"""


def run(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(BODY)],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_bounds_hold_and_threads_do_not_matter(tmp_path):
    checked = run(NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path), NUMBA_NUM_THREADS="2")
    assert checked == run(NUMBA_NUM_THREADS="1")
