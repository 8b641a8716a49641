"""Least change: metres on the exact geometry, thresholds, routes; unknown ground is no way out."""

from __future__ import annotations

import math
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from geo.crs import from_lonlat, lonlat
from geo.grid import Grid
from geo.passport import Passport
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from siting.law.compass import WINDS, bearing_deg, grid_north_deg, metres, wind
from siting.law.expression import parse
from siting.law.least_change import LeastChange, _move, least_change
from siting.law.rules import load_ruleset
from siting.law.screening import screen

RULES = load_ruleset("hubei", date(2026, 11, 22))
BY_ID = {rule.id: rule for rule in RULES.rules}
GRID = Grid.from_bounds("EPSG:4546", (500_000, 3_590_000, 510_000, 3_600_000), 100.0)
MIDDLE = (505_000.0, 3_595_000.0)


def stack_of(*, cover: np.ndarray | None = None, **features: list[dict]) -> LayerStack:
    """Return a window of 10 km with vector layers and, where given, a land cover."""
    layers = {}
    for name, rows in features.items():
        frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=GRID.crs)
        layers[name] = Layer(name, frame, SPECS[name], Passport())
    if cover is not None:
        data = xr.DataArray(cover, dims=("y", "x"))
        layers["land_cover"] = Layer("land_cover", data, SPECS["land_cover"], Passport())
    return LayerStack(GRID, layers)


def move(stack: LayerStack, when: str, at=MIDDLE, limit=4500.0):
    return _move(screen(stack, RULES), stack, parse(when), *at, limit)


def red(*shapes) -> list[dict]:
    return [{"name": str(i), "geometry": shape} for i, shape in enumerate(shapes)]


def core(shape, zone="core") -> list[dict]:
    return [{"name": "c", "zone": zone, "level": "national", "geometry": shape}]


def around(left, bottom, right, top):
    """Return a box given by its distances from the middle."""
    x, y = MIDDLE
    return box(x - left, y - bottom, x + right, y + top)


def test_metres_and_direction_to_leave_a_polygon():
    found = move(stack_of(eco_redline=red(around(800, 900, 230, 700))), "redline")
    assert found.distance_m == pytest.approx(230, abs=1e-6)
    assert found.bearing_deg == pytest.approx(90)
    assert found.text().zh.startswith("向东 230 m 离开生态保护红线（到 111.")
    assert found.text().en.startswith("230 m E to leave ecological red line (to 111.")


def test_overlapping_polygons_are_left_as_one():
    stack = stack_of(eco_redline=red(around(800, 900, 230, 700), around(0, 1000, 600, 1000)))
    found = move(stack, "redline")
    assert found.distance_m == pytest.approx(600, abs=1e-6)


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_exact_against_the_boundary_of_the_union(seed):
    rng = np.random.default_rng(seed)
    x, y = MIDDLE
    shapes = [box(x - 100, y - 100, x + 100, y + 100)]
    for _ in range(8):
        cx, cy = x + rng.uniform(-900, 900), y + rng.uniform(-900, 900)
        shapes.append(Point(cx, cy).buffer(float(rng.uniform(200, 900)), quad_segs=5))
    at = (x + float(rng.uniform(-99, 99)), y + float(rng.uniform(-99, 99)))
    union = shapely.union_all(shapes)
    found = move(stack_of(eco_redline=red(*shapes)), "redline", at)
    stand = Point(*(float(v) for v in from_lonlat(GRID.crs, *found.lonlat)))
    assert not union.intersects(stand.buffer(0.98))  # who goes there is free, with a metre round
    core = Point(at).buffer(4000).difference(union).buffer(-1)
    far = shapely.distance(Point(at), union.boundary)
    assert far - 1e-6 <= found.distance_m <= shapely.distance(Point(at), core) + 1e-6
    assert shapely.distance(Point(at), stand) <= shapely.distance(Point(at), core) + 0.01
    foot = Point(shapely.shortest_line(Point(at), union.boundary).coords[-1])
    if shapely.distance(foot, stand) < 1.49:  # not round a corner, nor past a gap
        assert found.distance_m == pytest.approx(far, abs=1e-6)
    x1, y1 = stand.x - at[0], stand.y - at[1]
    turned = math.degrees(math.atan2(x1, y1)) - found.bearing_deg
    assert (turned + 180) % 360 == pytest.approx(180, abs=0.1)


def test_a_corner_is_entered_not_touched():
    """Straight on past the corner of a free cell lie the trees again."""
    cover = np.full(GRID.shape, 3, np.uint8)
    cover[50, 54] = 5
    stack = stack_of(cover=cover)
    west, _, _, north = GRID.bounds
    dx = GRID.dx
    at = (west + 53.5 * dx, north - 49.5 * dx)  # the cell that touches the corner
    found = move(stack, "tree or bamboo", at)
    assert found.distance_m == pytest.approx(dx / math.sqrt(2))
    stand = [float(v) for v in from_lonlat(GRID.crs, *found.lonlat)]
    assert GRID.rowcol(*stand) == (50, 54)


def test_buffer_of_a_line_is_round_and_exact():
    x, y = MIDDLE
    road = [{"name": "G", "class": "motorway",
             "geometry": LineString([(x - 3000, y - 12), (x + 3000, y - 12)])}]  # fmt: skip
    found = move(stack_of(road=road), "road_zone")
    assert found.distance_m == pytest.approx(18, abs=1e-3)
    assert found.bearing_deg == pytest.approx(0, abs=1e-3)
    end = [{"name": "G", "class": "motorway",
            "geometry": LineString([(x - 3000, y), (x - 20, y)])}]  # fmt: skip
    assert move(stack_of(road=end), "road_zone").distance_m == pytest.approx(10, abs=1e-3)


def test_and_takes_the_nearer_or_leaves_both():
    stack = stack_of(
        eco_redline=red(around(900, 900, 900, 900)), nature_reserve=core(around(400, 400, 150, 400))
    )
    both = move(stack, "redline and reserve_core")
    assert both.distance_m == pytest.approx(150, abs=1e-6)
    assert both.text().zh.startswith("向东 150 m 离开自然保护区核心保护区（到 111.")
    either = move(stack, "redline or reserve_core")
    assert either.distance_m == pytest.approx(900, abs=1e-6)
    assert "生态保护红线" in either.text().zh


def test_or_is_left_where_neither_holds():
    stack = stack_of(
        eco_redline=red(around(300, 300, 300, 300)),
        nature_reserve=core(around(-100, 400, 700, 400)),
    )
    found = move(stack, "redline or reserve_core")
    assert found.bearing_deg != pytest.approx(90)  # east of the red line lies the core zone
    assert found.distance_m == pytest.approx(300, abs=1e-6)


def test_not_is_left_by_entering():
    stack = stack_of(
        eco_redline=red(around(900, 900, 900, 900)),
        nature_reserve=core(around(-200, 500, 800, 500)),
    )
    found = move(stack, "redline and not reserve_core")
    assert found.distance_m == pytest.approx(200, abs=1e-6)
    assert found.text().zh.startswith("向东 200 m 进入自然保护区核心保护区（到 111.")


def test_raster_classes_are_left_at_the_edge_of_a_cell():
    cover = np.full(GRID.shape, 5, np.uint8)
    cover[40:60, 40:53] = 3  # trees from 504,000 to 505,300 east
    found = move(stack_of(cover=cover), "tree or bamboo")
    assert found.distance_m == pytest.approx(300)
    assert found.bearing_deg == pytest.approx(90)
    assert found.text().zh.startswith("向东 300 m 离开乔木林（到 111.")


def test_mixed_vector_and_raster():
    cover = np.full(GRID.shape, 5, np.uint8)
    cover[40:60, 40:53] = 6
    stack = stack_of(cover=cover, reservoir=red(around(900, 900, 450, 900)))
    assert move(stack, "reservoir or water_cover").distance_m == pytest.approx(450)
    assert move(stack, "reservoir and water_cover").distance_m == pytest.approx(300)


def test_the_search_grows_until_it_is_proven():
    stack = stack_of(eco_redline=red(around(4200, 4300, 4100, 4400)))
    assert move(stack, "redline").distance_m == pytest.approx(4100, abs=1e-6)
    assert move(stack, "redline", limit=4000.0) is None


def test_unknown_ground_is_no_way_out():
    shape = around(800, 900, 230, 700)
    stack = stack_of(eco_redline=red(shape))
    covered = around(2000, 2000, 230, 2000)  # nobody knows what lies to the east
    layer = stack.layers["eco_redline"]
    limited = Layer(layer.name, layer.data, layer.spec, layer.passport, coverage=covered)
    found = move(LayerStack(GRID, {"eco_redline": limited}), "redline")
    assert found.distance_m == pytest.approx(700, abs=1e-6)
    presence = Layer(
        layer.name, layer.data, layer.spec, layer.passport, completeness="presence_only"
    )
    assert move(LayerStack(GRID, {"eco_redline": presence}), "redline") is None
    said = LeastChange("R-02", None, 4500.0, (), ()).text()
    assert said.zh == "4500 m 内没有不受此条限制的已知土地"
    assert "within 4500 m" in said.en


def test_precision_of_a_layer_and_gaps_between_features_are_no_way_out():
    wide = [around(3000, 3000, 20, 3000), around(-20.3, 3000, 2000, 3000)]  # 0.3 m apart
    coarse = [shapely.set_precision(shape, 0.1) for shape in wide]
    for at in (MIDDLE, (MIDDLE[0] - 0.0376, MIDDLE[1] + 0.0624)):
        found = move(stack_of(eco_redline=red(*coarse)), "redline", at)
        assert found.distance_m == pytest.approx(2000, abs=0.1)


def test_a_feature_of_unknown_kind_is_no_way_out():
    zones = core(around(500, 500, 100, 500)) + core(around(-100, 500, 400, 500), zone="?")
    found = move(stack_of(nature_reserve=zones), "reserve_core")
    assert found.distance_m == pytest.approx(400, abs=1e-6)


def test_a_point_outside_whose_cell_is_inside():
    x, y = MIDDLE  # a corner of four cells: the polygon holds a centre but not the corner
    stack = stack_of(eco_redline=red(box(x + 20, y + 20, x + 500, y + 500)))
    found = move(stack, "redline")
    assert found.distance_m == 0
    assert "该点本身已离开" in found.text().zh


def test_thresholds_and_routes(scene, screening):
    def ways(spot: str, rule_id: str) -> LeastChange:
        row, col = scene.cell(spot)
        at = scene.grid.xy(row, col)
        return least_change(screening, scene.stack, BY_ID[rule_id], *at, 120.0, 25_000.0)

    steep = ways("steep", "T-slope-pv")
    assert steep.thresholds[0].here == pytest.approx(40, abs=0.1)
    assert steep.thresholds[0].limit == 25
    assert steep.thresholds[0].text().zh == "坡度 40.0°，限值 25°（用户参数），超出 15.0°"
    dense = ways("shrub_dense", "R-19c")
    assert dense.thresholds[0].limit == 50
    assert dense.thresholds[0].unit == "%"
    line = ways("redline", "R-02")
    assert {route.effect for route in line.routes} == {
        route.effect for route in BY_ID["R-02"].routes
    }
    assert line.move.distance_m == pytest.approx(135, abs=1e-6)  # by hand: the box of the spot


def test_sixteen_winds():
    assert [wind(22.5 * i) for i in range(16)] == list(WINDS)
    assert wind(359.9).zh == "北"
    assert wind(bearing_deg(0, 0, 1, 1)).zh == "东北"
    assert wind(bearing_deg(0, 0, -2, -1)).zh == "西西南"
    assert metres(0.2) == "1 m"
    assert metres(12_345) == "12.3 km"


def test_grid_north_leans_west_of_true_north_west_of_the_meridian():
    """Gauss-Krüger: convergence = (longitude - 111°) sin(latitude), to a thousandth here."""
    for east in (360_000.0, 500_000.0, 640_000.0):
        lon, lat = (float(v) for v in lonlat(GRID.crs, east, 3_600_000.0))
        exact = (lon - 111.0) * math.sin(math.radians(lat))
        assert grid_north_deg(GRID.crs, east, 3_600_000.0) == pytest.approx(exact, abs=0.005)
