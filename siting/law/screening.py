"""Screen a layer stack: burn every predicate of a rule table into bits, once.

The planes do not depend on date, technology or component: those choose rows of the
table later, so a change of them reads no layer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from geo.errors import Say, SizeError
from geo.passport import merge
from geo.terrain import slope_aspect
from layers.layer import LayerStack
from siting.law.bits import Bits, Screening, Terrain
from siting.law.burner import Burner
from siting.law.patterns import PatternTable, pattern_table
from siting.law.predicates import SLOPE, Parameters, Predicate, bind_all
from siting.law.rules import RuleSet

__all__ = ["PatternTable", "Screening", "Terrain", "pattern_table", "screen"]

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
        When more than 64 distinct predicates have a layer.
    """
    parameters = parameters or Parameters()
    if terrain is None and "dem" in stack:
        dem = stack.require("dem").raster().to_numpy()
        terrain = Terrain(*slope_aspect(dem, stack.grid))
    predicates, bit_of, planes = _numbered(stack, terrain, ruleset, parameters)
    dtype = _word(planes)
    hit = np.zeros(stack.grid.shape, dtype)
    unknown = np.zeros(stack.grid.shape, dtype)
    burner = Burner(stack, terrain, hit, unknown)
    for bit, predicate in enumerate(predicates[:planes]):
        if progress is not None:
            progress(f"筛查：{predicate.title.zh}")
        burner.burn(bit, predicate)
    absent = {
        one.source_layer: stack.absent.get(
            one.source_layer, Say("目录中没有", "is not in the catalog")
        )
        for one in predicates[planes:]
    }
    unscreened = frozenset(range(planes, len(predicates)))
    bits = Bits(predicates, bit_of, unscreened, absent, parameters)
    passport = merge(*burner.passports.values())
    return Screening(
        stack.grid,
        bits,
        hit,
        unknown,
        terrain,
        tuple(dict.fromkeys([*burner.notes, *_limits_left_out(ruleset, bits)])),
        burner.passports,
        passport,
    )


def _numbered(
    stack: LayerStack, terrain: Terrain | None, ruleset: RuleSet, parameters: Parameters
) -> tuple[tuple[Predicate, ...], dict[str, int], int]:
    """Give each predicate its number, those of absent layers last: they cost no plane bit.

    Returns
    -------
    tuple
        (predicate of each number, number by name, how many have a bit).
    """
    found, number_of = bind_all(ruleset.predicates, parameters)
    there = [
        one.source_layer in stack or (one.layer == SLOPE and terrain is not None) for one in found
    ]
    order = sorted(range(len(found)), key=lambda i: not there[i])
    place = {old: new for new, old in enumerate(order)}
    numbers = {name: place[old] for name, old in number_of.items()}
    return tuple(found[i] for i in order), numbers, sum(there)


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


def _word(n: int) -> type[np.unsignedinteger[Any]]:
    for width, dtype in _WORDS:
        if n <= width:
            return dtype
    raise SizeError(
        "rule table",
        Say(f"{n} 个谓词，多于 64 个", f"has {n} predicates, more than 64"),
        Say("合并相同的谓词或减少坡度档数", "share predicates or use fewer slope limits"),
    )
