"""Sums of cells by zone, by rule pattern and by component."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo._kernels import sums as kernel
from geo._kernels import zones as zones_kernel
from geo.coverage import edges_of
from geo.errors import GridMismatchError, OptionError, Say
from geo.grid import Grid

Array = npt.NDArray[np.float64]

#: Index of a cell outside the region in a pattern raster.
OUTSIDE: Final = 65535
#: Rows converted to float64 at a time.
_BAND: Final = 512
#: Most tables that sums are dealt out to, and the most numbers they hold together.
_TABLES: Final = 16
_ROOM: Final = 1 << 22
#: Cells of a polygon's window that one strip holds: about what a core's cache takes, and more
#: where a polygon has more edges, because every strip looks at all of them.
_STRIP: Final = (1 << 15, 1 << 21)


def _check_shapes(first: tuple[int, ...], **others: npt.NDArray[Any]) -> None:
    for name, array in others.items():
        if array.shape != first:
            raise GridMismatchError(
                name,
                Say(f"数组 {array.shape} 与 {first} 不符", f"is {array.shape}, wanted {first}"),
                Say("先读到同一 Grid", "read both onto one Grid"),
            )


def _stored(areas: Array | None, shape: tuple[int, int]) -> Array:
    """Return areas as one row, one column or whole, the way a broadcast view holds them."""
    if areas is None:
        return np.ones((1, 1), dtype=np.float64)
    _check_shapes(shape, areas=areas)
    rows = slice(0, 1) if areas.strides[0] == 0 else slice(None)
    cols = slice(0, 1) if areas.strides[1] == 0 else slice(None)
    # a copy, because the kernel has one signature and a broadcast view is read-only
    return np.array(areas[rows, cols], dtype=np.float64, order="C")


def _band(areas: Array, start: int, stop: int) -> Array:
    return areas if areas.shape[0] == 1 else areas[start:stop]


def _check_range(name: str, array: npt.NDArray[Any], dtype: type[np.integer[Any]]) -> None:
    """Refuse numbers that would turn into others on their way to a kernel's type."""
    if array.dtype == dtype or array.size == 0:
        return
    room = np.iinfo(dtype)
    if not (array.min() >= room.min and array.max() <= room.max):
        raise _foreign(f"{name} {array.min()}..{array.max()}")


def _tables(size: int) -> int:
    """Return how many tables of ``size`` numbers to deal rows out to."""
    return min(max(_ROOM // max(size, 1), 1), _TABLES)


def sums(
    zones: npt.NDArray[np.uint8],
    values: npt.NDArray[Any],
    areas: Array | None = None,
    n_zones: int | None = None,
) -> Array:
    """Return the sum of ``values`` (times ``areas``) in every zone.

    Parameters
    ----------
    zones
        Zone of each cell, 0 = outside, shape (rows, cols).
    values
        Numbers or bools of the same shape; NaN and infinities count for nothing. [u]
    areas
        Cell areas of the same shape, or ``None`` for a plain sum. [m2]
    n_zones
        Highest zone; default the highest that occurs.

    Returns
    -------
    ndarray of float64, shape (n_zones + 1,)
        Sum per zone, position 0 = outside. [u] or [u m2]

    Raises
    ------
    GridMismatchError
        Shapes differ.
    OptionError
        A zone above ``n_zones`` occurs, or one that is no uint8.
    """
    _check_shapes(zones.shape, values=values)
    _check_range("zones", zones, np.uint8)
    highest = int(zones.max(initial=0))
    wanted = highest if n_zones is None else n_zones
    if highest > wanted:
        raise _foreign(f"zone {highest} > {wanted}")
    out = np.zeros((_tables(wanted + 1), wanted + 1), dtype=np.float64)
    if zones.size == 0:  # the kernel begins every row with its first cell
        return np.zeros(wanted + 1)
    weight = _stored(areas, (zones.shape[0], zones.shape[1]))
    for start in range(0, zones.shape[0], _BAND):
        stop = min(start + _BAND, zones.shape[0])
        kernel.by_zone(
            np.ascontiguousarray(zones[start:stop], dtype=np.uint8),
            np.ascontiguousarray(values[start:stop], dtype=np.float64),
            _band(weight, start, stop),
            out,
        )
    total: Array = out.sum(axis=0)
    return total


def _foreign(what: str) -> OptionError:
    return OptionError(
        "zonal",
        Say(f"编号超出范围：{what}", f"an index is out of range: {what}"),
        Say("传入与栅格一致的数目", "pass the counts that belong to the raster"),
    )


def area_by_pattern(
    index: npt.NDArray[np.uint16],
    zones: npt.NDArray[np.uint8],
    areas: Array,
    n_patterns: int,
    n_zones: int,
) -> Array:
    """Return the area of every pattern in every zone.

    Parameters
    ----------
    index
        Pattern of each cell, 65535 outside the region, shape (rows, cols).
    zones
        Zone of each cell, 0 = outside every zone.
    areas
        Cell areas, e.g. of :func:`geo.crs.cell_areas`. [m2]
    n_patterns, n_zones
        How many patterns and zones there are.

    Returns
    -------
    ndarray of float64, shape (n_zones + 1, n_patterns)
        Area; row 0 = outside every zone. [m2]

    Raises
    ------
    GridMismatchError
        Shapes differ.
    OptionError
        A pattern or zone outside the counts occurs.
    """
    _check_shapes(index.shape, zones=zones)
    _check_range("index", index, np.uint16)
    _check_range("zones", zones, np.uint8)
    tables = _tables((n_zones + 1) * n_patterns)
    out = np.zeros((tables, n_zones + 1, n_patterns), dtype=np.float64)
    foreign = np.zeros(tables, dtype=np.int64)
    kernel.by_pattern(
        np.ascontiguousarray(index, dtype=np.uint16),
        np.ascontiguousarray(zones, dtype=np.uint8),
        _stored(areas, (index.shape[0], index.shape[1])),
        out,
        foreign,
    )
    if foreign.any():
        raise _foreign(f"{foreign.sum()} cells")
    total: Array = out.sum(axis=0)
    return total


def stats(
    labels: npt.NDArray[np.int32], values: npt.NDArray[Any], n: int
) -> dict[str, npt.NDArray[Any]]:
    """Return mean, min, max, sum and count of ``values`` in components 1..n.

    Parameters
    ----------
    labels
        Component of each cell, 0 = none, shape (rows, cols).
    values
        Numbers or bools of the same shape; NaN and infinities count for nothing. [u]
    n
        Number of components.

    Returns
    -------
    dict of ndarray, each of shape (n,)
        ``mean``, ``min``, ``max`` (NaN without a finite cell), ``sum`` [u] and ``count``;
        position k - 1 belongs to component k.

    Raises
    ------
    GridMismatchError
        Shapes differ.
    OptionError
        A label is no int32.
    """
    _check_shapes(labels.shape, values=values)
    _check_range("labels", labels, np.int32)
    tables = _tables(n)
    total, count = np.zeros((tables, n)), np.zeros((tables, n), dtype=np.int64)
    low, high = np.full((tables, n), np.inf), np.full((tables, n), -np.inf)
    for start in range(0, labels.shape[0], _BAND):
        stop = min(start + _BAND, labels.shape[0])
        kernel.by_label(
            np.ascontiguousarray(labels[start:stop], dtype=np.int32),
            np.ascontiguousarray(values[start:stop], dtype=np.float64),
            total,
            low,
            high,
            count,
        )
    return _table(count.sum(axis=0), total.sum(axis=0), low.min(axis=0), high.max(axis=0))


def stats_of(
    geometries: Any, values: npt.NDArray[Any], grid: Grid, *, exact: bool
) -> dict[str, npt.NDArray[Any]]:
    """Return mean, min, max, sum and count of a raster in polygons, which may overlap.

    Parameters
    ----------
    geometries
        Valid polygons or multipolygons in the CRS of the grid (a GeoSeries is checked);
        parts off the grid count for nothing.
    values
        Raster of ``grid.shape``, read as float32 (whole numbers are exact up to 2^24); NaN
        counts for nothing, an infinity for what it is. [u]
    grid
        Grid of the raster.
    exact
        True: every cell is weighed by the exact share of it that the polygon covers, and
        ``min`` and ``max`` are over all cells with a share above 0. False: cells whose
        centre lies in the polygon; a centre on an edge belongs to the polygon east or,
        on a horizontal edge, south of it.

    Returns
    -------
    dict of ndarray of float64, each of shape (n,)
        ``mean``, ``min``, ``max`` (NaN without a known cell), ``sum`` [u]; ``count``, the
        number of known cells or, exact, the sum of their shares [cell].

    Raises
    ------
    GridMismatchError
        The raster is not on its grid.
    CrsError, VectorError
        Geometries in another CRS; other geometries than areas.
    """
    _check_shapes(grid.shape, values=values)
    edges = edges_of(geometries, grid)
    strips = _strips(edges.windows, np.diff(edges.starts))
    parts = np.empty((strips.shape[0], zones_kernel.RESULTS), dtype=np.float64)
    run = zones_kernel.exact if exact else zones_kernel.centres
    run(edges.table, edges.starts, strips, np.ascontiguousarray(values, np.float32), parts)
    n, zone = edges.windows.shape[0], strips[:, 0]
    count, total = np.zeros(n), np.zeros(n)
    np.add.at(count, zone, parts[:, 0])
    np.add.at(total, zone, parts[:, 1])
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(low, zone, parts[:, 2])
    np.maximum.at(high, zone, parts[:, 3])
    return _table(count, total, low, high)


def _strips(windows: npt.NDArray[np.int64], edges: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Cut windows into strips: (zone, top, rows, first column, columns)."""
    top, rows, first, cols = windows.T
    height = np.maximum(np.clip(edges, *_STRIP) // np.maximum(cols, 1), 1)
    pieces = -(-rows // height)
    zone = np.repeat(np.arange(windows.shape[0]), pieces)
    piece = np.arange(zone.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    begin = piece * height[zone]
    size = np.minimum(height[zone], rows[zone] - begin)
    strips = np.column_stack([zone, top[zone] + begin, size, first[zone], cols[zone]])
    return np.ascontiguousarray(strips, dtype=np.int64)


def _table(
    count: npt.NDArray[Any], total: Array, low: Array, high: Array
) -> dict[str, npt.NDArray[Any]]:
    """Return the statistics by name, NaN where there is no known cell."""
    empty = count == 0
    low[empty], high[empty] = np.nan, np.nan
    mean = np.full(count.size, np.nan)
    np.divide(total, count, out=mean, where=~empty)
    return {"mean": mean, "min": low, "max": high, "sum": total, "count": count}
