"""The rules in words: order, dates, papers to obtain, and the sheets 规则表 and 须办手续."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

import pandas as pd

from atlas.parts._siting_words import TECH_NAME, Lang
from geo.errors import Say
from layers.contract import SPECS
from siting.law.answer import EFFECT_TONE, frees, grade_text, reasons
from siting.law.overrides import Override
from siting.law.rules import Rule, RuleSet
from siting.law.terms import COMPONENT_ZH, EFFECT_ZH, TECHNOLOGY_ZH, Effect
from siting.law.verdict import effect_text
from siting.study import Study

#: Most severe first (truth.md B6); a technical limit is an axis of its own and no law.
EFFECT_ORDER: Final = (
    Effect.PROHIBITED, Effect.REPLAN_LINE, Effect.REPLAN_PROGRAMME, Effect.NATIONAL_PROJECT,
    Effect.LIMITED_ACTIVITY, Effect.APPROVAL, Effect.UNBUILDABLE, Effect.PENALTY,
    Effect.PREFERRED,
)  # fmt: skip
#: They move the score only: folded on a card.
_SCORE: Final = frozenset({Effect.PENALTY, Effect.PREFERRED})
_UNSTATED: Final = Say("是否适用未写明（结论未知）", "reach not stated (verdict unknown)")


def group_titles() -> tuple[Say, ...]:
    """Return the names of the groups of rules, most severe first."""
    names = []
    for effect in EFFECT_ORDER:
        if effect is Effect.APPROVAL:  # an unknown verdict is worse than an approval
            names.append(_UNSTATED)
        names.append(Say(EFFECT_ZH[effect], effect.value.replace("_", " ")))
    return tuple(names)


def group_of(rule: Rule) -> Say:
    """Return the name of a rule's group: its effect, unless nobody knows whether it applies."""
    if not rule.stated:
        return _UNSTATED
    return Say(EFFECT_ZH[rule.effect], rule.effect.value.replace("_", " "))


_RANK: Final = {title: number for number, title in enumerate(group_titles())}


def by_severity(rules: Sequence[Rule], chosen: Iterable[int]) -> list[int]:
    """Return indices of rules with the most severe group first, else in the order given."""
    return sorted(chosen, key=lambda i: _RANK[group_of(rules[i])])


def tone_of(rule: Rule) -> str:
    """Return the tone of a rule's line."""
    return EFFECT_TONE[rule.effect] if rule.stated else "unknown"


def reason_lines(
    study: Study, chosen: Iterable[int], lang: Lang, amounts: Mapping[int, str] | None = None
) -> list[dict[str, Any]]:
    """Return rules as the reason lines of a card, grouped by effect, most severe first."""
    rules = study.ruleset.rules
    order = by_severity(rules, chosen)
    lines: list[dict[str, Any]] = []
    for i, line in zip(order, reasons(study.ruleset, order, lang, amounts), strict=True):
        rule = rules[i]
        more: dict[str, Any] = {"group": group_of(rule).of(lang), "tone": tone_of(rule)}
        if rule.documents:
            more["documents"] = documents_text(rule).of(lang)
        if rule.effect in _SCORE and rule.stated:
            more["fold"] = True
        lines.append({**line, "law": rule_title(rule).of(lang), **more})
    return lines


def rule_title(rule: Rule) -> Say:
    """Return a rule's title; one of a scenario is marked as an assumption."""
    if not rule.scenario or rule.title.zh.startswith("假设"):
        return rule.title
    return Say(f"{rule.title.zh}（假设，非法律）", f"{rule.title.en} (assumption, no law)")


def dates_text(rule: Rule) -> Say:
    """Return from when to when a rule is in force, with its doubt."""
    first = rule.valid_from.isoformat()
    doubt = rule.dates == "memory"
    zh, en = f"{first} 起施行", f"in force from {first}"
    if rule.valid_to is not None:
        last = rule.valid_to.isoformat()
        zh, en = f"{zh}，至 {last}", f"{en} to {last}"
    if doubt:
        return Say(f"{zh}（日期待核）", f"{en} (dates to be verified)")
    return Say(zh, en)


def documents_text(rule: Rule) -> Say:
    """Return the papers to obtain where a rule hits, empty for none."""
    if not rule.documents:
        return Say("", "")
    return Say(
        f"须办：{'、'.join(one.zh for one in rule.documents)}",
        f"to obtain: {', '.join(one.en for one in rule.documents)}",
    )


def missing_text(study: Study, rule: Rule) -> Say:
    """Return why a rule is unscreened: the absent layers and the reason of each."""
    bits = study.table.bits
    layers: dict[str, Say] = {}
    for name in rule.expression.names():
        bit = bits.bit_of[name]
        if bit in bits.unscreened:
            layer = bits.predicates[bit].source_layer
            layers[layer] = bits.absent.get(layer, Say("", ""))
    zh = [_layer(SPECS[name].title, why.zh, "（{}）") for name, why in layers.items()]
    en = [_layer(SPECS[name].title_en, why.en, " ({})") for name, why in layers.items()]
    return Say(f"缺图层：{'、'.join(zh)}", f"layer absent: {', '.join(en)}")


def _layer(title: str, why: str, brackets: str) -> str:
    return f"{title}{brackets.format(why) if why else ''}"


def rules_sheet(study: Study) -> pd.DataFrame:
    """Return one row a rule in force, in the order of its severity."""
    rules = study.ruleset.rules
    asked = {i for one in study.technologies.values() for j in one.judgements.values()
             for i in j.rules}  # fmt: skip
    absent = {i for one in study.technologies.values() for j in one.judgements.values()
              for i in j.unscreened}  # fmt: skip
    rows = []
    for i in by_severity(rules, range(len(rules))):
        rule = rules[i]
        screened = missing_text(study, rule).zh if i in absent else "已筛查"
        rows.append(
            {
                "编号": rule.id,
                "规则": rule_title(rule).zh,
                "效力": effect_text(rule).zh,
                "性质": "技术限值（非法律）" if rule.technical else
                        "假设情景（非法律）" if rule.scenario else "法律",
                "技术": "、".join(TECHNOLOGY_ZH[one] for one in rule.technologies),
                "组成": "、".join(COMPONENT_ZH[one] for one in rule.components) or "全部",
                "法规": rule.instrument.zh,
                "文号": rule.doc_no,
                "条款": rule.clause,
                "施行": None if rule.technical else rule.valid_from.isoformat(),
                "失效": rule.valid_to.isoformat() if rule.valid_to else "",
                "日期": "" if rule.technical else "日期待核" if rule.dates == "memory" else "已读",
                "等级": grade_text(rule).zh,
                "筛查": screened if i in asked else "本次不涉及（其他技术）",
                "出路与审批机关": frees(rule, study.ruleset.predicates).zh,
                "须办": "、".join(one.zh for one in rule.documents),
                "来源": "; ".join(rule.sources),
                "说明": rule.note.zh,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def documents_sheet(study: Study) -> pd.DataFrame:
    """Return the papers to obtain: one row a paper, rule, technology and component."""
    rows = []
    for one in study.technologies.values():
        for component, judgement in one.judgements.items():
            for i in judgement.rules:
                rule = study.ruleset.rules[i]
                bodies = "；".join(route.text().zh for route in rule.routes)
                rows += [
                    {
                        "技术": TECH_NAME[one.technology].zh,
                        "组成": COMPONENT_ZH[component],
                        "须办手续": paper.zh,
                        "审批机关": bodies or "依据未写明",
                        "编号": rule.id,
                        "规则": rule_title(rule).zh,
                        "效力": effect_text(rule).zh,
                        "依据": rule.citation().zh,
                        "等级": grade_text(rule).zh,
                    }
                    for paper in rule.documents
                ]
    heads = ["技术", "组成", "须办手续", "审批机关", "编号", "规则", "效力", "依据", "等级"]
    return pd.DataFrame(rows, columns=heads)


class Ruled(Protocol):
    """Anything that was judged by a rule set."""

    @property
    def ruleset(self) -> RuleSet:
        """Rules of the run."""
        ...


def assumed(study: Ruled) -> Say | None:
    """Return which scenarios are switched on; none of them is law."""
    found = [_scenario(study, name) for name in study.ruleset.what_if]
    if not found:
        return None
    zh, en = "、".join(one.zh for one in found), ", ".join(one.en for one in found)
    return Say(f"假设情景：{zh}，非现行法律", f"what-if: {en}; not the law in force")


def supposed(study: Study, text: Say) -> Say:
    """Return an answer, marked where it rests on a what-if."""
    if not study.ruleset.what_if:
        return text
    return Say(f"假设情景（非法律）：{text.zh}", f"What-if (no law): {text.en}")


def _scenario(study: Ruled, name: str) -> Say:
    """Return a scenario by its id and the layers that its rows read."""
    layers = {
        study.ruleset.predicates[asked].source_layer: None
        for rule in study.ruleset.rules
        if rule.scenario == name
        for asked in rule.expression.names()
    }
    specs = [SPECS[layer] for layer in layers if layer in SPECS]
    zh, en = "与".join(one.title for one in specs), " and ".join(one.title_en for one in specs)
    return Say(f"{name} {zh}".strip(), f"{name} {en}".strip())


def changed(study: Ruled) -> Say | None:
    """Return how many rules the counties change, None for none."""
    rows = study.ruleset.overrides
    if not rows:
        return None
    n = len({row.rule for row in rows})
    return Say(f"已改动 {n} 条规则", f"{n} rule{'s' if n > 1 else ''} changed")


def marked(study: Study) -> tuple[Say, ...]:
    """Return what of the study is no law in force, or not as shipped."""
    return tuple(say for say in (assumed(study), changed(study)) if say is not None)


def overrides_sheet(study: Study) -> pd.DataFrame:
    """Return the county overrides in force: which county, which rule, why, on what basis."""
    rules = study.ruleset
    rows = [
        {
            "编号": row.id,
            "县市区": rules.county_rules.name(row).zh,
            "规则": row.rule,
            "变化": _change(row).zh,
            "理由": row.reason.zh,
            "依据": row.citation().zh,
            "施行": row.valid_from.isoformat(),
            "失效": row.valid_to.isoformat() if row.valid_to else "",
            "等级": row.grade,
            "来源": "; ".join(row.sources),
        }
        for row in rules.overrides
    ]
    return pd.DataFrame(rows)


def _change(row: Override) -> Say:
    """Return what an override does to its rule."""
    if row.effect is not None:
        zh, en = EFFECT_ZH[row.effect], row.effect.value.replace("_", " ")
        return Say(f"改为{zh}", f"becomes {en}")
    if row.parameters:
        told = "、".join(f"{key} = {value:g}" for key, value in row.parameters.items())
        return Say(f"数值改为 {told}", f"numbers become {told.replace('、', ', ')}")
    return Say("不适用", "does not hold")


def overrides_block(study: Study, lang: Lang) -> Mapping[str, Any] | None:
    """Return the county overrides in force as a block of the law tab, None without any."""
    rules = study.ruleset
    if not rules.overrides:
        return None
    titles = {rule.id: rule.title for table in rules.tables for rule in table.rules}
    rows = []
    for row in rules.overrides:
        name, title = rules.county_rules.name(row), titles[row.rule]
        days = f"{row.valid_from.isoformat()} – {row.valid_to.isoformat() if row.valid_to else ''}"
        more = [Say(f"等级 {row.grade}", f"grade {row.grade}").of(lang), days]
        rows.append(
            {
                "label": Say(f"{name.zh}：{title.zh}", f"{name.en}: {title.en}").of(lang),
                "effect": _change(row).of(lang),
                "tone": "warn",
                "note": row.reason.of(lang),
                "clause": row.citation().of(lang),
                "more": [*more, "; ".join(row.sources)],
            }
        )
    title = Say("县级调整（与全表不同）", "County overrides (unlike the whole table)")
    return {"type": "rules", "title": title.of(lang), "groups": [{"title": "", "rows": rows}]}
