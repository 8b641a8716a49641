"""One new lake on the ground of every draw: its water, its dam, beside those on the DEM."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.crs import cell_areas
from geo.hydrology import Drainage
from siting.pumped.dams.model import D8_WALL, DamSites
from siting.pumped.dams.section import Section
from siting.pumped.doubt._kernels import dam as dam_kernel
from siting.pumped.doubt._kernels import lake as kernel
from siting.pumped.doubt.field import ErrorField

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]

#: Ground this many standard deviations of a height difference above a level is taken as dry.
_SURE: Final = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class LakeDraws:
    """What the error does to a lake of given height, (draws,) each.

    Parameters
    ----------
    shift_m
        Error at the dam foot: all levels move by it. [m]
    volume, surface, body, crest
        Water between the levels, surface at the normal level, dam and its length, each over
        the value without error. [-] NaN where the dam does not close.
    mean_m
        Change of the mean level of the water above the foot. [m]
    """

    shift_m: Float64
    volume: Float64
    surface: Float64
    mean_m: Float64
    body: Float64
    crest: Float64


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


def lake_draws(
    ground: Terrain, dams: DamSites, which: int, normal_m: float, dead_m: float, section: Section
) -> LakeDraws:
    """Return a lake on every draw.

    Parameters
    ----------
    which
        Dam site.
    normal_m, dead_m
        Levels above the foot, kept in every draw: the surveyed dam stands on its real foot
        and is as high as designed. [m]
    section
        Of the dam.
    """
    grid, field = ground.drainage.grid, ground.field
    row, col = int(dams.row[which]), int(dams.col[which])
    x, y = ground.xy(np.array([row], np.float64), np.array([col], np.float64))
    shift = field.errors(x, y)[0]
    foot = np.float32(dams.foot_m[which])
    spare = _SURE * math.sqrt(2.0) * _largest(field)
    crest = normal_m + section.freeboard_m
    cell = _members(ground, row * grid.cols + col, float(foot) + crest + spare)
    water = _water(ground, cell, foot, shift, (normal_m, dead_m), float(ground.areas[row, col]))
    if int(dams.axis[which]) == D8_WALL:
        first = int(dams.start[which])
        wall = _wall(
            ground, cell, (first, first + int(dams.cells[which])), foot, shift, section, crest
        )
    else:
        wall = _straight(ground, dams, which, shift, section, crest, spare)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = water[:, 1:] / water[:, :1]
        walls = wall[:, 1:] / wall[:, :1]
        mean = water[1, 1:] / water[0, 1:] - water[1, 0] / water[0, 0]
    return LakeDraws(
        shift_m=shift.astype(np.float64),
        volume=ratio[0],
        surface=ratio[2],
        mean_m=mean,
        body=walls[0],
        crest=walls[1],
    )


def _largest(field: ErrorField) -> float:
    number = field.params.number
    values = (number("sd_plain_m"), number("sd_hill_m"), number("sd_mountain_m"))
    return max(values) * number("sd_factor")


def _members(ground: Terrain, foot: int, top: float) -> Int32:
    arguments = (
        foot, top, ground.drainage.order, ground.position, ground.cells, ground.filled,
    )  # fmt: skip
    found = np.empty(kernel.members(*arguments, np.empty(0, np.int32)), np.int32)
    kernel.members(*arguments, found)
    return found


def _water(
    ground: Terrain,
    cell: Int32,
    foot: np.float32,
    shift: Float32,
    levels: tuple[float, float],
    area: float,
) -> Float64:
    """Return volume, moment and surface: without error, then draw by draw, (3, 1 + draws)."""
    field = ground.field
    row, col = np.divmod(cell.astype(np.int64), ground.drainage.grid.cols)
    x, y = ground.xy(row.astype(np.float64), col.astype(np.float64))
    nodes = field.nodes(x, y)
    base, w = field.weights(x, y, nodes)
    # draw 0 has no error: the same sums in the same order, so that no error gives the ratio 1
    normals = np.concatenate([np.zeros((len(nodes.normals), 1), np.float32), nodes.normals], axis=1)
    out = np.empty((3, shift.size + 1))
    kernel.store(
        ground.filled[cell] - foot, area, *levels, _with_zero(shift), base, w, nodes.cols,
        normals, field.deviation(x, y), out,
    )  # fmt: skip
    return out


def _straight(
    ground: Terrain,
    dams: DamSites,
    which: int,
    shift: Float32,
    section: Section,
    crest: float,
    spare: float,
) -> Float64:
    """Return body and crest of a straight dam: without error, then by draw, (2, 1 + draws)."""
    grid = ground.drainage.grid
    step = min(grid.dx, grid.dy) / 2.0
    # a crest that is much longer than on the DEM is another dam
    reach = 2.0 * float(np.nan_to_num(_crest_of(dams, which, crest))) + 20.0 * step
    away = np.arange(0.0, reach + step, step)
    angle = math.radians(22.5 * int(dams.axis[which]))
    east, south = math.cos(angle), math.sin(angle)
    rows, cols, arms = [], [], [0]
    for sign in (1.0, -1.0):
        row = dams.row[which] + sign * away * south / grid.dy
        col = dams.col[which] + sign * away * east / grid.dx
        rise = bilinear(ground.field.dem, row, col) - np.float32(dams.foot_m[which])
        dry = np.flatnonzero(~(rise < crest + spare))
        stop = int(dry[0]) + int(np.isfinite(rise[dry[0]])) if dry.size else rise.size
        rows.append(row[:stop])
        cols.append(col[:stop])
        arms.append(arms[-1] + stop)
    row, col = np.concatenate(rows), np.concatenate(cols)
    rise = bilinear(ground.field.dem, row, col) - np.float32(dams.foot_m[which])
    for start in arms[:-1]:
        rise[start] = 0.0  # the foot itself, as the dam sites know it
    out = np.empty((2, shift.size + 1))
    dam_kernel.straight(
        rise, _errors(ground, row, col), _with_zero(shift), np.array(arms, np.int32), step,
        crest, section.crest_width_m, section.mean_slope, out,
    )  # fmt: skip
    return out


def _crest_of(dams: DamSites, which: int, crest: float) -> float:
    """Return the crest length that the dam sites know at the metre above a height. [m]."""
    at = min(math.ceil(crest), dams.heights - 1)
    return float(dams.crest_length_m[which, at])


def _wall(
    ground: Terrain,
    cell: Int32,
    span: tuple[int, int],
    foot: np.float32,
    shift: Float32,
    section: Section,
    crest: float,
) -> Float64:
    """Return body and length of a wall along the border of a catchment, (2, 1 + draws)."""
    grid = ground.drainage.grid
    arguments = (cell, *span, ground.position, ground.filled, grid.shape)
    empty = (np.empty((0, 2)), np.empty(0, np.float32), np.empty(0, np.uint8))
    n = dam_kernel.border(*arguments, *empty)
    place, base = np.empty((n, 2)), np.empty(n, np.float32)
    side = np.empty(n, np.uint8)
    dam_kernel.border(*arguments, place, base, side)
    length = np.where(side > 0, grid.dy, grid.dx).astype(np.float32)
    out = np.empty((2, shift.size + 1))
    dam_kernel.edged(
        base - foot, _errors(ground, place[:, 0], place[:, 1]), _with_zero(shift), length,
        crest, section.crest_width_m, section.mean_slope, out,
    )  # fmt: skip
    return out


def _errors(ground: Terrain, row: Float64, col: Float64) -> Float32:
    """Return the error at places of the grid, none in the first draw, (n, 1 + draws). [m]."""
    errors = ground.field.errors(*ground.xy(row, col))
    return np.concatenate([np.zeros((row.size, 1), np.float32), errors], axis=1)


def _with_zero(shift: Float32) -> Float32:
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
