"""Reservoirs of the atlas rules: points on streams, then a histogram per metre behind each.

Members of a catchment are one slice of the drainage order. The filled surface never falls
upstream, so a cell as high as the top of the walk ends its whole sub-catchment.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Int16 = npt.NDArray[np.int16]

#: Ground of a void cell.
VOID = -32768
#: Neighbours E, SE, S, SW, W, NW, N, NE: step in columns and in rows.
STEP_COL = (1, 1, 0, -1, -1, -1, 0, 1)
STEP_ROW = (0, 1, 1, 1, 0, -1, -1, -1)


@numba.njit(cache=True)
def points(
    filled: Float32,
    direction: Bytes,
    cells: Int32,
    barred: Bytes,
    shape: tuple[int, int],
    least: int,
    contour: float,
    found: Int32,
) -> int:
    """List the stream cells whose bed crosses a contour on the way to the next cell.

    Parameters
    ----------
    filled, direction, cells, barred
        Surface [m], receiver, catchment [cells] and mask of each cell (rows x columns,).
    shape
        Rows and columns.
    least
        Cells of the least catchment.
    contour
        Step of the levels. [m]
    found
        Result, or empty: only counted.

    Returns
    -------
    int
        How many there are.
    """
    n = 0
    cols = shape[1]
    for cell in range(filled.size):
        if cells[cell] < least or barred[cell] or direction[cell] > 7:
            continue
        k = direction[cell]
        below = filled[cell + STEP_ROW[k] * cols + STEP_COL[k]]
        if math.floor(filled[cell] / contour) > math.floor(below / contour):
            if found.size:
                found[n] = cell
            n += 1
    return n


@numba.njit(cache=True)
def section(height: float, freeboard: float, crest: float, batter: float) -> float:
    """Return the section of a wall of ``height`` [m] with its freeboard [m], both faces alike."""
    whole = height + freeboard
    return whole * (crest + batter * whole)


@numba.njit(cache=True)
def flood(
    foot: int,
    order: Int32,
    position: Int32,
    cells: Int32,
    filled: Float32,
    ground: Int16,
    barred: Bytes,
    shape: tuple[int, int],
    cell: tuple[float, float],
    steps: tuple[int, int],
    safe: int,
    count: npt.NDArray[np.int64],
    edge: npt.NDArray[np.float64],
    far: npt.NDArray[np.int64],
    far_cell: Int32,
) -> tuple[int, int]:
    """Count the cells behind a foot by height, its wall, and its farthest cells each way.

    Arguments as in :func:`reservoirs`; ``count``, ``edge`` (heights in metres,), ``far`` and
    ``far_cell`` (8, heights) are filled. Returns the cells of the lake and its cap [m].
    """
    step, heights = steps
    top = step * heights
    rows, cols = shape
    base = int(ground[foot])
    first = position[foot]
    last = first + cells[foot]
    lowest = int(top)
    members = 0
    limit = filled[foot] + top + 1.0
    at = first
    while at < last:
        here = order[at]
        if filled[here] >= limit:
            at += cells[here]
            continue
        at += 1
        rise = max(int(ground[here]) - base, 0)
        if rise >= top:
            continue
        members += 1
        if members > safe:
            break
        count[rise] += 1
        row = here // cols
        col = here - row * cols
        rim = row == 0 or col == 0 or row == rows - 1 or col == cols - 1
        if rim or barred[here]:
            lowest = min(lowest, rise)
        if not rim:
            for k in range(0, 8, 2):
                beside = here + STEP_ROW[k] * cols + STEP_COL[k]
                if ground[beside] == VOID:
                    lowest = min(lowest, rise)
                elif not first <= position[beside] < last:
                    high = max(rise, int(ground[beside]) - base)
                    if high < top:
                        edge[high] += cell[1] if k % 4 == 0 else cell[0]
        band = rise // step
        for k in range(8):
            reach = STEP_ROW[k] * row + STEP_COL[k] * col
            if reach > far[k, band]:
                far[k, band] = reach
                far_cell[k, band] = here
    return members, lowest


@numba.njit(cache=True, parallel=True)
def reservoirs(
    point: Int32,
    order: Int32,
    position: Int32,
    cells: Int32,
    filled: Float32,
    ground: Int16,
    barred: Bytes,
    shape: tuple[int, int],
    cell: tuple[float, float],
    steps: tuple[int, int],
    wall: tuple[float, float, float],
    safe: int,
    area: npt.NDArray[np.float64],
    water: Float32,
    dam: Float32,
    cap: Float32,
    lake: Int32,
    extreme: Int32,
) -> None:
    """Model the reservoir behind each point at every wall height.

    Parameters
    ----------
    point
        Cell of each dam foot (n,).
    order, position, cells, filled
        Drainage of the grid, flat.
    ground
        Ground in whole metres, :data:`VOID` = unknown. [m]
    barred
        Mask that no water may touch.
    shape, cell
        Rows and columns; width and height of a cell. [m]
    steps
        Step of the heights [m], and how many there are.
    wall
        Freeboard [m], crest width [m], batter of both faces [-].
    safe
        Most cells of a lake; beyond it ``lake`` is -1 and the point has no curve.
    area
        Area of a cell at each point. [m²]
    water, dam
        Results (n, heights): water behind the wall, and the wall. [m³]
    cap
        Result: lowest height at which barred ground or the rim of the data floods. [m]
    lake
        Result: cells below the highest level.
    extreme
        Result (n, heights, 8): cell of the lake that reaches farthest each way.
    """
    step, heights = steps
    top = step * heights
    for which in numba.prange(point.size):
        foot = point[which]
        count = np.zeros(top, np.int64)
        edge = np.zeros(top)
        far = np.full((8, heights), -(1 << 40), np.int64)
        far_cell = np.full((8, heights), foot, np.int32)
        members, lowest = flood(
            foot, order, position, cells, filled, ground, barred, shape, cell, steps, safe,
            count, edge, far, far_cell,
        )  # fmt: skip
        lake[which] = -1 if members > safe else members
        cap[which] = lowest
        wet, depth = 0, 0
        for h in range(1, top + 1):
            wet += count[h - 1]
            depth += wet
            if h % step:
                continue
            band = h // step - 1
            body = 0.0
            for k in range(h):
                if edge[k] > 0.0:
                    body += edge[k] * section(float(h - k), wall[0], wall[1], wall[2])
            water[which, band] = depth * area[which]
            dam[which, band] = body
            for k in range(8):
                if band > 0 and far[k, band - 1] > far[k, band]:
                    far[k, band] = far[k, band - 1]
                    far_cell[k, band] = far_cell[k, band - 1]
                extreme[which, band, k] = far_cell[k, band]
