"""From sites to the figures that decide: connection, money, ranks; the same for PV and wind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Say
from siting.connect import connect as grid
from siting.connect.connect import Connections
from siting.cost import economics as money
from siting.cost.economics import Economics
from siting.criteria import criteria_table
from siting.law.judgement import ELIGIBLE
from siting.law.terms import Component, Technology
from siting.law.verdict import Judgement
from siting.pv.sites import PvResult
from siting.ranking import options as rank_options
from siting.ranking.ranking import Ranking, rank_sites
from siting.ranking.views import Pairwise
from siting.settings import Settings
from siting.sites import candidates
from siting.sites.form import shape_columns
from siting.sites.ground import Ground
from siting.sites.params import Params
from siting.wind.sites import WindResult

Float64 = npt.NDArray[np.float64]

#: What the connection of every site leaves out as long as nobody gives a price.
NO_ROAD_PRICE: Final = Say(
    "进场道路：未计（单价未查到，只列长度）",
    "access road: not counted (no price found; length only)",
)
#: Columns of the connection and of the money that the site frame shows.
_LINK = ("substation", "line_kv", "circuits", "line_km", "line_yuan", "station_yuan", "road_km")
_MONEY = (
    "capex_yuan_per_kw", "lcoe_yuan_per_kwh", "lcoe_low", "lcoe_high",
    "breakeven_price_yuan_per_kwh", "breakeven_capex_yuan_per_kw", "breakeven_hours", "clears",
    "avoided_tco2_a",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """What decides between the sites of a technology, in the order of their labels.

    Parameters
    ----------
    sites
        Ranked frame, best first.
    order
        Row of the label-ordered tables behind each row of ``sites``, int64 (count,).
    params
        Parameter tables used beyond the technology's own.
    """

    sites: gpd.GeoDataFrame
    order: npt.NDArray[np.int64]
    connections: Connections | None
    economics: Economics | None
    ranking: Ranking | None
    params: tuple[Params, ...]


def evaluate(
    technology: Technology,
    result: PvResult | WindResult,
    ground: Ground,
    judgements: Mapping[Component, Judgement],
    settings: Settings,
    seed: int,
    progress: Callable[[str], None] | None = None,
    *,
    priced: bool = True,
) -> Evaluated:
    """Connect, price and rank the sites of a technology.

    Parameters
    ----------
    technology
        PV or wind.
    result
        Sites with law, capacity and yield.
    ground
        Land of the run.
    judgements
        By component, the footprint first.
    settings
        The user's values, weights and comparisons.
    seed
        Of the draws of the ranking.
    progress
        Called with a Chinese stage name.
    priced
        Prices and emission factors of the tables hold in this region; otherwise nothing is
        priced: a province's price never stands for another's.
    """
    say = progress or (lambda _: None)
    found, values = result.found, settings.values
    wires, ranks = grid.parameters(values), rank_options.parameters(values)
    costs = money.parameters(values) if priced else None
    tables = (wires, ranks) if costs is None else (wires, costs, ranks)
    if found.count == 0:
        frame, order = candidates.frame(
            found, ground, _first(judgements), result.passport, {}, pd.DataFrame(), result.note.zh
        )
        return Evaluated(frame, order, None, None, None, tables)
    say("接入与道路")
    place = found.places
    linked = grid.connect(
        ground, judgements, technology, place.x, place.y, found.mw, wires, progress
    )
    say("成本与排名")
    counted = None if costs is None else _money(technology, result, linked, costs)
    if counted is not None and linked is not None and wires["road_yuan"].value is None:
        counted = replace(counted, missing=(*counted.missing, NO_ROAD_PRICE))
    columns: dict[str, npt.NDArray[Any]] = {
        "land_mu_per_mw": result.land_mu / found.mw,
        **result.columns,
        **shape_columns(found.labels, found.count, ground.grid),
        **_linked(linked, found.mw),
        **_counted(counted),
        "approval_share": found.needs_approval,
    }
    ranking = rank_sites(
        criteria_table(
            technology, result, columns, None if counted is None else counted.price, result.params
        ),
        ranks,
        seed,
        weights=settings.weights.get(technology.value),
        ahp=_pairwise(settings, technology),
    )
    ranked = ranking.frame.assign(
        **{f"score_{key}": part for key, part in ranking.parts.items()},
        rank_cost=_by_cost(columns.get("lcoe_yuan_per_kwh", np.full(found.count, np.nan))),
    )
    frame, order = candidates.frame(
        found, ground, _first(judgements), result.passport, columns, ranked, result.note.zh
    )
    return Evaluated(frame, order, linked, counted, ranking, tables)


def _first(judgements: Mapping[Component, Judgement]) -> Judgement:
    return next(iter(judgements.values()))


def _money(
    technology: Technology,
    result: PvResult | WindResult,
    linked: Connections | None,
    costs: Params,
) -> Economics:
    found = result.found
    return money.economics(
        technology,
        found.mw,
        result.columns.get("capacity_mwp", np.full(found.count, np.nan)),
        result.energy_gwh,
        None if linked is None else linked.frame["connection_yuan"].to_numpy(np.float64),
        result.land_mu,
        None,
        costs,
        ids=found.places.ids,
        lawful=np.isin(found.law.verdict, np.array(ELIGIBLE, np.uint8)),
    )


def _counted(counted: Economics | None) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of the money; nothing where no price holds."""
    if counted is None:
        return {}
    return {name: counted.frame[name].to_numpy(np.float64) for name in _MONEY}


def _linked(linked: Connections | None, mw: Float64) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of the connection; nothing without substations."""
    if linked is None:
        return {}
    out: dict[str, npt.NDArray[Any]] = {n: linked.frame[n].to_numpy() for n in _LINK}
    per_kw = linked.frame["connection_yuan"].to_numpy(np.float64) / (mw * 1000.0)
    return out | {"connection_yuan_per_kw": per_kw}


def _pairwise(settings: Settings, technology: Technology) -> Pairwise | None:
    given = settings.ahp.get(technology.value)
    if given is None:
        return None
    return Pairwise(given.criteria, np.array(given.matrix, np.float64))


def _by_cost(lcoe: Float64) -> pd.arrays.IntegerArray:
    """Return ranks by LCOE alone, empty where it is unknown."""
    known = np.isfinite(lcoe)
    out = pd.array([pd.NA] * lcoe.size, dtype="Int64")
    order = np.argsort(lcoe[known], kind="stable")
    ranks = np.empty(order.size, np.int64)
    ranks[order] = np.arange(1, order.size + 1)
    out[known] = ranks
    return out
