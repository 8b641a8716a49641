"""Smallest change of one weight that moves a site out of, or into, the best N."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

#: Crossings closer than this are one.
SAME = 1e-12


@numba.njit(cache=True)
def crossings(
    part: npt.NDArray[np.float64],
    rest: npt.NDArray[np.float64],
    ahead: npt.NDArray[np.bool_],
    site: int,
    now: float,
    upwards: bool,
    at: npt.NDArray[np.float64],
    net: npt.NDArray[np.int64],
) -> int:
    """Find where other sites cross ``site`` as one weight runs from ``now`` to 0 or 1.

    With weight t the score of a site is (1 - t) * rest + t * part: a straight line.

    Parameters
    ----------
    part, rest
        Part of the criterion and weighted mean of the others, n. [0-100]
    ahead
        Whether a site ranks before ``site`` at ``now``, n.
    at, net
        Receive the weight of each crossing, and +1 where the other passes ahead, -1 where it
        falls behind, unsorted; n each.

    Returns
    -------
    int
        Number of crossings.
    """
    found = 0
    for h in range(part.size):
        if h == site:
            continue
        slope = (part[h] - rest[h]) - (part[site] - rest[site])
        if not upwards:
            slope = -slope
        # the other's lead grows by slope a unit of the weight moved
        if slope == 0.0 or (slope > 0.0) == ahead[h]:
            continue
        lead = (1.0 - now) * (rest[h] - rest[site]) + now * (part[h] - part[site])
        step = max(-lead / slope, 0.0)
        t = now + step if upwards else now - step
        if 0.0 < t < 1.0:
            at[found] = t
            net[found] = -1 if ahead[h] else 1
            found += 1
    return found


@numba.njit(cache=True)
def tip_of_top(
    parts: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float64],
    rank: npt.NDArray[np.int64],
    watched: npt.NDArray[np.int64],
    top: int,
    n: int,
    k: int,
    tip: npt.NDArray[np.float64],
    which: npt.NDArray[np.int64],
) -> None:
    """Find, for each watched site, the weight whose change moves it over the border of ``top``.

    A watched site of rank <= ``top`` is followed until ``top`` others lead it, one beyond
    until fewer than ``top`` do. One weight moves, the others keep their proportions.

    Parameters
    ----------
    parts
        Flat, n * k. [0-100]
    weights
        k, sum 1. [0-1]
    rank
        n, 1..n.
    watched
        Site numbers.
    tip, which
        Receive the weight reached and its criterion, one a watched site; -1 = no single
        weight does it.
    """
    part = np.empty(n)
    rest = np.empty(n)
    at = np.empty(n)
    net = np.empty(n, np.int64)
    ahead = np.empty(n, np.bool_)
    best = np.full(watched.size, 2.0)
    tip[:] = -1.0
    which[:] = -1
    for j in range(k):
        if weights[j] >= 1.0:
            continue
        for i in range(n):
            part[i] = parts[i * k + j]
            total = 0.0
            for m in range(k):
                if m != j:
                    total += weights[m] * parts[i * k + m]
            rest[i] = total / (1.0 - weights[j])
        for w in range(watched.size):
            site = watched[w]
            for i in range(n):
                ahead[i] = rank[i] < rank[site]
            inside = rank[site] <= top
            for direction in range(2):
                found = crossings(part, rest, ahead, site, weights[j], direction == 1, at, net)
                moved = at[:found] - weights[j] if direction == 1 else weights[j] - at[:found]
                order = np.argsort(moved)
                leaders = rank[site] - 1
                for e in range(found):
                    leaders += net[order[e]]
                    if e + 1 < found and moved[order[e + 1]] - moved[order[e]] < SAME:
                        continue  # several cross at once
                    if (leaders >= top) == inside:
                        if moved[order[e]] < best[w]:
                            best[w] = moved[order[e]]
                            tip[w] = at[order[e]]
                            which[w] = j
                        break
