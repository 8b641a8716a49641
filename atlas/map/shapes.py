"""Geometry as the page carries it: lon/lat in 1e-5 degree integers, each ring as steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

SCALE: Final = 100_000  # 1e-5 degree is 1.1 m
METRES_PER_DEGREE: Final = 111_320.0
MAX_VERTICES: Final = 60_000
LONLAT: Final = "EPSG:4326"


def to_lonlat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return ``frame`` in lon/lat; CGCS2000 and WGS84 agree within a display pixel."""
    return frame if frame.empty else frame.to_crs(LONLAT)


def simplified(geometries: Sequence[BaseGeometry | None], metres: float) -> list[BaseGeometry]:
    """Return lon/lat geometries simplified to ``metres``, coarser while above the vertex cap."""
    tolerance = metres / METRES_PER_DEGREE
    array = np.array([g if g is not None else shapely.Point() for g in geometries], dtype=object)
    out = shapely.simplify(array, tolerance)
    while shapely.get_num_coordinates(out).sum() > MAX_VERTICES and tolerance < 0.02:
        tolerance *= 1.6
        out = shapely.simplify(array, tolerance)
    return list(out)


def encode(geometry: BaseGeometry) -> list[Any] | None:
    """Return ``["P"|"L"|"A", …]`` (point, lines, areas), or None when empty.

    A point is ``["P", lon, lat]``; lines are a list of rings; areas are a list of
    polygons, each a list of rings. A ring is ``[lon0, lat0, dlon, dlat, …]``.
    """
    if geometry.is_empty:
        return None
    if geometry.geom_type in {"Point", "MultiPoint"}:
        point = geometry.centroid
        return ["P", round(point.x * SCALE), round(point.y * SCALE)]
    if geometry.geom_type in {"LineString", "LinearRing"}:
        return ["L", [ring(geometry)]]
    if geometry.geom_type == "Polygon":
        return ["A", [_polygon(geometry)]]
    pieces = list(_flatten(geometry))
    if all(piece.geom_type == "Polygon" for piece in pieces):
        return ["A", [_polygon(piece) for piece in pieces]]
    lines = [piece for piece in pieces if piece.geom_type == "LineString"]
    return ["L", [ring(line) for line in lines]] if lines else None


def ring(line: BaseGeometry) -> list[int]:
    """Return the vertices of a line as a start and steps, doubled vertices dropped."""
    steps = np.rint(shapely.get_coordinates(line) * SCALE).astype(np.int64)
    keep = np.ones(len(steps), dtype=bool)
    keep[1:] = (np.diff(steps, axis=0) != 0).any(axis=1)
    steps = steps[keep]
    steps[1:] = np.diff(steps, axis=0)
    flat: list[int] = steps.ravel().tolist()
    return flat


def label_point(geometry: BaseGeometry) -> tuple[float, float]:
    """Return lon, lat where a name stands well: the centroid if inside, else a point inside."""
    point = geometry.centroid
    if not geometry.contains(point):
        point = geometry.representative_point()
    return round(point.x, 5), round(point.y, 5)


def _polygon(polygon: BaseGeometry) -> list[list[int]]:
    return [ring(polygon.exterior), *(ring(hole) for hole in polygon.interiors)]


def _flatten(geometry: BaseGeometry) -> Iterable[BaseGeometry]:
    for piece in geometry.geoms:
        if hasattr(piece, "geoms"):
            yield from _flatten(piece)
        elif not piece.is_empty:
            yield piece
