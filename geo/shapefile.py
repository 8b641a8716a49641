"""Faults of shapefiles that readers keep quiet about: cut off, unknown encoding, mojibake.

Without ``.cpg`` and language id a reader assumes Latin-1 and turns every Chinese name
into mojibake without a warning. UTF-8 is tried strictly, then GB18030, else it stops.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Final

import pandas as pd

from geo.errors import Say, VectorError

#: Byte of the DBF header that holds the language id; 0 = not declared.
_LANGUAGE_ID: Final = 29
#: Language ids that name no code page: none, and "whatever this Windows uses".
_NO_LANGUAGE: Final = frozenset({0x00, 0x57})
_HEADER: Final = 32
_SHP_HEADER: Final = 100
_CANDIDATES: Final = ("utf-8", "gb18030")


def _beside(path: Path, suffix: str) -> Path | None:
    for name in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
        if name.is_file():
            return name
    return None


def check_whole(path: Path) -> None:
    """Refuse a shapefile that is shorter than its own headers say.

    Readers pass over what is cut off and return fewer or empty features without a word.

    Parameters
    ----------
    path
        The ``.shp`` file.

    Raises
    ------
    VectorError
        The ``.shp`` or the ``.dbf`` is truncated.
    """
    head = path.read_bytes()[:_SHP_HEADER]
    # length in 16-bit words, big-endian, at byte 24
    promised = 2 * struct.unpack(">i", head[24:28])[0] if len(head) == _SHP_HEADER else -1
    _compare(path, promised)
    table = _beside(path, ".dbf")
    if table is not None:
        head = table.read_bytes()[:_HEADER]
        whole = len(head) == _HEADER
        rows, first, width = struct.unpack("<IHH", head[4:12]) if whole else (0, 0, 0)
        _compare(table, first + rows * width if whole else -1)


def _compare(path: Path, promised: int) -> None:
    size = path.stat().st_size
    if promised < 0 or size < promised:
        raise VectorError(
            path,
            Say(
                f"文件残缺：{size} 字节，应为 {promised}", f"is cut off: {size} bytes of {promised}"
            ),
            Say("重新复制或导出", "copy or export it again"),
        )


def dbf_encoding(path: Path) -> str | None:
    """Return the encoding to read a shapefile with, ``None`` where it declares one.

    Parameters
    ----------
    path
        The ``.shp`` file.

    Raises
    ------
    VectorError
        The table is missing, or is neither UTF-8 nor GB18030.
    """
    table = _beside(path, ".dbf")
    if table is None:
        raise VectorError(
            path,
            Say("缺少同名 .dbf 属性表", "has no .dbf table beside it"),
            Say("把 .shp、.shx、.dbf、.prj 一起复制", "copy .shp, .shx, .dbf and .prj together"),
        )
    content = table.read_bytes()
    declared = len(content) > _HEADER and content[_LANGUAGE_ID] not in _NO_LANGUAGE
    if declared or _beside(path, ".cpg") is not None:
        return None
    for name in _CANDIDATES:
        try:
            # the header holds binary counts; field names and records are text
            content[_HEADER:].decode(name)
        except UnicodeDecodeError:
            continue
        return name.upper()
    raise VectorError(
        table,
        Say("属性表既不是 UTF-8 也不是 GB18030", "is neither UTF-8 nor GB18030"),
        Say(
            "在目录中写明 encoding，或转为 GeoPackage", "declare encoding, or convert to GeoPackage"
        ),
    )


#: Bytes of GBK or UTF-8 read as Latin-1: runs of two and more letters above U+0080.
_LATIN_RUN = re.compile("[\u0080-\u00ff]{2,}")
_CJK = re.compile("[\u3400-\u9fff]")
#: Read the wrong way, and how to read it right.
_WRONG_WAYS: Final = (("latin-1", "gb18030"), ("latin-1", "utf-8"))
_LOST: Final = "\ufffd"
_LOOKED_AT: Final = 2000


def check_readable(frame: pd.DataFrame, subject: object) -> None:
    """Refuse a table whose Chinese was read in another encoding than it was written in.

    Parameters
    ----------
    frame
        Attributes as read.
    subject
        The file.

    Raises
    ------
    VectorError
        Mojibake; the cure names the encoding in which the text is Chinese.
    """
    for column in frame.columns:
        if column == getattr(frame, "_geometry_column_name", None):
            continue
        texts = [str(column)]
        if frame[column].dtype.kind in "OUT" or str(frame[column].dtype) in {"str", "string"}:
            texts += [v for v in frame[column].head(_LOOKED_AT) if isinstance(v, str)]
        for text in texts:
            right = _mojibake(text)
            if right is not None:
                raise _garbled(subject, str(column), text, right)


def _mojibake(text: str) -> str | None:
    """Return the encoding in which a garbled text makes sense, None for a sound one."""
    if _LOST in text:
        return "GB18030"
    if _CJK.search(text) or not _LATIN_RUN.search(text):
        return None
    for wrong, right in _WRONG_WAYS:
        try:
            again = text.encode(wrong).decode(right)
        except UnicodeError:
            continue
        if _CJK.search(again):
            return right.upper()
    return None


def _garbled(subject: object, column: str, text: str, right: str) -> VectorError:
    return VectorError(
        subject,
        Say(f"字段 {column} 是乱码（如“{text[:20]}”），编码声明不对",
            f"column {column} is mojibake (as {text[:20]!r}): the encoding declared is wrong"),
        Say(f"删去错误的 .cpg，或在目录中写明 encoding: {right}",
            f"remove the wrong .cpg, or declare encoding: {right} in the catalog"),
    )  # fmt: skip
