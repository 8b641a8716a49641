"""Part siting and the law: ledger, exempt facilities, county rows, what-ifs, secrets."""

from __future__ import annotations

import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box

from atlas.map import blocks
from atlas.parts._siting_law import EFFECT_ORDER, group_titles, reason_lines
from atlas.parts._siting_overlaps import few
from atlas.parts._siting_secret import WITHHELD
from atlas.parts.siting import PART
from geo.errors import OptionError, Say
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from siting.law.overlaps import overlaps
from siting.law.terms import EFFECT_ZH, Effect, Technology
from siting.sites.land import LandClass
from tests.atlas.test_part_siting import CRS, context, plain

OVERRIDE = """
title: {zh: 试验, en: trial}
counties:
  "420325": {zh: 房县, en: Fangxian}
sources:
  S-1: {title: 公告, locator: 无, grade: A}
overrides:
  - id: FX-01
    county: "420325"
    rule: R-19
    change: "off"
    reason: {zh: 试点, en: trial area}
    instrument: {zh: 试点办法, en: Trial measures}
    clause: 第一条
    valid_from: 2026-01-01
    grade: A
    sources: [S-1]
"""


def with_layers(ctx, **frames):
    """Return a context whose stack holds further vector layers."""
    passport = ctx.stack.layers["dem"].passport
    added = {name: Layer(name, frame, SPECS[name], passport) for name, frame in frames.items()}
    layers = {**ctx.stack.layers, **added}
    absent = {name: why for name, why in ctx.stack.absent.items() if name not in added}
    return replace(ctx, stack=LayerStack(ctx.stack.grid, layers, absent))


def frame(shape, **columns):
    return gpd.GeoDataFrame({k: [v] for k, v in columns.items()}, geometry=[shape], crs=CRS)


def corner(ctx, size=2000.0):
    west, _, _, north = ctx.stack.grid.bounds
    return box(west, north - size, west + size, north)


def test_ledger_adds_up_and_is_told_everywhere():
    result = PART.run(context(), {})
    sheet = next(t for t in result.tables if t.name == "规则台账")
    assert sheet.csv == "ledger.csv"
    assert (sheet.frame["标记"] == "演示数据（含合成图层），无法律意义").all()
    checks = sheet.frame[sheet.frame["性质"] == "核对"]
    assert (checks["效力"] == "分摊之和＝占用，三项之和＝总面积").all()
    assert len(checks) == 2 * (1 + 5)  # one county and the whole, other components the whole
    for _, group in sheet.frame.groupby(["技术", "组成", "县市区"]):
        line = group[group["性质"] == "核对"].iloc[0]
        rules = group[group["性质"] != "核对"]
        assert rules["分摊（万亩）"].sum() == pytest.approx(line["占用（万亩）"], rel=1e-12)
    assert set(sheet.frame["性质"]) == {"法律", "技术限值（非法律）", "核对"}
    assert (sheet.frame["规则"] != "").all()
    block = next(b for b in result.tabs[0].blocks if b.get("title") == "哪条规则占了多少地")
    assert block["view"] == "pv"
    bars = [row[1]["value"] for row in block["rows"][:-1]]
    assert bars == sorted(bars, reverse=True)
    figures = [
        float(x.replace(",", "")) for x in re.findall(r"[\d,.]+", block["note"].split("。")[0])
    ]
    taken, rest, usable, routes, limited, unknown, area = figures
    assert usable + routes + limited == pytest.approx(rest, rel=2e-3)
    assert taken + rest + unknown == pytest.approx(area, rel=2e-3)
    assert 0 < routes < rest
    section = next(s for s in result.sections if s.id == "ledger-pv")
    assert section.svg.count("<rect") > 3
    assert section.table.iloc[-1, 0] == "合计"


def test_rules_of_a_card_stand_by_effect_most_severe_first():
    study = PART.run(context(), {}).extra["study"]
    lines = reason_lines(study, range(len(study.ruleset.rules)), "zh")
    order = [title.zh for title in group_titles()]
    ranks = [order.index(line["group"]) for line in lines]
    assert ranks == sorted(ranks)
    assert {line["group"] for line in lines if line.get("fold")} <= {
        EFFECT_ZH[Effect.PENALTY], EFFECT_ZH[Effect.PREFERRED],
    }  # fmt: skip
    assert any(line.get("documents", "").startswith("须办：") for line in lines)
    assert set(EFFECT_ORDER) == set(Effect)


def test_rules_block_names_dates_doubts_and_absent_layers():
    result = PART.run(context(), {})
    block = next(b for b in result.tabs[1].blocks if b["type"] == "rules")
    assert [group["open"] for group in block["groups"]] == [True, *[False] * (
        len(block["groups"]) - 1
    )]  # fmt: skip
    rows = [row for group in block["groups"] for row in group["rows"]]
    law = [row for row in rows if row["clause"]]
    assert all(any("起施行" in line for line in row["more"]) for row in law)
    unscreened = next(g for g in block["groups"] if g["title"] == "未筛查")
    assert any("缺图层：自然保护区" in row["note"] for row in unscreened["rows"])
    table = next(t for t in result.tables if t.name == "规则表").frame
    assert table["编号"].is_unique
    assert table["筛查"].str.startswith("缺图层").any()
    assert (table.loc[table["性质"] == "法律", "施行"].str.len() == 10).all()
    papers = next(t for t in result.tables if t.name == "须办手续").frame
    assert papers[["须办手续", "审批机关", "编号"]].notna().all().all()


def real(ctx):
    """Return the context as if nothing in it were synthetic."""
    layers = {
        name: replace(one, passport=replace(one.passport, synthetic=False))
        for name, one in ctx.stack.layers.items()
    }
    return replace(ctx, stack=LayerStack(ctx.stack.grid, layers, ctx.stack.absent))


def with_plant(ctx):
    west, south, _, _ = ctx.stack.grid.bounds
    shape = box(west + 500, south + 500, west + 1500, south + 1500)  # inside the red line
    standing = frame(
        shape, name="甲站", technology="pv", component="pv_array", status="built",
        approved="", passed="R-02",
    )  # fmt: skip
    return with_layers(ctx, facility=standing)


def facility_notes_of(result, view=0):
    cards = enumerate(result.raster.views[view].card)
    return {i: note for i, card in cards for note in card["notes"] if "甲站" in note}


def test_a_facility_is_named_with_what_it_is_exempt_from():
    ctx = real(with_plant(context()))
    result = PART.run(ctx, {})
    found = facility_notes_of(result)
    (note,) = set(found.values())
    assert (
        note == "已建设施 甲站（光伏·光伏方阵），免于“红线内新建光伏、风电、站场”；只对该设施有效"
    )
    assert set(facility_notes_of(result, view=1).values()) == {note}
    grid, index = ctx.stack.grid, result.extra["study"].table.index
    west, south, _, _ = grid.bounds
    assert index[grid.rowcol(west + 1000, south + 1000)] in found
    assert index[grid.rowcol(west + 2500, south + 1000)] not in found
    english = facility_notes_of(PART.run(replace(ctx, lang="en"), {}))
    assert "exempt from" in next(iter(english.values()))


def test_demo_layers_judge_no_facility():
    found = facility_notes_of(PART.run(with_plant(context()), {}))
    assert found
    for note in found.values():
        assert note.startswith("演示：已建设施 甲站")
        assert note.endswith("未筛查")
        assert "红线内新建" not in note


def test_county_rows_are_listed_with_their_basis(tmp_path):
    path = tmp_path / "rows.yaml"
    path.write_text(OVERRIDE, encoding="utf-8")
    ctx = context()
    counties = frame(corner(ctx), code="420325", name="房县")
    ctx = replace(with_layers(ctx, counties=counties), overrides=path)
    result = PART.run(ctx, {})
    assert result.changed == Say("已改动 1 条规则", "1 rule changed")
    sheet = next(t for t in result.tables if t.name == "县级调整").frame.iloc[0]
    assert (sheet["县市区"], sheet["规则"], sheet["变化"]) == ("房县", "R-19", "不适用")
    assert "《试点办法》" in sheet["依据"]
    block = next(b for b in result.tabs[1].blocks if str(b.get("title", "")).startswith("县级调整"))
    blocks.check(block, "redline")
    assert block["groups"][0]["rows"][0]["note"] == "试点"
    report = "".join(text.zh for one in result.sections for text in one.paragraphs)
    assert "房县：R-19 不适用，试点" in report


def test_a_what_if_is_said_and_refused_in_legal_mode():
    ctx = context()
    shape = frame(corner(ctx), name="候选")
    ctx = replace(with_layers(ctx, national_park_candidate=shape), what_if=("national_park",))
    result = PART.run(ctx, {})
    assert result.assumed is not None
    assert result.assumed.zh == "假设情景：national_park 秦巴国家公园候选区，非现行法律"
    assert all(tab.sentence.zh.startswith("假设情景（非法律）：") for tab in result.tabs)
    assert all("假设情景" in table.note for table in result.tables if table.name == "规则台账")
    assert result.sites["note"].str.startswith("假设情景：").all()
    sheet = next(table for table in result.tables if table.name == "规则台账").frame
    assert sheet["标记"].str.contains("非现行法律").all()
    assert PART.run(context(), {}).assumed is None
    with pytest.raises(OptionError):
        PART.run(replace(ctx, mode="legal"), {})


@pytest.fixture(scope="module")
def secret():
    ctx = context()
    return PART.run(with_layers(ctx, military=frame(corner(ctx), name="某", zone="managed")), {})


def test_a_secret_layer_leaves_the_class_alone_on_the_map(secret):
    study, raster = secret.extra["study"], secret.raster
    for view, one in zip(raster.views, study.technologies.values(), strict=True):
        classes = view.of_pattern[raster.index]
        assert np.array_equal(classes, one.classes[study.table.index])
        for card in view.card:
            assert set(card) == {"pill", "notes"}
            assert WITHHELD.zh in card["notes"]
    kinds = {
        tuple(view.of_pattern[p] for view in raster.views)
        for p in range(len(raster.views[0].of_pattern))
    }
    assert len(kinds) == len(raster.views[0].of_pattern)
    assert "patterns" not in {one.name for one in secret.rasters}
    assert LandClass.PROHIBITED in set(raster.views[0].of_pattern.tolist())


def test_no_reader_is_told_which_rule_reads_a_secret_layer(secret):
    told = str([view.card for view in secret.raster.views])
    for vector in secret.vectors:
        told += str(list(vector.features.get("card", [])))
    told += secret.sites.drop(columns="geometry").to_csv()
    told += next(t for t in secret.tables if t.name == "规则台账").frame.to_csv()
    assert "军事" not in told
    assert "R-40m" not in told
    assert WITHHELD.zh in told
    assert set(secret.sites["reasons"]) <= {WITHHELD.zh}
    assert any("涉密图层" in said.zh for said in secret.warnings)
    assert not any(vector.id.startswith("military") for vector in secret.vectors)
    areas = next(t for t in secret.tables if t.name == "规则面积").frame
    assert areas.loc[areas["规则"].str.contains("军事管理区"), "触及（万亩）"].isna().all()


def test_overlaps_beyond_three_are_counted_and_all_stand_in_a_sheet():
    ctx = context()
    parks = gpd.GeoDataFrame(
        {"name": [f"园{n}" for n in range(5)], "level": "national"},
        geometry=[corner(ctx, 1000.0 + 100 * n) for n in range(5)], crs=CRS,
    )  # fmt: skip
    reserve = frame(corner(ctx), name="保护区", zone="general", level="national")
    ctx = with_layers(ctx, nature_park=parks, nature_reserve=reserve)
    found = overlaps(ctx.stack)
    assert len(found) > 4
    result = PART.run(ctx, {})
    told = [one.zh for one in result.warnings if "重叠" in one.zh]
    assert len(told) == 4
    assert "第859条" in told[0]
    assert told[-1].startswith(f"另有 {len(found) - 3} 处")
    assert {one.text for one in found} <= set(result.undecided)
    assert len(next(t for t in result.tables if t.name == "保护地重叠").frame) == len(found)
    assert few([Say("a", "a")], ()) == [Say("a", "a")]


def test_english_says_law_facility_and_secret_in_english():
    ctx = context(lang="en")
    shape = frame(corner(ctx), name="A", zone="restricted")
    result = PART.run(with_layers(ctx, military=shape), {})
    texts = [t for tab in result.tabs for t in plain(list(tab.blocks))]
    texts += [t for view in result.raster.views for t in plain(view.card)]
    assert not [t for t in texts if any("\u4e00" <= c <= "\u9fff" for c in t)]
    assert Technology.PV in result.extra["study"].technologies


def test_a_county_without_a_cell_breaks_no_ledger():
    ctx = context()
    whole = ctx.region.counties.geometry.iloc[0]
    east = ctx.stack.grid.bounds[2]
    counties = gpd.GeoDataFrame(
        {"code": ["1", "2"], "name": ["甲县", "乙县"]},
        geometry=[whole, box(east + 10, 3_590_000, east + 20, 3_590_010)], crs=CRS,
    )  # fmt: skip
    result = PART.run(replace(ctx, region=replace(ctx.region, counties=counties)), {})
    sheet = next(t for t in result.tables if t.name == "规则台账").frame
    assert set(sheet["县市区"]) == {"甲县", "合计"}
