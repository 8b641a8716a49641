"""What the numbers of a raster mean: nodata codes, scale, believable range.

Floats mark a missing cell by NaN, integers by a code. A code that nobody declared is
the commonest fault of real files (-9999 turns a mean of 51 into -4974), so values
outside the believable range stop the run instead of entering it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo.errors import NodataError, OptionError, RasterError, Say

Data = npt.NDArray[Any]

#: Codes that files use for "nothing here" when they forget to say so.
_CODES: Final = (-9999.0, -99999.0, -999.0, -99.0, -32768.0, 32767.0, 65535.0, 9999.0, 255.0, 0.0)
#: Beyond this a float is a code such as -3.4e38, never a measurement.
_ABSURD: Final = 1e20


def decode(
    data: Data,
    code: float | None,
    valid_range: tuple[float, float] | None,
    dtype: str | None,
    scale: float,
    offset: float,
    subject: Path | str,
) -> tuple[Data, float | None]:
    """Return stored numbers as values, missing cells marked, range checked.

    Parameters
    ----------
    data
        As stored; not changed.
    code
        Stored number that means "missing", ``None`` when nothing is declared.
    valid_range
        Smallest and largest believable value. [unit of layer]
    dtype
        Result type or ``None``.
    scale, offset
        value = stored * scale + offset.
    subject
        File named by an error.

    Returns
    -------
    tuple
        Values; NaN for floats, the code or ``None`` for integers.

    Raises
    ------
    NodataError, RasterError
        Values outside ``valid_range``.
    """
    scaled = scale != 1.0 or offset != 0.0
    target = np.dtype(dtype or (np.float32 if scaled and data.dtype.kind != "f" else data.dtype))
    missing = _missing(data, code)
    if valid_range is not None:
        _check_range(data, missing, valid_range, scale, offset, subject)
    if scaled:
        wide = np.result_type(data.dtype, np.float32)
        out: Data = (data.astype(wide) * wide.type(scale) + wide.type(offset)).astype(wide)
    else:
        out = data
    if target.kind == "f":
        out = out.astype(target, copy=out is data and missing is not None)
        if missing is not None:
            out[missing] = np.nan
        return out, float("nan")
    return _integers(out, missing, code, target, subject)


def _missing(data: Data, code: float | None) -> npt.NDArray[np.bool_] | None:
    """Return where ``data`` is missing, ``None`` when it is nowhere."""
    mask = np.isnan(data) if data.dtype.kind == "f" else None
    if code is not None and not np.isnan(code):
        hit = data == np.asarray(code).astype(data.dtype) if _fits(code, data.dtype) else None
        mask = hit if mask is None else mask if hit is None else mask | hit
    return mask if mask is not None and mask.any() else None


def _fits(code: float, dtype: np.dtype[Any]) -> bool:
    if dtype.kind == "f":
        return True
    info = np.iinfo(dtype)
    return float(code).is_integer() and info.min <= code <= info.max


def _integers(
    out: Data,
    missing: npt.NDArray[np.bool_] | None,
    code: float | None,
    target: np.dtype[Any],
    subject: Path | str,
) -> tuple[Data, float | None]:
    whole = np.rint(out) if out.dtype.kind == "f" else out
    kept = whole if missing is None else whole[~missing]
    info = np.iinfo(target)
    if kept.size and (kept.min() < info.min or kept.max() > info.max):
        raise RasterError(
            subject,
            Say(f"数值放不进 {target}", f"has values that do not fit {target}"),
            Say("改正目录中的 dtype 或 scale", "correct dtype or scale in the catalog"),
        )
    if missing is None:
        mark = code if code is not None and _fits(code, target) else None
        return whole.astype(target), mark
    filled = np.where(missing, 0, whole).astype(target)
    mark = code if code is not None and _fits(code, target) else _free_code(filled, target)
    if mark is None:
        raise RasterError(
            subject,
            Say(f"{target} 中没有空余的缺测值", f"leaves no free code in {target}"),
            Say("在目录中换用更宽的 dtype", "choose a wider dtype in the catalog"),
        )
    # a kept value that equals the code would turn into a hole
    if bool(((filled == mark) & ~missing).any()):
        mark = _free_code(filled, target)
    filled[missing] = mark
    return filled, mark


def _free_code(data: Data, dtype: np.dtype[Any]) -> float | None:
    info = np.iinfo(dtype)
    for code in (info.max, info.min):
        if not (data == code).any():
            return float(code)
    used = set(np.unique(data).tolist()) if dtype.itemsize == 1 else set()
    free = sorted(set(range(info.min, info.max + 1)) - used) if used else []
    return float(free[-1]) if free else None


def declared(data: Data, mark: float | None) -> tuple[Data, float]:
    """Return ``data`` with a nodata code that is not one of its values.

    Parameters
    ----------
    data
        Values.
    mark
        The code they have, or ``None``.

    Returns
    -------
    tuple
        The data, widened only when all its codes are taken; the code.
    """
    if mark is not None:
        return data, mark
    free = _free_code(data, data.dtype)
    if free is not None:
        return data, free
    wide = data.astype(np.int32)
    return wide, float(np.iinfo(np.int32).min)


def absent(shape: tuple[int, int], dtype: str, code: float | None) -> tuple[Data, float]:
    """Return the array of missing cells that a file beside the target grid stands for."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return np.full(shape, np.nan, dtype=kind), float("nan")
    mark = code if code is not None and _fits(code, kind) else float(np.iinfo(kind).max)
    return np.full(shape, mark, dtype=kind), mark


def _check_range(
    data: Data,
    missing: npt.NDArray[np.bool_] | None,
    valid_range: tuple[float, float],
    scale: float,
    offset: float,
    subject: Path | str,
) -> None:
    low, high = ((bound - offset) / scale for bound in valid_range)
    low, high = min(low, high), max(low, high)
    slack = 1e-6 * max(abs(low), abs(high), 1.0) if scale != 1.0 or offset else 0.0
    outside = (data < low - slack) | (data > high + slack)
    if missing is not None:
        outside &= ~missing
    if not outside.any():
        return
    found = data[outside]
    shown = float(found[0])
    codes, counts = np.unique(found, return_counts=True)
    common = float(codes[int(np.argmax(counts))])
    wanted = f"{valid_range[0]:g}..{valid_range[1]:g}"
    if common in _CODES or abs(common) > _ABSURD:
        raise NodataError(
            subject,
            Say(
                f"{int(counts.max())} 个像元为 {common:g}，不在 {wanted} 内，像是未声明的缺测值",
                f"has {int(counts.max())} cells of {common:g} outside {wanted}: "
                "looks like an undeclared nodata code",
            ),
            Say(f"在目录中写明 nodata: {common:g}", f"declare nodata: {common:g} in the catalog"),
        )
    raise RasterError(
        subject,
        Say(
            f"{found.size} 个像元超出 {wanted}（例如 {shown:g}）",
            f"has {found.size} cells outside {wanted}, for example {shown:g}",
        ),
        Say("检查单位、scale 与 valid_range", "check unit, scale and valid_range"),
    )


def check_holes(source: Any, window: Any, code: float | None, subject: Path | str) -> None:
    """Refuse blocks that were never written where no nodata tells them from zeros.

    Raises
    ------
    RasterError
        A block of the window is absent and the file declares no nodata.
    """
    if code is not None or source.driver != "GTiff":
        return
    height, width = source.block_shapes[0]
    row0, col0 = (0, 0) if window is None else (window.row_off, window.col_off)
    rows = source.height if window is None else window.height
    cols = source.width if window is None else window.width
    for down in range(int(row0) // height, -(-int(row0 + rows) // height)):
        for across in range(int(col0) // width, -(-int(col0 + cols) // width)):
            name = f"BLOCK_OFFSET_{across}_{down}"
            if source.get_tag_item(name, "TIFF", bidx=1) is None:
                raise RasterError(
                    subject,
                    Say(
                        f"数据块 {down},{across} 从未写入，也未声明缺测值",
                        f"block {down},{across} was never written and no nodata is declared",
                    ),
                    Say("重新生成该文件，或声明 nodata", "write the file again, or declare nodata"),
                )


def check_code(nodata: float | None, dtype: np.dtype[Any], subject: Path | str) -> float:
    """Return the nodata code of a file to be written.

    Raises
    ------
    OptionError
        None given, or one that ``dtype`` cannot hold.
    """
    if nodata is not None and (
        dtype.kind == "f" or (not np.isnan(nodata) and _fits(nodata, dtype))
    ):
        return float(nodata)
    raise OptionError(
        subject,
        Say(f"缺测值 {nodata} 不能用于 {dtype}", f"nodata {nodata} cannot be used with {dtype}"),
        Say("给出该类型能表示的缺测值", "name a nodata code that the type can hold"),
    )
