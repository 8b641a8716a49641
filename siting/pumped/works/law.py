"""What the law says of each structure of each pair, and what a pair then needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Say
from siting.law.judgement import Judgement, takes_part
from siting.law.patterns import PatternTable
from siting.law.place_rules import PlaceRule, of_component
from siting.law.rows import ROUTE_EFFECTS, Route
from siting.law.terms import (
    COMPONENTS,
    Component,
    Effect,
    State,
    Technology,
    Verdict,
)
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.pairs.model import Pairs
from siting.pumped.works.burnt import Burnt, burnt, patterns_under
from siting.pumped.works.engineering import engineering_lines
from siting.pumped.works.law_words import component_text, pair_text, route_text
from siting.pumped.works.letters import ASKED, SOURCE, letters
from siting.pumped.works.model import STRAIGHT, ComponentLaw, RuleHit, Works, WorksLaw
from siting.pumped.works.parameters import parameters
from siting.sites.ground import Ground
from siting.sites.params import Params

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

#: Predicate of the rule tables that is the ecological red line.
REDLINE: Final = "redline"
_HA: Final = 1.0e4
#: Routes that make a pair wait until somebody has redrawn a line or a programme.
_REPLAN: Final = frozenset({Effect.REPLAN_LINE, Effect.REPLAN_PROGRAMME})
_SHOWN: Final = (*sorted(ROUTE_EFFECTS, key=list(Effect).index), Effect.LIMITED_ACTIVITY)


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """One component of one pair as read, with the routes of its rules."""

    law: ComponentLaw
    routes: tuple[Route, ...]


def works_law(
    works: Works,
    pairs: Pairs,
    ground: Ground,
    judgements: Mapping[Component, Judgement],
    lakes: Sequence[ExistingLake],
    *,
    params: Params | None = None,
    alternates: Sequence[int] | None = None,
    water: pd.DataFrame | None = None,
    upper_cap_km2: float | None = None,
) -> WorksLaw:
    """Return verdicts, routes, letters and engineering lines of every pair.

    Parameters
    ----------
    works
        Structures of the pairs.
    ground, judgements
        Screened land, and what the law says of each component on it, as new works.
    lakes
        Existing lakes that ``pairs`` point to.
    params
        Group ``works``; the shipped one when None.
    alternates
        Number of other pairs that could stand in the place of each; None = not counted.
    water
        Water balance, one row a pair, columns as in :mod:`siting.pumped.water`.
    upper_cap_km2
        Catchment of an upper lake from which it pays a spillway. [km²]

    Returns
    -------
    WorksLaw
        In the order of ``pairs``. Land outside the region is in ``outside_m2`` and in no
        verdict. Verdict, routes, red line and letters of a pair are those of the structures
        that have a place; road and line are straight, so they have an entry each and no say.
    """
    chosen = parameters({}) if params is None else params
    n = pairs.count
    read: list[list[_Read]] = [[] for _ in range(n)]
    for component in COMPONENTS[Technology.PUMPED]:
        judgement = judgements.get(component)
        if judgement is None:
            continue
        land = burnt(works, n, ground, component, chosen)
        for i in np.flatnonzero(land.present).tolist():
            read[i].append(_component(land, i, ground.table, judgement))
    components = tuple(tuple(one.law for one in some) for some in read)
    placed = [[one for one in some if one.law.component not in STRAIGHT] for some in read]
    laws = [[one.law for one in some] for some in placed]
    routes = [_routes(some) for some in placed]
    effects = tuple(frozenset(route.effect for route in some) for some in routes)
    verdict = tuple(_worst(some) for some in laws)
    beside = _beside(judgements)
    text = tuple(
        pair_text(one, some, beside, synthetic=ground.table.passport.synthetic)
        for one, some in zip(verdict, laws, strict=True)
    )
    waiting = np.array(
        [
            bool(e & _REPLAN) and v is not Verdict.PROHIBITED
            for e, v in zip(effects, verdict, strict=True)
        ],
        np.bool_,
    )
    redline = np.array([_redline(some) for some in laws]).reshape(-1)
    inside = _lake_redline(works, n, ground)
    return WorksLaw(
        components,
        verdict,
        tuple(tuple(route_text(one) for one in some) for some in routes),
        waiting,
        redline,
        inside,
        effects,
        text,
        letters(laws, pairs, lakes, ground, alternates, in_force=_asks(judgements)),
        engineering_lines(works, pairs, ground, water, upper_cap_km2),
    )


def _component(land: Burnt, i: int, table: PatternTable, judgement: Judgement) -> _Read:
    """Return what the law says of one structure."""
    row = land.areas[i]
    patterns, areas = row.indices.astype(np.int64), np.asarray(row.data, np.float64)
    order = np.argsort(patterns)
    patterns, areas = patterns[order], areas[order]
    component = judgement.component
    outside = float(land.outside_m2[i])
    if patterns.size == 0:
        text = Say("区域外，未筛查", "outside the region: unscreened")
        return _Read(ComponentLaw(component, None, {}, (), outside, text), ())
    part, judged = narrowed(table, judgement, patterns, areas)
    place = of_component(part, judged)
    index = {judgement.ruleset.rules[k].id: k for k in judgement.rules}
    found = [one for one in place.rules if one.state is State.HIT]
    hits = tuple(_hit(one, index[one.rule.id]) for one in found)
    unknown = tuple(
        judgement.ruleset.rules[k].id
        for k, open_ in zip(judgement.rules, _untold(judgement, patterns), strict=True)
        if open_ and judgement.ruleset.rules[k].decides
    )
    red, red_unknown = redline_under(part)
    asked = {name: predicate_under(part, name) for name in ASKED if name in part.bits.bit_of}
    rules = judgement.ruleset.rules
    law = ComponentLaw(
        component,
        place.verdict if judgement.total else None,
        place.areas_m2 if judgement.total else {},
        hits,
        outside,
        component_text(place, outside, shares=land.shares, straight=component in STRAIGHT),
        float(areas.sum()),
        red,
        red_unknown,
        place.unbuildable_m2,
        unknown,
        {name: one[0] for name, one in asked.items()},
        {name: one[1] for name, one in asked.items()},
        _weak(judged),
        tuple(rules[k].id for k in judgement.unscreened if takes_part(rules[k])),
    )
    routes = (route for k in range(part.n) for route in judged.routes(k))
    return _Read(law, tuple(dict.fromkeys(routes)))


def _weak(judged: Judgement) -> bool:
    """Return whether a piece of land is prohibited, and nowhere on good evidence."""
    barred = np.flatnonzero(judged.verdict == Verdict.PROHIBITED).tolist()
    return bool(barred) and all(judged.weak(k) for k in barred)


def _untold(judgement: Judgement, patterns: Int64) -> list[bool]:
    """Return which rules cannot be told on some of the patterns."""
    states = judgement.state[patterns]
    open_: list[bool] = (
        ((states == State.UNCOVERED) | (states == State.UNSCREENED)).any(axis=0).tolist()
    )
    return open_


def narrowed(
    table: PatternTable, judgement: Judgement, patterns: Int64, areas: Float64
) -> tuple[PatternTable, Judgement]:
    """Return table and judgement of a piece of land alone.

    Only rules that hit or are not covered on it are kept: the others have nothing to say.

    Parameters
    ----------
    patterns
        Patterns that occur on it, without repeats, (k,).
    areas
        Land of each, (k,). [m²]
    """
    part = replace(
        table,
        hit=table.hit[patterns],
        unknown=table.unknown[patterns],
        cells=table.cells[patterns],
        area_m2=np.stack([np.zeros(patterns.size), areas]),
    )
    rows = patterns.tolist()
    states = judgement.state[patterns]
    speak = ((states == State.HIT) | (states == State.UNCOVERED)).any(axis=0)
    judged = replace(
        judgement,
        rules=tuple(np.asarray(judgement.rules, np.int64)[speak].tolist()),
        state=states[:, speak],
        verdict=judgement.verdict[patterns],
        unbuildable=judgement.unbuildable[patterns],
        technical_unknown=judgement.technical_unknown[patterns],
        hits=tuple(judgement.hits[k] for k in rows),
        exempt=tuple(judgement.exempt[k] for k in rows),
    )
    return part, judged


def redline_under(part: PatternTable) -> tuple[float, float]:
    """Return red line and land where nobody knows, NaN where it is unscreened. [m²]."""
    return predicate_under(part, REDLINE)


def predicate_under(part: PatternTable, name: str) -> tuple[float, float]:
    """Return land where a predicate holds and where it is unknown; NaN = unscreened. [m²]."""
    if name not in part.bits.bit_of:
        return math.nan, math.nan
    hit, unknown, absent = part.flags(name)
    if absent:
        return math.nan, math.nan
    return float(part.area_m2[1, hit].sum()), float(part.area_m2[1, unknown & ~hit].sum())


def _hit(one: PlaceRule, index: int) -> RuleHit:
    """Return a rule that holds on some of the land."""
    rule = one.rule
    routes = tuple(route_text(route) for route in rule.routes)
    effect = rule.effect.value
    return RuleHit(
        rule.id, rule.title, effect, one.area_m2, rule.grade, routes, index, rule.decides
    )


def _worst(components: Sequence[ComponentLaw]) -> Verdict | None:
    found = [one.verdict for one in components if one.verdict is not None]
    return min(found) if found else None


def _routes(read: Sequence[_Read]) -> tuple[Route, ...]:
    """Return the routes of a pair, those that redraw a line or programme first."""
    found = dict.fromkeys(route for one in read for route in one.routes)
    return tuple(route for effect in _SHOWN for route in found if route.effect is effect)


def _asks(judgements: Mapping[Component, Judgement]) -> bool:
    """Return whether the notice that asks for the letters is law of the region that day."""
    sets = {id(one.ruleset): one.ruleset for one in judgements.values()}
    return any(SOURCE in rule.sources for one in sets.values() for rule in one.rules)


def _beside(judgements: Mapping[Component, Judgement]) -> Say | None:
    """Return what the rule set wants said beside every verdict (what-if, period)."""
    return next((one.ruleset.caveat() for one in judgements.values()), None)


def _redline(components: Sequence[ComponentLaw]) -> float:
    found = [one.redline_m2 for one in components if one.area_m2 > 0]
    return math.nan if not found or any(math.isnan(one) for one in found) else sum(found)


def _lake_redline(works: Works, n: int, ground: Ground) -> Float64:
    """Return the red line inside the existing lakes of each pair. [m²]."""
    inside = np.zeros(n)
    lakes = works.parts[works.parts["existing"].astype(bool)]
    known: dict[bytes, float] = {}
    for site, geometry in zip(lakes["site"], lakes.geometry, strict=True):
        key = geometry.wkb
        if key not in known:
            patterns, areas, _ = patterns_under(geometry, ground, narrow=False)
            known[key] = _redline_of(ground.table, patterns, areas)
        inside[int(site)] += known[key]
    return inside


def _redline_of(table: PatternTable, patterns: Int64, areas: Float64) -> float:
    sums = np.bincount(patterns, areas, minlength=table.n)
    whole = replace(table, area_m2=np.stack([np.zeros(table.n), sums]))
    return redline_under(whole)[0]
