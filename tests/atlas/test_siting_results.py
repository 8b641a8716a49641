"""What the siting chapter says of yield, cost, connection and ranks: cards, charts, sheets."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from shapely.geometry import Point, box

from atlas.charts import chart_svg
from atlas.map import blocks
from atlas.parts._siting_found import criteria_of, records
from atlas.parts._siting_map import told_card
from atlas.parts._siting_yield import MONTHS, _edges, coarser
from atlas.parts.siting import PART
from atlas.report.intervals import intervals_svg
from geo.grid import Grid
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from siting.law.terms import Technology
from siting.settings import Settings
from tests.atlas.test_part_siting import CRS, context, plain

MET = {"wind.site_min_mw": 6.0, "pv.site_min_mw": 5.0}


def connected(lang="zh"):
    """Return the small demo region with two substations and small sites."""
    ctx = context(lang=lang)
    west, south, east, north = ctx.stack.grid.bounds
    points = [Point(west + 2000, south + 2000), Point(east - 2500, north - 2500)]
    frame = gpd.GeoDataFrame(
        {"name": ["甲站", "乙站"], "kv": [110.0, 220.0]}, geometry=points, crs=CRS
    )
    passport = ctx.stack.layers["dem"].passport
    layer = Layer("substation", frame, SPECS["substation"], passport)
    absent = {k: v for k, v in ctx.stack.absent.items() if k != "substation"}
    stack = LayerStack(ctx.stack.grid, {**ctx.stack.layers, "substation": layer}, absent)
    return replace(ctx, stack=stack, settings=Settings(values=MET))


@pytest.fixture(scope="module")
def ctx():
    return connected()


@pytest.fixture(scope="module")
def result(ctx):
    return PART.run(ctx, {})


@pytest.fixture(scope="module")
def english():
    return PART.run(connected("en"), {})


def picture(text):
    return ET.fromstring(text)  # noqa: S314 - our own picture


def one_of(result, technology=Technology.PV):
    return result.extra["study"].technologies[technology]


def block(result, kind, view="pv"):
    return [b for b in result.tabs[0].blocks if b["type"] == kind and b.get("view") == view]


def cards(result, view):
    return next(v for v in result.vectors if v.id == f"sites-{view}").features["card"].tolist()


def test_every_block_and_card_is_drawable(result):
    for one in result.tabs[0].blocks:
        blocks.check(one, "siting")
    for view in ("pv", "wind"):
        assert cards(result, view)
        for card in cards(result, view):
            blocks.card(card, view)


def test_supply_curve_rises_over_band_and_target(result):
    (chart,) = block(result, "chart")
    by_kind = {s["kind"]: s for s in chart["series"]}
    line, mark = by_kind["line"], by_kind["mark"]
    assert np.all(np.diff(line["x"]) > 0)
    assert np.all(np.diff(line["y"]) >= 0)
    assert mark["x"] == [320.0]
    assert "320" in mark["label"]
    price = next(s for s in chart["series"] if s["kind"] == "band" and "电价" in s["label"])
    assert (price["y"][0], price["y2"][0]) == (0.28, 0.375)
    assert chart["unit"] == "元/kWh"
    picture(chart_svg(chart, 800, 360, "zh"))


def test_wind_supply_is_in_money_a_kilowatt_and_no_energy_is_claimed(result):
    (chart,) = block(result, "chart", "wind")
    assert chart["unit"] == "元/kW"
    assert "不是度电成本" in chart["subtitle"]
    said = "".join(say.zh for say in result.extra["answers"]["wind"])
    assert "网格均值，未解析山脊" in said
    assert "保本小时数" in said
    assert "未计" in said
    own = [b for b in result.tabs[0].blocks if b.get("view") == "wind"]
    told = str([own, cards(result, "wind")])
    assert "GWh" not in told
    assert "亿千瓦时" not in told
    assert "缺发电量" in told
    wind = result.summary["wind"]
    assert wind["energy_known"] is False
    assert wind["lcoe_yuan_per_kwh"] is None
    assert wind["breakeven_hours"]["min"] > 1000


def test_card_of_a_site_names_cost_connection_access_land_and_carbon(result):
    card = cards(result, "pv")[0]
    assert [item["label"] for item in card["headline"]] == [
        "容量（交流）", "年上网电量", "度电成本",
    ]  # fmt: skip
    facts = {row["label"]: row for row in card["facts"]}
    wanted = {
        "容量（直流）", "单位电量", "地形损失", "损失链", "度电成本", "保本把握", "造价",
        "保本造价",
        "送出线路", "接网造价", "进场道路", "用地", "避免排放", "名次区间", "名次取决于",
    }  # fmt: skip
    assert wanted <= set(facts)
    assert "未计" in facts["进场道路"]["note"]
    assert "直流" in facts["造价"]["note"]
    assert "湖北电网平均" in facts["避免排放"]["note"]
    assert facts["送出线路"]["note"] in {"接入 甲站", "接入 乙站"}
    assert card["pill"]["text"].startswith("演示，无法律意义")
    chart = card["chart"]
    assert len(chart["series"][0]["y"]) == 12
    assert "模型推算" in chart["subtitle"]


def test_months_sum_to_the_year(result):
    for row in records(one_of(result)):
        assert sum(row[key] for key in MONTHS) == pytest.approx(row["kwh_per_kwp"], rel=1e-5)


def test_bars_of_a_card_are_the_criteria_behind_the_rank(result):
    one = one_of(result)
    items = criteria_of(one)
    assert [item.key for item in items] == list(one.ranking.keys)
    bars = [row for row in cards(result, "pv")[0]["rows"] if "bar" in row]
    assert [row["label"] for row in bars] == [item.title.zh for item in items]
    best = int(one.order[0])
    share = [one.ranking.parts[item.key][best] / 100 for item in items]
    assert [row["bar"]["value"] for row in bars] == pytest.approx(share)


def test_ranks_stand_with_their_interval(result):
    (block_,) = block(result, "intervals")
    for row in block_["rows"]:
        assert row["low"] <= row["mid"] <= row["high"]
        assert block_["x"][0] <= row["low"]
        assert row["high"] <= block_["x"][1]
    svg = intervals_svg(block_)
    picture(svg)
    assert block_["rows"][0]["label"] in svg
    table = next(b for b in block(result, "table") if "权重" in b["title"])
    assert [c["label"] for c in table["columns"]][:3] == ["场址", "等权", "熵权"]
    assert "未给出判断矩阵" in table["note"]
    ranked = block(result, "ranked")[0]
    assert all("名次" in row["extra"] for row in ranked["rows"])


def test_sheets_hold_supply_connection_ranks_weights_and_every_default(result):
    sheets = {table.name: table for table in result.tables}
    supply = sheets["供给曲线_光伏"]
    assert supply.csv == "supply_pv.csv"
    summed = supply.frame["累计容量（万千瓦，交流）"].to_numpy()
    assert summed[-1] == pytest.approx(one_of(result).sites["capacity_mw"].sum() / 10)
    assert np.all(np.diff(supply.frame["度电成本（元/kWh）"]) >= 0)
    assert sheets["供给曲线_风电"].csv == "supply_wind.csv"
    line = sheets["并网"].frame
    assert line["送出线路（km）"].notna().any()
    assert "道路造价（元）" in line
    assert line["道路造价（元）"].isna().all()
    weights = sheets["权重"].frame
    for _, group in weights[weights["准则"] != "一致性比率（须 ≤ 0.10）"].groupby("技术"):
        assert group["权重：等权"].sum() == pytest.approx(1.0)
    params = sheets["选址参数"]
    assert params.csv == "params.csv"
    assert set(params.frame["技术"]) == {"pv", "wind", "connect", "cost", "rank"}
    assert params.frame["状态"].ne("").all()
    heads = set(sheets["场址"].frame.columns)
    assert {
        "度电成本低值（元/kWh）",
        "接网造价（元/kW，交流）",
        "名次 5%",
        "接入变电站",
        "1月单位电量（kWh/kWp，模型推算）",
    } <= heads
    assert not {head for head in heads if head.isascii()}


def test_summary_counts_the_supply_at_the_target(result):
    pv = result.summary["pv"]
    assert {row["mw_ac"] for row in pv["supply_at_target"]} == {3200.0, 2980.0}
    for row in pv["supply_at_target"]:
        assert row["reached"] == (pv["sites_mw_ac"] >= row["mw_ac"])
        assert (row["cost"] is not None) == row["reached"]
    assert pv["price_yuan_per_kwh"] == {"low": 0.28, "mode": 0.3, "high": 0.375}
    assert pv["rank_views"]["equal"]["consistency_ratio"] is None
    assert pv["rank_views"]["ahp"]["weights"] is None
    assert pv["not_counted"]
    assert 0 <= pv["sites_that_clear"] <= pv["sites"]


def test_report_has_a_page_a_question_and_the_parameters(result):
    ids = [section.id for section in result.sections]
    for key in ("pv", "wind"):
        assert {f"yield-{key}", f"cost-{key}", f"rank-{key}", f"tornado-{key}"} <= set(ids)
    assert ids[-5:] == [f"params-{g}" for g in ("pv", "wind", "connect", "cost", "rank")]
    for section in result.sections:
        if section.svg:
            picture(section.svg)
    cost = next(s for s in result.sections if s.id == "cost-pv")
    assert any("成本未计" in text.zh for text in cost.paragraphs)


def test_english_names_no_chinese_but_names_of_stations(english):
    texts = list(plain([*english.tabs[0].blocks, *cards(english, "pv"), *cards(english, "wind")]))
    for section in english.sections:
        texts += [section.heading.en, section.svg, *(text.en for text in section.paragraphs)]
        if section.table is not None:
            texts += [*section.table.columns, *map(str, section.table.to_numpy().ravel())]
    texts += [say.en for said in english.extra["answers"].values() for say in said]
    texts = [t.replace("甲站", "").replace("乙站", "").replace("PingFang SC", "") for t in texts]
    chinese = sorted({t for t in texts if any("\u4e00" <= c <= "\u9fff" for c in t)})
    assert not chinese, chinese[:8]


def test_yield_is_a_view_of_its_own_with_lines_and_turbines(result):
    (raster,) = result.more_rasters
    (view,) = raster.views
    assert (view.id, view.of, view.tabs) == ("pv_yield", "pv", ("siting",))
    assert len(view.swatches) == len(view.card) == 7
    assert set(np.unique(raster.index)) <= {*range(7), 65535}
    found = {v.role: v for v in result.vectors}
    assert len(found["line"].features)
    assert set(found["line"].features.geom_type) == {"LineString"}
    assert len(found["turbine"].features) == len(one_of(result, Technology.WIND).result.turbines.x)


def test_coarser_is_the_mean_of_blocks():
    rng = np.random.default_rng(3)
    cells = rng.normal(1000, 50, (60, 80)).astype(np.float32)
    cells[:7, :9] = np.nan
    grid = Grid(CRS, Affine(90, 0, 450_000, 0, -90, 3_600_000), cells.shape)
    same, own = coarser(cells, grid, 60 * 90)
    assert same is cells
    assert own is grid
    mean, shown = coarser(cells, grid, 400)
    k = round(shown.dx / grid.dx)
    assert shown.bounds[0] == grid.bounds[0]
    assert shown.bounds[3] == grid.bounds[3]
    for i, j in ((0, 0), (1, 2), (5, 7)):
        part = cells[i * k : (i + 1) * k, j * k : (j + 1) * k]
        want = np.nanmean(part) if np.isfinite(part).any() else np.nan
        assert mean[i, j] == pytest.approx(want, rel=1e-6, nan_ok=True)


def test_edges_are_round_and_hold_all():
    values = np.random.default_rng(4).normal(1000, 60, 5000).astype(np.float32)
    edges = _edges(values)
    assert len(edges) == 8
    assert np.all(np.diff(edges) > 0)
    assert edges[0] <= values.min()
    assert values.max() <= edges[-1]
    assert np.all(np.mod(edges, 1) == 0)


def test_a_project_without_a_verdict_only_tells_what_its_file_says(ctx):
    row = {"id": "x", "name": "某项目", "capacity_mw": 50.0, "note": "未筛查：坐标精度不足"}
    card = told_card(row, ctx)
    assert card["pill"]["text"] == "未筛查"
    assert card["notes"] == ["未筛查：坐标精度不足"]
    assert "rows" not in card
    assert told_card({**row, "capacity_mw": float("nan")}, ctx)["headline"] == []


def test_named_projects_are_listed_and_drawn(ctx, tmp_path):
    path = tmp_path / "own.gpkg"
    west, south, _, _ = ctx.stack.grid.bounds
    frame = gpd.GeoDataFrame(
        {"id": ["own-1"], "name": ["某光伏"], "technology": ["pv"], "capacity_mw": [40.0]},
        geometry=[box(west + 4000, south + 4000, west + 5500, south + 5500)],
        crs=CRS,
    )
    frame.to_file(path, driver="GPKG")
    forced = PART.run(replace(ctx, settings=Settings(values=MET, sites=path)), {})
    for one in forced.tabs[0].blocks:
        blocks.check(one, "siting")
    listed = block(forced, "ranked")[1]
    assert listed["rows"][0]["extra"] == "未筛查，不参加排名"  # synthetic layers judge nobody
    points = next(v for v in forced.vectors if v.id == "sites-pv").features.set_index("id")
    assert points.loc["own-1", "card"]["pill"]["text"] == "未筛查"
    assert len(block(forced, "ranked", "wind")) == 1


def test_months_are_named_under_bars():
    chart = {
        "type": "chart", "title": "月", "x": [0.4, 12.6], "y": [0, 120], "marks": [[1, "1月"]],
        "series": [
            {"kind": "bars", "tone": "pv", "x": list(range(1, 13)), "y": list(range(50, 62))},
            {"kind": "mark", "label": "线", "tone": "neutral", "x": [6.0], "y": []},
        ],
    }  # fmt: skip
    blocks.check(chart, "t")
    svg = chart_svg(chart, 300, 200, "zh")
    tree = picture(svg)
    bars = [e for e in tree.iter() if e.tag.endswith("rect")]
    assert len(bars) == 12
    heights = [float(e.get("height")) for e in bars]
    assert heights == sorted(heights)
    assert "1月" in svg
    assert "线" in svg
