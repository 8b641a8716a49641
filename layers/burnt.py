"""Raster layers whose source is polygons: land survey and sub-compartments, by cell centre."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geo import crs as geo_crs
from geo import vector
from geo.errors import Say, TableError
from geo.grid import Grid
from layers.bureau.landcodes import land_classes
from layers.bureau.subcompartments import shrub_cover
from layers.extent import extent_near
from layers.request import RasterRead, Request
from layers.vectors import features_of


@dataclass(frozen=True, slots=True)
class Values:
    """One value of a raster layer a polygon.

    Parameters
    ----------
    frame
        Polygons in the CRS of the file.
    values
        (rows,) in the contract's unit; its nodata where unknown.
    """

    frame: gpd.GeoDataFrame
    values: npt.NDArray[np.uint8]
    notes: tuple[str, ...]


def polygon_values(request: Request) -> Values:
    """Return the value of every polygon of an entry that becomes a raster.

    Raises
    ------
    VectorError, CrsError, TableError
        See :mod:`geo.vector`, :mod:`layers.bureau`.
    """
    subject = str(request.single())
    adapter = request.entry.adapter
    frame, notes = features_of(request)
    if request.entry.driver.name == "subcompartments":
        covers, told = shrub_cover(frame, adapter, subject)
        return Values(frame, covers, (*notes, *told))
    code = _column(frame, adapter.rename, "DLBM", subject)
    name = _column(frame, adapter.rename, "DLMC", "")
    found = land_classes(frame, str(code), name, subject)
    return Values(frame, found.classes, (*notes, *found.notes()))


def _column(
    frame: gpd.GeoDataFrame, rename: dict[str, str], wanted: str, subject: str
) -> str | None:
    """Return the file's name of a column; raise when it is absent and ``subject`` given."""
    for old, new in rename.items():
        if new == wanted and old in frame.columns:
            return old
    for column in map(str, frame.columns):
        if column.upper() == wanted:
            return column
    if not subject:
        return None
    present = ", ".join(str(c) for c in list(frame.columns)[:20])
    raise TableError(
        subject,
        Say(f"缺少字段 {wanted}（现有：{present}）", f"lacks {wanted} (it has: {present})"),
        Say(f"在 adapter.rename 中写 原字段: {wanted}", f"write OLD: {wanted} in adapter.rename"),
    )


def read_burnt(request: Request, grid: Grid) -> RasterRead:
    """Burn the polygons of an entry into the cells whose centre they hold.

    Raises
    ------
    VectorError, CrsError, TableError
        As :func:`polygon_values`.
    """
    spec = request.need_spec()
    made = polygon_values(request)
    source = geo_crs.check_crs(made.frame.crs, str(request.single()))
    west, south, east, north = (float(v) for v in made.frame.total_bounds)
    extent = extent_near((west, south, east, north), source, grid)
    missing = int(spec.nodata or 0)
    moved = geo_crs.to_crs(made.frame, grid.crs)
    data = vector.burn_values(moved, made.values, grid, missing)
    return RasterRead(data, grid, 0.0, extent, made.notes)
