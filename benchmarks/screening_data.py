"""The synthetic country that the screening benchmarks work on: the same for every program.

A square of 10,000 x 10,000 cells of 30 m by default, with ten vector layers, 1,000 zones and
a relief, written once as GeoPackage and GeoTIFF to a folder beside the system's temporary
files. A smaller side keeps the density of features, so that time per cell can be compared.

python benchmarks/screening_data.py [cells per side]      (default 10000)
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from affine import Affine

from geo.grid import Grid

SIDE = 10_000
CELL = 30.0
CRS = "EPSG:4546"
WEST, NORTH = 350_010.0, 3_700_020.0
#: Changes whenever the same side would give other data.
VERSION = 1
#: Features lie up to this far beyond the grid: what stands outside must count. [m]
BEYOND = 2_500.0


@dataclass(frozen=True)
class Source:
    """One vector layer: how many features at full size, how they are buffered and drawn."""

    name: str
    count: int
    buffer_m: float
    draw: Callable[[np.random.Generator, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Country:
    """Where the data of one size lie."""

    grid: Grid
    folder: Path

    def vector(self, name: str) -> Path:
        """Return the GeoPackage of a layer or of the zones."""
        return self.folder / f"{name}.gpkg"

    @property
    def zones(self) -> Path:
        """GeoPackage of the Voronoi zones, column ``zone`` = 1, 2, ..."""
        return self.vector("zones")

    @property
    def dem(self) -> Path:
        """GeoTIFF of the relief, float32 [m]."""
        return self.folder / "dem.tif"


def blobs(low: float, high: float, corners: int) -> Callable[..., np.ndarray]:
    """Return a painter of wavy polygons of radius ``low``..``high`` [m]; some have a hole."""

    def draw(rng: np.random.Generator, centres: np.ndarray) -> np.ndarray:
        n = len(centres)
        turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
        wave = np.zeros((n, corners))
        for k in range(2, 8):
            phase = rng.uniform(0, 2 * np.pi, (n, 1))
            wave += rng.normal(size=(n, 1)) / k * np.cos(k * turn + phase)
        radius = rng.uniform(low, high, (n, 1)) * np.exp(0.3 * wave)
        out = []
        for one, centre, hollow in zip(radius, centres, rng.random(n) < 0.1, strict=True):
            ring = centre + one[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
            hole = [centre + 0.4 * (ring[::-1] - centre)] if hollow else []
            out.append(shapely.Polygon(ring, hole))
        return np.array(out, dtype=object)

    return draw


def houses(rng: np.random.Generator, centres: np.ndarray) -> np.ndarray:
    """Paint turned rectangles of 8 to 60 m."""
    size = rng.uniform(8, 60, (len(centres), 1, 2)) / 2
    corner = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * size
    angle = rng.uniform(0, np.pi, (len(centres), 1))
    x = corner[..., 0] * np.cos(angle) - corner[..., 1] * np.sin(angle)
    y = corner[..., 0] * np.sin(angle) + corner[..., 1] * np.cos(angle)
    return shapely.polygons(np.stack([x, y], axis=-1) + centres[:, None, :])


def walks(steps: int, stride: float, bend: float) -> Callable[..., np.ndarray]:
    """Return a painter of winding lines of ``steps`` segments of about ``stride`` [m]."""

    def draw(rng: np.random.Generator, centres: np.ndarray) -> np.ndarray:
        n = len(centres)
        heading = rng.uniform(0, 2 * np.pi, (n, 1)) + np.cumsum(
            rng.normal(0, bend, (n, steps)), axis=1
        )
        length = stride * rng.uniform(0.5, 1.5, (n, steps, 1))
        move = length * np.stack([np.cos(heading), np.sin(heading)], axis=-1)
        path = np.concatenate([np.zeros((n, 1, 2)), np.cumsum(move, axis=1)], axis=1)
        return shapely.linestrings(path + centres[:, None, :])

    return draw


def dots(rng: np.random.Generator, centres: np.ndarray) -> np.ndarray:
    """Paint the points themselves."""
    del rng
    return shapely.points(centres)


SOURCES = (
    Source("redline", 300, 0.0, blobs(2_000, 7_000, 240)),
    Source("reserve", 40, 1_000.0, blobs(3_000, 8_000, 360)),
    Source("farmland", 40_000, 0.0, blobs(60, 320, 24)),
    Source("settlement", 8_000, 500.0, blobs(60, 260, 18)),
    Source("building", 20_000, 200.0, houses),
    Source("road", 3_000, 100.0, walks(60, 250, 0.25)),
    Source("rail", 60, 200.0, walks(150, 600, 0.05)),
    Source("river", 2_000, 300.0, walks(80, 180, 0.35)),
    Source("power_line", 400, 75.0, walks(60, 400, 0.1)),
    Source("relic", 800, 2_000.0, dots),
)


def grid_of(side: int = SIDE) -> Grid:
    """Return the grid of a country of ``side`` x ``side`` cells."""
    return Grid(CRS, Affine(CELL, 0, WEST, 0, -CELL, NORTH), (side, side))


def layer(source: Source, side: int = SIDE) -> gpd.GeoDataFrame:
    """Return the features of one layer; their number goes with the area."""
    rng = np.random.default_rng([VERSION, [s.name for s in SOURCES].index(source.name)])
    west, south, east, north = grid_of(side).bounds
    count = max(round(source.count * (side / SIDE) ** 2), 1)
    low, high = (west - BEYOND, south - BEYOND), (east + BEYOND, north + BEYOND)
    shapes = source.draw(rng, rng.uniform(low, high, (count, 2)))
    return gpd.GeoDataFrame({"id": np.arange(count)}, geometry=shapes, crs=CRS)


def zones(side: int = SIDE, count: int = 1_000) -> gpd.GeoDataFrame:
    """Return Voronoi polygons that tile the grid, numbered from 1 in column ``zone``."""
    west, south, east, north = grid_of(side).bounds
    rng = np.random.default_rng([VERSION, 100])
    points = shapely.multipoints(rng.uniform((west, south), (east, north), (count, 2)))
    frame = shapely.box(west, south, east, north)
    parts = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame, ordered=True))
    cut = shapely.intersection(parts, frame)
    return gpd.GeoDataFrame({"zone": np.arange(1, count + 1)}, geometry=cut, crs=CRS)


def relief(side: int = SIDE) -> np.ndarray:
    """Return a mountain-like relief, float32 (side, side): octaves of smoothed noise [m]."""
    rng = np.random.default_rng([VERSION, 200])
    out = np.full((side, side), 800.0, dtype=np.float32)
    for period, height in ((800, 520), (400, 300), (200, 160), (100, 85), (50, 42), (25, 14)):
        knots = rng.uniform(-1, 1, (side // period + 2, side // period + 2)).astype(np.float32)
        cell = np.arange(side) // period
        part = ((np.arange(side) % period) / period).astype(np.float32)
        part = part * part * part * (part * (part * 6 - 15) + 10)  # Perlin's fade, C2
        along = knots[:, cell] * (1 - part) + knots[:, cell + 1] * part
        for start in range(0, side, 500):
            rows = slice(start, start + 500)
            share = part[rows, None]
            out[rows] += np.float32(height) * (
                along[cell[rows]] * (1 - share) + along[cell[rows] + 1] * share
            )
    return out


def country(side: int = SIDE, *, with_dem: bool = False) -> Country:
    """Return the data of a size, written on the first call; the relief only where asked for."""
    folder = Path(tempfile.gettempdir()) / f"shiyan-bench-{VERSION}-{side}"
    folder.mkdir(exist_ok=True)
    found = Country(grid_of(side), folder)
    for source in SOURCES:
        _write(layer, (source, side), found.vector(source.name))
    _write(zones, (side,), found.zones)
    if with_dem and not found.dem.exists():
        part = found.dem.with_suffix(".part.tif")
        with rasterio.open(
            part, "w", driver="GTiff", height=side, width=side, count=1, dtype="float32",
            crs=CRS, transform=found.grid.transform, tiled=True, bigtiff="if_safer",
        ) as target:  # fmt: skip
            target.write(relief(side), 1)
        part.rename(found.dem)
    return found


def _write(make: Callable[..., gpd.GeoDataFrame], args: tuple, path: Path) -> None:
    """Write a layer once; under its final name only when it is whole."""
    if path.exists():
        return
    part = path.with_suffix(".part.gpkg")
    part.unlink(missing_ok=True)
    make(*args).to_file(part, driver="GPKG", layer=path.stem)
    part.rename(path)


if __name__ == "__main__":
    print(country(int(sys.argv[1]) if len(sys.argv) > 1 else SIDE, with_dem=True).folder)
