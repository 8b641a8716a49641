"""The shape of sites: how compact, how wide, how long."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from geo.grid import Grid
from siting.sites._kernels.extent import site_extents, site_moments

#: Directions in which sites are measured, one a degree: a width is found to within 0.5°.
DIRECTIONS: Final = 180


def shape_columns(
    labels: npt.NDArray[np.int32], count: int, grid: Grid
) -> dict[str, npt.NDArray[np.float64]]:
    """Return columns on the shape of sites 1..count.

    Parameters
    ----------
    labels
        Site number of each cell, 0 = none, shape (rows, cols).
    count
        Number of sites.
    grid
        Metric grid of the labels.

    Returns
    -------
    dict
        Each of shape (count,), NaN for a site without cells:

        ``compactness``
            A² / (2 pi I) of area and polar second moment about the centroid [0-1]: 1 for a
            disc, 0.95 for a square, 0.37 for a strip of 5 : 1. Holes and gaps lower it,
            the cell size does not (Li, Goodchild and Church 2013).
        ``widest_m``
            Distance of the two closest parallel lines that hold the site. [m]
        ``longest_m``
            Distance of the two farthest that touch it, its greatest extent. [m]

    Raises
    ------
    OptionError
        If the labels are not on the grid.

    References
    ----------
    W. Li, M. F. Goodchild and R. Church, "An efficient measure of compactness for
    two-dimensional shapes and its application in regionalization problems", International
    Journal of Geographical Information Science 27 (2013): the moment of inertia as measure.
    """
    if labels.shape != grid.shape:
        raise OptionError(
            "sites",
            Say(
                f"编号 {labels.shape} 不在栅格 {grid.shape} 上", f"{labels.shape} off {grid.shape}"
            ),
            Say("用同一 Grid", "use one Grid"),
        )
    flat = np.ascontiguousarray(labels, np.int32).ravel()
    sums = np.zeros((count, 5))
    site_moments(flat, grid.rows, grid.cols, sums)
    angle = np.deg2rad(np.arange(DIRECTIONS) * 180.0 / DIRECTIONS)
    east, south = np.cos(angle) * grid.dx, np.sin(angle) * grid.dy
    low = np.full((count, DIRECTIONS), np.inf)
    high = np.full((count, DIRECTIONS), -np.inf)
    site_extents(flat, grid.rows, grid.cols, east, south, low, high)
    with np.errstate(invalid="ignore", divide="ignore"):
        extent = high - low + np.abs(east) + np.abs(south)  # centres to edges
        extent[sums[:, 0] == 0] = np.nan
        compactness = _compactness(sums, grid)
    return {
        "compactness": compactness,
        "widest_m": extent.min(axis=1),
        "longest_m": extent.max(axis=1),
    }


def _compactness(sums: npt.NDArray[np.float64], grid: Grid) -> npt.NDArray[np.float64]:
    """Return A² / (2 pi I); each cell brings the moment of its own rectangle."""
    n, col, row, cols, rows = sums.T
    area = grid.dx * grid.dy
    across = (cols - col * col / n + n / 12.0) * grid.dx**2
    down = (rows - row * row / n + n / 12.0) * grid.dy**2
    return np.asarray((n * area) ** 2 / (2 * np.pi * area * (across + down)), np.float64)
