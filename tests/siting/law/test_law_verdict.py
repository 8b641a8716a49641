"""Frozen cases of the law, and properties that no rule table may break."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from siting.law import screening as screening_module
from siting.law.expression import parse
from siting.law.patterns import one_pattern
from siting.law.predicates import sweep_name
from siting.law.rules import RuleSet, load_ruleset
from siting.law.terms import COMPONENTS, Component, Effect, Technology, Verdict
from siting.law.verdict import State, judge

TODAY = date(2026, 11, 22)
PAIRS = [(t, c) for t, components in COMPONENTS.items() for c in components]
WIND_BASE = (Technology.WIND, Component.TURBINE_BASE)
PV_ARRAY = (Technology.PV, Component.PV_ARRAY)


def judged(scene, screening, spot, pair, as_of=TODAY, mode="explore"):
    table = one_pattern(screening, *scene.cell(spot))
    return judge(table, load_ruleset("hubei", as_of), *pair, mode)


def ids(judgement, pattern=0):
    return {judgement.ruleset.rules[i].id for i in judgement.hits[pattern]}


def by_id(judgement, rule_id):
    return next(rule for rule in judgement.ruleset.rules if rule.id == rule_id)


def test_code_takes_over_from_the_water_law_overnight(scene, screening):
    before, after = (
        judged(scene, screening, "source_1", PV_ARRAY, day)
        for day in (date(2026, 8, 14), date(2026, 8, 15))
    )
    assert before.verdict[0] == after.verdict[0] == Verdict.PROHIBITED
    old = by_id(before, "R-20x").citation().zh
    new = by_id(after, "R-20").citation().zh
    assert "水污染防治法" in old
    assert "第65条" in old
    assert "生态环境法典" in new
    assert "第319条" in new
    assert "R-20" not in ids(before)
    assert "R-20x" not in ids(after)


@pytest.mark.parametrize(("spot", "verdict"), [("source_2", Verdict.APPROVAL), ("source_3", 4)])
def test_other_source_zones_keep_their_verdict_too(scene, screening, spot, verdict):
    for day in (date(2026, 8, 14), date(2026, 8, 15)):
        assert judged(scene, screening, spot, PV_ARRAY, day).verdict[0] == verdict


def test_wind_in_the_red_line_changes_on_2026_01_22(scene, screening):
    before = judged(scene, screening, "redline", WIND_BASE, date(2026, 1, 21))
    after = judged(scene, screening, "redline", WIND_BASE, date(2026, 1, 22))
    assert before.verdict[0] == Verdict.ROUTE
    assert {r.effect for r in before.routes(0)} == {Effect.REPLAN_LINE, Effect.NATIONAL_PROJECT}
    assert after.verdict[0] == Verdict.PROHIBITED
    assert after.weak(0)
    assert "依据待核" in after.text(0).zh


def test_wind_notice_ends_with_2030(scene, screening):
    last = judged(scene, screening, "redline", WIND_BASE, date(2030, 12, 31))
    gone = judged(scene, screening, "redline", WIND_BASE, date(2031, 1, 1))
    assert (last.verdict[0], gone.verdict[0]) == (Verdict.PROHIBITED, Verdict.ROUTE)


def test_three_dates_of_wind_in_public_forest(scene, screening):
    verdicts = {}
    for day in (date(2023, 6, 1), date(2025, 6, 1), date(2026, 6, 1)):
        result = judged(scene, screening, "public_tree", WIND_BASE, day)
        verdicts[day.year] = (result.verdict[0], ids(result))
    assert [verdicts[year][0] for year in (2023, 2025, 2026)] == [
        Verdict.PROHIBITED, Verdict.APPROVAL, Verdict.PROHIBITED,
    ]  # fmt: skip
    assert verdicts[2023][1] == {"R-18x", "R-16"}
    assert verdicts[2025][1] == {"R-16"}
    assert verdicts[2026][1] == {"R-18", "R-16", "R-05c"}


def test_red_line_by_component(scene, screening):
    def of(component):
        return judged(scene, screening, "redline", (Technology.PUMPED, component))

    for component in (Component.TUNNEL, Component.EXISTING_RESERVOIR_WORKS):
        assert of(component).verdict[0] == Verdict.LIMITED_ACTIVITY
    upper = of(Component.UPPER_RESERVOIR)
    assert upper.verdict[0] == Verdict.ROUTE
    routes = {route.effect: route for route in upper.routes(0)}
    assert set(routes) == {
        Effect.REPLAN_LINE, Effect.REPLAN_PROGRAMME, Effect.NATIONAL_PROJECT,
    }  # fmt: skip
    assert "依据待核" in routes[Effect.NATIONAL_PROJECT].text().zh


@pytest.mark.parametrize(("technology", "component"), PAIRS)
def test_nothing_is_lawful_in_a_core_zone_inside_the_red_line(
    scene, screening, technology, component
):
    result = judged(scene, screening, "redline_core", (technology, component))
    assert result.verdict[0] == Verdict.PROHIBITED
    assert not result.weak(0)  # R-01 is grade A


def test_shrub_threshold(scene, screening):
    assert judged(scene, screening, "shrub_dense", PV_ARRAY).verdict[0] == Verdict.PROHIBITED
    assert judged(scene, screening, "shrub_sparse", PV_ARRAY).verdict[0] == Verdict.APPROVAL


def test_slope_is_no_law(scene, screening):
    result = judged(scene, screening, "steep", PV_ARRAY)
    assert result.unbuildable[0]
    assert result.verdict[0] == Verdict.CLEAR
    assert not judged(scene, screening, "steep", (Technology.PV, Component.ROAD)).unbuildable[0]


def test_grade_c_is_shown_and_decides_nothing(scene, screening):
    assert "R-10x" in ids(judged(scene, screening, "core", PV_ARRAY, date(2025, 6, 1)))
    for spot in ("core", "urban", "mine", "unused", "danger", "prone"):
        for pair in PAIRS:
            result = judged(scene, screening, spot, pair, date(2025, 6, 1))
            weak = replace(
                result.ruleset, rules=tuple(r for r in result.ruleset.rules if r.decides)
            )
            table = one_pattern(screening, *scene.cell(spot))
            assert judge(table, weak, *pair).verdict == result.verdict
    every = [rule for rule in load_ruleset("hubei", TODAY).every() if not rule.decides]
    assert every
    assert not any(rule.weak for rule in every)


def test_clear_is_said_with_its_count(scene, screening):
    whole = judged(scene, screening, "free", PV_ARRAY)
    assert whole.text(0).zh == f"已筛查的 {whole.total}/{whole.total} 项未触及"
    less = scene.without("eco_redline", "shrub_cover")
    some = judged(less, less.screen(), "free", PV_ARRAY)
    assert some.verdict[0] == Verdict.CLEAR
    assert some.total == whole.total
    assert some.text(0).zh == f"已筛查的 {some.screened}/{some.total} 项未触及"
    assert some.screened == some.total - len(some.unscreened)
    assert len(some.unscreened) >= 3


def test_absent_layer_blocks_in_legal_mode_only(scene):
    less = scene.without("eco_redline")
    planes = less.screen()
    explore = judged(less, planes, "source_2", PV_ARRAY)
    legal = judged(less, planes, "source_2", PV_ARRAY, mode="legal")
    assert explore.verdict[0] == Verdict.APPROVAL
    assert "未筛查" in explore.text(0).zh
    assert legal.verdict[0] == Verdict.UNKNOWN
    assert {"R-01", "R-02"} <= {u.rule_id for u in legal.undecided if u.kind == "unscreened"}


def test_absent_layer_does_not_hide_a_prohibition(scene):
    less = scene.without("eco_redline")
    for mode in ("explore", "legal"):
        result = judged(less, less.screen(), "farmland", PV_ARRAY, mode=mode)
        assert result.verdict[0] == Verdict.PROHIBITED


def test_absent_partner_of_an_and_leaves_the_cell_unpainted(scene):
    """No reserve layer: R-01 is unscreened on red line, clear elsewhere, never hatched."""
    less = scene.without("nature_reserve")
    planes = less.screen()
    on = judged(less, planes, "redline", PV_ARRAY)
    column = [on.ruleset.rules[i].id for i in on.rules].index("R-01")
    assert on.state[0, column] == State.UNSCREENED
    assert on.verdict[0] == Verdict.ROUTE
    assert judged(less, planes, "free", PV_ARRAY).state[0, column] == State.CLEAR


def test_uncovered_cell_is_unknown_in_both_modes(scene):
    west, south, _, north = scene.grid.bounds
    half = scene.having("eco_redline", coverage=box(west, south, west + 3000, north))
    planes = half.screen()
    for mode in ("explore", "legal"):
        result = judged(half, planes, "unused", PV_ARRAY, mode=mode)
        assert result.verdict[0] == Verdict.UNKNOWN
        assert "uncovered" in {u.kind for u in result.undecided}
    assert judged(half, planes, "free", PV_ARRAY).verdict[0] == Verdict.CLEAR
    # red line unknown + an approval hit = unknown
    assert judged(half, planes, "source_2", PV_ARRAY).verdict[0] == Verdict.UNKNOWN
    # a prohibition is known whatever the red line is
    assert judged(half, planes, "farmland", PV_ARRAY).verdict[0] == Verdict.PROHIBITED


def test_presence_only_layer_has_no_absence(scene):
    proxy = scene.having("permanent_farmland", completeness="presence_only")
    planes = proxy.screen()
    assert judged(proxy, planes, "farmland", PV_ARRAY).verdict[0] == Verdict.PROHIBITED
    assert judged(proxy, planes, "free", PV_ARRAY).verdict[0] == Verdict.UNKNOWN


def test_another_date_or_component_reads_no_layer(scene, table, monkeypatch):
    def forbidden(*_args, **_kwargs):
        raise AssertionError("a layer was read again")

    monkeypatch.setattr(screening_module, "Burner", forbidden)
    monkeypatch.setattr(screening_module, "slope_aspect", forbidden)
    today = load_ruleset("hubei", TODAY)
    for day in (date(2023, 6, 1), date(2025, 6, 1), TODAY):
        for pair in PAIRS:
            assert judge(table, today.on(day), *pair).verdict.size == table.n


def test_no_jurisdiction_means_no_law(scene):
    planes = scene.screen(jurisdiction=None)
    result = judge(one_pattern(planes, *scene.cell("steep")), load_ruleset(None, TODAY), *PV_ARRAY)
    assert result.total == 0
    assert result.unbuildable[0]
    assert "红线未筛查" in result.text(0).zh
    assert "unscreened" in result.text(0).en
    legal = judge(
        one_pattern(planes, *scene.cell("free")), load_ruleset(None, TODAY), *PV_ARRAY, "legal"
    )
    assert legal.verdict[0] == Verdict.UNKNOWN
    assert legal.undecided[0].kind == "no_rules"


def test_weak_prohibitions_are_undecided_evidence(scene, table):
    result = judge(table, load_ruleset("hubei", TODAY), *WIND_BASE, "legal")
    evidence = {u.rule_id: u.area_m2 for u in result.undecided if u.kind == "evidence"}
    assert {"R-05", "R-13", "R-18", "R-20"} <= set(evidence)
    assert "R-01" not in evidence
    assert all(area > 0 for area in evidence.values())


def test_slope_limits_of_the_sweep_are_nested(table):
    planes = [table.flags(sweep_name(limit))[0] for limit in (15.0, 20.0, 25.0, 30.0, 35.0)]
    assert planes[-1].any()
    for gentler, steeper in pairwise(planes):
        assert not (steeper & ~gentler).any()


def random_planes(table, rng, n=40):
    """Return a table of random hit/unknown words over the same predicates."""
    used = np.uint64((1 << table.bits.planes) - 1)
    hit = rng.integers(0, 2**63, n, dtype=np.uint64) & rng.integers(0, 2**63, n, dtype=np.uint64)
    unknown = rng.integers(0, 2**63, n, dtype=np.uint64) & ~hit
    unknown &= rng.integers(0, 2**63, n, dtype=np.uint64)
    return replace(
        table, hit=hit & used, unknown=unknown & used, area_m2=np.ones((2, n)), cells=np.ones(n)
    )


SLOW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SLOW
@given(st.integers(0, 2**32), st.sampled_from(PAIRS), st.sampled_from(["explore", "legal"]))
def test_order_of_rules_does_not_matter(table, seed, pair, mode):
    rng = np.random.default_rng(seed)
    patterns = random_planes(table, rng)
    rules = load_ruleset("hubei", TODAY)
    mixed = replace(rules, rules=tuple(rules.rules[i] for i in rng.permutation(len(rules.rules))))
    first, second = judge(patterns, rules, *pair, mode), judge(patterns, mixed, *pair, mode)
    assert np.array_equal(first.verdict, second.verdict)
    assert np.array_equal(first.unbuildable, second.unbuildable)
    for pattern in range(patterns.n):
        assert ids(first, pattern) == ids(second, pattern)


@SLOW
@given(st.integers(0, 2**32), st.sampled_from(PAIRS), st.sampled_from(["explore", "legal"]))
def test_adding_a_rule_never_frees_land(table, seed, pair, mode):
    rng = np.random.default_rng(seed)
    patterns = random_planes(table, rng)
    rules = load_ruleset("hubei", TODAY)
    drop = int(rng.integers(len(rules.rules)))
    fewer: RuleSet = replace(rules, rules=rules.rules[:drop] + rules.rules[drop + 1 :])
    more, less = judge(patterns, rules, *pair, mode), judge(patterns, fewer, *pair, mode)
    assert (more.verdict <= less.verdict).all()
    assert (more.unbuildable | ~less.unbuildable).all()


@SLOW
@given(st.integers(0, 2**32), st.sampled_from(PAIRS))
def test_unknown_is_never_clear(table, seed, pair):
    """Whatever the unknown bits turn out to be, a clear verdict stays clear."""
    rng = np.random.default_rng(seed)
    patterns = random_planes(table, rng)
    rules = load_ruleset("hubei", TODAY)
    said = judge(patterns, rules, *pair)
    truth = patterns.hit | (patterns.unknown & rng.integers(0, 2**63, patterns.n, dtype=np.uint64))
    known = replace(patterns, hit=truth, unknown=np.zeros_like(truth))
    real = judge(known, rules, *pair)
    assert (real.verdict[said.verdict == Verdict.CLEAR] >= Verdict.PENALTY).all()
    decided = said.verdict != Verdict.UNKNOWN
    worse = real.verdict[decided] < np.minimum(said.verdict[decided], Verdict.PENALTY)
    assert not worse.any()
    assert not (real.unbuildable & ~said.unbuildable & ~said.technical_unknown).any()


@SLOW
@given(st.integers(0, 2**32), st.sampled_from(PAIRS))
def test_red_line_unknown_with_an_approval_hit_is_unknown(table, seed, pair):
    rng = np.random.default_rng(seed)
    patterns = random_planes(table, rng)
    red = np.uint64(1 << table.bits.bit_of["redline"])
    source = np.uint64(1 << table.bits.bit_of["source_2"])
    patterns = replace(
        patterns,
        hit=(patterns.hit | source) & ~red,
        unknown=(patterns.unknown & ~source) | red,
    )
    result = judge(patterns, load_ruleset("hubei", TODAY), *pair)
    assert set(result.verdict.tolist()) <= {Verdict.PROHIBITED, Verdict.UNKNOWN}


@pytest.mark.parametrize("spot", ["reservoir", "river", "water"])
@pytest.mark.parametrize(
    ("technology", "component"),
    [
        (Technology.WIND, Component.ROAD),
        (Technology.PV, Component.COLLECTOR_LINE),
        (Technology.PUMPED, Component.UPPER_RESERVOIR),
        (Technology.PUMPED, Component.EXISTING_RESERVOIR_WORKS),
        (Technology.HYDRO, Component.EXISTING_RESERVOIR_WORKS),
    ],
)
def test_works_in_water_are_never_clear(scene, screening, spot, technology, component):
    result = judged(scene, screening, spot, (technology, component))
    assert result.verdict[0] == Verdict.APPROVAL
    assert "R-26" in ids(result)


def test_dam_rule_speaks_of_existing_reservoirs_only(scene, screening):
    works = (Technology.PUMPED, Component.EXISTING_RESERVOIR_WORKS)
    assert "R-27" in ids(judged(scene, screening, "reservoir", works))
    assert "R-27" not in ids(judged(scene, screening, "river", works))


def test_turbines_on_arable_land_need_approval(scene, screening):
    result = judged(scene, screening, "arable", WIND_BASE)
    assert result.verdict[0] == Verdict.APPROVAL
    assert ids(result) == {"R-09b"}


def test_road_of_a_new_reservoir_follows_it_in_the_red_line(scene, screening):
    """Rule R-02 of the reference names the upper reservoir and its road."""
    road = judged(scene, screening, "redline", (Technology.PUMPED, Component.ROAD))
    assert road.verdict[0] == Verdict.ROUTE
    assert ids(road) == {"R-02b", "R-02p"}  # one notice does not send it two ways
    assert judged(scene, screening, "redline", (Technology.PV, Component.ROAD)).verdict[0] == 3


def test_weak_rule_is_decided_where_grade_a_prohibits(scene, screening):
    """R-01 (A) prohibits a core zone in the red line: R-05 and R-10 leave nothing open."""
    both = judged(scene, screening, "redline_core", WIND_BASE, mode="legal")
    assert {"R-01", "R-05", "R-10", "R-13"} <= ids(both)
    assert both.undecided == ()
    alone = judged(scene, screening, "core", WIND_BASE, mode="legal")
    assert {u.rule_id for u in alone.undecided} == {"R-10", "R-13"}


def test_a_day_outside_the_tables_claim_says_so():
    early, late = (
        load_ruleset("hubei", day).caveat() for day in (date(2026, 8, 14), date(2030, 1, 1))
    )
    assert early is not None
    assert "2026-08-15" in early.zh
    assert late is not None
    assert "2026-11-22" in late.zh
    assert "later changes" in late.en
    for day in (date(2026, 8, 15), TODAY):
        assert load_ruleset("hubei", day).caveat() is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a and not b", ("a",)),
        ("a or b", ("a", "b")),
        ("not (a and not b)", ("b",)),
        ("a and a", ("a",)),
    ],
)
def test_affirmed_names(text, names):
    assert parse(text).affirmed() == names


@pytest.mark.parametrize("day", [date(2025, 6, 1), date(2030, 1, 1)])
def test_clear_on_a_day_the_table_does_not_reach_says_so(scene, screening, day):
    """In 2025 the core zone of a reserve is clear only because its old law was not read."""
    result = judged(scene, screening, "free", PV_ARRAY, day, mode="legal")
    caveat = result.ruleset.caveat()
    assert caveat is not None
    assert caveat.zh in result.text(0).zh
    assert caveat.en in result.text(0).en
    assert [u.text for u in result.undecided if u.kind == "period"] == [caveat]
    today = judged(scene, screening, "free", PV_ARRAY, mode="legal")
    assert today.undecided == ()


def test_a_score_without_data_is_never_counted_as_screened(scene, screening):
    """Clear ground stays clear where a penalty cannot be told, but the text does not claim it."""
    west, south, _, north = scene.grid.bounds
    elsewhere = box(west, south, west + 10, north)
    bare = scene.having("soil_zone", coverage=elsewhere)
    whole, found = (
        judged(scene, planes, "free", PV_ARRAY) for planes in (screening, bare.screen())
    )
    assert whole.verdict[0] == found.verdict[0] == Verdict.CLEAR
    n = whole.total
    assert f"{n}/{n} 项未触及" in whole.text(0).zh
    assert "无数据" not in whole.text(0).zh
    assert f"{n - 1}/{n} 项未触及，1 项此处无数据" in found.text(0).zh
    assert f"{n - 1}/{n} screened rules is touched, 1 without data here" in found.text(0).en


def test_a_day_without_any_law_does_not_blame_the_table(scene, screening):
    found = judged(scene, screening, "redline", PV_ARRAY, date(1990, 1, 1))
    assert found.text(0).zh == "法律未筛查（规则表中没有当日施行的条文），红线未筛查"
    legal = judged(scene, screening, "redline", PV_ARRAY, date(1990, 1, 1), mode="legal")
    assert legal.verdict[0] == Verdict.UNKNOWN
    assert legal.undecided
    none = judge(
        one_pattern(screening, *scene.cell("redline")), load_ruleset(None, TODAY), *PV_ARRAY
    )
    assert "没有规则表" in none.text(0).zh
