"""The demo scene: every synthetic layer of 十堰, on any grid, from one seed.

The landscape lives on a fixed lattice and in noise of the coordinates, so 30 m and
90 m grids show the same ground. The generator knows totals that were published, and
nothing of rules or results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
import xarray as xr
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from geo import vector
from geo.errors import InputError, Say
from geo.grid import Grid
from layers.contract import SPECS
from layers.demo import cover, human, lines, notes, protected, shapes, water
from layers.demo._kernels import texture
from layers.demo.drawn import Drawn
from layers.demo.ground import Ground
from layers.demo.later import MAKERS
from layers.demo.lattice import Lattice
from layers.demo.relief import Relief, make_relief
from layers.facts import Facts, load_facts
from layers.layer import Layer
from layers.region import Region

REGION: Final = "shiyan"
RASTERS: Final = ("dem", "land_cover", "shrub_cover")
#: Rivers at least this wide are water in the land cover [m].
WIDE_RIVER: Final = 60.0
#: Vectors reach this far beyond the region's box [m].
BEYOND: Final = 3000.0


class Scene:
    """The scene before it meets a grid: relief at once, the rest when somebody asks for it.

    Parameters
    ----------
    region, seed
        As in :func:`build`.
    progress
        Called while the relief grows.
    """

    def __init__(self, region: Region, seed: int, progress: Callable[[str], None]) -> None:
        self.region, self.seed = region, seed
        self.crs, self.outline = region.crs, region.boundary
        self.facts: Facts = load_facts(region.facts_id)
        self.box = shapely.box(*self.outline.bounds).buffer(BEYOND, join_style="mitre")
        lattice = Lattice.around(self.outline.bounds)
        self.relief: Relief = make_relief(lattice, self.crs, seed, progress)
        self.vectors: Mapping[str, gpd.GeoDataFrame] = Drawn(self._makers())
        self._move = shapes.unbent(seed)

    def _makers(self) -> dict[str, Callable[[], gpd.GeoDataFrame]]:
        relief, crs, outline, seed = self.relief, self.crs, self.outline, self.seed
        counties, table = self.region.counties, self.facts.protected_areas
        older: dict[str, Callable[[], gpd.GeoDataFrame]] = {
            "reservoir": lambda: water.lakes(relief, crs, self.box, self._move),
            "river": lambda: water.rivers(relief, crs, self.box, self._move),
            "settlement": lambda: human.settlements(
                self.places, self.vectors["reservoir"], outline, crs, seed
            ),
            "road": lambda: human.roads(relief, self.places, crs, self._move),
            "substation": lambda: human.substations(self.places, crs, seed),
            "airport": lambda: human.airport(relief, self.places, crs),
            "nature_reserve": lambda: protected.reserves(relief, table, counties, crs, seed),
            "nature_park": lambda: protected.parks(table, self.vectors["reservoir"], crs, outline),
            "important_wetland": lambda: protected.wetlands(
                table, self.vectors["reservoir"], crs, outline
            ),
            "water_source": lambda: water.source_zones(self.vectors["reservoir"], crs, outline),
            "eco_redline": lambda: lines.red_line(
                relief, self.vectors["nature_reserve"], self.vectors["settlement"], outline, crs,
                seed, self.facts,
            ),
            "permanent_farmland": lambda: self._farmland[0],
            "public_forest": lambda: lines.public_forest(
                relief, self._masks.built | self._farmed, outline, crs, seed
            ),
        }  # fmt: skip
        later = {name: partial(self._later, name) for name in MAKERS}
        return {**older, **later}

    def _later(self, name: str) -> gpd.GeoDataFrame:
        return MAKERS[name](self._ground)

    @cached_property
    def _ground(self) -> Ground:
        return Ground(
            self.relief, self.vectors, self.outline, self.box, self.region.counties, self.crs,
            self.seed,
        )  # fmt: skip

    @cached_property
    def places(self) -> list[human.Place]:
        """Settlements before they have an outline."""
        return human.choose_places(self.relief, self.outline, self.region.counties, self.seed)

    @cached_property
    def _masks(self) -> _Masks:
        lattice, vectors = self.relief.lattice, self.vectors
        built = lattice.burn([*vectors["settlement"].geometry, *wide_rivers(vectors["river"])]) > 0
        red = ndimage.binary_dilation(lattice.burn(list(vectors["eco_redline"].geometry)) > 0)
        cores = vectors["nature_reserve"].query("zone == 'core'").geometry
        core = lattice.burn(list(cores)) > 0
        crop = cover.crop_field(self.relief, core, self.seed)
        kept = np.where(red, crop - 0.35, crop)
        wet = ndimage.maximum_filter(self.relief.lake.reshape(lattice.shape), 3) > 0
        barred = ndimage.binary_dilation(built) | core | red | wet
        return _Masks(built, kept, lines.farm_field(kept, barred, self.seed))

    @cached_property
    def _farmland(self) -> tuple[gpd.GeoDataFrame, float]:
        """Permanent farmland, and the score at its edge."""
        return lines.permanent_farmland(
            self._masks.farm, self.relief.lattice, self.outline, self.crs, self.facts
        )

    @property
    def _farmed(self) -> npt.NDArray[np.bool_]:
        return self.relief.lattice.burn(list(self.vectors["permanent_farmland"].geometry)) > 0

    @cached_property
    def model(self) -> cover.CoverModel:
        """What decides the land cover of a point."""
        lattice, seed = self.relief.lattice, self.seed
        crop = self._masks.kept.astype(np.float32)
        fields = (crop, cover.shrub_field(self.relief, seed), self._masks.farm)
        sample = Grid.from_bounds(self.crs, self.outline.bounds, cover.SAMPLE)
        dem, land = make_surface(self.relief, self.vectors, sample, seed)
        inside = _mask([self.outline], sample) > 0
        base = (dem, land, inside)
        cuts = cover.fit_cuts(lattice, sample, base, fields, self._farmland[1], seed, self.facts)
        return cover.CoverModel(lattice, *fields, cuts, seed)


class _Masks(NamedTuple):
    """On the lattice: built-up ground and rivers, the cropland and the farmland score."""

    built: npt.NDArray[np.bool_]
    kept: npt.NDArray[np.float64]
    farm: npt.NDArray[np.float32]


def build(
    grid: Grid, region: Region, seed: int, progress: Callable[[str], None]
) -> Mapping[str, Layer]:
    """Build the demo layers of 十堰.

    Parameters
    ----------
    grid
        Where the rasters go; any resolution, in the region's CRS. [m]
    region
        Must be ``shiyan``: the scene is pinned to its published facts.
    seed
        Same seed, same bytes.
    progress
        Called with Chinese stage names.

    Returns
    -------
    Mapping
        dem [m], land_cover [class], shrub_cover [%] and all vector layers of the scene, each
        made when it is first asked for.

    Raises
    ------
    InputError
        For another region, or a grid in another CRS.
    """
    if region.id != REGION or grid.crs != region.crs:
        raise InputError(
            f"demo scene, {region.id}, {grid.crs}",
            Say("演示场景只为十堰市、在其坐标系内生成",
                "the demo scene exists for 十堰 only, in its own CRS"),
            Say("用 --region shiyan，或在目录中登记该地区自己的数据",
                "use --region shiyan, or register the region's own data"),
        )  # fmt: skip
    scene = _remembered(region, seed, progress)
    # the made-up world is known as far as any rule reaches, whatever window is drawn of it
    coverage = shapely.box(*region.boundary.bounds).buffer(region.buffer_m, join_style="mitre")
    rasters: dict[str, npt.NDArray[np.generic]] = {}

    def layer(name: str) -> Layer:
        data: xr.DataArray | gpd.GeoDataFrame
        if name in RASTERS:
            if not rasters:
                progress(f"演示栅格 {grid.dx:.0f} m")
                rasters.update(make_rasters(scene, grid))
            data = xr.DataArray(rasters[name], dims=("y", "x"), name=name)
        else:
            data = scene.vectors[name][[*SPECS[name].columns, "geometry"]]
        passport = notes.passport(name)
        return Layer(name, data, SPECS[name], passport, coverage, notes=notes.NOTES[name])

    return Drawn({name: partial(layer, name) for name in (*RASTERS, *scene.vectors)})


#: The last scene made; it depends on no grid, so a window or a finer run starts from it.
_last: dict[tuple[str, str, bytes, int], Scene] = {}


def _remembered(region: Region, seed: int, progress: Callable[[str], None]) -> Scene:
    """Return the scene of this region and seed, made once per process."""
    key = (region.id, region.crs, shapely.to_wkb(region.boundary), seed)
    if key not in _last:
        _last.clear()
        _last[key] = make_scene(region, seed, progress)
    return _last[key]


def make_scene(region: Region, seed: int, progress: Callable[[str], None]) -> Scene:
    """Make what does not depend on a grid: the relief now, the other layers when asked for."""
    return Scene(region, seed, progress)


def wide_rivers(rivers: gpd.GeoDataFrame) -> list[BaseGeometry]:
    """Return the water surface of the rivers that are wide enough to be land cover."""
    wide = rivers[rivers["width_m"] >= WIDE_RIVER]
    surface = wide.geometry.buffer(wide["width_m"] / 2.0, quad_segs=2)
    return list(surface)


def make_surface(
    relief: Relief, vectors: Mapping[str, gpd.GeoDataFrame], grid: Grid, seed: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
    """Return elevation [m] and the land cover of water (6) and towns (7), else 0."""
    lattice = relief.lattice
    x0, y0 = grid.xy(0, 0)
    dem = np.empty(grid.shape, np.float32)
    land = np.zeros(grid.shape, np.uint8)
    texture.refine(
        relief.grid(relief.z), relief.grid(relief.level), lattice.west, lattice.north,
        lattice.cell, x0, y0, grid.dx, grid.dy, seed, dem, land,
    )  # fmt: skip
    for code, shapes_ in ((6, wide_rivers(vectors["river"])),
                          (7, list(vectors["settlement"].geometry))):  # fmt: skip
        mask = _mask(shapes_, grid)
        land[(mask > 0) & (land == 0)] = code
    return dem, land


def make_rasters(scene: Scene, grid: Grid) -> dict[str, npt.NDArray[np.generic]]:
    """Return dem, land_cover and shrub_cover of a grid."""
    model = scene.model
    lattice = model.lattice
    dem, land = make_surface(scene.relief, scene.vectors, grid, model.seed)
    x0, y0 = grid.xy(0, 0)
    shrub = np.zeros(grid.shape, np.uint8)
    texture.cover(
        model.crop, model.shrub, model.farm, lattice.west, lattice.north, lattice.cell,
        x0, y0, grid.dx, grid.dy, model.seed, model.cuts, dem, land, shrub,
    )  # fmt: skip
    return {"dem": dem, "land_cover": land, "shrub_cover": shrub}


def _mask(geometries: list[BaseGeometry], grid: Grid) -> npt.NDArray[np.uint8]:
    """Return 1 where a cell centre lies inside."""
    return vector.burn([g for g in geometries if not g.is_empty], grid)
