"""What must stand before anything heavy is imported: streams, times, a place for kernels.

Only the standard library is imported here, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from pathlib import Path


def prepare_streams() -> None:
    """Let no character stop a result: files and pipes are UTF-8, a terminal escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def check_document_time() -> None:
    """Refuse a bad ``SOURCE_DATE_EPOCH`` before NumPy stumbles over it; empty is unset."""
    text = os.environ.get("SOURCE_DATE_EPOCH")
    if text is not None and not text.strip():
        del os.environ["SOURCE_DATE_EPOCH"]
    elif text is not None:
        from geo.publish import document_time

        document_time()


def prepare_kernel_cache() -> None:
    """Give numba a folder for compiled kernels where it would find none and refuse to start.

    It keeps them beside the code; a protected installation needs another place, and the
    user's cache folder may be protected too. A shared name in a temporary folder is no
    place for compiled code, so the last resort lives as long as the process.
    """
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    code = Path(__file__).resolve().parents[1] / "geo" / "_kernels"
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    own = Path(base) if base else Path(os.path.expanduser("~")) / ".cache"  # noqa: PTH111  # never raises
    if _writable(code / "__pycache__"):
        return
    if not _writable(own / "shiyan-atlas"):
        from atexit import register
        from shutil import rmtree
        from tempfile import mkdtemp

        own = Path(mkdtemp(prefix="shiyan-atlas-"))
        register(rmtree, own, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = str(own / "shiyan-atlas")


def _writable(folder: Path) -> bool:
    """Tell whether a file can be made in ``folder``, which is made when it is missing."""
    probe = folder / f".probe-{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True
