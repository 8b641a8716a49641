"""Back pointers, owners and paths of a finished least-cost surface."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from siting.connect._kernels.around import lengths, steps

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int8 = npt.NDArray[np.int8]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

#: Back pointer of a source, and of a cell that no path reaches.
SOURCE = -1
NOWHERE = -2


@numba.njit(cache=True, nogil=True)
def directions(
    friction: Float32, cols: int, half: Float64, limit: float, cost: Float64, back: Int8
) -> None:
    """Fill for each cell the first of the eight steps that leads back along a cheapest path.

    Parameters
    ----------
    friction, cols, half, cost
        As in :func:`siting.connect._kernels.spread.spread`.
    limit
        Costs from here on are not final: those cells become unreached (infinite).
    back
        Result: number of the step, :data:`SOURCE` or :data:`NOWHERE`.
    """
    step, length = steps(cols), lengths(half)
    for here in range(cols + 1, cost.size - cols - 1):
        mine = cost[here]
        if not mine < limit:
            cost[here] = np.inf
            back[here] = NOWHERE
        elif mine == 0.0:
            back[here] = SOURCE
        else:
            own = np.float64(friction[here])
            least = np.inf
            for k in range(8):
                there = here + step[k]
                reached = cost[there] + length[k] * (np.float64(friction[there]) + own)
                if reached < least:
                    least = reached
                    back[here] = k


@numba.njit(cache=True, nogil=True)
def owners(back: Int8, cols: int, sources: Int64, owner: Int32) -> None:
    """Fill for each cell the number of the source that it is reached from.

    Parameters
    ----------
    back, cols
        As filled by :func:`directions`.
    sources
        Cell of each source; the first of several at one cell counts.
    owner
        Result, entering as -1: number of the source, -1 unreached.
    """
    step = steps(cols)
    for i in range(sources.size - 1, -1, -1):
        if back[sources[i]] == SOURCE:
            owner[sources[i]] = i
    for start in range(back.size):
        if back[start] < 0 or owner[start] >= 0:
            continue
        here = start
        while owner[here] < 0:
            here = here + step[back[here]]
        found = owner[here]
        here = start
        while owner[here] < 0:
            owner[here] = found
            here = here + step[back[here]]


@numba.njit(cache=True, nogil=True)
def walk(back: Int8, cols: int, start: int, path: Int64) -> int:
    """Fill the cells from ``start`` back to its source and return how many there are.

    Where ``path`` is too short only the count is right.
    """
    step = steps(cols)
    here = start
    n = 0
    while True:
        if n < path.size:
            path[n] = here
        n += 1
        k = back[here]
        if k < 0:
            return n
        here = here + step[k]
