"""The storage tab in headless Chromium: a row flies to a drawn site, its card unfolds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from atlas.map.build import build_map
from atlas.map.model import BaseImage, MapMeta
from atlas.parts import pumped
from atlas.parts import storage as named
from geo.errors import Say
from geo.grid import Grid
from tests.atlas import _pumped_scene as scene
from tests.atlas.conftest import HOSTILE
from tests.atlas.test_part_pumped import context

pytestmark = pytest.mark.browser
SIZES = [(1366, 768), (1920, 1080), (390, 844)]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = scene.study()
    study.sites.loc[3, "name"] = HOSTILE
    told = [list(notes) for notes in study.works.notes]
    told[3] = [Say(HOSTILE, HOSTILE)]
    study.works = replace(study.works, notes=tuple(tuple(notes) for notes in told))
    here = context()
    found = pumped.result(study, here)
    grid = Grid.from_bounds(scene.CRS, here.region.boundary.bounds, 900.0)
    shade = np.full(grid.shape, 180, np.uint8)
    base = BaseImage(grid, shade, here.region.boundary, gpd.GeoDataFrame(here.region.counties))
    meta = MapMeta(Say("甲", "A"), "zh", "2026-11-22", Say("演示", "demo"), (), "CGCS2000", 90.0)
    path = tmp_path_factory.mktemp("pumped") / "map.html"
    parts = [found, named.PART.run(here, {"pumped": found})]
    path.write_text(build_map(parts, base, meta), encoding="utf-8")
    return path


@pytest.fixture
def opened(chromium: Any, page_file: Path) -> Iterator[Any]:
    contexts = []

    def make(size: tuple[int, int] = SIZES[0]) -> tuple[Any, list[str]]:
        view = {"width": size[0], "height": size[1]}
        contexts.append(chromium.new_context(viewport=view, offline=True, reduced_motion="reduce"))
        page, said = contexts[-1].new_page(), []
        page.on("console", lambda m: said.append(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda e: said.append(f"error: {e}"))
        page.goto(page_file.as_uri())
        page.wait_for_selector("html[data-ready]", timeout=20_000)
        page.get_by_role("tab", name="抽蓄").click()
        return page, said

    yield make
    for one in contexts:
        one.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_row_opens_the_card_and_shows_the_works(opened: Any, size: tuple[int, int]) -> None:
    page, said = opened(size)
    page.locator(".at-row").first.click()
    card = page.locator("#at-card")
    assert card.is_visible()
    assert "演示，无法律意义" in card.locator(".at-pill").first.inner_text()
    assert card.locator("svg").count() == 1
    chapters = card.locator(".at-chapter")
    assert chapters.count() == 9
    for k in range(chapters.count()):
        chapters.nth(k).locator("summary").first.click()
    assert card.locator("svg").count() == 4
    assert "未核查" in card.inner_text()
    assert page.locator(".at-works").count() >= 1
    assert "452 m" in page.locator(".at-label").all_inner_texts()
    zoom = page.evaluate("AtlasShell.app.map.getZoom()")
    assert 12 < zoom <= 14.5
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= size[0]
    inner = page.evaluate(
        "(n => n.scrollWidth - n.clientWidth)(document.getElementById('at-card'))"
    )
    assert inner <= 0
    assert said == []


def test_the_site_stays_clear_of_the_card(opened: Any) -> None:
    page, _ = opened()
    page.locator(".at-row").first.click()
    page.wait_for_timeout(200)
    left = page.locator("#at-card").bounding_box()["x"]
    right = page.evaluate(
        "(() => { const a = AtlasShell.app, e = [...a.extents.values()][0];"
        "return a.map.latLngToContainerPoint(e.getNorthEast()).x"
        "+ a.map.getContainer().getBoundingClientRect().left; })()"
    )
    assert right <= left


def test_roads_and_lines_show_for_the_open_card_alone(opened: Any) -> None:
    page, _ = opened()
    shown = "AtlasShell.app.shownAccess !== null && AtlasShell.app.shownAccess !== undefined"
    assert not page.evaluate(shown)
    page.locator(".at-row").first.click()
    assert page.evaluate(shown)
    page.keyboard.press("Escape")
    assert not page.evaluate(shown)


def test_the_legend_names_every_structure(opened: Any) -> None:
    page, _ = opened((1920, 1080))
    said = page.locator("#at-legend").inner_text()
    for word in ("上库", "下库", "已有水库", "坝", "输水隧洞", "厂房", "道路", "线路", "圆点"):
        assert word in said


def test_structures_come_with_the_zoom(opened: Any) -> None:
    page, _ = opened()
    assert page.locator(".at-works").count() == 0
    page.evaluate("AtlasShell.app.map.setZoom(12, { animate: false })")
    page.wait_for_timeout(200)
    drawn = page.evaluate(
        "AtlasShell.app.doc.vectors.find(v => v.role === 'works').group._map !== null"
    )
    assert drawn


def test_text_of_data_never_runs(opened: Any) -> None:
    page, said = opened()
    page.locator(".at-row").nth(3).click()
    for k in range(page.locator("#at-card .at-chapter").count()):
        page.locator("#at-card .at-chapter > summary").nth(k).click()
    assert "</script>" in page.locator("#at-card").inner_text()
    assert page.evaluate("window.pwned") is None
    assert page.locator("#at-card img").count() == 0
    assert said == []


def test_a_named_project_unfolds_its_proposals(opened: Any) -> None:
    page, said = opened()
    item = page.locator(".at-item", has_text="潘口抽水蓄能").first
    item.locator("summary").first.click()
    item.locator(".at-chapter > summary").click()
    text = item.inner_text()
    assert "未筛查" in text
    assert "提案" in text
    assert said == []
