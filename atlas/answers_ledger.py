"""What ``shiyan ledger`` prints: land by county and rule, and that it adds up."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.answers_law import Answer, chosen, rules_of
from atlas.options import Options
from atlas.scene import read_scene
from atlas.stages import Stages
from atlas.tables import write_table_csv
from atlas.text import aligned
from geo.crs import cell_areas
from geo.errors import Say, UndecidedError
from geo.publish import replacing
from geo.units import m2_to_wan_mu, mw_to_wan_kw
from siting.law.answer import DEMO_PREFIX
from siting.law.answer_text import banner, component_name
from siting.law.ledger import AREAS, Ledger, ledger, of_county
from siting.law.screening import pattern_table, screen
from siting.law.terms import COMPONENTS, EFFECT_ZH, TECHNOLOGY_ZH, Effect, Technology
from siting.law.verdict import Undecided, judge

SCHEMA: Final = "shiyan-atlas/ledger/1"
#: Decimals of printed areas, in 万亩 and km².
_DECIMALS: Final = 2
_PARTS: Final = ("lost", "free", "unknown")
#: Layers whose rules stand in a ledger without their name.
_RESTRICTED: Final = frozenset({"military", "military_clearance"})
_WITHHELD: Final = Say("原因不公开（涉密不显示）", "reason withheld (restricted layer)")
_BLOCKS: Final = {
    "law": Say("法律", "law"),
    "technical": Say("技术限值（非法律）", "technical limits (no law)"),
}
_HEADS: Final = {
    "county": "县市区", "rule_id": "规则", "title": "名称", "effect": "后果", "block": "类别",
    "total_m2": "占用（m²）", "alone_m2": "单独占用（m²）", "shared_m2": "共同占用（m²）",
    "share_m2": "分摊（m²）", "routes_m2": "须走程序（m²）", "unknown_m2": "未知（m²）",
    "synthetic": "演示（无法律意义）",
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What the user asked of the ledger.

    Parameters
    ----------
    off
        Ids of rules to switch off.
    """

    technology: str = "pv"
    component: str | None = None
    county: str | None = None
    off: tuple[str, ...] = ()
    routes_lost: bool = False
    csv: Path | None = None


def ledger_answer(
    options: Options, wanted: Wanted, stages: Stages
) -> tuple[Answer, tuple[Undecided, ...]]:
    """Screen the region, print its ledger, and return what legal mode cannot decide."""
    technology = Technology(wanted.technology)
    component = (chosen(technology, wanted.component) or COMPONENTS[technology])[0]
    scene = read_scene(options, stages)
    ruleset = rules_of(options, scene.region)
    with stages.stage("筛查"):
        screening = screen(scene.stack, ruleset)
        table = pattern_table(screening, scene.zones, cell_areas(scene.grid))
    with stages.stage("台账"):
        judged = judge(table, ruleset, technology, component, options.mode)
        counties = [str(name) for name in scene.region.counties["name"]]
        book = ledger(
            table, judged, counties, density(technology),
            routes_lost=wanted.routes_lost, off=wanted.off, zones=scene.zones,
        )  # fmt: skip
        if wanted.county is not None:
            book = of_county(book, wanted.county)
        book = withheld(book)
    if wanted.csv is not None:
        write_csv(wanted.csv, book)
    return (as_dict(book, options.lang), as_lines(book, options.lang)), judged.undecided


def check_decided(options: Options, undecided: Collection[Undecided]) -> None:
    """Raise :class:`UndecidedError` when legal mode could not decide."""
    if options.mode == "legal" and undecided:
        texts = list(dict.fromkeys(one.text for one in undecided))
        raise UndecidedError(
            str(options.data),
            Say(
                f"合法性模式下有 {len(texts)} 项不能判定：" + "；".join(t.zh for t in texts),
                f"legal mode cannot decide {len(texts)} points: " + "; ".join(t.en for t in texts),
            ),
            Say("补齐这些图层或核实依据", "bring these layers or verify the evidence"),
        )


def density(technology: Technology) -> float | None:
    """Return the shipped capacity density, None where land has none. [MW/km²]."""
    if technology is Technology.PV:
        from siting.pv.energy import mw_per_km2
        from siting.pv.sites import parameters

        return mw_per_km2(parameters({}))
    if technology is Technology.WIND:
        from siting.wind import sites as wind

        return wind.mw_per_km2(wind.parameters({}))
    return None


def withheld(book: Ledger) -> Ledger:
    """Return the ledger without the names of rules that read a restricted layer."""
    predicates = book.judgement.ruleset.predicates
    for rule in book.causes.rules:
        if _RESTRICTED & {predicates[name].layer for name in rule.expression.names()}:
            rows = book.frame["rule_id"] == rule.id
            book.frame.loc[rows, ["rule_id", "title"]] = ["—", _WITHHELD.zh]
    return book


def as_dict(book: Ledger, lang: str) -> dict[str, Any]:
    """Return the ledger as plain data, areas in m2."""
    judged = book.judgement
    rules, whole = book.whole()
    return {
        "schema": SCHEMA,
        "technology": judged.technology.value,
        "component": judged.component.value,
        "as_of": judged.ruleset.as_of.isoformat(),
        "mode": judged.mode,
        "what_if": list(judged.ruleset.what_if),
        "off": list(book.off),
        "routes_lost": book.routes_lost,
        "synthetic": book.passport.synthetic,
        "mw_per_km2": book.mw_per_km2,
        "whole": whole.to_dict("records")[0],
        "rules": rules.to_dict("records"),
        "counties": book.totals.to_dict("records"),
        "rules_by_county": book.frame.to_dict("records"),
        "unscreened": [{"id": r.id, "title": r.title.of(lang)} for r in book.unscreened],
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
    """Return lost, free, unknown, their sum and routes by county, as every table prints them.

    Parts sum to the county and counties to the region, to the last printed digit.
    """
    rows = book.totals.to_dict("records")
    areas = [unit(row["area_m2"]) for row in rows]
    out = []
    for row, area in zip(rows, adding_up(areas, math.fsum(areas)), strict=True):
        parts = adding_up([unit(row[f"{name}_m2"]) for name in _PARTS], area)
        out.append([*parts, area, round(unit(row["routes_m2"]), _DECIMALS)])
    return np.array(out)


def _rule_table(book: Ledger, lang: str, lost: float) -> list[str]:
    zh = lang == "zh"
    rules, _ = book.whole()
    shown = rules[(rules[["total_m2", "routes_m2", "unknown_m2"]] > 0).any(axis=1)]
    shown = shown.sort_values(["block", "share_m2", "rule_id"], ascending=[True, False, True])
    shares = adding_up([_land(v, lang) for v in shown["share_m2"]], lost)
    names = {rule.id: rule.title.of(lang) for rule in book.causes.rules}
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
        rows.append(
            [
                f"{row['rule_id']} {names.get(str(row['rule_id']), row['title'])}",
                EFFECT_ZH[Effect(effect)] if zh else effect.replace("_", " "),
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
    route = Say("　其中须走程序", "  of which by a route only")
    unknown = Say("未知（无数据）", "unknown (no data)")
    whole = Say("合计 = 县域面积", "sum = area of the counties")
    order = [(lost, 0), (Say("可用", "free"), 1), (unknown, 2), (whole, 3)]
    order.insert(1 if book.routes_lost else 2, (route, 4))
    rows = [["", "万亩", "km²"]]
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
    heads = ["县市区", "失去", "可用", "未知", "合计", "其中须走程序"]
    if lang == "en":
        heads = ["county", "lost", "free", "unknown", "sum", "by a route only"]
    names = [*book.counties, Say("合计", "sum").of(lang)]
    values = [*figures, figures.sum(axis=0)]
    rows = [heads]
    for name, line in zip(names, values, strict=True):
        rows.append([name, *(_number(float(value)) for value in line)])
    unit = "万亩" if lang == "zh" else "km²"
    title = Say(f"各县市区（{unit}）", f"counties ({unit})").of(lang)
    return [title, *_indented(rows, (False, *[True] * 5))]


def _notes(book: Ledger, lang: str) -> list[str]:
    notes = [
        Say(
            "面积为格元椭球面积；每块失去的土地由占用它的各条规则平分（Shapley 分摊），"
            "末位按最大余数取整，各行之和即合计",
            "areas are ellipsoidal areas of cells; each lost cell is split equally among the rules "
            "that take it (Shapley share); last digits are rounded so that rows add up",
        )
    ]
    if "area_cells" in book.totals:
        sums = book.totals[["lost_cells", "free_cells", "unknown_cells", "area_cells"]].sum()
        lost, free, unknown, area = (f"{int(v):,}" for v in sums)
        notes.append(
            Say(
                f"格元：失去 {lost} + 可用 {free} + 未知 {unknown} = {area}",
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


def write_csv(path: Path, book: Ledger) -> None:
    """Write county x rule in whole m2, with closing rows: 分摊 adds up to the county's area."""
    closing = {"free": "可用", "unknown": "未知", "area": "合计（县域面积）"}
    tables = []
    for county, row in zip(book.counties, book.totals.to_dict("records"), strict=True):
        area = round(row["area_m2"])
        lost, free, unknown = adding_up([row[f"{name}_m2"] for name in _PARTS], area, 0)
        rules = book.frame[book.frame["county"] == county].copy()
        rules["share_m2"] = adding_up(list(rules["share_m2"]), lost, 0)
        for name in ("total_m2", "alone_m2", "routes_m2", "unknown_m2"):
            rules[name] = rules[name].round()
        rules["shared_m2"] = rules["total_m2"] - rules["alone_m2"]
        for name in AREAS:
            rules[name] = rules[name].astype("Int64")
        ends = zip(closing.values(), (free, unknown, area), strict=True)
        extra = [
            {"county": county, "title": title, "block": "balance", "share_m2": int(value)}
            for title, value in ends
        ]
        tables += [rules, pd.DataFrame(extra).astype({"share_m2": "Int64"})]
    table = pd.concat(tables, ignore_index=True)
    table["synthetic"] = "是" if book.passport.synthetic else "否"
    table = table[list(_HEADS)].rename(columns=_HEADS)
    with replacing(path) as part:
        write_table_csv(part, table)
