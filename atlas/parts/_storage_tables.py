"""Sheets and site rows of the storage part: facts as published, with their sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any, Final

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point

from atlas.part import SheetTable
from atlas.parts import _storage_targets as targets
from geo.crs import from_lonlat
from geo.passport import Passport
from geo.sourced import Sourced
from layers.facts import STATUS, Facts, NamedSite
from siting.hydro import named as hydro
from siting.law.terms import COORD_QUALITY_ZH
from siting.pumped import named as pumped
from siting.sites.columns import conform, empty_sites

_PUMPED_COLUMNS: Final = (
    ("上库正常蓄水位（m）", "upper_npl_m"),
    ("上库死水位（m）", "upper_dead_m"),
    ("下库正常蓄水位（m）", "lower_npl_m"),
    ("下库死水位（m）", "lower_dead_m"),
    ("调节库容（百万 m³）", "active_volume_mm3"),
    ("额定水头（m）", "rated_head_m"),
    ("距高比", "lh_ratio"),
    ("年发电量（GWh/a）", "generation_gwh"),
    ("静态投资（亿元）", "static_cost_yi"),
    ("投资（亿元）", "total_cost_yi"),
    ("工期（月）", "build_months"),
)
_HYDRO_COLUMNS: Final = (
    ("正常蓄水位（m）", "npl_m"),
    ("死水位（m）", "dead_m"),
    ("总库容（百万 m³）", "total_volume_mm3"),
    ("年发电量（GWh/a）", "generation_gwh"),
)
_COUNTY_HEADS: Final = {
    "code": "代码", "name": "县市区", "mapped": "有多边形（1 是）",
    "km2_s54": "多边形面积 S54（km²）", "km2_s55": "多边形面积 S55（km²）",
    "published_km2": "公布面积（km²）", "published_source": "面积来源",
    "published_alt": "另公布面积（km²）", "population_2020": "人口 2020（人）",
    "population_source": "人口来源", "note": "备注",
}  # fmt: skip
_AREA_HEADS: Final = {
    "name": "名称", "kind": "类型", "level": "级别", "county": "县市区", "area_ha": "面积（ha）",
    "qualifier": "面积说明", "core_ha": "核心区（ha）", "buffer_ha": "缓冲区（ha）",
    "experimental_ha": "实验区（ha）", "wetland_ha": "湿地（ha）", "west": "西（°）",
    "east": "东（°）", "south": "南（°）", "north": "北（°）", "source": "来源", "grade": "等级",
    "note": "备注",
}  # fmt: skip
_CONFLICT_HEADS: Final = {
    "id": "编号", "subject": "事项", "values": "公布值", "default": "本图采用", "sources": "来源",
}  # fmt: skip


def sources_of(*groups: Iterable[Sourced]) -> str:
    """Return the source ids of figures, each once, joined by a semicolon."""
    ids: dict[str, None] = {}
    for one in chain(*groups):
        for text in (one.source, *(v.source for v in one.variants)):
            ids.update(dict.fromkeys(s for s in text.split(";") if s))
    return ";".join(ids)


def _others(one: Sourced) -> str:
    return "；".join(f"{v.value:g}（{v.source}）" for v in one.variants)


def _head(site: NamedSite, kind: str, design: str = "") -> dict[str, Any]:
    return {
        "编号": site.id,
        "名称": site.name.zh,
        "类型": kind,
        "方案": design,
        "县市区": site.county,
        "状态": STATUS[site.status].zh,
        "状态截至": site.status_as_of,
        "规划点名（1 是）": int(site.in_plan),
        "装机（MW）": site.capacity_mw.value,
        "另公布装机（MW）": _others(site.capacity_mw),
        "装机计入合计（1 是）": int(site.mw_counted),
    }


def _tail(site: NamedSite, gaps: Iterable[str]) -> dict[str, Any]:
    figures = chain(site.figures.values(), *(d.values() for d in site.designs.values()))
    return {
        "红线": "未筛查",
        "缺项": "、".join(gaps),
        "坐标精度": COORD_QUALITY_ZH[site.coord_quality],
        "经度（°）": site.lon,
        "纬度（°）": site.lat,
        "来源": sources_of(figures),
        "备注": site.note,
    }


def _storage_line(one: pumped.Assessment) -> dict[str, Any]:
    return (
        _head(one.site, "抽水蓄能", one.design)
        | {name: one.figure(key).value for name, key in _PUMPED_COLUMNS}
        | {
            "蓄能量（GWh，效率 0.90，未核验）": one.storage_gwh.value,
            "蓄能量低（GWh）": one.storage_gwh.low,
            "蓄能量高（GWh）": one.storage_gwh.high,
            "满发小时（h）": one.hours.value,
            "年利用小时（h/a）": one.full_load_hours.value,
            "单位造价（元/kW）": one.cost_yuan_per_kw.value,
            "造价口径": one.cost_basis.zh,
        }
        | _tail(one.site, (g.title.zh for g in one.gaps))
    )


def _hydro_line(one: hydro.Assessment) -> dict[str, Any]:
    return (
        _head(one.site, "水电")
        | {name: one.site.figure(key).value for name, key in _HYDRO_COLUMNS}
        | {"年利用小时（h/a）": one.full_load_hours.value}
        | _tail(one.site, (title.zh for title, _ in one.gaps))
    )


def plants_frame(
    storage: Sequence[pumped.Assessment], plants: Sequence[hydro.Assessment]
) -> pd.DataFrame:
    """Return the sheet 抽蓄与水电: one row a plant, or a design where two are published."""
    rows = [_storage_line(one) for one in storage] + [_hydro_line(one) for one in plants]
    frame = pd.DataFrame(rows)
    last = list(_tail(plants[0].site, ())) if plants else []
    return frame[[c for c in frame.columns if c not in last] + last]


def site_rows(
    storage: Sequence[pumped.Assessment], plants: Sequence[hydro.Assessment], crs: str
) -> gpd.GeoDataFrame:
    """Return the rows of the shared sites table, one a named site; nothing is judged.

    A storage row leaves ``energy_gwh`` empty (truth.md C13); a capacity suspected to be
    another row's stays out of ``capacity_mw`` so that sums count it once (truth.md A3).
    """
    rows = [_storage_row(site_id, storage) for site_id in dict.fromkeys(a.site.id for a in storage)]
    rows += [_hydro_row(one) for one in plants]
    if not rows:
        return empty_sites(crs)
    frame = gpd.GeoDataFrame(rows, geometry=_points(rows, crs), crs=crs)
    return conform(frame)


def _points(rows: Sequence[Mapping[str, Any]], crs: str) -> list[Point | None]:
    """Return the position of each row in ``crs``, None where none is published."""
    points: list[Point | None] = []
    for row in rows:
        if row["lon"] is None:
            points.append(None)
            continue
        x, y = from_lonlat(crs, [row["lon"]], [row["lat"]])
        points.append(Point(float(x[0]), float(y[0])))
    return points


def _common(site: NamedSite, technology: str, reason: str) -> dict[str, Any]:
    figures = chain(site.figures.values(), *(d.values() for d in site.designs.values()))
    note = site.note
    if not site.mw_counted and site.capacity_mw.value is not None:
        note = f"公布装机 {site.capacity_mw.value:,.0f} MW 不另计；{note}"
    return {
        "id": site.id,
        "technology": technology,
        "name": site.name.zh,
        "county": site.county,
        "status": site.status,
        "capacity_mw": site.capacity_mw.value if site.mw_counted else None,
        "verdict": "unscreened",
        "verdict_zh": "未筛查",
        "reasons": reason,
        "coord_quality": site.coord_quality,
        "synthetic": False,
        "lon": site.lon,
        "lat": site.lat,
        "source": sources_of(figures),
        "note": note,
    }


def _storage_row(site_id: str, storage: Sequence[pumped.Assessment]) -> dict[str, Any]:
    designs = [a for a in storage if a.site.id == site_id]
    one = next((a for a in designs if not a.storage_gwh.missing), designs[0])
    return _common(one.site, "pumped", one.reason.zh) | {
        "storage_gwh": one.storage_gwh.value,
        "discharge_gwh_a": one.figure("generation_gwh").value,
    }


def _hydro_row(one: hydro.Assessment) -> dict[str, Any]:
    return _common(one.site, "hydro", one.reason.zh) | {
        "energy_gwh": one.site.figure("generation_gwh").value
    }


def _renamed(frame: pd.DataFrame, heads: dict[str, str]) -> pd.DataFrame:
    return frame[list(heads)].rename(columns=heads)


def sheets(
    facts: Facts,
    storage: Sequence[pumped.Assessment],
    plants: Sequence[hydro.Assessment],
    as_of: date,
    derived: Passport,
) -> tuple[SheetTable, ...]:
    """Return every sheet of the part; ``derived`` is the passport of what was computed."""
    sources = pd.DataFrame(
        [
            {"编号": s.id, "来源": s.title, "定位": s.locator, "等级": s.grade, "许可": s.licence}
            for s in facts.sources.values()
        ]
    )
    every = (
        ("抽蓄与水电", plants_frame(storage, plants), "公布数字；空格为未公布；红线未筛查"),
        ("目标", targets.frame(facts, as_of), f"状态按 {as_of.isoformat()}"),
        ("冲突登记", _renamed(facts.conflicts, _CONFLICT_HEADS), "相互冲突的公布值，均保留"),
        ("县市区", _renamed(facts.counties, _COUNTY_HEADS), "两处开发区与特区无单独多边形"),
        ("保护地", _renamed(facts.protected_areas, _AREA_HEADS), "公布面积与外包范围，不是边界"),
        ("来源", sources, "等级 A 官方，B 报刊与开放数据，C 百科，D 转载"),
    )
    return tuple(
        SheetTable(name, frame, note, facts.passport if row else derived)
        for row, (name, frame, note) in enumerate(every)
    )
