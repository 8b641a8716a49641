"""Publishing: replaced whole or not at all; one run a folder."""

from __future__ import annotations

import datetime as dt
import errno
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from geo import publish
from geo.errors import BusyError, DiskError, OptionError


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_a_finished_file_takes_its_place(tmp_path):
    path = tmp_path / "new" / "a.csv"
    with publish.replacing(path) as part:
        assert part.parent == path.parent
        assert part.suffix == ".csv"
        part.write_text("1")
        assert not path.exists()
    assert path.read_text() == "1"
    assert names(path.parent) == ["a.csv"]


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")

    def write() -> None:
        with publish.replacing(path) as part:
            part.write_text("half")
            Path(f"{part}-journal").write_text("helper of the writer")
            raise KeyError("bug")

    with pytest.raises(KeyError):
        write()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS])
def test_a_disk_fault_is_a_disk_error(tmp_path, code):
    path = tmp_path / "a.csv"
    path.write_text("old")

    def write() -> None:
        with publish.replacing(path) as part:
            part.write_text("half")
            raise OSError(code, os.strerror(code))

    with pytest.raises(DiskError, match=r"a\.csv") as caught:
        write()
    assert caught.value.exit_code == 5
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.csv"]


def test_another_os_error_stays_what_it_is(tmp_path):
    path = tmp_path / "a.csv"
    with pytest.raises(FileNotFoundError), publish.replacing(path):
        (tmp_path / "nowhere").read_text()


def test_nothing_written_is_an_error(tmp_path):
    with pytest.raises(DiskError, match="nothing was written"), publish.replacing(tmp_path / "a"):
        pass


def test_a_folder_that_cannot_be_made_is_a_disk_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError), publish.FolderLock(tmp_path / "file" / "out"):
        pass
    with pytest.raises(DiskError), publish.replacing(tmp_path / "file" / "out" / "a.csv"):
        pass


def test_space_is_checked_before(tmp_path):
    publish.ensure_space(tmp_path / "not" / "yet", 1000)
    with pytest.raises(DiskError, match="needed"):
        publish.ensure_space(tmp_path, 1e18)


def test_parts_of_a_killed_run_are_cleared(tmp_path):
    (tmp_path / ".part-1-a.tif").write_text("")
    (tmp_path / ".part-run").mkdir()
    (tmp_path / ".part-run" / "map.html").write_text("")
    (tmp_path / "kept.tif").write_text("")
    assert publish.clear_parts(tmp_path) == [".part-1-a.tif", ".part-run"]
    assert names(tmp_path) == ["kept.tif"]


def test_a_link_among_the_parts_is_removed_not_followed(tmp_path):
    target = tmp_path / "precious"
    target.mkdir()
    (target / "data").write_text("1")
    (tmp_path / ".part-link").symlink_to(target)
    publish.clear_parts(tmp_path)
    assert (target / "data").read_text() == "1"
    assert names(tmp_path) == ["precious"]


def test_document_time(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert publish.document_time() == dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.UTC)
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert publish.document_time() == dt.datetime(1980, 1, 1, tzinfo=dt.UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(OptionError, match="yesterday"):
        publish.document_time()


HOLD = """
    import sys, time
    from geo.errors import BusyError
    from geo.publish import FolderLock
    try:
        with FolderLock(sys.argv[1]):
            print("held", flush=True)
            time.sleep(60)
    except BusyError as fault:
        print(fault.line("en"))
        sys.exit(fault.exit_code)
"""


def hold(folder: Path) -> subprocess.Popen[str]:
    code = textwrap.dedent(HOLD)
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True
    )


def test_a_second_process_finds_the_folder_busy(tmp_path):
    first = hold(tmp_path)
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        second = hold(tmp_path)
        out, _ = second.communicate(timeout=60)
        assert second.returncode == 4
        assert out.startswith("[E-BUSY]")
        assert f"pid {first.pid}" in out
    finally:
        first.kill()
        first.communicate()
    assert first.returncode != 0
    # the lock died with its process
    with publish.FolderLock(tmp_path):
        pass


def test_the_same_process_cannot_hold_it_twice(tmp_path):
    with publish.FolderLock(tmp_path), pytest.raises(BusyError), publish.FolderLock(tmp_path):
        pass
    with publish.FolderLock(tmp_path):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_a_kill_between_writing_and_renaming(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")
    code = textwrap.dedent("""
        import os, signal, sys
        from geo.publish import replacing
        with replacing(sys.argv[1]) as part:
            part.write_text("new, complete")
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    left = [n for n in names(tmp_path) if n != "a.csv"]
    assert len(left) == 1
    assert left[0].startswith(".part-")
    with publish.FolderLock(tmp_path):
        assert publish.clear_parts(tmp_path) == left
