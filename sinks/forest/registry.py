"""Parameter registry: every number of the forest model with its source and status.

The tables live in ``sinks/forest/params/*.csv``; a row without a source is refused
(reference: rules of the registry, ``docs/methods/forest.md`` §7).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Final

import pandas as pd

from geo.errors import OptionError, Say, TableError
from geo.sourced import Sourced

STATUSES: Final = ("verified", "published", "derived", "prior", "memory")


@cache
def _table(name: str) -> pd.DataFrame:
    text = files("sinks.forest").joinpath("params", f"{name}.csv").read_text(encoding="utf-8")
    frame = pd.read_csv(StringIO(text), comment=None)
    if name != "sources":
        check_rows(frame, name)
    return frame


def table(name: str) -> pd.DataFrame:
    """Return a copy of the parameter table ``name`` (``curves``, ``biomass``, ...)."""
    return _table(name).copy()


def check_rows(frame: pd.DataFrame, name: str) -> None:
    """Refuse rows without a source or with an unknown status.

    Raises
    ------
    TableError
        When a row has no ``source`` or a ``status`` outside :data:`STATUSES`.
    """
    bare = frame.index[frame["source"].isna() | (frame["source"].astype(str).str.strip() == "")]
    odd = frame.index[~frame["status"].isin(STATUSES)]
    if len(bare) or len(odd):
        rows = ", ".join(str(i + 2) for i in sorted({*bare, *odd}))
        raise TableError(
            f"{name}.csv",
            Say(f"第 {rows} 行缺来源或状态无效", f"rows {rows} lack a source or a known status"),
            Say(f"补上来源，状态取 {STATUSES} 之一", f"add the source, status one of {STATUSES}"),
        )


def priors(overrides: Mapping[str, float] | None = None) -> dict[str, Sourced]:
    """Return the user parameters by name, with ``overrides`` put in.

    Parameters
    ----------
    overrides
        Name -> value in the unit of the table; an overridden parameter loses its band.

    Raises
    ------
    OptionError
        For an unknown name, or a value outside the table's band.
    """
    frame = _table("priors")
    found: dict[str, Sourced] = {}
    for row in frame.to_dict("records"):
        low, high = _number(row["low"]), _number(row["high"])
        found[str(row["name"])] = Sourced(
            float(row["value"]),
            str(row["unit"]),
            str(row["source"]),
            low,
            high,
            str(row["grade"]),
            str(row["status"]),
        )
    for name, value in (overrides or {}).items():
        found[name] = _override(found, name, value)
    return found


def _override(found: Mapping[str, Sourced], name: str, value: float) -> Sourced:
    old = found.get(name)
    if old is None:
        raise OptionError(
            name,
            Say("没有这个森林参数", "is no forest parameter"),
            Say(f"可用：{'、'.join(found)}", f"use one of {', '.join(found)}"),
        )
    low = -float("inf") if old.low is None else old.low
    high = float("inf") if old.high is None else old.high
    if not low <= value <= high:
        raise OptionError(
            name,
            Say(
                f"{value} 不在 {low}–{high} {old.unit}",
                f"{value} is not in {low}-{high} {old.unit}",
            ),
            Say("取该范围内的值", "give a value inside the band"),
        )
    return Sourced(float(value), old.unit, old.source, value, value, old.grade, old.status)


def value(parameters: Mapping[str, Sourced], name: str) -> float:
    """Return the central value of a user parameter that must be present."""
    found = parameters[name].value
    if found is None:
        raise OptionError(
            name, Say("没有取值", "has no value"), Say("给出取值", "give the parameter a value")
        )
    return found


def limits(parameters: Mapping[str, Sourced], name: str) -> tuple[float, float]:
    """Return ``(low, high)`` of a user parameter; both the value when it has no band."""
    one = parameters[name]
    middle = value(parameters, name)
    return (middle if one.low is None else one.low, middle if one.high is None else one.high)


def _number(cell: object) -> float | None:
    number = float(str(cell))  # an empty cell reads nan
    return None if math.isnan(number) else number


def citation(source: str) -> str:
    """Return the title of a source of this package, or the id itself (registry of facts)."""
    frame = _table("sources")
    hit = frame.loc[frame["id"] == source, "title"]
    return f"{source} {hit.iloc[0]}" if len(hit) else source
