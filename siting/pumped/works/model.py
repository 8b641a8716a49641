"""The structures of a pair on the map, what the law says of each, and what is still open."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geo.errors import Say
from siting.law.terms import Component, Effect, Verdict

Float64 = npt.NDArray[np.float64]

#: Structures of a pair, in the order of ``Works.parts``.
PARTS: Final = {
    "upper_lake": Say("上水库", "upper lake"),
    "lower_lake": Say("下水库", "lower lake"),
    "upper_dam": Say("上库大坝", "upper dam"),
    "lower_dam": Say("下库大坝", "lower dam"),
    "upper_works": Say("已有上库进出水口", "works at the existing upper lake"),
    "lower_works": Say("已有下库进出水口", "works at the existing lower lake"),
    "tunnel": Say("输水隧洞", "tunnel"),
    "powerhouse": Say("地下厂房", "powerhouse"),
    "road": Say("进场道路（直线）", "access road (straight)"),
    "line": Say("送出线路（直线）", "transmission line (straight)"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Section of a valley along a dam axis, left bank first (looking downstream).

    Parameters
    ----------
    chainage_m, ground_m
        (k,): distance from the left end of the crest and ground below it. [m]
    crest_m, normal_m, dead_m
        Levels. [m]
    """

    chainage_m: Float64
    ground_m: Float64
    crest_m: float
    normal_m: float
    dead_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Works:
    """Geometry of all structures of the chosen pairs.

    Parameters
    ----------
    parts
        GeoDataFrame in the grid's CRS, one row a structure, columns ``site`` (row of the
        pair), ``part`` (one of :data:`PARTS`), ``component`` (value of
        :class:`siting.law.terms.Component`), ``existing`` (bool), ``area_m2`` (polygons:
        ellipsoidal), ``length_m`` (dams: crest; tunnel: in space; road, line: on the map),
        ``open_m`` (new lakes: length of the divide below the crest, with a saddle dam),
        ``kv`` (lines), ``note``, ``note_en``, ``geometry``
        (polygon of lakes, dams, works and powerhouse, line of the rest).
    upper_profile, lower_profile
        Section of each dam, None where the lake exists.
    upper_curve, lower_curve
        Array (3, k) of each lake as drawn: levels [m], volume [m³], area [m²], from the foot
        (or the dead level of an existing lake, whose volume is the usable one and whose area
        is known at the normal level only: NaN elsewhere).
    upper_volume_m3, lower_volume_m3
        Volume of each new lake as drawn at its normal level, NaN where the lake exists. [m³]
    upper_search_m3, lower_search_m3
        The same by the curve of the search. [m³]
    upper_catchment_m2, lower_catchment_m2
        Land that drains through the dam foot, NaN where the lake exists. [m²]
    line_kv
        Voltage that each plant needs. [kV]
    notes
        By pair, what a reader must know of the drawing.
    holds
        Both lakes as drawn hold the water that the pair moves, bool (n,); False = the search
        saw water that a dam on this axis does not keep.
    """

    parts: gpd.GeoDataFrame
    upper_profile: tuple[Profile | None, ...]
    lower_profile: tuple[Profile | None, ...]
    upper_curve: tuple[npt.NDArray[np.float64], ...]
    lower_curve: tuple[npt.NDArray[np.float64], ...]
    upper_volume_m3: Float64
    lower_volume_m3: Float64
    upper_search_m3: Float64
    lower_search_m3: Float64
    upper_catchment_m2: Float64
    lower_catchment_m2: Float64
    line_kv: Float64
    notes: tuple[tuple[Say, ...], ...]
    holds: npt.NDArray[np.bool_] = field(default_factory=lambda: np.ones(0, np.bool_))


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule that a structure touches.

    Parameters
    ----------
    rule
        Id in the rule set.
    effect
        What it does, as :class:`siting.law.terms.Effect` spells it.
    area_m2
        Land of the structure that it holds on. [m²]
    index
        Row of the rule set, for its clause and predicates.
    decides
        False: shown only, no part in the verdict.
    """

    rule: str
    title: Say
    effect: str
    area_m2: float
    grade: str
    routes: tuple[Say, ...]
    index: int = -1
    decides: bool = True


@dataclass(frozen=True, slots=True)
class ComponentLaw:
    """What the law says of one structure of one pair.

    Parameters
    ----------
    component
        Structure as the rules name it; a pair without it has no entry.
    verdict
        Most severe verdict anywhere under it; None when no rule table speaks of it.
    verdict_m2
        Area by verdict, empty where no rule table speaks of it. [m²]
    hits
        Rules that hold, largest area first.
    outside_m2
        Land outside the region: not screened. [m²]
    text
        One line as a reader sees it.
    area_m2
        Land of the structure inside the region. [m²]
    redline_m2, redline_unknown_m2
        Red line under it, and land where nobody knows; NaN = red line unscreened. [m²]
    unbuildable_m2
        Land that a technical limit bars, no law. [m²]
    unknown_rules
        Rules that cannot be told on some of its land (not covered or not screened).
    touches_m2
        Land by predicate of those that the letters ask for; NaN = unscreened. [m²]
    touch_unknown_m2
        Land by the same predicates where nobody knows. [m²]
    weak
        The verdict prohibits, and nowhere on better than weak evidence (依据待核).
    unscreened
        Rules of law on this structure whose layer is absent, wherever they would bite.
    """

    component: Component
    verdict: Verdict | None
    verdict_m2: Mapping[Verdict, float]
    hits: tuple[RuleHit, ...]
    outside_m2: float
    text: Say
    area_m2: float = 0.0
    redline_m2: float = math.nan
    redline_unknown_m2: float = math.nan
    unbuildable_m2: float = 0.0
    unknown_rules: tuple[str, ...] = ()
    touches_m2: Mapping[str, float] = field(default_factory=dict)
    touch_unknown_m2: Mapping[str, float] = field(default_factory=dict)
    weak: bool = False
    unscreened: tuple[str, ...] = ()


#: Drawn straight, no route chosen: their land is shown and decides nothing about the pair.
STRAIGHT: Final = frozenset({Component.ROAD, Component.TRANSMISSION})
CheckState = Literal["met", "not_met", "unchecked", "not_needed", "info"]
STATE: Final = {
    "met": Say("符合", "met"),
    "not_met": Say("不符合", "not met"),
    "unchecked": Say("未核查", "not checked"),
    "not_needed": Say("不适用", "not needed"),
    "info": Say("", ""),
}


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A line of a card or checklist: value with its source, or 未核查.

    Parameters
    ----------
    value
        None = 未核查.
    source
        Source id or layer that the value was read from.
    state
        Of a checklist: what is asked is met, not met, cannot be told (未核查) or not needed;
        ``info`` = a figure that nothing is asked of.
    """

    title: Say
    value: Say | None
    source: str
    note: Say
    state: CheckState = "info"


@dataclass(frozen=True, slots=True, eq=False)
class WorksLaw:
    """Law, letters and open engineering questions of each pair.

    Parameters
    ----------
    components
        By pair, its structures in the order of the rules.
    verdict
        Most severe verdict over all new structures of each pair.
    routes
        Lawful ways that each pair needs, with the body that decides.
    waiting
        Pairs that wait for an adjustment of the red line or programme (待调规), bool (n,).
    redline_m2
        Red line under all structures of each pair, (n,). [m²] NaN = red line unscreened.
    lake_redline_m2
        Red line inside the existing lakes of each pair, (n,), counted in no other figure:
        nothing is built there. [m²] NaN = red line unscreened.
    route_effects
        Kinds of those routes by pair; national_project always stands 依据待核.
    text
        By pair, one line as a reader sees it; of a demo it begins 演示，无法律意义.
    letters
        By pair, what 国能综通新能〔2023〕84号 asks for.
    engineering
        By pair, the lines of truth.md D21.
    """

    components: tuple[tuple[ComponentLaw, ...], ...]
    verdict: tuple[Verdict | None, ...]
    routes: tuple[tuple[Say, ...], ...]
    waiting: npt.NDArray[np.bool_]
    redline_m2: Float64
    lake_redline_m2: Float64
    route_effects: tuple[frozenset[Effect], ...]
    text: tuple[Say, ...]
    letters: tuple[tuple[CheckLine, ...], ...]
    engineering: tuple[tuple[CheckLine, ...], ...]

    def placed(self, i: int) -> tuple[ComponentLaw, ...]:
        """Return the structures of pair ``i`` that have a place: those that decide."""
        return tuple(one for one in self.components[i] if one.component not in STRAIGHT)

    def doubtful(self, i: int) -> bool:
        """Return whether pair ``i`` is prohibited on weak evidence alone (truth.md B8)."""
        worst = [one for one in self.placed(i) if one.verdict is self.verdict[i]]
        return bool(worst) and all(one.weak for one in worst)

    def outside_m2(self, i: int) -> float:
        """Return the land of pair ``i`` outside the region, no road or line. [m²]."""
        return sum(one.outside_m2 for one in self.placed(i))
