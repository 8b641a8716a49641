"""Relative height: how far ground stands above its surroundings, a terrain descriptor.

Height above the mean of a square window. It says where ridges are and nothing about the
wind: it is printed beside a site and takes no part in its score (truth.md A2).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo.grid import Grid
from siting.wind._kernels.relief import above_mean


def relative_height(
    dem: npt.NDArray[np.float32], grid: Grid, window_m: float
) -> npt.NDArray[np.float32]:
    """Return the height of each cell above the mean of the window round it. [m].

    Parameters
    ----------
    dem
        Elevation, NaN = missing. [m]
    grid
        Metric grid of the elevation.
    window_m
        Side of the window, at least three cells are taken. [m]

    Returns
    -------
    ndarray of float32
        NaN where the elevation is NaN; cells without elevation and beyond the grid take
        no part in the mean. Sums are exact, so a crop changes nothing inside.
    """
    out = np.empty(grid.shape, np.float32)
    flat = np.ascontiguousarray(dem, np.float32).ravel()
    half = max(int(window_m / grid.dx / 2), 1)
    above_mean(flat, grid.rows, grid.cols, half, out.ravel())
    return out
