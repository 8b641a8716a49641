"""Codes of deliveries: land survey and sub-compartments; what is not known stays unknown."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import TableError
from layers.bureau.codes import CodeBook, decode
from layers.bureau.landcodes import SECOND, THIRD, land_classes, table
from layers.bureau.strata import strata
from layers.bureau.subcolumns import columns_of
from layers.bureau.subcompartments import derive, shrub_cover
from layers.contract import LAND_COVER, SPECS
from layers.entry import Adapter

BOOK = CodeBook({"1": "one", "2": "two"}, {"甲": "one"})


def classes(codes: list[Any], names: list[str] | None = None) -> list[int]:
    frame = pd.DataFrame({"DLBM": codes})
    if names is not None:
        frame["DLMC"] = names
    made = land_classes(frame, "DLBM", None if names is None else "DLMC", "a.gdb")
    return [int(one) for one in made.classes]


def stands(**columns: Any) -> gpd.GeoDataFrame:
    size = len(next(iter(columns.values())))
    boxes = [shapely.box(500_000 + 200 * i, 3_600_000, 500_200 + 200 * i, 3_600_500)
             for i in range(size)]  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=boxes, crs="EPSG:4546")


def adapter(**parts: Any) -> Adapter:
    return Adapter.model_validate(parts)


@pytest.mark.parametrize(
    ("codes", "wanted"),
    [
        (["0101", "0103", "0202"], [1, 1, 2]),
        (["0301", "0302", "0305", "0307"], [3, 9, 4, 0]),
        (["0301K", "0201k"], [3, 2]),
        (["011", "013", "031", "021"], [1, 1, 0, 0]),
        (["0301", "", "1234"], [3, 0, 0]),
    ],
)
def test_land_codes_known_alone(codes: list[str], wanted: list[int]) -> None:
    assert classes(codes) == wanted


def test_other_codes_count_only_with_their_name() -> None:
    codes = ["0301", "1103", "0404", "0702"]
    assert classes(codes) == [3, 0, 0, 0]
    assert classes(codes, ["乔木林地", "水库水面", "其他草地", "农村宅基地"]) == [3, 6, 5, 7]
    assert classes(codes, ["乔木林地", "水田", "", "农村宅基地"]) == [3, 0, 0, 7]


def test_two_surveys_are_never_mixed() -> None:
    with pytest.raises(TableError, match=r"four digits \(0301\) and three \(031\)"):
        classes(["0301", "031"])


def test_no_known_code_is_an_error_and_not_other_land() -> None:
    for codes in (["a", "b"], ["", ""], ["9999"], ["1234", "5678"]):
        with pytest.raises(TableError, match="no known land code"):
            classes(codes)


def test_numbers_have_lost_their_leading_zero() -> None:
    with pytest.raises(TableError, match="leading zero is lost"):
        classes([101, 301])


def test_a_name_that_contradicts_its_code() -> None:
    with pytest.raises(TableError, match="0301 is 乔木林地, the file's DLMC says 旱地"):
        classes(["0301"], ["旱地"])


def test_the_mapping_is_documented_and_its_classes_exist() -> None:
    for codes in (THIRD, SECOND):
        assert {number for _, number in codes.values()} <= {0, *LAND_COVER}
    assert len(table()) == len(THIRD) + len(SECOND)
    assert ("0302", "竹林地", "竹林") in table()


@pytest.mark.parametrize(
    "values",
    [["1", "2", "1"], ["01", "02", "01"], ["10", "20", "10"], [1, 2, 1], [10.0, 20.0, 10.0]],
)
def test_one_way_of_writing_a_code(values: list[Any]) -> None:
    found = decode(pd.Series(values, name="c"), BOOK, {}, "a.shp")
    assert found.meaning.tolist() == ["one", "two", "one"]
    assert found.unknown == {}


@pytest.mark.parametrize("values", [["1", "10"], ["01", "10"], ["1", "02"]])
def test_two_ways_in_one_column_are_refused(values: list[str]) -> None:
    column = pd.Series(values, name="SHI_QUAN_D")
    with pytest.raises(TableError, match=r"a\.shp: column SHI_QUAN_D writes its codes in several"):
        decode(column, BOOK, {}, "a.shp")
    declared = dict.fromkeys(values, "one")
    assert decode(column, BOOK, declared, "a.shp").meaning.tolist() == ["one", "one"]


def test_codes_without_a_meaning_are_listed() -> None:
    found = decode(pd.Series(["1", "7", None, "", "甲类"]), BOOK, {}, "a")
    assert found.meaning.tolist() == ["one", "", "", "", "one"]
    assert found.unknown == {"": 2, "7": 1}


def test_aliases_of_columns() -> None:
    found = columns_of(["di_lei", "QIYUAN", "PING_JUN_X", "SHI_QUAN_DJ", "林地保护等级"], {}, "a")
    assert found == {
        "DI_LEI": "di_lei", "QI_YUAN": "QIYUAN", "PINGJUN_XJ": "PING_JUN_X",
        "SHI_QUAN_D": "SHI_QUAN_DJ", "BH_DJ": "林地保护等级",
    }  # fmt: skip
    assert columns_of(["X", "BH_DJ"], {"X": "BH_DJ"}, "a")["BH_DJ"] == "X"
    with pytest.raises(TableError, match="BH_DJ, BHDJ all look like BH_DJ"):
        columns_of(["BH_DJ", "BHDJ"], {}, "a")
    with pytest.raises(TableError, match="lacks the columns Y"):
        columns_of(["X"], {"Y": "BH_DJ"}, "a")


def test_public_forest_by_authority_and_by_grade() -> None:
    frame = stands(
        SHI_QUAN_D=["10", "20", "", "20", ""],
        GJGYL_BHDJ=["", "", "2", "1", ""],
        SEN_LIN_LB=["", "", "", "", "商品林"],
    )
    made = derive(frame, "public_forest", adapter(), "xb.shp")
    assert made.unknown.tolist() == [False] * 5
    assert [g.bounds[0] for g in made.frame.geometry] == [500_000, 500_400, 500_600]
    made = derive(frame.drop(columns=["SEN_LIN_LB"]), "public_forest", adapter(), "xb.shp")
    assert made.unknown.tolist() == [False, False, False, False, True]
    assert "1 个小班按未知计" in made.notes[0]


def test_grades_and_origin() -> None:
    frame = stands(BH_DJ=["1", "2", "Ⅲ级", "9"], QI_YUAN=["天然", "人工", "11", "天然"])
    grades = derive(frame, "forest_grade", adapter(), "xb")
    assert grades.frame["grade"].tolist() == [1, 2, 3]
    assert grades.unknown.tolist() == [False, False, False, True]
    assert set(grades.frame.columns) == {*SPECS["forest_grade"].columns, "geometry"}
    wild = derive(frame, "natural_forest", adapter(), "xb")
    assert len(wild.frame) == 2
    assert wild.unknown.tolist() == [False, False, True, False]
    told = adapter(values={"QI_YUAN": {"11": "natural"}})
    assert len(derive(frame, "natural_forest", told, "xb").frame) == 3


def test_unknown_codes_throughout_are_refused() -> None:
    frame = stands(QI_YUAN=["11", "23"])
    with pytest.raises(TableError, match="no sub-compartment with a known code") as caught:
        derive(frame, "natural_forest", adapter(), "xb.shp")
    assert "11 1 个" in caught.value.what.zh
    with pytest.raises(TableError, match="lack BH_DJ"):
        derive(frame, "forest_grade", adapter(), "xb.shp")


def test_shrub_cover_in_percent_and_fractions() -> None:
    land = ["灌木林地", "乔木林", "灌木林地", "0305", "灌木林地"]
    frame = stands(DI_LEI=land, 灌木盖度=[45, 0, 60, 30, None])
    values, notes = shrub_cover(frame, adapter(), "xb")
    assert values.tolist() == [45, 0, 60, 255, 255]
    assert "0305" in notes[0]
    frame["灌木盖度"] = [0.45, 0, 0.6, 0.3, None]
    assert shrub_cover(frame, adapter(), "xb")[0].tolist() == [45, 0, 60, 255, 255]
    for bad in ([1, 0, 0, 0, 1], [145, 0, 1, 1, 1], [-1, 0, 50, 0, 0]):
        frame["灌木盖度"] = bad
        with pytest.raises(TableError, match="fraction or percent"):
            shrub_cover(frame, adapter(), "xb")


def forest(**changes: Any) -> gpd.GeoDataFrame:
    columns: dict[str, Any] = {
        "DI_LEI": ["乔木林", "乔木林", "特灌林地", "采伐迹地"],
        "YOU_SHI_SZ": ["马尾松", "栓皮栎", "", ""],
        "QI_YUAN": ["天然", "人工", "天然", ""],
        "PINGJUN_NL": [30, 12, 0, 0],
        "HUO_LMGQXJ": [80.0, 20.0, 0.0, 3.0],
    }
    return stands(**(columns | changes))


def test_strata_of_sub_compartments() -> None:
    made = strata(forest(MIAN_JI=[10.0] * 4), adapter(), "xb")
    assert list(made.columns) == list(SPECS["forest_strata"].columns)
    assert made["stratum"].tolist() == ["天然特灌", "栎类人工", "马尾松天然"]
    assert made["area_ha"].to_numpy() == pytest.approx(10.0, rel=1e-3)
    assert made["volume_m3"].to_numpy() == pytest.approx([0, 200, 800], rel=1e-3)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"YOU_SHI_SZ": ["220", "栎类", "", ""]}, "220 x1"),
        ({"QI_YUAN": ["11", "人工", "", ""]}, "11 x1"),
        ({"DI_LEI": ["111", "乔木林", "灌木林地", "采伐迹地"]}, "111 x1"),
        ({"PINGJUN_NL": [None, 12, 0, 0]}, "empty in 1 tree"),
        ({"HUO_LMGQXJ": [80, None, 0, 0]}, "empty in 1 tree"),
        ({"HUO_LMGQXJ": ["八十", "1", "0", "0"]}, "no number"),
        ({"MIAN_JI": [37.0] * 4}, "neither ha, mu nor m2"),
    ],
)
def test_strata_leave_nothing_out_in_silence(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(TableError, match=said):
        strata(forest(**changes), adapter(), "xb")


def test_declared_codes_of_species() -> None:
    told = adapter(values={"YOU_SHI_SZ": {"220": "马尾松"}})
    made = strata(forest(YOU_SHI_SZ=["220", "栎类", "", ""]), told, "xb")
    assert "马尾松天然" in made["stratum"].tolist()
    assert float(made["area_ha"].sum()) == pytest.approx(30.0, rel=1e-3)
    assert np.isfinite(made["volume_m3"]).all()
