"""The elevation inside the outline of a lake or a pit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from geo import crs as geo_crs
from geo.grid import Grid
from geo.rasterize import burn

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """Cells whose centre lies inside an outline.

    Parameters
    ----------
    ground_m
        Elevation of those that are not void, (n,). [m]
    area_m2
        Their areas on the ellipsoid, (n,). [m²]
    rim_m
        Elevation of those that have a neighbour outside, (k,). [m]
    void_share
        Share of the cells without an elevation. [-]
    """

    ground_m: Float64
    area_m2: Float64
    rim_m: Float64
    void_share: float


def inside(dem: npt.NDArray[np.float32], grid: Grid, outline: BaseGeometry) -> Inside:
    """Return the elevation inside an outline; empty where no cell centre lies in it.

    Parameters
    ----------
    dem
        Float32 (rows, cols), NaN = void. [m]
    outline
        Polygon in the grid's CRS.
    """
    window = _window(grid, outline)
    if window is None:
        nothing = np.zeros(0)
        return Inside(nothing, nothing, nothing, 1.0)
    row, col, rows, cols = window
    part = grid.window(row, col, rows, cols)
    mask = np.pad(burn([outline], part) > 0, 1)
    inner = mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    held = mask[1:-1, 1:-1]
    ground = dem[row : row + rows, col : col + cols].astype(np.float64)
    known = held & np.isfinite(ground)
    area = geo_crs.cell_areas(part)
    cells = int(held.sum())
    return Inside(
        ground[known],
        np.asarray(area[known], np.float64),
        ground[known & ~inner],
        1.0 - known.sum() / cells if cells else 1.0,
    )


def _window(grid: Grid, outline: BaseGeometry) -> tuple[int, int, int, int] | None:
    """Return row, column, rows and columns of the grid that an outline spans, or None."""
    if outline.is_empty:
        return None
    west, south, east, north = outline.bounds
    t = grid.transform
    col, row = math.floor((west - t.c) / t.a), math.floor((north - t.f) / t.e)
    end_col, end_row = math.ceil((east - t.c) / t.a), math.ceil((south - t.f) / t.e)
    col, row = max(col, 0), max(row, 0)
    rows, cols = min(end_row, grid.rows) - row, min(end_col, grid.cols) - col
    return None if rows < 1 or cols < 1 else (row, col, rows, cols)
