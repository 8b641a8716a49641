"""Bring what a driver read into the form of the contract, or refuse it."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import RasterError, Say, TableError, UnitError, VectorError
from layers.bureau.codes import plain_text
from layers.contract import LayerSpec
from layers.entry import Adapter

_GEOMETRY: Final = {
    "polygon": {"Polygon", "MultiPolygon"},
    "line": {"LineString", "MultiLineString"},
    "point": {"Point", "MultiPoint"},
}
#: How files spell that their heights are no metres.
FEET: Final = frozenset(
    {"ft", "foot", "feet", "us ft", "us foot", "us survey foot", "us survey feet", "ftus",
     "foot us", "foot (us survey)", "international foot"}
)  # fmt: skip


def check_unit(adapter: Adapter, spec: LayerSpec, subject: str) -> None:
    """Refuse a unit that differs from the contract's while nothing converts it.

    Raises
    ------
    UnitError
    """
    if adapter.unit is None or adapter.unit == spec.unit:
        return
    if adapter.scale == 1 and adapter.offset == 0:
        raise UnitError(
            subject,
            Say(f"单位为 {adapter.unit}，应为 {spec.unit}",
                f"is in {adapter.unit}, wanted {spec.unit}"),
            Say("在 adapter 中给出 scale 或 offset", "give adapter.scale or adapter.offset"),
        )  # fmt: skip


def check_file_unit(stated: str, adapter: Adapter, spec: LayerSpec, subject: str) -> None:
    """Refuse metres that the file itself states as feet, unless the catalog converts them.

    Parameters
    ----------
    stated
        Unit of the band as the file states it, empty when it does not.

    Raises
    ------
    UnitError
    """
    feet = stated.lower().replace("_", " ").replace("-", " ") in FEET
    if not feet or spec.unit != "m" or adapter.scale != 1:
        return
    raise UnitError(
        subject,
        Say(f"文件注明单位为 {stated}，应为 m", f"states its unit as {stated}, wanted m"),
        Say("换算为米，或在 adapter 中给出 scale: 0.3048",
            "convert to metres or give adapter.scale: 0.3048"),
    )  # fmt: skip


def conform_raster(
    data: npt.NDArray[Any], nodata: float | None, spec: LayerSpec, adapter: Adapter, subject: str
) -> npt.NDArray[Any]:
    """Return the values in the contract's dtype, missing cells as the contract's nodata.

    Parameters
    ----------
    data
        (rows, cols), in the contract's unit.
    nodata
        Value of ``data`` that means missing, or None.

    Raises
    ------
    RasterError
        When a value lies outside the contract's range or is no known class.
    """
    missing = _missing(data, nodata)
    if adapter.classes:
        data = _map_classes(data, missing, adapter, subject)
    valid = data[~missing]
    if valid.size and spec.valid_range is not None:
        low, high = float(valid.min()), float(valid.max())
        if low < spec.valid_range[0] or high > spec.valid_range[1]:
            bounds = f"{spec.valid_range[0]:g}..{spec.valid_range[1]:g} {spec.unit}"
            raise RasterError(
                subject,
                Say(f"数值 {low:g}..{high:g} 超出 {bounds}",
                    f"has values {low:g}..{high:g}, wanted {bounds}"),
                Say("检查单位、scale 与 nodata", "check unit, scale and nodata"),
            )  # fmt: skip
    if valid.size and spec.classes:
        _check_classes(valid, spec, subject)
    result = data.astype(spec.dtype, copy=True)
    result[missing] = spec.nodata
    return result


def _missing(data: npt.NDArray[Any], nodata: float | None) -> npt.NDArray[np.bool_]:
    missing = np.isnan(data) if data.dtype.kind == "f" else np.zeros(data.shape, np.bool_)
    if nodata is not None and not np.isnan(nodata):
        missing |= data == nodata
    return missing


def _map_classes(
    data: npt.NDArray[Any], missing: npt.NDArray[np.bool_], adapter: Adapter, subject: str
) -> npt.NDArray[Any]:
    table = {int(code): new for code, new in adapter.classes.items()}
    codes = np.unique(data[~missing])
    unknown = [f"{code:g}" for code in codes.tolist() if code not in table]
    if unknown:
        raise RasterError(
            subject,
            Say(
                f"类别代码 {', '.join(unknown[:8])} 没有对应",
                f"has the unmapped classes {', '.join(unknown[:8])}",
            ),
            Say("补全 adapter.classes", "complete adapter.classes"),
        )
    result = np.zeros(data.shape, np.int32)
    for code, new in table.items():
        result[data == code] = new
    return result


def _check_classes(valid: npt.NDArray[Any], spec: LayerSpec, subject: str) -> None:
    codes = np.unique(valid)
    unknown = [f"{code:g}" for code in codes.tolist() if code not in spec.classes]
    if unknown:
        raise RasterError(
            subject,
            Say(f"类别代码 {', '.join(unknown[:8])} 不在图层定义中",
                f"has classes {', '.join(unknown[:8])} that the layer does not know"),
            Say("在 adapter.classes 中写明对应", "map them in adapter.classes"),
        )  # fmt: skip


def conform_vector(
    frame: gpd.GeoDataFrame, spec: LayerSpec, adapter: Adapter, subject: str
) -> gpd.GeoDataFrame:
    """Return the contract's columns and geometry, nothing else.

    Raises
    ------
    VectorError
        When the layer is empty, a column is missing or the geometry is of another type.
    """
    if frame.empty:
        raise VectorError(
            subject,
            Say("是空图层，没有要素", "is an empty layer, without features"),
            Say("检查导出；确无要素时不要登记该图层，它将记为未筛查",
                "check the export; an unregistered layer counts as not screened"),
        )  # fmt: skip
    found = set(frame.geometry.geom_type.unique())
    wrong = found - _GEOMETRY[spec.geometry]
    if wrong:
        raise VectorError(
            subject,
            Say(f"几何类型为 {', '.join(sorted(map(str, wrong)))}，应为 {spec.geometry}",
                f"has {', '.join(sorted(map(str, wrong)))} geometry, wanted {spec.geometry}"),
            Say("拆分图层或改正目录条目", "split the layer or correct the entry"),
        )  # fmt: skip
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    columns = _columns(attributes, spec, adapter, subject)
    return gpd.GeoDataFrame(columns, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def conform_table(
    frame: pd.DataFrame, spec: LayerSpec, adapter: Adapter, subject: str
) -> pd.DataFrame:
    """Return the contract's columns of a table.

    Raises
    ------
    TableError
        When the table is empty, or lacks a column, or a value is no number.
    """
    if frame.empty:
        raise TableError(
            subject, Say("表格没有数据行", "has no rows"), Say("检查导出", "check the export")
        )
    return _columns(frame, spec, adapter, subject)


def _columns(frame: pd.DataFrame, spec: LayerSpec, adapter: Adapter, subject: str) -> pd.DataFrame:
    """Return the renamed, typed columns of the contract in its order, optional ones last."""
    absent = [old for old in adapter.rename if old not in frame.columns]
    renamed = _filled(frame.rename(columns=adapter.rename), spec, adapter, subject)
    absent += [name for name in spec.columns if name not in renamed.columns]
    if absent:
        present = ", ".join(map(str, list(frame.columns)[:20]))
        raise TableError(
            subject,
            Say(f"缺少字段 {', '.join(absent)}（现有：{present}）",
                f"lacks the columns {', '.join(absent)} (it has: {present})"),
            Say("在 adapter.rename 中写 原字段: 规定字段", "write OLD: NEW in adapter.rename"),
        )  # fmt: skip
    kinds = {**spec.columns, **{n: k for n, k in spec.optional.items() if n in renamed.columns}}
    twice = [name for name in kinds if list(renamed.columns).count(name) > 1]
    if twice:
        raise TableError(
            subject,
            Say(f"改名后有两个字段叫 {', '.join(twice)}",
                f"has two columns called {', '.join(twice)} after the renaming"),
            Say("在 adapter.rename 中把另一个改成别的名字",
                "give the other one another name in adapter.rename"),
        )  # fmt: skip
    for name, words in adapter.values.items():
        if name in renamed.columns:
            renamed[name] = renamed[name].map(lambda v, words=words: words.get(plain_text(v), v))
    typed = {n: _typed(renamed[n], kind, subject, n) for n, kind in kinds.items()}
    return pd.DataFrame(typed).reset_index(drop=True)


def _filled(frame: pd.DataFrame, spec: LayerSpec, adapter: Adapter, subject: str) -> pd.DataFrame:
    """Add the columns that the catalog fills; refuse those that are there or unheard of."""
    for name, value in adapter.fill.items():
        if name in frame.columns or spec.kind_of(name) is None:
            raise TableError(
                subject,
                Say(f"adapter.fill 不能填 {name}：文件已有该字段，或图层没有它",
                    f"adapter.fill cannot fill {name}: it is there, or the layer has no such"),
                Say(f"从 adapter.fill 中删去 {name}", f"remove {name} from adapter.fill"),
            )  # fmt: skip
        frame = frame.assign(**{name: value})
    return frame


def _typed(column: pd.Series[Any], kind: str, subject: str, name: str) -> pd.Series[Any]:
    if kind == "str":
        return column.map(lambda v: "" if pd.isna(v) else str(v)).astype("str")
    if kind == "bool":
        return column.astype("bool")
    numbers = pd.to_numeric(column, errors="coerce")
    lost = numbers.isna() & column.notna()
    broken = bool(lost.any())
    if kind == "int" and not broken:
        lost = numbers.isna() | (numbers != np.floor(numbers))
        broken = bool(lost.any())
    if broken:
        row = int(np.flatnonzero(lost.to_numpy())[0])
        raise TableError(
            subject,
            Say(f"字段 {name} 第 {row + 1} 行“{column.iloc[row]}”不是合格的数",
                f"column {name}, row {row + 1}: {column.iloc[row]!r} is no proper number"),
            Say("改正该值，或改正 adapter.rename", "correct the value, or adapter.rename"),
        )  # fmt: skip
    return numbers.astype("int64" if kind == "int" else "float64")
