"""Named projects of the plan beside what the terrain gives: figures, differences, no verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from atlas.part import Section
from atlas.parts._pumped_words import Lang, capacity, known, metric
from atlas.text import THIN, figure
from geo.errors import Say
from siting.law.terms import COORD_QUALITY_ZH

if TYPE_CHECKING:
    from atlas.part import Context
    from siting.pumped.beside_plan import PlanRow, Proposal
    from siting.pumped.studied import PumpedStudy

Block = dict[str, Any]
TITLE: Final = Say("规划点名与地形提案", "Named projects beside the terrain")
#: Said wherever the two stand side by side.
NO_VERDICT: Final = Say(
    "左为公布数字，右为地形搜索中最接近的提案；提案不是该工程的位置，点名工程不作红线判定（未筛查）。差别见下面各工程卡片。",
    "Published figures, and the nearest proposal of the search: no proposal is the project's site, "
    "and no named project is judged (not screened). Differences stand on the cards below.",
)


_IN_REPORT: Final = Say(
    "公布数字与地形搜索中最接近的提案并列；提案不是该工程的位置，点名工程不作红线判定（未筛查）。",
    "Published figures beside the nearest proposal of the search: no proposal is the project's "
    "site, and no named project is judged (not screened).",
)


def name_of(row: PlanRow, lang: str) -> str:
    """Return the project with the letter of its design."""
    name = row.name.of(lang)
    if row.design:
        name += Say(f"（方案 {row.design}）", f" (design {row.design})").of(lang)
    return name


def quality(row: PlanRow) -> Say:
    """Return what the published position is worth."""
    return Say(COORD_QUALITY_ZH[row.coord_quality], row.coord_quality.replace("_", " "))


def proposal_text(one: Proposal, lang: Lang) -> str:
    """Return size, head and levels of a proposal in one line."""
    value, unit = capacity(one.power_mw, lang)
    said = [f"{value}{THIN}{unit}"]
    if known(one.hours):
        said.append(f"{figure(one.hours, 2)}{THIN}h")
    said.append(f"{Say('平均毛水头', 'mean head').of(lang)} {one.head_m:.0f}{THIN}m")
    said.append(
        f"{Say('水位', 'levels').of(lang)} {one.upper_normal_m:.0f}/{one.lower_normal_m:.0f}{THIN}m"
    )
    said.append(f"{Say('距高比', 'L/H').of(lang)} {figure(one.lh_ratio)}")
    return Say("，", ", ").of(lang).join(said)


def proposal_name(one: Proposal, lang: str) -> str:
    """Return what a proposal is called: its name, in English its id."""
    return one.name if lang == "zh" else one.site


_SHORT: Final = ("装机", "额定水头", "上库正常蓄水位", "下库正常蓄水位")


def published_text(row: PlanRow, lang: str) -> str:
    """Return the published figures that a proposal can be held against, in one line."""
    kept = [(title, text) for title, text in row.figures if title.zh in _SHORT]
    told = [f"{title.of(lang)} {text.of(lang)}" for title, text in kept if text.zh != "未公布"]
    missing = [title.of(lang) for title, text in kept if text.zh == "未公布"]
    if missing:
        comma = Say("、", ", ").of(lang)
        told.append(f"{Say('未公布：', 'not published: ').of(lang)}{comma.join(missing)}")
    return Say("；", "; ").of(lang).join(told)


def block(study: PumpedStudy, lang: Lang) -> Block | None:
    """Return the table of the tab, None where the region names no project."""
    if not study.plan:
        return None
    heads = (
        Say("项目（坐标精度）", "project (position)"),
        Say("公布 万千瓦·水头 m", "published MW · head m"),
        Say("提案 万千瓦·水头 m", "proposal MW · head m"),
    )  # fmt: skip
    rows = []
    for one in study.plan:
        best = one.proposals[0] if one.proposals else None
        shown = "—"
        if best is not None:
            shown = _pair(best.power_mw, f"{best.head_m:.0f}", lang)
        head = next((text for title, text in one.figures if title.zh == "额定水头"), None)
        metres = "" if head is None or head.zh == "未公布" else _bare(head.zh)
        said = _pair(one.capacity_mw.value, metres, lang)
        about = Say(f"（{quality(one).zh}）", f" ({quality(one).en})").of(lang)
        rows.append([f"{name_of(one, lang)}{about}", said, shown])
    return {
        "type": "table",
        "title": TITLE.of(lang),
        "columns": [{"label": head.of(lang), "align": "left", "bar": False} for head in heads],
        "rows": rows,
        "note": NO_VERDICT.of(lang),
    }


def _pair(megawatts: float | None, head: str, lang: Lang) -> str:
    """Return capacity and head in one cell, what is not published said."""
    none = Say("未公布", "not published").of(lang)
    if megawatts is None and not head:
        return none
    power = "—" if megawatts is None else capacity(megawatts, lang)[0]
    return f"{power}\u00a0·\u00a0{head or '—'}"


def _bare(text: str) -> str:
    """Return a published head without what stands beside it, nor its unit: the column has it."""
    return text.partition("（")[0].strip().removesuffix("m").strip()


def beside(study: PumpedStudy, lang: Lang) -> dict[str, Block]:
    """Return a chapter for the card of each named project: proposals, checks, variants."""
    found: dict[str, list[PlanRow]] = {}
    for row in study.plan:
        found.setdefault(row.project, []).append(row)
    return {project: _group(rows, lang) for project, rows in found.items()}


def _group(rows: Sequence[PlanRow], lang: Lang) -> Block:
    lines: list[dict[str, str]] = []
    notes: list[str] = []
    several = len(rows) > 1
    for row in rows:
        mark = f"{Say('方案', 'design').of(lang)} {row.design} " if several else ""
        for one in row.proposals:
            differs = (
                Say("；", "; ").of(lang).join(metric(said).of(lang) for said in one.differences)
            )
            lines.append(
                {
                    "label": f"{mark}{Say('提案', 'proposal').of(lang)} {proposal_name(one, lang)}",
                    "value": proposal_text(one, lang),
                    "note": differs,
                }
            )
        notes += [
            f"{mark}{metric(said).of(lang)}" for said in (row.chosen_by, *row.checks, *row.variants)
        ]
    notes += [rows[0].position.of(lang), NO_VERDICT.of(lang)]
    count = len(lines)
    return {
        "title": Say("地形提案并列（不作判定）", "Beside the terrain (no verdict)").of(lang),
        "sum": Say(f"{count} 处", f"{count}").of(lang),
        "rows": lines,
        "notes": list(dict.fromkeys(notes)),
    }


def sheet(study: PumpedStudy) -> pd.DataFrame:
    """Return a row a design and proposal: published figures, proposal, differences."""
    rows = []
    for row in study.plan:
        head: dict[str, Any] = {
            "编号": row.project,
            "名称": row.name.zh,
            "方案": row.design,
            "坐标精度": quality(row).zh,
            "装机计入合计（1 是）": int(row.counted),
            **{f"公布：{title.zh}": text.zh for title, text in row.figures},
            "提案依据": row.chosen_by.zh,
        }
        tail = {
            "公布数字核对": "；".join(said.zh for said in row.checks),
            "并存的公布值": "；".join(said.zh for said in row.variants),
            "位置": row.position.zh,
            "红线": "未筛查",
        }
        made = [
            {
                "提案编号": one.site,
                "提案名称": one.name,
                "提案装机（MW）": one.power_mw,
                "提案小时（h）": one.hours,
                "提案蓄能量（GWh）": one.energy_gwh,
                "提案平均毛水头（m）": one.head_m,
                "提案循环水量（百万 m³）": one.volume_mm3,
                "提案距高比": one.lh_ratio,
                "提案上库正常蓄水位（m）": one.upper_normal_m,
                "提案下库正常蓄水位（m）": one.lower_normal_m,
                "差别": "；".join(said.zh for said in one.differences),
            }
            for one in row.proposals
        ]
        rows += [head | one | tail for one in made] or [head | tail]
    return pd.DataFrame(rows)


def as_json(study: PumpedStudy, lang: str) -> list[dict[str, Any]]:
    """Return the comparison for ``--json``."""
    return [
        {
            "project": row.project,
            "name": row.name.of(lang),
            "design": row.design,
            "verdict": "unscreened",
            "coord_quality": row.coord_quality,
            "counted": row.counted,
            "published": {title.of(lang): text.of(lang) for title, text in row.figures},
            "checks": [said.of(lang) for said in row.checks],
            "variants": [said.of(lang) for said in row.variants],
            "chosen_by": row.chosen_by.of(lang),
            "proposals": [
                {
                    "site": one.site,
                    "power_mw": one.power_mw,
                    "hours": one.hours if known(one.hours) else None,
                    "energy_gwh": one.energy_gwh,
                    "head_m": one.head_m,
                    "upper_normal_m": one.upper_normal_m,
                    "lower_normal_m": one.lower_normal_m,
                    "lh_ratio": one.lh_ratio,
                    "differences": [said.of(lang) for said in one.differences],
                }
                for one in row.proposals
            ],
        }
        for row in study.plan
    ]


def section(study: PumpedStudy, context: Context) -> Section | None:
    """Return the page of the report on the named projects."""
    if not study.plan:
        return None
    lang = context.lang
    heads = (
        Say("项目", "project"), Say("坐标", "position"), Say("公布", "published"),
        Say("最近的提案", "nearest proposal"), Say("差别与核对", "differences and checks"),
    )  # fmt: skip
    rows = []
    for row in study.plan:
        best = row.proposals[0] if row.proposals else None
        told = [*(best.differences if best is not None else ()), *row.checks, *row.variants]
        shown = row.chosen_by.of(lang)
        if best is not None:
            shown = f"{proposal_name(best, lang)} · {proposal_text(best, lang)}"
        rows.append(
            [
                name_of(row, lang),
                quality(row).of(lang),
                published_text(row, lang),
                shown,
                Say("；", "; ").of(lang).join(metric(said).of(lang) for said in told),
            ]
        )
    return Section(
        "pumped-plan",
        TITLE,
        (_IN_REPORT,),
        table=pd.DataFrame(rows, columns=[head.of(lang) for head in heads]),
    )
