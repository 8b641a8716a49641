"""Does the elevation show the bed of a lake, or its water? (truth.md D20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from geo.errors import Say
from layers.layer import Layer
from siting.pumped.lakes.dates import taken_before

DRAWN: Final = Say(
    "演示水面，不放到真实高程上（登记真实的水库图层）",
    "a demo surface is not laid on real ground: register a real layer of reservoirs",
)


@dataclass(frozen=True, slots=True)
class Bed:
    """What the elevation shows inside a lake.

    Parameters
    ----------
    visible
        True: it was taken before the lake was filled, so volumes may be measured on it.
    synthetic
        The elevation was made by a generator.
    """

    visible: bool
    synthetic: bool
    notes: tuple[Say, ...]


def bed_of(acquired: str, impounded: str, *, synthetic: bool) -> Bed:
    """Return whether the bed is visible; where a date is unknown it is not, and that is said.

    Parameters
    ----------
    acquired
        Date of the elevation, empty = unknown.
    impounded
        Date of the filling, ``<=`` before it = not after, empty = unknown.
    synthetic
        The elevation is of the demo scene: it shows the water.
    """
    if synthetic:
        note = Say(
            "演示 DEM 只有水面，库底不可见", "the demo elevation shows the water, not the bed"
        )
        return Bed(False, True, (note,))
    before = taken_before(acquired, impounded)
    when = acquired or "未说明", impounded.replace("<=", "不晚于 ") or "未说明"
    when_en = acquired or "not stated", impounded.replace("<=", "not after ") or "not stated"
    zh = f"DEM 采集 {when[0]}，蓄水 {when[1]}："
    en = f"DEM taken {when_en[0]}, lake filled {when_en[1]}: "
    if before:
        return Bed(True, False, (Say(zh + "库底可见", en + "the bed is visible"),))
    if before is None:
        note = Say(
            zh + "先后未知，不从 DEM 量库容", en + "order unknown, no volume is read from it"
        )
    else:
        note = Say(zh + "DEM 所见为水面，不量库容", en + "it shows the water, no volume is read")
    return Bed(False, False, (note,))


def drawn_on_real_ground(outlines: Layer, dem: Layer | None) -> bool:
    """Tell whether invented outlines would be laid on a real elevation.

    Parameters
    ----------
    outlines
        Layer of lakes or pits.
    dem
        Elevation of the run, [m], or None.
    """
    drawn = outlines.passport.synthetic
    return drawn and dem is not None and not dem.passport.synthetic
