"""Figures are written with three significant digits and a thin space."""

from __future__ import annotations

import math

import pytest

from atlas.text import aligned, band, figure, quantity


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (4.9233, "4.92"), (320.0, "320"), (7721.62, "7,722"), (0.0123456, "0.0123"),
        (None, "—"), (math.nan, "—"), (math.inf, "—"), (-1.005, "-1.00"), (99.96, "100"),
    ],
)  # fmt: skip
def test_figure(value: float | None, text: str) -> None:
    assert figure(value) == text


def test_quantity_has_a_thin_space() -> None:
    assert quantity(320, "万千瓦") == "320\u2009万千瓦"


def test_band() -> None:
    assert band(4.41, 4.2, 4.6) == "4.41 (4.20-4.60)"


def test_aligned_columns_count_cjk_twice():
    lines = aligned([["名称", "MW"], ["a", "12.5"]], (False, True))
    assert lines == ["名称    MW", "a     12.5"]
    assert aligned([]) == []
