"""Siting in the files: sheets of tables.xlsx, rasters, sections of the report, summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from atlas.part import Context, RasterFile, Section, SheetTable
from atlas.parts._siting_answer import figures
from atlas.parts._siting_cards import class_label
from atlas.parts._siting_found import flat_yield, records
from atlas.parts._siting_law import (
    documents_sheet,
    marked,
    overrides_sheet,
    rule_title,
    rules_sheet,
)
from atlas.parts._siting_ledger import Books, footprint_book, ledger_section, ledger_sheet
from atlas.parts._siting_map import site_verdict
from atlas.parts._siting_overlaps import overlaps_sheet
from atlas.parts._siting_params import params_sections, params_sheet
from atlas.parts._siting_rank import interval
from atlas.parts._siting_results import heads_of, result_sections, result_sheets, without_empty
from atlas.parts._siting_rules import rule_areas
from atlas.parts._siting_secret import secret_rules
from atlas.parts._siting_tabs import law_sentence, sentence, slope_limit, target_of
from atlas.parts._siting_turbines import turbine_section
from atlas.parts._siting_words import TECH_NAME, Lang, both_currents, both_text, site_name
from atlas.parts._siting_yield import yield_file
from geo.errors import Say
from geo.units import m2_to_wan_mu, mw_to_wan_kw
from siting.law.overlaps import Overlap
from siting.law.terms import TECHNOLOGY_ZH
from siting.law.verdict import effect_text
from siting.pv.sites import PvResult
from siting.pv.yields import UNCOUNTED
from siting.sites.columns import COLUMNS
from siting.sites.land import LandClass
from siting.sites.score import NO_SCORE
from siting.study import Study, TechnologyStudy

VERDICT_NODATA = 255
_LEDGER_NOTE = (
    "一块地被几条规则挡住时平分（分摊），合计等于占用；技术限值不是法律，另列；"
    "未筛查的规则不在账内。"
)
_MAY_BE_EMPTY = frozenset({"须办手续", "县级调整", "保护地重叠"})


def tables(study: Study, found: Books, torn: Sequence[Overlap] = ()) -> tuple[SheetTable, ...]:
    """Return the sheets of sites, land, ledger, rules, papers to obtain, sweep, parameters."""
    demo = "演示，无法律意义。" if study.table.passport.synthetic else ""
    said = marked(study)
    demo += "".join(f"{say.zh}。" for say in said if say is not None)
    day = study.as_of.isoformat()
    sheets = (
        ("场址", _sites_sheet(study), f"{demo}候选场址，每行一处；容量除标明外为交流侧。"),
        ("县市区面积", _county_sheet(study), f"{demo}椭球面积；每格土地只计入一类。"),
        (
            "规则台账",
            ledger_sheet(study, found),
            f"{demo}{day} 有效的规则；{_LEDGER_NOTE}",
        ),
        (
            "规则表",
            rules_sheet(study),
            f"{demo}{day} 有效的规则，每行一条；等级与日期的含义见说明。",
        ),
        ("规则面积", _rules_sheet(study), f"{demo}法律日期 {day}；面积为触及该规则的土地。"),
        ("须办手续", documents_sheet(study), f"{demo}触及该规则的土地上须取得的文件。"),
        ("县级调整", overrides_sheet(study), f"{demo}与全表不同的县级规则，{day} 有效。"),
        (
            "保护地重叠",
            overlaps_sheet(torn),
            f"{demo}自然保护地不得重叠（生态环境法典 第859条，2026-08-15 起），须先更正数据。",
        ),
        ("坡度扫描", _sweep_sheet(study), f"{demo}坡度上限是用户参数，不是法律。"),
        ("选址参数", params_sheet(study), "状态 prior 为预设、未核验，missing 为未查到、未计。"),
    )
    files = {"规则台账": "ledger.csv", "选址参数": "params.csv"}
    made = [
        SheetTable(name, frame, note, study.passport, files.get(name, ""))
        for name, frame, note in sheets
        if len(frame) or name not in _MAY_BE_EMPTY
    ]
    return (made[0], *result_sheets(study, demo), *made[1:])


def _sites_sheet(study: Study) -> pd.DataFrame:
    heads = {name: column.title for name, column in COLUMNS.items()}
    for one in study.technologies.values():
        for item in one.result.found.scored.used:
            unit = f"（{item.unit}）" if item.unit != "-" else ""
            heads[item.key] = f"{item.title.zh}{unit}"
            heads[f"score_{item.key}"] = f"{item.title.zh}得分"
        heads |= heads_of(one)
    heads |= {
        "relative_height_m": "相对高度（m）",
        "wind_mean_025_ms": "年均风速（m/s，网格均值，未解析山脊）",
        "wind_mean_ms": "年均风速（m/s）",
    }
    frames = [pd.DataFrame(o.sites.drop(columns="geometry")) for o in study.technologies.values()]
    whole = pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)
    empty = [c for c in whole if whole[c].isna().all()]
    kept = [c for c in heads if c in whole and c not in empty]
    return whole[kept].rename(columns=heads)


def _county_sheet(study: Study) -> pd.DataFrame:
    rows = []
    for one in study.technologies.values():
        for row in one.county.to_dict("records"):
            out: dict[str, Any] = {
                "技术": TECHNOLOGY_ZH[one.technology],
                "县市区": row["county"],
                "总面积（万亩）": m2_to_wan_mu(row["total_m2"]),
                "可用（万亩）": m2_to_wan_mu(row["eligible_m2"]),
                "可用容量（万千瓦，交流）": mw_to_wan_kw(row["eligible_mw"]),
            }
            for item in LandClass:
                label, land = class_label(item, study.screened).zh, row[f"{item.name.lower()}_m2"]
                out[f"{label}（万亩）"] = m2_to_wan_mu(land)
                out[f"{label}（%）"] = 100 * land / row["total_m2"] if row["total_m2"] else np.nan
            rows.append(out)
    return pd.DataFrame(rows)


def _rules_sheet(study: Study) -> pd.DataFrame:
    rows, secret = [], secret_rules(study)
    for one in study.technologies.values():
        for component, judgement in one.new_works.items():
            areas = rule_areas(study, judgement)
            for i in judgement.rules:
                rule, screened = study.ruleset.rules[i], i not in judgement.unscreened
                known = screened and i not in secret
                rows.append(
                    {
                        "技术": TECHNOLOGY_ZH[one.technology],
                        "组成": component.value,
                        "编号": rule.id,
                        "规则": rule_title(rule).zh,
                        "效力": effect_text(rule).zh,
                        "依据": rule.citation().zh,
                        "等级": rule.grade,
                        "筛查": "已筛查" if screened else "未筛查（图层缺失）",
                        "触及（万亩）": m2_to_wan_mu(areas[i][0]) if known else np.nan,
                        "去掉此条即可用（万亩）": m2_to_wan_mu(areas[i][1]) if known else np.nan,
                        "来源": "; ".join(rule.sources),
                        "备注": rule.note.zh,
                    }
                )
    return pd.DataFrame(rows)


def _sweep_sheet(study: Study) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "技术": TECHNOLOGY_ZH[one.technology],
            "坡度上限（°）": row.limit_deg,
            "可用（万亩）": m2_to_wan_mu(row.area_m2),
            "容量（万千瓦，交流）": mw_to_wan_kw(row.mw),
            "默认": "是" if row.limit_deg == slope_limit(study, one) else "",
        }
        for one in study.technologies.values()
        for row in one.sweep
    )


def rasters(study: Study) -> tuple[RasterFile, ...]:
    """Return verdict and score a technology, slope and pattern number."""
    inside = study.table.index != np.uint16(65535)
    out = []
    for one in study.technologies.values():
        key, passport = one.technology.value, one.result.passport
        if study.screened:
            lookup = np.full(1 << 16, VERDICT_NODATA, np.uint8)
            lookup[: study.table.n] = one.footprint.verdict
            verdict = lookup[study.table.index]
            out.append(
                RasterFile(
                    f"verdict_{key}", study.grid, verdict, VERDICT_NODATA, "class",
                    study.table.passport,
                )
            )  # fmt: skip
        score = one.result.found.scored.raster
        out.append(RasterFile(f"score_{key}", study.grid, score, NO_SCORE, "0-100", passport))
        energy = yield_file(study, one)
        if energy is not None:
            out.append(energy)
    if study.terrain is not None:
        slope = np.where(inside, study.terrain.slope_deg, np.float32(np.nan))
        out.append(
            RasterFile("slope", study.grid, slope, float("nan"), "deg", study.table.passport)
        )
    if not secret_rules(study):  # a pattern number tells which rules hit
        passport = study.table.passport
        out.append(RasterFile("patterns", study.grid, study.table.index, 65535, "index", passport))
    return tuple(out)


def summary(study: Study, lang: Lang) -> Mapping[str, Any]:
    """Return the figures of ``--json``, texts in ``lang``."""
    found = {
        one.technology.value: _summary(study, one, lang) for one in study.technologies.values()
    }
    return found | {
        "as_of": study.as_of.isoformat(),
        "mode": study.mode,
        "screened": study.screened,
        "synthetic": study.passport.synthetic,
    }


def _summary(study: Study, one: TechnologyStudy, lang: Lang) -> dict[str, Any]:
    sites, footprint = one.sites, one.footprint
    energy = sites["energy_gwh"].to_numpy(np.float64)
    known = bool(np.isfinite(energy).any())
    out: dict[str, Any] = {
        "sites": len(sites),
        "sites_by_verdict": {str(k): int(v) for k, v in sites["verdict"].value_counts().items()},
        "sites_mw_ac": float(sites["capacity_mw"].sum()),
        "sites_gwh_a": float(np.nansum(energy)) if known else None,
        "sites_mw_ac_with_energy": float(sites.loc[np.isfinite(energy), "capacity_mw"].sum()),
        "yield": one.result.yield_text.of(lang),
        "eligible_wan_mu": m2_to_wan_mu(one.eligible_m2),
        "approval_wan_mu": m2_to_wan_mu(float(one.county.iloc[-1]["approval_m2"])),
        "eligible_wan_kw_ac": mw_to_wan_kw(one.eligible_mw),
        "slope_limit_deg": slope_limit(study, one),
        "slope_sweep": [
            {
                "limit_deg": row.limit_deg,
                "wan_mu": m2_to_wan_mu(row.area_m2),
                "wan_kw_ac": mw_to_wan_kw(row.mw),
            }
            for row in one.sweep
        ],
        "rules_screened": footprint.screened,
        "rules_total": footprint.total,
        "unscreened": [study.ruleset.rules[i].id for i in footprint.unscreened],
        "target": _target(study, one, lang),
        **figures(one, target_of(study, one), lang),
    }
    if isinstance(one.result, PvResult):
        ratio = one.result.params.number("dc_ac")
        out |= {
            "dc_ac": ratio,
            "eligible_wan_kw_dc": mw_to_wan_kw(one.eligible_mw) * ratio,
            "sites_mw_dc": float(sites["capacity_mwp"].sum()),
            "flat_kwh_per_kwp": _finite(flat_yield(one)[0]),
            "performance_ratio": _finite(flat_yield(one)[1]),
        }
    return out


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _target(study: Study, one: TechnologyStudy, lang: Lang) -> dict[str, Any] | None:
    target = target_of(study, one)
    if target is None:
        return None
    both = both_currents(one, target)
    return {
        "id": target.id,
        "value": target.value,
        "unit": target.unit,
        "deadline": target.deadline.isoformat() if target.deadline is not None else None,
        "status": target.status_line(study.as_of).of(lang),
        "installed": target.installed.value,
        "installed_as_of": target.installed_as_of,
        "if_ac_then_dc": both[0] if both else None,
        "if_dc_then_ac": both[1] if both else None,
        "remaining": {case.of(lang): left for case, left in target.remaining_cases()},
    }


def sections(study: Study, found: Books, context: Context) -> tuple[Section, ...]:
    """Return the report's sections: sites and law, then the ledger, for each technology."""
    out = []
    for one in study.technologies.values():
        name, key = TECH_NAME[one.technology], one.technology.value
        caveat = Say(f"发电量：{one.result.yield_text.zh}。", f"Yield: {one.result.yield_text.en}.")
        if isinstance(one.result, PvResult):
            caveat = Say(f"{caveat.zh}{UNCOUNTED.zh}。", f"{caveat.en} {UNCOUNTED.en}.")
        out.append(
            Section(
                f"siting-{key}",
                Say(f"{name.zh}选址", f"{name.en} sites"),
                tuple(
                    text
                    for text in (
                        sentence(study, one),
                        both_text(one, target_of(study, one)),
                        caveat,
                        law_sentence(study, one),
                        *study.ruleset.notes(),
                    )
                    if text is not None
                ),
                table=_top(one, context),
            )
        )
        out += result_sections(one, target_of(study, one), context)
        turbines = turbine_section(one)
        out += [] if turbines is None else [turbines]
        book = footprint_book(found, one.technology)
        out.append(ledger_section(study, one, book, context))
    return (*out, *params_sections(study, context))


def _top(one: TechnologyStudy, context: Context, most: int = 20) -> pd.DataFrame:
    """Return the best sites in the run's language, verdicts with their demo mark."""
    rows, lang = one.sites.head(most), context.lang
    shown = records(one, most)
    area = rows["area_mu"].round(0) if lang == "zh" else rows["area_km2"].round(2)
    columns = {
        Say("名次", "Rank"): ["—" if pd.isna(v) else str(v) for v in rows["rank"]],
        Say("名次区间", "Interval"): [interval(row) or "—" for row in shown],
        Say("名称", "Name"): [site_name(row, context) for row in shown],
        Say("编号", "Id"): rows["id"],
        Say("面积（亩）", "Area (km²)"): area,
        Say("容量（MW，交流）", "Capacity (MW AC)"): rows["capacity_mw"].round(1),
        Say("年发电（GWh）", "Energy (GWh/a)"): rows["energy_gwh"].round(1),
        Say("度电成本（元/kWh）", "LCOE (CNY/kWh)"): rows["lcoe_yuan_per_kwh"].map(
            "{:.3f}".format, na_action="ignore"
        ),
        Say("得分", "Score"): rows["score"].round(0),
        Say("结论", "Verdict"): [site_verdict(one, row).of(lang) for row in shown],
    }
    table = pd.DataFrame({head.of(lang): values for head, values in columns.items()})
    return without_empty(table)
