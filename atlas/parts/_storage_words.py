"""Names and printed forms of published figures, shared by cards, tables and sections."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from atlas.text import THIN, figure
from geo.errors import Say
from geo.sourced import Sourced

NOT_PUBLISHED: Final = Say("未公布", "not published")

#: Published quantities in the order of a card.
QUANTITIES: Final[Mapping[str, Say]] = MappingProxyType(
    {
        "capacity_mw": Say("装机", "capacity"),
        "units": Say("机组台数", "units"),
        "unit_mw": Say("单机容量", "unit size"),
        "upper_npl_m": Say("上库正常蓄水位", "upper normal level"),
        "upper_dead_m": Say("上库死水位", "upper dead level"),
        "lower_npl_m": Say("下库正常蓄水位", "lower normal level"),
        "lower_dead_m": Say("下库死水位", "lower dead level"),
        "upper_volume_mm3": Say("上库库容", "upper volume"),
        "upper_dead_volume_mm3": Say("上库死库容", "upper dead volume"),
        "active_volume_mm3": Say("调节库容", "active volume"),
        "lower_active_volume_mm3": Say("下库调节库容", "lower active volume"),
        "lower_dead_volume_mm3": Say("下库死库容", "lower dead volume"),
        "rated_head_m": Say("额定水头", "rated head"),
        "lh_ratio": Say("距高比", "length to head"),
        "npl_m": Say("正常蓄水位", "normal level"),
        "dead_m": Say("死水位", "dead level"),
        "total_volume_mm3": Say("总库容", "total volume"),
        "dead_volume_mm3": Say("死库容", "dead volume"),
        "dam_height_m": Say("坝高", "dam height"),
        "crest_elevation_m": Say("坝顶高程", "crest elevation"),
        "crest_length_m": Say("坝顶长", "crest length"),
        "pool_km2": Say("水面", "pool"),
        "catchment_km2": Say("集水面积", "catchment"),
        "generation_gwh": Say("年发电量", "annual generation"),
        "published_hours": Say("公布的年利用小时", "published full-load hours"),
        "static_cost_yi": Say("静态投资", "static investment"),
        "total_cost_yi": Say("投资", "investment"),
        "build_months": Say("工期", "building time"),
        "first_unit_month": Say("首台机组", "first unit"),
        "dam_distance_km": Say("上库距坝址", "upper lake to dam"),
        "commissioned_year": Say("投产", "commissioned"),
    }
)

_UNITS: Final[Mapping[str, Say]] = MappingProxyType(
    {
        "Mm3": Say("百万 m³", "10⁶ m³"),
        "km2": Say("km²", "km²"),
        "month": Say("个月", "months"),
        "year": Say("年", ""),
        "h/a": Say("h/a", "h/a"),
        "亿元": Say("亿元", "10⁸ yuan"),
        "万亩": Say("万亩", "10⁴ mu"),
        "m³/亩": Say("m³/亩", "m³/mu"),
        "元/kW": Say("元/kW", "yuan/kW"),
        "-": Say("", ""),
    }
)
_EVENTS: Final[Mapping[str, Say]] = MappingProxyType(
    {
        "approved": Say("核准", "approved"),
        "ground_breaking": Say("开工仪式", "ground-breaking"),
        "main_works": Say("主体工程", "main works"),
        "progress": Say("进度", "progress"),
        "first_unit_planned": Say("首台机组计划", "first unit planned"),
        "pre_feasibility": Say("预可研", "pre-feasibility"),
        "eia_notice": Say("环评公示", "EIA notice"),
        "start_expected": Say("预计投产", "expected start"),
        "npl_review": Say("蓄水位专题", "review of levels"),
        "first_full_level": Say("首次蓄满", "first full level"),
        "river_closure": Say("截流", "river closure"),
        "impounded": Say("蓄水", "impounded"),
        "start": Say("开工", "start"),
        "on_grid": Say("并网", "on grid"),
        "completed": Say("建成", "completed"),
    }
)


def unit(name: str, lang: str) -> str:
    """Return a unit of the tables as a reader sees it."""
    return _UNITS.get(name, Say(name, name)).of(lang)


def quantity_name(quantity: str, lang: str) -> str:
    """Return the name of a published quantity."""
    return QUANTITIES.get(quantity, Say(quantity, quantity)).of(lang)


def event_name(event: str, lang: str) -> str:
    """Return the name of a dated step."""
    return _EVENTS.get(event, Say(event, event)).of(lang)


def local(value: float, unit_name: str, lang: str) -> tuple[float, str]:
    """Return a figure in the unit of the reader: 万千瓦 is MW in English."""
    if lang != "zh" and unit_name == "万千瓦":
        return value * 10.0, "MW"
    return value, unit_name


def capacity(megawatts: float, lang: str) -> tuple[str, str]:
    """Return a capacity [MW] as text and unit: 万千瓦 in Chinese, MW in English."""
    value, name = local(megawatts / 10.0, "万千瓦", lang)
    return as_published(value), unit(name, lang)


def as_published(value: float, unit_name: str = "") -> str:
    """Return a published number with the digits it was published with; a year has no comma."""
    return f"{value:.10g}" if unit_name == "year" else f"{value:,.10g}"


def with_unit(text: str, unit_name: str, lang: str) -> str:
    """Return text, thin space and unit."""
    shown = unit(unit_name, lang)
    return f"{text}{THIN}{shown}" if shown else text


def _values(one: Sourced) -> list[float]:
    every = dict.fromkeys((one.value, *(v.value for v in one.variants)))
    return [value for value in every if value is not None]


def every_value(one: Sourced) -> str:
    """Return the published values of a known figure, each once, without the unit."""
    return " / ".join(as_published(value, one.unit) for value in _values(one))


def short(one: Sourced) -> str:
    """Return a known figure for a headline: a band or more than two values become a range."""
    values = _values(one)
    ends = (one.low, one.high) if len(values) == 1 else (min(values), max(values))
    if ends[0] is None or ends[1] is None or ends[0] == ends[1]:
        return every_value(one)
    if one.low is not None:
        return f"{figure(ends[0])}-{figure(ends[1])}"
    if len(values) > 2:
        return f"{as_published(ends[0])}-{as_published(ends[1])}"
    return every_value(one)


def published(one: Sourced, lang: str) -> str:
    """Return a published figure with its unit, conflicting values after a slash."""
    if one.value is None:
        return NOT_PUBLISHED.of(lang)
    return with_unit(every_value(one), one.unit, lang)


def bare(one: Sourced, lang: str, digits: int = 3) -> str:
    """Return a known figure with ``digits`` digits, its band where it has one, no unit."""
    text = figure(one.value, digits)
    if one.low is not None and one.high is not None and one.low < one.high:
        band = f"{figure(one.low, digits)}-{figure(one.high, digits)}"
        text += Say(f"（{band}）", f" ({band})").of(lang)
    return text


def derived(one: Sourced, lang: str, digits: int = 3) -> str:
    """Return a derived figure with its band and unit."""
    if one.value is None:
        return NOT_PUBLISHED.of(lang)
    return with_unit(bare(one, lang, digits), one.unit, lang)


def provenance(one: Sourced, lang: str) -> str:
    """Return source and grade of a figure, then the sources of its other values."""
    if one.value is None:
        return ""
    grade = f"{one.grade} 级" if lang == "zh" else f"grade {one.grade}"
    others = ("、" if lang == "zh" else ", ").join(dict.fromkeys(v.source for v in one.variants))
    other = Say(f"；另值 {others}", f"; others {others}").of(lang) if others else ""
    return f"{one.source} · {grade}{other}"
