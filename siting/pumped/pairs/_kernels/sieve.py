"""Sure refusals of a candidate: bounds of water, head and length, before anything is sized."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from siting.pumped.pairs._kernels import terms as t
from siting.pumped.pairs._kernels.judge import scarce
from siting.pumped.pairs._kernels.shore import apart, bin_of, closest_new
from siting.pumped.pairs._kernels.size import RUNGS
from siting.pumped.pairs._kernels.water import GRAVITY, WATER_DENSITY, WATT_PER_MW, tunnels

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

#: What single precision may hide of a head [m], and of a ratio.
NEAR = 0.01
SLACK = 1.0 + 1e-6
#: Levels of shore points that a bracket may span for the shores themselves to be compared.
SPAN = 1


@numba.njit(cache=True)
def drag(power_mw: float, rules: Float64) -> float:
    """Return k / L of the net head (:func:`siting.pumped.pairs._kernels.water.net_head`)."""
    count = tunnels(power_mw, rules[t.TUNNEL_MW])
    velocity = rules[t.VELOCITY]
    return float(
        rules[t.FRICTION] * velocity * velocity / (2.0 * GRAVITY)
        * math.sqrt(count * math.pi * velocity * WATER_DENSITY * GRAVITY * rules[t.EFFICIENCY]
                    / (4.0 * power_mw * WATT_PER_MW))
    )  # fmt: skip


@numba.njit(cache=True)
def sieve(
    node: Float64, shore: Int32, place: Float64, ladder: Float32, water: Float64, step: float,
    levels: int, rules: Float64, upper: int, lower: int, nested: int, energy: float, drag_m: float,
    asked: float, known: Float64, bins: Int64, told: Float64, row: Float64,
) -> int:  # fmt: skip
    """Return the first test that two new lakes surely fail, 0 = they have to be sized.

    Levels of new lakes and the energy rise with the water. So does the rung of the ladder: the
    water lies between the last rung that holds too little without any loss and the first
    that holds enough along the longest waterway, and levels, head and shores between theirs.

    Parameters
    ----------
    water
        Water of each rung. [m³]
    nested
        1 = the upper foot drains through the lower, 2 = the lower through the upper, 0 = apart.
    drag_m
        Of :func:`drag` at the asked power.
    asked
        Water that the pair needs at least. [m³]
    known
        Two points of the shores, here the feet.
    bins, told
        Receive the levels of the shore points (-2 = unknown), and a guess of the water. [m³]
    """
    told[0], bins[0], bins[1] = asked, -2, -2
    u, w = upper * t.NODE, lower * t.NODE
    most = min(node[u + t.LEND], node[w + t.LEND])
    wall = (1.0 - rules[t.DEAD_SHARE]) * max(node[u + t.LEAST], node[w + t.LEAST])
    a, b = 2 * upper * water.size, 2 * lower * water.size
    j, k = _rungs(ladder, water, rules, a, b, energy, drag_m, asked, most, known, told)
    if k < 0 and water[j] >= wall:
        row[t.VALUE], row[t.LIMIT] = most, told[0]
        return scarce(node, u, w)
    if k < 0 or water[j] < wall:
        told[0] = min(told[0], most)
        return t.PAIRED
    head = float(ladder[a + 2 * k] - ladder[b + 2 * j])
    reason = _heads(node, ladder, rules, u, w, a, b, j, k, nested, head, row)
    if reason != t.PAIRED:
        return reason
    limit = rules[t.LH_MAX] * (head + NEAR)
    ku = bin_of(ladder[a + 2 * k + 1] * SLACK, step, levels)
    kl = bin_of(ladder[b + 2 * k + 1] * SLACK, step, levels)
    near = apart(node, shore, place, levels, upper, ku, lower, kl)
    if near <= limit:
        ju = bin_of(ladder[a + 2 * j + 1] / SLACK, step, levels)
        jl = bin_of(ladder[b + 2 * j + 1] / SLACK, step, levels)
        if ku - ju > SPAN or kl - jl > SPAN:
            return _closed(node, ladder, u, w, a + 2 * j + 1, b + 2 * j + 1, row)
        near = math.inf
        for p in range(ju, ku + 1):
            for q in range(jl, kl + 1):
                d = closest_new(node, shore, place, levels, upper, p, lower, q)
                near = min(near, d)
        if near <= limit:
            # where the room itself is in doubt the sizing starts from the feet
            if ku == ju and kl == jl and water[k] < most:
                bins[0], bins[1] = ku, kl
            return _closed(node, ladder, u, w, a + 2 * j + 1, b + 2 * j + 1, row)
    row[t.VALUE], row[t.LIMIT] = near / head, rules[t.LH_MAX]
    return t.TOO_LONG


@numba.njit(cache=True)
def _rungs(
    ladder: Float32, water: Float64, rules: Float64, a: int, b: int, energy: float, drag_m: float,
    asked: float, most: float, known: Float64, told: Float64,
) -> tuple[int, int]:  # fmt: skip
    """Return the rungs below and above the water of a pair; the upper -1 where it lacks room.

    The last rung may hold more than the lakes give: they stand at their highest there.
    """
    rate = WATER_DENSITY * GRAVITY * rules[t.EFFICIENCY] / t.GWH
    dx, dy = known[0] - known[2], known[1] - known[3]
    flat = dx * dx + dy * dy
    j = max(int(RUNGS * math.log2(asked / water[0])), 0)
    for k in range(j + 1, water.size):
        if water[k] >= most:
            high = max(float(ladder[a + 2 * k] - ladder[b + 2 * j]), 1e-9)
            told[0] = energy / (rate * high)
            return j, k if told[0] <= most * SLACK else -1
        gross = float(ladder[a + 2 * k] - ladder[b + 2 * k])
        if rate * water[k] * gross * SLACK < energy:
            j = k
            continue
        loss = drag_m * math.sqrt(flat + gross * gross)
        root = 2.0 * gross / (loss + math.sqrt(loss * loss + 4.0 * gross))
        given = rate * water[k] * root * root
        if given >= energy * SLACK:
            told[0] = water[k] * energy / given
            return j, k
    told[0] = asked
    return j, water.size - 1


@numba.njit(cache=True)
def _heads(
    node: Float64, ladder: Float32, rules: Float64, u: int, w: int, a: int, b: int, j: int, k: int,
    nested: int, head: float, row: Float64,
) -> int:  # fmt: skip
    """Test that the lakes stand apart and their heads, by the levels at both rungs."""
    foot_u, foot_l = node[u + t.FOOT], node[w + t.FOOT]
    normal_u, normal_l = foot_u + ladder[a + 2 * j + 1], foot_l + ladder[b + 2 * j + 1]
    if (nested == 1 and normal_l > foot_u + NEAR) or (nested == 2 and normal_u > foot_l + NEAR):
        row[t.VALUE], row[t.LIMIT] = normal_l, foot_u
        return t.OVERLAP
    if head + NEAR < rules[t.HEAD_MIN]:
        row[t.VALUE], row[t.LIMIT] = head, rules[t.HEAD_MIN]
        return t.HEAD_LOW
    highest = normal_u - float(ladder[b + 2 * k])
    if highest > rules[t.HEAD_MAX] + NEAR:
        row[t.VALUE], row[t.LIMIT] = highest, rules[t.HEAD_MAX]
        return t.HEAD_HIGH
    return t.PAIRED


@numba.njit(cache=True)
def _closed(
    node: Float64, ladder: Float32, u: int, w: int, a: int, b: int, row: Float64
) -> int:  # fmt: skip
    """Test that both dams close the valley at the heights ``a`` and ``b`` of the ladder."""
    for lake, at in ((u, a), (w, b)):
        if ladder[at] > node[lake + t.CLOSES] * SLACK + NEAR:
            row[t.VALUE], row[t.LIMIT] = ladder[at], math.nan
            return t.CLOSURE
    return t.PAIRED
