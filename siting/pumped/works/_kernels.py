"""Water behind a dam: the connected cells below a level, the dam's line in their way; ground."""

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


@numba.njit(cache=True, nogil=True)
def ground_at(z: Float32, rows: int, cols: int, box: Float64, x: float, y: float) -> float:
    """Return the ground between cell centres; NaN beyond them or beside a void. [m].

    Parameters
    ----------
    z
        Ground, flat (rows * cols). [m]
    box
        West and north of the grid, width and height of a cell. [m]
    """
    col, row = (x - box[0]) / box[2] - 0.5, (box[1] - y) / box[3] - 0.5
    c0 = min(max(math.floor(col), 0), max(cols - 2, 0))
    r0 = min(max(math.floor(row), 0), max(rows - 2, 0))
    c1, r1 = min(c0 + 1, cols - 1), min(r0 + 1, rows - 1)
    u, v = col - c0, row - r0
    slack = 1e-6
    if not (-slack <= u <= 1.0 + slack and -slack <= v <= 1.0 + slack):
        return math.nan
    u, v = min(max(u, 0.0), 1.0), min(max(v, 0.0), 1.0)
    # a void counts only where it has a part: on a line of centres the others do not matter
    total = 0.0
    if (1.0 - u) * (1.0 - v) > 0.0:
        total += z[r0 * cols + c0] * ((1.0 - u) * (1.0 - v))
    if u * (1.0 - v) > 0.0:
        total += z[r0 * cols + c1] * (u * (1.0 - v))
    if (1.0 - u) * v > 0.0:
        total += z[r1 * cols + c0] * ((1.0 - u) * v)
    if u * v > 0.0:
        total += z[r1 * cols + c1] * (u * v)
    return total


@numba.njit(cache=True, nogil=True)
def ground_along(
    z: Float32, rows: int, cols: int, box: Float64, x: Float64, y: Float64, out: Float64
) -> None:
    """Fill the ground at each place."""
    for i in range(x.size):
        out[i] = ground_at(z, rows, cols, box, x[i], y[i])


@numba.njit(cache=True, nogil=True)
def reaches(
    z: Float32, rows: int, cols: int, box: Float64, way: Float64, step: float, count: int,
    level: float, met: Float64,
) -> int:  # fmt: skip
    """Return the first step along a way at which the ground is not below a level, else ``count``.

    Parameters
    ----------
    way
        Start (x, y) and unit vector. [m]
    met
        Receives the ground one step before, and there.
    """
    met[0] = met[1] = math.nan
    for i in range(count):
        s = i * step
        ground = ground_at(z, rows, cols, box, way[0] + s * way[2], way[1] + s * way[3])
        met[0], met[1] = met[1], ground
        if not ground < level:
            return i
    return count
