"""How figures are written: three significant digits, thin space, never a bare number."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

THIN = "\u2009"
NOT_PUBLISHED = "未公布"


def figure(value: float | None, digits: int = 3) -> str:
    """Return ``value`` with ``digits`` significant digits and thousands commas.

    Whole numbers above ``10**digits`` keep all their digits left of the point;
    None and NaN read ``—``.
    """
    if value is None or not math.isfinite(value):
        return "—"
    if value == 0:
        return "0"
    return f"{value:,.{_decimals(value, digits)}f}"


def quantity(value: float | None, unit: str, digits: int = 3) -> str:
    """Return figure, thin space and unit, e.g. ``320 万千瓦``."""
    return f"{figure(value, digits)}{THIN}{unit}"


def band(value: float, low: float, high: float, digits: int = 3) -> str:
    """Return ``4.41 (4.20-4.60)``, all three with the decimals of ``value``."""
    decimals = _decimals(value, digits) if value else digits - 1
    return f"{value:,.{decimals}f} ({low:,.{decimals}f}-{high:,.{decimals}f})"


def _decimals(value: float, digits: int) -> int:
    """Return the decimals that show ``digits`` significant digits of the rounded value."""
    exponent = int(f"{abs(value):.{digits - 1}e}".split("e")[1])
    return max(digits - 1 - exponent, 0)


def aligned(rows: Sequence[Sequence[str]], right: Sequence[bool] = ()) -> list[str]:
    """Return rows of cells as lines with equal column widths in a terminal.

    Parameters
    ----------
    right
        Whether a column stands at the right; left where not given.
    """
    if not rows:
        return []
    widths = [max(_width(row[i]) for row in rows) for i in range(len(rows[0]))]
    flags = [*right, *([False] * (len(widths) - len(right)))]
    lines = []
    for row in rows:
        cells = [
            " " * (wide - _width(cell)) + cell if flag else cell + " " * (wide - _width(cell))
            for cell, wide, flag in zip(row, widths, flags, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _width(text: str) -> int:
    """Return the columns that ``text`` takes in a terminal: two for a CJK character."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
