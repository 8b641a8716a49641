"""Horizon of the first few steps of a direction, along rays through the cells' own centres.

Every ray is sampled at each step of its major axis, between two cells of the other axis;
all cells of a row have their samples in one row, so rows are raised as vectors. Terms as
in :mod:`geo._kernels.horizon`.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from geo._kernels.horizon import split

Float32 = npt.NDArray[np.float32]


@numba.njit(cache=True, error_model="numpy")
def raise_row(
    own: Float32,
    first: Float32,
    second: Float32,
    share: float,
    rise: float,
    drop: float,
    best: Float32,
) -> None:
    """Raise the tangents of a row to those of the ground one near step away.

    Parameters
    ----------
    own
        Height of the cells. [m]
    first, second
        Heights of the two cells beside the sample of each ray. [m]
    share
        Weight of the second.
    rise
        1 / distance of the sample. [1/m]
    drop
        Distance / (2 radius): tangent that the curvature takes.
    best
        Tangents so far.
    """
    w, r, d = np.float32(share), np.float32(rise), np.float32(drop)
    for k in range(own.size):
        ground = first[k] + (second[k] - first[k]) * w
        found = (ground - own[k]) * r - d
        higher = found > best[k]  # False for a NaN on either side
        best[k] = found if higher else best[k]


@numba.njit(cache=True, parallel=True)
def near_columns(
    z: Float32, lean: float, flip: bool, step: float, radius: float, near: int, out: Float32
) -> None:
    """Raise ``out`` to the horizon of the first steps along rays through the centres."""
    rows, cols = z.shape
    for task in numba.prange(rows):
        row = np.int64(task)
        for j in range(1, near + 1):
            other = row - j if flip else row + j
            if not 0 <= other < rows:
                break
            whole, share = split(lean * j)
            begin, end = max(-whole, 0), min(cols - whole - (share > 0.0), cols)
            if begin >= end:
                break
            right = whole + 1 if share > 0.0 else whole
            raise_row(
                z[row, begin:end],
                z[other, begin + whole : end + whole],
                z[other, begin + right : end + right],
                share,
                1.0 / (j * step),
                j * step / (2.0 * radius),
                out[row, begin:end],
            )


@numba.njit(cache=True, parallel=True)
def near_rows(
    z: Float32, lean: float, flip: bool, step: float, radius: float, near: int, out: Float32
) -> None:
    """Raise ``out`` to the horizon of the first steps along rays through the centres."""
    rows, cols = z.shape
    for task in numba.prange(rows):
        row = np.int64(task)
        for j in range(1, min(near + 1, cols)):
            whole, share = split(lean * j)
            upper = row + whole
            lower = upper + 1 if share > 0.0 else upper
            if upper < 0 or lower >= rows:
                break
            if flip:
                begin, end, move = j, cols, -j
            else:
                begin, end, move = 0, cols - j, j
            raise_row(
                z[row, begin:end],
                z[upper, begin + move : end + move],
                z[lower, begin + move : end + move],
                share,
                1.0 / (j * step),
                j * step / (2.0 * radius),
                out[row, begin:end],
            )
