"""Reservoirs by the atlas rules: dam points on streams, curves at 15 wall heights."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo.crs import cell_areas
from geo.hydrology import Drainage
from geo.terrain import checked_dem
from siting.pumped.anu import rules
from siting.pumped.anu._kernels import reservoirs as kernel
from siting.pumped.anu.model import AnuSites

Int32 = npt.NDArray[np.int32]

_EDGE: Final = 32_000.0


def whole_metres(dem: npt.NDArray[Any]) -> npt.NDArray[np.int16]:
    """Return ground in whole metres, as the method reads it; void where unknown. [m]."""
    out = np.empty(dem.shape, np.int16)
    for start in range(0, dem.shape[0], 512):
        part = dem[start : start + 512]
        rounded = np.clip(np.rint(part), -_EDGE, _EDGE)
        out[start : start + 512] = np.where(np.isfinite(part), rounded, kernel.VOID)
    return out


def dam_points(drainage: Drainage, mask: npt.NDArray[np.bool_] | None = None) -> Int32:
    """Return the cells where a stream crosses a 10 m level, off the mask, flat and ascending."""
    shape = drainage.grid.shape
    barred = _barred(mask, shape)
    arguments = (
        drainage.filled.ravel(), drainage.direction.ravel(), drainage.cells.ravel(), barred,
        shape, rules.STREAM_CELLS, rules.CONTOUR_M,
    )  # fmt: skip
    found = np.empty(kernel.points(*arguments, np.empty(0, np.int32)), np.int32)
    kernel.points(*arguments, found)
    return found


def reservoirs(
    drainage: Drainage,
    dem: npt.NDArray[Any],
    mask: npt.NDArray[np.bool_] | None,
    point: Int32,
) -> AnuSites:
    """Return the reservoir behind each dam point; none is left out.

    Parameters
    ----------
    drainage
        Of ``dem``.
    dem
        Ground, NaN = void, (rows, cols). [m]
    mask
        Ground that no water may touch, (rows, cols); none when None.
    point
        Flat cells of dam feet.

    Returns
    -------
    AnuSites
        A lake of more than :data:`siting.pumped.anu.rules.SAFE_CELLS` cells has
        ``lake_cells`` -1 and no curve: nothing is cut short.

    Raises
    ------
    CrsError
        The grid is not metric.
    GridMismatchError
        ``dem`` is not on the grid of ``drainage``.
    """
    grid = drainage.grid
    ground = checked_dem(dem, grid)
    n, heights = point.size, rules.HEIGHTS
    area = np.asarray(cell_areas(grid)[point // grid.cols, point % grid.cols], np.float64)
    metres = whole_metres(ground)
    sites = AnuSites(
        grid=grid,
        cell=point,
        foot_m=metres.ravel()[point],
        water_m3=np.zeros((n, heights), np.float32),
        dam_m3=np.zeros((n, heights), np.float32),
        cap_m=np.zeros(n, np.float32),
        lake_cells=np.zeros(n, np.int32),
        extreme=np.zeros((n, heights, 8), np.int32),
        area_m2=area,
    )
    kernel.reservoirs(
        point, drainage.order, drainage.position.ravel(), drainage.cells.ravel(),
        drainage.filled.ravel(), metres.ravel(), _barred(mask, grid.shape), grid.shape,
        (grid.dx, grid.dy), (rules.HEIGHT_STEP_M, heights),
        (rules.FREEBOARD_M, rules.CREST_M, rules.BATTER), rules.SAFE_CELLS, area,
        sites.water_m3, sites.dam_m3, sites.cap_m, sites.lake_cells, sites.extreme,
    )  # fmt: skip
    return sites


def kept(sites: AnuSites) -> npt.NDArray[np.bool_]:
    """Return which reservoirs the rules keep, bool (n,).

    Largest volume and largest water to rock are taken over the heights up to the cap, each
    for itself: that they may belong to different heights is a trait of the rules.
    """
    heights = rules.HEIGHT_STEP_M * np.arange(1, rules.HEIGHTS + 1)
    within = heights <= sites.cap_m[:, None]
    volume = sites.volume_m3
    dam = sites.dam_m3.astype(np.float64)
    ratio = np.divide(volume, dam, out=np.full(volume.shape, np.inf), where=dam > 0)
    large = np.where(within, volume, 0.0).max(axis=1, initial=0.0) >= rules.LEAST_VOLUME_M3
    light = np.where(within, ratio, 0.0).max(axis=1, initial=0.0) > rules.LEAST_WATER_ROCK
    fits = (sites.cap_m >= rules.LEAST_CAP_M) & (sites.lake_cells > 0)
    return np.asarray(large & light & fits)


def _barred(mask: npt.NDArray[np.bool_] | None, shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
    if mask is None:
        return np.zeros(shape[0] * shape[1], np.uint8)
    return np.ascontiguousarray(mask, np.bool_).view(np.uint8).ravel()
