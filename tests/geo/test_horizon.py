"""Horizon, sky view and beam share against closed forms and brute force along the lines."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geo import horizon
from geo._kernels import horizon as kernel
from geo._kernels import near_horizon, sky
from geo.errors import CrsError, GridMismatchError, OptionError
from geo.grid import Grid

CURVED = horizon.EARTH_RADIUS / (1 - horizon.REFRACTION)
DEMS = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=22),
    elements=st.floats(-100, 4000, width=32) | st.just(float("nan")),
)


def grid_of(shape: tuple[int, int], dx: float = 30.0, dy: float = 30.0) -> Grid:
    return Grid("EPSG:4546", Affine(dx, 0, 500_010, 0, -dy, 3_600_000), shape)


def relief(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rough = np.cumsum(np.cumsum(rng.normal(size=shape), axis=0), axis=1)
    return (rough * 8 + rng.normal(size=shape) * 5).astype(np.float32)


def height_at(z: np.ndarray, step: int, place: float) -> float:
    """Height beside row ``step`` at a fractional column."""
    nearest = round(place)
    place = nearest if abs(place - nearest) < kernel.CENTRE else place  # on a centre
    left = math.floor(place)
    share = place - left
    if not 0 <= left < z.shape[1] or (share > 0 and left + 1 >= z.shape[1]):
        return math.nan
    if share == 0:
        return float(z[step, left])
    return float(z[step, left]) * (1 - share) + float(z[step, left + 1]) * share


def brute(dem: np.ndarray, grid: Grid, azimuth: float, row: int, col: int) -> float:
    """Walk every sample of one cell's line, as the module describes it."""
    way = horizon.ray(azimuth, grid)
    z, k, own = (dem, row, col) if way.along_columns else (dem.T, col, row)
    if way.flip:
        z, k = z[::-1], z.shape[0] - 1 - k
    near = 0 if way.lean in (-1, 0, 1) else horizon.NEAR
    line = own - math.floor(way.lean * k + 0.5)
    best = 0.0
    for other in range(k + 1, z.shape[0]):
        steps = other - k
        place = own + way.lean * steps if steps <= near else line + way.lean * other
        away = steps * way.step_m
        found = (height_at(z, other, place) - float(z[k, own])) / away - away / (2 * CURVED)
        best = max(best, found)  # a NaN never exceeds
    return best


@pytest.mark.parametrize("azimuth", [22.5 * k for k in range(16)] + [10.0, 200.0, 301.7])
def test_brute_force_along_the_same_line(azimuth):
    z = relief((90, 70), 1)
    z[30:33, 40] = np.nan
    for cell in ((30.0, 30.0), (30.0, 25.0)):
        grid = grid_of(z.shape, *cell)
        found = np.degrees(np.arctan(horizon.tangent(z, grid, azimuth)))
        for row, col in np.random.default_rng(2).integers(0, 70, (60, 2)):
            if np.isnan(z[row, col]):
                assert np.isnan(found[row, col])
                continue
            want = math.degrees(math.atan(brute(z, grid, azimuth, row, col)))
            assert found[row, col] == pytest.approx(want, abs=1e-3)


@settings(max_examples=40, deadline=None)
@given(z=DEMS, azimuth=st.floats(0, 360), dy=st.sampled_from([30.0, 10.0]))
def test_any_ground_any_direction(z, azimuth, dy):
    grid = grid_of(z.shape, 30.0, dy)
    found = horizon.tangent(z, grid, azimuth)
    for row in range(0, z.shape[0], 3):
        for col in range(z.shape[1]):
            if np.isnan(z[row, col]):
                assert np.isnan(found[row, col])
            else:
                want = brute(z, grid, azimuth, row, col)
                assert found[row, col] == pytest.approx(want, rel=1e-4, abs=1e-4)


@settings(max_examples=12, deadline=None)
@given(z=DEMS, azimuth=st.sampled_from([0.0, 40.0, 60.0, 135.0, 170.0, 250.0, 290.0, 330.0]))
def test_interpreted_and_compiled_agree(z, azimuth):
    grid = grid_of(z.shape)
    way = horizon.ray(azimuth, grid)
    far, close = (
        (kernel.far_columns, near_horizon.near_columns)
        if way.along_columns
        else (kernel.far_rows, near_horizon.near_rows)
    )
    found = []
    for far_one, close_one in ((far, close), (far.py_func, close.py_func)):
        out = np.empty_like(z)
        far_one(z, way.lean, way.flip, way.step_m, CURVED, 5, out)
        close_one(z, way.lean, way.flip, way.step_m, CURVED, 5, out)
        found.append(out)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5, atol=1e-6)


def test_small_kernels_interpreted():
    rng = np.random.default_rng(3)
    tangents = rng.uniform(0, 2, (5, 7)).astype(np.float32)
    want, total = tangents.copy(), np.zeros_like(tangents)
    sky.degrees(want)
    again = tangents.copy()
    sky.degrees.py_func(again)
    np.testing.assert_allclose(again, want, rtol=1e-6)
    sky.open_sky(tangents, 0.25, total)
    again = np.zeros_like(tangents)
    sky.open_sky.py_func(tangents, 0.25, again)
    np.testing.assert_allclose(again, total, rtol=1e-6)
    suns = np.array([0.2, 0.7]), np.array([0.5, 1.0]), np.array([1.0, 3.0])
    total[:] = again[:] = 0
    sky.lit(tangents, tangents[::-1].copy(), *suns, total)
    sky.lit.py_func(tangents, tangents[::-1].copy(), *suns, again)
    np.testing.assert_array_equal(again, total)
    line = np.array([0.0, 5.0, 1.0], np.float32)
    room = np.empty(4), np.empty(4)
    seen = line.copy()
    kernel.sweep.py_func(line, seen, 10.0, 1e9, 0, *room)
    np.testing.assert_allclose(seen, [0.5, 0, 0], atol=1e-6)
    assert kernel.reach_of.py_func(0, 0.0, 9, 4) == (0, 9)
    assert kernel.between.py_func(1.0, math.nan, 0.0) == 1.0


def test_a_plain_has_no_horizon_and_the_whole_sky():
    flat = np.full((40, 50), 300.0)
    assert (horizon.horizon(flat, grid_of(flat.shape)) == 0).all()
    np.testing.assert_allclose(horizon.sky_view(flat, grid_of(flat.shape)), 1.0, atol=1e-6)


def test_one_wall():
    # a wall of 600 m along a column: its height in sight of every cell to the west
    z = np.zeros((30, 200), np.float32)
    z[:, 150] = 600.0
    found = horizon.tangent(z, grid_of(z.shape), 90.0)
    away = (150 - np.arange(150)) * 30.0
    want = 600.0 / away - away / (2 * CURVED)
    np.testing.assert_allclose(found[:, :150], np.broadcast_to(want, (30, 150)), rtol=1e-6)
    assert (found[:, 150:] == 0).all()
    # seen aslant, the wall is farther away by 1 / cos
    slant = horizon.tangent(z, grid_of(z.shape), 45.0)
    np.testing.assert_allclose(slant[29, 130:149], want[130:149] / math.sqrt(2), rtol=1e-3)


def test_the_earth_hides_what_is_far_and_low():
    # a 100 m tower 60 km away: 100 / 60000 - 60000 / (2 R / 0.87) < 0, a 400 m one shows
    z = np.zeros((1, 2001), np.float32)
    z[0, 2000] = 100.0
    grid = grid_of(z.shape)
    assert horizon.tangent(z, grid, 90.0)[0, 0] == 0
    z[0, 2000] = 400.0
    want = 400 / 60_000 - 60_000 / (2 * CURVED)
    assert horizon.tangent(z, grid, 90.0)[0, 0] == pytest.approx(want, rel=1e-4)
    flat = horizon.tangent(z, grid, 90.0, refraction=1.0)
    assert flat[0, 0] == pytest.approx(400 / 60_000, rel=1e-4)
    bare = horizon.tangent(z, grid, 90.0, refraction=0.0)
    assert bare[0, 0] == pytest.approx(400 / 60_000 - 30_000 / horizon.EARTH_RADIUS, rel=1e-4)


def test_the_middle_of_a_crater_sees_its_rim():
    rows, cols = np.mgrid[:201, :201]
    reach = np.hypot(rows - 100, cols - 100) * 30.0
    z = np.clip(reach, 900, 2400) * 0.5  # a floor, a slope from 900 m to a rim at 2,400 m
    rim = (1200 - 450) / 2400
    found = horizon.horizon(z, grid_of(z.shape), 32)[:, 100, 100]
    np.testing.assert_allclose(found, math.degrees(math.atan(rim)), atol=0.15)
    sight = horizon.sky_view(z, grid_of(z.shape), 32)[100, 100]
    assert sight == pytest.approx(1 / (1 + rim**2), abs=1e-3)  # cos^2 of the rim
    # the top of a cone sees everything
    assert horizon.sky_view(-reach, grid_of(z.shape))[100, 100] == pytest.approx(1.0, abs=1e-6)


def test_a_valley_between_two_slopes():
    cols = np.abs(np.arange(301) - 150) * 30.0
    z = np.broadcast_to(cols * math.tan(math.radians(20)), (41, 301))
    found = horizon.horizon(z, grid_of(z.shape), 4)[:, 20, 150]
    rim = math.degrees(math.atan(math.tan(math.radians(20)) - 4500 / (2 * CURVED)))
    assert found[0] == found[2] == 0
    assert rim - 0.01 <= found[1] <= 20.0
    assert found[3] == pytest.approx(found[1], abs=1e-4)


@pytest.mark.parametrize("slope", [5.0, 20.0, 40.0])
def test_an_endless_slope_leaves_half_of_one_plus_its_cosine(slope):
    rows, _ = np.mgrid[:161, :161]
    z = rows * 30.0 * math.tan(math.radians(slope))
    sight = horizon.sky_view(z, grid_of(z.shape), 64)[80, 80]
    assert sight == pytest.approx((1 + math.cos(math.radians(slope))) / 2, abs=2e-3)


def test_raising_ground_never_lowers_a_horizon():
    z = relief((40, 45), 4)
    higher = z.copy()
    higher[10, 20] += 500
    for azimuth in (22.5, 90.0, 225.0, 300.0):
        before = horizon.tangent(z, grid_of(z.shape), azimuth)
        after = horizon.tangent(higher, grid_of(z.shape), azimuth)
        others = np.ones(z.shape, bool)
        others[10, 20] = False
        assert (after >= before - 1e-6)[others].all()


def test_beam_share_of_a_wall():
    z = np.zeros((30, 200), np.float32)
    z[:, 150] = 600.0
    suns = np.array([[90.0, 10.0, 1.0], [90.0, 40.0, 2.0], [270.0, 20.0, 5.0], [90.0, -3.0, 99.0]])
    share = horizon.beam_share(z, grid_of(z.shape), suns)
    rise = horizon.tangent(z, grid_of(z.shape), 90.0)
    want = 1.0 - (np.tan(np.radians(10)) < rise) / 8 - 2 * (np.tan(np.radians(40)) < rise) / 8
    want[:, 151:] -= np.where(np.arange(1, 50) * 30 * np.tan(np.radians(20)) < 600, 5 / 8, 0)
    np.testing.assert_allclose(share, want, atol=1e-6)


def test_suns_of_every_sector_against_held_rasters():
    z = relief((35, 30), 6)
    z[3, 4] = np.nan
    grid = grid_of(z.shape)
    rng = np.random.default_rng(7)
    suns = np.column_stack(
        [rng.uniform(-360, 720, 150), rng.uniform(-10, 80, 150), rng.uniform(0, 9, 150)]
    )
    share = horizon.beam_share(z, grid, suns, 8)
    edges = np.array([horizon.tangent(z, grid, 45.0 * k) for k in range(8)])
    total, lit = 0.0, np.zeros(z.shape)
    for azimuth, altitude, weight in suns:
        if altitude > 0:
            place = (azimuth % 360) / 45
            first = int(place)
            edge = edges[first] + (edges[(first + 1) % 8] - edges[first]) * (place - first)
            lit += weight * (edge <= np.tan(np.radians(altitude)))
            total += weight
    assert np.isnan(share[3, 4])
    np.testing.assert_allclose(np.nan_to_num(share), np.nan_to_num(lit / total), atol=1e-5)
    assert share[np.isfinite(share)].max() <= 1 + 1e-6


def test_a_given_array_is_filled_and_threads_change_nothing():
    z = relief((61, 83), 8)
    grid = grid_of(z.shape)
    out = np.empty_like(z)
    assert horizon.tangent(z, grid, 67.5, out=out) is out
    usual = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        single = horizon.horizon(z, grid, 8), horizon.sky_view(z, grid, 8)
    finally:
        numba.set_num_threads(usual)
    np.testing.assert_array_equal(single[0], horizon.horizon(z, grid, 8))
    np.testing.assert_array_equal(single[1], horizon.sky_view(z, grid, 8))


def test_what_cannot_be_used_is_refused():
    degrees = Grid("EPSG:4490", Affine(0.001, 0, 110, 0, -0.001, 32), (5, 5))
    flat, grid = np.zeros((5, 5)), grid_of((5, 5))
    with pytest.raises(CrsError, match="dem"):
        horizon.horizon(flat, degrees)
    with pytest.raises(GridMismatchError, match="dem"):
        horizon.sky_view(flat[:4], grid)
    with pytest.raises(GridMismatchError, match="out"):
        horizon.tangent(flat, grid, 0.0, out=flat)
    with pytest.raises(OptionError, match="directions"):
        horizon.horizon(flat, grid, 3)
    with pytest.raises(OptionError, match="refraction"):
        horizon.tangent(flat, grid, 0.0, refraction=1.5)
    for suns in ([[10.0, -5.0, 1.0]], [[10.0, 5.0, -1.0]], [[10.0, 5.0]], [[10.0, 5.0, np.nan]]):
        with pytest.raises(OptionError, match="suns"):
            horizon.beam_share(flat, grid, np.array(suns))
