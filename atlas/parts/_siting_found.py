"""What a study holds beyond land and law, read so that an absent column or result is no fault.

A region without substations has no connection, a coarse wind map gives no energy: then the
columns are missing or empty and the reader is told, never shown a zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.sourced import Sourced
from siting.cost.price import Price
from siting.cost.supply import Supply
from siting.law.terms import Technology
from siting.pv.sites import PvResult
from siting.ranking.table import SiteCriterion
from siting.study import TechnologyStudy

Floats = npt.NDArray[np.float64]
#: Row of the tables by label behind a site's row; -1 = a named project without a verdict.
PLACE = "_place"
_NO = float("nan")


def records(one: TechnologyStudy, most: int | None = None) -> list[dict[str, Any]]:
    """Return the ranked sites as rows, with all that connection and money say of each."""
    frame = one.sites if most is None else one.sites.head(most)
    rows: list[dict[str, Any]] = frame.drop(columns=frame.geometry.name).to_dict("records")
    tables = [] if one.economics is None else [one.economics.frame.to_dict("records")]
    if one.connections is not None:
        tables.append(one.connections.frame.to_dict("records"))
    for row, place in zip(rows, one.order[: len(rows)].tolist(), strict=True):
        row[PLACE] = place
        for table in tables if place >= 0 else ():
            for key, value in table[place].items():
                row.setdefault(str(key), value)
    return rows


def ranked(one: TechnologyStudy, most: int) -> list[dict[str, Any]]:
    """Return the best ``most`` rows; a named project without a verdict has no place there."""
    return [row for row in records(one, most) if row[PLACE] >= 0]


def number(row: Mapping[str, Any], key: str) -> float:
    """Return a figure of a site's row; NaN where the column is absent or empty."""
    value = row.get(key)
    if value is None or value is pd.NA or isinstance(value, str):
        return _NO
    return float(value)


def text(row: Mapping[str, Any], key: str) -> str:
    """Return a text of a site's row; empty where the column is absent or empty."""
    value = row.get(key)
    return value if isinstance(value, str) else ""


def column(one: TechnologyStudy, key: str) -> Floats:
    """Return a column of the ranked sites; NaN where it is absent, shape (n,)."""
    if key not in one.sites:
        return np.full(len(one.sites), _NO)
    return np.asarray(one.sites[key].to_numpy(np.float64, na_value=_NO), np.float64)


def known(one: TechnologyStudy, key: str) -> bool:
    """Return whether any site has a figure in a column."""
    return bool(np.isfinite(column(one, key)).any())


def has_energy(one: TechnologyStudy) -> bool:
    """Return whether any site has an energy of its own."""
    return known(one, "energy_gwh")


def resource_missing(one: TechnologyStudy) -> bool:
    """Return whether the sites are ranked without the wind: its map cannot tell a ridge."""
    return one.technology is Technology.WIND and not has_energy(one)


def flat_yield(one: TechnologyStudy) -> tuple[float, float]:
    """Return yield [kWh/kWp DC] and performance ratio of flat, open ground; NaN without."""
    if not isinstance(one.result, PvResult) or one.result.field is None:
        return _NO, _NO
    return one.result.field.flat_kwh, one.result.field.performance_ratio


def supply_of(one: TechnologyStudy) -> Supply | None:
    """Return the supply curve of a technology; None without a cost."""
    money = one.economics
    return money.curve if money is not None and len(money.supply) else None


def sourced(one: TechnologyStudy, group: str, key: str) -> Sourced | None:
    """Return a parameter; None where the table or the key is absent, or it has no value."""
    params = next((params for params in one.params if params.group == group), None)
    if params is None or key not in params or params[key].value is None:
        return None
    return params[key]


def price_range(one: TechnologyStudy) -> Price | None:
    """Return the price of new sites [元/kWh]; None without a cost."""
    return one.economics.price if one.economics is not None else None


def criteria_of(one: TechnologyStudy) -> tuple[SiteCriterion, ...]:
    """Return the criteria that took part in the ranking, in the order of its weights.

    Values stand in the order of the labels.
    """
    return () if one.ranking is None else one.ranking.criteria
