"""Routes as lines: from the cells of a path to a geometry and its true length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod

from geo import crs as geo_crs
from geo.grid import Grid

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Place = tuple[float, float]

_WGS84: Final = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A path found for a site.

    Parameters
    ----------
    line
        From the site to its end, simplified by less than half a cell. Grid CRS.
    km
        Length on the ellipsoid, in plan (the fall of the ground is left out). [km]
    source
        Number of the source where it ends.
    cells
        Cells of the route grid that it was found through.
    """

    line: shapely.LineString
    km: float
    source: int
    cells: Int64


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Cells from a site to a source, and the true places at both ends.

    Parameters
    ----------
    cells
        Cells of the route grid, at least one.
    source
        Number of the source where it ends.
    start, end
        Places of the site and of the source; no ``end`` = the middle of its cell. [m]
    """

    cells: Int64
    source: int
    start: Place
    end: Place | None


def routes(paths: Sequence[Path], grid: Grid) -> list[Route]:
    """Return the route of each path: simplified by half a cell, measured on the ellipsoid.

    Parameters
    ----------
    grid
        The route grid. [m]
    """
    if not paths:
        return []
    points = [_points(path, grid) for path in paths]
    owner = np.repeat(np.arange(len(points)), [len(one) for one in points])
    lines = shapely.linestrings(np.vstack(points), indices=owner)
    # one line crosses nothing that it could be torn from: plain Douglas-Peucker
    lines = shapely.simplify(lines, min(grid.dx, grid.dy) / 2, preserve_topology=False)
    return [
        Route(line, km, path.source, path.cells)
        for line, km, path in zip(lines, lengths_km(lines, grid.crs), paths, strict=True)
    ]


def lengths_km(lines: npt.NDArray[np.object_], crs: str) -> list[float]:
    """Return the length of each line on the ellipsoid. [km]."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    lon, lat = geo_crs.lonlat(crs, xy[:, 0], xy[:, 1])
    metres = np.asarray(_WGS84.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2], np.float64)
    within = owner[:-1] == owner[1:]
    total = np.bincount(owner[:-1][within], metres[within], minlength=len(lines))
    return [float(one) for one in total / 1000.0]


def _points(path: Path, grid: Grid) -> Float64:
    rows, cols = np.divmod(path.cells, grid.cols)
    t = grid.transform
    middle = np.column_stack([t.c + (cols + 0.5) * t.a, t.f + (rows + 0.5) * t.e])
    middle[0] = path.start
    if path.end is not None:
        last = np.array([path.end])
        return np.vstack([middle[: max(len(middle) - 1, 1)], last])
    if len(middle) == 1:  # the site stands in the cell of its road
        return np.vstack([middle, middle])
    return middle
