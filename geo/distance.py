"""Exact distance to the nearest marked cell, and the discs that follow from it.

A distance is measured between cell centres and knows nothing beyond the edge of the
grid: read the mask on ``grid.pad(metres)`` where what lies outside matters.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo._kernels import disc, edt
from geo.crs import require_metric
from geo.errors import GridMismatchError, OptionError, Say, SizeError
from geo.grid import Grid

#: Rows plus columns above which a squared distance leaves int32.
_LONGEST: Final = 46_340
_SQUARE: Final = 1e-9
#: Rows of half a disc above which the distance itself is quicker than widening rows.
_HIGH: Final = 600
#: Fewest rows that one task of a disc buffer fills.
_TASK: Final = 256


def _flags(mask: npt.NDArray[Any], grid: Grid) -> npt.NDArray[np.uint8]:
    """Return the mask as 0 and 1, checked; no copy of a boolean one."""
    require_metric(grid, "distance")
    if mask.shape != grid.shape:
        raise GridMismatchError(
            "mask",
            Say(
                f"数组 {mask.shape} 与栅格 {grid.shape} 不符",
                f"is {mask.shape}, its grid {grid.shape}",
            ),
            Say("先读到同一 Grid", "read it onto the run's Grid"),
        )
    marked = mask if mask.dtype == np.bool_ else mask != 0
    return np.ascontiguousarray(marked).view(np.uint8)


def _is_square(grid: Grid) -> bool:
    return abs(grid.dx - grid.dy) <= _SQUARE * grid.dx


def _check_size(grid: Grid) -> None:
    far = grid.rows + grid.cols
    if far >= _LONGEST:
        raise SizeError(
            "grid",
            Say(f"行列之和 {far} 过大", f"{far} rows and columns are too many"),
            Say("分块或降低分辨率", "work in blocks or coarsen"),
        )


def distance_m(mask: npt.NDArray[Any], grid: Grid) -> npt.NDArray[np.float32]:
    """Return the exact distance from each cell centre to the nearest marked one.

    Parameters
    ----------
    mask
        True (or non-zero) where marked, shape ``grid.shape``.
    grid
        Metric grid of square cells.

    Returns
    -------
    ndarray of float32
        0 on marked cells, infinite where nothing is marked at all. [m]

    Raises
    ------
    CrsError, GridMismatchError
        Grid not metric, array not on its grid.
    OptionError
        Cells are not square.
    SizeError
        More than 46,339 rows and columns together.
    """
    flags = _flags(mask, grid)
    if not _is_square(grid):
        raise OptionError(
            "grid",
            Say(
                f"像元 {grid.dx} x {grid.dy} 不是正方形",
                f"cells of {grid.dx} x {grid.dy} are not square",
            ),
            Say("重采样为正方形像元", "warp to square cells"),
        )
    _check_size(grid)
    away = np.empty(grid.shape, dtype=np.uint16)
    edt.columns(flags, grid.rows + grid.cols, away)
    out = np.empty(grid.shape, dtype=np.float32)
    edt.metres(away, grid.rows + grid.cols, grid.dx, out)
    return out


def within(mask: npt.NDArray[Any], grid: Grid, metres: float) -> npt.NDArray[np.bool_]:
    """Return the cells at most ``metres`` from a marked one: an exact disc buffer.

    Parameters
    ----------
    mask
        True (or non-zero) where marked, shape ``grid.shape``.
    grid
        Metric grid; cells need not be square.
    metres
        Radius, 0 = the mask itself. [m]

    Returns
    -------
    ndarray of bool
        Equal to ``distance_m(mask, grid) <= metres`` cell by cell where cells are square.

    Raises
    ------
    CrsError, GridMismatchError
        As in :func:`distance_m`.
    OptionError
        A negative or NaN radius.
    SizeError
        A radius of hundreds of cells on more rows and columns than :func:`distance_m` takes.
    """
    if not metres >= 0:
        raise OptionError(
            "metres",
            Say(f"距离 {metres} 不是不小于 0 的数", f"{metres} is not 0 or more"),
            Say("给出不小于 0 的米数", "give 0 metres or more"),
        )
    flags = _flags(mask, grid)
    out = np.empty(grid.shape, dtype=np.bool_)
    if metres >= math.hypot(grid.rows * grid.dy, grid.cols * grid.dx):
        out[:] = flags.any()
        return out
    widths = _half_widths(metres, grid)
    if widths.size > _HIGH and _is_square(grid):
        return np.asarray(distance_m(mask, grid) <= np.float32(metres), dtype=np.bool_)
    bits = np.zeros((grid.rows, (grid.cols + 63) // 64 + 2), dtype=np.uint64)
    filled = np.empty(grid.rows, dtype=np.uint8)
    disc.pack(flags, bits, filled)
    disc.spread(bits, filled, widths, max(_TASK, 2 * widths.size), out.view(np.uint8))
    return out


def _half_widths(metres: float, grid: Grid) -> npt.NDArray[np.int64]:
    """Return how many cells a disc reaches sideways at 0, 1, ... rows from its centre.

    A cell is inside when its distance, rounded to float32 as :func:`distance_m` does, is at
    most ``metres`` rounded likewise.
    """
    limit = np.float32(metres)
    square = _is_square(grid)

    def inside(rows: int, cols: int) -> bool:
        away = (
            math.sqrt(rows * rows + cols * cols) * grid.dx
            if square
            else math.hypot(rows * grid.dy, cols * grid.dx)
        )
        return bool(np.float32(away) <= limit)

    widths: list[int] = []
    width = math.floor(metres / grid.dx) + 1
    for rows in range(grid.rows):
        while width >= 0 and not inside(rows, width):
            width -= 1
        if width < 0:
            break
        widths.append(min(width, grid.cols))
    return np.array(widths, dtype=np.int64)
