"""From fields and nodes of the lattice to tidy polygons and lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from geo import crs as geo_crs
from geo.errors import InputError, Say
from layers.demo._kernels import contour, texture
from layers.demo.lattice import Lattice

#: Coordinates are written in these steps, so that bytes repeat. [m]
STEP: Final = 0.1
Floats = npt.NDArray[np.float64]
Bend = Callable[[Floats], Floats]


def unbent(seed: int) -> Bend:
    """Return the map from lattice coordinates [n, 2] to where they appear in the scene."""

    def move(xy: Floats) -> Floats:
        moved = np.array(xy, dtype=np.float64)
        texture.unbend(moved, seed)
        return moved

    return move


def polygons_of(geometry: BaseGeometry | npt.NDArray[np.object_]) -> list[shapely.Polygon]:
    """Return the polygons of one or many geometries; lines and points are dropped."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return [p for p in parts if p.geom_type == "Polygon" and not p.is_empty]


def tidy(geometry: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a geometry valid and snapped to 0.1 m, as one (multi)polygon."""
    snapped = shapely.set_precision(shapely.make_valid(geometry), STEP)
    parts = polygons_of(snapped)
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def tidy_line(xy: Floats, tolerance: float) -> shapely.LineString:
    """Return a simplified line snapped to 0.1 m (``tolerance`` in m)."""
    line = shapely.LineString(xy).simplify(tolerance)
    return shapely.LineString(np.round(shapely.get_coordinates(line), 1))


def contours(
    field: npt.NDArray[np.floating],
    lattice: Lattice,
    level: float,
    *,
    smallest: float,
    tolerance: float,
    move: Bend | None = None,
) -> list[shapely.Polygon]:
    """Return the polygons of ``field > level``.

    Parameters
    ----------
    field
        Values of the lattice's nodes [rows, cols]; the rim counts as low.
    smallest
        Polygons and holes below this area are dropped. [m2]
    tolerance
        Of the simplification. [m]
    move
        Applied to the vertices [n, 2].
    """
    low = np.float32(min(float(field.min()), level) - 1.0)
    framed = np.array(field, dtype=np.float32)
    framed[0, :] = framed[-1, :] = framed[:, 0] = framed[:, -1] = low
    following = np.empty(2 * framed.size, np.int64)
    count = contour.links(framed, level, following)
    points = np.empty((max(count, 1), 2))
    starts = np.empty(count + 2, np.int64)
    rings = contour.trace(framed, level, following, points, starts)
    xy = np.column_stack(
        (lattice.west + points[:, 0] * lattice.cell, lattice.north - points[:, 1] * lattice.cell)
    )
    if move is not None:
        xy = move(xy)
    if rings == 0:
        return []
    x, y = xy[:, 0] - lattice.west, xy[:, 1] - lattice.north
    number = starts[: rings + 1]
    size = np.diff(number)
    after = np.arange(1, xy.shape[0] + 1)
    after[number[1:] - 1] = number[:-1]
    twice = np.add.reduceat(x * y[after] - x[after] * y, number[:-1])
    kept = np.abs(0.5 * twice) >= smallest
    rank = np.cumsum(kept) - 1
    of_ring = np.repeat(np.arange(rings), size)
    chosen = kept[of_ring]
    lines = shapely.linearrings(xy[chosen], indices=rank[of_ring[chosen]])
    return _with_holes(lines[twice[kept] > 0.0], lines[twice[kept] <= 0.0], tolerance)


def _with_holes(
    outer: npt.NDArray[np.object_], holes: npt.NDArray[np.object_], tolerance: float
) -> list[shapely.Polygon]:
    """Return the simplified polygons of ``outer`` rings, each with the ``holes`` in it."""
    shells = shapely.polygons(outer)
    owned: dict[int, list[BaseGeometry]] = {}
    if len(holes) and len(outer):
        points = shapely.point_on_surface(shapely.polygons(holes))
        pairs = shapely.STRtree(shells).query(points, predicate="within").T
        size = shapely.area(shells)
        # of nested shells the smallest owns the hole
        owner = dict(sorted(pairs.tolist(), key=lambda pair: -size[pair[1]]))
        for hole, shell in sorted(owner.items()):
            owned.setdefault(shell, []).append(holes[hole])
    for shell, inner in owned.items():
        shells[shell] = shapely.polygons(outer[shell], inner)
    simple = shapely.make_valid(shapely.simplify(shells, tolerance))
    return polygons_of(shapely.set_precision(simple, STEP))


def areas(geometries: Sequence[BaseGeometry], crs: str) -> Floats:
    """Return the ellipsoidal areas [m2]."""
    return np.asarray(geo_crs.polygon_areas(gpd.GeoSeries(list(geometries), crs=crs)))


def fit_area(
    make: Callable[[float], list[BaseGeometry]],
    crs: str,
    target: float,
    bracket: tuple[float, float],
    tolerance: float,
    subject: str,
) -> list[BaseGeometry]:
    """Return ``make(p)`` whose ellipsoidal area lies in [target, target + tolerance].

    Parameters
    ----------
    make
        Polygons for a parameter; their area grows from ``bracket[0]`` to ``bracket[1]``.
    target, tolerance
        Area and how far above it is allowed. [m2]

    Raises
    ------
    InputError
        The area cannot be reached.
    """
    low, high = bracket
    aim = target + 0.5 * tolerance
    miss_low, miss_high = -aim, math.inf
    for step in range(60):
        share = 0.5
        if step % 3 != 2 and math.isfinite(miss_high):
            # between a miss below and a miss above: the secant, halving now and then
            share = min(max(miss_low / (miss_low - miss_high), 0.02), 0.98)
        middle = low + share * (high - low)
        shapes = make(middle)
        miss = (float(areas(shapes, crs).sum()) if shapes else 0.0) - aim
        if abs(miss) <= 0.5 * tolerance:
            return shapes
        if miss < 0.0:
            low, miss_low = middle, miss
        else:
            high, miss_high = middle, miss
    raise InputError(
        subject,
        Say("演示场景达不到公布的面积", "the demo scene cannot reach the published area"),
        Say("换一个 --seed", "choose another --seed"),
    )


def fractal(seed: int, key: int, shape: tuple[int, int], sigmas: Sequence[float]) -> Floats:
    """Return smooth unit noise on the lattice; ``sigmas`` in nodes."""
    rng = np.random.default_rng([seed, key])
    total = np.zeros(shape)
    for sigma in sigmas:
        # noise of long waves is drawn on fewer nodes: same statistics, far cheaper
        thin = max(int(sigma // 3), 1)
        small = (shape[0] // thin + 2, shape[1] // thin + 2)
        one = ndimage.gaussian_filter(rng.normal(size=small), sigma / thin)
        if thin > 1:
            one = ndimage.zoom(one, thin, order=1)
        one = one[: shape[0], : shape[1]]
        total += one / one.std() * sigma**0.4
    return np.asarray(total / total.std())
