"""Safe publishing: nothing half-written ever stands under a final name.

A file is written beside its final name, forced to disk, then renamed. The output
folder is held by an operating-system lock that dies with its process, so a killed run
leaves neither a lock nor a broken result, only a ``.part-`` file that the next run clears.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import glob
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from geo.errors import BusyError, DiskError, OptionError, Say

PART: Final = ".part-"
_LOCK: Final = ".lock"
#: Free space asked for, relative to what is about to be written.
_MARGIN: Final = 1.3
_DISK_ERRNOS: Final = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
)
#: Those that can only be the disk, whatever was being written.
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
#: Document time when ``SOURCE_DATE_EPOCH`` is unset: the first that a zip entry can hold.
_EPOCH: Final = 315_532_800


def disk_error(path: Path | str, fault: BaseException | str) -> DiskError:
    """Return the error that says ``path`` could not be written, and why."""
    reason = (fault.strerror or str(fault)) if isinstance(fault, OSError) else str(fault)
    return DiskError(
        path,
        Say(f"无法写入：{reason}", f"cannot be written: {reason}"),
        Say(
            "清出磁盘空间、检查写权限后重试；原有结果未动",
            "free disk space, check the permissions and run again; the previous result stands",
        ),
    )


def is_disk_full(fault: OSError) -> bool:
    """Tell a full or read-only disk from any other fault of the system."""
    return fault.errno in _FULL


@contextlib.contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success put it in its place.

    Parameters
    ----------
    path
        Final file. Its folder is made when it is missing.

    Yields
    ------
    Path
        File name to write, with the same suffix.

    Raises
    ------
    DiskError
        Disk full, no permission, or nothing was written.
    """
    final = Path(path)
    part = final.with_name(f"{PART}{os.getpid()}-{final.name}")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
    except OSError as fault:
        raise disk_error(final, fault) from fault
    try:
        yield part
        if not part.is_file():
            raise disk_error(final, "nothing was written")
        _sync(part)
        part.replace(final)
        _sync_folder(final.parent)
    except OSError as fault:
        if fault.errno in _DISK_ERRNOS:
            raise disk_error(final, fault) from fault
        raise
    finally:
        _clear(part)


def _clear(part: Path) -> None:
    """Remove ``part`` and the helper files that a writer left beside it."""
    with contextlib.suppress(OSError):
        for left in part.parent.glob(f"{glob.escape(part.name)}*"):
            left.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


def _sync_folder(folder: Path) -> None:
    """Force the rename itself to disk, where folders can be opened."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clear_parts(folder: Path | str) -> list[str]:
    """Remove what a killed run left in ``folder``; call it only under :class:`FolderLock`.

    Returns
    -------
    list of str
        Names removed, sorted.
    """
    removed: list[str] = []
    for left in sorted(Path(folder).glob(f"{PART}*")):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                left.unlink()
        removed.append(left.name)
    return removed


def ensure_space(folder: Path | str, size: float) -> None:
    """Refuse to start writing what the disk cannot hold.

    Parameters
    ----------
    folder
        Existing folder, or one whose parent exists.
    size
        Bytes about to be written. [B]

    Raises
    ------
    DiskError
        Less than 1.3 times ``size`` is free.
    """
    place = Path(folder).absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < size * _MARGIN:
        need, have = _size(size * _MARGIN), _size(free)
        raise DiskError(
            folder,
            Say(f"剩余 {have}，需要 {need}", f"has {have} free, {need} needed"),
            Say("清出磁盘空间后重试", "free disk space and run again"),
        )


def _size(size: float) -> str:
    return f"{size / 1e6:.0f} MB" if size >= 1e7 else f"{size / 1e3:.0f} kB"


def document_time() -> dt.datetime:
    """Return the time written into documents: ``SOURCE_DATE_EPOCH``, else 1980-01-01 UTC.

    Raises
    ------
    OptionError
        ``SOURCE_DATE_EPOCH`` is not a whole number of seconds.
    """
    text = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    try:
        return dt.datetime.fromtimestamp(int(text or _EPOCH), tz=dt.UTC)
    except (ValueError, OverflowError, OSError) as fault:
        raise OptionError(
            "SOURCE_DATE_EPOCH",
            Say(f"{text!r} 不是秒数", f"{text!r} is not a number of seconds"),
            Say("设为整数秒或不设", "set whole seconds, or unset it"),
        ) from fault


class FolderLock:
    """Hold a folder for one process until the ``with`` block ends or the process dies.

    Parameters
    ----------
    folder
        Folder to hold; made when it is missing.

    Raises
    ------
    BusyError
        Another process holds it (exit code 4).
    DiskError
        The folder cannot be made or written.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._handle: IO[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # append mode neither truncates nor needs the file to exist; without a buffer,
            # closing has nothing left to write
            handle = (self.folder / _LOCK).open("ab+", buffering=0)
        except OSError as fault:
            raise disk_error(self.folder, fault) from fault
        try:
            free = _try_lock(handle)
        except OSError as fault:  # a file system without locks
            handle.close()
            raise disk_error(self.folder, fault) from fault
        if not free:
            owner = _owner(handle)
            handle.close()
            raise BusyError(
                self.folder,
                Say(f"输出目录正被另一次运行占用{owner}", f"is held by another run{owner}"),
                Say("等它结束，或用 --out 换一个目录", "wait for it, or choose another --out"),
            )
        # the pid only makes the message of others clearer: a full disk must not stop us here
        with contextlib.suppress(OSError):
            handle.truncate(0)
            handle.write(str(os.getpid()).encode())
        self._handle = handle
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # closing releases the lock; the file stays, so that nobody locks a removed name
        if self._handle is not None:
            self._handle.close()
            self._handle = None


def _owner(handle: IO[bytes]) -> str:
    with contextlib.suppress(OSError):
        handle.seek(0)
        pid = handle.read(20).decode("ascii", "ignore").strip()
        return f" (pid {pid})" if pid else ""
    return ""


if sys.platform == "win32":
    import msvcrt

    #: Byte that is locked, far behind the pid so that others may read it.
    _FAR = 1 << 20

    def _try_lock(handle: IO[bytes]) -> bool:
        handle.seek(_FAR)
        try:
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(handle: IO[bytes]) -> bool:
        try:
            fcntl.flock(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
