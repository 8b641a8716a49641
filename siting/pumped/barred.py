"""Ground that lakes must keep off, group by group, from the judgements of the components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from geo.vector import burn
from siting.law.judgement import Judgement
from siting.law.least_change import RESTRICTED
from siting.law.patterns import OUTSIDE
from siting.law.rules import Rule, RuleSet
from siting.law.terms import Component, Effect, Verdict
from siting.pumped.dams.model import Cap
from siting.pumped.lakes.model import ExistingLake
from siting.sites.ground import Ground

#: Most groups that a byte can name; the rest share the last one.
_MOST: Final = 254
TECHNICAL: Final = Say("技术限值（不可建）", "technical limit (unbuildable)")
UNKNOWN: Final = Say("图层未覆盖（未知）", "not covered by a layer (unknown)")
LAKE: Final = Say("已有水库", "existing reservoir")
OTHERS: Final = Say("其他条目", "other rules")
_ROUTES: Final = frozenset(
    {Effect.REPLAN_LINE, Effect.REPLAN_PROGRAMME, Effect.NATIONAL_PROJECT}
)  # fmt: skip


def caps_of(
    ground: Ground,
    judgements: Mapping[Component, Judgement],
    lakes: Sequence[ExistingLake],
) -> tuple[Cap, Cap]:
    """Return the ground that no new lake may reach, and that which needs a route as well.

    Parameters
    ----------
    ground
        Land of the run.
    judgements
        Of new works; those of the new upper and lower reservoir are read.
    lakes
        Existing reservoirs: a new lake never reaches one.

    Returns
    -------
    tuple of Cap
        Prohibited or unbuildable ground; the same and ground with a route or that no layer
        covers. In legal mode uncovered ground is barred in both.
    """
    new = [judgements[Component.UPPER_RESERVOIR], judgements[Component.LOWER_RESERVOIR]]
    legal = new[0].mode == "legal"
    hard = _Groups(ground.table.n)
    for one in new:
        hard.add_rules(one, Verdict.PROHIBITED, frozenset({Effect.PROHIBITED}))
        hard.add(TECHNICAL, one.unbuildable)
        if legal:
            hard.add(UNKNOWN, one.verdict == Verdict.UNKNOWN)
    soft = hard.copy()
    for one in new:
        soft.add_rules(one, Verdict.ROUTE, _ROUTES)
        soft.add(UNKNOWN, one.verdict == Verdict.UNKNOWN)
    wet = _wet(ground, lakes)
    return hard.cap(ground, wet), soft.cap(ground, wet)


def allowed_feet(ground: Ground) -> npt.NDArray[np.bool_]:
    """Return where a dam foot may stand: inside the region, bool (rows, cols)."""
    return np.asarray(ground.table.index != OUTSIDE)


def _wet(ground: Ground, lakes: Sequence[ExistingLake]) -> npt.NDArray[np.bool_]:
    shapes = [one.geometry for one in lakes if one.kind == "reservoir"]
    if not shapes:
        return np.zeros(ground.grid.shape, np.bool_)
    return burn(shapes, ground.grid).astype(np.bool_)


def _secret(rule: Rule, rules: RuleSet) -> bool:
    """Return whether a rule reads a layer that must not be read off an answer."""
    return any(
        rules.predicates[name].source_layer in RESTRICTED for name in rule.expression.names()
    )


class _Groups:
    """Group of each pattern; the first that claims a pattern keeps it."""

    def __init__(self, patterns: int) -> None:
        self.of_pattern = np.zeros(patterns, np.uint8)
        self.names: list[Say] = []

    def copy(self) -> _Groups:
        other = _Groups(self.of_pattern.size)
        other.of_pattern, other.names = self.of_pattern.copy(), list(self.names)
        return other

    def add(self, name: Say, where: npt.NDArray[np.bool_]) -> None:
        free = np.asarray(where & (self.of_pattern == 0))
        if free.any():
            self.of_pattern[free] = self._number(name)

    def add_rules(self, judgement: Judgement, verdict: Verdict, effects: frozenset[Effect]) -> None:
        """Claim the patterns of a verdict for the first of their rules with such an effect."""
        rules = judgement.ruleset.rules
        for pattern in np.flatnonzero(judgement.verdict == verdict).tolist():
            if self.of_pattern[pattern]:
                continue
            hit = [rules[i] for i in judgement.hits[pattern] if rules[i].decides]
            named = [rule for rule in hit if rule.effect in effects]
            open_ = [rule for rule in named if not _secret(rule, judgement.ruleset)]
            self.of_pattern[pattern] = self._number(open_[0].title if open_ else OTHERS)

    def cap(self, ground: Ground, wet: npt.NDArray[np.bool_]) -> Cap:
        names = [*self.names, LAKE]
        lookup = np.zeros(OUTSIDE + 1, np.uint8)
        lookup[: self.of_pattern.size] = self.of_pattern
        code = lookup[ground.table.index]
        code[wet & (code == 0)] = len(names)
        return Cap(code, tuple(names))

    def _number(self, name: Say) -> int:
        if name not in self.names:
            if len(self.names) >= _MOST - 1 and name != OTHERS:
                return self._number(OTHERS)
            self.names.append(name)
        return self.names.index(name) + 1
