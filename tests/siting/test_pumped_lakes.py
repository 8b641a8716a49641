"""Existing reservoirs: names, figures, curves, checks, mines, and those that are refused."""

from __future__ import annotations

import doctest
import re
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xarray as xr
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import CrsError, InputError, OptionError, UnitError
from geo.grid import Grid
from geo.passport import Passport
from layers.contract import SPECS
from layers.facts import load_facts
from layers.layer import Layer, LayerStack
from siting.pumped import energy, plan_words, water
from siting.pumped.lakes import curve, dates, names
from siting.pumped.lakes.existing import existing_lakes, parameters, survey_lakes
from siting.pumped.lakes.outlines import shore_points
from siting.pumped.pairs import integral

GRID = Grid("EPSG:4546", Affine(30, 0, 500_000, 0, -30, 3_600_600), (200, 300))
PARAMS = parameters({})
AS_OF = date(2026, 11, 23).isoformat()


@pytest.fixture(scope="module")
def facts():
    return load_facts("shiyan")


def square(col: int, row: int, cells: int) -> shapely.Polygon:
    west, north = GRID.transform.c + 30 * col, GRID.transform.f - 30 * row
    return shapely.box(west, north - 30 * cells, west + 30 * cells, north)


def vector(name: str, rows: list[dict], crs: str = GRID.crs) -> Layer:
    return Layer(name, gpd.GeoDataFrame(rows, crs=crs), SPECS[name], Passport(("U1",), grade="B"))


def stack_of(
    *rows: dict, dem: np.ndarray | None = None, acquired: str = "", synthetic: bool = False,
    mines: list[dict] | None = None, grid: Grid = GRID,
) -> LayerStack:  # fmt: skip
    layers = {}
    if rows:
        layers["reservoir"] = vector("reservoir", list(rows))
    if mines:
        layers["abandoned_mine"] = vector("abandoned_mine", mines)
    ground = np.full(grid.shape, 240.0, np.float32) if dem is None else dem.astype(np.float32)
    marks = Passport(("D1",), synthetic=synthetic, as_of=acquired)
    layers["dem"] = Layer("dem", xr.DataArray(ground, dims=("y", "x")), SPECS["dem"], marks)
    return LayerStack(grid, layers)


def lakes_of(facts, stack: LayerStack, overrides: dict[str, float] | None = None):
    return survey_lakes(stack, GRID, facts.sites, parameters(overrides or {}), AS_OF)


HLT = {"name": "黄龙滩水库", "geometry": square(10, 10, 150)}


# names -----------------------------------------------------------------------------------


def test_a_plant_is_found_by_its_whole_name_only(facts):
    plants = facts.sites
    assert names.plant_of("黄龙滩水库", "", plants).id == "hydro-huanglongtan"
    assert names.plant_of("孤山水库", "", plants).id == "hydro-gushan"
    for other in ("黄龙水库", "上黄龙滩水库", "十堰市黄龙滩水库", "水库", ""):
        assert names.plant_of(other, "", plants) is None
    assert names.plant_of("大水库", "hydro-pankou", plants).id == "hydro-pankou"
    assert names.plant_of("潘口水库", "没有这座电站", plants) is None


def test_expansions_and_storage_projects_are_no_plant_of_a_lake(facts):
    assert names.plant_of("丹江口水库", "", facts.sites).id == "hydro-danjiangkou"
    uses = names.uses_of("黄龙滩水库", facts.sites)
    assert [(one.id, side) for one, side in uses] == [("psh-huanglongtan", "lower")]
    assert [side for _, side in names.uses_of("潘口水库", facts.sites)] == ["upper"]


# dates -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acquired", "impounded", "before"),
    [
        ("2000-02-11", "2011-09-08", True), ("2000", "2011", True), ("2013", "2011-09", False),
        ("2011", "2011-09-08", None), ("", "2011", None), ("2000", "", None),
        ("2013", "<=1974", False), ("1970", "<=1974", None), ("2000", "unknown", None),
        ("2000-13", "2011", None),
    ],
)  # fmt: skip
def test_order_of_filling_and_elevation(acquired, impounded, before):
    assert dates.taken_before(acquired, impounded) is before


# 黄龙滩 (truth.md D19) ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def huanglongtan(facts):
    survey = lakes_of(facts, stack_of(HLT, acquired="2013"))
    return survey.lakes[0]


def test_huanglongtan_is_fitted_to_the_published_figures(huanglongtan):
    lake = huanglongtan
    assert (lake.normal_m.value, lake.dead_m.value) == (246.971, 225.971)
    assert lake.curve.how == curve.FITTED
    assert lake.curve.level_m[[0, -1]].tolist() == [225.971, 246.971]
    assert lake.curve.usable_m3[[0, -1]].tolist() == [0.0, 464.9e6]
    assert lake.borrow_m3 == pytest.approx(46.49e6)
    assert lake.dead_known
    assert lake.project == "hydro-huanglongtan"
    assert {"S1", "PH1", "U1"} <= set(lake.passport.sources)
    assert lake.area_m2 == pytest.approx(150**2 * 900, rel=2e-3)


@pytest.mark.parametrize(("full", "band"), [(True, (3.12, 3.26)), (False, (3.38, 3.53))])
def test_the_integral_over_both_curves(huanglongtan, full, band):
    """Truth.md D19 (b) with the lower lake rising as the upper one falls, full or at dead level."""
    upper = integral.Curve(np.array([483.0, 512.0]), np.array([0.0, 5.243e6]))
    lower = integral.Curve.of_lake(huanglongtan.curve)
    bottom = lower.full_m3 - 5.243e6 if full else 0.0
    got = [
        integral.energy_gwh(
            upper, lower, 5.243e6, eta, upper_top_m3=5.243e6, lower_bottom_m3=bottom,
            loss_share=0.01,
        )
        for eta in (0.88, 0.92)
    ]  # fmt: skip
    assert got == pytest.approx(band, abs=0.01)


def test_conflict_c13_stays_visible(huanglongtan):
    said = "\n".join(note.zh for note in huanglongtan.notes)
    assert "464.9" in said
    assert "598.5（PH1）" in said
    assert "414（PH1）" in said
    assert "DEM 所见为水面" in said


@pytest.mark.parametrize("start", [246.971, 236.471, 232.0])
def test_huanglongtan_lower_lake_swings_by_decimetres(huanglongtan, start):
    """Truth.md D19 (c): 0.20-0.30 m at whatever level the cycle begins."""
    assert 0.20 <= curve.change_m(huanglongtan.curve, 5.243e6, start) <= 0.30


def test_huanglongtan_energy_and_heads(huanglongtan):
    lower = huanglongtan.curve.level_m
    ends = [energy.energy_gwh(5.243, 255.0, eta) for eta in (0.88, 0.92)]
    assert ends == pytest.approx((3.21, 3.35), abs=0.005)
    for level, band in ((lower[-1], (3.12, 3.26)), (lower[0], (3.38, 3.53))):
        got = [energy.energy_between_levels_gwh(5.243, 512, 483, float(level), e) for e in
               (0.88, 0.92)]  # fmt: skip
        assert got == pytest.approx(band, abs=0.005)
    low, high = energy.head_range(512.0, 483.0, float(lower[-1]), float(lower[0]))
    assert (low, high, high / low) == pytest.approx((236.0, 286.0, 1.21), abs=0.05)
    assert energy.full_load_hours(556.0, 500.0) == pytest.approx(1113, abs=1.5)


# curves ----------------------------------------------------------------------------------


@given(
    exponent=st.floats(1.0, 3.0),
    dead=st.floats(100.0, 900.0),
    swing=st.floats(2.0, 80.0),
    below=st.floats(1.0, 500.0),
    active=st.floats(1.0, 900.0),
)
def test_a_fitted_curve_passes_through_what_is_published(exponent, dead, swing, below, active):
    made = curve.fitted(dead, dead + swing, below * 1e6, active * 1e6, exponent)
    bed = curve.bed_m(dead, dead + swing, below * 1e6, (below + active) * 1e6, exponent)
    assert bed < dead
    assert (np.diff(made.level_m) > 0).all()
    assert (np.diff(made.usable_m3) > 0).all()
    assert np.diff(made.level_m).max() <= 1.0 + 1e-9
    scale = (below + active) * 1e6 / (dead + swing - bed) ** exponent
    wanted = scale * (made.level_m - bed) ** exponent - below * 1e6
    assert made.usable_m3 == pytest.approx(wanted, rel=1e-9, abs=1.0)


def test_a_measured_curve_equals_the_prism_and_the_wedge():
    flat = curve.measured(np.full(100, 200.0), np.full(100, 900.0), 200.0, 210.0, curve.MEASURED)
    assert flat.usable_m3[-1] == pytest.approx(10 * 100 * 900.0)
    slope = np.linspace(200.0, 220.0, 20_001)
    wedge = curve.measured(slope, np.full(slope.size, 2.0), 200.0, 220.0, curve.MEASURED)
    depth = wedge.level_m - 200.0
    assert wedge.usable_m3 == pytest.approx(slope.size * 2.0 * depth**2 / 40.0, rel=2e-3, abs=5.0)


@pytest.mark.parametrize(
    "bad", [(250.0, 240.0, 1.0, 2.0), (230.0, 240.0, 0.0, 2.0), (230.0, 240.0, 3.0, 2.0)]
)
def test_curves_refuse_what_does_not_ascend(bad):
    with pytest.raises(OptionError, match="ascend"):
        curve.bed_m(*bad, 1.5)


def test_more_water_than_there_is_is_refused(huanglongtan):
    with pytest.raises(OptionError, match="are usable"):
        curve.change_m(huanglongtan.curve, 500e6, 246.971)


# what is not published -------------------------------------------------------------------


def test_a_lake_without_dead_level_rests_on_its_surface(facts):
    pool = {"name": "潘口水库", "geometry": square(10, 10, 100)}
    dem = np.full(GRID.shape, 350.0)
    one = lakes_of(facts, stack_of(pool, dem=dem)).lakes[0]
    assert one.dead_m.value is None
    assert not one.dead_known
    assert one.curve.how == curve.BY_SURFACE
    # published surface 61 km², prior drawdown 5 m: a cycle of 6.1 Mm³ moves it by 0.1 m
    assert curve.change_m(one.curve, 6.1e6, 355.0) == pytest.approx(0.1)
    assert one.borrow_m3 == pytest.approx(0.1 * 305e6)
    said = "".join(note.zh for note in one.notes)
    assert "死水位未公布" in said
    assert "61 km²（S7）" in said
    assert one.project == "hydro-pankou"


def test_a_lake_without_level_is_refused_by_name(facts):
    rows = [
        {"name": "小漩水库", "geometry": square(5, 5, 20)},
        {"name": "", "geometry": square(50, 5, 20)},
        {"name": "", "geometry": square(80, 5, 20)},
    ]
    survey = lakes_of(facts, stack_of(*rows))
    assert survey.lakes == ()
    assert [one.name for one in survey.refused] == ["小漩水库", "", ""]
    assert any("小漩水库" in n.zh and "2 个无名水面" in n.zh for n in survey.notes)


def test_a_lake_of_no_area_is_refused(facts):
    flat = {"name": "黄龙滩水库", "geometry": shapely.Polygon([(500_300, 3_600_000)] * 3)}
    survey = lakes_of(facts, stack_of(flat))
    assert survey.lakes == ()
    assert "面积为 0" in survey.refused[0].reason.zh


def test_no_layer_is_said(facts):
    survey = lakes_of(facts, stack_of())
    assert survey.lakes == ()
    assert "没有水库图层" in survey.notes[0].zh


# the user's own figures ------------------------------------------------------------------

OWN = {
    "name": "黄龙滩水库", "geometry": square(10, 10, 150), "npl_m": 247.0, "dead_m": 226.0,
    "active_mm3": 480.0, "dead_mm3": 340.0, "total_mm3": float("nan"), "owner": "某公司",
    "impounded": "1974", "plant": "",
}  # fmt: skip


def test_figures_of_the_users_layer_win_and_say_so(facts):
    one = lakes_of(facts, stack_of(OWN)).lakes[0]
    assert (one.normal_m.value, one.dead_m.value) == (247.0, 226.0)
    assert one.curve.usable_m3[-1] == 480e6
    assert one.owner == "某公司"
    assert (one.normal_m.source, one.normal_m.status) == ("U1", "user")
    assert [v.value for v in one.normal_m.variants] == [246.971]
    assert any("不取公布的 246.971（S1）" in note.zh for note in one.notes)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"dead_m": 250.0}, InputError, "not below the normal level"),
        ({"dead_m": 247.0}, InputError, "not below the normal level"),
        ({"active_mm3": -1.0}, InputError, "is not positive"),
        ({"active_mm3": 0.0}, InputError, "is not positive"),
        ({"total_mm3": 500.0}, InputError, "exceed the total"),
        ({"active_mm3": 48_000.0, "dead_mm3": 34_000.0}, UnitError, "deep"),
        ({"active_mm3": 4.8, "dead_mm3": 3.4}, UnitError, "deep"),
        ({"npl_m": 810.0, "dead_m": 741.0}, UnitError, "units"),
    ],
)
def test_figures_that_cannot_be_are_refused_with_the_lake(facts, change, error, words):
    with pytest.raises(error, match=words) as caught:
        lakes_of(facts, stack_of({**OWN, **change}))
    assert "黄龙滩水库" in caught.value.subject


def test_a_level_far_from_the_ground_is_not_paired(facts):
    """The user's level on made-up ground, or a published one: nobody's slip, but no lake."""
    far = {**OWN, "npl_m": 810.0, "dead_m": 741.0}
    feet = np.full(GRID.shape, 240.0 * 3.2808)
    for stack in (stack_of(far, synthetic=True), stack_of(HLT, dem=feet)):
        survey = lakes_of(facts, stack)
        assert survey.lakes == ()
        assert "不能配对" in survey.refused[0].reason.zh


def test_a_lake_that_is_filled_later_does_not_stand_yet(facts):
    survey = lakes_of(facts, stack_of({**OWN, "impounded": "2028"}))
    assert survey.lakes == ()
    assert "2028" in survey.refused[0].reason.zh


# bed seen by the elevation ---------------------------------------------------------------

DRY = {
    "name": "新水库", "geometry": square(10, 10, 100), "npl_m": 260.0, "dead_m": 250.0,
    "impounded": "2020-05",
}  # fmt: skip


def test_a_bed_that_the_elevation_shows_is_measured(facts):
    one = lakes_of(facts, stack_of(DRY, acquired="2013")).lakes[0]
    assert one.curve.how == curve.MEASURED
    assert one.curve.usable_m3[-1] == pytest.approx(10.0 * 100**2 * 900, rel=2e-3)


@pytest.mark.parametrize("acquired", ["2024", "2020", ""])
def test_a_bed_under_water_or_of_unknown_order_is_never_measured(facts, acquired):
    one = lakes_of(facts, stack_of(DRY, acquired=acquired)).lakes[0]
    assert one.curve.how == curve.BY_SURFACE


def test_only_a_new_lake_may_not_lie_below_the_ground(facts):
    deep = {**DRY, "npl_m": 260.0, "dead_m": 230.0}
    with pytest.raises(InputError, match="below the floor"):
        lakes_of(facts, stack_of(deep, acquired="2013"))
    assert lakes_of(facts, stack_of(deep, acquired="2024")).lakes[0].dead_m.value == 230.0


# outlines --------------------------------------------------------------------------------


def test_touching_parts_of_one_name_are_one_lake(facts):
    parts = [
        {"name": "某水库", "geometry": square(10, 10, 50), "npl_m": 245.0},
        {"name": "某水库", "geometry": square(60, 10, 50), "npl_m": 245.0},
        {"name": "某水库", "geometry": square(200, 100, 20), "npl_m": 246.0},
    ]
    found = lakes_of(facts, stack_of(*parts)).lakes
    assert [one.area_m2 / 900 for one in found] == pytest.approx([5000, 400], rel=2e-3)
    assert "由图层的 2 块面合成" in "".join(note.zh for note in found[0].notes)


def test_the_published_volume_of_a_plant_counts_once(facts):
    parts = [
        {"name": "黄龙滩", "geometry": square(200, 100, 20), "plant": ""},
        {"name": "黄龙滩水库", "geometry": square(10, 10, 50), "plant": ""},
        {"name": "库尾", "geometry": square(240, 10, 10), "plant": "hydro-huanglongtan"},
    ]
    (one,) = lakes_of(facts, stack_of(*parts)).lakes
    assert one.name == "黄龙滩水库"
    assert one.project == "hydro-huanglongtan"
    assert one.curve.usable_m3[-1] == 464.9e6
    assert one.area_m2 / 900 == pytest.approx(3000, rel=2e-3)
    assert len(shapely.get_parts(one.geometry)) == 3


def test_demo_lakes_are_not_laid_on_real_ground(facts):
    stack = stack_of(HLT)
    drawn = Layer(
        "reservoir", stack.require("reservoir").data, SPECS["reservoir"], Passport(synthetic=True)
    )
    real = LayerStack(GRID, {**stack.layers, "reservoir": drawn})
    survey = lakes_of(facts, real)
    assert survey.lakes == ()
    assert "演示水面" in survey.refused[0].reason.zh


def test_thousands_of_ponds_take_no_time(facts):
    rng = np.random.default_rng(5)
    ponds = [
        {"name": f"塘{k % 700}", "geometry": square(int(c), int(r), 1)}
        for k, (c, r) in enumerate(rng.integers(0, 190, (3000, 2)))
    ]
    survey = lakes_of(facts, stack_of(*ponds))
    assert survey.lakes == ()
    assert 700 <= len(survey.refused) <= 3000
    assert len(survey.notes[0].zh) < 200
    assert "more" in survey.notes[0].en


def test_parts_that_disagree_are_refused(facts):
    parts = [
        {"name": "某水库", "geometry": square(10, 10, 50), "npl_m": 240.0},
        {"name": "某水库", "geometry": square(60, 10, 50), "npl_m": 241.0},
    ]
    with pytest.raises(InputError, match="differ in npl_m"):
        lakes_of(facts, stack_of(*parts))


def test_shore_points_are_dense_enough():
    ring = shapely.Point(0, 0).buffer(1000.0)
    whole = ring.difference(shapely.Point(0, 0).buffer(200.0))
    found = shore_points(shapely.MultiPolygon([whole, square(0, 0, 10)]), 100.0)
    outer = found[np.hypot(*found.T) > 900.0][:60]
    gaps = np.hypot(*np.diff(outer, axis=0).T)
    assert gaps.max() <= 100.0 + 1e-6
    own = found[np.hypot(*found.T) < 2000.0]
    assert shapely.distance(shapely.points(own), whole.boundary).max() < 1e-6
    ring_points = shapely.line_interpolate_point(
        whole.exterior, np.arange(63) / 63, normalized=True
    )
    assert found[:63] == pytest.approx(shapely.get_coordinates(ring_points), abs=1e-6)
    assert shore_points(shapely.Polygon(), 100.0).shape == (0, 2)


def test_degrees_are_refused(facts):
    grid = Grid("EPSG:4490", Affine(0.001, 0, 110.0, 0, -0.001, 33.0), (20, 30))
    with pytest.raises(CrsError):
        existing_lakes(stack_of(grid=grid), grid, facts.sites, PARAMS, AS_OF)


# old pits --------------------------------------------------------------------------------


def pit(depth: float) -> np.ndarray:
    """Return a cone of ``depth`` m below ground of 500 m, radius 30 cells, and its rim."""
    row, col = np.mgrid[: GRID.rows, : GRID.cols]
    away = np.hypot(row - 100, col - 100)
    return 500.0 - depth * np.clip(1.0 - away / 30.0, 0.0, None)


MINE = [{"name": "某矿坑", "geometry": square(69, 69, 63)}]


def test_a_pit_is_measured_and_its_doubts_are_listed(facts):
    stack = stack_of(dem=pit(60.0), mines=MINE)
    assert lakes_of(facts, stack).lakes == ()
    one = lakes_of(facts, stack, {"lake.use_mines": 1}).lakes[0]
    assert (one.kind, one.normal_m.value) == ("mine", 498.0)
    assert one.dead_m.value == pytest.approx(440.0 + 0.1 * 58.0, abs=0.1)
    radius = 900.0  # 30 cells
    cone = np.pi / 3 * (radius / 60.0) ** 2 * (58.0**3 - 5.8**3)
    assert one.curve.usable_m3[-1] == pytest.approx(cone, rel=0.01)
    assert one.borrow_m3 == one.curve.usable_m3[-1]
    assert sum("未核查" in note.zh for note in one.notes) >= 5


def test_demo_pits_are_not_laid_on_real_ground(facts):
    stack = stack_of(dem=pit(60.0), mines=MINE)
    frame = stack.require("abandoned_mine").data
    drawn = Layer("abandoned_mine", frame, SPECS["abandoned_mine"], Passport(synthetic=True))
    mixed = LayerStack(GRID, {**stack.layers, "abandoned_mine": drawn})
    survey = lakes_of(facts, mixed, {"lake.use_mines": 1})
    assert survey.lakes == ()
    assert "演示水面" in survey.refused[0].reason.zh


def test_shallow_ground_is_no_pit(facts):
    survey = lakes_of(facts, stack_of(dem=pit(8.0), mines=MINE), {"lake.use_mines": 1})
    assert survey.lakes == ()
    assert "不是坑" in survey.refused[0].reason.zh


# published anchors -----------------------------------------------------------------------


def test_c13_stands_in_the_register(facts):
    row = facts.conflicts.set_index("id").loc["C13"]
    assert {"464.9", "335.0", "598.5", "414"} <= set(re.findall(r"\d+\.?\d*", row["values"]))
    plant = facts.site("hydro-huanglongtan")
    for quantity, first, other in (
        ("active_volume_mm3", 464.9, 598.5), ("dead_volume_mm3", 335.0, 414.0),
    ):  # fmt: skip
        figure = plant.figure(quantity)
        assert (figure.value, [v.value for v in figure.variants]) == (first, [other])
        assert facts.site("psh-huanglongtan").figure(f"lower_{quantity}").value == first


def test_bailianhe():
    stored = energy.energy_gwh(16.63, 195.0, 0.9)
    assert stored == pytest.approx(7.95, abs=0.01)
    assert energy.hours(stored, 1200.0) == pytest.approx(6.6, abs=0.05)


def test_the_examples_hold():
    page = Path(__file__).parents[2] / "docs" / "methods" / "reservoirs.md"
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (failed, tried > 10) == (0, True)
    for module in (curve, dates, names, water, plan_words):
        failed, tried = doctest.testmod(module)
        assert (failed, tried > 0) == (0, True), module.__name__
