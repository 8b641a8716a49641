"""Bad files of a bureau: each stops with one line that names the file, the fault and the cure."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
import yaml

from geo import crs, digest
from geo.errors import CrsError, DatumError, ShiyanError, TableError, VectorError
from layers.boundaries import county_outlines
from layers.bureau.understand import Wish, understand
from layers.catalog import open_catalog, prepare, write
from layers.region import load_region
from layers.shift import border_strip, find_shift
from layers.stack import build_stack

ZONE_37, CM_111 = "EPSG:4525", "EPSG:4546"
BOX = shapely.box(37_480_000, 3_600_000, 37_484_000, 3_604_000)
SOURCE = {"title": "测试", "licence": "CC0-1.0"}


def layer(*shapes: shapely.Geometry, where: str | None = ZONE_37, **columns: Any) -> Any:
    names = columns or {"name": [f"郧西县{i}" for i in range(len(shapes))]}
    return gpd.GeoDataFrame(names, geometry=list(shapes), crs=where)


def look(path: Path, **wish: Any) -> Any:
    return understand(path, Wish(**{"layer": "eco_redline", **wish}), county_outlines("420300"))


def refusal(path: Path, **wish: Any) -> ShiyanError:
    with pytest.raises(ShiyanError) as caught:
        look(path, **wish)
    error = caught.value
    assert str(path.name.split(".")[0]) in error.subject
    assert error.cure.zh
    assert "\n" not in error.line("zh") + error.line("en")
    return error


def shp(path: Path, frame: gpd.GeoDataFrame, encoding: str = "GBK") -> Path:
    pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", encoding=encoding)
    return path


def shifted_by(shape: shapely.Geometry, east: float) -> shapely.Geometry:
    return shapely.transform(shape, lambda xy: xy + np.array([east, 0.0]))


def test_eastings_of_eight_digits_name_their_zone(tmp_path: Path) -> None:
    path = shp(tmp_path / "a.shp", layer(BOX))
    path.with_suffix(".prj").unlink()
    found = look(path)
    assert found.crs == ZONE_37
    assert "37 带" in found.why_crs.zh
    assert found.area_km2 == pytest.approx(16.0, rel=1e-3)
    assert found.wan_mu == pytest.approx(2.4, rel=1e-3)
    for other, code in ((36, "EPSG:4524"), (19, "EPSG:4497")):
        shp(path, layer(shifted_by(BOX, (other - 37) * 1e6)))
        path.with_suffix(".prj").unlink()
        assert look(path).crs == code


def test_eastings_of_six_digits_must_be_declared(tmp_path: Path) -> None:
    path = shp(tmp_path / "a.shp", layer(shifted_by(BOX, -37e6)))
    path.with_suffix(".prj").unlink()
    error = refusal(path)
    assert isinstance(error, CrsError)
    assert "--crs" in error.cure.zh
    assert "EPSG:4545" in error.cure.zh
    assert look(path, crs=CM_111).crs == CM_111


@pytest.mark.parametrize("code", ["EPSG:2361", "EPSG:2382", "EPSG:2413", "EPSG:2434"])
def test_old_datums_are_refused(tmp_path: Path, code: str) -> None:
    path = tmp_path / "旧林.gpkg"
    shapes = crs.to_crs(layer(BOX), CM_111 if code in ("EPSG:2382", "EPSG:2434") else ZONE_37)
    pyogrio.write_dataframe(shapes.set_crs(code, allow_override=True), path)
    error = refusal(path)
    assert isinstance(error, DatumError)
    assert "CGCS2000" in error.cure.zh


@pytest.mark.parametrize(
    ("claimed", "shape"),
    [
        ("EPSG:4490", BOX),  # metres that claim to be degrees
        (CM_111, shapely.box(110.5, 32.5, 110.6, 32.6)),  # degrees that claim to be metres
        (CM_111, BOX),  # a zone number where none belongs
        (ZONE_37, shapely.box(480_000, 3_600_000, 484_000, 3_604_000)),
        ("EPSG:4490", shapely.box(32.5, 110.5, 32.6, 110.6)),  # latitude first
    ],
)
def test_numbers_that_do_not_fit_their_crs(
    tmp_path: Path, claimed: str, shape: shapely.Geometry
) -> None:
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(layer(shape, where=claimed), path)
    error = refusal(path)
    assert isinstance(error, CrsError)
    assert "does not fit" in error.what.en


def test_mixed_systems_in_one_layer(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    degrees = shapely.box(110.5, 32.5, 110.6, 32.6)
    pyogrio.write_dataframe(layer(BOX, degrees, BOX), path)
    error = refusal(path)
    assert isinstance(error, CrsError)
    assert "37 带 2 个（如 郧西县0）" in error.what.zh
    assert "经纬度 1 个（如 郧西县1）" in error.what.zh


def test_mojibake_is_found_and_cured(tmp_path: Path) -> None:
    path = shp(tmp_path / "a.shp", layer(BOX, NAME=["郧西县红线"]))
    path.with_suffix(".cpg").write_text("ISO-8859-1")
    error = refusal(path)
    assert isinstance(error, VectorError)
    assert "乱码" in error.what.zh
    assert "GB18030" in error.cure.zh
    assert look(path, encoding="GB18030").named == ("郧西县",)
    path.with_suffix(".cpg").unlink()
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0x57  # "whatever this Windows uses": no declaration
    path.with_suffix(".dbf").write_bytes(bytes(table))
    assert look(path).named == ("郧西县",)


def test_a_declared_encoding_that_is_wrong(tmp_path: Path) -> None:
    path = shp(tmp_path / "a.shp", layer(BOX, NAME=["郧西县红线甲"]))
    path.with_suffix(".cpg").write_text("UTF-8")
    error = refusal(path)
    assert "GB18030" in error.cure.zh


def test_utf8_that_claims_to_be_gbk_is_found_by_its_county(tmp_path: Path) -> None:
    path = shp(tmp_path / "a.shp", layer(BOX, NAME=["湖北省十堰市郧西县红线"]), encoding="UTF-8")
    path.with_suffix(".cpg").write_text("GBK")
    error = refusal(path)
    assert "乱码" in error.what.zh
    assert "--encoding UTF-8" in error.cure.zh
    assert look(path, encoding="UTF-8").named == ("郧西县",)


@pytest.mark.parametrize("name", ["dem.tif", "表.csv"])
def test_rasters_and_tables_are_entered_by_hand(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(VectorError, match="catalog add enters vectors"):
        prepare(tmp_path / name, tmp_path / "my.yaml", Wish(layer="dem"))


@pytest.mark.parametrize("name", ["库.mdb", "数据.vct", "包.zip", "图.kml"])
def test_formats_without_a_reader(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"Standard Jet DB" * 10)
    error = refusal(tmp_path / name)
    assert "GeoPackage" in error.cure.zh


def test_bow_ties_and_slivers_are_listed(tmp_path: Path) -> None:
    x, y = 37_480_000, 3_600_000
    bow = shapely.Polygon([(x, y), (x + 900, y + 900), (x + 900, y), (x, y + 900)])
    sliver = shapely.box(x, y, x + 900, y + 0.001)
    path = tmp_path / "a.gpkg"
    frame = layer(bow, BOX, sliver, None, name=["结", "好", "碎", "空"])
    pyogrio.write_dataframe(frame, path, geometry_type="Polygon")
    found = look(path)
    assert found.repairs.ids == ("结",)
    assert found.repairs.slivers == ("碎",)
    assert found.repairs.sliver_area_m2 == pytest.approx(0.9, rel=1e-3)
    assert found.repairs.dropped == ("空",)
    assert "碎面 1 个" in found.repairs.lines()[-1]
    assert len(found.frame) == 2


def test_sliver_tolerance_is_a_setting(tmp_path: Path) -> None:
    small = shapely.box(37_480_000, 3_600_000, 37_480_003, 3_600_003)
    pyogrio.write_dataframe(layer(BOX, small), tmp_path / "a.gpkg")
    for limit, kept in ((None, 2), (0, 2), (10, 1)):
        options = {} if limit is None else {"sliver_m2": limit}
        entry = {"kind": "vector", "driver": {"name": "ogr", "options": options}, "uri": "a.gpkg",
                 "access": "user_supplied", "source": SOURCE}  # fmt: skip
        text = yaml.safe_dump({"region": "shiyan", "entries": {"eco_redline": entry}})
        (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
        (line,) = open_catalog(str(tmp_path / "c.yaml")).check()
        assert ("碎面" in line.text.zh) == (kept == 1)


def test_a_zipped_geodatabase_is_read_and_a_bomb_is_not(tmp_path: Path) -> None:
    gdb = tmp_path / "STBHHX.gdb"
    pyogrio.write_dataframe(layer(BOX), gdb, layer="生态保护红线", driver="OpenFileGDB")
    packed = tmp_path / "STBHHX.gdb.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(gdb.iterdir()):
            archive.write(file, f"STBHHX.gdb/{file.name}")
    found = look(packed, layer=None)
    assert found.match.target == "eco_redline"
    assert found.frame["name"].tolist() == ["郧西县0"]
    bomb = tmp_path / "b.gdb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.gdb/a00000001.gdbtable", b"\0" * 30_000_000)
    assert "unpacks to" in refusal(bomb).what.en
    (tmp_path / "c.gdb.zip").write_bytes(packed.read_bytes()[:400])
    assert isinstance(refusal(tmp_path / "c.gdb.zip"), VectorError)


def test_checksum_covers_every_side_file(tmp_path: Path) -> None:
    path = shp(tmp_path / "a.shp", layer(BOX))
    before = digest.whole_sha256(path)
    names = set(digest.sha256_of(path))
    assert {"a.shp", "a.shx", "a.dbf", "a.prj"} <= names
    text = "".join(
        f"{hashlib.sha256((tmp_path / n).read_bytes()).hexdigest()}  {n}\n" for n in sorted(names)
    )
    assert before == hashlib.sha256(text.encode()).hexdigest()
    shp(tmp_path / "ab.shp", layer(BOX))  # another file with a like name
    assert digest.whole_sha256(path) == before
    write(prepare(path, tmp_path / "my.yaml", Wish(layer="eco_redline")))
    raw = bytearray(path.with_suffix(".dbf").read_bytes())
    raw[-2] ^= 1
    path.with_suffix(".dbf").write_bytes(bytes(raw))
    assert digest.whole_sha256(path) != before
    (line,) = [x for x in open_catalog(str(tmp_path / "my.yaml")).check() if x.state == "error"]
    assert "sha256" in line.text.zh


def test_a_geodatabase_has_a_checksum_without_its_locks(tmp_path: Path) -> None:
    gdb = tmp_path / "a.gdb"
    pyogrio.write_dataframe(layer(BOX), gdb, layer="x", driver="OpenFileGDB")
    before = digest.whole_sha256(gdb)
    (gdb / "a.PC1.123.sr.lock").write_bytes(b"")
    assert digest.whole_sha256(gdb) == before
    (gdb / "a00000099.gdbtable").write_bytes(b"x")
    assert digest.whole_sha256(gdb) != before


def test_a_column_that_is_needed_or_unclear(tmp_path: Path) -> None:
    path = tmp_path / "线路.gpkg"
    line = shapely.LineString([(37_480_000, 3_600_000), (37_490_000, 3_600_000)])
    pyogrio.write_dataframe(layer(line, MC=["甲线"], U=[110]), path)
    with pytest.raises(TableError, match="lacks kv") as caught:
        prepare(path, tmp_path / "my.yaml", Wish(layer="power_line"))
    assert "--column 原字段=kv" in caught.value.cure.zh
    addition = prepare(path, tmp_path / "my.yaml", Wish(layer="power_line", columns={"U": "kv"}))
    write(addition)
    assert open_catalog(str(tmp_path / "my.yaml")).entries["power_line"].adapter.rename == {
        "U": "kv", "MC": "name",
    }  # fmt: skip
    pyogrio.write_dataframe(layer(BOX, MC=["a"], 名称=["b"]), tmp_path / "两名.gpkg")
    with pytest.raises(TableError, match="may all be name"):
        prepare(tmp_path / "两名.gpkg", tmp_path / "my.yaml", Wish(layer="habitat"))


def test_a_missing_zone_is_said_to_be_unknown(tmp_path: Path) -> None:
    path = tmp_path / "保护区.gpkg"
    pyogrio.write_dataframe(layer(BOX, BOX, 分区=["核心保护区", "缓冲区"]), path)
    addition = prepare(path, tmp_path / "my.yaml", Wish(layer="nature_reserve"))
    said = "".join(say.zh for say in addition.planned[0].says)
    assert "缓冲区 没有对应，将按未知计" in said
    assert "没有 level 字段" in said
    write(addition)
    adapter = open_catalog(str(tmp_path / "my.yaml")).entries["nature_reserve"].adapter
    assert adapter.values == {"zone": {"核心保护区": "core"}}
    assert adapter.fill == {"name": "", "level": ""}


def shifted(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer where GCJ-02 puts it, still claiming its CRS."""
    degrees = crs.to_crs(frame, "EPSG:4326")
    moved = shapely.transform(
        np.asarray(degrees.geometry.values),
        lambda xy: np.column_stack(crs.wgs84_to_gcj02(xy[:, 0], xy[:, 1])),
    )
    return degrees.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs="EPSG:4326"))


def test_gcj02_is_found_by_the_county_borders() -> None:
    outlines = crs.to_crs(county_outlines("420300"), CM_111)
    strip = border_strip(outlines)
    county = outlines[outlines["code"] == "420322"]
    for right in (outlines, county):
        wrong = crs.to_crs(shifted(right), CM_111)
        assert find_shift(right, strip, CM_111).kind == ""
        found = find_shift(wrong, strip, CM_111)
        assert (found.kind, found.sure) == ("gcj02", True)
    twice = crs.to_crs(crs.gcj02_frame_to_wgs84(crs.to_crs(outlines, "EPSG:4326")), CM_111)
    assert find_shift(twice, strip, CM_111).kind == "twice"
    centres = shapely.points(
        np.random.default_rng(1).uniform((39e4, 351e4), (57e4, 368e4), (3000, 2))
    )
    blobs = gpd.GeoDataFrame(geometry=shapely.buffer(centres, 700), crs=CM_111)
    assert find_shift(blobs, strip, CM_111).kind == ""  # follows no border: says nothing
    assert find_shift(blobs[:0], strip, CM_111).kind == ""


@pytest.mark.parametrize("mode", ["explore", "legal"])
def test_gcj02_warns_and_stops_a_legal_run(tmp_path: Path, mode: Any) -> None:
    outlines = county_outlines("420300")
    pyogrio.write_dataframe(shifted(outlines)[["name", "geometry"]], tmp_path / "林场.gpkg")
    assert look(tmp_path / "林场.gpkg", layer="state_farm").shift.kind == "gcj02"
    catalog = tmp_path / "my.yaml"
    write(prepare(tmp_path / "林场.gpkg", catalog, Wish(layer="state_farm")))

    def farm(path: Path, how: Any) -> Any:
        opened = open_catalog(str(path))
        region = load_region("shiyan", opened)
        return build_stack(
            opened, region, region.grid(2000.0), 1, lambda _: None, mode=how, only=("state_farm",)
        ).require("state_farm")

    if mode == "legal":
        with pytest.raises(DatumError, match=r"林场\.gpkg") as caught:
            farm(catalog, mode)
        assert "datum: GCJ-02" in caught.value.cure.zh
    else:
        assert any("datum: GCJ-02" in note for note in farm(catalog, mode).notes)
    cured = Wish(layer="state_farm", datum="GCJ-02")
    write(prepare(tmp_path / "林场.gpkg", catalog, cured, replace=True))
    assert not any("GCJ" in note for note in farm(catalog, mode).notes)
