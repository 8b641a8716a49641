"""Least-cost distance from many sources beside skimage's MCP_Geometric.

python benchmarks/bench_cost_distance.py [cells per side]      (default 5000)

Friction 1 to 12 as smooth relief with noise, a few per cent of the cells barred; 200 sources
as substations, 20,000 as the cells of a road network. Both programs give cost and the way
back of every cell; costs are float64 and have to be equal to the last bit.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from harness import Case, Peer, measure, table
from scipy import ndimage

from siting.connect.paths import LeastCost, least_cost

try:
    from skimage.graph import MCP_Geometric
except ImportError:
    MCP_Geometric = None

SIDE = 5_000
CELL = 90.0
SEED = 20241122
SOURCES = (200, 20_000)
PACKAGES = ("numba", "numpy", "scikit-image")


def ground(side: int) -> np.ndarray:
    """Return friction (side, side), infinite where barred."""
    rng = np.random.default_rng(SEED)
    relief = ndimage.gaussian_filter(rng.random((side, side), np.float32), 8)
    relief = (relief - relief.min()) / np.ptp(relief)
    friction = 1 + 10 * relief + rng.random((side, side), np.float32)
    patches = ndimage.gaussian_filter(rng.random((side, side), np.float32), 10)
    friction[patches > np.quantile(patches, 0.96)] = np.inf
    return np.asarray(friction, np.float32)


def starts(friction: np.ndarray, count: int) -> np.ndarray:
    """Return ``count`` open cells."""
    open_cells = np.flatnonzero(np.isfinite(friction))
    return np.sort(np.random.default_rng(SEED + count).choice(open_cells, count, replace=False))


def skimage(friction: np.ndarray, cells: np.ndarray) -> Callable[[], Any] | None:
    """Return skimage's search; its own copy of the costs is part of the call."""
    if MCP_Geometric is None:
        return None
    places = np.column_stack(np.divmod(cells, friction.shape[1]))
    costs = friction.astype(np.float64)
    return lambda: MCP_Geometric(costs, sampling=(CELL, CELL)).find_costs(places)[0]


def equal(ours: LeastCost, theirs: np.ndarray) -> bool:
    return bool(np.array_equal(ours.cost, theirs))


def main(side: int) -> None:
    friction = ground(side)
    cases = []
    for count in SOURCES:
        cells = starts(friction, count)
        name = f"least cost, {friction.size / 1e6:.0f} M cells, {count:,} sources"
        peer = Peer("skimage MCP_Geometric", "1", skimage(friction, cells), equal)
        cases.append(Case(name, lambda c=cells: least_cost(friction, CELL, CELL, c), [peer]))
    print("\n".join(table("least-cost distance", cases, PACKAGES)))
    print("Costs equal to the last bit (float64), compared before they are timed.\n")
    print("| cells | sources | [ns/cell] |\n|---|---|---|")
    for part in sorted({1_000, 2_000, side}):
        if part <= side:
            smaller = np.ascontiguousarray(friction[:part, :part])
            cells = starts(smaller, SOURCES[0])
            spent = measure(lambda f=smaller, c=cells: least_cost(f, CELL, CELL, c), runs=3)[0]
            print(
                f"| {smaller.size / 1e6:.0f} M | {SOURCES[0]} | {spent / smaller.size * 1e9:.0f} |"
            )
    print()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIDE)
