"""Cells under each structure, with the land of each that the structure takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse

from geo.grid import Grid
from geo.rasterize import burn
from siting.law.patterns import OUTSIDE
from siting.law.terms import Component
from siting.pumped.works.model import Works
from siting.sites.ground import Ground
from siting.sites.params import Params

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

#: Structures whose land is that of a strip or small place: shares of cells, not whole cells.
_NARROW: Final = frozenset({"upper_works", "lower_works", "tunnel", "powerhouse", "road", "line"})
#: Parameter that says how wide the strip of a line is.
_WIDTH: Final = {"tunnel": "corridor_m", "road": "road_width_m", "line": "line_width_m"}


@dataclass(frozen=True, slots=True, eq=False)
class Burnt:
    """Land of one kind of structure under every pair.

    Parameters
    ----------
    areas
        Area of each pattern, sparse (n, patterns). [m²]
    outside_m2
        Area outside the region, (n,). [m²]
    present
        Pairs that have the structure, bool (n,).
    shares
        Hectares are shares of cells; False: whole cells whose centre lies inside.
    """

    areas: sparse.csr_matrix
    outside_m2: Float64
    present: npt.NDArray[np.bool_]
    shares: bool


def burnt(works: Works, n: int, ground: Ground, component: Component, params: Params) -> Burnt:
    """Return the land of a component under each of ``n`` pairs.

    A lake and its dam count once where they overlap. Lakes and dams take the cells whose
    centre lies inside; where there is none, and for narrow structures, every cell touched
    counts with the share that is covered.
    """
    parts = works.parts
    mine = parts[(parts["component"] == component.value) & ~parts["existing"].astype(bool)]
    rows, patterns, areas = [], [], []
    outside = np.zeros(n)
    present = np.zeros(n, np.bool_)
    for site, group in mine.groupby("site", sort=True):
        i = int(site)
        present[i] = True
        pattern, area, out_m2 = _land(group, ground, params)
        outside[i] = out_m2
        rows.append(np.full(pattern.size, i))
        patterns.append(pattern)
        areas.append(area)
    table = sparse.coo_matrix(
        (
            np.concatenate(areas) if areas else np.zeros(0),
            (
                np.concatenate(rows) if rows else np.zeros(0, np.int64),
                np.concatenate(patterns) if patterns else np.zeros(0, np.int64),
            ),
        ),
        shape=(n, ground.table.n),
    ).tocsr()
    narrow = bool(mine["part"].isin(_NARROW).all()) if len(mine) else False
    return Burnt(table, outside, present, narrow)


def _land(group: gpd.GeoDataFrame, ground: Ground, params: Params) -> tuple[Int64, Float64, float]:
    """Return pattern and area of every cell of the structures, and the area outside [m²]."""
    shapes = []
    for part, geometry in zip(group["part"], group.geometry, strict=True):
        width = _WIDTH.get(part)
        strip = geometry if width is None else geometry.buffer(params.number(width) / 2)
        shapes.append(strip)
    land = shapely.union_all(shapes)
    narrow = bool(group["part"].isin(_NARROW).all())
    return patterns_under(land, ground, narrow=narrow)


def patterns_under(land: Any, ground: Ground, *, narrow: bool) -> tuple[Int64, Float64, float]:
    """Return pattern and area of each cell under a polygon, and the area outside. [m²].

    Parameters
    ----------
    narrow
        Count shares of every cell touched; else cells whose centre lies inside (shares too
        where no centre does).
    """
    window = window_of(land, ground.grid)
    if window is None:
        return np.zeros(0, np.int64), np.zeros(0), float(land.area)
    top, left, grid = window
    share = np.zeros(0)
    if not narrow:
        share = burn([land], grid).astype(np.float64)
    if narrow or not share.any():
        share = _shares(land, grid)
    r, c = np.nonzero(share)
    index = ground.table.index[top + r, left + c].astype(np.int64)
    area = share[r, c] * ground.cell_area[top + r, left + c]
    inside = index != OUTSIDE
    frame = shapely.box(*ground.grid.bounds)
    beyond = 0.0 if frame.covers(land) else float(land.difference(frame).area)
    return index[inside], area[inside], float(area[~inside].sum()) + beyond


def _shares(land: Any, grid: Grid) -> Float64:
    """Return the share of each cell of a small window that a polygon covers."""
    # a cell that touches the land has its centre within half a diagonal of it
    reach = land.buffer(0.75 * max(grid.dx, grid.dy))
    rows, cols = np.nonzero(burn([reach], grid))
    t = grid.transform
    west, north = t.c + cols * t.a, t.f + rows * t.e
    cells = shapely.box(west, north + t.e, west + t.a, north)
    # most cells within reach are not touched: a prepared test is far cheaper than a cut
    shapely.prepare(land)
    met = shapely.intersects(land, cells)
    rows, cols, cells = rows[met], cols[met], cells[met]
    share = np.zeros(grid.shape)
    share[rows, cols] = shapely.area(shapely.intersection(cells, land)) / (grid.dx * grid.dy)
    return share


def window_of(land: Any, grid: Grid) -> tuple[int, int, Grid] | None:
    """Return first row, first column and grid of the cells that a geometry may touch."""
    if land.is_empty:
        return None
    west, south, east, north = land.bounds
    t = grid.transform
    c0 = max(int(np.floor((west - t.c) / grid.dx)), 0)
    c1 = min(int(np.floor((east - t.c) / grid.dx)) + 1, grid.cols)
    r0 = max(int(np.floor((t.f - north) / grid.dy)), 0)
    r1 = min(int(np.floor((t.f - south) / grid.dy)) + 1, grid.rows)
    if c1 <= c0 or r1 <= r0:
        return None
    return r0, c0, grid.window(r0, c0, r1 - r0, c1 - c0)
