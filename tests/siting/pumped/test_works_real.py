"""Works of a whole search on a real DEM: lakes in valleys, dams across them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import Point

from geo import raster
from geo.hydrology import drainage
from siting.pumped.dams.find import find_dams
from siting.pumped.dams.model import D8_WALL, Cap
from siting.pumped.dams.section import parameters as dam_parameters
from siting.pumped.pairs.best_set import Footprints, best_set
from siting.pumped.pairs.find import find_pairs
from siting.pumped.pairs.options import default_sizes
from siting.pumped.pairs.options import parameters as pair_parameters
from siting.pumped.works.axis import bilinear
from siting.pumped.works.shapes import works_of
from siting.pumped.works.why_not import Step, why_not

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def found(real_data: Path):
    data, grid, _ = raster.read(real_data / "bigtujunga.tif", dtype="float32")
    dem = np.asarray(data, np.float32)
    flow = drainage(dem, grid)
    free = Cap(np.zeros(grid.shape, np.uint8), ())
    dams, audit = find_dams(flow, dem, None, (free, free), dam_parameters({}))
    params = pair_parameters({})
    pairs, pair_audit = find_pairs(dams, (), default_sizes(params), params, None, flow)
    rock = pairs.upper_dam_m3 + pairs.lower_dam_m3
    chosen, _ = best_set(pairs, rock / pairs.power_mw, Footprints.of(dams, ()))
    works = works_of(flow, dem, dams, (), pairs.take(chosen))
    return flow, dem, dams, audit, pairs, pair_audit, chosen, works


def test_lakes_lie_in_valleys_and_dams_across_them(found):
    flow, _, dams, _, pairs, _, chosen, works = found
    grid = flow.grid
    assert chosen.size > 20
    best = pairs.take(chosen)
    parts = works.parts.set_index(["site", "part"])
    for i in range(best.count):
        for side in ("upper", "lower"):
            lake = parts.loc[(i, f"{side}_lake"), "geometry"]
            dam = parts.loc[(i, f"{side}_dam"), "geometry"]
            level = float(getattr(best, f"{side}_normal_m")[i])
            assert lake.is_valid
            assert not lake.is_empty
            assert dam.intersects(lake)
            # ground along the shore stands at the level, inside it lies below
            x, y = np.asarray(lake.representative_point().coords[0])
            assert bilinear(flow.filled, grid, np.array([x]), np.array([y]))[0] < level
            profile = getattr(works, f"{side}_profile")[i]
            site = int(getattr(best, side)[i])
            foot = Point(grid.xy(int(dams.row[site]), int(dams.col[site])))
            assert dam.distance(foot) < 2 * grid.dx
            if dams.axis[site] != D8_WALL:
                assert profile.ground_m[[0, -1]] == pytest.approx(profile.crest_m, abs=0.5)
            assert profile.ground_m.min() <= float(dams.foot_m[site]) + 1.0
            curve = getattr(works, f"{side}_curve")[i]
            assert lake.area == pytest.approx(curve[2, -1], rel=0.012)


def test_lakes_as_drawn_hold_what_the_search_promised(found):
    works = found[-1]
    ratio = np.r_[
        works.upper_volume_m3 / works.upper_search_m3, works.lower_volume_m3 / works.lower_search_m3
    ]
    assert np.median(ratio) == pytest.approx(1.0, abs=0.01)
    assert (np.abs(ratio - 1) <= 0.05).mean() >= 0.95
    assert works.holds.mean() >= 0.9


def test_what_is_drawn_can_be_asked_about(found):
    flow, _, dams, audit, pairs, pair_audit, chosen, works = found
    rng = np.random.default_rng(3)
    west, south, east, north = flow.grid.bounds
    seen = set()
    for x, y in zip(rng.uniform(west, east, 200), rng.uniform(south, north, 200), strict=True):
        answer = why_not(x, y, flow, dams, audit, (), pairs, pair_audit, chosen, works=works)
        assert answer.text.zh
        assert answer.text.en
        seen.add(answer.step)
    assert {Step.GULLY, Step.HEIGHT, Step.CHOSEN} <= seen
