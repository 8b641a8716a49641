"""Ledger: shares against brute force, identities to the cell, what-ifs against judging again."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import OptionError
from geo.passport import Passport
from siting.law import _ledger_kernels
from siting.law.bits import Bits
from siting.law.judgement import eligible_patterns
from siting.law.ledger import UNIT_M2, Ledger, fixed_point, ledger, of_county, shapley
from siting.law.patterns import PatternTable
from siting.law.predicates import Parameters
from siting.law.rules import RuleSet, load_ruleset
from siting.law.terms import COMPONENTS, Component, Technology, Verdict
from siting.law.verdict import State, judge

TODAY = date(2026, 11, 22)
RULES = load_ruleset("hubei", TODAY)


@st.composite
def tables(draw: st.DrawFn) -> PatternTable:
    """Random patterns over the predicates of the real table, with areas in three counties."""
    names = sorted(RULES.predicates)
    n = draw(st.integers(1, 14))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    hit = rng.random((n, len(names))) < draw(st.sampled_from([0.05, 0.2, 0.5]))
    unknown = (rng.random(hit.shape) < 0.05) & ~hit
    absent = frozenset(draw(st.sets(st.integers(0, len(names) - 1), max_size=2)))
    absent |= frozenset(range(64, len(names)))  # what has a layer fits into one word
    words = np.uint64(1) << (np.arange(len(names), dtype=np.uint64) % np.uint64(64))
    keep = np.array([j not in absent for j in range(len(names))])
    bits = Bits(
        tuple(RULES.predicates[name] for name in names),
        {name: j for j, name in enumerate(names)}, absent, MappingProxyType({}), Parameters(),
    )  # fmt: skip
    area = np.vstack([np.zeros(n), rng.random((3, n)) * 1e6])
    return PatternTable(
        bits,
        ((hit & keep) * words).sum(axis=1, dtype=np.uint64),
        ((unknown & keep) * words).sum(axis=1, dtype=np.uint64),
        np.zeros((1, 1), np.uint16),
        np.ones(n, np.int64),
        area,
        {},
        Passport(),
    )


COUNTIES = ("甲", "乙", "丙")
KINDS = st.sampled_from([(t, c) for t, parts in COMPONENTS.items() for c in parts])
MODES = st.sampled_from(["explore", "legal"])


def book(table, kind, mode="explore", **options) -> Ledger:
    return ledger(table, judge(table, RULES, *kind, mode), COUNTIES, **options)


def check_identities(one: Ledger) -> None:
    totals = one.totals
    whole = totals["lost_m2"] + totals["free_m2"] + totals["unknown_m2"]
    assert (whole == totals["area_m2"]).all()  # to the last digit
    for county, row in zip(totals["county"], totals.to_dict("records"), strict=True):
        rules = one.frame[one.frame["county"] == county]
        assert math.fsum(rules["share_m2"]) == row["lost_m2"]
        assert float(rules["share_m2"].sum()) == row["lost_m2"]  # in any order of adding
        assert (rules["alone_m2"] + rules["shared_m2"] == rules["total_m2"]).all()
        assert (rules["share_m2"] >= rules["alone_m2"]).all()
        assert (rules["share_m2"] <= rules["total_m2"] + UNIT_M2).all()
        assert (rules["routes_m2"] <= row["routes_m2"]).all()
        assert (rules["unknown_m2"] <= row["unknown_m2"]).all()


@settings(max_examples=60)
@given(tables(), KINDS, MODES, st.booleans())
def test_sums_to_the_last_digit(table, kind, mode, routes_lost):
    one = book(table, kind, mode, routes_lost=routes_lost)
    check_identities(one)
    area = fixed_point(table.area_m2[1:]).sum(axis=1)
    assert (one.totals["area_m2"].to_numpy() == area).all()
    assert np.allclose(area, table.area_m2[1:].sum(axis=1), atol=UNIT_M2 * table.n)


@settings(max_examples=40)
@given(tables(), KINDS)
def test_lost_and_unknown_are_those_of_the_verdict(table, kind):
    """A second way to the same figures: the verdict of each pattern."""
    judged = judge(table, RULES, *kind)
    one = ledger(table, judged, COUNTIES)
    lost = (judged.verdict == Verdict.PROHIBITED) | judged.unbuildable
    unknown = ((judged.verdict == Verdict.UNKNOWN) | judged.technical_unknown) & ~lost
    routes = (judged.verdict == Verdict.ROUTE) & ~lost & ~unknown
    area = fixed_point(table.area_m2[1:])
    for name, where in (("lost_m2", lost), ("unknown_m2", unknown), ("routes_m2", routes)):
        assert one.totals[name].tolist() == [math.fsum(row[where]) for row in area]
    everything = ledger(table, judged, COUNTIES, routes_lost=True)
    assert (everything.totals["lost_m2"] >= one.totals["lost_m2"] + one.totals["routes_m2"]).all()


@settings(max_examples=40)
@given(tables(), KINDS, MODES, st.booleans(), st.data())
def test_free_land_is_usable_limited_or_a_route(table, kind, mode, routes_lost, data):
    """``eligible_m2`` is the land of a run's 可用, also with rules switched off."""
    judged = judge(table, RULES, *kind, mode, standing=False)
    one = ledger(table, judged, COUNTIES, routes_lost=routes_lost)
    ids = [rule.id for rule in one.causes.rules]
    off = data.draw(st.sets(st.sampled_from(ids), max_size=4)) if ids else set()
    rules = tuple(rule for rule in RULES.rules if rule.id not in off)
    again = judge(table, replace(RULES, rules=rules), *kind, mode, standing=False)
    area = fixed_point(table.area_m2[1:])
    for totals, law in ((one.totals, judged), (one.what_if(off), again)):
        free = totals["eligible_m2"] + totals["limited_m2"]
        free += 0 if routes_lost else totals["routes_m2"]
        assert (free == totals["free_m2"]).all()
        usable = eligible_patterns(law)
        assert totals["eligible_m2"].tolist() == [math.fsum(row[usable]) for row in area]


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 8))
def test_share_is_the_shapley_value(seed, n_rules, n):
    """Brute force: the mean of what each rule adds, over all orders of the rules."""
    rng = np.random.default_rng(seed)
    taking = rng.random((n, n_rules)) < 0.5
    areas = fixed_point(rng.random((1, n)) * 1e5)
    mean = np.zeros(n_rules)
    orders = list(itertools.permutations(range(n_rules)))
    for order in orders:
        taken = np.zeros(n, bool)
        for rule in order:
            mean[rule] += areas[0, taking[:, rule] & ~taken].sum() / len(orders)
            taken |= taking[:, rule]
    found = shapley(areas, taking, [f"R-{j}" for j in range(n_rules)])
    assert np.allclose(found[0], mean, rtol=0, atol=2 * UNIT_M2)


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.integers(1, 3), st.integers(1, 30), st.integers(1, 6))
def test_kernels_against_numpy(seed, counties, n, rules):
    rng = np.random.default_rng(seed)
    areas = fixed_point(rng.random((counties, n)) * 1e6)
    marks = (rng.random((n, rules)) < 0.4).astype(np.uint8)
    largest = max(int(marks.sum(axis=1).max()), 1)
    for kernel in (_ledger_kernels.by_rule, _ledger_kernels.by_rule.py_func):
        out = np.zeros((counties, rules))
        kernel(areas, marks, out)
        assert (out == areas @ marks.astype(float)).all()
    for kernel in (_ledger_kernels.by_size, _ledger_kernels.by_size.py_func):
        out = np.zeros((counties, rules, largest))
        kernel(areas, marks, out)
        for k in range(1, largest + 1):
            where = marks.sum(axis=1) == k
            assert (out[:, :, k - 1] == areas[:, where] @ marks[where].astype(float)).all()


@settings(max_examples=40)
@given(tables(), KINDS, st.randoms(use_true_random=False))
def test_order_of_rules_and_patterns_does_not_matter(table, kind, shuffle):
    rules = list(RULES.rules)
    shuffle.shuffle(rules)
    mixed = replace(RULES, rules=tuple(rules))
    order = list(range(table.n))
    shuffle.shuffle(order)
    turned = replace(
        table, hit=table.hit[order], unknown=table.unknown[order], area_m2=table.area_m2[:, order]
    )
    first, second = (
        ledger(t, judge(t, r, *kind), COUNTIES).frame.sort_values(["county", "rule_id"])
        for t, r in ((table, RULES), (turned, mixed))
    )
    assert first.reset_index(drop=True).equals(second.reset_index(drop=True))


@settings(max_examples=60)
@given(tables(), KINDS, MODES, st.booleans(), st.data())
def test_what_if_is_judging_again_without_the_rules(table, kind, mode, routes_lost, data):
    one = book(table, kind, mode, routes_lost=routes_lost)
    ids = [rule.id for rule in one.causes.rules]
    off = data.draw(st.sets(st.sampled_from(ids), max_size=6) if ids else st.just(set()))
    left = replace(RULES, rules=tuple(r for r in RULES.rules if r.id not in off))
    again = ledger(table, judge(table, left, *kind, mode), COUNTIES, routes_lost=routes_lost)
    assert one.what_if(off).equals(again.totals)
    dropped = ledger(
        table, judge(table, RULES, *kind, mode), COUNTIES, routes_lost=routes_lost, off=off
    )
    assert dropped.totals.equals(again.totals)
    check_identities(dropped)


@settings(max_examples=30)
@given(tables(), KINDS, MODES, st.booleans(), st.data())
def test_every_subset_is_a_what_if(table, kind, mode, routes_lost, data):
    one = book(table, kind, mode, routes_lost=routes_lost)
    ids = [rule.id for rule in one.causes.rules]
    chosen = data.draw(
        st.lists(st.sampled_from(ids), max_size=5, unique=True) if ids else st.just([])
    )
    found = one.subsets(chosen)
    for number in range(1 << len(chosen)):
        off = tuple(rule for j, rule in enumerate(chosen) if number >> j & 1)
        assert found.combination(off) == number
        wanted = one.what_if(off)
        assert (found.lost_m2[number] == wanted["lost_m2"].to_numpy()).all()
        assert (found.free_m2[number] == wanted["free_m2"].to_numpy()).all()
        assert (found.unknown_m2[number] == wanted["unknown_m2"].to_numpy()).all()
    assert len(found.frame()) == 1 << len(chosen)


@settings(max_examples=40)
@given(tables(), KINDS, st.data())
def test_switching_a_rule_off_never_takes_land(table, kind, data):
    """Adding a rule never frees land, and unknown land is never called free by it."""
    one = book(table, kind)
    ids = [rule.id for rule in one.causes.rules]
    if not ids:
        return
    off = data.draw(st.sets(st.sampled_from(ids)))
    rule = data.draw(st.sampled_from(ids))
    more, less = one.what_if({*off, rule}), one.what_if(off - {rule})
    assert (more["lost_m2"] <= less["lost_m2"]).all()
    assert (more["free_m2"] >= less["free_m2"]).all()


def test_cells_are_whole_numbers(scene, screening, table):
    zones = np.ones(scene.grid.shape, np.uint8)
    zones[-1] = 0
    judged = judge(table, RULES, Technology.PV, Component.PV_ARRAY)
    one = ledger(table, judged, ["一县"], 40.0, zones=zones)
    row = one.totals.iloc[0]
    assert row["lost_cells"] + row["free_cells"] + row["unknown_cells"] == row["area_cells"]
    assert row["area_cells"] == (zones > 0).sum() == table.cells.sum()
    assert one.totals["lost_cells"].dtype == np.int64
    assert row["lost_m2"] == row["lost_cells"] * 900.0  # the scene's cells are 30 m x 30 m
    assert one.mw_per_km2 == 40.0
    check_identities(one)


def test_blocks_of_law_and_technical_limits(table):
    one = ledger(table, judge(table, RULES, Technology.WIND, Component.TURBINE_BASE), ["一县"])
    blocks = dict(zip(one.frame["rule_id"], one.frame["block"], strict=True))
    assert blocks["T-slope-wind"] == "technical"
    assert blocks["R-05"] == "law"
    rows = one.frame.set_index("rule_id")
    approvals = rows[rows["effect"] == "approval"]  # listed only where they cannot be told
    assert (approvals["total_m2"] == 0).all()
    assert (approvals["unknown_m2"] > 0).all()
    assert rows.loc["R-02", "total_m2"] == 0  # a route is no loss
    assert rows.loc["R-05", "total_m2"] > 0


def test_routes_have_a_column_of_their_own(table):
    judged = judge(table, RULES, Technology.PV, Component.PV_ARRAY)
    law = ledger(table, judged, ["一县"])
    wide = ledger(table, judged, ["一县"], routes_lost=True)
    assert law.totals.loc[0, "routes_m2"] > 0
    assert wide.totals.loc[0, "routes_m2"] == law.totals.loc[0, "routes_m2"]
    gained = wide.totals.loc[0, "lost_m2"] - law.totals.loc[0, "lost_m2"]
    assert gained >= law.totals.loc[0, "routes_m2"]


def test_exempt_rules_take_nothing(table):
    judged = judge(table, RULES, Technology.PV, Component.PV_ARRAY)
    state = judged.state.copy()
    column = [RULES.rules[i].id for i in judged.rules].index("R-06")
    assert (state[:, column] == State.HIT).any()
    state[state[:, column] == State.HIT, column] = 4
    freed = ledger(table, replace(judged, state=state), ["一县"])
    assert freed.frame.set_index("rule_id").loc["R-06", "total_m2"] == 0
    check_identities(freed)


def test_absent_layers_are_named(scene):
    less = scene.without("permanent_farmland")
    found = less.table(less.screen())
    one = ledger(found, judge(found, RULES, Technology.PV, Component.PV_ARRAY), ["一县"])
    assert "R-06" in {rule.id for rule in one.unscreened}


def test_one_county_alone(table):
    judged = judge(table, RULES, Technology.PV, Component.PV_ARRAY)
    areas = np.vstack([table.area_m2, table.area_m2[1:] * 0.5])
    two = ledger(replace(table, area_m2=areas), judged, ["甲县", "乙县"])
    one = of_county(two, "乙县")
    assert one.counties == ("乙县",)
    assert set(one.frame["county"]) == {"乙县"}
    assert one.what_if(["R-06", "R-09"]).loc[0, "lost_m2"] < one.totals.loc[0, "lost_m2"]
    rules, total = two.whole()
    assert total.loc[0, "lost_m2"] == two.totals["lost_m2"].sum()
    assert math.fsum(rules["share_m2"]) == total.loc[0, "lost_m2"]
    with pytest.raises(OptionError, match="丙县"):
        of_county(two, "丙县")


def test_refusals(table):
    judged = judge(table, RULES, Technology.PV, Component.PV_ARRAY)
    one = ledger(table, judged, ["一县"])
    with pytest.raises(OptionError, match="names for"):
        ledger(table, judged, ["甲", "乙"])
    with pytest.raises(OptionError, match="R-99"):
        one.what_if(["R-99"])
    with pytest.raises(OptionError, match="repeat"):
        one.subsets(["R-06", "R-06"])


def test_a_rule_set_without_law_in_legal_mode_is_all_unknown(table):
    bare = load_ruleset(None, TODAY)
    assert isinstance(bare, RuleSet)
    one = ledger(table, judge(table, bare, Technology.PV, Component.PV_ARRAY, "legal"), ["一县"])
    assert one.totals.loc[0, "free_m2"] == 0
    assert one.totals.loc[0, "unknown_m2"] > 0
