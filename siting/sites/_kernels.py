"""Kernels that grow candidate sites from eligible cells."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def open_square(
    mask: npt.NDArray[np.uint8],
    rows: int,
    cols: int,
    k: int,
    keep: npt.NDArray[np.uint8],
    work: npt.NDArray[np.uint8],
) -> None:
    """Keep the cells that lie in some fully set ``k`` x ``k`` square (binary opening).

    All arrays are flat, row-major, of ``rows * cols``; ``keep`` receives the result and
    ``work`` is scratch. A square that leaves the grid does not count.
    """
    for r in range(rows):  # work: k set cells in a row start here
        run = 0
        for c in range(cols - 1, -1, -1):
            i = r * cols + c
            run = run + 1 if mask[i] != 0 else 0
            work[i] = 1 if run >= k else 0
    for c in range(cols):  # keep: a whole square starts here
        run = 0
        for r in range(rows - 1, -1, -1):
            i = r * cols + c
            run = run + 1 if work[i] != 0 else 0
            keep[i] = 1 if run >= k else 0
    for r in range(rows):  # work: a square starts within k cells to the left
        left = 0
        for c in range(cols):
            i = r * cols + c
            left = k if keep[i] != 0 else left - 1
            work[i] = 1 if left > 0 else 0
    for c in range(cols):  # keep: ... and within k cells above
        left = 0
        for r in range(rows):
            i = r * cols + c
            left = k if work[i] != 0 else left - 1
            keep[i] = 1 if left > 0 else 0


@numba.njit(cache=True)
def label_tiles(
    mask: npt.NDArray[np.uint8],
    row_tile: npt.NDArray[np.int32],
    col_tile: npt.NDArray[np.int32],
    labels: npt.NDArray[np.int32],
    stack: npt.NDArray[np.int64],
) -> int:
    """Give each 4-connected piece of one kind inside a tile a number, in raster order.

    Parameters
    ----------
    mask, labels
        Flat, rows * cols; 0 = no land, else the kind of land (its county): cells of
        different kinds never join. ``labels`` must be zero and receives 1..n.
    row_tile, col_tile
        Tile number of each row and column: cells of different tiles never join.
    stack
        Scratch, as long as the number of set cells.

    Returns
    -------
    int
        Number of pieces.
    """
    rows = row_tile.size
    cols = col_tile.size
    count = 0
    for start in range(rows * cols):
        if mask[start] == 0 or labels[start] != 0:
            continue
        count += 1
        labels[start] = count
        stack[0] = start
        top = 1
        while top > 0:
            top -= 1
            i = stack[top]
            r = i // cols
            c = i - r * cols
            if r > 0 and row_tile[r - 1] == row_tile[r]:
                j = i - cols
                if mask[j] == mask[start] and labels[j] == 0:
                    labels[j] = count
                    stack[top] = j
                    top += 1
            if r + 1 < rows and row_tile[r + 1] == row_tile[r]:
                j = i + cols
                if mask[j] == mask[start] and labels[j] == 0:
                    labels[j] = count
                    stack[top] = j
                    top += 1
            if c > 0 and col_tile[c - 1] == col_tile[c]:
                j = i - 1
                if mask[j] == mask[start] and labels[j] == 0:
                    labels[j] = count
                    stack[top] = j
                    top += 1
            if c + 1 < cols and col_tile[c + 1] == col_tile[c]:
                j = i + 1
                if mask[j] == mask[start] and labels[j] == 0:
                    labels[j] = count
                    stack[top] = j
                    top += 1
    return count


@numba.njit(cache=True)
def merge_small(
    area: npt.NDArray[np.float64],
    first: npt.NDArray[np.int64],
    neighbour: npt.NDArray[np.int64],
    border: npt.NDArray[np.int64],
    order: npt.NDArray[np.int64],
    smallest: float,
    largest: float,
    parent: npt.NDArray[np.int64],
) -> None:
    """Join each piece below ``smallest`` to the neighbour it shares most border with.

    Pieces are taken in ``order``; a join whose sum exceeds ``largest`` is not made.

    Parameters
    ----------
    area
        Area of each piece, changed in place: the root of a joined group carries the sum.
    first, neighbour, border
        Compressed rows: neighbours of piece p are ``neighbour[first[p]:first[p + 1]]``,
        each with its number of shared cell edges.
    order
        Pieces from small to large.
    smallest, largest
        In the unit of ``area``.
    parent
        Receives the root of each piece; must be ``arange`` on entry.
    """
    for k in range(order.size):
        p = order[k]
        root = p
        while parent[root] != root:
            root = parent[root]
        if area[root] >= smallest:
            continue
        best = -1
        longest = 0
        for e in range(first[p], first[p + 1]):
            q = neighbour[e]
            while parent[q] != q:
                q = parent[q]
            if q == root or area[root] + area[q] > largest:
                continue
            if border[e] > longest or (border[e] == longest and q < best):
                longest = border[e]
                best = q
        if best >= 0:
            low = min(root, best)
            high = max(root, best)
            parent[high] = low
            area[low] += area[high]
    for p in range(parent.size):
        root = p
        while parent[root] != root:
            root = parent[root]
        parent[p] = root
