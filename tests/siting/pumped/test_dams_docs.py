"""The page of the method is true, and its parameters are the shipped ones."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

from siting.pumped.dams import section
from siting.pumped.dams.section import parameters

PAGE = Path(__file__).parents[3] / "docs" / "methods" / "dams.md"


def test_the_page_of_the_method_is_true():
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert tried > 15
    assert failed == 0
    failed, tried = doctest.testmod(section)
    assert tried
    assert failed == 0


def test_every_parameter_named_on_the_page_exists():
    keys = re.findall(r"`dam\.(\w+)`", PAGE.read_text(encoding="utf-8"))
    assert keys
    assert set(keys) <= set(parameters({}))


def test_parameters_have_a_source_or_are_marked():
    for one in parameters({}).values():
        assert one.low is not None
        assert one.low <= one.value <= one.high
        assert (one.status == "prior") == (one.source == "prior")
