"""Relief of the demo scene: real at 1/12 degree, grown by rivers below.

The large shape is the altitude table of pvlib. Below it a steady stream-power
landscape is grown on the lattice: its steepness is steered until the smoothed
result equals the smoothed table.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import h5py
import numpy as np
import numpy.typing as npt
from scipy import ndimage

from geo import crs as geo_crs
from layers.demo import places
from layers.demo._kernels import erode, grow
from layers.demo.lattice import CELL, Lattice
from layers.demo.shapes import fractal

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

#: Drained area -> slope exponent; hillslopes end at the threshold slope [m/m].
CONCAVITY: Final = 0.72
THRESHOLD_SLOPE: Final = 1.4
#: The table is not taken below this height; its cubic spline undershoots. [m]
LOWEST: Final = 70.0
#: Rounds (lattice factor, steps) of growth.
ROUNDS: Final = ((4, 56), (2, 22), (1, 6))
#: Channels that drain this much are opened where they run diagonally. [km2]
CORNER_AREA: Final = 0.25
#: Banks of a drowned course up to this height above the lake are drowned too. [m]
BANK: Final = 110.0
#: Above this height the relief is compressed, so that summits stay near the city's own. [m]
SUMMITS: Final = 2200.0
STEEPNESS_RANGE: Final = (0.006, 1.9)


@dataclass(frozen=True, slots=True)
class Relief:
    """The grown landscape on the lattice, all arrays flat over its nodes.

    Parameters
    ----------
    z
        Bed elevation. [m]
    level
        Lake surface, 0 where dry. [m]
    lake
        Number (1 ...) of the dam whose lake covers the node, else 0.
    receiver, order
        Drainage tree and its nodes from outlet to ridge.
    area
        Drained area. [km2]
    main
        Number (1 ...) of the pinned course on the node, else 0.
    """

    lattice: Lattice
    z: Floats
    level: Floats
    lake: Bytes
    receiver: Ints
    order: Ints
    area: Floats
    main: Bytes

    def grid(self, flat: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
        """Return a flat array as float32 [rows, cols]."""
        return flat.reshape(self.lattice.shape).astype(np.float32)


def altitude_table(rows: slice, cols: slice) -> Floats:
    """Return a window of pvlib's altitude table [m], rows from north, 1/12 degree cells.

    The file holds steps of 28 m from -450 m (pvlib ``lookup_altitude``); 255 = none.
    """
    # found, not imported: the package takes longer to load than the table to read
    spec = importlib.util.find_spec("pvlib")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pvlib")
    path = Path(spec.origin).parent / "data" / "Altitude.h5"
    with h5py.File(path, "r") as file:
        raw = np.asarray(file["Altitude"][rows, cols], dtype=np.float64)
    return np.where(raw == 255, 0.0, raw * 28.0 - 450.0)


def large_scale(lattice: Lattice, crs: str) -> Floats:
    """Return the table interpolated bicubically onto the lattice [m]."""
    xs, ys = np.meshgrid(lattice.xs, lattice.ys)
    lon, lat = geo_crs.lonlat(crs, xs.ravel(), ys.ravel())
    rows = (90.0 - lat) * 12.0 - 0.5
    cols = (lon + 180.0) * 12.0 - 0.5
    r0, c0 = int(rows.min()) - 6, int(cols.min()) - 6
    window = altitude_table(slice(r0, int(rows.max()) + 8), slice(c0, int(cols.max()) + 8))
    base = ndimage.map_coordinates(window, [rows - r0, cols - c0], order=3, mode="nearest")
    return np.asarray(np.maximum(base, LOWEST).reshape(lattice.shape), dtype=np.float64)


def pin_courses(lattice: Lattice, crs: str) -> tuple[Floats, Bytes, Ints]:
    """Return bed level [m] (NaN elsewhere), course number and next node of pinned nodes.

    The next node is -1 off the courses; a later course ends where it meets an earlier one.
    """
    cols = lattice.shape[1]
    bed = np.full(lattice.shape, np.nan)
    number = np.zeros(lattice.shape, np.uint8)
    following = np.full(bed.size, -1, np.int64)
    for k, points in enumerate(places.COURSES.values(), start=1):
        lon, lat, level = (np.array(v, dtype=np.float64) for v in zip(*points, strict=True))
        x, y = (np.asarray(v) for v in geo_crs.from_lonlat(crs, lon, lat))
        along = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))))
        s = np.arange(0.0, along[-1], 0.2 * lattice.cell)
        px, py = _meander(s, np.interp(s, along, x), np.interp(s, along, y), k, along)
        pz = np.interp(s, along, level)
        at: dict[int, float] = {}
        for xx, yy, zz in zip(px, py, pz, strict=True):
            row, col = lattice.node(xx, yy)
            node = row * cols + col
            if node in at:  # a loop: cut it off
                while next(reversed(at)) != node:
                    at.popitem()
            elif not np.isnan(bed[row, col]):
                at[node] = bed[row, col]
                break
            else:
                at[node] = zz
        nodes = np.array(list(at), np.int64)
        following[nodes[:-1]] = nodes[1:]
        fresh = number.ravel()[nodes] == 0
        bed.ravel()[nodes[fresh]] = np.array(list(at.values()))[fresh]
        number.ravel()[nodes[fresh]] = k
    return bed, number, following


def _meander(s: Floats, x: Floats, y: Floats, k: int, along: Floats) -> tuple[Floats, Floats]:
    """Bend a course sideways, by nothing at its control points [m]."""
    nearest = np.abs(s[:, None] - along[None, :]).min(axis=1)
    sway = np.minimum(nearest / 2500.0, 1.0) * (
        650.0 * np.sin(s / 1300.0 + 1.7 * k) + 380.0 * np.sin(s / 610.0 + 2.9 * k)
    )
    tx, ty = np.gradient(x), np.gradient(y)
    norm = np.maximum(np.hypot(tx, ty), 1e-9)
    return x - sway * ty / norm, y + sway * tx / norm


def _steer(z: Floats, base: Floats, steepness: Floats, cell: float) -> Floats:
    """Return the steepness that brings the smoothed relief nearer to the table."""
    sigma = 4500.0 / cell
    have = ndimage.gaussian_filter(z, sigma, mode="nearest")
    want = ndimage.gaussian_filter(base, sigma * 0.5, mode="nearest")
    floor = ndimage.gaussian_filter(ndimage.minimum_filter(z, round(9000 / cell)), sigma)
    ratio = np.clip((want - floor + 40.0) / np.maximum(have - floor + 40.0, 10.0), 0.6, 1.6)
    return np.asarray(np.clip(steepness * ratio**0.6, *STEEPNESS_RANGE))


def _fixed(lattice: Lattice, base: Floats, bed: Floats) -> tuple[Floats, Bytes]:
    """Return start elevations [m] and the mask of nodes that stay: courses and rim."""
    fixed = (~np.isnan(bed)).astype(np.uint8)
    z = np.where(np.isnan(bed), base, bed)
    rim = np.ones(lattice.shape, bool)
    rim[1:-1, 1:-1] = False
    low = ndimage.minimum_filter(base, round(8000 / lattice.cell), mode="nearest")
    z = np.where(rim & (fixed == 0), low, z)
    fixed[rim] = 1
    return z, fixed


def grow_relief(
    lattice: Lattice, crs: str, seed: int, progress: Callable[[str], None]
) -> tuple[Floats, Ints, Ints, Floats, Bytes]:
    """Grow the landscape; return z, receiver, order, area, main (flat)."""
    rng = np.random.default_rng([seed, 1])
    wobble = np.exp(0.6 * rng.normal(size=lattice.shape))
    rough = fractal(seed, 2, lattice.shape, (1.0, 3.0, 9.0))
    rock = np.exp(0.35 * fractal(seed, 3, lattice.shape, (3.0, 8.0, 24.0)))
    z = steepness = np.zeros((1, 1))
    receiver = order = np.zeros(0, np.int64)
    area = np.zeros(0)
    number = np.zeros((0, 0), np.uint8)
    for factor, steps in ROUNDS:
        level = lattice.coarse(factor)
        progress(f"演示地形 {level.cell:.0f} m")
        base = large_scale(level, crs)
        bed, number, following = pin_courses(level, crs)
        start, fixed = _fixed(level, base, bed)
        if factor == ROUNDS[0][0]:
            z = np.where(fixed != 0, start, start + 60.0 * _every(rough, factor))
            steepness = np.clip(base / 4000.0, *STEEPNESS_RANGE)
        else:
            z = np.where(
                fixed != 0, start, _enlarge(z, level.shape) + 8.0 * factor * _every(rough, factor)
            )
            steepness = _enlarge(steepness, level.shape)
        tree = _Tree(level, fixed, following, _every(wobble, factor))
        z, steepness = tree.grow(z, base, steepness, _every(rock, factor), steps)
        receiver, order, area = tree.receiver, tree.order, tree.area
    return z.ravel(), receiver, order, area, number.ravel()


class _Tree:
    """The drainage tree of one lattice while the relief grows on it."""

    def __init__(self, lattice: Lattice, fixed: Bytes, following: Ints, wobble: Floats) -> None:
        self.lattice = lattice
        self.fixed = np.ascontiguousarray(fixed.ravel())
        self.following = following
        self.wobble = np.ascontiguousarray(wobble.ravel())
        self.receiver = np.empty(fixed.size, np.int64)
        self.order = np.empty(fixed.size, np.int64)
        self.area = np.empty(fixed.size)

    def route(self, z: Floats, *, pits: bool) -> None:
        """Rebuild tree, order and drained area; with ``pits`` by flooding."""
        rows, cols = self.lattice.shape
        if pits:
            grow.flood(z, 6.0 * self.wobble, self.fixed, rows, cols, self.receiver)
        else:
            erode.steepest(z, self.wobble, self.fixed, rows, cols, self.receiver)
        pinned = self.following >= 0
        self.receiver[pinned] = self.following[pinned]
        erode.downstream_order(self.receiver, self.order)
        erode.drain(self.receiver, self.order, self.lattice.cell**2 / 1e6, self.area)

    def grow(
        self, z: Floats, base: Floats, steepness: Floats, rock: Floats, steps: int
    ) -> tuple[Floats, Floats]:
        """Return elevation and steepness after ``steps`` rounds."""
        flat = np.ascontiguousarray(z.ravel())
        cap = np.full(flat.size, THRESHOLD_SLOPE)
        for step in range(steps):
            self.route(flat, pits=step == 0)
            weight = 0.4 if step < steps - 4 else 0.8
            erode.settle(
                flat, self.fixed, self.receiver, self.order, self.area,
                (steepness * rock).ravel(), cap, self.lattice.shape[1], self.lattice.cell,
                CONCAVITY, weight,
            )  # fmt: skip
            if self.lattice.cell >= 2.0 * CELL and step % 4 == 3:
                steepness = _steer(flat.reshape(z.shape), base, steepness, self.lattice.cell)
        return flat.reshape(z.shape), steepness


def _every(field: Floats, factor: int) -> Floats:
    """Return every ``factor``-th node of a field."""
    rows, cols = field.shape
    return field[: rows // factor * factor : factor, : cols // factor * factor : factor]


def _enlarge(field: Floats, shape: tuple[int, int]) -> Floats:
    """Return ``field`` bilinearly on a lattice of twice the nodes."""
    rows = np.arange(shape[0])[:, None] * 0.5 + np.zeros(shape)
    cols = np.arange(shape[1])[None, :] * 0.5 + np.zeros(shape)
    return np.asarray(ndimage.map_coordinates(field, [rows, cols], order=1, mode="nearest"))


def fill_valleys(z: Floats, receiver: Ints, order: Ints, area: Floats) -> Floats:
    """Return the relief with sediment in the valleys: low ground above a thalweg flattens.

    A height h [m] above the thalweg becomes h²/(h + d) with d up to 20 m where the drained
    area [km2] is large.
    """
    channel = np.empty(z.size, np.int64)
    erode.thalweg(receiver, order, area, 8.0, channel)
    above = z - z[channel]
    depth = 20.0 * np.clip(np.log10(np.maximum(area[channel], 1.0) / 4.0) / 2.2, 0.0, 1.0)
    return np.asarray(z[channel] + above * above / (above + depth + 1e-9))


def round_slopes(z: Floats, area: Floats, shape: tuple[int, int]) -> Floats:
    """Return the relief [m] with soil creep: channels (by drained area [km2]) are kept."""
    soft = ndimage.gaussian_filter(z.reshape(shape), 0.95).ravel()
    keep = np.clip(np.log10(area / 0.3) / 1.2, 0.0, 1.0)
    return np.asarray(soft + keep * (z - soft))


def make_relief(lattice: Lattice, crs: str, seed: int, progress: Callable[[str], None]) -> Relief:
    """Grow the relief, fill its valleys and its lakes."""
    z, receiver, order, area, main = grow_relief(lattice, crs, seed, progress)
    z = np.where(z > SUMMITS, SUMMITS + 0.55 * (z - SUMMITS), z)
    z = round_slopes(fill_valleys(z, receiver, order, area), area, lattice.shape)
    erode.open_corners(z, receiver, area, lattice.shape[1], CORNER_AREA)
    soft = ndimage.gaussian_filter(z.reshape(lattice.shape), 0.5).ravel()
    z = np.where(main > 0, z, soft)
    level, lake = _fill_lakes(lattice, crs, z, receiver, order, main)
    return Relief(lattice, z, level, lake, receiver, order, area, main)


def _fill_lakes(
    lattice: Lattice, crs: str, z: Floats, receiver: Ints, order: Ints, main: Bytes
) -> tuple[Floats, Bytes]:
    """Fill what lies upstream of a dam below its level; raise the rim elsewhere (in place)."""
    cols = lattice.shape[1]
    dams = []
    for dam in places.DAMS:
        x, y = geo_crs.from_lonlat(crs, dam.lon, dam.lat)
        row, col = lattice.node(float(x), float(y))
        dams.append(row * cols + col)
    mark = np.zeros(z.size, np.uint8)
    erode.upstream(receiver, order, np.array(dams, np.int64), mark)
    surface = np.array([0.0, *(dam.level for dam in places.DAMS)])[mark]
    lake = np.where((mark > 0) & (z < surface), mark, 0).astype(np.uint8)
    lake = _connected(lake.reshape(lattice.shape), dams)
    _widen(lake, mark.reshape(lattice.shape), z.reshape(lattice.shape), main)
    level = np.where(lake > 0, np.array([0.0, *(d.level for d in places.DAMS)])[lake], 0.0)
    around = ndimage.maximum_filter(level, 3)
    land = (lake == 0) & (around > 0)
    deep = z.reshape(lattice.shape)
    deep[land] = np.maximum(deep[land], around[land] + 4.0)
    return level.ravel(), lake.ravel()


def _widen(lake: Bytes, mark: Bytes, z: Floats, main: Bytes) -> None:
    """Drown both banks of the pinned courses under a lake, in place: a valley has a floor."""
    levels = np.array([0.0, *(dam.level for dam in places.DAMS)])
    course = (main > 0).reshape(lake.shape)
    grown = ndimage.maximum_filter(np.where(course, lake, 0), 3)
    bank = (lake == 0) & (grown > 0) & (mark == grown) & (z < levels[grown] + BANK)
    lake[bank] = grown[bank]
    z[bank] = levels[grown[bank]] - 6.0


def _connected(lake: Bytes, dams: list[int]) -> Bytes:
    """Keep of each lake the part that touches its dam."""
    kept = np.zeros_like(lake)
    for k, node in enumerate(dams, start=1):
        row, col = divmod(node, lake.shape[1])
        labels, _ = ndimage.label(lake == k, structure=np.ones((3, 3)))
        near = labels[max(row - 3, 0) : row + 4, max(col - 3, 0) : col + 4]
        if near.max() > 0:
            kept[labels == np.bincount(near[near > 0]).argmax()] = k
    return kept
