"""The examples of the method pages on errors of the elevation and on the atlas rules."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[3] / "docs" / "methods"


@pytest.mark.parametrize("name", ["dem_error", "anu_rules"])
def test_the_examples_of_the_page_hold(name):
    page = PAGES / f"{name}.md"
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (failed, tried > 4) == (0, True)
