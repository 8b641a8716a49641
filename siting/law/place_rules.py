"""Rules and verdicts of one component on a piece of land, with their areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from siting.law.findings import DEMO_PREFIX, frees
from siting.law.patterns import PatternTable
from siting.law.rules import Rule
from siting.law.terms import VERDICT_ZH, Component, State, Verdict
from siting.law.verdict import VERDICT_EN, Judgement


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """One rule on a piece of land, in one state.

    Parameters
    ----------
    area_m2
        Land of the cells in that state. [m2]
    layers
        Names of the layers that the rule asks.
    """

    rule: Rule
    state: State
    area_m2: float
    layers: tuple[str, ...]
    frees: Say


@dataclass(frozen=True, slots=True)
class PlaceComponent:
    """Verdicts of one component on a piece of land.

    Parameters
    ----------
    verdict
        The most severe one on any cell.
    areas_m2
        Land by verdict; sums to the land. [m2]
    unbuildable_m2, technical_unknown_m2
        Land that a technical limit bars, or that has no data for one. [m2]
    """

    component: Component
    verdict: Verdict
    text: Say
    areas_m2: Mapping[Verdict, float]
    unbuildable_m2: float
    technical_unknown_m2: float
    rules: tuple[PlaceRule, ...]
    screened: int
    total: int


def of_component(
    table: PatternTable, judgement: Judgement, new: Judgement | None = None
) -> PlaceComponent:
    """Return verdicts and rules of one component over a table of one zone.

    Parameters
    ----------
    new
        The same judged as new works, where a facility stands on some of the land.
    """
    area = table.area_m2[1]
    areas = {
        verdict: float(area[judgement.verdict == verdict].sum())
        for verdict in Verdict
        if (judgement.verdict == verdict).any()
    }
    worst = min(areas)
    text = _text(worst, judgement, synthetic=table.passport.synthetic)
    if new is not None:
        said = _text(Verdict(int(new.verdict.min())), new, synthetic=False)
        text = Say(
            f"{text.zh}；其中有已建或已核准设施的占地，新建或扩建：{said.zh}",
            f"{text.en}; a built or approved facility stands on it, new works: {said.en}",
        )
    rules = [
        found
        for column, i in enumerate(judgement.rules)
        for found in _states(table, judgement.ruleset.rules[i], judgement.state[:, column])
    ]
    rules.sort(key=lambda one: (one.state != State.HIT, -one.area_m2, one.rule.id))
    return PlaceComponent(
        judgement.component,
        worst,
        text,
        areas,
        float(area[judgement.unbuildable].sum()),
        float(area[judgement.technical_unknown].sum()),
        tuple(rules),
        judgement.screened,
        judgement.total,
    )


def _states(table: PatternTable, rule: Rule, states: npt.NDArray[np.uint8]) -> list[PlaceRule]:
    bits = table.bits
    names = rule.expression.names()
    bound = {name: bits.predicates[bits.bit_of[name]] for name in names}
    layers = tuple(dict.fromkeys(one.source_layer for one in bound.values()))
    return [
        PlaceRule(
            rule,
            state,
            float(table.area_m2[1, states == state].sum()),
            layers,
            frees(rule, bound),
        )
        for state in State
        if state != State.CLEAR and (states == state).any()
    ]


def _text(worst: Verdict, judgement: Judgement, *, synthetic: bool) -> Say:
    text = judgement.clear_text(bare=judgement.bare())
    if worst is not Verdict.CLEAR and judgement.total:
        left = judgement.total - judgement.screened
        worst_here = np.flatnonzero(judgement.verdict == worst).tolist()
        doubt = all(judgement.weak(pattern) for pattern in worst_here)
        text = Say(
            f"{VERDICT_ZH[worst]}{'（依据待核）' if doubt else ''}"
            f"{f'；未筛查 {left} 项' if left else ''}",
            f"{VERDICT_EN[worst]}{' (basis to be verified)' if doubt else ''}"
            f"{f'; {left} unscreened' if left else ''}",
        )
    return Say(DEMO_PREFIX.zh + text.zh, DEMO_PREFIX.en + text.en) if synthetic else text
