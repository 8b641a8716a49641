"""Burn predicates of layers into the two planes of a screening, one bit each."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.burn import burn_bits, set_bit
from geo.crs import same_crs
from geo.errors import CrsError, GridMismatchError, Say
from geo.grid import Grid
from geo.passport import Passport
from geo.vector import burn
from layers.layer import PRESENCE_ONLY, Layer, LayerStack
from siting.law.bits import Plane, Terrain
from siting.law.predicates import SLOPE, Predicate
from siting.law.shapes import Shapes, shapes_of

Bools = npt.NDArray[np.bool_]
_BLOCK_CELLS: Final = 4_000_000
#: Shapely's types of polygons, and of nothing; a line that acts only where it runs has no area.
_AREAS: Final = (-1, 3, 6)


class Burner:
    """Writes one predicate after the other into the two planes."""

    def __init__(
        self, stack: LayerStack, terrain: Terrain | None, hit: Plane, unknown: Plane
    ) -> None:
        self.stack = stack
        self.terrain = terrain
        self.hit = hit
        self.unknown = unknown
        self.unscreened: list[int] = []
        self.notes: list[Say] = []
        self.passports: dict[str, Passport] = {}
        self._uncovered: dict[str, Bools | None] = {}

    def burn(self, bit: int, predicate: Predicate) -> None:
        """Set the bit of ``predicate`` where it holds and where nobody knows."""
        layer = self.stack.get(predicate.source_layer)
        slope_is_given = predicate.layer == SLOPE and self.terrain is not None
        if layer is None and not slope_is_given:
            self.unscreened.append(bit)
            return
        if layer is not None:
            self.passports.setdefault(layer.name, layer.passport)
        if predicate.is_raster:
            self._burn_raster(bit, predicate, layer)
        elif layer is not None:
            self._burn_vector(bit, predicate, layer)

    def _burn_raster(self, bit: int, predicate: Predicate, layer: Layer | None) -> None:
        grid = self.stack.grid
        if predicate.layer == SLOPE and self.terrain is not None:
            data, nodata = self.terrain.slope_deg, float("nan")
        else:
            found = self.stack.require(predicate.layer)
            data = found.raster().to_numpy()
            _check_shape(found, data.shape, grid)
            nodata = found.spec.nodata if found.spec.nodata is not None else float("nan")
        uncovered = None if layer is None else self._uncovered_cells(layer)
        presence_only = layer is not None and layer.completeness == PRESENCE_ONLY
        for start, stop in grid.blocks(max(_BLOCK_CELLS // grid.cols, 1)):
            rows = slice(start, stop)
            block = data[rows]
            missing = np.isnan(block) if np.isnan(nodata) else block == nodata
            if uncovered is not None:
                missing = missing | uncovered[rows]
            holds = _compare(block, predicate) & ~missing
            set_bit(self.hit[rows], holds, bit)
            set_bit(self.unknown[rows], ~holds if presence_only else missing, bit)

    def _burn_vector(self, bit: int, predicate: Predicate, layer: Layer) -> None:
        grid = self.stack.grid
        frame = layer.vector()
        _check_crs(layer, frame.crs, grid)
        shapes = shapes_of(frame, predicate, layer.name)
        self.notes.extend(shapes.notes)
        if shapes.reach_m and shapes.reach_m < max(grid.dx, grid.dy):
            self.notes.append(_narrow(predicate, shapes.reach_m, grid))
        thin = ~np.isin(shapely.get_type_id(shapes.known), _AREAS)
        if thin.any():
            set_bit(self.hit, burn(shapes.known[thin], grid).view(np.bool_), bit)
        ground = np.concatenate([shapes.known[~thin], shapes.wide])
        reach = np.concatenate([np.zeros(ground.size - shapes.wide.size), shapes.wide_m])
        burn_bits(ground, reach, grid, self.hit, bit)
        if layer.completeness == PRESENCE_ONLY:
            set_bit(self.unknown, ~self._holds(bit), bit)
            return
        doubt = self._beyond_coverage(layer, shapes)
        if len(shapes.unclear):
            unclear = burn(shapes.unclear, grid, all_touched=True).astype(bool)
            doubt = unclear if doubt is None else doubt | unclear
        if doubt is not None:
            doubt &= ~self._holds(bit)
            set_bit(self.unknown, doubt, bit)

    def _holds(self, bit: int) -> Bools:
        return np.asarray(self.hit & self.hit.dtype.type(1 << bit), dtype=np.bool_)

    def _beyond_coverage(self, layer: Layer, shapes: Shapes) -> Bools | None:
        """Return cells with uncovered ground within the predicate's reach [m].

        A region's ``buffer_m`` is at least the reach of every rule, so that features beyond
        the grid are there to be burnt.
        """
        covered = layer.coverage
        if covered is None or covered.covers(shapely.box(*self.stack.grid.bounds)):
            return None  # the whole grid, said either way; features beyond it were read too
        if shapes.reach_m <= 0:
            uncovered = self._uncovered_cells(layer)
            return None if uncovered is None else uncovered.copy()
        grid = self.stack.grid
        # by distance and not by a buffer polygon, whose chords would leave unknown ground clear
        near = shapely.box(*grid.pad(shapes.reach_m).bounds)
        return _burnt(shapely.difference(near, covered), grid, shapes.reach_m)

    def _uncovered_cells(self, layer: Layer) -> Bools | None:
        if layer.name not in self._uncovered:
            found: Bools | None = None
            if layer.coverage is not None:
                found = ~_burnt(layer.coverage, self.stack.grid)
            self._uncovered[layer.name] = found
        return self._uncovered[layer.name]


def _check_shape(layer: Layer, shape: tuple[int, ...], grid: Grid) -> None:
    if shape != grid.shape:
        raise GridMismatchError(
            layer.name,
            Say(f"形状 {shape} 不是 {grid.shape}", f"has shape {shape}, not {grid.shape}"),
            Say("用 geo.raster.read 读到同一 Grid", "read it onto the run's Grid"),
        )


def _check_crs(layer: Layer, crs: object, grid: Grid) -> None:
    """Refuse features in another CRS: burnt as they are they would silently hit nothing."""
    if crs is None or not same_crs(crs, grid.crs):
        raise CrsError(
            layer.name,
            Say(f"坐标系不是 {grid.crs}", f"is not in {grid.crs}"),
            Say("转换到运行格网的坐标系", "convert it to the CRS of the run's grid"),
        )


def _burnt(area: Any, grid: Grid, reach_m: float = 0.0) -> Bools:
    """Burn an area by cell centre, and what lies within a reach of it. [m]."""
    burnt = np.zeros(grid.shape, dtype=np.uint8)
    burn_bits([area], reach_m, grid, burnt, 0)
    return burnt.view(np.bool_)


def _compare(block: npt.NDArray[Any], predicate: Predicate) -> Bools:
    if predicate.values is not None:
        holds = np.zeros(block.shape, bool)
        for value in predicate.values:
            holds |= block == value
        return holds
    if predicate.at_least is not None:
        return np.asarray(block >= np.float32(predicate.at_least))
    return np.asarray(block > np.float32(predicate.above or 0.0))


def _narrow(predicate: Predicate, reach_m: float, grid: Grid) -> Say:
    cell = max(grid.dx, grid.dy)
    return Say(
        f"{predicate.title.zh}：缓冲 {reach_m:g} m 窄于格网 {cell:g} m，只计格心落入者",
        f"{predicate.title.en}: a buffer of {reach_m:g} m is narrower than the {cell:g} m cell; "
        "only cells whose centre falls inside count",
    )
