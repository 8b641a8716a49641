"""Power curve of a turbine as a CSV: columns by their names, units in brackets, faults named.

Lines that begin with ``#`` hold ``key: value`` of the machine (name, rated_mw, rotor_m, hub_m,
source). A column without a name is the row number of some export: read by position it would
be taken for the wind speed, so the file is refused.
"""

from __future__ import annotations

import codecs
import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import Say, SizeError, TableError

Column = npt.NDArray[np.float64]

MAX_BYTES: Final = 1_000_000
_SPEED_NAMES: Final = frozenset({"windspeed", "speed", "v", "风速"})
_POWER_NAMES: Final = frozenset({"power", "p", "功率", "出力"})
#: Unit of a power column -> kW; None = share of the rated power.
_POWER_UNITS: Final = {"w": 0.001, "kw": 1.0, "mw": 1000.0, "-": None, "1": None, "pu": None}
_HEADER: Final = re.compile(r"^(?P<name>[^\[(（]+?)\s*[\[(（]\s*(?P<unit>[^\])）]+?)\s*[\])）]$")
_WANTED: Final = Say("Wind Speed [m/s] 与 Power [kW]", "Wind Speed [m/s] and Power [kW]")


@dataclass(frozen=True, slots=True, eq=False)
class CurveFile:
    """What a file of a power curve says.

    Parameters
    ----------
    speeds
        Wind speeds at hub height, as written. [m/s]
    powers
        Electric power. [kW], or share of the rated power where ``normalised``
    facts
        The ``# key: value`` lines.
    """

    speeds: Column
    powers: Column
    normalised: bool
    facts: dict[str, str]


def read_curve(path: Path) -> CurveFile:
    """Read a power curve.

    Parameters
    ----------
    path
        CSV in UTF-8, UTF-16 with its mark, or GB18030.

    Raises
    ------
    TableError
        Absent, undecodable, a column without name or unit, a cell that is no number.
    SizeError
        Larger than a megabyte.
    """
    facts: dict[str, str] = {}
    lines: list[str] = []
    for line in _text(path).splitlines():
        if line.startswith("#"):
            key, _, value = line[1:].partition(":")
            facts[key.strip().casefold()] = value.strip()
        elif line.strip(" ,;\t"):
            lines.append(line)
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines)]
    if len(rows) < 2:
        raise TableError(
            path,
            Say("没有表头与数据行", "has no header and rows"),
            Say(f"第一行写列名 {_WANTED.zh}", f"name the columns {_WANTED.en} in the first line"),
        )
    speed, power, factor = _columns(path, rows[0])
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(rows[0]):
            raise TableError(
                path,
                Say(f"第 {number} 个数据行有 {len(row)} 列，表头有 {len(rows[0])} 列",
                    f"row {number} has {len(row)} values, the header {len(rows[0])}"),
                Say("补全该行或表头", "complete the row or the header"),
            )  # fmt: skip
    powers = _numbers(path, rows, power)
    scaled = powers if factor is None else powers * factor
    return CurveFile(_numbers(path, rows, speed), scaled, factor is None, facts)


def _text(path: Path) -> str:
    if not path.is_file():
        raise TableError(
            path,
            Say("功率曲线文件不存在", "is no file of a power curve"),
            Say("检查路径", "check the path"),
        )
    if path.stat().st_size > MAX_BYTES:
        raise SizeError(
            path,
            Say("超过 1 MB，不像功率曲线", "is larger than 1 MB, unlike a power curve"),
            Say("只留风速与功率两列", "keep the columns of speed and power"),
        )
    raw = path.read_bytes()
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for codec in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeError:
            continue
    raise TableError(
        path,
        Say("编码不是 UTF-8 或 GB18030", "is neither UTF-8 nor GB18030"),
        Say("另存为 UTF-8 的 CSV", "save it as CSV in UTF-8"),
    )


def _columns(path: Path, header: list[str]) -> tuple[int, int, float | None]:
    """Return the columns of speed and power and the factor of the power to kW."""
    if "" in header:
        at = header.index("") + 1
        raise TableError(
            path,
            Say(f"第 {at} 列没有列名，像是导出表格时带出的行号",
                f"column {at} has no name: the row number of an export, it seems"),
            Say("删去该列，或给它列名", "delete the column, or name it"),
        )  # fmt: skip
    speed = _one(path, header, _SPEED_NAMES, Say("风速", "wind speed"))
    power = _one(path, header, _POWER_NAMES, Say("功率", "power"))
    if _unit(path, header[speed]).replace(" ", "") not in {"m/s", "ms-1", "米/秒"}:
        raise TableError(
            path,
            Say(f"风速列 {header[speed]} 的单位应为 m/s", f"{header[speed]} must be in m/s"),
            Say("换算为 m/s 并改列名", "convert it to m/s and rename the column"),
        )
    unit = _unit(path, header[power])
    if unit not in _POWER_UNITS:
        raise TableError(
            path,
            Say(f"功率列 {header[power]} 的单位不认识", f"{header[power]} has an unknown unit"),
            Say("单位写 W、kW、MW 或 -（占额定功率之比）", "use W, kW, MW, or - for a share"),
        )
    return speed, power, _POWER_UNITS[unit]


def _one(path: Path, header: list[str], names: frozenset[str], what: Say) -> int:
    plain = [re.split(r"[\[(（]", cell)[0] for cell in header]
    folded = [re.sub(r"[\s_]", "", cell).casefold() for cell in plain]
    found = [index for index, cell in enumerate(folded) if cell in names]
    if len(found) == 1:
        return found[0]
    listed = "、".join(header)
    raise TableError(
        path,
        Say(f"有 {len(found)} 个{what.zh}列，应恰有一个（现有：{listed}）",
            f"has {len(found)} columns of {what.en}, wanted one (it has: {', '.join(header)})"),
        Say(f"列名写 {_WANTED.zh}", f"name the columns {_WANTED.en}"),
    )  # fmt: skip


def _unit(path: Path, cell: str) -> str:
    match = _HEADER.match(cell)
    if match is None:
        raise TableError(
            path,
            Say(f"列 {cell} 没有单位", f"column {cell} has no unit"),
            Say(f"列名写 {_WANTED.zh}", f"name the columns {_WANTED.en}"),
        )
    return match["unit"].strip().casefold()


def _numbers(path: Path, rows: list[list[str]], column: int) -> Column:
    values = np.empty(len(rows) - 1)
    for number, row in enumerate(rows[1:], start=1):
        try:
            values[number - 1] = float(row[column])
        except ValueError:
            values[number - 1] = np.nan
        if not np.isfinite(values[number - 1]):
            raise TableError(
                path,
                Say(f"列 {rows[0][column]} 第 {number} 行“{row[column]}”不是数",
                    f"column {rows[0][column]}, row {number}: {row[column]!r} is no number"),
                Say("改正该值", "correct the value"),
            )  # fmt: skip
    return values
