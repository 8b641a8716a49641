"""Optional columns of a layer, from the bureau's file to the stack, and dates of filling."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from affine import Affine

from geo.cog import write_cog
from geo.errors import CatalogError, OptionError, TableError
from geo.grid import Grid
from layers.bureau.understand import Wish
from layers.catalog import open_catalog, prepare
from layers.contract import SPECS
from layers.layer import LayerStack
from layers.region import load_region
from layers.stack import build_stack

GRID = Grid("EPSG:4525", Affine(30, 0, 37_430_000, 0, -30, 3_656_000), (200, 200))
BOX = shapely.box(37_430_600, 3_650_600, 37_433_000, 3_653_000)
EAST = shapely.affinity.translate(BOX, 2500, 0)
COMMON = {"access": "user_supplied", "source": {"title": "测试", "licence": "CC0-1.0"}}


def write(path: Path, **columns: Any) -> None:
    frame = gpd.GeoDataFrame(columns, geometry=[BOX, EAST], crs=GRID.crs)
    pyogrio.write_dataframe(frame, path)


def read(folder: Path, adapter: dict[str, Any] | None = None, **fields: Any) -> LayerStack:
    write_cog(folder / "dem.tif", np.full(GRID.shape, 240.0, np.float32), GRID, nodata=-9999.0)
    lakes = {"kind": "vector", "driver": {"name": "ogr"}, "uri": "lakes.gpkg", "coverage": "region"}
    dem = {"kind": "raster", "driver": {"name": "geotiff"}, "uri": "dem.tif", "acquired": "2013"}
    entries = {
        "dem": COMMON | dem | {"coverage": "valid_cells"},
        "reservoir": COMMON | lakes | {"adapter": adapter or {}} | fields,
    }
    path = folder / "own.yaml"
    # JSON is YAML without anchors
    text = json.dumps({"region": "terrain", "entries": entries}, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    catalog = open_catalog(str(path))
    region = load_region("terrain", catalog)
    return build_stack(catalog, region, region.grid(), 1, lambda _: None)


def test_optional_columns_come_through_where_the_file_has_them(tmp_path: Path) -> None:
    write(tmp_path / "lakes.gpkg", name=["甲", "乙"], 水位=[247.0, None], x=[1, 2])
    stack = read(tmp_path, {"rename": {"水位": "npl_m"}, "fill": {"owner": "某局"}})
    frame = stack.require("reservoir").vector()
    assert list(frame.columns) == ["name", "npl_m", "owner", "geometry"]
    assert frame["npl_m"].tolist()[0] == 247.0
    assert np.isnan(frame["npl_m"].tolist()[1])
    assert frame["owner"].tolist() == ["某局", "某局"]
    assert stack.require("dem").passport.as_of == "2013"


def test_a_file_with_names_only_is_as_good_as_before(tmp_path: Path) -> None:
    write(tmp_path / "lakes.gpkg", name=["甲", "乙"])
    assert list(read(tmp_path).require("reservoir").vector().columns) == ["name", "geometry"]


def test_an_optional_number_must_be_one(tmp_path: Path) -> None:
    write(tmp_path / "lakes.gpkg", name=["甲", "乙"], npl_m=["247 m", "248"])
    with pytest.raises(TableError, match="npl_m, row 1"):
        read(tmp_path)


def test_dates_of_the_catalog_fill_what_the_file_leaves_open(tmp_path: Path) -> None:
    write(tmp_path / "lakes.gpkg", name=["甲", "乙"], impounded=["1974", ""])
    layer = read(tmp_path, impounded={"甲": "2001", "乙": "2011-09-08", "丙": "2020"}).require(
        "reservoir"
    )
    assert layer.vector()["impounded"].tolist() == ["1974", "2011-09-08"]
    assert any("丙" in note for note in layer.notes)
    write(tmp_path / "lakes.gpkg", name=["甲", "乙"])
    layer = read(tmp_path, impounded={"乙": "2011"}).require("reservoir")
    assert layer.vector()["impounded"].tolist() == ["", "2011"]


def test_dates_belong_to_reservoirs_and_are_dates(tmp_path: Path) -> None:
    write(tmp_path / "lakes.gpkg", name=["甲", "乙"])
    with pytest.raises(CatalogError, match="is no date"):
        read(tmp_path, impounded={"甲": "去年"})
    with pytest.raises(CatalogError, match="belongs to the layer of reservoirs"):
        read(tmp_path, layer="river", impounded={"甲": "2011"})


def test_the_demo_catalog_holds_the_published_day() -> None:
    entry = open_catalog("demo").entries["reservoir"]
    assert entry.impounded == {"潘口水库": "2011-09-08"}


def plan(path: Path, **wish: Any) -> Any:
    (one,) = prepare(path, path.parent / "my.yaml", Wish(layer="reservoir", **wish)).planned
    return one


def test_the_bureaus_headings_are_read_and_volumes_are_never_guessed(tmp_path: Path) -> None:
    path = tmp_path / "水库.gpkg"
    write(path, 名称=["甲", "乙"], 正常蓄水位=[247.0, 248.0], 死水位=[226.0, 227.0],
          总库容=[1.0, 2.0], 管理单位=["局", "局"])  # fmt: skip
    one = plan(path)
    assert one.adapter["rename"] == {
        "名称": "name", "正常蓄水位": "npl_m", "死水位": "dead_m", "管理单位": "owner",
    }  # fmt: skip
    told = plan(path, columns={"总库容": "total_mm3"}, fill={"plant": "hydro-pankou"})
    assert told.adapter["rename"]["总库容"] == "total_mm3"
    assert told.adapter["fill"] == {"plant": "hydro-pankou"}
    with pytest.raises(OptionError, match="no column npl"):
        plan(path, fill={"npl": "1"})


def test_two_headings_for_one_column_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "水库.gpkg"
    write(path, 名称=["甲", "乙"], 权属单位=["一", "二"], 管理单位=["局", "局"])
    with pytest.raises(TableError, match="may all be owner"):
        plan(path)
    assert plan(path, columns={"权属单位": "owner"}).adapter["rename"]["权属单位"] == "owner"


def test_kinds_of_columns() -> None:
    spec = SPECS["reservoir"]
    assert (spec.kind_of("name"), spec.kind_of("npl_m"), spec.kind_of("x")) == (
        "str", "float", None,
    )  # fmt: skip
    assert not set(spec.columns) & set(spec.optional)
