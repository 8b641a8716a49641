"""The card of a pattern: verdict by component, the rules behind it, what stands there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from atlas.parts._siting_law import by_severity, reason_lines
from atlas.parts._siting_words import Lang
from geo.errors import Say
from siting.law.answer import DEMO_PREFIX
from siting.law.rules import WHAT_IF
from siting.law.terms import COMPONENT_ZH, VERDICT_ZH, Component, Technology, Verdict
from siting.law.verdict import VERDICT_EN, Judgement
from siting.sites.candidates import UNSCREENED_TEXT
from siting.sites.land import LAND_CLASS, LandClass
from siting.study import Study, TechnologyStudy

TONE: Final = {
    LandClass.CLEAR: "clear",
    LandClass.APPROVAL: "approval",
    LandClass.LIMITED: "limited",
    LandClass.REPLAN: "route",
    LandClass.PROHIBITED: "prohibited",
    LandClass.UNBUILDABLE: "unbuildable",
    LandClass.UNKNOWN: "unknown",
}


def class_label(one: LandClass, screened: bool) -> Say:
    """Return the name of a class; without a rule table nothing is called clear."""
    return UNSCREENED_TEXT if one is LandClass.CLEAR and not screened else LAND_CLASS[one]


def pattern_cards(
    study: Study, one: TechnologyStudy, lang: Lang, standing: Mapping[int, Sequence[Say]]
) -> list[Mapping[str, Any]]:
    """Return a card a pattern; patterns that read the same share one card."""
    rules = study.ruleset.rules
    lines = {i: reason_lines(study, [i], lang)[0] for i in range(len(rules))}
    notes = card_notes(study, one, lang)
    made: dict[tuple[int, tuple[Say, ...]], Mapping[str, Any]] = {}
    cards: list[Mapping[str, Any]] = []
    for pattern, kind in enumerate(_kinds(one).tolist()):
        here = tuple(standing.get(pattern, ()))
        if (kind, here) not in made:
            made[kind, here] = {
                **_card(study, one, pattern, lang),
                "reasons": [lines[i] for i in by_severity(rules, _hits(one, pattern))],
                "notes": [*(say.of(lang) for say in here), *notes],
            }
        cards.append(made[kind, here])
    return cards


def _kinds(one: TechnologyStudy) -> npt.NDArray[np.int64]:
    """Return a number for each pattern, the same for patterns that every rule reads alike.

    Patterns differ by predicates that no rule of the technology asks, such as the steps of
    the slope sweep.
    """
    states = np.concatenate([j.state for j in one.judgements.values()], axis=1)
    columns = np.concatenate([states, one.classes[:, None]], axis=1)
    _, kinds = np.unique(columns, axis=0, return_inverse=True)
    return np.asarray(kinds.reshape(-1), np.int64)


def _hits(one: TechnologyStudy, pattern: int) -> list[int]:
    """Return the rules of any component that hit a pattern, in table order."""
    return sorted({i for judgement in one.judgements.values() for i in judgement.hits[pattern]})


def _card(study: Study, one: TechnologyStudy, pattern: int, lang: Lang) -> dict[str, Any]:
    item = LandClass(int(one.classes[pattern]))
    label = class_label(item, study.screened)
    if item is LandClass.CLEAR and study.screened:
        label = one.footprint.text(pattern)  # clear is never said without its count
    elif item is LandClass.PROHIBITED and one.footprint.weak(pattern):
        label = Say(f"{label.zh}（依据待核）", f"{label.en} (basis to be verified)")
    rows = [
        _component_row(component, judgement, pattern, lang)
        for component, judgement in one.judgements.items()
    ]
    return {
        "pill": {"text": demo_text(study, label).of(lang), "tone": TONE[item]},
        "rows": merged(rows, lang),
    }


def merged(rows: Sequence[dict[str, str]], lang: Lang) -> list[dict[str, str]]:
    """Return one row for the components that read the same."""
    same: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        same.setdefault((row["value"], row["note"]), []).append(row["label"])
    join = "、" if lang == "zh" else ", "
    return [
        {"label": join.join(labels), "value": value, "note": note}
        for (value, note), labels in same.items()
    ]


def demo_text(study: Study, text: Say) -> Say:
    """Return a verdict with the demo mark in front where the law read synthetic layers."""
    if not (study.table.passport.synthetic and study.screened):
        return text
    return Say(DEMO_PREFIX.zh + text.zh, DEMO_PREFIX.en + text.en)


def _component_row(
    component: Component, judgement: Judgement, pattern: int, lang: Lang
) -> dict[str, str]:
    verdict = Verdict(int(judgement.verdict[pattern]))
    if judgement.total == 0:
        text = UNSCREENED_TEXT
    elif verdict is Verdict.CLEAR:
        text = judgement.text(pattern)
    else:
        doubt = judgement.weak(pattern)
        text = Say(
            f"{VERDICT_ZH[verdict]}{'（依据待核）' if doubt else ''}",
            f"{VERDICT_EN[verdict]}{' (basis to be verified)' if doubt else ''}",
        )
    limit = Say("技术不可建", "unbuildable") if judgement.unbuildable[pattern] else Say("", "")
    if judgement.technical_unknown[pattern]:
        limit = Say("坡度未知", "slope unknown")
    elif any(not judgement.ruleset.rules[i].stated for i in judgement.hits[pattern]):
        limit = Say("有规则是否适用未写明", "a rule does not state its reach")
    return {
        "label": component_name(component, lang),
        "value": text.of(lang),
        "note": limit.of(lang),
    }


def component_name(component: Component, lang: Lang) -> str:
    """Return the reader's name of a component."""
    return COMPONENT_ZH[component] if lang == "zh" else component.value.replace("_", " ")


def card_notes(study: Study, one: TechnologyStudy, lang: Lang) -> list[str]:
    """Return what every card of a technology says below its rows."""
    footprint = one.footprint
    left = footprint.total - footprint.screened
    out = []
    if not study.screened:
        out.append(Say("该区域没有规则表，法律与红线未筛查", "no rule table: law unscreened"))
    elif left:
        out.append(Say(f"未筛查 {left} 项（图层缺失）", f"{left} rules unscreened (layers absent)"))
    if study.ruleset.what_if:
        out.append(WHAT_IF)
    if one.technology is Technology.WIND:
        out.append(Say(f"发电量：{one.result.yield_text.zh}", one.result.yield_text.en))
    return [text.of(lang) for text in out]
