"""Energy integral and waterway: closed forms, published figures, properties, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import OptionError
from siting.pumped.pairs import integral, waterway
from siting.pumped.pairs._kernels import curve as kernel
from siting.pumped.pairs._kernels import water
from siting.pumped.pairs.integral import Curve, energy_gwh, volume_for_m3
from siting.pumped.pairs.options import parameters

RATE = 1000 * 9.81 / 3.6e12


def linear(low, high, volume):
    return Curve(np.array([low, high], float), np.array([0.0, volume]))


def bowl(foot, depth, factor, power, n=60):
    h = np.linspace(0, depth, n)
    return Curve(foot + h, factor * h**power)


def full(upper, lower, water_m3, eta=0.9, **more):
    return energy_gwh(upper, lower, water_m3, eta, upper_top_m3=upper.full_m3,
                      lower_bottom_m3=0.0, **more)  # fmt: skip


def test_linear_curves_equal_the_closed_form():
    upper, lower = linear(480, 520, 8e6), linear(200, 230, 9e6)
    for moved in (1.0, 1e5, 4e6, 8e6):
        high = 520 - 40 * moved / 8e6 / 2
        low = 200 + 30 * moved / 9e6 / 2
        want = RATE * 0.9 * moved * ((high - low) * 0.98 - 3.0)
        got = full(upper, lower, moved, loss_m=3.0, loss_share=0.02)
        assert got == pytest.approx(want, rel=1e-9)


def test_the_mean_head_times_volume_is_another_number():
    upper, lower = bowl(500, 60, 800.0, 2.4), bowl(100, 60, 800.0, 2.4)
    moved = upper.full_m3 * 0.85
    integral_ = full(upper, lower, moved)
    dead = upper.level(upper.full_m3 - moved)
    mean = (upper.level_m[-1] + dead) / 2 - (100 + lower.level(moved)) / 2
    assert integral_ != pytest.approx(RATE * 0.9 * moved * mean, rel=1e-3)
    x = (np.arange(200_000) + 0.5) / 200_000 * moved
    high = np.interp(upper.full_m3 - x, upper.volume_m3, upper.level_m)
    by_sum = (high - np.interp(x, lower.volume_m3, lower.level_m)).mean() * moved
    assert integral_ == pytest.approx(RATE * 0.9 * by_sum, rel=1e-6)


@pytest.mark.parametrize(
    ("level", "eta", "want"),
    [(246.971, 0.88, 3.12), (246.971, 0.92, 3.26), (225.971, 0.88, 3.38), (225.971, 0.92, 3.53)],
)
def test_huanglongtan_between_levels(level, eta, want):
    upper = linear(483.0, 512.0, 5.243e6)
    lower = linear(level, level + 1e-9, 1e9)
    got = full(upper, lower, 5.243e6, eta, loss_share=0.01)
    assert got == pytest.approx(want, abs=0.005)


def test_huanglongtan_with_its_real_lower_lake():
    upper, lower = linear(483.0, 512.0, 5.243e6), linear(225.971, 246.971, 464.9e6)
    assert 0.20 <= lower.level(5.243e6) - lower.level(0.0) <= 0.30
    low = energy_gwh(upper, lower, 5.243e6, 0.88, upper_top_m3=5.243e6,
                     lower_bottom_m3=464.9e6 - 5.243e6, loss_share=0.01)  # fmt: skip
    assert 3.12 <= round(low, 2) <= 3.26


def test_bailianhe():
    upper, lower = linear(300, 305, 16.63e6), linear(107.5 - 1e-9, 107.5, 1e9)
    assert full(upper, lower, 16.63e6) == pytest.approx(7.95, abs=0.01)
    assert full(upper, lower, 16.63e6) / 1.2 == pytest.approx(6.6, abs=0.05)


curves = st.tuples(
    st.floats(0, 200), st.floats(5, 150), st.floats(10, 1e4), st.floats(1.0, 3.0)
).map(lambda a: bowl(*a))


@settings(max_examples=60, deadline=None)
@given(
    upper=curves, lower=curves, lift=st.floats(300, 600), a=st.floats(0.01, 1), b=st.floats(0.01, 1)
)
def test_energy_rises_with_volume_and_head(upper, lower, lift, a, b):
    upper = Curve(upper.level_m + lift + 160, upper.volume_m3)
    most = min(upper.full_m3, lower.full_m3)
    one, two = sorted((a * most, b * most))
    assert full(upper, lower, one) <= full(upper, lower, two) * (1 + 1e-12)
    higher = Curve(upper.level_m + 10, upper.volume_m3)
    more = full(higher, lower, two) - full(upper, lower, two)
    assert more == pytest.approx(RATE * 0.9 * two * 10, rel=1e-6)
    # volume that leaves the upper lake enters the lower: what is asked comes back
    asked = full(upper, lower, two)
    back = volume_for_m3(upper, lower, asked, 0.9, upper_top_m3=upper.full_m3, lower_bottom_m3=0.0)
    assert back == pytest.approx(two, rel=1e-9)


def test_refusals():
    upper, lower = linear(480, 520, 8e6), linear(200, 230, 9e6)
    with pytest.raises(OptionError, match="leaves"):
        full(upper, lower, 8.1e6)
    with pytest.raises(OptionError, match="at most"):
        volume_for_m3(upper, lower, 99.0, 0.9, upper_top_m3=8e6, lower_bottom_m3=0.0)
    with pytest.raises(OptionError, match="levels must rise"):
        linear(230, 200, 9e6)
    with pytest.raises(OptionError):
        Curve(np.array([1.0, 2.0]), np.array([0.0, -1.0]))
    with pytest.raises(OptionError):
        waterway.waterway(300.0, 0.0, 1000.0, parameters({}))


@pytest.mark.parametrize(
    ("power", "head", "ratio", "loss", "share"),
    [(1200, 452, 3.97, 4.4, 1.0), (1200, 394, 5.3, None, 1.2), (300, 195, 8.7, None, 2.0),
     (1200, 281, 12.9, 7.1, 2.5)],
)  # fmt: skip
def test_losses_of_published_plants(power, head, ratio, loss, share):
    found = waterway.waterway(power, head, ratio * head, parameters({}))
    assert 100 * found.loss_m / head == pytest.approx(share, abs=0.15)
    if loss is not None:
        assert found.loss_m == pytest.approx(loss, abs=0.15)


def test_waterway_closes_and_the_kernel_agrees():
    rng, params = np.random.default_rng(0), parameters({})
    power, head = rng.uniform(50, 3000, 300), rng.uniform(50, 800, 300)
    length = rng.uniform(200, 9000, 300)
    way = waterway.waterway(power, head, length, params)
    speed = way.flow_m3s / (way.tunnels * np.pi * way.diameter_m**2 / 4)
    np.testing.assert_allclose(speed, 5.0)
    darcy = 0.012 * length / way.diameter_m * 25 / (2 * 9.81)
    np.testing.assert_allclose(way.loss_m, darcy, rtol=1e-9)
    np.testing.assert_allclose(power * 1e6, 9810 * 0.9 * way.flow_m3s * way.net_m)
    for form in (water.net_head, water.net_head.py_func):
        net = [form(*one, 0.9, 5.0, 0.012, n) for *one, n in
               zip(head, length, power, way.tunnels, strict=True)]  # fmt: skip
        np.testing.assert_allclose(net, way.net_m, rtol=1e-12)
    assert water.net_head.py_func(-3.0, 1.0, 1.0, 0.9, 5.0, 0.012, 1.0) == -3.0
    assert waterway.space_length_m(400.0, 300.0) == 500.0


def test_curve_kernels_interpreted_and_compiled():
    z = np.array([10.0, 11.0, 12.0, 13.0, 14.0])
    v = np.array([0.0, 0.0, 4.0, 4.0, 10.0])
    m = np.empty(5)
    kernel.moments.py_func(z, v, np.array([0, 5]), m)
    for form in (kernel.level_at, kernel.level_at.py_func):
        assert [form(z, v, 0, 4, x) for x in (0.0, 2.0, 4.0, 7.0, 10.0, 11.0)] == [
            10.0, 11.5, 12.0, 13.5, 14.0, 14.0,
        ]  # fmt: skip
    for form in (kernel.moment_at, kernel.moment_at.py_func):
        # the level jumps from 12 to 13 where no water lies between
        assert form(z, v, m, 0, 4, 10.0) == pytest.approx(4 * 11.5 + 6 * 13.5)
        assert form(z, v, m, 0, 4, 2.0) == pytest.approx(2 * 11.25)
    assert kernel.mean_level.py_func(z, v, m, 0, 4, 4.0, 10.0) == pytest.approx(13.5)
    assert kernel.mean_level.py_func(z, v, m, 0, 4, 4.0, 4.0) == 12.0
    assert integral.Curve(z, v).integral(0.0, 10.0) == pytest.approx(4 * 11.5 + 6 * 13.5)
