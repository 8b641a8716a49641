"""Nature reserves, parks and wetlands: published size and place, invented outline."""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from geo import crs as geo_crs
from layers.demo import places
from layers.demo.relief import Relief
from layers.demo.shapes import fit_area, tidy

HECTARE: Final = 1.0e4
Floats = npt.NDArray[np.float64]


#: Share of a reserve that is core where no zoning is published (invented).
CORE_SHARE: Final = 0.34
#: Parks and wetlands with a published area lie on these reservoirs.
LAKE_OF: Final = {"竹山圣水湖": "潘口水库", "黄龙滩": "黄龙滩水库", "丹江口水库": "丹江口水库"}
LEVELS: Final = ("国家级", "省级")


class Reserve(NamedTuple):
    """A published protected area: area [ha], box (lon, lat; NaN = unpublished)."""

    name: str
    county: str
    level: str
    hectares: float
    core: float
    wetland: float
    box: tuple[float, float, float, float]


def published(table: pd.DataFrame, kinds: set[str]) -> list[Reserve]:
    """Return the rows of the facts table that have an area and are of ``kinds``."""
    rows = []
    for row in table.to_dict("records"):
        if row["kind"] in kinds and np.isfinite(float(row["area_ha"])):
            level = next((v for v in LEVELS if str(row["level"]).startswith(v)), "级别未公布")
            west, south, east, north = (float(row[k]) for k in ("west", "south", "east", "north"))
            rows.append(
                Reserve(
                    str(row["name"]), str(row["county"]), level, float(row["area_ha"]),
                    float(row["core_ha"]), float(row["wetland_ha"]), (west, south, east, north),
                )
            )  # fmt: skip
    return rows


def reserves(
    relief: Relief, table: pd.DataFrame, counties: gpd.GeoDataFrame, crs: str, seed: int
) -> gpd.GeoDataFrame:
    """Return reserves ``name``, ``zone``, ``level``: one core and one general row each."""
    rows: list[dict[str, object]] = []
    taken: list[BaseGeometry] = []
    for k, reserve in enumerate(published(table, {"自然保护区"})):
        if reserve.county not in set(counties["name"]):
            continue
        county = counties.loc[counties["name"] == reserve.county, "geometry"].union_all()
        ground = county.difference(shapely.union_all(taken)) if taken else county
        blob = _Blob(*_centre(relief, reserve, ground, crs), _rim(seed, k))
        whole = _fitted(blob, ground, reserve.hectares, crs, reserve.name)
        known = np.isfinite(reserve.core)
        core_hectares = reserve.core if known else CORE_SHARE * reserve.hectares
        core = _fitted(blob, whole.buffer(-400.0), core_hectares, crs, reserve.name)
        taken.append(whole)
        rows += [
            {"name": reserve.name, "zone": zone, "level": reserve.level, "geometry": shape}
            for zone, shape in (("core", core), ("general", tidy(whole.difference(core))))
        ]
    return gpd.GeoDataFrame(rows, crs=crs)


class _Blob(NamedTuple):
    """An irregular outline round a centre [m], ``stretch`` times as high as wide."""

    x: float
    y: float
    stretch: float
    rim: Floats

    def at(self, scale: float) -> shapely.Polygon:
        """Return the outline with a mean radius of ``scale`` [m]."""
        angle = np.linspace(0.0, 2.0 * np.pi, self.rim.size, endpoint=False)
        px = self.x + scale * self.rim * np.cos(angle) / self.stretch**0.5
        py = self.y + scale * self.rim * np.sin(angle) * self.stretch**0.5
        return shapely.Polygon(np.column_stack((px, py)))


def _fitted(
    blob: _Blob, ground: BaseGeometry, hectares: float, crs: str, name: str
) -> BaseGeometry:
    """Return the blob on ``ground`` with the published area."""
    target = hectares * HECTARE

    def make(scale: float) -> list[BaseGeometry]:
        return [tidy(shapely.intersection(blob.at(scale), ground))]

    return fit_area(make, crs, target, (300.0, 80_000.0), 2e-4 * target, name)[0]


def _rim(seed: int, key: int) -> Floats:
    """Return relative radii of an outline of 96 vertices."""
    rng = np.random.default_rng([seed, 40, key])
    angle = np.linspace(0.0, 2.0 * np.pi, 96, endpoint=False)
    rim = np.ones(96)
    for wave in range(2, 13):
        rim += 0.24 / wave * rng.normal() * np.cos(wave * angle + rng.uniform(0.0, 2.0 * np.pi))
    return np.asarray(np.maximum(rim, 0.35))


def _centre(
    relief: Relief, reserve: Reserve, ground: BaseGeometry, crs: str
) -> tuple[float, float, float]:
    """Return centre [m] and stretch: of the published box, else the highest massif."""
    west, south, east, north = reserve.box
    if np.isfinite(west + south + north):
        x, y = geo_crs.from_lonlat(crs, [west, east if np.isfinite(east) else west], [south, north])
        if np.isfinite(east):
            return float(x.mean()), float(y.mean()), float((y[1] - y[0]) / (x[1] - x[0]))
        # the eastern edge is misprinted in the source: a round outline touches the western one
        reach = (reserve.hectares * HECTARE / np.pi) ** 0.5
        return float(x.mean() + reach), float(y.mean()), 1.0
    lattice = relief.lattice
    mass = ndimage.gaussian_filter(relief.z.reshape(lattice.shape), 18)
    inside = lattice.burn([ground.buffer(-2500.0)]) > 0
    node = int(np.argmax(np.where(inside, mass, -1.0)))
    x0, y0 = lattice.xy(np.array([node], np.int64))[0]
    return float(x0), float(y0), 1.0


def parks(
    table: pd.DataFrame, lakes: gpd.GeoDataFrame, crs: str, region: BaseGeometry
) -> gpd.GeoDataFrame:
    """Return nature parks ``name``, ``level`` on the reservoirs."""
    rows = []
    for park in published(table, {"湿地公园", "风景名胜区"}):
        if park.name in LAKE_OF:
            shape = _on_lake(LAKE_OF[park.name], park.hectares, lakes, crs, region)
            rows.append({"name": park.name, "level": park.level, "geometry": shape})
    return gpd.GeoDataFrame(rows, crs=crs)


def wetlands(
    table: pd.DataFrame, lakes: gpd.GeoDataFrame, crs: str, region: BaseGeometry
) -> gpd.GeoDataFrame:
    """Return the wetlands that the table calls 国家重要湿地: ``name``, ``level`` national."""
    rows = []
    listed = table[table["level"].astype(str).str.contains("国家重要湿地")]
    for park in published(listed, {"湿地公园"}):
        if park.name in LAKE_OF and np.isfinite(park.wetland):
            shape = _on_lake(LAKE_OF[park.name], park.wetland, lakes, crs, region)
            rows.append({"name": park.name, "level": "national", "geometry": shape})
    return gpd.GeoDataFrame(rows, crs=crs)


def _on_lake(
    name: str, hectares: float, lakes: gpd.GeoDataFrame, crs: str, region: BaseGeometry
) -> BaseGeometry:
    """Return the lake and a strip of its shore within the distance that gives the area."""
    lake = lakes.loc[lakes["name"] == name, "geometry"].iloc[0]
    dam = next(d for d in places.DAMS if d.name == name)
    x, y = geo_crs.from_lonlat(crs, dam.lon, dam.lat)
    point = shapely.Point(float(x), float(y))
    target = hectares * HECTARE
    shore = lake
    for width in (150.0, 400.0, 900.0, 2000.0):
        shore = shapely.intersection(lake.simplify(50.0).buffer(width).simplify(40.0), region)
        if shore.area > 1.02 * target:
            break

    def make(radius: float) -> list[BaseGeometry]:
        return [tidy(shapely.intersection(shore, point.buffer(radius)))]

    return fit_area(make, crs, target, (200.0, 120_000.0), 2e-4 * target, name)[0]
