"""One new lake modelled again on the terrain: water, shore, dam, curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import Say
from geo.grid import Grid
from geo.hydrology import OUTLET, STEP_COLS, STEP_ROWS, Drainage
from siting.pumped.dams._kernels.wall import FLANK_CELLS, FLANK_SLOPE
from siting.pumped.dams.model import D8_WALL, DamSites
from siting.pumped.dams.section import Section
from siting.pumped.works import wall
from siting.pumped.works._kernels import RIM, flood_behind
from siting.pumped.works.axis import Axis, footprint, profile_of, straight_axis
from siting.pumped.works.model import Profile
from siting.pumped.works.outline import cell_outline, lake_outline

Bools = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

#: Border of the first window round the lake. [cell]
_MARGIN: Final = 8
#: How often the window may grow before water counts as running away.
_WIDER: Final = 3
#: A lake that differs more from the search is looked at for another valley that it fills. [-]
AGREES: Final = 0.05
#: Cells below the foot that must stay dry.
_BELOW: Final = 40
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


@dataclass(frozen=True, slots=True)
class _Place:
    """A dam site: its cell, its catchment in the drainage order, what the search gave it [m³]."""

    cell: tuple[int, int]
    span: tuple[int, int]
    searched_m3: float

    def agrees(self, volume_m3: float) -> bool:
        """Return whether a volume is that of the search, within :data:`AGREES`."""
        return abs(volume_m3 - self.searched_m3) <= AGREES * self.searched_m3


@dataclass(frozen=True, slots=True)
class _Levels:
    crest_m: float
    normal_m: float
    dead_m: float


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """A part of the grid round one lake."""

    row: int
    col: int
    grid: Grid
    ground: Float32
    member: Bools
    foot: tuple[int, int]

    @property
    def seed(self) -> int:
        return self.foot[0] * self.grid.cols + self.foot[1]


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
    place = _Place(
        (int(dams.row[site]), int(dams.col[site])),
        (int(dams.start[site]), int(dams.cells[site])),
        at_height(dams.volume_m3[site], normal_m - float(dams.foot_m[site])),
    )
    levels = _Levels(normal_m + body.freeboard_m, normal_m, dead_m)
    first = _window(drainage, place, normal_m, _MARGIN)
    if int(dams.axis[site]) == D8_WALL:
        return _behind_wall(first, levels, body, areas)
    axis = straight_axis(
        dem,
        drainage.grid,
        place.cell,
        int(dams.axis[site]),
        _water_side(first, normal_m),
        levels.crest_m,
        reach_m,
    )
    water, window, saddle, notes = _held(drainage, first, place, levels, axis)
    profile = profile_of(dem, drainage.grid, axis, levels.crest_m, normal_m, dead_m)
    dam = footprint(axis, profile, body.crest_width_m, body.up, body.down)
    open_m = 0.0
    if saddle is not None and saddle.inner.size:
        open_m = float(saddle.length_m.sum())
        walls = wall.wall_footprint(saddle, levels.crest_m, body.crest_width_m, body.mean_slope)
        dam = shapely.union(dam, walls)
        notes = (*notes, _saddle(open_m))
    step = max(window.grid.dx, window.grid.dy)
    share = _wet_share(window, water, axis)
    below = axis.below(2 * step, _DRY_CELLS * step)
    lake = lake_outline(water, window.grid, below, float(share.sum()))
    curve = _curve(window, water, share, areas, normal_m)
    return NewLake(
        lake, dam, axis.line(), profile, curve, float(curve[1, -1]), open_m, water, window.grid,
        notes,
    )  # fmt: skip


def at_height(curve: Float32, height_m: float) -> float:
    """Return the value of a curve of the search at a height above the foot."""
    return float(np.interp(height_m, np.arange(curve.size), curve.astype(np.float64)))


def _window(drainage: Drainage, place: _Place, level: float, margin: int) -> _Window:
    """Return the window round the catchment's ground below a level."""
    grid, cell, span = drainage.grid, place.cell, place.span
    members = drainage.order[span[0] : span[0] + span[1]]
    low = members[drainage.filled.reshape(-1)[members] < level]
    rows, cols = np.divmod(np.append(low, cell[0] * grid.cols + cell[1]), grid.cols)
    r0, c0 = max(int(rows.min()) - margin, 0), max(int(cols.min()) - margin, 0)
    r1 = min(int(rows.max()) + margin + 1, grid.rows)
    c1 = min(int(cols.max()) + margin + 1, grid.cols)
    position = drainage.position[r0:r1, c0:c1]
    return _Window(
        r0,
        c0,
        grid.window(r0, c0, r1 - r0, c1 - c0),
        np.ascontiguousarray(drainage.filled[r0:r1, c0:c1]),
        np.ascontiguousarray((position >= span[0]) & (position < span[0] + span[1])),
        (cell[0] - r0, cell[1] - c0),
    )


def _water_side(window: _Window, level: float) -> tuple[float, float]:
    """Return the direction from the foot to the middle of the ground below the level."""
    rows, cols = np.nonzero(window.member & (window.ground < level))
    if rows.size == 0:
        return 0.0, 1.0
    east = float(cols.mean() - window.foot[1]) * window.grid.dx
    south = float(rows.mean() - window.foot[0]) * window.grid.dy
    return east, -south


def _held(
    drainage: Drainage, first: _Window, place: _Place, levels: _Levels, axis: Axis
) -> tuple[Bools, _Window, wall.Edges | None, tuple[Say, ...]]:
    """Return the water behind a straight dam, the edges that need a saddle dam, and notes.

    The dam alone holds the water where the terrain does the rest. Where water would leave the
    valley, or fill another one that the search did not count, walls along the divide keep it
    in: the search has counted them.
    """
    notes: tuple[Say, ...] = () if axis.closed else (_open_crest(axis),)
    margin, wide = _MARGIN, first
    for _ in range(_WIDER):
        water, met = _flood(wide, wide.ground, levels.normal_m, axis)
        if not met & RIM or wide.grid.shape == drainage.grid.shape:
            break
        margin *= 3
        wide = _window(drainage, place, levels.normal_m, margin)
    leaks = bool(met) or _runs_below(drainage, wide, place.cell, water)
    if not leaks and place.agrees(_volume(wide, water, levels.normal_m, axis)):
        return water, wide, None, notes
    kept = first.member | _flank(first, axis)
    ground = np.where(kept, first.ground, np.float32(np.inf))
    held, met = _flood(first, ground, levels.normal_m, axis)
    edges = wall.border_edges(held, first.ground, first.grid)
    outer = ~kept.reshape(-1)[edges.outer] & (edges.base_m < levels.crest_m)
    saddle = edges.take(outer & ~_at_dam(edges, axis, first.grid))
    if not leaks and not saddle.inner.size:
        return water, wide, None, notes
    return held, first, saddle, (*notes, _rim()) if met & RIM else notes


def _flank(window: _Window, axis: Axis) -> Bools:
    """Return the ground between the dam and the edge of the catchment behind it.

    Along rays that leave the axis at a right angle, up to the first cell of the catchment;
    a ray that meets none leads into another valley.
    """
    grid = window.grid
    step = min(grid.dx, grid.dy) / 2.0
    t = np.arange(-axis.right_m + step / 2, axis.left_m, step)
    reach = FLANK_SLOPE * np.abs(t) + FLANK_CELLS * max(grid.dx, grid.dy)
    u = np.arange(step / 2, float(reach.max(initial=0.0)) + step, step)
    x = axis.foot[0] + t[:, None] * axis.along[0] + u[None, :] * axis.water[0]
    y = axis.foot[1] + t[:, None] * axis.along[1] + u[None, :] * axis.water[1]
    cols = np.floor((x - grid.transform.c) / grid.dx).astype(np.int64)
    rows = np.floor((grid.transform.f - y) / grid.dy).astype(np.int64)
    there = (rows >= 0) & (rows < grid.rows) & (cols >= 0) & (cols < grid.cols)
    there &= u[None, :] <= reach[:, None]
    rows, cols = np.where(there, rows, 0), np.where(there, cols, 0)
    behind = there & window.member[rows, cols]
    meets = np.asarray(behind.any(axis=1))
    before = (np.cumsum(behind, axis=1) == 0) & there & meets[:, None]
    found = np.zeros(grid.shape, np.bool_)
    found[rows[before], cols[before]] = True
    return found


def _flood(window: _Window, ground: Float32, level: float, axis: Axis | None) -> tuple[Bools, int]:
    size = window.grid.size
    out = np.zeros(size, np.uint8)
    met = flood_behind(
        ground.reshape(-1),
        window.member.reshape(-1),
        window.grid.rows,
        window.grid.cols,
        window.seed,
        float(level),
        axis is not None,
        np.zeros(10) if axis is None else _dam_numbers(window, axis),
        np.empty(size, np.int64),
        out,
    )
    return out.reshape(window.grid.shape).view(np.bool_), int(met)


def _dam_numbers(window: _Window, axis: Axis) -> Float64:
    """Return the numbers of a dam that the kernel reads (y runs south)."""
    spare = max(window.grid.dx, window.grid.dy)
    return np.array(
        [
            window.foot[1],
            window.foot[0],
            window.grid.dx,
            window.grid.dy,
            axis.along[0],
            -axis.along[1],
            axis.water[0],
            -axis.water[1],
            -axis.right_m - spare,
            axis.left_m + spare,
        ],
        np.float64,
    )


def _runs_below(drainage: Drainage, window: _Window, cell: tuple[int, int], water: Bools) -> bool:
    """Return whether water stands in the stream below the dam."""
    row, col = cell
    for _ in range(_BELOW):
        code = int(drainage.direction[row, col])
        if code == OUTLET:
            return False
        row += STEP_ROWS[code]
        col += STEP_COLS[code]
        r, c = row - window.row, col - window.col
        if not (0 <= r < window.grid.rows and 0 <= c < window.grid.cols):
            return False
        if water[r, c]:
            return True
    return False


def _at_dam(edges: wall.Edges, axis: Axis, grid: Grid) -> Bools:
    """Return which edges the main dam covers."""
    middle_x = (edges.ends[:, 0] + edges.ends[:, 2]) / 2 - axis.foot[0]
    middle_y = (edges.ends[:, 1] + edges.ends[:, 3]) / 2 - axis.foot[1]
    step = max(grid.dx, grid.dy)
    across = middle_x * axis.water[0] + middle_y * axis.water[1]
    along = middle_x * axis.along[0] + middle_y * axis.along[1]
    inside = (along <= axis.left_m + step) & (along >= -axis.right_m - step)
    return np.asarray((np.abs(across) <= step) & inside)


def _behind_wall(window: _Window, levels: _Levels, body: Section, areas: Float64) -> NewLake:
    """Model a lake whose dam follows the border of its catchment."""
    ground = np.where(window.member, window.ground, np.float32(np.inf))
    water, _ = _flood(window, ground, levels.normal_m, None)
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


def _volume(window: _Window, water: Bools, level: float, axis: Axis) -> float:
    """Return the volume of a lake on the map's plane, to be compared with the search. [m³]."""
    deep = (level - window.ground[water].astype(np.float64)) * _wet_share(window, water, axis)
    return float(deep.sum()) * window.grid.dx * window.grid.dy


def _wet_share(window: _Window, water: Bools, axis: Axis) -> Float64:
    """Return the share of each water cell that lies behind the dam.

    Of a cell whose centre stands on the axis half lies below it; of the others as many are cut
    on one side as on the other.
    """
    rows, cols = np.nonzero(water)
    t = window.grid.transform
    x = t.c + (cols + 0.5) * t.a - axis.foot[0]
    y = t.f + (rows + 0.5) * t.e - axis.foot[1]
    across = x * axis.water[0] + y * axis.water[1]
    along = x * axis.along[0] + y * axis.along[1]
    inside = (along <= axis.left_m) & (along >= -axis.right_m)
    return np.where(inside & (np.abs(across) < 1.0e-6 * window.grid.dx), 0.5, 1.0)


def _curve(
    window: _Window, water: Bools, share: Float64, areas: Float64, normal_m: float
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


def _open_crest(axis: Axis) -> Say:
    return Say(
        f"坝轴线在 {axis.length_m:.0f} m 内未到达坝顶高程的地面",
        f"the axis reaches no ground at crest level within {axis.length_m:.0f} m",
    )


def _rim() -> Say:
    return Say("水面到达数据边缘，库容为下限", "the lake reaches the rim of the data")
