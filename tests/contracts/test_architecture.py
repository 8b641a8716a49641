"""The house of design.md: who may import whom, how long a file may be, what is public."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("geo", "layers", "siting", "sinks", "atlas")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_short_and_documented(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400, "one idea a file: at most 400 lines"
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "the first line says what the file is for"
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            inner = getattr(node, "end_lineno", 0) - node.lineno
            if isinstance(node, ast.FunctionDef):
                assert inner <= 90, f"{node.name} is {inner} lines long"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_assert_print_or_bare_except(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not isinstance(node, ast.Assert), f"assert at line {node.lineno}"
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"bare except at line {node.lineno}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"print at line {node.lineno}"


def test_only_crs_makes_transformers() -> None:
    users = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if "Transformer" in path.read_text(encoding="utf-8") and path.parent.name == "geo"
    ]
    elsewhere = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if "Transformer.from" in path.read_text(encoding="utf-8") and path.parent.name != "geo"
    ]
    assert elsewhere == []
    assert "geo/crs.py" in users


def test_only_units_knows_the_mu() -> None:
    """666.67 and 2000/3 stand in geo/units.py and nowhere else."""
    for path in MODULES:
        if path.name == "units.py":
            continue
        text = path.read_text(encoding="utf-8")
        assert "666.6" not in text, path
        assert "2000 / 3" not in text, path
        assert "2000.0 / 3" not in text, path


def test_pins_and_lock_agree() -> None:
    def pins(name: str) -> dict[str, str]:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        found = [line.split("#")[0].split("\\")[0].strip() for line in lines]
        return dict(line.split("==") for line in found if "==" in line)

    constraints, lock = pins("constraints.txt"), pins("requirements.lock")
    assert constraints == lock
    assert len(lock) > 30
    for name in ("constraints.txt", "requirements.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "http" not in text
        assert not [line for line in text.splitlines() if line.startswith("-")], "options"


def test_readme_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert (
        "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt . "
        "&& .venv/bin/shiyan run" in text
    )
    assert (
        "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt '.[test]' && "
        ".venv/bin/python -m pytest" in text
    )
