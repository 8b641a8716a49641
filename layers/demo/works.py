"""Power lines, urban boundary and standing reservoirs of the demo scene."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layers.demo.ground import Ground
from layers.demo.shapes import tidy

#: Lines of this voltage join the substations of these voltages. [kV]
VOLTAGES: Final = ((500.0, (500.0,)), (220.0, (500.0, 220.0)), (110.0, (220.0, 110.0)))
#: How far an urban boundary reaches beyond what is built. [m]
URBAN_REACH: Final = 600.0
#: Rules that a reservoir has passed which stood before the park or wetland round it was drawn:
#: R-11b, R-11be, R-11bl the nature park was made of the standing reservoir (圣水湖 2017 of 潘口,
#: impounded 2011, S7, S24; 黄龙滩 wetland park 2013, plant of 1974, S10, S25);
#: R-28, R-29 so was the important wetland; R-26 a dam in operation stands in its river by
#: permit; R-03 the red line (2022) allows lawful existing works to be run and kept up.
PASSED: Final = ("R-03", "R-11b", "R-11be", "R-11bl", "R-26", "R-28", "R-29")


class Standing(NamedTuple):
    """A plant that the published facts say stands or is approved, on a lake of the scene."""

    lake: str
    name: str
    technology: str
    status: str
    approved: str  # ISO date, only where a source gives it
    passed: tuple[str, ...]


#: 陡岭子 is left out: the facts give its financing, not its completion.
STANDING: Final = (
    Standing("丹江口水库", "丹江口水电站水库（演示水面）", "hydro", "built", "", PASSED),
    Standing("潘口水库", "潘口水电站水库（演示水面）", "hydro", "built", "", PASSED),
    Standing("黄龙滩水库", "黄龙滩水电站水库（演示水面）", "hydro", "built", "", PASSED),
    Standing("鄂坪水库", "鄂坪水电站水库（演示水面）", "hydro", "built", "", PASSED),
    # approved on the day that S4 gives; what it had passed follows from that day alone
    Standing("潘口水库", "潘口抽水蓄能（演示水面）", "pumped", "approved", "2022-11-15", ()),
)


def power_line(ground: Ground) -> gpd.GeoDataFrame:
    """Return lines ``name``, ``kv`` that join the substations; they follow no real route."""
    stations = ground.vectors["substation"]
    xy = shapely.get_coordinates(stations.geometry.to_numpy())
    kv = stations["kv"].to_numpy()
    rng = ground.rng(30)
    rows: list[dict[str, Any]] = []
    for volt, joined in VOLTAGES:
        nodes = np.flatnonzero(np.isin(kv, joined))
        for start, end in _tree(xy[nodes]):
            a, b = nodes[start], nodes[end]
            if volt not in (kv[a], kv[b]):
                continue  # two stations of the higher voltage are joined at that voltage
            points = np.linspace(xy[a], xy[b], 5)
            span = float(np.hypot(*(xy[b] - xy[a])))
            points[1:-1] += rng.normal(0.0, 0.03 * span, (3, 2))
            line = shapely.LineString(np.round(points, 1))
            name = f"演示{volt:.0f}kV线路{len(rows) + 1:03d}"
            rows.append({"name": name, "kv": volt, "geometry": line})
    return ground.frame("power_line", rows)


def _tree(xy: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the edges of the shortest tree over the points [n, 2] (Prim 1957)."""
    count = len(xy)
    away = np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])
    near, parent = away[0].copy(), np.zeros(count, np.int64)
    joined = np.zeros(count, np.bool_)
    joined[0] = True
    edges = []
    for _ in range(count - 1):
        node = int(np.argmin(np.where(joined, np.inf, near)))
        edges.append((int(parent[node]), node))
        joined[node] = True
        closer = away[node] < near
        near, parent = np.where(closer, away[node], near), np.where(closer, node, parent)
    return edges


def urban_boundary(ground: Ground) -> gpd.GeoDataFrame:
    """Return the boundary ``name`` round cities and county seats, clear of the other lines."""
    towns = ground.vectors["settlement"]
    seats = towns[~towns["name"].str.startswith("演示")]
    lines = np.concatenate(
        [ground.vectors[name].geometry.to_numpy() for name in ("eco_redline", "permanent_farmland")]
    )
    index = shapely.STRtree(lines)
    rows = []
    for seat in seats.itertuples():
        shape = seat.geometry.buffer(URBAN_REACH, quad_segs=2).simplify(40.0)
        barred = shapely.union_all(lines[np.sort(index.query(shape, predicate="intersects"))])
        shape = ground.clipped(tidy(shape.difference(barred)))
        county = seat.name.removesuffix("城区").removesuffix("城")
        rows.append({"name": f"{county}城镇开发边界（演示）", "geometry": shape})
    return ground.frame("urban_boundary", rows)


def facility(ground: Ground) -> gpd.GeoDataFrame:
    """Return the reservoirs that stand: ``technology``, ``component``, ``status``, ``passed``."""
    rows = [
        {
            "name": plant.name,
            "technology": plant.technology,
            "component": "existing_reservoir_works",
            "status": plant.status,
            "approved": plant.approved,
            "passed": " ".join(plant.passed),
            "geometry": ground.lake(plant.lake),
        }
        for plant in STANDING
    ]
    return ground.frame("facility", rows)
