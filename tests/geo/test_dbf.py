"""Encodings of shapefiles as desktop software leaves them: wide fields, cut letters, wrong ids."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geo.dbf import dbf_texts
from geo.errors import VectorError
from geo.shapefile import dbf_encoding
from geo.vector import read

NAME = "郧西县红线"


def shp(
    path: Path, encoding: str, text: str = NAME, *, ldid: int = 0, cpg: str | None = None
) -> Path:
    frame = gpd.GeoDataFrame({"MC": [text]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4490")
    pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = ldid
    path.with_suffix(".dbf").write_bytes(bytes(table))
    return path


def set_width(path: Path, width: int) -> None:
    """Give the only field another width, cutting or padding its values."""
    table = path.with_suffix(".dbf")
    content = table.read_bytes()
    _, first, record = struct.unpack("<IHH", content[4:12])
    head = bytearray(content[:first])
    head[32 + 16] = width
    struct.pack_into("<H", head, 10, width + 1)
    value = content[first : first + record]
    table.write_bytes(bytes(head) + value[: width + 1].ljust(width + 1) + b"\x1a")


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("width", [128, 200, 254])
def test_widths_are_no_letters(tmp_path: Path, encoding: str, width: int) -> None:
    path = shp(tmp_path / "a.shp", encoding)
    set_width(path, width)
    assert read(path)[0]["MC"].tolist() == [NAME]


@pytest.mark.parametrize(("encoding", "width"), [("GBK", 5), ("UTF-8", 7)])
def test_a_field_may_cut_its_last_letter(tmp_path: Path, encoding: str, width: int) -> None:
    path = shp(tmp_path / "a.shp", encoding)
    set_width(path, width)
    assert dbf_encoding(path) == ("GB18030" if encoding == "GBK" else "UTF-8")
    if encoding == "GBK":  # the reader itself is strict with UTF-8, and says so
        assert read(path)[0]["MC"][0].startswith("郧西")


def test_texts_of_a_table(tmp_path: Path) -> None:
    path = shp(tmp_path / "a.shp", "GBK")
    names, values = dbf_texts(path.with_suffix(".dbf"))
    assert names == b"MC"
    assert values.rstrip() == NAME.encode("gbk")
    table = path.with_suffix(".dbf")
    for size in (0, 20, 40, 66):  # cut anywhere: no fault of its own
        table.write_bytes(table.read_bytes()[:size])
        dbf_texts(table)


def test_neither_encoding(tmp_path: Path) -> None:
    path = shp(tmp_path / "a.shp", "GBK")
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace(NAME.encode("gbk"), b"\xff\xfe" * 5))
    with pytest.raises(VectorError, match="neither UTF-8 nor GB18030") as caught:
        dbf_encoding(path)
    assert "--encoding" in caught.value.cure.zh


@pytest.mark.parametrize(("ldid", "cpg"), [(3, None), (0, "1252")])
@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
def test_a_western_declaration_is_seen_through(
    tmp_path: Path, encoding: str, ldid: int, cpg: str | None
) -> None:
    path = shp(tmp_path / "a.shp", encoding, ldid=ldid, cpg=cpg)
    with pytest.raises(VectorError, match="mojibake") as caught:
        read(path)
    assert "GB18030" in caught.value.cure.zh or encoding == "UTF-8"
    right = "UTF-8" if encoding == "UTF-8" else "GB18030"
    assert read(path, encoding=right)[0]["MC"].tolist() == [NAME]


@pytest.mark.parametrize("text", ["K1——K2", "……", "“A”—", "Élève à Genève", "×××"])
def test_signs_are_no_mojibake(tmp_path: Path, text: str) -> None:
    assert read(shp(tmp_path / "a.shp", "UTF-8", text, cpg="UTF-8"))[0]["MC"].tolist() == [text]


def test_a_folder_or_zip_without_tables_is_no_geodatabase(tmp_path: Path) -> None:
    folder = tmp_path / "x.gdb"
    folder.mkdir()
    shp(folder / "a.shp", "GBK")
    with pytest.raises(VectorError, match="supported format"):
        read(folder)
    with zipfile.ZipFile(tmp_path / "x.gdb.zip", "w") as archive:
        archive.write(folder / "a.shp", "a.shp")
    with pytest.raises(VectorError, match="no geodatabase inside"):
        read(tmp_path / "x.gdb.zip")
