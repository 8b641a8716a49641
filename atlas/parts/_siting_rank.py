"""Ranking as a reader sees it: where a site may stand, by which view, and what that hangs on.

One rank alone says more than is known: every list shows the interval over sampled weights,
thresholds, resource and price beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from atlas.part import Context
from atlas.parts._siting_found import (
    PLACE,
    column,
    criteria_of,
    known,
    number,
    ranked,
    records,
    sourced,
    text,
)
from atlas.parts._siting_words import TECH_NAME, Lang, site_name
from atlas.text import quantity
from geo.errors import Say
from siting.law.terms import TECHNOLOGY_ZH, Technology
from siting.study import Study, TechnologyStudy

Block = Mapping[str, Any]
BEST: Final = 20
_TECH_TONE: Final = {Technology.PV: "pv", Technology.WIND: "wind"}
#: View -> column of its rank and name.
VIEWS: Final[Mapping[str, tuple[str, Say]]] = {
    "equal": ("rank_equal", Say("等权", "equal")),
    "ahp": ("rank_ahp", Say("AHP", "AHP")),
    "entropy": ("rank_entropy", Say("熵权", "entropy")),
    "topsis": ("rank_topsis", Say("TOPSIS", "TOPSIS")),
    "cost": ("rank_cost", Say("按成本", "by cost")),
}


def interval(row: Mapping[str, Any]) -> str:
    """Return the rank interval of a site, ``3-17``; empty without one."""
    low, high = number(row, "rank_low"), number(row, "rank_high")
    if not (np.isfinite(low) and np.isfinite(high)):
        return ""
    return f"{low:.0f}-{high:.0f}" if low != high else f"{low:.0f}"


def rank_text(row: Mapping[str, Any], lang: Lang) -> str:
    """Return the interval as it stands in a list."""
    reach = interval(row)
    return Say(f"名次 {reach}", f"rank {reach}").of(lang) if reach else ""


def intervals_block(one: TechnologyStudy, context: Context, most: int = BEST) -> Block | None:
    """Return the rank intervals of the best sites; None without any."""
    if not known(one, "rank_low"):
        return None
    lang = context.lang
    rows = []
    for row in records(one, most):
        if not np.isfinite(number(row, "rank_low")):
            continue
        middle = number(row, "rank_median")
        rows.append(
            {
                "id": row["id"],
                "label": f"{int(row['rank'])}  {short_name(row, context)}",
                "low": number(row, "rank_low"),
                "mid": middle if np.isfinite(middle) else float(row["rank"]),
                "high": number(row, "rank_high"),
                "text": interval(row),
                "tone": _TECH_TONE[one.technology],
                "lon": row["lon"],
                "lat": row["lat"],
            }
        )
    highest = max(row["high"] for row in rows)
    name = TECH_NAME[one.technology]
    return {
        "type": "intervals",
        "title": Say(f"{name.zh}：名次有多稳", f"{name.en}: how firm the ranks are").of(lang),
        "subtitle": Say(
            f"前 {len(rows)} 处的名次区间（5%-95%，黑线为中位）；左端第 1 名，"
            f"右端第 {highest:.0f} 名，共 {len(one.sites):,} 处",
            f"rank of the best {len(rows)} (P5-P95, black = median); left end 1, right end"
            f" {highest:.0f} of {len(one.sites):,}",
        ).of(lang),
        "x": [1.0, highest],
        "rows": rows,
        "note": drawn_text(one).of(lang),
    }


def short_name(row: Mapping[str, Any], context: Context) -> str:
    """Return a name that fits beside a bar: the technology is known there."""
    name = site_name(row, context)
    if context.lang == "zh":
        return name.replace(f"{TECHNOLOGY_ZH[Technology(row['technology'])]}候选", "")
    return name.replace(f"{TECH_NAME[Technology(row['technology'])].en} candidate ", "")


def drawn_text(one: TechnologyStudy) -> Say:
    """Return what the intervals are drawn over."""
    count = _draws(one)
    times = f"{count:,.0f} 次" if count else ""
    times_en = f"{count:,.0f} draws of " if count else "drawn over "
    return Say(
        f"同时抽样权重、评分上下限、资源误差与电价{f'，{times}' if times else ''}；法律结论不抽样",
        f"{times_en}weights, thresholds, resource errors and price; the law is not sampled",
    )


def _draws(one: TechnologyStudy) -> float:
    draws = sourced(one, "rank", "draws")
    return draws.value or 0.0 if draws is not None else 0.0


def views_block(one: TechnologyStudy, context: Context, most: int = 12) -> Block | None:
    """Return the ranks of the best sites by view, side by side; None without a second view."""
    shown = [(key, head) for key, head in _views(one) if known(one, key)]
    if len(shown) < 2:
        return None
    lang = context.lang
    rows = [
        [short_name(row, context), *(_place(number(row, key)) for key, _ in shown), interval(row)]
        for row in ranked(one, most)
    ]
    heads = [(Say("场址", "site"), "left"), *((head, "right") for _, head in shown)]
    heads.append((Say("区间", "interval"), "right"))
    name = TECH_NAME[one.technology]
    return {
        "type": "table",
        "title": Say(f"{name.zh}：换一种权重", f"{name.en}: other weights, other ranks").of(lang),
        "columns": [{"label": h.of(lang), "align": a, "bar": False} for h, a in heads],
        "rows": rows,
        "note": views_text(one).of(lang),
    }


def _views(one: TechnologyStudy) -> list[tuple[str, Say]]:
    """Return column and name of every view; the user's own weights make the rank itself."""
    own = one.ranking is not None and one.ranking.main == "user"
    return [*([("rank", Say("用户", "own"))] if own else ()), *VIEWS.values()]


def _place(value: float) -> str:
    return f"{value:.0f}" if np.isfinite(value) else "—"


def views_text(one: TechnologyStudy) -> Say:
    """Return how the weights of each view came about, or why a view is absent."""
    ranking = one.ranking
    if ranking is None:
        return Say("", "")
    zh, en = [], []
    for view in ranking.views:
        said, title = view.why, view.title
        zh.append(said.zh if said.zh.startswith(title.zh) else f"{title.zh}：{said.zh}")
        en.append(said.en if said.en.startswith(title.en) else f"{title.en}: {said.en}")
    return Say("；".join(zh), "; ".join(en))


def weights_text(one: TechnologyStudy) -> Say:
    """Return the criteria behind the ranks with their weights, where these differ."""
    ranking = one.ranking
    items = [(i.title, i.weight) for i in one.result.found.scored.used]
    if ranking is not None and criteria_of(one) and ranking.views[0].weights is not None:
        weights = ranking.views[0].weights
        items = [(i.title, float(w)) for i, w in zip(criteria_of(one), weights, strict=True)]
    equal = len({weight for _, weight in items}) <= 1
    zh = "、".join(f"{t.zh}{'' if equal else f' {w:.2g}'}" for t, w in items)
    en = ", ".join(f"{t.en}{'' if equal else f' {w:.2g}'}" for t, w in items)
    return Say(
        f"{'等权' if equal else '权重'}：{zh}；名次后为 5%-95% 区间；容量为交流侧",
        f"{'equal weights' if equal else 'weights'}: {en}; ranks with their P5-P95; capacity AC",
    )


def projects_block(one: TechnologyStudy, context: Context) -> Block | None:
    """Return the named projects of the user with their place among the sites; None without."""
    lang = context.lang
    own = [row for row in records(one) if row.get("forced") is True]
    if not own:
        return None
    unscreened = Say("未筛查，不参加排名", "unscreened, not ranked")
    rows = [
        {
            "id": row["id"],
            "label": str(row["name"]) or str(row["id"]),
            "value": quantity(row["capacity_mw"], "MW"),
            "extra": rank_text(row, lang) or unscreened.of(lang),
            "lon": row["lon"],
            "lat": row["lat"],
            "tone": _TECH_TONE[one.technology],
            "rank": _place(number(row, "rank")),
        }
        for row in own
    ]
    title = Say(f"指名项目 {len(rows)} 处", f"{len(rows)} named projects")
    note = Say("用户文件给定，按原样列为场址", "from the user's file, taken as they are")
    return {"type": "ranked", "title": title.of(lang), "note": note.of(lang), "rows": rows}


def rank_rows(one: TechnologyStudy, row: Mapping[str, Any], lang: Lang) -> list[dict[str, str]]:
    """Return the rows of a card about the rank."""
    out: list[tuple[Say, str, Say]] = []
    reach = interval(row)
    if reach:
        top = number(row, "top_share")
        often = Say("", "")
        if np.isfinite(top):
            best = f"{_top(one):.0f}" if _top(one) else "N"
            share = "> 99" if 0.995 <= top < 1 else f"{100 * top:.0f}"
            often = Say(f"{share} % 的抽样进入前 {best} 名",
                        f"among the best {best} in {share} % of the draws")  # fmt: skip
        out.append((Say("名次区间", "rank interval"), reach, often))
    views = [
        f"{head.of(lang)} {number(row, key):.0f}"
        for key, head in _views(one)
        if np.isfinite(number(row, key))
    ]
    if len(views) > 1:
        out.append((Say("各权重名次", "rank by view"), " · ".join(views), Say("", "")))
    hangs = hangs_on(one, row).of(lang)
    if hangs:
        out.append((Say("名次取决于", "rank hangs on"), hangs, Say("", "")))
    return [{"label": a.of(lang), "value": b, "note": c.of(lang)} for a, b, c in out]


def _top(one: TechnologyStudy) -> float:
    top = sourced(one, "rank", "top_n")
    return top.value or 0.0 if top is not None else 0.0


def hangs_on(one: TechnologyStudy, row: Mapping[str, Any]) -> Say:
    """Return what a site's rank hangs on; empty where nothing was ranked."""
    zh = text(row, "hangs_on")
    ranking = one.ranking
    if ranking is None or ranking.sensitivity is None:
        return Say(zh, zh)
    place = int(row[PLACE])
    return ranking.sensitivity.text[place] if place >= 0 else Say("", "")


def firm_text(one: TechnologyStudy) -> Say | None:
    """Return how far the best sites' ranks may be trusted, in one sentence."""
    low, high = column(one, "rank_low"), column(one, "rank_high")
    if not np.isfinite(high).any():
        return None
    n = min(BEST, len(one.sites))
    firm = int((high[:n] <= n).sum())
    wide = float(np.median(high[:n] - low[:n]))
    return Say(
        f"前 {n} 处中 {firm} 处在 95% 的抽样里仍居前 {n} 名；名次区间中位宽 {wide:.0f} 位",
        f"{firm} of the best {n} stay among the best {n} in 95 % of the draws; the median"
        f" interval spans {wide:.0f} ranks",
    )


# ---- sheets
def intervals_sheet(study: Study) -> pd.DataFrame:
    """Return the rows of the sheet 排名区间."""
    return pd.DataFrame(
        _interval_row(one, row)
        for one in study.technologies.values()
        if known(one, "rank_low")
        for row in records(one)
    )


def _interval_row(one: TechnologyStudy, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "技术": TECHNOLOGY_ZH[one.technology],
        "编号": row["id"],
        "名称": row["name"],
        "县市区": row["county"],
        "名次": number(row, "rank"),
        "名次（等权）": number(row, "rank_equal"),
        "名次（AHP）": number(row, "rank_ahp"),
        "名次（熵权）": number(row, "rank_entropy"),
        "名次（TOPSIS）": number(row, "rank_topsis"),
        "名次（只按成本）": number(row, "rank_cost"),
        "名次 5%": number(row, "rank_low"),
        "名次中位": number(row, "rank_median"),
        "名次 95%": number(row, "rank_high"),
        "进入前列的抽样占比": number(row, "top_share"),
        "名次取决于": text(row, "hangs_on"),
    }


def weights_sheet(study: Study) -> pd.DataFrame:
    """Return the rows of the sheet 权重: a criterion a row, a view a column."""
    rows: list[dict[str, Any]] = []
    for one in study.technologies.values():
        ranking = one.ranking
        if ranking is None:
            continue
        for i, item in enumerate(criteria_of(one)):
            out: dict[str, Any] = {
                "技术": TECHNOLOGY_ZH[one.technology],
                "准则": item.title.zh,
                "键": item.key,
                "单位": item.unit,
                "0 分值": item.worst,
                "100 分值": item.best,
            }
            for view in ranking.views:
                out[f"权重：{view.title.zh}"] = (
                    float("nan") if view.weights is None else float(view.weights[i])
                )
            rows.append(out)
        ratio = {
            f"权重：{view.title.zh}": view.ratio for view in ranking.views if view.ratio is not None
        }
        if ratio:
            rows.append(
                {
                    "技术": TECHNOLOGY_ZH[one.technology],
                    "准则": "一致性比率（须 ≤ 0.10）",
                    "单位": "-",
                    **ratio,
                }
            )
    return pd.DataFrame(rows)
