"""Water that a dam keeps: the window round a lake, the flood behind an axis, its saddles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from geo.grid import Grid
from geo.hydrology import OUTLET, STEP_COLS, STEP_ROWS, Drainage
from siting.pumped.dams.model import FLANK_CELLS, FLANK_SLOPE
from siting.pumped.works import wall
from siting.pumped.works._kernels import RIM, flood_behind
from siting.pumped.works.axis import Axis

Bools = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

#: Border of the first window round the lake. [cell]
MARGIN: Final = 8
#: How often the window may grow before water counts as running away.
_WIDER: Final = 3
#: A lake that differs more from the search is looked at for another valley that it fills. [-]
AGREES: Final = 0.05
#: Cells below the foot that must stay dry.
_BELOW: Final = 40


@dataclass(frozen=True, slots=True)
class Place:
    """A dam site: its cell, its catchment in the drainage order, what the search gave it [m³]."""

    cell: tuple[int, int]
    span: tuple[int, int]
    searched_m3: float

    def agrees(self, volume_m3: float) -> bool:
        """Return whether a volume is that of the search, within :data:`AGREES`."""
        return abs(volume_m3 - self.searched_m3) <= AGREES * self.searched_m3


@dataclass(frozen=True, slots=True)
class Levels:
    """Crest, normal and dead level of a lake. [m]."""

    crest_m: float
    normal_m: float
    dead_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A part of the grid round one lake."""

    row: int
    col: int
    grid: Grid
    ground: Float32
    member: Bools
    foot: tuple[int, int]

    @property
    def seed(self) -> int:
        """Flat number of the dam foot in the window."""
        return self.foot[0] * self.grid.cols + self.foot[1]


def window_at(drainage: Drainage, place: Place, level: float, margin: int) -> Window:
    """Return the window round the catchment's ground below a level."""
    grid, cell, span = drainage.grid, place.cell, place.span
    members = drainage.order[span[0] : span[0] + span[1]]
    low = members[drainage.filled.reshape(-1)[members] < level]
    rows, cols = np.divmod(np.append(low, cell[0] * grid.cols + cell[1]), grid.cols)
    r0, c0 = max(int(rows.min()) - margin, 0), max(int(cols.min()) - margin, 0)
    r1 = min(int(rows.max()) + margin + 1, grid.rows)
    c1 = min(int(cols.max()) + margin + 1, grid.cols)
    position = drainage.position[r0:r1, c0:c1]
    return Window(
        r0,
        c0,
        grid.window(r0, c0, r1 - r0, c1 - c0),
        np.ascontiguousarray(drainage.filled[r0:r1, c0:c1]),
        np.ascontiguousarray((position >= span[0]) & (position < span[0] + span[1])),
        (cell[0] - r0, cell[1] - c0),
    )


def water_side(window: Window, level: float) -> tuple[float, float]:
    """Return the direction from the foot to the middle of the ground below the level."""
    rows, cols = np.nonzero(window.member & (window.ground < level))
    if rows.size == 0:
        return 0.0, 1.0
    east = float(cols.mean() - window.foot[1]) * window.grid.dx
    south = float(rows.mean() - window.foot[0]) * window.grid.dy
    return east, -south


def held_water(
    drainage: Drainage, first: Window, place: Place, levels: Levels, axis: Axis
) -> tuple[Bools, Window, wall.Edges | None, tuple[Say, ...]]:
    """Return the water behind a straight dam, the edges that need a saddle dam, and notes.

    The dam alone holds the water where the terrain does the rest. Where water would leave the
    valley, or fill another one that the search did not count, walls along the divide keep it
    in: the search has counted them.
    """
    notes: tuple[Say, ...] = () if axis.closed else (_open_crest(axis),)
    margin, wide = MARGIN, first
    for _ in range(_WIDER):
        water, met = flood(wide, wide.ground, levels.normal_m, axis)
        if not met & RIM or wide.grid.shape == drainage.grid.shape:
            break
        margin *= 3
        wide = window_at(drainage, place, levels.normal_m, margin)
    leaks = bool(met) or _runs_below(drainage, wide, place.cell, water)
    if not leaks and place.agrees(_volume(wide, water, levels.normal_m, axis)):
        return water, wide, None, notes
    kept = first.member | _flank(first, axis)
    ground = np.where(kept, first.ground, np.float32(np.inf))
    held, met = flood(first, ground, levels.normal_m, axis)
    edges = wall.border_edges(held, first.ground, first.grid)
    outer = ~kept.reshape(-1)[edges.outer] & (edges.base_m < levels.crest_m)
    saddle = edges.take(outer & ~_at_dam(edges, axis, first.grid))
    if not leaks and not saddle.inner.size:
        return water, wide, None, notes
    return held, first, saddle, (*notes, _rim()) if met & RIM else notes


def _flank(window: Window, axis: Axis) -> Bools:
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


def flood(window: Window, ground: Float32, level: float, axis: Axis | None) -> tuple[Bools, int]:
    """Return the cells that water reaches from the foot, and what it met (kernel's bits).

    Parameters
    ----------
    ground
        Ground of the window; infinite where water may not go. [m]
    axis
        Dam in its way; None = the dam follows the border of the catchment.
    """
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


def _dam_numbers(window: Window, axis: Axis) -> Float64:
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


def _runs_below(drainage: Drainage, window: Window, cell: tuple[int, int], water: Bools) -> bool:
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


def _volume(window: Window, water: Bools, level: float, axis: Axis) -> float:
    """Return the volume of a lake on the map's plane, to be compared with the search. [m³]."""
    deep = (level - window.ground[water].astype(np.float64)) * wet_share(window, water, axis)
    return float(deep.sum()) * window.grid.dx * window.grid.dy


def wet_share(window: Window, water: Bools, axis: Axis) -> Float64:
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


def _open_crest(axis: Axis) -> Say:
    return Say(
        f"坝轴线在 {axis.length_m:.0f} m 内未到达坝顶高程的地面",
        f"the axis reaches no ground at crest level within {axis.length_m:.0f} m",
    )


def _rim() -> Say:
    return Say("水面到达数据边缘，库容为下限", "the lake reaches the rim of the data")
