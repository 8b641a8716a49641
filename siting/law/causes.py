"""Causes: which rule takes, routes or leaves unknown which pattern, rule by rule.

The verdict of a judgement is the worst of all rules; a ledger and a what-if need them
apart, so that any of them can be switched off.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from siting.law.rules import ROUTE_EFFECTS, Rule
from siting.law.terms import Effect, State, Verdict
from siting.law.verdict import Judgement

Bools = npt.NDArray[np.bool_]

#: Rules of these effects leave land unknown where nobody knows whether they hit.
_BLOCKING: Final = frozenset(
    {Effect.PROHIBITED, *ROUTE_EFFECTS, Effect.LIMITED_ACTIVITY, Effect.APPROVAL}
)


@dataclass(frozen=True, slots=True, eq=False)
class Causes:
    """What each rule does to each pattern.

    Parameters
    ----------
    rules
        Rules of grade above C that speak of the component, technical limits included.
    lose
        bool [n, rules]: the rule hits and prohibits, or makes unbuildable.
    route
        bool [n, rules]: the rule hits and leaves a route only.
    limit
        bool [n, rules]: the rule hits and leaves a list of limited activities only.
    doubt
        bool [n, rules]: nobody knows whether the rule hits, and that leaves the land unknown.
    rest
        bool [n]: unknown for a reason that is no rule of the list.
    lawless
        Legal mode: without a single legal rule all land is unknown.
    """

    rules: tuple[Rule, ...]
    lose: Bools
    route: Bools
    limit: Bools
    doubt: Bools
    rest: Bools
    lawless: bool

    @staticmethod
    def may_lose(rule: Rule) -> bool:
        """Return whether the effect of a rule can take land or leave a route only."""
        return rule.effect in {Effect.PROHIBITED, Effect.UNBUILDABLE, *ROUTE_EFFECTS}

    def columns(self, ids: Collection[str]) -> tuple[int, ...]:
        """Return the columns of rules; a rule's own id means its county rows too.

        Raises
        ------
        OptionError
            When an id is no rule of the component.
        """
        known: dict[str, set[int]] = {}
        for j, rule in enumerate(self.rules):
            known.setdefault(rule.id, set()).add(j)
            known.setdefault(rule.id.partition("@")[0], set()).add(j)
        for one in ids:
            if one not in known:
                raise OptionError(
                    one,
                    Say("不是该部件的规则", "is no rule of this component"),
                    Say(f"可用：{'、'.join(known)}", f"use any of {', '.join(known)}"),
                )
        return tuple(sorted(set().union(*(known[one] for one in ids))))

    def without(self, columns: Collection[int]) -> Causes:
        """Return the causes with some rules switched off."""
        if not columns:
            return self
        kept = np.array([j for j in range(len(self.rules)) if j not in set(columns)], np.int64)
        rules = tuple(self.rules[j] for j in kept)
        return Causes(
            rules,
            self.lose[:, kept],
            self.route[:, kept],
            self.limit[:, kept],
            self.doubt[:, kept],
            self.rest,
            self.lawless,
        )

    def taking(self, *, routes_lost: bool) -> Bools:
        """Return bool [n, rules]: the rule is a cause of the pattern's loss."""
        return self.lose | self.route if routes_lost else self.lose

    def land(self, *, routes_lost: bool) -> tuple[Bools, Bools, Bools]:
        """Return (lost, unknown, routes), each bool [n].

        ``routes`` is known land that no rule takes and that a route alone opens, whether or
        not it counts as lost.
        """
        bare: Bools = np.asarray(self.lose.any(axis=1))
        unclear: Bools = np.asarray(self.doubt.any(axis=1) | self.rest)
        if self.lawless and all(rule.technical for rule in self.rules):
            unclear = np.ones_like(unclear)
        routed: Bools = np.asarray(self.route.any(axis=1))
        lost = bare | routed if routes_lost else bare
        return lost, unclear & ~lost, routed & ~bare & ~unclear

    def usable(self) -> tuple[Bools, Bools]:
        """Return (limited, eligible), each bool [n]: what is free and needs no route, in two.

        ``eligible`` is :func:`siting.law.judgement.eligible_patterns` of the rules that are
        left: what a run calls 可用.
        """
        taken, unclear, _ = self.land(routes_lost=True)
        open_, limited = ~(taken | unclear), np.asarray(self.limit.any(axis=1))
        return open_ & limited, open_ & ~limited

    def sole(self) -> Bools:
        """Return bool [n, rules]: a rule alone keeps the pattern from being eligible."""
        bars = self.lose | self.route | self.limit | self.doubt
        return np.asarray(bars & (bars.sum(axis=1) == 1)[:, None] & ~self.rest[:, None])


def causes_of(judgement: Judgement) -> Causes:
    """Take a judgement apart.

    Parameters
    ----------
    judgement
        Of one component; a rule that a facility there is exempt from causes nothing.
    """
    every = [judgement.ruleset.rules[i] for i in judgement.rules]
    columns = [j for j, rule in enumerate(every) if rule.decides]
    rules = tuple(every[j] for j in columns)
    state = judgement.state[:, columns]
    hit, bare = state == State.HIT, state == State.UNCOVERED
    legal_mode = judgement.mode == "legal"
    lose = np.zeros(state.shape, bool)
    route = np.zeros(state.shape, bool)
    limit = np.zeros(state.shape, bool)
    doubt = np.zeros(state.shape, bool)
    for j, rule in enumerate(rules):
        if rule.technical or (rule.effect is Effect.PROHIBITED and rule.stated):
            lose[:, j] = hit[:, j]
        elif rule.effect in ROUTE_EFFECTS and rule.stated:
            route[:, j] = hit[:, j]
        elif rule.effect is Effect.LIMITED_ACTIVITY and rule.stated:
            limit[:, j] = hit[:, j]
        if rule.technical or rule.effect in _BLOCKING:
            doubt[:, j] = bare[:, j]
            if legal_mode and not rule.technical:
                doubt[:, j] |= state[:, j] == State.UNSCREENED
        if not (rule.stated or rule.technical):
            doubt[:, j] |= hit[:, j]
    lawless = legal_mode and bool(not any(not rule.technical for rule in rules))
    seen = doubt.any(axis=1)
    judged = (judgement.verdict == Verdict.UNKNOWN) | judgement.technical_unknown
    rest = judged & ~seen & ~lose.any(axis=1) & (not lawless)
    return Causes(rules, lose, route, limit, doubt, np.asarray(rest, bool), legal_mode)
