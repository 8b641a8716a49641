"""PatternTable: the distinct (hit, unknown) words of a screening, with their areas.

Verdicts, cards, ledgers and what-ifs are functions of this short table, never of the
raster again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import GridMismatchError, Say, SizeError
from geo.passport import Passport
from geo.zonal import area_by_pattern
from siting.law import _kernels
from siting.law.bits import Bits, Exemption, Screening
from siting.law.terms import Component, Technology

#: ``index`` of a cell outside the region; also the largest number of patterns.
OUTSIDE: Final = 65535
_BLOCK_CELLS: Final = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class PatternTable:
    """Distinct bit patterns, most frequent first, then by (hit, unknown).

    Parameters
    ----------
    hit, unknown
        uint64 [n]: bit i belongs to predicate i of ``bits``.
    index
        uint16 (rows, cols): pattern of each cell, :data:`OUTSIDE` outside the region.
    cells
        int64 [n]: number of cells.
    area_m2
        float64 [n_zones + 1, n]: ellipsoidal area by zone, row 0 = zone 0 (outside). [m2]
    """

    bits: Bits
    hit: npt.NDArray[np.uint64]
    unknown: npt.NDArray[np.uint64]
    index: npt.NDArray[np.uint16]
    cells: npt.NDArray[np.int64]
    area_m2: npt.NDArray[np.float64]
    passports: Mapping[str, Passport]
    passport: Passport

    @property
    def n(self) -> int:
        """Number of patterns."""
        return int(self.hit.size)

    def flags(self, name: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], bool]:
        """Return (hit [n], unknown [n], unscreened) of the predicate ``name``."""
        bit = self.bits.bit_of[name]
        if bit in self.bits.unscreened:
            return np.zeros(self.n, bool), np.zeros(self.n, bool), True
        mask = np.uint64(1 << bit)
        return (self.hit & mask) != 0, (self.unknown & mask) != 0, False

    def exempt(
        self, rule_id: str, technology: Technology, component: Component, as_of: date
    ) -> npt.NDArray[np.bool_]:
        """Return where such a facility stands on ``as_of`` that has passed the rule, bool [n]."""
        where = np.zeros(self.n, bool)
        for one in self.bits.exemptions:
            same = (one.technology, one.component) == (technology, component)
            if same and rule_id in one.rules and (one.since is None or one.since <= as_of):
                where |= self.ground(one)
        return where

    def ground(self, exemption: Exemption) -> npt.NDArray[np.bool_]:
        """Return where facilities of a group stand, bool [n]."""
        number = self.bits.exemptions.index(exemption)
        here = np.array([number in groups for groups in self.bits.standing])
        return np.asarray(here[(self.hit >> np.uint64(self.bits.planes)).astype(np.int64)])


def pattern_table(
    screening: Screening,
    zones: npt.NDArray[np.uint8],
    areas: npt.NDArray[np.float64],
    n_zones: int | None = None,
) -> PatternTable:
    """Find the distinct patterns of a screening inside the region.

    Parameters
    ----------
    zones
        uint8 (rows, cols), 0 outside the region, i = county row i - 1.
    areas
        float64 (rows, cols) ellipsoidal cell area. [m2]
    n_zones
        Number of counties; the largest zone found when None.

    Raises
    ------
    SizeError
        When there are more than 65,535 distinct patterns.
    GridMismatchError
        When a shape differs from the screening's grid.
    """
    shape = screening.grid.shape
    for name, array in (("zones", zones), ("areas", areas)):
        if array.shape != shape:
            raise GridMismatchError(
                name,
                Say(f"形状 {array.shape} 不是 {shape}", f"has shape {array.shape}, not {shape}"),
                Say("用同一 Grid 计算", "compute it on the run's Grid"),
            )
    index, hit, unknown, cells = _number(screening, zones)
    n_zones = int(zones.max(initial=0)) if n_zones is None else n_zones
    area = area_by_pattern(index, zones, areas, hit.size, n_zones)
    return PatternTable(
        screening.bits, hit, unknown, index, cells, area, screening.passports, screening.passport
    )


def one_pattern(screening: Screening, row: int, col: int) -> PatternTable:
    """Return the table of a single cell (area 0: a cell carries bits, not hectares)."""
    hit = np.array([screening.hit[row, col]], dtype=np.uint64)
    unknown = np.array([screening.unknown[row, col]], dtype=np.uint64)
    return PatternTable(
        screening.bits,
        hit,
        unknown,
        np.zeros((1, 1), np.uint16),
        np.ones(1, np.int64),
        np.zeros((1, 1)),
        screening.passports,
        screening.passport,
    )


def _number(
    screening: Screening, zones: npt.NDArray[np.uint8]
) -> tuple[
    npt.NDArray[np.uint16],
    npt.NDArray[np.uint64],
    npt.NDArray[np.uint64],
    npt.NDArray[np.int64],
]:
    """Find the patterns in scan order, then sort them by frequency."""
    grid = screening.grid
    index = np.empty(grid.shape, np.uint16)
    slots = np.full(1 << 18, -1, np.int32)
    hit = np.zeros(OUTSIDE, np.uint64)
    unknown = np.zeros(OUTSIDE, np.uint64)
    cells = np.zeros(OUTSIDE, np.int64)
    found = 0
    for start, stop in grid.blocks(max(_BLOCK_CELLS // grid.cols, 1)):
        found = _kernels.number_patterns(
            screening.hit[start:stop].astype(np.uint64).ravel(),
            screening.unknown[start:stop].astype(np.uint64).ravel(),
            np.ascontiguousarray(zones[start:stop]).ravel(),
            slots,
            hit,
            unknown,
            cells,
            found,
            index[start:stop].reshape(-1),
        )
        if found < 0:
            raise SizeError(
                "screening",
                Say("不同的规则组合超过 65535 种", "has more than 65,535 distinct patterns"),
                Say(
                    "减少坡度档数或规则，或分区运行",
                    "use fewer slope limits or rules, or split the region",
                ),
            )
    order = np.lexsort((unknown[:found], hit[:found], -cells[:found]))
    lookup = np.full(OUTSIDE + 1, OUTSIDE, np.uint16)
    lookup[order] = np.arange(found, dtype=np.uint16)
    for start, stop in grid.blocks(max(_BLOCK_CELLS // grid.cols, 1)):
        index[start:stop] = lookup[index[start:stop]]
    return index, hit[order], unknown[order], cells[order]
