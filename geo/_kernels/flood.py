"""Depressions filled by floods that start in their pits (integer levels).

A flood grows from a pit, always over the lowest cell of its shore, until it meets lower
ground or the rim of the data; what it passed below the level of that moment is raised to
it. Each flood runs on the surface left by those before it, so nested depressions rise
together, and the result is that of one priority flood from the rim (Barnes, Lehman and
Mulla 2014), cell by cell: it is nowhere higher, and leaves no pit. Ground without pits is
never visited.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from geo._kernels.d8 import FLAT

#: A flat that reaches lower ground or the rim at its own level.
DRAINED = 253
#: A flat that does not: the floor of a depression.
FLOOR = 252


@numba.njit(cache=True)
def cells_of(code: npt.NDArray[np.uint8], wanted: int, found: npt.NDArray[np.int32]) -> None:
    """Write the cells of a code in raster order; ``found`` has room for just these."""
    n = 0
    for cell in range(code.size):
        if code[cell] == wanted:
            found[n] = cell
            n += 1


@numba.njit(cache=True)
def find_pits(
    levels: npt.NDArray[np.int32],
    code: npt.NDArray[np.uint8],
    cols: int,
    flats: npt.NDArray[np.int32],
    queue: npt.NDArray[np.int32],
) -> int:
    """Write into ``queue`` the first cell of each flat without an outlet; return their number.

    ``flats`` are all cells of code FLAT; none of them lies at the edge of the grid.
    """
    around = (1, cols + 1, cols, cols - 1, -1, -cols - 1, -cols, -cols + 1)
    tail = 0
    for cell in flats:
        for step in around:
            other = cell + step
            if levels[other] == levels[cell] and code[other] != FLAT and code[other] != DRAINED:
                code[cell] = DRAINED
                queue[tail] = cell
                tail += 1
                break
    head = 0
    while head < tail:
        cell = queue[head]
        head += 1
        for step in around:
            other = cell + step
            if code[other] == FLAT and levels[other] == levels[cell]:
                code[other] = DRAINED
                queue[tail] = other
                tail += 1
    pits = 0
    for first in flats:
        if code[first] != FLAT:
            continue
        queue[pits] = first
        pits += 1
        # what follows in the queue is room for the walk: a floor has no more cells than flats
        code[first] = FLOOR
        tail = pits
        queue[tail - 1] = first
        head = tail - 1
        while head < tail:
            cell = queue[head]
            head += 1
            for step in around:
                other = cell + step
                if code[other] == FLAT and levels[other] == levels[cell]:
                    code[other] = FLOOR
                    queue[tail] = other
                    tail += 1
    return pits


@numba.njit(cache=True)
def push(heap: npt.NDArray[np.int64], size: int, key: int) -> None:
    """Add a key to a binary heap of ``size`` keys."""
    at = size
    while at > 0:
        up = (at - 1) >> 1
        if heap[up] <= key:
            break
        heap[at] = heap[up]
        at = up
    heap[at] = key


@numba.njit(cache=True)
def pop(heap: npt.NDArray[np.int64], size: int) -> int:
    """Take the least key from a binary heap of ``size`` keys."""
    least = heap[0]
    last = heap[size - 1]
    at = 0
    size -= 1
    while True:
        down = 2 * at + 1
        if down >= size:
            break
        if down + 1 < size and heap[down + 1] < heap[down]:
            down += 1
        if heap[down] >= last:
            break
        heap[at] = heap[down]
        at = down
    heap[at] = last
    return int(least)


@numba.njit(cache=True)
def fill(
    levels: npt.NDArray[np.int32],
    rim: npt.NDArray[np.uint8],
    cols: int,
    pits: npt.NDArray[np.int32],
    most: int,
    mark: npt.NDArray[np.int32],
    first_mark: int,
    left: npt.NDArray[np.int32],
) -> int:
    """Flood from each pit; return how many floods passed ``most`` cells and were put off.

    Those pits are written into ``left``, their floods undone. ``mark`` tells which flood
    came by last: numbers from ``first_mark`` on are free.
    """
    around = (1, cols + 1, cols, cols - 1, -1, -cols - 1, -cols, -cols + 1)
    floors = levels[pits]
    heap = np.empty(64, np.int64)
    wet = np.empty(64, np.int32)
    put_off = 0
    for number in range(pits.size):
        pit = pits[number]
        water = levels[pit]
        if water > floors[number]:
            continue  # another flood has raised it, and found its way out
        flood = first_mark + number
        mark[pit] = flood
        wet[0] = pit
        done = 0
        met = 1
        shore = int(np.int64(0))  # no literal: one signature of pop
        spilled = False
        while not spilled:
            if done == met:  # the water rises to the lowest cell of its shore
                key = pop(heap, shore)
                shore -= 1
                water = np.int32(key >> 32)
                wet[met] = np.int32(key & 0xFFFFFFFF)
                met += 1
            cell = wet[done]
            if rim[cell] != 0 or done >= most:
                break
            done += 1
            if shore + 8 > heap.size:
                heap = grown64(heap)
            if met + 9 > wet.size:
                wet = grown32(wet)
            for step in around:
                other = cell + step
                if mark[other] == flood:
                    continue
                level = levels[other]
                if level < water:
                    spilled = True
                    break
                mark[other] = flood
                if level == water:
                    wet[met] = other
                    met += 1
                else:
                    push(heap, shore, int((np.int64(level) << 32) | np.int64(other)))
                    shore += 1
        if not spilled and done >= most and rim[wet[done]] == 0:
            left[put_off] = pit
            put_off += 1
            continue
        for k in range(met):
            levels[wet[k]] = max(levels[wet[k]], water)
    return put_off


@numba.njit(cache=True)
def grown64(old: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the array with twice the room."""
    new = np.empty(2 * old.size, np.int64)
    new[: old.size] = old
    return new


@numba.njit(cache=True)
def grown32(old: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the array with twice the room."""
    new = np.empty(2 * old.size, np.int32)
    new[: old.size] = old
    return new
