"""The 0.25 degree figures against the real windows they were read from."""

import numpy as np
import pytest
import rasterio

from layers.facts import load_facts

FILES = {
    "wind_100m_ms": "gwa_mean_100m_025deg_shiyan.tif",
    "ghi_kwh_m2_d": "gsa_ghi_025deg_shiyan.tif",
    "dni_kwh_m2_d": "gsa_dni_025deg_shiyan.tif",
}


def test_resource_is_a_regular_window_with_plausible_values():
    table = load_facts("shiyan").resource
    assert len(table) == table["lon"].nunique() * table["lat"].nunique() == 130
    assert np.allclose(np.diff(np.unique(table["lon"])), 0.25)
    inside = table[table["lon"].between(109.4, 111.6) & table["lat"].between(31.5, 33.3)]
    assert inside["wind_100m_ms"].between(2.4, 4.9).all()
    assert inside["ghi_kwh_m2_d"].between(3.1, 3.5).all()
    assert inside["dni_kwh_m2_d"].between(1.8, 2.3).all()


@pytest.mark.real
@pytest.mark.parametrize(("column", "name"), FILES.items())
def test_resource_equals_the_files(real_data, column, name):
    table = load_facts("shiyan").resource
    with rasterio.open(real_data / name) as source:
        values = source.read(1)
        for lon, lat, value in table[["lon", "lat", column]].itertuples(index=False):
            row, col = source.index(lon, lat)
            assert value == pytest.approx(values[row, col], abs=0.0005001)
