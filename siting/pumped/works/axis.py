"""Dam on a straight axis: where its crest ends, the ground below it, its footprint."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from shapely.geometry import LineString, Polygon

from geo.grid import Grid
from siting.pumped.works._kernels import ground_along, reaches
from siting.pumped.works.model import Profile

Float64 = npt.NDArray[np.float64]

#: Angle between two axes of the search. [°]
STEP_DEG: Final = 22.5


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """Straight crest line of a dam.

    Parameters
    ----------
    foot
        Cell centre of the foot (x, y) in the CRS. [m]
    along
        Unit vector towards the left bank, looking downstream (x east, y north).
    water
        Unit vector towards the lake.
    left_m, right_m
        Distance from the foot to the ends of the crest. [m]
    closed
        Both ends reach ground at crest level.
    """

    foot: tuple[float, float]
    along: tuple[float, float]
    water: tuple[float, float]
    left_m: float
    right_m: float
    closed: bool

    @property
    def length_m(self) -> float:
        """Length of the crest. [m]."""
        return self.left_m + self.right_m

    def at(self, chainage: Float64, offset: float | Float64 = 0.0) -> tuple[Float64, Float64]:
        """Return x, y at a chainage from the left end and an offset towards the lake. [m]."""
        along = self.left_m - chainage
        x = self.foot[0] + along * self.along[0] + offset * self.water[0]
        y = self.foot[1] + along * self.along[1] + offset * self.water[1]
        return np.asarray(x), np.asarray(y)

    def line(self) -> LineString:
        """Return the crest line, left end first."""
        x, y = self.at(np.array([0.0, self.length_m]))
        return LineString(np.column_stack([x, y]))

    def below(self, spare_m: float, depth_m: float) -> Polygon:
        """Return the ground below the dam, the crest line longer by ``spare_m`` at each end."""
        s = np.array([-spare_m, self.length_m + spare_m])
        upper = np.column_stack(self.at(s))
        lower = np.column_stack(self.at(s[::-1], -depth_m))
        return Polygon(np.vstack([upper, lower]))


def bilinear(z: npt.NDArray[np.float32], grid: Grid, x: Float64, y: Float64) -> Float64:
    """Return the ground between cell centres; NaN beyond them or beside a void. [m]."""
    east, north = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    out = np.empty(east.shape)
    ground_along(
        z.reshape(-1), grid.rows, grid.cols, _box(grid), np.ascontiguousarray(east).reshape(-1),
        np.ascontiguousarray(north).reshape(-1), out.reshape(-1),
    )  # fmt: skip
    return out


def _box(grid: Grid) -> Float64:
    return np.array([grid.transform.c, grid.transform.f, grid.dx, grid.dy])


def direction(axis: int) -> tuple[float, float]:
    """Return the unit vector (x east, y north) of an axis of the search."""
    angle = math.radians(axis * STEP_DEG)
    return math.cos(angle), -math.sin(angle)


def straight_axis(
    z: npt.NDArray[np.float32],
    grid: Grid,
    cell: tuple[int, int],
    axis: int,
    water_side: tuple[float, float],
    crest_m: float,
    reach_m: float,
) -> Axis:
    """Return the crest line of a dam: from its foot out to ground at crest level.

    Parameters
    ----------
    z
        Ground, (rows, cols). [m]
    cell
        Row and column of the foot.
    axis
        As in :class:`siting.pumped.dams.model.DamSites`, 0..7.
    water_side
        Any vector from the foot into the lake (x, y).
    crest_m
        Level of the crest. [m]
    reach_m
        Longest way from the foot to an end. [m]
    """
    foot = grid.xy(*cell)
    east, north = direction(axis)
    water = (-north, east)
    if water[0] * water_side[0] + water[1] * water_side[1] < 0:
        water = (north, -east)
    # looking downstream (-water), the left bank is a quarter turn to the left of it
    left = (water[1], -water[0])
    ends = [
        _end(z, grid, foot, (sign * left[0], sign * left[1]), crest_m, reach_m)
        for sign in (1.0, -1.0)
    ]
    return Axis(foot, left, water, ends[0][0], ends[1][0], ends[0][1] and ends[1][1])


def _end(
    z: npt.NDArray[np.float32],
    grid: Grid,
    foot: tuple[float, float],
    towards: tuple[float, float],
    crest_m: float,
    reach_m: float,
) -> tuple[float, bool]:
    """Return how far the ground stays below the crest, and whether it ever reaches it."""
    step = min(grid.dx, grid.dy) / 4.0
    count = int(np.ceil((reach_m + step) / step))
    met = np.empty(2)
    way = np.array([*foot, *towards])
    i = reaches(
        z.reshape(-1), grid.rows, grid.cols, _box(grid), way, step, count, crest_m, met
    )  # fmt: skip
    if i == count:
        return (count - 1) * step, False
    if math.isnan(met[1]):
        return max(i - 1, 0) * step, False
    if i == 0:
        return 0.0, True
    part = (crest_m - met[0]) / (met[1] - met[0])
    return float((i - 1) * step + part * step), True


def profile_of(
    z: npt.NDArray[np.float32],
    grid: Grid,
    axis: Axis,
    crest_m: float,
    normal_m: float,
    dead_m: float,
) -> Profile:
    """Return the section of the valley under the crest, left bank first; levels in [m]."""
    step = min(grid.dx, grid.dy) / 2.0
    count = max(math.ceil(axis.length_m / step), 2) + 1
    # the foot stands in the profile: nowhere else is the dam higher
    s = np.unique(np.append(np.linspace(0.0, axis.length_m, count), axis.left_m))
    return Profile(s, bilinear(z, grid, *axis.at(s)), crest_m, normal_m, dead_m)


def footprint(
    axis: Axis, profile: Profile, crest_width_m: float, up: float, down: float
) -> Polygon:
    """Return the ground that the dam body covers.

    At each chainage the faces fall from the edges of the crest to the ground under the axis:
    crest_width / 2 + batter * height to either side.

    Parameters
    ----------
    up, down
        Batter of the faces, horizontal to 1 vertical. [-]
    """
    height = np.maximum(profile.crest_m - np.nan_to_num(profile.ground_m, nan=np.inf), 0.0)
    s = profile.chainage_m
    wet = np.column_stack(axis.at(s, crest_width_m / 2 + up * height))
    dry = np.column_stack(axis.at(s[::-1], -(crest_width_m / 2 + down * height[::-1])))
    return Polygon(np.vstack([wet, dry]))
