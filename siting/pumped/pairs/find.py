"""Pairs of an upper and a lower lake that meet an asked power and its hours.

Never all pairs: lower lakes come from a grid hash whose cells know their lowest water, so that
only those within largest head times largest L/H are met. Each candidate is sized by inverting
the energy integral and goes through the tests of :mod:`siting.pumped.pairs.reasons` in order;
of those that pass, the best few lowers of each upper lake and size are kept, by a quick value
(rock of the dams plus weighted tunnel, per kW), apart for pairs that keep off ground that
needs a route and pairs that do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.crs import require_metric
from geo.errors import OptionError, Say
from geo.hydrology import Drainage
from siting.pumped.dams.model import DamSites
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.pairs._kernels import terms as t
from siting.pumped.pairs._kernels.search import CHUNKS, describe, search
from siting.pumped.pairs.model import PairAudit, Pairs, Size
from siting.pumped.pairs.nodes import Hash, Nodes, make_hash, make_nodes
from siting.pumped.pairs.options import default_sizes
from siting.sites.params import Params

__all__ = ["default_sizes", "find_pairs"]

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

_M2_PER_KM2 = 1.0e6


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """Rows of the search that are kept, and how far every lake came."""

    upper: Int32
    lower: Int32
    size: Int64
    here: Int32
    there: Int32
    sx: Float64
    sy: Float64
    stage: npt.NDArray[np.uint8]
    value: npt.NDArray[np.float32]
    limit: npt.NDArray[np.float32]
    tested: Int64


def find_pairs(
    dams: DamSites,
    lakes: Sequence[ExistingLake],
    sizes: Sequence[Size],
    params: Params,
    progress: Callable[[str], None] | None = None,
    drainage: Drainage | None = None,
) -> tuple[Pairs, PairAudit]:
    """Return sized pairs, best quick value first for each upper lake and size, and the audit.

    Parameters
    ----------
    dams
        Dam sites; those with a catchment above ``pair.upper_catchment_max_km2`` are lower
        lakes only. [m²]
    lakes
        Standing lakes; each may lie above or below.
    sizes
        Asked power and hours. [MW], [h]
    params
        Of :func:`siting.pumped.pairs.options.parameters`.
    progress
        Called with a Chinese stage name.
    drainage
        Of the grid of ``dams``: finds the shores of the new lakes at every level. Without it
        lengths start at the dam foot.

    Returns
    -------
    Pairs, PairAudit
        No pair at all gives an empty :class:`Pairs`; the audit says which test took how many.

    Raises
    ------
    CrsError
        The grid is not metric.
    OptionError
        A size that is not positive, or none; a drainage of another grid.
    """
    require_metric(dams.grid, "pumped storage")
    _check(sizes, dams, drainage)
    say = progress or (lambda _: None)
    say("抽水蓄能：整理水库曲线")
    least = min(one.energy_gwh for one in sizes)
    nodes = make_nodes(dams, lakes, least, params, drainage)
    if nodes.count < 2:
        return _empty(), _audit(dams, nodes, None, np.empty(0, np.int32), params)
    table = make_hash(nodes, lakes, params)
    say("抽水蓄能：上下库配对")
    kept = _search(dams, lakes, nodes, table, sizes, params)
    kept, of = _sized(nodes, table, kept, sizes, params)
    pairs = _pairs(dams, lakes, nodes, kept, of, sizes)
    used = np.concatenate([kept.upper, kept.lower])
    return pairs, _audit(dams, nodes, kept, used, params)


def _check(sizes: Sequence[Size], dams: DamSites, drainage: Drainage | None) -> None:
    good = all(np.isfinite([s.power_mw, s.hours]).all() for s in sizes)
    if not sizes or not good or min(min(s.power_mw, s.hours) for s in sizes) <= 0:
        raise OptionError(
            "sizes",
            Say("装机与小时须为正", "power and hours must be positive, at least one size"),
            Say("例如 1200 MW、6 h", "for example 1200 MW, 6 h"),
        )
    if drainage is not None and drainage.grid != dams.grid:
        raise OptionError(
            "drainage",
            Say("与坝址不在同一格网", "is not on the grid of the dam sites"),
            Say("用求坝址的同一水系", "give the drainage that the dam sites came from"),
        )


def rules_of(params: Params) -> Float64:
    """Return the rules of the search as the kernels read them (:mod:`terms`)."""
    rules = np.empty(t.RULES)
    for at, key in (
        (t.EFFICIENCY, "efficiency"), (t.VELOCITY, "velocity"), (t.FRICTION, "friction"),
        (t.TUNNEL_MW, "tunnel_mw"), (t.DEAD_SHARE, "dead_share"),
        (t.UPPER_START, "upper_start"), (t.LOWER_START, "lower_start"),
        (t.HEAD_MIN, "head_min_greenfield_m"), (t.HEAD_MIN + 1, "head_min_bluefield_m"),
        (t.HEAD_MIN + 2, "head_min_bluefield_m"), (t.HEAD_MIN + 3, "head_min_existing_m"),
        (t.HEAD_MAX, "head_max_m"), (t.LH_MAX, "lh_max"), (t.WATER_ROCK, "water_rock_min"),
        (t.TUNNEL_WEIGHT, "tunnel_weight"),
    ):  # fmt: skip
        rules[at] = params.number(key)
    return rules


def _search(
    dams: DamSites, lakes: Sequence[ExistingLake], nodes: Nodes, table: Hash,
    sizes: Sequence[Size], params: Params,
) -> _Kept:  # fmt: skip
    """Run the search and return the rows it keeps, in the order of uppers, sizes and value."""
    limit = params.number("upper_catchment_max_km2") * _M2_PER_KM2
    small = np.flatnonzero(dams.catchment_m2[nodes.dam_row] <= limit)
    new = nodes.dam_row.size
    uppers = np.concatenate([small, np.arange(new, nodes.count)]).astype(np.int32)
    shores = [lakes[k].shore for k in nodes.lake_row]
    sx = np.concatenate([nodes.column(t.EAST)[small], *(one[:, 0] for one in shores)])
    sy = np.concatenate([nodes.column(t.NORTH)[small], *(one[:, 1] for one in shores)])
    points = np.concatenate([np.ones(small.size, np.int64), [len(one) for one in shores]])
    first = np.concatenate([[0], np.cumsum(points)]).astype(np.int64)
    keep = int(params.number("keep"))
    slots = uppers.size * len(sizes) * 2 * keep
    lower, quick = np.full(slots, -1, np.int32), np.full(slots, np.inf)
    here, there = np.zeros(slots, np.int32), np.zeros(slots, np.int32)
    stage = np.full(CHUNKS * nodes.count, t.REACH, np.uint8)
    value, asked = (np.full(stage.size, np.nan, np.float32) for _ in range(2))
    tested = np.zeros(CHUNKS * t.REASONS, np.int64)
    power, hours = (np.array([getattr(s, key) for s in sizes]) for key in ("power_mw", "hours"))
    rise = np.argsort(power * hours, kind="stable")
    search(
        nodes.node, nodes.offset, nodes.level, nodes.volume, nodes.moment, nodes.dam, nodes.crest,
        nodes.shore, nodes.place, nodes.ladder, nodes.rung_m3, nodes.step, nodes.levels, table.x,
        table.y, table.owner, table.cell, table.box, table.lowest, table.widest, nodes.support,
        rules_of(params), uppers, power[rise], hours[rise], rise, sx, sy, first, keep,
        lower, quick, here, there, stage, value, asked, tested,
    )  # fmt: skip
    row = np.flatnonzero(lower >= 0)
    which = row // (2 * keep)
    counts = tested.reshape(CHUNKS, t.REASONS).sum(axis=0)
    counts[: t.REACH] = uppers.size * (nodes.count - 1) * len(sizes)
    counts[t.CROWDED] = row.size
    best = _furthest(
        stage.reshape(CHUNKS, -1), value.reshape(CHUNKS, -1), asked.reshape(CHUNKS, -1)
    )
    return _Kept(
        uppers[which // len(sizes)], lower[row], which % len(sizes), here[row], there[row],
        sx, sy, *best, counts,
    )  # fmt: skip


def _furthest(
    stage: npt.NDArray[np.uint8], value: npt.NDArray[np.float32], limit: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return over the parts of the work the candidate that came furthest, then missed least."""
    with np.errstate(invalid="ignore", divide="ignore"):
        short = np.abs(value.astype(np.float64) - limit) / np.maximum(np.abs(limit), 1e-9)
    short = np.where(np.isfinite(short), np.minimum(short, 1e9), 1e9)
    # stages differ by more than any shortfall within one
    pick = np.argmax(stage * 1e10 - short, axis=0)
    at = np.arange(stage.shape[1])
    return stage[pick, at], value[pick, at], limit[pick, at]


def _sized(
    nodes: Nodes, table: Hash, kept: _Kept, sizes: Sequence[Size], params: Params
) -> tuple[_Kept, Float64]:
    """Return the rows that hold when all their numbers are worked out, and these (ROW, n).

    By the same steps as in the search, so that both agree at the edge of a bound too.
    """
    n = kept.upper.size
    power = np.array([s.power_mw for s in sizes])[kept.size]
    hours = np.array([s.hours for s in sizes])[kept.size]
    rows, reasons = np.full(n * t.ROW, np.nan), np.zeros(n, np.uint8)
    describe(
        nodes.node, nodes.offset, nodes.level, nodes.volume, nodes.moment, nodes.dam, nodes.crest,
        nodes.shore, nodes.place, nodes.ladder, nodes.rung_m3, nodes.step, nodes.levels, table.x,
        table.y, table.owner, table.cell, table.box, rules_of(params), kept.sx, kept.sy, kept.upper,
        kept.lower, kept.here, kept.there, power, hours, rows, reasons,
    )  # fmt: skip
    holds = reasons == t.PAIRED
    sound = replace(
        kept, upper=kept.upper[holds], lower=kept.lower[holds], size=kept.size[holds],
        here=kept.here[holds], there=kept.there[holds],
    )  # fmt: skip
    return sound, rows.reshape(n, t.ROW)[holds].T


def _pairs(
    dams: DamSites, lakes: Sequence[ExistingLake], nodes: Nodes, kept: _Kept, of: Float64,
    sizes: Sequence[Size],
) -> Pairs:  # fmt: skip
    """Return the kept rows with all their numbers."""
    power = np.array([s.power_mw for s in sizes])[kept.size]
    hours = np.array([s.hours for s in sizes])[kept.size]
    new = nodes.dam_row.size
    standing = [kept.upper >= new, kept.lower >= new]
    foot = nodes.column(t.FOOT)
    upper, lower = nodes.public(kept.upper), nodes.public(kept.lower)
    heights = [
        np.where(old, 0.0, of[normal] - foot[which])
        for old, normal, which in (
            (standing[0], t.UPPER_NORMAL, kept.upper), (standing[1], t.LOWER_NORMAL, kept.lower),
        )
    ]  # fmt: skip
    areas = [_areas(dams, lakes, which, high) for which, high in
             ((upper, heights[0]), (lower, heights[1]))]  # fmt: skip
    return Pairs(
        kind=(2 * standing[0] + standing[1]).astype(np.uint8),
        upper=upper,
        lower=lower,
        capped=of[t.KEEPS_OFF] > 0,
        power_mw=power,
        hours=hours,
        energy_gwh=power * hours / 1.0e3,
        volume_m3=of[t.VOLUME].copy(),
        upper_normal_m=of[t.UPPER_NORMAL].copy(),
        upper_dead_m=of[t.UPPER_DEAD].copy(),
        lower_normal_m=of[t.LOWER_NORMAL].copy(),
        lower_dead_m=of[t.LOWER_DEAD].copy(),
        head_mean_m=of[t.HEAD_MEAN].copy(),
        head_max_m=of[t.HEAD_HIGHEST].copy(),
        head_min_m=of[t.HEAD_LOWEST].copy(),
        loss_m=of[t.LOSS].copy(),
        length_m=of[t.LENGTH].copy(),
        ratio=of[t.LENGTH] / of[t.HEAD_MEAN],
        upper_shore=of[[t.UPPER_X, t.UPPER_Y]].T.copy(),
        lower_shore=of[[t.LOWER_X, t.LOWER_Y]].T.copy(),
        tunnel_m=of[t.TUNNEL].copy(),
        flow_m3s=of[t.FLOW].copy(),
        upper_dam_m3=of[t.UPPER_DAM].copy(),
        lower_dam_m3=of[t.LOWER_DAM].copy(),
        upper_height_m=heights[0],
        lower_height_m=heights[1],
        upper_crest_m=of[t.UPPER_CREST].copy(),
        lower_crest_m=of[t.LOWER_CREST].copy(),
        upper_area_m2=areas[0],
        lower_area_m2=areas[1],
    )


def _areas(dams: DamSites, lakes: Sequence[ExistingLake], which: Int32, height: Float64) -> Float64:
    """Return the surface of each lake at its normal level. [m²]."""
    out = np.array([0.0 if k >= 0 else lakes[-1 - k].area_m2 for k in which.tolist()], np.float64)
    new = which >= 0
    low = np.minimum(height[new].astype(np.int64), dams.heights - 2)
    share, row = height[new] - low, which[new]
    out[new] = dams.area_m2[row, low] * (1.0 - share) + dams.area_m2[row, low + 1] * share
    return out


def _audit(
    dams: DamSites, nodes: Nodes, kept: _Kept | None, used: Int32, params: Params
) -> PairAudit:
    """Return how far every dam site came."""
    reason = np.full(dams.count, t.TOO_SMALL, np.uint8)
    value, limit = (np.full(dams.count, np.nan, np.float32) for _ in range(2))
    tested = np.zeros(t.REASONS, np.int64)
    if kept is not None:
        new = nodes.dam_row.size
        reason[nodes.dam_row] = kept.stage[:new]
        value[nodes.dam_row], limit[nodes.dam_row] = kept.value[:new], kept.limit[:new]
        tested = kept.tested
        reason[nodes.dam_row[used[used < new]]] = t.PAIRED
    elif nodes.dam_row.size:
        reason[nodes.dam_row] = t.REACH
    most = params.number("upper_catchment_max_km2")
    large = (reason == t.REACH) & (dams.catchment_m2 > most * _M2_PER_KM2)
    reason[large], limit[large] = t.CATCHMENT, most
    value[large] = dams.catchment_m2[large] / _M2_PER_KM2
    low = np.isfinite(nodes.unusable)
    reason[low], value[low] = t.NO_LAKE, nodes.unusable[low]
    limit[low] = params.number("wall_min_m")
    return PairAudit(reason, value, limit, tested)


def _empty() -> Pairs:
    """Return no pair."""
    ends = {"upper_shore", "lower_shore"}
    kinds = {"kind": np.uint8, "upper": np.int32, "lower": np.int32, "capped": np.bool_}
    arrays: dict[str, Any] = {
        name: np.empty((0, 2) if name in ends else 0, kinds.get(name, np.float64))
        for name in Pairs.__dataclass_fields__
    }
    return Pairs(**arrays)
