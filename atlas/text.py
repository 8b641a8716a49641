"""How figures are written: three significant digits, thin space, never a bare number."""

from __future__ import annotations

import math

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
