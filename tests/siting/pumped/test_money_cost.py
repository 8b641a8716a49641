"""Storage cost: closed forms, missing parts, bands, any shape equals one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import OptionError
from siting.pumped.money.anchors import ANCHOR_KEYS, priors_of
from siting.pumped.money.calibrate import fitted_scale
from siting.pumped.money.classes import CLASSES, UNKNOWN, class_of
from siting.pumped.money.cost import parameters, storage_cost
from siting.pumped.money.formula import COST_KEYS, bore_m3, cost_of, values_of
from siting.pumped.money.model import DAM_TYPES, PARTS, Design

NAN = float("nan")
PARAMS = parameters()
VALUES = values_of(PARAMS)
BASE = {
    "power_mw": 600.0,
    "hours": 6.0,
    "energy_gwh": 3.6,
    "head_m": 300.0,
    "length_m": 1600.0,
    "tunnel_m": 8.0,
    "flow_m3s": 226.5,
    "upper_dam_m3": 7.0e5,
    "lower_dam_m3": 3.0e5,
    "new_lake_m2": 4.0e5,
    "road_km": NAN,
    "line_km": NAN,
}


def design(dam_type="cfrd", **changes):
    return Design(**{**BASE, **changes}, dam_type=dam_type)


def cost(one, params=PARAMS):
    return storage_cost(one, params, bands=False)


def test_closed_form_part_by_part():
    scale, kw = VALUES["scale"], 600.0e3
    parts = cost(design()).parts
    slope = np.sqrt(1600.0**2 + 300.0**2)
    assert parts["dams"] == pytest.approx(scale * 120.0 * 1.0e6 / kw)
    assert parts["basin"] == pytest.approx(scale * 150.0 * 4.0e5 / kw)
    assert parts["waterway"] == pytest.approx(scale * 2500.0 * np.pi * 16.0 * slope / kw)
    factor = (600.0 / 1200.0) ** -0.125 * (300.0 / 400.0) ** -0.25
    assert parts["plant"] == pytest.approx(scale * 2200.0 * factor)
    direct = sum(parts[key] for key in ("dams", "basin", "waterway", "plant"))
    assert parts["indirect"] == pytest.approx(0.45 * direct)
    assert cost(design()).total == pytest.approx(1.45 * direct)
    assert tuple(parts) == tuple(PARTS)


def test_total_is_the_sum_of_the_counted_parts():
    params = parameters(
        {"storage_cost.road": 500.0, "storage_cost.line": 400.0, "storage_cost.land": 90.0}
    )
    found = cost(design(road_km=4.0, line_km=30.0), params)
    assert found.total == pytest.approx(sum(found.parts.values()))
    scale = params.number("scale")
    assert found.parts["line"] == pytest.approx(scale * 400.0e4 * 30.0 / 600.0e3)
    assert found.parts["road"] == pytest.approx(scale * 500.0e4 * 4.0 / 600.0e3)
    assert found.parts["land"] == pytest.approx(scale * 90.0 * 4.0e5 / 600.0e3)
    assert found.missing == ()


def test_parts_without_a_price_are_not_counted_and_are_named():
    """No sourced price for a 500 kV line, a road, land: 未计, whatever their length."""
    near, far = (cost(design(road_km=km, line_km=km)) for km in (1.0, 80.0))
    assert near.total == far.total
    for key in ("road", "line", "land"):
        assert np.isnan(far.parts[key])
    lines = [say.zh for say in far.missing]
    assert len(lines) == 3
    assert all("未计" in line for line in lines)
    assert any("500 kV" in line and "220 kV" in line for line in lines)


def test_unknown_quantity_is_listed_and_a_needed_one_leaves_no_total():
    partly = cost(design(new_lake_m2=[4.0e5, NAN]))
    assert partly.total[1] == pytest.approx(partly.total[0] - 1.45 * partly.parts["basin"][0])
    assert any("1/2" in say.zh for say in partly.missing)
    for name in ("power_mw", "head_m", "length_m", "tunnel_m", "flow_m3s", "upper_dam_m3"):
        found = storage_cost(design(**{name: NAN}), PARAMS)
        assert np.isnan(found.total), name
        assert np.isnan(found.low), name
        assert np.isnan(found.high), name
        assert found.cost_class == UNKNOWN
    # what the cost does not use may be unknown
    unused = design(hours=NAN, energy_gwh=NAN)
    assert cost(unused).total == cost(design()).total


def test_an_existing_lake_costs_no_dam():
    both = cost(design(upper_dam_m3=0.0, lower_dam_m3=0.0, new_lake_m2=0.0))
    assert both.parts["dams"] == 0.0
    assert both.parts["basin"] == 0.0
    assert both.total < cost(design()).total


def test_beyond_the_reference_power_a_kilowatt_gets_no_cheaper():
    per_kw = [
        float(cost(design(power_mw=mw)).parts["plant"]) for mw in (300.0, 1200.0, 1800.0, 3600.0)
    ]
    assert per_kw[0] == pytest.approx(per_kw[1] * 0.25**-0.125)
    assert per_kw[1] == per_kw[2] == per_kw[3]


def test_type_of_dam_sets_the_price():
    by_type = {key: float(cost(design(dam_type=key)).parts["dams"]) for key in DAM_TYPES}
    assert by_type["rcc"] / by_type["cfrd"] == pytest.approx(450.0 / 120.0)
    assert by_type["earth"] / by_type["cfrd"] == pytest.approx(60.0 / 120.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"power_mw": 0.0},
        {"head_m": -1.0},
        {"upper_dam_m3": -1.0},
        {"length_m": np.inf},
        {"tunnel_m": 0.0},
        {"dam_type": "arch"},
        {"head_m": [1.0, 2.0], "length_m": [1.0, 2.0, 3.0]},
    ],
)
def test_bad_designs_are_refused(changes):
    with pytest.raises(OptionError):
        design(**changes)


def test_bad_prices_are_refused():
    with pytest.raises(OptionError):
        parameters({"storage_cost.bore": -1.0})
    with pytest.raises(OptionError):
        parameters({"storage_cost.bores": 1.0})


positive = st.floats(0.1, 10.0)


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(("length_m", "tunnel_m", "upper_dam_m3", "lower_dam_m3", "new_lake_m2")),
    factor=st.floats(1.01, 10.0),
    power=positive,
    head=positive,
)
def test_more_of_anything_costs_more(name, factor, power, head):
    base = {"power_mw": 600.0 * power, "head_m": 300.0 * head}
    more = {**base, name: BASE[name] * factor}
    assert cost(design(**more)).total > cost(design(**base)).total


@settings(max_examples=60, deadline=None)
@given(key=st.sampled_from(COST_KEYS), factor=st.floats(1.01, 3.0))
def test_dearer_prices_cost_more(key, factor):
    if VALUES[key] is None or key.startswith("plant_") or key in ("dam_rcc", "dam_earth"):
        return
    dear = cost_of(design(), {**VALUES, key: VALUES[key] * factor})
    assert dear > cost_of(design(), VALUES)


@settings(max_examples=40, deadline=None)
@given(st.floats(20.0, 3000.0), st.floats(1.01, 5.0), st.floats(50.0, 900.0))
def test_larger_and_higher_plants_are_cheaper_per_kw(power, factor, head):
    # the power house alone: more head also lengthens the shaft
    small, large = (
        cost(design(power_mw=p, head_m=head)).parts["plant"] for p in (power, power * factor)
    )
    assert large <= small
    low, high = (cost(design(head_m=h)).parts["plant"] for h in (head, head * factor))
    assert high < low


def test_any_shape_equals_one_by_one():
    rng = np.random.default_rng(5)
    shape = (7, 4)
    changes = {
        name: value * rng.uniform(0.3, 3.0, shape)
        for name, value in BASE.items()
        if not np.isnan(value)
    }
    changes["upper_dam_m3"][2, 1] = NAN
    whole = storage_cost(design(**changes), PARAMS)
    assert whole.total.shape == shape
    for at in np.ndindex(shape):
        one = storage_cost(design(**{k: v[at] for k, v in changes.items()}), PARAMS)
        for name in ("total", "low", "high"):
            np.testing.assert_allclose(getattr(whole, name)[at], getattr(one, name), rtol=1e-12)
        assert whole.cost_class[at] == one.cost_class
        for key in PARTS:
            np.testing.assert_allclose(whole.parts[key][at], one.parts[key], rtol=1e-12)


def test_broadcast_and_empty_shapes():
    rows = storage_cost(
        design(head_m=np.array([[200.0], [400.0]]), power_mw=[300.0, 600.0]), PARAMS
    )
    assert rows.total.shape == (2, 2)
    assert rows.parts["dams"].shape == (2, 2)
    none = storage_cost(design(power_mw=np.empty(0)), PARAMS)
    assert none.total.shape == none.low.shape == none.cost_class.shape == (0,)


def test_bands_hold_the_total_and_a_price_of_the_user_has_none():
    found = storage_cost(design(), PARAMS)
    assert found.low < found.total < found.high
    given_ = parameters({f"storage_cost.{key}": PARAMS.number(key) for key in COST_KEYS
                         if PARAMS[key].value is not None})  # fmt: skip
    fixed = storage_cost(design(), given_)
    assert fixed.low == fixed.total == fixed.high
    one = storage_cost(design(), parameters({"storage_cost.bore": PARAMS.number("bore")}))
    assert one.high - one.low < found.high - found.low


def test_bore_is_a_cylinder_along_the_slope():
    one = design(length_m=400.0, head_m=300.0, tunnel_m=2.0, flow_m3s=5.0 * np.pi)
    assert bore_m3(one, VALUES) == pytest.approx(500.0 * np.pi)
    slow = design(length_m=400.0, head_m=300.0, tunnel_m=2.0, flow_m3s=1.0)
    assert bore_m3(slow, VALUES) == pytest.approx(500.0 * np.pi)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("velocity", [4.5, 5.0, 5.5])
def test_tunnels_are_counted_from_flow_and_diameter(count, velocity):
    """The same flow in one wide or several narrow tunnels has the same clear volume."""
    flow = 340.0
    each = np.sqrt(4.0 * flow / (count * np.pi * velocity))
    one = design(tunnel_m=each, flow_m3s=flow)
    assert bore_m3(one, VALUES) == pytest.approx(flow / velocity * np.hypot(1600.0, 300.0))


@pytest.mark.parametrize("count", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("velocity", [4.0, 6.0])
def test_tunnels_that_are_known_are_not_counted_again(count, velocity):
    """A waterway sized for another velocity than the price list's keeps its tunnels."""
    each = np.sqrt(4.0 * 340.0 / (count * np.pi * velocity))
    one = design(tunnel_m=each, flow_m3s=340.0, tunnels=count)
    assert bore_m3(one, VALUES) == pytest.approx(340.0 / velocity * np.hypot(1600.0, 300.0))


def test_classes_follow_their_limits():
    values = [4999.9, 5000.0, 5999.9, 6000.0, 7000.0, 9399.0, 9400.0, 1e6, NAN]
    letters = [CLASSES[k].letter for k in class_of(values)]
    assert letters == ["A", "B", "B", "C", "D", "D", "E", "E", "-"]
    assert class_of([]).dtype == np.uint8
    assert cost(design()).worst == [one.letter for one in CLASSES].index("E")


def test_every_price_without_a_source_is_a_prior_with_a_band():
    for key, one in PARAMS.items():
        if one.value is None:
            assert one.status == "missing", key
        elif one.source == "prior":
            assert one.status in ("prior", "derived"), key
            assert (one.low is not None and one.high is not None) or key == "plant_head_m", key
        if one.low is not None and one.high is not None:
            assert one.low <= one.value <= one.high, key


def test_band_equals_the_whole_formula_at_both_ends_of_each_parameter():
    priors = priors_of(PARAMS)
    one, down, up = design(power_mw=[300.0, 1800.0]), 0.0, 0.0
    total = cost_of(one, VALUES)
    for key in (*COST_KEYS, *ANCHOR_KEYS):
        row = PARAMS[key]
        if row.low is None or key in ("dam_rcc", "dam_earth"):
            continue
        moves = []
        for end in (row.low, row.high):
            prices = {**VALUES, key: end} if key in VALUES else dict(VALUES)
            assumed = {**priors, key: end} if key in priors else priors
            if key != "scale":
                fit = fitted_scale(prices, assumed) / fitted_scale(VALUES, priors)
                prices["scale"] = VALUES["scale"] * fit
            moves.append(cost_of(one, prices) - total)
        down = down + np.minimum(0.0, np.min(moves, axis=0)) ** 2
        up = up + np.maximum(0.0, np.max(moves, axis=0)) ** 2
    found = storage_cost(one, PARAMS)
    np.testing.assert_allclose(found.low, total - np.sqrt(down), rtol=1e-12)
    np.testing.assert_allclose(found.high, total + np.sqrt(up), rtol=1e-12)
