"""Growth from seeds with a binary heap: pit-free routing and least-cost paths."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def push(
    keys: npt.NDArray[np.float64], nodes: npt.NDArray[np.int64], size: int, key: float, node: int
) -> int:
    """Push (key, node) onto the heap of ``size`` entries; return the new size."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] < key or (keys[parent] == key and nodes[parent] <= node):
            break
        keys[i] = keys[parent]
        nodes[i] = nodes[parent]
        i = parent
    keys[i] = key
    nodes[i] = node
    return size + 1


@numba.njit(cache=True)
def pop(keys: npt.NDArray[np.float64], nodes: npt.NDArray[np.int64], size: int) -> int:
    """Remove the smallest entry (it is read before the call); return the new size."""
    size -= 1
    key = keys[size]
    node = nodes[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        right = child + 1
        if right < size and (
            keys[right] < keys[child]
            or (keys[right] == keys[child] and nodes[right] < nodes[child])
        ):
            child = right
        if key < keys[child] or (key == keys[child] and node <= nodes[child]):
            break
        keys[i] = keys[child]
        nodes[i] = nodes[child]
        i = child
    keys[i] = key
    nodes[i] = node
    return size


@numba.njit(cache=True)
def flood(
    z: npt.NDArray[np.float64],
    rise: npt.NDArray[np.float64],
    fixed: npt.NDArray[np.uint8],
    rows: int,
    cols: int,
    receiver: npt.NDArray[np.int64],
) -> None:
    """Route every node to a fixed node by priority flood (Barnes et al. 2014).

    ``receiver`` gets the next node downstream (itself for fixed nodes). ``rise`` [m], which
    differs from node to node, is the least climb of a step and scatters paths on flats.
    """
    n = rows * cols
    keys = np.empty(n, np.float64)
    nodes = np.empty(n, np.int64)
    size = 0
    for i in range(n):
        receiver[i] = -1
        if fixed[i] != 0:
            receiver[i] = i
            size = push(keys, nodes, size, z[i], i)
    while size > 0:
        level = keys[0]
        i = nodes[0]
        size = pop(keys, nodes, size)
        r = i // cols
        c = i - r * cols
        for dr in range(-1, 2):
            for dc in range(-1, 2):
                rr = r + dr
                cc = c + dc
                if rr < 0 or cc < 0 or rr >= rows or cc >= cols:
                    continue
                j = rr * cols + cc
                if receiver[j] < 0:
                    receiver[j] = i
                    size = push(keys, nodes, size, max(level + rise[j], z[j]), j)


@numba.njit(cache=True)
def least_cost(
    z: npt.NDArray[np.float64],
    friction: npt.NDArray[np.float64],
    seeds: npt.NDArray[np.int64],
    rows: int,
    cols: int,
    cell: float,
    grade: float,
    wanted: npt.NDArray[np.uint8],
    count: int,
    cost: npt.NDArray[np.float64],
    previous: npt.NDArray[np.int64],
) -> None:
    """Dijkstra from ``seeds``: length x friction x (1 + (gradient / grade)^2).

    Ends when ``count`` of the nodes that are marked in ``wanted`` are reached: cost and
    previous are final on the ways to them, and no other wanted node is nearer. A ``count`` of
    0 reaches all nodes.
    """
    n = rows * cols
    keys = np.empty(8 * n, np.float64)
    nodes = np.empty(8 * n, np.int64)
    size = 0
    for i in range(n):
        cost[i] = np.inf
        previous[i] = -1
    for s in seeds:
        cost[s] = 0.0
        size = push(keys, nodes, size, 0.0, s)
    while size > 0:
        here = keys[0]
        i = nodes[0]
        size = pop(keys, nodes, size)
        if here > cost[i]:
            continue
        if wanted[i] != 0:
            count -= 1
            if count == 0:
                break
        r = i // cols
        c = i - r * cols
        for dr in range(-1, 2):
            for dc in range(-1, 2):
                rr = r + dr
                cc = c + dc
                if rr < 0 or cc < 0 or rr >= rows or cc >= cols or (dr == 0 and dc == 0):
                    continue
                j = rr * cols + cc
                if cost[j] <= here:
                    continue  # no step is shorter than nothing
                length = cell * math.sqrt(dr * dr + dc * dc)
                steep = (z[j] - z[i]) / length / grade
                there = here + length * 0.5 * (friction[i] + friction[j]) * (1.0 + steep * steep)
                if there < cost[j]:
                    cost[j] = there
                    previous[j] = i
                    size = push(keys, nodes, size, there, j)
