"""``shiyan catalog add``: what it understands, what it writes, and what it never overwrites."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely
from click.testing import CliRunner, Result

from atlas.cli import cli
from geo.errors import CatalogError, ShiyanError, VectorError
from layers.catalog import open_catalog


@pytest.fixture
def files(bureau_delivery: Path, tmp_path: Path) -> Path:
    """A copy of the delivery in which a catalog may be written."""
    return shutil.copytree(bureau_delivery, tmp_path / "送审 数据")


def add(folder: Path, name: str, *words: str, **kept: Any) -> Result:
    words = ("catalog", "add", str(folder / name), "--catalog", str(folder / "my.yaml"), *words)
    return CliRunner().invoke(cli, words, catch_exceptions=True, **kept)


def done(folder: Path, name: str, *words: str) -> str:
    result = add(folder, name, "--yes", *words)
    assert result.exception is None, result.exception
    return result.output


def refused(folder: Path, name: str, *words: str) -> ShiyanError:
    result = add(folder, name, "--yes", *words)
    assert isinstance(result.exception, ShiyanError), (result.output, result.exception)
    assert "\n" not in result.exception.line("zh")
    return result.exception


def test_it_says_what_it_understood(files: Path) -> None:
    said = done(files, "三区三线下发版.gdb", "--as", "eco_redline")
    for fact in (
        "陆域生态保护红线", "OpenFileGDB", "EPSG:4525（文件声明）", "km²，合", "万亩", "另有：",
        "永久基本农田", "sha256", "按全市", "文字可读，含县名", "my.yaml",
    ):  # fmt: skip
        assert fact in said, fact
    entry = open_catalog(str(files / "my.yaml")).entries["eco_redline"]
    assert entry.driver.options.layer == "陆域生态保护红线"
    assert entry.coverage == "region"
    assert entry.crs == "EPSG:4525"
    assert entry.source.sha256


def test_written_catalog_passes_its_check(files: Path) -> None:
    done(files, "三区三线下发版.gdb", "--as", "eco_redline")
    done(files, "水源地.shp", "--as", "water_source")
    done(files, "郧西县林地小班.shp", "--acquired", "2023-12-31")
    lines = open_catalog(str(files / "my.yaml")).check()
    assert [line for line in lines if line.state == "error"] == []
    states = {line.layer: line.state for line in lines}
    assert states["eco_redline"] == "ok"
    assert states["water_source"] == "ok"
    assert states["nature_reserve"] == "missing"  # taken over from the bureau's profile
    result = CliRunner().invoke(cli, ["catalog", "check", "--data", str(files / "my.yaml")])
    assert result.exit_code == 0, result.output


def test_a_shapefile_without_cpg_and_prj(files: Path) -> None:
    said = done(files, "水源地.shp", "--as", "water_source")
    assert "EPSG:4525（东坐标 37," in said
    assert "西安80" in said
    assert "字段 名称 读作 name" in said
    entry = open_catalog(str(files / "my.yaml")).entries["water_source"]
    assert entry.adapter.values["grade"] == {"一级": 1, "二级": 2, "准保护区": 3}
    assert entry.crs == "EPSG:4525"


def test_one_file_of_sub_compartments_feeds_several_layers(files: Path) -> None:
    said = done(files, "郧西县林地小班.shp", "--acquired", "2023-12-31")
    catalog = open_catalog(str(files / "my.yaml"))
    assert set(catalog.own) == {
        "counties_420322", "public_forest", "forest_grade", "natural_forest", "shrub_cover",
    }  # fmt: skip
    assert "只有 郧西县 的小班，不能当作全市的森林" in said
    assert "只对 郧西县 有效，其余县市区按未知计" in said
    assert catalog.entries["public_forest"].coverage == "counties_420322"
    assert catalog.entries["shrub_cover"].kind == "raster"


def test_without_a_year_there_are_no_strata(files: Path) -> None:
    whole = ("--coverage", "region", "--replace")
    said = done(files, "郧西县林地小班.shp", *whole)
    assert "不能给出 forest_strata：不知道小班的年度" in said
    assert "forest_strata" not in open_catalog(str(files / "my.yaml")).own
    done(files, "郧西县林地小班.shp", "--acquired", "2023-12-31", *whole)
    assert "forest_strata" in open_catalog(str(files / "my.yaml")).own


def test_several_layers_stop_with_a_list(files: Path) -> None:
    error = refused(files, "三区三线下发版.gdb")
    assert isinstance(error, VectorError)
    assert error.exit_code == 3
    for name in ("陆域生态保护红线", "永久基本农田", "城镇开发边界"):
        assert name in error.line("zh")
    assert "--layer" in error.cure.zh
    assert not (files / "my.yaml").exists()


def test_nothing_is_written_without_consent(files: Path) -> None:
    result = add(files, "水源地.shp", "--as", "water_source")
    assert result.exit_code == 0
    assert "没有写入" in result.output
    assert "water_source:" in result.output  # the entry is printed all the same
    assert not (files / "my.yaml").exists()


def test_json_says_the_same(files: Path) -> None:
    result = add(files, "水源地.shp", "--as", "water_source", "--json", "--yes")
    answer = json.loads(result.output)
    assert answer["schema"] == "shiyan-atlas/catalog-add/1"
    assert answer["written"] is True
    assert answer["crs"] == "EPSG:4525"
    assert [one["layer"] for one in answer["entries"]] == ["water_source"]


def test_an_entry_is_never_overwritten_unasked(files: Path) -> None:
    done(files, "水源地.shp", "--as", "water_source")
    path = files / "my.yaml"
    text = path.read_text(encoding="utf-8") + "# 手写的注释\n"
    path.write_text(text, encoding="utf-8")
    error = refused(files, "水源地.shp", "--as", "water_source")
    assert isinstance(error, CatalogError)
    assert "--replace" in error.cure.zh
    assert path.read_text(encoding="utf-8") == text
    done(files, "水源地.shp", "--as", "water_source", "--replace", "--acquired", "2024-05-01")
    again = path.read_text(encoding="utf-8")
    assert again.count("water_source:") == 1
    assert "# 手写的注释" in again
    assert open_catalog(str(path)).entries["water_source"].acquired == "2024-05-01"


def test_a_file_outside_the_catalogs_folder(files: Path, tmp_path: Path) -> None:
    words = ["catalog", "add", str(files / "水源地.shp"), "--as", "water_source", "--yes",
             "--catalog", str(tmp_path / "elsewhere" / "my.yaml")]  # fmt: skip
    result = CliRunner().invoke(cli, words)
    assert isinstance(result.exception, CatalogError)
    assert f"--catalog {files / 'my.yaml'}" in result.exception.cure.zh


def test_a_catalog_of_several_profiles_is_left_alone(files: Path) -> None:
    text = "profiles:\n  a:\n    region: shiyan\n    entries: {}\n"
    (files / "my.yaml").write_text(text, encoding="utf-8")
    error = refused(files, "水源地.shp", "--as", "water_source")
    assert "单一配置" in error.what.zh
    assert (files / "my.yaml").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--as", "eco_redlin"), "eco_redline"),
        (("--column", "x"), "--column"),
        (("--value", "A=1"), "--value"),
        (("--as", "water_source", "--coverage", "999999"), "420322"),
        (("--as", "water_source", "--crs", "4547"), "CRS"),
        (("--as", "water_source", "--datum", "Xian80"), "CGCS2000"),
    ],
)
def test_bad_words_are_named(files: Path, words: tuple[str, ...], said: str) -> None:
    assert said in refused(files, "水源地.shp", *words).line("zh")
    assert not (files / "my.yaml").exists()


def test_a_red_line_that_falls_short_is_said_before_it_is_written(files: Path) -> None:
    result = add(files, "三区三线下发版.gdb", "--as", "eco_redline")
    assert "! 面积" in result.output
    assert "低于公布的 7,721.62 km²" in result.output
    answer = json.loads(add(files, "三区三线下发版.gdb", "--as", "eco_redline", "--json").output)
    assert "7,721.62" in answer["warnings"][0]
    assert answer["written"] is False


def test_a_files_text_does_not_drive_the_terminal(files: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"分区": ["\x1b[2J核心"]}, geometry=[shapely.box(110.2, 33.0, 110.3, 33.1)], crs=4490
    )
    pyogrio.write_dataframe(frame, files / "保护区.gpkg")
    said = done(files, "保护区.gpkg", "--as", "nature_reserve")
    assert "?[2J核心 没有对应" in said
    assert "\x1b" not in said
    open_catalog(str(files / "my.yaml"))
