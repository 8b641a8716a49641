"""The search by the restated atlas rules: a cross-check of our own search, no oracle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import OptionError, Say
from geo.hydrology import Drainage
from siting.pumped.anu import rules
from siting.pumped.anu._kernels.greedy import greedy
from siting.pumped.anu.model import LABEL, AnuResult, AnuSites
from siting.pumped.anu.pairing import brute_pairs
from siting.pumped.anu.rules import SEVEN
from siting.pumped.anu.sites import dam_points, kept, reservoirs
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.pairs.model import Size

__all__ = ["LABEL", "SEVEN", "AnuResult", "anu_search", "anu_sites", "best_of_set"]

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


def anu_search(
    drainage: Drainage,
    dem: npt.NDArray[Any],
    mask: npt.NDArray[np.bool_] | None,
    lakes: Sequence[ExistingLake],
    sizes: Sequence[Size] = SEVEN,
    near: tuple[float, float, float] | None = None,
) -> AnuResult:
    """Return reservoirs, pairs and the best set by the restated atlas rules.

    Parameters
    ----------
    drainage
        Of ``dem``.
    dem
        Ground, NaN = void, (rows, cols). [m]
    mask
        Ground that no water may touch, bool (rows, cols); none when None.
    lakes
        Reservoirs that exist; the rules know one level and one volume of each.
    sizes
        Power and hours; the seven of the atlas.
    near
        x, y and distance: only dam points this near. [m]

    Returns
    -------
    AnuResult
        Labelled as our restatement.

    Raises
    ------
    CrsError, GridMismatchError
        The ground is not on the metric grid of the drainage.
    OptionError
        ``mask`` is of another shape, or no size is asked for.

    References
    ----------
    ``docs/methods/anu_rules.md``: the rules, what was left open and how it is read here.
    """
    _check(drainage, mask, sizes)
    sites, found = anu_sites(drainage, dem, mask, near)
    pairs, seen = brute_pairs(sites, lakes, sizes)
    found |= dict(zip(_STAGES, seen.tolist(), strict=True)) | {"pairs": len(pairs)}
    chosen, grown = best_of_set(drainage, dem, sites, pairs, len(lakes))
    found["chosen"] = int(chosen.size)
    return AnuResult(sites, pairs, chosen, grown, found)


_STAGES = ("combinations", "within_slope", "tested", "passed")


def anu_sites(
    drainage: Drainage,
    dem: npt.NDArray[Any],
    mask: npt.NDArray[np.bool_] | None = None,
    near: tuple[float, float, float] | None = None,
) -> tuple[AnuSites, dict[str, int]]:
    """Return the reservoirs that the rules keep, and counts: points, too large, kept.

    Parameters
    ----------
    drainage, dem, mask, near
        As in :func:`anu_search`; ``dem`` (rows, cols), NaN = void. [m]
    """
    point = dam_points(drainage, mask)
    if near is not None:
        t = drainage.grid.transform
        row, col = np.divmod(point.astype(np.int64), drainage.grid.cols)
        x, y = t.c + (col + 0.5) * t.a, t.f + (row + 0.5) * t.e
        point = point[np.hypot(x - near[0], y - near[1]) <= near[2]]
    every = reservoirs(drainage, dem, mask, point)
    which = kept(every)
    found = {
        "points": int(point.size),
        "too_large": int((every.lake_cells < 0).sum()),
        "reservoirs": int(which.sum()),
    }
    return every.take(which), found


def best_of_set(
    drainage: Drainage,
    dem: npt.NDArray[Any],
    sites: AnuSites,
    pairs: pd.DataFrame,
    lakes: int = 0,
) -> tuple[Int64, Float64]:
    """Return rows of ``pairs`` whose lakes do not overlap, size by size, lowest FOM first.

    Each lake is grown again in steps of 0.5 m until its volume is met to 5 %.

    Parameters
    ----------
    pairs
        Of :func:`siting.pumped.anu.pairing.brute_pairs`, in its order.
    lakes
        How many reservoirs exist; each serves one pair of a size.

    Returns
    -------
    tuple
        Rows, int64 (k,), and wall heights of the lakes as grown, (k, 2). [m]
    """
    dam = np.zeros((sites.count, rules.HEIGHTS + 1))
    dam[:, 1:] = sites.dam_m3
    ground = np.ascontiguousarray(dem, np.float32).ravel()
    law = (
        rules.GROWN_SHARE, rules.GROWN_STEP_M, rules.LEAST_DAM_M, float(rules.HEIGHT_STEP_M),
        sites.fill_inside,
    )  # fmt: skip
    rows: list[Int64] = []
    heights: list[Float64] = []
    for size in np.unique(pairs["size"].to_numpy(np.int64)):
        of_size = np.flatnonzero(pairs["size"].to_numpy() == size)
        part = pairs.iloc[of_size]
        ends = [part[end].to_numpy(np.int64) for end in ("upper", "lower")]
        site = [np.where(end >= 0, end, sites.count - 1 - end) for end in ends]
        height = np.ascontiguousarray(part[["upper_height_m", "lower_height_m"]].to_numpy())
        chosen = np.zeros(len(part), np.uint8)
        greedy(
            site[0], site[1], height, part["volume_m3"].to_numpy(), sites.count, sites.cell, dam,
            sites.cap_m.astype(np.float64), sites.area_m2, drainage.order,
            drainage.position.ravel(), drainage.cells.ravel(), drainage.filled.ravel(), ground,
            law, np.zeros(drainage.grid.size, np.uint8), np.zeros(lakes, np.uint8), chosen,
        )  # fmt: skip
        rows.append(of_size[chosen > 0])
        heights.append(height[chosen > 0])
    if not rows:
        return np.empty(0, np.int64), np.empty((0, 2))
    return np.concatenate(rows), np.concatenate(heights)


def _check(drainage: Drainage, mask: npt.NDArray[np.bool_] | None, sizes: Sequence[Size]) -> None:
    if mask is not None and mask.shape != drainage.grid.shape:
        raise OptionError(
            "mask",
            Say(f"形状 {mask.shape} 与栅格不符", f"is {mask.shape}, not {drainage.grid.shape}"),
            Say("用同一栅格", "use the grid of the drainage"),
        )
    if not sizes:
        raise OptionError("sizes", Say("没有规模", "none"), Say("至少给一个", "give at least one"))
