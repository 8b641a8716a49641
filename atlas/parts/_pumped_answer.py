"""What the search for storage answers: one sentence, the lines of the command, its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from atlas.parts._pumped_words import (
    LONG_RATIO,
    capacity,
    cost_band,
    demo,
    known,
    number,
    site_name,
    size_text,
    stage,
    unit_cost,
    verdict_of,
)
from atlas.text import figure
from geo.errors import Say
from siting.law.terms import Verdict

if TYPE_CHECKING:
    from atlas.part import Context
    from siting.pumped.studied import PumpedStudy

#: Rows of the table that the command prints.
PRINTED: Final = 30
#: Counts of the search that may be none without ending it.
_NO_STAGE: Final = frozenset({"existing_lakes", "failed"})


def counts(study: PumpedStudy) -> dict[str, Any]:
    """Return how many sites touch the red line, wait for it, or could not be screened."""
    line = np.asarray(study.law.redline_m2, np.float64)
    cost = study.sites["cost_yuan_per_kw"].to_numpy(np.float64) if len(study.sites) else np.empty(0)
    finite = cost[np.isfinite(cost)]
    return {
        "found": max(int(study.found.get("chosen", 0)), len(study.sites)),
        "sites": len(study.sites),
        "mw": float(study.sites["capacity_mw"].sum()) if len(study.sites) else 0.0,
        "gwh": float(study.sites["storage_gwh"].sum()) if len(study.sites) else 0.0,
        "no_redline": int((line == 0).sum()),
        "redline_unscreened": int(np.isnan(line).sum()),
        "waiting": int(np.asarray(study.law.waiting, bool).sum()),
        "prohibited": sum(one is Verdict.PROHIBITED for one in study.law.verdict),
        "cheapest": float(finite.min()) if finite.size else None,
        "cost_tenth": float(np.quantile(finite, 0.1)) if finite.size else None,
        "class_flips": int(study.sites["class_flips"].astype(bool).sum())
        if len(study.sites)
        else 0,
    }


def named_in_plan(context: Context) -> tuple[int, float]:
    """Return number and published capacity [MW] of the storage projects that the plan names."""
    plan = [s for s in context.facts.of_technology("pumped") if s.mw_counted and s.in_plan]
    return len(plan), sum(s.capacity_mw.value or 0.0 for s in plan)


def sentence(study: PumpedStudy, context: Context) -> Say:
    """Return the answer of the tab; synthetic ground says so first."""
    said = counts(study)
    if not said["sites"]:
        return _nothing(study)
    (zh_mw, zh_unit), (en_mw, en_unit) = (capacity(said["mw"], lang) for lang in ("zh", "en"))
    zh = f"在地形上找到互不重叠的抽蓄场址 {said['found']:,} 处"
    en = f"{said['found']:,} storage sites that do not overlap"
    if said["found"] > said["sites"]:
        zh, en = f"{zh}，其中最好的 {said['sites']} 处", f"{en}; the best {said['sites']}:"
    else:
        zh, en = f"{zh}，", f"{en},"
    zh, en = f"{zh}合计 {zh_mw} {zh_unit}", f"{en} {en_mw} {en_unit}"
    if said["cheapest"] is not None:
        zh += f"，最低 {unit_cost(said['cheapest'])} 元/kW"
        en += f", from {unit_cost(said['cheapest'])} CNY/kW"
    law = _law_counts(said)
    zh, en = f"{zh}；{law.zh}", f"{en}; {law.en}"
    named, megawatts = named_in_plan(context)
    if named:
        zh += f"；规划点名 {named} 处、已公布 {megawatts / 10:.1f} 万千瓦"
        en += f"; the plan names {named}, {megawatts:,.0f} MW published"
    whole = Say(zh, en)
    return demo(whole) if study.passport.synthetic else whole


def _law_counts(said: dict[str, Any]) -> Say:
    total, off, waits = said["sites"], said["no_redline"], said["waiting"]
    if said["redline_unscreened"] == total:
        return Say("红线未筛查", "red line not screened")
    zh, en = f"{off} 处不触红线、{waits} 处待调规", f"{off} touch no red line, {waits} wait for it"
    if said["prohibited"]:
        zh += f"、{said['prohibited']} 处触及禁止条目"
        en += f", {said['prohibited']} touch a prohibition"
    return Say(zh, en)


def _nothing(study: PumpedStudy) -> Say:
    """Return the empty answer with the stage of the search that left nothing."""
    stages = {name: left for name, left in study.found.items() if name not in _NO_STAGE}
    last = next((stage(name) for name, left in stages.items() if left == 0), None)
    zh, en = "没有找到满足条件的抽蓄场址", "no storage site meets the conditions"
    if last is not None:
        zh, en = f"{zh}（止于：{last.zh} 0）", f"{en} (no {last.en})"
    said = Say(zh, en)
    return demo(said) if study.passport.synthetic else said


def answers(study: PumpedStudy) -> tuple[Say, ...]:
    """Return what the command prints besides the sentence."""
    said = counts(study)
    lines = []
    if study.found:
        steps = [(stage(name), count) for name, count in study.found.items()]
        lines.append(
            Say(
                "搜索：" + " → ".join(f"{name.zh} {count:,}" for name, count in steps),
                "search: " + " -> ".join(f"{name.en} {count:,}" for name, count in steps),
            )
        )
    if said["class_flips"]:
        lines.append(
            Say(
                f"{said['class_flips']} 处的造价等级随高程误差变动（表中标 *）",
                f"the cost class of {said['class_flips']} hangs on errors of the elevation (*)",
            )
        )
    return tuple(lines)


def table(study: PumpedStudy, context: Context) -> tuple[list[list[str]], tuple[bool, ...]]:
    """Return the table of the command, heads first, and which columns stand at the right."""
    lang = context.lang
    heads = (
        Say("名次", "rank"), Say("编号", "id"), Say("名称", "name"), Say("装机 × 小时", "MW x h"),
        Say("毛水头 m", "head m"), Say("距高比", "L/H"), Say("元/kW（低-高）", "CNY/kW (band)"),
        Say("等级", "class"), Say("结论", "verdict"),
    )  # fmt: skip
    rows = [[head.of(lang) for head in heads]]
    for i, row in enumerate(study.sites.head(PRINTED).to_dict("records")):
        ratio, flips = number(row, "lh_ratio"), bool(row["class_flips"])
        cost = cost_band(row)
        verdict, _ = verdict_of(study, i, synthetic=bool(row["synthetic"]))
        rows.append(
            [
                str(int(row["rank"])),
                str(row["id"]),
                site_name(row, context),
                size_text(row, lang),
                figure(number(row, "head_m")),
                f"{figure(ratio)}{'!' if known(ratio) and ratio > LONG_RATIO else ''}",
                cost,
                f"{row['cost_class']}{'*' if flips else ''}",
                verdict.of(lang),
            ]
        )
    return rows, (True, False, False, True, True, True, True, False, False)
