"""Noise of turbines at homes: exact distances to polygons and sums of energy."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

#: A turbine is never taken nearer than this. [m]
NEAREST = 1.0


@numba.njit(cache=True)
def to_polygon(
    px: float,
    py: float,
    x1: npt.NDArray[np.float64],
    y1: npt.NDArray[np.float64],
    x2: npt.NDArray[np.float64],
    y2: npt.NDArray[np.float64],
    start: int,
    stop: int,
) -> float:
    """Return the distance of a point to the polygon of edges start..stop, 0 inside. [m]."""
    best = math.inf
    inside = False
    for e in range(start, stop):
        ax = x1[e]
        ay = y1[e]
        bx = x2[e]
        by = y2[e]
        if (ay > py) != (by > py) and px < ax + (py - ay) / (by - ay) * (bx - ax):
            inside = not inside
        dx = bx - ax
        dy = by - ay
        length = dx * dx + dy * dy
        t = 0.0
        if length > 0.0:
            t = min(max(((px - ax) * dx + (py - ay) * dy) / length, 0.0), 1.0)
        away = (ax + t * dx - px) ** 2 + (ay + t * dy - py) ** 2
        best = min(best, away)
    return 0.0 if inside else math.sqrt(best)


@numba.njit(cache=True)
def pairs(
    tx: npt.NDArray[np.float64],
    ty: npt.NDArray[np.float64],
    x1: npt.NDArray[np.float64],
    y1: npt.NDArray[np.float64],
    x2: npt.NDArray[np.float64],
    y2: npt.NDArray[np.float64],
    edge: npt.NDArray[np.int64],
    reach: float,
    first: npt.NDArray[np.int64],
    turbine: npt.NDArray[np.int64],
    metres: npt.NDArray[np.float64],
) -> int:
    """List for each polygon the turbines within reach and their distances.

    Parameters
    ----------
    tx, ty
        Turbines, sorted by ``ty``. [m]
    x1, y1, x2, y2
        Edges of all rings; polygon p has edges ``edge[p]:edge[p + 1]``. [m]
    reach
        Farthest turbine. [m]
    first
        Receives where each polygon's turbines begin, one more than polygons.
    turbine, metres
        Receive turbine numbers and distances as far as they hold them; empty = count only.

    Returns
    -------
    int
        Number of pairs.
    """
    count = 0
    for p in range(edge.size - 1):
        first[p] = count
        west = math.inf
        east = -math.inf
        south = math.inf
        north = -math.inf
        for e in range(edge[p], edge[p + 1]):
            west = min(west, x1[e])
            east = max(east, x1[e])
            south = min(south, y1[e])
            north = max(north, y1[e])
        for t in range(np.searchsorted(ty, south - reach), ty.size):
            if ty[t] > north + reach:
                break
            if tx[t] < west - reach or tx[t] > east + reach:
                continue
            away = to_polygon(tx[t], ty[t], x1, y1, x2, y2, edge[p], edge[p + 1])
            if away <= reach:
                if count < turbine.size:
                    turbine[count] = t
                    metres[count] = away
                count += 1
    first[edge.size - 1] = count
    return count


@numba.njit(cache=True)
def energy(metres: float, lw: float, alpha: float) -> float:
    """Return 10^(L/10) of one turbine: L = lw - 20 log10 r - 8 - alpha r. [-]."""
    r = max(metres, NEAREST)
    return math.pow(10.0, (lw - 20.0 * math.log10(r) - 8.0 - alpha * r) / 10.0)


@numba.njit(cache=True)
def levels(
    first: npt.NDArray[np.int64],
    turbine: npt.NDArray[np.int64],
    metres: npt.NDArray[np.float64],
    site: npt.NDArray[np.int32],
    limit: npt.NDArray[np.float64],
    lw: float,
    alpha: float,
    joint: npt.NDArray[np.float64],
    highest: npt.NDArray[np.float64],
    margin: npt.NDArray[np.float64],
    home: npt.NDArray[np.int64],
    over: npt.NDArray[np.int64],
) -> None:
    """Sum the energy of the turbines at each home, by site and all together.

    Parameters
    ----------
    first, turbine, metres
        Of :func:`pairs`.
    site
        Site of each turbine, 1..n.
    limit
        Limit of each home. [dB]
    lw, alpha
        Sound power level [dB] and absorption [dB/m].
    joint
        Receives the level of all turbines at each home, NaN without any. [dB]
    highest, margin, home, over
        Receive by site (index 0 unused) its highest level at any home [dB], its smallest
        limit - level [dB], the home where that is (-1 = none), the number of homes over
        their limit. NaN, NaN, -1, 0 where no home is within reach.
    """
    own = np.zeros(highest.size)
    touched = np.empty(highest.size, np.int64)
    highest[:] = math.nan
    margin[:] = math.nan
    home[:] = -1
    over[:] = 0
    for p in range(limit.size):
        n = 0
        total = 0.0
        for k in range(first[p], first[p + 1]):
            s = site[turbine[k]]
            one = energy(metres[k], lw, alpha)
            if own[s] == 0.0:
                touched[n] = s
                n += 1
            own[s] += one
            total += one
        joint[p] = 10.0 * math.log10(total) if n > 0 else math.nan
        for i in range(n):
            s = touched[i]
            level = 10.0 * math.log10(own[s])
            own[s] = 0.0
            if not level <= highest[s]:
                highest[s] = level
            left = limit[p] - level
            if home[s] < 0 or left < margin[s]:
                margin[s] = left
                home[s] = p
            if left < 0.0:
                over[s] += 1


@numba.njit(cache=True)
def too_loud(
    first: npt.NDArray[np.int64],
    turbine: npt.NDArray[np.int64],
    metres: npt.NDArray[np.float64],
    site: npt.NDArray[np.int32],
    limit: npt.NDArray[np.float64],
    lw: float,
    alpha: float,
    drop: npt.NDArray[np.uint8],
) -> None:
    """Mark turbines to go so that each site alone keeps the limit at every home.

    Home by home, the loudest turbine of a site that is over goes first, of equals the first
    in number; a turbine that is gone for one home is gone for the next.

    Parameters
    ----------
    first, turbine, metres, site, limit, lw, alpha
        As in :func:`levels`.
    drop
        Zeros on entry; receives 1 for turbines to go.
    """
    for p in range(limit.size):
        most = 10.0 ** (limit[p] / 10.0)
        done = first[p]
        while done < first[p + 1]:
            s = site[turbine[done]]
            fresh = True  # sites met before at this home are settled
            for k in range(first[p], done):
                fresh = fresh and site[turbine[k]] != s
            while fresh:
                total = 0.0
                loudest = -1
                for k in range(done, first[p + 1]):
                    if site[turbine[k]] == s and drop[turbine[k]] == 0:
                        total += energy(metres[k], lw, alpha)
                        if loudest < 0 or metres[k] < metres[loudest]:
                            loudest = k
                if loudest < 0 or total <= most:
                    break
                drop[turbine[loudest]] = 1
            done += 1
