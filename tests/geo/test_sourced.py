"""Sourced figures: no number without a source, unknown stays unknown."""

from __future__ import annotations

import pytest

from geo.sourced import Sourced, Variant, missing


def test_a_figure_needs_a_source():
    with pytest.raises(ValueError, match="source"):
        Sourced(300.0, "MW")


def test_an_unpublished_figure_needs_none():
    figure = missing("m")
    assert figure.missing
    assert figure.value is None
    assert figure.status == "missing"
    assert figure.passport().sources == ()


def test_a_band_is_upright():
    with pytest.raises(ValueError, match="upside down"):
        Sourced(1.0, "m", "S1", low=2.0, high=1.0)
    assert Sourced(1.0, "m", "S1", low=1.0, high=1.0).low == 1.0


def test_an_unknown_grade_is_refused():
    with pytest.raises(ValueError, match="grade"):
        Sourced(1.0, "m", "S1", grade="Z")


@pytest.mark.parametrize(
    ("status", "unverified"),
    [("published", False), ("derived", False), ("prior", True), ("memory", True)],
)
def test_the_passport_tells_what_is_unverified(status, unverified):
    figure = Sourced(1.0, "m", "S1", status=status, variants=(Variant(2.0, "S2"),))
    passport = figure.passport()
    assert passport.unverified is unverified
    assert passport.sources == ("S1", "S2")
