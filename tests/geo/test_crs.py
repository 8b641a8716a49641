"""CRS: golden points, refusals, areas."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio.crs
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod

from geo import crs
from geo.errors import CrsError, DatumError
from geo.grid import Grid

OLD = [4610, 4214, 2327, 2361, 2382, 2413, 2434, 2442]


@pytest.mark.parametrize("code", OLD)
def test_old_datums_are_refused(code):
    with pytest.raises(DatumError, match="cannot be converted"):
        crs.transformer(f"EPSG:{code}", "EPSG:4490")


@pytest.mark.parametrize("code", OLD)
@pytest.mark.parametrize("version", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"])
def test_old_datums_are_refused_as_text(code, version):
    with pytest.raises(DatumError):
        crs.check_crs(CRS.from_epsg(code).to_wkt(version), "林地.shp")


def test_an_old_datum_with_declared_parameters_is_taken():
    bound = "+proj=longlat +ellps=krass +towgs84=10,20,30,0,0,0,0 +type=crs"
    lon, lat = crs.lonlat(bound, 111.0, 32.5)
    assert (float(lon), float(lat)) != (111.0, 32.5)
    assert float(lon) == pytest.approx(111.0, abs=0.01)


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_no_crs_is_an_error(nothing):
    with pytest.raises(CrsError, match=r"a\.tif.*no CRS"):
        crs.check_crs(nothing, "a.tif")


def test_nonsense_and_local_systems_are_errors():
    with pytest.raises(CrsError, match="PROJ does not know"):
        crs.check_crs("EPSG:999999", "a.tif")
    local = 'LOCAL_CS["mine",UNIT["metre",1]]'
    with pytest.raises(CrsError, match="not tied to earth"):
        crs.check_crs(local, "a.tif")


def test_every_spelling_gives_one_name():
    esri = CRS.from_epsg(4525).to_wkt("WKT1_ESRI")
    assert crs.check_crs(esri, "x") == "EPSG:4525"
    assert crs.check_crs(rasterio.crs.CRS.from_epsg(4546), "x") == "EPSG:4546"
    assert crs.check_crs("epsg:4546", "x") == "EPSG:4546"


def test_same_crs_counts_cgcs2000_and_wgs84_degrees_as_one():
    assert crs.same_crs("EPSG:4326", "EPSG:4490")
    assert crs.same_crs("OGC:CRS84", "EPSG:4326")
    assert not crs.same_crs("EPSG:4525", "EPSG:4546")


# easting and northing at 111 E, 32.5 N by the meridian arc of CGCS2000, closed form
def _meridian_arc(lat: float) -> float:
    return Geod(a=6378137.0, rf=298.257222101).inv(111.0, 0.0, 111.0, lat)[2]


@pytest.mark.parametrize("lat", [31.5, 32.5, 33.28])
def test_the_central_meridian_is_true_to_scale(lat):
    x, y = crs.transformer("EPSG:4490", "EPSG:4546").transform(111.0, lat)
    assert x == pytest.approx(500_000.0, abs=1e-6)
    assert y == pytest.approx(_meridian_arc(lat), abs=1e-3)


def test_golden_point_off_the_meridian():
    # 110.79 E, 32.65 N (PROJ 9.5.1); the zone prefix of 4525 is all that differs from 4546
    x, y = crs.transformer("EPSG:4490", "EPSG:4546").transform(110.79, 32.65)
    assert (x, y) == pytest.approx((480_297.688, 3_613_952.050), abs=1e-3)
    prefixed = crs.transformer("EPSG:4490", "EPSG:4525").transform(110.79, 32.65)
    assert prefixed == pytest.approx((37_000_000 + x, y), abs=1e-6)


@given(lon=st.floats(109.4, 111.6), lat=st.floats(31.5, 33.3))
def test_round_trip_4490_4546(lon, lat):
    x, y = crs.from_lonlat("EPSG:4546", lon, lat)
    back = crs.lonlat("EPSG:4546", x, y)
    assert tuple(map(float, back)) == pytest.approx((lon, lat), abs=1e-9)


def test_an_image_that_does_not_exist_is_an_error():
    with pytest.raises(CrsError, match="outside"):
        crs.lonlat("EPSG:4546", 1e12, 1e12)


def test_degrees_and_web_maps_are_not_metric(metric_grid):
    crs.require_metric(metric_grid, "dem")
    crs.require_metric("EPSG:32611", "dem")
    for bad in ("EPSG:4326", "EPSG:3857", "EPSG:3395", "EPSG:2263"):
        with pytest.raises(CrsError, match="unfit"):
            crs.require_metric(bad, "dem")


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        ((480_000, 3_600_000, 500_000, 3_610_000), 4326),  # metres labelled degrees
        ((109.4, 31.5, 111.6, 33.3), 4546),  # degrees labelled metres
        ((37_480_000, 3_600_000, 37_500_000, 3_610_000), 4546),  # zone 37 labelled CM 111E
        ((480_000, 3_600_000, 500_000, 3_610_000), 4525),  # and the reverse
        ((31.5, 109.4, 33.3, 111.6), 4490),  # latitude first
    ],
)
def test_coordinates_that_do_not_fit_are_errors(bounds, code):
    with pytest.raises(CrsError, match="does not fit"):
        crs.check_extent(bounds, f"EPSG:{code}", "a.shp")


def test_coordinates_that_fit_pass():
    crs.check_extent((109.4, 31.5, 111.6, 33.3), "EPSG:4490", "a.shp")
    crs.check_extent((350_000, 3_480_000, 560_000, 3_690_000), "EPSG:4546", "a.shp")
    crs.check_extent((376_313, 3_788_627, 412_223, 3_807_917), "EPSG:32611", "a.tif")
    crs.check_extent((-180.0, -90.0, 180.0, 90.0), "EPSG:4326", "a.tif")


def _cell_polygons(grid: Grid, cells: list[tuple[int, int]]) -> gpd.GeoSeries:
    boxes = []
    for row, col in cells:
        x, y = grid.xy(row, col)
        half_x, half_y = grid.dx / 2, grid.dy / 2
        boxes.append(shapely.box(x - half_x, y - half_y, x + half_x, y + half_y))
    return gpd.GeoSeries(boxes, crs=grid.crs)


GRIDS = [
    Grid("EPSG:4546", Affine(90, 0, 350_010, 0, -90, 3_690_000), (2300, 2400)),
    Grid("EPSG:32649", Affine(1000, 0, 200_000, 0, -1000, 3_700_000), (200, 700)),
    Grid("EPSG:6933", Affine(1000, 0, 10_000_000, 0, -1000, 4_000_000), (300, 300)),
    Grid("EPSG:4490", Affine(0.01, 0, 109.4, 0, -0.01, 33.3), (180, 220)),
    Grid("ESRI:102025", Affine(1000, 0, 1_000_000, 0, -1000, 3_700_000), (300, 300)),
    Grid("EPSG:3035", Affine(1000, 0, 4_000_000, 0, -1000, 3_000_000), (300, 300)),
    Grid("EPSG:2154", Affine(1000, 0, 600_000, 0, -1000, 6_800_000), (300, 300)),
]


@pytest.mark.parametrize("grid", GRIDS, ids=lambda g: g.crs)
def test_cell_areas_are_those_of_the_cells_on_the_ellipsoid(grid):
    cells = [(0, 0), (grid.rows // 3, grid.cols - 1), (grid.rows - 1, grid.cols // 2)]
    areas = crs.cell_areas(grid)
    assert areas.shape == grid.shape
    truth = crs.polygon_areas(_cell_polygons(grid, cells))
    np.testing.assert_allclose([areas[c] for c in cells], truth, rtol=2e-6)


def test_cell_areas_of_a_transverse_mercator_take_no_memory():
    assert crs.cell_areas(GRIDS[0]).strides[0] == 0
    assert crs.cell_areas(GRIDS[3]).strides[1] == 0


def test_web_mercator_has_no_areas():
    grid = Grid("EPSG:3857", Affine(90, 0, 12_200_000, 0, -90, 3_900_000), (10, 10))
    with pytest.raises(CrsError, match="unfit"):
        crs.cell_areas(grid)


def test_the_globe_has_its_area():
    grid = Grid("EPSG:4326", Affine(1, 0, -180, 0, -1, 90), (180, 360))
    assert crs.cell_areas(grid).sum() == pytest.approx(510_065_621.7e6, rel=1e-9)


def test_the_box_of_the_city_has_its_published_area():
    box = gpd.GeoSeries([shapely.box(109.43, 31.50, 111.58, 33.28)], crs="EPSG:4326")
    rows = Grid("EPSG:4326", Affine(0.01, 0, 109.43, 0, -0.01, 33.28), (178, 215))
    assert crs.polygon_areas(box)[0] == pytest.approx(crs.cell_areas(rows).sum(), rel=1e-7)


def test_holes_are_subtracted_whatever_their_direction():
    x, y = 500_000, 3_600_000
    outer = [(x, y), (x, y + 3000), (x + 3000, y + 3000), (x + 3000, y)]
    hole = [(a + 500, b + 500) for a, b in outer[:1]]
    hole += [(hole[0][0] + 1000, hole[0][1]), (hole[0][0] + 1000, hole[0][1] + 1000)]
    hole += [(hole[0][0], hole[0][1] + 1000)]
    shapes = [shapely.Polygon(outer, [h]) for h in (hole, hole[::-1])]
    areas = crs.polygon_areas(gpd.GeoSeries(shapes, crs="EPSG:4546"))
    np.testing.assert_allclose(areas, 8e6, rtol=1e-5)


def test_points_lines_and_nothing_have_no_area():
    shapes = [shapely.Point(500_000, 3_600_000), shapely.LineString([(0, 0), (1, 1)]), None]
    assert crs.polygon_areas(gpd.GeoSeries(shapes, crs="EPSG:4546")).tolist() == [0.0, 0.0, 0.0]


def test_area_does_not_depend_on_the_projection(squares):
    turned = crs.to_crs(squares, "EPSG:4490")
    np.testing.assert_allclose(crs.polygon_areas(turned), crs.polygon_areas(squares), rtol=1e-6)


def test_to_crs_keeps_attributes_and_refuses_the_nameless(squares):
    turned = crs.to_crs(squares, "EPSG:4490")
    assert turned["code"].tolist() == ["a", "b"]
    assert turned.crs.to_epsg() == 4490
    assert 110.9 < turned.total_bounds[0] < 111.1
    with pytest.raises(CrsError):
        crs.to_crs(squares.set_crs(None, allow_override=True), "EPSG:4490")
