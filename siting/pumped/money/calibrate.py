"""The one fitted factor: the level at which the formula meets the published plants.

    ln scale = mean of ln(published static cost / cost at scale 1) over the plants that fit

One number from five plants leaves four degrees of freedom; how the cost divides among parts,
and how it follows head apart from power, is not validated by so few (priors).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from geo.errors import Say
from siting.pumped.money.anchors import Anchor, design_of, load_anchors, priors_of
from siting.pumped.money.formula import Values, cost_of, values_of
from siting.sites.params import Params

#: Factors that the fit determines.
FITTED: Final = 1


@dataclass(frozen=True, slots=True)
class AnchorRow:
    """A published plant beside what the formula says of it.

    Parameters
    ----------
    anchor
        The plant and what is published of it.
    published
        Cost as published, of the kind that the anchor names. [元/kW]
    static
        The same as static investment. [元/kW]
    predicted
        Static cost by the formula; NaN for a bound or a plant that cannot be computed. [元/kW]
    low, high
        Least and largest prediction over the range of heads of a bound, else NaN. [元/kW]
    residual
        predicted / static - 1. [-]
    left_out
        The same with the plant left out of the fit; NaN when it is not in it. [-]
    verdict
        What follows, as a reader sees it.
    """

    anchor: Anchor
    published: float
    static: float
    predicted: float
    low: float
    high: float
    residual: float
    left_out: float
    verdict: Say


@cache
def anchors() -> tuple[Anchor, ...]:
    """Return the shipped plants."""
    return load_anchors()


def fitting() -> tuple[Anchor, ...]:
    """Return the plants that enter the fit."""
    return tuple(one for one in anchors() if one.role == "fit")


def fitted_scale(
    values: Values, priors: Mapping[str, float], plants: Sequence[Anchor] | None = None
) -> float:
    """Return the level at which the formula meets the plants, in the mean of logarithms. [-].

    Parameters
    ----------
    values
        Prices; their ``scale`` is not used.
    priors
        What fills in for unpublished inputs.
    plants
        Default: :func:`fitting`.
    """
    chosen = fitting() if plants is None else plants
    plain = {**values, "scale": 1.0}
    logs = [math.log(one.static(priors) / _at(one, plain, priors)) for one in chosen]
    return math.exp(sum(logs) / len(logs))


def leave_one_out(values: Values, priors: Mapping[str, float]) -> dict[str, float]:
    """Return the level fitted without each plant in turn, by its key. [-]."""
    plants = fitting()
    return {
        one.key: fitted_scale(values, priors, [p for p in plants if p is not one]) for one in plants
    }


def degrees_of_freedom() -> int:
    """Return plants in the fit less factors fitted."""
    return len(fitting()) - FITTED


def calibration(params: Params) -> tuple[AnchorRow, ...]:
    """Return every published plant beside the formula's figure.

    Parameters
    ----------
    params
        The group ``storage_cost``.
    """
    values, priors = values_of(params), priors_of(params)
    without = leave_one_out(values, priors)
    level = params.number("scale")
    return tuple(_row(one, values, priors, without.get(one.key), level) for one in anchors())


def _row(
    one: Anchor,
    values: Values,
    priors: Mapping[str, float],
    without: float | None,
    level: float,
) -> AnchorRow:
    static = one.static(priors)
    predicted = _at(one, values, priors) if one.head_m is not None else np.nan
    low = high = np.nan
    if one.head_m is None and one.heads_m is not None:
        ends = [_of(one, head, values, priors) for head in one.heads_m]
        low, high = min(ends), max(ends)
    residual = predicted / static - 1.0
    left_out = np.nan if without is None else predicted / level * without / static - 1.0
    verdict = _verdict(static, residual, low, high, one.heads_m)
    return AnchorRow(
        one, one.published, static, predicted, low, high, residual, left_out, verdict
    )  # fmt: skip


def _verdict(
    static: float, residual: float, low: float, high: float, heads: tuple[float, float] | None
) -> Say:
    if not math.isnan(residual):
        return Say(f"残差 {residual:+.0%}", f"residual {residual:+.0%}")
    if heads is None or math.isnan(low):
        return Say("不可算：缺水头", "cannot be computed: no head")
    span = f"{heads[0]:g}—{heads[1]:g} m"
    inside = low <= static <= high
    where = "在内" if inside else "在外"
    return Say(
        f"水头 {span} 时为 {low:,.0f}—{high:,.0f}，公布值（折静态 {static:,.0f}）{where}",
        f"{low:,.0f}-{high:,.0f} at heads of {span.replace('—', '-')}: the published figure "
        f"({static:,.0f} as static) is {'within' if inside else 'outside'}",
    )


def _at(one: Anchor, values: Values, priors: Mapping[str, float]) -> float:
    return _of(one, np.nan if one.head_m is None else one.head_m, values, priors)


def _of(one: Anchor, head: float, values: Values, priors: Mapping[str, float]) -> float:
    return float(cost_of(design_of(one, head, priors), values))
