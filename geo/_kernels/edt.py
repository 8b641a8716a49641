"""Exact Euclidean distance in cells: columns by counts, rows by the lower envelope.

Meijster, Roerdink and Hesselink 2000; Felzenszwalb and Huttenlocher 2012. Squared distances
are whole numbers throughout, so the result is exact; only the root is rounded.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Uint16 = npt.NDArray[np.uint16]
Int64 = npt.NDArray[np.int64]

#: Columns that one task of the first pass takes: cache lines of uint16.
_STRIP = 512
#: Rows that one task of the second pass takes.
_ROWS = 32


@numba.njit(cache=True, parallel=True)
def columns(mask: npt.NDArray[np.uint8], far: int, out: Uint16) -> None:
    """Fill rows to the nearest set cell of the same column, ``far`` where there is none."""
    rows, cols = mask.shape
    strips = (cols + _STRIP - 1) // _STRIP
    none = np.uint16(far)
    one = np.uint16(1)
    for strip in numba.prange(strips):
        first = int(np.int64(strip)) * _STRIP  # prange counts in uint64
        last = min(first + _STRIP, cols)
        near = out[0, first:last]
        here = mask[0, first:last]
        for i in range(near.size):
            near[i] = np.uint16(0) if here[i] else none
        for row in range(1, rows):
            above, near, here = (
                out[row - 1, first:last],
                out[row, first:last],
                mask[row, first:last],
            )
            for i in range(near.size):
                one_more = np.uint16(min(above[i], np.uint16(none - one)) + one)
                near[i] = np.uint16(0) if here[i] else one_more
        for row in range(rows - 2, -1, -1):
            below, near = out[row + 1, first:last], out[row, first:last]
            for i in range(near.size):
                near[i] = min(near[i], np.uint16(min(below[i], np.uint16(none - one)) + one))


@numba.njit(cache=True)
def envelope(away: Uint16, far: int, site: Int64, start: Int64, height: Int64) -> int:
    """Find the parabolas that are lowest somewhere on a row.

    Parameters
    ----------
    away
        Rows to the nearest set cell of each column; ``far`` = none.
    site, start, height
        Result: column of each parabola, the first column where it is the lowest, and its
        value at its own column.

    Returns
    -------
    int
        How many there are.
    """
    cols = away.size
    top = -1
    for col in range(cols):
        g = int(away[col])
        if g >= far:
            continue
        h = g * g
        # lower neighbours on both sides leave nothing to this one
        if 0 < col < cols - 1 and away[col - 1] < g and away[col + 1] < g:
            continue
        begin = 0
        while top >= 0:
            old = site[top]
            twice = 2 * (col - old)
            rise = (col - old) * (col + old) + h - height[top]
            # the first column strictly below the old one is rise // twice + 1
            if rise < start[top] * twice:
                top -= 1
                continue
            # whole numbers below 2**53 with a quotient this small: the float division is exact
            begin = int(float(rise) / float(twice)) + 1
            break
        if begin < cols:
            top += 1
            site[top], start[top], height[top] = col, begin, h
    return top + 1


@numba.njit(cache=True, parallel=True)
def metres(away: Uint16, far: int, cell: float, out: npt.NDArray[np.float32]) -> None:
    """Fill the distance to the nearest set cell of any column; infinite without any.

    Parameters
    ----------
    away, far
        As filled by :func:`columns`.
    cell
        Cell size. [m]
    out
        Result. [m]
    """
    rows, cols = out.shape
    ramp = np.arange(cols).astype(np.float64)
    for task in numba.prange((rows + _ROWS - 1) // _ROWS):
        top = int(np.int64(task)) * _ROWS
        site, start = np.empty(cols, dtype=np.int64), np.empty(cols, dtype=np.int64)
        height = np.empty(cols, dtype=np.int64)
        for row in range(top, min(top + _ROWS, rows)):
            n = envelope(away[row], far, site, start, height)
            if n == 0:
                out[row, :] = np.inf
            for k in range(n):
                first = start[k]
                last = start[k + 1] if k + 1 < n else cols
                part, x = out[row, first:last], ramp[first:last]
                middle, h = float(site[k]), float(height[k])
                for i in range(part.size):
                    part[i] = np.sqrt((x[i] - middle) * (x[i] - middle) + h) * cell
