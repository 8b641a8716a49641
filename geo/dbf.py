"""The text in a dBase table, byte for byte: names of its fields and values of text fields.

Only what is text: the widths in the header and binary fields are no letters in any encoding
(a width of 254, which desktop software writes by default, is none in UTF-8 nor in GB18030).
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

import numpy as np

_HEADER: Final = 32
_FIELD: Final = 32
_END_OF_FIELDS: Final = 0x0D
_NAME_LENGTH: Final = 11
_TEXT: Final = (b"C",)


def dbf_texts(table: Path) -> list[bytes]:
    """Return the texts of a table: all field names, then each text field, one value a line.

    Parameters
    ----------
    table
        The ``.dbf`` file; one that is cut off gives what there is.
    """
    with table.open("rb") as handle:
        head = handle.read(_HEADER)
        if len(head) < _HEADER:
            return []
        rows, first, width = struct.unpack("<IHH", head[4:12])
        fields = _fields(handle.read(max(first - _HEADER, 0)))
    texts = [b"\n".join(name for name, *_ in fields)]
    rows = min(rows, max(table.stat().st_size - first, 0) // max(width, 1))
    if rows == 0 or width == 0:
        return texts
    records = np.memmap(table, np.uint8, "r", first, (rows, width))
    for _, kind, start, size in fields:
        if kind in _TEXT and start + size <= width:
            lines = np.full((rows, size + 1), ord("\n"), dtype=np.uint8)
            lines[:, :size] = records[:, start : start + size]
            texts.append(lines.tobytes())
    return texts


def _fields(content: bytes) -> list[tuple[bytes, bytes, int, int]]:
    """Return name, type, place in the record and width of every field."""
    found = []
    start = 1  # the first byte of a record marks deleted ones
    for at in range(0, len(content) - _FIELD + 1, _FIELD):
        one = content[at : at + _FIELD]
        if one[0] == _END_OF_FIELDS:
            break
        name, kind, size = one[:_NAME_LENGTH].split(b"\0")[0], one[11:12], one[16]
        found.append((name, kind, start, size))
        start += size
    return found
