"""Run folders: published in one rename, previous result untouched, leftovers cleared."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from atlas.runfolder import PART_PREFIX, as_disk_error, fingerprint, holding, publishing
from geo.errors import BusyError, DiskError
from geo.publish import FolderLock


@pytest.fixture(autouse=True)
def fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764547200")


def publish(out: Path, text: str) -> Path:
    with holding(out), publishing(out, "0123abcd") as (folder, final):
        (folder / "run.json").write_text(text, encoding="utf-8")
    return final


def test_publish_names_and_latest(tmp_path: Path) -> None:
    final = publish(tmp_path, "1")
    assert final.name == "20251201T000000Z-0123abcd"
    assert (final / "run.json").read_text(encoding="utf-8") == "1"
    assert (tmp_path / "latest").read_text(encoding="utf-8") == f"{final.name}\n"


def test_never_overwrites(tmp_path: Path) -> None:
    first, second = publish(tmp_path, "1"), publish(tmp_path, "2")
    assert first != second
    assert (first / "run.json").read_text(encoding="utf-8") == "1"
    assert (tmp_path / "latest").read_text(encoding="utf-8") == f"{second.name}\n"


def test_failure_leaves_nothing_and_keeps_latest(tmp_path: Path) -> None:
    first = publish(tmp_path, "1")

    def fail() -> None:
        with holding(tmp_path), publishing(tmp_path, "ffffffff") as (folder, _):
            (folder / "map.html").write_text("half", encoding="utf-8")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == [first.name]
    assert (tmp_path / "latest").read_text(encoding="utf-8") == f"{first.name}\n"


def test_killed_run_is_cleared_by_the_next(tmp_path: Path) -> None:
    first = publish(tmp_path, "1")
    script = textwrap.dedent(
        """
        import os, sys
        from pathlib import Path
        from atlas.runfolder import holding, publishing
        out = Path(sys.argv[1])
        with holding(out), publishing(out, "dead0000") as (folder, _):
            (folder / "map.html").write_text("half")
            os.kill(os.getpid(), 9)
        """
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert done.returncode == -9
    assert [p for p in tmp_path.iterdir() if p.name.startswith(PART_PREFIX)]
    assert (tmp_path / "latest").read_text(encoding="utf-8") == f"{first.name}\n"
    second = publish(tmp_path, "2")
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(PART_PREFIX)]
    assert (tmp_path / "latest").read_text(encoding="utf-8") == f"{second.name}\n"


def test_leftover_files_and_links_are_cleared(tmp_path: Path) -> None:
    (tmp_path / f"{PART_PREFIX}1-latest").write_text("half", encoding="utf-8")
    (tmp_path / f"{PART_PREFIX}dead").mkdir()
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "kept").write_text("1", encoding="utf-8")
    (tmp_path / f"{PART_PREFIX}link").symlink_to(tmp_path / "theirs")
    with holding(tmp_path):
        assert not list(tmp_path.glob(f"{PART_PREFIX}*"))
    assert (tmp_path / "theirs" / "kept").is_file()


def test_interrupt_removes_the_unfinished_run(tmp_path: Path) -> None:
    def interrupted() -> None:
        with holding(tmp_path), publishing(tmp_path, "ffffffff") as (folder, _):
            (folder / "map.html").write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_nearly_full_disk_is_refused_before_the_work(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(4, 0, 4_000_000))
    with pytest.raises(DiskError) as caught, holding(tmp_path):
        pass
    assert "4000 kB" in caught.value.line("zh")
    assert not (tmp_path / ".lock").exists()


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(DiskError), holding(tmp_path / ("x" * 300)):
        pass


def test_lock_needs_no_room_for_its_pid(tmp_path: Path, monkeypatch) -> None:
    def full() -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "getpid", full)
    held = False
    with FolderLock(tmp_path):
        held = True
    assert held


def test_file_system_without_locks_is_said(tmp_path: Path, monkeypatch) -> None:
    def none(_: object) -> bool:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("geo.publish._try_lock", none)
    with pytest.raises(DiskError) as caught, FolderLock(tmp_path):
        pass
    assert "No locks available" in caught.value.line("en")


def test_busy_folder(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from atlas.runfolder import holding\n"
        "with holding(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(BusyError) as caught, holding(tmp_path):
            pass
        assert caught.value.exit_code == 4
        other.stdin.close()
        other.wait(30)
    with holding(tmp_path):
        pass


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_full_disk_is_one_clear_error(tmp_path: Path, code: int) -> None:
    with pytest.raises(DiskError) as caught, as_disk_error(tmp_path):
        raise OSError(code, os.strerror(code))
    assert caught.value.exit_code == 5
    assert str(tmp_path) in caught.value.line("zh")


def test_other_os_errors_pass(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), as_disk_error(tmp_path):
        (tmp_path / "missing").read_text(encoding="utf-8")


def test_fingerprint_does_not_depend_on_order() -> None:
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
