"""From labels to the site frame: shape, point, id, county, area."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import rasterio.features
import shapely

from geo import crs as geo_crs
from geo.grid import Grid
from geo.units import m2_to_mu
from siting.sites.geohash import site_ids


@dataclass(frozen=True, slots=True)
class Places:
    """Where the sites of a technology lie, in the order of their labels.

    Parameters
    ----------
    ids
        Technology and geohash.
    x, y
        Centre of the cell nearest to each centroid. [m]
    lon, lat
        The same. [°]
    zone
        County number (row + 1), by majority of area should a site cross a border.
    area_m2
        Ellipsoidal area of the cells. [m²]
    geometry
        Outline along the cells' edges, so that its area is the area of the cells.
    """

    ids: list[str]
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    zone: npt.NDArray[np.int64]
    area_m2: npt.NDArray[np.float64]
    geometry: gpd.GeoSeries


def places(
    technology: str,
    labels: npt.NDArray[np.int32],
    count: int,
    grid: Grid,
    zones: npt.NDArray[np.uint8],
) -> Places:
    """Return the places of sites 1..count.

    Parameters
    ----------
    technology
        Prefix of the ids.
    labels
        Site number of each cell, 0 = none, 4-connected pieces or joins of them.
    count
        Number of sites.
    grid
        Grid of the labels.
    zones
        County number of each cell, 0 = outside.
    """
    rows, cols = np.nonzero(labels)
    site = labels[rows, cols].astype(np.int64) - 1
    cell = geo_crs.cell_areas(grid)[rows, cols]
    area = np.bincount(site, weights=cell, minlength=count)
    n_zones = int(zones.max(initial=0)) + 1
    votes = np.bincount(
        site * n_zones + zones[rows, cols], weights=cell, minlength=count * n_zones
    ).reshape(count, n_zones)
    row, col = _central_cells(site, rows, cols, count)
    t = grid.transform
    x = np.asarray(t.c + (col + 0.5) * t.a, np.float64)
    y = np.asarray(t.f + (row + 0.5) * t.e, np.float64)
    lon, lat = geo_crs.lonlat(grid.crs, x, y)
    return Places(
        ids=site_ids(technology, grid.crs, x, y),
        x=x,
        y=y,
        lon=np.asarray(lon),
        lat=np.asarray(lat),
        zone=np.argmax(votes, axis=1).astype(np.int64),
        area_m2=area.astype(np.float64),
        geometry=_outlines(labels, count, grid),
    )


def _central_cells(
    site: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    cols: npt.NDArray[np.int64],
    count: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return row and column of the cell nearest to each site's centroid.

    Whole numbers only, so that a shift of the grid's origin changes nothing.
    """
    n = np.bincount(site, minlength=count)
    sum_r = np.zeros(count, np.int64)
    sum_c = np.zeros(count, np.int64)
    np.add.at(sum_r, site, rows)
    np.add.at(sum_c, site, cols)
    away = (rows * n[site] - sum_r[site]) ** 2 + (cols * n[site] - sum_c[site]) ** 2
    nearest = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(nearest, site, away)
    tied = np.flatnonzero(away == nearest[site])
    _, first = np.unique(site[tied], return_index=True)  # raster order: northernmost, westernmost
    chosen = tied[first]
    return rows[chosen], cols[chosen]


def _outlines(labels: npt.NDArray[np.int32], count: int, grid: Grid) -> gpd.GeoSeries:
    """Return one outline a site along the edges of its cells.

    A site whose cells do not all touch by an edge (gaps and gullies at fine resolution)
    is a multipolygon: its parts meet at corners at most, so nothing need be dissolved.
    """
    found: list[list[shapely.Geometry]] = [[] for _ in range(count)]
    pieces = rasterio.features.shapes(
        labels, mask=labels > 0, connectivity=4, transform=grid.transform
    )
    for geometry, value in pieces:
        found[int(value) - 1].append(shapely.geometry.shape(geometry))
    whole = np.empty(count, object)
    for site, parts in enumerate(found):
        whole[site] = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    broken = np.flatnonzero(~shapely.is_valid(whole))
    whole[broken] = [shapely.unary_union(found[site]) for site in broken]
    return gpd.GeoSeries(whole, crs=grid.crs)


def area_columns(area_m2: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.float64]]:
    """Return ``area_mu`` [亩] and ``area_km2`` [km²] of ``area_m2`` [m²]."""
    return {"area_mu": m2_to_mu(area_m2), "area_km2": area_m2 / 1e6}
