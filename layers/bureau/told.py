"""What the user said about codes and values, checked before it is believed.

A slip in ``--value`` or ``--set`` must not turn into ground that counts as known: a meaning
that no rule understands, or a column that the file does not have, is refused with a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from geo.errors import OptionError, Say
from layers.bureau.codes import CodeBook
from layers.bureau.strata import LAND, SPECIES
from layers.bureau.subcolumns import aliases_of
from layers.bureau.subcompartments import BOOKS
from layers.bureau.vocabulary import WORDS
from layers.contract import LayerSpec

#: Every meaning that a canonical column of sub-compartments may be given.
_BOOKS: Final[Mapping[str, tuple[CodeBook, ...]]] = {
    **{name: (book,) for name, book in BOOKS.items()},
    "DI_LEI": (BOOKS["DI_LEI"], LAND),
    "YOU_SHI_SZ": (SPECIES,),
}
_DATE: Final = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_Told = Mapping[str, Mapping[str, Any]]


def forest_values(
    values: _Told, columns: Iterable[str], renamed: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Return ``--value`` of sub-compartments by canonical column.

    Parameters
    ----------
    values
        Column, by its name in the file or the canonical one -> code -> meaning.
    columns
        Columns of the file.
    renamed
        Column of the file -> canonical column, as the user said.

    Raises
    ------
    OptionError
        A column without codes, or a meaning that nothing understands; lists what may be said.
    """
    found: dict[str, dict[str, Any]] = {}
    canonical = {old: new for new, names in aliases_of(columns).items() for old in names}
    canonical |= renamed
    for column, codes in values.items():
        name = canonical.get(column, column)
        books = _BOOKS.get(name)
        if books is None:
            raise _no_column(column, _BOOKS)
        for code, meaning in codes.items():
            if not any(book.meaning_of(str(meaning)) for book in books):
                raise _no_meaning(f"{column}:{code}={meaning}", _words(books))
        found.setdefault(name, {}).update(codes)
    return found


def plain_values(
    values: _Told, spec: LayerSpec, renamed: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Return ``--value`` of an ordinary layer by column of the contract.

    Raises
    ------
    OptionError
        The layer has no such column.
    """
    found: dict[str, dict[str, Any]] = {}
    known = (*spec.columns, *spec.optional)
    for column, codes in values.items():
        name = column if column in known else renamed.get(column, column)
        if name not in known:
            raise _no_column(column, known)
        found.setdefault(name, {}).update(codes)
    return found


def filled(fill: Mapping[str, str], spec: LayerSpec) -> dict[str, Any]:
    """Return ``--set`` with numbers where the contract wants numbers.

    Raises
    ------
    OptionError
        The layer has no such column, or the value is no number.
    """
    made: dict[str, Any] = {}
    for name, text in fill.items():
        kind = spec.kind_of(name)
        if kind is None:
            raise _no_column(name, (*spec.columns, *spec.optional), "--set")
        told = WORDS.get(spec.name, {}).get(name, {}).get(text)
        if told is not None:
            made[name] = told
            continue
        try:
            made[name] = int(text) if kind == "int" else float(text) if kind == "float" else text
        except ValueError as fault:
            raise OptionError(
                f"--set {name}={text}",
                Say(f"{name} 应为数", f"{name} must be a number"),
                Say(f"写作 --set {name}=数", f"write --set {name}=NUMBER"),
            ) from fault
    return made


def refuse_unused(target: str, **given: Any) -> None:
    """Raise OptionError for an option that has no meaning for a kind of file."""
    for option in sorted(option for option, words in given.items() if words):
        raise OptionError(
            f"--{option}",
            Say(f"对 {target} 不起作用", f"has no effect on {target}"),
            Say(f"删去 --{option}", f"leave --{option} out"),
        )


def check_date(text: str | None) -> None:
    """Raise OptionError unless ``--acquired`` is a year, a month or a day."""
    if text is None or _DATE.fullmatch(text):
        return
    raise OptionError(
        f"--acquired {text}",
        Say("不是日期", "is no date"),
        Say("写作 2023、2023-12 或 2023-12-31", "write 2023, 2023-12 or 2023-12-31"),
    )


def _words(books: Iterable[CodeBook]) -> str:
    every = [one for book in books for one in (*book.digits.values(), *book.words)]
    every += [one for book in books for one in book.words.values()]
    return ", ".join(dict.fromkeys(one for one in every if one))


def _no_column(column: str, known: Iterable[str], option: str = "--value") -> OptionError:
    names = ", ".join(known) or "-"
    return OptionError(
        f"{option} {column}",
        Say(f"没有字段 {column}", f"there is no column {column}"),
        Say(f"可用：{names}", f"use one of {names}"),
    )


def _no_meaning(text: str, words: str) -> OptionError:
    return OptionError(
        f"--value {text}",
        Say("没有这个含义，不能猜", "has a meaning that nothing understands"),
        Say(f"可写：{words}", f"write one of {words}"),
    )
