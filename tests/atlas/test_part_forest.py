"""Forest chapter: says D1 first, lists all four definitions, marks what is synthetic."""

import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest
from affine import Affine

from atlas.map.blocks import check
from atlas.part import Context
from atlas.parts import all_parts
from atlas.parts.forest import PART
from geo.grid import Grid
from layers.demo.forest_strata import build
from layers.facts import Facts, load_facts
from layers.layer import LayerStack


@pytest.fixture(scope="module")
def facts():
    return load_facts("shiyan")


def context(facts, layers, lang="zh"):
    grid = Grid("EPSG:4546", Affine(90.0, 0.0, 0.0, 0.0, -90.0, 180.0), (2, 2))
    return Context(
        SimpleNamespace(id="shiyan"),
        LayerStack(grid, layers),
        facts,
        date(2026, 11, 22),
        "explore",
        3,
        lang,
        lambda _: None,
    )


@pytest.fixture(scope="module", params=["zh", "en"])
def both(request, facts):
    layer = build(facts, 3)
    return request.param, PART.run(context(facts, {layer.name: layer}, request.param), {})


@pytest.fixture(scope="module")
def result(facts):
    layer = build(facts, 3)
    return PART.run(context(facts, {layer.name: layer}), {})


def test_the_part_is_found():
    assert all_parts()["forest"] is PART


def test_sentence_says_d1_first_with_its_grade(result):
    (tab,) = result.tabs
    text = tab.sentence.zh
    assert (tab.id, tab.order, tab.title.zh) == ("forest", 40, "森林")
    assert text.index("D1 2023 年 4.92") < text.index("D2 2023 年 4.37") < text.index("D3 缺数据")
    assert "单一来源 D 级），已达 4.5" in text
    assert "演示" in text
    assert "参数未核验" in text


def test_blocks_are_drawable(both):
    lang, result = both
    for block in result.tabs[0].blocks:
        check(block, "forest")
    titles = [b["title"] for b in result.tabs[0].blocks if b["type"] == "chart"]
    assert [t[-2:] for t in titles] == ["D1", "D2", "D3", "D4"]
    if lang == "en":
        rows = [b["rows"] for b in result.tabs[0].blocks if b["type"] == "table"]
        assert not re.search("[\u4e00-\u9fff]", "".join(c for r in rows[0] for c in r))
        assert result.tabs[0].sentence.en.startswith("Forest stock: D1 4.92")


def test_charts_name_definition_band_and_target(result):
    for block in result.tabs[0].blocks:
        if block["type"] != "chart":
            continue
        kinds = [one["kind"] for one in block["series"]]
        assert kinds[0] == "band"
        assert kinds[-1] == "rule"
        assert "4.5" in block["series"][-1]["label"]
        assert "口径 D" in block["subtitle"]
        assert "dashed" in kinds
    d3 = next(b for b in result.tabs[0].blocks if b.get("title", "").endswith("D3"))
    assert "line" not in [one["kind"] for one in d3["series"]]


def test_answers_list_all_four(result):
    tables = [b for b in result.tabs[0].blocks if b["type"] == "table"]
    rows = tables[0]["rows"]
    assert [row[0][:2] for row in rows] == ["D1", "D2", "D3", "D4"]
    assert "缺数据" in rows[2]
    note = tables[1]["note"]
    assert "fang2001_2007" in note
    assert "参数未核验" in note
    assert "活生物量" in note


def test_summary(result):
    summary = result.summary
    assert set(summary["m3_per_mu"]) == {"D1", "D2", "D3", "D4"}
    assert set(summary["m3_per_mu"]["D1"]) == {"2023", "2025", "2030", "2060"}
    assert summary["m3_per_mu"]["D3"]["2030"] is None
    assert summary["p_reach_4_5"]["D1"]["status"] == "reached"
    assert summary["p_reach_4_5"]["D2"]["by"]["2025"] is None  # that year is over
    assert 0 <= summary["p_reach_4_5"]["D2"]["by"]["2030"] <= 1
    assert summary["carbon"]["scope"] == "live"


def test_sheets(result):
    assert [s.name for s in result.tables] == ["森林年表", "碳储量", "换算与V0", "森林参数", "定义"]
    yearly = result.tables[0].frame
    assert yearly["年"].tolist() == list(range(1999, 2061))
    point = yearly.set_index("年").loc[2013, [c for c in yearly if c.endswith("公布 m³/亩")]]
    assert point.isna().all()  # H1 is a point of no curve
    assert yearly.loc[yearly["年"] <= 2026, "D2 P(≥4.5)"].isna().all()
    parameters = result.tables[3].frame
    assert parameters["来源"].astype(bool).all()
    assert parameters["状态"].isin(["已核", "公布", "推算", "先验", "凭记忆"]).all()
    definitions = result.tables[4].frame
    assert definitions["口径"].tolist() == ["D1", "D2", "D3", "D4", "H1", "H2"]
    for sheet in result.tables:
        assert isinstance(sheet.frame, pd.DataFrame)
        assert sheet.passport.synthetic


def test_section_has_charts_without_style(result):
    (section,) = result.sections
    assert section.svg.count("<svg") == 4
    assert not re.search(r"<style|<script|style=", section.svg)
    assert len(section.table) == 4


def test_marks_travel(result):
    assert result.passport.synthetic
    assert result.passport.unverified


def test_same_seed_same_result(facts, result):
    layer = build(facts, 3)
    again = PART.run(context(facts, {layer.name: layer}), {})
    assert again.summary == result.summary
    assert again.sections[0].svg == result.sections[0].svg


def test_absent_without_strata_or_facts(facts):
    bare = PART.run(context(facts, {}), {})
    assert bare.absent
    assert not bare.tabs
    layer = build(facts, 3)
    empty = PART.run(context(Facts.empty(), {layer.name: layer}), {})
    assert empty.absent
    for text in (*bare.absent, *empty.absent):
        assert "十堰" not in text
        assert "湖北" not in text


def test_own_data_is_not_called_demo(facts):
    layer = build(facts, 3)
    own = replace(layer, passport=replace(layer.passport, synthetic=False))
    got = PART.run(context(facts, {layer.name: own}), {})
    assert "演示" not in got.tabs[0].sentence.zh
    assert "参数未核验" in got.tabs[0].sentence.zh
