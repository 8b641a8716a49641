"""Pairs of the restated atlas rules: brute force, money, classes and the best set."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
from affine import Affine
from scipy import ndimage
from shapely import Point

from geo.errors import OptionError, Say
from geo.grid import Grid
from geo.hydrology import drainage
from geo.passport import Passport
from geo.sourced import Sourced
from siting.pumped.anu import pairing, rules
from siting.pumped.anu._kernels import brute, greedy
from siting.pumped.anu.model import LABEL
from siting.pumped.anu.pairing import brute_pairs, cost_class, power_usd_per_kw, volume_m3
from siting.pumped.anu.search import SEVEN, anu_search, anu_sites, best_of_set
from siting.pumped.lakes.model import ExistingLake, LevelVolume

SMALL = (rules.size_of(2.0, 6.0), rules.size_of(5.0, 18.0))
SIDE = 300


def mountains(side: int = SIDE) -> tuple[np.ndarray, Grid]:
    """Return a high plain with hanging valleys above a low one, 30 m cells."""
    rng = np.random.default_rng(11)
    rough = ndimage.gaussian_filter(rng.normal(0, 1, (side, side)), 6)
    fine = ndimage.gaussian_filter(rng.normal(0, 1, (side, side)), 2)
    row, col = np.mgrid[:side, :side] / side
    step = 420 / (1 + np.exp(-(0.5 - row + 0.08 * np.sin(9 * col)) * 40))
    dem = 400 + step + 120 * (1 - row) + 900 * rough + 40 * fine
    grid = Grid("EPSG:4546", Affine(30, 0, 500_000.0, 0, -30, 3_600_000.0), (side, side))
    return dem.astype(np.float32), grid


@pytest.fixture(scope="module")
def ground():
    dem, grid = mountains()
    return dem, drainage(dem, grid)


@pytest.fixture(scope="module")
def sites(ground):
    return anu_sites(ground[1], ground[0])[0]


@pytest.fixture(scope="module")
def result(ground):
    return anu_search(ground[1], ground[0], None, (), SMALL)


def lake(level: float, volume: float, x: float, y: float) -> ExistingLake:
    return ExistingLake(
        name="甲", kind="reservoir", geometry=Point(x, y).buffer(100), area_m2=3e4,
        normal_m=Sourced(level, "m", "prior", status="prior"), dead_m=Sourced(None, "m"),
        curve=LevelVolume(np.array([level - 10, level]), np.array([0.0, volume]), Say("", "")),
        borrow_m3=volume, dead_known=False, owner="", project="",
        shore=np.array([[x - 100, y], [x + 100, y], [x, y + 100]]), notes=(),
        passport=Passport(),
    )  # fmt: skip


def test_seven_sizes():
    assert [round(one.energy_gwh) for one in SEVEN] == [1500, 500, 150, 50, 15, 5, 2]
    assert [one.hours for one in SEVEN] == [504, 168, 50, 50, 18, 18, 6]
    assert SEVEN[-1].power_mw == pytest.approx(333.33, abs=0.01)


def test_required_volume_and_costs_by_hand():
    # 2 GWh at 400 m: 2 x 3.6e12 / (400 x 1000 x 9.8 x 0.9 x 0.85) m3
    assert float(volume_m3(2.0, 400.0)) == pytest.approx(7.2e12 / (400 * 9800 * 0.765))
    power, head, km = 500.0, 400.0, 3.0
    house = 63.5e6 * power**0.75 / head**0.5
    tunnel = (1280 * power + 208_500) * head**-0.54 * km * 1000 + 66_429 * power + 17e6
    assert power_usd_per_kw(power, head, 3000.0) == pytest.approx((house + tunnel) / 1e3 / power)
    # above 800 MW the works stop growing; above 800 m two plants of half power and half head
    assert power_usd_per_kw(3000.0, head, 3000.0) == power_usd_per_kw(800.0, head, 3000.0)
    twice = 2 * power * power_usd_per_kw(power / 2, 450.0, 3000.0) / 2
    assert power * power_usd_per_kw(power, 900.0, 3000.0) == pytest.approx(twice)


def test_classes():
    t = 6.0
    limits = [base + each * t for _, base, each in rules.CLASSES]
    assert "".join(cost_class(np.array(limits) - 0.01, t)) == "ABCDE"
    assert "".join(cost_class(limits, t)) == "BCDEZ"


def plain_pairs(sites, lakes, sizes):
    """Search as the page tells it, one pair after another."""
    volume, grid = sites.volume_m3, sites.grid
    t = grid.transform
    place = [
        (t.c + (c + 0.5) * t.a, t.f + (r + 0.5) * t.e)
        for r, c in zip(sites.row, sites.col, strict=True)
    ]
    steps = np.arange(0, 151, 10.0)
    out = {}
    ends = [("new", i) for i in range(sites.count)] + [("old", k) for k in range(len(lakes))]

    def level(end):
        return (
            float(sites.foot_m[end[1]])
            if end[0] == "new"
            else float(round(lakes[end[1]].curve.level_m[-1]))
        )

    def wall(end, need):
        if end[0] == "old":
            return (0.0, 0.0) if lakes[end[1]].curve.usable_m3[-1] >= need else None
        curve = np.concatenate([[0], volume[end[1]]])
        if need > curve[-1]:
            return None
        h = float(np.interp(need, curve, steps))
        dam = np.concatenate([[0], sites.dam_m3[end[1]].astype(float)])
        return (h, float(np.interp(h, steps, dam))) if h <= sites.cap_m[end[1]] else None

    def outline(end, h):
        if end[0] == "old":
            return lakes[end[1]].shore
        cells = sites.extreme[end[1], max(int(h / 10) - 1, 0)]
        return np.column_stack(
            [t.c + (cells % grid.cols + 0.5) * t.a, t.f + (cells // grid.cols + 0.5) * t.e]
        )

    for u, upper in enumerate(ends):
        for w, lower in enumerate(ends):
            head = level(upper) - level(lower)
            if not 100 <= head <= 1600:
                continue
            if upper[0] == lower[0] == "new" and head / math.dist(place[u], place[w]) <= 0.03:
                continue
            for s, size in enumerate(sizes):
                need = size.energy_gwh * 3.6e12 / (head * 9800 * 0.9 * 0.85)
                a, b = wall(upper, need), wall(lower, need)
                if a is None or b is None:
                    continue
                rock = (need / 1e9 if upper[0] == "old" else a[1]) + (
                    need / 1e9 if lower[0] == "old" else b[1]
                )
                ratio = min(need / max(rock, 1e-9), 1e9)
                gap = np.hypot(
                    *(outline(upper, a[0])[:, None] - outline(lower, b[0])[None]).transpose(2, 0, 1)
                ).min()
                if ratio < 1.5 or head < 0.05 * gap:
                    continue
                fom = (
                    power_usd_per_kw(size.power_mw, head, gap)
                    + float(pairing.energy_usd_per_kwh(ratio, head)) * size.hours
                )
                if fom <= 1.1 * (1066 + 94 * size.hours):
                    out[s, u, w] = fom
    return out


def test_brute_force_equals_a_plain_search(sites, ground):
    some = sites.take(np.arange(0, sites.count, max(sites.count // 60, 1)))
    x, y = ground[1].grid.xy(280, 150)
    lakes = (lake(330.0, 4e7, x, y), lake(600.4, 3e6, x, y + 8_000.0))
    pairs, seen = brute_pairs(some, lakes, SMALL)
    wanted = plain_pairs(some, lakes, SMALL)
    assert len(wanted) > 20
    at = [
        np.where(pairs[end] >= 0, pairs[end], some.count - 1 - pairs[end])
        for end in ("upper", "lower")
    ]
    got = {
        (int(s), int(u), int(w)): f
        for s, u, w, f in zip(pairs["size"], *at, pairs["fom_usd_kw"], strict=True)
    }
    assert got.keys() == wanted.keys()
    np.testing.assert_allclose([got[k] for k in wanted], list(wanted.values()), rtol=1e-9)
    assert seen[3] == len(wanted)
    assert (pairs.loc[pairs["lower"] < 0, "lower_row"] == -1).all()


def test_at_most_the_best_lowers_are_kept(sites, monkeypatch):
    every, _ = brute_pairs(sites, (), SMALL[:1])
    monkeypatch.setattr(rules, "KEEP", 3)
    few, seen = brute_pairs(sites, (), SMALL[:1])
    assert few.groupby("upper").size().max() == 3
    assert seen[3] >= len(every)
    best = every.sort_values(["upper", "fom_usd_kw", "lower"]).groupby("upper").head(3)
    assert sorted(best["fom_usd_kw"]) == pytest.approx(sorted(few["fom_usd_kw"]))


def test_the_result_keeps_the_rules(result):
    pairs = result.pairs
    assert len(pairs) > 50
    assert pairs["head_m"].between(100, 1600).all()
    assert (pairs["length_m"] <= 20 * pairs["head_m"]).all()
    assert (pairs["water_rock"] >= 1.5).all()
    assert (pairs["upper_height_m"] <= result.sites.cap_m[pairs["upper"]]).all()
    assert set(pairs["cost_class"]) <= set("ABCDEZ")
    assert result.label == LABEL
    assert result.found["pairs"] == len(pairs)


def test_chosen_lakes_do_not_overlap_and_hold_their_volume(result, ground):
    dem, flow = ground
    sites = result.sites
    assert result.chosen.size > 2
    for size in (0, 1):
        taken = np.zeros(dem.size, bool)
        rows = result.chosen[result.pairs["size"].to_numpy()[result.chosen] == size]
        assert (np.diff(result.pairs["fom_usd_kw"].to_numpy()[rows]) >= 0).all()
        for k in np.flatnonzero(np.isin(result.chosen, rows)):
            pair = result.pairs.iloc[result.chosen[k]]
            for side, end in enumerate(("upper", "lower")):
                foot = sites.cell[int(pair[end])]
                first = flow.position.ravel()[foot]
                slice_ = flow.order[first : first + flow.cells.ravel()[foot]]
                level = dem.ravel()[foot] + result.grown_m[k, side]
                wet = slice_[
                    (dem.ravel()[slice_] < level) & (flow.filled.ravel()[slice_] < level + 1)
                ]
                assert not taken[wet].any()
                taken[wet] = True
                water = (level - dem.ravel()[wet].astype(float)).sum() * sites.area_m2[
                    int(pair[end])
                ]
                dam = np.interp(
                    result.grown_m[k, side], np.arange(0, 151, 10.0),
                    np.concatenate([[0], sites.dam_m3[int(pair[end])]]),
                )  # fmt: skip
                assert water + dam / 2 == pytest.approx(pair["volume_m3"], rel=0.051)


def test_a_lake_serves_one_pair_of_a_size(ground):
    x, y = ground[1].grid.xy(280, 150)
    found = anu_search(ground[1], ground[0], None, (lake(330.0, 4e7, x, y),), SMALL)
    chosen = found.pairs.iloc[found.chosen]
    old = chosen[(chosen["lower"] < 0) | (chosen["upper"] < 0)]
    assert 1 <= len(old) <= 2
    assert not old["size"].duplicated().any()


def test_no_pair_at_all(ground, sites):
    pairs, seen = brute_pairs(sites.take(np.arange(0)), (), SMALL)
    assert len(pairs) == 0
    assert "cost_class" in pairs
    assert seen.sum() == 0
    chosen, grown = best_of_set(ground[1], ground[0], sites, pairs)
    assert chosen.size == 0
    assert grown.shape == (0, 2)


def test_kernels_interpreted_give_the_same(sites, ground, monkeypatch):
    some = sites.take(np.arange(0, sites.count, max(sites.count // 12, 1)))
    compiled, seen = brute_pairs(some, (), SMALL[:1])
    chosen = best_of_set(ground[1], ground[0], some, compiled)
    monkeypatch.setattr(brute.numba, "prange", range)
    for name in (
        "plant_usd",
        "power_usd_per_kw",
        "height_for",
        "between",
        "nearest",
        "part",
        "best_lowers",
    ):
        monkeypatch.setattr(brute, name, getattr(brute, name).py_func)
    again, seen_again = brute_pairs(some, (), SMALL[:1])
    assert np.array_equal(seen, seen_again)
    np.testing.assert_allclose(again["fom_usd_kw"], compiled["fom_usd_kw"], rtol=1e-12)
    del chosen


def test_bad_input(ground):
    dem, flow = ground
    with pytest.raises(OptionError):
        anu_search(flow, dem, np.zeros((3, 3), bool), ())
    with pytest.raises(OptionError):
        anu_search(flow, dem, None, (), sizes=())


def test_the_examples_hold():
    failed, tried = doctest.testmod(pairing)
    assert (failed, tried >= 4) == (0, True)
    assert greedy.between(np.array([0.0, 2.0, 6.0]), 15.0, 10.0) == 4.0
