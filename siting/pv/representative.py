"""Twelve representative days, hour by hour: 288 sun positions that stand for a year.

The day of each month is Klein's (1977), on which the extraterrestrial irradiation equals
the mean of the month. Hours are those of true solar time, at their middle, so that morning
and afternoon are mirror images and no slope is favoured by the clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pvlib

from geo.errors import Say
from siting.pv.clearsky import MONTH_DAYS, quiet_pvlib

Float64 = npt.NDArray[np.float64]

#: Day of the year that stands for its month (Klein 1977).
DAY_OF_YEAR: Final = (17, 47, 75, 105, 135, 162, 198, 228, 258, 288, 318, 344)
#: Any year of 365 days.
YEAR: Final = 2023
#: Lowest cosine of the zenith that the circumsolar ratio divides by (pvlib's own bound).
LOWEST: Final = 0.01745
#: Declination of the sun at the solstices, that of the rule: its 0.4338 is tan 23.45. [°]
OBLIQUITY: Final = 23.45
STEPS_TEXT: Final = Say(
    "12 个代表日（Klein 1977）逐时，真太阳时，共 288 个太阳位置",
    "12 representative days (Klein 1977), hourly, true solar time: 288 sun positions",
)


@dataclass(frozen=True, slots=True, eq=False)
class Suns:
    """Suns of the representative days that stand above the horizon, ordered by month.

    Parameters
    ----------
    times
        UTC.
    zenith, azimuth
        From true north, shape (t,). [°]
    dni, dhi
        Clear-sky direct normal and diffuse horizontal irradiance, shape (t,). [W/m²]
    extra
        Extraterrestrial normal irradiance, shape (t,). [W/m²]
    month
        0-11, shape (t,).
    hours
        Hours of the year that each stands for, shape (t,).
    """

    times: pd.DatetimeIndex
    zenith: Float64
    azimuth: Float64
    dni: Float64
    dhi: Float64
    extra: Float64
    month: npt.NDArray[np.int64]
    hours: Float64

    @property
    def up(self) -> Float64:
        """Cosine of the zenith, shape (t,)."""
        return np.asarray(np.cos(np.radians(self.zenith)))

    @property
    def around(self) -> Float64:
        """Circumsolar light a unit of beam and diffuse factor, as beam, shape (t,). [W/m²]."""
        return self.dhi * (self.dni / self.extra) / np.maximum(self.up, LOWEST)

    @property
    def month_starts(self) -> npt.NDArray[np.int64]:
        """First sun of each month and the number of suns, shape (13,)."""
        return np.searchsorted(self.month, np.arange(13)).astype(np.int64)

    def by_month(self, power: Float64) -> Float64:
        """Return the sums of a power [W/m²] by month, shape (12,). [kWh/m²]."""
        energy = power * self.hours / 1000.0
        return np.asarray(np.bincount(self.month, weights=energy, minlength=12), np.float64)


def representative_times(longitude: float) -> tuple[pd.DatetimeIndex, npt.NDArray[np.int64]]:
    """Return the 288 instants, UTC, and their months 0-11.

    Parameters
    ----------
    longitude
        East of Greenwich. [°]
    """
    days = np.array(DAY_OF_YEAR)
    start = pd.Timestamp(f"{YEAR}-01-01", tz="UTC")
    noons = start + pd.to_timedelta((days - 1) * 24.0 + 12.0 - longitude / 15.0, unit="h")
    with quiet_pvlib():
        sun = pvlib.solarposition.get_solarposition(noons, 0.0, longitude)
    late = sun["equation_of_time"].to_numpy() / 60.0
    hours = np.arange(24) + 0.5
    away = (days - 1)[:, None] * 24.0 + hours - longitude / 15.0 - late[:, None]
    times = start + pd.to_timedelta(away.ravel() * 3600.0, unit="s").round("s")
    return pd.DatetimeIndex(times), np.repeat(np.arange(12), 24)


def representative_suns(latitude: float, longitude: float, altitude: float) -> Suns:
    """Return the suns of the twelve days at a place, with the light of a clear sky.

    Ineichen and Perez (2002) with pvlib's built-in Linke turbidity.

    Parameters
    ----------
    latitude, longitude
        Place. [°]
    altitude
        Height above the sea. [m]
    """
    times, month = representative_times(longitude)
    with quiet_pvlib():
        place = pvlib.location.Location(latitude, longitude, altitude=altitude)
        sun = place.get_solarposition(times)
        sky = place.get_clearsky(times, solar_position=sun)
        extra = np.asarray(pvlib.irradiance.get_extra_radiation(times), np.float64)
    zenith = sun["zenith"].to_numpy()
    day = np.flatnonzero((np.cos(np.radians(zenith)) > 0) & (sky["ghi"].to_numpy() > 0))
    return Suns(
        times[day],
        zenith[day],
        sun["azimuth"].to_numpy()[day],
        sky["dni"].to_numpy()[day],
        sky["dhi"].to_numpy()[day],
        extra[day],
        month[day],
        np.array(MONTH_DAYS, np.float64)[month[day]],
    )


def solstice_suns(latitude: float) -> Float64:
    """Return the suns of the winter solstice from 9:00 to 15:00 solar time, every half hour.

    Parameters
    ----------
    latitude
        North of 23.5°, so that all of them stand in the south. [°]

    Returns
    -------
    ndarray, shape (13, 2)
        East / -north and up / -north of the vector to the sun.
    """
    turn = np.radians(15.0 * np.arange(-3.0, 3.25, 0.5))
    fall, place = math.radians(-OBLIQUITY), math.radians(latitude)
    east = -math.cos(fall) * np.sin(turn)
    north = math.cos(place) * math.sin(fall) - math.sin(place) * math.cos(fall) * np.cos(turn)
    up = math.sin(place) * math.sin(fall) + math.cos(place) * math.cos(fall) * np.cos(turn)
    return np.column_stack([east / -north, up / -north])
