"""The sun under a cloudless sky: a year's irradiation that no layer can exceed.

A layer above it has the wrong unit or is not the horizontal irradiation. The bound is
taken at the cell's own height, since thin air lets more through (truth.md C11).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pvlib

from geo.errors import InputError, Say
from siting.pv.transposition import DAYS, hourly_times, quiet_pvlib

#: Heights of the table [m]; linear between them within 0.3 %.
HEIGHTS: Final = tuple(250.0 * k for k in range(17))


def clear_sky_year(lat: float, lon: float) -> npt.NDArray[np.float64]:
    """Return the clear-sky horizontal irradiation of a year at :data:`HEIGHTS`. [kWh/m²·a].

    Ineichen with pvlib's built-in Linke turbidity.

    Parameters
    ----------
    lat, lon
        Place. [°]
    """
    times = hourly_times()
    step = 365.25 / len(DAYS) / 1000.0  # every sampled day stands for its neighbours; Wh to kWh
    with quiet_pvlib():
        sun = pvlib.location.Location(lat, lon).get_solarposition(times)
        skies = [
            pvlib.location.Location(lat, lon, altitude=height).get_clearsky(
                times, solar_position=sun
            )
            for height in HEIGHTS
        ]
    return np.array([float(sky["ghi"].sum()) * step for sky in skies])


def check_ghi(
    ghi: npt.NDArray[np.float32],
    dem: npt.NDArray[np.float32] | None,
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
    year = clear_sky_year(lat, lon)
    values = ghi[inside]
    bound: npt.NDArray[np.float64] = np.full(values.shape, year[-1])
    if dem is not None:
        height = dem[inside]
        known = np.isfinite(height)
        bound[known] = np.interp(height[known], HEIGHTS, year)
    above = values > bound
    if above.any():
        worst = int(np.argmax(np.where(above, values - bound, -np.inf)))
        found, limit = float(values[worst]), float(bound[worst])
        raise InputError(
            "ghi",
            Say(
                f"年总辐射 {found:,.0f} kWh/m² 超过晴空上限 {limit:,.0f} kWh/m²"
                f"（{int(above.sum()):,} 个格）",
                f"has {found:,.0f} kWh/m² a year, above the clear-sky bound {limit:,.0f}"
                f" ({int(above.sum()):,} cells)",
            ),
            Say(
                "检查目录中该图层的单位与 scale（应为 kWh/m²·a 的水平面总辐射）",
                "check unit and scale in the catalog: horizontal irradiation in kWh/m²·a is wanted",
            ),
        )
