"""Chapters of a storage card that follow from the site alone: levels, dams, water, doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from atlas.charts_dam import curve_chart
from atlas.parts._pumped_money import params_of
from atlas.parts._pumped_words import (
    HEAD,
    Lang,
    Row,
    banded,
    comma,
    hectares,
    kind_of,
    known,
    millions,
    number,
    unit_cost,
    with_unit,
)
from atlas.text import THIN, figure
from geo.errors import Say
from siting.pumped.dams.section import TYPES
from siting.pumped.money.classes import CLASSES
from siting.pumped.pairs.model import PairKind
from siting.pumped.water import SOURCES

if TYPE_CHECKING:
    from siting.pumped.studied import PumpedStudy

Card = dict[str, Any]
UPPER: Final = Say("上库", "upper lake")
LOWER: Final = Say("下库", "lower lake")
_SOURCES: Final = {one.zh: one for one in SOURCES}


def kept(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the rows that say something."""
    return [row for row in rows if row["value"] and not row["value"].startswith("—")]


def line(label: Say, value: str, note: str, lang: Lang) -> dict[str, str]:
    """Return a row of a card."""
    return {"label": label.of(lang), "value": value, "note": note}


def levels_group(study: PumpedStudy, i: int, row: Row, lang: Lang) -> Card:
    """Return the chapter on levels, head and volume with the curves of both lakes."""
    low, high = number(row, "head_min_m"), number(row, "head_max_m")
    span = f"{figure(low)}-{figure(high)}{THIN}m" if known(low) and known(high) else ""
    ratio = Say(f"变幅比 {high / low:.2f}", f"ratio {high / low:.2f}").of(lang) if low > 0 else ""
    rows = [
        line(Say("上库水位（死-正常）", "upper levels (dead-normal)"),
             _pair(row, "upper_dead_m", "upper_normal_m"), "", lang),
        line(Say("下库水位（低-高）", "lower levels (low-high)"),
             _pair(row, "lower_dead_m", "lower_normal_m"),
             _cycle_note(kind_of(study, i), lang), lang),
        line(Say("毛水头范围", "range of gross head"), span, ratio, lang),
        line(Say("水头损失（满发）", "head loss at full load"),
             with_unit(number(row, "loss_m"), "m", 2), _share(row, "loss_m", "head_m", lang), lang),
        line(Say("一次循环水量", "water of one cycle"),
             with_unit(number(row, "volume_mm3"), millions(lang)), "", lang),
        *_areas(study, i, lang),
    ]  # fmt: skip
    charts = [
        chart
        for which, name in (("upper", UPPER), ("lower", LOWER))
        if (chart := _curve(study, i, row, which, name, lang)) is not None
    ]
    return {
        "title": Say("水位、水头与库容", "Levels, head and volume").of(lang),
        "sum": span,
        "rows": kept(rows),
        "charts": charts,
        "notes": [],
    }


def _cycle_note(kind: PairKind, lang: Lang) -> str:
    if kind in {PairKind.BLUEFIELD_LOWER, PairKind.EXISTING}:
        return Say("已有水库只计本站借用的变幅", "existing lake: the share that it lends").of(lang)
    return ""


def _share(row: Row, part: str, whole: str, lang: Lang) -> str:
    value, base = number(row, part), number(row, whole)
    if not (known(value) and base > 0):
        return ""
    return Say(f"占毛水头 {value / base:.1%}", f"{value / base:.1%} of the head").of(lang)


def _pair(row: Row, low: str, high: str) -> str:
    a, b = number(row, low), number(row, high)
    if known(a) and known(b):
        return f"{a:.1f}-{b:.1f}{THIN}m"
    return f"{b:.1f}{THIN}m" if known(b) else ""


def _areas(study: PumpedStudy, i: int, lang: Lang) -> list[dict[str, str]]:
    pairs = study.pairs
    named = ((UPPER, pairs.upper_area_m2), (LOWER, pairs.lower_area_m2))
    return [
        line(
            Say(f"{name.zh}水面（正常蓄水位）", f"{name.en}, surface at normal level"),
            hectares(float(area[i]), lang),
            "",
            lang,
        )
        for name, area in named
        if np.isfinite(area[i]) and area[i] > 0
    ]


def _curve(study: PumpedStudy, i: int, row: Row, which: str, name: Say, lang: Lang) -> Card | None:
    curves = study.works.upper_curve if which == "upper" else study.works.lower_curve
    title = Say(f"{name.zh}水位-库容", f"{name.en}: level and volume")
    levels = number(row, f"{which}_normal_m"), number(row, f"{which}_dead_m")
    return curve_chart(curves[i], *levels, title, lang)


def dam_group(study: PumpedStudy, row: Row, charts: list[Card], lang: Lang) -> Card:
    """Return the chapter on dams and waterway; ``charts`` are the sections that remain."""
    rows = []
    for name, which in (
        (Say("上库坝", "upper dam"), "upper"),
        (Say("下库坝", "lower dam"), "lower"),
    ):
        height = number(row, f"{which}_height_m")
        if not known(height):
            continue
        crest, body = number(row, f"{which}_crest_m"), number(row, f"{which}_dam_mm3")
        said = [
            Say(f"坝顶长 {crest:,.0f} m", f"crest {crest:,.0f} m long").of(lang),
            Say(f"坝体 {figure(body)} 百万 m³", f"body {figure(body)} 10⁶ m³").of(lang),
        ]
        rows.append(line(Say(f"{name.zh}挡水高", f"{name.en}: water against it"),
                         with_unit(height, "m"), comma(lang).join(said), lang))  # fmt: skip
    shore, metres = Say("岸到岸", "shore to shore").of(lang), number(row, "length_m")
    road, power = number(row, "road_km"), number(row, "line_km")
    rows += [
        line(Say("坝型", "dam type"), dam_type(study).of(lang), "", lang),
        line(Say("水石比", "water to rock"), figure(number(row, "water_rock")), "", lang),
        line(Say("输水道水平长", "waterway, horizontal"),
             with_unit(metres, "m", 4), shore, lang),
        line(Say("输水隧洞（条数 × 内径）", "tunnels (number x diameter)"), tunnels_text(row, lang),
             "", lang),
        line(Say("额定流量", "rated flow"), with_unit(number(row, "flow_m3s"), "m³/s"), "", lang),
        line(Say("进场道路", "access road"), with_unit(road, "km"), "", lang),
        line(Say("送出线路", "transmission line"), with_unit(power, "km"), "", lang),
    ]  # fmt: skip
    return {
        "title": Say("大坝与输水", "Dams and waterway").of(lang),
        "sum": with_unit(metres / 1e3, "km"),
        "rows": kept(rows),
        "charts": charts,
        "notes": [],
    }


def tunnels_text(row: Row, lang: Lang) -> str:
    """Return number and diameter of the tunnels; the diameter is that of each."""
    count, wide = number(row, "tunnels"), with_unit(number(row, "tunnel_m"), "m")
    if not known(count):
        return wide
    return Say(f"{count:.0f} 条 × {wide}", f"{count:.0f} x {wide}").of(lang)


def dam_type(study: PumpedStudy) -> Say:
    """Return the type of dam that the study counts with."""
    params = params_of(study, "dam")
    _, name = TYPES[1 if params is None else round(params.number("type"))]
    return Say(f"{name.zh}（参数，可改）", f"{name.en} (a parameter)")


def water_group(row: Row, lang: Lang) -> Card:
    """Return the chapter on first fill, inflow and evaporation; what is unknown is named."""
    fill, inflow, lost = (
        number(row, k) for k in ("fill_days", "inflow_mm3_a", "evaporation_mm3_a")
    )
    unit = f"{millions(lang)}/a"
    told = str(row.get("fill_source") or "")
    source = _SOURCES.get(told, Say(told, told)).of(lang)
    days = Say("天", "days").of(lang)
    rows = [
        line(Say("首次蓄水", "first fill"), with_unit(fill, days, 2), source, lang),
        line(Say("上库集水面积", "catchment of the upper lake"),
             with_unit(number(row, "upper_catchment_km2"), "km²"), "", lang),
        line(Say("年入流", "yearly inflow"), with_unit(inflow, unit), "", lang),
        line(Say("年净蒸发（蒸发减降水）", "yearly evaporation net of rain"),
             with_unit(lost, unit), "", lang),
    ]  # fmt: skip
    told_rows = kept(rows)
    missing = [row["label"] for row in rows if row not in told_rows]
    said = Say("未核查：", "Not checked: ").of(lang) + comma(lang).join(missing)
    return {
        "title": Say("水源与水量", "Water").of(lang),
        "sum": with_unit(fill, Say("天蓄满", "days to fill").of(lang), 2) if known(fill) else "",
        "rows": told_rows,
        "notes": [said] if missing else [],
    }


def _band(row: Row, key: str, band: str) -> str:
    return banded(number(row, key), number(row, f"{band}_low"), number(row, f"{band}_high"))


def _cost_rows(row: Row, lang: Lang) -> list[dict[str, str]]:
    """Return cost under errors of the elevation, its class, and the wider band of the prices."""
    unit = Say("元/kW", "CNY/kW").of(lang)
    rows = []
    if known(number(row, "cost_low")):
        cost = unit_cost(*(number(row, k) for k in ("cost_yuan_per_kw", "cost_low", "cost_high")))
        title = Say("静态造价（仅高程误差）", "static cost (DEM errors alone)")
        rows.append(line(title, f"{cost}{THIN}{unit}", "", lang))
    share = number(row, "class_share")
    if known(share):
        title = Say("造价等级不变的占比", "draws that keep the cost class")
        rows.append(line(title, f"{share:.0%}", "", lang))
    failed = number(row, "failed_share")
    if failed > 0:
        title = Say("不成立的占比（坝不闭合或无水量）", "draws that hold no pair")
        rows.append(line(title, f"{failed:.0%}", "", lang))
    low, high = number(row, "cost_price_low"), number(row, "cost_price_high")
    if known(low) and known(high):
        title = Say("静态造价（单价高低）", "static cost (band of the prices)")
        grades = Say("等级", "class").of(lang) + f" {class_span(low, high)}"
        rows.append(line(title, f"{unit_cost(low)}-{unit_cost(high)}{THIN}{unit}", grades, lang))
    return rows


def class_span(low: float, high: float) -> str:
    """Return the classes that a band of cost [元/kW] reaches over: ``A-C``."""
    ends = [next(one.letter for one in CLASSES if end < one.limit) for end in (low, high)]
    return ends[0] if ends[0] == ends[1] else "-".join(ends)


def doubt_group(row: Row, lang: Lang) -> Card | None:
    """Return the chapter on errors of the elevation, None without bands."""
    named: tuple[tuple[Say, str, str, str], ...] = (
        (HEAD, "head_m", "head", "m"),
        (Say("循环水量", "water of a cycle"), "volume_mm3", "volume", millions(lang)),
        (Say("蓄能量", "stored energy"), "storage_gwh", "energy", "GWh"),
    )
    rows = [
        line(title, f"{_band(row, key, band)}{THIN}{unit}", "", lang)
        for title, key, band, unit in named
        if known(number(row, f"{band}_low"))
    ]  # fmt: skip
    rows += _cost_rows(row, lang)
    if not rows:
        return None
    flips = bool(row["class_flips"])
    steady = (
        Say("等级会变（仅高程误差）", "class changes (DEM alone)")
        if flips
        else Say("等级稳定（仅高程误差）", "class holds (DEM alone)")
    )
    said = Say(
        "200 次相关高程误差的 10%-90% 区间，只反映高程误差；地质、工程量与单价的不确定性不在内，"
        "单价的区间见“静态造价（单价高低）”",
        "P10-P90 of 200 correlated errors of the elevation and of nothing else; the band of the "
        "prices is wider and stands in its own row",
    )
    return {
        "title": Say("高程误差的影响", "What DEM errors do").of(lang),
        "sum": steady.of(lang),
        "tone": "warn" if flips else "neutral",
        "rows": rows,
        "notes": [said.of(lang)],
    }
