"""How far sites reach: moments of their cells, and their extent in every direction."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def site_moments(
    labels: npt.NDArray[np.int32], rows: int, cols: int, out: npt.NDArray[np.float64]
) -> None:
    """Sum the cells of each site.

    Parameters
    ----------
    labels
        Flat, rows * cols; 0 = none, else 1..n.
    rows, cols
        Shape of the grid.
    out
        (n, 5), zero on entry: cells, sums of column and row, of their squares.
    """
    for r in range(rows):
        for c in range(cols):
            s = labels[r * cols + c] - 1
            if s >= 0:
                out[s, 0] += 1.0
                out[s, 1] += c
                out[s, 2] += r
                out[s, 3] += c * c
                out[s, 4] += r * r


@numba.njit(cache=True)
def site_extents(
    labels: npt.NDArray[np.int32],
    rows: int,
    cols: int,
    east: npt.NDArray[np.float64],
    south: npt.NDArray[np.float64],
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
) -> None:
    """Project the cell centres at the rim of each site on every direction.

    Parameters
    ----------
    labels, rows, cols
        As in :func:`site_moments`.
    east, south
        Step of one column and one row along each direction, (d,).
    low, high
        (n, d), +inf and -inf on entry; receive the least and greatest projection.
    """
    for r in range(rows):
        for c in range(cols):
            i = r * cols + c
            one = labels[i]
            if one == 0:
                continue
            inner = (
                r > 0
                and c > 0
                and r + 1 < rows
                and c + 1 < cols
                and labels[i - 1] == one
                and labels[i + 1] == one
                and labels[i - cols] == one
                and labels[i + cols] == one
            )
            if inner:
                continue
            for d in range(east.size):
                at = c * east[d] + r * south[d]
                low[one - 1, d] = min(low[one - 1, d], at)
                high[one - 1, d] = max(high[one - 1, d], at)
