"""From eligible patterns to a frame of ranked candidate sites, the same for PV and wind.

``coord_quality``: a candidate's footprint is the very cells that were screened, so on
real layers its position is ``exact``. On synthetic terrain or lines there is no real
place that could be exact: it is ``approx``, and its verdict begins 演示，无法律意义.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geo.errors import Say
from siting.law.answer import DEMO_PREFIX
from siting.law.terms import TECHNOLOGY_ZH, VERDICT_ZH, Component, Technology, Verdict
from siting.law.verdict import VERDICT_EN, Judgement
from siting.sites.columns import conform, empty_sites
from siting.sites.footprint import SiteLaw, pattern_areas, read_law
from siting.sites.frame import Places, area_columns, places
from siting.sites.ground import Ground
from siting.sites.grow import grow
from siting.sites.land import eligible_patterns
from siting.sites.params import Params
from siting.sites.score import Criterion, Scored, rank, score_sites, weighted_mean

UNSCREENED = "unscreened"
UNSCREENED_TEXT = Say("红线未筛查", "red line unscreened")
M2_PER_KM2 = 1.0e6


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Sites of one technology before capacity and yield are known.

    Parameters
    ----------
    eligible
        Eligible patterns, bool [n].
    eligible_m2
        Eligible land by county (zones without 0). [m²]
    labels
        Site number of each cell, 0 = none.
    count
        Number of sites.
    """

    technology: Technology
    eligible: npt.NDArray[np.bool_]
    eligible_m2: npt.NDArray[np.float64]
    labels: npt.NDArray[np.int32]
    count: int
    places: Places
    scored: Scored
    law: SiteLaw

    def mean(
        self, values: npt.NDArray[np.float32], cell_area: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Return the area-weighted mean of a raster over each site, shape (count,)."""
        spots = np.nonzero(self.labels)
        return weighted_mean(self.labels[spots], values[spots], cell_area[spots], self.count)


def find(
    technology: Technology,
    ground: Ground,
    judgements: Mapping[Component, Judgement],
    params: Params,
    mw_per_km2: float,
    criteria: Iterable[Criterion],
    within: npt.NDArray[np.bool_] | None = None,
) -> Candidates:
    """Return the candidate sites of a technology.

    Parameters
    ----------
    technology
        What is to be built.
    ground
        Land of the run.
    judgements
        By component, the footprint first.
    params
        ``site_min_mw``, ``site_max_mw``, ``min_width_m``.
    mw_per_km2
        Capacity density. [MW/km²]
    criteria
        Taken one at a time.
    within
        Cells that sites may take; None = all eligible ones. Eligible land and the score
        raster do not depend on it.
    """
    footprint = next(iter(judgements.values()))
    patterns = eligible_patterns(footprint)
    cells = ground.eligible(patterns)
    labels, count = grow(
        cells if within is None else cells & within,
        ground.grid,
        mw_per_km2,
        params.number("site_min_mw"),
        params.number("site_max_mw"),
        params.number("min_width_m"),
        ground.zones,
    )
    under = pattern_areas(labels, ground.table.index, ground.cell_area, count, ground.table.n)
    return Candidates(
        technology,
        patterns,
        ground.table.area_m2[1:] @ patterns,
        labels,
        count,
        places(technology.value, labels, count, ground.grid, ground.zones),
        score_sites(criteria, cells, labels, count, ground.cell_area),
        read_law(under, judgements),
    )


def frame(
    found: Candidates,
    ground: Ground,
    footprint: Judgement,
    synthetic: bool,
    sources: tuple[str, ...],
    columns: Mapping[str, npt.NDArray[np.float64]],
    note: str,
) -> gpd.GeoDataFrame:
    """Return the ranked site frame, best first.

    Parameters
    ----------
    found
        Sites, scores and law.
    ground
        Land of the run.
    footprint
        Judgement of the footprint component.
    synthetic
        At least one input is synthetic.
    sources
        Source ids of the inputs.
    columns
        Capacity, energy and descriptors, each of shape (count,).
    note
        What the yield and the score leave out.
    """
    if found.count == 0:
        return empty_sites(ground.grid.crs)
    place = found.places
    order_no = rank(found.scored.score, place.area_m2)
    names = ("", *ground.counties)
    county = [names[int(zone)] for zone in place.zone]
    data: dict[str, object] = {
        "id": place.ids,
        "technology": found.technology.value,
        "county": county,
        "status": "candidate",
        **area_columns(place.area_m2),
        "score": found.scored.score,
        "rank": order_no,
        "verdict": _codes(found.law.verdict, footprint),
        "verdict_zh": [
            verdict_text(Verdict(int(v)), footprint, synthetic).zh for v in found.law.verdict
        ],
        "unbuildable": found.law.unbuildable,
        "reasons": found.law.reasons,
        "unscreened": footprint.total - footprint.screened if footprint.total else None,
        "coord_quality": "approx" if synthetic else "exact",
        "synthetic": synthetic,
        "lon": place.lon,
        "lat": place.lat,
        "source": ";".join(sources),
        "note": note,
        **columns,
        **{f"score_{key}": part for key, part in found.scored.parts.items()},
        **found.scored.means,
    }
    for component, worst in found.law.by_component.items():
        data[f"verdict_{component.value}"] = _codes(worst, footprint)
    out = gpd.GeoDataFrame(data, geometry=place.geometry, crs=ground.grid.crs)
    out = out.sort_values("rank", kind="stable").reset_index(drop=True)
    number = out.groupby("county").cumcount() + 1
    word = TECHNOLOGY_ZH[found.technology]
    out["name"] = [f"{c}{word}候选 {n}" for c, n in zip(out["county"], number, strict=True)]
    return conform(out)


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
