"""Parameters of a technology: a CSV of sourced rows beside its code, overridden by the user.

Columns ``key,value,low,high,unit,status,source,grade,title,title_en,citation``; every default
carries its source and status into the report's parameter table. ``prior`` (an assumption of
ours) and ``user`` stand where no source exists: they mark a value and are no source ids.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Final

import numpy as np
import pandas as pd

from geo.errors import OptionError, Say
from geo.passport import Passport, merge
from geo.sourced import Sourced

#: Source id of a value that the user set.
USER = "user"
#: What stands in the source column of a value without a source.
NO_SOURCE: Final = {"prior": "预设（无来源，未核验）", USER: "用户给定"}


@dataclass(frozen=True, slots=True)
class Params(Mapping[str, Sourced]):
    """Sourced parameters by key, with the name a reader sees.

    Parameters
    ----------
    group
        Technology, the first part of an override's key (``pv.dc_ac``).
    citations
        What a source id stands for, so that a run without facts tables can say it.
    """

    group: str
    values_by_key: Mapping[str, Sourced]
    titles: Mapping[str, Say] = field(default_factory=dict)
    citations: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Sourced:
        return self.values_by_key[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_key)

    def __len__(self) -> int:
        return len(self.values_by_key)

    def number(self, key: str) -> float:
        """Return the value of ``key`` in its unit.

        Raises
        ------
        OptionError
            If the parameter has no value.
        """
        value = self.values_by_key[key].value
        if value is None:
            raise OptionError(
                f"{self.group}.{key}",
                Say("没有数值", "has no value"),
                Say("给出数值", "give a value"),
            )
        return value

    def share(self, key: str) -> float:
        """Return the value of ``key``, a share. [0-1].

        Raises
        ------
        OptionError
            If the parameter has no value or it is not within 0-1.
        """
        value = self.number(key)
        if not 0.0 <= value <= 1.0:
            raise OptionError(
                f"{self.group}.{key}",
                Say(f"数值 {value:g} 不在 0 到 1 之间", f"{value:g} is not within 0-1"),
                Say("写 0 到 1 的比例", "give a share of 0 to 1"),
            )
        return value

    def within(self, ranges: Mapping[str, tuple[float, float]]) -> None:
        """Refuse a value outside the least and the most that a calculation can bear.

        Parameters
        ----------
        ranges
            Key -> least and most, in the unit of the parameter.

        Raises
        ------
        OptionError
            The first value that lies outside.
        """
        for key, (least, most) in ranges.items():
            value = self.number(key)
            if not least <= value <= most:
                raise OptionError(
                    f"{self.group}.{key}",
                    Say(f"数值 {value:g} 无效", f"{value:g} is invalid"),
                    Say(f"写 {least:g} 到 {most:g}", f"give {least:g} to {most:g}"),
                )

    def changed(self, overrides: Mapping[str, float]) -> Params:
        """Return the parameters with the user's values (keys ``group.key``) in place.

        Raises
        ------
        OptionError
            If a key of this group is unknown or its value is not finite and positive; zero
            is allowed where the default's band begins at it, any sign where it begins below.
        """
        values = dict(self.values_by_key)
        for name, value in overrides.items():
            group, _, key = name.partition(".")
            if group != self.group:
                continue
            if key not in values:
                raise OptionError(
                    name,
                    Say("没有这个参数", "is no parameter"),
                    Say(f"可用：{sorted(values)}", f"one of {sorted(values)}"),
                )
            old = values[key]
            signed, zero = _allowed(old)
            if not np.isfinite(value) or not (signed or value > 0 or (zero and value == 0)):
                raise OptionError(
                    name,
                    Say(f"数值 {value} 无效", f"{value} is invalid"),
                    _wanted(old),
                )
            values[key] = replace(old, value=float(value), source=USER, grade="-", status="user")
        return replace(self, values_by_key=values)

    def passport(self) -> Passport:
        """Return the merged provenance of all values."""
        whole = merge(*(value.passport() for value in self.values_by_key.values()))
        sources = tuple(one for one in whole.sources if one not in NO_SOURCE)
        cited = tuple(self.citations[one] for one in sources if one in self.citations)
        return replace(whole, sources=sources, citations=(*whole.citations, *cited))

    def frame(self) -> pd.DataFrame:
        """Return the rows of the report's parameter table, Chinese headings."""
        rows = [
            {
                "技术": self.group,
                "参数": key,
                "名称": self.titles[key].zh if key in self.titles else key,
                "数值": value.value,
                "低值": value.low,
                "高值": value.high,
                "单位": value.unit,
                "状态": value.status,
                "来源": NO_SOURCE.get(value.source, value.source),
                "出处": self.citations.get(value.source, ""),
                "证据等级": value.grade,
            }
            for key, value in self.values_by_key.items()
        ]
        return pd.DataFrame(rows)


def load_params(package: str, group: str) -> Params:
    """Return the parameters shipped as ``params.csv`` in ``package``.

    Parameters
    ----------
    package
        Importable package, e.g. ``siting.pv``.
    group
        Prefix of the keys in overrides, e.g. ``pv``.
    """
    text = resources.files(package).joinpath("params.csv").read_text(encoding="utf-8")
    values: dict[str, Sourced] = {}
    titles: dict[str, Say] = {}
    citations: dict[str, str] = {}
    for row in csv.DictReader(text.splitlines()):
        values[row["key"]] = Sourced(
            value=_number(row["value"]),
            unit=row["unit"],
            source=row["source"],
            low=_number(row["low"]),
            high=_number(row["high"]),
            grade=row["grade"] or "-",
            status=row["status"],
        )
        titles[row["key"]] = Say(row["title"], row["title_en"])
        if row["citation"]:
            citations[row["source"]] = row["citation"]
    return Params(group, values, titles, citations)


def _allowed(one: Sourced) -> tuple[bool, bool]:
    """Return whether a parameter may be negative, and whether it may be zero."""
    return one.low is not None and one.low < 0, one.low is not None and one.low <= 0


def _wanted(one: Sourced) -> Say:
    """Return the cure of a value that a parameter cannot take."""
    signed, zero = _allowed(one)
    zh, en = ("非负的", "a number of 0 or more") if zero else ("正的", "a positive number")
    if signed:
        zh, en = "", "a finite number"
    return Say(f"单位 {one.unit}，须为{zh}有限数", f"give {en} [{one.unit}]")


def _number(text: str) -> float | None:
    return float(text) if text else None
