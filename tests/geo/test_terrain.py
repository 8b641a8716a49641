"""Slope, aspect, hillshade against NumPy's Horn, tilted planes and a paraboloid."""

from __future__ import annotations

from pathlib import Path

import numba
import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geo import raster, terrain
from geo._kernels import horn, slope_class
from geo.errors import CrsError, GridMismatchError, OptionError
from geo.grid import Grid

DEMS = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12),
    elements=st.floats(-100, 4000, width=32) | st.just(float("nan")),
)


def grid_of(shape: tuple[int, int], dx: float = 30.0, dy: float = 30.0) -> Grid:
    return Grid("EPSG:4546", Affine(dx, 0, 500_010, 0, -dy, 3_600_000), shape)


def horn_numpy(z: np.ndarray, dx: float, dy: float) -> tuple[np.ndarray, np.ndarray]:
    """Rise to the east and to the north, written as slices."""
    z = z.astype(np.float64)
    east, north = np.full(z.shape, np.nan), np.full(z.shape, np.nan)
    if min(z.shape) > 2:
        a, b, c = z[:-2, :-2], z[:-2, 1:-1], z[:-2, 2:]
        d, e, f = z[1:-1, :-2], z[1:-1, 1:-1], z[1:-1, 2:]
        g, h, i = z[2:, :-2], z[2:, 1:-1], z[2:, 2:]
        east[1:-1, 1:-1] = ((c + 2 * f + i) - (a + 2 * d + g)) / (8 * dx) + 0 * e
        north[1:-1, 1:-1] = ((a + 2 * b + c) - (g + 2 * h + i)) / (8 * dy) + 0 * e
    return east, north


def expected(z: np.ndarray, dx: float, dy: float) -> tuple[np.ndarray, np.ndarray]:
    east, north = horn_numpy(z, dx, dy)
    slope = np.degrees(np.arctan(np.hypot(east, north)))
    aspect = np.degrees(np.arctan2(-east, -north)) % 360.0
    aspect[(east == 0) & (north == 0)] = np.nan
    return slope, aspect


@settings(max_examples=60, deadline=None)
@given(z=DEMS, dx=st.sampled_from([10.0, 90.0]), dy=st.sampled_from([10.0, 25.0]))
def test_the_kernel_is_horn(z, dx, dy):
    slope, aspect = terrain.slope_aspect(z, grid_of(z.shape, dx, dy))
    want_slope, want_aspect = expected(z, dx, dy)
    np.testing.assert_allclose(slope, want_slope, atol=1e-4)
    np.testing.assert_array_equal(np.isnan(aspect), np.isnan(want_aspect))
    turn = np.nan_to_num(aspect - want_aspect)
    np.testing.assert_allclose((turn + 180) % 360 - 180, 0, atol=1e-4)


@settings(max_examples=15, deadline=None)
@given(z=DEMS)
def test_interpreted_and_compiled_agree(z):
    slope, aspect, shade = np.empty_like(z), np.empty_like(z), np.empty(z.shape, np.uint8)
    horn.slope_aspect.py_func(z, 30.0, 30.0, slope, aspect)
    horn.hillshade.py_func(z, 30.0, 30.0, 5.5, 0.8, shade)
    grid = grid_of(z.shape)
    fast_slope, fast_aspect = terrain.slope_aspect(z, grid)
    np.testing.assert_allclose(slope, fast_slope, atol=1e-5)
    np.testing.assert_allclose(aspect, fast_aspect, atol=1e-4)
    fast_shade = terrain.hillshade(z, grid, np.degrees(5.5), np.degrees(0.8))
    assert np.abs(shade.astype(int) - fast_shade).max() <= 1


@pytest.mark.parametrize("compiled", [True, False])
def test_arctan_unit_is_arctan(compiled):
    kernel = horn.arctan_unit if compiled else horn.arctan_unit.py_func
    x = np.linspace(0, 1, 20_001 if compiled else 501).astype(np.float32)
    off = np.array([kernel(v) for v in x]) - np.degrees(np.arctan(x.astype(np.float64)))
    assert np.abs(off).max() < 1e-5
    assert kernel(np.float32(0.0)) == 0.0


LIMITS = [0.0, 8.0, 15.0, 25.0, 35.0, 60.0]


@settings(max_examples=40, deadline=None)
@given(z=DEMS, dx=st.sampled_from([10.0, 90.0]), dy=st.sampled_from([10.0, 25.0]))
def test_slope_class_counts_the_limits_passed(z, dx, dy):
    classes = terrain.slope_class(z, grid_of(z.shape, dx, dy), LIMITS)
    east, north = horn_numpy(z, dx, dy)
    steep = east**2 + north**2
    tangents = np.tan(np.radians(LIMITS)) ** 2
    np.testing.assert_array_equal(classes == terrain.UNKNOWN, np.isnan(steep))
    lowest = (steep[..., None] > tangents * (1 + 1e-9)).sum(axis=-1)
    highest = (steep[..., None] > tangents * (1 - 1e-9)).sum(axis=-1)
    known = np.isfinite(steep)
    assert (classes >= lowest)[known].all()
    assert (classes <= highest)[known].all()
    squares = np.tan(np.radians(np.array(LIMITS))) ** 2
    again = np.empty(z.shape, np.uint8)
    slope_class.slope_class.py_func(z, dx, dy, squares, again)
    np.testing.assert_array_equal(again, classes)


def test_slope_class_agrees_with_slope():
    z = (np.random.default_rng(8).normal(size=(120, 133)) * 40).astype(np.float32)
    slope, _ = terrain.slope_aspect(z, grid_of(z.shape))
    classes = terrain.slope_class(z, grid_of(z.shape), LIMITS)
    want = np.where(np.isnan(slope), 255, (slope[..., None] > LIMITS).sum(axis=-1))
    clear = np.abs(slope[..., None] - LIMITS).min(axis=-1) > 1e-4
    np.testing.assert_array_equal(classes[clear], want[clear])
    assert set(np.unique(classes)) > {1, 2, 3}


@pytest.mark.parametrize("limits", [[25, 15], [10, 10], [-1], [90.0], [float("nan")]])
def test_limits_that_do_not_rise_are_refused(limits):
    with pytest.raises(OptionError, match="limits_deg"):
        terrain.slope_class(np.zeros((5, 5)), grid_of((5, 5)), limits)


def test_no_limit_leaves_one_class():
    assert (terrain.slope_class(np.zeros((5, 5)), grid_of((5, 5)), [])[1:-1, 1:-1] == 0).all()


def test_results_go_where_the_caller_wants():
    z = np.random.default_rng(1).normal(size=(9, 8)).astype(np.float32)
    out = np.empty_like(z), np.empty_like(z)
    found = terrain.slope_aspect(z, grid_of(z.shape), out=out)
    assert found[0] is out[0]
    assert found[1] is out[1]
    np.testing.assert_array_equal(out, terrain.slope_aspect(z, grid_of(z.shape)))
    for bad in (np.empty((9, 8)), np.empty((8, 9), np.float32), np.empty((8, 9), np.float32).T):
        with pytest.raises(GridMismatchError, match="out"):
            terrain.slope_aspect(z, grid_of(z.shape), out=(out[0], bad))


def test_every_bearing_and_steepness_against_float64():
    rng = np.random.default_rng(3)
    smooth = np.cumsum(np.cumsum(rng.normal(size=(300, 257)), axis=0), axis=1) * 0.02
    steps = rng.integers(0, 3, (300, 257))
    for ground in (smooth, rng.normal(size=(300, 257)) * 200, steps):
        z = ground.astype(np.float32)
        z[40, 50] = z[41, 200] = np.nan
        slope, aspect = terrain.slope_aspect(z, grid_of(z.shape))
        want_slope, want_aspect = expected(z, 30.0, 30.0)
        np.testing.assert_allclose(slope, want_slope, atol=1e-4, rtol=0)
        np.testing.assert_array_equal(np.isnan(aspect), np.isnan(want_aspect))
        turn = np.nan_to_num(aspect.astype(np.float64) - want_aspect)
        assert np.abs((turn + 180) % 360 - 180).max() < 1e-4
        known = aspect[np.isfinite(aspect)]
        assert known.min() >= 0
        assert known.max() < 360


def test_threads_change_nothing():
    z = (np.random.default_rng(4).normal(size=(211, 190)) * 300).astype(np.float32)
    usual = numba.get_num_threads()
    found = []
    try:
        for threads in (1, usual):
            numba.set_num_threads(threads)
            found.append(
                b"".join(one.tobytes() for one in terrain.slope_aspect(z, grid_of(z.shape)))
            )
    finally:
        numba.set_num_threads(usual)
    assert found[0] == found[1]


def test_gradient_interpreted():
    z = np.arange(9, dtype=np.float32).reshape(3, 3)
    assert horn.gradient.py_func(z, 1, 1, 1.0, 1.0) == (1.0, -3.0)


@pytest.mark.parametrize("bearing", [0, 30, 90, 135, 180, 225, 270, 359])
@pytest.mark.parametrize("steepness", [1.0, 15.0, 25.0, 60.0])
def test_a_tilted_plane(bearing, steepness):
    rows, cols = np.mgrid[:20, :25]
    east, north = cols * 30.0, -rows * 30.0
    turn = np.radians(bearing)
    # falls towards the bearing
    z = -np.tan(np.radians(steepness)) * (east * np.sin(turn) + north * np.cos(turn))
    slope, aspect = terrain.slope_aspect(z, grid_of(z.shape))
    np.testing.assert_allclose(slope[1:-1, 1:-1], steepness, atol=1e-3)
    off = (aspect[1:-1, 1:-1] - bearing + 180) % 360 - 180
    np.testing.assert_allclose(off, 0, atol=0.01)
    assert np.isnan(slope[[0, -1]]).all()
    assert np.isnan(slope[:, [0, -1]]).all()
    assert (aspect[1:-1, 1:-1] >= 0).all()
    assert (aspect[1:-1, 1:-1] < 360).all()


def test_a_paraboloid_is_exact():
    # z = k r²: central differences of a quadratic are exact, so slope = atan(2 k r)
    k = 2e-4
    rows, cols = np.mgrid[:81, :81]
    east, north = (cols - 40) * 30.0, (40 - rows) * 30.0
    z = k * (east**2 + north**2)
    slope, aspect = terrain.slope_aspect(z, grid_of(z.shape))
    inner = (slice(1, -1), slice(1, -1))
    reach = np.hypot(east, north)
    np.testing.assert_allclose(slope[inner], np.degrees(np.arctan(2 * k * reach))[inner], atol=2e-3)
    # a bowl falls towards its middle
    towards = np.degrees(np.arctan2(-east, -north)) % 360
    assert np.isnan(aspect[40, 40])
    off = (aspect - towards + 180) % 360 - 180
    away = reach > 60
    np.testing.assert_allclose(off[inner][away[inner]], 0, atol=0.1)


def test_flat_ground_has_no_aspect():
    slope, aspect = terrain.slope_aspect(np.full((5, 5), 500.0), grid_of((5, 5)))
    assert (slope[1:-1, 1:-1] == 0).all()
    assert np.isnan(aspect).all()


def test_one_missing_cell_spoils_its_window_only():
    z = np.random.default_rng(0).normal(size=(9, 9)).astype(np.float32)
    z[4, 4] = np.nan
    slope, _ = terrain.slope_aspect(z, grid_of(z.shape))
    hole = np.isnan(slope[1:-1, 1:-1])
    assert hole.sum() == 9
    assert hole[2:5, 2:5].all()


def test_hillshade_of_planes():
    flat = terrain.hillshade(np.zeros((5, 5)), grid_of((5, 5)), altitude=30.0)
    assert (flat[1:-1, 1:-1] == round(1 + 254 * 0.5)).all()
    assert (flat[0] == 0).all()
    _, cols = np.mgrid[:5, :5]
    facing = terrain.hillshade(-cols * 30.0, grid_of((5, 5)), azimuth=90.0, altitude=45.0)
    assert (facing[1:-1, 1:-1] == 255).all()
    turned = terrain.hillshade(cols * 60.0, grid_of((5, 5)), azimuth=90.0, altitude=45.0)
    assert (turned[1:-1, 1:-1] == 1).all()


@settings(max_examples=30, deadline=None)
@given(z=DEMS, azimuth=st.floats(0, 360), altitude=st.floats(0, 90))
def test_hillshade_is_the_cosine_to_the_sun(z, azimuth, altitude):
    shade = terrain.hillshade(z, grid_of(z.shape), azimuth, altitude)
    east, north = horn_numpy(z, 30.0, 30.0)
    a, h = np.radians(azimuth), np.radians(altitude)
    light = np.sin(h) - east * np.sin(a) * np.cos(h) - north * np.cos(a) * np.cos(h)
    light = 1 + 254 * np.maximum(light / np.sqrt(1 + east**2 + north**2), 0)
    np.testing.assert_array_equal(shade == 0, np.isnan(light))
    np.testing.assert_allclose(shade, np.nan_to_num(light), atol=0.51)


def test_degrees_and_foreign_arrays_are_refused():
    degrees = Grid("EPSG:4490", Affine(0.001, 0, 110, 0, -0.001, 32), (5, 5))
    with pytest.raises(CrsError, match="dem"):
        terrain.slope_aspect(np.zeros((5, 5)), degrees)
    with pytest.raises(CrsError, match="dem"):
        terrain.hillshade(np.zeros((5, 5)), degrees)
    with pytest.raises(GridMismatchError):
        terrain.slope_aspect(np.zeros((4, 5)), grid_of((5, 5)))
    with pytest.raises(OptionError, match="altitude"):
        terrain.hillshade(np.zeros((5, 5)), grid_of((5, 5)), altitude=91.0)


@pytest.mark.real
def test_a_real_mountain(real_data: Path):
    dem, grid, _ = raster.read(real_data / "bigtujunga.tif", dtype="float32")
    slope, aspect = terrain.slope_aspect(dem, grid)
    want_slope, want_aspect = expected(dem, grid.dx, grid.dy)
    np.testing.assert_allclose(slope, want_slope, atol=1e-4)
    np.testing.assert_array_equal(np.isnan(aspect), np.isnan(want_aspect))
    assert 15 < np.nanmedian(slope) < 35
