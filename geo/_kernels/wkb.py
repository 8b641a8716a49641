"""Well-known binary to flat coordinates: rings, lines and points, no object between.

A collection is only its header; what it holds follows as geometries of their own, so one
loop reads any nesting (OGC 06-103r4, section 8; the EWKB flags of PostGIS are understood).
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Int64 = npt.NDArray[np.int64]

#: Codes that a reader of coordinates needs: plain geometries, then their collections.
_POINT, _POLYGON, _FIRST_MULTI, _LAST_MULTI = 1, 3, 4, 7
#: Bytes of the order of bytes and of the code.
_HEAD = 5


@numba.njit(cache=True)
def uint32(raw: Bytes, at: int) -> int:
    """Return the little-endian number at ``at``."""
    low = np.int64(raw[at]) | np.int64(raw[at + 1]) << 8
    return int(low | np.int64(raw[at + 2]) << 16 | np.int64(raw[at + 3]) << 24)


@numba.njit(cache=True)
def is_nan(raw: Bytes, at: int) -> bool:
    """Return whether the little-endian float64 at ``at`` is NaN: exponent ones, more behind."""
    if raw[at + 7] & 0x7F != 0x7F or raw[at + 6] & 0xF0 != 0xF0:
        return False
    behind = raw[at + 6] & 0x0F
    for k in range(6):
        behind |= raw[at + k]
    return bool(behind != 0)


@numba.njit(cache=True)
def bytes_a_point(code: int) -> int:
    """Return the bytes of a point of a geometry code, ISO or EWKB; 0 = no such code."""
    iso = (code & 0x0FFFFFFF) // 1000
    if iso > 3:
        return 0
    high = (code & 0x80000000) != 0 or iso % 2 == 1
    measured = (code & 0x40000000) != 0 or iso >= 2
    return 16 + (8 if high else 0) + (8 if measured else 0)


@numba.njit(cache=True)
def copy(raw: Bytes, at: int, stride: int, points: int, out: Bytes, first: int) -> None:
    """Copy x and y of ``points`` points to position ``first`` of the coordinates."""
    if stride == 16:
        out[first * 16 : (first + points) * 16] = raw[at : at + points * 16]
    else:
        for k in range(points):
            to, come = (first + k) * 16, at + k * stride
            out[to : to + 16] = raw[come : come + 16]


@numba.njit(cache=True)
def parse(
    raw: Bytes,
    starts: Int64,
    store: bool,
    xy: Bytes,
    paths: Int64,
    shapes: Int64,
    feature: Int64,
    area: Bytes,
    totals: Int64,
) -> int:
    """Count, or with ``store`` also write, coordinates, paths and shapes of all features.

    Parameters
    ----------
    raw, starts
        Features one after the other; feature i is ``raw[starts[i]:starts[i + 1]]``.
    xy
        Result: the bytes of float64 (points, 2).
    paths
        Result [paths + 1]: first point of each ring, line or point.
    shapes
        Result [shapes + 1]: first path of each polygon, line or point.
    feature, area
        Result [shapes]: number of its feature, 1 for a polygon.
    totals
        Result: points, paths, shapes.

    Returns
    -------
    int
        -1, or the number of the first feature that cannot be read.
    """
    # no literals: one signature of copy
    n_points = n_paths = n_shapes = int(np.int64(0))
    single = int(np.int64(1))
    for one in range(starts.size - 1):
        at, end = int(starts[one]), int(starts[one + 1])
        while at < end:
            if end - at < _HEAD + 4 or raw[at] != 1:
                return one
            code = uint32(raw, at + 1)
            base = (code & 0x0FFFFFFF) % 1000
            stride = bytes_a_point(code)
            at += _HEAD + (4 if code & 0x20000000 else 0)
            if stride == 0 or not _POINT <= base <= _LAST_MULTI or end - at < 4:
                return one
            if _FIRST_MULTI <= base <= _LAST_MULTI:
                at += 4
                continue
            if base == _POINT:
                if end - at < stride:
                    return one
                # an empty point is written as two NaN; one NaN alone is a broken point
                if not (is_nan(raw, at) and is_nan(raw, at + 8)):
                    if store:
                        copy(raw, at, stride, single, xy, n_points)
                        paths[n_paths], shapes[n_shapes] = n_points, n_paths
                        feature[n_shapes], area[n_shapes] = one, 0
                    n_points, n_paths, n_shapes = n_points + 1, n_paths + 1, n_shapes + 1
                at += stride
                continue
            rings = 1
            if base == _POLYGON:
                rings = uint32(raw, at)
                at += 4
            first = n_paths
            for _ in range(rings):
                if end - at < 4:
                    return one
                points = uint32(raw, at)
                at += 4
                if points * stride > end - at:
                    return one
                if points > 0:
                    if store:
                        copy(raw, at, stride, points, xy, n_points)
                        paths[n_paths] = n_points
                    n_points, n_paths = n_points + points, n_paths + 1
                at += points * stride
            if n_paths > first:
                if store:
                    shapes[n_shapes] = first
                    feature[n_shapes], area[n_shapes] = one, np.uint8(base == _POLYGON)
                n_shapes += 1
    if store:
        paths[n_paths], shapes[n_shapes] = n_points, n_paths
    totals[0], totals[1], totals[2] = n_points, n_paths, n_shapes
    return -1
