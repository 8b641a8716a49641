"""Pairs of the atlas rules: every upper beside every lower reservoir, no spatial index."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

#: Of a pair: volume, two wall heights, two walls, length, FOM, cost of power and of energy.
FIGURES = 9
#: Nothing is built beyond this water to rock. [-]
MOST_WATER_ROCK = 1.0e9


@numba.njit(cache=True)
def plant_usd(power: float, head: float, length_km: float) -> float:
    """Return powerhouse and tunnel of one plant [US$]: power [MW], head [m], length [km]."""
    house = 63.5e6 * math.pow(power, 0.75) / math.sqrt(head)
    tunnel = (1280.0 * power + 208500.0) * math.pow(head, -0.54) * length_km * 1000.0
    return house + tunnel + 66429.0 * power + 17.0e6


@numba.njit(cache=True)
def power_usd_per_kw(
    power: float, head: float, length_km: float, limit_mw: float, two_plants_m: float
) -> float:
    """Return the cost of power [US$/kW]; above ``two_plants_m`` two plants share head and power."""
    capped = min(power, limit_mw)
    if head > two_plants_m:
        return 0.001 * 2.0 * plant_usd(capped / 2.0, head / 2.0, length_km) / capped
    return 0.001 * plant_usd(capped, head, length_km) / capped


@numba.njit(cache=True)
def height_for(volume: Float64, needed: float, step: float) -> float:
    """Return the wall height whose volume is ``needed`` [m³], linear between heights; -1 = none."""
    for band in range(1, volume.size):
        if volume[band] >= needed:
            share = (needed - volume[band - 1]) / (volume[band] - volume[band - 1])
            return float((band - 1 + share) * step)
    return -1.0


@numba.njit(cache=True)
def between(curve: Float64, height: float, step: float) -> float:
    """Return a curve given every ``step`` from 0 at ``height`` [m], linear."""
    band = min(int(height / step), curve.size - 2)
    share = height / step - band
    return float(curve[band] + share * (curve[band + 1] - curve[band]))


@numba.njit(cache=True)
def nearest(x: Float64, y: Float64, a0: int, a1: int, b0: int, b1: int) -> float:
    """Return the least distance between points a0..a1 and points b0..b1. [m]."""
    least = np.inf
    for i in range(a0, a1):
        for j in range(b0, b1):
            least = min(least, (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2)
    return math.sqrt(least)


@numba.njit(cache=True)
def part(first: Int64, site: int, new: int, height: float, step: float) -> tuple[int, int]:
    """Return the run of outline points of a site: eight at the height below, or the whole shore."""
    if site >= new:
        return first[site], first[site + 1]
    band = int(height / step) - 1
    start = first[site] + 8 * max(band, 0)
    return start, start + 8


@numba.njit(cache=True)
def fit(
    u: int,
    w: int,
    new: int,
    head: float,
    volume: Float64,
    dam: Float64,
    cap: Float64,
    first: Int64,
    shore_x: Float64,
    shore_y: Float64,
    size: Float64,
    law: Float64,
) -> tuple[float, float, float, float, float, float, float, float, float]:
    """Return the :data:`FIGURES` of one pair of one size; an infinite FOM where a rule forbids it.

    Arguments as in :func:`best_lowers`; ``size`` is one row.
    """
    none = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, np.inf, 0.0, 0.0)
    step = law[9]
    needed = size[2] / head
    hu = 0.0 if u >= new else height_for(volume[u], needed, step)
    if hu < 0.0 or hu > cap[u] or (u >= new and volume[u, 0] < needed):
        return none
    hw = 0.0 if w >= new else height_for(volume[w], needed, step)
    if hw < 0.0 or hw > cap[w] or (w >= new and volume[w, 0] < needed):
        return none
    du = needed / MOST_WATER_ROCK if u >= new else between(dam[u], hu, step)
    dw = needed / MOST_WATER_ROCK if w >= new else between(dam[w], hw, step)
    ratio = min(needed / max(du + dw, 1e-9), MOST_WATER_ROCK)
    if ratio < law[4]:
        return none
    a0, a1 = part(first, u, new, hu, step)
    b0, b1 = part(first, w, new, hw, step)
    length = nearest(shore_x, shore_y, a0, a1, b0, b1)
    if head < law[3] * length:
        return none
    power = power_usd_per_kw(size[0], head, length / 1000.0, law[5], law[6])
    energy = law[7] * law[8] / (ratio * head)
    fom = power + energy * size[1]
    if fom > law[10] + law[11] * size[1]:
        return none
    return needed, hu, hw, du, dw, length, fom, power, energy


@numba.njit(cache=True, parallel=True)
def best_lowers(
    upper: Int64,
    lower: Int64,
    new: int,
    foot: Float64,
    foot_x: Float64,
    foot_y: Float64,
    volume: Float64,
    dam: Float64,
    cap: Float64,
    first: Int64,
    shore_x: Float64,
    shore_y: Float64,
    size: Float64,
    law: Float64,
    found: Int64,
    figure: Float64,
    kept: Int64,
    seen: Int64,
) -> None:
    """Keep the best lowers of each upper site and size.

    Parameters
    ----------
    upper, lower
        Sites that are tried as upper and as lower reservoir.
    new
        Sites before this number are new, the others exist.
    foot, foot_x, foot_y
        Level of the dam foot (of the lake that exists) and its place. [m]
    volume, dam
        (sites, heights + 1), from height 0; a lake that exists has its volume everywhere. [m³]
    cap
        Highest wall. [m]
    first, shore_x, shore_y
        Outline points: eight a height of a new site, the shore of a lake. [m]
    size
        (sizes, 3): power [MW], hours [h], volume times head. [m³ m]
    law
        Least and most head, least slope of points and of lakes, least water to rock, limit
        of power, head of two plants, price of rock, its divisor, step of the heights,
        largest FOM per kW and per kWh.
    found, figure, kept
        Results (uppers, sizes, keep), (uppers, sizes, keep, :data:`FIGURES`), (uppers, sizes).
    seen
        Result (uppers, 4): pairs within the heads, within the slope of points, tested by
        size, passed.
    """
    keep = found.shape[2]
    for which in numba.prange(upper.size):
        u = upper[which]
        for j in range(lower.size):
            w = lower[j]
            head = foot[u] - foot[w]
            if head < law[0] or head > law[1] or u == w:
                continue
            seen[which, 0] += 1
            dx, dy = foot_x[u] - foot_x[w], foot_y[u] - foot_y[w]
            if u < new and w < new and head * head <= law[2] * law[2] * (dx * dx + dy * dy):
                continue
            seen[which, 1] += 1
            for s in range(size.shape[0]):
                seen[which, 2] += 1
                made = fit(u, w, new, head, volume, dam, cap, first, shore_x, shore_y, size[s], law)
                if made[6] == np.inf:
                    continue
                seen[which, 3] += 1
                slot = kept[which, s]
                if slot == keep:
                    slot = 0
                    for i in range(1, keep):
                        if figure[which, s, i, 6] > figure[which, s, slot, 6]:
                            slot = i
                    if made[6] >= figure[which, s, slot, 6]:
                        continue
                else:
                    kept[which, s] += 1
                found[which, s, slot] = w
                for i in range(FIGURES):
                    figure[which, s, slot, i] = made[i]
