"""Ids of found sites: technology and the geohash of a cell of a fixed 90 m lattice.

The lattice is the multiples of 90 m of the region's CRS, whatever the run's resolution
or crop, so the same place keeps the same id when data are cropped or a run is repeated
(design §3). It is not stable when a rule moves the edge of the site.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from geo import crs as geo_crs
from geo.errors import OptionError, Say

BASE32: Final = "0123456789bcdefghjkmnpqrstuvwxyz"
#: Step of the id lattice [m]; an 8-character geohash (about 32 x 19 m) tells its cells apart.
LATTICE_M: Final = 90.0
LENGTH: Final = 8


def geohash(
    lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], length: int = LENGTH
) -> list[str]:
    """Return the geohash of each point.

    Parameters
    ----------
    lon, lat
        Shape (n,). [°]
    length
        Characters, 1 to 12.

    Raises
    ------
    OptionError
        If a coordinate is not on the globe or ``length`` is out of range.
    """
    if not 1 <= length <= 12:
        raise OptionError(
            "geohash",
            Say(f"长度 {length} 不在 1-12", f"length {length} is not 1-12"),
            Say("给出 1 到 12", "give 1 to 12"),
        )
    if not (np.all(np.abs(lon) <= 180.0) and np.all(np.abs(lat) <= 90.0)):
        raise OptionError(
            "geohash",
            Say("坐标不是经纬度", "coordinates are not degrees"),
            Say("先换算为经纬度", "convert them to lon/lat first"),
        )
    bits = 5 * length
    n_lon, n_lat = (bits + 1) // 2, bits // 2
    ilon = _quantise(lon, -180.0, 360.0, n_lon)
    ilat = _quantise(lat, -90.0, 180.0, n_lat)
    code = np.zeros(len(lon), np.uint64)
    for bit in range(bits):  # bits alternate, longitude first
        source, left = (
            (ilon, n_lon - 1 - bit // 2) if bit % 2 == 0 else (ilat, n_lat - 1 - bit // 2)
        )
        code = (code << np.uint64(1)) | ((source >> np.uint64(left)) & np.uint64(1))
    shifts = np.uint64(5) * np.arange(length - 1, -1, -1, dtype=np.uint64)
    digits = (code[:, None] >> shifts[None, :]) & np.uint64(31)
    return ["".join(BASE32[int(d)] for d in row) for row in digits]


def _quantise(
    value: npt.NDArray[np.float64], low: float, span: float, bits: int
) -> npt.NDArray[np.uint64]:
    top = (1 << bits) - 1
    scaled = np.floor((np.asarray(value, np.float64) - low) / span * (1 << bits))
    return np.clip(scaled, 0, top).astype(np.uint64)


def site_ids(
    technology: str, crs: str, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> list[str]:
    """Return one id a site: ``pv-wmr2x4ab``.

    Parameters
    ----------
    technology
        Prefix of the id.
    crs
        Metric CRS of ``x`` and ``y``.
    x, y
        Shape (n,): centre of each site's representative cell. [m]

    Notes
    -----
    Two sites finer than the lattice may share a lattice cell: the northernmost of them,
    then the westernmost, has the plain id, the next one ``-2``, whatever their order.
    """
    lx = (np.floor(np.asarray(x) / LATTICE_M) + 0.5) * LATTICE_M
    ly = (np.floor(np.asarray(y) / LATTICE_M) + 0.5) * LATTICE_M
    lon, lat = geo_crs.lonlat(crs, lx, ly)
    codes = geohash(np.asarray(lon), np.asarray(lat))
    seen: dict[str, int] = {}
    ids = [""] * len(codes)
    for i in np.lexsort((np.asarray(x), -np.asarray(y))):
        code = codes[i]
        seen[code] = seen.get(code, 0) + 1
        ids[i] = f"{technology}-{code}" + ("" if seen[code] == 1 else f"-{seen[code]}")
    return ids
