"""Money of a storage site on its card and in the report: cost by part, LCOS, classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from atlas.parts._pumped_words import NOT_COUNTED, Lang, Row, comma, known, number
from atlas.parts._siting_words import latin
from geo.errors import Say
from siting.pumped.money.anchors import BASIS
from siting.pumped.money.lcos import storage_lcos
from siting.pumped.money.model import PARTS

if TYPE_CHECKING:
    from siting.pumped.studied import PumpedStudy
    from siting.sites.params import Params

Card = dict[str, Any]
UNIT = Say("元/kW", "CNY/kW")


def money_group(study: PumpedStudy, i: int, row: Row, lang: Lang) -> Card:
    """Return the chapter of a card on money."""
    parts = {key: float(study.cost.parts[key][i]) for key in study.cost.parts}
    whole = sum(value for value in parts.values() if known(value)) or 1.0
    bars = [
        {
            "label": _part(key).of(lang),
            "value": f"{value:,.0f}",
            "note": f"{value / whole:.0%}",
            "bar": {"value": value / whole, "tone": "storage"},
        }
        for key, value in parts.items()
        if known(value)
    ]
    left = [_part(key).of(lang) for key, value in parts.items() if not known(value)]
    lcos = number(row, "lcos_yuan_per_kwh")
    rows: list[dict[str, Any]] = [*bars]
    if known(lcos):
        rows.append(
            {
                "label": Say("度电储能成本（发电侧）", "LCOS (of a discharged kWh)").of(lang),
                "value": f"{lcos:.3f} {Say('元/kWh', 'CNY/kWh').of(lang)}",
                "note": lcos_text(study).of(lang),
            }
        )
    missing = NOT_COUNTED.of(lang) + Say("：", ": ").of(lang) + comma(lang).join(left)
    return {
        "title": Say("造价与度电储能成本", "Cost and LCOS").of(lang),
        "sum": str(row["cost_class"]) + Say(" 级", " class").of(lang),
        "rows": rows,
        "notes": [*([missing] if left else []), _basis().of(lang)],
    }


def _part(key: str) -> Say:
    return PARTS.get(key, Say(key, key))


def _basis() -> Say:
    return Say(
        "静态投资；分项单价为预设，总量按已公布电站校准（残差见报告）；区间为单价的低高值",
        "static investment; prices by part are priors, the level is fitted to published plants "
        "(residuals in the report); the band is that of the prices",
    )


def params_of(study: PumpedStudy, group: str) -> Params | None:
    """Return a table of parameters of the study."""
    return next((one for one in study.params if one.group == group), None)


def lcos_text(study: PumpedStudy) -> Say:
    """Return what the LCOS assumes, the price of charging energy first."""
    params = params_of(study, "storage_cost")
    if params is None:
        return Say("", "")
    return latin(storage_lcos(np.empty(0), np.empty(0), params).text)


def anchors_frame(study: PumpedStudy, lang: str) -> pd.DataFrame:
    """Return the published plants beside the formula: cost, residual, what is assumed."""
    heads = (
        Say("电站", "plant"), Say("角色", "role"), Say("公布（元/kW）", "published (CNY/kW)"),
        Say("口径", "kind"), Say("折静态（元/kW）", "as static (CNY/kW)"),
        Say("推算（元/kW）", "predicted (CNY/kW)"), Say("残差", "residual"),
        Say("留一法残差", "residual, left out"), Say("说明", "what follows"),
        Say("输入", "inputs"), Say("来源", "source"),
    )  # fmt: skip
    rows = [
        [
            one.anchor.name.of(lang),
            _ROLES.get(one.anchor.role, Say(one.anchor.role, one.anchor.role)).of(lang),
            _whole(one.published),
            BASIS[one.anchor.cost_kind].of(lang),
            _whole(one.static),
            _whole(one.predicted),
            _percent(one.residual),
            _percent(one.left_out),
            one.verdict.of(lang),
            one.anchor.inputs.of(lang),
            one.anchor.source,
        ]
        for one in study.anchors
    ]
    return pd.DataFrame(rows, columns=[head.of(lang) for head in heads])


_ROLES = {
    "fit": Say("参与拟合", "in the fit"),
    "bound": Say("仅比较区间", "compared over a range"),
    "none": Say("仅列出", "listed only"),
}


def _whole(value: float) -> float | None:
    return round(value) if known(value) else None


def _percent(value: float) -> str:
    return f"{value:+.0%}" if known(value) else "—"
