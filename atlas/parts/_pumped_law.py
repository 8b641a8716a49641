"""Law of a storage site on its card: structure by structure, letters, open questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from atlas.parts._pumped_words import (
    UNCHECKED,
    Lang,
    comma,
    hectares,
    tone_of,
)
from geo.errors import Say
from siting.law.findings import EFFECT_TONE
from siting.law.terms import COMPONENT_ZH, Component, Effect
from siting.pumped.works.model import STATE

if TYPE_CHECKING:
    from siting.pumped.studied import PumpedStudy
    from siting.pumped.works.model import CheckLine, ComponentLaw, RuleHit

Card = dict[str, Any]
#: Effects that end a site or send it a long way round: never folded.
_GRAVE: Final = frozenset(
    {
        Effect.PROHIBITED, Effect.REPLAN_LINE, Effect.REPLAN_PROGRAMME, Effect.NATIONAL_PROJECT,
        Effect.LIMITED_ACTIVITY,
    }
)  # fmt: skip


def component_name(one: Component) -> Say:
    """Return the name of a structure as the rules know it."""
    return Say(COMPONENT_ZH[one], one.value.replace("_", " "))


def law_group(study: PumpedStudy, i: int, lang: Lang) -> Card:
    """Return the chapter of a card on the law: verdicts, then rules with hectares and routes."""
    parts = study.law.components[i]
    reasons = [reason for one in parts for reason in _reasons(one, lang)]
    rows = [
        {
            "label": component_name(one.component).of(lang),
            "value": one.text.of(lang),
            "note": _outside(one, lang),
        }
        for one in parts
    ]
    rows.insert(0, {"label": Say("全场址", "whole site").of(lang),
                    "value": study.law.text[i].of(lang), "note": ""})  # fmt: skip
    rows += [
        {"label": Say("须办", "needed").of(lang), "value": route.of(lang), "note": ""}
        for route in study.law.routes[i]
    ]
    notes = []
    inside = float(study.law.lake_redline_m2[i])
    if inside > 0:
        area = Say(hectares(inside, "zh"), hectares(inside, "en"))
        said = Say(
            f"已有水库水面内另有红线 {area.zh}，不在其中建设，未计入上列",
            f"{area.en} of red line inside the existing lake: nothing is built there, not counted",
        )
        notes.append(said.of(lang))
    if not parts:
        notes.append(
            Say("没有规则表，法律与红线未筛查", "no rule table: law not screened").of(lang)
        )
    return {
        "title": Say("红线与法规（按部件）", "Law by structure").of(lang),
        "sum": redline_text(study, i).of(lang),
        "tone": tone_of(study.law.verdict[i]),
        "rows": rows,
        "reasons": reasons,
        "notes": notes,
    }


def redline_text(study: PumpedStudy, i: int) -> Say:
    """Return the red line under all structures of a site."""
    area = float(study.law.redline_m2[i])
    if area != area:  # noqa: PLR0124 - NaN: the layer is not there
        return Say("红线未筛查", "red line not screened")
    return Say(f"红线 {hectares(area, 'zh')}", f"red line {hectares(area, 'en')}")


def _reasons(one: ComponentLaw, lang: Lang) -> list[Card]:
    """Return the rules of a structure: what forbids or needs a route, then the rest folded."""
    name = component_name(one.component).of(lang)
    grave = [hit for hit in one.hits if hit.decides and Effect(hit.effect) in _GRAVE]
    rest = [hit for hit in one.hits if hit not in grave]
    other = Say(f"{name}：审批与其他", f"{name}: approvals and others").of(lang)
    return [
        *(_reason(one, hit, lang) | {"group": name} for hit in grave),
        *(_reason(one, hit, lang) | {"group": other, "fold": True} for hit in rest),
    ]


def _reason(one: ComponentLaw, hit: RuleHit, lang: Lang) -> Card:
    tone = EFFECT_TONE.get(Effect(hit.effect), "neutral")
    return {
        "law": hit.title.of(lang),
        "clause": hit.rule,
        "hits": component_name(one.component).of(lang),
        "amount": hectares(hit.area_m2, lang),
        "frees": Say("；", "; ").of(lang).join(route.of(lang) for route in hit.routes),
        "grade": hit.grade,
        "tone": tone,
    }


def _outside(one: ComponentLaw, lang: Lang) -> str:
    if one.outside_m2 <= 0:
        return ""
    area = hectares(one.outside_m2, lang)
    return Say(f"区域外 {area} 未筛查", f"{area} outside the region, not screened").of(lang)


def check_group(title: Say, lines: Sequence[CheckLine], lang: Lang) -> Card:
    """Return a chapter of values with sources, 未核查 where nothing was found."""
    told = sum(one.value is not None and one.state != "unchecked" for one in lines)
    left = len(lines) - told
    said = Say(f"未核查 {left} 项", f"{left} not checked") if left else Say("均有来源", "all told")
    return {
        "title": title.of(lang),
        "sum": said.of(lang),
        "rows": [
            {
                "label": one.title.of(lang),
                "value": check_value(one).of(lang),
                "note": _beside(one, lang),
            }
            for one in lines
        ],
        "notes": [],
    }


def check_value(one: CheckLine) -> Say:
    """Return what a line holds, its state before it where something is asked."""
    said = one.value or UNCHECKED
    state = STATE[one.state]
    if not state.zh or state.zh == said.zh:
        return said
    return Say(f"{state.zh}：{said.zh}", f"{state.en}: {said.en}")


def _beside(one: CheckLine, lang: Lang) -> str:
    return comma(lang).join(text for text in (one.note.of(lang), one.source) if text)
