"""Screen a layer stack: burn every predicate of a rule table into bits, once.

The planes do not depend on date, technology or component: those choose rows of the
table later, so a change of them reads no layer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import same_crs
from geo.errors import CrsError, GridMismatchError, Say, SizeError
from geo.grid import Grid
from geo.passport import Passport, merge
from geo.terrain import slope_aspect
from geo.vector import burn
from layers.layer import PRESENCE_ONLY, Layer, LayerStack
from siting.law.bits import Bits, Plane, Screening, Terrain
from siting.law.patterns import PatternTable, pattern_table
from siting.law.predicates import SLOPE, Parameters, Predicate, bind_all
from siting.law.rules import RuleSet
from siting.law.shapes import Shapes, burn_lines, shapes_of

__all__ = ["PatternTable", "Screening", "Terrain", "pattern_table", "screen"]

Bools = npt.NDArray[np.bool_]
_WORDS: Final = ((8, np.uint8), (16, np.uint16), (32, np.uint32), (64, np.uint64))
_BLOCK_CELLS: Final = 4_000_000


def screen(
    stack: LayerStack,
    ruleset: RuleSet,
    parameters: Parameters | None = None,
    terrain: Terrain | None = None,
    progress: Callable[[str], None] | None = None,
) -> Screening:
    """Evaluate every predicate of the rule table on every cell.

    Parameters
    ----------
    stack
        Layers on the run's grid; an absent one leaves its predicates unscreened.
    ruleset
        Its predicates are those of the whole table, whatever its date.
    parameters
        User limits; the presets when None.
    terrain
        Slope and aspect, when the caller has them already.
    progress
        Called with a Chinese stage name.

    Returns
    -------
    Screening
        Planes of the narrowest unsigned type that holds the predicates.

    Raises
    ------
    SizeError
        When the table has more than 64 distinct predicates.
    """
    parameters = parameters or Parameters()
    if terrain is None and "dem" in stack:
        dem = stack.require("dem").raster().to_numpy()
        terrain = Terrain(*slope_aspect(dem, stack.grid))
    predicates, bit_of = bind_all(ruleset.predicates, parameters)
    dtype = _word(len(predicates))
    hit = np.zeros(stack.grid.shape, dtype)
    unknown = np.zeros(stack.grid.shape, dtype)
    burner = _Burner(stack, terrain, hit, unknown)
    for bit, predicate in enumerate(predicates):
        if progress is not None:
            progress(f"筛查：{predicate.title.zh}")
        burner.burn(bit, predicate)
    absent = {
        predicates[bit].source_layer: stack.absent.get(
            predicates[bit].source_layer, Say("目录中没有", "is not in the catalog")
        )
        for bit in burner.unscreened
    }
    bits = Bits(predicates, bit_of, frozenset(burner.unscreened), absent, parameters)
    passport = merge(*burner.passports.values())
    return Screening(
        stack.grid,
        bits,
        hit,
        unknown,
        terrain,
        tuple(dict.fromkeys([*burner.notes, *_limits_left_out(ruleset, bits)])),
        burner.passports,
        passport,
    )


def _limits_left_out(ruleset: RuleSet, bits: Bits) -> list[Say]:
    """Say which technical limits hold nowhere because their layer is absent."""
    return [
        Say(
            f"技术限值“{rule.title.zh}”未应用：图层缺失",
            f"technical limit not applied, its layer is absent: {rule.title.en}",
        )
        for rule in ruleset.rules
        if rule.technical
        and any(bits.bit_of[name] in bits.unscreened for name in rule.expression.names())
    ]


def _word(n: int) -> type[np.unsignedinteger[Any]]:
    for width, dtype in _WORDS:
        if n <= width:
            return dtype
    raise SizeError(
        "rule table",
        Say(f"{n} 个谓词，多于 64 个", f"has {n} predicates, more than 64"),
        Say("合并相同的谓词或减少坡度档数", "share predicates or use fewer slope limits"),
    )


class _Burner:
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
            _set(self.hit[rows], holds, bit)
            _set(self.unknown[rows], ~holds if presence_only else missing, bit)

    def _burn_vector(self, bit: int, predicate: Predicate, layer: Layer) -> None:
        grid = self.stack.grid
        frame = layer.vector()
        _check_crs(layer, frame.crs, grid)
        shapes = shapes_of(frame, predicate, layer.name)
        self.notes.extend(shapes.notes)
        if shapes.reach_m and shapes.reach_m < max(grid.dx, grid.dy):
            self.notes.append(_narrow(predicate, shapes.reach_m, grid))
        holds = _burnt(shapes.known, grid)
        burn_lines(shapes, grid, holds.view(np.uint8))
        _set(self.hit, holds, bit)
        if layer.completeness == PRESENCE_ONLY:
            _set(self.unknown, ~holds, bit)
            return
        doubt = self._beyond_coverage(layer, shapes)
        if len(shapes.unclear):
            unclear = burn(shapes.unclear, grid, all_touched=True).astype(bool)
            doubt = unclear if doubt is None else doubt | unclear
        if doubt is not None:
            doubt &= ~holds
            _set(self.unknown, doubt, bit)

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
        return ~_burnt([shapely.buffer(covered, -shapes.reach_m)], self.stack.grid)

    def _uncovered_cells(self, layer: Layer) -> Bools | None:
        if layer.name not in self._uncovered:
            found: Bools | None = None
            if layer.coverage is not None:
                found = ~_burnt([layer.coverage], self.stack.grid)
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


def _burnt(geometries: Any, grid: Grid) -> Bools:
    """Burn geometries by cell centre."""
    geometries = [one for one in geometries if one is not None and not one.is_empty]
    if not geometries:
        return np.zeros(grid.shape, bool)
    burnt: Bools = burn(geometries, grid).view(bool)
    return burnt


def _set(plane: Plane, where: Bools, bit: int) -> None:
    np.bitwise_or(plane, plane.dtype.type(1 << bit), out=plane, where=where)


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
