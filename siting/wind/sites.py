"""Wind candidates: slope and access alone rank them, and every row says so.

A mean over 0.25° (about 25 km) cannot tell a ridge from a valley (truth.md A2): there is no
yield, no MWh and no resource in the score until a wind map of 250 m or finer is at hand.
Sites are contiguous areas of ground that stands above its surroundings, where turbines are
built; that says nothing about the wind and does not rank. Turbines spaced along ridges come
later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from geo.errors import OptionError, Say
from geo.passport import Passport, merge
from layers.marks import is_coarse
from siting.law.terms import Component, Technology
from siting.law.verdict import Judgement
from siting.sites import candidates
from siting.sites.candidates import Candidates
from siting.sites.ground import Ground
from siting.sites.params import Params, load_params
from siting.sites.score import Criterion
from siting.wind.relief import relative_height

#: Layers beyond the screening's that the result rests on.
LAYERS = ("dem", "road", "wind_mean")
COARSE = Say("网格均值，未解析山脊", "grid mean, ridges unresolved")
UNCOUNTED = Say("本版本未由风图计算发电量", "no yield computed from the wind map yet")
NO_RESOURCE = Say("无资源图层", "no resource layer")
SCORE_BASIS = Say("得分只含坡度与道路可达", "score rests on slope and road access alone")


@dataclass(frozen=True, slots=True, eq=False)
class WindResult:
    """Candidate areas of wind and what they rest on.

    Parameters
    ----------
    found
        Labels, eligible land, scores, law.
    sites
        Ranked frame (:mod:`siting.sites.columns`); ``energy_gwh`` is empty.
    mw_per_km2
        Density on eligible land. [MW/km²]
    yield_text
        Why there is no yield.
    note
        What yield and score leave out, on every site.
    """

    found: Candidates
    sites: gpd.GeoDataFrame
    params: Params
    mw_per_km2: float
    yield_text: Say
    note: Say
    passport: Passport


def parameters(overrides: Mapping[str, float]) -> Params:
    """Return the shipped parameters with the user's ``wind.*`` values."""
    return load_params("siting.wind", "wind").changed(overrides)


def mw_per_km2(params: Params) -> float:
    """Return the capacity of a square kilometre of eligible land. [MW/km²].

    One turbine on a rectangle of ``spacing_across`` x ``spacing_along`` rotor diameters.

    Raises
    ------
    OptionError
        If the share of land that is built on is not in 0-1.
    """
    share = params.number("utilisation")
    if not 0.0 < share <= 1.0:
        raise OptionError(
            "wind.utilisation",
            Say(f"{share} 不在 0-1", f"{share} is not in 0-1"),
            Say("给出 0 到 1 的利用率", "give a share above 0 and at most 1"),
        )
    rotor_km = params.number("rotor_m") / 1000.0
    spaced = params.number("spacing_across") * params.number("spacing_along") * rotor_km**2
    return params.number("turbine_mw") / spaced * share


def wind_sites(
    ground: Ground, judgements: Mapping[Component, Judgement], params: Params
) -> WindResult:
    """Return the candidate areas of wind.

    Parameters
    ----------
    ground
        Land of the run.
    judgements
        By component, ``turbine_base`` first.
    params
        Of :func:`parameters`.
    """
    density = mw_per_km2(params)
    dem, wind = ground.values("dem"), ground.values("wind_mean")
    height = raised = None
    if dem is not None:
        height = relative_height(dem, ground.grid, params.number("relief_window_m"))
        raised = height >= np.float32(params.number("relief_min_m"))
    found = candidates.find(
        Technology.WIND, ground, judgements, params, density, _criteria(ground, params), raised
    )
    passport = merge(ground.passport(*LAYERS), params.passport())
    columns = {"capacity_mw": found.places.area_m2 / candidates.M2_PER_KM2 * density}
    if height is not None:
        columns["relative_height_m"] = found.mean(height, ground.cell_area)
    text = NO_RESOURCE
    if wind is not None:
        layer = ground.stack.require("wind_mean")
        # only a real map of fine cells resolves a ridge (truth.md A2)
        coarse = is_coarse(layer) or layer.passport.proxy or layer.passport.synthetic
        text = COARSE if coarse else UNCOUNTED
        name = "wind_mean_025_ms" if coarse else "wind_mean_ms"
        columns[name] = found.mean(wind, ground.cell_area)
    ground_text = raised_text(params)
    note = Say(
        f"发电量：{text.zh}；{SCORE_BASIS.zh}；{ground_text.zh}",
        f"yield: {text.en}; {SCORE_BASIS.en}; {ground_text.en}",
    )
    sites = candidates.frame(
        found,
        ground,
        next(iter(judgements.values())),
        passport.synthetic,
        passport.sources,
        {key: np.asarray(value) for key, value in columns.items()},
        note.zh,
    )
    return WindResult(found, sites, params, density, text, note, passport)


def raised_text(params: Params) -> Say:
    """Return which ground the sites take."""
    low, window = params.number("relief_min_m"), params.number("relief_window_m") / 1000
    return Say(
        f"场址只取高出 {window:g} km 窗口平均 {low:g} m 以上的地面（预设）",
        f"sites take only ground {low:g} m above the mean of a {window:g} km window (prior)",
    )


def _criteria(ground: Ground, params: Params) -> Iterator[Criterion]:
    slope = ground.terrain.slope_deg if ground.terrain is not None else None
    yield Criterion(
        "slope_deg", Say("坡度", "slope"), "°", slope,
        params.number("slope_worst"), params.number("slope_best"), params.number("w_slope"),
    )  # fmt: skip
    yield Criterion(
        "road_m", Say("距公路", "to road"), "m",
        ground.distance_to("road", params.number("road_worst")),
        params.number("road_worst"), params.number("road_best"), params.number("w_road"),
    )  # fmt: skip
