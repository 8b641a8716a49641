"""Sums by zone, pattern and label: rows are dealt out to a few tables, one a task.

The number of tables is the caller's and not that of the threads, so the order of addition,
and with it the last bit, is always the same. Neighbours mostly share their zone: a run of
equal ones is added up before a table is touched.

``areas`` is passed as it is stored: one row, one column or one number stands for all.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

#: Pattern of a cell outside the region.
OUTSIDE = 65535


@numba.njit(cache=True, parallel=True)
def by_zone(
    zones: npt.NDArray[np.uint8],
    values: Float64,
    areas: Float64,
    out: npt.NDArray[np.float64],
) -> None:
    """Add value x area of every finite cell to ``out[table, zone]``."""
    rows, cols = zones.shape
    tables = out.shape[0]
    one_row, one_col = areas.shape[0] == 1, areas.shape[1] == 1
    for task in numba.prange(tables):
        table = np.int64(task)  # prange counts in uint64
        for row in range(rows * table // tables, rows * (table + 1) // tables):
            zone, total = zones[row, 0], 0.0
            for col in range(cols):
                if zones[row, col] != zone:
                    out[table, zone] += total
                    zone, total = zones[row, col], 0.0
                value = values[row, col]
                area = areas[0 if one_row else row, 0 if one_col else col]
                total += value * area if math.isfinite(value) else 0.0
            out[table, zone] += total


@numba.njit(cache=True, parallel=True)
def by_pattern(
    index: npt.NDArray[np.uint16],
    zones: npt.NDArray[np.uint8],
    areas: Float64,
    out: npt.NDArray[np.float64],
    foreign: Int64,
) -> None:
    """Add each cell's area to ``out[table, zone, pattern]``; count foreign cells by table."""
    rows, cols = index.shape
    tables = out.shape[0]
    one_row, one_col = areas.shape[0] == 1, areas.shape[1] == 1
    for task in numba.prange(tables):
        table = np.int64(task)
        for row in range(rows * table // tables, rows * (table + 1) // tables):
            start = 0
            while start < cols:
                pattern, zone = index[row, start], zones[row, start]
                end = start + 1
                while end < cols and index[row, end] == pattern and zones[row, end] == zone:
                    end += 1
                if pattern != OUTSIDE:
                    if pattern >= out.shape[2] or zone >= out.shape[1]:
                        foreign[table] += end - start
                    elif one_col:
                        out[table, zone, pattern] += (end - start) * areas[0 if one_row else row, 0]
                    else:
                        total = 0.0
                        for col in range(start, end):
                            total += areas[0 if one_row else row, col]
                        out[table, zone, pattern] += total
                start = end


@numba.njit(cache=True, parallel=True)
def by_label(
    labels: npt.NDArray[np.int32],
    values: Float64,
    total: npt.NDArray[np.float64],
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
    count: npt.NDArray[np.int64],
) -> None:
    """Fold every finite cell of label k into ``[table, k - 1]``; other labels are passed over."""
    rows, cols = labels.shape
    tables, size = total.shape
    for task in numba.prange(tables):
        table = np.int64(task)
        for row in range(rows * table // tables, rows * (table + 1) // tables):
            start = 0
            while start < cols:
                label = labels[row, start]
                k = np.int64(label) - 1
                known = 0 <= k < size
                summed, cells, least, most = 0.0, 0, np.inf, -np.inf
                end = start
                while end < cols and labels[row, end] == label:
                    value = values[row, end]
                    if known and math.isfinite(value):
                        summed += value
                        cells += 1
                        least = min(least, value)
                        most = max(most, value)
                    end += 1
                if cells > 0:
                    total[table, k] += summed
                    count[table, k] += cells
                    low[table, k] = min(low[table, k], least)
                    high[table, k] = max(high[table, k], most)
                start = end
