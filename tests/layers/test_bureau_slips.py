"""Slips of the person at the keyboard: none of them may turn into ground that counts as known."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geo.errors import DatumError, OptionError, TableError, VectorError
from layers.bureau.understand import Wish
from layers.catalog import prepare, write
from layers.catalog.add import Addition

ZONE_37 = "EPSG:4525"
#: Well inside 郧西县.
BOX = shapely.box(37_430_000, 3_650_000, 37_436_000, 3_656_000)
EAST = shapely.affinity.translate(BOX, 7000, 0)


def layer(*shapes: shapely.Geometry, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=ZONE_37)


def look(path: Path, frame: gpd.GeoDataFrame, **wish: Any) -> Addition:
    if not path.exists():
        pyogrio.write_dataframe(frame, path)
    return prepare(path, path.parent / "my.yaml", Wish(**wish))


def said(addition: Addition) -> str:
    return "".join(say.zh for one in addition.planned for say in one.says)


FOREST = layer(BOX, EAST, DI_LEI=["乔木林"] * 2, QI_YUAN=["11", "21"], SHI_QUAN_D=["10", "20"])
WATER = layer(BOX, EAST, MC=["甲", "乙"], 级别=["一级", "甲级"])


@pytest.mark.parametrize("column", ["QI_YUAN", "起源"])
@pytest.mark.parametrize("words", [("natural", "planted"), ("天然", "人工")])
def test_a_meaning_may_be_said_in_chinese(
    tmp_path: Path, column: str, words: tuple[str, str]
) -> None:
    frame = FOREST.rename(columns={"QI_YUAN": column})
    values = {column: dict(zip(("11", "21"), words, strict=True))}
    addition = look(tmp_path / "小班.gpkg", frame, layer="natural_forest", values=values)
    assert "1 个小班，36.0" in said(addition)
    assert addition.planned[0].adapter["values"].keys() == {"QI_YUAN"}


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"QI_YUAN": {"11": "naturl"}}, "natural"),
        ({"QI_YUANN": {"11": "natural"}}, "QI_YUAN"),
        ({"BH_DJ": {"1": "一等"}}, "Ⅰ"),
    ],
)
def test_a_meaning_that_nothing_understands(tmp_path: Path, values: Any, word: str) -> None:
    with pytest.raises(OptionError, match="--value") as caught:
        look(tmp_path / "小班.gpkg", FOREST, layer="natural_forest", values=values)
    assert word in caught.value.cure.zh
    assert caught.value.exit_code == 2


def test_a_value_may_be_told_by_the_files_own_column(tmp_path: Path) -> None:
    wish = {"layer": "water_source", "values": {"级别": {"甲级": "2"}}}
    (one,) = look(tmp_path / "水源.gpkg", WATER, **wish).planned
    assert one.adapter["values"] == {"grade": {"一级": 1, "甲级": "2"}}
    with pytest.raises(OptionError, match="no column 等级") as caught:
        look(tmp_path / "水源.gpkg", WATER, layer="water_source", values={"等级": {"甲级": "2"}})
    assert "grade" in caught.value.cure.zh


@pytest.mark.parametrize(
    ("wish", "what"),
    [
        ({"fill": {"grade": "甲级"}}, "应为数"),
        ({"fill": {"grad": "1"}}, "没有字段"),
        ({"acquired": "昨天"}, "不是日期"),
        ({"acquired": "2023-13-01"}, "不是日期"),
    ],
)
def test_other_words_that_cannot_be(tmp_path: Path, wish: Any, what: str) -> None:
    with pytest.raises(OptionError) as caught:
        look(tmp_path / "水源.gpkg", WATER[["MC", "geometry"]], layer="water_source", **wish)
    assert what in caught.value.what.zh


@pytest.mark.parametrize("zones", [["核心区", "缓冲区"], ["核心保护区", "缓冲区"]])
def test_zones_of_the_old_kind_are_said_to_be_unknown(tmp_path: Path, zones: list[str]) -> None:
    frame = layer(BOX, EAST, 分区=zones)
    text = said(look(tmp_path / "保护区.gpkg", frame, layer="nature_reserve"))
    assert "缓冲区 没有对应，将按未知计" in text
    assert ("核心区" in text) == ("核心区" in zones)


def test_another_layers_name_needs_a_second_word(tmp_path: Path) -> None:
    path = tmp_path / "永久基本农田.gpkg"
    with pytest.raises(VectorError, match="is called as") as caught:
        look(path, layer(BOX, id=[1]), layer="eco_redline")
    assert "--layer 永久基本农田" in caught.value.cure.zh
    addition = prepare(path, tmp_path / "my.yaml", Wish(layer="eco_redline", inside=path.stem))
    assert addition.planned[0].layer == "eco_redline"
    for name in ("生态保护红线_调整前", "STBHHX_历史"):  # an old state is not the layer
        with pytest.raises(VectorError, match="which one to take"):
            look(tmp_path / f"{name}.gpkg", layer(BOX, id=[1]))


def test_points_where_polygons_are_due(tmp_path: Path) -> None:
    with pytest.raises(VectorError, match="no layer that fits") as caught:
        look(tmp_path / "红线.gpkg", layer(BOX.centroid, id=[1]), layer="eco_redline")
    assert "应为面" in caught.value.what.zh
    assert "点 1 个" in caught.value.cure.zh


def test_what_does_not_read_names_the_file_and_one_cure(tmp_path: Path) -> None:
    wish = {"layer": "water_source", "columns": {"级别": "grade"}}
    with pytest.raises(TableError, match="was not written") as caught:
        write(look(tmp_path / "水源.gpkg", WATER, **wish))
    assert caught.value.subject.endswith("水源.gpkg")
    assert caught.value.line("zh").count("处理办法") == 1
    assert not (tmp_path / "my.yaml").exists()


@pytest.mark.parametrize("name", ["my.txt", "folder.yaml", "my"])
def test_a_catalog_that_no_run_could_open(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(OptionError, match=r"must be a \.yaml file"):
        prepare(tmp_path / "a.gpkg", tmp_path / name, Wish())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.gpkg")
    with pytest.raises(VectorError, match="supported format"):
        prepare(tmp_path / "a.gpkg", tmp_path / "my.yaml", Wish())


@pytest.mark.parametrize(("axis", "flat"), [(6378245.0, 298.3), (6378140.0, 298.257)])
def test_an_old_datum_without_a_name_is_known_by_its_ellipsoid(
    tmp_path: Path, axis: float, flat: float
) -> None:
    path = tmp_path / "红线.shp"
    pyogrio.write_dataframe(layer(BOX, id=[1]), path)
    path.with_suffix(".prj").write_text(
        f'PROJCS["user",GEOGCS["GCS_x",DATUM["D_x",SPHEROID["s",{axis},{flat}]],'
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
        'PARAMETER["False_Easting",37500000.0],PARAMETER["False_Northing",0.0],'
        'PARAMETER["Central_Meridian",111.0],PARAMETER["Scale_Factor",1.0],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )
    with pytest.raises(DatumError, match="without parameters") as caught:
        prepare(path, tmp_path / "my.yaml", Wish(layer="eco_redline"))
    assert "西安80" in caught.value.what.zh


def test_values_left_blank_are_said_too(tmp_path: Path) -> None:
    frame = layer(BOX, EAST, 分区=["核心保护区", None])
    text = said(look(tmp_path / "保护区.gpkg", frame, layer="nature_reserve"))
    assert "分区 的值 （空） 没有对应，将按未知计" in text


def test_classes_of_roads(tmp_path: Path) -> None:
    lines = [box.exterior for box in (BOX, EAST, BOX)]
    lines = [shapely.LineString(ring.coords) for ring in lines]
    frame = layer(*lines, 道路等级=["高速公路", "县道", "一级公路"])
    addition = look(tmp_path / "公路.gpkg", frame, layer="road")
    assert addition.planned[0].adapter["values"]["class"] == {
        "高速公路": "motorway", "县道": "county",
    }  # fmt: skip
    assert "一级公路 没有对应" in said(addition)


def test_helped_by_hand_is_not_planted(tmp_path: Path) -> None:
    frame = FOREST.assign(QI_YUAN=["人工促进天然更新", "天然"])
    text = said(look(tmp_path / "小班.gpkg", frame, layer="natural_forest"))
    assert "人工促进天然更新 1 个；1 个小班按未知计" in text


def test_nothing_usable_is_said_as_such(tmp_path: Path) -> None:
    thin = shapely.box(37_430_000, 3_650_000, 37_430_000.5, 3_650_001)
    with pytest.raises(VectorError, match="0 without geometry, 1 slivers"):
        look(tmp_path / "红线.gpkg", layer(thin, id=[1]), layer="eco_redline")


def test_full_width_letters(tmp_path: Path) -> None:
    assert (
        look(tmp_path / "ＳＴＢＨＨＸ.gpkg", layer(BOX, id=[1])).planned[0].layer == "eco_redline"
    )


def test_options_without_effect_are_refused(tmp_path: Path) -> None:
    land = layer(BOX, DLBM=["0301"])
    with pytest.raises(OptionError, match="no effect on land_cover"):
        look(tmp_path / "DLTB.gpkg", land, values={"DLBM": {"0301": "3"}})
    with pytest.raises(OptionError, match="no effect on subcompartments"):
        look(tmp_path / "小班.gpkg", FOREST, fill={"QI_YUAN": "天然"})


def test_a_value_for_every_row_may_be_said_in_chinese(tmp_path: Path) -> None:
    frame = layer(BOX, id=[1])
    addition = look(tmp_path / "水源.gpkg", frame, layer="water_source", fill={"grade": "一级"})
    assert addition.planned[0].adapter["fill"]["grade"] == 1
    addition = look(tmp_path / "水源.gpkg", frame, layer="nature_reserve", fill={"zone": "核心区"})
    assert "zone 的值 核心区 没有对应，将按未知计" in said(addition)
