"""Bands of rows: which shapes reach each, and all of them into one bit of a plane.

A band is drawn in a small raster of bits that stays in the cache, then its bits go into the
plane. Bands share no row, so nothing depends on the number of threads.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from geo._kernels.burn_capsules import run_of_edges
from geo._kernels.burn_polygons import scan

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

#: Rows of a band.
ROWS = 64
#: Edges that are passed over together when none is near.
RUN = 64


@numba.njit(cache=True)
def runs(
    xy: Float64,
    paths: Int64,
    shapes: Int64,
    area: Bytes,
    chunks: Int64,
    bounds: Float64,
    owner: Int64,
    first: Int64,
) -> None:
    """Cut every path into runs of at most ``RUN`` edges.

    Parameters
    ----------
    xy, paths, shapes, area
        As parsed.
    chunks
        Result (n, 4): first and last + 1 end point, first point of the path and last + 1.
    bounds
        Result (n, 4): west, south, east, north.
    owner
        Result [n]: shape of each run.
    first
        Result [shapes + 1]: first run of each shape.
    """
    n = 0
    for shape in range(shapes.size - 1):
        first[shape] = n
        for path in range(shapes[shape], shapes[shape + 1]):
            begin, end = paths[path], paths[path + 1]
            for start in range(begin, end, RUN):
                stop = min(start + RUN, end)
                before = start - 1
                if start == begin:
                    before = end - 1 if area[shape] else begin
                west = east = xy[before, 0]
                south = north = xy[before, 1]
                for i in range(start, stop):
                    west, east = min(west, xy[i, 0]), max(east, xy[i, 0])
                    south, north = min(south, xy[i, 1]), max(north, xy[i, 1])
                chunks[n, 0], chunks[n, 1], chunks[n, 2], chunks[n, 3] = start, stop, begin, end
                bounds[n, 0], bounds[n, 1], bounds[n, 2], bounds[n, 3] = west, south, east, north
                owner[n] = shape
                n += 1
    first[shapes.size - 1] = n


@numba.njit(cache=True)
def listed(box: Float64, reach: Float64, frame: Float64, filled: Int64, members: Int64) -> int:
    """List by band the boxes that come within their reach of it.

    Parameters
    ----------
    box
        West, south, east, north (n, 4).
    reach
        Of each box, negative = in no band [n]. [m]
    frame
        West, south, east, north of the grid, height of a band. [m]
    filled
        Result [bands + 1]: start of each band's members, when ``members`` is large enough.
    members
        Result, or empty: only counted.

    Returns
    -------
    int
        How many members there are.
    """
    bands = filled.size - 1
    store = members.size > 0
    if not store:
        filled[:] = 0
    for i in range(reach.size):
        r = reach[i]
        if r < 0.0 or box[i, 0] - r > frame[2] or box[i, 2] + r < frame[0]:
            continue
        a = math.floor((frame[3] - box[i, 3] - r) / frame[4] - 1e-3)
        b = math.floor((frame[3] - box[i, 1] + r) / frame[4] + 1e-3)
        if b < 0.0 or a > bands - 1.0:
            continue
        for band in range(int(max(a, 0.0)), int(min(b, bands - 1.0)) + 1):
            if store:
                members[filled[band]] = i
                filled[band] += 1
            else:
                filled[band + 1] += 1
    if store:
        for band in range(bands, 0, -1):
            filled[band] = filled[band - 1]
        filled[0] = 0
    else:
        for band in range(bands):
            filled[band + 1] += filled[band]
    return int(filled[bands])


@numba.njit(cache=True)
def spread(bits: npt.NDArray[np.uint64], plane: Bytes, width: int, byte: int, flag: int) -> None:
    """Set ``flag`` in byte ``byte`` of each cell of ``width`` bytes whose bit is set."""
    rows = plane.shape[0]
    cols = plane.shape[1] // width
    one = np.uint64(1)
    for row in range(rows):
        for word in range(bits.shape[1]):
            w = bits[row, word]
            if w == 0:
                continue
            base = word * 64
            for j in range(min(64, cols - base)):
                set_here = np.uint8((w >> np.uint64(j)) & one)
                plane[row, (base + j) * width + byte] |= np.uint8(set_here * flag)


@numba.njit(cache=True)
def mark(where: Bytes, plane: Bytes, width: int, byte: int, flag: int) -> None:
    """Set ``flag`` in byte ``byte`` of each cell of ``width`` bytes that is marked with 1."""
    rows, cols = where.shape
    for row in range(rows):
        for first in range(0, cols, 64):
            part = where[row, first : first + 64]
            found = np.uint8(0)
            for j in range(part.size):
                found |= part[j]
            if found:  # nothing is written where nothing is marked
                for j in range(part.size):
                    plane[row, (first + j) * width + byte] |= np.uint8(part[j] * flag)


@numba.njit(cache=True, parallel=True)
def burn(
    xy: Float64,
    chunks: Int64,
    bounds: Float64,
    owner: Int64,
    first: Int64,
    area: Bytes,
    reach: Float64,
    to_pixel: Float64,
    centre: Float64,
    inside_of: Int64,
    inside: Int64,
    round_of: Int64,
    around: Int64,
    plane: Bytes,
    width: int,
    byte: int,
    flag: int,
) -> None:
    """Burn polygons and round buffers into one bit of a plane.

    Parameters
    ----------
    xy, chunks, bounds, owner, first, area
        Shapes and their runs of edges.
    reach
        Buffer of each shape. [m]
    to_pixel
        Offset and factor of x, then of y, to columns and rows.
    centre
        x and y of the centre of the first cell, cell width and height. [m]
    inside_of, inside
        By band: the polygons to fill.
    round_of, around
        By band: the runs to buffer.
    plane
        Result: bytes of the plane (rows, columns x ``width``).
    width, byte, flag
        Bytes of a cell, which of them, and what is set in it.
    """
    rows, cols = plane.shape[0], plane.shape[1] // width
    for band in numba.prange(inside_of.size - 1):
        b = int(np.int64(band))  # prange counts in uint64
        top = b * ROWS
        bottom = min(top + ROWS, rows)
        if inside_of[b] == inside_of[b + 1] and round_of[b] == round_of[b + 1]:
            continue
        bits = np.zeros((bottom - top, (cols + 63) // 64), dtype=np.uint64)
        for k in range(inside_of[b], inside_of[b + 1]):
            s = inside[k]
            scan(xy, to_pixel, chunks, bounds, first[s], first[s + 1], top, bottom, cols, bits)
        for k in range(round_of[b], round_of[b + 1]):
            c = around[k]
            s = owner[c]
            run_of_edges(
                xy, chunks[c], area[s] != 0, centre[0], centre[1], reach[s],
                centre[2], centre[3], top, bottom, cols, bits,
            )  # fmt: skip
        spread(bits, plane[top:bottom], width, byte, flag)
