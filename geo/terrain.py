"""Slope, its class, aspect and hillshade of a DEM on a metric grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo._kernels import horn
from geo._kernels import slope_class as class_kernel
from geo.crs import require_metric
from geo.errors import GridMismatchError, OptionError, Say
from geo.grid import Grid

Float32 = npt.NDArray[np.float32]

#: Class of a cell without a slope in :func:`slope_class`.
UNKNOWN: Final = class_kernel.UNKNOWN


def checked_dem(dem: npt.NDArray[Any], grid: Grid) -> Float32:
    """Return elevations [m] as float32 rows; refused off a metric grid or of another shape."""
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


def _room(out: tuple[Float32, Float32] | None, shape: tuple[int, int]) -> tuple[Float32, Float32]:
    """Return the arrays to fill: those of the caller, or new ones."""
    if out is None:
        return np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.float32)
    for one in out:
        if one.shape != shape or one.dtype != np.float32 or not one.flags.carray:
            raise GridMismatchError(
                "out",
                Say(
                    f"结果数组 {one.shape} {one.dtype} 应为 {shape} float32，连续存储且可写",
                    f"is {one.shape} {one.dtype}, wanted {shape} float32, one writeable piece",
                ),
                Say("用 np.empty(grid.shape, np.float32)", "use np.empty(grid.shape, np.float32)"),
            )
    return out


def check_apart(*arrays: npt.NDArray[Any]) -> None:
    """Raise :class:`GridMismatchError` where arrays share memory.

    Kernels read rows after others have been written.
    """
    for k, one in enumerate(arrays):
        if any(np.may_share_memory(one, other) for other in arrays[:k]):
            raise GridMismatchError(
                "out",
                Say("结果数组与另一数组共用内存", "shares its memory with another array"),
                Say("用各自独立的数组", "use arrays of their own"),
            )


def slope_aspect(
    dem: npt.NDArray[Any], grid: Grid, out: tuple[Float32, Float32] | None = None
) -> tuple[Float32, Float32]:
    """Return slope and aspect after Horn (1981).

    Parameters
    ----------
    dem
        Elevation, NaN where unknown, shape ``grid.shape``. [m]
    grid
        Metric grid; longitude/latitude and Web Mercator are refused.
    out
        Two float32 arrays of ``grid.shape`` to fill, apart from each other and from ``dem``;
        new memory costs a third of the time.

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
        The array is not on its grid, or ``out`` cannot hold the answer.
    """
    z = checked_dem(dem, grid)
    slope, aspect = _room(out, grid.shape)
    check_apart(z, slope, aspect)
    horn.slope_aspect(z, grid.dx, grid.dy, slope, aspect)
    return slope, aspect


def slope_class(
    dem: npt.NDArray[Any], grid: Grid, limits_deg: Sequence[float]
) -> npt.NDArray[np.uint8]:
    """Return how many of the limits the slope of each cell exceeds, without its angle.

    Parameters
    ----------
    dem
        Elevation, NaN where unknown, shape ``grid.shape``. [m]
    grid
        Metric grid.
    limits_deg
        Rising slope limits in [0, 90), at most 254. [deg]

    Returns
    -------
    ndarray of uint8
        Class k: above the first k limits, not above the next; 255 (:data:`UNKNOWN`) where
        the 3 x 3 window is incomplete.

    Raises
    ------
    CrsError, GridMismatchError, OptionError
        Grid not metric, array not on its grid, limits that do not rise within [0, 90).
    """
    z = checked_dem(dem, grid)
    limits = np.asarray(limits_deg, dtype=np.float64)
    rising = bool((np.diff(limits) > 0).all()) and limits.size < UNKNOWN
    if not rising or not bool(((limits >= 0) & (limits < 90)).all()):
        raise OptionError(
            "limits_deg",
            Say(f"坡度限值 {limits_deg} 应在 0..90 内递增", f"{limits_deg} do not rise in 0..90"),
            Say("由小到大给出 0 到 90 度", "give degrees from 0 to 90, smallest first"),
        )
    classes = np.empty(grid.shape, dtype=np.uint8)
    class_kernel.slope_class(z, grid.dx, grid.dy, np.tan(np.radians(limits)) ** 2, classes)
    return classes


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
        Grid not metric, array not on its grid, altitude out of range, azimuth not finite.
    """
    z = checked_dem(dem, grid)
    if not (0.0 <= altitude <= 90.0 and math.isfinite(azimuth)):
        raise OptionError(
            "sun",
            Say(f"太阳高度 {altitude} 不在 0..90，或方位角 {azimuth} 不是有限数",
                f"altitude {altitude} is not in 0..90, or azimuth {azimuth} is no number"),
            Say("给出 0 到 90 度的高度和方位角", "give an azimuth and 0 to 90 degrees of altitude"),
        )  # fmt: skip
    shade = np.empty(grid.shape, dtype=np.uint8)
    horn.hillshade(z, grid.dx, grid.dy, math.radians(azimuth), math.radians(altitude), shade)
    return shade
