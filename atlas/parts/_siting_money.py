"""Cost of the sites as a reader sees it: supply curve, cost of a site, connection.

Only the best sites clear the market, so the curve stands against the price of new sites and
the plan's target, and what is not counted is named beside every figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from atlas.parts._siting_found import (
    Floats,
    column,
    has_energy,
    number,
    price_range,
    supply_of,
)
from atlas.parts._siting_words import POWER_UNIT, TECH_NAME, Lang, latin
from atlas.text import THIN, quantity
from geo.errors import Say
from geo.units import mw_to_wan_kw
from layers.facts import Target
from siting.cost.supply import Supply
from siting.law.terms import Technology
from siting.study import TechnologyStudy

Block = Mapping[str, Any]
_TECH_TONE: Final = {Technology.PV: "pv", Technology.WIND: "wind"}
#: The curve is drawn up to this multiple of the target: the rest is never built.
_TIMES_TARGET: Final = 3.0
_POINTS: Final = 160
PRICE_UNIT: Final = Say("元/kWh", "CNY/kWh")
KW_UNIT: Final = Say("元/kW", "CNY/kW")
KWP_UNIT: Final = Say("元/kWp", "CNY/kWp")


def yuan(value: float, lang: Lang) -> str:
    """Return a price with three decimals and its unit."""
    return "—" if not np.isfinite(value) else f"{value:.3f}{THIN}{PRICE_UNIT.of(lang)}"


def span(low: float, high: float, form: str = ".3f") -> str:
    """Return ``low-high`` in one format; empty when either is unknown."""
    return f"{low:{form}}-{high:{form}}" if np.isfinite(low) and np.isfinite(high) else ""


def cost_headline(row: Mapping[str, Any], lang: Lang) -> str:
    """Return a site's honest headline: its LCOE, or that it has no energy."""
    lcoe = number(row, "lcoe_yuan_per_kwh")
    if np.isfinite(lcoe):
        return yuan(lcoe, lang)
    return Say("缺发电量", "no energy").of(lang)


def cost_figure(row: Mapping[str, Any], lang: Lang) -> dict[str, str] | None:
    """Return the cost of a site for the head of its card; None without one."""
    lcoe, hours = number(row, "lcoe_yuan_per_kwh"), number(row, "breakeven_hours")
    if np.isfinite(lcoe):
        label = Say("度电成本", "LCOE").of(lang)
        return {"label": label, "value": f"{lcoe:.3f}", "unit": PRICE_UNIT.of(lang)}
    if not np.isfinite(hours):
        return None
    label = Say("保本小时数", "break-even").of(lang)
    return {"label": label, "value": f"{hours:,.0f}", "unit": "h/a"}


def proof(technology: Technology) -> Say:
    """Return what has to show that a site reaches its break-even hours."""
    if technology is Technology.PV:
        return Say("须由辐射资源证实", "to be shown by irradiation data")
    return Say("须由测风证实", "to be shown by measurement")


# ---- the tab
def money_stats(
    one: TechnologyStudy, target: Target | None, lang: Lang
) -> list[tuple[Say, str, str, Say]]:
    """Return (label, value, unit, note) of the stats block: supply at the target, who clears."""
    rows: list[tuple[Say, str, str, Say]] = []
    supply = supply_of(one)
    if supply is not None and target is not None:
        rows += _at_target(supply, target, lang)
    clears = column(one, "clears")
    if np.isfinite(clears).any():
        count = int((clears >= 0.5).sum())
        price = price_range(one)
        band = f"{price.low:g}-{price.high:g}" if price is not None else ""
        rows.append(
            (Say("多数电价下保本的场址", "sites that clear at most prices"),
             f"{count:,}", Say("处", "").of(lang),
             Say(f"新建电价 {band} 元/kWh 的抽样中过半覆盖度电成本",
                 f"more than half of the prices {band} CNY/kWh cover the LCOE"))
        )  # fmt: skip
    hours = column(one, "breakeven_hours")
    if not has_energy(one) and np.isfinite(hours).any():
        low, middle, high = np.nanpercentile(hours, (5, 50, 95))
        rows.append(
            (Say("保本小时数（中位场址）", "break-even hours, median site"),
             f"{middle:,.0f}", "h/a",
             Say(f"5%-95% 场址 {low:,.0f}-{high:,.0f} h；{proof(one.technology).zh}，不是发电量",
                 f"5%-95% of sites {low:,.0f}-{high:,.0f} h; {proof(one.technology).en},"
                 " no energy estimate"))
        )  # fmt: skip
    return rows


def _at_target(supply: Supply, target: Target, lang: Lang) -> list[tuple[Say, str, str, Say]]:
    """Return the cost of the last site that what the target lacks needs, all cases in one."""
    cases = [
        (case, left, supply.at(left * 10.0)) for case, left in target.remaining_cases() if left
    ]
    if not cases:
        return []
    zh = "；".join(
        f"{left:g} 万千瓦（{case.zh}）需最便宜的 {met.place + 1} 处"
        if met.place is not None
        else f"{left:g} 万千瓦（{case.zh}）达不到"
        for case, left, met in cases
    )
    en = "; ".join(
        f"{left * 10:,.0f} MW ({case.en}) takes the {met.place + 1} cheapest"
        if met.place is not None
        else f"{left * 10:,.0f} MW ({case.en}) out of reach"
        for case, left, met in cases
    )
    label = Say("凑足目标的末位成本", "cost of the last site of the target")
    costs = [met.cost for _, _, met in cases if met.reached]
    if not costs:
        return [(label, "—", "", Say(zh, en))]
    form, unit = (".3f", PRICE_UNIT) if supply.by == "lcoe" else (",.0f", KW_UNIT)
    low, high = f"{min(costs):{form}}", f"{max(costs):{form}}"
    return [(label, low if low == high else f"{low}-{high}", unit.of(lang), Say(zh, en))]


def supply_chart(one: TechnologyStudy, target: Target | None, lang: Lang) -> Block | None:
    """Return the supply curve as a chart block; None without any cost."""
    supply = supply_of(one)
    if supply is None:
        return None
    scale = 1.0 if lang == "en" else 0.1  # MW, or 万千瓦
    frame = supply.frame
    total = float(frame["cum_mw_ac"].iloc[-1])
    goal = target.value * 10.0 if target is not None else float("nan")
    end = min(total, goal * _TIMES_TARGET) if np.isfinite(goal) else total
    shown = frame[frame["cum_mw_ac"] <= end * 1.000001]
    if len(shown) < 2:
        shown = frame.head(2)
    keep = np.unique(np.linspace(0, len(shown) - 1, min(len(shown), _POINTS)).astype(int))
    picked = shown.iloc[keep]
    x = np.round(picked["cum_mw_ac"].to_numpy(np.float64) * scale, 2)
    series = _supply_series(one, supply, picked, x, lang)
    values = [v for s in series for k in ("y", "y2") for v in s.get(k, ()) if np.isfinite(v)]
    low, high = min(values), max(values)
    pad = 0.06 * (high - low or abs(high) or 1.0)
    if np.isfinite(goal):
        word = _target_word(target, goal, lang) if target is not None else ""
        series.append(
            {"kind": "mark", "label": word, "tone": "neutral", "x": [goal * scale], "y": []}
        )
    last = max(float(x[-1]), goal * scale * 1.08 if np.isfinite(goal) else 0.0)
    name, unit = TECH_NAME[one.technology], POWER_UNIT.of(lang)
    whole = quantity(total * scale, unit)
    what = Say(
        f"横轴：累计容量（交流，万千瓦），便宜的在前；纵轴：{supply.label.zh}；"
        f"有成本的场址共 {whole}",
        f"x: cumulative capacity (AC, MW), cheapest first; y: {latin(supply.label).en};"
        f" sites with a cost: {whole} in all",
    )
    return {
        "type": "chart",
        "title": Say(f"{name.zh}供给曲线", f"{name.en}: supply curve").of(lang),
        "subtitle": what.of(lang),
        "unit": (PRICE_UNIT if supply.by == "lcoe" else KW_UNIT).of(lang),
        "x": [0.0, last],
        "y": [low - pad, high + pad],
        "series": series,
    }


def _target_word(target: Target, goal: float, lang: Lang) -> str:
    year = target.deadline.year if target.deadline is not None else ""
    return Say(f"{year} 目标 {mw_to_wan_kw(goal):g} 万千瓦", f"{year} target {goal:,.0f} MW").of(
        lang
    )


def _supply_series(
    one: TechnologyStudy, supply: Supply, picked: Any, x: Floats, lang: Lang
) -> list[dict[str, Any]]:
    """Return price band, low-high band of the costs and the curve itself."""
    tone = _TECH_TONE[one.technology]
    cost = picked["cost"].to_numpy(np.float64)
    out: list[dict[str, Any]] = []
    if supply.by == "lcoe":
        price = price_range(one)
        if price is not None:
            ends = [0.0, float(x[-1])]
            out.append(
                {"kind": "band", "tone": "neutral", "x": ends, "y": [price.low] * 2,
                 "y2": [price.high] * 2,
                 "label": Say(f"电价 {price.low:g}-{price.high:g}",
                              f"price {price.low:g}-{price.high:g}").of(lang)}
            )  # fmt: skip
        low, high = (_of_rows(one, key, picked) for key in ("lcoe_low", "lcoe_high"))
        if np.isfinite(low).all() and np.isfinite(high).all():
            label = Say("低-高", "low-high").of(lang)
            out.append(
                {"kind": "band", "label": label, "tone": tone, "x": x.tolist(),
                 "y": np.round(low, 4).tolist(), "y2": np.round(high, 4).tolist()}
            )  # fmt: skip
    digits = 4 if supply.by == "lcoe" else 0
    name = Say("度电成本", "LCOE") if supply.by == "lcoe" else Say("计入造价", "counted cost")
    out.append(
        {"kind": "line", "label": name.of(lang), "tone": tone, "x": x.tolist(),
         "y": np.round(cost, digits).tolist()}
    )  # fmt: skip
    return out


def _of_rows(one: TechnologyStudy, key: str, picked: Any) -> Floats:
    """Return a column of the economics for rows of the supply curve."""
    money = one.economics
    if money is None:
        return np.full(len(picked), np.nan)
    values = money.frame[key].to_numpy(np.float64)
    return np.asarray(values[picked["row"].to_numpy()])


# ---- sentences
def missing_text(one: TechnologyStudy) -> Say | None:
    """Return what the cost leaves out, as one sentence."""
    money = one.economics
    if money is None or not money.missing:
        return None
    zh = "、".join(say.zh.partition("：")[0] for say in money.missing)
    en = "; ".join(say.en.partition(": ")[0] for say in money.missing)
    return Say(f"成本未计（未查到数值）：{zh}", f"not in the cost (no figure found): {en}")


def target_texts(one: TechnologyStudy, target: Target | None) -> Sequence[Say]:
    """Return the supply at what the target still lacks, one sentence a case."""
    supply = supply_of(one)
    if supply is None or target is None:
        return ()
    return [_target_text(supply, case, left) for case, left in target.remaining_cases() if left > 0]


def _target_text(supply: Supply, case: Say, left: float) -> Say:
    met = supply.at(left * 10.0)
    if met.place is None:
        return Say(
            f"{case.zh}，尚缺 {left:g} 万千瓦（交流）："
            f"场址合计 {met.total_mw / 10:,.1f} 万千瓦，达不到",
            f"{case.en}, {left * 10:,.0f} MW AC short: all sites sum to {met.total_mw:,.0f} MW,"
            " out of reach",
        )
    number = met.place + 1
    cost, unit = f"{met.cost:,.0f}", KW_UNIT
    if supply.by == "lcoe":
        cost, unit = f"{met.cost:.3f}", PRICE_UNIT
    return Say(
        f"{case.zh}，尚缺 {left:g} 万千瓦（交流）：最便宜的 {number} 处即够，末位 {cost} {unit.zh}",
        f"{case.en}, {left * 10:,.0f} MW AC short: the {number} cheapest sites suffice, the last"
        f" at {cost} {unit.en}",
    )


def cheapest_text(one: TechnologyStudy) -> Say | None:
    """Return the spread of the costs over the sites."""
    lcoe = column(one, "lcoe_yuan_per_kwh")
    if np.isfinite(lcoe).any():
        low, middle, high = np.nanpercentile(lcoe, (0, 50, 100))
        return Say(
            f"度电成本 {low:.3f}-{high:.3f} 元/kWh，中位 {middle:.3f}",
            f"LCOE {low:.3f}-{high:.3f} CNY/kWh, median {middle:.3f}",
        )
    hours = column(one, "breakeven_hours")
    if not np.isfinite(hours).any():
        return None
    low, middle, high = np.nanpercentile(hours, (0, 50, 100))
    return Say(
        f"保本小时数 {low:,.0f}-{high:,.0f} h/a，中位 {middle:,.0f}（电价取最可能值；不是发电量）",
        f"break-even hours {low:,.0f}-{high:,.0f} h/a, median {middle:,.0f} (mode of the price;"
        " no energy estimate)",
    )
