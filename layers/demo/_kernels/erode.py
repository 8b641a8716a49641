"""Steady stream-power relief on a drainage tree (after Braun & Willett 2013).

In steady state the slope of a node is steepness x (drained area)^-concavity; the
hillslope term caps it at a threshold slope.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def steepest(
    z: npt.NDArray[np.float64],
    wobble: npt.NDArray[np.float64],
    fixed: npt.NDArray[np.uint8],
    rows: int,
    cols: int,
    receiver: npt.NDArray[np.int64],
) -> int:
    """Write the steepest lower neighbour of each node; return the number of pits.

    ``wobble`` (about 1) stretches the distance to a node, which breaks the eight
    directions of the lattice.
    """
    pits = 0
    for r in range(rows):
        for c in range(cols):
            i = r * cols + c
            receiver[i] = i
            if fixed[i] != 0:
                continue
            best = 0.0
            for dr in range(-1, 2):
                for dc in range(-1, 2):
                    rr = r + dr
                    cc = c + dc
                    if rr < 0 or cc < 0 or rr >= rows or cc >= cols:
                        continue
                    j = rr * cols + cc
                    drop = z[i] - z[j]
                    if drop <= 0.0:
                        continue
                    slope = drop / (math.sqrt(dr * dr + dc * dc) * wobble[j])
                    if slope > best:
                        best = slope
                        receiver[i] = j
            if receiver[i] == i:
                pits += 1
    return pits


@numba.njit(cache=True)
def downstream_order(receiver: npt.NDArray[np.int64], order: npt.NDArray[np.int64]) -> None:
    """Write the nodes from outlet to ridge (each receiver before its donors)."""
    n = receiver.size
    donors = np.zeros(n, np.int32)
    for i in range(n):
        if receiver[i] != i:
            donors[receiver[i]] += 1
    k = n
    for start in range(n):
        i = start
        # walk down from a ridge as long as this is the last donor of the next node
        while donors[i] == 0:
            donors[i] = -1
            k -= 1
            order[k] = i
            j = receiver[i]
            if j == i:
                break
            donors[j] -= 1
            i = j


@numba.njit(cache=True)
def drain(
    receiver: npt.NDArray[np.int64],
    order: npt.NDArray[np.int64],
    cell_area: float,
    area: npt.NDArray[np.float64],
) -> None:
    """Accumulate the drained area [unit of ``cell_area``] down the tree."""
    area[:] = cell_area
    for k in range(order.size - 1, -1, -1):
        i = order[k]
        if receiver[i] != i:
            area[receiver[i]] += area[i]


@numba.njit(cache=True)
def settle(
    z: npt.NDArray[np.float64],
    fixed: npt.NDArray[np.uint8],
    receiver: npt.NDArray[np.int64],
    order: npt.NDArray[np.int64],
    area: npt.NDArray[np.float64],
    steepness: npt.NDArray[np.float64],
    cap: npt.NDArray[np.float64],
    cols: int,
    cell: float,
    concavity: float,
    weight: float,
) -> None:
    """Move ``z`` towards its steady state: ``weight`` of the way, in place.

    Slope [m/m] = 1 / (1 / cap + area^concavity / steepness), area in km².
    """
    steady = z.copy()
    for i in order:
        j = receiver[i]
        if fixed[i] != 0 or j == i:
            continue
        straight = abs(i - j) == 1 or abs(i - j) == cols
        length = cell if straight else cell * math.sqrt(2.0)
        slope = 1.0 / (1.0 / cap[i] + area[i] ** concavity / steepness[i])
        steady[i] = steady[j] + slope * length
        moved = z[i] + weight * (steady[i] - z[i])
        z[i] = max(moved, z[j] + 1e-3)


@numba.njit(cache=True)
def thalweg(
    receiver: npt.NDArray[np.int64],
    order: npt.NDArray[np.int64],
    area: npt.NDArray[np.float64],
    threshold: float,
    channel: npt.NDArray[np.int64],
) -> None:
    """Write for each node the first node downstream that drains ``threshold`` or more."""
    for i in order:
        j = receiver[i]
        if j == i or area[i] >= threshold:
            channel[i] = i
        else:
            channel[i] = channel[j]


@numba.njit(cache=True)
def upstream(
    receiver: npt.NDArray[np.int64],
    order: npt.NDArray[np.int64],
    dams: npt.NDArray[np.int64],
    mark: npt.NDArray[np.uint8],
) -> None:
    """Mark each node with the number (1 ...) of the first dam downstream of it."""
    for k in range(dams.size):
        mark[dams[k]] = k + 1
    for i in order:
        if mark[i] == 0 and receiver[i] != i:
            mark[i] = mark[receiver[i]]


@numba.njit(cache=True)
def open_corners(
    z: npt.NDArray[np.float64],
    receiver: npt.NDArray[np.int64],
    area: npt.NDArray[np.float64],
    cols: int,
    threshold: float,
) -> None:
    """Lower one corner beside each diagonal step of a channel, in place.

    A channel that leaves a cell by its corner would else read as a string of pits.
    """
    for i in range(z.size):
        j = receiver[i]
        step = abs(i - j)
        if j == i or step in (1, cols) or area[i] < threshold:
            continue
        # the two corners share a row with one end and a column with the other
        one = (i // cols) * cols + j % cols
        two = (j // cols) * cols + i % cols
        corner = one if z[one] <= z[two] else two
        middle = 0.5 * (z[i] + z[j])
        if z[corner] > middle:
            z[corner] = middle + 0.2 * (z[corner] - middle)
