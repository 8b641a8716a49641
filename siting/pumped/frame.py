"""From chosen pairs to the site frame: ids, places, names, columns with units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo import crs as geo_crs
from geo.crs import polygon_areas
from geo.errors import Say
from geo.passport import Passport
from siting.law.terms import Technology, Verdict
from siting.law.verdict import Judgement
from siting.pumped.dams.model import DamSites
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.pairs.model import PAIR_KIND, PairKind, Pairs
from siting.pumped.works.model import Works, WorksLaw
from siting.sites.candidates import UNSCREENED, verdict_text
from siting.sites.columns import conform
from siting.sites.frame import area_columns
from siting.sites.geohash import site_ids
from siting.sites.ground import Ground

Float64 = npt.NDArray[np.float64]

NEW_UPPER: Final = "新建上水库"
NEW_LOWER: Final = "新建下水库"
M3_PER_MM3: Final = 1.0e6
M2_PER_HA: Final = 1.0e4
M2_PER_KM2: Final = 1.0e6
#: Structures that take new land and make the geometry of a site.
TAKES_LAND: Final = ("upper_lake", "lower_lake", "upper_dam", "lower_dam", "powerhouse")


def places(pairs: Pairs, dams: DamSites, crs: str) -> tuple[list[str], Float64, Float64]:
    """Return id and point of each pair: the foot of its upper dam, else of its lower one.

    A pair of existing lakes stands where its waterway leaves the upper of them: another lower
    lake is another place, so no id hangs on how many pairs were kept.

    Returns
    -------
    list of str, ndarray, ndarray
        Ids on the fixed lattice, x and y. [m]
    """
    fx, fy = dams.xy()
    x, y = np.empty(pairs.count), np.empty(pairs.count)
    for i in range(pairs.count):
        upper, lower = int(pairs.upper[i]), int(pairs.lower[i])
        if upper >= 0:
            x[i], y[i] = fx[upper], fy[upper]
        elif lower >= 0:
            x[i], y[i] = fx[lower], fy[lower]
        else:
            x[i], y[i] = pairs.upper_shore[i]
    return site_ids(Technology.PUMPED.value, crs, x, y), x, y


def lake_names(which: npt.NDArray[np.int32], lakes: Sequence[ExistingLake], new: str) -> list[str]:
    """Return the name of the lake behind each row of a pair, ``new`` where it is to be built."""
    return [new if k >= 0 else lakes[-1 - k].name for k in which.tolist()]


def pair_columns(pairs: Pairs, dams: DamSites, lakes: Sequence[ExistingLake]) -> dict[str, Any]:
    """Return the columns that follow from the pairs alone, units in their names."""
    rock = pairs.upper_dam_m3 + pairs.lower_dam_m3
    catchment = np.full(pairs.count, np.nan)
    new = pairs.upper >= 0
    catchment[new] = dams.catchment_m2[pairs.upper[new]] / M2_PER_KM2
    return {
        "kind": [PAIR_KIND[PairKind(int(k))].zh for k in pairs.kind],
        "upper_name": lake_names(pairs.upper, lakes, NEW_UPPER),
        "lower_name": lake_names(pairs.lower, lakes, NEW_LOWER),
        "hours": pairs.hours,
        "head_m": pairs.head_mean_m,
        "head_min_m": pairs.head_min_m,
        "head_max_m": pairs.head_max_m,
        "loss_m": pairs.loss_m,
        "length_m": pairs.length_m,
        "lh_ratio": pairs.ratio,
        "volume_mm3": pairs.volume_m3 / M3_PER_MM3,
        "upper_normal_m": pairs.upper_normal_m,
        "upper_dead_m": pairs.upper_dead_m,
        "lower_normal_m": pairs.lower_normal_m,
        "lower_dead_m": pairs.lower_dead_m,
        "upper_height_m": _or_none(pairs.upper_height_m, pairs.upper),
        "lower_height_m": _or_none(pairs.lower_height_m, pairs.lower),
        "upper_crest_m": _or_none(pairs.upper_crest_m, pairs.upper),
        "lower_crest_m": _or_none(pairs.lower_crest_m, pairs.lower),
        "upper_dam_mm3": _or_none(pairs.upper_dam_m3 / M3_PER_MM3, pairs.upper),
        "lower_dam_mm3": _or_none(pairs.lower_dam_m3 / M3_PER_MM3, pairs.lower),
        "water_rock": np.where(rock > 0, pairs.volume_m3 / np.maximum(rock, 1.0), np.nan),
        "upper_catchment_km2": catchment,
        "tunnel_m": pairs.tunnel_m,
        "flow_m3s": pairs.flow_m3s,
    }


def land_of(works: Works, count: int) -> gpd.GeoSeries:
    """Return what each pair builds as one outline: new lakes, dams, powerhouse."""
    parts = works.parts
    own = parts[parts["part"].isin(TAKES_LAND) & ~parts["existing"].astype(bool)]
    shapes: list[list[BaseGeometry]] = [[] for _ in range(count)]
    for site, geometry in zip(own["site"], own.geometry, strict=True):
        shapes[int(site)].append(geometry)
    joined = [shapely.unary_union(one) if one else shapely.MultiPolygon() for one in shapes]
    return gpd.GeoSeries(joined, crs=parts.crs)


def site_frame(
    pairs: Pairs,
    dams: DamSites,
    lakes: Sequence[ExistingLake],
    works: Works,
    law: WorksLaw,
    ground: Ground,
    footprint: Judgement,
    passport: Passport,
    columns: Mapping[str, Any],
    order: npt.NDArray[np.int64],
) -> gpd.GeoDataFrame:
    """Return the ranked frame of the chosen pairs, rows in ``order``.

    Parameters
    ----------
    footprint
        Judgement of the new upper reservoir: how many rules were screened.
    columns
        Further columns, in the order of ``pairs``.
    order
        Row of ``pairs`` behind each row of the frame, int64 (n,).
    """
    ids, x, y = places(pairs, dams, ground.grid.crs)
    lon, lat = geo_crs.lonlat(ground.grid.crs, x, y)
    land = land_of(works, pairs.count)
    county = _counties(ground, x, y)
    verdicts = law.verdict
    data: dict[str, Any] = {
        "id": ids,
        "technology": Technology.PUMPED.value,
        "county": county,
        "status": "candidate",
        **area_columns(np.asarray(polygon_areas(land), np.float64)),
        "capacity_mw": pairs.power_mw,
        "storage_gwh": pairs.energy_gwh,
        "verdict": [UNSCREENED if v is None else v.name.lower() for v in verdicts],
        "verdict_zh": [one.zh for one in _said(law, footprint, passport)],
        "reasons": ["；".join(one.text.zh for one in parts) for parts in law.components],
        "unscreened": footprint.total - footprint.screened if footprint.total else None,
        "coord_quality": "approx" if passport.synthetic else "exact",
        "synthetic": passport.synthetic,
        "lon": np.asarray(lon),
        "lat": np.asarray(lat),
        "source": ";".join(passport.sources),
        **pair_columns(pairs, dams, lakes),
        "waiting": law.waiting,
        "redline_ha": law.redline_m2 / M2_PER_HA,
        **columns,
    }
    frame = gpd.GeoDataFrame(data, geometry=land.to_numpy(), crs=ground.grid.crs)
    frame = frame.iloc[order].reset_index(drop=True)
    frame["rank"] = np.arange(1, len(frame) + 1)
    number = frame.groupby("county").cumcount() + 1
    frame["name"] = [f"{c}抽蓄候选 {n}" for c, n in zip(frame["county"], number, strict=True)]
    return conform(frame)


def _said(law: WorksLaw, footprint: Judgement, passport: Passport) -> tuple[Say, ...]:
    """Return the verdict of each pair in words; without a rule table nothing is screened."""
    if footprint.total:
        return law.text
    bare = verdict_text(Verdict.CLEAR, footprint, passport.synthetic)
    return (bare,) * len(law.text)


def _or_none(values: Float64, which: npt.NDArray[np.int32]) -> Float64:
    """Return figures of a new lake's dam, NaN where the lake exists."""
    return np.asarray(np.where(which >= 0, values, np.nan))


def _counties(ground: Ground, x: Float64, y: Float64) -> list[str]:
    names = ("", *ground.counties)
    cells = [ground.grid.rowcol(float(px), float(py)) for px, py in zip(x, y, strict=True)]
    return [names[int(ground.zones[cell])] if cell is not None else "" for cell in cells]
