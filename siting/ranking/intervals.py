"""Rank intervals of sites over draws: counted as they come, never kept.

Memory is that of one count a site and rank (up to 5,000 ranks, exact; with more sites a count
holds several neighbouring ranks and the intervals widen by less than that many ranks).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from siting.ranking._kernels.counts import count_quantile, count_ranks
from siting.ranking.draws import BLOCK, Sampler, Sites

Ints = npt.NDArray[np.int64]

#: Counts a site: 5,000 sites take 50 MB.
BINS: Final = 5_000
#: Most draws that a count holds.
MOST: Final = 65_535


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Where each site stands over all draws.

    Parameters
    ----------
    low, median, high
        Ranks, shape (n,): P5, P50 and P95, each a rank that was drawn (the smallest that at
        least this share of the draws does not exceed; P5 the largest that at least 95 % reach).
    top_share
        Share of draws in which a site is among the best ``top``, shape (n,). [0-1]
    resolution
        Ranks a count: 1 = exact.
    """

    low: Ints
    median: Ints
    high: Ints
    top_share: npt.NDArray[np.float64]
    draws: int
    top: int
    resolution: int


def intervals(sites: Sites, sampler: Sampler, draws: int, top: int) -> Intervals:
    """Return the rank intervals of sites over the next ``draws`` draws of ``sampler``.

    Parameters
    ----------
    draws
        From 1 to ``MOST``.
    top
        Size of the best group.
    """
    n = sites.order.size
    width = max(1, ceil(n / BINS))
    bins = ceil(n / width)
    counts = np.zeros(n * bins, np.uint16)
    in_top = np.zeros(n, np.int64)
    done = 0
    while done < draws:
        ranks = sites.ranks_by_row(sampler.block(min(BLOCK, draws - done)))
        count_ranks(ranks.ravel(), n, len(ranks), width, bins, top, counts, in_top)
        done += len(ranks)

    def quantile(need: int, *, upper: bool) -> Ints:
        found = np.empty(n, np.int64)
        count_quantile(counts, n, width, bins, need, upper, found)
        return by_site(found)

    def by_site(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        out = np.empty_like(values)
        out[sites.order] = values
        return out

    return Intervals(
        quantile(floor(0.05 * draws) + 1, upper=False),
        quantile(ceil(0.5 * draws), upper=False),
        quantile(ceil(0.95 * draws), upper=True),
        by_site(in_top / draws),
        draws,
        top,
        width,
    )
