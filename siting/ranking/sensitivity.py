"""Which group of unknowns a site's rank hangs on: shares of the rank's variance.

Groups: weights, thresholds, resource, price. Two independent sets of draws, A and B; one group
at a time is taken from B and the rest from A (Jansen 1999, Saltelli et al. 2010).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from siting.ranking.draws import BLOCK, Block, Sampler, Sites
from siting.ranking.table import CriteriaTable

Floats = npt.NDArray[np.float64]

#: Groups of unknowns, with the name a reader sees.
GROUPS: Final = {
    "weights": Say("权重", "the weights"),
    "thresholds": Say("评分阈值", "the thresholds of the score"),
    "resource": Say("资源与数据误差", "resource and data errors"),
    "price": Say("价格与造价", "prices and costs"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Shares of the variance of each site's rank.

    Parameters
    ----------
    variance
        Of the rank over the draws, shape (n,). [rank²]
    first
        Share that would go if the group alone were known, shape (n, 4). [0-1]
    total
        Share that would stay if all but the group were known, shape (n, 4). [0-1]
    share
        ``total`` over the sum of all groups, shape (n, 4); 0 where the rank never moves. [0-1]
    draws
        Draws of each set.
    """

    variance: Floats
    first: Floats
    total: Floats
    share: Floats
    draws: int


def shares(table: CriteriaTable, sites: Sites, a: Sampler, b: Sampler, draws: int) -> Shares:
    """Return the shares of the rank's variance by group.

    Parameters
    ----------
    a, b
        Independent streams (names ``a`` and ``b``) of the same table and weights.
    draws
        At least 2.

    References
    ----------
    M. J. W. Jansen, Computer Physics Communications 117 (1999) 35-43; A. Saltelli et al.,
    Computer Physics Communications 181 (2010) 259-270, table 2, rows b and f.
    """
    n = table.n
    total, first = np.zeros((n, len(GROUPS))), np.zeros((n, len(GROUPS)))
    mean, square = np.zeros(n), np.zeros(n)
    active = _active(table)
    done = 0
    while done < draws:
        size = min(BLOCK, draws - done)
        one, two = a.block(size), b.block(size)
        base, other = _ranks(sites, one), _ranks(sites, two)
        for ranks in (base, other):
            mean += ranks.sum(axis=0)
            square += (ranks**2).sum(axis=0)
        for g, group in enumerate(GROUPS):
            if active[group]:
                mixed = _ranks(sites, _mixed(table, one, two, group))
                total[:, g] += ((base - mixed) ** 2).sum(axis=0)
                first[:, g] += ((other - mixed) ** 2).sum(axis=0)
        done += size
    mean /= 2 * draws
    variance = square / (2 * draws) - mean**2
    moves = variance > 1e-9
    norm = np.where(moves, 2 * draws * variance, 1.0)[:, None]
    whole = np.where(moves[:, None], total / norm, 0.0)
    alone = np.where(moves[:, None] & _row(active), 1.0 - first / norm, 0.0)
    both = whole.sum(axis=1, keepdims=True)
    share = np.divide(whole, both, out=np.zeros_like(whole), where=both > 0)
    return Shares(
        np.where(moves, variance, 0.0),
        np.clip(alone, 0.0, 1.0),
        np.clip(whole, 0.0, 1.0),
        share,
        draws,
    )


def _ranks(sites: Sites, block: Block) -> Floats:
    return sites.ranks(block).astype(np.float64)


def _mixed(table: CriteriaTable, one: Block, two: Block, group: str) -> Block:
    """Return the draws of ``one`` with ``group`` from ``two``."""
    if group == "weights":
        return replace(one, weight=two.weight)
    if group == "thresholds":
        return replace(one, worst=two.worst, best=two.best)
    mine = _of_source(table, group)
    stream = np.where(mine, two.stream, one.stream)
    common = np.where(mine, two.common, one.common)
    shift = two.shift if group == "price" else one.shift
    return replace(one, common=common, stream=stream, shift=shift)


def _of_source(table: CriteriaTable, group: str) -> npt.NDArray[np.bool_]:
    errors = [one.uncertainty for one in table.criteria]
    return np.array([error is not None and error.source == group for error in errors], bool)


def _active(table: CriteriaTable) -> dict[str, bool]:
    """Return which groups are unknown at all."""
    errors = [one.uncertainty for one in table.criteria if one.uncertainty is not None]
    sized = [e for e in errors if e.common_sd or e.site_sd or e.low is not None]
    return {
        "weights": len(table.criteria) > 1,
        "thresholds": any(c.worst_range or c.best_range for c in table.criteria),
        "resource": any(e.source == "resource" for e in sized),
        "price": any(e.source == "price" for e in sized) or any(e.shift for e in errors),
    }


def _row(active: dict[str, bool]) -> npt.NDArray[np.bool_]:
    return np.array([active[group] for group in GROUPS], bool)[None, :]
