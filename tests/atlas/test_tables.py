"""Tables open rightly, carry no formula, and come out as the same bytes."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from shapely.geometry import Point

from atlas.part import PartResult, SheetTable
from atlas.tables import (
    all_sites,
    sheet_name,
    write_sites_csv,
    write_sites_gpkg,
    write_table_csv,
    write_workbook,
)
from geo.errors import Say, TableError
from geo.passport import Passport
from siting.sites.columns import conform

DEMO = Passport(synthetic=True, sources=("demo-scene",), grade="-")
HOSTILE = '=HYPERLINK("http://x","y")'


@pytest.fixture(autouse=True)
def fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764547200")


def sites() -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {
            "id": ["pv-a", "hydro-b"],
            "technology": ["pv", "hydro"],
            "name": [HOSTILE, "黄龙滩"],
            "county": ["房县", "张湾区"],
            "capacity_mw": [-12.5, 510.0],
            "synthetic": [True, False],
            "coord_quality": ["approx", "exact"],
        },
        geometry=[Point(500000, 3600000), Point(510000, 3610000)],
        crs="EPSG:4546",
    )
    return conform(frame)


def sheet() -> SheetTable:
    frame = pd.DataFrame(
        {"名称": [HOSTILE, "+1"], "面积（万亩）": [1.5, np.nan], "个数": [np.int64(3), 4]}
    )
    return SheetTable("场址", frame, "单位见表头", DEMO)


def test_any_table_as_csv_has_bom_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    frame = sheet().frame
    write_table_csv(path, frame)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    assert rows[0] == ["名称", "面积（万亩）", "个数"]
    assert rows[1][0] == f"'{HOSTILE}"
    assert rows[2] == ["'+1", "", "4"]
    assert frame["名称"].iloc[0] == HOSTILE  # the caller's table stays as it was


def test_csv_has_bom_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    write_sites_csv(path, sites())
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[0]["name"] == f"'{HOSTILE}"
    assert float(rows[0]["capacity_mw"]) == -12.5  # numbers are never touched
    assert rows[1]["name"] == "黄龙滩"
    assert rows[1]["energy_gwh"] == ""


def test_workbook_types_and_marks(tmp_path: Path) -> None:
    path = tmp_path / "tables.xlsx"
    write_workbook(path, [sheet()], ["十堰图集", HOSTILE])
    book = load_workbook(path)
    assert book.sheetnames == ["说明", "场址"]
    assert book["说明"].cell(2, 1).data_type == "s"
    one = book["场址"]
    assert "合成" in one.cell(1, 1).value
    assert [cell.value for cell in one[2]] == ["名称", "面积（万亩）", "个数"]
    assert one.cell(3, 1).data_type == "s"
    assert one.cell(3, 1).value == HOSTILE
    assert one.cell(4, 2).value is None
    assert one.cell(3, 3).value == 3
    with zipfile.ZipFile(path) as archive:
        text = archive.read("xl/worksheets/sheet2.xml").decode()
    assert "<f>" not in text
    assert "演示数据" in text  # watermark in the print header


def test_workbook_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(tmp_path / name, [sheet()], ["一"])
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_gpkg_layers_say_demo(tmp_path: Path) -> None:
    path = tmp_path / "sites.gpkg"
    write_sites_gpkg(path, sites())
    layers = gpd.list_layers(path)["name"].tolist()
    assert sorted(layers) == ["hydro", "pv_演示"]
    back = gpd.read_file(path, layer="hydro")
    assert back.crs == sites().crs
    assert back["name"].tolist() == ["黄龙滩"]


def test_all_sites_joins_parts() -> None:
    one = PartResult("a", Say("甲", "a"), {}, DEMO, sites=sites())
    none = PartResult("b", Say("乙", "b"), {}, DEMO)
    joined = all_sites([one, none])
    assert joined is not None
    assert len(joined) == 2
    assert all_sites([none]) is None


def test_an_id_stands_for_one_site() -> None:
    one = PartResult("a", Say("甲", "a"), {}, DEMO, sites=sites())
    with pytest.raises(TableError, match=str(sites()["id"].iloc[0])):
        all_sites([one, one])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_csv_text_and_headings_are_no_formula(tmp_path: Path, start: str) -> None:
    frame = sites()
    frame["name"] = [f"{start}1+1", "a\x00\x1b\ud800b"]
    frame = frame.rename(columns={"note": f"{start}SUM(A1)"})
    path = tmp_path / "sites.csv"
    write_sites_csv(path, frame)
    with path.open(encoding="utf-8-sig", newline="") as handle:
        heads, first, second = csv.reader(handle)
    assert f"'{start}SUM(A1)" in heads
    assert f"'{start}1+1" in first
    assert "ab" in second
    assert "-12.5" in first  # a number stays one


def test_workbook_headings_notes_and_names_are_text(tmp_path: Path) -> None:
    frame = pd.DataFrame({HOSTILE: ["a\x00\ud800\ufffe\x1bb", "@x"], "数": [1.0, 2.0]})
    path = tmp_path / "tables.xlsx"
    names = ("=a[1]:*?/\\", "场址" * 20, "场址" * 20, "说明", "'", "SITES", "sites")
    tables = [SheetTable(name, frame, HOSTILE, Passport()) for name in names]
    write_workbook(path, tables, ["一"])
    book = load_workbook(path)
    assert len({name.casefold() for name in book.sheetnames}) == len(names) + 1
    assert all(len(name) <= 31 for name in book.sheetnames)
    sheet_one = book.worksheets[1]
    assert [cell.value for cell in sheet_one[2]] == [HOSTILE, "数"]
    assert all(cell.data_type == "s" for cell in (sheet_one.cell(1, 1), *sheet_one[2]))
    assert sheet_one.cell(3, 1).value == "ab"
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            assert b"<f>" not in archive.read(part)


def test_sheet_names() -> None:
    assert sheet_name("场址", ["说明"]) == "场址"
    assert sheet_name("Sites", ["SITES", "sites_2"]) == "Sites_3"
    assert sheet_name("x" * 40, ["x" * 31]) == "x" * 29 + "_2"
    assert sheet_name("a/b'", []) == "a_b"
    assert sheet_name("\x00", []) == "表"


def test_workbook_leaves_what_is_no_number_empty(tmp_path: Path) -> None:
    values = [np.float32("nan"), np.float64("inf"), pd.NA, pd.NaT, None, np.float32(1.5), np.True_]
    frame = pd.DataFrame({"值": pd.Series(values, dtype=object)})
    path = tmp_path / "tables.xlsx"
    write_workbook(path, [SheetTable("表", frame, "", Passport())], [])
    column = [row[0] for row in load_workbook(path)["表"].iter_rows(min_row=3, values_only=True)]
    # a reader drops the empty cells at the end only
    assert column == [None] * 5 + [1.5, True]


def test_workbook_digits_follow_the_column(tmp_path: Path) -> None:
    wide = pd.DataFrame(
        {
            "编号": ["a", "b"],
            "名称": ["甲", "乙"],
            "经度": [111.1302121, 110.5],
            "年": [2023.0, np.nan],
            "名次": [1.0, np.nan],
            "回路数": [1.0, 2.0],
            "度电成本（元/kWh）": [0.37693, 0.4],
            "单位电量（kWh/kWp）": [1004.694, 1011.5],
            "线路造价（元）": [2665593.8, 1.5],
            **{f"列{i}": [0.5, 1.5] for i in range(4)},
        }
    )
    path = tmp_path / "tables.xlsx"
    narrow = SheetTable("窄", wide.iloc[:, :5], "", Passport())
    write_workbook(path, [SheetTable("场址", wide, "", Passport()), narrow], ["十堰图集"])
    book = load_workbook(path)
    one = book["场址"]
    assert one.freeze_panes == "C3"  # names stay in sight
    assert book["窄"].freeze_panes == "A3"
    forms = {head.value: cell.number_format for head, cell in zip(one[2], one[3], strict=True)}
    assert forms["经度"] == "0.0000"
    assert forms["年"] == "0"
    assert forms["名次"] == forms["回路数"] == "#,##0"
    assert forms["度电成本（元/kWh）"] == "#,##0.0##"
    assert forms["单位电量（kWh/kWp）"] == forms["线路造价（元）"] == "#,##0"
    assert one.cell(3, 3).value == 111.1302121  # shown short, kept whole
