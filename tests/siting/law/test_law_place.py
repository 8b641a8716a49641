"""Answer for a piece of land: hectares of every rule and verdict, component by component."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
from shapely.geometry import box

from geo.errors import OptionError, Say
from siting.law.place import place
from siting.law.rules import load_ruleset
from siting.law.terms import COMPONENTS, Component, State, Technology, Verdict

RULES = load_ruleset("hubei", date(2026, 11, 22))
NAME = Say("一块地", "a plot")


def spot(scene, name: str, cells: float = 4.0):
    """Return a square of ``cells`` x ``cells`` cells round a spot's middle cell."""
    x, y = scene.grid.xy(*scene.cell(name))
    half = cells * scene.grid.dx / 2 - 0.01
    x, y = x + scene.grid.dx / 2, y + scene.grid.dy / 2  # a corner of cells
    return box(x - half, y - half, x + half, y + half)


def ask(scene, screening, land, technology=Technology.PV, **options):
    return place(screening, RULES, technology, land, NAME, **options)


def test_hectares_of_rules_and_verdicts(scene, screening):
    answer = ask(scene, screening, spot(scene, "farmland"))
    assert answer.cells == 16
    assert answer.cells_m2 == pytest.approx(16 * 900, rel=2e-3)
    assert answer.polygon_m2 == pytest.approx(16 * 900, rel=2e-3)
    assert tuple(one.component for one in answer.components) == COMPONENTS[Technology.PV]
    array = answer.components[0]
    assert array.verdict is Verdict.PROHIBITED
    assert sum(array.areas_m2.values()) == pytest.approx(answer.cells_m2)
    hit = {one.rule.id: one for one in array.rules if one.state == State.HIT}
    assert {"R-06", "R-09"} <= set(hit)
    assert hit["R-06"].area_m2 == pytest.approx(answer.cells_m2)
    assert hit["R-06"].layers == ("permanent_farmland",)


def test_land_across_two_spots_is_split(scene, screening):
    x, y = scene.grid.xy(*scene.cell("arable"))
    side = scene.grid.dx * 6
    land = box(x - 2 * side, y - 30, x + 2 * side, y + 30)  # farmland, arable, trees
    answer = ask(scene, screening, land, components=[Component.PV_ARRAY])
    (array,) = answer.components
    rules = {one.rule.id: one.area_m2 for one in array.rules if one.state == State.HIT}
    assert 0 < rules["R-06"] < rules["R-09"] < answer.cells_m2
    assert sum(array.areas_m2.values()) == pytest.approx(answer.cells_m2)


def test_a_prohibition_on_weak_evidence_alone_says_so(scene, screening):
    for name, weak in (("source_1", True), ("danger", False)):
        array = ask(scene, screening, spot(scene, name), components=[Component.PV_ARRAY])
        (one,) = array.components
        assert one.verdict is Verdict.PROHIBITED
        assert ("依据待核" in one.text.zh) == weak
        assert ("basis to be verified" in one.text.en) == weak


def test_text_and_json(scene, screening):
    answer = ask(scene, screening, spot(scene, "redline"))
    text = answer.to_text("zh")
    assert "一块地" in text
    assert "演示，无法律意义" in text
    assert "按 16 个格元计 1.44 公顷" in text
    assert "图层: 生态保护红线" in text
    assert "出路: " in text
    english = answer.to_text("en")
    assert "counted by 16 cells" in english
    data = json.loads(json.dumps(answer.to_dict()))
    rules = {r["id"]: r for r in data["components"][0]["rules"]}
    assert rules["R-02"]["state"] == "hit"
    assert rules["R-02"]["area_m2"] == pytest.approx(16 * 900, rel=2e-3)
    assert data["what_if"] == []
    assert data["synthetic"] is True


def test_steep_land_is_technical_and_no_law(scene, screening):
    (array,) = ask(
        scene, screening, spot(scene, "steep"), components=[Component.PV_ARRAY]
    ).components
    assert array.unbuildable_m2 == pytest.approx(16 * 900, rel=2e-3)
    assert array.verdict is not Verdict.PROHIBITED


def test_land_smaller_than_a_cell(scene, screening):
    x, y = scene.grid.xy(*scene.cell("redline"))
    corner = box(x + 14, y + 14, x + 16, y + 16)  # four cells meet here
    answer = ask(scene, screening, corner)
    assert answer.touched
    assert answer.cells == 4
    assert answer.polygon_m2 == pytest.approx(4, rel=1e-2)
    assert "没有一个格元中心" in answer.to_text("zh")


def test_outside_the_region(scene, screening):
    inside = np.ones(scene.grid.shape, bool)
    inside[:] = False
    with pytest.raises(OptionError, match="outside the region"):
        ask(scene, screening, spot(scene, "free"), inside=inside)


def test_absent_layers_and_unknown_ground(scene):
    less = scene.without("eco_redline")
    answer = ask(less, less.screen(), spot(scene, "redline"))
    states = {one.rule.id: one.state for one in answer.components[0].rules}
    assert states["R-02"] == State.UNSCREENED
    assert "未筛查的图层" in answer.to_text("zh")
    half = box(*scene.grid.bounds[:2], scene.grid.bounds[0] + 30, scene.grid.bounds[3])
    part = scene.having("eco_redline", coverage=half)
    answer = ask(part, part.screen(), spot(scene, "free"))
    array = answer.components[0]
    assert array.verdict is Verdict.UNKNOWN
    assert {one.rule.id for one in array.rules if one.state == State.UNCOVERED} >= {"R-02"}


def test_a_facility_that_stands_is_exempt(scene):
    row = {
        "name": "x", "technology": "pv", "component": "pv_array", "status": "built",
        "approved": "", "passed": "R-06", "geometry": scene.spot_box("farmland"),
    }  # fmt: skip
    built = scene.adding("facility", [row])
    answer = ask(built, built.screen(), spot(scene, "farmland"), components=[Component.PV_ARRAY])
    states = {one.rule.id: one for one in answer.components[0].rules}
    assert states["R-06"].state == State.EXEMPT
    assert states["R-06"].area_m2 == pytest.approx(answer.cells_m2)
    assert states["R-09"].state == State.HIT
    assert "豁免" in answer.to_text("zh")
    assert "exempt" in answer.to_text("en")
