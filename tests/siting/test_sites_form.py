"""Shape of sites against closed forms; outlines of sites in several parts; ids."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine

from geo.crs import polygon_areas
from geo.errors import OptionError
from geo.grid import Grid
from siting.sites._kernels.extent import site_extents, site_moments
from siting.sites.form import shape_columns
from siting.sites.frame import places
from siting.sites.geohash import site_ids

CRS = "EPSG:4546"


def make_grid(rows=60, cols=80, res=30.0):
    return Grid(CRS, Affine(res, 0, 450_000, 0, -res, 3_600_000), (rows, cols))


def of_polygon(polygon, grid):
    rows, cols = np.indices(grid.shape)
    x = grid.transform.c + (cols + 0.5) * grid.dx
    y = grid.transform.f - (rows + 0.5) * grid.dy
    return shapely.contains_xy(polygon, x, y).astype(np.int32)


@pytest.mark.parametrize("ratio", [1, 2, 5])
def test_rectangles_have_their_closed_form(ratio):
    grid = make_grid()
    labels = np.zeros(grid.shape, np.int32)
    labels[10:20, 10 : 10 + 10 * ratio] = 1
    found = shape_columns(labels, 1, grid)
    assert found["compactness"][0] == pytest.approx(6 * ratio / (math.pi * (1 + ratio**2)))
    assert found["widest_m"][0] == pytest.approx(300.0)
    assert found["longest_m"][0] == pytest.approx(300 * math.hypot(1, ratio), rel=1e-3)


def test_compactness_does_not_hang_on_the_cell():
    labels = np.zeros((20, 30), np.int32)
    labels[4:15, 5:26] = 1
    labels[7:9, 10:20] = 0  # a hole
    coarse = shape_columns(labels, 1, make_grid(20, 30, 90.0))
    fine = shape_columns(np.kron(labels, np.ones((3, 3), np.int32)), 1, make_grid(60, 90, 30.0))
    for name, values in coarse.items():
        np.testing.assert_allclose(fine[name], values, rtol=1e-9, err_msg=name)


def test_a_disc_is_one_and_a_turned_strip_keeps_its_width():
    grid = make_grid(300, 300, 10.0)
    centre = shapely.Point(451_500, 3_598_500)
    disc = shape_columns(of_polygon(centre.buffer(1000, 64), grid), 1, grid)
    assert disc["compactness"][0] == pytest.approx(1.0, abs=2e-3)
    assert disc["widest_m"][0] == pytest.approx(2000, rel=0.01)
    strip = shapely.affinity.rotate(shapely.box(450_500, 3_598_300, 452_500, 3_598_700), 33)
    turned = shape_columns(of_polygon(strip, grid), 1, grid)
    assert turned["compactness"][0] == pytest.approx(6 * 5 / (math.pi * 26), rel=0.01)
    assert turned["widest_m"][0] == pytest.approx(400, abs=35)
    assert turned["longest_m"][0] == pytest.approx(2000 * math.hypot(1, 0.2), rel=0.01)


def test_interpreted_equals_compiled_and_order_of_sites_is_kept():
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 4, (17, 23)).astype(np.int32)
    east, south = np.cos([0.0, 0.7, 1.5]), np.sin([0.0, 0.7, 1.5])
    answers = []
    for moments, extents in (
        (site_moments, site_extents),
        (site_moments.py_func, site_extents.py_func),
    ):
        sums, low, high = np.zeros((3, 5)), np.full((3, 3), np.inf), np.full((3, 3), -np.inf)
        moments(labels.ravel(), 17, 23, sums)
        extents(labels.ravel(), 17, 23, east, south, low, high)
        answers.append((sums, low, high))
    for ours, theirs in zip(*answers, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    rows, cols = np.nonzero(labels == 2)
    at = cols * east[1] + rows * south[1]
    assert answers[0][1][1, 1] == at.min()
    assert answers[0][0][1].tolist() == [
        rows.size, cols.sum(), rows.sum(), (cols**2).sum(), (rows**2).sum()
    ]  # fmt: skip


def test_no_sites_and_a_foreign_grid():
    grid = make_grid()
    empty = shape_columns(np.zeros(grid.shape, np.int32), 0, grid)
    assert [values.size for values in empty.values()] == [0, 0, 0]
    with pytest.raises(OptionError):
        shape_columns(np.zeros((3, 3), np.int32), 0, grid)


def test_outlines_of_joined_parts_have_the_area_of_their_cells():
    grid = make_grid()
    labels = np.zeros(grid.shape, np.int32)
    labels[5:20, 5:12] = 1
    labels[5:20, 14:20] = 1  # across a gully of two cells
    labels[8:12, 6:9] = 0  # a hole
    labels[9:11, 7] = 1  # an island in the hole
    labels[20, 20] = 1  # touches by a corner
    labels[40:50, 40:50] = 2
    found = places("pv", labels, 2, grid, np.ones(grid.shape, np.uint8))
    assert found.geometry.is_valid.all()
    assert found.geometry.geom_type.tolist() == ["MultiPolygon", "Polygon"]
    outlines = gpd.GeoDataFrame(geometry=found.geometry)
    np.testing.assert_allclose(polygon_areas(outlines), found.area_m2, rtol=1e-5)
    for i in range(2):  # the point drawn lies on the site, not in a gap
        assert labels[grid.rowcol(found.x[i], found.y[i])] == i + 1


def test_outlines_of_speckle_are_valid():
    grid = make_grid()
    rng = np.random.default_rng(3)
    labels = (rng.random(grid.shape) < 0.6).astype(np.int32)
    found = places("pv", labels, 1, grid, np.ones(grid.shape, np.uint8))
    assert found.geometry.is_valid.all()
    outlines = gpd.GeoDataFrame(geometry=found.geometry)
    np.testing.assert_allclose(polygon_areas(outlines), found.area_m2, rtol=1e-5)


def test_ids_in_one_lattice_cell_do_not_hang_on_the_order():
    x = np.array([450_010.0, 450_040.0, 450_010.0])
    y = np.array([3_600_010.0, 3_600_040.0, 3_600_040.0])
    ids = site_ids("pv", CRS, x, y)
    assert len(set(ids)) == 3
    assert ids[2] + "-2" == ids[1]  # the same row: the western one comes first
    assert ids[2] + "-3" == ids[0]
    for order in ([2, 0, 1], [1, 2, 0]):
        assert site_ids("pv", CRS, x[order], y[order]) == [ids[i] for i in order]
