"""Curves per metre of the sites that stay, on the axis chosen for each."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from siting.pumped.dams._kernels.axes import direction, sample, side
from siting.pumped.dams._kernels.flank import correct, upstream
from siting.pumped.dams._kernels.lake import fill, lowest_barred, room, walk
from siting.pumped.dams._kernels.wall import WALL, build, edges

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Uint8 = npt.NDArray[np.uint8]


@numba.njit(cache=True, nogil=True)
def straight(
    dem: Float32,
    row: int,
    col: int,
    east: float,
    south: float,
    dx: float,
    dy: float,
    base: float,
    crest_width: float,
    slope: float,
    freeboard: float,
    ground: Float64,
    bodies: Float64,
    ends: Float64,
    body: Float64,
    long: Float64,
) -> None:
    """Add the body [m³] and crest [m] of a straight dam at each level to ``body`` and ``long``.

    ``ground``, ``bodies`` and ``ends`` are room; ``ends`` keeps where each half meets the crest.
    """
    step = min(dx, dy)
    for half in range(2):
        sign = 1.0 - 2.0 * half
        n = sample(
            dem, row, col, sign * east, sign * south, dx, dy, step, base,
            body.size - 1 + freeboard, ground,
        )  # fmt: skip
        side(
            ground, n, step, crest_width, slope, freeboard, 0, 1, bodies[half], ends[half],
        )  # fmt: skip
        body += bodies[half]
        long += ends[half]


@numba.njit(cache=True, nogil=True)
def first_barred(
    order: Int32, z: Float32, size: Int32, bar: Uint8, at: int, stop: int, caps: Float64, by: Int32
) -> None:
    """Set the lowest level [m] that floods barred ground (bits 1 and 2), and the cell; or -1."""
    base = np.float64(z[at])
    for bit in range(2):
        by[bit] = -1
        if bar.size > 0:
            found = lowest_barred(z, size, bar, bit + 1, at, stop, caps[bit])
            if found >= 0:
                caps[bit] = np.float64(z[found]) - base
                by[bit] = order[found]


@numba.njit(cache=True, nogil=True)
def closed_only(body: Float64, long: Float64, leak: float, dam: Float32, crest: Float32) -> None:
    """Write body [m³] and crest [m] of the levels that a dam can close, NaN for the others."""
    for h in range(body.size):
        closed = h <= leak and body[h] < math.inf
        dam[h] = body[h] if closed else math.nan
        crest[h] = long[h] if closed else math.nan


@numba.njit(cache=True, parallel=True)
def curves(
    dem: Float32,
    filled: Float32,
    towards: Uint8,
    order: Int32,
    position: Int32,
    z: Float32,
    size: Int32,
    first: Int32,
    last: Int32,
    bar: Uint8,
    barred: Uint8,
    start: Int32,
    axis: npt.NDArray[np.int8],
    dx: float,
    dy: float,
    samples: int,
    crest_width: float,
    slope: float,
    freeboard: float,
    parts: int,
    volume: Float32,
    area: Float32,
    dam: Float32,
    crest: Float32,
    caps: Float64,
    by: Int32,
) -> None:
    """Fill volume, area, dam body and crest length of each site, and its caps.

    Parameters
    ----------
    dem, filled, towards, position, barred
        (rows, cols); ``barred`` may be (0, 0).
    order, z, size, first, last, bar
        In drainage order; ``bar`` may be (0,).
    start, axis
        (n,): place of the foot, axis (-1 the D8 wall).
    samples
        Most samples along half an axis.
    parts
        Pieces of the work, at least one a thread; the result does not hang on it.
    volume, area, dam, crest
        Results, (n, heights). [m³], [m²], [m³], [m]; NaN where no dam closes the valley.
    caps, by
        Results, (n, 2): highest level that keeps off barred ground (bits 1 and 2) [m] and
        the flat cell that sets it, -1 = none.
    """
    cols = dem.shape[1]
    step = min(dx, dy)
    heights = volume.shape[1]
    for part in numba.prange(parts):
        count, depth, water, surface, body, long = room(heights)
        ground = np.empty(samples)
        ends, bodies = np.empty((2, heights)), np.empty((2, heights))
        sums = np.empty((2, heights, 3))
        axes = np.empty(1, np.int64)
        for i in range(part, start.size, parts):
            at = start[i]
            stop = at + size[at]
            base = np.float64(z[at])
            row, col = divmod(order[at], cols)
            caps[i, :] = heights - 1
            first_barred(order, z, size, bar, at, stop, caps[i], by[i])
            walk(z, size, at, stop, count, depth)
            body[:] = 0.0
            long[:] = 0.0
            axes[0] = axis[i]
            if axes[0] >= 0:
                east, south = direction(axes[0])
                straight(
                    dem, row, col, east, south, dx, dy, base, crest_width, slope, freeboard,
                    ground, bodies, ends, body, long,
                )  # fmt: skip
                turn = upstream(towards, row, col, east, south, dx, dy)
                if turn != 0.0:
                    correct(
                        filled, dem, position, barred, at, stop, row, col, east, south, turn,
                        dx, dy, base, freeboard, (samples - 1) * step, count, depth,
                        caps[i], by[i],
                    )  # fmt: skip
            leak = edges(
                filled, order, position, z, size, first, last, at, stop, dx, dy, freeboard,
                axes, ends, sums,
            )  # fmt: skip
            build(sums, WALL if axes[0] < 0 else 1, crest_width, slope, freeboard, body, long)
            fill(count, depth, dx * dy, water, surface)
            volume[i, :] = water
            area[i, :] = surface
            closed_only(body, long, leak, dam[i], crest[i])
