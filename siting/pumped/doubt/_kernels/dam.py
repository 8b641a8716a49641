"""Body and crest of a dam on the ground of every draw."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]


@numba.njit(cache=True)
def straight(
    rise: Float32,
    error: Float32,
    shift: Float32,
    arm: Int32,
    step: float,
    crest: float,
    width: float,
    batter: float,
    out: Float64,
) -> None:
    """Fill body and crest length of a dam on a straight axis, draw by draw.

    Parameters
    ----------
    rise, error
        Ground above the foot (n,) and its error (n, draws) at points along the axis, arm
        after arm, each from the foot outwards. [m]
    shift
        Error at the foot, (draws,). [m]
    arm
        First point of each arm, and one past the last point.
    step
        Between two points; the ground is linear between them. [m]
    crest, width
        Height of the crest above the foot, its width. [m]
    batter
        Mean of both faces, horizontal to 1 vertical. [-]
    out
        Result (2, draws): body [m³], crest length [m]; an arm ends where the ground first
        reaches the crest, NaN where it never does.
    """
    for d in range(shift.size):
        body, length = 0.0, 0.0
        for a in range(arm.size - 1):
            before = crest
            closed = False
            for n in range(arm[a], arm[a + 1]):
                depth = crest - (float(rise[n]) + float(error[n, d]) - float(shift[d]))
                run = step
                if depth <= 0.0:
                    run = before / (before - depth) * step
                    depth = 0.0
                    closed = True
                if n > arm[a]:
                    square = before * before + before * depth + depth * depth
                    body += run * (width * (before + depth) / 2.0 + batter * square / 3.0)
                    length += run
                if closed:
                    break
                before = depth
            if not closed:
                body, length = np.nan, np.nan
        out[0, d] = body
        out[1, d] = length


@numba.njit(cache=True)
def border(
    cell: Int32,
    first: int,
    last: int,
    position: Int32,
    filled: Float32,
    shape: tuple[int, int],
    place: Float64,
    base: Float32,
    side: npt.NDArray[np.uint8],
) -> int:
    """List the edges between cells of a catchment and ground outside it.

    Parameters
    ----------
    cell
        Cells of the catchment that are looked at, (n,).
    first, last
        Slice of the catchment in the drainage order.
    position, filled, shape
        Place in that order, surface [m], rows and columns.
    place, base, side
        Results, or ``base`` empty to count: row and column of the middle of each edge from
        the centre of the first cell, higher ground [m], 1 = edge along a column.
    """
    rows, cols = shape
    n = 0
    for i in range(cell.size):
        row = cell[i] // cols
        col = cell[i] - row * cols
        for k in range(4):
            dr = (0, 1, 0, -1)[k]
            dc = (1, 0, -1, 0)[k]
            r, c = row + dr, col + dc
            if r < 0 or c < 0 or r >= rows or c >= cols:
                continue
            beside = r * cols + c
            if position[beside] < 0 or first <= position[beside] < last:
                continue
            if base.size:
                place[n, 0] = row + 0.5 * dr
                place[n, 1] = col + 0.5 * dc
                base[n] = max(filled[cell[i]], filled[beside])
                side[n] = dc != 0
            n += 1
    return n


@numba.njit(cache=True)
def edged(
    rise: Float32,
    error: Float32,
    shift: Float32,
    length: Float32,
    crest: float,
    width: float,
    batter: float,
    out: Float64,
) -> None:
    """Fill body and length of a wall along cell edges, draw by draw.

    Parameters
    ----------
    rise, error
        Higher ground of the two cells of each edge above the foot (n,), its error
        (n, draws). [m]
    length
        Of each edge, (n,). [m]
    shift, crest, width, batter
        As of a straight dam.
    out
        Result (2, draws): body [m³], length [m].
    """
    out[:] = 0.0
    for n in range(rise.size):
        for d in range(shift.size):
            depth = crest - (float(rise[n]) + float(error[n, d]) - float(shift[d]))
            if depth > 0.0:
                out[0, d] += float(length[n]) * depth * (width + batter * depth)
                out[1, d] += float(length[n])
