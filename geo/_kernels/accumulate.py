"""Who drains into a cell: one bit for each neighbour, which is all that accumulation needs."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True, parallel=True)
def donors(direction: npt.NDArray[np.uint8], mask: npt.NDArray[np.uint8]) -> None:
    """Set bit k where the neighbour in direction k drains into the cell."""
    rows, cols = direction.shape
    for row in numba.prange(rows):
        if row == 0 or row == rows - 1:
            for col in range(cols):
                mask[row, col] = donors_at(direction, row, col)
            continue
        mask[row, 0] = donors_at(direction, row, 0)
        mask[row, cols - 1] = donors_at(direction, row, cols - 1)
        for col in range(1, cols - 1):
            mask[row, col] = (
                np.uint8(direction[row, col + 1] == 4)
                | np.uint8(direction[row + 1, col + 1] == 5) << 1
                | np.uint8(direction[row + 1, col] == 6) << 2
                | np.uint8(direction[row + 1, col - 1] == 7) << 3
                | np.uint8(direction[row, col - 1] == 0) << 4
                | np.uint8(direction[row - 1, col - 1] == 1) << 5
                | np.uint8(direction[row - 1, col] == 2) << 6
                | np.uint8(direction[row - 1, col + 1] == 3) << 7
            )


@numba.njit(cache=True)
def donors_at(direction: npt.NDArray[np.uint8], row: int, col: int) -> int:
    """Return the donor bits of one cell at the edge of the grid."""
    rows, cols = direction.shape
    bits = 0
    for k in range(8):
        r = row + (0, 1, 1, 1, 0, -1, -1, -1)[k]
        c = col + (1, 1, 0, -1, -1, -1, 0, 1)[k]
        if 0 <= r < rows and 0 <= c < cols and direction[r, c] == (k + 4) & 7:
            bits |= 1 << k
    return bits
