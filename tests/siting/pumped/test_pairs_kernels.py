"""Kernels of the pairing: interpreted, with bounds checks, and the examples of the notes."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from siting.pumped.pairs import integral, waterway

HERE = Path(__file__).parent
BODY = """
    import hashlib, importlib.util, sys
    import numpy as np

    spec = importlib.util.spec_from_file_location("scene", sys.argv[1])
    scene = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scene)
    from siting.pumped.pairs.best_set import Footprints, best_set
    from siting.pumped.pairs.find import find_pairs
    from siting.pumped.pairs.model import Size
    from siting.pumped.pairs.options import parameters

    dams = scene.make_dams(n=14, seed=1, km=6.0)
    lakes = (scene.make_lake(403_000, 3_597_000, 200, 230, 300, points=12),)
    pairs, audit = find_pairs(dams, lakes, (Size(100.0, 6.0), Size(300.0, 6.0)), parameters({}))
    chosen, _ = best_set(pairs, pairs.upper_dam_m3, Footprints.of(dams, lakes))
    assert pairs.count > 5
    digest = hashlib.sha256()
    for one in (pairs.upper, pairs.lower, audit.reason, audit.tested, chosen):
        digest.update(one.tobytes())
    digest.update(np.round(pairs.volume_m3, 2).tobytes())
    print(digest.hexdigest())
"""


def run(**environment):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(BODY), HERE / "pairs_scene.py"],
        check=False, capture_output=True, text=True, timeout=400, env=os.environ | environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
def test_interpreted_with_bounds_and_on_one_thread_give_the_same(tmp_path):
    plain = run(NUMBA_NUM_THREADS="1")
    assert run(NUMBA_DISABLE_JIT="1") == plain
    assert run(NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path)) == plain


def test_the_examples_of_the_method_note_hold():
    page = HERE.parents[2] / "docs" / "methods" / "pairs.md"
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (failed, tried > 5) == (0, True)
    for module in (integral, waterway):
        failed, tried = doctest.testmod(module)
        assert (failed, tried > 0) == (0, True)
