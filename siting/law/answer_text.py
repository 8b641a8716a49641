"""Findings in words and as JSON: lines of rules and components, for a point or a place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from geo.errors import Say
from layers.contract import SPECS
from siting.law.findings import ComponentAnswer, Finding, Reading, grade_text
from siting.law.fold import Entry, Part, folded, name_of
from siting.law.least_change import LeastChange
from siting.law.nearest_free import Nearest
from siting.law.rules import WHAT_IF, Rule
from siting.law.terms import Component, State
from siting.law.verdict import effect_text

_STATE: Final = {
    State.CLEAR: Say("未触及", "not touched"),
    State.HIT: Say("触及", "hits"),
    State.UNCOVERED: Say("此处无数据", "no data here"),
    State.UNSCREENED: Say("未筛查（图层缺失）", "unscreened (layer absent)"),
    State.EXEMPT: Say(
        "豁免（已建或已核准设施已通过）", "exempt (a built or approved facility has passed it)"
    ),
}


def state_text(state: State) -> Say:
    """Return what a rule says of a place."""
    return _STATE[state]


def component_name(component: Component, lang: str) -> str:
    """Return a component's name in ``lang``."""
    return name_of(component, lang)


def banner(what_if: Sequence[str], lang: str) -> list[str]:
    """Return the line that has to stand first when a what-if is switched on."""
    return [f"! {WHAT_IF.of(lang)}: {', '.join(what_if)}"] if what_if else []


def effect(rule: Rule, lang: str) -> str:
    """Return the effect of a rule, and that its instrument leaves open whom it means."""
    text = effect_text(rule).of(lang)
    if rule.stated:
        return text
    return f"{text}（是否适用未写明）" if lang == "zh" else f"{text} (does not say if it applies)"


def documents_lines(rule: Rule, lang: str) -> list[str]:
    """Return the papers to obtain where a rule hits."""
    if not rule.documents:
        return []
    papers = [paper.of(lang) for paper in rule.documents]
    word = "须取得" if lang == "zh" else "papers to obtain"
    return [f"      {word}: {('、' if lang == 'zh' else '; ').join(papers)}"]


def absent_lines(absent: Mapping[str, Say], lang: str) -> list[str]:
    """Return the layers that were not screened, and why."""
    if not absent:
        return []
    lines = ["", "未筛查的图层" if lang == "zh" else "layers not screened"]
    for name, reason in absent.items():
        title = SPECS[name].title if lang == "zh" else SPECS[name].title_en
        lines.append(f"  {title}: {reason.of(lang)}")
    return lines


def reading_lines(readings: Sequence[Reading], lang: str) -> list[str]:
    """Return the values at a point, one a line."""
    lines: list[str] = []
    for one in readings:
        if one.value is None:
            shown = "无数据" if lang == "zh" else "no data"
        elif one.unit == "class":
            shown = one.text or f"{one.value:g}"
        else:
            shown = f"{one.value:.1f} {one.unit}".replace(" °", "°").replace("m2", "m²")
        lines.append(f"  {one.label.of(lang)}: {shown}")
    return lines


def component_lines(components: Sequence[ComponentAnswer], lang: str) -> list[str]:
    """Return the verdict of each component with its nearest free ground, then the rules."""
    return folded([_part(one, lang) for one in components], lang)


def _part(one: ComponentAnswer, lang: str) -> Part:
    zh = lang == "zh"
    below: list[str] = []
    if one.unbuildable:
        below.append("  技术不可建（非法律）" if zh else "  technically unbuildable (no law)")
    elif one.technical_unknown:
        below.append("  技术条件未知" if zh else "  technical limits unknown")
    if one.nearest is not None:
        word = "最近的可用地" if zh else "nearest usable ground"
        below.append(f"  {word}: {one.nearest.text().of(lang)}")
    entries = [Entry(f.rule, f.state, tuple(_finding_lines(f, lang))) for f in one.findings]
    return Part(one.component, one.text.of(lang), tuple(below), tuple(entries))


def _finding_lines(finding: Finding, lang: str) -> list[str]:
    rule, zh = finding.rule, lang == "zh"
    state = _STATE[finding.state].of(lang)
    lines = [
        f"  [{rule.id}] {state}: {rule.title.of(lang)}: {effect(rule, lang)}",
        f"      {rule.citation().of(lang)} [{grade_text(rule).of(lang)}]",
    ]
    if finding.hits.zh:
        lines.append(f"      {'对象' if zh else 'on'}: {finding.hits.of(lang)}")
    if finding.frees.zh and finding.state == State.HIT:
        lines.append(f"      {'出路' if zh else 'way out'}: {finding.frees.of(lang)}")
    if finding.change is not None:
        lines.append(
            f"      {'最小改变' if zh else 'least change'}: {_change(finding.change, lang)}"
        )
    if finding.state == State.HIT:
        lines += documents_lines(rule, lang)
    if rule.note.zh:
        lines.append(f"      {'说明' if zh else 'note'}: {rule.note.of(lang)}")
    return lines


def _change(change: LeastChange, lang: str) -> str:
    parts = [change.text().of(lang), *(one.text().of(lang) for one in change.thresholds)]
    return ("；" if lang == "zh" else "; ").join(parts)


def component_dict(one: ComponentAnswer, lang: str) -> dict[str, Any]:
    """Return a component as plain data for JSON, texts in ``lang``."""
    return {
        "component": one.component.value,
        "verdict": one.verdict,
        "text": one.text.of(lang),
        "unbuildable": one.unbuildable,
        "technical_unknown": one.technical_unknown,
        "screened": one.screened,
        "total": one.total,
        "nearest": None if one.nearest is None else _nearest_dict(one.nearest, lang),
        "rules": [_finding_dict(finding, lang) for finding in one.findings],
    }


def _nearest_dict(nearest: Nearest, lang: str) -> dict[str, Any]:
    lon, lat = nearest.lonlat or (None, None)
    return {
        "distance_m": nearest.distance_m,
        "bearing_deg": nearest.bearing_deg,
        "lon": lon,
        "lat": lat,
        "searched_m": nearest.searched_m if math.isfinite(nearest.searched_m) else None,
        "text": nearest.text().of(lang),
    }


def _finding_dict(finding: Finding, lang: str) -> dict[str, Any]:
    rule = finding.rule
    return {
        "id": rule.id,
        "title": rule.title.of(lang),
        "state": finding.state.name.lower(),
        "effect": rule.effect.value,
        "effect_text": effect_text(rule).of(lang),
        "citation": rule.citation().of(lang),
        "grade": rule.grade,
        "hits": finding.hits.of(lang),
        "frees": finding.frees.of(lang),
        "change": None if finding.change is None else _change_dict(finding.change, lang),
        "routes": [{"effect": r.effect.value, "body": r.text().of(lang)} for r in rule.routes],
        "documents": [paper.of(lang) for paper in rule.documents],
        "note": rule.note.of(lang),
    }


def _change_dict(change: LeastChange, lang: str) -> dict[str, Any]:
    move = change.move
    return {
        "move_m": None if move is None else move.distance_m,
        "bearing_deg": None if move is None else move.bearing_deg,
        "lon": None if move is None else move.lonlat[0],
        "lat": None if move is None else move.lonlat[1],
        "searched_m": change.searched_m,
        "text": change.text().of(lang),
        "thresholds": [
            {"name": t.name.of(lang), "here": t.here, "limit": t.limit, "unit": t.unit,
             "user": t.user}
            for t in change.thresholds
        ],
    }  # fmt: skip
