"""Levelised cost of energy: discounted costs over discounted energy, in closed form.

Real money of one year, a constant price: cost = CAPEX, what is paid once, a share of CAPEX and
a sum every year, what is paid at the end; energy falls by a constant share a year. Both sums
are geometric, so there is no loop over years (checked against one in the tests).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say

F64 = npt.NDArray[np.float64]

#: Believable bounds of the assumptions: a percent written as a share falls outside.
_BOUNDS = {
    "discount": (0.0, 0.3),
    "fom": (0.0, 0.2),
    "degradation": (0.0, 0.1),
    "curtailment": (0.0, 0.9),
    "tax": (0.0, 0.9),
    "residual": (0.0, 0.5),
}
_LONGEST_A = 60


@dataclass(frozen=True, slots=True)
class Finance:
    """Assumptions that all sites of a technology share.

    Parameters
    ----------
    discount
        Real discount rate. [-]
    life
        Whole years of operation. [a]
    fom
        Operation and maintenance a year, of CAPEX. [-]
    degradation
        Loss of energy a year, of the year before. [-]
    curtailment
        Share of the energy that is not sold. [-]
    tax
        Taxes, of revenue. [-]
    residual
        Value at the end of life, of CAPEX. [-]
    decommissioning
        Paid at the end of life. [元/kW]

    Raises
    ------
    OptionError
        If one is outside what can be believed; the message names it.
    """

    discount: float
    life: int
    fom: float
    degradation: float = 0.0
    curtailment: float = 0.0
    tax: float = 0.0
    residual: float = 0.0
    decommissioning: float = 0.0

    def __post_init__(self) -> None:
        for name, (low, high) in _BOUNDS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise OptionError(
                    f"cost.{name}",
                    Say(
                        f"{value:g} 不在 {low:g} 到 {high:g} 之间（比例）",
                        f"{value:g} is not within {low:g}-{high:g} (as a share)",
                    ),
                    Say(
                        "检查单位：贴现率写 0.065，运维与衰减按 %/a 写 2.2",
                        "check the unit: discount as 0.065, O&M and degradation in %/a as 2.2",
                    ),
                )
        if not 1 <= self.life <= _LONGEST_A or self.life != int(self.life):
            raise OptionError(
                "cost.life",
                Say(f"计算期 {self.life:g} 年无效", f"a life of {self.life:g} years is invalid"),
                Say(f"写 1 到 {_LONGEST_A} 的整数", f"whole years of 1 to {_LONGEST_A}"),
            )
        if not 0 <= self.decommissioning < float("inf"):
            raise OptionError(
                "cost.decommissioning",
                Say(f"{self.decommissioning} 元/kW 无效", f"{self.decommissioning} is invalid"),
                Say("写非负的数", "give a number of 0 or more"),
            )

    @property
    def end(self) -> float:
        """Present value of one 元 at the end of life. [-]."""
        return float((1.0 + self.discount) ** -self.life)

    @property
    def costs(self) -> float:
        """Present value of one 元 a year. [a]."""
        return annuity(self.discount, self.life)

    @property
    def sales(self) -> float:
        """Present worth of one kWh of the first year after degradation, sale and tax. [a]."""
        years = annuity(self.discount, self.life, 1.0 - self.degradation)
        return years * (1.0 - self.curtailment) * (1.0 - self.tax)

    @property
    def per_capex(self) -> float:
        """Present cost that each 元 of CAPEX brings. [-]."""
        return 1.0 + self.fom * self.costs - self.residual * self.end


@dataclass(frozen=True, slots=True, eq=False)
class Plants:
    """Sites as money sees them; arrays of one length.

    Parameters
    ----------
    capacity_kw
        On the side that ``capex`` counts. [kW]
    capex
        [元/kW]
    once_yuan
        Paid at the start beside CAPEX: connection, fees. [元]
    yearly_yuan
        Paid every year beside O&M: rent. [元/a]
    energy_kwh
        First year, before curtailment; NaN = not known. [kWh]

    Raises
    ------
    OptionError
        A capacity, CAPEX or energy that is not positive, a negative cost.
    """

    capacity_kw: F64
    capex: F64
    once_yuan: F64
    yearly_yuan: F64
    energy_kwh: F64

    def __post_init__(self) -> None:
        _refuse("capacity", self.capacity_kw, ~(self.capacity_kw > 0), "容量须为正", "capacity")
        _refuse("capex", self.capex, ~(self.capex > 0), "造价须为正", "CAPEX")
        zero = self.energy_kwh <= 0
        _refuse("energy", self.energy_kwh, zero, "电量须为正，未知写 NaN", "energy (unknown = NaN)")
        for name, values in (("once", self.once_yuan), ("yearly", self.yearly_yuan)):
            if bool((values < 0).any()):
                raise _negative(name, values)

    @property
    def capex_yuan(self) -> F64:
        """CAPEX of each site. [元]."""
        return self.capacity_kw * self.capex


def annuity(rate: float, years: int, kept: float = 1.0) -> float:
    """Return the sum over t = 1..years of ``kept^(t-1) / (1 + rate)^t``. [a].

    Parameters
    ----------
    rate
        Discount rate. [-]
    years
        [a]
    kept
        What remains of a year's amount in the next. [-]
    """
    gap = rate + (1.0 - kept)
    if gap == 0.0:
        return years / (1.0 + rate)
    # as logarithms: a gap of a few bits would leave nothing of 1 - ratio^years
    return -math.expm1(years * math.log1p(-gap / (1.0 + rate))) / gap


def present_cost(plants: Plants, finance: Finance) -> F64:
    """Return all counted costs of each site at the start. [元]."""
    return np.asarray(plants.capex_yuan * finance.per_capex + _beside(plants, finance))


def lcoe(plants: Plants, finance: Finance) -> F64:
    """Return the levelised cost of each site [元/kWh]; NaN where the energy is not known.

    It is the constant real price at which revenue after tax equals all counted costs.
    """
    return np.asarray(present_cost(plants, finance) / (plants.energy_kwh * finance.sales))


def breakeven_capex(plants: Plants, finance: Finance, price: float) -> F64:
    """Return the CAPEX at which a site breaks even [元/kW]; NaN without energy.

    Parameters
    ----------
    price
        Constant real price. [元/kWh]

    Returns
    -------
    numpy.ndarray
        Negative: at no CAPEX, the other costs alone exceed the revenue.

    Raises
    ------
    OptionError
        If the price is not positive.
    """
    left = check_price(price) * plants.energy_kwh * finance.sales - _beside(plants, finance)
    return np.asarray(left / (finance.per_capex * plants.capacity_kw))


def breakeven_hours(plants: Plants, finance: Finance, price: float) -> F64:
    """Return the first-year hours of ``capacity_kw`` at which a site breaks even. [h].

    Parameters
    ----------
    price
        Constant real price. [元/kWh]

    Raises
    ------
    OptionError
        If the price is not positive.
    """
    worth = check_price(price) * finance.sales * plants.capacity_kw
    return np.asarray(present_cost(plants, finance) / worth)


def check_price(price: float) -> float:
    """Return ``price`` [元/kWh].

    Raises
    ------
    OptionError
        If it is not positive and finite.
    """
    if not 0 < price < float("inf"):
        raise OptionError(
            "cost.price",
            Say(f"电价 {price} 元/kWh 无效", f"a price of {price} 元/kWh is invalid"),
            Say("写正数，例如 0.30", "give a positive number such as 0.30"),
        )
    return price


def _beside(plants: Plants, finance: Finance) -> F64:
    """Return the present value of all costs that do not follow CAPEX. [元]."""
    removal = plants.capacity_kw * finance.decommissioning * finance.end
    return np.asarray(plants.once_yuan + plants.yearly_yuan * finance.costs + removal)


def _refuse(name: str, values: F64, wrong: npt.NDArray[np.bool_], zh: str, en: str) -> None:
    if not bool(wrong.any()):
        return
    first = int(np.argmax(wrong))
    raise OptionError(
        f"{name}[{first}]",
        Say(f"数值 {_shown(values[first])}：{zh}", f"{_shown(values[first])}: bad {en}"),
        Say("改正该场址的输入", "correct the input of that site"),
    )


def _negative(name: str, values: F64) -> OptionError:
    first = int(np.argmax(values < 0))
    return OptionError(
        f"{name}[{first}]",
        Say(f"费用 {_shown(values[first])} 为负", f"a cost of {_shown(values[first])} is negative"),
        Say("费用写非负的数", "give costs of 0 or more"),
    )


def _shown(value: Any) -> str:
    return f"{float(value):g}"
