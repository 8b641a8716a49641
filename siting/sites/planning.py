"""Planning blocks: cells of any size gathered into blocks of one lattice in metres.

Sites are grown from blocks of at most 90 m, fixed in the CRS, whatever the run's
resolution: at 30 m a block is nine cells, at 90 m one. What is too narrow, where land is
cut and what joins is then decided by the same ground at either resolution, and a gully of
one cell does not tear a site apart. The cells of a site are still the eligible ones alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from affine import Affine

from geo import crs as geo_crs
from geo.grid import Grid
from siting.sites._kernels.blocks import gather, scatter
from siting.sites.geohash import LATTICE_M

M2_PER_KM2 = 1.0e6
_EPS = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Flat inputs of the kernels: one value a cell, or one for all."""

    mask: npt.NDArray[np.uint8]
    kinds: npt.NDArray[np.uint8]
    density: npt.NDArray[np.float32]
    shape: npt.NDArray[np.int64]
    grid: Grid


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Eligible land by block; every array has the shape of ``grid``.

    Parameters
    ----------
    grid
        Grid of the blocks.
    kind
        County with most eligible cells, 0 = none.
    core
        1 where at least half of the block is eligible.
    share
        Share of the block that is eligible and of that county. [0-1]
    power
        Capacity of those cells. [MW]
    value
        Their mean priority.
    cells
        What the blocks were made of.
    """

    grid: Grid
    kind: npt.NDArray[np.uint8]
    core: npt.NDArray[np.uint8]
    share: npt.NDArray[np.float32]
    power: npt.NDArray[np.float64]
    value: npt.NDArray[np.float32]
    cells: Cells


def block_cells(grid: Grid) -> int:
    """Return how many cells of ``grid`` make the side of a planning block (at least 1)."""
    return max(math.floor(LATTICE_M / grid.dx + _EPS), 1)


def blocks_of(
    mask: npt.NDArray[np.bool_],
    grid: Grid,
    mw_per_km2: float | npt.NDArray[np.float32],
    zones: npt.NDArray[np.uint8] | None,
    priority: npt.NDArray[np.float32] | None,
) -> Blocks:
    """Return the eligible land of ``grid`` by planning block.

    Parameters
    ----------
    mask
        Eligible cells, shape (rows, cols).
    grid
        Metric grid of the mask.
    mw_per_km2
        Capacity density, one value or shape (rows, cols). [MW/km²]
    zones
        County of each cell, None = one county.
    priority
        Goodness of each cell, None = all alike.
    """
    k = block_cells(grid)
    lattice, row0, col0 = _lattice(grid, k)
    cells = Cells(
        np.ascontiguousarray(mask, np.bool_).view(np.uint8).ravel(),
        np.ones(1, np.uint8) if zones is None else np.ascontiguousarray(zones, np.uint8).ravel(),
        np.ascontiguousarray(mw_per_km2, np.float32).ravel(),
        np.array([*grid.shape, row0, col0, k, *lattice.shape], np.int64),
        grid,
    )
    area, steps = _areas(grid)
    n = lattice.size
    kind, core = np.empty(n, np.uint8), np.empty(n, np.uint8)
    share, value = np.empty(n, np.float32), np.empty(n, np.float32)
    power = np.empty(n, np.float64)
    good = np.ones(1, np.float32) if priority is None else priority
    gather(
        cells.mask, cells.kinds, cells.density,
        np.ascontiguousarray(good, np.float32).ravel(),
        area, steps, cells.shape, kind, core, share, power, value,
    )  # fmt: skip
    power /= M2_PER_KM2
    two = lattice.shape
    return Blocks(
        lattice, kind.reshape(two), core.reshape(two), share.reshape(two),
        power.reshape(two), value.reshape(two), cells,
    )  # fmt: skip


def to_cells(
    blocks: Blocks, site: npt.NDArray[np.int32], count: int
) -> tuple[npt.NDArray[np.int32], int]:
    """Return the sites of blocks as labels of cells, numbered in raster order.

    Parameters
    ----------
    blocks
        Of :func:`blocks_of`.
    site
        Site of each block in any numbering 1..count, 0 = none.
    count
        Largest number in ``site``.
    """
    cells = blocks.cells
    labels = np.empty(cells.grid.size, np.int32)
    n = scatter(
        cells.mask, cells.kinds, cells.density, cells.shape, blocks.kind.ravel(),
        np.ascontiguousarray(site).ravel(), np.zeros(count + 1, np.int32), labels,
    )  # fmt: skip
    return labels.reshape(cells.grid.shape), int(n)


def _lattice(grid: Grid, k: int) -> tuple[Grid, int, int]:
    """Return the grid of blocks, and the cells of its first row and column before ``grid``."""
    t = grid.transform
    dx, dy = k * grid.dx, k * grid.dy
    north = math.ceil(t.f / dy - _EPS) * dy
    west = math.floor(t.c / dx + _EPS) * dx
    row0 = max(math.floor((north - t.f) / grid.dy + _EPS), 0)
    col0 = max(math.floor((t.c - west) / grid.dx + _EPS), 0)
    shape = (-(-(grid.rows + row0) // k), -(-(grid.cols + col0) // k))
    moved = Affine(dx, 0, t.c - col0 * grid.dx, 0, -dy, t.f + row0 * grid.dy)
    return Grid(grid.crs, moved, shape), row0, col0


def _areas(grid: Grid) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return cell areas [m²] without repeats, and the step of a row and of a column."""
    area = geo_crs.cell_areas(grid)
    if area.strides[0] == 0:
        return area[0].copy(), np.array([0, 1], np.int64)
    if area.strides[1] == 0:
        return area[:, 0].copy(), np.array([1, 0], np.int64)
    return area.ravel().copy(), np.array([grid.cols, 1], np.int64)
