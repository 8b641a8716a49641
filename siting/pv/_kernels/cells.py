"""From sun and sky to AC, cell by cell, for one plant design: the chain of the PV yield.

Blocks of :data:`BLOCK` cells stay in the fastest memory while all suns of the year pass
over them; for one sun the loop over cells has no branch, so it runs as vectors. All a block
needs lies in one flat array of rows of ``BLOCK`` numbers: the compiler sees that they do
not overlap. Blocks are independent, so the result does not depend on threads.

Axes east, north, up, in true directions; the rows of racks are those of
:mod:`siting.pv._kernels.pitch`. With A = cosine of incidence on the module and G the same
on the ground times pitch / slant, the share of a module the sun reaches past the next row
is min(1, G / A): rows cannot take more beam than falls on their ground.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from siting.pv._kernels.codes import SCALE
from siting.pv._kernels.pitch import land_ratio, slant_north

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

#: Cells of a block: its rows fill 60 KB, in the second cache of any processor of today.
BLOCK = 256
#: Rows of a block's array.
MODULE_E, MODULE_N, MODULE_U = 0, 1, 2
GROUND_E, GROUND_N, GROUND_U = 3, 4, 5
BEAM, SKY, AIR = 6, 7, 8
VIEW, VIEW_IN, LOW, LOW_IN, OPEN = 9, 10, 11, 12, 13
TOTAL, FULL, SEEN, HORIZON = 14, 15, 16, 17
#: Columns of ``suns``.
S_EAST, S_NORTH, S_UP, S_BEAM, S_AROUND, S_SKY, S_CLEAR, S_TAN, S_TURN, S_HOURS = range(10)
#: Entries of ``plant``.
P_IAM, P_HEAT, P_GAMMA, P_DC, P_UNIT, P_TWO, P_ONE, P_NONE, P_CAP, P_AC, P_ALBEDO = range(11)
#: Entries of ``design``.
D_TILT, D_FLAT, D_LOW, D_HIGH, D_TURN, D_HORIZON, D_ROWS = range(7)


@numba.njit(cache=True, fastmath={"contract", "nsz", "arcp"}, error_model="numpy")
def angle(t: np.float32) -> np.float32:
    """Return atan(t) for t >= 0 without a branch, within 2e-6 rad (Hastings 1955, sheet 13)."""
    one = np.float32(1.0)
    large = t > one
    x = one / t if large else t
    q = x * x
    p = np.float32(-0.0117212)
    p = p * q + np.float32(0.05265332)
    p = p * q + np.float32(-0.11643287)
    p = p * q + np.float32(0.19354346)
    p = p * q + np.float32(-0.33262347)
    p = p * q + np.float32(0.99997726)
    a = p * x
    return np.float32(1.5707963267948966) - a if large else a


@numba.njit(cache=True)
def lay(
    slope: Float32,
    aspect: Float32,
    iam: Float32,
    design: Float64,
    solstice: Float64,
    start: int,
    count: int,
    work: Float32,
) -> None:
    """Lay racks on the cells ``start`` .. ``start + count`` of a block.

    Fills the normals, the pitch, and the views of sky and ground in the open; unknown slope
    makes all of it NaN. ``iam`` has the diffuse modifiers of sky and ground by whole degrees
    of tilt, [2 x 91] flat.
    """
    tb, flat, rows = design[D_TILT], design[D_FLAT], design[D_ROWS] > 0.0
    for i in range(BLOCK):
        ge = gn = 0.0
        if i >= count:
            ge = np.nan
        else:
            s, a = np.float64(slope[start + i]), np.float64(aspect[start + i])
            if math.isnan(s):
                ge = np.nan
            elif not math.isnan(a):
                rise = -math.tan(s * (math.pi / 180.0))
                a = a * (math.pi / 180.0) + design[D_TURN]
                ge, gn = rise * math.sin(a), rise * math.cos(a)
        if math.isnan(ge):
            for k in range(OPEN + 1):
                work[k * BLOCK + i] = np.nan
            continue
        long = 1.0 / math.sqrt(1.0 + ge * ge + tb * tb)
        work[MODULE_E * BLOCK + i] = -ge * long
        work[MODULE_N * BLOCK + i] = -tb * long
        work[MODULE_U * BLOCK + i] = long
        pitch, among = 1.0e6, 1.0
        if rows:
            ratio = land_ratio(ge, gn, tb, solstice, flat, design[D_LOW], design[D_HIGH])
            north = slant_north(ge, tb)
            pitch = max(ratio * flat * math.sqrt(1.0 + ge * ge) / north, 1.0)
            among = sky_among_rows(ge, gn, tb, pitch * north, north)
        work[GROUND_E * BLOCK + i] = -ge * long * pitch
        work[GROUND_N * BLOCK + i] = -gn * long * pitch
        work[GROUND_U * BLOCK + i] = long * pitch
        tilt = math.acos(long) * (180.0 / math.pi)
        k = min(int(tilt), 89)
        part = tilt - k
        above = (1.0 + long) / 2.0 * among
        below = (1.0 - long) / 2.0
        work[VIEW * BLOCK + i] = above
        work[VIEW_IN * BLOCK + i] = above * (iam[k] + (iam[k + 1] - iam[k]) * part)
        work[LOW * BLOCK + i] = below
        work[LOW_IN * BLOCK + i] = below * (iam[91 + k] + (iam[92 + k] - iam[91 + k]) * part)
        work[OPEN * BLOCK + i] = 1.0


@numba.njit(cache=True)
def sky_among_rows(ge: float, gn: float, tb: float, pitch: float, north: float) -> float:
    """Return the sky a module in a field of rows sees, over that of the foremost row.

    Crossed strings (Hottel 1954) in the section across the rows: the triangle of the
    collector (width 1), the pitch vector and the line from this foot to the next top.
    ``pitch`` and ``north`` (the collector's northward extent) are in widths.
    """
    apart = pitch * math.sqrt(1.0 + gn * gn / (1.0 + ge * ge))
    along = pitch * north * (1.0 + gn * tb / (1.0 + ge * ge))
    across = math.sqrt(max(apart * apart - 2.0 * along + 1.0, 0.0))
    return (1.0 + apart - across) / (1.0 + along / apart)


@numba.njit(cache=True, fastmath={"contract", "nsz", "arcp"}, error_model="numpy")
def see(
    codes: npt.NDArray[np.uint16], start: int, count: int, on: bool, turn: float, work: Float32
) -> None:
    """Fill the horizons of a block and take what they hide from the views of the sky.

    The tilted plane's view of the sky above its horizons (Dozier and Frew 1990), over the
    same sum for the open plane, so that open ground keeps exactly (1 + cos tilt) / 2.
    """
    n = codes.shape[0]
    one, zero = np.float32(1.0), np.float32(0.0)
    quarter = np.float32(math.pi / 2.0)
    for k in range(n + 1):
        row = (HORIZON + k) * BLOCK
        for i in range(BLOCK):
            work[row + i] = zero
        if on:
            for i in range(count):
                work[row + i] = np.float32(codes[k % n, start + i]) * np.float32(1.0 / SCALE)
    if not on:
        return
    for i in range(BLOCK):
        work[FULL * BLOCK + i] = zero
        work[SEEN * BLOCK + i] = zero
        work[TOTAL * BLOCK + i] = zero
    for k in range(n):
        east = np.float32(math.sin(2.0 * math.pi * k / n + turn))
        ahead = np.float32(math.cos(2.0 * math.pi * k / n + turn))
        row = (HORIZON + k) * BLOCK
        horizon = work[row : row + BLOCK]
        for i in range(BLOCK):
            up = work[MODULE_U * BLOCK + i]
            m = work[MODULE_E * BLOCK + i] * east + work[MODULE_N * BLOCK + i] * ahead
            own = -m / up
            own = max(zero, own)
            h = horizon[i]
            high = max(own, h)
            c, d = one / (one + own * own), one / (one + high * high)
            work[FULL * BLOCK + i] += m * (quarter - angle(own) - own * c) + up * c
            work[SEEN * BLOCK + i] += m * (quarter - angle(high) - high * d) + up * d
            work[TOTAL * BLOCK + i] += one / (one + h * h)
    for i in range(BLOCK):
        part = work[SEEN * BLOCK + i] / work[FULL * BLOCK + i]
        work[VIEW * BLOCK + i] *= part
        work[VIEW_IN * BLOCK + i] *= part
        work[OPEN * BLOCK + i] *= work[TOTAL * BLOCK + i] / np.float32(n)


@numba.njit(cache=True, fastmath={"contract", "nsz", "arcp"}, error_model="numpy")
def shine(sun: Float32, sector: int, plant: Float32, work: Float32) -> None:
    """Add one sun's AC energy to the cells of a block. [kWh/kWp].

    Hay and Davies (1980): circumsolar light comes with the beam, the rest evenly. Horizons
    are interpolated between two directions; modifier of incidence after ASHRAE, cell
    temperature after Faiman (2008), inverter after PVWatts (Dobos 2014).
    """
    zero, one = np.float32(0.0), np.float32(1.0)
    east, north, up = sun[S_EAST], sun[S_NORTH], sun[S_UP]
    beam, around, sky, clear = sun[S_BEAM], sun[S_AROUND], sun[S_SKY], sun[S_CLEAR]
    high, turn, hours = sun[S_TAN], sun[S_TURN], sun[S_HOURS]
    loss, heat, gamma, dc = plant[P_IAM], plant[P_HEAT], plant[P_GAMMA], plant[P_DC]
    unit, two, lin, none = plant[P_UNIT], plant[P_TWO], plant[P_ONE], plant[P_NONE]
    cap, ac, albedo = plant[P_CAP], plant[P_AC], plant[P_ALBEDO]
    tiny, warm = np.float32(1.0e-6), np.float32(25.0)
    before = (HORIZON + sector) * BLOCK
    first, second = work[before : before + BLOCK], work[before + BLOCK : before + 2 * BLOCK]
    gain = hours * ac * unit
    for i in range(BLOCK):
        c = (work[MODULE_E * BLOCK + i] * east + work[MODULE_N * BLOCK + i] * north
             + work[MODULE_U * BLOCK + i] * up)  # fmt: skip
        g = (work[GROUND_E * BLOCK + i] * east + work[GROUND_N * BLOCK + i] * north
             + work[GROUND_U * BLOCK + i] * up)  # fmt: skip
        edge = first[i] + (second[i] - first[i]) * turn
        free = zero if edge > high else one
        lit = min(g, c)
        lit = (max(lit, zero)) * free
        part = one + loss - loss / (max(c, tiny))
        part = max(part, zero)
        b, s = work[BEAM * BLOCK + i], work[SKY * BLOCK + i]
        direct = b * (beam + s * around) * lit
        even = s * sky * (one - b * clear)
        ground = albedo * (b * beam * up * free + s * sky * work[OPEN * BLOCK + i])
        plane = direct + even * work[VIEW * BLOCK + i] + ground * work[LOW * BLOCK + i]
        inside = (
            direct * part + even * work[VIEW_IN * BLOCK + i] + ground * work[LOW_IN * BLOCK + i]
        )
        hot = work[AIR * BLOCK + i] + heat * plane - warm
        z = inside * dc * (one - gamma * hot) / unit
        out = (two * z + lin) * z + none
        out = max(out, zero)
        out = min(out, cap)
        work[TOTAL * BLOCK + i] += gain * out


@numba.njit(cache=True, parallel=True)
def run(
    slope: Float32,
    aspect: Float32,
    codes: npt.NDArray[np.uint16],
    first: int,
    beam: Float32,
    sky: Float32,
    air: Float32,
    suns: Float32,
    sectors: npt.NDArray[np.int64],
    months: npt.NDArray[np.int64],
    iam: Float32,
    plant: Float32,
    design: Float64,
    solstice: Float64,
    out: Float32,
) -> None:
    """Fill ``out`` with the AC energy of each cell. [kWh/kWp].

    Parameters
    ----------
    slope, aspect
        Shape (n,). [deg, from grid north]
    codes
        Horizon codes, shape (directions, m); the first direction is grid north.
    first
        Column of ``codes`` that belongs to the first cell.
    beam, sky
        What multiplies the clear sky's beam and diffuse light, shape (12 or 1, n).
    air
        Air temperature, shape (n,). [degC]
    suns
        Shape (t, 10), ordered by month.
    sectors
        Direction before each sun, from grid north, shape (t,).
    months
        First sun of each month and the number of suns, shape (13,).
    iam, plant, design, solstice
        See :func:`lay` and the names of their entries.
    out
        Shape (12, n) for months or (1, n) for the year.
    """
    n = slope.size
    directions = codes.shape[0]
    for task in numba.prange((n + BLOCK - 1) // BLOCK):
        start = int(task) * BLOCK
        count = min(BLOCK, n - start)
        work = np.zeros((HORIZON + directions + 1) * BLOCK, dtype=np.float32)
        lay(slope, aspect, iam, design, solstice, start, count, work)
        see(codes, first + start, count, design[D_HORIZON] > 0.0, design[D_TURN], work)
        for i in range(count):
            work[AIR * BLOCK + i] = air[start + i]
        for m in range(12):
            if m == 0 or beam.shape[0] > 1:
                for i in range(count):
                    work[BEAM * BLOCK + i] = beam[min(m, beam.shape[0] - 1), start + i]
                    work[SKY * BLOCK + i] = sky[min(m, sky.shape[0] - 1), start + i]
            if m == 0 or out.shape[0] > 1:
                for i in range(BLOCK):
                    work[TOTAL * BLOCK + i] = np.float32(0.0)
            for t in range(months[m], months[m + 1]):
                shine(suns[t], sectors[t], plant, work)
            if m == 11 or out.shape[0] > 1:
                for i in range(count):
                    out[min(m, out.shape[0] - 1), start + i] = work[TOTAL * BLOCK + i]
