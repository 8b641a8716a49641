"""Criteria and values of the user: what is taken, what stands as given, without a band."""

from __future__ import annotations

import numpy as np
import pytest

from geo.errors import OptionError
from siting.cost import economics as money
from siting.criteria import _threshold, quiet_margin
from siting.law.terms import Technology
from siting.pv import sites as pv
from siting.sites.params import load_params
from siting.wind import sites as wind

NAN = float("nan")


def test_signed_thresholds_take_any_sign_and_zero():
    found = pv.parameters({"pv.margin_worst": -0.3})
    assert found.number("margin_worst") == -0.3
    assert load_params("siting.wind", "wind").changed({"wind.quiet_worst": 0.0}).number(
        "quiet_worst"
    ) == 0.0  # fmt: skip
    for bad in (float("nan"), float("inf")):
        with pytest.raises(OptionError, match="finite number"):
            pv.parameters({"pv.margin_worst": bad})


@pytest.mark.parametrize("key", ["cost.price_base", "connect.kv110_line", "connect.kv35_line"])
def test_a_price_of_zero_is_refused(key):
    group = key.partition(".")[0]
    with pytest.raises(OptionError, match="positive number"):
        load_params(f"siting.{group}", group).changed({key: 0.0})


def test_cure_allows_zero_where_zero_is_allowed():
    with pytest.raises(OptionError, match="0 or more"):
        load_params("siting.cost", "cost").changed({"cost.connection_added": -1.0})


def test_a_threshold_of_the_user_is_sure_inside_the_shipped_range_too():
    assert _threshold(pv.parameters({}), "line_worst") == (30.0, (20.0, 50.0))
    for value in (25.0, 30.0, 60.0):
        assert _threshold(pv.parameters({"pv.line_worst": value}), "line_worst") == (value, None)


def test_tornado_compares_the_same_sites_at_both_ends():
    """A site without a known connection costs nothing known at either end of its band."""
    given = {
        "technology": Technology.PV,
        "capacity_mwp": [120.0, 60.0],
        "capacity_mw": [100.0, 50.0],
        "land_mu": None,
        "cleared_mu": None,
        "params": money.parameters(),
    }
    both = money.economics(energy_gwh=[126.0, 30.0], connection_yuan=[3e7, NAN], **given).tornado
    alone = money.economics(energy_gwh=[126.0, NAN], connection_yuan=[3e7, 1e7], **given).tornado
    assert "connection_added" in set(both["key"])
    for name in ("result_cheap", "result_dear", "base", "swing"):
        np.testing.assert_allclose(both[name], alone[name], rtol=1e-12)


def test_a_site_far_from_every_home_is_the_quietest_not_one_without_data():
    params = wind.parameters({})
    columns = {
        "noise_margin_db": [2.0, NAN, NAN, NAN],
        "nearest_home_m": [800.0, 9000.0, NAN, 9000.0],
        "turbines": [4.0, 10.0, 10.0, NAN],
    }
    found = quiet_margin(columns, params)
    # ten turbines of 108 dB(A) at 5 km: 108 - 20 lg 5000 - 8 - 10 + 10 = 26.0 dB(A), limit 45
    np.testing.assert_allclose(found, [2.0, 45 - 26.0206, NAN, NAN], atol=1e-4)
    assert found[1] > params.number("quiet_best")
    loose = wind.parameters({"wind.noise_class": 2.0})
    np.testing.assert_array_equal(quiet_margin(columns, loose), found)  # the stricter limit
