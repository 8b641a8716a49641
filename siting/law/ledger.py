"""Ledger: every hectare of a county accounted for, rule by rule, exact to the cell.

*Lost* is land on which the known effect is prohibited or unbuildable (setting: also land
that only a route opens). A lost cell is split equally among the k rules that cause it: the
Shapley share of a union, which depends on no order of the rules. Lost, free and unknown
land sum to the county to the last digit, and the shares sum to the lost land, because areas
are whole multiples of :data:`UNIT_M2`: sums of those are exact in float64, in any order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import OptionError, Say
from geo.passport import Passport
from geo.zonal import area_by_pattern
from siting.law.causes import Causes, causes_of
from siting.law.patterns import PatternTable
from siting.law.rules import Rule
from siting.law.shares import UNIT_M2, by_rule, by_size, fixed_point, shapley, shares_of
from siting.law.subsets import Subsets, subset_sums
from siting.law.verdict import Judgement

__all__ = [
    "AREAS",
    "TOTALS",
    "UNIT_M2",
    "Ledger",
    "fixed_point",
    "ledger",
    "of_county",
    "shapley",
]

Floats = npt.NDArray[np.float64]

#: Columns of :attr:`Ledger.frame` that hold areas. [m2]
AREAS: Final = (
    "total_m2", "alone_m2", "shared_m2", "share_m2", "routes_m2", "unknown_m2",
)  # fmt: skip
#: Columns of :attr:`Ledger.totals` that hold areas. [m2]
TOTALS: Final = (
    "area_m2", "lost_m2", "free_m2", "eligible_m2", "limited_m2", "routes_m2", "unknown_m2",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Land of each county, and what each rule takes of it.

    Parameters
    ----------
    frame
        One row a county and rule: ``county``, ``rule_id``, ``title``, ``effect``, ``block``
        (``law`` or ``technical``) and, in m2, ``total_m2`` (lost land that the rule causes),
        ``alone_m2`` (by this rule alone), ``shared_m2`` (the rest of the total),
        ``share_m2`` (its Shapley share), ``routes_m2`` (land that is left a route and that
        this rule puts there) and ``unknown_m2`` (unknown land that this rule cannot tell).
    totals
        One row a county, in m2: ``area_m2`` of its cells, ``lost_m2``, ``free_m2`` and
        ``unknown_m2``, which sum to it. The free land is ``routes_m2`` (a route and no
        prohibition; part of the lost land with ``routes_lost``), ``limited_m2`` (a list of
        limited activities only) and ``eligible_m2``: what a run calls 可用, when the judgement
        is of new works. With ``zones`` also
        ``area_cells``, ``lost_cells``, ``free_cells`` and so on.
    routes_lost
        Land that only a route opens counts as lost.
    off
        Ids of rules that were switched off.
    unscreened
        Rules whose layer is absent: they take nothing, and nobody knows what they would.
    mw_per_km2
        Capacity density of the technology, None where there is none. [MW/km2]
    """

    frame: pd.DataFrame
    totals: pd.DataFrame
    judgement: Judgement
    routes_lost: bool
    off: tuple[str, ...]
    unscreened: tuple[Rule, ...]
    mw_per_km2: float | None
    passport: Passport
    causes: Causes
    areas: Floats
    cells: Floats | None

    @property
    def counties(self) -> tuple[str, ...]:
        """Names of the counties, in the order of the zones."""
        return tuple(str(name) for name in self.totals["county"])

    def whole(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return (frame by rule, one row of totals) of all counties together. [m2]."""
        keys = ["rule_id", "title", "effect", "block"]
        rules = self.frame.groupby(keys, sort=False)[list(AREAS)].sum().reset_index()
        return rules, self.totals.drop(columns="county").sum().to_frame().T

    def what_if(self, off: Collection[str]) -> pd.DataFrame:
        """Return land by county with some rules switched off: a what-if, never law.

        Parameters
        ----------
        off
            Rule ids; they neither take land nor leave it unknown.

        Returns
        -------
        DataFrame
            The columns of :attr:`totals`.

        Raises
        ------
        OptionError
            When an id is no rule of this component.
        """
        kept = self.causes.without(self.causes.columns(off))
        return _totals(self.counties, kept, self.areas, self.cells, routes_lost=self.routes_lost)

    def subsets(self, rules: Sequence[str]) -> Subsets:
        """Return land by county for all ``2**k`` ways of switching off k rules.

        Parameters
        ----------
        rules
            At most 20 rule ids; bit j of a combination switches off ``rules[j]``.

        Raises
        ------
        OptionError
            When an id is no rule of this component, is repeated, or there are too many.
        """
        return subset_sums(self.causes, self.areas, tuple(rules), routes_lost=self.routes_lost)


def ledger(
    table: PatternTable,
    judgement: Judgement,
    counties: Sequence[str],
    mw_per_km2: float | None = None,
    *,
    routes_lost: bool = False,
    off: Collection[str] = (),
    zones: npt.NDArray[np.uint8] | None = None,
) -> Ledger:
    """Account for the land of every county.

    Parameters
    ----------
    table
        Patterns with their area by zone; row i of ``area_m2`` is county i - 1.
    judgement
        Of one component of one technology over the same table; of new works
        (``standing=False``) where ``eligible_m2`` is to be that of a run: the ground of a
        facility that stands is not free for a new one.
    counties
        Names in the order of the zones.
    mw_per_km2
        Capacity density, for those who print the ledger. [MW/km2]
    routes_lost
        Count land that only a route opens as lost.
    off
        Ids of rules to switch off (a what-if); they get no rows.
    zones
        uint8 (rows, cols) the table was made with: adds the numbers of cells.

    Raises
    ------
    OptionError
        When names and zones differ in number, or ``off`` names an unknown rule.
    """
    if table.area_m2.shape[0] != len(counties) + 1:
        raise OptionError(
            "counties",
            Say(f"{len(counties)} 个县名，{table.area_m2.shape[0] - 1} 个分区",
                f"{len(counties)} names for {table.area_m2.shape[0] - 1} zones"),
            Say("传入与分区一致的县名", "pass one name for each zone"),
        )  # fmt: skip
    areas = fixed_point(table.area_m2[1:])
    cells = None
    if zones is not None:
        ones = np.broadcast_to(np.float64(1.0), zones.shape)
        cells = area_by_pattern(table.index, zones, ones, table.n, len(counties))[1:]
    causes = causes_of(judgement)
    causes = causes.without(causes.columns(off))
    absent = [judgement.ruleset.rules[i] for i in judgement.unscreened]
    return Ledger(
        _frame(tuple(counties), causes, areas, routes_lost=routes_lost),
        _totals(tuple(counties), causes, areas, cells, routes_lost=routes_lost),
        judgement,
        routes_lost,
        tuple(sorted(off)),
        tuple(rule for rule in absent if rule in causes.rules),
        mw_per_km2,
        table.passport,
        causes,
        areas,
        cells,
    )


def _totals(
    counties: tuple[str, ...], causes: Causes, areas: Floats, cells: Floats | None,
    *, routes_lost: bool,
) -> pd.DataFrame:  # fmt: skip
    lost, unknown, routes = causes.land(routes_lost=routes_lost)
    data: dict[str, object] = {"county": list(counties)}
    limited, eligible = causes.usable()
    parts = {
        "lost": lost, "free": ~(lost | unknown), "eligible": eligible, "limited": limited,
        "routes": routes, "unknown": unknown,
    }  # fmt: skip
    for unit, amounts in (("m2", areas), ("cells", cells)):
        if amounts is None:
            continue
        kind = np.float64 if unit == "m2" else np.int64
        data[f"area_{unit}"] = amounts.sum(axis=1).astype(kind)
        for name, where in parts.items():
            data[f"{name}_{unit}"] = amounts[:, where].sum(axis=1).astype(kind)
    return pd.DataFrame(data)


def _frame(
    counties: tuple[str, ...], causes: Causes, areas: Floats, *, routes_lost: bool
) -> pd.DataFrame:
    taking = causes.taking(routes_lost=routes_lost)
    _, unknown, routes = causes.land(routes_lost=routes_lost)
    sizes = by_size(areas, taking)
    columns = {
        "total_m2": sizes.sum(axis=2),
        "alone_m2": sizes[:, :, 0],
        "share_m2": shares_of(sizes, [rule.id for rule in causes.rules]),
        "routes_m2": by_rule(areas, causes.route & routes[:, None]),
        "unknown_m2": by_rule(areas, causes.doubt & unknown[:, None]),
    }
    columns["shared_m2"] = columns["total_m2"] - columns["alone_m2"]
    always = np.array([rule.technical or causes.may_lose(rule) for rule in causes.rules], bool)
    shown = np.flatnonzero(always | (columns["unknown_m2"] > 0).any(axis=0))
    rows = [
        {
            "county": county,
            "rule_id": causes.rules[j].id,
            "title": causes.rules[j].title.zh,
            "effect": causes.rules[j].effect.value,
            "block": "technical" if causes.rules[j].technical else "law",
            **{name: columns[name][i, j] for name in AREAS},
        }
        for i, county in enumerate(counties)
        for j in shown
    ]
    names = ["county", "rule_id", "title", "effect", "block", *AREAS]
    return pd.DataFrame(rows, columns=names)


def of_county(book: Ledger, county: str) -> Ledger:
    """Return the ledger of one county alone.

    Raises
    ------
    OptionError
        When no county has that name.
    """
    if county not in book.counties:
        raise OptionError(
            f"--county {county}",
            Say("没有这个县市区", "is no county of the region"),
            Say(f"可用：{'、'.join(book.counties)}", f"use one of {', '.join(book.counties)}"),
        )
    row = book.counties.index(county)
    cells = None if book.cells is None else book.cells[row : row + 1]
    return replace(
        book,
        frame=book.frame[book.frame["county"] == county].reset_index(drop=True),
        totals=book.totals[book.totals["county"] == county].reset_index(drop=True),
        areas=book.areas[row : row + 1],
        cells=cells,
    )
