"""Ground laid out in drainage order, so that a catchment is read from end to end."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Uint8 = npt.NDArray[np.uint8]


@numba.njit(cache=True, parallel=True)
def lay_out(
    filled: Float32,
    cells: Int32,
    order: Int32,
    position: Int32,
    barred: Uint8,
    z: Float32,
    size: Int32,
    first: Int32,
    last: Int32,
    bar: Uint8,
) -> None:
    """Fill elevation, cells, bars and the span of the neighbours of each cell, in its order.

    Parameters
    ----------
    filled, cells, position
        Of the drainage, (rows, cols). [m], [-], [-]
    order
        Flat cells in drainage order, (n,).
    barred
        Bits of barred ground, (rows, cols), or (0, 0) where nothing is barred.
    z, size, bar
        Results, (n,); ``bar`` may be (0,).
    first, last
        Results, (n,): least and greatest place of the four neighbours; ``first`` is -1 where
        one is a void or outside. A cell lies inside a catchment with all its neighbours when
        both are in the slice.
    """
    rows, cols = filled.shape
    marked = barred.size > 0
    for i in numba.prange(order.size):
        r = order[i] // cols
        c = order[i] - r * cols
        z[i] = filled[r, c]
        size[i] = cells[r, c]
        if marked:
            bar[i] = barred[r, c]
        low = np.int32(-1)
        high = np.int32(-1)
        if 0 < r < rows - 1 and 0 < c < cols - 1:
            a = position[r - 1, c]
            b = position[r + 1, c]
            d = position[r, c - 1]
            e = position[r, c + 1]
            low = min(a, b, d, e)
            high = max(a, b, d, e)
        first[i] = low
        last[i] = high
