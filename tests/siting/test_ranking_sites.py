"""Ranking sites end to end: order, intervals, shares, tipping weights, hard cases."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import OptionError, Say
from geo.sourced import Sourced
from siting.ranking.draws import Sampler, base_ranks, prepare
from siting.ranking.options import parameters
from siting.ranking.ranking import COLUMNS, rank_sites
from siting.ranking.sensitivity import GROUPS, shares
from siting.ranking.table import CriteriaTable, SiteCriterion, Uncertainty, band
from siting.ranking.tipping import reweighted, tipping
from siting.ranking.views import Pairwise

FEW = {"rank.draws": 200, "rank.sensitivity_draws": 64, "rank.top_n": 5}


def criterion(key, values, worst=0.0, best=100.0, **more):
    named = Say(f"准则{key}", f"criterion {key}")
    return SiteCriterion(key, named, "m", np.asarray(values, float), worst, best, **more)


def make_table(n=40, k=4, seed=0, **more):
    rng = np.random.default_rng(seed)
    found = tuple(criterion(f"c{j}", rng.random(n) * 100, **more) for j in range(k))
    return CriteriaTable(tuple(f"s{i:03d}" for i in range(n)), rng.random(n) * 50, found)


def ranked(table, **more):
    return rank_sites(table, parameters(FEW), 0, **more)


def test_ranks_follow_score_then_capacity_then_id():
    values = [50, 80, 50, 50, 120, 100]
    table = CriteriaTable(
        ("e", "d", "c", "b", "a", "f"),
        np.array([10.0, 1, 20, 10, 1, 5]),
        (criterion("x", values),),
    )
    frame = ranked(table).frame
    np.testing.assert_allclose(frame["score"], [50, 80, 50, 50, 100, 100])
    # f before a by capacity, c before b and e by capacity, b before e by id
    assert frame["rank"].tolist() == [6, 3, 4, 5, 2, 1]
    assert frame["rank_topsis"].tolist() == [6, 3, 4, 5, 2, 1]
    assert list(frame.columns) == list(COLUMNS)


def test_direction_is_that_of_worst_and_best():
    table = CriteriaTable(
        ("a", "b", "c"), np.ones(3), (criterion("km", [3, 30, 12], worst=30, best=0),)
    )
    found = ranked(table)
    np.testing.assert_allclose(found.parts["km"], [90, 0, 60])
    assert found.frame["rank"].tolist() == [1, 3, 2]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_sites(n):
    table = make_table(n, worst_range=(-5, 5))
    found = ranked(table)
    assert len(found.frame) == n
    assert list(found.frame.columns) == list(COLUMNS)
    assert sorted(found.frame["rank"]) == list(range(1, n + 1))
    if n == 1:
        assert found.frame["rank_low"].tolist() == found.frame["rank_high"].tolist() == [1]
        assert found.frame["hangs_on"][0].startswith("全部抽样中名次不变")
        assert found.frame["top_share"].tolist() == [1.0]
        assert found.frame["rank_entropy"].isna().all()


def test_no_criteria_and_all_unknown():
    nothing = CriteriaTable(("a", "b"), np.ones(2), ())
    unknown = CriteriaTable(("a", "b"), np.ones(2), (criterion("x", [np.nan, np.nan]),))
    for table in (nothing, unknown):
        found = ranked(table)
        assert found.frame["rank"].isna().all()
        assert found.intervals is None
        assert "没有可排序" in found.notes[-1].zh


def test_unknown_values_score_nothing_and_are_said():
    values = [np.nan, 10, 90]
    table = CriteriaTable(
        ("a", "b", "c"),
        np.ones(3),
        (criterion("x", values), criterion("y", [50, 50, 50]), criterion("z", [np.nan] * 3)),
    )
    found = ranked(table)
    assert found.keys == ("x", "y")  # z shares its weight out
    np.testing.assert_allclose(found.frame["score"], [25, 30, 70])
    said = "".join(note.zh for note in found.notes)
    assert "准则x：1 个场址缺数据，该项按 0 分计" in said
    assert "准则z：全部场址缺数据，不参加排序" in said
    hangs = found.frame["hangs_on"]
    assert hangs[0].endswith("；准则x未知，按 0 分计")
    assert not hangs[1:].str.contains("未知").any()
    weights = {"x": 0.25, "y": 0.25, "z": 0.5}
    np.testing.assert_allclose(ranked(table, weights=weights).views[0].weights, [0.5, 0.5])


def test_unknown_stays_last_whatever_the_errors():
    sure = criterion("x", [np.nan, 5, 6], uncertainty=Uncertainty(site_sd=0.5))
    below = criterion("y", [np.nan, 95, 96], worst=100, best=0, worst_range=(90, 110))
    table = CriteriaTable(("a", "b", "c"), np.array([9.0, 1, 1]), (sure, below))
    frame = ranked(table).frame
    assert frame["rank"][0] == 3
    assert frame["rank_high"][0] == 3


def test_views_and_their_absence():
    table = make_table()
    found = ranked(table)
    by_name = {view.name: view for view in found.views}
    assert found.main == "equal"
    assert by_name["ahp"].weights is None
    assert by_name["ahp"].why.zh == "未给出判断矩阵"
    assert found.frame["rank_ahp"].isna().all()
    w = np.array([4.0, 3, 2, 1])
    matrix = Pairwise(table.keys, w[:, None] / w[None, :])
    weights = dict(zip(table.keys, [0.1, 0.2, 0.3, 0.4], strict=True))
    found = ranked(table, weights=weights, ahp=matrix)
    by_name = {view.name: view for view in found.views}
    assert found.main == "user"
    np.testing.assert_allclose(by_name["ahp"].weights, w / 10)
    assert by_name["ahp"].ratio == pytest.approx(0, abs=1e-9)
    parts = table.parts()
    for name, weight in (("rank", [0.1, 0.2, 0.3, 0.4]), ("rank_ahp", w / 10)):
        expected = pd.Series(parts @ weight).rank(ascending=False).astype("Int64")
        assert found.frame[name].tolist() == expected.tolist()
    assert found.frame["rank_equal"].tolist() == ranked(table).frame["rank"].tolist()


def test_same_seed_same_bytes_other_seed_other_draws():
    table = make_table(worst_range=(-5, 5), uncertainty=Uncertainty(common_sd=0.05, site_sd=0.1))
    first, second = ranked(table).frame, ranked(table).frame
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    other = rank_sites(table, parameters(FEW), 1).frame
    assert not first["top_share"].equals(other["top_share"])
    assert first["rank"].equals(other["rank"])


def test_sites_and_criteria_in_another_order():
    error = Uncertainty(common_sd=0.05, site_sd=0.1)
    table = make_table(worst_range=(-5, 5), uncertainty=error)
    order = np.random.default_rng(8).permutation(table.n)
    turned = tuple(replace(one, values=one.values[order]) for one in table.criteria[::-1])
    other = CriteriaTable(tuple(table.ids[i] for i in order), table.capacity_mw[order], turned)
    one = ranked(table).frame.iloc[order].reset_index(drop=True)
    two = ranked(other).frame
    pd.testing.assert_frame_equal(one.drop(columns="hangs_on"), two.drop(columns="hangs_on"))


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_a_dominating_site_ranks_before_the_dominated(seed):
    """In every view and every draw that does not err site by site."""
    rng = np.random.default_rng(seed)
    n, k = 12, 3
    values = rng.random((k, n)) * 60 + 20
    values[:, 1] = values[:, 0] - rng.random(k) * 10 - 1e-3
    error = Uncertainty(common_sd=0.05)
    criteria = [criterion(f"c{j}", values[j], uncertainty=error) for j in range(k)]
    criteria[0] = replace(criteria[0], worst_range=(-5, 5), best_range=(98, 104))
    table = CriteriaTable(tuple(f"s{i}" for i in range(n)), rng.random(n), tuple(criteria))
    w = rng.random(k) + 0.1
    frame = ranked(table, ahp=Pairwise(table.keys, w[:, None] / w[None, :])).frame
    names = [name for name in COLUMNS if name.startswith("rank")]
    for name in names:
        lead = frame[name][0] - frame[name][1]
        assert lead < 0 or (lead <= 0 and name in {"rank_low", "rank_median", "rank_high"})
    assert frame["top_share"][0] >= frame["top_share"][1]


@given(st.integers(0, 10_000), st.floats(0.26, 0.99))
@settings(max_examples=25, deadline=None)
def test_more_weight_never_hurts_the_best_of_a_criterion(seed, value):
    table = make_table(20, 4, seed)
    best = int(np.argmax(table.criteria[2].values))
    sites = prepare(table, 0.5)
    now = base_ranks(table, sites, np.full(4, 0.25))[best]
    assert base_ranks(table, sites, reweighted(np.full(4, 0.25), 2, value))[best] <= now


def test_draws_that_are_all_the_same_give_no_interval():
    table = make_table(k=1)  # one criterion: its weight is 1 in every draw
    found = ranked(table)
    frame = found.frame
    for name in ("rank_low", "rank_median", "rank_high"):
        assert frame[name].equals(frame["rank"])
    assert set(frame["top_share"]) == {0.0, 1.0}
    assert (found.sensitivity.shares.share == 0).all()
    assert (found.sensitivity.shares.variance == 0).all()


def test_intervals_hold_the_rank_when_draws_centre_on_it():
    table = make_table(60, worst_range=(-5, 5), uncertainty=Uncertainty(site_sd=0.05))
    found = rank_sites(table, parameters({}), 0)
    frame = found.frame
    inside = (frame["rank_low"] <= frame["rank"]) & (frame["rank"] <= frame["rank_high"])
    assert inside.all()
    assert (frame["rank_low"] <= frame["rank_median"]).all()
    assert (frame["rank_median"] <= frame["rank_high"]).all()
    assert not any("之外" in note.zh for note in found.notes)


def test_ranks_outside_their_interval_are_said():
    # the 100 points of y may only be reached earlier than given: the draws lie on one side
    sure = criterion("x", [99.0, 50])
    skewed = criterion("y", [0.0, 48], best_range=(20, 100))
    table = CriteriaTable(("a", "b"), np.ones(2), (sure, skewed))
    found = rank_sites(table, parameters({**FEW, "rank.concentration": 1e9}), 0)
    frame = found.frame
    outside = (frame["rank"] < frame["rank_low"]) | (frame["rank"] > frame["rank_high"])
    assert outside.sum() == 2
    assert any(note.zh.startswith("2 个场址的名次落在") for note in found.notes)


@pytest.mark.parametrize("group", list(GROUPS))
def test_one_unknown_group_owns_the_variance(group):
    """With one group unknown its total and first-order shares are 1 (weights held nearly)."""
    more = {
        "weights": {},
        "thresholds": {"worst_range": (-30, 10), "best_range": (80, 160)},
        "resource": {"uncertainty": Uncertainty(site_sd=0.3)},
        "price": {"uncertainty": Uncertainty("price", site_sd=0.3)},
    }[group]
    table = make_table(30, 3, **more)
    sites = prepare(table, 0.5)
    weights = np.full(3, 1 / 3)
    tight = 20.0 if group == "weights" else 1e9
    one, two = (Sampler(table, sites, weights, tight, 0, name) for name in "ab")
    found = shares(table, sites, one, two, 800)
    j = list(GROUPS).index(group)
    moving = found.variance > 0.05
    assert moving.sum() > 10
    assert (found.share[moving, j] > 0.97).all()
    # all others hold still: A with this group from B is B itself
    np.testing.assert_allclose(found.first[moving, j], 1, atol=0.02)
    np.testing.assert_allclose(found.total[moving, j], 1, atol=0.25)
    np.testing.assert_allclose(found.share[moving].sum(axis=1), 1)


def test_a_common_shift_moves_ranks_by_its_caps_and_belongs_to_price():
    rng = np.random.default_rng(5)
    shifted = criterion("margin", rng.random(30) * 100, uncertainty=Uncertainty(shift=(-90, 90)))
    table = make_table(30, 2)
    table = CriteriaTable(table.ids, table.capacity_mw, (*table.criteria, shifted))
    sites = prepare(table, 0.5)
    one, two = (Sampler(table, sites, np.full(3, 1 / 3), 1e9, 0, name) for name in "ab")
    found = shares(table, sites, one, two, 400)
    moving = found.variance > 0.05
    assert moving.sum() > 20
    assert (found.share[moving, list(GROUPS).index("price")] > 0.97).all()


def test_shares_of_a_sum_are_those_of_its_terms():
    """Two sites and a step function: shares against a plain double loop over the draws."""
    table = make_table(12, 3, worst_range=(-20, 10), uncertainty=Uncertainty(site_sd=0.1))
    sites = prepare(table, 0.5)
    weights = np.full(3, 1 / 3)

    def streams():
        return [Sampler(table, sites, weights, 30.0, 0, name) for name in "ab"]

    found = shares(table, sites, *streams(), 50)
    a, b = (one.block(50) for one in streams())
    base, other = sites.ranks(a).astype(float), sites.ranks(b).astype(float)
    variance = np.concatenate([base, other]).var(axis=0)
    np.testing.assert_allclose(found.variance, variance, atol=1e-9)
    mixed = sites.ranks(replace(a, worst=b.worst, best=b.best)).astype(float)
    total = ((base - mixed) ** 2).mean(axis=0) / (2 * variance)
    np.testing.assert_allclose(found.total[:, 1], np.clip(total, 0, 1))
    first = 1 - ((other - mixed) ** 2).mean(axis=0) / (2 * variance)
    np.testing.assert_allclose(found.first[:, 1], np.clip(first, 0, 1))
    assert (found.total[:, 3] == 0).all()
    assert (found.first[:, 3] == 0).all()


def ranks_of(parts, weights):
    return np.argsort(np.argsort(-(parts @ weights))) + 1


def scan(parts, weights, j, end):
    """Return weights of criterion j from now towards ``end``, and the leaders of each site."""
    values = np.linspace(weights[j], end, 2_001)[1:-1]
    score = np.stack([reweighted(weights, j, value) for value in values]) @ parts.T
    return values, (score[:, None, :] > score[:, :, None]).sum(axis=2)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_tipping_weights_by_ranking_anew(seed):
    """Just beyond the tip the site has moved; on a fine scan nothing moves it before."""
    rng = np.random.default_rng(seed)
    n, k, top = 14, 3, 4
    parts = rng.random((n, k)) * 100
    weights = rng.dirichlet(np.full(k, 5.0))
    rank = ranks_of(parts, weights)
    tips = tipping(parts, weights, rank, top)
    scans = [(j, *scan(parts, weights, j, end)) for j in range(k) for end in (0.0, 1.0)]
    for i in range(n):
        if rank[i] > 3 * top:
            assert tips.top_key[i] == -1
            continue
        inside = rank[i] <= top
        nearest = np.inf
        for j, values, leaders in scans:
            moved = values[(leaders[:, i] < top) != inside]
            nearest = min([nearest, *np.abs(moved - weights[j])])
        j = tips.top_key[i]
        if j < 0:
            assert nearest == np.inf
            continue
        moved = tips.top_weight[i] - weights[j]
        beyond = reweighted(weights, j, tips.top_weight[i] + 1e-9 * np.sign(moved))
        before = reweighted(weights, j, tips.top_weight[i] - 1e-9 * np.sign(moved))
        assert (ranks_of(parts, beyond)[i] <= top) != inside
        assert (ranks_of(parts, before)[i] <= top) == inside
        assert abs(moved) <= nearest + 1e-12


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_swaps_with_a_neighbour_by_ranking_anew(seed):
    rng = np.random.default_rng(seed)
    parts = rng.random((9, 4)) * 100
    weights = rng.dirichlet(np.full(4, 5.0))
    rank = ranks_of(parts, weights)
    tips = tipping(parts, weights, rank, 3)
    for i in range(9):
        j, other = tips.swap_key[i], tips.swap_with[i]
        if j < 0:
            continue
        assert abs(rank[i] - rank[other]) == 1
        moved = np.sign(tips.swap_weight[i] - weights[j])
        before, beyond = (
            (parts[i] - parts[other])
            @ reweighted(weights, j, tips.swap_weight[i] + 1e-9 * moved * s)
            for s in (-1, 1)
        )
        assert before * beyond < 0


def test_sentences_say_what_reranking_finds():
    table = make_table(40, 4, seed=3)
    found = ranked(table)
    parts, weights = table.parts(), np.full(4, 0.25)
    pattern = re.compile(r"准则c(\d)的权重由 ([\d.]+) [升降]到 ([\d.]+) 即(跌出|进入)前 5")
    seen = 0
    for i, text in enumerate(found.frame["hangs_on"]):
        match = pattern.search(text)
        if match:
            seen += 1
            rank = ranks_of(parts, reweighted(weights, int(match[1]), float(match[3])))[i]
            assert (rank > 5) == (match[4] == "跌出"), text
        assert "；" in text
        assert "hangs mainly" in found.sensitivity.text[i].en
    assert seen >= 10


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"worst": 5.0, "best": 5.0}, "they meet"),
        ({"worst_range": (-10, 60), "best_range": (50, 120)}, "they meet"),
        ({"worst_range": (10, 20)}, "not within its range"),
        ({"best_range": (120, 90)}, "not within its range"),
        ({"worst": float("nan")}, "not within its range"),
        ({"uncertainty": Uncertainty(low=np.zeros(3))}, "half given"),
        ({"uncertainty": Uncertainty(site_sd=0.1, low=np.zeros(3), high=np.ones(3))}, "twice"),
        ({"uncertainty": Uncertainty(low=np.full(3, 9.0), high=np.full(3, 99.0))}, "in order"),
        ({"uncertainty": Uncertainty(low=np.zeros(2), high=np.ones(2))}, "in order"),
        ({"uncertainty": Uncertainty(shift=(3, 1))}, "upside down"),
        ({"uncertainty": Uncertainty(shift=(-1, 3), peak=4.0)}, "likeliest"),
        ({"uncertainty": Uncertainty(peak=0.0)}, "likeliest"),
        ({"uncertainty": Uncertainty(common_sd=float("inf"))}, "not finite"),
        ({"uncertainty": Uncertainty(common_share=1.5)}, "not in 0-1"),
    ],
)
def test_bad_criteria_are_refused(more, said):
    with pytest.raises(OptionError, match=said) as error:
        criterion("x", [1.0, 2, 3], **more)
    assert error.value.subject == "rank.x"
    assert error.value.cure.zh


def test_band_of_a_parameter():
    assert band(Sourced(5.0, "m", "prior", 1.0, 9.0)) == (1.0, 9.0)
    assert band(Sourced(5.0, "m", "prior", 1.0)) is None
    assert band(Sourced(5.0, "m", "prior")) is None


def test_bad_tables_and_parameters_are_refused():
    one = criterion("x", [1.0, 2])
    with pytest.raises(OptionError, match="ids repeat"):
        CriteriaTable(("a", "a"), np.ones(2), (one,))
    with pytest.raises(OptionError, match="criteria repeat"):
        CriteriaTable(("a", "b"), np.ones(2), (one, one))
    with pytest.raises(OptionError, match="lengths differ"):
        CriteriaTable(("a", "b", "c"), np.ones(3), (one,))
    with pytest.raises(OptionError, match="one number a site"):
        criterion("x", [np.inf, 1])
    table = CriteriaTable(("a", "b"), np.ones(2), (one,))
    for values, said in (
        ({"rank.draws": 0.5}, "integer"),
        ({"rank.sensitivity_draws": 1}, "integer"),
        ({"rank.simplex": 0.5}, "simplex"),
        ({"rank.range_common_share": 1.5}, "share"),
    ):
        params = parameters(values)
        with pytest.raises(OptionError, match=said):
            rank_sites(table, params, 0)
    with pytest.raises(OptionError, match=r"sum to 0\.7"):
        rank_sites(table, parameters({}), 0, weights={"x": 0.7})
