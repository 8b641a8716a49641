"""The answer to "why, or why not here": values, text and JSON, and the lines of a card."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from geo.errors import Say
from geo.passport import Passport
from layers.contract import SPECS
from siting.law.predicates import SLOPE, Predicate
from siting.law.rules import Rule, RuleSet
from siting.law.terms import COMPONENT_ZH, TECHNOLOGY_ZH, Component, Effect, Technology
from siting.law.verdict import Mode, State, effect_text

DEMO_PREFIX: Final = Say("演示，无法律意义：", "demo, without legal meaning: ")
#: Tone of a card line by effect (colours of the shell).
EFFECT_TONE: Final = {
    Effect.PROHIBITED: "prohibited",
    Effect.UNBUILDABLE: "unbuildable",
    Effect.REPLAN_LINE: "route",
    Effect.REPLAN_PROGRAMME: "route",
    Effect.NATIONAL_PROJECT: "route",
    Effect.LIMITED_ACTIVITY: "limited",
    Effect.APPROVAL: "approval",
    Effect.PENALTY: "neutral",
    Effect.PREFERRED: "clear",
}
_STATE: Final = {
    State.CLEAR: Say("未触及", "not touched"),
    State.HIT: Say("触及", "hits"),
    State.UNCOVERED: Say("此处无数据", "no data here"),
    State.UNSCREENED: Say("未筛查（图层缺失）", "unscreened (layer absent)"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule at one place.

    Parameters
    ----------
    hits
        What of the rule's predicates holds here (for unknown ones: what cannot be told).
    frees
        What would free the ground: leaving it, a threshold, or the routes with their bodies.
    """

    rule: Rule
    state: State
    hits: Say
    frees: Say


@dataclass(frozen=True, slots=True)
class ComponentAnswer:
    """Verdict of one component and every rule behind it."""

    component: Component
    verdict: int
    text: Say
    unbuildable: bool
    technical_unknown: bool
    findings: tuple[Finding, ...]
    screened: int
    total: int

    def of_state(self, state: State) -> tuple[Finding, ...]:
        """Return the findings in ``state``."""
        return tuple(one for one in self.findings if one.state == state)


@dataclass(frozen=True, slots=True)
class Reading:
    """A value at the point; None where there is none."""

    label: Say
    value: float | None
    unit: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class WhyAnswer:
    """The answer for one point and one technology."""

    technology: Technology
    lonlat: tuple[float, float]
    cell: tuple[int, int]
    as_of: date
    mode: Mode
    jurisdiction: str | None
    readings: tuple[Reading, ...]
    components: tuple[ComponentAnswer, ...]
    absent: Mapping[str, Say]
    caveat: Say | None
    passport: Passport

    def to_text(self, lang: str = "zh") -> str:
        """Return the answer as lines of text in ``lang``."""
        lines = [_heading(self, lang), *_reading_lines(self, lang)]
        if self.caveat is not None:
            lines.append(f"  ! {self.caveat.of(lang)}")
        for one in self.components:
            lines.extend(["", *_component_lines(one, lang)])
        if self.absent:
            lines.append("")
            lines.append("未筛查的图层" if lang == "zh" else "layers not screened")
            for name, reason in self.absent.items():
                title = SPECS[name].title if lang == "zh" else SPECS[name].title_en
                lines.append(f"  {title}: {reason.of(lang)}")
        return "\n".join(lines)

    def to_dict(self, lang: str = "zh") -> dict[str, Any]:
        """Return the answer as plain data for JSON, texts in ``lang``."""
        return {
            "technology": self.technology.value,
            "lon": self.lonlat[0],
            "lat": self.lonlat[1],
            "as_of": self.as_of.isoformat(),
            "mode": self.mode,
            "jurisdiction": self.jurisdiction,
            "synthetic": self.passport.synthetic,
            "readings": [
                {"label": r.label.of(lang), "value": r.value, "unit": r.unit, "text": r.text}
                for r in self.readings
            ],
            "components": [_component_dict(one, lang) for one in self.components],
            "caveat": self.caveat.of(lang) if self.caveat else "",
            "absent": {name: reason.of(lang) for name, reason in self.absent.items()},
        }


def reasons(
    ruleset: RuleSet,
    hits: Sequence[int],
    lang: str = "zh",
    amounts: Mapping[int, str] | None = None,
) -> list[dict[str, str]]:
    """Return rules as the reason lines of a card.

    Parameters
    ----------
    hits
        Indices into ``ruleset.rules``.
    amounts
        Text such as ``12.3 公顷`` by rule index.

    Returns
    -------
    list
        ``{"law", "clause", "hits", "amount", "frees", "grade", "tone"}`` each.
    """
    rows: list[dict[str, str]] = []
    for i in hits:
        rule = ruleset.rules[i]
        names = rule.expression.affirmed()
        titles = [ruleset.predicates[name].title.of(lang) for name in names]
        rows.append(
            {
                "law": rule.title.of(lang),
                "clause": rule.citation().of(lang),
                "hits": ("、" if lang == "zh" else ", ").join(titles),
                "amount": (amounts or {}).get(i, ""),
                "frees": frees(rule, ruleset.predicates).of(lang),
                "grade": grade_text(rule).of(lang),
                "tone": EFFECT_TONE[rule.effect],
            }
        )
    return rows


def frees(rule: Rule, predicates: Mapping[str, Predicate], slope_deg: float | None = None) -> Say:
    """Return what would free the ground from a rule: a route, a threshold, or leaving.

    Parameters
    ----------
    predicates
        By name; bound to the user's limits where those are to be printed.
    slope_deg
        Slope at the place, to be named beside its limit. [°]
    """
    if rule.routes:
        return Say(
            "；".join(route.text().zh for route in rule.routes),
            "; ".join(route.text().en for route in rule.routes),
        )
    for name in rule.expression.names():
        limit = _threshold(predicates[name], slope_deg)
        if limit is not None and rule.effect in {Effect.PROHIBITED, Effect.UNBUILDABLE}:
            return limit
    if rule.technical:
        return Say("移出该范围（用户参数，非法律）", "leave the area (user parameter, no law)")
    if rule.effect is Effect.PROHIBITED:
        return Say("无合法路径，须移出该范围", "no lawful route: leave the area")
    return Say("", "")


def _threshold(predicate: Predicate, slope_deg: float | None) -> Say | None:
    """Return the value that would pass a predicate, None when it has no number."""
    if predicate.layer == SLOPE:
        here = slope_deg is not None and math.isfinite(slope_deg)
        zh, en = (f"坡度 {slope_deg:.1f}°，", f"slope {slope_deg:.1f}°; ") if here else ("", "")
        if isinstance(predicate.above, str):
            return Say(f"{zh}放宽坡度限值（用户参数）", f"{en}a wider slope limit (user parameter)")
        return Say(
            f"{zh}不大于 {predicate.above:g}° 即可（用户参数）",
            f"{en}{predicate.above:g}° or less would pass (user parameter)",
        )
    if isinstance(predicate.at_least, float):
        spec = SPECS[predicate.layer]
        at = f"{predicate.at_least:g} {spec.unit}"
        return Say(
            f"{spec.title}低于 {at} 则不受此条限制",
            f"{spec.title_en.lower()} below {at} would pass this rule",
        )
    if isinstance(predicate.buffer_m, float) and predicate.buffer_m > 0:
        return Say(
            f"离开 {predicate.buffer_m:g} m 以外即可（用户参数）",
            f"more than {predicate.buffer_m:g} m away would pass (user parameter)",
        )
    return None


def grade_text(rule: Rule) -> Say:
    """Return the grade with its labels, e.g. ``B 依据待核``."""
    if rule.technical:
        return Say("用户参数", "user parameter")
    marks_zh: list[str] = [rule.grade]
    marks_en: list[str] = [rule.grade]
    if rule.weak or rule.grade == "B":
        marks_zh.append("依据待核")
        marks_en.append("basis to be verified")
    if not rule.decides:
        marks_zh.append("仅供参考")
        marks_en.append("shown only")
    if rule.dates == "memory":
        marks_zh.append("日期待核")
        marks_en.append("dates to be verified")
    return Say(" ".join(marks_zh), ", ".join(marks_en))


def _component_dict(one: ComponentAnswer, lang: str) -> dict[str, Any]:
    return {
        "component": one.component.value,
        "verdict": one.verdict,
        "text": one.text.of(lang),
        "unbuildable": one.unbuildable,
        "technical_unknown": one.technical_unknown,
        "screened": one.screened,
        "total": one.total,
        "rules": [
            {
                "id": f.rule.id,
                "title": f.rule.title.of(lang),
                "state": f.state.name.lower(),
                "effect": f.rule.effect.value,
                "effect_text": effect_text(f.rule).of(lang),
                "citation": f.rule.citation().of(lang),
                "grade": f.rule.grade,
                "hits": f.hits.of(lang),
                "frees": f.frees.of(lang),
                "routes": [
                    {"effect": r.effect.value, "body": r.text().of(lang)} for r in f.rule.routes
                ],
                "note": f.rule.note.of(lang),
            }
            for f in one.findings
        ],
    }


def _heading(answer: WhyAnswer, lang: str) -> str:
    """Return the first line of a printed answer."""
    lon, lat = answer.lonlat
    if lang == "zh":
        name = TECHNOLOGY_ZH[answer.technology]
        return f"{name}　{lon:.5f}, {lat:.5f}　法律日期 {answer.as_of.isoformat()}"
    return f"{answer.technology.value} {lon:.5f}, {lat:.5f}, law as of {answer.as_of.isoformat()}"


def _component_name(component: Component, lang: str) -> str:
    """Return a component's name in ``lang``."""
    return COMPONENT_ZH[component] if lang == "zh" else component.value.replace("_", " ")


def _reading_lines(answer: WhyAnswer, lang: str) -> list[str]:
    lines: list[str] = []
    for one in answer.readings:
        if one.value is None:
            shown = "无数据" if lang == "zh" else "no data"
        elif one.unit == "class":
            shown = one.text or f"{one.value:g}"
        else:
            shown = f"{one.value:.1f} {one.unit}".replace(" °", "°")
        lines.append(f"  {one.label.of(lang)}: {shown}")
    return lines


def _component_lines(one: ComponentAnswer, lang: str) -> list[str]:
    lines = [f"{_component_name(one.component, lang)}: {one.text.of(lang)}"]
    if one.unbuildable:
        lines.append(
            "  技术不可建（非法律）" if lang == "zh" else "  technically unbuildable (no law)"
        )
    elif one.technical_unknown:
        lines.append("  技术条件未知" if lang == "zh" else "  technical limits unknown")
    for finding in one.findings:
        rule = finding.rule
        citation = rule.citation().of(lang)
        state = _STATE[finding.state].of(lang)
        lines.append(f"  [{rule.id}] {state}: {rule.title.of(lang)}: {effect_text(rule).of(lang)}")
        lines.append(f"      {citation} [{grade_text(rule).of(lang)}]")
        if finding.hits.zh:
            lines.append(f"      {'对象' if lang == 'zh' else 'on'}: {finding.hits.of(lang)}")
        if finding.frees.zh and finding.state == State.HIT:
            lines.append(f"      {'出路' if lang == 'zh' else 'way out'}: {finding.frees.of(lang)}")
        if rule.note.zh:
            lines.append(f"      {'说明' if lang == 'zh' else 'note'}: {rule.note.of(lang)}")
    return lines
