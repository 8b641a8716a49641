"""Sum, weight, least and greatest value of many polygons, one strip of one polygon a task.

A strip is a few rows of a polygon's window: (zone, top row, rows, first column, columns).
Each strip has a row of results of its own, so threads never meet and the order of addition
depends on the strips alone. Coordinates are in cells, as in :mod:`geo._kernels.coverage`.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from geo._kernels.coverage import add_edge, next_mark, settle

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]

#: Columns of the results: weight, weighted sum, least, greatest.
RESULTS = 4
#: Running results that a run of cells is dealt out to.
LANES = 16


@numba.njit(cache=True)
def fold_run(values: Float32, sums: Float64, counts: Int64, lows: Float32, highs: Float32) -> None:
    """Add a run of wholly covered cells; NaN counts for nothing.

    Cells are dealt out to :data:`LANES` running results by their place in the run, so that
    the loop becomes vector code without a change in the order of addition.
    """
    nothing = np.float32(0.0)
    whole = values.size - values.size % LANES
    for k in range(0, whole, LANES):
        for j in range(LANES):
            v = values[k + j]
            missing = math.isnan(v)
            sums[j] += np.float64(nothing if missing else v)
            counts[j] += 0 if missing else 1
            less, more = v < lows[j], v > highs[j]  # False for NaN
            lows[j] = v if less else lows[j]
            highs[j] = v if more else highs[j]
    for k in range(whole, values.size):
        v = values[k]
        if not math.isnan(v):
            sums[0] += np.float64(v)
            counts[0] += 1
            lows[0] = min(lows[0], v)
            highs[0] = max(highs[0], v)


@numba.njit(cache=True)
def gather(sums: Float64, counts: Int64, lows: Float32, highs: Float32, into: Float64) -> None:
    """Add the running results of all lanes to those of a strip."""
    for j in range(LANES):
        into[0] += counts[j]
        into[1] += sums[j]
        into[2] = min(into[2], np.float64(lows[j]))
        into[3] = max(into[3], np.float64(highs[j]))


@numba.njit(cache=True)
def fold_cell(value: float, share: float, into: Float64) -> None:
    """Add one cell with the share of it that is covered; NaN and share 0 count for nothing."""
    if share > 0.0 and not math.isnan(value):
        into[0] += share
        into[1] += share * value
        into[2] = min(into[2], value)
        into[3] = max(into[3], value)


@numba.njit(cache=True, parallel=True)
def exact(edges: Float64, starts: Int64, strips: Int64, values: Float32, out: Float64) -> None:
    """Fill the results of every strip, each cell weighed by its exact coverage.

    Parameters
    ----------
    edges
        (x0, y0, x1, y1) of every edge of every zone, outer rings one way round, holes the
        other. [cell]
    starts
        First edge of each zone, and the end.
    strips
        (zone, top, rows, first column, columns) of every strip.
    values
        Raster, NaN where unknown.
    out
        Shape (strips, 4): weight, weighted sum, least, greatest.
    """
    for task in numba.prange(strips.shape[0]):
        zone, top, rows = strips[task, 0], strips[task, 1], strips[task, 2]
        first, cols = strips[task, 3], strips[task, 4]
        area = np.zeros((rows, cols + 1))
        touched = np.zeros((rows, cols), dtype=np.uint8)
        for k in range(starts[zone], starts[zone + 1]):
            add_edge(edges[k], top, first, area, touched)
        into = out[task]
        into[0] = into[1] = 0.0
        into[2], into[3] = np.inf, -np.inf
        sums, counts = np.zeros(LANES), np.zeros(LANES, dtype=np.int64)
        lows = np.full(LANES, np.inf, dtype=np.float32)
        highs = np.full(LANES, -np.inf, dtype=np.float32)
        for row in range(rows):
            line = values[top + row, first : first + cols]
            total = 0.0
            col = int(np.int64(0))  # no literal: one signature of next_mark
            while col < cols:
                total += area[row, col]
                if touched[row, col]:
                    fold_cell(np.float64(line[col]), settle(total), into)
                    col += 1
                    continue
                total = float(round(total))  # whole, where no edge enters
                end = next_mark(touched[row], col)
                if total != 0.0:
                    fold_run(line[col:end], sums, counts, lows, highs)
                col = end
        gather(sums, counts, lows, highs, into)


@numba.njit(cache=True)
def mark_crossings(edge: Float64, top: int, first: int, marks: UInt8) -> None:
    """Flip the mark of the first cell centre east of the edge, in every row it crosses.

    A centre on the edge lies east of it; a row belongs to the edge that begins on its
    centre line, not to the one that ends there.
    """
    x0, y0, x1, y1 = edge[0], edge[1], edge[2], edge[3]
    if y1 < y0:
        x0, y0, x1, y1 = x1, y1, x0, y0
    rows, cols = marks.shape
    start = max(math.ceil(y0 - 0.5), top)
    stop = min(math.ceil(y1 - 0.5), top + rows)
    for row in range(start, stop):
        x = (row + 0.5 - y0) * (x1 - x0) / (y1 - y0) + x0
        col = math.floor(x + 0.5) - first
        if col < cols:
            marks[row - top, max(col, 0)] ^= 1


@numba.njit(cache=True, parallel=True)
def centres(edges: Float64, starts: Int64, strips: Int64, values: Float32, out: Float64) -> None:
    """Fill the results of every strip from the cells whose centre lies in the zone.

    Parameters as of :func:`exact`; the weight is a number of cells.
    """
    for task in numba.prange(strips.shape[0]):
        zone, top, rows = strips[task, 0], strips[task, 1], strips[task, 2]
        first, cols = strips[task, 3], strips[task, 4]
        marks = np.zeros((rows, cols), dtype=np.uint8)
        for k in range(starts[zone], starts[zone + 1]):
            mark_crossings(edges[k], top, first, marks)
        into = out[task]
        into[0] = into[1] = 0.0
        into[2], into[3] = np.inf, -np.inf
        sums, counts = np.zeros(LANES), np.zeros(LANES, dtype=np.int64)
        lows = np.full(LANES, np.inf, dtype=np.float32)
        highs = np.full(LANES, -np.inf, dtype=np.float32)
        for row in range(rows):
            line = values[top + row, first : first + cols]
            end = int(np.int64(-1))  # no literal: one signature of next_mark
            while end < cols:
                start = next_mark(marks[row], end + 1)
                end = next_mark(marks[row], start + 1)
                fold_run(line[start:end], sums, counts, lows, highs)
        gather(sums, counts, lows, highs, into)
