"""The blocks of a tab and the card: their fields, checked before the page is written.

Texts are strings in one language. ``tone`` is one of :data:`TONES`. The types:

``stats``
    ``items``: [{label, value, unit, note}]
``table``
    ``title``, ``columns``: [{label, align: left|right, bar}], ``rows``: [[cell, ...]],
    ``note``; a cell is text, or {value: 0..1, tone} under a bar column.
``ranked``
    ``title``, ``note``, ``rows``: [{id, label, value, extra, lon, lat, tone, rank}];
    a row flies to the site and opens the card of the feature with that id.
``chart``
    ``title``, ``subtitle``, ``unit``, ``x``: [min, max], ``y``: [min, max], ``series``:
    [{kind: band|line|dashed|points|bars|rule|mark, label, tone, x, y, y2}]; a rule has ``y``:
    [value], a mark (upright) ``x``: [value]. ``marks``: [[x, text]] stands under the axis
    instead of figures.
``intervals``
    ``title``, ``subtitle``, ``x``: [min, max], ``rows``: [{id, label, low, mid, high, text, tone,
    lon, lat}], ``note``: a bar a row with its middle marked; a row flies to the site.
``note``
    ``tone``, ``text``
``rules``
    ``title``, ``note``, ``groups``: [{title, rows: [{label, effect, tone, area, note, clause,
    frees, more}]}]; ``clause``, ``frees`` and ``more``: [text] unfold under a row. A group with
    ``open``: bool folds, with ``tone`` and ``sum`` (text) on its line.
``cards``
    ``title``, ``items``: [{id, title, pill, headline, rows, notes, lon, lat}]
``sentence``
    ``text``: the answer on top of the page instead of the tab's own while the class
    view named by ``view`` is painted.

Any block may carry ``view``: it then shows only while that class view is painted.
A card holds ``title``, ``subtitle``, ``pill``: {text, tone}, ``headline``: [{label,
value, unit}], ``chart`` (a chart block), ``facts``: [{label, value, note}] (before the reasons),
``rows``: [{label, value, note, bar}] (rows with
``bar``: {value: 0..1, tone} are a small bar chart before the reasons), ``reasons``:
[{law, clause, hits, amount, frees, documents, grade, tone, group, fold}] (neighbours of one
``group`` stand under its name, folded where ``fold`` is true), ``groups``: [{title, sum, tone,
open, charts: [chart], rows, reasons, notes}] (chapters of a long card, folded unless ``open``),
``notes``: [text]; all optional.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

TONES: Final = frozenset(
    (
        "prohibited", "route", "limited", "approval", "clear", "unknown", "unbuildable", "pv",
        "wind", "storage", "hydro", "forest", "neutral", "warn",
    )
)  # fmt: skip
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "stats": ("items",),
    "table": ("columns", "rows"),
    "ranked": ("rows",),
    "chart": ("x", "y", "series"),
    "intervals": ("x", "rows"),
    "note": ("text",),
    "rules": ("groups",),
    "cards": ("items",),
    "sentence": ("text", "view"),
}
_SERIES: Final = frozenset(("band", "line", "dashed", "points", "bars", "rule", "mark"))


class BlockError(ValueError):
    """A part handed over a block that the map cannot draw."""


def plain(value: Any) -> Any:
    """Return ``value`` as JSON holds it: NaN and infinity become None, dates ISO text.

    Any other object becomes its text; nothing is dropped.
    """
    out: Any = str(value)
    if value is None or isinstance(value, bool | str | int):
        out = value
    elif isinstance(value, float | np.floating):
        number = float(value)
        out = number if math.isfinite(number) else None
    elif isinstance(value, np.bool_ | np.integer):
        out = value.item()
    elif isinstance(value, Mapping):
        out = {str(key): plain(one) for key, one in value.items()}
    elif isinstance(value, np.ndarray | list | tuple):
        out = [plain(one) for one in value]
    elif isinstance(value, dt.date):
        out = None if value != value else value.isoformat()  # noqa: PLR0124 - NaT differs from itself
    return out


def check(block: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return ``block`` as plain JSON after checking its type, fields and tones.

    Raises
    ------
    BlockError
        With ``where`` (part and tab) when a field is missing or a tone is unknown.
    """
    kind = str(block.get("type"))
    if kind not in _FIELDS:
        raise BlockError(f"{where}: block type {kind!r} is not one of {sorted(_FIELDS)}")
    missing = [name for name in _FIELDS[kind] if name not in block]
    if missing:
        raise BlockError(f"{where}: block {kind} lacks {', '.join(missing)}")
    clean: dict[str, Any] = plain(block)
    _tones(clean, f"{where}: block {kind}")
    if kind == "chart":
        chart(clean, where)
    if kind == "table":
        width = len(clean["columns"])
        wrong = [i for i, row in enumerate(clean["rows"]) if len(row) != width]
        if wrong:
            raise BlockError(f"{where}: row {wrong[0]} of a table has not {width} cells")
    return clean


def card(value: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return a card as plain JSON after checking its tones and its charts."""
    clean: dict[str, Any] = plain(value)
    _tones(clean, where)
    inner = [one for group in clean.get("groups") or () for one in group.get("charts") or ()]
    for block in (*([clean["chart"]] if clean.get("chart") else []), *inner):
        chart(block, where)
    return clean


def chart(block: Mapping[str, Any], where: str) -> None:
    """Raise :class:`BlockError` unless each series has a known kind and equal lengths."""
    for series in block["series"]:
        kind = series.get("kind")
        if kind not in _SERIES:
            raise BlockError(f"{where}: series kind {kind!r} is not one of {sorted(_SERIES)}")
        if kind in ("rule", "mark"):
            continue
        names = ("x", "y", "y2") if kind == "band" else ("x", "y")
        if len({len(series.get(name) or ()) for name in names}) != 1:
            raise BlockError(f"{where}: series {series.get('label')!r} has unequal lengths")


def _tones(value: Any, where: str) -> None:
    if isinstance(value, Mapping):
        tone = value.get("tone")
        if tone not in (None, "") and tone not in TONES:
            raise BlockError(f"{where}: tone {tone!r} is not one of {sorted(TONES)}")
        for one in value.values():
            _tones(one, where)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in value:
            _tones(one, where)
