"""Which curve a lake gets, by what is known of it, and how much storage may borrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from geo.errors import Say
from siting.pumped.lakes import curve
from siting.pumped.lakes.bed import Bed
from siting.pumped.lakes.figures import LakeFigures
from siting.pumped.lakes.ground import Inside
from siting.pumped.lakes.model import LevelVolume
from siting.sites.params import Params

M3_PER_MM3: Final = 1.0e6
M2_PER_KM2: Final = 1.0e6
#: Share of cells without an elevation up to which a bed is measured. [-]
_VOIDS: Final = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A curve, what may be borrowed of it [m³], and what was assumed."""

    curve: LevelVolume
    borrow_m3: float
    notes: tuple[Say, ...]


def curve_of(
    known: LakeFigures, surface_m2: float, bed: Bed, seen: Inside | None, params: Params
) -> Made:
    """Return the curve of a lake whose normal level is known.

    In this order: both levels and both volumes (fitted), both levels and the active volume
    (straight), both levels on a bed that the DEM shows (measured), else the surface.

    Parameters
    ----------
    known
        Figures, volumes completed.
    surface_m2
        At the normal level. [m²]
    bed, seen
        Elevation inside the outline and whether it shows the bed.
    """
    normal, dead = known.normal.value, known.dead.value
    active = None if known.active.value is None else known.active.value * M3_PER_MM3
    share = params.number("borrow_share")
    if normal is None or dead is None:
        return _without_dead(known, surface_m2, params)
    if active is not None:
        below = known.dead_volume.value
        if below is not None and below > 0:
            exponent = params.number("shape_exponent")
            made = curve.fitted(dead, normal, below * M3_PER_MM3, active, exponent)
            steep = made.usable_m3[-1] - made.usable_m3[-2]
            shown = float(steep / (made.level_m[-1] - made.level_m[-2]))
            return Made(made, share * active, (_exponent(params), _surface(shown, surface_m2)))
        return Made(curve.straight(dead, normal, active), share * active, ())
    if bed.visible and seen is not None and seen.ground_m.size and seen.void_share <= _VOIDS:
        made = curve.measured(seen.ground_m, seen.area_m2, dead, normal, curve.MEASURED)
        if made.usable_m3[-1] > 0:
            return Made(made, share * float(made.usable_m3[-1]), ())
    usable = _capped(surface_m2 * (normal - dead), known)
    made = curve.straight(dead, normal, usable, curve.BY_SURFACE)
    note = Say("库容未公布：按正常蓄水位湖面乘变幅，偏大",
               "volume unpublished: surface times drawdown, an upper value")  # fmt: skip
    return Made(made, share * usable, (note,))


def _without_dead(known: LakeFigures, surface_m2: float, params: Params) -> Made:
    """Return the curve of a lake whose dead level nobody published."""
    normal = known.normal.value or 0.0
    drawdown = params.number("unknown_drawdown_m")
    usable = _capped(surface_m2 * drawdown, known)
    made = curve.straight(normal - usable / surface_m2, normal, usable, curve.BY_SURFACE)
    active = usable if known.active.value is None else known.active.value * M3_PER_MM3
    metres = f"{usable / surface_m2:.3g} m"
    note = Say(
        f"死水位未公布：变幅按 {metres} 计（预设，未核验），水位变化 = 水量 / 湖面",
        f"dead level unpublished: a drawdown of {metres} is assumed, "
        "change of level = volume / surface",
    )
    return Made(made, min(params.number("borrow_share") * active, usable), (note,))


def _capped(usable_m3: float, known: LakeFigures) -> float:
    """Return no more than the published active or total volume. [m³]."""
    limits = [f.value * M3_PER_MM3 for f in (known.active, known.total) if f.value is not None]
    return min([usable_m3, *limits])


def _exponent(params: Params) -> Say:
    one = params["shape_exponent"]
    return Say(
        f"曲线指数 b = {one.value:g}（{'用户给定' if one.status == 'user' else '预设，未核验'}）",
        f"exponent of the curve b = {one.value:g} "
        f"({'set by the user' if one.status == 'user' else 'assumed'})",
    )


def _surface(curve_m2: float, drawn_m2: float) -> Say:
    """Say the surface that a fitted curve implies at the normal level beside the known one."""
    one, two = curve_m2 / M2_PER_KM2, drawn_m2 / M2_PER_KM2
    return Say(
        f"曲线在正常蓄水位处的湖面 {one:.1f} km²，已知湖面 {two:.1f} km²（未参与拟合）",
        f"the curve implies a surface of {one:.1f} km2 at the normal level, known {two:.1f} km2 "
        "(not fitted)",
    )
