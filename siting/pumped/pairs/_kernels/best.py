"""Greedy choice of pairs whose lakes do not touch."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]


@numba.njit(cache=True)
def touches(
    start: Int64, cells: Int64, foot: Float64, a: int, level_a: float, b: int, level_b: float
) -> bool:
    """Say whether two new lakes touch.

    Catchments are nested or apart. Water of a lake that enters the catchment of a dam within
    its own has to pass that dam's foot, so the lakes touch where the foot is flooded.
    """
    if start[a] <= start[b] < start[a] + cells[a]:
        return bool(level_a > foot[b] or a == b)
    if start[b] <= start[a] < start[b] + cells[b]:
        return bool(level_b > foot[a])
    return False


@numba.njit(cache=True)
def greedy(
    order: Int64, upper: Int32, lower: Int32, upper_level: Float64, lower_level: Float64,
    water: Float64, start: Int64, cells: Int64, foot: Float64, borrow: Float64, lost_to: Int64,
) -> None:  # fmt: skip
    """Take pairs in ``order`` while no lake touches one taken before.

    Parameters
    ----------
    upper, lower
        Dam (>= 0) or ``-1 - k`` for existing lake k.
    borrow
        Water each existing lake may give; what the taken pairs move is taken off.
    lost_to
        Receives -1 for a pair that is taken, else the taken pair it yields to (-2: it asks
        more than an untouched lake may give).
    """
    taken = np.empty(order.size, np.int64)
    last = np.full(borrow.size, -2, np.int64)
    n = 0
    for p in order:
        loser = -1
        for side in range(2):
            a = upper[p] if side == 0 else lower[p]
            if a < 0 and water[p] > borrow[-1 - a] * (1.0 + 1e-9):
                loser = last[-1 - a]
                break
        if loser == -1:
            for i in range(n):
                if _conflict(p, taken[i], upper, lower, upper_level, lower_level,
                             start, cells, foot):  # fmt: skip
                    loser = taken[i]
                    break
        lost_to[p] = loser
        if loser != -1:
            continue
        taken[n] = p
        n += 1
        for side in range(2):
            a = upper[p] if side == 0 else lower[p]
            if a < 0:
                borrow[-1 - a] -= water[p]
                last[-1 - a] = p


@numba.njit(cache=True)
def _conflict(
    p: int, q: int, upper: Int32, lower: Int32, upper_level: Float64, lower_level: Float64,
    start: Int64, cells: Int64, foot: Float64,
) -> bool:  # fmt: skip
    """Say whether two pairs share ground, or are the same two lakes."""
    if upper[p] == upper[q] and lower[p] == lower[q]:
        return True
    for i in range(2):
        a = upper[p] if i == 0 else lower[p]
        level_a = upper_level[p] if i == 0 else lower_level[p]
        for j in range(2):
            b = upper[q] if j == 0 else lower[q]
            level_b = upper_level[q] if j == 0 else lower_level[q]
            if a >= 0 and b >= 0 and touches(start, cells, foot, a, level_a, b, level_b):
                return True
    return False
