"""First look at every candidate: its best axis, and the best ratio of water to dam."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from siting.pumped.dams._kernels.axes import AXES, direction, sample, side
from siting.pumped.dams._kernels.lake import fill, lowest_barred, walk
from siting.pumped.dams._kernels.wall import WALL, build, edges

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Uint8 = npt.NDArray[np.uint8]

#: Numbers of siting.pumped.dams.reasons.Test.
KEPT = 0
VOLUME = 5
CAPPED = 6
NOT_CLOSED = 7
RATIO = 8
#: A straight axis is kept unless the D8 wall holds this many times its water per dam.
WALL_GAIN = 1.1


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
    cell_m2 = dx * dy
    step = min(dx, dy)
    for part in numba.prange(parts):
        count = np.empty(heights)
        depth = np.empty(heights)
        volume = np.empty(heights)
        area = np.empty(heights)
        ground = np.empty(samples)
        bodies = np.empty((2 * AXES, heights))
        ends = np.empty((2 * AXES, heights))
        sums = np.zeros((9, heights, 3))
        whole = np.empty(heights)
        crest = np.empty(heights)
        saddle = np.zeros(AXES, np.bool_)
        for i in range(part, start.size, parts):
            at = start[i]
            stop = at + size[at]
            base = np.float64(z[at])
            axis[i] = -1
            ratio[i] = 0.0
            walk(z, size, at, stop, count, depth)
            fill(count, depth, cell_m2, volume, area)
            top = heights - 1
            if volume[top] < least_m3:
                reason[i] = VOLUME
                value[i] = volume[top] / 1.0e6
                continue
            if bar.size > 0:
                found = lowest_barred(z, size, bar, 1, at, stop, float(top))
                if found >= 0:
                    top = int(np.float64(z[found]) - base)
                if volume[top] < least_m3 or top < lowest:
                    reason[i] = CAPPED
                    value[i] = volume[top] / 1.0e6
                    continue
            row = order[at] // cols
            col = order[at] - row * cols
            for k in range(2 * AXES):
                east, south = direction(k // 2)
                if k % 2 == 1:
                    east, south = -east, -south
                n = sample(
                    dem, row, col, east, south, dx, dy, step, base,
                    heights - 1 + freeboard, ground,
                )  # fmt: skip
                side(ground, n, step, crest_width, slope, freeboard, bodies[k], ends[k])
            sums[WALL] = 0.0
            for k in range(AXES):
                if saddle[k]:
                    sums[k] = 0.0
                    saddle[k] = False
            leak = edges(
                filled, order, position, z, size, first, last, at, stop, dx, dy, freeboard,
                0, AXES, ends, sums, saddle,
            )  # fmt: skip
            low = lowest
            while low < top and volume[low] < least_m3:
                low += 1
            most = 0.0
            for k in range(AXES + 1):
                whole[:] = 0.0
                if k < AXES:
                    for h in range(low, top + 1):
                        whole[h] = bodies[2 * k, h] + bodies[2 * k + 1, h]
                if k == AXES or saddle[k]:
                    build(sums, k, crest_width, slope, freeboard, whole, crest)
                found_ratio, water = best_of(volume, whole, low, top, leak, least_m3)
                most = max(most, water)
                if found_ratio > ratio[i] * (WALL_GAIN if k == AXES else 1.0):
                    ratio[i] = found_ratio
                    axis[i] = k if k < AXES else -1
            reason[i] = KEPT
            value[i] = ratio[i]
            if most < least_m3:
                reason[i] = NOT_CLOSED
                value[i] = most / 1.0e6
            elif ratio[i] < least_ratio:
                reason[i] = RATIO
