"""Sums of cells by zone, by rule pattern and by component."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo._kernels import sums as kernel
from geo.errors import GridMismatchError, OptionError, Say

Array = npt.NDArray[np.float64]

#: Index of a cell outside the region in a pattern raster.
OUTSIDE: Final = 65535
#: Rows converted to float64 at a time.
_BAND: Final = 512


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
        Numbers or bools of the same shape; NaN counts for nothing. [u]
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
        A zone above ``n_zones`` occurs.
    """
    _check_shapes(zones.shape, values=values)
    highest = int(zones.max(initial=0))
    wanted = highest if n_zones is None else n_zones
    if highest > wanted:
        raise _foreign(f"zone {highest} > {wanted}")
    out = np.zeros(wanted + 1, dtype=np.float64)
    weight = _stored(areas, (zones.shape[0], zones.shape[1]))
    for start in range(0, zones.shape[0], _BAND):
        stop = min(start + _BAND, zones.shape[0])
        kernel.by_zone(
            np.ascontiguousarray(zones[start:stop], dtype=np.uint8),
            np.ascontiguousarray(values[start:stop], dtype=np.float64),
            _band(weight, start, stop),
            out,
        )
    return out


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
    out = np.zeros((n_zones + 1, n_patterns), dtype=np.float64)
    foreign = kernel.by_pattern(
        np.ascontiguousarray(index, dtype=np.uint16),
        np.ascontiguousarray(zones, dtype=np.uint8),
        _stored(areas, (index.shape[0], index.shape[1])),
        out,
    )
    if foreign:
        raise _foreign(f"{foreign} cells")
    return out


def stats(
    labels: npt.NDArray[np.int32], values: npt.NDArray[Any], n: int
) -> dict[str, npt.NDArray[Any]]:
    """Return mean, min, max, sum and count of ``values`` in components 1..n.

    Parameters
    ----------
    labels
        Component of each cell, 0 = none, shape (rows, cols).
    values
        Numbers or bools of the same shape; NaN counts for nothing. [u]
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
    """
    _check_shapes(labels.shape, values=values)
    total, count = np.zeros(n, dtype=np.float64), np.zeros(n, dtype=np.int64)
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
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
    empty = count == 0
    low[empty], high[empty] = np.nan, np.nan
    mean = np.full(n, np.nan)
    np.divide(total, count, out=mean, where=~empty)
    return {"mean": mean, "min": low, "max": high, "sum": total, "count": count}
