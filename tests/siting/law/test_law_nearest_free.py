"""Nearest free cell: against brute force, proven, and honest where there is none."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import Say
from geo.grid import Grid
from siting.law.judgement import eligible_patterns
from siting.law.nearest_free import nearest_free
from siting.law.terms import Verdict


def judged(verdicts, unbuildable=(), unknown=()) -> SimpleNamespace:
    n = len(verdicts)
    return SimpleNamespace(
        verdict=np.array(verdicts, np.uint8),
        unbuildable=np.isin(np.arange(n), unbuildable),
        technical_unknown=np.isin(np.arange(n), unknown),
        text=lambda pattern: Say(f"第{pattern}种", f"pattern {pattern}"),
    )


GRID = Grid.from_bounds("EPSG:4546", (500_000, 3_590_000, 506_000, 3_594_500), 90.0)


def test_free_is_lawful_known_and_buildable():
    every = judged(list(Verdict), unbuildable=[4], unknown=[5])
    free = {Verdict(i) for i in np.flatnonzero(eligible_patterns(every))}
    assert free == {Verdict.PREFERRED, Verdict.CLEAR}  # a list of activities is no free ground


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from([0.0005, 0.005, 0.3]))
def test_brute_force(seed, density):
    rng = np.random.default_rng(seed)
    index = (rng.random(GRID.shape) < density).astype(np.uint16)
    index[rng.random(GRID.shape) < 0.1] = 65535
    x = float(rng.uniform(GRID.bounds[0], GRID.bounds[2]))
    y = float(rng.uniform(GRID.bounds[1], GRID.bounds[3]))
    found = nearest_free(index, judged([Verdict.PROHIBITED, Verdict.APPROVAL]), GRID, x, y)
    rows, cols = np.nonzero(index == 1)
    if not rows.size:
        assert found.distance_m is None
        assert found.text().zh == "区域内没有"
        return
    cx, cy = GRID.xy(rows, cols)
    assert found.distance_m == pytest.approx(np.hypot(cx - x, cy - y).min())


def test_a_cell_that_might_not_be_the_nearest_is_not_named():
    index = np.zeros(GRID.shape, np.uint16)
    index[0, 0] = 1
    x, y = GRID.xy(10, 10)
    all_ = judged([Verdict.PROHIBITED, Verdict.CLEAR])
    near = nearest_free(index, all_, GRID, x, y, limit_m=5000.0)
    assert near.distance_m == pytest.approx(math.hypot(900, 900))
    assert near.text().zh.startswith("向西北 1273 m（")
    none = nearest_free(index, all_, GRID, x, y, limit_m=1200.0)
    assert none.distance_m is None
    assert none.text().zh == "1200 m 内没有"
    assert none.text().en == "none within 1200 m"
