"""The searches of a connection: stations by voltage and roads, several at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geo.grid import Grid
from geo.vector import burn
from siting.connect.friction import RouteGrid, line_friction, road_friction
from siting.connect.paths import LeastCost, least_cost
from siting.connect.routes import Path, Route, routes
from siting.connect.voltage import Voltage, takes
from siting.law.terms import Component
from siting.law.verdict import Judgement
from siting.sites.ground import NO_ACCESS, Ground
from siting.sites.params import Params

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

#: Searches that run side by side: they share nothing that is written.
_TOGETHER: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """Where lines may end: stations, and lines that may be tapped.

    Parameters
    ----------
    names, kv
        By number; lines that may be tapped follow the stations.
    xy
        Place of each station; NaN for a line. [m]
    cells
        (number, cell) pairs on the route grid, stations first.
    beyond
        Stations left out because they lie beyond the grid.
    without_kv
        Stations left out because their voltage is not given.
    """

    names: tuple[str, ...]
    kv: Float64
    xy: Float64
    cells: Int64
    beyond: int
    without_kv: int


def line_ends(ground: Ground, stations: gpd.GeoDataFrame, params: Params, grid: Grid) -> Ends:
    """Return the stations of the grid, and the lines where tapping is allowed."""
    points = stations.geometry.representative_point()
    xy = np.column_stack([points.x.to_numpy(), points.y.to_numpy()])
    kv = stations["kv"].to_numpy(np.float64)
    cell = cells_of(xy, grid)
    lost = (cell >= 0) & ~np.isfinite(kv)
    kept = (cell >= 0) & np.isfinite(kv)
    names = [str(name) for name in stations["name"].to_numpy()[kept]]
    pairs = [np.column_stack([np.arange(kept.sum()), cell[kept]])]
    kvs, places = kv[kept], xy[kept]
    layer = ground.stack.get("power_line")
    if layer is not None and params.number("tap_in") > 0:
        lines = layer.vector()
        lines = lines[np.isfinite(lines["kv"].to_numpy(np.float64))]
        for number, (shape, name) in enumerate(zip(lines.geometry, lines["name"], strict=True)):
            touched = np.flatnonzero(burn([shape], grid, all_touched=True))
            pairs.append(np.column_stack([np.full(touched.size, len(names)), touched]))
            names.append(f"T 接 {name or number + 1}")
        kvs = np.concatenate([kvs, lines["kv"].to_numpy(np.float64)])
        places = np.vstack([places, np.full((len(lines), 2), np.nan)])
    return Ends(
        tuple(names), kvs, places, np.vstack(pairs).astype(np.int64),
        int((cell < 0).sum()), int(lost.sum()),
    )  # fmt: skip


def cells_of(xy: Float64, grid: Grid) -> Int64:
    """Return the cell of each place, -1 beyond the grid."""
    t = grid.transform
    col = np.floor((xy[:, 0] - t.c) / t.a)
    row = np.floor((xy[:, 1] - t.f) / t.e)
    inside = (row >= 0) & (row < grid.rows) & (col >= 0) & (col < grid.cols)
    cell = np.where(inside, row * grid.cols + col, -1)
    return np.asarray(cell, np.int64)


def road_cells(ground: Ground, grid: Grid) -> Int64 | None:
    """Return the cells that a road crosses, motorways left out; None without any."""
    layer = ground.stack.get("road")
    if layer is None:
        return None
    frame = layer.vector()
    frame = frame[frame["class"] != NO_ACCESS]
    if frame.empty:
        return None
    cells = np.flatnonzero(burn(list(frame.geometry), grid, all_touched=True))
    return np.asarray(cells, np.int64) if cells.size else None


@dataclass(frozen=True, slots=True, eq=False)
class Searches:
    """Routes of every site by voltage, and to the roads (None = there is no route)."""

    lines: Mapping[int, tuple[Route | None, ...]]
    roads: tuple[Route | None, ...] | None


def search(
    ground: Ground,
    judgements: Mapping[Component, Judgement],
    sites: Float64,
    ends: Ends,
    classes: tuple[Voltage, ...],
    params: Params,
    grid: RouteGrid,
    say: Callable[[str], None],
) -> Searches:
    """Search from the stations of each voltage and from the roads until every site is met.

    Parameters
    ----------
    sites
        Places of the sites (n, 2). [m]
    """
    say("接入：线路与道路的阻力")
    home = cells_of(sites, grid.grid)
    lower = params.number("lower_side") > 0
    parts = {one.component for one in classes}
    lines = {part: line_friction(ground, judgements[part], params, grid) for part in sorted(parts)}
    roads = road_cells(ground, grid.grid)
    track = None
    if roads is not None:
        track = road_friction(ground, judgements[Component.ROAD], params, grid)
    say("接入：最小费用路径")

    def to_stations(one: Voltage) -> tuple[Route | None, ...]:
        # a station has a lower side, a line that is tapped has its own voltage alone
        tapped = np.isnan(ends.xy[:, 0])
        own = takes(ends.kv, one.kv, lower_side=False)
        fit = np.where(tapped, own, takes(ends.kv, one.kv, lower_side=lower))[ends.cells[:, 0]]
        number, cell = ends.cells[fit].T
        found = _run(lines[one.component].copy(), grid.grid, cell, home)
        return _routes(found, grid.grid, sites, home, number, ends.xy)

    def to_roads() -> tuple[Route | None, ...] | None:
        if roads is None or track is None:
            return None
        found = _run(track, grid.grid, roads, home)
        return _routes(found, grid.grid, sites, home, np.arange(roads.size), None)

    with ThreadPoolExecutor(_TOGETHER) as pool:
        road = pool.submit(to_roads)
        tasks = {one.kv: pool.submit(to_stations, one) for one in classes}
        return Searches({kv: task.result() for kv, task in tasks.items()}, road.result())


def _run(friction: Float32, grid: Grid, sources: Int64, home: Int64) -> LeastCost | None:
    """Search in ``friction``, whose barred sources are opened in place.

    The barred cell of a site stays shut, so that no route of another passes through it; the
    search goes on until the cells round it are met.
    """
    targets = np.unique(home[home >= 0])
    if not (sources.size and targets.size):
        return None
    flat = friction.reshape(-1)
    flat[sources[~np.isfinite(flat[sources])]] = 1.0
    shut = targets[~np.isfinite(flat[targets])]
    round_ = [_round(int(cell), grid) for cell in shut]
    ends = np.unique(np.concatenate([targets[np.isfinite(flat[targets])], *round_]))
    return least_cost(friction, grid.dx, grid.dy, sources, ends)


def _round(cell: int, grid: Grid) -> Int64:
    """Return the up to eight cells round one."""
    row, col = divmod(cell, grid.cols)
    rows = np.arange(max(row - 1, 0), min(row + 2, grid.rows))
    cols = np.arange(max(col - 1, 0), min(col + 2, grid.cols))
    cells = (rows[:, None] * grid.cols + cols).reshape(-1)
    return np.asarray(cells[cells != cell], np.int64)


def _way(found: LeastCost, grid: Grid, cell: int) -> Int64:
    """Return the cells from a site to its source; a shut cell is left by its best neighbour."""
    path = found.path(cell)
    if path.size:
        return path
    near = _round(cell, grid)
    rows, cols = np.divmod(near, grid.cols)
    row, col = divmod(cell, grid.cols)
    away = np.hypot((rows - row) * grid.dy, (cols - col) * grid.dx)
    path = found.path(int(near[np.argmin(found.cost.flat[near] + away)])) if near.size else path
    return np.asarray(np.concatenate([[cell], path]), np.int64) if path.size else path


def _routes(
    found: LeastCost | None,
    grid: Grid,
    sites: Float64,
    home: Int64,
    number: Int64,
    places: Float64 | None,
) -> tuple[Route | None, ...]:
    """Return the route of each site; sources end at ``places[number]`` or in their cell."""
    if found is None:
        return (None,) * len(home)
    paths: dict[int, Path] = {}
    for i, cell in enumerate(home.tolist()):
        cells = _way(found, grid, cell) if cell >= 0 else home[:0]
        if cells.size:
            source = int(number[found.source.flat[cells[-1]]])
            end = None
            if places is not None and np.isfinite(places[source]).all():
                end = (float(places[source, 0]), float(places[source, 1]))
            start = (float(sites[i, 0]), float(sites[i, 1]))
            paths[i] = Path(cells, source, start, end)
    made = dict(zip(paths, routes(list(paths.values()), grid), strict=True))
    return tuple(made.get(i) for i in range(len(home)))
