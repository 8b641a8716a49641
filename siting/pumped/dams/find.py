"""Dam sites of a terrain: candidates, one look at each, curves of those that stay."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.errors import GridMismatchError, Say
from geo.hydrology import Drainage
from geo.terrain import checked_dem
from siting.pumped.dams._kernels import curves as curve_kernel
from siting.pumped.dams._kernels import survey as survey_kernel
from siting.pumped.dams.audit import Audit, last_tests
from siting.pumped.dams.gullies import gully_cells
from siting.pumped.dams.land import Land, lay_out
from siting.pumped.dams.model import Cap, DamAudit, DamSites
from siting.pumped.dams.reasons import Check
from siting.pumped.dams.thin import stand_ins
from siting.sites.params import Params

Bool = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Uint8 = npt.NDArray[np.uint8]

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
    audit = Audit(flat, drainage)
    _first_tests(audit, drainage, allowed, caps[0], params)
    land = lay_out(ground, drainage, caps, params)
    say("坝址：库容、坝轴线与水石比")
    axis, ratio = _survey(audit, land, params)
    say("坝址：逐米曲线")
    return _thinned(audit, land, axis, ratio, caps, params), audit.finish(drainage.grid.cols)


def _thinned(
    audit: Audit,
    land: Land,
    axis: npt.NDArray[np.int8],
    ratio: Float64,
    caps: tuple[Cap, Cap],
    params: Params,
) -> DamSites:
    """Return the best site of each stretch of gully with its curves.

    The curves, exact behind the axis, are tested once more; where the best site of a stretch
    fails, the next best takes its place.
    """
    reach = params.number("suppress_m")
    known, done = np.zeros(0, np.int64), _curves(audit, land, np.zeros(0, np.int64), axis, caps)
    while True:
        left = audit.left()
        keeper, away = stand_ins(land.drainage, audit.flat[left], ratio[left], reach)
        best = left[keeper < 0]
        new = np.setdiff1d(best, known)
        if new.size == 0:
            break
        more = _curves(audit, land, new, axis, caps)
        last_tests(audit, new, more, params)
        done = _joined(done, more) if known.size else more
        known = np.concatenate([known, new])
    audit.suppress(left, keeper, away, reach)
    by_flat = np.argsort(known)
    chosen = by_flat[np.isin(known[by_flat], best)]
    same = chosen.size == known.size and bool((chosen == np.arange(known.size)).all())
    return done if same else done.take(chosen)


def _joined(one: DamSites, two: DamSites) -> DamSites:
    arrays: dict[str, Any] = {
        each.name: np.concatenate([getattr(one, each.name), getattr(two, each.name)])
        for each in fields(one)
        if each.name != "grid"
    }
    return replace(one, **arrays)


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
    audit: Audit, drainage: Drainage, allowed: Bool | None, cap: Cap, params: Params
) -> None:
    """Reject candidates by their foot and the size of their catchment."""
    most = params.number("lower_catchment_max_km2")
    flat = audit.flat
    nothing = np.zeros(flat.size)
    audit.fail(Check.OPEN, drainage.open.reshape(-1)[flat], audit.km2, most)
    audit.fail(Check.LARGE, audit.km2 > most, audit.km2, most)
    if allowed is not None:
        audit.fail(Check.NOT_ALLOWED, ~allowed.reshape(-1)[flat], nothing, 0.0)
    code = cap.code.reshape(-1)[flat]
    audit.fail(Check.BARRED, code > 0, code.astype(np.float64), 0.0)


def _survey(audit: Audit, land: Land, params: Params) -> tuple[npt.NDArray[np.int8], Float64]:
    """Check volume, closure and ratio of the candidates left; return axis and ratio."""
    drainage, shape = land.drainage, land.shape
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
    audit.limit[left] = np.where(reason == Check.RATIO, params.number("min_ratio"), least)
    audit.limit[left[reason == Check.KEPT]] = 0.0
    audit.value[left[reason == Check.KEPT]] = 0.0
    all_axis, all_ratio = np.full(audit.flat.size, -1, np.int8), np.zeros(audit.flat.size)
    all_axis[left], all_ratio[left] = axis, ratio
    return all_axis, all_ratio


def _curves(
    audit: Audit,
    land: Land,
    kept: Int64,
    axis: npt.NDArray[np.int8],
    caps: tuple[Cap, Cap],
) -> DamSites:
    """Return the curves of the candidates ``kept``; ``axis`` is that of every candidate."""
    drainage, shape, grid = land.drainage, land.shape, land.drainage.grid
    flat = audit.flat[kept]
    start = drainage.position.reshape(-1)[flat]
    room = (kept.size, land.heights)
    volume, area = np.empty(room, np.float32), np.empty(room, np.float32)
    dam, crest = np.empty(room, np.float32), np.empty(room, np.float32)
    cap, by = np.empty((kept.size, 2)), np.empty((kept.size, 2), np.int32)
    curve_kernel.curves(
        land.dem, drainage.filled, drainage.direction, drainage.order, drainage.position,
        land.z, land.size, land.first, land.last, land.bar, land.barred, start, axis[kept],
        grid.dx, grid.dy, land.samples, shape.crest_width_m, shape.mean_slope,
        shape.freeboard_m, land.parts, volume, area, dam, crest, cap, by,
    )  # fmt: skip
    row, col = np.divmod(flat, grid.cols)
    cells = drainage.cells.reshape(-1)[flat]
    return DamSites(
        grid, row.astype(np.int32), col.astype(np.int32), land.z[start],
        cells * np.float64(grid.dx * grid.dy), axis[kept], volume, area, dam, crest,
        cap.astype(np.float32), _groups(by, caps), start, cells,
    )  # fmt: skip


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
