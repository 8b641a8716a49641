"""The page in a browser: rank intervals, upright targets, months as bars, a second raster."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from shapely.geometry import LineString, Point

from atlas.map.build import build_map
from atlas.part import ClassView, PatternRaster, Swatch, VectorView
from geo.grid import Grid
from tests.atlas.conftest import DEMO, same

pytestmark = pytest.mark.browser

SUPPLY = {
    "type": "chart", "view": "pv", "title": "供给曲线", "unit": "元/kWh", "x": [0, 900],
    "y": [0.2, 0.6],
    "series": [
        {"kind": "band", "label": "电价", "tone": "neutral", "x": [0, 900], "y": [0.28, 0.28],
         "y2": [0.375, 0.375]},
        {"kind": "line", "label": "度电成本", "tone": "pv", "x": [0, 400, 900],
         "y": [0.3, 0.36, 0.4]},
        {"kind": "mark", "label": "目标 320 万千瓦", "tone": "neutral", "x": [320], "y": []},
    ],
}  # fmt: skip
MONTHS = {
    "type": "chart", "title": "各月", "x": [0.4, 12.6], "y": [0, 120],
    "marks": [[1, "1月"], [7, "7月"]],
    "series": [{"kind": "bars", "label": "", "tone": "pv", "x": list(range(1, 13)),
                "y": [50 + 5 * m for m in range(12)]}],
}  # fmt: skip


@pytest.fixture
def page(chromium, small_scene, tmp_path):
    part = small_scene.parts[0]
    sites = part.vectors[0].features.to_crs(4326)
    rows = [
        {"id": f"pv-{i}", "label": f"第 {i}", "low": 1 + i, "mid": 3 + i, "high": 9 + 4 * i,
         "text": f"{1 + i}-{9 + 4 * i}", "tone": "pv", "lon": p.x, "lat": p.y}
        for i, p in enumerate(sites.geometry[:5])
    ]  # fmt: skip
    ranges = {"type": "intervals", "view": "pv", "title": "名次", "x": [1, 25], "rows": rows}
    cards = [
        {**card, "chart": MONTHS, "facts": [{"label": "送出线路", "value": "110 kV", "note": ""}]}
        for card in part.vectors[0].features["card"]
    ]
    points = part.vectors[0].features.assign(card=cards)
    west, south, east, north = small_scene.base.grid.bounds
    lines = gpd.GeoDataFrame(
        geometry=[LineString([(west, south), (east, north)])], crs=small_scene.base.grid.crs
    )
    turbines = gpd.GeoDataFrame(geometry=[Point(west, south)], crs=lines.crs)
    own = ("siting/pv",)
    small_scene.parts[0] = replace(
        part,
        tabs=tuple(
            replace(tab, blocks=(*tab.blocks, SUPPLY, ranges)) if tab.id == "siting" else tab
            for tab in part.tabs
        ),
        vectors=(
            replace(part.vectors[0], features=points),
            *part.vectors[1:],
            VectorView("l", same("送出线路"), "line", lines, DEMO, "#9a5b00", own),
            VectorView("t", same("机位"), "turbine", turbines, DEMO, "#0f766e", own),
        ),
        more_rasters=(picture(small_scene.base.grid),),
    )
    path = tmp_path / "map.html"
    path.write_text(build_map(small_scene.parts, small_scene.base, small_scene.meta), "utf-8")
    context = chromium.new_context(
        viewport={"width": 1366, "height": 768}, offline=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", timeout=20_000)
    yield page
    assert not page.faults
    context.close()


def picture(grid: Grid) -> PatternRaster:
    t = grid.transform
    coarse = Grid(
        grid.crs, Affine(2 * t.a, 0, t.c, 0, 2 * t.e, t.f), (grid.rows // 2, grid.cols // 2)
    )
    index = (np.indices(coarse.shape).sum(axis=0) % 2).astype(np.uint16)
    swatches = (Swatch(same("900-1,000"), "#440154"), Swatch(same("1,000-1,100"), "#fde725"))
    cards = [{"headline": [{"label": "单位电量", "value": s.label.zh}]} for s in swatches]
    view = ClassView(
        "pv_yield", same("发电量"), swatches, np.arange(2, dtype=np.uint8), cards, "pv", ("siting",)
    )
    return PatternRaster(coarse, index, (view,), DEMO)


def test_intervals_stand_in_scale_and_fly_to_their_site(page):
    rows = page.locator(".at-range")
    assert rows.count() == 5
    track = rows.nth(4).locator(".at-span").bounding_box()
    reach = rows.nth(4).locator(".at-reach").bounding_box()
    assert reach["x"] == pytest.approx(track["x"] + track["width"] * 4 / 24, abs=1.5)
    assert reach["width"] == pytest.approx(track["width"] * 20 / 24, abs=1.5)
    rows.nth(2).click()
    assert page.locator("#at-card").is_visible()
    assert "P002" in page.locator("#at-card .at-card-title").inner_text()


def test_target_of_the_supply_curve_stands_upright(page):
    chart = page.locator("#at-body .at-chart").first
    assert "目标 320 万千瓦" in chart.locator("text").all_text_contents()
    upright = chart.locator("line[stroke-dasharray]").first
    assert upright.get_attribute("x1") == upright.get_attribute("x2")


def test_months_and_facts_stand_before_the_reasons(page):
    page.locator(".at-range").first.click()
    card = page.locator("#at-card")
    assert card.locator("rect").count() == 12
    assert "7月" in card.locator("svg text").all_text_contents()
    facts, why = (
        card.locator(".at-rows").first.bounding_box(),
        card.locator(".at-why").bounding_box(),
    )
    assert facts["y"] < why["y"]


def test_a_picture_keeps_the_blocks_of_its_view_and_stays_on_its_tab(page):
    names = page.locator(".at-segment").all_inner_texts()
    assert names == ["光伏", "风电", "发电量"]
    page.get_by_role("radio", name="发电量").click()
    assert page.locator(".at-range").count() == 5
    assert "1,000-1,100" in page.locator("#at-legend").inner_text()
    page.get_by_role("radio", name="风电").click()
    assert page.locator(".at-range").count() == 0
    page.get_by_role("tab", name="红线").click()
    assert page.locator(".at-segment").all_inner_texts() == ["光伏", "风电"]


def test_lines_and_turbines_come_with_the_zoom(page):
    app = "window.AtlasShell.app"
    shown = f"{app}.shownVectors().map((v) => v.role)"
    page.evaluate(f"{app}.map.setZoom(8, {{animate: false}})")
    assert {"line", "turbine"}.isdisjoint(page.evaluate(shown))
    assert "送出线路" in page.locator("#at-legend").inner_text()
    page.evaluate(f"{app}.map.setZoom(12, {{animate: false}})")
    assert {"line", "turbine"} <= set(page.evaluate(shown))
