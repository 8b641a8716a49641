"""Candidates: cells where the bed of a gully falls through a step of elevation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo.hydrology import STEP_COLS, STEP_ROWS, Drainage

Int64 = npt.NDArray[np.int64]

_M2_PER_KM2 = 1.0e6
_DM_PER_M = 10.0


def gully_cells(drainage: Drainage, least_km2: float, step_m: float) -> Int64:
    """Return the flat cells of gullies whose bed falls below a multiple of ``step_m`` next.

    Parameters
    ----------
    drainage
        Drained terrain.
    least_km2
        Smallest catchment of a gully. [km²]
    step_m
        Step of elevation; multiples of the height datum, so that a crop changes none. [m]

    Returns
    -------
    ndarray of int64
        Rising flat cell numbers.
    """
    grid = drainage.grid
    cols = grid.cols
    least = least_km2 * _M2_PER_KM2 / (grid.dx * grid.dy)
    flat = np.flatnonzero((drainage.cells >= least) & (drainage.direction <= 7))
    towards = drainage.direction.reshape(-1)[flat]
    steps = np.asarray(STEP_ROWS, np.int64) * cols + np.asarray(STEP_COLS, np.int64)
    filled = drainage.filled.reshape(-1)
    above = _band(filled[flat], step_m)
    below = _band(filled[flat + steps[towards]], step_m)
    return np.asarray(flat[above > below], np.int64)


def _band(level: npt.NDArray[np.float32], step_m: float) -> npt.NDArray[np.float64]:
    # whole decimetres: a level on a multiple divides without a remainder
    return np.asarray(
        np.floor(np.rint(level.astype(np.float64) * _DM_PER_M) / (step_m * _DM_PER_M))
    )
