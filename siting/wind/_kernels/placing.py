"""Turbines on candidate cells, their neighbours over raised ground, and their grouping.

Every distance is between cell centres, in metres from whole numbers of cells.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from siting.wind._kernels.ridges import strike

#: States of a cell on a walk; 0 = closed.
OPEN = 1
REACHED = 2


@numba.njit(cache=True)
def _apart(dr: int, dc: int, angle: float, along: float, across: float, level: float) -> bool:
    """Return whether an offset [cells] lies outside the ellipse of a turbine.

    Half axes ``along`` the ridge and ``across`` it [cells]; a circle of ``level`` where the
    ridge runs no one way.
    """
    if math.isnan(angle):
        return dr * dr + dc * dc >= level * level
    u = dc * math.cos(angle) + dr * math.sin(angle)
    v = dr * math.cos(angle) - dc * math.sin(angle)
    return (u / along) ** 2 + (v / across) ** 2 >= 1.0


@numba.njit(cache=True)
def pick(
    order: npt.NDArray[np.int64],
    crest: npt.NDArray[np.uint8],
    rows: int,
    cols: int,
    reach: int,
    least: float,
    along: float,
    across: float,
    level: float,
    side: int,
    cells: npt.NDArray[np.int64],
    angles: npt.NDArray[np.float64],
) -> int:
    """Take candidate cells in order, each that keeps its distance to those already taken.

    Two turbines stand apart when each lies outside the ellipse of the other.

    Parameters
    ----------
    order
        Candidate cells, best first.
    crest
        Crest cells; the ridge runs as :func:`siting.wind._kernels.ridges.strike` says.
    reach, least
        Of ``strike``. [cells], [-]
    along, across, level
        Half axes of the ellipse, and the circle without a direction. [cells]
    side
        Side of a search bin, at least the largest of the three. [cells]
    cells, angles
        Receive the cells taken and the way their ridge runs [rad]; as long as ``order``.

    Returns
    -------
    int
        Number of cells taken.
    """
    bin_rows = (rows + side - 1) // side
    bin_cols = (cols + side - 1) // side
    head = np.full(bin_rows * bin_cols, -1, np.int64)
    after = np.empty(order.size, np.int64)
    shortest = min(along, across, level)
    count = 0
    for k in range(order.size):
        i = order[k]
        r = i // cols
        c = i - r * cols
        br = r // side
        bc = c // side
        free = True
        for turn in range(2):  # first against the others' ellipses, then against its own
            angle = math.nan
            if turn == 1:
                angle = strike(crest, rows, cols, r, c, reach, least)
                angles[count] = angle
            for y in range(max(br - 1, 0), min(br + 2, bin_rows)):
                for x in range(max(bc - 1, 0), min(bc + 2, bin_cols)):
                    j = head[y * bin_cols + x]
                    while j >= 0 and free:
                        dr = r - cells[j] // cols
                        dc = c - cells[j] % cols
                        if turn == 0:
                            free = dr * dr + dc * dc >= shortest * shortest and _apart(
                                dr, dc, angles[j], along, across, level
                            )
                        else:
                            free = _apart(dr, dc, angle, along, across, level)
                        j = after[j]
            if not free:
                break
        if free:
            cells[count] = i
            after[count] = head[br * bin_cols + bc]
            head[br * bin_cols + bc] = count
            count += 1
    return count


@numba.njit(cache=True)
def _open(
    passable: npt.NDArray[np.uint8],
    rows: int,
    cols: int,
    r0: int,
    c0: int,
    k: int,
    link: float,
    state: npt.NDArray[np.uint8],
) -> None:
    """Mark the disc of ``link`` cells round (r0, c0) open where it is of the middle's kind."""
    width = 2 * k + 3
    kind = passable[r0 * cols + c0]
    state[:] = 0
    for dr in range(max(-k, -r0), min(k, rows - 1 - r0) + 1):
        reach = math.floor(math.sqrt(max(link * link - dr * dr, 0.0)))
        for dc in range(max(-reach, -c0), min(reach, cols - 1 - c0) + 1):
            if passable[(r0 + dr) * cols + c0 + dc] == kind:
                state[(dr + k + 1) * width + dc + k + 1] = OPEN


@numba.njit(cache=True)
def spread(
    cells: npt.NDArray[np.int64],
    passable: npt.NDArray[np.uint8],
    eligible: npt.NDArray[np.uint8],
    rows: int,
    cols: int,
    link: float,
    half: float,
    owner: npt.NDArray[np.int32],
    one: npt.NDArray[np.int64],
    two: npt.NDArray[np.int64],
) -> int:
    """Walk from each turbine over passable ground: its own ground, and its neighbours.

    A walk goes to the eight neighbours of a cell, over cells of the turbine's own kind, and
    never leaves the disc of ``link`` round the turbine.

    Parameters
    ----------
    cells
        Turbine cells in raster order.
    passable
        Kind of ground (county) of each cell, 0 = not passable. Turbines stand on passable
        cells.
    eligible
        1 = ground that a turbine's footprint may take.
    link, half
        Radius of the walk and of a turbine's own ground. [cells]
    owner
        Must be zero; receives turbine number + 1 on eligible cells that the walk reaches
        within ``half``. On a tie the first turbine keeps the cell.
    one, two
        Receive the pairs of turbines of which one reaches the other, ``one < two``; a pair
        may appear twice.

    Returns
    -------
    int
        Number of pairs.
    """
    k = math.floor(link)
    width = 2 * k + 3  # a rim of closed cells spares the walk every check of bounds
    state = np.zeros(width * width, np.uint8)
    stack = np.empty(width * width, np.int64)
    steps = (-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1)
    side = k + 1
    bin_cols = (cols + side - 1) // side
    head = np.full(((rows + side - 1) // side) * bin_cols, -1, np.int64)
    after = np.empty(cells.size, np.int64)
    for t in range(cells.size - 1, -1, -1):
        b = (cells[t] // cols // side) * bin_cols + cells[t] % cols // side
        after[t] = head[b]
        head[b] = t
    pairs = 0
    for t in range(cells.size):
        r0 = cells[t] // cols
        c0 = cells[t] % cols
        _open(passable, rows, cols, r0, c0, k, link, state)
        middle = (k + 1) * width + k + 1
        state[middle] = REACHED
        stack[0] = middle
        top = 1
        while top > 0:
            top -= 1
            i = stack[top]
            for step in steps:
                if state[i + step] == OPEN:
                    state[i + step] = REACHED
                    stack[top] = i + step
                    top += 1
        m = min(math.floor(half), k)
        for r in range(max(r0 - m, 0), min(r0 + m + 1, rows)):
            for c in range(max(c0 - m, 0), min(c0 + m + 1, cols)):
                i = r * cols + c
                near = (r - r0) ** 2 + (c - c0) ** 2 <= half * half
                there = state[middle + (r - r0) * width + c - c0]
                if near and there == REACHED and eligible[i] != 0 and owner[i] == 0:
                    owner[i] = t + 1
        for y in range(max(r0 // side - 1, 0), min(r0 // side + 2, (rows + side - 1) // side)):
            for x in range(max(c0 // side - 1, 0), min(c0 // side + 2, bin_cols)):
                j = head[y * bin_cols + x]
                while j >= 0:
                    dr = cells[j] // cols - r0
                    dc = cells[j] % cols - c0
                    near = j != t and dr * dr + dc * dc <= link * link
                    if near and state[middle + dr * width + dc] == REACHED:
                        one[pairs] = min(t, j)
                        two[pairs] = max(t, j)
                        pairs += 1
                    j = after[j]
    return pairs


@numba.njit(cache=True)
def join(
    one: npt.NDArray[np.int64],
    two: npt.NDArray[np.int64],
    most: int,
    size: npt.NDArray[np.int64],
    parent: npt.NDArray[np.int64],
) -> None:
    """Join turbines to chains, nearest pairs first, as long as a chain stays within ``most``.

    Parameters
    ----------
    one, two
        Pairs in the order in which they are to be joined.
    most
        Largest number of turbines in a chain.
    size
        Ones on entry; the root of a chain carries its number of turbines.
    parent
        ``arange`` on entry; receives the root of each turbine, its chain's first turbine.
    """
    for e in range(one.size):
        a = one[e]
        while parent[a] != a:
            a = parent[a]
        b = two[e]
        while parent[b] != b:
            b = parent[b]
        if a != b and size[a] + size[b] <= most:
            low = min(a, b)
            high = max(a, b)
            parent[high] = low
            size[low] += size[high]
    for t in range(parent.size):
        root = t
        while parent[root] != root:
            root = parent[root]
        parent[t] = root
