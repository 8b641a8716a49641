"""What the rules say of one place: findings by component, and the lines of a card."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from geo.errors import Say
from layers.contract import SPECS
from siting.law.least_change import LeastChange
from siting.law.nearest_free import Nearest
from siting.law.predicates import SLOPE, Predicate
from siting.law.rules import Rule, RuleSet
from siting.law.terms import Component, Effect, State

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


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule at one place.

    Parameters
    ----------
    hits
        What of the rule's predicates holds here (for unknown ones: what cannot be told).
    frees
        What would free the ground: leaving it, a threshold, or the routes with their bodies.
    change
        For a rule that loses the point: how far to leave it, which number would pass.
    """

    rule: Rule
    state: State
    hits: Say
    frees: Say
    change: LeastChange | None = None


@dataclass(frozen=True, slots=True)
class ComponentAnswer:
    """Verdict of one component and every rule behind it.

    Parameters
    ----------
    nearest
        Nearest ground that the component may have; None where this ground is such, or where
        nobody searched.
    """

    component: Component
    verdict: int
    text: Say
    unbuildable: bool
    technical_unknown: bool
    findings: tuple[Finding, ...]
    screened: int
    total: int
    nearest: Nearest | None = None

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
