"""Write ``report.html``: one page of answers, then one section a question.

Everything that came from data goes through Jinja's autoescape; only SVG that this
package drew itself is marked safe. The page has no script and a CSP by style hash.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from jinja2 import Environment
from markupsafe import Markup

from atlas.part import PartResult, Tab
from atlas.report.overview import shown_opacity

_T = TypeVar("_T")
WORDS = {
    "zh": {"warnings": "请先读", "sources": "数据来源与引用"},
    "en": {"warnings": "Read this first", "sources": "Sources and citations"},
}
#: The first page shows this many numbers and warnings; the rest stands further down.
NUMBERS = 4
WARNINGS = 3
_MAX_ROWS = 60
#: From these magnitudes a column of numbers shows no, or one decimal.
_WHOLE, _TENS = 100.0, 5.0
_YEARS = (1900.0, 2100.0)


@dataclass(frozen=True, slots=True)
class Page:
    """What the report needs beside the parts' results."""

    title: str
    meta: str
    lang: str
    watermark: str
    overview: str
    footer: str
    citations: Sequence[str]
    assumed: Sequence[str] = ()
    changed: Sequence[str] = ()


def write_report(path: Path, page: Page, results: Sequence[PartResult]) -> None:
    """Render the report of ``results`` to ``path``."""
    css = _asset("page.css")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    csp = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    tabs = [tab for result in results for tab in result.tabs]
    tabs.sort(key=lambda tab: tab.order)
    warnings = _in_turn([[say.of(page.lang) for say in one.warnings] for one in results])
    html = _template().render(
        csp=csp,
        css=Markup(css),  # noqa: S704  # our own stylesheet
        lang=page.lang,
        title=page.title,
        meta=page.meta,
        watermark=page.watermark,
        assumed=page.assumed,
        changed=page.changed,
        overview=Markup(page.overview),  # noqa: S704  # drawn by atlas.report.overview
        legend=_legend(results, page.lang),
        answers=[line for tab in tabs for line in _answers(tab, page.lang)],
        numbers=_numbers([block for tab in tabs for block in tab.blocks], _names(results, page)),
        warnings=warnings[:WARNINGS],
        sections=[*_sections(results, page.lang), *_more_warnings(warnings, page.lang)],
        words=WORDS[page.lang],
        citations=page.citations,
        footer=page.footer,
    )
    path.write_text(html, encoding="utf-8")


@cache
def _asset(name: str) -> str:
    return files("atlas.report").joinpath(name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    return Environment(autoescape=True, keep_trailing_newline=True).from_string(
        _asset("page.html.j2")
    )


def _legend(results: Sequence[PartResult], lang: str) -> list[dict[str, str]]:
    views = [view for one in results if one.raster is not None for view in one.raster.views]
    if not views:
        return []
    used = set(views[0].of_pattern.tolist())
    return [
        {
            "label": one.label.of(lang),
            "colour": one.colour,
            "opacity": f"{shown_opacity(one):.2f}",
        }
        for number, one in enumerate(views[0].swatches)
        if number in used
    ]


def _answers(tab: Tab, lang: str) -> list[str]:
    """Return the sentence of a tab, then those of its other views."""
    others = [str(block["text"]) for block in tab.blocks if block["type"] == "sentence"]
    return [tab.sentence.of(lang), *others]


def _names(results: Sequence[PartResult], page: Page) -> dict[str, str]:
    """Return the titles of the views by their ids."""
    views = [view for one in results if one.raster is not None for view in one.raster.views]
    return {view.id: view.title.of(page.lang) for view in views}


def _numbers(
    blocks: Sequence[Mapping[str, Any]], names: Mapping[str, str]
) -> list[Mapping[str, Any]]:
    """Return the first numbers of each tab, one from every tab before a second one."""
    groups: list[list[Mapping[str, Any]]] = []
    for block in blocks:
        if block["type"] == "stats":
            name = names.get(str(block.get("view", "")), "")
            head = f"{name} · " if name else ""
            groups.append([{**one, "label": f"{head}{one['label']}"} for one in block["items"]])
    return _in_turn(groups)[:NUMBERS]


def _in_turn(groups: Sequence[Sequence[_T]]) -> list[_T]:
    """Return the first of every group, then the second of every group, and so on."""
    longest = max((len(group) for group in groups), default=0)
    return [group[i] for i in range(longest) for group in groups if i < len(group)]


def _sections(results: Sequence[PartResult], lang: str) -> list[dict[str, Any]]:
    sections: list[dict[str, Any]] = []
    for result in results:
        if result.absent is not None:
            sections.append(
                {
                    "id": result.id,
                    "heading": result.title.of(lang),
                    "paragraphs": [result.absent.of(lang)],
                }
            )
        for one in result.sections:
            frame = one.table
            rows = [] if frame is None else _rows(frame)
            sections.append(
                {
                    "id": one.id,
                    "demo": result.passport.synthetic,
                    "heading": one.heading.of(lang),
                    "paragraphs": [text.of(lang) for text in one.paragraphs],
                    "svg": Markup(one.svg),  # noqa: S704  # drawn by atlas.charts
                    "columns": [] if frame is None else [str(name) for name in frame.columns],
                    "rows": rows,
                    "right": _right(rows),
                }
            )
    return sections


def _more_warnings(warnings: Sequence[str], lang: str) -> list[dict[str, Any]]:
    if len(warnings) <= WARNINGS:
        return []
    heading = "其余提示" if lang == "zh" else "Further notes"
    return [{"id": "warnings", "heading": heading, "paragraphs": list(warnings[WARNINGS:])}]


def _rows(frame: pd.DataFrame) -> list[list[dict[str, Any]]]:
    """Return the cells of a table; a column of numbers shares its decimals."""
    head = frame.head(_MAX_ROWS)
    columns = [_column(list(head.iloc[:, i])) for i in range(head.shape[1])]
    return [list(row) for row in zip(*columns, strict=True)]


def _right(rows: Sequence[Sequence[Mapping[str, Any]]]) -> list[bool]:
    """Return for each column whether its head stands at the right, over numbers."""
    return [any(cell["number"] for cell in column) for column in zip(*rows, strict=True)]


def _column(values: Sequence[Any]) -> list[dict[str, Any]]:
    numbers = [float(v) for v in values if _is_number(v)]
    decimals = 0
    if any(not number.is_integer() for number in numbers):
        middle = sorted(abs(number) for number in numbers)[len(numbers) // 2]
        decimals = 0 if middle >= _WHOLE else 1 if middle >= _TENS else 2
    years = bool(numbers) and all(_YEARS[0] <= number <= _YEARS[1] for number in numbers)
    return [_cell(value, decimals, bool(numbers), years and decimals == 0) for value in values]


def _is_number(value: Any) -> bool:
    if isinstance(value, bool | np.bool_ | str) or value is None or value is pd.NA:
        return False
    return isinstance(value, int | float | np.number) and math.isfinite(float(value))


def _cell(value: Any, decimals: int, right: bool, year: bool) -> dict[str, Any]:
    if _is_number(value):
        text = f"{float(value):.0f}" if year else f"{float(value):,.{decimals}f}"
        return {"text": text, "number": True}
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return {"text": "—", "number": right}
    if isinstance(value, bool | np.bool_):
        return {"text": "是" if value else "否", "number": False}
    return {"text": str(value), "number": False}
