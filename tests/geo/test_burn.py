"""Bits burnt from features: GDAL cell for cell, and buffers against plain distances."""

from __future__ import annotations

import struct

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.features import rasterize
from shapely.geometry import (
    GeometryCollection,
    LineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
)

from geo._kernels import bands, burn_capsules, burn_polygons, wkb
from geo.burn import Outlines, burn_bits, outlines, read_outlines, set_bit
from geo.errors import CrsError, GridMismatchError, OptionError, VectorError
from geo.grid import Grid

#: Half cells hit every rule of what lies exactly on an edge; the others none of them.
HALVES = st.integers(-8, 90).map(lambda n: n / 2)
ANYWHERE = st.floats(-6, 46, allow_nan=False, width=32)
XY = st.one_of(st.tuples(HALVES, HALVES), st.tuples(ANYWHERE, ANYWHERE))
RINGS = st.lists(XY, min_size=3, max_size=9)
POLYGONS = st.builds(Polygon, RINGS, st.lists(RINGS, max_size=2))
AREAS = st.one_of(
    POLYGONS,
    st.builds(MultiPolygon, st.lists(POLYGONS, min_size=1, max_size=3)),
    st.sampled_from(
        [
            Polygon(),
            box(3, 3, 3.2, 3.2),  # smaller than a cell, round no centre
            box(4.4, 4.4, 4.6, 4.6),
            box(-9e6, -9e6, 9e6, 9e6),
            box(500, 500, 900, 900),
            Polygon([(1, 1), (9, 9), (1, 1)]),  # no area
            Polygon([(2.5, 2.5), (2.5, 2.5), (2.5, 2.5)]),
        ]
    ),
)
FEATURES = st.one_of(
    AREAS,
    st.builds(Point, XY),
    st.builds(LineString, st.lists(XY, min_size=2, max_size=6)),
    st.builds(MultiPoint, st.lists(XY, min_size=1, max_size=4)),
    st.builds(lambda a, p: GeometryCollection([a, Point(p)]), POLYGONS, XY),
)
PLANES = st.sampled_from([("u1", 0), ("u1", 7), ("u2", 9), ("u4", 31), ("u8", 63)])


def grid_of(rows=40, cols=40, dx=1.0, dy=1.0, west=0.0, north=40.0) -> Grid:
    return Grid("EPSG:4546", Affine(dx, 0, west, 0, -dy, north), (rows, cols))


def gdal(shapes, grid):
    shapes = [one for one in shapes if not one.is_empty]
    if not shapes:
        return np.zeros(grid.shape, bool)
    return rasterize(shapes, out_shape=grid.shape, transform=grid.transform, dtype="uint8") > 0


def burnt(shapes, reach, grid):
    plane = np.zeros(grid.shape, np.uint8)
    burn_bits(shapes, reach, grid, plane, 3)
    return plane == 8


def distances(shape, grid):
    x, y = grid.xy(0, 0)
    x, y = np.meshgrid(x + np.arange(grid.cols) * grid.dx, y - np.arange(grid.rows) * grid.dy)
    return shapely.distance(shapely.points(x, y), shape)


@settings(max_examples=150, deadline=None)
@given(shapes=st.lists(AREAS, min_size=1, max_size=4), plane=PLANES)
def test_polygons_are_those_of_gdal(shapes, plane):
    grid = grid_of()
    found = np.ones(grid.shape, plane[0])
    found[:] = 1 << (plane[1] + 1) % (8 * found.itemsize)
    before = found.copy()
    burn_bits(shapes, 0, grid, found, plane[1])
    flag = found.dtype.type(1 << plane[1])
    np.testing.assert_array_equal((found & flag) != 0, gdal(shapes, grid))
    np.testing.assert_array_equal(found & ~flag, before)  # the other bits stay


@settings(max_examples=40, deadline=None)
@given(
    corners=st.lists(st.tuples(st.floats(-900, 9900), st.floats(-900, 6900)), min_size=3),
    cell=st.sampled_from([30.0, 90.0, 7.3]),
)
def test_polygons_on_real_coordinates_are_those_of_gdal(corners, cell):
    grid = grid_of(70, 95, cell, cell, 500_010.0, 3_600_030.0)
    shape = shapely.affinity.translate(Polygon(corners), 500_010.0, 3_593_000.0)
    np.testing.assert_array_equal(burnt([shape], 0, grid), gdal([shape], grid))


@settings(max_examples=80, deadline=None)
@given(
    shapes=st.lists(FEATURES, min_size=1, max_size=4),
    reaches=st.lists(st.sampled_from([0.5, 1.0, 2.5, 5.0, 7.3, 400.0]), min_size=4, max_size=4),
    dx=st.sampled_from([1.0, 0.7]),
)
def test_buffers_are_the_exact_distance(shapes, reaches, dx):
    grid = grid_of(dx=dx)
    shapes = [shapely.make_valid(one) for one in shapes]  # a crossed ring has no distance
    near, far = np.zeros(grid.shape, bool), np.zeros(grid.shape, bool)
    for shape, reach in zip(shapes, reaches, strict=False):
        if not shape.is_empty:
            away = distances(shape, grid)
            near |= away <= reach - 1e-9
            far |= away <= reach + 1e-9
    got = burnt(shapes, reaches[: len(shapes)], grid)
    assert not (near & ~got).any()
    assert not (got & ~far).any()


def test_ties_are_inside():
    """A centre at exactly the reach belongs to the buffer, on every side."""
    grid = grid_of(41, 41, 30.0, 30.0, 0.0, 1230.0)
    x, y = grid.xy(20, 20)
    rows, cols = np.indices(grid.shape) - 20
    for reach in (0.0, 30.0, 90.0, 150.0, 390.0):
        want = rows**2 + cols**2 <= (reach / 30) ** 2 if reach else np.zeros(grid.shape, bool)
        np.testing.assert_array_equal(burnt([Point(x, y)], reach, grid), want)
    level = LineString([(x - 60, y), (x + 60, y)])
    want = np.hypot(rows, np.maximum(np.abs(cols) - 2, 0)) <= 3
    np.testing.assert_array_equal(burnt([level], 90.0, grid), want)
    upright = LineString([(x, y + 60), (x, y - 60)])
    np.testing.assert_array_equal(burnt([upright], 90.0, grid), want.T)


@settings(max_examples=40, deadline=None)
@given(shape=FEATURES, reach=st.floats(0.1, 20), more=st.floats(0, 20))
def test_a_buffer_only_grows(shape, reach, more):
    grid = grid_of()
    small, large = burnt([shape], reach, grid), burnt([shape], reach + more, grid)
    assert not (small & ~large).any()
    assert not (burnt([shape], 0, grid) & ~small).any()


def test_each_feature_has_its_reach_and_absent_ones_none():
    grid = grid_of()
    shapes = [Point(10.5, 20.5), None, Point(30.5, 20.5), Polygon()]
    got = burnt(shapes, [2.0, 9.0, 5.0, 9.0], grid)
    want = burnt([shapes[0]], 2.0, grid) | burnt([shapes[2]], 5.0, grid)
    np.testing.assert_array_equal(got, want)
    assert not burnt([None, Polygon()], 5.0, grid).any()
    assert not burnt([], 5.0, grid).any()


def test_a_source_beyond_the_border_counts():
    """What atlite's raster buffer loses: a feature just outside the region."""
    grid = grid_of(60, 60, 30.0, 30.0, 0.0, 1800.0)
    shape = box(-200, 700, -100, 900)
    got = burnt([shape], 1000.0, grid)
    np.testing.assert_array_equal(got, distances(shape, grid) <= 1000.0)
    assert got.any()


def test_a_series_is_buffered_like_a_frame():
    """What atlite does not: a GeoSeries in memory is buffered, never silently left out."""
    grid = grid_of()
    series = gpd.GeoSeries([Point(20, 20)], crs=grid.crs)
    want = burnt(list(series), 6.0, grid)
    assert want.sum() > 100
    np.testing.assert_array_equal(burnt(series, 6.0, grid), want)
    np.testing.assert_array_equal(burnt(series.to_frame("geometry"), 6.0, grid), want)


def test_degrees_are_refused():
    """What atlite burns to nothing: a series in EPSG:4326 on a metric grid."""
    lonlat = gpd.GeoSeries([Point(111, 32)], crs="EPSG:4326")
    with pytest.raises(CrsError):
        burnt(lonlat, 6.0, grid_of())
    degrees = Grid("EPSG:4490", Affine(0.01, 0, 110, 0, -0.01, 33), (9, 9))
    with pytest.raises(CrsError):
        burnt([Point(110.05, 32.95)], 6.0, degrees)
    with pytest.raises(CrsError):
        outlines(gpd.GeoSeries([Point(0, 0)]))


def test_no_region_edge_is_eaten():
    """What atlite's ``codes=None`` does: nothing to buffer leaves the border alone."""
    grid = grid_of()
    assert not burnt([], 12.0, grid).any()
    hole = box(-50, -50, 90, 90).difference(box(-1, -1, 41, 41))
    assert not burnt([hole], 0.4, grid).any()  # 0.5 from the border's centres to the edge
    ring = burnt([hole], 2.0, grid)
    assert ring[0].all()
    assert not ring[2:-2, 2:-2].any()


def test_a_disc_is_round():
    """What atlite's default is not: 1,000 m round a cell is 3.14 km2, no diamond of 2.14."""
    grid = grid_of(81, 81, 30.0, 30.0, 0.0, 2430.0)
    area = burnt([Point(grid.xy(40, 40))], 1000.0, grid).sum() * 900 / 1e6
    assert area == pytest.approx(np.pi, rel=0.005)


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_do_not_matter(threads):
    import numba

    rng = np.random.default_rng(8)
    grid = grid_of(300, 200, 1.0, 1.0, 0.0, 300.0)
    lines = [LineString(rng.uniform(-20, 300, (5, 2))) for _ in range(40)]
    want = burnt(lines, 4.0, grid)
    before = numba.get_num_threads()
    numba.set_num_threads(min(threads, before))
    np.testing.assert_array_equal(burnt(lines, 4.0, grid), want)
    numba.set_num_threads(before)


def test_long_paths_are_cut_into_runs():
    turn = np.linspace(0, 2 * np.pi, 1001)
    ring = np.column_stack([20 + 15 * np.cos(turn), 20 + 15 * np.sin(turn)])
    grid = grid_of()
    shape = Polygon(ring)
    np.testing.assert_array_equal(burnt([shape], 0, grid), gdal([shape], grid))
    line = LineString(ring)
    np.testing.assert_array_equal(burnt([line], 2.0, grid), distances(line, grid) <= 2.0)


def flat_of(shapes) -> Outlines:
    return outlines(shapes)


@pytest.mark.parametrize("compiled", [False, True])
def test_kernels_interpreted_and_compiled(compiled):
    """Every kernel of the burn on one scene, each half of the test its own way."""
    rng = np.random.default_rng(11)
    grid = grid_of(70, 66, 1.0, 1.0, 0.0, 70.0)
    shapes = [
        Polygon(rng.uniform(-10, 80, (40, 2))),
        LineString(rng.uniform(-10, 80, (70, 2))),
        Polygon([(1.5, 9.5), (30.5, 9.5), (30.5, 19.5), (1.5, 19.5)]),
        Polygon([(40.5, 9.5), (40.5, 19.5), (60.5, 19.5), (60.5, 9.5)]),
        Point(50, 50),
    ]
    reach = [0.0, 1.5, 0.0, 2.0, 6.0]
    want = burnt(shapes, reach, grid)
    if compiled:
        return

    def plain(module, *names):
        return {name: getattr(module, name).py_func for name in names}

    with pytest.MonkeyPatch.context() as patch:
        for module, names in (
            (wkb, ("uint32", "is_nan", "bytes_a_point", "copy", "parse")),
            (burn_polygons, ("fill", "column", "first_row", "clockwise", "scan", "order")),
            (burn_capsules, ("near", "capsule", "run_of_edges")),
            (bands, ("runs", "listed", "spread", "burn")),
        ):
            for name, function in plain(module, *names).items():
                patch.setattr(module, name, function)
        patch.setattr(burn_capsules, "fill", burn_polygons.fill)
        patch.setattr(bands, "scan", burn_polygons.scan)
        patch.setattr(bands, "run_of_edges", burn_capsules.run_of_edges)
        np.testing.assert_array_equal(burnt(shapes, reach, grid), want)


@pytest.mark.parametrize("compiled", [False, True])
def test_sorting_of_crossings(compiled):
    order = burn_polygons.order if compiled else burn_polygons.order.py_func
    for n in (0, 1, 2, 9, 33, 200):
        values = np.random.default_rng(n).integers(0, 50, n + 4)
        want = values.copy()
        want[2 : n + 2] = np.sort(want[2 : n + 2])
        order(values, 2, n + 2)
        np.testing.assert_array_equal(values, want)


def test_wkb_of_every_kind():
    shapes = [Point(1, 2), LineString([(0, 0), (3, 4)]), box(0, 0, 5, 5), MultiPoint([(1, 1)])]
    shapes += [GeometryCollection([box(0, 0, 1, 1), GeometryCollection([Point(7, 8)])]), Point()]
    flat = outlines(shapes)
    assert flat.count == 6
    assert flat.feature.tolist() == [0, 1, 2, 3, 4, 4]
    assert flat.area.tolist() == [0, 0, 1, 0, 1, 0]
    np.testing.assert_array_equal(flat.xy, np.vstack([shapely.get_coordinates(s) for s in shapes]))
    spatial = shapely.force_3d(np.array(shapes[:5]), 9.0)
    for flavor in ("iso", "extended"):
        raw = shapely.to_wkb(spatial, flavor=flavor, byte_order=1)
        np.testing.assert_array_equal(outlines(raw).xy, flat.xy)
    known = shapely.to_wkb(shapely.set_srid(shapes[2], 4546), include_srid=True, byte_order=1)
    np.testing.assert_array_equal(outlines([known]).xy, shapely.get_coordinates(shapes[2]))


def test_what_is_no_line_or_polygon_is_refused():
    curve = struct.pack("<BII", 1, 8, 0)
    with pytest.raises(VectorError, match="feature 1"):
        outlines([shapely.to_wkb(Point(0, 0)), curve])
    whole = shapely.to_wkb(box(0, 0, 1, 1), byte_order=1)
    for length in range(1, len(whole)):
        with pytest.raises(VectorError):
            outlines([whole[:length]])
    with pytest.raises(VectorError, match="finite"):
        outlines([LineString([(0, 0), (np.inf, 1)])])
    with pytest.raises(VectorError, match="feature 0"):
        outlines([struct.pack(">BII", 0, 8, 0)])


def test_a_layer_read_from_a_file(tmp_path):
    grid = grid_of()
    frame = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[box(2, 2, 9, 9), None], crs=grid.crs)
    frame.to_file(tmp_path / "a.gpkg", layer="x")
    flat = read_outlines(tmp_path / "a.gpkg")
    assert flat.count == 2
    np.testing.assert_array_equal(burnt(flat, 0, grid), gdal([frame.geometry[0]], grid))
    with pytest.raises(VectorError):
        read_outlines(tmp_path / "none.gpkg")
    frame.to_crs(4326).to_file(tmp_path / "b.gpkg")
    with pytest.raises(CrsError):
        burnt(read_outlines(tmp_path / "b.gpkg"), 0, grid)


def test_planes_and_reaches_are_checked():
    grid = grid_of()
    point = [Point(3, 3)]
    with pytest.raises(GridMismatchError):
        burn_bits(point, 1.0, grid, np.zeros((2, 2), np.uint8), 0)
    for plane, bit in (
        (np.zeros(grid.shape, np.uint8), 8),
        (np.zeros(grid.shape, np.uint16), -1),
        (np.zeros(grid.shape, np.int16), 0),
        (np.zeros(grid.shape, ">u2"), 0),
        (np.zeros(grid.shape[::-1], np.uint8).T, 0),
    ):
        with pytest.raises(OptionError, match="bit"):
            burn_bits(point, 1.0, grid, plane, bit)
    for reach in (-1.0, float("nan"), float("inf"), [1.0, 2.0]):
        with pytest.raises(OptionError, match="reach_m"):
            burn_bits(point, reach, grid, np.zeros(grid.shape, np.uint8), 0)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("dtype", "bit"), [("u1", 7), ("u2", 8), ("u4", 17), ("u8", 63)])
def test_a_bit_set_from_a_mask(dtype, bit, compiled, monkeypatch):
    if not compiled:
        monkeypatch.setattr(bands, "mark", bands.mark.py_func)
    rng = np.random.default_rng(2)
    grid = grid_of(5, 7)
    where = rng.random(grid.shape) < 0.4
    plane = rng.integers(0, 2, grid.shape).astype(dtype)
    want = plane | (where.astype(dtype) << plane.dtype.type(bit))
    set_bit(plane, where, bit)
    np.testing.assert_array_equal(plane, want)
    with pytest.raises(GridMismatchError):
        set_bit(plane, where[:2], bit)
