"""PV candidates: land by slope, grown sites, mountain yield of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo import crs as geo_crs
from geo.errors import Say
from geo.passport import Passport, merge
from geo.units import m2_to_mu
from siting.law.compass import grid_north_deg
from siting.law.judgement import eligible_patterns
from siting.law.terms import Component, Technology
from siting.law.verdict import Judgement
from siting.pv.energy import mw_per_km2
from siting.pv.rows import land_mu_per_mw
from siting.pv.terrain_light import terrain_light
from siting.pv.yields import PvDetail, PvField, pv_field
from siting.sites import candidates
from siting.sites.candidates import Candidates
from siting.sites.ground import Ground
from siting.sites.grow import grow
from siting.sites.params import Params, load_params
from siting.sites.projects import Projects, with_projects
from siting.sites.score import LEAST_KNOWN, Criterion

#: Layers beyond the screening's that the result rests on.
LAYERS = ("dem", "ghi", "road", "substation")
NO_RESOURCE = Say("无资源图层", "no resource layer")
NO_LIGHT = Say("辐射图层在区域内没有数据", "the irradiation layer holds nothing in the region")
HOURS_TO_GWH = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class PvResult:
    """Candidate sites of PV and what they rest on.

    Parameters
    ----------
    found
        Labels, eligible land, law, capacity.
    field
        Yield of every cell; None without ``ghi``.
    detail
        Months and losses of each site; None without ``ghi``.
    light
        Light on the modules over that of flat, open ground, float32 (rows, cols); only
        without ``ghi``, where nothing else tells of the terrain. [-]
    land_per_mw
        Land of a megawatt (AC) on each cell's slope, float32 (rows, cols). [亩/MW]
    columns
        Columns of the site frame, each of shape (count,).
    yield_text
        What the yield is, or why there is none.
    note
        What yield and score leave out, on every site.
    """

    found: Candidates
    params: Params
    field: PvField | None
    detail: PvDetail | None
    light: npt.NDArray[np.float32] | None
    land_per_mw: npt.NDArray[np.float32]
    columns: Mapping[str, npt.NDArray[np.float64]]
    yield_text: Say
    note: Say
    passport: Passport

    @property
    def mw_per_km2(self) -> float:
        """Mean density of eligible land, AC. [MW/km²]."""
        return self.found.mw_per_km2

    @property
    def flat_mw_per_km2(self) -> float:
        """Density of flat ground by published land, AC; what the ledger counts with. [MW/km²]."""
        return mw_per_km2(self.params)

    @property
    def land_mu(self) -> npt.NDArray[np.float64]:
        """Land that each site keeps, (count,). [亩]."""
        # a project that reaches out of the region keeps land there too
        return np.asarray(m2_to_mu(self.found.places.area_m2 / self.found.inside), np.float64)

    @property
    def energy_gwh(self) -> npt.NDArray[np.float64]:
        """Net generation of a year at the plant's grid side, (count,); NaN unknown. [GWh]."""
        return self.columns.get("energy_gwh", np.full(self.found.count, np.nan))


def parameters(overrides: Mapping[str, float]) -> Params:
    """Return the shipped parameters with the user's ``pv.*`` values."""
    return load_params("siting.pv", "pv").changed(overrides)


def pv_sites(
    ground: Ground,
    judgements: Mapping[Component, Judgement],
    params: Params,
    projects: Projects | None = None,
    progress: Callable[[str], None] | None = None,
) -> PvResult:
    """Return the candidate sites of PV.

    Parameters
    ----------
    ground
        Land of the run.
    judgements
        By component, ``pv_array`` first.
    params
        Of :func:`parameters`.
    projects
        Named projects of the user that become sites as they are.
    progress
        Called with a Chinese stage name.

    Raises
    ------
    OptionError
        If parameters leave their band.
    InputError
        If an irradiation layer exceeds the clear sky.
    """
    land = _land(ground, params)
    density = np.float32(mw_per_km2(params) * params.number("land_mu_per_mw_ac")) / land
    eligible = ground.eligible(eligible_patterns(next(iter(judgements.values()))))
    named = None
    if projects is not None:
        named, taken = projects.ground(ground.grid, ground.zones, mw_per_km2(params))
        eligible &= ~taken
    labels, count = grow(
        eligible,
        ground.grid,
        density,
        params.number("site_min_mw"),
        params.number("site_max_mw"),
        params.number("min_width_m"),
        ground.zones,
    )
    if named is not None:
        labels, count = with_projects(projects, named, labels, count)
    field = pv_field(ground, params, ground.zones > 0, labels > 0, progress)
    annual = None if field is None else field.annual
    found = candidates.read(
        Technology.PV,
        ground,
        judgements,
        labels,
        count,
        density,
        _criteria(ground, params, annual),
        projects=projects,
    )
    detail = None
    if field is not None:
        detail = field.detail(labels, count, _weight(ground, density, params)).settled()
    light = None
    if field is None:
        light = terrain_light(ground, params, ground.zones > 0, progress)
    text = NO_RESOURCE if ground.stack.get("ghi") is None else NO_LIGHT
    text = text if field is None else field.text
    passport = merge(
        ground.passport(*LAYERS), params.passport(), *(() if field is None else (field.passport,))
    )
    columns = _columns(found, params, detail)
    return PvResult(
        found,
        params,
        field,
        detail,
        light,
        land,
        columns,
        text,
        text if field is None else _joined(text, *_dark(columns), field.modelled),
        passport,
    )


def _weight(
    ground: Ground, density: npt.NDArray[np.float32], params: Params
) -> npt.NDArray[np.float32]:
    """Return the capacity of each cell, of flat ground where the slope is unknown. [W]."""
    flat = np.float32(mw_per_km2(params))
    capacity = np.where(np.isfinite(density), density, flat)
    # MW/km² is W/m²
    return np.multiply(capacity, ground.cell_area, out=capacity, casting="same_kind")


def _dark(columns: Mapping[str, npt.NDArray[np.float64]]) -> tuple[Say, ...]:
    """Return how many sites carry no yield since light or slope is unknown on their ground."""
    n = int(np.count_nonzero(np.isnan(columns["energy_gwh"])))
    if n == 0:
        return ()
    return (
        Say(f"{n} 个场址有超过 1 % 的用地没有辐射、气温或高程数据，或在区域外，发电量空缺",
            f"{n} sites lack irradiation, temperature or elevation, or lie outside the region, on"
            " more than 1 % of their ground: no yield"),
    )  # fmt: skip


def _joined(*said: Say) -> Say:
    return Say("；".join(one.zh for one in said), "; ".join(one.en for one in said))


def _land(ground: Ground, params: Params) -> npt.NDArray[np.float32]:
    """Return the land of a megawatt on each cell; flat where no elevation is known. [亩/MW]."""
    shape = ground.grid.shape
    if ground.terrain is None:
        return np.full(shape, params.number("land_mu_per_mw_ac"), np.float32)
    terrain = ground.terrain
    west, south, east, north = ground.grid.bounds
    x, y = (west + east) / 2, (south + north) / 2
    _, lat = geo_crs.lonlat(ground.grid.crs, x, y)
    north_deg = grid_north_deg(ground.grid.crs, x, y)
    return land_mu_per_mw(terrain.slope_deg, terrain.aspect_deg, float(lat), params, north_deg)


def _columns(
    found: Candidates, params: Params, detail: PvDetail | None
) -> dict[str, npt.NDArray[np.float64]]:
    mwp = found.mw * params.number("dc_ac")
    out = {"capacity_mwp": mwp}
    if detail is None:
        return out
    # of a project's part beyond the region nothing is known
    here = found.inside >= LEAST_KNOWN
    annual = np.where(here, detail.annual, np.nan)
    energy = mwp * annual * HOURS_TO_GWH
    with np.errstate(invalid="ignore", divide="ignore"):
        hours = energy / HOURS_TO_GWH / found.mw
    by_month = np.where(here, detail.monthly.T, np.nan)
    months = {f"month_{m + 1:02d}": by_month[m] for m in range(12)}
    return out | {
        "energy_gwh": energy,
        "kwh_per_kwp": annual,
        "hours_ac": hours,
        "terrain_loss": np.where(here, detail.terrain_loss, np.nan),
        **months,
    }


def _criteria(
    ground: Ground, params: Params, annual: npt.NDArray[np.float32] | None
) -> Iterator[Criterion]:
    """Yield the criteria one by one: distances are made when their turn comes."""

    def one(key: str, column: str, title: Say, unit: str,
            values: npt.NDArray[np.float32] | None) -> Criterion:  # fmt: skip
        worst, best = params.number(f"{key}_worst"), params.number(f"{key}_best")
        return Criterion(column, title, unit, values, worst, best, params.number(f"w_{key}"))

    slope = ground.terrain.slope_deg if ground.terrain is not None else None
    yield one("yield", "kwh_per_kwp", Say("单位电量", "yield"), "kWh/kWp", annual)
    yield one("slope", "slope_deg", Say("坡度", "slope"), "°", slope)
    yield one(
        "road", "road_m", Say("距公路", "to road"), "m",
        ground.distance_to("road", params.number("road_worst")),
    )  # fmt: skip
    yield one(
        "substation", "substation_m", Say("距变电站", "to substation"), "m",
        ground.distance_to("substation", params.number("substation_worst")),
    )  # fmt: skip
