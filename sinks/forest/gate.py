"""Plausibility gates: curves against plots, the bridged past against published stocks.

The band of a curve is P10-P90 of whole-tree biomass of all GROA stands of its group
(research plots, better stocked than the average forest; one band for every age bin,
because none is published by bin). A curve outside is flagged, not corrected (truth.md 31).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from geo.errors import Say
from sinks.forest import carbon, registry
from sinks.forest.definitions import BY_ID, Point
from sinks.forest.project import Model

#: Age bins of the reference table [a].
BINS: Final = ((11, 20), (21, 30), (31, 40), (41, 60))


def check(model: Model) -> pd.DataFrame:
    """Return one row a stratum and age bin.

    Columns: stratum, bin, area share of the stratum [%], stock [m³/ha] and biomass
    [t/ha] at the bin's middle age, P10 and P90 [t/ha], ``flag`` (``below``, ``above``
    or empty).
    """
    v0 = registry.value(model.parameters, "v0")
    tonnes = carbon.biomass(model.volume, model.conversion, v0, model.rho, model.rho_share)
    rows = []
    for i, name in enumerate(model.state.names):
        low, _, high = model.curve_of[i].band
        total = model.state.area[i].sum()
        for first, last in BINS:
            age = (first + last) // 2
            value = float(tonnes[i, age])
            inside = model.state.area[i, first : last + 1].sum()
            flag = "below" if value < low else "above" if value > high else ""
            rows.append(
                {
                    "stratum": name, "bin": f"{first}-{last}",
                    "area_pct": 100.0 * float(inside / total) if total else 0.0,
                    "volume_m3_ha": float(model.volume[i, age]), "biomass_t_ha": value,
                    "p10": low, "p90": high, "flag": flag,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def share_beyond_domain(model: Model) -> float:
    """Return the share [-] of tree area at ages the curve's data have not seen."""
    ages = np.arange(model.state.area.shape[1])
    beyond = sum(
        float(area[(ages < c.domain[0]) | (ages > c.domain[1])].sum())
        for area, c in zip(model.state.area, model.curve_of, strict=True)
    )
    return beyond / float(model.state.area.sum())


def bridge_faults(
    stock: xr.DataArray, published: Iterable[Point], reference: int
) -> tuple[Say, ...]:
    """Say where the bridged stock contradicts a published one of an earlier year.

    A published 森林蓄积 must lie in the P5-P95 band; a published 活立木 holds the forest
    stock and more, so the bridged median must not exceed it.

    Parameters
    ----------
    stock
        Stock [万m³] over (year, quantile 0.05, 0.5, 0.95).
    published
        Points of every definition; their stock is compared whatever they divide it by.
    reference
        Year of the strata; later years are no bridge.
    """
    said: dict[Say, None] = {}
    for one in published:
        if one.year >= reference or one.year not in stock["year"]:
            continue
        low, middle, high = (float(v) for v in stock.sel(year=one.year))
        word = BY_ID[one.definition].numerator
        if word == BY_ID["D1"].numerator:
            wrong = not low <= one.stock_wan_m3 <= high
        else:
            wrong = middle > one.stock_wan_m3
        if wrong:
            ours = f"{middle:,.0f}（{low:,.0f}-{high:,.0f}）"
            zh = f"桥接与公布值不符：{one.year} 年倒推森林蓄积中位数（P5-P95）{ours} 万m³，"
            zh += f"公布{word.zh} {one.stock_wan_m3:,.0f}（{one.source}），桥接偏高或口径曾改"
            en = f"the bridge contradicts a published figure: {one.year} forest stock "
            en += f"median {middle:,.0f} (P5-P95 {low:,.0f}-{high:,.0f}) x 10⁴ m³ bridged, "
            en += f"{word.en} {one.stock_wan_m3:,.0f} published ({one.source})"
            said[Say(zh, en)] = None
    return tuple(said)
