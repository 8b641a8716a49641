"""Which assumption moves the cost most: one at a time, the others at their values."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from siting.cost.assumed import Sites, Values, bands, finance_of, plants_of, values_of
from siting.cost.lcoe import breakeven_hours, present_cost
from siting.cost.price import price_of
from siting.sites.params import Params

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
    values = values_of(params, sites.technology)
    unit = LCOE_UNIT if bool(np.isfinite(_fleet(values, sites))) else HOURS_UNIT
    price = price_of(params).mode

    def result(changed: Values) -> float:
        return _fleet(changed, sites) if unit == LCOE_UNIT else _hours(changed, sites, price)

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


def _fleet(values: Values, sites: Sites) -> float:
    """Return the LCOE of all sites together [元/kWh]; NaN when none is known."""
    finance, plants = finance_of(values, sites.technology), plants_of(values, sites)
    cost = present_cost(plants, finance)
    known = np.isfinite(cost) & np.isfinite(plants.energy_kwh)
    if not known.any():
        return float("nan")
    return float(cost[known].sum() / (plants.energy_kwh[known].sum() * finance.sales))


def _hours(values: Values, sites: Sites, price: float) -> float:
    """Return the break-even hours of all sites together [h], weighted by capacity."""
    finance, plants = finance_of(values, sites.technology), plants_of(values, sites)
    hours = breakeven_hours(plants, finance, price)
    known = np.isfinite(hours)
    if not known.any():
        return float("nan")
    return float(np.average(hours[known], weights=plants.capacity_kw[known]))
