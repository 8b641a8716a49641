"""Horizontal bars as inline SVG: a name, a bar in two shades, its figure; no script."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_ROW: Final = 26.0
_FONT: Final = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
_SIZE: Final = 13.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Parameters
    ----------
    value
        Length of the whole bar, in the unit of all bars.
    part
        Its darker beginning, at most ``value``.
    text
        Figure at its end.
    """

    label: str
    value: float
    part: float
    text: str
    colour: str


def bars_svg(
    title: str, subtitle: str, bars: Sequence[Bar], legend: tuple[str, str], width: int = 860
) -> str:
    """Return bars as one SVG, longest scale = largest value; empty without a bar.

    Parameters
    ----------
    legend
        What the dark and the light piece mean; two empty words for bars of one piece.
    width
        Width of the picture. [px]
    """
    longest = max((bar.value for bar in bars), default=0.0)
    if longest <= 0:
        return ""
    left = min(max(_width(bar.label) for bar in bars) + 14.0, width * 0.44)
    room = width - left - max(_width(bar.text) for bar in bars) - 16.0
    top = 64.0
    height = top + _ROW * len(bars) + 6.0
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" '
            f'width="{width}" height="{height:.0f}" role="img" font-family="{_FONT}" '
            f'font-size="{_SIZE:.0f}"><title>{escape(title)}</title>'
        ),
        f'<text x="0" y="17" font-size="15" font-weight="600">{escape(title)}</text>',
        f'<text x="0" y="36" fill="#51606e">{escape(subtitle)}</text>',
        *(_legend(left, legend, bars[0].colour) if any(legend) else ()),
    ]
    for number, bar in enumerate(bars):
        y = top + _ROW * number
        long, dark = bar.value / longest * room, bar.part / longest * room
        label = _short(bar.label, left - 14.0)
        parts += [
            f'<text x="{left - 8:.1f}" y="{y + 14:.1f}" text-anchor="end">{escape(label)}</text>',
            _rect(left, y + 3, max(long, 1.0), bar.colour, "0.42"),
            _rect(left, y + 3, dark, bar.colour, "1") if dark > 0 else "",
            f'<text x="{left + long + 7:.1f}" y="{y + 14:.1f}">{escape(bar.text)}</text>',
        ]
    return "".join((*parts, "</svg>"))


def _legend(left: float, legend: tuple[str, str], colour: str) -> list[str]:
    dark, light = legend
    after = left + 22 + _width(dark) + 18
    return [
        _rect(left, 45, 14, colour, "1", 12),
        f'<text x="{left + 20:.1f}" y="56" fill="#39424e">{escape(dark)}</text>',
        _rect(after, 45, 14, colour, "0.42", 12),
        f'<text x="{after + 20:.1f}" y="56" fill="#39424e">{escape(light)}</text>',
    ]


def _rect(x: float, y: float, wide: float, colour: str, opacity: str, high: float = 14) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.0f}" '
        f'fill="{colour}" fill-opacity="{opacity}"/>'
    )


def _width(text: str) -> float:
    """Estimate the width of a text: wide letters one em, others 0.56. [px]."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return _SIZE * (wide + 0.56 * (len(text) - wide))


def _short(text: str, room: float) -> str:
    """Return a label that fits its room, cut with an ellipsis."""
    if _width(text) <= room:
        return text
    while text and _width(f"{text}…") > room:
        text = text[:-1]
    return f"{text}…"
