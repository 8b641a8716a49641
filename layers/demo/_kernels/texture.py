"""Detail below the lattice: noise that depends on coordinates alone, and its use.

Every value is a function of (x, y, seed), so any grid sees the same landscape.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def lattice_hash(ix: int, iy: int, seed: int) -> float:
    """Return a number in [-1, 1) that depends on a lattice point and a seed."""
    h = (ix * 374761393 + iy * 668265263 + seed * 1274126177) & 0xFFFFFFFF
    h = ((h ^ (h >> 15)) * 2246822519) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 3266489917) & 0xFFFFFFFF
    h = h ^ (h >> 16)
    return float(h / 2147483648.0 - 1.0)


@numba.njit(cache=True)
def noise(x: float, y: float, wavelength: float, seed: int) -> float:
    """Return smooth value noise in [-1, 1] with the given ``wavelength`` [m]."""
    u = x / wavelength
    v = y / wavelength
    iu = math.floor(u)
    iv = math.floor(v)
    fu = u - iu
    fv = v - iv
    su = fu * fu * (3.0 - 2.0 * fu)
    sv = fv * fv * (3.0 - 2.0 * fv)
    a = lattice_hash(iu, iv, seed)
    b = lattice_hash(iu + 1, iv, seed)
    c = lattice_hash(iu, iv + 1, seed)
    d = lattice_hash(iu + 1, iv + 1, seed)
    low = a + (b - a) * su
    return low + (c + (d - c) * su - low) * sv


@numba.njit(cache=True)
def bend(x: float, y: float, seed: int, along: int) -> float:
    """Return the east (``along`` 0) or north (1) shift [m] of the bent lattice."""
    s = seed + 7001 * (along + 1)
    return 75.0 * noise(x, y, 1100.0, s) + 40.0 * noise(x, y, 430.0, s + 1)


@numba.njit(cache=True)
def unbend(xy: npt.NDArray[np.float64], seed: int) -> None:
    """Move points of the lattice to where they appear in the scene, in place."""
    for i in range(xy.shape[0]):
        x = xy[i, 0]
        y = xy[i, 1]
        px = x
        py = y
        for _ in range(6):
            nx = x - bend(px, py, seed, 0)
            ny = y - bend(px, py, seed, 1)
            px = nx
            py = ny
        xy[i, 0] = px
        xy[i, 1] = py


@numba.njit(cache=True)
def cubic(a: float, b: float, c: float, d: float, t: float) -> float:
    """Return the Catmull-Rom interpolation between ``b`` and ``c``."""
    return b + 0.5 * t * (
        c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a))
    )


@numba.njit(cache=True)
def refine(
    z: npt.NDArray[np.float32],
    level: npt.NDArray[np.float32],
    west: float,
    north: float,
    cell: float,
    x0: float,
    y0: float,
    dx: float,
    dy: float,
    seed: int,
    dem: npt.NDArray[np.float32],
    water: npt.NDArray[np.uint8],
) -> None:
    """Write elevation [m] and water (6) of a grid whose first centre is (x0, y0).

    ``z`` and ``level`` (0 = dry) are the lattice's bed and lake surface [m]; its first
    node lies at (west, north).
    """
    rows, cols = z.shape
    for r in range(dem.shape[0]):
        y = y0 - r * dy
        for c in range(dem.shape[1]):
            x = x0 + c * dx
            u = (x + bend(x, y, seed, 0) - west) / cell
            v = (north - y - bend(x, y, seed, 1)) / cell
            u = min(max(u, 1.0), cols - 2.001)
            v = min(max(v, 1.0), rows - 2.001)
            i = int(v)
            j = int(u)
            fu = u - j
            fv = v - i
            a = cubic(z[i - 1, j - 1], z[i - 1, j], z[i - 1, j + 1], z[i - 1, j + 2], fu)
            b = cubic(z[i, j - 1], z[i, j], z[i, j + 1], z[i, j + 2], fu)
            d = cubic(z[i + 1, j - 1], z[i + 1, j], z[i + 1, j + 1], z[i + 1, j + 2], fu)
            e = cubic(z[i + 2, j - 1], z[i + 2, j], z[i + 2, j + 1], z[i + 2, j + 2], fu)
            h = cubic(a, b, d, e, fv)
            low = min(z[i, j], z[i, j + 1], z[i + 1, j], z[i + 1, j + 1])
            high = max(z[i, j], z[i, j + 1], z[i + 1, j], z[i + 1, j + 1])
            relief = high - low
            lake = max(level[i, j], level[i, j + 1], level[i + 1, j], level[i + 1, j + 1])
            # spurs and gullies: ridged noise scaled by the relief of the lattice square
            rough = (
                0.17 * (0.5 - abs(noise(x, y, 330.0, seed + 11)))
                + 0.07 * noise(x, y, 150.0, seed + 12)
                + 0.03 * noise(x, y, 70.0, seed + 13)
            )
            h += relief * rough + 0.6 * noise(x, y, 120.0, seed + 14)
            if lake > 0.0 and h <= lake:
                h = lake
                water[r, c] = 6
            dem[r, c] = h


@numba.njit(cache=True)
def sample(field: npt.NDArray[np.float32], u: float, v: float) -> float:
    """Return ``field`` bilinearly at column ``u``, row ``v``."""
    rows, cols = field.shape
    u = min(max(u, 0.0), cols - 1.001)
    v = min(max(v, 0.0), rows - 1.001)
    i = int(v)
    j = int(u)
    fu = u - j
    fv = v - i
    top = field[i, j] + (field[i, j + 1] - field[i, j]) * fu
    low = field[i + 1, j] + (field[i + 1, j + 1] - field[i + 1, j]) * fu
    return float(top + (low - top) * fv)


@numba.njit(cache=True)
def grain(x: float, y: float, seed: int) -> float:
    """Return the noise that frays the edges of land-cover patches, in [-1, 1]."""
    return (
        0.5 * noise(x, y, 520.0, seed)
        + 0.3 * noise(x, y, 210.0, seed + 1)
        + 0.2 * noise(x, y, 95.0, seed + 2)
    )


@numba.njit(cache=True)
def scores(
    crop: npt.NDArray[np.float32],
    shrub: npt.NDArray[np.float32],
    farm: npt.NDArray[np.float32],
    west: float,
    north: float,
    cell: float,
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    seed: int,
    out: npt.NDArray[np.float32],
) -> None:
    """Write of each point [n, 5]: crop, orchard, shrub, grass and farmland score."""
    for k in range(x.size):
        u = (x[k] - west) / cell
        v = (north - y[k]) / cell
        out[k, 0] = sample(crop, u, v) + 0.22 * grain(x[k], y[k], seed + 21)
        out[k, 1] = grain(x[k], y[k], seed + 31) + 0.6 * noise(x[k], y[k], 4200.0, seed + 34)
        out[k, 2] = sample(shrub, u, v) + 0.45 * grain(x[k], y[k], seed + 41)
        out[k, 3] = grain(x[k], y[k], seed + 51) + 0.8 * noise(x[k], y[k], 6100.0, seed + 54)
        out[k, 4] = sample(farm, u, v)


@numba.njit(cache=True)
def cover(
    crop: npt.NDArray[np.float32],
    shrub: npt.NDArray[np.float32],
    farm: npt.NDArray[np.float32],
    west: float,
    north: float,
    cell: float,
    x0: float,
    y0: float,
    dx: float,
    dy: float,
    seed: int,
    cuts: npt.NDArray[np.float64],
    dem: npt.NDArray[np.float32],
    land: npt.NDArray[np.uint8],
    shrub_cover: npt.NDArray[np.uint8],
) -> None:
    """Write land-cover codes where ``land`` is 0, and the shrub cover [%] everywhere.

    ``cuts``: crop, farmland, orchard span, orchard, shrub, grass, bamboo, bare.
    """
    for r in range(land.shape[0]):
        y = y0 - r * dy
        for c in range(land.shape[1]):
            if land[r, c] != 0:
                continue
            x = x0 + c * dx
            u = (x - west) / cell
            v = (north - y) / cell
            s_crop = sample(crop, u, v) + 0.22 * grain(x, y, seed + 21)
            if s_crop > cuts[0] or sample(farm, u, v) > cuts[1]:
                land[r, c] = 1
                continue
            if s_crop > cuts[0] - cuts[2]:
                kind = grain(x, y, seed + 31) + 0.6 * noise(x, y, 4200.0, seed + 34)
                if kind > cuts[3]:
                    land[r, c] = 2
                    continue
            patch = grain(x, y, seed + 51) + 0.8 * noise(x, y, 6100.0, seed + 54)
            if patch > cuts[5]:
                land[r, c] = 5
                continue
            if patch < cuts[7]:
                land[r, c] = 8
                continue
            s_shrub = sample(shrub, u, v) + 0.45 * grain(x, y, seed + 41)
            if s_shrub > cuts[4]:
                land[r, c] = 4
                share = 38.0 + 34.0 * grain(x, y, seed + 61) + 30.0 * (s_shrub - cuts[4])
                share += 22.0 * noise(x, y, 2600.0, seed + 64)
                shrub_cover[r, c] = int(min(max(share, 5.0), 95.0))
                continue
            if dem[r, c] < 1100.0 and patch < cuts[6]:
                land[r, c] = 9
            else:
                land[r, c] = 3
