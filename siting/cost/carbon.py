"""Avoided CO2 of a plant by average grid factors, constant and falling (truth.md C14).

The published factors are averages for consumption accounting, not the operating or build
margin of a credit method: the result is labelled so and shown as a range from Hubei's average
to the national fossil factor. Storage is no clean generation and is refused (truth.md C13).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from siting.cost.lcoe import Finance, annuity
from siting.sites.params import USER, Params

F64 = npt.NDArray[np.float64]
_KWH_PER_GWH: Final = 1e6
_KG_PER_T: Final = 1e3
_STEEPEST: Final = 0.5

#: What the figure is, beside every avoided tonne.
LABEL: Final = Say("避免排放（按电网平均因子）", "avoided (average grid)")
#: What may not be counted twice.
ONCE: Final = Say(
    "同一度电的减排量与绿证只能主张一次；此处吨数不是可交易的碳信用（OM/BM 基准因子未查到）",
    "a tonne and its green certificate are claimed once; these tonnes are no credits (the "
    "operating and build margins of a credit method were not found)",
)


@dataclass(frozen=True, slots=True, eq=False)
class Avoided:
    """Avoided CO2 of each site; NaN where the energy is not known.

    Parameters
    ----------
    first_year
        First year, Hubei's average factor. [tCO2/a]
    first_year_fossil
        First year, national fossil factor: the upper end of the range. [tCO2/a]
    life
        Over the life with degradation, constant factor. [tCO2]
    life_slow, life_fast
        The same with a factor that falls every year (3 and 7 %/a by default). [tCO2]
    embodied
        Emissions of making the plant; NaN = 未计. [tCO2]
    """

    first_year: F64
    first_year_fossil: F64
    life: F64
    life_slow: F64
    life_fast: F64
    embodied: F64


def avoided(
    energy_gwh: F64, capacity_kw: F64, finance: Finance, params: Params, technology: str
) -> Avoided:
    """Return avoided and embodied CO2 of each site.

    Parameters
    ----------
    energy_gwh
        First year, before curtailment. [GWh/a]
    capacity_kw
        On the side of the CAPEX. [kW]
    finance
        Life, degradation, curtailment.
    params
        The group ``cost``.
    technology
        ``pv`` or ``wind``: prefix of the embodied row.
    """
    sold = energy_gwh * _KWH_PER_GWH * (1.0 - finance.curtailment)
    first = sold * params.number("grid_ef_hubei") / _KG_PER_T
    fossil = sold * params.number("grid_ef_fossil") / _KG_PER_T
    slow, fast = (params.number(key) / 100.0 for key in ("ef_decline", "ef_decline_fast"))
    made = params[f"{technology}_embodied"].value
    return Avoided(
        first,
        fossil,
        first * years(finance, 0.0),
        first * years(finance, slow),
        first * years(finance, fast),
        np.full(sold.shape, np.nan) if made is None else capacity_kw * made / _KG_PER_T,
    )


def years(finance: Finance, decline: float, subject: str = "cost.ef_decline") -> float:
    """Return how many first years the life is worth: degradation and decline counted. [a].

    Parameters
    ----------
    decline
        Yearly fall of the grid factor. [-]
    subject
        What a refusal calls it.

    Raises
    ------
    OptionError
        If the fall is not within 0 to 0.5.
    """
    if not 0 <= decline <= _STEEPEST:
        raise OptionError(
            subject,
            Say(f"年降幅 {decline:.1%} 无效", f"a fall of {decline:.1%} a year is invalid"),
            Say("写 0 到 50 之间的数 [%/a]", "give a number of 0 to 50 [%/a]"),
        )
    return annuity(0.0, finance.life, (1.0 - finance.degradation) * (1.0 - decline))


def carbon_text(params: Params) -> Say:
    """Return what the avoided tonnes are, with their range."""
    low, high = params.number("grid_ef_hubei"), params.number("grid_ef_fossil")
    slow, fast = params.number("ef_decline"), params.number("ef_decline_fast")
    near, far = (
        Say("湖北 2023 年", "Hubei 2023"),
        Say("上端为全国化石电力", "upper end national fossil"),
    )
    if params["grid_ef_hubei"].source == USER:
        near = Say("用户给定", "given by the user")
    if params["grid_ef_fossil"].source == USER:
        far = Say("上端为用户给定", "upper end given by the user")
    return Say(
        f"{LABEL.zh}：{near.zh} {low:g} kgCO2/kWh，范围 {low:g}—{high:g}（{far.zh}）；"
        f"全寿期另列因子不变、每年降 {slow:g} % 与 {fast:g} % 三种",
        f"{LABEL.en}: {near.en} {low:g} kgCO2/kWh, range {low:g}-{high:g} ({far.en}); over the "
        f"life with a constant factor and with falls of {slow:g} and {fast:g} %/a",
    )
