"""Values of the restated atlas rules: reservoirs with curves, and pairs."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Say
from geo.grid import Grid
from siting.pumped.anu import rules

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

#: What stands beside every result of these rules.
LABEL: Final = Say(
    "按公开方法复述的 ANU 图集规则，只作对照；不是 ANU 程序的输出",
    "the rules of the ANU atlas, restated from the published method, a cross-check only; "
    "no output of ANU's program",
)


@dataclass(frozen=True, slots=True, eq=False)
class AnuSites:
    """Reservoirs behind dam points, a structure of arrays; column k is a wall of 10 (k + 1) m.

    Parameters
    ----------
    grid
        Where cells lie.
    cell
        Cell of the dam foot, int32 (n,).
    foot_m
        Ground at the foot in whole metres, int16 (n,). [m]
    water_m3, dam_m3
        Water behind the wall, and the wall, float32 (n, 15). [m³]
    cap_m
        Lowest height at which masked ground or the rim of the data floods, 150 = none. [m]
    lake_cells
        Cells below the highest level, int32 (n,).
    extreme
        Cell of the lake that reaches farthest E, SE, S, SW, W, NW, N, NE, int32 (n, 15, 8).
    area_m2
        Area of a cell at the foot. [m²]
    fill_inside
        Share of the wall's fill that is dug inside the lake. [-]
    """

    grid: Grid
    cell: Int32
    foot_m: npt.NDArray[np.int16]
    water_m3: Float32
    dam_m3: Float32
    cap_m: Float32
    lake_cells: Int32
    extreme: Int32
    area_m2: Float64
    fill_inside: float = rules.FILL_INSIDE

    @property
    def count(self) -> int:
        """Number of reservoirs."""
        return int(self.cell.size)

    @property
    def volume_m3(self) -> Float64:
        """Volume of the rules: water and half the wall, whose fill is dug inside. [m³]."""
        return self.water_m3.astype(np.float64) + self.fill_inside * self.dam_m3

    @property
    def row(self) -> Int64:
        """Row of each foot."""
        return self.cell.astype(np.int64) // self.grid.cols

    @property
    def col(self) -> Int64:
        """Column of each foot."""
        return self.cell.astype(np.int64) % self.grid.cols

    def take(self, which: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> AnuSites:
        """Return the chosen reservoirs in the order given."""
        arrays: dict[str, Any] = {
            one.name: np.ascontiguousarray(getattr(self, one.name)[which])
            for one in fields(self)
            if one.name not in {"grid", "fill_inside"}
        }
        return replace(self, **arrays)


@dataclass(frozen=True, slots=True, eq=False)
class AnuResult:
    """What the restated rules find on a ground.

    Parameters
    ----------
    sites
        Reservoirs kept.
    pairs
        One row a pair and size, by size and FOM: ``size`` (place in the list of sizes),
        ``energy_gwh``, ``hours``, ``power_mw``, ``upper``, ``lower`` (reservoir, or -1 - k
        for lake k), ``upper_row``, ``upper_col``, ``lower_row``, ``lower_col`` (-1 for a lake),
        ``upper_x``, ``upper_y``, ``lower_x``, ``lower_y`` [m], ``head_m``, ``length_m``,
        ``volume_m3``, ``upper_height_m``, ``lower_height_m``, ``upper_dam_m3``,
        ``lower_dam_m3``, ``water_rock``, ``power_usd_kw``, ``energy_usd_kwh``, ``fom_usd_kw``,
        ``cost_class`` (A-E, Z).
    chosen
        Rows of ``pairs`` whose lakes do not overlap, within each size, int64; heights of
        their regrown lakes in ``grown_m`` (k, 2). [m]
    found
        Counts by stage: what, how many.
    label
        What this is.
    """

    sites: AnuSites
    pairs: pd.DataFrame
    chosen: Int64
    grown_m: Float64
    found: dict[str, int]
    label: Say = LABEL
