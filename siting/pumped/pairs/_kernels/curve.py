"""Level and energy moment of a tabulated level-volume curve, linear between its knots."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


@numba.njit(cache=True)
def knot_at(v: Float64, first: int, last: int, value: float) -> int:
    """Return the smallest k of ``first .. last`` with ``v[k] >= value``, ``last`` if none."""
    low, high = first, last
    while low < high:
        middle = (low + high) // 2
        if v[middle] >= value:
            high = middle
        else:
            low = middle + 1
    return low


@numba.njit(cache=True)
def level_at(z: Float64, v: Float64, first: int, last: int, value: float) -> float:
    """Return the level at which the lake ``first .. last`` holds ``value``, within its knots."""
    k = knot_at(v, first, last, value)
    if k == first or v[k] < value:
        return float(z[k])
    return float(z[k - 1] + (z[k] - z[k - 1]) * ((value - v[k - 1]) / (v[k] - v[k - 1])))


@numba.njit(cache=True)
def moment_at(z: Float64, v: Float64, m: Float64, first: int, last: int, value: float) -> float:
    """Return the integral of level over volume from the first knot up to ``value``.

    ``m`` holds it at the knots: exact, for the level is linear in volume between them.
    """
    k = knot_at(v, first, last, value)
    if k == first:
        return float(m[first])
    t = min((value - v[k - 1]) / (v[k] - v[k - 1]), 1.0)
    top = z[k - 1] + (z[k] - z[k - 1]) * t
    return float(m[k - 1] + (v[k] - v[k - 1]) * t * 0.5 * (z[k - 1] + top))


@numba.njit(cache=True)
def moments(z: Float64, v: Float64, offset: npt.NDArray[np.int64], m: Float64) -> None:
    """Fill ``m``, the integral of level over volume from the first knot of each curve.

    Parameters
    ----------
    z, v
        Levels and volumes of all curves, one after the other.
    offset
        First knot of each curve, and the end.
    """
    for a in range(offset.size - 1):
        m[offset[a]] = 0.0
        for k in range(offset[a] + 1, offset[a + 1]):
            m[k] = m[k - 1] + (v[k] - v[k - 1]) * 0.5 * (z[k] + z[k - 1])


@numba.njit(cache=True)
def mean_level(
    z: Float64, v: Float64, m: Float64, first: int, last: int, bottom: float, top: float
) -> float:
    """Return the mean level over the volume between ``bottom`` and ``top``."""
    if top <= bottom:
        return level_at(z, v, first, last, bottom)
    high = moment_at(z, v, m, first, last, top)
    return (high - moment_at(z, v, m, first, last, bottom)) / (top - bottom)
