"""Planes, shapes, kernels and the pattern table against plain oracles."""

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely
import yaml
from affine import Affine
from shapely.geometry import LineString, Point, box

from geo.burn import burn_bits
from geo.errors import CrsError, GridMismatchError, OptionError, Say, SizeError, VectorError
from geo.grid import Grid
from layers.region import PROFILES
from siting.law import _kernels
from siting.law.bits import Bits, Screening
from siting.law.patterns import OUTSIDE, one_pattern, pattern_table
from siting.law.predicates import Parameters, Predicate, bind_all
from siting.law.rules import load_ruleset
from siting.law.screening import screen
from siting.law.shapes import shapes_of
from siting.law.terms import Component, Technology, Verdict
from siting.law.verdict import judge


def test_planes_are_narrow_and_disjoint(screening):
    width = 8 * screening.hit.dtype.itemsize
    assert width / 2 < screening.bits.planes <= width
    assert screening.unknown.dtype == screening.hit.dtype
    assert not (screening.hit & screening.unknown).any()
    assert screening.passport.synthetic


def test_slope_is_computed_once_and_can_be_given(scene, screening):
    assert screening.terrain.slope_deg[scene.cell("steep")] == pytest.approx(40, abs=0.01)
    assert screening.terrain.slope_deg.dtype == np.float32
    rules = load_ruleset("hubei", date(2026, 11, 22))
    again = screen(scene.stack, rules, scene.parameters, terrain=screening.terrain)
    assert again.terrain is screening.terrain
    assert np.array_equal(again.hit, screening.hit)
    assert np.array_equal(again.unknown, screening.unknown)


def test_border_of_the_elevation_is_unknown_slope(screening):
    bit = screening.hit.dtype.type(1 << screening.bits.bit_of["slope_pv"])
    assert (screening.unknown[0] & bit).all()
    assert not (screening.unknown[2, 1:-1] & bit).any()


def test_equal_predicates_share_a_bit(screening):
    bits = screening.bits.bit_of
    assert bits["slope_pv"] == bits["slope_sweep_25"]
    assert bits["slope_wind"] == bits["slope_sweep_30"]
    assert len(set(bits.values())) == len(screening.bits.predicates)


def test_predicates_do_not_depend_on_the_date(screening):
    parameters = Parameters(wind_settlement_m=60.0)
    for day in (date(2019, 6, 1), date(2026, 8, 14), date(2031, 1, 1)):
        found, _ = bind_all(load_ruleset("hubei", day).predicates, parameters)
        assert len(found) == len(screening.bits.predicates)
        assert set(map(Predicate.key, found)) == set(map(Predicate.key, screening.bits.predicates))


def test_parameters_are_checked():
    with pytest.raises(OptionError):
        Parameters(pv_slope_max_deg=95.0)
    with pytest.raises(OptionError):
        Parameters(wind_settlement_m=-1.0)


def test_notes_name_buffers_narrower_than_a_cell(scene, screening):
    def narrow(found):
        return [note.zh for note in found.notes if "窄于格网" in note.zh]

    assert not any("居民点" in note for note in narrow(screening))
    rules = load_ruleset("hubei", date(2026, 11, 22))
    found = screen(scene.stack, rules, Parameters(pv_settlement_m=10.0), screening.terrain)
    more = set(narrow(found)) - set(narrow(screening))
    assert len(more) == 1
    assert "居民点" in more.pop()


def test_runway_box_is_the_declared_rectangle():
    frame = gpd.GeoDataFrame(
        {"name": ["a"]}, geometry=[LineString([(0, 0), (0, 3000)])], crs="EPSG:4546"
    )
    predicate = Predicate.model_validate(
        {
            "title": {"zh": "x", "en": "x"},
            "layer": "airport",
            "runway_box": {"side_m": 10000, "end_m": 20000},
        }
    )
    (shape,) = shapes_of(frame, predicate, "airport").known
    assert shape.equals(box(-10_000, -20_000, 10_000, 23_000))


def test_feature_without_attribute_is_unknown_ground(scene):
    layer = scene.stack.require("road").vector().copy()
    layer["class"] = None
    odd = scene.having("road", data=layer)
    found = odd.screen()
    bit = found.hit.dtype.type(1 << found.bits.bit_of["road_zone"])
    assert found.unknown[scene.cell("road")] & bit
    assert not found.hit[scene.cell("road")] & bit
    assert any("缺少属性" in note.zh for note in found.notes)


def test_missing_column_is_an_error(scene):
    layer = scene.stack.require("water_source").vector().drop(columns="grade")
    with pytest.raises(VectorError, match="grade"):
        scene.having("water_source", data=layer).screen()


def test_other_grid_or_crs_is_refused(scene):
    park = scene.stack.require("nature_park").vector()
    with pytest.raises(CrsError):
        scene.having("nature_park", data=park.to_crs(4490)).screen()
    cover = scene.stack.require("land_cover").raster()
    with pytest.raises(GridMismatchError):
        scene.having("land_cover", data=cover[:-1]).screen()


def test_buffer_is_unknown_where_uncovered_ground_lies_within_reach(scene):
    west, south, _, north = scene.grid.bounds
    cut = west + 3000
    wide = scene.grid.cols
    half = scene.having("settlement", coverage=box(west - 9e3, south - 9e3, cut, north + 9e3))
    found = half.screen()
    bit = found.hit.dtype.type(1 << found.bits.bit_of["settlement_wind"])
    plane = (found.unknown & bit) != 0
    x = west + (np.arange(wide) + 0.5) * scene.grid.dx
    hit = (found.hit & bit) != 0
    assert np.array_equal(plane, np.broadcast_to(x > cut - 60, plane.shape) & ~hit)
    assert hit[scene.cell("settlement")]


def test_absent_layer_is_named_and_not_painted(scene):
    less = scene.without("eco_redline")
    found = less.screen()
    bit = found.bits.bit_of["redline"]
    assert found.bits.unscreened == {bit}
    assert bit == found.bits.planes == len(found.bits.predicates) - 1  # no bit in the planes
    table = less.table(found)
    assert table.flags("redline")[2]
    assert not (table.flags("redline")[0] | table.flags("redline")[1]).any()
    assert int((found.hit | found.unknown).max()) < 1 << found.bits.planes
    assert found.bits.absent["eco_redline"].zh == "演示中去掉"


def test_line_buffers_are_exact():
    grid = Grid("EPSG:4546", Affine(10, 0, 0, 0, -10, 1000), (100, 120))
    line = LineString([(50, 40), (500, 700), (900, 650), (1100, 980)])
    frame = gpd.GeoDataFrame({"name": ["a"], "width_m": [160.0]}, geometry=[line], crs=grid.crs)
    predicate = Predicate.model_validate(
        {
            "title": {"zh": "x", "en": "x"},
            "layer": "river",
            "buffer_by_width": {"column": "width_m", "factor": 0.5},
        }
    )
    shapes = shapes_of(frame, predicate, "river")
    holds = np.zeros(grid.shape, np.uint8)
    burn_bits(shapes.wide, shapes.wide_m, grid, holds, 0)
    rows, cols = np.indices(grid.shape)
    x, y = 5 + cols * 10, 995 - rows * 10
    assert np.array_equal(holds > 0, shapely.distance(shapely.points(x, y), line) <= 80)


def made_screening(hit, unknown, grid):
    bits = Bits((), {}, frozenset(), {}, Parameters())
    return Screening(grid, bits, hit, unknown, None, (), {}, one_passport())


def one_passport():
    from geo.passport import Passport

    return Passport(sources=("x",))


def test_pattern_table_equals_numpy_unique():
    rng = np.random.default_rng(3)
    grid = Grid("EPSG:4546", Affine(30, 0, 5e5, 0, -30, 3.6e6), (70, 90))
    hit = rng.integers(0, 6, grid.shape).astype(np.uint16)
    unknown = (rng.integers(0, 3, grid.shape) << 8).astype(np.uint16)
    zones = rng.integers(0, 4, grid.shape).astype(np.uint8)
    areas = np.broadcast_to(np.linspace(899, 901, grid.cols), grid.shape)
    table = pattern_table(made_screening(hit, unknown, grid), zones, areas)
    inside = zones > 0
    words = np.stack([hit[inside], unknown[inside]], axis=1)
    unique, counts = np.unique(words, axis=0, return_counts=True)
    order = np.lexsort((unique[:, 1], unique[:, 0], -counts))
    assert np.array_equal(table.hit, unique[order, 0])
    assert np.array_equal(table.unknown, unique[order, 1])
    assert np.array_equal(table.cells, counts[order])
    assert np.array_equal(table.index == OUTSIDE, ~inside)
    assert np.array_equal(table.hit[table.index[inside]], hit[inside])
    assert np.array_equal(table.unknown[table.index[inside]], unknown[inside])
    assert table.area_m2.shape == (4, table.n)
    assert table.area_m2[0].sum() == 0
    for zone in (1, 2, 3):
        assert table.area_m2[zone].sum() == pytest.approx(areas[zones == zone].sum())


@pytest.mark.parametrize("compiled", [False, True])
def test_number_patterns_kernel(compiled):
    kernel = _kernels.number_patterns if compiled else _kernels.number_patterns.py_func
    hit = np.array([5, 5, 9, 5, 9, 7], np.uint64)
    unknown = np.array([0, 0, 0, 1, 0, 0], np.uint64)
    zones = np.array([1, 1, 2, 1, 0, 1], np.uint8)
    slots = np.full(8, -1, np.int32)
    words, doubts = np.zeros(4, np.uint64), np.zeros(4, np.uint64)
    cells, index = np.zeros(4, np.int64), np.zeros(6, np.uint16)
    with np.errstate(over="ignore"):
        found = kernel(hit, unknown, zones, slots, words, doubts, cells, 0, index)
    assert found == 4
    assert index.tolist() == [0, 0, 1, 2, OUTSIDE, 3]
    assert cells.tolist() == [2, 1, 1, 1]
    with np.errstate(over="ignore"):
        more = np.array([1], np.uint64)
        full = kernel(more, more, zones[:1], slots, words, doubts, cells, found, index[:1])
    assert full == -1


def test_too_many_patterns_is_a_size_error():
    grid = Grid("EPSG:4546", Affine(30, 0, 5e5, 0, -30, 3.6e6), (256, 257))
    hit = np.arange(grid.size, dtype=np.uint32).reshape(grid.shape)
    zones = np.ones(grid.shape, np.uint8)
    areas = np.ones(grid.shape)
    with pytest.raises(SizeError):
        pattern_table(made_screening(hit, np.zeros_like(hit), grid), zones, areas)


def test_table_and_cell_agree(scene, screening, table):
    """The verdict of a pattern is the verdict of each of its cells."""
    rules = load_ruleset("hubei", date(2026, 11, 22))
    whole = judge(table, rules, Technology.PV, Component.PV_ARRAY)
    for row, col in ((3, 40), (6, 100), (8, 200), (2, 311)):
        one = judge(one_pattern(screening, row, col), rules, Technology.PV, Component.PV_ARRAY)
        pattern = table.index[row, col]
        assert whole.verdict[pattern] == one.verdict[0]
        assert whole.hits[pattern] == one.hits[0]


def test_same_input_same_bytes(scene, screening, table):
    again = scene.screen()
    other = scene.table(again)
    assert np.array_equal(again.hit, screening.hit)
    for name in ("hit", "unknown", "index", "cells", "area_m2"):
        assert np.array_equal(getattr(other, name), getattr(table, name)), name


def test_more_than_64_predicates_is_a_size_error(scene):
    rules = load_ruleset("hubei", date(2026, 11, 22))
    many = {
        f"p{i}": Predicate.model_validate(
            {"title": {"zh": "x", "en": "x"}, "layer": "slope", "above": i + 0.5}
        )
        for i in range(70)
    }
    with pytest.raises(SizeError):
        screen(scene.stack, replace(rules, predicates=many), scene.parameters)


def test_presence_of_a_point_layer_with_buffer():
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(0, 0)], crs="EPSG:4546")
    predicate = Predicate.model_validate(
        {"title": {"zh": "x", "en": "x"}, "layer": "substation", "buffer_m": 100.0}
    )
    shapes = shapes_of(frame.assign(kv=110.0), predicate, "substation")
    assert shapes.reach_m == 100
    assert shapes.wide_m.tolist() == [100]
    assert not len(shapes.known)


@pytest.mark.parametrize(
    ("layer", "column", "value", "spot"),
    [
        ("nature_reserve", "zone", "", "core"),
        ("nature_reserve", "zone", "核心区", "core"),
        ("nature_reserve", "zone", "buffer", "general"),
        ("important_wetland", "level", "国家级", "wetland_national"),
        ("water_source", "grade", 9, "source_1"),
    ],
)
def test_unlisted_attribute_is_unknown_never_clear(scene, layer, column, value, spot):
    frame = scene.stack.require(layer).vector().copy()
    frame[column] = value
    odd = scene.having(layer, data=frame)
    planes = odd.screen()
    one = one_pattern(planes, *odd.cell(spot))
    rules = load_ruleset("hubei", date(2026, 11, 22))
    for mode in ("explore", "legal"):
        found = judge(one, rules, Technology.PV, Component.PV_ARRAY, mode)
        assert found.verdict[0] == Verdict.UNKNOWN
    assert any("取值表" in note.zh for note in planes.notes)


def test_predicate_outside_the_closed_list_is_refused():
    with pytest.raises(ValueError, match="closed list"):
        Predicate(title=Say("甲", "a"), layer="nature_reserve", where={"zone": ("experimental",)})


def test_whole_grid_as_coverage_equals_no_coverage(scene, screening):
    """A box round the grid says the same as None: no rim of 22 km round a runway layer."""
    whole = box(*scene.grid.bounds)
    same = scene.having("airport", coverage=whole).screen()
    assert np.array_equal(same.unknown, screening.unknown)


def test_features_are_read_as_far_as_any_rule_reaches():
    """An airport 20 km beyond the city still asks for consent inside it."""
    region = yaml.safe_load((PROFILES / "shiyan.yaml").read_text(encoding="utf-8"))
    rules = load_ruleset("hubei", date(2026, 11, 22))
    frame = gpd.GeoDataFrame(
        {"name": ["a"], "class": ["motorway"], "width_m": [800.0], "kv": [500.0]},
        geometry=[LineString([(0, 0), (0, 2000)])],
        crs="EPSG:4546",
    )
    reaches = [
        shapes_of(frame, predicate.bind(Parameters()), predicate.layer).reach_m
        for predicate in rules.predicates.values()
        if not predicate.is_raster and not predicate.where
    ]
    assert max(reaches) == pytest.approx(22_360.7, abs=0.1)
    assert region["buffer_m"] >= max(reaches)


def test_two_runways_in_one_feature_keep_their_own_boxes():
    rules = load_ruleset("hubei", date(2026, 11, 22))
    lines = [LineString([(x, 0), (x, 3000)]) for x in (0, 50_000)]
    frame = gpd.GeoDataFrame(
        {"name": ["a"]}, geometry=[shapely.MultiLineString(lines)], crs="EPSG:4546"
    )
    known = shapes_of(frame, rules.predicates["airport_core"], "airport").known
    assert [one.bounds for one in known] == [
        (-10_000, -20_000, 10_000, 23_000), (40_000, -20_000, 60_000, 23_000),
    ]  # fmt: skip


def test_absent_technical_layer_is_told(scene):
    """Without settlements no turbine keeps its distance: the reader must know."""
    notes = [note.zh for note in scene.without("settlement").screen().notes]
    assert "技术限值“风机距居民点”未应用：图层缺失" in notes
    assert not any("未应用" in note.zh for note in scene.screen().notes)
