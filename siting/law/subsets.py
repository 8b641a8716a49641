"""All 2^k ways of switching off k rules, in one pass over the distinct patterns.

A pattern is lost unless every rule that takes it is switched off, so the land that is *not*
lost under a combination is the sum over all subsets of it: a zeta transform, k passes over
an array of 2^k sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import OptionError, Say
from siting.law.causes import Causes

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Most rules of one enumeration: 2^20 combinations of ten counties take 250 MB.
MOST_RULES: Final = 20


@dataclass(frozen=True, slots=True, eq=False)
class Subsets:
    """Land by combination and county.

    Parameters
    ----------
    rules
        Rule ids; combination c switches off ``rules[j]`` where bit j of c is set.
    lost_m2, free_m2, unknown_m2
        float64 [2^k, counties]; they sum to the county to the last digit. [m2]
    """

    rules: tuple[str, ...]
    lost_m2: Floats
    free_m2: Floats
    unknown_m2: Floats

    def combination(self, off: tuple[str, ...]) -> int:
        """Return the number of the combination that switches ``off`` off."""
        return sum(1 << self.rules.index(one) for one in set(off))

    def frame(self) -> pd.DataFrame:
        """Return one row a combination, summed over the counties. [m2]."""
        n = self.lost_m2.shape[0]
        names = [
            " ".join(rule for j, rule in enumerate(self.rules) if one >> j & 1) for one in range(n)
        ]
        return pd.DataFrame(
            {
                "off": names,
                "lost_m2": self.lost_m2.sum(axis=1),
                "free_m2": self.free_m2.sum(axis=1),
                "unknown_m2": self.unknown_m2.sum(axis=1),
            }
        )


def subset_sums(
    causes: Causes, areas: Floats, rules: tuple[str, ...], *, routes_lost: bool
) -> Subsets:
    """Return the land under every combination of switched-off rules.

    Parameters
    ----------
    causes
        What each rule does to each pattern.
    areas
        Fixed-point area of each pattern, [counties, n]. [m2]
    rules
        Ids of the rules to combine.

    Raises
    ------
    OptionError
        When an id is unknown or repeated, or there are more than :data:`MOST_RULES`.
    """
    if len(set(rules)) != len(rules) or len(rules) > MOST_RULES:
        raise OptionError(
            "rules",
            Say(f"规则重复，或多于 {MOST_RULES} 条", f"repeat or are more than {MOST_RULES}"),
            Say("每条规则只列一次", "name each rule once"),
        )
    chosen = [list(causes.columns([one])) for one in rules]
    others = sorted(set(range(len(causes.rules))).difference(*chosen))
    taking = causes.taking(routes_lost=routes_lost)
    fixed_loss: Bools = np.asarray(taking[:, others].any(axis=1))
    fixed_doubt: Bools = np.asarray(causes.doubt[:, others].any(axis=1) | causes.rest)
    loss, doubt = _needs(taking, chosen), _needs(causes.doubt, chosen)
    n = 1 << len(rules)
    held = _sums(areas, loss, ~fixed_loss, n)
    free = _sums(areas, loss | doubt, ~fixed_loss & ~fixed_doubt, n)
    if causes.lawless:
        free[_without_law(causes, chosen, others, n)] = 0.0
    return Subsets(rules, areas.sum(axis=1)[None, :] - held, free, held - free)


def _needs(marks: Bools, chosen: list[list[int]]) -> npt.NDArray[np.int64]:
    """Return, per pattern, the bits of the chosen rules that mark it."""
    out = np.zeros(marks.shape[0], np.int64)
    for bit, columns in enumerate(chosen):
        out |= marks[:, columns].any(axis=1).astype(np.int64) << bit
    return out


def _sums(areas: Floats, needs: npt.NDArray[np.int64], where: Bools, n: int) -> Floats:
    """Return [n, counties]: for each combination, land whose needed bits are all in it."""
    out = np.zeros((n, areas.shape[0]))
    for county in range(areas.shape[0]):
        out[:, county] = np.bincount(needs[where], areas[county, where], minlength=n)
    step = 1
    while step < n:
        pairs = out.reshape(n // (2 * step), 2, step, -1)
        pairs[:, 1] += pairs[:, 0]
        step *= 2
    return out


def _without_law(causes: Causes, chosen: list[list[int]], others: list[int], n: int) -> Bools:
    """Return the combinations that leave no legal rule at all."""
    if any(not causes.rules[j].technical for j in others):
        return np.zeros(n, bool)
    legal = sum(1 << k for k, one in enumerate(chosen) if not causes.rules[one[0]].technical)
    return np.asarray((np.arange(n) & legal) == legal)
