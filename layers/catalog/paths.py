"""Where the catalog lies and where its entries may point: never outside their folder."""

from __future__ import annotations

import itertools
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

from geo.errors import CatalogError, OptionError, Say

#: Environment variable that names another catalog file.
CATALOG_VARIABLE: Final = "SHIYAN_CATALOG"
FILE_NAME: Final = "data_catalog.yaml"
_VARIABLE = re.compile(r"^\$\{(SHIYAN_[A-Z_]+)\}")
#: A raster may come in so many tiles; more is a slip in the placeholders.
MAX_TILES: Final = 10_000
_PACKAGE: Final = Path(__file__).resolve().parent.parent


def catalog_file() -> Path:
    """Return the catalog: ``SHIYAN_CATALOG``, beside the packages (checkout), or packaged.

    Raises
    ------
    OptionError
        When none of them exists.
    """
    named = os.environ.get(CATALOG_VARIABLE)
    if named:
        return Path(named)
    for folder in (_PACKAGE.parent, _PACKAGE):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise OptionError(
        FILE_NAME,
        Say("找不到数据目录", "the data catalog is not found"),
        Say(f"用 --data 或 {CATALOG_VARIABLE} 指明", f"name it by --data or {CATALOG_VARIABLE}"),
    )


def root_folder(root: str | None, home: Path, subject: str) -> Path | None:
    """Return the folder below which an entry's uri lies.

    Parameters
    ----------
    root
        As written in the catalog: empty (the catalog's own folder), a folder, or one that
        begins with a variable ``${SHIYAN_...}``.
    home
        Folder of the catalog file.

    Returns
    -------
    Path or None
        None when the variable is not set: the files are then absent.

    Raises
    ------
    CatalogError
        When what is written after the variable leaves its folder.
    """
    if root is None:
        return home
    match = _VARIABLE.match(root)
    rest = root[match.end() :] if match else root
    joined = not match or rest == "" or rest[0] in "/\\"
    if "$" in rest or _foreign(rest) or ".." in _parts(rest) or not joined:
        raise _refuse(subject, root, "root")
    if match is None:
        return (home / root).resolve()
    value = os.environ.get(match[1])
    return (home / (value + rest)).resolve() if value else None


def unset_variable(root: str | None) -> str:
    """Return the name of the unset variable that ``root`` begins with, or an empty text."""
    match = _VARIABLE.match(root or "")
    return match[1] if match and not os.environ.get(match[1]) else ""


def expand(uri: str, placeholders: Mapping[str, list[str]], subject: str) -> list[str]:
    """Return the uris of all tiles: every combination of the placeholders, in order."""
    names = re.findall(r"\{([A-Za-z0-9_]+)\}", uri)
    if set(names) != set(placeholders) or not all(placeholders.values()):
        raise CatalogError(
            subject,
            Say(f"uri {uri} 与 placeholders 不一致", f"uri {uri} and placeholders differ"),
            Say("每个 {名} 都要有非空的取值表", "give each {name} a non-empty list"),
        )
    tiles = math.prod(len(set(values)) for values in placeholders.values())
    if tiles > MAX_TILES:
        raise CatalogError(
            subject,
            Say(f"uri {uri} 展开为 {tiles} 个文件，上限 {MAX_TILES}",
                f"uri {uri} expands to {tiles} files, limit {MAX_TILES}"),
            Say("减少 placeholders 的取值，或拼接为一个文件",
                "list fewer placeholder values, or mosaic the tiles"),
        )  # fmt: skip
    keys = list(placeholders)
    found = []
    for values in itertools.product(*(placeholders[key] for key in keys)):
        text = uri
        for key, value in zip(keys, values, strict=True):
            text = text.replace("{" + key + "}", value)
        found.append(text)
    return found


def resolve(uri: str, root: Path, subject: str) -> Path:
    """Return the file that ``uri`` names below ``root``.

    Raises
    ------
    CatalogError
        For a URL, a ``/vsi`` name, ``..``, or a path or symbolic link that leaves ``root``.
    """
    if _foreign(uri) or ".." in _parts(uri) or not uri.strip():
        raise _refuse(subject, uri, "uri")
    base = root.resolve()
    path = (base / uri).resolve()
    if not path.is_relative_to(base):
        raise _refuse(subject, uri, "uri")
    return path


def _foreign(text: str) -> bool:
    """Tell a URL, a GDAL virtual name or a driver prefix (``GTIFF_DIR:``) from a path."""
    drive = re.match(r"^[A-Za-z]:[\\/]", text) if os.name == "nt" else None
    colon = ":" in text and not drive
    return colon or "\0" in text or re.match(r"^[\\/]+vsi", text, re.IGNORECASE) is not None


def _parts(text: str) -> tuple[str, ...]:
    return (*PurePosixPath(text).parts, *PureWindowsPath(text).parts)


def _refuse(subject: str, text: str, key: str) -> CatalogError:
    return CatalogError(
        subject,
        Say(f"{key} {text} 指向目录之外或不是本地文件",
            f"{key} {text} leaves its folder or is no local file"),
        Say("把文件放到目录的 root 之下，写相对路径",
            "put the file below the catalog's root and write a relative path"),
    )  # fmt: skip
