"""One new lake on the ground of every draw: its water, its dam, beside those on the DEM."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from siting.pumped.dams.model import DamSites
from siting.pumped.dams.section import Section
from siting.pumped.doubt._kernels import lake as kernel
from siting.pumped.doubt.field import ErrorField
from siting.pumped.doubt.ground import Terrain, with_zero
from siting.pumped.doubt.walls import wall_draws

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
    wall = wall_draws(ground, dams, which, cell, shift, section, crest, spare)
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
        ground.filled[cell] - foot, area, *levels, with_zero(shift), base, w, nodes.cols,
        normals, field.deviation(x, y), out,
    )  # fmt: skip
    return out
