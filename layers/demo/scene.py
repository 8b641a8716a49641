"""The demo scene: every synthetic layer of 十堰, on any grid, from one seed.

The landscape lives on a fixed lattice and in noise of the coordinates, so 30 m and
90 m grids show the same ground. The generator knows totals that were published, and
nothing of rules or results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

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
from layers.demo.lattice import Lattice
from layers.demo.relief import Relief, make_relief
from layers.facts import Facts, load_facts
from layers.layer import Layer
from layers.region import Region

REGION: Final = "shiyan"
#: Rivers at least this wide are water in the land cover [m].
WIDE_RIVER: Final = 60.0
#: Vectors reach this far beyond the region's box [m].
BEYOND: Final = 3000.0


@dataclass(frozen=True)
class Scene:
    """The scene before it meets a grid: relief, vectors and the land-cover model."""

    relief: Relief
    vectors: Mapping[str, gpd.GeoDataFrame]
    model: cover.CoverModel
    box: BaseGeometry


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
        dem [m], land_cover [class], shrub_cover [%] and all vector layers of the scene.

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
    progress(f"演示栅格 {grid.dx:.0f} m")
    rasters = make_rasters(scene, grid)
    # the made-up world is known as far as any rule reaches, whatever window is drawn of it
    coverage = shapely.box(*region.boundary.bounds).buffer(region.buffer_m, join_style="mitre")
    made: dict[str, Layer] = {}
    for name, data in rasters.items():
        array = xr.DataArray(data, dims=("y", "x"), name=name)
        made[name] = Layer(
            name, array, SPECS[name], notes.passport(name), coverage, notes=notes.NOTES[name]
        )
    for name, frame in scene.vectors.items():
        columns = [*SPECS[name].columns, "geometry"]
        made[name] = Layer(
            name, frame[columns], SPECS[name], notes.passport(name), coverage,
            notes=notes.NOTES[name],
        )  # fmt: skip
    return made


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
    """Make everything that does not depend on a grid."""
    facts = load_facts(region.facts_id)
    crs, outline = region.crs, region.boundary
    lattice = Lattice.around(outline.bounds)
    box = shapely.box(*outline.bounds).buffer(BEYOND, join_style="mitre")
    relief = make_relief(lattice, crs, seed, progress)
    move = shapes.unbent(seed)
    progress("演示水系与城镇")
    lakes = water.lakes(relief, crs, box, move)
    rivers = water.rivers(relief, crs, box, move)
    places = human.choose_places(relief, outline, region.counties, seed)
    towns = human.settlements(places, lakes, outline, crs, seed)
    roads = human.roads(relief, places, crs, move)
    progress("演示保护地与红线")
    table = facts.protected_areas
    reserves = protected.reserves(relief, table, region.counties, crs, seed)
    vectors = {
        "reservoir": lakes,
        "river": rivers,
        "settlement": towns,
        "road": roads,
        "substation": human.substations(places, crs, seed),
        "airport": human.airport(relief, places, crs),
        "nature_reserve": reserves,
        "nature_park": protected.parks(table, lakes, crs, outline),
        "important_wetland": protected.wetlands(table, lakes, crs, outline),
        "water_source": water.source_zones(lakes, crs, outline),
        "eco_redline": lines.red_line(relief, reserves, towns, outline, crs, seed, facts),
    }
    model = _land(relief, vectors, outline, crs, seed, facts, progress)
    return Scene(relief, vectors, model, box)


def _land(
    relief: Relief,
    vectors: dict[str, gpd.GeoDataFrame],
    outline: BaseGeometry,
    crs: str,
    seed: int,
    facts: Facts,
    progress: Callable[[str], None],
) -> cover.CoverModel:
    """Add farmland and public forest to ``vectors``; return the land-cover model."""
    lattice = relief.lattice
    progress("演示农田与林地")
    built = lattice.burn([*vectors["settlement"].geometry, *wide_rivers(vectors["river"])]) > 0
    red = lattice.burn(list(vectors["eco_redline"].geometry)) > 0
    core = vectors["nature_reserve"].query("zone == 'core'").geometry
    barred = ndimage.binary_dilation(built) | (lattice.burn(list(core)) > 0)
    crop = cover.crop_field(relief, lattice.burn(list(core)) > 0, seed)
    kept = np.where(ndimage.binary_dilation(red), crop - 0.35, crop)
    wet = ndimage.maximum_filter(relief.lake.reshape(lattice.shape), 3) > 0
    barred |= ndimage.binary_dilation(red) | wet
    farm = lines.farm_field(kept, barred, seed)
    farmland, cut = lines.permanent_farmland(farm, lattice, outline, crs, facts)
    vectors["permanent_farmland"] = farmland
    farmed = lattice.burn(list(farmland.geometry)) > 0
    vectors["public_forest"] = lines.public_forest(relief, built | farmed, outline, crs, seed)
    fields = (kept.astype(np.float32), cover.shrub_field(relief, seed), farm)
    sample = Grid.from_bounds(crs, outline.bounds, cover.SAMPLE)
    dem, land = make_surface(relief, vectors, sample, seed)
    inside = _mask([outline], sample) > 0
    cuts = cover.fit_cuts(lattice, sample, (dem, land, inside), fields, cut, seed, facts)
    return cover.CoverModel(lattice, *fields, cuts, seed)


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
