"""Marching squares: the closed rings around the part of a field above a level."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def links(
    field: npt.NDArray[np.float32],
    level: float,
    following: npt.NDArray[np.int64],
) -> int:
    """Write for each crossed lattice edge the next one; return the number of crossings.

    Edge ids: node index for the edge to the east, rows*cols + node index for the edge
    to the south, -1 = not crossed. High ground lies left of the walk. The field must be
    at or below ``level`` along its border.
    """
    rows, cols = field.shape
    south = rows * cols
    count = 0
    following[:] = -1
    for r in range(rows - 1):
        for c in range(cols - 1):
            i = r * cols + c
            nw = field[r, c] > level
            ne = field[r, c + 1] > level
            sw = field[r + 1, c] > level
            se = field[r + 1, c + 1] > level
            if nw == ne and nw == sw and nw == se:
                continue
            top = i
            bottom = i + cols
            left = south + i
            right = south + i + 1
            mean = 0.25 * (field[r, c] + field[r, c + 1] + field[r + 1, c] + field[r + 1, c + 1])
            saddle = nw == se and ne == sw
            if saddle:
                joined = mean > level
                if nw:
                    if joined:
                        following[right] = top
                        following[left] = bottom
                    else:
                        following[left] = top
                        following[right] = bottom
                elif joined:
                    following[top] = left
                    following[bottom] = right
                else:
                    following[top] = right
                    following[bottom] = left
                count += 2
                continue
            # one segment enters where high ground is on the left of the walk
            start = -1
            end = -1
            if nw != ne:
                if nw:
                    end = top
                else:
                    start = top
            if ne != se:
                if ne:
                    end = right
                else:
                    start = right
            if sw != se:
                if se:
                    end = bottom
                else:
                    start = bottom
            if nw != sw:
                if sw:
                    end = left
                else:
                    start = left
            following[start] = end
            count += 1
    return count


@numba.njit(cache=True)
def trace(
    field: npt.NDArray[np.float32],
    level: float,
    following: npt.NDArray[np.int64],
    points: npt.NDArray[np.float64],
    starts: npt.NDArray[np.int64],
) -> int:
    """Walk the links; write (col, row) of each vertex and the start of each ring.

    ``following`` is consumed. Returns the number of rings; ``starts`` has one more entry.
    """
    rows, cols = field.shape
    south = rows * cols
    n = 0
    rings = 0
    for first in range(following.size):
        if following[first] < 0:
            continue
        starts[rings] = n
        edge = first
        while following[edge] >= 0:
            node = edge if edge < south else edge - south
            r = node // cols
            c = node - r * cols
            a = field[r, c]
            if edge < south:
                t = (level - a) / (field[r, c + 1] - a)
                points[n, 0] = c + t
                points[n, 1] = r
            else:
                t = (level - a) / (field[r + 1, c] - a)
                points[n, 0] = c
                points[n, 1] = r + t
            n += 1
            nxt = following[edge]
            following[edge] = -1
            edge = nxt
        rings += 1
    starts[rings] = n
    return rings
