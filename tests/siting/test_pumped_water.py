"""First fill and its source, inflow, evaporation net of rain; unknown stays unknown."""

from __future__ import annotations

import numpy as np
import pytest

from geo.sourced import missing
from layers.facts import load_facts
from siting.pumped import water
from siting.pumped.lakes.existing import parameters

PARAMS = parameters({})
NAN = float("nan")


@pytest.fixture(scope="module")
def climate():
    facts = load_facts("shiyan")
    return water.climate_of(PARAMS, facts.controls, facts.factors)


def balance(climate, params=PARAMS, **changes):
    case = {
        "upper_catchment_m2": 0.54e6, "lower_catchment_m2": 0.0, "upper_volume_m3": 12e6,
        "lower_volume_m3": NAN, "moved_m3": 10e6, "upper_area_m2": 0.5e6, "lower_area_m2": 20e6,
        "power_mw": 1200.0, "head_m": 461.0, "flow_m3s": 300.0,
    } | changes  # fmt: skip
    return water.water_balance(**case, params=params, climate=climate)


def test_runoff_is_derived_from_what_is_published(climate):
    assert climate.runoff.value == pytest.approx(60e8 / 11_140e6 * 1e3, abs=0.05)
    assert climate.runoff.low == pytest.approx(85.38e8 / 23_680e6 * 1e3, abs=0.05)
    assert climate.runoff.status == "derived"
    assert climate.runoff.source.split(";")[0] == "PH1"
    assert climate.rain.value == 889.0
    assert climate.evaporation.missing


def test_fangxian_must_pump(climate):
    one = balance(climate)
    row = one.frame.iloc[0]
    assert one.source.tolist() == [water.PUMPED]
    assert row["fill_source"] == "由下库抽水"
    assert row["inflow_mm3_a"] == pytest.approx(0.54 * 0.5386)
    rate = 1200e6 * 0.9 / (1000 * 9.81 * 461)
    assert row["fill_days"] == pytest.approx(12e6 / rate / 86_400)  # dead 2 + moved 10
    assert np.isnan(row["evaporation_mm3_a"])
    assert one.missing == (water.NO_EVAPORATION,)


def test_a_large_catchment_fills_the_lake_by_itself(climate):
    one = balance(climate, upper_catchment_m2=40e6)
    assert one.source.tolist() == [water.INFLOW]
    days = one.frame["fill_days"].iloc[0]
    assert days == pytest.approx(12e6 / (40e6 * 0.5386) * 365.25)
    assert days <= 365.25


def test_two_new_lakes_need_both_dead_volumes_and_one_cycle(climate):
    one = balance(climate, lower_volume_m3=15e6, lower_catchment_m2=50e6)
    assert one.source.tolist() == [water.INFLOW]
    assert one.frame["fill_days"].iloc[0] == pytest.approx(
        (2e6 + 5e6 + 10e6) / (50e6 * 0.5386) * 365.25
    )
    short = balance(climate, lower_volume_m3=15e6, lower_catchment_m2=1e6)
    assert short.source.tolist() == [water.SHORT]


def test_new_lower_lake_below_a_standing_one_and_two_standing(climate):
    below = balance(climate, upper_volume_m3=NAN, lower_volume_m3=12e6)
    assert below.source.tolist() == [water.RELEASED]
    assert below.frame["fill_days"].iloc[0] == pytest.approx(12e6 / 300.0 / 86_400)
    both = balance(climate, upper_volume_m3=NAN)
    assert both.source.tolist() == [water.NONE]
    assert both.frame["fill_days"].iloc[0] == 0.0
    assert both.frame["inflow_mm3_a"].iloc[0] == 0.0


def test_without_a_source_of_runoff_nothing_is_counted():
    bare = water.climate_of(PARAMS, {}, {})
    assert bare.runoff == missing("mm/a")
    pumped = balance(bare)
    assert pumped.source.tolist() == [water.PUMPED]
    assert np.isnan(pumped.frame["inflow_mm3_a"].iloc[0])
    assert water.NO_RUNOFF in pumped.missing
    new = balance(bare, lower_volume_m3=15e6, lower_catchment_m2=50e6)
    assert new.source.tolist() == [water.UNKNOWN]
    assert np.isnan(new.frame["fill_days"].iloc[0])


def test_the_users_figures_come_first(climate):
    own = parameters({"lake.evaporation_mm": 1000.0, "lake.runoff_mm": 400.0})
    facts = load_facts("shiyan")
    mine = water.climate_of(own, facts.controls, facts.factors)
    one = balance(mine, own)
    assert one.missing == ()
    assert one.frame["evaporation_mm3_a"].iloc[0] == pytest.approx(0.5 * (1.0 - 0.889))
    assert one.frame["inflow_mm3_a"].iloc[0] == pytest.approx(0.54 * 0.4)


def test_rows_do_not_touch_each_other(climate):
    many = balance(
        climate,
        upper_catchment_m2=np.array([0.54e6, 40e6]),
        upper_volume_m3=np.array([12e6, 12e6]),
    )
    alone = [balance(climate), balance(climate, upper_catchment_m2=40e6)]
    assert many.source.tolist() == [int(one.source[0]) for one in alone]
    assert many.frame["fill_days"].tolist() == [one.frame["fill_days"].iloc[0] for one in alone]
