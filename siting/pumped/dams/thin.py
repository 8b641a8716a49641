"""Near-duplicates along a gully: of sites close to each other the best stands for all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo.hydrology import Drainage
from siting.pumped.dams._kernels import thin as kernels

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]


def stand_ins(
    drainage: Drainage, foot: Int64, score: Float64, reach_m: float
) -> tuple[Int32, Float64]:
    """Return which site of the same gully stands for each.

    Sites are taken from the best score down (equal scores: the northernmost, then
    westernmost first); each silences those that lie within ``reach_m`` up or down its bed.

    Parameters
    ----------
    drainage
        Drained terrain.
    foot
        Flat cells of the sites, rising, (n,).
    score
        Higher is better, (n,).
    reach_m
        Distance along the bed; 0 silences nothing. [m]

    Returns
    -------
    tuple of ndarray
        Site that stands for each, int32 (n,), -1 = itself; its distance along the bed,
        float64 (n,). [m]
    """
    upper, lower, away = _pairs(drainage, foot, reach_m)
    one = np.concatenate([upper, lower])
    two = np.concatenate([lower, upper])
    both = np.concatenate([away, away])
    by_site = np.lexsort((two, one))
    begin = np.searchsorted(one[by_site], np.arange(foot.size + 1)).astype(np.int64)
    keeper = np.empty(foot.size, np.int32)
    distance = np.empty(foot.size, np.float64)
    rank = np.argsort(-score, kind="stable").astype(np.int64)
    kernels.suppress(rank, begin, two[by_site], both[by_site], keeper, distance)
    return keeper, distance


def _pairs(drainage: Drainage, foot: Int64, reach_m: float) -> tuple[Int32, Int32, Float64]:
    """Return the pairs of sites within reach along the bed, and their distances [m]."""
    grid = drainage.grid
    room = max(8 * foot.size, 16)
    while True:
        upper, lower = np.empty(room, np.int32), np.empty(room, np.int32)
        away = np.empty(room, np.float64)
        found = kernels.neighbours(
            drainage.direction, foot, grid.dx, grid.dy, reach_m, upper, lower, away
        )
        if found <= room:
            return upper[:found], lower[:found], away[:found]
        room = found
