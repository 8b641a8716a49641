"""``shiyan why`` screens a window: its answer is that of the full run, cell by cell."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from atlas import answers_law
from atlas.answers_law import Screened, region_of, screened, why_here, window
from atlas.options import Options
from atlas.stages import Stages
from geo.crs import cell_areas, lonlat
from geo.errors import OptionError
from siting.law.screening import pattern_table
from siting.law.terms import Component, Technology
from siting.law.verdict import judge

OPTIONS = Options(as_of=date(2026, 11, 22), resolution=270, out=Path("unused"))


@pytest.fixture(scope="module")
def full() -> Screened:
    return screened(OPTIONS, Stages(), region_of(OPTIONS)[1])


def test_window_answers_as_the_full_run_does(
    full: Screened, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = full.scene.grid
    table = pattern_table(full.screening, full.scene.zones, cell_areas(grid))
    verdict = judge(table, full.ruleset, Technology.PV, Component.PV_ARRAY).verdict
    rng = np.random.default_rng(3)
    inside = np.argwhere(table.index < verdict.size)
    kinds = verdict[table.index[tuple(inside.T)]]
    assert len(np.unique(kinds)) >= 4  # prohibited, route, approval, clear at least
    monkeypatch.setattr(answers_law, "REACHES", (3000.0,))  # one window each
    for kind in np.unique(kinds)[[0, 1]]:
        row, col = inside[rng.choice(np.flatnonzero(kinds == kind))]
        lon, lat = lonlat(grid.crs, *grid.xy(int(row), int(col)))
        answer, lines = why_here(OPTIONS, float(lon), float(lat), "pv", Stages(), "pv_array")
        assert answer["components"][0]["verdict"] == int(kind), (lon, lat, lines)
        assert len(answer["components"]) == 1
        assert lines[0].startswith("结论：")


def test_the_window_grows_until_the_nearest_is_proven(
    full: Screened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without growing, free ground just outside the first window would not be named."""
    read: list[int] = []

    def screened_window(options: Options, stages: Stages, grid) -> Screened:
        read.append(grid.cols)
        return full  # the planes of the region stand for any window

    monkeypatch.setattr(answers_law, "screened", screened_window)
    monkeypatch.setattr(answers_law, "REACHES", (300.0, 40_000.0))
    answer, _ = why_here(OPTIONS, 109.7099, 32.4378, "pv", Stages(), "pv_array")
    assert len(read) == 2
    assert read[1] > read[0]
    assert answer["components"][0]["nearest"]["distance_m"] > 300


def test_windows_share_the_cells_of_the_region(full: Screened) -> None:
    whole = full.scene.grid
    x, y = whole.xy(200, 150)
    part = window(whole, shapely.box(x, y, x, y), 3000.0)
    assert part.shape == (23, 23)
    assert part.rowcol(x, y) == (11, 11)
    west, south, east, north = whole.bounds
    assert window(whole, shapely.box(west, south, east, north), 3000.0) == whole


def test_point_outside_is_refused() -> None:
    with pytest.raises(OptionError, match="is not within"):
        why_here(OPTIONS, 114.3, 30.6, "pv", Stages())
