"""Vector files: formats, datums, repairs, encodings, GeoPackages."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from affine import Affine

from geo import vector
from geo.errors import CrsError, DatumError, OptionError, SizeError, VectorError
from geo.grid import Grid

BOW_TIE = shapely.Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])
AT = (500_040, 3_599_000)


def moved(geometry: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(geometry, lambda xy: xy + AT)


def geojson(path: Path, *features: dict, **members: object) -> Path:
    content = {"type": "FeatureCollection", "features": list(features)} | members
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return path


def point(lon: float, lat: float, **properties: object) -> dict:
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_a_package_comes_back_as_it_was(tmp_path, squares):
    squares["mw"] = [1.5, np.nan]
    path = tmp_path / "a.gpkg"
    vector.write_gpkg(path, {"红线_演示": squares, "空": squares.iloc[:0]})
    assert vector.layers(path) == ["红线_演示", "空"]
    back, repairs = vector.read(path, layer="红线_演示")
    assert repairs.lines() == []
    assert back.crs == squares.crs
    assert back["code"].tolist() == ["a", "b"]
    assert pd.isna(back["名称"].iloc[1])
    assert back["mw"].iloc[0] == 1.5
    assert np.isnan(back["mw"].iloc[1])
    assert back.geometry.geom_equals(squares.geometry).all()
    with sqlite3.connect(path) as base:
        nulls = base.execute('SELECT count(*) FROM "红线_演示" WHERE mw IS NULL').fetchone()
    base.close()
    assert nulls == (1,)


def test_an_empty_layer_is_a_valid_answer(tmp_path, squares):
    path = tmp_path / "a.gpkg"
    vector.write_gpkg(path, {"空": squares.iloc[:0]})
    back, _ = vector.read(path)
    assert len(back) == 0
    assert list(back.columns) == ["code", "名称", "geometry"]
    assert back.crs == squares.crs
    with pytest.raises(VectorError, match=r"a\.gpkg: layer 空 has no features"):
        vector.read(path, allow_empty=False)


def test_an_empty_geojson_is_a_valid_answer(tmp_path):
    back, _ = vector.read(geojson(tmp_path / "a.geojson"))
    assert len(back) == 0
    assert back.crs.to_epsg() == 4326


def test_same_layers_same_bytes(tmp_path, squares, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    for name in ("a.gpkg", "b.gpkg"):
        vector.write_gpkg(tmp_path / name, {"x": squares, "y": squares.iloc[:1]})
        time.sleep(1.05)
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    base = sqlite3.connect(tmp_path / "a.gpkg")
    stamps = base.execute("SELECT DISTINCT last_change FROM gpkg_contents").fetchall()
    base.close()
    assert stamps == [("2023-11-14T22:13:20.000Z",)]


def test_writing_leaves_no_clock_behind(tmp_path, squares):
    vector.write_gpkg(tmp_path / "a.gpkg", {"x": squares})
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


@pytest.mark.parametrize("layers", [{}, {"a": 0, "A": 0}])
def test_layer_names_are_unique(tmp_path, squares, layers):
    with pytest.raises(OptionError):
        vector.write_gpkg(tmp_path / "a.gpkg", dict.fromkeys(layers, squares))
    with pytest.raises(OptionError, match="suffix"):
        vector.write_gpkg(tmp_path / "a.shp", {"a": squares})


def test_a_layer_without_crs_is_never_written_or_read(tmp_path, squares):
    nameless = squares.set_crs(None, allow_override=True)
    with pytest.raises(CrsError, match="x: declares no CRS"):
        vector.write_gpkg(tmp_path / "a.gpkg", {"x": nameless})
    assert list(tmp_path.iterdir()) == []
    squares[["code", "geometry"]].to_file(tmp_path / "b.shp", engine="pyogrio")
    (tmp_path / "b.prj").unlink()
    with pytest.raises(CrsError, match=r"b\.shp: declares no CRS"):
        vector.read(tmp_path / "b.shp")
    back, _ = vector.read(tmp_path / "b.shp", crs="EPSG:4546")
    assert back.crs.to_epsg() == 4546


def test_a_failed_write_keeps_the_old_package(tmp_path, squares):
    path = tmp_path / "a.gpkg"
    vector.write_gpkg(path, {"x": squares})
    before = path.read_bytes()
    broken = squares.assign(bad=np.array([1j, 2j]))
    with pytest.raises(NotImplementedError, match="complex"):
        vector.write_gpkg(path, {"x": squares, "y": broken})
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.gpkg"]


@pytest.mark.parametrize("keep", [0, 10, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp"])
def test_a_truncated_file_is_named(tmp_path, squares, suffix, keep):
    path = tmp_path / f"cut.{suffix}"
    many = gpd.GeoDataFrame(pd.concat([squares] * 200, ignore_index=True), crs=squares.crs)
    many = many.drop(columns="名称").to_crs(4326)
    many.to_file(path, engine="pyogrio")
    content = path.read_bytes()
    path.write_bytes(content[: keep if isinstance(keep, int) else int(keep * len(content))])
    with pytest.raises(VectorError, match=rf"cut\.{suffix}"):
        vector.read(path)


def test_foreign_formats_are_refused(tmp_path):
    vrt = tmp_path / "trap.gpkg"
    vrt.write_text("<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>")
    kml = tmp_path / "a.kml"
    kml.write_text("<kml/>")
    array = tmp_path / "a.json"
    array.write_text('{"type": "Topology"}')
    for path in (vrt, kml, array):
        with pytest.raises(VectorError, match=path.name):
            vector.read(path)
    with pytest.raises(VectorError, match="not read"):
        vector.read("/vsizip/a.zip/a.shp")
    with pytest.raises(VectorError, match="does not exist"):
        vector.read(tmp_path / "none.gpkg")


def test_an_oversized_geojson_is_refused(tmp_path, monkeypatch):
    path = geojson(tmp_path / "big.geojson", point(110, 32))
    monkeypatch.setattr(vector, "MAX_GEOJSON", 10)
    with pytest.raises(SizeError, match=r"big\.geojson"):
        vector.read(path)


@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are POSIX")
def test_a_full_disk_leaves_the_old_package(tmp_path):
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"the previous result")
    code = textwrap.dedent("""
        import resource, signal, sys
        import geopandas as gpd, shapely
        from geo import vector
        from geo.errors import DiskError
        shapes = [shapely.Point(500_040 + i, 3_600_000) for i in range(20_000)]
        frame = gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4546")
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
        try:
            vector.write_gpkg(sys.argv[1], {"x": frame})
        except DiskError as fault:
            print(fault.line("en"))
            sys.exit(fault.exit_code)
    """)
    command = [sys.executable, "-W", "ignore", "-c", code, str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 5, done.stderr
    assert "a.gpkg" in done.stdout
    assert path.read_bytes() == b"the previous result"
    assert [p.name for p in tmp_path.iterdir()] == ["a.gpkg"]


def test_several_layers_must_be_named(tmp_path, squares):
    path = tmp_path / "a.gpkg"
    vector.write_gpkg(path, {"x": squares, "y": squares})
    with pytest.raises(VectorError, match="name one in the catalog: x, y"):
        vector.read(path)
    with pytest.raises(VectorError, match="has no layer z"):
        vector.read(path, layer="z")


def test_a_file_geodatabase_is_read(tmp_path, squares):
    path = tmp_path / "red.gdb"
    pyogrio.write_dataframe(squares, path, layer="生态保护红线", driver="OpenFileGDB")
    back, _ = vector.read(path)
    assert len(back) == 2
    assert back.crs.to_epsg() == 4546
    assert back["名称"].iloc[0] == "甲"


def test_the_claim_of_a_geojson_is_not_believed(tmp_path):
    path = geojson(tmp_path / "a.geojson", point(110.7954, 32.6455, name="市政府"))
    believed, _ = vector.read(path)
    converted, _ = vector.read(path, datum="GCJ-02")
    shift = converted.geometry.iloc[0].x - believed.geometry.iloc[0].x
    assert -0.006 < shift < -0.005
    assert converted.crs.to_epsg() == 4326


def test_a_geojson_in_metres_needs_the_catalog(tmp_path):
    path = geojson(tmp_path / "a.geojson", point(*AT))
    with pytest.raises(CrsError, match="does not fit"):
        vector.read(path)
    frame, _ = vector.read(path, crs="EPSG:4546")
    assert frame.crs.to_epsg() == 4546


def test_a_contradicting_catalog_is_refused(tmp_path, squares):
    path = tmp_path / "a.gpkg"
    vector.write_gpkg(path, {"x": squares})
    with pytest.raises(CrsError, match="catalog says"):
        vector.read(path, crs="EPSG:32649")


@pytest.mark.parametrize("datum", ["BD-09", "Xian80", "Beijing54"])
def test_an_unknown_datum_is_refused(tmp_path, datum):
    with pytest.raises(DatumError, match=datum):
        vector.read(geojson(tmp_path / "a.geojson", point(110, 32)), datum=datum)


@pytest.mark.parametrize("code", [2382, 2434])
def test_an_old_datum_is_refused(tmp_path, squares, code):
    old = squares[["code", "geometry"]].set_crs(code, allow_override=True)
    old.to_file(tmp_path / "old.shp", engine="pyogrio")
    with pytest.raises(DatumError, match=r"old\.shp"):
        vector.read(tmp_path / "old.shp")


def test_a_bow_tie_keeps_both_wings():
    frame = gpd.GeoDataFrame({"code": ["x"]}, geometry=[moved(BOW_TIE)], crs="EPSG:4546")
    mended, repairs = vector.repair(frame)
    assert mended.geometry.is_valid.all()
    assert mended.geometry.area.iloc[0] == pytest.approx(500_000)
    assert repairs.ids == ("x",)
    assert repairs.area_before_m2[0] == pytest.approx(0.0, abs=1.0)
    assert repairs.area_after_m2[0] == pytest.approx(500_000, rel=1e-4)
    assert repairs.lines() == ["要素 x 几何已修复：0.0000 -> 0.5000 km2"]
    assert repairs.lines("en") == ["feature x was repaired: 0.0000 -> 0.5000 km2"]
    assert not frame.geometry.is_valid.any()


def test_a_polygon_with_a_spike_stays_a_polygon():
    spike = shapely.Polygon([(0, 0), (100, 0), (100, 100), (100, 300), (100, 100), (0, 100)])
    frame = gpd.GeoDataFrame(geometry=[moved(spike)], crs="EPSG:4546")
    mended, repairs = vector.repair(frame)
    assert set(mended.geom_type) <= {"Polygon", "MultiPolygon"}
    assert mended.geometry.area.iloc[0] == pytest.approx(10_000)
    assert repairs.ids == ("0",)


def test_a_polygon_that_encloses_nothing_is_a_sliver():
    line = shapely.Polygon([(0, 0), (600, 0), (0, 0)])
    point = shapely.Polygon([(5, 5), (5, 5), (5, 5)])
    whole = shapely.box(1000, 0, 2000, 1000)
    frame = gpd.GeoDataFrame(
        {"name": ["线", "好", "点"]}, geometry=[line, whole, point], crs="EPSG:4546"
    )
    mended, told = vector.repair(frame)
    assert mended["name"].tolist() == ["好"]
    assert told.slivers == ("线", "点")
    assert told.sliver_area_m2 == 0.0
    assert "线" in told.lines()[-1]


def test_rows_without_geometry_are_dropped_and_told():
    shapes = [None, shapely.Point(*AT), shapely.Polygon()]
    frame = gpd.GeoDataFrame({"name": ["甲", "乙", "丙"]}, geometry=shapes, crs="EPSG:4546")
    mended, repairs = vector.repair(frame)
    assert mended["name"].tolist() == ["乙"]
    assert repairs.dropped == ("甲", "丙")
    assert len(repairs.lines()) == 2


@pytest.mark.parametrize(
    ("encoding", "cpg", "language"),
    [("gbk", False, 0), ("utf-8", False, 0), ("gbk", True, 0), ("gbk", False, 0x4D)],
)
def test_chinese_names_of_a_shapefile(tmp_path, squares, encoding, cpg, language):
    path = tmp_path / "县.shp"
    names = squares[["geometry"]].assign(NAME=["郧阳区", "丹江口市"])
    names.to_file(path, engine="pyogrio", encoding=encoding)
    table = path.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    content[29] = language
    table.write_bytes(bytes(content))
    if not cpg:
        path.with_suffix(".cpg").unlink(missing_ok=True)
    back, _ = vector.read(path)
    assert back["NAME"].tolist() == ["郧阳区", "丹江口市"]


def test_a_table_in_no_known_encoding_is_refused(tmp_path, squares):
    path = tmp_path / "a.shp"
    squares[["code", "geometry"]].to_file(path, engine="pyogrio")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    table = path.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    content[29] = 0
    content[-10:-8] = b"\xff\xff"
    table.write_bytes(bytes(content))
    with pytest.raises(VectorError, match=r"a\.dbf: is neither"):
        vector.read(path)
    table.unlink()
    with pytest.raises(VectorError, match=r"no \.dbf"):
        vector.read(path)


def test_burn_takes_cell_centres(metric_grid):
    west, _, _, north = metric_grid.bounds
    box = shapely.box(west + 46, north - 226, west + 226, north - 46)
    burnt = vector.burn([box, None, shapely.Polygon()], metric_grid)
    assert burnt.dtype == np.uint8
    assert burnt.sum() == 4  # the centres at 135 and 225 m are in, the one at 45 m is not
    assert burnt[1:3, 1:3].all()
    assert vector.burn([box], metric_grid, 7, all_touched=True).max() == 7
    assert vector.burn([box], metric_grid, all_touched=True).sum() == 9


def test_burnt_area_is_the_area(squares, metric_grid):
    assert vector.burn(squares, metric_grid).sum() == 200
    with pytest.raises(CrsError, match="not in the grid's"):
        vector.burn(vector.to_crs(squares, "EPSG:4490"), metric_grid)
    with pytest.raises(OptionError, match=r"1\.\.255"):
        vector.burn(squares, metric_grid, 256)
    assert vector.burn([], metric_grid).sum() == 0


def test_burn_on_a_fine_grid_converges(squares):
    grid = Grid("EPSG:4546", Affine(10, 0, 499_000, 0, -10, 3_601_000), (300, 400))
    disc = shapely.Point(500_500, 3_599_500).buffer(800, quad_segs=64)
    assert vector.burn([disc], grid).sum() * 100 == pytest.approx(disc.area, rel=2e-3)


@pytest.mark.real
def test_the_real_polygons_that_are_broken(real_data: Path):
    _, repairs = vector.read(real_data / "datav_420300_gcj02.json", datum="GCJ-02")
    assert set(repairs.ids) == {"420303", "420304", "420323", "420325"}
    pairs = zip(repairs.area_before_m2, repairs.area_after_m2, strict=True)
    assert all(before == pytest.approx(after, rel=1e-4) for before, after in pairs)
