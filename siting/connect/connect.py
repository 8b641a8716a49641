"""Connect sites to the grid and to roads: voltage, route, circuits, money.

Not computed, and said: power flow, short-circuit level, spare capacity of a station, N-1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.crs import require_metric
from geo.errors import OptionError, Say
from geo.passport import Passport, merge
from siting.connect import words
from siting.connect.friction import RouteGrid, route_grid
from siting.connect.routes import Route
from siting.connect.search import Ends, Searches, line_ends, search
from siting.connect.voltage import NO_CHOICE, Choice, check, choose, fits, voltages
from siting.law.terms import Component, Technology, Verdict
from siting.law.verdict import Judgement
from siting.sites.ground import Ground
from siting.sites.params import Params, load_params

Float64 = npt.NDArray[np.float64]

#: Layers that a connection rests on.
LAYERS: Final = ("substation", "road", "dem", "land_cover")
COLUMNS: Final = (
    "substation", "substation_kv", "line_kv", "circuits", "line_km", "line_yuan",
    "station_yuan", "road_km", "road_yuan", "connection_yuan", "connection_note",
)  # fmt: skip
_YUAN_PER_WAN: Final = 1.0e4
#: Lines from here on tell how much routes wind. [km]
_LONG_KM: Final = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Connections:
    """How each site is reached by a line and a road.

    Parameters
    ----------
    frame
        One row a site in the order given, columns :data:`COLUMNS`: ``line_kv`` and
        ``substation_kv`` [kV], ``line_km``, ``road_km`` [km], ``*_yuan`` [元], NaN = 未计.
    lines
        Columns ``site`` (row of ``frame``), ``kind`` (line, road), ``kv`` (NaN for roads),
        ``km``, geometry in the grid's CRS.
    text
        What was done, and what is not counted.
    """

    frame: pd.DataFrame
    lines: gpd.GeoDataFrame
    text: Say
    passport: Passport


def parameters(overrides: Mapping[str, float]) -> Params:
    """Return the shipped parameters with the user's ``connect.*`` values.

    Raises
    ------
    OptionError
        A value that is unknown or cannot be (:func:`siting.connect.voltage.check`).
    """
    return check(load_params("siting.connect", "connect").changed(overrides))


def connect(
    ground: Ground,
    judgements: Mapping[Component, Judgement],
    technology: Technology,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    capacity_mw: npt.ArrayLike,
    params: Params,
    progress: Callable[[str], None] | None = None,
) -> Connections | None:
    """Return line, step-up station and access road of each site.

    Parameters
    ----------
    ground
        Land of the run.
    judgements
        Of ``technology`` by component: roads, collector lines and transmission are read.
    x, y
        Place of each site in the grid's CRS. [m]
    capacity_mw
        AC capacity of each site, NaN = unknown. [MW]
    params
        Of :func:`parameters`.
    progress
        Called with a Chinese stage name.

    Returns
    -------
    Connections or None
        None without any substation.

    Raises
    ------
    CrsError
        The grid is not metric.
    OptionError
        Arrays of different lengths, or a capacity that is negative or infinite.
    """
    require_metric(ground.grid, "connection")
    sites, mw = _checked(x, y, capacity_mw)
    layer = ground.stack.get("substation")
    if layer is None or layer.vector().empty:
        return None
    grid = route_grid(ground.grid, params.number("cell_m"))
    ends = line_ends(ground, layer.vector(), params, grid.grid)
    classes = voltages(params)
    found = search(
        ground, judgements, sites, ends, classes, params, grid, progress or (lambda _: None)
    )
    rows: list[dict[str, Any]] = []
    drawn: list[dict[str, Any]] = []
    for i, capacity in enumerate(mw.tolist()):
        row, routes = _site(i, capacity, found, ends, params)
        crossed = {
            kind: _crossed(ground, judgements[part], grid, one) for kind, part, one in routes
        }
        row["connection_note"] = words.note(row, crossed, _why_not(i, capacity, found, params))
        rows.append(row)
        drawn += [
            {"site": i, "kind": kind, "kv": _kv(row, kind), "km": one.km, "geometry": one.line}
            for kind, _, one in routes
        ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    columns = ["site", "kind", "kv", "km", "geometry"]
    lines = gpd.GeoDataFrame(
        pd.DataFrame(drawn, columns=columns), geometry="geometry", crs=ground.grid.crs
    )
    law = judgements[Component.TRANSMISSION]
    text = words.text(
        technology, frame, ends, grid, params, _winding(lines), law, roads=found.roads is not None
    )
    tapped = ("power_line",) if params.number("tap_in") > 0 else ()
    passport = merge(ground.passport(*LAYERS, *tapped), params.passport())
    return Connections(frame, lines, text, passport)


def _checked(
    x: npt.ArrayLike, y: npt.ArrayLike, capacity_mw: npt.ArrayLike
) -> tuple[Float64, Float64]:
    """Return places (n, 2) and capacities (n,)."""
    east, north = np.asarray(x, np.float64).ravel(), np.asarray(y, np.float64).ravel()
    mw = np.asarray(capacity_mw, np.float64).ravel()
    if not east.size == north.size == mw.size:
        raise OptionError(
            "sites",
            Say(
                f"坐标与容量个数不一：{east.size}、{north.size}、{mw.size}",
                f"have {east.size} x, {north.size} y and {mw.size} capacities",
            ),
            Say("每个场址各给一个", "give one of each a site"),
        )
    if np.isinf(mw).any() or (mw < 0).any():
        raise OptionError(
            "capacity_mw",
            Say("容量为负或无穷", "is negative or infinite"),
            Say("给出不小于 0 的 MW，未知留空", "give MW of 0 or more, NaN where unknown"),
        )
    return np.column_stack([east, north]), mw


def _site(
    i: int, mw: float, found: Searches, ends: Ends, params: Params
) -> tuple[dict[str, Any], list[tuple[str, Component, Route]]]:
    """Return the row of a site without its note, and its routes by kind and component."""
    km = {kv: _length(routes[i]) for kv, routes in found.lines.items()}
    choice = choose(mw, km, params)
    line = found.lines[choice.kv][i] if choice.kv else None
    road = found.roads[i] if found.roads is not None else None
    road_km = _length(road)
    price = params["road_yuan"].value
    road_yuan = math.nan if price is None else road_km * price * _YUAN_PER_WAN
    row = _row(choice, line, ends) | {
        "road_km": road_km,
        "road_yuan": road_yuan,
        "connection_yuan": choice.line_yuan
        + choice.station_yuan
        + (0.0 if price is None else road_yuan),
    }
    routes: list[tuple[str, Component, Route]] = []
    if line is not None:
        part = next(one.component for one in voltages(params) if one.kv == choice.kv)
        routes.append(("line", part, line))
    if road is not None:
        routes.append(("road", Component.ROAD, road))
    return row, routes


def _row(choice: Choice, line: Route | None, ends: Ends) -> dict[str, Any]:
    """Return the columns of the line."""
    none = choice is NO_CHOICE or line is None
    return {
        "substation": "" if line is None or none else ends.names[line.source],
        "substation_kv": math.nan if line is None or none else float(ends.kv[line.source]),
        "line_kv": math.nan if none else float(choice.kv),
        "circuits": math.nan if none else float(choice.circuits),
        "line_km": choice.km,
        "line_yuan": choice.line_yuan,
        "station_yuan": choice.station_yuan,
    }


def _winding(lines: gpd.GeoDataFrame) -> float:
    """Return the median of length over straight distance of the longer lines, NaN without."""
    shapes = lines.geometry.to_numpy()[(lines["kind"] == "line") & (lines["km"] > _LONG_KM)]
    if shapes.size == 0:
        return math.nan
    first, last = shapely.get_point(shapes, 0), shapely.get_point(shapes, -1)
    return float(np.median(shapely.length(shapes) / shapely.distance(first, last)))


def _length(route: Route | None) -> float:
    return math.nan if route is None else route.km


def _kv(row: Mapping[str, Any], kind: str) -> float:
    return float(row["line_kv"]) if kind == "line" else math.nan


def _why_not(i: int, mw: float, found: Searches, params: Params) -> list[words.Tried]:
    """Return what each voltage would have been for a site."""
    tried = []
    for one in voltages(params):
        km = _length(found.lines[one.kv][i])
        tried.append(words.Tried(one, mw, km, fits(one, mw, km, params)))
    return tried


def _crossed(
    ground: Ground, judgement: Judgement, grid: RouteGrid, route: Route
) -> dict[str, float]:
    """Return how much of a route runs over ground that has to be said. [km].

    By the middle of each cell of the path, as shares of the route's own length; the cells of
    the site and of the end are left out, for what stands there stands.
    """
    rows, cols = np.divmod(route.cells[1:-1], grid.grid.cols)
    middle = grid.size // 2
    row = np.minimum(rows * grid.size + middle, ground.grid.rows - 1)
    col = np.minimum(cols * grid.size + middle, ground.grid.cols - 1)
    pattern = ground.table.index[row, col].astype(np.int64)
    inside = pattern < judgement.verdict.size
    verdict = np.full(pattern.size, -1)
    verdict[inside] = judgement.verdict[pattern[inside]]
    share = route.km / route.cells.size
    counted = {
        "outside": (~inside).sum(),
        "prohibited": (verdict == Verdict.PROHIBITED).sum(),
        "unknown": (verdict == Verdict.UNKNOWN).sum(),
        "route": (verdict == Verdict.ROUTE).sum(),
        "limited": (verdict == Verdict.LIMITED_ACTIVITY).sum(),
    }
    return {key: float(n) * share for key, n in counted.items() if n}
