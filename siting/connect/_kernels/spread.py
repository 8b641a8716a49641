"""Least cost from many sources by a bucket queue (Dial 1969; delta-stepping, Meyer 1998).

Cells wait in a ring of buckets of equal width of cost. No step is dearer than the ring is
long, and where a bucket is no wider than the cheapest step its cells cannot improve one
another: the order within it does not matter. Wider buckets are worked until they are empty.
Either way the cost of a cell is the smallest sum over all paths, added from the source
outwards in float64, so it equals that of a priority queue to the last bit.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

#: Cells that one block of a bucket holds.
BLOCK = 62


@numba.njit(cache=True, nogil=True)
def spread(
    friction: Float32,
    cols: int,
    half: Float64,
    width: float,
    slots: int,
    sources: Int64,
    targets: Int64,
    cost: Float64,
) -> float:
    """Fill the least cost of every cell that is reached before the last target is settled.

    Parameters
    ----------
    friction, cost
        Flat arrays of a raster with a rim of one cell that is infinite in ``friction``.
        ``cost`` enters infinite everywhere.
    cols
        Cells of a row, rim included.
    half
        Half the length of a step to the side, up or down, and across the corner.
    width
        Cost that a bucket spans.
    slots
        Buckets of the ring, a power of two; ``(slots - 2) * width`` is at least the
        dearest step.
    sources, targets
        Cells; without targets every cell is settled.

    Returns
    -------
    float
        Costs below it are final.
    """
    mask = slots - 1
    inverse = 1.0 / width
    step = np.array([-1, 1, -cols, cols, -cols - 1, -cols + 1, cols - 1, cols + 1])
    length = np.empty(8, np.float64)
    length[0:2] = half[0]
    length[2:4] = half[1]
    length[4:8] = half[2]
    # a block is BLOCK cells, how many are in use, and the block below it
    pool = np.empty((max(1024, 2 * slots), BLOCK + 2), np.int32)
    head = np.full(slots, -1, np.int32)
    spare = np.int32(-1)
    fresh = 0
    waiting = 0
    for i in range(sources.size):
        here = sources[i]
        if cost[here] > 0.0:
            cost[here] = 0.0
            top = head[0]
            if top < 0 or pool[top, BLOCK] == BLOCK:
                if fresh == pool.shape[0]:
                    pool = grown(pool)
                pool[fresh, BLOCK] = 0
                pool[fresh, BLOCK + 1] = top
                top = np.int32(fresh)
                fresh += 1
                head[0] = top
            n = pool[top, BLOCK]
            pool[top, n] = here
            pool[top, BLOCK] = n + 1
            waiting += 1
    bucket = 0
    settled = 0
    while waiting > 0:
        slot = bucket & mask
        while head[slot] >= 0:
            top = head[slot]
            n = pool[top, BLOCK] - 1
            here = np.int64(pool[top, n])
            pool[top, BLOCK] = n
            waiting -= 1
            if n == 0:
                head[slot] = pool[top, BLOCK + 1]
                pool[top, BLOCK + 1] = spare
                spare = top
            base = cost[here]
            if np.int64(base * inverse) < bucket:
                continue  # it came here at a higher cost before
            mine = np.float64(friction[here])
            for k in range(8):
                there = here + step[k]
                reached = base + length[k] * (mine + np.float64(friction[there]))
                if reached < cost[there]:
                    cost[there] = reached
                    into = np.int64(reached * inverse) & mask
                    top = head[into]
                    if top < 0 or pool[top, BLOCK] == BLOCK:
                        new = spare
                        if new >= 0:
                            spare = pool[new, BLOCK + 1]
                        else:
                            if fresh == pool.shape[0]:
                                pool = grown(pool)
                            new = np.int32(fresh)
                            fresh += 1
                        pool[new, BLOCK] = 0
                        pool[new, BLOCK + 1] = top
                        head[into] = new
                        top = new
                    n = pool[top, BLOCK]
                    pool[top, n] = there
                    pool[top, BLOCK] = n + 1
                    waiting += 1
        bucket += 1
        if targets.size > 0:
            while settled < targets.size and cost[targets[settled]] * inverse < bucket:
                settled += 1
            if settled == targets.size:
                return bucket * width
    return np.inf


@numba.njit(cache=True, nogil=True)
def grown(pool: Int32) -> Int32:
    """Return the blocks with as much room again."""
    more = np.empty((2 * pool.shape[0], pool.shape[1]), np.int32)
    more[: pool.shape[0]] = pool
    return more
