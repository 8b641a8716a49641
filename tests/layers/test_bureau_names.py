"""Which layer of a file is meant: names of deliveries, scores, and the stop with a list."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import VectorError
from geo.vectorinfo import LayerInfo
from layers.bureau import names
from layers.bureau.matcher import match
from layers.contract import SPECS

FOREST = ("DI_LEI", "QI_YUAN", "BH_DJ", "SHI_QUAN_D", "XIAO_BAN")
SURVEY = ("BSM", "TBBH", "DLBM", "DLMC", "QSDWDM", "QSDWMC", "ZLDWDM", "TBDLMJ", "GDLYDB")


def polygons(name: str, *fields: str, geometry: str = "polygon") -> LayerInfo:
    return LayerInfo(name, geometry, 3, fields, "EPSG:4525")


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("STBHHX", "eco_redline"), ("stbhhx", "eco_redline"), ("GDSTBHHX", "eco_redline"),
        ("陆域生态保护红线", "eco_redline"), ("420322_STBHHX_2022", "eco_redline"),
        ("十堰市_生态保护红线", "eco_redline"), ("郧西县生态保护红线2022", "eco_redline"),
        ("YJJBNTBHTB", "permanent_farmland"), ("gdsyjjbntbhtb", "permanent_farmland"),
        ("永久基本农田", "permanent_farmland"), ("CZKFBJ", "urban_boundary"),
        ("CZKFBJGX", "urban_boundary"), ("封库城镇开发边界", "urban_boundary"),
        ("DLTB", "land_cover"), ("地类图斑", "land_cover"), ("JQDLTB", "land_cover"),
        ("饮用水水源保护区", "water_source"), ("eco_redline", "eco_redline"),
        ("三线一单管控单元", "zoning_unit"), ("林地小班", names.SUBCOMPARTMENTS),
    ],
)  # fmt: skip
def test_names_seen_in_deliveries(name: str, target: str) -> None:
    scores = {one: names.score(name, one) for one in names.known()}
    assert scores[target] >= names.DECIDES
    assert [one for one, points in scores.items() if points == max(scores.values())] == [target]


@pytest.mark.parametrize(
    "name", ["生态保护红线调出图斑", "冲突图斑_STBHHX", "城镇开发边界草案", "fc1", "新建图层", "HX"]
)
def test_drafts_and_nameless_layers_are_nothing(name: str) -> None:
    assert max(names.score(name, one) for one in names.known()) < names.DECIDES


def test_every_layer_is_known_by_its_own_title() -> None:
    for spec in SPECS.values():
        assert names.score(spec.title.split("（")[0], spec.name) == names.WHOLE, spec.name


def test_one_polygon_layer_is_taken_whatever_its_name() -> None:
    infos = [polygons("fc1"), polygons("表", geometry="")]
    found = match(Path("a.gdb"), infos, "eco_redline", None)
    assert (found.info.name, found.target) == ("fc1", "eco_redline")


def test_the_name_of_a_file_speaks_for_its_only_layer() -> None:
    found = match(Path("STBHHX.gdb"), [polygons("fc1")], None, None)
    assert found.target == "eco_redline"


def test_several_are_scored_and_a_tie_stops() -> None:
    infos = [polygons("陆域生态保护红线"), polygons("永久基本农田"), polygons("fc")]
    assert match(Path("a.gdb"), infos, "eco_redline", None).info.name == "陆域生态保护红线"
    twice = [polygons("STBHHX"), polygons("stbhhx")]
    for wanted, every in (("eco_redline", twice), ("habitat", infos), (None, infos)):
        with pytest.raises(VectorError, match="which one to take") as caught:
            match(Path("a.gdb"), every, wanted, None)
        for info in every:
            assert info.name in caught.value.cure.zh
    assert match(Path("a.gdb"), twice, "eco_redline", "stbhhx").info.name == "stbhhx"


def test_the_order_of_the_layers_does_not_matter() -> None:
    infos = [polygons("JQDLTB", *SURVEY), polygons("DLTB", *SURVEY), polygons("YJJBNTBHTB", "DLBM")]
    for every in (infos[1:], infos[1:][::-1]):
        assert match(Path("a.gdb"), every, "land_cover", None).info.name == "DLTB"


def test_fields_tell_sub_compartments_but_not_the_survey() -> None:
    assert match(Path("xb.shp"), [polygons("xb", *FOREST)], None, None).target == "subcompartments"
    with pytest.raises(VectorError, match="not clear"):
        match(Path("a.shp"), [polygons("a", *SURVEY)], None, None)


def test_lines_are_not_taken_for_polygons() -> None:
    with pytest.raises(VectorError, match="no layer that fits") as caught:
        match(Path("a.gdb"), [polygons("road", geometry="line")], "eco_redline", None)
    assert "road（线 3 个）" in caught.value.cure.zh
    with pytest.raises(VectorError, match="no layer that fits called b"):
        match(Path("a.gdb"), [polygons("a")], "eco_redline", "b")


def test_slope_classes_are_never_degrees() -> None:
    infos = [polygons("PDT", "PDJB", "BZPDJB")]
    for wanted in (None, "eco_redline"):
        with pytest.raises(VectorError, match="PDJB is a class, never degrees") as caught:
            match(Path("a.gdb"), infos, wanted, None)
        assert "dem" in caught.value.cure.zh


def test_ecological_space_is_not_the_red_line() -> None:
    with pytest.raises(VectorError, match="ecological space"):
        match(Path("三区三线下发版.gdb"), [polygons("STBHYN_d")], "eco_redline", None)


def test_the_land_codes_of_farmland_are_not_todays_land() -> None:
    infos = [polygons("YJJBNTBHTB", "DLBM", "DLMC")]
    with pytest.raises(VectorError, match="not today's land"):
        match(Path("a.gdb"), infos, "land_cover", None)
