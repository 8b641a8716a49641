"""A study passes on what the law says: what-ifs, county rules, facilities, overlaps."""

from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from affine import Affine
from shapely.geometry import box

from geo.errors import OptionError, Say
from geo.grid import Grid
from geo.passport import Passport
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from layers.region import Region
from siting.law.ledger import ledger
from siting.law.terms import Component, Technology
from siting.study import study

CRS = "EPSG:4546"
DAY = date(2026, 11, 22)
N, CELL = 60, 90.0
GRID = Grid(CRS, Affine(CELL, 0, 450_000, 0, -CELL, 3_600_000), (N, N))
WEST, SOUTH, EAST, NORTH = GRID.bounds
HALF = (WEST + EAST) / 2
PASSPORT = Passport(sources=("T",), grade="prior", synthetic=True)
OVERRIDE = """title: {zh: 测试, en: test}
counties: {}
sources:
  S-1: {title: 某县文件（测试用）, locator: none, grade: A}
overrides:
  - id: FX-1
    county: "420325"
    rule: R-09
    change: "off"
    reason: {zh: 测试理由, en: a reason}
    instrument: {zh: 房县测试文件, en: paper of the test}
    clause: 第一条
    valid_from: 2026-01-01
    grade: A
    sources: [S-1]
"""


def stack_of(**vectors):
    dem = np.full((N, N), 500.0, np.float32)
    cover = np.full((N, N), 8, np.uint8)
    cover[:20] = 1  # the north is arable
    layers = {}
    for name, values in (("dem", dem), ("land_cover", cover)):
        data = xr.DataArray(values, dims=("y", "x"))
        layers[name] = Layer(name, data, SPECS[name], PASSPORT)
    counties = [
        {"code": "420325", "name": "房县", "geometry": box(WEST, SOUTH, HALF, NORTH)},
        {"code": "420323", "name": "竹山县", "geometry": box(HALF, SOUTH, EAST, NORTH)},
    ]
    for name, rows in {"counties": counties, **vectors}.items():
        frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)
        layers[name] = Layer(name, frame, SPECS[name], PASSPORT)
    absent = {name: Say("无", "none") for name in SPECS if name not in layers}
    return LayerStack(GRID, layers, absent)


def run(stack, **options):
    frame = stack.require("counties").vector()
    outline = box(*GRID.bounds)
    region = Region("t", Say("试", "t"), CRS, outline, frame, "hubei", None, CELL)
    return study(stack, region, DAY, **options)


def texts(said):
    return "\n".join(one.zh for one in said)


@pytest.fixture(scope="module")
def plain():
    return run(stack_of())


def test_what_if_is_on_the_first_page(plain):
    corridor = {"plan_corridor": [{"name": "a", "geometry": box(WEST, SOUTH, HALF, NORTH)}]}
    found = run(stack_of(**corridor), what_if=["corridor"])
    assert found.ruleset.what_if == ("corridor",)
    assert found.warnings[0].zh == "假设情景，非现行法律：corridor，2 条规则"
    assert "假设情景" not in texts(plain.warnings)
    assert not any("假设情景" in one.zh for one in found.undecided)


def test_no_what_if_in_legal_mode():
    with pytest.raises(OptionError, match="legal mode"):
        run(stack_of(), mode="legal", what_if=["corridor"])
    with pytest.raises(OptionError, match="is no scenario"):
        run(stack_of(), what_if=["rivers"])


def test_county_rule_frees_its_county_and_is_told(plain, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(OVERRIDE, encoding="utf-8")
    found = run(stack_of(), overrides=path)
    before, after = (s.technologies[Technology.PV].county for s in (plain, found))
    assert [row.id for row in found.ruleset.overrides] == ["FX-1"]
    assert "房县：R-09 不适用" in texts(found.warnings)
    arable = 19 * (N / 2 - 1) * CELL**2  # the grid's rim has no slope
    grown = (after["eligible_m2"] - before["eligible_m2"]).tolist()
    assert grown[0] == pytest.approx(arable, rel=1e-3)
    assert grown[1] == 0
    limits = found.parameters
    assert limits == plain.parameters


def test_parameters_and_overrides_are_two_things(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(OVERRIDE, encoding="utf-8")
    found = run(stack_of(), overrides=path, parameters={"pv_slope_max_deg": 20.0})
    assert found.parameters.pv_slope_max_deg == 20.0
    assert found.ruleset.overrides


def test_protected_areas_that_overlap_are_warned_of_and_undecided(plain):
    def area(left):
        return box(WEST + left, SOUTH, WEST + left + 900, SOUTH + 900)

    stack = stack_of(
        nature_reserve=[{"name": "甲", "zone": "core", "level": "x", "geometry": area(0)}],
        nature_park=[{"name": "乙", "level": "x", "geometry": area(450)}],
    )
    found = run(stack)
    for said in (found.warnings, found.undecided):
        assert "自然保护区“甲”核心保护区与自然公园“乙”重叠" in texts(said)
        assert "第859条" in texts(said)
    assert "859" not in texts(plain.warnings)


def test_ground_of_a_plant_is_exempt_for_it_and_no_land_for_another(plain):
    west = box(WEST, NORTH - 900, WEST + 1800, NORTH)
    row = {
        "name": "演示光伏", "technology": "pv", "component": "pv_array", "status": "built",
        "approved": "", "passed": "R-09", "geometry": west,
    }  # fmt: skip
    found = run(stack_of(facility=[row]))
    before, after = (s.technologies[Technology.PV] for s in (plain, found))
    assert after.eligible_m2 == before.eligible_m2
    assert after.sites["area_km2"].tolist() == before.sites["area_km2"].tolist()
    assert after.county["eligible_m2"].tolist() == before.county["eligible_m2"].tolist()
    free = after.county["clear_m2"] + after.county["approval_m2"]
    np.testing.assert_allclose(free, after.county["eligible_m2"])
    book = ledger(found.table, after.new_works[Component.PV_ARRAY], found.counties)
    assert book.totals["eligible_m2"].sum() == pytest.approx(after.eligible_m2, rel=1e-9)
    array = after.judgements[Component.PV_ARRAY]
    here = [i for i, rules in enumerate(array.exempt) if rules]
    assert here
    assert all("已建/已核准设施，免于 1 项" in array.text(i).zh for i in here)
    area = found.table.area_m2[1:, here].sum()
    assert area == pytest.approx(900 * 1800, rel=0.01)
    assert "光伏：1.6" in texts(found.warnings)
    assert "扩建不免" in texts(found.warnings)
    wind = found.technologies[Technology.WIND].footprint
    assert not any(wind.exempt)
