"""Rows of the rule tables: a rule, its routes and sources, and the file that holds them.

The tables are data (``technical.yaml``, one file per jurisdiction, ``scenarios.yaml``).
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Final, Literal

from pydantic import Field, model_validator

from geo.errors import CatalogError, Say
from layers.explain import Strict, fault
from siting.law.expression import Expression, parse
from siting.law.predicates import Bilingual, Predicate
from siting.law.terms import Component, Effect, Technology

#: Grades of rules.md; C is shown and takes no part in a verdict (truth.md B8).
Grade = Literal["A", "A*", "A-text", "B", "C", "prior"]
#: A prohibition on these grades stays, labelled 依据待核, and is undecided in legal mode.
WEAK_GRADES: Final = frozenset({"A*", "A-text", "B"})
ROUTE_EFFECTS: Final = frozenset(
    {Effect.REPLAN_LINE, Effect.REPLAN_PROGRAMME, Effect.NATIONAL_PROJECT}
)


class Route(Strict):
    """A lawful way past a rule, and the body that decides it."""

    effect: Effect
    body: Bilingual
    grade: Grade = "A"

    def text(self) -> Say:
        """Return the route as a sentence part, with its doubt."""
        return Say(
            f"{self.body.zh}{'（依据待核）' if self.grade != 'A' else ''}",
            f"{self.body.en}{' (basis to be verified)' if self.grade != 'A' else ''}",
        )


class Source(Strict):
    """Where the wording of a rule was read."""

    title: str
    locator: str
    grade: str


class Repealed(Strict):
    """An instrument that is no longer law, and what took its place."""

    on: date
    by: str
    clause: str


class Rule(Strict):
    """One row of the table.

    Parameters
    ----------
    when
        Predicate expression; the rule hits where it holds.
    technologies, components
        What the rule is about; empty components = all of them.
    effect, routes
        What it does, and the lawful ways past it.
    valid_from, valid_to
        First and last day in force; ``valid_to`` needs ``term_years`` or ``ended_by``.
    dates
        ``read`` in a source, or ``memory``: known, but not read (printed 日期待核).
    supersedes
        Ids of rows that this one replaces.
    documents
        Papers to obtain where the rule hits.
    applicability
        ``unstated``: the instrument does not say whether it means this technology; a hit
        then makes the verdict unknown instead of the effect's.
    scenario
        Id of the what-if that the row belongs to; empty for law.
    """

    id: str
    title: Bilingual
    when: str
    technologies: tuple[Technology, ...]
    components: tuple[Component, ...] = ()
    effect: Effect
    routes: tuple[Route, ...] = ()
    instrument: Bilingual
    doc_no: str = ""
    clause: str
    issued: date | None = None
    valid_from: date
    valid_to: date | None = None
    term_years: int | None = None
    ended_by: str = ""
    dates: Literal["read", "memory"] = "read"
    supersedes: tuple[str, ...] = ()
    grade: Grade
    sources: tuple[str, ...] = Field(min_length=1)
    quote_zh: str = ""
    documents: tuple[Bilingual, ...] = ()
    applicability: Literal["stated", "unstated"] = "stated"
    scenario: str = ""
    note: Bilingual = Say("", "")

    @model_validator(mode="after")
    def _holds_together(self) -> Rule:
        try:
            parse(self.when)
        except CatalogError as error:  # the reader is told the file and the line
            raise fault(
                f"{self.id}：{error.what.zh}：{self.when[:60]}",
                f"{self.id}: {error.what.en}: {self.when[:60]}",
            ) from error
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise fault(
                f"{self.id}：valid_to 早于 valid_from",
                f"{self.id}: valid_to is before valid_from",
            )
        if self.effect in ROUTE_EFFECTS and not any(r.effect == self.effect for r in self.routes):
            raise fault(
                f"{self.id}：该 effect 须写明 routes 与审批机关",
                f"{self.id}: a route effect needs its route and who decides",
            )
        if self.effect is Effect.PROHIBITED and self.routes:
            raise fault(f"{self.id}：禁止不带 routes", f"{self.id}: a prohibition has no route")
        return self

    @cached_property
    def expression(self) -> Expression:
        """Parsed ``when``."""
        return parse(self.when)

    @property
    def technical(self) -> bool:
        """True for a limit that is no law (truth.md B7)."""
        return self.effect is Effect.UNBUILDABLE

    @property
    def decides(self) -> bool:
        """True when the rule takes part in the verdict (grade above C)."""
        return self.grade != "C"

    @property
    def weak(self) -> bool:
        """True for a prohibition whose basis has to be verified (truth.md B8)."""
        return self.effect is Effect.PROHIBITED and self.grade in WEAK_GRADES

    @property
    def stated(self) -> bool:
        """False where the instrument does not say whether it means this technology."""
        return self.applicability == "stated"

    def in_force(self, as_of: date) -> bool:
        """Return whether the rule is law on ``as_of``."""
        return self.valid_from <= as_of and (self.valid_to is None or as_of <= self.valid_to)

    def applies(self, technology: Technology, component: Component) -> bool:
        """Return whether the rule speaks of this component of this technology."""
        return technology in self.technologies and (
            not self.components or component in self.components
        )

    def citation(self) -> Say:
        """Return instrument, number and clause (the Chinese title only where it was read)."""
        rest = [part for part in (self.doc_no, self.clause) if part]
        title = [f"《{self.instrument.zh}》"] if self.instrument.zh else []
        return Say(" ".join([*title, *rest]), " ".join([self.instrument.en, *rest]))


class RuleTable(Strict):
    """A file of rules with the predicates and sources it uses.

    Parameters
    ----------
    complete_from
        First day for which the table claims its rows; older law is in it only in part.
    complete_to
        Day on which the law was last read; what changed later is not in the table.
    """

    title: Bilingual
    complete_from: date | None = None
    complete_to: date | None = None
    predicates: dict[str, Predicate]
    sources: dict[str, Source]
    repealed: dict[str, Repealed] = Field(default_factory=dict)
    rules: tuple[Rule, ...]

    @model_validator(mode="after")
    def _refers_to_known_things(self) -> RuleTable:
        ids = [rule.id for rule in self.rules]
        if len(set(ids)) != len(ids):
            raise fault("两条规则的 id 相同", "two rules share an id")
        for rule in self.rules:
            for name in rule.expression.names():
                if name not in self.predicates:
                    raise fault(
                        f"{rule.id}：没有谓词 {name}", f"{rule.id}: unknown predicate {name}"
                    )
            for source in rule.sources:
                if source not in self.sources:
                    raise fault(
                        f"{rule.id}：没有来源 {source}", f"{rule.id}: unknown source {source}"
                    )
            for other in rule.supersedes:
                if other not in ids:
                    raise fault(
                        f"{rule.id}：被取代的规则 {other} 不存在",
                        f"{rule.id}: supersedes unknown rule {other}",
                    )
        return self
