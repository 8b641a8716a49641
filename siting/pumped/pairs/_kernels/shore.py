"""Points of a lake's shore: found once per level, and the two closest of two lakes."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from siting.pumped.pairs._kernels.terms import EAST, NEW, NODE, NORTH, RADIUS

Float64 = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

#: Directions in which the furthest flooded cell is kept.
WAYS = 8
DIAGONAL = math.sqrt(0.5)


@numba.njit(cache=True, parallel=True)
def extremes(
    filled: Float32, cells: Int32, order: Int32, cols: int,
    start: Int32, extent: Int32, foot: Float32, top: Float32,
    step: float, levels: int, found: Int32,
) -> None:  # fmt: skip
    """Find the furthest cell of each lake in 8 directions, level by level.

    Parameters
    ----------
    filled, cells
        Flat rasters of the drainage.
    order
        Cells in drainage pre-order.
    start, extent
        Slice of each catchment.
    foot, top
        Level of each dam foot, and the height up to which its lake is followed.
    step, levels
        Metres between levels, and their number (the first lies ``step`` above the foot).
    found
        Receives the cells, flat (dams, levels, 8), -1 = the lake does not reach so high.
    """
    width = np.uint32(cols)
    for i in numba.prange(start.size):
        base = i * levels * WAYS
        reach, least = np.full(levels * WAYS, -np.inf), np.full(levels, -np.inf)
        most = min(levels, int(top[i] / step))
        at, end = start[i], start[i] + extent[i]
        r0 = np.int64(np.uint32(order[at]) // width)
        c0 = order[at] - r0 * cols
        while at < end:
            cell = order[at]
            k = int((filled[cell] - foot[i]) / step)
            if k >= most:
                # water runs down: what lies above drains from higher ground still
                at += cells[cell]
                continue
            k = max(k, 0)
            row = np.int64(np.uint32(cell) // width)
            x, y = float(cell - row * cols - c0), float(row - r0)
            at += 1
            # no way is longer than the straight distance, hence none is passed below the least
            if x * x + y * y < least[k] * abs(least[k]):
                continue
            for way in range(WAYS):
                far = x * _east(way) + y * _south(way)
                if far > reach[k * WAYS + way]:
                    reach[k * WAYS + way] = far
                    found[base + k * WAYS + way] = cell
            least[k] = reach[k * WAYS : (k + 1) * WAYS].min()
        for k in range(1, most):
            for way in range(WAYS):
                here, below = k * WAYS + way, (k - 1) * WAYS + way
                if reach[below] >= reach[here]:
                    reach[here] = reach[below]
                    found[base + here] = found[base + below]


@numba.njit(cache=True)
def _east(way: int) -> float:
    if way % 4 == 2:
        return 0.0
    if way % 4 == 0:
        return 1.0 if way == 0 else -1.0
    return DIAGONAL if (way + 1) % WAYS <= 2 else -DIAGONAL


@numba.njit(cache=True)
def _south(way: int) -> float:
    return _east((way + 6) % WAYS)


@numba.njit(cache=True)
def bin_of(height: float, step: float, levels: int) -> int:
    """Return the highest level of shore points that is not above ``height``, -1 = foot only."""
    return min(int(height / step + 1e-9), levels) - 1


@numba.njit(cache=True)
def point_of(
    node: Float64, shore: Int32, place: Float64, levels: int, a: int, k: int, i: int
) -> tuple[float, float, bool]:
    """Return point ``i`` of new lake ``a`` at level ``k``: its foot, then 8 extremes.

    Parameters
    ----------
    place
        East and north of the first cell's middle, width and height of a cell, columns.
    """
    if i == 0:
        return node[a * NODE + EAST], node[a * NODE + NORTH], True
    cell = shore[(a * levels + k) * WAYS + i - 1]
    if cell < 0:
        return 0.0, 0.0, False
    cols = int(place[4])
    return place[0] + (cell % cols) * place[2], place[1] + (cell // cols) * place[3], True


@numba.njit(cache=True)
def split(x: float, y: float) -> tuple[int, float, int, float]:
    """Return a vector (east, south) as shares of the two ways that it lies between."""
    ax, ay = abs(x), abs(y)
    across = (1 if x >= 0.0 else 3) if y >= 0.0 else (7 if x >= 0.0 else 5)
    if ax >= ay:
        return (0 if x >= 0.0 else 4), ax - ay, across, ay * math.sqrt(2.0)
    return (2 if y >= 0.0 else 6), ay - ax, across, ax * math.sqrt(2.0)


@numba.njit(cache=True, parallel=True)
def supports(
    node: Float64, shore: Int32, place: Float64, levels: int, count: int, found: Float64
) -> None:
    """Fill how far each of the first ``count`` lakes reaches in 8 ways at any level.

    Also sets how far its shore points lie from its foot at most (RADIUS of ``node``). Flat
    (lakes, 8). A lake reaches no further in a direction between two ways than the sum of both
    reaches by the shares of :func:`split`.
    """
    for a in numba.prange(count):
        foot_x, foot_y = node[a * NODE + EAST], node[a * NODE + NORTH]
        radius = 0.0
        found[a * WAYS : (a + 1) * WAYS] = 0.0
        for k in range(levels):
            for way in range(WAYS):
                x, y, known = point_of(node, shore, place, levels, a, k, way + 1)
                if known:
                    east, south = x - foot_x, foot_y - y
                    radius = max(radius, east * east + south * south)
                    far = east * _east(way) + south * _south(way)
                    found[a * WAYS + way] = max(found[a * WAYS + way], far)
        node[a * NODE + RADIUS] = math.sqrt(radius)


@numba.njit(cache=True)
def reach_of(
    node: Float64, shore: Int32, place: Float64, levels: int, a: int, k: int, way: int
) -> float:
    """Return how far lake ``a`` at level ``k`` reaches from its foot in one way."""
    if k < 0:
        return 0.0
    x, y, known = point_of(node, shore, place, levels, a, k, way + 1)
    if not known:
        return 0.0
    east, south = x - node[a * NODE + EAST], node[a * NODE + NORTH] - y
    return float(max(east * _east(way) + south * _south(way), 0.0))


@numba.njit(cache=True)
def apart(
    node: Float64, shore: Int32, place: Float64, levels: int, upper: int, ku: int, lower: int,
    kl: int,
) -> float:  # fmt: skip
    """Return a distance that two new lakes up to the levels ``ku`` and ``kl`` do not fall below."""
    x = node[lower * NODE + EAST] - node[upper * NODE + EAST]
    y = node[upper * NODE + NORTH] - node[lower * NODE + NORTH]
    d = math.hypot(x, y)
    if d == 0.0:
        return 0.0
    p, share_p, q, share_q = split(x / d, y / d)
    d -= share_p * reach_of(node, shore, place, levels, upper, ku, p)
    d -= share_q * reach_of(node, shore, place, levels, upper, ku, q)
    d -= share_p * reach_of(node, shore, place, levels, lower, kl, (p + 4) % WAYS)
    d -= share_q * reach_of(node, shore, place, levels, lower, kl, (q + 4) % WAYS)
    return d


@numba.njit(cache=True)
def nearest_of(
    px: Float64, py: Float64, owner: Int32, cell: Int64, box: Float64,
    lake: int, x: float, y: float, limit: float,
) -> tuple[int, float]:  # fmt: skip
    """Return the point of ``lake`` nearest to a place and its squared distance.

    -1 when none is nearer than the squared distance ``limit``. ``box`` is west, south, size,
    columns and rows of the hash; ``cell`` the first point of each of its cells.
    """
    size, nx, ny = box[2], int(box[3]), int(box[4])
    far = math.sqrt(limit)
    left = max(math.floor((x - far - box[0]) / size), 0)
    right = min(math.floor((x + far - box[0]) / size), nx - 1)
    low = max(math.floor((y - far - box[1]) / size), 0)
    high = min(math.floor((y + far - box[1]) / size), ny - 1)
    best, found = limit, -1
    for j in range(low, high + 1):
        for i in range(left, right + 1):
            for p in range(cell[j * nx + i], cell[j * nx + i + 1]):
                if owner[p] == lake:
                    d = (px[p] - x) ** 2 + (py[p] - y) ** 2
                    if d < best or (d == best and found < 0):
                        best, found = d, p
    return found, best


@numba.njit(cache=True)
def closest_points(
    node: Float64, shore: Int32, place: Float64, levels: int, upper: int, ku: int, lower: int,
    kl: int,
) -> tuple[int, int, float]:  # fmt: skip
    """Return the two closest points of two new lakes and their squared distance.

    Of equally close ones the first of the upper lake, then of the lower.
    """
    xs, ys = np.empty(1 + WAYS), np.empty(1 + WAYS)
    near = 1 + WAYS if kl >= 0 else 1
    for j in range(near):
        xs[j], ys[j], known = point_of(node, shore, place, levels, lower, kl, j)
        if not known:
            xs[j] = np.inf
    best, p, q = np.inf, 0, 0
    for i in range(1 + WAYS if ku >= 0 else 1):
        x, y, known = point_of(node, shore, place, levels, upper, ku, i)
        if not known:
            continue
        for j in range(near):
            d = (x - xs[j]) ** 2 + (y - ys[j]) ** 2
            if d < best:
                best, p, q = d, i, j
    return p, q, best


@numba.njit(cache=True)
def closest_new(
    node: Float64, shore: Int32, place: Float64, levels: int, upper: int, ku: int, lower: int,
    kl: int,
) -> float:  # fmt: skip
    """Return the distance of two new lakes at the levels ``ku`` and ``kl``."""
    return math.sqrt(closest_points(node, shore, place, levels, upper, ku, lower, kl)[2])


@numba.njit(cache=True)
def closest(
    node: Float64, shore: Int32, place: Float64, levels: int,
    px: Float64, py: Float64, owner: Int32, cell: Int64, box: Float64,
    upper: int, ku: int, lower: int, kl: int, ends: Float64,
) -> float:  # fmt: skip
    """Return the distance of two lakes and set ``ends`` to its two points.

    ``ends`` enters with a pair of points already known (upper x, y, lower x, y).
    """
    best = (ends[0] - ends[2]) ** 2 + (ends[1] - ends[3]) ** 2
    new_upper, new_lower = node[upper * NODE + NEW] > 0.0, node[lower * NODE + NEW] > 0.0
    if new_upper and new_lower:
        i, j, d = closest_points(node, shore, place, levels, upper, ku, lower, kl)
        if d < best:
            best = d
            ends[0], ends[1], _ = point_of(node, shore, place, levels, upper, ku, i)
            ends[2], ends[3], _ = point_of(node, shore, place, levels, lower, kl, j)
    elif new_upper:
        for i in range(1 + WAYS if ku >= 0 else 1):
            x, y, known = point_of(node, shore, place, levels, upper, ku, i)
            if known:
                p, d = nearest_of(px, py, owner, cell, box, lower, x, y, best)
                if p >= 0 and d < best:
                    best = d
                    ends[0], ends[1], ends[2], ends[3] = x, y, px[p], py[p]
    elif new_lower:
        for j in range(1 + WAYS if kl >= 0 else 1):
            x, y, known = point_of(node, shore, place, levels, lower, kl, j)
            if known:
                p, d = nearest_of(px, py, owner, cell, box, upper, x, y, best)
                if p >= 0 and d < best:
                    best = d
                    ends[0], ends[1], ends[2], ends[3] = px[p], py[p], x, y
    return math.sqrt(best)
