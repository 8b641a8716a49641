"""CSV in whatever encoding: as told, by its byte-order mark, else UTF-8, else GB18030."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Final

import pandas as pd

from geo.errors import Say, SizeError, TableError

#: Byte-order marks and the codec that reads them; UTF-32 is refused by its size anyway.
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
MAX_TABLE_BYTES: Final = 256_000_000


def read_csv(path: Path, encoding: str | None = None, separator: str = ",") -> pd.DataFrame:
    """Read a CSV whatever its encoding: as told, by its byte-order mark, UTF-8, GB18030."""
    size = path.stat().st_size
    if size > MAX_TABLE_BYTES:
        raise SizeError(
            path,
            Say(f"有 {size} 字节，上限 {MAX_TABLE_BYTES}", f"has {size} bytes, limit 256 MB"),
            Say("拆分表格", "split the table"),
        )
    with path.open("rb") as file:
        head = file.read(4)
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), None)
    tries = [encoding] if encoding else [marked] if marked else ["utf-8", "gb18030"]
    for codec in tries:
        try:
            return _read(path, codec, separator)
        except (UnicodeError, LookupError):
            continue
        except pd.errors.ParserWarning as error:
            raise TableError(
                path,
                Say("数据行的列数多于表头，或分隔符不对",
                    "has rows with more values than the header, or another separator"),
                Say("补全表头，或改正 driver.options.separator",
                    "complete the header, or correct driver.options.separator"),
            ) from error  # fmt: skip
        except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
            raise TableError(
                path,
                Say(f"不是合格的 CSV：{error}", f"is no proper CSV: {error}"),
                Say("检查分隔符与引号", "check separators and quotes"),
            ) from error
    raise TableError(
        path,
        Say(f"编码不是 {'、'.join(map(str, tries))}", f"cannot be decoded as {', '.join(tries)}"),
        Say("在 driver.options.encoding 中写明编码", "name it in driver.options.encoding"),
    )


def _read(path: Path, codec: str, separator: str) -> pd.DataFrame:
    """Read with the header as it stands: a longer row must not shift every column."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(path, encoding=codec, sep=separator, index_col=False, low_memory=False)
