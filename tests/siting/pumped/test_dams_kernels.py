"""Kernels of the dam search: interpreted as compiled, bounds checked, one signature each."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from geo.hydrology import drainage
from siting.pumped.dams import _kernels as package
from siting.pumped.dams import find
from siting.pumped.dams._kernels import axes, flank, lake, survey, wall
from siting.pumped.dams.model import Cap
from siting.pumped.dams.section import parameters
from tests.siting.pumped._valleys import free
from tests.siting.pumped.test_dams_find import mountains

CHANGES = {"dam.min_ratio": 1.0, "dam.min_volume_mm3": 0.3, "dam.dam_max_m": 60.0}


def kernels():
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for name, kernel in vars(module).items():
            if hasattr(kernel, "py_func") and kernel.py_func.__module__ == module.__name__:
                yield module, name, kernel


def scene(side=100):
    dem, grid = mountains(side=side, seed=11)
    drained = drainage(dem, grid)
    rng = np.random.default_rng(4)
    code = (rng.random(grid.shape) < 0.004).astype(np.uint8)
    cap = Cap(code, ())
    return drained, dem, (cap, free(grid)[0])


def interpret(monkeypatch):
    """Put the source of every kernel in place of its machine code, inner calls too."""
    modules = {info.name for info in pkgutil.iter_modules(package.__path__)}
    sources = {}
    for _, _, kernel in list(kernels()):
        sources[id(kernel)] = kernel.py_func
    for one in modules:
        module = importlib.import_module(f"{package.__name__}.{one}")
        for name, value in list(vars(module).items()):
            if id(value) in sources:
                monkeypatch.setattr(module, name, sources[id(value)])


def test_source_and_machine_code_agree(monkeypatch):
    drained, dem, caps = scene()
    fast = find.find_dams(drained, dem, None, caps, parameters(CHANGES))
    assert fast[1].row.size > 5
    interpret(monkeypatch)
    slow = find.find_dams(drained, dem, None, caps, parameters(CHANGES))
    assert slow[0].count == fast[0].count
    for name in ("row", "col", "axis", "cap_m", "cap_by", "start"):
        np.testing.assert_array_equal(getattr(slow[0], name), getattr(fast[0], name))
    for name in ("volume_m3", "area_m2", "dam_m3", "crest_length_m"):
        np.testing.assert_allclose(getattr(slow[0], name), getattr(fast[0], name), rtol=1e-5)
    np.testing.assert_array_equal(slow[1].reason, fast[1].reason)


def test_ground_at_is_bilinear_and_stops_at_the_rim():
    dem = np.array([[0.0, 10.0], [20.0, 50.0]], np.float32)
    for form in (axes.ground_at, axes.ground_at.py_func):
        assert form(dem, 0.5, 0.5) == 20.0
        assert form(dem, 1.0, 1.0) == 50.0
        assert np.isnan(form(dem, -0.1, 0.0))
        assert np.isnan(form(dem, 0.0, 1.1))
    dem[0, 1] = np.nan
    # a void beside a row that is sampled exactly is not asked
    assert axes.ground_at(dem, 0.5, 0.0) == 10.0
    assert np.isnan(axes.ground_at(dem, 0.5, 0.5))


def test_walk_skips_what_lies_above():
    # foot, a branch that starts above all levels, a branch below
    z = np.array([100.0, 104.0, 90.0, 100.5, 101.0], np.float32)
    size = np.array([5, 2, 1, 2, 1], np.int32)
    count, depth = np.empty(4), np.empty(4)
    for form in (lake.walk, lake.walk.py_func):
        form(z, size, 0, 5, count, depth)
        assert count.tolist() == [0.0, 2.0, 1.0, 0.0]
        assert depth.tolist() == [0.0, 0.5, 1.0, 0.0]
    volume, area = np.empty(4), np.empty(4)
    lake.fill(count, depth, 2.0, volume, area)
    assert volume.tolist() == [0.0, 3.0, 9.0, 15.0]
    assert area.tolist() == [0.0, 4.0, 6.0, 6.0]


def test_vertex_of_a_diagonal_gully_is_its_bed():
    ground = np.array([[10.0, 60.0], [60.0, 9.0]], np.float32)
    for form in (wall.vertex, wall.vertex.py_func):
        assert form(ground, 0, 0, 0, 1, 1, 0) == 10.0
    plane = np.array([[0.0, 1.0], [2.0, 3.0]], np.float32)
    assert wall.vertex(plane, 0, 0, 0, 1, 1, 0) == 1.5
    assert np.isnan(wall.vertex(plane, 0, 0, 0, 1, -1, 0))


def test_levels_above_a_leak_do_not_count():
    volume, body = np.array([0.0, 4.0, 9.0]), np.array([1.0, 2.0, 3.0])
    for form in (survey.best_of, survey.best_of.py_func):
        assert form(volume, body, 1, 2, 1.5, 1.0) == (2.0, 4.0)
        assert form(volume, body, 1, 2, np.inf, 1.0) == (3.0, 9.0)


def test_the_lake_lies_where_the_bed_comes_from():
    south = np.full((9, 9), 2, np.uint8)
    south[-1] = 255
    assert flank.upstream(south, 2, 4, 1.0, 0.0, 30.0, 30.0) == -1.0
    assert flank.upstream(south, 2, 4, 0.0, 1.0, 30.0, 30.0) == 0.0


BODY = """
    import hashlib, sys
    from numba.core import types
    from tests.siting.pumped import test_dams_kernels as here
    drained, dem, caps = here.scene(200)
    found = here.find.find_dams(drained, dem, None, caps, here.parameters(here.CHANGES))
    digest = hashlib.sha256()
    for value in found:
        for name in value.__slots__:
            one = getattr(value, name)
            digest.update(one.tobytes() if hasattr(one, "tobytes") else b"")
    for module, name, kernel in here.kernels():
        forms = {tuple(map(types.unliteral, one)) for one in kernel.signatures}
        assert len(forms) <= 1, (module.__name__, name, forms)
    print(digest.hexdigest())
"""


@pytest.mark.slow
def test_bounds_hold_and_threads_do_not_matter(tmp_path):
    def run(**environment):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", textwrap.dedent(BODY)],
            check=False, capture_output=True, text=True, timeout=500, env=os.environ | environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    run(NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path))
    assert run(NUMBA_NUM_THREADS="1") == run(NUMBA_NUM_THREADS="2")
