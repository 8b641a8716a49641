"""What the tables of parameters say of one province alone, where the region is another.

A province's price of energy never stands for another's, and errors of elevation that were
measured there are an assumption elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from geo.errors import Say
from geo.sourced import Sourced, missing
from siting.sites.params import Params

#: Sources whose figures have no value elsewhere.
_NO_VALUE: Final = frozenset({"R2-P2"})
#: Sources whose figures are an assumption elsewhere.
_ASSUMED: Final = frozenset({"DEM-HUBEI"})
PRICES: Final = Say(
    "造价系数按中国已公布电站校准，未在本地区检验；造价等级只供排序",
    "costs are fitted to published plants in China and untested here; classes serve to rank",
)
NO_PRICE: Final = Say(
    "没有本地区的充电电价，度电储能成本未计（storage_cost.charge_price 可给出）",
    "no price of charging energy in this region: LCOS not counted (give storage_cost.charge_price)",
)


def elsewhere(params: Mapping[str, Params]) -> dict[str, Params]:
    """Return the tables for a region without a rule table; values of the user stand.

    Parameters
    ----------
    params
        Tables by group.
    """
    return {group: _abroad(one) for group, one in params.items()}


def said(params: Mapping[str, Params]) -> tuple[Say, ...]:
    """Return what a reader of such a region must see on the first page."""
    unpriced = params["storage_cost"]["charge_price"].missing
    return (PRICES, NO_PRICE) if unpriced else (PRICES,)


def _abroad(one: Params) -> Params:
    values = {key: _value(value) for key, value in one.values_by_key.items()}
    local = _NO_VALUE | _ASSUMED
    cited = {source: text for source, text in one.citations.items() if source not in local}
    return replace(one, values_by_key=values, citations=cited)


def _value(one: Sourced) -> Sourced:
    if one.source in _NO_VALUE:
        return missing(one.unit)
    if one.source in _ASSUMED:
        return replace(one, source="prior", grade="prior", status="prior")
    return one
