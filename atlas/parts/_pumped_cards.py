"""The card of a found storage site: what it is, what it costs, what forbids it, what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from atlas.charts_dam import section_chart
from atlas.parts._pumped_alternates import alternates_group
from atlas.parts._pumped_chapters import (
    LOWER,
    UPPER,
    dam_group,
    doubt_group,
    kept,
    levels_group,
    line,
    water_group,
)
from atlas.parts._pumped_law import check_group, law_group
from atlas.parts._pumped_money import money_group
from atlas.parts._pumped_words import (
    HEAD,
    LONG_RATIO,
    Lang,
    Row,
    banded,
    cost_band,
    kind_of,
    kind_text,
    lake_name,
    number,
    site_name,
    size,
    verdict_of,
    with_unit,
)
from atlas.text import figure
from geo.errors import Say

if TYPE_CHECKING:
    from atlas.part import Context
    from siting.pumped.studied import PumpedStudy
    from siting.pumped.works.model import Profile

Card = dict[str, Any]
LETTERS: Final = Say("送审支持文件清单", "Letters that the notice asks for")
ENGINEERING: Final = Say("工程条件", "Engineering conditions")


def cards(study: PumpedStudy, context: Context) -> list[Card]:
    """Return a card a site, in the order of the sites."""
    rows = study.sites.to_dict("records")
    return [site_card(study, i, row, context) for i, row in enumerate(rows)]


def site_card(study: PumpedStudy, i: int, row: Row, context: Context) -> Card:
    """Return the card of site ``i``."""
    lang = context.lang
    verdict, tone = verdict_of(study, i, synthetic=bool(row["synthetic"]))
    main, more = _sections(study, i, lang)
    groups = [
        levels_group(study, i, row, lang),
        dam_group(study, row, more, lang),
        water_group(row, lang),
        money_group(study, i, row, lang),
        doubt_group(row, lang),
        law_group(study, i, lang),
        check_group(LETTERS, study.law.letters[i], lang),
        check_group(ENGINEERING, study.law.engineering[i], lang),
        alternates_group(study, i, row, lang),
    ]
    card: Card = {
        "title": site_name(row, context),
        "subtitle": f"{row['id']} · {Say('第 ', 'rank ').of(lang)}{int(row['rank'])}"
        f"{Say(' 名', '').of(lang)} · {kind_text(study, i).of(lang)}",
        "pill": {"text": verdict.of(lang), "tone": tone},
        "headline": _headline(row, lang),
        "facts": _facts(study, i, row, lang),
        "groups": [group for group in groups if group is not None],
        "notes": _notes(study, i, lang),
    }
    return {**card, "chart": main} if main is not None else card


def _headline(row: Row, lang: Lang) -> list[dict[str, str]]:
    value, unit = size(row, lang)
    head = banded(number(row, "head_m"), number(row, "head_low"), number(row, "head_high"))
    return [
        {"label": Say("装机 × 小时", "capacity x hours").of(lang), "value": value, "unit": unit},
        {"label": HEAD.of(lang), "value": head, "unit": "m"},
        {
            "label": Say("静态造价", "static cost").of(lang),
            "value": cost_band(row),
            "unit": Say("元/kW", "CNY/kW").of(lang),
        },
    ]


def _facts(study: PumpedStudy, i: int, row: Row, lang: Lang) -> list[dict[str, str]]:
    kind, ratio = kind_of(study, i), number(row, "lh_ratio")
    long = Say(f"超过 {LONG_RATIO:g}，偏大", f"above {LONG_RATIO:g}: long").of(lang)
    grade = str(row["cost_class"])
    if bool(row["class_flips"]):
        grade += Say("（仅高程误差就会变）", " (DEM errors alone change it)").of(lang)
    return kept(
        [
            line(UPPER, lake_name(row, "upper", kind, lang), "", lang),
            line(LOWER, lake_name(row, "lower", kind, lang), "", lang),
            line(Say("距高比", "L/H"), figure(ratio), long if ratio > LONG_RATIO else "", lang),
            line(Say("一次蓄能量", "energy of one full store"),
                 with_unit(number(row, "storage_gwh"), "GWh"), "", lang),
            line(Say("造价等级", "cost class"), grade, "", lang),
            line(Say("县市区", "county"), _county(row, lang), "", lang),
        ]
    )  # fmt: skip


def _county(row: Row, lang: Lang) -> str:
    county = str(row["county"])
    return county if lang == "zh" and county != "全区" else ""


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


def _notes(study: PumpedStudy, i: int, lang: Lang) -> list[str]:
    first = Say(
        "由地形自动搜索得到的初步方案，未经查勘，不构成设计。",
        "Found on the terrain by a search; nobody has been there, it is no design.",
    ).of(lang)
    return [first, *(note.of(lang) for note in study.works.notes[i])]
