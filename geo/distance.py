"""Exact distance to the nearest marked cell, and the discs that follow from it.

A distance is measured between cell centres and knows nothing beyond the edge of the
grid: read the mask on ``grid.pad(metres)`` where what lies outside matters.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo._kernels import edt
from geo.crs import require_metric
from geo.errors import GridMismatchError, OptionError, Say, SizeError
from geo.grid import Grid

#: Rows plus columns above which a squared distance leaves int32.
_LONGEST: Final = 46_340
_SQUARE: Final = 1e-9


def _squares(mask: npt.NDArray[Any], grid: Grid) -> npt.NDArray[np.int32]:
    """Return squared distances in cells, -1 where nothing is marked."""
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
    if abs(grid.dx - grid.dy) > _SQUARE * grid.dx:
        raise OptionError(
            "grid",
            Say(
                f"像元 {grid.dx} x {grid.dy} 不是正方形",
                f"cells of {grid.dx} x {grid.dy} are not square",
            ),
            Say("重采样为正方形像元", "warp to square cells"),
        )
    far = grid.rows + grid.cols
    if far >= _LONGEST:
        raise SizeError(
            "grid",
            Say(f"行列之和 {far} 过大", f"{far} rows and columns are too many"),
            Say("分块或降低分辨率", "work in blocks or coarsen"),
        )
    flags = np.ascontiguousarray(mask != 0, dtype=np.bool_).view(np.uint8)
    out = np.empty(grid.shape, dtype=np.int32)
    edt.columns(flags, far, out)
    edt.squared(out, far)
    return out


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
    squares = _squares(mask, grid)
    out = np.empty(grid.shape, dtype=np.float32)
    edt.metres(squares, grid.dx, out)
    return out


def within(mask: npt.NDArray[Any], grid: Grid, metres: float) -> npt.NDArray[np.bool_]:
    """Return the cells at most ``metres`` from a marked one: an exact disc buffer.

    Parameters
    ----------
    mask, grid
        As in :func:`distance_m`.
    metres
        Radius, 0 = the mask itself. [m]

    Returns
    -------
    ndarray of bool
        Equal to ``distance_m(mask, grid) <= metres`` cell by cell.

    Raises
    ------
    CrsError, GridMismatchError, OptionError, SizeError
        As in :func:`distance_m`; a negative or NaN radius.
    """
    if not metres >= 0:
        raise OptionError(
            "metres",
            Say(f"距离 {metres} 为负", f"{metres} is negative"),
            Say("给出不小于 0 的米数", "give 0 metres or more"),
        )
    squares = _squares(mask, grid)
    return np.asarray((squares >= 0) & (squares <= _largest(metres, grid)), dtype=np.bool_)


def _largest(metres: float, grid: Grid) -> int:
    """Return the largest squared distance in cells that float32 metres still let in."""
    limit = np.float32(metres)

    def inside(d2: int) -> bool:
        return bool(np.float32(math.sqrt(d2) * grid.dx) <= limit)

    # beyond this everything is inside, and the search below stays short
    most = (grid.rows + grid.cols) ** 2
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if inside(middle) else (low, middle - 1)
    return low
