"""Watershed of the distance to the edge: land is cut at its necks, not by straight lines."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def ascend(
    kind: npt.NDArray[np.uint8],
    height: npt.NDArray[np.float32],
    wide: npt.NDArray[np.uint8],
    row_tile: npt.NDArray[np.int32],
    col_tile: npt.NDArray[np.int32],
    across: int,
    reach: int,
    follow: npt.NDArray[np.int32],
    code: npt.NDArray[np.int32],
) -> None:
    """Give each block the tile of the peak that its steepest ascent ends on.

    Parameters
    ----------
    kind, height, wide
        Flat, rows * cols: county (0 = no land), what is climbed, 1 where land is so wide
        that no neck is near: such a block stays in its own tile.
    row_tile, col_tile
        Tile number of each row and column, from 0.
    across
        Number of tiles along a row.
    reach
        An ascent that ends further off, in blocks along a row or column, is not followed.
    follow
        Scratch, rows * cols.
    code
        Receives ``tile * 256 + kind``, 0 where there is no land.

    Notes
    -----
    Steps go to 4-neighbours of the same county that lie strictly higher; of equally high
    ones the first of north, west, east, south.
    """
    rows = row_tile.size
    cols = col_tile.size
    for r in range(rows):
        for c in range(cols):
            i = r * cols + c
            follow[i] = i
            if kind[i] == 0 or wide[i] != 0:
                continue
            top = height[i]
            if r > 0 and kind[i - cols] == kind[i] and height[i - cols] > top:
                top = height[i - cols]
                follow[i] = i - cols
            if c > 0 and kind[i - 1] == kind[i] and height[i - 1] > top:
                top = height[i - 1]
                follow[i] = i - 1
            if c + 1 < cols and kind[i + 1] == kind[i] and height[i + 1] > top:
                top = height[i + 1]
                follow[i] = i + 1
            if r + 1 < rows and kind[i + cols] == kind[i] and height[i + cols] > top:
                follow[i] = i + cols
    for i in range(rows * cols):
        code[i] = 0
        if kind[i] == 0:
            continue
        peak = np.int64(i)
        while follow[peak] != peak:
            peak = np.int64(follow[peak])
        at = np.int64(i)
        while follow[at] != peak:
            after = np.int64(follow[at])
            follow[at] = peak
            at = after
        far_r = abs(peak // cols - i // cols) > reach
        far_c = abs(peak % cols - i % cols) > reach
        end = np.int64(i) if far_r or far_c else peak
        code[i] = (row_tile[end // cols] * across + col_tile[end % cols]) * 256 + kind[i]


@numba.njit(cache=True)
def take_fringe(
    kind: npt.NDArray[np.uint8],
    kept: npt.NDArray[np.uint8],
    fringe: npt.NDArray[np.uint8],
    height: npt.NDArray[np.float32],
    rows: int,
    cols: int,
    code: npt.NDArray[np.int32],
) -> None:
    """Give each fringe block the code of the widest kept land that it touches.

    All arrays are flat, rows * cols: county, 1 = kept land, 1 = fringe, distance to the
    edge; ``code`` is filled for fringe blocks with a kept 4-neighbour of their county.
    """
    for r in range(rows):
        for c in range(cols):
            i = r * cols + c
            if fringe[i] == 0 or kept[i] != 0:
                continue
            top = np.float32(-1.0)
            for side in range(4):
                j = i
                if side == 0 and r > 0:
                    j = i - cols
                elif side == 1 and c > 0:
                    j = i - 1
                elif side == 2 and c + 1 < cols:
                    j = i + 1
                elif side == 3 and r + 1 < rows:
                    j = i + cols
                if j != i and kept[j] != 0 and kind[j] == kind[i] and height[j] > top:
                    top = height[j]
                    code[i] = code[j]
