"""Directions where no neighbour is lower: along the flood, from the outlets of a flat inwards.

Flats are entered breadth first from all their outlets at once, in raster order. A piece of a
stamped lake has one outlet, and its water crosses the shore nowhere else.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from geo._kernels.d8 import FLAT, OUTLET

#: Added to the direction of a cell at the outlet of its flat until all of them are known.
MET = 16


@numba.njit(cache=True)
def neighbour(cell: int, k: int, rows: int, cols: int) -> int:
    """Return the neighbour of a cell in direction ``k``, or -1 outside the grid."""
    row = cell // cols
    col = cell - row * cols + (1, 1, 0, -1, -1, -1, 0, 1)[k]
    row += (0, 1, 1, 1, 0, -1, -1, -1)[k]
    if row < 0 or row >= rows or col < 0 or col >= cols:
        return -1
    return row * cols + col


@numba.njit(cache=True)
def lake_pieces(
    lake: npt.NDArray[np.uint16], rows: int, cols: int, piece: npt.NDArray[np.int32]
) -> int:
    """Write the number of the connected piece of each lake cell, from 1; return how many."""
    count = 0
    queue = np.empty(64, np.int32)
    for first in range(lake.size):
        if lake[first] == 0 or piece[first] != 0:
            continue
        count += 1
        piece[first] = count
        queue[0] = first
        head = 0
        tail = 1
        while head < tail:
            cell = 0 + queue[head]
            head += 1
            if tail + 8 > queue.size:
                longer = np.empty(2 * queue.size, np.int32)
                longer[:tail] = queue[:tail]
                queue = longer
            for k in range(8):
                other = neighbour(cell, k, rows, cols)
                if other >= 0 and lake[other] == lake[first] and piece[other] == 0:
                    piece[other] = count
                    queue[tail] = other
                    tail += 1
    return count


@numba.njit(cache=True)
def lake_outlets(
    levels: npt.NDArray[np.int32],
    direction: npt.NDArray[np.uint8],
    rows: int,
    cols: int,
    piece: npt.NDArray[np.int32],
    outlet: npt.NDArray[np.int32],
) -> None:
    """Leave each lake piece its way to the lowest ground beside it; its other cells become FLAT.

    ``outlet`` (pieces + 1) receives the cell, -1 where a piece lies in a wider flat.
    """
    outlet[:] = -1
    lowest = np.empty(outlet.size, np.int32)
    for cell in range(piece.size):
        mine = piece[cell]
        way = direction[cell]
        if mine == 0 or way == FLAT:
            continue
        level = levels[cell] if way == OUTLET else levels[neighbour(cell, 0 + way, rows, cols)]
        if outlet[mine] < 0 or level < lowest[mine]:
            outlet[mine] = cell
            lowest[mine] = level
    for cell in range(piece.size):
        if piece[cell] != 0 and outlet[piece[cell]] != cell:
            direction[cell] = FLAT


@numba.njit(cache=True)
def drain_flats(
    levels: npt.NDArray[np.int32],
    direction: npt.NDArray[np.uint8],
    rows: int,
    cols: int,
    flats: npt.NDArray[np.int32],
    piece: npt.NDArray[np.int32],
    outlet: npt.NDArray[np.int32],
    queue: npt.NDArray[np.int32],
) -> int:
    """Write a direction for each flat; return how many got one (all, on a filled surface).

    ``flats`` are the cells of direction FLAT in raster order; ``piece`` is empty where there
    are no lakes, ``outlet`` is written where a piece is entered.
    """
    lakes = piece.size > 0
    tail = 0
    for cell in flats:
        for k in range(8):
            other = neighbour(0 + cell, k, rows, cols)
            if other < 0 or levels[other] != levels[cell]:
                continue
            if direction[other] != OUTLET and direction[other] >= 8:
                continue
            if lakes and not enters(piece, outlet, 0 + cell, other):
                continue
            direction[cell] = MET + k
            queue[tail] = cell
            tail += 1
            break
    for at in range(tail):
        direction[queue[at]] -= MET
    head = 0
    while head < tail:
        cell = queue[head]
        head += 1
        for k in range(8):
            other = neighbour(0 + cell, k, rows, cols)
            if other < 0 or direction[other] != FLAT or levels[other] != levels[cell]:
                continue
            if lakes and not enters(piece, outlet, other, 0 + cell):
                continue
            direction[other] = (k + 4) & 7
            queue[tail] = other
            tail += 1
    return tail


@numba.njit(cache=True)
def enters(
    piece: npt.NDArray[np.int32], outlet: npt.NDArray[np.int32], cell: int, beyond: int
) -> bool:
    """Tell whether ``cell`` may drain to ``beyond``: a lake piece leaves by one cell only."""
    mine = piece[cell]
    if mine == 0 or piece[beyond] == mine:
        return True
    if outlet[mine] >= 0:
        return False
    outlet[mine] = cell
    return True
