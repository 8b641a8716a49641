"""Storage in legal mode: the run ends with exit code 6 and names what it cannot decide."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path

import pytest

from atlas.cli import main
from atlas.options import Options
from atlas.part import PartResult
from atlas.pipeline import explore
from atlas.stages import Stages


def test_legal_mode_ends_undecided_with_the_reasons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["siting", "pumped", "--resolution", "180", "--as-of", "2026-11-22"]
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("sys.argv", ["shiyan", *words, "--mode", "legal", "--out", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 6
    said = capsys.readouterr().err
    assert "R-40 军事禁区：图层缺失，未筛查" in said
    assert "依据待核" in said
    assert list(tmp_path.rglob("map.html"))  # published all the same


@pytest.fixture(scope="module")
def supposed() -> PartResult:
    done = explore(
        Options(
            as_of=date(2026, 11, 22), resolution=180.0, parts=("pumped",),
            what_if=("national_park",),
        ),
        Stages(StringIO()),
    )  # fmt: skip
    return done.results["pumped"]


def test_a_what_if_marks_every_site(supposed: PartResult) -> None:
    assert supposed.assumed is not None
    assert supposed.assumed.zh.startswith("假设情景：")
    assert supposed.sites is not None
    assert len(supposed.sites) > 5
    assert supposed.sites["note"].str.contains("非现行法律").all()
    assert supposed.sites["verdict_zh"].str.contains("假设").all()
    assert supposed.sites["verdict_zh"].str.startswith("演示，无法律意义").all()
    assert supposed.undecided  # what legal mode could not decide, said in both modes


def test_cells_too_coarse_for_a_dam_are_refused_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["siting", "pumped", "--resolution", "450", "--as-of", "2026-11-22"]
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("sys.argv", ["shiyan", *words, "--out", str(tmp_path)])
    main()
    said = capsys.readouterr().out
    assert "像元 450 m 太粗" in said
    assert "--resolution 90" in said
    assert "潘口抽水蓄能" in said  # named projects are listed all the same
