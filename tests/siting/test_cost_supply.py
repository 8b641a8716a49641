"""Supply curve: order, sums, ties, targets on either side, and sites without energy."""

from __future__ import annotations

import numpy as np
import pytest

from geo.errors import OptionError
from siting.cost.supply import COLUMNS, supply_curve

NAN = float("nan")


def curve(lcoe, mw=None, ids=None, gwh=None, kilowatt=None, dc=1.2):
    lcoe = np.asarray(lcoe, np.float64)
    mw = np.full(lcoe.shape, 100.0) if mw is None else np.asarray(mw, np.float64)
    gwh = mw * 1.1 if gwh is None else np.asarray(gwh, np.float64)
    per_kw = np.full(lcoe.shape, 3000.0) if kilowatt is None else np.asarray(kilowatt, np.float64)
    return supply_curve(mw, mw * dc, gwh, lcoe, per_kw, ids)


def test_cheapest_first_and_summed():
    rng = np.random.default_rng(4)
    lcoe, mw = rng.uniform(0.2, 0.5, 500), rng.uniform(20, 100, 500)
    found = curve(lcoe, mw)
    assert tuple(found.frame) == COLUMNS
    assert (np.diff(found.frame["cost"]) >= 0).all()
    assert sorted(found.frame["row"]) == list(range(500))
    np.testing.assert_array_equal(found.frame["cost"], lcoe[found.frame["row"]])
    assert found.frame["cum_mw_ac"].iloc[-1] == pytest.approx(mw.sum())
    assert found.frame["cum_gwh"].iloc[-1] == pytest.approx(1.1 * mw.sum())
    met = found.at(3200.0)
    running = np.cumsum(mw[np.argsort(lcoe, kind="stable")])
    assert met.place == int(np.argmax(running >= 3200))
    assert met.cost == np.sort(lcoe)[met.place]


def test_equal_costs_stand_in_the_order_of_their_ids():
    assert curve([0.3, 0.3, 0.2], ids=["b", "a", "c"]).frame["row"].tolist() == [2, 1, 0]
    assert curve([0.3, 0.3, 0.2]).frame["row"].tolist() == [2, 0, 1]


def test_target_of_the_plan_on_both_sides():
    found = curve([0.30, 0.28, 0.35])
    ac, dc = found.at(300.0, "ac"), found.at(240.0, "dc")
    assert (ac.reached, ac.place, ac.cost) == (True, 2, 0.35)
    assert (dc.reached, dc.place, dc.cost) == (True, 1, 0.30)
    assert dc.energy_gwh == pytest.approx(220.0)
    assert "交流" in ac.text.zh
    assert "DC" in dc.text.en
    short = found.at(3200.0)
    assert not short.reached
    assert np.isnan(short.cost)
    assert np.isnan(short.energy_gwh)
    assert short.total_mw == pytest.approx(300.0)
    assert "未达到" in short.text.zh


def test_sites_without_a_cost_are_left_out_and_counted():
    found = curve([0.3, NAN, 0.2], gwh=[110, NAN, 110])
    assert (found.by, found.left_out) == ("lcoe", 1)
    assert found.frame["row"].tolist() == [2, 0]


def test_without_energy_by_counted_cost_and_labelled():
    found = curve([NAN] * 3, gwh=[NAN] * 3, kilowatt=[6000, NAN, 5900], dc=NAN)
    assert (found.by, found.left_out) == ("yuan_per_kw", 1)
    assert found.frame["row"].tolist() == [2, 0]
    assert "不是度电成本" in found.label.zh
    met = found.at(150.0)
    assert met.cost == 6000
    assert "元/kW，" not in met.text.zh
    assert met.text.zh.endswith("元/kW")
    with pytest.raises(OptionError, match="DC"):
        found.at(150.0, "dc")


@pytest.mark.parametrize("target", [0.0, -1.0, NAN, float("inf")])
def test_targets_that_are_none(target):
    with pytest.raises(OptionError, match="cure"):
        curve([0.3]).at(target)
