"""What-if layers of the demo scene, and the national park that the city does not have.

None of them is law: the plan's ecological pattern, zoning units and a candidate park only
act where a run switches them on by name.
"""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import shapely
from scipy import ndimage

from layers.demo.ground import Ground, unit
from layers.demo.shapes import polygons_of, tidy

#: Half width of the corridor along 汉江 and along its tributaries. [m]
RIVER_REACH: Final = 1000.0
BRANCH_REACH: Final = 400.0
#: Invented shares of the region: barriers, priority units, candidate park.
BARRIER_SHARE: Final = 0.16
PRIORITY_SHARE: Final = 0.38
CANDIDATE_SHARE: Final = 0.11
BARRIERS: Final = 3
VALLEYS: Final = ("马栏河", "竹溪河")
#: Radius of a key unit round a county seat. [m]
KEY_RADIUS: Final = 5000.0


def national_park(ground: Ground) -> gpd.GeoDataFrame:
    """Return no feature: 十堰 has no national park, so none is drawn and all is covered."""
    return ground.frame("national_park", ())


def plan_corridor(ground: Ground) -> gpd.GeoDataFrame:
    """Return the pattern ``name``: one river, its branches, three barriers, two valleys."""
    rivers = ground.vectors["river"]
    rows: list[dict[str, Any]] = []

    def along(label: str, names: set[str], reach: float) -> None:
        lines = rivers.loc[rivers["name"].isin(names), "geometry"].simplify(150.0).to_numpy()
        shape = shapely.union_all(shapely.buffer(lines, reach, quad_segs=2)).simplify(30.0)
        rows.append({"name": label, "geometry": ground.clipped(shape)})

    named = {name for name in rivers["name"] if not name.startswith("演示")}
    along("演示一江（汉江）", {"汉江"}, RIVER_REACH)
    along("演示多支", named - {"汉江", *VALLEYS}, BRANCH_REACH)
    for k, name in enumerate(VALLEYS, start=1):
        along(f"演示两谷之{k}", {name}, RIVER_REACH)
    field = unit(ndimage.gaussian_filter(ground.height, 3.0)) + 0.3 * ground.noise(41, (6, 15))
    shape = ground.patches(field, BARRIER_SHARE, smallest=2e7, tolerance=200.0)
    largest = sorted(polygons_of(shape), key=lambda p: -p.area)[:BARRIERS]
    rows += [{"name": f"演示三屏之{k}", "geometry": p} for k, p in enumerate(largest, start=1)]
    return ground.frame("plan_corridor", rows)


def zoning_unit(ground: Ground) -> gpd.GeoDataFrame:
    """Return units ``name``, ``unit``: priority, key and general, together the whole region."""
    red = ground.lattice.burn(list(ground.vectors["eco_redline"].geometry)).astype(float)
    field = 2.0 * ndimage.gaussian_filter(red, 1.5) + 0.5 * ground.noise(42, (2, 6))
    priority = ground.patches(field, PRIORITY_SHARE, smallest=4e6)
    towns = ground.vectors["settlement"]
    seats = towns.loc[~towns["name"].str.startswith("演示"), "geometry"]
    discs = shapely.union_all(shapely.buffer(seats.centroid.to_numpy(), KEY_RADIUS, quad_segs=4))
    key = tidy(ground.clipped(discs).difference(priority))
    general = tidy(ground.outline.difference(shapely.union(priority, key)))
    rows = [
        {"name": f"演示{label}管控单元", "unit": unit_, "geometry": shape}
        for unit_, label, shape in (
            ("priority", "优先保护", priority), ("key", "重点", key), ("general", "一般", general)
        )
    ]  # fmt: skip
    return ground.frame("zoning_unit", rows)


def national_park_candidate(ground: Ground) -> gpd.GeoDataFrame:
    """Return one candidate area ``name``: the greatest massif of the scene."""
    field = unit(ndimage.gaussian_filter(ground.height, 5.0)) + 0.3 * ground.noise(43, (8, 20))
    shape = ground.patches(field, CANDIDATE_SHARE, smallest=2e7, tolerance=250.0)
    largest = max(polygons_of(shape), key=lambda p: p.area)
    row = {"name": "秦巴国家公园候选区（演示，非法定）", "geometry": largest}
    return ground.frame("national_park_candidate", [row])
