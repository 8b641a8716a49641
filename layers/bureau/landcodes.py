"""Land codes DLBM of the national land surveys -> land-cover classes of the contract.

Four digits (0101 ...) are the third survey, three digits (011 ...) the second: the same
number means other things, so they are never mixed. Codes that reference rules.md §8.1 lists
(0101-0103, 0201-0204, 0301-0307, 011, 031) and their neighbours 012, 013 are known by
themselves; any other counts only where the file's own DLMC gives it the name written here.
What has no class of the same meaning is *unknown*, never "other". The DLBM of a farmland
layer is not today's land and is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Say, TableError
from layers.bureau.codes import plain_text
from layers.contract import LAND_COVER

#: Code -> (name in DLMC, class of the contract; 0 = no class means the same).
THIRD: Final[Mapping[str, tuple[str, int]]] = MappingProxyType(
    {
        "0101": ("水田", 1), "0102": ("水浇地", 1), "0103": ("旱地", 1),
        "0201": ("果园", 2), "0202": ("茶园", 2), "0203": ("橡胶园", 2), "0204": ("其他园地", 2),
        "0301": ("乔木林地", 3), "0302": ("竹林地", 9), "0303": ("红树林地", 0),
        "0304": ("森林沼泽", 0), "0305": ("灌木林地", 4), "0306": ("灌丛沼泽", 0),
        "0307": ("其他林地", 0),
        "0401": ("天然牧草地", 5), "0402": ("沼泽草地", 0), "0403": ("人工牧草地", 5),
        "0404": ("其他草地", 5),
        "05H1": ("商业服务业设施用地", 7), "0508": ("物流仓储用地", 7),
        "0601": ("工业用地", 7), "0602": ("采矿用地", 7), "0603": ("盐田", 0),
        "0701": ("城镇住宅用地", 7), "0702": ("农村宅基地", 7),
        "08H1": ("机关团体新闻出版用地", 7), "08H2": ("科教文卫用地", 7),
        "0809": ("公用设施用地", 7), "0810": ("公园与绿地", 7), "0810A": ("广场用地", 7),
        "09": ("特殊用地", 7),
        "1001": ("铁路用地", 7), "1002": ("轨道交通用地", 7), "1003": ("公路用地", 7),
        "1004": ("城镇村道路用地", 7), "1005": ("交通服务场站用地", 7), "1006": ("农村道路", 7),
        "1007": ("机场用地", 7), "1008": ("港口码头用地", 7), "1009": ("管道运输用地", 7),
        "1101": ("河流水面", 6), "1102": ("湖泊水面", 6), "1103": ("水库水面", 6),
        "1104": ("坑塘水面", 6), "1104A": ("养殖坑塘", 6), "1106": ("内陆滩涂", 6),
        "1107": ("沟渠", 6), "1107A": ("干渠", 6), "1108": ("沼泽地", 0),
        "1109": ("水工建筑用地", 7),
        "1201": ("空闲地", 0), "1202": ("设施农用地", 0), "1203": ("田坎", 0),
        "1204": ("盐碱地", 8), "1205": ("沙地", 8), "1206": ("裸土地", 8),
        "1207": ("裸岩石砾地", 8),
    }
)  # fmt: skip
#: 有林地 (031) holds trees and bamboo alike and has no class of its own.
SECOND: Final[Mapping[str, tuple[str, int]]] = MappingProxyType(
    {
        "011": ("水田", 1), "012": ("水浇地", 1), "013": ("旱地", 1),
        "021": ("果园", 2), "022": ("茶园", 2), "023": ("其他园地", 2),
        "031": ("有林地", 0), "032": ("灌木林地", 4), "033": ("其他林地", 0),
        "041": ("天然牧草地", 5), "042": ("人工牧草地", 5), "043": ("其他草地", 5),
        "111": ("河流水面", 6), "112": ("湖泊水面", 6), "113": ("水库水面", 6),
        "114": ("坑塘水面", 6), "116": ("内陆滩涂", 6), "117": ("沟渠", 6),
        "118": ("水工建筑用地", 7),
    }
)  # fmt: skip
#: Codes known by themselves; the others need the name in DLMC.
_KNOWN_ALONE = re.compile(r"0101|0102|0103|020[1-4]|030[1-7]|01[1-3]|031")
_FOUR = re.compile(r"(\d{2}[0-9H]\d[A-JL-Z]?|09)K?")
_THREE = re.compile(r"\d{3}[A-Z]?")


@dataclass(frozen=True, slots=True)
class LandClasses:
    """Land-cover class of each polygon and what stayed unknown.

    Parameters
    ----------
    classes
        (rows,) class of the contract, 0 = unknown.
    survey
        ``third`` or ``second``.
    unknown
        Code -> number of polygons without a class.
    """

    classes: npt.NDArray[np.uint8]
    survey: str
    unknown: Mapping[str, int]

    def notes(self) -> tuple[str, ...]:
        """Return what a reader must know, one sentence in two languages."""
        if not self.unknown:
            return ()
        few = "、".join(f"{code or '（空）'} {n} 个" for code, n in list(self.unknown.items())[:8])
        return (f"DLBM 无对应类别的图斑按未知计：{few} (codes without a class count as unknown)",)


def land_classes(frame: pd.DataFrame, code: str, name: str | None, subject: str) -> LandClasses:
    """Return the land-cover class of every polygon of a land survey.

    Parameters
    ----------
    frame
        Attributes of the survey.
    code, name
        Columns of DLBM and, where there is one, DLMC.

    Raises
    ------
    TableError
        Numbers instead of text (a leading zero is lost), three and four digits mixed, a name
        that contradicts its code, or no code that is known.
    """
    if frame[code].dtype.kind in "iuf":
        raise TableError(
            subject,
            Say(f"字段 {code} 是数值，地类编码的前导 0 已丢失（0101 成了 101）",
                f"column {code} holds numbers: the leading zero is lost (0101 reads 101)"),
            Say("按文本重新导出 DLBM", "export DLBM again as text"),
        )  # fmt: skip
    codes = frame[code].map(plain_text).str.upper()
    table, survey = _survey(codes, code, subject)
    names = frame[name].map(plain_text) if name is not None else None
    classes = np.zeros(len(codes), dtype=np.uint8)
    unknown: dict[str, int] = {}
    for value in sorted(set(codes)):
        rows = (codes == value).to_numpy()
        entry = table.get(value.removesuffix("K"))
        if entry is not None and _confirmed(value, entry[0], names, rows, subject):
            classes[rows] = entry[1]
        if not classes[rows].any():
            unknown[value] = int(rows.sum())
    if not classes.any():
        raise _nothing_known(codes, code, subject)
    return LandClasses(classes, survey, unknown)


def _survey(
    codes: pd.Series[Any], column: str, subject: str
) -> tuple[Mapping[str, tuple[str, int]], str]:
    """Return the table of the survey that the codes belong to."""
    values = [value for value in sorted(set(codes)) if value]
    four = [v for v in values if _FOUR.fullmatch(v)]
    three = [v for v in values if _THREE.fullmatch(v) and v not in four]
    if four and three:
        raise TableError(
            subject,
            Say(f"字段 {column} 混有四位（三调，如 {four[0]}）与三位（二调，如 {three[0]}）编码",
                f"column {column} mixes codes of four digits ({four[0]}) and three ({three[0]})"),
            Say("按调查年度拆开，只登记一次调查的图斑",
                "split it by survey and register the polygons of one survey only"),
        )  # fmt: skip
    if not four and not three:
        raise _nothing_known(codes, column, subject)
    return (THIRD, "third") if four else (SECOND, "second")


def _confirmed(
    value: str, wanted: str, names: pd.Series[Any] | None, rows: npt.NDArray[np.bool_], subject: str
) -> bool:
    """Tell whether a code may be believed; refuse one that the file calls otherwise."""
    alone = _KNOWN_ALONE.fullmatch(value.removesuffix("K")) is not None
    said = sorted({text for text in names[rows] if text}) if names is not None else []
    if not said:
        return alone
    if all(wanted in text or text in wanted for text in said):
        return True
    if not alone:
        return False
    raise TableError(
        subject,
        Say(f"地类编码 {value} 应为“{wanted}”，文件的 DLMC 写作“{said[0]}”",
            f"land code {value} is {wanted}, the file's DLMC says {said[0]}"),
        Say("核对编码版本（三调四位、二调三位）后重新导出",
            "check the version of the codes and export again"),
    )  # fmt: skip


def _nothing_known(codes: pd.Series[Any], column: str, subject: str) -> TableError:
    few = "、".join(sorted({value for value in codes if value})[:6]) or "（空）"
    return TableError(
        subject,
        Say(f"字段 {column} 没有一个可识别的地类编码（{few}）",
            f"column {column} holds no known land code ({few})"),
        Say("确认是 DLBM（三调四位，如 0301），或用 adapter.rename 指明字段",
            "make sure it is DLBM (0301 ...), or name the column in adapter.rename"),
    )  # fmt: skip


def table() -> list[tuple[str, str, str]]:
    """Return the documented mapping: code, its name, the class it becomes ('' = unknown)."""
    both = [*THIRD.items(), *SECOND.items()]
    return [(code, name, LAND_COVER.get(number, "")) for code, (name, number) in both]
