"""Chart blocks as inline SVG for the report: the same picture as on the map, without a script.

Presentation attributes only (no ``style``, no script), every text escaped, figures with
one decimal of a pixel: same block, same bytes. Bands lie under lines, the target is a
thin dashed rule with its name on it, labels stand beside their series.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

COLOURS: Final[Mapping[str, str]] = {
    "prohibited": "#4d535b",
    "route": "#6f4aa0",
    "limited": "#b45309",
    "approval": "#8a6d00",
    "clear": "#1f4e79",
    "unknown": "#5b6470",
    "unbuildable": "#7a5c48",
    "pv": "#b97900",
    "wind": "#0f766e",
    "storage": "#12355b",
    "hydro": "#2b7fb0",
    "forest": "#2f6b3a",
    "neutral": "#5b6470",
    "warn": "#b45309",
}
_ORDER: Final = {"band": 0, "bars": 1, "rule": 1, "mark": 1, "line": 2, "dashed": 2, "points": 3}
_FONT: Final = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
_SMALL: Final = 12
_PIECES: Final = re.compile(r"[!-~]+ *|.", re.DOTALL)  # a Latin word, or one letter
_LINE: Final = 15.0


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where values fall on the picture."""

    x: tuple[float, float]
    y: tuple[float, float]
    left: float
    right: float
    top: float
    bottom: float

    def px(self, value: float) -> float:
        span = self.x[1] - self.x[0] or 1.0
        return self.left + (value - self.x[0]) / span * (self.right - self.left)

    def py(self, value: float) -> float:
        span = self.y[1] - self.y[0] or 1.0
        return self.bottom - (value - self.y[0]) / span * (self.bottom - self.top)


def chart_svg(chart: Mapping[str, Any], width: int, height: int, lang: str) -> str:
    """Return a chart block as one SVG element.

    Parameters
    ----------
    chart
        Block ``{"type": "chart", "title", "subtitle", "unit", "x", "y", "series"}``
        (``atlas/map/blocks.py``); None and NaN break a line.
    width, height
        Size of the picture [px].
    lang
        ``zh`` or ``en``, written as the language of the picture.

    Raises
    ------
    ValueError
        For a series of unknown kind.
    """
    series = [one for one in chart["series"] if _drawable(one)]
    kinds = {str(one["kind"]) for one in series} - set(_ORDER)
    if kinds:
        raise ValueError(f"series kind {sorted(kinds)} is not one of {sorted(_ORDER)}")
    beside = ("band", "line", "dashed")
    named = [one for one in series if one.get("label") and one["kind"] in beside]
    head, used = _heading(chart, width)
    x, y = _range(chart["x"]), _range(chart["y"])
    gutter = min(max((_width(str(one["label"])) for one in named), default=0.0) + 12, width * 0.3)
    frame = _Frame(x, y, 46.0, width - max(gutter, 18.0), used + 28.0, height - 24.0)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" lang="{escape(lang, quote=True)}" '
            f'font-family="{_FONT}" font-size="{_SMALL}">'
        ),
        f"<title>{escape(_name(chart))}</title>",
        *head,
        *_axes(frame, str(chart.get("unit") or ""), chart.get("marks") or ()),
    ]
    for one in sorted(series, key=lambda s: _ORDER[str(s["kind"])]):
        parts += _draw(one, frame)
    parts += _side_labels(named, frame, width)
    parts += [_rule_label(one, frame) for one in series if one["kind"] == "rule"]
    parts += [_point_label(one, frame) for one in series if one["kind"] == "points"]
    return "".join((*parts, "</svg>"))


def _drawable(one: Mapping[str, Any]) -> bool:
    if one.get("kind") in ("rule", "mark"):
        return bool(one.get("y" if one["kind"] == "rule" else "x"))
    return bool(one.get("x")) and bool(one.get("y"))


def _range(pair: Sequence[float]) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


def _name(chart: Mapping[str, Any]) -> str:
    words = (chart.get("title"), chart.get("subtitle"), chart.get("unit"))
    return " · ".join(str(word) for word in words if word)


def _width(text: str, size: float = _SMALL) -> float:
    """Estimate the width [px] of a text: wide letters one em, others 0.56."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return size * (wide + 0.56 * (len(text) - wide))


def _wrap(text: str, room: float, most: int) -> list[str]:
    """Return lines no wider than ``room``: Latin words whole, CJK broken anywhere."""
    lines, line = [], ""
    for piece in _PIECES.findall(text):
        if line and _width(line + piece.rstrip()) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()][:most] if line else lines[:most]


def _text(x: float, y: float, words: str, fill: str = "#39424e", **more: str) -> str:
    extra = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in more.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}"{extra}>{escape(words)}</text>'


def _heading(chart: Mapping[str, Any], width: int) -> tuple[list[str], float]:
    parts, y = [], 2.0
    if chart.get("title"):
        y += 16
        parts.append(_text(0, y, str(chart["title"]), "#1b2430", font_size="14", font_weight="600"))
    for line in _wrap(str(chart.get("subtitle") or ""), width, 3):
        y += _LINE
        parts.append(_text(0, y, line))
    return parts, y


def ticks(low: float, high: float, wanted: int = 5) -> tuple[list[float], int]:
    """Return round tick values within [low, high] and the decimals they need."""
    raw = (high - low) / wanted
    if not (math.isfinite(raw) and raw > 0):
        return [low], 0
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) + (step / power == 2.5)
    return [i * step for i in range(first, last + 1)], decimals


def _axes(frame: _Frame, unit: str, marks: Sequence[tuple[float, str]]) -> list[str]:
    parts = [_text(0, frame.top - 13, unit)] if unit else []
    values, decimals = ticks(*frame.y)
    for value in values:
        y = frame.py(value)
        parts.append(
            f'<line x1="{frame.left:.1f}" x2="{frame.right:.1f}" y1="{y:.1f}" y2="{y:.1f}" '
            'stroke="#dde2e8" stroke-width="1"/>'
        )
        label = f"{value:,.{decimals}f}"
        parts.append(_text(frame.left - 6, y + 4, label, text_anchor="end"))
    for value, words in marks:  # names instead of figures
        parts.append(_text(frame.px(value), frame.bottom + 17, words, text_anchor="middle"))
    if marks:
        return parts
    years = frame.x[0] > 1800 and frame.x[1] < 2300
    values, decimals = ticks(*frame.x, wanted=7)
    for value in values:
        label = f"{value:.0f}" if years else f"{value:,.{decimals}f}"
        parts.append(_text(frame.px(value), frame.bottom + 17, label, text_anchor="middle"))
    return parts


def _points(one: Mapping[str, Any], name: str = "y") -> list[tuple[float, float] | None]:
    """Return the points of a series; None where a value is missing."""
    found: list[tuple[float, float] | None] = []
    for x, y in zip(one["x"], one[name], strict=True):
        ok = x is not None and y is not None and math.isfinite(x) and math.isfinite(y)
        found.append((float(x), float(y)) if ok else None)
    return found


def _draw(one: Mapping[str, Any], frame: _Frame) -> list[str]:
    colour = COLOURS.get(str(one.get("tone")), COLOURS["neutral"])
    kind = one["kind"]
    if kind == "rule":
        y = frame.py(float(one["y"][0]))
        return [
            (
                f'<line x1="{frame.left:.1f}" x2="{frame.right:.1f}" y1="{y:.1f}" y2="{y:.1f}" '
                f'stroke="{colour}" stroke-width="1.2" stroke-dasharray="5 4"/>'
            )
        ]
    if kind == "band":
        return _band(one, frame, colour)
    if kind == "bars":
        return _bars(one, frame, colour)
    if kind == "mark":
        return _mark(one, frame, colour)
    spots = _points(one)
    if kind == "points":
        return [
            f'<circle cx="{frame.px(p[0]):.1f}" cy="{frame.py(p[1]):.1f}" r="3.5" fill="#fff" '
            f'stroke="{colour}" stroke-width="2"/>'
            for p in spots
            if p is not None
        ]
    path, pen = "", False
    for p in spots:
        if p is not None:
            path += f"{'L' if pen else 'M'}{frame.px(p[0]):.1f} {frame.py(p[1]):.1f}"
        pen = p is not None
    dash = ' stroke-dasharray="5 4"' if kind == "dashed" else ""
    line = f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
    return [line] if path else []


def _bars(one: Mapping[str, Any], frame: _Frame, colour: str) -> list[str]:
    spots = [p for p in _points(one) if p is not None]
    gaps = [frame.px(b[0]) - frame.px(a[0]) for a, b in itertools.pairwise(spots)]
    wide = max(0.72 * min(gaps, default=40.0), 2.0)
    return [
        f'<rect x="{frame.px(x) - wide / 2:.1f}" y="{frame.py(y):.1f}" width="{wide:.1f}" '
        f'height="{max(frame.bottom - frame.py(y), 0.0):.1f}" fill="{colour}" '
        'fill-opacity="0.85"/>'
        for x, y in spots
    ]


def _mark(one: Mapping[str, Any], frame: _Frame, colour: str) -> list[str]:
    """Draw an upright rule, its name at the top on the side that has room."""
    x, words = frame.px(float(one["x"][0])), str(one.get("label") or "")
    if not frame.left <= x <= frame.right:
        return []
    fits = x + 6 + _width(words) < frame.right
    line = (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{frame.top - 6:.1f}" y2="{frame.bottom:.1f}" '
        f'stroke="{colour}" stroke-width="1.2" stroke-dasharray="5 4"/>'
    )
    side = "start" if fits else "end"
    return [line, _text(x + 5 if fits else x - 5, frame.top + 5, words, colour, text_anchor=side)]


def _band(one: Mapping[str, Any], frame: _Frame, colour: str) -> list[str]:
    low, high = _points(one), _points(one, "y2")
    both = [(a, b) for a, b in zip(low, high, strict=True) if a is not None and b is not None]
    if not both:
        return []
    ring = [b for _, b in both] + [a for a, _ in reversed(both)]
    path = "L".join(f"{frame.px(x):.1f} {frame.py(y):.1f}" for x, y in ring)
    return [f'<path d="M{path}Z" fill="{colour}" fill-opacity="0.18"/>']


def _side_labels(named: Sequence[Mapping[str, Any]], frame: _Frame, width: int) -> list[str]:
    """Write labels right of the last value, pushed apart until none touches the next."""
    items: list[tuple[float, list[str], str]] = []
    for one in named:
        last = [p for p in _points(one) if p is not None]
        if not last:
            continue
        y = last[-1][1]
        if one["kind"] == "band":
            tops = [p for p in _points(one, "y2") if p is not None]
            y = (y + tops[-1][1]) / 2.0 if tops else y
        lines = _wrap(str(one["label"]), width - frame.right - 8, 3)
        colour = COLOURS.get(str(one.get("tone")), COLOURS["neutral"])
        items.append((frame.py(y), lines, colour))
    items.sort(key=lambda item: item[0])
    parts: list[str] = []
    floor = frame.top
    for y, lines, colour in items:
        top = max(y - len(lines) * _LINE / 2.0, floor)
        floor = top + len(lines) * _LINE
        for i, line in enumerate(lines):
            parts.append(_text(frame.right + 6, top + (i + 0.8) * _LINE, line, colour))
    return parts


def _rule_label(one: Mapping[str, Any], frame: _Frame) -> str:
    colour = COLOURS.get(str(one.get("tone")), COLOURS["neutral"])
    y = frame.py(float(one["y"][0])) - 5
    return _text(frame.left + 5, y, str(one.get("label") or ""), colour)


def _point_label(one: Mapping[str, Any], frame: _Frame) -> str:
    """Write the name of points at the last of them, on a white halo."""
    spots = [p for p in _points(one) if p is not None]
    if not spots or not one.get("label"):
        return ""
    colour = COLOURS.get(str(one.get("tone")), COLOURS["neutral"])
    x, y = frame.px(spots[-1][0]), frame.py(spots[-1][1])
    words = str(one["label"])
    left = x + 9 + _width(words) > frame.right
    return _text(
        x - 9 if left else x + 9,
        y + 17,
        words,
        colour,
        text_anchor="end" if left else "start",
        stroke="#fff",
        stroke_width="3",
        paint_order="stroke",
    )
