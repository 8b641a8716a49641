r"""Yield of a power curve under a Weibull wind: the exact integral.

The curve is a chain of straight pieces, the wind's share above :math:`v` is
:math:`S(v)=\exp(-(v/c)^k)`; by parts

.. math:: E = p_0 S(v_0) - p_n S(v_n) + \sum_i s_i \bigl(G(v_{i+1}) - G(v_i)\bigr),
          \quad G(v) = \int_0^v S = \bar v\,P\bigl(1/k, (v/c)^k\bigr)

with slope :math:`s_i` of piece i, mean :math:`\bar v = c\,\Gamma(1+1/k)` and the regularised
lower incomplete gamma function P (Abramowitz and Stegun 1964, 6.5.1). Density acts as
:math:`v(\rho/\rho_0)^{1/3}` (IEC 61400-12-1), and a Weibull speed times a number is Weibull
with the same k: density only moves the mean. No integration step, no error but rounding.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import gamma, gammainc

from siting.wind.turbine import STANDARD_DENSITY, Turbine

Values = npt.NDArray[np.float64]

#: Hours of a year of 365 days, as full-load hours are counted. [h]
YEAR_H: Final = 8760.0
#: Published speeds between which the exponent of the density correction grows to 2/3.
_GRADED: Final = ((7.5, 12.5), (1.0 / 3.0, 2.0 / 3.0))


def mean_share(speeds: Values, share: Values, mean: npt.ArrayLike, k: npt.ArrayLike) -> Values:
    """Return the mean of a piecewise linear curve under a Weibull wind.

    Parameters
    ----------
    speeds
        Corners of the curve, rising; nothing outside. [m/s]
    share
        Value at each corner. [any]
    mean
        Mean wind speed, any shape, not negative. [m/s]
    k
        Weibull shape, same shape or one value. [-]

    Returns
    -------
    ndarray
        In the unit of ``share``; 0 where there is no wind.
    """
    average, shape = np.broadcast_arrays(np.asarray(mean, np.float64), np.asarray(k, np.float64))
    total = np.zeros(average.shape)
    slopes = np.diff(share) / np.diff(speeds)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = average / gamma(1.0 + 1.0 / shape)

        def reached(speed: float) -> Values:
            """Return the share of the mean that lies below a speed."""
            part: Values = gammainc(1.0 / shape, (speed / scale) ** shape)
            return part

        below, at = np.zeros(0), -1
        for i in map(int, np.flatnonzero(slopes)):  # level pieces add nothing
            low = below if at == i else reached(speeds[i])
            below, at = reached(speeds[i + 1]), i + 1
            total += slopes[i] * average * (below - low)
        for value, speed in ((share[0], speeds[0]), (-share[-1], speeds[-1])):
            if value:
                total += value * np.exp(-((speed / scale) ** shape))
    total[average == 0.0] = 0.0
    return total


def site_speeds(speeds: Values, density: float, *, graded: bool = False) -> Values:
    """Return the speeds at which air of another density gives the curve's powers. [m/s].

    Parameters
    ----------
    speeds
        Speeds of the curve at standard density. [m/s]
    density
        Of the air at the hub. [kg/m³]
    graded
        Exponent 1/3 up to 7.5 m/s, rising to 2/3 at 12.5 m/s (Svenningsen 2010), instead of
        1/3 throughout (IEC 61400-12-1, the default).
    """
    power = np.interp(speeds, *_GRADED) if graded else 1.0 / 3.0
    moved: Values = speeds * (STANDARD_DENSITY / density) ** power
    return moved


def full_load_hours(
    turbine: Turbine,
    mean: npt.ArrayLike,
    k: npt.ArrayLike = 2.0,
    density: float = STANDARD_DENSITY,
    *,
    graded: bool = False,
) -> Values:
    """Return the gross hours at full power that a year's wind is worth. [h/a].

    Parameters
    ----------
    turbine
        Machine.
    mean
        Mean wind speed at the hub. [m/s]
    k
        Weibull shape; 2 = Rayleigh. [-]
    density
        Of the air at the hub. [kg/m³]
    graded
        See :func:`site_speeds`.

    Returns
    -------
    ndarray
        Without any loss, shape of ``mean`` and ``k``.
    """
    speeds = site_speeds(turbine.speeds, density, graded=graded)
    return YEAR_H * mean_share(speeds, turbine.share, mean, k)
