"""Outlines of the layer of reservoirs: parts of one lake joined, one row a lake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import polygon_areas
from geo.errors import InputError, Say
from geo.grid import Grid

#: Parts of one name that lie so close are one lake. [m]
JOINED_M = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """One lake of the layer.

    Parameters
    ----------
    row
        Columns of its features; where parts differ, the one that is not empty.
    area_m2
        On the ellipsoid. [m²]
    """

    name: str
    geometry: BaseGeometry
    area_m2: float
    row: Mapping[str, Any]
    notes: tuple[Say, ...]


def outlines(frame: gpd.GeoDataFrame, grid: Grid) -> list[Outline]:
    """Return the lakes that touch the grid, in the order of the layer.

    Parameters
    ----------
    frame
        ``name`` and optional columns, in the grid's CRS.

    Raises
    ------
    InputError
        Touching parts of one lake carry different values.
    """
    box = shapely.box(*grid.bounds)
    every = np.asarray(frame.geometry.values)
    # a ring without area intersects nothing, but is to be refused by its name
    flat = (shapely.area(every) == 0) & shapely.intersects(shapely.envelope(every), box)
    here = frame[shapely.intersects(every, box) | flat]
    found = []
    for group in _groups(here):
        rows = [here.iloc[k] for k in group]
        shapes = [row[here.geometry.name] for row in rows]
        shape = shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)
        series = gpd.GeoSeries([shape], crs=here.crs)
        area = float(polygon_areas(series)[0]) if shape.area > 0 else 0.0
        name = str(rows[0]["name"]).strip()
        notes = _beyond(shape, box)
        found.append(Outline(name, shape, area, _merged(name, rows, here), notes))
    return found


def _groups(frame: gpd.GeoDataFrame) -> list[list[int]]:
    """Return the row numbers of each lake: parts of one name that touch."""
    groups: list[list[int]] = []
    shapes = np.asarray(frame.geometry.values)
    for k, name in enumerate(frame["name"].astype(str)):
        own = [
            group
            for group in groups
            if name.strip()
            and str(frame["name"].iloc[group[0]]) == name
            and bool(shapely.dwithin(shapes[group], shapes[k], JOINED_M).any())
        ]
        joined = sorted([k, *(member for group in own for member in group)])
        groups = [group for group in groups if group not in own]
        groups.append(joined)
    return sorted(groups)


def _merged(name: str, rows: list[Any], frame: gpd.GeoDataFrame) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for column in frame.columns.drop(frame.geometry.name):
        values = {row[column] for row in rows if row[column] == row[column] and row[column] != ""}
        if len(values) > 1:
            listed = ", ".join(sorted(map(str, values)))
            raise InputError(
                f"reservoir {name}",
                Say(f"同一水库的几块面 {column} 不同：{listed}",
                    f"parts of one lake differ in {column}: {listed}"),
                Say("改成一致，或分别命名", "make them agree, or give them names of their own"),
            )  # fmt: skip
        merged[str(column)] = next(iter(values), None)
    return merged


def _beyond(shape: BaseGeometry, box: BaseGeometry) -> tuple[Say, ...]:
    if box.covers(shape):
        return ()
    return (Say("湖面伸出本次栅格范围", "its surface reaches beyond the grid of this run"),)


def shore_points(outline: BaseGeometry, step_m: float) -> npt.NDArray[np.float64]:
    """Return points along the rings of an outline at most ``step_m`` apart, (k, 2). [m].

    Parameters
    ----------
    outline
        Polygon or multipolygon in a metric CRS.
    step_m
        Largest distance between neighbours. [m]
    """
    found: list[npt.NDArray[np.float64]] = []
    for part in shapely.get_parts(outline):
        for ring in shapely.get_rings(part):
            count = max(int(np.ceil(ring.length / step_m)), 1)
            along = np.arange(count) * (ring.length / count)
            found.append(shapely.get_coordinates(shapely.line_interpolate_point(ring, along)))
    return np.concatenate(found) if found else np.zeros((0, 2))
