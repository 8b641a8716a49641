"""Outlines of the layer of reservoirs: parts of one lake joined, one row a lake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

from geo.crs import polygon_areas
from geo.errors import InputError, Say
from geo.grid import Grid

#: Id of the power plant of a lake, by its name and what its column says; empty = none.
Plant = Callable[[str, str], str]
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


def outlines(frame: gpd.GeoDataFrame, grid: Grid, plant: Plant | None = None) -> list[Outline]:
    """Return the lakes that touch the grid, in the order of the layer.

    All parts that belong to one power plant are one lake: its published volume counts once.
    Other parts are one lake where they have one name and touch.

    Parameters
    ----------
    frame
        ``name`` and optional columns, in the grid's CRS.
    plant
        Id of the plant of a lake by its name and its column ``plant``, or empty.

    Raises
    ------
    InputError
        Parts of one lake carry different values.
    """
    box = shapely.box(*grid.bounds)
    every = np.asarray(frame.geometry.values)
    # a ring without area intersects nothing, but is to be refused by its name
    flat = (shapely.area(every) == 0) & shapely.intersects(shapely.envelope(every), box)
    here = frame[shapely.intersects(every, box) | flat]
    found = []
    for group in _groups(here, plant):
        rows = [here.iloc[k] for k in group]
        shapes = [row[here.geometry.name] for row in rows]
        whole = int(np.argmax(shapely.area(shapes)))
        shape = shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)
        series = gpd.GeoSeries([shape], crs=here.crs)
        area = float(polygon_areas(series)[0]) if shape.area > 0 else 0.0
        name = str(rows[whole]["name"]).strip()
        notes = (*_parts(len(rows)), *_beyond(shape, box))
        found.append(Outline(name, shape, area, _merged(name, rows, here), notes))
    return found


def _groups(frame: gpd.GeoDataFrame, plant: Plant | None) -> list[list[int]]:
    """Return the row numbers of each lake, in the order of their first."""
    shapes = np.asarray(frame.geometry.values)
    told = frame["plant"] if "plant" in frame.columns else [""] * len(frame)
    groups: list[list[int]] = []
    by_name: dict[str, list[int]] = {}
    by_plant: dict[str, list[int]] = {}
    for k, (name, own) in enumerate(zip(frame["name"].astype(str), told, strict=True)):
        standing = "" if plant is None else plant(name, str(own))
        if standing:
            by_plant.setdefault(standing, []).append(k)
        elif name.strip():
            by_name.setdefault(name, []).append(k)
        else:
            groups.append([k])
    groups += by_plant.values()
    for rows in by_name.values():
        groups += _touching(rows, shapes)
    return sorted(groups)


def _touching(rows: list[int], shapes: npt.NDArray[np.object_]) -> list[list[int]]:
    """Return rows of one name in groups whose parts touch; a common name is no proof."""
    if len(rows) == 1:
        return [rows]
    part = np.array([shapes[k] for k in rows], dtype=object)
    near = shapely.STRtree(part).query(part, predicate="dwithin", distance=JOINED_M)
    links = coo_array((np.ones(near.shape[1], np.int8), tuple(near)), shape=(len(rows),) * 2)
    count, label = connected_components(links, directed=False)
    return [[rows[i] for i in np.flatnonzero(label == one)] for one in range(count)]


def _merged(name: str, rows: list[Any], frame: gpd.GeoDataFrame) -> dict[str, Any]:
    merged: dict[str, Any] = {"name": name}
    for column in frame.columns.drop([frame.geometry.name, "name"]):
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


def _parts(count: int) -> tuple[Say, ...]:
    if count == 1:
        return ()
    return (Say(f"由图层的 {count} 块面合成", f"made of {count} parts of the layer"),)


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
            x, y = shapely.get_coordinates(ring).T
            chainage = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
            count = max(int(np.ceil(chainage[-1] / step_m)), 1)
            along = np.arange(count) * (chainage[-1] / count)
            found.append(
                np.stack([np.interp(along, chainage, x), np.interp(along, chainage, y)], 1)
            )
    return np.concatenate(found) if found else np.zeros((0, 2))
