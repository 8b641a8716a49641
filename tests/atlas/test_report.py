"""report.html: answers first, attribute text inert, no script, style by hash."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from shapely.geometry import box

from atlas.part import ClassView, PartResult, PatternRaster, Section, Swatch, Tab
from atlas.report.bars import Bar, bars_svg
from atlas.report.overview import overview_svg
from atlas.report.page import Page, write_report
from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport

HOSTILE = "<img src=x onerror=alert(1)>{{ 7*7 }}"


def part() -> PartResult:
    stats = {"type": "stats", "items": [
        {"label": f"指标{n}", "value": str(n), "unit": "万亩", "note": HOSTILE} for n in range(6)
    ]}  # fmt: skip
    table = pd.DataFrame({"名称": [HOSTILE], "面积": [12.3456], "空": [np.nan], "是": [True]})
    return PartResult(
        "siting",
        Say("选址", "Siting"),
        {},
        Passport(synthetic=True),
        tabs=(Tab("siting", Say("选址", "Siting"), Say(f"光伏可用 {HOSTILE}", "x"), (stats,)),),
        sections=(Section("s1", Say("一", "1"), (Say(HOSTILE, "x"),), table=table),),
        warnings=tuple(Say(f"提示 {n}", f"note {n}") for n in range(5)),
    )


def page(overview: str = "<svg></svg>") -> Page:
    return Page("图集", "截止 2026-11-22", "zh", "演示", overview, "内部", ("引用一",))


def test_report_is_inert_and_complete(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(path, page(), [part()])
    text = path.read_text(encoding="utf-8")
    assert "<img" not in text
    assert "{{ 7*7 }}" in text  # data is never a template
    assert "<script" not in text
    assert " onerror=" not in re.sub(r"&lt;.*?&gt;", "", text)
    assert text.count("<div><b>") == 4
    assert "提示 0" in text
    assert "提示 4" in text
    assert "12.3" in text
    assert '<section class="chapter demo" id="s1">' in text
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in unescape(text)
    assert 'style="' not in text


def test_overview_paints_the_classes_and_names() -> None:
    grid = Grid("EPSG:4546", Affine(90, 0, 500000, 0, -90, 3600000), (60, 80))
    index = np.zeros(grid.shape, dtype=np.uint16)
    index[:, 40:] = 1
    swatches = (
        Swatch(Say("可用", "free"), "#f0a500", 1.0),
        Swatch(Say("禁止", "prohibited"), "#808890", 1.0),
    )
    view = ClassView("pv", Say("光伏", "PV"), swatches, np.array([0, 1], dtype=np.uint8), ({}, {}))
    raster = PatternRaster(grid, index, (view,), Passport())
    counties = gpd.GeoDataFrame({"name": ["<b>房县"]}, geometry=[box(*grid.bounds)], crs=grid.crs)
    svg = overview_svg(
        grid,
        np.full(grid.shape, 200, dtype=np.uint8),
        np.ones(grid.shape, dtype=bool),
        counties,
        raster,
        "演示",
    )
    assert "&lt;b&gt;房县" in svg
    assert "演示" in svg
    assert svg.count("data:image/png;base64,") == 1
    again = overview_svg(
        grid, np.full(grid.shape, 200, dtype=np.uint8), np.ones(grid.shape, dtype=bool), counties,
        raster, "演示",
    )  # fmt: skip
    assert again == svg


def test_first_page_names_technologies_and_says_every_view(tmp_path: Path) -> None:
    grid = Grid("EPSG:4546", Affine(90, 0, 500000, 0, -90, 3600000), (4, 4))
    swatches = (Swatch(Say("可用", "free"), "#f0a500"), Swatch(Say("无", "none"), "#808890"))
    classes = np.zeros(1, dtype=np.uint8)
    view = ClassView("wind", Say("风电", "Wind"), swatches, classes, ({},))
    item = {"label": "可用土地", "value": "7", "unit": "万亩", "note": ""}
    blocks = (
        {"type": "sentence", "view": "wind", "text": "风电可用 7 万亩"},
        {"type": "stats", "view": "wind", "items": [item]},
    )
    result = PartResult(
        "siting",
        Say("选址", "Siting"),
        {},
        Passport(),
        tabs=(Tab("siting", Say("选址", "Siting"), Say("光伏可用 5 万亩", "x"), blocks),),
        raster=PatternRaster(grid, np.zeros(grid.shape, dtype=np.uint16), (view,), Passport()),
    )
    path = tmp_path / "report.html"
    write_report(path, page(), [result])
    text = path.read_text(encoding="utf-8")
    assert "光伏可用 5 万亩" in text
    assert "风电可用 7 万亩" in text
    assert "风电 · 可用土地" in text
    # a class without a cell is not in the legend, and no rule for the map sizes its swatches
    assert "> 无</span>" not in text
    assert ".map svg" not in text


def test_numbers_of_a_column_share_their_decimals(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"MW": [8.0, 6.1, np.nan], "亩": [10631, 3438, 2], "年": [2023, 2030, 2060]}
    )
    result = PartResult(
        "s", Say("一", "1"), {}, Passport(),
        sections=(Section("s", Say("一", "1"), (), table=table),),
    )  # fmt: skip
    path = tmp_path / "report.html"
    write_report(path, page(), [result])
    cells = re.findall(r'<td class="n">(.*?)</td>', path.read_text(encoding="utf-8"))
    assert cells == ["8.0", "10,631", "2023", "6.1", "3,438", "2030", "—", "2", "2060"]


def test_overview_draws_lakes_and_leaves_lines_out() -> None:
    grid = Grid("EPSG:4546", Affine(90, 0, 500000, 0, -90, 3600000), (60, 80))
    west, south, east, north = grid.bounds
    lake = box(west + 900, south + 900, west + 2700, south + 2700)
    water = gpd.GeoDataFrame({"name": ["湖", "河"]}, geometry=[lake, lake.exterior], crs=grid.crs)
    counties = gpd.GeoDataFrame({"name": ["房县"]}, geometry=[box(*grid.bounds)], crs=grid.crs)
    shade = np.full(grid.shape, 200, dtype=np.uint8)
    inside = np.ones(grid.shape, dtype=bool)
    svg = overview_svg(grid, shade, inside, counties, None, "", water)
    assert svg.count('fill="#5b8fc4"') == 1
    assert f"{900 / 90:.1f} {(north - south - 900) / 90:.1f}" in svg
    assert east > west


def test_what_is_no_law_stands_over_the_answers(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    said = replace(page(), assumed=(HOSTILE, "假设情景：甲"), changed=("已改动 1 条规则",))
    write_report(path, said, [part()])
    text = path.read_text(encoding="utf-8")
    assert text.index("假设情景：甲") < text.index('class="answers"')
    assert "已改动 1 条规则" in text
    assert "<img" not in text


def test_bars_are_to_scale_and_inert() -> None:
    bars = [Bar(HOSTILE, 8.0, 2.0, "8 万亩", "#123456"), Bar("乙" * 60, 4.0, 4.0, "4", "#123456")]
    svg = bars_svg("题", "副题", bars, ("深", "浅"), 800)
    assert "<img" not in svg
    assert "…" in svg  # a long name is cut, not drawn over the bar
    found = re.findall(r'width="([\d.]+)" height="14" fill="#123456" fill-opacity="([\d.]+)"', svg)
    (long, light), (part_of, dark), (half, _), (whole, _) = found
    assert (light, dark) == ("0.42", "1")
    assert float(part_of) == pytest.approx(float(long) / 4, abs=0.1)
    assert float(half) == float(whole) == pytest.approx(float(long) / 2, abs=0.1)
    assert bars_svg("题", "", [], ("深", "浅")) == ""
