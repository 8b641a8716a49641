"""The rules of a technology with the land each touches and the land it bars alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from atlas.parts._siting_words import TECH_NAME, Lang, land
from atlas.text import THIN
from geo.errors import Say
from siting.law.answer import EFFECT_TONE
from siting.law.terms import Effect
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
    """Return (covered, alone barred) land of each rule of a component. [m²].

    Alone: no other rule that bars or needs a route hits there or might hit (no data).
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
    """Return the rules of the footprint in groups, each with the land it touches."""
    footprint = one.footprint
    areas = rule_areas(study, footprint)
    legal: list[Block] = []
    technical: list[Block] = []
    unscreened: list[Block] = []
    for i in sorted(footprint.rules, key=lambda i: -areas[i][0]):
        rule = study.ruleset.rules[i]
        if i in footprint.unscreened:
            text = Say("未筛查", "unscreened").of(lang)
            note = Say("图层缺失", "layer absent").of(lang)
            unscreened.append(_rule_row(rule.title.of(lang), text, "unknown", "", note))
            continue
        covered, alone = areas[i]
        note = ""
        if alone > 0:
            amount = THIN.join(land(alone, lang))
            note = Say(f"只因此条挡住 {amount}", f"barred by this alone {amount}").of(lang)
        row = _rule_row(
            rule.title.of(lang), effect_text(rule).of(lang), EFFECT_TONE[rule.effect],
            THIN.join(land(covered, lang)), note,
        )  # fmt: skip
        (technical if rule.technical else legal).append(row)
    name = TECH_NAME[one.technology].of(lang)
    groups = [
        (Say(f"法律规则（{name}）", f"Law ({name})"), legal),
        (Say("技术限值（用户参数，非法律）", "Technical limits (parameters, no law)"), technical),
        (Say("未筛查", "Unscreened"), unscreened),
    ]
    rows = [{"title": t.of(lang), "rows": r} for t, r in groups if r]
    return {"type": "rules", "groups": rows}


def _rule_row(label: str, effect: str, tone: str, area: str, note: str) -> Block:
    return {"label": label, "effect": effect, "tone": tone, "area": area, "note": note}
