"""The whole study on a window of the demo scene: rows agree, nothing is lost, nothing moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import StringIO

import numpy as np
import pytest

from atlas.options import Options
from atlas.scene import read_scene
from atlas.stages import Stages
from geo.crs import from_lonlat
from siting.law.terms import Component, Technology
from siting.pumped.dams.model import Cap
from siting.pumped.frame import TAKES_LAND
from siting.pumped.money.classes import CLASSES, class_of
from siting.pumped.prepared import prepare
from siting.pumped.search import search
from siting.pumped_study import parameters, pumped_study
from siting.screened import screen_region
from siting.settings import Settings

DAY = date(2026, 11, 22)
SEED = 7
#: Beside a large lake whose levels are published.
CENTRE, HALF_CELLS = (110.50, 32.62), 140


@pytest.fixture(scope="module")
def scene():
    options = Options(data="demo", as_of=DAY, resolution=90.0)
    whole = read_scene_grid(options)
    x, y = from_lonlat(whole.crs, *CENTRE)
    row, col = whole.rowcol(float(x), float(y))
    window = whole.window(row - HALF_CELLS, col - HALF_CELLS, 2 * HALF_CELLS, 2 * HALF_CELLS)
    return read_scene(options, Stages(StringIO()), window)


def read_scene_grid(options):
    from layers.catalog import open_catalog
    from layers.region import load_region

    catalog = open_catalog(options.data)
    region = load_region(catalog.default_region, catalog, options.resolution)
    return region.grid(options.resolution)


def screened(scene, **values):
    settings = Settings(values={"dem_error.draws": 20.0, **values})
    return screen_region(scene.stack, scene.region, DAY, settings=settings)


@pytest.fixture(scope="module")
def base(scene):
    return screened(scene)


@pytest.fixture(scope="module")
def study(base, scene):
    return pumped_study(base, scene.facts, SEED)


def test_sites_are_found_beside_the_lake_and_on_their_own(study):
    kinds = set(study.sites["kind"])
    assert {"两库新建", "利用已有下库"} <= kinds
    assert study.found["dam_sites"] > study.found["chosen"] >= len(study.sites) > 5


def test_rows_of_all_values_are_those_of_the_frame(study):
    n = len(study.sites)
    assert study.pairs.count == n == len(study.bands.frame) == len(study.law.components)
    np.testing.assert_array_equal(study.sites["capacity_mw"], study.pairs.power_mw)
    np.testing.assert_array_equal(study.sites["cost_yuan_per_kw"], study.cost.total)
    np.testing.assert_array_equal(study.sites["head_low"], study.bands.frame["head_low"])
    np.testing.assert_array_equal(study.sites["waiting"], study.law.waiting)
    assert sorted(set(study.works.parts["site"])) == list(range(n))
    for i in range(n):
        own = study.works.parts[study.works.parts["site"] == i]
        new = own[own["part"].isin(TAKES_LAND) & ~own["existing"].astype(bool)]
        assert new.geometry.union_all().symmetric_difference(
            study.sites.geometry[i]
        ).area == pytest.approx(0.0, abs=1.0)


def test_best_come_first_and_what_is_barred_last(study):
    verdicts = study.sites["verdict"].tolist()
    barred = [v == "prohibited" for v in verdicts]
    assert barred == sorted(barred)
    free = study.sites[~study.sites["waiting"] & (study.sites["verdict"] != "prohibited")]
    cost = free.loc[free["cost_class"] < "E", "cost_yuan_per_kw"]
    assert cost.is_monotonic_increasing
    assert study.sites["rank"].tolist() == list(range(1, len(study.sites) + 1))


def test_storage_is_a_net_consumer_and_says_that_it_is_a_demo(study):
    sites = study.sites
    assert sites["energy_gwh"].isna().all()
    np.testing.assert_allclose(
        sites["discharge_gwh_a"] / sites["pumping_gwh_a"], sites["round_trip"], rtol=1e-12
    )
    assert sites["synthetic"].all()
    assert study.passport.synthetic
    assert study.passport.unverified
    assert sites["verdict_zh"].str.startswith("演示，无法律意义").all()
    assert (sites["coord_quality"] == "approx").all()


def test_new_lakes_keep_off_prohibited_ground_and_standing_lakes(study):
    search_caps = study.search.caps[0]
    grid = study.grid
    lakes = [one.geometry for one in study.lakes]
    new = study.works.parts[
        study.works.parts["part"].isin(["upper_lake", "lower_lake"])
        & ~study.works.parts["existing"].astype(bool)
    ]
    for shape in new.geometry:
        assert all(shape.intersection(one).area <= 2 * grid.dx**2 for one in lakes)
        inner = shape.representative_point()
        assert search_caps.code[grid.rowcol(inner.x, inner.y)] == 0


def test_the_best_set_does_not_overlap(study):
    parts = study.works.parts
    lakes = parts[
        parts["part"].isin(["upper_lake", "lower_lake"]) & ~parts["existing"].astype(bool)
    ]
    shapes = lakes.geometry.to_list()
    sites = lakes["site"].tolist()
    for i, one in enumerate(shapes):
        for j in range(i + 1, len(shapes)):
            if sites[i] != sites[j]:
                assert one.intersection(shapes[j]).area <= 4 * study.grid.dx**2


def test_without_error_the_bands_are_the_cost_of_the_card(scene):
    """Class, share and band speak of the very cost that the card shows, tunnels included."""
    exact = screened(scene, **{"dem_error.sd_factor": 0.0, "pair.velocity": 4.0})
    study = pumped_study(exact, scene.facts, SEED)
    sites = study.sites
    assert len(sites) > 5
    for end in ("low", "high"):
        np.testing.assert_allclose(sites[f"cost_{end}"], sites["cost_yuan_per_kw"], rtol=1e-6)
        np.testing.assert_allclose(sites[f"head_{end}"], sites["head_m"], rtol=1e-6)
        np.testing.assert_allclose(sites[f"volume_{end}"], sites["volume_mm3"], rtol=1e-6)
        np.testing.assert_allclose(sites[f"energy_{end}"], sites["storage_gwh"], rtol=1e-6)
    assert (sites["class_share"] == 1.0).all()
    assert not sites["class_flips"].any()
    assert (sites["failed_share"] == 0.0).all()
    letters = [CLASSES[int(k)].letter for k in class_of(sites["cost_yuan_per_kw"])]
    assert sites["cost_class"].tolist() == letters
    # clear volume of the waterway: one tunnel for each 600 MW, whatever velocity sized it
    pairs, price = study.pairs, parameters({})["storage_cost"]
    count = np.ceil(pairs.power_mw / 600.0)
    bore = count * np.pi / 4 * pairs.tunnel_m**2 * np.hypot(pairs.length_m, pairs.head_mean_m)
    each = price.number("scale") * price.number("bore") * bore / (pairs.power_mw * 1e3)
    np.testing.assert_allclose(study.cost.parts["waterway"], each, rtol=1e-9)


def test_failed_draws_stand_among_the_notes_of_the_card(study):
    many = study.bands.frame["failed_share"].to_numpy() >= 0.1
    said = [any("须先实测地形" in one.zh for one in some) for some in study.works.notes]
    assert said == many.tolist()
    assert study.sites["note"].str.contains("须先实测地形").tolist() == said


def test_the_same_inputs_give_the_same_bytes(base, scene, study):
    again = pumped_study(base, scene.facts, SEED)
    left, right = again.sites.drop(columns="geometry"), study.sites.drop(columns="geometry")
    assert left.to_csv() == right.to_csv()
    assert again.sites.geometry.to_wkb().tolist() == study.sites.geometry.to_wkb().tolist()


def _searched(base, scene, margin=0, caps=None):
    params = parameters({})
    judgements = base.new_works(Technology.PUMPED)
    ready = prepare(base.ground, judgements, scene.facts, params, DAY.isoformat())
    grid = ready.ground.grid
    rows, cols = grid.shape
    inner = (slice(margin, rows - margin), slice(margin, cols - margin))
    cut = grid.window(margin, margin, rows - 2 * margin, cols - 2 * margin)
    chosen = caps or tuple(
        Cap(np.ascontiguousarray(one.code[inner]), one.names) for one in ready.caps
    )
    from siting.pumped.pairs.options import default_sizes

    return search(
        np.ascontiguousarray(ready.dem[inner]), cut, ready.survey.lakes,
        default_sizes(params["pair"]), params, chosen,
    )  # fmt: skip


def _feet(result, box):
    x, y = result.dams.xy()
    west, south, east, north = box
    inside = (x > west) & (x < east) & (y > south) & (y < north)
    return set(zip(x[inside].tolist(), y[inside].tolist(), strict=True))


def test_dam_sites_stay_where_they_are_when_the_ground_is_cropped(base, scene):
    whole, cut = _searched(base, scene), _searched(base, scene, margin=10)
    west, south, east, north = cut.drainage.grid.bounds
    reach = 3_000.0  # what an axis and most catchments need
    box = (west + reach, south + reach, east - reach, north - reach)
    before, after = _feet(whole, box), _feet(cut, box)
    small = {  # catchments that the crop cuts are left out by design
        foot for foot in before
        if not cut.drainage.open[cut.drainage.grid.rowcol(*foot)]
    }  # fmt: skip
    assert len(small) > 20
    assert len(small & after) >= 0.98 * len(small)


def test_barred_ground_far_from_a_foot_moves_no_dam(base, scene):
    whole = _searched(base, scene)
    hard, soft = whole.caps
    code = hard.code.copy()
    code[:40, :40] = len(hard.names)
    changed = _searched(base, scene, caps=(Cap(code, hard.names), soft))
    west, south, east, north = whole.drainage.grid.bounds
    box = (west + 100 * 90.0, south, east, north - 100 * 90.0)
    assert _feet(whole, box) == _feet(changed, box)


def test_a_request_that_no_pair_meets_is_empty_and_says_why(scene):
    asked = screened(scene, **{"pair.head_min_greenfield_m": 200.0, "pair.lh_max": 5.0,
                               "pair.size_1_mw": 5000.0, "pair.size_2_mw": 0.0,
                               "pair.size_3_mw": 0.0, "pair.size_4_mw": 0.0,
                               "pair.hours": 12.0})  # fmt: skip
    none = pumped_study(asked, scene.facts, SEED)
    assert len(none.sites) == 0 == none.pairs.count
    assert any(one.zh.startswith("没有找到抽蓄场址") for one in none.warnings)


def test_without_an_elevation_there_is_no_study(scene, base):
    bare = replace(base, ground=replace(base.ground, stack=_without_dem(base.ground.stack)))
    assert pumped_study(bare, scene.facts, SEED) is None


def _without_dem(stack):
    return replace(stack, layers={k: v for k, v in stack.layers.items() if k != "dem"})


def test_law_of_new_works_is_read_component_by_component(study):
    seen = {one.component for parts in study.law.components for one in parts}
    assert {Component.UPPER_RESERVOIR, Component.TUNNEL, Component.POWERHOUSE} <= seen
