"""The examples of docs/user/parameters.md are taken as they are written there."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from atlas.params_file import read_params
from siting.criteria import _NOISE, _ROWS
from siting.law.predicates import Parameters
from siting.law.terms import Technology
from siting.ranking.views import CR_LIMIT, Pairwise, ahp, user_weights
from siting.settings import limits_of
from siting.sites.forced import read_forced
from siting.sites.params import load_params
from siting.wind.turbine import load_turbine

PAGE = Path(__file__).parents[2] / "docs" / "user" / "parameters.md"
KEYS = ["margin_yuan_per_kwh", *(row[0] for row in _ROWS)]
WIND_KEYS = [*KEYS, _NOISE[0]]
PACKAGES = {
    "pv": "siting.pv", "wind": "siting.wind", "connect": "siting.connect",
    "cost": "siting.cost", "rank": "siting.ranking",
}  # fmt: skip


def example(kind: str) -> str:
    found = re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == 1, kind
    return str(found[0])


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "curves").mkdir()
    (tmp_path / "curves" / "own.csv").write_text(example("csv"), encoding="utf-8")
    path = tmp_path / "my.yaml"
    path.write_text(example("yaml"), encoding="utf-8")
    return read_params(path)


def test_values_belong_to_parameters_and_limits(settings):
    limits, rest = limits_of(settings.values)
    assert limits.pv_slope_max_deg == 20 != Parameters().pv_slope_max_deg
    assert {key.partition(".")[0] for key in rest} == {"pv", "cost"}
    for key, value in rest.items():
        group = key.partition(".")[0]
        params = load_params(PACKAGES[group], group).changed({key: value})
        assert params.number(key.partition(".")[2]) == value


def test_weights_name_every_criterion(settings):
    assert set(settings.weights) == {"pv"}
    weights = user_weights(settings.weights["pv"], KEYS)
    assert weights.sum() == pytest.approx(1)
    assert weights[0] == pytest.approx(0.4)


def test_comparisons_name_every_criterion_and_agree(settings):
    given = settings.ahp["wind"]
    judged = ahp(Pairwise(given.criteria, np.array(given.matrix)), WIND_KEYS)
    assert judged.ratio < CR_LIMIT / 2
    assert judged.weights.argmax() == 0


def test_the_table_of_keys_is_whole():
    listed = re.findall(r"^\| `([a-z_]+)` \| \S+ [a-z ]", PAGE.read_text("utf-8"), re.MULTILINE)
    assert listed == WIND_KEYS


def test_the_power_curve_is_a_turbine(settings):
    machine = load_turbine(settings.power_curve)
    assert (machine.rated_mw, machine.rotor_m, machine.hub_m) == (5, 182, 110)


def test_the_named_projects_are_read(tmp_path):
    path = tmp_path / "projects.geojson"
    path.write_text(example("json"), encoding="utf-8")
    frame = read_forced(path, "EPSG:4546")
    assert frame["id"].tolist() == ["P-01", "W-01"]
    assert frame["technology"].tolist() == [Technology.PV.value, Technology.WIND.value]
    assert frame["capacity_mw"].tolist() == [50, 48]
