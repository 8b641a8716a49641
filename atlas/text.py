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
    decimals = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    return f"{value:,.{decimals}f}"


def quantity(value: float | None, unit: str, digits: int = 3) -> str:
    """Return figure, thin space and unit, e.g. ``320 万千瓦``."""
    return f"{figure(value, digits)}{THIN}{unit}"


def band(value: float, low: float, high: float, digits: int = 3) -> str:
    """Return ``4.41 (4.20-4.60)``, all three with the decimals of ``value``."""
    decimals = max(digits - 1 - math.floor(math.log10(abs(value))), 0) if value else digits - 1
    return f"{value:,.{decimals}f} ({low:,.{decimals}f}-{high:,.{decimals}f})"
