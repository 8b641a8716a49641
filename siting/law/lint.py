"""Lint of a rule table: what the schema alone cannot see.

Run by the contract tests, and on any table that a bureau edits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import combinations
from typing import Final

from siting.law.expression import Expression
from siting.law.rows import Rule, RuleTable
from siting.law.terms import COMPONENTS, Component, Effect, Technology

_DAY: Final = timedelta(days=1)
#: Layers of plans and candidates: a row on them is a what-if, never law.
WHAT_IF_LAYERS: Final = frozenset({"plan_corridor", "zoning_unit", "national_park_candidate"})
#: Effects that deny every other one where they hold.
_SOLE: Final = frozenset({Effect.PROHIBITED, Effect.PREFERRED})


def lint(table: RuleTable, today: date) -> tuple[str, ...]:
    """Return the faults of a table, one English line each; empty when it is sound.

    Parameters
    ----------
    today
        Rules in force on this day may not cite an instrument repealed by then, and a rule
        that ended before it has a successor or says why nothing follows.
    """
    by_id = {rule.id: rule for rule in table.rules}
    followed = {other for rule in table.rules for other in rule.supersedes}
    faults: list[str] = []
    for rule in table.rules:
        faults.extend(_dates(rule))
        faults.extend(_expired(rule, followed, today))
        faults.extend(_repealed(rule, table, followed, today))
        faults.extend(_routes(rule))
        faults.extend(_scenario(rule, table))
        faults.extend(fault for other in rule.supersedes for fault in _lineage(rule, by_id[other]))
    for one, other in combinations(table.rules, 2):
        faults.extend(_contradiction(one, other))
    faults.extend(_predicates(table))
    return tuple(faults)


def warnings(table: RuleTable) -> tuple[str, ...]:
    """Return what a reader should know of a sound table: permits whose papers are not known."""
    return tuple(
        f"{rule.id}: asks for approval, no document is named"
        for rule in table.rules
        if rule.effect is Effect.APPROVAL and not rule.documents
    )


def out_of_force(rules: Iterable[Rule], day: date) -> tuple[str, ...]:
    """Return the rules that are used on ``day`` and are not law then, one line each."""
    return tuple(
        f"{rule.id}: used on {day}, "
        + (
            f"in force from {rule.valid_from}"
            if day < rule.valid_from
            else f"expired on {rule.valid_to}"
        )
        for rule in rules
        if not rule.in_force(day)
    )


def _dates(rule: Rule) -> list[str]:
    """Check that a last day rests on the rule's own term or on a clause that ends it.

    Past the term, ``ended_by`` must name one of the rule's sources (truth.md B9).
    """
    faults: list[str] = []
    if rule.issued is not None and rule.issued > rule.valid_from:
        faults.append(f"{rule.id}: in force before it was issued")
    if rule.valid_to is None:
        if rule.term_years is not None:
            faults.append(f"{rule.id}: has a term of {rule.term_years} years but no valid_to")
        return faults
    if rule.term_years is not None:
        end = _add_years(rule.valid_from, rule.term_years) - _DAY
        cited = any(source in rule.ended_by for source in rule.sources)
        if rule.valid_to > end and not cited:
            faults.append(f"{rule.id}: valid_to {rule.valid_to} is stretched past its term {end}")
    elif not rule.ended_by:
        faults.append(f"{rule.id}: valid_to without a term or a clause that ends it")
    return faults


def _expired(rule: Rule, followed: set[str], today: date) -> list[str]:
    """Check that a rule which is over has a successor, or says why nothing follows it."""
    over = rule.valid_to is not None and rule.valid_to < today
    if not over or rule.id in followed or rule.ended_by:
        return []
    return [f"{rule.id}: expired on {rule.valid_to}, nothing follows it and no reason is given"]


def _repealed(rule: Rule, table: RuleTable, followed: set[str], today: date) -> list[str]:
    """Check that a row on a repealed instrument ends with it and has a successor."""
    faults: list[str] = []
    for name, repeal in table.repealed.items():
        if name not in rule.instrument.zh and name not in rule.clause:
            continue
        if rule.valid_to is None or rule.valid_to >= repeal.on:
            faults.append(f"{rule.id}: cites {name}, repealed on {repeal.on} by {repeal.by}")
        if rule.id not in followed and repeal.on <= today:
            faults.append(f"{rule.id}: cites the repealed {name} without a successor")
    return faults


def _routes(rule: Rule) -> list[str]:
    """Check that every route says who decides, in both languages, and only once."""
    faults = [
        f"{rule.id}: the route {route.effect} does not say who decides"
        for route in rule.routes
        if not (route.body.zh.strip() and route.body.en.strip())
    ]
    if rule.effect in {Effect.APPROVAL, Effect.LIMITED_ACTIVITY} and not rule.routes:
        faults.append(f"{rule.id}: {rule.effect} without a route")
    return faults


def _scenario(rule: Rule, table: RuleTable) -> list[str]:
    """Check that what-ifs and law never share a table, and that a what-if says it is none."""
    layers = {table.predicates[name].layer for name in rule.expression.names()}
    if not rule.scenario:
        found = sorted(layers & WHAT_IF_LAYERS)
        return [f"{rule.id}: a law reads the what-if layer {name}" for name in found]
    faults: list[str] = []
    if table.complete_from is not None or any(not one.scenario for one in table.rules):
        faults.append(f"{rule.id}: a row of scenario {rule.scenario} in a table of law")
    if "法律" not in rule.note.zh + rule.instrument.zh:
        faults.append(f"{rule.id}: a what-if that does not say that it is no law")
    return faults


def _lineage(rule: Rule, older: Rule) -> list[str]:
    """Check that the older row ends before the newer begins."""
    if older.valid_to is None or older.valid_to >= rule.valid_from:
        return [f"{rule.id}: supersedes {older.id}, which is still in force on {rule.valid_from}"]
    return []


def _contradiction(one: Rule, other: Rule) -> list[str]:
    """Check two rows on the same ground for effects that deny or repeat each other.

    One instrument may not both prohibit (or prefer) and say something else of the same
    component; whatever the instrument, nothing is both prohibited and preferred. Different
    instruments may stand side by side otherwise: the most severe decides.
    """
    if (
        one.scenario != other.scenario
        or not _concurrent(one, other)
        or not _spoken_of(one) & _spoken_of(other)
        or _canonical(one.expression) != _canonical(other.expression)
    ):
        return []
    effects = {one.effect, other.effect}
    if _instrument(one) == _instrument(other):
        if len(effects) == 1:
            return [f"{one.id} and {other.id}: the same effect twice from one instrument"]
        if effects & _SOLE:
            return [f"{one.id} and {other.id}: one instrument says {_and(effects)}"]
    elif effects == _SOLE:
        return [f"{one.id} and {other.id}: the same ground is {_and(effects)}"]
    return []


def _predicates(table: RuleTable) -> list[str]:
    """Check that every predicate is used, has a unit and is asked once."""
    used = {name for rule in table.rules for name in rule.expression.names()}
    faults = [
        f"predicate {name} is used by no rule" for name in table.predicates if name not in used
    ]
    asked: dict[str, str] = {}
    for name, predicate in table.predicates.items():
        first = asked.setdefault(predicate.key(), name)
        if first != name:
            faults.append(f"predicate {name} asks the same as {first}")
        if not predicate.unit:
            faults.append(f"predicate {name} has no unit")
    return faults


def _concurrent(one: Rule, other: Rule) -> bool:
    """Return whether there is a day on which both rows are in force."""
    start = max(one.valid_from, other.valid_from)
    return one.in_force(start) and other.in_force(start)


def _spoken_of(rule: Rule) -> set[tuple[Technology, Component]]:
    """Return the components that a row speaks of."""
    return {(t, c) for t in rule.technologies for c in COMPONENTS[t] if rule.applies(t, c)}


def _instrument(rule: Rule) -> tuple[str, str]:
    """Return what makes two rows rows of one instrument."""
    return (rule.doc_no, "") if rule.doc_no else (rule.instrument.zh, rule.instrument.en)


def _canonical(expression: Expression) -> str:
    """Return a text that does not depend on the order or the nesting of ``and`` and ``or``."""
    if expression.op == "name":
        return expression.name
    parts = sorted(set(_operands(expression, expression.op)))
    return parts[0] if len(parts) == 1 and expression.op != "not" else _call(expression.op, parts)


def _operands(expression: Expression, op: str) -> list[str]:
    """Return the operands of ``op``, those of the same operator below it included."""
    found: list[str] = []
    for part in expression.parts:
        nested = part.op == op and op != "not"
        found.extend(_operands(part, op) if nested else [_canonical(part)])
    return found


def _call(op: str, parts: list[str]) -> str:
    return f"{op}({','.join(parts)})"


def _and(effects: set[Effect]) -> str:
    return " and ".join(sorted(effects))


def _add_years(day: date, years: int) -> date:
    """Return the same day ``years`` later (28 February for a leap day)."""
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year + years, day=28 if leap else day.day)
