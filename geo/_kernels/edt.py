"""Exact squared Euclidean distance in cells, two passes over int32.

Columns by running counts, rows by the lower envelope of parabolas (Meijster, Roerdink
and Hesselink 2000; Felzenszwalb and Huttenlocher 2012). All arithmetic is in integers.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]

#: Columns that one task of the first pass takes: a cache line of int32, several times.
_STRIP = 128


@numba.njit(cache=True, parallel=True)
def columns(mask: npt.NDArray[np.uint8], far: int, out: Int32) -> None:
    """Fill rows to the nearest set cell of the same column, ``far`` where there is none."""
    rows, cols = mask.shape
    strips = (cols + _STRIP - 1) // _STRIP
    for strip in numba.prange(strips):
        first = np.int64(strip) * _STRIP  # prange counts in uint64
        last = min(first + _STRIP, cols)
        for col in range(first, last):
            out[0, col] = 0 if mask[0, col] else far
        for row in range(1, rows):
            for col in range(first, last):
                out[row, col] = 0 if mask[row, col] else min(out[row - 1, col] + 1, far)
        for row in range(rows - 2, -1, -1):
            for col in range(first, last):
                out[row, col] = min(out[row, col], out[row + 1, col] + 1)


@numba.njit(cache=True, parallel=True)
def squared(out: Int32, far: int) -> None:
    """Turn column distances in place into squared distances; -1 where nothing is set."""
    rows, cols = out.shape
    for row in numba.prange(rows):
        line = np.empty(cols, dtype=np.int64)
        site = np.empty(cols, dtype=np.int64)
        start = np.empty(cols, dtype=np.int64)
        top = -1
        for col in range(cols):
            g = np.int64(out[row, col])
            line[col] = g * g
            if g >= far:
                continue
            begin = np.int64(0)
            while top >= 0:
                old = site[top]
                # first column where this parabola is strictly below the old one
                twice = 2 * (col - old)
                rise = col * col - old * old + line[col] - line[old]
                begin = rise // twice + 1
                if begin <= start[top]:
                    top -= 1
                else:
                    break
            if top < 0:
                begin = np.int64(0)
            if begin < cols:
                top += 1
                site[top] = col
                start[top] = begin
        for col in range(cols - 1, -1, -1):
            if top < 0:
                out[row, col] = -1
                continue
            away = col - site[top]
            out[row, col] = away * away + line[site[top]]
            if col == start[top]:
                top -= 1


@numba.njit(cache=True, parallel=True)
def metres(squares: Int32, cell: float, out: npt.NDArray[np.float32]) -> None:
    """Fill the distance in metres; infinite where nothing is set."""
    rows, cols = squares.shape
    for row in numba.prange(rows):
        for col in range(cols):
            d2 = squares[row, col]
            out[row, col] = np.inf if d2 < 0 else np.sqrt(np.float64(d2)) * cell
