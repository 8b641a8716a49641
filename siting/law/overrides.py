"""County overrides: a rule that is off, stricter or milder in one county, with its source.

Compiled into the expressions of the rules with a predicate ``county_<code>``, so that a
verdict stays a function of the pattern and the planes know nothing of overrides.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, model_validator

from geo.errors import CatalogError, Say
from layers.explain import Number, Strict, fault, validate
from layers.yaml_safe import Document, load_yaml
from siting.law.predicates import Bilingual
from siting.law.rows import ROUTE_EFFECTS, Grade, Route, RuleTable, Source
from siting.law.terms import Effect

SHIPPED: Final = Path(__file__).parent / "counties.yaml"
#: Numbers of a predicate that an override may set.
FIELDS: Final = ("buffer_m", "above", "at_least")


class Override(Strict):
    """One rule, changed in one county.

    Parameters
    ----------
    county
        Code of the county, as in the layer ``counties``.
    rule
        Id of the rule.
    change
        ``off``: the rule does not hold there; ``effect``: it does something else there;
        ``parameters``: a number of one of its predicates differs there.
    effect, routes
        The other effect, with its lawful ways.
    parameters
        ``<predicate>.<field>`` -> number, field one of :data:`FIELDS`, in the predicate's unit.
    reason
        Why, as the county says it.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9-]+$")
    county: str = Field(pattern=r"^[0-9]{6}$")
    rule: str
    change: Literal["off", "effect", "parameters"]
    effect: Effect | None = None
    routes: tuple[Route, ...] = ()
    parameters: dict[str, Number] = Field(default_factory=dict)
    reason: Bilingual
    instrument: Bilingual
    doc_no: str = ""
    clause: str = Field(min_length=1)
    valid_from: date
    valid_to: date | None = None
    grade: Grade
    sources: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _holds_together(self) -> Override:
        if (self.change == "effect") != (self.effect is not None):
            raise fault(f"{self.id}：effect 与 change 不符", f"{self.id}: effect and change differ")
        if (self.change == "parameters") != bool(self.parameters):
            raise fault(
                f"{self.id}：parameters 与 change 不符", f"{self.id}: parameters and change differ"
            )
        if self.effect is Effect.UNBUILDABLE:
            raise fault(f"{self.id}：技术限值不是法律", f"{self.id}: a technical limit is no law")
        if self.effect in ROUTE_EFFECTS and not any(r.effect == self.effect for r in self.routes):
            raise fault(
                f"{self.id}：该 effect 须写明 routes 与审批机关",
                f"{self.id}: a route effect needs its route and who decides",
            )
        if any(not (r.body.zh.strip() and r.body.en.strip()) for r in self.routes):
            raise fault(
                f"{self.id}：routes 未写明审批机关", f"{self.id}: a route does not say who decides"
            )
        if self.routes and self.effect in {None, Effect.PROHIBITED}:
            raise fault(f"{self.id}：此处不带 routes", f"{self.id}: has routes where none belong")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise fault(
                f"{self.id}：valid_to 早于 valid_from", f"{self.id}: valid_to is before valid_from"
            )
        if self.grade in {"C", "prior"}:
            raise fault(
                f"{self.id}：{self.grade} 级证据不参与判定",
                f"{self.id}: grade {self.grade} takes no part in a verdict",
            )
        return self

    @property
    def place(self) -> str:
        """Name of the predicate of the county."""
        return f"county_{self.county}"

    def in_force(self, as_of: date) -> bool:
        """Return whether the override holds on ``as_of``."""
        return self.valid_from <= as_of and (self.valid_to is None or as_of <= self.valid_to)

    def citation(self) -> Say:
        """Return instrument, number and clause."""
        rest = [part for part in (self.doc_no, self.clause) if part]
        title = [f"《{self.instrument.zh}》"] if self.instrument.zh else []
        return Say(" ".join([*title, *rest]), " ".join([self.instrument.en, *rest]))


class OverrideTable(Strict):
    """A file of overrides with the counties and sources it speaks of."""

    title: Bilingual
    counties: dict[str, Bilingual]
    sources: dict[str, Source]
    overrides: tuple[Override, ...]


@dataclass(frozen=True, slots=True)
class Overrides:
    """Overrides of one run, checked against the rule tables.

    Parameters
    ----------
    rows
        In the order of the files.
    counties
        Name by code.
    """

    rows: tuple[Override, ...] = ()
    counties: Mapping[str, Say] = field(default_factory=dict)

    def in_force(self, as_of: date) -> tuple[Override, ...]:
        """Return the rows that hold on ``as_of``."""
        return tuple(row for row in self.rows if row.in_force(as_of))

    def name(self, row: Override) -> Say:
        """Return the name of a row's county."""
        return self.counties.get(row.county, Say(row.county, row.county))

    def text(self, row: Override) -> Say:
        """Return what a row does, on what basis, as a reader is told it."""
        name, said = self.name(row), row.citation()
        doubt = row.grade != "A"
        zh = {"off": "不适用", "effect": "效力不同", "parameters": "数值不同"}[row.change]
        en = {"off": "does not hold", "effect": "has another effect", "parameters": "differs"}
        return Say(
            f"{name.zh}：{row.rule} {zh}，{row.reason.zh}（{said.zh}"
            f"{'，依据待核' if doubt else ''}）",
            f"{name.en}: {row.rule} {en[row.change]}, {row.reason.en} ({said.en}"
            f"{', basis to be verified' if doubt else ''})",
        )


def load_overrides(
    path: Path | None, tables: Sequence[RuleTable], as_of: date, shipped: Path = SHIPPED
) -> Overrides:
    """Read the shipped overrides and a bureau's own, and check them against the rules.

    Raises
    ------
    CatalogError
        One line naming file and line: an unknown rule, county, source or predicate, a row
        without a source, one that has expired by ``as_of``, two that change the same thing.
    """
    counties: dict[str, Say] = {}
    rows: list[Override] = []
    for file in (shipped, path) if path is not None else (shipped,):
        document, table = _shipped() if file == SHIPPED else _read(file)
        counties.update(table.counties)
        for number, row in enumerate(table.overrides):
            line = document.line_of(("overrides", number))
            _check(row, f"{document.name}:{line}", table, counties, tables, as_of)
            clash = [r for r in rows if r.id == row.id or _same(r, row)]
            if clash:
                raise CatalogError(
                    f"{document.name}:{line}",
                    Say(
                        f"{row.id} 与 {clash[0].id} 改同一条规则或同名",
                        f"{row.id} repeats {clash[0].id}: same id, or same rule, county and days",
                    ),
                    Say("只留一条", "keep one of them"),
                )
            rows.append(row)
    return Overrides(tuple(rows), counties)


def _read(file: Path) -> tuple[Document, OverrideTable]:
    document = load_yaml(file)
    return document, validate(OverrideTable, document)


@lru_cache(maxsize=1)
def _shipped() -> tuple[Document, OverrideTable]:
    return _read(SHIPPED)


def _same(one: Override, other: Override) -> bool:
    """Return whether two rows change one rule in one county on a common day."""
    far = date.max
    apart = (one.valid_to or far) < other.valid_from or (other.valid_to or far) < one.valid_from
    return (one.rule, one.county) == (other.rule, other.county) and not apart


def _check(
    row: Override,
    subject: str,
    table: OverrideTable,
    counties: Mapping[str, Say],
    tables: Sequence[RuleTable],
    as_of: date,
) -> None:
    """Refuse a row that refers to nothing, or whose days are over."""
    rules = {rule.id: rule for one in tables for rule in one.rules}
    if row.rule not in rules:
        raise _unknown(subject, row, "规则", "rule", row.rule, rules)
    if row.effect is not None and rules[row.rule].technical:
        raise CatalogError(
            subject,
            Say(
                f"{row.id}：{row.rule} 是技术限值，不能改成法律",
                f"{row.id}: {row.rule} is a technical limit and cannot be made law",
            ),
            Say("改用 change: parameters 或 off", "use change: parameters, or off"),
        )
    if row.county not in counties:
        raise _unknown(subject, row, "县市区代码", "county code", row.county, counties)
    for source in row.sources:
        if source not in table.sources:
            raise _unknown(subject, row, "来源", "source", source, table.sources)
    if row.valid_to is not None and row.valid_to < as_of:
        raise CatalogError(
            subject,
            Say(
                f"{row.id} 已于 {row.valid_to} 失效，不能用于 {as_of}",
                f"{row.id} expired on {row.valid_to} and cannot be used on {as_of}",
            ),
            Say("删去该条，或写明延期依据", "delete it, or cite what extends it"),
        )
    names = rules[row.rule].expression.names()
    predicates = {name: one for t in tables for name, one in t.predicates.items()}
    known = [f"{n}.{f}" for n in names for f in FIELDS if getattr(predicates[n], f) is not None]
    for key, value in row.parameters.items():
        if key not in known:
            raise _unknown(subject, row, "参数", "parameter", key, known)
        if not 0 <= value <= 50_000:
            raise CatalogError(
                subject,
                Say(
                    f"{row.id}：{key} = {value} 超出范围",
                    f"{row.id}: {key} = {value} is out of range",
                ),
                Say("写 0 到 50000 之间的数", "write a number of 0 to 50,000"),
            )


def _unknown(
    subject: str, row: Override, zh: str, en: str, given: str, known: Iterable[str]
) -> CatalogError:
    listed = list(known)
    near = difflib.get_close_matches(given, listed, 1) or listed[:8]
    return CatalogError(
        subject,
        Say(f"{row.id}：没有{zh} {given}", f"{row.id}: unknown {en} {given}"),
        Say(f"是否想写 {'、'.join(near) or '-'}", f"did you mean {', '.join(near) or '-'}"),
    )
