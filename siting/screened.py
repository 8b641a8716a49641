"""The screening of a run, made once and shared by every chapter that builds on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

from geo import crs as geo_crs
from geo.errors import Say
from layers.layer import LayerStack
from layers.region import Region
from siting.law.predicates import Parameters
from siting.law.rules import RuleSet, load_ruleset
from siting.law.screening import Screening, pattern_table, screen
from siting.law.terms import COMPONENTS, Component, Technology
from siting.law.verdict import Judgement, judge, refuse_what_if
from siting.settings import Settings, limits_of
from siting.sites.ground import Ground

Mode = Literal["explore", "legal"]


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """A region screened on one day.

    Parameters
    ----------
    settings
        The user's choices; ``values`` without the limits of the law.
    limits
        Limits that the predicates were bound to.
    ground
        Land that every technology shares.
    notes
        What the screening says about its own limits.
    has_law
        A rule table exists for the region.
    """

    region: Region
    as_of: date
    mode: Mode
    ruleset: RuleSet
    settings: Settings
    limits: Parameters
    ground: Ground
    notes: tuple[Say, ...]
    has_law: bool

    def judged(self, technology: Technology, *, standing: bool) -> dict[Component, Judgement]:
        """Return the judgement of each component of a technology.

        Parameters
        ----------
        standing
            As in :func:`siting.law.verdict.judge`: False for new works.
        """
        return {
            one: judge(self.ground.table, self.ruleset, technology, one, self.mode,
                       standing=standing)
            for one in COMPONENTS[technology]
        }  # fmt: skip

    def new_works(self, technology: Technology) -> dict[Component, Judgement]:
        """Return the judgements of new works: what stands there exempts them of nothing."""
        return self.judged(technology, standing=False)


def screen_region(
    stack: LayerStack,
    region: Region,
    as_of: date,
    mode: Mode = "explore",
    settings: Settings | None = None,
    progress: Callable[[str], None] | None = None,
    *,
    parameters: Mapping[str, float] | None = None,
    what_if: Sequence[str] = (),
    overrides: Path | None = None,
) -> Screened:
    """Screen a region and find its patterns.

    Parameters
    ----------
    stack
        Layers on the run's grid.
    region
        Counties and jurisdiction.
    as_of
        Day of the law.
    mode
        ``explore`` or ``legal``.
    settings
        The user's values.
    progress
        Called with a Chinese stage name.
    parameters
        Further values by key, before those of ``settings``.
    what_if
        Ids of scenarios to be switched on; never in legal mode.
    overrides
        A bureau's own file of county overrides.

    Raises
    ------
    OptionError
        If a parameter is unknown or out of its range, or a what-if unknown or not allowed.
    CatalogError
        If an override refers to nothing or has expired.
    """
    chosen = settings or Settings()
    limits, values = limits_of({**chosen.values, **(parameters or {})})
    ruleset = load_ruleset(region.jurisdiction, as_of, what_if=what_if, overrides=overrides)
    refuse_what_if(ruleset, mode)
    screening = screen(stack, ruleset, limits, progress=progress)
    if progress is not None:
        progress("规则组合")
    return Screened(
        region=region,
        as_of=as_of,
        mode=mode,
        ruleset=ruleset,
        settings=replace(chosen, values=values),
        limits=limits,
        ground=_ground(stack, region, screening),
        notes=screening.notes,
        has_law=region.jurisdiction is not None,
    )


def _ground(stack: LayerStack, region: Region, screening: Screening) -> Ground:
    zones = region.zones(stack.grid)
    areas = geo_crs.cell_areas(stack.grid)
    table = pattern_table(screening, zones, areas)
    names = tuple(str(name) for name in region.counties["name"])
    return Ground(stack.grid, stack, screening.terrain, zones, names, areas, table)
