"""Units of the trade: the only place that knows 1/15.

1 亩 = 2000/3 m² exactly, so 1 ha = 15 亩, 1 km² = 1500 亩, 1 m³/亩 = 15 m³/ha.
万亩, 万千瓦 and 亿千瓦时 are the units a Chinese plan is written in.
"""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", float, npt.NDArray[np.float64])

M2_PER_MU: Final = 2000.0 / 3.0
MU_PER_HA: Final = 15.0
MU_PER_KM2: Final = 1500.0
KW_PER_WAN_KW: Final = 1.0e4
KWH_PER_YI_KWH: Final = 1.0e8
CO2_PER_C: Final = 44.0 / 12.0
#: Gravity [m/s²] and density of water [kg/m³] used everywhere (truth.md 32).
GRAVITY: Final = 9.81
WATER_DENSITY: Final = 1000.0
JOULE_PER_GWH: Final = 3.6e12


def m2_to_mu(area: Number) -> Number:
    """Convert [m²] to [亩]."""
    return area / M2_PER_MU


def mu_to_m2(area: Number) -> Number:
    """Convert [亩] to [m²]."""
    return area * M2_PER_MU


def m2_to_wan_mu(area: Number) -> Number:
    """Convert [m²] to [万亩]."""
    return area / M2_PER_MU / 1e4


def wan_mu_to_km2(area: Number) -> Number:
    """Convert [万亩] to [km²]."""
    return area * 1e4 / MU_PER_KM2


def km2_to_wan_mu(area: Number) -> Number:
    """Convert [km²] to [万亩]."""
    return area * MU_PER_KM2 / 1e4


def ha_to_mu(area: Number) -> Number:
    """Convert [ha] to [亩]."""
    return area * MU_PER_HA


def mu_to_ha(area: Number) -> Number:
    """Convert [亩] to [ha]."""
    return area / MU_PER_HA


def m3_ha_to_m3_mu(stock: Number) -> Number:
    """Convert a stock density [m³/ha] to [m³/亩]."""
    return stock / MU_PER_HA


def m3_mu_to_m3_ha(stock: Number) -> Number:
    """Convert a stock density [m³/亩] to [m³/ha]."""
    return stock * MU_PER_HA


def mw_to_wan_kw(power: Number) -> Number:
    """Convert [MW] to [万千瓦]."""
    return power / 10.0


def wan_kw_to_mw(power: Number) -> Number:
    """Convert [万千瓦] to [MW]."""
    return power * 10.0


def gwh_to_yi_kwh(energy: Number) -> Number:
    """Convert [GWh] to [亿千瓦时]."""
    return energy / 100.0


def tc_to_tco2(carbon: Number) -> Number:
    """Convert [tC] to [tCO2]."""
    return carbon * CO2_PER_C
