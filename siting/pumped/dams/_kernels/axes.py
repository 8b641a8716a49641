"""Straight dam axes: the ground along each of them, and the dam that stands on it."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

#: Directions of an axis, 22.5 degrees apart.
AXES = 8


@numba.njit(cache=True, nogil=True)
def ground_at(dem: Float32, row: float, col: float) -> float:
    """Return the ground [m] between the four cell centres round a point; NaN beyond them."""
    rows, cols = dem.shape
    if row < 0.0 or col < 0.0 or row > rows - 1 or col > cols - 1:
        return math.nan
    r = min(int(row), rows - 2)
    c = min(int(col), cols - 2)
    fr: float = row - r
    fc: float = col - c
    ground = 0.0
    # a cell without a share is not asked: nothing times a void would be a void
    if fr < 1.0 and fc < 1.0:
        ground += (1.0 - fr) * (1.0 - fc) * dem[r, c]
    if fr < 1.0 and fc > 0.0:
        ground += (1.0 - fr) * fc * dem[r, c + 1]
    if fr > 0.0 and fc < 1.0:
        ground += fr * (1.0 - fc) * dem[r + 1, c]
    if fr > 0.0 and fc > 0.0:
        ground += fr * fc * dem[r + 1, c + 1]
    return ground


@numba.njit(cache=True, nogil=True)
def direction(axis: int) -> tuple[float, float]:
    """Return (east, south) of an axis, 22.5 degrees clockwise from east a number.

    Exact for the four axes along rows, columns and diagonals.
    """
    if axis == 0:
        return 1.0, 0.0
    if axis == 4:
        return 0.0, 1.0
    if axis == 2:
        return math.sqrt(0.5), math.sqrt(0.5)
    if axis == 6:
        return -math.sqrt(0.5), math.sqrt(0.5)
    angle = axis * math.pi / 8.0
    return math.cos(angle), math.sin(angle)


@numba.njit(cache=True, nogil=True)
def sample(
    dem: Float32,
    row: int,
    col: int,
    east: float,
    south: float,
    dx: float,
    dy: float,
    step: float,
    base: float,
    top: float,
    ground: Float64,
) -> int:
    """Sample the ground from the foot along one side of an axis until it reaches ``top``.

    Parameters
    ----------
    row, col
        Foot of the dam.
    east, south
        Unit vector of this side.
    dx, dy, step
        Cell and distance of the samples. [m]
    base, top
        Foot, and what to reach above it. [m]
    ground
        Result: ground above the foot at each sample, the foot first. [m]

    Returns
    -------
    int
        Number of samples; it ends early at a void or the rim of the data.
    """
    for k in range(ground.size):
        away = k * step
        g = ground_at(dem, row + away * south / dy, col + away * east / dx) - base
        if math.isnan(g):
            return k
        ground[k] = g
        if g >= top:
            return k + 1
    return ground.size


@numba.njit(cache=True, nogil=True)
def side(
    ground: Float64,
    samples: int,
    step: float,
    crest_width: float,
    slope: float,
    freeboard: float,
    lowest: int,
    stride: int,
    body: Float64,
    end: Float64,
) -> None:
    """Fill the half of a dam on one side of the foot, level by level.

    Parameters
    ----------
    ground, samples
        Ground above the foot [m], linear between the samples.
    step
        Distance of the samples. [m]
    crest_width, slope, freeboard
        Section: area = width y + slope y², y = crest - ground. [m], [-], [m]
    lowest, stride
        First level above the foot, and step of the levels. [m]
    body, end
        Results, (levels,): body [m³], and distance from the foot at which the ground meets
        the crest [m]; infinite where it never does.
    """
    length = 0.0
    first = 0.0
    second = 0.0
    j = 0
    for h in range(body.size):
        crest = lowest + h * stride + freeboard
        # whole steps below the crest are kept as the sums of 1, g and g² over their length
        while j < samples and ground[j] < crest:
            if j > 0:
                a = ground[j - 1]
                b = ground[j]
                length += step
                first += step * (a + b) / 2.0
                second += step * (a * a + a * b + b * b) / 3.0
            j += 1
        if j >= samples:
            body[h] = math.inf
            end[h] = math.inf
            continue
        whole = crest_width * (crest * length - first)
        whole += slope * (crest * crest * length - 2.0 * crest * first + second)
        part = 0.0
        if j > 0:
            y = crest - ground[j - 1]
            part = step * y / (ground[j] - ground[j - 1])
            whole += part * (crest_width * y / 2.0 + slope * y * y / 3.0)
        body[h] = whole
        end[h] = length + part
