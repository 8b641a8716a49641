"""The rule set of a day: every rule in force, what-ifs that are switched on, overrides.

Law has a lineage: a rule ends on a day and another takes over, so that ``as_of`` gives
the law of that day (rules2 §1-§2, truth.md B9).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from geo.errors import CatalogError, OptionError, Say
from layers.explain import validate
from layers.yaml_safe import joined, load_yaml
from siting.law.compiled import compiled, predicates_of
from siting.law.overrides import Override, Overrides, load_overrides
from siting.law.predicates import Predicate
from siting.law.rows import (
    ROUTE_EFFECTS,
    WEAK_GRADES,
    Grade,
    Repealed,
    Route,
    Rule,
    RuleTable,
    Source,
)
from siting.law.terms import Component, Technology

__all__ = [
    "JURISDICTIONS",
    "ROUTE_EFFECTS",
    "WEAK_GRADES",
    "WHAT_IF",
    "Grade",
    "Repealed",
    "Route",
    "Rule",
    "RuleSet",
    "RuleTable",
    "Source",
    "from_tables",
    "load_ruleset",
    "load_table",
    "scenarios",
]

_FOLDER: Final = Path(__file__).parent
JURISDICTIONS: Final = {"hubei": _FOLDER / "hubei" / "table.yaml"}
_TECHNICAL: Final = _FOLDER / "technical.yaml"
_SCENARIOS: Final = _FOLDER / "scenarios.yaml"
#: Said of every verdict while a what-if is switched on.
WHAT_IF: Final = Say("假设情景，非现行法律", "a what-if, not the law in force")


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """The rules of one jurisdiction on one day.

    Parameters
    ----------
    jurisdiction
        Key of :data:`JURISDICTIONS`, or None: no legal rule at all, technical limits only.
    as_of
        The day.
    rules
        Rules in force that day; indices into this tuple name rules elsewhere.
    predicates
        Predicates of the whole table whatever the day, so that another date reads no layer.
    tables
        The tables that the set was made from.
    what_if
        Ids of the scenarios that are switched on; empty = the law and nothing else.
    county_rules
        Every override of the run, whatever its days; ``overrides`` are those of the day.
    """

    jurisdiction: str | None
    as_of: date
    rules: tuple[Rule, ...]
    predicates: Mapping[str, Predicate]
    tables: tuple[RuleTable, ...]
    what_if: tuple[str, ...] = ()
    county_rules: Overrides = field(default_factory=Overrides)

    @property
    def overrides(self) -> tuple[Override, ...]:
        """County overrides in force that day whose rule is."""
        known = {rule.id.partition("@")[0] for rule in self.rules}
        return tuple(r for r in self.county_rules.in_force(self.as_of) if r.rule in known)

    def notes(self) -> tuple[Say, ...]:
        """Return what each override in force changes, and which rest on a rule that has ended."""
        mine = self.overrides
        told = [self.county_rules.text(row) for row in mine]
        for row in self.county_rules.in_force(self.as_of):
            if row not in mine:
                name = self.county_rules.name(row)
                told.append(
                    Say(
                        f"{name.zh}：{row.rule} 当日不是现行条文，调整 {row.id} 未用",
                        f"{name.en}: {row.rule} is not in force that day, {row.id} is not used",
                    )
                )
        return tuple(told)

    def every(self) -> tuple[Rule, ...]:
        """Return every row of the tables whatever its day, and the rows of all overrides."""
        rows = tuple(rule for table in self.tables for rule in table.rules)
        return compiled(rows, self.county_rules.rows, self.county_rules)

    def caveat(self) -> Say | None:
        """Return what must be said beside every verdict of this set, else None."""
        said = [text for text in (WHAT_IF if self.what_if else None, self.period()) if text]
        if not said:
            return None
        return Say("；".join(text.zh for text in said), "; ".join(text.en for text in said))

    def period(self) -> Say | None:
        """Return what must be said of a day outside the table's claim, else None."""
        starts = [t.complete_from for t in self.tables if t.complete_from is not None]
        ends = [t.complete_to for t in self.tables if t.complete_to is not None]
        if starts and self.as_of < max(starts):
            first = max(starts).isoformat()
            return Say(
                f"规则表自 {first} 起完整，此前的法律只收录了一部分",
                f"the rule table is complete from {first}; older law is in it only in part",
            )
        if ends and self.as_of > min(ends):
            last = min(ends).isoformat()
            return Say(
                f"规则表收录到 {last}，此后的法律变化不在其中",
                f"the rule table was last read on {last}; later changes of law are not in it",
            )
        return None

    def on(self, as_of: date) -> RuleSet:
        """Return the law of another day; its predicates are the same."""
        return from_tables(self.tables, self.jurisdiction, as_of, self.what_if, self.county_rules)

    def applicable(self, technology: Technology, component: Component) -> tuple[int, ...]:
        """Return the indices of the rules that speak of a component."""
        return tuple(i for i, r in enumerate(self.rules) if r.applies(technology, component))


def from_tables(
    tables: tuple[RuleTable, ...],
    jurisdiction: str | None,
    as_of: date,
    what_if: Sequence[str] = (),
    overrides: Overrides | None = None,
) -> RuleSet:
    """Join tables into the rule set of a day; rows of other scenarios are left out."""
    overrides = overrides or Overrides()
    active = {"", *what_if}
    predicates: dict[str, Predicate] = {}
    for table in tables:
        idle = _asked(table, active, wanted=False) - _asked(table, active, wanted=True)
        for name, one in table.predicates.items():
            if name not in idle and predicates.setdefault(name, one) != one:
                raise CatalogError(
                    f"predicate {name}",
                    Say("两张规则表的定义不同", "is defined differently by two tables"),
                    Say("改用另一个名字", "use another name"),
                )
    rows = (rule for table in tables for rule in table.rules)
    rules = tuple(rule for rule in rows if rule.scenario in active and rule.in_force(as_of))
    rules = compiled(rules, overrides.in_force(as_of), overrides)
    predicates |= predicates_of(overrides, tables)
    return RuleSet(jurisdiction, as_of, rules, predicates, tables, tuple(what_if), overrides)


def _asked(table: RuleTable, active: set[str], *, wanted: bool) -> set[str]:
    """Return the predicates that rows inside (or outside) the active scenarios ask."""
    rows = (rule for rule in table.rules if (rule.scenario in active) == wanted)
    return {name for rule in rows for name in rule.expression.names()}


def load_ruleset(
    jurisdiction: str | None,
    as_of: date,
    *,
    what_if: Sequence[str] = (),
    overrides: Path | None = None,
) -> RuleSet:
    """Return the law of a jurisdiction on a day.

    Parameters
    ----------
    jurisdiction
        Key of :data:`JURISDICTIONS`; None gives technical limits and no law, and every
        legal question then reads 未筛查.
    as_of
        The day.
    what_if
        Ids of scenarios to be switched on beside the law.
    overrides
        A bureau's own file of county overrides, beside the shipped one.

    Raises
    ------
    OptionError
        When the jurisdiction or a scenario is unknown.
    CatalogError
        When a table is malformed, or an override refers to nothing or has expired.
    """
    tables: tuple[RuleTable, ...] = (load_table(_TECHNICAL),)
    if jurisdiction is not None:
        if jurisdiction not in JURISDICTIONS:
            known = ", ".join(JURISDICTIONS)
            raise OptionError(
                f"jurisdiction {jurisdiction}",
                Say("没有这个规则表", "has no rule table"),
                Say(f"可用：{known}，或留空", f"use one of {known}, or none"),
            )
        tables = (load_table(JURISDICTIONS[jurisdiction]), *tables)
    chosen = tuple(dict.fromkeys(what_if))
    if chosen:
        tables = (*tables, load_table(_SCENARIOS))
    _check_scenarios(chosen, tables)
    county_rules = load_overrides(overrides, tables, as_of)
    return from_tables(tables, jurisdiction, as_of, chosen, county_rules)


def scenarios() -> tuple[str, ...]:
    """Return the ids of the what-ifs that can be switched on."""
    return _scenarios((load_table(_SCENARIOS),))


def _scenarios(tables: Sequence[RuleTable]) -> tuple[str, ...]:
    ids = (rule.scenario for table in tables for rule in table.rules if rule.scenario)
    return tuple(dict.fromkeys(ids))


def _check_scenarios(chosen: Sequence[str], tables: Sequence[RuleTable]) -> None:
    known = _scenarios(tables)
    for one in chosen:
        if one not in known:
            near = difflib.get_close_matches(one, known, 1)
            listed = ", ".join(known)
            raise OptionError(
                f"what-if {one}",
                Say("没有这个假设情景", "is no scenario"),
                Say(
                    f"{'是否想写 ' + near[0] + '；' if near else ''}可用：{listed}",
                    f"{'did you mean ' + near[0] + '; ' if near else ''}use one of {listed}",
                ),
            )


@lru_cache(maxsize=8)
def load_table(path: Path) -> RuleTable:
    """Read one table, with the parts that it names beside it, and check it against its schema.

    Raises
    ------
    CatalogError
        Naming the file, the row and the key at fault.
    """
    document = load_yaml(path)
    if isinstance(document.data, dict) and "parts" in document.data:
        names = document.data.pop("parts")
        if not isinstance(names, list) or any(Path(str(one)).name != one for one in names):
            raise CatalogError(
                document.place(("parts",)),
                Say("parts 应为同一文件夹内的文件名", "parts should be names of files beside it"),
                Say("写成 - redline.yaml", "write - redline.yaml"),
            )
        document = joined(document, [load_yaml(path.parent / one) for one in names], "rules")
    table: RuleTable = validate(RuleTable, document)
    return table
