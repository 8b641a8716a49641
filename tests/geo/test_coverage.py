"""Exact coverage and zonal statistics of polygons against shapely, closed forms and peers."""

from __future__ import annotations

import exactextract
import geopandas as gpd
import numba
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rasterio.features import geometry_mask
from shapely import affinity

from geo import coverage, zonal
from geo._kernels import coverage as kernel
from geo._kernels import zones
from geo.errors import CrsError, GridMismatchError, VectorError
from geo.grid import Grid

#: One cell is one unit, so that a cell's area is its share and digits are not lost.
UNIT = Grid("EPSG:4546", Affine(1, 0, 0, 0, -1, 12), (12, 14))
NUMBERS = (
    st.floats(-3, 17) | st.integers(-3, 17).map(float) | st.integers(0, 28).map(lambda k: k / 2)
)
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=9)


@st.composite
def areas(draw: st.DrawFn) -> shapely.Geometry:
    """A valid polygon or multipolygon, maybe with holes, maybe partly off the grid."""
    whole = shapely.Polygon(draw(POINTS)).buffer(0)
    if draw(st.booleans()):
        whole = whole.symmetric_difference(shapely.Polygon(draw(POINTS)).buffer(0))
    if draw(st.booleans()):
        whole = whole.difference(shapely.Polygon(draw(POINTS)).convex_hull.buffer(0))
    parts = [part for part in shapely.get_parts(whole) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon([part for part in parts if part.area > 1e-6])


def dense(shape: shapely.Geometry, grid: Grid = UNIT) -> np.ndarray:
    shares, top, first = coverage.fractions(shape, grid)
    out = np.zeros(grid.shape)
    out[top : top + shares.shape[0], first : first + shares.shape[1]] = shares
    return out


def cells(grid: Grid = UNIT) -> np.ndarray:
    row, col = np.mgrid[: grid.rows, : grid.cols]
    west, north = grid.transform.c + col * grid.dx, grid.transform.f - row * grid.dy
    return shapely.box(west, north - grid.dy, west + grid.dx, north)


@settings(max_examples=150, deadline=None)
@given(shape=areas())
def test_shares_are_intersections(shape):
    found = dense(shape)
    assert found.min() >= 0
    assert found.max() <= 1
    want = shapely.area(shapely.intersection(cells(), shape))
    np.testing.assert_allclose(found, want, rtol=0, atol=1e-11)
    inside = shapely.intersection(shape, shapely.box(0, 0, 14, 12)).area
    assert found.sum() == pytest.approx(inside, abs=1e-9)


def test_shares_of_plain_shapes_to_twelve_digits():
    shapes = [
        shapely.box(1, 1, 4, 5),
        shapely.box(1.25, 1.5, 4.75, 5.125),
        shapely.Polygon([(1, 1), (9, 2), (5, 11)], [[(4, 3), (6, 3), (5, 6)]]),
        shapely.MultiPolygon([shapely.box(0, 0, 1.5, 1.5), shapely.box(3, 3, 3.1, 9)]),
        shapely.Point(6.3, 6.1).buffer(4.7, quad_segs=64),
        shapely.Point(6.5, 5.5).buffer(40),  # the whole grid
    ]
    for shape in shapes:
        for turned in (shape, shapely.reverse(shape), shapely.normalize(shape)):
            want = shapely.area(shapely.intersection(cells(), shape))
            np.testing.assert_allclose(dense(turned), want, rtol=0, atol=1e-12)
    assert (dense(shapely.box(1, 1, 4, 5)).sum(), dense(shapes[-1]).min()) == (12.0, 1.0)


def test_neighbours_add_up_to_one():
    rng = np.random.default_rng(1)
    points = shapely.multipoints(rng.uniform(0, 14, (60, 2)))
    frame = shapely.box(-2, -2, 17, 17)
    pieces = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame))
    total = sum(dense(piece) for piece in pieces)
    np.testing.assert_allclose(total, 1.0, rtol=0, atol=1e-12)


def test_off_the_grid_empty_and_missing():
    assert coverage.fractions(shapely.box(20, 1, 22, 3), UNIT)[0].size == 0
    values = np.ones(UNIT.shape, np.float32)
    shapes = [None, shapely.box(20, 1, 22, 3), shapely.Polygon(), shapely.box(0, 0, 2, 2)]
    for exact in (True, False):
        found = zonal.stats_of(shapes, values, UNIT, exact=exact)
        np.testing.assert_array_equal(found["count"], [0, 0, 0, 4])
        np.testing.assert_array_equal(found["sum"], [0, 0, 0, 4])
        np.testing.assert_array_equal(np.isnan(found["mean"]), [True, True, True, False])
    assert zonal.stats_of([], values, UNIT, exact=True)["sum"].size == 0


@settings(max_examples=60, deadline=None)
@given(shapes=st.lists(areas(), min_size=1, max_size=3), seed=st.integers(0, 9))
def test_exact_statistics(shapes, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=UNIT.shape).astype(np.float32)
    values[rng.random(UNIT.shape) < 0.1] = np.nan
    found = zonal.stats_of(shapes, values, UNIT, exact=True)
    for k, shape in enumerate(shapes):
        share = np.where(np.isnan(values), 0, dense(shape))
        flat = np.nan_to_num(values.astype(np.float64))
        assert found["count"][k] == pytest.approx(share.sum(), abs=1e-9)
        assert found["sum"][k] == pytest.approx((share * flat).sum(), abs=1e-9)
        some = flat[share > 0]
        assert found["min"][k] == pytest.approx(some.min() if some.size else np.nan, nan_ok=True)
        assert found["max"][k] == pytest.approx(some.max() if some.size else np.nan, nan_ok=True)
        if share.sum() > 1e-3:
            assert found["mean"][k] == pytest.approx(np.average(flat, weights=share), abs=1e-7)


@settings(max_examples=80, deadline=None)
@given(shape=areas(), dx=st.floats(0.001, 0.4), dy=st.floats(0.001, 0.4))
def test_centres_are_those_of_gdal(shape, dx, dy):
    # moved, so that no centre lies on an edge: there GDAL also burns the last row of a shape
    shape = affinity.translate(shape, dx, dy)
    values = np.arange(UNIT.size, dtype=np.float32).reshape(UNIT.shape)
    found = zonal.stats_of([shape], values, UNIT, exact=False)
    assume(not shape.is_empty)
    burnt = geometry_mask([shape], UNIT.shape, UNIT.transform, invert=True)
    assume((shapely.distance(shape.boundary, shapely.centroid(cells())) > 1e-9).all())
    assert found["count"][0] == burnt.sum()
    assert found["sum"][0] == values[burnt].sum(dtype=np.float64)
    assert found["max"][0] == pytest.approx(
        values[burnt].max() if burnt.any() else np.nan, nan_ok=True
    )


def country(side: int = 400) -> tuple[Grid, np.ndarray, np.ndarray]:
    grid = Grid("EPSG:4546", Affine(30, 0, 500_010, 0, -30, 3_600_000), (side, side))
    rng = np.random.default_rng(2)
    west, south, east, north = grid.bounds
    points = shapely.multipoints(rng.uniform((west, south), (east, north), (12, 2)))
    shapes = shapely.get_parts(shapely.voronoi_polygons(points))
    values = (rng.normal(size=grid.shape) * 50 + 900).astype(np.float32)
    values[rng.random(grid.shape) < 0.01] = np.nan
    return grid, shapes, values


def test_exactextract_says_the_same():
    grid, shapes, values = country()
    west, south, east, north = grid.bounds
    inside = shapely.intersection(shapes, shapely.box(west, south, east, north))
    raster = exactextract.raster.NumPyRasterSource(
        values, xmin=west, ymin=south, xmax=east, ymax=north, nodata=np.nan
    )
    layer = gpd.GeoDataFrame(geometry=inside, crs=grid.crs)
    names = ["mean", "sum", "min", "max", "count"]
    theirs = exactextract.exact_extract(raster, layer, names, output="pandas")
    ours = zonal.stats_of(layer.geometry, values, grid, exact=True)
    for name in names:
        rtol = 0 if name in {"min", "max"} else 1e-9
        np.testing.assert_allclose(ours[name], theirs[name], rtol=rtol)


def test_threads_and_repeats_change_nothing():
    grid, shapes, values = country(700)
    usual = numba.get_num_threads()
    for exact in (True, False):
        found = zonal.stats_of(shapes, values, grid, exact=exact)
        try:
            numba.set_num_threads(1)
            single = zonal.stats_of(shapes, values, grid, exact=exact)
        finally:
            numba.set_num_threads(usual)
        for name, column in found.items():
            np.testing.assert_array_equal(column, single[name])


@pytest.mark.parametrize("exact", [True, False])
def test_a_coast_of_many_edges(exact):
    # a star of 60,000 corners on a grid of 900 x 1,000 cells, most of it in one strip
    turn = np.linspace(0, 2 * np.pi, 60_000, endpoint=False)
    reach = 380 + 40 * np.sin(37 * turn) + 3 * np.random.default_rng(4).random(turn.size)
    star = shapely.Polygon(
        np.column_stack([500 + reach * np.cos(turn), 450 + reach * np.sin(turn)])
    )
    grid = Grid("EPSG:4546", Affine(1, 0, 0, 0, -1, 900), (900, 1000))
    found = zonal.stats_of([star, shapely.box(2, 2, 4, 4)], np.ones(grid.shape), grid, exact=exact)
    rtol = 1e-12 if exact else 1e-4
    np.testing.assert_allclose(found["count"], [star.area, 4], rtol=rtol)
    np.testing.assert_array_equal(found["sum"], found["count"])


@pytest.mark.parametrize("exact", [True, False])
def test_interpreted_and_compiled_agree(exact):
    rng = np.random.default_rng(3)
    values = rng.normal(size=UNIT.shape).astype(np.float32)
    values[4, 5] = np.nan
    wide = np.tile(values, (1, 4))
    grid = Grid(UNIT.crs, UNIT.transform, wide.shape)
    shapes = [
        shapely.Polygon([(-2, 1), (50, 2), (45, 11)], [[(4, 3), (26, 3), (5, 6)]]),
        shapely.box(3, 3, 9.5, 7.25),
    ]
    edges = coverage.edges_of(shapes, grid)
    strips = np.array([[0, 0, 12, 0, 56], [1, 4, 5, 3, 7]])
    run = zones.exact if exact else zones.centres
    out, again = np.empty((2, zones.RESULTS)), np.empty((2, zones.RESULTS))
    run(edges.table, edges.starts, strips, wide, out)
    run.py_func(edges.table, edges.starts, strips, wide, again)
    np.testing.assert_allclose(again, out, rtol=1e-12)
    shares, top, first = coverage.fractions(shapes[0], grid)
    flat = np.empty_like(shares)
    kernel.window.py_func(edges.table[: edges.starts[1]], top, first, flat)
    np.testing.assert_allclose(flat, shares, atol=1e-15)


def test_small_kernels_interpreted():
    assert kernel.settle.py_func(-0.25) == 0.25
    assert kernel.settle.py_func(1e-15) == 0.0
    assert kernel.settle.py_func(1 - 1e-15) == 1.0
    area, touched = np.zeros((1, 4)), np.zeros((1, 3), np.uint8)
    # a slanting edge through all three cells, from (0.5, 0) to (2.5, 1)
    kernel.add_edge.py_func(np.array([0.5, 0.0, 2.5, 1.0]), 0, 0, area, touched)
    np.testing.assert_allclose(np.cumsum(area[0])[:3], [0.0625, 0.5, 0.9375])
    assert touched.all()
    assert kernel.next_mark.py_func(np.array([1, 0, 0, 1], np.uint8), 1) == 3
    marks = np.zeros((2, 4), np.uint8)
    zones.mark_crossings.py_func(np.array([1.0, 2.0, 1.0, 0.0]), 0, 0, marks)
    zones.mark_crossings.py_func(np.array([4.9, 2.0, 4.9, 0.0]), 0, 0, marks)  # beyond
    np.testing.assert_array_equal(marks, [[0, 1, 0, 0], [0, 1, 0, 0]])


def test_what_cannot_be_used_is_refused():
    values = np.ones(UNIT.shape, np.float32)
    with pytest.raises(VectorError, match="geometries"):
        zonal.stats_of([shapely.Point(1, 1)], values, UNIT, exact=True)
    series = gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs="EPSG:4490")
    with pytest.raises(CrsError, match="EPSG:4490"):
        zonal.stats_of(series, values, UNIT, exact=True)
    with pytest.raises(GridMismatchError, match="values"):
        zonal.stats_of([shapely.box(0, 0, 1, 1)], values[:3], UNIT, exact=False)
