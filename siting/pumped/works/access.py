"""Straight distance to the nearest road and to a substation of the voltage that is needed.

No route is chosen: every line of this module is straight and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layers.layer import LayerStack
from siting.pumped.gaps import GRID_500KV_MW
from siting.sites.ground import NO_ACCESS

Float64 = npt.NDArray[np.float64]

#: Voltages of a plant's line. [kV]
KV_LARGE: Final = 500.0
KV_SMALL: Final = 220.0
#: A layer may write 525 for 500: within this share it is the same voltage.
_SAME_KV: Final = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """Nearest feature of each point.

    Parameters
    ----------
    metres
        Straight distance, NaN = no such feature in the layer or no layer. [m]
    x, y
        Nearest point of the feature. [m]
    name
        Its name, empty without one.
    """

    metres: Float64
    x: Float64
    y: Float64
    name: tuple[str, ...]


def needed_kv(power_mw: Float64) -> Float64:
    """Return the voltage of each plant's line: 500 kV from 600 MW on (truth.md D21). [kV]."""
    large = np.asarray(power_mw, np.float64) >= GRID_500KV_MW
    return np.where(large, KV_LARGE, KV_SMALL)


def nearest_road(stack: LayerStack | None, x: Float64, y: Float64) -> Nearest:
    """Return the nearest public road that is no motorway.

    Parameters
    ----------
    stack
        Layers in the CRS of the points; None = no layers.
    x, y
        Points, (n,) each. [m]
    """
    layer = None if stack is None else stack.get("road")
    if layer is None:
        return _nothing(x.size)
    frame = layer.vector()
    return _nearest(frame[frame["class"] != NO_ACCESS], x, y)


def nearest_substation(stack: LayerStack | None, x: Float64, y: Float64, kv: Float64) -> Nearest:
    """Return the nearest substation of the voltage that each point needs.

    Parameters
    ----------
    kv
        Needed voltage, (n,). [kV]
    """
    layer = None if stack is None else stack.get("substation")
    found = _nothing(x.size)
    if layer is None:
        return found
    frame = layer.vector()
    names = list(found.name)
    for one in np.unique(kv).tolist():
        fits = (frame["kv"].astype(float) - one).abs() <= _SAME_KV * one
        rows = np.flatnonzero(kv == one)
        near = _nearest(frame[fits.to_numpy(dtype=bool)], x[rows], y[rows])
        found.metres[rows], found.x[rows], found.y[rows] = near.metres, near.x, near.y
        for row, name in zip(rows.tolist(), near.name, strict=True):
            names[row] = name
    return Nearest(found.metres, found.x, found.y, tuple(names))


def _nothing(n: int) -> Nearest:
    return Nearest(np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan), ("",) * n)


def _nearest(frame: gpd.GeoDataFrame, x: Float64, y: Float64) -> Nearest:
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    here = np.isfinite(x) & np.isfinite(y)
    found = _nothing(x.size)
    if frame.empty or not here.any():
        return found
    shapes = np.asarray(frame.geometry.values)
    points = shapely.points(x[here], y[here])
    of = shapely.STRtree(shapes).nearest(points)
    ends = shapely.get_coordinates(shapely.shortest_line(points, shapes[of]))[1::2]
    rows = np.flatnonzero(here)
    found.x[rows], found.y[rows] = ends[:, 0], ends[:, 1]
    found.metres[rows] = np.hypot(ends[:, 0] - x[here], ends[:, 1] - y[here])
    titles = frame["name"].fillna("").astype(str).tolist()
    names = [""] * x.size
    for row, i in zip(rows.tolist(), of.tolist(), strict=True):
        names[row] = titles[i]
    return Nearest(found.metres, found.x, found.y, tuple(names))
