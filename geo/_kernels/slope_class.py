"""Class of Horn's slope without an angle: the squared rise against squared tangents."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

#: Class of a cell whose 3 x 3 window is incomplete.
UNKNOWN = 255


@numba.njit(cache=True)
def class_row(
    up: Float32,
    mid: Float32,
    low: Float32,
    kx: float,
    ky: float,
    squares: Float64,
    classes: npt.NDArray[np.uint8],
) -> None:
    """Fill the inner cells of one row with the number of limits that the slope exceeds.

    Parameters
    ----------
    up, mid, low
        Three rows of elevation, north to south.
    kx, ky
        1 / (8 cell widths), 1 / (8 cell heights).
    squares
        Squared tangents of the limits.
    classes
        The row of the results.
    """
    a, b, c = up[:-2], up[1:-1], up[2:]
    d, e, f = mid[:-2], mid[1:-1], mid[2:]
    g, h, i = low[:-2], low[1:-1], low[2:]
    inner = classes[1:-1]
    steep = np.empty(e.size, dtype=np.float64)
    for k in range(e.size):
        falling = np.float64(c[k]) - np.float64(g[k])
        rising = np.float64(i[k]) - np.float64(a[k])
        east = (falling + rising + 2.0 * (np.float64(f[k]) - np.float64(d[k]))) * kx
        north = (falling - rising + 2.0 * (np.float64(b[k]) - np.float64(h[k]))) * ky
        # a missing centre has no slope, although it takes no part in the sums
        steep[k] = east * east + north * north + np.float64(e[k]) * 0.0
    for k in range(e.size):
        inner[k] = 0
    for limit in squares:
        for k in range(e.size):
            inner[k] += np.uint8(steep[k] > limit)
    for k in range(e.size):
        inner[k] = inner[k] if steep[k] == steep[k] else np.uint8(255)


@numba.njit(cache=True, parallel=True)
def slope_class(
    z: Float32, dx: float, dy: float, squares: Float64, classes: npt.NDArray[np.uint8]
) -> None:
    """Fill the class of every cell; 255 where the 3 x 3 window is incomplete."""
    rows, cols = z.shape
    for k in numba.prange(rows):
        row = np.int64(k)  # prange counts in uint64
        if 0 < row < rows - 1 and cols > 2:
            classes[row, 0] = classes[row, cols - 1] = 255
            class_row(z[row - 1], z[row], z[row + 1], 0.125 / dx, 0.125 / dy, squares, classes[row])
        else:
            classes[row, :] = 255
