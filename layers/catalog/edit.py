"""Put entries into the text of a catalog file: comments and order of the rest stay."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from geo.errors import CatalogError, Say

#: Text of a catalog that does not exist yet; ``{region}`` and ``{extends}`` are filled in.
NEW: Final = """\
# 本单位的数据目录，由 shiyan catalog add 写成，可手工修改。
# A catalog of the user's own files; layers that are not here are taken from the profile below.
region: {region}
extends: {extends}
entries:
"""
_TOP: Final = re.compile(r"^[^\s#]")


def insert(text: str, blocks: Mapping[str, str], replace: Collection[str], name: str) -> str:
    """Return a catalog's text with entries added.

    Parameters
    ----------
    text
        A catalog with ``entries:`` at the top level.
    blocks
        Entry name -> its YAML, indented by two blanks.
    replace
        Names of entries to take out first.
    name
        The file, for messages.

    Raises
    ------
    CatalogError
        The file has no block ``entries:`` of its own.
    """
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    start = next((i for i, line in enumerate(lines) if re.match(r"^entries:\s*(#.*)?$", line)), -1)
    if start < 0:
        raise CatalogError(
            name,
            Say("不是单一配置的目录文件：顶层没有成块的 entries:",
                "is not a catalog of one profile: no block entries: at the top"),
            Say("用 --catalog 指向另一个文件，新文件会自动生成",
                "point --catalog to another file; a new one is made"),
        )  # fmt: skip
    end = _end(lines, start + 1)
    body = _without(lines[start + 1 : end], replace)
    added = "".join(blocks.values())
    return "".join(lines[: start + 1]) + "".join(body) + added + "".join(lines[end:])


def _end(lines: list[str], start: int) -> int:
    """Return the line after the block: where the next top-level key begins."""
    end = next((i for i in range(start, len(lines)) if _TOP.match(lines[i])), len(lines))
    # comments and blank lines before the next key belong to that key
    while end > start and end < len(lines) and not lines[end - 1].startswith((" ", "\t")):
        end -= 1
    return end


def _without(body: list[str], names: Collection[str]) -> list[str]:
    """Return the block without some entries and the comments right above them."""
    depth = next((len(x) - len(x.lstrip()) for x in body if x.strip() and x.lstrip()[0] != "#"), 2)
    key = re.compile(rf"^ {{{depth}}}([^\s#][^:]*):")
    kept: list[str] = []
    dropping = False
    for line in body:
        found = key.match(line)
        if found:
            dropping = found[1].strip("\"'") in names
            if dropping:
                while kept and kept[-1].lstrip().startswith("#"):
                    kept.pop()
        elif dropping and re.match(rf"^ {{0,{depth}}}#", line):
            dropping = False  # a comment at the level of keys belongs to the next entry
        if not dropping:
            kept.append(line)
    return kept


def indent_of(text: str) -> int:
    """Return the blanks before the entries of a catalog; 2 when it has none."""
    inside = False
    for line in text.splitlines():
        if re.match(r"^entries:", line):
            inside = True
        elif inside and line.strip() and not line.lstrip().startswith("#"):
            return len(line) - len(line.lstrip()) or 2
    return 2
