"""The eight steps of a flat raster: west, east, north, south, then the four corners."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True, nogil=True)
def steps(cols: int) -> npt.NDArray[np.int64]:
    """Return what each step adds to the number of a cell; ``cols`` cells a row."""
    return np.array([-1, 1, -cols, cols, -cols - 1, -cols + 1, cols - 1, cols + 1])


@numba.njit(cache=True, nogil=True)
def lengths(half: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return half the length of each step from those to the side, up or down, to a corner."""
    out = np.empty(8, np.float64)
    out[0:2] = half[0]
    out[2:4] = half[1]
    out[4:8] = half[2]
    return out
