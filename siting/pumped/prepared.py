"""What the search needs of a screened region: ground, standing lakes, barred ground."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from layers.facts import Facts
from siting.law.judgement import Judgement
from siting.law.terms import Component
from siting.pumped.barred import allowed_feet, caps_of
from siting.pumped.dams.model import Cap
from siting.pumped.lakes.existing import survey_lakes
from siting.pumped.lakes.model import LakeSurvey
from siting.pumped.pairs.options import default_sizes
from siting.pumped.search import SearchResult, search
from siting.sites.ground import Ground
from siting.sites.params import Params

#: In coarser cells a crest of some hundred metres is a cell or two: no valley, no dam. [m]
COARSEST_CELL_M: Final = 200.0
NO_GROUND: Final = Say(
    "没有高程图层，未搜索抽蓄场址；点名工程只列公布数字",
    "no elevation layer: no search for storage; named projects show published figures",
)


def no_search(ground: Ground) -> Say | None:
    """Return why reservoirs cannot be searched for on this ground, None where they can."""
    if ground.stack.get("dem") is None:
        return NO_GROUND
    cell = ground.grid.dx
    if cell > COARSEST_CELL_M:
        return Say(
            f"像元 {cell:g} m 太粗，分不出谷地与坝体，未搜索抽蓄场址：请用 --resolution 90 或更细",
            f"cells of {cell:g} m tell no valley from its dam: no search for storage; use "
            "--resolution 90 or finer",
        )
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Inputs of the search.

    Parameters
    ----------
    dem
        Ground, float32 (rows, cols), NaN = void. [m]
    judgements
        Of new works by component.
    survey
        Standing lakes, and those left out with the reason.
    caps
        Ground that no lake may reach, and ground that needs a route as well.
    """

    ground: Ground
    dem: npt.NDArray[np.float32]
    judgements: Mapping[Component, Judgement]
    survey: LakeSurvey
    caps: tuple[Cap, Cap]

    def search(
        self, params: Mapping[str, Params], progress: Callable[[str], None] | None = None
    ) -> SearchResult:
        """Return the result of the search in this ground."""
        return search(
            self.dem, self.ground.grid, self.survey.lakes, default_sizes(params["pair"]), params,
            self.caps, allowed_feet(self.ground), progress,
        )  # fmt: skip


def prepare(
    ground: Ground,
    judgements: Mapping[Component, Judgement],
    facts: Facts,
    params: Mapping[str, Params],
    as_of: str,
) -> Prepared | None:
    """Return the inputs of the search, None where :func:`no_search` has a reason.

    Parameters
    ----------
    ground
        Screened land.
    judgements
        Of new works by component of pumped storage.
    facts
        Published figures of standing plants.
    params
        Tables by group.
    as_of
        ISO day: a lake that is filled later does not exist yet.
    """
    dem = ground.values("dem")
    if dem is None or no_search(ground) is not None:
        return None
    survey = survey_lakes(ground.stack, ground.grid, facts.sites, params["lake"], as_of)
    return Prepared(ground, dem, judgements, survey, caps_of(ground, judgements, survey.lakes))
