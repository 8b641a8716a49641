"""Cards of named storage and hydropower projects: published figures, gaps, nothing judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from atlas.parts import _storage_words as words
from geo.errors import Say
from geo.sourced import Sourced
from layers.facts import STATUS, NamedSite
from siting.hydro import named as hydro
from siting.pumped import named as pumped
from siting.pumped.gaps import Gap

Card = dict[str, Any]
#: Common figures of a design that is no letter.
_DESIGNS: Final = {"2014 年调水前": Say("2014 年调水前", "before the diversion of 2014:")}
_ASSUMED: Final = Say("按单程效率 0.88-0.92，参数未核验", "at efficiency 0.88-0.92, unverified")
#: Quantities that stand in the headline already.
_HEADLINE: Final = frozenset({"capacity_mw"})


def subtitle(site: NamedSite, lang: str, counties: Mapping[str, str] | None = None) -> str:
    """Return place and status with its date and source.

    Parameters
    ----------
    counties
        English name of each county; a county without one keeps its own.
    """
    county = Say(site.county, (counties or {}).get(site.county, site.county)).of(lang)
    place = Say(site.place, site.place_en).of(lang)
    where = (" " if lang == "zh" else ", ").join(part for part in (county, place) if part)
    said = ", ".join(part for part in (site.status_as_of, site.status_source) if part)
    status = f"{STATUS[site.status].of(lang)} ({said})"
    return f"{where} · {status}" if where else status


def _capacity(site: NamedSite, lang: str) -> Card:
    name = words.quantity_name("capacity_mw", lang)
    power = site.capacity_mw
    if power.value is None:
        return {"label": name, "value": words.NOT_PUBLISHED.of(lang), "unit": ""}
    values = dict.fromkeys((power.value, *(v.value for v in power.variants)))
    shown = [words.capacity(v, lang) for v in values]
    return {"label": name, "value": " / ".join(text for text, _ in shown), "unit": shown[0][1]}


def _headline(label: Say, figures: Sequence[Sourced], lang: str) -> Card:
    """Return one headline number; designs stand beside each other."""
    known = [one for one in figures if one.value is not None]
    if not known:
        return {"label": label.of(lang), "value": words.NOT_PUBLISHED.of(lang), "unit": ""}
    value = " / ".join(words.short(one) for one in known)
    return {"label": label.of(lang), "value": value, "unit": words.unit(known[0].unit, lang)}


def _published_rows(figures: Mapping[str, Sourced], lang: str, prefix: str = "") -> list[Card]:
    """Return one row a published figure in the order of the word list."""
    rows = []
    for quantity in words.QUANTITIES:
        one = figures.get(quantity)
        if one is None or one.value is None or (quantity in _HEADLINE and not one.variants):
            continue
        label = f"{prefix}{words.quantity_name(quantity, lang)}"
        rows.append(_row(label, words.published(one, lang), words.provenance(one, lang)))
    return rows


def _row(label: str, value: str, note: str = "") -> Card:
    return {"label": label, "value": value, "note": note}


def _derived_rows(one: pumped.Assessment, lang: str, prefix: str = "") -> list[Card]:
    """Return the derived figures that the published ones allow."""
    every = (
        (Say("蓄能量", "stored energy"), one.storage_gwh, _ASSUMED.of(lang)),
        (Say("满发小时", "hours at full load"), one.hours, _ASSUMED.of(lang)),
        (Say("毛水头（正常蓄水位之间）", "gross head (normal levels)"), one.gross_head_m, ""),
        (Say("平均毛水头（最小-最大）", "mean gross head (range)"), one.head_range_m, ""),
        (Say("下库一次循环变幅", "lower lake, one cycle"), one.lower_change_m, ""),
        (Say("年利用小时", "full-load hours"), one.full_load_hours, ""),
        (Say("单位造价", "unit cost"), one.cost_yuan_per_kw, one.cost_basis.of(lang)),
        (Say("按距高比推算的水平长度", "length by L/H"), one.conduit_m, ""),
    )
    calculated = Say("推算", "derived").of(lang)
    rows = []
    for label, figure, note in every:
        if not figure.missing:
            digits = 4 if figure.unit in {"元/kW", "h/a"} else 3
            said = _comma(lang).join(part for part in (calculated, note, figure.source) if part)
            rows.append(
                _row(f"{prefix}{label.of(lang)}", words.derived(figure, lang, digits), said)
            )
    return rows


def _prefix(letter: str, lang: str) -> str:
    if not letter:
        return ""
    return f"方案 {letter} " if lang == "zh" else f"Design {letter}: "


def _comma(lang: str) -> str:
    return "，" if lang == "zh" else ", "


def pumped_card(
    designs: Sequence[pumped.Assessment], lang: str, counties: Mapping[str, str] | None = None
) -> Card:
    """Return the card of one pumped-storage project with all its published designs."""
    first, site = designs[0], designs[0].site
    heads = [d.figure("rated_head_m", "m") for d in designs]
    stored = next((d.storage_gwh for d in designs if not d.storage_gwh.missing), first.storage_gwh)
    rows = _published_rows(site.figures, lang)
    for one in designs:
        own = site.designs.get(one.design, {})
        prefix = _prefix(one.design, lang)
        rows += _published_rows(own, lang, prefix) + _derived_rows(one, lang, prefix)
    rows += _layout_rows(site, lang) + _event_rows(site, lang)
    return {
        "title": site.name.of(lang),
        "subtitle": subtitle(site, lang, counties),
        "pill": {"text": first.verdict.of(lang), "tone": "unknown"},
        "headline": [
            _capacity(site, lang),
            _headline(words.QUANTITIES["rated_head_m"], heads, lang),
            _headline(Say("蓄能量", "stored energy"), [stored], lang),
        ],
        "rows": rows,
        "notes": [
            *_gap_notes(designs, lang),
            *_common_notes(site, first.reason, lang),
            _unchecked(first.unchecked, lang),
        ],
    }


def _layout_rows(site: NamedSite, lang: str) -> list[Card]:
    named = (
        (Say("上库", "upper lake"), Say(site.upper_water, site.upper_water_en).of(lang)),
        (Say("下库", "lower lake"), Say(site.lower_water, site.lower_water_en).of(lang)),
    )
    return [_row(label.of(lang), text, site.layout_source) for label, text in named if text]


def _event_rows(site: NamedSite, lang: str) -> list[Card]:
    return [
        _row(
            words.event_name(e.event, lang),
            e.date,
            _comma(lang).join(p for p in (e.source, Say(e.note, e.note_en).of(lang)) if p),
        )
        for e in site.events
    ]


def _gap_notes(designs: Sequence[pumped.Assessment], lang: str) -> list[str]:
    """Return what is missing and what that keeps us from saying; what all lack comes once."""
    shared = [gap for gap in designs[0].gaps if all(gap in one.gaps for one in designs)]
    lines = [
        f"{_prefix(one.design, lang)}{line}"
        for one in designs
        for line in _gap_lines([gap for gap in one.gaps if gap not in shared], lang)
    ]
    return [*lines, *_gap_lines(shared, lang)]


def _gap_lines(gaps: Iterable[Gap], lang: str) -> list[str]:
    return keeps_lines(((gap.title, gap.keeps) for gap in gaps), lang)


def keeps_lines(gaps: Iterable[tuple[Say, Say]], lang: str) -> list[str]:
    """Return gaps joined by what they keep us from saying: ``无库容、无水头：不能…``."""
    found: dict[str, list[str]] = {}
    for title, keeps in gaps:
        found.setdefault(keeps.of(lang), []).append(title.of(lang))
    colon, comma = ("：", "、") if lang == "zh" else (": ", ", ")
    return [f"{comma.join(titles)}{colon}{keeps}" for keeps, titles in found.items()]


def _common_notes(site: NamedSite, reason: Say, lang: str) -> list[str]:
    notes = [Say(f"未筛查：{reason.zh}", f"Not screened: {reason.en}").of(lang)]
    note = Say(site.note, site.note_en).of(lang)
    return [*notes, note] if note else notes


def _unchecked(lines: Iterable[Say], lang: str) -> str:
    comma = "、" if lang == "zh" else "; "
    return Say("未核查：", "Not checked: ").of(lang) + comma.join(one.of(lang) for one in lines)


def hydro_card(one: hydro.Assessment, lang: str, counties: Mapping[str, str] | None = None) -> Card:
    """Return the card of a named hydropower plant."""
    site = one.site
    rows = _published_rows(site.figures, lang)
    for design, figures in site.designs.items():
        rows += _published_rows(
            figures, lang, f"{_DESIGNS.get(design, Say(design, design)).of(lang)} "
        )
    if not one.full_load_hours.missing:
        note = f"{Say('推算', 'derived').of(lang)}{_comma(lang)}{one.full_load_hours.source}"
        name = Say("年利用小时", "full-load hours").of(lang)
        rows.append(_row(name, words.derived(one.full_load_hours, lang, 4), note))
    energy, level = site.figure("generation_gwh", "GWh/a"), site.figure("npl_m", "m")
    return {
        "title": site.name.of(lang),
        "subtitle": subtitle(site, lang, counties),
        "pill": {"text": one.verdict.of(lang), "tone": "unknown"},
        "headline": [
            _capacity(site, lang),
            _headline(words.QUANTITIES["generation_gwh"], [energy], lang),
            _headline(words.QUANTITIES["npl_m"], [level], lang),
        ],
        "rows": rows + _event_rows(site, lang),
        "notes": keeps_lines(one.gaps, lang) + _common_notes(site, one.reason, lang),
    }
