"""Relative height: how far ground stands above its surroundings, a terrain descriptor.

Height above the mean of a square window. It says where ridges are and nothing about the
wind: it is printed beside a site and takes no part in its score (truth.md A2).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter

from geo.grid import Grid


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
        Side of the window, at least one cell. [m]

    Returns
    -------
    ndarray of float32
        NaN where the elevation is NaN; cells without elevation and beyond the grid take
        no part in the mean.
    """
    size = max(2 * int(window_m / grid.dx / 2) + 1, 3)
    known = np.isfinite(dem)
    base = np.float32(np.nanmean(dem)) if known.any() else np.float32(0)
    # heights are taken from their mean first: float32 sums of a window stay exact to millimetres
    height = np.where(known, dem - base, np.float32(0))
    total = uniform_filter(height, size, output=np.float32, mode="constant")
    share = uniform_filter(known.astype(np.float32), size, output=np.float32, mode="constant")
    with np.errstate(invalid="ignore", divide="ignore"):
        above = dem - base - total / share
    return np.where(known, above, np.float32(np.nan)).astype(np.float32)
