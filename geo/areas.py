"""The arithmetic of true areas: cells of a projected grid, cells of a zone, rings.

Only the mathematics; :mod:`geo.crs` checks the CRS and is what other modules call.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Geod, Proj, Transformer

from geo.grid import Grid

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int_]

#: Longest edge before an edge is taken as a geodesic: 1 cm of sag at 32 N. [m], [deg]
_EDGE_M: Final = 1000.0
_EDGE_DEG: Final = 0.01
#: A scale that varies less than this along an axis is taken as constant there, at its
#: middle: 2.5e-7 of the area at most. (Gauss-Kruger at 1.6 deg off its meridian: 2.2e-7
#: over 200 km of latitude; a full array would cost 350 MB at 30 m.)
_FLAT: Final = 5e-7
_SAMPLES: Final = 65


def projected_cells(grid: Grid, crs: CRS, to_degrees: Transformer) -> Array:
    """Return planar cell area over areal scale, a broadcast view where it can be.

    Parameters
    ----------
    grid
        Grid in ``crs``.
    crs
        Metric projection.
    to_degrees
        From ``crs`` to its own longitude and latitude.

    Returns
    -------
    ndarray of float64, shape ``grid.shape``
        True area of each cell. [m2]
    """
    rows, cols = _spread(grid.rows), _spread(grid.cols)
    lattice = _areal_scale(grid, crs, to_degrees, rows, cols)
    planar = grid.dx * grid.dy
    if float(np.max(np.ptp(lattice, axis=0))) < _FLAT:
        middle, every = np.array([grid.rows // 2]), np.arange(grid.cols)
        line = planar / _areal_scale(grid, crs, to_degrees, middle, every)
        return np.broadcast_to(line, grid.shape)
    if float(np.max(np.ptp(lattice, axis=1))) < _FLAT:
        every, middle = np.arange(grid.rows), np.array([grid.cols // 2])
        line = planar / _areal_scale(grid, crs, to_degrees, every, middle)
        return np.broadcast_to(line, grid.shape)
    return np.asarray(planar / _bilinear(lattice, rows, cols, grid.shape), dtype=np.float64)


def _spread(count: int) -> Indices:
    """Return up to 65 indices spread evenly over ``count``, both ends included."""
    picked = np.linspace(0, count - 1, min(count, _SAMPLES)).round().astype(np.int_)
    return np.asarray(np.unique(picked), dtype=np.int_)


def _areal_scale(
    grid: Grid, crs: CRS, to_degrees: Transformer, rows: Indices, cols: Indices
) -> Array:
    """Return map area over true area at the centres of ``rows`` x ``cols``."""
    t = grid.transform
    x, y = np.meshgrid(t.c + (cols + 0.5) * t.a, t.f + (rows + 0.5) * t.e)
    lon, lat = to_degrees.transform(x.ravel(), y.ravel())
    factors = Proj(crs).get_factors(lon, lat)
    return np.asarray(factors.areal_scale, dtype=np.float64).reshape(x.shape)


def _bilinear(lattice: Array, rows: Indices, cols: Indices, shape: tuple[int, int]) -> Array:
    """Interpolate the smooth areal scale from its lattice to every cell."""
    all_rows, all_cols = np.arange(shape[0]), np.arange(shape[1])
    wide = np.stack([np.interp(all_cols, cols, line) for line in lattice])
    upper = np.clip(np.searchsorted(rows, all_rows, side="right") - 1, 0, max(len(rows) - 2, 0))
    lower = np.minimum(upper + 1, len(rows) - 1)
    span = np.maximum(rows[lower] - rows[upper], 1)
    weight = ((all_rows - rows[upper]) / span)[:, None]
    return np.asarray(wide[upper] * (1.0 - weight) + wide[lower] * weight, dtype=np.float64)


def lonlat_cells(grid: Grid, axes: tuple[float, float]) -> Array:
    """Return the area of the cells of a longitude/latitude grid in closed form.

    Parameters
    ----------
    grid
        Grid in degrees.
    axes
        Semi-major and semi-minor axis of the ellipsoid. [m]

    Returns
    -------
    ndarray of float64, shape ``grid.shape``
        Broadcast view, constant along each row. [m2]
    """
    a, b = axes
    e = float(np.sqrt(1.0 - (b / a) ** 2))
    edges = grid.transform.f + grid.transform.e * np.arange(grid.rows + 1)
    s = np.sin(np.radians(np.clip(edges, -90.0, 90.0)))
    q = s / (1.0 - (e * s) ** 2) + (np.arctanh(e * s) / e if e else s)
    strip = b * b / 2.0 * (q[:-1] - q[1:]) * np.radians(grid.dx)
    return np.broadcast_to(np.asarray(strip, dtype=np.float64)[:, None], grid.shape)


def ring_areas(
    geometries: npt.NDArray[np.object_],
    axes: tuple[float, float],
    to_degrees: Transformer | None,
) -> Array:
    """Return the geodesic area of each geometry, holes subtracted.

    Parameters
    ----------
    geometries
        Shapely geometries; points and lines count as 0.
    axes
        Semi-major and semi-minor axis of the ellipsoid. [m]
    to_degrees
        Transformer to longitude and latitude, ``None`` when already in degrees.

    Returns
    -------
    ndarray of float64, shape (geometries,)
        Area, never negative. [m2]
    """
    total = np.zeros(len(geometries), dtype=np.float64)
    parts, owner = shapely.get_parts(geometries, return_index=True)
    polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    edge = _EDGE_DEG if to_degrees is None else _EDGE_M
    geod = Geod(a=axes[0], b=axes[1])
    rings, part = shapely.get_rings(parts[polygon], return_index=True)
    first = np.diff(part, prepend=-1) > 0
    # rings, not polygons: cutting the edges of an invalid polygon would mend it unasked
    cut = shapely.segmentize(rings, edge)
    for ring, outer, row in zip(cut, first, owner[polygon][part], strict=True):
        x, y = shapely.get_coordinates(ring).T
        if to_degrees is not None:
            x, y = to_degrees.transform(x, y)
        size = abs(float(geod.polygon_area_perimeter(x, y)[0]))
        total[row] += size if outer else -size
    return np.asarray(np.maximum(total, 0.0), dtype=np.float64)
