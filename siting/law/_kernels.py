"""Kernels of the screening: patterns by a hash table, and buffered lines by cell."""

import math

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def number_patterns(
    hit: npt.NDArray[np.uint64],
    unknown: npt.NDArray[np.uint64],
    zones: npt.NDArray[np.uint8],
    slots: npt.NDArray[np.int32],
    pattern_hit: npt.NDArray[np.uint64],
    pattern_unknown: npt.NDArray[np.uint64],
    cells: npt.NDArray[np.int64],
    found: int,
    index: npt.NDArray[np.uint16],
) -> int:
    """Give each distinct word a number in scan order, and count it.

    Parameters
    ----------
    hit, unknown, zones
        Words and zone of each cell [n]; zone 0 is outside the region.
    slots
        Open-addressing table, length a power of two, -1 = free; kept between calls.
    pattern_hit, pattern_unknown, cells
        Words and count of each pattern [capacity]; kept between calls.
    found
        Patterns known before this call.
    index
        Result [n]: pattern of each cell, 65535 outside.

    Returns
    -------
    int
        Patterns known after this call, or -1 when the capacity is exceeded.
    """
    last = np.int64(slots.size - 1)
    capacity = pattern_hit.size
    previous = np.int64(-1)
    for i in range(hit.size):
        if zones[i] == 0:
            index[i] = 65535
            continue
        h = hit[i]
        u = unknown[i]
        # Neighbours mostly share their pattern: skip the hash for a run of equal cells.
        if previous >= 0 and pattern_hit[previous] == h and pattern_unknown[previous] == u:
            index[i] = previous
            cells[previous] += 1
            continue
        mixed = h * np.uint64(0x9E3779B97F4A7C15) ^ (u + np.uint64(0x7F4A7C15)) * np.uint64(
            0xC2B2AE3D27D4EB4F
        )
        mixed ^= mixed >> np.uint64(29)
        slot = np.int64(mixed & np.uint64(last))
        while slots[slot] >= 0 and (
            pattern_hit[slots[slot]] != h or pattern_unknown[slots[slot]] != u
        ):
            slot = (slot + 1) & last
        if slots[slot] < 0:
            if found == capacity:
                return -1
            slots[slot] = found
            pattern_hit[found] = h
            pattern_unknown[found] = u
            found += 1
        previous = np.int64(slots[slot])
        index[i] = previous
        cells[previous] += 1
    return found


@numba.njit(cache=True)
def burn_segments(
    x0: npt.NDArray[np.float64],
    y0: npt.NDArray[np.float64],
    x1: npt.NDArray[np.float64],
    y1: npt.NDArray[np.float64],
    reach: npt.NDArray[np.float64],
    dx: float,
    dy: float,
    holds: npt.NDArray[np.uint8],
) -> None:
    """Set every cell whose centre lies within ``reach`` of a segment (exact, round ends).

    Parameters
    ----------
    x0, y0, x1, y1
        Ends of the segments [n], in metres east and south of the first cell's centre.
    reach
        Buffer of each segment [n]. [m]
    dx, dy
        Cell size. [m]
    holds
        Result (rows, cols): 1 inside, else left as it is.
    """
    rows, cols = holds.shape
    for i in range(x0.size):
        b = reach[i]
        vx = x1[i] - x0[i]
        vy = y1[i] - y0[i]
        length2 = vx * vx + vy * vy
        low = min(y0[i], y1[i]) - b
        high = max(y0[i], y1[i]) + b
        first = max(math.ceil(low / dy), 0)
        last = min(math.floor(high / dy), rows - 1)
        for row in range(first, last + 1):
            y = row * dy
            # Only the piece of the segment within b of this row can reach its cells.
            t0 = 0.0
            t1 = 1.0
            if vy != 0.0:
                ta = (y - b - y0[i]) / vy
                tb = (y + b - y0[i]) / vy
                t0 = max(t0, min(ta, tb))
                t1 = min(t1, max(ta, tb))
                if t0 > t1:
                    continue
            xa = x0[i] + t0 * vx
            xb = x0[i] + t1 * vx
            start = max(math.floor((min(xa, xb) - b) / dx), 0)
            stop = min(math.ceil((max(xa, xb) + b) / dx), cols - 1)
            for col in range(start, stop + 1):
                px = col * dx - x0[i]
                py = y - y0[i]
                t = 0.0
                if length2 > 0.0:
                    t = min(max((px * vx + py * vy) / length2, 0.0), 1.0)
                ex = px - t * vx
                ey = py - t * vy
                if ex * ex + ey * ey <= b * b:
                    holds[row, col] = 1
