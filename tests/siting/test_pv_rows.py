"""Row pitch on any slope and the land it takes."""

from __future__ import annotations

import math

import numpy as np
import pvlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import OptionError
from siting.pv._kernels import pitch as kernel
from siting.pv.representative import solstice_suns
from siting.pv.rows import land_mu_per_mw, racks
from siting.sites.params import load_params

PARAMS = load_params("siting.pv", "pv")
LAT = 32.63


def gb50797(latitude: float, tilt: float) -> float:
    """Pitch over collector width on flat ground: the rule as printed in the reference."""
    tan, b = math.tan(math.radians(latitude)), math.radians(tilt)
    return math.cos(b) + math.sin(b) * (0.707 * tan + 0.4338) / (0.707 - 0.4338 * tan)


def test_flat_pitch_is_that_of_the_rule():
    flat = racks(PARAMS.changed({"pv.rack_tilt": 25}), LAT).flat
    assert flat == pytest.approx(1.7789, abs=1e-4)
    assert 1 / flat == pytest.approx(0.562, abs=5e-4)


@given(st.floats(22, 45), st.floats(1, 50))
def test_flat_pitch_equals_the_formula(latitude, tilt):
    flat = racks(PARAMS.changed({"pv.rack_tilt": tilt}), latitude).flat
    assert flat == pytest.approx(gb50797(latitude, tilt), rel=2e-3)


def test_solstice_suns_are_pvlibs():
    """Declination and hour angle give the zenith that pvlib's own formula gives."""
    for (east, up), hour in zip(solstice_suns(LAT), np.arange(-3, 3.25, 0.5), strict=True):
        zenith = pvlib.solarposition.solar_zenith_analytical(
            math.radians(LAT), math.radians(15 * hour), math.radians(-23.45)
        )
        assert up / math.sqrt(1 + east**2 + up**2) == pytest.approx(math.cos(zenith), abs=1e-12)


def shaded(ge, gn, tilt_tan, pitch, suns):
    """Largest row shade of the solstice by walking rays in three dimensions."""
    worst = 0.0
    slant = np.array([-ge * tilt_tan / (1 + ge * ge), 1.0, 0.0])
    slant[2] = ge * slant[0] + tilt_tan * slant[1]
    axis = np.array([1.0, 0.0, ge])
    normal = np.cross(axis, slant)
    foot = np.array([0.0, pitch, gn * pitch])
    for east, up in suns:
        sun = np.array([east, -1.0, up])
        for v in np.linspace(0, 1, 401):
            point = foot + v * slant
            reach = -(normal @ point) / (normal @ sun)  # to the plane of the row in front
            if reach <= 1e-9:
                continue
            hit = point + reach * sun
            along = np.linalg.lstsq(np.column_stack([axis, slant]), hit, rcond=None)[0][1]
            if -1e-9 < along < 1 - 1e-9:
                worst = max(worst, v)
    return worst


@pytest.mark.parametrize(
    ("slope", "aspect"), [(0, 0), (12, 180), (12, 90), (14, 255), (8, 0), (10, 30), (9, 320)]
)
def test_pitch_just_clears_the_row_in_front(slope, aspect):
    suns, rise = solstice_suns(LAT), math.tan(math.radians(20))
    fall = math.tan(math.radians(slope))
    ge = -fall * math.sin(math.radians(aspect))
    gn = -fall * math.cos(math.radians(aspect))
    ratio = kernel.free_ratio(ge, gn, rise, suns)
    assert shaded(ge, gn, rise, ratio * 1.001, suns) == 0.0
    assert shaded(ge, gn, rise, ratio * 0.93, suns) > 0.0


def test_land_goes_with_the_pitch_within_the_published_range():
    slope = np.array([[0, 8, 8, 8, 40, np.nan]], np.float32)
    aspect = np.array([[np.nan, 0, 180, 90, 0, 10]], np.float32)
    land = land_mu_per_mw(slope, aspect, LAT, PARAMS)[0]
    assert land[0] == pytest.approx(22.0)
    assert land[1] > land[3] > land[0] > land[2]
    assert land[4] == pytest.approx(37.0)  # never free of shade: the published most
    assert np.nanmin(land) >= 19.0 - 1e-5
    assert np.isnan(land[5])


def test_land_is_mirrored_east_to_west_and_turned_with_the_grid():
    slope = np.full((1, 2), 12, np.float32)
    pair = land_mu_per_mw(slope, np.array([[60, 300]], np.float32), LAT, PARAMS)[0]
    assert pair[0] == pytest.approx(pair[1], rel=1e-5)
    turned = land_mu_per_mw(slope, np.array([[57, 297]], np.float32), LAT, PARAMS, 3.0)[0]
    np.testing.assert_allclose(turned, pair, rtol=1e-5)


def test_kernel_interpreted_equals_compiled():
    rng = np.random.default_rng(2)
    slope = rng.uniform(0, 45, 60).astype(np.float32)
    aspect = rng.uniform(0, 360, 60).astype(np.float32)
    slope[3], aspect[4] = np.nan, np.nan
    rule, out = racks(PARAMS, LAT), []
    for call in (kernel.land_ratios, kernel.land_ratios.py_func):
        one = np.empty(60, np.float32)
        call(slope, aspect, 0.01, rule.rise, rule.suns, rule.flat, rule.low, rule.high, one)
        out.append(one)
    np.testing.assert_allclose(out[0], out[1], rtol=1e-6)
    assert np.isnan(out[0][3])
    assert out[0][4] == pytest.approx(1.0)


@pytest.mark.parametrize("latitude", [5.0, 60.0, float("nan")])
def test_latitudes_off_the_rule_are_refused(latitude):
    with pytest.raises(OptionError, match="latitude"):
        racks(PARAMS, latitude)
