"""Errors: one line in each language, one exit code a class."""

from __future__ import annotations

import inspect

import pytest

from geo import errors

CLASSES = [
    c
    for _, c in inspect.getmembers(errors, inspect.isclass)
    if issubclass(c, errors.ShiyanError) and c is not errors.ShiyanError
]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda c: c.__name__)
def test_an_error_is_one_line_in_each_language(kind):
    fault = kind("dem.tif", errors.Say("坏\n了", "is\nbroken"), errors.Say("重下", "fetch again"))
    assert fault.line() == f"[{kind.code}] dem.tif：坏 了 → 处理办法：重下"
    assert fault.line("en") == f"[{kind.code}] dem.tif: is broken -> cure: fetch again"
    assert str(fault) == fault.line("en")
    assert kind.exit_code in {2, 3, 4, 5, 6}


def test_codes_are_distinct():
    codes = [c.code for c in CLASSES]
    assert len(set(codes)) == len(codes)
