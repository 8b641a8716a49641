"""Kernels: closed forms, ledgers, interpreted = compiled."""

import numpy as np
import pytest

from sinks.forest import _kernels
from sinks.forest.curves import shape

N, AGES, WAIT = 3, 201, 4


def world(seed=0):
    rng = np.random.default_rng(seed)
    area = np.zeros((N, AGES))
    area[:, 1:90] = rng.uniform(0.0, 100.0, (N, 89))
    k = np.array([0.02, 0.04, 0.06])
    volume = np.stack([200.0 * shape(one, 1.5, np.arange(AGES)) for one in k])
    return {
        "area": area,
        "young": rng.uniform(0.0, 10.0, (N, WAIT)),
        "volume": volume,
        "mortality": np.array([0.004, 0.01, 0.02]),
        "mature": np.array([40, 60, 30]),
    }


def run(world, years, harvest=0.0, disturbance=0.0, planting=0.0, compiled=True, cap=0.1):
    area, young = world["area"].copy(), world["young"].copy()
    fluxes, states = np.zeros((years, 9)), np.zeros((years + 1, 4))
    kernel = _kernels.run if compiled else _kernels.run.py_func
    kernel(
        area,
        young,
        world["volume"],
        world["volume"] * 0.8,
        world["mortality"],
        world["mature"],
        np.full(years, harvest),
        cap,
        np.full((years, N), disturbance),
        np.full((years, N), planting),
        fluxes,
        states,
    )
    return area, young, fluxes, states


@pytest.mark.parametrize("age", [0, 1, 30, 120])
def test_net_curve_is_reproduced_with_background_mortality_on(age):
    one = world()
    one["area"][:] = 0.0
    one["young"][:] = 0.0
    one["area"][1, age] = 7.0
    years = 80
    _, _, fluxes, states = run(one, years)
    expected = 7.0 * one["volume"][1, age : age + years + 1]
    np.testing.assert_allclose(states[:, 2], expected, rtol=1e-12, atol=1e-12)
    assert fluxes[1:, 5].min() > 0  # mortality is on
    np.testing.assert_allclose(fluxes[:, 4] - fluxes[:, 5], np.diff(states[:, 2]), atol=1e-9)


def test_ledgers_close_every_year():
    _, _, f, s = run(world(), 60, harvest=0.02, disturbance=0.01, planting=5.0)
    land = s[:, 0] + s[:, 1]
    np.testing.assert_allclose(np.diff(land), f[:, 0], rtol=0, atol=1e-10 * land[0])
    gain = f[:, 4] - f[:, 5] - f[:, 6] - f[:, 7] + f[:, 8]
    np.testing.assert_allclose(np.diff(s[:, 2]), gain, rtol=0, atol=1e-10 * s[0, 2])


def test_constant_hazard_gives_the_geometric_age_distribution():
    one = world()
    one["young"][:] = 0.0
    hazard = 0.05
    area, _, _, _ = run(one, 2000, disturbance=hazard)
    for s in range(N):
        total = area[s].sum()
        # ages counted at the end of the year: age 1 was cleared this year
        expected = total * hazard * (1 - hazard) ** np.arange(AGES - 2)
        np.testing.assert_allclose(area[s, 1:-1], expected, rtol=1e-9)


def test_harvest_keeps_to_mature_ages_share_and_cap():
    one = world()
    _, _, f, s = run(one, 1, harvest=0.01)
    assert f[0, 6] == pytest.approx(0.01 * s[0, 2])
    _, _, f, _ = run(one, 1, harvest=0.9, cap=0.1)
    ripe = sum(one["area"][i, m:].sum() for i, m in enumerate(one["mature"]))
    assert f[0, 1] == pytest.approx(0.1 * ripe)
    one["mature"][:] = 200
    _, _, f, _ = run(one, 1, harvest=0.5)
    assert f[0, 6] == 0.0


def test_planting_waits_outside_the_forest():
    one = world()
    one["young"][:] = 0.0
    bare, planted = run(one, 6), run(one, 6, planting=9.0)
    np.testing.assert_array_equal(bare[3][:WAIT, 0], planted[3][:WAIT, 0])
    assert planted[3][WAIT, 0] == pytest.approx(bare[3][WAIT, 0] + 9.0 * N)


def test_interpreted_equals_compiled():
    one = world(3)
    fast = run(one, 5, 0.02, 0.01, 3.0)
    slow = run(one, 5, 0.02, 0.01, 3.0, compiled=False)
    for a, b in zip(fast, slow, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_oldest_age_keeps_its_area():
    one = world()
    one["area"][:] = 0.0
    one["young"][:] = 0.0
    one["area"][0, 200] = 5.0
    area, _, _, states = run(one, 10)
    assert area[0, 200] == 5.0
    np.testing.assert_allclose(states[:, 2], states[0, 2])


def test_back_cast_is_the_younger_stand_and_its_unknown_share():
    one = world()
    got = _kernels.back_cast(one["area"], one["volume"], 10, 0.0)
    expected = (one["area"][:, 11:] * one["volume"][:, 1 : AGES - 10]).sum()
    assert got == pytest.approx(expected)
    known, unknown = one["area"][:, 11:].sum(), one["area"][:, :11].sum()
    full = _kernels.back_cast.py_func(one["area"], one["volume"], 10, 1.0)
    assert full == pytest.approx(expected * (known + unknown) / known)


def test_biomass_table_matches_the_formula():
    volume = np.array([[0.0, 5.0, 20.0, 67.5]])
    out = np.empty_like(volume)
    args = (volume, np.array([0.6129]), np.array([46.1451]), 20.0, np.ones(1), np.ones(1))
    _kernels.biomass_table(*args, out)
    at_v0 = 0.6129 * 20 + 46.1451
    expected = [0.0, 5.0 * at_v0 / 20.0, at_v0, 0.6129 * 67.5 + 46.1451]
    np.testing.assert_allclose(out[0], expected, rtol=1e-12)
    slow = np.empty_like(volume)
    _kernels.biomass_table.py_func(*args, slow)
    np.testing.assert_array_equal(out, slow)


def test_monte_carlo_interpreted_equals_compiled_and_one_draw_equals_run():
    one = world(5)
    draws, years, back = 3, 4, 2
    rng = np.random.default_rng(1)
    k = np.array([0.02, 0.04, 0.06]) * rng.uniform(0.8, 1.2, (draws, N))
    event = rng.uniform(0.5, 1.5, (draws, years))
    stock0 = (one["area"] * one["volume"]).sum(axis=1)
    dist, share = np.array([0.001, 0.002, 0.003]), np.array([0.5, 0.3, 0.2])
    slope, offset, ones = np.array([0.5, 1.1, 0.6]), np.array([20.0, 8.0, 46.0]), np.ones(1)
    drawn = (np.array([1.0, 0.9, 1.1]), np.array([0.0, 0.01, 0.02]))
    planted, unknown = np.array([0.0, 5.0, 9.0]), np.array([0.0, 0.5, 1.0])

    def call(kernel):
        past, future = np.zeros((draws, back)), np.zeros((draws, years + 1, 4))
        kernel(
            *(one["area"], one["young"], stock0, np.full(N, 1.5), one["mortality"]),
            *(one["mature"], 0.1, dist, share, slope, offset, 20.0, ones, ones),
            *(k, *drawn[:1], drawn[1], event, planted, unknown, past, future),
        )
        return past, future

    fast, slow = call(_kernels.monte_carlo), call(_kernels.monte_carlo.py_func)
    for a, b in zip(fast, slow, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    # every draw starts on its own stock
    np.testing.assert_allclose(fast[1][:, 0, 2], stock0.sum() * drawn[0], rtol=1e-12)
    assert fast[0][0, 0] > fast[0][0, 1]
