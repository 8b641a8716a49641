"""Parameters of the ranking: how many draws, and from what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from siting.ranking.draws import Sampler, Sites
from siting.ranking.intervals import MOST
from siting.ranking.table import CriteriaTable
from siting.sites.params import Params, load_params

Floats = npt.NDArray[np.float64]


def parameters(overrides: Mapping[str, float]) -> Params:
    """Return the shipped parameters with the user's ``rank.*`` values."""
    return load_params("siting.ranking", "rank").changed(overrides)


@dataclass(frozen=True, slots=True)
class DrawSettings:
    """Numbers of draws and how weights are drawn, checked."""

    draws: int
    split: int
    top: int
    concentration: float | None
    common_share: float

    def sampler(
        self, table: CriteriaTable, sites: Sites, weights: Floats, seed: int, stream: str
    ) -> Sampler:
        """Return new streams of draws, named ``a`` or ``b``."""
        return Sampler(table, sites, weights, self.concentration, seed, stream)

    def text(self) -> Say:
        """Return how the intervals were made."""
        how = (
            Say("权重在单纯形上均匀", "weights uniform on the simplex")
            if self.concentration is None
            else Say(
                f"权重为狄利克雷分布，集中度 {self.concentration:g}（预设）",
                f"weights Dirichlet, concentration {self.concentration:g} (prior)",
            )
        )
        return Say(
            f"名次区间为 {self.draws} 次抽样的 P5-P95：{how.zh}；阈值在各自范围内均匀",
            f"rank intervals are P5-P95 of {self.draws} draws: {how.en}; thresholds uniform "
            "within their ranges",
        )


def draw_settings(params: Params) -> DrawSettings:
    """Return the settings of ``rank.*``.

    Raises
    ------
    OptionError
        If a number of draws is no integer, or a share or switch out of its range.
    """
    share = params.number("range_common_share")
    simplex = params.number("simplex")
    if not 0 <= share <= 1 or simplex not in {0.0, 1.0}:
        raise OptionError(
            "rank.range_common_share" if simplex in {0.0, 1.0} else "rank.simplex",
            Say("数值不在允许范围", "is out of range"),
            Say("共有部分取 0-1，simplex 取 0 或 1", "give a share in 0-1, simplex 0 or 1"),
        )
    concentration = params.number("concentration")
    if concentration < 1.0:
        raise OptionError(
            "rank.concentration",
            Say(f"{concentration:g} 小于 1", f"{concentration:g} is below 1"),
            Say(
                "取 1 以上；不信任何权重时设 rank.simplex = 1",
                "give 1 or more; where no weight is trusted set rank.simplex = 1",
            ),
        )
    counts = {}
    for key, least in (("draws", 1), ("sensitivity_draws", 2), ("top_n", 1)):
        value = params.number(key)
        if value != int(value) or not least <= value <= MOST:
            raise OptionError(
                f"rank.{key}",
                Say(
                    f"{value:g} 不是 {least} 到 {MOST} 的整数",
                    f"{value:g} is no integer from {least} to {MOST}",
                ),
                Say(f"给出 {least} 到 {MOST} 的整数", f"give an integer from {least} to {MOST}"),
            )
        counts[key] = int(value)
    return DrawSettings(
        counts["draws"],
        counts["sensitivity_draws"],
        counts["top_n"],
        None if simplex else concentration,
        share,
    )
