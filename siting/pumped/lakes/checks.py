"""Figures of a lake that cannot be: refused with the lake's name and the cure."""

from __future__ import annotations

import numpy as np

from geo.errors import InputError, Say, UnitError
from siting.pumped.lakes.bed import Bed
from siting.pumped.lakes.figures import LakeFigures
from siting.pumped.lakes.ground import Inside
from siting.sites.params import Params

_M3_PER_MM3 = 1.0e6
#: Published volumes are rounded: a total may fall short of its parts by so much. [-]
_ROUNDED = 0.02


def levels(name: str, known: LakeFigures) -> None:
    """Refuse a dead level that is not below the normal level.

    Raises
    ------
    InputError
    """
    normal, dead = known.normal.value, known.dead.value
    if normal is None or dead is None or dead < normal:
        return
    raise InputError(
        f"reservoir {name}",
        Say(f"死水位 {dead:g} m 不低于正常蓄水位 {normal:g} m",
            f"dead level {dead:g} m is not below the normal level {normal:g} m"),
        Say("改正字段 npl_m、dead_m", "correct the columns npl_m and dead_m"),
    )  # fmt: skip


def volumes(name: str, known: LakeFigures, area_m2: float, params: Params) -> None:
    """Refuse volumes that are not positive, exceed the total, or do not fit the surface.

    Parameters
    ----------
    known
        Figures; volumes in [10^6 m³].
    area_m2
        Surface of the outline. [m²]

    Raises
    ------
    InputError
        A volume is not positive, or the parts exceed the total.
    UnitError
        Volume over surface is no depth of a lake: 万 m³ or 亿 m³ given as 百万 m³.
    """
    subject = f"reservoir {name}"
    total, active, dead = (f.value for f in (known.total, known.active, known.dead_volume))
    for column, value in (("total_mm3", total), ("active_mm3", active), ("dead_mm3", dead)):
        least = (
            0.0 if column == "dead_mm3" else np.nextafter(0.0, 1.0)
        )  # a dry floor is no dead volume
        if value is not None and not least <= value < np.inf:
            raise _volume(subject, column, value)
    parts = (active or 0.0) + (dead or 0.0)
    if total is not None and parts > total * (1 + _ROUNDED):
        raise InputError(
            subject,
            Say(f"调节库容与死库容之和 {parts:g} 大于总库容 {total:g} 百万 m³",
                f"active and dead volume, {parts:g}, exceed the total, {total:g} [10^6 m3]"),
            Say("改正库容", "correct the volumes"),
        )  # fmt: skip
    whole = total if total is not None else (parts or None)
    if whole is None or not known.told & {"total", "active", "dead_volume"}:
        return
    depth = whole * _M3_PER_MM3 / area_m2
    low, high = params.number("mean_depth_min_m"), params.number("mean_depth_max_m")
    if not low <= depth <= high:
        raise UnitError(
            subject,
            Say(f"库容 {whole:g} 百万 m³ 摊在 {area_m2 / 1e6:.2f} km² 湖面上深 {depth:.3g} m，"
                f"不在 {low:g}-{high:g} m",
                f"volume {whole:g} 10^6 m3 over {area_m2 / 1e6:.2f} km2 is {depth:.3g} m deep, "
                f"not {low:g}-{high:g} m"),
            Say("库容单位须为百万 m³（1 亿 m³ = 100，1 万 m³ = 0.01）",
                "volumes are in 10^6 m3"),
        )  # fmt: skip


def _volume(subject: str, column: str, value: float) -> InputError:
    return InputError(
        subject,
        Say(f"{column} = {value:g} 不是正数", f"{column} = {value:g} is not positive"),
        Say("改正该值，未知则留空", "correct it; leave it empty where unknown"),
    )


def against_ground(
    name: str, known: LakeFigures, seen: Inside, bed: Bed, params: Params
) -> Say | None:
    """Hold the levels against the elevation inside the outline.

    Parameters
    ----------
    seen
        Elevation inside the outline.
    bed
        Whether the elevation shows the bed.

    Returns
    -------
    Say or None
        Why the lake cannot be paired: its level lies further from the ground inside its outline
        than ``lake.level_gap_m``, and it is not the user's own level on real ground.

    Raises
    ------
    UnitError
        The user's level lies further from the ground than ``lake.level_gap_m``: feet.
    InputError
        A lake that is newer than the elevation has a level below all of its ground.
    """
    normal, dead = known.normal.value, known.dead.value
    if normal is None or seen.ground_m.size == 0:
        return None
    middle, floor = float(np.median(seen.ground_m)), float(seen.ground_m.min())
    gap = abs(normal - middle)
    if gap > params.number("level_gap_m"):
        if "normal" in known.told and not bed.synthetic:
            raise UnitError(
                f"reservoir {name}",
                Say(f"正常蓄水位 {normal:g} m 与湖面范围内高程 {middle:.0f} m 相差 {gap:.0f} m",
                    f"normal level {normal:g} m lies {gap:.0f} m from the ground inside the "
                    f"outline, {middle:.0f} m"),
                Say("检查水位与 DEM 的单位（米、英尺）", "check both units (m, ft)"),
            )  # fmt: skip
        return Say(
            f"正常蓄水位 {normal:g} m 与湖面范围内高程 {middle:.0f} m 相差 {gap:.0f} m，不能配对",
            f"normal level {normal:g} m lies {gap:.0f} m from the ground inside the outline, "
            f"{middle:.0f} m: cannot be paired",
        )
    lowest = normal if dead is None else dead
    if bed.visible and lowest < floor:
        raise InputError(
            f"reservoir {name}",
            Say(f"水位 {lowest:g} m 低于 DEM 最低处 {floor:.1f} m，而 DEM 早于蓄水",
                f"level {lowest:g} m is below the floor of the DEM, {floor:.1f} m, which is older "
                "than the lake"),
            Say("检查水位、基准与蓄水日期", "check level, datum and date of impounding"),
        )  # fmt: skip
    return None
