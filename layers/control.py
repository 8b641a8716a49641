"""Control totals: a layer that claims the whole city must reach the published area.

Only the ecological red line has one (truth.md A4; source S2): its ellipsoidal area
inside the region is at least the published one, within 0.1 %.
"""

from __future__ import annotations

from typing import Final, Literal

import geopandas as gpd
import shapely

from geo import crs as geo_crs
from geo.errors import InputError, Say
from geo.sourced import Sourced
from layers.layer import Layer
from layers.marks import CONTROL
from layers.region import Region

#: Key of the control total in the facts of a region, by layer.
TOTALS: Final = {"eco_redline": "eco_redline_km2"}
TOLERANCE: Final = 0.001


def covers(layer: Layer, region: Region) -> bool:
    """Tell whether the layer says something about all of the region but 0.1 %."""
    if layer.coverage is None:
        return True
    inside = shapely.intersection(layer.coverage, region.boundary).area
    return bool(inside >= (1.0 - TOLERANCE) * region.boundary.area)


def area_km2(layer: Layer, region: Region) -> float:
    """Return the ellipsoidal area of a polygon layer inside the region [km²]."""
    shapes = layer.vector().geometry
    near = shapes[shapes.intersects(region.boundary)]
    merged = shapely.intersection(shapely.union_all(near.to_numpy()), region.boundary)
    return float(geo_crs.polygon_areas(gpd.GeoSeries([merged], crs=region.crs)).sum()) / 1e6


def check_total(
    layer: Layer, region: Region, total: Sourced, mode: Literal["explore", "legal"]
) -> str:
    """Compare a layer with its control total.

    Returns
    -------
    str
        Empty when it agrees or does not cover the region; else the note.

    Raises
    ------
    InputError
        In legal mode, when the layer covers the region and falls short of the total.
    """
    if total.value is None or not covers(layer, region):
        return ""
    found = area_km2(layer, region)
    if found >= total.value * (1.0 - TOLERANCE):
        return ""
    what = Say(
        f"面积 {found:,.2f} km²，低于公布的 {total.value:,.2f} km²（{total.source}）",
        f"has {found:,.2f} km², below the published {total.value:,.2f} km² ({total.source})",
    )
    if mode == "legal":
        raise InputError(
            layer.name,
            what,
            Say("补全图层，或在目录中把 coverage 改为实际范围",
                "complete the layer, or state its true coverage in the catalog"),
        )  # fmt: skip
    return f"{CONTROL}：{what.zh} ({what.en})"
