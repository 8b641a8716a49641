"""``shiyan why --site/--area`` and ``shiyan ledger``: what they print, and that it adds up."""

from __future__ import annotations

import csv
import json
import math
import re
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from click.testing import CliRunner
from shapely.geometry import GeometryCollection, LineString, Point, Polygon, box

from atlas import answers_ledger, answers_place
from atlas.answers_law import Screened, region_of, screened
from atlas.answers_ledger import adding_up
from atlas.cli import cli
from atlas.options import Options
from atlas.stages import Stages
from geo.errors import InputError, OptionError, UndecidedError, VectorError
from geo.vector import write_gpkg

OPTIONS = Options(as_of=date(2026, 11, 22), resolution=270, out=Path("unused"))
SAME = ("--as-of", "2026-11-22", "--resolution", "270")


@pytest.fixture(scope="module")
def demo() -> Screened:
    """Return the whole region, screened once."""
    return screened(OPTIONS, Stages(), region_of(OPTIONS)[1])


@pytest.fixture
def shiyan(demo: Screened, monkeypatch: pytest.MonkeyPatch):
    """Run a command on the screened region, reading no layer again."""
    monkeypatch.setattr(answers_ledger, "read_scene", lambda *_: demo.scene)
    monkeypatch.setattr(answers_place, "screened", lambda *_: demo)

    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, [*words, *SAME], catch_exceptions=False,
                                  standalone_mode=False)  # fmt: skip
        return done.stdout

    return run


def numbers(line: str) -> list[float]:
    return [float(one.replace(",", "")) for one in re.findall(r"-?[\d,]+\.\d\d", line)]


@pytest.mark.parametrize("technology", ["pv", "wind", "pumped"])
def test_ledger_adds_up_as_printed(shiyan, technology: str) -> None:
    lines = shiyan("ledger", technology).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("规则（万亩）"))
    rows = []
    for line in lines[start + 3 :]:
        if "分摊之和 = 失去" in line:
            lost = numbers(line)[0]
            break
        rows += [numbers(line)] if numbers(line) else []
    assert math.isclose(sum(row[3] for row in rows), lost, abs_tol=1e-6)
    balance = {line.split()[0]: numbers(line) for line in lines if line.startswith("  ")}
    whole = balance["合计"]
    lost_row = next(numbers(line) for line in lines if line.startswith("  失去"))
    free_row = next(numbers(line) for line in lines if line.startswith("  其余"))
    usable, limited, route = (
        next(numbers(line) for line in lines if line.strip().startswith(word))
        for word in ("其中可用", "其中仅限有限人为活动", "其中须走程序")
    )
    unknown_row = next(numbers(line) for line in lines if line.startswith("  未知"))
    assert lost_row[0] == pytest.approx(lost)
    area = next(numbers(line) for line in lines if "合计 = 县域面积" in line)
    for column in (0, 1):
        parts = lost_row[column] + free_row[column] + unknown_row[column]
        assert parts == pytest.approx(area[column], abs=1e-6)
        inner = usable[column] + limited[column] + route[column]
        assert inner == pytest.approx(free_row[column], abs=1e-6)
    assert 23_600 < area[1] < 23_800  # km2 of 十堰, by the cells
    assert whole[3] == pytest.approx(area[0])  # the line under the counties
    assert any("演示，无法律意义" in line for line in lines[:2])
    assert any(line.startswith("! 格元：失去") for line in lines)


def test_ledger_json(shiyan) -> None:
    answer = json.loads(shiyan("ledger", "pv", "--json"))
    whole = answer["whole"]
    assert whole["lost_m2"] + whole["free_m2"] + whole["unknown_m2"] == whole["area_m2"]
    assert whole["lost_cells"] + whole["free_cells"] + whole["unknown_cells"] == whole["area_cells"]
    assert math.fsum(rule["share_m2"] for rule in answer["rules"]) == whole["lost_m2"]
    assert len(answer["counties"]) == 8
    assert {rule["block"] for rule in answer["rules"]} == {"law", "technical"}
    assert answer["synthetic"] is True
    assert answer["mw_per_km2"] > 0


def test_ledger_options(shiyan) -> None:
    base = json.loads(shiyan("ledger", "wind", "--json"))["whole"]
    off = json.loads(shiyan("ledger", "wind", "--off", "R-05,R-13", "--json"))
    assert off["off"] == ["R-05", "R-13"]
    assert off["whole"]["lost_m2"] < base["lost_m2"]
    routes = json.loads(shiyan("ledger", "wind", "--routes-lost", "--json"))["whole"]
    assert routes["lost_m2"] > base["lost_m2"]
    one = json.loads(shiyan("ledger", "wind", "--county", "房县", "--component", "road", "--json"))
    assert [row["county"] for row in one["counties"]] == ["房县"]
    assert one["component"] == "road"
    english = shiyan("ledger", "wind", "--off", "R-05", "--lang", "en")
    assert "a what-if: rules switched off: R-05" in english
    assert "sum = area of the counties" in english
    assert "万" not in english
    told = json.loads(shiyan("ledger", "wind", "--lang", "en", "--json"))
    for row in (*told["rules"], *told["rules_by_county"]):
        assert row["title"].isascii()


def test_ledger_csv(shiyan, tmp_path: Path) -> None:
    path = tmp_path / "账.csv"
    shiyan("ledger", "pv", "--csv", str(path))
    with path.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    for county in {row["县市区"] for row in rows}:
        mine = [row for row in rows if row["县市区"] == county]
        area = next(row for row in mine if row["名称"] == "合计（县域面积）")
        shares = sum(int(row["分摊（m²）"]) for row in mine if row is not area)
        assert shares == int(area["分摊（m²）"])  # to the last square metre
        for row in mine:
            if row["规则"]:
                parts = int(row["单独占用（m²）"]) + int(row["共同占用（m²）"])
                assert parts == int(row["占用（m²）"])
    assert {row["演示（无法律意义）"] for row in rows} == {"是"}
    assert {row["假设（非法律）"] for row in rows} == {""}
    shiyan("ledger", "pv", "--off", "R-06", "--what-if", "corridor", "--csv", str(path))
    with path.open(encoding="utf-8-sig", newline="") as source:
        said = {row["假设（非法律）"] for row in csv.DictReader(source)}
    assert said == {"情景 corridor；停用 R-06"}
    assert [one.name for one in tmp_path.iterdir()] == ["账.csv"]


def test_what_if_is_said_first(shiyan) -> None:
    text = shiyan("ledger", "pv", "--what-if", "corridor")
    assert text.startswith("! 假设情景")
    assert "corridor" in text.splitlines()[0]
    assert json.loads(shiyan("ledger", "pv", "--what-if", "corridor", "--json"))["what_if"] == [
        "corridor"
    ]


def test_rules_of_restricted_layers_have_no_name(shiyan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers_ledger, "_RESTRICTED", frozenset({"permanent_farmland"}))
    text = shiyan("ledger", "pv")
    assert "原因不公开" in text
    assert "R-06 " not in text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ledger", "pv", "--off", "R-99"), "R-99"),
        (("ledger", "pv", "--county", "武汉市"), "武汉市"),
        (("ledger", "pv", "--component", "tunnel"), "tunnel"),
        (("why",), "point"),
        (("why", "110.7"), "110.7"),
        (("why", "110.7", "32.6", "--site", "x"), "one of them"),
        (("why", "1110.7", "32.6"), "1110.7"),
    ],
)
def test_bad_words(shiyan, words: tuple[str, ...], says: str) -> None:
    with pytest.raises(OptionError, match=says):
        shiyan(*words)


def test_legal_mode_ends_undecided(shiyan) -> None:
    with pytest.raises(UndecidedError):
        shiyan("ledger", "pv", "--mode", "legal")


def test_why_ends_undecided_in_legal_mode_alone(shiyan, demo: Screened, tmp_path: Path) -> None:
    """A military layer is never in the demo: no reservoir is decided without it."""
    x, y = demo.scene.grid.xy(300, 300)
    land = ("why", "--area", str(write_area(tmp_path / "a.gpkg", box(x, y, x + 900, y + 900))))
    for component in ("upper_reservoir", "transmission"):
        words = (*land, "--tech", "pumped", "--component", component)
        assert shiyan(*words)
        with pytest.raises(UndecidedError, match=component):
            shiyan(*words, "--mode", "legal")


# ------------------------------------------------------------------------------ land


def write_area(path: Path, land: Any, crs: str = "EPSG:4546") -> Path:
    frame = gpd.GeoDataFrame({"name": ["=cmd"]}, geometry=[land], crs=crs)
    write_gpkg(path, {"area": frame})
    return path


def test_why_area(shiyan, demo: Screened, tmp_path: Path) -> None:
    x, y = demo.scene.grid.xy(300, 300)
    path = write_area(tmp_path / "地块.gpkg", box(x - 2000, y - 1500, x + 2000, y + 1500))
    text = shiyan("why", "--area", str(path), "--tech", "wind")
    assert "地块.gpkg（1 个面）" in text
    assert "1,199.9 公顷（椭球面积）" in text  # 12 km2 on the map
    assert "演示，无法律意义" in text
    answer = json.loads(shiyan("why", "--area", str(path), "--json"))
    assert answer["polygon_m2"] == pytest.approx(12e6, rel=1e-3)
    array = answer["components"][0]
    assert sum(array["areas_m2"].values()) == pytest.approx(answer["cells_m2"])
    hit = [rule for rule in array["rules"] if rule["state"] == "hit"]
    assert all(rule["area_m2"] <= answer["cells_m2"] * (1 + 1e-12) for rule in hit)
    road = json.loads(shiyan("why", "--area", str(path), "--component", "road", "--json"))
    assert [one["component"] for one in road["components"]] == ["road"]


def test_what_of_a_drawing_was_left_out_is_said(shiyan, demo: Screened, tmp_path: Path) -> None:
    """Land past the border, lines, collections, mended rings and the datum: none in silence."""
    region = demo.scene.region.boundary
    x, y = region.bounds[0], demo.scene.grid.xy(300, 300)[1]
    across = box(x - 3000, y - 30_000, x + 9000, y + 30_000)
    answer = json.loads(
        shiyan("why", "--area", str(write_area(tmp_path / "b.gpkg", across)), "--json")
    )
    outside = across.difference(region).area
    assert answer["outside_m2"] == pytest.approx(outside, rel=2e-3)
    assert "在区域外，未筛查" in answer["notes"][0]
    inner = answer["polygon_m2"] - answer["outside_m2"]
    assert answer["cells_m2"] == pytest.approx(inner, rel=0.02)
    plot = box(110.70, 32.60, 110.72, 32.62)
    bow = Polygon([(110.75, 32.60), (110.77, 32.62), (110.77, 32.60), (110.75, 32.62)])
    shapes = [
        GeometryCollection([plot, Point(110.7, 32.6)]), bow, LineString([(110.7, 32.6), (111, 33)])
    ]  # fmt: skip
    path = tmp_path / "m.geojson"
    gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326").to_file(path)
    text = shiyan("why", "--area", str(path))
    assert "（2 个面）" in text
    assert "1 个要素不是面" in text
    assert "几何已修复" in text
    assert "--datum GCJ-02" in text
    moved = shiyan("why", "--area", str(path), "--datum", "GCJ-02", "--lang", "en")
    assert "--datum" not in moved
    assert "features are no polygons" in moved


def test_bad_areas(shiyan, tmp_path: Path) -> None:
    with pytest.raises(VectorError, match="polygon"):
        shiyan("why", "--area", str(write_area(tmp_path / "p.gpkg", Point(500_000, 3_600_000))))
    far = write_area(tmp_path / "far.gpkg", box(700_000, 3_300_000, 701_000, 3_301_000))
    with pytest.raises(OptionError, match="outside the region"):
        shiyan("why", "--area", str(far))
    with pytest.raises(VectorError, match="does not exist"):
        shiyan("why", "--area", str(tmp_path / "none.gpkg"))


# ----------------------------------------------------------------------------- sites


@pytest.fixture
def run_folder(demo: Screened, tmp_path: Path) -> Path:
    """Return an output folder whose last run has a candidate and a named project."""
    x, y = demo.scene.grid.xy(300, 300)
    shared = {"technology": "pv", "county": "房县", "source": "S1", "note": "", "reasons": ""}
    candidate = {
        "id": "pv-abc", "name": "房县光伏候选 1", "status": "candidate", "synthetic": True,
        "coord_quality": "approx", "capacity_mw": 30.0, **shared,
    }  # fmt: skip
    named = {
        "id": "real", "name": "某工程", "status": "planned", "synthetic": False,
        "coord_quality": "town_centroid", "capacity_mw": 100.0,
        **shared, "reasons": "坐标精度为“乡镇中心点”，不足以筛查",
    }  # fmt: skip
    folder = tmp_path / "out" / "20261122T000000Z-abcdef01"
    folder.mkdir(parents=True)
    frames = {
        "pv_演示": gpd.GeoDataFrame(
            [candidate], geometry=[box(x - 700, y - 700, x + 700, y + 700)], crs="EPSG:4546"
        ),
        "pv": gpd.GeoDataFrame([named], geometry=[Point(x, y)], crs="EPSG:4546"),
    }
    write_gpkg(folder / "sites.gpkg", frames)
    manifest = {
        "parameters": {**OPTIONS.parameters()}, "grid": {"cell_m": 270.0},
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder.parent / "latest").write_text(f"{folder.name}\n", encoding="utf-8")
    return folder


def test_why_site(shiyan, run_folder: Path) -> None:
    out = ("--out", str(run_folder.parent))
    text = shiyan("why", "--site", "pv-abc", *out)
    assert "房县光伏候选 1（pv-abc）" in text
    assert "公顷" in text
    assert "演示，无法律意义" in text
    answer = json.loads(shiyan("why", "--site", "pv-abc", "--json", "--run", str(run_folder)))
    assert answer["site"] == "pv-abc"
    assert answer["polygon_m2"] == pytest.approx(1400**2, rel=1e-3)
    assert len(answer["components"]) == 5


def test_a_site_under_another_law_than_its_run_is_told(shiyan, run_folder: Path) -> None:
    words = ("why", "--site", "pv-abc", "--run", str(run_folder), "--what-if", "corridor")
    assert "what_if corridor，运行 as_of 2026-11-22, mode explore" in shiyan(*words)
    assert "不同" not in shiyan(*words[:-2])
    manifest = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    manifest["parameters"]["region"] = "elsewhere.yaml"
    (run_folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(OptionError, match=r"elsewhere\.yaml"):
        shiyan(*words)


def test_named_projects_stay_unscreened(shiyan, run_folder: Path) -> None:
    text = shiyan("why", "--site", "real", "--out", str(run_folder.parent))
    assert text.startswith("某工程：未筛查")
    assert "乡镇中心点" in text
    assert "公顷" not in text
    assert "R-" not in text
    answer = json.loads(shiyan("why", "--site", "real", "--json", "--run", str(run_folder)))
    assert answer["verdict"] == "unscreened"
    assert answer["published"]["capacity_mw"] == 100.0


def test_bad_sites(shiyan, run_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="is no site"):
        shiyan("why", "--site", "nobody", "--run", str(run_folder))
    with pytest.raises(OptionError, match="no published run"):
        shiyan("why", "--site", "pv-abc", "--out", str(tmp_path / "empty"))
    with pytest.raises(OptionError, match="made from demo"):
        shiyan("why", "--site", "pv-abc", "--run", str(run_folder), "--data", "bureau")
    (run_folder / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"run\.json"):
        shiyan("why", "--site", "pv-abc", "--run", str(run_folder))


def test_rounding_adds_up() -> None:
    assert adding_up([1.004, 2.006, 0.0], 3.01) == [1.0, 2.01, 0.0]
    thirds = adding_up([1 / 3] * 3, 1.0)
    assert sum(round(one * 100) for one in thirds) == 100
    assert adding_up([], 0.0) == []
