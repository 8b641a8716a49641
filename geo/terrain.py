"""Slope, aspect and hillshade of a DEM on a metric grid."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from geo._kernels import horn
from geo.crs import require_metric
from geo.errors import GridMismatchError, OptionError, Say
from geo.grid import Grid

Float32 = npt.NDArray[np.float32]


def _checked(dem: npt.NDArray[Any], grid: Grid) -> Float32:
    require_metric(grid, "dem")
    if dem.shape != grid.shape:
        raise GridMismatchError(
            "dem",
            Say(
                f"数组 {dem.shape} 与栅格 {grid.shape} 不符",
                f"is {dem.shape}, its grid {grid.shape}",
            ),
            Say("用 geo.raster.read 读到同一 Grid", "read it onto the run's Grid"),
        )
    return np.ascontiguousarray(dem, dtype=np.float32)


def slope_aspect(dem: npt.NDArray[Any], grid: Grid) -> tuple[Float32, Float32]:
    """Return slope and aspect after Horn (1981).

    Parameters
    ----------
    dem
        Elevation, NaN where unknown, shape ``grid.shape``. [m]
    grid
        Metric grid; longitude/latitude and Web Mercator are refused.

    Returns
    -------
    tuple of ndarray of float32
        Slope [deg] and aspect [deg], downhill, clockwise from grid north, in [0, 360).
        Both NaN where the 3 x 3 window is incomplete; aspect NaN where the ground is flat.

    Raises
    ------
    CrsError
        The grid is not metric.
    GridMismatchError
        The array is not on its grid.
    """
    z = _checked(dem, grid)
    slope, aspect = np.empty_like(z), np.empty_like(z)
    horn.slope_aspect(z, grid.dx, grid.dy, slope, aspect)
    return slope, aspect


def hillshade(
    dem: npt.NDArray[Any], grid: Grid, azimuth: float = 315.0, altitude: float = 45.0
) -> npt.NDArray[np.uint8]:
    """Return the light that falls on the ground, for pictures.

    Parameters
    ----------
    dem
        Elevation, NaN where unknown, shape ``grid.shape``. [m]
    grid
        Metric grid.
    azimuth
        Direction of the sun, clockwise from north. [deg]
    altitude
        Height of the sun above the horizon, 0..90. [deg]

    Returns
    -------
    ndarray of uint8
        1 = turned away, 255 = facing the sun, 0 = no data.

    Raises
    ------
    CrsError, GridMismatchError, OptionError
        Grid not metric, array not on its grid, altitude out of range.
    """
    z = _checked(dem, grid)
    if not 0.0 <= altitude <= 90.0:
        raise OptionError(
            "altitude",
            Say(f"太阳高度 {altitude} 不在 0..90", f"{altitude} is not in 0..90"),
            Say("给出 0 到 90 度", "give 0 to 90 degrees"),
        )
    shade = np.empty(grid.shape, dtype=np.uint8)
    horn.hillshade(z, grid.dx, grid.dy, math.radians(azimuth), math.radians(altitude), shade)
    return shade
