"""Supply curve: sites from cheap to dear, capacity and energy summed, set against a target.

Sites whose cost is not known are left out and counted. Where no site has an energy the order is
by the counted 元/kW (CAPEX and connection), and the label says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import OptionError, Say

F64 = npt.NDArray[np.float64]
By = Literal["lcoe", "yuan_per_kw"]

COLUMNS: Final = (
    "row",
    "mw_ac",
    "mw_dc",
    "energy_gwh",
    "cost",
    "cum_mw_ac",
    "cum_mw_dc",
    "cum_gwh",
)
LABELS: Final = {
    "lcoe": Say("度电成本（元/kWh）", "LCOE [元/kWh]"),
    "yuan_per_kw": Say(
        "计入造价（元/kW，无电量，不是度电成本）", "counted cost [元/kW; no energy, not an LCOE]"
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Supply:
    """Sites in the order of their cost.

    Parameters
    ----------
    frame
        ``row`` (number of the site in the input), ``mw_ac``, ``mw_dc`` (NaN for wind) [MW],
        ``energy_gwh``, ``cost`` [元/kWh or 元/kW, see ``by``], ``cum_mw_ac``, ``cum_mw_dc``,
        ``cum_gwh``.
    by
        What ``cost`` is.
    left_out
        Sites without that cost, or without a lawful way.
    """

    frame: pd.DataFrame
    by: By
    left_out: int

    @property
    def label(self) -> Say:
        """Return what the cost axis is."""
        return LABELS[self.by]

    def at(self, target_mw: float, side: Literal["ac", "dc"] = "ac") -> Marginal:
        """Return the site at which the sum reaches a target.

        Parameters
        ----------
        target_mw
            [MW] on ``side``.
        side
            ``ac`` or ``dc``; the plan's figure names neither, so both are asked.

        Raises
        ------
        OptionError
            If the target is not positive, or the sites have no capacity on ``side``.
        """
        if not 0 < target_mw < float("inf"):
            raise OptionError(
                "target_mw",
                Say(f"目标 {target_mw} MW 无效", f"a target of {target_mw} MW is invalid"),
                Say("写正数", "give a positive number"),
            )
        summed = self.frame[f"cum_mw_{side}"].to_numpy(np.float64)
        if bool(np.isnan(summed).any()):
            raise OptionError(
                f"target {side}",
                Say("场址没有直流侧容量", "the sites have no capacity on the DC side"),
                Say("用交流侧 ac", "use the side ac"),
            )
        total = float(summed[-1]) if summed.size else 0.0
        # a sum of many sites may miss the target by its last bits
        reached = np.flatnonzero(summed >= target_mw * (1.0 - 1e-9))
        place = int(reached[0]) if reached.size else None
        return Marginal(target_mw, side, self, place, total)


@dataclass(frozen=True, slots=True, eq=False)
class Marginal:
    """Where a supply curve meets a target.

    Parameters
    ----------
    target_mw
        [MW] on ``side``.
    place
        Position in the curve of the site that reaches the target; None = not reached.
    total_mw
        All sites of the curve on ``side``. [MW]
    """

    target_mw: float
    side: Literal["ac", "dc"]
    supply: Supply
    place: int | None
    total_mw: float

    @property
    def reached(self) -> bool:
        """True when the sites of the curve suffice."""
        return self.place is not None

    @property
    def cost(self) -> float:
        """Cost of the marginal site [元/kWh or 元/kW]; NaN when the target is not reached."""
        return float("nan") if self.place is None else float(self.supply.frame["cost"][self.place])

    @property
    def energy_gwh(self) -> float:
        """Energy of the sites up to the target [GWh/a]; NaN when not known."""
        return (
            float("nan") if self.place is None else float(self.supply.frame["cum_gwh"][self.place])
        )

    @property
    def text(self) -> Say:
        """Return the answer in one sentence."""
        side = Say("交流", "AC") if self.side == "ac" else Say("直流", "DC")
        goal = f"{self.target_mw / 10:g}"
        if self.place is None:
            return Say(
                f"{goal} 万千瓦（{side.zh}）未达到：有成本的场址合计 "
                f"{self.total_mw / 10:.1f} 万千瓦",
                f"{goal} x 10 MW ({side.en}) not reached: sites with a cost sum to "
                f"{self.total_mw:.0f} MW",
            )
        number = self.place + 1
        unit, form = ("元/kWh", ".3f") if self.supply.by == "lcoe" else ("元/kW", ".0f")
        return Say(
            f"{goal} 万千瓦（{side.zh}）由成本最低的 {number} 个场址达到，边际 "
            f"{self.cost:{form}} {unit}",
            f"{goal} x 10 MW ({side.en}) is reached by the {number} cheapest sites, marginal "
            f"{self.cost:{form}} {unit}",
        )


def supply_curve(
    mw_ac: F64,
    mw_dc: F64,
    energy_gwh: F64,
    lcoe: F64,
    yuan_per_kw: F64,
    ids: Sequence[str] | None = None,
    lawful: npt.NDArray[np.bool_] | None = None,
) -> Supply:
    """Return the sites in the order of their LCOE, or of their 元/kW where none has one.

    Parameters
    ----------
    mw_ac, mw_dc
        Capacity [MW]; ``mw_dc`` is NaN for wind.
    energy_gwh
        First year. [GWh/a]
    lcoe
        [元/kWh]
    yuan_per_kw
        Counted cost. [元/kW]
    ids
        Site ids: equal costs stand in their order; None = in the order of the input.
    lawful
        Sites that supply may count on; the others are left out. None = all.
    """
    free = np.ones(lcoe.size, np.bool_) if lawful is None else lawful
    known = bool(np.isfinite(lcoe[free]).any()) or not lcoe.size
    by: By = "lcoe" if known else "yuan_per_kw"
    cost = np.where(free, lcoe if by == "lcoe" else yuan_per_kw, np.nan)
    names = np.arange(cost.size) if ids is None else np.asarray(ids, dtype=np.str_)
    order = np.lexsort((names, cost))
    rows = order[np.isfinite(cost[order])]
    frame = pd.DataFrame(
        {
            "row": rows.astype(np.int64),
            "mw_ac": mw_ac[rows],
            "mw_dc": mw_dc[rows],
            "energy_gwh": energy_gwh[rows],
            "cost": cost[rows],
            "cum_mw_ac": np.cumsum(mw_ac[rows]),
            "cum_mw_dc": np.cumsum(mw_dc[rows]),
            "cum_gwh": np.cumsum(energy_gwh[rows]),
        },
        columns=list(COLUMNS),
    )
    return Supply(frame, by, int(cost.size - rows.size))
