"""Horizons of chosen cells as 16-bit codes: two bytes a cell and direction, not four a raster."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

#: Code of a tangent of 1; the largest code stands for 83 degrees and more.
SCALE = 8192.0
TOP = 65535.0


@numba.njit(cache=True, parallel=True)
def encode(
    tangents: npt.NDArray[np.float32],
    cells: npt.NDArray[np.int64],
    out: npt.NDArray[np.uint16],
) -> None:
    """Write the codes of the tangents at ``cells``; an unknown tangent hides nothing."""
    for i in numba.prange(cells.size):
        t = tangents[cells[i]]
        code = min(max(t * SCALE + 0.5, 0.0), TOP) if not math.isnan(t) else 0.0
        out[i] = np.uint16(code)
