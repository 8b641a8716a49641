"""Neighbours along a gully, and which of them stand for the others."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from siting.pumped.dams._kernels.steps import STEP_COLS, STEP_ROWS

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Uint8 = npt.NDArray[np.uint8]


@numba.njit(cache=True, nogil=True)
def neighbours(
    towards: Uint8,
    foot: Int64,
    dx: float,
    dy: float,
    reach: float,
    upper: Int32,
    lower: Int32,
    away: Float64,
) -> int:
    """Find the sites downstream of each within ``reach`` along the bed.

    Parameters
    ----------
    towards
        D8 receiver, (rows, cols).
    foot
        Flat cells of the sites, rising, (n,).
    reach
        Distance along the bed. [m]
    upper, lower, away
        Results: both sites of a pair, and their distance [m]; filled as far as they reach.

    Returns
    -------
    int
        Number of pairs, which may exceed the room: call again with as much.
    """
    cols = towards.shape[1]
    found = 0
    corner = math.hypot(dx, dy)
    for i in range(foot.size):
        row = foot[i] // cols
        col = foot[i] - row * cols
        gone = 0.0
        while True:
            d = towards[row, col]
            if d > 7:
                break
            step_c = STEP_COLS[d]
            step_r = STEP_ROWS[d]
            row += step_r
            col += step_c
            gone += corner if step_r * step_c != 0 else (dx if step_r == 0 else dy)
            if gone > reach:
                break
            j = np.searchsorted(foot, row * cols + col)
            if j < foot.size and foot[j] == row * cols + col:
                if found < upper.size:
                    upper[found] = i
                    lower[found] = j
                    away[found] = gone
                found += 1
    return found


@numba.njit(cache=True, nogil=True)
def suppress(
    rank: Int64, begin: Int64, other: Int32, away: Float64, keeper: Int32, distance: Float64
) -> None:
    """Keep the best site of each neighbourhood, best first.

    Parameters
    ----------
    rank
        Sites from best to worst, (n,).
    begin, other, away
        Neighbours of site i: ``other[begin[i] : begin[i + 1]]``, at ``away`` [m].
    keeper, distance
        Results, (n,): the site that stands for it, -1 where it is kept; how far off. [m]
    """
    for k in range(keeper.size):
        keeper[k] = -2
    for k in range(rank.size):
        i = rank[k]
        if keeper[i] != -2:
            continue
        keeper[i] = -1
        distance[i] = 0.0
        for n in range(begin[i], begin[i + 1]):
            j = other[n]
            if keeper[j] == -2:
                keeper[j] = i
                distance[j] = away[n]
