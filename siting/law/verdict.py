"""Judge patterns: the legal verdict, the technical axis, and what stays undecided.

Order (truth.md B6): prohibited > unknown > routes > limited_activity > approval >
penalty > preferred > clear. ``unbuildable`` is an axis of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from geo.errors import CatalogError, OptionError, Say
from geo.passport import Passport
from siting.law.expression import evaluate
from siting.law.patterns import PatternTable
from siting.law.rules import ROUTE_EFFECTS, WHAT_IF, Route, Rule, RuleSet
from siting.law.terms import (
    EFFECT_VERDICT,
    EFFECT_ZH,
    VERDICT_EN,
    VERDICT_ZH,
    Component,
    Effect,
    State,
    Technology,
    Verdict,
)
from siting.law.undecided import Undecided, needs_absent, undecided

__all__ = [
    "VERDICT_EN",
    "Judgement",
    "Mode",
    "State",
    "Undecided",
    "effect_text",
    "judge",
    "refuse_what_if",
    "rule_state",
]

Mode = Literal["explore", "legal"]
Bools = npt.NDArray[np.bool_]

#: Where nobody knows whether such a rule hits, the verdict is unknown; scores do not count.
_BLOCKING: Final = frozenset(
    {Effect.PROHIBITED, *ROUTE_EFFECTS, Effect.LIMITED_ACTIVITY, Effect.APPROVAL}
)


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
    exempt
        Per pattern, indices of the rules that would hit or are unknown there, but that a
        built or approved facility of this technology and component has passed.
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
    exempt: tuple[tuple[int, ...], ...]
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
        bans = [r for r in hits if r.decides and r.stated and r.effect is Effect.PROHIBITED]
        return bool(bans) and all(r.weak for r in bans)

    def text(self, pattern: int) -> Say:
        """Return the verdict as a reader sees it; clear is never said without its count."""
        verdict = Verdict(int(self.verdict[pattern]))
        if verdict is Verdict.CLEAR:
            return _joined(self.exempt_text(pattern), self.clear_text(self.exempt[pattern]))
        doubt = self.weak(pattern)
        said = Say(
            f"{VERDICT_ZH[verdict]}{'（依据待核）' if doubt else ''}",
            f"{VERDICT_EN[verdict]}{' (basis to be verified)' if doubt else ''}",
        )
        return _joined(said, *self._asides(pattern))

    def _asides(self, pattern: int) -> tuple[Say | None, ...]:
        """Return what has to be said beside a verdict that is not clear."""
        hits = (self.ruleset.rules[i] for i in self.hits[pattern])
        moot = sum(rule.decides and not rule.stated for rule in hits)
        left = self.total - self.screened
        return (
            Say(f"{moot} 项是否适用未写明", f"{moot} rules do not say whether they apply")
            if moot
            else None,
            self.exempt_text(pattern),
            Say(f"未筛查 {left} 项", f"{left} unscreened") if left else None,
            WHAT_IF if self.ruleset.what_if else None,
        )

    def exempt_text(self, pattern: int) -> Say | None:
        """Return what a facility at this place need not fulfil any more, None without one."""
        n = len(self.exempt[pattern])
        if n == 0:
            return None
        return Say(
            f"已建/已核准设施，免于 {n} 项",
            f"built or approved facility, exempt from {n} rule{'s' if n > 1 else ''}",
        )

    def clear_text(self, exempt: tuple[int, ...] = ()) -> Say:
        """Return what ``clear`` means in this run, and where the table does not reach its day.

        Parameters
        ----------
        exempt
            Rules that are left out of the count because a facility has passed them.
        """
        if self.total == 0:
            return Say(
                "法律未筛查（没有规则表），红线未筛查",
                "law unscreened (no rule table), red line unscreened",
            )
        passed = [i for i in exempt if _takes_part(self.ruleset.rules[i])]
        total = self.total - len(passed)
        screened = self.screened - len(set(passed) - set(self.unscreened))
        rest = Say("其余", "other ") if passed else Say("", "")
        caveat = self.ruleset.caveat()
        return Say(
            f"{rest.zh}已筛查的 {screened}/{total} 项未触及"
            + (f"（{caveat.zh}）" if caveat else ""),
            f"none of the {rest.en}{screened}/{total} screened rules is touched"
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
    OptionError
        When a what-if is switched on in legal mode.
    """
    refuse_what_if(ruleset, mode)
    rules = ruleset.applicable(technology, component)
    state = np.zeros((table.n, len(rules)), np.uint8)
    for column, i in enumerate(rules):
        states = rule_state(table, ruleset.rules[i])
        passed = table.exempt(ruleset.rules[i].id, technology, component, ruleset.as_of)
        states[(states != State.CLEAR) & passed] = State.EXEMPT
        state[:, column] = states
    legal = [i for i in rules if _takes_part(ruleset.rules[i])]
    verdict = np.full(table.n, Verdict.CLEAR, np.uint8)
    if not legal and mode == "legal":
        verdict[:] = Verdict.UNKNOWN
    unbuildable = np.zeros(table.n, bool)
    technical_unknown = np.zeros(table.n, bool)
    for column, i in enumerate(rules):
        rule, states = ruleset.rules[i], state[:, column]
        if rule.technical:
            unbuildable |= states == State.HIT
            technical_unknown |= states == State.UNCOVERED
        elif rule.decides:
            _decide(verdict, rule, states, mode)
    unscreened = tuple(i for i in rules if needs_absent(table, ruleset.rules[i]))
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
        _listed(state, rules, State.HIT),
        _listed(state, rules, State.EXEMPT),
        unscreened,
        len(legal) - len(set(legal) & set(unscreened)),
        len(legal),
        undecided(table, ruleset, rules, state, has_law=bool(legal)),
        table.passport,
    )


def refuse_what_if(ruleset: RuleSet, mode: Mode) -> None:
    """Raise :class:`OptionError` when a what-if is switched on in legal mode."""
    if mode == "legal" and ruleset.what_if:
        raise OptionError(
            f"what-if {', '.join(ruleset.what_if)}",
            Say("假设情景不是法律，legal 模式不接受", "is no law and has no place in legal mode"),
            Say("去掉该情景，或用 explore 模式", "leave it out, or use explore mode"),
        )


def _takes_part(rule: Rule) -> bool:
    """Return whether a rule takes part in the legal verdict."""
    return rule.decides and not rule.technical


def _decide(
    verdict: npt.NDArray[np.uint8], rule: Rule, states: npt.NDArray[np.uint8], mode: Mode
) -> None:
    """Let one rule of law worsen the verdict of each pattern."""
    to = EFFECT_VERDICT[rule.effect] if rule.stated else Verdict.UNKNOWN
    _worsen(verdict, states == State.HIT, to)
    if rule.effect in _BLOCKING:
        unknown = states == State.UNCOVERED
        if mode == "legal":
            unknown |= states == State.UNSCREENED
        _worsen(verdict, unknown, Verdict.UNKNOWN)


def _listed(
    state: npt.NDArray[np.uint8], rules: tuple[int, ...], wanted: State
) -> tuple[tuple[int, ...], ...]:
    """Return, per pattern, the rules in a state."""
    here = state == wanted
    if not here.any():
        return ((),) * len(state)
    indices = np.array(rules, dtype=np.int64)
    return tuple(tuple(indices[row].tolist()) for row in here)


def _joined(*parts: Say | None) -> Say:
    said = [part for part in parts if part is not None]
    return Say("；".join(part.zh for part in said), "; ".join(part.en for part in said))


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
