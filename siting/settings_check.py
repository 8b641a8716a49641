"""Refuse what a user sets wrongly before any layer is read.

The same checks stand where the numbers are used; here they run on the settings alone, so that a
slip in a parameter file does not cost the minutes that screening takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from geo.errors import OptionError, Say
from siting.connect import voltage
from siting.cost.assumed import finance_of, values_of
from siting.cost.carbon import years
from siting.cost.price import existing_case, price_of
from siting.criteria import keys_of, resource_error
from siting.law.terms import Technology
from siting.pumped.money.formula import values_of as prices_of
from siting.pumped.money.lcos import storage_lcos
from siting.pumped.pairs.options import default_sizes
from siting.pumped_study import parameters as storage_tables
from siting.ranking.options import draw_settings
from siting.ranking.views import Pairwise, ahp, user_weights
from siting.settings import Settings, limits_of
from siting.sites.params import Params, load_params

#: Package whose table holds a group; those of pumped storage are read by its own study.
_PACKAGES: Final = {
    "pv": "siting.pv",
    "wind": "siting.wind",
    "connect": "siting.connect",
    "cost": "siting.cost",
    "rank": "siting.ranking",
}


def check(settings: Settings) -> None:
    """Check values, weights and comparisons as far as they need no layer.

    Parameters
    ----------
    settings
        As read from the user's file.

    Raises
    ------
    OptionError
        Its subject is the key of a value, ``weights.<technology>`` or ``ahp.<technology>``.
    """
    _, values = limits_of(settings.values)
    tables = {
        group: load_params(package, group).changed(values) for group, package in _PACKAGES.items()
    }
    _check_cost(tables["cost"])
    voltage.check(tables["connect"])
    draw_settings(tables["rank"])
    for group in ("pv", "wind"):
        resource_error(tables[group])
        tables[group].share("resource_common")
    _check_storage(storage_tables(values))
    for name, own in settings.weights.items():
        _names(f"weights.{name}", own, Technology(name))
        user_weights(own, tuple(own), f"weights.{name}")
    for name, one in settings.ahp.items():
        _names(f"ahp.{name}", one.criteria, Technology(name))
        judged = Pairwise(one.criteria, np.array(one.matrix, np.float64))
        ahp(judged, one.criteria, f"ahp.{name}")


def _check_cost(cost: Params) -> None:
    price_of(cost)
    existing_case(cost)
    for technology in (Technology.PV, Technology.WIND):
        finance = finance_of(values_of(cost, technology), technology)
        for key in ("ef_decline", "ef_decline_fast"):
            years(finance, cost.number(key) / 100.0, f"cost.{key}")


def _check_storage(tables: Mapping[str, Params]) -> None:
    """Refuse what the search would: no size at all, a price or a life that cannot be."""
    default_sizes(tables["pair"])
    prices_of(tables["storage_cost"])
    storage_lcos(0.0, 1.0, tables["storage_cost"])


def _names(subject: str, given: Iterable[str], technology: Technology) -> None:
    """Refuse a criterion that no site of the technology can have."""
    known = keys_of(technology)
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise OptionError(
            subject,
            Say(f"未知的准则 {unknown}", f"has the unknown criteria {unknown}"),
            Say(f"可用：{list(known)}", f"use {list(known)}"),
        )
