"""Pre-order of the drainage trees and, on the way back, the cells above each cell.

A walk over the donors of a cell needs no stack: the way back is the direction itself. A
cell is numbered when it is entered; when it is left, the numbers given since then are its
catchment, so accumulation costs no pass of its own and no sort.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from geo._kernels.d8 import OUTLET, VOID


@numba.njit(cache=True)
def walk(
    levels: npt.NDArray[np.int32],
    direction: npt.NDArray[np.uint8],
    donors: npt.NDArray[np.uint8],
    cols: int,
    order: npt.NDArray[np.int32],
    position: npt.NDArray[np.int32],
    cells: npt.NDArray[np.int32],
    rim: npt.NDArray[np.uint8],
) -> int:
    """Fill ``order``, ``position`` and ``cells``; return how many cells drain to an outlet.

    Trees follow each other in raster order of their outlets, donors in the order of the
    directions. ``donors`` is consumed; ``rim`` becomes 1 wherever a rim cell drains through.
    Voids get position -1 and no cells.
    """
    around = (1, cols + 1, cols, cols - 1, -1, -cols - 1, -cols, -cols + 1)
    lowest_bit = np.zeros(256, np.uint8)
    for bits in range(1, 256):
        while (bits >> lowest_bit[bits]) & 1 == 0:
            lowest_bit[bits] += 1
    placed = 0
    for outlet in range(direction.size):
        if direction[outlet] != OUTLET:
            continue
        if levels[outlet] == VOID:
            position[outlet] = -1
            cells[outlet] = 0
            continue
        cell = outlet
        order[placed] = cell
        position[cell] = placed
        placed += 1
        while True:
            bits = donors[cell]
            if bits != 0:
                donors[cell] = bits & (bits - 1)
                cell += around[lowest_bit[bits]]
                order[placed] = cell
                position[cell] = placed
                placed += 1
                continue
            cells[cell] = placed - position[cell]
            if cell == outlet:
                break
            above = rim[cell]
            cell += around[direction[cell]]
            rim[cell] |= above
    return placed
