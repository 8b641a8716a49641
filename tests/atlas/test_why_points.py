"""``shiyan why`` at a dozen points of the demo: right, and complete.

Right: verdicts and rules frozen by hand-picked points. Complete: a second way to the same
rules, each predicate asked of the vectors and rasters at the cell's centre, no bits between.
"""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import Point

from atlas.answers_law import Screened, at_point, conclusion, region_of, screened
from atlas.options import Options
from atlas.stages import Stages
from siting.law.expression import Expression
from siting.law.judgement import eligible_patterns
from siting.law.least_change import LOSING
from siting.law.patterns import one_pattern
from siting.law.predicates import Predicate
from siting.law.terms import State, Technology, Verdict
from siting.law.verdict import judge

OPTIONS = Options(as_of=date(2026, 11, 22), resolution=270, out=Path("unused"))
#: Point -> footprint verdict and rules that hit, of PV, wind and a new upper reservoir.
POINTS: dict[str, tuple[tuple[float, float], dict[str, tuple[str, str]]]] = {
    "free for PV": ((110.9468, 33.2381), {
        "pv": ("CLEAR", ""), "wind": ("APPROVAL", "R-16g"), "pumped": ("APPROVAL", "R-16g"),
    }),
    "red line under trees": ((109.7099, 32.4378), {
        "pv": ("PROHIBITED", "R-02 R-02b R-19"),
        "wind": ("PROHIBITED", "R-02 R-02b R-05 R-05c R-16 R-16g R-18"),
        "pumped": ("ROUTE", "R-02b R-02p R-16 R-16g T-11 T-12"),
    }),
    "public-welfare trees": ((109.9519, 33.1071), {
        "pv": ("PROHIBITED", "R-19"),
        "wind": ("PROHIBITED", "R-05c R-16 R-16g R-18"),
        "pumped": ("APPROVAL", "R-16 R-16g"),
    }),
    "permanent farmland": ((110.3148, 32.9246), {
        "pv": ("PROHIBITED", "R-06 R-08 R-09"),
        "wind": ("ROUTE", "R-07 R-09b"),
        "pumped": ("ROUTE", "R-07 R-09b"),
    }),
    "dense shrub": ((111.1140, 32.5856), {
        "pv": ("PROHIBITED", "R-19c"),
        "wind": ("APPROVAL", "R-05c R-16 R-16g"),
        "pumped": ("APPROVAL", "R-16 R-16g"),
    }),
    "open shrub": ((109.9971, 32.9419), {
        "pv": ("APPROVAL", "R-19b"),
        "wind": ("APPROVAL", "R-05c R-16 R-16g R-18n"),
        "pumped": ("APPROVAL", "R-16 R-16g"),
    }),
    "first-class source": ((111.4734, 32.5604), {
        "pv": ("PROHIBITED", "R-11b R-12 R-20 R-23 R-23b R-24"),
        "wind": ("PROHIBITED", "R-11b R-12 R-13 R-20 R-23 R-24"),
        "pumped": ("PROHIBITED", "R-11b R-12 R-20 R-23 R-26"),
    }),
    "beside a road": ((110.9150, 33.1918), {
        "pv": ("PROHIBITED", "R-19 R-45"),
        "wind": ("PROHIBITED", "R-05c R-16 R-16g R-45"),
        "pumped": ("PROHIBITED", "R-16 R-16g R-45"),
    }),
    "steep": ((110.9295, 33.1602), {
        "pv": ("PROHIBITED", "R-19 R-38 T-slope-pv"),
        "wind": ("APPROVAL", "R-05c R-16 R-16g R-38"),
        "pumped": ("APPROVAL", "R-16 R-16g R-38"),
    }),
    "reservoir": ((111.4080, 32.7238), {
        "pv": ("PROHIBITED", "R-11b R-12 R-22 R-23 R-23b R-24"),
        "wind": ("PROHIBITED", "R-11b R-12 R-13 R-22 R-23 R-24"),
        "pumped": ("PROHIBITED", "R-11b R-12 R-22 R-23 R-26"),
    }),
    "national wetland": ((110.1312, 32.2101), {
        "pv": ("PROHIBITED", "R-11b R-12 R-24 R-28"),
        "wind": ("PROHIBITED", "R-11b R-12 R-13 R-24 R-28 R-29w"),
        "pumped": ("PROHIBITED", "R-11b R-12 R-26 R-28"),
    }),
    "airport": ((110.6825, 32.6412), {
        "pv": ("PROHIBITED", "R-19 R-38 R-42"),
        "wind": ("APPROVAL", "R-05c R-16 R-16g R-38 R-42"),
        "pumped": ("APPROVAL", "R-16 R-16g R-38"),
    }),
    "core zone": ((110.1691, 31.8281), {
        "pv": ("PROHIBITED", ("R-01 R-02 R-02b R-04 R-06f R-10 R-12 R-12c R-12h R-15 R-17 R-19 "
                             "R-19d R-19h R-38")),
        "wind": ("PROHIBITED", ("R-01 R-02 R-02b R-04 R-05 R-05c R-10 R-12 R-12c R-12h R-13 R-15 "
                               "R-16 R-17 R-38")),
        "pumped": ("PROHIBITED", ("R-01 R-02b R-02p R-04 R-10 R-12 R-12h R-15 R-16 R-17 R-38 R-39 "
                                 "T-11 T-12")),
    }),
}  # fmt: skip
EVERY = [(name, technology) for name in POINTS for technology in ("pv", "wind", "pumped")]


@pytest.fixture(scope="module")
def demo() -> Screened:
    """Return the whole region, screened once."""
    return screened(OPTIONS, Stages(), region_of(OPTIONS)[1])


@pytest.fixture(scope="module")
def answers(demo: Screened):
    kept = {}

    def ask(name: str, technology: str):
        if (name, technology) not in kept:
            kept[name, technology] = at_point(
                demo, OPTIONS, POINTS[name][0], Technology(technology), (), math.inf
            )
        return kept[name, technology]

    return ask


def hits(component) -> set[str]:
    return {one.rule.id for one in component.of_state(State.HIT)}


@pytest.mark.parametrize(("name", "technology"), EVERY)
def test_right(answers, name: str, technology: str) -> None:
    first = answers(name, technology).components[0]
    verdict, rules = POINTS[name][1][technology]
    assert Verdict(first.verdict).name == verdict
    assert hits(first) == set(rules.split())
    assert first.text.zh.startswith("演示，无法律意义：")
    assert conclusion(answers(name, technology)).zh.startswith("结论：")


@pytest.mark.parametrize(("name", "technology"), EVERY)
def test_complete(demo: Screened, answers, name: str, technology: str) -> None:
    answer = answers(name, technology)
    x, y = demo.scene.grid.xy(*answer.cell)
    truth = truth_at(demo, tuple(demo.ruleset.predicates), x, y)
    for component in answer.components:
        rules = demo.ruleset.applicable(Technology(technology), component.component)
        wanted = {
            demo.ruleset.rules[i].id for i in rules if true(demo.ruleset.rules[i].expression, truth)
        }
        exempt = {one.rule.id for one in component.of_state(State.EXEMPT)}
        assert hits(component) == wanted - exempt


@pytest.mark.parametrize(("name", "technology"), EVERY)
def test_ways_out_lead_out(demo: Screened, answers, name: str, technology: str) -> None:
    """Where a move ends, or a metre farther, the rule is gone; the nearest cell is free."""
    grid = demo.scene.grid
    for component in answers(name, technology).components:
        for finding in component.of_state(State.HIT):
            assert (finding.change is not None) == (finding.rule.effect in LOSING)
            if finding.change is not None and finding.change.move is not None:
                assert finding.change.move.text().zh
                assert 0 <= finding.change.move.distance_m < finding.change.searched_m
                x, y = from_degrees(grid, [round(at, 5) for at in finding.change.move.lonlat])
                names = finding.rule.expression.names()
                assert not true(finding.rule.expression, truth_at(demo, names, x, y))
        near = component.nearest
        if near is None:
            assert component.verdict not in {Verdict.PROHIBITED, Verdict.UNKNOWN, Verdict.ROUTE}
            continue
        cell = grid.rowcol(*from_degrees(grid, near.lonlat))
        there = judge(
            one_pattern(demo.screening, *cell), demo.ruleset, Technology(technology),
            component.component,
        )  # fmt: skip
        assert eligible_patterns(there)[0]


def truth_at(demo: Screened, names, x: float, y: float) -> dict[str, bool]:
    """Return which predicates hold at a place, asked of the layers themselves."""
    bits, cell = demo.screening.bits, demo.scene.grid.rowcol(x, y)
    return {
        one: holds(demo, bits.predicates[bits.bit_of[one]], x, y, cell)
        for one in names
        if bits.bit_of[one] not in bits.unscreened
    }


def from_degrees(grid, lonlat):
    from geo.crs import from_lonlat

    return tuple(float(v) for v in from_lonlat(grid.crs, *lonlat))


def true(expression: Expression, truth: dict[str, bool]) -> bool:
    """Evaluate in two values; a predicate of an absent layer does not hold."""
    if expression.op == "name":
        return truth.get(expression.name, False)
    parts = [true(part, truth) for part in expression.parts]
    if expression.op == "not":
        return not parts[0]
    return all(parts) if expression.op == "and" else any(parts)


def holds(demo: Screened, predicate: Predicate, x: float, y: float, cell) -> bool:
    """Ask one predicate of the layer itself."""
    stack, terrain = demo.scene.stack, demo.screening.terrain
    if predicate.is_raster:
        raster = terrain.slope_deg if predicate.layer == "slope" else (
            stack.require(predicate.layer).raster().to_numpy()
        )  # fmt: skip
        value = raster[cell]
        if predicate.values is not None:
            return bool(np.isin(value, predicate.values))
        if predicate.at_least is not None:
            return bool(value >= predicate.at_least)
        return bool(value > predicate.above)
    frame = stack.require(predicate.layer).vector()
    for column, accepted in predicate.where.items():
        frame = frame[frame[column].isin(list(accepted))]
    point = Point(x, y)
    if predicate.runway_box is not None:
        return any(in_runway_box(line, point, predicate) for line in frame.geometry)
    away = frame.geometry.distance(point).to_numpy()
    return bool((away <= np.maximum(reach(frame, predicate), 0)).any())


def reach(frame, predicate: Predicate) -> np.ndarray:
    """Return how far each feature acts. [m]."""
    if predicate.buffer_by_class is not None:
        table = predicate.buffer_by_class
        return frame[table.column].map(table.metres).to_numpy(float)
    if predicate.buffer_by_width is not None:
        width = pd.to_numeric(frame[predicate.buffer_by_width.column]).to_numpy(float)
        return width * predicate.buffer_by_width.factor
    if predicate.buffer_by_band is not None:
        bands = predicate.buffer_by_band.bands
        values = pd.to_numeric(frame[predicate.buffer_by_band.column]).to_numpy(float)
        return np.array([next((m for top, m in bands if v <= top), -1.0) for v in values])
    return np.full(len(frame), float(predicate.buffer_m or 0.0))


def in_runway_box(line, point: Point, predicate: Predicate) -> bool:
    first, *_, last = shapely.get_coordinates(line)
    along = (last - first) / np.hypot(*(last - first))
    step = np.array([point.x, point.y]) - first
    far, side = step @ along, abs(step @ np.array([-along[1], along[0]]))
    box = predicate.runway_box
    length = float(np.hypot(*(last - first)))
    return bool(-box.end_m <= far <= length + box.end_m and side <= box.side_m)
