"""Cost classes in 元/kW of static investment: ours, tied to published figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import Say


@dataclass(frozen=True, slots=True)
class CostClass:
    """A class of cost.

    Parameters
    ----------
    letter
        A (cheap) to E; ``-`` = no cost known.
    limit
        Costs below it belong to the class. [元/kW]
    title
        Name as a reader sees it.
    basis
        Where the limit comes from.
    """

    letter: str
    limit: float
    title: Say
    basis: Say


#: From cheap to dear; the limits are ours (prior), each tied to a published figure.
CLASSES: Final = (
    CostClass(
        "A", 5000.0, Say("A 低于五千", "A below 5,000"),
        Say("2022 年前期项目常见区间的下限", "lower end of what projects of 2022 usually cost"),
    ),
    CostClass(
        "B", 6000.0, Say("B 五千至六千", "B 5,000-6,000"),
        Say("该区间的中点；2021 年均值 5,367 在内", "its middle; holds 5,367, the mean of 2021"),
    ),
    CostClass(
        "C", 7000.0, Say("C 六千至七千", "C 6,000-7,000"),
        Say("该区间的上限", "upper end of that range"),
    ),
    CostClass(
        "D", 9400.0, Say("D 七千至九千四", "D 7,000-9,400"),
        Say("湖北已核准的最贵项目：大悟 9,377（总投资）", "dearest of Hubei: Dawu, 9,377 (total)"),
    ),
    CostClass(
        "E", float("inf"), Say("E 九千四以上", "E 9,400 and above"),
        Say("高于湖北已公布项目", "above what is published in Hubei"),
    ),
    CostClass(
        "-", float("nan"), Say("未分级（造价未知）", "no class (cost unknown)"),
        Say("缺少必要输入", "an input that is needed is missing"),
    ),
)  # fmt: skip
#: Index of a cost that is not known.
UNKNOWN: Final = len(CLASSES) - 1
_LIMITS: Final = np.array([one.limit for one in CLASSES[:-2]])


def class_of(total: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Return the index into :data:`CLASSES` of each cost [元/kW]; NaN has no class."""
    values = np.asarray(total, np.float64)
    found = np.searchsorted(_LIMITS, values, side="right")
    return np.where(np.isnan(values), UNKNOWN, found).astype(np.uint8)
