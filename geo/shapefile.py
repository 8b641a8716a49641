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

from geo.dbf import dbf_texts
from geo.errors import Say, VectorError

#: Byte of the DBF header that holds the language id; 0 = not declared.
_LANGUAGE_ID: Final = 29
#: Language ids that name no code page: none, and "whatever this Windows uses".
_NO_LANGUAGE: Final = frozenset({0x00, 0x57})
_HEADER: Final = 32
_SHP_HEADER: Final = 100
_CANDIDATES: Final = ("utf-8", "gb18030")
#: Bytes of the longest letter in either.
_LONGEST_LETTER: Final = 4


def _beside(path: Path, suffix: str) -> Path | None:
    for name in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
        if name.is_file():
            return name
    return None


def _head(path: Path, size: int) -> bytes:
    with path.open("rb") as handle:
        return handle.read(size)


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
    head = _head(path, _SHP_HEADER)
    # length in 16-bit words, big-endian, at byte 24
    promised = 2 * struct.unpack(">i", head[24:28])[0] if len(head) == _SHP_HEADER else -1
    _compare(path, promised)
    table = _beside(path, ".dbf")
    if table is not None:
        head = _head(table, _HEADER)
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
    head = _head(table, _HEADER)
    declared = len(head) == _HEADER and head[_LANGUAGE_ID] not in _NO_LANGUAGE
    if declared or _beside(path, ".cpg") is not None:
        return None
    texts = dbf_texts(table)
    for name in _CANDIDATES:
        if all(_decodes(text, name) for text in texts):
            return name.upper()
    raise VectorError(
        table,
        Say("属性表既不是 UTF-8 也不是 GB18030", "is neither UTF-8 nor GB18030"),
        Say(
            "用 --encoding（目录中写 encoding）写明，或转为 GeoPackage",
            "declare encoding (--encoding), or convert to GeoPackage",
        ),
    )


def _decodes(lines: bytes, encoding: str) -> bool:
    """Tell whether every line is text in ``encoding``; a field may cut its last letter."""
    try:
        lines.decode(encoding)
    except UnicodeDecodeError:
        return all(_decodes_cut(line, encoding) for line in set(lines.split(b"\n")))
    return True


def _decodes_cut(line: bytes, encoding: str) -> bool:
    for lost in range(min(len(line), _LONGEST_LETTER)):
        try:
            line[: len(line) - lost].decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return not line


#: Bytes of GBK or UTF-8 read as Latin-1: runs of two and more letters above U+0080.
_LATIN_RUN = re.compile("[\u0080-\u00ff]{2,}")
#: The same read as Windows-1252, which has letters and signs of its own below U+00A0.
_WESTERN: Final = bytes(range(0x80, 0xA0)).decode("cp1252", "ignore")
_WESTERN_RUN = re.compile(f"[\u0080-\u00ff{re.escape(_WESTERN)}]{{3,}}")
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
    if _CJK.search(text):
        return None
    if not _LATIN_RUN.search(text):
        return _western(text)
    for wrong, right in _WRONG_WAYS:
        try:
            again = text.encode(wrong).decode(right)
        except UnicodeError:
            continue
        if _CJK.search(again):
            return right.upper()
    return _western(text)


def _western(text: str) -> str | None:
    """Return UTF-8 for UTF-8 that was read as Windows-1252, else None.

    Only UTF-8 proves itself: dashes and dots in a row are letters of GBK as well.
    """
    if not _WESTERN_RUN.search(text):
        return None
    raw = b"".join(
        c.encode("cp1252", "ignore") if c in _WESTERN else c.encode("latin-1", "ignore")
        for c in text
    )
    # a value may be cut, and bytes that Windows-1252 does not have were lost
    return "UTF-8" if _CJK.search(raw.decode("utf-8", "ignore")) else None


def _garbled(subject: object, column: str, text: str, right: str) -> VectorError:
    return VectorError(
        subject,
        Say(f"字段 {column} 是乱码（如“{text[:20]}”），编码声明不对",
            f"column {column} is mojibake (as {text[:20]!r}): the encoding declared is wrong"),
        Say(f"用 --encoding {right}（目录中写 encoding: {right}），或改正 .cpg",
            f"use --encoding {right} (encoding: {right} in the catalog), or correct the .cpg"),
    )  # fmt: skip
