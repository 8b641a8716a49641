"""Predicate expressions of the rule table: names joined by and, or, not.

Evaluated in Kleene's three-valued logic (hit, clear, unknown), so that an unknown
red line stays unknown until something else decides the matter.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from geo.errors import CatalogError, Say

Bools = npt.NDArray[np.bool_]
_MAX_LENGTH: Final = 500


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression.

    Parameters
    ----------
    op
        ``name``, ``and``, ``or`` or ``not``.
    name
        Predicate name when ``op`` is ``name``, else empty.
    parts
        Operands of the other operators.
    """

    op: Literal["name", "and", "or", "not"]
    name: str = ""
    parts: tuple[Expression, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Return the predicate names in order of first use."""
        if self.op == "name":
            return (self.name,)
        seen: dict[str, None] = {}
        for part in self.parts:
            seen.update(dict.fromkeys(part.names()))
        return tuple(seen)

    def affirmed(self, *, wanted: bool = True) -> tuple[str, ...]:
        """Return the names that are asked to hold, without those under a ``not``.

        Parameters
        ----------
        wanted
            False: the names that are asked not to hold.
        """
        if self.op == "name":
            return (self.name,) if wanted else ()
        inner = wanted != (self.op == "not")
        found = (name for part in self.parts for name in part.affirmed(wanted=inner))
        return tuple(dict.fromkeys(found))

    def renamed(self, names: Mapping[str, str]) -> Expression:
        """Return the expression with other names where ``names`` gives one."""
        parts = tuple(part.renamed(names) for part in self.parts)
        return Expression(self.op, names.get(self.name, self.name), parts)

    def text(self) -> str:
        """Return the expression as :func:`parse` reads it."""
        if self.op == "name":
            return self.name
        inner = [part.text() if part.op == "name" else f"({part.text()})" for part in self.parts]
        return f"not {inner[0]}" if self.op == "not" else f" {self.op} ".join(inner)


def parse(text: str) -> Expression:
    """Parse ``text`` such as ``"redline and not (tree or bamboo)"``.

    Raises
    ------
    CatalogError
        When the text holds anything but names, ``and``, ``or``, ``not`` and brackets, or
        is longer than 500 characters.
    """
    if len(text) > _MAX_LENGTH:  # deep nesting would exhaust the parser
        raise _malformed(text)
    try:
        return _convert(ast.parse(text.strip(), mode="eval").body, text)
    except (SyntaxError, ValueError) as error:
        raise _malformed(text) from error


def _convert(node: ast.expr, text: str) -> Expression:
    if isinstance(node, ast.Name):
        return Expression("name", node.id)
    if isinstance(node, ast.BoolOp):
        parts = tuple(_convert(value, text) for value in node.values)
        return Expression("and" if isinstance(node.op, ast.And) else "or", parts=parts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return Expression("not", parts=(_convert(node.operand, text),))
    raise _malformed(text)


def evaluate(
    expression: Expression, values: Mapping[str, tuple[Bools, Bools]]
) -> tuple[Bools, Bools]:
    """Evaluate over arrays of patterns.

    Parameters
    ----------
    values
        (hit [n], unknown [n]) of each predicate; never both true.

    Returns
    -------
    tuple
        (hit [n], unknown [n]) of the expression; neither = clear.
    """
    if expression.op == "name":
        return values[expression.name]
    results = [evaluate(part, values) for part in expression.parts]
    if expression.op == "not":
        hit, unknown = results[0]
        return ~(hit | unknown), unknown
    hit, unknown = results[0]
    for other_hit, other_unknown in results[1:]:
        if expression.op == "and":
            possible = (hit | unknown) & (other_hit | other_unknown)
            hit = hit & other_hit
        else:
            possible = hit | unknown | other_hit | other_unknown
            hit = hit | other_hit
        unknown = possible & ~hit
    return hit, unknown


def _malformed(text: str) -> CatalogError:
    return CatalogError(
        f"when: {text[:60]}",
        Say("不是谓词表达式", "is no predicate expression"),
        Say("只用谓词名、and、or、not 和括号", "use predicate names, and, or, not and brackets"),
    )
