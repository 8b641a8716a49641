"""One candidate: two lakes and an asked size through all tests, in order."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from siting.pumped.pairs._kernels import terms as t
from siting.pumped.pairs._kernels.curve import knot_at, level_at
from siting.pumped.pairs._kernels.shore import bin_of, closest
from siting.pumped.pairs._kernels.size import (
    CLOSE,
    ROUGH,
    band,
    energy_of,
    gross_head,
    net_of,
    water_for,
)
from siting.pumped.pairs._kernels.water import (
    GRAVITY,
    WATER_DENSITY,
    diameter,
    rated_flow,
    tunnels,
)

Float64 = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

#: Rounds in which the shores follow the levels and the levels the length.
ROUNDS = 4
#: From here beyond the largest L/H a pair is not sized to the end.
SURE = 1.1


@numba.njit(cache=True)
def kind_of(node: Float64, upper: int, lower: int) -> int:
    """Return the number of the pair's kind."""
    kind = 0 if node[lower * t.NODE + t.NEW] > 0.0 else 1
    return kind if node[upper * t.NODE + t.NEW] > 0.0 else kind + 2


@numba.njit(cache=True)
def _at(curve: Float32, offset: Int64, v: Float64, a: int, water: float) -> float:
    """Return a curve of the dam at the level that holds ``water``, NaN where it does not close."""
    first, last = offset[a], offset[a + 1] - 1
    k = knot_at(v, first, last, water)
    if k == first or v[k] <= water:
        return float(curve[k])
    share = (water - v[k - 1]) / (v[k] - v[k - 1])
    return float(curve[k - 1] + (curve[k] - curve[k - 1]) * share)


@numba.njit(cache=True)
def _levels(
    node: Float64, offset: Int64, z: Float64, v: Float64,
    upper: int, lower: int, rules: Float64, water: float, row: Float64,
) -> None:  # fmt: skip
    """Set the levels between which both lakes move."""
    bottom, top = band(node, upper, water, rules[t.DEAD_SHARE], rules[t.UPPER_START])
    first, last = offset[upper], offset[upper + 1] - 1
    row[t.UPPER_NORMAL] = level_at(z, v, first, last, top)
    row[t.UPPER_DEAD] = level_at(z, v, first, last, bottom)
    bottom, top = band(node, lower, water, rules[t.DEAD_SHARE], rules[t.LOWER_START])
    first, last = offset[lower], offset[lower + 1] - 1
    row[t.LOWER_NORMAL] = level_at(z, v, first, last, top)
    row[t.LOWER_DEAD] = level_at(z, v, first, last, bottom)


@numba.njit(cache=True)
def _within(node: Float64, inner: int, outer: int) -> bool:
    """Say whether the foot of one new lake drains through the foot of another."""
    first = node[outer * t.NODE + t.START]
    at = node[inner * t.NODE + t.START]
    return bool(first <= at < first + node[outer * t.NODE + t.CELLS])


@numba.njit(cache=True)
def _drowns(node: Float64, upper: int, lower: int, row: Float64) -> bool:
    """Say whether one new lake floods the foot of the other's dam."""
    nested = nesting(node, upper, lower)
    if nested == 1:
        return bool(row[t.LOWER_NORMAL] > node[upper * t.NODE + t.FOOT])
    return nested == 2 and bool(row[t.UPPER_NORMAL] > node[lower * t.NODE + t.FOOT])


@numba.njit(cache=True)
def _refused(row: Float64, reason: int, value: float, limit: float) -> int:
    row[t.VALUE], row[t.LIMIT] = value, limit
    return reason


@numba.njit(cache=True)
def scarce(node: Float64, u: int, w: int) -> int:
    """Return the test that a pair without room for its water fails."""
    scarce = u if node[u + t.LEND] <= node[w + t.LEND] else w
    return t.TOO_SMALL if node[scarce + t.NEW] > 0.0 else t.BORROW


@numba.njit(cache=True)
def short_of(
    node: Float64, rules: Float64, upper: int, lower: int, energy: float, row: Float64
) -> int:
    """Test whether both lakes hold what ``energy`` [GWh] asks at the largest head.

    LIMIT of ``row`` receives that water.
    """
    u, w = upper * t.NODE, lower * t.NODE
    lend = min(node[u + t.LEND], node[w + t.LEND])
    best = node[u + t.HIGH] - node[w + t.LOW]
    asked = energy * t.GWH / (WATER_DENSITY * GRAVITY * rules[t.EFFICIENCY] * best)
    return _refused(row, scarce(node, u, w) if lend < asked else t.PAIRED, lend, asked)


@numba.njit(cache=True)
def nesting(node: Float64, upper: int, lower: int) -> int:
    """Return how two new lakes lie, -1 where one of them exists.

    1 = the upper foot drains through the lower, 2 = the lower through the upper, 0 = apart.
    """
    if node[upper * t.NODE + t.NEW] == 0.0 or node[lower * t.NODE + t.NEW] == 0.0:
        return -1
    if _within(node, upper, lower):
        return 1
    return 2 if _within(node, lower, upper) else 0


@numba.njit(cache=True)
def judge(
    node: Float64, offset: Int64, z: Float64, v: Float64, m: Float64,
    dam: Float32, crest: Float32, shore: Int32, place: Float64, step: float,
    levels: int, px: Float64, py: Float64, owner: Int32, cell: Int64, box: Float64, rules: Float64,
    upper: int, lower: int, known: Float64, power_mw: float, hours: float,
    guess: float, ku: int, kl: int, row: Float64,
) -> int:  # fmt: skip
    """Size one pair and return the first test that it fails, 0 = none.

    Parameters
    ----------
    known
        Two points of the shores (upper x, y, lower x, y): the closest that are known.
    guess
        Water near that of the pair, 0 = not known. [m³]
    ku, kl
        Levels of the shore points that the pair surely has, -2 = not known.
    row
        Receives the numbers of :mod:`terms`; VALUE and LIMIT of the failed test.
    """
    energy = power_mw * hours / 1.0e3
    u, w = upper * t.NODE, lower * t.NODE
    reason = short_of(node, rules, upper, lower, energy, row)
    if reason != t.PAIRED:
        return reason
    asked = row[t.LIMIT]
    ends = row[t.UPPER_X : t.LOWER_Y + 1]
    ends[:] = known
    length = math.hypot(ends[0] - ends[2], ends[1] - ends[3])
    water, close = guess if guess > 0.0 else asked, ROUGH
    if ku > -2:
        close = CLOSE
        length = closest(
            node, shore, place, levels, px, py, owner, cell, box, upper, ku, lower, kl, ends
        )
    for _ in range(ROUNDS):
        water = water_for(
            node, offset, z, v, m, rules, upper, lower, energy, length, power_mw, water, close
        )
        if water < 0.0:
            lend = min(node[u + t.LEND], node[w + t.LEND])
            most = energy_of(node, offset, z, v, m, rules, upper, lower, lend, length, power_mw)
            needed = lend * energy / most if most > 0.0 else math.inf
            return _refused(row, scarce(node, u, w), lend, needed)
        _levels(node, offset, z, v, upper, lower, rules, water, row)
        au = bin_of(row[t.UPPER_NORMAL] - node[u + t.FOOT], step, levels)
        al = bin_of(row[t.LOWER_NORMAL] - node[w + t.FOOT], step, levels)
        if au == ku and al == kl:
            break
        ku, kl, close = au, al, CLOSE
        ends[:] = known
        length = closest(
            node, shore, place, levels, px, py, owner, cell, box, upper, ku, lower, kl, ends
        )
        gross = gross_head(node, offset, z, v, m, rules, upper, lower, water)
        if length > SURE * rules[t.LH_MAX] * gross > 0.0:
            return _refused(row, t.TOO_LONG, length / gross, rules[t.LH_MAX])
    else:
        water = water_for(
            node, offset, z, v, m, rules, upper, lower, energy, length, power_mw, water, CLOSE
        )
    row[t.VOLUME], row[t.LENGTH] = water, length
    row[t.HEAD_MEAN] = gross_head(node, offset, z, v, m, rules, upper, lower, water)
    reason = _geometry(node, rules, upper, lower, row)
    if reason != t.PAIRED:
        return reason
    return _structures(node, offset, v, dam, crest, rules, upper, lower, power_mw, row)


@numba.njit(cache=True)
def _geometry(node: Float64, rules: Float64, upper: int, lower: int, row: Float64) -> int:
    """Test that the lakes stand apart, the heads and the length."""
    if _drowns(node, upper, lower, row):
        return _refused(row, t.OVERLAP, row[t.LOWER_NORMAL], node[upper * t.NODE + t.FOOT])
    least = rules[t.HEAD_MIN + kind_of(node, upper, lower)]
    gross = row[t.HEAD_MEAN]
    lowest = _extremes(node, upper * t.NODE, lower * t.NODE, row)
    if gross < least or lowest <= 0.0:
        return _refused(row, t.HEAD_LOW, min(gross, lowest), least)
    if row[t.HEAD_HIGHEST] > rules[t.HEAD_MAX]:
        return _refused(row, t.HEAD_HIGH, row[t.HEAD_HIGHEST], rules[t.HEAD_MAX])
    if row[t.LENGTH] > rules[t.LH_MAX] * gross:
        return _refused(row, t.TOO_LONG, row[t.LENGTH] / gross, rules[t.LH_MAX])
    return t.PAIRED


@numba.njit(cache=True)
def _extremes(node: Float64, u: int, w: int, row: Float64) -> float:
    """Set the highest and lowest gross head, standing lakes anywhere between their limits."""
    new_u, new_l = node[u + t.NEW] > 0.0, node[w + t.NEW] > 0.0
    top = row[t.UPPER_NORMAL] if new_u else node[u + t.HIGH]
    low = row[t.UPPER_DEAD] if new_u else node[u + t.LOW]
    row[t.HEAD_HIGHEST] = top - (row[t.LOWER_DEAD] if new_l else node[w + t.LOW])
    row[t.HEAD_LOWEST] = low - (row[t.LOWER_NORMAL] if new_l else node[w + t.HIGH])
    return float(row[t.HEAD_LOWEST])


@numba.njit(cache=True)
def _structures(
    node: Float64, offset: Int64, v: Float64, dam: Float32, crest: Float32, rules: Float64,
    upper: int, lower: int, power_mw: float, row: Float64,
) -> int:  # fmt: skip
    """Set dams, tunnel and the quick value; test that the dams close and what they hold."""
    water, gross, length = row[t.VOLUME], row[t.HEAD_MEAN], row[t.LENGTH]
    keeps_off = True
    for side in range(2):
        a = upper if side == 0 else lower
        rock, long = 0.0, 0.0
        if node[a * t.NODE + t.NEW] > 0.0:
            top = max(water / (1.0 - rules[t.DEAD_SHARE]), node[a * t.NODE + t.LEAST])
            rock, long = _at(dam, offset, v, a, top), _at(crest, offset, v, a, top)
            normal = row[t.UPPER_NORMAL] if side == 0 else row[t.LOWER_NORMAL]
            height = normal - node[a * t.NODE + t.FOOT]
            if math.isnan(rock):
                return _refused(row, t.CLOSURE, height, math.nan)
            keeps_off = keeps_off and height <= node[a * t.NODE + t.CAP]
        row[t.UPPER_DAM + side], row[t.UPPER_CREST + side] = rock, long
    rock = row[t.UPPER_DAM] + row[t.LOWER_DAM]
    if water < rules[t.WATER_ROCK] * rock:
        return _refused(row, t.ROCK, water / rock, rules[t.WATER_ROCK])
    net = net_of(gross, length, power_mw, rules)
    count = tunnels(power_mw, rules[t.TUNNEL_MW])
    row[t.LOSS] = gross - net
    row[t.FLOW] = rated_flow(net, power_mw, rules[t.EFFICIENCY])
    row[t.TUNNEL] = diameter(row[t.FLOW], rules[t.VELOCITY], count)
    bore = row[t.FLOW] / rules[t.VELOCITY] * math.sqrt(length * length + gross * gross)
    row[t.QUICK] = (rock + rules[t.TUNNEL_WEIGHT] * bore) / (power_mw * 1.0e3)
    row[t.KEEPS_OFF] = 1.0 if keeps_off else 0.0
    return t.PAIRED
