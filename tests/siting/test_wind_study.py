"""The study of a small generated region: PV and wind, law and terrain alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from affine import Affine
from shapely.geometry import LineString, Point, box

from geo.crs import cell_areas
from geo.errors import OptionError, Say
from geo.grid import Grid
from geo.passport import Passport
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from layers.marks import coarse_note
from layers.region import Region
from siting.cost.economics import economics
from siting.evaluate import NO_ROAD_PRICE
from siting.law.terms import Technology, Verdict
from siting.settings import Ahp, Settings
from siting.sites.ground import Ground
from siting.sites.land import LAND_CLASS, LandClass
from siting.sites.params import Params
from siting.study import study
from siting.wind import sites as wind
from siting.wind.relief import relative_height

CRS = "EPSG:4546"
AS_OF = date(2026, 11, 22)
N, RES = 160, 90.0
#: A site of one machine: the scene is only 14 km wide.
SMALL = {"wind.site_min_mw": 6.0}


def scene(law=True, resource=True, synthetic=True):
    grid = Grid(CRS, Affine(RES, 0, 450_000, 0, -RES, 3_600_000), (N, N))
    west, south, east, north = grid.bounds
    x = west + (np.arange(N) + 0.5) * RES
    y = north - (np.arange(N) + 0.5) * RES
    gx, gy = np.meshgrid(x - west, y - south)
    dem = 600 + 420 * np.sin(gx / 1700) * np.cos(gy / 1900) + 90 * np.sin(gx / 700)
    passport = Passport(sources=("T",), grade="prior", synthetic=synthetic)
    layers = {}

    def raster(name, values):
        data = xr.DataArray(values, dims=("y", "x"))
        layers[name] = Layer(name, data, SPECS[name], passport)

    def vector(name, columns, geometry):
        frame = gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS)
        layers[name] = Layer(name, frame, SPECS[name], passport)

    raster("dem", dem.astype(np.float32))
    if resource:
        raster("ghi", np.full((N, N), 1215, np.float32))
        raster("wind_mean", np.full((N, N), 4.1, np.float32))
    if law:
        cover = np.full((N, N), 8, np.uint8)
        cover[gx < 3000] = 3  # trees
        cover[gy < 2500] = 4  # shrub
        raster("land_cover", cover)
        raster("shrub_cover", np.where(cover == 4, 40, 0).astype(np.uint8))
        vector("eco_redline", {"name": ["r"]}, [box(west + 9000, south, east, south + 6000)])
        road = LineString([(west, south + 8000), (east, south + 8100)])
        vector("road", {"name": ["a"], "class": ["county"]}, [road])
        vector("substation", {"name": ["s"], "kv": [110.0]}, [Point(west + 7000, south + 9000)])
    half = (west + east) / 2
    areas = [box(west, south, half, north), box(half, south, east, north)]
    names = {"code": ["1", "2"], "name": ["甲县", "乙县"]}
    if not law:
        areas, names = [box(*grid.bounds)], {"code": [""], "name": ["全区"]}
    region = Region(
        "t", Say("试验区", "trial"), CRS, box(*grid.bounds),
        gpd.GeoDataFrame(names, geometry=areas, crs=CRS), "hubei" if law else None, None, RES,
    )  # fmt: skip
    absent = {name: Say("无", "none") for name in SPECS if name not in layers}
    return LayerStack(grid, layers, absent), region


@pytest.fixture(scope="module")
def demo():
    stack, region = scene()
    return study(stack, region, AS_OF, parameters=SMALL), stack, region


@pytest.fixture(scope="module")
def terrain():
    stack, region = scene(law=False, resource=False, synthetic=False)
    return study(stack, region, AS_OF, parameters=SMALL)


@pytest.mark.parametrize("technology", [Technology.PV, Technology.WIND])
def test_classes_sum_to_the_county(demo, technology):
    found, stack, _ = demo
    county = found.technologies[technology].county
    parts = county[[f"{c.name.lower()}_m2" for c in LandClass]].sum(axis=1)
    np.testing.assert_allclose(parts, county["total_m2"])
    assert county["total_m2"].iloc[-1] == pytest.approx(cell_areas(stack.grid).sum())
    free = county["clear_m2"] + county["approval_m2"]
    np.testing.assert_allclose(free, county["eligible_m2"])


@pytest.mark.parametrize("technology", [Technology.PV, Technology.WIND])
def test_sites_stay_on_eligible_land(demo, technology):
    found, _, _ = demo
    one = found.technologies[technology]
    assert len(one.sites) > 2
    assert one.sites["area_km2"].sum() * 1e6 <= one.eligible_m2 * (1 + 1e-9)
    cells = one.result.found.labels > 0
    assert one.result.found.eligible[found.table.index[cells]].all()
    assert set(one.sites["verdict"]) <= {"clear", "preferred", "penalty", "approval"}
    assert (one.sites["unbuildable"] == 0).all()


def test_ranks_scores_and_capacity(demo):
    sites = demo[0].technologies[Technology.PV].sites
    assert sites["rank"].tolist() == list(range(1, len(sites) + 1))
    assert sites["score"].is_monotonic_decreasing
    assert sites["score"].between(0, 100).all()
    keys = ["margin_yuan_per_kwh", "line_km", "road_km", "slope_deg", "approval_share",
            "compactness"]  # fmt: skip
    mean = sites[[f"score_{key}" for key in keys]].mean(axis=1)  # equal weights
    np.testing.assert_allclose(mean, sites["score"], atol=0.01)
    # land by the slope: never below the least published, flat ground takes 22
    land = sites["area_mu"] / sites["capacity_mw"]
    np.testing.assert_allclose(land, sites["land_mu_per_mw"])
    assert land.between(19, 37).all()
    np.testing.assert_allclose(sites["capacity_mwp"], sites["capacity_mw"] * 1.2)
    hours = sites["energy_gwh"] * 1000 / sites["capacity_mwp"]
    assert hours.between(850, 1150).all()
    np.testing.assert_allclose(hours, sites["kwh_per_kwp"])
    months = sites[[f"month_{m:02d}" for m in range(1, 13)]].sum(axis=1)
    np.testing.assert_allclose(months, sites["kwh_per_kwp"], rtol=1e-5)


def test_cost_connection_and_ranks_of_pv(demo):
    one = demo[0].technologies[Technology.PV]
    sites = one.sites
    link = sites["line_yuan"] + sites["station_yuan"]
    assert NO_ROAD_PRICE in one.economics.missing  # the road is in no cost here
    np.testing.assert_allclose(
        sites["connection_yuan_per_kw"] * sites["capacity_mw"] * 1e3, link, rtol=1e-9
    )
    assert sites["lcoe_yuan_per_kwh"].between(sites["lcoe_low"], sites["lcoe_high"]).all()
    np.testing.assert_allclose(sites["breakeven_price_yuan_per_kwh"], sites["lcoe_yuan_per_kwh"])
    cheapest = sites.sort_values("rank_cost")["lcoe_yuan_per_kwh"]
    assert cheapest.is_monotonic_increasing
    assert (sites["rank_low"] <= sites["rank_median"]).all()
    assert (sites["rank_median"] <= sites["rank_high"]).all()
    assert sites["hangs_on"].str.len().gt(8).all()
    # line and station are part of the LCOE: without them it is lower, by what they cost
    bare = economics(
        Technology.PV, sites["capacity_mw"], sites["capacity_mwp"], sites["energy_gwh"], None,
        sites["area_mu"], None, one.economics.params,
    ).frame["lcoe_yuan_per_kwh"]  # fmt: skip
    more = sites["lcoe_yuan_per_kwh"].to_numpy() - bare.to_numpy()
    ratio = more * sites["energy_gwh"].to_numpy() / link.to_numpy()
    assert (ratio > 0).all()
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-6)  # one annuity for all
    factor = one.economics.params.number("grid_ef_hubei")
    np.testing.assert_allclose(sites["avoided_tco2_a"], sites["energy_gwh"] * 1e3 * factor)
    # tables in the order of the labels lie behind the rows of the frame
    lcoe = one.economics.frame["lcoe_yuan_per_kwh"].to_numpy()[one.order]
    np.testing.assert_array_equal(lcoe, sites["lcoe_yuan_per_kwh"])
    ids = np.array(one.result.found.places.ids)[one.order]
    assert ids.tolist() == sites["id"].tolist()


def test_slope_sweep_grows_and_meets_the_default(demo):
    for one in demo[0].technologies.values():
        areas = [row.area_m2 for row in one.sweep]
        assert [row.limit_deg for row in one.sweep] == [15, 20, 25, 30, 35]
        assert areas == sorted(areas)
        assert areas[0] < areas[-1]
        default = {Technology.PV: 2, Technology.WIND: 3}[one.technology]
        assert areas[default] == pytest.approx(one.eligible_m2)


def test_demo_says_demo(demo):
    for one in demo[0].technologies.values():
        assert one.sites["synthetic"].all()
        assert (one.sites["coord_quality"] == "approx").all()
        assert one.sites["verdict_zh"].str.startswith("演示，无法律意义").all()


def test_wind_claims_no_energy(demo):
    one = demo[0].technologies[Technology.WIND]
    assert one.sites["energy_gwh"].isna().all()
    assert one.result.yield_text.zh == "网格均值，未解析山脊"
    assert [item.key for item in one.result.found.scored.used] == ["slope_deg", "road_m"]
    assert one.sites["note"].str.contains("排名不含风资源").all()
    assert one.sites["lcoe_yuan_per_kwh"].isna().all()
    assert "margin_yuan_per_kwh" not in one.ranking.keys
    assert one.sites["breakeven_hours"].gt(0).all()  # what the wind would have to yield
    assert not one.sites.columns.str.fullmatch("net_hours|gross_hours").any()


def test_real_fine_wind_map_is_not_called_a_grid_mean():
    stack, region = scene(synthetic=False)
    one = study(stack, region, AS_OF, parameters=SMALL).technologies[Technology.WIND]
    assert "网格均值" not in one.result.yield_text.zh
    assert one.result.yield_text.zh.startswith("由风图、威布尔分布与功率曲线计算")
    hours = one.sites["energy_gwh"] * 1e3 / one.sites["capacity_mw"]
    np.testing.assert_allclose(hours, one.sites["net_hours"])
    assert hours.between(500, 2000).all()  # 4.1 m/s at 100 m
    assert one.sites["lcoe_yuan_per_kwh"].gt(0.3).all()
    layer = stack.layers["wind_mean"]
    coarse = replace(layer, notes=(coarse_note(27_800.0),))
    stack = LayerStack(stack.grid, {**stack.layers, "wind_mean": coarse}, stack.absent)
    again = study(stack, region, AS_OF, parameters=SMALL).technologies[Technology.WIND]
    assert again.result.yield_text.zh == "网格均值，未解析山脊"


def test_wind_mean_never_ranks():
    stack, region = scene()
    before = study(stack, region, AS_OF, parameters=SMALL).technologies[Technology.WIND].sites
    values = np.linspace(2, 9, N * N, dtype=np.float32).reshape(N, N)
    other = Layer("wind_mean", xr.DataArray(values, dims=("y", "x")), SPECS["wind_mean"],
                  stack.layers["wind_mean"].passport)  # fmt: skip
    changed = LayerStack(stack.grid, {**stack.layers, "wind_mean": other}, stack.absent)
    after = study(changed, region, AS_OF, parameters=SMALL).technologies[Technology.WIND].sites
    assert before["id"].tolist() == after["id"].tolist()
    assert before["score"].tolist() == after["score"].tolist()


def test_hectares_of_verdicts_sum_to_the_site(demo):
    sites = demo[0].technologies[Technology.PV].sites
    for row in sites.head(5).to_dict("records"):
        first = row["reasons"].split("；")[0]
        words = first.replace("光伏方阵：", "").split("、")
        total = sum(float(word.split()[1]) for word in words)
        assert total == pytest.approx(row["area_km2"] * 100, abs=0.2)


@pytest.mark.parametrize("technology", [Technology.PV, Technology.WIND])
def test_approval_share_is_that_of_the_verdicts(demo, technology):
    one = demo[0].technologies[technology]
    asked = one.sites["verdict"] == "approval"
    assert 0 < asked.sum() < len(asked)
    assert one.sites.loc[~asked, "approval_share"].eq(0).all()  # preferred or clear
    hectares = next(iter(one.result.found.law.verdict_m2.values()))[one.order]
    share = hectares[:, Verdict.APPROVAL] / hectares.sum(axis=1)  # nothing worse is eligible
    assert (share[asked] > 0).all()
    np.testing.assert_allclose(one.sites["approval_share"], share)


def test_same_input_same_frame(demo):
    found, stack, region = demo
    again = study(stack, region, AS_OF, parameters=SMALL)
    for technology, one in found.technologies.items():
        assert one.sites.equals(again.technologies[technology].sites)


def test_the_seed_moves_the_draws_alone(demo):
    found, stack, region = demo
    other = study(stack, region, AS_OF, seed=1, parameters=SMALL).technologies[Technology.PV].sites
    sites = found.technologies[Technology.PV].sites
    drawn = [
        name for name in ("rank_low", "rank_median", "rank_high", "top_share") if name in sites
    ]
    assert not other["top_share"].equals(sites["top_share"])
    kept = [name for name in sites if name not in drawn and not name.startswith("hangs_on")]
    assert other[kept].equals(sites[kept])


def test_terrain_region_is_unscreened(terrain):
    assert not terrain.screened
    for one in terrain.technologies.values():
        assert len(one.sites)
        assert (one.sites["verdict_zh"] == "红线未筛查").all()
        assert one.sites["energy_gwh"].isna().all()
        assert one.result.yield_text.zh == "无资源图层"
        assert not one.sites["synthetic"].any()
        assert one.sites["unscreened"].isna().all()


def test_prices_of_a_province_hold_nowhere_else():
    stack, region = scene(law=False, synthetic=False)
    one = study(stack, region, AS_OF).technologies[Technology.PV]
    assert one.economics is None
    assert not one.sites.columns.str.startswith(("breakeven", "clears", "avoided")).any()
    assert one.sites["lcoe_yuan_per_kwh"].isna().all()
    assert one.sites["energy_gwh"].gt(0).all()  # the sun is the region's own
    assert {group.group for group in one.params} == {"pv", "connect", "rank"}
    dear = study(stack, region, AS_OF, parameters={"cost.pv_capex": 3000.0})
    assert dear.technologies[Technology.PV].economics is None  # still no price
    given = study(stack, region, AS_OF, parameters={"cost.price_base": 0.33})
    assert given.technologies[Technology.PV].sites["lcoe_yuan_per_kwh"].gt(0.2).all()


def test_legal_mode_without_rules_proposes_nothing():
    stack, region = scene(law=False, resource=False, synthetic=False)
    found = study(stack, region, AS_OF, mode="legal")
    assert all(len(one.sites) == 0 for one in found.technologies.values())
    assert found.undecided


def test_named_projects_are_never_judged_by_the_demo(tmp_path):
    stack, region = scene()
    west, south, _, _ = stack.grid.bounds
    ground = box(west + 990, south + 9000, west + 2520, south + 10530)
    projects = gpd.GeoDataFrame(
        {"id": ["p-1"], "name": ["甲县试验光伏"], "technology": ["pv"], "capacity_mw": [55.0],
         "coord_quality": ["exact"]},
        geometry=[ground], crs=CRS,
    )  # fmt: skip
    path = tmp_path / "sites.gpkg"
    projects.to_file(path)
    found = study(stack, region, AS_OF, settings=Settings(sites=path))
    sites = found.technologies[Technology.PV].sites
    row = sites[sites["id"] == "p-1"].iloc[0]
    assert row["verdict"] == "unscreened"
    assert "演示图层永不用于判定真实工程" in row["note"]
    assert row["capacity_mw"] == 55.0
    assert row[["rank", "energy_gwh", "unbuildable", "lcoe_yuan_per_kwh"]].isna().all()
    others = sites[sites["id"] != "p-1"]
    assert others.intersection(ground.buffer(-90)).area.sum() == 0  # nobody else takes its ground

    stack, region = scene(synthetic=False)
    found = study(stack, region, AS_OF, settings=Settings(sites=path))
    one = found.technologies[Technology.PV]
    row = one.sites[one.sites["id"] == "p-1"].iloc[0]
    assert row["verdict"] != "unscreened"
    assert row["forced"]
    assert row["status"] == "named"
    assert row["name"] == "甲县试验光伏"
    assert row["capacity_mw"] == 55.0
    assert row["area_km2"] == pytest.approx(1.53**2, rel=2e-3)
    assert row["rank"] >= 1
    assert row["energy_gwh"] > 0


def test_weights_judgements_and_rent_of_the_user_reach_the_ranks(demo):
    found, stack, region = demo
    keys = found.technologies[Technology.PV].ranking.keys
    weights = {key: (4.0 if key == "slope_deg" else 1.0) / (len(keys) + 3) for key in keys}
    ratio = tuple(tuple(weights[a] / weights[b] for b in keys) for a in keys)
    chosen = Settings(
        values={**SMALL, "cost.land_rent": 800.0}, weights={"pv": weights},
        ahp={"pv": Ahp(tuple(keys), ratio)},
    )  # fmt: skip
    one = study(stack, region, AS_OF, settings=chosen).technologies[Technology.PV]
    views = {view.name: view for view in one.ranking.views}
    for name in ("user", "ahp"):
        np.testing.assert_allclose(views[name].weights, list(weights.values()), rtol=1e-6)
    assert views["ahp"].ratio == pytest.approx(0, abs=1e-9)
    before = found.technologies[Technology.PV].sites.set_index("id")["lcoe_yuan_per_kwh"]
    after = one.sites.set_index("id")["lcoe_yuan_per_kwh"]
    assert (after > before[after.index]).all()


@pytest.mark.parametrize("synthetic", [True, False])
def test_nobody_takes_the_ground_of_a_project(demo, tmp_path, synthetic):
    """With a verdict or without, a project keeps ground that candidates took before."""
    ground = demo[0].technologies[Technology.PV].sites.geometry.iloc[0]
    projects = gpd.GeoDataFrame(
        {"id": ["p-1"], "technology": ["pv"], "capacity_mw": [30.0]}, geometry=[ground], crs=CRS
    )
    path = tmp_path / "sites.gpkg"
    projects.to_file(path)
    stack, region = scene(synthetic=synthetic)
    found = study(stack, region, AS_OF, settings=Settings(sites=path))
    sites = found.technologies[Technology.PV].sites
    assert sites.loc[sites["id"] == "p-1", "forced"].tolist() == [True]
    others = sites[sites["id"] != "p-1"]
    assert len(others) > 50
    assert others.intersection(ground).area.sum() < 1.0  # rounding of outlines
    assert others["capacity_mw"].between(20, 100).all()  # whole sites, none with a hole


def test_every_parameter_is_read(monkeypatch):
    """A row that nothing reads would be a promise to the user who sets it."""
    read = set()
    number, item = Params.number, Params.__getitem__

    def spy(real):
        def call(self, key):
            read.add(f"{self.group}.{key}")
            return real(self, key)

        return call

    monkeypatch.setattr(Params, "number", spy(number))
    monkeypatch.setattr(Params, "__getitem__", spy(item))
    stack, region = scene(synthetic=False)
    west, south, _, _ = stack.grid.bounds
    homes = {
        name: Layer(name, gpd.GeoDataFrame(columns, geometry=[place], crs=CRS), SPECS[name],
                    stack.layers["road"].passport)
        for name, columns, place in (
            ("settlement", {"name": ["h"], "rank": ["village"]},
             box(west + 6000, south + 9000, west + 6200, south + 9200)),
            ("noise_zone", {"name": ["z"]},
             box(west + 3000, south + 9000, west + 3200, south + 9200)),
        )
    }  # fmt: skip
    stack = LayerStack(stack.grid, {**stack.layers, **homes}, stack.absent)
    found = study(stack, region, AS_OF, parameters=SMALL | {"wind.noise_zone_class": 2.0})
    rows = {
        f"{params.group}.{key}"
        for one in found.technologies.values()
        for params in one.params
        for key in params.values_by_key
    }
    assert len(rows) > 150
    # told of the machine of the power curve, refused where a user sets them
    assert rows - read == {"wind.turbine_mw", "wind.rotor_m"}


def test_parameters_reach_law_and_sites():
    stack, region = scene()
    steep = study(stack, region, AS_OF, parameters={"pv_slope_max_deg": 15.0, "pv.dc_ac": 1.3})
    one = steep.technologies[Technology.PV]
    assert one.eligible_m2 == pytest.approx(one.sweep[0].area_m2)
    np.testing.assert_allclose(one.sites["capacity_mwp"], one.sites["capacity_mw"] * 1.3)
    for wrong in ({"nonsense": 1.0}, {"pv.ghi_worst": 1400.0}):
        with pytest.raises(OptionError):
            study(stack, region, AS_OF, parameters=wrong)


def test_redline_is_not_eligible(demo):
    found = demo[0]
    one = found.technologies[Technology.PV]
    inside = one.footprint.verdict == Verdict.ROUTE
    assert inside.any()
    buildable = ~(one.footprint.unbuildable | one.footprint.technical_unknown)
    assert (one.classes[inside & buildable] == LandClass.REPLAN).all()


def test_relative_height_of_a_cone():
    grid = Grid(CRS, Affine(RES, 0, 450_000, 0, -RES, 3_600_000), (41, 41))
    r, c = np.mgrid[0:41, 0:41] - 20
    dem = (1000 - 5 * np.hypot(r, c)).astype(np.float32)
    dem[3, 3] = np.nan
    out = relative_height(dem, grid, 990.0)
    window = dem[15:26, 15:26]
    assert out[20, 20] == pytest.approx(dem[20, 20] - window.mean(), abs=0.01)
    assert np.isnan(out[3, 3])
    corner = dem[0:6, 0:6]
    assert out[0, 0] == pytest.approx(dem[0, 0] - np.nanmean(corner), abs=0.01)


def test_wind_density_by_spacing():
    params = wind.parameters({})
    assert wind.mw_per_km2(params) == pytest.approx(6 / (5 * 9 * 0.196**2))
    with pytest.raises(OptionError):
        wind.mw_per_km2(wind.parameters({"wind.utilisation": 2.0}))


@pytest.mark.parametrize("technology", [Technology.PV, Technology.WIND])
def test_sites_of_a_county_fit_its_eligible_land(demo, technology):
    found, _, region = demo
    one = found.technologies[technology]
    mine = one.sites.groupby("county")["area_km2"].sum() * 1e6
    for row in one.county.to_dict("records")[:-1]:
        assert mine.get(row["county"], 0.0) <= row["eligible_m2"] * (1 + 1e-9)
    zones = region.zones(found.grid)
    for label in range(1, one.result.found.count + 1):
        assert len(np.unique(zones[one.result.found.labels == label])) == 1


def test_a_road_beyond_the_grid_counts():
    stack, region = scene()
    west, south, _, north = stack.grid.bounds
    roads = {"name": ["a", "b"], "class": ["county", "motorway"]}
    lines = [
        LineString([(west - 1000, south - 5000), (west - 1000, north + 9000)]),
        LineString([(west + 3000, south), (west + 3000, north)]),
    ]
    frame = gpd.GeoDataFrame(roads, geometry=lines, crs=CRS)
    near = Layer("road", frame, SPECS["road"], stack.layers["road"].passport)
    table = study(stack, region, AS_OF).table
    changed = LayerStack(stack.grid, {**stack.layers, "road": near}, stack.absent)
    zones = region.zones(stack.grid)
    ground = Ground(stack.grid, changed, None, zones, (), cell_areas(stack.grid), table)
    away = ground.distance_to("road", 5000.0)
    assert away.shape == stack.grid.shape
    wanted = 1000 + (np.arange(N) + 0.5) * RES  # the motorway gives no access
    inner = wanted < 5000
    np.testing.assert_allclose(away[:, inner], wanted[None, inner] * np.ones((N, 1)), atol=RES)
    whole = ground.distance_to("road", 500.0)  # the pad does not reach the road: nothing near
    assert whole is None


def test_usable_land_is_not_called_untouched():
    """Preferred and penalty land is of this class too, and a rule does touch it."""
    assert "未触及" not in LAND_CLASS[LandClass.CLEAR].zh
    assert "touched" not in LAND_CLASS[LandClass.CLEAR].en
