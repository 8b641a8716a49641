"""The forest step and its Monte Carlo beside the same model written with NumPy.

python benchmarks/bench_forest.py

No peer library does this matrix step; CBM-CFS3's library is compared when its pools are
(docs/architecture.md). NumPy is the plain-array baseline on the same inputs.
"""

from __future__ import annotations

import numpy as np
from harness import Case, Peer, table

from sinks.forest._kernels import step

YEARS, AGES, WAIT = 60, 201, 4


def inputs(strata: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(0)
    area = rng.random((strata, AGES)) * 100.0
    ages = np.arange(AGES)
    volume = (120 + 80 * rng.random((strata, 1))) * (1 - np.exp(-0.03 * ages)) ** 1.8
    return area, volume


def ours(area: np.ndarray, volume: np.ndarray) -> float:
    area = area.copy()
    n = len(area)
    young, flux = np.zeros((n, WAIT)), np.zeros(9)
    still, mature = np.zeros(n), np.full(n, 60)
    for _ in range(YEARS):
        step(area, young, volume, still, mature, 0.01, 0.2, np.full(n, 0.002), still, flux)
    return float((area * volume).sum())


def plain(area: np.ndarray, volume: np.ndarray) -> float:
    """Advance by slices: the same events in the same order."""
    area = area.copy()
    for _ in range(YEARS):
        held = area * volume
        ripe = held[:, 60:].sum()
        share = min(0.01 * held.sum() / ripe, 0.2)
        felled = area[:, 60:] * share
        area[:, 60:] -= felled
        area[:, 0] += felled.sum(axis=1)
        lost = area * 0.002
        area -= lost
        area[:, 0] += lost.sum(axis=1)
        last = area[:, -1].copy()
        area[:, 1:] = area[:, :-1].copy()
        area[:, -1] += last
        area[:, 0] = 0.0
    return float((area * volume).sum())


def main() -> None:
    cases = []
    for strata in (40, 400, 4000):
        area, volume = inputs(strata)
        cases.append(
            Case(
                f"{strata} strata x {AGES} ages x {YEARS} years",
                lambda area=area, volume=volume: ours(area, volume),
                [
                    Peer(
                        "NumPy slices", "1",
                        lambda area=area, volume=volume: plain(area, volume),
                        lambda a, b: abs(a / b - 1) < 1e-9,
                    )
                ],
            )
        )  # fmt: skip
    print("\n".join(table("forest matrix step", cases, ("numba", "numpy"))))


if __name__ == "__main__":
    main()
