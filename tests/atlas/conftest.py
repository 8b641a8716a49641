"""A made-up region and the parts of a map over it; a browser with the network cut."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box
from shapely.ops import voronoi_diagram

from atlas.map.model import BaseImage, MapMeta
from atlas.part import ClassView, PartResult, PatternRaster, Swatch, Tab, VectorView
from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport
from siting.law.terms import Verdict

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
HOSTILE = "</script><img src=x onerror=\"window.pwned=1\">`${window.pwned=1}` {{ 7*7 }} {% raw %}'\"&"
DEMO = Passport(synthetic=True, grade="prior", citations=("合成示例",))
NAMES = ("上河县", "石门市", "云岭县", "青溪区", "白塔县", "南川县", "东坪区", "柳林县")


def same(text: str) -> Say:
    return Say(text, text)


@dataclass
class Scene:
    """Everything that ``build_map`` takes."""

    parts: list[PartResult]
    base: BaseImage
    meta: MapMeta
    index: np.ndarray = field(default_factory=lambda: np.empty(0))


def noise(shape: tuple[int, int], sigma: float, seed: int) -> np.ndarray:
    field_ = gaussian_filter(np.random.default_rng(seed).normal(size=shape), sigma)
    return (field_ - field_.mean()) / field_.std()


def region(grid: Grid) -> tuple[Polygon, gpd.GeoDataFrame]:
    west, south, east, north = grid.bounds
    cx, cy, rx, ry = (west + east) / 2, (south + north) / 2, (east - west) / 2, (north - south) / 2
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    r = 0.86 + 0.07 * np.sin(5 * angle) + 0.04 * np.sin(13 * angle + 1) + 0.02 * np.sin(31 * angle)
    outline = Polygon(np.column_stack([cx + r * rx * np.cos(angle), cy + r * ry * np.sin(angle)]))
    rng = np.random.default_rng(5)
    seeds = [Point(cx + 0.55 * rx * np.cos(a), cy + 0.55 * ry * np.sin(a)) for a in np.arange(7) * 0.9]
    seeds.append(Point(cx, cy))
    cells = voronoi_diagram(MultiPoint(seeds), envelope=box(*grid.bounds))
    shapes = [cell.intersection(outline) for cell in cells.geoms]
    rng.shuffle(shapes)
    frame = gpd.GeoDataFrame({"name": list(NAMES), "code": range(8)}, geometry=shapes, crs=grid.crs)
    return outline, frame


def screened(grid: Grid, outline: Polygon) -> tuple[np.ndarray, int]:
    """Patterns that look like a screening: 0 prohibited … in blobs of several sizes."""
    from rasterio.features import geometry_mask

    outside = geometry_mask([outline], grid.shape, grid.transform)
    rough, broad = noise(grid.shape, 3, 1), noise(grid.shape, 22, 2)
    index = np.full(grid.shape, 0, dtype=np.uint16)
    index[rough + broad > 0.9] = 1  # clear
    index[(rough > 1.1) & (broad > 0)] = 2  # approval
    index[broad < -1.2] = 3  # route
    index[noise(grid.shape, 14, 3) > 2.1] = 4  # unknown
    index[(broad > 1.5) & (rough < 0)] = 5  # clear for wind only
    index[outside] = 65535
    return index, 6


def reason(law: str, clause: str, hits: str, tone: str) -> dict[str, Any]:
    return {
        "law": law, "clause": clause, "hits": hits, "amount": "100 %", "tone": tone,
        "frees": "调整红线（国务院批准）；或改址", "grade": "A",
    }  # fmt: skip


def cards(tech: str) -> list[dict[str, Any]]:
    says = [("禁止", "prohibited"), ("已筛查的 12/15 项未触及", "clear"), ("需审批", "approval"),
            ("需调规或国家重大项目论证", "route"), ("未知", "unknown"), ("技术不可建", "unbuildable")]  # fmt: skip
    out = []
    for text, tone in says:
        hits = [] if tone in {"clear", "unknown"} else [
            reason("生态保护红线管理办法", "第七条", "生态保护红线", tone),
            reason("基本农田保护条例", "第十七条", "永久基本农田 <核心>", tone),
        ]  # fmt: skip
        out.append(
            {
                "pill": {"text": f"演示，无法律意义：{text}", "tone": tone},
                "rows": [
                    {"label": f"{tech}方阵", "value": text, "note": "不征地"},
                    {"label": "升压站、道路", "value": text},
                    {"label": "未筛查", "value": "3 项", "note": "无图层：文物、军事、矿权"},
                ],
                "reasons": hits,
                "notes": ["格网 270 m，单个像元结论仅供查看。"],
            }
        )
    return out


def swatches(colour: str, tech: str) -> tuple[Swatch, ...]:
    return (
        Swatch(same("禁止"), "#808890", 0.37, synthetic=True),
        Swatch(same(f"{tech}可用"), colour, 0.88, synthetic=True),
        Swatch(same("需审批"), "#fae078", 0.85, synthetic=True),
        Swatch(same("需调规"), "#7d55b0", 0.55, synthetic=True),
        Swatch(same("未知"), "#6b7280", 0.6, hatch=True),
    )


def site_view(grid: Grid, index: np.ndarray, tech: str, tag: str, view: str, n: int) -> VectorView:
    rng = np.random.default_rng(len(tag) + n)
    rows, cols = np.nonzero(index == 1)
    pick = rng.choice(rows.size, n, replace=False)
    points = [Point(*grid.xy(rows[i], cols[i])) for i in pick]
    mw = rng.gamma(2.0, 12.0, n)
    frame = gpd.GeoDataFrame(
        {
            "id": [f"{view}-{i}" for i in range(n)],
            "rank": np.arange(1, n + 1),
            "size": np.digitize(mw, [15, 35]) + 1,
            "class": np.clip(6 - (np.arange(n) * 7) // n, 0, 6),
            "blocked": np.arange(n) % 17 == 3,
            "label": [f"{NAMES[i % 8]} {tag}{i:03d}" for i in range(n)],
            "card": [
                {
                    "title": f"{NAMES[i % 8]} {tag}{i:03d}", "subtitle": f"{tech}候选场址",
                    "pill": {"text": "演示，无法律意义：需审批", "tone": "approval"},
                    "headline": [
                        {"label": "容量（交流）", "value": f"{mw[i]:.1f}", "unit": "MW"},
                        {"label": "年上网电量", "value": f"{mw[i] * 1.1:.1f}", "unit": "GWh"},
                        {"label": "得分", "value": f"{90 - i * 40 / n:.1f}", "unit": "分"},
                    ],
                    "rows": [{"label": "面积", "value": f"{mw[i] * 30:.0f} 亩"}],
                    "reasons": [reason("湖北省光伏用地通知", "第三条", "灌木林地", "approval")],
                    "notes": ["坐标为合成地形上的候选点。"],
                }
                for i in range(n)
            ],
        },
        geometry=points, crs=grid.crs,
    )  # fmt: skip
    return VectorView(f"sites-{view}", same(f"{tech}候选"), "site", frame, DEMO, tabs=(f"siting/{view}",))


def siting(grid: Grid, index: np.ndarray, n_sites: int) -> PartResult:
    views = (
        ClassView("pv", same("光伏"), swatches("#f0a500", "光伏"), np.array([0, 1, 2, 3, 4, 0], np.uint8), cards("光伏")),
        ClassView("wind", same("风电"), swatches("#0f8f83", "风电"), np.array([0, 0, 2, 3, 4, 1], np.uint8), cards("风电")),
    )  # fmt: skip
    sites = [site_view(grid, index, "光伏", "P", "pv", n_sites), site_view(grid, index, "风电", "W", "wind", n_sites // 3)]
    ranked = []
    for view, one in zip(("pv", "wind"), sites, strict=True):
        lonlat = one.features.to_crs(4326).geometry
        ranked.append(
            {
                "type": "ranked", "title": f"前 30 个{one.title.zh}（共 {len(lonlat):,}）", "view": view,
                "note": "得分为坡度、日照、接网、道路的加权均值（0-100）",
                "rows": [
                    {"id": f"{view}-{i}", "label": f"{NAMES[i % 8]} {view[0].upper()}{i:03d}", "value": f"{40 - i}.2 MW",
                     "extra": f"{88 - i * 0.6:.1f}", "lon": p.x, "lat": p.y, "tone": view, "rank": i + 1}
                    for i, p in enumerate(lonlat[:30])
                ],
            }
        )  # fmt: skip
    table = {
        "type": "table", "title": "各县可用面积（光伏，2026）",
        "columns": [{"label": "县市区"}, {"label": "", "bar": True}, {"label": "万亩", "align": "right"}, {"label": "万千瓦", "align": "right"}],
        "rows": [[name, {"value": 1 - i / 9, "tone": "pv"}, f"{88 - 10 * i}.0", f"{1467 - 160 * i:,}"] for i, name in enumerate(NAMES)],
        "note": "定义：已筛查规则未触及；30 亩/MW（直流），利用率 50 %。",
    }  # fmt: skip
    rules = {
        "type": "rules",
        "groups": [
            {"title": "红线与保护地", "rows": [
                {"label": "生态保护红线", "effect": "须调整红线", "tone": "route", "area": "189 万亩", "note": "依据待核"},
                {"label": "自然保护区·核心保护区", "effect": "禁止", "tone": "prohibited", "area": "14.7 万亩", "note": ""},
            ]},
            {"title": "农田", "rows": [{"label": "永久基本农田", "effect": "禁止", "tone": "prohibited", "area": "88.9 万亩", "note": ""}]},
        ],
    }  # fmt: skip
    tabs = (
        Tab("siting", same("选址"), same("光伏可用 385\u2009万亩、约 6,411\u2009万千瓦（30 亩/兆瓦、利用率 50 %）；2025 目标 320\u2009万千瓦（已到期，官方结果未见）"),
            ({"type": "sentence", "view": "wind", "text": "风电可用 41.2\u2009万亩、约 96\u2009万千瓦（网格均值，未解析山脊）；2025 目标 20\u2009万千瓦（已到期，官方结果未见）"},
             *ranked, {"type": "note", "tone": "warn", "text": "演示数据：土地、红线、道路为合成图层，无法律意义。"}), view="pv", order=0),
        Tab("law", same("红线"), same("红线与耕地两类规则挡住光伏可用地的 62 %；另有 90.0\u2009万亩需审批"), (table, rules), view="pv", order=1),
    )  # fmt: skip
    raster = PatternRaster(grid, index, views, DEMO)
    return PartResult("siting", same("选址"), {}, DEMO, tabs=tabs, raster=raster, vectors=tuple(sites))


def storage(grid: Grid) -> PartResult:
    cx, cy = (grid.bounds[0] + grid.bounds[2]) / 2, (grid.bounds[1] + grid.bounds[3]) / 2
    rows = [("甲坪抽水蓄能", "pumped", "approx", 0, 0), ("乙岭抽水蓄能", "pumped", "exact", 18e3, 6e3),
            ("丙滩水电站", "hydro", "surveyed", 20e3, 4e3), ("丁口扩机", "hydro", "approx", -30e3, -25e3)]  # fmt: skip
    frame = gpd.GeoDataFrame(
        {
            "id": [f"named-{i}" for i in range(4)], "label": [r[0] for r in rows], "icon": [r[1] for r in rows],
            "coord_quality": [r[2] for r in rows],
            "card": [
                {"title": r[0], "pill": {"text": "未筛查", "tone": "unknown"},
                 "headline": [{"label": "装机", "value": "1,200", "unit": "MW"}, {"label": "水头", "value": "255", "unit": "m"},
                              {"label": "储能", "value": "未公布", "unit": ""}],
                 "rows": [{"label": "地质", "value": "未核查"}, {"label": "核准", "value": "未见", "note": "截至 2026-11-22"}],
                 "notes": ["只列公布数字。"]}
                for r in rows
            ],
        },
        geometry=[Point(cx + r[3], cy + r[4]) for r in rows], crs=grid.crs,
    )  # fmt: skip
    lake = gpd.GeoDataFrame(
        {"label": ["上水库", "大坝", "输水隧洞 255 m"], "icon": ["", "dam", "tunnel"]},
        geometry=[Point(cx + 18e3, cy + 6e3).buffer(500), LineString([(cx + 17.6e3, cy + 5.7e3), (cx + 18.4e3, cy + 5.7e3)]),
                  LineString([(cx + 18e3, cy + 5.7e3), (cx + 19e3, cy + 4.4e3)])], crs=grid.crs,
    )  # fmt: skip
    block = {
        "type": "cards", "title": "具名站点",
        "items": [{"id": "named-1", "title": "乙岭抽水蓄能", "pill": {"text": "未筛查", "tone": "unknown"},
                   "headline": [{"label": "装机", "value": "1,200", "unit": "MW"}], "rows": [{"label": "上水位", "value": "未公布"}],
                   "notes": ["来源 S12"], "lon": 110.7, "lat": 32.45}],
    }  # fmt: skip
    tab = Tab("storage", same("抽蓄"), same("具名抽水蓄能 2\u2009个、2,400\u2009MW；至 2030 年可计 0\u2009MW（无核准证据）"), (block,), order=2)
    vectors = (
        VectorView("named", same("具名站点"), "named", frame, Passport(grade="B"), "#12355b", ("storage",)),
        VectorView("lake", same("上水库"), "outline", lake, DEMO, "#12355b", ("storage",)),
    )
    return PartResult("storage", same("抽蓄"), {}, DEMO, tabs=(tab,), vectors=vectors)


def forest_part() -> PartResult:
    years = list(range(2010, 2061, 2))
    mid = [2.4 + 3.4 * (1 - np.exp(-(y - 2005) / 28)) for y in years]
    chart = {
        "type": "chart", "title": "森林单位蓄积", "subtitle": "D2：森林蓄积 / 含特灌森林面积；带为 P10-P90", "unit": "m³/亩",
        "x": [2010, 2060], "y": [2, 6],
        "series": [
            {"kind": "band", "label": "", "tone": "forest", "x": years, "y": [m - 0.02 * i for i, m in enumerate(mid)], "y2": [m + 0.02 * i for i, m in enumerate(mid)]},
            {"kind": "line", "label": "D2 中位", "tone": "forest", "x": years, "y": mid},
            {"kind": "dashed", "label": "D1 中位", "tone": "hydro", "x": years, "y": [m + 0.15 for m in mid]},
            {"kind": "points", "label": "", "tone": "neutral", "x": [2014, 2019, 2023], "y": [3.35, 3.9, 4.37]},
            {"kind": "rule", "label": "目标 4.5（2030）", "tone": "warn", "y": [4.5]},
        ],
    }  # fmt: skip
    stats = {
        "type": "stats",
        "items": [{"label": "2023 年 D1", "value": "4.92", "unit": "m³/亩", "note": "单一 D 级来源"}, {"label": "2023 年 D2", "value": "4.37", "unit": "m³/亩", "note": ""},
                  {"label": "P(2030 ≥ 4.5)，D2", "value": "81", "unit": "%", "note": "仅 2026 年以后"}, {"label": "D4", "value": "缺数据", "unit": "", "note": ""}],
    }  # fmt: skip
    tab = Tab("forest", same("森林"), same("按 D1，4.5\u2009m³/亩 已达到（2023 年 4.92，单一来源）；按 D2，2030 年达到的概率 81\u2009%"), (stats, chart, {"type": "note", "tone": "neutral", "text": "曲线为先验，参数未核验。"}), order=3)
    return PartResult("forest", same("森林"), {}, Passport(unverified=True, grade="prior"), tabs=(tab,), warnings=(same("生长曲线参数未核验"),))


def make_scene(resolution: float = 270.0, n_sites: int = 600) -> Scene:
    grid = Grid.from_bounds("EPSG:4546", (400_000, 3_490_000, 595_000, 3_680_000), resolution)
    outline, counties = region(grid)
    index, _ = screened(grid, outline)
    slope = noise(grid.shape, 2.5, 9) + 0.6 * noise(grid.shape, 9, 8)
    shade = np.clip(165 + 26 * np.gradient(slope, axis=1) * 9, 1, 255).astype(np.uint8)
    west, south, east, north = grid.bounds
    t = np.linspace(0, 1, 120)
    river = LineString(np.column_stack([west + (0.1 + 0.8 * t) * (east - west), south + (north - south) * (0.55 + 0.06 * np.sin(9 * t) + 0.03 * np.sin(31 * t))]))
    water = gpd.GeoDataFrame(geometry=[river.intersection(outline), Point(east - 42e3, (south + north) / 2 + 14e3).buffer(6500).intersection(outline)], crs=grid.crs)
    base = BaseImage(grid, shade, outline, counties, water)
    red = gpd.GeoDataFrame(geometry=[Point(west + 60e3, south + 60e3).buffer(14e3).intersection(outline)], crs=grid.crs)
    law = PartResult("law", same("红线"), {}, DEMO, vectors=(VectorView("red", same("生态保护红线"), "redline", red, DEMO, "#a4243b", ("law",)),))
    meta = MapMeta(same("示例市 能源与森林图"), "zh", "2026-11-22", same("演示数据·含合成图层"), ("合成示例，无来源",), "CGCS2000", resolution)
    absent = PartResult("wetland", same("湿地"), {}, Passport(), absent=same("没有湿地图层"))
    return Scene([siting(grid, index, n_sites), law, storage(grid), forest_part(), absent], base, meta, index)


@pytest.fixture(scope="session")
def scene() -> Scene:
    """A made-up city of 0.5 M cells with four tabs."""
    return make_scene()


@pytest.fixture
def small_scene() -> Scene:
    """The same city at 2 km, cheap to build again and again."""
    return make_scene(2000.0, 40)


@pytest.fixture(scope="session")
def hostile() -> str:
    """Attribute text that tries every way out of its place."""
    return HOSTILE


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Headless Chromium, or a skip that says what is missing."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is missing: apt install chromium")
    lister = shutil.which("fc-list")
    if lister is None or not subprocess.run([lister, ":lang=zh"], capture_output=True, check=True).stdout.strip():
        pytest.skip("no CJK font: apt install fonts-noto-cjk")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()
