"""Law of found sites against the layers as polygons; why-not against the audit, cell by cell."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.crs import polygon_areas
from siting.law.terms import Component, Effect, Technology, Verdict
from siting.pumped.dams.reasons import Check
from siting.pumped.works.burnt import patterns_under
from siting.pumped.works.why_not import Step, why_not
from tests.siting.pumped.test_study import SEED, base, scene, study  # noqa: F401 - fixtures

SOLID = {
    Component.UPPER_RESERVOIR: ("upper_lake", "upper_dam"),
    Component.LOWER_RESERVOIR: ("lower_lake", "lower_dam"),
}
#: Predicate -> layer and filter, restated from the articles.
VECTORS = {
    "redline": ("eco_redline", None, None),
    "source_1": ("water_source", "grade", 1),
    "source_2": ("water_source", "grade", 2),
    "source_3": ("water_source", "grade", 3),
    "reserve_core": ("nature_reserve", "zone", "core"),
    "reserve_general": ("nature_reserve", "zone", "general"),
    "nature_park": ("nature_park", None, None),
}


def land_of(study, i, which):  # noqa: F811
    parts = study.works.parts
    mine = parts[
        (parts["site"] == i) & parts["part"].isin(SOLID[which]) & ~parts["existing"].astype(bool)
    ]
    return shapely.union_all(np.asarray(mine.geometry.values))


def area_of(shape, crs) -> float:
    if shape.is_empty:
        return 0.0
    return float(polygon_areas(gpd.GeoSeries([shape], crs=crs))[0])


@pytest.fixture(scope="module")
def polygons(base):  # noqa: F811
    found = {}
    for name, (layer, column, value) in VECTORS.items():
        frame = base.ground.stack.get(layer).vector()
        if column is not None:
            frame = frame[frame[column].astype(str) == str(value)]
        found[name] = shapely.union_all(np.asarray(frame.geometry.values))
    return found


def test_hectares_of_each_structure_are_those_of_the_polygons(study, polygons):  # noqa: F811
    """Independent of the screening: polygon by polygon, within what cells of 90 m can tell."""
    grid, compared, touched = study.grid, 0, 0
    for i, parts in enumerate(study.law.components):
        for one in parts:
            if one.component not in SOLID:
                continue
            land = land_of(study, i, one.component)
            cells = max(land.length * grid.dx / 3.0, grid.dx**2)
            assert one.area_m2 + one.outside_m2 == pytest.approx(area_of(land, grid.crs), abs=cells)
            assert sum(one.verdict_m2.values()) == pytest.approx(one.area_m2, rel=1e-9)
            for name, polygon in polygons.items():
                cut = land.intersection(polygon)
                told = one.redline_m2 if name == "redline" else one.touches_m2[name]
                # both outlines are burnt by the centres of cells
                rim = land.boundary.intersection(polygon).length
                rim += polygon.boundary.intersection(land).length
                assert told == pytest.approx(
                    area_of(cut, grid.crs), abs=max(rim * grid.dx, 2 * grid.dx**2)
                )
                compared, touched = compared + 1, touched + (told > 0)
    assert compared > 100
    assert touched > 5


def test_the_pair_is_the_worst_of_what_has_a_place(study):  # noqa: F811
    for i, verdict in enumerate(study.law.verdict):
        placed = [one.verdict for one in study.law.placed(i) if one.verdict is not None]
        assert verdict is min(placed)
        every = {one.component for one in study.law.components[i]}
        assert every - {one.component for one in study.law.placed(i)} <= {
            Component.ROAD,
            Component.TRANSMISSION,
        }
        replan = study.law.route_effects[i] & {Effect.REPLAN_LINE, Effect.REPLAN_PROGRAMME}
        barred = verdict is Verdict.PROHIBITED
        assert bool(study.law.waiting[i]) == (bool(replan) and not barred)


def test_lakes_as_drawn_flood_no_prohibited_ground(study, base):  # noqa: F811
    """The lake alone, without its dam: caps of the search hold on the drawing."""
    ground, grid = base.ground, study.grid
    new = base.new_works(Technology.PUMPED)
    parts = study.works.parts
    lakes = parts[
        parts["part"].isin(["upper_lake", "lower_lake"]) & ~parts["existing"].astype(bool)
    ]
    for part, component in (
        ("upper_lake", Component.UPPER_RESERVOIR),
        ("lower_lake", Component.LOWER_RESERVOIR),
    ):
        verdict = new[component].verdict
        for shape in lakes[lakes["part"] == part].geometry:
            patterns, areas, _ = patterns_under(shape, ground, narrow=False)
            barred = float(areas[verdict[patterns] == Verdict.PROHIBITED].sum())
            # the shore is smoothed: a corner of a cell at most
            assert barred <= 2 * grid.dx**2


#: Step at which each test of a dam site ends, restated.
ENDS = {
    "OPEN": Step.CATCHMENT, "LARGE": Step.CATCHMENT, "NOT_ALLOWED": Step.GROUND,
    "BARRED": Step.GROUND, "VOLUME": Step.HEIGHT, "CAPPED": Step.HEIGHT,
    "NOT_CLOSED": Step.HEIGHT, "RATIO": Step.HEIGHT, "SUPPRESSED": Step.NEIGHBOUR,
}  # fmt: skip


def test_why_not_names_the_first_test_that_fails(study, base):  # noqa: F811
    """20 random gully cells and a kept site of every fate, read from the audit by hand."""
    found, draw = study.search, np.random.default_rng(SEED)
    audit, grid = found.dam_audit, study.grid
    lakes = shapely.union_all([one.geometry for one in found.lakes])
    some = draw.permutation(audit.row.size)[:20].tolist()
    kept = np.flatnonzero(audit.reason == Check.KEPT)
    some += draw.permutation(kept)[:20].tolist()
    seen = set()
    for k in some:
        row, col = int(audit.row[k]), int(audit.col[k])
        x, y = grid.xy(row, col)
        if lakes.covers(shapely.Point(x, y)):
            continue
        same = (audit.row == row) & (audit.col == col)
        if same.sum() > 1:
            continue
        told = why_not(
            x, y, found.drainage, found.dams, audit, found.lakes, found.pairs, found.pair_audit,
            found.chosen, found.caps,
        )  # fmt: skip
        assert told.distance_m < 1.0
        assert all(one.passed for one in told.steps[:-1])
        name = Check(int(audit.reason[k])).name
        if name != "KEPT":
            assert told.step is ENDS[name]
            assert not told.steps[-1].passed
            assert told.value == pytest.approx(float(audit.value[k]), nan_ok=True)
        else:
            dam = int(np.flatnonzero((found.dams.row == row) & (found.dams.col == col))[0])
            mine = np.flatnonzero((found.pairs.upper == dam) | (found.pairs.lower == dam))
            best = np.isin(found.chosen, mine)
            if mine.size == 0:
                assert told.step is Step.PARTNER
                assert int(found.pair_audit.reason[dam]) > 0
            elif best.any():
                assert told.step is Step.CHOSEN
                assert told.site == int(np.flatnonzero(best)[0])
            else:
                assert told.step is Step.BEST_SET
            name = told.step.name
        _agrees_with_the_ground(name, k, audit, found, base.ground, row, col)
        seen.add(name)
    assert len(seen) >= 4


def _agrees_with_the_ground(name, k, audit, found, ground, row, col):
    """Check a reason against the ground itself, not against the search."""
    km2 = float(found.drainage.cells[row, col]) * found.drainage.grid.dx**2 / 1e6
    if name == "LARGE":
        assert km2 > float(audit.limit[k]) * 0.99
    elif name == "OPEN":
        assert found.drainage.open[row, col]
    elif name == "BARRED":
        assert found.caps[0].code[row, col] > 0
    elif name == "NOT_ALLOWED":
        assert ground.zones[row, col] == 0
    else:
        assert found.caps[0].code[row, col] == 0
        assert ground.zones[row, col] > 0
    if name == "SUPPRESSED":
        other = int(audit.other[k])
        away = np.hypot(found.dams.row[other] - row, found.dams.col[other] - col)
        assert away * found.drainage.grid.dx <= float(audit.limit[k]) + 1.0
    if name in {"VOLUME", "RATIO", "CAPPED", "NOT_CLOSED"}:
        assert float(audit.value[k]) < float(audit.limit[k])
