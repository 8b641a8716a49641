"""Price of energy as a distribution: triangular between sourced low, mode and high.

The three figures are published (Hubei's settled prices of new projects); the triangle between
them is a prior of ours. What share of prices covers a cost is read from the distribution
function itself: nothing is drawn. The mechanism price of existing plants (0.4161 元/kWh)
appears in :func:`existing_case` only (truth.md C14).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from siting.cost.lcoe import check_price
from siting.sites.params import USER, Params

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Price:
    """Triangular distribution of the constant real price.

    Parameters
    ----------
    low, mode, high
        [元/kWh]; all equal = one price.
    sourced
        The three are the shipped ones, none is the user's.

    Raises
    ------
    OptionError
        If one is not positive or they do not rise.
    """

    low: float
    mode: float
    high: float
    sourced: bool = True

    def __post_init__(self) -> None:
        for value in (self.low, self.mode, self.high):
            check_price(value)
        if not self.low <= self.mode <= self.high:
            raise OptionError(
                "cost.price",
                Say(
                    f"低、中、高 {self.low:g}、{self.mode:g}、{self.high:g} 次序不对",
                    f"low, mode, high {self.low:g}, {self.mode:g}, {self.high:g} do not rise",
                ),
                Say(
                    "同时设 cost.price_low、cost.price_base、cost.price_high，依次不减",
                    "set cost.price_low <= cost.price_base <= cost.price_high together",
                ),
            )

    @property
    def mean(self) -> float:
        """Mean of the distribution. [元/kWh]."""
        return (self.low + self.mode + self.high) / 3.0

    def covers(self, cost: npt.ArrayLike) -> F64:
        """Return the probability that the price reaches ``cost`` [0-1]; NaN stays NaN.

        Parameters
        ----------
        cost
            [元/kWh]
        """
        x = np.asarray(cost, np.float64)
        width = self.high - self.low
        share = np.where(x <= self.low, 1.0, 0.0)
        if width > 0:
            # each branch is asked on its own side of the mode, where its width is not zero
            rise = np.maximum(self.mode - self.low, np.finfo(np.float64).tiny)
            fall = np.maximum(self.high - self.mode, np.finfo(np.float64).tiny)
            below = 1.0 - np.clip(x - self.low, 0.0, rise) ** 2 / (width * rise)
            above = np.clip(self.high - x, 0.0, fall) ** 2 / (width * fall)
            inside = (x > self.low) & (x < self.high)
            share = np.where(inside, np.where(x < self.mode, below, above), share)
        return np.where(np.isnan(x), np.nan, share)

    def quantile(self, probability: npt.ArrayLike) -> F64:
        """Return the price that is not exceeded with ``probability`` [0-1]. [元/kWh]."""
        p = np.asarray(probability, np.float64)
        width = self.high - self.low
        if width == 0:
            return np.full(p.shape, self.mode)
        turn = (self.mode - self.low) / width
        rising = self.low + np.sqrt(p * width * (self.mode - self.low))
        falling = self.high - np.sqrt((1.0 - p) * width * (self.high - self.mode))
        return np.where(p < turn, rising, falling)

    @property
    def text(self) -> Say:
        """Return what the distribution is, as a reader is told it."""
        basis = (
            Say("三个值有出处", "the three figures are sourced")
            if self.sourced
            else Say("含用户给定的值", "figures of the user among them")
        )
        return Say(
            f"新建项目电价按三角分布 {self.low:g}—{self.mode:g}—{self.high:g} 元/kWh"
            f"（{basis.zh}，分布形状为预设），全寿期实际价不变",
            f"price of new sites: triangular {self.low:g}-{self.mode:g}-{self.high:g} 元/kWh "
            f"({basis.en}, the shape is a prior), constant in real terms",
        )


@dataclass(frozen=True, slots=True)
class ExistingCase:
    """What an existing plant earns: never the price of a new site.

    Parameters
    ----------
    price
        Mean of mechanism and market energy. [元/kWh]
    text
        Its label.
    """

    price: float
    text: Say


def price_of(params: Params) -> Price:
    """Return the price of new sites.

    Parameters
    ----------
    params
        The group ``cost``.
    """
    keys = ("price_low", "price_base", "price_high")
    low, mode, high = (params.number(key) for key in keys)
    return Price(low, mode, high, all(params[key].source != USER for key in keys))


def existing_case(params: Params) -> ExistingCase:
    """Return the labelled case of an existing central plant.

    Parameters
    ----------
    params
        The group ``cost``: its mechanism price holds for a share of the energy, the rest is
        sold at the mode of the market.
    """
    fixed, share = params.number("price_mech_existing"), params.share("mech_share_central")
    market = params.number("price_base")
    price = share * fixed + (1.0 - share) * market
    return ExistingCase(
        price,
        Say(
            f"存量项目情形（不适用于新建）：{share:.1%} 电量按机制电价 {fixed:g} 元/kWh，"
            f"其余按 {market:g}，合 {price:.4f} 元/kWh",
            f"existing-plant case (not for new sites): {share:.1%} of the energy at {fixed:g} "
            f"元/kWh, the rest at {market:g}, together {price:.4f} 元/kWh",
        ),
    )
