"""Names, figures and verdicts of found storage sites in the reader's language."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from atlas.text import THIN, band, figure
from geo.errors import Say
from siting.law.answer import DEMO_PREFIX
from siting.law.terms import VERDICT_ZH, Verdict
from siting.law.verdict import VERDICT_EN
from siting.pumped.pairs.model import PAIR_KIND, PairKind

if TYPE_CHECKING:
    from atlas.part import Context
    from siting.pumped.studied import PumpedStudy

Lang = Literal["zh", "en"]
Row = Mapping[str, Any]
M2_PER_HA: Final = 1.0e4
#: L/H beyond which a waterway is long for its head (NREL's limit is 12, truth.md D21).
LONG_RATIO: Final = 10.0
HEAD: Final = Say("毛水头", "gross head")
UNSCREENED: Final = Say("未筛查", "not screened")
WAITING: Final = Say(
    "待调规（须先调整红线或国家抽蓄规划）", "waits for red line or programme to be adjusted"
)
NATIONAL: Final = Say(
    "仅限国家重大项目（依据待核）", "national projects only (basis to be verified)"
)
UNCHECKED: Final = Say("未核查", "not checked")
NOT_COUNTED: Final = Say("未计", "not counted")
#: Stages of the search as a reader sees them.
STAGES: Final = {
    "gully_cells": Say("沟道候选坝址", "gully cells"),
    "dam_sites": Say("可成库坝址", "dam sites"),
    "existing_lakes": Say("已有水库", "existing lakes"),
    "pairs": Say("可行配对", "pairs"),
    "chosen": Say("互不重叠", "without overlap"),
    "failed": Say("复核不成立", "failed when worked out"),
    "shown": Say("复核列出", "worked out and listed"),
    # of the restated atlas rules
    "points": Say("坝点", "dam points"),
    "too_large": Say("集水面积过大", "catchment too large"),
    "reservoirs": Say("可成库", "reservoirs"),
    "combinations": Say("两两组合", "combinations"),
    "within_slope": Say("坡降合格", "within slope"),
    "tested": Say("逐规模检验", "tested by size"),
    "passed": Say("检验合格", "passed"),
}
_CLEAR: Final = Say("已筛查条目未触及", "no screened rule touched")
_TONE: Final = {
    Verdict.PROHIBITED: "prohibited",
    Verdict.UNKNOWN: "unknown",
    Verdict.ROUTE: "route",
    Verdict.LIMITED_ACTIVITY: "limited",
    Verdict.APPROVAL: "approval",
    Verdict.PENALTY: "neutral",
    Verdict.PREFERRED: "clear",
    Verdict.CLEAR: "clear",
}


def number(row: Row, key: str) -> float:
    """Return a figure of a site, NaN where it has none."""
    value = row.get(key)
    return (
        float(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool)
        else math.nan
    )


def known(value: float) -> bool:
    """Tell whether a figure is there."""
    return math.isfinite(value)


def with_unit(value: float, unit: str, digits: int = 3) -> str:
    """Return figure, thin space and unit, a dash where there is none."""
    return f"{figure(value, digits)}{THIN}{unit}" if known(value) else "—"


def banded(value: float, low: float, high: float, digits: int = 3) -> str:
    """Return ``452 (430-470)``, the figure alone without a band."""
    if not (known(low) and known(high) and low < high):
        return figure(value, digits)
    return band(value, low, high, digits)


def unit_cost(value: float, low: float = math.nan, high: float = math.nan) -> str:
    """Return a cost in 元/kW to the next ten, with its band: nobody knows it better."""
    if not known(value):
        return "—"
    text = f"{round(value, -1):,.0f}"
    if known(low) and known(high):
        text += f" ({round(low, -1):,.0f}-{round(high, -1):,.0f})"
    return text


def cost_band(row: Row) -> str:
    """Return the cost of a site with the band of its prices, which is wider than the terrain's."""
    low, high = number(row, "cost_price_low"), number(row, "cost_price_high")
    if not (known(low) and known(high)):
        low, high = number(row, "cost_low"), number(row, "cost_high")
    return unit_cost(number(row, "cost_yuan_per_kw"), low, high)


def stage(name: str) -> Say:
    """Return the name of a stage of the search."""
    return STAGES.get(name, Say(name, name))


def capacity(megawatts: float, lang: Lang) -> tuple[str, str]:
    """Return a capacity as figure and unit: 万千瓦, in English MW."""
    if lang == "en":
        return f"{megawatts:,.0f}", "MW"
    return f"{megawatts / 10.0:,.10g}", "万千瓦"


def size(row: Row, lang: Lang) -> tuple[str, str]:
    """Return capacity, and its unit with the hours: ``120``, ``万千瓦 × 6.2 h``."""
    value, unit = capacity(number(row, "capacity_mw"), lang)
    hours = number(row, "hours")
    return value, f"{unit} × {figure(hours, 2)}{THIN}h" if known(hours) else unit


def size_text(row: Row, lang: Lang) -> str:
    """Return capacity and hours in one word."""
    return THIN.join(size(row, lang))


def millions(lang: Lang) -> str:
    """Return the unit of volumes: 10⁶ m³."""
    return "百万 m³" if lang == "zh" else "10⁶ m³"


def metric(said: Say) -> Say:
    """Return a text with the unit of volumes as everywhere else."""
    return Say(said.zh.replace("Mm3", millions("zh")), said.en.replace("Mm3", millions("en")))


def site_name(row: Row, context: Context) -> str:
    """Return the name of a site in the run's language."""
    if context.lang == "zh":
        return str(row["name"])
    known_counties = context.facts.counties
    county = str(row["county"])
    if {"name", "name_en"} <= set(known_counties.columns):
        found = known_counties.loc[known_counties["name"] == county, "name_en"]
        county = str(found.iloc[0]) if len(found) else county
    place = "" if county in {"", "全区"} else f"{county} "
    return f"{place}storage site {str(row['name']).rpartition(' ')[2]}"


def lake_name(row: Row, which: str, kind: PairKind, lang: Lang) -> str:
    """Return the name of a lake: that of an existing one, or that it is new."""
    name = str(row.get(f"{which}_name") or "")
    stands = {
        "upper": kind in {PairKind.BLUEFIELD_UPPER, PairKind.EXISTING},
        "lower": kind in {PairKind.BLUEFIELD_LOWER, PairKind.EXISTING},
    }[which]
    said = Say("已有", "existing") if stands else Say("新建", "new")
    if not stands or not name:
        return said.of(lang)
    return f"{name}{Say('（已有）', ' (existing)').of(lang)}"


def kind_of(study: PumpedStudy, i: int) -> PairKind:
    """Return which lakes of a site exist."""
    return PairKind(int(study.pairs.kind[i]))


def kind_text(study: PumpedStudy, i: int) -> Say:
    """Return which lakes of a site exist, in words."""
    return PAIR_KIND[kind_of(study, i)]


def verdict_of(study: PumpedStudy, i: int, *, synthetic: bool) -> tuple[Say, str]:
    """Return verdict and tone of a site as a reader sees them.

    A verdict that read a synthetic layer says so first (truth.md A1), and every one says how
    many rules nobody screened (B6).
    """
    said, tone = _verdict(study, i)
    left = len({rule for one in study.law.placed(i) for rule in one.unscreened})
    if left:
        said = Say(f"{said.zh}；未筛查 {left} 项", f"{said.en}; {left} unscreened")
    return (demo(said) if synthetic and said != UNSCREENED else said), tone


def _verdict(study: PumpedStudy, i: int) -> tuple[Say, str]:
    """Return verdict and tone, a prohibition with its doubt (truth.md B8)."""
    verdict = study.law.verdict[i]
    if verdict is None:
        return UNSCREENED, "unknown"
    said, tone = Say(VERDICT_ZH[verdict], VERDICT_EN[verdict]), _TONE[verdict]
    if verdict is Verdict.CLEAR:
        said = _CLEAR
    if verdict is Verdict.ROUTE:
        said = WAITING if bool(study.law.waiting[i]) else NATIONAL
    if verdict is Verdict.PROHIBITED and study.law.doubtful(i):
        said = Say(f"{said.zh}（依据待核）", f"{said.en} (basis to be verified)")
    return said, tone


def short_verdict(study: PumpedStudy, i: int) -> Say:
    """Return the verdict of a site in a few words, without the demo mark."""
    said, _ = _verdict(study, i)
    return {
        WAITING: Say("待调规", "waits"),
        NATIONAL: Say("仅限国家重大项目", "national only"),
    }.get(said, said)


def demo(said: Say) -> Say:
    """Return a verdict with the demo mark before it."""
    return Say(DEMO_PREFIX.zh + said.zh, DEMO_PREFIX.en + said.en)


def tone_of(verdict: Verdict | None) -> str:
    """Return the tone of a verdict."""
    return "unknown" if verdict is None else _TONE[verdict]


def hectares(area_m2: float, lang: Lang) -> str:
    """Return an area [m²] in hectares."""
    unit = Say("公顷", "ha").of(lang)
    return f"{area_m2 / M2_PER_HA:,.1f}{THIN}{unit}"


def comma(lang: Lang) -> str:
    """Return what stands between the members of a list."""
    return "、" if lang == "zh" else ", "
