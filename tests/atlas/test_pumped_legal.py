"""Storage in legal mode: the run ends with exit code 6 and names what it cannot decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas.cli import main


def test_legal_mode_ends_undecided_with_the_reasons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["siting", "pumped", "--resolution", "450", "--as-of", "2026-11-22"]
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("sys.argv", ["shiyan", *words, "--mode", "legal", "--out", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 6
    said = capsys.readouterr().err
    assert "R-40 军事禁区：图层缺失，未筛查" in said
    assert "依据待核" in said
    assert list(tmp_path.rglob("map.html"))  # published all the same
