"""Why, or why not, on a piece of land: every rule that hits, with its hectares.

A cell belongs to the land when its centre lies inside; land too small to hold a centre
takes the cells that it touches, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from geo.crs import cell_areas, polygon_areas
from geo.errors import OptionError, Say
from geo.passport import Passport
from geo.vector import burn
from siting.law.answer import DEMO_PREFIX, frees
from siting.law.bits import Screening
from siting.law.patterns import PatternTable, pattern_table
from siting.law.rules import Rule, RuleSet
from siting.law.terms import COMPONENTS, VERDICT_ZH, Component, State, Technology, Verdict
from siting.law.verdict import VERDICT_EN, Judgement, Mode, judge


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """One rule on a piece of land, in one state.

    Parameters
    ----------
    area_m2
        Land of the cells in that state. [m2]
    layers
        Names of the layers that the rule asks.
    """

    rule: Rule
    state: State
    area_m2: float
    layers: tuple[str, ...]
    frees: Say


@dataclass(frozen=True, slots=True)
class PlaceComponent:
    """Verdicts of one component on a piece of land.

    Parameters
    ----------
    verdict
        The most severe one on any cell.
    areas_m2
        Land by verdict; sums to the land. [m2]
    unbuildable_m2, technical_unknown_m2
        Land that a technical limit bars, or that has no data for one. [m2]
    """

    component: Component
    verdict: Verdict
    text: Say
    areas_m2: Mapping[Verdict, float]
    unbuildable_m2: float
    technical_unknown_m2: float
    rules: tuple[PlaceRule, ...]
    screened: int
    total: int


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """The answer for a piece of land and one technology.

    Parameters
    ----------
    polygon_m2
        Ellipsoidal area of the land as drawn. [m2]
    cells, cells_m2
        Number and ellipsoidal area of the cells that stand for it. [m2]
    touched
        The land holds no centre of a cell: the cells that it touches were taken.
    """

    technology: Technology
    name: Say
    as_of: date
    mode: Mode
    polygon_m2: float
    cells: int
    cells_m2: float
    touched: bool
    components: tuple[PlaceComponent, ...]
    absent: Mapping[str, Say]
    ruleset: RuleSet
    passport: Passport

    def to_dict(self, lang: str = "zh") -> dict[str, Any]:
        """Return the answer as plain data for JSON, texts in ``lang``."""
        from siting.law.place_text import as_dict

        return as_dict(self, lang)

    def to_text(self, lang: str = "zh") -> str:
        """Return the answer as lines of text in ``lang``."""
        from siting.law.place_text import as_text

        return as_text(self, lang)


def place(
    screening: Screening,
    ruleset: RuleSet,
    technology: Technology,
    land: BaseGeometry,
    name: Say,
    *,
    mode: Mode = "explore",
    components: Sequence[Component] = (),
    inside: npt.NDArray[np.bool_] | None = None,
) -> PlaceAnswer:
    """Explain the verdicts on a piece of land.

    Parameters
    ----------
    screening
        Planes of a window that holds the land.
    land
        Polygon in the CRS of the screening. [m]
    components
        Components to answer for; all of the technology when empty.
    inside
        Cells of the region; land outside it is not answered for. All when None.

    Raises
    ------
    OptionError
        When no cell of the region is on the land.
    """
    mask, touched = _cells(screening, land, inside)
    areas = cell_areas(screening.grid)
    table = pattern_table(screening, mask.view(np.uint8), areas, 1)
    if table.n == 0:
        raise OptionError(
            name.zh,
            Say("不在区域内", "lies outside the region"),
            Say("检查坐标系与范围", "check its CRS and extent"),
        )
    shape = gpd.GeoSeries([land], crs=screening.grid.crs)
    return PlaceAnswer(
        technology,
        name,
        ruleset.as_of,
        mode,
        float(polygon_areas(shape)[0]),
        int(table.cells.sum()),
        float(table.area_m2[1].sum()),
        touched,
        tuple(
            of_component(table, judge(table, ruleset, technology, component, mode))
            for component in components or COMPONENTS[technology]
        ),
        screening.bits.absent,
        ruleset,
        screening.passport,
    )


def _cells(
    screening: Screening, land: BaseGeometry, inside: npt.NDArray[np.bool_] | None
) -> tuple[npt.NDArray[np.bool_], bool]:
    for touched in (False, True):
        mask = burn([land], screening.grid, all_touched=touched).astype(np.bool_)
        if inside is not None:
            mask &= inside
        if mask.any():
            return mask, touched
    return np.zeros(screening.grid.shape, np.bool_), True


def of_component(table: PatternTable, judgement: Judgement) -> PlaceComponent:
    """Return verdicts and rules of one component over a table of one zone."""
    area = table.area_m2[1]
    areas = {
        verdict: float(area[judgement.verdict == verdict].sum())
        for verdict in Verdict
        if (judgement.verdict == verdict).any()
    }
    worst = min(areas)
    rules = [
        found
        for column, i in enumerate(judgement.rules)
        for found in _states(table, judgement.ruleset.rules[i], judgement.state[:, column])
    ]
    rules.sort(key=lambda one: (one.state != State.HIT, -one.area_m2, one.rule.id))
    return PlaceComponent(
        judgement.component,
        worst,
        _text(worst, judgement, synthetic=table.passport.synthetic),
        areas,
        float(area[judgement.unbuildable].sum()),
        float(area[judgement.technical_unknown].sum()),
        tuple(rules),
        judgement.screened,
        judgement.total,
    )


def _states(table: PatternTable, rule: Rule, states: npt.NDArray[np.uint8]) -> list[PlaceRule]:
    bits = table.bits
    names = rule.expression.names()
    bound = {name: bits.predicates[bits.bit_of[name]] for name in names}
    layers = tuple(dict.fromkeys(one.source_layer for one in bound.values()))
    return [
        PlaceRule(
            rule,
            state,
            float(table.area_m2[1, states == state].sum()),
            layers,
            frees(rule, bound),
        )
        for state in State
        if state != State.CLEAR and (states == state).any()
    ]


def _text(worst: Verdict, judgement: Judgement, *, synthetic: bool) -> Say:
    text = judgement.clear_text()
    if worst is not Verdict.CLEAR and judgement.total:
        left = judgement.total - judgement.screened
        text = Say(
            f"{VERDICT_ZH[worst]}{f'；未筛查 {left} 项' if left else ''}",
            f"{VERDICT_EN[worst]}{f'; {left} unscreened' if left else ''}",
        )
    return Say(DEMO_PREFIX.zh + text.zh, DEMO_PREFIX.en + text.en) if synthetic else text
