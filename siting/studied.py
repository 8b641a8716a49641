"""What a study holds of one technology: judgements, candidate sites, land by county."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from siting.law.terms import Component, Technology
from siting.law.verdict import Judgement
from siting.pv.sites import PvResult
from siting.sites.land import SweepRow
from siting.wind.sites import WindResult


@dataclass(frozen=True, slots=True, eq=False)
class TechnologyStudy:
    """All that is known of one technology.

    Parameters
    ----------
    judgements
        By component, the footprint first; ground of a facility is judged as that of what
        stands there.
    result
        Sites with scores, density and yield text.
    new_works
        The same for new works everywhere: what stands exempts a candidate of nothing. Land,
        ledger and candidates are counted by these.
    classes
        Land class of each pattern for new works, uint8 [n]
        (:class:`siting.sites.land.LandClass`).
    county
        Land by county and class (:func:`siting.sites.land.county_frame`). [m²]
    sweep
        Eligible land at each slope limit.
    """

    technology: Technology
    judgements: Mapping[Component, Judgement]
    new_works: Mapping[Component, Judgement]
    result: PvResult | WindResult
    classes: npt.NDArray[np.uint8]
    county: pd.DataFrame
    sweep: tuple[SweepRow, ...]

    @property
    def footprint(self) -> Judgement:
        """Judgement of the footprint component."""
        return next(iter(self.judgements.values()))

    @property
    def sites(self) -> gpd.GeoDataFrame:
        """Ranked candidate sites."""
        return self.result.sites

    @property
    def eligible_m2(self) -> float:
        """Eligible land of the region. [m²]."""
        return float(self.result.found.eligible_m2.sum())

    @property
    def eligible_mw(self) -> float:
        """Capacity of all eligible land, AC. [MW]."""
        return self.eligible_m2 / 1e6 * self.result.mw_per_km2
