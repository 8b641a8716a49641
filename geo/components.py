"""Contiguous pieces of a mask."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from geo._kernels.label import components
from geo.errors import OptionError, Say


def label(mask: npt.NDArray[Any], diagonal: bool = False) -> tuple[npt.NDArray[np.int32], int]:
    """Return the connected components of a mask, numbered in raster order.

    Parameters
    ----------
    mask
        True (or non-zero) where a cell belongs to a component, shape (rows, cols).
    diagonal
        Join cells that touch only at a corner.

    Returns
    -------
    tuple
        int32 labels of the same shape, 0 = background, numbered 1, 2, ... in raster order
        of their first cell; and their count.

    Raises
    ------
    OptionError
        The mask does not have two dimensions.
    """
    if mask.ndim != 2:
        raise OptionError(
            "mask",
            Say(f"应为二维，得到 {mask.ndim} 维", f"has {mask.ndim} dimensions, wanted 2"),
            Say("传入二维数组", "pass a two-dimensional array"),
        )
    flags = np.ascontiguousarray(mask != 0, dtype=np.bool_).view(np.uint8)
    rows, cols = flags.shape
    labels = np.zeros(flags.shape, dtype=np.int32)
    # no more new numbers than every second cell can hold
    parent = np.zeros((rows * cols + cols + rows) // 2 + 2, dtype=np.int32)
    return labels, int(components(flags, diagonal, labels, parent))
