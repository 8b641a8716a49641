"""Best set of pairs that do not touch each other, with ranked alternates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from siting.pumped.dams.model import DamSites
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.pairs._kernels.best import greedy
from siting.pumped.pairs.model import Pairs

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

#: Alternates kept of each chosen pair (``pair.alternates``).
ALTERNATES = 2


@dataclass(frozen=True, slots=True, eq=False)
class Footprints:
    """What decides whether two lakes touch.

    Parameters
    ----------
    start, cells
        Slice of each dam's catchment in the drainage order, (dams,).
    foot_m
        Ground at each dam foot, (dams,). [m]
    borrow_m3
        Water that each existing lake may give to all pairs together, (lakes,). [m³]
    """

    start: Int64
    cells: Int64
    foot_m: Float64
    borrow_m3: Float64

    @classmethod
    def of(cls, dams: DamSites, lakes: Sequence[ExistingLake]) -> Self:
        """Return the footprints of dam sites and existing lakes."""
        borrow = [min(one.borrow_m3, float(one.curve.usable_m3[-1])) for one in lakes]
        return cls(
            dams.start.astype(np.int64),
            dams.cells.astype(np.int64),
            dams.foot_m.astype(np.float64),
            np.array(borrow, np.float64),
        )


def best_set(
    pairs: Pairs, value: npt.ArrayLike, footprints: Footprints, alternates: int = ALTERNATES
) -> tuple[Int64, tuple[Int64, ...]]:
    """Return the chosen pairs, best first, and the ranked alternates of each.

    Greedy by value: a pair is taken when neither of its new lakes touches a lake taken before
    (the same dam included) and its existing lakes have the water left; one pair of lakes gets
    one capacity. Alternates are pairs of other lakes that gave way to the chosen one.

    Parameters
    ----------
    pairs
        Candidates, n rows.
    value
        Lower is better, (n,); NaN and infinite values are never chosen.
    footprints
        Of the dams and lakes that ``pairs`` names.
    alternates
        Kept of each chosen pair, at most.

    Returns
    -------
    int64 (k,), tuple of int64
        Rows of ``pairs``.

    Raises
    ------
    OptionError
        One value is needed for each pair.
    """
    worth = np.asarray(value, np.float64)
    if worth.shape != (pairs.count,):
        raise OptionError(
            "value",
            Say(f"库对 {pairs.count} 个，数值 {worth.shape}",
                f"{pairs.count} pairs have values of shape {worth.shape}"),
            Say("每个库对给一个数", "give one number a pair"),
        )  # fmt: skip
    order = np.argsort(worth, kind="stable")
    order = order[np.isfinite(worth[order])].astype(np.int64)
    lost_to = np.full(pairs.count, -2, np.int64)
    drained = np.argsort(footprints.start, kind="stable")
    start, rank = footprints.start[drained], np.empty(drained.size, np.int64)
    rank[drained] = np.arange(drained.size)
    end = np.searchsorted(start, start + footprints.cells[drained])
    greedy(
        order, pairs.upper, pairs.lower, pairs.upper_normal_m, pairs.lower_normal_m,
        pairs.volume_m3, rank, end.astype(np.int64), footprints.foot_m[drained],
        footprints.borrow_m3.copy(), lost_to,
    )  # fmt: skip
    chosen = order[lost_to[order] == -1]
    ranked: dict[int, list[int]] = {int(p): [] for p in chosen}
    seen = {(int(pairs.upper[p]), int(pairs.lower[p])) for p in chosen}
    for p in order[lost_to[order] >= 0].tolist():
        lakes = (int(pairs.upper[p]), int(pairs.lower[p]))
        mine = ranked[int(lost_to[p])]
        if len(mine) < alternates and lakes not in seen:
            seen.add(lakes)
            mine.append(p)
    return chosen, tuple(np.array(ranked[int(p)], np.int64) for p in chosen)
