"""Why, or why not here: the complete answer for a point, component by component.

Every rule that hits is listed with its instrument, clause, grade and effect, what it
hits, and what would free the ground: a threshold, or the lawful route and who decides.
"""

from __future__ import annotations

from collections.abc import Sequence

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
from siting.law.patterns import OUTSIDE, PatternTable, one_pattern
from siting.law.predicates import Predicate
from siting.law.rules import Rule, RuleSet
from siting.law.terms import COMPONENTS, Component, Technology
from siting.law.verdict import Judgement, Mode, State, judge

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
) -> WhyAnswer:
    """Explain the verdict at a point.

    Parameters
    ----------
    table
        Pattern table of the region, to refuse points outside it; None accepts the whole grid.
    lonlat
        Longitude and latitude, CGCS2000/WGS84. [°]
    stack
        Layers whose raster values are to be read out at the point.
    components
        Components to answer for; all of the technology when empty.

    Raises
    ------
    OptionError
        When the point lies outside the region.
    """
    row, col = _cell(screening, table, lonlat)
    one = one_pattern(screening, row, col)
    slope = None if screening.terrain is None else float(screening.terrain.slope_deg[row, col])
    answers = tuple(
        explain(one, 0, judge(one, ruleset, technology, component, mode), slope)
        for component in components or COMPONENTS[technology]
    )
    return WhyAnswer(
        technology,
        lonlat,
        (row, col),
        ruleset.as_of,
        mode,
        ruleset.jurisdiction,
        _readings(screening, stack, row, col),
        answers,
        screening.bits.absent,
        ruleset.caveat(),
        screening.passport,
    )


def explain(
    table: PatternTable, pattern: int, judgement: Judgement, slope_deg: float | None = None
) -> ComponentAnswer:
    """Return every rule that hits, is uncovered or is unscreened in one pattern.

    Parameters
    ----------
    slope_deg
        Slope at the place, to be named beside its limit. [°]
    """
    findings = tuple(
        _finding(table, pattern, judgement.ruleset.rules[i], State(int(state)), slope_deg)
        for i, state in zip(judgement.rules, judgement.state[pattern], strict=True)
        if state != State.CLEAR
    )
    text = judgement.text(pattern)
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
    )


def _finding(
    table: PatternTable, pattern: int, rule: Rule, state: State, slope_deg: float | None
) -> Finding:
    titles: list[Say] = []
    bound: dict[str, Predicate] = {}
    for name in rule.expression.names():
        hit, unknown, missing = table.flags(name)
        bound[name] = table.bits.predicates[table.bits.bit_of[name]]
        wanted = {State.HIT: hit, State.UNCOVERED: unknown}.get(state)
        if missing if wanted is None else bool(wanted[pattern]):
            titles.append(bound[name].title)
    hits = Say("、".join(t.zh for t in titles), ", ".join(t.en for t in titles))
    return Finding(rule, state, hits, frees(rule, bound, slope_deg))


def _cell(
    screening: Screening, table: PatternTable | None, lonlat: tuple[float, float]
) -> tuple[int, int]:
    x, y = from_lonlat(screening.grid.crs, lonlat[0], lonlat[1])
    cell = screening.grid.rowcol(float(x), float(y)) if np.isfinite([x, y]).all() else None
    if cell is None or (table is not None and table.index[cell] == OUTSIDE):
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
