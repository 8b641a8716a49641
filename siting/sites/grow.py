"""Contiguous, compact, capacity-sized candidate sites from eligible cells.

1. Cells are gathered into planning blocks of at most 90 m (:mod:`siting.sites.planning`).
2. Opening: blocks that lie in no full square of the least width are slivers and go.
3. Watershed: every block climbs the distance to the edge, times the priority of its
   ground, and goes to the tile that its peak lies in. Tiles are fixed in the CRS and hold
   three quarters of the largest site; land is cut at its necks near a tile's border, by
   the border itself only where land is wide.
4. Join: a piece below the smallest site takes the neighbour with which it makes the most
   compact union; halves whose union is more compact than either join as well.
5. What stays too small or too long drawn is dropped.

No site crosses a county border: a county approves its own, and the sites of a county
never exceed its eligible land. Everything is decided near the site itself, so sites stay
where they are when data are cropped.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from geo import crs as geo_crs
from geo.distance import distance_m
from geo.errors import OptionError, Say
from geo.grid import Grid
from siting.sites._kernels.ascent import ascend, take_fringe
from siting.sites._kernels.joining import join_pieces
from siting.sites._kernels.measures import meeting_edges, piece_moments
from siting.sites._kernels.opening import open_square
from siting.sites._kernels.pieces import label_pieces
from siting.sites.planning import M2_PER_KM2, Blocks, blocks_of, to_cells

#: A tile holds this share of the largest site, so that small neighbours can still join it.
TILE_SHARE: Final = 0.75
#: A tile is no smaller than so many blocks across; pieces too large are halved afterwards.
LEAST_TILE: Final = 4
#: Land wider than this share of a tile from its edge is cut by the tile's border.
WIDE_SHARE: Final = 0.5
#: An ascent is followed no further than this share of a tile.
REACH_SHARE: Final = 0.75
#: A block of which so much is eligible, and less than half, joins the site beside it: with
#: it the edge of a site follows the cells, and 30 m cells hold what 90 m cells hold.
FRINGE_SHARE: Final = 0.3
#: Least compactness of a site, area² / (2 pi I): a rectangle of about 7 : 1.
MIN_COMPACTNESS: Final = 0.25
#: Densities of a raster are averaged, and the mean is taken to the next rung of this ratio,
#: so that a crop seldom moves the tiles.
RUNG: Final = 2.0**0.25
#: How often a piece that is still too large is halved.
HALVINGS: Final = 12


def grow(
    mask: npt.NDArray[np.bool_],
    grid: Grid,
    mw_per_km2: float | npt.NDArray[np.float32],
    smallest_mw: float,
    largest_mw: float,
    min_width_m: float,
    zones: npt.NDArray[np.uint8] | None = None,
    priority: npt.NDArray[np.float32] | None = None,
) -> tuple[npt.NDArray[np.int32], int]:
    """Return sites as labels.

    Parameters
    ----------
    mask
        Eligible cells, shape (rows, cols).
    grid
        Metric grid of the mask, square cells.
    mw_per_km2
        Capacity density, one value or shape (rows, cols); cells where it is missing or not
        above 0 take no part. [MW/km²]
    smallest_mw, largest_mw
        Capacity of the smallest and largest site. [MW]
    min_width_m
        Narrowest strip that is kept, in whole planning blocks. [m]
    zones
        County number of each cell, shape (rows, cols); a site stays inside one county and
        cells of county 0 take no part. None = one county.
    priority
        Goodness of the ground, shape (rows, cols), any scale, missing = 0: sites gather
        round better ground and are cut where it is poor. None = all alike.

    Returns
    -------
    labels : int32 (rows, cols)
        0 = no site, 1..n in raster order of each site's first cell. Sites are 4-connected
        in planning blocks, so in cells too where a cell is a block (90 m and coarser).
    n : int
        Number of sites.

    Raises
    ------
    OptionError
        If the sizes are not 0 < smallest < largest, the width or a single density is no
        usable number, or an array is not on the grid.
    """
    _check(mask, grid, mw_per_km2, smallest_mw, largest_mw, (zones, priority))
    if not 0 <= min_width_m < math.inf:
        raise OptionError(
            "min_width_m",
            Say(f"最窄宽度 {min_width_m} 无效", f"a width of {min_width_m} is invalid"),
            Say("给出不小于 0 的米数", "give metres, 0 or more"),
        )
    blocks = blocks_of(mask, grid, mw_per_km2, zones, priority)
    density = _reference(blocks, mw_per_km2)
    if density == 0:
        return np.zeros(grid.shape, np.int32), 0
    side = math.sqrt(largest_mw * TILE_SHARE / density * M2_PER_KM2)
    side = max(side, LEAST_TILE * blocks.grid.dx)
    code = _watershed(blocks, max(round(min_width_m / blocks.grid.dx), 1), side)
    pieces, count = _pieces(blocks, code, side, largest_mw)
    if count == 0:
        return np.zeros(grid.shape, np.int32), 0
    site, count = _join(blocks, pieces, count, smallest_mw, largest_mw, min_width_m)
    return to_cells(blocks, site, count)


def piece_areas(labels: npt.NDArray[np.int32], grid: Grid, count: int) -> npt.NDArray[np.float64]:
    """Return the ellipsoidal area [m²] of labels 1..count, shape (count,)."""
    rows, cols = np.nonzero(labels)
    cell = geo_crs.cell_areas(grid)[rows, cols]
    total = np.bincount(labels[rows, cols], weights=cell, minlength=count + 1)
    return total[1:].astype(np.float64)


def _check(
    mask: npt.NDArray[np.bool_],
    grid: Grid,
    density: float | npt.NDArray[np.float32],
    smallest: float,
    largest: float,
    others: tuple[npt.NDArray[np.generic] | None, ...],
) -> None:
    rasters = (mask, *((density,) if np.ndim(density) else ()), *others)
    for one in rasters:
        if one is not None and np.shape(one) != grid.shape:
            raise OptionError(
                "sites",
                Say(
                    f"数组 {np.shape(one)} 不在栅格 {grid.shape} 上",
                    f"array {np.shape(one)} is off the grid {grid.shape}",
                ),
                Say("用同一 Grid", "use one Grid"),
            )
    geo_crs.require_metric(grid, "sites")
    if not 0 < smallest < largest < math.inf:
        raise OptionError(
            "sites",
            Say(
                f"场址规模 {smallest}-{largest} MW 无效",
                f"sizes {smallest}-{largest} MW are invalid",
            ),
            Say("须 0 < 最小 < 最大", "need 0 < smallest < largest"),
        )
    if np.ndim(density) == 0 and not (np.isfinite(density) and density > 0):
        raise OptionError(
            "mw_per_km2",
            Say(f"容量密度 {density} 无效", f"a density of {density} is invalid"),
            Say("给出大于 0 的 MW/km²", "give MW/km² above 0"),
        )


def _reference(blocks: Blocks, density: float | npt.NDArray[np.float32]) -> float:
    """Return the density that sizes the tiles [MW/km²], 0 where no land is eligible."""
    land = float(blocks.share.sum(dtype=np.float64)) * blocks.grid.dx * blocks.grid.dy
    if land == 0:
        return 0.0
    if np.ndim(density) == 0:
        return float(density)
    mean = float(blocks.power.sum()) / land * M2_PER_KM2
    return float(RUNG ** round(math.log(mean, RUNG)))


def _tiles(
    blocks: Blocks, width: float, height: float
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the tile number, from 0, of each row and column of blocks; tiles in metres."""
    grid = blocks.grid
    x = grid.transform.c + (np.arange(grid.cols) + 0.5) * grid.dx
    y = grid.transform.f - (np.arange(grid.rows) + 0.5) * grid.dy
    across, down = np.floor(x / width), np.floor(y / height)
    return (down - down.min()).astype(np.int32), (across - across.min()).astype(np.int32)


def _watershed(blocks: Blocks, k: int, side: float) -> npt.NDArray[np.int32]:
    """Return ``tile * 256 + county`` of each block that is wide enough, 0 elsewhere.

    Parameters
    ----------
    blocks
        Eligible land.
    k
        Least width in blocks.
    side
        Side of a tile. [m]
    """
    rows, cols = blocks.grid.shape
    core = blocks.core.ravel()
    kept, work = np.empty_like(core), np.empty_like(core)
    open_square(core, rows, cols, k, kept, work)
    away = distance_m(kept.reshape(rows, cols) == 0, blocks.grid).ravel()
    wide = (away >= max(side * WIDE_SHARE, blocks.grid.dx)).view(np.uint8)
    row_tile, col_tile = _tiles(blocks, side, side)
    kind = blocks.kind.ravel()
    code = np.empty(kind.size, np.int32)
    ascend(
        kind * kept, away * blocks.value.ravel(), wide, row_tile, col_tile,
        int(col_tile.max()) + 1, max(int(side * REACH_SHARE / blocks.grid.dx), 1),
        np.empty(kind.size, np.int32), code,
    )  # fmt: skip
    fringe = ((core == 0) & (blocks.share.ravel() >= FRINGE_SHARE)).view(np.uint8)
    if fringe.any():
        take_fringe(kind, kept, fringe, away, rows, cols, code)
    return code


def _pieces(
    blocks: Blocks, code: npt.NDArray[np.int32], side: float, largest: float
) -> tuple[npt.NDArray[np.int32], int]:
    """Return the pieces of equal code, none above ``largest`` [MW], flat, and their count."""
    parent = np.empty(int(np.count_nonzero(code)) + 1, np.int32)
    whole = np.zeros(1, np.uint8)
    width = height = side
    for halving in range(HALVINGS):
        row_tile, col_tile = _tiles(blocks, width, height)
        pieces = np.empty(code.size, np.int32)
        count = label_pieces(code, whole, row_tile, col_tile, pieces, parent)
        power = np.bincount(pieces, weights=blocks.power.ravel(), minlength=count + 1)
        power[0] = 0.0
        whole = (power > largest).view(np.uint8)
        if not whole.any():
            break
        code = pieces
        if halving > 0:
            width, height = (width / 2, height) if width >= height else (width, height / 2)
    return pieces, count


def _join(
    blocks: Blocks,
    pieces: npt.NDArray[np.int32],
    count: int,
    smallest: float,
    largest: float,
    width_m: float,
) -> tuple[npt.NDArray[np.int32], int]:
    """Return the site of each block (1..count, 0 = none), flat, and the count."""
    power, shape = np.zeros(count), np.zeros((count, 4))
    piece_moments(
        pieces, blocks.share.ravel(), blocks.power.ravel(), blocks.grid.cols, power, shape
    )
    two = pieces.reshape(blocks.grid.shape)
    code, edges = np.unique(_borders(blocks, pieces, count), return_counts=True)
    a, b = code // count, code % count
    source = np.concatenate([a, b])
    by = np.lexsort((np.concatenate([b, a]), source))
    starts = np.ones(count, np.uint8)
    for rim in (two[0], two[-1], two[:, 0], two[:, -1]):
        starts[rim[rim > 0] - 1] = 0
    parent = np.arange(count, dtype=np.int64)
    join_pieces(
        power, shape,
        np.searchsorted(source[by], np.arange(count + 1)).astype(np.int64),
        np.concatenate([b, a])[by].astype(np.int64),
        np.concatenate([edges, edges])[by].astype(np.int64),
        np.lexsort((np.arange(count), power)).astype(np.int64),
        starts, smallest, largest, max(width_m / blocks.grid.dx, 1.0), parent,
    )  # fmt: skip
    inertia = shape[:, 3] - (shape[:, 1] ** 2 + shape[:, 2] ** 2) / shape[:, 0]
    compact = shape[:, 0] ** 2 / (2 * math.pi * inertia)
    good = (power >= smallest) & (power <= largest) & (compact >= MIN_COMPACTNESS)
    keep = np.unique(parent[good[parent]])
    number = np.zeros(count, np.int32)
    number[keep] = np.arange(1, keep.size + 1, dtype=np.int32)
    table = np.concatenate([np.zeros(1, np.int32), number[parent]])
    return table[pieces], int(keep.size)


def _borders(blocks: Blocks, pieces: npt.NDArray[np.int32], count: int) -> npt.NDArray[np.int64]:
    """Return ``low * count + high`` (from 0) of each edge between two pieces of a county."""
    rows, cols = blocks.grid.shape
    kind = blocks.kind.ravel()
    codes = np.empty(0, np.int64)
    n = meeting_edges(pieces, kind, rows, cols, count, codes)
    codes = np.empty(n, np.int64)
    meeting_edges(pieces, kind, rows, cols, count, codes)
    return codes
