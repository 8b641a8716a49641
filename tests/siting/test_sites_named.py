"""Named projects on hostile ground: outside the region, across counties, without slope."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import MultiPolygon, box

from geo.errors import CrsError, VectorError
from layers.layer import LayerStack
from siting.law.terms import Technology
from siting.settings import Settings
from siting.sites.forced import read_forced
from siting.sites.score import NO_SCORE, Criterion, score_sites
from siting.study import study
from tests.siting.test_wind_study import AS_OF, CRS, RES, SMALL, Say, scene


@pytest.fixture(scope="module")
def real():
    return scene(synthetic=False)


def put(tmp_path, shapes, **columns):
    rows = {"id": [f"p{i}" for i in range(len(shapes))], "technology": ["pv"] * len(shapes)}
    path = tmp_path / "sites.gpkg"
    gpd.GeoDataFrame(rows | columns, geometry=list(shapes), crs=CRS).to_file(path)
    return Settings(sites=path)


def named(ground, settings, technology=Technology.PV):
    stack, region = ground
    one = study(stack, region, AS_OF, parameters=SMALL, settings=settings).technologies[technology]
    return one, one.sites[one.sites["forced"].astype(bool)].iloc[0]


def corner(ground):
    west, south, _, _ = ground[0].grid.bounds
    return west, south


def test_ground_outside_the_region_is_said_and_not_priced_as_inside(real, tmp_path):
    west, south = corner(real)
    shape = box(west - 1800, south + 9000, west + 900, south + 9900)  # two thirds outside
    one, row = named(real, put(tmp_path, [shape], capacity_mw=[100.0]))
    assert row["note"].startswith("占地的 66.7 % 在区域外，未判定")
    assert "全项目容量" in row["note"]
    assert row["area_km2"] == pytest.approx(0.81, rel=0.01)
    assert row["land_mu_per_mw"] == pytest.approx(2.43e6 / 666.667 / 100, rel=0.01)
    np.testing.assert_allclose(one.result.found.inside[0], 1 / 3)
    first = study(*real, AS_OF, settings=put(tmp_path, [shape])).warnings
    assert [said.zh[:12] for said in first if "p0" in said.zh] == ["指名项目 p0：占地的 "]
    _, row = named(real, put(tmp_path, [shape]))
    assert "容量只计区域内部分" in row["note"]
    assert row["capacity_mw"] == pytest.approx(row["area_mu"] / row["land_mu_per_mw"])


def test_a_project_wholly_outside_is_refused_with_its_file(real, tmp_path):
    west, south = corner(real)
    far = put(tmp_path, [box(west - 5000, south, west - 4000, south + 900)])
    for technology in ("pv", "wind"):
        frame = gpd.read_file(far.sites).assign(technology=technology)
        frame.to_file(far.sites)
        with pytest.raises(VectorError, match=r"sites\.gpkg.*p0"):
            study(*real, AS_OF, settings=far)


def test_parts_in_two_counties(real, tmp_path):
    west, south = corner(real)
    parts = [box(west + x, south + 9000, west + x + 900, south + 9900) for x in (900, 9900)]
    one, row = named(real, put(tmp_path, [MultiPolygon(parts)]))
    assert row["area_km2"] == pytest.approx(1.62, rel=0.01)
    assert "跨县：" in row["note"]
    assert row["note"].count("公顷") == 2
    law = one.result.found.law
    for table in law.verdict_m2.values():  # every component speaks of all of it
        assert table[0].sum() / 1e6 == pytest.approx(row["area_km2"])


def test_means_hold_ground_that_is_not_eligible(real, tmp_path):
    west, south = corner(real)
    trees = box(west + 990, south + 9000, west + 2520, south + 10530)
    one, row = named(real, put(tmp_path, [trees]))
    assert row["verdict"] == "prohibited"
    assert 0 < row["slope_deg"] < 25
    raster = one.result.found.scored.raster
    assert (raster[one.result.found.labels == 1] == NO_SCORE).all()


def test_the_score_raster_shows_eligible_cells_alone():
    labels = np.array([[1, 1, 0]], np.int32)
    eligible = np.array([[True, False, True]])
    slope = np.array([[0, 10, 5]], np.float32)
    one = Criterion("slope", Say("坡度", "slope"), "°", slope, 10.0, 0.0, 1.0)
    found = score_sites([one], eligible, labels, 1, np.full((1, 3), 8100.0))
    assert found.raster.tolist() == [[100, NO_SCORE, 50]]
    np.testing.assert_allclose(found.means["slope"], [5])


def hole(ground):
    stack, region = ground
    dem = stack.layers["dem"]
    values = dem.data.copy()
    values[50:70, 10:30] = np.nan
    layers = {**stack.layers, "dem": replace(dem, data=values)}
    return LayerStack(stack.grid, layers, stack.absent), region


def cells(ground, rows, cols):
    west, _, _, north = ground[0].grid.bounds
    return box(west + cols[0] * RES, north - rows[1] * RES,
               west + cols[1] * RES, north - rows[0] * RES)  # fmt: skip


def test_a_project_without_slope_or_capacity_is_refused(real, tmp_path):
    ground = hole(real)
    shape = cells(ground, (52, 68), (12, 28))
    with pytest.raises(VectorError, match=r"sites\.gpkg.*p0") as fault:
        named(ground, put(tmp_path, [shape]))
    assert "capacity_mw" in fault.value.line("zh")
    _, row = named(ground, put(tmp_path, [shape], capacity_mw=[60.0]))
    assert row["capacity_mw"] == 60.0
    assert "公顷没有坡度，能否建设不明" in row["note"]


def test_ground_without_slope_takes_the_density_of_the_rest(real, tmp_path):
    ground = hole(real)
    half = cells(ground, (60, 80), (12, 28))  # rows 60-70 have no elevation
    known = cells(ground, (71, 80), (12, 28))
    _, row = named(ground, put(tmp_path, [half]))
    _, rest = named(ground, put(tmp_path, [known]))
    density = row["capacity_mw"] / row["area_km2"]
    assert density == pytest.approx(rest["capacity_mw"] / rest["area_km2"], rel=1e-6)
    assert "容量按其余占地的密度" in row["note"]


def test_no_rule_table_no_share_that_needs_approval():
    stack, region = scene(law=False, resource=False, synthetic=False)
    for one in study(stack, region, AS_OF, parameters=SMALL).technologies.values():
        assert one.sites["approval_share"].isna().all()


def test_costs_without_a_connection_are_said(real):
    stack, region = real
    layers = {name: layer for name, layer in stack.layers.items() if name != "substation"}
    bare = LayerStack(stack.grid, layers, stack.absent)
    word = "没有变电站图层，成本不含接入工程"
    assert (
        sum(word in said.zh for said in study(bare, region, AS_OF, parameters=SMALL).warnings) == 2
    )
    assert not any(word in said.zh for said in study(stack, region, AS_OF).warnings)


def test_ids_of_candidates_and_several_layers_are_refused(tmp_path):
    shape = [box(450_000, 3_598_000, 451_000, 3_599_000)]
    for bad in ("pv-wmy877qs", "wind-wmy877qs-2"):
        with pytest.raises(VectorError, match="candidates"):
            read_forced(put(tmp_path, shape, id=[bad]).sites, CRS)
    assert len(read_forced(put(tmp_path, shape, id=["pv-wmy877"]).sites, CRS)) == 1
    path = put(tmp_path, shape).sites
    gpd.read_file(path).to_file(path, layer="second")
    with pytest.raises(VectorError, match=r"sites\.gpkg.*second") as fault:
        read_forced(path, CRS)
    assert "目录" not in fault.value.line("zh")
    bare = tmp_path / "bare.shp"
    gpd.GeoDataFrame({"id": ["a"], "technology": ["pv"]}, geometry=shape, crs=CRS).to_file(bare)
    bare.with_suffix(".prj").unlink()
    with pytest.raises(CrsError, match=r"bare\.shp") as fault:
        read_forced(bare, CRS)
    assert "目录" not in fault.value.line("zh")
    assert ".prj" in fault.value.line("zh")


def test_a_project_that_the_law_bars_is_no_supply(real, tmp_path):
    west, south = corner(real)
    trees = box(west + 990, south + 9000, west + 2520, south + 10530)
    free = box(west + 4050, south + 9000, west + 4950, south + 9900)
    one, row = named(real, put(tmp_path, [trees, free]))
    assert set(one.sites.loc[one.sites["forced"], "verdict"]) == {"prohibited", "preferred"}
    barred = int(np.flatnonzero(np.array(one.result.found.places.ids) == "p0")[0])
    rows = one.economics.supply["row"].tolist()
    assert barred not in rows
    assert len(rows) == len(one.sites) - 1
    assert one.economics.curve.left_out == 1
    told = one.sites.set_index("id")["note"]
    assert told["p0"].startswith("占地未全部可用，不计入供给曲线")
    assert "供给曲线" not in told["p1"]
    assert np.isfinite(row["lcoe_yuan_per_kwh"])  # its cost is told all the same


def test_an_irradiation_layer_without_data_is_said_and_prints_no_nan(real):
    stack, region = real
    ghi = stack.layers["ghi"]
    blank = replace(ghi, data=ghi.data.copy(data=np.full(stack.grid.shape, np.nan, np.float32)))
    layers = LayerStack(stack.grid, {**stack.layers, "ghi": blank}, stack.absent)
    one = study(layers, region, AS_OF, parameters=SMALL).technologies[Technology.PV]
    assert one.field is None
    assert one.result.yield_text.zh == "辐射图层在区域内没有数据"
    assert one.sites["energy_gwh"].isna().all()
    assert not one.sites["note"].str.contains("nan").any()
