"""Horn's third-order finite difference over 3 x 3 windows (Horn 1981, Proc. IEEE 69, 14-47).

Row 0 is the northern edge. A window with a NaN, or cut by the edge, gives no answer.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]


@numba.njit(cache=True)
def gradient(
    z: Float32, row: int | np.int64, col: int, dx: float, dy: float
) -> tuple[float, float]:
    """Return the rise per metre to the east and to the north at an inner cell."""
    a = float(z[row - 1, col - 1])
    b = float(z[row - 1, col])
    c = float(z[row - 1, col + 1])
    d = float(z[row, col - 1])
    f = float(z[row, col + 1])
    g = float(z[row + 1, col - 1])
    h = float(z[row + 1, col])
    i = float(z[row + 1, col + 1])
    # the centre takes no part in the sums, but a missing centre has no slope
    gap = float(z[row, col]) * 0.0
    east = ((c + 2.0 * f + i) - (a + 2.0 * d + g)) / (8.0 * dx) + gap
    north = ((a + 2.0 * b + c) - (g + 2.0 * h + i)) / (8.0 * dy) + gap
    return east, north


@numba.njit(cache=True, parallel=True)
def slope_aspect(z: Float32, dx: float, dy: float, slope: Float32, aspect: Float32) -> None:
    """Fill slope and aspect in degrees; aspect looks downhill, clockwise from north."""
    rows, cols = z.shape
    for k in numba.prange(rows):
        row = np.int64(k)  # prange counts in uint64
        for col in range(cols):
            slope[row, col] = np.nan
            aspect[row, col] = np.nan
            if 0 < row < rows - 1 and 0 < col < cols - 1:
                east, north = gradient(z, row, col, dx, dy)
                steep = math.sqrt(east * east + north * north)
                slope[row, col] = math.degrees(math.atan(steep))
                if steep > 0.0:
                    turn = math.degrees(math.atan2(-east, -north))
                    bearing = np.float32(turn + 360.0 if turn < 0.0 else turn)
                    aspect[row, col] = np.float32(0.0) if bearing >= 360.0 else bearing


@numba.njit(cache=True, parallel=True)
def hillshade(
    z: Float32,
    dx: float,
    dy: float,
    azimuth: float,
    altitude: float,
    shade: npt.NDArray[np.uint8],
) -> None:
    """Fill 1..255 = cosine between the surface normal and the sun; 0 where unknown."""
    rows, cols = z.shape
    sun_east = math.sin(azimuth) * math.cos(altitude)
    sun_north = math.cos(azimuth) * math.cos(altitude)
    sun_up = math.sin(altitude)
    for k in numba.prange(rows):
        row = np.int64(k)  # prange counts in uint64
        for col in range(cols):
            shade[row, col] = 0
            if 0 < row < rows - 1 and 0 < col < cols - 1:
                east, north = gradient(z, row, col, dx, dy)
                length = math.sqrt(1.0 + east * east + north * north)
                light = (sun_up - east * sun_east - north * sun_north) / length
                if light >= 0.0:
                    shade[row, col] = np.uint8(1.5 + 254.0 * light)
                elif light < 0.0:
                    shade[row, col] = 1
