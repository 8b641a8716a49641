"""The stack on generated files: what each layer becomes, and why the others are absent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xarray as xr
import yaml
from affine import Affine

from geo.cog import write_cog
from geo.errors import (
    CrsError,
    InputError,
    NodataError,
    RasterError,
    Say,
    TableError,
    UnitError,
    VectorError,
)
from geo.grid import Grid
from geo.passport import Passport
from geo.sourced import Sourced
from layers import control, marks
from layers.catalog import open_catalog
from layers.contract import SPECS
from layers.csvfile import read_csv
from layers.layer import Layer, LayerStack
from layers.region import Region, load_region
from layers.stack import build_stack

GRID = Grid("EPSG:4546", Affine(30, 0, 500_000, 0, -30, 3_600_600), (20, 30))
SOURCE = {"title": "测试", "licence": "CC0-1.0", "grade": "B"}
RASTER = {"kind": "raster", "driver": {"name": "geotiff"}, "coverage": "valid_cells"}
VECTOR = {"kind": "vector", "driver": {"name": "ogr"}, "coverage": "region"}
COMMON = {"access": "user_supplied", "source": SOURCE}
Build = Callable[..., LayerStack]


def quiet(_: str) -> None:
    """Take a stage name and say nothing."""


def raster(path: Path, values: Any, grid: Grid = GRID, nodata: float = -9999.0) -> None:
    write_cog(path, np.asarray(values), grid, nodata=nodata)


def polygons(path: Path, *boxes: tuple[float, float, float, float], **columns: Any) -> None:
    shapes = [shapely.box(*box) for box in boxes]
    frame = gpd.GeoDataFrame(columns or {"name": ["x"] * len(boxes)}, geometry=shapes, crs=GRID.crs)
    frame.to_file(path, driver="GPKG", layer=path.stem)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Return a function that writes a catalog of entries and builds its stack."""
    ramp = np.linspace(100, 900, GRID.size, dtype=np.float32).reshape(GRID.shape)
    raster(tmp_path / "dem.tif", ramp)

    def run(entries: dict[str, Any] | None = None, **options: Any) -> LayerStack:
        every = {"dem": {**RASTER, "uri": "dem.tif"}, **(entries or {})}
        data = {
            "region": "terrain",
            "entries": {name: {**COMMON, **entry} for name, entry in every.items()},
        }
        text = yaml.dump(data, Dumper=NoAlias, allow_unicode=True, sort_keys=False)
        path = tmp_path / "own.yaml"
        path.write_text(text, encoding="utf-8")
        catalog = open_catalog(str(path))
        region = options.pop("region", None) or load_region("terrain", catalog)
        grid = options.pop("grid", None) or region.grid()
        return build_stack(catalog, region, grid, 1, options.pop("progress", quiet), **options)

    return run


class NoAlias(yaml.SafeDumper):
    """Writes shared values out, as a person would."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def test_dem_only(build: Build, tmp_path: Path) -> None:
    said: list[str] = []
    stack = build(progress=said.append)
    layer = stack.require("dem")
    assert layer.raster().dims == ("y", "x")
    assert layer.raster().dtype == np.float32
    assert layer.coverage is None  # the source covers the whole grid
    assert layer.passport.sources == ("dem",)
    assert layer.passport.licences == ("CC0-1.0",)
    assert not layer.passport.synthetic
    digest = hashlib.sha256((tmp_path / "dem.tif").read_bytes()).hexdigest()
    assert layer.passport.sha256 == (f"dem.tif={digest}",)
    assert set(stack.absent) == set(SPECS) - {"dem"}
    assert stack.absent["ghi"] == Say("目录中没有登记", "is not in the catalog")
    assert said == ["读取图层：高程"]


def test_scale_unit_and_coarse_mark(build: Build, tmp_path: Path) -> None:
    """kWh/m2/d in a 0.25 degree file become kWh/m2/a, flagged coarse."""
    grid = Grid("EPSG:4326", Affine(0.25, 0, 110.0, 0, -0.25, 33.5), (8, 8))
    raster(tmp_path / "ghi.tif", np.full((8, 8), 3.3, np.float32), grid)
    raster(tmp_path / "wind.tif", np.full((8, 8), 4.2, np.float32), grid, nodata=-999)
    scaled = {"unit": "kWh/m2/d", "scale": 365.25}
    stack = build(
        {
            "ghi": {**RASTER, "uri": "ghi.tif", "adapter": scaled},
            "wind_mean": {**RASTER, "uri": "wind.tif", "adapter": {"unit": "m/s"}},
        }
    )
    assert stack.require("ghi").raster().to_numpy() == pytest.approx(3.3 * 365.25, rel=1e-6)
    assert marks.is_coarse(stack.require("ghi"))
    assert marks.is_coarse(stack.require("wind_mean"))
    assert not marks.is_coarse(stack.require("dem"))
    with pytest.raises(UnitError, match=r"kWh/m2/d.*kWh/m2/a"):
        build({"ghi": {**RASTER, "uri": "ghi.tif", "adapter": {"unit": "kWh/m2/d"}}})
    with pytest.raises(RasterError, match="600"):
        build({"ghi": {**RASTER, "uri": "ghi.tif"}})


def test_classes_are_mapped_or_refused(build: Build, tmp_path: Path) -> None:
    codes = np.full(GRID.shape, 10, np.uint8)
    codes[:5] = 20
    codes[0, 0] = 0
    raster(tmp_path / "lc.tif", codes, nodata=0)
    entry = {**RASTER, "uri": "lc.tif"}
    stack = build({"land_cover": {**entry, "adapter": {"classes": {"10": 3, "20": 4}}}})
    data = stack.require("land_cover").raster().to_numpy()
    assert data.dtype == np.uint8
    assert (data[0, 0], data[0, 1], data[10, 0]) == (0, 4, 3)
    with pytest.raises(RasterError, match="unmapped classes 20"):
        build({"land_cover": {**entry, "adapter": {"classes": {"10": 3}}}})
    with pytest.raises(RasterError):
        build({"land_cover": entry})


def test_missing_cells_carry_the_contracts_nodata(build: Build, tmp_path: Path) -> None:
    values = np.full(GRID.shape, 40, np.uint8)
    values[3, 3] = 200
    raster(tmp_path / "s.tif", values, nodata=200)
    stack = build({"shrub_cover": {**RASTER, "uri": "s.tif"}})
    data = stack.require("shrub_cover").raster().to_numpy()
    assert (data[3, 3], data[0, 0]) == (255, 40)


def test_tiles_fill_each_other(build: Build, tmp_path: Path) -> None:
    for name, row in (("n", 0), ("s", 10)):
        raster(tmp_path / f"{name}.tif", np.full((10, 30), 5.0 + row, np.float32),
               GRID.window(row, 0, 10, 30))  # fmt: skip
    tiled = {**RASTER, "uri": "{t}.tif", "placeholders": {"t": ["n", "s"]}}
    layer = build({"wind_mean": tiled}).require("wind_mean")
    data = layer.raster().to_numpy()
    assert data[0, 0] == 5.0
    assert data[19, 0] == 15.0
    assert np.isfinite(data).all()
    assert layer.coverage is None
    assert len(layer.passport.sha256) == 2


def test_partial_raster_covers_only_its_extent(build: Build, tmp_path: Path) -> None:
    raster(tmp_path / "w.tif", np.full((20, 10), 5.0, np.float32), GRID.window(0, 0, 20, 10))
    layer = build({"wind_mean": {**RASTER, "uri": "w.tif"}}).require("wind_mean")
    assert layer.coverage is not None
    assert layer.coverage.area == pytest.approx(20 * 10 * 900)
    assert np.isnan(layer.raster().to_numpy()[:, 15]).all()


def test_missing_truncated_and_foreign_rasters(build: Build, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).random(GRID.shape, np.float32)
    raster(tmp_path / "good.tif", noise)
    raw = (tmp_path / "good.tif").read_bytes()
    for cut in (8, 200, len(raw) // 2, len(raw) - 40):
        (tmp_path / "cut.tif").write_bytes(raw[:cut])
        with pytest.raises(RasterError, match=r"cut\.tif"):
            build({"wind_mean": {**RASTER, "uri": "cut.tif"}})
    (tmp_path / "vrt.tif").write_text('<VRTDataset rasterXSize="1" rasterYSize="1"/>')
    with pytest.raises(RasterError, match=r"vrt\.tif"):
        build({"wind_mean": {**RASTER, "uri": "vrt.tif"}})
    with pytest.raises(RasterError, match=r"none\.tif: does not exist"):
        build({"wind_mean": {**RASTER, "uri": "none.tif"}})


def test_undeclared_nodata(build: Build, tmp_path: Path) -> None:
    values = np.full(GRID.shape, 5.0, np.float32)
    values[2:5] = -9999
    raster(tmp_path / "w.tif", values, nodata=-1.0)
    entry = {**RASTER, "uri": "w.tif"}
    with pytest.raises(NodataError, match=r"w\.tif.*-9999.*declare nodata"):
        build({"wind_mean": entry})
    data = build({"wind_mean": {**entry, "adapter": {"nodata": -9999}}}).require("wind_mean")
    assert np.isnan(data.raster().to_numpy()[2:5]).all()


def test_global_sources_reach_a_citys_projection(build: Build, tmp_path: Path) -> None:
    """The corners of a global file have no image in EPSG:4546; only the near part is moved."""
    world = Grid("EPSG:4326", Affine(2, 0, -180, 0, -2, 90), (90, 180))
    raster(tmp_path / "w.tif", np.full((90, 180), 5.0, np.float32), world)
    boxes = [shapely.box(110, 32, 112, 34), shapely.box(-80, -60, -70, -50)]
    frame = gpd.GeoDataFrame({"name": ["near", "far"]}, geometry=boxes, crs=4326)
    frame.to_file(tmp_path / "r.gpkg", driver="GPKG")
    stack = build(
        {
            "wind_mean": {**RASTER, "uri": "w.tif"},
            "eco_redline": {**VECTOR, "uri": "r.gpkg", "coverage": "extent"},
        }
    )
    assert stack.require("wind_mean").coverage is None
    assert stack.require("eco_redline").coverage is None
    assert stack.require("eco_redline").vector()["name"].tolist() == ["near"]


def test_raster_beside_the_region(build: Build, tmp_path: Path) -> None:
    far = Grid(GRID.crs, Affine(30, 0, 600_000, 0, -30, 3_700_000), (5, 5))
    raster(tmp_path / "w.tif", np.full((5, 5), 5.0, np.float32), far)
    with pytest.raises(RasterError, match="no valid cell in the region"):
        build({"wind_mean": {**RASTER, "uri": "w.tif"}})


def test_flipped_byte_is_found_by_its_checksum(build: Build, tmp_path: Path) -> None:
    raster(tmp_path / "w.tif", np.full(GRID.shape, 5.0, np.float32))
    raw = bytearray((tmp_path / "w.tif").read_bytes())
    source = {**SOURCE, "sha256": hashlib.sha256(raw).hexdigest()}
    build({"wind_mean": {**RASTER, "uri": "w.tif", "source": source}})
    raw[-1] ^= 1
    (tmp_path / "w.tif").write_bytes(raw)
    with pytest.raises(InputError, match=r"w\.tif.*another sha256"):
        build({"wind_mean": {**RASTER, "uri": "w.tif", "source": source}})


INSIDE = (500_030.0, 3_600_030.0, 500_300.0, 3_600_300.0)


def test_vector_is_renamed_typed_and_cut_to_the_contract(build: Build, tmp_path: Path) -> None:
    polygons(tmp_path / "w.gpkg", INSIDE, MC=["甲水源"], JB=["2"], other=[1.5])
    renamed = {"rename": {"MC": "name", "JB": "grade"}}
    entry = {**VECTOR, "uri": "w.gpkg", "adapter": renamed}
    layer = build({"water_source": entry}).require("water_source")
    frame = layer.vector()
    assert list(frame.columns) == ["name", "grade", "geometry"]
    assert frame["grade"].tolist() == [2]
    assert layer.coverage is None  # terrain: the region is the whole box
    for rename in ({}, {"MC": "name"}, {"XX": "name", "JB": "grade"}):
        with pytest.raises(TableError, match=r"w\.gpkg.*lacks the columns"):
            build({"water_source": {**entry, "adapter": {"rename": rename}}})
    polygons(tmp_path / "w.gpkg", INSIDE, MC=["甲"], JB=["二级"])
    with pytest.raises(TableError, match=r"grade, row 1: '二级'"):
        build({"water_source": entry})


def test_vector_faults(build: Build, tmp_path: Path) -> None:
    entry = {**VECTOR, "uri": "r.gpkg"}
    polygons(tmp_path / "r.gpkg")
    with pytest.raises(VectorError, match=r"r\.gpkg.*empty layer"):
        build({"eco_redline": entry})
    polygons(tmp_path / "r.gpkg", INSIDE)
    with pytest.raises(VectorError, match="wanted line"):
        build({"road": {**entry, "adapter": {}}})
    with pytest.raises(CrsError, match="catalog says EPSG:32649"):
        build({"eco_redline": {**entry, "crs": "EPSG:32649"}})
    raw = (tmp_path / "r.gpkg").read_bytes()
    (tmp_path / "r.gpkg").write_bytes(raw[: len(raw) // 2])
    with pytest.raises(VectorError, match=r"r\.gpkg"):
        build({"eco_redline": entry})
    frame = gpd.GeoDataFrame({"name": ["x"]}, geometry=[shapely.box(*INSIDE)], crs=GRID.crs)
    frame.to_file(tmp_path / "nocrs.shp")
    (tmp_path / "nocrs.prj").unlink()
    with pytest.raises(CrsError, match=r"nocrs\.shp.*declares no CRS"):
        build({"eco_redline": {**entry, "uri": "nocrs.shp"}})
    declared = {**entry, "uri": "nocrs.shp", "crs": "EPSG:4546"}
    assert len(build({"eco_redline": declared}).require("eco_redline").vector()) == 1


def test_repairs_are_told(build: Build, tmp_path: Path) -> None:
    x, y = INSIDE[:2]
    bow = shapely.Polygon([(x, y), (x + 90, y + 90), (x + 90, y), (x, y + 90)])
    frame = gpd.GeoDataFrame({"name": ["x"]}, geometry=[bow], crs=GRID.crs)
    frame.to_file(tmp_path / "r.gpkg", driver="GPKG")
    layer = build({"eco_redline": {**VECTOR, "uri": "r.gpkg"}}).require("eco_redline")
    assert layer.vector().area.sum() == pytest.approx(90 * 90 / 2)
    assert layer.notes


def test_features_far_away_are_dropped(build: Build, tmp_path: Path) -> None:
    polygons(tmp_path / "r.gpkg", INSIDE, (700_000.0, 3_600_000.0, 700_100.0, 3_600_100.0))
    layer = build({"eco_redline": {**VECTOR, "uri": "r.gpkg"}}).require("eco_redline")
    assert len(layer.vector()) == 1
    polygons(tmp_path / "r.gpkg", (700_000.0, 3_600_000.0, 700_100.0, 3_600_100.0))
    layer = build({"eco_redline": {**VECTOR, "uri": "r.gpkg"}}).require("eco_redline")
    assert layer.vector().empty
    assert layer.vector().crs == GRID.crs
    assert "no feature in the region" in layer.notes[0]
    assert layer.coverage is not None
    assert layer.coverage.is_empty  # a file of another place: unknown, never clear
    assert "r.gpkg" in layer.notes[1]
    assert "counts as unknown" in layer.notes[1]


def test_coverage_by_polygons_extent_and_presence(build: Build, tmp_path: Path) -> None:
    polygons(tmp_path / "r.gpkg", INSIDE)
    survey = (500_000.0, 3_600_000.0, 500_450.0, 3_600_600.0)
    polygons(tmp_path / "s.gpkg", survey)
    redline = {**VECTOR, "uri": "r.gpkg"}
    stack = build(
        {
            "eco_redline": {**redline, "coverage": "survey"},
            "survey": {**VECTOR, "uri": "s.gpkg", "layer": "coverage"},
            "nature_park": {**redline, "coverage": "extent", "completeness": "presence_only",
                            "adapter": {"rename": {}}, "layer": "permanent_farmland"},
        }
    )  # fmt: skip
    covered = stack.require("eco_redline").coverage
    assert covered is not None
    assert covered.bounds == survey
    farmland = stack.require("permanent_farmland")
    assert farmland.coverage is not None
    assert farmland.coverage.bounds == INSIDE
    assert farmland.completeness == "presence_only"
    assert farmland.passport.proxy
    assert "survey" not in stack


def test_exported_demo_data_stay_synthetic(build: Build, tmp_path: Path) -> None:
    polygons(tmp_path / "红线_演示.gpkg", INSIDE)
    entry = {**VECTOR, "uri": "红线_演示.gpkg"}
    assert build({"eco_redline": entry}).require("eco_redline").passport.synthetic
    (tmp_path / "红线_演示.gpkg").rename(tmp_path / "r.gpkg")  # its layer keeps the name
    entry = {**VECTOR, "uri": "r.gpkg"}
    assert build({"eco_redline": entry}).require("eco_redline").passport.synthetic
    polygons(tmp_path / "s.gpkg", INSIDE, name=["x"], synthetic=[True])
    entry = {**VECTOR, "uri": "s.gpkg"}
    assert build({"eco_redline": entry}).require("eco_redline").passport.synthetic
    polygons(tmp_path / "t.gpkg", INSIDE, name=["x"], synthetic=[False])
    entry = {**VECTOR, "uri": "t.gpkg"}
    assert not build({"eco_redline": entry}).require("eco_redline").passport.synthetic
    raster(tmp_path / "风_演示.tif", np.full(GRID.shape, 5.0, np.float32))
    entry = {**RASTER, "uri": "风_演示.tif"}
    assert build({"wind_mean": entry}).require("wind_mean").passport.synthetic


def test_absent_files(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {**VECTOR, "uri": "none.gpkg"}
    with pytest.raises(VectorError, match=r"none\.gpkg: does not exist"):
        build({"eco_redline": entry})
    stack = build({"eco_redline": {**entry, "optional": True}})
    assert "none.gpkg" in stack.absent["eco_redline"].zh


def stub_scene(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> list[int]:
    """Register a scene of two layers; return the list of seeds it was called with."""
    calls: list[int] = []

    def scene(grid: Grid, region: Region, seed: int, progress: Any) -> dict[str, Layer]:
        calls.append(seed)
        made = Passport(sources=("stub",), synthetic=True)
        data = xr.DataArray(np.full(grid.shape, 50, np.uint8), dims=("y", "x"))
        line = shapely.LineString([INSIDE[:2], INSIDE[2:]])
        road = gpd.GeoDataFrame({"name": ["x"], "class": ["county"]}, geometry=[line], crs=grid.crs)
        layers = {
            "shrub_cover": Layer("shrub_cover", data, SPECS["shrub_cover"], made),
            "road": Layer("road", road, SPECS["road"], made),
        }
        return {name: replace(layer, **changes) for name, layer in layers.items()}

    module = ModuleType("layers.demo.scene")
    module.build = scene  # type: ignore[attr-defined]
    import layers.demo

    monkeypatch.setitem(__import__("sys").modules, "layers.demo.scene", module)
    monkeypatch.setattr(layers.demo, "scene", module, raising=False)
    return calls


SYNTHETIC = {"kind": "synthetic", "driver": {"name": "demo"}, "access": "bundled"}


def test_scene_runs_once_and_only_when_asked(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = stub_scene(monkeypatch)
    both = {"shrub_cover": SYNTHETIC, "road": SYNTHETIC}
    assert "shrub_cover" not in build(both, only=("dem",))
    assert calls == []
    stack = build(both)
    assert calls == [1]
    assert stack.require("road").passport.synthetic
    with pytest.raises(InputError, match="no such layer"):
        build({"river": SYNTHETIC})


def test_stand_in_is_said(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    stub_scene(monkeypatch)
    layer = build({"road": {**VECTOR, "uri": "none.gpkg", "stand_in": "demo"}}).require("road")
    assert layer.passport.synthetic
    assert layer.notes[0].startswith(marks.STAND_IN)
    assert "none.gpkg" in layer.notes[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"passport": Passport()},
        {"spec": SPECS["dem"]},
        {"data": xr.DataArray(np.zeros((3, 3), np.uint8), dims=("y", "x"))},
    ],
)
def test_generator_must_keep_the_contract(
    build: Build, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    stub_scene(monkeypatch, **changes)
    with pytest.raises(InputError):
        build({"shrub_cover": SYNTHETIC})


def table(path: Path, encoding: str) -> None:
    text = "stratum,species_group,origin,land_class,age,面积,volume_m3\n"
    text += "马尾松天然林,马尾松,natural,乔木,30,12.5,800\n"
    path.write_bytes(text.encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_table_in_any_encoding(build: Build, tmp_path: Path, encoding: str) -> None:
    table(tmp_path / "f.csv", encoding)
    entry = {"kind": "table", "driver": {"name": "csv"}, "uri": "f.csv",
             "adapter": {"rename": {"面积": "area_ha"}}}  # fmt: skip
    frame = build({"forest_strata": entry}).require("forest_strata").table()
    assert list(frame.columns) == list(SPECS["forest_strata"].columns)
    assert frame.iloc[0].tolist() == ["马尾松天然林", "马尾松", "natural", "乔木", 30, 12.5, 800.0]
    table(tmp_path / "f.csv", "utf-16-le")  # no byte-order mark: must be told
    with pytest.raises(TableError, match=r"f\.csv"):
        build({"forest_strata": entry})
    told = {"name": "csv", "options": {"encoding": "utf-16-le"}}
    assert "forest_strata" in build({"forest_strata": {**entry, "driver": told}})


def test_table_faults(build: Build, tmp_path: Path) -> None:
    entry = {"kind": "table", "driver": {"name": "csv"}, "uri": "f.csv"}
    table(tmp_path / "f.csv", "utf-8")
    with pytest.raises(TableError, match=r"f\.csv.*area_ha"):
        build({"forest_strata": entry})
    for content in (b"", b"stratum,age\n", b'a,"b\n1,2,3\n'):
        (tmp_path / "f.csv").write_bytes(content)
        with pytest.raises(TableError, match=r"f\.csv"):
            build({"forest_strata": entry})


def redline(km2: float, coverage: Any = None) -> tuple[Layer, Region]:
    side = 100_000.0
    box = shapely.box(450_000, 3_550_000, 450_000 + side, 3_550_000 + side)
    part = shapely.box(450_000, 3_550_000, 450_000 + km2 * 1e6 / side, 3_550_000 + side)
    county = gpd.GeoDataFrame({"code": ["1"], "name": ["x"]}, geometry=[box], crs=GRID.crs)
    region = Region("t", Say("甲", "a"), GRID.crs, box, county, None, "shiyan", 90.0)
    frame = gpd.GeoDataFrame({"name": ["r"]}, geometry=[part], crs=GRID.crs)
    return Layer("eco_redline", frame, SPECS["eco_redline"], Passport(), coverage), region


def test_control_total_of_the_red_line() -> None:
    total = Sourced(7721.62, "km2", "S2", grade="A-text")
    whole, region = redline(7722.0)
    assert control.area_km2(whole, region) == pytest.approx(7722.0, rel=2e-4)
    assert control.check_total(whole, region, total, "legal") == ""
    short, region = redline(7000.0)
    note = control.check_total(short, region, total, "explore")
    assert note.startswith(marks.CONTROL)
    assert "7,721.62" in note
    with pytest.raises(InputError, match=r"below the published 7,721\.62"):
        control.check_total(short, region, total, "legal")
    part, region = redline(7000.0, shapely.box(450_000, 3_550_000, 530_000, 3_650_000))
    assert control.check_total(part, region, total, "legal") == ""  # covers a part only


def test_control_total_is_not_asked_of_a_window(build: Build, tmp_path: Path) -> None:
    polygons(tmp_path / "r.gpkg", INSIDE)
    _, region = redline(1.0)
    entry = {"eco_redline": {**VECTOR, "uri": "r.gpkg"}}
    layer = build(entry, region=region, grid=GRID, mode="legal").require("eco_redline")
    assert not any(note.startswith(marks.CONTROL) for note in layer.notes)
    whole = region.grid(1000.0)
    layer = build(entry, region=region, grid=whole).require("eco_redline")
    assert layer.notes[-1].startswith(marks.CONTROL)
    with pytest.raises(InputError, match="eco_redline"):
        build(entry, region=region, grid=whole, mode="legal")


def test_empty_coverage_is_an_error(build: Build, tmp_path: Path) -> None:
    """It would turn the whole layer into unknown without a word."""
    polygons(tmp_path / "r.gpkg", INSIDE)
    polygons(tmp_path / "s.gpkg", INSIDE)
    one = gpd.read_file(tmp_path / "s.gpkg")
    one[:0].to_file(tmp_path / "s.gpkg", driver="GPKG", layer="s", geometry_type="Polygon")
    entries = {
        "eco_redline": {**VECTOR, "uri": "r.gpkg", "coverage": "survey"},
        "survey": {**VECTOR, "uri": "s.gpkg", "layer": "coverage"},
    }
    with pytest.raises(InputError) as caught:
        build(entries)
    assert "s.gpkg" in caught.value.line("zh") or "own.yaml" in caught.value.line("zh")


@pytest.mark.parametrize("rename", [{"MC": "name"}, {"MC": "name", "XM": "name"}])
def test_renaming_onto_a_column_that_is_there(
    build: Build, tmp_path: Path, rename: dict[str, str]
) -> None:
    polygons(tmp_path / "r.gpkg", INSIDE, name=["a"], MC=["b"], XM=["c"])
    entry = {**VECTOR, "uri": "r.gpkg", "adapter": {"rename": rename}}
    with pytest.raises(TableError, match="two columns called name") as caught:
        build({"eco_redline": entry})
    assert "r.gpkg" in caught.value.line("zh")


def test_rows_longer_than_the_header_do_not_shift_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("age,area_ha\n1,2,3\n4,5,6\n", encoding="utf-8")
    with pytest.raises(TableError, match="more values than the header") as caught:
        read_csv(path)
    assert "t.csv" in caught.value.line("zh")
