"""The card of a found storage site: what it is, what it costs, what forbids it, what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from atlas.charts_dam import curve_chart, section_chart
from atlas.parts._pumped_law import check_group, law_group
from atlas.parts._pumped_money import money_group, params_of
from atlas.parts._pumped_words import (
    HEAD,
    LONG_RATIO,
    Lang,
    Row,
    banded,
    comma,
    hectares,
    kind_of,
    kind_text,
    known,
    lake_name,
    millions,
    number,
    site_name,
    size,
    unit_cost,
    verdict_of,
    with_unit,
)
from atlas.text import THIN, figure
from geo.errors import Say
from siting.pumped.dams.section import TYPES
from siting.pumped.pairs.model import PairKind
from siting.pumped.water import SOURCES

if TYPE_CHECKING:
    from atlas.part import Context
    from siting.pumped.studied import PumpedStudy
    from siting.pumped.works.model import Profile

Card = dict[str, Any]
UPPER: Final = Say("上库", "upper lake")
LOWER: Final = Say("下库", "lower lake")
LETTERS: Final = Say("送审支持文件清单", "Letters that the notice asks for")
_SOURCES: Final = {one.zh: one for one in SOURCES}
ENGINEERING: Final = Say("工程条件", "Engineering conditions")


def cards(study: PumpedStudy, context: Context) -> list[Card]:
    """Return a card a site, in the order of the sites."""
    rows = study.sites.to_dict("records")
    return [site_card(study, i, row, rows, context) for i, row in enumerate(rows)]


def site_card(
    study: PumpedStudy, i: int, row: Row, every: list[dict[str, Any]], context: Context
) -> Card:
    """Return the card of site ``i``.

    Parameters
    ----------
    every
        Rows of all sites, for the names of what could stand in its place.
    """
    lang = context.lang
    verdict, tone = verdict_of(study, i, synthetic=bool(row["synthetic"]))
    main, more = _sections(study, i, lang)
    groups = [
        _levels_group(study, i, row, lang),
        _dam_group(study, i, row, more, lang),
        _water_group(row, lang),
        money_group(study, i, row, lang),
        _doubt_group(row, lang),
        law_group(study, i, lang),
        check_group(LETTERS, study.law.letters[i], lang),
        check_group(ENGINEERING, study.law.engineering[i], lang),
        _other_group(study, row, every, context),
    ]
    card: Card = {
        "title": site_name(row, context),
        "subtitle": f"{row['id']} · {Say('第', 'rank ').of(lang)}{int(row['rank'])}"
        f"{Say('名', '').of(lang)} · {kind_text(study, i).of(lang)}",
        "pill": {"text": verdict.of(lang), "tone": tone},
        "headline": _headline(row, lang),
        "facts": _facts(study, i, row, lang),
        "groups": [group for group in groups if group is not None],
        "notes": _notes(study, i, lang),
    }
    return {**card, "chart": main} if main is not None else card


def _headline(row: Row, lang: Lang) -> list[dict[str, str]]:
    value, unit = size(row, lang)
    cost = (number(row, key) for key in ("cost_yuan_per_kw", "cost_low", "cost_high"))
    head = banded(number(row, "head_m"), number(row, "head_low"), number(row, "head_high"))
    return [
        {"label": Say("装机 × 小时", "capacity x hours").of(lang), "value": value, "unit": unit},
        {"label": HEAD.of(lang), "value": head, "unit": "m"},
        {
            "label": Say("静态造价", "static cost").of(lang),
            "value": unit_cost(*cost),
            "unit": Say("元/kW", "CNY/kW").of(lang),
        },
    ]


def _row(label: Say, value: str, note: str, lang: Lang) -> dict[str, str]:
    return {"label": label.of(lang), "value": value, "note": note}


def _kept(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the rows that say something."""
    return [row for row in rows if row["value"] and not row["value"].startswith("—")]


def _facts(study: PumpedStudy, i: int, row: Row, lang: Lang) -> list[dict[str, str]]:
    kind, ratio = kind_of(study, i), number(row, "lh_ratio")
    long = Say(f"超过 {LONG_RATIO:g}，偏大", f"above {LONG_RATIO:g}: long").of(lang)
    grade = str(row["cost_class"])
    if bool(row["class_flips"]):
        grade += Say("（随高程误差变动）", " (hangs on DEM errors)").of(lang)
    return _kept(
        [
            _row(UPPER, lake_name(row, "upper", kind, lang), "", lang),
            _row(LOWER, lake_name(row, "lower", kind, lang), "", lang),
            _row(Say("距高比", "L/H"), figure(ratio), long if ratio > LONG_RATIO else "", lang),
            _row(Say("一次蓄能量", "energy of one full store"),
                 with_unit(number(row, "storage_gwh"), "GWh"), "", lang),
            _row(Say("造价等级", "cost class"), grade, "", lang),
            _row(Say("县市区", "county"), _county(row, lang), "", lang),
        ]
    )  # fmt: skip


def _county(row: Row, lang: Lang) -> str:
    return str(row["county"]) if lang == "zh" else ""


def _levels_group(study: PumpedStudy, i: int, row: Row, lang: Lang) -> Card:
    low, high = number(row, "head_min_m"), number(row, "head_max_m")
    span = f"{figure(low)}-{figure(high)}{THIN}m" if known(low) and known(high) else ""
    ratio = Say(f"变幅比 {high / low:.2f}", f"ratio {high / low:.2f}").of(lang) if low > 0 else ""
    rows = [
        _row(Say("上库水位（死-正常）", "upper levels (dead-normal)"),
             _pair(row, "upper_dead_m", "upper_normal_m"), "", lang),
        _row(Say("下库水位（低-高）", "lower levels (low-high)"),
             _pair(row, "lower_dead_m", "lower_normal_m"),
             _cycle_note(kind_of(study, i), lang), lang),
        _row(Say("毛水头范围", "range of gross head"), span, ratio, lang),
        _row(Say("水头损失（满发）", "head loss at full load"),
             with_unit(number(row, "loss_m"), "m", 2), _share(row, "loss_m", "head_m", lang), lang),
        _row(Say("一次循环水量", "water of one cycle"),
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
        "rows": _kept(rows),
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
        _row(
            Say(f"{name.zh}水面（正常蓄水位）", f"{name.en}, surface at normal level"),
            hectares(float(area[i]), lang),
            "",
            lang,
        )
        for name, area in named
        if np.isfinite(area[i]) and area[i] > 0
    ]


def _curve(
    study: PumpedStudy, i: int, row: Row, which: str, name: Say, lang: Lang
) -> Card | None:
    curves = study.works.upper_curve if which == "upper" else study.works.lower_curve
    title = Say(f"{name.zh}水位-库容", f"{name.en}: level and volume")
    levels = number(row, f"{which}_normal_m"), number(row, f"{which}_dead_m")
    return curve_chart(curves[i], *levels, title, lang)


def _sections(study: PumpedStudy, i: int, lang: Lang) -> tuple[Card | None, list[Card]]:
    """Return the section of the first new dam for the head of the card, and the other one."""
    made = [
        section_chart(profile, Say(f"{name.zh}坝址剖面", f"section at the {name.en} dam"), lang)
        for name, profile in profiles(study, i)
    ]
    return (made[0], made[1:]) if made else (None, [])


def profiles(study: PumpedStudy, i: int) -> list[tuple[Say, Profile]]:
    """Return the sections of the new dams of a site."""
    both = ((Say("上库", "upper"), study.works.upper_profile[i]),
            (Say("下库", "lower"), study.works.lower_profile[i]))  # fmt: skip
    return [(name, profile) for name, profile in both if profile is not None]


def _dam_group(study: PumpedStudy, i: int, row: Row, charts: list[Card], lang: Lang) -> Card:
    rows = []
    for name, which in ((Say("上库坝", "upper dam"), "upper"), (Say("下库坝", "lower dam"), "lower")):
        height = number(row, f"{which}_height_m")
        if not known(height):
            continue
        crest, body = number(row, f"{which}_crest_m"), number(row, f"{which}_dam_mm3")
        said = [
            Say(f"坝顶长 {crest:,.0f} m", f"crest {crest:,.0f} m long").of(lang),
            Say(f"坝体 {figure(body)} 百万 m³", f"body {figure(body)} 10⁶ m³").of(lang),
        ]
        rows.append(_row(Say(f"{name.zh}挡水高", f"{name.en}: water against it"),
                         with_unit(height, "m"), comma(lang).join(said), lang))  # fmt: skip
    rows += [
        _row(Say("坝型", "dam type"), dam_type(study).of(lang), "", lang),
        _row(Say("水石比", "water to rock"), figure(number(row, "water_rock")), "", lang),
        _row(Say("输水道水平长", "waterway, horizontal"),
             with_unit(number(row, "length_m"), "m", 4), Say("岸到岸", "shore to shore").of(lang), lang),
        _row(Say("隧洞直径", "tunnel diameter"), with_unit(number(row, "tunnel_m"), "m"),
             Say("按单洞折算", "as one tunnel").of(lang), lang),
        _row(Say("额定流量", "rated flow"), with_unit(number(row, "flow_m3s"), "m³/s"), "", lang),
        _row(Say("进场道路", "access road"), with_unit(number(row, "road_km"), "km"), "", lang),
        _row(Say("送出线路", "transmission line"), with_unit(number(row, "line_km"), "km"), "", lang),
    ]  # fmt: skip
    return {
        "title": Say("大坝与输水", "Dams and waterway").of(lang),
        "sum": with_unit(number(row, "length_m") / 1e3, "km"),
        "rows": _kept(rows),
        "charts": charts,
        "notes": [],
    }


def dam_type(study: PumpedStudy) -> Say:
    """Return the type of dam that the study counts with."""
    params = params_of(study, "dam")
    _, name = TYPES[1 if params is None else round(params.number("type"))]
    return Say(f"{name.zh}（参数，可改）", f"{name.en} (a parameter)")


def _water_group(row: Row, lang: Lang) -> Card:
    fill, inflow, lost = (number(row, k) for k in ("fill_days", "inflow_mm3_a", "evaporation_mm3_a"))
    unit = f"{millions(lang)}/a"
    told = str(row.get("fill_source") or "")
    source = _SOURCES.get(told, Say(told, told)).of(lang)
    rows = [
        _row(Say("首次蓄水", "first fill"), with_unit(fill, Say("天", "days").of(lang)), source, lang),
        _row(Say("上库集水面积", "catchment of the upper lake"),
             with_unit(number(row, "upper_catchment_km2"), "km²"), "", lang),
        _row(Say("年入流", "yearly inflow"), with_unit(inflow, unit), "", lang),
        _row(Say("年净蒸发（蒸发减降水）", "yearly evaporation net of rain"),
             with_unit(lost, unit), "", lang),
    ]  # fmt: skip
    kept = _kept(rows)
    missing = [row["label"] for row in rows if row not in kept]
    said = Say("未核查：", "Not checked: ").of(lang) + comma(lang).join(missing)
    return {
        "title": Say("水源与水量", "Water").of(lang),
        "sum": with_unit(fill, Say("天蓄满", "days to fill").of(lang)) if known(fill) else "",
        "rows": kept,
        "notes": [said] if missing else [],
    }


def _doubt_group(row: Row, lang: Lang) -> Card | None:
    named: tuple[tuple[Say, str, str, str, int], ...] = (
        (HEAD, "head_m", "head", "m", 3),
        (Say("循环水量", "water of a cycle"), "volume_mm3", "volume", millions(lang), 3),
        (Say("蓄能量", "stored energy"), "storage_gwh", "energy", "GWh", 3),
    )
    rows = [
        _row(title, f"{banded(number(row, key), number(row, f'{band}_low'), number(row, f'{band}_high'), digits)}{THIN}{unit}", "", lang)
        for title, key, band, unit, digits in named
        if known(number(row, f"{band}_low"))
    ]  # fmt: skip
    share = number(row, "class_share")
    if known(share):
        rows.append(_row(Say("造价等级不变的占比", "draws that keep the cost class"), f"{share:.0%}", "", lang))
    if not rows:
        return None
    flips = bool(row["class_flips"])
    steady = Say("等级会变", "class changes") if flips else Say("等级稳定", "class holds")
    said = Say(
        "200 次相关高程误差的 10%-90% 区间；不含地质与造价参数的不确定性",
        "P10-P90 of 200 correlated elevation errors; geology and prices are not in it",
    )
    return {
        "title": Say("高程误差的影响", "What DEM errors do").of(lang),
        "sum": steady.of(lang),
        "tone": "warn" if flips else "neutral",
        "rows": rows,
        "notes": [said.of(lang)],
    }


def _other_group(
    study: PumpedStudy, row: Row, every: list[dict[str, Any]], context: Context
) -> Card | None:
    lang, count = context.lang, number(row, "alternates")
    if not known(count) or count <= 0:
        return None
    said = Say(
        f"另有 {count:.0f} 个与之重叠的方案未列入（同一沟道、不同坝址或规模）",
        f"{count:.0f} more pairs overlap with it and are not listed (other foot or size)",
    )
    return {
        "title": Say("备选方案", "Alternates").of(lang),
        "sum": f"{count:.0f}",
        "rows": [],
        "notes": [said.of(lang)],
    }


def _notes(study: PumpedStudy, i: int, lang: Lang) -> list[str]:
    first = Say(
        "由地形自动搜索得到的初步方案，未经查勘，不构成设计。",
        "Found on the terrain by a search; nobody has been there, it is no design.",
    ).of(lang)
    return [first, *(note.of(lang) for note in study.works.notes[i])]

