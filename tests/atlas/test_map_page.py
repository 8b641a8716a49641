"""The page as text: same bytes, policy by hash, hostile text inert, colours legible."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point

from atlas.map import csp, livemap, payload
from atlas.map.build import MAX_BYTES, _page, build_map, known_elements
from atlas.part import PartResult, Tab, VectorView
from geo.errors import Say
from geo.passport import Passport

ASSETS = Path(livemap.__file__).with_name("assets")


def document(page: str) -> dict[str, Any]:
    block = re.search(r'<script type="application/octet-stream" id="atlas-data">([^<]*)<', page)
    assert block is not None
    found: dict[str, Any] = json.loads(payload.inflate(block.group(1)))
    return found


def hostile_part(text: str) -> PartResult:
    say = Say(text, text)
    card = {"title": text, "rows": [{"label": text, "value": text}], "notes": [text]}
    frame = gpd.GeoDataFrame(
        {"id": [text], "label": [text], "icon": [text], "card": [card]},
        geometry=[Point(110.5, 32.4)], crs=4326,
    )  # fmt: skip
    blocks = (
        {"type": "note", "tone": "warn", "text": text},
        {"type": "table", "title": text, "columns": [{"label": text}], "rows": [[text]]},
        {"type": "ranked", "title": text, "rows": [{"id": text, "label": text, "value": text}]},
    )
    return PartResult(
        "hostile", say, {}, Passport(), warnings=(say,),
        tabs=(Tab("hostile", say, say, blocks, order=-1),),
        vectors=(VectorView("hostile", say, "named", frame, Passport(), tabs=("hostile",)),),
    )  # fmt: skip


def test_two_builds_give_the_same_bytes(small_scene):
    first = build_map(small_scene.parts, small_scene.base, small_scene.meta)
    again = build_map(small_scene.parts, small_scene.base, small_scene.meta)
    assert first == again


def test_every_executable_element_is_in_the_policy(small_scene):
    page = build_map(small_scene.parts, small_scene.base, small_scene.meta)
    found = csp.elements(page)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert found.faults == []
    assert all(csp.digest(text) in policy.group(1) for text in found.scripts + found.styles)
    assert policy.group(1).count("sha256-") == len(set(found.scripts)) + len(set(found.styles))
    assert "unsafe" not in policy.group(1)
    for rule in ("default-src 'none'", "img-src data:", "base-uri 'none'", "form-action 'none'"):
        assert rule in policy.group(1)


def test_policy_precedes_what_it_governs(small_scene):
    page = build_map(small_scene.parts, small_scene.base, small_scene.meta)
    at = page.index("Content-Security-Policy")
    assert page.index('<meta charset="utf-8">') < at
    assert at < min(page.index("<style"), page.index("<script"))


def test_folium_is_mended(small_scene):
    page = build_map(small_scene.parts, small_scene.base, small_scene.meta)
    assert '<html lang="zh-CN">' in page
    assert "user-scalable" not in page
    assert page.count('name="viewport"') == 1
    assert "jquery" not in page.lower()
    assert "bootstrap" not in page.lower()


def test_no_address_is_loaded(small_scene):
    page = build_map(small_scene.parts, small_scene.base, small_scene.meta)
    bare = re.sub(r"url\(#default#VML\)", "", page)  # an old Internet Explorer rule of Leaflet
    assert "url(" not in "".join(csp.elements(bare).styles)
    assert not re.search(r"<(script|img|link|iframe)[^>]*\s(src|href)=", page)


@pytest.mark.parametrize(
    "extra",
    [
        "<script>window.pwned=1</script>",
        "<style>body{display:none}</style>",
        '<p style="color:red">x</p>',
        "<img src=x onerror=alert(1)>",
        '<a href="https://example.org">x</a>',
        '<iframe srcdoc="x"></iframe>',
        "<base target=x>",
    ],
)
def test_a_foreign_element_fails_the_build(extra):
    page = _page({"atlas-data": extra.join(("</script>", "<script>"))}, "", _Meta())
    with pytest.raises(csp.PageError):
        csp.check(page, known_elements())


class _Meta:
    lang = "zh"
    title = Say("图", "map")


def test_what_is_no_law_travels_with_the_page(small_scene):
    said = (Say("假设情景：甲，非现行法律", "what-if: A; not the law in force"),)
    meta = replace(small_scene.meta, assumed=said, changed=(Say("已改动 2 条规则", "2 changed"),))
    carried = document(build_map(small_scene.parts, small_scene.base, meta))["meta"]
    assert carried["assumed"] == ["假设情景：甲，非现行法律"]
    assert carried["changed"] == ["已改动 2 条规则"]


def test_hostile_text_is_carried_and_inert(small_scene, hostile):
    meta = replace(small_scene.meta, title=Say(hostile, hostile), badge=Say(hostile, hostile),
                   citations=(hostile,), run_id=hostile, footer=Say(hostile, hostile))  # fmt: skip
    page = build_map([hostile_part(hostile), *small_scene.parts], small_scene.base, meta)
    assert "pwned" not in re.sub(r"<title>.*?</title>", "", page, flags=re.DOTALL)
    assert "<img" not in page
    doc = document(page)
    assert doc["meta"]["title"] == hostile
    assert doc["tabs"][0]["blocks"][0]["text"] == hostile
    assert hostile in doc["pool"]
    assert doc["vectors"][0]["features"][0]["label"] == hostile


def test_page_carries_odd_numbers_and_dates(small_scene):
    import datetime as dt

    card = {
        "rows": [
            {"label": "x", "value": float("nan")},
            {"label": np.float32(2.5), "value": dt.date(2026, 11, 22)},
        ]
    }
    frame = gpd.GeoDataFrame(
        {"card": [card], "rank": [np.nan], "label": [None]}, geometry=[Point(110, 32)], crs=4326
    )
    part = PartResult(
        "odd",
        Say("奇", "odd"),
        {},
        Passport(),
        vectors=(VectorView("odd", Say("奇", "odd"), "site", frame, Passport()),),
    )
    doc = document(build_map([part], small_scene.base, small_scene.meta))
    feature = doc["vectors"][0]["features"][0]
    assert "rank" not in feature
    assert "label" not in feature
    assert {"label": "x", "value": None} in doc["pool"]
    assert {"label": 2.5, "value": "2026-11-22"} in doc["pool"]
    assert doc["tabs"] == []


def test_absent_parts_and_warnings_are_said(small_scene):
    meta = document(build_map(small_scene.parts, small_scene.base, small_scene.meta))["meta"]
    assert meta["absent"] == [{"part": "湿地", "text": "没有湿地图层"}]
    assert "生长曲线参数未核验" in meta["warnings"]
    assert meta["synthetic"] is True


def test_cards_come_back_whole(small_scene):
    doc = document(build_map(small_scene.parts, small_scene.base, small_scene.meta))
    view = next(view for view in doc["views"] if view["id"] == "pv")
    raster = small_scene.parts[0].raster
    texts = set()
    for number in view["cards"]:
        packed = doc["pool"][number]
        texts.add(doc["pool"][packed["pill"]]["text"])
        assert [doc["pool"][i] for i in packed["rows"]][1]["label"] == "升压站、道路"
    assert texts == {card["pill"]["text"] for card in raster.views[0].card}


def test_page_at_full_size_is_within_its_budget(scene):
    page = build_map(scene.parts, scene.base, scene.meta)
    assert len(page.encode("utf-8")) < MAX_BYTES


def test_shipped_leaflet_is_the_listed_one():
    listed = (ASSETS / "LICENSES.md").read_text(encoding="utf-8")
    for name in ("leaflet.js", "leaflet.css"):
        assert hashlib.sha256((ASSETS / name).read_bytes()).hexdigest() in listed
    assert "BSD 2-Clause License" in listed


def luminance(colour: str) -> float:
    full = colour.lstrip("#")
    full = "".join(c * 2 for c in full) if len(full) == 3 else full
    parts = [int(full[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    bright, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_pill_and_chart_colours_are_legible():
    css = (ASSETS / "shell.css").read_text(encoding="utf-8")
    pairs = re.findall(r"\.at-tone-(\w+) \{ background: (#\w+); color: (#\w+)", css)
    assert len(pairs) >= 13
    weak = {tone: contrast(back, text) for tone, back, text in pairs if contrast(back, text) < 4.5}
    assert weak == {}
    chart = (ASSETS / "chart.js").read_text(encoding="utf-8")
    table = chart[chart.index("TONES") : chart.index("toneColour")]
    lines = re.findall(r"(\w+): \"(#\w{6})\"", table)
    assert len(lines) >= 13
    for name in ("--ink", "--soft", "--accent"):
        colour = re.search(rf"{name}: (#\w+)", css)
        assert colour is not None
        assert contrast(colour.group(1), "#ffffff") >= 4.5
    faint = {
        tone: contrast(colour, "#ffffff")
        for tone, colour in lines
        if contrast(colour, "#ffffff") < 3
    }
    assert faint == {}


def test_no_markup_is_ever_parsed_by_the_shell():
    own = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in livemap.SCRIPTS)
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "fetch(",
    ):
        assert word not in own
    assert "bindPopup" not in own
    assert "bindTooltip" not in own
