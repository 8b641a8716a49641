"""Every example in a docstring or on a page of the methods is run."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("geo", "layers", "siting", "sinks", "atlas")
PAGES = sorted((ROOT / "docs").rglob("*.md"))


def shown(path: Path) -> bool:
    return ">>> " in path.read_text(encoding="utf-8")


MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if shown(path)
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried
    assert failed == 0


@pytest.mark.parametrize("page", [*filter(shown, PAGES)], ids=lambda page: page.name)
def test_examples_of_a_page(page: Path) -> None:
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert tried
    assert failed == 0
