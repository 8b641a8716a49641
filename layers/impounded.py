"""When the reservoirs of a layer were filled, as the catalog says it (truth.md D20)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geo.errors import CatalogError, Say

if TYPE_CHECKING:
    from layers.layer import Layer

#: Column of the layer that holds the date; the only one that this field may fill.
COLUMN: Final = "impounded"
_DATE: Final = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def check(dates: Mapping[str, str], allowed: bool, name: str, subject: str) -> None:
    """Refuse dates of a layer without reservoirs, and what is no year, month or day.

    Parameters
    ----------
    dates
        Reservoir -> date.
    allowed
        The layer has the column :data:`COLUMN`.
    name, subject
        Entry and catalog, for the message.

    Raises
    ------
    CatalogError
    """
    if dates and not allowed:
        raise CatalogError(
            subject,
            Say(f"条目 {name}：impounded 只用于水库图层",
                f"entry {name}: impounded belongs to the layer of reservoirs"),
            Say("删去 impounded", "leave it out"),
        )  # fmt: skip
    for lake, date in dates.items():
        if not _DATE.fullmatch(date):
            raise CatalogError(
                subject,
                Say(f"条目 {name}：{lake} 的蓄水日期 {date} 不是日期",
                    f"entry {name}: {date} of {lake} is no date"),
                Say("写作 2011、2011-09 或 2011-09-08", "write 2011, 2011-09 or 2011-09-08"),
            )  # fmt: skip


def dated(layer: Layer, dates: Mapping[str, str]) -> Layer:
    """Return the layer with the catalog's dates where its features carry none.

    Parameters
    ----------
    dates
        Reservoir -> date; names that the layer does not hold are noted.
    """
    if not dates:
        return layer
    frame = layer.vector()
    told = frame["name"].map(dict(dates)).fillna("")
    if COLUMN in frame.columns:
        told = told.where(frame[COLUMN] == "", frame[COLUMN])
    frame = frame.assign(**{COLUMN: told.astype("str")})
    absent = [lake for lake in dates if lake not in set(frame["name"])]
    notes = layer.notes
    if absent:
        names = "、".join(absent)
        notes = (*notes, f"目录写有蓄水日期的 {names} 不在图层中 (impounded names no such lake)")
    return replace(layer, data=frame, notes=notes)
