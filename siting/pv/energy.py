"""First honest estimate of what a kilowatt of modules yields in a year.

kWh/kWp (DC) = GHI x plane gain x performance ratio. The performance ratio is the product
of the named factors ``f_*`` of ``params.csv`` (truth.md C11: 0.75-0.88). Not counted:
horizon and row shading, clipping by the inverter, degradation, curtailment.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from geo.units import MU_PER_KM2
from siting.sites.params import Params

#: Truth C11: performance ratios outside this band are refused.
PR_BAND = (0.75, 0.88)
#: What every reader of the yield is told.
UNCOUNTED = Say(
    "未计地形与行间遮挡、逆变器限幅、逐年衰减与限电",
    "horizon and row shading, clipping, degradation and curtailment not counted",
)


def performance_ratio(params: Params) -> float:
    """Return the performance ratio, the product of all ``f_*`` factors. [-].

    Raises
    ------
    OptionError
        If it leaves the band 0.75-0.88 or a factor exceeds 1.
    """
    factors = {key: params.number(key) for key in params if key.startswith("f_")}
    ratio = math.prod(factors.values())
    above = [key for key, value in factors.items() if value > 1.0]
    if above or not PR_BAND[0] <= ratio <= PR_BAND[1]:
        raise OptionError(
            "pv.f_*",
            Say(
                f"系统效率 {ratio:.3f} 不在 {PR_BAND[0]}-{PR_BAND[1]}，或系数大于 1：{above}",
                f"performance ratio {ratio:.3f} is outside {PR_BAND}, or factors exceed 1: {above}",
            ),
            Say("检查各项损失系数", "check the loss factors"),
        )
    return ratio


def specific_yield(
    ghi: npt.NDArray[np.float32], gain: npt.NDArray[np.float32], ratio: float
) -> npt.NDArray[np.float32]:
    """Return the annual yield of each cell. [kWh/kWp DC].

    Parameters
    ----------
    ghi
        Annual global horizontal irradiation. [kWh/m²]
    gain
        Irradiation of the module plane over the horizontal one. [-]
    ratio
        Performance ratio. [-]
    """
    return np.asarray(ghi * gain * np.float32(ratio), np.float32)


def mw_per_km2(params: Params) -> float:
    """Return the AC capacity of a square kilometre of eligible land. [MW/km²].

    1 km² = 1,500 亩; land by MW (AC) and the share of it that is built on are parameters.
    """
    share = params.number("utilisation")
    if not 0.0 < share <= 1.0:
        raise OptionError(
            "pv.utilisation",
            Say(f"{share} 不在 0-1", f"{share} is not in 0-1"),
            Say("给出 0 到 1 的利用率", "give a share above 0 and at most 1"),
        )
    return MU_PER_KM2 / params.number("land_mu_per_mw_ac") * share
