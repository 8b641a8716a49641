"""From parameters to money: the assumptions of a technology and the inputs of its sites.

One mapping key -> number (None = 未计) holds all assumptions, so that a band or a tornado is
the same calculation with one number replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from siting.cost.lcoe import Finance, Plants
from siting.law.terms import Technology
from siting.sites.params import USER, Params

F64 = npt.NDArray[np.float64]
Values = Mapping[str, float | None]

#: Keys that a technology's LCOE rests on; the prefix of its own rows is its name.
_OWN: Final = {
    Technology.PV: ("capex", "fom", "life", "degradation", "decommissioning"),
    Technology.WIND: (
        "capex_mountain", "capex_flat", "fom", "life", "degradation", "decommissioning",
    ),
}  # fmt: skip
_SHARED: Final = (
    "discount", "connection_added", "land_rent", "forest_restoration", "residual", "tax",
    "curtailment",
)  # fmt: skip
#: A longer life, and a higher residual value, lower the cost; all others raise it.
_CHEAPENING: Final = ("life", "residual")


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """Sites of one technology as the caller knows them; arrays of one length.

    Parameters
    ----------
    technology
        PV or wind.
    capacity_kw
        PV: DC, the side that its CAPEX is taken to count; wind: AC. [kW]
    energy_kwh
        First year, NaN = not known. [kWh]
    connection_yuan, land_mu, cleared_mu
        None = not known for any site. [元], [亩], [亩]
    mountain
        Share of the plant on mountain ground; wind only. [0-1]
    """

    technology: Technology
    capacity_kw: F64
    energy_kwh: F64
    connection_yuan: F64 | None
    land_mu: F64 | None
    cleared_mu: F64 | None
    mountain: F64


def keys_of(technology: Technology) -> tuple[str, ...]:
    """Return the keys of ``cost`` that the LCOE of a technology rests on.

    Raises
    ------
    OptionError
        For storage and hydropower: a net consumer has no LCOE here (truth.md C13).
    """
    if technology not in _OWN:
        raise OptionError(
            technology.value,
            Say("度电成本只算光伏与风电", "LCOE is for PV and wind only"),
            Say("储能另用平准化储能成本", "storage has a levelised cost of its own"),
        )
    return (*(f"{technology.value}_{key}" for key in _OWN[technology]), *_SHARED)


def values_of(params: Params, technology: Technology) -> dict[str, float | None]:
    """Return the assumptions of a technology by key; None = 未计.

    Raises
    ------
    OptionError
        If more of the connection is to be added than there is.
    """
    params.share("connection_added")
    return {key: params[key].value for key in keys_of(technology)}


def bands(params: Params, technology: Technology) -> dict[str, tuple[float, float]]:
    """Return the cheap and the dear end of every assumption that has a band.

    A value of the user stands as given: it has no band. A band with one end takes the value
    itself at the other.
    """
    found = {}
    for key in keys_of(technology):
        one = params[key]
        if one.value is None or one.source == USER or (one.low is None and one.high is None):
            continue
        low = one.value if one.low is None else min(one.low, one.value)
        high = one.value if one.high is None else max(one.high, one.value)
        found[key] = (high, low) if key.endswith(_CHEAPENING) else (low, high)
    return found


def finance_of(values: Values, technology: Technology) -> Finance:
    """Return the assumptions that all sites share; 未计 counts as nothing."""
    own = technology.value

    def number(key: str) -> float:
        value = values[key]
        return 0.0 if value is None else value

    life = number(f"{own}_life")
    return Finance(
        discount=number("discount"),
        life=int(life) if life == int(life) else _whole(life),
        fom=number(f"{own}_fom") / 100.0,
        degradation=number(f"{own}_degradation") / 100.0,
        curtailment=number("curtailment"),
        tax=number("tax"),
        residual=number("residual"),
        decommissioning=number(f"{own}_decommissioning"),
    )


def plants_of(values: Values, sites: Sites) -> Plants:
    """Return the sites as money sees them.

    An item is counted for every site or for none: where its price is known and its amount is
    missing at one site, the costs of that site are NaN, never too low.
    """
    none = np.zeros(sites.capacity_kw.shape)
    once = none
    for amount, key in (
        (sites.connection_yuan, "connection_added"),
        (sites.cleared_mu, "forest_restoration"),
    ):
        rate = values[key]
        if amount is not None and rate:
            once = once + amount * rate
    rent = values["land_rent"]
    yearly = none if rent is None or sites.land_mu is None else sites.land_mu * rent
    return Plants(sites.capacity_kw, _capex(values, sites), once, yearly, sites.energy_kwh)


def _capex(values: Values, sites: Sites) -> F64:
    if sites.technology is Technology.PV:
        return np.full(sites.capacity_kw.shape, _given(values, "pv_capex"))
    mountain, flat = _given(values, "wind_capex_mountain"), _given(values, "wind_capex_flat")
    return np.asarray(sites.mountain * mountain + (1.0 - sites.mountain) * flat)


def _given(values: Values, key: str) -> float:
    value = values[key]
    if value is None or not value > 0:
        raise OptionError(
            f"cost.{key}",
            Say("造价未给出或不为正", "the CAPEX is missing or not positive"),
            Say("写正数 [元/kW]", "give a positive number [元/kW]"),
        )
    return value


def _whole(life: float) -> int:
    raise OptionError(
        "cost.life",
        Say(f"计算期 {life:g} 年不是整数", f"a life of {life:g} years is not whole"),
        Say("写整数年", "give whole years"),
    )
