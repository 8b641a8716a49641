"""Who drains into a cell: one bit for each neighbour, which is all that accumulation needs."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True, parallel=True)
def donors(direction: npt.NDArray[np.uint8], mask: npt.NDArray[np.uint8]) -> None:
    """Set bit k where the neighbour in direction k drains into the cell.

    The outermost cells are left to :func:`donors_edge`.
    """
    rows, cols = direction.shape
    for row in numba.prange(1, rows - 1):
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
def donors_edge(direction: npt.NDArray[np.uint8], mask: npt.NDArray[np.uint8]) -> None:
    """Do the outermost cells of :func:`donors`."""
    rows, cols = direction.shape
    for row in range(rows):
        step = 1 if row in (0, rows - 1) else max(cols - 1, 1)
        for col in range(0, cols, step):
            bits = 0
            for k in range(8):
                r = row + (0, 1, 1, 1, 0, -1, -1, -1)[k]
                c = col + (1, 1, 0, -1, -1, -1, 0, 1)[k]
                if 0 <= r < rows and 0 <= c < cols and direction[r, c] == (k + 4) & 7:
                    bits |= 1 << k
            mask[row, col] = bits
