"""Siting in the left panel: the tabs 选址 and 红线."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from atlas.part import Context, Tab
from atlas.parts._siting_answer import basis_text
from atlas.parts._siting_found import flat_yield, records, resource_missing
from atlas.parts._siting_law import overrides_block, supposed
from atlas.parts._siting_ledger import Books, footprint_book, ledger_block
from atlas.parts._siting_map import TECH_TONE
from atlas.parts._siting_money import cost_headline, missing_text, money_stats, supply_chart
from atlas.parts._siting_rank import (
    intervals_block,
    projects_block,
    rank_text,
    views_block,
    weights_text,
)
from atlas.parts._siting_rules import rules_block
from atlas.parts._siting_turbines import energy_text, noise_text, placed_text
from atlas.parts._siting_words import (
    LAND_UNIT,
    POWER_UNIT,
    TECH_NAME,
    Lang,
    both_text,
    county_name,
    land,
    power,
    site_name,
)
from atlas.text import THIN, figure, quantity
from geo.errors import Say
from geo.units import m2_to_wan_mu, mw_to_wan_kw
from layers.facts import Target
from siting.law.terms import Technology
from siting.pv.sites import PvResult
from siting.pv.yields import UNCOUNTED
from siting.sites.land import LandClass
from siting.study import Study, TechnologyStudy
from siting.study_notes import no_land

RANKED = 60
Block = Mapping[str, Any]


def tabs(study: Study, found: Books, context: Context) -> tuple[Tab, ...]:
    """Return the tabs 选址 and 红线."""
    pv, wind = study.technologies[Technology.PV], study.technologies[Technology.WIND]
    lang = context.lang
    siting: list[Block] = [_sentence_block(study, wind, lang)]
    redline: list[Block] = [
        {"type": "sentence", "view": "wind", "text": law_sentence(study, wind).of(lang)}
    ]
    for one in (pv, wind):
        siting += [_with_view(b, one) for b in _siting_blocks(study, one, found, context)]
        redline += [_with_view(b, one) for b in _law_blocks(study, one, context)]
    return (
        Tab(
            "siting",
            Say("选址", "Sites"),
            sentence(study, pv),
            tuple(siting),
            view="pv",
            order=10,
        ),
        Tab(
            "redline",
            Say("红线", "Red line"),
            law_sentence(study, pv),
            tuple(redline),
            view="pv",
            order=20,
        ),
    )


def _with_view(block: Block, one: TechnologyStudy) -> Block:
    return {**block, "view": one.technology.value}


def _sentence_block(study: Study, one: TechnologyStudy, lang: Lang) -> Block:
    text = sentence(study, one).of(lang)
    return {"type": "sentence", "view": one.technology.value, "text": text}


def target_of(study: Study, one: TechnologyStudy) -> Target | None:
    """Return the plan's target for a technology, or None."""
    prefix = f"{one.technology.value}-"
    return next((t for t in study.targets if t.id.startswith(prefix)), None)


def sentence(study: Study, one: TechnologyStudy) -> Say:
    """Return the answer on top of the page for one technology."""
    name = TECH_NAME[one.technology]
    area, total = m2_to_wan_mu(one.eligible_m2), mw_to_wan_kw(one.eligible_mw)
    dc_zh = f"（交流上限；发电量：{one.result.yield_text.zh}）"
    dc_en = f" (AC, upper bound; yield: {one.result.yield_text.en})"
    if isinstance(one.result, PvResult):
        dc = total * one.result.params.number("dc_ac")
        dc_zh = f"（交流上限；直流 {quantity(dc, '万千瓦')}）"
        dc_en = f" (AC, upper bound; {figure(dc * 10)} MW DC)"
    law_zh = "" if study.screened else "（仅按技术限值，红线未筛查）"
    law_en = "" if study.screened else " (technical limits only, red line unscreened)"
    ask = _ask(one)
    zh = (
        f"{name.zh}可用{law_zh} {quantity(area, '万亩')}{ask.zh}、"
        f"约 {quantity(total, '万千瓦')}{dc_zh}"
    )
    en = (
        f"{name.en} may use{law_en} {figure(one.eligible_m2 / 1e6)} km²{ask.en}, "
        f"about {figure(total * 10)} MW{dc_en}"
    )
    none, target = no_land(one), target_of(study, one)
    if none is not None:
        zh, en = none.zh, none.en
    if target is not None:
        stands = _target_text(study, target)
        zh, en = f"{zh}；{stands.zh}", f"{en}; {stands.en}"
    elif isinstance(one.result, PvResult) and not np.isfinite(one.sites["energy_gwh"]).any():
        zh = f"{zh}；发电量：{one.result.yield_text.zh}"
        en = f"{en}; yield: {one.result.yield_text.en}"
    return supposed(study, Say(zh, en))


def _ask(one: TechnologyStudy) -> Say:
    """Say how usable land splits into the two colours the map paints it in.

    Yellow needs an approval first; the technology's own colour is asked for none by
    a screened rule (preferred and penalty land is touched by one).
    """
    total = one.county.iloc[-1]
    ask, free = float(total["approval_m2"]), float(total["clear_m2"])
    if ask <= 0:
        return Say("", "")
    asked, rest = (quantity(m2_to_wan_mu(part), "万亩") for part in (ask, free))
    return Say(
        f"（{asked} 须先审批，{rest} 已筛查项下未见限制）",
        f" ({figure(ask / 1e6)} km² after approval, {figure(free / 1e6)} km² with no limit"
        " in the rules screened)",
    )


def _target_text(study: Study, target: Target) -> Say:
    year = target.deadline.year if target.deadline is not None else ""
    status = target.status_line(study.as_of)
    value = quantity(target.value, target.unit)
    value_en = _in_english(target.value, target.unit)
    built = target.installed.value
    if built is None:
        zh, en = "已建未知", "installed unknown"
    else:
        known = target.installed_kind == "reported"
        zh = f"{'已建' if known else '有出处的已建'} {quantity(built, target.unit)}"
        shown = _in_english(built, target.unit)
        en = f"{'installed' if known else 'installed with a source'} {shown}"
    return Say(
        f"{year} 目标 {value}（{status.zh}；{zh}）", f"{year} target {value_en} ({status.en}; {en})"
    )


def _in_english(value: float, unit: str) -> str:
    """Return a figure of the plan: 万千瓦 is MW in English."""
    return quantity(value * 10, "MW") if unit == POWER_UNIT.zh else quantity(value, unit)


def law_sentence(study: Study, one: TechnologyStudy) -> Say:
    """Return the answer of the tab 红线 for one technology."""
    total = one.county.iloc[-1]
    name, footprint = TECH_NAME[one.technology], one.footprint
    if not study.screened:
        return Say(
            "该区域没有规则表：法律与红线未筛查", "no rule table: law and red line unscreened"
        )

    def share(*classes: LandClass) -> str:
        area = sum(float(total[f"{c.name.lower()}_m2"]) for c in classes)
        return f"{100 * area / float(total['total_m2']):.1f} %" if total["total_m2"] else "—"

    barred, routes = share(LandClass.PROHIBITED), share(LandClass.REPLAN, LandClass.LIMITED)
    free = share(LandClass.CLEAR, LandClass.APPROVAL)
    screened = f"{footprint.screened}/{footprint.total}"
    text = Say(
        f"{name.zh}：全域 {barred} 禁止，{routes} 须调规或专门论证，{free} 可用"
        "，其余技术不可建或未知"
        f"（{study.as_of.isoformat()} 法律，已筛查 {screened} 项）",
        f"{name.en}: {barred} prohibited, {routes} need a route, {free} usable,"
        " the rest unbuildable or unknown"
        f" (law of {study.as_of.isoformat()}, {screened} rules screened)",
    )
    return supposed(study, text)


def _siting_blocks(
    study: Study, one: TechnologyStudy, found: Books, context: Context
) -> list[Block]:
    lang = context.lang
    blocks: list[Block] = [
        {"type": "stats", "items": _stats(study, one, lang)},
        _ranked(one, context),
        *_results(study, one, context),
        ledger_block(study, footprint_book(found, one.technology), lang),
        _sweep_block(one, study, lang),
    ]
    if resource_missing(one):
        basis = basis_text(one)
        text = Say(
            f"发电量：{basis.zh}；{placed_text(one).zh}；不据此宣称电量目标",
            f"yield: {basis.en}; {placed_text(one).en}; no energy target is claimed",
        )
        blocks.append({"type": "note", "tone": "warn", "text": text.of(lang)})
    else:
        more = UNCOUNTED if isinstance(one.result, PvResult) else placed_text(one)
        basis = one.result.yield_text
        text = Say(f"{basis.zh}；{more.zh}", f"{basis.en}; {more.en}")
        blocks.append({"type": "note", "tone": "neutral", "text": text.of(lang)})
        both = both_text(one, target_of(study, one))
        if both is not None:
            blocks.append({"type": "note", "tone": "neutral", "text": both.of(lang)})
    said = [text.of(lang) for text in (energy_text(one), noise_text(one)) if text is not None]
    return blocks + [{"type": "note", "tone": "neutral", "text": text} for text in said]


def _results(study: Study, one: TechnologyStudy, context: Context) -> list[Block]:
    """Return what was computed for the sites: supply curve, rank intervals, views."""
    missing = missing_text(one)
    found = (
        projects_block(one, context),
        supply_chart(one, target_of(study, one), context.lang),
        None if missing is None
        else {"type": "note", "tone": "neutral", "text": missing.of(context.lang)},
        intervals_block(one, context),
        views_block(one, context),
    )  # fmt: skip
    return [block for block in found if block is not None]


def _stats(study: Study, one: TechnologyStudy, lang: Lang) -> list[Block]:
    density = one.result.mw_per_km2
    used = 100 * one.result.params.number("utilisation")
    bound = Say("，上限", ", upper bound") if used >= 100 else Say("", "")
    per = Say(f"{density:.1f} MW/km²", f"{density:.1f} MW/km²")
    if isinstance(one.result, PvResult):
        ratio = one.result.params.number("dc_ac")
        dc = THIN.join(power(one.eligible_mw * ratio, lang))
        per = Say(f"直流 {dc}（容配比 {ratio:g}，预设）", f"{dc} DC (DC/AC {ratio:g}, prior)")
    rows = [
        (Say("可用土地", "usable land"), *land(one.eligible_m2, lang),
         Say(f"按利用率 {used:g} %{bound.zh}", f"{used:g} % of it built on{bound.en}")),
        (Say("容量（交流）", "capacity AC"), *power(one.eligible_mw, lang), per),
    ]  # fmt: skip
    if isinstance(one.result, PvResult):
        flat, ratio = flat_yield(one)
        if np.isfinite(flat):
            rows.append(
                (Say("平地单位电量", "flat yield"), figure(flat, 4), "kWh/kWp",
                 Say(f"直流，系统效率 {ratio:.3f}", f"DC, performance ratio {ratio:.3f}"))
            )  # fmt: skip
    else:
        total = float(one.sites["energy_gwh"].sum())
        shown = (f"{total:,.0f}", "GWh/a") if total > 0 else ("—", "")
        rows.append((Say("发电量", "energy"), *shown, one.result.yield_text))
    mw = float(one.sites["capacity_mw"].sum())
    whole = quantity(mw_to_wan_kw(mw), "万千瓦")
    rows.append(
        (Say("候选场址", "candidate sites"), f"{len(one.sites):,}", Say("处", "").of(lang),
         Say(f"合计 {whole}（交流）", f"{figure(mw)} MW AC in all"))
    )  # fmt: skip
    target = target_of(study, one)
    if target is not None:
        year = target.deadline.year if target.deadline is not None else ""
        goal, goal_en = quantity(target.value, target.unit), _in_english(target.value, target.unit)
        note = Say(f"{year} 目标 {goal}", f"{year} target {goal_en}")
        rows += [
            (Say(f"目标尚缺（{case.zh}）", f"short of target, {case.en}"),
             *power(left * 10, lang), note)
            for case, left in target.remaining_cases()
        ]  # fmt: skip
    rows += money_stats(one, target, lang)
    return [
        {"label": label.of(lang), "value": value, "unit": unit, "note": note.of(lang)}
        for label, value, unit, note in rows
    ]


def _sweep_block(one: TechnologyStudy, study: Study, lang: Lang) -> Block:
    most = max((row.area_m2 for row in one.sweep), default=0.0) or 1.0
    used = slope_limit(study, one)
    mark = Say("（默认）", " (default)").of(lang)
    rows = [
        [
            f"≤ {row.limit_deg:g}°{mark if row.limit_deg == used else ''}",
            {"value": row.area_m2 / most, "tone": TECH_TONE[one.technology]},
            land(row.area_m2, lang)[0],
            power(row.mw, lang)[0],
        ]
        for row in one.sweep
    ]
    return {
        "type": "table",
        "title": Say("坡度上限的影响", "What the slope limit does").of(lang),
        "columns": [
            {"label": Say("坡度", "slope").of(lang), "align": "left", "bar": False},
            {"label": "", "align": "left", "bar": True},
            {"label": LAND_UNIT.of(lang), "align": "right", "bar": False},
            {"label": POWER_UNIT.of(lang), "align": "right", "bar": False},
        ],
        "rows": rows,
        "note": Say(
            "坡度上限是用户参数，不是法律；容量为交流侧",
            "the slope limit is a parameter, no law; capacity is AC",
        ).of(lang),
    }


def slope_limit(study: Study, one: TechnologyStudy) -> float:
    """Return the slope limit in use for a technology. [°]."""
    pv = one.technology is Technology.PV
    return study.parameters.pv_slope_max_deg if pv else study.parameters.wind_slope_max_deg


def _ranked(one: TechnologyStudy, context: Context) -> Block:
    lang = context.lang
    rows = []
    for row in records(one, RANKED):
        said = (rank_text(row, lang), cost_headline(row, lang))
        extra = " · ".join(part for part in said if part)
        rows.append(
            {
                "id": row["id"],
                "label": site_name(row, context),
                "value": quantity(row["capacity_mw"], "MW"),
                "extra": extra,
                "lon": row["lon"],
                "lat": row["lat"],
                "tone": TECH_TONE[one.technology],
                "rank": None if pd.isna(row["rank"]) else int(row["rank"]),
            }
        )
    note = weights_text(one)
    title = Say(
        f"候选场址前 {len(rows)} 处，共 {len(one.sites):,} 处",
        f"Best {len(rows)} of {len(one.sites):,} candidate sites",
    )
    return {"type": "ranked", "title": title.of(lang), "note": note.of(lang), "rows": rows}


def _law_blocks(study: Study, one: TechnologyStudy, context: Context) -> list[Block]:
    lang = context.lang
    own = overrides_block(study, lang)
    blocks = [_county_block(one, context), *([own] if own else []), rules_block(study, one, lang)]
    blocks += [{"type": "note", "tone": "neutral", "text": n.of(lang)} for n in study.notes]
    return blocks


def _county_block(one: TechnologyStudy, context: Context) -> Block:
    lang = context.lang
    rows = []
    for row in one.county.to_dict("records"):
        total = row["total_m2"] or 1.0
        rows.append(
            [
                county_name(context, row["county"]),
                {"value": row["eligible_m2"] / total, "tone": TECH_TONE[one.technology]},
                land(row["eligible_m2"], lang)[0],
                power(row["eligible_mw"], lang)[0],
                f"{100 * row['prohibited_m2'] / total:.0f}",
                f"{100 * (row['replan_m2'] + row['limited_m2']) / total:.0f}",
            ]
        )
    heads = (
        (Say("县市区", "county"), "left", False),
        (Say("可用占比", "usable"), "left", True),
        (LAND_UNIT, "right", False),
        (POWER_UNIT, "right", False),
        (Say("禁止 %", "barred %"), "right", False),
        (Say("调规 %", "route %"), "right", False),
    )
    return {
        "type": "table",
        "title": Say("各县市区", "Counties").of(lang),
        "columns": [{"label": h.of(lang), "align": a, "bar": b} for h, a, b in heads],
        "rows": rows,
        "note": Say(
            "可用＝须先审批＋已筛查项下未见限制；面积按椭球面计，"
            "容量为交流上限；全部类别见 tables.xlsx",
            "usable = after approval + no limit in the rules screened; ellipsoidal areas,"
            " capacity AC, upper bound; all classes in tables.xlsx",
        ).of(lang),
    }
