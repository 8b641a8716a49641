"""PV candidates: criteria in real units, first yield, ranked sites."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geo import crs as geo_crs
from geo.errors import Say
from geo.passport import Passport, merge
from siting.law.terms import Component, Technology
from siting.law.verdict import Judgement
from siting.pv.clearsky import check_ghi
from siting.pv.energy import UNCOUNTED, mw_per_km2, performance_ratio, specific_yield
from siting.pv.transposition import GainTable, gain_table, sun_shape
from siting.sites import candidates
from siting.sites.candidates import Candidates
from siting.sites.ground import Ground
from siting.sites.params import Params, load_params
from siting.sites.score import Criterion

#: Layers beyond the screening's that the result rests on.
LAYERS = ("dem", "ghi", "road", "substation")
NO_RESOURCE = Say("无资源图层", "no resource layer")


@dataclass(frozen=True, slots=True, eq=False)
class PvResult:
    """Candidate sites of PV and what they rest on.

    Parameters
    ----------
    found
        Labels, eligible land, scores, law.
    sites
        Ranked frame (:mod:`siting.sites.columns`).
    mw_per_km2
        Density on eligible land. [MW AC/km²]
    flat_yield
        Yield of flat ground at the region's mean GHI [kWh/kWp DC]; NaN without ``ghi``.
    yield_text
        What the yield is, or why there is none.
    note
        What yield and score leave out, on every site.
    """

    found: Candidates
    sites: gpd.GeoDataFrame
    params: Params
    mw_per_km2: float
    performance_ratio: float
    flat_yield: float
    yield_text: Say
    note: Say
    passport: Passport


def parameters(overrides: Mapping[str, float]) -> Params:
    """Return the shipped parameters with the user's ``pv.*`` values."""
    return load_params("siting.pv", "pv").changed(overrides)


def pv_sites(ground: Ground, judgements: Mapping[Component, Judgement], params: Params) -> PvResult:
    """Return the candidate sites of PV.

    Parameters
    ----------
    ground
        Land of the run.
    judgements
        By component, ``pv_array`` first.
    params
        Of :func:`parameters`.

    Raises
    ------
    OptionError
        If parameters leave their band.
    InputError
        If the irradiation layer exceeds the clear sky.
    """
    ratio = performance_ratio(params)
    density = mw_per_km2(params)
    table = _gain_table(ground, params)
    gain = None
    if ground.terrain is not None:
        gain = table.lookup(ground.terrain.slope_deg, ground.terrain.aspect_deg)
    ghi = ground.values("ghi")
    if ghi is not None:
        check_ghi(ghi, ground.values("dem"), ground.zones > 0, *_centre(ground))
    found = candidates.find(
        Technology.PV, ground, judgements, params, density, _criteria(ground, params, ghi, gain)
    )
    passport = merge(ground.passport(*LAYERS), params.passport())
    mw = found.places.area_m2 / candidates.M2_PER_KM2 * density
    mwp = mw * params.number("dc_ac")
    columns = {"capacity_mw": mw, "capacity_mwp": mwp}
    flat = float("nan")
    text = NO_RESOURCE
    if ghi is not None:
        plane = gain if gain is not None else np.ones(ghi.shape, np.float32)
        kwh = found.mean(specific_yield(ghi, plane, ratio), ground.cell_area)
        columns |= {"energy_gwh": mwp * kwh / 1000.0, "kwh_per_kwp": kwh}
        flat = float(np.nanmean(ghi[ground.zones > 0])) * float(table.factor[0, 0]) * ratio
        text = _text(ratio)
    left_out = UNCOUNTED if ghi is not None else _default_diffuse(params)
    note = Say(f"{text.zh}；{left_out.zh}", f"{text.en}; {left_out.en}")
    sites = candidates.frame(
        found,
        ground,
        next(iter(judgements.values())),
        passport.synthetic,
        passport.sources,
        columns,
        note.zh,
    )
    return PvResult(found, sites, params, density, ratio, flat, text, note, passport)


def _centre(ground: Ground) -> tuple[float, float]:
    """Return latitude and longitude of the grid's centre. [°]."""
    west, south, east, north = ground.grid.bounds
    lon, lat = geo_crs.lonlat(ground.grid.crs, (west + east) / 2, (south + north) / 2)
    return float(lat), float(lon)


def _gain_table(ground: Ground, params: Params) -> GainTable:
    """Return the gain table at the centre of the grid, at the mean height of its land."""
    dem = ground.values("dem")
    height = float(np.nanmean(dem)) if dem is not None else 0.0
    return gain_table(
        sun_shape(*_centre(ground), height),
        params.number("rack_tilt"),
        params.number("diffuse_share"),
        params.number("albedo"),
    )


def _default_diffuse(params: Params) -> Say:
    """Return what the plane gain rests on where no resource layer speaks for the place."""
    share = params.number("diffuse_share")
    return Say(
        f"倾斜面增益按默认散射占比 {share:g} 计，非本地值",
        f"plane gain by the default diffuse share {share:g}, not a local value",
    )


def _text(ratio: float) -> Say:
    return Say(
        f"直流等效 kWh/kWp = 总辐射 × 倾斜面增益 × 系统效率 {ratio:.3f}",
        f"kWh/kWp DC = GHI x plane gain x performance ratio {ratio:.3f}",
    )


def _criteria(
    ground: Ground,
    params: Params,
    ghi: npt.NDArray[np.float32] | None,
    gain: npt.NDArray[np.float32] | None,
) -> Iterator[Criterion]:
    """Yield the criteria one by one: distances are made when their turn comes."""

    def one(key: str, column: str, title: Say, unit: str,
            values: npt.NDArray[np.float32] | None) -> Criterion:  # fmt: skip
        worst, best = params.number(f"{key}_worst"), params.number(f"{key}_best")
        return Criterion(column, title, unit, values, worst, best, params.number(f"w_{key}"))

    slope = ground.terrain.slope_deg if ground.terrain is not None else None
    yield one("ghi", "ghi_kwh_m2", Say("总辐射", "GHI"), "kWh/m²·a", ghi)
    yield one("slope", "slope_deg", Say("坡度", "slope"), "°", slope)
    yield one("gain", "plane_gain", Say("倾斜面增益", "plane gain"), "-", gain)
    yield one(
        "road",
        "road_m",
        Say("距公路", "to road"),
        "m",
        ground.distance_to("road", params.number("road_worst")),
    )
    yield one(
        "substation", "substation_m", Say("距变电站", "to substation"), "m",
        ground.distance_to("substation", params.number("substation_worst")),
    )  # fmt: skip
