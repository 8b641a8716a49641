"""Old pits that could hold water: levels and volumes measured on the ground, much unchecked."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np

from geo.crs import polygon_areas
from geo.errors import Say
from geo.grid import Grid
from geo.passport import merge
from geo.sourced import Sourced
from layers.layer import Layer, LayerStack
from siting.pumped.lakes import curve
from siting.pumped.lakes.bed import DRAWN, drawn_on_real_ground
from siting.pumped.lakes.ground import inside
from siting.pumped.lakes.model import ExistingLake, RefusedLake
from siting.pumped.lakes.outlines import Outline, outlines, shore_points
from siting.sites.params import Params

#: What nobody has looked at; a pit is a candidate for a look, not a reservoir.
UNCHECKED: Final = (
    Say("边坡稳定：未核查", "stability of the slopes: not checked"),
    Say("坑底与边壁渗漏：未核查", "leakage of floor and walls: not checked"),
    Say("水质（酸性水、重金属）：未核查", "water (acid, heavy metals): not checked"),
    Say("采空区与地下巷道：未核查", "old workings below: not checked"),
    Say("采矿权与土地权属：未核查", "mining right and owner of the land: not checked"),
)
_VOIDS: Final = Say("DEM 在坑内有空洞，不能量算", "the DEM has voids inside: it cannot be measured")


def pits(stack: LayerStack, grid: Grid, params: Params) -> list[ExistingLake | RefusedLake]:
    """Return the old pits that are deep enough, and those that are not.

    Parameters
    ----------
    stack
        Layers ``abandoned_mine`` and ``dem``; nothing without both.
    """
    layer, dem = stack.get("abandoned_mine"), stack.get("dem")
    if layer is None or dem is None:
        return []
    return [_pit(one, layer, dem, grid, params) for one in outlines(layer.vector(), grid)]


def _shallow(depth_m: float, least_m: float) -> Say:
    return Say(
        f"最低边沿以下可蓄水深 {depth_m:.1f} m，不足 {least_m:g} m，不是坑",
        f"{depth_m:.1f} m of water below the lowest rim, less than {least_m:g} m: no pit",
    )


def _pit(
    outline: Outline, layer: Layer, dem: Layer, grid: Grid, params: Params
) -> ExistingLake | RefusedLake:
    name, shape = outline.name, outline.geometry
    if drawn_on_real_ground(layer, dem):
        return RefusedLake(name, shape, DRAWN)
    seen = inside(np.asarray(dem.raster().data, np.float32), grid, shape)
    if seen.ground_m.size == 0 or seen.void_share > 0:
        return RefusedLake(name, shape, _VOIDS)
    floor, rim = float(seen.ground_m.min()), float(seen.rim_m.min())
    normal = rim - params.number("mine_freeboard_m")
    least = params.number("mine_depth_min_m")
    if normal - floor < least:
        return RefusedLake(name, shape, _shallow(max(normal - floor, 0.0), least))
    dead = floor + params.number("mine_dead_share") * (normal - floor)
    made = curve.measured(seen.ground_m, seen.area_m2, dead, normal, curve.PIT)
    source = dem.passport.sources[0] if dem.passport.sources else dem.name
    grade = dem.passport.grade
    return ExistingLake(
        name=name,
        kind="mine",
        geometry=shape,
        area_m2=float(polygon_areas(gpd.GeoSeries([shape], crs=grid.crs))[0]),
        normal_m=Sourced(normal, "m", source, grade=grade, status="derived"),
        dead_m=Sourced(dead, "m", source, grade=grade, status="derived"),
        curve=made,
        borrow_m3=float(made.usable_m3[-1]),
        dead_known=True,
        owner="",
        project="",
        shore=shore_points(shape, params.number("shore_step_m")),
        notes=(*UNCHECKED, *outline.notes),
        passport=merge(layer.passport, dem.passport, params.passport()),
    )
