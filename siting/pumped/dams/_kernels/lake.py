"""Water behind a dam: one walk of a catchment, a histogram per metre, two running sums."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Uint8 = npt.NDArray[np.uint8]


@numba.njit(cache=True, nogil=True)
def room(heights: int) -> tuple[Float64, Float64, Float64, Float64, Float64, Float64]:
    """Return six arrays of one number a level: histograms, curves and walls of one site."""
    return (
        np.empty(heights), np.empty(heights), np.empty(heights),
        np.empty(heights), np.empty(heights), np.empty(heights),
    )  # fmt: skip


@numba.njit(cache=True, nogil=True)
def walk(
    z: Float32,
    size: Int32,
    start: int,
    stop: int,
    count: Float64,
    depth: Float64,
) -> None:
    """Add the cells of a catchment to the metre above its foot at which each floods.

    Parameters
    ----------
    z, size
        Filled elevation [m] and cells of the catchment of each cell, in drainage order.
    start, stop
        Slice of the catchment; its first cell is the foot.
    count, depth
        Results, (heights,): cells that flood first at that level, and the sum of their
        height above the foot [m]. Cleared first.

    Notes
    -----
    Filled ground never falls upstream: a cell above the highest level takes its whole
    catchment with it.
    """
    count[:] = 0.0
    depth[:] = 0.0
    top = count.size - 1
    base = np.float64(z[start])
    i = start
    while i < stop:
        above = np.float64(z[i]) - base
        if above >= top:
            i += size[i]
            continue
        level = int(above) + 1
        count[level] += 1.0
        depth[level] += above
        i += 1


@numba.njit(cache=True, nogil=True)
def lowest_barred(
    z: Float32, size: Int32, bar: Uint8, bit: int, start: int, stop: int, top: float
) -> int:
    """Return the place of the lowest cell of a catchment that has ``bit`` set, or -1.

    Only cells less than ``top`` [m] above the foot are looked at; of equally low cells the
    first in drainage order.
    """
    base = np.float64(z[start])
    least = top
    found = -1
    i = start
    while i < stop:
        above = np.float64(z[i]) - base
        if above >= least:
            i += size[i]
            continue
        if bar[i] & bit:
            least = above
            found = i
        i += 1
    return found


@numba.njit(cache=True, nogil=True)
def fill(count: Float64, depth: Float64, cell_m2: float, volume: Float64, area: Float64) -> None:
    """Turn a histogram into volume [m³] and area [m²] of the lake at each whole level.

    The depth of every cell counts up to the level: a cell sum of the integral, not a pile
    of slabs a metre thick.
    """
    cells = 0.0
    total = 0.0
    for h in range(count.size):
        cells += count[h]
        total += depth[h]
        water = max(cell_m2 * (cells * h - total), 0.0)
        # cells taken away at a straight axis may leave a hair below nothing
        volume[h] = max(water, volume[h - 1]) if h > 0 else 0.0
        area[h] = max(cell_m2 * cells, 0.0)
