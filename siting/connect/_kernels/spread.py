"""Least cost from many sources by a bucket queue (Dial 1969; delta-stepping, Meyer 1998).

Cells wait in a ring of buckets of equal width of cost. No step is dearer than the ring is
long, and where a bucket is no wider than the cheapest step its cells cannot improve one
another: the order within it does not matter. Wider buckets are worked until they are empty.
Either way the cost of a cell is the smallest sum over all paths, added from the source
outwards in float64, so it equals that of a priority queue to the last bit.

A bucket is a chain of blocks of one flat pool. The first number of a block is the last place
of the block below it, -1 at the bottom; a free block holds the next free one there.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from siting.connect._kernels.around import lengths, steps

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

#: Numbers of a block, a power of two: the link and 63 cells.
BLOCK = 64


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
    step, length = steps(cols), lengths(half)
    tail = np.empty(slots, np.int64)  # next free place of each bucket
    pool, fresh, waiting = begin(slots, sources, tail, cost)
    spare = -1  # the first free block
    better = np.empty(9, np.int64)
    value = np.empty(9, np.float64)
    bucket = 0
    settled = 0
    while waiting > 0:
        slot = bucket & mask
        while True:
            at = tail[slot] - 1
            if at & (BLOCK - 1) == 0 and pool[at] < 0:
                break
            # work on the chain as it is now; what comes meanwhile starts another
            pool, new, spare, fresh = block(pool, spare, fresh)
            pool[new] = -1
            tail[slot] = new + 1
            while True:
                if at & (BLOCK - 1) == 0:
                    below = 0 + int(pool[at])  # stays int64
                    pool[at] = spare
                    spare = at
                    if below < 0:
                        break
                    at = below
                here = 0 + int(pool[at])
                at -= 1
                waiting -= 1
                if int(cost[here] * inverse) < bucket:
                    continue  # it came here at a higher cost before
                n = gains(friction, step, length, cost, here, better, value)
                for k in range(n):
                    cost[better[k]] = value[k]
                    into = int(value[k] * inverse) & mask
                    end = tail[into]
                    pool[end] = better[k]
                    end += 1
                    if end & (BLOCK - 1) == 0:
                        pool, new, spare, fresh = block(pool, spare, fresh)
                        pool[new] = end - 1
                        end = new + 1
                    tail[into] = end
                waiting += n
        bucket += 1
        if targets.size > 0:
            settled = met(targets, settled, cost, inverse, bucket)
            if settled == targets.size:
                return bucket * width
    return np.inf


@numba.njit(nogil=True, inline="always")
def gains(
    friction: Float32,
    step: Int64,
    length: Float64,
    cost: Float64,
    here: int,
    better: Int64,
    value: Float64,
) -> int:
    """Collect the neighbours that are reached at less cost from ``here``, and that cost.

    Without branches: whether a neighbour gains is hard to foresee.
    """
    base = cost[here]
    mine = np.float64(friction[here])  # float() would stay float32
    n = 0
    for k in range(8):
        there = here + step[k]
        reached = base + length[k] * (mine + np.float64(friction[there]))
        better[n] = there
        value[n] = reached
        n += int(reached < cost[there])
    return n


@numba.njit(cache=True, nogil=True)
def met(targets: Int64, settled: int, cost: Float64, inverse: float, bucket: int) -> int:
    """Return how many targets, in their order, lie below the bucket: their cost is final."""
    while settled < targets.size and cost[targets[settled]] * inverse < bucket:
        settled += 1
    return settled


@numba.njit(cache=True, nogil=True)
def begin(slots: int, sources: Int64, tail: Int64, cost: Float64) -> tuple[Int32, int, int]:
    """Return the pool with the sources in the first bucket, where unused blocks begin, a count."""
    pool = np.empty(BLOCK * max(1024, 2 * slots), np.int32)
    for slot in range(slots):
        pool[slot * BLOCK] = -1
        tail[slot] = slot * BLOCK + 1
    fresh = slots * BLOCK
    count = 0
    for i in range(sources.size):
        if cost[sources[i]] > 0.0:
            cost[sources[i]] = 0.0
            end = tail[0]
            pool[end] = sources[i]
            end += 1
            if end & (BLOCK - 1) == 0:
                pool, new, _, fresh = block(pool, -1, fresh)
                pool[new] = end - 1
                end = new + 1
            tail[0] = end
            count += 1
    return pool, fresh, count


@numba.njit(cache=True, nogil=True)
def block(pool: Int32, spare: int, fresh: int) -> tuple[Int32, int, int, int]:
    """Return the pool, made longer where it is full, and the start of a block to fill.

    Then the first free block and where unused ones begin, as they are afterwards.
    """
    if spare >= 0:
        return pool, spare, 0 + int(pool[spare]), fresh
    if fresh == pool.size:
        more = np.empty(2 * pool.size, np.int32)
        more[: pool.size] = pool
        pool = more
    return pool, fresh, -1, fresh + BLOCK
