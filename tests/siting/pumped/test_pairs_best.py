"""Best set against lakes drawn cell by cell on a tree of catchments."""

from __future__ import annotations

import dataclasses
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from geo.errors import OptionError
from siting.pumped.pairs._kernels import best
from siting.pumped.pairs.best_set import Footprints, best_set
from siting.pumped.pairs.find import find_pairs
from siting.pumped.pairs.model import Pairs, Size
from siting.pumped.pairs.options import parameters

_SPEC = importlib.util.spec_from_file_location(
    "pairs_scene", Path(__file__).with_name("pairs_scene.py")
)
scene = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(scene)


def tree(n, rng):
    """Return parents and levels of a drainage in pre-order; water runs to lower ground."""
    parent = np.array([-1] + [int(rng.integers(max(0, i - 4), i)) for i in range(1, n)])
    order, children = [], [[] for _ in range(n)]
    for i in range(1, n):
        children[parent[i]].append(i)
    stack = [0]
    while stack:
        one = stack.pop()
        order.append(one)
        stack += children[one]
    place = np.empty(n, int)
    place[order] = np.arange(n)
    level = np.zeros(n)
    for i in range(1, n):
        level[i] = level[parent[i]] + rng.uniform(0.5, 5)
    size = np.ones(n, int)
    for i in range(n - 1, 0, -1):
        size[parent[i]] += size[i]
    z = np.empty(n)
    z[place] = level
    cells = np.empty(n, int)
    cells[place] = size
    return z, cells


def blank(n, **given):
    """Return pairs of which only the named columns matter."""
    ends = {"upper_shore", "lower_shore"}
    arrays = {
        one.name: np.zeros((n, 2) if one.name in ends else n) for one in dataclasses.fields(Pairs)
    }
    return Pairs(**arrays | {
        "upper": np.zeros(n, np.int32), "lower": np.zeros(n, np.int32),
    } | given)  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_lakes_touch_exactly_where_they_share_a_cell(seed):
    rng = np.random.default_rng(seed)
    z, cells = tree(120, rng)
    start = rng.permutation(120)[:30].astype(np.int64)
    foot, extent = z[start], cells[start].astype(np.int64)
    lake = {}
    levels = foot + rng.uniform(1, 30, 30)
    for i in range(30):
        mine = np.arange(start[i], start[i] + extent[i])
        # the foot is wet behind its own wall
        lake[i] = set(mine[z[mine] < levels[i]].tolist())
    for i in range(30):
        for j in range(30):
            for form in (best.touches, best.touches.py_func):
                got = form(start, extent, foot, i, levels[i], j, levels[j])
                assert got == (bool(lake[i] & lake[j]) or i == j)


def test_no_two_chosen_pairs_share_a_lake():
    dams = scene.make_dams(n=60, seed=8)
    lakes = (scene.make_lake(404_000, 3_595_000, 200, 230, 300, share=0.02),)
    pairs, _ = find_pairs(dams, lakes, (Size(100.0, 6.0), Size(300.0, 6.0)), parameters({}))
    value = pairs.upper_dam_m3 + pairs.lower_dam_m3 + 1.0
    chosen, others = best_set(pairs, value, Footprints.of(dams, lakes))
    assert 3 < chosen.size < pairs.count
    assert (np.diff(value[chosen]) >= 0).all()
    assert value[chosen[0]] == value.min()
    used = [k for p in chosen for k in (pairs.upper[p], pairs.lower[p]) if k >= 0]
    assert len(used) == len(set(used))
    mine = [p for p in chosen if pairs.lower[p] == -1 or pairs.upper[p] == -1]
    assert pairs.volume_m3[mine].sum() <= lakes[0].borrow_m3 * (1 + 1e-9)
    taken = {(pairs.upper[p], pairs.lower[p]) for p in chosen}
    for p, ranked in zip(chosen, others, strict=True):
        assert ranked.size <= 2
        assert (np.diff(value[ranked]) >= 0).all()
        for q in ranked:
            assert (pairs.upper[q], pairs.lower[q]) not in taken
            assert value[q] >= value[p]
    # maximal: whatever is left would touch
    for p in set(range(pairs.count)) - set(chosen.tolist()):
        shared = pairs.upper[p] in used or pairs.lower[p] in used
        old = pairs.lower[p] < 0 or pairs.upper[p] < 0
        nested = dams.cells.max() > 1
        assert shared or old or nested


def test_one_capacity_a_pair_of_lakes_and_values_that_are_none():
    pairs = blank(4, upper=np.array([-1, -1, -1, -1], np.int32),
                  lower=np.array([-2, -2, -3, -3], np.int32),
                  volume_m3=np.array([1.0, 2.0, 1.0, 1.0]))  # fmt: skip
    room = Footprints(*(np.empty(0, np.int64) for _ in range(2)), np.empty(0),
                      np.array([10.0, 10.0, 10.0]))  # fmt: skip
    chosen, others = best_set(pairs, [2.0, 1.0, 3.0, np.nan], room)
    assert chosen.tolist() == [1, 2]
    assert [one.tolist() for one in others] == [[], []]
    little = dataclasses.replace(room, borrow_m3=np.array([2.5, 10.0, 10.0]))
    chosen, others = best_set(pairs, [2.0, 1.0, 3.0, np.inf], little)
    assert chosen.tolist() == [1]
    assert others[0].tolist() == [2]
    with pytest.raises(OptionError):
        best_set(pairs, [1.0], room)
    none, others = best_set(blank(0), [], room)
    assert none.size == 0
    assert others == ()


def plain_greedy(order, pairs, room):
    """Take pairs by asking every taken pair; return what each pair lost to."""
    borrow, last, taken = room.borrow_m3.copy(), [-2] * room.borrow_m3.size, []
    lost = {}

    def meet(p, q):
        if (pairs.upper[p], pairs.lower[p]) == (pairs.upper[q], pairs.lower[q]):
            return True
        ends = [[(one.upper[k], one.upper_normal_m[k]), (one.lower[k], one.lower_normal_m[k])]
                for one, k in ((pairs, p), (pairs, q))]  # fmt: skip
        return any(
            a >= 0 and b >= 0
            and best.touches.py_func(room.start, room.cells, room.foot_m, a, high, b, level)
            for a, high in ends[0] for b, level in ends[1]
        )  # fmt: skip

    for p in order.tolist():
        dry = [-1 - a for a in (pairs.upper[p], pairs.lower[p])
               if a < 0 and pairs.volume_m3[p] > borrow[-1 - a] * (1 + 1e-9)]  # fmt: skip
        lost[p] = last[dry[0]] if dry else next((q for q in taken if meet(p, q)), -1)
        if lost[p] == -1:
            taken.append(p)
            for a in (pairs.upper[p], pairs.lower[p]):
                if a < 0:
                    borrow[-1 - a] -= pairs.volume_m3[p]
                    last[-1 - a] = p
    return taken, lost


@pytest.mark.parametrize("seed", range(4))
def test_the_set_is_that_of_asking_every_taken_pair(seed):
    rng = np.random.default_rng(seed)
    z, cells = tree(400, rng)
    start = rng.permutation(400)[:60].astype(np.int64)
    room = Footprints(start, cells[start].astype(np.int64), z[start], np.array([40.0, 9.0, 25.0]))
    lakes = rng.integers(-3, 60, (2, 500)).astype(np.int32)
    level = [np.where(one >= 0, z[start[one]], 0) + rng.uniform(1, 12, 500) for one in lakes]
    pairs = blank(500, upper=lakes[0], lower=lakes[1], upper_normal_m=level[0],
                  lower_normal_m=level[1], volume_m3=rng.uniform(0.5, 6, 500))  # fmt: skip
    value = rng.uniform(0, 1, 500)
    taken, lost = plain_greedy(np.argsort(value, kind="stable"), pairs, room)
    chosen, others = best_set(pairs, value, room, 500)
    assert chosen.tolist() == taken
    assert len(taken) > 8
    for p, ranked in zip(chosen.tolist(), others, strict=True):
        assert {lost[q] for q in ranked.tolist()} <= {p}
