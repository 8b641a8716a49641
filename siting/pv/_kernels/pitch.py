"""Pitch of racks on a slope: general vector form of the winter-solstice rule.

Axes east, north, up. The ground is the plane z = ge x + gn y. Rows run east-west in plan,
their axis (1, 0, ge) follows the ground; modules lie in z = ge x + tb y, so that they face
south at tb = tan(tilt) against the horizontal across the row. Everything repeats along the
axis: seen along it, a point (x, y, z) is (y, z - ge x) and the sun (east, north, up) is
(north, up - ge east). There the next row stands ``pitch`` to the north and gn pitch higher,
and its foot is free of shade when pitch / slant >= (tb + t) / (t + gn), t = (up - ge east)
/ -north being the fall of the sun's ray; slant is the northward extent of a module.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

#: Stands for "never free of shade"; the caller's bound replaces it.
NEVER = 1.0e9


@numba.njit(cache=True)
def slant_north(ge: float, tb: float) -> float:
    """Return the northward extent in plan of a collector of width 1."""
    return 1.0 / math.sqrt(1.0 + tb * tb / (1.0 + ge * ge))


@numba.njit(cache=True)
def free_ratio(ge: float, gn: float, tb: float, suns: npt.NDArray[np.float64]) -> float:
    """Return the pitch that keeps all ``suns`` free of row shade, over the slant's extent.

    ``suns`` has rows (east / -north, up / -north) of suns in the south.
    """
    fall = NEVER
    for j in range(suns.shape[0]):
        fall = min(fall, suns[j, 1] - ge * suns[j, 0])
    if fall + gn <= 1.0e-6 or fall + tb <= 0.0:
        return NEVER
    return max((tb + fall) / (fall + gn), 1.0)


@numba.njit(cache=True)
def land_ratio(
    ge: float,
    gn: float,
    tb: float,
    suns: npt.NDArray[np.float64],
    flat: float,
    low: float,
    high: float,
) -> float:
    """Return land a module on this slope over land on flat ground, within ``low``..``high``.

    ``flat`` is the free pitch on flat ground over the collector's width.
    """
    pitch = free_ratio(ge, gn, tb, suns) * slant_north(ge, tb)
    return min(max(pitch / math.sqrt(1.0 + ge * ge) / flat, low), high)


@numba.njit(cache=True, parallel=True)
def land_ratios(
    slope: npt.NDArray[np.float32],
    aspect: npt.NDArray[np.float32],
    turn: float,
    tb: float,
    suns: npt.NDArray[np.float64],
    flat: float,
    low: float,
    high: float,
    out: npt.NDArray[np.float32],
) -> None:
    """Fill ``out`` with :func:`land_ratio`; NaN slope gives NaN, NaN aspect is flat.

    ``slope`` [deg], ``aspect`` [deg, downhill, from grid north], ``turn`` [rad] = direction
    of grid north, clockwise from true north.
    """
    for i in numba.prange(slope.size):
        s = np.float64(slope[i])
        if math.isnan(s):
            out[i] = np.nan
            continue
        ge = gn = 0.0
        a = np.float64(aspect[i])
        if not math.isnan(a):
            rise = -math.tan(s * (math.pi / 180.0))
            a = a * (math.pi / 180.0) + turn
            ge, gn = rise * math.sin(a), rise * math.cos(a)
        out[i] = land_ratio(ge, gn, tb, suns, flat, low, high)
