"""Candidates from a grid hash, judged for every size, the best lowers of each upper kept."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from siting.pumped.pairs._kernels import terms as t
from siting.pumped.pairs._kernels.judge import judge, kind_of, nesting, short_of
from siting.pumped.pairs._kernels.shore import WAYS, split
from siting.pumped.pairs._kernels.sieve import drag, sieve

Float64 = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]

#: Parts of the work, whatever the number of threads.
CHUNKS = 32


@numba.njit(cache=True)
def fill_hash(node: Float64, owner: Int32, cell: Int64, lowest: Float64, widest: Float64) -> None:
    """Fill the lowest water and the widest reach of the lakes in each cell of the hash."""
    for c in range(lowest.size):
        lowest[c], widest[c] = np.inf, 0.0
        for p in range(cell[c], cell[c + 1]):
            a = owner[p] * t.NODE
            lowest[c] = min(lowest[c], node[a + t.LOW])
            widest[c] = max(widest[c], node[a + t.RADIUS])


@numba.njit(cache=True)
def gather(
    node: Float64, px: Float64, py: Float64, owner: Int32, cell: Int64, box: Float64,
    lowest: Float64, widest: Float64, support: Float64, rules: Float64,
    upper: int, x: float, y: float, source: int,
    squared: Float64, here: Int32, there: Int32, listed: Int32, count: int,
) -> int:  # fmt: skip
    """Add the lakes in reach of a point of ``upper``; returns how many are listed.

    ``squared`` holds the squared distance of each lake (infinite = not listed), ``here`` and
    ``there`` the two points of it.
    """
    size, nx, ny = box[2], int(box[3]), int(box[4])
    high, wide = node[upper * t.NODE + t.HIGH], node[upper * t.NODE + t.RADIUS]
    slope, most = rules[t.LH_MAX], rules[t.HEAD_MAX]
    far = slope * min(high - box[5], most) + wide + box[6]
    left = max(math.floor((x - far - box[0]) / size), 0)
    right = min(math.floor((x + far - box[0]) / size), nx - 1)
    low = max(math.floor((y - far - box[1]) / size), 0)
    top = min(math.floor((y + far - box[1]) / size), ny - 1)
    for j in range(low, top + 1):
        dy = max(box[1] + j * size - y, y - box[1] - (j + 1) * size, 0.0)
        for i in range(left, right + 1):
            c = j * nx + i
            head = min(high - lowest[c], most)
            reach = slope * head + wide + widest[c]
            dx = max(box[0] + i * size - x, x - box[0] - (i + 1) * size, 0.0)
            if head <= 0.0 or dx * dx + dy * dy > reach * reach:
                continue
            for p in range(cell[c], cell[c + 1]):
                a = owner[p]
                head = high - node[a * t.NODE + t.LOW]
                if a == upper or head < rules[t.HEAD_MIN + kind_of(node, upper, a)]:
                    continue
                reach = slope * min(head, most) + wide + node[a * t.NODE + t.RADIUS]
                d = (px[p] - x) ** 2 + (py[p] - y) ** 2
                if d > reach * reach or d >= squared[a]:
                    continue
                if _beyond(support, upper, a, px[p] - x, y - py[p], slope * min(head, most)):
                    continue
                if squared[a] == np.inf:
                    listed[count] = a
                    count += 1
                squared[a], here[a], there[a] = d, source, p
    return count


@numba.njit(cache=True)
def _beyond(
    support: Float64, upper: int, lower: int, east: float, south: float, reach: float
) -> bool:
    """Say whether two lakes at their largest stay further apart than ``reach``."""
    d = math.sqrt(east * east + south * south)
    if d <= reach:
        return False
    p, share_p, q, share_q = split(east / d, south / d)
    u, w = upper * WAYS, lower * WAYS
    d -= share_p * support[u + p] + share_q * support[u + q]
    d -= share_p * support[w + (p + 4) % WAYS] + share_q * support[w + (q + 4) % WAYS]
    return bool(d > reach)


@numba.njit(cache=True)
def keep_best(
    lower: Int32, quick: Float64, here: Int32, there: Int32, base: int, keep: int,
    a: int, value: float, p: int, q: int,
) -> None:  # fmt: skip
    """Insert a lake among the best ``keep``, by value, then by number."""
    at = base + keep
    while at > base:
        b = at - 1
        if lower[b] >= 0 and (quick[b] < value or (quick[b] == value and lower[b] < a)):
            break
        at = b
    if at == base + keep:
        return
    for b in range(base + keep - 1, at, -1):
        lower[b], quick[b], here[b], there[b] = (
            lower[b - 1],
            quick[b - 1],
            here[b - 1],
            there[b - 1],
        )
    lower[at], quick[at], here[at], there[at] = a, value, p, q


@numba.njit(cache=True)
def _short(value: float, limit: float) -> float:
    """Return by what share a test was missed, infinite where it has no number."""
    if not (math.isfinite(value) and math.isfinite(limit)):
        return math.inf
    return abs(value - limit) / max(abs(limit), 1e-9)


@numba.njit(cache=True)
def note(stage: UInt8, value: Float32, limit: Float32, at: int, s: int, v: float, m: float) -> None:
    """Keep the candidate that came furthest, of those the one that missed by least."""
    if s < stage[at]:
        return
    if s == stage[at] and _short(v, m) >= _short(float(value[at]), float(limit[at])):
        return
    stage[at], value[at], limit[at] = s, v, m


@numba.njit(cache=True)
def sized(
    node: Float64, offset: Int64, z: Float64, v: Float64, m: Float64,
    dam: Float32, crest: Float32, shore: Int32, place: Float64, ladder: Float32, water: Float64,
    step: float, levels: int, px: Float64, py: Float64, owner: Int32, cell: Int64, box: Float64,
    rules: Float64, upper: int, lower: int, nested: int, known: Float64, power_mw: float,
    hours: float, drag_m: float, asked: float, bins: Int64, told: Float64, row: Float64,
) -> int:  # fmt: skip
    """Return the first test that a candidate fails, 0 = none: by the sieve, else by its size."""
    bins[0], bins[1], told[0] = -2, -2, asked
    if nested >= 0:
        reason = sieve(
            node, shore, place, ladder, water, step, levels, rules, upper, lower, nested,
            power_mw * hours / 1.0e3, drag_m, asked, known, bins, told, row,
        )  # fmt: skip
        if reason != t.PAIRED:
            return int(reason)
    return int(judge(
        node, offset, z, v, m, dam, crest, shore, place, step, levels, px, py, owner, cell, box,
        rules, upper, lower, known, power_mw, hours, told[0], bins[0], bins[1], row,
    ))  # fmt: skip


@numba.njit(cache=True, parallel=True)
def search(
    node: Float64, offset: Int64, z: Float64, v: Float64, m: Float64,
    dam: Float32, crest: Float32, shore: Int32, place: Float64, ladder: Float32, water: Float64,
    step: float, levels: int, px: Float64, py: Float64, owner: Int32, cell: Int64, box: Float64,
    lowest: Float64, widest: Float64, support: Float64, rules: Float64, uppers: Int32,
    power: Float64, hours: Float64, slot: Int64,
    sx: Float64, sy: Float64, first: Int64, keep: int,
    lower: Int32, quick: Float64, here: Int32, there: Int32,
    stage: UInt8, value: Float32, limit: Float32, tested: Int64,
) -> None:  # fmt: skip
    """Judge every lake in reach of every upper lake for every size.

    Parameters
    ----------
    water
        Water of each rung of the ladder. [m³]
    uppers
        Lakes that may lie above.
    power, hours, slot
        Sizes in ascending energy, and their number among those asked.
    sx, sy, first
        Points of each upper lake: its foot or its shore.
    lower, quick, here, there
        Flat (uppers, sizes, 2, keep): best lowers; of the two rows the first keeps off ground
        that needs a route, the second does not.
    stage, value, limit
        Flat (CHUNKS, lakes): the furthest test a lake came to.
    tested
        Flat (CHUNKS, REASONS): candidates left after each test.
    """
    lakes = node.size // t.NODE
    sizes = power.size
    for chunk in numba.prange(CHUNKS):
        squared = np.full(lakes, np.inf)
        p1, p2 = np.empty(lakes, np.int32), np.empty(lakes, np.int32)
        listed = np.empty(lakes, np.int32)
        row, known = np.empty(t.ROW), np.empty(4)
        bins, told = np.empty(2, np.int64), np.empty(1)
        drags = np.empty(sizes)
        for s in range(sizes):
            drags[s] = drag(power[s], rules)
        for i in range(chunk, uppers.size, CHUNKS):
            u = uppers[i]
            count = 0
            for source in range(first[i], first[i + 1]):
                count = gather(
                    node, px, py, owner, cell, box, lowest, widest, support, rules, u,
                    sx[source], sy[source], source, squared, p1, p2, listed, count,
                )  # fmt: skip
            for n in range(count):
                a = listed[n]
                known[0], known[1] = sx[p1[a]], sy[p1[a]]
                known[2], known[3] = px[p2[a]], py[p2[a]]
                squared[a] = np.inf
                nested = nesting(node, u, a)
                tested[chunk * t.REASONS + t.REACH] += sizes
                for s in range(sizes):
                    energy = power[s] * hours[s] / 1.0e3
                    reason = short_of(node, rules, u, a, energy, row)
                    asked = row[t.LIMIT]
                    if reason != t.PAIRED:
                        # larger sizes ask for more
                        note(stage, value, limit, chunk * lakes + u, reason, row[t.VALUE], asked)
                        note(stage, value, limit, chunk * lakes + a, reason, row[t.VALUE], asked)
                        break
                    reason = sized(
                        node, offset, z, v, m, dam, crest, shore, place, ladder, water, step,
                        levels, px, py, owner, cell, box, rules, u, a, nested, known, power[s],
                        hours[s], drags[s], asked, bins, told, row,
                    )  # fmt: skip
                    last = t.CROWDED if reason == t.PAIRED else reason
                    for k in range(t.REACH + 1, last):
                        tested[chunk * t.REASONS + k] += 1
                    found, asked = row[t.VALUE], row[t.LIMIT]
                    if reason == t.PAIRED:
                        found, asked = np.nan, np.nan
                        way = 0 if row[t.KEEPS_OFF] > 0.0 else 1
                        base = ((i * sizes + slot[s]) * 2 + way) * keep
                        keep_best(
                            lower, quick, here, there, base, keep, a, row[t.QUICK], p1[a], p2[a]
                        )
                    note(stage, value, limit, chunk * lakes + u, last, found, asked)
                    note(stage, value, limit, chunk * lakes + a, last, found, asked)


@numba.njit(cache=True, parallel=True)
def describe(
    node: Float64, offset: Int64, z: Float64, v: Float64, m: Float64,
    dam: Float32, crest: Float32, shore: Int32, place: Float64, ladder: Float32, water: Float64,
    step: float, levels: int, px: Float64, py: Float64, owner: Int32, cell: Int64, box: Float64,
    rules: Float64, sx: Float64, sy: Float64, upper: Int32, lower: Int32, here: Int32, there: Int32,
    power: Float64, hours: Float64, rows: Float64, reasons: UInt8,
) -> None:  # fmt: skip
    """Fill the numbers of given pairs, flat (pairs, ROW), and the first test each fails."""
    for i in numba.prange(upper.size):
        known = np.empty(4)
        known[0], known[1] = sx[here[i]], sy[here[i]]
        known[2], known[3] = px[there[i]], py[there[i]]
        row = rows[i * t.ROW : (i + 1) * t.ROW]
        bins, told = np.empty(2, np.int64), np.empty(1)
        u, a = upper[i], lower[i]
        energy = power[i] * hours[i] / 1.0e3
        reasons[i] = short_of(node, rules, u, a, energy, row)
        if reasons[i] == t.PAIRED:
            # the same steps as in the search, to the last bit
            reasons[i] = sized(
                node, offset, z, v, m, dam, crest, shore, place, ladder, water, step, levels, px,
                py, owner, cell, box, rules, u, a, nesting(node, u, a), known, power[i], hours[i],
                drag(power[i], rules), row[t.LIMIT], bins, told, row,
            )  # fmt: skip
