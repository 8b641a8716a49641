"""Connections of sites on a small country: walls, water, islands, nothing to join, money."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xarray as xr
from affine import Affine
from shapely.geometry import LineString, Point, box

from geo.crs import cell_areas
from geo.errors import CrsError, OptionError
from geo.grid import Grid
from geo.passport import Passport
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from siting.connect._kernels import merge
from siting.connect.connect import COLUMNS, connect, parameters
from siting.connect.friction import law_factors, line_friction, road_friction, route_grid
from siting.law.patterns import OUTSIDE
from siting.law.predicates import Parameters
from siting.law.rules import load_ruleset
from siting.law.screening import pattern_table, screen
from siting.law.terms import COMPONENTS, Component, Technology, Verdict
from siting.law.verdict import judge
from siting.sites.ground import Ground

CRS = "EPSG:4546"
AS_OF = date(2026, 11, 22)
WEST, NORTH, RES, N = 500_000.0, 3_600_000.0, 90.0, 100
PASSPORT = Passport(sources=("T",), grade="prior", synthetic=True)


def at(col, row):
    """Return the place of a cell's middle, in cells of 90 m from the north-west."""
    return WEST + (col + 0.5) * RES, NORTH - (row + 0.5) * RES


def country(
    core=None, cover=None, stations=((80, 50, 110.0),), roads=True, res=RES, dem=None, lines=None,
    outside=None, line_kv=110.0,
):  # fmt: skip
    """Return ground of 9 km x 9 km with a core zone (a barrier of law) and water as given."""
    n = round(N * RES / res)
    grid = Grid(CRS, Affine(res, 0, WEST, 0, -res, NORTH), (n, n))
    layers = {}

    def vector(name, columns, shapes):
        frame = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)
        layers[name] = Layer(name, frame, SPECS[name], PASSPORT)

    def raster(name, values):
        array = np.kron(values, np.ones((round(RES / res),) * 2, values.dtype))
        data = xr.DataArray(array, dims=("y", "x"))
        layers[name] = Layer(name, data, SPECS[name], PASSPORT)

    raster("land_cover", np.full((N, N), 5, np.uint8) if cover is None else cover)
    if dem is not None:
        raster("dem", dem)
    zones = [box(0, 0, 1, 1)] if core is None else core
    vector(
        "nature_reserve",
        {"name": ["r"] * len(zones), "zone": ["core"] * len(zones), "level": ["x"] * len(zones)},
        zones,
    )
    places = [Point(*at(col, row)) for col, row, _ in stations]
    names = [f"站{i}" for i in range(len(stations))]
    vector("substation", {"name": names, "kv": [kv for *_, kv in stations]}, places)
    if roads:
        shapes = [LineString([at(5, 0), at(5, 99)]), LineString([at(30, 0), at(30, 99)])]
        vector("road", {"name": ["a", "b"], "class": ["county", "motorway"]}, shapes)
    if lines is not None:
        vector("power_line", {"name": ["线"], "kv": [line_kv]}, [lines])
    stack = LayerStack(grid, layers, {})
    ruleset = load_ruleset("hubei", AS_OF)
    screening = screen(stack, ruleset, Parameters())
    county = np.ones(grid.shape, np.uint8)
    if outside is not None:
        county[outside] = 0
    areas = cell_areas(grid)
    table = pattern_table(screening, county, areas)
    ground = Ground(grid, stack, screening.terrain, county, ("县",), areas, table)
    judgements = {
        part: judge(table, ruleset, Technology.PV, part, "explore", standing=False)
        for part in COMPONENTS[Technology.PV]
    }
    return ground, judgements


def joined(ground, judgements, places, mw=50.0, **values):
    x, y = np.array([at(*place) for place in places], np.float64).reshape(-1, 2).T
    params = parameters({f"connect.{key}": value for key, value in values.items()})
    return connect(ground, judgements, Technology.PV, x, y, np.full(len(places), mw), params)


def wall(col, gap=None):
    """Return core zones along a column of cells, from top to bottom but for a gap of rows."""
    x = WEST + col * RES
    if gap is None:
        return [box(x, NORTH - N * RES, x + 2 * RES, NORTH)]
    top, low = NORTH - gap[0] * RES, NORTH - gap[1] * RES
    return [box(x, top, x + 2 * RES, NORTH), box(x, NORTH - N * RES, x + 2 * RES, low)]


def test_open_ground_gives_the_straight_line_and_its_money():
    found = joined(*country(), [(20, 50)])
    row = found.frame.iloc[0]
    assert tuple(found.frame.columns) == COLUMNS
    assert row["line_km"] == pytest.approx(60 * 0.09, rel=1e-3)
    assert (row["substation"], row["substation_kv"], row["line_kv"]) == ("站0", 110.0, 110.0)
    assert row["line_yuan"] == pytest.approx(row["line_km"] * 140e4)
    assert row["station_yuan"] == pytest.approx(50 / 0.95 * 1e3 * 290)
    assert row["connection_yuan"] == pytest.approx(row["line_yuan"] + row["station_yuan"])
    assert row["road_km"] == pytest.approx(15 * 0.09, rel=1e-3)  # the motorway is nearer
    assert np.isnan(row["road_yuan"])
    assert set(found.lines["kind"]) == {"line", "road"}
    assert found.passport.synthetic
    assert "N-1" in found.text.zh


def test_a_price_of_roads_joins_the_sum():
    row = joined(*country(), [(20, 50)], road_yuan=100.0).frame.iloc[0]
    assert row["road_yuan"] == pytest.approx(row["road_km"] * 100e4)
    total = row["line_yuan"] + row["station_yuan"] + row["road_yuan"]
    assert row["connection_yuan"] == pytest.approx(total)


def test_a_lines_way_leads_through_the_gap_of_a_core_zone():
    ground, judgements = country(core=wall(50, gap=(90, 93)))
    found = joined(ground, judgements, [(20, 50)])
    line = found.lines[found.lines["kind"] == "line"].geometry.iloc[0]
    assert found.frame["line_km"].iloc[0] > 1.4 * 60 * 0.09
    walked = line.interpolate(np.linspace(0, 1, 2000), normalized=True)
    x, y = shapely.get_coordinates(walked).T
    at_wall = (x > WEST + 50 * RES) & (x < WEST + 52 * RES)
    south = (NORTH - y[at_wall]) / RES
    assert at_wall.any()
    assert ((south > 89.4) & (south < 93.6)).all()


def test_a_shut_wall_is_unreachable_never_zero():
    ground, judgements = country(core=wall(50))
    found = joined(ground, judgements, [(20, 50), (70, 50)])
    shut, free = found.frame.iloc[0], found.frame.iloc[1]
    figures = ["line_kv", "line_km", "line_yuan", "station_yuan", "circuits", "connection_yuan"]
    assert np.isnan(shut[figures].astype(float)).all()
    assert shut["substation"] == ""
    assert "没有可通行的路径" in shut["connection_note"]
    assert free["line_km"] == pytest.approx(0.9, rel=1e-3)
    assert np.isnan(free["road_km"])  # the road lies beyond the wall
    assert "无进场道路路径" in free["connection_note"]
    lines = found.lines
    assert lines[lines["site"] == 0]["kind"].tolist() == ["road"]
    assert lines[lines["site"] == 1]["kind"].tolist() == ["line"]


def test_the_user_may_let_lines_cross_and_is_told_how_far():
    ground, judgements = country(core=wall(50))
    row = joined(ground, judgements, [(20, 50)], law_prohibited=100.0).frame.iloc[0]
    assert row["line_km"] == pytest.approx(60 * 0.09, rel=1e-3)
    assert "禁止用地（按用户系数穿越） 0.2 km" in row["connection_note"]


def test_a_site_and_a_station_in_barred_cells_are_joined_and_nobody_passes_through_them():
    def cell(col, row):
        x, y = at(col, row)
        return box(x - 44, y - 44, x + 44, y + 44)

    ground, judgements = country(core=[cell(20, 50), cell(80, 50), cell(50, 50)])
    found = joined(ground, judgements, [(20, 50), (50, 50), (30, 50)])
    assert np.isfinite(found.frame["line_km"]).all()
    assert not found.frame["connection_note"].str.contains("禁止").any()
    line = found.lines[(found.lines["site"] == 0) & (found.lines["kind"] == "line")]
    assert line["km"].iloc[0] == pytest.approx(60 * 0.09, rel=0.02)
    # a site within a shut wall opens no door in it
    x = WEST + 50 * RES
    ground, judgements = country(core=[box(x, NORTH - N * RES, x + RES, NORTH)])
    found = joined(ground, judgements, [(20, 50), (50, 50)])
    assert np.isnan(found.frame["line_km"].iloc[0])
    assert found.frame["line_km"].iloc[1] == pytest.approx(30 * 0.09, rel=1e-3)
    assert found.frame["road_km"].iloc[1] == pytest.approx(45 * 0.09, rel=1e-3)


def test_without_a_rule_table_the_text_says_so():
    ground, _ = country()
    ruleset = load_ruleset(None, AS_OF)
    table = pattern_table(
        screen(ground.stack, ruleset, Parameters()), ground.zones, ground.cell_area
    )
    bare = replace(ground, table=table)
    judgements = {
        part: judge(table, ruleset, Technology.WIND, part, "explore", standing=False)
        for part in COMPONENTS[Technology.WIND]
    }
    assert "没有规则表，路径未按法律筛查" in joined(bare, judgements, [(20, 50)]).text.zh
    assert "规则已筛查" in joined(*country(), [(20, 50)]).text.zh


def test_narrow_water_is_spanned_and_wide_water_is_not():
    cover = np.full((N, N), 5, np.uint8)
    cover[:, 45:50] = 6  # 450 m
    found = joined(*country(cover=cover), [(20, 50)])
    assert found.frame["line_km"].iloc[0] == pytest.approx(60 * 0.09, rel=1e-3)
    cover[:, 40:60] = 6  # 1.8 km
    found = joined(*country(cover=cover), [(20, 50)])
    assert np.isnan(found.frame["line_km"].iloc[0])


def test_a_site_on_an_island():
    cover = np.full((N, N), 6, np.uint8)
    cover[:, 55:] = 5
    cover[48:53, 18:23] = 5
    found = joined(*country(cover=cover), [(20, 50)])
    row = found.frame.iloc[0]
    assert np.isnan([row["line_km"], row["road_km"], row["connection_yuan"]]).all()
    assert len(found.lines) == 0
    assert found.lines.crs == CRS


def test_zero_sites():
    found = joined(*country(), [])
    assert len(found.frame) == 0
    assert tuple(found.frame.columns) == COLUMNS
    assert len(found.lines) == 0


def test_no_substation_no_connection():
    assert joined(*country(stations=()), [(20, 50)]) is None
    ground, judgements = country()
    layers = {k: v for k, v in ground.stack.layers.items() if k != "substation"}
    bare = Ground(
        ground.grid, LayerStack(ground.grid, layers, {}), ground.terrain, ground.zones,
        ground.counties, ground.cell_area, ground.table,
    )  # fmt: skip
    assert joined(bare, judgements, [(20, 50)]) is None


def test_no_road_layer():
    found = joined(*country(roads=False), [(20, 50)])
    assert np.isnan(found.frame["road_km"]).all()
    assert np.isfinite(found.frame["connection_yuan"]).all()
    assert "无公路图层" in found.text.zh


def test_stations_beyond_the_grid_and_without_voltage_are_left_out_and_said():
    stations = ((80, 50, np.nan), (150, 50, 110.0), (90, 50, 220.0))
    found = joined(*country(stations=stations), [(20, 50)])
    assert found.frame["substation"].tolist() == ["站2"]
    assert "1 座变电站在栅格以外" in found.text.zh
    assert "1 座变电站无电压" in found.text.zh


def test_a_site_beyond_the_grid_and_one_of_unknown_capacity():
    ground, judgements = country()
    x, y = np.array([at(200, 50), at(20, 50)]).T
    found = connect(ground, judgements, Technology.PV, x, y, [50.0, np.nan], parameters({}))
    assert np.isnan(found.frame["line_km"]).all()
    assert "容量未知" in found.frame["connection_note"].iloc[1]


def test_a_site_at_its_station_and_on_its_road():
    found = joined(*country(stations=((5, 50, 110.0),)), [(5, 50)])
    row = found.frame.iloc[0]
    assert row["line_km"] == 0.0
    assert row["road_km"] == 0.0
    assert row["line_kv"] == 110


def test_only_35_kv_reachable_is_length_without_money():
    row = joined(*country(stations=((80, 50, 35.0),)), [(20, 50)], mw=20.0).frame.iloc[0]
    assert row["line_kv"] == 35
    assert row["line_km"] == pytest.approx(5.4, rel=1e-3)
    assert np.isnan(row["connection_yuan"])
    assert "未查到" in row["connection_note"]


def test_too_much_for_every_voltage_says_so():
    row = joined(*country(), [(20, 50)], mw=900.0).frame.iloc[0]
    assert np.isnan(row["line_kv"])
    assert "容量或长度超出" in row["connection_note"]


def test_tapping_only_where_allowed():
    line = LineString([at(40, 0), at(40, 99)])
    ground, judgements = country(lines=line)
    assert joined(ground, judgements, [(20, 50)]).frame["substation"].iloc[0] == "站0"
    row = joined(ground, judgements, [(20, 50)], tap_in=1.0).frame.iloc[0]
    assert row["substation"] == "T 接 线"
    assert row["line_km"] == pytest.approx(1.8, rel=1e-2)


@pytest.mark.parametrize(("kv", "taken"), [(220.0, ("T 接 线", 220.0)), (500.0, ("站0", 110.0))])
def test_a_line_is_tapped_at_its_own_voltage_only(kv, taken):
    """A station has a lower side; a T in a 220 kV line gives no 110 kV."""
    line = LineString([at(40, 0), at(40, 99)])
    ground, judgements = country(lines=line, line_kv=kv)
    row = joined(ground, judgements, [(20, 50)], tap_in=1.0).frame.iloc[0]
    assert (row["substation"], row["line_kv"]) == taken


def test_text_says_what_is_counted_too_high_and_no_price_of_the_user_is_borrowed():
    text = joined(*country(), [(20, 50)]).text
    assert "不分摊" in text.zh
    assert "not shared out" in text.en
    assert "借用 220 kV" in text.zh
    assert "借用" not in joined(*country(), [(20, 50)], kv110_station=300.0).text.zh
    high = country(stations=((80, 50, 220.0),))
    assert "借用" not in joined(*high, [(20, 50)], mw=300.0).text.zh


@pytest.mark.parametrize(
    ("key", "value"),
    [("power_factor", 5.0), ("power_factor", 0.2), ("max_circuits", 1.5), ("lower_side", 0.5),
     ("tap_in", 2.0), ("cell_m", 1e6), ("law_prohibited", 0.5), ("law_route", 1e7),
     ("road_water", 0.1)],
)  # fmt: skip
def test_parameters_that_cannot_be_are_refused(key, value):
    with pytest.raises(OptionError) as caught:
        parameters({f"connect.{key}": value})
    assert caught.value.subject == f"connect.{key}"


def test_finer_cells_are_merged_and_one_barred_cell_bars():
    core = [box(WEST + 50 * RES, NORTH - N * RES, WEST + 50 * RES + 30, NORTH)]  # 30 m wide
    ground, judgements = country(core=core, res=30.0)
    grid = route_grid(ground.grid, 90.0)
    assert grid.size == 3
    assert grid.grid.shape == (N, N)
    assert grid.grid.dx == 90.0
    friction = line_friction(ground, judgements[Component.TRANSMISSION], parameters({}), grid)
    assert np.isinf(friction[:, 50]).all()
    assert np.isfinite(np.delete(friction, 50, axis=1)).all()
    assert np.isnan(joined(ground, judgements, [(20, 50)]).frame["line_km"].iloc[0])


def test_fine_and_coarse_grids_tell_the_same_length():
    coarse = joined(*country(), [(20, 30)]).frame
    fine = joined(*country(res=30.0), [(20, 30)]).frame
    assert fine["line_km"].iloc[0] == pytest.approx(coarse["line_km"].iloc[0], rel=0.01)


def test_friction_of_slope_cover_and_law():
    dem = np.zeros((N, N), np.float32)
    dem += np.arange(N, dtype=np.float32)[None, :] * 90 * 0.05  # 5 %
    cover = np.full((N, N), 5, np.uint8)
    cover[:, 20:40] = 3
    cover[:, 60] = 7
    outside = np.zeros((N, N), bool)
    outside[:10] = True
    ground, judgements = country(dem=dem, cover=cover, outside=outside)
    params = parameters({})
    grid = route_grid(ground.grid, 90.0)
    line = line_friction(ground, judgements[Component.TRANSMISSION], params, grid)
    assert line[50, 90] == pytest.approx(1.4)
    assert line[50, 30] == pytest.approx(1.4 * 2.25)
    assert line[50, 60] == pytest.approx(1.4 * 1.59)
    assert line[5, 90] == pytest.approx(1.4 * 3)  # outside the region the law is not screened
    assert line[50, 0] == pytest.approx(1.75)  # the slope of the rim is unknown: as mountains
    road = road_friction(ground, judgements[Component.ROAD], params, grid)
    assert road[50, 90] == pytest.approx(1 + (5 / 20) ** 2, rel=0.02)
    steep = parameters({"connect.road_slope_max_deg": 1.0})
    assert np.isinf(road_friction(ground, judgements[Component.ROAD], steep, grid)).any()


def test_law_factors_by_verdict():
    _, judgements = country(core=wall(50))
    judgement = judgements[Component.TRANSMISSION]
    factors = law_factors(judgement, parameters({}))
    barred = judgement.verdict == Verdict.PROHIBITED
    assert barred.any()
    assert np.isinf(factors[: barred.size][barred]).all()
    assert factors[OUTSIDE] == 3.0
    # what cannot be built on is as shut as what may not, and the law's own factor stays else
    steep = replace(judgement, unbuildable=~barred)
    assert np.isinf(law_factors(steep, parameters({}))[: barred.size]).all()


@pytest.mark.parametrize("interpreted", [False, True])
def test_merge_against_numpy(interpreted):
    rng = np.random.default_rng(4)
    kernel = merge.merge.py_func if interpreted else merge.merge
    pattern = rng.integers(0, 5, (7, 8)).astype(np.uint16)
    cover = rng.integers(0, 9, (7, 8)).astype(np.uint8)
    slope = rng.uniform(0, 95, (7, 8)).astype(np.float32)
    slope[0, 0] = np.nan
    law = rng.uniform(1, 2, 65536).astype(np.float32)
    land = rng.uniform(1, 2, 256).astype(np.float32)
    steep = rng.uniform(1, 2, 901).astype(np.float32)
    out = np.empty((3, 3), np.float32)
    kernel(pattern, cover, slope, law, land, steep, 3, out)
    index = np.where(np.isnan(slope), 900, np.minimum(np.nan_to_num(slope) * 10, 899)).astype(int)
    one = law[pattern].astype(float) * land[cover] * steep[index]
    for r in range(3):
        for c in range(3):
            part = one[3 * r : 3 * r + 3, 3 * c : 3 * c + 3]
            assert out[r, c] == pytest.approx(part.mean(), rel=1e-6)
    law[pattern[4, 4]] = np.inf
    kernel(pattern, cover, slope, law, land, steep, 3, out)
    assert np.isinf(out[1, 1])


def test_same_input_same_frame_and_geometry():
    ground, judgements = country(core=wall(50, gap=(90, 93)))
    one, two = (joined(ground, judgements, [(20, 50), (3, 3), (60, 10)]) for _ in range(2))
    assert one.frame.equals(two.frame)
    assert shapely.equals_exact(one.lines.geometry.values, two.lines.geometry.values).all()


def test_refusals():
    ground, judgements = country()
    params = parameters({})
    with pytest.raises(OptionError):
        connect(ground, judgements, Technology.PV, [1.0], [1.0, 2.0], [1.0], params)
    with pytest.raises(OptionError):
        connect(ground, judgements, Technology.PV, [1.0], [1.0], [-1.0], params)
    with pytest.raises(OptionError):
        parameters({"connect.kv110_line": 0.0})
    with pytest.raises(OptionError):
        parameters({"connect.nonsense": 1.0})
    degrees = Grid("EPSG:4326", Affine(0.001, 0, 110, 0, -0.001, 33), ground.grid.shape)
    wrong = Ground(
        degrees, ground.stack, None, ground.zones, ground.counties, ground.cell_area, ground.table
    )
    with pytest.raises(CrsError):
        connect(wrong, judgements, Technology.PV, [1.0], [1.0], [1.0], params)
