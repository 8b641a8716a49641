"""Contiguous pieces of equal code, whole or cut by a lattice."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def label_pieces(
    code: npt.NDArray[np.int32],
    cut: npt.NDArray[np.uint8],
    row_tile: npt.NDArray[np.int32],
    col_tile: npt.NDArray[np.int32],
    labels: npt.NDArray[np.int32],
    stack: npt.NDArray[np.int32],
) -> int:
    """Give each 4-connected piece of one code a number, in raster order.

    Parameters
    ----------
    code, labels
        Flat, rows * cols; code 0 = no land; cells of different codes never join.
        ``labels`` must be zero and receives 1..n.
    cut
        ``cut[code]`` = 1: cells of that code join only inside one tile. Codes beyond the
        end of it are whole.
    row_tile, col_tile
        Tile number of each row and column.
    stack
        Scratch, as long as the number of cells with a code.

    Returns
    -------
    int
        Number of pieces.
    """
    rows = row_tile.size
    cols = col_tile.size
    count = 0
    for start in range(rows * cols):
        own = code[start]
        if own == 0 or labels[start] != 0:
            continue
        tiled = own < cut.size and cut[own] != 0
        count += 1
        labels[start] = count
        stack[0] = start
        top = 1
        while top > 0:
            top -= 1
            i = np.int64(stack[top])
            r = i // cols
            c = i - r * cols
            for side in range(4):
                s, d = r, c
                if side == 0:
                    s = r - 1
                elif side == 1:
                    s = r + 1
                elif side == 2:
                    d = c - 1
                else:
                    d = c + 1
                if s < 0 or s >= rows or d < 0 or d >= cols:
                    continue
                j = s * cols + d
                if code[j] != own or labels[j] != 0:
                    continue
                if tiled and (row_tile[s] != row_tile[r] or col_tile[d] != col_tile[c]):
                    continue
                labels[j] = count
                stack[top] = j
                top += 1
    return count
