"""Dams of one lake on the ground of every draw: the axis, the saddles, the wall of cell edges."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from siting.pumped.dams.model import (
    D8_WALL,
    FLANK_CELLS,
    FLANK_REACH,
    FLANK_SLOPE,
    DamSites,
)
from siting.pumped.dams.section import Section
from siting.pumped.doubt._kernels import dam as kernel
from siting.pumped.doubt.ground import Terrain, bilinear, errors_at, with_zero

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]


def wall_draws(
    ground: Terrain,
    dams: DamSites,
    which: int,
    cell: Int32,
    shift: Float32,
    section: Section,
    crest_m: float,
    spare_m: float,
) -> Float64:
    """Return body and crest length: without error, then draw by draw, (2, 1 + draws). [m³], [m].

    Parameters
    ----------
    which
        Dam site.
    cell
        Cells of its catchment up to ``spare_m`` above the crest.
    shift
        Error at the foot, (draws,). [m]
    section, crest_m
        Of the dam; height of the crest above the foot. [m]
    spare_m
        Ground so far above the crest is dry in every draw. [m]

    Returns
    -------
    ndarray
        NaN where the ground along the axis never reaches the crest.
    """
    edges = _edges(ground, dams, which, cell)
    if int(dams.axis[which]) == D8_WALL:
        return _walled(ground, edges, shift, section, crest_m)
    arms = _arms(ground, dams, which, crest_m, spare_m)
    saddles = edges.take(~_flank(edges, arms))
    main = _straight(ground, arms, shift, section, crest_m)
    return main + _walled(ground, saddles, shift, section, crest_m)


@dataclass(frozen=True, slots=True, eq=False)
class _Arms:
    """Ground along both halves of an axis, foot first: one point a ``step``.

    ``first`` is the first point of each half and one past the last; ``row``, ``col`` count
    from the first cell centre, ``rise`` is above the foot. [m]
    """

    east: float
    south: float
    step: float
    row: Float64
    col: Float64
    rise: Float32
    first: Int32


def _arms(ground: Terrain, dams: DamSites, which: int, crest: float, spare: float) -> _Arms:
    """Return the axis out to ground that is dry in every draw, or twice the crest's length."""
    grid, dem = ground.drainage.grid, ground.field.dem
    step = min(grid.dx, grid.dy) / 2.0
    known = dams.crest_length_m[which, : math.ceil(crest) + 1]
    # a crest that is much longer than on the elevation model is another dam
    reach = 2.0 * float(known[np.isfinite(known)].max(initial=0.0)) + 20.0 * step
    away = np.arange(0.0, reach + step, step)
    angle = math.radians(22.5 * int(dams.axis[which]))
    east, south = math.cos(angle), math.sin(angle)
    rows, cols, rises, first = [], [], [], [0]
    for sign in (1.0, -1.0):
        row = dams.row[which] + sign * away * south / grid.dy
        col = dams.col[which] + sign * away * east / grid.dx
        rise = bilinear(dem, row, col) - np.float32(dams.foot_m[which])
        rise[0] = 0.0  # the foot itself, as the dam sites know it
        dry = np.flatnonzero(~(rise < crest + spare))
        stop = int(dry[0]) + int(np.isfinite(rise[dry[0]])) if dry.size else rise.size
        rows.append(row[:stop])
        cols.append(col[:stop])
        rises.append(rise[:stop])
        first.append(first[-1] + stop)
    return _Arms(
        east, south, step, np.concatenate(rows), np.concatenate(cols), np.concatenate(rises),
        np.array(first, np.int32),
    )  # fmt: skip


def _straight(
    ground: Terrain, arms: _Arms, shift: Float32, section: Section, crest: float
) -> Float64:
    """Return body and crest of a straight dam: without error, then by draw, (2, 1 + draws)."""
    out = np.empty((2, shift.size + 1))
    kernel.straight(
        arms.rise, errors_at(ground, arms.row, arms.col), with_zero(shift), arms.first, arms.step,
        crest, section.crest_width_m, section.mean_slope, out,
    )  # fmt: skip
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """Cell edges between a catchment and ground outside it.

    ``row``, ``col`` of their middles from the first cell centre; ``x``, ``y`` the same from
    the foot, east and south [m]; ``rise`` of the higher cell above the foot, ``length``. [m]
    """

    row: Float64
    col: Float64
    x: Float64
    y: Float64
    rise: Float32
    length: Float32

    def take(self, which: npt.NDArray[np.bool_]) -> _Edges:
        """Return the chosen edges."""
        return _Edges(*(getattr(self, one.name)[which] for one in fields(self)))


def _edges(ground: Terrain, dams: DamSites, which: int, cell: Int32) -> _Edges:
    """Return the edges of the catchment beside the cells given."""
    grid, first = ground.drainage.grid, int(dams.start[which])
    arguments = (
        cell, first, first + int(dams.cells[which]), ground.position, ground.filled, grid.shape,
    )  # fmt: skip
    empty = (np.empty((0, 2)), np.empty(0, np.float32), np.empty(0, np.uint8))
    n = kernel.border(*arguments, *empty)
    place, base = np.empty((n, 2)), np.empty(n, np.float32)
    side = np.empty(n, np.uint8)
    kernel.border(*arguments, place, base, side)
    row, col = np.ascontiguousarray(place[:, 0]), np.ascontiguousarray(place[:, 1])
    return _Edges(
        row=row,
        col=col,
        x=(col - dams.col[which]) * grid.dx,
        y=(row - dams.row[which]) * grid.dy,
        rise=base - np.float32(dams.foot_m[which]),
        length=np.where(side > 0, grid.dy, grid.dx).astype(np.float32),
    )


def _flank(edges: _Edges, arms: _Arms) -> npt.NDArray[np.bool_]:
    """Return which edges the axis itself closes, by the rule of the dam sites; not saddles."""
    along = edges.x * arms.east + edges.y * arms.south
    across = np.abs(edges.y * arms.east - edges.x * arms.south)
    end = np.empty(along.size)
    for half, here in enumerate((along >= 0, along < 0)):
        rise = np.maximum.accumulate(arms.rise[arms.first[half] : arms.first[half + 1]])
        met = np.searchsorted(rise, edges.rise[here])
        end[here] = np.where(met < rise.size, met * arms.step, np.inf)
    spare = 2.0 * arms.step * FLANK_CELLS
    beside = across <= FLANK_SLOPE * np.abs(along) + spare
    return np.asarray(beside & (np.abs(along) <= FLANK_REACH * end + spare))


def _walled(
    ground: Terrain, edges: _Edges, shift: Float32, section: Section, crest: float
) -> Float64:
    """Return body and length of walls on edges: without error, then by draw, (2, 1 + draws)."""
    out = np.zeros((2, shift.size + 1))
    if edges.row.size:
        kernel.edged(
            edges.rise, errors_at(ground, edges.row, edges.col), with_zero(shift), edges.length,
            crest, section.crest_width_m, section.mean_slope, out,
        )  # fmt: skip
    return out
