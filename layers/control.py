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
from layers.catalog import Addition, open_catalog
from layers.facts import load_facts
from layers.layer import Layer
from layers.marks import CONTROL
from layers.region import Region, load_region

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


def shortfall(addition: Addition) -> list[Say]:
    """Return the warnings for layers of the whole region that fall short of their total.

    Parameters
    ----------
    addition
        What ``catalog add`` is about to write; its polygons are summed, so that only
        doubled ones can hide a shortfall, which the run itself then finds.
    """
    wanted = [one.layer for one in addition.planned if one.layer in TOTALS]
    if addition.coverage[0] != "region" or not wanted:
        return []
    exists = addition.catalog.is_file()
    catalog = open_catalog(str(addition.catalog) if exists else "bureau")
    region = load_region(catalog.default_region, catalog)
    controls = load_facts(region.facts_id).controls if region.facts_id is not None else {}
    found, said = addition.found.area_km2, []
    for layer in wanted:
        total = controls.get(TOTALS[layer])
        value = total.value if total is not None else None
        if total is None or value is None or found >= value * (1.0 - TOLERANCE):
            continue
        said.append(Say(
            f"面积 {found:,.2f} km²，低于公布的 {value:,.2f} km²（{total.source}），法定模式拒绝；"
            "若只是部分县市区，用 --coverage 县代码",
            f"{found:,.2f} km2 is below the published {value:,.2f} km2 ({total.source}): a legal "
            "run will refuse it; for some counties only use --coverage CODES",
        ))  # fmt: skip
    return said
