"""Contiguous, capacity-sized candidate sites from eligible cells.

First form (issue 4 grows it further): cells that lie in no full square of
``min_width`` are slivers and go; what is left is cut by a square lattice that is fixed
in the CRS, numbered by 4-connected piece, and pieces below the smallest size join the
neighbour they share most border with. A lattice fixed in the CRS keeps the cut where it
is when the data are cropped. No site crosses a county border: a county approves its own,
and the sites of a county never exceed its eligible land.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from geo import crs as geo_crs
from geo.errors import OptionError, Say
from geo.grid import Grid
from siting.sites import _kernels

#: A tile holds this share of the largest site, so that small neighbours can still join it.
TILE_SHARE = 0.75


def grow(
    mask: npt.NDArray[np.bool_],
    grid: Grid,
    smallest_m2: float,
    largest_m2: float,
    min_width_m: float,
    zones: npt.NDArray[np.uint8] | None = None,
) -> tuple[npt.NDArray[np.int32], int]:
    """Return sites as labels.

    Parameters
    ----------
    mask
        Eligible cells, shape (rows, cols).
    grid
        Metric grid of the mask.
    smallest_m2, largest_m2
        Ellipsoidal area of the smallest and largest site. [m²]
    min_width_m
        Narrowest strip that is kept. [m]
    zones
        County number of each cell, shape (rows, cols); a site stays inside one county and
        cells of county 0 take no part. None = one county.

    Returns
    -------
    labels : int32 (rows, cols)
        0 = no site, 1..n in raster order of each site's first cell.
    n : int
        Number of sites.

    Raises
    ------
    OptionError
        If the sizes are not 0 < smallest < largest, or the mask is not on the grid.
    """
    _check(mask, grid, smallest_m2, largest_m2)
    flat = np.ascontiguousarray(mask, np.uint8).ravel()
    k = max(round(min_width_m / grid.dx), 1)
    if k > 1:
        keep, work = np.empty_like(flat), np.empty_like(flat)
        _kernels.open_square(flat, grid.rows, grid.cols, k, keep, work)
        flat = keep
    if zones is not None:
        flat = flat * np.ascontiguousarray(zones).ravel()
    side = math.sqrt(largest_m2 * TILE_SHARE)
    x = grid.transform.c + (np.arange(grid.cols) + 0.5) * grid.dx
    y = grid.transform.f - (np.arange(grid.rows) + 0.5) * grid.dy
    labels = np.zeros(grid.size, np.int32)
    count = _kernels.label_tiles(
        flat,
        np.floor(y / side).astype(np.int32),
        np.floor(x / side).astype(np.int32),
        labels,
        np.empty(max(int(np.count_nonzero(flat)), 1), np.int64),
    )
    shaped = labels.reshape(grid.shape)
    if count == 0:
        return shaped, 0
    area = piece_areas(shaped, grid, count)
    root = _merge(shaped, zones, area, smallest_m2, largest_m2)
    return _renumber(shaped, area, root, smallest_m2)


def piece_areas(labels: npt.NDArray[np.int32], grid: Grid, count: int) -> npt.NDArray[np.float64]:
    """Return the ellipsoidal area [m²] of labels 1..count, shape (count,)."""
    rows, cols = np.nonzero(labels)
    cell = geo_crs.cell_areas(grid)[rows, cols]
    total = np.bincount(labels[rows, cols], weights=cell, minlength=count + 1)
    return total[1:].astype(np.float64)


def _check(mask: npt.NDArray[np.bool_], grid: Grid, smallest: float, largest: float) -> None:
    if mask.shape != grid.shape:
        raise OptionError(
            "sites",
            Say(
                f"掩膜 {mask.shape} 不在栅格 {grid.shape} 上", f"mask {mask.shape} is off the grid"
            ),
            Say("用同一 Grid", "use one Grid"),
        )
    geo_crs.require_metric(grid, "sites")
    if not 0 < smallest < largest:
        raise OptionError(
            "sites",
            Say(f"场址规模 {smallest}-{largest} 无效", f"sizes {smallest}-{largest} are invalid"),
            Say("须 0 < 最小 < 最大", "need 0 < smallest < largest"),
        )


def _merge(
    labels: npt.NDArray[np.int32],
    zones: npt.NDArray[np.uint8] | None,
    area: npt.NDArray[np.float64],
    smallest: float,
    largest: float,
) -> npt.NDArray[np.int64]:
    """Return the root (0-based) of each piece; ``area`` of a root becomes the group's."""
    n = area.size
    codes = [_borders(labels, zones, n), _borders(labels.T, None if zones is None else zones.T, n)]
    code, edges = np.unique(np.concatenate(codes), return_counts=True)
    a, b = code // n, code % n
    source = np.concatenate([a, b])
    by = np.lexsort((np.concatenate([b, a]), source))
    first = np.searchsorted(source[by], np.arange(n + 1))
    parent = np.arange(n, dtype=np.int64)
    order = np.lexsort((np.arange(n), area)).astype(np.int64)
    neighbour = np.concatenate([b, a])[by].astype(np.int64)
    border = np.concatenate([edges, edges])[by].astype(np.int64)
    _kernels.merge_small(
        area, first.astype(np.int64), neighbour, border, order, smallest, largest, parent
    )
    return parent


def _borders(
    labels: npt.NDArray[np.int32], zones: npt.NDArray[np.uint8] | None, n: int
) -> npt.NDArray[np.int64]:
    """Return ``low * n + high`` (0-based) of each edge along a row between two pieces.

    Edges that are a county border do not count.
    """
    one, two = labels[:, :-1], labels[:, 1:]
    meet = (one != two) & (one > 0) & (two > 0)
    if zones is not None:
        meet &= zones[:, :-1] == zones[:, 1:]
    a = one[meet].astype(np.int64) - 1
    b = two[meet].astype(np.int64) - 1
    code: npt.NDArray[np.int64] = np.minimum(a, b) * n + np.maximum(a, b)
    return code


def _renumber(
    labels: npt.NDArray[np.int32],
    area: npt.NDArray[np.float64],
    root: npt.NDArray[np.int64],
    smallest: float,
) -> tuple[npt.NDArray[np.int32], int]:
    keep = np.unique(root[area[root] >= smallest])
    number = np.zeros(area.size, np.int32)
    number[keep] = np.arange(1, keep.size + 1, dtype=np.int32)
    table = np.concatenate([np.zeros(1, np.int32), number[root]])
    return table[labels], int(keep.size)
