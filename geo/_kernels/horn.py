"""Horn's third-order finite difference over 3 x 3 windows (Horn 1981, Proc. IEEE 69, 14-47).

Row 0 is the northern edge. A window with a NaN, or cut by the edge, gives no answer.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]

#: Factor of gradients in float32: a power of two, so it costs no digit.
SCALE = 2.0**30


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


@numba.njit(cache=True)
def arctan_unit(x: np.float32) -> np.float32:
    """Return arctan of 0..1 in degrees, within 1e-5 (Abramowitz and Stegun 1964, 4.4.49).

    Without a branch or a library call, so that the loop over a row becomes vector code.
    """
    t = x * x
    tail = np.float32(0.0429096138) + t * (np.float32(-0.0161657367) + t * np.float32(0.0028662257))
    tail = np.float32(0.1065626393) + t * (np.float32(-0.0752896400) + t * tail)
    tail = np.float32(0.1999355085) + t * (np.float32(-0.1420889944) + t * tail)
    tail = np.float32(1.0) + t * (np.float32(-0.3333314528) + t * tail)
    return np.float32(x * tail * np.float32(180.0 / math.pi))


@numba.njit(cache=True, error_model="numpy")
def slope_aspect_row(
    up: Float32,
    mid: Float32,
    low: Float32,
    kx: np.float32,
    ky: np.float32,
    slope: Float32,
    aspect: Float32,
) -> None:
    """Fill the inner cells of one row from it and its northern and southern neighbour.

    Sums of differences are taken in float64, because they cancel; all after them in float32,
    because nothing cancels there and a vector holds twice as many. Gradients carry a factor
    2^30 so that the squares of small ones do not vanish.

    Parameters
    ----------
    up, mid, low
        Three rows of elevation, north to south.
    kx, ky
        1 / (8 cell widths), 1 / (8 cell heights).
    slope, aspect
        The row of the results. [deg]
    """
    a, b, c = up[:-2], up[1:-1], up[2:]
    d, e, f = mid[:-2], mid[1:-1], mid[2:]
    g, h, i = low[:-2], low[1:-1], low[2:]
    slope_in, aspect_in = slope[1:-1], aspect[1:-1]
    zero, one, tiny = np.float32(0.0), np.float32(1.0), np.float32(1e-37)
    back = np.float32(1.0 / SCALE)
    quarter, half, full = np.float32(90.0), np.float32(180.0), np.float32(360.0)
    for k in range(e.size):
        # the centre takes no part in the sums, but a missing centre has no slope
        gap = e[k] * zero
        falling = np.float64(c[k]) - np.float64(g[k])
        rising = np.float64(i[k]) - np.float64(a[k])
        level = np.float64(f[k]) - np.float64(d[k])
        upright = np.float64(b[k]) - np.float64(h[k])
        east = np.float32(falling + rising + (level + level)) * kx + gap
        north = np.float32(falling - rising + (upright + upright)) * ky + gap
        square = east * east + north * north
        rise = np.float32(math.sqrt(square)) * back
        steep = rise > one
        angle = arctan_unit((one if steep else rise) / (rise if steep else one))
        slope_in[k] = quarter - angle if steep else angle
        across, along = abs(east), abs(north)
        wide = across > along
        large = across if wide else along
        turn = arctan_unit((along if wide else across) / (max(tiny, large)))
        turn = quarter - turn if wide else turn  # from the north-south line
        turn = half - turn if north > zero else turn  # rises to the north: falls to the south
        turn = full - turn if east > zero else turn
        turn = zero if turn >= full else turn
        aspect_in[k] = turn if square > zero else np.float32(np.nan)


@numba.njit(cache=True, parallel=True)
def slope_aspect(z: Float32, dx: float, dy: float, slope: Float32, aspect: Float32) -> None:
    """Fill slope and aspect in degrees; aspect looks downhill, clockwise from north."""
    rows, cols = z.shape
    for k in numba.prange(rows):
        row = np.int64(k)  # prange counts in uint64
        if 0 < row < rows - 1 and cols > 2:
            slope[row, 0] = slope[row, cols - 1] = np.nan
            aspect[row, 0] = aspect[row, cols - 1] = np.nan
            slope_aspect_row(
                z[row - 1],
                z[row],
                z[row + 1],
                np.float32(SCALE * 0.125 / dx),
                np.float32(SCALE * 0.125 / dy),
                slope[row],
                aspect[row],
            )
        else:
            slope[row, :] = np.nan
            aspect[row, :] = np.nan


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
