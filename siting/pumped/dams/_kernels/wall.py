"""The edge of a flooded catchment: the D8 wall, and saddles beside a straight axis."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from siting.pumped.dams._kernels.axes import direction

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

#: Row of the D8 wall in the sums; the saddles of the straight axes follow.
WALL = 0
#: An edge belongs to the flank of an axis within this slope of it, and so many cells.
FLANK_SLOPE = 2.0
FLANK_CELLS = 2.0
#: An edge belongs to the flank up to this multiple of the distance at which the axis is as high.
FLANK_REACH = 1.25


@numba.njit(cache=True, nogil=True)
def vertex(ground: Float32, r: int, c: int, br: int, bc: int, sr: int, sc: int) -> float:
    """Return the ground where four cells meet, no higher than the way through a diagonal.

    (r, c) and (br, bc) are the two cells of an edge, (sr, sc) the step along it. A gully that
    leaves through a corner has its bed there, not the mean of the banks; NaN at voids.
    """
    rows, cols = ground.shape
    if r + sr < 0 or r + sr >= rows or c + sc < 0 or c + sc >= cols:
        return math.nan
    a = np.float64(ground[r, c])
    b = np.float64(ground[br, bc])
    a2 = np.float64(ground[r + sr, c + sc])
    b2 = np.float64(ground[br + sr, bc + sc])
    return min((a + b + a2 + b2) / 4.0, max(a, b2), max(b, a2))


@numba.njit(cache=True, nogil=True)
def add(sums: Float64, row: int, weight: float, p: float, freeboard: float) -> None:
    """Add a piece of wall on ground ``p`` above the foot, from the first level that needs it."""
    h = max(math.floor(p - freeboard) + 1, 1)
    if h < sums.shape[1]:
        sums[row, h, 0] += weight
        sums[row, h, 1] += weight * p
        sums[row, h, 2] += weight * p * p


@numba.njit(cache=True, nogil=True)
def piece(
    sums: Float64, row: int, long: float, one: float, middle: float, two: float, freeboard: float
) -> None:
    """Add a wall of ``long`` metres on ground known at both ends and in its middle [m]."""
    add(sums, row, long / 4.0, one, freeboard)
    add(sums, row, long / 2.0, middle, freeboard)
    add(sums, row, long / 4.0, two, freeboard)


@numba.njit(cache=True, nogil=True)
def crossed(
    filled: Float32, r: int, c: int, step_r: int, step_c: int, base: float, above: float
) -> tuple[float, float, float]:
    """Return the ground above the foot at one end, the middle and the other end of an edge. [m].

    The edge lies between (r, c), which is ``above`` the foot, and the cell one step on; no
    wall stands lower than the lake's own cell.
    """
    br, bc = r + step_r, c + step_c
    middle = max((above + np.float64(filled[br, bc]) - base) / 2.0, above)
    one = vertex(filled, r, c, br, bc, step_c, step_r) - base
    two = vertex(filled, r, c, br, bc, -step_c, -step_r) - base
    one = middle if math.isnan(one) else max(one, above)
    two = middle if math.isnan(two) else max(two, above)
    return one, float(middle), two


@numba.njit(cache=True, nogil=True)
def is_flank(
    t: float, u: float, p: float, cell: float, freeboard: float, near: Float64, far: Float64
) -> bool:
    """Return whether an edge is closed by the axis: it lies beside it, within its length.

    Parameters
    ----------
    t, u
        Place of the edge along and across the axis, from the foot. [m]
    p
        Ground of the edge above the foot. [m]
    near, far
        Distance at which either side (t >= 0, t < 0) meets each level. [m]
    """
    if abs(u) > FLANK_SLOPE * abs(t) + FLANK_CELLS * cell:
        return False
    h = min(max(math.floor(p - freeboard) + 1, 1), near.size - 1)
    end = near[h] if t >= 0.0 else far[h]
    return bool(abs(t) <= FLANK_REACH * end + FLANK_CELLS * cell)


@numba.njit(cache=True, nogil=True)
def edges(
    filled: Float32,
    order: Int32,
    position: Int32,
    z: Float32,
    size: Int32,
    first: Int32,
    last: Int32,
    start: int,
    stop: int,
    dx: float,
    dy: float,
    freeboard: float,
    axes: Int64,
    ends: Float64,
    sums: Float64,
) -> float:
    """Walk the edge of a flooded catchment and add up the wall that it needs.

    Parameters
    ----------
    filled, position
        Of the drainage, (rows, cols).
    order, z, size, first, last
        In drainage order (:func:`siting.pumped.dams._kernels.in_order.lay_out`).
    start, stop
        Slice of the catchment.
    axes
        Straight axes whose saddles are wanted, (k,); -1 = none.
    ends
        (2 k, heights): distance at which each half of an axis meets the crest. [m]
    sums
        Result, (1 + k, heights, 3): sums of w, w p and w p² of pieces that are first needed
        at that level; row 0 the whole wall, the others the saddles beside each axis. Cleared
        here.

    Returns
    -------
    float
        Highest level above the foot that keeps off voids and the rim. [m]
    """
    sums[:] = 0.0
    rows, cols = filled.shape
    base = np.float64(z[start])
    foot_r = order[start] // cols
    foot_c = order[start] - foot_r * cols
    top = sums.shape[1] - 1 + freeboard
    cell = max(dx, dy)
    leak = math.inf
    i = start
    while i < stop:
        above = np.float64(z[i]) - base
        if above >= top:
            i += size[i]
            continue
        if first[i] >= start and last[i] < stop:
            i += 1
            continue
        r = order[i] // cols
        c = order[i] - r * cols
        for k in range(4):
            step_r = (k == 1) - (k == 3)
            step_c = (k == 0) - (k == 2)
            br = r + step_r
            bc = c + step_c
            if br < 0 or br >= rows or bc < 0 or bc >= cols or position[br, bc] < 0:
                leak = min(leak, above)
                continue
            if start <= position[br, bc] < stop:
                continue
            one, middle, two = crossed(filled, r, c, step_r, step_c, base, above)
            long = dy if step_r == 0 else dx
            piece(sums, WALL, long, one, middle, two, freeboard)
            x = (c + 0.5 * step_c - foot_c) * dx
            y = (r + 0.5 * step_r - foot_r) * dy
            lowest = min(middle, one, two)
            if lowest >= top:
                continue
            for a in range(axes.size):
                if axes[a] < 0:
                    continue
                east, south = direction(axes[a])
                t = x * east + y * south
                u = y * east - x * south
                if is_flank(t, u, lowest, cell, freeboard, ends[2 * a], ends[2 * a + 1]):
                    continue
                piece(sums, a + 1, long, one, middle, two, freeboard)
        i += 1
    return leak


@numba.njit(cache=True, nogil=True)
def build(
    sums: Float64,
    row: int,
    crest_width: float,
    slope: float,
    freeboard: float,
    body: Float64,
    crest: Float64,
) -> None:
    """Add the wall of one row of sums to the body [m³] and crest length [m] of each level."""
    w = 0.0
    first = 0.0
    second = 0.0
    for h in range(body.size):
        w += sums[row, h, 0]
        first += sums[row, h, 1]
        second += sums[row, h, 2]
        y = h + freeboard
        body[h] += crest_width * (y * w - first)
        body[h] += slope * max(y * y * w - 2.0 * y * first + second, 0.0)
        crest[h] += w
