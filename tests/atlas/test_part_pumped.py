"""Part pumped: the answer, cards, drawings and files of a made-up study, and what they must say."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from atlas.charts import chart_svg
from atlas.charts_dam import curve_chart, section_chart
from atlas.jsontext import to_json
from atlas.map import blocks, payload
from atlas.map.model import MapMeta
from atlas.part import Context, PartResult, Tab
from atlas.parts import all_parts, pumped
from atlas.parts import storage as named
from atlas.parts._pumped_secret import withheld
from atlas.tables import write_sites_gpkg
from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport
from geo.vector import layers as layer_names
from layers.facts import Facts, load_facts
from layers.layer import LayerStack
from layers.region import Region
from siting.pumped.works.model import Profile
from tests.atlas import _pumped_scene as scene

AS_OF = date(2026, 11, 22)
CHINESE = re.compile(r"[\u4e00-\u9fff]+")


def context(lang: Any = "zh", facts: Facts | None = None) -> Context:
    frame = box(350_000, 3_480_000, 560_000, 3_690_000)
    counties = gpd.GeoDataFrame({"code": [""], "name": ["竹山县"]}, geometry=[frame], crs=scene.CRS)
    region = Region("x", Say("甲", "A"), scene.CRS, frame, counties, None, None, 900.0)
    grid = Grid.from_bounds(scene.CRS, frame.bounds, 900.0)
    known = load_facts("shiyan") if facts is None else facts
    return Context(
        region, LayerStack(grid, {}), known, AS_OF, "explore", 0, lang, lambda _stage: None
    )


def made(lang: Any = "zh", **changes: Any) -> PartResult:
    return pumped.result(scene.study(**changes), context(lang))


@pytest.fixture(scope="module")
def result() -> PartResult:
    return made()


def cards(result: PartResult) -> list[dict[str, Any]]:
    view = next(view for view in result.vectors if view.role == "site")
    return list(view.features["card"])


def texts(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def test_the_part_is_found_and_stands_before_the_named_projects() -> None:
    ids = list(all_parts())
    assert ids.index("pumped") < ids.index("storage")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_block_and_card_can_be_drawn(lang: str) -> None:
    one = made(lang)
    for tab in one.tabs:
        assert tab.sentence.zh
        assert tab.sentence.en
        for block in tab.blocks:
            blocks.check(block, tab.id)
    for card in cards(one):
        blocks.card(card, "card")
        for group in card["groups"]:
            for chart in group.get("charts", ()):
                assert chart_svg(chart, 420, 250, lang).startswith("<svg")
    json.loads(to_json(one.summary))


def test_the_sentence_says_number_law_cost_head_and_the_plan(result: PartResult) -> None:
    said = result.tabs[0].sentence.zh
    for words in ("4 处", "前 4 名", "元/kW", "毛水头", "3 处不触红线", "1 处待调规",
                  "1 处触及禁止条目",
                  "规划点名 6 处", "319.8 万千瓦"):  # fmt: skip
        assert words in said


def test_a_demo_says_so_before_any_verdict(result: PartResult) -> None:
    assert result.tabs[0].sentence.zh.startswith("演示，无法律意义")
    assert result.tabs[0].sentence.en.startswith("demo, without legal meaning")
    assert all(card["pill"]["text"].startswith("演示，无法律意义") for card in cards(result))
    assert result.sites is not None
    assert result.sites["synthetic"].all()
    assert all(frame["synthetic"].all() for frame in result.layers.values())
    assert all(table.passport.synthetic for table in result.tables)
    ranked = next(b for b in result.tabs[0].blocks if b["type"] == "ranked")
    assert "演示" in ranked["note"]


def test_real_ground_carries_no_demo_mark() -> None:
    one = made(synthetic=False)
    assert "演示" not in one.tabs[0].sentence.zh
    assert not any("演示" in card["pill"]["text"] for card in cards(one))


def test_a_site_that_waits_is_shown_as_such_and_stays(result: PartResult) -> None:
    pills = [card["pill"] for card in cards(result)]
    assert "待调规" in pills[1]["text"]
    assert pills[1]["tone"] == "route"
    assert pills[3]["tone"] == "prohibited"
    ranked = next(b for b in result.tabs[0].blocks if b["type"] == "ranked")
    assert [row["rank"] for row in ranked["rows"]] == [1, 2, 3, 4]
    assert result.summary["waiting"] == 1


def test_a_rank_flies_to_a_site_that_is_on_the_map(result: PartResult) -> None:
    ranked = next(b for b in result.tabs[0].blocks if b["type"] == "ranked")
    view = next(view for view in result.vectors if view.role == "site")
    assert [row["id"] for row in ranked["rows"]] == list(view.features["id"])
    works = next(view for view in result.vectors if view.role == "works")
    assert set(works.features["of"]) <= set(view.features["id"])
    heads = works.features.loc[works.features["icon"] == "tunnel", "label"]
    assert list(heads) == ["452 m", "515 m", "92 m", "309 m"]
    assert set(works.features["icon"]) == {
        "upper_lake", "lower_lake", "existing_lake", "dam", "tunnel", "powerhouse", "road", "line",
    }  # fmt: skip


def test_a_card_holds_what_the_issue_asks_for(result: PartResult) -> None:
    card = cards(result)[0]
    assert [one["label"] for one in card["headline"]] == ["装机 × 小时", "毛水头", "静态造价"]
    assert card["headline"][1]["value"] == "452 (440-465)"
    said = texts(card)
    for words in ("距高比", "水头损失", "坝型", "水石比", "首次蓄水", "下库抽水",
                  "年净蒸发", "年入流", "度电储能成本", "充电电价", "造价等级", "未核查",
                  "备选方案", "坝址剖面", "水位-库容"):  # fmt: skip
        assert words in said, words
    assert card["chart"]["title"] == "上库坝址剖面"
    assert not any(group.get("open") for group in card["groups"])


def test_a_long_waterway_is_flagged(result: PartResult) -> None:
    rows = {row["label"]: row for row in cards(result)[3]["facts"]}
    assert "偏大" in rows["距高比"]["note"]
    assert rows["距高比"]["value"] == "12.8"
    assert cards(result)[0]["facts"][2]["note"] == ""


def test_a_class_that_hangs_on_the_elevation_is_flagged(result: PartResult) -> None:
    rows = {row["label"]: row["value"] for row in cards(result)[1]["facts"]}
    assert "仅高程误差" in rows["造价等级"]
    table, _ = result.extra["table"]["pumped"]
    assert [row[7].endswith("*") for row in table[1:]] == [False, True, False, False]


def test_existing_lakes_have_no_dam_and_are_named(result: PartResult) -> None:
    card = cards(result)[2]
    assert "chart" not in card
    rows = {row["label"]: row["value"] for row in card["facts"]}
    assert rows["上库"] == "潘口（已有）"
    assert "挡水高" not in texts(card)


def test_the_law_stands_structure_by_structure(result: PartResult) -> None:
    law = next(g for g in cards(result)[1]["groups"] if g["title"].startswith("红线"))
    first = law["reasons"][0]
    assert (first["law"], first["amount"]) == ("生态保护红线", "5.2\u2009公顷")
    assert "国务院" in first["frees"]
    assert law["reasons"][1]["fold"]
    assert "红线 5.2" in law["sum"]
    assert any("不在其中建设" in note for note in law["notes"])


def test_what_nobody_checked_reads_unchecked(result: PartResult) -> None:
    card = cards(result)[0]
    for title in ("送审支持文件清单", "工程条件"):
        group = next(g for g in card["groups"] if g["title"] == title)
        assert group["sum"] == "未核查 1 项"
        assert group["rows"][0]["value"] == "未核查"


def test_storage_is_no_clean_generation(result: PartResult) -> None:
    assert result.sites is not None
    assert result.sites["energy_gwh"].isna().all()
    assert (result.sites["pumping_gwh_a"] > result.sites["discharge_gwh_a"]).all()
    said = texts([section.paragraphs for section in result.sections])
    assert "不计清洁电量与减排" in said


def test_sheets_with_their_names(result: PartResult) -> None:
    found = {table.name: table.frame for table in result.tables}
    assert list(found) == [
        "抽蓄场址", "抽蓄造价", "抽蓄部件与法规", "抽蓄工程待核", "规划点名对比", "抽蓄造价校准",
    ]  # fmt: skip
    assert "装机（MW）" in found["抽蓄场址"]
    parts = [c for c in found["抽蓄造价"] if c.endswith("（元/kW）") and "静态造价" not in c]
    total = found["抽蓄造价"][parts].sum(axis=1)
    assert np.allclose(total, found["抽蓄造价"]["静态造价（元/kW）"])
    assert "残差" in found["抽蓄造价校准"]
    assert set(found["规划点名对比"]["红线"]) == {"未筛查"}


def test_layers_go_into_the_package_with_the_demo_mark(result: PartResult, tmp_path: Any) -> None:
    path = tmp_path / "sites.gpkg"
    write_sites_gpkg(path, result.sites, result.layers)
    names = set(layer_names(path))
    assert {"pumped_演示", "pumped_lakes_演示", "pumped_dams_演示", "pumped_tunnels_演示"} <= names
    lakes = gpd.read_file(path, layer="pumped_lakes_演示")
    assert set(lakes["part"]) == {"upper_lake", "lower_lake"}
    assert lakes["synthetic"].all()


def test_english_is_complete() -> None:
    one = made("en")
    for value in ([tab.blocks for tab in one.tabs], cards(one), [s.table for s in one.sections]):
        flat = value if not isinstance(value[0], pd.DataFrame | None) else [
            frame.to_dict("records") for frame in value if frame is not None
        ]  # fmt: skip
        left = set(CHINESE.findall(texts(flat))) - {
            "潘口",
            "小漩",
            "自上库放水",
            "自下库抽水",
            "号",
        }
        assert not left, left
    assert not CHINESE.search(one.tabs[0].sentence.en)


def test_a_search_without_a_site_says_where_it_ended() -> None:
    one = made(sites=False)
    assert "没有找到" in one.tabs[0].sentence.zh
    assert "可行配对" in one.tabs[0].sentence.zh
    assert not one.vectors
    assert not one.layers
    for block in one.tabs[0].blocks:
        blocks.check(block, "empty")
    json.loads(to_json(one.summary))


def test_no_elevation_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pumped, "pumped_study", lambda *_a, **_k: None)
    shared = SimpleNamespace(ground=SimpleNamespace(stack={}))
    one = context(facts=Facts.empty())
    object.__setattr__(one, "shared", lambda: shared)
    got = pumped.PART.run(one, {})
    assert got.absent is not None
    assert "没有高程" in got.absent.zh


def test_a_region_without_facts_names_no_plan() -> None:
    got = pumped.result(scene.study(plan=()), context(facts=Facts.empty()))
    assert "规划点名" not in got.tabs[0].sentence.zh
    assert not any("规划点名" in str(b.get("title")) for b in got.tabs[0].blocks)


# ---- the named projects
def test_named_projects_show_proposals_and_stay_unjudged(result: PartResult) -> None:
    one = named.PART.run(context(), {"pumped": result})
    found = {
        i: card
        for view in one.vectors
        for i, card in zip(view.features["id"], view.features["card"], strict=True)
    }
    card = found["psh-fangxian"]
    assert card["pill"]["text"] == "未筛查"
    group = card["groups"][0]
    assert "不作判定" in group["title"]
    assert "乡镇中心点" in texts(group["notes"])
    assert "reasons" not in group
    json_row = next(r for r in result.summary["plan"] if r["project"] == "psh-fangxian")
    assert json_row["verdict"] == "unscreened"
    assert json_row["coord_quality"] == "town_centroid"


def test_both_parts_share_one_tab(result: PartResult) -> None:
    one = named.PART.run(context(), {"pumped": result})
    meta = MapMeta(Say("甲", "A"), "zh", "2026-11-22", Say("", ""), (), "CGCS2000", 90.0)
    tabs = payload._tabs([result, one], meta.lang)
    assert [tab["id"] for tab in tabs] == ["storage", "targets"]
    assert tabs[0]["sentence"].startswith("演示，无法律意义")
    kinds = [block["type"] for block in tabs[0]["blocks"]]
    assert kinds.index("ranked") < kinds.index("cards")


def test_a_shared_tab_keeps_the_blocks_of_each_part() -> None:
    def part(key: str) -> PartResult:
        note = {"type": "note", "tone": "neutral", "text": key}
        tab = Tab("t", Say(key, key), Say(key, key), (note,), order=1)
        return PartResult(key, Say(key, key), {}, Passport(), tabs=(tab,))

    (tab,) = payload._tabs([part("a"), part("b")], "zh")
    assert [block["text"] for block in tab["blocks"]] == ["a", "b"]
    assert tab["title"] == "a"


# ---- cross-check
def test_the_atlas_rules_are_labelled_as_ours() -> None:
    pairs = pd.DataFrame(
        {"size": [0, 0, 1], "energy_gwh": [15.0, 15.0, 5.0], "hours": [18.0, 18.0, 18.0],
         "fom_usd_kw": [900.0, 1100.0, 1000.0], "cost_class": ["A", "C", "B"]}
    )  # fmt: skip
    label = Say("复述的图集规则，只作对照", "atlas rules restated, a cross-check only")
    cross = SimpleNamespace(
        pairs=pairs, chosen=np.array([0, 2]), found={"pairs": 3, "chosen": 2}, label=label
    )
    one = made(rules="anu", cross=cross)
    said = [say.zh for say in one.extra["answers"]["pumped"]]
    assert said[0] == label.zh
    table = next(b for b in one.tabs[0].blocks if b.get("title") == "图集规则对照")
    assert [row[2:4] for row in table["rows"]] == [["2", "1"], ["1", "1"]]
    assert table["note"] == label.zh
    assert one.summary["cross_check"]["found"]["chosen"] == 2
    assert made().summary["cross_check"] is None


# ---- drawings
def test_section_levels_end_at_the_banks() -> None:
    x = np.linspace(0.0, 400.0, 41)
    profile = Profile(x, 100.0 + np.abs(x - 200.0) * 0.5, 196.5, 195.0, 150.0)
    chart = section_chart(profile, Say("坝", "dam"), "zh")
    dead = next(s for s in chart["series"] if s["kind"] == "dashed")
    wet = [x for x, y in zip(dead["x"], dead["y"], strict=True) if y is not None]
    assert (min(wet), max(wet)) == (100.0, 300.0)
    assert "坝高 96 m" in chart["subtitle"]


def test_section_without_a_dead_level_draws_none() -> None:
    x = np.linspace(0.0, 400.0, 5)
    profile = Profile(x, np.array([200.0, 150, 100, 150, 200]), 190.0, 188.0, float("nan"))
    assert not [s for s in section_chart(profile, Say("坝", "dam"), "zh")["series"]
                if s["kind"] == "dashed"]  # fmt: skip


def test_curve_holds_its_operating_levels() -> None:
    curve = np.stack([np.array([100.0, 110, 120]), np.array([0, 2e6, 5e6]), np.full(3, np.nan)])
    chart = curve_chart(curve, 118.0, float("nan"), Say("上库", "upper"), "zh")
    assert chart is not None
    assert chart["x"] == [0.0, 5.0]
    assert [s["label"] for s in chart["series"]] == ["", "正常 118.0"]
    assert curve_chart(np.empty((3, 0)), 1.0, 0.0, Say("", ""), "zh") is None
    assert curve_chart(curve[:, :1], 1.0, 0.0, Say("", ""), "zh") is None


def test_levels_that_nearly_meet_share_one_rule() -> None:
    curve = np.stack([np.linspace(225.0, 247.0, 9), np.linspace(0, 4.6e8, 9), np.full(9, np.nan)])
    chart = curve_chart(curve, 237.4, 237.0, Say("下库", "lower"), "zh")
    assert chart is not None
    assert [s["label"] for s in chart["series"] if s["kind"] == "rule"] == ["一次循环 237.0-237.4"]


def test_rules_of_a_restricted_layer_are_not_named() -> None:
    study = scene.study()
    hits = study.law.components[3][0].hits
    secret = replace(hits[0], index=7)
    first = (replace(study.law.components[3][0], hits=(secret,)),)
    law = replace(study.law, components=(*study.law.components[:3], first))
    study.law = withheld(law, {7})
    said = texts(cards(pumped.result(study, context()))[3])
    assert "核心区" not in said
    assert "原因不公开" in said
    assert withheld(law, set()) is law
