"""Polygons on a grid: their edges in cells, and the exact share of each cell they cover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from geo._kernels import coverage as kernel
from geo.errors import CrsError, Say, VectorError
from geo.grid import Grid
from geo.outlines import FARTHEST

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

#: Type codes of shapely for polygons and multipolygons.
_AREAS = (3, 6)


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The boundaries of many polygons.

    Parameters
    ----------
    table
        (x0, y0, x1, y1) of every edge, shape (edges, 4); x east of the grid's western
        edge, y south of its northern one; outer rings one way round, holes the other. [cell]
    starts
        First edge of each polygon, and the end, shape (polygons + 1,).
    windows
        (top, rows, first column, columns) of the part of the grid that each polygon may
        touch, shape (polygons, 4); rows or columns 0 where it is off the grid.
    """

    table: Float64
    starts: Int64
    windows: Int64


def edges_of(geometries: Any, grid: Grid) -> Edges:
    """Return the boundaries of polygons in cells of a grid.

    Parameters
    ----------
    geometries
        Valid polygons or multipolygons, in the CRS of the grid: a sequence of shapely
        geometries or a GeoSeries, whose CRS is then compared. None and empty ones keep
        their place and touch nothing.
    grid
        Grid to lay them on.

    Raises
    ------
    CrsError
        The series is in another CRS.
    VectorError
        A geometry is neither polygon nor multipolygon, or has a coordinate that is no
        number or beyond 1e12.
    """
    _check_crs(geometries, grid)
    shapes = np.asarray(geometries, dtype=object).ravel()
    known = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not np.isin(shapely.get_type_id(shapes[known]), _AREAS).all():
        raise VectorError(
            "geometries",
            Say("含有面以外的要素", "hold features that are not areas"),
            Say("只传入面；线和点先做缓冲", "pass polygons only; buffer lines and points"),
        )
    parts, owner = shapely.get_parts(shapes[known], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    if not (np.abs(points) <= FARTHEST).all():  # False for NaN
        raise VectorError(
            "geometries",
            Say("坐标不是有限数或过大", "have a coordinate that is no finite number, or too far"),
            Say("修复几何", "mend the geometry"),
        )
    t = grid.transform
    x, y = (points[:, 0] - t.c) / t.a, (points[:, 1] - t.f) / t.e
    joined = ring[1:] == ring[:-1]
    table = np.column_stack([x[:-1], y[:-1], x[1:], y[1:]])[joined]
    of_ring = ring[:-1][joined]
    hole = np.diff(part, prepend=-1) == 0
    backwards = (_areas(table, of_ring, rings.size) < 0) != hole
    turned = backwards[of_ring]
    table[turned] = table[turned][:, [2, 3, 0, 1]]
    zone = np.flatnonzero(known)[owner[part[of_ring]]]
    starts = np.searchsorted(zone, np.arange(shapes.size + 1)).astype(np.int64)
    return Edges(np.ascontiguousarray(table), starts, _windows(shapes, grid))


def _check_crs(geometries: Any, grid: Grid) -> None:
    crs = getattr(geometries, "crs", None)
    wanted = CRS.from_user_input(grid.crs)
    if crs is not None and not CRS.from_user_input(crs).equals(wanted, ignore_axis_order=True):
        raise CrsError(
            "geometries",
            Say(f"坐标系为 {crs}，栅格为 {grid.crs}", f"are in {crs}, the grid in {grid.crs}"),
            Say("先转换到栅格的坐标系", "transform them to the grid's CRS"),
        )


def _areas(table: Float64, of_ring: Int64, n: int) -> Float64:
    """Return twice the signed area of every ring, about a point of its own."""
    first = np.searchsorted(of_ring, np.arange(n))
    x, y = table[first, 0][of_ring], table[first, 1][of_ring]
    cross = (table[:, 0] - x) * (table[:, 3] - y) - (table[:, 2] - x) * (table[:, 1] - y)
    return np.bincount(of_ring, cross, n).astype(np.float64)


def _windows(shapes: npt.NDArray[Any], grid: Grid) -> Int64:
    """Return (top, rows, first column, columns) of each geometry's part of the grid."""
    west, south, east, north = shapely.bounds(shapes).T
    t = grid.transform
    with np.errstate(invalid="ignore"):
        left, right = np.floor((west - t.c) / t.a), np.ceil((east - t.c) / t.a)
        top, foot = np.floor((north - t.f) / t.e), np.ceil((south - t.f) / t.e)
    found = np.zeros((shapes.size, 4), dtype=np.int64)
    for place, (low, high, size) in enumerate([(top, foot, grid.rows), (left, right, grid.cols)]):
        begin = np.clip(np.nan_to_num(low), 0, size).astype(np.int64)
        end = np.clip(np.nan_to_num(high), 0, size).astype(np.int64)
        found[:, 2 * place] = begin
        found[:, 2 * place + 1] = np.maximum(end - begin, 0)
    found[(found[:, 1] == 0) | (found[:, 3] == 0)] = 0
    return found


def fractions(geometry: Any, grid: Grid) -> tuple[Float64, int, int]:
    """Return the share of each cell that one polygon covers, exact to rounding.

    Parameters
    ----------
    geometry
        Valid polygon or multipolygon in the CRS of the grid; its part off the grid is cut.
    grid
        Grid of the cells.

    Returns
    -------
    tuple
        float64 shares 0..1 of a window, shape (rows, cols); the row and the column of the
        grid at which the window begins. Outside the window the share is 0.

    Raises
    ------
    VectorError
        As for :func:`edges_of`.
    """
    edges = edges_of([geometry], grid)
    top, rows, first, cols = edges.windows[0].tolist()
    out = np.empty((rows, cols), dtype=np.float64)
    kernel.window(edges.table, top, first, out)
    return out, top, first
