"""The fixed lattice on which the demo scene is made, whatever grid asks for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio.features import rasterize
from shapely.geometry.base import BaseGeometry

#: Distance of two nodes [m]; the relief is grown on cells of 8, 4, 2 and 1 nodes.
CELL: Final = 200.0
COARSEST: Final = 8
#: The lattice reaches this far beyond the region's box [m].
MARGIN: Final = 16_000.0


@dataclass(frozen=True, slots=True)
class Lattice:
    """Nodes at ``west + col * cell``, ``north - row * cell``.

    Parameters
    ----------
    west, north
        Coordinates of the first node. [CRS unit]
    cell
        Distance of two nodes. [m]
    shape
        (rows, cols) of nodes.
    """

    west: float
    north: float
    cell: float
    shape: tuple[int, int]

    @classmethod
    def around(cls, bounds: tuple[float, float, float, float]) -> Lattice:
        """Return the lattice of a region's box, snapped to the coarsest cell [m]."""
        step = CELL * COARSEST
        west = math.floor((bounds[0] - MARGIN) / step) * step
        south = math.floor((bounds[1] - MARGIN) / step) * step
        east = math.ceil((bounds[2] + MARGIN) / step) * step
        north = math.ceil((bounds[3] + MARGIN) / step) * step
        shape = (round((north - south) / CELL), round((east - west) / CELL))
        return cls(west, north, CELL, shape)

    def coarse(self, factor: int) -> Lattice:
        """Return the lattice of every ``factor``-th node."""
        rows, cols = self.shape
        return Lattice(self.west, self.north, self.cell * factor, (rows // factor, cols // factor))

    @property
    def xs(self) -> npt.NDArray[np.float64]:
        """Easting of each column [m]."""
        return np.asarray(self.west + self.cell * np.arange(self.shape[1], dtype=np.float64))

    @property
    def ys(self) -> npt.NDArray[np.float64]:
        """Northing of each row [m]."""
        return np.asarray(self.north - self.cell * np.arange(self.shape[0], dtype=np.float64))

    def node(self, x: float, y: float) -> tuple[int, int]:
        """Return (row, col) of the node nearest to (x, y) [m], clipped to the lattice."""
        row = round((self.north - y) / self.cell)
        col = round((x - self.west) / self.cell)
        return min(max(row, 0), self.shape[0] - 1), min(max(col, 0), self.shape[1] - 1)

    def xy(self, nodes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the coordinates [n, 2] of flat node numbers [m]."""
        rows, cols = np.divmod(nodes, self.shape[1])
        return np.column_stack((self.west + cols * self.cell, self.north - rows * self.cell))

    def burn(self, geometries: list[BaseGeometry], value: int = 1) -> npt.NDArray[np.uint8]:
        """Return ``value`` at the nodes inside ``geometries``, 0 elsewhere."""
        shapes = [(g, value) for g in geometries if not shapely.is_empty(g)]
        if not shapes:
            return np.zeros(self.shape, np.uint8)
        half = 0.5 * self.cell
        transform = Affine(self.cell, 0, self.west - half, 0, -self.cell, self.north + half)
        burned: npt.NDArray[np.uint8] = rasterize(
            shapes, out_shape=self.shape, transform=transform, fill=0, dtype="uint8"
        )
        return burned
