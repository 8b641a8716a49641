"""Search for dam sites: oracles, reasons, caps, thinning, determinism, crops, bad input."""

from __future__ import annotations

from dataclasses import fields

import numba
import numpy as np
import pytest
from affine import Affine
from scipy import ndimage

from geo import raster
from geo.errors import GridMismatchError, OptionError, Say
from geo.grid import Grid
from geo.hydrology import STEP_COLS, STEP_ROWS, drainage
from siting.pumped.dams.find import find_dams
from siting.pumped.dams.model import D8_WALL, Cap
from siting.pumped.dams.reasons import REASONS, Check, why_none
from siting.pumped.dams.section import parameters, section
from siting.sites.geohash import site_ids
from tests.siting.pumped._valleys import free, grid_of, modelled, vee

NOTHING = Say("无", "none")


def mountains(side=520, seed=3, cell=30.0):
    """Return rough terrain with valleys: smoothed noise over broad ridges."""
    rng = np.random.default_rng(seed)
    dem = np.zeros((side, side))
    for width, height in ((25, 300.0), (9, 100.0)):
        noise = ndimage.gaussian_filter(rng.standard_normal((side, side)), width)
        dem += height * noise / noise.std()
    dem = (dem - dem.min() + 100).astype(np.float32)
    return dem, Grid("EPSG:4546", Affine(cell, 0, 480_000, 0, -cell, 3_600_000), dem.shape)


def run(dem, grid, allowed=None, caps=None, **changes):
    drained = drainage(dem, grid)
    changes = {"dam.min_ratio": 1.0, "dam.min_volume_mm3": 0.3, **changes}
    sites, audit = find_dams(drained, dem, allowed, caps or free(grid), parameters(changes))
    return sites, audit, drained


@pytest.fixture(scope="module")
def found():
    dem, grid = mountains()
    return dem, grid, *run(dem, grid)


def test_it_finds_sites_and_every_candidate_has_a_reason(found):
    _, _, sites, audit, drained = found
    assert sites.count > 50
    assert (audit.reason == Check.KEPT).sum() == sites.count
    kept = audit.reason == Check.KEPT
    assert np.array_equal(audit.row[kept], sites.row)
    assert np.array_equal(audit.col[kept], sites.col)
    assert len(REASONS) == len(Check)
    for code, value, limit in zip(audit.reason, audit.value, audit.limit, strict=True):
        say = REASONS[code].say(value, limit)
        assert say.zh
        assert "{" not in say.en
    # gully cells that fall through a multiple of ten metres, catchments of 0.1 km² and more
    km2 = drained.cells[audit.row, audit.col] * 900 / 1e6
    assert km2.min() >= 0.1
    way = drained.direction[audit.row, audit.col]
    below = drained.filled[
        audit.row + np.array(STEP_ROWS)[way], audit.col + np.array(STEP_COLS)[way]
    ]
    above = drained.filled[audit.row, audit.col]
    assert (np.floor(np.rint(above * 10) / 100) > np.floor(np.rint(below * 10) / 100)).all()


def test_every_site_passes_volume_and_ratio_at_one_height(found):
    _, _, sites, _, _ = found
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = sites.volume_m3 / sites.dam_m3
    fit = (sites.volume_m3 >= 0.3e6) & (ratio >= 1.0) & np.isfinite(sites.dam_m3)
    assert fit[:, 5:].any(axis=1).all()
    assert not np.isinf(ratio[np.isfinite(sites.dam_m3)]).any()
    assert sites.catchment_m2.max() <= 50e6


def lake_of(drained, dem, site, h, sites):
    """Flood a region behind the axis by labels; the peer of the curves. [m³]"""
    level = float(sites.foot_m[site]) + h
    angle = np.deg2rad(22.5 * sites.axis[site])
    row, col = np.indices(dem.shape)
    x, y = (col - sites.col[site]) * 30.0, (row - sites.row[site]) * 30.0
    t, u = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    # downstream is where the bed leads
    r, c = int(sites.row[site]), int(sites.col[site])
    for _ in range(8):
        way = drained.direction[r, c]
        if way > 7:
            break
        r, c = r + STEP_ROWS[way], c + STEP_COLS[way]
    u = u if u[r, c] > 0 else -u
    wall = (abs(u) <= 22.0) & (abs(t) <= sites.crest_length_m[site, h])
    wet = (drained.filled < level) & ~wall
    label, _ = ndimage.label(wet, structure=np.ones((3, 3)))
    start, size = int(sites.start[site]), int(sites.cells[site])
    member = np.zeros(dem.size, bool)
    member[drained.order[start : start + size]] = True
    pools = label[member.reshape(dem.shape) & wet & (u < 0)]
    if not pools.size:
        return None
    pool = np.bincount(pools).argmax()
    lake = label == pool
    if lake[0].any() or lake[-1].any() or lake[:, 0].any() or lake[:, -1].any():
        return None  # it runs out beside the dam
    half = wall & (u < 22.0) & (u > -22.0) & (drained.filled < level)
    share = np.clip(0.5 - u / 30.0, 0.0, 1.0)
    depth = level - drained.filled
    return float((depth * lake).sum() + (depth * half * share).sum()) * 900.0


def test_a_sample_agrees_with_labels_of_flooded_ground(found):
    dem, _, sites, _, drained = found
    ratios = []
    for site in range(sites.count):
        h = int(np.argmax(sites.volume_m3[site] >= 6e5))
        if sites.axis[site] == D8_WALL or h == 0 or not np.isfinite(sites.dam_m3[site, h]):
            continue
        peer = lake_of(drained, dem, site, h, sites)
        if peer is not None:
            ratios.append(sites.volume_m3[site, h] / peer)
    assert len(ratios) > 10
    assert np.median(ratios) == pytest.approx(1.0, abs=0.02)
    assert np.percentile(ratios, 10) > 0.9
    assert np.percentile(ratios, 90) < 1.1


def test_volume_of_a_d8_wall_is_the_sum_over_the_catchment(found):
    _, _, sites, _, drained = found
    walls = np.flatnonzero(sites.axis == D8_WALL)
    assert walls.size
    for i in walls:
        start, size = int(sites.start[i]), int(sites.cells[i])
        z = drained.filled.ravel()[drained.order[start : start + size]].astype(np.float64)
        for h in (10, 60, 149):
            depth = np.maximum(h - (z - float(sites.foot_m[i])), 0.0)
            assert sites.volume_m3[i, h] == pytest.approx(900 * depth.sum(), rel=1e-5)
            assert sites.area_m2[i, h] == pytest.approx(900 * (depth > 0).sum(), rel=1e-5)


def test_dam_without_saddles_is_the_section_along_the_axis(found):
    dem, _, sites, _, _ = found
    shape = section(parameters({}))
    seen = 0
    for i in np.flatnonzero(sites.axis >= 0)[:60]:
        angle = np.deg2rad(22.5 * sites.axis[i])
        h = int(np.argmax(sites.volume_m3[i] >= 1e6))
        crest, body, length = float(sites.foot_m[i]) + h + 1.5, 0.0, 0.0
        for sign in (1.0, -1.0):
            away = np.arange(0, 1000.0, 30.0)
            ground = ndimage.map_coordinates(
                dem.astype(np.float64),
                [sites.row[i] + sign * away * np.sin(angle) / 30,
                 sites.col[i] + sign * away * np.cos(angle) / 30], order=1, mode="nearest",
            )  # fmt: skip
            high = np.flatnonzero(ground >= crest)
            if not high.size:
                break
            k = int(high[0])
            body += float(shape.body(ground[: k + 1], crest, 30.0))
            length += 30.0 * (k - 1) + 30.0 * (crest - ground[k - 1]) / (ground[k] - ground[k - 1])
        else:
            assert sites.dam_m3[i, h] >= body * 0.999
            if sites.crest_length_m[i, h] == pytest.approx(length, rel=1e-4):
                assert sites.dam_m3[i, h] == pytest.approx(body, rel=1e-3)
                seen += 1
    assert seen > 20


def test_dams_stand_across_valleys(found):
    dem, _, sites, _, _ = found
    straight = np.flatnonzero(sites.axis >= 0)
    assert straight.size > 0.7 * sites.count
    angle = np.deg2rad(22.5 * sites.axis[straight])
    for sign in (1, -1):
        row = sites.row[straight] + sign * np.rint(5 * np.sin(angle)).astype(int)
        col = sites.col[straight] + sign * np.rint(5 * np.cos(angle)).astype(int)
        assert (dem[row, col] > sites.foot_m[straight]).mean() > 0.97


def same(one, two):
    for each in fields(one):
        if each.name != "grid":
            np.testing.assert_array_equal(getattr(one, each.name), getattr(two, each.name))


def test_threads_do_not_matter(found):
    dem, grid, sites, audit, _ = found
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        alone, why, _ = run(dem, grid)
    finally:
        numba.set_num_threads(before)
    same(sites, alone)
    same(audit, why)


def test_a_crop_away_from_a_site_changes_nothing(found):
    dem, grid, *_ = found
    short = {"dam.axis_reach_m": 300.0}
    sites, _, drained = run(dem, grid, **short)
    cut = np.ascontiguousarray(dem[:, 40:])
    fewer, _, cropped = run(cut, grid.window(0, 40, grid.rows, grid.cols - 40), **short)
    # a pit that spilled over what is cut away has another level now: its surroundings changed;
    # an axis reaches 10 cells, a ray from it 22 more
    other = cropped.filled != drained.filled[:, 40:]
    other[:, 0] = True
    near = ndimage.maximum_filter(other, size=2 * 35 + 1)
    spots = {(r, c): i for i, (r, c) in enumerate(zip(sites.row, sites.col, strict=True))}
    whole = dict(zip(site_ids("pumped", grid.crs, *sites.xy()), range(sites.count), strict=True))
    ids = site_ids("pumped", grid.crs, *fewer.xy())
    hits = 0
    for k in range(fewer.count):
        i = spots.get((fewer.row[k], fewer.col[k] + 40))
        # one may stand here for a better neighbour whose catchment was cut
        if near[fewer.row[k], fewer.col[k]] or i is None:
            continue
        hits += 1
        for name in ("volume_m3", "area_m2", "dam_m3", "crest_length_m", "axis", "cap_m"):
            np.testing.assert_array_equal(getattr(fewer, name)[k], getattr(sites, name)[i])
        assert whole[ids[k]] == i
    assert hits > 10


def ids_of(sites):
    return dict(
        zip(site_ids("pumped", sites.grid.crs, *sites.xy()), range(sites.count), strict=True)
    )


@pytest.mark.parametrize(("top", "left", "bottom", "right"), [(40, 0, 0, 0), (0, 37, 53, 11)])
def test_a_crop_loses_and_adds_no_site_whose_ground_it_keeps(found, top, left, bottom, right):
    """Both ways, without thinning: no site is left out but those whose ground changed."""
    dem, grid, *_ = found
    free_of = {"dam.axis_reach_m": 300.0, "dam.suppress_m": 0.0}
    sites, _, drained = run(dem, grid, **free_of)
    rows, cols = grid.rows - top - bottom, grid.cols - left - right
    part = (slice(top, top + rows), slice(left, left + cols))
    fewer, _, cut = run(
        np.ascontiguousarray(dem[part]), grid.window(top, left, rows, cols), **free_of
    )
    # what a site reads: an axis of 10 cells, a ray of 22 more from it, and its whole catchment
    changed = cut.filled != drained.filled[part]
    changed[[0, -1]] = changed[:, [0, -1]] = True
    near = ndimage.maximum_filter(changed, size=2 * 35 + 1)
    near |= cut.cells != drained.cells[part]
    kept = {
        (r - top, c - left): i
        for i, (r, c) in enumerate(zip(sites.row.tolist(), sites.col.tolist(), strict=True))
        if 0 <= r - top < rows and 0 <= c - left < cols and not near[r - top, c - left]
    }
    there = {
        (r, c): k
        for k, (r, c) in enumerate(zip(fewer.row.tolist(), fewer.col.tolist(), strict=True))
        if not near[r, c]
    }
    assert len(kept) > 80
    assert kept.keys() == there.keys()
    plain, again = ids_of(sites), ids_of(fewer)
    one = {i: name for name, i in plain.items()}
    other = {k: name for name, k in again.items()}
    assert [one[kept[spot]] for spot in kept] == [other[there[spot]] for spot in kept]


def test_a_mask_adds_and_loses_no_other_site(found):
    dem, grid, *_ = found
    allowed = np.ones(grid.shape, bool)
    allowed[:, :100] = False
    sites, _, _ = run(dem, grid, **{"dam.suppress_m": 0.0})
    rest, _, _ = run(dem, grid, allowed=allowed, **{"dam.suppress_m": 0.0})
    outside = sites.col >= 100
    for name in ("row", "col", "foot_m", "axis", "volume_m3", "dam_m3"):
        np.testing.assert_array_equal(getattr(rest, name), getattr(sites, name)[outside])


def test_a_mask_away_from_the_foot_keeps_ids(found):
    dem, grid, sites, _, _ = found
    allowed = np.ones(grid.shape, bool)
    allowed[:, :100] = False
    rest, audit, _ = run(dem, grid, allowed=allowed)
    assert (rest.col >= 100).all()
    assert (audit.reason == Check.NOT_ALLOWED).any()
    ids = set(site_ids("pumped", grid.crs, *sites.xy()))
    mine = site_ids("pumped", grid.crs, *rest.xy())
    # a site on the edge may now stand for one that was its better neighbour
    assert sum(one in ids for one in mine) >= 0.97 * len(mine)


def test_turned_and_mirrored_ground_gives_as_many_sites():
    dem, grid = mountains(side=800, seed=5)
    counts = []
    for turned in (dem, np.rot90(dem), dem[:, ::-1], dem[::-1].T):
        sites, audit, _ = run(np.ascontiguousarray(turned), grid, **{"dam.min_ratio": 0.3})
        counts.append((sites.count, audit.row.size))
    counts = np.array(counts)
    assert counts[0, 0] > 400
    assert (abs(counts / counts[0] - 1) <= 0.02).all()


def test_caps_name_the_ground_that_sets_them(found):
    dem, grid, _, _, drained = found
    shut, routed = np.zeros(grid.shape, np.uint8), np.zeros(grid.shape, np.uint8)
    rng = np.random.default_rng(1)
    spots = rng.random(grid.shape) < 0.002
    shut[spots] = rng.integers(1, 3, spots.sum())
    also = rng.random(grid.shape) < 0.01
    routed[also] = 2
    caps = (
        Cap(shut, (Say("甲", "a"), Say("乙", "b"))),
        Cap(routed, (Say("丙", "c"), Say("丁", "d"))),
    )
    capped, audit, _ = run(dem, grid, caps=caps)
    assert (audit.reason == Check.CAPPED).any()
    barred = audit.reason == Check.BARRED
    feet = shut[audit.row, audit.col]
    assert np.array_equal(audit.value[barred], feet[barred])
    assert (feet[~barred & (audit.reason > Check.NOT_ALLOWED)] == 0).all()
    assert (capped.cap_m[:, 1] <= capped.cap_m[:, 0]).all()
    for i in range(capped.count):
        start, size = int(capped.start[i]), int(capped.cells[i])
        cells = drained.order[start : start + size]
        z = drained.filled.ravel()[cells].astype(np.float64) - capped.foot_m[i]
        for column, code in ((0, shut), (1, shut | routed)):
            marked = code.ravel()[cells] > 0
            lowest = min(z[marked].min(initial=150.0), 150.0)
            assert capped.cap_m[i, column] <= lowest + 1e-3
            group = capped.cap_by[i, column]
            assert (group >= 0) == (capped.cap_m[i, column] < 150.0)
            assert group < 2 + 2 * column
            if capped.axis[i] == D8_WALL:
                assert capped.cap_m[i, column] == pytest.approx(lowest, abs=1e-3)
    # groups of the first raster alone stand behind those of the second
    assert set(np.unique(capped.cap_by[:, 1])) & {2, 3}


def test_suppressed_sites_name_a_better_neighbour_of_their_gully(found):
    dem, grid, sites, audit, _ = found
    gone = np.flatnonzero(audit.reason == Check.SUPPRESSED)
    assert gone.size
    keeper = audit.other[gone]
    assert (keeper >= 0).all()
    away = np.hypot(
        sites.row[keeper] - audit.row[gone], sites.col[keeper] - audit.col[gone]
    ) * 30  # fmt: skip
    assert (away <= 300).all()
    assert (audit.value[gone] <= 300).all()
    assert (audit.value[gone] >= away - 1e-3).all()
    assert (audit.other[audit.reason != Check.SUPPRESSED] == -1).all()
    # without thinning they are all there
    everything, _, _ = run(dem, grid, **{"dam.suppress_m": 0.0})
    assert everything.count >= sites.count + gone.size
    # and no two of those kept are neighbours
    spots = set(zip(everything.row, everything.col, strict=True))
    assert set(zip(sites.row, sites.col, strict=True)) <= spots


def test_reasons_of_catchments():
    _, audit, _ = run(*mountains(), **{"dam.lower_catchment_max_km2": 0.5})
    large = audit.reason == Check.LARGE
    assert large.any()
    assert (audit.value[large] > 0.5).all()
    assert (audit.limit[large] == 0.5).all()
    assert (audit.reason == Check.OPEN).any()


def test_small_valleys_fail_by_volume_and_poor_ones_by_ratio():
    _, _, reason = modelled(vee(side=1.0), **{"dam.min_volume_mm3": 500.0})
    assert list(reason) == [Check.VOLUME]
    _, _, reason = modelled(vee(), **{"dam.min_ratio": 1000.0})
    assert list(reason) == [Check.RATIO]


def test_a_diagonal_gully_has_a_wall():
    # a slot one cell wide along the diagonal: orthogonal edges alone leave it open
    n = 121
    grid = grid_of(n, n, 10.0)
    row, col = np.indices(grid.shape)
    along, across = (row + col - n + 1) / 2, abs(row - col)
    dem = 500.0 - 0.5 * along + np.where(across == 0, 0.0, 60.0 + 1.0 * across)
    dem -= 0.02 * np.maximum(across - 30, 0) ** 2 * (across > 30)
    dem = dem.astype(np.float32)
    changes = {"dam.gully_min_km2": 0.001, "dam.min_volume_mm3": 0.0001, "dam.min_ratio": 1e-6}
    sites, _, _ = run(dem, grid, **changes)
    assert sites.count > 0
    high = sites.dam_m3[:, 5:]
    assert (high[np.isfinite(high)] > 100.0).all()


def test_flat_ground_gives_nothing_and_says_why():
    grid = grid_of(80, 80, 30.0)
    sites, audit, _ = run(np.full(grid.shape, 300.0, np.float32), grid)
    assert sites.count == audit.row.size == 0
    assert "沟" in why_none(audit).zh
    hopeless, audit, _ = run(*mountains(), **{"dam.min_ratio": 1e6})
    assert hopeless.count == 0
    assert "水石比" in why_none(audit).zh
    assert hopeless.heights == 151


def test_voids_are_no_ground():
    dem, grid = mountains()
    dem[120:140, 100:130] = np.nan
    sites, audit, _ = run(dem, grid)
    assert sites.count > 20
    assert np.isfinite(dem[audit.row, audit.col]).all()
    assert np.isfinite(sites.volume_m3).all()
    everything = np.full(grid.shape, np.nan, np.float32)
    everything[100:160, 100:160] = dem[40:100, 40:100]
    small, _, _ = run(everything, grid)
    assert small.count <= sites.count


def test_wrong_input():
    dem, grid = mountains()
    drained = drainage(dem, grid)
    with pytest.raises(GridMismatchError, match="allowed"):
        find_dams(drained, dem, np.ones((2, 2), bool), free(grid), parameters({}))
    with pytest.raises(GridMismatchError, match="dem"):
        find_dams(drained, dem[1:], None, free(grid), parameters({}))
    small = Cap(np.zeros((3, 3), np.uint8), ())
    with pytest.raises(GridMismatchError, match="caps"):
        find_dams(drained, dem, None, (small, small), parameters({}))
    for changes in (
        {"dam.type": 4.0}, {"dam.dam_min_m": 200.0}, {"dam.foot_step_m": 0.5},
        {"dam.nothing": 1.0}, {"dam.dam_max_m": float("nan")},
    ):  # fmt: skip
        with pytest.raises(OptionError):
            parameters(changes)


@pytest.mark.real
def test_real_mountains(real_data):
    dem, grid, _ = raster.read(real_data / "bigtujunga.tif", dtype="float32")
    sites, audit, _ = run(dem, grid)
    assert sites.count > 20
    assert audit.row.size > sites.count
    straight = np.flatnonzero(sites.axis >= 0)
    assert straight.size > 0.7 * sites.count
    # ground rises to both sides of a foot: dams stand across valleys
    angle = np.deg2rad(22.5 * sites.axis[straight])
    far = 120.0 / grid.dx
    for sign in (1, -1):
        row = sites.row[straight] + sign * np.rint(far * np.sin(angle)).astype(int)
        col = sites.col[straight] + sign * np.rint(far * np.cos(angle)).astype(int)
        inside = (row >= 0) & (row < grid.rows) & (col >= 0) & (col < grid.cols)
        assert (dem[row, col][inside] > sites.foot_m[straight][inside]).mean() > 0.95
