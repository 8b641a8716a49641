"""Crests: exact on clean ridges, robust on noise, equal interpreted and compiled."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from affine import Affine
from scipy import ndimage

from geo.errors import GridMismatchError, OptionError
from geo.grid import Grid
from siting.sites.params import load_params
from siting.wind._kernels import relief as relief_kernels
from siting.wind._kernels import ridges as kernels
from siting.wind.relief import relative_height
from siting.wind.ridges import crest_cells, find_ridges, ridge_text

CRS = "EPSG:4546"
PARAMS = load_params("siting.wind", "wind")


def make_grid(rows=121, cols=141, res=30.0):
    return Grid(CRS, Affine(res, 0, 450_000, 0, -res, 3_600_000), (rows, cols))


def hills(grid, seed=3, sigma=9.0, height=400.0):
    rng = np.random.default_rng(seed)
    z = ndimage.gaussian_filter(rng.normal(size=grid.shape), sigma)
    return (height * z / z.std() / 2).astype(np.float32)


def away_from_line(grid, angle, row, col):
    """Return the distance of each cell to a line through (row, col) [cells]."""
    r, c = np.mgrid[0 : grid.rows, 0 : grid.cols]
    return np.abs((r - row) * math.cos(angle) - (c - col) * math.sin(angle))


@pytest.mark.parametrize("slope", [0.2, 0.6])
@pytest.mark.parametrize("angle", [0, 90, 45, 135])
def test_clean_ridge_is_found_exactly(angle, slope):
    grid = make_grid()
    away = away_from_line(grid, math.radians(angle), 60, 70)
    dem = (900 - slope * grid.dx * away).astype(np.float32)
    found = crest_cells(dem, grid, 450.0, 20.0)
    wanted = away < 1e-9
    inner = np.zeros(grid.shape, bool)
    inner[16:-16, 16:-16] = True
    np.testing.assert_array_equal(found[inner], wanted[inner])
    assert not found[~wanted].any()


@pytest.mark.parametrize("angle", [12, 27, 60, 74, 110, 163])
def test_oblique_ridge_is_one_thin_unbroken_line(angle):
    grid = make_grid()
    away = away_from_line(grid, math.radians(angle), 60, 70)
    dem = (900 - 0.4 * grid.dx * away).astype(np.float32)
    found = crest_cells(dem, grid, 450.0, 20.0)[16:-16, 16:-16]
    near = away[16:-16, 16:-16]
    assert near[found].max() <= 0.75  # never beside the line
    assert found[near <= 0.25].all()  # never a gap in it
    assert ndimage.label(found, np.ones((3, 3)))[1] == 1


def test_descending_ridge_and_saddle():
    """A ridge that falls to a saddle and rises again stays one line; its saddle is on it."""
    grid = make_grid()
    r, c = np.mgrid[0 : grid.rows, 0 : grid.cols].astype(float)
    along = 60 * np.cos((c - 70) / 25)
    dem = (900 + along - 0.5 * grid.dx * np.abs(r - 60)).astype(np.float32)
    found = crest_cells(dem, grid, 450.0, 20.0)
    wanted = r == 60
    np.testing.assert_array_equal(found[:, 16:-16], wanted[:, 16:-16])


def test_cone_has_a_summit_and_no_crests_on_its_flank():
    grid = make_grid()
    r, c = np.mgrid[0 : grid.rows, 0 : grid.cols]
    away = np.hypot(r - 60, c - 70) * grid.dx
    found = crest_cells((1500 - 0.5 * away).astype(np.float32), grid, 450.0, 20.0)
    assert found[60, 70]
    assert away[found].max() < 120


def test_plain_slope_valley_and_lake_have_none():
    grid = make_grid()
    r, c = np.mgrid[0 : grid.rows, 0 : grid.cols]
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 2, grid.shape)
    for dem in (np.zeros(grid.shape), 9.0 * r + 3.0 * c, 12.0 * np.abs(r - 60), noise,
                9.0 * r + noise):  # fmt: skip
        assert not crest_cells(dem.astype(np.float32), grid, 450.0, 20.0).any()


def test_noise_moves_a_crest_by_little():
    grid = make_grid()
    away = away_from_line(grid, math.radians(33), 60, 70)
    dem = 900 - 0.4 * grid.dx * away + np.random.default_rng(5).normal(0, 3, grid.shape)
    found = crest_cells(dem.astype(np.float32), grid, 450.0, 20.0)[16:-16, 16:-16]
    assert away[16:-16, 16:-16][found].max() <= 2.5
    line = away[16:-16, 16:-16] < 0.75
    near = ndimage.binary_dilation(found, np.ones((5, 5)))
    assert near[line].all()


def oracle(dem, r, c, straight, diagonal, drop):
    """The definition, written out over lists of profiles."""

    def side(dr, dc, steps, first):
        for s in range(1, steps + 1):
            rr, cc = r + s * dr, c + s * dc
            if not (0 <= rr < dem.shape[0] and 0 <= cc < dem.shape[1]):
                return None
            fall = float(dem[r, c]) - float(dem[rr, cc])
            if math.isnan(fall) or fall < 0 or (first and fall == 0):
                return None
            if fall >= drop:
                return s
        return None

    for dr, dc, steps in ((-1, 0, straight), (0, -1, straight), (-1, -1, diagonal),
                          (-1, 1, diagonal)):  # fmt: skip
        one, two = side(dr, dc, steps, True), side(-dr, -dc, steps, False)
        if one is None or two is None:
            continue
        s = max(one, two)
        rises = []
        for pr, pc in ((s * dc, -s * dr), (-s * dc, s * dr)):
            if 0 <= r + pr < dem.shape[0] and 0 <= c + pc < dem.shape[1]:
                up = float(dem[r + pr, c + pc]) - float(dem[r, c])
                rises.append(0.0 if math.isnan(up) else up)
        four = [(r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)]
        inside = all(0 <= y < dem.shape[0] and 0 <= x < dem.shape[1] for y, x in four)
        tops = inside and all(dem[y, x] <= dem[r, c] for y, x in four)
        if max([*rises, 0.0]) < drop and (tops or 0 in {dr, dc}):
            return True
    return False


def test_kernel_equals_its_definition_interpreted_and_compiled():
    grid = make_grid(60, 70)
    dem = np.round(hills(grid, sigma=4.0))  # whole metres: ties
    dem[20:23, 30:33] = np.nan
    wanted = np.ones(grid.shape, np.uint8)
    wanted[:, 60:] = 0
    results = []
    for kernel in (kernels.crests, kernels.crests.py_func):
        out = np.full(grid.size, 9, np.uint8)
        kernel(dem.ravel(), wanted.ravel(), 60, 70, 15, 11, 20.0, out)
        results.append(out.reshape(grid.shape).astype(bool))
    np.testing.assert_array_equal(*results)
    expected = [[bool(wanted[r, c]) and oracle(dem, r, c, 15, 11, 20.0) for c in range(70)]
                for r in range(60)]  # fmt: skip
    np.testing.assert_array_equal(results[0], expected)
    assert 30 < results[0].sum() < 900


def test_crop_changes_nothing_inside():
    grid = make_grid(160, 180)
    dem = hills(grid)
    whole = crest_cells(dem, grid, 450.0, 20.0)
    crop = grid.window(31, 17, 110, 130)
    part = crest_cells(dem[31:141, 17:147], crop, 450.0, 20.0)
    np.testing.assert_array_equal(part[16:-16, 16:-16], whole[47:125, 33:131])


@pytest.mark.parametrize("angle", [0, 20, 45, 90, 120, 179])
def test_strike_of_a_line(angle):
    r, c = np.mgrid[0:61, 0:61]
    theta = math.radians(angle)
    line = np.abs((r - 30) * math.cos(theta) - (c - 30) * math.sin(theta)) < 0.6
    for kernel in (kernels.strike, kernels.strike.py_func):
        found = math.degrees(kernel(line.astype(np.uint8).ravel(), 61, 61, 30, 30, 15, 0.5))
        assert min(abs(found - angle), 180 - abs(found - angle)) < 2


def test_strike_of_a_summit_is_none():
    crest = np.zeros((61, 61), np.uint8)
    assert math.isnan(kernels.strike(crest.ravel(), 61, 61, 30, 30, 15, 0.5))
    crest[30, :] = crest[:, 30] = 1
    assert math.isnan(kernels.strike(crest.ravel(), 61, 61, 30, 30, 15, 0.5))


def test_relative_height_equals_the_window_mean_whatever_the_crop():
    grid = make_grid(600, 70)
    dem = hills(grid)
    dem[100:110, 20:25] = np.nan
    out = relative_height(dem, grid, 630.0)  # 21 cells
    for r, c in ((0, 0), (3, 66), (104, 19), (300, 30), (511, 40), (512, 40), (513, 2), (599, 69)):
        window = dem[max(r - 10, 0) : r + 11, max(c - 10, 0) : c + 11]
        assert out[r, c] == pytest.approx(dem[r, c] - np.nanmean(window), abs=0.003)
    assert np.isnan(out[100:110, 20:25]).all()
    crop = grid.window(77, 9, 500, 55)
    part = relative_height(dem[77:577, 9:64], crop, 630.0)
    np.testing.assert_array_equal(part[10:-10, 10:-10], out[87:567, 19:54])
    slow = np.empty(grid.size, np.float32)
    few = np.ascontiguousarray(dem[:40])
    relief_kernels.above_mean.py_func(few.ravel(), 40, 70, 10, slow[: few.size])
    fast = relative_height(few, grid.window(0, 0, 40, 70), 630.0)
    np.testing.assert_array_equal(slow[: few.size], fast.ravel())


def test_seats_are_crests_level_tops_and_shoulders_of_raised_ground():
    grid = make_grid(200, 220)
    r, c = np.mgrid[0:200, 0:220].astype(float)
    edge = np.maximum(np.maximum(np.abs(r - 100) - 20, np.abs(c - 60) - 20), 0)
    plateau = 400 - np.minimum(edge * 15, 400)
    ridge = 300 - np.minimum(np.abs(c - 170) * 12, 300)
    dem = np.maximum(plateau, ridge).astype(np.float32)
    gy, gx = np.gradient(dem, grid.dx)
    slope = np.degrees(np.arctan(np.hypot(gx, gy))).astype(np.float32)
    ground = SimpleNamespace(
        grid=grid, terrain=SimpleNamespace(slope_deg=slope),
        values=lambda name: dem if name == "dem" else None,
    )  # fmt: skip
    found = find_ridges(ground, PARAMS)
    assert found.seat[85:115, 45:75].all()  # the level top
    assert found.seat[20:180, 170].all()  # the crest
    assert not found.crest[85:115, 45:75].any()
    level_low = (dem == 0) & found.seat
    assert not level_low.any()  # level ground in the valley is no seat
    assert not found.seat[~found.raised].any()
    np.testing.assert_array_equal(found.height >= 30, found.raised)
    bare = SimpleNamespace(grid=grid, terrain=None, values=ground.values)
    np.testing.assert_array_equal(find_ridges(bare, PARAMS).seat, found.crest)
    assert find_ridges(SimpleNamespace(values=lambda _: None), PARAMS) is None
    assert "30 m" in ridge_text(PARAMS).zh


def test_bad_input_is_refused():
    grid = make_grid(20, 20)
    dem = np.zeros(grid.shape, np.float32)
    for reach, drop in ((0.0, 20.0), (450.0, np.nan), (450.0, -1.0)):
        with pytest.raises(OptionError):
            crest_cells(dem, grid, reach, drop)
    with pytest.raises(GridMismatchError):
        crest_cells(dem[:5], grid, 450.0, 20.0)
    oblong = Grid(CRS, Affine(30, 0, 0, 0, -40, 0), (20, 20))
    with pytest.raises(OptionError):
        crest_cells(dem, oblong, 450.0, 20.0)
