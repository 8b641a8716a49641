"""Air density at hub height from elevation and annual mean temperature.

The pressure of the standard atmosphere (ISO 2533:1975: constant lapse rate, hydrostatic)
and the gas law of dry air; moisture, 0.5 % at most at these temperatures, is left out.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from geo.units import GRAVITY

Values = npt.NDArray[np.float64]

#: Pressure at sea level [Pa] and gas constant of dry air [J/(kg·K)], ISO 2533:1975.
PRESSURE: Final = 101_325.0
GAS: Final = 287.05287
KELVIN: Final = 273.15


def pressure(height_m: npt.ArrayLike, sea_c: float, lapse: float) -> Values:
    """Return the mean air pressure at a height. [Pa].

    Parameters
    ----------
    height_m
        Height above the sea. [m]
    sea_c
        Mean temperature reduced to the sea. [°C]
    lapse
        Fall of temperature with height. [K/m]
    """
    cooled = 1.0 - lapse * np.asarray(height_m, np.float64) / (sea_c + KELVIN)
    column: Values = PRESSURE * cooled ** (GRAVITY / (GAS * lapse))
    return column


def air_density(
    height_m: npt.ArrayLike,
    sea_c: float = 15.0,
    lapse: float = 0.0065,
    here_c: npt.ArrayLike | None = None,
) -> Values:
    """Return the mean density of the air. [kg/m³].

    Parameters
    ----------
    height_m
        Height above the sea. [m]
    sea_c, lapse
        Of :func:`pressure`; the standard atmosphere unless told.
    here_c
        Mean temperature at that height; None = by the lapse rate. [°C]
    """
    height = np.asarray(height_m, np.float64)
    warm = sea_c - lapse * height if here_c is None else np.asarray(here_c, np.float64)
    density: Values = pressure(height, sea_c, lapse) / (GAS * (warm + KELVIN))
    return density
