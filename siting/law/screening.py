"""Screen a layer stack: burn every predicate of a rule table into bits, once.

The planes do not depend on date, technology or component: those choose rows of the
table later, so a change of them reads no layer. When a layer changes, only its own
predicates are burnt again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say, SizeError
from geo.passport import Passport, merge
from geo.terrain import slope_aspect
from layers.contract import SPECS
from layers.layer import LayerStack
from siting.law.bits import Bits, Exemption, Plane, Screening, Terrain
from siting.law.burner import Burner
from siting.law.exemption import FACILITY, Group, groups, standing
from siting.law.patterns import PatternTable, pattern_table
from siting.law.predicates import SLOPE, Parameters, Predicate, bind_all
from siting.law.rules import RuleSet

__all__ = ["PatternTable", "Screening", "Terrain", "pattern_table", "rescreen", "screen"]

_WORDS: Final = ((8, np.uint8), (16, np.uint16), (32, np.uint32), (64, np.uint64))


def screen(
    stack: LayerStack,
    ruleset: RuleSet,
    parameters: Parameters | None = None,
    terrain: Terrain | None = None,
    progress: Callable[[str], None] | None = None,
) -> Screening:
    """Evaluate every predicate of the rule table on every cell.

    Parameters
    ----------
    stack
        Layers on the run's grid; an absent one leaves its predicates unscreened.
    ruleset
        Its predicates are those of the whole table, whatever its date.
    parameters
        User limits; the presets when None.
    terrain
        Slope and aspect, when the caller has them already.
    progress
        Called with a Chinese stage name.

    Returns
    -------
    Screening
        Planes of the narrowest unsigned type that holds the predicates with a layer.

    Raises
    ------
    SizeError
        When the predicates and the facilities need more than 64 bits.
    """
    plan = _plan(stack, ruleset, parameters or Parameters(), terrain or _terrain(stack))
    hit = np.zeros(stack.grid.shape, plan.word)
    unknown = np.zeros(stack.grid.shape, plan.word)
    return _burnt(plan, stack, ruleset, hit, unknown, {}, progress)


def rescreen(
    screening: Screening, stack: LayerStack, ruleset: RuleSet, changed: Collection[str]
) -> Screening:
    """Screen again after some layers have changed; the result is that of a full screening.

    Parameters
    ----------
    screening
        Of the stack as it was; it is left as it is.
    stack
        Layers as they are now, on the same grid.
    ruleset
        Rules of the first screening. With other predicates, or when a layer has come or
        gone, every predicate is burnt again.
    changed
        Names of the layers that differ.

    Raises
    ------
    OptionError
        When a changed layer is unknown.
    SizeError
        As :func:`screen`.
    """
    for name in changed:
        if name not in SPECS:
            raise OptionError(
                name,
                Say("没有这个图层", "is no layer"),
                Say("用 shiyan layers 列出的名字", "use a name that shiyan layers lists"),
            )
    old = screening.bits
    terrain = _terrain(stack) if "dem" in changed else screening.terrain or _terrain(stack)
    plan = _plan(stack, ruleset, old.parameters, terrain)
    kept = plan.predicates == old.predicates and plan.planes == old.planes
    if stack.grid != screening.grid or not kept or screening.hit.dtype != plan.word:
        return screen(stack, ruleset, old.parameters, terrain)
    bits = range(plan.planes)
    again = [bit for bit in bits if plan.predicates[bit].source_layer in changed]
    hit, unknown = screening.hit.copy(), screening.unknown.copy()
    _clear(hit, [*again, *range(plan.planes, 8 * hit.itemsize)])
    _clear(unknown, again)
    told = dict(enumerate(screening.told))
    return _burnt(plan, stack, ruleset, hit, unknown, told, None, again)


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """Which predicate and which group of facilities gets which bit."""

    predicates: tuple[Predicate, ...]
    number_of: dict[str, int]
    planes: int
    groups: tuple[Group, ...]
    numbers: npt.NDArray[np.uint16] | None
    standing: tuple[frozenset[int], ...]
    notes: tuple[Say, ...]
    parameters: Parameters
    terrain: Terrain | None

    @property
    def word(self) -> type[np.unsignedinteger[Any]]:
        """Narrowest type that holds every bit."""
        spare = (len(self.standing) - 1).bit_length()
        n = self.planes + spare
        for width, dtype in _WORDS:
            if n <= width:
                return dtype
        raise SizeError(
            "rule table",
            Say(
                f"{self.planes} 个谓词，另 {spare} 位记设施，多于 64 位",
                f"has {self.planes} predicates, and {spare} bits for facilities: more than 64",
            ),
            Say(
                "合并相同的谓词，减少坡度档数、县级调整或设施的核准日期",
                "share predicates, use fewer slope limits, overrides or days of approval",
            ),
        )


def _terrain(stack: LayerStack) -> Terrain | None:
    if "dem" not in stack:
        return None
    return Terrain(*slope_aspect(stack.require("dem").raster().to_numpy(), stack.grid))


def _plan(
    stack: LayerStack, ruleset: RuleSet, parameters: Parameters, terrain: Terrain | None
) -> _Plan:
    """Give each predicate its number, those of absent layers last: they cost no plane bit."""
    found, number_of = bind_all(ruleset.predicates, parameters)
    there = [
        one.source_layer in stack or (one.layer == SLOPE and terrain is not None) for one in found
    ]
    order = sorted(range(len(found)), key=lambda i: not there[i])
    place = {old: new for new, old in enumerate(order)}
    facility = stack.get(FACILITY)
    sorted_, notes = ((), ()) if facility is None else groups(facility.vector(), ruleset.every())
    crs = None if facility is None else facility.vector().crs
    return _Plan(
        tuple(found[i] for i in order),
        {name: place[old] for name, old in number_of.items()},
        sum(there),
        sorted_,
        *standing(sorted_, crs, stack.grid),
        notes,
        parameters,
        terrain,
    )


def _burnt(
    plan: _Plan,
    stack: LayerStack,
    ruleset: RuleSet,
    hit: Plane,
    unknown: Plane,
    told: dict[int, tuple[Say, ...]],
    progress: Callable[[str], None] | None,
    wanted: Collection[int] | None = None,
) -> Screening:
    """Burn the wanted predicates (all when None) and the facilities, and wrap the planes."""
    burner = Burner(stack, plan.terrain, hit, unknown)
    for bit in range(plan.planes) if wanted is None else wanted:
        if progress is not None:
            progress(f"筛查：{plan.predicates[bit].title.zh}")
        before = len(burner.notes)
        burner.burn(bit, plan.predicates[bit])
        told[bit] = tuple(burner.notes[before:])
    if plan.numbers is not None:
        _put(hit, plan.numbers, plan.planes)
    absent = {
        one.source_layer: stack.absent.get(
            one.source_layer, Say("目录中没有", "is not in the catalog")
        )
        for one in plan.predicates[plan.planes :]
    }
    unscreened = frozenset(range(plan.planes, len(plan.predicates)))
    bits = Bits(
        plan.predicates,
        plan.number_of,
        unscreened,
        absent,
        plan.parameters,
        tuple(Exemption(g.technology, g.component, g.rules, g.since) for g in plan.groups),
        plan.standing,
    )
    notes = [note for bit in range(plan.planes) for note in told[bit]]
    notes += [*plan.notes, *_limits_left_out(ruleset, bits)]
    passports = _passports(plan, stack)
    return Screening(
        stack.grid,
        bits,
        hit,
        unknown,
        plan.terrain,
        tuple(dict.fromkeys(notes)),
        passports,
        merge(*passports.values()),
        tuple(told[bit] for bit in range(plan.planes)),
    )


def _passports(plan: _Plan, stack: LayerStack) -> dict[str, Passport]:
    """Return the passport of every layer that has a part in the planes."""
    names = [*(one.source_layer for one in plan.predicates), FACILITY]
    layers = (stack.get(name) for name in dict.fromkeys(names))
    return {layer.name: layer.passport for layer in layers if layer is not None}


def _put(plane: Plane, numbers: npt.NDArray[np.uint16], shift: int) -> None:
    """Write the numbers of the facilities above the predicates; they are few cells."""
    flat, here = plane.reshape(-1), np.flatnonzero(numbers)
    flat[here] |= numbers.reshape(-1)[here].astype(plane.dtype) << plane.dtype.type(shift)


def _clear(plane: Plane, bits: Collection[int]) -> None:
    """Clear bits of a plane in place."""
    mask = plane.dtype.type(sum(1 << bit for bit in bits))
    if mask:
        np.bitwise_and(plane, ~mask, out=plane)


def _limits_left_out(ruleset: RuleSet, bits: Bits) -> list[Say]:
    """Say which technical limits hold nowhere because their layer is absent."""
    return [
        Say(
            f"技术限值“{rule.title.zh}”未应用：图层缺失",
            f"technical limit not applied, its layer is absent: {rule.title.en}",
        )
        for rule in ruleset.rules
        if rule.technical
        and any(bits.bit_of[name] in bits.unscreened for name in rule.expression.names())
    ]
