"""Water behind a dam: the connected cells below a level, the dam's line in their way."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]

#: What the water met, bit by bit.
RIM = 1
VOID = 2

_DR = (0, 1, 1, 1, 0, -1, -1, -1)
_DC = (1, 1, 0, -1, -1, -1, 0, 1)


@numba.njit(cache=True, nogil=True)
def flood_behind(
    z: Float32,
    member: Bools,
    rows: int,
    cols: int,
    seed: int,
    level: float,
    straight: bool,
    dam: Float64,
    queue: Int64,
    out: UInt8,
) -> int:
    """Mark the cells that water at ``level`` reaches from ``seed``; return what it met.

    Parameters
    ----------
    z
        Ground, float32 [rows * cols], NaN = void. [m]
    member
        Cells of the dam's catchment. Water passes a corner between two of them (a gully may
        run diagonally); onto other ground it passes edges only, for a divide of cells that
        touch by their corners is one.
    seed
        Cell of the dam foot.
    straight
        The dam is a line; else it is the border of the catchment.
    dam
        Cell of the foot (column, row), cell width and height [m], unit vector of the line
        towards its end and that towards the water (x east, y south), chainages of the two
        ends from the foot [m]: 10 numbers.
    queue
        Room for rows * cols cells.
    out
        1 = water; zero before.
    """
    found = 0
    if not (z[seed] < level):
        return found
    head, tail = 0, 1
    queue[0] = seed
    out[seed] = 1
    while head < tail:
        cell = queue[head]
        head += 1
        row, col = cell // cols, cell % cols
        for k in range(8):
            r, c = row + _DR[k], col + _DC[k]
            if r < 0 or r >= rows or c < 0 or c >= cols:
                if straight or member[cell]:
                    found |= RIM
                continue
            other = r * cols + c
            if out[other] == 1:
                continue
            if not straight and not member[other]:
                continue
            if _DR[k] != 0 and _DC[k] != 0 and not (member[cell] and member[other]):
                continue
            if math.isnan(z[other]):
                found |= VOID
                continue
            if z[other] >= level:
                continue
            if straight and crosses(row, col, r, c, dam):
                continue
            out[other] = 1
            queue[tail] = other
            tail += 1
    return found


@numba.njit(cache=True, nogil=True)
def crosses(row: int, col: int, r: int, c: int, dam: Float64) -> bool:
    """Return whether the way between two cell centres crosses the dam's line.

    The centre of the foot lies on the line: it counts as water.
    """
    x0, y0 = (col - dam[0]) * dam[2], (row - dam[1]) * dam[3]
    x1, y1 = (c - dam[0]) * dam[2], (r - dam[1]) * dam[3]
    away0 = x0 * dam[6] + y0 * dam[7]
    away1 = x1 * dam[6] + y1 * dam[7]
    slack = -1.0e-6 * dam[2]
    if (away0 >= slack) == (away1 >= slack):
        return False
    along0 = x0 * dam[4] + y0 * dam[5]
    along1 = x1 * dam[4] + y1 * dam[5]
    at = along0 + (along1 - along0) * away0 / (away0 - away1)
    return bool(dam[8] <= at <= dam[9])
