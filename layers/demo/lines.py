"""Red line, permanent farmland and public-welfare forest: contours of smooth fields."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from geo.units import wan_mu_to_km2
from layers.demo.lattice import Lattice
from layers.demo.relief import Relief
from layers.demo.shapes import contours, fit_area, fractal, polygons_of, tidy
from layers.demo.totals import control
from layers.facts import Facts

Floats = npt.NDArray[np.float64]

#: Allowed excess over the published area (truth.md 4: at most 0.1 %).
EXCESS: Final = 9.0e-4
#: No area of national public-welfare forest is published for the city: an invented share.
PUBLIC_FOREST_SHARE: Final = 0.24


def _unit(field: Floats) -> Floats:
    """Return a field with mean 0 and deviation 1."""
    return np.asarray((field - field.mean()) / field.std())


def red_line(
    relief: Relief,
    reserves: gpd.GeoDataFrame,
    towns: gpd.GeoDataFrame,
    region: BaseGeometry,
    crs: str,
    seed: int,
    facts: Facts,
) -> gpd.GeoDataFrame:
    """Return the red line ``name``: high, steep, quiet ground and every reserve's core."""
    lattice = relief.lattice.coarse(2)
    rows, cols = lattice.shape
    z = ndimage.gaussian_filter(relief.z.reshape(relief.lattice.shape), 2.5)[::2, ::2][:rows, :cols]
    slope = np.hypot(*np.gradient(relief.z.reshape(relief.lattice.shape), relief.lattice.cell))
    slope = ndimage.gaussian_filter(slope, 3)[::2, ::2][:rows, :cols]
    field = (
        0.9 * _unit(z)
        + 0.7 * _unit(slope)
        + 0.85 * fractal(seed, 70, (rows, cols), (2.2, 5, 14, 40))
    )
    general = lattice.burn(list(reserves.geometry)).astype(float)
    urban = ndimage.gaussian_filter(lattice.burn(list(towns.geometry)).astype(float), 2.0)
    field += 0.9 * ndimage.gaussian_filter(general, 3.0) - 9.0 * urban
    field = ndimage.gaussian_filter(field + 0.55 * fractal(seed, 73, (rows, cols), (1.8,)), 0.6)
    cores = shapely.union_all(reserves.loc[reserves["zone"] == "core", "geometry"].to_numpy())
    built = shapely.union_all(towns.geometry.to_numpy()).buffer(60.0).simplify(30.0)

    def make(parameter: float) -> list[BaseGeometry]:
        shapes = contours(field, lattice, -parameter, smallest=6e5, tolerance=80.0)
        whole = shapely.union_all([*shapes, cores]).difference(built)
        return [tidy(p) for p in polygons_of(tidy(shapely.intersection(whole, region)))]

    target = control(facts, "eco_redline_km2") * 1e6
    around = _bracket(field, lattice.burn([region]) > 0, target / lattice.cell**2, 0.6)
    shapes = fit_area(make, crs, target, around, EXCESS * target, "eco_redline")
    return _numbered([s for s in shapes if not s.is_empty], "演示生态保护红线", crs)


def _bracket(
    field: npt.NDArray[np.floating], inside: npt.NDArray[np.bool_], nodes: float, reach: float
) -> tuple[float, float]:
    """Return parameters (minus level) about the level that ``nodes`` nodes lie above."""
    share = min(max(nodes / int(inside.sum()), 0.0), 1.0)
    level = float(np.quantile(field[inside], 1.0 - share))
    return -level - reach, -level + reach


def farm_field(crop: Floats, barred: npt.NDArray[np.bool_], seed: int) -> npt.NDArray[np.float32]:
    """Return the farmland score: the cropland score, smooth, away from barred ground."""
    soft = ndimage.gaussian_filter(crop, 0.8) + 0.25 * fractal(seed, 71, crop.shape, (1.6, 4))
    return np.asarray(np.where(barred, -3.0, soft), dtype=np.float32)


def permanent_farmland(
    field: npt.NDArray[np.float32], lattice: Lattice, region: BaseGeometry, crs: str, facts: Facts
) -> tuple[gpd.GeoDataFrame, float]:
    """Return permanent farmland ``name`` and the score at its edge."""
    target = wan_mu_to_km2(control(facts, "permanent_farmland_wan_mu")) * 1e6
    shapely.prepare(region)
    cut = [0.0]

    def make(parameter: float) -> list[BaseGeometry]:
        cut[0] = -parameter
        shapes = contours(field, lattice, -parameter, smallest=1.0e5, tolerance=50.0)
        kept: list[BaseGeometry] = []
        for shape in shapes:
            if region.contains_properly(shape):
                kept.append(shape)
            elif region.intersects(shape):
                kept += polygons_of(tidy(shapely.intersection(shape, region)))
        return kept

    around = _bracket(field, lattice.burn([region]) > 0, target / lattice.cell**2, 0.4)
    shapes = fit_area(make, crs, target, around, 4e-3 * target, "permanent_farmland")
    return _numbered(shapes, "演示永久基本农田", crs), cut[0]


def public_forest(
    relief: Relief, barred: npt.NDArray[np.bool_], region: BaseGeometry, crs: str, seed: int
) -> gpd.GeoDataFrame:
    """Return national public-welfare forest ``name``; fitted to no published total."""
    lattice = relief.lattice.coarse(4)
    rows, cols = lattice.shape
    shape = relief.lattice.shape
    z = ndimage.gaussian_filter(relief.z.reshape(shape), 6)[::4, ::4][:rows, :cols]
    field = 0.6 * _unit(z) + fractal(seed, 72, (rows, cols), (2.5, 6, 16))
    field -= 4.0 * ndimage.gaussian_filter(barred.astype(float), 3)[::4, ::4][:rows, :cols]
    field = ndimage.gaussian_filter(field, 0.8)
    inside = lattice.burn([region]) > 0
    cut = float(np.quantile(field[inside], 1.0 - PUBLIC_FOREST_SHARE))
    shapes = contours(field, lattice, cut, smallest=1.5e6, tolerance=130.0)
    whole = tidy(shapely.intersection(shapely.union_all(shapes), region))
    return _numbered(polygons_of(whole), "演示国家级公益林", crs)


def _numbered(shapes: list[BaseGeometry], label: str, crs: str) -> gpd.GeoDataFrame:
    names = [f"{label}{k:04d}" for k in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame({"name": names}, geometry=shapes, crs=crs)
