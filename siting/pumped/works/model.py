"""The structures of a pair on the map, what the law says of each, and what is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geo.errors import Say
from siting.law.terms import Component, Verdict

Float64 = npt.NDArray[np.float64]


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
        pair), ``part`` (upper_lake, lower_lake, upper_dam, lower_dam, tunnel, powerhouse,
        road, line), ``component`` (:class:`siting.law.terms.Component`), ``existing``
        (bool), ``area_m2`` (lakes, dams: ellipsoidal), ``length_m`` (dams, tunnel, road,
        line), ``note``, ``geometry`` (polygon of lakes, dams and powerhouse, line of the rest).
    upper_profile, lower_profile
        Section of each dam, None where the lake exists.
    upper_curve, lower_curve
        (levels [m], volume [m³], area [m²]) of each lake as drawn, first row at the foot or
        at the dead level.
    """

    parts: gpd.GeoDataFrame
    upper_profile: tuple[Profile | None, ...]
    lower_profile: tuple[Profile | None, ...]
    upper_curve: tuple[npt.NDArray[np.float64], ...]
    lower_curve: tuple[npt.NDArray[np.float64], ...]


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule that a structure touches.

    Parameters
    ----------
    rule
        Id in the rule set.
    area_m2
        Land of the structure that it holds on. [m²]
    """

    rule: str
    title: Say
    effect: str
    area_m2: float
    grade: str
    routes: tuple[Say, ...]


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
        Area by verdict. [m²]
    hits
        Rules that hold, largest area first.
    outside_m2
        Land outside the region: not screened. [m²]
    text
        One line as a reader sees it.
    """

    component: Component
    verdict: Verdict | None
    verdict_m2: Mapping[Verdict, float]
    hits: tuple[RuleHit, ...]
    outside_m2: float
    text: Say


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A line of a card or checklist: value with its source, or 未核查.

    Parameters
    ----------
    value
        None = 未核查.
    source
        Source id or layer that the value was read from.
    """

    title: Say
    value: Say | None
    source: str
    note: Say


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
    letters: tuple[tuple[CheckLine, ...], ...]
    engineering: tuple[tuple[CheckLine, ...], ...]
