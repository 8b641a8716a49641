"""Has the stock reached the target, in which year, how likely: under every definition.

A probability is given only for years after the as-of year and after the reference
year, whose stock is an input; for a year that is over the answer is 现状推断 with
observation error (truth.md 26).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from sinks.forest.definitions import Definition, Point

F64 = npt.NDArray[np.float64]
PLAN_TARGET: Final = 4.5  # m³/亩 by 2025, plan text 十政发〔2024〕8号 (S0)
REACHED = "reached"
SHORT = "short"
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Answer:
    """Target answer under one definition.

    Parameters
    ----------
    status
        ``reached`` or ``short`` by the last published point, ``missing`` = 缺数据.
    point
        Last published point of this very definition.
    modelled
        A model gives the years after it.
    p_by
        Probability [-] of having reached the target by each year of ``years``; NaN up to
        the as-of year, and for the first year, whose stock is an input.
    median_year, year_90
        First year after the as-of year with p_by >= 0.5, >= 0.9; None = not by the last year.
    """

    definition: Definition
    status: str
    point: Point | None
    modelled: bool
    years: npt.NDArray[np.int64]
    p_by: F64
    median_year: int | None
    year_90: int | None

    def probability(self, year: int) -> float | None:
        """Return the probability for ``year``, None where none is given."""
        hit = np.flatnonzero(self.years == year)
        if not len(hit) or not np.isfinite(self.p_by[hit[0]]):
            return None
        return float(self.p_by[hit[0]])


def reach_by(density: F64, target: float) -> F64:
    """Return the share of draws that have reached ``target`` in or before each year.

    Parameters
    ----------
    density
        Draws of the density [m³/亩], shape ``(draws, years)``.
    target
        Target [m³/亩].
    """
    return np.asarray(np.maximum.accumulate(density >= target, axis=1).mean(axis=0))


def answer(
    definition: Definition,
    point: Point | None,
    years: npt.NDArray[np.int64],
    density: F64 | None,
    target: float,
    as_of: date,
) -> Answer:
    """Answer the target under one definition.

    Parameters
    ----------
    density
        Draws [m³/亩] of shape ``(draws, years)``; None when the definition is not modelled.
    """
    p_by = np.full(len(years), np.nan)
    later = years > max(as_of.year, int(years[0]))
    if density is not None:
        p_by[later] = reach_by(density, target)[later]
    status = MISSING
    if point is not None and (density is not None or point.density >= target):
        status = REACHED if point.density >= target else SHORT
    elif density is not None:
        status = REACHED if float(np.median(density[:, 0])) >= target else SHORT
    return Answer(
        definition,
        status,
        point,
        density is not None,
        years,
        p_by,
        _first(years, p_by, 0.5),
        _first(years, p_by, 0.9),
    )


def _first(years: npt.NDArray[np.int64], p_by: F64, level: float) -> int | None:
    hit = np.flatnonzero(np.nan_to_num(p_by, nan=-1.0) >= level)
    return int(years[hit[0]]) if len(hit) else None
