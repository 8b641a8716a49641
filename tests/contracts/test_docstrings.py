"""Public functions that take or give quantities name the unit of each in brackets."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("geo", "layers", "siting", "sinks", "atlas")
#: Parameters that are quantities by their name.
QUANTITY = re.compile(
    r"(_m|_km|_m2|_ha|_mu|_mw|_gwh|_deg|_m3|_mm3|area|areas|height|distance|dem)$"
)


def public_functions() -> list[tuple[str, ast.FunctionDef]]:
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "_kernels" in str(path):
                continue
            found += [
                (f"{path.relative_to(ROOT)}:{node.name}", node)
                for node in ast.parse(path.read_text(encoding="utf-8")).body
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            ]
    return found


@pytest.mark.parametrize(("name", "node"), public_functions(), ids=lambda one: str(one)[:80])
def test_quantities_have_units(name: str, node: ast.FunctionDef) -> None:
    text = ast.get_docstring(node) or ""
    assert text, f"{name} has no docstring"
    arguments = [arg.arg for arg in (*node.args.args, *node.args.kwonlyargs)]
    if any(QUANTITY.search(arg) for arg in arguments):
        assert "[" in text, f"{name} takes {arguments} and names no unit"
