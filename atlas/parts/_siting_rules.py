"""The rules of a technology on the map: grouped by effect, each with the land it touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from atlas.parts._siting_law import (
    EFFECT_ORDER,
    dates_text,
    documents_text,
    missing_text,
    rule_title,
)
from atlas.parts._siting_secret import WITHHELD, secret_rules
from atlas.parts._siting_words import TECH_NAME, Lang, land
from atlas.text import THIN
from geo.errors import Say
from siting.law.answer import EFFECT_TONE, frees, grade_text
from siting.law.rules import Rule
from siting.law.terms import EFFECT_ZH, Effect
from siting.law.verdict import Judgement, State, effect_text
from siting.sites.land import eligible_patterns
from siting.study import Study, TechnologyStudy

_BARS: Final = {
    Effect.PROHIBITED,
    Effect.REPLAN_LINE,
    Effect.REPLAN_PROGRAMME,
    Effect.NATIONAL_PROJECT,
    Effect.LIMITED_ACTIVITY,
    Effect.UNBUILDABLE,
}
Block = Mapping[str, Any]


def rule_areas(study: Study, judgement: Judgement) -> dict[int, tuple[float, float]]:
    """Return (covered, usable but for it) land of each rule of a component. [m²].

    The second: no other rule that bars or needs a route hits there or might hit (no data).
    """
    area = study.table.area_m2[1:].sum(axis=0)
    hit = judgement.state == State.HIT
    bars = [
        study.ruleset.rules[i].effect in _BARS and study.ruleset.rules[i].decides
        for i in judgement.rules
    ]
    barred = hit[:, np.array(bars, bool)].sum(axis=1) if judgement.rules else np.zeros(hit.shape[0])
    doubt = (judgement.state == State.UNCOVERED)[:, np.array(bars, bool)].any(axis=1)
    sole = (barred == 1) & ~doubt & ~eligible_patterns(judgement) & ~judgement.technical_unknown
    out = {}
    for column, i in enumerate(judgement.rules):
        alone = float(area @ (hit[:, column] & sole)) if bars[column] else 0.0
        out[i] = (float(area @ hit[:, column]), alone)
    return out


def rules_block(study: Study, one: TechnologyStudy, lang: Lang) -> Block:
    """Return the rules of the footprint in groups that fold, the most severe one open."""
    footprint = one.footprint
    areas = rule_areas(study, footprint)
    secret = secret_rules(study)
    by_effect: dict[Effect, list[Block]] = {effect: [] for effect in EFFECT_ORDER}
    untouched: list[Block] = []
    unscreened: list[Block] = []
    for i in sorted(footprint.rules, key=lambda i: -areas[i][0]):
        rule = study.ruleset.rules[i]
        row = {"label": rule_title(rule).of(lang), **_unfolded(study, rule, lang)}
        if i in footprint.unscreened:
            note = missing_text(study, rule).of(lang)
            unscreened.append(
                {**row, "effect": effect_text(rule).of(lang), "tone": "unknown", "note": note}
            )
            continue
        covered, alone = areas[i]
        row |= {"effect": _mark(rule).of(lang), "tone": EFFECT_TONE[rule.effect]}
        if i in secret:
            by_effect[rule.effect].append({**row, "note": WITHHELD.of(lang)})
        elif covered <= 0:
            untouched.append({**row, "effect": effect_text(rule).of(lang)})
        else:
            row["area"] = THIN.join(land(covered, lang))
            if alone > 0:
                amount = THIN.join(land(alone, lang))
                sole = Say(f"去掉此条即可用 {amount}", f"usable but for this {amount}")
                row["note"] = sole.of(lang)
            by_effect[rule.effect].append(row)
    return _block(study, one, by_effect, untouched, unscreened, lang)


def _block(
    study: Study,
    one: TechnologyStudy,
    by_effect: Mapping[Effect, Sequence[Block]],
    untouched: Sequence[Block],
    unscreened: Sequence[Block],
    lang: Lang,
) -> Block:
    groups = []
    for effect, rows in by_effect.items():
        title = Say(EFFECT_ZH[effect], effect.value.replace("_", " "))
        if effect is Effect.UNBUILDABLE:
            title = Say("技术不可建（用户参数，非法律）", "unbuildable (parameters, no law)")
        groups.append((title, EFFECT_TONE[effect], rows))
    groups.append(
        (Say("已筛查，本区未触及", "screened, touches nothing here"), "neutral", untouched)
    )
    groups.append((Say("未筛查", "unscreened"), "unknown", unscreened))
    shown: list[dict[str, Any]] = [
        {
            "title": title.of(lang),
            "tone": tone,
            "sum": Say(f"{len(rows)} 条", str(len(rows))).of(lang),
            "rows": list(rows),
        }
        for title, tone, rows in groups
        if rows
    ]
    for number, group in enumerate(shown):
        group["open"] = number == 0
    name, total = TECH_NAME[one.technology], sum(len(group["rows"]) for group in shown)
    day = study.as_of.isoformat()
    title = Say(f"规则（{name.zh}，{total} 条）", f"Rules ({name.en}, {total})")
    note = Say(
        f"{day} 有效的规则；点一条看依据、施行日期与证据等级；全表见 tables.xlsx 的“规则表”",
        f"rules in force on {day}; open one for its clause, dates and grade; the whole table is"
        " in tables.xlsx",
    )
    return {"type": "rules", "title": title.of(lang), "groups": shown, "note": note.of(lang)}


def _mark(rule: Rule) -> Say:
    """Return what the line of a rule adds to the effect that its group already names."""
    zh = [] if rule.decides else ["仅供参考"]
    en = [] if rule.decides else ["shown only"]
    if not rule.stated:
        zh.append("是否适用未写明")
        en.append("reach not stated")
    if rule.weak or rule.grade == "B":
        zh.append("依据待核")
        en.append("basis to be verified")
    if rule.dates == "memory":
        zh.append("日期待核")
        en.append("dates to be verified")
    return Say(" ".join(zh), ", ".join(en))


def _unfolded(study: Study, rule: Rule, lang: Lang) -> Block:
    """Return what unfolds under a rule: law, way out, dates, grade, papers, note."""
    said = [grade_text(rule), rule.note]  # a user's parameter has neither clause nor date
    if not rule.technical:
        grade = Say(f"证据等级 {grade_text(rule).zh}", f"grade {grade_text(rule).en}")
        said = [dates_text(rule), grade, documents_text(rule), rule.note]
    return {
        "clause": "" if rule.technical else rule.citation().of(lang),
        "frees": frees(rule, study.ruleset.predicates).of(lang),
        "more": [text.of(lang) for text in said if text.of(lang)],
    }
