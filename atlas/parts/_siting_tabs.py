"""Siting in the left panel: the tabs 选址 and 红线."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from atlas.part import Context, Tab
from atlas.parts._siting_map import (
    TECH_NAME,
    TECH_TONE,
    Lang,
    site_name,
)
from atlas.text import figure, quantity
from geo.errors import Say
from geo.units import m2_to_wan_mu, mw_to_wan_kw
from layers.facts import Target
from siting.law.answer import EFFECT_TONE
from siting.law.terms import Effect, Technology
from siting.law.verdict import Judgement, State, effect_text
from siting.pv.energy import UNCOUNTED
from siting.pv.sites import PvResult
from siting.sites.land import LandClass, eligible_patterns
from siting.study import Study, TechnologyStudy
from siting.wind.sites import raised_text

RANKED = 60
_BARS: Final = {
    Effect.PROHIBITED,
    Effect.REPLAN_LINE,
    Effect.REPLAN_PROGRAMME,
    Effect.NATIONAL_PROJECT,
    Effect.LIMITED_ACTIVITY,
    Effect.UNBUILDABLE,
}
Block = Mapping[str, Any]


def tabs(study: Study, context: Context) -> tuple[Tab, ...]:
    """Return the tabs 选址 and 红线."""
    pv, wind = study.technologies[Technology.PV], study.technologies[Technology.WIND]
    lang = context.lang
    siting: list[Block] = [_sentence_block(study, wind, lang)]
    redline: list[Block] = [
        {"type": "sentence", "view": "wind", "text": law_sentence(study, wind).of(lang)}
    ]
    for one in (pv, wind):
        siting += [_with_view(b, one) for b in _siting_blocks(study, one, lang)]
        redline += [_with_view(b, one) for b in _law_blocks(study, one, lang)]
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
    land, power = m2_to_wan_mu(one.eligible_m2), mw_to_wan_kw(one.eligible_mw)
    dc_zh = f"（上限；发电量：{one.result.yield_text.zh}）"
    dc_en = f" (upper bound; yield: {one.result.yield_text.en})"
    if isinstance(one.result, PvResult):
        dc = power * one.result.params.number("dc_ac")
        dc_zh = f"（交流上限；直流 {quantity(dc, '万千瓦')}）"
        dc_en = f" (AC, upper bound; {figure(dc * 10)} MW DC)"
    law_zh = "" if study.screened else "（仅按技术限值，红线未筛查）"
    law_en = "" if study.screened else " (technical limits only, red line unscreened)"
    ask = float(one.county.iloc[-1]["approval_m2"])
    zh = (
        f"{name.zh}可用{law_zh} {quantity(land, '万亩')}{_ask_zh(ask)}、"
        f"约 {quantity(power, '万千瓦')}{dc_zh}"
    )
    en = (
        f"{name.en} may use{law_en} {figure(one.eligible_m2 / 1e6)} km2"
        f"{f' ({figure(ask / 1e6)} of it after approval)' if ask > 0 else ''}, "
        f"about {figure(power * 10)} MW{dc_en}"
    )
    target = target_of(study, one)
    if target is not None:
        stands = _target_text(study, target)
        zh, en = f"{zh}；{stands.zh}", f"{en}; {stands.en}"
    elif isinstance(one.result, PvResult) and not np.isfinite(one.sites["energy_gwh"]).any():
        zh = f"{zh}；发电量：{one.result.yield_text.zh}"
        en = f"{en}; yield: {one.result.yield_text.en}"
    return Say(zh, en)


def _ask_zh(area: float) -> str:
    """Say how much of the usable land [m²] still needs an approval."""
    return f"（其中 {quantity(m2_to_wan_mu(area), '万亩')} 需审批）" if area > 0 else ""


def _target_text(study: Study, target: Target) -> Say:
    year = target.deadline.year if target.deadline is not None else ""
    status = target.status_line(study.as_of)
    value = quantity(target.value, target.unit)
    built = target.installed.value
    if built is None:
        zh, en = "已建未知", "installed unknown"
    else:
        known = target.installed_kind == "reported"
        zh = f"{'已建' if known else '有出处的已建'} {quantity(built, target.unit)}"
        en = f"{'installed' if known else 'installed with a source'} {quantity(built, target.unit)}"
    return Say(
        f"{year} 目标 {value}（{status.zh}；{zh}）", f"{year} target {value} ({status.en}; {en})"
    )


def law_sentence(study: Study, one: TechnologyStudy) -> Say:
    """Return the answer of the tab 红线 for one technology."""
    total = one.county.iloc[-1]
    name, footprint = TECH_NAME[one.technology], one.footprint
    if not study.screened:
        return Say(
            "该区域没有规则表：法律与红线未筛查", "no rule table: law and red line unscreened"
        )

    def share(*classes: LandClass) -> str:
        land = sum(float(total[f"{c.name.lower()}_m2"]) for c in classes)
        return f"{100 * land / float(total['total_m2']):.1f} %" if total["total_m2"] else "—"

    barred, routes = share(LandClass.PROHIBITED), share(LandClass.REPLAN, LandClass.LIMITED)
    free = share(LandClass.CLEAR, LandClass.APPROVAL)
    screened = f"{footprint.screened}/{footprint.total}"
    return Say(
        f"{name.zh}：全域 {barred} 禁止，{routes} 须调规或专门论证，{free} 可用"
        "，其余技术不可建或未知"
        f"（{study.as_of.isoformat()} 法律，已筛查 {screened} 项）",
        f"{name.en}: {barred} prohibited, {routes} need a route, {free} usable,"
        " the rest unbuildable or unknown"
        f" (law of {study.as_of.isoformat()}, {screened} rules screened)",
    )


def _siting_blocks(study: Study, one: TechnologyStudy, lang: Lang) -> list[Block]:
    blocks: list[Block] = [
        {"type": "stats", "items": _stats(study, one, lang)},
        _sweep_block(one, study, lang),
    ]
    if one.technology is Technology.WIND:
        text = Say(
            f"发电量：{one.result.yield_text.zh}；得分只含坡度与道路可达；"
            f"{raised_text(one.result.params).zh}；不据此宣称电量目标",
            f"yield: {one.result.yield_text.en}; the score rests on slope and access alone;"
            f" {raised_text(one.result.params).en}; no energy target is claimed",
        )
        blocks.append({"type": "note", "tone": "warn", "text": text.of(lang)})
    else:
        text = Say(
            f"{one.result.yield_text.zh}；{UNCOUNTED.zh}",
            f"{one.result.yield_text.en}; {UNCOUNTED.en}",
        )
        blocks.append({"type": "note", "tone": "neutral", "text": text.of(lang)})
    blocks.append(_ranked(one, lang))
    return blocks


def _stats(study: Study, one: TechnologyStudy, lang: Lang) -> list[Block]:
    power = mw_to_wan_kw(one.eligible_mw)
    density = one.result.mw_per_km2
    rows = [
        (Say("可用土地", "usable land"), figure(m2_to_wan_mu(one.eligible_m2)), "万亩",
         Say("利用率 100 % 为上限", "upper bound")),
        (Say("容量（交流）", "capacity AC"), figure(power), "万千瓦",
         Say(f"{density:.1f} MW/km²", f"{density:.1f} MW/km2")),
    ]  # fmt: skip
    if isinstance(one.result, PvResult):
        ratio = one.result.params.number("dc_ac")
        rows.append(
            (Say("容量（直流）", "capacity DC"), figure(power * ratio), "万千瓦",
             Say(f"容配比 {ratio:g}，预设", f"DC/AC {ratio:g}, prior"))
        )  # fmt: skip
        if np.isfinite(one.result.flat_yield):
            rows.append(
                (Say("平地单位电量", "flat yield"), figure(one.result.flat_yield, 4), "kWh/kWp",
                 Say(f"直流，系统效率 {one.result.performance_ratio:.3f}",
                     f"DC, performance ratio {one.result.performance_ratio:.3f}"))
            )  # fmt: skip
    else:
        rows.append((Say("发电量", "energy"), "—", "", one.result.yield_text))
    mw = mw_to_wan_kw(float(one.sites["capacity_mw"].sum()))
    rows.append(
        (Say("候选场址", "candidate sites"), f"{len(one.sites):,}", Say("处", "").of(lang),
         Say(f"合计 {quantity(mw, '万千瓦')}", f"{figure(mw * 10)} MW in all"))
    )  # fmt: skip
    target = target_of(study, one)
    for case, left in target.remaining_cases() if target is not None else ():
        rows.append(
            (Say("目标尚缺", "target remaining"), figure(left), "万千瓦",
             Say(f"{case.zh}", f"{case.en}"))
        )  # fmt: skip
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
            figure(m2_to_wan_mu(row.area_m2)),
            figure(mw_to_wan_kw(row.area_m2 / 1e6 * one.result.mw_per_km2)),
        ]
        for row in one.sweep
    ]
    return {
        "type": "table",
        "title": Say("坡度上限的影响", "What the slope limit does").of(lang),
        "columns": [
            {"label": Say("坡度", "slope").of(lang), "align": "left", "bar": False},
            {"label": "", "align": "left", "bar": True},
            {"label": "万亩", "align": "right", "bar": False},
            {"label": Say("万千瓦", "10 MW").of(lang), "align": "right", "bar": False},
        ],
        "rows": rows,
        "note": Say("坡度上限是用户参数，不是法律", "the slope limit is a parameter, no law").of(
            lang
        ),
    }


def slope_limit(study: Study, one: TechnologyStudy) -> float:
    """Return the slope limit in use for a technology. [°]."""
    pv = one.technology is Technology.PV
    return study.parameters.pv_slope_max_deg if pv else study.parameters.wind_slope_max_deg


def _ranked(one: TechnologyStudy, lang: Lang) -> Block:
    rows = []
    for row in one.sites.head(RANKED).to_dict("records"):
        energy = row["energy_gwh"]
        extra = f"{Say('得分', 'score').of(lang)} {row['score']:.0f}"
        if np.isfinite(energy):
            extra += f" · {figure(energy)} GWh/a"
        rows.append(
            {
                "id": row["id"],
                "label": site_name(row, lang),
                "value": quantity(row["capacity_mw"], "MW"),
                "extra": extra,
                "lon": row["lon"],
                "lat": row["lat"],
                "tone": TECH_TONE[one.technology],
                "rank": int(row["rank"]),
            }
        )
    weights = "、".join(item.title.zh for item in one.result.found.scored.used)
    note = Say(f"等权：{weights}（预设）", "equal weights (prior)")
    title = Say(
        f"前 {len(rows)} 处，共 {len(one.sites)} 处", f"best {len(rows)} of {len(one.sites)}"
    )
    return {"type": "ranked", "title": title.of(lang), "note": note.of(lang), "rows": rows}


def _law_blocks(study: Study, one: TechnologyStudy, lang: Lang) -> list[Block]:
    blocks = [_county_block(one, lang), _rules_block(study, one, lang)]
    notes = [*study.notes]
    blocks += [{"type": "note", "tone": "neutral", "text": n.of(lang)} for n in notes]
    return blocks


def _county_block(one: TechnologyStudy, lang: Lang) -> Block:
    rows = []
    for row in one.county.to_dict("records"):
        total = row["total_m2"] or 1.0
        name = Say("合计", "total").of(lang) if row["county"] == "合计" else row["county"]
        rows.append(
            [
                name,
                {"value": row["eligible_m2"] / total, "tone": TECH_TONE[one.technology]},
                figure(m2_to_wan_mu(row["eligible_m2"])),
                figure(mw_to_wan_kw(row["eligible_m2"] / 1e6 * one.result.mw_per_km2)),
                f"{100 * row['prohibited_m2'] / total:.0f}",
                f"{100 * (row['replan_m2'] + row['limited_m2']) / total:.0f}",
            ]
        )
    heads = (
        (Say("县市区", "county"), "left", False),
        (Say("可用占比", "usable"), "left", True),
        (Say("万亩", "万亩"), "right", False),
        (Say("万千瓦", "10 MW"), "right", False),
        (Say("禁止 %", "barred %"), "right", False),
        (Say("调规 %", "route %"), "right", False),
    )
    return {
        "type": "table",
        "title": Say("各县市区", "Counties").of(lang),
        "columns": [{"label": h.of(lang), "align": a, "bar": b} for h, a, b in heads],
        "rows": rows,
        "note": Say(
            "面积按椭球面计；全部类别见表格", "ellipsoidal areas; all classes in the tables"
        ).of(lang),
    }


def rule_areas(study: Study, judgement: Judgement) -> dict[int, tuple[float, float]]:
    """Return (covered, alone barred) land of each rule of a component. [m²].

    Alone: no other rule that bars or needs a route hits there, and nothing is unknown.
    """
    area = study.table.area_m2[1:].sum(axis=0)
    hit = judgement.state == State.HIT
    bars = [
        study.ruleset.rules[i].effect in _BARS and study.ruleset.rules[i].decides
        for i in judgement.rules
    ]
    barred = hit[:, np.array(bars, bool)].sum(axis=1) if judgement.rules else np.zeros(hit.shape[0])
    sole = (barred == 1) & ~eligible_patterns(judgement) & ~judgement.technical_unknown
    out = {}
    for column, i in enumerate(judgement.rules):
        alone = float(area @ (hit[:, column] & sole)) if bars[column] else 0.0
        out[i] = (float(area @ hit[:, column]), alone)
    return out


def _rules_block(study: Study, one: TechnologyStudy, lang: Lang) -> Block:
    footprint = one.footprint
    areas = rule_areas(study, footprint)
    legal: list[Block] = []
    technical: list[Block] = []
    unscreened: list[Block] = []
    for i in sorted(footprint.rules, key=lambda i: -areas[i][0]):
        rule = study.ruleset.rules[i]
        if i in footprint.unscreened:
            text = Say("未筛查", "unscreened").of(lang)
            note = Say("图层缺失", "layer absent").of(lang)
            unscreened.append(_rule_row(rule.title.of(lang), text, "unknown", "", note))
            continue
        covered, alone = (m2_to_wan_mu(value) for value in areas[i])
        note = ""
        if alone > 0:
            note = Say(f"单独挡 {quantity(alone, '万亩')}", f"alone bars {figure(alone)} 万亩").of(
                lang
            )
        row = _rule_row(
            rule.title.of(lang), effect_text(rule).of(lang), EFFECT_TONE[rule.effect],
            quantity(covered, "万亩"), note,
        )  # fmt: skip
        (technical if rule.technical else legal).append(row)
    name = TECH_NAME[one.technology].of(lang)
    groups = [
        (Say(f"法律规则（{name}）", f"Law ({name})"), legal),
        (Say("技术限值（用户参数，非法律）", "Technical limits (parameters, no law)"), technical),
        (Say("未筛查", "Unscreened"), unscreened),
    ]
    rows = [{"title": t.of(lang), "rows": r} for t, r in groups if r]
    return {"type": "rules", "groups": rows}


def _rule_row(label: str, effect: str, tone: str, area: str, note: str) -> Block:
    return {"label": label, "effect": effect, "tone": tone, "area": area, "note": note}
