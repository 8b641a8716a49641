"""Forest grades, natural forest, state farms, habitat and function zones of the demo scene."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from layers.demo.ground import Ground, blob, numbered, unit
from layers.demo.shapes import contours, tidy

#: Invented shares of the region that lie at least as high as grades 1, 2 and 3.
GRADE_SHARES: Final = (0.05, 0.27, 0.70)
GRADE_ZH: Final = ("Ⅰ级", "Ⅱ级", "Ⅲ级", "Ⅳ级")
NATURAL_SHARE: Final = 0.44
FUNCTION_SHARE: Final = 0.28
FARMS: Final = 8
#: Half the width of a migration corridor, and how far habitat reaches beyond a core. [m]
CORRIDOR: Final = 450.0
BEYOND_CORE: Final = 500.0


def _forest_land(ground: Ground) -> BaseGeometry:
    """Return the ground that is neither farmland, built-up nor water, roughly."""
    open_ground = ndimage.gaussian_filter(ground.worked.astype(np.float64), 1.0)
    parts = contours(-open_ground, ground.lattice, -0.42, smallest=2.5e6, tolerance=150.0)
    return ground.clipped(shapely.union_all(parts))


def forest_grade(ground: Ground) -> gpd.GeoDataFrame:
    """Return forest land ``name``, ``grade`` (1 strictest ... 4), without overlaps."""
    reserves = ground.vectors["nature_reserve"]
    cores = ground.lattice.burn(list(reserves.loc[reserves["zone"] == "core", "geometry"]))
    field = 0.7 * unit(ground.height) + 0.5 * unit(ground.steep) + ground.noise(20, (2, 6, 15))
    field += 2.2 * ndimage.gaussian_filter(cores.astype(np.float64), 1.0)
    land = _forest_land(ground)
    rows: list[dict[str, Any]] = []
    taken: BaseGeometry = shapely.Polygon()
    for grade, share in enumerate((*GRADE_SHARES, 1.0), start=1):
        if share < 1.0:
            shape = ground.patches(field, share, smallest=4e6)
            band = shapely.intersection(shape, land)
        else:
            band = land
        label = f"演示{GRADE_ZH[grade - 1]}保护林地"
        own = tidy(band.difference(taken))
        rows += [{**row, "grade": grade} for row in numbered(own, label, 2e5)]
        taken = shapely.union(taken, band)
    return ground.frame("forest_grade", rows)


def natural_forest(ground: Ground) -> gpd.GeoDataFrame:
    """Return natural forest ``name``: high, remote ground."""
    field = 0.6 * unit(ground.height) + ground.noise(21, (2, 5, 14))
    field -= 2.5 * ndimage.gaussian_filter(ground.worked.astype(np.float64), 1.0)
    shape = ground.patches(field, NATURAL_SHARE, smallest=3e6)
    return ground.frame("natural_forest", numbered(shape, "演示天然林"))


def state_farm(ground: Ground) -> gpd.GeoDataFrame:
    """Return state forest farms ``name`` in the higher half, far from each other."""
    rng = ground.rng(22)
    high = ground.height > float(np.median(ground.height[ground.inside]))
    score = np.where(high & ~ground.worked, rng.uniform(0.0, 1.0, ground.height.shape), 0.0)
    rows = []
    taken: BaseGeometry = shapely.Polygon()
    for k, (x, y) in enumerate(ground.places(score, FARMS, 22_000.0), start=1):
        shape = blob(x, y, rng.uniform(2200.0, 4800.0), rng).difference(taken)
        taken = shapely.union(taken, shape)
        rows.append({"name": f"演示国有林场{k:02d}", "geometry": ground.clipped(shape)})
    return ground.frame("state_farm", rows)


def habitat(ground: Ground) -> gpd.GeoDataFrame:
    """Return habitat ``name``: the reserves' cores and a strip round them, two corridors."""
    reserves = ground.vectors["nature_reserve"]
    cores = reserves[reserves["zone"] == "core"]
    rows = [
        {
            "name": f"演示野生动物重要栖息地{k:02d}",
            "geometry": ground.clipped(core.simplify(150.0).buffer(BEYOND_CORE, quad_segs=2)),
        }
        for k, core in enumerate(cores.geometry, start=1)
    ]
    middle = shapely.get_coordinates(shapely.centroid(cores.geometry.to_numpy()))
    rng = ground.rng(23)
    for k, (start, end) in enumerate(((0, 1), (3, 5)), start=1):
        if max(start, end) >= len(middle):
            continue
        bow = middle[[start, end]].mean(axis=0) + rng.normal(0.0, 2500.0, 2)
        line = shapely.LineString([middle[start], bow, middle[end]])
        shape = ground.clipped(line.buffer(CORRIDOR, quad_segs=2))
        rows.append({"name": f"演示迁徙通道{k:02d}", "geometry": shape})
    return ground.frame("habitat", rows)


def eco_function(ground: Ground) -> gpd.GeoDataFrame:
    """Return key ecological function zones ``name``: the great massifs."""
    field = unit(ndimage.gaussian_filter(ground.height, 6.0)) + 0.5 * ground.noise(24, (8, 20))
    shape = ground.patches(field, FUNCTION_SHARE, smallest=5e7, tolerance=250.0)
    return ground.frame("eco_function", numbered(shape, "演示重点生态功能区"))
