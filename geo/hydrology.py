"""Where water runs on a DEM: filled surface, D8 directions, catchments as slices.

Levels are whole decimetres, so every comparison is exact and the answer does not depend on
threads, on the order of the floods or on the machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from rasterio.features import rasterize
from shapely.geometry.base import BaseGeometry

from geo._kernels import accumulate, d8, drainage_order, flats, flood
from geo.errors import OptionError, RasterError, Say, SizeError
from geo.grid import Grid
from geo.terrain import checked_dem

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
UInt8 = npt.NDArray[np.uint8]

#: Direction of a cell that drains nowhere: an outlet at the rim of the data, or a void.
OUTLET: Final = d8.OUTLET
#: Columns and rows to the receiver, by direction: E, SE, S, SW, W, NW, N, NE.
STEP_COLS: Final = (1, 1, 0, -1, -1, -1, 0, 1)
STEP_ROWS: Final = (0, 1, 1, 1, 0, -1, -1, -1)
#: Elevations that can be metres on Earth; feet or a nodata code leave the range. [m]
VALID_M: Final = (-500.0, 9000.0)
#: Most lakes that can be stamped at once.
MOST_LAKES: Final = 65_535

#: A flood of more cells than this waits until the small ones are done.
_PATIENCE: Final = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Drainage:
    """Drainage of a DEM; the catchment of a cell is one slice of :attr:`order`.

    Parameters
    ----------
    grid
        Where rows and columns lie.
    filled
        Surface without depressions, lakes at their level, in whole decimetres, NaN in voids,
        float32 (rows, cols). [m]
    direction
        Receiver, uint8 (rows, cols): 0..7 = E, SE, S, SW, W, NW, N, NE; 255 = outlet or void.
    cells
        Cells that drain through the cell, itself included, int32 (rows, cols); 0 in voids.
    order
        Flat cell numbers in pre-order, int32 (n,): an outlet first, then its tributaries.
    position
        Place of a cell in ``order``, int32 (rows, cols); -1 in voids.
    open
        The catchment holds a cell at the rim of the data: its size is a lower bound. Bool
        (rows, cols).
    """

    grid: Grid
    filled: Float32
    direction: UInt8
    cells: Int32
    order: Int32
    position: Int32
    open: npt.NDArray[np.bool_]


def drainage(
    dem: npt.NDArray[Any], grid: Grid, lakes: Sequence[tuple[BaseGeometry, float]] = ()
) -> Drainage:
    """Return filled surface, directions, catchment sizes and drainage order of a DEM.

    Parameters
    ----------
    dem
        Elevation, NaN where unknown (voids are outlets), shape ``grid.shape``. [m]
    grid
        Metric grid.
    lakes
        Known lakes as (polygon in the CRS of ``grid``, normal level [m]): the cells whose
        centre a polygon holds take the level, voids too; later lakes win. Each connected
        piece of a lake has one outlet: towards the lowest ground beside it.

    Returns
    -------
    Drainage
        Every cell with an elevation drains to a cell at the rim of the data. Of equally
        steep ways the first of E, SE, S, SW, W, NW, N, NE is taken; where nothing is lower
        the way leads to the nearest outlet of the flat, counted in cells.

    Raises
    ------
    CrsError, GridMismatchError
        Grid not metric, array not on its grid.
    RasterError
        No cell has an elevation, or one lies outside -500..9000 m.
    OptionError
        A lake level outside that range, or more than 65,535 lakes.
    SizeError
        2**31 cells or more.

    References
    ----------
    O'Callaghan and Mark (1984) for D8; Barnes, Lehman and Mulla (2014) for the surface that
    a priority flood leaves.
    """
    _check_size(grid)
    z = checked_dem(dem, grid)
    levels = _levels(z)
    lake = _stamp(levels, grid, lakes)
    if not bool((levels < d8.VOID).any()):
        raise RasterError(
            "dem",
            Say("没有一个栅格有高程", "has no cell with an elevation"),
            Say("检查范围和 nodata", "check its extent and its nodata value"),
        )
    rim = np.empty(grid.shape, np.uint8)
    direction = np.empty(grid.shape, np.uint8)
    cells = np.zeros(grid.shape, np.int32)
    _fill(levels, direction, rim, cells)
    _direct(levels, direction, rim, grid, lake)
    donors = np.empty(grid.shape, np.uint8)
    accumulate.donors(direction, donors)
    accumulate.donors_edge(direction, donors)
    position = np.empty(grid.shape, np.int32)
    order = np.empty(grid.size, np.int32)
    placed = drainage_order.walk(
        levels.ravel(), direction.ravel(), donors.ravel(), grid.cols,
        order, position.ravel(), cells.ravel(), rim.ravel(),
    )  # fmt: skip
    filled = levels.view(np.float32)
    d8.to_metres(levels, filled)
    return Drainage(grid, filled, direction, cells, order[:placed], position, rim.view(np.bool_))


def catchment(drained: Drainage, row: int, col: int, most: int | None = None) -> Int32:
    """Return the cells that drain through a cell, the cell itself first.

    Parameters
    ----------
    drained
        Drainage of a DEM.
    row, col
        The cell.
    most
        Largest catchment that is meant. [cells]

    Returns
    -------
    ndarray of int32
        Flat cell numbers, a view of ``drained.order``; empty in a void.

    Raises
    ------
    OptionError
        The cell lies outside the grid.
    SizeError
        The catchment reaches the rim of the data, so that part of it is unknown, or has more
        than ``most`` cells. It is never cut short.
    """
    rows, cols = drained.grid.shape
    if not (0 <= row < rows and 0 <= col < cols):
        raise OptionError(
            "catchment",
            Say(f"栅格 ({row}, {col}) 在 {rows} x {cols} 之外",
                f"cell ({row}, {col}) lies outside {rows} x {cols}"),
            Say("给出栅格内的行列号", "name a cell of the grid"),
        )  # fmt: skip
    size = int(drained.cells[row, col])
    if drained.open[row, col]:
        raise SizeError(
            f"catchment ({row}, {col})",
            Say(f"集水区伸出 DEM 边缘，{size} 个栅格只是下限",
                f"reaches the rim of the DEM: {size} cells are a lower bound"),
            Say("换用范围更大的 DEM", "read a DEM that covers more"),
        )  # fmt: skip
    if most is not None and size > most:
        raise SizeError(
            f"catchment ({row}, {col})",
            Say(f"集水区有 {size} 个栅格，超过 {most}", f"has {size} cells, more than {most}"),
            Say("提高上限，或取更上游的点", "raise the limit or take a point further up"),
        )
    start = int(drained.position[row, col])
    return drained.order[start : start + size] if size else drained.order[:0]


def _check_size(grid: Grid) -> None:
    if grid.size >= 2**31:
        raise SizeError(
            "dem",
            Say(f"有 {grid.size} 个栅格，上限 2147483647", f"has {grid.size} cells of 2147483647"),
            Say("用更粗的分辨率或更小的范围", "take coarser cells or a smaller extent"),
        )


def _levels(z: Float32) -> Int32:
    """Return whole decimetres; refuses what cannot be metres."""
    levels = np.empty(z.shape, np.int32)
    lowest, highest = np.empty(z.shape[0], np.float32), np.empty(z.shape[0], np.float32)
    d8.quantise(z, levels, lowest, highest)
    low, high = float(lowest.min()), float(highest.max())
    if low <= high and not (VALID_M[0] <= low and high <= VALID_M[1]):
        raise RasterError(
            "dem",
            Say(f"高程 {low:g} 至 {high:g}，超出 {VALID_M[0]:g}..{VALID_M[1]:g} 米："
                "可能是英尺，或未声明的 nodata",
                f"elevations {low:g} to {high:g} leave {VALID_M[0]:g}..{VALID_M[1]:g} m: "
                "feet, or an undeclared nodata value?"),
            Say("换算为米（1 英尺 = 0.3048 米），或声明 nodata",
                "convert to metres (1 ft = 0.3048 m) or declare the nodata value"),
        )  # fmt: skip
    return levels


def _stamp(
    levels: Int32, grid: Grid, lakes: Sequence[tuple[BaseGeometry, float]]
) -> npt.NDArray[np.uint16] | None:
    """Give lake cells their level; return the number of the lake of each cell, from 1."""
    if not lakes:
        return None
    wrong = [level for _, level in lakes if not VALID_M[0] <= level <= VALID_M[1]]
    if wrong or len(lakes) > MOST_LAKES:
        raise OptionError(
            "lakes",
            Say(f"{len(lakes)} 个湖库，水位越界：{wrong[:3]}",
                f"{len(lakes)} lakes, levels out of range: {wrong[:3]}"),
            Say(f"水位用米，至多 {MOST_LAKES} 个", f"levels in metres, at most {MOST_LAKES}"),
        )  # fmt: skip
    shapes = [(one, k + 1) for k, (one, _) in enumerate(lakes) if not one.is_empty]
    if not shapes:
        return None
    lake = rasterize(shapes, out_shape=grid.shape, transform=grid.transform, fill=0, dtype="uint16")
    table = np.rint(np.array([0.0] + [level for _, level in lakes]) * 10.0).astype(np.int32)
    wet = lake > 0
    levels[wet] = table[lake[wet]]
    return np.ascontiguousarray(lake, dtype=np.uint16)


def _cells_of(code: UInt8, wanted: int) -> Int32:
    """Return the cells of a code in raster order."""
    found = np.empty(np.count_nonzero(code == wanted), np.int32)
    flood.cells_of(code.ravel(), wanted, found)
    return found


def _fill(levels: Int32, code: UInt8, rim: UInt8, mark: Int32) -> None:
    """Raise depressions to the level at which they spill."""
    d8.undrained(levels, code, rim)
    d8.undrained_edge(levels, code, rim)
    flat = _cells_of(code, d8.FLAT)
    queue = np.empty_like(flat)
    cols = levels.shape[1]
    count = flood.find_pits(levels.ravel(), code.ravel(), cols, flat, queue)
    pits, left = queue[:count], flat
    surface, edge, seen = levels.ravel(), rim.ravel(), mark.ravel()
    put_off = flood.fill(surface, edge, cols, pits, _PATIENCE, seen, 1, left)
    if put_off:
        # in a mixed order wide floods rarely pass the same ground again
        waiting = np.random.default_rng(0).permutation(left[:put_off])
        flood.fill(surface, edge, cols, waiting, levels.size, seen, count + 1, left)


def _direct(
    levels: Int32, direction: UInt8, rim: UInt8, grid: Grid, lake: npt.NDArray[np.uint16] | None
) -> None:
    """Write the direction of each cell of a filled surface."""
    rows, cols = grid.shape
    surface, ways = levels.ravel(), direction.ravel()
    d8.steepest(levels, rim, grid.dx, grid.dy, direction)
    d8.steepest_edge(levels, grid.dx, grid.dy, direction)
    if lake is None:
        piece, outlet = np.empty(0, np.int32), np.empty(0, np.int32)
    else:
        piece = np.zeros(grid.size, np.int32)
        outlet = np.empty(flats.lake_pieces(lake.ravel(), rows, cols, piece) + 1, np.int32)
        flats.lake_outlets(surface, ways, rows, cols, piece, outlet)
    flat = _cells_of(direction, d8.FLAT)
    flats.drain_flats(surface, ways, rows, cols, flat, piece, outlet, np.empty_like(flat))
