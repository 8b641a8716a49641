"""Forest sub-compartments -> the table ``forest_strata``: area and stock by species and age.

Area is that of the polygons on the ellipsoid; stock is HUO_LMGQXJ [m3/ha] times that area
and belongs to tree forest alone. A code without a meaning is refused, not left out: a total
that silently misses land would be wrong by as much.
"""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.crs import polygon_areas
from geo.errors import Say, TableError
from layers.bureau.codes import CodeBook, listed
from layers.bureau.subcompartments import Columns
from layers.entry import Adapter

ARBOR: Final = "乔木"
#: Land that is no forest of any definition.
OUTSIDE: Final = "不计"
#: Meanings of DI_LEI and of YOU_SHI_SZ.
LAND: Final = CodeBook(
    {},
    {
        "乔木经济": "经济林", "乔木": ARBOR, "竹": "竹", "国家特别规定": "特灌",
        "特殊灌木": "特灌", "特灌": "特灌", "一般灌木": OUTSIDE, "其他灌木": OUTSIDE,
        "经济林": "经济林", "未成林": "未成林", "疏林": "疏林", "苗圃": OUTSIDE,
        "采伐迹地": OUTSIDE, "火烧迹地": OUTSIDE, "耕地": OUTSIDE, "水域": OUTSIDE,
        "建设用地": OUTSIDE,
    },
)  # fmt: skip
_GROUPS: Final = ("马尾松", "杉木", "柏木", "硬阔", "软阔", "阔叶混", "针阔混")
_OAKS: Final = ("栎类", "麻栎", "栓皮栎", "槲栎", "青冈栎", "白栎", "短柄枹栎")
SPECIES: Final = CodeBook({}, {**{g: g for g in _GROUPS}, **dict.fromkeys(_OAKS, "栎类")})
_ORIGIN_ZH: Final = {"natural": "天然", "planted": "人工"}
_KEYS: Final = ["stratum", "species_group", "origin", "land_class", "age"]
_SUMS: Final = ["area_ha", "volume_m3"]
#: Share by which MIAN_JI may differ from the area of the polygons before it is said.
_AREA_SLACK: Final = 0.02


def strata(frame: gpd.GeoDataFrame, adapter: Adapter, subject: str) -> pd.DataFrame:
    """Return the strata of a file of sub-compartments.

    Parameters
    ----------
    frame
        Sub-compartments with DI_LEI, YOU_SHI_SZ, QI_YUAN, PINGJUN_NL [a] and HUO_LMGQXJ
        [m3/ha], or the columns that ``adapter.rename`` calls so.

    Returns
    -------
    DataFrame
        The contract's columns; ``area_ha`` [ha], ``volume_m3`` [m3].

    Raises
    ------
    TableError
        A column is missing or a code has no meaning; lists the codes.
    """
    columns = Columns(frame, adapter, subject)
    columns.need("DI_LEI", "YOU_SHI_SZ", "QI_YUAN", "PINGJUN_NL", "HUO_LMGQXJ")
    land = _known(columns, "DI_LEI", LAND, np.ones(len(frame), np.bool_))
    kept = land != OUTSIDE
    arbor = land == ARBOR
    species = _known(columns, "YOU_SHI_SZ", SPECIES, arbor)
    origin = _known(columns, "QI_YUAN", None, arbor)
    area = np.asarray(polygon_areas(frame), dtype=np.float64) / 1e4
    _check_area(columns, area)
    age = _ages(columns, arbor)
    stock = np.where(arbor, np.nan_to_num(_stocks(columns, arbor)) * area, 0.0)
    names = [
        f"{group}{_ORIGIN_ZH.get(kind, '')}{'' if tree else cover}"
        for group, kind, tree, cover in zip(species, origin, arbor, land, strict=True)
    ]
    table = pd.DataFrame(
        {
            "stratum": names, "species_group": species, "origin": origin, "land_class": land,
            "age": np.where(arbor, age, 0), "area_ha": area, "volume_m3": stock,
        }
    )[kept]  # fmt: skip
    summed: pd.DataFrame = table.groupby(_KEYS, sort=True, as_index=False)[_SUMS].sum()
    return summed


def _known(
    columns: Columns, name: str, book: CodeBook | None, rows: npt.NDArray[np.bool_]
) -> npt.NDArray[np.object_]:
    """Return the meanings of a column; refuse the first unknown one that matters."""
    decoded = columns.decode(name, book)
    lost = rows & (decoded.meaning == "")
    if lost.any():
        what = listed(decoded.unknown)
        raise TableError(
            columns.subject,
            Say(f"字段 {columns.of[name]} 有 {int(lost.sum()):,} 个小班的代码无法识别：{what.zh}",
                f"column {columns.of[name]}: {int(lost.sum()):,} sub-compartments have codes "
                f"without a meaning: {what.en}"),
            Say(f"在 adapter.values.{name} 中写明各代码的含义",
                f"give each code its meaning in adapter.values.{name}"),
        )  # fmt: skip
    return decoded.meaning


def _ages(columns: Columns, arbor: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    ages = columns.numbers("PINGJUN_NL")
    _refuse_missing(columns, "PINGJUN_NL", arbor & ~np.isfinite(ages))
    return np.rint(np.nan_to_num(ages)).astype(np.int64)


def _stocks(columns: Columns, arbor: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    stock = columns.numbers("HUO_LMGQXJ")
    _refuse_missing(columns, "HUO_LMGQXJ", arbor & ~np.isfinite(stock))
    return stock


def _refuse_missing(columns: Columns, name: str, lost: npt.NDArray[np.bool_]) -> None:
    if not lost.any():
        return
    first = int(np.flatnonzero(lost)[0]) + 1
    raise TableError(
        columns.subject,
        Say(f"字段 {columns.of[name]} 有 {int(lost.sum()):,} 个乔木小班未填（首个为第 {first} 个）",
            f"column {columns.of[name]} is empty in {int(lost.sum()):,} tree sub-compartments "
            f"(first: {first})"),
        Say("补填后重新导出", "fill it in and export again"),
    )  # fmt: skip


def _check_area(columns: Columns, area_ha: npt.NDArray[np.float64]) -> None:
    """Refuse a file whose own area column is neither ha nor 亩 of its polygons."""
    if "MIAN_JI" not in columns:
        return
    stated: Any = columns.numbers("MIAN_JI")
    ratio = float(np.nansum(stated)) / float(area_ha.sum())
    if any(abs(ratio / unit - 1.0) <= _AREA_SLACK for unit in (1.0, 15.0, 1e4)):
        return
    raise TableError(
        columns.subject,
        Say(f"字段 {columns.of['MIAN_JI']} 合计 {np.nansum(stated):,.1f}，图形面积 "
            f"{area_ha.sum():,.1f} 公顷，既不是公顷、亩，也不是平方米",
            f"column {columns.of['MIAN_JI']} sums to {np.nansum(stated):,.1f}, the polygons "
            f"have {area_ha.sum():,.1f} ha: neither ha, mu nor m2"),
        Say("检查坐标系与重复、缺失的小班", "check the CRS and doubled or missing polygons"),
    )  # fmt: skip
