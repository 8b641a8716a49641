"""Kernels of the ledger: sums by county and rule in one pass over the patterns.

No matrix product: those of a threaded library wait for each other on a busy machine.
"""

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True)
def by_rule(
    areas: npt.NDArray[np.float64],
    marks: npt.NDArray[np.uint8],
    out: npt.NDArray[np.float64],
) -> None:
    """Add up the area that each rule marks.

    Parameters
    ----------
    areas
        Area of each pattern, (counties, n).
    marks
        1 where a rule marks a pattern, (n, rules).
    out
        Result (counties, rules), added to.
    """
    counties, n = areas.shape
    rules = marks.shape[1]
    for i in range(n):
        for r in range(rules):
            if marks[i, r] != 0:
                for c in range(counties):
                    out[c, r] += areas[c, i]


@numba.njit(cache=True)
def by_size(
    areas: npt.NDArray[np.float64],
    marks: npt.NDArray[np.uint8],
    out: npt.NDArray[np.float64],
) -> None:
    """Add up the area that each rule marks together with k - 1 others.

    Parameters
    ----------
    areas
        Area of each pattern, (counties, n).
    marks
        1 where a rule marks a pattern, (n, rules).
    out
        Result (counties, rules, largest k), added to; position k - 1 belongs to k.
    """
    counties, n = areas.shape
    rules = marks.shape[1]
    for i in range(n):
        k = 0
        for r in range(rules):
            k += marks[i, r]
        if k == 0:
            continue
        for r in range(rules):
            if marks[i, r] != 0:
                for c in range(counties):
                    out[c, r, k - 1] += areas[c, i]
