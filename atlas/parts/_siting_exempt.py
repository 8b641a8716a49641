"""What stands there already: facilities and the rules that they need not pass again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from atlas.part import Context
from geo.errors import Say
from geo.grid import Grid
from geo.vector import burn
from siting.law.bits import Exemption
from siting.law.terms import COMPONENT_ZH, TECHNOLOGY_ZH, Component, Technology
from siting.law.verdict import State, rule_state
from siting.study import Study

Bools = npt.NDArray[np.bool_]
_STATUS: Final = {
    "built": Say("已建设施", "built facility"),
    "approved": Say("已核准设施", "approved facility"),
}
#: Rules that a card names; the rest is a number.
_NAMED: Final = 3


def facility_notes(study: Study, context: Context) -> dict[int, tuple[Say, ...]]:
    """Return, by pattern, the facilities that stand there and what they are exempt from.

    A facility's exemption is its own: it says nothing of another technology or component.
    """
    layer = context.stack.get("facility")
    exemptions = study.table.bits.exemptions
    if layer is None or not exemptions:
        return {}
    standing = _standing(study, exemptions)
    hits: dict[str, Bools] = {}
    found: dict[int, dict[Say, None]] = {}
    for row in layer.vector().to_dict("records"):
        for pattern in np.flatnonzero(_under(row["geometry"], study) & standing):
            text = _note(study, row, exemptions, int(pattern), hits)
            if text is not None:
                found.setdefault(int(pattern), {})[text] = None
    return {pattern: tuple(said) for pattern, said in found.items()}


def _standing(study: Study, exemptions: tuple[Exemption, ...]) -> Bools:
    """Return the patterns in which an exemption holds on the day, bool [n]."""
    where = np.zeros(study.table.n, bool)
    for one in exemptions:
        if one.since is None or one.since <= study.as_of:
            where |= study.table.ground(one)
    return where


def _under(shape: Any, study: Study) -> Bools:
    """Return the patterns of the cells whose centre a facility holds, bool [n]."""
    here = np.zeros(1 << 16, bool)
    grid = study.grid
    if shape is not None and not shape.is_empty:
        rows, cols = _window(shape.bounds, grid)
        window = grid.window(rows[0], cols[0], rows[1] - rows[0], cols[1] - cols[0])
        if window.size:
            inside = burn(gpd.GeoSeries([shape], crs=grid.crs), window) > 0
            here[study.table.index[rows[0] : rows[1], cols[0] : cols[1]][inside]] = True
    return here[: study.table.n]


def _window(
    bounds: tuple[float, float, float, float], grid: Grid
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return (first, past the last) row and column of the cells within bounds."""
    west, _, _, north = grid.bounds

    def clip(value: float, most: int) -> int:
        return min(max(math.floor(value), 0), most)

    top, bottom = (north - bounds[3]) / grid.dy, (north - bounds[1]) / grid.dy
    left, right = (bounds[0] - west) / grid.dx, (bounds[2] - west) / grid.dx
    return (
        (clip(top, grid.rows), clip(bottom + 1, grid.rows)),
        (clip(left, grid.cols), clip(right + 1, grid.cols)),
    )


def _note(
    study: Study,
    row: Mapping[str, Any],
    exemptions: tuple[Exemption, ...],
    pattern: int,
    hits: dict[str, Bools],
) -> Say | None:
    """Return what one facility is exempt from in a pattern, None where no rule would hit."""
    technology, component = Technology(row["technology"]), Component(row["component"])
    table = study.table
    passed = {
        rule
        for one in exemptions
        if (one.technology, one.component) == (technology, component)
        and (one.since is None or one.since <= study.as_of)
        and table.ground(one)[pattern]
        for rule in one.rules
    }
    titles = []
    for rule in study.ruleset.rules:
        if rule.id in passed and rule.applies(technology, component):
            if rule.id not in hits:
                hits[rule.id] = np.asarray(rule_state(table, rule) == State.HIT)
            if hits[rule.id][pattern]:
                titles.append(rule.title)
    if not titles:
        return None
    status = _STATUS.get(str(row["status"]), Say("设施", "facility"))
    kind_zh = f"{TECHNOLOGY_ZH[technology]}·{COMPONENT_ZH[component]}"
    kind_en = f"{technology.value}, {component.value.replace('_', ' ')}"
    name = Say(f"{status.zh} {row['name']}（{kind_zh}）", f"{status.en} {row['name']} ({kind_en})")
    if table.passport.synthetic:  # no clause for a real plant from an invented shape (truth A1)
        return Say(
            f"演示：{name.zh}免于其已通过的规则；演示图层不判定真实工程，逐条未筛查",
            f"demo: {name.en} is exempt from the rules that it has passed; demo layers judge no"
            " real plant, unscreened rule by rule",
        )
    zh, en = _named(titles)
    return Say(
        f"{name.zh}，免于{zh}；只对该设施有效",
        f"{name.en}, exempt from {en}; of no effect on anything else",
    )


def _named(titles: Sequence[Say]) -> tuple[str, str]:
    """Return the first titles and how many there are."""
    first, more = titles[:_NAMED], len(titles) - _NAMED
    rest_zh, rest_en = (f"等 {len(titles)} 项", f" and {more} more") if more > 0 else ("", "")
    zh, en = "".join(f"“{t.zh}”" for t in first), ", ".join(f'"{t.en}"' for t in first)
    return zh + rest_zh, en + rest_en
