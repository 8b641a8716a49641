"""Routes as lines: from the cells of a path to a geometry and its true length."""

from __future__ import annotations

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


def route(
    cells: Int64, source: int, grid: Grid, start: tuple[float, float],
    end: tuple[float, float] | None,
) -> Route:  # fmt: skip
    """Return the route through ``cells``.

    Parameters
    ----------
    cells
        From the site's cell to that of the source.
    start, end
        True places of the site and of the source; None = the centre of its cell. [m]
    """
    rows, cols = np.divmod(cells, grid.cols)
    t = grid.transform
    xy = np.column_stack([t.c + (cols + 0.5) * t.a, t.f + (rows + 0.5) * t.e])
    inner = xy[1:-1] if end is not None else xy[1:]
    last = [end] if end is not None else []
    points = np.array([start, *inner.tolist(), *last])
    if len(points) == 1:  # the site stands in the cell of its road
        points = np.vstack([points, xy[-1]])
    line = shapely.LineString(points).simplify(min(grid.dx, grid.dy) / 2)
    return Route(line, length_km(line, grid.crs), source, cells)


def length_km(line: shapely.LineString, crs: str) -> float:
    """Return the length of a line on the ellipsoid. [km]."""
    x, y = shapely.get_coordinates(line).T
    lon, lat = geo_crs.lonlat(crs, x, y)
    return float(_WGS84.line_length(lon, lat)) / 1000.0
