"""Least change: what would free a point from a rule - metres, a threshold, or a route.

The metres are exact on the geometry: the distance from the point to the nearest ground on
which the rule's expression is *known to be false*. For ``a and b`` that is the nearer of
leaving a and leaving b; for ``a or b`` the nearest ground outside both; for ``a and not b``
leaving a or entering b. Features act through the union of their buffers, raster classes
through their cells. The square that is searched grows until the answer lies inside it, so
no feature beyond it can change the answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import lonlat
from geo.errors import Say
from layers.contract import SPECS
from layers.layer import LayerStack
from siting.law.around import Around, reach_m
from siting.law.bits import Screening
from siting.law.compass import bearing_deg, metres, wind
from siting.law.expression import Expression
from siting.law.predicates import SLOPE, Predicate
from siting.law.rules import ROUTE_EFFECTS, Route, Rule
from siting.law.terms import Effect

#: Effects whose rules lose a point.
LOSING: Final = frozenset({Effect.PROHIBITED, Effect.UNBUILDABLE, *ROUTE_EFFECTS})
#: Layers whose outline must not be told by metres and bearings.
RESTRICTED: Final = frozenset({"military", "military_clearance"})
#: Half width of the first square [m], and how much each next one is wider.
_FIRST_M: Final = 250.0
_STEP: Final = 4.0
#: Ground nearer to the rim of a square is left to the next one. [m]
_RIM_M: Final = 2.0
#: How far inside free ground a move ends; a gap narrower than twice this between two features
#: is a fault of drawing, no ground. [m]
_INSIDE_M: Final = 1.0
#: Ground so much farther than the nearest edge is looked at first. [m]
_NEAR_M: Final = 100.0


@dataclass(frozen=True, slots=True)
class Move:
    """The shortest way to ground on which a rule is known not to hold.

    Parameters
    ----------
    distance_m
        To the edge of that ground; 0 where the point itself is such ground and only the
        centre of its cell is not. [m]
    bearing_deg
        Of ``lonlat``, clockwise from grid north. [°]
    lonlat
        Where to stand: a metre inside that ground. [°]
    leave, enter
        What is left, and what has to be entered (``not`` in a rule).
    """

    distance_m: float
    bearing_deg: float
    lonlat: tuple[float, float]
    leave: tuple[Say, ...]
    enter: tuple[Say, ...]

    def text(self) -> Say:
        """Return e.g. ``向东北 230 m 离开生态保护红线（到 110.79120, 32.62100）``."""
        out = Say("、".join(s.zh for s in self.leave), ", ".join(s.en for s in self.leave))
        into = Say("、".join(s.zh for s in self.enter), ", ".join(s.en for s in self.enter))
        zh = "，".join(
            f"{how}{what}" for how, what in (("离开", out.zh), ("进入", into.zh)) if what
        )
        ways = (("to leave", out.en), ("to enter", into.en))
        en = ", ".join(f"{how} {what}" for how, what in ways if what)
        if self.distance_m == 0:
            return Say(
                f"该点本身已{zh}（格心尚未）",
                f"the point itself is there already: {en} (the centre of its cell is not)",
            )
        far, to = metres(self.distance_m), wind(self.bearing_deg)
        at = f"{self.lonlat[0]:.5f}, {self.lonlat[1]:.5f}"
        return Say(f"向{to.zh} {far} {zh}（到 {at}）", f"{far} {to.en} {en} (to {at})")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that decides a rule: what it is here, and from where on it would pass."""

    name: Say
    here: float
    limit: float
    unit: str
    user: bool

    def text(self) -> Say:
        """Return e.g. ``坡度 31.2°，限值 25°，超出 6.2°``."""
        unit = "°" if self.unit == "°" else f" {self.unit}"
        over = self.here - self.limit
        whose = Say("（用户参数）", " (user parameter)") if self.user else Say("", "")
        return Say(
            f"{self.name.zh} {self.here:.1f}{unit}，限值 {self.limit:g}{unit}{whose.zh}，"
            f"超出 {over:.1f}{unit}",
            f"{self.name.en} {self.here:.1f}{unit}, limit {self.limit:g}{unit}{whose.en}, "
            f"{over:.1f}{unit} above it",
        )


@dataclass(frozen=True, slots=True)
class LeastChange:
    """Every way out of one rule at one point.

    Parameters
    ----------
    move
        None when no such ground was found within ``searched_m``.
    searched_m
        How far was searched. [m]
    thresholds
        Numbers of the rule that the place exceeds.
    routes
        Lawful ways past the rule and who decides.
    """

    rule_id: str
    move: Move | None
    searched_m: float
    thresholds: tuple[Threshold, ...]
    routes: tuple[Route, ...]

    def text(self) -> Say:
        """Return how to leave the rule's ground, or how far there is no such place."""
        if self.move is not None:
            return self.move.text()
        far = metres(self.searched_m)
        return Say(
            f"{far} 内没有不受此条限制的已知土地", f"no ground known to be free of it within {far}"
        )


def least_change(
    screening: Screening,
    stack: LayerStack,
    rule: Rule,
    x: float,
    y: float,
    limit_m: float,
    beyond_m: float = 0.0,
) -> LeastChange:
    """Return the least change that frees a point from a rule that hits there.

    Parameters
    ----------
    screening, stack
        Planes and layers of one window.
    rule
        Hits in the cell that holds the point.
    x, y
        The point in the window's CRS. [m]
    limit_m
        Farthest search: no farther than the window's edge, beyond which cells are not
        known. [m]
    beyond_m
        How far past the window features were read: a rule of vectors alone is sought so
        much farther, less the reach of its buffers. [m]
    """
    limit_m += _beyond(screening, stack, rule, beyond_m)
    move = _move(screening, stack, rule.expression, x, y, limit_m)
    return LeastChange(
        rule.id, move, limit_m, _thresholds(screening, stack, rule, x, y), rule.routes
    )


def _move(
    screening: Screening, stack: LayerStack, expression: Expression, x: float, y: float,
    limit_m: float,
) -> Move | None:  # fmt: skip
    point = shapely.Point(x, y)
    reach = min(_FIRST_M, limit_m)
    while True:
        around = Around(screening, stack, x, y, reach)
        way = _way(point, around.ground(expression, wanted=False))
        # nothing outside the square can be nearer
        if way is not None and shapely.distance(point, way[1]) < reach - _RIM_M:
            return _named(around, expression, point, *way)
        if reach >= limit_m:
            return None
        reach = min(reach * _STEP, limit_m)


def _way(point: BaseGeometry, ground: BaseGeometry) -> tuple[float, BaseGeometry] | None:
    """Return how far some ground is and where to stand on it, None without any.

    Ground is entered by :data:`_INSIDE_M`: whoever goes where he is told stands on it, not on
    its edge, nor beyond a corner of it in the next field. What is narrower is no ground.
    """
    if ground.is_empty:
        return None
    r = float(shapely.distance(point, ground)) + _NEAR_M
    near = shapely.clip_by_rect(
        ground, *(at + side for side in (-r, r) for at in (point.x, point.y))
    )
    for part in (near, ground):  # the whole only where the near part holds none
        core = part.buffer(-_INSIDE_M)
        if core.is_empty:
            continue
        line = shapely.shortest_line(point, core)
        if part is near and line.length > r - 2 * _INSIDE_M:
            continue
        stand = shapely.Point(line.coords[-1])
        edge = ground.intersection(stand.buffer(1.5 * _INSIDE_M))  # holds the corner of a square
        return float(shapely.distance(point, edge)), stand
    return None


def _beyond(screening: Screening, stack: LayerStack, rule: Rule, beyond_m: float) -> float:
    """Return how much farther than the window a rule may be sought. [m]."""
    bits = screening.bits
    asked = [bits.predicates[bits.bit_of[name]] for name in rule.expression.names()]
    layers = [stack.get(one.source_layer) for one in asked]
    if any(one.is_raster for one in asked):
        return 0.0
    reach = [
        reach_m(layer.vector(), one, layer.name)
        for one, layer in zip(asked, layers, strict=True)
        if layer is not None
    ]
    return max(beyond_m - max(reach, default=0.0), 0.0)


def _named(
    around: Around, expression: Expression, point: BaseGeometry, far: float, stand: BaseGeometry
) -> Move:
    lon, lat = lonlat(around.screening.grid.crs, stand.x, stand.y)
    leave, enter = _changed(around, expression, point, wanted=False)
    return Move(
        far,
        bearing_deg(point.x, point.y, stand.x, stand.y),
        (float(lon), float(lat)),
        tuple(dict.fromkeys(leave)),
        tuple(dict.fromkeys(enter)),
    )


def _changed(
    around: Around, expression: Expression, point: BaseGeometry, *, wanted: bool
) -> tuple[list[Say], list[Say]]:
    """Return (what is left, what is entered) by making an expression ``wanted``."""
    if expression.op == "name":
        bits = around.screening.bits
        title = bits.predicates[bits.bit_of[expression.name]].title
        return ([], [title]) if wanted else ([title], [])
    if expression.op == "not":
        return _changed(around, expression.parts[0], point, wanted=not wanted)
    away = [
        shapely.distance(point, around.ground(part, wanted=wanted)) for part in expression.parts
    ]
    away = [math.inf if math.isnan(one) else float(one) for one in away]
    if (expression.op == "and") == wanted:  # every part has to change that is not so yet
        parts = [part for part, far in zip(expression.parts, away, strict=True) if far > 0]
    else:  # the nearest part is enough
        parts = [expression.parts[away.index(min(away))]]
    found = [_changed(around, part, point, wanted=wanted) for part in parts or expression.parts]
    return [s for left, _ in found for s in left], [s for _, into in found for s in into]


def _thresholds(
    screening: Screening, stack: LayerStack, rule: Rule, x: float, y: float
) -> tuple[Threshold, ...]:
    bits = screening.bits
    found = []
    for name in rule.expression.affirmed():
        predicate = bits.predicates[bits.bit_of[name]]
        limit = predicate.above if predicate.above is not None else predicate.at_least
        here = _value(screening, stack, predicate, x, y)
        if not isinstance(limit, (int, float)) or here is None or here < limit:
            continue
        slope = predicate.layer == SLOPE
        spec = SPECS[predicate.source_layer]
        title = Say("坡度", "slope") if slope else Say(spec.title, spec.title_en.lower())
        found.append(Threshold(title, here, float(limit), "°" if slope else spec.unit, slope))
    return tuple(found)


def _value(
    screening: Screening, stack: LayerStack, predicate: Predicate, x: float, y: float
) -> float | None:
    cell = screening.grid.rowcol(x, y)
    if cell is None or not predicate.is_raster:
        return None
    if predicate.layer == SLOPE:
        value = math.nan if screening.terrain is None else screening.terrain.slope_deg[cell]
    else:
        layer = stack.get(predicate.layer)
        value = math.nan if layer is None else layer.raster().to_numpy()[cell]
    return float(value) if math.isfinite(value) else None
