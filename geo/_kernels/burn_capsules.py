"""Round buffers of segments into rows of bits, exact, without a polygon between.

All points within ``reach`` of a segment form a capsule, which is convex: on each row it
covers one interval, the hull of those of its two discs and of its body. The interval comes
in closed form; where an end falls close to a cell centre, the centre's own distance decides.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from geo._kernels.burn_polygons import fill

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]

#: An end this close to a centre is decided by distance; far above the rounding of its root.
_CLOSE = 1e-4  # [cell]


@numba.njit(cache=True)
def near(px: float, py: float, vx: float, vy: float, length2: float, reach2: float) -> bool:
    """Return whether a point lies within reach of the segment from 0 to (vx, vy)."""
    t = 0.0
    if length2 > 0.0:
        t = min(max((px * vx + py * vy) / length2, 0.0), 1.0)
    ex, ey = px - t * vx, py - t * vy
    return ex * ex + ey * ey <= reach2


@numba.njit(cache=True)
def capsule(
    ax: float,
    ay: float,
    bx: float,
    by: float,
    reach: float,
    dx: float,
    dy: float,
    top: int,
    bottom: int,
    cols: int,
    bits: Bits,
) -> None:
    """Fill the cells of rows ``top`` .. ``bottom - 1`` within ``reach`` of one segment.

    Parameters
    ----------
    ax, ay, bx, by
        Its ends, east and south of the centre of the grid's first cell. [m]
    reach
        Buffer, above 0. [m]
    dx, dy
        Cell size. [m]
    bits
        Result: row 0 is row ``top``.
    """
    slack = _CLOSE * dy
    low, high = min(ay, by) - reach - slack, max(ay, by) + reach + slack
    first = int(max(math.ceil(low / dy), float(top)))
    last = int(min(math.floor(high / dy), float(bottom - 1)))
    west, east = min(ax, bx) - reach, max(ax, bx) + reach
    if first > last or east < -dx or west > cols * dx:
        return
    vx, vy = bx - ax, by - ay
    length2 = vx * vx + vy * vy
    reach2 = reach * reach
    per_vx = 1.0 / vx if vx != 0.0 else 0.0
    per_vy = 1.0 / vy if vy != 0.0 else 0.0
    side = reach * math.sqrt(length2) * abs(per_vy)
    for row in range(first, last + 1):
        y = row * dy
        start, stop = np.inf, -np.inf
        ha, hb = y - ay, y - by
        left = reach2 - ha * ha
        if left >= 0.0:
            half = math.sqrt(left)
            start, stop = ax - half, ax + half
        left = reach2 - hb * hb
        if left >= 0.0:
            half = math.sqrt(left)
            start, stop = min(start, bx - half), max(stop, bx + half)
        # the body: between the two long sides, and between the two ends
        p, q = -np.inf, np.inf
        if vy != 0.0:
            middle = ax + ha * vx * per_vy
            p, q = middle - side, middle + side
        elif abs(ha) > reach:
            q = -np.inf
        if vx != 0.0:
            one = ax - ha * vy * per_vx
            two = one + length2 * per_vx
            p, q = max(p, min(one, two)), min(q, max(one, two))
        elif not 0.0 <= ha * vy <= length2:
            q = -np.inf
        if p <= q and length2 > 0.0:
            start, stop = min(start, p), max(stop, q)
        if start > stop:
            continue
        start, stop = max(start / dx, -2.0), min(stop / dx, cols + 2.0)
        c0, c1 = math.ceil(start), math.floor(stop)
        # c0 - start is 0 just past a centre, 1 just before the next
        if not _CLOSE < c0 - start < 1.0 - _CLOSE:
            c0 = math.floor(start + 0.5)
            if not near(c0 * dx - ax, ha, vx, vy, length2, reach2):
                c0 += 1
        if not _CLOSE < stop - c1 < 1.0 - _CLOSE:
            c1 = math.floor(stop + 0.5)
            if not near(c1 * dx - ax, ha, vx, vy, length2, reach2):
                c1 -= 1
        fill(bits, row - top, max(c0, 0), min(c1 + 1, cols))


@numba.njit(cache=True)
def run_of_edges(
    xy: Float64,
    chunk: Int64,
    closed: bool,
    west: float,
    north: float,
    reach: float,
    dx: float,
    dy: float,
    top: int,
    bottom: int,
    cols: int,
    bits: Bits,
) -> None:
    """Fill the capsules of a run of edges.

    Parameters
    ----------
    xy
        Coordinates of all shapes (points, 2).
    chunk
        First and last + 1 end point of the run, first point of its path and last + 1.
    closed
        The path is a ring, its last point is joined to the first.
    west, north
        Centre of the grid's first cell.
    """
    start, stop, path, end = chunk[0], chunk[1], chunk[2], chunk[3]
    for i in range(start, stop):
        before = i - 1
        if i == path:
            before = end - 1 if closed else i
            same = xy[before, 0] == xy[i, 0] and xy[before, 1] == xy[i, 1]
            if same and end - path > 1:
                continue  # a path of several points has edges enough
        capsule(
            xy[before, 0] - west,
            north - xy[before, 1],
            xy[i, 0] - west,
            north - xy[i, 1],
            reach,
            dx,
            dy,
            top,
            bottom,
            cols,
            bits,
        )
