"""Rank intervals as inline SVG: a name, a bar from low to high, its middle, its figures."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from atlas.charts import COLOURS

_ROW: Final = 22.0
_FONT: Final = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
_SIZE: Final = 13.0
_NAME: Final = 190.0
_FIGURES: Final = 90.0


def intervals_svg(block: Mapping[str, Any], width: int = 860) -> str:
    """Return a block ``intervals`` (``atlas/map/blocks.py``) as one SVG; empty without a row."""
    rows = block["rows"]
    if not rows:
        return ""
    low, high = (float(v) for v in block["x"])
    room = width - _NAME - _FIGURES
    top = 46.0
    height = top + _ROW * len(rows) + 8.0

    def place(value: float) -> float:
        share = (float(value) - low) / ((high - low) or 1.0)
        return _NAME + min(max(share, 0.0), 1.0) * room

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" '
            f'width="{width}" height="{height:.0f}" role="img" font-family="{_FONT}" '
            f'font-size="{_SIZE:.0f}"><title>{escape(str(block.get("title") or ""))}</title>'
        ),
        (
            f'<text x="0" y="16" font-size="15" font-weight="600">'
            f"{escape(str(block.get('title') or ''))}</text>"
        ),
        f'<text x="0" y="35" fill="#51606e">{escape(str(block.get("subtitle") or ""))}</text>',
    ]
    for number, row in enumerate(rows):
        y = top + _ROW * number
        left, right, middle = place(row["low"]), place(row["high"]), place(row["mid"])
        colour = COLOURS.get(str(row.get("tone")), COLOURS["neutral"])
        parts += [
            _text(_NAME - 10, y + 14, str(row["label"])),
            _rect(_NAME, y + 8, room, 2, "#dde2e8", 1.0),
            _rect(left, y + 4, max(right - left, 3.0), 10, colour, 0.6),
            _rect(middle - 1.5, y + 2, 3, 14, "#1b2129", 1.0),
            _text(width, y + 14, str(row["text"])),
        ]
    return "".join((*parts, "</svg>"))


def _text(x: float, y: float, words: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.1f}" text-anchor="end" fill="#39424e">{escape(words)}</text>'


def _rect(x: float, y: float, wide: float, high: float, colour: str, opacity: float) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.0f}" '
        f'fill="{colour}" fill-opacity="{opacity:g}"/>'
    )
