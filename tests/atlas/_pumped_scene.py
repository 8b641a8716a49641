"""A made-up study of pumped storage: four sites of four kinds, one waits, one is prohibited."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import unary_union

from geo.crs import lonlat
from geo.errors import Say
from geo.passport import Passport
from layers.facts import load_facts
from siting.law.terms import Component, Effect, Verdict
from siting.pumped.beside_plan import beside_plan
from siting.pumped.frame import NEW_LOWER, NEW_UPPER
from siting.pumped.money import cost as money
from siting.pumped.money.calibrate import calibration
from siting.pumped.money.classes import CLASSES
from siting.pumped.money.model import Design
from siting.pumped.named import assess_all
from siting.pumped.pairs.model import PAIR_KIND, PairKind, Pairs
from siting.pumped.works.model import (
    CheckLine,
    ComponentLaw,
    Profile,
    RuleHit,
    Works,
    WorksLaw,
)
from siting.sites.columns import conform

CRS = "EPSG:4546"
DEMO = Passport(("demo",), synthetic=True, grade="prior")
HERE = (
    (440_000.0, 3_560_000.0),
    (470_000.0, 3_600_000.0),
    (500_000.0, 3_590_000.0),
    (455_000.0, 3_620_000.0),
)
KINDS = (
    PairKind.GREENFIELD,
    PairKind.BLUEFIELD_LOWER,
    PairKind.EXISTING,
    PairKind.BLUEFIELD_UPPER,
)
N = len(KINDS)
_NEW = {
    PairKind.GREENFIELD: (True, True),
    PairKind.BLUEFIELD_LOWER: (True, False),
    PairKind.BLUEFIELD_UPPER: (False, True),
    PairKind.EXISTING: (False, False),
}


def of(*values: float) -> np.ndarray:
    return np.array(values, np.float64)


def new(which: int) -> np.ndarray:
    return np.array([_NEW[kind][which] for kind in KINDS])


def pairs() -> Pairs:
    upper, lower = new(0), new(1)
    return Pairs(
        kind=np.array([int(k) for k in KINDS], np.uint8),
        upper=np.where(upper, np.arange(N), -1).astype(np.int32),
        lower=np.where(lower, np.arange(N), -2).astype(np.int32),
        capped=np.zeros(N, np.bool_),
        power_mw=of(1200, 1200, 300, 600),
        hours=of(6.2, 6.0, 6.4, 8.0),
        energy_gwh=of(7.44, 7.2, 1.92, 4.8),
        volume_m3=of(7.1e6, 6.2e6, 13.5e6, 6.9e6),
        upper_normal_m=of(830, 1010, 355, 640),
        upper_dead_m=of(800, 981.5, 351, 622),
        lower_normal_m=of(369, 480, 264, 333),
        lower_dead_m=of(352.5, 478.2, 261, 310),
        head_mean_m=of(452, 515, 92, 309),
        head_max_m=of(477.5, 531.8, 94, 330),
        head_min_m=of(431, 501.5, 87, 289),
        loss_m=of(4.4, 5.2, 2.1, 6.5),
        length_m=of(1794, 2980, 610, 3950),
        ratio=of(3.97, 5.79, 6.6, 12.8),
        upper_shore=np.array(HERE) + of(0, 350),
        lower_shore=np.array(HERE) + of(0, -1500),
        tunnel_m=of(9.4, 8.7, 9.9, 7.8),
        flow_m3s=of(318, 279, 392, 233),
        upper_dam_m3=of(2.4e6, 1.8e6, 0, 0),
        lower_dam_m3=of(1.9e6, 0, 0, 1.1e6),
        upper_height_m=of(88, 76, 0, 0),
        lower_height_m=of(64, 0, 0, 52),
        upper_crest_m=of(412, 366, 0, 0),
        lower_crest_m=of(288, 0, 0, 241),
        upper_area_m2=of(310_000, 260_000, 61e6, 4.2e5),
        lower_area_m2=of(420_000, 3.1e6, 2.5e6, 360_000),
    )


def blob(x: float, y: float, size: float) -> Polygon:
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    radius = size * (1 + 0.3 * np.sin(3 * turn))
    return Polygon(np.column_stack([x + radius * np.cos(turn), y + 0.7 * radius * np.sin(turn)]))


def works() -> Works:
    rows: list[dict[str, Any]] = []
    for site, ((x, y), kind) in enumerate(zip(HERE, KINDS, strict=True)):
        up, low = _NEW[kind]

        def add(
            part: str, component: Component, shape: Any, stands: bool = False, site: int = site
        ) -> None:
            rows.append(
                {
                    "site": site,
                    "part": part,
                    "component": component.value,
                    "existing": stands,
                    "area_m2": shape.area or np.nan,
                    "length_m": shape.length,
                    "open_m": 0.0,
                    "kv": np.nan,
                    "note": "",
                    "note_en": "",
                    "geometry": shape,
                }
            )

        add("upper_lake", Component.UPPER_RESERVOIR, blob(x, y + 700, 330), not up)
        add("lower_lake", Component.LOWER_RESERVOIR, blob(x, y - 2000, 420), not low)
        if up:
            add(
                "upper_dam",
                Component.UPPER_RESERVOIR,
                LineString([(x - 200, y + 420), (x + 200, y + 430)]).buffer(60),
            )
        if low:
            add(
                "lower_dam",
                Component.LOWER_RESERVOIR,
                LineString([(x - 140, y - 2330), (x + 150, y - 2340)]).buffer(50),
            )
        add("tunnel", Component.TUNNEL, LineString([(x, y + 400), (x + 30, y - 1600)]))
        add("powerhouse", Component.POWERHOUSE, Point(x + 20, y - 900).buffer(75))
        add("road", Component.ROAD, LineString([(x, y + 700), (x + 2600, y + 900)]))
        add("line", Component.TRANSMISSION, LineString([(x + 20, y - 900), (x - 5200, y - 4000)]))
    parts = gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)
    curve = np.stack(
        [np.linspace(742, 840, 30), 1e4 * np.arange(30.0) ** 2.1, 3e2 * np.arange(30.0) ** 1.6]
    )
    none = np.full(N, np.nan)
    return Works(
        parts,
        tuple(profile(830, 88) if one else None for one in new(0)),
        tuple(profile(369, 64) if one else None for one in new(1)),
        (curve,) * N,
        (curve - of(461, 0, 0)[:, None],) * N,
        none,
        none,
        none,
        none,
        none,
        none,
        np.array([500.0, 500.0, 220.0, 500.0]),
        tuple(
            (Say("垭口一处低于正常蓄水位，需副坝", "one saddle lies below the normal level"),)
            if k == 0
            else ()
            for k in range(N)
        ),
    )


def profile(normal: float, height: float) -> Profile:
    x = np.linspace(0, 412, 42)
    ground = normal + 1.5 - (height + 1.5) * (1 - np.abs(x / 206 - 1) ** 1.7)
    return Profile(x, ground, normal + 1.5, normal, normal - 0.35 * height)


def component(one: Component, verdict: Verdict | None, *hits: RuleHit) -> ComponentLaw:
    text = Say(f"演示，无法律意义：{one.value} 需审批", f"demo, without legal meaning: {one.value}")
    return ComponentLaw(one, verdict, {} if verdict is None else {verdict: 4.2e5}, hits, 0.0, text)


def law() -> WorksLaw:
    forest = RuleHit(
        "R-forest",
        Say("林地占用审批", "forest land"),
        Effect.APPROVAL.value,
        3.1e5,
        "A",
        (Say("省林业局", "provincial forestry bureau"),),
    )
    red = RuleHit(
        "R-red",
        Say("生态保护红线", "ecological red line"),
        Effect.REPLAN_LINE.value,
        5.2e4,
        "A*",
        (Say("调整红线：省人民政府报国务院批准", "red line adjusted"),),
    )
    reserve = RuleHit(
        "R-core",
        Say("自然保护区核心区", "core of a reserve"),
        Effect.PROHIBITED.value,
        9e4,
        "A",
        (),
    )
    tops = (
        (Verdict.APPROVAL, (forest,)),
        (Verdict.ROUTE, (red, forest)),
        (Verdict.CLEAR, ()),
        (Verdict.PROHIBITED, (reserve,)),
    )
    components = tuple(
        (
            component(Component.UPPER_RESERVOIR, verdict, *hits),
            component(Component.TUNNEL, Verdict.CLEAR),
        )
        for verdict, hits in tops
    )
    letters = (
        CheckLine(
            Say("不涉及生态保护红线的证明", "letter: no red line"),
            None,
            "",
            Say("省自然资源厅", "province"),
            "unchecked",
        ),
        CheckLine(
            Say("代表站点数量 1.5 倍", "1.5 times the sites"),
            Say("备选 12 个", "12 alternates"),
            "84号",
            Say("", ""),
            "met",
        ),
    )
    open_lines = (
        CheckLine(
            Say("地质（岩溶、断层、滑坡）", "geology (karst, faults)"), None, "", Say("", "")
        ),
        CheckLine(
            Say("移民", "resettlement"),
            Say("淹没房屋 3 处", "3 buildings"),
            "buildings",
            Say("演示图层", "demo layer"),
        ),
    )
    return WorksLaw(
        components,
        tuple(verdict for verdict, _ in tops),
        ((Say("省林业局审批", "forestry"),), (Say("调整红线", "red line adjusted"),), (), ()),
        np.array([False, True, False, False]),
        of(0, 52_000, 0, 0),
        of(0, 12_000, 0, 0),
        (frozenset(), frozenset({Effect.REPLAN_LINE}), frozenset(), frozenset()),
        tuple(
            Say(f"演示，无法律意义：{v.name}", f"demo, without legal meaning: {v.name}")
            for v, _ in tops
        ),
        (letters,) * N,
        (open_lines,) * N,
    )


def frame(chosen: Pairs, built: Works, cost: Any, judged: WorksLaw) -> gpd.GeoDataFrame:
    x, y = np.array(HERE).T
    lon, lat = lonlat(CRS, x, y)
    outline = [
        unary_union(
            list(
                built.parts[
                    (built.parts["site"] == i)
                    & ~built.parts["existing"]
                    & ~built.parts["part"].isin(["tunnel", "road", "line"])
                ].geometry
            )
        )
        for i in range(N)
    ]
    names = [f"竹山县抽蓄候选 {i + 1}" for i in range(N)]
    data: dict[str, Any] = {
        "id": [f"pumped-w7x{i}" for i in range(N)],
        "technology": "pumped",
        "name": names,
        "county": "竹山县",
        "status": "candidate",
        "capacity_mw": chosen.power_mw,
        "storage_gwh": chosen.energy_gwh,
        "discharge_gwh_a": chosen.power_mw * 1.113,
        "pumping_gwh_a": chosen.power_mw * 1.484,
        "round_trip": 0.75,
        "rank": np.arange(1, N + 1),
        "verdict": [v.name.lower() if v is not None else "unscreened" for v in judged.verdict],
        "verdict_zh": [t.zh for t in judged.text],
        "reasons": "",
        "coord_quality": "approx",
        "synthetic": True,
        "lon": lon,
        "lat": lat,
        "kind": [PAIR_KIND[k].zh for k in KINDS],
        "upper_name": [NEW_UPPER if one else "潘口" for one in new(0)],
        "lower_name": [NEW_LOWER if one else "小漩" for one in new(1)],
        "hours": chosen.hours,
        "head_m": chosen.head_mean_m,
        "head_min_m": chosen.head_min_m,
        "head_max_m": chosen.head_max_m,
        "loss_m": chosen.loss_m,
        "length_m": chosen.length_m,
        "lh_ratio": chosen.ratio,
        "volume_mm3": chosen.volume_m3 / 1e6,
        **{
            key: getattr(chosen, key)
            for key in (
                "upper_normal_m",
                "upper_dead_m",
                "lower_normal_m",
                "lower_dead_m",
                "tunnel_m",
                "flow_m3s",
            )
        },
        "upper_height_m": np.where(new(0), chosen.upper_height_m, np.nan),
        "lower_height_m": np.where(new(1), chosen.lower_height_m, np.nan),
        "upper_crest_m": chosen.upper_crest_m,
        "lower_crest_m": chosen.lower_crest_m,
        "upper_dam_mm3": chosen.upper_dam_m3 / 1e6,
        "lower_dam_mm3": chosen.lower_dam_m3 / 1e6,
        "water_rock": of(1.65, 3.4, np.nan, 6.2),
        "upper_catchment_km2": of(0.54, 1.2, np.nan, np.nan),
        "cost_yuan_per_kw": cost.total,
        "cost_low": cost.total - 90,
        "cost_high": cost.total + 110,
        "cost_price_low": cost.low,
        "cost_price_high": cost.high,
        "cost_class": [CLASSES[int(k)].letter for k in cost.cost_class],
        "class_share": of(0.9, 0.55, 1.0, 0.8),
        "class_flips": [False, True, False, False],
        "lcos_yuan_per_kwh": of(0.82, 0.9, 1.1, 1.0),
        "head_low": chosen.head_mean_m - 12,
        "head_high": chosen.head_mean_m + 13,
        "volume_low": chosen.volume_m3 / 1.1e6,
        "volume_high": chosen.volume_m3 / 0.9e6,
        "energy_low": chosen.energy_gwh * 0.93,
        "energy_high": chosen.energy_gwh * 1.08,
        "waiting": judged.waiting,
        "redline_ha": judged.redline_m2 / 1e4,
        "fill_days": of(42, 31, np.nan, 18),
        "fill_source": ["自下库抽水", "自下库抽水", "", "自上库放水"],
        "inflow_mm3_a": of(0.31, 0.7, np.nan, np.nan),
        "evaporation_mm3_a": of(0.05, 0.04, np.nan, 0.06),
        "alternates": [14, 9, 0, 3],
        "road_km": of(2.6, 2.7, 1.2, 2.6),
        "line_km": of(6.1, 6.1, 8, 6.1),
    }
    return conform(gpd.GeoDataFrame(data, geometry=outline, crs=CRS))


def study(*, sites: bool = True, synthetic: bool = True, **changes: Any) -> Any:
    """Return the study; ``sites=False`` for a search that ended without one."""
    chosen, built, judged = pairs(), works(), law()
    params = money.parameters()
    known = Design(
        chosen.power_mw,
        chosen.hours,
        chosen.energy_gwh,
        chosen.head_mean_m,
        chosen.length_m,
        chosen.tunnel_m,
        chosen.flow_m3s,
        chosen.upper_dam_m3,
        chosen.lower_dam_m3,
        np.where(new(0), chosen.upper_area_m2, 0.0),
        np.full(N, np.nan),
        np.full(N, np.nan),
    )
    cost = money.storage_cost(known, params)
    rows = frame(chosen, built, cost, judged)
    if not synthetic:
        rows["synthetic"] = False
    found = {
        "gully_cells": 201_766,
        "dam_sites": 15_811,
        "existing_lakes": 2,
        "pairs": 6_066 if sites else 0,
        "chosen": N if sites else 0,
    }
    one = {
        "grid": None,
        "sites": rows if sites else rows.iloc[:0],
        "pairs": chosen,
        "works": built,
        "law": judged,
        "cost": cost,
        "bands": None,
        "lakes": (),
        "plan": beside_plan(assess_all(load_facts("shiyan").sites), rows, ()),
        "anchors": calibration(params),
        "found": found,
        "params": (params,),
        "notes": (Say("地形为演示", "demo terrain"),),
        "warnings": (
            Say("抽蓄场址由演示地形得出，无法律意义", "storage sites are of demo terrain"),
        ),
        "passport": DEMO if synthetic else Passport(("x",)),
        "rules": "own",
        "cross": None,
        "search": None,
        "undecided": (),
    }
    return SimpleNamespace(**(one | changes))
