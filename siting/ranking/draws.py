"""Draws of weights, thresholds, resource and price, block by block.

Every criterion has random streams of its own, seeded by the run's seed and the criterion's
key; every site's own error hangs on its id. Neither the order of sites or criteria, nor the
size of a block, nor the number of threads changes a draw. Two independent sets of streams
(``a`` and ``b``) serve the shares of variance.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from siting.ranking._kernels.ranks import SEGMENTS, rank_draws
from siting.ranking.table import Z95, CriteriaTable, SiteCriterion, Uncertainty

Floats = npt.NDArray[np.float64]
Ranks = npt.NDArray[np.int32]

#: Draws that are held at a time: memory does not grow with their number.
BLOCK: Final = 128
#: Normal quantiles between which errors are interpolated.
KNOTS: Final = ndtri(np.arange(SEGMENTS + 1) / SEGMENTS)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some draws of everything that is not a site's own error.

    Parameters
    ----------
    first
        Number of the first draw.
    weight, worst, best, common, shift
        Shape (draws, k): see :func:`siting.ranking._kernels.ranks.rank_draws`.
    stream
        Shape (k,): random bits of each criterion's stream of site errors.
    """

    first: int
    weight: Floats
    worst: Floats
    best: Floats
    common: Floats
    shift: Floats
    stream: npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """Sites in the order that breaks ties, ready for the kernel.

    Parameters
    ----------
    order
        Site number of each row.
    values, down, up
        Shape (k, n): values and their change for one sd downwards and upwards. [unit]
    own, shared
        Shape (k,): root share of the sites' own and of the common error; negative = runs
        against the error it moves with.
    hashes
        Random bits of each site, shape (n,).
    """

    order: npt.NDArray[np.int64]
    values: Floats
    down: Floats
    up: Floats
    own: Floats
    shared: Floats
    hashes: npt.NDArray[np.uint64]

    def ranks(self, block: Block) -> Ranks:
        """Return the ranks of the sites in the order of the table, shape (draws, n)."""
        found = np.empty((len(block.weight), self.order.size), np.int32)
        found[:, self.order] = self.ranks_by_row(block)
        return found

    def ranks_by_row(self, block: Block) -> Ranks:
        """Return the ranks in the order of the rows here, shape (draws, n)."""
        k, n = self.values.shape
        draws = len(block.weight)
        out = np.empty(draws * n, np.int32)
        rank_draws(
            self.values.ravel(), self.down.ravel(), self.up.ravel(), self.own, KNOTS,
            self.hashes, block.stream, block.weight.ravel(), block.worst.ravel(),
            block.best.ravel(), block.common.ravel(), block.shift.ravel(),
            block.first, n, k, draws, out,
        )  # fmt: skip
        return out.reshape(draws, n)


def prepare(table: CriteriaTable, common_share: float) -> Sites:
    """Return the sites of ``table`` for the kernel.

    Parameters
    ----------
    common_share
        Share of the error's variance that is common to all sites, for criteria with low and
        high that say nothing else. [0-1]
    """
    order = table.tie_order()
    shape = (len(table.criteria), table.n)
    values, down, up = np.empty(shape), np.zeros(shape), np.zeros(shape)
    own, shared = np.zeros(shape[0]), np.zeros(shape[0])
    for j, one in enumerate(table.criteria):
        unknown = -np.inf if one.best > one.worst else np.inf  # scores 0 at any threshold
        values[j] = np.where(np.isnan(one.values), unknown, one.values)[order]
        error = one.uncertainty
        if error is None:
            continue
        down[j], up[j], shared[j], own[j] = _spread(one, error, common_share, order)
    hashes = np.array([_bits("site", table.ids[i]) for i in order], np.uint64)
    return Sites(order, values, down, up, own, shared, hashes)


def _spread(
    one: SiteCriterion, error: Uncertainty, common_share: float, order: npt.NDArray[np.int64]
) -> tuple[Floats, Floats, float, float]:
    """Return the changes for one sd down and up, and the root shares common and own."""
    if error.low is not None and error.high is not None:
        share = common_share if error.common_share is None else error.common_share
        down = (one.values - error.low) / Z95
        up = (error.high - one.values) / Z95
        known = np.isfinite(down) & np.isfinite(up)  # an unknown error is not drawn
        down, up = np.where(known, down, 0.0), np.where(known, up, 0.0)
        return down[order], up[order], float(np.sqrt(share)), float(np.sqrt(1 - share))
    size = float(np.hypot(error.common_sd, error.site_sd))
    spread = np.nan_to_num(np.abs(one.values), nan=0.0) * size
    if size == 0:
        return spread[order], spread[order], 0.0, 0.0
    return spread[order], spread[order], error.common_sd / size, error.site_sd / size


class Sampler:
    """Streams of draws of one table; the same seed gives the same draws.

    Parameters
    ----------
    table
        Criteria with their ranges and errors.
    weights
        Weights of the view, shape (k,), sum 1. [0-1]
    concentration
        Of the Dirichlet distribution around ``weights``; None = uniform on the simplex.
    seed, stream
        Seed of the run, and the name of this set of streams.
    """

    def __init__(
        self,
        table: CriteriaTable,
        sites: Sites,
        weights: Floats,
        concentration: float | None,
        seed: int,
        stream: str = "a",
    ) -> None:
        self._table, self._sites = table, sites
        self._alpha = np.ones(len(weights)) if concentration is None else weights * concentration
        self._next = 0
        self._gammas = [_rng(seed, stream, "weight", key) for key in table.keys]
        self._limits = [_rng(seed, stream, "threshold", key) for key in table.keys]
        self._shifts = [_rng(seed, stream, "shift", key) for key in table.keys]
        names = [_mover(one) for one in table.criteria]
        self._errors = {name: _rng(seed, stream, "common", name) for name in sorted(set(names))}
        self._names = names
        self._stream = np.array([_bits(seed, stream, "site", name) for name in names], np.uint64)

    def block(self, draws: int) -> Block:
        """Return the next ``draws`` draws."""
        gammas = np.stack(
            [
                rng.standard_gamma(alpha, draws)
                for rng, alpha in zip(self._gammas, self._alpha, strict=True)
            ],
            axis=1,
        )
        limits = [rng.random((draws, 2)) for rng in self._limits]
        common = {name: rng.standard_normal(draws) for name, rng in self._errors.items()}
        worst, best, moved, shift = [], [], [], []
        for j, one in enumerate(self._table.criteria):
            (a, b), (c, d) = one.thresholds()
            worst.append(a + (b - a) * limits[j][:, 0])
            best.append(c + (d - c) * limits[j][:, 1])
            moved.append(self._sites.shared[j] * common[self._names[j]])
            shift.append(_shifted(one, self._shifts[j].random(draws)))
        first = self._next
        self._next += draws
        return Block(
            first,
            gammas / gammas.sum(axis=1, keepdims=True),
            np.stack(worst, axis=1),
            np.stack(best, axis=1),
            np.stack(moved, axis=1),
            np.stack(shift, axis=1),
            self._stream,
        )


def base_block(table: CriteriaTable, weights: Floats) -> tuple[Block, Floats]:
    """Return the one draw of no error at all, and each criterion's own error switched off."""
    worst = np.array([[one.worst for one in table.criteria]])
    best = np.array([[one.best for one in table.criteria]])
    nothing = np.zeros_like(worst)
    k = worst.shape[1]
    stream = np.zeros(k, np.uint64)
    return Block(0, weights[None, :], worst, best, nothing, nothing, stream), np.zeros(k)


def base_ranks(table: CriteriaTable, sites: Sites, weights: Floats) -> npt.NDArray[np.int64]:
    """Return the ranks 1..n at the given weights, thresholds and values."""
    block, own = base_block(table, weights)
    return np.asarray(replace(sites, own=own).ranks(block)[0], np.int64)


def _shifted(one: SiteCriterion, share: Floats) -> Floats:
    """Return the shift that is not exceeded with probability ``share``."""
    error = one.uncertainty
    if error is None or error.shift is None:
        return np.zeros_like(share)
    low, high = error.shift
    if error.peak is None or low == high:
        return low + (high - low) * share
    rise, fall = error.peak - low, high - error.peak
    below = low + np.sqrt(share * (high - low) * rise)
    above = high - np.sqrt((1.0 - share) * (high - low) * fall)
    return np.where(share * (high - low) < rise, below, above)


def _mover(one: SiteCriterion) -> str:
    named = one.uncertainty.moves_with if one.uncertainty is not None else ""
    return f"={named}" if named else one.key


def _bits(*parts: object) -> int:
    """Return 64 bits that hang on ``parts`` alone, the same on every machine."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _rng(*parts: object) -> np.random.Generator:
    return np.random.default_rng(_bits(*parts))
