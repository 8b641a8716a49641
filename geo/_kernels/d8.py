"""Levels in whole decimetres and steepest descent to one of eight neighbours.

O'Callaghan and Mark 1984. Directions are 0..7 = E, SE, S, SW, W, NW, N, NE; the first of
equally steep ones in that order is taken.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

#: Level of a cell without an elevation: above all ground.
VOID = 1 << 30
#: No receiver: an outlet, or a void.
OUTLET = 255
#: Not at the rim, and no neighbour is lower.
FLAT = 254


@numba.njit(cache=True, parallel=True)
def quantise(
    dem: npt.NDArray[np.float32],
    levels: npt.NDArray[np.int32],
    lowest: npt.NDArray[np.float32],
    highest: npt.NDArray[np.float32],
) -> None:
    """Round metres to whole decimetres; extremes of each row, NaN cells left out."""
    rows, cols = dem.shape
    for row in numba.prange(rows):
        low = np.float32(np.inf)
        high = np.float32(-np.inf)
        for col in range(cols):
            z = dem[row, col]
            void = math.isnan(z)
            low = low if void else min(low, z)
            high = high if void else max(high, z)
            # a value out of range is refused by the caller; here it must only not overflow
            held = 0.0 if void else min(max(float(z), -1e6), 1e6)
            levels[row, col] = VOID if void else np.int32(np.rint(held * 10.0))
        lowest[row] = low
        highest[row] = high


@numba.njit(cache=True, parallel=True)
def undrained(
    levels: npt.NDArray[np.int32],
    code: npt.NDArray[np.uint8],
    rim: npt.NDArray[np.uint8],
) -> None:
    """Write 0 where a neighbour is lower, else FLAT, or OUTLET at the rim and in voids.

    ``rim`` is 1 where a neighbour is missing: at the edge of the grid or beside a void. The
    outermost cells are left to :func:`undrained_edge`.
    """
    rows, cols = levels.shape
    for row in numba.prange(1, rows - 1):
        for col in range(1, cols - 1):
            z = levels[row, col]
            a = levels[row - 1, col - 1]
            b = levels[row - 1, col]
            c = levels[row - 1, col + 1]
            d = levels[row, col - 1]
            e = levels[row, col + 1]
            f = levels[row + 1, col - 1]
            g = levels[row + 1, col]
            h = levels[row + 1, col + 1]
            low = min(a, b, c, d, e, f, g, h)
            high = max(a, b, c, d, e, f, g, h)
            at_rim = high == VOID
            void = z == VOID
            rim[row, col] = 1 if at_rim and not void else 0
            stuck = OUTLET if at_rim or void else FLAT
            code[row, col] = 0 if low < z and not void else stuck


@numba.njit(cache=True)
def undrained_edge(
    levels: npt.NDArray[np.int32],
    code: npt.NDArray[np.uint8],
    rim: npt.NDArray[np.uint8],
) -> None:
    """Do the outermost cells of :func:`undrained`."""
    rows, cols = levels.shape
    for row in range(rows):
        step = 1 if row in (0, rows - 1) else max(cols - 1, 1)
        for col in range(0, cols, step):
            z = levels[row, col]
            code[row, col] = OUTLET
            rim[row, col] = 1 if z < VOID else 0
            for r in range(max(row - 1, 0), min(row + 2, rows)):
                for c in range(max(col - 1, 0), min(col + 2, cols)):
                    if levels[r, c] < z < VOID:
                        code[row, col] = 0


@numba.njit(cache=True, parallel=True)
def steepest(
    levels: npt.NDArray[np.int32],
    rim: npt.NDArray[np.uint8],
    dx: float,
    dy: float,
    direction: npt.NDArray[np.uint8],
) -> None:
    """Write the direction of steepest descent; FLAT or OUTLET where no neighbour is lower.

    The outermost cells are left to :func:`steepest_edge`.
    """
    rows, cols = levels.shape
    wx = np.float32(1.0)
    wy = np.float32(dx / dy)
    wd = np.float32(dx / math.hypot(dx, dy))
    for row in numba.prange(1, rows - 1):
        for col in range(1, cols - 1):
            z = levels[row, col]
            best = np.float32(0.0)
            way = np.uint8(OUTLET)
            s = np.float32(z - levels[row, col + 1]) * wx
            way = np.uint8(0) if s > best else way
            best = max(s, best)
            s = np.float32(z - levels[row + 1, col + 1]) * wd
            way = np.uint8(1) if s > best else way
            best = max(s, best)
            s = np.float32(z - levels[row + 1, col]) * wy
            way = np.uint8(2) if s > best else way
            best = max(s, best)
            s = np.float32(z - levels[row + 1, col - 1]) * wd
            way = np.uint8(3) if s > best else way
            best = max(s, best)
            s = np.float32(z - levels[row, col - 1]) * wx
            way = np.uint8(4) if s > best else way
            best = max(s, best)
            s = np.float32(z - levels[row - 1, col - 1]) * wd
            way = np.uint8(5) if s > best else way
            best = max(s, best)
            s = np.float32(z - levels[row - 1, col]) * wy
            way = np.uint8(6) if s > best else way
            best = max(s, best)
            s = np.float32(z - levels[row - 1, col + 1]) * wd
            way = np.uint8(7) if s > best else way
            best = max(s, best)
            inside = rim[row, col] == 0 and z < VOID
            way = np.uint8(FLAT) if inside and best == 0.0 else way
            direction[row, col] = np.uint8(OUTLET) if z == VOID else way


@numba.njit(cache=True)
def steepest_edge(
    levels: npt.NDArray[np.int32], dx: float, dy: float, direction: npt.NDArray[np.uint8]
) -> None:
    """Do the outermost cells of :func:`steepest`, which are all at the rim."""
    rows, cols = levels.shape
    wy = np.float32(dx / dy)
    wd = np.float32(dx / math.hypot(dx, dy))
    weights = (np.float32(1.0), wd, wy, wd, np.float32(1.0), wd, wy, wd)
    for row in range(rows):
        step = 1 if row in (0, rows - 1) else max(cols - 1, 1)
        for col in range(0, cols, step):
            direction[row, col] = OUTLET
            z = levels[row, col]
            best = np.float32(0.0)
            for k in range(8):
                r = row + (0, 1, 1, 1, 0, -1, -1, -1)[k]
                c = col + (1, 1, 0, -1, -1, -1, 0, 1)[k]
                if z < VOID and 0 <= r < rows and 0 <= c < cols:
                    s = np.float32(z - levels[r, c]) * weights[k]
                    if s > best:
                        best = s
                        direction[row, col] = k


@numba.njit(cache=True, parallel=True)
def to_metres(levels: npt.NDArray[np.int32], metres: npt.NDArray[np.float32]) -> None:
    """Write whole decimetres as metres, voids as NaN; both may be the same memory."""
    rows, cols = levels.shape
    for row in numba.prange(rows):
        for col in range(cols):
            z = levels[row, col]
            metres[row, col] = np.float32(z / 10.0) if z < VOID else np.float32(np.nan)
