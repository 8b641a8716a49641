"""Kernel of the screening: patterns by a hash table."""

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
