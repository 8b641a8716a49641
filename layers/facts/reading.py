"""Reading of the facts tables: UTF-8 CSV in, checked rows out, each fault with its line.

A number without a source id, an unknown source, an upside-down band or a repeated id is
a :class:`geo.errors.TableError` that names the file and the line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from geo.errors import Say, TableError
from geo.passport import GRADES

_EXTRA = "(extra)"
STATUSES = ("published", "derived", "prior", "missing")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its cells, and where it stands."""

    where: str
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """Return the cell as text."""
        return self.cells[column]

    def english(self, column: str) -> str:
        """Return the cell of ``<column>_en``; the Chinese one where a table has none."""
        return self.cells.get(f"{column}_en") or self.cells[column]

    def number(self, column: str) -> float | None:
        """Return the cell as a number; empty = not published."""
        cell = self.cells[column]
        if not cell:
            return None
        try:
            value = float(cell)
        except ValueError as error:
            raise self.fault(f"{column} = {cell!r} 不是数字", f"{column} = {cell!r}") from error
        if value - value != 0:  # nan or infinite
            raise self.fault(f"{column} = {cell!r} 不是有限数", f"{column} is not finite")
        return value

    def required(self, column: str) -> float:
        """Return the cell as a number that may not be empty."""
        value = self.number(column)
        if value is None:
            raise self.fault(f"{column} 为空", f"{column} is empty")
        return value

    def flag(self, column: str) -> bool:
        """Return the cell as a yes (1) or no (0)."""
        return self.member(column, ("0", "1")) == "1"

    def day(self, column: str) -> date | None:
        """Return the cell as an ISO date; empty = none."""
        cell = self.cells[column]
        if not cell:
            return None
        try:
            return date.fromisoformat(cell)
        except ValueError as error:
            raise self.fault(f"{column} = {cell!r} 不是日期", f"{column} is no date") from error

    def member(self, column: str, allowed: tuple[str, ...]) -> str:
        """Return the cell, one of ``allowed``."""
        cell = self.cells[column]
        if cell not in allowed:
            raise self.fault(
                f"{column} = {cell!r} 不在 {allowed} 之内", f"{column} = {cell!r} not in {allowed}"
            )
        return cell

    def grade(self, column: str = "grade") -> str:
        """Return the evidence grade."""
        return self.member(column, GRADES)

    def fault(self, zh: str, en: str) -> TableError:
        """Return the error that names this line."""
        return TableError(
            self.where,
            Say(zh, en),
            Say("改正该行；未公布的留空", "mend the line; leave unknown empty"),
        )


def rows(folder: Path, name: str, columns: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows of ``folder/name``, with every column, after a check of its header.

    Raises
    ------
    TableError
        If the file is missing, not UTF-8, or lacks one of ``columns``.
    """
    path = folder / name
    where = f"facts/{folder.name}/{name}"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(
            where,
            Say(f"读不出：{error.__class__.__name__}", f"unreadable: {error.__class__.__name__}"),
            Say("补上该表，UTF-8 编码", "supply the table in UTF-8"),
        ) from error
    reader = csv.DictReader(text.splitlines(), restkey=_EXTRA, restval="")
    absent = [c for c in columns if c not in (reader.fieldnames or [])]
    if absent:
        raise TableError(
            f"{where}:1",
            Say(f"缺少列 {absent}", f"lacks the columns {absent}"),
            Say("补上这些列", "add the columns"),
        )
    for cells in reader:
        row = Row(
            f"{where}:{reader.line_num}",
            {c: v.strip() for c, v in cells.items() if isinstance(v, str)},
        )
        if _EXTRA in cells:
            raise row.fault("格数多于表头", "has more cells than the header")
        yield row


def check_sources(row: Row, column: str, known: Mapping[str, object], *, needed: bool) -> str:
    """Return the source ids of a cell (joined by ``;``) after a check of each.

    Raises
    ------
    TableError
        If a source is ``needed`` and absent, or is not registered in ``sources.csv``.
    """
    cell = row.text(column)
    if needed and not cell:
        raise row.fault(f"有数字而无来源（{column}）", f"a number without a source id ({column})")
    unknown = [one for one in cell.split(";") if one and one not in known]
    if unknown:
        raise row.fault(f"来源 {unknown} 未登记", f"sources {unknown} are not registered")
    return cell


def unique(row: Row, column: str, seen: set[str]) -> str:
    """Return the id of a row and remember it; a repeated or empty one is a fault."""
    cell = row.text(column)
    if not cell or cell in seen:
        raise row.fault(f"编号 {cell!r} 为空或重复", f"id {cell!r} is empty or repeated")
    seen.add(cell)
    return cell
