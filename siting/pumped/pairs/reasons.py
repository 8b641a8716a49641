"""Why a dam site is in no pair: the tests in their order, with the unit of their numbers."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from geo.errors import Say


class Reason(NamedTuple):
    """A test: what failed, and the unit of the number found and the number asked."""

    key: str
    title: Say
    unit: str

    def say(self, value: float, limit: float) -> Say:
        """Return the sentence with what was found and what was asked, in :attr:`unit`."""
        if not self.unit or math.isnan(value):
            return self.title
        unit = "" if self.unit == "-" else f" {self.unit}"
        found = f"{value:.4g}{unit}"
        if math.isnan(limit):
            return Say(f"{self.title.zh}：{found}", f"{self.title.en}: {found}")
        asked = f"{limit:.4g}{unit}"
        return Say(
            f"{self.title.zh}：{found}，界限 {asked}", f"{self.title.en}: {found}, limit {asked}"
        )


#: Index = number of the test in :class:`siting.pumped.pairs.model.PairAudit`.
REASONS: Final = (
    Reason("paired", Say("已配对", "in a pair"), ""),
    Reason("no_lake", Say("禁建地之下蓄不成最低坝高的库",
                          "no lake of the least height fits below barred ground"), "m"),
    Reason("catchment", Say("集水面积超过上库上限，附近又没有可配的上库",
                            "catchment above the limit of upper lakes, and no upper lake near"),
           "km²"),
    Reason("reach", Say("最大水头与最大距高比之内没有可配的水库",
                        "no lake lies within the largest head and L/H"), "-"),
    Reason("too_small", Say("新库库容不足以存下所需电量",
                            "the new lake is too small for the asked energy"), "m³"),
    Reason("borrow", Say("已有水库可借用的水量不足",
                         "the existing lake may not lend enough water"), "m³"),
    Reason("overlap", Say("一库会淹没另一库的坝址", "one lake drowns the other's dam"), "m"),
    Reason("head_low", Say("平均毛水头低于该类型下限",
                           "the mean gross head is below the least of its kind"), "m"),
    Reason("head_high", Say("最大毛水头高于上限",
                            "the largest gross head is above the limit"), "m"),
    Reason("too_long", Say("距高比超过上限", "L/H above the limit"), "-"),
    Reason("closure", Say("在所需水位没有坝能封住河谷",
                          "no dam closes the valley at the level that is needed"), "m"),
    Reason("rock", Say("调节水量与坝体填筑量之比不足",
                       "too little water to rock of the dams"), "-"),
    Reason("crowded", Say("可配对，但同一上库另有更好的下库",
                          "could be paired, but its upper lakes have better lower ones"), ""),
)  # fmt: skip
