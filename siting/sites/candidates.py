"""From eligible patterns to a frame of ranked candidate sites, the same for PV and wind.

``coord_quality``: a candidate's footprint is the very cells that were screened, so on
real layers its position is ``exact``. On synthetic terrain or lines there is no real
place that could be exact: it is ``approx``, and its verdict begins 演示，无法律意义.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import crs as geo_crs
from geo.errors import Say
from geo.passport import Passport
from siting.law.answer import DEMO_PREFIX
from siting.law.terms import TECHNOLOGY_ZH, VERDICT_ZH, Component, Technology, Verdict
from siting.law.verdict import VERDICT_EN, Judgement
from siting.sites.capacity import pattern_mw, refuse_unsized, site_mw
from siting.sites.columns import conform, empty_sites
from siting.sites.footprint import SiteLaw, pattern_areas, read_law
from siting.sites.frame import Places, area_columns, places
from siting.sites.ground import Ground
from siting.sites.land import eligible_patterns
from siting.sites.project_notes import project_notes
from siting.sites.projects import Projects
from siting.sites.score import Criterion, Scored, known_mean, score_sites, weighted_mean

UNSCREENED = "unscreened"
UNSCREENED_TEXT = Say("红线未筛查", "red line unscreened")
UNSCREENED_PROJECT = Say("未筛查", "not screened")
M2_PER_KM2 = 1.0e6
#: ``status`` of a named project.
STATUS = "named"


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Sites of one technology: where they lie, how large they are, what the law says.

    Parameters
    ----------
    eligible
        Eligible patterns, bool [n].
    eligible_m2
        Eligible land by county (zones without 0). [m²]
    eligible_mw
        Capacity of it, AC, the same shape. [MW]
    pattern_mw
        Capacity of all land of a pattern, whatever its verdict, AC [n]. [MW]
    labels
        Site number of each cell, 0 = none.
    count
        Number of sites.
    mw
        Capacity of each site, AC, shape (count,). [MW]
    projects
        Named projects; the judged ones are sites 1.., in their order.
    said
        What is said of each judged project (:func:`siting.sites.project_notes.project_notes`).
    """

    technology: Technology
    eligible: npt.NDArray[np.bool_]
    eligible_m2: npt.NDArray[np.float64]
    eligible_mw: npt.NDArray[np.float64]
    pattern_mw: npt.NDArray[np.float64]
    labels: npt.NDArray[np.int32]
    count: int
    places: Places
    scored: Scored
    law: SiteLaw
    mw: npt.NDArray[np.float64]
    projects: Projects | None = None
    said: tuple[tuple[Say, ...], ...] = ()

    def said_of(self, place: int) -> tuple[Say, ...]:
        """Return what a reader must know of the site ``place`` (from 0) besides its figures."""
        return self.said[place] if place < len(self.said) else ()

    @property
    def mw_per_km2(self) -> float:
        """Mean capacity of a square kilometre of eligible land, AC. [MW/km²]."""
        land = float(self.eligible_m2.sum())
        return float(self.eligible_mw.sum()) / land * M2_PER_KM2 if land > 0 else 0.0

    def mean(
        self, values: npt.NDArray[np.float32], cell_area: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Return the area-weighted mean of a raster over each site, shape (count,)."""
        spots = np.nonzero(self.labels)
        return weighted_mean(self.labels[spots], values[spots], cell_area[spots], self.count)

    def known_mean(
        self, values: npt.NDArray[np.float32], cell_area: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Return the same, NaN for a site that the raster does not cover, shape (count,)."""
        spots = np.nonzero(self.labels)
        return known_mean(self.labels[spots], values[spots], cell_area[spots], self.count)

    @property
    def inside(self) -> npt.NDArray[np.float64]:
        """Share of the ground that the capacity stands for and the region holds, (count,)."""
        out = np.ones(self.count)
        if self.projects is not None:
            n = len(self.projects.judged)
            out[:n] = np.where(self.projects.stated, self.projects.inside, 1.0)
        return out

    @property
    def needs_approval(self) -> npt.NDArray[np.float64]:
        """Share of each site's footprint that needs an approval or more, (count,). [0-1].

        NaN where no rule table says what needs one.
        """
        footprint, area = next(iter(self.law.verdict_m2.items()))
        if not self.law.screened[footprint]:
            return np.full(self.count, np.nan)
        total = np.maximum(area.sum(axis=1), 1e-9)
        return np.asarray(area[:, : int(Verdict.APPROVAL) + 1].sum(axis=1) / total)


def read(
    technology: Technology,
    ground: Ground,
    judgements: Mapping[Component, Judgement],
    labels: npt.NDArray[np.int32],
    count: int,
    density: npt.NDArray[np.float32] | float,
    criteria: Iterable[Criterion],
    mw: npt.NDArray[np.float64] | None = None,
    projects: Projects | None = None,
) -> Candidates:
    """Return what sites given as labels are: place, law, score, capacity.

    Parameters
    ----------
    technology
        What is to be built.
    ground
        Land of the run.
    judgements
        By component, the footprint first.
    labels, count
        Site number of each cell, 0 = none; numbers 1..count.
    density
        Capacity by area, AC, one number or a raster (NaN = none). [MW/km²]
    criteria
        Of the score raster, taken one at a time.
    mw
        Capacity of each site where it does not follow from its area. [MW]
    projects
        Named projects; the judged ones are sites 1.., with ids and capacity of their own.
    """
    patterns = eligible_patterns(next(iter(judgements.values())))
    by_zone = pattern_mw(ground, density)
    under = pattern_areas(labels, ground.table.index, ground.cell_area, count, ground.table.n)
    where = places(technology.value, labels, count, ground.grid, ground.zones)
    sized = site_mw(ground, labels, count, density) if mw is None else mw
    if projects is not None:
        n = len(projects.judged)
        where = replace(where, ids=[*projects.judged["id"], *where.ids[n:]])
        said = projects.judged["capacity_mw"].to_numpy(np.float64)
        sized = np.concatenate([np.where(np.isfinite(said), said, sized[:n]), sized[n:]])
        refuse_unsized(projects, sized[:n])
    law = read_law(under, judgements)
    notes = () if projects is None else project_notes(projects, labels, ground, law)
    return Candidates(
        technology,
        patterns,
        ground.table.area_m2[1:] @ patterns,
        by_zone @ patterns,
        by_zone.sum(axis=0),
        labels,
        count,
        where,
        score_sites(criteria, ground.eligible(patterns), labels, count, ground.cell_area),
        law,
        sized,
        projects,
        notes,
    )


def frame(
    found: Candidates,
    ground: Ground,
    footprint: Judgement,
    passport: Passport,
    columns: Mapping[str, npt.NDArray[Any]],
    ranked: pd.DataFrame,
    note: str,
) -> tuple[gpd.GeoDataFrame, npt.NDArray[np.int64]]:
    """Return the ranked site frame, best first, and the row of the input behind each row.

    Parameters
    ----------
    found
        Sites and law.
    ground
        Land of the run.
    footprint
        Judgement of the footprint component.
    passport
        Of the inputs.
    columns
        Energy, connection, money and descriptors, each of shape (count,).
    ranked
        ``score``, ``rank`` and what the ranking says besides, one row a site.
    note
        What the yield and the score leave out.

    Returns
    -------
    GeoDataFrame, int64 (rows,)
        Projects without a verdict come last; the row behind them is -1.
    """
    told = _told(found, ground)
    if found.count == 0:
        return conform(told), np.full(len(told), -1, np.int64)
    place = found.places
    names = ("", *ground.counties)
    data: dict[str, object] = {
        "id": place.ids,
        "technology": found.technology.value,
        "county": [names[int(zone)] for zone in place.zone],
        "status": "candidate",
        **area_columns(place.area_m2),
        "capacity_mw": found.mw,
        "verdict": _codes(found.law.verdict, footprint),
        "verdict_zh": [
            verdict_text(Verdict(int(v)), footprint, passport.synthetic).zh
            for v in found.law.verdict
        ],
        "unbuildable": found.law.unbuildable,
        "reasons": found.law.reasons,
        "unscreened": footprint.total - footprint.screened if footprint.total else None,
        "coord_quality": "approx" if passport.synthetic else "exact",
        "synthetic": passport.synthetic,
        "lon": place.lon,
        "lat": place.lat,
        "source": ";".join(passport.sources),
        "note": note,
        "forced": False,
        **found.scored.means,
        **columns,
        **{str(name): ranked[name].to_numpy() for name in ranked},
    }
    for component, worst in found.law.by_component.items():
        data[f"verdict_{component.value}"] = _codes(worst, footprint)
    out = gpd.GeoDataFrame(data, geometry=place.geometry, crs=ground.grid.crs)
    order = np.argsort(out["rank"].to_numpy(np.float64, na_value=np.inf), kind="stable")
    out = _named(out, found).iloc[order].reset_index(drop=True)
    out = _numbered(out, TECHNOLOGY_ZH[found.technology])
    whole = conform(out if told.empty else pd.concat([out, told], ignore_index=True))
    return whole, np.concatenate([order, np.full(len(told), -1)]).astype(np.int64)


def _named(sites: gpd.GeoDataFrame, found: Candidates) -> gpd.GeoDataFrame:
    """Return the sites with what the file of named projects says of the first ones."""
    sites["name"] = ""
    if found.projects is None:
        return sites
    n = len(found.projects.judged)
    first = np.arange(len(sites)) < n
    sites.loc[first, "name"] = found.projects.judged["name"].to_numpy(object)
    sites.loc[first, "coord_quality"] = found.projects.judged["coord_quality"].to_numpy(object)
    sites.loc[first, "status"] = STATUS
    sites.loc[first, "forced"] = True
    notes = sites.loc[first, "note"].tolist()
    sites.loc[first, "note"] = [
        "；".join([*(one.zh for one in told), note])
        for told, note in zip(found.said, notes, strict=True)
    ]
    return sites


def _numbered(sites: gpd.GeoDataFrame, word: str) -> gpd.GeoDataFrame:
    """Return the sites with a name of county and number where they have none."""
    free = ~sites["forced"].to_numpy(bool)
    number = sites[free].groupby("county").cumcount() + 1
    county = sites.loc[free, "county"]
    sites.loc[free, "name"] = [f"{c}{word}候选 {n}" for c, n in zip(county, number, strict=True)]
    return sites


def _told(found: Candidates, ground: Ground) -> gpd.GeoDataFrame:
    """Return the rows of projects without a verdict: what their file says, and why no more."""
    if found.projects is None or found.projects.told.empty:
        return empty_sites(ground.grid.crs)
    told = found.projects.told
    inner = told.geometry.representative_point()
    lon, lat = geo_crs.lonlat(ground.grid.crs, inner.x.to_numpy(), inner.y.to_numpy())
    data = {
        "id": told["id"].to_numpy(object),
        "technology": found.technology.value,
        "name": told["name"].to_numpy(object),
        "status": STATUS,
        "capacity_mw": told["capacity_mw"].to_numpy(np.float64),
        "verdict": UNSCREENED,
        "verdict_zh": UNSCREENED_PROJECT.zh,
        "coord_quality": told["coord_quality"].to_numpy(object),
        "synthetic": False,
        "lon": lon,
        "lat": lat,
        "source": "user",
        "note": [f"{UNSCREENED_PROJECT.zh}：{one.zh}" for one in found.projects.why],
        "forced": True,
    }
    return gpd.GeoDataFrame(data, geometry=told.geometry.to_numpy(), crs=ground.grid.crs)


def _codes(verdicts: npt.NDArray[np.uint8], footprint: Judgement) -> list[str]:
    if footprint.total == 0:
        return [UNSCREENED] * verdicts.size
    return [Verdict(int(v)).name.lower() for v in verdicts]


def verdict_text(verdict: Verdict, footprint: Judgement, synthetic: bool) -> Say:
    """Return a site's verdict as a reader sees it; clear is never said without its count.

    Parameters
    ----------
    verdict
        Most severe verdict under the footprint.
    footprint
        Judgement of the footprint component.
    synthetic
        The site rests on a synthetic layer: the text begins 演示，无法律意义.
    """
    if footprint.total == 0:
        return UNSCREENED_TEXT
    text = footprint.clear_text()
    if verdict is not Verdict.CLEAR:
        left = footprint.total - footprint.screened
        text = Say(
            f"{VERDICT_ZH[verdict]}{f'（未筛查 {left} 项）' if left else ''}",
            f"{VERDICT_EN[verdict]}{f' ({left} rules unscreened)' if left else ''}",
        )
    if not synthetic:
        return text
    return Say(DEMO_PREFIX.zh + text.zh, DEMO_PREFIX.en + text.en)
