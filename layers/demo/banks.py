"""Management ranges of rivers, dams and 丹江口 in the demo scene: plain distances, invented."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import shapely

from geo import crs as geo_crs
from layers.demo import places
from layers.demo.ground import Ground
from layers.demo.shapes import tidy

#: Rivers at least this wide have a management range of this much beyond the bank. [m]
WIDE_RIVER: Final = 60.0
RIVER_STRIP: Final = 40.0
#: Management and protection range round a dam's published point. [m]
DAM_RANGE: Final = 400.0
#: 丹江口: outer edge of the management and of the protection range beyond the shore. [m]
MANAGEMENT: Final = 200.0
PROTECTION: Final = 1000.0


def river_zone(ground: Ground) -> gpd.GeoDataFrame:
    """Return the management range ``name`` of the wide rivers."""
    rivers = ground.vectors["river"]
    wide = rivers[rivers["width_m"] >= WIDE_RIVER]
    rows = []
    for name, part in wide.groupby("name", sort=True):
        lines = part.geometry.simplify(20.0)
        shape = shapely.union_all(
            lines.buffer(part["width_m"] / 2.0 + RIVER_STRIP, quad_segs=2).to_numpy()
        )
        shape = tidy(shapely.intersection(shape.simplify(8.0), ground.box))
        rows.append({"name": f"{name}河道管理范围（演示）", "geometry": shape})
    return ground.frame("river_zone", rows)


def dam_zone(ground: Ground) -> gpd.GeoDataFrame:
    """Return a disc ``name`` round each dam of the scene."""
    rows = []
    for dam in places.DAMS:
        x, y = geo_crs.from_lonlat(ground.crs, dam.lon, dam.lat)
        shape = shapely.Point(float(x), float(y)).buffer(DAM_RANGE, quad_segs=8)
        name = dam.name.removesuffix("水库")
        rows.append({"name": f"{name}大坝管理和保护范围（演示）", "geometry": tidy(shape)})
    return ground.frame("dam_zone", rows)


def danjiangkou_zone(ground: Ground) -> gpd.GeoDataFrame:
    """Return ``name``, ``zone``: the demo lake, and two strips along its shore."""
    lake = ground.lake("丹江口水库").simplify(100.0)
    near = shapely.union(lake, lake.buffer(MANAGEMENT, quad_segs=2).simplify(25.0))
    far = shapely.union(near, near.simplify(60.0).buffer(PROTECTION, quad_segs=2).simplify(40.0))
    zones = (
        ("reservoir", lake), ("management", near.difference(lake)),
        ("protection", far.difference(near)),
    )  # fmt: skip
    rows = [
        {"name": "丹江口水库（演示范围）", "zone": zone, "geometry": ground.clipped(shape)}
        for zone, shape in zones
    ]
    return ground.frame("danjiangkou_zone", rows)
