"""What a dam site is: its foot, the catchment behind it, and curves per metre of height."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from geo.grid import Grid
from siting.pumped.dams._kernels import wall

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]

#: Wall along the boundary of the D8 catchment instead of a straight axis.
D8_WALL = -1
#: An edge is closed by a straight axis within this slope of it, so many cells beside it, and up to
#: this multiple of the distance at which the axis is as high; the others carry saddle dams.
FLANK_SLOPE, FLANK_CELLS, FLANK_REACH = wall.FLANK_SLOPE, wall.FLANK_CELLS, wall.FLANK_REACH


@dataclass(frozen=True, slots=True, eq=False)
class Cap:
    """Ground that a lake must not reach, group by group.

    Parameters
    ----------
    code
        uint8 (rows, cols): 0 = free, i = group i - 1 (the first that holds in a cell).
    names
        Layer or rule of each group as a reader sees it.
    """

    code: npt.NDArray[np.uint8]
    names: tuple[Say, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DamSites:
    """Dam sites, a structure of arrays; index ``h`` of a curve is the metre above the foot.

    Parameters
    ----------
    grid
        Where rows and columns lie.
    row, col
        Cell of the dam foot, int32 (n,).
    foot_m
        Ground at the foot, (n,). [m]
    catchment_m2
        Land that drains through the foot, (n,). [m²]
    axis
        Direction of the straight axis, int8 (n,): k times 22.5 degrees clockwise from east
        (0..7), or :data:`D8_WALL`; it passes through the centre of the foot's cell.
    volume_m3, area_m2
        Water and surface of a lake whose level is foot + h, float32 (n, heights). [m³], [m²]
    dam_m3, crest_length_m
        Body of the dam (freeboard included) and length of its crest for a normal level of
        foot + h, float32 (n, heights); NaN where no dam of that height closes the valley.
        [m³], [m]
    cap_m
        Highest level above the foot at which no barred cell floods, float32 (n, 2): column 0
        for prohibited ground, column 1 also for ground that needs a route (red line). [m]
    cap_by
        Group of :class:`Cap` that sets the cap, int16 (n, 2), -1 = none. Column 1 counts the
        groups of the second raster; a group of the first alone stands behind those.
    start
        Place of the foot in the drainage order; the catchment is the slice of
        ``cells`` cells that begins there, int32 (n,).
    cells
        Cells of the catchment, int32 (n,).
    """

    grid: Grid
    row: Int32
    col: Int32
    foot_m: Float32
    catchment_m2: Float64
    axis: npt.NDArray[np.int8]
    volume_m3: Float32
    area_m2: Float32
    dam_m3: Float32
    crest_length_m: Float32
    cap_m: Float32
    cap_by: npt.NDArray[np.int16]
    start: Int32
    cells: Int32

    @property
    def count(self) -> int:
        """Number of dam sites."""
        return int(self.row.size)

    @property
    def heights(self) -> int:
        """Number of levels of a curve, 0 m included."""
        return int(self.volume_m3.shape[1])

    def take(self, which: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> DamSites:
        """Return the chosen sites in the order given."""
        arrays: dict[str, Any] = {
            one.name: np.ascontiguousarray(getattr(self, one.name)[which])
            for one in fields(self)
            if one.name != "grid"
        }
        return replace(self, **arrays)

    def xy(self) -> tuple[Float64, Float64]:
        """Return the coordinates of the feet, (n,) each. [m]."""
        t = self.grid.transform
        x = t.c + (self.col.astype(np.float64) + 0.5) * t.a
        y = t.f + (self.row.astype(np.float64) + 0.5) * t.e
        return x, y


@dataclass(frozen=True, slots=True, eq=False)
class DamAudit:
    """Why a gully cell is no dam site: the first test that it fails, with its number.

    Parameters
    ----------
    row, col
        Every cell where a gully crosses a level of the search, int32 (n,).
    reason
        Index into :data:`siting.pumped.dams.reasons.REASONS`, uint8 (n,); 0 = kept.
    value, limit
        What was found and what was asked, in the unit of the reason, float32 (n,).
    other
        Row in the kept sites of the neighbour that stands for it, -1 = none, int32 (n,).
    """

    row: Int32
    col: Int32
    reason: npt.NDArray[np.uint8]
    value: Float32
    limit: Float32
    other: Int32
