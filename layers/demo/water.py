"""Lakes, rivers and drinking-water source zones of the demo scene."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from geo import crs as geo_crs
from layers.demo import places
from layers.demo.relief import Relief
from layers.demo.shapes import Bend, contours, polygons_of, tidy, tidy_line

#: Streams are drawn from this drained area on [km2] and this length on [m].
STREAM_AREA: Final = 30.0
STREAM_LENGTH: Final = 3000.0
#: Catchment of the Han above the scene, used for its width only. [km2]
HAN_ABOVE: Final = 40_000.0


def lakes(relief: Relief, crs: str, box: BaseGeometry, move: Bend) -> gpd.GeoDataFrame:
    """Return the lakes ``name``, geometry."""
    shape = relief.lattice.shape
    z, number = relief.z.reshape(shape), relief.lake.reshape(shape)
    rows: list[dict[str, object]] = []
    for k, dam in enumerate(places.DAMS, start=1):
        near = ndimage.maximum_filter((number == k).astype(np.uint8), 3) > 0
        field = np.where(near, dam.level - z, -5.0)
        parts = contours(field, relief.lattice, 0.0, smallest=4e4, tolerance=35.0, move=move)
        whole = tidy(shapely.intersection(shapely.union_all(parts), box))
        rows.append({"name": dam.name, "geometry": whole})
    return gpd.GeoDataFrame(rows, crs=crs)


def rivers(relief: Relief, crs: str, box: BaseGeometry, move: Bend) -> gpd.GeoDataFrame:
    """Return river centre lines ``name``, ``width_m``, geometry."""
    names = list(places.COURSES)
    rows: list[dict[str, object]] = []
    for nodes, number in _streams(relief):
        if nodes.size < 3:
            continue
        line = tidy_line(move(_softened(relief.lattice.xy(nodes))), 45.0)
        inside = shapely.intersection(line, box)
        if number == 0 and inside.length < STREAM_LENGTH:
            continue
        area = float(np.median(relief.area[nodes])) + (HAN_ABOVE if number == 1 else 0.0)
        name = names[number - 1] if number else f"演示支流{len(rows):03d}"
        width = round(min(3.2 * area**0.42, 320.0), 1)
        rows += [
            {"name": name, "width_m": width, "geometry": shapely.set_precision(part, 0.1)}
            for part in shapely.get_parts(inside)
            if part.geom_type == "LineString" and part.length > 200.0
        ]
    return gpd.GeoDataFrame(rows, crs=crs)


def _streams(relief: Relief) -> list[tuple[npt.NDArray[np.int64], int]]:
    """Trace pinned courses, then tributaries from the largest head down."""
    wet = (relief.area >= STREAM_AREA) | (relief.main > 0)
    fed = np.zeros(wet.size, bool)
    donors = np.flatnonzero(wet & (relief.receiver != np.arange(wet.size)))
    fed[relief.receiver[donors]] = True
    taken = np.zeros(wet.size, bool)
    found = []
    courses = relief.main
    for number in range(1, len(places.COURSES) + 1):
        own = courses == number
        led = np.zeros(wet.size, bool)
        led[relief.receiver[np.flatnonzero(own)]] = True
        heads = np.flatnonzero(own & ~led)
        if heads.size:
            found.append((_walk(relief, int(heads[0]), taken), number))
    heads = np.flatnonzero(wet & ~fed & ~taken)
    heads = heads[np.lexsort((heads, -relief.z[heads]))]
    found += [(_walk(relief, int(head), taken), 0) for head in heads]
    return found


def _walk(relief: Relief, node: int, taken: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the nodes downstream of ``node`` up to the first one taken before."""
    path = [node]
    while not taken[node]:
        taken[node] = True
        following = int(relief.receiver[node])
        if following == node:
            break
        path.append(following)
        node = following
    return np.array(path, np.int64)


def _softened(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Round the corners of a lattice path; its ends stay."""
    soft = ndimage.gaussian_filter1d(xy, 0.7, axis=0, mode="nearest")
    soft[0], soft[-1] = xy[0], xy[-1]
    return np.asarray(soft)


def source_zones(lake_frame: gpd.GeoDataFrame, crs: str, region: BaseGeometry) -> gpd.GeoDataFrame:
    """Return invented source zones ``name``, ``grade`` around 丹江口 and 黄龙滩."""
    plan = (("丹江口水库", 2500.0, 12000.0, 1000.0), ("黄龙滩水库", 900.0, 5000.0, 500.0))
    rows: list[dict[str, object]] = []
    for name, first, second, third in plan:
        dam = next(d for d in places.DAMS if d.name == name)
        x, y = geo_crs.from_lonlat(crs, dam.lon, dam.lat)
        point = shapely.Point(float(x), float(y))
        lake = lake_frame.loc[lake_frame["name"] == name, "geometry"].iloc[0].simplify(80.0)
        one = shapely.intersection(lake.buffer(80.0), point.buffer(first))
        two = shapely.intersection(lake.buffer(250.0), point.buffer(second))
        three = lake.buffer(third)
        zones = ((1, one), (2, two.difference(one)), (3, three.difference(two).difference(one)))
        for grade, zone in zones:
            parts = polygons_of(shapely.intersection(zone.simplify(40.0), region))
            if parts:
                shape = tidy(shapely.MultiPolygon(parts))
                label = f"{name}水源地（演示）"
                rows.append({"name": label, "grade": grade, "geometry": shape})
    frame = gpd.GeoDataFrame(rows, crs=crs)
    frame["grade"] = frame["grade"].astype("int64")
    return frame
