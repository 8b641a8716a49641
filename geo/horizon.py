"""Horizon of every cell of a DEM, and what of sky and sun it leaves.

Directions are azimuths clockwise from grid north. A ray is sampled once per cell of its
longer axis, with linear interpolation between the two cells beside it: for the first
:data:`NEAR` steps on the ray through the cell's own centre, farther out on the parallel
line that passes the centre within half a cell and is shared by all cells along it. There
is no limit of reach. The earth's curvature and a refraction of :data:`REFRACTION` count.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo._kernels import horizon as kernel
from geo._kernels import near_horizon, sky
from geo.errors import GridMismatchError, OptionError, Say
from geo.grid import Grid
from geo.terrain import check_apart, checked_dem

Float32 = npt.NDArray[np.float32]

#: Coefficient of terrestrial refraction (mean of daytime levelling practice).
REFRACTION: Final = 0.13
#: Mean radius of the earth. [m]
EARTH_RADIUS: Final = 6_371_008.8
#: Steps that are seen along the ray through the cell's own centre.
NEAR: Final = 32


@dataclass(frozen=True, slots=True)
class Ray:
    """A direction in steps of the grid.

    Parameters
    ----------
    along_columns
        True when a step goes one row up or down, False when it goes one column.
    flip
        True when it goes up (north) or left (west).
    lean
        Cells moved to the other side at each step, rows downwards, -1..1.
    step_m
        Length of a step. [m]
    """

    along_columns: bool
    flip: bool
    lean: float
    step_m: float


def ray(azimuth: float, grid: Grid) -> Ray:
    """Return the steps of an azimuth [deg], clockwise from grid north.

    Raises
    ------
    OptionError
        The azimuth is not finite.
    """
    if not math.isfinite(azimuth):
        raise OptionError(
            "azimuth",
            Say(f"方位角 {azimuth} 不是有限数", f"{azimuth} is no finite number"),
            Say("给出度数", "give degrees"),
        )
    right = math.sin(math.radians(azimuth)) / grid.dx
    down = -math.cos(math.radians(azimuth)) / grid.dy
    long, short = (down, right) if abs(down) >= abs(right) - 1e-12 else (right, down)
    lean = short / abs(long)
    # lines along axes and diagonals run through centres: no interpolation beside them
    lean = float(round(lean)) if abs(lean - round(lean)) < 1e-9 else lean
    return Ray(long is down, long < 0, lean, 1.0 / abs(long))


def _azimuths(directions: int) -> list[float]:
    if directions < 4:
        raise OptionError(
            "directions",
            Say(f"方向数 {directions} 少于 4", f"{directions} are fewer than 4"),
            Say("用 16 或 32 个方向", "use 16 or 32 directions"),
        )
    return [360.0 * k / directions for k in range(directions)]


def _fill(
    z: Float32, grid: Grid, azimuth: float, out: Float32, refraction: float = REFRACTION
) -> Float32:
    """Fill ``out`` with the tangents of one direction."""
    way = ray(azimuth, grid)
    radius = EARTH_RADIUS / (1.0 - refraction) if refraction < 1.0 else math.inf
    # on a line through centres the own ray and the shared line are one
    near = 0 if way.lean in {-1.0, 0.0, 1.0} else NEAR
    far = kernel.far_columns if way.along_columns else kernel.far_rows
    far(z, way.lean, way.flip, way.step_m, radius, near, out)
    if near:
        close = near_horizon.near_columns if way.along_columns else near_horizon.near_rows
        close(z, way.lean, way.flip, way.step_m, radius, near, out)
    return out


def tangent(
    dem: npt.NDArray[Any],
    grid: Grid,
    azimuth: float,
    out: Float32 | None = None,
    refraction: float = REFRACTION,
) -> Float32:
    """Return the tangent of the horizon's height in one direction.

    Parameters
    ----------
    dem
        Elevation, NaN where unknown, shape ``grid.shape``. [m]
    grid
        Metric grid.
    azimuth
        Direction, clockwise from grid north. [deg]
    out
        float32 array of ``grid.shape`` in one piece, apart from ``dem``, to fill; a new one
        when None.
    refraction
        Curvature of light over that of the earth, 0..1; 1 leaves the ground flat. [1]

    Returns
    -------
    ndarray of float32, shape ``grid.shape``
        At least 0, also where nothing is higher up to the edge of the DEM; NaN where the
        elevation is unknown. Unknown ground hides nothing.

    Raises
    ------
    CrsError, GridMismatchError, OptionError
        Grid not metric, an array not on it, refraction outside 0..1, azimuth not finite.
    """
    z = checked_dem(dem, grid)
    if not 0.0 <= refraction <= 1.0:
        raise OptionError(
            "refraction",
            Say(f"折光系数 {refraction} 不在 0..1", f"{refraction} is not in 0..1"),
            Say("通常取 0.13", "0.13 is usual"),
        )
    if out is None:
        out = np.empty(grid.shape, dtype=np.float32)
    elif out.shape != grid.shape or out.dtype != np.float32 or not out.flags.carray:
        raise GridMismatchError(
            "out",
            Say(f"结果数组应为 {grid.shape} float32", f"should be {grid.shape} float32, one piece"),
            Say("用 np.empty(grid.shape, np.float32)", "use np.empty(grid.shape, np.float32)"),
        )
    check_apart(z, out)
    return _fill(z, grid, azimuth, out, refraction)


def horizon(dem: npt.NDArray[Any], grid: Grid, directions: int = 16) -> Float32:
    """Return the height of the horizon in equally spaced directions.

    Parameters
    ----------
    dem
        Elevation, NaN where unknown, shape ``grid.shape``. [m]
    grid
        Metric grid.
    directions
        How many; the k-th looks to azimuth 360 k / directions from grid north.

    Returns
    -------
    ndarray of float32, shape (directions, rows, cols)
        Height above the horizontal, 0..90; NaN where the elevation is unknown. [deg]
        16 directions of 1e8 cells are 6.4 GB: :func:`sky_view` and :func:`beam_share` hold
        two and three rasters, :func:`tangent` one.

    Raises
    ------
    CrsError, GridMismatchError, OptionError
        Grid not metric, array not on its grid, fewer than 4 directions.

    References
    ----------
    Dozier, Bruno and Downey 1981, Computers & Geosciences 7, 145-151; Timonen and
    Westerholm 2010, Computer Graphics Forum 29, 489-496 (hull sweep along lines).
    """
    z = checked_dem(dem, grid)
    azimuths = _azimuths(directions)
    out = np.empty((directions, *grid.shape), dtype=np.float32)
    for one, azimuth in zip(out, azimuths, strict=True):
        sky.degrees(_fill(z, grid, azimuth, one))
    return out


def sky_view(dem: npt.NDArray[Any], grid: Grid, directions: int = 16) -> Float32:
    """Return the share of an even sky's light that reaches flat ground at each cell.

    The mean of cos^2 of the horizon's height over the directions. On an endless plane of
    slope s it tends to (1 + cos s) / 2 as directions grow.

    Parameters
    ----------
    dem
        Elevation, NaN where unknown, shape ``grid.shape``. [m]
    grid
        Metric grid.
    directions
        How many directions the mean takes.

    Returns
    -------
    ndarray of float32, shape ``grid.shape``
        0..1; NaN where the elevation is unknown. [1]

    Raises
    ------
    CrsError, GridMismatchError, OptionError
        As for :func:`horizon`.

    References
    ----------
    Dozier and Frew 1990, IEEE Trans. Geosci. Remote Sens. 28, 963-969, with slope 0.
    """
    z = checked_dem(dem, grid)
    total = np.zeros(grid.shape, dtype=np.float32)
    room = np.empty(grid.shape, dtype=np.float32)
    for azimuth in _azimuths(directions):
        sky.open_sky(_fill(z, grid, azimuth, room), 1.0 / directions, total)
    return total


def beam_share(
    dem: npt.NDArray[Any], grid: Grid, suns: npt.NDArray[np.float64], directions: int = 16
) -> Float32:
    """Return the share of the sun's beam that terrain lets through, over given suns.

    The horizon between two directions is interpolated; no more than two directions are
    held at a time.

    Parameters
    ----------
    dem
        Elevation, NaN where unknown, shape ``grid.shape``. [m]
    grid
        Metric grid.
    suns
        Rows of (azimuth from grid north [deg], altitude [deg], weight), shape (n, 3); the
        weight is what the unshaded beam of that position is worth, e.g. Wh/m2 in a year.
        Positions at or below altitude 0 are left out; none stands above 90.
    directions
        How many directions the horizon is known in.

    Returns
    -------
    ndarray of float32, shape ``grid.shape``
        Weight that arrives / weight of all, 0..1; NaN where the elevation is unknown. [1]

    Raises
    ------
    CrsError, GridMismatchError, OptionError
        As for :func:`horizon`; or no sun above the horizon, or a weight that is not >= 0.
    """
    z = checked_dem(dem, grid)
    azimuths = _azimuths(directions)
    up = _suns_up(suns)
    total = np.zeros(grid.shape, dtype=np.float32)
    for azimuth, pair, some in _sectors(z, grid, azimuths, up):
        turns = (some[:, 0] - azimuth) * directions / 360.0
        sky.lit(*pair, turns, np.tan(np.radians(some[:, 1])), some[:, 2], total)
    total /= np.float32(up[:, 2].sum())
    total[np.isnan(z)] = np.nan
    return total


def _suns_up(suns: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the positions above the horizon, azimuths within 0..360."""
    table = np.array(suns, dtype=np.float64)
    good = table.ndim == 2 and table.shape[1] == 3 and bool(np.isfinite(table).all())
    up = table[table[:, 1] > 0.0] if good else np.empty((0, 3))
    good = bool((up[:, 2] >= 0.0).all() and (up[:, 1] <= 90.0).all())
    if not good or not up[:, 2].sum() > 0.0:
        raise OptionError(
            "suns",
            Say(
                "没有地平线以上、权重为正的太阳位置", "hold no sun above the horizon with a weight"
            ),
            Say("给出（方位角、高度角、权重）三列", "give rows of (azimuth, altitude, weight)"),
        )
    up[:, 0] %= 360.0
    return up


def _sectors(
    z: Float32, grid: Grid, azimuths: list[float], suns: npt.NDArray[np.float64]
) -> Iterator[tuple[float, tuple[Float32, Float32], npt.NDArray[np.float64]]]:
    """Yield (first azimuth, tangents of both its edges, suns) of each sector that has suns."""
    sector = np.minimum(suns[:, 0] * len(azimuths) / 360.0, len(azimuths) - 1).astype(np.int64)
    rooms = [np.empty_like(z), np.empty_like(z)]
    held: int | None = None
    for k in np.unique(sector).tolist():
        following = (k + 1) % len(azimuths)
        if held == k:
            rooms.reverse()
        else:
            _fill(z, grid, azimuths[k], rooms[0])
        _fill(z, grid, azimuths[following], rooms[1])
        held = following
        yield azimuths[k], (rooms[0], rooms[1]), suns[sector == k]
