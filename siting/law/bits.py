"""Screening: one bit per predicate and cell, kept for everything that asks later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport
from siting.law.predicates import Parameters, Predicate
from siting.law.terms import Component, Technology

Plane = npt.NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """Slope and aspect, computed once and reused by the builders.

    Parameters
    ----------
    slope_deg
        float32 (rows, cols), NaN where the 3x3 window is incomplete. [°]
    aspect_deg
        float32 (rows, cols), clockwise from north, NaN where flat. [°]
    """

    slope_deg: npt.NDArray[np.float32]
    aspect_deg: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Exemption:
    """Ground of built or approved facilities that have passed the same rules.

    Parameters
    ----------
    technology, component
        What stands there; anything else at the same place is not exempt.
    rules
        Ids of the rules that it has passed, successors included.
    since
        Day of approval, before which nothing is exempt; None when only a list is known.
    """

    technology: Technology
    component: Component
    rules: frozenset[str]
    since: date | None


@dataclass(frozen=True, slots=True, eq=False)
class Bits:
    """Meaning of the bits: shared by a screening and its pattern table.

    Parameters
    ----------
    predicates
        Bound predicate of each number: first those with a bit in the planes (number = bit),
        then those whose layer is absent, which have none.
    bit_of
        Number by predicate name (two names may share one); an index into ``predicates``.
    unscreened
        Numbers whose layer is absent: neither hit nor unknown anywhere, and no plane bit.
    absent
        Why, by layer name.
    parameters
        User parameters that the thresholds were bound to.
    exemptions
        What facilities need not pass again, by group.
    standing
        Groups (indices into ``exemptions``) that stand in a cell, by the number that the bits
        of ``hit`` above the predicates spell; 0 = none. A number, not a bit a group: a few
        bits hold as many approvals as a bureau has.
    """

    predicates: tuple[Predicate, ...]
    bit_of: Mapping[str, int]
    unscreened: frozenset[int]
    absent: Mapping[str, Say]
    parameters: Parameters
    exemptions: tuple[Exemption, ...] = ()
    standing: tuple[frozenset[int], ...] = (frozenset(),)

    @property
    def planes(self) -> int:
        """Number of predicates that have a bit in the planes."""
        return len(self.predicates) - len(self.unscreened)


@dataclass(frozen=True, slots=True, eq=False)
class Screening:
    """All predicates of a rule table, evaluated on every cell.

    Parameters
    ----------
    hit
        Bit i set: predicate i holds in the cell. Narrowest of uint8/16/32/64, (rows, cols).
    unknown
        Bit i set: nobody knows (outside the coverage, nodata, an attribute is missing).
    terrain
        Slope and aspect, None without elevation.
    notes
        What a reader must know (features narrower than a cell, missing attributes).
    passports
        Passport by layer that was read.
    passport
        All of them merged.
    told
        The part of ``notes`` that each predicate with a bit has brought.
    """

    grid: Grid
    bits: Bits
    hit: Plane
    unknown: Plane
    terrain: Terrain | None
    notes: tuple[Say, ...]
    passports: Mapping[str, Passport]
    passport: Passport
    told: tuple[tuple[Say, ...], ...] = ()
