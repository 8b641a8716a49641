"""Judge patterns: the legal verdict, the technical axis, and what stays undecided.

Order (truth.md B6): prohibited > unknown > routes > limited_activity > approval >
penalty > preferred > clear. ``unbuildable`` is an axis of its own.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import CatalogError, OptionError, Say
from siting.law.expression import evaluate
from siting.law.judgement import Judgement, Mode, takes_part
from siting.law.patterns import PatternTable
from siting.law.rules import ROUTE_EFFECTS, Rule, RuleSet
from siting.law.terms import (
    EFFECT_VERDICT,
    EFFECT_ZH,
    VERDICT_EN,
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

Bools = npt.NDArray[np.bool_]

#: Where nobody knows whether such a rule hits, the verdict is unknown; scores do not count.
_BLOCKING: Final = frozenset(
    {Effect.PROHIBITED, *ROUTE_EFFECTS, Effect.LIMITED_ACTIVITY, Effect.APPROVAL}
)


def judge(
    table: PatternTable,
    ruleset: RuleSet,
    technology: Technology,
    component: Component,
    mode: Mode = "explore",
    *,
    standing: bool = True,
) -> Judgement:
    """Judge every pattern for one component.

    Parameters
    ----------
    table
        Patterns of a screening made with any date of the same rule table.
    mode
        ``explore``: an unscreened rule leaves the verdict of the others; ``legal``: it
        makes the verdict unknown.
    standing
        True: ground of a facility is judged as that of what stands there, which is exempt
        from what it has passed; False: new works everywhere, an expansion included.

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
        if standing:
            passed = table.exempt(ruleset.rules[i].id, technology, component, ruleset.as_of)
            states[(states != State.CLEAR) & passed] = State.EXEMPT
        state[:, column] = states
    legal = [i for i in rules if takes_part(ruleset.rules[i])]
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


def _decide(
    verdict: npt.NDArray[np.uint8], rule: Rule, states: npt.NDArray[np.uint8], mode: Mode
) -> None:
    """Let one rule of law worsen the verdict of each pattern."""
    to = EFFECT_VERDICT[rule.effect] if rule.stated else Verdict.UNKNOWN
    _worsen(verdict, states == State.HIT, to)
    if rule.effect in _BLOCKING or not rule.stated:
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
