"""What the search for storage answers: one sentence, the lines of the command, its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from atlas.parts._pumped_words import (
    LONG_RATIO,
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
from siting.pumped.told import FINE_CELL_M

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlas.part import Context
    from siting.pumped.studied import PumpedStudy

#: Rows of the table that the command prints.
PRINTED: Final = 30
#: Sites whose cost and head the sentence tells.
BEST: Final = 10
#: Said in the report: what sites on one lake take from each other.
SHARED: Final = Say(
    "同一已有水库的可借水量由各场址分用，按总量扣减；同一片谷地只留一处，其余列为备选。",
    "Sites on one existing lake share the water that it lends; of pairs in one valley one stays, "
    "others are its alternates.",
)
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
    """Return the answer of the tab; synthetic ground says so first.

    How many, how the red line stands to them, what the best cost, what the plan names. No sum of
    their capacity: sites that the ground allows are no supply.
    """
    said = counts(study)
    if not said["sites"]:
        return _nothing(study)
    zh = f"在地形上找到互不重叠的抽蓄场址 {said['found']:,} 处"
    en = f"{said['found']:,} storage sites that do not overlap"
    if said["found"] > said["sites"]:
        zh += f"，复核最好的 {said['sites']} 处"
        en += f", the best {said['sites']} worked out"
    parts = [Say(zh, en), _law_counts(said), best_text(study)]
    named, megawatts = named_in_plan(context)
    if named:
        parts.append(
            Say(
                f"规划点名 {named} 处、已公布 {megawatts / 10:.1f} 万千瓦",
                f"the plan names {named}, {megawatts:,.0f} MW published",
            )
        )
    told = [one for one in parts if one.zh]
    whole = Say("；".join(one.zh for one in told), "; ".join(one.en for one in told))
    return demo(whole) if study.passport.synthetic else whole


def best_text(study: PumpedStudy) -> Say:
    """Return cost and head of the first ranks, empty where no cost is known."""
    first = study.sites.head(BEST)
    cost, head = (
        (float(part.min()), float(part.max()))
        for part in (first["cost_yuan_per_kw"], first["head_m"])
    )
    if not (known(cost[0]) and known(head[0])):
        return Say("", "")
    money, metres = span(cost, unit_cost), span(head, lambda value: f"{value:.0f}")
    return Say(
        f"{top(len(first)).zh} {money} 元/kW、毛水头 {metres} m",
        f"{top(len(first)).en}: {money} CNY/kW, head {metres} m",
    )


def top(count: int) -> Say:
    """Return the first ranks in words."""
    if count == 1:
        return Say("第 1 名", "rank 1")
    return Say(f"前 {count} 名", f"ranks 1-{count}")


def span(ends: tuple[float, float], said: Callable[[float], str]) -> str:
    """Return ``low-high``, one figure where both read the same."""
    low, high = (said(end) for end in ends)
    return low if low == high else f"{low}-{high}"


def _law_counts(said: dict[str, Any]) -> Say:
    total, off, waits = said["sites"], said["no_redline"], said["waiting"]
    if said["redline_unscreened"] == total:
        return Say("红线未筛查", "red line not screened")
    touch = total - off - said["redline_unscreened"]
    zh = f"{off} 处不触红线、{touch} 处触及，{waits} 处待调规"
    en = f"{off} touch no red line, {touch} touch it, {waits} wait for it"
    if said["prohibited"]:
        zh += f"、{said['prohibited']} 处触及禁止条目"
        en += f", {said['prohibited']} touch a prohibition"
    return Say(zh, en)


def ranking() -> Say:
    """Return the rule by which sites are ranked, as :mod:`siting.pumped_study` ranks them."""
    return Say(
        "排名：按静态造价（元/kW）由低到高；超出造价等级的、待调规的、触及禁止条目的依次靠后，不删除。",
        "Ranked by static cost (CNY/kW); beyond the cost classes, waiting for the red line and "
        "prohibited come later in that order, none is dropped.",
    )


def coarse(study: PumpedStudy) -> Say:
    """Return the warning of cells that smear valleys, empty on fine ones."""
    cell = 0.0 if study.grid is None else study.grid.dx
    if cell <= FINE_CELL_M:
        return Say("", "")
    return Say(
        f"像元 {cell:g} m 偏粗，坝体、库容、造价只是粗估；选址请用 --resolution 30",
        f"cells of {cell:g} m smear valleys: dams, volumes and cost are rough; use "
        "--resolution 30 to choose sites",
    )


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
    if len(study.sites):
        lines.append(ranking())
    if said["class_flips"]:
        lines.append(
            Say(
                f"{said['class_flips']} 处的造价等级仅因高程误差就会变动（表中标 *）；"
                "单价不确定性更大，见括号内区间",
                f"the cost class of {said['class_flips']} changes by errors of the elevation alone "
                "(*); prices are less certain still: the band in brackets",
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
