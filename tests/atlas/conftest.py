"""A made-up region and the parts of a map over it; a browser with the network cut."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box
from shapely.ops import voronoi_diagram

from atlas.map.model import BaseImage, MapMeta
from atlas.part import ClassView, PartResult, PatternRaster, Swatch, Tab, VectorView
from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
HOSTILE = (
    '</script><img src=x onerror="window.pwned=1">`${window.pwned=1}` {{ 7*7 }} {% raw %}\'"&<!--'
)
DEMO = Passport(synthetic=True, grade="prior", citations=("合成示例",))
TEXT = json.loads(Path(__file__).with_name("map_scene.json").read_text(encoding="utf-8"))
NAMES = TEXT["names"]
EXTENT = (400_000, 3_490_000, 595_000, 3_680_000)


def same(text: str) -> Say:
    return Say(text, text)


@dataclass
class Scene:
    """Everything that ``build_map`` takes."""

    parts: list[PartResult]
    base: BaseImage
    meta: MapMeta


def noise(shape: tuple[int, int], sigma: float, seed: int) -> np.ndarray:
    rough = gaussian_filter(np.random.default_rng(seed).normal(size=shape), sigma)
    return (rough - rough.mean()) / rough.std()


def region(grid: Grid) -> tuple[Polygon, gpd.GeoDataFrame]:
    west, south, east, north = grid.bounds
    cx, cy, rx, ry = (west + east) / 2, (south + north) / 2, (east - west) / 2, (north - south) / 2
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    r = 0.86 + 0.07 * np.sin(5 * angle) + 0.04 * np.sin(13 * angle + 1) + 0.02 * np.sin(31 * angle)
    outline = Polygon(np.column_stack([cx + r * rx * np.cos(angle), cy + r * ry * np.sin(angle)]))
    turns = np.arange(7) * 0.9
    seeds = [Point(cx + 0.55 * rx * np.cos(a), cy + 0.55 * ry * np.sin(a)) for a in turns]
    cells = voronoi_diagram(MultiPoint([*seeds, Point(cx, cy)]), envelope=box(*grid.bounds))
    shapes = [cell.intersection(outline) for cell in cells.geoms]
    frame = gpd.GeoDataFrame({"name": NAMES, "code": range(8)}, geometry=shapes, crs=grid.crs)
    return outline, frame


def screened(grid: Grid, outline: Polygon) -> np.ndarray:
    """Return patterns that look like a screening: blobs of several sizes."""
    scale = 270 / grid.dx
    rough, broad = noise(grid.shape, 3 * scale, 1), noise(grid.shape, 22 * scale, 2)
    index = np.zeros(grid.shape, dtype=np.uint16)
    index[rough + broad > 0.9] = 1  # clear
    index[(rough > 1.1) & (broad > 0)] = 2  # approval
    index[broad < -1.2] = 3  # route
    index[noise(grid.shape, 14 * scale, 3) > 2.1] = 4  # unknown
    index[(broad > 1.5) & (rough < 0)] = 5  # clear for wind only
    rows, cols = np.indices(grid.shape)
    x, y = grid.bounds[0] + (cols + 0.5) * grid.dx, grid.bounds[3] - (rows + 0.5) * grid.dy
    import shapely

    index[~shapely.contains_xy(outline, x.ravel(), y.ravel()).reshape(grid.shape)] = 65535
    return index


def reason(law: str, clause: str, hits: str, tone: str) -> dict[str, Any]:
    return {
        "law": law, "clause": clause, "hits": hits, "amount": "100 %", "tone": tone,
        "frees": "调整红线（国务院批准）；或改址", "grade": "A",
    }  # fmt: skip


def cell_cards(tech: str) -> list[dict[str, Any]]:
    out = []
    for text, tone in TEXT["verdicts"]:
        hits = [
            reason("生态保护红线管理办法", "第七条", "生态保护红线", tone),
            reason("基本农田保护条例", "第十七条", "永久基本农田 <核心>", tone),
        ]
        rows = [
            {"label": f"{tech}方阵", "value": text, "note": "不征地"},
            {"label": "升压站、道路", "value": text},
            {"label": "未筛查", "value": "3 项", "note": "无图层：文物、军事、矿权"},
        ]
        out.append(
            {
                "pill": {"text": f"演示，无法律意义：{text}", "tone": tone},
                "rows": rows,
                "reasons": [] if tone in {"clear", "unknown"} else hits,
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


def site_view(grid: Grid, index: np.ndarray, tech: str, view: str, n: int) -> VectorView:
    rng = np.random.default_rng(n)
    rows, cols = np.nonzero(index == 1)
    pick = rng.choice(rows.size, n, replace=False)
    mw = rng.gamma(2.0, 12.0, n)
    label = [f"{NAMES[i % 8]} {view[0].upper()}{i:03d}" for i in range(n)]
    cards = [
        {
            "title": label[i],
            "subtitle": f"{tech}候选场址",
            "pill": {"text": "演示，无法律意义：需审批", "tone": "approval"},
            "headline": [
                {"label": "容量（交流）", "value": f"{mw[i]:.1f}", "unit": "MW"},
                {"label": "年上网电量", "value": f"{mw[i] * 1.1:.1f}", "unit": "GWh"},
                {"label": "得分", "value": f"{90 - i * 40 / n:.1f}", "unit": "分"},
            ],
            "rows": [{"label": "面积", "value": f"{mw[i] * 30:.0f} 亩"}],
            "reasons": [reason("光伏用地通知", "第三条", "灌木林地", "approval")],
            "notes": ["坐标为合成地形上的候选点。"],
        }
        for i in range(n)
    ]
    columns = {
        "id": [f"{view}-{i}" for i in range(n)],
        "rank": np.arange(1, n + 1),
        "size": np.digitize(mw, [15, 35]) + 1,
        "class": np.clip(6 - (np.arange(n) * 7) // n, 0, 6),
        "blocked": np.arange(n) % 17 == 3,
        "label": label,
        "card": cards,
    }
    points = [Point(*grid.xy(rows[i], cols[i])) for i in pick]
    frame = gpd.GeoDataFrame(columns, geometry=points, crs=grid.crs)
    tabs = (f"siting/{view}",)
    return VectorView(f"sites-{view}", same(f"{tech}候选"), "site", frame, DEMO, tabs=tabs)


def ranked(view: str, sites: VectorView) -> dict[str, Any]:
    places = sites.features.to_crs(4326).geometry
    rows = [
        {
            "id": f"{view}-{i}", "label": sites.features["label"][i], "value": f"{40 - i}.2 MW",
            "extra": f"{88 - i * 0.6:.1f}", "lon": p.x, "lat": p.y, "tone": view, "rank": i + 1,
        }
        for i, p in enumerate(places[:30])
    ]  # fmt: skip
    title = f"前 {len(rows)} 个{sites.title.zh}（共 {len(places):,}）"
    note = "得分为坡度、日照、接网、道路的加权均值（0-100）"
    return {"type": "ranked", "title": title, "view": view, "note": note, "rows": rows}


def siting_part(grid: Grid, index: np.ndarray, n_sites: int) -> PartResult:
    pv, wind, said = "光伏", "风电", TEXT["sentences"]
    of_pv, of_wind = np.array([0, 1, 2, 3, 4, 0], np.uint8), np.array([0, 0, 2, 3, 4, 1], np.uint8)
    views = (
        ClassView("pv", same(pv), swatches("#f0a500", pv), of_pv, cell_cards(pv)),
        ClassView("wind", same(wind), swatches("#0f8f83", wind), of_wind, cell_cards(wind)),
    )
    sites = {
        "pv": site_view(grid, index, pv, "pv", n_sites),
        "wind": site_view(grid, index, wind, "wind", n_sites // 3),
    }
    answer = {"type": "sentence", "view": "wind", "text": said["wind"]}
    lists = [ranked(view, one) for view, one in sites.items()]
    tabs = (
        Tab("law", same("红线"), same(said["law"]), (TEXT["table"], TEXT["rules"]), "pv", 1),
        Tab("siting", same("选址"), same(said["pv"]), (answer, *lists, TEXT["warn"]), "pv", 0),
    )
    raster = PatternRaster(grid, index, views, DEMO)
    vectors = tuple(sites.values())
    return PartResult("siting", same("选址"), {}, DEMO, tabs=tabs, raster=raster, vectors=vectors)


def redline_part(grid: Grid, outline: Polygon) -> PartResult:
    shape = Point(grid.bounds[0] + 60e3, grid.bounds[1] + 60e3).buffer(14e3).intersection(outline)
    red = gpd.GeoDataFrame(geometry=[shape], crs=grid.crs)
    view = VectorView("red", same("生态保护红线"), "redline", red, DEMO, "#a4243b", ("law",))
    return PartResult("law", same("红线"), {}, DEMO, vectors=(view,))


def storage_part(grid: Grid) -> PartResult:
    west, south, east, north = grid.bounds
    cx, cy = (west + east) / 2, (south + north) / 2
    rows = TEXT["named"]
    columns = {
        "id": [f"named-{i}" for i in range(4)],
        "label": [row[0] for row in rows],
        "icon": [row[1] for row in rows],
        "coord_quality": [row[2] for row in rows],
        "card": [{"title": row[0], **TEXT["named_card"]} for row in rows],
    }
    points = [Point(cx + row[3], cy + row[4]) for row in rows]
    frame = gpd.GeoDataFrame(columns, geometry=points, crs=grid.crs)
    x, y = cx + 18e3, cy + 6e3
    lake = gpd.GeoDataFrame(
        {"label": ["上水库", "大坝", "输水隧洞 255 m"], "icon": ["", "dam", "tunnel"]},
        geometry=[
            Point(x, y).buffer(500),
            LineString([(x - 400, y - 300), (x + 400, y - 300)]),
            LineString([(x, y - 300), (x + 1000, y - 1600)]),
        ],
        crs=grid.crs,
    )
    said = same(TEXT["sentences"]["storage"])
    tab = Tab("storage", same("抽蓄"), said, (TEXT["cards"],), order=2)
    exact, blue, where = Passport(grade="B"), "#12355b", ("storage",)
    vectors = (
        VectorView("named", same("具名站点"), "named", frame, exact, blue, where),
        VectorView("lake", same("上水库"), "outline", lake, DEMO, blue, where),
    )
    return PartResult("storage", same("抽蓄"), {}, DEMO, tabs=(tab,), vectors=vectors)


def forest_part() -> PartResult:
    said = same(TEXT["sentences"]["forest"])
    blocks = (TEXT["stats"], TEXT["chart"], TEXT["prior"])
    tab = Tab("forest", same("森林"), said, blocks, order=3)
    trust, warnings = Passport(unverified=True, grade="prior"), (same("生长曲线参数未核验"),)
    return PartResult("forest", same("森林"), {}, trust, tabs=(tab,), warnings=warnings)


def water_of(grid: Grid, outline: Polygon) -> gpd.GeoDataFrame:
    west, south, east, north = grid.bounds
    t = np.linspace(0, 1, 120)
    y = south + (north - south) * (0.55 + 0.06 * np.sin(9 * t) + 0.03 * np.sin(31 * t))
    river = LineString(np.column_stack([west + (0.1 + 0.8 * t) * (east - west), y]))
    lake = Point(east - 42e3, (south + north) / 2 + 14e3).buffer(6500)
    shapes = [river.intersection(outline), lake.intersection(outline)]
    return gpd.GeoDataFrame(geometry=shapes, crs=grid.crs)


def make_scene(resolution: float = 270.0, n_sites: int = 600) -> Scene:
    grid = Grid.from_bounds("EPSG:4546", EXTENT, resolution)
    outline, counties = region(grid)
    index = screened(grid, outline)
    height = noise(grid.shape, 12, 9) + 0.3 * noise(grid.shape, 4, 8)
    shade = np.clip(175 + 220 * np.gradient(height, axis=1), 1, 255).astype(np.uint8)
    base = BaseImage(grid, shade, outline, counties, water_of(grid, outline))
    title, badge = same("示例市 能源与森林图"), same("演示数据·含合成图层")
    day, cites = "2026-11-22", ("合成示例，无来源",)
    meta = MapMeta(title, "zh", day, badge, cites, "CGCS2000", resolution)
    absent = PartResult("wetland", same("湿地"), {}, Passport(), absent=same("没有湿地图层"))
    parts = [siting_part(grid, index, n_sites), redline_part(grid, outline), storage_part(grid)]
    return Scene([*parts, forest_part(), absent], base, meta)


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
    if (
        lister is None
        or not subprocess.run([lister, ":lang=zh"], capture_output=True, check=True).stdout
    ):
        pytest.skip("no CJK font: apt install fonts-noto-cjk")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()
