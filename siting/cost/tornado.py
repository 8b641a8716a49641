"""Which assumption moves the cost most: one at a time, the others at their values."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from siting.cost.assumed import Sites, Values, bands, finance_of, plants_of, values_of
from siting.cost.lcoe import breakeven_hours, present_cost
from siting.cost.price import price_of
from siting.sites.params import Params

Mask = npt.NDArray[np.bool_]

COLUMNS: Final = (
    "key", "title_zh", "title_en", "unit", "cheap", "dear", "result_cheap", "result_dear", "base",
    "swing",
)  # fmt: skip
#: What ``result_*`` are.
LCOE_UNIT: Final = "元/kWh"
HOURS_UNIT: Final = "h"


def tornado(sites: Sites, params: Params) -> tuple[pd.DataFrame, str]:
    """Return the swing of each assumption, largest first, and the unit of the results.

    Parameters
    ----------
    sites
        All sites; the result is that of their sum (discounted costs over discounted energy),
        of the sites whose costs and energy are known. Without any energy it is the break-even
        hours at the mode of the price.
    params
        The group ``cost``.

    Returns
    -------
    tuple
        Frame with ``key``, titles, ``unit`` of the assumption, its ``cheap`` and ``dear`` end,
        ``result_cheap``, ``result_dear``, ``base`` [元/kWh or h] and ``swing`` (dear - cheap);
        the unit.
    """
    technology = sites.technology
    values = values_of(params, technology)
    cost = present_cost(plants_of(values, sites), finance_of(values, technology))
    whole = np.isfinite(cost) & np.isfinite(sites.energy_kwh)
    unit = LCOE_UNIT if bool(whole.any()) else HOURS_UNIT
    price = price_of(params).mode
    # the same sites at both ends: without its connection a site may look known that is not
    known = whole if unit == LCOE_UNIT else np.isfinite(cost)

    def result(changed: Values) -> float:
        if unit == LCOE_UNIT:
            return _fleet(changed, sites, known)
        return _hours(changed, sites, price, known)

    base = result(values)
    rows = []
    for key, (cheap, dear) in bands(params, sites.technology).items():
        low, high = result({**values, key: cheap}), result({**values, key: dear})
        title = params.titles[key]
        row = (key, title.zh, title.en, params[key].unit, cheap, dear, low, high, base, high - low)
        rows.append(row)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame = frame[(frame["swing"] > 0) & frame["swing"].notna()]
    return frame.sort_values(["swing", "key"], ascending=[False, True], ignore_index=True), unit


def _fleet(values: Values, sites: Sites, known: Mask) -> float:
    """Return the LCOE of the known sites together. [元/kWh]."""
    finance, plants = finance_of(values, sites.technology), plants_of(values, sites)
    cost = present_cost(plants, finance)
    return float(cost[known].sum() / (plants.energy_kwh[known].sum() * finance.sales))


def _hours(values: Values, sites: Sites, price: float, known: Mask) -> float:
    """Return the break-even hours of the known sites together [h], weighted by capacity."""
    if not known.any():
        return float("nan")
    finance, plants = finance_of(values, sites.technology), plants_of(values, sites)
    hours = breakeven_hours(plants, finance, price)
    return float(np.average(hours[known], weights=plants.capacity_kw[known]))
