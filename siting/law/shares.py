"""Shares: land split equally among the rules that take it, exact in whole units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from siting.law import _ledger_kernels

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Resolution of a ledger's areas: 1/1024 m2. Sums stay exact up to 8.8 million km2.
UNIT_M2: Final = 2.0**-10


def fixed_point(area_m2: Floats) -> Floats:
    """Return areas as whole multiples of :data:`UNIT_M2`. [m2]."""
    return np.asarray(np.round(area_m2 / UNIT_M2) * UNIT_M2)


def shapley(areas: Floats, taking: Bools, ids: Sequence[str]) -> Floats:
    """Return the share of each rule in the union of what the rules take.

    Each pattern is split equally among its k causes. The split is done in whole units of
    :data:`UNIT_M2`; the few units that do not divide go to the largest remainders, equal
    ones by rule id, so that shares sum to the union exactly and no order matters.

    Parameters
    ----------
    areas
        Fixed-point area of each pattern, [counties, n]. [m2]
    taking
        Which rule causes the loss of which pattern, [n, rules].
    ids
        Rule ids, to break ties.

    Returns
    -------
    ndarray of float64 [counties, rules]
        Shares. [m2]

    References
    ----------
    Shapley (1953), A value for n-person games; for the union of sets the value of a player
    is the sum over the elements that it covers of 1 / number of players covering it.
    """
    return shares_of(by_size(areas, taking), ids)


def shares_of(sizes: Floats, ids: Sequence[str]) -> Floats:
    """Split land by the number of its causes, [counties, rules, k] into [counties, rules]."""
    units = np.round(sizes / UNIT_M2)  # whole numbers below 2**53: exact
    kinds = [k for k in range(1, units.shape[2] + 1) if units[:, :, k - 1].any()]
    common = math.lcm(*kinds) if kinds else 1
    out = np.zeros(units.shape[:2])
    for county in range(units.shape[0]):
        exact = [
            sum(int(row[k - 1]) * (common // k) for k in kinds) for row in units[county]
        ]  # in units / common
        whole = [value // common for value in exact]
        left = sum(exact) // common - sum(whole)
        rest = [(-(value % common), ids[j], j) for j, value in enumerate(exact)]
        for _, _, j in sorted(rest)[:left]:
            whole[j] += 1
        out[county] = np.array(whole, np.float64) * UNIT_M2
    return out


def by_size(areas: Floats, taking: Bools) -> Floats:
    """Return land by county, rule and number of causes, [counties, rules, k]. [m2]."""
    largest = max(int(taking.sum(axis=1).max(initial=0)), 1)
    out = np.zeros((areas.shape[0], taking.shape[1], largest))
    _ledger_kernels.by_size(np.ascontiguousarray(areas), _bytes(taking), out)
    return out


def by_rule(areas: Floats, marks: Bools) -> Floats:
    """Return the land that each rule marks, [counties, rules]. [m2]."""
    out = np.zeros((areas.shape[0], marks.shape[1]))
    _ledger_kernels.by_rule(np.ascontiguousarray(areas), _bytes(marks), out)
    return out


def _bytes(marks: Bools) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(marks).view(np.uint8)
