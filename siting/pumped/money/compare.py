"""Our cost beside that of the published atlas formula, on the same pairs.

The atlas counts US dollars of its own year; a rate of exchange is the user's own and has no
default. Without one only the orders and the classes compare, and the ratio is 未计.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from siting.pumped.money.model import StorageCost

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two costs of the same pairs.

    Parameters
    ----------
    ours, atlas
        [元/kW], [USD/kW]
    atlas_yuan
        At the given rate; NaN without one. [元/kW]
    ratio
        ours / atlas_yuan; NaN without a rate. [-]
    order
        Rank correlation of both costs over the pairs that have both; NaN below three. [-]
    count
        Pairs that have both.
    text
        As a reader is told it.
    """

    ours: Float64
    atlas: Float64
    atlas_yuan: Float64
    ratio: Float64
    order: float
    count: int
    text: Say


def compare(
    cost: StorageCost, atlas_usd_per_kw: npt.ArrayLike, yuan_per_usd: float | None = None
) -> Comparison:
    """Set our cost beside the atlas formula's.

    Parameters
    ----------
    cost
        Of the pairs, any shape.
    atlas_usd_per_kw
        Power cost and hours times energy cost of the same pairs. [USD/kW]
    yuan_per_usd
        Rate of exchange of the user; None = no ratio. [元/USD]

    Raises
    ------
    OptionError
        Shapes differ, or the rate is not positive.
    """
    ours, atlas = cost.total, np.asarray(atlas_usd_per_kw, np.float64)
    if ours.shape != atlas.shape:
        raise OptionError(
            "atlas_usd_per_kw",
            Say(f"形状 {atlas.shape} 与 {ours.shape} 不同", f"{atlas.shape} against {ours.shape}"),
            Say("两种造价须对应同一批配对", "both costs belong to the same pairs"),
        )
    if yuan_per_usd is not None and not 0.0 < yuan_per_usd < np.inf:
        raise OptionError(
            "yuan_per_usd",
            Say(f"汇率 {yuan_per_usd} 无效", f"a rate of {yuan_per_usd} is invalid"),
            Say("写正数", "give a positive number"),
        )
    in_yuan = atlas * (np.nan if yuan_per_usd is None else yuan_per_usd)
    both = np.isfinite(ours) & np.isfinite(atlas)
    order, count = _rank_correlation(ours[both], atlas[both]), int(both.sum())
    ratio = np.asarray(ours / in_yuan)
    return Comparison(
        ours, atlas, in_yuan, ratio, order, count, _text(ratio[both], order, count, yuan_per_usd)
    )


def _rank_correlation(one: Float64, other: Float64) -> float:
    """Return Spearman's correlation, ties by their mean rank; NaN below three or all tied."""
    if one.size < 3:
        return float("nan")
    a, b = _ranks(one), _ranks(other)
    spread = float(a.std() * b.std())
    if spread == 0.0:
        return float("nan")
    return float(((a - a.mean()) * (b - b.mean())).mean()) / spread


def _ranks(values: Float64) -> Float64:
    _, group, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2.0)[group])


def _text(ratio: Float64, order: float, count: int, rate: float | None) -> Say:
    like = "未计" if np.isnan(order) else f"{order:.2f}"
    like_en = "not computed" if np.isnan(order) else f"{order:.2f}"
    if rate is None or not count:
        money = Say("汇率未给出，比值未计", "no rate of exchange given: no ratio")
    else:
        middle = float(np.median(ratio))
        money = Say(
            f"按 {rate:g} 元/USD，本模型为图集公式的 {middle:.2f} 倍（中位数）",
            f"at {rate:g} 元/USD ours is {middle:.2f} times the atlas formula (median)",
        )
    return Say(
        f"{count} 对，次序相关系数 {like}；{money.zh}",
        f"{count} pairs, rank correlation {like_en}; {money.en}",
    )
