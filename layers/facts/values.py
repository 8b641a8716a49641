"""The kinds of published fact: named site, target, forest point, source.

Every figure is a :class:`geo.sourced.Sourced`; unpublished stays ``None``. Texts of the
tables are Chinese as published, each with its English in a field ``..._en``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

from geo.errors import Say
from geo.sourced import Sourced, missing

#: Definitions of stock and area (truth.md E23): curves D1-D4, point-only kinds H1 and H2.
DEFINITIONS: Final = ("D1", "D2", "D3", "D4", "H1", "H2")

#: Units in which "0 installed" means something (a share or a density never starts at 0).
CAPACITY_UNITS: Final = ("万千瓦", "MW")

STATUS: Final[Mapping[str, Say]] = MappingProxyType(
    {
        "operating": Say("已建", "operating"),
        "construction": Say("在建", "under construction"),
        "pre_construction": Say("前期", "pre-construction"),
        "planned": Say("规划", "planned"),
        "announced": Say("提出", "announced"),
        "expansion_sought": Say("争取扩机", "expansion sought"),
        "status_unknown": Say("状态未说明", "status not stated"),
    }
)


#: Chinese brackets of a label to those of an English text.
_ROUND: Final = str.maketrans({"（": " (", "）": ")"})


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure was read.

    Parameters
    ----------
    id
        Key used by every table, e.g. ``S1``.
    title
        What the source is, in Chinese.
    locator
        Instrument number, address or repository; never a path of a machine.
    grade
        Evidence grade, one of :data:`geo.passport.GRADES`.
    licence, citation
        Licence id and the sentence to print with the data; empty when none is required.
    """

    id: str
    title: str
    locator: str
    grade: str
    licence: str = ""
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A dated step of a project; ``date`` is ISO, shortened to what was published."""

    event: str
    date: str
    source: str
    note: str = ""
    note_en: str = ""


@dataclass(frozen=True, slots=True)
class NamedSite:
    """A plant or project that a plan, notice or register names.

    Parameters
    ----------
    id
        Stable slug.
    technology
        ``pumped`` or ``hydro``.
    lon, lat
        WGS84 [°]; None = not published.
    coord_quality
        One of ``siting.law.terms.COORD_QUALITY``; only exact and surveyed may be screened.
    status, status_as_of, status_source
        Key of :data:`STATUS`, the day (or year) it was published, and where.
    figures
        Figure by quantity; the unit is part of the figure.
    designs
        Figures of mutually exclusive designs by design letter (truth.md A3).
    in_plan
        The city's plan names it.
    mw_counted
        False where the capacity is suspected to be another row's (truth.md A3).
    same_as, same_as_status
        Id of the suspected or confirmed twin.
    upper_water, lower_water
        The two lakes of a storage plant as published, empty when not published.
    """

    id: str
    name: Say
    technology: str
    county: str
    place: str
    lon: float | None
    lat: float | None
    coord_quality: str
    coord_source: str
    status: str
    status_as_of: str
    status_source: str
    in_plan: bool
    mw_counted: bool
    figures: Mapping[str, Sourced]
    designs: Mapping[str, Mapping[str, Sourced]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    same_as: str = ""
    same_as_status: str = ""
    upper_water: str = ""
    lower_water: str = ""
    layout_source: str = ""
    note: str = ""
    place_en: str = ""
    upper_water_en: str = ""
    lower_water_en: str = ""
    note_en: str = ""

    def figure(self, quantity: str, unit: str = "") -> Sourced:
        """Return the figure, or a missing one in ``unit`` when nobody published it."""
        return self.figures.get(quantity, missing(unit))

    @property
    def capacity_mw(self) -> Sourced:
        """Published capacity with its variants. [MW]."""
        return self.figure("capacity_mw", "MW")


@dataclass(frozen=True, slots=True)
class Target:
    """A target of the plan, with what is known to be installed (truth.md C18).

    Parameters
    ----------
    target
        The target figure.
    deadline
        Last day; None when the plan states none.
    installed
        What is published to date; None = unknown. Where definitions differ the variants
        hold one value each.
    installed_kind
        ``reported``, ``sum_of_sourced`` (plants with a source only, a lower bound),
        ``by_definition`` (see the variants), ``unsettled`` (the plan does not say what
        counts) or ``unknown``.
    installed_as_of
        ISO date, shortened to what was published.
    conflict
        Id in the conflict register, or empty.
    """

    id: str
    title: Say
    target: Sourced
    deadline: date | None
    installed: Sourced
    installed_kind: str
    installed_as_of: str
    installed_note: str = ""
    conflict: str = ""
    note: str = ""
    installed_note_en: str = ""
    note_en: str = ""

    @property
    def value(self) -> float:
        """The target. [unit]."""
        return self.target.value if self.target.value is not None else float("nan")

    @property
    def unit(self) -> str:
        """Unit of target, installed and remaining."""
        return self.target.unit

    def remaining(self) -> float | None:
        """Return target minus installed [unit], never below 0; None when unknown."""
        if self.installed.value is None:
            return None
        return max(self.value - self.installed.value, 0.0)

    def remaining_cases(self) -> tuple[tuple[Say, float], ...]:
        """Return every reading of what remains [unit] (truth.md C18), each with its name."""
        left = self.remaining()
        nothing = (Say("按已建为 0", "with 0 installed"), self.value)
        if self.installed_kind == "by_definition":
            return tuple(
                (Say(v.note, v.note.translate(_ROUND)), max(self.value - v.value, 0.0))
                for v in self.installed.variants
            )
        if left is None:
            known_to_count = self.installed_kind == "unknown" and self.unit in CAPACITY_UNITS
            return (nothing,) if known_to_count else ()
        if self.installed_kind == "reported":
            return ((Say("按上报值", "by the reported value"), left),)
        return (nothing, (Say("按有出处的已建", "by the plants with a source"), left))

    def overdue(self, as_of: date) -> bool:
        """Return True when the deadline lies before ``as_of``."""
        return self.deadline is not None and as_of > self.deadline

    def status_line(self, as_of: date) -> Say:
        """Return how the target stands on ``as_of``; no official result is assumed."""
        if self.deadline is None:
            return Say("期限未公布", "no deadline published")
        if self.overdue(as_of):
            return Say("已到期，官方结果未见", "past its deadline, no official result seen")
        day = self.deadline.isoformat()
        days = (self.deadline - as_of).days
        return Say(f"期限 {day}，尚有 {days} 天", f"due {day}, {days} days left")


@dataclass(frozen=True, slots=True)
class ForestPoint:
    """A published point of the forest series.

    Parameters
    ----------
    definition
        One of :data:`DEFINITIONS`, or empty when no stock was published with the area.
    definition_status
        ``stated``, or ``assumed`` where the source does not settle the definition.
    stock_wan_m3
        Stock [10^4 m³] with ``numerator`` 森林蓄积 or 活立木.
    area_wan_mu
        Area [10^4 亩] on ``area_basis``.
    forest_land_wan_mu, cover_pct
        Forest land [10^4 亩] and cover [%].
    """

    year: int
    as_of: str
    definition: str
    definition_status: str
    stock_wan_m3: float | None
    numerator: str
    area_wan_mu: float
    area_basis: str
    forest_land_wan_mu: float | None
    cover_pct: float | None
    stock_source: str
    area_source: str
    grade: str
    note: str = ""

    @property
    def source(self) -> str:
        """Source ids joined by a semicolon."""
        return ";".join(dict.fromkeys(s for s in (self.stock_source, self.area_source) if s))

    @property
    def density(self) -> float | None:
        """Stock per area, derived. [m³/亩]."""
        return None if self.stock_wan_m3 is None else self.stock_wan_m3 / self.area_wan_mu
