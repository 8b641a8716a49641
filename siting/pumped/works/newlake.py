"""One new lake modelled again on the terrain: water, shore, dam, curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from geo.grid import Grid
from geo.hydrology import OUTLET, STEP_COLS, STEP_ROWS, Drainage
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
        Length of the divide that lies below the normal level. [m]
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
    cell = int(dams.row[site]), int(dams.col[site])
    span = int(dams.start[site]), int(dams.cells[site])
    crest_m = normal_m + body.freeboard_m
    first = _window(drainage, cell, span, normal_m, _MARGIN)
    straight = int(dams.axis[site]) != D8_WALL
    if straight:
        towards = _water_side(first, normal_m)
        axis = straight_axis(
            dem, drainage.grid, cell, int(dams.axis[site]), towards, crest_m, reach_m
        )
        water, window, open_m, notes = _held(drainage, first, cell, span, normal_m, axis)
        profile = profile_of(dem, drainage.grid, axis, crest_m, normal_m, dead_m)
        dam, crest = footprint(axis, profile, body.crest_width_m, body.up, body.down), axis.line()
        step = max(window.grid.dx, window.grid.dy)
        lake = lake_outline(water, window.grid, axis.below(2 * step, _DRY_CELLS * step))
    else:
        window = first
        water, _ = _flood(window, window.member, normal_m, None)
        lake, notes = lake_outline(water, window.grid), ()
        dam, crest, profile, open_m = _walled(window, water, (crest_m, normal_m, dead_m), body)
    if open_m > 0:
        notes = (*notes, _saddle(open_m))
    foot_m = float(window.ground[window.foot])
    curve = _curve(window, water, areas, foot_m, normal_m)
    volume = float(curve[1, -1])
    return NewLake(lake, dam, crest, profile, curve, volume, open_m, water, window.grid, notes)


def _window(
    drainage: Drainage, cell: tuple[int, int], span: tuple[int, int], level: float, margin: int
) -> _Window:
    """Return the window round the catchment's ground below a level."""
    grid = drainage.grid
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
        (position >= span[0]) & (position < span[0] + span[1]),
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
    drainage: Drainage,
    window: _Window,
    cell: tuple[int, int],
    span: tuple[int, int],
    level: float,
    axis: Axis,
) -> tuple[Bools, _Window, float, tuple[Say, ...]]:
    """Return the water behind a straight dam, the open length of its divide, and notes."""
    notes: tuple[Say, ...] = () if axis.closed else (_open_crest(axis),)
    margin = _MARGIN
    wide = window
    for _ in range(3):
        water, met = _flood(wide, wide.member, level, axis)
        if not met & RIM or wide.grid.shape == drainage.grid.shape:
            break
        margin *= 3
        wide = _window(drainage, cell, span, level, margin)
    if not met and not _runs_below(drainage, wide, cell, water):
        return water, wide, 0.0, notes
    # the water leaves the valley: what is drawn is the catchment, closed along its divide
    dry = np.where(window.member, window.ground, np.float32(np.inf))
    kept = _Window(window.row, window.col, window.grid, dry, window.member, window.foot)
    water, met = _flood(kept, window.member, level, axis)
    if met & RIM:
        notes = (*notes, _rim())
    return water, window, _open_length(window, water, level, axis), notes


def _flood(window: _Window, member: Bools, level: float, axis: Axis | None) -> tuple[Bools, int]:
    size = window.grid.size
    out = np.zeros(size, np.uint8)
    met = flood_behind(
        window.ground.reshape(-1),
        np.ascontiguousarray(member).reshape(-1),
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


def _open_length(window: _Window, water: Bools, level: float, axis: Axis) -> float:
    """Return the length of the divide below the level, the dam itself left out. [m]."""
    edges = wall.border_edges(water, window.ground, window.grid)
    middle_x = (edges.ends[:, 0] + edges.ends[:, 2]) / 2 - axis.foot[0]
    middle_y = (edges.ends[:, 1] + edges.ends[:, 3]) / 2 - axis.foot[1]
    step = max(window.grid.dx, window.grid.dy)
    across = middle_x * axis.water[0] + middle_y * axis.water[1]
    along = middle_x * axis.along[0] + middle_y * axis.along[1]
    at_dam = (np.abs(across) <= step) & (along <= axis.left_m + step)
    at_dam &= along >= -axis.right_m - step
    return float(edges.length_m[(edges.base_m < level) & ~at_dam].sum())


def _walled(
    window: _Window, water: Bools, levels: tuple[float, float, float], body: Section
) -> tuple[Any, Any, Profile, float]:
    """Return ground, crest, section of a wall along cell edges, and the open divide [m]."""
    crest_m, normal_m, dead_m = levels
    edges = wall.border_edges(window.member, window.ground, window.grid)
    foot = window.grid.xy(*window.foot)
    line, part = wall.wall_at(edges, foot, crest_m)
    centre = cell_outline(water, window.grid).representative_point()
    line, profile = wall.wall_profile(line, part, centre, crest_m, normal_m, dead_m)
    dam = wall.wall_footprint(part, crest_m, body.crest_width_m, body.mean_slope)
    wet = water.reshape(-1)
    at_water = wet[edges.inner] & (edges.base_m < normal_m)
    mine = wet[part.inner] & (part.base_m < normal_m)
    open_m = float(edges.length_m[at_water].sum() - part.length_m[mine].sum())
    return dam, line, profile, max(open_m, 0.0)


def _curve(
    window: _Window, water: Bools, areas: Float64, foot_m: float, normal_m: float
) -> Float64:
    """Return level, volume and area of the lake as drawn, metre by metre from its foot."""
    part = areas[
        window.row : window.row + window.grid.rows, window.col : window.col + window.grid.cols
    ]
    ground = window.ground[water].astype(np.float64)
    area = part[water]
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
        f"正常蓄水位高于分水岭，长 {open_m:.0f} m，须设副坝，未计入坝体",
        f"the divide lies below the normal level over {open_m:.0f} m: a saddle dam is needed and "
        "is in no dam volume",
    )


def _open_crest(axis: Axis) -> Say:
    return Say(
        f"坝轴线在 {axis.length_m:.0f} m 内未到达坝顶高程的地面",
        f"the axis reaches no ground at crest level within {axis.length_m:.0f} m",
    )


def _rim() -> Say:
    return Say("水面到达数据边缘，库容为下限", "the lake reaches the rim of the data")
