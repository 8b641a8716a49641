"""Sums over the blocks of each piece, and the edges where pieces meet."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def piece_moments(
    pieces: npt.NDArray[np.int32],
    share: npt.NDArray[np.float32],
    power: npt.NDArray[np.float64],
    cols: int,
    total: npt.NDArray[np.float64],
    shape: npt.NDArray[np.float64],
) -> None:
    """Sum the blocks of each piece.

    Parameters
    ----------
    pieces
        Flat, rows * cols; 0 = none, else 1..n.
    share, power
        Area in blocks and capacity of each block.
    cols
        Length of a row.
    total
        (n,), zero on entry: capacity.
    shape
        (n, 4), zero on entry: area, first moments along columns and rows, polar second
        moment with that of each block's own square.
    """
    for i in range(pieces.size):
        p = pieces[i] - 1
        if p < 0:
            continue
        r = i // cols
        c = i - r * cols
        area = np.float64(share[i])
        total[p] += power[i]
        shape[p, 0] += area
        shape[p, 1] += area * c
        shape[p, 2] += area * r
        shape[p, 3] += area * (r * r + c * c + 1.0 / 6.0)


@numba.njit(cache=True)
def meeting_edges(
    pieces: npt.NDArray[np.int32],
    kind: npt.NDArray[np.uint8],
    rows: int,
    cols: int,
    count: int,
    codes: npt.NDArray[np.int64],
) -> int:
    """List ``low * count + high`` (from 0) of each edge between two pieces of one county.

    Parameters
    ----------
    pieces, kind
        Flat, rows * cols: piece (0 = none, else 1..count) and county.
    rows, cols, count
        Shape and number of pieces.
    codes
        Receives the edges, as many as fit.

    Returns
    -------
    int
        Number of edges, which may be more than fit.
    """
    found = 0
    for r in range(rows):
        for c in range(cols):
            i = r * cols + c
            one = np.int64(pieces[i]) - 1
            if one < 0:
                continue
            for side in range(2):
                if side == 0:
                    if c + 1 == cols:
                        continue
                    j = i + 1
                else:
                    if r + 1 == rows:
                        continue
                    j = i + cols
                two = np.int64(pieces[j]) - 1
                if two < 0 or two == one or kind[j] != kind[i]:
                    continue
                if found < codes.size:
                    codes[found] = min(one, two) * count + max(one, two)
                found += 1
    return found
