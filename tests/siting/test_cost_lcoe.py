"""LCOE: the closed form against the published check, a sum over years, and its inverses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import OptionError
from siting.cost.lcoe import (
    Finance,
    Plants,
    annuity,
    breakeven_capex,
    breakeven_hours,
    lcoe,
    present_cost,
)

WIND = Finance(discount=0.065, life=20, fom=0.0123)
PV = Finance(discount=0.065, life=25, fom=0.022)


def plants(hours, capex, once=0.0, yearly=0.0, kilowatt=1000.0):
    hours = np.atleast_1d(np.asarray(hours, np.float64))
    full = np.full(hours.shape, kilowatt)
    return Plants(
        full, np.full(hours.shape, float(capex)), np.full(hours.shape, float(once)),
        np.full(hours.shape, float(yearly)), hours * full,
    )  # fmt: skip


def by_year(plant, finance, site=0):
    """Cost and energy summed year by year: the oracle."""
    capex = plant.capacity_kw[site] * plant.capex[site]
    cost, energy = capex + plant.once_yuan[site], 0.0
    for year in range(1, finance.life + 1):
        worth = (1 + finance.discount) ** -year
        cost += (capex * finance.fom + plant.yearly_yuan[site]) * worth
        sold = plant.energy_kwh[site] * (1 - finance.degradation) ** (year - 1)
        energy += sold * (1 - finance.curtailment) * (1 - finance.tax) * worth
    end = (1 + finance.discount) ** -finance.life
    cost += (plant.capacity_kw[site] * finance.decommissioning - capex * finance.residual) * end
    return cost, energy


@pytest.mark.parametrize(
    ("finance", "capex", "hours", "expected"),
    [
        (WIND, 5850, 1745, 0.345),
        (WIND, 5850, 2000, 0.301),
        (WIND, 5850, 2280, 0.264),
        (PV, 3000, 1000, 0.312),
        (PV, 3000, 1050, 0.297),
        (PV, 3000, 1100, 0.284),
        (PV, 3500, 1050, 0.347),
    ],
)
def test_published_check(finance, capex, hours, expected):
    assert lcoe(plants(hours, capex), finance)[0] == pytest.approx(expected, abs=5.1e-4)


@pytest.mark.parametrize(("price", "expected"), [(0.28, 2827), (0.4161, 4202)])
def test_published_breakeven_capex(price, expected):
    found = breakeven_capex(plants(1050, 3000), PV, price)[0]
    assert found == pytest.approx(expected, abs=1.0)


FINANCES = st.builds(
    Finance,
    discount=st.floats(0, 0.2),
    life=st.integers(1, 40),
    fom=st.floats(0, 0.1),
    degradation=st.floats(0, 0.05),
    curtailment=st.floats(0, 0.5),
    tax=st.floats(0, 0.5),
    residual=st.floats(0, 0.3),
    decommissioning=st.floats(0, 500),
)


@settings(max_examples=200, deadline=None)
@given(FINANCES, st.floats(300, 4000), st.floats(1000, 9000), st.floats(0, 1e6), st.floats(0, 1e5))
def test_equals_the_sum_over_years(finance, hours, capex, once, yearly):
    plant = plants(hours, capex, once, yearly)
    cost, energy = by_year(plant, finance)
    assert present_cost(plant, finance)[0] == pytest.approx(cost, rel=1e-9)
    assert lcoe(plant, finance)[0] == pytest.approx(cost / energy, rel=1e-9)


@settings(max_examples=100, deadline=None)
@given(FINANCES, st.floats(300, 4000), st.floats(1000, 9000), st.floats(0.1, 0.6))
def test_inverses(finance, hours, capex, price):
    plant = plants(hours, capex, 2e5, 1e4)
    free = float(breakeven_capex(plant, finance, price)[0])
    if free > 1:
        assert lcoe(plants(hours, free, 2e5, 1e4), finance)[0] == pytest.approx(price, rel=1e-9)
    enough = float(breakeven_hours(plant, finance, price)[0])
    assert lcoe(plants(enough, capex, 2e5, 1e4), finance)[0] == pytest.approx(price, rel=1e-9)


def test_annuity_where_nothing_is_discounted():
    assert annuity(0.0, 25) == 25
    assert annuity(0.05, 25, 1.05) == pytest.approx(25 / 1.05)
    assert 1 / annuity(0.065, 20) == pytest.approx(0.09076, abs=1e-5)  # capital recovery factor


def test_unknown_energy_stays_unknown_and_hours_do_not_need_it():
    plant = plants([np.nan, 2000], 5850)
    assert np.isnan(lcoe(plant, WIND)).tolist() == [True, False]
    assert np.isnan(breakeven_capex(plant, WIND, 0.3)).tolist() == [True, False]
    hours = breakeven_hours(plant, WIND, 0.3)
    assert hours[0] == hours[1] == pytest.approx(2000 * lcoe(plant, WIND)[1] / 0.3)


def test_a_plant_that_other_costs_sink_has_no_breakeven_capex():
    assert breakeven_capex(plants(1000, 3000, once=1e7), PV, 0.28)[0] < 0


@pytest.mark.parametrize("price", [0.0, -0.1, float("nan"), float("inf")])
def test_prices_that_are_none(price):
    with pytest.raises(OptionError, match="cure"):
        breakeven_hours(plants(1000, 3000), PV, price)
    with pytest.raises(OptionError, match="cure"):
        breakeven_capex(plants(1000, 3000), PV, price)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"hours": 0}, "energy"),
        ({"hours": -5}, "energy"),
        ({"capex": -3000}, "capex"),
        ({"capex": 0}, "capex"),
        ({"once": -1}, "once"),
        ({"yearly": -1}, "yearly"),
        ({"kilowatt": 0}, "capacity"),
        ({"kilowatt": float("nan")}, "capacity"),
    ],
)
def test_impossible_sites_are_refused(change, named):
    given = {"hours": 1000, "capex": 3000} | change
    with pytest.raises(OptionError, match=rf"{named}\[0\].*cure"):
        plants(**given)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"discount": 6.5}, "discount"),
        ({"discount": -0.01}, "discount"),
        ({"fom": 2.2}, "fom"),
        ({"degradation": 0.55}, "degradation"),
        ({"degradation": float("nan")}, "degradation"),
        ({"life": 0}, "life"),
        ({"life": 200}, "life"),
        ({"tax": 1.0}, "tax"),
        ({"decommissioning": -1.0}, "decommissioning"),
    ],
)
def test_impossible_assumptions_are_refused(change, named):
    given = {"discount": 0.065, "life": 20, "fom": 0.0123} | change
    with pytest.raises(OptionError, match=rf"cost\.{named}.*cure"):
        Finance(**given)
