"""Lakes of the search as flat tables: new ones behind dams first, then those that exist."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.hydrology import Drainage
from geo.units import GRAVITY, JOULE_PER_GWH, WATER_DENSITY
from siting.pumped.dams.model import DamSites
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.pairs._kernels import terms as t
from siting.pumped.pairs._kernels.curve import moments
from siting.pumped.pairs._kernels.search import fill_hash
from siting.pumped.pairs._kernels.shore import WAYS, extremes, supports
from siting.pumped.pairs._kernels.size import RUNGS, fill_ladder
from siting.sites.params import Params

Float64 = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

#: Cells of the hash on the longer side, at most.
_HASH = 512
#: The reach of the highest pair is cut into so many cells of the hash.
_CUT = 8


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """Lakes of one search.

    Parameters
    ----------
    dam_row
        Row of the dam site of each new lake, int32 (new,).
    lake_row
        Number of each existing lake, int32 (existing,); they follow the new ones.
    node
        Flat (lakes, NODE) numbers of :mod:`siting.pumped.pairs._kernels.terms`.
    offset, level, volume, moment
        Curves of all lakes one after the other. [m], [m³], [m·m³]
    dam, crest
        Body and crest of the dam at the knots, NaN for existing lakes. [m³], [m]
    shore, place, step, levels
        Shore points of the new lakes (:func:`siting.pumped.pairs._kernels.shore.extremes`).
    ladder, rung_m3
        Mean level and height of the new lakes at rungs of water, flat; the water. [m], [m³]
    support
        How far each lake reaches in 8 ways at its largest, flat (lakes, 8). [m]
    unusable
        Highest level above the foot [m] of each dam site that is left out, else NaN.
    """

    dam_row: Int32
    lake_row: Int32
    node: Float64
    offset: Int64
    level: Float64
    volume: Float64
    moment: Float64
    dam: Float32
    crest: Float32
    shore: Int32
    place: Float64
    step: float
    levels: int
    ladder: Float32
    rung_m3: Float64
    support: Float64
    unusable: Float64

    @property
    def count(self) -> int:
        """Number of lakes."""
        return int(self.dam_row.size + self.lake_row.size)

    def column(self, which: int) -> Float64:
        """Return one number of every lake."""
        return self.node[which :: t.NODE]

    def public(self, which: Int32) -> Int32:
        """Return dam rows (>= 0) or -1 - lake of numbers of this table."""
        names = np.concatenate([self.dam_row, -1 - self.lake_row]).astype(np.int32)
        return names[which]


@dataclass(frozen=True, slots=True, eq=False)
class Hash:
    """Feet of new lakes and shore points of standing ones in square cells."""

    x: Float64
    y: Float64
    owner: Int32
    cell: Int64
    box: Float64
    lowest: Float64
    widest: Float64


def make_nodes(
    dams: DamSites,
    lakes: Sequence[ExistingLake],
    least_gwh: float,
    params: Params,
    drainage: Drainage | None,
) -> Nodes:
    """Return the lakes that could hold ``least_gwh`` at the largest head. [GWh].

    Parameters
    ----------
    drainage
        Finds the shores of new lakes; without it a new lake's shore is its dam foot.
    """
    dead, head = params.number("dead_share"), params.number("head_max_m")
    eta = params.number("efficiency")
    least_m3 = least_gwh * JOULE_PER_GWH / (WATER_DENSITY * GRAVITY * eta * head)
    top, unusable = _tops(dams, params)
    volume = np.maximum.accumulate(np.nan_to_num(dams.volume_m3.astype(np.float64)), axis=1)
    full = _along(volume, top)
    kept = np.flatnonzero(np.isnan(unusable) & (full * (1.0 - dead) >= least_m3)).astype(np.int32)
    volume, top, full = volume[kept], top[kept], full[kept]
    standing = [k for k, one in enumerate(lakes) if one.borrow_m3 > 0 and one.shore.size > 0]
    node = np.zeros((kept.size + len(standing), t.NODE))
    new = node[: kept.size]
    foot = dams.foot_m[kept].astype(np.float64)
    lowest_wall = np.minimum(np.full(kept.size, params.number("wall_min_m")), top)
    new[:, t.FOOT] = new[:, t.LOW] = foot
    new[:, t.HIGH] = foot + top
    new[:, t.LEND] = (1.0 - dead) * full
    new[:, t.LEAST] = _along(volume, lowest_wall)
    new[:, t.FULL] = full
    new[:, t.CAP] = dams.cap_m[kept, 1]
    new[:, t.NEW] = 1.0
    new[:, t.CLOSES] = _closes(dams.dam_m3[kept])
    new[:, t.START], new[:, t.CELLS] = dams.start[kept], dams.cells[kept]
    new[:, t.EAST], new[:, t.NORTH] = (one[kept] for one in dams.xy())
    step = params.number("shore_step_m")
    shore, levels = _shores(dams, kept, top, step, drainage)
    place = _place(dams)
    support = np.zeros(node.shape[0] * WAYS)
    supports(node.ravel(), shore.ravel(), place, levels, kept.size, support)
    for i, k in enumerate(standing):
        _stand(node[kept.size + i], lakes[k])
    heights = np.arange(dams.heights, dtype=np.float64)
    curves = [(one.curve.level_m, one.curve.usable_m3) for one in (lakes[k] for k in standing)]
    level = np.concatenate([(foot[:, None] + heights).ravel(), *(one[0] for one in curves)])
    flat = np.concatenate([volume.ravel(), *(one[1] for one in curves)])
    sizes = [dams.heights] * kept.size + [one[0].size for one in curves]
    offset = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)
    moment = np.empty_like(flat)
    moments(level, flat, offset, moment)
    ladder, rung_m3 = _ladder(node, offset, (level, flat, moment), kept.size, least_gwh, params)
    blank = np.full(flat.size - volume.size, np.nan, np.float32)
    dam, crest = (
        np.concatenate([one[kept].astype(np.float32).ravel(), blank])
        for one in (dams.dam_m3, dams.crest_length_m)
    )
    return Nodes(
        kept, np.array(standing, np.int32), node.ravel(), offset, level, flat, moment, dam, crest,
        shore.ravel(), place, step, levels, ladder, rung_m3, support, unusable,
    )  # fmt: skip


def _ladder(
    node: Float64, offset: Int64, curves: tuple[Float64, Float64, Float64], new: int,
    least_gwh: float, params: Params,
) -> tuple[Float32, Float64]:  # fmt: skip
    """Return levels of the new lakes at rungs of water, and the water of each rung. [m³]."""
    if new == 0:
        return np.empty(0, np.float32), np.empty(0)
    head = max(float(node[:, t.HIGH].max() - node[:, t.LOW].min()), 1.0)
    rate = WATER_DENSITY * GRAVITY * params.number("efficiency") / JOULE_PER_GWH
    first = least_gwh / (rate * head)
    most = max(float(node[:new, t.LEND].max()), first)
    water = first * 2.0 ** (np.arange(int(RUNGS * math.log2(most / first)) + 2) / RUNGS)
    ladder = np.empty(new * water.size * 2, np.float32)
    fill_ladder(node.ravel(), offset, *curves, params.number("dead_share"), new, water, ladder)
    return ladder, water


def _tops(dams: DamSites, params: Params) -> tuple[Float64, Float64]:
    """Return the highest level of each lake above its foot, and it again where too low. [m]."""
    most = min(params.number("wall_max_m"), dams.heights - 1.0)
    top = np.clip(np.nan_to_num(dams.cap_m[:, 0].astype(np.float64), posinf=most), 0.0, most)
    return top, np.where(top < params.number("wall_min_m"), top, np.nan)


def _closes(dam: npt.NDArray[np.float32]) -> Int64:
    """Return the highest level of each dam that has a body, -1 where none has. [m]."""
    shut = np.isfinite(dam)
    return np.where(shut.any(axis=1), dam.shape[1] - 1 - np.argmax(shut[:, ::-1], axis=1), -1)


def _along(curve: Float64, height: Float64) -> Float64:
    """Return each row of a curve at a height. [m]."""
    low = np.minimum(height.astype(np.int64), curve.shape[1] - 2)
    row = np.arange(curve.shape[0])
    share = height - low
    out: Float64 = curve[row, low] * (1.0 - share) + curve[row, low + 1] * share
    return out


def _stand(row: Float64, lake: ExistingLake) -> None:
    """Fill the numbers of a standing lake."""
    level, usable = lake.curve.level_m, lake.curve.usable_m3
    row[t.FOOT] = row[t.LOW] = level[0]
    row[t.HIGH] = level[-1]
    row[t.LEND] = min(lake.borrow_m3, usable[-1])
    row[t.FULL] = usable[-1]
    row[t.CAP] = row[t.CLOSES] = math.inf
    row[t.EAST], row[t.NORTH] = lake.shore[0]


def _place(dams: DamSites) -> Float64:
    """Return the middle of the first cell, the steps of a cell, the columns."""
    a = dams.grid.transform
    return np.array([a.c + a.a / 2, a.f + a.e / 2, a.a, a.e, float(dams.grid.shape[1])])


def _shores(
    dams: DamSites, kept: Int32, top: Float64, step: float, drainage: Drainage | None
) -> tuple[Int32, int]:
    """Return the furthest cells of each lake in 8 directions by level, (new, levels, 8)."""
    if drainage is None or kept.size == 0:
        return np.empty((kept.size, 0, WAYS), np.int32), 0
    levels = int((dams.heights - 1) / step)
    found = np.full((kept.size, levels, WAYS), -1, np.int32)
    extremes(
        drainage.filled.ravel(), drainage.cells.ravel(), drainage.order, dams.grid.shape[1],
        dams.start[kept], dams.cells[kept], dams.foot_m[kept], top.astype(np.float32),
        step, levels, found.ravel(),
    )  # fmt: skip
    return found, levels


def make_hash(nodes: Nodes, lakes: Sequence[ExistingLake], params: Params) -> Hash:
    """Return the hash over the feet of new lakes and the shores of standing ones."""
    new = nodes.dam_row.size
    shores = [lakes[k].shore for k in nodes.lake_row]
    x = np.concatenate([nodes.column(t.EAST)[:new], *(one[:, 0] for one in shores)])
    y = np.concatenate([nodes.column(t.NORTH)[:new], *(one[:, 1] for one in shores)])
    owner = np.concatenate(
        [np.arange(new), *(np.full(len(one), new + i) for i, one in enumerate(shores))]
    ).astype(np.int32)
    low, high = nodes.column(t.LOW), nodes.column(t.HIGH)
    head = min(params.number("head_max_m"), float(high.max() - low.min()))
    reach = params.number("lh_max") * max(head, 1.0)
    extent = max(float(np.ptp(x)), float(np.ptp(y)), 1.0)
    size = max(reach / _CUT, extent / _HASH)
    nx, ny = int(np.ptp(x) / size) + 1, int(np.ptp(y) / size) + 1
    box = np.array([x.min(), y.min(), size, nx, ny, low.min(), nodes.column(t.RADIUS).max()])
    at = np.minimum(((y - box[1]) / size).astype(np.int64), ny - 1) * nx
    at += np.minimum(((x - box[0]) / size).astype(np.int64), nx - 1)
    order = np.argsort(at, kind="stable")
    cell = np.searchsorted(at[order], np.arange(nx * ny + 1)).astype(np.int64)
    x, y, owner = (np.ascontiguousarray(one[order]) for one in (x, y, owner))
    lowest, widest = np.empty(nx * ny), np.empty(nx * ny)
    fill_hash(nodes.node, owner, cell, lowest, widest)
    return Hash(x, y, owner, cell, box, lowest, widest)
