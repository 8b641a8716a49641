"""GCJ-02: round trip, the size of the shift at the city, the box of China."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import gcj02_frame_to_wgs84, gcj02_to_wgs84, wgs84_to_gcj02
from geo.errors import CrsError

LON = st.floats(74.0, 135.0)
LAT = st.floats(4.0, 53.0)


@given(lon=LON, lat=LAT)
def test_the_inverse_undoes_the_shift(lon, lat):
    back = gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat))
    assert back[0] == pytest.approx(lon, abs=1e-9)
    assert back[1] == pytest.approx(lat, abs=1e-9)


def test_the_shift_over_the_city_is_the_measured_one():
    # centroids of the eight counties (reference facts §5.1)
    lon = np.array([110.787, 110.641, 110.731, 110.143, 110.065, 109.784, 110.624, 111.188])
    lat = np.array([32.519, 32.647, 32.861, 33.042, 32.234, 32.031, 32.073, 32.563])
    shifted_lon, shifted_lat = wgs84_to_gcj02(lon, lat)
    east, north = shifted_lon - lon, shifted_lat - lat
    # measured between two boundary sets (reference data §1): +0.0054 and -0.0018..-0.0022
    assert 0.0049 < east.min() < east.max() < 0.0060
    assert -0.0024 < north.min() < north.max() < -0.0017


def test_the_golden_point_of_tiananmen():
    # the one point that every open implementation agrees on to 1e-6 deg
    lon, lat = wgs84_to_gcj02(116.397428, 39.90923)
    assert (float(lon), float(lat)) == pytest.approx((116.403672, 39.910635), abs=1e-5)


@pytest.mark.parametrize(("lon", "lat"), [(2.35, 48.85), (-118.2, 34.3), (140.0, 36.0)])
def test_outside_china_nothing_moves(lon, lat):
    assert tuple(map(float, wgs84_to_gcj02(lon, lat))) == (lon, lat)
    assert tuple(map(float, gcj02_to_wgs84(lon, lat))) == (lon, lat)


def test_arrays_keep_their_shape():
    lon, lat = gcj02_to_wgs84(np.full((3, 4), 110.5), np.full((3, 4), 32.5))
    assert lon.shape == lat.shape == (3, 4)
    empty, _ = gcj02_to_wgs84(np.array([]), np.array([]))
    assert empty.size == 0


def test_a_projected_layer_cannot_be_gcj02(squares):
    with pytest.raises(CrsError, match="degrees"):
        gcj02_frame_to_wgs84(squares)
