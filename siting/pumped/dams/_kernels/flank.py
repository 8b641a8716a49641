"""The ground between a straight axis and the edge of the catchment behind it."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from siting.pumped.dams._kernels.axes import ground_at
from siting.pumped.dams._kernels.steps import STEP_COLS, STEP_ROWS
from siting.pumped.dams._kernels.wall import FLANK_CELLS, FLANK_SLOPE

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Uint8 = npt.NDArray[np.uint8]

#: Cells that the bed is followed to tell which side of an axis is downstream.
BED_CELLS = 8


@numba.njit(cache=True, nogil=True)
def upstream(
    towards: Uint8, row: int, col: int, east: float, south: float, dx: float, dy: float
) -> float:
    """Return on which side of an axis the lake lies: 1, -1, or 0 where the bed follows it."""
    x = 0.0
    y = 0.0
    for _ in range(BED_CELLS):
        d = towards[row, col]
        if d > 7:
            break
        step_c = STEP_COLS[d]
        step_r = STEP_ROWS[d]
        row += step_r
        col += step_c
        x += step_c * dx
        y += step_r * dy
    u = y * east - x * south
    if u > 0.0:
        return -1.0
    return 1.0 if u < 0.0 else 0.0


@numba.njit(cache=True, nogil=True)
def lower(bits: int, level: float, cell: int, caps: Float64, by: Int32) -> None:
    """Lower the caps of the bits that are set to ``level`` [m], and note the cell."""
    for bit in range(2):
        if bits & (bit + 1) and level < caps[bit]:
            caps[bit] = level
            by[bit] = cell


@numba.njit(cache=True, nogil=True)
def add_ray(
    filled: Float32,
    position: Int32,
    barred: Uint8,
    start: int,
    stop: int,
    y: float,
    x: float,
    east: float,
    south: float,
    turn: float,
    wide: float,
    dx: float,
    dy: float,
    base: float,
    axis: float,
    flood: Float64,
    low: Float64,
    count: Float64,
    depth: Float64,
    caps: Float64,
    by: Int32,
) -> None:
    """Add the ground outside the catchment that one ray meets upstream of the axis.

    Parameters as in :func:`correct`; (``y``, ``x``) is the ray's place on the axis in rows and
    columns, ``wide`` its length [m], ``axis`` the highest ground of the axis so far [m],
    ``flood`` and ``low`` are room for its samples.
    """
    rows, cols = filled.shape
    step = min(dx, dy) / 2.0
    part = step * step / (dx * dy)
    top = count.size - 1
    run = axis
    found = 0
    closed = False
    m = 0
    while (m + 0.5) * step <= wide:
        u = turn * (m + 0.5) * step
        m += 1
        r = math.floor(y + u * east / dy + 0.5)
        c = math.floor(x - u * south / dx + 0.5)
        if r < 0 or r >= rows or c < 0 or c >= cols or position[r, c] < 0:
            break
        if start <= position[r, c] < stop:
            closed = True
            break
        g = np.float64(filled[r, c]) - base
        run = max(run, g)
        if run >= top:
            closed = True
            break
        flood[found] = run
        low[found] = g
        found += 1
        if barred.size > 0:
            lower(barred[r, c], max(run, 0.0), r * cols + c, caps, by)
    if closed:
        for n in range(found):
            h = max(math.floor(flood[n]) + 1, 1)
            count[h] += part
            depth[h] += part * low[n]


@numba.njit(cache=True, nogil=True)
def take_ray(
    filled: Float32,
    position: Int32,
    start: int,
    stop: int,
    y: float,
    x: float,
    east: float,
    south: float,
    turn: float,
    wide: float,
    dx: float,
    dy: float,
    base: float,
    count: Float64,
    depth: Float64,
) -> None:
    """Take away the cells of the catchment that one ray meets downstream of the axis.

    Parameters as in :func:`add_ray`.
    """
    rows, cols = filled.shape
    step = min(dx, dy) / 2.0
    part = step * step / (dx * dy)
    top = count.size - 1
    m = 0
    while (m + 0.5) * step <= wide:
        u = turn * (m + 0.5) * step
        m += 1
        r = math.floor(y + u * east / dy + 0.5)
        c = math.floor(x - u * south / dx + 0.5)
        if r < 0 or r >= rows or c < 0 or c >= cols:
            break
        if not start <= position[r, c] < stop:
            break
        g = np.float64(filled[r, c]) - base
        if g >= top:
            break
        h = int(g) + 1
        count[h] -= part
        depth[h] -= part * g


@numba.njit(cache=True, nogil=True)
def correct(
    filled: Float32,
    dem: Float32,
    position: Int32,
    barred: Uint8,
    start: int,
    stop: int,
    row: int,
    col: int,
    east: float,
    south: float,
    turn: float,
    dx: float,
    dy: float,
    base: float,
    freeboard: float,
    reach: float,
    count: Float64,
    depth: Float64,
    caps: Float64,
    by: Int32,
) -> None:
    """Move the edge of the lake from that of the catchment to the axis, ray by ray.

    Each ray leaves the axis at a right angle. Upstream, ground outside the catchment is
    added up to the first cell of the catchment or ground above all levels, once the highest
    ground so far floods; a ray that meets neither adds nothing. Downstream, cells of the
    catchment are taken away up to its edge.

    Parameters
    ----------
    filled, dem, position
        (rows, cols).
    barred
        Bits of barred ground, (rows, cols) or (0, 0).
    start, stop
        Slice of the catchment.
    row, col, east, south, turn
        Foot, unit vector of the axis, side on which the lake lies.
    base
        Foot. [m]
    freeboard, reach
        Crest above the level; longest half of the axis. [m]
    count, depth
        Histogram of :func:`siting.pumped.dams._kernels.lake.walk`, changed.
    caps, by
        (2,): level above the foot [m] and flat cell that keeps the lake and the dam off
        barred ground (bits 1 and 2), lowered.
    """
    cols = filled.shape[1]
    step = min(dx, dy) / 2.0
    top = count.size - 1
    cell = max(dx, dy)
    across = int(2.0 * (FLANK_SLOPE * reach + FLANK_CELLS * cell) / step) + 2
    flood = np.empty(across, np.float64)
    low = np.empty(across, np.float64)
    for half in range(2):
        sign = 1.0 - 2.0 * half
        axis = 0.0
        k = 0
        while (k + 0.5) * step <= reach:
            t = (k + 0.5) * step
            k += 1
            x = sign * t * east / dx + col
            y = sign * t * south / dy + row
            ground = ground_at(dem, y, x) - base
            if math.isnan(ground):
                break
            # beyond a ridge of the axis neither dam nor lake goes on until the ridge floods
            axis = max(axis, ground)
            if axis >= top + freeboard:
                break
            if barred.size > 0:
                r = math.floor(y + 0.5)
                c = math.floor(x + 0.5)
                lower(barred[r, c], max(axis - freeboard, 0.0), r * cols + c, caps, by)
            wide = FLANK_SLOPE * t + FLANK_CELLS * cell
            add_ray(
                filled, position, barred, start, stop, y, x, east, south, turn, wide, dx, dy,
                base, axis, flood, low, count, depth, caps, by,
            )  # fmt: skip
            take_ray(
                filled, position, start, stop, y, x, east, south, -turn, wide, dx, dy,
                base, count, depth,
            )  # fmt: skip
