"""Codes of forest columns: one way of writing a column, and nothing that is not known.

Deliveries write the same code as ``1``, ``01`` or ``10`` (reference rules.md §8.1). One way
throughout a column is understood; two ways in one column are ambiguous and refused. A code
that neither the references nor the catalog explain has no meaning here: it is *unknown*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Say, TableError


@dataclass(frozen=True, slots=True)
class CodeBook:
    """What is known of a column.

    Parameters
    ----------
    digits
        Digit of the code -> meaning; written ``1``, ``01`` or ``10``.
    words
        Beginning of a Chinese text -> meaning, the first that fits; '' = not known.
    """

    digits: Mapping[str, str]
    words: Mapping[str, str]

    def meaning_of(self, word: str) -> str:
        """Return what a word of the user or of a file means here; '' where it means nothing."""
        if word and (word in self.digits.values() or word in self.words.values()):
            return word
        return _worded(word, self)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Meanings of a column.

    Parameters
    ----------
    meaning
        (rows,) of text; empty where it is not known.
    unknown
        Values without a meaning and how often each occurs; ``""`` = not filled in.
    """

    meaning: npt.NDArray[np.object_]
    unknown: Mapping[str, int]


def plain_text(value: Any) -> str:
    """Return a code as text: no blanks, a whole float without its decimals."""
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
        return ""
    if isinstance(value, (int, float, np.integer, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def decode(
    column: pd.Series[Any], book: CodeBook, declared: Mapping[str, str], subject: str
) -> Decoded:
    """Return the meaning of every value of a column.

    Parameters
    ----------
    column
        As the file has it.
    declared
        Value -> meaning as the catalog says (``adapter.values``); goes first. A meaning that
        the book does not have explains nothing: its code stays unknown, never "not".

    Raises
    ------
    TableError
        Codes written in more than one way in the same column.
    """
    texts = column.map(plain_text)
    meaning: dict[str, str] = {}
    ways: dict[int, list[str]] = {}
    for text in sorted(set(texts)):
        worded = book.meaning_of(declared[text]) if text in declared else _worded(text, book)
        if worded:
            meaning[text] = worded
        if worded or text in declared:
            continue
        way, digit = _digit(text, book)
        if digit:
            meaning[text] = book.digits[digit]
            ways.setdefault(way, []).append(text)
    if len(ways) > 1:
        seen = ", ".join(one for way in sorted(ways) for one in ways[way])
        raise TableError(
            subject,
            Say(f"字段 {column.name} 的代码写法不一（{seen}），1、01、10 无法分辨",
                f"column {column.name} writes its codes in several ways ({seen}): ambiguous"),
            Say("统一写法，或在 adapter.values 中逐个写明含义",
                "use one way, or give each code its meaning in adapter.values"),
        )  # fmt: skip
    lost = Counter(text for text in texts if text not in meaning)
    found = np.array([meaning.get(text, "") for text in texts], dtype=object)
    return Decoded(found, dict(sorted(lost.items())))


def _worded(text: str, book: CodeBook) -> str:
    return next((m for word, m in book.words.items() if text.startswith(word)), "")


def _digit(text: str, book: CodeBook) -> tuple[int, str]:
    """Return the way of writing (0: ``1``, 1: ``01``, 2: ``10``) and the digit, or ''."""
    if len(text) == 1 and text in book.digits:
        return 0, text
    if len(text) == 2 and text[0] == "0" and text[1] in book.digits:
        return 1, text[1]
    if len(text) == 2 and text[1] == "0" and text[0] in book.digits:
        return 2, text[0]
    return 0, ""


def listed(unknown: Mapping[str, int], most: int = 8) -> Say:
    """Return the unknown values and their counts in one phrase."""
    shown = [(text or "", n) for text, n in list(unknown.items())[:most]]
    rest = len(unknown) - len(shown)
    zh = "、".join(f"{text or '（空）'} {n} 个" for text, n in shown)
    en = ", ".join(f"{text or '(blank)'} x{n}" for text, n in shown)
    return Say(
        zh + (f" 等另 {rest} 种" if rest else ""), en + (f" and {rest} more" if rest else "")
    )
