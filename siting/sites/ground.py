"""What every technology shares of a run: grid, terrain, counties, patterns, distances."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geo.distance import distance_m
from geo.grid import Grid
from geo.passport import Passport, merge
from geo.vector import burn
from layers.layer import LayerStack
from siting.law.bits import Terrain
from siting.law.patterns import PatternTable

#: A motorway gives no access from the field beside it.
NO_ACCESS = "motorway"


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Land of the run.

    Parameters
    ----------
    stack
        Layers on ``grid``.
    terrain
        Slope and aspect; None without elevation.
    zones
        County number of each cell (row + 1), 0 outside the region.
    counties
        County names in the order of the zones.
    cell_area
        Ellipsoidal area of each cell, may be a broadcast view. [m²]
    table
        Distinct patterns of the screening with their areas.
    """

    grid: Grid
    stack: LayerStack
    terrain: Terrain | None
    zones: npt.NDArray[np.uint8]
    counties: tuple[str, ...]
    cell_area: npt.NDArray[np.float64]
    table: PatternTable

    def values(self, name: str) -> npt.NDArray[np.float32] | None:
        """Return the cells of a raster layer, or None when it is absent."""
        layer = self.stack.get(name)
        if layer is None:
            return None
        return np.asarray(layer.raster().values, np.float32)

    def passport(self, *names: str) -> Passport:
        """Return the screening's provenance merged with that of the layers ``names``."""
        found = (self.stack.get(name) for name in names)
        return merge(self.table.passport, *(one.passport for one in found if one is not None))

    def eligible(self, patterns: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Return the cells whose pattern is in ``patterns`` (bool [n])."""
        lookup = np.zeros(1 << 16, np.bool_)
        lookup[: patterns.size] = patterns
        cells: npt.NDArray[np.bool_] = lookup[self.table.index]
        return cells

    def distance_to(self, name: str, reach_m: float) -> npt.NDArray[np.float32] | None:
        """Return the straight distance to the features of a layer [m], None without any.

        Exact up to ``reach_m``, features beyond the grid included as far as the layer was
        read; farther than that it is an upper bound. Motorways are left out of the roads.

        Parameters
        ----------
        name
            A vector layer.
        reach_m
            Distance beyond which nothing changes for the caller. [m]
        """
        layer = self.stack.get(name)
        if layer is None:
            return None
        frame: gpd.GeoDataFrame = layer.vector()
        if name == "road":
            frame = frame[frame["class"] != NO_ACCESS]
        if frame.empty:
            return None
        grid = self._with_surroundings(frame, reach_m)
        mask = burn(list(frame.geometry), grid, all_touched=True).astype(np.bool_)
        if not mask.any():
            return None
        top, left = (grid.rows - self.grid.rows) // 2, (grid.cols - self.grid.cols) // 2
        away = distance_m(mask, grid)[top : top + self.grid.rows, left : left + self.grid.cols]
        return np.ascontiguousarray(away, np.float32)

    def _with_surroundings(self, frame: gpd.GeoDataFrame, reach_m: float) -> Grid:
        """Return the grid padded on every side as far as features lie within reach [m]."""
        west, south, east, north = self.grid.bounds
        x0, y0, x1, y1 = frame.total_bounds
        beyond = max(west - x0, south - y0, x1 - east, y1 - north, 0.0)
        return self.grid.pad(min(beyond, reach_m))
