"""Crests of a height field by profiles, and the way they run.

After the profile recognition of Chang, Song and Hsu (1998) and the surface-specific points
of Peucker and Douglas (1975): through each cell run four profiles (W-E, N-S and the two
diagonals). A cell is a crest when on one of them the ground falls by ``drop`` to both
sides within the reach before it rises above the cell, and rises less than ``drop`` along
the perpendicular over the same distance: on a cone or the nose of a spur the ground falls
to both sides as well, and there it rises more. Of level cells in a row the first in raster
order is the crest. A diagonal counts only where none of the four neighbours is higher.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def _fall(
    z: npt.NDArray[np.float32],
    rows: int,
    cols: int,
    r: int,
    c: int,
    dr: int,
    dc: int,
    steps: int,
    drop: float,
    first: bool,
) -> int:
    """Return after how many steps the ground has fallen by ``drop``, -1 if it rises first.

    ``first`` marks the side that precedes the cell in raster order: an equal height there
    takes the crest away.
    """
    here = z[r * cols + c]
    for s in range(1, steps + 1):
        rr = r + s * dr
        cc = c + s * dc
        if rr < 0 or rr >= rows or cc < 0 or cc >= cols:
            return -1
        there = z[rr * cols + cc]
        if not there <= here or (first and there == here):
            return -1  # higher, level on the first side, or unknown
        if here - there >= drop:
            return s
    return -1


@numba.njit(cache=True)
def _rise(
    z: npt.NDArray[np.float32], rows: int, cols: int, r: int, c: int, dr: int, dc: int
) -> float:
    """Return how far the cell at an offset stands above (r, c), 0 where unknown. [m]."""
    rr = r + dr
    cc = c + dc
    if rr < 0 or rr >= rows or cc < 0 or cc >= cols:
        return 0.0
    up = float(z[rr * cols + cc] - z[r * cols + c])
    return up if up > 0.0 else 0.0  # noqa: FURB136 - an unknown height is no rise


@numba.njit(cache=True)
def _tops_its_neighbours(z: npt.NDArray[np.float32], rows: int, cols: int, r: int, c: int) -> bool:
    """Return whether none of the four neighbours stands higher; False at the rim."""
    if r == 0 or c == 0 or r + 1 == rows or c + 1 == cols:
        return False
    i = r * cols + c
    top = z[i]
    level = z[i - cols] <= top and z[i - 1] <= top
    return bool(level and z[i + 1] <= top and z[i + cols] <= top)


@numba.njit(cache=True)
def _is_crest(
    z: npt.NDArray[np.float32],
    rows: int,
    cols: int,
    r: int,
    c: int,
    straight: int,
    diagonal: int,
    drop: float,
) -> bool:
    for axis in range(4):
        # the half axis that points back in raster order: north, west, north-west, north-east
        dr = 0 if axis == 1 else -1
        dc = (0, -1, -1, 1)[axis]
        steps = straight if axis < 2 else diagonal
        if axis == 2 and not _tops_its_neighbours(z, rows, cols, r, c):
            break  # a diagonal steps over a crest that runs between its cells
        one = _fall(z, rows, cols, r, c, dr, dc, steps, drop, True)
        if one < 0:
            continue
        two = _fall(z, rows, cols, r, c, -dr, -dc, steps, drop, False)
        if two < 0:
            continue
        s = max(one, two)
        # turned by 90 degrees
        along = _rise(z, rows, cols, r, c, s * dc, -s * dr)
        back = _rise(z, rows, cols, r, c, -s * dc, s * dr)
        if max(along, back) < drop:
            return True
    return False


@numba.njit(cache=True, parallel=True)
def crests(
    z: npt.NDArray[np.float32],
    wanted: npt.NDArray[np.uint8],
    rows: int,
    cols: int,
    straight: int,
    diagonal: int,
    drop: float,
    out: npt.NDArray[np.uint8],
) -> None:
    """Mark the wanted cells that are crests.

    Parameters
    ----------
    z
        Height, flat, NaN = unknown. [m]
    wanted
        1 = look here.
    straight, diagonal
        Reach of a profile to each side, along an axis and along a diagonal. [cells]
    drop
        Fall to both sides. [m]
    out
        Receives 1 on crests, 0 elsewhere.
    """
    for row in numba.prange(rows):
        r = int(np.int64(row))  # of uint64 numba would build all it calls a second time
        for c in range(cols):
            i = r * cols + c
            out[i] = 0
            if wanted[i] != 0 and _is_crest(z, rows, cols, r, c, straight, diagonal, drop):
                out[i] = 1


@numba.njit(cache=True)
def strike(
    crest: npt.NDArray[np.uint8], rows: int, cols: int, r: int, c: int, reach: int, least: float
) -> float:
    """Return the way the crest cells round (r, c) run, NaN where they run no one way.

    Principal axis of the crest cells within a disc of ``reach`` cells, taken about the cell
    itself, from whole-number moments: exact, and the same wherever the grid begins.

    Parameters
    ----------
    least
        Least anisotropy (l1 - l2) / (l1 + l2) of the two moments, 0-1.

    Returns
    -------
    float
        Angle from the east axis towards the south (columns towards rows), 0 to pi. [rad]
    """
    xx = 0
    yy = 0
    xy = 0
    for y in range(max(-reach, -r), min(reach, rows - 1 - r) + 1):
        for x in range(max(-reach, -c), min(reach, cols - 1 - c) + 1):
            if x * x + y * y <= reach * reach and crest[(r + y) * cols + c + x] != 0:
                xx += x * x
                yy += y * y
                xy += x * y
    if xx + yy == 0:
        return math.nan
    spread = math.hypot(float(xx - yy), 2.0 * xy)
    if spread < least * (xx + yy):
        return math.nan
    angle = 0.5 * math.atan2(2.0 * xy, float(xx - yy))
    return angle if angle >= 0.0 else angle + math.pi
