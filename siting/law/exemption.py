"""Built and approved facilities: what already stands need not pass again what it has passed.

A facility names its technology and component, and either the rules that it has passed or
the day of its approval: then it has passed the rules of law in force that day. A rule that
took over from a passed one (``supersedes``) is passed with it. Whatever cannot be told
exempts nothing: another component, an expansion beyond the facility's ground, an unknown
status (rules2 §2, truth.md A1).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Say, SizeError, VectorError
from geo.grid import Grid
from geo.vector import burn
from siting.law.rows import Rule
from siting.law.terms import COMPONENTS, Component, Effect, Technology

FACILITY: Final = "facility"
_COLUMNS: Final = ("technology", "component", "status", "approved", "passed")
_STATUS: Final = frozenset({"built", "approved"})
_TITLE: Final = Say("已建或已核准设施", "built or approved facilities")


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Facilities that have passed the same rules.

    Parameters
    ----------
    rules
        Ids, successors included.
    since
        Day of approval; None when the facility only lists its rules.
    geometries
        Ground of the facilities, in the CRS of the layer.
    """

    technology: Technology
    component: Component
    rules: frozenset[str]
    since: date | None
    geometries: tuple[Any, ...]


def groups(
    frame: gpd.GeoDataFrame, rules: Sequence[Rule]
) -> tuple[tuple[Group, ...], tuple[Say, ...]]:
    """Sort facilities by what they need not pass again.

    Parameters
    ----------
    frame
        Layer ``facility``.
    rules
        Every row of the rule tables, whatever its day.

    Returns
    -------
    tuple
        (groups in a fixed order, what a reader must know of facilities that exempt nothing).

    Raises
    ------
    VectorError
        When a column is missing.
    """
    for column in _COLUMNS:
        if column not in frame.columns:
            raise VectorError(
                FACILITY,
                Say(f"缺少字段 {column}", f"lacks the column {column}"),
                Say("在目录 adapter.rename 中对应该字段", "map it in the entry's adapter.rename"),
            )
    law = _Law(rules)
    told: dict[Say, int] = {}
    found: dict[tuple[Technology, Component, frozenset[str], date | None], list[Any]] = {}
    columns = [frame[name].tolist() for name in _COLUMNS]
    for shape, *cells in zip(frame.geometry, *columns, strict=True):
        facility = _facility(*(_text(cell) for cell in cells))
        if isinstance(facility, Say):
            told[facility] = told.get(facility, 0) + 1
            continue
        passed = law.passed(facility)
        for fault in law.faults(facility, passed):
            told[fault] = told.get(fault, 0) + 1
        if passed and shape is not None and not shape.is_empty:
            key = (facility.technology, facility.component, passed, facility.approved)
            found.setdefault(key, []).append(shape)
    keys = sorted(found, key=lambda k: (k[0], k[1], k[3] or date.min, sorted(k[2])))
    return (
        tuple(Group(*key, tuple(found[key])) for key in keys),
        tuple(_counted(text, n) for text, n in told.items()),
    )


def standing(
    found: Sequence[Group], crs: Any, grid: Grid
) -> tuple[npt.NDArray[np.uint16] | None, tuple[frozenset[int], ...]]:
    """Give each set of groups that stands in one cell a number, by cell centre.

    Parameters
    ----------
    crs
        CRS of the geometries.

    Returns
    -------
    tuple
        (number of each cell, uint16 (rows, cols), None without any facility; set of group
        indices by number, 0 = none).

    Raises
    ------
    CrsError
        When the facilities are in another CRS than the grid.
    SizeError
        When more than 65,535 different sets stand somewhere.
    """
    sets: dict[frozenset[int], int] = {frozenset(): 0}
    if not found:
        return None, tuple(sets)
    numbers = np.zeros(grid.shape, np.uint16)
    flat = numbers.reshape(-1)
    for i, group in enumerate(found):
        cells = np.flatnonzero(burn(gpd.GeoSeries(list(group.geometries), crs=crs), grid))
        here = flat[cells]
        known = list(sets)
        for number in np.unique(here).tolist():
            new = sets.setdefault(known[number] | {i}, len(sets))
            if new > np.iinfo(np.uint16).max:
                raise SizeError(
                    FACILITY,
                    Say("重叠的设施过多", "holds too many facilities that overlap"),
                    Say("合并同一核准的设施", "merge facilities of one approval"),
                )
            flat[cells[here == number]] = new
    return numbers, tuple(sets)


@dataclass(frozen=True, slots=True)
class _Facility:
    """One facility whose kind and status are known."""

    technology: Technology
    component: Component
    approved: date | None
    listed: tuple[str, ...]
    odd_date: bool


def _facility(technology: str, component: str, status: str, approved: str, passed: str) -> Any:
    """Return the facility, or why it exempts nothing."""
    if technology not in set(Technology):
        return Say("技术类型不明，不免任何条目", "of unknown technology exempt nothing")
    known = COMPONENTS[Technology(technology)]
    if component not in set(known):
        return Say("组成部分不明，不免任何条目", "of unknown component exempt nothing")
    if status not in _STATUS:
        return Say("状态不明，不免任何条目", "of unknown status exempt nothing")
    day: date | None = None
    with contextlib.suppress(ValueError):  # told by the caller as odd_date
        day = date.fromisoformat(approved) if approved else None
    listed = tuple(passed.split())
    odd = bool(approved) and day is None
    if day is None and not listed and not odd:
        return Say(
            "既无核准日期也未列出已通过的条目，不免任何条目",
            "with neither a day of approval nor a list of rules exempt nothing",
        )
    return _Facility(Technology(technology), Component(component), day, listed, odd)


class _Law:
    """Rows of the tables by id, and which rows took over from which."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules: Mapping[str, Rule] = {rule.id: rule for rule in rules}
        self.successors: dict[str, list[str]] = {}
        for rule in rules:
            for older in rule.supersedes:
                self.successors.setdefault(older, []).append(rule.id)

    def passed(self, facility: _Facility) -> frozenset[str]:
        """Return the ids of the rules that a facility has passed, successors included."""
        kind = (facility.technology, facility.component)
        if facility.odd_date:  # it may lie ahead of the day that is asked for
            base: list[str] = []
        elif facility.listed:
            base = [one for one in facility.listed if one in self.rules]
        elif facility.approved is not None:
            base = [
                rule.id
                for rule in self.rules.values()
                if rule.in_force(facility.approved)
                and rule.applies(*kind)
                and rule.decides
                and not rule.technical
                and not rule.scenario
            ]
        else:
            base = []
        return frozenset(
            one
            for one in self._with_successors(base)
            if self.rules[one].applies(*kind) and self.rules[one].effect is not Effect.PREFERRED
        )

    def _with_successors(self, base: Sequence[str]) -> set[str]:
        seen: set[str] = set()
        open_ = list(base)
        while open_:
            one = open_.pop()
            if one not in seen:
                seen.add(one)
                open_.extend(self.successors.get(one, ()))
        return seen

    def faults(self, facility: _Facility, passed: frozenset[str]) -> list[Say]:
        """Return what is wrong with a facility's date and list."""
        found: list[Say] = []
        if facility.odd_date:
            found.append(Say("核准日期不是 YYYY-MM-DD", "with a day of approval that is no date"))
        unknown = [one for one in facility.listed if one not in self.rules]
        if unknown:
            names = ", ".join(unknown)
            found.append(
                Say(f"列有规则表中没有的条目 {names}", f"listing rules that no table has: {names}")
            )
        if not passed:
            found.append(Say("没有可免的条目", "that have passed no rule"))
        return found


def _text(value: Any) -> str:
    """Return a cell as text, empty when missing; a day as YYYY-MM-DD."""
    if pd.isna(value):
        return ""
    return value.isoformat()[:10] if isinstance(value, date) else str(value).strip()


def _counted(text: Say, n: int) -> Say:
    return Say(f"{_TITLE.zh}：{n} 个{text.zh}", f"{_TITLE.en}: {n} {text.en}")
