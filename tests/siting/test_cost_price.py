"""Price: the triangle against scipy, its limits, and the case that is no new site's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from geo.errors import OptionError
from siting.cost.economics import parameters
from siting.cost.price import Price, existing_case, price_of


@given(st.floats(0.05, 0.5), st.floats(0.0, 1.0), st.floats(0.01, 0.5))
def test_triangle_equals_scipy(low, turn, width):
    high = low + width
    mode = min(low + turn * width, high)
    price = Price(low, mode, high)
    oracle = stats.triang(min((mode - low) / width, 1.0), low, width)
    x = np.linspace(low - 0.05, high + 0.05, 101)
    np.testing.assert_allclose(price.covers(x), oracle.sf(x), atol=1e-9)
    p = np.linspace(0, 1, 21)
    np.testing.assert_allclose(price.quantile(p), oracle.ppf(p), rtol=1e-9)
    assert price.mean == pytest.approx(oracle.mean())


def test_shipped_price_is_that_of_new_sites():
    price = price_of(parameters())
    assert (price.low, price.mode, price.high) == (0.28, 0.30, 0.375)
    assert price.covers([0.27, 0.28, 0.3, 0.375, 0.4161]).tolist() == pytest.approx(
        [1.0, 1.0, 0.075 / 0.095, 0.0, 0.0]
    )
    assert "0.4161" not in price.text.zh + price.text.en


def test_one_price_is_a_step():
    price = Price(0.3, 0.3, 0.3)
    assert price.covers([0.29, 0.3, 0.31]).tolist() == [1.0, 1.0, 0.0]
    assert price.quantile([0.1, 0.9]).tolist() == [0.3, 0.3]


def test_unknown_cost_stays_unknown():
    assert np.isnan(Price(0.28, 0.3, 0.375).covers(np.nan))


def test_mechanism_price_is_an_existing_plants():
    case = existing_case(parameters())
    assert case.price == pytest.approx(0.125 * 0.4161 + 0.875 * 0.30)
    assert "不适用于新建" in case.text.zh
    assert "not for new sites" in case.text.en


@pytest.mark.parametrize("low", [0.0, -0.1, float("nan")])
def test_prices_of_zero_are_refused(low):
    with pytest.raises(OptionError, match="cure"):
        Price(low, 0.3, 0.375)


@pytest.mark.parametrize("key", ["price_base", "price_low", "price_high"])
def test_a_price_of_zero_from_the_user_is_refused(key):
    with pytest.raises(OptionError, match=f"cost.{key}"):
        parameters({f"cost.{key}": 0.0})


def test_the_benchmark_price_does_not_slip_in_as_a_new_sites():
    with pytest.raises(OptionError, match="price_high"):
        price_of(parameters({"cost.price_base": 0.4161}))
