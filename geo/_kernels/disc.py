"""Exact disc buffer of a raster class, 64 cells at a time.

A disc is a stack of rows; each source row, widened to the disc's half width at a row's
distance, is joined into that row. Rows are kept as bits, so that widening is a few shifts
of words: a row that is widened by ``w`` already may be shifted by up to ``w + 1`` at once and
leaves no gap, not even where the grid's edge has cut a run in half.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]

#: Largest shift inside words of 64 bits.
_SHIFT = 63


@numba.njit(cache=True, parallel=True)
def pack(mask: Bytes, bits: Bits, filled: Bytes) -> None:
    """Fill the bits of each row between two empty words, and whether a row has any.

    Parameters
    ----------
    mask
        0 or 1 (rows, columns).
    bits
        Result (rows, words + 2); the first and the last word of a row are left alone.
    filled
        Result [rows]: 1 where a bit is set.
    """
    rows, cols = mask.shape
    for row in numba.prange(rows):
        line = mask[row]
        words = bits[row, 1:-1]
        found = np.uint64(0)
        for word in range(words.size):
            part = line[word * 64 : min(word * 64 + 64, cols)]
            w = np.uint64(0)
            for j in range(part.size):
                w |= np.uint64(part[j]) << np.uint64(j)
            words[word] = w
            found |= w
        filled[row] = np.uint8(found != 0)


@numba.njit(cache=True)
def widen(line: Bits, by: int, out: Bits) -> None:
    """Set each bit that is within ``by`` <= 63 of a set one; the outer words stay empty."""
    near, far = np.uint64(by), np.uint64(64 - by)
    n = line.size - 2
    west, here, east, wide = line[:n], line[1 : n + 1], line[2:], out[1 : n + 1]
    for i in range(n):
        w = here[i]
        wide[i] = w | w << near | w >> near | west[i] >> far | east[i] << far


@numba.njit(cache=True)
def join(line: Bits, out: Bits) -> None:
    """Add the bits of a row to another."""
    for i in range(out.size):
        out[i] |= line[i]


@numba.njit(cache=True, parallel=True)
def spread(
    bits: Bits, filled: Bytes, widths: npt.NDArray[np.int64], height: int, out: Bytes
) -> None:
    """Fill every cell that lies in the disc round a set bit.

    Parameters
    ----------
    bits, filled
        As packed.
    widths
        Half width of the disc at 0, 1, ... rows from its centre, falling; -1 = none. [cell]
    height
        Rows that one task fills; each reads as many more as the disc is high.
    out
        Result (rows, columns): 1 inside, 0 outside.
    """
    rows = out.shape[0]
    words = bits.shape[1] - 2
    reach = widths.size - 1
    for task in numba.prange((rows + height - 1) // height):
        top = int(np.int64(task)) * height
        bottom = min(top + height, rows)
        sums = np.zeros((bottom - top, words), dtype=np.uint64)
        line = np.zeros(words + 2, dtype=np.uint64)
        spare = np.zeros(words + 2, dtype=np.uint64)
        for row in range(max(top - reach, 0), min(bottom + reach, rows)):
            if filled[row] == 0:
                continue
            line[:] = bits[row]
            have = 0
            nearest = max(0, top - row, row - bottom + 1)
            for away in range(reach, nearest - 1, -1):
                while have < widths[away]:
                    step = min(widths[away] - have, have + 1, _SHIFT)
                    widen(line, step, spare)
                    line, spare = spare, line
                    have += step
                if widths[away] >= 0 and top <= row - away < bottom:
                    join(line[1:-1], sums[row - away - top])
                if widths[away] >= 0 and away > 0 and top <= row + away < bottom:
                    join(line[1:-1], sums[row + away - top])
        for row in range(bottom - top):
            unpack(sums[row], out[top + row])


@numba.njit(cache=True)
def unpack(line: Bits, out: Bytes) -> None:
    """Fill one byte for each bit."""
    one = np.uint64(1)
    for word in range(line.size):
        w = line[word]
        part = out[word * 64 : min(word * 64 + 64, out.size)]
        for j in range(part.size):
            part[j] = np.uint8((w >> np.uint64(j)) & one)
