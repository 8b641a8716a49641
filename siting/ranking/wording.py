"""One sentence a site: what its rank hangs on, and how far a weight must move.

The weight that a sentence names is rounded away from today's and checked by ranking anew: at
the printed figure the site has moved.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from siting.ranking.sensitivity import GROUPS, Shares
from siting.ranking.table import CriteriaTable
from siting.ranking.tipping import Tipping, reweighted

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: Digits of a printed weight; the second where the first would hide or overstate the change.
_DIGITS = (2, 3, 4)


def sentences(
    table: CriteriaTable,
    parts: Floats,
    weights: Floats,
    rank: Ints,
    shares: Shares,
    tips: Tipping,
) -> tuple[Say, ...]:
    """Return one sentence a site, in the order of the table."""
    found = []
    for i in range(table.n):
        group, tip = _group(shares, i), _tip(table, parts, weights, rank, tips, i)
        less = _unknown(table, i)
        found.append(Say(f"{group.zh}；{tip.zh}{less.zh}", f"{group.en}; {tip.en}{less.en}"))
    return tuple(found)


def _unknown(table: CriteriaTable, i: int) -> Say:
    """Return which criteria a site does not know: it scores nothing there."""
    titles = [one.title for one in table.criteria if np.isnan(one.values[i])]
    if not titles:
        return Say("", "")
    zh, en = "、".join(t.zh for t in titles), ", ".join(t.en for t in titles)
    return Say(f"；{zh}未知，按 0 分计", f"; {en} unknown, scored 0")


def _group(shares: Shares, i: int) -> Say:
    row = shares.share[i]
    if not row.any():
        return Say("全部抽样中名次不变", "the rank is the same in every draw")
    g = int(np.argmax(row))
    name = tuple(GROUPS.values())[g]
    return Say(
        f"名次主要取决于{name.zh}（占名次方差 {row[g]:.0%}）",
        f"the rank hangs mainly on {name.en} ({row[g]:.0%} of its variance)",
    )


def _tip(
    table: CriteriaTable, parts: Floats, weights: Floats, rank: Ints, tips: Tipping, i: int
) -> Say:
    if tips.top_key[i] >= 0:
        j, to, top = int(tips.top_key[i]), float(tips.top_weight[i]), tips.top
        inside = bool(rank[i] <= top)

        def crossed(value: float) -> bool:
            score = parts @ reweighted(weights, j, value)
            return bool((score > score[i]).sum() >= top) == inside

        move = _move(table.criteria[j].title, float(weights[j]), to, crossed)
        if inside:
            return Say(f"{move.zh}即跌出前 {top}", f"{move.en} takes it out of the top {top}")
        return Say(f"{move.zh}即进入前 {top}", f"{move.en} takes it into the top {top}")
    if tips.swap_key[i] >= 0:
        j, other = int(tips.swap_key[i]), int(tips.swap_with[i])
        gap = parts[i] - parts[other]
        behind = bool(rank[i] > rank[other])

        def swapped(value: float) -> bool:
            lead = float(gap @ reweighted(weights, j, value))
            return lead > 0 if behind else lead < 0

        to = float(tips.swap_weight[i])
        move = _move(table.criteria[j].title, float(weights[j]), to, swapped)
        place = int(rank[other])
        return Say(
            f"{move.zh}即与第 {place} 名互换", f"{move.en} makes it change places with rank {place}"
        )
    return Say(
        "任一权重单独变动都不改变它与相邻场址的先后",
        "no single weight changes its order with its neighbours",
    )


def _move(title: Say, now: float, to: float, holds: Callable[[float], bool]) -> Say:
    """Return how far the weight moves, in a figure at which ``holds`` is true."""
    up = to > now
    for digits in _DIGITS:
        size = 10**digits
        shown = (floor(to * size) + 1 if up else ceil(to * size) - 1) / size
        was = f"{now:.{digits}f}"
        seen = f"{shown:.{digits}f}"
        if 0 <= shown <= 1 and was != seen and abs(shown - to) <= abs(to - now) and holds(shown):
            return Say(
                f"{title.zh}的权重由 {was} {'升' if up else '降'}到 {seen} ",
                f"{'raising' if up else 'lowering'} the weight of {title.en} from {was} to {seen}",
            )
    return Say(
        f"{title.zh}的权重自 {now:.2f} 略{'升' if up else '降'}",
        f"slightly {'raising' if up else 'lowering'} the weight of {title.en} from {now:.2f}",
    )
