"""Catalog entries as a person would write them: plain YAML, a comment line above each."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any, Final

import yaml

#: Beginning of the comments that are written with an entry and go with it; those of a
#: person stay.
MARK: Final = "#: "
#: Longest line of a comment.
_WIDTH: Final = 96


class _Plain(yaml.SafeDumper):
    """Writes no anchors and quotes every text that YAML could take for something else."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Indent lists below their key."""
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    """Quote what begins like a number or is empty: a code must stay text."""
    style = '"' if not value or value[0] in "0123456789.+-" else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Plain.add_representer(str, _text)


def entry_text(name: str, entry: Mapping[str, Any], comment: str, indent: int) -> str:
    """Return one entry as YAML.

    Parameters
    ----------
    name
        Key of the entry.
    entry
        Its fields, in the order in which they are to stand.
    comment
        One line above it; empty for none.
    indent
        Blanks before the key.
    """
    body = yaml.dump(
        {name: dict(entry)}, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=1000
    )
    said = "".join(f"{MARK}{line}\n" for line in _lines(comment))
    return textwrap.indent(said + body, " " * indent)


def _lines(comment: str) -> list[str]:
    words = "".join(c if c.isprintable() else " " for c in comment)
    plain = " ".join(words.split())
    return [plain[i : i + _WIDTH] for i in range(0, len(plain), _WIDTH)]
