"""Height above the mean of a square window, in whole numbers.

Heights are taken in 1/256 m as int64, so that the sums of a window are exact: the result
does not depend on where the grid begins nor on the number of threads.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

#: Parts of a metre that a height is rounded to.
PARTS = 256.0
#: Rows that one task takes: the columns' sums are built anew at the top of each.
BAND = 512


@numba.njit(cache=True)
def _add(
    z: npt.NDArray[np.float32],
    cols: int,
    r: int,
    sign: int,
    total: npt.NDArray[np.int64],
    count: npt.NDArray[np.int32],
) -> None:
    """Add row ``r`` to (or take it from) the sums of the columns."""
    for c in range(cols):
        v = z[r * cols + c]
        if math.isfinite(v):
            total[c] += sign * np.int64(round(v * PARTS))
            count[c] += sign


@numba.njit(cache=True, parallel=True)
def above_mean(
    z: npt.NDArray[np.float32], rows: int, cols: int, half: int, out: npt.NDArray[np.float32]
) -> None:
    """Write height minus the mean of the (2 half + 1) square window; NaN where z is not finite.

    Parameters
    ----------
    z
        Height, flat; not finite = takes no part. [m]
    half
        Half the window without its middle. [cells]
    out
        Receives the difference. [m]
    """
    for band in numba.prange((rows + BAND - 1) // BAND):
        start = band * BAND
        stop = min(start + BAND, rows)
        total = np.zeros(cols, np.int64)
        count = np.zeros(cols, np.int32)
        for r in range(max(start - half, 0), min(start + half, rows)):
            _add(z, cols, r, 1, total, count)
        for r in range(start, stop):
            if r + half < rows:
                _add(z, cols, r + half, 1, total, count)
            if r - half - 1 >= 0 and r > start:
                _add(z, cols, r - half - 1, -1, total, count)
            whole = np.int64(0)
            n = np.int64(0)
            for c in range(min(half, cols)):
                whole += total[c]
                n += count[c]
            for c in range(cols):
                if c + half < cols:
                    whole += total[c + half]
                    n += count[c + half]
                if c - half - 1 >= 0:
                    whole -= total[c - half - 1]
                    n -= count[c - half - 1]
                i = r * cols + c
                if math.isfinite(z[i]):
                    out[i] = z[i] - whole / (PARTS * n)
                else:
                    out[i] = np.nan
