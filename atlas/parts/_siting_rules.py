"""The rules of a technology on the map: grouped by effect, each with the land it touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from atlas.parts._siting_law import (
    dates_text,
    documents_text,
    group_of,
    group_titles,
    missing_text,
    rule_title,
    tone_of,
)
from atlas.parts._siting_secret import WITHHELD, secret_rules
from atlas.parts._siting_words import TECH_NAME, Lang, land
from atlas.text import THIN
from geo.errors import Say
from siting.law.answer import frees, grade_text
from siting.law.causes import causes_of
from siting.law.rules import Rule
from siting.law.terms import EFFECT_ZH, Effect
from siting.law.verdict import Judgement, State
from siting.study import Study, TechnologyStudy

_IDLE: Final = Say("已筛查，本区未触及", "screened, touches nothing here")
_OPEN: Final = Say("未筛查", "unscreened")
_LIMITS: Final = Say("技术不可建（用户参数，非法律）", "unbuildable (parameters, no law)")
Block = Mapping[str, Any]


def rule_areas(study: Study, judgement: Judgement) -> dict[int, tuple[float, float]]:
    """Return (covered, usable but for it) land of each rule of a component. [m²].

    The second: the rule hits there, and no other rule keeps the land from being usable, be it
    that it might hit (no data).
    """
    area = study.table.area_m2[1:].sum(axis=0)
    causes = causes_of(judgement)
    sole = dict(zip((rule.id for rule in causes.rules), causes.sole().T, strict=True))
    hit = judgement.state == State.HIT
    out = {}
    for column, i in enumerate(judgement.rules):
        here, alone = hit[:, column], sole.get(judgement.ruleset.rules[i].id)
        freed = 0.0 if alone is None else float(area @ (here & alone))
        out[i] = (float(area @ here), freed)
    return out


def rules_block(study: Study, one: TechnologyStudy, lang: Lang) -> Block:
    """Return the rules of the footprint in groups that fold, the most severe one open."""
    footprint = next(iter(one.new_works.values()))  # land is counted for new works
    areas = rule_areas(study, footprint)
    secret = secret_rules(study)
    groups: dict[Say, list[Block]] = {title: [] for title in (*group_titles(), _IDLE, _OPEN)}
    for i in sorted(footprint.rules, key=lambda i: -areas[i][0]):
        rule = study.ruleset.rules[i]
        row = {
            "label": rule_title(rule).of(lang),
            "effect": "",
            "tone": tone_of(rule),
            **_unfolded(study, rule, lang),
        }
        group, said = group_of(rule), [_mark(rule)]
        if i in footprint.unscreened:
            group, said = _OPEN, [missing_text(study, rule)]
            row |= {"effect": group_of(rule).of(lang), "tone": "unknown"}
        elif i in secret:
            said.append(WITHHELD)
        elif areas[i][0] <= 0:
            group = _IDLE
            row["effect"] = group_of(rule).of(lang)
        else:
            row["area"] = THIN.join(land(areas[i][0], lang))
            said.insert(0, _freed(areas[i][1], lang))
        row["note"] = " · ".join(text.of(lang) for text in said if text.of(lang))
        groups[group].append(row)
    return _block(study, one, groups, lang)


def _freed(area_m2: float, lang: Lang) -> Say:
    """Return the land that a rule alone keeps from being usable, empty for none."""
    if area_m2 <= 0:
        return Say("", "")
    amount = THIN.join(land(area_m2, lang))
    return Say(f"去掉此条即可用 {amount}", f"usable but for this {amount}")


def _block(
    study: Study, one: TechnologyStudy, groups: Mapping[Say, Sequence[Block]], lang: Lang
) -> Block:
    shown: list[dict[str, Any]] = []
    for title, rows in groups.items():
        if rows:
            said = _LIMITS if title.zh == EFFECT_ZH[Effect.UNBUILDABLE] else title
            shown.append(
                {
                    "title": said.of(lang),
                    "tone": "neutral" if title is _IDLE else rows[0]["tone"],
                    "sum": Say(f"{len(rows)} 条", str(len(rows))).of(lang),
                    "open": not shown,
                    "rows": list(rows),
                }
            )
    name, total = TECH_NAME[one.technology], sum(len(rows) for rows in groups.values())
    day = study.as_of.isoformat()
    title = Say(f"规则（{name.zh}，{total} 条）", f"Rules ({name.en}, {total})")
    note = Say(
        f"{day} 有效的规则；点一条看依据、施行日期与证据等级；全表见 tables.xlsx 的“规则表”",
        f"rules in force on {day}; open one for its clause, dates and grade; the whole table is"
        " in tables.xlsx",
    )
    return {"type": "rules", "title": title.of(lang), "groups": shown, "note": note.of(lang)}


def _mark(rule: Rule) -> Say:
    """Return the doubts of a rule: its basis, its dates, that it is shown only."""
    zh = [] if rule.decides else ["仅供参考"]
    en = [] if rule.decides else ["shown only"]
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
