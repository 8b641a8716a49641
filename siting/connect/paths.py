"""Least-cost distance from many sources over a raster of friction, and the paths back.

A step leads to one of the eight neighbours and costs the mean friction of both cells times
its length (the geometry of ``skimage.graph.MCP_Geometric``, cells may be rectangular).
Infinite friction is a barrier. Costs are sums in float64 from the source outwards: they
equal those of a priority queue to the last bit, whatever the order of the search.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, RasterError, Say
from siting.connect._kernels import spread, trace

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int8 = npt.NDArray[np.int8]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

#: Most buckets of the ring.
_RING: Final = 4096
#: Dearest over cheapest friction: beyond it a step may vanish in the sum of a long path.
_RANGE: Final = 1e6
_NONE: Final = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class LeastCost:
    """Least cost of every cell, and the way back.

    Parameters
    ----------
    cost
        float64 (rows, cols), infinite where no path leads. [friction x m]
    back
        int8 (rows, cols): step back along a cheapest path, 0-7 = west, east, north, south,
        north-west, north-east, south-west, south-east; -1 at a source, -2 unreached.
    source
        int32 (rows, cols): number of the source that a cell is reached from, -1 unreached.
    reach
        Costs below it were searched: infinite, unless the search ended at its targets.
        Dearer cells read as unreached.
    """

    cost: Float64
    back: Int8
    source: Int32
    reach: float

    def path(self, cell: int) -> Int64:
        """Return the cells (row x cols + column) from ``cell`` to its source, both included.

        Empty where no path leads.
        """
        cols = self.cost.shape[1]
        row, col = divmod(int(cell), cols)
        if self.back[row, col] == trace.NOWHERE:
            return _NONE
        whole = np.asarray(self.back.base).reshape(-1)
        start = (row + 1) * (cols + 2) + col + 1
        path = np.empty(trace.walk(whole, cols + 2, start, _NONE), np.int64)
        trace.walk(whole, cols + 2, start, path)
        rows, columns = np.divmod(path, cols + 2)
        return np.asarray((rows - 1) * cols + columns - 1, np.int64)


def least_cost(
    friction: Float32,
    dx: float,
    dy: float,
    sources: npt.ArrayLike,
    targets: npt.ArrayLike | None = None,
) -> LeastCost:
    """Return the least cost of reaching every cell from the nearest source.

    Parameters
    ----------
    friction
        float32 (rows, cols), positive; infinite or NaN = barrier. [1/m of cost]
    dx, dy
        Width and height of a cell. [m]
    sources
        Cells (row x cols + column), numbered in this order. A source in a barrier reaches
        nothing.
    targets
        Cells where the search may end: it stops when all of them are settled or nothing is
        left to search. None = the whole raster.

    Raises
    ------
    RasterError
        Friction that is not positive, or spans more than a factor of a million.
    OptionError
        A cell outside the raster, or a size that is not positive.
    """
    wide, low, high = _rimmed(friction)
    if not (0 < dx < math.inf and 0 < dy < math.inf):
        raise OptionError(
            "cell",
            Say(f"像元 {dx} x {dy} 不为正", f"{dx} x {dy} is not positive"),
            Say("给出大于 0 的米数", "give metres above 0"),
        )
    cols = wide.shape[1]
    starts, ends = _cells(sources, friction.shape), _cells(targets, friction.shape)
    flat = wide.reshape(-1)
    starts = np.where(np.isfinite(flat[starts]), starts, -1)
    half = np.array([dx, dy, math.sqrt(dx * dx + dy * dy)]) / 2
    dearest = 2 * high * float(half[2])
    width = max(low * min(dx, dy), dearest / (_RING - 2))
    slots = 4
    while (slots - 2) * width < dearest:
        slots *= 2
    cost = np.full(wide.shape, np.inf)
    back = np.full(wide.shape, trace.NOWHERE, np.int8)
    owner = np.full(wide.shape, -1, np.int32)
    alive = starts[starts >= 0]
    reach = math.inf
    if alive.size:
        reach = float(spread.spread(flat, cols, half, width, slots, alive, ends, cost.reshape(-1)))
        trace.directions(flat, cols, half, reach, cost.reshape(-1), back.reshape(-1))
        trace.owners(back.reshape(-1), cols, np.maximum(starts, 0), owner.reshape(-1))
    inner = (slice(1, -1), slice(1, -1))
    return LeastCost(cost[inner], back[inner], owner[inner], reach)


def _rimmed(friction: Float32) -> tuple[Float32, float, float]:
    """Return the friction with an infinite rim, and its finite range."""
    wide = np.full((friction.shape[0] + 2, friction.shape[1] + 2), np.inf, np.float32)
    inner = wide[1:-1, 1:-1]
    inner[...] = friction
    inner[np.isnan(inner)] = np.inf
    low = float(inner.min(initial=np.inf))
    high = float(inner.max(initial=0.0, where=np.isfinite(inner)))
    if high == 0.0 and low == math.inf:
        low = high = 1.0  # barriers only
    if not (low > 0 and high <= _RANGE * low):
        raise RasterError(
            "friction",
            Say(
                f"阻力 {low:g} 至 {high:g}，须为正且相差不超过一百万倍",
                f"spans {low:g} to {high:g}; it must be positive, within a factor of a million",
            ),
            Say("不可通过处用无穷大", "mark barriers as infinite"),
        )
    return wide, low, high


def _cells(cells: npt.ArrayLike | None, shape: tuple[int, ...]) -> Int64:
    """Return cells of the rimmed raster."""
    if cells is None:
        return _NONE
    flat = np.asarray(cells, np.int64).reshape(-1)
    if flat.size and not (flat.min() >= 0 and flat.max() < shape[0] * shape[1]):
        raise OptionError(
            "cells",
            Say("有像元在栅格之外", "lie outside the raster in part"),
            Say("先去掉栅格以外的点", "leave out points beyond the grid"),
        )
    row, col = np.divmod(flat, shape[1])
    return np.asarray((row + 1) * (shape[1] + 2) + col + 1, np.int64)
