"""Kernels of the forest model: one year of the area matrix, a run, a Monte-Carlo.

Fixed order of a year: event (disturbance above background, final felling, planting)
-> growth -> mortality -> ageing. The volume curve is net of background mortality, so
mortality is a flux to dead wood matched by equal extra gross growth and leaves the
standing volume on the curve (truth.md 24). Felled and disturbed ground returns to age 0
and stays forest area; new planting waits outside it until its years are over.

Columns of a flux row: 0 planted [ha], 1 felled [ha], 2 disturbed [ha], 3 joined [ha],
4 gross growth, 5 background mortality, 6 harvest, 7 disturbance, 8 ingrowth [m³].
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


@numba.njit(cache=True)
def step(
    area: F64,
    young: F64,
    volume: F64,
    mortality: F64,
    mature: I64,
    harvest_share: float,
    felling_cap: float,
    disturbance: F64,
    planting: F64,
    flux: F64,
) -> None:
    """Advance ``area`` [s, age] and ``young`` [s, years not yet forest] by one year.

    ``volume`` [m³/ha] by stratum and age; ``mortality``, ``disturbance`` [1/a] and
    ``planting`` [ha] by stratum; ``harvest_share`` of the stock before disturbance [1/a], taken
    from what is left of ages >= ``mature`` and never more than ``felling_cap`` of their area.
    Changes ``area`` and ``young`` in place and fills ``flux`` (9).
    """
    n, ages = area.shape
    wait = young.shape[1]
    stock = 0.0
    ripe = 0.0
    for s in range(n):
        unripe = 0.0
        for a in range(min(mature[s], ages)):
            unripe += area[s, a] * volume[s, a]
        over = 0.0
        for a in range(mature[s], ages):
            over += area[s, a] * volume[s, a]
        stock += unripe + over
        ripe += over
    share = 0.0
    if ripe > 0.0:
        share = min(harvest_share * stock / ripe, felling_cap)
    # sums live in locals: the inner loops then run without a store a cell
    planted = felled = hit = joined = 0.0
    gross = dead = cut = burnt = grown_in = 0.0
    for s in range(n):
        rate = disturbance[s]
        kept = 1.0 - rate
        lost = 0.0
        lost_m3 = 0.0
        for a in range(1, ages):
            here = area[s, a] * rate
            lost += here
            lost_m3 += here * volume[s, a]
            area[s, a] *= kept
        gone = 0.0
        gone_m3 = 0.0
        for a in range(max(mature[s], 1), ages):
            here = area[s, a] * share
            gone += here
            gone_m3 += here * volume[s, a]
            area[s, a] -= here
        area[s, 0] += lost + gone
        young[s, 0] += planting[s]
        planted += planting[s]
        hit += lost
        burnt += lost_m3
        felled += gone
        cut += gone_m3
        net = 0.0
        held = 0.0
        for a in range(ages - 1):
            net += area[s, a] * (volume[s, a + 1] - volume[s, a])
            held += area[s, a] * volume[s, a]
        held += area[s, ages - 1] * volume[s, ages - 1]
        gross += net + mortality[s] * held
        dead += mortality[s] * held
        area[s, ages - 1] += area[s, ages - 2]
        for a in range(ages - 2, 0, -1):
            area[s, a] = area[s, a - 1]
        area[s, 0] = 0.0
        grown = young[s, wait - 1]
        for j in range(wait - 1, 0, -1):
            young[s, j] = young[s, j - 1]
        young[s, 0] = 0.0
        area[s, wait] += grown
        joined += grown
        grown_in += grown * volume[s, wait]
    flux[0], flux[1], flux[2], flux[3] = planted, felled, hit, joined
    flux[4], flux[5], flux[6], flux[7], flux[8] = gross, dead, cut, burnt, grown_in


@numba.njit(cache=True)
def run(
    area: F64,
    young: F64,
    volume: F64,
    biomass: F64,
    mortality: F64,
    mature: I64,
    harvest: F64,
    felling_cap: float,
    disturbance: F64,
    planting: F64,
    fluxes: F64,
    states: F64,
) -> None:
    """Step ``harvest.size`` years; ``area`` and ``young`` are changed in place.

    ``biomass`` [t/ha] by stratum and age; ``disturbance`` [1/a] and ``planting`` [ha]
    by year and stratum. Fills ``fluxes`` [year, 9] and ``states`` [year + 1, 4]:
    tree area, young area [ha], stock [m³], biomass [t] at the end of each year.
    """
    n, ages = area.shape
    years = harvest.size
    for y in range(years + 1):
        if y > 0:
            step(
                area, young, volume, mortality, mature, harvest[y - 1], felling_cap,
                disturbance[y - 1], planting[y - 1], fluxes[y - 1],
            )  # fmt: skip
        trees = waiting = stock = tonnes = 0.0
        for s in range(n):
            for a in range(ages):
                trees += area[s, a]
                stock += area[s, a] * volume[s, a]
                tonnes += area[s, a] * biomass[s, a]
            for j in range(young.shape[1]):
                waiting += young[s, j]
        states[y, 0], states[y, 1], states[y, 2], states[y, 3] = trees, waiting, stock, tonnes


@numba.njit(cache=True)
def biomass_table(
    volume: F64, slope: F64, offset: F64, v0: float, rho: F64, weight: F64, out: F64
) -> None:
    """Fill ``out`` [t/ha] with the biomass of ``volume`` [m³/ha], per stocking class.

    ``B = a V + b`` at and above ``v0`` [m³/ha], ``V (a v0 + b) / v0`` below: continuous,
    through the origin. The classes hold ``rho`` times the volume on ``weight`` of the area.
    """
    n, ages = volume.shape
    for s in range(n):
        for a in range(ages):
            total = 0.0
            for c in range(rho.size):
                v = volume[s, a] * rho[c]
                if v >= v0:
                    total += weight[c] * (slope[s] * v + offset[s])
                else:
                    total += weight[c] * v * (slope[s] * v0 + offset[s]) / v0
            out[s, a] = total


@numba.njit(cache=True)
def back_cast(area: F64, volume: F64, years_back: int, share: float) -> float:
    """Return the stock [m³] that today's stands held ``years_back`` years ago.

    Ground whose stand is not older than ``years_back`` carried an unknown stand: it is
    given ``share`` (0-1) of the mean volume of the ground that is known.
    """
    n, ages = area.shape
    stock = 0.0
    known = 0.0
    unknown = 0.0
    for s in range(n):
        for a in range(ages):
            if a > years_back:
                stock += area[s, a] * volume[s, a - years_back]
                known += area[s, a]
            else:
                unknown += area[s, a]
    if known > 0.0:
        stock += share * unknown * stock / known
    return stock


@numba.njit(cache=True)
def monte_carlo(
    area0: F64,
    young0: F64,
    stock0: F64,
    power: F64,
    mortality: F64,
    mature: I64,
    felling_cap: float,
    disturbance: F64,
    plant_share: F64,
    slope: F64,
    offset: F64,
    v0: float,
    rho: F64,
    weight: F64,
    k: F64,
    stock_factor: F64,
    harvest: F64,
    event: F64,
    planted: F64,
    unknown_share: F64,
    past: F64,
    future: F64,
) -> None:
    """Run one block of draws.

    Per draw: ``k`` [d, s], ``stock_factor``, ``harvest`` [1/a], ``planted`` [ha/a],
    ``unknown_share`` [d] and ``event`` [d, year] multiply ``disturbance`` [s]. Curves
    are calibrated anew, so every draw starts on its own stock. Fills ``past``
    [d, years back] [m³] and ``future`` [d, year + 1, 4] (columns of :func:`run`).
    """
    draws, n = k.shape
    ages = area0.shape[1]
    years = event.shape[1]
    volume = np.empty((n, ages))
    biomass = np.empty((n, ages))
    fluxes = np.empty((years, 9))
    rate = np.empty((years, n))
    plant = np.empty((years, n))
    fell = np.empty(years)
    for d in range(draws):
        for s in range(n):
            held = 0.0
            for a in range(ages):
                volume[s, a] = (-math.expm1(-k[d, s] * a)) ** power[s]
                held += area0[s, a] * volume[s, a]
            top = 0.0
            if held > 0.0:
                top = stock_factor[d] * stock0[s] / held
            for a in range(ages):
                volume[s, a] *= top
            for y in range(years):
                rate[y, s] = min(disturbance[s] * event[d, y], 1.0)
                plant[y, s] = planted[d] * plant_share[s]
        for y in range(years):
            fell[y] = harvest[d]
        biomass_table(volume, slope, offset, v0, rho, weight, biomass)
        for b in range(past.shape[1]):
            past[d, b] = back_cast(area0, volume, b + 1, unknown_share[d])
        area = area0.copy()
        young = young0.copy()
        run(
            area, young, volume, biomass, mortality, mature, fell, felling_cap, rate, plant,
            fluxes, future[d],
        )  # fmt: skip
