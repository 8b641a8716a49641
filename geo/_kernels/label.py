"""Connected components by two passes and union-find (Rosenfeld and Pfaltz 1966).

Components are numbered in the order in which a reader meets them, row by row, so the
numbers depend on the mask alone.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def root(parent: npt.NDArray[np.int32], k: int) -> int:
    """Return the smallest provisional number joined with ``k``, halving the path."""
    while parent[k] != k:
        parent[k] = parent[parent[k]]
        k = int(parent[k])
    return k


@numba.njit(cache=True)
def join(parent: npt.NDArray[np.int32], a: int, b: int) -> int:
    """Join two provisional numbers under the smaller root and return it."""
    ra = root(parent, a)
    rb = root(parent, b)
    if ra < rb:
        parent[rb] = ra
        return ra
    parent[ra] = rb
    return rb


@numba.njit(cache=True)
def components(
    mask: npt.NDArray[np.uint8],
    diagonal: bool,
    labels: npt.NDArray[np.int32],
    parent: npt.NDArray[np.int32],
) -> int:
    """Fill ``labels`` (zeroed) and return how many components there are.

    ``parent`` holds one number more than there can be provisional ones.
    """
    rows, cols = mask.shape
    fresh = 0
    for row in range(rows):
        for col in range(cols):
            if mask[row, col] == 0:
                continue
            mine = 0
            if col > 0 and labels[row, col - 1] > 0:
                mine += int(labels[row, col - 1])  # stays int64: one signature of join
            if row > 0:
                first = max(col - 1, 0) if diagonal else col
                last = min(col + 1, cols - 1) if diagonal else col
                for other in range(first, last + 1):
                    above = 0 + int(labels[row - 1, other])
                    if above > 0:
                        mine = above if mine == 0 else join(parent, mine, above)
            if mine == 0:
                fresh += 1
                parent[fresh] = fresh
                mine = fresh
            labels[row, col] = mine
    # a root is the smallest of its set, so one ascending pass meets it before its members
    # and numbers the sets in raster order; final numbers are kept negative meanwhile
    count = 0
    for k in range(1, fresh + 1):
        if parent[k] == k:
            count += 1
            parent[k] = -count
        else:
            parent[k] = parent[parent[k]]
    for row in range(rows):
        for col in range(cols):
            if labels[row, col] > 0:
                labels[row, col] = -parent[labels[row, col]]
    return count
