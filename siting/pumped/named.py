"""Named pumped-storage projects: what their published figures imply, and what they do not.

No project is screened here: a verdict on a real project is never computed from a
synthetic layer nor at a position that is not exact (truth.md A1); it reads 未筛查.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from geo.errors import Say
from geo.passport import Passport, merge
from geo.sourced import Sourced, missing
from layers.facts import NamedSite
from siting.law.terms import SCREENABLE
from siting.pumped import energy
from siting.pumped.gaps import Gap, gaps_of, unchecked
from siting.sites.named import UNSCREENED, unscreened_reason

_COSTS: Final = ("static_cost_yi", "total_cost_yi")
NO_COST: Final = Say("", "")
_BASIS: Final = {
    "static_cost_yi": Say("静态投资", "static investment"),
    "total_cost_yi": Say("投资，静态或动态未说明", "investment, static or total not stated"),
}
_LOWER_LAKE: Final = (
    "active_volume_mm3",
    "lower_active_volume_mm3",
    "lower_npl_m",
    "lower_dead_m",
)
_LEVELS: Final = ("upper_npl_m", "upper_dead_m", "lower_npl_m", "lower_dead_m")


@dataclass(frozen=True, slots=True)
class Assessment:
    """One design of a named project.

    Parameters
    ----------
    design
        Design letter, empty when only one is published.
    figures
        Published figures, those of the design before the common ones.
    storage_gwh, hours
        Energy of one full store [GWh] and hours at full load [h]; the band is that of the
        assumed efficiency 0.88-0.92, hence unverified.
    gross_head_m
        Between the normal levels. [m]
    mean_gross_head_m, head_range_m
        Between the mid-levels; value and band = smallest and largest. [m]
    lower_change_m
        Change of the lower lake over one cycle. [m]
    full_load_hours
        Of a year. [h/a]
    cost_yuan_per_kw, cost_basis
        Investment over capacity [元/kW]; static investment and an investment of unstated
        kind do not compare, so the kind travels with it (empty without a cost).
    conduit_m
        Horizontal length that the published L/H implies. [m]
    """

    site: NamedSite
    design: str
    figures: Mapping[str, Sourced]
    storage_gwh: Sourced
    hours: Sourced
    gross_head_m: Sourced
    mean_gross_head_m: Sourced
    head_range_m: Sourced
    lower_change_m: Sourced
    full_load_hours: Sourced
    cost_yuan_per_kw: Sourced
    conduit_m: Sourced
    gaps: tuple[Gap, ...]
    unchecked: tuple[Say, ...]
    reason: Say
    verdict: Say = UNSCREENED
    passport: Passport = field(default_factory=Passport)
    cost_basis: Say = NO_COST

    def figure(self, quantity: str, unit: str = "") -> Sourced:
        """Return a published figure of this design, or a missing one in ``unit``."""
        return self.figures.get(quantity, missing(unit))


def assess(site: NamedSite) -> tuple[Assessment, ...]:
    """Return the assessment of each published design of a project (one when undivided).

    Parameters
    ----------
    site
        A named site of technology ``pumped``.
    """
    letters = tuple(site.designs) or ("",)
    return tuple(_assess(site, letter) for letter in letters)


def assess_all(sites: Iterable[NamedSite]) -> tuple[Assessment, ...]:
    """Return the assessments of every pumped-storage project in the order given."""
    return tuple(one for s in sites if s.technology == "pumped" for one in assess(s))


def _assess(site: NamedSite, design: str) -> Assessment:
    figures = {**site.figures, **site.designs.get(design, {})}
    get = _Published(figures)
    storage, full = _storage(get)
    cost = get.first(*_COSTS)
    unit_cost = get.derive("元/kW", energy.cost_yuan_per_kw, cost, "capacity_mw")
    return Assessment(
        site=site,
        design=design,
        figures=figures,
        storage_gwh=storage,
        hours=full,
        gross_head_m=get.derive("m", energy.gross_head, "upper_npl_m", "lower_npl_m"),
        mean_gross_head_m=get.derive("m", energy.mean_gross_head, *_LEVELS),
        head_range_m=_head_range(get),
        lower_change_m=get.derive("m", energy.lower_lake_change_m, *_LOWER_LAKE),
        full_load_hours=get.derive("h/a", energy.full_load_hours, "generation_gwh", "capacity_mw"),
        cost_yuan_per_kw=unit_cost,
        cost_basis=NO_COST if unit_cost.missing else _BASIS[cost],
        conduit_m=get.derive("m", energy.conduit_length_m, "lh_ratio", "rated_head_m"),
        gaps=gaps_of(
            figures,
            screenable=site.coord_quality in SCREENABLE,
            approved=any(event.event == "approved" for event in site.events),
        ),
        unchecked=unchecked(site.capacity_mw.value),
        reason=unscreened_reason(site),
        passport=_passport(figures, assumed=not storage.missing),
    )


def _passport(figures: Mapping[str, Sourced], *, assumed: bool) -> Passport:
    """Return the provenance of the published figures; an assumed efficiency marks it."""
    found = merge(*(f.passport() for f in figures.values() if not f.missing))
    return replace(found, unverified=True) if assumed else found


class _Published:
    """Figures that a formula may use; one missing input makes the result missing."""

    def __init__(self, figures: Mapping[str, Sourced]) -> None:
        self.figures = figures

    def first(self, *names: str) -> str:
        """Return the first of ``names`` that is published, else the last."""
        return next((n for n in names if self.value(n) is not None), names[-1])

    def value(self, name: str) -> float | None:
        """Return the published value, or None."""
        figure = self.figures.get(name)
        return None if figure is None else figure.value

    def inputs(self, *names: str) -> list[float] | None:
        """Return all values, or None when one is missing."""
        values = [self.value(name) for name in names]
        known = [v for v in values if v is not None]
        return known if len(known) == len(values) else None

    def result(
        self, value: float, unit: str, *names: str, low: float | None = None,
        high: float | None = None, prior: bool = False,
    ) -> Sourced:  # fmt: skip
        """Wrap a derived value with the sources and weakest grade of its inputs."""
        marks = merge(*(self.figures[name].passport() for name in names))
        first = [self.figures[name].source for name in names]
        source = ";".join(dict.fromkeys(first))
        grade, status = ("prior", "prior") if prior else (marks.grade, "derived")
        return Sourced(value, unit, source, low, high, grade, status)

    def derive(self, unit: str, formula: energy.Formula, *names: str) -> Sourced:
        """Return ``formula`` of the named figures, or a missing figure."""
        values = self.inputs(*names)
        return missing(unit) if values is None else self.result(formula(*values), unit, *names)


def _storage(get: _Published) -> tuple[Sourced, Sourced]:
    """Return stored energy [GWh] and hours [h] over the assumed efficiencies."""
    values = get.inputs("active_volume_mm3", "rated_head_m")
    if values is None:
        return missing("GWh"), missing("h")
    names = ("active_volume_mm3", "rated_head_m")
    volume, head = values
    low, mid, high = (energy.energy_gwh(volume, head, eta) for eta in energy.EFFICIENCY)
    stored = get.result(mid, "GWh", *names, low=low, high=high, prior=True)
    power = get.value("capacity_mw")
    if power is None:
        return stored, missing("h")
    low, mid, high = (energy.hours(e, power) for e in (low, mid, high))
    return stored, get.result(mid, "h", *names, "capacity_mw", low=low, high=high, prior=True)


def _head_range(get: _Published) -> Sourced:
    values = get.inputs(*_LEVELS)
    if values is None:
        return missing("m")
    low, high = energy.head_range(*values)
    middle = energy.mean_gross_head(*values)
    return get.result(middle, "m", *_LEVELS, low=low, high=high)
