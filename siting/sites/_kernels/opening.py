"""Binary opening by a square: what is narrower than the square goes."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def open_square(
    mask: npt.NDArray[np.uint8],
    rows: int,
    cols: int,
    k: int,
    keep: npt.NDArray[np.uint8],
    work: npt.NDArray[np.uint8],
) -> None:
    """Keep the cells that lie in some fully set ``k`` x ``k`` square (binary opening).

    All arrays are flat, row-major, of ``rows * cols``; ``keep`` receives the result and
    ``work`` is scratch. A square that leaves the grid does not count. Columns are counted
    for a whole row at once, so that memory is read in its own order.
    """
    down = np.zeros(cols, np.int32)
    for r in range(rows):  # work: k set cells in a row start here
        run = 0
        for c in range(cols - 1, -1, -1):
            i = r * cols + c
            run = run + 1 if mask[i] != 0 else 0
            work[i] = 1 if run >= k else 0
    for r in range(rows - 1, -1, -1):  # keep: a whole square starts here
        for c in range(cols):
            i = r * cols + c
            down[c] = down[c] + 1 if work[i] != 0 else 0
            keep[i] = 1 if down[c] >= k else 0
    for r in range(rows):  # work: a square starts within k cells to the left
        left = 0
        for c in range(cols):
            i = r * cols + c
            left = k if keep[i] != 0 else left - 1
            work[i] = 1 if left > 0 else 0
    down[:] = 0
    for r in range(rows):  # keep: ... and within k cells above
        for c in range(cols):
            i = r * cols + c
            down[c] = k if work[i] != 0 else max(down[c] - 1, 0)
            keep[i] = 1 if down[c] > 0 else 0
