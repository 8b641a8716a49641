"""Pieces joined into sites: the shape of the union decides, a thin neck counts against it."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

#: Shapes are compared in whole millionths, so that rounding decides no tie.
STEPS = 1e6
#: Pieces large enough to stand alone join where the union keeps this share of the more
#: compact one's compactness: two squares may make a rectangle, two such rectangles a square,
#: never a strip of four.
LEAST = 0.75


@numba.njit(cache=True)
def compactness(area: float, east: float, south: float, square: float) -> float:
    """Return area² / (2 pi I) from area, first moments and the polar second moment.

    1 for a disc, 3 / pi for a square, 6 r / (pi (1 + r²)) for a rectangle of sides r : 1.
    """
    inertia = square - (east * east + south * south) / area
    return area * area / (2.0 * math.pi * inertia)


@numba.njit(cache=True)
def _partner(
    root: int,
    power: npt.NDArray[np.float64],
    shape: npt.NDArray[np.float64],
    first: npt.NDArray[np.int64],
    neighbour: npt.NDArray[np.int64],
    border: npt.NDArray[np.int64],
    after: npt.NDArray[np.int64],
    parent: npt.NDArray[np.int64],
    largest: float,
    neck: float,
    better: bool,
    meet: npt.NDArray[np.int64],
    seen: npt.NDArray[np.int64],
) -> int:
    """Return the group that ``root`` had best be joined to, -1 where there is none."""
    met = 0
    member = root
    while member >= 0:  # shared border with each group around
        for e in range(first[member], first[member + 1]):
            q = neighbour[e]
            while parent[q] != q:
                q = parent[q]
            if q == root:
                continue
            if meet[q] == 0:
                seen[met] = q
                met += 1
            meet[q] += border[e]
        member = after[member]
    own = compactness(shape[root, 0], shape[root, 1], shape[root, 2], shape[root, 3])
    best = -1
    top = 0
    longest = 0
    for m in range(met):
        q = seen[m]
        shared = meet[q]
        meet[q] = 0
        if power[root] + power[q] > largest:
            continue
        joint = compactness(
            shape[root, 0] + shape[q, 0],
            shape[root, 1] + shape[q, 1],
            shape[root, 2] + shape[q, 2],
            shape[root, 3] + shape[q, 3],
        )
        joint *= min(1.0, shared / neck)
        if better:
            other = compactness(shape[q, 0], shape[q, 1], shape[q, 2], shape[q, 3])
            if joint < LEAST * max(own, other):
                continue
        score = math.floor(joint * STEPS + 0.5)
        ahead = shared > longest or (shared == longest and q < best)
        if score > top or (score == top and (best < 0 or ahead)):
            top = score
            longest = shared
            best = q
    return best


@numba.njit(cache=True)
def join_pieces(
    power: npt.NDArray[np.float64],
    shape: npt.NDArray[np.float64],
    first: npt.NDArray[np.int64],
    neighbour: npt.NDArray[np.int64],
    border: npt.NDArray[np.int64],
    order: npt.NDArray[np.int64],
    starts: npt.NDArray[np.uint8],
    smallest: float,
    largest: float,
    neck: float,
    parent: npt.NDArray[np.int64],
) -> None:
    """Join pieces below ``smallest`` to a neighbour, then halves that fit each other.

    A small piece takes the neighbour with which it makes the most compact union; a larger
    one joins only where the union is more compact than both. No union exceeds ``largest``.

    Parameters
    ----------
    power
        Capacity of each piece, changed in place: the root of a group carries the sum.
    shape
        Area, first moments along the columns and rows, polar second moment of each piece,
        (n, 4), changed in place likewise.
    first, neighbour, border
        Compressed rows: neighbours of piece p are ``neighbour[first[p]:first[p + 1]]``,
        each with its number of shared edges.
    order
        Pieces from small to large.
    starts
        0 = the piece starts no join (it may be cut by the edge of the data).
    smallest, largest
        In the unit of ``power``.
    neck
        Shared edges below which a union counts as less compact, in proportion.
    parent
        Receives the root of each piece; must be ``arange`` on entry.
    """
    n = power.size
    after = np.full(n, -1, np.int64)  # next member of the same group
    last = np.arange(n)
    meet = np.zeros(n, np.int64)
    seen = np.empty(n, np.int64)
    for better in (False, True):
        joined = True
        while joined:
            joined = False
            for k in range(n):
                root = order[k]
                if parent[root] != root or starts[root] == 0:
                    continue
                if not better and power[root] >= smallest:
                    continue
                best = _partner(
                    root, power, shape, first, neighbour, border, after, parent,
                    largest, neck, better, meet, seen,
                )  # fmt: skip
                if best < 0:
                    continue
                if better:
                    back = _partner(
                        best, power, shape, first, neighbour, border, after, parent,
                        largest, neck, better, meet, seen,
                    )  # fmt: skip
                    if back != root:
                        continue
                low, high = min(root, best), max(root, best)
                parent[high] = low
                power[low] += power[high]
                starts[low] = min(starts[low], starts[high])
                for m in range(4):
                    shape[low, m] += shape[high, m]
                after[last[low]] = high
                last[low] = last[high]
                joined = True
    for p in range(n):
        root = p
        while parent[root] != root:
            root = parent[root]
        parent[p] = root
