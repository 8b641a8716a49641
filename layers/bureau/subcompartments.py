"""Forest sub-compartments -> layers of the contract: one file feeds several.

Codes known from reference rules.md §8.1: SHI_QUAN_D 10 national, 20 local; GJGYL_BHDJ
national grade 1, 2; BH_DJ grade 1-4. Origin, land class and species have no codes in the
references: their Chinese words are understood, their codes only through ``adapter.values``.
A sub-compartment whose code has no meaning is *unknown* ground, never "not".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geo.errors import Say, TableError
from layers.bureau.codes import CodeBook, Decoded, decode, listed, plain_text
from layers.bureau.subcolumns import columns_of
from layers.entry import Adapter

NATIONAL, LOCAL, COMMERCIAL = "national", "local", "commercial"
NATURAL, PLANTED = "natural", "planted"
SHRUB, NOT_SHRUB = "shrub", "other"

_GRADES: Final = {"Ⅰ": "1", "Ⅱ": "2", "Ⅲ": "3", "Ⅳ": "4", "I级": "1", "II级": "2",
                  "III级": "3", "IV级": "4", "一级": "1", "二级": "2", "三级": "3",
                  "四级": "4"}  # fmt: skip
BOOKS: Final[Mapping[str, CodeBook]] = MappingProxyType(
    {
        "SHI_QUAN_D": CodeBook(
            {"1": NATIONAL, "2": LOCAL}, {"国家": NATIONAL, "地方": LOCAL, "省级": LOCAL}
        ),
        "GJGYL_BHDJ": CodeBook(
            {"1": NATIONAL, "2": NATIONAL},
            {"一级": NATIONAL, "二级": NATIONAL, "Ⅰ级": NATIONAL, "Ⅱ级": NATIONAL},
        ),
        "SEN_LIN_LB": CodeBook({}, {"商品": COMMERCIAL}),
        "BH_DJ": CodeBook({"1": "1", "2": "2", "3": "3", "4": "4"}, _GRADES),
        # helped by hand, yet not planted: the references do not say on which side it stands
        "QI_YUAN": CodeBook(
            {}, {"人工促进": "", "天然": NATURAL, "纯天然": NATURAL, "人工": PLANTED}
        ),
        "DI_LEI": CodeBook(
            {},
            {
                "灌木": SHRUB, "国家特别规定": SHRUB, "特殊灌木": SHRUB, "特灌": SHRUB,
                "一般灌木": SHRUB, "其他灌木": SHRUB, "乔木": NOT_SHRUB, "竹": NOT_SHRUB,
                "疏林": NOT_SHRUB, "苗圃": NOT_SHRUB, "采伐迹地": NOT_SHRUB,
                "火烧迹地": NOT_SHRUB, "耕地": NOT_SHRUB, "水域": NOT_SHRUB,
                "建设用地": NOT_SHRUB,
            },
        ),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Derived:
    """A layer made from sub-compartments.

    Parameters
    ----------
    frame
        Features with the contract's columns, in the file's CRS.
    unknown
        (rows of the file,) True where the sub-compartment says nothing about the layer.
    notes
        What was not understood, one sentence in two languages each.
    """

    frame: gpd.GeoDataFrame
    unknown: npt.NDArray[np.bool_]
    notes: tuple[str, ...] = ()


class Columns:
    """The columns of a file of sub-compartments and their meanings."""

    def __init__(self, frame: gpd.GeoDataFrame, adapter: Adapter, subject: str) -> None:
        self.frame, self.adapter, self.subject = frame, adapter, subject
        plain = [str(c) for c in frame.columns if c != frame.geometry.name]
        self.of = columns_of(plain, adapter.rename, subject)

    def __contains__(self, name: str) -> bool:
        return name in self.of

    def need(self, *names: str) -> None:
        """Raise TableError when one of the canonical columns is absent."""
        absent = [name for name in names if name not in self.of]
        if absent:
            present = ", ".join(str(c) for c in list(self.frame.columns)[:20])
            raise TableError(
                self.subject,
                Say(f"小班缺少字段 {', '.join(absent)}（现有：{present}）",
                    f"the sub-compartments lack {', '.join(absent)} (they have: {present})"),
                Say("在 adapter.rename 中写 原字段: 规定字段",
                    "write OLD: NEW in adapter.rename"),
            )  # fmt: skip

    def decode(self, name: str, book: CodeBook | None = None) -> Decoded:
        """Return the meanings of a canonical column."""
        declared = {k: str(v) for k, v in self.adapter.values.get(name, {}).items()}
        column = self.frame[self.of[name]]
        return decode(column, book or BOOKS[name], declared, self.subject)

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """Return a canonical column of numbers; NaN where it is empty.

        Raises
        ------
        TableError
            A value that is no number.
        """
        texts = self.frame[self.of[name]].map(plain_text)
        try:
            return np.array([float(t) if t else np.nan for t in texts], dtype=np.float64)
        except ValueError as fault:
            raise TableError(
                self.subject,
                Say(f"字段 {self.of[name]} 有不是数的值：{fault}",
                    f"column {self.of[name]} holds a value that is no number: {fault}"),
                Say("改正该值后重新导出", "correct the value and export again"),
            ) from fault  # fmt: skip


def derive(frame: gpd.GeoDataFrame, layer: str, adapter: Adapter, subject: str) -> Derived:
    """Return the polygon layer ``layer`` made from sub-compartments.

    Parameters
    ----------
    frame
        Sub-compartments as read, in their CRS.
    layer
        ``public_forest``, ``forest_grade`` or ``natural_forest``.
    adapter
        ``rename`` (column of the file -> canonical), ``values`` (column -> code -> meaning).

    Raises
    ------
    TableError
        A column is missing, codes are ambiguous, or not one of them is known.
    """
    columns = Columns(frame, adapter, subject)
    makers = {
        "public_forest": _public, "forest_grade": _grade, "natural_forest": _natural,
    }  # fmt: skip
    picked, unknown, notes, grades = makers[layer](columns)
    if unknown.all():
        raise TableError(
            subject,
            Say(f"没有一个小班的代码可识别；{'；'.join(notes) or '代码全为空'}",
                f"holds no sub-compartment with a known code; {'; '.join(notes) or 'all blank'}"),
            Say("在 adapter.values 中写明各代码的含义",
                "give the codes a meaning in adapter.values"),
        )  # fmt: skip
    rows = np.flatnonzero(picked)
    data: dict[str, object] = {"name": _names(columns, rows)}
    if grades is not None:
        data["grade"] = grades[rows]
    shapes = frame.geometry.iloc[rows].to_numpy()
    return Derived(gpd.GeoDataFrame(data, geometry=shapes, crs=frame.crs), unknown, notes)


def _names(columns: Columns, rows: npt.NDArray[np.intp]) -> list[str]:
    own = columns.of.get("name")
    if own is None:
        return [""] * len(rows)
    return [plain_text(value) for value in columns.frame[own].iloc[rows]]


_Made = tuple[
    npt.NDArray[np.bool_], npt.NDArray[np.bool_], tuple[str, ...], npt.NDArray[np.int64] | None
]


def _note(columns: Columns, name: str, decoded: Decoded, rows: int) -> tuple[str, ...]:
    """Return the note of what a column leaves unknown."""
    if not rows:
        return ()
    what = listed(decoded.unknown)
    zh = f"{columns.of[name]} 无法识别的代码：{what.zh}；{rows:,} 个小班按未知计"
    en = f"codes without a meaning: {what.en}; {rows:,} sub-compartments count as unknown"
    return (f"{zh} ({en})",)


def _public(columns: Columns) -> _Made:
    """Mark national public-welfare forest: national by authority or by its own grade."""
    if "SHI_QUAN_D" not in columns and "GJGYL_BHDJ" not in columns:
        columns.need("SHI_QUAN_D")
    size = len(columns.frame)
    national, other = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    told: tuple[tuple[str, Decoded], ...] = ()
    for name in ("SHI_QUAN_D", "GJGYL_BHDJ", "SEN_LIN_LB"):
        if name not in columns:
            continue
        decoded = columns.decode(name)
        national |= decoded.meaning == NATIONAL
        other |= (decoded.meaning == LOCAL) | (decoded.meaning == COMMERCIAL)
        told = (*told, (name, decoded))
    unknown = ~national & ~other
    notes = _note(columns, *told[0], int(unknown.sum()))
    return national, unknown, notes, None


def _grade(columns: Columns) -> _Made:
    columns.need("BH_DJ")
    decoded = columns.decode("BH_DJ")
    known = decoded.meaning != ""
    grades = np.array([int(text or 0) for text in decoded.meaning], dtype=np.int64)
    return known, ~known, _note(columns, "BH_DJ", decoded, int((~known).sum())), grades


def _natural(columns: Columns) -> _Made:
    columns.need("QI_YUAN")
    decoded = columns.decode("QI_YUAN")
    known = decoded.meaning != ""
    notes = _note(columns, "QI_YUAN", decoded, int((~known).sum()))
    return decoded.meaning == NATURAL, ~known, notes, None


def shrub_cover(
    frame: gpd.GeoDataFrame, adapter: Adapter, subject: str
) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    """Return the crown cover of shrubs of every sub-compartment.

    Returns
    -------
    tuple
        (rows,) cover [%], 0 where the land is known not to be shrub, 255 unknown; notes.

    Raises
    ------
    TableError
        DI_LEI or the cover column is missing, or the covers are neither fractions nor %.
    """
    columns = Columns(frame, adapter, subject)
    columns.need("DI_LEI", "cover")
    decoded = columns.decode("DI_LEI")
    cover = columns.numbers("cover")
    shrub = decoded.meaning == SHRUB
    values = cover[shrub & np.isfinite(cover)]
    if values.size and (values.min() < 0 or values.max() > 100 or 0 < values.max() <= 1):
        if values.max() > 1 or values.min() < 0 or set(values.tolist()) <= {0.0, 1.0}:
            raise TableError(
                subject,
                Say(f"灌木盖度 {values.min():g}..{values.max():g} 看不出是小数还是百分数",
                    f"shrub cover {values.min():g}..{values.max():g}: fraction or percent?"),
                Say("统一为百分数 0-100", "write percent, 0-100"),
            )  # fmt: skip
        cover = cover * 100.0
    result = np.full(len(frame), 255, dtype=np.uint8)
    result[decoded.meaning == NOT_SHRUB] = 0
    known = shrub & np.isfinite(cover)
    result[known] = np.rint(cover[known]).astype(np.uint8)
    return result, _note(columns, "DI_LEI", decoded, int((result == 255).sum()))
