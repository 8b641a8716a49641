"""The sun under a cloudless sky: irradiation of a year and a month that no layer can exceed.

A layer above it has the wrong unit or is not the horizontal irradiation. The bound is
taken at the cell's own height, since thin air lets more through (truth.md C11).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pvlib

from geo.errors import InputError, Say

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

#: Heights of the table [m]; linear between them within 0.3 %.
HEIGHTS: Final = tuple(250.0 * k for k in range(17))
#: Every fifth day of a year without leap day, hourly at mid-hour: 73 x 24 positions.
DAYS: Final = pd.date_range("2023-01-03", "2023-12-31", freq="5D", tz="UTC")
MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@contextmanager
def quiet_pvlib() -> Iterator[None]:
    """Silence what pvlib 0.16 still asks of pandas (DatetimeIndex.dayofyear)."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*dayofyear.*")
        yield


def hourly_times() -> pd.DatetimeIndex:
    """Return the middle of every hour of the sampled days, UTC."""
    hours = pd.to_timedelta(np.arange(24) + 0.5, unit="h")
    return pd.DatetimeIndex(np.concatenate([(day + hours).to_numpy() for day in DAYS]), tz="UTC")


@lru_cache(maxsize=8)
def _clear_days(lat: float, lon: float) -> Float64:
    """Return the clear-sky irradiation of the sampled days, shape (heights, days). [Wh/m²]."""
    times = hourly_times()
    with quiet_pvlib():
        sun = pvlib.location.Location(lat, lon).get_solarposition(times)
        skies = [
            pvlib.location.Location(lat, lon, altitude=height)
            .get_clearsky(times, solar_position=sun)["ghi"]
            .to_numpy()
            for height in HEIGHTS
        ]
    hours = np.array(skies, np.float64).reshape(len(HEIGHTS), len(DAYS), 24)
    days = np.asarray(hours.sum(axis=2), np.float64)
    days.flags.writeable = False  # shared by all who ask for this place
    return days


def clear_sky_year(lat: float, lon: float) -> Float64:
    """Return the clear-sky horizontal irradiation of a year at :data:`HEIGHTS`. [kWh/m²·a].

    Ineichen with pvlib's built-in Linke turbidity.

    Parameters
    ----------
    lat, lon
        Place. [°]
    """
    # every sampled day stands for its neighbours; Wh to kWh
    return np.asarray(_clear_days(lat, lon).sum(axis=1) * (365.25 / len(DAYS) / 1000.0))


def clear_sky_months(lat: float, lon: float) -> Float64:
    """Return the clear-sky horizontal irradiation by month, shape (12, heights). [kWh/m²].

    Parameters
    ----------
    lat, lon
        Place. [°]
    """
    days = _clear_days(lat, lon)
    month = np.asarray(DAYS.month) - 1
    means = [days[:, month == m].mean(axis=1) * MONTH_DAYS[m] / 1000.0 for m in range(12)]
    return np.array(means, np.float64)


def check_ghi(
    ghi: Float32,
    dem: Float32 | None,
    inside: npt.NDArray[np.bool_],
    lat: float,
    lon: float,
) -> None:
    """Refuse an irradiation layer that exceeds the clear sky.

    Parameters
    ----------
    ghi
        Annual horizontal irradiation, shape (rows, cols). [kWh/m²]
    dem
        Elevation, same shape; None = the bound of the highest place. [m]
    inside
        Cells of the region.
    lat, lon
        Place of the region. [°]

    Raises
    ------
    InputError
        If a cell lies above the bound.
    """
    _refuse_above("ghi", ghi, dem, inside, clear_sky_year(lat, lon), Say("年", "a year"))


def check_ghi_months(
    layers: Mapping[str, Float32],
    dem: Float32 | None,
    inside: npt.NDArray[np.bool_],
    lat: float,
    lon: float,
) -> None:
    """Refuse monthly irradiation that exceeds the clear sky of its month.

    Parameters
    ----------
    layers
        Layers of any months by name (``ghi_01`` to ``ghi_12``), shape (rows, cols) each.
        [kWh/m²]
    dem, inside, lat, lon
        As for :func:`check_ghi`.

    Raises
    ------
    InputError
        If a cell lies above the bound of the month at its height.
    """
    bounds = clear_sky_months(lat, lon)
    for name, values in layers.items():
        number = int(name.removeprefix("ghi_"))
        when = Say(f"{number} 月", f"in month {number}")
        _refuse_above(name, values, dem, inside, bounds[number - 1], when)


def _refuse_above(
    name: str,
    ghi: Float32,
    dem: Float32 | None,
    inside: npt.NDArray[np.bool_],
    by_height: Float64,
    when: Say,
) -> None:
    """Raise :class:`InputError` where values exceed the bound of their height."""
    values = ghi[inside]
    bound: Float64 = np.full(values.shape, by_height[-1])
    if dem is not None:
        height = dem[inside]
        known = np.isfinite(height)
        bound[known] = np.interp(height[known], HEIGHTS, by_height)
    above = values > bound
    if not above.any():
        return
    worst = int(np.argmax(np.where(above, values - bound, -np.inf)))
    found, limit, cells = float(values[worst]), float(bound[worst]), int(above.sum())
    raise InputError(
        name,
        Say(
            f"{when.zh}总辐射 {found:,.0f} kWh/m² 超过晴空上限 {limit:,.0f} kWh/m²"
            f"（{cells:,} 个格）",
            f"has {found:,.0f} kWh/m² {when.en}, above the clear-sky bound {limit:,.0f}"
            f" ({cells:,} cells)",
        ),
        Say(
            "检查目录中该图层的单位与 scale（应为 kWh/m² 的水平面总辐射，年值或月值）",
            "check unit and scale in the catalog: horizontal irradiation in kWh/m² is wanted, "
            "by year or by month as the name says",
        ),
    )
