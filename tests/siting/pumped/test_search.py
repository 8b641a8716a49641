"""The whole search through its public function: turns, crops, bad ground, requests in vain."""

from __future__ import annotations

import numpy as np
import pytest

from geo.errors import CrsError, GridMismatchError, OptionError, RasterError
from geo.grid import Grid
from siting.pumped.confirmed import confirm
from siting.pumped.dams.section import parameters as dam_parameters
from siting.pumped.money.cost import parameters as cost_parameters
from siting.pumped.pairs.model import Size
from siting.pumped.pairs.options import parameters as pair_parameters
from siting.pumped.search import search
from siting.pumped.works.shapes import works_of
from tests.siting.pumped.pairs_scene import make_lake
from tests.siting.pumped.test_dams_find import free, mountains

SIZES = (Size(100.0, 6.0), Size(300.0, 6.0))
EASY = {"dam.min_ratio": 1.0, "dam.min_volume_mm3": 0.3, "pair.water_rock_min": 1.0}


def params_of(**changes):
    values = {**EASY, **changes}

    def group(name):
        return {key: value for key, value in values.items() if key.startswith(name)}

    return {
        "dam": dam_parameters(group("dam.")),
        "pair": pair_parameters(group("pair.")),
        "storage_cost": cost_parameters(group("storage_cost.")),
    }


def searched(dem, grid, lakes=(), sizes=SIZES, **changes):
    return search(np.ascontiguousarray(dem), grid, lakes, sizes, params_of(**changes), free(grid))


@pytest.fixture(scope="module")
def ground():
    dem, grid = mountains(side=1000, seed=7)
    return (dem * 1.5).astype(np.float32), grid


@pytest.fixture(scope="module")
def found(ground):
    return searched(*ground)


def test_counts_of_every_stage_hold_when_the_ground_is_turned_and_mirrored(ground, found):
    dem, grid = ground

    def counts(result):
        return np.array(
            [result.dam_audit.row.size, result.dams.count, result.pairs.count, result.chosen.size]
        )

    own = counts(found)
    assert own[-1] > 50
    for turned in (np.rot90(dem), np.rot90(dem, 2), dem[:, ::-1], dem[::-1].T):
        other = searched(turned, grid)
        assert (np.abs(counts(other) / own - 1) <= 0.02).all()
        assert other.cost.total.min() == pytest.approx(found.cost.total.min(), rel=0.02)


def test_energy_of_every_pair_by_fine_sums(found):
    """Both curves, loss in metres once, efficiency one way: from the sums to asked energy."""
    pairs, dams = found.pairs, found.dams
    assert pairs.count > 500
    for i in range(0, pairs.count, 17):
        levels, volumes = [], []
        for which in (int(pairs.upper[i]), int(pairs.lower[i])):
            v = dams.volume_m3[which].astype(np.float64)
            levels.append(float(dams.foot_m[which]) + np.arange(v.size))
            volumes.append(v)
        moved = float(pairs.volume_m3[i])
        part = (np.arange(4000) + 0.5) / 4000 * moved
        top = np.interp(pairs.upper_normal_m[i], levels[0], volumes[0])
        bottom = np.interp(pairs.lower_dead_m[i], levels[1], volumes[1])
        high = np.interp(top - part, volumes[0], levels[0])
        low = np.interp(bottom + part, volumes[1], levels[1])
        head = float((high - low).mean())
        assert head == pytest.approx(pairs.head_mean_m[i], rel=1e-6)
        net = head - float(pairs.loss_m[i])
        energy = 1000 * 9.81 * 0.9 * moved * net / 3.6e12
        assert energy == pytest.approx(pairs.energy_gwh[i], rel=1e-6)
        flow = pairs.power_mw[i] * 1e6 / (1000 * 9.81 * 0.9 * net)
        assert flow == pytest.approx(pairs.flow_m3s[i], rel=1e-6)
        # at rated flow the store lasts the hours that were asked
        assert moved / flow / 3600 == pytest.approx(pairs.hours[i], rel=1e-6)


def test_what_is_paid_for_is_what_is_drawn(ground, found):
    """Bodies of the dams that cost rests on, against the drawn profiles; saddles are paid too."""
    dem, _ = ground
    sure = confirm(found, 40, 1, lambda pairs: works_of(found.drainage, dem, found.dams, (), pairs))
    chosen = found.pairs.take(sure.rows)
    parts = sure.works.parts.set_index(["site", "part"])
    plain = []
    for side in ("upper", "lower"):
        for i, profile in enumerate(getattr(sure.works, f"{side}_profile")):
            s = np.linspace(profile.chainage_m[0], profile.chainage_m[-1], 5001)
            y = np.interp(s, profile.chainage_m, profile.ground_m)
            y = np.maximum(profile.crest_m - y, 0.0)
            body = np.trapezoid(10.0 * y + 1.4 * y**2, s)
            ratio = body / float(getattr(chosen, f"{side}_dam_m3")[i])
            assert ratio < 1.1
            if not parts.loc[(i, f"{side}_lake"), "open_m"] > 0:
                plain.append(ratio)
    assert len(plain) > 30
    assert np.median(plain) == pytest.approx(1.0, abs=0.01)
    assert (np.abs(np.array(plain) - 1) < 0.05).mean() > 0.9


def test_pairs_that_share_a_standing_lake_share_what_it_lends(ground):
    dem, grid = ground
    west, south, east, north = grid.bounds
    x, y = (west + east) / 2, (south + north) / 2
    row, col = grid.rowcol(x, y)
    level = float(dem[row, col])
    lake = make_lake(x, y, level - 10.0, level, 60.0, share=0.15)
    result = searched(dem, grid, (lake,))
    mine = result.pairs.take(result.chosen)
    users = (mine.upper == -1) | (mine.lower == -1)
    assert users.sum() > 1
    assert mine.volume_m3[users].sum() <= lake.borrow_m3 * (1 + 1e-9)
    for side in ("upper", "lower"):
        own = getattr(mine, side) == -1
        assert (getattr(mine, f"{side}_normal_m")[own] <= level + 1e-9).all()
        assert (getattr(mine, f"{side}_dead_m")[own] >= level - 10.0 - 1e-9).all()
        assert (getattr(mine, f"{side}_dam_m3")[own] == 0).all()


def test_ground_that_cannot_be(ground):
    dem, grid = ground
    dem, grid = dem[:80, :80], grid.window(0, 0, 80, 80)
    with pytest.raises(RasterError, match="feet"):
        searched(dem * 3.28084 * 8, grid)
    with pytest.raises(RasterError, match="no cell"):
        searched(np.full_like(dem, np.nan), grid)
    degrees = Grid("EPSG:4490", grid.transform * grid.transform.scale(1e-5), (80, 80))
    with pytest.raises(CrsError):
        searched(dem, degrees)
    with pytest.raises(GridMismatchError):
        searched(dem[1:], grid)


@pytest.mark.parametrize("hole", [None, (slice(20, 60), slice(20, 60))])
def test_flat_ground_and_ground_with_voids_are_no_error(ground, hole):
    dem, grid = ground
    small, part = dem[:200, :200].copy(), grid.window(0, 0, 200, 200)
    if hole is None:
        small[:] = 300.0
    else:
        small[hole] = np.nan
    result = searched(small, part)
    assert result.chosen.size <= result.pairs.count
    if hole is None:
        assert result.dam_audit.row.size == result.dams.count == result.pairs.count == 0
    else:
        assert np.isfinite(result.pairs.volume_m3).all()


def test_requests_in_vain_are_empty_and_keep_the_reason(ground):
    high = searched(*ground, **{"pair.head_min_greenfield_m": 799.0})
    large = searched(*ground, sizes=(Size(5000.0, 240.0),))
    for result in (high, large):
        assert result.dams.count > 0
        assert result.pairs.count == result.chosen.size == 0
        assert (result.pair_audit.reason > 0).all()
    for sizes in ((), (Size(0.0, 6.0),), (Size(100.0, -1.0),), (Size(np.inf, 6.0),)):
        with pytest.raises(OptionError):
            searched(*ground, sizes=sizes)
