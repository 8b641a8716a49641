"""Look-up of a table of slope x aspect at each cell."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def bilinear(
    slope: npt.NDArray[np.float32],
    aspect: npt.NDArray[np.float32],
    table: npt.NDArray[np.float32],
    n_slope: int,
    n_aspect: int,
    slope_step: float,
    aspect_step: float,
    out: npt.NDArray[np.float32],
) -> None:
    """Interpolate a table of slope x aspect at each cell.

    Slopes beyond the table take its last row; NaN slope gives NaN; NaN aspect (flat
    ground) takes the first column. ``table`` is flat, row = slope, and its last column
    repeats the first (0 = 360 degrees).
    """
    for i in range(slope.size):
        s = float(slope[i])
        if math.isnan(s):
            out[i] = np.nan
            continue
        a = float(aspect[i])
        if math.isnan(a):
            a = 0.0
        u = min(max(s / slope_step, 0.0), n_slope - 1.0)
        v = min(max(a / aspect_step, 0.0), n_aspect - 1.0)
        r = min(int(u), n_slope - 2)
        c = min(int(v), n_aspect - 2)
        du = u - r
        dv = v - c
        k = r * n_aspect + c
        low = table[k] * (1.0 - dv) + table[k + 1] * dv
        high = table[k + n_aspect] * (1.0 - dv) + table[k + n_aspect + 1] * dv
        out[i] = low * (1.0 - du) + high * du
