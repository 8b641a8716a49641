"""The page on works computes what it prints and names every parameter of its table."""

import doctest
from pathlib import Path

from siting.pumped.works import holds
from siting.pumped.works.parameters import parameters

PAGE = Path(__file__).parents[3] / "docs" / "methods" / "works.md"


def test_examples_of_the_page_and_of_the_code():
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert tried > 20
    assert failed == 0
    failed, tried = doctest.testmod(holds)
    assert tried == 2
    assert failed == 0


def test_the_page_names_every_parameter():
    text = PAGE.read_text(encoding="utf-8")
    assert [key for key in parameters({}) if f"works.{key}" not in text] == []
