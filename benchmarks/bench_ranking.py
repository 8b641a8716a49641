"""Rank intervals of 5,000 sites over 1,000 draws beside a NumPy/SciPy stack; views beside pymcdm.

python benchmarks/bench_ranking.py [sites]      (default 5000)
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from harness import Case, Peer, measure, table
from scipy.special import ndtri
from scipy.stats import rankdata

from geo.errors import Say
from siting.ranking._kernels.ranks import SEGMENTS
from siting.ranking.draws import BLOCK, KNOTS, Block, Sampler, Sites, prepare
from siting.ranking.intervals import Intervals, intervals
from siting.ranking.options import parameters
from siting.ranking.ranking import rank_sites
from siting.ranking.table import CriteriaTable, SiteCriterion, Uncertainty
from siting.ranking.views import entropy, equal, topsis

try:
    from pymcdm.methods import TOPSIS
    from pymcdm.normalizations import vector_normalization
    from pymcdm.weights import entropy_weights
except ImportError:
    TOPSIS = None

SITES, CRITERIA, DRAWS, TOP = 5_000, 10, 1_000, 20
THREADS = str(numba.get_num_threads())


def criteria(n: int, site_sd: float) -> CriteriaTable:
    """Return ten criteria with ranges of thresholds, a common error and each site's own."""
    rng = np.random.default_rng(7)
    found = []
    for j in range(CRITERIA):
        error = Uncertainty("price" if j == 0 else "resource", 0.03, site_sd)
        values = rng.random(n) * 100
        found.append(
            SiteCriterion(
                f"c{j}",
                Say(f"准则{j}", f"criterion {j}"),
                "m",
                values,
                0,
                100,
                (-5, 5),
                (95, 105),
                error,
            )
        )
    ids = tuple(f"site-{i:05d}" for i in range(n))
    return CriteriaTable(ids, rng.random(n) * 100, tuple(found))


def sampler(which: CriteriaTable, sites: Sites) -> Sampler:
    return Sampler(which, sites, equal(CRITERIA), 50.0, 0)


def mixed(x: np.ndarray) -> np.ndarray:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def errors(sites: Sites, block: Block, d: int) -> np.ndarray:
    """Return the same site errors as ours, by whole arrays and SciPy's quantile."""
    counter = mixed(block.stream + np.uint64(block.first + d + 1))
    bits = mixed(counter[:, None] + sites.hashes[None, :])
    step = (bits >> np.uint64(53)).astype(np.int32)
    rest = (bits & np.uint64(2**53 - 1)).astype(np.float64)
    low = np.clip(step, 1, SEGMENTS - 2)
    z = KNOTS[low] + rest * 2.0**-53 * (KNOTS[low + 1] - KNOTS[low])
    first, last = step == 0, step == SEGMENTS - 1
    z[first] = ndtri((rest[first] + 0.5) * 2.0**-64)
    z[last] = -ndtri((2.0**53 - 0.5 - rest[last]) * 2.0**-64)
    return z


def stack(which: CriteriaTable, sites: Sites, draws: int) -> Callable[[], Any]:
    """Return NumPy's way: the ranks of every draw by rankdata, kept, then sorted by site."""

    def call() -> tuple[np.ndarray, ...]:
        stream, n = sampler(which, sites), sites.order.size
        ranks = np.empty((draws, n), np.int32)
        for first in range(0, draws, BLOCK):
            block = stream.block(min(BLOCK, draws - first))
            for d in range(len(block.weight)):
                z = block.common[d][:, None]
                if sites.own.any():
                    z = z + sites.own[:, None] * errors(sites, block, d)
                moved = sites.values + np.where(z > 0, sites.up, sites.down) * z
                moved -= (block.worst[d] - block.shift[d])[:, None]
                moved *= (100 / (block.best[d] - block.worst[d]))[:, None]
                score = block.weight[d] @ np.clip(moved, 0, 100, out=moved)
                ranks[first + d, sites.order] = rankdata(-np.round(score, 6), method="ordinal")
        in_top = (ranks <= TOP).mean(axis=0)
        ranks.sort(axis=0)
        need = [int(0.05 * draws), int(np.ceil(0.5 * draws)) - 1, int(np.ceil(0.95 * draws)) - 1]
        return (*ranks[need], in_top)

    return call


def same(ours: Intervals, theirs: tuple[np.ndarray, ...]) -> bool:
    """Every rank and every share equal."""
    mine = (ours.low, ours.median, ours.high, ours.top_share)
    return all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))


def close(ours: np.ndarray, theirs: np.ndarray) -> bool:
    return bool(np.allclose(ours, theirs, rtol=1e-9, atol=1e-12))


def views(which: CriteriaTable) -> list[Case]:
    """Return entropy and TOPSIS beside pymcdm on the same parts."""
    parts, gains = which.parts(), np.ones(CRITERIA, bool)
    peers: dict[str, Callable[[], Any] | None] = {"entropy": None, "topsis": None}
    if TOPSIS is not None:
        method = TOPSIS(vector_normalization)
        peers["entropy"] = lambda: entropy_weights(parts)
        peers["topsis"] = lambda: method(parts, equal(CRITERIA), np.ones(CRITERIA))
    size = f"{which.n} sites x {CRITERIA} criteria"
    return [
        Case(
            f"entropy weights, {size}", lambda: entropy(parts),
            [Peer("pymcdm", "1", peers["entropy"], close)],
        ),
        Case(
            f"TOPSIS, {size}", lambda: topsis(parts, equal(CRITERIA), gains),
            [Peer("pymcdm", "1", peers["topsis"], close)],
        ),
    ]  # fmt: skip


def flat(which: CriteriaTable, sites: Sites) -> list[str]:
    """Return the table of time and memory by number of draws."""
    lines = ["| draws | median [s] | added MiB |", "|---|---|---|"]
    for draws in (100, DRAWS, 10 * DRAWS):
        seconds, memory, _ = measure(
            lambda m=draws: intervals(sites, sampler(which, sites), m, TOP)
        )
        lines.append(f"| {draws:,} | {seconds:.3f} | {memory:.0f} |")
    return [*lines, ""]


def main(n: int) -> None:
    own, shared = criteria(n, 0.05), criteria(n, 0.0)
    cases = []
    for name, which in (("an error of each site's own", own), ("common errors alone", shared)):
        sites = prepare(which, 0.5)
        cases.append(
            Case(
                f"rank intervals, {DRAWS:,} draws x {CRITERIA} criteria x {n:,} sites, {name}",
                lambda w=which, s=sites: intervals(s, sampler(w, s), DRAWS, TOP),
                [Peer("NumPy, SciPy rankdata", "1", stack(which, sites, DRAWS), same)],
                THREADS,
            )
        )
    params = parameters({})
    cases.append(
        Case(
            f"all of it: views, {DRAWS:,} draws, shares of variance, tipping weights, {n:,} sites",
            lambda: rank_sites(own, params, 0), (), THREADS,
        )
    )  # fmt: skip
    cases += views(shared)
    print("\n".join(table("ranking", cases, ("numba", "numpy", "scipy", "pymcdm"))))
    print(f"Memory by draws, {n:,} sites with errors of their own:\n")
    print("\n".join(flat(own, prepare(own, 0.5))))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SITES)
