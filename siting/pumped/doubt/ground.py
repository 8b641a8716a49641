"""The ground as the lakes of all draws read it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.crs import cell_areas
from geo.hydrology import Drainage
from siting.pumped.doubt.field import ErrorField

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """Ground of all lakes, flat views made once."""

    drainage: Drainage
    field: ErrorField
    areas: npt.NDArray[np.float64]
    filled: Float32
    position: Int32
    cells: Int32

    def xy(self, row: Float64, col: Float64) -> tuple[Float64, Float64]:
        """Return coordinates of rows and columns counted from the first cell centre. [m]."""
        t = self.drainage.grid.transform
        return t.c + (col + 0.5) * t.a, t.f + (row + 0.5) * t.e


def terrain(drainage: Drainage, field: ErrorField) -> Terrain:
    """Return the ground as the lakes read it."""
    return Terrain(
        drainage,
        field,
        cell_areas(drainage.grid),
        drainage.filled.ravel(),
        drainage.position.ravel(),
        drainage.cells.ravel(),
    )


def errors_at(ground: Terrain, row: Float64, col: Float64) -> Float32:
    """Return the error at places of the grid, none in the first draw, (n, 1 + draws). [m]."""
    errors = ground.field.errors(*ground.xy(row, col))
    return np.concatenate([np.zeros((row.size, 1), np.float32), errors], axis=1)


def with_zero(shift: Float32) -> Float32:
    """Return values by draw behind one draw without error, (1 + draws,)."""
    return np.concatenate([np.zeros(1, np.float32), shift])


def bilinear(dem: Float32, row: Float64, col: Float64) -> Float32:
    """Return the ground between cell centres, NaN beyond them or beside a void. [m]."""
    rows, cols = dem.shape
    r = np.clip(np.floor(row).astype(np.int64), 0, max(rows - 2, 0))
    c = np.clip(np.floor(col).astype(np.int64), 0, max(cols - 2, 0))
    v, u = row - r, col - c
    inside = (v >= 0) & (v <= 1) & (u >= 0) & (u <= 1)
    below, beside = np.minimum(r + 1, rows - 1), np.minimum(c + 1, cols - 1)
    total = np.zeros(row.shape)
    for z, share in (
        (dem[r, c], (1 - v) * (1 - u)),
        (dem[r, beside], (1 - v) * u),
        (dem[below, c], v * (1 - u)),
        (dem[below, beside], v * u),
    ):
        total += np.where(share > 0, z * share, 0.0)
    return np.where(inside, total, np.nan).astype(np.float32)
