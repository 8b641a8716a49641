"""Money on the card of a site: cost, break-even, connection, access, land, carbon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from atlas.parts._siting_found import number, sourced, text
from atlas.parts._siting_money import KW_UNIT, KWP_UNIT, proof, span, yuan
from atlas.parts._siting_words import Lang, unit_in
from atlas.text import THIN, figure
from geo.errors import Say
from siting.law.terms import Technology
from siting.study import TechnologyStudy

UNCOUNTED: Final = Say("未计", "not counted")
#: A road nearer than this stands beside the site. [km]
_BESIDE_KM: Final = 0.1


def money_rows(one: TechnologyStudy, row: Mapping[str, Any], lang: Lang) -> list[dict[str, str]]:
    """Return the rows of a card about cost, connection, access and carbon."""
    rows: list[tuple[Say, str, Say]] = [
        *_cost_rows(one, row, lang),
        *_connection_rows(row, lang),
        *_land_rows(one, row, lang),
        *_carbon_rows(one, row, lang),
    ]
    return [{"label": a.of(lang), "value": b, "note": c.of(lang)} for a, b, c in rows]


def _cost_rows(
    one: TechnologyStudy, row: Mapping[str, Any], lang: Lang
) -> list[tuple[Say, str, Say]]:
    basis = one.economics.basis if one.economics is not None else Say("", "")
    rows: list[tuple[Say, str, Say]] = []
    lcoe = number(row, "lcoe_yuan_per_kwh")
    direct = one.technology is Technology.PV
    kw = (KWP_UNIT if direct else KW_UNIT).of(lang)
    side = Say("直流侧", "DC") if direct else Say("交流侧", "AC")
    if np.isfinite(lcoe):
        reach = span(number(row, "lcoe_low"), number(row, "lcoe_high"))
        note = Say(f"低-高 {reach}", f"low-high {reach}") if reach else Say("", "")
        rows.append((Say("度电成本", "LCOE"), yuan(lcoe, lang), note))
    price = number(row, "breakeven_price_yuan_per_kwh")
    if np.isfinite(price) and not np.isclose(price, lcoe, rtol=1e-3):
        rows.append((Say("保本电价", "break-even price"), yuan(price, lang), Say("", "")))
    clears = number(row, "clears")
    if np.isfinite(clears):
        note = Say("新建电价分布中能覆盖成本的比例", "share of new-site prices that cover it")
        rows.append((Say("保本把握", "clears the market"), f"{100 * clears:.0f}{THIN}%", note))
    capex, most = number(row, "capex_yuan_per_kw"), number(row, "breakeven_capex_yuan_per_kw")
    if np.isfinite(capex):
        rows.append((Say("造价", "CAPEX"), f"{capex:,.0f}{THIN}{kw}", side))
    if np.isfinite(most):
        note = Say(
            f"{side.zh}；按新建电价最可能值，高于此不保本",
            f"{side.en}; at the mode of the price; above it no break-even",
        )
        rows.append((Say("保本造价", "break-even CAPEX"), f"{most:,.0f}{THIN}{kw}", note))
    hours = number(row, "breakeven_hours")
    if np.isfinite(hours):
        note = proof(one.technology)
        if np.isfinite(lcoe):
            note = Say(f"满负荷等效，每{basis.zh}", f"full-load hours, per {basis.en}")
        rows.append((Say("保本小时数", "break-even hours"), f"{hours:,.0f}{THIN}h/a", note))
    return rows


def _connection_rows(row: Mapping[str, Any], lang: Lang) -> list[tuple[Say, str, Say]]:
    rows: list[tuple[Say, str, Say]] = []
    km, kv = number(row, "line_km"), number(row, "line_kv")
    if np.isfinite(km):
        circuits = number(row, "circuits")
        way = f"{kv:g}{THIN}kV" if np.isfinite(kv) else ""
        if np.isfinite(circuits) and circuits > 1:
            way += Say(f" {circuits:.0f} 回", f" x {circuits:.0f}").of(lang)
        name = text(row, "substation")
        note = Say(f"接入 {name}", f"to {name}") if name else Say("", "")
        rows.append((Say("送出线路", "line"), f"{way} · {km_text(km)}{THIN}km".strip(" ·"), note))
    each = number(row, "connection_yuan_per_kw")
    said = text(row, "connection_note")
    note = Say(said, said) if said and lang == "zh" else Say("", "")
    if np.isfinite(each):
        shown = f"{each:,.0f}{THIN}{KW_UNIT.of(lang)}"
        note = Say(f"交流侧；{note.zh}".rstrip("；"), f"AC; {note.en}".rstrip("; "))
        rows.append((Say("接网造价", "connection"), shown, note))
    elif np.isfinite(km):
        rows.append((Say("接网造价", "connection"), UNCOUNTED.of(lang), note))
    road = number(row, "road_km")
    if np.isfinite(road):
        money = number(row, "road_yuan")
        note = Say("造价未计（单价未查到）", "cost not counted (no price found)")
        if np.isfinite(money):
            note = Say(f"{money / 1e4:,.0f} 万元", f"{money / 1e6:,.2f} million CNY")
        rows.append((Say("进场道路", "access road"), f"{km_text(road)}{THIN}km", note))
    return rows


def km_text(km: float) -> str:
    """Return a length to the decimal it is known to; a dash where it is unknown."""
    if not np.isfinite(km):
        return "—"
    return f"{km:.1f}" if km >= _BESIDE_KM else f"< {_BESIDE_KM:g}"


def _land_rows(
    one: TechnologyStudy, row: Mapping[str, Any], lang: Lang
) -> list[tuple[Say, str, Say]]:
    if one.technology is Technology.WIND:
        lasting, passing = number(row, "land_permanent_mu"), number(row, "land_temporary_mu")
        if not np.isfinite(lasting):
            return []
        mu = unit_in("亩", lang)
        note = Say(f"另临时 {figure(passing)} {mu}", f"and {figure(passing)} {mu} for a time")
        return [(Say("永久用地", "land for good"), f"{figure(lasting)}{THIN}{mu}", note)]
    each = number(row, "land_mu_per_mw")
    if not np.isfinite(each):
        return []
    note = Say("交流，按坡度加大行距", "per MW AC, rows wider on slopes")
    return [(Say("用地", "land"), f"{each:.1f}{THIN}{unit_in('亩/MW', lang)}", note)]


def _carbon_rows(
    one: TechnologyStudy, row: Mapping[str, Any], lang: Lang
) -> list[tuple[Say, str, Say]]:
    tonnes = number(row, "avoided_tco2_a")
    if not np.isfinite(tonnes):
        return []
    unit = Say("吨 CO₂/年", "tCO₂/a").of(lang)
    note = Say("湖北电网平均因子", "average factor of Hubei's grid")
    mean, fossil = sourced(one, "cost", "grid_ef_hubei"), sourced(one, "cost", "grid_ef_fossil")
    if mean is not None and fossil is not None and mean.value and fossil.value:
        high = figure(tonnes * fossil.value / mean.value)
        note = Say(
            f"湖北电网平均因子（{mean.value:g} kg/kWh）；按全国化石电力因子为 {high}",
            f"average grid ({mean.value:g} kg/kWh); {high} with the national fossil factor",
        )
    return [(Say("避免排放", "avoided"), f"{figure(tonnes)}{THIN}{unit}", note)]
