"""Exact share of each cell that a polygon covers, from the signed areas beside its edges.

Every edge adds, to each cell of the rows it crosses, the area between the edge and the
cell's eastern side, downward edges with one sign and upward edges with the other; a
running sum along the row turns that into coverage (the accumulation buffer of exact
anti-aliasing; Levien 2016, font-rs). Cells that no edge enters are wholly in or out, so
the sum is set to a whole number there and no rounding error travels.

Coordinates are in cells: x to the east from the western edge of the grid, y downwards.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
UInt8 = npt.NDArray[np.uint8]

#: Shares nearer than this to 0 or 1 are rounding noise of an edge along a cell's side.
NOISE = 1e-12
#: Rows of a window that one task takes.
BAND = 32


@numba.njit(cache=True)
def add_piece(
    west: float, east: float, fall: float, first: int, area: Float64, touched: UInt8
) -> None:
    """Add a piece of an edge that lies within one row.

    Parameters
    ----------
    west, east
        Its ends, west <= east. [cell]
    fall
        Its signed height. [cell]
    first
        Column of the grid that position 0 of the row stands for.
    area
        Row to add to, one position more than columns.
    touched
        Row to mark, as many positions as columns.
    """
    width = touched.size
    low, high = west - first, east - first
    run = high - low
    if high <= 0.0 or low < 0.0:
        # what lies to the west of the window covers the whole row from its first column
        outside = fall if high <= 0.0 else fall * (-low / run)
        area[0] += outside
        if high <= 0.0:
            return
        fall -= outside
        low, run = 0.0, high
    col = math.floor(low)
    start = low
    while col < width:
        stop = min(high, col + 1.0)
        part = fall if run <= 0.0 else fall * ((stop - start) / run)
        middle = 0.5 * (start + stop) - col
        area[col] += part * (1.0 - middle)
        area[col + 1] += part * middle
        touched[col] = 1
        if stop >= high:
            return
        start = stop
        col += 1


@numba.njit(cache=True)
def add_edge(
    edge: Float64, top: int, first: int, area: npt.NDArray[np.float64], touched: UInt8
) -> None:
    """Add one edge (x0, y0, x1, y1) to a window whose first row and column are given."""
    x0, y0, x1, y1 = edge[0], edge[1], edge[2], edge[3]
    sign = 1.0
    if y1 < y0 or (y1 == y0 and x1 < x0):
        # the same arithmetic in both directions, so that neighbours share their border
        x0, y0, x1, y1 = x1, y1, x0, y0
        sign = -1.0
    rows = touched.shape[0]
    start, end = max(y0, float(top)), min(y1, float(top + rows))
    if start > end or (start == end and y0 != y1):
        return
    row = min(math.floor(start), top + rows - 1)
    lean = 0.0 if y1 == y0 else (x1 - x0) / (y1 - y0)
    here = x0 if start == y0 else x0 + (start - y0) * lean
    while True:
        stop = min(end, row + 1.0)
        there = x1 if stop == y1 else x0 + (stop - y0) * lean
        fall = sign * (stop - start)
        line = row - top
        add_piece(min(here, there), max(here, there), fall, first, area[line], touched[line])
        if stop >= end:
            return
        start, here = stop, there
        row += 1


@numba.njit(cache=True)
def settle(share: float) -> float:
    """Return a coverage within 0..1, freed of noise at both ends."""
    share = abs(share)
    if share < NOISE:
        return 0.0
    return 1.0 if share > 1.0 - NOISE else share


@numba.njit(cache=True)
def next_mark(touched: UInt8, col: int) -> int:
    """Return the first marked position at or after ``col``, or the length of the row."""
    while col < touched.size and touched[col] == 0:
        col += 1
    return col


@numba.njit(cache=True, parallel=True)
def window(edges: Float64, top: int, first: int, out: npt.NDArray[np.float64]) -> None:
    """Fill ``out`` with the coverage of the cells of a window by one zone.

    Parameters
    ----------
    edges
        (x0, y0, x1, y1) of every edge, outer rings one way round, holes the other. [cell]
    top, first
        First row and column of the window.
    out
        Shares 0..1, shape (rows, cols).
    """
    rows, cols = out.shape
    for task in numba.prange((rows + BAND - 1) // BAND):
        start = np.int64(task) * BAND
        stop = min(start + BAND, rows)
        area = np.zeros((stop - start, cols + 1))
        touched = np.zeros((stop - start, cols), dtype=np.uint8)
        for k in range(edges.shape[0]):
            add_edge(edges[k], int(top + start), first, area, touched)
        for row in range(start, stop):
            total = 0.0
            col = int(np.int64(0))  # no literal: one signature of next_mark
            while col < cols:
                total += area[row - start, col]
                if touched[row - start, col]:
                    out[row, col] = settle(total)
                    col += 1
                    continue
                total = float(round(total))
                end = next_mark(touched[row - start], col)
                out[row, col:end] = settle(total)
                col = end
