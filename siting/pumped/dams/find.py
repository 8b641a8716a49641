"""Dam sites of a terrain: candidates, one look at each, curves of those that stay."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from geo.errors import GridMismatchError, Say
from geo.hydrology import Drainage
from geo.terrain import checked_dem
from siting.pumped.dams._kernels import curves as curve_kernel
from siting.pumped.dams._kernels import in_order
from siting.pumped.dams._kernels import survey as survey_kernel
from siting.pumped.dams.gullies import gully_cells
from siting.pumped.dams.model import Cap, DamAudit, DamSites
from siting.pumped.dams.reasons import Test
from siting.pumped.dams.section import section
from siting.pumped.dams.thin import stand_ins
from siting.sites.params import Params

Bool = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Uint8 = npt.NDArray[np.uint8]

_M2_PER_KM2 = 1.0e6
_M3_PER_MM3 = 1.0e6


def find_dams(
    drainage: Drainage,
    dem: npt.NDArray[np.float32],
    allowed: Bool | None,
    caps: tuple[Cap, Cap],
    params: Params,
    progress: Callable[[str], None] | None = None,
) -> tuple[DamSites, DamAudit]:
    """Return the dam sites of a terrain with their curves, and why each other cell is none.

    Parameters
    ----------
    drainage
        Drained terrain, known lakes stamped.
    dem
        Elevation, NaN = void, (rows, cols). [m]
    allowed
        Cells in which a foot may stand, (rows, cols); None = all.
    caps
        Ground that no lake may reach: prohibited, and also what needs a route.
    params
        Of :func:`siting.pumped.dams.section.parameters`.
    progress
        Called with a Chinese stage name.

    Returns
    -------
    tuple
        :class:`DamSites` from north to south (then west to east), none where the terrain
        offers none, and :class:`DamAudit` of every gully cell looked at.

    Raises
    ------
    GridMismatchError
        An array that is not on the grid of the drainage.
    CrsError
        The grid is not metric.

    Notes
    -----
    The axis of a site is that of the best ratio of water to dam among the levels that hold
    ``dam.min_volume_mm3`` and keep off prohibited ground; ``docs/methods/dams.md``.
    """
    say = progress or (lambda _: None)
    ground = checked_dem(dem, drainage.grid)
    _check(drainage, allowed, caps)
    say("坝址：沿沟候选")
    flat = gully_cells(drainage, params.number("gully_min_km2"), params.number("foot_step_m"))
    audit = _Audit(flat, drainage)
    _first_tests(audit, drainage, allowed, caps[0], params)
    land = _land(ground, drainage, caps, params)
    say("坝址：库容、坝轴线与水石比")
    axis = _survey(audit, land, params)
    say("坝址：逐米曲线")
    kept = audit.left()
    sites, best = _curves(audit, land, kept, axis[kept], caps, params)
    stays = audit.reason[kept] == Test.KEPT
    kept, sites, best = kept[stays], sites.take(stays), best[stays]
    keeper, away = stand_ins(drainage, flat[kept], best, params.number("suppress_m"))
    audit.suppress(kept, keeper, away, params.number("suppress_m"))
    return sites.take(keeper < 0), audit.finish(drainage.grid.cols)


class _Audit:
    """The first test that each candidate fails, with its numbers."""

    def __init__(self, flat: Int64, drainage: Drainage) -> None:
        grid = drainage.grid
        self.flat = flat
        self.km2 = drainage.cells.reshape(-1)[flat] * (grid.dx * grid.dy / _M2_PER_KM2)
        self.reason = np.zeros(flat.size, np.uint8)
        self.value = np.zeros(flat.size, np.float32)
        self.limit = np.zeros(flat.size, np.float32)
        self.other = np.full(flat.size, -1, np.int32)

    def fail(self, test: Test, failed: Bool, value: npt.NDArray[np.floating], limit: float) -> None:
        """Reject the candidates that fail and have passed all earlier tests."""
        new = failed & (self.reason == Test.KEPT)
        self.reason[new] = test
        self.value[new] = value[new]
        self.limit[new] = limit

    def left(self) -> Int64:
        """Return the candidates that have failed nothing."""
        return np.asarray(np.flatnonzero(self.reason == Test.KEPT), np.int64)

    def suppress(self, kept: Int64, keeper: Int32, away: Float64, reach: float) -> None:
        """Reject the sites that another stands for."""
        number = np.cumsum(keeper < 0).astype(np.int32) - 1
        gone = keeper >= 0
        self.reason[kept[gone]] = Test.SUPPRESSED
        self.value[kept[gone]] = away[gone]
        self.limit[kept[gone]] = reach
        self.other[kept[gone]] = number[keeper[gone]]

    def finish(self, cols: int) -> DamAudit:
        """Return the audit as a value."""
        row, col = np.divmod(self.flat, cols)
        return DamAudit(
            row.astype(np.int32), col.astype(np.int32),
            self.reason, self.value, self.limit, self.other,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Land:
    """The terrain as the kernels read it: by cell, and in drainage order."""

    dem: Float32
    drainage: Drainage
    barred: Uint8
    z: Float32
    size: Int32
    first: Int32
    last: Int32
    bar: Uint8
    heights: int
    samples: int

    @property
    def parts(self) -> int:
        """Pieces of parallel work."""
        return int(numba.get_num_threads())


def _check(drainage: Drainage, allowed: Bool | None, caps: tuple[Cap, Cap]) -> None:
    shapes = {"caps": caps[0].code.shape, "caps ": caps[1].code.shape}
    if allowed is not None:
        shapes["allowed"] = allowed.shape
    for name, shape in shapes.items():
        if shape != drainage.grid.shape:
            raise GridMismatchError(
                name.strip(),
                Say(
                    f"数组 {shape} 与栅格 {drainage.grid.shape} 不符",
                    f"is {shape}, its grid {drainage.grid.shape}",
                ),
                Say("用同一 Grid 的栅格", "give rasters of the run's grid"),
            )


def _first_tests(
    audit: _Audit, drainage: Drainage, allowed: Bool | None, cap: Cap, params: Params
) -> None:
    """Reject candidates by their foot and the size of their catchment."""
    most = params.number("lower_catchment_max_km2")
    flat = audit.flat
    nothing = np.zeros(flat.size)
    audit.fail(Test.OPEN, drainage.open.reshape(-1)[flat], audit.km2, most)
    audit.fail(Test.LARGE, audit.km2 > most, audit.km2, most)
    if allowed is not None:
        audit.fail(Test.NOT_ALLOWED, ~allowed.reshape(-1)[flat], nothing, 0.0)
    code = cap.code.reshape(-1)[flat]
    audit.fail(Test.BARRED, code > 0, code.astype(np.float64), 0.0)


def _land(ground: Float32, drainage: Drainage, caps: tuple[Cap, Cap], params: Params) -> _Land:
    """Lay the terrain out in drainage order."""
    shut, routed = caps[0].code > 0, caps[1].code > 0
    barred = np.zeros((0, 0), np.uint8)
    if shut.any() or routed.any():
        # bit 2 holds whatever bit 1 holds: what is prohibited is no place for a lake either way
        barred = (shut | ((shut | routed) << np.uint8(1))).astype(np.uint8)
    count = drainage.order.size
    z, size = np.empty(count, np.float32), np.empty(count, np.int32)
    first, last = np.empty(count, np.int32), np.empty(count, np.int32)
    bar = np.empty(count if barred.size else 0, np.uint8)
    in_order.lay_out(
        drainage.filled, drainage.cells, drainage.order, drainage.position, barred,
        z, size, first, last, bar,
    )  # fmt: skip
    step = min(drainage.grid.dx, drainage.grid.dy)
    return _Land(
        ground, drainage, barred, z, size, first, last, bar,
        int(params.number("dam_max_m")) + 1,
        int(params.number("axis_reach_m") / step) + 1,
    )  # fmt: skip


def _survey(audit: _Audit, land: _Land, params: Params) -> npt.NDArray[np.int8]:
    """Test volume, closure and ratio of the candidates left; return the axis of each."""
    drainage, shape = land.drainage, section(params)
    left = audit.left()
    least = params.number("min_volume_mm3")
    reason, value = np.zeros(left.size, np.uint8), np.zeros(left.size, np.float32)
    axis, ratio = np.full(left.size, -1, np.int8), np.zeros(left.size)
    start = drainage.position.reshape(-1)[audit.flat[left]]
    survey_kernel.survey(
        land.dem, drainage.filled, drainage.order, drainage.position, land.z, land.size,
        land.first, land.last, land.bar, start, drainage.grid.dx, drainage.grid.dy,
        land.heights, math.ceil(params.number("dam_min_m")), land.samples,
        shape.crest_width_m, shape.mean_slope, shape.freeboard_m, least * _M3_PER_MM3,
        params.number("min_ratio"), land.parts, reason, value, axis, ratio,
    )  # fmt: skip
    audit.reason[left] = reason
    audit.value[left] = value
    audit.limit[left] = np.where(reason == Test.RATIO, params.number("min_ratio"), least)
    audit.limit[left[reason == Test.KEPT]] = 0.0
    audit.value[left[reason == Test.KEPT]] = 0.0
    out = np.full(audit.flat.size, -1, np.int8)
    out[left] = axis
    return out


def _curves(
    audit: _Audit,
    land: _Land,
    kept: Int64,
    axis: npt.NDArray[np.int8],
    caps: tuple[Cap, Cap],
    params: Params,
) -> tuple[DamSites, Float64]:
    """Return the curves of the sites left and their best ratio; tests them once more."""
    drainage, shape, grid = land.drainage, section(params), land.drainage.grid
    flat = audit.flat[kept]
    start = drainage.position.reshape(-1)[flat]
    room = (kept.size, land.heights)
    volume, area = np.empty(room, np.float32), np.empty(room, np.float32)
    dam, crest = np.empty(room, np.float32), np.empty(room, np.float32)
    cap, by = np.empty((kept.size, 2)), np.empty((kept.size, 2), np.int32)
    curve_kernel.curves(
        land.dem, drainage.filled, drainage.direction, drainage.order, drainage.position,
        land.z, land.size, land.first, land.last, land.bar, land.barred, start, axis,
        grid.dx, grid.dy, land.samples, shape.crest_width_m, shape.mean_slope,
        shape.freeboard_m, land.parts, volume, area, dam, crest, cap, by,
    )  # fmt: skip
    row, col = np.divmod(flat, grid.cols)
    cells = drainage.cells.reshape(-1)[flat]
    sites = DamSites(
        grid, row.astype(np.int32), col.astype(np.int32), land.z[start],
        cells * np.float64(grid.dx * grid.dy), axis, volume, area, dam, crest,
        cap.astype(np.float32), _groups(by, caps), start, cells,
    )  # fmt: skip
    return sites, _last_tests(audit, kept, sites, params)


def _groups(by: Int32, caps: tuple[Cap, Cap]) -> npt.NDArray[np.int16]:
    """Return the group of the cell that sets each cap.

    A cell of the second column that only the first raster names counts on behind its groups.
    """
    out = np.full(by.shape, -1, np.int16)
    shut, routed = (cap.code.reshape(-1) for cap in caps)
    for column in range(2):
        found = np.flatnonzero(by[:, column] >= 0)
        cell = by[found, column]
        group = shut[cell].astype(np.int16) - 1
        if column == 1:
            own = routed[cell].astype(np.int16) - 1
            group = np.where(own >= 0, own, group + np.int16(len(caps[1].names)))
        out[found, column] = group
    return out


def _last_tests(audit: _Audit, kept: Int64, sites: DamSites, params: Params) -> Float64:
    """Test the final curves: volume and ratio at one height, below the cap; return the ratio."""
    least, wanted = params.number("min_volume_mm3") * _M3_PER_MM3, params.number("min_ratio")
    height = np.arange(sites.heights)
    inside = (height >= params.number("dam_min_m")) & (height <= sites.cap_m[:, :1])
    closed = inside & np.isfinite(sites.dam_m3)
    fit = closed & (sites.volume_m3 >= least)
    ratio = np.divide(sites.volume_m3, sites.dam_m3, out=np.zeros_like(sites.dam_m3), where=fit)
    best = np.asarray(ratio.max(axis=1), np.float64)
    reason = np.full(kept.size, Test.KEPT, np.uint8)
    value, limit = np.zeros(kept.size), np.zeros(kept.size)
    for test, failed, number, asked in (
        (Test.CAPPED, ~_any(inside, sites.volume_m3 >= least), _most(sites, inside), least),
        (Test.NOT_CLOSED, ~fit.any(axis=1), _most(sites, closed), least),
        (Test.RATIO, best < wanted, best, wanted),
    ):
        scale = 1.0 if test == Test.RATIO else _M3_PER_MM3
        new = failed & (reason == Test.KEPT)
        reason[new], value[new], limit[new] = test, number[new] / scale, asked / scale
    audit.reason[kept], audit.value[kept], audit.limit[kept] = reason, value, limit
    return best


def _any(one: Bool, two: Bool) -> Bool:
    return np.asarray((one & two).any(axis=1))


def _most(sites: DamSites, levels: Bool) -> Float64:
    """Return the most water of the levels given. [m³]."""
    return np.asarray(np.where(levels, sites.volume_m3, 0.0).max(axis=1), np.float64)
