"""The answer of one technology in sentences and figures: what the command prints, and JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from atlas.parts._siting_found import (
    column,
    criteria_of,
    has_energy,
    price_range,
    resource_missing,
    supply_of,
)
from atlas.parts._siting_money import cheapest_text, missing_text, target_texts
from atlas.parts._siting_rank import firm_text
from atlas.parts._siting_words import TECH_NAME, Lang, latin
from geo.errors import Say
from layers.facts import Target
from siting.ranking.ranking import Ranking
from siting.ranking.views import View
from siting.study import TechnologyStudy


def answer(one: TechnologyStudy, target: Target | None) -> tuple[Say, ...]:
    """Return what a planner must know of a technology's sites, one sentence each."""
    name = TECH_NAME[one.technology]
    said: list[Say | None] = []
    if resource_missing(one):
        said.append(basis_text(one))
    said += [cheapest_text(one), clears_text(one), *target_texts(one, target)]
    said += [firm_text(one), missing_text(one)]
    return tuple(
        Say(f"{name.zh}：{say.zh}", f"{name.en}: {say.en}") for say in said if say is not None
    )


def basis_text(one: TechnologyStudy) -> Say:
    """Return what wind sites are ranked by where no wind map can tell a ridge."""
    why = one.result.yield_text
    items = criteria_of(one)
    if not items:
        return Say(f"发电量：{why.zh}", f"yield: {why.en}")
    zh = "、".join(item.title.zh for item in items)
    en = ", ".join(item.title.en for item in items)
    return Say(
        f"{why.zh}：不给发电量，名次只依据{zh}",
        f"{why.en}: no energy is given, the ranks rest on {en} alone",
    )


def clears_text(one: TechnologyStudy) -> Say | None:
    """Return how many sites clear the market, at which price."""
    clears = column(one, "clears")
    price = price_range(one)
    if price is None or not np.isfinite(clears).any():
        return None
    mw = column(one, "capacity_mw")
    likely, never = clears >= 0.5, clears == 0  # an unknown cost is neither
    return Say(
        f"{price.text.zh}：{int(likely.sum()):,} 处（{mw[likely].sum() / 10:,.0f} 万千瓦）"
        f"过半电价下保本，{int(never.sum()):,} 处在任何电价下都不保本",
        f"{latin(price.text).en}:"
        f" {int(likely.sum()):,} sites ({mw[likely].sum():,.0f} MW) clear at more"
        f" than half of the prices, {int(never.sum()):,} at none",
    )


def figures(one: TechnologyStudy, target: Target | None, lang: Lang) -> dict[str, Any]:
    """Return the figures of cost, supply and ranking for ``--json`` (docs/user/json.md)."""
    lcoe, hours = column(one, "lcoe_yuan_per_kwh"), column(one, "breakeven_hours")
    clears, mw = column(one, "clears"), column(one, "capacity_mw")
    supply, price = supply_of(one), price_range(one)
    ranking, money = one.ranking, one.economics
    known = np.isfinite(clears).any()
    tonnes = column(one, "avoided_tco2_a")
    return {
        "energy_known": has_energy(one),
        "lcoe_yuan_per_kwh": _spread(lcoe),
        "breakeven_hours": _spread(hours),
        "price_yuan_per_kwh": (
            None if price is None
            else {"low": price.low, "mode": price.mode, "high": price.high}
        ),
        "sites_that_clear": int((clears >= 0.5).sum()) if known else None,
        "mw_ac_that_clear": float(mw[clears >= 0.5].sum()) if known else None,
        "supply_by": None if supply is None else supply.by,
        "supply_at_target": _at(one, target, lang),
        "avoided_tco2_a": float(np.nansum(tonnes)) if np.isfinite(tonnes).any() else None,
        "connection_yuan_per_kw": _spread(column(one, "connection_yuan_per_kw")),
        "rank_views": (
            {} if ranking is None
            else {v.name: {"weights": _weights(ranking, v), "consistency_ratio": v.ratio}
                  for v in ranking.views}
        ),
        "not_counted": (
            [] if money is None else [say.of(lang) for say in money.missing]
        ),
    }  # fmt: skip


def _weights(ranking: Ranking, view: View) -> dict[str, float] | None:
    if view.weights is None:
        return None
    return {key: float(w) for key, w in zip(ranking.keys, view.weights, strict=True)}


def _spread(values: Any) -> dict[str, float] | None:
    if not np.isfinite(values).any():
        return None
    low, middle, high = np.nanpercentile(values, (0, 50, 100))
    return {"min": float(low), "median": float(middle), "max": float(high)}


def _at(one: TechnologyStudy, target: Target | None, lang: Lang) -> list[dict[str, Any]]:
    supply = supply_of(one)
    if supply is None or target is None:
        return []
    out = []
    for case, left in target.remaining_cases():
        if left <= 0:
            continue
        met = supply.at(left * 10.0)
        out.append(
            {
                "case": case.of(lang),
                "mw_ac": left * 10.0,
                "reached": met.reached,
                "cost": met.cost if met.reached else None,
                "sites": met.place + 1 if met.place is not None else None,
                "gwh_a": met.energy_gwh if np.isfinite(met.energy_gwh) else None,
            }
        )
    return out
