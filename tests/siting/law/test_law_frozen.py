"""Frozen cases of the law: rules2 §6 numbers 1-6 as amended by truth.md B6-B9."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from shapely.geometry import LineString, box

from siting.law.lint import lint
from siting.law.overlaps import overlaps
from siting.law.patterns import one_pattern
from siting.law.rules import JURISDICTIONS, load_ruleset, load_table
from siting.law.terms import COMPONENTS, Component, Effect, Technology, Verdict
from siting.law.verdict import judge

TODAY = date(2026, 11, 22)
EVE, CODE = date(2026, 8, 14), date(2026, 8, 15)
PV_ARRAY = (Technology.PV, Component.PV_ARRAY)
WIND_BASE = (Technology.WIND, Component.TURBINE_BASE)
PAIRS = [(t, c) for t, components in COMPONENTS.items() for c in components]
REPEALED = (
    "环境保护法", "环境影响评价法", "海洋环境保护法", "大气污染防治法", "水污染防治法",
    "土壤污染防治法", "固体废物污染环境防治法", "噪声污染防治法", "放射性污染防治法",
    "清洁生产促进法",
)  # fmt: skip
CITING = """
title: {{zh: 表, en: table}}
predicates:
  red: {{title: {{zh: 红线, en: red line}}, layer: eco_redline}}
sources:
  S: {{title: t, locator: l, grade: A}}
repealed:
{repealed}
rules:
  - id: X-1
    title: {{zh: 甲, en: a}}
    when: red
    technologies: [pv]
    effect: prohibited
    instrument: {{zh: {name}, en: a law}}
    clause: 第1条
    valid_from: 2018-01-01
    grade: A
    sources: [S]
"""


def judged(scene, screening, spot, pair, as_of=TODAY, mode="explore", what_if=()):
    rules = load_ruleset("hubei", as_of, what_if=what_if)
    return judge(one_pattern(screening, *scene.cell(spot)), rules, *pair, mode)


def ids(judgement):
    return {judgement.ruleset.rules[i].id for i in judgement.hits[0]}


def cited(judgement):
    rows = [judgement.ruleset.rules[i] for i in judgement.hits[0]]
    return " ".join(row.citation().zh for row in rows)


# ------------------------------------------------------------------ 1: the code takes over
@pytest.mark.parametrize(
    ("spot", "pair", "verdict", "old", "new"),
    [
        ("source_1", PV_ARRAY, Verdict.PROHIBITED, "第65条", "第319条"),
        ("source_2", PV_ARRAY, Verdict.APPROVAL, "第66条", "第320条"),
        ("source_2", (Technology.WIND, Component.STATION), Verdict.UNKNOWN, "第66条", "第320条"),
        ("source_3", PV_ARRAY, Verdict.APPROVAL, "第67条", "第321条"),
        ("noise", WIND_BASE, Verdict.UNKNOWN, "第35条", "第553、566条"),
        ("noise", (Technology.PV, Component.STATION), Verdict.UNKNOWN, "第35条", "第553、566条"),
    ],
)
def test_same_verdict_other_citation(scene, screening, spot, pair, verdict, old, new):
    before, after = (judged(scene, screening, spot, pair, day) for day in (EVE, CODE))
    assert before.verdict[0] == after.verdict[0] == verdict
    assert "污染防治法" in cited(before)
    assert old in cited(before)
    assert "生态环境法典" not in cited(before)
    assert "生态环境法典" in cited(after)
    assert new in cited(after)
    assert "污染防治法" not in cited(after)


def test_every_row_on_a_repealed_law_ends_the_day_before_its_successor():
    table = load_table(JURISDICTIONS["hubei"])
    successor = {old: rule for rule in table.rules for old in rule.supersedes}
    found = 0
    for rule in table.rules:
        for name, repeal in table.repealed.items():
            if name in rule.instrument.zh:
                found += 1
                assert rule.valid_to == date.fromordinal(repeal.on.toordinal() - 1)
                after = successor[rule.id]
                assert after.valid_from == repeal.on
                assert after.effect == rule.effect or rule.grade == "C"
                assert set(after.technologies) <= set(rule.technologies)
    assert found >= 6


# ------------------------------------------------------------------ 2: wind and its three dates
@pytest.mark.parametrize(
    ("spot", "day", "verdict", "rules"),
    [
        ("public_tree", date(2023, 6, 1), Verdict.PROHIBITED, {"R-16", "R-18x"}),
        ("public_tree", date(2025, 6, 1), Verdict.APPROVAL, {"R-16"}),
        ("public_tree", date(2026, 6, 1), Verdict.PROHIBITED, {"R-05c", "R-16", "R-18"}),
        ("natural_tree", date(2023, 6, 1), Verdict.PROHIBITED, {"R-16", "R-17", "R-18xn"}),
        ("natural_tree", date(2025, 6, 1), Verdict.APPROVAL, {"R-16", "R-17"}),
        ("natural_tree", date(2026, 6, 1), Verdict.APPROVAL, {"R-05c", "R-16", "R-17"}),
        ("redline", date(2026, 1, 21), Verdict.ROUTE, {"R-02"}),
        ("redline", date(2026, 1, 22), Verdict.PROHIBITED, {"R-02", "R-05"}),
        ("redline", date(2026, 8, 15), Verdict.PROHIBITED, {"R-02", "R-02b", "R-05"}),
        ("redline", date(2030, 12, 31), Verdict.PROHIBITED, {"R-02", "R-02b", "R-05"}),
        ("redline", date(2031, 1, 1), Verdict.ROUTE, {"R-02", "R-02b"}),
        ("wetland_provincial", date(2025, 6, 1), Verdict.APPROVAL, {"R-29"}),
        ("wetland_provincial", date(2026, 6, 1), Verdict.PROHIBITED, {"R-29", "R-29w"}),
        ("state_farm", date(2026, 6, 1), Verdict.CLEAR, {"R-18n"}),
    ],
)
def test_wind_by_date(scene, screening, spot, day, verdict, rules):
    found = judged(scene, screening, spot, WIND_BASE, day)
    assert (found.verdict[0], ids(found)) == (verdict, rules)


@pytest.mark.parametrize(
    ("spot", "pair", "day", "verdict", "rules"),
    [
        ("public_tree", WIND_BASE, date(2019, 2, 25), Verdict.APPROVAL, {"R-16"}),
        ("public_tree", WIND_BASE, date(2019, 2, 26), Verdict.PROHIBITED, {"R-16", "R-18x"}),
        ("public_tree", WIND_BASE, date(2024, 2, 25), Verdict.PROHIBITED, {"R-16", "R-18x"}),
        ("public_tree", WIND_BASE, date(2024, 2, 26), Verdict.APPROVAL, {"R-16"}),
        ("public_tree", WIND_BASE, date(2026, 1, 21), Verdict.APPROVAL, {"R-16"}),
        ("core", (Technology.PUMPED, Component.TUNNEL), date(2026, 3, 14), Verdict.APPROVAL,
         {"R-10x", "R-12"}),
        ("core", (Technology.PUMPED, Component.TUNNEL), date(2026, 3, 15), Verdict.PROHIBITED,
         {"R-10", "R-12"}),
        ("park", PV_ARRAY, date(2026, 8, 14), Verdict.APPROVAL, {"R-12"}),
        ("park", PV_ARRAY, date(2026, 8, 15), Verdict.PROHIBITED, {"R-11b", "R-12"}),
        # the land law forbade what the notice of 2023 then forbade once more
        ("farmland", (Technology.PV, Component.STATION), date(2023, 3, 19), Verdict.ROUTE,
         {"R-07t", "R-09b"}),
        ("farmland", (Technology.PV, Component.STATION), date(2023, 3, 20), Verdict.PROHIBITED,
         {"R-06", "R-07t", "R-09b"}),
    ],
)  # fmt: skip
def test_the_day_before_and_the_day(scene, screening, spot, pair, day, verdict, rules):
    found = judged(scene, screening, spot, pair, day)
    assert (found.verdict[0], ids(found)) == (verdict, rules)


# ------------------------------------------------------------------ 3: repealed instruments
@pytest.mark.parametrize("name", REPEALED)
def test_a_repealed_law_without_successor_is_a_fault(tmp_path: Path, name: str) -> None:
    shipped = load_table(JURISDICTIONS["hubei"]).repealed
    assert shipped[name].on == CODE
    repealed = "\n".join(
        f'  {key}: {{"on": {one.on}, by: {one.by}, clause: {one.clause}}}'
        for key, one in shipped.items()
    )
    path = tmp_path / "t.yaml"
    path.write_text(CITING.format(repealed=repealed, name=name), encoding="utf-8")
    faults = lint(load_table(path), TODAY)
    assert any(f"cites {name}, repealed on 2026-08-15" in one for one in faults)
    assert any(f"cites the repealed {name} without a successor" in one for one in faults)


# ------------------------------------------------------------------ 4: protected areas overlap
def test_overlapping_protected_areas_are_an_error_of_the_data(scene):
    assert overlaps(scene.stack) == ()
    core = scene.spot_box("core")
    west, south, east, north = core.bounds
    half = box(west, south, (west + east) / 2, north)
    park = [{"name": "both", "level": "national", "geometry": half}]
    (found,) = overlaps(scene.adding("nature_park", park).stack)
    assert set(found.layers) == {"nature_reserve", "nature_park"}
    assert found.area_m2 == pytest.approx(half.area, rel=2e-3)
    assert "第859条" in found.text.zh


# ------------------------------------------------------------------ 5: nature parks
@pytest.mark.parametrize("pair", PAIRS)
def test_a_nature_park_is_a_general_control_zone(scene, screening, pair):
    """Art. 861 of the code: the same verdict, by the park's own rows."""
    park, zone = (judged(scene, screening, spot, pair) for spot in ("park", "general"))
    assert park.verdict[0] == zone.verdict[0]
    rename = {"R-11": "R-11b", "R-11l": "R-11bl", "R-11e": "R-11be"}
    # 153 of 2015 names reserves; a forest park cannot be told from other parks
    assert {rename.get(one, one) for one in ids(zone) - {"R-19d"}} == ids(park)
    assert len(ids(park) & {"R-11b", "R-11bl", "R-11be"}) == 1
    before = judged(scene, screening, "park", pair, EVE)
    assert not ids(before) & {"R-11b", "R-11bl", "R-11be"}


# ------------------------------------------------------------------ 6: works in the red line
@pytest.mark.parametrize("component", ["tunnel", "powerhouse", "existing_reservoir_works"])
def test_no_land_taken_in_the_red_line(scene, screening, component):
    found = judged(scene, screening, "redline", (Technology.PUMPED, Component(component)))
    assert found.verdict[0] == Verdict.LIMITED_ACTIVITY
    assert ids(found) == {"R-02b", "R-03"}
    (route,) = found.routes(0)
    assert route.effect is Effect.LIMITED_ACTIVITY
    papers = [d.zh for i in found.hits[0] for d in found.ruleset.rules[i].documents]
    assert any("有限人为活动认定意见" in one for one in papers)
    assert any("市（州）政府" in one for one in papers)


@pytest.mark.parametrize("component", ["upper_reservoir", "lower_reservoir"])
def test_a_new_reservoir_in_the_red_line(scene, screening, component):
    found = judged(scene, screening, "redline", (Technology.PUMPED, Component(component)))
    assert found.verdict[0] == Verdict.ROUTE
    rows = {r.id: r for r in (found.ruleset.rules[i] for i in found.hits[0])}
    assert set(rows) == {"R-02b", "R-02p", "T-11", "T-12"}
    line = {route.effect: route for route in rows["R-02p"].routes}
    assert set(line) == {Effect.REPLAN_LINE, Effect.NATIONAL_PROJECT}
    assert "依据待核" in line[Effect.NATIONAL_PROJECT].text().zh
    for name in ("T-11", "T-12"):  # the programme is a matter of its own
        assert {route.effect for route in rows[name].routes} == {Effect.REPLAN_PROGRAMME}
    assert {route.effect for route in found.routes(0)} == {
        Effect.REPLAN_LINE, Effect.REPLAN_PROGRAMME, Effect.NATIONAL_PROJECT,
    }  # fmt: skip


def test_one_square_metre_of_red_line_is_enough(scene):
    row, col = scene.cell("free")
    x, y = (float(v) for v in scene.grid.xy(row, col))
    speck = {"name": "speck", "geometry": box(x - 0.5, y - 0.5, x + 0.5, y + 0.5)}
    scene = scene.adding("eco_redline", [speck])
    planes = scene.screen()
    upper = judged(scene, planes, "free", (Technology.PUMPED, Component.UPPER_RESERVOIR))
    assert upper.verdict[0] == Verdict.ROUTE
    assert "R-02p" in ids(upper)
    tunnel = judged(scene, planes, "free", (Technology.PUMPED, Component.TUNNEL))
    assert tunnel.verdict[0] == Verdict.LIMITED_ACTIVITY


# ------------------------------------------------------------------ the rows beyond
PUMPED = Technology.PUMPED
VERDICTS = [
    ("grade_1", WIND_BASE, Verdict.PROHIBITED, {"R-05c", "R-15", "R-16"}),
    ("grade_1", (PUMPED, Component.TUNNEL), Verdict.CLEAR, set()),
    ("grade_3", (PUMPED, Component.ROAD), Verdict.APPROVAL, {"R-16g"}),
    ("unused", PV_ARRAY, Verdict.PREFERRED, {"R-49"}),
    ("unused_forest", PV_ARRAY, Verdict.APPROVAL, {"R-19e", "R-49"}),
    ("mine", PV_ARRAY, Verdict.PREFERRED, {"R-49m"}),
    ("farmland", (Technology.PV, Component.TRANSMISSION), Verdict.ROUTE, {"R-07t"}),
    ("farmland", PV_ARRAY, Verdict.PROHIBITED, {"R-06", "R-08", "R-09"}),
    ("farmland", (PUMPED, Component.TUNNEL), Verdict.CLEAR, set()),
    ("park_core", WIND_BASE, Verdict.PROHIBITED, {"R-12n", "R-13n", "R-14"}),
    ("park_core", (PUMPED, Component.TUNNEL), Verdict.APPROVAL, {"R-12n", "R-14c"}),
    (
        "park_general",
        (PUMPED, Component.TUNNEL),
        Verdict.LIMITED_ACTIVITY,
        {"R-12n", "R-14l"},
    ),
    (
        "redline_park_core",
        (PUMPED, Component.TUNNEL),
        Verdict.PROHIBITED,
        {"R-01n", "R-02b", "R-03", "R-12n", "R-14c"},
    ),
    # press opens a general control zone to linear works; of others nothing was read
    ("general", (PUMPED, Component.TUNNEL), Verdict.LIMITED_ACTIVITY, {"R-11l", "R-12"}),
    ("general", (PUMPED, Component.POWERHOUSE), Verdict.UNKNOWN, {"R-11e", "R-12"}),
    (
        "park",
        (Technology.HYDRO, Component.EXISTING_RESERVOIR_WORKS),
        Verdict.UNKNOWN,
        {"R-11be", "R-12"},
    ),
    ("park_general", (PUMPED, Component.POWERHOUSE), Verdict.UNKNOWN, {"R-12n", "R-14e"}),
    ("scenic_core", PV_ARRAY, Verdict.PROHIBITED, {"R-30"}),
    ("scenic_other", PV_ARRAY, Verdict.APPROVAL, {"R-31"}),
    ("scenic_other", (PUMPED, Component.UPPER_RESERVOIR), Verdict.UNKNOWN, {"R-31q"}),
    ("scenic_other", (PUMPED, Component.ROAD), Verdict.APPROVAL, {"R-31"}),
    ("world", PV_ARRAY, Verdict.PROHIBITED, {"R-32", "R-34"}),
    ("relic_control", PV_ARRAY, Verdict.APPROVAL, {"R-33"}),
    ("danger", (PUMPED, Component.POWERHOUSE), Verdict.PROHIBITED, {"R-36"}),
    ("prone", WIND_BASE, Verdict.APPROVAL, {"R-37", "T-05"}),
    ("soil", PV_ARRAY, Verdict.PENALTY, {"R-38"}),
    ("habitat", WIND_BASE, Verdict.APPROVAL, {"R-12c", "R-12h"}),
    ("habitat", PV_ARRAY, Verdict.UNKNOWN, {"R-12c", "R-12h", "R-19h"}),
    ("habitat", (Technology.PV, Component.ROAD), Verdict.APPROVAL, {"R-12c", "R-12h"}),
    ("redline", (PUMPED, Component.ROAD), Verdict.ROUTE, {"R-02b", "R-02p"}),
    ("redline", (Technology.PV, Component.ROAD), Verdict.LIMITED_ACTIVITY, {"R-02b", "R-03r"}),
    (
        "redline",
        (Technology.WIND, Component.TRANSMISSION),
        Verdict.LIMITED_ACTIVITY,
        {"R-02b", "R-03"},
    ),
    (
        "farmland",
        (Technology.PV, Component.STATION),
        Verdict.PROHIBITED,
        {"R-06", "R-07t", "R-09b"},
    ),
    (
        "grade_1",
        (PUMPED, Component.EXISTING_RESERVOIR_WORKS),
        Verdict.PROHIBITED,
        {"R-15", "R-16"},
    ),
    ("airport", (Technology.WIND, Component.COLLECTOR_LINE), Verdict.CLEAR, set()),
    ("airport", (Technology.WIND, Component.TRANSMISSION), Verdict.APPROVAL, {"R-42"}),
    ("eco_function", (PUMPED, Component.UPPER_RESERVOIR), Verdict.APPROVAL, {"R-39"}),
    ("eco_function", PV_ARRAY, Verdict.CLEAR, set()),
    ("river_zone", PV_ARRAY, Verdict.PROHIBITED, {"R-24z"}),
    ("river_zone", (PUMPED, Component.LOWER_RESERVOIR), Verdict.APPROVAL, {"R-26z"}),
    ("dam_zone", PV_ARRAY, Verdict.APPROVAL, {"R-25"}),
    ("dam_zone", (PUMPED, Component.TUNNEL), Verdict.UNKNOWN, {"R-27b"}),
    (
        "dam_water",
        (PUMPED, Component.EXISTING_RESERVOIR_WORKS),
        Verdict.APPROVAL,
        {"R-26", "R-27", "R-27z", "T-11e"},
    ),
    ("danjiangkou", PV_ARRAY, Verdict.APPROVAL, {"R-23", "R-25"}),
    ("military", PV_ARRAY, Verdict.PROHIBITED, {"R-40"}),
    ("military_managed", PV_ARRAY, Verdict.PROHIBITED, {"R-40m"}),
    ("clearance", WIND_BASE, Verdict.PROHIBITED, {"R-41"}),
    ("clearance", PV_ARRAY, Verdict.CLEAR, set()),
    ("line", PV_ARRAY, Verdict.PROHIBITED, {"R-46"}),
    ("line", (Technology.PV, Component.ROAD), Verdict.APPROVAL, {"R-46a"}),
    ("urban", PV_ARRAY, Verdict.CLEAR, {"R-47"}),
    ("corridor", PV_ARRAY, Verdict.CLEAR, set()),
]


@pytest.mark.parametrize(("spot", "pair", "verdict", "rules"), VERDICTS)
def test_verdict_and_every_rule_behind_it(scene, screening, spot, pair, verdict, rules):
    found = judged(scene, screening, spot, pair)
    legal = {one for one in ids(found) if not one.startswith("T-s")}  # no technical limits
    assert (found.verdict[0], legal) == (verdict, rules)


@pytest.mark.parametrize(
    ("kv", "metres"), [(10.0, 5), (35.0, 10), (110.0, 10), (220.0, 15), (330.0, 15), (500.0, 20)]
)
def test_lines_by_voltage(scene, kv, metres):
    row, col = scene.cell("free")
    x, y = (float(v) for v in scene.grid.xy(row, col))
    for away, verdict in ((metres - 0.5, Verdict.PROHIBITED), (metres + 0.5, Verdict.CLEAR)):
        line = LineString([(x + away, y - 60), (x + away, y + 60)])
        other = scene.adding("power_line", [{"name": "l", "kv": kv, "geometry": line}])
        assert judged(other, other.screen(), "free", PV_ARRAY).verdict[0] == verdict


def test_a_line_above_500_kv_is_unknown_never_clear(scene):
    row, col = scene.cell("free")
    x, y = (float(v) for v in scene.grid.xy(row, col))
    line = LineString([(x, y - 60), (x, y + 60)])
    other = scene.adding("power_line", [{"name": "l", "kv": 1000.0, "geometry": line}])
    assert judged(other, other.screen(), "free", PV_ARRAY).verdict[0] == Verdict.UNKNOWN


def test_unstated_says_so_and_yields_to_a_prohibition(scene, screening):
    noise = judged(scene, screening, "noise", WIND_BASE)
    assert "未写明" in noise.text(0).zh
    farmland = judged(scene, screening, "farmland", PV_ARRAY)
    assert farmland.verdict[0] == Verdict.PROHIBITED
    assert farmland.weak(0)  # R-08 (A) does not say that it means PV


# ------------------------------------------------------------------ order and grades
@pytest.mark.parametrize(
    ("layer", "spot", "pair", "verdict"),
    [
        ("eco_redline", "danger", PV_ARRAY, Verdict.PROHIBITED),
        ("eco_redline", "noise", (Technology.PV, Component.STATION), Verdict.UNKNOWN),
        ("eco_redline", "prone", PV_ARRAY, Verdict.ROUTE),
        ("eco_redline", "prone", (PUMPED, Component.TUNNEL), Verdict.LIMITED_ACTIVITY),
        ("eco_redline", "soil", (PUMPED, Component.POWERHOUSE), Verdict.LIMITED_ACTIVITY),
        ("habitat", "soil", (PUMPED, Component.TUNNEL), Verdict.APPROVAL),
        ("natural_forest", "mine", PV_ARRAY, Verdict.PENALTY),
        ("urban_boundary", "mine", PV_ARRAY, Verdict.PREFERRED),  # grade C is shown only
        ("urban_boundary", "free", PV_ARRAY, Verdict.CLEAR),
    ],
)
def test_order_of_verdicts(scene, layer, spot, pair, verdict):
    """truth.md B6: prohibited > unknown > routes > limited > approval > penalty > preferred."""
    both = scene.adding(layer, [{"name": "both", "geometry": scene.spot_box(spot)}])
    assert judged(both, both.screen(), spot, pair).verdict[0] == verdict


def test_weak_prohibitions_stay_and_are_undecided_in_legal_mode(scene, screening):
    """truth.md B8: on A*, A-text and B prohibited, labelled, and counted by exit code 6."""
    for spot, pair, rule in (
        ("source_1", PV_ARRAY, "R-20"),
        ("core", (PUMPED, Component.TUNNEL), "R-10"),
        ("line", PV_ARRAY, "R-46"),
        ("river", PV_ARRAY, "R-24"),
        ("river_zone", PV_ARRAY, "R-24z"),
        ("grade_1", WIND_BASE, "R-15"),
    ):
        found = judged(scene, screening, spot, pair, mode="legal")
        assert found.verdict[0] == Verdict.PROHIBITED
        assert found.weak(0)
        assert "依据待核" in found.text(0).zh
        assert rule in {u.rule_id for u in found.undecided if u.kind == "evidence"}
    sure = judged(scene, screening, "danger", PV_ARRAY, mode="legal")
    assert sure.verdict[0] == Verdict.PROHIBITED
    assert not sure.weak(0)
    assert not [u for u in sure.undecided if u.kind == "evidence"]


def test_every_permit_names_who_decides():
    """What asks for a route, a certificate or a permit says of whom, in both languages."""
    for rule in load_table(JURISDICTIONS["hubei"]).rules:
        asks = rule.effect not in {Effect.PROHIBITED, Effect.PENALTY, Effect.PREFERRED}
        assert bool(rule.routes) == asks
        for route in rule.routes:
            assert route.body.zh
            assert route.body.en


# ------------------------------------------------------------------ what-ifs are no law
@pytest.mark.parametrize(
    ("scenario", "spot", "pair", "verdict", "rules"),
    [
        ("corridor", "corridor", PV_ARRAY, Verdict.PROHIBITED, {"S-corridor"}),
        (
            "corridor",
            "corridor",
            (Technology.PV, Component.ROAD),
            Verdict.PENALTY,
            {"S-corridor-line"},
        ),
        ("zoning", "zoning_priority", PV_ARRAY, Verdict.UNKNOWN, {"R-48", "R-48a"}),
        ("zoning", "zoning_general", PV_ARRAY, Verdict.CLEAR, set()),
        (
            "national_park",
            "candidate",
            (PUMPED, Component.EXISTING_RESERVOIR_WORKS),
            Verdict.UNKNOWN,
            {"S-park-works"},
        ),
        ("national_park", "candidate", WIND_BASE, Verdict.PROHIBITED, {"S-park", "S-park-wind"}),
        (
            "national_park",
            "candidate",
            (Technology.WIND, Component.ROAD),
            Verdict.PROHIBITED,
            {"S-park-line", "S-park-wind"},
        ),
        (
            "national_park",
            "candidate",
            (PUMPED, Component.TUNNEL),
            Verdict.LIMITED_ACTIVITY,
            {"S-park-line"},
        ),
    ],
)
def test_what_if(scene, supposed, screening, scenario, spot, pair, verdict, rules):
    found = judged(scene, supposed, spot, pair, what_if=(scenario,))
    assert (found.verdict[0], ids(found)) == (verdict, rules)
    law = judged(scene, screening, spot, pair)
    assert law.verdict[0] == Verdict.CLEAR
    assert not ids(law)
