"""Land cover of the demo scene: fields on the lattice, cuts fitted to published totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from geo import crs as geo_crs
from geo.grid import Grid
from geo.units import wan_mu_to_km2
from layers.demo._kernels import texture
from layers.demo.lattice import Lattice
from layers.demo.relief import Relief
from layers.demo.shapes import fractal
from layers.demo.totals import control, forest_area
from layers.facts import Facts

Floats = npt.NDArray[np.float64]
Field = npt.NDArray[np.float32]

#: Cropland aims this far above the published floor, so that no grid falls below it.
CROPLAND_AIM: Final = 1.004
#: Invented shares of the region: orchard, grass, bamboo, bare.
SHARES: Final = {"orchard": 0.032, "grass": 0.022, "bamboo": 0.004, "bare": 0.003}
#: How far below the cropland cut orchards may lie.
ORCHARD_SPAN: Final = 0.45
#: Spacing of the sample on which the cuts are fitted [m].
SAMPLE: Final = 150.0


@dataclass(frozen=True, slots=True)
class CoverModel:
    """Everything that decides the land cover of a point.

    Parameters
    ----------
    crop, shrub, farm
        Scores on the lattice.
    cuts
        crop, farmland, orchard span, orchard, shrub, grass, bamboo, bare.
    """

    lattice: Lattice
    crop: Field
    shrub: Field
    farm: Field
    cuts: Floats
    seed: int


def crop_field(relief: Relief, barred: npt.NDArray[np.bool_], seed: int) -> Floats:
    """Return the cropland score of the nodes; ``barred`` ground gets none."""
    lattice = relief.lattice
    z = relief.z.reshape(lattice.shape)
    slope = np.degrees(np.arctan(np.hypot(*np.gradient(z, lattice.cell))))
    stream = ndimage.gaussian_filter(np.log10(1.0 + relief.area).reshape(lattice.shape), 2.5)
    score = 1.0 - ndimage.gaussian_filter(slope, 0.8) / 18.0 - np.maximum(z - 600.0, 0.0) / 800.0
    score += 0.45 * np.clip(stream, 0.0, 2.0) + 0.30 * fractal(seed, 60, lattice.shape, (3, 10))
    score = np.maximum(score, -3.0)
    wet = relief.lake.reshape(lattice.shape) > 0
    return np.where(barred | wet, -3.0, score)


def shrub_field(relief: Relief, seed: int) -> Field:
    """Return the shrub score: steep, dry, south-facing slopes at low and middle height."""
    lattice = relief.lattice
    z = relief.z.reshape(lattice.shape)
    down, east = np.gradient(z, lattice.cell)
    tilt = np.hypot(down, east)
    # z falls towards the south where it falls with the row number
    south = ndimage.gaussian_filter(-down / (tilt + 0.08), 1.0)
    score = 0.55 * south + 0.5 * np.clip(tilt / 0.6, 0.0, 1.0) - np.abs(z - 650.0) / 1500.0
    score += 0.45 * fractal(seed, 61, lattice.shape, (6, 30))
    return np.asarray(score, dtype=np.float32)


def fit_cuts(
    lattice: Lattice,
    grid: Grid,
    base: tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8], npt.NDArray[np.bool_]],
    fields: tuple[Field, Field, Field],
    farm_cut: float,
    seed: int,
    facts: Facts,
) -> Floats:
    """Return the cuts that reproduce cropland and forest on one fixed grid.

    Parameters
    ----------
    grid
        The sample, :data:`SAMPLE` metres, whatever grid the run has.
    base
        On it: elevation [m], land cover so far (0 = free), inside the region.
    fields
        Scores of cropland, shrub and farmland on the lattice.
    """
    dem, land, region = base
    crop, shrub, farm = fields
    rows, cols = np.nonzero(region & (land == 0))
    x0, y0 = grid.xy(0, 0)
    gx = np.asarray(x0 + cols * grid.dx, dtype=np.float64)
    gy = np.asarray(y0 - rows * grid.dy, dtype=np.float64)
    out = np.empty((gx.size, 5), np.float32)
    texture.scores(crop, shrub, farm, lattice.west, lattice.north, lattice.cell, gx, gy, seed, out)
    cell_km2 = float(np.broadcast_to(geo_crs.cell_areas(grid), grid.shape)[region].mean()) / 1e6
    total = int(region.sum())
    take = _Taker(out)
    score = np.where(out[:, 4] > farm_cut, 99.0, out[:, 0])
    crop_cut = take.above(
        score, wan_mu_to_km2(control(facts, "cultivated_land_wan_mu")) * CROPLAND_AIM / cell_km2
    )
    near = (out[:, 0] > crop_cut - ORCHARD_SPAN) & take.free
    orchard = take.above(np.where(near, out[:, 1], -99.0), SHARES["orchard"] * total)
    grass = take.above(out[:, 3], SHARES["grass"] * total)
    bare = -take.above(-out[:, 3], SHARES["bare"] * total)
    forest = wan_mu_to_km2(forest_area(facts)) / cell_km2
    shrub_cut = take.above(out[:, 2], max(take.free.sum() - forest, 0.0))
    low = take.free & (dem[rows, cols] < 1100.0)
    bamboo = -take.above(np.where(low, -out[:, 3], -99.0), SHARES["bamboo"] * total)
    return np.array([crop_cut, farm_cut, ORCHARD_SPAN, orchard, shrub_cut, grass, bamboo, bare])


class _Taker:
    """Takes the best free points of one score after the other."""

    def __init__(self, scores: npt.NDArray[np.float32]) -> None:
        self.free = np.ones(len(scores), bool)

    def above(self, score: npt.NDArray[np.floating], count: float) -> float:
        """Take ``count`` free points with the highest score; return the cut."""
        values = np.where(self.free, score, -np.inf)
        k = min(max(round(count), 1), values.size - 1)
        cut = float(np.partition(values, values.size - k)[values.size - k])
        self.free &= ~(values >= cut)
        return cut
