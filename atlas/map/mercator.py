"""Rasters of the page: nearest warp to EPSG:3857, capped in cells, and the relief picture.

Only for display. Areas and energies come from tables made on the analysis grid,
never from these cells (EPSG:3857 inflates areas by 41 % at 32.5 degrees north).
"""

from __future__ import annotations

import base64
import math
from typing import Final

import numpy as np
import numpy.typing as npt
from affine import Affine
from rasterio.io import MemoryFile
from rasterio.warp import transform_bounds

from geo.grid import Grid
from geo.raster import warp

WEB_MERCATOR: Final = "EPSG:3857"
MAX_CELLS: Final = 5_000_000
RELIEF_PIXELS: Final = 1_100_000
OUTSIDE: Final = 65535
#: Colour of the page around the relief, which fades into it; shell.css uses the same.
PAPER: Final = (243, 244, 246)


def display_grid(grid: Grid, max_cells: int = MAX_CELLS) -> Grid:
    """Return the EPSG:3857 grid that shows ``grid``, of at most ``max_cells`` cells.

    The ground size of a cell is kept unless the cap makes it coarser.
    """
    west, south, east, north = transform_bounds(
        grid.crs, WEB_MERCATOR, *grid.bounds, densify_pts=41
    )
    across = transform_bounds(grid.crs, WEB_MERCATOR, *_middle(grid).bounds)
    size = math.sqrt((across[2] - across[0]) * (across[3] - across[1]))
    for _ in range(8):
        cols, rows = math.ceil((east - west) / size), math.ceil((north - south) / size)
        if cols * rows <= max_cells:
            break
        size *= math.sqrt(cols * rows / max_cells) * 1.0005
    return Grid(WEB_MERCATOR, Affine(size, 0, west, 0, -size, north), (max(rows, 1), max(cols, 1)))


def _middle(grid: Grid) -> Grid:
    return grid.window(grid.rows // 2, grid.cols // 2, 1, 1)


def warp_index(index: npt.NDArray[np.uint16], grid: Grid, target: Grid) -> npt.NDArray[np.uint16]:
    """Return ``index`` (uint16 codes on ``grid``) on ``target`` by nearest neighbour.

    Cells without a source read 65535 (:data:`OUTSIDE`).
    """
    out: npt.NDArray[np.uint16] = warp(index, grid, target, resampling="nearest", nodata=OUTSIDE)
    return out


def relief(hillshade: npt.NDArray[np.uint8], grid: Grid) -> tuple[str, Grid]:
    """Return the hillshade as a light grey WebP data URI and its EPSG:3857 grid.

    Grey is stretched between its 2nd and 98th percentile into the upper half of the
    scale, so that colours above it stay true, and fades to paper at the picture's edge.
    """
    target = display_grid(grid, RELIEF_PIXELS)
    method = "bilinear" if target.dx <= 2 * grid.dx else "average"
    warped = warp(hillshade, grid, target, resampling=method, nodata=0)
    return _webp(_tint(warped), target), target


def _tint(shade: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    known = shade > 0
    low, high = np.percentile(shade[known], (2, 98)) if known.any() else (0.0, 1.0)
    light = np.clip((shade - low) / max(high - low, 1.0), 0, 1).astype(np.float32)
    grey = 196 + 58 * light
    weight = np.where(known, _fade(shade.shape), 0).astype(np.float32)
    bands = [grey * weight + paper * (1 - weight) for paper in PAPER]
    rgb: npt.NDArray[np.uint8] = np.rint(np.stack(bands)).astype(np.uint8)
    return rgb


def _fade(shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Return 1 inside, falling to 0 over the outer 4 % of each side."""
    ramps = []
    for n in shape:
        i = np.arange(n, dtype=np.float32)
        ramps.append(np.clip(np.minimum(i, n - 1 - i) / max(0.04 * n, 1.0), 0, 1))
    fade: npt.NDArray[np.float32] = np.minimum.outer(ramps[0], ramps[1])
    return fade


def _webp(bands: npt.NDArray[np.uint8], grid: Grid) -> str:
    with MemoryFile() as memory:
        with memory.open(
            driver="WEBP", width=grid.cols, height=grid.rows, count=3, dtype="uint8",
            transform=grid.transform, crs=grid.crs, quality=62,
        ) as dataset:  # fmt: skip
            dataset.write(bands)
        raw = bytes(memory.read())
    return "data:image/webp;base64," + base64.b64encode(raw).decode("ascii")
