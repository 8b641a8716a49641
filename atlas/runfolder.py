"""Run folder: a run is built beside its final name, verified, then renamed in one step.

``DIR/<UTC date-time>-<8 hex of inputs, parameters and version>/`` is the run,
``DIR/latest`` a text file with its name. A finished run is never overwritten; what a
killed run left behind (``.part-...``) is removed by the next one that holds the lock.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from geo.errors import DiskError, Say
from geo.publish import FolderLock, clear_parts, document_time, ensure_space, replacing

PART_PREFIX = ".part-"
#: What the system says when a folder cannot take files: full, protected, or no folder at all.
_CANNOT_WRITE = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EFBIG", "ENOTDIR", "EEXIST")
    if hasattr(errno, name)
)
#: Free space asked for before a run starts [bytes]; a demo run writes about 60 MB at 90 m.
MIN_FREE = 200 * 2**20


def run_time() -> datetime:
    """Return the time of the run: ``SOURCE_DATE_EPOCH`` or now, in UTC."""
    if os.environ.get("SOURCE_DATE_EPOCH", "").strip():
        return document_time()
    return datetime.fromtimestamp(int(time.time()), tz=UTC)


def fingerprint(content: Mapping[str, object]) -> str:
    """Return 8 hex digits of the JSON-ready ``content`` (inputs, parameters, version)."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@contextmanager
def holding(out: Path) -> Iterator[None]:
    """Hold the output folder for this process; clear what killed runs left behind.

    Raises
    ------
    BusyError
        When another process holds it.
    DiskError
        When the folder cannot be made or the disk is nearly full.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        ensure_space(out, MIN_FREE)
    except OSError as error:  # no folder, no drive, a name too long: all the same to the user
        raise _cannot_write(out, error) from error
    with FolderLock(out):
        clear_parts(out)
        yield


@contextmanager
def publishing(out: Path, digest: str) -> Iterator[tuple[Path, Path]]:
    """Yield (folder to write into, final folder); publish on success, remove on failure."""
    stamp = f"{run_time():%Y%m%dT%H%M%SZ}-{digest}"
    final = next(
        path
        for path in (out / f"{stamp}{tail}" for tail in ("", *(f"-{n}" for n in range(2, 10**6))))
        if not path.exists()
    )
    part = out / f"{PART_PREFIX}{final.name}"
    try:
        with as_disk_error(out):
            part.mkdir()
            (part / "layers").mkdir()
            yield part, final
            _sync(part)
            part.rename(final)
            with replacing(out / "latest") as path:
                path.write_text(f"{final.name}\n", encoding="utf-8", newline="\n")
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


@contextmanager
def as_disk_error(where: Path) -> Iterator[None]:
    """Turn a full or write-protected disk into :class:`DiskError`."""
    try:
        yield
    except OSError as error:
        if error.errno not in _CANNOT_WRITE:
            raise
        raise _cannot_write(where, error) from error


def _cannot_write(where: Path, error: OSError) -> DiskError:
    return DiskError(
        where,
        Say(f"无法写入磁盘（{error.strerror}）", f"cannot be written ({error.strerror})"),
        Say("清理磁盘空间，或用 --out 换一个可写的文件夹", "free some space, or choose --out"),
    )


def _sync(folder: Path) -> None:
    """Flush every file of the run to the disk before it gets its final name."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb+") as handle:  # Windows flushes only what is open for writing
                os.fsync(handle.fileno())
