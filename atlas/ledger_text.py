"""A ledger in words: rules, balance and counties as tables whose printed digits add up."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from atlas.text import aligned
from geo.errors import Say
from geo.units import m2_to_wan_mu, mw_to_wan_kw
from siting.law.answer import DEMO_PREFIX
from siting.law.answer_text import banner, component_name
from siting.law.ledger import Ledger
from siting.law.terms import EFFECT_ZH, TECHNOLOGY_ZH, Effect, Technology
from siting.law.verdict import effect_text

#: Decimals of printed areas, in 万亩 and km².
_DECIMALS: Final = 2
#: Parts that sum to a county.
PARTS: Final = ("lost", "free", "unknown")
#: Columns of :func:`printed`.
COLUMNS: Final = (*PARTS, "area", "eligible", "limited", "routes")
_BLOCKS: Final = {
    "law": Say("法律", "law"),
    "technical": Say("技术限值（非法律）", "technical limits (no law)"),
}


def as_lines(book: Ledger, lang: str) -> list[str]:
    """Return the ledger as lines: rules, balance, counties; every column adds up as printed."""
    judged, zh = book.judgement, lang == "zh"
    day = judged.ruleset.as_of.isoformat()
    head = (
        f"{TECHNOLOGY_ZH[judged.technology]}·{component_name(judged.component, 'zh')} 土地台账"
        f"　法律日期 {day}"
        if zh
        else f"ledger of {judged.technology.value}, {component_name(judged.component, 'en')}, "
        f"law as of {day}"
    )
    demo = DEMO_PREFIX.of(lang) if book.passport.synthetic else ""
    lines = [*banner(judged.ruleset.what_if, lang), demo + head]
    if book.off:
        lines.append(
            Say("! 假设：停用规则 ", "! a what-if: rules switched off: ").of(lang)
            + ", ".join(book.off)
        )
    changed = judged.ruleset.overrides
    if changed:
        ids = ", ".join(one.id for one in changed)
        lines.append(
            Say(
                f"! 已改动 {len({one.rule for one in changed})} 条规则（县级调整）：",
                "! county overrides in force: ",
            ).of(lang)
            + ids
        )
    caveat = judged.ruleset.caveat()
    if caveat is not None:
        lines.append(f"! {caveat.of(lang)}")
    wan_mu, km2 = printed(book, m2_to_wan_mu), printed(book, _km2)
    by_county = km2 if lang == "en" else wan_mu
    lines += ["", *_rule_table(book, lang, float(by_county[:, 0].sum()))]
    lines += ["", *_balance(book, lang, wan_mu.sum(axis=0), km2.sum(axis=0))]
    if len(book.counties) > 1:
        lines += ["", *_county_table(book, lang, by_county)]
    return [*lines, "", *_notes(book, lang)]


def printed(book: Ledger, unit: Callable[[float], float]) -> npt.NDArray[np.float64]:
    """Return the columns of :data:`COLUMNS` by county, as every table prints them.

    Parts sum to the county and counties to the region, to the last printed digit.
    """
    rows = book.totals.to_dict("records")
    areas = [unit(row["area_m2"]) for row in rows]
    split = ("eligible", "limited") if book.routes_lost else ("eligible", "limited", "routes")
    out = []
    for row, area in zip(rows, adding_up(areas, math.fsum(areas)), strict=True):
        lost, free, unknown = adding_up([unit(row[f"{name}_m2"]) for name in PARTS], area)
        parts = adding_up([unit(row[f"{name}_m2"]) for name in split], free)
        if book.routes_lost:
            parts.append(round(unit(row["routes_m2"]), _DECIMALS))
        out.append([lost, free, unknown, area, *parts])
    return np.array(out)


def _rule_table(book: Ledger, lang: str, lost: float) -> list[str]:
    zh = lang == "zh"
    rules, _ = book.whole()
    shown = rules[(rules[["total_m2", "routes_m2", "unknown_m2"]] > 0).any(axis=1)]
    shown = shown.sort_values(["block", "share_m2", "rule_id"], ascending=[True, False, True])
    shares = adding_up([_land(v, lang) for v in shown["share_m2"]], lost)
    names = {rule.id: rule.title.of(lang) for rule in book.causes.rules}
    effects = {(r.id, r.effect.value): effect_text(r).of(lang) for r in book.causes.rules}
    rows = [
        ["规则", "后果", "占用", "单独", "共同", "分摊", "须走程序", "未知"]
        if zh
        else ["rule", "effect", "total", "alone", "shared", "share", "routes", "unknown"]
    ]
    block = ""
    for row, share in zip(shown.to_dict("records"), shares, strict=True):
        if row["block"] != block:
            block = str(row["block"])
            rows.append([f"— {_BLOCKS[block].of(lang)}", *[""] * 7])
        effect = str(row["effect"])
        plain = EFFECT_ZH[Effect(effect)] if zh else effect.replace("_", " ")
        rows.append(
            [
                f"{row['rule_id']} {names.get(str(row['rule_id']), row['title'])}",
                effects.get((str(row["rule_id"]), effect), plain),
                *(_number(_land(row[k], lang)) for k in ("total_m2", "alone_m2", "shared_m2")),
                _number(share),
                *(_number(_land(row[k], lang)) for k in ("routes_m2", "unknown_m2")),
            ]
        )
    word = Say("分摊之和 = 失去", "sum of shares = lost").of(lang)
    rows.append([word, "", "", "", "", _number(lost), "", ""])
    unit = "万亩" if zh else "km²"
    title = Say(f"规则（{unit}）", f"rules ({unit})").of(lang)
    return [title, *_indented(rows, (False, False, *[True] * 6))]


def _balance(
    book: Ledger, lang: str, wan_mu: npt.NDArray[np.float64], km2: npt.NDArray[np.float64]
) -> list[str]:
    zh = lang == "zh"
    lost = Say("失去（禁止、技术不可建）", "lost (prohibited, unbuildable)")
    if book.routes_lost:
        lost = Say("失去（含须走程序者）", "lost (routes included)")
    route = (Say("　其中须走程序", "  of which by a route only"), 6)
    order = [
        (lost, 0),
        (Say("其余", "free"), 1),
        (Say("　其中可用（按新建计）", "  of which usable (new works)"), 4),
        (Say("　其中仅限有限人为活动", "  of which limited activities only"), 5),
        (Say("未知（无数据）", "unknown (no data)"), 2),
        (Say("合计 = 县域面积", "sum = area of the counties"), 3),
    ]
    order.insert(1 if book.routes_lost else 4, route)
    rows = [["", "万亩" if zh else "10,000 mu", "km²"]]
    if book.mw_per_km2 is not None:
        rows[0].append("万千瓦" if zh else "MW")
    for label, column in order:
        row = [label.of(lang), _number(float(wan_mu[column])), _number(float(km2[column]))]
        if book.mw_per_km2 is not None:
            power = float(km2[column]) * book.mw_per_km2
            row.append(_number(mw_to_wan_kw(power) if zh else power))
        rows.append(row)
    title = Say("收支", "balance").of(lang)
    return [title, *_indented(rows, (False, True, True, True))]


def _county_table(book: Ledger, lang: str, figures: npt.NDArray[np.float64]) -> list[str]:
    heads = ["县市区", "失去", "其余", "未知", "合计", "其中可用", "有限活动", "须走程序"]
    if lang == "en":
        heads = ["county", "lost", "free", "unknown", "sum", "usable", "limited", "route"]
    names = [*book.counties, Say("合计", "sum").of(lang)]
    values = [*figures, figures.sum(axis=0)]
    rows = [heads]
    for name, line in zip(names, values, strict=True):
        rows.append([name, *(_number(float(value)) for value in line)])
    unit = "万亩" if lang == "zh" else "km²"
    title = Say(f"各县市区（{unit}）", f"counties ({unit})").of(lang)
    return [title, *_indented(rows, (False, *[True] * 7))]


def _notes(book: Ledger, lang: str) -> list[str]:
    notes = [
        Say(
            "占用＝触及此条而失去的土地；单独＝只因这一条失去，停用后有的仍须走程序，"
            "故不小于地图上的“去掉此条即可用”；共同＝另有别的规则占用",
            "total = land lost that the rule touches; alone = lost to it only: part of that would "
            "still need a route, so it is no less than what the map calls usable without it; "
            "shared = other rules take it too",
        ),
        Say(
            "面积为格元椭球面积；每块失去的土地由占用它的各条规则平分（Shapley 分摊），"
            "末位按最大余数取整，各行之和即合计",
            "areas are ellipsoidal areas of cells; each lost cell is split equally among the rules "
            "that take it (Shapley share); last digits are rounded so that rows add up",
        ),
        Say(
            "按新建计：已建、已核准设施的占地不因其已通过的条目而算作可用；“可用”与运行结果同义",
            "counted for new works: what a built or approved facility has passed frees its ground "
            "for nothing new; usable means the same as in a run",
        ),
    ]
    if book.judgement.technology is Technology.PUMPED:
        notes.append(
            Say(
                "抽蓄只按法律计，未计地形、水头、水源与地质：可用面积不是可建库面积",
                "pumped storage is counted by law alone, without relief, head, water or geology: "
                "usable land is no land for reservoirs",
            )
        )
    if "area_cells" in book.totals:
        sums = book.totals[["lost_cells", "free_cells", "unknown_cells", "area_cells"]].sum()
        lost, free, unknown, area = (f"{int(v):,}" for v in sums)
        notes.append(
            Say(
                f"格元：失去 {lost} + 其余 {free} + 未知 {unknown} = {area}",
                f"cells: lost {lost} + free {free} + unknown {unknown} = {area}",
            )
        )
    if book.mw_per_km2 is not None:
        notes.append(
            Say(
                f"容量按 {book.mw_per_km2:.1f} MW/km²（交流，参数表）折算，不是可开发量",
                f"capacity at {book.mw_per_km2:.1f} MW/km² (AC, parameter table), no potential",
            )
        )
    if book.unscreened:
        names = [f"{rule.id} {rule.title.of(lang)}" for rule in book.unscreened]
        notes.append(
            Say(
                f"未筛查 {len(names)} 项（图层缺失，未计入失去）：" + "、".join(names),
                f"{len(names)} rules unscreened (layer absent, nothing counted): "
                + ", ".join(names),
            )
        )
    return [f"! {note.of(lang)}" for note in notes]


def adding_up(values: Sequence[float], total: float, decimals: int = _DECIMALS) -> list[float]:
    """Round values so that they sum to the rounded total (largest remainders first)."""
    scale = 10**decimals
    floors = [math.floor(value * scale) for value in values]
    left = round(total * scale) - sum(floors)
    order = sorted(range(len(values)), key=lambda i: (floors[i] - values[i] * scale, i))
    for i in order[: max(min(left, len(order)), 0)]:
        floors[i] += 1
    return [value / scale for value in floors]


def _land(area_m2: float, lang: str) -> float:
    """Return an area in the unit of the tables: 万亩, in English km²."""
    return m2_to_wan_mu(area_m2) if lang == "zh" else _km2(area_m2)


def _km2(area_m2: float) -> float:
    return area_m2 / 1e6


def _number(value: float) -> str:
    return f"{value:,.{_DECIMALS}f}"


def _indented(rows: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    return [f"  {line}" for line in aligned(rows, right[: len(rows[0])])]
