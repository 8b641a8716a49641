"""Structures of the chosen pairs: lakes, dams, waterway, powerhouse, road and line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from rasterio import Env
from shapely.geometry import LineString, Point

from geo.crs import cell_areas, polygon_areas, require_metric
from geo.errors import Say
from geo.hydrology import Drainage
from layers.layer import LayerStack
from siting.law.terms import Component
from siting.pumped.dams.model import DamSites
from siting.pumped.dams.section import parameters as dam_parameters
from siting.pumped.dams.section import section
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.pairs.model import Pairs
from siting.pumped.works.access import Nearest, nearest_road, nearest_substation, needed_kv
from siting.pumped.works.holds import short, short_text, usable
from siting.pumped.works.model import PARTS, Profile, Works
from siting.pumped.works.newlake import NewLake, at_height, new_lake
from siting.pumped.works.parameters import parameters
from siting.sites.params import Params

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

_NEW: Final = {"upper": Component.UPPER_RESERVOIR, "lower": Component.LOWER_RESERVOIR}
_COLUMNS: Final = (
    "site", "part", "component", "existing", "area_m2", "length_m", "open_m", "kv", "note",
    "note_en", "geometry",
)  # fmt: skip
ROAD_NOTE: Final = Say("直线距离，未选线", "straight distance, no route chosen")
LINE_NOTE: Final = Say("直线，未选线", "straight, no route chosen")
_HALL: Final = Say(
    "名义占位：沿输水道的预设位置，未做地质比选",
    "nominal place along the waterway, no geological comparison",
)
_WORKS: Final = Say(
    "进出水口施工范围，预设半径；库盆不新建", "intake works, prior radius; the lake itself stays"
)
_NONE: Final = Say("", "")


@dataclass(slots=True)
class _Drawn:
    """Rows of the parts, and the values by pair, as they come."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    notes: list[list[Say]] = field(default_factory=list)

    def add(
        self, site: int, part: str, component: Component, geometry: Any, note: Say, **more: Any
    ) -> None:
        """Append a structure."""
        row = {"existing": False, "length_m": math.nan, "open_m": math.nan, "kv": math.nan, **more}
        self.rows.append(
            {
                **row,
                "site": site,
                "part": part,
                "component": component.value,
                "note": note.zh,
                "note_en": note.en,
                "geometry": geometry,
            }
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """The lakes of all pairs on one side."""

    profiles: tuple[Profile | None, ...]
    curves: tuple[Float64, ...]
    volume_m3: Float64
    search_m3: Float64
    catchment_m2: Float64
    foot: Float64


def works_of(
    drainage: Drainage,
    dem: Float32,
    dams: DamSites,
    lakes: Sequence[ExistingLake],
    pairs: Pairs,
    *,
    stack: LayerStack | None = None,
    dam_params: Params | None = None,
    params: Params | None = None,
) -> Works:
    """Draw every structure of the pairs; new lakes are modelled again on the terrain.

    Parameters
    ----------
    drainage, dem
        Terrain of the search, (rows, cols). [m]
    dams, lakes
        What ``pairs.upper`` and ``pairs.lower`` point to.
    pairs
        The chosen pairs.
    stack
        Layers in the grid's CRS with ``road`` and ``substation``; without them there is
        neither road nor line.
    dam_params, params
        Groups ``dam`` and ``works``; the shipped ones when None.

    Returns
    -------
    Works
        Geometry in the grid's CRS; lengths [m], areas ellipsoidal [m²].

    Raises
    ------
    CrsError
        The grid is not metric.
    """
    require_metric(drainage.grid, "pumped.works")
    chosen = parameters({}) if params is None else params
    dam = dam_parameters({}) if dam_params is None else dam_params
    areas = cell_areas(drainage.grid)
    drawn = _Drawn(notes=[[] for _ in range(pairs.count)])
    made: dict[tuple[int, float], NewLake] = {}
    terrain = drainage, np.ascontiguousarray(dem), areas, dams
    with Env():  # one for all lakes: it is slow to enter
        sides = [
            _draw_side(side, terrain, lakes, pairs, dam, chosen, drawn, made)
            for side in ("upper", "lower")
        ]
    holds = np.ones(pairs.count, np.bool_)
    for side, one in zip(("upper", "lower"), sides, strict=True):
        held = usable(pairs, side, one.curves)
        less = short(held, pairs, chosen.number("volume_gap"))
        holds &= ~less
        for i in np.flatnonzero(less).tolist():
            drawn.notes[i].append(short_text(side, float(held[i]), float(pairs.volume_m3[i])))
    hall = _draw_waterway(pairs, drawn, chosen)
    _draw_roads(stack, sides[0].foot, hall, drawn)
    kv = needed_kv(pairs.power_mw)
    _draw_lines(nearest_substation(stack, hall[:, 0], hall[:, 1], kv), hall, kv, drawn)
    return Works(
        _frame(drawn.rows, drainage.grid.crs),
        sides[0].profiles,
        sides[1].profiles,
        sides[0].curves,
        sides[1].curves,
        sides[0].volume_m3,
        sides[1].volume_m3,
        sides[0].search_m3,
        sides[1].search_m3,
        sides[0].catchment_m2,
        sides[1].catchment_m2,
        kv,
        tuple(tuple(one) for one in drawn.notes),
        holds,
    )


def _draw_side(
    side: str,
    terrain: tuple[Drainage, Float32, Float64, DamSites],
    lakes: Sequence[ExistingLake],
    pairs: Pairs,
    dam: Params,
    params: Params,
    drawn: _Drawn,
    made: dict[tuple[int, float], NewLake],
) -> _Side:
    """Draw lake and dam of every pair on one side."""
    drainage, dem, areas, dams = terrain
    body, reach = section(dam), dam.number("axis_reach_m")
    which = getattr(pairs, side)
    normal = getattr(pairs, f"{side}_normal_m")
    dead = getattr(pairs, f"{side}_dead_m")
    height = getattr(pairs, f"{side}_height_m")
    profiles: list[Profile | None] = []
    curves: list[Float64] = []
    numbers = np.full((pairs.count, 5), np.nan)
    for i in range(pairs.count):
        site = int(which[i])
        if site < 0:
            lake = lakes[-1 - site]
            _draw_existing(i, side, lake, getattr(pairs, f"{side}_shore")[i], params, drawn)
            profiles.append(None)
            curves.append(_existing_curve(lake))
            continue
        key = site, float(normal[i])
        if key not in made:
            levels = float(normal[i]), float(dead[i])
            made[key] = new_lake(drainage, dem, areas, dams, site, *levels, body, reach)
        new = made[key]
        searched = at_height(dams.volume_m3[site], float(height[i]))
        foot = drainage.grid.xy(int(dams.row[site]), int(dams.col[site]))
        numbers[i] = (new.volume_m3, searched, dams.catchment_m2[site], *foot)
        profiles.append(new.profile)
        curves.append(new.curve)
        _draw_new(i, side, new, drawn)
        drawn.notes[i] += [*new.notes, *_gap(side, new.volume_m3, searched, params)]
    return _Side(
        tuple(profiles), tuple(curves), numbers[:, 0], numbers[:, 1], numbers[:, 2], numbers[:, 3:]
    )


def _draw_new(i: int, side: str, new: NewLake, drawn: _Drawn) -> None:
    note = _joined(new.notes)
    drawn.add(i, f"{side}_lake", _NEW[side], new.lake, note, open_m=new.open_m)
    drawn.add(i, f"{side}_dam", _NEW[side], new.dam, _NONE, length_m=float(new.crest.length))


def _draw_existing(
    i: int, side: str, lake: ExistingLake, shore: Float64, params: Params, drawn: _Drawn
) -> None:
    component = Component.EXISTING_RESERVOIR_WORKS
    drawn.add(i, f"{side}_lake", component, lake.geometry, Say(lake.name, lake.name), existing=True)
    site = Point(shore).buffer(params.number("works_radius_m"))
    drawn.add(i, f"{side}_works", component, site, _WORKS)


def _draw_waterway(pairs: Pairs, drawn: _Drawn, params: Params) -> Float64:
    """Draw tunnels and powerhouses; return the places of the powerhouses, (n, 2). [m]."""
    share = params.number("powerhouse_share")
    hall = pairs.upper_shore + share * (pairs.lower_shore - pairs.upper_shore)
    fall = pairs.upper_dead_m - pairs.lower_dead_m
    flat = np.hypot(*(pairs.lower_shore - pairs.upper_shore).T)
    length = np.hypot(flat, fall)
    for i in range(pairs.count):
        line = LineString([pairs.upper_shore[i], pairs.lower_shore[i]])
        straight = Say("直线，进出水口之间", "straight, intake to outlet")
        drawn.add(i, "tunnel", Component.TUNNEL, line, straight, length_m=float(length[i]))
        place = Point(hall[i]).buffer(params.number("powerhouse_radius_m"))
        drawn.add(i, "powerhouse", Component.POWERHOUSE, place, _HALL)
    return np.asarray(hall, np.float64).reshape(-1, 2)


def _draw_roads(stack: LayerStack | None, foot: Float64, hall: Float64, drawn: _Drawn) -> None:
    for points in (foot, hall):
        near = nearest_road(stack, points[:, 0], points[:, 1])
        for i in np.flatnonzero(np.isfinite(near.metres)).tolist():
            _straight(i, "road", Component.ROAD, points[i], near, ROAD_NOTE, drawn)


def _draw_lines(near: Nearest, hall: Float64, kv: Float64, drawn: _Drawn) -> None:
    for i in range(kv.size):
        if math.isfinite(near.metres[i]):
            _straight(
                i, "line", Component.TRANSMISSION, hall[i], near, LINE_NOTE, drawn, float(kv[i])
            )


def _straight(
    i: int,
    part: str,
    component: Component,
    start: Float64,
    near: Nearest,
    note: Say,
    drawn: _Drawn,
    kv: float = math.nan,
) -> None:
    """Draw a straight line to the nearest feature."""
    end = (float(near.x[i]), float(near.y[i]))
    name = near.name[i]
    said = Say(f"{note.zh}，至{name}", f"{note.en}, to {name}") if name else note
    line = LineString([tuple(start), end])
    drawn.add(i, part, component, line, said, length_m=float(near.metres[i]), kv=kv)


def _existing_curve(lake: ExistingLake) -> Float64:
    """Return level, usable volume and area (known at the normal level only), (3, k)."""
    area = np.full(lake.curve.level_m.size, np.nan)
    area[-1] = lake.area_m2
    return np.stack([lake.curve.level_m, lake.curve.usable_m3, area])


def _gap(side: str, drawn_m3: float, searched_m3: float, params: Params) -> list[Say]:
    """Say when the lake as drawn holds another volume than the search gave it."""
    if not searched_m3 > 0 or abs(drawn_m3 / searched_m3 - 1) <= params.number("volume_gap"):
        return []
    title = PARTS[f"{side}_lake"]
    change = 100 * (drawn_m3 / searched_m3 - 1)
    return [
        Say(
            f"{title.zh}复核库容 {drawn_m3 / 1e6:.2f} 百万 m³，搜索值 {searched_m3 / 1e6:.2f}"
            f"（{change:+.0f} %）",
            f"{title.en} as drawn holds {drawn_m3 / 1e6:.2f} Mm³, the search gave "
            f"{searched_m3 / 1e6:.2f} ({change:+.0f} %)",
        )
    ]


def _joined(notes: tuple[Say, ...]) -> Say:
    return Say("；".join(one.zh for one in notes), "; ".join(one.en for one in notes))


def _frame(rows: list[dict[str, Any]], crs: str) -> gpd.GeoDataFrame:
    """Return the structures, pair by pair in the order of :data:`PARTS`."""
    order = list(PARTS)
    rows = sorted(rows, key=lambda row: (row["site"], order.index(row["part"])))
    table: dict[str, list[Any]] = {name: [row.get(name) for row in rows] for name in _COLUMNS}
    frame = gpd.GeoDataFrame(table, geometry="geometry", crs=crs, columns=list(_COLUMNS))
    area = polygon_areas(frame.geometry) if rows else np.zeros(0)
    frame["area_m2"] = np.where(area > 0, area, np.nan)
    return frame
