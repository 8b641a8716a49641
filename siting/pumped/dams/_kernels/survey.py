"""First look at every candidate: its best axis, and the best ratio of water to dam."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from siting.pumped.dams._kernels.axes import AXES, direction, sample, side
from siting.pumped.dams._kernels.lake import fill, lowest_barred, room, walk
from siting.pumped.dams._kernels.wall import build, edges

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Uint8 = npt.NDArray[np.uint8]

#: Numbers of siting.pumped.dams.reasons.Check.
KEPT = 0
VOLUME = 5
CAPPED = 6
NOT_CLOSED = 7
RATIO = 8
#: A straight axis is kept unless the D8 wall holds this many times its water per dam.
WALL_GAIN = 1.1
#: The two best axes are found on levels so far apart, without saddles. [m]
STRIDE = 10
#: No saddle is looked for where the best straight dam stays below this share of the ratio asked.
HOPE = 0.8


@numba.njit(cache=True, nogil=True)
def best_of(
    volume: Float64, body: Float64, low: int, high: int, leak: float, least: float
) -> tuple[float, float]:
    """Return the best volume per dam and the most water of the levels low..high.

    Levels above ``leak``, without a dam or with less than ``least`` water do not count.
    """
    ratio = 0.0
    most = 0.0
    for h in range(low, high + 1):
        if h > leak or not body[h] < math.inf:
            continue
        most = max(most, volume[h])
        if volume[h] >= least and body[h] > 0.0:
            ratio = max(ratio, volume[h] / body[h])
    return ratio, most


@numba.njit(cache=True, nogil=True)
def two_axes(
    dem: Float32,
    row: int,
    col: int,
    dx: float,
    dy: float,
    base: float,
    low: int,
    top: int,
    crest_width: float,
    slope: float,
    freeboard: float,
    volume: Float64,
    ground: Float64,
    met: npt.NDArray[np.int64],
    coarse: Float64,
    far: Float64,
    axes: npt.NDArray[np.int64],
) -> float:
    """Find the two straight axes of the best volume per dam, and return the best of it. [-].

    Levels ``low`` to ``top`` are tried :data:`STRIDE` apart, without saddles. ``ground`` and
    ``met`` keep the samples along each half axis, ``axes`` the two numbers (-1 = none).
    """
    step = min(dx, dy)
    levels = (top - low) // STRIDE + 1
    best = 0.0
    second = 0.0
    axes[:] = -1
    for k in range(AXES):
        east, south = direction(k)
        for half in range(2):
            sign = 1.0 - 2.0 * half
            met[2 * k + half] = sample(
                dem, row, col, sign * east, sign * south, dx, dy, step, base,
                top + freeboard, ground[2 * k + half],
            )  # fmt: skip
            side(
                ground[2 * k + half], met[2 * k + half], step, crest_width, slope,
                freeboard, low, STRIDE, coarse[half, :levels], far[:levels],
            )  # fmt: skip
        one = 0.0
        for n in range(levels):
            one = max(one, volume[low + n * STRIDE] / (coarse[0, n] + coarse[1, n]))
        if one > best:
            second, axes[1] = best, axes[0]
            best, axes[0] = one, k
        elif one > second:
            second, axes[1] = one, k
    return best


@numba.njit(cache=True, nogil=True)
def halves(
    axes: npt.NDArray[np.int64],
    ground: Float64,
    met: npt.NDArray[np.int64],
    step: float,
    crest_width: float,
    slope: float,
    freeboard: float,
    bodies: Float64,
    ends: Float64,
) -> None:
    """Build both halves of the two axes at every level: body [m³] and end [m], else infinite."""
    for m in range(2):
        for half in range(2):
            k = 2 * axes[m] + half
            if k < 0:
                ends[2 * m + half] = math.inf
                bodies[2 * m + half] = math.inf
            else:
                side(
                    ground[k], met[k], step, crest_width, slope, freeboard, 0, 1,
                    bodies[2 * m + half], ends[2 * m + half],
                )  # fmt: skip


@numba.njit(cache=True, nogil=True)
def best_dam(
    volume: Float64,
    bodies: Float64,
    sums: Float64,
    axes: npt.NDArray[np.int64],
    low: int,
    top: int,
    leak: float,
    crest_width: float,
    slope: float,
    freeboard: float,
    least_m3: float,
    whole: Float64,
    crest: Float64,
) -> tuple[int, float, float]:
    """Return the axis of the best volume per dam (-1 the D8 wall), that ratio, most water [m³].

    Two straight axes with their saddles stand against the D8 wall, whose sums are row 0;
    ``whole`` and ``crest`` are room.
    """
    axis = -1
    ratio = 0.0
    most = 0.0
    for m in range(3):
        saddles = (m + 1) % 3
        for h in range(volume.size):
            whole[h] = bodies[2 * m, h] + bodies[2 * m + 1, h] if m < 2 else 0.0
            crest[h] = 0.0
        build(sums, saddles, crest_width, slope, freeboard, whole, crest)
        found_ratio, water = best_of(volume, whole, low, top, leak, least_m3)
        most = max(most, water)
        if found_ratio > ratio * (WALL_GAIN if m == 2 else 1.0):
            ratio = found_ratio
            axis = axes[m] if m < 2 else -1
    return axis, ratio, most


@numba.njit(cache=True, nogil=True)
def span(
    z: Float32,
    size: Int32,
    bar: Uint8,
    at: int,
    stop: int,
    volume: Float64,
    lowest: int,
    least_m3: float,
) -> tuple[int, int, int]:
    """Return the test that fails, or KEPT, and the lowest and highest level worth a dam. [m]."""
    top = volume.size - 1
    if volume[top] < least_m3:
        return VOLUME, lowest, top
    if bar.size > 0:
        found = lowest_barred(z, size, bar, 1, at, stop, float(top))
        if found >= 0:
            top = int(np.float64(z[found]) - np.float64(z[at]))
        if volume[top] < least_m3 or top < lowest:
            return CAPPED, lowest, top
    low = lowest
    while low < top and volume[low] < least_m3:
        low += 1
    return KEPT, low, top


@numba.njit(cache=True, nogil=True)
def verdict(ratio: float, most: float, least_ratio: float, least_m3: float) -> tuple[int, float]:
    """Return the test that fails, or KEPT, and its number (million m³, or the ratio)."""
    if most < least_m3:
        return NOT_CLOSED, most / 1.0e6
    return (RATIO if ratio < least_ratio else KEPT), ratio


@numba.njit(cache=True, parallel=True)
def survey(
    dem: Float32,
    filled: Float32,
    order: Int32,
    position: Int32,
    z: Float32,
    size: Int32,
    first: Int32,
    last: Int32,
    bar: Uint8,
    start: Int32,
    dx: float,
    dy: float,
    heights: int,
    lowest: int,
    samples: int,
    crest_width: float,
    slope: float,
    freeboard: float,
    least_m3: float,
    least_ratio: float,
    parts: int,
    reason: Uint8,
    value: Float32,
    axis: npt.NDArray[np.int8],
    ratio: Float64,
) -> None:
    """Test every candidate for volume, closure and ratio, and choose its axis.

    Parameters
    ----------
    dem, filled, position
        (rows, cols). [m]
    order, z, size, first, last, bar
        In drainage order; ``bar`` may be (0,).
    start
        Place of the foot of each candidate, (n,).
    heights, lowest
        Levels of a curve, 0 m included; the lowest level of a lake.
    samples
        Most samples along half an axis.
    crest_width, slope, freeboard
        Section of the dam. [m], [-], [m]
    least_m3, least_ratio
        What a site must hold, and per dam body, at one level. [m³], [-]
    parts
        Pieces of the work, at least one a thread; the result does not hang on it.
    reason, value
        Results, (n,): test that fails, and its number (million m³, or the ratio).
    axis, ratio
        Results, (n,): axis of the best ratio (-1 the D8 wall), and that ratio.
    """
    cols = dem.shape[1]
    for part in numba.prange(parts):
        count, depth, volume, area, whole, crest = room(heights)
        ground = np.empty((2 * AXES, samples))
        met = np.empty(2 * AXES, np.int64)
        coarse = np.empty((2, heights // STRIDE + 1))
        far = np.empty(heights // STRIDE + 1)
        bodies, ends = np.empty((4, heights)), np.empty((4, heights))
        sums = np.empty((3, heights, 3))
        axes = np.empty(2, np.int64)
        for i in range(part, start.size, parts):
            at = start[i]
            stop = at + size[at]
            axis[i], ratio[i] = -1, 0.0
            walk(z, size, at, stop, count, depth)
            fill(count, depth, dx * dy, volume, area)
            reason[i], low, top = span(z, size, bar, at, stop, volume, lowest, least_m3)
            value[i] = volume[top] / 1.0e6
            if reason[i] != KEPT:
                continue
            row, col = divmod(order[at], cols)
            best = two_axes(
                dem, row, col, dx, dy, np.float64(z[at]), low, top, crest_width, slope, freeboard,
                volume, ground, met, coarse, far, axes,
            )  # fmt: skip
            if 0.0 < best < HOPE * least_ratio:
                reason[i], axis[i] = RATIO, axes[0]
                value[i], ratio[i] = best, best
                continue
            halves(axes, ground, met, min(dx, dy), crest_width, slope, freeboard, bodies, ends)
            leak = edges(
                filled, order, position, z, size, first, last, at, stop, dx, dy, freeboard,
                axes, ends, sums,
            )  # fmt: skip
            axis[i], ratio[i], most = best_dam(
                volume, bodies, sums, axes, low, top, leak, crest_width, slope, freeboard,
                least_m3, whole, crest,
            )  # fmt: skip
            reason[i], value[i] = verdict(ratio[i], most, least_ratio, least_m3)
