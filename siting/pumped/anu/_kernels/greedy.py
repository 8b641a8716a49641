"""Lakes that do not overlap: pairs in order, each lake grown again to its volume."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]


@numba.njit(cache=True)
def between(curve: Float64, height: float, step: float) -> float:
    """Return a curve given every ``step`` from 0 at ``height`` [m], linear, kept on at the end."""
    band = min(int(height / step), curve.size - 2)
    share = height / step - band
    return float(curve[band] + share * (curve[band + 1] - curve[band]))


@numba.njit(cache=True)
def water_at(
    foot: int,
    height: float,
    order: Int32,
    position: Int32,
    cells: Int32,
    filled: Float32,
    dem: Float32,
    area: float,
) -> float:
    """Return the water behind a wall of ``height`` [m], cell by cell. [m³]."""
    level = dem[foot] + height
    limit = filled[foot] + height + 1.0
    at = position[foot]
    last = at + cells[foot]
    depth = 0.0
    while at < last:
        here = order[at]
        if filled[here] >= limit:
            at += cells[here]
            continue
        at += 1
        depth += max(level - dem[here], 0.0)
    return depth * area


@numba.njit(cache=True)
def claim(
    foot: int,
    height: float,
    order: Int32,
    position: Int32,
    cells: Int32,
    filled: Float32,
    dem: Float32,
    taken: Bytes,
    write: int,
) -> bool:
    """Return whether all cells of a lake are free; with ``write`` > 0 set them to it instead."""
    level = dem[foot] + height
    limit = filled[foot] + height + 1.0
    at = position[foot]
    last = at + cells[foot]
    while at < last:
        here = order[at]
        if filled[here] >= limit:
            at += cells[here]
            continue
        at += 1
        if dem[here] < level:
            if write > 0:
                taken[here] = write - 1
            elif taken[here]:
                return False
    return True


@numba.njit(cache=True)
def grown(
    foot: int,
    height: float,
    needed: float,
    dam: Float64,
    top: float,
    law: tuple[float, float, float, float, float],
    order: Int32,
    position: Int32,
    cells: Int32,
    filled: Float32,
    dem: Float32,
    area: float,
) -> float:
    """Return the wall height at which water and the fill inside are ``needed`` [m³]; -1 = none."""
    share, step, least, heights, inside = law
    up, down = False, False
    while least <= height <= top and not (up and down):
        water = water_at(foot, height, order, position, cells, filled, dem, area)
        off = water + inside * between(dam, height, heights) - needed
        if abs(off) <= share * needed:
            return height
        up, down = up or off < 0, down or off > 0
        height += step if off < 0 else -step
    return -1.0


@numba.njit(cache=True)
def greedy(
    upper: Int64,
    lower: Int64,
    height: Float64,
    needed: Float64,
    new: int,
    foot: Int32,
    dam: Float64,
    cap: Float64,
    area: Float64,
    order: Int32,
    position: Int32,
    cells: Int32,
    filled: Float32,
    dem: Float32,
    law: tuple[float, float, float, float, float],
    taken: Bytes,
    used: Bytes,
    chosen: Bytes,
) -> None:
    """Choose pairs in the order given; a lake never touches one that was chosen before.

    Parameters
    ----------
    upper, lower
        Sites of each pair; from ``new`` on they exist and serve one pair each.
    height
        (pairs, 2): wall heights, replaced by those of the lakes grown again. [m]
    needed
        Volume of each pair. [m³]
    foot, dam, cap, area
        Foot cell, wall by height from 0 [m³], highest wall [m], cell area [m²] of new sites.
    order, position, cells, filled, dem
        Drainage and ground, flat.
    law
        Share by which the volume may be missed, step, least dam, step of the heights, share of
        the fill that is dug inside.
    taken, used
        Scratch, zeros: cells of the grid, lakes that exist.
    chosen
        Result: 1 = chosen.
    """
    for k in range(upper.size):
        u, w = upper[k], lower[k]
        if (u >= new and used[u - new]) or (w >= new and used[w - new]):
            continue
        if (u < new and taken[foot[u]]) or (w < new and taken[foot[w]]):
            continue
        high = np.zeros(2)
        fits = True
        for side in range(2):
            site = u if side == 0 else w
            if site < new and fits:
                at = foot[site]
                high[side] = grown(
                    at, height[k, side], needed[k], dam[site], cap[site], law,
                    order, position, cells, filled, dem, area[site],
                )  # fmt: skip
                fits = high[side] >= 0.0 and claim(
                    at, high[side], order, position, cells, filled, dem, taken, 0
                )
        if not fits:
            continue
        if u < new:
            claim(foot[u], high[0], order, position, cells, filled, dem, taken, 2)
        if w < new:
            if not claim(foot[w], high[1], order, position, cells, filled, dem, taken, 0):
                if u < new:
                    claim(foot[u], high[0], order, position, cells, filled, dem, taken, 1)
                continue
            claim(foot[w], high[1], order, position, cells, filled, dem, taken, 2)
        if u >= new:
            used[u - new] = 1
        if w >= new:
            used[w - new] = 1
        height[k, 0], height[k, 1] = high[0], high[1]
        chosen[k] = 1
