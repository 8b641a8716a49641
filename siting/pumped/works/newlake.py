"""One new lake modelled again on the terrain: water, shore, dam, curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import Say
from geo.grid import Grid
from geo.hydrology import Drainage
from siting.pumped.dams.model import D8_WALL, DamSites
from siting.pumped.dams.section import Section
from siting.pumped.works import wall
from siting.pumped.works.axis import footprint, profile_of, straight_axis
from siting.pumped.works.held import (
    MARGIN,
    Levels,
    Place,
    Window,
    flood,
    held_water,
    water_side,
    wet_share,
    window_at,
)
from siting.pumped.works.model import Profile
from siting.pumped.works.outline import cell_outline, lake_outline

Bools = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

#: Cells below the dam that the drawn shore keeps off.
_DRY_CELLS: Final = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class NewLake:
    """A lake behind a new dam, as drawn.

    Parameters
    ----------
    lake, dam
        Shore and ground under the dam, polygons in the grid's CRS.
    crest
        Crest line, left bank first.
    curve
        Levels [m], volume [m³], area [m²], (3, k).
    volume_m3
        Volume at the normal level. [m³]
    open_m
        Length of the divide that lies below the crest and carries a saddle dam. [m]
    water, grid
        Cells under water and where they lie.
    """

    lake: Any
    dam: Any
    crest: Any
    profile: Profile
    curve: Float64
    volume_m3: float
    open_m: float
    water: Bools
    grid: Grid
    notes: tuple[Say, ...]


def new_lake(
    drainage: Drainage,
    dem: Float32,
    areas: Float64,
    dams: DamSites,
    site: int,
    normal_m: float,
    dead_m: float,
    body: Section,
    reach_m: float,
) -> NewLake:
    """Model one lake again: the water that a dam on its axis really holds.

    Parameters
    ----------
    drainage, dem
        Terrain. [m]
    areas
        Ellipsoidal area of each cell. [m²]
    site
        Row of the dam site.
    normal_m, dead_m
        Levels. [m]
    body
        Section of the dam.
    reach_m
        Longest half of a straight dam. [m]
    """
    place = Place(
        (int(dams.row[site]), int(dams.col[site])),
        (int(dams.start[site]), int(dams.cells[site])),
        at_height(dams.volume_m3[site], normal_m - float(dams.foot_m[site])),
    )
    levels = Levels(normal_m + body.freeboard_m, normal_m, dead_m)
    first = window_at(drainage, place, normal_m, MARGIN)
    if int(dams.axis[site]) == D8_WALL:
        return _behind_wall(first, levels, body, areas)
    axis = straight_axis(
        dem,
        drainage.grid,
        place.cell,
        int(dams.axis[site]),
        water_side(first, normal_m),
        levels.crest_m,
        reach_m,
    )
    water, window, saddle, notes = held_water(drainage, first, place, levels, axis)
    profile = profile_of(dem, drainage.grid, axis, levels.crest_m, normal_m, dead_m)
    dam = footprint(axis, profile, body.crest_width_m, body.up, body.down)
    open_m = 0.0
    if saddle is not None and saddle.inner.size:
        open_m = float(saddle.length_m.sum())
        walls = wall.wall_footprint(saddle, levels.crest_m, body.crest_width_m, body.mean_slope)
        dam = shapely.union(dam, walls)
        notes = (*notes, _saddle(open_m))
    step = max(window.grid.dx, window.grid.dy)
    share = wet_share(window, water, axis)
    below = axis.below(2 * step, _DRY_CELLS * step)
    lake = lake_outline(water, window.grid, below, float(share.sum()))
    curve = _curve(window, water, share, areas, normal_m)
    return NewLake(
        lake, dam, axis.line(), profile, curve, float(curve[1, -1]), open_m, water, window.grid,
        notes,
    )  # fmt: skip


def at_height(curve: Float32, height_m: float) -> float:
    """Return the value of a curve of the search at a height above the foot. [m]."""
    return float(np.interp(height_m, np.arange(curve.size), curve.astype(np.float64)))


def _behind_wall(window: Window, levels: Levels, body: Section, areas: Float64) -> NewLake:
    """Model a lake whose dam follows the border of its catchment."""
    ground = np.where(window.member, window.ground, np.float32(np.inf))
    water, _ = flood(window, ground, levels.normal_m, None)
    edges = wall.border_edges(window.member, window.ground, window.grid)
    line, part = wall.wall_at(edges, window.grid.xy(*window.foot), levels.crest_m)
    centre = cell_outline(water, window.grid).representative_point()
    line, profile = wall.wall_profile(
        line, part, centre, levels.crest_m, levels.normal_m, levels.dead_m
    )
    wet = water.reshape(-1)[edges.inner] & (edges.base_m < levels.crest_m)
    whole = edges.take(wet)
    dam = wall.wall_footprint(whole, levels.crest_m, body.crest_width_m, body.mean_slope)
    mine = water.reshape(-1)[part.inner] & (part.base_m < levels.crest_m)
    apart = max(float(whole.length_m.sum() - part.length_m[mine].sum()), 0.0)
    curve = _curve(window, water, np.ones(int(water.sum())), areas, levels.normal_m)
    notes = (_along_divide(), _saddle(apart)) if apart > 0 else (_along_divide(),)
    lake = lake_outline(water, window.grid)
    return NewLake(
        lake, dam, line, profile, curve, float(curve[1, -1]), apart, water, window.grid, notes
    )


def _curve(
    window: Window, water: Bools, share: Float64, areas: Float64, normal_m: float
) -> Float64:
    """Return level, volume and area of the lake as drawn, metre by metre from its foot."""
    foot_m = float(window.ground[window.foot])
    part = areas[
        window.row : window.row + window.grid.rows, window.col : window.col + window.grid.cols
    ]
    ground = window.ground[water].astype(np.float64)
    area = part[water] * share
    order = np.argsort(ground, kind="stable")
    ground, area = ground[order], area[order]
    flooded = np.concatenate([[0.0], np.cumsum(area)])
    weighted = np.concatenate([[0.0], np.cumsum(area * ground)])
    steps = np.arange(foot_m, normal_m, 1.0)
    level = np.append(steps, normal_m) if steps.size else np.array([normal_m])
    below = np.searchsorted(ground, level, side="left")
    return np.stack([level, level * flooded[below] - weighted[below], flooded[below]])


def _saddle(open_m: float) -> Say:
    return Say(
        f"分水岭低于坝顶，须设副坝，长 {open_m:.0f} m（搜索已计入坝体）",
        f"the divide lies below the crest over {open_m:.0f} m: a saddle dam, counted by the search",
    )


def _along_divide() -> Say:
    return Say("坝沿集水区边界，非直线坝轴", "the dam follows the divide, not a straight axis")
