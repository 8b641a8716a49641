"""Why, or why not, a storage plant here: what the lines and the JSON say of the search."""

from __future__ import annotations

import math
from datetime import date

from click.testing import CliRunner

from atlas.answers_pumped import as_dict, as_lines
from atlas.cli import cli
from atlas.options import Options
from geo.errors import Say
from siting.pumped.prepared import NO_GROUND
from siting.pumped.works.why_not import Step, StepTaken, WhyNot


def small() -> WhyNot:
    text = Say("水石比 1.8，小于 3", "its ratio is 1.8, below 3")
    steps = (
        StepTaken(Step.GULLY, passed=True, text=Say("最近的冲沟在 20 m 处", "a gully 20 m away")),
        StepTaken(Step.CATCHMENT, passed=True, text=Say("集水面积", "catchment")),
        StepTaken(Step.HEIGHT, passed=False, text=text),
    )
    return WhyNot(0.0, 0.0, steps, text, 20.0, 1.8, 3.0, -1, -1, -1, -1)


def test_the_failing_rule_comes_first_with_its_number() -> None:
    lines = as_lines(small(), "zh", synthetic=True)
    assert lines[0] == "演示，无法律意义：水石比 1.8，小于 3"
    assert "20 m" in lines[1]
    assert [line[0] for line in lines[2:5]] == ["✓", "✓", "✗"]
    assert lines[3] == "✓ 集水面积"
    assert "24 km" in lines[-1]
    assert not as_lines(small(), "en", synthetic=False)[0].startswith("demo")


def test_the_json_holds_value_and_limit() -> None:
    data = as_dict(small(), "en", synthetic=True)
    assert (data["step"], data["value"], data["limit"]) == ("height", 1.8, 3.0)
    assert data["synthetic"]
    assert not data["chosen"]
    assert [one["passed"] for one in data["steps"]] == [True, True, False]


def test_unknown_numbers_are_null_and_no_ground_is_said() -> None:
    one = small()
    bare = WhyNot(0.0, 0.0, one.steps, one.text, math.nan, math.nan, math.nan, -1, -1, -1, -1)
    data = as_dict(bare, "zh", synthetic=False)
    assert data["value"] is None
    assert data["distance_m"] is None
    assert "高程" in as_lines(NO_GROUND, "zh", synthetic=False)[0]
    assert "absent" in as_dict(NO_GROUND, "en", synthetic=False)


def test_rules_are_a_parameter_of_the_run_only_when_asked() -> None:
    day = date(2026, 11, 22)
    assert "rules" not in Options(day).parameters()
    assert Options(day, rules="anu").parameters()["rules"] == "anu"


def test_siting_refuses_unknown_rules() -> None:
    got = CliRunner().invoke(cli, ["siting", "pumped", "--rules", "nrel"])
    assert got.exit_code == 2
    assert "anu" in got.output
