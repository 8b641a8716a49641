"""Greedy choice of pairs whose lakes do not touch."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

#: Number of a taken pair that does not exist.
NONE = np.iinfo(np.int64).max


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
    water: Float64, rank: Int64, end: Int64, foot: Float64, borrow: Float64, lost_to: Int64,
) -> None:  # fmt: skip
    """Take pairs in ``order`` while no lake touches one taken before.

    Dams stand in drainage order, so the dams in the catchment of one are those from its rank
    up to an end. A lake touches lakes taken before (see :func:`touches`) where it floods one
    of their feet or they flood its own: each dam knows the first pair that took it and the
    first that floods its foot.

    Parameters
    ----------
    upper, lower
        Dam (>= 0) or ``-1 - k`` for existing lake k.
    rank
        Place of each dam in drainage order, (dams,).
    end, foot
        By place: end of the places in its catchment, and its level, (dams,). [m]
    borrow
        Water each existing lake may give; what the taken pairs move is taken off.
    lost_to
        Receives -1 for a pair that is taken, else the taken pair it yields to (-2: it asks
        more than an untouched lake may give).
    """
    lakes = borrow.size
    taken = np.empty(order.size, np.int64)
    last = np.full(lakes, -2, np.int64)
    own, flooded = np.full(rank.size, NONE), np.full(rank.size, NONE)
    between = np.full(lakes * lakes, NONE)
    n = 0
    for p in order:
        u, w = upper[p], lower[p]
        loser = _lacks(borrow, last, u, w, water[p])
        if loser == -1:
            first = NONE
            if u < 0 and w < 0:
                first = between[(-1 - u) * lakes - 1 - w]
            if u >= 0:
                first = _first(own, flooded, end, foot, rank[u], upper_level[p])
            if w >= 0:
                first = min(first, _first(own, flooded, end, foot, rank[w], lower_level[p]))
            if first != NONE:
                loser = taken[first]
        lost_to[p] = loser
        if loser != -1:
            continue
        taken[n] = p
        if u >= 0:
            _take(own, flooded, end, foot, rank[u], upper_level[p], n)
        if w >= 0:
            _take(own, flooded, end, foot, rank[w], lower_level[p], n)
        if u < 0 and w < 0:
            between[(-1 - u) * lakes - 1 - w] = n
        n += 1
        for a in (u, w):
            if a < 0:
                borrow[-1 - a] -= water[p]
                last[-1 - a] = p


@numba.njit(cache=True)
def _lacks(borrow: Float64, last: Int64, u: int, w: int, water: float) -> int:
    """Return the last pair that took water of a lake which lacks it now, -1 = none lacks."""
    for a in (u, w):
        if a < 0 and water > borrow[-1 - a] * (1.0 + 1e-9):
            return int(last[-1 - a])
    return -1


@numba.njit(cache=True)
def _first(own: Int64, flooded: Int64, end: Int64, foot: Float64, at: int, level: float) -> int:
    """Return the first taken pair that the lake of the dam at a place touches."""
    first = min(own[at], flooded[at])
    for b in range(at + 1, end[at]):
        if own[b] < first and level > foot[b]:
            first = own[b]
    return int(first)


@numba.njit(cache=True)
def _take(
    own: Int64, flooded: Int64, end: Int64, foot: Float64, at: int, level: float, n: int
) -> None:
    """Mark the dam of a taken lake, and the dams whose feet it floods."""
    own[at] = min(own[at], n)
    for b in range(at + 1, end[at]):
        if level > foot[b]:
            flooded[b] = min(flooded[b], n)
