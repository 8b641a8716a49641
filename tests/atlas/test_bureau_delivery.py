"""A bureau's delivery, from its files to the map: catalog add, siting, ledger, why."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from atlas.cli import cli
from geo.errors import InputError
from layers.catalog import open_catalog
from layers.region import load_region
from layers.stack import build_stack

DAY = ("--as-of", "2026-11-22", "--resolution", "540")
ADDED = (
    ("三区三线下发版.gdb", "--as", "eco_redline"),
    ("三区三线下发版.gdb", "--as", "permanent_farmland"),
    ("三区三线下发版.gdb", "--as", "urban_boundary"),
    ("水源地.shp", "--as", "water_source"),
    ("郧西县林地小班.shp",),
)
pytestmark = pytest.mark.slow


def shiyan(*words: str) -> Any:
    result = CliRunner().invoke(cli, list(words))
    assert result.exception is None, (words, result.exception)
    return result


@pytest.fixture(scope="module")
def catalog(bureau_delivery: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The delivery with its catalog, written by the command line alone."""
    folder = shutil.copytree(bureau_delivery, tmp_path_factory.mktemp("局") / "送审 数据")
    path = folder / "my_catalog.yaml"
    for name, *words in ADDED:
        shiyan("catalog", "add", str(folder / name), "--catalog", str(path), "--yes", *words)
    return path


@pytest.fixture(scope="module")
def sited(catalog: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """One siting run over the delivery: its JSON answer and its folder."""
    out = tmp_path_factory.mktemp("out")
    result = shiyan("siting", "--data", str(catalog), "--out", str(out), "--json", *DAY)
    answer = json.loads(result.stdout)
    return answer, out / (out / "latest").read_text(encoding="utf-8").strip()


def test_the_check_passes(catalog: Path) -> None:
    result = shiyan("catalog", "check", "--data", str(catalog))
    assert "✗" not in result.output
    assert "✓ eco_redline：可用" in result.output


def test_layers_are_the_bureaus_and_only_known_ground_counts(catalog: Path) -> None:
    opened = open_catalog(str(catalog))
    region = load_region("shiyan", opened)
    names = ("eco_redline", "water_source", "public_forest", "forest_grade", "shrub_cover")
    stack = build_stack(opened, region, region.grid(540.0), 1, lambda _: None, only=names)
    for layer in stack:
        assert not layer.passport.synthetic, layer.name
        assert layer.passport.sha256, layer.name
    assert stack.require("eco_redline").coverage is None or stack.require(
        "eco_redline"
    ).coverage.covers(region.boundary.buffer(-1))
    assert set(stack.require("water_source").vector()["grade"]) == {1, 2, 3}
    county = region.counties[region.counties["code"] == "420322"].geometry.iloc[0]
    coverage = stack.require("forest_grade").coverage
    assert coverage is not None
    assert coverage.symmetric_difference(county).area < 1e-3 * county.area
    cover = stack.require("shrub_cover").raster().to_numpy()
    assert {0, 45, 255} == set(cover.ravel().tolist())


def test_the_map_and_the_record_of_its_inputs(sited: tuple[Any, Path]) -> None:
    answer, folder = sited
    assert answer["schema"] == "shiyan-atlas/run/1"
    assert (folder / "map.html").stat().st_size > 100_000
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    redline = record["inputs"]["eco_redline"]
    assert redline["synthetic"] is False
    assert redline["sha256"][0].startswith("三区三线下发版.gdb=")
    assert any(note.startswith("控制总量") for note in redline["notes"])
    assert any("个要素" in note for note in redline["notes"])
    assert any("陆域生态保护红线" in one for one in record["citations"])
    side_files = record["inputs"]["water_source"]["sha256"]
    assert {one.split("=")[0] for one in side_files} == {"水源地.shp", "水源地.shx", "水源地.dbf"}
    assert "nature_reserve" in record["absent"]  # not delivered: unscreened, never made up


def test_the_red_line_reaches_the_verdict(catalog: Path) -> None:
    opened = open_catalog(str(catalog))
    request = opened.request("eco_redline")
    from layers.drivers import read_vector

    point = read_vector(request, "EPSG:4326").data.geometry.iloc[100].representative_point()
    words = ("why", f"{point.x}", f"{point.y}", "--tech", "pv", "--data", str(catalog))
    assert "红线" in shiyan(*words, *DAY).output


def test_the_ledger_adds_up(catalog: Path) -> None:
    result = shiyan("ledger", "pv", "--data", str(catalog), "--json", *DAY)
    answer = json.loads(result.stdout)
    rules = json.dumps(answer, ensure_ascii=False)
    assert "R-15" in rules  # protection grades from the sub-compartments
    result = shiyan("ledger", "pv", "--data", str(catalog), *DAY)
    assert "合计 = 县域面积" in result.output


def test_a_red_line_that_falls_short_stops_a_legal_run(catalog: Path, tmp_path: Path) -> None:
    words = ["siting", "--data", str(catalog), "--mode", "legal", "--out", str(tmp_path), *DAY]
    result = CliRunner().invoke(cli, words)
    assert isinstance(result.exception, InputError)
    assert "7,721.62" in result.exception.line("zh")
    assert result.exception.exit_code == 3
