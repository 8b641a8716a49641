"""GCJ-02, the shifted datum of AMap, DataV and Tencent, and its inverse.

The forward formula is the one that every open implementation shares; the inverse
is a fixed-point iteration, because the published one-step inverse is metres off.
Around 十堰 the shift is some +500 m east and -240 m north: more than a wind setback.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: Krassovsky ellipsoid of the formula: semi-major axis [m] and eccentricity squared.
_A: Final = 6378245.0
_E2: Final = 0.00669342162296594323
#: West, east, south, north of the box inside which the shift is applied. [deg]
_BOX: Final = (72.004, 137.8347, 0.8293, 55.8271)
#: The inverse stops at this step [deg], a tenth of a millimetre being 1e-9.
_STEP: Final = 1e-12
_MAX_ITERATIONS: Final = 50


def _offset(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Return GCJ-02 minus WGS84 at WGS84 (lon, lat) in [deg]."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    w2 = 1.0 - _E2 * np.sin(phi) ** 2
    meridian = _A * (1.0 - _E2) / (w2 * np.sqrt(w2))
    parallel = _A / np.sqrt(w2) * np.cos(phi)
    return np.degrees(east / parallel), np.degrees(north / meridian)


def _shifted(lon: Array, lat: Array) -> npt.NDArray[np.bool_]:
    west, east, south, north = _BOX
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Array, Array]:
    """Shift WGS84 coordinates to GCJ-02.

    Parameters
    ----------
    lon, lat
        Coordinates of equal shape. [deg]

    Returns
    -------
    tuple of ndarray
        Shifted longitude and latitude; unchanged outside the box of China. [deg]
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    inside = _shifted(x, y)
    dx, dy = _offset(np.where(inside, x, 105.0), np.where(inside, y, 35.0))
    return np.where(inside, x + dx, x), np.where(inside, y + dy, y)


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Array, Array]:
    """Undo the GCJ-02 shift by fixed-point iteration.

    Parameters
    ----------
    lon, lat
        GCJ-02 coordinates of equal shape. [deg]

    Returns
    -------
    tuple of ndarray
        WGS84 longitude and latitude, within 1e-9 deg of the exact inverse; unchanged
        outside the box of China. [deg]
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    inside = _shifted(x, y)
    gx, gy = np.where(inside, x, 105.0), np.where(inside, y, 35.0)
    wx, wy = gx, gy
    for _ in range(_MAX_ITERATIONS):
        dx, dy = _offset(wx, wy)
        step = max(
            float(np.max(np.abs(gx - dx - wx), initial=0.0)),
            float(np.max(np.abs(gy - dy - wy), initial=0.0)),
        )
        wx, wy = gx - dx, gy - dy
        if step < _STEP:
            break
    return np.where(inside, wx, x), np.where(inside, wy, y)
