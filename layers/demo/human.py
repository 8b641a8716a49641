"""Towns, roads, substations and the runway of the demo scene; all positions invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from layers.demo._kernels import grow
from layers.demo.lattice import Lattice
from layers.demo.relief import Relief
from layers.demo.shapes import Bend, tidy, tidy_line

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: The two districts of the city proper share one built-up area each.
CITY: Final = ("茅箭区", "张湾区")
TOWNS: Final = 110
VILLAGES: Final = 420
#: Least distance between towns and between villages [m].
TOWN_GAP: Final = 7000.0
VILLAGE_GAP: Final = 2600.0
#: Mean radius of a built-up area by rank [m].
RADIUS: Final = {"city": 3300.0, "seat": 1500.0, "town": 480.0, "village": 170.0}
#: Gradient that doubles the cost of a road, and lattice factor of the search.
ROAD_GRADE: Final = {"motorway": 0.05, "national": 0.06, "provincial": 0.07, "county": 0.08}
FACTOR: Final = 2


@dataclass(frozen=True, slots=True)
class Place:
    """A settlement's centre on the lattice: flat node number and coordinates [m]."""

    name: str
    rank: str  # city, seat, town, village
    node: int
    x: float
    y: float


def comfort(relief: Relief, region: BaseGeometry) -> Floats:
    """Return how well a node suits a settlement (0 ... 1, -1 = impossible) [rows, cols]."""
    lattice = relief.lattice
    shape = lattice.shape
    z = relief.z.reshape(shape)
    slope = np.hypot(*np.gradient(z, lattice.cell))
    flat = np.exp(-ndimage.gaussian_filter(slope, 2.0) / 0.10)
    stream = ndimage.gaussian_filter(np.log10(1.0 + relief.area).reshape(shape), 3.0)
    score = flat * (0.35 + np.clip(stream, 0.0, 2.0) / 2.0) * np.exp(-z / 1100.0)
    wet = ndimage.maximum_filter(relief.lake.reshape(shape), 5) > 0
    channel = (relief.main > 0).reshape(shape) & (relief.area.reshape(shape) > 800.0)
    inside = lattice.burn([region.buffer(-1200.0)]) > 0
    return np.where(inside & ~wet & ~channel, score, -1.0)


def choose_places(
    relief: Relief, region: BaseGeometry, counties: gpd.GeoDataFrame, seed: int
) -> list[Place]:
    """Return county seats, towns and villages, each on the best free ground near it."""
    lattice = relief.lattice
    score = comfort(relief, region)
    noise = np.random.default_rng([seed, 50]).uniform(0.75, 1.0, lattice.shape)
    score = np.where(score > 0, score * noise, score)
    xs, ys = np.meshgrid(lattice.xs, lattice.ys)
    free = score.copy()
    places: list[Place] = []

    def settle(name: str, rank: str, node: int, gap: float) -> None:
        x, y = lattice.xy(np.array([node], np.int64))[0]
        places.append(Place(name, rank, node, float(x), float(y)))
        row, col = divmod(node, lattice.shape[1])
        reach = int(gap // lattice.cell) + 1
        part = np.s_[max(row - reach, 0) : row + reach + 1, max(col - reach, 0) : col + reach + 1]
        free[part][np.hypot(xs[part] - x, ys[part] - y) < gap] = -1.0

    gentle = ndimage.gaussian_filter(np.maximum(score, 0.0), 4)
    for row in counties.itertuples():
        home = row.geometry.representative_point()
        away = np.hypot(xs - home.x, ys - home.y) / 20_000.0
        best = np.where((free > 0) & (lattice.burn([row.geometry]) > 0), gentle, 0.0)
        node = int(np.argmax(best * np.exp(-away * away)))
        rank = "city" if row.name in CITY else "seat"
        label = f"{row.name}城区" if rank == "city" else f"{row.name}城"
        settle(label, rank, node, TOWN_GAP)
    for rank, count, gap in (("town", TOWNS, TOWN_GAP), ("village", VILLAGES, VILLAGE_GAP)):
        for k in range(1, count + 1):
            node = int(np.argmax(free))
            if free.ravel()[node] <= 0.004:
                break
            settle(f"演示{'镇' if rank == 'town' else '村'}{k:03d}", rank, node, gap)
        if rank == "town":
            free = score.copy()
            for place in places:
                row_, col_ = divmod(place.node, lattice.shape[1])
                free[max(row_ - 9, 0) : row_ + 10, max(col_ - 9, 0) : col_ + 10] = -1.0
    return places


def settlements(
    places: list[Place], lakes: gpd.GeoDataFrame, region: BaseGeometry, crs: str, seed: int
) -> gpd.GeoDataFrame:
    """Return built-up polygons ``name``, ``rank`` (city, town, village)."""
    rng = np.random.default_rng([seed, 51])
    water = shapely.union_all(lakes.geometry.to_numpy()).buffer(40.0).simplify(30.0)
    shapely.prepare(water)
    rows = []
    for place in places:
        count = {"city": 40, "seat": 28, "town": 14, "village": 8}[place.rank]
        angle = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
        rim = RADIUS[place.rank] * rng.uniform(0.72, 1.25, count)
        stretch, turn = rng.uniform(1.0, 1.9), rng.uniform(0.0, np.pi)
        u, v = rim * np.cos(angle) * stretch, rim * np.sin(angle) / stretch
        x = place.x + u * np.cos(turn) - v * np.sin(turn)
        y = place.y + u * np.sin(turn) + v * np.cos(turn)
        shape = shapely.intersection(shapely.Polygon(np.column_stack((x, y))).buffer(0.1), region)
        shape = tidy(shapely.difference(shape, water))
        if shape.is_empty:
            continue
        rank = "town" if place.rank == "seat" else place.rank
        rows.append({"name": place.name, "rank": rank, "geometry": shape})
    return gpd.GeoDataFrame(rows, crs=crs)


class _Network:
    """Least-cost roads on a thinned lattice; roads follow valleys because they are flat."""

    def __init__(self, relief: Relief) -> None:
        self.relief = relief
        self.lattice = relief.lattice.coarse(FACTOR)
        rows, cols = self.lattice.shape
        shape = relief.lattice.shape
        surface = np.maximum(relief.z, relief.level).reshape(shape)
        lake = relief.lake.reshape(shape)[::FACTOR, ::FACTOR][:rows, :cols]
        self.z = np.ascontiguousarray(surface[::FACTOR, ::FACTOR][:rows, :cols].ravel())
        self.friction = np.where(lake.ravel() > 0, 9.0, 1.0)
        self.cost = np.empty(self.z.size)
        self.previous = np.empty(self.z.size, np.int64)

    def node(self, place: Place) -> int:
        """Return the thinned node nearest to a place."""
        row, col = self.lattice.node(place.x, place.y)
        return row * self.lattice.shape[1] + col

    def search(self, seeds: Ints, grade: float, wanted: list[Place], nearest: int = 0) -> None:
        """Fill cost and previous from ``seeds``, as far as ``wanted`` or the nearest of them."""
        rows, cols = self.lattice.shape
        marked = np.zeros(self.z.size, np.uint8)
        marked[[self.node(place) for place in wanted]] = 1
        count = min(nearest or rows * cols, int(marked.sum()))
        grow.least_cost(
            self.z, self.friction, seeds, rows, cols, self.lattice.cell, grade, marked, count,
            self.cost, self.previous,
        )  # fmt: skip

    def path(self, node: int) -> Ints:
        """Return the nodes from ``node`` back to its seed."""
        nodes = [node]
        while self.previous[nodes[-1]] >= 0:
            nodes.append(int(self.previous[nodes[-1]]))
        return np.array(nodes, np.int64)


def roads(relief: Relief, places: list[Place], crs: str, move: Bend) -> gpd.GeoDataFrame:
    """Return roads ``name``, ``class``: seats are joined first, then towns, then villages."""
    net = _Network(relief)
    seats = [p for p in places if p.rank in {"city", "seat"}]
    rows: list[dict[str, object]] = []
    built: dict[int, None] = {}

    def lay(nodes: Ints, kind: str, gap: float = 0.0) -> None:
        if nodes.size < 2:
            return
        built.update(dict.fromkeys(nodes.tolist()))
        net.friction[nodes] = np.minimum(net.friction[nodes], 0.6)
        xy = ndimage.gaussian_filter1d(net.lattice.xy(nodes), 0.8, axis=0, mode="nearest")
        name = f"演示{_ROAD_ZH[kind]}{len(rows) + 1:03d}"
        rows.append({"name": name, "class": kind, "geometry": tidy_line(move(xy) + gap, 45.0)})

    city = net.node(seats[0])
    net.search(np.array([city], np.int64), ROAD_GRADE["motorway"], seats)
    far = sorted(seats[1:], key=lambda p: (-net.cost[net.node(p)], p.name))
    trunk = [net.path(net.node(p)) for p in far[:4]]
    for nodes in trunk:
        lay(nodes, "motorway")
    for k, seat in enumerate(seats):
        net.search(np.array([net.node(seat)], np.int64), ROAD_GRADE["national"], seats, 3)
        near = sorted(seats, key=lambda p: (net.cost[net.node(p)], p.name))[1:3]
        for other in near:
            if seats.index(other) > k or other is near[0]:
                lay(net.path(net.node(other)), "national", 120.0)
    for kind, rank, stop in (("provincial", "town", 36), ("county", "town", 999),
                             ("township", "village", 999)):  # fmt: skip
        wanted = [p for p in places if p.rank == rank][:stop]
        net.search(np.array(sorted(built), np.int64), ROAD_GRADE.get(kind, 0.1), wanted)
        for nodes in [net.path(net.node(p)) for p in wanted]:
            lay(_until_built(nodes, built), kind)
    return gpd.GeoDataFrame(rows, crs=crs)


_ROAD_ZH: Final = {
    "motorway": "高速", "national": "国道", "provincial": "省道", "county": "县道",
    "township": "乡道",
}  # fmt: skip


def _until_built(nodes: Ints, built: dict[int, None]) -> Ints:
    """Cut a path where it meets a road that is already there."""
    for k, node in enumerate(nodes.tolist()):
        if node in built:
            return nodes[: k + 1]
    return nodes


def substations(places: list[Place], crs: str, seed: int) -> gpd.GeoDataFrame:
    """Return substations ``name``, ``kv`` (500, 220, 110) beside towns."""
    rng = np.random.default_rng([seed, 52])
    seats = [p for p in places if p.rank in {"city", "seat"}]
    towns = [p for p in places if p.rank == "town"][:40]
    plan = [(seats[0], 500.0), (seats[-1], 500.0)]
    plan += [(p, 220.0) for p in seats] + [(p, 220.0) for p in towns[:6]]
    plan += [(p, 110.0) for p in seats] + [(p, 110.0) for p in towns[6:]]
    rows = []
    for k, (place, kv) in enumerate(plan, start=1):
        reach = 1.5 * RADIUS[place.rank] + 300.0
        angle = rng.uniform(0.0, 2.0 * np.pi)
        x = round(place.x + reach * np.cos(angle), 1)
        y = round(place.y + reach * np.sin(angle), 1)
        name = f"演示{kv:.0f}kV变电站{k:02d}"
        rows.append({"name": name, "kv": kv, "geometry": shapely.Point(x, y)})
    return gpd.GeoDataFrame(rows, crs=crs)


def airport(relief: Relief, places: list[Place], crs: str) -> gpd.GeoDataFrame:
    """Return one invented runway of 2,600 m on even ground 8-16 km from the city."""
    lattice: Lattice = relief.lattice
    city = places[0]
    xs, ys = np.meshgrid(lattice.xs, lattice.ys)
    away = np.hypot(xs - city.x, ys - city.y)
    z = relief.z.reshape(lattice.shape)
    rough = ndimage.maximum_filter(z, 13) - ndimage.minimum_filter(z, 13)
    wet = ndimage.maximum_filter(relief.lake.reshape(lattice.shape), 13) > 0
    fit = np.where((away > 8000.0) & (away < 16_000.0) & ~wet, rough, np.inf)
    x, y = lattice.xy(np.array([int(np.argmin(fit))], np.int64))[0]
    start, end = (x - 1126.0, y - 650.0), (x + 1126.0, y + 650.0)
    line = shapely.LineString([start, end])
    frame = [{"name": "十堰武当山机场（演示位置）", "geometry": line}]
    return gpd.GeoDataFrame(frame, crs=crs)
