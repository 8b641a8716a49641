"""Chapter 选址: where PV and wind may stand, and why not elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from atlas.part import Context, PartResult, PatternRaster
from atlas.parts import _siting_map, _siting_tables, _siting_tabs
from atlas.parts._siting_answer import answer
from atlas.parts._siting_law import assumed, changed
from atlas.parts._siting_ledger import books
from atlas.parts._siting_overlaps import few
from atlas.parts._siting_secret import RESTRICTED, WITHHELD, secret_rules
from atlas.parts._siting_yield import yield_raster
from geo.errors import Say
from siting.law.overlaps import overlaps
from siting.sites.columns import conform, empty_sites
from siting.study import Study, study


class SitingPart:
    """PV and wind: screening, land, candidate sites."""

    id = "siting"
    title = Say("光伏与风电选址", "PV and wind sites")
    depends_on: tuple[str, ...] = ()

    def run(self, context: Context, before: Mapping[str, PartResult]) -> PartResult:
        """Screen the region and grow candidates; nothing depends on other parts."""
        del before
        found = study(
            context.stack,
            context.region,
            context.as_of,
            context.mode,
            context.seed,
            context.facts.targets,
            progress=context.progress,
            what_if=context.what_if,
            overrides=context.overrides,
            settings=context.settings,
            screened=context.screened,
        )
        ledgers, torn = books(found), overlaps(context.stack)
        return PartResult(
            id=self.id,
            title=self.title,
            summary=_siting_tables.summary(found, context.lang),
            passport=found.passport,
            tabs=_siting_tabs.tabs(found, ledgers, context),
            raster=_siting_map.pattern_raster(found, context),
            more_rasters=_pictures(found, context),
            vectors=_siting_map.vectors(found, context),
            sites=_sites(found),
            tables=_siting_tables.tables(found, ledgers, torn),
            rasters=_siting_tables.rasters(found),
            sections=_siting_tables.sections(found, ledgers, context),
            warnings=(*few(found.warnings, torn), *_caveats(found, context)),
            undecided=found.undecided,
            extra={"study": found, "answers": _answers(found)},
            assumed=assumed(found),
            changed=changed(found),
        )


def _pictures(found: Study, context: Context) -> tuple[PatternRaster, ...]:
    """Return the pictures of the yield, where there is one."""
    made = (yield_raster(found, one, context.lang) for one in found.technologies.values())
    return tuple(raster for raster in made if raster is not None)


def _answers(found: Study) -> dict[str, tuple[Say, ...]]:
    """Return what the command prints of each technology."""
    return {
        one.technology.value: answer(one, _siting_tabs.target_of(found, one))
        for one in found.technologies.values()
    }


def _caveats(found: Study, context: Context) -> list[Say]:
    """Say what the law table and the county outlines cannot tell on this day."""
    told = [found.ruleset.period()]
    if secret_rules(found):
        told.append(RESTRICTED)
    if context.region.unmapped:
        zh = "、".join(one.zh for one in context.region.unmapped)
        en = ", ".join(one.en for one in context.region.unmapped)
        told.append(
            Say(
                f"{zh}在公开数据中没有单独边界，面积计入所在县市区",
                f"{en}: no outline of their own in open data, counted with their counties",
            )
        )
    return [say for say in told if say is not None]


def _sites(found: Study) -> gpd.GeoDataFrame:
    frames = [one.sites for one in found.technologies.values() if len(one.sites)]
    if not frames:
        return empty_sites(found.grid.crs)
    joined = pd.concat(frames, ignore_index=True)
    if secret_rules(found):  # the sentence names rules, the polygon would place them
        joined["reasons"] = WITHHELD.zh
    said = assumed(found)
    if said is not None:  # a file of sites alone must not pass for law
        joined["note"] = [f"{said.zh}；{note}" if note else said.zh for note in joined["note"]]
    return conform(gpd.GeoDataFrame(joined, geometry="geometry", crs=found.grid.crs))


PART = SitingPart()
