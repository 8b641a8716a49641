"""Sums by zone, pattern and label, in one pass and one order (so always the same bits).

``areas`` is passed as it is stored: one row, one column or one number stands for all.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


@numba.njit(cache=True)
def by_zone(zones: npt.NDArray[np.uint8], values: Float64, areas: Float64, out: Float64) -> None:
    """Add value x area of every finite cell to ``out[zone]``."""
    rows, cols = zones.shape
    one_row, one_col = areas.shape[0] == 1, areas.shape[1] == 1
    for row in range(rows):
        for col in range(cols):
            value = values[row, col]
            if math.isfinite(value):
                area = areas[0 if one_row else row, 0 if one_col else col]
                out[zones[row, col]] += value * area


@numba.njit(cache=True)
def by_pattern(
    index: npt.NDArray[np.uint16],
    zones: npt.NDArray[np.uint8],
    areas: Float64,
    out: Float64,
) -> int:
    """Add each cell's area to ``out[zone, pattern]``; return how many indices were foreign."""
    rows, cols = index.shape
    one_row, one_col = areas.shape[0] == 1, areas.shape[1] == 1
    foreign = 0
    for row in range(rows):
        for col in range(cols):
            pattern = int(index[row, col])
            zone = int(zones[row, col])
            if pattern == 65535:
                continue
            if pattern >= out.shape[1] or zone >= out.shape[0]:
                foreign += 1
                continue
            out[zone, pattern] += areas[0 if one_row else row, 0 if one_col else col]
    return foreign


@numba.njit(cache=True)
def by_label(
    labels: npt.NDArray[np.int32],
    values: Float64,
    total: Float64,
    low: Float64,
    high: Float64,
    count: npt.NDArray[np.int64],
) -> None:
    """Fold every finite cell of label k into position k - 1; other labels are passed over."""
    rows, cols = labels.shape
    for row in range(rows):
        for col in range(cols):
            k = int(labels[row, col]) - 1
            value = values[row, col]
            if 0 <= k < total.size and math.isfinite(value):
                total[k] += value
                count[k] += 1
                low[k] = min(low[k], value)
                high[k] = max(high[k], value)
