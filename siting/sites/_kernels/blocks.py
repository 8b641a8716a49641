"""Cells to planning blocks and back: what a block of k x k cells holds, whose cells it gives."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def _majority(
    mask: npt.NDArray[np.uint8],
    kinds: npt.NDArray[np.uint8],
    density: npt.NDArray[np.float32],
    cols: int,
    r0: int,
    r1: int,
    c0: int,
    c1: int,
) -> tuple[int, int]:
    """Return the county with most eligible cells of a window, and how many it has."""
    found = np.zeros(256, np.int64)
    for r in range(r0, r1):
        for c in range(c0, c1):
            i = r * cols + c
            if mask[i] != 0 and density[i if density.size > 1 else 0] > 0:
                found[kinds[i if kinds.size > 1 else 0]] += 1
    found[0] = 0
    best = int(np.argmax(found))
    return best, int(found[best])


@numba.njit(cache=True)
def gather(
    mask: npt.NDArray[np.uint8],
    kinds: npt.NDArray[np.uint8],
    density: npt.NDArray[np.float32],
    priority: npt.NDArray[np.float32],
    area: npt.NDArray[np.float64],
    steps: npt.NDArray[np.int64],
    shape: npt.NDArray[np.int64],
    kind: npt.NDArray[np.uint8],
    core: npt.NDArray[np.uint8],
    share: npt.NDArray[np.float32],
    power: npt.NDArray[np.float64],
    value: npt.NDArray[np.float32],
) -> None:
    """Sum the eligible cells of each block.

    Parameters
    ----------
    mask
        Flat, rows * cols; 1 = eligible.
    kinds, density, priority
        Flat, one value a cell, or one value for all cells: county (0 = takes no part),
        capacity per area (not above 0 = takes no part) and goodness of the ground.
    area
        Area of cell (r, c) is ``area[r * steps[0] + c * steps[1]]``.
    steps
        See ``area``.
    shape
        rows, cols, cells of the first block row and column that lie before the grid, cells
        along a block, block rows, block columns.
    kind, core, share, power, value
        Receive, one a block: the county with most eligible cells (ties: the lower number),
        1 where at least half of the block is eligible, the share of the block that is
        eligible and of that county, capacity and mean priority of those cells.
    """
    rows, cols, row0, col0, k, brows, bcols = shape
    for br in range(brows):
        r0 = max(br * k - row0, 0)
        r1 = min(br * k - row0 + k, rows)
        for bc in range(bcols):
            c0 = max(bc * k - col0, 0)
            c1 = min(bc * k - col0 + k, cols)
            best = 0
            most = 0
            total = 0
            mixed = False
            for r in range(r0, r1):
                for c in range(c0, c1):
                    i = r * cols + c
                    if mask[i] == 0 or not density[i if density.size > 1 else 0] > 0:
                        continue
                    one = kinds[i if kinds.size > 1 else 0]
                    if one == 0:
                        continue
                    total += 1
                    if total == 1 or one == best:
                        best = one
                        most += 1
                    else:
                        mixed = True
            if mixed:  # a county border runs through the block
                best, most = _majority(mask, kinds, density, cols, r0, r1, c0, c1)
            b = br * bcols + bc
            kind[b] = 0
            core[b] = 0
            share[b] = 0.0
            power[b] = 0.0
            value[b] = 0.0
            if total == 0:
                continue
            kind[b] = best
            core[b] = 1 if 2 * total >= k * k else 0
            share[b] = most / (k * k)
            watts = 0.0
            good = 0.0
            for r in range(r0, r1):
                for c in range(c0, c1):
                    i = r * cols + c
                    if mask[i] == 0 or kinds[i if kinds.size > 1 else 0] != best:
                        continue
                    each = density[i if density.size > 1 else 0]
                    if each > 0:
                        watts += each * area[r * steps[0] + c * steps[1]]
                        one_good = priority[i if priority.size > 1 else 0]
                        if one_good > 0:
                            good += one_good
            power[b] = watts
            value[b] = good / most


@numba.njit(cache=True)
def scatter(
    mask: npt.NDArray[np.uint8],
    kinds: npt.NDArray[np.uint8],
    density: npt.NDArray[np.float32],
    shape: npt.NDArray[np.int64],
    kind: npt.NDArray[np.uint8],
    site: npt.NDArray[np.int32],
    number: npt.NDArray[np.int32],
    labels: npt.NDArray[np.int32],
) -> int:
    """Give the eligible cells of each block the number of the block's site.

    Parameters
    ----------
    mask, kinds, density, shape, kind
        As in :func:`gather`.
    site
        One a block: 0 = none, else a site in any numbering.
    number
        Zero, one longer than the largest ``site``; receives the number of each site in
        raster order of its first cell.
    labels
        Flat, rows * cols; receives the numbers.

    Returns
    -------
    int
        Number of sites.
    """
    rows, cols, row0, col0, k, _, bcols = shape
    count = 0
    for r in range(rows):
        base = (r + row0) // k * bcols
        b = base
        left = k - col0
        for c in range(cols):
            if left == 0:
                b += 1
                left = k
            left -= 1
            i = r * cols + c
            s = site[b]
            labels[i] = 0
            if s == 0 or mask[i] == 0:
                continue
            if kinds[i if kinds.size > 1 else 0] != kind[b]:
                continue
            if not density[i if density.size > 1 else 0] > 0:
                continue
            if number[s] == 0:
                count += 1
                number[s] = count
            labels[i] = number[s]
    return count
