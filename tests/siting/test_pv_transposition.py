"""PV: the gain table against pvlib, the kernel, the bands of truth C11."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pvlib
import pytest

from geo.errors import InputError, OptionError
from layers.facts import load_facts
from siting.pv import sites as pv
from siting.pv._kernels.bilinear import bilinear
from siting.pv.clearsky import HEIGHTS, check_ghi, clear_sky_year
from siting.pv.energy import mw_per_km2, performance_ratio, specific_yield
from siting.pv.transposition import ASPECT_STEP, SLOPE_STEP, gain_table, module_plane, sun_shape
from siting.wind import sites as wind

LAT, LON, ALT = 32.5, 110.7, 600.0
DIFFUSE, ALBEDO = 0.63, 0.2


def pvlib_factor(tilt: float, azimuth: float) -> float:
    """Annual factor by pvlib's own isotropic model on an independent hourly year."""
    times = pd.date_range("2023-01-01 00:30", periods=8760, freq="h", tz="UTC")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        place = pvlib.location.Location(LAT, LON, altitude=ALT)
        sun = place.get_solarposition(times)
        sky = place.get_clearsky(times, solar_position=sun)
    beam = sky["dni"] * np.cos(np.radians(sun["zenith"])).clip(lower=0)
    scale = (1 - DIFFUSE) / beam.sum()  # the declared diffuse share, GHI of the year = 1
    shape = beam / beam.sum()
    plane = pvlib.irradiance.get_total_irradiance(
        tilt, azimuth, sun["zenith"], sun["azimuth"],
        dni=sky["dni"] * scale, ghi=shape, dhi=shape * DIFFUSE, albedo=ALBEDO,
        model="isotropic",
    )  # fmt: skip
    return float(plane["poa_global"].sum())


@pytest.fixture(scope="module")
def sun():
    return sun_shape(LAT, LON, ALT)


@pytest.mark.parametrize(
    ("slope", "aspect"), [(0, 0), (12, 180), (23.7, 155), (18.1, 271.3), (31, 12), (25, 351)]
)
def test_table_matches_pvlib(sun, slope, aspect):
    table = gain_table(sun, 0.0, DIFFUSE, ALBEDO)
    got = table.lookup(np.array([slope], np.float32), np.array([aspect], np.float32))[0]
    assert got == pytest.approx(pvlib_factor(slope, aspect), rel=0.004)


def test_rack_tilt_adds_as_vectors():
    tilt, azimuth = module_plane(np.array([0.0, 10.0, 20.0]), np.array([0.0, 0.0, 180.0]), 10.0)
    assert tilt[0] == pytest.approx(10.0)
    assert azimuth[0] == pytest.approx(180.0)
    assert tilt[1] == pytest.approx(0.0, abs=1e-9)  # a north slope of 10 degrees is levelled
    expected = np.degrees(np.arctan(np.tan(np.radians(20)) + np.tan(np.radians(10))))
    assert tilt[2] == pytest.approx(expected)


def test_flat_horizontal_is_one_and_south_beats_north(sun):
    table = gain_table(sun, 0.0, DIFFUSE, ALBEDO)
    slope = np.array([0, 0, 20, 20], np.float32)
    aspect = np.array([np.nan, 90, 180, 0], np.float32)
    flat, also_flat, south, north = table.lookup(slope, aspect)
    assert flat == pytest.approx(1.0, abs=1e-5)
    assert also_flat == pytest.approx(1.0, abs=1e-5)
    assert south > 1.0 > north


def test_kernel_interpreted_equals_compiled_and_scipy(sun):
    from scipy.interpolate import RegularGridInterpolator

    table = gain_table(sun, 10.0, DIFFUSE, ALBEDO).factor
    rng = np.random.default_rng(3)
    slope = rng.uniform(0, 59, 500).astype(np.float32)
    aspect = rng.uniform(0, 360, 500).astype(np.float32)
    nodes = (np.arange(table.shape[0]) * SLOPE_STEP, np.arange(table.shape[1]) * ASPECT_STEP)
    oracle = RegularGridInterpolator(nodes, table.astype(np.float64))(np.c_[slope, aspect])
    for kernel in (bilinear, bilinear.py_func):
        out = np.empty(500, np.float32)
        kernel(slope, aspect, table.ravel(), *table.shape, SLOPE_STEP, ASPECT_STEP, out)
        np.testing.assert_allclose(out, oracle, rtol=3e-6)


def test_kernel_missing_slope_stays_missing(sun):
    table = gain_table(sun, 10.0, DIFFUSE, ALBEDO)
    out = table.lookup(np.array([np.nan, 89.0], np.float32), np.array([10.0, np.nan], np.float32))
    assert np.isnan(out[0])
    assert np.isfinite(out[1])


def test_flat_yield_and_ratio_lie_in_their_bands(sun):
    params = pv.parameters({})
    ratio = performance_ratio(params)
    assert 0.75 <= ratio <= 0.88
    table = gain_table(
        sun, params.number("rack_tilt"), params.number("diffuse_share"), params.number("albedo")
    )
    ghi = np.array([3.26, 3.39], np.float32) * 365  # county means of the 0.25 degree window
    gain = np.full(2, table.factor[0, 0], np.float32)
    kwh = specific_yield(ghi, gain, ratio)
    assert np.all((kwh >= 1000) & (kwh <= 1150))


def test_density_is_land_by_megawatt():
    assert mw_per_km2(pv.parameters({})) == pytest.approx(1500 / 22)
    assert mw_per_km2(pv.parameters({"pv.utilisation": 0.5})) == pytest.approx(1500 / 44)


@pytest.mark.parametrize(
    ("key", "value"),
    [("pv.f_inverter", 0.5), ("pv.f_soiling", 1.2), ("pv.utilisation", 1.5), ("pv.dc_ac", -1.0),
     ("pv.no_such", 1.0), ("pv.dc_ac", float("nan"))],
)  # fmt: skip
def test_bad_parameters_are_refused(key, value):
    def use():
        params = pv.parameters({key: value})
        return performance_ratio(params), mw_per_km2(params)

    with pytest.raises(OptionError):
        use()


def test_bad_shares_are_refused(sun):
    with pytest.raises(OptionError):
        gain_table(sun, 10.0, 1.5, 0.2)


def test_every_parameter_has_source_and_status():
    frame = pv.parameters({}).frame()
    assert (frame["来源"] != "").all()
    assert (frame["状态"] != "").all()
    changed = pv.parameters({"pv.dc_ac": 1.35})
    assert changed["dc_ac"].status == "user"
    assert changed["dc_ac"].value == 1.35


@pytest.mark.parametrize("module", [pv, wind])
def test_every_source_of_a_parameter_can_be_looked_up(module):
    params = module.parameters({})
    known = load_facts("shiyan").sources
    for key, value in params.items():
        if value.source == "prior":
            assert value.status == "prior", key
            assert value.grade == "prior", key
        else:
            assert value.source in known, key
            assert params.citations[value.source], key  # also where a region has no facts
    used = module.parameters({f"{params.group}.utilisation": 0.5}).passport()
    assert set(used.sources) <= set(known)
    assert used.unverified
    assert set(params.citations.values()) <= set(used.citations)
    frame = params.frame()
    assert "prior" not in set(frame["来源"])


def test_clear_sky_year_reproduces_the_reference():
    """Ineichen at 32.63 N, 110.79 E, 300 m: 2,172 kWh/m2 a (an independent full year)."""
    year = clear_sky_year(32.63, 110.79)
    assert np.interp(300.0, HEIGHTS, year) == pytest.approx(2172, rel=0.005)
    assert (np.diff(year) > 0).all()  # thin air lets more through


def test_irradiation_above_the_clear_sky_is_refused():
    dem = np.array([[300.0, 2500.0, np.nan]], np.float32)
    inside = np.ones((1, 3), bool)
    year = clear_sky_year(LAT, LON)
    low = float(np.interp(300.0, HEIGHTS, year))
    high = float(np.interp(2500.0, HEIGHTS, year))
    between = (low + high) / 2
    check_ghi(np.array([[low - 1, between, np.nan]], np.float32), dem, inside, LAT, LON)
    with pytest.raises(InputError, match="ghi"):
        check_ghi(np.array([[between, 1200, 1200]], np.float32), dem, inside, LAT, LON)
    check_ghi(np.array([[between, 1200, 1200]], np.float32), None, inside, LAT, LON)
    inside[0, 0] = False
    check_ghi(np.array([[9999, 1200, 1200]], np.float32), dem, inside, LAT, LON)
