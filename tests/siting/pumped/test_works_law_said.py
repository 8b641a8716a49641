"""Law of structures against vectors and dates, and what a reader is told (truth.md B6-B8)."""

from __future__ import annotations

import math
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
from shapely import affinity
from shapely.geometry import Point, Polygon

from geo.crs import polygon_areas
from siting.law.rules import load_ruleset
from siting.law.terms import Component, Effect, Verdict
from siting.pumped.works.law import works_law
from siting.pumped.works.law_words import NO_SAY
from siting.pumped.works.letters import NOT_IN_FORCE
from tests.siting.pumped.test_works_law import (
    CELL,
    GRID,
    LAKE,
    OLD,
    RULES,
    SOUTH,
    UP,
    WEST,
    at,
    component,
    ground_of,
    judged,
    line,
    pairs_of,
    stack_of,
    works_from,
)

#: Ground that no layer of the scene touches.
CLEAN = at(2200, 1800, 2500, 2100)
FAR = {"name": "远", "geometry": at(0, 0, 60, 60)}
ROAD, LINE = Component.ROAD, Component.TRANSMISSION


def ragged(seed: int, x: float, y: float, size: float) -> Polygon:
    """Return a star-shaped polygon in metres from the south-western corner."""
    draw = np.random.default_rng(seed)
    turn = np.sort(draw.uniform(0, 2 * math.pi, 17))
    reach = size * draw.uniform(0.5, 1.0, 17)
    ring = np.column_stack([WEST + x + reach * np.cos(turn), SOUTH + y + reach * np.sin(turn)])
    return Polygon(ring)


def area_of(shape) -> float:
    return float(polygon_areas(gpd.GeoSeries([shape], crs=GRID.crs))[0])


def law_on(ground, rules, rows, n=1, mode="explore", **more):
    works = works_from(n, rows)
    return works_law(works, pairs_of(n), ground, judged(ground, rules, mode), (LAKE,), **more)


@pytest.mark.parametrize("seed", range(6))
def test_hectares_equal_the_overlap_of_the_polygons(seed):
    red = ragged(seed, 1500, 1500, 900)
    source = ragged(seed + 50, 1900, 1600, 700)
    lake = ragged(seed + 100, 1800, 1500, 500)
    dam = affinity.translate(ragged(seed + 150, 1800, 1500, 120), 0.0, -450.0)
    tunnel = line(1800, 1200, 3900, 700)
    ground = ground_of(
        stack_of(
            eco_redline=[{"name": "红线", "geometry": red}],
            water_source=[{"name": "源", "grade": 2, "geometry": source}],
        ),
        RULES,
    )  # fmt: skip
    law = law_on(
        ground,
        RULES,
        [
            (0, "upper_lake", UP, lake, False),
            (0, "upper_dam", UP, dam, False),
            (0, "tunnel", Component.TUNNEL, tunnel, False),
        ],
    )
    upper, bore = component(law, 0, UP), component(law, 0, Component.TUNNEL)
    land = lake.union(dam)
    for shape, found in ((red, upper.redline_m2), (source, upper.touches_m2["source_2"])):
        cut = land.intersection(shape)
        assert found == pytest.approx(area_of(cut), abs=_by_cells(cut))
    assert upper.area_m2 == pytest.approx(area_of(land), abs=_by_cells(land))
    hit = next(one for one in upper.hits if one.rule == "R-02p")
    assert hit.area_m2 == pytest.approx(upper.redline_m2)
    # a strip counts shares of cells; the red line itself is burnt by whole cells
    strip = tunnel.buffer(30).intersection(red)
    assert bore.redline_m2 == pytest.approx(area_of(strip), abs=60 * CELL + 0.02 * area_of(strip))
    for one in (upper, bore):
        assert sum(one.verdict_m2.values()) == pytest.approx(one.area_m2, rel=1e-12)
    assert law.redline_m2[0] == pytest.approx(upper.redline_m2 + bore.redline_m2, rel=1e-12)


def _by_cells(shape) -> float:
    """Return what counting cells by their centre may be wrong by: a third of the outline. [m²]."""
    return max(shape.length * CELL / 3.0, CELL**2)


def test_unknown_red_line_and_an_approval_are_unknown():
    """The property of truth.md B6: nobody knows beats an approval, a prohibition beats both."""
    from dataclasses import replace

    from layers.layer import LayerStack

    stack = stack_of(
        water_source=[{"name": "源", "grade": 2, "geometry": at(1800, 300, 2000, 500)}]
    )
    layers = dict(stack.layers)
    layers["eco_redline"] = replace(layers["eco_redline"], coverage=at(0, 1500, 6000, 3000))
    ground = ground_of(LayerStack(GRID, layers), RULES)
    rows = [(0, "upper_lake", UP, at(1800, 300, 2000, 500), False)]
    law = law_on(ground, RULES, rows)
    upper = component(law, 0, UP)
    assert law.verdict[0] is upper.verdict is Verdict.UNKNOWN
    assert any(one.effect == "approval" for one in upper.hits)
    assert upper.redline_unknown_m2 == pytest.approx(upper.area_m2)
    assert law.letters[0][0].state == "unchecked"
    assert "无数据" in law.letters[0][0].value.zh
    assert not law.waiting[0]


def test_routes_of_a_new_lake_in_the_red_line_and_nothing_else():
    ground = ground_of(stack_of(), RULES)
    law = law_on(ground, RULES, [(0, "upper_lake", UP, at(300, 300, 600, 600), False)])
    routes = {Effect.REPLAN_LINE, Effect.NATIONAL_PROJECT, Effect.REPLAN_PROGRAMME}
    assert law.route_effects[0] & routes == routes
    upper = component(law, 0, UP)
    own = {one.effect for one in upper.hits if Effect(one.effect) in routes}
    assert own == {"replan_line", "replan_programme"}
    said = [route.zh for one in upper.hits if one.rule == "R-02p" for route in one.routes]
    assert len(said) == 2
    assert any("国家重大项目" in one and one.endswith("（依据待核）") for one in said)
    assert law.verdict[0] is Verdict.ROUTE
    assert bool(law.waiting[0])


def test_road_and_line_are_told_and_decide_nothing():
    reserve = [
        {"name": "保", "zone": "core", "level": "国家级", "geometry": at(3000, 2000, 4000, 3000)}
    ]
    ground = ground_of(stack_of(nature_reserve=reserve), RULES)
    rows = [
        (0, "upper_lake", UP, CLEAN, False),
        (0, "road", ROAD, line(2300, 2200, 3900, 2400), False),
        (0, "line", LINE, line(2300, 2200, 300, 2400), False),
    ]
    law = law_on(ground, RULES, rows)
    road, wire = component(law, 0, ROAD), component(law, 0, LINE)
    assert road.verdict is Verdict.PROHIBITED
    assert wire.redline_m2 > 0
    assert NO_SAY.zh in road.text.zh
    assert NO_SAY.zh in wire.text.zh
    assert law.verdict[0] not in {Verdict.PROHIBITED, Verdict.LIMITED_ACTIVITY}
    assert law.redline_m2[0] == 0.0
    assert [one.component for one in law.placed(0)] == [UP]
    # the first letter holds of what is placed, and says what it leaves out
    assert law.letters[0][0].state == "met"
    assert "道路、线路未选线，未计入" in law.letters[0][0].note.zh


def test_a_prohibition_on_weak_evidence_says_so():
    reserve = [
        {"name": "保", "zone": "core", "level": "国家级", "geometry": at(2150, 1700, 2600, 2200)}
    ]
    ground = ground_of(stack_of(nature_reserve=reserve, eco_redline=[]), RULES)
    law = law_on(ground, RULES, [(0, "upper_lake", UP, CLEAN, False)])
    upper = component(law, 0, UP)
    grades = {one.grade for one in upper.hits if one.effect == "prohibited"}
    assert law.verdict[0] is Verdict.PROHIBITED
    assert upper.weak == law.doubtful(0) == ("A" not in grades)
    assert ("依据待核" in law.text[0].zh) == law.doubtful(0)
    assert law.doubtful(0)
    assert not law.waiting[0]


def test_a_pair_says_what_was_not_screened_and_what_lies_outside():
    ground = ground_of(stack_of(), RULES)
    law = law_on(ground, RULES, [(0, "upper_lake", UP, at(5200, 1800, 5500, 2100), False)])
    left = component(law, 0, UP).unscreened
    assert left
    assert f"未筛查 {len(left)} 项" in law.text[0].zh
    assert law.outside_m2(0) == pytest.approx(300 * 100, rel=0.15)
    assert f"区域外 {law.outside_m2(0) / 1e4:.1f} 公顷未筛查" in law.text[0].zh


def test_letters_never_say_met_of_factors_that_nobody_listed():
    layers = {
        "water_source": [FAR | {"grade": 1}],
        "nature_reserve": [FAR | {"zone": "core", "level": "国家级"}],
        "nature_park": [FAR | {"type": "forest", "level": "省级"}],
        "important_wetland": [FAR | {"level": "national"}],
    }  # fmt: skip
    ground = ground_of(stack_of(**layers), RULES)
    law = law_on(ground, RULES, [(0, "upper_lake", UP, CLEAN, False)])
    first, environment, forestry = law.letters[0][:3]
    assert first.state == "met"
    assert environment.state == forestry.state == "unchecked"
    assert "水源保护区内 0.0 公顷" in environment.value.zh


def test_rules_of_the_day():
    """A verdict is that of its day: the notice of 2023 asks for nothing in 2020."""
    rows = [
        (0, "upper_lake", UP, at(300, 300, 600, 600), False),
        (0, "lower_lake", OLD, LAKE.geometry, True),
        (0, "lower_works", OLD, Point(WEST + 4500, SOUTH + 600).buffer(100), False),
    ]
    found = {}
    for day in (date(2020, 6, 1), date(2023, 8, 1), date(2026, 6, 1), date(2026, 11, 22)):
        rules = load_ruleset("hubei", day)
        law = law_on(ground_of(stack_of(), rules), rules, rows)
        found[day.year, day.month] = (
            {one.rule for one in component(law, 0, UP).hits},
            law.letters[0],
            {one.rule for one in component(law, 0, OLD).hits},
        )
    early, first, late, now = found.values()
    assert not early[0] & {"R-02p", "T-11", "T-12"}
    assert {"R-02p", "T-11", "T-12"} <= first[0] & late[0] & now[0]
    assert "R-02b" in now[0] - late[0]  # the code of 2026-08-15
    assert "T-11e" in first[2] - early[2]
    assert all(one.state == "unchecked" and one.note is NOT_IN_FORCE for one in early[1])
    assert first[1][0].state == "not_met"


def test_no_letter_is_met_where_the_notice_is_no_law():
    rules = load_ruleset(None, date(2026, 11, 22))
    law = law_on(
        ground_of(stack_of(), rules),
        rules,
        [(0, "upper_lake", UP, CLEAN, False)],
        alternates=[3],
    )
    assert law.text[0].zh == "未筛查"
    upper = component(law, 0, UP)
    assert upper.verdict_m2 == {}
    assert upper.area_m2 > 0
    assert "未触及" not in upper.text.zh
    assert "占地 9.0 公顷" in upper.text.zh
    assert {one.state for one in law.letters[0]} == {"unchecked"}


def test_legal_mode_leaves_nothing_clear_under_an_absent_layer():
    ground = ground_of(stack_of(eco_redline=[]), RULES)
    rows = [(0, "upper_lake", UP, CLEAN, False)]
    explore = law_on(ground, RULES, rows)
    legal = law_on(ground, RULES, rows, mode="legal")
    assert explore.verdict[0] is not Verdict.UNKNOWN
    assert "未筛查" in explore.text[0].zh
    assert legal.verdict[0] is Verdict.UNKNOWN
