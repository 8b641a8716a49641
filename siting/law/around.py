"""Where predicates hold round a point, as geometry: vectors exact, rasters by their cells.

Three sorts of ground: where a predicate *holds*, where it is known to *fail*, and the rest,
which nobody knows. An expression is put together from both by Kleene's logic, as sets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import rasterio.features
import shapely
from affine import Affine
from shapely.geometry.base import BaseGeometry

from layers.layer import PRESENCE_ONLY, Layer, LayerStack
from siting.law.bits import Screening
from siting.law.expression import Expression
from siting.law.predicates import Predicate
from siting.law.shapes import shapes_of

#: Segments of a quarter circle: within 0.002 % of the true disc, 1 cm in 700 m.
_QUARTER: Final = 128
_NOWHERE: Final = shapely.Polygon()


@dataclass(slots=True)
class Around:
    """Ground within a square round a point.

    Parameters
    ----------
    screening
        Planes of the window that the point lies in.
    stack
        Layers on the same grid; features beyond its edge are whole.
    x, y
        The point. [m]
    reach_m
        Half width of the square. [m]
    """

    screening: Screening
    stack: LayerStack
    x: float
    y: float
    reach_m: float
    _made: dict[int, tuple[BaseGeometry, BaseGeometry]] = field(default_factory=dict)

    @property
    def square(self) -> BaseGeometry:
        """The square itself."""
        r = self.reach_m
        return shapely.box(self.x - r, self.y - r, self.x + r, self.y + r)

    def ground(self, expression: Expression, *, wanted: bool) -> BaseGeometry:
        """Return where an expression is known to hold (``wanted``) or known to fail."""
        if expression.op == "name":
            holds, fails = self._of(expression.name)
            return holds if wanted else fails
        if expression.op == "not":
            return self.ground(expression.parts[0], wanted=not wanted)
        parts = [self.ground(part, wanted=wanted) for part in expression.parts]
        if (expression.op == "and") == wanted:
            found: BaseGeometry = parts[0]
            for part in parts[1:]:
                found = found.intersection(part)
            return found
        return shapely.union_all(parts)

    def _of(self, name: str) -> tuple[BaseGeometry, BaseGeometry]:
        bits = self.screening.bits
        number = bits.bit_of[name]
        if number not in self._made:
            predicate = bits.predicates[number]
            layer = self.stack.get(predicate.source_layer)
            if number in bits.unscreened:
                self._made[number] = (_NOWHERE, _NOWHERE)
            elif predicate.is_raster:
                self._made[number] = self._raster(number)
            elif layer is not None:
                self._made[number] = self._vector(predicate, layer)
            else:
                self._made[number] = (_NOWHERE, _NOWHERE)
        return self._made[number]

    def _raster(self, number: int) -> tuple[BaseGeometry, BaseGeometry]:
        """Return the cells of a raster predicate as squares."""
        grid, r = self.screening.grid, self.reach_m
        t = grid.transform
        left = max(int((self.x - r - t.c) // grid.dx), 0)
        right = min(int((self.x + r - t.c) // grid.dx) + 1, grid.cols)
        top = max(int((t.f - self.y - r) // grid.dy), 0)
        bottom = min(int((t.f - self.y + r) // grid.dy) + 1, grid.rows)
        part = np.s_[top:bottom, left:right]
        mask = self.screening.hit.dtype.type(1 << number)
        hit = (self.screening.hit[part] & mask) != 0
        unknown = (self.screening.unknown[part] & mask) != 0
        moved = Affine(t.a, 0, t.c + left * t.a, 0, t.e, t.f + top * t.e)
        return _cells(hit, moved), _cells(~hit & ~unknown, moved)

    def _vector(self, predicate: Predicate, layer: Layer) -> tuple[BaseGeometry, BaseGeometry]:
        frame = layer.vector()
        reach = reach_m(frame, predicate, layer.name)
        r = self.reach_m + reach
        box = (self.x - r, self.y - r, self.x + r, self.y + r)
        near = frame.iloc[np.sort(frame.sindex.query(shapely.box(*box)))]
        # a layer may come with a coarse precision, to which every cut would be rounded
        exact = shapely.set_precision(near.geometry.to_numpy(), 0.0)
        near = near.set_geometry(exact, crs=frame.crs)
        if predicate.runway_box is None:  # what lies beyond the reach cannot touch the square
            near = near.set_geometry(shapely.clip_by_rect(near.geometry.array, *box), crs=near.crs)
            near = near[~near.geometry.is_empty]
        shapes = shapes_of(near, predicate, layer.name)
        buffered = shapely.buffer(shapes.wide, shapes.wide_m, quad_segs=_QUARTER)
        holds = shapely.union_all([*shapes.known, *buffered]).intersection(self.square)
        if layer.completeness == PRESENCE_ONLY:
            return holds, _NOWHERE
        covered = self.square
        if layer.coverage is not None:
            known = shapely.set_precision(layer.coverage, 0.0)
            covered = known.buffer(-reach).intersection(covered)
        doubt = shapely.union_all([holds, *shapes.unclear])
        return holds, covered.difference(doubt)


def _cells(mask: Any, transform: Affine) -> BaseGeometry:
    """Return the outline of the marked cells."""
    pieces = rasterio.features.shapes(
        mask.astype(np.uint8), mask=mask, connectivity=4, transform=transform
    )
    return shapely.union_all([shapely.geometry.shape(shape) for shape, _ in pieces])


def reach_m(frame: gpd.GeoDataFrame, predicate: Predicate, layer: str) -> float:
    """Return the farthest distance at which a feature of ``frame`` acts. [m]."""
    if frame.empty:
        return 0.0
    if predicate.runway_box is not None:
        return float(np.hypot(predicate.runway_box.side_m, predicate.runway_box.end_m))
    nowhere = shapely.points(np.zeros((len(frame), 2)))  # a point is not buffered for nothing
    return shapes_of(frame.set_geometry(nowhere, crs=frame.crs), predicate, layer).reach_m
