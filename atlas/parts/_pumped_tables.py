"""Sheets of the found storage sites, layers of ``sites.gpkg``, and the object of ``--json``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from atlas.part import SheetTable
from atlas.parts import _pumped_plan as plan
from atlas.parts._pumped_answer import counts, named_in_plan
from atlas.parts._pumped_cross import as_json as cross_json
from atlas.parts._pumped_law import check_value, component_name
from atlas.parts._pumped_money import anchors_frame
from atlas.parts._pumped_words import M2_PER_HA, kind_of, number, verdict_of
from siting.pumped.money.model import PARTS

if TYPE_CHECKING:
    from atlas.part import Context
    from siting.pumped.studied import PumpedStudy

#: Columns of the site frame that the sheet shows: heading with unit.
HEADS: Final[Mapping[str, str]] = {
    "rank": "名次", "id": "编号", "name": "名称", "county": "县市区", "kind": "类型",
    "upper_name": "上库", "lower_name": "下库",
    "capacity_mw": "装机（MW）", "hours": "满发小时（h）", "storage_gwh": "一次蓄能量（GWh）",
    "energy_low": "蓄能量低（GWh，P10）", "energy_high": "蓄能量高（GWh，P90）",
    "head_m": "平均毛水头（m）", "head_min_m": "最小毛水头（m）", "head_max_m": "最大毛水头（m）",
    "head_low": "毛水头低（m，P10）", "head_high": "毛水头高（m，P90）", "loss_m": "水头损失（m）",
    "length_m": "输水道水平长（m）", "lh_ratio": "距高比",
    "volume_mm3": "一次循环水量（百万 m³）", "volume_low": "水量低（百万 m³，P10）",
    "volume_high": "水量高（百万 m³，P90）",
    "upper_normal_m": "上库正常蓄水位（m）", "upper_dead_m": "上库死水位（m）",
    "lower_normal_m": "下库高水位（m）", "lower_dead_m": "下库低水位（m）",
    "upper_height_m": "上库挡水高（m）", "lower_height_m": "下库挡水高（m）",
    "upper_crest_m": "上库坝顶长（m）", "lower_crest_m": "下库坝顶长（m）",
    "upper_dam_mm3": "上库坝体（百万 m³）", "lower_dam_mm3": "下库坝体（百万 m³）",
    "water_rock": "水石比", "upper_catchment_km2": "上库集水面积（km²）",
    "tunnels": "隧洞条数", "tunnel_m": "每条隧洞内径（m）", "flow_m3s": "额定流量（m³/s）",
    "fill_days": "首次蓄水（天）", "fill_source": "蓄水水源",
    "inflow_mm3_a": "年入流（百万 m³/a）", "evaporation_mm3_a": "年净蒸发（百万 m³/a）",
    "road_km": "进场道路（km）", "line_km": "送出线路（km）",
    "cost_yuan_per_kw": "静态造价（元/kW）",
    "cost_price_low": "造价低（元/kW，单价）", "cost_price_high": "造价高（元/kW，单价）",
    "cost_low": "造价低（元/kW，高程误差 P10）", "cost_high": "造价高（元/kW，高程误差 P90）",
    "cost_class": "造价等级", "class_share": "等级不变占比（0-1）",
    "class_flips": "等级随高程误差变动（仅高程）", "failed_share": "高程误差下不成立占比（0-1）",
    "lcos_yuan_per_kwh": "度电储能成本（元/kWh）",
    "discharge_gwh_a": "年发电（GWh/a）", "pumping_gwh_a": "年抽水用电（GWh/a）",
    "round_trip": "循环效率",
    "verdict_zh": "结论", "waiting": "待调规", "redline_ha": "红线（ha）",
    "unscreened": "未筛查项数", "alternates": "备选方案数", "area_mu": "新占地（亩）",
    "lon": "经度（°）", "lat": "纬度（°）", "coord_quality": "坐标精度", "synthetic": "演示",
    "note": "备注",
}  # fmt: skip
_LAYERS: Final = {
    "pumped_lakes": ("upper_lake", "lower_lake"),
    "pumped_works": ("upper_works", "lower_works"),
    "pumped_dams": ("upper_dam", "lower_dam"),
    "pumped_tunnels": ("tunnel",),
    "pumped_powerhouses": ("powerhouse",),
    "pumped_access": ("road", "line"),
}


def sheets(study: PumpedStudy) -> tuple[SheetTable, ...]:
    """Return the sheets; those without a row are left out."""
    demo = "演示，无法律意义；" if study.passport.synthetic else ""
    made = (
        ("抽蓄场址", sites_sheet(study), f"{demo}地形搜索的初步方案，未查勘；空格为未计或未核查",
         "pumped_sites.csv"),
        ("抽蓄造价", cost_sheet(study), f"{demo}静态投资，元/kW；空格为未计", "pumped_costs.csv"),
        ("抽蓄部件与法规", law_sheet(study), f"{demo}每行一个部件触及的一条规则", "pumped_law.csv"),
        ("抽蓄工程待核", open_sheet(study), "未核查的须由勘察设计补充", ""),
        ("规划点名对比", plan.sheet(study), "公布数字与地形推算并列；点名工程不作判定", ""),
        ("抽蓄造价校准", anchors_sheet(study), "已公布电站：模型推算与公布值之差", ""),
    )  # fmt: skip
    return tuple(
        SheetTable(name, frame, note, study.passport, csv)
        for name, frame, note, csv in made
        if len(frame)
    )


def sites_sheet(study: PumpedStudy) -> pd.DataFrame:
    """Return a row a site with all figures."""
    sites = pd.DataFrame(study.sites.drop(columns="geometry"))
    kept = {key: head for key, head in HEADS.items() if key in sites}
    return sites[list(kept)].rename(columns=kept)


def cost_sheet(study: PumpedStudy) -> pd.DataFrame:
    """Return a row a site: cost by part, total, band, class, LCOS."""
    if not len(study.sites):
        return pd.DataFrame()
    sites = study.sites
    out: dict[str, Any] = {
        "名次": sites["rank"].to_numpy(),
        "编号": sites["id"].to_numpy(),
        "名称": sites["name"].to_numpy(),
        "装机（MW）": sites["capacity_mw"].to_numpy(),
    }
    for key, values in study.cost.parts.items():
        title = PARTS[key].zh if key in PARTS else key
        out[f"{title}（元/kW）"] = np.asarray(values, np.float64)
    for key in ("cost_yuan_per_kw", "cost_price_low", "cost_price_high", "cost_low", "cost_high",
                "cost_class", "lcos_yuan_per_kwh"):  # fmt: skip
        out[HEADS[key]] = sites[key].to_numpy()
    return pd.DataFrame(out)


def law_sheet(study: PumpedStudy) -> pd.DataFrame:
    """Return a row a structure and rule: hectares, effect, routes; one row where none holds."""
    rows: list[dict[str, Any]] = []
    for i, row in enumerate(study.sites.to_dict("records")):
        whole, _ = verdict_of(study, i, synthetic=bool(row["synthetic"]))
        for one in study.law.components[i]:
            head = {
                "名次": int(row["rank"]),
                "编号": row["id"],
                "场址结论": whole.zh,
                "部件": component_name(one.component).zh,
                "部件结论": one.text.zh,
                "部件占地（ha）": one.area_m2 / M2_PER_HA,
                "区域外未筛查（ha）": one.outside_m2 / M2_PER_HA,
            }
            rows += [
                head
                | {
                    "规则": hit.rule,
                    "规则名称": hit.title.zh,
                    "效力": hit.effect,
                    "参与判定": "是" if hit.decides else "否",
                    "触及（ha）": hit.area_m2 / M2_PER_HA,
                    "证据等级": hit.grade,
                    "途径": "；".join(route.zh for route in hit.routes),
                }
                for hit in one.hits
            ] or [head]
    return pd.DataFrame(rows)


def open_sheet(study: PumpedStudy) -> pd.DataFrame:
    """Return the engineering lines and the letters of every site."""
    rows = [
        {
            "名次": int(row["rank"]),
            "编号": row["id"],
            "类别": kind,
            "事项": one.title.zh,
            "内容": check_value(one).zh,
            "来源": one.source,
            "说明": one.note.zh,
        }
        for i, row in enumerate(study.sites.to_dict("records"))
        for kind, lines in (
            ("工程条件", study.law.engineering[i]),
            ("支持文件", study.law.letters[i]),
        )
        for one in lines
    ]
    return pd.DataFrame(rows)


def anchors_sheet(study: PumpedStudy) -> pd.DataFrame:
    """Return the published plants behind the cost with their residuals."""
    return anchors_frame(study, "zh")


def layers(study: PumpedStudy) -> dict[str, gpd.GeoDataFrame]:
    """Return lakes, dams, tunnels, powerhouses and access as layers of ``sites.gpkg``."""
    if not len(study.sites):
        return {}
    parts, ids = study.works.parts, study.sites["id"].to_numpy()
    frame = gpd.GeoDataFrame(
        {
            "site": [str(ids[int(site)]) for site in parts["site"]],
            "rank": [int(site) + 1 for site in parts["site"]],
            "part": parts["part"].to_numpy(),
            "component": [str(one) for one in parts["component"]],
            "existing": parts["existing"].astype(bool).to_numpy(),
            "area_m2": parts["area_m2"].to_numpy(np.float64),
            "length_m": parts["length_m"].to_numpy(np.float64),
            "note": [str(one) for one in parts["note"]],
            "synthetic": bool(study.passport.synthetic),
        },
        geometry=parts.geometry.to_numpy(),
        crs=parts.crs,
    )
    found = {
        name: frame[frame["part"].isin(which)].reset_index(drop=True)
        for name, which in _LAYERS.items()
    }
    return {name: rows for name, rows in found.items() if len(rows)}


# ---- json
_FIGURES: Final = (
    "hours", "storage_gwh", "head_m", "head_low", "head_high", "head_min_m", "head_max_m", "loss_m",
    "length_m", "lh_ratio", "volume_mm3", "volume_low", "volume_high", "upper_normal_m",
    "upper_dead_m", "lower_normal_m", "lower_dead_m", "upper_height_m", "lower_height_m",
    "water_rock", "upper_catchment_km2", "tunnels", "tunnel_m", "flow_m3s", "fill_days",
    "inflow_mm3_a", "evaporation_mm3_a", "cost_yuan_per_kw", "cost_price_low", "cost_price_high",
    "energy_low", "energy_high", "cost_low", "cost_high", "class_share", "failed_share",
    "lcos_yuan_per_kwh", "discharge_gwh_a", "pumping_gwh_a", "round_trip", "redline_ha", "road_km",
    "line_km", "alternates",
)  # fmt: skip


def summary(study: PumpedStudy, context: Context) -> dict[str, Any]:
    """Return what ``--json`` prints of the part, NaN as null."""
    lang, named = context.lang, named_in_plan(context)
    return {
        **counts(study),
        "rules": study.rules,
        "synthetic": study.passport.synthetic,
        "stages": dict(study.found),
        "plan_projects": named[0],
        "plan_mw_published": named[1],
        "ranked": [_json_site(study, i, row, lang) for i, row in _numbered(study)],
        "plan": plan.as_json(study, lang),
        "cross_check": cross_json(study, lang),
        "not_counted": [say.of(lang) for say in study.cost.missing],
    }


def _numbered(study: PumpedStudy) -> Iterable[tuple[int, dict[str, Any]]]:
    return enumerate(study.sites.to_dict("records"))


def _json_site(study: PumpedStudy, i: int, row: dict[str, Any], lang: str) -> dict[str, Any]:
    said, _ = verdict_of(study, i, synthetic=bool(row["synthetic"]))
    parts = {key: float(values[i]) for key, values in study.cost.parts.items()}
    return {
        "rank": int(row["rank"]),
        "id": row["id"],
        "name": row["name"],
        "county": row["county"],
        "kind": kind_of(study, i).name.lower(),
        "lon": row["lon"],
        "lat": row["lat"],
        "capacity_mw": row["capacity_mw"],
        **{key: _number(number(row, key)) for key in _FIGURES},
        "cost_class": str(row["cost_class"]),
        "class_flips": bool(row["class_flips"]),
        "cost_parts_yuan_per_kw": {key: _number(value) for key, value in parts.items()},
        "verdict": row["verdict"],
        "verdict_text": said.of(lang),
        "waiting": bool(row["waiting"]),
        "components": [
            {
                "component": one.component.value,
                "text": one.text.of(lang),
                "outside_m2": one.outside_m2,
                "rules": [
                    {"id": hit.rule, "effect": str(hit.effect), "area_m2": hit.area_m2}
                    for hit in one.hits
                ],
            }
            for one in study.law.components[i]
        ],
        "routes": [route.of(lang) for route in study.law.routes[i]],
        "unchecked": [one.title.of(lang) for one in study.law.engineering[i] if one.value is None],
    }


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None
