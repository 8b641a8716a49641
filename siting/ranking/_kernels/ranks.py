"""Ranks of all sites in a block of draws; random errors by counter, not by sequence."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

#: Bits and buckets of one pass of the sort: three passes hold a score of 1e-6 points.
BITS = 9
BUCKETS = 1 << BITS
PASSES = 3
#: Steps of a score point: scores that agree to 1e-6 points are equal.
STEPS = 1e6
#: Steps of probability between the knots of the normal distribution, 11 bits.
SEGMENTS = 2048
UNIT = 2.0**-53
TINY = 2.0**-64


@numba.njit(cache=True)
def mix(x: np.uint64) -> np.uint64:
    """Return 64 well-mixed bits of ``x`` (finaliser of SplitMix64, Steele et al. 2014)."""
    x = np.uint64(x)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@numba.njit(cache=True)
def quantile(p: float) -> float:
    """Return the standard normal quantile of ``p``, 0 < p < 1.

    M. J. Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988): relative error
    1e-16.
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = (((((((2509.0809287301226727 * r + 33430.575583588128105) * r
            + 67265.770927008700853) * r + 45921.953931549871457) * r
            + 13731.693765509461125) * r + 1971.5909503065514427) * r
            + 133.14166789178437745) * r + 3.387132872796366608)  # fmt: skip
        low = (((((((5226.495278852545925 * r + 28729.085735721942674) * r
            + 39307.89580009271061) * r + 21213.794301586595867) * r
            + 5394.1960214247511077) * r + 687.1870074920579083) * r
            + 42.313330701600911252) * r + 1.0)  # fmt: skip
        return q * top / low
    r = math.sqrt(-math.log(p if q < 0.0 else 1.0 - p))
    if r <= 5.0:
        r -= 1.6
        top = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r
            + 0.24178072517745061177) * r + 1.27045825245236838258) * r
            + 3.64784832476320460504) * r + 5.7694972214606914055) * r
            + 4.6303378461565452959) * r + 1.42343711074968357734)  # fmt: skip
        low = (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r
            + 0.0151986665636164571966) * r + 0.14810397642748007459) * r
            + 0.68976733498510000455) * r + 1.6763848301838038494) * r
            + 2.05319162663775882187) * r + 1.0)  # fmt: skip
    else:
        r -= 5.0
        top = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
            + 0.0012426609473880784386) * r + 0.026532189526576123093) * r
            + 0.29656057182850489123) * r + 1.7848265399172913358) * r
            + 5.4637849111641143699) * r + 6.6579046435011037772)  # fmt: skip
        low = (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r
            + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r
            + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
            + 0.59983220655588793769) * r + 1.0)  # fmt: skip
    return top / low if q > 0 else -top / low


@numba.njit(cache=True)
def normal(bits: np.uint64, knots: npt.NDArray[np.float64]) -> float:
    """Return a standard normal number of 64 random bits.

    Linear between quantiles at ``SEGMENTS`` equal steps of probability, the exact quantile in
    the two outermost steps: no probability is off by more than 4e-5.
    """
    bits = np.uint64(bits)
    s = np.int64(bits >> np.uint64(53))
    rest = np.int64(bits & np.uint64((1 << 53) - 1))
    if s == 0:
        return float(quantile((rest + 0.5) * TINY))
    if s == SEGMENTS - 1:
        return float(-quantile(((1 << 53) - 0.5 - rest) * TINY))
    return float(knots[s] + rest * UNIT * (knots[s + 1] - knots[s]))


@numba.njit(cache=True, parallel=True)
def rank_draws(
    values: npt.NDArray[np.float64],
    down: npt.NDArray[np.float64],
    up: npt.NDArray[np.float64],
    own: npt.NDArray[np.float64],
    knots: npt.NDArray[np.float64],
    site_hash: npt.NDArray[np.uint64],
    stream: npt.NDArray[np.uint64],
    weight: npt.NDArray[np.float64],
    worst: npt.NDArray[np.float64],
    best: npt.NDArray[np.float64],
    common: npt.NDArray[np.float64],
    shift: npt.NDArray[np.float64],
    first: int,
    n: int,
    k: int,
    draws: int,
    ranks: npt.NDArray[np.int32],
) -> None:
    """Rank ``n`` sites in each of ``draws`` draws of weights, thresholds and errors.

    The sites come in the order that breaks ties: of equal scores the earlier ranks first.
    Each draw fills its own row of ``ranks``; an error depends on draw, criterion and site
    alone, so neither blocks nor threads change it.

    Parameters
    ----------
    values, down, up
        Flat, k * n by criterion: value and its change for one negative and one positive
        standard deviation; an infinite value scores as such. [unit]
    own
        Share (root) of each site's own error in a criterion, k; 0 = none is drawn.
    knots
        Normal quantiles of 0, 1/2048 ... 1; the two infinite ends are not read.
    site_hash, stream
        Random bits of each site, n, and of each criterion's stream of errors, k.
    weight, worst, best, common, shift
        Flat, draws * k: weight, thresholds, error common to all sites in standard
        deviations times its root share, shift. [-, unit, unit, sd, unit]
    first
        Number of the first draw.
    ranks
        Receives 1..n, flat, draws * n.
    """
    for d in numba.prange(draws):
        score = np.zeros(n)
        for j in range(k):
            w = weight[d * k + j]
            if w == 0.0:
                continue
            low = worst[d * k + j]
            scale = 100.0 / (best[d * k + j] - low)
            low -= shift[d * k + j]
            z = common[d * k + j]
            root = own[j]
            base = np.uint64(0)
            if root != 0.0:
                base = np.uint64(mix(stream[j] + np.uint64(first + d + 1)))
            for i in range(n):
                one = z
                if root != 0.0:
                    one += root * normal(np.uint64(mix(base + site_hash[i])), knots)
                spread = up[j * n + i] if one > 0.0 else down[j * n + i]
                part = (values[j * n + i] + spread * one - low) * scale
                score[i] += w * min(max(part, 0.0), 100.0)
        key = np.empty(n, np.uint32)
        order = np.empty(n, np.int32)
        other = np.empty(n, np.int32)
        for i in range(n):
            key[i] = np.uint32(max(100.0 * STEPS - math.floor(score[i] * STEPS + 0.5), 0.0))
            order[i] = i
        start = np.empty(BUCKETS + 1, np.int64)
        for p in range(PASSES):
            move = np.uint32(p * BITS)
            start[:] = 0
            for i in range(n):
                start[int((key[i] >> move) & np.uint32(BUCKETS - 1)) + 1] += 1
            for b in range(BUCKETS):
                start[b + 1] += start[b]
            for i in range(n):
                s = order[i]
                b = int((key[s] >> move) & np.uint32(BUCKETS - 1))
                other[start[b]] = s
                start[b] += 1
            for i in range(n):
                order[i] = other[i]
        for i in range(n):
            ranks[d * n + order[i]] = i + 1
