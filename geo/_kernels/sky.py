"""What is made of horizons, one direction after another: angle, open sky, light that arrives.

Every function works on the rows of whole rasters and keeps no more than it is given.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]


@numba.njit(cache=True, parallel=True)
def degrees(tangents: Float32) -> None:
    """Turn tangents into degrees in place."""
    rows, cols = tangents.shape
    for k in numba.prange(rows):
        for col in range(cols):
            tangents[k, col] = math.atan(tangents[k, col]) * (180.0 / math.pi)


@numba.njit(cache=True, parallel=True)
def open_sky(tangents: Float32, share: float, total: Float32) -> None:
    """Add ``share`` x squared cosine of the horizon: the sky above it as flat ground sees it."""
    rows, cols = tangents.shape
    weight, one = np.float32(share), np.float32(1.0)
    for k in numba.prange(rows):
        for col in range(cols):
            t = tangents[k, col]
            total[k, col] += weight / (one + t * t)


@numba.njit(cache=True)
def lit_row(
    first: Float32, second: Float32, turn: float, sun: float, weight: float, total: Float32
) -> None:
    """Add ``weight`` to the cells of a row whose horizon lies below the sun.

    Parameters
    ----------
    first, second
        Tangents of the horizon in the directions on either side of the sun.
    turn
        Where the sun stands between them, 0..1.
    sun
        Tangent of its altitude.
    weight
        What its beam is worth.
    total
        Sum so far.
    """
    w, high, worth = np.float32(turn), np.float32(sun), np.float32(weight)
    nothing = np.float32(0.0)
    for k in range(first.size):
        edge = first[k] + (second[k] - first[k]) * w
        total[k] += nothing if edge > high else worth


@numba.njit(cache=True, parallel=True)
def lit(
    first: Float32, second: Float32, turns: Float64, suns: Float64, weights: Float64, total: Float32
) -> None:
    """Add the weights of all suns that stand between two directions."""
    rows = first.shape[0]
    for k in numba.prange(rows):
        for i in range(turns.size):
            lit_row(first[k], second[k], turns[i], suns[i], weights[i], total[k])
