"""LCOS: closed form, charging energy, the columns of a net consumer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import OptionError
from siting.pumped.money.cost import parameters
from siting.pumped.money.lcos import (
    LCOS_KEYS,
    NOT_COUNTED,
    capital_recovery,
    storage_lcos,
    swings,
)

PARAMS = parameters()


def changed(**values):
    return parameters({f"storage_cost.{key}": value for key, value in values.items()})


def test_closed_form():
    """Discounted costs over discounted energy, year by year."""
    found = storage_lcos(7240.0, 500.0, changed(charge_price=0.3, full_load_h=1113.0))
    factor = sum(1.065**-t for t in range(1, 41))
    costs = 7240.0 * (1.0 + 0.015 * factor) + 1113.0 * 0.3 / 0.75 * factor
    assert found.value == pytest.approx(costs / (1113.0 * factor), rel=1e-12)
    assert found.value == pytest.approx(sum(found.parts.values()))


def test_storage_is_a_net_consumer():
    found = storage_lcos([7240.0, 5000.0], [500.0, 1200.0], PARAMS)
    assert found.discharge_gwh_a == pytest.approx([556.5, 1335.6])
    assert found.pumping_gwh_a == pytest.approx(found.discharge_gwh_a / found.round_trip)
    assert (found.pumping_gwh_a > found.discharge_gwh_a).all()
    assert not hasattr(found, "energy_gwh")
    assert not any("co2" in name.lower() for name in found.__slots__)
    assert found.missing == NOT_COUNTED
    assert f"{found.price:g}" in found.text.zh


def test_published_round_trips_and_hours_lie_in_the_bands():
    cycle, hours = PARAMS["round_trip"], PARAMS["full_load_h"]
    # 平坦原, 黄羊, 黑麋峰, 太子河: discharge and pumping of a year
    for discharge, pumping in ((14.7, 19.6), (16.0, 21.33), (16.06, 21.41), (36.14, 48.18)):
        assert cycle.value == pytest.approx(discharge / pumping, abs=0.0005)
    assert cycle.low == 0.739
    assert hours.value == 1113
    for gwh, mw in ((280.0, 298.0), (350.0, 300.0), (1300.0, 1200.0), (1470.0, 1400.0)):
        assert hours.low - 0.5 <= 1e3 * gwh / mw <= hours.high + 0.5


@settings(max_examples=60, deadline=None)
@given(st.floats(3000.0, 12000.0), st.floats(0.05, 0.6), st.floats(1.01, 3.0), st.floats(0.5, 0.9))
def test_dearer_charging_and_capital_raise_it(capital, price, factor, cycle):
    base = float(storage_lcos(capital, 300.0, changed(charge_price=price, round_trip=cycle)).value)
    dear = storage_lcos(capital, 300.0, changed(charge_price=price * factor, round_trip=cycle))
    assert dear.value > base
    assert dear.value - base == pytest.approx(price * (factor - 1) / cycle)
    assert storage_lcos(capital * factor, 300.0, changed(charge_price=price)).value > (
        storage_lcos(capital, 300.0, changed(charge_price=price)).value
    )
    assert storage_lcos(capital, 300.0, changed(charge_price=price, round_trip=0.95)).value < base


def test_unknown_cost_stays_unknown():
    found = storage_lcos([np.nan, 7000.0], [300.0, np.nan], PARAMS)
    assert np.isnan(found.value[0])
    assert np.isfinite(found.value[1])
    assert np.isnan(found.pumping_gwh_a[1])


def test_capital_recovery():
    assert capital_recovery(0.0, 25) == pytest.approx(0.04)
    assert capital_recovery(0.065, 1) == pytest.approx(1.065)
    assert capital_recovery(1e-12, 25) == pytest.approx(0.04, rel=1e-6)
    for rate, years in ((-0.01, 20), (0.05, 0.5), (1.0, 20)):
        with pytest.raises(OptionError):
            capital_recovery(rate, years)


def test_hours_must_leave_time_to_pump():
    with pytest.raises(OptionError, match="8,760"):
        storage_lcos(7000.0, 300.0, changed(full_load_h=4000.0))
    with pytest.raises(OptionError):
        storage_lcos(7000.0, 300.0, changed(round_trip=1.2))


def test_swings_are_the_same_calculation_with_one_number_replaced():
    found = swings(7240.0, PARAMS)
    assert {one.key for one in found} == set(LCOS_KEYS)
    widths = [abs(one.at_high - one.at_low) for one in found]
    assert widths == sorted(widths, reverse=True)
    by_key = {one.key: one for one in found}
    price = by_key["charge_price"]
    assert price.at_high - price.at_low == pytest.approx((0.375 - 0.28) / 0.75)
    base = float(storage_lcos(7240.0, 500.0, PARAMS).value)
    for one in found:
        assert min(one.at_low, one.at_high) <= base <= max(one.at_low, one.at_high)
    assert "life" not in {one.key for one in swings(7240.0, changed(life=40.0))}
