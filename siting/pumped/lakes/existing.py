"""Existing reservoirs of a region: outlines joined with levels and volumes, or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from geo.crs import require_metric
from geo.errors import OptionError, Say
from geo.grid import Grid
from geo.passport import merge
from layers.facts import NamedSite
from layers.layer import LayerStack
from siting.pumped.lakes import checks, dates
from siting.pumped.lakes.bed import DRAWN, Bed, bed_of, drawn_on_real_ground
from siting.pumped.lakes.curve_of import curve_of
from siting.pumped.lakes.figures import LakeFigures, figures_of, with_volumes
from siting.pumped.lakes.ground import Inside, inside
from siting.pumped.lakes.mines import pits
from siting.pumped.lakes.model import ExistingLake, LakeSurvey, RefusedLake
from siting.pumped.lakes.names import plant_id
from siting.pumped.lakes.outlines import Outline, outlines, shore_points
from siting.sites.params import Params, load_params

#: Layers that the lakes rest on.
LAYERS: Final = ("reservoir", "abandoned_mine", "dem")
NO_LEVEL: Final = Say(
    "没有水位（公布数字与图层字段 npl_m 都没有），不能配对",
    "no water level, neither published nor in column npl_m: cannot be paired",
)
NO_AREA: Final = Say("湖面面积为 0，不能配对", "its surface is 0: cannot be paired")
_FACTS: Final = Say(
    "水位基准未说明，按与 DEM 同一基准使用", "height datum of the levels is not stated"
)
#: Names that a note lists before it counts.
MOST_NAMES: Final = 12
_M2_PER_KM2: Final = 1.0e6
_CURES: Final = {
    "use_mines": Say("写 0 或 1", "give 0 or 1"),
    "mean_depth_max_m": Say("写大于 mean_depth_min_m 的深度", "give more than mean_depth_min_m"),
}


def parameters(overrides: Mapping[str, float]) -> Params:
    """Return the shipped parameters with the user's ``lake.*`` values.

    Raises
    ------
    OptionError
        A value that is unknown or cannot be: a share above 1, a switch that is neither 0 nor
        1, an exponent below 1, depths that do not rise.
    """
    params = load_params("siting.pumped.lakes", "lake").changed(overrides)
    for key in ("borrow_share", "mine_dead_share", "pump_efficiency"):
        params.share(key)
    params.within({"shore_step_m": (1.0, 10_000.0), "shape_exponent": (1.0, 10.0)})
    wrong = {
        "use_mines": params.number("use_mines") not in {0.0, 1.0},
        "mean_depth_max_m": params.number("mean_depth_max_m") <= params.number("mean_depth_min_m"),
    }
    for key in (one for one, is_wrong in wrong.items() if is_wrong):
        value = params.number(key)
        what = Say(f"数值 {value:g} 无效", f"{value:g} is invalid")
        raise OptionError(f"lake.{key}", what, _CURES[key])
    return params


def existing_lakes(
    stack: LayerStack, grid: Grid, plants: Sequence[NamedSite], params: Params, as_of: str
) -> tuple[ExistingLake, ...]:
    """Return the lakes that a storage plant could use; see :func:`survey_lakes`."""
    return survey_lakes(stack, grid, plants, params, as_of).lakes


def survey_lakes(
    stack: LayerStack, grid: Grid, plants: Sequence[NamedSite], params: Params, as_of: str
) -> LakeSurvey:
    """Return existing reservoirs (and old pits where asked for), and those left out.

    Parameters
    ----------
    stack
        Layers ``reservoir`` and ``abandoned_mine``, both optional, and ``dem``.
    grid
        Metric grid of the elevation.
    plants
        Named hydropower and storage sites with published figures.
    params
        Of :func:`parameters`.
    as_of
        ISO day of the study: a lake that is filled only later does not exist yet.

    Raises
    ------
    CrsError
        The grid is not metric.
    InputError, UnitError
        Levels or volumes of a lake that cannot be (:mod:`siting.pumped.lakes.checks`).
    """
    require_metric(grid, "grid")
    found: list[ExistingLake | RefusedLake] = []
    layer = stack.get("reservoir")
    if layer is not None:
        source = layer.passport.sources[0] if layer.passport.sources else layer.name
        sites = tuple(plants)
        for one in outlines(layer.vector(), grid, partial(plant_id, plants=sites)):
            known = figures_of(one.row, sites, source, layer.passport.grade)
            found.append(_lake(_Case(stack, grid, params, one, with_volumes(known)), as_of))
    notes: list[Say] = []
    if params.number("use_mines") > 0:
        found += pits(stack, grid, params)
    elif "abandoned_mine" in stack:
        notes.append(Say("废弃矿坑未列入（lake.use_mines = 1 时列入）",
                         "old pits are left out (lake.use_mines = 1 takes them in)"))  # fmt: skip
    lakes = tuple(one for one in found if isinstance(one, ExistingLake))
    refused = tuple(one for one in found if isinstance(one, RefusedLake))
    if layer is None:
        notes.append(Say("没有水库图层，只找新建水库",
                         "there is no layer of reservoirs: new lakes only"))  # fmt: skip
    return LakeSurvey(lakes, refused, (*notes, *_left_out(refused)))


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """One outline with what is known of it."""

    stack: LayerStack
    grid: Grid
    params: Params
    outline: Outline
    known: LakeFigures


def _lake(case: _Case, as_of: str) -> ExistingLake | RefusedLake:
    outline, known = case.outline, case.known
    name, shape = outline.name, outline.geometry
    if outline.area_m2 <= 0:
        return RefusedLake(name, shape, NO_AREA)
    if known.normal.value is None:
        return RefusedLake(name, shape, NO_LEVEL)
    if drawn_on_real_ground(case.stack.require("reservoir"), case.stack.get("dem")):
        return RefusedLake(name, shape, DRAWN)
    if dates.planned(known.impounded, as_of):
        return RefusedLake(name, shape, Say(
            f"{known.impounded} 才蓄水，{as_of} 尚不是已有水库",
            f"is filled on {known.impounded}: no existing reservoir on {as_of}",
        ))  # fmt: skip
    checks.levels(name, known)
    checks.volumes(name, known, outline.area_m2, case.params)
    seen, bed, doubt = _terrain(case)
    if doubt is not None:
        return RefusedLake(name, shape, doubt)
    surface, where = _surface(outline.area_m2, known)
    made = curve_of(known, surface, bed, seen, case.params)
    layer = case.stack.require("reservoir")
    return ExistingLake(
        name=name,
        kind="reservoir",
        geometry=shape,
        area_m2=outline.area_m2,
        normal_m=known.normal,
        dead_m=known.dead,
        curve=made.curve,
        borrow_m3=made.borrow_m3,
        dead_known=not known.dead.missing,
        owner=known.owner,
        project=known.project,
        shore=shore_points(shape, case.params.number("shore_step_m")),
        notes=(*bed.notes, *known.notes, *where, *made.notes, *outline.notes, _FACTS),
        passport=merge(layer.passport, known.passport(), case.params.passport()),
    )


def _terrain(case: _Case) -> tuple[Inside | None, Bed, Say | None]:
    """Return the elevation inside the outline, whether it shows the bed, a reason against it."""
    dem = case.stack.get("dem")
    if dem is None:
        return None, bed_of("", case.known.impounded, synthetic=False), None
    data = np.asarray(dem.raster().data, np.float32)
    seen = inside(data, case.grid, case.outline.geometry)
    made_up = dem.passport.synthetic
    bed = bed_of(dem.passport.as_of, case.known.impounded, synthetic=made_up)
    doubt = checks.against_ground(case.outline.name, case.known, seen, bed, case.params)
    return seen, bed, doubt


def _surface(area_m2: float, known: LakeFigures) -> tuple[float, tuple[Say, ...]]:
    """Return the surface at the normal level [m²], the published one before the outline's."""
    pool = known.pool.value
    if pool is None:
        return area_m2, ()
    drawn = area_m2 / _M2_PER_KM2
    return pool * _M2_PER_KM2, (
        Say(f"湖面取公布的 {pool:g} km²（{known.pool.source}），图层范围 {drawn:.1f} km²",
            f"surface as published, {pool:g} km2 ({known.pool.source}); outline {drawn:.1f} km2"),
    )  # fmt: skip


def _left_out(refused: Sequence[RefusedLake]) -> list[Say]:
    """Return one note a reason with the names that it concerns."""
    notes = []
    for reason in dict.fromkeys(one.reason for one in refused):
        names = [one.name for one in refused if one.reason == reason]
        named = [name for name in names if name]
        unnamed = len(names) - len(named)
        more = len(named) - MOST_NAMES
        zh = "、".join(named[:MOST_NAMES]) + (f" 等 {len(named)} 处" if more > 0 else "")
        zh += f"{'，另' if named else ''}{unnamed} 个无名水面" if unnamed else ""
        listed = [*named[:MOST_NAMES], *([f"{more} more"] if more > 0 else [])]
        en = ", ".join([*listed, *([f"{unnamed} without a name"] if unnamed else [])])
        notes.append(Say(f"{zh}：{reason.zh}", f"{en}: {reason.en}"))
    return notes
