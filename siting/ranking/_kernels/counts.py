"""Counts of the ranks of each site, and quantiles from them."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def count_ranks(
    ranks: npt.NDArray[np.int32],
    n: int,
    draws: int,
    width: int,
    bins: int,
    top: int,
    counts: npt.NDArray[np.uint16],
    in_top: npt.NDArray[np.int64],
) -> None:
    """Add the ranks of a block of draws to the counts of each site.

    Parameters
    ----------
    ranks
        Flat, draws * n, 1..n.
    width, bins
        Ranks a bin, and bins a site.
    top
        Ranks up to this one are counted in ``in_top``.
    counts, in_top
        Flat, n * bins, and n; added to.
    """
    for i in range(n):
        for d in range(draws):
            rank = ranks[d * n + i]
            counts[i * bins + (rank - 1) // width] += np.uint16(1)
            if rank <= top:
                in_top[i] += 1


@numba.njit(cache=True)
def count_quantile(
    counts: npt.NDArray[np.uint16],
    n: int,
    width: int,
    bins: int,
    need: int,
    upper: bool,
    found: npt.NDArray[np.int64],
) -> None:
    """Find each site's smallest rank that ``need`` draws do not exceed.

    Parameters
    ----------
    counts
        Flat, n * bins.
    upper
        Give the last rank of the bin that holds it (the first else): with bins wider than
        one rank an interval so only grows.
    found
        Receives the ranks, n.
    """
    for i in range(n):
        seen = 0
        b = 0
        for b in range(bins):
            seen += counts[i * bins + b]
            if seen >= need:
                break
        found[i] = min((b + 1) * width, n) if upper else b * width + 1
