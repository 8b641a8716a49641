"""Put entries into the text of a catalog file: comments and order of the rest stay."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from geo.errors import CatalogError, Say
from layers.bureau.entrytext import MARK

#: Text of a catalog that does not exist yet; ``{region}`` and ``{extends}`` are filled in.
NEW: Final = """\
# 本单位的数据目录，由 shiyan catalog add 写成，可手工修改。
# A catalog of the user's own files; layers that are not here are taken from the profile below.
region: {region}
extends: {extends}
entries:
"""
#: A line with its end; other characters at which Python would cut are part of the text.
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_ENTRIES: Final = re.compile(r"^\ufeff?entries:\s*(#.*)?$")
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
    eol = "\r\n" if "\r\n" in text else "\n"
    lines = _LINE.findall(text)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += eol
    start = next((i for i, line in enumerate(lines) if _ENTRIES.match(line)), -1)
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
    added = "".join(blocks.values()).replace("\n", eol)
    return "".join(lines[: start + 1]) + "".join(body) + added + "".join(lines[end:])


def _end(lines: list[str], start: int) -> int:
    """Return the line after the block: where the next top-level key begins."""
    end = next((i for i in range(start, len(lines)) if _TOP.match(lines[i])), len(lines))
    # comments and blank lines before the next key belong to that key
    while end > start and end < len(lines) and not lines[end - 1].startswith((" ", "\t")):
        end -= 1
    return end


def _without(body: list[str], names: Collection[str]) -> list[str]:
    """Return the block without some entries and the comments that were written with them."""
    depth = next((_indent(x) for x in body if x.strip() and not _is_comment(x)), 2)
    key = re.compile(rf"^ {{{depth}}}([^\s#][^:]*):")
    starts = [(i, found[1].strip("\"'")) for i, x in enumerate(body) if (found := key.match(x))]
    ends = [*(i for i, _ in starts[1:]), len(body)]
    gone: set[int] = set()
    for (start, name), end in zip(starts, ends, strict=False):
        if name not in names:
            continue
        last = max(i for i in range(start, end) if body[i].strip() and not _is_comment(body[i]))
        while last + 1 < end and _is_comment(body[last + 1]) and _indent(body[last + 1]) > depth:
            last += 1  # a comment at the level of keys belongs to the next entry
        gone |= set(range(start, last + 1))
        above = start - 1
        while above >= 0 and body[above].lstrip().startswith(MARK):
            gone.add(above)
            above -= 1
    return [line for i, line in enumerate(body) if i not in gone]


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def indent_of(text: str) -> int:
    """Return the blanks before the entries of a catalog; 2 when it has none."""
    inside = False
    for line in _LINE.findall(text):
        if _ENTRIES.match(line):
            inside = True
        elif inside and line.strip() and not line.lstrip().startswith("#"):
            return len(line) - len(line.lstrip()) or 2
    return 2
