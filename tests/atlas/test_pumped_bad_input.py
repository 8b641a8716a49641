"""Bad input of the storage search through the command line: one line and its exit code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from scipy import ndimage

import atlas.cli

N = 150
WEST, NORTH, CELL = 400_000.0, 3_800_000.0, 30.0
CATALOG = """\
region: terrain
entries:
  dem:
    kind: raster
    driver: {{name: geotiff}}
    uri: dem.tif
    acquired: "{acquired}"
    access: user_supplied
    source: {{title: t, licence: l}}
  reservoir:
    kind: vector
    driver: {{name: ogr}}
    uri: lakes.gpkg
    access: user_supplied
    source: {{title: t, licence: l}}
"""


def hills(side: int = N) -> np.ndarray:
    """Return rough ground with valleys, 100 to about 1,100 m."""
    rng, dem = np.random.default_rng(3), np.zeros((side, side))
    for width, height in ((15, 250.0), (6, 60.0)):
        noise = ndimage.gaussian_filter(rng.standard_normal((side, side)), width)
        dem += height * noise / noise.std()
    return (dem - dem.min() + 100).astype(np.float32)


def write_dem(
    folder: Path, dem: np.ndarray, *, crs: str = "EPSG:32611", nodata: float | None = -9999.0,
    unit: str = "",
) -> Path:  # fmt: skip
    path = folder / "dem.tif"
    degrees = crs == "EPSG:4326"
    place = (110.0, 33.0, 3e-4, 3e-4) if degrees else (WEST, NORTH, CELL, CELL)
    profile = {
        "driver": "GTiff", "width": dem.shape[1], "height": dem.shape[0], "count": 1,
        "dtype": "float32", "nodata": nodata, "crs": crs,
        "transform": rasterio.transform.from_origin(*place),
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(dem.astype(np.float32), 1)
        if unit:
            target.units = (unit,)
    return path


@pytest.fixture
def shiyan(tmp_path, monkeypatch, capfd):
    """Run ``shiyan siting pumped``; returns exit code, stdout, error lines; checks the folder."""

    def run(data: Path, *words: str) -> tuple[int, str, list[str]]:
        out = tmp_path / "out"
        told = ["--data", str(data), "--out", str(out), "--as-of", "2026-11-22", *words]
        monkeypatch.setattr(sys, "argv", ["shiyan", "siting", "pumped", *told])
        code = 0
        try:
            atlas.cli.main()
        except SystemExit as leave:
            code = int(leave.code or 0)
        said = capfd.readouterr()
        assert "Traceback" not in said.out + said.err
        errors = [line for line in said.err.splitlines() if "[E-" in line]
        if code:
            assert len(errors) == 2, said.err
            assert "处理办法" in errors[0]
            assert "-> cure:" in errors[1]
            folders = [p for p in out.iterdir() if p.is_dir()] if out.exists() else []
            assert folders == []  # nothing half-written
        return code, said.out, errors

    return run


def test_flat_ground_is_empty_and_says_why(tmp_path, shiyan):
    code, out, _ = shiyan(write_dem(tmp_path, np.full((80, 80), 300.0)))
    assert code == 0
    assert "没有找到抽蓄场址：地形上没有可建坝的冲沟" in out
    code, out, _ = shiyan(write_dem(tmp_path, np.full((80, 80), 300.0)), "--json")
    assert code == 0
    assert json.loads(out)


def test_voids_are_no_ground_and_no_error(tmp_path, shiyan):
    dem = hills()
    dem[40:60, 30:90] = -9999.0
    code, out, _ = shiyan(write_dem(tmp_path, dem))
    assert code == 0
    assert "抽蓄" in out


@pytest.mark.parametrize(
    ("change", "how", "error", "words"),
    [
        (lambda z: z, {"crs": "EPSG:4326"}, "E-CRS", "unfit for metres"),
        (lambda z: z * 3.28084 * 8, {}, "E-RASTER", "-500..9000"),
        (lambda z: z * 3.28084, {"unit": "ft"}, "E-UNIT", "wanted m"),
        (lambda z: z * 3.28084, {"unit": "US_survey_foot"}, "E-UNIT", "wanted m"),
        (lambda z: np.where(z > 300, z, -32768.0), {"nodata": None}, "E-NODATA", "-32768"),
        (lambda z: np.full_like(z, -9999.0), {}, "E-RASTER", "no valid cell"),
    ],
)
def test_ground_that_cannot_be(tmp_path, shiyan, change, how, error, words):
    code, out, lines = shiyan(write_dem(tmp_path, change(hills()), **how))
    assert (code, out) == (3, "")
    assert all(error in line and "dem.tif" in line for line in lines)
    assert words in lines[1]


def test_feet_that_pass_for_metres_are_doubted(tmp_path, shiyan):
    doubt = "高程可能是英尺"
    code, out, _ = shiyan(write_dem(tmp_path, hills() * 3.28084))
    assert code == 0
    assert doubt in out
    _, out, _ = shiyan(write_dem(tmp_path, hills()))
    assert doubt not in out


def with_lake(folder: Path, acquired: str, **columns) -> Path:
    """Write a catalog of hills and one lake of 20 x 20 cells on ground of 500 m."""
    dem = hills()
    dem[60:80, 60:80] = 500.0
    write_dem(folder, dem)
    west, south = WEST + 60 * CELL, NORTH - 80 * CELL
    shape = columns.pop("geometry", shapely.box(west, south, west + 20 * CELL, south + 20 * CELL))
    row = {"name": "某水库", "npl_m": 505.0, "dead_m": 495.0, **columns}
    frame = gpd.GeoDataFrame({key: [value] for key, value in row.items()}, geometry=[shape],
                             crs="EPSG:32611")  # fmt: skip
    frame.to_file(folder / "lakes.gpkg", layer="a")
    path = folder / "mine.yaml"
    path.write_text(CATALOG.format(acquired=acquired), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("columns", "acquired", "error", "words"),
    [
        ({"dead_m": 510.0}, "2013", "E-INPUT", "not below the normal level"),
        ({"dead_m": 505.0}, "2013", "E-INPUT", "not below the normal level"),
        ({"npl_m": 1657.0, "dead_m": 1624.0}, "2013", "E-UNIT", "units"),
        ({"dead_m": 480.0, "impounded": "2020"}, "2013", "E-INPUT", "below the floor of the DEM"),
    ],
)
def test_lakes_that_cannot_be(tmp_path, shiyan, columns, acquired, error, words):
    code, out, lines = shiyan(with_lake(tmp_path, acquired, **columns))
    assert (code, out) == (3, "")
    assert all(error in line and "某水库" in line for line in lines)
    assert words in lines[1]


def test_an_old_lake_below_the_ground_is_no_error(tmp_path, shiyan):
    code, _, _ = shiyan(with_lake(tmp_path, "2013", dead_m=480.0, impounded="1970"))
    assert code == 0


FLAT = shapely.Polygon([(WEST + 2000, NORTH - 2000), (WEST + 2600, NORTH - 2000),
                        (WEST + 2000, NORTH - 2000)])  # fmt: skip


def test_a_layer_of_one_lake_of_no_area_is_empty(tmp_path, shiyan):
    code, out, lines = shiyan(with_lake(tmp_path, "2013", geometry=FLAT))
    assert (code, out) == (3, "")
    assert all("E-VECTOR" in line and "lakes.gpkg" in line for line in lines)
    assert "empty layer" in lines[1]


def test_a_lake_of_no_area_among_others_is_left_out_and_listed(tmp_path, shiyan):
    path = with_lake(tmp_path, "2013")
    good = gpd.read_file(tmp_path / "lakes.gpkg")
    bad = good.assign(name="零水库").set_geometry([FLAT])
    gpd.GeoDataFrame(pd.concat([good, bad]), crs=good.crs).to_file(tmp_path / "lakes.gpkg",
                                                                   layer="a")  # fmt: skip
    code, out, _ = shiyan(path)
    assert code == 0
    assert "已有水库 1 " in out
    folder = next(p for p in (tmp_path / "out").iterdir() if p.is_dir())
    assert "零水库" in (folder / "run.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ({"pair.head_min_greenfield_m": 799.0}, 0, "没有找到抽蓄场址"),
        ({"pair.size_1_mw": 5000.0, "pair.hours": 12.0, "pair.size_2_mw": 0.0,
          "pair.size_3_mw": 0.0, "pair.size_4_mw": 0.0}, 0, "没有找到抽蓄场址"),
        ({"pair.head_min_greenfield_m": 900.0}, 2, "pair.head_min_greenfield_m"),
        ({"pair.head_max_m": -5.0}, 2, "pair.head_max_m"),
        ({"pair.size_1_mw": -300.0}, 2, "pair.size_1_mw"),
        ({"pair.hours": 0.0}, 2, "pair.hours"),
        ({"pair.size_1_mw": 0.0, "pair.size_2_mw": 0.0, "pair.size_3_mw": 0.0,
          "pair.size_4_mw": 0.0}, 2, "all four sizes are 0"),
    ],
)  # fmt: skip
def test_requests_that_no_pair_meets(tmp_path, shiyan, values, code, words):
    asked = tmp_path / "asked.yaml"
    lines = "".join(f"  {key}: {value:g}\n" for key, value in values.items())
    asked.write_text(f"values:\n{lines}", encoding="utf-8")
    got, out, errors = shiyan(write_dem(tmp_path, hills()), "--params", str(asked))
    assert got == code
    assert words in (out if code == 0 else errors[1])
