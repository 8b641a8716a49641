"""why: every rule that hits, the right words, and what would free the ground."""

import json
from dataclasses import replace
from datetime import date

import pytest

from geo.crs import lonlat
from geo.errors import OptionError
from geo.passport import Passport
from layers.contract import SPECS
from layers.layer import Layer
from siting.law.rules import load_ruleset
from siting.law.terms import COMPONENTS, Component, Technology, Verdict
from siting.law.verdict import State, judge
from siting.law.why import explain, reasons, why

TODAY = date(2026, 11, 22)
TONES = {"prohibited", "route", "limited", "approval", "clear", "unbuildable", "neutral"}


def ask(scene, screening, table, spot, technology=Technology.PV, **options):
    row, col = scene.cell(spot)
    lon, lat = lonlat(scene.grid.crs, *scene.grid.xy(row, col))
    rules = load_ruleset("hubei", TODAY)
    return why(
        screening, table, rules, technology, (float(lon), float(lat)), stack=scene.stack, **options
    )


def hits(answer, component):
    one = next(c for c in answer.components if c.component == component)
    return {f.rule.id for f in one.of_state(State.HIT)}


@pytest.mark.parametrize(
    ("spot", "technology", "component", "wanted"),
    [
        ("free", "pv", "pv_array", set()),
        ("redline", "pv", "pv_array", {"R-02", "R-02b"}),
        ("redline", "pv", "road", {"R-02b", "R-03r"}),
        ("redline", "wind", "turbine_base", {"R-02", "R-02b", "R-05"}),
        ("redline", "pumped", "tunnel", {"R-02b", "R-03"}),
        (
            "redline_core",
            "pv",
            "pv_array",
            {"R-01", "R-02", "R-02b", "R-04", "R-10", "R-12", "R-19d"},
        ),
        ("redline_source", "pv", "station", {"R-02", "R-02b", "R-04", "R-21d"}),
        ("farmland", "pv", "pv_array", {"R-06", "R-08", "R-09"}),
        ("farmland", "pumped", "upper_reservoir", {"R-07", "R-09b"}),
        ("shrub_sparse", "pv", "pv_array", {"R-19b"}),
        ("steep", "pv", "pv_array", {"T-slope-pv"}),
        ("park", "wind", "turbine_base", {"R-11b", "R-12", "R-13"}),
        ("road", "pv", "pv_array", {"R-45"}),
        ("wetland_national", "hydro", "existing_reservoir_works", {"R-28"}),
    ],
)
def test_right_and_complete(scene, screening, table, spot, technology, component, wanted):
    answer = ask(scene, screening, table, spot, Technology(technology))
    assert hits(answer, Component(component)) == wanted


def test_one_answer_for_each_component(scene, screening, table):
    for technology, components in COMPONENTS.items():
        answer = ask(scene, screening, table, "redline", technology)
        assert tuple(one.component for one in answer.components) == components


def test_text_cites_and_warns(scene, screening, table):
    text = ask(scene, screening, table, "redline").to_text("zh")
    assert "演示，无法律意义" in text
    assert "自然资发〔2022〕142号" in text
    assert "省级政府" in text  # who decides the route
    assert "依据待核" in text
    assert "法律日期 2026-11-22" in text
    english = ask(scene, screening, table, "redline").to_text("en")
    assert "demo, without legal meaning" in english
    assert "State Council" in english


def test_slope_is_named_beside_its_limit(scene, screening, table):
    text = ask(scene, screening, table, "steep").to_text("zh")
    assert "坡度 40.0°，不大于 25° 即可" in text
    assert "技术不可建（非法律）" in text


def test_thresholds_that_would_pass(scene, screening, table):
    def freed(spot, rule_id, technology=Technology.PV):
        answer = ask(scene, screening, table, spot, technology)
        return next(f.frees for f in answer.components[0].findings if f.rule.id == rule_id)

    assert "灌木盖度低于 50 % 则不受此条限制" in freed("shrub_dense", "R-19c").zh
    assert "60 m" in freed("settlement", "T-settlement-wind", Technology.WIND).zh
    assert "无合法路径" in freed("farmland", "R-06").zh
    assert "国务院批准" in freed("redline", "R-02").zh


def test_least_change_and_nearest_free_ground(scene, screening, table):
    answer = ask(scene, screening, table, "redline", proven_m=float("inf"), beyond_m=25_000.0)
    array = answer.components[0]
    change = next(f.change for f in array.findings if f.rule.id == "R-02")
    assert change.move.distance_m == pytest.approx(135, abs=1e-3)
    assert change.routes
    assert array.nearest.distance_m > 135  # free ground begins outside the red line
    text = answer.to_text("zh")
    assert "最小改变: 向" in text
    assert "离开生态保护红线" in text
    assert "最近的可用地: 向" in text
    assert "least change: 135 m" in answer.to_text("en")
    data = json.loads(json.dumps(answer.to_dict()))["components"][0]
    assert data["nearest"]["distance_m"] == array.nearest.distance_m
    rules = {rule["id"]: rule for rule in data["rules"]}
    assert rules["R-02"]["change"]["move_m"] == change.move.distance_m
    assert rules["R-02b"]["change"] is None  # an approval loses nothing
    free = ask(scene, screening, table, "free", proven_m=float("inf")).components[0]
    assert free.nearest is None


def test_restricted_outlines_are_not_told(scene):
    military = scene.stack.layers["eco_redline"].data.assign(zone="restricted")
    layer = Layer("military", military, SPECS["military"], Passport(synthetic=True))
    layers = {**scene.stack.layers, "military": layer}
    other = replace(scene, stack=replace(scene.stack, layers=layers))
    planes = other.screen()
    answer = ask(other, planes, other.table(planes), "redline")
    found = {f.rule.id: f for f in answer.components[0].findings}
    assert found["R-40"].state is not State.CLEAR
    assert found["R-40"].change is None


def test_older_law_is_said_to_be_partial(scene, screening, table):
    row, col = scene.cell("free")
    point = tuple(float(v) for v in lonlat(scene.grid.crs, *scene.grid.xy(row, col)))
    old = why(screening, table, load_ruleset("hubei", date(2023, 6, 1)), Technology.PV, point)
    assert "此前的法律只收录了一部分" in old.to_text("zh")
    assert ask(scene, screening, table, "free").caveat is None


def test_readings(scene, screening, table):
    readings = {r.label.zh: r for r in ask(scene, screening, table, "shrub_dense").readings}
    assert readings["土地覆盖"].text == "灌木林"
    assert readings["灌木盖度"].value == 50
    assert readings["坡度"].value == pytest.approx(0)
    assert readings["坡向"].value is None


def test_absent_layers_are_said(scene):
    less = scene.without("eco_redline")
    planes = less.screen()
    answer = ask(less, planes, less.table(planes), "free")
    assert "未筛查的图层" in answer.to_text("zh")
    assert "生态保护红线: 演示中去掉" in answer.to_text("zh")
    states = {f.rule.id: f.state for f in answer.components[0].findings}
    assert states["R-02"] == State.UNSCREENED


def test_json(scene, screening, table):
    data = json.loads(json.dumps(ask(scene, screening, table, "redline").to_dict()))
    assert data["synthetic"] is True
    rules = {r["id"]: r for r in data["components"][0]["rules"]}
    assert rules["R-02"]["effect"] == "replan_line"
    assert {r["effect"] for r in rules["R-02"]["routes"]} == {"replan_line", "national_project"}


def test_outside_the_region_is_refused(scene, screening, table):
    rules = load_ruleset("hubei", TODAY)
    with pytest.raises(OptionError, match="outside"):
        why(screening, table, rules, Technology.PV, (10.0, 50.0))
    row, col = scene.grid.rows - 1, 5  # a row of the grid outside the region
    lon, lat = lonlat(scene.grid.crs, *scene.grid.xy(row, col))
    with pytest.raises(OptionError):
        why(screening, table, rules, Technology.PV, (float(lon), float(lat)))


def test_card_reasons(table):
    rules = load_ruleset("hubei", TODAY)
    judgement = judge(table, rules, Technology.WIND, Component.TURBINE_BASE)
    for pattern in range(table.n):
        for row in reasons(rules, judgement.hits[pattern], amounts={0: "1 公顷"}):
            assert set(row) == {"law", "clause", "hits", "amount", "frees", "grade", "tone"}
            assert row["tone"] in TONES
            assert row["law"]
            assert row["hits"]
            assert row["frees"] or row["tone"] in {"clear", "neutral"}
    with_amount = reasons(rules, [0], "en", {0: "1 ha"})
    assert with_amount[0]["amount"] == "1 ha"


def test_every_pattern_can_be_explained(table):
    rules = load_ruleset("hubei", TODAY)
    judgement = judge(table, rules, Technology.PV, Component.PV_ARRAY)
    for pattern in range(table.n):
        one = explain(table, pattern, judgement)
        assert one.text.zh.startswith("演示，无法律意义")
        moot = [f for f in one.of_state(State.HIT) if not f.rule.stated]
        open_ = one.verdict != Verdict.UNKNOWN
        assert open_ or moot or one.of_state(State.UNCOVERED)


def test_card_lists_what_holds_not_what_is_denied():
    """R-19b is "shrub and not dense": its card must not say that the cover is 50 % or more."""
    rules = load_ruleset("hubei", date(2026, 11, 22))
    number = next(i for i, rule in enumerate(rules.rules) if rule.id == "R-19b")
    assert reasons(rules, [number])[0]["hits"] == "灌木林"
    assert reasons(rules, [number], "en")[0]["hits"] == "shrub land"
