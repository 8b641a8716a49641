"""Blocks of the tab 抽蓄 on found sites: counts, the ranked list, the search stage by stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from atlas.part import Tab
from atlas.parts import _pumped_cross as cross
from atlas.parts import _pumped_plan as plan
from atlas.parts._pumped_answer import (
    BEST,
    coarse,
    counts,
    named_in_plan,
    ranking,
    sentence,
    span,
    top,
)
from atlas.parts._pumped_map import TAB
from atlas.parts._pumped_words import (
    LONG_RATIO,
    capacity,
    number,
    short_verdict,
    site_name,
    size,
    stage,
    unit_cost,
    verdict_of,
)
from atlas.text import THIN, figure
from geo.errors import Say

if TYPE_CHECKING:
    from atlas.part import Context
    from siting.pumped.studied import PumpedStudy

Block = dict[str, Any]
#: Rows of the ranked list; the rest stands in the tables.
LISTED: Final = 60


def tab(study: PumpedStudy, context: Context) -> Tab:
    """Return the tab: its answer, then found sites, then what the plan names."""
    lang = context.lang
    blocks: list[Block] = []
    if len(study.sites):
        rough = coarse(study).of(lang)
        warned = [{"type": "note", "tone": "warn", "text": rough}] if rough else []
        blocks += [_stats(study, context), *warned, _ranked(study, context)]
    blocks += [_note(study, lang)]
    compared = plan.block(study, lang)
    if compared is not None:
        blocks.append(compared)
    beside = cross.block(study, lang)
    if beside is not None:
        blocks.append(beside)
    if study.found:
        blocks.append(_search(study, lang))
    title = Say("抽蓄", "Storage")
    return Tab(TAB, title, sentence(study, context), tuple(blocks), order=30)


def _stats(study: PumpedStudy, context: Context) -> Block:
    said, lang = counts(study), context.lang
    unscreened = said["redline_unscreened"] == said["sites"]
    line = Say(f"{said['waiting']} 处待调规", f"{said['waiting']} wait for an adjustment")
    if unscreened:
        line = Say("红线图层缺失，未筛查", "no red line layer: not screened")
    items = [
        _item(Say("找到的场址", "sites found"), f"{said['found']:,}", Say("处", ""),
              Say("互不重叠", "do not overlap") if said["found"] == said["sites"] else
              Say(f"互不重叠，复核最好的 {said['sites']} 处",
                  f"do not overlap; the best {said['sites']} worked out"), lang),
        _item(Say("不触红线", "touch no red line"),
              "—" if unscreened else f"{said['no_redline']:,}",
              Say("", "") if unscreened else Say("处", ""), line, lang),
    ]  # fmt: skip
    best = study.sites.head(BEST)["cost_yuan_per_kw"]
    if said["cheapest"] is not None:
        about = Say("元/kW，静态投资，模型推算", "CNY/kW, static, modelled")
        money = span((float(best.min()), float(best.max())), unit_cost)
        items.append(_item(Say(f"{top(len(best)).zh}造价", f"cost, {top(len(best)).en}"), money,
                           Say("", ""), about, lang))  # fmt: skip
    named, megawatts = named_in_plan(context)
    if named:
        value, unit = capacity(megawatts, lang)
        items.append(
            _item(Say("规划点名已公布", "published of the plan"), value, Say(unit, unit),
                  Say(f"{named} 处点名，均未筛查", f"{named} named, none screened"), lang)
        )  # fmt: skip
    return {"type": "stats", "items": items}


def _item(label: Say, value: str, unit: Say, note: Say, lang: str) -> dict[str, str]:
    return {"label": label.of(lang), "value": value, "unit": unit.of(lang), "note": note.of(lang)}


def _ranked(study: PumpedStudy, context: Context) -> Block:
    lang = context.lang
    rows = []
    for i, row in enumerate(study.sites.head(LISTED).to_dict("records")):
        _, tone = verdict_of(study, i, synthetic=False)
        ratio = number(row, "lh_ratio")
        long = Say("（偏大）", " (long)").of(lang) if ratio > LONG_RATIO else ""
        said = [
            f"{unit_cost(number(row, 'cost_yuan_per_kw'))}{THIN}{Say('元/kW', 'CNY/kW').of(lang)}",
            f"{Say('水头', 'head').of(lang)} {figure(number(row, 'head_m'))}{THIN}m",
            f"{Say('距高比', 'L/H').of(lang)} {figure(ratio)}{long}",
            short_verdict(study, i).of(lang),
        ]
        value, unit = size(row, lang)
        rows.append(
            {
                "id": str(row["id"]),
                "label": site_name(row, context),
                "value": f"{value}{THIN}{unit.partition(' × ')[0]}",
                "extra": " · ".join(said),
                "lon": float(row["lon"]),
                "lat": float(row["lat"]),
                "tone": tone,
                "rank": int(row["rank"]),
            }
        )
    demo = Say("演示地形，结论无法律意义。", "Demo terrain, verdicts without legal meaning. ")
    left = len(study.sites) - len(rows)
    more = (
        Say(f"其余 {left} 处见表格。", f"{left} more in the tables.") if left > 0 else Say("", "")
    )
    note = (
        (demo.of(lang) if study.passport.synthetic else "")
        + ranking().of(lang)
        + Say("", " ").of(lang)
        + more.of(lang)
    )
    title = Say("找到的抽蓄场址", "Storage sites found")
    return {"type": "ranked", "title": title.of(lang), "note": note, "rows": rows}


def _note(study: PumpedStudy, lang: str) -> Block:
    if study.rules == "anu":
        said = Say(
            "按公开图集规则的复述计算（--rules anu）：只作对照，不是权威结果。",
            "By our restatement of the atlas rules (--rules anu): a cross-check, no oracle.",
        )
        return {"type": "note", "tone": "warn", "text": said.of(lang)}
    said = Say(
        "由高程搜索的初步方案：地质、移民与接入未核查，造价为模型推算。点开一行看剖面、造价与红线。",
        "First proposals from the terrain: geology, resettlement and grid not checked, cost "
        "modelled. Open a row for section, cost and law.",
    )
    return {"type": "note", "tone": "unknown", "text": said.of(lang)}


def _search(study: PumpedStudy, lang: str) -> Block:
    """Return what was left after each stage of the search."""
    heads = (Say("搜索步骤", "stage"), Say("剩下", "left"))
    return {
        "type": "table",
        "title": Say("搜索过程", "The search").of(lang),
        "columns": [
            {"label": heads[0].of(lang), "align": "left", "bar": False},
            {"label": heads[1].of(lang), "align": "right", "bar": False},
        ],
        "rows": [[stage(name).of(lang), f"{left:,}"] for name, left in study.found.items()],
        "note": Say(
            "某一点为什么没有选上：shiyan why 经度 纬度 --tech pumped",
            "Why not here: shiyan why LON LAT --tech pumped",
        ).of(lang),
    }
