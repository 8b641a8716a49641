"""Directions and distances as a reader says them: sixteen winds, metres or kilometres."""

from __future__ import annotations

import math
from typing import Final

from geo.crs import lonlat
from geo.errors import Say

WINDS: Final = (
    Say("北", "N"), Say("北东北", "NNE"), Say("东北", "NE"), Say("东东北", "ENE"),
    Say("东", "E"), Say("东东南", "ESE"), Say("东南", "SE"), Say("南东南", "SSE"),
    Say("南", "S"), Say("南西南", "SSW"), Say("西南", "SW"), Say("西西南", "WSW"),
    Say("西", "W"), Say("西西北", "WNW"), Say("西北", "NW"), Say("北西北", "NNW"),
)  # fmt: skip


def bearing_deg(x0: float, y0: float, x1: float, y1: float) -> float:
    """Return the direction from (x0, y0) to (x1, y1), clockwise from grid north. [0-360°].

    Grid north lies within 1° of true north in a 3-degree zone at 32° N: far less than a wind.
    """
    return math.degrees(math.atan2(x1 - x0, y1 - y0)) % 360.0


def grid_north_deg(crs: str, x: float, y: float) -> float:
    """Return the direction of grid north at a place, clockwise from true north. [°]."""
    lon, lat = (float(one) for one in lonlat(crs, x, y))
    up_lon, up_lat = (float(one) for one in lonlat(crs, x, y + 100.0))
    return math.degrees(math.atan2((up_lon - lon) * math.cos(math.radians(lat)), up_lat - lat))


def wind(bearing: float) -> Say:
    """Return the compass point of a bearing [°], one of sixteen."""
    return WINDS[round(bearing / 22.5) % 16]


def metres(distance_m: float) -> str:
    """Return a distance [m] with its unit: ``230 m``, ``12.3 km``; never ``0 m`` above 0."""
    if distance_m >= 9999.5:
        return f"{distance_m / 1000:.1f} km"
    if 0 < distance_m < 1:
        return "1 m"
    return f"{distance_m:.0f} m"
