"""The restated atlas rules beside our own search (``--rules anu``): counts by size, no oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from atlas.part import Section
from atlas.parts._pumped_words import stage
from geo.errors import Say

if TYPE_CHECKING:
    from siting.pumped.studied import PumpedStudy

_CLASSES: Final = Say("等级 A-E", "classes A-E")
_HEADS: Final = (
    Say("蓄能（GWh）", "store (GWh)"), Say("小时（h）", "hours (h)"), Say("配对", "pairs"),
    Say("互不重叠", "do not overlap"), _CLASSES,
    Say("最低 FOM（USD/kW）", "lowest FOM (USD/kW)"),
)  # fmt: skip


def frame(study: PumpedStudy, lang: str) -> pd.DataFrame:
    """Return a row a size of the atlas rules; no rows without a cross-check."""
    if study.cross is None:
        return pd.DataFrame()
    pairs, chosen = study.cross.pairs, np.asarray(study.cross.chosen, np.int64)
    best = pairs.iloc[chosen]
    rows: list[list[Any]] = []
    for _, one in pairs.groupby("size", sort=True):
        kept = best[best["size"] == one["size"].iloc[0]]
        classes = [int((kept["cost_class"] == letter).sum()) for letter in "ABCDE"]
        rows.append(
            [
                float(one["energy_gwh"].iloc[0]),
                float(one["hours"].iloc[0]),
                len(one),
                len(kept),
                "/".join(str(n) for n in classes),
                float(one["fom_usd_kw"].min()),
            ]
        )
    return pd.DataFrame(rows, columns=[head.of(lang) for head in _HEADS])


def lines(study: PumpedStudy) -> tuple[Say, ...]:
    """Return what the command says of the cross-check, its label first."""
    if study.cross is None:
        return ()
    found = study.cross.found
    named = [(stage(name), count) for name, count in found.items()]
    zh = " → ".join(f"{name.zh} {count:,}" for name, count in named)
    en = " -> ".join(f"{name.en} {count:,}" for name, count in named)
    n, shown = len(study.cross.chosen), len(study.sites)
    own = max(int(study.found.get("chosen", 0)), shown)
    return (
        study.cross.label,
        Say(f"图集规则：{zh}", f"atlas rules: {en}"),
        Say(
            f"图集规则 {n:,} 处互不重叠（七种规模合计，规模之间会重叠），本方法 {own:,} 处",
            f"{n:,} sites by the atlas rules (over all sizes, which may overlap), {own:,} by ours",
        ),
    )


def block(study: PumpedStudy, lang: str) -> dict[str, Any] | None:
    """Return the table of the tab, None without a cross-check."""
    table = frame(study, lang)
    if study.cross is None or not len(table):
        return None
    table = table.drop(columns=[_CLASSES.of(lang)])  # the panel is narrow; the report has them
    return {
        "type": "table",
        "title": Say("图集规则对照", "Atlas rules beside it").of(lang),
        "columns": [{"label": str(name), "align": "right", "bar": False} for name in table],
        "rows": [
            [f"{value:,g}" if isinstance(value, (int, float)) else str(value) for value in row]
            for row in table.itertuples(index=False)
        ],
        "note": study.cross.label.of(lang),
    }


def section(study: PumpedStudy, lang: str) -> Section | None:
    """Return the page of the report on the cross-check."""
    table = frame(study, lang)
    if study.cross is None:
        return None
    return Section(
        "pumped-anu",
        Say("抽蓄：图集规则对照", "Storage: atlas rules beside it"),
        lines(study),
        table=table if len(table) else None,
    )


def as_json(study: PumpedStudy, lang: str) -> dict[str, Any] | None:
    """Return the cross-check for ``--json``, None without one."""
    if study.cross is None:
        return None
    best = study.cross.pairs.iloc[np.asarray(study.cross.chosen, np.int64)]
    return {
        "label": study.cross.label.of(lang),
        "found": dict(study.cross.found),
        "sizes": [
            {
                "energy_gwh": float(one["energy_gwh"].iloc[0]),
                "hours": float(one["hours"].iloc[0]),
                "sites": len(one),
                "fom_usd_kw_min": float(one["fom_usd_kw"].min()),
            }
            for _, one in best.groupby("size", sort=True)
        ],
    }
