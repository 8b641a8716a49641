"""Features and their round buffers straight into one bit of a plane, exact to the cell.

Polygons are filled by cell centre and equal GDAL's cell for cell. A buffer is never drawn
as a polygon: a cell is in it when its centre lies within the reach of the feature, so there
are no facets, features beyond the grid's edge count, and each feature has its own reach.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geo._kernels import bands
from geo.crs import require_metric, same_crs
from geo.errors import CrsError, GridMismatchError, OptionError, Say
from geo.grid import Grid
from geo.outlines import FARTHEST, Outlines, outlines, read_outlines

__all__ = ["Outlines", "burn_bits", "outlines", "read_outlines", "set_bit"]

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
_NONE: Final = np.empty(0, dtype=np.int64)


def burn_bits(
    geometries: Outlines | gpd.GeoDataFrame | gpd.GeoSeries | Iterable[Any],
    reach_m: float | npt.ArrayLike,
    grid: Grid,
    plane: npt.NDArray[np.unsignedinteger[Any]],
    bit: int,
) -> None:
    """Set one bit of a plane where features lie, or where they are within reach.

    Parameters
    ----------
    geometries
        Features in the CRS of the grid, as :func:`outlines` takes them or returned them.
        Their parts may lie, and act, beyond the grid.
    reach_m
        How far each acts, 0 or more; one number or one for each. 0 fills a polygon by cell
        centre exactly as GDAL does; a line or a point without reach covers nothing. [m]
    grid
        Target; metric wherever a reach is above 0. Cells need not be square.
    plane
        uint8, uint16, uint32 or uint64 (rows, cols), writeable, C order; its other bits stay.
        A layer that changed is burnt anew after ``plane &= ~(1 << bit)``.
    bit
        0 = the lowest.

    Raises
    ------
    CrsError
        Features in another CRS than the grid, or metres on a grid in degrees.
    GridMismatchError
        The plane is not on the grid.
    OptionError
        A reach that is negative, infinite, no number or not one for each; no such bit.
    VectorError
        As for :func:`outlines`.

    Notes
    -----
    The distance of a buffer is that of the cell's centre in float64, compared as
    ``d2 <= reach2``; so a buffer of a larger reach holds that of a smaller one.
    """
    flat = geometries if isinstance(geometries, Outlines) else outlines(geometries)
    if flat.crs is not None and not same_crs(flat.crs, grid.crs):
        raise CrsError(
            "burn",
            Say(f"图层坐标系与栅格 {grid.crs} 不同", f"the layer is not in the grid's {grid.crs}"),
            Say("先用 geo.vector.to_crs 转换", "convert it with geo.vector.to_crs first"),
        )
    reach = _reach(reach_m, flat, grid)
    _check_plane(plane, grid.shape, bit)
    if not flat.area.size:
        return
    chunks, bounds, owner, first = _runs(flat)
    west, south, east, north = grid.bounds
    frame = np.array([west, south, east, north, bands.ROWS * grid.dy])
    n_bands = -(-grid.rows // bands.ROWS)
    # polygons as a whole, and only those runs of edges that act beyond themselves
    inside = _listed(_boxes(bounds, first), np.where(flat.area, 0.0, -1.0), frame, n_bands)
    around = _listed(bounds, np.where(reach > 0, reach, -1.0)[owner], frame, n_bands)
    t = grid.transform
    # the very numbers of GDALInvGeoTransform, for the very same pixels
    to_pixel = np.array([-t.c / t.a, 1.0 / t.a, -t.f / t.e, 1.0 / t.e])
    centre = np.array([*grid.xy(0, 0), grid.dx, grid.dy])
    cells, width, byte, flag = _bytes(plane, bit)
    bands.burn(
        flat.xy, chunks, bounds, owner, first, flat.area, reach, to_pixel, centre,
        *inside, *around, cells, width, byte, flag,
    )  # fmt: skip


def set_bit(
    plane: npt.NDArray[np.unsignedinteger[Any]], where: npt.NDArray[np.bool_], bit: int
) -> None:
    """Set one bit of a plane where a mask is true.

    Parameters
    ----------
    plane
        As for :func:`burn_bits`.
    where
        True (or non-zero) where the bit is set, of the same shape.
    bit
        0 = the lowest.

    Raises
    ------
    GridMismatchError
        The mask has another shape.
    OptionError
        No such bit.
    """
    _check_plane(plane, where.shape, bit)
    marked = np.ascontiguousarray(where, dtype=np.bool_)  # one byte a cell, 0 or 1
    bands.mark(marked.view(np.uint8), *_bytes(plane, bit))


def _reach(reach_m: float | npt.ArrayLike, flat: Outlines, grid: Grid) -> Float64:
    """Return the reach of each shape [m]."""
    given = np.asarray(reach_m, dtype=np.float64)
    one_each = given.ndim == 0 or given.shape == (flat.count,)
    if not one_each or not (np.isfinite(given) & (given >= 0)).all():
        raise OptionError(
            "reach_m",
            Say("应为不小于 0 的米数，一个或每个要素一个", "is not 0 m or more, one or one each"),
            Say("检查缓冲距离", "check the buffer"),
        )
    if (given > 0).any():
        require_metric(grid, "burn")
    # no two coordinates are farther apart than that, and squares and counts stay exact
    given = np.minimum(given, 4.0 * FARTHEST)
    return np.ascontiguousarray(np.broadcast_to(given, (flat.count,))[flat.feature])


def _check_plane(plane: npt.NDArray[Any], shape: tuple[int, ...], bit: int) -> None:
    if plane.shape != shape:
        raise GridMismatchError(
            "plane",
            Say(f"形状 {plane.shape} 不是 {shape}", f"is {plane.shape}, not {shape}"),
            Say("按运行格网建立", "make it on the run's Grid"),
        )
    unsigned = plane.dtype.kind == "u" and plane.dtype.isnative and plane.flags.carray
    if not unsigned or not 0 <= bit < 8 * plane.dtype.itemsize:
        raise OptionError(
            "plane",
            Say(
                f"{plane.dtype} 没有可写的第 {bit} 位",
                f"{plane.dtype} has no bit {bit} that can be set in C order",
            ),
            Say("用足够宽的无符号整数", "use unsigned integers that are wide enough"),
        )


def _bytes(plane: npt.NDArray[Any], bit: int) -> tuple[npt.NDArray[np.uint8], int, int, int]:
    """Return the bytes of a plane, those of a cell, the one with the bit, and its value."""
    rows, cols = plane.shape
    width = int(plane.dtype.itemsize)
    byte = bit // 8 if sys.byteorder == "little" else width - 1 - bit // 8
    return plane.view(np.uint8).reshape(rows, cols * width), width, byte, 1 << bit % 8


def _runs(flat: Outlines) -> tuple[Int64, Float64, Int64, Int64]:
    """Return the runs of edges, their bounds and shapes, and the first of each shape."""
    n = int((-(-np.diff(flat.paths) // bands.RUN)).sum())
    chunks, bounds = np.empty((n, 4), np.int64), np.empty((n, 4), np.float64)
    owner, first = np.empty(n, np.int64), np.empty(flat.area.size + 1, np.int64)
    bands.runs(flat.xy, flat.paths, flat.shapes, flat.area, chunks, bounds, owner, first)
    return chunks, bounds, owner, first


def _boxes(bounds: Float64, first: Int64) -> Float64:
    """Return the bounds of each shape from those of its runs."""
    low = np.minimum.reduceat(bounds[:, :2], first[:-1], axis=0)
    high = np.maximum.reduceat(bounds[:, 2:], first[:-1], axis=0)
    return np.ascontiguousarray(np.hstack([low, high]))


def _listed(box: Float64, reach: Float64, frame: Float64, n_bands: int) -> tuple[Int64, Int64]:
    """Return by band which boxes come within their reach of it."""
    starts = np.zeros(n_bands + 1, dtype=np.int64)
    count = bands.listed(box, reach, frame, starts, _NONE)
    members = np.empty(count, dtype=np.int64)
    if count:
        bands.listed(box, reach, frame, starts, members)
    return starts, members
