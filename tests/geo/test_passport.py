"""Passports: merged, never dropped; bad marks are contagious."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.passport import GRADES, Passport, merge

PASSPORTS = st.builds(
    Passport,
    sources=st.lists(st.sampled_from(["S1", "S2", "S3"]), unique=True).map(tuple),
    grade=st.sampled_from(GRADES),
    synthetic=st.booleans(),
    proxy=st.booleans(),
    unverified=st.booleans(),
    as_of=st.sampled_from(["", "2019-01-01", "2023-12-31"]),
)


@given(st.lists(PASSPORTS, min_size=1, max_size=5))
def test_merge_forgets_nothing(passports):
    merged = merge(*passports)
    assert set(merged.sources) == {s for p in passports for s in p.sources}
    for mark in ("synthetic", "proxy", "unverified"):
        assert getattr(merged, mark) == any(getattr(p, mark) for p in passports)
    assert GRADES.index(merged.grade) == max(GRADES.index(p.grade) for p in passports)
    assert merged.as_of == max(p.as_of for p in passports)


@given(PASSPORTS, PASSPORTS, PASSPORTS)
def test_merge_is_associative(a, b, c):
    assert merge(merge(a, b), c) == merge(a, merge(b, c)) == merge(a, b, c)


@given(PASSPORTS)
def test_merge_with_itself_changes_nothing(one):
    assert merge(one, one) == merge(one) == one


def test_nothing_merged_is_an_empty_passport():
    assert merge() == Passport()


def test_sources_keep_their_order():
    merged = merge(Passport(sources=("S9", "S1")), Passport(sources=("S1", "S4")))
    assert merged.sources == ("S9", "S1", "S4")


def test_a_reader_sees_the_marks():
    assert Passport(synthetic=True, unverified=True).marks() == ("合成", "参数未核验")
    assert Passport(proxy=True).marks() == ("代理",)
    assert Passport().marks() == ()


def test_an_unknown_grade_is_refused():
    with pytest.raises(ValueError, match="grade"):
        Passport(grade="E")
