"""Judge patterns: the legal verdict, the technical axis, and what stays undecided.

Order (truth.md B6): prohibited > unknown > routes > limited_activity > approval >
penalty > preferred > clear. ``unbuildable`` is an axis of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from geo.errors import CatalogError, Say
from geo.passport import Passport
from siting.law.expression import evaluate
from siting.law.patterns import PatternTable
from siting.law.rules import ROUTE_EFFECTS, Route, Rule, RuleSet
from siting.law.terms import (
    EFFECT_VERDICT,
    EFFECT_ZH,
    VERDICT_ZH,
    Component,
    Effect,
    Technology,
    Verdict,
)

Mode = Literal["explore", "legal"]
Bools = npt.NDArray[np.bool_]

#: Where nobody knows whether such a rule hits, the verdict is unknown; scores do not count.
_BLOCKING: Final = frozenset(
    {Effect.PROHIBITED, *ROUTE_EFFECTS, Effect.LIMITED_ACTIVITY, Effect.APPROVAL}
)
#: Legal mode ends with exit code 6 when one of these cannot be decided.
_DECISIVE: Final = frozenset({Effect.PROHIBITED, *ROUTE_EFFECTS})
VERDICT_EN: Final = {
    Verdict.PROHIBITED: "prohibited",
    Verdict.UNKNOWN: "unknown",
    Verdict.ROUTE: "red line or programme to be adjusted, or national project",
    Verdict.LIMITED_ACTIVITY: "limited activity to be certified",
    Verdict.APPROVAL: "approval needed",
    Verdict.PENALTY: "penalty",
    Verdict.PREFERRED: "preferred",
    Verdict.CLEAR: "not touched",
}


class State(IntEnum):
    """What a rule says of a pattern."""

    CLEAR = 0
    HIT = 1
    UNCOVERED = 2  # a layer exists but says nothing here
    UNSCREENED = 3  # a layer that the rule needs is absent


@dataclass(frozen=True, slots=True)
class Undecided:
    """A matter that legal mode cannot decide.

    Parameters
    ----------
    kind
        ``no_rules``, ``period`` (the day lies outside the table's claim), ``unscreened``,
        ``uncovered`` or ``evidence`` (依据待核).
    rule_id
        The rule, empty for ``no_rules`` and ``period``.
    area_m2
        Land of the region it concerns and that no rule of grade A prohibits; None where
        that cannot be told. [m2]
    """

    kind: Literal["no_rules", "period", "unscreened", "uncovered", "evidence"]
    rule_id: str
    area_m2: float | None
    text: Say


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Verdict of one component of one technology for every pattern.

    Parameters
    ----------
    verdict
        uint8 [n] of :class:`siting.law.terms.Verdict`.
    unbuildable
        bool [n]: a technical limit hits (no law).
    technical_unknown
        bool [n]: a technical limit cannot be told (e.g. no slope at the DEM's edge).
    rules
        Indices into ``ruleset.rules`` of the rules that speak of this component.
    state
        uint8 [n, len(rules)] of :class:`State`.
    hits
        Per pattern, indices into ``ruleset.rules`` that hit (grade C included: shown only).
    unscreened
        Indices of the rules that need an absent layer, wherever they would bite.
    screened, total
        Legal rules that were screened, of all that take part in the verdict.
    undecided
        What legal mode cannot decide (exit code 6); filled in both modes.
    """

    technology: Technology
    component: Component
    mode: Mode
    ruleset: RuleSet
    rules: tuple[int, ...]
    state: npt.NDArray[np.uint8]
    verdict: npt.NDArray[np.uint8]
    unbuildable: Bools
    technical_unknown: Bools
    hits: tuple[tuple[int, ...], ...]
    unscreened: tuple[int, ...]
    screened: int
    total: int
    undecided: tuple[Undecided, ...]
    passport: Passport

    def routes(self, pattern: int) -> tuple[Route, ...]:
        """Return every lawful way that the rules hitting a pattern leave, without repeats."""
        found: dict[Route, None] = {}
        for i in self.hits[pattern]:
            rule = self.ruleset.rules[i]
            if rule.decides:
                found.update(dict.fromkeys(rule.routes))
        return tuple(found)

    def weak(self, pattern: int) -> bool:
        """Return whether only weakly evidenced rules prohibit a pattern (依据待核)."""
        hits = [self.ruleset.rules[i] for i in self.hits[pattern]]
        bans = [r for r in hits if r.decides and r.effect is Effect.PROHIBITED]
        return bool(bans) and all(r.weak for r in bans)

    def text(self, pattern: int) -> Say:
        """Return the verdict as a reader sees it; clear is never said without its count."""
        verdict = Verdict(int(self.verdict[pattern]))
        if verdict is Verdict.CLEAR:
            return self.clear_text()
        doubt = self.weak(pattern)
        more_zh = f"；未筛查 {self.total - self.screened} 项" if self.screened < self.total else ""
        more_en = f"; {self.total - self.screened} unscreened" if self.screened < self.total else ""
        return Say(
            f"{VERDICT_ZH[verdict]}{'（依据待核）' if doubt else ''}{more_zh}",
            f"{VERDICT_EN[verdict]}{' (basis to be verified)' if doubt else ''}{more_en}",
        )

    def clear_text(self) -> Say:
        """Return what ``clear`` means in this run, and where the table does not reach its day."""
        if self.total == 0:
            return Say(
                "法律未筛查（没有规则表），红线未筛查",
                "law unscreened (no rule table), red line unscreened",
            )
        caveat = self.ruleset.caveat()
        return Say(
            f"已筛查的 {self.screened}/{self.total} 项未触及"
            + (f"（{caveat.zh}）" if caveat else ""),
            f"none of the {self.screened}/{self.total} screened rules is touched"
            + (f" ({caveat.en})" if caveat else ""),
        )


def judge(
    table: PatternTable,
    ruleset: RuleSet,
    technology: Technology,
    component: Component,
    mode: Mode = "explore",
) -> Judgement:
    """Judge every pattern for one component.

    Parameters
    ----------
    table
        Patterns of a screening made with any date of the same rule table.
    mode
        ``explore``: an unscreened rule leaves the verdict of the others; ``legal``: it
        makes the verdict unknown.

    Raises
    ------
    CatalogError
        When the rule set asks a predicate that the screening does not hold.
    """
    rules = ruleset.applicable(technology, component)
    state = np.zeros((table.n, len(rules)), np.uint8)
    for column, i in enumerate(rules):
        state[:, column] = rule_state(table, ruleset.rules[i])
    verdict = np.full(table.n, Verdict.CLEAR, np.uint8)
    unbuildable = np.zeros(table.n, bool)
    technical_unknown = np.zeros(table.n, bool)
    legal = [i for i in rules if not ruleset.rules[i].technical and ruleset.rules[i].decides]
    if not legal and mode == "legal":
        verdict[:] = Verdict.UNKNOWN
    for column, i in enumerate(rules):
        rule, states = ruleset.rules[i], state[:, column]
        if rule.technical:
            unbuildable |= states == State.HIT
            technical_unknown |= states == State.UNCOVERED
        elif rule.decides:
            _worsen(verdict, states == State.HIT, EFFECT_VERDICT[rule.effect])
            if rule.effect in _BLOCKING:
                unknown = states == State.UNCOVERED
                if mode == "legal":
                    unknown |= states == State.UNSCREENED
                _worsen(verdict, unknown, Verdict.UNKNOWN)
    unscreened = tuple(i for i in rules if _needs_absent(table, ruleset.rules[i]))
    indices = np.array(rules, dtype=np.int64)
    return Judgement(
        technology,
        component,
        mode,
        ruleset,
        rules,
        state,
        verdict,
        unbuildable,
        technical_unknown & ~unbuildable,
        tuple(tuple(indices[row == State.HIT].tolist()) for row in state),
        unscreened,
        len(legal) - len(set(legal) & set(unscreened)),
        len(legal),
        _undecided(table, ruleset, rules, state, bool(legal)),
        table.passport,
    )


def rule_state(table: PatternTable, rule: Rule) -> npt.NDArray[np.uint8]:
    """Return the :class:`State` of a rule in every pattern, uint8 [n].

    A rule is *uncovered* only if it stays unknown when absent layers are taken as clear:
    an absent layer alone never paints the map (design §3).
    """
    strict: dict[str, tuple[Bools, Bools]] = {}
    lenient: dict[str, tuple[Bools, Bools]] = {}
    absent = False
    for name in rule.expression.names():
        if name not in table.bits.bit_of:
            raise CatalogError(
                f"{rule.id}: {name}",
                Say("筛查中没有这个谓词", "is no predicate of this screening"),
                Say("用同一规则表重新筛查", "screen again with the same rule table"),
            )
        hit, unknown, missing = table.flags(name)
        strict[name] = (hit, np.ones_like(unknown)) if missing else (hit, unknown)
        lenient[name] = (hit, unknown)
        absent |= missing
    hit, unknown = evaluate(rule.expression, strict)
    state = np.where(hit, State.HIT, State.CLEAR).astype(np.uint8)
    if not absent:
        state[unknown] = State.UNCOVERED
        return state
    _, uncovered = evaluate(rule.expression, lenient)
    state[unknown] = State.UNSCREENED
    state[unknown & uncovered] = State.UNCOVERED
    return state


def effect_text(rule: Rule) -> Say:
    """Return the effect of a rule with its label of doubt."""
    doubt = rule.weak
    shown = "" if rule.decides else "（仅供参考，不参与判定）"
    return Say(
        f"{EFFECT_ZH[rule.effect]}{'（依据待核）' if doubt else ''}{shown}",
        f"{rule.effect.value.replace('_', ' ')}"
        f"{' (basis to be verified)' if doubt else ''}{'' if rule.decides else ' (shown only)'}",
    )


def _worsen(verdict: npt.NDArray[np.uint8], where: Bools, to: Verdict) -> None:
    np.minimum(verdict, np.uint8(to), out=verdict, where=where)


def _needs_absent(table: PatternTable, rule: Rule) -> bool:
    return any(table.bits.bit_of[name] in table.bits.unscreened for name in rule.expression.names())


def _undecided(
    table: PatternTable,
    ruleset: RuleSet,
    rules: tuple[int, ...],
    state: npt.NDArray[np.uint8],
    has_law: bool,
) -> tuple[Undecided, ...]:
    found: list[Undecided] = []
    # What law of grade A prohibits is decided, whatever else is unknown or weak there.
    open_ = np.ones(table.n, bool)
    for column, i in enumerate(rules):
        rule = ruleset.rules[i]
        if rule.effect is Effect.PROHIBITED and rule.decides and not rule.weak:
            open_ &= state[:, column] != State.HIT
    if not has_law:
        text = Say("没有规则表，法律未筛查", "there is no rule table, law is unscreened")
        found.append(Undecided("no_rules", "", None, text))
    caveat = ruleset.caveat()
    if has_law and caveat is not None:
        found.append(Undecided("period", "", None, caveat))
    for column, i in enumerate(rules):
        rule, states = ruleset.rules[i], state[:, column]
        if rule.effect not in _DECISIVE or not rule.decides:
            continue
        bare, weak = (states == State.UNCOVERED) & open_, (states == State.HIT) & open_
        name = Say(f"{rule.id} {rule.title.zh}", f"{rule.id} {rule.title.en}")
        if _needs_absent(table, rule):
            text = Say(f"{name.zh}：图层缺失，未筛查", f"{name.en}: layer absent, unscreened")
            found.append(Undecided("unscreened", rule.id, None, text))
        if bare.any():
            text = Say(f"{name.zh}：部分土地无数据", f"{name.en}: no data on part of the land")
            area = float(table.area_m2[:, bare].sum())
            found.append(Undecided("uncovered", rule.id, area, text))
        if rule.weak and weak.any():
            text = Say(f"{name.zh}：依据待核", f"{name.en}: basis to be verified")
            area = float(table.area_m2[:, weak].sum())
            found.append(Undecided("evidence", rule.id, area, text))
    return tuple(found)
