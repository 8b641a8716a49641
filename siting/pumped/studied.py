"""What a study of pumped storage holds: sites found, their works, law, money and doubts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import geopandas as gpd

from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport
from siting.pumped.anu.search import AnuResult
from siting.pumped.beside_plan import PlanRow
from siting.pumped.doubt.bands import Bands
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.money.calibrate import AnchorRow
from siting.pumped.money.model import StorageCost
from siting.pumped.pairs.model import Pairs
from siting.pumped.search import SearchResult
from siting.pumped.works.model import Works, WorksLaw
from siting.sites.params import Params


@dataclass(frozen=True, slots=True, eq=False)
class PumpedStudy:
    """Pumped storage of a region; rows of all values are those of ``sites``, best first.

    Parameters
    ----------
    sites
        Ranked frame (:mod:`siting.sites.columns` and the columns of
        :mod:`siting.pumped.frame`); geometry = new lakes, dams and powerhouse.
    pairs
        The chosen pairs.
    works, law
        Structures and what the law says of them.
    cost
        Cost of the chosen pairs by part. [元/kW]
    bands
        What errors of the elevation do to them.
    lakes
        Existing reservoirs that were read.
    plan
        Named projects beside what was found.
    anchors
        Published plants that the cost rests on, with residuals.
    found
        Counts by stage of the search, in order: what, how many.
    search
        The whole search, for the question why not; None once it is dropped.
    cross
        The atlas rules on the same ground, when asked for.
    notes, warnings
        Limits of the method; what a reader must see on the first page.
    """

    grid: Grid
    sites: gpd.GeoDataFrame
    pairs: Pairs
    works: Works
    law: WorksLaw
    cost: StorageCost
    bands: Bands
    lakes: tuple[ExistingLake, ...]
    plan: tuple[PlanRow, ...]
    anchors: tuple[AnchorRow, ...]
    found: Mapping[str, int]
    params: tuple[Params, ...]
    notes: tuple[Say, ...]
    warnings: tuple[Say, ...]
    passport: Passport
    rules: Literal["own", "anu"] = "own"
    cross: AnuResult | None = None
    search: SearchResult | None = None
    undecided: tuple[Say, ...] = field(default_factory=tuple)
