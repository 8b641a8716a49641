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
from typing import Any

import pandas as pd
from jinja2 import Environment
from markupsafe import Markup

from atlas.part import PartResult, Swatch
from atlas.text import figure

WORDS = {
    "zh": {"warnings": "请先读", "sources": "数据来源与引用"},
    "en": {"warnings": "Read this first", "sources": "Sources and citations"},
}
#: The first page shows this many numbers and warnings; the rest stands further down.
NUMBERS = 4
WARNINGS = 3
_MAX_ROWS = 60


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
    warnings = [say.of(page.lang) for result in results for say in result.warnings]
    html = _template().render(
        csp=csp,
        css=Markup(css),  # noqa: S704  # our own stylesheet
        lang=page.lang,
        title=page.title,
        meta=page.meta,
        watermark=page.watermark,
        overview=Markup(page.overview),  # noqa: S704  # drawn by atlas.report.overview
        legend=_legend(results, page.lang),
        answers=[tab.sentence.of(page.lang) for tab in tabs],
        numbers=_numbers([block for tab in tabs for block in tab.blocks]),
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
    swatches: tuple[Swatch, ...] = ()
    for result in results:
        if result.raster is not None and result.raster.views:
            swatches = result.raster.views[0].swatches
            break
    return [{"label": one.label.of(lang), "colour": one.colour} for one in swatches]


def _numbers(blocks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the first numbers of each tab, one from every tab before a second one."""
    groups = [list(block["items"]) for block in blocks if block["type"] == "stats"]
    picked: list[Mapping[str, Any]] = []
    for place in range(max((len(group) for group in groups), default=0)):
        picked += [group[place] for group in groups if place < len(group)]
    return picked[:NUMBERS]


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
            sections.append(
                {
                    "id": one.id,
                    "demo": result.passport.synthetic,
                    "heading": one.heading.of(lang),
                    "paragraphs": [text.of(lang) for text in one.paragraphs],
                    "svg": Markup(one.svg),  # noqa: S704  # drawn by atlas.charts
                    "columns": [] if frame is None else [str(name) for name in frame.columns],
                    "rows": [] if frame is None else _rows(frame),
                }
            )
    return sections


def _more_warnings(warnings: Sequence[str], lang: str) -> list[dict[str, Any]]:
    if len(warnings) <= WARNINGS:
        return []
    heading = "其余提示" if lang == "zh" else "Further notes"
    return [{"id": "warnings", "heading": heading, "paragraphs": list(warnings[WARNINGS:])}]


def _rows(frame: pd.DataFrame) -> list[list[dict[str, Any]]]:
    return [
        [_cell(value) for value in record]
        for record in frame.head(_MAX_ROWS).itertuples(index=False)
    ]


def _cell(value: Any) -> dict[str, Any]:
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return {"text": "—", "number": False}
    if isinstance(value, bool):
        return {"text": "是" if value else "否", "number": False}
    if isinstance(value, (int, float)) or hasattr(value, "item"):
        number = float(value)
        whole = number.is_integer() and abs(number) < 1e6
        return {"text": f"{number:.0f}" if whole else figure(number), "number": True}
    return {"text": str(value), "number": False}
