"""The targets of the plan: target, deadline, installed to date, remaining, conflict."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pandas as pd

from atlas.part import Tab
from atlas.parts import _storage_words as words
from atlas.text import figure
from geo.errors import Say
from geo.sourced import Variant
from layers.facts import Facts, Target
from sinks.forest.definitions import BY_ID

TITLE: Final = Say("目标", "Targets")
_UNKNOWN: Final = Say("未见", "unknown")
_LATE: Final = Say("已到期", "past due")
_OPEN: Final = Say("未到期", "open")
_UNSETTLED: Final = Say("口径未定", "not settled")
_PART_OF: Final = Say("有出处的已建", "plants with a source")


def _year(target: Target, lang: str) -> str:
    name = target.title.of(lang)
    if target.deadline is None:
        return name
    year = target.deadline.year
    return f"{year} 年{name}" if lang == "zh" else f"{name} {year}"


def _amount(value: float, target: Target, lang: str) -> str:
    shown, unit = words.local(value, target.unit, lang)
    return words.with_unit(figure(shown), unit, lang)


def _goal(target: Target, lang: str) -> str:
    return _exact(target.value, target, lang)


def _exact(value: float, target: Target, lang: str) -> str:
    shown, unit = words.local(value, target.unit, lang)
    return words.with_unit(words.as_published(shown), unit, lang)


def _semi(lang: str) -> str:
    return "；" if lang == "zh" else "; "


def _variant(one: Variant, lang: str) -> str:
    """Return the label of a definition: ``D1（2023）`` or ``D1 (2023)``."""
    return one.note if lang == "zh" else one.note.replace("（", " (").replace("）", ")")


def installed_text(target: Target, lang: str) -> str:
    """Return what is known to be installed, with its kind and date."""
    if target.installed_kind == "by_definition":
        return _semi(lang).join(
            f"{_variant(v, lang)} {figure(v.value)}" for v in target.installed.variants
        )
    if target.installed.value is None:
        return _UNSETTLED.of(lang) if target.installed_kind == "unsettled" else _UNKNOWN.of(lang)
    text = _exact(target.installed.value, target, lang)
    said = f"{target.installed_as_of}, {target.installed.source}"
    if target.installed_kind == "sum_of_sourced":
        said = f"{_PART_OF.of(lang)}, {said}"
    return f"{text} ({said})"


def remaining_text(target: Target, lang: str) -> str:
    """Return every reading of what remains; one that reads 0 is said to be reached."""
    reached = Say("已到", "reached").of(lang)
    colon = "：" if lang == "zh" else ": "
    cases = [
        f"{name.of(lang)}{colon}{_amount(left, target, lang) if left > 0 else reached}"
        for name, left in target.remaining_cases()
    ]
    return _semi(lang).join(cases) or _UNKNOWN.of(lang)


def summary(facts: Facts, as_of: date, lang: str) -> list[dict[str, Any]]:
    """Return the targets as JSON-ready objects."""
    return [
        {
            "id": t.id,
            "title": t.title.of(lang),
            "target": t.value,
            "unit": t.unit,
            "deadline": t.deadline.isoformat() if t.deadline else None,
            "installed": t.installed.value,
            "installed_kind": t.installed_kind,
            "installed_as_of": t.installed_as_of or None,
            "by_definition": {v.note: round(v.value, 4) for v in t.installed.variants} or None,
            "remaining": None if t.remaining() is None else round(t.remaining() or 0.0, 4),
            "status": t.status_line(as_of).of(lang),
            "source": t.target.source,
        }
        for t in facts.targets
    ]


def sentence(facts: Facts, as_of: date) -> Say:
    """Return the answer of the tab: what is past its deadline, what is known, what is short."""
    return Say(_sentence(facts, as_of, "zh"), _sentence(facts, as_of, "en"))


def _sentence(facts: Facts, as_of: date, lang: str) -> str:
    zh = lang == "zh"
    late = sum(t.overdue(as_of) for t in facts.targets)
    count = len(facts.targets)
    if late:
        first = Say(
            f"{count} 项规划目标中 {late} 项已到期、官方结果未见",
            f"{late} of {count} targets are past their deadline without an official result",
        )
    else:
        first = Say(f"{count} 项规划目标均未到期", f"none of {count} targets is past its deadline")
    parts = [first.of(lang)]
    known = "有出处的已建 " if zh else ", plants with a source: "
    parts += [
        f"{t.title.of(lang)}{known}{_of_goal(t, lang)}"
        for t in facts.targets
        if t.installed_kind == "sum_of_sourced"
    ]
    parts += [
        f"{t.title.of(lang)} {_of_goal(t, lang)}{'，差 ' if zh else ', short by '}"
        f"{_amount(t.remaining() or 0.0, t, lang)}"
        for t in facts.targets
        if t.installed_kind == "reported" and t.remaining()
    ]
    return _semi(lang).join(parts)


def _of_goal(target: Target, lang: str, reached: float | None = None) -> str:
    """Return ``22 / 320 万千瓦``: what is known to be installed over the target."""
    value = target.installed.value if reached is None else reached
    if value is None:
        none = _UNSETTLED if target.installed_kind == "unsettled" else _UNKNOWN
        return f"{none.of(lang)} / {_goal(target, lang)}"
    shown = words.local(value, target.unit, lang)[0]
    text = words.as_published(shown) if reached is None else figure(shown)
    return f"{text} / {_goal(target, lang)}"


def _rows(target: Target, lang: str) -> list[list[Any]]:
    """Return the rows of one target: one, or one a definition."""
    if not target.installed.variants:
        return [[_short_name(target, lang), _of_goal(target, lang), _bar(target, None)]]
    return [
        [
            f"{_short_name(target, lang)} {_variant(variant, lang)}",
            _of_goal(target, lang, variant.value),
            _bar(target, variant.value),
        ]
        for variant in target.installed.variants
    ]


def _short_name(target: Target, lang: str) -> str:
    year = f"{target.deadline.year} " if target.deadline else ""
    return f"{year}{target.title.of(lang)}"


def _bar(target: Target, reached: float | None) -> dict[str, Any] | str:
    value = target.installed.value if reached is None else reached
    if value is None:
        return "—"
    tone = "warn" if target.installed_kind == "sum_of_sourced" else "neutral"
    return {"value": min(value / target.value, 1.0), "tone": tone}


def _pill(target: Target, as_of: date) -> Say:
    if target.deadline is None:
        return target.status_line(as_of)
    return _LATE if target.overdue(as_of) else _OPEN


def _definitions(facts: Facts, lang: str) -> str:
    """Return what each definition divides by what, as the series states it."""
    if lang != "zh":
        known = sorted({p.definition for p in facts.forest_series if p.definition[:1] == "D"})
        return "; ".join(BY_ID[name].title.en for name in known)
    found = {
        p.definition: f"{p.definition} {p.numerator} / {p.area_basis}"
        for p in facts.forest_series
        if p.definition.startswith("D")
    }
    return "；".join(found[key] for key in sorted(found))


def _card(target: Target, facts: Facts, as_of: date, lang: str) -> dict[str, Any]:
    conflicts = conflict_notes(facts, lang)
    deadline = target.deadline.isoformat() if target.deadline else words.NOT_PUBLISHED.of(lang)
    own = (
        Say(target.installed_note, target.installed_note_en),
        Say(target.note, target.note_en),
        _newer(target, as_of),
    )
    notes = [text for text in (one.of(lang) for one in own) if text]
    if target.installed.variants:
        notes.append(_definitions(facts, lang))
    if target.conflict in conflicts:
        colon = "：" if lang == "zh" else ": "
        notes.append(f"{target.conflict}{colon}{conflicts[target.conflict]}")
    return {
        "id": target.id,
        "title": f"{_year(target, lang)} {_goal(target, lang)}",
        "pill": {
            "text": _pill(target, as_of).of(lang),
            "tone": "warn" if target.overdue(as_of) else "neutral",
        },
        "headline": [],
        "rows": [
            _line(Say("期限", "deadline"), deadline, target.target.source, lang),
            _line(Say("状态", "status"), target.status_line(as_of).of(lang), "", lang),
            _line(Say("已建", "installed"), installed_text(target, lang), "", lang),
            _line(Say("尚差", "remaining"), remaining_text(target, lang), "", lang),
        ],
        "notes": notes,
    }


def _line(label: Say, value: str, note: str, lang: str) -> dict[str, str]:
    return {"label": label.of(lang), "value": value, "note": note}


def _newer(target: Target, as_of: date) -> Say:
    """Say that the installed figure was published for a day after ``as_of``."""
    day = target.installed_as_of
    if not day or day <= as_of.isoformat()[: len(day)]:
        return Say("", "")
    return Say(
        f"已建数为 {day}，晚于截至日 {as_of.isoformat()}",
        f"the installed figure is of {day}, later than the as-of day {as_of.isoformat()}",
    )


def conflict_notes(facts: Facts, lang: str = "zh") -> dict[str, str]:
    """Return subject, values and default of each conflict by id."""
    if lang != "zh":
        return {
            str(row["id"]): f"{row['subject_en']}: {conflict_values(row, lang)}; "
            f"{row['default_en']}"
            for row in facts.conflicts.to_dict("records")
        }
    return {
        str(row["id"]): f"{row['subject']}：{row['values']}，{row['default']}"
        for row in facts.conflicts.to_dict("records")
    }


def conflict_values(row: Mapping[Any, Any], lang: str) -> str:
    """Return the conflicting values as printed; a table without English keeps its own."""
    return str(row["values"] if lang == "zh" else row.get("values_en") or row["values"])


def tab(facts: Facts, as_of: date, lang: str) -> Tab:
    """Return the tab 目标."""
    heads = (
        (Say("目标", "target"), "left", False),
        (Say("已建 / 目标值", "installed / target"), "right", False),
        (Say("", ""), "left", True),
    )
    rows = [row for target in facts.targets for row in _rows(target, lang)]
    note = Say(
        "电源已建只计有出处的电站，不是全市官方数；未见者不推算。",
        "Installed counts plants with a source only, no official total; unknown stays unknown.",
    )
    blocks: tuple[Mapping[str, Any], ...] = (
        {
            "type": "table",
            "title": Say("规划目标与已建", "Targets and what is built").of(lang),
            "columns": [{"label": h.of(lang), "align": a, "bar": b} for h, a, b in heads],
            "rows": rows,
            "note": note.of(lang),
        },
        {
            "type": "cards",
            "title": Say("逐项", "One by one").of(lang),
            "items": [_card(t, facts, as_of, lang) for t in facts.targets],
        },
    )
    return Tab("targets", TITLE, sentence(facts, as_of), blocks, order=50)


def frame(facts: Facts, as_of: date) -> pd.DataFrame:
    """Return the targets as a sheet with Chinese headings."""
    return pd.DataFrame(
        [
            {
                "编号": t.id,
                "目标": t.title.zh,
                "目标值": t.value,
                "单位": t.unit,
                "期限": t.deadline.isoformat() if t.deadline else "",
                "来源": t.target.source,
                "已建": t.installed.value,
                "已建类型": _KINDS[t.installed_kind],
                "已建截至": t.installed_as_of,
                "已建来源": t.installed.source,
                "各口径已建": installed_text(t, "zh") if t.installed.variants else "",
                "尚差": t.remaining(),
                "尚差各种读法": remaining_text(t, "zh"),
                "状态": t.status_line(as_of).zh,
                "冲突": t.conflict,
                "备注": "；".join(n for n in (t.installed_note, t.note) if n),
            }
            for t in facts.targets
        ]
    )


def section_frame(facts: Facts, as_of: date, lang: str) -> pd.DataFrame:
    """Return the targets as the report prints them: figures as published, with units."""
    return pd.DataFrame(
        [
            {
                Say("目标", "Target").of(lang): _short_name(t, lang),
                Say("目标值", "Value").of(lang): _goal(t, lang),
                Say("已建", "Installed").of(lang): installed_text(t, lang),
                Say("尚差", "Remaining").of(lang): remaining_text(t, lang),
                Say("状态", "State").of(lang): t.status_line(as_of).of(lang),
            }
            for t in facts.targets
        ]
    )


_KINDS: Final = {
    "reported": "上报值",
    "sum_of_sourced": "有出处电站之和",
    "by_definition": "分口径",
    "unsettled": "口径未定",
    "unknown": "未见",
}
