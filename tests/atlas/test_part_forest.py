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


def context(facts, layers, lang="zh", as_of=date(2026, 11, 22)):
    grid = Grid("EPSG:4546", Affine(90.0, 0.0, 0.0, 0.0, -90.0, 180.0), (2, 2))
    return Context(
        SimpleNamespace(id="shiyan"),
        LayerStack(grid, layers),
        facts,
        as_of,
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
    assert [t[-2:] for t in titles] == ["D1", "D2", "D3", "D4", "H2"]
    if lang == "en":
        rows = [b["rows"] for b in result.tabs[0].blocks if b["type"] == "table"]
        assert not re.search("[\u4e00-\u9fff]", "".join(c for r in rows[0] for c in r))
        assert result.tabs[0].sentence.en.startswith("Forest stock: D1 4.92")


def test_charts_name_definition_band_and_target(result):
    for block in result.tabs[0].blocks:
        if block["type"] != "chart":
            continue
        kinds = [one["kind"] for one in block["series"]]
        if "H1" in block["title"]:  # points of no curve and no target
            assert set(kinds) == {"points"}
            assert [s["y"][0] for s in block["series"]] == pytest.approx([3.41, 3.35], abs=0.005)
            continue
        assert kinds[0] == "band"
        assert kinds[-1] == "rule"
        assert "4.5" in block["series"][-1]["label"]
        assert "口径 D" in block["subtitle"]
        assert "dashed" in kinds
    d3 = next(b for b in result.tabs[0].blocks if b.get("title", "").endswith("D3"))
    assert "1999 年口径为假定" in d3["subtitle"]
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
    assert "不含换算与 V0 之别" in note
    assert "2026 年为现状推断，由 2023 年推演" in tables[0]["note"]


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
    assert section.svg.count("<svg") == 5
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


def every_text(result, lang):
    """Return every sentence that a reader of the tab and the report page sees."""
    (tab,), (section,) = result.tabs, result.sections
    notes = [b["text"] for b in tab.blocks if b["type"] == "note"]
    notes += [b["note"] for b in tab.blocks if b.get("note")]
    said = [tab.sentence, *section.paragraphs, *result.warnings]
    return " ".join([*notes, *(one.of(lang) for one in said)])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_before_the_deadline_nothing_reads_past(facts, lang):
    layer = build(facts, 3)
    early = PART.run(context(facts, {layer.name: layer}, lang, date(2022, 6, 30)), {})
    text = every_text(early, lang)
    for word in ("已到期", "has passed,", "2022 年为现状推断", "2022 is an inference"):
        assert word not in text
    assert ("未到期" if lang == "zh" else "has not passed") in text
    assert ("晚于截至日" if lang == "zh" else "later than the as-of day") in text
    heads = list(early.sections[0].table.columns)
    assert ("2022 桥接" if lang == "zh" else "2022, bridge") in heads
    assert "2023" not in early.summary["p_reach_4_5"]["D2"]["by"]  # 2023 is an input


@pytest.mark.parametrize(
    ("as_of", "asked"),
    [(date(2030, 1, 1), "2035"), (date(2060, 1, 1), None), (date(2061, 5, 1), None)],
)
def test_late_days_give_no_probability_of_years_that_are_over(facts, as_of, asked):
    layer = build(facts, 3)
    done = PART.run(context(facts, {layer.name: layer}, "zh", as_of), {})
    assert "已到期，官方结果未见" in every_text(done, "zh")
    columns = [c for c in done.sections[0].table.columns if c.startswith("P 2")]
    assert (columns[0] == f"P {asked}") if asked else not columns
    by = done.summary["p_reach_4_5"]["D2"]["by"]
    assert by["2030"] is None
    for block in done.tabs[0].blocks:
        check(block, "forest")


def test_english_holds_no_chinese_outside_units_and_names(facts):
    layer = build(facts, 3)
    done = PART.run(context(facts, {layer.name: layer}, "en"), {})
    chinese = re.compile("[\u4e00-\u9fff]")
    assert not chinese.search(every_text(done, "en"))
    assert "B/V = " in every_text(done, "en")
    for block in done.tabs[0].blocks:
        for key in ("title", "subtitle", "unit", "text", "note"):
            assert not chinese.search(block.get(key, "")), block.get(key)
        for one in (*block.get("series", ()), *block.get("items", ())):
            assert not chinese.search("".join(v for v in one.values() if isinstance(v, str)))


def test_left_out_thinning_and_borrowed_curves_are_said(result):
    assert "抚育间伐未计" in every_text(result, "zh")
    sheet = result.tables[3].frame.set_index("参数")["说明"]
    assert "借用“杨类”" in sheet["Richards k（软阔）"]
    assert "人工林同用" in sheet["Richards k（马尾松）"]
