"""Checksums of an input: of all files of a shapefile, of all files of a geodatabase folder."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

#: Files that belong to a shapefile of the same stem.
_SIDECARS: Final = frozenset(
    {".shp", ".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".shp.xml"}
)
_SHAPEFILE: Final = frozenset({".shp"})
#: Files that programs leave in a geodatabase while they look at it.
_LOCKS: Final = ".lock"


def parts(path: Path) -> tuple[Path, ...]:
    """Return the files that make up an input, in the order of their names.

    Parameters
    ----------
    path
        A file, a ``.shp`` (its side files count) or a ``.gdb`` folder (locks do not).
    """
    if path.is_dir():
        inside = (file for file in path.rglob("*") if file.is_file())
        return tuple(sorted(file for file in inside if file.suffix.lower() != _LOCKS))
    if path.suffix.lower() not in _SHAPEFILE:
        return (path,)
    beside = path.parent.iterdir()
    return tuple(sorted(file for file in beside if file.is_file() and _belongs(file, path)))


def _belongs(file: Path, shape: Path) -> bool:
    rest = file.name.removeprefix(shape.stem)
    return rest != file.name and rest.lower() in _SIDECARS


def sha256_of(path: Path) -> dict[str, str]:
    """Return the sha256 of every file of an input, by its name below the input's folder."""
    home = path if path.is_dir() else path.parent
    found = {}
    for file in parts(path):
        state = file.stat()
        found[file.relative_to(home).as_posix()] = _hashed(
            str(file), state.st_size, state.st_mtime_ns
        )
    return found


def whole_sha256(path: Path) -> str:
    """Return one sha256 for an input: the file's own, or that of the list of its files.

    The list is one line ``sha256  name`` a file, ordered by name, as ``sha256sum`` prints it.
    """
    found = sha256_of(path)
    if len(found) == 1 and not path.is_dir():
        return next(iter(found.values()))
    text = "".join(f"{value}  {name}\n" for name, value in sorted(found.items()))
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=4096)
def _hashed(file: str, size: int, changed: int) -> str:  # noqa: ARG001 - they key the cache
    with Path(file).open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
