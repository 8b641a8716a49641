"""Water that an asked energy needs: the energy integral of two lakes, and its inverse."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from siting.pumped.pairs._kernels.curve import level_at, mean_level
from siting.pumped.pairs._kernels.terms import (
    DEAD_SHARE,
    EFFICIENCY,
    FOOT,
    FRICTION,
    FULL,
    GWH,
    LEAST,
    LEND,
    LOWER_START,
    NEW,
    NODE,
    TUNNEL_MW,
    UPPER_START,
    VELOCITY,
)
from siting.pumped.pairs._kernels.water import GRAVITY, WATER_DENSITY, net_head, tunnels

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

#: Relative error of the energy at which the search for the volume ends.
CLOSE = 1e-11
#: That of a first round, which only finds the shores.
ROUGH = 1e-3
STEPS = 200
#: Rungs of water in an octave.
RUNGS = 8.0


@numba.njit(cache=True)
def band(
    node: Float64, a: int, water: float, dead_share: float, start: float
) -> tuple[float, float]:
    """Return the volumes of lake ``a`` between which ``water`` moves.

    A new lake is as large as ``water`` and its dead share ask (but not below the lowest
    wall); in an existing lake the band lies at ``start`` of the room it has: 0 = on the dead
    level, 1 = under the normal level.
    """
    if node[a * NODE + NEW] > 0.0:
        top = max(water / (1.0 - dead_share), node[a * NODE + LEAST])
        return top - water, top
    bottom = start * (node[a * NODE + FULL] - water)
    return bottom, bottom + water


@numba.njit(cache=True)
def gross_head(
    node: Float64, offset: Int64, z: Float64, v: Float64, m: Float64, rules: Float64,
    upper: int, lower: int, water: float,
) -> float:  # fmt: skip
    """Return the mean over the moved water of upper level less lower level."""
    bottom, top = band(node, upper, water, rules[DEAD_SHARE], rules[UPPER_START])
    high = mean_level(z, v, m, offset[upper], offset[upper + 1] - 1, bottom, top)
    bottom, top = band(node, lower, water, rules[DEAD_SHARE], rules[LOWER_START])
    low = mean_level(z, v, m, offset[lower], offset[lower + 1] - 1, bottom, top)
    return float(high - low)


@numba.njit(cache=True, parallel=True)
def fill_ladder(
    node: Float64, offset: Int64, z: Float64, v: Float64, m: Float64, share: float,
    count: int, rungs: Float64, ladder: Float32,
) -> None:  # fmt: skip
    """Fill mean level and height of the first ``count`` lakes, all new, at rungs of water.

    Flat (lakes, rungs, 2); above what a lake gives it stands at its highest.
    """
    for a in numba.prange(count):
        last = offset[a + 1] - 1
        for g in range(rungs.size):
            water = min(rungs[g], node[a * NODE + LEND])
            bottom, top = band(node, a, water, share, 0.0)
            at = 2 * (a * rungs.size + g)
            ladder[at] = mean_level(z, v, m, offset[a], last, bottom, top)
            height = level_at(z, v, offset[a], last, top) - node[a * NODE + FOOT]
            ladder[at + 1] = height


@numba.njit(cache=True)
def net_of(gross: float, length: float, power_mw: float, rules: Float64) -> float:
    """Return the net head of a waterway of horizontal ``length``."""
    count = tunnels(power_mw, rules[TUNNEL_MW])
    space = math.sqrt(length * length + gross * gross)
    eta, velocity, friction = rules[EFFICIENCY], rules[VELOCITY], rules[FRICTION]
    return float(net_head(gross, space, power_mw, eta, velocity, friction, count))


@numba.njit(cache=True)
def energy_of(
    node: Float64, offset: Int64, z: Float64, v: Float64, m: Float64, rules: Float64,
    upper: int, lower: int, water: float, length: float, power_mw: float,
) -> float:  # fmt: skip
    """Return the energy of one cycle that moves ``water``. [GWh]."""
    gross = gross_head(node, offset, z, v, m, rules, upper, lower, water)
    net = net_of(gross, length, power_mw, rules)
    return float(WATER_DENSITY * GRAVITY * rules[EFFICIENCY] * water * net / GWH)


@numba.njit(cache=True)
def water_for(
    node: Float64, offset: Int64, z: Float64, v: Float64, m: Float64, rules: Float64,
    upper: int, lower: int, energy: float, length: float, power_mw: float, guess: float,
    close: float,
) -> float:  # fmt: skip
    """Return the water whose energy integral is ``energy``, -1 where both lakes hold less.

    Energy is nearly proportional to water: from ``guess`` in proportion, then by secants,
    inside a bracket that is halved where a step leaves it. Ends at a relative error ``close``.
    """
    most = float(min(node[upper * NODE + LEND], node[lower * NODE + LEND]))
    low, high = 0.0, most
    water = min(guess, most)
    last, slope = 0.0, 0.0
    before = -energy
    for _ in range(STEPS):
        error = (
            energy_of(node, offset, z, v, m, rules, upper, lower, water, length, power_mw) - energy
        )
        if abs(error) <= close * energy:
            return water
        if error < 0.0:
            if water == most:
                return -1.0
            low = water
        else:
            high = water
        if high - low <= CLOSE * high:
            return water
        slope = (error - before) / (water - last)
        last, before = water, error
        # water of the first step is in proportion: the secant through no water, no energy
        water = water - error / slope if slope > 0.0 else low
        if water >= most > low:
            water = most
        elif not low < water < high:
            water = 0.5 * (low + high)
    return water
