"""Homes that hear turbines: outlines, limits by class, and what the layers leave open."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import OptionError, Say
from layers.layer import COMPLETE
from siting.sites.ground import Ground
from siting.sites.params import Params
from siting.wind.chains import Turbines

#: Layers with homes, and the parameter that holds their class.
RECEIVERS = {"settlement": "noise_class", "noise_zone": "noise_zone_class"}
#: Classes whose night limit is shipped with a source.
CLASSES = (1, 2)


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """Homes of a run and how loud it may be there.

    Parameters
    ----------
    names
        Name of each home.
    polygons
        Its outline.
    limit
        Its night limit, float64 (n,). [dB(A)]
    partial
        A layer does not claim to hold every home.
    coverage
        Where layers say anything at all, as far as they say where.
    """

    names: tuple[str, ...]
    polygons: npt.NDArray[np.object_]
    limit: npt.NDArray[np.float64]
    partial: bool
    coverage: tuple[BaseGeometry, ...]


def night_limit(params: Params, key: str) -> float:
    """Return the night limit of the class that parameter ``key`` names. [dB(A)].

    Raises
    ------
    OptionError
        If the class is none of :data:`CLASSES`.
    """
    number = params.number(key)
    if number not in CLASSES:
        raise OptionError(
            f"wind.{key}",
            Say(f"没有 {number:g} 类区限值", f"no limit of class {number:g} is at hand"),
            Say("给出 1 或 2，或改限值 noise_night_1", "give 1 or 2, or set noise_night_1"),
        )
    return params.number(f"noise_night_{number:.0f}")


def read_homes(ground: Ground, params: Params) -> Homes | None:
    """Return the homes of the run's layers, None without a layer of homes."""
    names: list[str] = []
    parts: list[npt.NDArray[np.object_]] = []
    limits: list[npt.NDArray[np.float64]] = []
    partial = False
    coverage: list[BaseGeometry] = []
    for name, key in RECEIVERS.items():
        layer = ground.stack.get(name)
        if layer is None:
            continue
        frame: gpd.GeoDataFrame = layer.vector()
        shapes = np.asarray(frame.geometry.array, object)
        there = np.array([one is not None and not one.is_empty for one in shapes], bool)
        parts.append(shapes[there])
        names += [str(one) for one in frame["name"].to_numpy()[there]]
        limits.append(np.full(int(there.sum()), night_limit(params, key)))
        partial |= layer.completeness != COMPLETE
        if layer.coverage is not None:
            coverage.append(layer.coverage)
    if not parts:
        return None
    return Homes(
        tuple(names), np.concatenate(parts), np.concatenate(limits), partial, tuple(coverage)
    )


def edges(
    polygons: npt.NDArray[np.object_],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return both ends of the edges of all rings [m], and where each polygon's begin."""
    parts, of_part = shapely.get_parts(polygons, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    points, of_point = shapely.get_coordinates(rings, return_index=True)
    same = of_point[1:] == of_point[:-1]
    owner = of_part[of_ring[of_point[1:][same]]]
    edge = np.searchsorted(owner, np.arange(len(polygons) + 1)).astype(np.int64)
    return points[:-1][same], points[1:][same], edge


def nearest_m(homes: Homes, turbines: Turbines) -> npt.NDArray[np.float64]:
    """Return the distance of each site's nearest turbine to any home, NaN without. [m]."""
    out = np.full(turbines.count + 1, np.inf)
    if len(homes.names) and turbines.x.size:
        tree = shapely.STRtree(homes.polygons)
        points = shapely.points(turbines.x, turbines.y)
        at, away = tree.query_nearest(points, return_distance=True, all_matches=False)
        np.minimum.at(out, turbines.site[at[0]], away)
    return np.where(np.isfinite(out), out, np.nan)[1:]


def near_the_edge(homes: Homes, turbines: Turbines, reach_m: float) -> int:
    """Return how many turbines may be heard, within ``reach_m`` [m], where no layer speaks."""
    points = shapely.points(turbines.x, turbines.y)
    near = np.zeros(points.size, np.bool_)
    for coverage in homes.coverage:
        shapely.prepare(coverage)
        border = coverage.boundary
        shapely.prepare(border)
        near |= ~shapely.contains(coverage, points) | shapely.dwithin(border, points, reach_m)
    return int(np.count_nonzero(near))


def gaps(homes: Homes, turbines: Turbines, reach_m: float) -> tuple[Say, ...]:
    """Return what the layers of homes leave open within ``reach_m`` [m] of turbines."""
    said = []
    if homes.partial:
        said.append(
            Say(
                "居民点图层不完整，未载入的房屋未计",
                "the layer of homes is incomplete, homes not in it do not count",
            )
        )
    edge = near_the_edge(homes, turbines, reach_m)
    if edge:
        said.append(
            Say(
                f"{edge} 台距图层边缘不足 {reach_m:.0f} m，界外房屋未计",
                f"{edge} turbines stand within {reach_m:.0f} m of the edge of the layer, homes "
                "beyond it do not count",
            )
        )
    return tuple(said)
