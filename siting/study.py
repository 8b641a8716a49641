"""One study of a region: screening, judgements, land and candidate sites of PV and wind.

Plain data for any reader; nothing here knows of maps or reports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import geopandas as gpd

from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport, merge
from layers.facts import Target
from layers.layer import LayerStack
from layers.region import Region
from siting.evaluate import evaluate
from siting.law.overlaps import overlaps
from siting.law.predicates import Parameters
from siting.law.rules import RuleSet
from siting.law.screening import PatternTable, Terrain
from siting.law.terms import Technology
from siting.pv import sites as pv
from siting.pv.sites import PvResult
from siting.screened import Screened, screen_region
from siting.settings import Settings
from siting.sites.forced import read_forced, refuse_outside
from siting.sites.land import (
    class_areas,
    county_frame,
    land_classes,
    slope_sweep,
)
from siting.sites.projects import Projects, projects_of
from siting.studied import TechnologyStudy
from siting.study_notes import coarse, undecided, warnings
from siting.wind import sites as wind
from siting.wind.sites import WindResult
from siting.wind.turbine import load_turbine

__all__ = ["Study", "TechnologyStudy", "study"]


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Screening and sites of one region on one day.

    Parameters
    ----------
    screened
        A rule table exists for the region.
    technologies
        PV and wind.
    targets
        Targets of the plan about PV and wind.
    notes
        What the screening says about its own limits.
    warnings
        What a reader must see on the first page.
    undecided
        What legal mode cannot decide (exit code 6); filled in both modes.
    """

    region_id: str
    as_of: date
    mode: Literal["explore", "legal"]
    seed: int
    grid: Grid
    ruleset: RuleSet
    table: PatternTable
    terrain: Terrain | None
    counties: tuple[str, ...]
    screened: bool
    technologies: Mapping[Technology, TechnologyStudy]
    targets: tuple[Target, ...]
    parameters: Parameters
    notes: tuple[Say, ...]
    warnings: tuple[Say, ...]
    undecided: tuple[Say, ...]
    passport: Passport


def study(
    stack: LayerStack,
    region: Region,
    as_of: date,
    mode: Literal["explore", "legal"] = "explore",
    seed: int = 0,
    targets: Sequence[Target] = (),
    parameters: Mapping[str, float] | None = None,
    progress: Callable[[str], None] | None = None,
    *,
    settings: Settings | None = None,
    what_if: Sequence[str] = (),
    overrides: Path | None = None,
    screened: Callable[[], Screened] | None = None,
) -> Study:
    """Screen a region and grow its PV and wind candidates.

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
    seed
        Of the draws behind the rank intervals.
    targets
        Targets of the plan.
    parameters
        User values beside those of ``settings``: limits of the law's :class:`Parameters` by
        name, and ``<group>.<key>`` of the parameter tables (:data:`siting.settings.GROUPS`).
    progress
        Called with a Chinese stage name.
    settings
        The user's values, weights, comparisons, power curve and named projects.
    what_if
        Ids of scenarios to be switched on; never in legal mode.
    overrides
        A bureau's own file of county overrides.
    screened
        Gives the region screened with the same choices, after the cheap checks; None = here.

    Raises
    ------
    OptionError
        If a parameter is unknown or out of its range, or a what-if unknown or not allowed.
    CatalogError
        If an override refers to nothing or has expired.
    """
    say = progress or (lambda _: None)
    forced = _files(settings or Settings(), stack, region)
    base = screened() if screened else screen_region(
        stack, region, as_of, mode, settings, progress,
        parameters=parameters, what_if=what_if, overrides=overrides,
    )  # fmt: skip
    chosen, ruleset, ground = base.settings, base.ruleset, base.ground
    table, priced = ground.table, _priced(region, chosen.values)
    found = {}
    for technology in (Technology.PV, Technology.WIND):
        say("光伏场址" if technology is Technology.PV else "风电场址")
        named = projects_of(
            forced, technology, synthetic=table.passport.synthetic, boundary=region.boundary
        )
        found[technology] = _technology(
            technology, base, chosen, named, seed, progress, priced=priced
        )
    say("保护地重叠")
    torn = tuple(one.text for one in overlaps(stack))
    return Study(
        region_id=region.id,
        as_of=as_of,
        mode=mode,
        seed=seed,
        grid=stack.grid,
        ruleset=ruleset,
        table=table,
        terrain=ground.terrain,
        counties=ground.counties,
        screened=base.has_law,
        technologies=found,
        targets=tuple(targets),
        parameters=base.limits,
        notes=base.notes,
        warnings=(*warnings(found, table, ruleset, screened=base.has_law),
                  *coarse(stack.grid.dx), *torn),
        undecided=(*undecided(found), *torn),
        passport=merge(*(one.result.passport for one in found.values())),
    )  # fmt: skip


def _files(chosen: Settings, stack: LayerStack, region: Region) -> gpd.GeoDataFrame | None:
    """Return the named projects; a slip in a user's file must not cost the minutes of screening."""
    load_turbine(chosen.power_curve)
    if chosen.sites is None:
        return None
    forced = read_forced(chosen.sites, stack.grid.crs)
    refuse_outside(forced, region.boundary)
    return forced


def _priced(region: Region, values: Mapping[str, float]) -> bool:
    """Tell whether prices hold: those of the tables are those of the rule table's province."""
    return region.jurisdiction is not None or any(key.startswith("cost.price_") for key in values)


def _technology(
    technology: Technology,
    base: Screened,
    settings: Settings,
    named: Projects | None,
    seed: int,
    progress: Callable[[str], None] | None,
    *,
    priced: bool,
) -> TechnologyStudy:
    ground = base.ground
    judgements = fresh = base.judged(technology, standing=True)
    if any(one.technology == technology for one in ground.table.bits.exemptions):
        fresh = base.new_works(technology)
    values = settings.values
    result: PvResult | WindResult
    if technology is Technology.PV:
        result = pv.pv_sites(ground, fresh, pv.parameters(values), named, progress)
    else:
        own = wind.parameters(values)
        result = wind.wind_sites(ground, fresh, own, named, settings.power_curve, progress)
    done = evaluate(technology, result, ground, fresh, settings, seed, progress, priced=priced)
    footprint = next(iter(fresh.values()))  # land is counted for new works
    classes = land_classes(footprint)
    county = county_frame(
        list(ground.counties),
        class_areas(ground.table, classes),
        result.found.eligible_m2,
        result.found.eligible_mw,
    )
    return TechnologyStudy(
        technology,
        judgements,
        fresh,
        result,
        done.sites,
        done.connections,
        done.economics,
        done.ranking,
        done.order,
        (result.params, *done.params),
        classes,
        county,
        slope_sweep(ground.table, footprint, result.found.pattern_mw),
    )
