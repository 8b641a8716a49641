"""Clear sky, its bounds by year and month, and the representative days."""

from __future__ import annotations

import numpy as np
import pvlib
import pytest

from geo.errors import InputError
from siting.pv.clearsky import (
    HEIGHTS,
    check_ghi,
    check_ghi_months,
    clear_sky_months,
    clear_sky_year,
)
from siting.pv.representative import representative_suns, representative_times
from siting.pv.resource import MONTHS

LAT, LON = 32.63, 110.79
#: Ineichen clear sky by month at 300 m, an independent full year of the reference. [kWh/m²]
REFERENCE = (118, 136, 189, 215, 240, 240, 241, 221, 188, 158, 120, 107)


def test_clear_sky_months_reproduce_the_reference():
    months = clear_sky_months(LAT, LON)
    at_300 = np.array([np.interp(300.0, HEIGHTS, one) for one in months])
    np.testing.assert_allclose(at_300, REFERENCE, rtol=0.012)
    np.testing.assert_allclose(months.sum(axis=0), clear_sky_year(LAT, LON), rtol=0.003)
    assert (np.diff(months[:, 1:], axis=1) > 0).all()  # thin air lets more through


def test_twelve_days_stand_for_the_year():
    suns = representative_suns(LAT, LON, 300.0)
    months = suns.by_month(suns.dni * suns.up + suns.dhi)
    assert months.sum() == pytest.approx(2172, rel=0.01)
    np.testing.assert_allclose(months, REFERENCE, rtol=0.04)
    assert suns.month_starts[0] == 0
    assert suns.month_starts[12] == suns.zenith.size


def test_there_are_288_positions_in_true_solar_time():
    times, month = representative_times(LON)
    assert len(times) == 288
    assert np.bincount(month).tolist() == [24] * 12
    sun = pvlib.solarposition.get_solarposition(times, LAT, LON)
    azimuth = sun["azimuth"].to_numpy().reshape(12, 24)
    zenith = sun["zenith"].to_numpy().reshape(12, 24)
    np.testing.assert_allclose(azimuth, 360 - azimuth[:, ::-1], atol=0.45)  # declination drifts
    np.testing.assert_allclose(zenith, zenith[:, ::-1], atol=0.45)


def layers(value):
    return {name: np.full((1, 2), value[k], np.float32) for k, name in enumerate(MONTHS)}


def test_a_month_above_the_clear_sky_is_refused_at_its_height():
    dem = np.array([[300.0, 2500.0]], np.float32)
    inside = np.ones((1, 2), bool)
    months = clear_sky_months(LAT, LON)
    low = np.array([np.interp(300.0, HEIGHTS, one) for one in months])
    high = np.array([np.interp(2500.0, HEIGHTS, one) for one in months])
    check_ghi_months(layers(low - 1), dem, inside, LAT, LON)
    found = layers(low - 1)
    found["ghi_07"][0, 1] = (low[6] + high[6]) / 2  # fair at 2,500 m
    check_ghi_months(found, dem, inside, LAT, LON)
    found["ghi_07"][0] = found["ghi_07"][0, ::-1]
    with pytest.raises(InputError, match="ghi_07") as fault:
        check_ghi_months(found, dem, inside, LAT, LON)
    assert "month 7" in str(fault.value)
    assert "scale" in str(fault.value)
    check_ghi_months(found, dem, ~inside, LAT, LON)


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
