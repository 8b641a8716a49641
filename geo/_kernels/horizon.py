"""Horizon of every cell in one direction, by a sweep of upper hulls along parallel lines.

A direction is a step of one cell along its major axis and of ``lean`` cells along the
other, |lean| <= 1. The cells of a grid fall into parallel lines of that direction; each
cell belongs to the line that passes it within half a cell, and the line takes its height
at every major step by interpolation between the two cells beside it.

Far ground (more than ``near`` steps away) is seen along that line. The upper hull of the
ground already passed is kept as a stack, and the tangent from a cell to the hull is found
by bisection (after Dozier, Bruno and Downey 1981; Timonen and Westerholm 2010), so reach
is unlimited and time per cell does not grow with it. Near ground, where half a cell aside
would matter, is left to :mod:`geo._kernels.near_horizon`.

The earth curves away under the ray by d^2 / (2 R), R enlarged by refraction. In heights
lowered by x^2 / (2 R), x along the line, curved ground is straight again: the hull is
built in those, and a tangent seen from x turns back by adding x / R.

``flip`` walks the major axis downwards; kernels see north-up rows.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

#: Lines that one task takes: a cache line of float32, so that columns are read whole.
BUNDLE = 16
#: A ray this close to a cell's centre runs through it. [cell]
CENTRE = 1e-9
#: Unused cells after each line of a bundle, so that lines do not share cache sets.
PAD = 16


@numba.njit(cache=True)
def tangent(ends: Float64, heights: Float64, top: int, x: float, height: float) -> float:
    """Return the steepest rise from (x, height) to a hull whose nearest vertex is ``top``.

    The rise to the vertices of an upper hull grows towards the point of contact and falls
    behind it, so the search gallops from the near end and then bisects.
    """
    # low: vertex known to lie at or behind the contact; high: at or before it
    high, step = top, 1
    low = top
    while low > 0:
        low = max(high - step, 0)
        # does the rise still grow from vertex low + 1 to vertex low?
        far_dx, near_dx = ends[low] - x, ends[low + 1] - x
        if (heights[low] - height) * near_dx <= (heights[low + 1] - height) * far_dx:
            break
        high = low
        step *= 2
    while high - low > 1:
        middle = (low + high) // 2
        far_dx, near_dx = ends[middle] - x, ends[middle + 1] - x
        if (heights[middle] - height) * near_dx <= (heights[middle + 1] - height) * far_dx:
            low = middle
        else:
            high = middle
    return float((heights[high] - height) / (ends[high] - x))


@numba.njit(cache=True)
def push(ends: Float64, heights: Float64, top: int, x: float, height: float) -> int:
    """Put a nearer point on the hull, drop the vertices it hides, return the new top."""
    while top > 0:
        across = (heights[top] - height) * (ends[top - 1] - x)
        beyond = (heights[top - 1] - height) * (ends[top] - x)
        if across > beyond:
            break
        top -= 1
    top += 1
    ends[top] = x
    heights[top] = height
    return top


@numba.njit(cache=True)
def sweep(
    line: Float32,
    seen: Float32,
    step: float,
    radius: float,
    near: int,
    ends: Float64,
    heights: Float64,
) -> None:
    """Turn the heights of the cells beside a line into the tangents of their far horizons.

    Parameters
    ----------
    line
        Height of the line at each step, NaN where it leaves the ground. [m]
    seen
        Height of the cell at each step, NaN where there is none; replaced by the tangent
        of its horizon, at least 0.
    step
        Length of a step. [m]
    radius
        Radius of the earth over 1 - refraction. [m]
    near
        Steps that the far horizon leaves out.
    ends, heights
        Room for the hull, one more than steps.
    """
    top = int(np.int64(-1))  # no literal: one signature of push
    for k in range(line.size - 1, -1, -1):
        j = k + near + 1
        if j < line.size:
            height = np.float64(line[j])
            if not math.isnan(height):  # NaN breaks the line, not the view
                x = j * step
                top = push(ends, heights, top, x, height - x * x / (2.0 * radius))
        own = np.float64(seen[k])
        if not math.isnan(own):
            rise = 0.0
            if top >= 0:
                x = k * step
                rise = tangent(ends, heights, top, x, own - x * x / (2.0 * radius)) + x / radius
            seen[k] = max(rise, 0.0)


@numba.njit(cache=True)
def reach_of(start: int, lean: float, steps: int, wide: int) -> tuple[int, int]:
    """Return the first step at which a bundle may lie within 0 .. wide - 1, and the last + 1.

    ``start`` is where its first line begins; there are a few steps to spare.
    """
    if lean == 0.0:
        return 0, steps
    enter = (-BUNDLE - 1 - start) / lean
    leave = (wide + 1 - start) / lean
    first = max(math.floor(min(enter, leave)) - 1, 0)
    last = min(math.ceil(max(enter, leave)) + 2, steps)
    return min(first, steps), max(last, min(first, steps))


@numba.njit(cache=True)
def split(aside: float) -> tuple[int, float]:
    """Return the cell at or before a point between cells, and the share of the one behind it.

    On a centre the share is 0: rounding of ``lean`` must not make a ray need a cell beside
    it that is unknown or off the grid.
    """
    nearest = math.floor(aside + 0.5)
    if abs(aside - nearest) < CENTRE:
        return nearest, 0.0
    whole = math.floor(aside)
    return whole, aside - whole


@numba.njit(cache=True)
def between(first: float, second: float, share: float) -> float:
    """Return the height ``share`` of the way from the first cell to the second."""
    # a line that runs through centres must not look at the cells beside it
    return first if share == 0.0 else first + (second - first) * share


@numba.njit(cache=True, parallel=True)
def far_columns(
    z: Float32, lean: float, flip: bool, step: float, radius: float, near: int, out: Float32
) -> None:
    """Fill ``out`` with far tangents of a direction whose major axis runs along columns."""
    rows, cols = z.shape
    drift = math.floor(0.5 + lean * (rows - 1))
    first = -max(drift, 0)
    lines = cols + abs(drift)
    for task in numba.prange((lines + BUNDLE - 1) // BUNDLE):
        start = first + np.int64(task) * BUNDLE
        begin, end = reach_of(start, lean, rows, cols)
        heights = np.empty((BUNDLE, end - begin + PAD), dtype=np.float32)
        seen = np.empty((BUNDLE, end - begin + PAD), dtype=np.float32)
        hull_x, hull_z = np.empty(end - begin + 1), np.empty(end - begin + 1)
        for k in range(begin, end):
            row = rows - 1 - k if flip else k
            aside = lean * k
            whole, share = split(aside)
            shift = math.floor(aside + 0.5)
            for b in range(BUNDLE):
                left = start + b + whole
                height = np.nan
                if left >= 0 and left + (share > 0.0) < cols:
                    right = left + 1 if share > 0.0 else left
                    height = between(np.float64(z[row, left]), np.float64(z[row, right]), share)
                heights[b, k - begin] = height
                col = start + b + shift
                seen[b, k - begin] = z[row, col] if 0 <= col < cols else np.nan
        for b in range(BUNDLE):
            sweep(
                heights[b, : end - begin],
                seen[b, : end - begin],
                step,
                radius,
                near,
                hull_x,
                hull_z,
            )
        for k in range(begin, end):
            row = rows - 1 - k if flip else k
            shift = math.floor(lean * k + 0.5)
            for b in range(BUNDLE):
                col = start + b + shift
                if 0 <= col < cols:
                    out[row, col] = seen[b, k - begin]


@numba.njit(cache=True, parallel=True)
def far_rows(
    z: Float32, lean: float, flip: bool, step: float, radius: float, near: int, out: Float32
) -> None:
    """Fill ``out`` with far tangents of a direction whose major axis runs along rows."""
    rows, cols = z.shape
    drift = math.floor(0.5 + lean * (cols - 1))
    first = -max(drift, 0)
    lines = rows + abs(drift)
    for task in numba.prange((lines + BUNDLE - 1) // BUNDLE):
        start = first + np.int64(task) * BUNDLE
        heights, seen = np.empty(cols, dtype=np.float32), np.empty(cols, dtype=np.float32)
        hull_x, hull_z = np.empty(cols + 1), np.empty(cols + 1)
        for line in range(start, min(start + BUNDLE, first + lines)):
            begin, end = reach_of(line, lean, cols, rows)
            for k in range(begin, end):
                col = cols - 1 - k if flip else k
                aside = lean * k
                whole, share = split(aside)
                upper = line + whole
                height = np.nan
                if upper >= 0 and upper + (share > 0.0) < rows:
                    lower = upper + 1 if share > 0.0 else upper
                    height = between(np.float64(z[upper, col]), np.float64(z[lower, col]), share)
                heights[k - begin] = height
                row = line + math.floor(aside + 0.5)
                seen[k - begin] = z[row, col] if 0 <= row < rows else np.nan
            size = end - begin
            sweep(heights[:size], seen[:size], step, radius, near, hull_x, hull_z)
            for k in range(begin, end):
                col = cols - 1 - k if flip else k
                row = line + math.floor(lean * k + 0.5)
                if 0 <= row < rows:
                    out[row, col] = seen[k - begin]
