"""Rules and verdicts on a piece of land in words and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from layers.contract import SPECS
from siting.law.answer_text import documents_lines, effect, state_text
from siting.law.findings import grade_text
from siting.law.fold import Entry, Part, folded
from siting.law.place_rules import PlaceComponent, PlaceRule
from siting.law.terms import VERDICT_ZH, State
from siting.law.verdict import VERDICT_EN

M2_PER_HA = 10_000.0


def hectares(area_m2: float, lang: str) -> str:
    """Return an area [m2] in hectares, two decimals below 100 ha."""
    value = area_m2 / M2_PER_HA
    shown = f"{value:.2f}" if value < 100 else f"{value:,.1f}"
    return f"{shown} 公顷" if lang == "zh" else f"{shown} ha"


def component_lines(components: Sequence[PlaceComponent], lang: str) -> list[str]:
    """Return the verdicts of each component with hectares, then the rules."""
    return folded([_part(one, lang) for one in components], lang)


def _part(one: PlaceComponent, lang: str) -> Part:
    zh = lang == "zh"
    names = VERDICT_ZH if zh else VERDICT_EN
    below: list[str] = []
    if one.total:
        parts = [f"{names[v]} {hectares(area, lang)}" for v, area in sorted(one.areas_m2.items())]
        below.append(f"  {('、' if zh else ', ').join(parts)}")
    for area, text in (
        (one.unbuildable_m2, "技术不可建（非法律）" if zh else "technically unbuildable (no law)"),
        (one.technical_unknown_m2, "技术条件未知" if zh else "technical limits unknown"),
    ):
        if area > 0:
            below.append(f"  {text} {hectares(area, lang)}")
    entries = [Entry(f.rule, f.state, tuple(_rule_lines(f, lang))) for f in one.rules]
    worst = ("（按最严处）" if zh else " (where gravest)") if len(one.areas_m2) > 1 else ""
    return Part(one.component, f"{one.text.of(lang)}{worst}", tuple(below), tuple(entries))


def _rule_lines(found: PlaceRule, lang: str) -> list[str]:
    rule, zh = found.rule, lang == "zh"
    area = "" if found.state == State.UNSCREENED else f" {hectares(found.area_m2, lang)}"
    layers = [SPECS[name].title if zh else SPECS[name].title_en for name in found.layers]
    state = state_text(found.state).of(lang)
    lines = [
        f"  [{rule.id}] {state}{area}: {rule.title.of(lang)}: {effect(rule, lang)}",
        f"      {rule.citation().of(lang)} [{grade_text(rule).of(lang)}]",
        f"      {'图层' if zh else 'layer'}: {('、' if zh else ', ').join(layers)}",
    ]
    if found.state == State.HIT:
        if found.frees.zh:
            lines.append(f"      {'出路' if zh else 'way out'}: {found.frees.of(lang)}")
        lines += documents_lines(rule, lang)
    return lines


def component_dict(one: PlaceComponent, lang: str) -> dict[str, Any]:
    """Return a component as plain data for JSON, texts in ``lang``."""
    return {
        "component": one.component.value,
        "verdict": int(one.verdict),
        "text": one.text.of(lang),
        "areas_m2": {verdict.name.lower(): area for verdict, area in one.areas_m2.items()},
        "unbuildable_m2": one.unbuildable_m2,
        "technical_unknown_m2": one.technical_unknown_m2,
        "screened": one.screened,
        "total": one.total,
        "rules": [
            {
                "id": found.rule.id,
                "title": found.rule.title.of(lang),
                "state": found.state.name.lower(),
                "area_m2": found.area_m2,
                "layers": list(found.layers),
                "effect": found.rule.effect.value,
                "citation": found.rule.citation().of(lang),
                "grade": found.rule.grade,
                "frees": found.frees.of(lang),
                "documents": [paper.of(lang) for paper in found.rule.documents],
            }
            for found in one.rules
        ],
    }
