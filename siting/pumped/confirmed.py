"""Choose, draw, and choose again: a pair stays only when its lakes as drawn hold its water."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from siting.pumped.ordered import joined_works, ordered_works
from siting.pumped.pairs.best_set import best_set
from siting.pumped.pairs.model import Pairs
from siting.pumped.search import SearchResult, footprints
from siting.pumped.works.model import Works

Int64 = npt.NDArray[np.int64]

#: Rounds of choosing and drawing; what fails in the last one is left out without a stand-in.
ROUNDS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Confirmed:
    """Pairs that hold as drawn.

    Parameters
    ----------
    rows
        Rows of the search's pairs, best first, int64 (k,).
    alternates
        Rows that could stand in the place of each.
    found
        Pairs that do not overlap, drawn or not.
    works
        Structures, in the order of ``rows``.
    failed
        Rows that were drawn and hold too little.
    """

    rows: Int64
    alternates: tuple[Int64, ...]
    found: int
    works: Works
    failed: Int64


def confirm(
    result: SearchResult, most: int, alternates: int, draw: Callable[[Pairs], Works]
) -> Confirmed:
    """Return the best pairs whose lakes hold, each drawn once.

    Parameters
    ----------
    result
        Of the search.
    most
        Pairs that are drawn and kept, at most.
    alternates
        Kept of each pair.
    draw
        Returns the structures of pairs.
    """
    value = result.value.copy()
    drawn: list[Works] = []
    place: dict[int, int] = {}  # row of the pairs -> row of all drawings together
    good: dict[int, bool] = {}
    chosen, others = result.chosen, result.alternates
    for _ in range(ROUNDS):
        new = np.array([r for r in chosen[:most].tolist() if r not in good], np.int64)
        if new.size or not drawn:
            works = draw(result.pairs.take(new))
            drawn.append(works)
            for row, holds in zip(new.tolist(), works.holds.tolist(), strict=True):
                place[row], good[row] = len(place), bool(holds)
        lost = np.array([row for row, holds in good.items() if not holds], np.int64)
        if not lost.size or not (np.isfinite(value[lost])).any():
            break
        value[lost] = np.inf
        chosen, others = best_set(result.pairs, value, footprints(result), alternates)
    rows = [r for r in chosen[:most].tolist() if good.get(r, False)]
    where = {int(row): at for at, row in enumerate(chosen.tolist())}
    whole = joined_works(drawn)
    order = np.array([place[row] for row in rows], np.int64)
    return Confirmed(
        np.array(rows, np.int64),
        tuple(others[where[row]] for row in rows),
        int(chosen.size),
        ordered_works(whole, order, len(place)),
        np.array([row for row, holds in good.items() if not holds], np.int64),
    )
