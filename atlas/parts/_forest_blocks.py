"""Blocks of the forest tab: stats, one chart a definition, the four answers, carbon, notes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from atlas.parts import _forest_tables as tables
from atlas.text import band, figure
from geo.errors import Say
from sinks.forest import carbon as carbon_model
from sinks.forest.definitions import BY_ID, POINT_KINDS, english
from sinks.forest.study import BRIDGE, MODEL, ForestStudy

Block = dict[str, Any]
_TONES: Final = {"reached": "clear", "short": "warn", "missing": "unknown"}
_PER_MU: Final = Say("m³/亩", "m³/mu")
_UNVERIFIED: Final = Say("参数未核验", "unverified parameters")


def stats(done: ForestStudy, lang: str) -> Block:
    """Return the last published figure of each definition."""
    items = []
    for one in done.answers:
        point = one.point
        if point is None:
            modelled = tables.value(done, one.definition.id, done.reference, 0.5)
            note = (
                Say(f"{done.reference} 年，演示：分母为合成", f"{done.reference}, demo denominator")
                if done.passport.synthetic
                else Say(f"{done.reference} 年，按分层表", f"{done.reference}, from the strata")
            )
            number = figure(modelled)
        else:
            note = Say(
                f"{point.year} 年公布，{point.source}（{point.grade} 级）"
                f"{tables.late(done, point.year).zh}",
                f"published {point.year}, {point.source} (grade {point.grade})"
                f"{tables.late(done, point.year).en}",
            )
            number = f"{point.density:.2f}"
        items.append(
            {
                "label": one.definition.title.of(lang),
                "value": number,
                "unit": _PER_MU.of(lang),
                "note": _join(lang, note, tables.status(done, one)),
            }
        )
    return {"type": "stats", "items": items}


def _join(lang: str, *parts: Say) -> str:
    return ("；" if lang == "zh" else "; ").join(one.of(lang) for one in parts)


def chart(done: ForestStudy, definition: str, lang: str) -> Block | None:
    """Return the chart of one definition, None when it has neither model nor points."""
    data = done.data.sel(definition=definition)
    years = data["year"].to_numpy()
    kind = data["kind"].to_numpy()
    low, middle, high = (data["density"].sel(quantile=q).to_numpy() for q in (0.05, 0.5, 0.95))
    own = done.of(definition)
    if not own and not np.isfinite(middle).any():
        return None
    series: list[Block] = []
    # the bridge ends where the model begins, so that the two lines meet
    bridge = kind == BRIDGE
    joined = bridge | ((years == done.reference) & (kind == MODEL))
    model = kind == MODEL
    name = Say("模型中位数", "model median").of(lang)
    if bridge.any():
        series.append(_band(years[joined], low[joined], high[joined], "neutral"))
        series.append(_line("dashed", "", years[joined], middle[joined], "neutral"))
    if model.any():
        series.append(_band(years[model], low[model], high[model], "forest"))
        series.append(_line("line", name, years[model], middle[model], "forest"))
    if own:
        last = own[-1]
        label = Say(f"{last.year} 公布 {last.density:.2f}", f"{last.year}: {last.density:.2f}").of(
            lang
        )
        spots = [p.density for p in own]
        series.append(_line("points", label, [p.year for p in own], spots, "clear"))
    target = done.options.target
    rule = Say(f"目标 {target:g}（规划，2025）", f"target {target:g} (plan, 2025)").of(lang)
    series.append({"kind": "rule", "label": rule, "tone": "warn", "y": [target]})
    top = float(np.nanmax([target, *high, *(p.density for p in own)]))
    return {
        "type": "chart",
        "title": Say(f"亩均蓄积 {definition}", f"Stock per mu, {definition}").of(lang),
        "subtitle": _subtitle(done, definition, bool(model.any()), bool(bridge.any())).of(lang),
        "unit": _PER_MU.of(lang),
        "x": [int(years[0]), int(years[-1])],
        "y": [0, round(top * 1.04, 1)],
        "series": series,
    }


def history(done: ForestStudy, lang: str) -> Block | None:
    """Return the points of H1 and H2: plotted, without curve and target (truth.md 23)."""
    found = [p for one in POINT_KINDS for p in done.of(one.id)]
    if not found:
        return None
    # the two lie side by side: one label for both, on the last
    named = " · ".join(f"{p.definition} {p.year}: {p.density:.2f}" for p in found)
    series = [
        _line("points", named if p is found[-1] else "", [p.year], [p.density], "neutral")
        for p in found
    ]
    titles = [BY_ID[name].title for name in dict.fromkeys(p.definition for p in found)]
    return {
        "type": "chart",
        "title": Say("只作点的口径 H1、H2", "Points only: H1, H2").of(lang),
        "subtitle": Say(
            f"{'；'.join(t.zh for t in titles)}；不连线、不答目标，也不与 D1-D4 相接",
            f"{'; '.join(t.en for t in titles)}; no curve, no target answer, never joined to D1-D4",
        ).of(lang),
        "unit": _PER_MU.of(lang),
        "x": [done.options.first, done.reference],
        "y": [0, round(1.2 * max(p.density for p in found), 1)],
        "series": series,
    }


def _subtitle(done: ForestStudy, definition: str, model: bool, bridge: bool) -> Say:
    title = BY_ID[definition].title
    zh, en = [f"口径 {title.zh}"], [f"Definition {title.en}"]
    if bridge and model:
        zh.append(f"虚线＝桥接：{done.reference} 年林分倒推、面积固定，非实测")
        en.append(f"dashed = bridge: stands of {done.reference} run back, fixed area, not measured")
    elif bridge:
        zh.append("虚线＝同口径公布点之间的桥接，其后缺数据")
        en.append("dashed = bridge between its own points; no data after")
    assumed = [str(p.year) for p in done.of(definition) if p.assumed]
    if assumed:
        zh.append(f"{'、'.join(assumed)} 年口径为假定")
        en.append(f"the definition of {', '.join(assumed)} is assumed")
    zh.append("带＝P5–P95")
    en.append("band = P5-P95")
    if model and done.passport.synthetic:
        zh.append("演示")
        en.append("demo")
    if model:
        zh.append(_UNVERIFIED.zh)
        en.append(_UNVERIFIED.en)
    return Say("；".join(zh), "; ".join(en))


def _line(kind: str, label: str, x: Any, y: Any, tone: str) -> Block:
    return {
        "kind": kind,
        "label": label,
        "tone": tone,
        "x": [int(v) for v in x],
        "y": [round(float(v), 4) for v in y],
    }


def _band(x: Any, low: Any, high: Any, tone: str) -> Block:
    block = _line("band", "", x, low, tone)
    block["y2"] = [round(float(v), 4) for v in high]
    return block


def answers(done: ForestStudy, lang: str) -> Block:
    """Return the target answers, always all four, narrow enough for the panel."""
    full = tables.answers_frame(done, lang)
    ids = [one.definition.id for one in done.answers]
    # inferred, first probability, year of 50 %: the report holds every column
    last = full.shape[1] - 1
    frame = full.iloc[:, list(dict.fromkeys([3, min(4, last), last]))]
    heads = [Say("口径", "Def.").of(lang), *map(str, frame.columns)]
    listed = "；".join(one.definition.title.zh for one in done.answers)
    listed_en = "; ".join(one.definition.title.en for one in done.answers)
    return {
        "type": "table",
        "title": Say(
            f"达到 {done.options.target:g} m³/亩的概率与年份",
            f"Probability and year of {done.options.target:g} m³/mu",
        ).of(lang),
        "columns": [
            {"label": head, "align": "left" if i == 0 else "right", "bar": False}
            for i, head in enumerate(heads)
        ],
        "rows": [
            [name, *(str(cell) for cell in row)]
            for name, row in zip(ids, frame.itertuples(index=False), strict=True)
        ],
        "note": Say(
            f"{listed}。P＝到该年已达到的概率，只给 {tables.asked(done)} 年以后；"
            f"{_now(done).zh}；D2 与 D3 分子不同，不可相除相接",
            f"{listed_en}. P = probability of having reached it by then, only after "
            f"{tables.asked(done)}; {_now(done).en}; "
            "D2 and D3 differ in the numerator and are never joined",
        ).of(lang),
    }


def _now(done: ForestStudy) -> Say:
    """Say what the figure of the as-of year is (truth.md 26)."""
    now, start = done.as_of.year, done.reference
    if now < start:
        return Say(
            f"{now} 年早于基准年 {start}，为桥接，非实测",
            f"{now} lies before the reference year {start}: bridge, not measured",
        )
    run, run_en = (f"，由 {start} 年推演", f" run on from {start}") if now > start else ("", "")
    return Say(
        f"{now} 年为现状推断{run}，含观测误差",
        f"{now} is an inference{run_en}, with observation error",
    )


def carbon(done: ForestStudy, lang: str) -> Block:
    """Return live carbon and net emission by year, with conversion set, V0 and B/V."""
    heads = (
        Say("年", "Year"),
        Say("碳 万tC", "Carbon, 10⁴ tC"),
        Say("净排放 万tCO₂/a", "Net emission, 10⁴ tCO₂/a"),
    )
    rows = []
    for year in tables.milestones(done):
        if year < done.reference:
            continue
        middle, low, high = (
            float(done.data["carbon"].sel(year=year, quantile=q)) for q in (0.5, 0.05, 0.95)
        )
        moved = [
            float(done.data["net_emission"].sel(year=year, quantile=q)) for q in (0.5, 0.05, 0.95)
        ]
        rows.append(
            [
                str(year),
                band(middle, low, high),
                _signed(moved, lang) if math.isfinite(moved[0]) else "—",
            ]
        )
    ratio = done.sweep[done.sweep["set"] == done.model.conversion.name]
    own = _own_v0(done)
    held = float(ratio.loc[ratio["v0_m3_ha"] == own, "b_over_v"].iloc[0])
    flagged = "、".join(done.ratios.loc[done.ratios["flag"], "species_group"])
    zh = (
        f"范围：{carbon_model.SCOPE.zh}；换算 {done.model.conversion.name}，V0 = {own:g} m³/ha；"
        f"B/V = {held:.2f} t/m³；"
        "净排放＝−ΔC×44/12，负为净吸收；带为 P5–P95，不含换算与 V0 之别；"
        f"{_UNVERIFIED.zh}"
    )
    en = (
        f"Scope: {carbon_model.SCOPE.en}; set {done.model.conversion.name}, V0 = {own:g} m³/ha; "
        f"B/V = {held:.2f} t/m³; net emission = -dC x 44/12, negative is a removal; "
        f"bands are P5-P95 without the choice of set and V0; {_UNVERIFIED.en}"
    )
    if flagged:
        zh += f"；B/V 存疑：{flagged}"
        groups = done.ratios.loc[done.ratios["flag"], "species_group"]
        en += f"; implausible B/V: {', '.join(english(str(g)) for g in groups)}"
    return {
        "type": "table",
        "title": Say("碳储量（乔木活生物量，含根）", "Carbon stock (live trees with roots)").of(
            lang
        ),
        "columns": [
            {"label": h.of(lang), "align": "left" if i == 0 else "right", "bar": False}
            for i, h in enumerate(heads)
        ],
        "rows": rows,
        "note": Say(zh, en).of(lang),
    }


def _signed(numbers: Sequence[float], lang: str) -> str:
    """Return ``-279 (-431 … 2)``: a hyphen between signed numbers would read as a minus."""
    middle, low, high = (f"{number:,.0f}" for number in numbers)
    return Say(f"{middle}（{low} 至 {high}）", f"{middle} ({low} to {high})").of(lang)


def sweep(done: ForestStudy, lang: str) -> Block:
    """Return carbon of the reference year by conversion set and V0."""
    heads = (
        Say("换算", "Set"),
        Say("V0 m³/ha", "V0 m³/ha"),
        Say("覆盖面积 %", "Area covered %"),
        Say("万tC", "10⁴ tC"),
        Say("B/V t/m³", "B/V t/m³"),
    )
    rows = [
        [
            str(row["set"]),
            f"{row['v0_m3_ha']:g}",
            f"{row['area_covered_pct']:.0f}",
            figure(row["carbon_wan_tc"]),
            f"{row['b_over_v']:.2f}",
        ]
        for row in done.sweep.to_dict("records")
    ]
    return {
        "type": "table",
        "title": Say(f"换算与 V0 的影响（{done.reference}）", f"Set and V0 ({done.reference})").of(
            lang
        ),
        "columns": [
            {"label": h.of(lang), "align": "left" if i == 0 else "right", "bar": False}
            for i, h in enumerate(heads)
        ],
        "rows": rows,
        "note": Say(
            f"V0 无来源，为用户参数；各套换算不互借，覆盖不同则万tC 不可相比；{_UNVERIFIED.zh}",
            "V0 has no source; no row is borrowed between sets, so totals of different coverage "
            f"do not compare; {_UNVERIFIED.en}",
        ).of(lang),
    }


def _own_v0(done: ForestStudy) -> float:
    found = done.model.parameters["v0"].value
    return float("nan") if found is None else found


def notes(done: ForestStudy, lang: str) -> tuple[Mapping[str, Any], ...]:
    """Return what a reader must know before quoting a figure."""
    first = Say(
        "生长曲线为先验（Richards，按分层蓄积定标；形状取自天然林截面数据，非固定样地生长），"
        "未经本地核实",
        "The growth curve is a prior (Richards, calibrated to the stock of each stratum; its shape "
        "comes from a cross-section of natural stands, not from remeasured plots)",
    )
    second = Say(
        f"{_now(done).zh}；{tables.deadline(done).zh}",
        f"{_now(done).en}; {tables.deadline(done).en}",
    )
    third = Say(
        "预测技巧无法检验：同一口径少于两个更早的公布点",
        "Forecast skill cannot be tested: fewer than two earlier points on one definition",
    )
    fourth = Say(
        "抚育间伐未计（湖北限额中占 44 %），以后各年蓄积偏高",
        "Thinning is left out (44 % of the provincial quota): later years are on the high side",
    )
    every = (first, second, third, fourth)
    own = [{"type": "note", "tone": "warn", "text": say.of(lang)} for say in every]
    rest = [{"type": "note", "tone": "neutral", "text": say.of(lang)} for say in done.notes]
    return (*own, *rest)
