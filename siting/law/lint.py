"""Lint of a rule table: what the schema alone cannot see.

Run by the contract tests, and on any table that a bureau edits.
"""

from __future__ import annotations

from datetime import date, timedelta

from siting.law.rules import Rule, RuleTable

_DAY = timedelta(days=1)


def lint(table: RuleTable, today: date) -> tuple[str, ...]:
    """Return the faults of a table, one English line each; empty when it is sound.

    Parameters
    ----------
    today
        Rules in force on this day may not cite an instrument repealed by then.
    """
    by_id = {rule.id: rule for rule in table.rules}
    used = {name for rule in table.rules for name in rule.expression.names()}
    faults: list[str] = []
    for rule in table.rules:
        faults.extend(_dates(rule))
        faults.extend(_repealed(rule, table, today))
        faults.extend(fault for other in rule.supersedes for fault in _lineage(rule, by_id[other]))
    faults.extend(
        f"predicate {name} is used by no rule" for name in table.predicates if name not in used
    )
    return tuple(faults)


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


def _repealed(rule: Rule, table: RuleTable, today: date) -> list[str]:
    """Check that a row on a repealed instrument ends with it and has a successor."""
    faults: list[str] = []
    for name, repeal in table.repealed.items():
        if name not in rule.instrument.zh and name not in rule.clause:
            continue
        if rule.valid_to is None or rule.valid_to >= repeal.on:
            faults.append(f"{rule.id}: cites {name}, repealed on {repeal.on} by {repeal.by}")
        followed = any(rule.id in other.supersedes for other in table.rules)
        if not followed and repeal.on <= today:
            faults.append(f"{rule.id}: cites the repealed {name} without a successor")
    return faults


def _lineage(rule: Rule, older: Rule) -> list[str]:
    """Check that the older row ends before the newer begins."""
    if older.valid_to is None or older.valid_to >= rule.valid_from:
        return [f"{rule.id}: supersedes {older.id}, which is still in force on {rule.valid_from}"]
    return []


def _add_years(day: date, years: int) -> date:
    """Return the same day ``years`` later (28 February for a leap day)."""
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year + years, day=28 if leap else day.day)
