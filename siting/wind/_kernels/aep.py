"""Full-load hours of each cell: speed at the hub, density, one look-up.

Density acts as the cube root of its ratio to the standard on the speed, so the table has two
axes only: equivalent mean speed and Weibull shape. The cube root itself is a product of a
table over height (pressure) and one over temperature, the rise to the hub a table over the
ratio of two maps: no power is taken in a cell.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]


@numba.njit(cache=True, error_model="numpy")
def between(table: Float32, first: float, per: float, value: float) -> float:
    """Interpolate a table with ``per`` steps a unit; level beyond its ends; NaN stays NaN."""
    if not math.isfinite(value):
        return math.nan
    place = min(max((value - first) * per, 0.0), table.size - 1.000001)
    left = int(place)
    part = place - left
    here = np.float64(table[left])
    return here + part * (np.float64(table[left + 1]) - here)


@numba.njit(cache=True, parallel=True, error_model="numpy")
def gross_hours(
    mean: Float32,
    lower: Float32,
    shape: Float32,
    height: Float32,
    warmth: Float32,
    wanted: npt.NDArray[np.bool_],
    sheared: int,
    shaped: int,
    heighted: int,
    warmed: int,
    by_ratio: Float32,
    ratio_0: float,
    ratio_per: float,
    one_rise: float,
    one_shape: float,
    by_height: Float32,
    height_0: float,
    height_per: float,
    by_warmth: Float32,
    warmth_0: float,
    warmth_per: float,
    table: Float32,
    n_speed: int,
    speed_per: float,
    shape_0: float,
    shape_per: float,
    out: Float32,
) -> None:
    """Write the gross full-load hours of each wanted cell, NaN elsewhere and where unknown.

    Parameters
    ----------
    mean, lower
        Mean wind speed of the map and of a lower one (``sheared``), flat. [m/s]
    shape, height, warmth
        Weibull shape (``shaped``), elevation (``heighted``) [m], temperature (``warmed``)
        [degC]; an array that is not used has one cell.
    by_ratio, one_rise
        Speed at the hub over that of the map, by the ratio of the map to the lower one; the
        same where there is no lower map. [-]
    one_shape
        Shape where there is no layer. [-]
    by_height, by_warmth
        Their product is the cube root of the density ratio; ``by_height`` holds the lapse of
        temperature where ``warmed`` is 0. [-]
    table
        Hours by shape (rows) and equivalent mean speed, flat. [h/a]
    ratio_0, height_0, warmth_0, shape_0
        First value of each table's axis; those of speed begin with 0.
    ratio_per, height_per, warmth_per, speed_per, shape_per
        Steps of each table in a unit of its axis.
    """
    n_shape = table.size // n_speed
    for i in numba.prange(mean.size):
        if not wanted[i]:
            out[i] = np.nan
            continue
        speed = np.float64(mean[i])
        if not sheared:
            speed *= one_rise
        elif lower[i] > 0.0:
            speed *= between(by_ratio, ratio_0, ratio_per, speed / np.float64(lower[i]))
        else:
            speed *= math.nan
        if heighted:
            speed *= between(by_height, height_0, height_per, np.float64(height[i]))
        if warmed:
            speed *= between(by_warmth, warmth_0, warmth_per, np.float64(warmth[i]))
        k = np.float64(shape[i]) if shaped else one_shape
        if not (math.isfinite(speed) and math.isfinite(k)):
            out[i] = np.nan
            continue
        across = min(speed * speed_per, n_speed - 1.000001)
        left = int(across)
        part = across - left
        down = min(max((k - shape_0) * shape_per, 0.0), n_shape - 1.0)
        row = int(down)
        start = row * n_speed + left
        hours = np.float64(table[start])
        hours += part * (np.float64(table[start + 1]) - hours)
        if row + 1 < n_shape:
            start += n_speed
            below = np.float64(table[start])
            below += part * (np.float64(table[start + 1]) - below)
            hours += (down - row) * (below - hours)
        out[i] = hours
