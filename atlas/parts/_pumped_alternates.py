"""Chapter of a storage card on the pairs that gave way to it: partner, size, cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from atlas.parts._pumped_words import Lang, Row, capacity, known, number, unit_cost
from atlas.text import THIN, figure
from geo.errors import Say
from siting.pumped.pairs.model import PAIR_KIND, PairKind

if TYPE_CHECKING:
    from siting.pumped.search import SearchResult
    from siting.pumped.studied import PumpedStudy

Card = dict[str, Any]
TITLE: Final = Say("备选方案", "Alternates")
_ROUGH: Final = Say(
    "与本场址重叠、排名在后的方案，按搜索时的库容曲线推算：未绘图、未判法规、未算误差。",
    "Pairs that overlap with this site and rank behind it, by the curves of the search: not drawn, "
    "not judged, no bands.",
)


def alternates_group(study: PumpedStudy, i: int, row: Row, lang: Lang) -> Card | None:
    """Return the chapter of site ``i``, None where nothing gave way to it."""
    count = number(row, "alternates")
    if not known(count) or count <= 0:
        return None
    found = study.search
    others = [] if found is None else found.alternates[i].tolist()
    rows = [] if found is None else [_row(found, found.chosen[i], other, lang) for other in others]
    return {
        "title": TITLE.of(lang),
        "sum": Say(f"{count:.0f} 个", f"{count:.0f}").of(lang),
        "rows": rows,
        "notes": [_ROUGH.of(lang)],
    }


def _row(found: SearchResult, chosen: int, other: int, lang: Lang) -> dict[str, str]:
    """Return what a pair would be, and how its lakes differ from those of the chosen one."""
    pairs = found.pairs
    power, unit = capacity(float(pairs.power_mw[other]), lang)
    hours = figure(float(pairs.hours[other]), 2)
    cost = unit_cost(float(found.cost.total[other]))
    head = Say("毛水头", "head").of(lang)
    money = Say("元/kW", "CNY/kW").of(lang)
    said = (
        f"{power}{THIN}{unit} × {hours}{THIN}h",
        f"{head} {pairs.head_mean_m[other]:.0f}{THIN}m",
        f"{cost}{THIN}{money}",
    )
    lakes = (
        _lake(found, int(pairs.upper[chosen]), int(pairs.upper[other]),
              Say("上库", "upper lake")).of(lang),
        _lake(found, int(pairs.lower[chosen]), int(pairs.lower[other]),
              Say("下库", "lower lake")).of(lang),
    )  # fmt: skip
    return {
        "label": PAIR_KIND[PairKind(int(pairs.kind[other]))].of(lang),
        "value": " · ".join(said),
        "note": Say("；", "; ").of(lang).join(lakes),
    }


def _lake(found: SearchResult, mine: int, other: int, name: Say) -> Say:
    """Return the lake of an alternate in words: the same, an existing one, or a new one how far."""
    if other == mine:
        return Say(f"{name.zh}同", f"same {name.en}")
    if other < 0:
        lake = found.lakes[-1 - other].name
        return Say(f"{name.zh} {lake}（已有）", f"{name.en} {lake} (existing)")
    if mine < 0:
        return Say(f"{name.zh}新建", f"new {name.en}")
    x, y = found.dams.xy()
    metres = math.hypot(float(np.diff(x[[mine, other]])[0]), float(np.diff(y[[mine, other]])[0]))
    return Say(
        f"{name.zh}坝址相距 {metres / 1e3:.1f} km",
        f"foot of the {name.en} {metres / 1e3:.1f} km off",
    )
