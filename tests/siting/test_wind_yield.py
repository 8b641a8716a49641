"""Wind yield beside closed forms, published hours and windpowerlib."""

from __future__ import annotations

import math
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import windpowerlib
from scipy.integrate import quad
from windpowerlib.power_output import power_curve
from windpowerlib.wind_speed import hellman

from geo.errors import OptionError
from siting.sites.params import load_params
from siting.wind import hours as field
from siting.wind._kernels.aep import between, gross_hours
from siting.wind.density import air_density, pressure
from siting.wind.energy import YEAR_H, full_load_hours, mean_share, site_speeds
from siting.wind.hours import Climate, hours
from siting.wind.losses import losses
from siting.wind.turbine import Turbine, load_turbine, shipped

CURVES = Path(__file__).parent / "wind_curves"
IEC3 = "IEC_Class3_Normalized_Industry_Composite"
SPEEDS = np.array([4.5, 5.0, 5.5, 6.0, 6.5])
#: Gross hours of four NREL curves, Rayleigh, at 1.225 and 1.10 kg/m³ (computed from the CSVs).
TABLE = {
    "2023NREL_Bespoke_6MW_196": (
        (1880, 2395, 2904, 3390, 3843), (1719, 2213, 2708, 3188, 3640),
    ),
    "2020ATB_NREL_Reference_5.5MW_175": (
        (1443, 1904, 2381, 2853, 3307), (1304, 1739, 2195, 2655, 3102),
    ),
    "BAR_LowSP_4.5MW_194": ((2012, 2567, 3105, 3611, 4077), (1836, 2372, 2900, 3402, 3869)),
    IEC3: ((1653, 2136, 2623, 3096, 3544), (1505, 1964, 2435, 2899, 3343)),
}  # fmt: skip


def machine(name: str) -> Turbine:
    return load_turbine(name if name in shipped() else CURVES / f"{name}.csv")


def climate(mean, **other):
    """Return a climate of one row; everything not named is off."""
    known = {
        "lower": None, "shear": 0.143, "shape": None, "one_shape": 2.0, "height": None,
        "warmth": None,
    }  # fmt: skip
    given = {
        key: np.float32(value)[None] if isinstance(value, np.ndarray) else value
        for key, value in (known | other).items()
    }
    return Climate(np.float32(mean)[None], 100.0, lower_m=50.0, sea_c=15.0, lapse=0.0065, **given)


def test_frozen_hours_of_the_default_machine():
    """2,904 h: Bespoke 6 MW/196 m, Rayleigh 5.5 m/s, 1.225 kg/m³, no losses (truth.md C12)."""
    turbine = load_turbine()
    assert round(float(full_load_hours(turbine, 5.5))) == 2904
    assert (turbine.rated_mw, turbine.rotor_m, turbine.hub_m) == (6, 196, 140)
    assert turbine.specific_power == pytest.approx(199, abs=0.5)
    assert turbine.passport.sources == ("NREL-TM",)
    assert turbine.passport.licences == ("BSD-3-Clause",)


@pytest.mark.parametrize("name", TABLE)
def test_hours_of_four_published_curves(name):
    for density, wanted in zip((1.225, 1.10), TABLE[name], strict=True):
        found = full_load_hours(machine(name), SPEEDS, 2.0, density)
        # the table was rounded to whole hours
        np.testing.assert_allclose(found, wanted, atol=0.6)


def test_a_smaller_shape_gives_a_little_more_in_low_wind():
    ratio = full_load_hours(load_turbine(), [5.0, 5.5, 6.0], 1.7) / full_load_hours(
        load_turbine(), [5.0, 5.5, 6.0]
    )
    assert ratio[0] == pytest.approx(1.03, abs=0.005)
    assert ratio[1] == pytest.approx(1.00, abs=0.005)
    assert ratio[2] == pytest.approx(0.98, abs=0.01)


@pytest.mark.parametrize("k", [1.0, 1.7, 2.0, 3.5, 5.0])
@pytest.mark.parametrize("name", shipped())
def test_closed_form_beside_adaptive_quadrature(name, k):
    turbine = load_turbine(name)
    speeds, share = turbine.speeds, turbine.share
    for mean in (2.0, 5.5, 9.0):
        scale = mean / math.gamma(1 + 1 / k)
        yields = partial(piece, speeds=speeds, share=share, scale=scale, k=k)
        wanted = sum(quad(yields, a, b, epsabs=1e-14)[0] for a, b in pairwise(speeds))
        assert float(mean_share(speeds, share, mean, k)) == pytest.approx(wanted, rel=1e-9)


def piece(v, speeds, share, scale, k):
    """Return the share of power at a speed, times how often it blows."""
    often = k / scale * (v / scale) ** (k - 1) * math.exp(-((v / scale) ** k))
    return often * float(np.interp(v, speeds, share))


def test_limits_of_the_integral():
    speeds, share = np.array([0.0, 50.0]), np.array([0.0, 50.0])
    # the mean of the speed itself is the speed; no wind gives nothing
    np.testing.assert_allclose(mean_share(speeds, share, [3.0, 7.0], 2.0), [3.0, 7.0], rtol=1e-9)
    turbine = load_turbine()
    found = full_load_hours(turbine, [0.0, 5.0, np.nan, 200.0])
    assert found[0] == 0
    assert np.isnan(found[2])
    assert found[3] < 200  # a storm of 200 m/s stops it
    assert (np.diff(full_load_hours(turbine, np.arange(1.0, 9.0, 0.25))) > 0).all()


def test_thin_air_never_gives_more():
    """The sign of the density correction (a known slip elsewhere): less air, fewer hours."""
    turbine = load_turbine()
    for graded in (False, True):
        found = [
            float(full_load_hours(turbine, 5.5, 2.0, rho, graded=graded))
            for rho in (1.0, 1.1, 1.225, 1.3)
        ]
        assert (np.diff(found) > 0).all()
    assert site_speeds(turbine.speeds, 1.0)[20] > turbine.speeds[20]


def test_density_of_the_standard_atmosphere():
    """ISO 2533:1975, table of densities by height."""
    heights = np.array([0.0, 500.0, 1000.0, 2000.0, 3000.0])
    wanted = [1.2250, 1.1673, 1.1117, 1.0066, 0.9093]
    # the project's g of 9.81 instead of 9.80665 costs 0.03 % at 3,000 m
    np.testing.assert_allclose(air_density(heights), wanted, rtol=4e-4)
    assert pressure(1000.0, 15.0, 0.0065) == pytest.approx(89_876, rel=1e-4)
    assert air_density(1100.0) == pytest.approx(1.10, abs=0.002)
    # warmer air is thinner
    assert air_density(1000.0, here_c=20.0) < air_density(1000.0, here_c=5.0)
    peer = windpowerlib.density.ideal_gas(pressure(1000.0, 15.0, 0.0065), 1000, 1000, 281.65)
    assert air_density(1000.0, here_c=8.5) == pytest.approx(peer, rel=1e-4)


def oracle(turbine: Turbine, mean: float, k: float, density: float, *, graded: bool) -> float:
    """Return the hours by windpowerlib's power curve on a fine grid of speeds.

    Its own correction has the graded exponent; with the exponent 1/3 of IEC 61400-12-1 the
    speed is corrected beforehand, which is the same curve.
    """
    edges = np.linspace(0.0, 40.0, 8001)
    middle = (edges[1:] + edges[:-1]) / 2
    scale = mean / math.gamma(1 + 1 / k)
    weight = np.diff(-np.exp(-((edges / scale) ** k)))
    if graded:
        air = np.full(middle.size, density)
        watts = power_curve(middle, turbine.speeds, turbine.powers, air, density_correction=True)
    else:
        moved = middle * (density / 1.225) ** (1 / 3)
        watts = power_curve(moved, turbine.speeds, turbine.powers)
    return float((watts * weight).sum()) / turbine.powers.max() * YEAR_H


@pytest.mark.parametrize("name", shipped())
def test_cells_beside_windpowerlib(name):
    """Speed at the hub, density and hours of sampled cells within 0.5 % of the peer."""
    turbine = load_turbine(name)
    rng = np.random.default_rng(7)
    n = 24
    mean = rng.uniform(3.0, 8.0, n)
    height = rng.uniform(150.0, 2500.0, n)
    warmth = 16.0 - 0.0055 * height + rng.normal(0, 1.5, n)
    shape = rng.uniform(1.5, 2.6, n)
    shear = rng.uniform(0.0, 0.35, n)
    lower = mean / 2**shear
    found = hours(climate(mean, lower=lower, shape=shape, height=height, warmth=warmth), turbine)[0]
    for i in range(n):
        hub = hellman(mean[i], 100.0, turbine.hub_m, hellman_exponent=shear[i])
        at_hub = warmth[i] - 0.0065 * turbine.hub_m
        sea = float(pressure(height[i] + turbine.hub_m, 15.0, 0.0065))
        air = windpowerlib.density.ideal_gas(sea, 0.0, 0.0, at_hub + 273.15)
        wanted = oracle(turbine, float(hub), shape[i], float(air), graded=False)
        assert found[i] == pytest.approx(wanted, rel=0.005, abs=0.5), i
        # far inside the bound: what the two tables cost
        assert found[i] == pytest.approx(wanted, rel=0.001, abs=0.5), i


@pytest.mark.parametrize("density", [0.95, 1.05, 1.225])
def test_graded_correction_is_windpowerlibs(density):
    turbine = load_turbine()
    for mean in (4.5, 6.0):
        found = float(full_load_hours(turbine, mean, 2.0, density, graded=True))
        assert found == pytest.approx(oracle(turbine, mean, 2.0, density, graded=True), rel=1e-4)
        # what the choice of the exponent is worth in the region's mountains
        plain = float(full_load_hours(turbine, mean, 2.0, density))
        assert abs(found / plain - 1) < 0.03


@pytest.mark.parametrize(("shape", "most"), [(None, 0.2), ((1.0, 5.0), 1.2)])
def test_table_holds_the_stated_error(shape, most):
    """Between the steps of speed and shape: hours a year, and 0.1 % from 3 m/s up."""
    rng = np.random.default_rng(3)
    mean = rng.uniform(0.5, 12.0, 4000).astype(np.float32)
    shapes = None if shape is None else rng.uniform(*shape, 4000).astype(np.float32)
    for name in shipped():
        turbine = load_turbine(name)
        found = hours(climate(mean, shape=shapes, shear=0.0), turbine)[0]
        exact = full_load_hours(turbine, mean, 2.0 if shapes is None else shapes)
        apart = np.abs(found - exact)
        assert apart.max() < most
        assert (apart[mean > 3] < 0.001 * exact[mean > 3]).all()


def test_density_tables_are_as_good_as_the_formula():
    height = np.linspace(-400, 8900, 700)
    for warmth in (None, 12.0 - 0.005 * height):
        found = hours(
            climate(np.full(700, 6.0), height=height, warmth=warmth, shear=0.0), load_turbine()
        )[0]
        if warmth is None:
            air = air_density(height + 140.0)
        else:
            air = air_density(height + 140.0, here_c=warmth - 0.0065 * 140.0)
        exact = [float(full_load_hours(load_turbine(), 6.0, 2.0, rho)) for rho in air]
        np.testing.assert_allclose(found, exact, rtol=5e-5)


def test_unknown_cells_stay_unknown():
    mean = np.array([5.0, np.nan, 5.0, 5.0, 5.0, 5.0, 0.0, 5.0])
    lower = np.array([4.5, 4.5, np.nan, 4.5, 4.5, 4.5, 4.5, 0.0])
    shape = np.array([2.0, 2.0, 2.0, np.nan, 2.0, 2.0, 2.0, 2.0])
    height = np.array([500.0, 500, 500, 500, np.nan, 500, 500, 500])
    warmth = np.array([12.0, 12, 12, 12, 12, np.nan, 12, 12])
    found = hours(
        climate(mean, lower=lower, shape=shape, height=height, warmth=warmth), load_turbine()
    )[0]
    assert np.isfinite(found).tolist() == [True, *[False] * 5, True, False]
    assert found[6] == 0
    wanted = np.zeros((1, 8), np.bool_)
    assert np.isnan(hours(climate(mean), load_turbine(), wanted)).all()


def arguments(n: int = 300):
    rng = np.random.default_rng(5)
    f = np.float32
    holes = rng.random((5, n)) < 0.03
    cells = [
        rng.uniform(0, 10, n), rng.uniform(0, 10, n), rng.uniform(1, 3, n),
        rng.uniform(-600, 9500, n), rng.uniform(-45, 55, n),
    ]  # fmt: skip
    for hole, one in zip(holes, cells, strict=True):
        one[hole] = np.nan
    table = rng.random(4 * 50).astype(f)
    small = [rng.random(size).astype(f) for size in (30, 40, 50)]
    layers = [one.astype(f) for one in cells]
    return layers, rng.random(n) < 0.9, small, table


@pytest.mark.parametrize("flags", [(0, 0, 0, 0), (1, 1, 1, 1), (1, 0, 1, 0), (0, 1, 0, 0)])
def test_kernel_interpreted_is_the_compiled_one(flags):
    layers, wanted, small, table = arguments()
    used = [layers[0]] + [
        one if on else np.zeros(1, np.float32) for one, on in zip(layers[1:], flags, strict=True)
    ]
    out = [np.empty(wanted.size, np.float32) for _ in range(2)]
    for call, result in zip((gross_hours, gross_hours.py_func), out, strict=True):
        call(
            *used, wanted, *flags, small[0], 0.25, 16.0, 1.05, 2.0, small[1], -500.0, 0.01,
            small[2], -40.0, 0.5, table, 50, 5.0, 1.0, 1.5, result,
        )  # fmt: skip
    np.testing.assert_allclose(out[0], out[1], rtol=1e-6)
    assert np.isnan(out[0][~wanted]).all()
    assert between.py_func(np.arange(3, dtype=np.float32), 0.0, 1.0, math.nan) != 0


def test_threads_change_nothing():
    import numba

    rng = np.random.default_rng(11)
    mean = rng.uniform(3, 9, 50_000)
    before = numba.get_num_threads()
    found = []
    for threads in (1, before):
        numba.set_num_threads(threads)
        found.append(hours(climate(mean), load_turbine()))
    numba.set_num_threads(before)
    assert found[0].tobytes() == found[1].tobytes()
    assert all(len(kernel.signatures) == 1 for kernel in (between, gross_hours))


def test_band_of_built_hill_wind_farms():
    """1,745-2,280 h of six projects: only ridge points of 5-6 m/s, 230-350 W/m², declared losses.

    One machine cannot span the band at both ends of the wind; the middle of the wind must
    fall inside, and wind and losses together must cover it.
    """
    turbine = machine("2023NREL_Bespoke_3MW_127.5")
    assert 230 <= turbine.specific_power <= 350
    lost = losses(load_params("siting.wind", "wind"))
    found = hours(climate([5.0, 5.5, 6.0], height=np.full(3, 1000.0)), turbine)[0]
    assert 1745 <= found[1] * lost.factor <= 2280
    assert found[0] * lost.least < 1745
    assert found[2] * lost.most > 2280


def test_losses_multiply_and_are_checked():
    params = load_params("siting.wind", "wind")
    lost = losses(params)
    assert lost.factor == pytest.approx(math.prod(1 - one.value for one in lost.parts))
    assert lost.least < lost.factor < lost.most < 1
    assert all(one.low <= one.value <= one.high and one.status == "prior" for one in lost.parts)
    assert {one.key for one in lost.parts} >= {"loss_wake", "loss_availability"}
    more = losses(params.changed({"wind.loss_wake": 0.2}))
    assert more.factor < lost.factor
    assert more.parts[0].high == pytest.approx(0.2)
    with pytest.raises(OptionError, match=r"loss_wake.*0\.08"):
        losses(params.changed({"wind.loss_wake": 8.0}))


def test_shear_leads_to_the_hub():
    turbine = load_turbine()
    mean = np.array([5.0, 6.0])
    one = hours(climate(mean, shear=0.2), turbine)[0]
    two = hours(climate(mean, lower=mean / 2**0.2), turbine)[0]
    np.testing.assert_allclose(one, two, rtol=1e-5)
    np.testing.assert_allclose(one, full_load_hours(turbine, mean * 1.4**0.2), rtol=1e-4)
    assert field.shape_rows(np.float32([[1.93, 2.02]]), 2.0)[[0, -1]] == pytest.approx([1.9, 2.05])
