"""County outlines: the datum is settled by measurement, the areas by publication."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.optimize import minimize
from shapely.affinity import translate

from geo import crs, vector

CRS = "EPSG:4546"
#: County areas of the raw outlines in km², first column of facts.md §5.1.
PUBLISHED = {
    "420302": 540.3,
    "420303": 660.4,
    "420304": 3832.4,
    "420322": 3515.9,
    "420323": 3614.6,
    "420324": 3306.1,
    "420325": 5129.3,
    "420381": 3126.0,
}


def best_shift(moved: shapely.Geometry, fixed: shapely.Geometry) -> tuple[float, float]:
    """Return the shift [m] that lays ``moved`` best over ``fixed``."""

    def misfit(by: np.ndarray) -> float:
        return shapely.area(shapely.symmetric_difference(translate(moved, *by), fixed)) / 1e6

    simplex = [(0.0, 0.0), (300.0, 0.0), (0.0, 300.0)]
    options = {"initial_simplex": simplex, "xatol": 0.5, "fatol": 1e-3}
    east, north = minimize(misfit, (0.0, 0.0), method="Nelder-Mead", options=options).x
    return float(east), float(north)


def union(frame: gpd.GeoDataFrame) -> shapely.Geometry:
    return shapely.union_all(crs.to_crs(frame, CRS).geometry.values)


@pytest.mark.real
def test_converted_outlines_lie_on_the_tianditu_ones(real_data: Path):
    tianditu, _ = vector.read(real_data / "counties_tianditu_wgs84.geojson")
    path = real_data / "datav_420300_gcj02.json"
    converted, _ = vector.read(path, datum="GCJ-02")
    assert converted.crs.to_epsg() == 4326
    assert np.hypot(*best_shift(union(converted), union(tianditu))) < 30.0
    # and unconverted they are half a kilometre off: the test can tell
    believed, _ = vector.read(path)
    assert np.hypot(*best_shift(union(believed), union(tianditu))) > 400.0


@pytest.mark.real
def test_the_raw_file_reproduces_the_published_county_areas(real_data: Path):
    raw, repairs = vector.read(real_data / "datav_420300_gcj02.json")
    assert len(repairs.ids) == 4
    areas = dict(zip(raw["adcode"].astype(str), crs.polygon_areas(raw) / 1e6, strict=True))
    assert areas == {code: pytest.approx(km2, rel=5e-4) for code, km2 in PUBLISHED.items()}


@pytest.mark.real
@pytest.mark.parametrize("name", ["counties_amap_wgs84.geojson", "counties_tianditu_wgs84.geojson"])
def test_wgs84_outlines_close_on_the_official_total(real_data: Path, name: str):
    counties, _ = vector.read(real_data / name)
    areas = np.sort(crs.polygon_areas(counties) / 1e6)
    np.testing.assert_allclose(areas, np.sort(list(PUBLISHED.values())), rtol=0.01)
    assert areas.sum() == pytest.approx(23_680.0, rel=0.005)


@pytest.fixture
def outline() -> gpd.GeoDataFrame:
    """A star of some 100 km over the city, in WGS84."""
    turn = np.linspace(0, 2 * np.pi, 241)[:-1]
    reach = 0.5 + 0.15 * np.sin(5 * turn)
    ring = np.column_stack([110.6 + reach * np.cos(turn), 32.4 + 0.8 * reach * np.sin(turn)])
    return gpd.GeoDataFrame({"code": ["420300"]}, geometry=[shapely.Polygon(ring)], crs=4326)


def test_a_generated_gcj02_file_comes_back_to_its_place(tmp_path: Path, outline: gpd.GeoDataFrame):
    lon, lat = crs.wgs84_to_gcj02(*shapely.get_coordinates(outline.geometry.values).T)
    ring = np.column_stack([lon, lat]).tolist()
    feature = {
        "type": "Feature",
        "properties": {"code": "420300"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = tmp_path / "gcj02.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")

    converted, _ = vector.read(path, datum="GCJ-02")
    assert shapely.hausdorff_distance(
        converted.geometry.iloc[0], outline.geometry.iloc[0]
    ) == pytest.approx(0.0, abs=1e-9)

    believed, _ = vector.read(path)
    east, north = best_shift(union(believed), union(outline))
    assert -560 < east < -440
    assert 170 < north < 270
