"""Turbines along ridges: spacing pair by pair, sites, labels, crops, kernels."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from affine import Affine
from scipy import ndimage

from geo import raster
from geo.errors import GridMismatchError, OptionError
from geo.grid import Grid
from geo.terrain import slope_aspect
from geo.units import m2_to_mu
from siting.sites.params import load_params
from siting.wind._kernels import placing as kernels
from siting.wind.chains import land_mu, without
from siting.wind.placing import place, spacing
from siting.wind.ridges import find_ridges

CRS = "EPSG:4546"
#: One turbine may be a site here, so that none is left out.
PARAMS = load_params("siting.wind", "wind").changed({"wind.site_min_mw": 6.0})
MACHINE = SimpleNamespace(rated_mw=6.0, rotor_m=196.0)
ALONG, ACROSS = 5 * 196.0, 9 * 196.0


def make_grid(rows, cols, res=90.0):
    return Grid(CRS, Affine(res, 0, 450_000, 0, -res, 3_600_000), (rows, cols))


def make_ground(dem, grid, zones=None):
    gy, gx = np.gradient(dem.astype(float), grid.dx)
    slope = np.degrees(np.arctan(np.hypot(gx, gy))).astype(np.float32)
    zones = np.ones(grid.shape, np.uint8) if zones is None else zones
    return SimpleNamespace(
        grid=grid, zones=zones, terrain=SimpleNamespace(slope_deg=slope),
        values=lambda name: dem if name == "dem" else None,
    )  # fmt: skip


def relief(grid, seed=3, sigma=9.0, height=300.0):
    rng = np.random.default_rng(seed)
    z = ndimage.gaussian_filter(rng.normal(size=grid.shape), sigma * 90 / grid.dx)
    return (height * z / z.std()).astype(np.float32)


@pytest.fixture(scope="module")
def mountains():
    grid = make_grid(330, 360)
    dem = relief(grid)
    zones = np.ones(grid.shape, np.uint8)
    zones[:, 170:] = 2
    zones[300:] = 0
    ground = make_ground(dem, grid, zones)
    eligible = ndimage.gaussian_filter(np.random.default_rng(8).normal(size=grid.shape), 3) > -0.08
    return ground, eligible, place(ground, eligible, MACHINE, PARAMS)


def in_ellipse(turbines, i, j):
    """Return whether turbine j stands in the ellipse of i, from compass bearings."""
    de, dn = turbines.x[j] - turbines.x[i], turbines.y[j] - turbines.y[i]
    b = math.radians(turbines.bearing[i])
    if math.isnan(b):
        return math.hypot(de, dn) < math.sqrt(ALONG * ACROSS) - 1e-6
    u = de * math.sin(b) + dn * math.cos(b)
    v = de * math.cos(b) - dn * math.sin(b)
    return (u / ALONG) ** 2 + (v / ACROSS) ** 2 < 1 - 1e-9


def test_every_pair_keeps_its_distance(mountains):
    turbines = mountains[2]
    n = turbines.row.size
    assert n > 100
    assert np.isfinite(turbines.bearing).sum() > 20
    assert np.isnan(turbines.bearing).any()
    away = np.hypot(turbines.x[:, None] - turbines.x, turbines.y[:, None] - turbines.y)
    np.fill_diagonal(away, np.inf)
    assert away.min() >= ALONG
    for i, j in np.argwhere(away < ACROSS):
        assert not in_ellipse(turbines, i, j)


def test_greedy_leaves_no_room(mountains):
    """With one turbine a site allowed, every seat lies in someone's wider reach."""
    ground, eligible, turbines = mountains
    seats = np.argwhere(find_ridges(ground, PARAMS).seat & eligible & (ground.zones > 0))
    t = ground.grid.transform
    x, y = t.c + (seats[:, 1] + 0.5) * 90, t.f - (seats[:, 0] + 0.5) * 90
    away = np.hypot(x[:, None] - turbines.x, y[:, None] - turbines.y).min(1)
    assert away.max() < ACROSS


def test_turbines_stand_on_eligible_seats_inside_their_label(mountains):
    ground, eligible, turbines = mountains
    ridges = find_ridges(ground, PARAMS)
    at = (turbines.row, turbines.col)
    assert eligible[at].all()
    assert ridges.seat[at].all()
    assert (ground.zones[at] > 0).all()
    np.testing.assert_array_equal(turbines.labels[at], turbines.site)
    np.testing.assert_allclose(turbines.value, ridges.height[at])
    inside = turbines.labels > 0
    assert eligible[inside].all()
    assert ridges.raised[inside].all()
    assert len(set(turbines.ids)) == turbines.row.size
    x, y = ground.grid.xy(int(turbines.row[5]), int(turbines.col[5]))
    assert (turbines.x[5], turbines.y[5]) == (x, y)


def test_labels_are_the_ground_round_the_turbines(mountains):
    ground, _, turbines = mountains
    rows, cols = np.nonzero(turbines.labels)
    site = turbines.labels[rows, cols]
    t = ground.grid.transform
    x, y = t.c + (cols + 0.5) * 90, t.f - (rows + 0.5) * 90
    for i in range(0, rows.size, 17):
        own = turbines.site == site[i]
        away = np.hypot(turbines.x[own] - x[i], turbines.y[own] - y[i]).min()
        assert away <= ALONG / 2


def test_sites_keep_county_and_size(mountains):
    ground, _, turbines = mountains
    assert turbines.per_site.min() >= 1
    assert 5 < turbines.per_site.max() <= 16  # 100 MW
    np.testing.assert_array_equal(turbines.capacity_mw, turbines.per_site * 6.0)
    for number in range(1, turbines.count + 1):
        assert len(np.unique(ground.zones[turbines.labels == number])) == 1
    first = [np.flatnonzero(turbines.site == s)[0] for s in range(1, turbines.count + 1)]
    assert first == sorted(first)
    height = turbines.mean(turbines.value)
    assert height[0] == pytest.approx(turbines.value[turbines.site == 1].mean())


def test_chains_are_connected_over_ground_above_the_mean(mountains):
    """Each turbine of a site reaches another one within the link, through no valley."""
    ground, _, turbines = mountains
    above = find_ridges(ground, PARAMS).height >= 0
    pieces = np.zeros(ground.grid.shape, np.int64)
    for zone in (1, 2):
        label, _ = ndimage.label(above & (ground.zones == zone), np.ones((3, 3)))
        pieces += np.where(label > 0, label + zone * 100_000, 0)
    link = 12 * 196.0
    for s in np.flatnonzero(turbines.per_site > 1) + 1:
        own = np.flatnonzero(turbines.site == s)
        assert len(set(pieces[turbines.row[own], turbines.col[own]])) == 1
        away = np.hypot(turbines.x[own][:, None] - turbines.x[own],
                        turbines.y[own][:, None] - turbines.y[own])  # fmt: skip
        seen, todo = {0}, [0]
        while todo:
            todo += [j for j in np.flatnonzero(away[todo.pop()] <= link) if j not in seen]
            seen |= set(todo)
        assert len(seen) == own.size


def test_small_chains_are_left_out_and_counted(mountains):
    ground, eligible, every = mountains
    large = place(ground, eligible, MACHINE, PARAMS.changed({"wind.site_min_mw": 30.0}))
    assert large.per_site.min() >= 5
    keep = every.per_site[every.site - 1] >= 5
    np.testing.assert_array_equal(large.row, every.row[keep])
    assert large.left_out == np.count_nonzero(~keep)
    assert f"{large.left_out} 台" in large.left_text.zh
    assert "30 MW" in large.left_text.zh
    assert every.left_text.zh == ""
    assert large.count == np.count_nonzero(every.per_site >= 5)


def test_no_site_exceeds_the_largest(mountains):
    ground, eligible, every = mountains
    small = place(ground, eligible, MACHINE, PARAMS.changed({"wind.site_max_mw": 20.0}))
    assert small.per_site.max() == 3
    np.testing.assert_array_equal(small.row, every.row)  # grouping moves no turbine
    assert small.count > every.count


def straight_ridge(grid, row):
    r = np.arange(grid.rows)[:, None] * np.ones(grid.cols)
    return (500 - np.minimum(np.abs(r - row) * grid.dx * 0.4, 300)).astype(np.float32)


def test_spacing_along_a_straight_ridge_and_value():
    grid = make_grid(61, 300, 30.0)
    dem = straight_ridge(grid, 30)
    eligible = np.ones(grid.shape, bool)
    value = np.tile(np.linspace(1500, 2500, 300, dtype=np.float32), (61, 1))
    value[:, 100:110] = np.nan
    found = place(make_ground(dem, grid), eligible, MACHINE, PARAMS, value)
    assert (found.row == 30).all()
    # the best cell first, then every 33 cells (990 m >= 5 D); unknown ground comes last
    assert np.diff(found.col).tolist() == [33, 33, 33, 35, 33, 33, 33, 33, 33]
    assert not ((found.col >= 100) & (found.col < 110)).any()
    assert found.col.max() >= 282
    np.testing.assert_allclose(found.bearing, 90)
    np.testing.assert_allclose(found.value, value[found.row, found.col])
    assert found.count == 1
    assert found.capacity_mw[0] == found.row.size * 6.0


def test_parallel_ridges_keep_the_distance_across():
    grid = make_grid(161, 200, 30.0)
    gap = 47  # 1410 m: more than 5 D, less than 9 D
    r = np.arange(161)[:, None] * np.ones(200)
    away = np.minimum(np.abs(r - 50), np.abs(r - 50 - gap))
    dem = (800 - np.minimum(away * 12, 250)).astype(np.float32)
    dem[50] += 5
    found = place(make_ground(dem, grid), np.ones(grid.shape, bool), MACHINE, PARAMS)
    for i in range(found.row.size):
        for j in range(found.row.size):
            assert i == j or not in_ellipse(found, i, j)
    one, two = found.x[found.row == 50], found.x[found.row == 97]
    assert one.size > 3
    nearest = np.abs(one[:, None] - two).min() if two.size else np.inf
    assert nearest >= ALONG * math.sqrt(1 - (gap * 30 / ACROSS) ** 2)


def test_a_county_border_cuts_the_chain():
    grid = make_grid(61, 400, 30.0)
    zones = np.ones(grid.shape, np.uint8)
    zones[:, 210:] = 2
    found = place(make_ground(straight_ridge(grid, 30), grid, zones),
                  np.ones(grid.shape, bool), MACHINE, PARAMS)  # fmt: skip
    assert found.count == 2
    assert ((found.col < 210) == (found.site == 1)).all()
    assert set(np.unique(zones[found.labels == 1])) == {1}


def groups(x0=0, cols=700):
    """Two mountain groups far apart on a plain; the grid may begin later."""
    grid = make_grid(160, 700)
    dem = np.zeros(grid.shape, np.float32)
    bump = relief(make_grid(110, 200), seed=2, sigma=7.0)
    wave = np.hanning(110)[:, None] * np.hanning(200)[None]
    dem[20:130, 40:240] = bump * wave + 800 * wave
    dem[20:130, 440:640] = np.roll(bump, 50, 1) * wave + 800 * wave
    part = grid.window(0, x0, 160, cols)
    return make_ground(np.ascontiguousarray(dem[:, x0 : x0 + cols]), part), part


def test_a_crop_that_does_not_touch_a_group_changes_nothing():
    ground, grid = groups()
    whole = place(ground, np.ones(grid.shape, bool), MACHINE, PARAMS)
    cropped, small = groups(300, 400)
    part = place(cropped, np.ones(small.shape, bool), MACHINE, PARAMS)
    right = whole.col >= 300
    assert right.sum() >= 8
    assert (~right).sum() >= 8
    for name in ("x", "y", "row", "value", "bearing"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[right])
    assert part.ids == tuple(np.array(whole.ids)[right])
    _, sites = np.unique(whole.site[right], return_inverse=True)
    np.testing.assert_array_equal(part.site, sites + 1)
    there = whole.labels[:, 300:]
    np.testing.assert_array_equal(part.labels > 0, there > 0)


def test_a_crop_through_the_mountains_changes_little_inside(mountains):
    ground, eligible, whole = mountains
    crop = ground.grid.window(40, 30, 220, 260)
    window = (slice(40, 260), slice(30, 290))
    dem = ground.values("dem")[window]
    part = place(make_ground(dem, crop, ground.zones[window]), eligible[window], MACHINE, PARAMS)
    west, south, east, north = crop.bounds

    def inner(t):
        keep = (
            (t.x > west + 4000) & (t.x < east - 4000) & (t.y > south + 4000) & (t.y < north - 4000)
        )
        return set(np.array(t.ids)[keep])

    one, two = inner(whole), inner(part)
    assert len(one) >= 15
    assert len(one & two) >= 0.9 * max(len(one), len(two))


def test_same_input_same_turbines(mountains):
    ground, eligible, turbines = mountains
    again = place(ground, eligible, MACHINE, PARAMS)
    assert again.ids == turbines.ids
    np.testing.assert_array_equal(again.labels, turbines.labels)


def test_ties_go_to_the_north_west():
    grid = make_grid(61, 100, 30.0)
    value = np.ones(grid.shape, np.float32)
    found = place(make_ground(straight_ridge(grid, 30), grid), np.ones(grid.shape, bool),
                  MACHINE, PARAMS, value)  # fmt: skip
    seats = find_ridges(make_ground(straight_ridge(grid, 30), grid), PARAMS).seat
    assert found.col.min() == np.nonzero(seats)[1].min()


def test_nothing_eligible_and_no_elevation():
    grid = make_grid(60, 60)
    ground = make_ground(straight_ridge(grid, 30), grid)
    none = place(ground, np.zeros(grid.shape, bool), MACHINE, PARAMS)
    assert none.count == none.row.size == none.left_out == 0
    assert none.capacity_mw.size == 0
    assert not none.labels.any()
    bare = SimpleNamespace(grid=grid, zones=ground.zones, terrain=None, values=lambda _: None)
    found = place(bare, np.ones(grid.shape, bool), MACHINE, PARAMS)
    assert found.count >= 1
    assert "缺高程" in found.text.zh
    away = np.hypot(found.x[:, None] - found.x, found.y[:, None] - found.y)
    np.fill_diagonal(away, np.inf)
    assert away.min() >= math.sqrt(ALONG * ACROSS)


def test_bad_input_is_refused(mountains):
    ground, eligible, _ = mountains
    with pytest.raises(OptionError, match="site_max_mw"):
        spacing(SimpleNamespace(rated_mw=7.0, rotor_m=150.0),
                PARAMS.changed({"wind.site_min_mw": 50, "wind.site_max_mw": 52}))  # fmt: skip
    with pytest.raises(GridMismatchError):
        place(ground, eligible[:5], MACHINE, PARAMS)
    with pytest.raises(GridMismatchError):
        place(ground, eligible, MACHINE, PARAMS, np.zeros((2, 2), np.float32))


def test_spacing_in_rotor_diameters():
    far = spacing(MACHINE, PARAMS)
    assert (far.along_ridge, far.across_ridge) == (980.0, 1764.0)
    assert far.level == pytest.approx(math.sqrt(980 * 1764))
    assert (far.fewest, far.most) == (1, 16)
    assert far.least == 980.0


def test_land_of_a_site(mountains):
    turbines = mountains[2]
    permanent, temporary = land_mu(turbines, PARAMS)
    np.testing.assert_allclose(permanent, m2_to_mu(turbines.capacity_mw * 1000))  # 0.10 ha/MW
    np.testing.assert_allclose(temporary / permanent, 6.6)


def test_without_keeps_the_rest(mountains):
    ground, _, turbines = mountains
    drop = np.zeros(turbines.row.size, bool)
    drop[::3] = True
    left = without(turbines, drop, ground.grid)
    assert left.ids == tuple(np.array(turbines.ids)[~drop])
    np.testing.assert_array_equal(left.labels[left.row, left.col], left.site)
    assert set(np.unique(left.labels)) <= set(range(left.count + 1))
    assert not left.labels[turbines.row[drop], turbines.col[drop]].any()
    assert left.left_out == turbines.left_out + drop.sum()
    assert without(turbines, np.zeros_like(drop), ground.grid) is turbines


@pytest.mark.real
def test_turbines_of_a_real_mountain_stand_on_divides(real_data):
    dem, grid, _ = raster.read(real_data / "bigtujunga.tif", dtype="float32")
    dem = np.asarray(dem, np.float32)
    slope, _ = slope_aspect(dem, grid)
    ground = SimpleNamespace(
        grid=grid, zones=np.ones(grid.shape, np.uint8), terrain=SimpleNamespace(slope_deg=slope),
        values=lambda name: dem if name == "dem" else None,
    )  # fmt: skip
    ridges = find_ridges(ground, PARAMS)
    assert 0.01 < ridges.crest.mean() < 0.03
    window = (slice(100, 400), slice(300, 700))
    upslope = accumulate(dem[window])
    crest = ridges.crest[window]
    # the water that a cell passes on is its own: a divide; a cell at random passes on more
    assert np.mean(upslope[crest] <= 3) > 0.97
    assert np.mean(upslope <= 3) < 0.75
    found = place(ground, slope <= 30, MACHINE, PARAMS)
    assert found.row.size > 150
    assert (slope[found.row, found.col] <= 30).all()
    away = np.hypot(found.x[:, None] - found.x, found.y[:, None] - found.y)
    np.fill_diagonal(away, np.inf)
    assert away.min() >= ALONG
    assert found.per_site.max() > 8


def accumulate(dem):
    """Return how many cells drain through each one, itself included (D8, pits end)."""
    rows, cols = dem.shape
    area = np.ones(dem.size, np.int64)
    z = dem.ravel()
    for i in np.argsort(-z, kind="stable"):
        r, c = divmod(int(i), cols)
        best, to = 0.0, -1
        for y in range(max(r - 1, 0), min(r + 2, rows)):
            for x in range(max(c - 1, 0), min(c + 2, cols)):
                fall = (z[i] - dem[y, x]) / max(math.hypot(y - r, x - c), 1.0)
                if fall > best:
                    best, to = fall, y * cols + x
        if to >= 0:
            area[to] += area[i]
    return area.reshape(dem.shape)


def kernel_scene():
    grid = make_grid(70, 80)
    ground = make_ground(relief(grid, sigma=5.0), grid)
    return grid, find_ridges(ground, PARAMS)


def test_pick_and_spread_interpreted_equal_compiled():
    grid, ridges = kernel_scene()
    order = np.argsort(-ridges.height.ravel(), kind="stable")
    order = order[ridges.seat.ravel()[order]].astype(np.int64)
    crest = ridges.crest.view(np.uint8).ravel()
    passable = ridges.raised.astype(np.uint8).ravel()
    results = []
    for fun in (lambda k: k, lambda k: k.py_func):
        cells, angles = np.empty(order.size + 1, np.int64), np.empty(order.size + 1)
        n = fun(kernels.pick)(order, crest, 70, 80, 5, 0.5, 10.9, 19.6, 14.6, 20, cells, angles)
        taken = np.sort(cells[:n])
        owner = np.zeros(grid.size, np.int32)
        one, two = np.full(n * 40, -1), np.full(n * 40, -1)
        pairs = fun(kernels.spread)(taken, passable, passable, 70, 80, 26.1, 5.45, owner, one, two)
        parent, size = np.arange(n), np.ones(n, np.int64)
        fun(kernels.join)(one[:pairs], two[:pairs], 4, size, parent)
        results.append((cells[:n], angles[:n], owner, one, two, parent, size))
        assert n > 5
        assert pairs > 5
        assert np.bincount(parent).max() <= 4
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)


def test_join_takes_the_nearest_pairs_first_and_keeps_the_size():
    # a row of five: 0-1 nearest, then 3-4, 1-2, 2-3; at most three together
    one, two = np.array([0, 3, 1, 2]), np.array([1, 4, 2, 3])
    parent, size = np.arange(5), np.ones(5, np.int64)
    kernels.join(one, two, 3, size, parent)
    assert parent.tolist() == [0, 0, 0, 3, 3]
