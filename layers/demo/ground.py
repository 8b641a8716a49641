"""What the later layers of the demo scene are drawn from, and the few strokes they share.

Each of these layers has a random stream of its own, so that none of them can move a layer
that was there before. All positions and outlines are invented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from layers.contract import SPECS
from layers.demo.lattice import Lattice
from layers.demo.relief import Relief
from layers.demo.shapes import contours, fractal, polygons_of, tidy

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Random streams of these layers begin here; the older ones stay below.
FIRST_STREAM: Final = 200
#: Every how many nodes of the lattice the smooth fields are made.
THIN: Final = 4
_DTYPES: Final = {"str": "str", "int": "int64", "float": "float64", "bool": "bool"}


@dataclass(frozen=True)
class Ground:
    """The finished scene, as the later layers see it.

    Parameters
    ----------
    vectors
        Older layers of the scene by name.
    outline, box
        The region, and the box that vectors may reach.
    counties
        ``code``, ``name``, geometry.
    """

    relief: Relief
    vectors: Mapping[str, gpd.GeoDataFrame]
    outline: BaseGeometry
    box: BaseGeometry
    counties: gpd.GeoDataFrame
    crs: str
    seed: int

    def rng(self, stream: int) -> np.random.Generator:
        """Return the random stream of one layer."""
        return np.random.default_rng([self.seed, FIRST_STREAM + stream])

    def noise(self, stream: int, sigmas: Sequence[float]) -> Floats:
        """Return smooth unit noise on the thinned lattice; ``sigmas`` in its nodes."""
        return fractal(self.seed, FIRST_STREAM + stream, self.lattice.shape, sigmas)

    @cached_property
    def lattice(self) -> Lattice:
        """The thinned lattice of the smooth fields."""
        return self.relief.lattice.coarse(THIN)

    @cached_property
    def height(self) -> Floats:
        """Elevation [m] on the thinned lattice, smoothed."""
        return np.asarray(ndimage.gaussian_filter(self._thin(self.relief.z), 1.2))

    @cached_property
    def steep(self) -> Floats:
        """Slope [m/m] of the full lattice on the thinned one, smoothed."""
        z = self.relief.z.reshape(self.relief.lattice.shape)
        slope = np.hypot(*np.gradient(z, self.relief.lattice.cell))
        return np.asarray(ndimage.gaussian_filter(self._thin(slope), 1.0))

    @cached_property
    def inside(self) -> Mask:
        """Nodes inside the region."""
        return self.lattice.burn([self.outline]) > 0

    @cached_property
    def worked(self) -> Mask:
        """Nodes on farmland, built-up ground or water."""
        names = ("permanent_farmland", "settlement", "reservoir")
        return self.lattice.burn([g for name in names for g in self.vectors[name].geometry]) > 0

    @cached_property
    def kept(self) -> BaseGeometry:
        """The protected areas, which must not overlap (生态环境法典 第859条)."""
        names = ("nature_reserve", "nature_park")
        return shapely.union_all([g for name in names for g in self.vectors[name].geometry])

    def lake(self, name: str) -> BaseGeometry:
        """Return the surface of a reservoir of the scene."""
        lakes = self.vectors["reservoir"]
        shape: BaseGeometry = lakes.loc[lakes["name"] == name, "geometry"].iloc[0]
        return shape

    def _thin(self, field: npt.NDArray[np.generic]) -> Floats:
        full = field.reshape(self.relief.lattice.shape)
        rows, cols = self.lattice.shape
        return np.asarray(full[::THIN, ::THIN][:rows, :cols], dtype=np.float64)

    def patches(
        self, field: Floats, share: float, *, smallest: float, tolerance: float = 150.0
    ) -> BaseGeometry:
        """Return the ``share`` of the region where ``field`` is highest, as one shape.

        Parameters
        ----------
        field
            On the thinned lattice.
        share
            Part of the region, 0 ... 1; met before small patches are dropped.
        smallest
            Patches and holes below this are dropped. [m2]
        tolerance
            Of the simplification. [m]
        """
        cut = float(np.quantile(field[self.inside], 1.0 - share))
        parts = contours(field, self.lattice, cut, smallest=smallest, tolerance=tolerance)
        return self.clipped(shapely.union_all(parts))

    def clipped(self, shape: BaseGeometry) -> BaseGeometry:
        """Return the part of a shape inside the region, tidy."""
        return tidy(shapely.intersection(shape, self.outline))

    def places(self, score: Floats, count: int, gap: float) -> Floats:
        """Return the coordinates [n, 2] of the best nodes, ``gap`` metres apart.

        Parameters
        ----------
        score
            On the thinned lattice; nodes outside the region or at 0 and below are not taken.
        """
        free = np.where(self.inside, score, 0.0)
        reach = int(gap // self.lattice.cell)
        found: list[int] = []
        cols = self.lattice.shape[1]
        while len(found) < count:
            node = int(np.argmax(free))
            row, col = divmod(node, cols)
            if free[row, col] <= 0.0:
                break
            found.append(node)
            free[max(row - reach, 0) : row + reach + 1, max(col - reach, 0) : col + reach + 1] = 0
        return self.lattice.xy(np.array(found, np.int64))

    def frame(self, layer: str, rows: Sequence[Mapping[str, Any]]) -> gpd.GeoDataFrame:
        """Return the rows with the columns and types of the layer; empty shapes are dropped."""
        columns = SPECS[layer].columns
        full = [row for row in rows if not row["geometry"].is_empty]
        data = {name: [row[name] for row in full] for name in columns}
        shapes = [row["geometry"] for row in full]
        made = gpd.GeoDataFrame(data, geometry=shapes, crs=self.crs)
        return made.astype({name: _DTYPES[kind] for name, kind in columns.items()})


def unit(field: Floats) -> Floats:
    """Return a field with mean 0 and deviation 1."""
    return np.asarray((field - field.mean()) / field.std())


def blob(x: float, y: float, radius: float, rng: np.random.Generator) -> shapely.Polygon:
    """Return an uneven outline round (x, y) with about the radius given [m]."""
    count = 24
    angle = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    rim = np.ones(count)
    for wave in range(2, 6):
        turn = rng.uniform(0.0, 2.0 * np.pi)
        rim += 0.30 / wave * rng.uniform(-1.0, 1.0) * np.cos(wave * angle + turn)
    rim *= radius
    return shapely.Polygon(np.column_stack((x + rim * np.cos(angle), y + rim * np.sin(angle))))


def numbered(shape: BaseGeometry, label: str, smallest: float = 0.0) -> list[dict[str, Any]]:
    """Return one row a polygon of ``shape`` that has at least ``smallest`` [m2]."""
    parts = [p for p in polygons_of(shape) if p.area >= smallest]
    return [{"name": f"{label}{k:03d}", "geometry": p} for k, p in enumerate(parts, start=1)]
