"""Run folders: published in one rename, previous result untouched, leftovers cleared."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from atlas.runfolder import PART_PREFIX, as_disk_error, fingerprint, holding, publishing
from geo.errors import BusyError, DiskError


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
