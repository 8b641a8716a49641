"""``shiyan why`` screens a window: its answer is that of the full run, cell by cell."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from atlas.answers import why_here
from atlas.options import Options
from atlas.pipeline import Run, explore
from atlas.stages import Stages
from geo.crs import lonlat
from geo.errors import OptionError
from siting.law.terms import Technology

OPTIONS = Options(as_of=date(2026, 11, 22), resolution=270, out=Path("unused"), parts=("siting",))


@pytest.fixture(scope="module")
def full() -> Run:
    return explore(OPTIONS)


def test_window_answers_as_the_full_run_does(full: Run) -> None:
    study = full.results["siting"].extra["study"]
    grid, index = full.scene.grid, study.table.index
    verdict = study.technologies[Technology.PV].footprint.verdict
    rng = np.random.default_rng(3)
    inside = np.argwhere(index < verdict.size)
    kinds = verdict[index[tuple(inside.T)]]
    picked = [inside[rng.choice(np.flatnonzero(kinds == kind))] for kind in np.unique(kinds)]
    assert len(picked) >= 4  # prohibited, route, approval, clear at least
    for row, col in picked:
        lon, lat = lonlat(grid.crs, *grid.xy(int(row), int(col)))
        answer, lines = why_here(OPTIONS, float(lon), float(lat), "pv", Stages())
        first = answer["components"][0]
        assert first["verdict"] == int(verdict[index[row, col]]), (lon, lat, lines)
        assert lines


def test_point_outside_is_refused() -> None:
    with pytest.raises(OptionError, match="is not within"):
        why_here(OPTIONS, 114.3, 30.6, "pv", Stages())
