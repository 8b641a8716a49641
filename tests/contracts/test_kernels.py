"""Kernels import numpy, math and numba only, and every kernel module is covered."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("geo", "layers", "siting", "sinks", "atlas")
ALLOWED = {"numpy", "math", "numba", "__future__"}


def kernel_modules() -> list[Path]:
    found = [
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.stem.endswith("_kernels") or "_kernels" in path.parent.parts
    ]
    return sorted(found)


def imports(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def test_there_are_kernels() -> None:
    assert kernel_modules()


@pytest.mark.parametrize("path", kernel_modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_kernel_imports(path: Path) -> None:
    foreign = {
        name for name in imports(ast.parse(path.read_text(encoding="utf-8"))) if name not in ALLOWED
    }
    # a kernel may call a kernel of its own folder
    own = {part for part in path.relative_to(ROOT).parts[:1] if "_kernels" in str(path)}
    assert foreign <= own, f"{path} imports {foreign - own}"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in own:
            assert "_kernels" in (node.module or ""), f"{path} imports {node.module}"


def test_jit_lives_in_kernel_modules() -> None:
    known = set(kernel_modules())
    stray = [
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path not in known and "numba.njit" in path.read_text(encoding="utf-8")
    ]
    assert stray == []


@pytest.mark.parametrize("path", kernel_modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_kernels_are_cached(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                text = ast.unparse(decorator)
                if "njit" in text and "inline" not in text:
                    assert "cache=True" in text, f"{path}: {node.name}"
