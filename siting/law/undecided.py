"""What legal mode cannot decide: absent layers, missing data, weak evidence, open questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from siting.law.overrides import Override
from siting.law.patterns import PatternTable
from siting.law.rules import ROUTE_EFFECTS, Rule, RuleSet
from siting.law.terms import EFFECT_VERDICT, Effect, State

Bools = npt.NDArray[np.bool_]
#: Legal mode ends with exit code 6 when one of these cannot be decided.
_DECISIVE: Final = frozenset({Effect.PROHIBITED, *ROUTE_EFFECTS})


@dataclass(frozen=True, slots=True)
class Undecided:
    """A matter that legal mode cannot decide.

    Parameters
    ----------
    kind
        ``no_rules``, ``period`` (the day lies outside the table's claim), ``unscreened``,
        ``uncovered``, ``evidence`` (依据待核), ``applicability`` (the instrument does not
        say whether it means this technology) or ``override`` (a county's own rule on weak
        evidence, or one milder than the law it changes, which a county cannot decide alone).
    rule_id
        The rule, empty for ``no_rules`` and ``period``.
    area_m2
        Land of the region it concerns and that no rule of grade A prohibits; None where
        that cannot be told. [m2]
    """

    kind: Literal[
        "no_rules", "period", "unscreened", "uncovered", "evidence", "applicability", "override"
    ]
    rule_id: str
    area_m2: float | None
    text: Say


def needs_absent(table: PatternTable, rule: Rule) -> bool:
    """Return whether a rule asks for a layer that is absent."""
    return any(table.bits.bit_of[name] in table.bits.unscreened for name in rule.expression.names())


def undecided(
    table: PatternTable,
    ruleset: RuleSet,
    rules: tuple[int, ...],
    state: npt.NDArray[np.uint8],
    *,
    has_law: bool,
) -> tuple[Undecided, ...]:
    """Return every open matter of one component.

    Parameters
    ----------
    rules
        Indices of the rules that speak of the component.
    state
        uint8 [n, len(rules)] of :class:`siting.law.terms.State`.
    has_law
        Whether any legal rule takes part in the verdict.
    """
    found: list[Undecided] = []
    # What law of grade A prohibits is decided, whatever else is unknown or weak there.
    open_ = np.ones(table.n, bool)
    for column, i in enumerate(rules):
        rule = ruleset.rules[i]
        if rule.effect is Effect.PROHIBITED and rule.decides and rule.stated and not rule.weak:
            open_ &= state[:, column] != State.HIT
    period = ruleset.period()
    if not has_law:
        text = Say("没有规则表，法律未筛查", "there is no rule table, law is unscreened")
        found.append(Undecided("no_rules", "", None, text))
    elif period is not None:
        found.append(Undecided("period", "", None, period))
    for column, i in enumerate(rules):
        rule = ruleset.rules[i]
        if rule.decides and (rule.effect in _DECISIVE or not rule.stated):
            found.extend(_of_rule(table, rule, state[:, column], open_))
    spoken = {ruleset.rules[i].id.partition("@")[0] for i in rules}
    law = {rule.id: rule for one in ruleset.tables for rule in one.rules}
    found.extend(
        Undecided("override", row.rule, None, ruleset.county_rules.text(row))
        for row in ruleset.overrides
        if row.rule in spoken and (row.grade != "A" or _milder(row, law[row.rule]))
    )
    return tuple(found)


def _milder(row: Override, rule: Rule) -> bool:
    """Return whether a county lets through what a rule of law holds back.

    A number that differs may do so on either side of it: it counts as milder.
    """
    if rule.technical:
        return False
    if row.effect is None:
        return True
    return EFFECT_VERDICT[row.effect] > EFFECT_VERDICT[rule.effect]


def _of_rule(
    table: PatternTable, rule: Rule, states: npt.NDArray[np.uint8], open_: Bools
) -> Iterator[Undecided]:
    """Yield the open matters of one rule."""
    bare, hit = (states == State.UNCOVERED) & open_, (states == State.HIT) & open_
    name = Say(f"{rule.id} {rule.title.zh}", f"{rule.id} {rule.title.en}")
    if needs_absent(table, rule):
        text = Say(f"{name.zh}：图层缺失，未筛查", f"{name.en}: layer absent, unscreened")
        yield Undecided("unscreened", rule.id, None, text)
    if bare.any():
        text = Say(f"{name.zh}：部分土地无数据", f"{name.en}: no data on part of the land")
        yield Undecided("uncovered", rule.id, _area(table, bare), text)
    if not hit.any():
        return
    if not rule.stated:
        text = Say(f"{name.zh}：是否适用未写明", f"{name.en}: not stated whether it applies")
        yield Undecided("applicability", rule.id, _area(table, hit), text)
    elif rule.weak:
        text = Say(f"{name.zh}：依据待核", f"{name.en}: basis to be verified")
        yield Undecided("evidence", rule.id, _area(table, hit), text)


def _area(table: PatternTable, where: Bools) -> float:
    return float(table.area_m2[:, where].sum())
