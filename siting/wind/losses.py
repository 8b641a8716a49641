"""What lies between the wind's yield and the meter: named shares, each with its range."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from geo.errors import OptionError, Say
from siting.sites.params import Params

#: Keys of the parameters, in the order in which the losses occur.
KEYS: Final = (
    "loss_wake", "loss_availability", "loss_performance", "loss_icing", "loss_electrical",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loss:
    """A share of the yield that is lost.

    Parameters
    ----------
    key
        Parameter of the wind group.
    title
        Name.
    value, low, high
        Share lost, and its range. [-]
    status
        Of the parameter.
    """

    key: str
    title: Say
    value: float
    low: float
    high: float
    status: str


@dataclass(frozen=True, slots=True)
class Losses:
    """All losses; they multiply.

    Parameters
    ----------
    parts
        In the order of :data:`KEYS`.
    """

    parts: tuple[Loss, ...]

    @property
    def factor(self) -> float:
        """Share of the gross yield that is left. [-]."""
        return math.prod(1.0 - one.value for one in self.parts)

    @property
    def least(self) -> float:
        """The same with every loss at its high end. [-]."""
        return math.prod(1.0 - one.high for one in self.parts)

    @property
    def most(self) -> float:
        """The same with every loss at its low end. [-]."""
        return math.prod(1.0 - one.low for one in self.parts)

    @property
    def say(self) -> Say:
        """All losses in one phrase."""
        zh = "、".join(f"{one.title.zh} {one.value:.1%}" for one in self.parts)
        en = ", ".join(f"{one.title.en} {one.value:.1%}" for one in self.parts)
        left = f"{self.factor:.3f}（{self.least:.3f}–{self.most:.3f}）"
        left_en = f"{self.factor:.3f} ({self.least:.3f}-{self.most:.3f})"
        return Say(f"{zh}；净/毛 {left}", f"{en}; net/gross {left_en}")


def losses(params: Params) -> Losses:
    """Return the losses of a run.

    Parameters
    ----------
    params
        Of the group ``wind``.

    Raises
    ------
    OptionError
        If a loss is no share from 0 to below 1.
    """
    parts = []
    for key in KEYS:
        row, value = params[key], params.number(key)
        if not 0.0 <= value < 1.0:
            raise OptionError(
                f"{params.group}.{key}",
                Say(f"{value:g} 不是 0 到 1 之间的比例", f"{value:g} is no share from 0 to 1"),
                Say("写成比例，例如 0.08 即 8 %", "write a share: 0.08 is 8 %"),
            )
        low = value if row.low is None else min(row.low, value)
        high = value if row.high is None else max(row.high, value)
        parts.append(Loss(key, params.titles[key], value, low, high, row.status))
    return Losses(tuple(parts))
