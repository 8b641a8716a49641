"""Mean slope of squares of land, and the standard deviation of the error between them."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@numba.njit(cache=True)
def mean_slopes(
    dem: Float32, dx: float, dy: float, edge_row: Int64, edge_col: Int64, want: Int64, out: Float64
) -> None:
    """Fill the mean slope of wanted squares.

    Parameters
    ----------
    dem
        Ground (rows, cols), NaN = void. [m]
    dx, dy
        Cell width and height. [m]
    edge_row, edge_col
        First row (column) of each row (column) of squares, and one past the last.
    want
        Flat numbers of squares.
    out
        Result: at those numbers the mean of the slopes of cells with four known neighbours
        [°], NaN without any.
    """
    rows, cols = dem.shape
    across = edge_col.size - 1
    for n in range(want.size):
        a, b = want[n] // across, want[n] % across
        total, count = 0.0, 0
        for r in range(max(edge_row[a], 1), min(edge_row[a + 1], rows - 1)):
            for c in range(max(edge_col[b], 1), min(edge_col[b + 1], cols - 1)):
                east = (dem[r, c + 1] - dem[r, c - 1]) / (2.0 * dx)
                south = (dem[r + 1, c] - dem[r - 1, c]) / (2.0 * dy)
                steep = math.sqrt(east * east + south * south)
                if not math.isnan(steep):
                    total += math.atan(steep)
                    count += 1
        out[want[n]] = math.degrees(total / count) if count else math.nan


@numba.njit(cache=True)
def blended(
    row: Float64, col: Float64, square: Float64, shape: tuple[int, int], out: Float32
) -> None:
    """Fill values between the centres of squares, bilinear; squares without one stand aside.

    Parameters
    ----------
    row, col
        Places in squares from the first centre, (n,).
    square
        Value of each square, flat, NaN = none.
    shape
        Rows and columns of squares.
    out
        Result (n,); NaN where all four squares are without a value.
    """
    for n in range(row.size):
        i, j = math.floor(row[n]), math.floor(col[n])
        total, weight = 0.0, 0.0
        for a in range(2):
            for b in range(2):
                r = min(max(i + a, 0), shape[0] - 1)
                c = min(max(j + b, 0), shape[1] - 1)
                value = square[r * shape[1] + c]
                share = (row[n] - i if a else 1.0 - row[n] + i) * (
                    col[n] - j if b else 1.0 - col[n] + j
                )
                if not math.isnan(value):
                    total += share * value
                    weight += share
        out[n] = total / weight if weight > 0.0 else math.nan
