"""Levelised cost of storage: what a discharged kWh costs with the energy that charged it.

    LCOS = C (a + f) / h + p / eta        a = r / (1 - (1 + r)^-N)

Storage is a net consumer: discharge, pumping and round trip are its columns, its energy stays
empty, and no avoided CO2 is claimed for it here (truth.md C13).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from siting.sites.params import USER, Params

Float64 = npt.NDArray[np.float64]

_HOURS_A: Final = 8760.0
_GWH_PER_MWH: Final = 1.0e-3
#: Assumptions of the levelised cost.
LCOS_KEYS: Final = ("charge_price", "full_load_h", "round_trip", "discount", "life", "fom")
#: What the figure does not hold.
NOT_COUNTED: Final = (
    Say("建设期利息（造价为静态）：未计", "interest while building (static cost): not counted"),
    Say("机组更新、退役与残值：未计", "renewal of units, decommissioning, residual: not counted"),
    Say("充电的输配电费、税费：未计", "grid fees of charging, taxes: not counted"),
    Say("容量电费与辅助服务收入：未计", "capacity payment and ancillary revenue: not counted"),
)
#: Said instead of the price where there is none.
NO_PRICE: Final = Say("充电电价未给出，成本未计", "no price of charging energy: not counted")
PARTS: Final = {
    "capital": Say("投资年金", "capital"),
    "fom": Say("运维", "operation and maintenance"),
    "charging": Say("充电电费", "charging energy"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Lcos:
    """Levelised cost of storage of plants, and the columns of a net consumer.

    Parameters
    ----------
    value
        NaN without a cost or a price of charging energy. [元/kWh discharged]
    parts
        Key of :data:`PARTS` -> its share of ``value``. [元/kWh]
    discharge_gwh_a, pumping_gwh_a
        Of a year; NaN without a power. [GWh/a]
    round_trip
        Discharge over pumping. [-]
    price
        Of charging energy, NaN = none for this place. [元/kWh]
    text
        What was assumed, as a reader sees it.
    missing
        What is not counted.
    """

    value: Float64
    parts: Mapping[str, Float64]
    discharge_gwh_a: Float64
    pumping_gwh_a: Float64
    round_trip: float
    price: float
    text: Say
    missing: tuple[Say, ...] = NOT_COUNTED


def storage_lcos(yuan_per_kw: npt.ArrayLike, power_mw: npt.ArrayLike, params: Params) -> Lcos:
    """Return the levelised cost of storage of each plant.

    Parameters
    ----------
    yuan_per_kw
        Static cost, e.g. :attr:`StorageCost.total`. [元/kW]
    power_mw
        [MW]; broadcasts with the cost.
    params
        The group ``storage_cost``: ``charge_price``, ``full_load_h``, ``round_trip``,
        ``discount``, ``life``, ``fom``.

    Raises
    ------
    OptionError
        More hours a year than discharging and pumping leave, a life below one year, a round
        trip above 1.
    """
    cost, power = np.asarray(yuan_per_kw, np.float64), np.asarray(power_mw, np.float64)
    price = math.nan if params["charge_price"].missing else params.number("charge_price")
    hours = params.number("full_load_h")
    cycle = params.share("round_trip")
    _check_hours(hours, cycle)
    rate, life, fom = params.number("discount"), params.number("life"), params.number("fom")
    parts = {
        "capital": np.asarray(cost * capital_recovery(rate, life) / hours),
        "fom": np.asarray(cost * fom / 100.0 / hours),
        "charging": np.full(cost.shape, price / cycle),
    }
    value = parts["capital"] + parts["fom"] + parts["charging"]
    discharge = np.asarray(power * hours * _GWH_PER_MWH)
    paid = Say(f"充电电价 {price:g} 元/kWh", f"charging at {price:g} 元/kWh")
    if math.isnan(price):
        paid = NO_PRICE
    text = Say(
        f"{paid.zh}、年发电利用 {hours:g} h、循环效率 {cycle:.1%}、"
        f"贴现率 {rate:.1%}、经营期 {life:g} 年、运维 {fom:g} %/a",
        f"{paid.en}, {hours:g} h/a of discharge, round trip {cycle:.1%}, "
        f"discount rate {rate:.1%}, life {life:g} a, O&M {fom:g} %/a",
    )
    return Lcos(value, parts, discharge, discharge / cycle, cycle, price, text)


@dataclass(frozen=True, slots=True)
class Swing:
    """What one assumption does to the levelised cost, the others staying.

    Parameters
    ----------
    key, title
        Parameter.
    low, high
        Its ends; its unit stands in the parameter table.
    at_low, at_high
        Levelised cost there. [元/kWh]
    """

    key: str
    title: Say
    low: float
    high: float
    at_low: float
    at_high: float


def swings(yuan_per_kw: float, params: Params) -> tuple[Swing, ...]:
    """Return the levelised cost of one plant at both ends of each assumption, widest first.

    Parameters
    ----------
    yuan_per_kw
        [元/kW]
    params
        The group ``storage_cost``; a value of the user stands as given and has no swing.
        Without a price of charging energy nothing has one.
    """
    found: list[Swing] = []
    if params["charge_price"].missing:
        return ()
    for key in LCOS_KEYS:
        one = params[key]
        if one.low is None or one.high is None or one.source == USER:
            continue
        ends = [
            float(
                storage_lcos(yuan_per_kw, 1.0, params.changed({f"{params.group}.{key}": end})).value
            )
            for end in (one.low, one.high)
        ]
        found.append(Swing(key, params.titles[key], one.low, one.high, ends[0], ends[1]))
    return tuple(sorted(found, key=lambda one: (-abs(one.at_high - one.at_low), one.key)))


def capital_recovery(rate: float, years: float) -> float:
    """Return the yearly payment for one 元 of capital. [1/a].

    Parameters
    ----------
    rate
        Discount rate; 0 shares the capital out evenly. [-]
    years
        [a]

    Raises
    ------
    OptionError
        A negative rate or less than one year.
    """
    if not (0.0 <= rate < 1.0 and years >= 1.0):
        raise OptionError(
            "storage_cost.discount, storage_cost.life",
            Say(f"贴现率 {rate:g}、经营期 {years:g} 年无效", f"{rate:g}, {years:g} a: invalid"),
            Say("贴现率写 0.065，经营期至少 1 年", "a rate such as 0.065, a life of 1 a or more"),
        )
    if rate == 0.0:
        return 1.0 / years
    return -rate / math.expm1(-years * math.log1p(rate))


def _check_hours(hours: float, cycle: float) -> None:
    """Refuse hours of discharge that leave no time to pump at the same power."""
    if hours + hours / cycle > _HOURS_A:
        raise OptionError(
            "storage_cost.full_load_h",
            Say(
                f"年发电 {hours:g} h 加抽水 {hours / cycle:.0f} h 超过 8760 h",
                f"{hours:g} h of discharge and {hours / cycle:.0f} h of pumping exceed 8,760 h",
            ),
            Say("减小年利用小时", "give fewer hours"),
        )
