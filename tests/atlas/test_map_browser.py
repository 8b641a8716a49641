"""The page in headless Chromium with the network cut: it draws what numpy says, and no more."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from shapely.geometry import Point

from atlas.map.build import build_map
from atlas.map.mercator import OUTSIDE, display_grid, warp_index
from atlas.part import PartResult, Tab, VectorView
from geo.errors import Say
from geo.passport import Passport

pytestmark = pytest.mark.browser
PROBE = Path(__file__).with_name("map_probe.js").read_text(encoding="utf-8").partition("\n")[2]
SIZES = [(1366, 768), (1920, 1080), (390, 844)]


@pytest.fixture(scope="module")
def page_file(scene: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "map.html"
    path.write_text(build_map(scene.parts, scene.base, scene.meta), encoding="utf-8")
    return path


class Opened:
    """A page with what it said and asked for."""

    def __init__(self, browser: Any, path: Path, size: tuple[int, int], **options: Any) -> None:
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, offline=True, **options
        )
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda m: self.said.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda e: self.said.append(f"error: {e}"))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.goto(path.as_uri())

    def ready(self) -> Any:
        self.page.wait_for_selector("html[data-ready]", timeout=20_000)
        return self.page


@pytest.fixture
def opened(chromium: Any, page_file: Path) -> Iterator[Any]:
    pages: list[Opened] = []

    def make(size: tuple[int, int] = SIZES[0], path: Path = page_file, **options: Any) -> Opened:
        pages.append(Opened(chromium, path, size, reduced_motion="reduce", **options))
        return pages[-1]

    yield make
    for one in pages:
        one.context.close()


def probe(page: Any, name: str, value: Any = None) -> Any:
    return page.evaluate(f"value => ({PROBE.strip()}).{name}(value)", value)


def tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def test_no_request_and_no_error(opened, page_file):
    one = opened()
    page = one.ready()
    for name in ("红线", "抽蓄", "森林", "选址"):
        tab(page, name)
    page.wait_for_timeout(300)
    sys.stderr.write(f"ready after {page.evaluate('document.documentElement.dataset.ready')} ms\n")
    assert one.said == []
    assert [url for url in one.asked if not url.startswith("data:")] == [page_file.as_uri()]


def test_tabs_change_sentence_and_view(opened):
    page = opened().ready()
    sentence = page.locator("#at-sentence")
    assert "光伏可用" in sentence.inner_text()
    assert "385\u2009万亩" in page.locator("#at-sentence strong").all_inner_texts()
    page.get_by_role("radio", name="风电").click()
    assert "风电可用" in sentence.inner_text()
    assert " W" in page.locator(".at-row .at-grow").first.inner_text()
    tab(page, "森林")
    assert "按 D1" in sentence.inner_text()
    assert page.locator("#at-body svg text.at-direct").count() >= 3
    page.keyboard.press("ArrowLeft")
    assert page.get_by_role("tab", name="抽蓄").get_attribute("aria-selected") == "true"


def test_ranked_row_opens_the_card_of_its_site(opened):
    page = opened().ready()
    page.locator(".at-row").nth(2).click()
    card = page.locator("#at-card")
    assert card.is_visible()
    assert card.locator("h2").inner_text() == page.locator(".at-row .at-grow").nth(2).inner_text()
    assert "演示，无法律意义" in card.inner_text()
    page.keyboard.press("Escape")
    assert not card.is_visible()


def test_enter_opens_the_card_of_the_centre(opened):
    page = opened().ready()
    tab(page, "红线")
    page.locator("#map_atlas").focus()
    page.keyboard.press("Enter")
    card = page.locator("#at-card")
    assert card.is_visible()
    assert "光伏方阵" in card.inner_text()
    assert "°E" in card.inner_text()
    page.keyboard.press("Escape")
    assert not card.is_visible()


def test_click_reads_the_cell_that_numpy_reads(opened, scene):
    page = opened().ready()
    tab(page, "红线")
    raster = scene.parts[0].raster
    to_grid = Transformer.from_crs(4326, raster.grid.crs, always_xy=True)
    pills = [card["pill"]["text"] for card in raster.views[0].card]
    rng, done = np.random.default_rng(4), 0
    for row, col in rng.integers((100, 100), np.array(raster.grid.shape) - 100, (400, 2)):
        block = raster.index[row - 1 : row + 2, col - 1 : col + 2]
        if block.min() != block.max() or block.min() == OUTSIDE:
            continue
        lon, lat = to_grid.transform(*raster.grid.xy(row, col), direction="INVERSE")
        page.evaluate("([lat, lng]) => AtlasShell.app.openRaster(L.latLng(lat, lng))", [lat, lon])
        text = page.locator("#at-card .at-pill").inner_text()
        assert text == pills[int(block[0, 0])]
        done += 1
        if done == 25:
            break
    assert done == 25


def rgb_of(swatch: Any) -> np.ndarray:
    return np.array([int(swatch.colour[i : i + 2], 16) for i in (1, 3, 5)])


@pytest.mark.parametrize("zoom", [11, 12.25, 13, 15])
def test_painted_pixels_are_the_warped_index(opened, scene, zoom):
    page = opened().ready()
    tab(page, "红线")
    page.evaluate("z => AtlasShell.app.map.setView([32.45, 110.6], z, {animate: false})", zoom)
    found = np.array(probe(page, "sample", 4000))
    raster = scene.parts[0].raster
    shown = display_grid(raster.grid)
    warped = warp_index(raster.index, raster.grid, shown)
    to_mercator = Transformer.from_crs(4326, "EPSG:3857", always_xy=True)
    x, y = to_mercator.transform(found[:, 1], found[:, 0])
    col = np.floor((x - shown.transform.c) / shown.dx).astype(int)
    row = np.floor((shown.transform.f - y) / shown.dy).astype(int)
    pattern = warped[row, col]
    view = raster.views[0]
    wrong = 0
    for value, rgba in zip(pattern, found[:, 2:], strict=True):
        swatch = view.swatches[view.of_pattern[value]] if value != OUTSIDE else None
        if swatch is None:
            wrong += rgba[3] != 0
            continue
        match = np.abs(rgba - [*rgb_of(swatch), round(swatch.opacity * 255)]).max() <= 4
        # unknown ground is hatched: its lines are white
        wrong += not (match or (swatch.hatch and rgba[:3].min() > 250))
    assert wrong == 0


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_classes_are_seen_with_all_layers_on(opened, scene):
    """A pane that hides the raster passes every other test: look at the screen itself."""
    page = opened().ready()
    tab(page, "红线")
    page.evaluate("AtlasShell.app.map.setView([32.55, 110.6], 12.25, {animate: false})")
    page.wait_for_timeout(500)
    frame = page.locator("#map_atlas").bounding_box()
    with rasterio.MemoryFile(page.screenshot(clip=frame)) as memory, memory.open() as picture:
        seen = picture.read()[:3].astype(float)
    points = np.random.default_rng(1).integers((70, 60), (900, 620), (500, 2))
    places = probe(page, "places", points.tolist())
    raster = scene.parts[0].raster
    x, y = Transformer.from_crs(4326, raster.grid.crs, always_xy=True).transform(
        *np.array(places).T
    )
    view, grey = raster.views[0], np.arange(150, 256)[:, None]
    looks = [rgb_of(s) * s.opacity + grey * (1 - s.opacity) for s in view.swatches]
    right = total = 0
    for (px, py), ex, ny in zip(points, x, y, strict=True):
        row, col = raster.grid.rowcol(ex, ny)
        block = raster.index[row - 1 : row + 2, col - 1 : col + 2]
        if block.min() != block.max() or view.swatches[view.of_pattern[block[0, 0]]].hatch:
            continue
        pixel = seen[:, py, px]
        far = [np.abs(look - pixel).sum(axis=1).min() for look in looks[:4]]
        total += 1
        right += int(np.argmin(far)) == view.of_pattern[block[0, 0]]
    assert total > 150
    assert right / total > 0.97  # the rest lies under borders, rivers and names


def hostile_scene(scene: Any, text: str) -> tuple[Any, Any]:
    say = Say(text, text)
    card = {
        "title": text, "pill": {"text": text, "tone": "warn"}, "notes": [text],
        "rows": [{"label": text, "value": text, "note": text}],
        "reasons": [{"law": text, "clause": text, "hits": text, "amount": text, "frees": text,
                     "documents": text, "group": text, "fold": True}],
    }  # fmt: skip
    frame = gpd.GeoDataFrame(
        {"id": [text], "label": [text], "card": [card]}, geometry=[Point(110.6, 32.4)], crs=4326
    )
    axis = {"type": "chart", "title": text, "unit": text, "x": [0, 1], "y": [0, 1]}
    blocks = (
        {"type": "note", "text": text},
        {
            "type": "rules",
            "title": text,
            "note": text,
            "groups": [
                {
                    "title": text,
                    "tone": "warn",
                    "sum": text,
                    "open": True,
                    "rows": [
                        {
                            "label": text,
                            "effect": text,
                            "tone": "warn",
                            "area": text,
                            "note": text,
                            "clause": text,
                            "frees": text,
                            "more": [text],
                        },
                    ],
                },
            ],
        },
        {"type": "ranked", "title": text, "rows": [{"id": text, "label": text, "value": text}]},
        {**axis, "series": [{"kind": "line", "label": text, "x": [0, 1], "y": [0, 1]}]},
    )
    named = VectorView("x", say, "named", frame, Passport(), tabs=("x",))
    part = PartResult(
        "x", say, {}, Passport(), tabs=(Tab("x", say, say, blocks, order=-9),), vectors=(named,)
    )
    meta = replace(
        scene.meta, title=say, badge=say, citations=(text,), run_id=text, assumed=(say,),
        changed=(say,),
    )  # fmt: skip
    return [part, *scene.parts], meta


def test_hostile_text_is_shown_as_text(opened, scene, hostile, tmp_path):
    parts, meta = hostile_scene(scene, hostile)
    path = tmp_path / "hostile.html"
    path.write_text(build_map(parts, scene.base, meta), encoding="utf-8")
    one = opened(path=path)
    page = one.ready()
    assert page.locator("#at-sentence").text_content() == hostile
    page.locator(".at-row").first.click()
    assert page.locator("#at-card h2").text_content() == hostile
    page.locator("#at-notes-button").click()
    assert page.locator("#at-body img, #at-card img, #at-notes img, #at-head img").count() == 0
    assert page.evaluate("window.pwned") is None
    assert page.title() == re.sub(r"\s+", " ", hostile)
    assert one.said == []


def test_injected_handler_script_and_style_do_nothing(opened):
    one = opened()
    page = one.ready()
    page.evaluate(
        """() => {
          const box = document.createElement("div");
          box.innerHTML = '<img src="data:," onerror="window.pwned=1">'
            + '<p id="probe" style="color:rgb(1,2,3)">x</p>';
          document.body.appendChild(box);
          const script = document.createElement("script");
          script.textContent = "window.pwned=2";
          document.body.appendChild(script);
        }"""
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None
    colour = page.evaluate("getComputedStyle(document.getElementById('probe')).color")
    assert colour != "rgb(1, 2, 3)"
    assert any("Content Security Policy" in line for line in one.said)


def test_one_changed_byte_leaves_the_page_dead_and_says_what_to_do(opened, page_file, tmp_path):
    text = page_file.read_text(encoding="utf-8")
    path = tmp_path / "changed.html"
    path.write_text(text.replace("class App {", "class  App {", 1), encoding="utf-8")
    page = opened(path=path).page
    page.wait_for_timeout(300)
    assert page.evaluate("typeof AtlasShell") == "undefined"
    assert "另存到本机" in page.locator("#at-start").inner_text()


def test_broken_data_are_named(opened, page_file, tmp_path):
    text = page_file.read_text(encoding="utf-8")
    path = tmp_path / "broken.html"
    path.write_text(re.sub(r'(id="atlas-raster-0">).{40}', r"\g<1>", text), encoding="utf-8")
    page = opened(path=path).page
    page.wait_for_selector("html[data-failed]", timeout=10_000)
    assert "地图没有打开" in page.locator("#at-reason").inner_text()


def overlap(a: list[float], b: list[float]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    return max(width, 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_clipped_or_overlaps(opened, size):
    page = opened(size).ready()
    for name in ("选址", "红线", "抽蓄", "森林"):
        tab(page, name)
        page.wait_for_timeout(120)
        seen = probe(page, "layout")
        assert seen["clipped"] == [], name
        assert seen["wide"] <= size[0]
        assert seen["tall"] <= size[1]
        areas = list(seen["areas"].items())
        for i, (_, a) in enumerate(areas):
            assert a[0] >= 0
            assert a[2] <= size[0]
            for _, b in areas[i + 1 :]:
                assert overlap(a, b) < 2
        if size[0] < 700:
            assert min(seen["rows"], default=44) >= 44
    tab(page, "红线")
    page.evaluate("AtlasShell.app.openRaster(AtlasShell.app.map.getCenter())")
    left, top, right, bottom = probe(page, "layout")["card"]
    assert 0 <= left < right <= size[0]
    assert 0 <= top < bottom <= size[1]


def test_shell_speaks_english(opened, scene, tmp_path):
    path = tmp_path / "en.html"
    path.write_text(build_map(scene.parts, scene.base, replace(scene.meta, lang="en")), "utf-8")
    page = opened(path=path).ready()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("#at-print").inner_text() == "Print"
    page.get_by_role("button", name="Data and notes").click()
    assert "Not in this run" in page.locator("#at-notes").inner_text()


def test_page_can_be_printed_on_one_sheet(opened, page_file):
    page = opened().ready()
    tab(page, "红线")
    sheet = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    assert len(io.BytesIO(sheet).getvalue()) > 20_000
    assert page.evaluate("document.documentElement.className") == ""


def test_far_out_only_the_best_sites_are_drawn(opened):
    page = opened().ready()
    drawn = """() => {
      const { app } = AtlasShell, vector = app.doc.vectors.find((one) => one.role === "site");
      return [app.map.hasLayer(vector.group), app.map.hasLayer(vector.rest)];
    }"""
    assert page.evaluate(drawn) == [True, False]
    page.evaluate("void AtlasShell.app.map.setZoom(11, {animate: false})")
    assert page.evaluate(drawn) == [True, True]
    tab(page, "红线")
    assert page.evaluate(drawn) == [False, False]


def test_region_stays_whole_when_the_frame_changes(opened):
    page = opened().ready()
    inside = "AtlasShell.app.map.getBounds().contains(AtlasShell.app.region)"
    assert page.evaluate(inside)
    page.set_viewport_size({"width": 900, "height": 500})
    page.wait_for_timeout(300)
    assert page.evaluate(inside)
    page.evaluate("void AtlasShell.app.map.setZoom(12, {animate: false})")
    page.set_viewport_size({"width": 1000, "height": 600})
    page.wait_for_timeout(300)
    assert page.evaluate("AtlasShell.app.map.getZoom()") == 12  # the reader's own view stays


def test_score_parts_stand_as_bars_before_the_reasons(opened):
    page = opened().ready()
    page.evaluate(
        """() => AtlasShell.app.card.open({
          rows: [{label: "坡度", value: "3°", note: "86 分", bar: {value: 0.86, tone: "pv"}},
                 {label: "容量", value: "5 MW"}],
          reasons: [{law: "甲法", clause: "第一条", tone: "approval"}],
        }, "x", "")"""
    )
    bar = page.locator("#at-card .at-bars .at-bar").bounding_box()
    track = page.locator("#at-card .at-track").bounding_box()
    assert bar["width"] / track["width"] == pytest.approx(0.86, abs=0.02)
    assert track["y"] < page.locator("#at-card .at-reasons").bounding_box()["y"]
    assert page.locator("#at-card dt").all_inner_texts() == ["容量"]


@pytest.mark.parametrize("size", SIZES)
def test_an_assumption_is_said_over_the_whole_width(opened, scene, tmp_path, size):
    said = Say("假设情景：corridor 一江多支三屏两谷（规划格局），非现行法律", "what-if")
    meta = replace(scene.meta, assumed=(said,), changed=(Say("已改动 2 条规则", "2 changed"),))
    path = tmp_path / "assumed.html"
    path.write_text(build_map(scene.parts, scene.base, meta), encoding="utf-8")
    page = opened(size, path).ready()
    strip, frame = page.locator("#at-assumed"), page.locator("#map_atlas").bounding_box()
    assert strip.inner_text() == said.zh
    box = strip.bounding_box()
    assert box["width"] == size[0]
    assert box["y"] + box["height"] <= frame["y"] + 1
    assert frame["height"] > 0.3 * size[1]
    assert page.locator(".at-changed").inner_text() == "已改动 2 条规则"
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert strip.is_visible()
    assert page.locator(".at-changed").is_visible()


def test_no_strip_without_an_assumption(opened):
    page = opened().ready()
    assert not page.locator("#at-assumed").is_visible()
    assert page.locator(".at-changed").count() == 0


RULES = """
{type: "rules", title: "规则", note: "全表", groups: [
  {title: "禁止", tone: "prohibited", sum: "2 条", open: true, rows: [
    {label: "甲", effect: "", tone: "prohibited", area: "3 万亩", note: "依据待核",
     clause: "《甲法》第一条", frees: "移出", more: ["2026-08-15 起施行"]},
    {label: "乙", effect: "禁止", tone: "prohibited", area: "", note: ""}]},
  {title: "未筛查", tone: "unknown", sum: "1 条", open: false, rows: [
    {label: "丙", effect: "需审批", tone: "unknown", area: "", note: "缺图层：军事设施"}]}]}
"""


@pytest.mark.parametrize("size", [SIZES[0], SIZES[2]])
def test_groups_of_rules_fold_and_a_rule_opens(opened, size):
    page = opened(size).ready()
    # the scene's own tab carries the block: the page keeps its functions to itself
    page.evaluate(
        f"""() => {{
          const {{ app }} = AtlasShell;
          app.tab.blocks = [{RULES}];
          app.drawBody();
        }}"""
    )
    groups = page.locator("#at-body details.at-group")
    assert groups.count() == 2
    assert page.get_by_text("依据待核").is_visible()
    assert not page.get_by_text("缺图层").is_visible()
    assert not page.get_by_text("《甲法》第一条").is_visible()
    page.locator("#at-body details.at-more summary").first.click()
    assert page.get_by_text("《甲法》第一条").is_visible()
    groups.nth(1).locator("summary").first.click()
    assert page.get_by_text("缺图层").is_visible()
    if size[0] < 700:
        assert groups.first.locator("summary").first.bounding_box()["height"] >= 44


def test_print_leaves_whole_lines_and_skips_what_is_folded(opened):
    page = opened().ready()
    page.evaluate(
        f"""() => {{
          const {{ app }} = AtlasShell, block = {RULES};
          const [one] = block.groups[0].rows;
          block.groups = [
            {{ ...block.groups[0], open: false, rows: Array(60).fill(one) }},
            ...Array(40).fill(block.groups[1]),
          ];
          app.tab.blocks = [block];
          app.drawBody();
          window.dispatchEvent(new Event("beforeprint"));
        }}"""
    )
    seen = page.evaluate(
        """() => {
          const limit = document.getElementById("at-body").getBoundingClientRect().bottom;
          return [...document.querySelectorAll("#at-body .at-group > summary")]
            .map((node) => node.getBoundingClientRect())
            .filter((box) => box.height > 0 && box.top < limit)
            .map((box) => box.bottom <= limit);
        }"""
    )
    assert len(seen) > 8  # the folded rows of the first group took no room
    assert all(seen)
    assert page.locator(".at-rest").is_visible()


def test_reasons_stand_under_their_effect_and_scores_fold(opened):
    page = opened().ready()
    page.evaluate(
        """() => AtlasShell.app.card.open({reasons: [
          {law: "甲", tone: "prohibited", group: "禁止", documents: "须办：甲证"},
          {law: "乙", tone: "prohibited", group: "禁止"},
          {law: "丙", tone: "approval", group: "需审批"},
          {law: "丁", tone: "neutral", group: "扣分", fold: true},
        ]}, "x", "")"""
    )
    card = page.locator("#at-card")
    assert card.locator("h3").all_inner_texts() == ["禁止 · 2", "需审批"]
    assert card.get_by_text("须办：甲证").is_visible()
    assert not card.get_by_text("丁").is_visible()
    card.locator("summary").click()
    assert card.get_by_text("丁").is_visible()
