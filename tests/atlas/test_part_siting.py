"""Part siting: tabs, views, cards, tables and rasters that the shell and the files take."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xarray as xr
from affine import Affine
from shapely.geometry import LineString, box
from shapely.ops import split

from atlas.map import blocks
from atlas.part import Context
from atlas.parts._siting_map import outlines
from atlas.parts._siting_rules import rule_areas
from atlas.parts._siting_words import county_name
from atlas.parts.siting import PART
from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport
from layers.contract import SPECS
from layers.facts import Facts, load_facts
from layers.layer import Layer, LayerStack
from layers.region import Region
from siting.law.terms import Technology
from siting.settings import Settings

CRS, N, RES = "EPSG:4546", 120, 90.0


def context(law=True, lang="zh", mode="explore"):
    grid = Grid(CRS, Affine(RES, 0, 450_000, 0, -RES, 3_600_000), (N, N))
    west, south, east, _ = grid.bounds
    gx, gy = np.meshgrid((np.arange(N) + 0.5) * RES, (N - 0.5 - np.arange(N)) * RES)
    dem = (600 + 400 * np.sin(gx / 1700) * np.cos(gy / 1900)).astype(np.float32)
    passport = Passport(sources=("T",), grade="prior", synthetic=law)
    layers = {"dem": Layer("dem", xr.DataArray(dem, dims=("y", "x")), SPECS["dem"], passport)}
    outline = box(*grid.bounds)
    if law:
        cover = np.where(gx < 3000, 3, 8).astype(np.uint8)
        for name, values in (
            ("land_cover", cover),
            ("ghi", np.full((N, N), 1215, np.float32)),
            ("wind_mean", np.full((N, N), 4.0, np.float32)),
        ):
            data = xr.DataArray(values, dims=("y", "x"))
            layers[name] = Layer(name, data, SPECS[name], passport)
        for name, columns, shape in (
            ("eco_redline", {"name": ["r"]}, box(west, south, east, south + 3000)),
            ("road", {"name": ["a"], "class": ["county"]},
             LineString([(west, south + 6000), (east, south + 6000)])),
        ):  # fmt: skip
            frame = gpd.GeoDataFrame(columns, geometry=[shape], crs=CRS)
            layers[name] = Layer(name, frame, SPECS[name], passport)
    counties = gpd.GeoDataFrame({"code": [""], "name": ["全区"]}, geometry=[outline], crs=CRS)
    region = Region(
        "t", Say("试验区", "trial"), CRS, outline, counties, "hubei" if law else None, None, RES
    )
    facts = load_facts("shiyan") if law else Facts.empty()
    absent = {name: Say("无", "none") for name in SPECS if name not in layers}
    stack = LayerStack(grid, layers, absent)
    return Context(region, stack, facts, date(2026, 11, 22), mode, 1, lang, lambda _: None)


@pytest.fixture(scope="module")
def demo():
    return PART.run(context(), {})


@pytest.fixture(scope="module")
def terrain():
    return PART.run(context(law=False), {})


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("law", [True, False])
def test_everything_is_drawable(law, lang):
    result = PART.run(context(law, lang), {})
    assert [tab.id for tab in result.tabs] == ["siting", "redline"]
    assert [tab.order for tab in result.tabs] == [10, 20]
    for tab in result.tabs:
        for block in tab.blocks:
            blocks.check(block, tab.id)
    for view in result.raster.views:
        assert len(view.card) == len(view.of_pattern)
        assert view.of_pattern.max() < len(view.swatches)
        for card in view.card:
            blocks.card(card, view.id)
    for vector in result.vectors:
        for card in vector.features.get("card", []):
            blocks.card(card, vector.id)


def test_sentence_names_target_and_status(demo):
    text = demo.tabs[0].sentence.zh.replace("\u2009", " ")
    assert "光伏可用" in text
    assert "万亩" in text
    assert "2025 目标 320 万千瓦（已到期，官方结果未见；有出处的已建 22.0 万千瓦）" in text


def test_wind_view_says_its_caveat(demo):
    text = str([b for b in demo.tabs[0].blocks if b.get("view") == "wind"])
    assert "网格均值，未解析山脊" in text
    assert "不据此宣称电量目标" in text
    assert "GWh" not in text
    assert demo.summary["wind"]["sites_gwh_a"] is None


def test_verdicts_begin_with_demo(demo):
    for view in demo.raster.views:
        assert all(card["pill"]["text"].startswith("演示，无法律意义") for card in view.card)
    sites = next(v for v in demo.vectors if v.id == "sites-pv").features
    assert all(card["pill"]["text"].startswith("演示，无法律意义") for card in sites["card"])


def test_clear_is_counted(demo):
    for view in demo.raster.views:
        for card in view.card:
            if "未触及" in card["pill"]["text"]:
                assert "已筛查的" in card["pill"]["text"]


def test_summary_and_tables(demo):
    pv = demo.summary["pv"]
    assert pv["sites"] == sum(pv["sites_by_verdict"].values())
    assert [row["limit_deg"] for row in pv["slope_sweep"]] == [15, 20, 25, 30, 35]
    assert pv["slope_sweep"][2]["wan_mu"] == pytest.approx(pv["eligible_wan_mu"])
    assert pv["target"]["remaining"] == {"按已建为 0": 320.0, "按有出处的已建": 298.0}
    assert 1000 <= pv["flat_kwh_per_kwp"] <= 1150
    names = [table.name for table in demo.tables]
    assert names == [
        "场址", "供给曲线_光伏", "排名区间", "权重", "县市区面积", "规则台账", "规则表", "规则面积",
        "须办手续", "坡度扫描", "选址参数",
    ]  # fmt: skip
    for table in demo.tables:
        assert len(table.frame)
        assert table.passport.synthetic


def test_rasters_declare_nodata(demo):
    by_name = {raster.name: raster for raster in demo.rasters}
    assert set(by_name) == {
        "verdict_pv", "verdict_wind", "score_pv", "score_wind", "slope", "patterns",
        "pv_kwh_per_kwp",
    }  # fmt: skip
    for raster in demo.rasters:
        assert raster.data.shape == raster.grid.shape
        assert raster.nodata is not None


def test_rule_rows_carry_area_and_unscreened_group(demo):
    rules = next(b for b in demo.tabs[1].blocks if b["type"] == "rules")
    titles = [group["title"] for group in rules["groups"]]
    assert "未筛查" in titles
    law = rules["groups"][0]["rows"]
    assert any("去掉此条即可用" in row["note"] for row in law)


def test_terrain_region_names_no_city(terrain):
    import json

    text = json.dumps(terrain.summary, ensure_ascii=False)
    text += str([(tab.sentence, tab.blocks) for tab in terrain.tabs])
    text += "".join(table.frame.to_csv() + table.note for table in terrain.tables)
    text += terrain.sites.to_csv() + str(terrain.sections) + str(terrain.warnings)
    text += str([view.card for view in terrain.raster.views])
    for word in ("十堰", "湖北", "Shiyan", "Hubei"):
        assert word not in text
    assert "红线未筛查" in text
    assert "无资源图层" in text
    assert "该区域没有电价参数" in text  # a province's prices never stand for another's
    assert (terrain.sites["verdict"] == "unscreened").all()
    assert not any(raster.name.startswith("verdict") for raster in terrain.rasters)


def test_undecided_is_reported(demo):
    assert demo.undecided
    legal = PART.run(context(mode="legal"), {})
    assert legal.undecided


def test_report_verdicts_begin_with_demo(demo):
    small = Settings(values={"wind.site_min_mw": 6.0})  # no ridge here carries a farm of 20 MW
    for result in (demo, PART.run(replace(context(), settings=small), {})):
        sites = [section for section in result.sections if section.id.startswith("siting-")]
        assert [section.id for section in sites] == ["siting-pv", "siting-wind"]
        for section in sites:
            assert len(section.table) or (result is demo and section.id == "siting-wind")
            assert section.table["结论"].astype(str).str.startswith("演示，无法律意义：").all()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_turbines_tell_their_yield_and_their_noise(lang):
    """The limit stands beside the user's own distance, and neither is a national rule."""
    given = context(lang=lang)
    west, south, _, _ = given.stack.grid.bounds
    homes = gpd.GeoDataFrame(
        {"name": ["h"], "rank": ["village"]},
        geometry=[box(west + 6000, south + 5000, west + 6200, south + 5200)], crs=CRS,
    )  # fmt: skip
    passport = Passport(sources=("T",), grade="prior")
    layers = {name: replace(one, passport=passport) for name, one in given.stack.layers.items()}
    layers["settlement"] = Layer("settlement", homes, SPECS["settlement"], passport)
    stack = LayerStack(given.stack.grid, layers, given.stack.absent)
    small = Settings(values={"wind.site_min_mw": 6.0})
    result = PART.run(replace(given, stack=stack, settings=small), {})
    section = next(one for one in result.sections if one.id == "turbines-wind")
    placed, energy, noise = (one.of(lang) for one in section.paragraphs)
    assert ("山脊" if lang == "zh" else "crests") in placed
    words = ("用户退距", "均非全国规定") if lang == "zh" else ("own distance", "national rule")
    assert all(word in noise for word in words)
    # one machine: its capacity times the mean net hours of the sites, all of one size
    sites = result.sites[result.sites["technology"] == "wind"]
    each = sites["energy_gwh"].sum() / sites["turbines"].sum()
    assert 3 < each < 12  # 6 MW at 500-2,000 h
    assert f"{each:.1f} GWh/a" in energy
    notes = [b["text"] for b in every_block(result.tabs[0].blocks) if b["type"] == "note"]
    assert {energy, noise} <= set(notes)
    if lang == "en":
        said = placed + energy + noise + section.heading.en
        assert not any("\u4e00" <= c <= "\u9fff" for c in said)


def every_block(value):
    """Every block of a page, however deep."""
    if isinstance(value, dict):
        if "type" in value:
            yield value
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from every_block(one)


def test_target_is_read_as_ac_and_as_dc(demo):
    target = demo.summary["pv"]["target"]
    assert target["if_ac_then_dc"] == pytest.approx(320 * 1.2)
    assert target["if_dc_then_ac"] == pytest.approx(320 / 1.2)
    texts = [b["text"] for b in demo.tabs[0].blocks if b["type"] == "note"]
    assert any("若指交流，合直流 384 万千瓦" in text for text in texts)
    report = str([section.paragraphs for section in demo.sections])
    assert "若指直流，合交流 267 万千瓦" in report


def plain(value):
    """Yield every text of a JSON-ready value but citations of Chinese law and ids."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key not in {"clause", "frees", "id"}:
                yield from plain(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from plain(one)
    elif isinstance(value, str):
        yield value


def test_english_has_no_chinese():
    result = PART.run(context(lang="en"), {})
    texts = [t for tab in result.tabs for t in plain([tab.title.en, tab.sentence.en, *tab.blocks])]
    texts += [t for view in result.raster.views for t in plain(view.card)]
    points = next(v for v in result.vectors if v.id == "sites-pv").features
    texts += list(plain(points["card"].tolist()))
    for section in result.sections:
        texts += [section.heading.en, *(text.en for text in section.paragraphs)]
        if section.table is not None:
            texts += [*section.table.columns, *map(str, section.table.to_numpy().ravel())]
    texts += [text.en for text in (*result.warnings, *result.undecided)]
    assert len(texts) > 200
    chinese = sorted({text for text in texts if any("\u4e00" <= c <= "\u9fff" for c in text)})
    assert not chinese, chinese[:10]
    assert any("whole area PV candidate 1" in text for text in texts)


def test_english_card_says_what_the_chinese_one_says(demo):
    english = PART.run(context(lang="en"), {})
    for name in ("sites-pv", "sites-wind"):
        zh, en = (
            next(v for v in one.vectors if v.id == name).features["card"] for one in (demo, english)
        )
        for a, b in zip(zh, en, strict=True):
            assert [len(a[k]) for k in ("facts", "rows", "notes", "reasons")] == [
                len(b[k]) for k in ("facts", "rows", "notes", "reasons")
            ]
            if "已筛查的" in a["pill"]["text"]:
                assert "screened rules" in b["pill"]["text"]
            assert b["pill"]["text"].startswith("demo, without legal meaning: ")


def test_county_names_come_from_the_facts():
    ctx = context(lang="en")
    assert county_name(ctx, "郧西县") == "Yunxi"
    assert county_name(ctx, "合计") == "total"
    assert county_name(ctx, "somewhere") == "somewhere"
    assert county_name(context(), "郧西县") == "郧西县"
    assert county_name(context(law=False, lang="en"), "全区") == "whole area"


def test_a_limit_without_its_layer_is_a_warning():
    ctx = context()
    layers = {k: v for k, v in ctx.stack.layers.items() if k != "dem"}
    stack = LayerStack(ctx.stack.grid, layers, {**ctx.stack.absent, "dem": Say("无", "none")})
    result = PART.run(replace(ctx, stack=stack), {})
    assert any("光伏坡度限值" in w.zh and "未应用" in w.zh for w in result.warnings)


def test_land_that_another_rule_might_bar_is_not_barred_alone():
    ctx = context()
    whole = rule_areas_of(ctx)
    west, south, east, north = ctx.stack.grid.bounds
    known = box(west, south, east, north - 3000)  # the red line is unknown on the rest
    redline = replace(ctx.stack.layers["eco_redline"], coverage=known)
    stack = replace(ctx.stack, layers={**ctx.stack.layers, "eco_redline": redline})
    part = rule_areas_of(replace(ctx, stack=stack))
    trees = "R-19"
    assert part[trees][0] == pytest.approx(whole[trees][0])
    assert 0 < part[trees][1] < 0.8 * whole[trees][1]


def rule_areas_of(ctx):
    found = PART.run(ctx, {}).extra["study"]
    footprint = found.technologies[Technology.PV].footprint
    areas = rule_areas(found, footprint)
    return {found.ruleset.rules[i].id: areas[i] for i in footprint.rules}


def test_outlines_of_the_map_are_lighter_and_leave_no_gap():
    steps = [(90 * ((k + 1) // 2), 90 * (k // 2)) for k in range(42)]
    stair = LineString(steps)
    left, right = split(box(0, 0, steps[-1][0], steps[-1][1]), stair).geoms
    exact = gpd.GeoDataFrame(geometry=[left, right], crs=CRS)
    drawn = outlines(exact, RES)
    assert shapely.get_num_coordinates(drawn.geometry.to_numpy()).sum() < 30
    assert drawn.area.sum() == pytest.approx(exact.area.sum())
    assert drawn.geometry.iloc[0].intersection(drawn.geometry.iloc[1]).area == 0
    assert outlines(exact.head(0), RES).empty
