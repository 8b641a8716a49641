"""Was a lake filled before or after the elevation was taken? Dates as year, month or day."""

from __future__ import annotations

import calendar
import re
from typing import Final

#: Before a date: then or earlier (a plant that runs has a lake that was filled).
NOT_AFTER: Final = "<="
_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


def span(text: str) -> tuple[str, str] | None:
    """Return the first and last day that a date may mean, or None when it is no date.

    Examples
    --------
    >>> span("2011"), span("2000-02"), span("unknown")
    (('2011-01-01', '2011-12-31'), ('2000-02-01', '2000-02-29'), None)
    """
    if text.startswith(NOT_AFTER):
        last_day = span(text.removeprefix(NOT_AFTER))
        return None if last_day is None else ("0000-01-01", last_day[1])
    found = _DATE.fullmatch(text.strip().removesuffix(".0"))
    if found is None:
        return None
    year, month, day = found[1], found[2], found[3]
    if month is None:
        return f"{year}-01-01", f"{year}-12-31"
    if not 1 <= int(month) <= 12:
        return None
    if day is None:
        last = calendar.monthrange(int(year), int(month))[1]
        return f"{year}-{month}-01", f"{year}-{month}-{last:02d}"
    return found[0], found[0]


def taken_before(acquired: str, impounded: str) -> bool | None:
    """Tell whether the elevation was taken before the lake was filled; None = not known.

    Parameters
    ----------
    acquired, impounded
        ISO dates, shortened to what is known; empty = unknown.

    Examples
    --------
    >>> taken_before("2000-02", "2011-09-08"), taken_before("2013", "1974")
    (True, False)
    >>> taken_before("2011", "2011-09-08") is None
    True
    """
    taken, filled = span(acquired), span(impounded)
    if taken is None or filled is None:
        return None
    if taken[1] < filled[0]:
        return True
    return False if filled[1] < taken[0] else None


def planned(impounded: str, as_of: str) -> bool:
    """Tell whether a lake is filled only after ``as_of``, an ISO day."""
    filled = span(impounded)
    return filled is not None and filled[0] > as_of
