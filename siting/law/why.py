"""Why, or why not here: the complete answer for a point, component by component.

Every rule that hits is listed with its instrument, clause, grade and effect, what it
hits, and what would free the ground: a threshold, or the lawful route and who decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from geo.crs import from_lonlat
from geo.errors import OptionError, Say
from layers.layer import LayerStack
from siting.law.answer import (
    DEMO_PREFIX,
    ComponentAnswer,
    Finding,
    Reading,
    WhyAnswer,
    frees,
    reasons,
)
from siting.law.bits import Screening
from siting.law.compass import grid_north_deg
from siting.law.judgement import eligible_patterns
from siting.law.least_change import LOSING, RESTRICTED, LeastChange, least_change
from siting.law.nearest_free import Nearest, nearest_free
from siting.law.patterns import OUTSIDE, PatternTable, one_pattern
from siting.law.predicates import Predicate
from siting.law.rules import Rule, RuleSet
from siting.law.terms import COMPONENTS, Component, State, Technology
from siting.law.verdict import Judgement, Mode, judge

__all__ = ["ComponentAnswer", "Finding", "WhyAnswer", "explain", "reasons", "why"]


def why(
    screening: Screening,
    table: PatternTable | None,
    ruleset: RuleSet,
    technology: Technology,
    lonlat: tuple[float, float],
    *,
    mode: Mode = "explore",
    stack: LayerStack | None = None,
    components: Sequence[Component] = (),
    proven_m: float | None = None,
    beyond_m: float = 0.0,
) -> WhyAnswer:
    """Explain the verdict at a point.

    Parameters
    ----------
    table
        Pattern table of the region, to refuse points outside it; None accepts the whole grid.
    lonlat
        Longitude and latitude, CGCS2000/WGS84. [°]
    stack
        Layers whose raster values are to be read out at the point; with them the least
        change of each losing rule is sought.
    components
        Components to answer for; all of the technology when empty.
    proven_m
        Distance up to which the table holds every cell of the region (infinite for the
        whole region): the nearest free cell is sought so far. Not sought when None. [m]
    beyond_m
        How far past the window vector layers were read. [m]

    Raises
    ------
    OptionError
        When the point lies outside the region.
    """
    x, y = (float(v) for v in from_lonlat(screening.grid.crs, lonlat[0], lonlat[1]))
    row, col = _cell(screening, table, lonlat, x, y)
    one = one_pattern(screening, row, col)
    slope = None if screening.terrain is None else float(screening.terrain.slope_deg[row, col])
    ways = _Ways(screening, table, stack, x, y, proven_m, beyond_m)
    answers = []
    for component in components or COMPONENTS[technology]:
        here = judge(one, ruleset, technology, component, mode)
        new = judge(one, ruleset, technology, component, mode, standing=False)
        nearest = None if eligible_patterns(new)[0] else ways.nearest(ruleset, new, mode)
        answers.append(explain(one, 0, here, slope, ways.changes(here), nearest, new))
    return WhyAnswer(
        technology,
        lonlat,
        (row, col),
        ruleset.as_of,
        mode,
        ruleset.jurisdiction,
        _readings(screening, stack, row, col),
        tuple(answers),
        screening.bits.absent,
        ruleset.caveat(),
        screening.passport,
        ruleset.what_if,
        grid_north_deg(screening.grid.crs, x, y),
    )


@dataclass(slots=True)
class _Ways:
    """Ways out of one point, each rule sought once for all components."""

    screening: Screening
    table: PatternTable | None
    stack: LayerStack | None
    x: float
    y: float
    proven_m: float | None
    beyond_m: float
    _found: dict[str, LeastChange] = field(default_factory=dict)

    def changes(self, here: Judgement) -> dict[int, LeastChange]:
        """Return the least change of every losing rule, by rule index."""
        if self.stack is None:
            return {}
        out: dict[int, LeastChange] = {}
        for i in here.hits[0]:
            rule = here.ruleset.rules[i]
            asked = {here.ruleset.predicates[name].layer for name in rule.expression.names()}
            if rule.effect not in LOSING or asked & RESTRICTED:
                continue
            if rule.id not in self._found:
                self._found[rule.id] = least_change(
                    self.screening, self.stack, rule, self.x, self.y, self._edge_m(), self.beyond_m
                )
            out[i] = self._found[rule.id]
        return out

    def nearest(self, ruleset: RuleSet, here: Judgement, mode: Mode) -> Nearest | None:
        """Return the nearest cell that is usable for new works, where it is asked for."""
        if self.table is None or self.proven_m is None:
            return None
        judged = judge(self.table, ruleset, here.technology, here.component, mode, standing=False)
        return nearest_free(
            self.table.index, judged, self.screening.grid, self.x, self.y, self.proven_m
        )

    def _edge_m(self) -> float:
        """Return how far the window reaches on every side, less the cells at its rim. [m]."""
        grid = self.screening.grid
        west, south, east, north = grid.bounds
        sides = (self.x - west, east - self.x, self.y - south, north - self.y)
        return max(min(sides) - 1.5 * max(grid.dx, grid.dy), grid.dx, grid.dy)


def explain(
    table: PatternTable,
    pattern: int,
    judgement: Judgement,
    slope_deg: float | None = None,
    changes: Mapping[int, LeastChange] | None = None,
    nearest: Nearest | None = None,
    new: Judgement | None = None,
) -> ComponentAnswer:
    """Return every rule that hits, is uncovered or is unscreened in one pattern.

    Parameters
    ----------
    slope_deg
        Slope at the place, to be named beside its limit. [°]
    changes
        Least change of the losing rules, by rule index.
    nearest
        Nearest ground that the component may have.
    new
        The same judged as new works: said beside what a facility there is exempt from.
    """
    ways = changes or {}
    findings = tuple(
        _finding(
            table, pattern, judgement.ruleset.rules[i], State(int(state)), slope_deg, ways.get(i)
        )
        for i, state in zip(judgement.rules, judgement.state[pattern], strict=True)
        if state != State.CLEAR
    )
    text = judgement.text(pattern)
    if new is not None and judgement.exempt[pattern]:
        said = new.text(pattern)
        text = Say(f"{text.zh}；新建或扩建：{said.zh}", f"{text.en}; new works: {said.en}")
    if table.passport.synthetic:
        text = Say(DEMO_PREFIX.zh + text.zh, DEMO_PREFIX.en + text.en)
    return ComponentAnswer(
        judgement.component,
        int(judgement.verdict[pattern]),
        text,
        bool(judgement.unbuildable[pattern]),
        bool(judgement.technical_unknown[pattern]),
        findings,
        judgement.screened,
        judgement.total,
        nearest,
    )


def _finding(
    table: PatternTable,
    pattern: int,
    rule: Rule,
    state: State,
    slope_deg: float | None,
    change: LeastChange | None,
) -> Finding:
    titles: list[Say] = []
    bound: dict[str, Predicate] = {}
    for name in rule.expression.names():
        hit, unknown, missing = table.flags(name)
        bound[name] = table.bits.predicates[table.bits.bit_of[name]]
        wanted = {State.HIT: hit, State.UNCOVERED: unknown, State.EXEMPT: hit | unknown}.get(state)
        if missing if wanted is None else bool(wanted[pattern]):
            titles.append(bound[name].title)
    hits = Say("、".join(t.zh for t in titles), ", ".join(t.en for t in titles))
    return Finding(rule, state, hits, frees(rule, bound, slope_deg), change)


def _cell(
    screening: Screening, table: PatternTable | None, lonlat: tuple[float, float],
    x: float, y: float,
) -> tuple[int, int]:  # fmt: skip
    cell = screening.grid.rowcol(x, y) if np.isfinite([x, y]).all() else None
    if cell is not None and table is not None and table.index[cell] == OUTSIDE:
        raise OptionError(
            f"{lonlat[0]:g} {lonlat[1]:g}",
            Say("该点所在格元的中心不在区域内", "lies in a cell whose centre is not in the region"),
            Say("向区域内移半个格元再问，或用更小的 --resolution",
                "ask half a cell farther inside, or with a smaller --resolution"),
        )  # fmt: skip
    if cell is None:
        raise OptionError(
            f"{lonlat[0]:g} {lonlat[1]:g}",
            Say("该点不在区域内", "lies outside the region"),
            Say("先经度后纬度，十进制度", "give longitude, then latitude, in decimal degrees"),
        )
    return cell


def _readings(
    screening: Screening, stack: LayerStack | None, row: int, col: int
) -> tuple[Reading, ...]:
    found: list[Reading] = []
    if screening.terrain is not None:
        slope = float(screening.terrain.slope_deg[row, col])
        aspect = float(screening.terrain.aspect_deg[row, col])
        found.append(Reading(Say("坡度", "slope"), slope if np.isfinite(slope) else None, "°"))
        found.append(Reading(Say("坡向", "aspect"), aspect if np.isfinite(aspect) else None, "°"))
    for layer in stack or ():
        if layer.spec.kind != "raster":
            continue
        value = float(layer.raster().to_numpy()[row, col])
        nodata = layer.spec.nodata
        absent = not np.isfinite(value) or (nodata is not None and value == nodata)
        name = Say(layer.spec.title, layer.spec.title_en)
        text = "" if absent else layer.spec.classes.get(int(value), "")
        found.append(Reading(name, None if absent else value, layer.spec.unit, text))
    return tuple(found)
