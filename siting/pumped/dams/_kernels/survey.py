"""First look at every candidate: its best axis, and the best ratio of water to dam."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from siting.pumped.dams._kernels.axes import AXES, direction, sample, side
from siting.pumped.dams._kernels.lake import fill, lowest_barred, walk
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
        ground = np.empty((2 * AXES, samples))
        met = np.empty(2 * AXES, np.int64)
        coarse = np.empty((2, heights // STRIDE + 1))
        far = np.empty(heights // STRIDE + 1)
        bodies = np.empty((4, heights))
        ends = np.empty((4, heights))
        sums = np.empty((3, heights, 3))
        whole = np.empty(heights)
        crest = np.empty(heights)
        axes = np.empty(2, np.int64)
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
            low = lowest
            while low < top and volume[low] < least_m3:
                low += 1
            row = order[at] // cols
            col = order[at] - row * cols
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
            if 0.0 < best < HOPE * least_ratio:
                reason[i] = RATIO
                value[i] = best
                ratio[i] = best
                axis[i] = axes[0]
                continue
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
            leak = edges(
                filled, order, position, z, size, first, last, at, stop, dx, dy, freeboard,
                axes, ends, sums,
            )  # fmt: skip
            most = 0.0
            for m in range(3):
                saddles = (m + 1) % 3  # row 0 is the D8 wall
                for h in range(heights):
                    whole[h] = bodies[2 * m, h] + bodies[2 * m + 1, h] if m < 2 else 0.0
                    crest[h] = 0.0
                build(sums, saddles, crest_width, slope, freeboard, whole, crest)
                found_ratio, water = best_of(volume, whole, low, top, leak, least_m3)
                most = max(most, water)
                if found_ratio > ratio[i] * (WALL_GAIN if m == 2 else 1.0):
                    ratio[i] = found_ratio
                    axis[i] = axes[m] if m < 2 else -1
            reason[i] = KEPT
            value[i] = ratio[i]
            if most < least_m3:
                reason[i] = NOT_CLOSED
                value[i] = most / 1.0e6
            elif ratio[i] < least_ratio:
                reason[i] = RATIO
