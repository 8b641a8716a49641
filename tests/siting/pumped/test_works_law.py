"""Law, letters and engineering lines of hand-made structures on a hand-made scene."""

from __future__ import annotations

import math
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from shapely.geometry import LineString, Point, box

from geo.crs import cell_areas, polygon_areas
from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport
from geo.sourced import Sourced
from layers.contract import SPECS
from layers.layer import PRESENCE_ONLY, Layer, LayerStack
from siting.law.predicates import Parameters
from siting.law.rules import load_ruleset
from siting.law.screening import pattern_table, screen
from siting.law.terms import COMPONENTS, Component, Effect, Technology, Verdict
from siting.law.verdict import judge
from siting.pumped.lakes.model import ExistingLake, LevelVolume
from siting.pumped.pairs.model import PairKind, Pairs
from siting.pumped.works.burnt import patterns_under, window_of
from siting.pumped.works.engineering import engineering_lines, lines_by_title
from siting.pumped.works.law import works_law
from siting.pumped.works.letters import COMPARED_PER_SITE
from siting.pumped.works.model import PARTS, Works
from siting.sites.ground import Ground

CELL = 30.0
WEST, SOUTH = 500_000.0, 3_600_000.0
GRID = Grid.from_bounds("EPSG:4546", (WEST, SOUTH, WEST + 6000, SOUTH + 3000), CELL)
DEMO = "演示，无法律意义"


def at(x0: float, y0: float, x1: float, y1: float):
    """Return a box in metres from the south-western corner."""
    return box(WEST + x0, SOUTH + y0, WEST + x1, SOUTH + y1)


#: layer -> records; the red line lies in the west, prohibited farmland in the middle.
BASE = {
    "eco_redline": [{"name": "红线", "geometry": at(0, 0, 1500, 3000)}],
    "permanent_farmland": [{"name": "田", "geometry": at(2400, 600, 2700, 900)}],
    "reservoir": [{"name": "老水库", "geometry": at(4500, 0, 6000, 1200)}],
    "settlement": [
        {"name": "甲村", "rank": "village", "geometry": at(2000, 1900, 2060, 1960)},
        {"name": "乙村", "rank": "village", "geometry": at(5000, 2500, 5100, 2600)},
    ],
    "geohazard": [{"name": "滑坡", "zone": "danger", "geometry": at(1900, 1800, 1960, 1860)}],
}


def stack_of(synthetic: bool = False, **more) -> LayerStack:
    passport = Passport(sources=("test",), synthetic=synthetic)
    dem = np.full(GRID.shape, 500.0, np.float32)
    cover = np.full(GRID.shape, 5, np.uint8)
    cover[GRID.rows // 2 - 20 : GRID.rows // 2, 65:72] = 1
    layers = {
        name: Layer(name, xr.DataArray(data, dims=("y", "x")), SPECS[name], passport)
        for name, data in (("dem", dem), ("land_cover", cover))
    }
    for name, records in {**BASE, **more}.items():
        if records:
            frame = gpd.GeoDataFrame(records, geometry="geometry", crs=GRID.crs)
            layers[name] = Layer(name, frame, SPECS[name], passport)
    return LayerStack(GRID, layers)


def ground_of(stack: LayerStack, rules) -> Ground:
    screening = screen(stack, rules, Parameters())
    zones = np.ones(GRID.shape, np.uint8)
    zones[:, -20:] = 0  # the eastern 600 m are outside the region
    areas = cell_areas(GRID)
    table = pattern_table(screening, zones, areas)
    return Ground(GRID, stack, screening.terrain, zones, ("县",), areas, table)


def judged(ground: Ground, rules, mode="explore"):
    return {
        one: judge(ground.table, rules, Technology.PUMPED, one, mode, standing=False)
        for one in COMPONENTS[Technology.PUMPED]
    }


RULES = load_ruleset("hubei", date(2026, 11, 22))
LAKE = ExistingLake(
    "老水库", "reservoir", at(4500, 0, 6000, 1200), 1.8e6, Sourced(200.0, "m", "S1"),
    Sourced(180.0, "m", "S1"),
    LevelVolume(np.array([180.0, 200.0]), np.array([0.0, 2e7]), Say("公布", "published")),
    2e6, True, "某水务公司", "", np.array([[WEST + 4500, SOUTH + 600]]), (), Passport(),
)  # fmt: skip


def works_from(n: int, rows: list[tuple], **more) -> Works:
    """Return works with structures ``(site, part, component, geometry, existing)``."""
    frame = gpd.GeoDataFrame(
        [
            {
                "site": site, "part": part, "component": component.value, "existing": existing,
                "area_m2": math.nan, "length_m": float(geometry.length), "open_m": math.nan,
                "kv": math.nan, "note": "直线", "note_en": "straight", "geometry": geometry,
            }
            for site, part, component, geometry, existing in rows
        ],
        columns=[
            "site", "part", "component", "existing", "area_m2", "length_m", "open_m", "kv",
            "note", "note_en", "geometry",
        ],
        geometry="geometry",
        crs=GRID.crs,
    )  # fmt: skip
    nan = np.full(n, np.nan)
    given = {
        "upper_catchment_m2": np.full(n, 2.0e6), "lower_catchment_m2": nan,
        "line_kv": np.full(n, 500.0), "holds": np.ones(n, bool), **more,
    }  # fmt: skip
    return Works(
        frame, (None,) * n, (None,) * n, (np.zeros((3, 1)),) * n, (np.zeros((3, 1)),) * n,
        nan, nan, nan, nan, notes=((),) * n, **given,
    )  # fmt: skip


def pairs_of(n: int, upper: int = 0, lower: int = -1) -> Pairs:
    one = np.ones(n)
    shore = np.zeros((n, 2))
    return Pairs(
        np.full(n, PairKind.BLUEFIELD_LOWER, np.uint8), np.full(n, upper, np.int32),
        np.full(n, lower, np.int32), np.zeros(n, bool), 1200 * one, 6 * one, 7.2 * one, 4e6 * one,
        600 * one, 580 * one, 200 * one, 198 * one, 390 * one, 402 * one, 380 * one, 4 * one,
        2000 * one, 5 * one, shore, shore, 5 * one, 300 * one, 1e6 * one, 0 * one, 60 * one,
        0 * one, 300 * one, 0 * one, 3e5 * one, 1e6 * one,
    )  # fmt: skip


UP, LOW = Component.UPPER_RESERVOIR, Component.LOWER_RESERVOIR
OLD = Component.EXISTING_RESERVOIR_WORKS


def sites() -> tuple[Works, Pairs]:
    """Return four pairs: clean, in the red line, on farmland, partly outside the region."""
    rows = []
    for site, x in enumerate((1800.0, 600.0, 2400.0, 5200.0)):
        y = 600.0 if site == 2 else 1800.0
        rows += [
            (site, "upper_lake", UP, at(x, y, x + 300, y + 300), False),
            (site, "upper_dam", UP, at(x, y - 60, x + 300, y + 60), False),
            (site, "lower_lake", OLD, LAKE.geometry, True),
            (site, "lower_works", OLD, Point(WEST + 4500, SOUTH + 600).buffer(100), False),
            (site, "tunnel", Component.TUNNEL, line(x, y, 4500, 600), False),
        ]
    return works_from(4, rows), pairs_of(4)


def line(x0, y0, x1, y1) -> LineString:
    return LineString([(WEST + x0, SOUTH + y0), (WEST + x1, SOUTH + y1)])


@pytest.fixture(scope="module")
def ground():
    return ground_of(stack_of(), RULES)


@pytest.fixture(scope="module")
def law(ground):
    works, pairs = sites()
    return works_law(works, pairs, ground, judged(ground, RULES), (LAKE,), alternates=[2, 0, 1, 1])


def component(law, site: int, which: Component):
    return next(one for one in law.components[site] if one.component is which)


def test_the_order_of_components_and_their_land(law, ground):
    assert [one.component for one in law.components[0]] == [UP, OLD, Component.TUNNEL]
    upper = component(law, 0, UP)
    # lake and dam count once: 300 x 300 and 60 m of dam below it
    assert upper.area_m2 == pytest.approx(300 * 360, rel=2e-3)
    assert sum(upper.verdict_m2.values()) == pytest.approx(upper.area_m2)
    assert upper.outside_m2 == 0.0
    # a narrow structure counts shares of cells, not whole cells
    tunnel = component(law, 0, Component.TUNNEL)
    length = math.hypot(4500 - 1800, 1200)
    assert tunnel.area_m2 == pytest.approx(60.0 * length + math.pi * 30**2, rel=0.01)
    assert "按带宽覆盖计" in tunnel.text.zh


def test_a_new_upper_lake_in_the_red_line_takes_three_routes(law):
    upper = component(law, 1, UP)
    assert upper.verdict is Verdict.ROUTE
    assert upper.redline_m2 == pytest.approx(upper.area_m2)
    hits = {one.rule: one for one in upper.hits}
    assert {"R-02p", "T-11", "T-12"} <= set(hits)
    assert hits["R-02p"].area_m2 == pytest.approx(upper.area_m2)
    assert hits["R-02p"].effect == "replan_line"
    kinds = law.route_effects[1]
    assert {Effect.REPLAN_LINE, Effect.REPLAN_PROGRAMME, Effect.NATIONAL_PROJECT} <= kinds
    national = [one.zh for one in law.routes[1] if "国家重大项目" in one.zh]
    assert national
    assert all("依据待核" in one for one in national)
    assert law.waiting.tolist()[1]
    assert law.verdict[1] is Verdict.ROUTE
    assert law.redline_m2[1] > upper.area_m2  # the tunnel runs under it too
    assert component(law, 1, Component.TUNNEL).verdict is not Verdict.PROHIBITED


def test_clean_ground_waits_for_nothing(law):
    assert law.redline_m2[0] == 0.0
    assert not law.waiting[0]
    assert not law.route_effects[0] & {Effect.REPLAN_LINE, Effect.REPLAN_PROGRAMME}
    assert law.lake_redline_m2.tolist() == [0.0] * 4


def test_farmland_decides_the_pair(law):
    upper = component(law, 2, UP)
    assert upper.verdict in {Verdict.PROHIBITED, Verdict.APPROVAL, Verdict.ROUTE}
    assert any(one.area_m2 == pytest.approx(90_000, rel=2e-3) for one in upper.hits)
    areas = [one.area_m2 for one in upper.hits]
    assert areas == sorted(areas, reverse=True)
    assert law.verdict[2] == min(one.verdict for one in law.components[2])


def test_land_outside_the_region_is_kept_apart(law):
    upper = component(law, 3, UP)
    assert upper.outside_m2 == pytest.approx(300 * 360 * (100 / 300), rel=0.15)
    assert "区域外" in upper.text.zh
    assert upper.area_m2 + upper.outside_m2 == pytest.approx(300 * 360, rel=2e-3)


def test_a_structure_wholly_outside_is_unscreened(ground):
    works = works_from(1, [(0, "upper_lake", UP, at(5600, 300, 5800, 500), False)])
    law = works_law(works, pairs_of(1), ground, judged(ground, RULES), (LAKE,))
    (one,) = law.components[0]
    assert one.verdict is None
    assert "未筛查" in one.text.zh
    assert law.verdict == (None,)
    assert math.isnan(law.redline_m2[0])
    assert law.text[0].zh == "未筛查"
    far = works_from(1, [(0, "upper_lake", UP, at(90_000, 0, 90_100, 100), False)])
    (one,) = works_law(far, pairs_of(1), ground, judged(ground, RULES), (LAKE,)).components[0]
    assert one.outside_m2 == pytest.approx(10_000, rel=1e-6)


def test_red_line_in_an_existing_lake_is_counted_apart():
    redline = [{"name": "红线", "geometry": at(4500, 0, 4800, 1200)}]
    ground = ground_of(stack_of(eco_redline=redline), RULES)
    works, pairs = sites()
    law = works_law(works, pairs, ground, judged(ground, RULES), (LAKE,))
    assert law.lake_redline_m2[0] == pytest.approx(300 * 1200, rel=2e-3)
    works_ha = component(law, 0, OLD)
    assert 0 < works_ha.redline_m2 < works_ha.area_m2
    # the works there are limited activity and ask the owner, they wait for no new line
    assert Effect.LIMITED_ACTIVITY in law.route_effects[0]
    assert not law.waiting[0]
    assert "T-11e" in {one.rule for one in works_ha.hits}


def test_a_demo_says_so_first():
    ground = ground_of(stack_of(synthetic=True), RULES)
    works, pairs = sites()
    law = works_law(works, pairs, ground, judged(ground, RULES), (LAKE,))
    assert all(text.zh.startswith(DEMO) for text in law.text)
    assert all(one.text.zh.startswith(DEMO) for some in law.components for one in some)


def test_real_layers_carry_no_demo_word(law):
    assert not any(text.zh.startswith(DEMO) for text in law.text)


def test_without_a_red_line_layer_nothing_is_claimed():
    ground = ground_of(stack_of(eco_redline=[]), RULES)
    works, pairs = sites()
    law = works_law(works, pairs, ground, judged(ground, RULES), (LAKE,))
    assert np.isnan(law.redline_m2).all()
    assert np.isnan(law.lake_redline_m2).all()
    assert law.letters[0][0].state == "unchecked"
    assert law.letters[0][0].value is None
    legal = works_law(works, pairs, ground, judged(ground, RULES, "legal"), (LAKE,))
    assert component(legal, 3, UP).verdict is Verdict.UNKNOWN
    assert "R-02p" in component(legal, 3, UP).unknown_rules


def test_without_law_nothing_is_judged():
    rules = load_ruleset(None, date(2026, 11, 22))
    ground = ground_of(stack_of(), rules)
    works, pairs = sites()
    law = works_law(works, pairs, ground, judged(ground, rules), (LAKE,))
    assert law.verdict == (None,) * 4
    assert np.isnan(law.redline_m2).all()
    assert all(one.verdict is None for some in law.components for one in some)
    assert len(works_law(works_from(0, []), pairs_of(0), ground, {}, ()).components) == 0


def test_letters_of_the_notice(law):
    clean, red = law.letters[0], law.letters[1]
    assert [one.state for one in clean] == ["met", "unchecked", "unchecked", "unchecked", "met"]
    assert clean[0].value.zh == "红线内 0.0 公顷"
    assert red[0].state == red[1].state == red[2].state == "not_met"
    assert red[0].source == "eco_redline"
    assert "红线内" in red[0].value.zh
    owner = clean[3]
    assert "某水务公司" in owner.value.zh
    assert "4.00 百万 m³" in owner.value.zh
    assert owner.state == "unchecked"  # nobody has seen the letter
    assert red[4].state == "not_met"  # no alternate: one site for one asked
    assert "1.5" in red[4].title.zh
    assert law.letters[2][4].value.zh.endswith("（2.0 倍）")
    assert COMPARED_PER_SITE == 1.5
    # the part outside the region keeps the first line open
    assert law.letters[3][0].state == "unchecked"


def test_two_new_lakes_need_no_owner(ground):
    works, _ = sites()
    law = works_law(works, pairs_of(4, 0, 1), ground, judged(ground, RULES), ())
    assert law.letters[0][3].state == "not_needed"
    assert law.letters[0][4].state == "unchecked"  # alternates were not counted


def test_an_empty_sensitive_factor_is_met_and_a_touched_one_open():
    some = {
        "water_source": [{"name": "源", "grade": 2, "geometry": at(1800, 1800, 1900, 1900)}],
        "nature_reserve": [
            {"name": "保", "zone": "core", "level": "national", "geometry": at(0, 0, 60, 60)}
        ],
    }
    ground = ground_of(stack_of(**some), RULES)
    works, pairs = sites()
    law = works_law(works, pairs, ground, judged(ground, RULES), (LAKE,))
    environment = law.letters[0][1]
    assert environment.state == "unchecked"
    assert "水源保护区内 0.9 公顷" in environment.value.zh


def test_engineering_lines(law):
    lines = lines_by_title(law.engineering[0])
    for name in ("岩溶", "断层", "地震分区", "上库泥沙", "蒸发净损失（扣除降水）"):
        assert lines[name].value is None
    assert lines["滑坡等地质灾害"].value.zh.startswith("危险区 0.4 公顷")
    assert lines["滑坡等地质灾害"].source == "geohazard"
    houses = lines["移民：居民点"]
    assert houses.value.zh == "1 处，0.36 公顷"
    assert "非户数" in houses.note.zh
    assert lines["淹没永久基本农田"].value.zh == "0 处，0.00 公顷"
    assert lines_by_title(law.engineering[2])["淹没永久基本农田"].value.zh == "1 处，9.00 公顷"
    assert "2.00 km²，不大于上限 5" in lines["上库泄洪"].value.zh
    assert lines["500 kV 接入（600 MW 及以上）"].value is None
    ratio = lines["最大与最小水头之比"]
    assert ratio.value.zh.startswith(f"{402 / 380:.3f}")
    assert "未核查" in ratio.note.zh
    cover = lines["淹没耕地与建设用地（地类）"]
    assert cover.value.zh.startswith("耕地 ")
    assert cover.source == "land_cover"


def test_a_large_basin_pays_a_spillway_and_figures_carry_their_source(ground):
    works, pairs = sites()
    large = np.array([6.0e6, 2.0e6, np.nan, 2.0e6])
    parts = pd.concat(
        [works.parts, works.parts.iloc[[0]].assign(part="line", length_m=12_300.0, site=0)]
    )
    works = works_from(4, [], upper_catchment_m2=large)
    object.__setattr__(works, "parts", gpd.GeoDataFrame(parts, crs=GRID.crs))
    water = pd.DataFrame({"evaporation_mm3_a": [0.25, np.nan, 1, 1], "source": ["S9"] * 4})
    law = works_law(works, pairs, ground, judged(ground, RULES), (LAKE,), water=water)
    lines = lines_by_title(law.engineering[0])
    assert "须设溢洪道" in lines["上库泄洪"].value.zh
    assert lines["500 kV 接入（600 MW 及以上）"].value.zh == "直线 12.3 km"
    assert lines["蒸发净损失（扣除降水）"].value.zh == "0.250 百万 m³/a"
    assert lines["蒸发净损失（扣除降水）"].source == "S9"
    assert lines_by_title(law.engineering[1])["蒸发净损失（扣除降水）"].value is None
    assert lines_by_title(law.engineering[2])["上库泄洪"].value.zh == "上库为已有水库"


@pytest.mark.parametrize(("allowed", "limit"), [(None, 5), (20.0, 5), (3.0, 3)])
def test_a_search_that_allows_larger_basins_pays_their_spillways(ground, allowed, limit):
    _, pairs = sites()
    given = works_from(
        4, [], upper_catchment_m2=np.array([4.0e6, 15.0e6, 2.0e6, np.nan]),
        lower_catchment_m2=np.full(4, 30.0e6),
    )  # fmt: skip
    lines = [
        lines_by_title(one)
        for one in engineering_lines(given, pairs, ground, upper_cap_km2=allowed)
    ]
    assert f"上限 {limit} km²" in lines[0]["上库泄洪"].value.zh
    assert ("须设溢洪道" in lines[0]["上库泄洪"].value.zh) == (limit < 4)
    assert "须设溢洪道（造价未计）" in lines[1]["上库泄洪"].value.zh
    assert "泄洪规模未核查" in lines[2]["上库泄洪"].value.zh
    assert "已有水库" in lines[3]["上库泄洪"].value.zh
    for one in lines:
        assert one["下库泄洪"].value.zh.startswith("集水面积 30.00 km²，大于上限 5 km²：须设溢洪道")
        assert one["下库泥沙"].value is None


def test_layers_that_are_absent_or_partial_say_so():
    stack = stack_of(settlement=[], geohazard=[], permanent_farmland=[])
    ground = ground_of(stack, RULES)
    works, pairs = sites()
    law = works_law(works, pairs, ground, judged(ground, RULES), (LAKE,))
    lines = lines_by_title(law.engineering[0])
    assert lines["移民：居民点"].value is None
    assert lines["滑坡等地质灾害"].value is None
    from dataclasses import replace

    partial = dict(stack_of().layers)
    partial["settlement"] = replace(
        partial["settlement"], completeness=PRESENCE_ONLY, coverage=at(0, 0, 1900, 3000)
    )
    ground = ground_of(LayerStack(GRID, partial), RULES)
    law = works_law(works, pairs, ground, judged(ground, RULES), (LAKE,))
    note = lines_by_title(law.engineering[0])["移民：居民点"].note.zh
    assert "未见不等于没有" in note
    assert "图层未覆盖" in note


def test_land_by_cells_adds_up_to_the_polygon(ground):
    land = at(1234.5, 777.7, 2345.6, 1888.8)
    exact = float(polygon_areas(gpd.GeoSeries([land], crs=GRID.crs))[0])
    _, areas, outside = patterns_under(land, ground, narrow=True)
    assert areas.sum() + outside == pytest.approx(exact, rel=1e-5)
    _, areas, _ = patterns_under(land, ground, narrow=False)
    assert areas.sum() == pytest.approx(exact, rel=0.03)
    small = at(1000, 1000, 1003, 1003)  # holds no centre of a cell
    _, areas, _ = patterns_under(small, ground, narrow=False)
    assert areas.sum() == pytest.approx(9.0, rel=2e-3)
    assert window_of(at(-500, -500, -400, -400), GRID) is None


def test_every_part_has_a_name():
    assert all(name.zh and name.en for name in PARTS.values())
