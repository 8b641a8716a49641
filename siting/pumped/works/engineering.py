"""Card lines of the engineering that a first pass must name: value with source, or 未核查."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from geo.errors import Say
from siting.pumped.gaps import GRID_500KV, GRID_500KV_MW
from siting.pumped.pairs.model import Pairs
from siting.pumped.works.burnt import window_of
from siting.pumped.works.cover import waterway_cover
from siting.pumped.works.model import CheckLine, Works
from siting.pumped.works.under import Under, under_of
from siting.sites.ground import Ground

#: Catchment of a new lake from which a spillway has to be paid (truth.md D21, prior). [km²]
UPPER_CAP_KM2: Final = 5.0
#: Source of what the search itself derives from the DEM.
_DEM: Final = "dem"
_ARABLE: Final = 1
_BUILT: Final = 7
_HA: Final = 1.0e4
_NONE: Final = Say("", "")
_UPPER: Final = Say("上库", "upper lake")
_LOWER: Final = Say("下库", "lower lake")
_NO_LAYER: Final = Say("无此图层", "no such layer")
_ZONES: Final = (("danger", "危险区", "danger zone"), ("prone", "易发区", "prone zone"))


def engineering_lines(
    works: Works,
    pairs: Pairs,
    ground: Ground,
    water: pd.DataFrame | None = None,
    upper_cap_km2: float | None = None,
) -> tuple[tuple[CheckLine, ...], ...]:
    """Return the lines of truth.md D21 for each pair.

    Parameters
    ----------
    works
        Structures; new lakes and dams are what floods and covers land.
    ground
        Layers ``geohazard``, ``settlement``, ``permanent_farmland`` and ``land_cover`` are read
        where they are there.
    water
        Water balance by pair, with ``evaporation_mm3_a`` [百万 m³/a] (net of rain, NaN =
        unknown) and ``source``; None = not computed.
    upper_cap_km2
        Largest catchment that the search allowed an upper lake. It lowers the catchment from
        which a new lake pays a spillway (:data:`UPPER_CAP_KM2`), it never raises it: who allows
        larger ones pays the spillway. [km²]
    """
    cap = UPPER_CAP_KM2 if upper_cap_km2 is None else min(upper_cap_km2, UPPER_CAP_KM2)
    found = {
        name: under_of(ground.stack.get(name), ground.grid.crs)
        for name in ("geohazard", "settlement", "permanent_farmland")
    }
    land = _new_land(works, pairs.count)
    return tuple(
        (
            *_geology(land[i], found["geohazard"]),
            CheckLine(Say("地震分区", "seismic zone"), None, "", _NO_LAYER),
            *_basin(_UPPER, float(works.upper_catchment_m2[i]), cap),
            *_basin(_LOWER, float(works.lower_catchment_m2[i]), UPPER_CAP_KM2),
            *_resettlement(land[i], found, ground),
            *_grid(i, works, pairs),
            _evaporation(i, water),
            _head_ratio(i, pairs),
            waterway_cover(i, pairs, ground),
        )
        for i in range(pairs.count)
    )


def _new_land(works: Works, n: int) -> list[Any]:
    """Return the land of new lakes and dams of each pair."""
    parts = works.parts
    kinds = ("upper_lake", "lower_lake", "upper_dam", "lower_dam")
    mine = parts[parts["part"].isin(kinds) & ~parts["existing"].astype(bool)]
    land: list[Any] = [shapely.Polygon()] * n
    for site, group in mine.groupby("site", sort=True):
        land[int(site)] = shapely.union_all(np.asarray(group.geometry.values))
    return land


def _geology(land: Any, hazard: Under | None) -> tuple[CheckLine, ...]:
    nothing = [
        CheckLine(title, None, "", _NO_LAYER)
        for title in (Say("岩溶", "karst"), Say("断层", "faults"))
    ]
    title = Say("滑坡等地质灾害", "landslides and other hazards")
    if hazard is None:
        return (*nothing, CheckLine(title, None, "", _NO_LAYER))
    if land.is_empty:
        return (*nothing, CheckLine(title, _no_new(), "geohazard", _NONE))
    zh, en = [], []
    for zone, name, name_en in _ZONES:
        _, area = hazard.within(land, "zone", zone)
        zh.append(f"{name} {area / _HA:.1f} 公顷")
        en.append(f"{name_en} {area / _HA:.1f} ha")
    value = Say("、".join(zh), ", ".join(en))
    note = hazard.caveat(land, Say("新建库盆与坝址内", "in the new lakes and dams"))
    return (*nothing, CheckLine(title, value, hazard.name, note))


def _basin(lake: Say, catchment_m2: float, cap_km2: float) -> tuple[CheckLine, ...]:
    """Return spillway and sediment of the basin above a lake; its price is in no cost."""
    flood = Say(f"{lake.zh}泄洪", f"spillway of the {lake.en}")
    mud = Say(f"{lake.zh}泥沙", f"sediment of the {lake.en}")
    sediment = CheckLine(mud, None, "", Say("无输沙资料", "no sediment data"))
    if math.isnan(catchment_m2):
        there = Say(f"{lake.zh}为已有水库", f"the {lake.en} exists")
        return CheckLine(flood, there, _DEM, _NONE), CheckLine(mud, there, _DEM, _NONE)
    km2 = catchment_m2 / 1.0e6
    over = km2 > cap_km2
    value = Say(
        f"集水面积 {km2:.2f} km²，{'大于' if over else '不大于'}上限 {cap_km2:g} km²："
        f"{'须设溢洪道（造价未计）' if over else '泄洪规模未核查'}",
        f"catchment {km2:.2f} km², {'above' if over else 'within'} {cap_km2:g} km²: "
        f"{'spillway needed (not in the cost)' if over else 'spillway not sized'}",
    )
    note = Say("上限为预设值；设计洪水未算", "the limit is a prior; no design flood computed")
    return CheckLine(flood, value, _DEM, note), sediment


def _resettlement(
    land: Any, found: dict[str, Under | None], ground: Ground
) -> tuple[CheckLine, ...]:
    houses = _of_layer(
        land,
        found["settlement"],
        Say("移民：居民点", "resettlement: settlements"),
        Say("居民点图斑面积与个数，非户数与人口", "outlines of settlements, no households"),
    )
    farms = _of_layer(
        land,
        found["permanent_farmland"],
        Say("淹没永久基本农田", "permanent farmland in the lakes"),
        Say("图斑与新建库盆、坝址的交集", "outlines within the new lakes and dams"),
    )
    return houses, farms, _cover(land, ground)


def _of_layer(land: Any, under: Under | None, title: Say, basis: Say) -> CheckLine:
    if under is None:
        return CheckLine(title, None, "", _NO_LAYER)
    if land.is_empty:
        return CheckLine(title, _no_new(), under.name, _NONE)
    count, area = under.within(land)
    value = Say(f"{count} 处，{area / _HA:.2f} 公顷", f"{count}, {area / _HA:.2f} ha")
    return CheckLine(title, value, under.name, under.caveat(land, basis))


def _cover(land: Any, ground: Ground) -> CheckLine:
    """Return arable and built-up land by the land cover."""
    title = Say("淹没耕地与建设用地（地类）", "arable and built-up land (land cover)")
    layer = ground.stack.get("land_cover")
    if layer is None:
        return CheckLine(title, None, "", _NO_LAYER)
    values = layer.raster().values  # as they are: no copy of the whole raster for each pair
    window = window_of(land, ground.grid)
    if window is None:
        return CheckLine(title, _no_new(), "land_cover", _NONE)
    top, left, grid = window
    inside = shapely.contains_xy(land, *_centres(grid))
    here = values[top : top + grid.rows, left : left + grid.cols]
    area = ground.cell_area[top : top + grid.rows, left : left + grid.cols]
    arable = float(area[inside & (here == _ARABLE)].sum()) / _HA
    built = float(area[inside & (here == _BUILT)].sum()) / _HA
    value = Say(
        f"耕地 {arable:.1f} 公顷、建设用地 {built:.1f} 公顷",
        f"arable {arable:.1f} ha, built-up {built:.1f} ha",
    )
    note = Say("土地覆盖格元，中心在内者计", "cells of the land cover whose centre lies inside")
    return CheckLine(title, value, "land_cover", note)


def _centres(grid: Any) -> tuple[Any, Any]:
    t = grid.transform
    x = t.c + (np.arange(grid.cols) + 0.5) * t.a
    y = t.f + (np.arange(grid.rows) + 0.5) * t.e
    wide, tall = np.meshgrid(x, y)
    return wide, tall


def _grid(i: int, works: Works, pairs: Pairs) -> tuple[CheckLine, ...]:
    """Return the straight line to a substation of the voltage that the plant needs."""
    kv = float(works.line_kv[i])
    large = float(pairs.power_mw[i]) >= GRID_500KV_MW
    title = GRID_500KV if large else Say(f"{kv:.0f} kV 接入", f"{kv:.0f} kV connection")
    mine = works.parts[(works.parts["site"] == i) & (works.parts["part"] == "line")]
    if mine.empty:
        note = Say(f"图层中没有 {kv:.0f} kV 变电站", f"no {kv:.0f} kV substation in the layers")
        return (CheckLine(title, None, "", note),)
    row = mine.iloc[0]
    km = float(row["length_m"]) / 1000.0
    value = Say(f"直线 {km:.1f} km", f"{km:.1f} km straight")
    return (CheckLine(title, value, "substation", Say(row["note"], row["note_en"])),)


def _evaporation(i: int, water: pd.DataFrame | None) -> CheckLine:
    title = Say("蒸发净损失（扣除降水）", "evaporation net of rain")
    if water is None or "evaporation_mm3_a" not in water:
        return CheckLine(title, None, "", Say("水量平衡未算", "no water balance"))
    amount = float(water["evaporation_mm3_a"].iloc[i])
    if math.isnan(amount):
        return CheckLine(title, None, "", Say("无蒸发与降水数据", "no evaporation and rain data"))
    source = str(water["source"].iloc[i]) if "source" in water else ""
    value = Say(f"{amount:.3f} 百万 m³/a", f"{amount:.3f} million m³/a")
    return CheckLine(title, value, source, _NONE)


def _head_ratio(i: int, pairs: Pairs) -> CheckLine:
    """Return highest to lowest head; the limit depends on the type of unit (truth.md D19)."""
    title = Say("最大与最小水头之比", "highest to lowest head")
    low, high = float(pairs.head_min_m[i]), float(pairs.head_max_m[i])
    note = Say("限值因机组型式而异，未核查", "the limit depends on the type of unit: not checked")
    if not low > 0:
        return CheckLine(title, None, "", note)
    value = Say(
        f"{high / low:.3f}（{low:.1f}-{high:.1f} m）", f"{high / low:.3f} ({low:.1f}-{high:.1f} m)"
    )
    return CheckLine(title, value, _DEM, note)


def _no_new() -> Say:
    return Say("无新建库盆", "no new lake")


def lines_by_title(lines: Sequence[CheckLine]) -> dict[str, CheckLine]:
    """Return the lines by their Chinese title."""
    return {line.title.zh: line for line in lines}
