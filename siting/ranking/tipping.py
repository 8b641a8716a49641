"""Tipping weights: how far a single weight must move before a site's place changes.

One weight moves, the others keep their proportions, so every score is a straight line in that
weight and each change of places has a closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from siting.ranking._kernels.tipping import tip_of_top

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Sites beyond the best N that are asked how they would get in: up to this many times N.
WATCHED: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Tipping:
    """Smallest change of one weight that moves each site.

    Parameters
    ----------
    swap_key, swap_weight, swap_with
        Criterion number (-1 = none), the weight reached and the neighbour's site number: there
        the site and a neighbour in rank change places, shape (n,). [0-1]
    top_key, top_weight
        The same for leaving (or, up to three times N, entering) the best N, shape (n,).
    top
        N; 0 where all sites are among the best N and none can leave.
    """

    swap_key: Ints
    swap_weight: Floats
    swap_with: Ints
    top_key: Ints
    top_weight: Floats
    top: int


def reweighted(weights: Floats, j: int, value: float) -> Floats:
    """Return the weights with weight ``j`` at ``value``, the others in proportion. [0-1]."""
    out = weights * ((1.0 - value) / (1.0 - weights[j]))
    out[j] = value
    return np.asarray(out)


def tipping(parts: Floats, weights: Floats, rank: Ints, top: int) -> Tipping:
    """Return the tipping weights of all sites.

    Parameters
    ----------
    parts
        Shape (n, k). [0-100]
    weights
        Shape (k,), sum 1. [0-1]
    rank
        Ranks 1..n at these weights.
    top
        Size of the best group.
    """
    n, k = parts.shape
    swap_key, swap_weight, swap_with = _swaps(parts, weights, rank)
    top_key, top_weight = np.full(n, -1, np.int64), np.full(n, np.nan)
    limit = top if top < n else 0
    if limit:
        watched = np.flatnonzero(rank <= WATCHED * limit)
        tip, which = np.empty(watched.size), np.empty(watched.size, np.int64)
        flat = np.ascontiguousarray(parts).ravel()
        tip_of_top(flat, weights, rank, watched, limit, n, k, tip, which)
        top_key[watched] = which
        top_weight[watched] = np.where(which >= 0, tip, np.nan)
    return Tipping(swap_key, swap_weight, swap_with, top_key, top_weight, limit)


def _swaps(parts: Floats, weights: Floats, rank: Ints) -> tuple[Ints, Floats, Ints]:
    """Return the nearest crossing of each site with its neighbours in rank."""
    n, k = parts.shape
    key, tip = np.full(n, -1, np.int64), np.full(n, np.nan)
    partner, best = np.full(n, -1, np.int64), np.full(n, np.inf)
    order = np.argsort(rank)
    ahead, behind = order[:-1], order[1:]
    lead = (parts[ahead] - parts[behind]) @ weights
    for j in range(k):
        if weights[j] >= 1.0:
            continue
        gap = parts[ahead, j] - parts[behind, j]
        rest = (lead - weights[j] * gap) / (1.0 - weights[j])
        slope = gap - rest  # of the lead, a unit of the weight
        with np.errstate(divide="ignore", invalid="ignore"):
            t = weights[j] - lead / slope
        moved = np.abs(t - weights[j])
        ok = (slope != 0) & (t > 0) & (t < 1)
        for mine, other in ((ahead, behind), (behind, ahead)):
            nearer = ok & (moved < best[mine])
            who = mine[nearer]
            best[who], key[who], tip[who] = moved[nearer], j, t[nearer]
            partner[who] = other[nearer]
    return key, tip, partner
