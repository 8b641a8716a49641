"""Relics, scenic areas and old trees of the demo scene: invented names on invented ground.

The city has a World Heritage group; no coordinate of it is at hand, so the scene's own group
does not carry its name: it stands on the highest massif of a county that no reserve holds.
"""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.ground import Ground, blob
from layers.demo.shapes import tidy

#: County of the massif.
MASSIF_COUNTY: Final = "丹江口市"
WORLD_RELIC: Final = "演示世界遗产古建筑群"
SCENIC: Final = "演示风景名胜区"
#: Mean radius of the scenic area and of its core, an invented figure. [m]
SCENIC_RADIUS: Final = 5600.0
CORE_RADIUS: Final = 2600.0
#: Invented relics by level: how many.
RELICS: Final = (("national", 3), ("provincial", 8), ("city", 8), ("county", 12))
LEVEL_ZH: Final = {"national": "国保", "provincial": "省保", "city": "市保", "county": "县保"}
#: Halls of the group: how many patches the scene gives it, of 66 sites.
HALLS: Final = 9
TREES: Final = 30


def _massif(ground: Ground) -> tuple[float, float]:
    """Return the centre of the massif [m]."""
    county = ground.counties.loc[ground.counties["name"] == MASSIF_COUNTY, "geometry"].union_all()
    free = county.buffer(-3000.0).difference(ground.kept.buffer(2500.0))
    score = np.where(ground.lattice.burn([free]) > 0, ground.height, 0.0)
    x, y = ground.places(score, 1, 0.0)[0]
    return float(x), float(y)


def scenic_area(ground: Ground) -> gpd.GeoDataFrame:
    """Return scenic areas ``name``, ``zone`` (core, other)."""
    x, y = _massif(ground)
    rng = ground.rng(1)
    whole = blob(x, y, SCENIC_RADIUS, rng).difference(ground.kept)
    core = blob(x, y, CORE_RADIUS, rng).intersection(whole)
    core = ground.clipped(core)
    other = tidy(ground.clipped(whole).difference(core))
    rows = [
        {"name": SCENIC, "zone": zone, "geometry": shape}
        for zone, shape in (("core", core), ("other", other))
    ]
    return ground.frame("scenic_area", rows)


def relic(ground: Ground) -> gpd.GeoDataFrame:
    """Return relics ``name``, ``zone`` (protection, control), ``level``."""
    rng = ground.rng(2)
    x, y = _massif(ground)
    angle, away = rng.uniform(0.0, 2.0 * np.pi, HALLS), rng.uniform(0.0, 3200.0, HALLS)
    halls = [
        blob(x + r * np.cos(a), y + r * np.sin(a), rng.uniform(140.0, 380.0), rng)
        for a, r in zip(angle, away, strict=True)
    ]
    rows = _zones(ground, WORLD_RELIC, "world", shapely.union_all(halls), 350.0)
    for level, count in RELICS:
        sites = _near_towns(ground, rng, count)
        for k, (px, py) in enumerate(sites, start=1):
            shape = blob(px, py, rng.uniform(45.0, 160.0), rng)
            rows += _zones(ground, f"演示{LEVEL_ZH[level]}单位{k:02d}", level, shape, 120.0)
    return ground.frame("relic", rows)


def _zones(
    ground: Ground, name: str, level: str, shape: BaseGeometry, width: float
) -> list[dict[str, Any]]:
    """Return the protection zone and the control zone of ``width`` [m] round it."""
    inner = ground.clipped(shape)
    outer = ground.clipped(shape.buffer(width, quad_segs=3).simplify(5.0))
    ring = tidy(outer.difference(inner))
    return [
        {"name": name, "zone": zone, "level": level, "geometry": part}
        for zone, part in (("protection", inner), ("control", ring))
    ]


def _near_towns(ground: Ground, rng: np.random.Generator, count: int) -> npt.NDArray[np.float64]:
    """Return points [n, 2] some hundred metres from settlements drawn at random."""
    centres = shapely.get_coordinates(shapely.centroid(ground.vectors["settlement"].geometry))
    drawn = centres[rng.choice(len(centres), count, replace=False)]
    angle, away = rng.uniform(0.0, 2.0 * np.pi, count), rng.uniform(150.0, 900.0, count)
    return np.asarray(drawn + np.column_stack((away * np.cos(angle), away * np.sin(angle))))


def old_tree(ground: Ground) -> gpd.GeoDataFrame:
    """Return the ranges ``name`` of old trees near villages."""
    rng = ground.rng(3)
    rows = [
        {
            "name": f"演示古树{k:02d}",
            "geometry": ground.clipped(
                shapely.Point(x, y).buffer(rng.uniform(18.0, 40.0), quad_segs=4)
            ),
        }
        for k, (x, y) in enumerate(_near_towns(ground, rng, TREES), start=1)
    ]
    return ground.frame("old_tree", rows)
