"""Energy, hours, heads and unit cost of a pumped-storage plant: closed forms with units.

g = 9.81 m/s² and water of 1,000 kg/m³ everywhere (truth.md E32). Formulas, the worked
example of 黄龙滩 and what each figure may not be used for: ``docs/methods/storage.md``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from geo.errors import OptionError, Say
from geo.units import GRAVITY, JOULE_PER_GWH, WATER_DENSITY

#: A closed form of scalars.
Formula = Callable[..., float]
#: One-way generating efficiency assumed for published plants, low, middle, high. [-]
EFFICIENCY: Final = (0.88, 0.90, 0.92)
#: Head lost in the waterway as a share of the gross head, of the energy integral. [-]
HEAD_LOSS: Final = 0.01
_YUAN_PER_YI: Final = 1.0e8
_KW_PER_MW: Final = 1.0e3
_M3_PER_MM3: Final = 1.0e6


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            raise OptionError(
                name,
                Say(f"数值 {value} 不是正数", f"{value} is not a positive number"),
                Say("给出大于 0 的数", "give a number above 0"),
            )


def _share(**values: float) -> None:
    _positive(**values)
    for name, value in values.items():
        if value > 1:
            raise OptionError(
                name,
                Say(f"比例 {value} 大于 1", f"share {value} is above 1"),
                Say("给出 0 到 1 之间的数", "give a number between 0 and 1"),
            )


def energy_gwh(volume_mm3: float, head_m: float, efficiency: float) -> float:
    """Return the energy of one full store, E = rho g V H eta. [GWh].

    Parameters
    ----------
    volume_mm3
        Active (regulating) volume. [10^6 m³]
    head_m
        Rated head; it already holds the loss of the waterway. [m]
    efficiency
        Generating efficiency, one way. [-]

    Raises
    ------
    OptionError
        If a value is not positive or the efficiency exceeds 1.

    Examples
    --------
    >>> round(energy_gwh(5.243, 255.0, 0.90), 2)
    3.28
    """
    _positive(volume_mm3=volume_mm3, head_m=head_m)
    _share(efficiency=efficiency)
    joule = WATER_DENSITY * GRAVITY * volume_mm3 * _M3_PER_MM3 * head_m * efficiency
    return joule / JOULE_PER_GWH


def energy_between_levels_gwh(
    volume_mm3: float,
    upper_npl_m: float,
    upper_dead_m: float,
    lower_m: float,
    efficiency: float,
    loss: float = HEAD_LOSS,
) -> float:
    """Return the integral of rho g eta (1 - loss) (z_upper(V) - z_lower) dV. [GWh].

    The upper level is linear in the volume and the lower lake is held at ``lower_m``: its
    change over one cycle is :func:`lower_lake_change_m`, centimetres in a large lake.

    Parameters
    ----------
    volume_mm3
        Active volume of the upper lake. [10^6 m³]
    upper_npl_m, upper_dead_m, lower_m
        Levels of one height datum. [m]
    efficiency, loss
        Generating efficiency; head lost as a share of the gross head. [-]

    Raises
    ------
    OptionError
        If the upper dead level is not above the lower level, or below the normal level.
    """
    _positive(volume_mm3=volume_mm3, head_m=gross_head(upper_dead_m, lower_m))
    _positive(drawdown=upper_npl_m - upper_dead_m)
    mean = gross_head((upper_npl_m + upper_dead_m) / 2, lower_m)
    return energy_gwh(volume_mm3, mean * (1 - loss), efficiency)


def hours(energy: float, power_mw: float) -> float:
    """Return the hours at full load of one store [h] from energy [GWh] and power [MW]."""
    _positive(energy=energy, power_mw=power_mw)
    return energy * _KW_PER_MW / power_mw


def full_load_hours(generation_gwh: float, power_mw: float) -> float:
    """Return the full-load hours of a year [h/a] from generation [GWh/a] and power [MW]."""
    return hours(generation_gwh, power_mw)


def gross_head(upper_m: float, lower_m: float) -> float:
    """Return the gross head between two levels of one height datum. [m].

    Raises
    ------
    OptionError
        If the upper level is not above the lower one.
    """
    _positive(gross_head=upper_m - lower_m)
    return upper_m - lower_m


def mean_gross_head(
    upper_npl_m: float, upper_dead_m: float, lower_npl_m: float, lower_dead_m: float
) -> float:
    """Return the head between the mid-levels of both lakes. [m]."""
    return gross_head((upper_npl_m + upper_dead_m) / 2, (lower_npl_m + lower_dead_m) / 2)


def head_range(
    upper_npl_m: float, upper_dead_m: float, lower_npl_m: float, lower_dead_m: float
) -> tuple[float, float]:
    """Return the smallest and the largest gross head. [m].

    Their ratio meets a limit that depends on the turbine type; no limit is given here
    because none was read from a source (truth.md D19).
    """
    return gross_head(upper_dead_m, lower_npl_m), gross_head(upper_npl_m, lower_dead_m)


def lower_lake_change_m(
    volume_mm3: float, lower_active_mm3: float, lower_npl_m: float, lower_dead_m: float
) -> float:
    """Return the change of the lower lake over one cycle, by its mean surface. [m].

    Parameters
    ----------
    volume_mm3
        Water moved in one cycle. [10^6 m³]
    lower_active_mm3
        Volume of the lower lake between dead and normal level. [10^6 m³]
    lower_npl_m, lower_dead_m
        Those levels. [m]
    """
    _positive(volume_mm3=volume_mm3, lower_active_mm3=lower_active_mm3)
    return volume_mm3 / lower_active_mm3 * gross_head(lower_npl_m, lower_dead_m)


def cost_yuan_per_kw(cost_yi: float, power_mw: float) -> float:
    """Return the unit cost [元/kW] from the investment [亿元] and the capacity [MW]."""
    _positive(cost_yi=cost_yi, power_mw=power_mw)
    return cost_yi * _YUAN_PER_YI / (power_mw * _KW_PER_MW)


def length_head_ratio(length_m: float, head_m: float) -> float:
    """Return L/H (距高比) from horizontal length [m] and head [m]. [-]."""
    _positive(length_m=length_m, head_m=head_m)
    return length_m / head_m


def conduit_length_m(ratio: float, head_m: float) -> float:
    """Return the horizontal length [m] that a published L/H implies at a head [m]."""
    _positive(ratio=ratio, head_m=head_m)
    return ratio * head_m


def pumping_gwh(discharge_gwh: float, round_trip: float) -> float:
    """Return the pumping energy of a year [GWh/a] from discharge and cycle efficiency [-]."""
    _positive(discharge_gwh=discharge_gwh)
    _share(round_trip=round_trip)
    return discharge_gwh / round_trip
