"""Friction of the cells of a route grid from the finer cells below them."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Uint8 = npt.NDArray[np.uint8]
Uint16 = npt.NDArray[np.uint16]

#: Slope classes of a degree in the table of slope factors.
FINE = 10


@numba.njit(cache=True, nogil=True)
def merge(
    pattern: Uint16,
    cover: Uint8,
    slope: Float32,
    by_law: Float32,
    by_cover: Float32,
    by_slope: Float32,
    size: int,
    friction: Float32,
) -> None:
    """Fill the mean friction of ``size`` x ``size`` cells; one barred cell bars them all.

    Parameters
    ----------
    pattern, cover, slope
        Number of the law's pattern, land-cover class, slope [°, NaN = unknown]; the finest
        grid, 2-d. ``cover`` or ``slope`` of no rows = there is none.
    by_law, by_cover, by_slope
        Factor of each pattern, of each class, and of each tenth of a degree from 0 to 90,
        with one entry more for an unknown slope. Infinite = barred.
    size
        Fine cells along the side of a coarse one.
    friction
        Result, 2-d; cells cut by the edge count what they hold.
    """
    rows, cols = pattern.shape
    known_cover, known_slope = cover.shape[0] > 0, slope.shape[0] > 0
    last = by_slope.size - 2
    for r in range(friction.shape[0]):
        for c in range(friction.shape[1]):
            total = 0.0
            count = 0
            for row in range(r * size, min((r + 1) * size, rows)):
                for col in range(c * size, min((c + 1) * size, cols)):
                    one = np.float64(by_law[pattern[row, col]])
                    if known_cover:
                        one *= np.float64(by_cover[cover[row, col]])
                    if known_slope:
                        angle = slope[row, col]
                        k = last + 1 if np.isnan(angle) else min(int(angle * FINE), last)
                        one *= np.float64(by_slope[k])
                    total += one
                    count += 1
            friction[r, c] = total / count
