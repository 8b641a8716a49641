"""What a study holds of one technology: judgements, candidate sites, land by county."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from siting.connect.connect import Connections
from siting.cost.economics import Economics
from siting.law.terms import Component, Technology
from siting.law.verdict import Judgement
from siting.pv.sites import PvResult
from siting.pv.yields import PvField
from siting.ranking.ranking import Ranking
from siting.sites.land import SweepRow
from siting.sites.params import Params
from siting.wind.aep import WindField
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
        Where sites lie, what they yield, density and yield text.
    sites
        Ranked frame (:mod:`siting.sites.columns`), best first.
    connections, economics
        Grid and road, money of each site, in the order of the labels; None without any site.
        ``connections`` is also None where no substation is known.
    ranking
        Views, intervals and what each rank hangs on, in the order of the labels.
    order
        Row of the label-ordered tables behind each row of ``sites``, int64 (count,).
    params
        Every parameter table that the result rests on.
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
    sites: gpd.GeoDataFrame
    connections: Connections | None
    economics: Economics | None
    ranking: Ranking | None
    order: npt.NDArray[np.int64]
    params: tuple[Params, ...]
    classes: npt.NDArray[np.uint8]
    county: pd.DataFrame
    sweep: tuple[SweepRow, ...]

    @property
    def field(self) -> PvField | WindField | None:
        """Yield of every cell."""
        return self.result.field

    @property
    def footprint(self) -> Judgement:
        """Judgement of the footprint component."""
        return next(iter(self.judgements.values()))

    @property
    def eligible_m2(self) -> float:
        """Eligible land of the region. [m²]."""
        return float(self.result.found.eligible_m2.sum())

    @property
    def eligible_mw(self) -> float:
        """Capacity of all eligible land, AC. [MW]."""
        return float(self.result.found.eligible_mw.sum())
