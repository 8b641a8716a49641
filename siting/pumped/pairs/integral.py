"""Energy of a cycle as the integral over the water that moves, and the water of an energy.

E = rho g eta [ (1 - s) integral of (z_u(V) - z_l(V)) dV - h V ]: the upper level falls as the
lower one rises; s is a loss given as a share of the head, h one in metres. The level is linear
in volume between the knots of a curve, so the integral is exact. Never mean head x volume.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from geo.units import GRAVITY, JOULE_PER_GWH, WATER_DENSITY
from siting.pumped.dams.model import DamSites
from siting.pumped.lakes.model import LevelVolume
from siting.pumped.pairs._kernels.curve import level_at, moment_at, moments

Float64 = npt.NDArray[np.float64]

_SUBJECT = "level-volume curve"
_CLOSE = 1e-12
_STEPS = 200


@dataclass(frozen=True, eq=False)
class Curve:
    """Level against volume of one lake.

    Parameters
    ----------
    level_m
        Ascending, (k,). [m]
    volume_m3
        Volume above the first level, (k,), not falling, first 0. [m³]
    """

    level_m: Float64
    volume_m3: Float64

    def __post_init__(self) -> None:
        z, v = self.level_m, self.volume_m3
        good = z.ndim == 1 and z.shape == v.shape and z.size > 1
        good = good and bool(np.isfinite(z).all() and np.isfinite(v).all())
        if not (good and (np.diff(z) > 0).all() and (np.diff(v) >= 0).all() and v[-1] > v[0] == 0):
            raise OptionError(
                _SUBJECT,
                Say(
                    "水位须递增，库容自 0 起不减",
                    "levels must rise, volumes start at 0 and not fall",
                ),
                Say("检查死水位、正常蓄水位与库容", "check dead and normal level and the volumes"),
            )

    @classmethod
    def of_lake(cls, curve: LevelVolume) -> Self:
        """Return the curve of an existing lake above its dead level."""
        return cls(
            np.ascontiguousarray(curve.level_m, np.float64),
            np.ascontiguousarray(curve.usable_m3, np.float64),
        )

    @classmethod
    def of_dam(cls, dams: DamSites, row: int) -> Self:
        """Return the curve of a new lake above its dam foot, metre by metre."""
        volume = dams.volume_m3[row].astype(np.float64)
        known = int(np.isfinite(volume).sum())
        level = float(dams.foot_m[row]) + np.arange(known, dtype=np.float64)
        return cls(level, np.maximum.accumulate(volume[:known]) - volume[0])

    @property
    def full_m3(self) -> float:
        """Volume between first and last level. [m³]."""
        return float(self.volume_m3[-1])

    @cached_property
    def moment(self) -> Float64:
        """Integral of level over volume from the first knot to each. [m·m³]."""
        out = np.empty_like(self.volume_m3)
        moments(self.level_m, self.volume_m3, np.array([0, out.size]), out)
        return out

    def level(self, volume_m3: float) -> float:
        """Return the level [m] at a volume above the first level. [m³]."""
        return float(level_at(self.level_m, self.volume_m3, 0, self._last, float(volume_m3)))

    def integral(self, bottom_m3: float, top_m3: float) -> float:
        """Return the integral of level over volume [m·m³] between two volumes. [m³]."""
        table = (self.level_m, self.volume_m3, self.moment, 0, self._last)
        return float(moment_at(*table, float(top_m3)) - moment_at(*table, float(bottom_m3)))

    @property
    def _last(self) -> int:
        return int(self.volume_m3.size) - 1


def energy_gwh(
    upper: Curve,
    lower: Curve,
    volume_m3: float,
    efficiency: float,
    *,
    upper_top_m3: float,
    lower_bottom_m3: float,
    loss_m: float = 0.0,
    loss_share: float = 0.0,
) -> float:
    """Return the energy of one cycle. [GWh].

    Parameters
    ----------
    volume_m3
        Water that moves. [m³]
    efficiency
        Generating efficiency, one way. [-]
    upper_top_m3, lower_bottom_m3
        Volume of the upper lake before, and of the lower lake before. [m³]
    loss_m, loss_share
        Head lost in the waterway, in metres and as a share of the gross head. [m], [-]

    Raises
    ------
    OptionError
        The water is negative or no lake holds it between its limits.

    Examples
    --------
    Two lakes of upright walls, 1e6 m², the water of the upper 10 m: it falls from 510 to 500
    while the lower lake rises from 100 to 110; the mean head is 400 m.

    >>> upper = Curve(np.array([500.0, 510.0]), np.array([0.0, 1.0e7]))
    >>> lower = Curve(np.array([100.0, 110.0]), np.array([0.0, 1.0e7]))
    >>> round(energy_gwh(upper, lower, 1.0e7, 0.9, upper_top_m3=1.0e7, lower_bottom_m3=0.0), 6)
    9.81
    """
    _fits(upper, upper_top_m3 - volume_m3, upper_top_m3)
    _fits(lower, lower_bottom_m3, lower_bottom_m3 + volume_m3)
    high = upper.integral(upper_top_m3 - volume_m3, upper_top_m3)
    low = lower.integral(lower_bottom_m3, lower_bottom_m3 + volume_m3)
    work = (1.0 - loss_share) * (high - low) - loss_m * volume_m3
    return WATER_DENSITY * GRAVITY * efficiency * work / JOULE_PER_GWH


def volume_for_m3(
    upper: Curve,
    lower: Curve,
    asked_gwh: float,
    efficiency: float,
    *,
    upper_top_m3: float,
    lower_bottom_m3: float,
    loss_m: float = 0.0,
    loss_share: float = 0.0,
) -> float:
    """Return the water [m³] whose energy integral is ``asked_gwh``, by bisection.

    Parameters
    ----------
    asked_gwh
        Energy of one cycle. [GWh]
    efficiency, upper_top_m3, lower_bottom_m3, loss_m, loss_share
        As in :func:`energy_gwh`.

    Raises
    ------
    OptionError
        The energy is not positive, or the lakes do not hold it.
    """

    def energy(water: float) -> float:
        return energy_gwh(
            upper, lower, water, efficiency, upper_top_m3=upper_top_m3,
            lower_bottom_m3=lower_bottom_m3, loss_m=loss_m, loss_share=loss_share,
        )  # fmt: skip

    low, high = 0.0, min(upper_top_m3, lower.full_m3 - lower_bottom_m3)
    most = energy(high) if high > 0 else 0.0
    if not 0.0 < asked_gwh <= most * (1.0 + _CLOSE):
        raise OptionError(
            "energy",
            Say(f"要 {asked_gwh:g} GWh，两库之间最多 {most:.3g} GWh",
                f"{asked_gwh:g} GWh are asked, the lakes hold {most:.3g} GWh at most"),
            Say("给出更小的电量或更大的水库", "ask for less, or give larger lakes"),
        )  # fmt: skip
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        if energy(middle) < asked_gwh:
            low = middle
        else:
            high = middle
        if high - low <= _CLOSE * high:
            break
    return high


def _fits(curve: Curve, bottom: float, top: float) -> None:
    slack = _CLOSE * curve.full_m3
    if not (-slack <= bottom <= top <= curve.full_m3 + slack):
        raise OptionError(
            "volume",
            Say(f"水量 {bottom:.6g} 到 {top:.6g} m³ 超出库内的 0 到 {curve.full_m3:.6g}",
                f"the water from {bottom:.6g} to {top:.6g} m³ leaves 0 to {curve.full_m3:.6g}"),
            Say("减少水量或改起始水位", "move less water or start at another level"),
        )  # fmt: skip
