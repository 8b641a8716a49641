"""Units of the trade: identities, round trips, golden figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import units

AMOUNTS = st.floats(min_value=0, max_value=1e12, allow_nan=False)
PAIRS = [
    (units.m2_to_mu, units.mu_to_m2),
    (units.wan_mu_to_km2, units.km2_to_wan_mu),
    (units.ha_to_mu, units.mu_to_ha),
    (units.m3_ha_to_m3_mu, units.m3_mu_to_m3_ha),
    (units.mw_to_wan_kw, units.wan_kw_to_mw),
]


def test_one_hectare_is_fifteen_mu():
    assert units.m2_to_mu(10_000.0) == pytest.approx(15.0, rel=1e-15)
    assert units.ha_to_mu(1.0) == 15.0
    assert units.km2_to_wan_mu(1.0) == pytest.approx(0.15)
    assert units.m2_to_wan_mu(1e6) == pytest.approx(0.15)


def test_the_stock_target_of_the_city():
    # 4.5 m³/亩 = 67.5 m³/ha
    assert units.m3_mu_to_m3_ha(4.5) == 67.5


def test_the_pv_target_in_wan_kw():
    assert units.wan_kw_to_mw(320.0) == 3200.0
    assert units.gwh_to_yi_kwh(100.0) == 1.0


def test_carbon_dioxide_weighs_44_over_12():
    assert units.tc_to_tco2(12.0) == pytest.approx(44.0)


@pytest.mark.parametrize(("there", "back"), PAIRS, ids=lambda f: f.__name__)
@given(amount=AMOUNTS)
def test_round_trip(there, back, amount):
    assert back(there(amount)) == pytest.approx(amount, rel=1e-14)


@pytest.mark.parametrize(("there", "back"), PAIRS, ids=lambda f: f.__name__)
def test_arrays_go_through(there, back):
    amounts = np.array([0.0, 1.0, 2.5e6])
    np.testing.assert_allclose(back(there(amounts)), amounts, rtol=1e-14)


def test_a_watt_hour_is_3600_joule():
    assert pytest.approx(1e9 * 3600) == units.JOULE_PER_GWH
