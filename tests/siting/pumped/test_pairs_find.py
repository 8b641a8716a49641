"""The pair search against every pair by plain loops, and its empty and refused cases."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numba
import numpy as np
import pytest

from geo.errors import OptionError
from siting.pumped.pairs.find import find_pairs
from siting.pumped.pairs.model import PairKind, Size
from siting.pumped.pairs.options import SEVEN, default_sizes, parameters
from siting.pumped.pairs.reasons import REASONS

_SPEC = importlib.util.spec_from_file_location(
    "pairs_scene", Path(__file__).with_name("pairs_scene.py")
)
scene = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(scene)

SIZES = (Size(100.0, 6.0), Size(300.0, 6.0), Size(300.0, 10.0))
LAKES = (
    scene.make_lake(404_000, 3_595_000, 200, 230, 300, name="下"),
    scene.make_lake(407_500, 3_593_000, 280, 300, 80, share=0.2, name="上"),
    scene.make_lake(404_100, 3_597_100, 600, 620, 40, share=0.3, name="高"),
)


def keys(pairs, sizes):
    size = {(s.power_mw, s.hours): i for i, s in enumerate(sizes)}
    return [
        (int(u), int(w), size[float(p), round(float(h), 6)])
        for u, w, p, h in zip(pairs.upper, pairs.lower, pairs.power_mw, pairs.hours, strict=True)
    ]


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("keep", [1, 3, 100])
def test_every_pair_that_plain_loops_find(seed, keep):
    dams, params = scene.make_dams(seed=seed), parameters({"pair.keep": keep})
    pairs, audit = find_pairs(dams, LAKES, SIZES, params)
    found = scene.brute(dams, LAKES, SIZES, params)
    assert len(found) > 30
    assert set(keys(pairs, SIZES)) == scene.best_of(found, keep)
    assert len(set(keys(pairs, SIZES))) == pairs.count
    for i, key in enumerate(keys(pairs, SIZES)):
        row = found[key]
        levels = (
            pairs.upper_normal_m[i], pairs.upper_dead_m[i], pairs.lower_normal_m[i],
            pairs.lower_dead_m[i],
        )  # fmt: skip
        assert levels == pytest.approx(row["levels"], abs=1e-6)
        assert bool(pairs.capped[i]) == row["capped"]
        for name, want in (
            ("volume_m3", "water"), ("head_mean_m", "gross"), ("head_max_m", "highest"),
            ("head_min_m", "lowest"), ("length_m", "length"), ("loss_m", "loss"),
            ("flow_m3s", "flow"),
        ):  # fmt: skip
            assert getattr(pairs, name)[i] == pytest.approx(row[want], rel=1e-6), name
        rock = pairs.upper_dam_m3[i] + pairs.lower_dam_m3[i]
        assert rock == pytest.approx(row["rock"], rel=1e-5)
    used = {k for u, w, _ in keys(pairs, SIZES) for k in (u, w) if k >= 0}
    assert set(np.flatnonzero(audit.reason == 0)) == used
    assert audit.tested[-1] == pairs.count
    assert audit.tested[-2] == len(found)
    assert (np.diff(audit.tested) <= 0).all()


def test_kinds_of_pairs_and_what_existing_lakes_have():
    dams, params = scene.make_dams(), parameters({})
    pairs, _ = find_pairs(dams, LAKES, SIZES, params)
    assert set(pairs.kind) >= {PairKind.GREENFIELD, PairKind.BLUEFIELD_LOWER, PairKind.EXISTING}
    old = pairs.upper < 0
    assert (old == np.isin(pairs.kind, (PairKind.BLUEFIELD_UPPER, PairKind.EXISTING))).all()
    assert (pairs.upper_dam_m3[old] == 0).all()
    assert (pairs.upper_height_m[old] == 0).all()
    assert (pairs.upper_dam_m3[~old] > 0).all()
    lower = np.flatnonzero(pairs.lower < 0)
    borrow = np.array([LAKES[-1 - k].borrow_m3 for k in pairs.lower[lower]])
    assert (pairs.volume_m3[lower] <= borrow * (1 + 1e-9)).all()
    for i in lower:
        lake = LAKES[-1 - pairs.lower[i]]
        assert lake.curve.level_m[0] <= pairs.lower_dead_m[i] <= pairs.lower_normal_m[i]
        assert pairs.lower_normal_m[i] <= lake.curve.level_m[-1]
        assert pairs.lower_area_m2[i] == lake.area_m2


def test_water_that_leaves_the_upper_lake_enters_the_lower_one():
    dams, params = scene.make_dams(seed=3), parameters({})
    pairs, _ = find_pairs(dams, (), SIZES, params)
    assert pairs.count > 10
    for i in range(pairs.count):
        moved = []
        for which, high, low in (
            (pairs.upper[i], pairs.upper_normal_m[i], pairs.upper_dead_m[i]),
            (pairs.lower[i], pairs.lower_normal_m[i], pairs.lower_dead_m[i]),
        ):
            level = dams.foot_m[which] + np.arange(dams.heights)
            volume = np.interp([low, high], level, dams.volume_m3[which])
            moved.append(volume[1] - volume[0])
            assert volume[0] >= 0.147 * volume[1] * (1 - 1e-6)
        assert moved[0] == pytest.approx(pairs.volume_m3[i], rel=1e-6)
        assert moved[1] == pytest.approx(pairs.volume_m3[i], rel=1e-6)


def test_any_number_of_threads_and_a_second_run():
    dams, params = scene.make_dams(n=80, seed=5), parameters({})
    wide = find_pairs(dams, LAKES, SEVEN, params)
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        narrow = find_pairs(dams, LAKES, SEVEN, params)
    finally:
        numba.set_num_threads(threads)
    for a, b in zip(wide, narrow, strict=True):
        for name in a.__dataclass_fields__:
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_order_of_the_dams_changes_nothing_but_their_numbers():
    dams, params = scene.make_dams(seed=6), parameters({"pair.keep": 100})
    turn = np.random.default_rng(0).permutation(dams.count)
    one, _ = find_pairs(dams, LAKES, SIZES, params)
    two, _ = find_pairs(dams.take(turn), LAKES, SIZES, params)

    def named(pairs, of):
        return {
            (of(u), of(w), p, round(h, 6)): v
            for u, w, p, h, v in zip(
                pairs.upper.tolist(), pairs.lower.tolist(), pairs.power_mw, pairs.hours,
                pairs.volume_m3, strict=True,
            )
        }  # fmt: skip

    assert named(one, lambda k: k) == pytest.approx(
        named(two, lambda k: int(turn[k]) if k >= 0 else k)
    )


def test_a_request_that_no_pair_meets_is_empty_and_says_where():
    dams = scene.make_dams()
    params = parameters({"pair.head_min_greenfield_m": 650.0, "pair.head_max_m": 700.0})
    pairs, audit = find_pairs(dams, (), SIZES, params)
    assert pairs.count == 0
    assert audit.reason.min() > 0
    assert audit.tested[-1] == 0
    pairs, audit = find_pairs(dams, LAKES, (Size(1e5, 500.0),), parameters({}))
    assert pairs.count == 0
    assert pairs.upper_shore.shape == (0, 2)
    assert {REASONS[k].key for k in audit.reason} <= {"too_small", "no_lake", "catchment"}
    none, audit = find_pairs(dams.take(np.empty(0, np.int64)), (), SIZES, parameters({}))
    assert none.count == 0
    assert audit.reason.size == 0


def test_no_dams_but_two_lakes():
    dams = scene.make_dams().take(np.empty(0, np.int64))
    near = (
        scene.make_lake(404_000, 3_595_000, 330, 355, 400, radius=500),
        scene.make_lake(405_200, 3_595_000, 258, 264, 60, share=0.2, radius=500),
    )
    pairs, _ = find_pairs(dams, near, (Size(300.0, 6.0),), parameters({}))
    assert pairs.kind.tolist() == [PairKind.EXISTING]
    assert pairs.capped.tolist() == [True]
    assert pairs.length_m[0] == pytest.approx(200.0, abs=1.0)
    assert pairs.head_min_m[0] == pytest.approx(66.0)
    assert pairs.head_max_m[0] == pytest.approx(97.0)
    high = parameters({"pair.head_min_existing_m": 100.0})
    assert find_pairs(dams, near, (Size(300.0, 6.0),), high)[0].count == 0


def test_sizes():
    assert [s.power_mw for s in default_sizes(parameters({}))] == [300, 600, 1200, 1800]
    assert [round(s.energy_gwh, 6) for s in SEVEN] == [1500, 500, 150, 50, 15, 5, 2]
    only = parameters({"pair.size_1_mw": 0, "pair.size_2_mw": 0, "pair.size_4_mw": 0})
    assert default_sizes(only) == (Size(1200.0, 6.0),)
    none = {f"pair.size_{k}_mw": 0.0 for k in range(1, 5)}
    with pytest.raises(OptionError, match="nothing to look for"):
        default_sizes(parameters(none))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("efficiency", 1.2), ("dead_share", 1.0), ("keep", 2.5), ("wall_max_m", 4.0),
        ("head_min_existing_m", 900.0), ("velocity", -1.0), ("nothing", 1.0),
    ],
)  # fmt: skip
def test_parameters_that_cannot_be(key, value):
    with pytest.raises(OptionError):
        parameters({f"pair.{key}": value})


@pytest.mark.parametrize("sizes", [(), (Size(0.0, 6.0),), (Size(300.0, -1.0),),
                                   (Size(float("nan"), 6.0),)])  # fmt: skip
def test_sizes_that_cannot_be(sizes):
    with pytest.raises(OptionError):
        find_pairs(scene.make_dams(), LAKES, sizes, parameters({}))


def test_reasons_read_in_both_languages():
    assert len({one.key for one in REASONS}) == len(REASONS)
    said = REASONS[9].say(13.2, 12.0)
    assert said.zh == "距高比超过上限：13.2，界限 12"
    assert "13.2" in said.en
    assert REASONS[1].say(float("nan"), 5.0) == REASONS[1].title
