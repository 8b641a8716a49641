"""Level-volume curves of lakes whose bed nobody sees: from published levels and volumes.

A DEM shows the water, not the bed (truth.md D20), so the curve between dead and normal level
is fitted to what is published. Formulas and sources: ``docs/methods/reservoirs.md``.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from siting.pumped.lakes.model import LevelVolume

Float64 = npt.NDArray[np.float64]

#: Distance between the levels of a curve, at most. [m]
STEP_M: Final = 1.0

FITTED: Final = Say(
    "公布库容推算：V = a (z - z0)^b 过死水位与正常蓄水位两点",
    "fitted to published volumes: V = a (z - z0)^b through dead and normal level",
)
STRAIGHT: Final = Say(
    "公布调节库容，水位与库容按直线", "published active volume, level linear in volume"
)
BY_SURFACE: Final = Say(
    "按湖面面积估算：水位变化 = 水量 / 湖面", "by the surface: change of level = volume / surface"
)
MEASURED: Final = Say(
    "由 DEM 量算（DEM 早于蓄水）", "measured on a DEM that was taken before the filling"
)
PIT: Final = Say("由 DEM 量算（矿坑）", "measured on the DEM (old pit)")


def levels(low_m: float, high_m: float, step_m: float = STEP_M) -> Float64:
    """Return evenly spaced levels from ``low_m`` to ``high_m``, both included, (k,). [m]."""
    return np.linspace(low_m, high_m, max(math.ceil((high_m - low_m) / step_m), 1) + 1)


def bed_m(
    dead_m: float, normal_m: float, dead_m3: float, normal_m3: float, exponent: float
) -> float:
    """Return z0 of V = a (z - z0)^b through two volumes at two levels. [m].

    Parameters
    ----------
    dead_m, normal_m
        Levels. [m]
    dead_m3, normal_m3
        Whole volume below each. [m³]
    exponent
        b. [-]

    Raises
    ------
    OptionError
        Levels or volumes do not ascend, or are not positive.

    Examples
    --------
    >>> round(bed_m(225.971, 246.971, 335.0e6, 799.9e6, 1.5), 1)
    199.3
    """
    if not (normal_m > dead_m and normal_m3 > dead_m3 > 0 and exponent > 0):
        raise OptionError(
            "level-volume",
            Say(f"水位 {dead_m:g}、{normal_m:g} m 与库容 {dead_m3:g}、{normal_m3:g} m³ 不递增",
                f"levels {dead_m:g}, {normal_m:g} m and volumes {dead_m3:g}, {normal_m3:g} m3 "
                "do not ascend"),
            Say("检查死水位、正常蓄水位与库容", "check dead and normal level and the volumes"),
        )  # fmt: skip
    ratio = math.pow(normal_m3 / dead_m3, 1.0 / exponent)
    return (ratio * dead_m - normal_m) / (ratio - 1.0)


def fitted(
    dead_m: float, normal_m: float, dead_m3: float, active_m3: float, exponent: float
) -> LevelVolume:
    """Return the curve V = a (z - z0)^b through the published dead and normal volumes.

    Parameters
    ----------
    dead_m, normal_m
        Levels. [m]
    dead_m3
        Volume below the dead level. [m³]
    active_m3
        Volume between both. [m³]
    exponent
        b. [-]

    Raises
    ------
    OptionError
        See :func:`bed_m`.

    Examples
    --------
    >>> curve = fitted(225.971, 246.971, 335.0e6, 464.9e6, 1.5)
    >>> round(float(curve.usable_m3[-1]) / 1e6, 1)
    464.9
    """
    normal_m3 = dead_m3 + active_m3
    bed = bed_m(dead_m, normal_m, dead_m3, normal_m3, exponent)
    level = levels(dead_m, normal_m)
    volume = normal_m3 * ((level - bed) / (normal_m - bed)) ** exponent - dead_m3
    volume[0], volume[-1] = 0.0, active_m3
    return LevelVolume(level, volume, FITTED)


def straight(low_m: float, normal_m: float, usable_m3: float, how: Say = STRAIGHT) -> LevelVolume:
    """Return a curve whose volume is linear in the level.

    Parameters
    ----------
    low_m, normal_m
        Levels. [m]
    usable_m3
        Volume between both. [m³]
    """
    if not (normal_m > low_m and usable_m3 > 0):
        raise OptionError(
            "level-volume",
            Say(f"水位 {low_m:g}-{normal_m:g} m、库容 {usable_m3:g} m³ 无效",
                f"levels {low_m:g}-{normal_m:g} m, volume {usable_m3:g} m3 are invalid"),
            Say("检查水位与库容", "check levels and volume"),
        )  # fmt: skip
    return LevelVolume(np.array([low_m, normal_m]), np.array([0.0, usable_m3]), how)


def measured(
    ground_m: Float64, area_m2: Float64, low_m: float, high_m: float, how: Say
) -> LevelVolume:
    """Return the curve of water over measured ground.

    Parameters
    ----------
    ground_m
        Ground of the cells inside the outline, (n,). [m]
    area_m2
        Area of those cells, (n,). [m²]
    low_m, high_m
        First and last level. [m]
    """
    level = levels(low_m, high_m)
    order = np.argsort(ground_m, kind="stable")
    ground, area = ground_m[order], area_m2[order]
    below = np.searchsorted(ground, level, side="left")
    wet = np.concatenate([[0.0], np.cumsum(area)])[below]
    stone = np.concatenate([[0.0], np.cumsum(area * ground)])[below]
    volume = level * wet - stone
    return LevelVolume(level, volume - volume[0], how)


def level_at(curve: LevelVolume, usable_m3: npt.ArrayLike) -> Float64:
    """Return the level at which ``usable_m3`` [m³] stand above the first level. [m]."""
    return np.interp(np.asarray(usable_m3, np.float64), curve.usable_m3, curve.level_m)


def change_m(curve: LevelVolume, volume_m3: float, from_m: float | None = None) -> float:
    """Return by how much a lake falls when water is taken from it. [m].

    Parameters
    ----------
    curve
        Of the lake.
    volume_m3
        Water taken. [m³]
    from_m
        Level before; the middle of the curve's levels when None. [m]

    Raises
    ------
    OptionError
        There is not so much usable water below that level.

    Examples
    --------
    >>> lake = fitted(225.971, 246.971, 335.0e6, 464.9e6, 1.5)
    >>> round(change_m(lake, 5.243e6), 2)
    0.24
    """
    start = float(curve.level_m[[0, -1]].mean()) if from_m is None else from_m
    held = float(np.interp(start, curve.level_m, curve.usable_m3))
    if not 0 <= volume_m3 <= held * (1 + 1e-9):
        raise OptionError(
            "volume_m3",
            Say(f"{start:g} m 以下可用 {held:g} m³，要取 {volume_m3:g} m³",
                f"{held:g} m3 are usable below {start:g} m, {volume_m3:g} m3 are asked"),
            Say("减小水量，或从更高水位起算", "take less, or start from a higher level"),
        )  # fmt: skip
    return start - float(level_at(curve, held - volume_m3))
