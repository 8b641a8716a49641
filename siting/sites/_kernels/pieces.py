"""Contiguous pieces of equal code, whole or cut by a lattice."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def _join(parent: npt.NDArray[np.int32], one: int, two: int) -> int:
    """Join the trees of two numbers under the lower root and return it."""
    while parent[one] != one:
        parent[one] = parent[parent[one]]
        one = parent[one]
    while parent[two] != two:
        parent[two] = parent[parent[two]]
        two = parent[two]
    low = min(one, two)
    parent[max(one, two)] = low
    return low


@numba.njit(cache=True)
def label_pieces(
    code: npt.NDArray[np.int32],
    cut: npt.NDArray[np.uint8],
    row_tile: npt.NDArray[np.int32],
    col_tile: npt.NDArray[np.int32],
    labels: npt.NDArray[np.int32],
    parent: npt.NDArray[np.int32],
) -> int:
    """Give each 4-connected piece of one code a number, in raster order.

    Parameters
    ----------
    code, labels
        Flat, rows * cols; code 0 = no land; cells of different codes never join.
        ``labels`` receives 1..n.
    cut
        ``cut[code]`` = 1: cells of that code join only inside one tile. Codes beyond the
        end of it are whole.
    row_tile, col_tile
        Tile number of each row and column.
    parent
        Scratch, longer than the number of cells with a code.

    Returns
    -------
    int
        Number of pieces.
    """
    rows = row_tile.size
    cols = col_tile.size
    used = 0
    for r in range(rows):
        for c in range(cols):
            i = r * cols + c
            own = code[i]
            labels[i] = 0
            if own == 0:
                continue
            tiled = own < cut.size and cut[own] != 0
            north = r > 0 and code[i - cols] == own
            west = c > 0 and code[i - 1] == own
            if tiled:
                north = north and row_tile[r - 1] == row_tile[r]
                west = west and col_tile[c - 1] == col_tile[c]
            if north and west:
                if labels[i - cols] == labels[i - 1]:
                    labels[i] = labels[i - 1]
                else:
                    labels[i] = _join(parent, labels[i - cols], labels[i - 1])
            elif north:
                labels[i] = labels[i - cols]
            elif west:
                labels[i] = labels[i - 1]
            else:
                used += 1
                parent[used] = used
                labels[i] = used
    count = 0
    for one in range(1, used + 1):  # a parent is never above its child
        if parent[one] == one:
            count += 1
            parent[one] = count
        else:
            parent[one] = parent[parent[one]]
    for i in range(code.size):
        if labels[i] != 0:
            labels[i] = parent[labels[i]]
    return count
