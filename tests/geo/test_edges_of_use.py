"""What nobody should pass to the kernels, and what is done with it: a named error or the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from affine import Affine

from geo import burn, coverage, distance, horizon, terrain, zonal
from geo._kernels import horizon as horizon_kernel
from geo._kernels import wkb
from geo.errors import GridMismatchError, OptionError, VectorError
from geo.grid import Grid

GRID = Grid("EPSG:4546", Affine(30, 0, 500_010, 0, -30, 3_600_000), (20, 25))
WEST, SOUTH, EAST, NORTH = GRID.bounds
WHOLE = shapely.box(WEST, SOUTH, EAST, NORTH)
HALF = shapely.box(WEST, SOUTH, WEST + 300, NORTH)


def burnt(shapes, reach=0.0):
    plane = np.zeros(GRID.shape, np.uint64)
    burn.burn_bits(shapes, reach, GRID, plane, 63)
    return plane == np.uint64(1 << 63)


@pytest.mark.parametrize("reach", [1e9, 1e21, 1e23, 1e300])
def test_a_reach_beyond_all_counts_covers_everything(reach):
    assert burnt([shapely.Point(WEST, SOUTH)], reach).all()
    assert burnt([shapely.LineString([(-9e11, 9e11), (9e11, 9e11)])], max(reach, 1e13)).all()


@pytest.mark.parametrize("far", [math.nan, math.inf, -math.inf, 1e22, 1e300])
def test_coordinates_that_are_none_are_refused(far):
    with np.errstate(invalid="ignore"):
        shapes = [
            shapely.Point(far, SOUTH),
            shapely.Point(WEST, far),
            shapely.Polygon([(WEST, SOUTH), (far, SOUTH), (EAST, NORTH)]),
            shapely.Polygon([(WEST, SOUTH), (EAST, far), (EAST, NORTH)]),
        ]
    values = np.ones(GRID.shape, np.float32)
    for shape in shapes:
        with pytest.raises(VectorError, match="finite"):
            burnt([shape], 10.0)
    for shape in shapes[2:]:
        for exact in (False, True):
            with pytest.raises(VectorError, match="finite"):
                zonal.stats_of([shape], values, GRID, exact=exact)
        with pytest.raises(VectorError, match="finite"):
            coverage.fractions(shape, GRID)


@pytest.mark.parametrize("compiled", [False, True])
def test_nan_by_its_bytes(compiled):
    is_nan = wkb.is_nan if compiled else wkb.is_nan.py_func
    payload = np.array([0x7FF0000000000001, 0xFFF8000000000000], np.uint64).view(np.float64)
    for value in (0.0, -1.5, 1.7e308, math.inf, -math.inf, math.nan, *payload):
        raw = np.frombuffer(np.array([7.0, value], "<f8").tobytes(), np.uint8)
        assert is_nan(raw, 8) == math.isnan(value)


def test_any_iterable_any_byte_order_any_dimension():
    want = burnt([HALF])
    assert 0 < want.sum() < want.size
    solid = shapely.force_3d(HALF, 5.0)
    for shapes in (
        (one for one in [HALF]),
        [None, shapely.to_wkb(HALF, byte_order=0)],
        [shapely.to_wkb(HALF, byte_order=1), shapely.to_wkb(solid, byte_order=0), None, HALF],
        [shapely.to_wkb(shapely.GeometryCollection([shapely.GeometryCollection([HALF])]))],
        [shapely.from_wkt(f"MULTIPOLYGON M ((({WEST} {SOUTH} 1, {WEST} {NORTH} 1, "
                          f"{WEST + 300} {NORTH} 1, {WEST + 300} {SOUTH} 1, {WEST} {SOUTH} 1)))")],
    ):  # fmt: skip
        np.testing.assert_array_equal(burnt(shapes), want)


def test_a_mask_of_any_type_sets_one_bit():
    rng = np.random.default_rng(3)
    for dtype in ("u1", "i8", "f4"):
        mask = (rng.random(GRID.shape) < 0.4) * np.array(200).astype(dtype)
        plane = np.zeros(GRID.shape, np.uint8)
        burn.set_bit(plane, mask, 2)
        np.testing.assert_array_equal(plane, np.where(mask != 0, 4, 0))


def test_memory_that_must_not_be_written_is_refused():
    fixed = np.zeros(GRID.shape, np.uint8)
    fixed.setflags(write=False)
    with pytest.raises(OptionError, match="can be set"):
        burn.burn_bits([HALF], 0.0, GRID, fixed, 0)
    with pytest.raises(OptionError, match="can be set"):
        burn.set_bit(fixed, np.ones(GRID.shape, bool), 0)
    dem, other = np.zeros(GRID.shape, np.float32), np.zeros(GRID.shape, np.float32)
    for out in ((dem, other), (other, other)):
        with pytest.raises(GridMismatchError, match="shares"):
            terrain.slope_aspect(dem, GRID, out)
    with pytest.raises(GridMismatchError, match="shares"):
        horizon.tangent(dem, GRID, 0.0, out=dem)
    other.setflags(write=False)
    with pytest.raises(GridMismatchError, match="writeable"):
        terrain.slope_aspect(dem, GRID, (other, np.zeros_like(dem)))
    with pytest.raises(GridMismatchError):
        horizon.tangent(dem, GRID, 0.0, out=other)


def test_read_only_and_strided_inputs_give_the_same():
    rng = np.random.default_rng(8)
    wide = rng.normal(size=(GRID.rows, 2 * GRID.cols)).astype(np.float32) * 40
    dem, mask = wide[:, ::2].copy(), wide[:, ::2] > 40
    fixed = wide[:, ::2]
    fixed.setflags(write=False)
    for one, same in ((dem, fixed), (dem, np.asfortranarray(dem)), (dem, dem.astype(np.float64))):
        np.testing.assert_array_equal(
            terrain.slope_aspect(one, GRID), terrain.slope_aspect(same, GRID)
        )
        np.testing.assert_array_equal(horizon.horizon(one, GRID), horizon.horizon(same, GRID))
        for exact in (False, True):
            a = zonal.stats_of([HALF], one, GRID, exact=exact)
            b = zonal.stats_of([HALF], same, GRID, exact=exact)
            assert a == b
    for same in (np.asfortranarray(mask), mask.astype(np.int16)):
        np.testing.assert_array_equal(
            distance.distance_m(mask, GRID), distance.distance_m(same, GRID)
        )
        np.testing.assert_array_equal(
            distance.within(mask, GRID, 70.0), distance.within(same, GRID, 70.0)
        )


def test_zones_that_would_wrap_are_refused():
    ones = np.ones(GRID.shape)
    for zones in (np.full(GRID.shape, 300), np.full(GRID.shape, -1), ones * np.nan):
        with pytest.raises(OptionError, match="range"):
            zonal.area_by_pattern(np.zeros(GRID.shape, np.uint16), zones, ones, 1, 255)
    for zones in (np.full(GRID.shape, 300), np.full(GRID.shape, -1)):
        with pytest.raises(OptionError, match="range"):
            zonal.sums(zones, ones)
    with pytest.raises(OptionError, match="range"):
        zonal.area_by_pattern(np.full(GRID.shape, 65_538), ones.astype(np.uint8), ones, 3, 1)
    with pytest.raises(OptionError, match="range"):
        zonal.stats(np.full(GRID.shape, 2**32 + 1), ones, 2)
    np.testing.assert_array_equal(zonal.sums(np.full(GRID.shape, 2), ones), [0, 0, ones.size])
    for shape in ((5, 0), (0, 5), (0, 0)):
        assert zonal.sums(np.zeros(shape, np.uint8), np.zeros(shape), n_zones=2).tolist() == [0] * 3


def test_infinities_are_told_apart_from_gaps():
    values = np.zeros(GRID.shape, np.float32)
    values[0, 0], values[0, 1], values[0, 2] = np.inf, np.nan, 5.0
    ones = np.ones(GRID.shape, np.int32)
    told = {name: one[0] for name, one in zonal.stats(ones, values, 1).items()}
    assert (told["sum"], told["max"], told["count"]) == (5.0, 5.0, values.size - 2)
    for exact in (False, True):
        told = {k: v[0] for k, v in zonal.stats_of([WHOLE], values, GRID, exact=exact).items()}
        assert (told["max"], told["mean"], told["count"]) == (np.inf, np.inf, values.size - 1)


def test_ground_covered_twice_is_covered_once():
    twice = shapely.MultiPolygon([HALF, shapely.box(WEST, SOUTH, WEST + 315, NORTH)])
    share, top, first = coverage.fractions(twice, GRID)
    assert (top, first) == (0, 0)
    np.testing.assert_array_equal(share[:, :10], 1.0)


@pytest.mark.parametrize("azimuth", [math.nan, math.inf])
def test_directions_must_be_finite(azimuth):
    dem = np.zeros(GRID.shape, np.float32)
    with pytest.raises(OptionError):
        horizon.tangent(dem, GRID, azimuth)
    with pytest.raises(OptionError):
        terrain.hillshade(dem, GRID, azimuth)
    with pytest.raises(OptionError, match="suns"):
        horizon.beam_share(dem, GRID, np.array([[10.0, 95.0, 1.0]]))


def test_a_ray_through_centres_needs_no_cell_beside_them():
    """On 12 x 30 m cells azimuth 225 runs through the centre of every fifth column's cell."""
    grid = Grid("EPSG:4546", Affine(12, 0, 500_010, 0, -30, 3_600_000), (31, 33))
    assert horizon.ray(225.0, grid).lean * 5 != 2.0  # rounding alone moves it aside
    dem = np.zeros(grid.shape, np.float32)
    dem[30, 10], dem[12, 20], dem[13:, 20] = 90.0, 60.0, np.nan
    rise = horizon.tangent(dem, grid, 225.0, refraction=1.0)
    assert rise[28, 15] == pytest.approx(90.0 / np.hypot(60, 60), rel=1e-6)
    assert rise[10, 25] == pytest.approx(60.0 / np.hypot(60, 60), rel=1e-6)


@pytest.mark.parametrize("compiled", [False, True])
def test_split_of_a_place_between_cells(compiled):
    split = horizon_kernel.split if compiled else horizon_kernel.split.py_func
    assert split(2.0000000000000004) == split(1.9999999999999998) == (2, 0.0)
    assert split(-0.25) == (-1, 0.75)
    assert split(-1e-12) == (0, 0.0)
