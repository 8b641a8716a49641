"""Polygons into rows of bits by scan line, with the very arithmetic of GDAL.

A cell belongs to a polygon when its centre does. What lies exactly on an edge follows
``GDALdllImageFilledPolygon`` (GDAL, alg/llrasterize.cpp): an edge holds its upper end and
not its lower one, crossings are rounded half up, and an edge that runs westwards exactly
through centres fills them; so the result equals GDAL's cell for cell.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]

#: From here on the library's sort is faster than insertion.
_MANY = 32
#: Points closer than this along both axes are one point to OGR. [CRS unit]
_SAME = 1e-5


@numba.njit(cache=True)
def fill(bits: Bits, row: int, start: int, stop: int) -> None:
    """Set bits ``start`` .. ``stop - 1`` of a row; nothing where the span is empty."""
    if start >= stop:
        return
    full = np.uint64(0xFFFFFFFFFFFFFFFF)
    a, b = start >> 6, (stop - 1) >> 6
    head = full << np.uint64(start & 63)
    tail = full >> np.uint64(63 - ((stop - 1) & 63))
    if a == b:
        bits[row, a] |= head & tail
        return
    bits[row, a] |= head
    for word in range(a + 1, b):
        bits[row, word] = full
    bits[row, b] |= tail


@numba.njit(cache=True)
def column(x: float, cols: int) -> int:
    """Return the first column whose centre lies right of ``x``, within 0 .. ``cols``."""
    rounded = math.floor(x + 0.5)
    return int(min(max(rounded, 0.0), float(cols)))


@numba.njit(cache=True)
def first_row(y: float, top: int, bottom: int) -> int:
    """Return the first row whose centre is at or below ``y``, within ``top`` .. ``bottom``."""
    rounded = math.ceil(y - 0.5)
    return int(min(max(rounded, float(top)), float(bottom)))


@numba.njit(cache=True)
def clockwise(xy: Float64, start: int, end: int) -> bool:
    """Return whether OGR takes the closed ring ``xy[start:end]`` for clockwise.

    By the turn at its lowest rightmost point; by its area where that point is doubtful.
    """
    v, doubtful = start, False
    for i in range(start + 1, end - 1):
        same_y = xy[i, 1] == xy[v, 1]
        if xy[i, 1] < xy[v, 1] or (same_y and xy[i, 0] > xy[v, 0]):
            v, doubtful = i, False
        elif same_y and xy[i, 0] == xy[v, 0]:
            doubtful = True
    before = v - 1 if v > start else end - 2
    after = v + 1 if v + 1 < end - 1 else start
    dx0, dy0 = xy[before, 0] - xy[v, 0], xy[before, 1] - xy[v, 1]
    dx1, dy1 = xy[after, 0] - xy[v, 0], xy[after, 1] - xy[v, 1]
    turn = dx1 * dy0 - dx0 * dy1
    doubtful |= abs(dx0) < _SAME and abs(dy0) < _SAME
    doubtful |= abs(dx1) < _SAME and abs(dy1) < _SAME
    if turn != 0.0 and not doubtful:
        return bool(turn < 0.0)
    twice = xy[start, 0] * (xy[start + 1, 1] - xy[end - 1, 1])
    for i in range(start + 1, end - 1):
        twice += xy[i, 0] * (xy[i + 1, 1] - xy[i - 1, 1])
    twice += xy[end - 1, 0] * (xy[start, 1] - xy[end - 2, 1])
    return bool(twice < 0.0)


@numba.njit(cache=True)
def scan(
    xy: Float64,
    to_pixel: Float64,
    chunks: Int64,
    bounds: Float64,
    first_chunk: int,
    last_chunk: int,
    top: int,
    bottom: int,
    cols: int,
    bits: Bits,
) -> None:
    """Fill the rows ``top`` .. ``bottom - 1`` of one polygon, all its rings by even-odd.

    Parameters
    ----------
    xy
        Coordinates of all shapes (points, 2).
    to_pixel
        Offset and factor of x, then of y, to columns and rows.
    chunks
        Runs of edges (n, 4): first and last + 1 end point, first point of the ring and
        last + 1; those of the polygon are ``first_chunk`` .. ``last_chunk - 1``.
    bounds
        West, south, east, north of each run (n, 4).
    bits
        Result: row 0 is row ``top``.
    """
    x0, fx, y0, fy = to_pixel
    count = np.zeros(bottom - top + 1, dtype=np.int64)
    cross = np.empty(0, dtype=np.int64)
    # first turn counts the crossings of each row, second turn writes them
    for turn in range(2):
        for c in range(first_chunk, last_chunk):
            # the run lies north or south of these rows
            if y0 + bounds[c, 1] * fy < top or y0 + bounds[c, 3] * fy > bottom:
                continue
            start, stop, ring, end = chunks[c]
            before = start - 1 if start > ring else end - 1
            xa, ya = x0 + xy[before, 0] * fx, y0 + xy[before, 1] * fy
            for i in range(start, stop):
                xb, yb = x0 + xy[i, 0] * fx, y0 + xy[i, 1] * fy
                if ya == yb:
                    row = first_row(ya, top, bottom)
                    through = turn == 1 and row < bottom and row + 0.5 == ya and xa != xb
                    if through and (xa > xb) == clockwise(xy, ring, end):
                        west, east = min(xa, xb), max(xa, xb)
                        fill(bits, row - top, column(west, cols), column(east, cols))
                else:
                    xu, yu, xd, yd = (xa, ya, xb, yb) if ya < yb else (xb, yb, xa, ya)
                    for row in range(first_row(yu, top, bottom), first_row(yd, top, bottom)):
                        if turn == 0:
                            count[row - top + 1] += 1
                        else:
                            x = (row + 0.5 - yu) * (xd - xu) / (yd - yu) + xu
                            cross[count[row - top]] = column(x, cols)
                            count[row - top] += 1
                xa, ya = xb, yb
        if turn == 0:
            for row in range(bottom - top):
                count[row + 1] += count[row]
            cross = np.empty(count[bottom - top], dtype=np.int64)
    begin = int(np.int64(0))  # no literal: one signature of order
    for row in range(bottom - top):
        stop_at = int(count[row])  # after the second turn: the end of this row's crossings
        order(cross, begin, stop_at)
        for k in range(begin, stop_at - 1, 2):
            fill(bits, row, cross[k], cross[k + 1])
        begin = stop_at


@numba.njit(cache=True)
def order(values: Int64, start: int, stop: int) -> None:
    """Sort ``values[start:stop]`` in place."""
    if stop - start > _MANY:
        values[start:stop] = np.sort(values[start:stop])
        return
    for i in range(start + 1, stop):
        one = values[i]
        k = i
        while k > start and values[k - 1] > one:
            values[k] = values[k - 1]
            k -= 1
        values[k] = one
