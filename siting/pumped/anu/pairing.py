"""Pairs of the atlas rules by brute force, their cost and class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.grid import Grid
from geo.units import JOULE_PER_GWH, WATER_DENSITY
from siting.pumped.anu import rules
from siting.pumped.anu._kernels import brute as kernel
from siting.pumped.anu.model import AnuSites
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.pairs.model import Size

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

#: Uppers worked on at a time: bounds the memory of the lists.
_BLOCK: Final = 512
#: Square metres per cubic metre and joule of the method, for [J] / [kg m^-3 m s^-2].
_PER_VOLUME: Final = WATER_DENSITY * rules.GRAVITY * rules.EFFICIENCY * rules.USABLE


def volume_m3(energy_gwh: npt.ArrayLike, head_m: npt.ArrayLike) -> Float64:
    """Return the volume that the rules ask for [m³] from energy [GWh] and head [m].

    Examples
    --------
    >>> round(float(volume_m3(5.0, 300.0)) / 1e6, 3)
    8.003
    """
    joule = np.asarray(energy_gwh, np.float64) * JOULE_PER_GWH
    return np.asarray(joule / (np.asarray(head_m, np.float64) * _PER_VOLUME))


def energy_usd_per_kwh(water_rock: npt.ArrayLike, head_m: npt.ArrayLike) -> Float64:
    """Return the cost of storage [US$/kWh] from water to rock [-] and head [m].

    Examples
    --------
    >>> round(float(energy_usd_per_kwh(8.0, 300.0)), 2)
    33.61
    """
    both = np.asarray(water_rock, np.float64) * np.asarray(head_m, np.float64)
    return np.asarray(rules.ROCK_USD * JOULE_PER_GWH / (both * _PER_VOLUME * 1.0e6))


def power_usd_per_kw(power_mw: float, head_m: float, length_m: float) -> float:
    """Return the cost of power [US$/kW] from power [MW], head [m] and length [m].

    Examples
    --------
    >>> round(power_usd_per_kw(300.0, 300.0, 3000.0), 1)
    1276.3
    """
    return float(
        kernel.power_usd_per_kw(
            power_mw, head_m, length_m / 1.0e3, rules.POWER_LIMIT_MW, rules.TWO_PLANTS_M
        )
    )


def cost_class(fom: npt.ArrayLike, hours: npt.ArrayLike) -> npt.NDArray[np.str_]:
    """Return the letter of a figure of merit [US$/kW] at ``hours`` of storage [h].

    Examples
    --------
    >>> cost_class([1300.0, 1379.0, 1700.0, 2000.0, 3000.0], 18.0).tolist()
    ['A', 'B', 'B', 'C', 'Z']
    """
    price, t = np.broadcast_arrays(np.asarray(fom, np.float64), np.asarray(hours, np.float64))
    out = np.full(price.shape, rules.BEYOND, dtype="<U1")
    for letter, base, each in reversed(rules.CLASSES):
        out[price < base + each * t] = letter
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Sites and lakes as the kernel reads them."""

    foot: Float64
    x: Float64
    y: Float64
    volume: Float64
    dam: Float64
    cap: Float64
    first: Int64
    shore_x: Float64
    shore_y: Float64


def brute_pairs(
    sites: AnuSites, lakes: Sequence[ExistingLake] = (), sizes: Sequence[Size] = rules.SEVEN
) -> tuple[pd.DataFrame, Int64]:
    """Return all pairs that the rules keep, every upper tried with every lower.

    Parameters
    ----------
    sites
        Reservoirs kept.
    lakes
        Reservoirs that exist: one level, the normal one, and the volume of their curve.
    sizes
        Power and hours asked for.

    Returns
    -------
    tuple
        Frame of :class:`siting.pumped.anu.model.AnuResult`, and how many pairs lie within the
        heads, within the slope of points, were tested by size, and passed (int64 (4,)); at
        most the best 100 lowers of an upper and size are kept.
    """
    table = _table(sites, lakes)
    every = np.arange(table.foot.size, dtype=np.int64)
    asked = np.array([[one.power_mw, one.hours, _asked(one)] for one in sizes]).reshape(-1, 3)
    law = _law()
    seen = np.zeros(4, np.int64)
    parts: list[pd.DataFrame] = []
    for start in range(0, every.size, _BLOCK):
        upper = every[start : start + _BLOCK]
        room = (upper.size, len(sizes), rules.KEEP)
        found = np.zeros(room, np.int64)
        figure = np.zeros((*room, kernel.FIGURES))
        kept = np.zeros(room[:2], np.int64)
        counts = np.zeros((upper.size, 4), np.int64)
        kernel.best_lowers(
            upper, every, sites.count, table.foot, table.x, table.y, table.volume, table.dam,
            table.cap, table.first, table.shore_x, table.shore_y, asked, law,
            found, figure, kept, counts,
        )  # fmt: skip
        seen += counts.sum(axis=0)
        parts.append(_rows(upper, found, figure, kept))
    rows = pd.concat(parts, ignore_index=True) if parts else _rows(every, *_nothing(len(sizes)))
    return _frame(rows, table, sites, sizes), seen


def _asked(size: Size) -> float:
    """Return volume times head of a size. [m³ m]."""
    return float(volume_m3(size.energy_gwh, 1.0))


def _law() -> Float64:
    letter, base, each = rules.CLASSES[-1]
    del letter
    return np.array(
        [
            rules.LEAST_HEAD_M, rules.MOST_HEAD_M, rules.LEAST_SLOPE_POINTS, rules.LEAST_SLOPE,
            rules.LEAST_PAIR_WATER_ROCK, rules.POWER_LIMIT_MW, rules.TWO_PLANTS_M,
            rules.ROCK_USD, JOULE_PER_GWH / (_PER_VOLUME * 1.0e6), rules.HEIGHT_STEP_M,
            rules.SLACK * base, rules.SLACK * each,
        ]
    )  # fmt: skip


def _nothing(sizes: int) -> tuple[Int64, Float64, Int64]:
    room = (0, sizes, rules.KEEP)
    return np.zeros(room, np.int64), np.zeros((*room, kernel.FIGURES)), np.zeros(room[:2], np.int64)


def _table(sites: AnuSites, lakes: Sequence[ExistingLake]) -> _Table:
    """Return sites, then lakes, with an outline of eight points a height or the whole shore."""
    new, heights = sites.count, rules.HEIGHTS
    x, y = _places(sites.grid, sites.cell)
    ex, ey = _places(sites.grid, sites.extreme.ravel())
    levels = [round(float(one.curve.level_m[-1])) for one in lakes]
    whole = [float(one.curve.usable_m3[-1]) for one in lakes]
    shores = [np.asarray(one.shore, np.float64).reshape(-1, 2) for one in lakes]
    volume = np.zeros((new + len(lakes), heights + 1))
    volume[:new, 1:] = sites.volume_m3
    volume[new:] = np.array(whole)[:, None]
    dam = np.zeros_like(volume)
    dam[:new, 1:] = sites.dam_m3
    middle = np.array([one.mean(axis=0) for one in shores]).reshape(-1, 2)
    ends = np.cumsum([len(one) for one in shores], dtype=np.int64) + new * heights * 8
    return _Table(
        foot=np.concatenate([sites.foot_m.astype(np.float64), np.array(levels, np.float64)]),
        x=np.concatenate([x, middle[:, 0]]),
        y=np.concatenate([y, middle[:, 1]]),
        volume=volume,
        dam=dam,
        cap=np.concatenate([sites.cap_m.astype(np.float64), np.full(len(lakes), np.inf)]),
        first=np.concatenate([np.arange(new + 1, dtype=np.int64) * heights * 8, ends]),
        shore_x=np.concatenate([ex, *(one[:, 0] for one in shores)]),
        shore_y=np.concatenate([ey, *(one[:, 1] for one in shores)]),
    )


def _places(grid: Grid, cell: npt.NDArray[np.int32]) -> tuple[Float64, Float64]:
    t = grid.transform
    row, col = np.divmod(cell.astype(np.int64), grid.cols)
    return t.c + (col + 0.5) * t.a, t.f + (row + 0.5) * t.e


def _rows(upper: Int64, found: Int64, figure: Float64, kept: Int64) -> pd.DataFrame:
    """Return one row a pair kept of a block of uppers."""
    held = np.arange(found.shape[2]) < kept[:, :, None]
    which, size, slot = np.nonzero(held)
    values = figure[which, size, slot]
    names = (
        "volume_m3", "upper_height_m", "lower_height_m", "upper_dam_m3", "lower_dam_m3",
        "length_m", "fom_usd_kw", "power_usd_kw", "energy_usd_kwh",
    )  # fmt: skip
    columns = {"size": size, "upper": upper[which], "lower": found[which, size, slot]}
    return pd.DataFrame(columns | {name: values[:, k] for k, name in enumerate(names)})


def _frame(
    rows: pd.DataFrame, table: _Table, sites: AnuSites, sizes: Sequence[Size]
) -> pd.DataFrame:
    """Return the frame of the result, by size, FOM and place."""
    rows = rows.sort_values(["size", "fom_usd_kw", "upper", "lower"], ignore_index=True)
    size = rows["size"].to_numpy(np.int64)
    out: dict[str, npt.NDArray[np.generic]] = {"size": size}
    asked = np.array([[one.energy_gwh, one.hours, one.power_mw] for one in sizes]).reshape(-1, 3)
    for k, name in enumerate(("energy_gwh", "hours", "power_mw")):
        out[name] = asked[size, k]
    ends = {end: rows[end].to_numpy(np.int64) for end in ("upper", "lower")}
    for end, site in ends.items():
        new = site < sites.count
        out[end] = np.where(new, site, sites.count - 1 - site)
        place = np.where(new, site, 0)
        for axis, values in (("row", sites.row), ("col", sites.col)):
            out[f"{end}_{axis}"] = np.where(new, values[place] if sites.count else -1, -1)
        out[f"{end}_x"], out[f"{end}_y"] = table.x[site], table.y[site]
    out["head_m"] = table.foot[ends["upper"]] - table.foot[ends["lower"]]
    rock = np.maximum((rows["upper_dam_m3"] + rows["lower_dam_m3"]).to_numpy(), 1e-9)
    ratio = np.minimum(rows["volume_m3"].to_numpy() / rock, rules.EXISTING_WATER_ROCK)
    for name in rows.columns[3:]:
        out[name] = rows[name].to_numpy()
    out["water_rock"] = ratio
    out["cost_class"] = cost_class(rows["fom_usd_kw"].to_numpy(), asked[size, 1])
    return pd.DataFrame(out)
