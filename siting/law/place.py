"""Why, or why not, on a piece of land: every rule that hits, with its hectares.

A cell belongs to the land when its centre lies inside; land too small to hold a centre
takes the cells that it touches, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from geo.crs import cell_areas, polygon_areas
from geo.errors import OptionError, Say
from geo.passport import Passport
from geo.vector import burn
from siting.law.answer_text import absent_lines, banner
from siting.law.bits import Screening
from siting.law.patterns import pattern_table
from siting.law.place_rules import PlaceComponent, of_component
from siting.law.place_text import component_dict, component_lines, hectares
from siting.law.rules import RuleSet
from siting.law.terms import COMPONENTS, TECHNOLOGY_ZH, Component, Technology
from siting.law.verdict import Judgement, Mode, judge

SCHEMA: Final = "shiyan-atlas/why-area/1"
#: A smaller part outside the region is the rounding of two outlines of one border.
_NOTABLE: Final = 1e-4


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
        The land holds no centre of a cell of the region: the cells that it touches were taken.
    outside_m2
        Land outside the region, which nothing here speaks of. [m2]
    notes
        What was done to the drawing before it was asked about.
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
    outside_m2: float = 0.0
    notes: tuple[Say, ...] = ()

    def to_text(self, lang: str = "zh") -> str:
        """Return the answer as lines of text in ``lang``."""
        lines = [*banner(self.ruleset.what_if, lang), self._heading(lang), self._size(lang)]
        caveat = self.ruleset.caveat()
        said = [*self._doubts(), *self.notes, *([] if caveat is None else [caveat])]
        lines += [f"  ! {one.of(lang)}" for one in said]
        lines += component_lines(self.components, lang)
        return "\n".join([*lines, *absent_lines(self.absent, lang)])

    def _doubts(self) -> list[Say]:
        """Return how far the hectares speak for the land as drawn."""
        out = []
        if self.outside_m2 >= _NOTABLE * self.polygon_m2:
            zh, en = hectares(self.outside_m2, "zh"), hectares(self.outside_m2, "en")
            out.append(
                Say(
                    f"其中 {zh} 在区域外，未筛查，不在以下各数之内",
                    f"{en} of it lie outside the region: unscreened, in none of the figures below",
                )
            )
        if self.touched:
            out.append(
                Say(
                    "区域内的部分没有一个格元中心：按触及的格元计，公顷数偏大",
                    "no centre of a cell lies on it: the cells it touches are counted, hectares "
                    "are too large",
                )
            )
        return out

    def _heading(self, lang: str) -> str:
        day = self.as_of.isoformat()
        if lang == "zh":
            return f"{TECHNOLOGY_ZH[self.technology]}　{self.name.zh}　法律日期 {day}"
        return f"{self.technology.value}, {self.name.en}, law as of {day}"

    def _size(self, lang: str) -> str:
        drawn, cells = hectares(self.polygon_m2, lang), hectares(self.cells_m2, lang)
        if lang == "zh":
            return f"  面积 {drawn}（椭球面积）；按 {self.cells} 个格元计 {cells}"
        return f"  area {drawn} (ellipsoidal); counted by {self.cells} cells, {cells}"

    def to_dict(self, lang: str = "zh") -> dict[str, Any]:
        """Return the answer as plain data for JSON, texts in ``lang``."""
        caveat = self.ruleset.caveat()
        return {
            "schema": SCHEMA,
            "technology": self.technology.value,
            "name": self.name.of(lang),
            "as_of": self.as_of.isoformat(),
            "mode": self.mode,
            "jurisdiction": self.ruleset.jurisdiction,
            "what_if": list(self.ruleset.what_if),
            "synthetic": self.passport.synthetic,
            "polygon_m2": self.polygon_m2,
            "outside_m2": self.outside_m2,
            "cells": self.cells,
            "cells_m2": self.cells_m2,
            "smaller_than_a_cell": self.touched,
            "components": [component_dict(one, lang) for one in self.components],
            "caveat": caveat.of(lang) if caveat else "",
            "absent": {name: reason.of(lang) for name, reason in self.absent.items()},
            "notes": [one.of(lang) for one in (*self._doubts(), *self.notes)],
        }


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
    boundary: BaseGeometry | None = None,
    notes: tuple[Say, ...] = (),
    standing: bool = True,
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
    boundary
        Outline of the region, to measure the land outside it. Nothing is outside when None.
    notes
        What was done to the drawing.
    standing
        As in :func:`siting.law.verdict.judge`; False for a candidate, which is new.

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
    beyond = land if boundary is None else land.difference(boundary)
    shapes = gpd.GeoSeries([land, beyond], crs=screening.grid.crs)
    drawn, outside = (float(area) for area in polygon_areas(shapes))

    def judged(component: Component) -> PlaceComponent:
        def of(stands: bool) -> Judgement:
            return judge(table, ruleset, technology, component, mode, standing=stands)

        here = of(standing)
        return of_component(table, here, of(False) if any(here.exempt) else None)

    return PlaceAnswer(
        technology,
        name,
        ruleset.as_of,
        mode,
        drawn,
        int(table.cells.sum()),
        float(table.area_m2[1].sum()),
        touched,
        tuple(judged(component) for component in components or COMPONENTS[technology]),
        screening.bits.absent,
        ruleset,
        screening.passport,
        0.0 if boundary is None else outside,
        notes,
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
