"""The part of a source's box that matters for a grid, in the grid's CRS."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from geo import crs as geo_crs
from geo.grid import Grid

#: Cells round the grid up to which the extent of a source is followed.
_RIM_CELLS: Final = 8


def extent_near(bounds: tuple[float, float, float, float], crs: str, grid: Grid) -> BaseGeometry:
    """Return what a source's box covers of the grid and a rim round it, in the grid's CRS.

    Cut to the rim before it is transformed: the corners of a global file have no image
    in the projection of a city.

    Parameters
    ----------
    bounds
        West, south, east, north of the source. [unit of ``crs``]
    """
    rim = shapely.box(*grid.pad(_RIM_CELLS * max(grid.dx, grid.dy)).bounds)
    if geo_crs.same_crs(crs, grid.crs):
        return shapely.intersection(shapely.box(*bounds), rim)
    window = moved(rim, grid.crs, crs)
    part = shapely.intersection(shapely.box(*bounds), shapely.box(*window.bounds))
    if part.is_empty or part.geom_type != "Polygon":
        return shapely.Polygon()
    return shapely.intersection(moved(part, crs, grid.crs), rim)


def moved(shape: BaseGeometry, src: str, dst: str) -> BaseGeometry:
    """Return ``shape`` in another CRS, its edges cut finely enough to bend."""
    west, south, east, north = shape.bounds
    fine = shapely.segmentize(shape, max(east - west, north - south) / 32)
    frame = gpd.GeoDataFrame(geometry=[fine], crs=src)
    return geo_crs.to_crs(frame, dst).geometry.iloc[0]
