"""What a judgement means for land: eligible or not, and the class it is counted under.

Every cell of the region falls into exactly one class, so the classes of a county sum to
the county. ``unbuildable`` is no law; it is counted where no prohibition and no missing
data come first (truth.md B6, B7).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Say
from siting.law.judgement import ELIGIBLE, eligible_patterns
from siting.law.patterns import PatternTable
from siting.law.predicates import SLOPE, sweep_name
from siting.law.terms import Effect, Verdict
from siting.law.verdict import Judgement, State

__all__ = [
    "LAND_CLASS",
    "LandClass",
    "SweepRow",
    "class_areas",
    "county_frame",
    "eligible_patterns",
    "land_classes",
    "slope_sweep",
]


class LandClass(IntEnum):
    """Class of a cell for one technology, in the order of the legend."""

    CLEAR = 0  # clear, preferred, penalty
    APPROVAL = 1
    LIMITED = 2  # limited activity, national project
    REPLAN = 3  # red line or programme to be adjusted
    PROHIBITED = 4
    UNBUILDABLE = 5
    UNKNOWN = 6


LAND_CLASS: Final = {
    # preferred and penalty land is touched by a rule, so "untouched" would be false here
    LandClass.CLEAR: Say("已筛查项下未见限制", "no limit in the rules screened"),
    LandClass.APPROVAL: Say("需审批", "approval needed"),
    LandClass.LIMITED: Say("国家重大项目或有限人为活动", "national project or limited activity"),
    LandClass.REPLAN: Say("须调整红线或规划", "line or programme to be adjusted"),
    LandClass.PROHIBITED: Say("禁止", "prohibited"),
    LandClass.UNBUILDABLE: Say("技术不可建", "unbuildable"),
    LandClass.UNKNOWN: Say("未知（无数据）", "unknown (no data)"),
}


def land_classes(judgement: Judgement) -> npt.NDArray[np.uint8]:
    """Return uint8 [n] of :class:`LandClass` for every pattern."""
    verdict = judgement.verdict
    out = np.full(verdict.size, LandClass.CLEAR, np.uint8)
    out[verdict == Verdict.APPROVAL] = LandClass.APPROVAL
    out[verdict == Verdict.LIMITED_ACTIVITY] = LandClass.LIMITED
    out[verdict == Verdict.ROUTE] = LandClass.LIMITED
    replan = {Effect.REPLAN_LINE, Effect.REPLAN_PROGRAMME}
    for pattern in np.flatnonzero(verdict == Verdict.ROUTE):
        if any(route.effect in replan for route in judgement.routes(int(pattern))):
            out[pattern] = LandClass.REPLAN
    out[judgement.unbuildable] = LandClass.UNBUILDABLE
    out[(verdict == Verdict.UNKNOWN) | judgement.technical_unknown] = LandClass.UNKNOWN
    out[verdict == Verdict.PROHIBITED] = LandClass.PROHIBITED
    return out


def class_areas(table: PatternTable, classes: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Return the area of each class by zone, [zones (without 0), classes]. [m²]."""
    out = np.zeros((table.area_m2.shape[0] - 1, len(LandClass)))
    for one in LandClass:
        out[:, one] = table.area_m2[1:] @ (classes == one)
    return out


def county_frame(
    names: list[str],
    areas: npt.NDArray[np.float64],
    eligible: npt.NDArray[np.float64],
    capacity: npt.NDArray[np.float64],
) -> pd.DataFrame:
    """Return one row a county and a total row.

    Parameters
    ----------
    names
        County names in the order of the zones.
    areas
        [zones, classes] of :func:`class_areas`. [m²]
    eligible
        Eligible area by zone. [m²]
    capacity
        Capacity of it, AC. [MW]

    Returns
    -------
    DataFrame
        ``county``, ``total_m2``, ``eligible_m2``, ``eligible_mw`` and one ``<class>_m2``
        column a class.
    """
    full = np.zeros((len(names), areas.shape[1]))
    full[: areas.shape[0]] = areas
    land, power = np.zeros(len(names)), np.zeros(len(names))
    land[: eligible.size], power[: capacity.size] = eligible, capacity
    frame = pd.DataFrame(
        {
            "county": names,
            "total_m2": full.sum(axis=1),
            "eligible_m2": land,
            "eligible_mw": power,
        }
    )
    for one in LandClass:
        frame[f"{one.name.lower()}_m2"] = full[:, one]
    total = frame.drop(columns="county").sum()
    return pd.concat([frame, pd.DataFrame([{"county": "合计", **total}])], ignore_index=True)


@dataclass(frozen=True, slots=True)
class SweepRow:
    """Eligible land at one slope limit.

    Parameters
    ----------
    limit_deg
        Slope limit. [°]
    area_m2
        Eligible land of the region. [m²]
    mw
        Capacity of it, AC. [MW]
    """

    limit_deg: float
    area_m2: float
    mw: float


def slope_sweep(
    table: PatternTable, judgement: Judgement, pattern_mw: npt.NDArray[np.float64]
) -> tuple[SweepRow, ...]:
    """Return eligible land for each slope limit of the run's parameters (truth.md B7).

    Only the technical limits on slope are replaced; law and other limits stay.

    Parameters
    ----------
    table, judgement
        Patterns and what the law says of them.
    pattern_mw
        Capacity of all land of each pattern, AC, shape (n,). [MW]
    """
    predicates = judgement.ruleset.predicates
    out = np.zeros(table.n, bool)
    for column, i in enumerate(judgement.rules):
        rule = judgement.ruleset.rules[i]
        layers = {predicates[name].layer for name in rule.expression.names()}
        if rule.technical and layers != {SLOPE}:
            state = judgement.state[:, column]
            out |= (state == State.HIT) | (state == State.UNCOVERED)
    lawful = np.isin(judgement.verdict, np.array(ELIGIBLE, np.uint8)) & ~out
    rows = []
    for limit in table.bits.parameters.slope_sweep_deg:
        steep, unknown, _ = table.flags(sweep_name(limit))
        free = lawful & ~steep & ~unknown
        land = float((table.area_m2[1:] @ free).sum())
        rows.append(SweepRow(limit, land, float(pattern_mw @ free)))
    return tuple(rows)
