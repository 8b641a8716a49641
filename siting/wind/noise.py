"""Noise of turbines at homes, from their real positions.

Free field over a half space: ``L = L_w - 20 log10 r - 8 - alpha r`` for one turbine, energy
sums of all turbines of a site (``10 log N`` holds only where distances are equal, truth.md
C15). Terrain screening and the turbine's height are ignored and each turbine is taken at
its own nearest point of a home's outline: all of this errs on the loud side. The limit is
the night limit of the class of the place (GB 3096 as quoted); a turbine runs at night, so
it binds before the day limit. Which class a village has is decided by the county: here it
is a parameter. The user's own distance stands beside the result; neither is a national
rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from geo.errors import OptionError, Say
from geo.passport import Passport, merge
from siting.sites.ground import Ground
from siting.sites.params import Params
from siting.wind._kernels import noise as kernels
from siting.wind.chains import Turbines, without
from siting.wind.homes import RECEIVERS, Homes, edges, gaps, nearest_m, night_limit, read_homes


@dataclass(frozen=True, slots=True)
class Reach:
    """Distance at which one turbine alone meets a limit.

    Parameters
    ----------
    lw_db
        Sound power level. [dB(A)]
    limit_db
        Limit. [dB(A)]
    metres
        Distance. [m]
    """

    lw_db: float
    limit_db: float
    metres: float


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """Noise of the sites at the homes round them.

    Parameters
    ----------
    level_db
        Highest level of each site's own turbines at any home within reach, shape (count,),
        NaN = no home within reach. [dB(A)]
    margin_db
        Smallest limit - level of each site, negative = over. [dB]
    nearest_home_m
        Distance of the site's nearest turbine to any home, NaN without homes. [m]
    home
        Name of the home with the smallest margin, empty without one.
    homes_over
        Homes over their limit by the site's own turbines, int64 (count,).
    turbines_over
        Turbines that would have to go for the site to keep every limit, int64 (count,).
    breaks
        Which turbines those are, bool (n,).
    joint_over
        Homes over their limit if all sites were built together.
    homes
        Homes looked at.
    reaches
        Distances of a single turbine: the class of settlements, at the low, the chosen and
        the high sound power level.
    user_m
        The user's own distance (``wind_settlement_m``), no national rule. [m]
    text
        What was computed, with both distances.
    """

    level_db: npt.NDArray[np.float64]
    margin_db: npt.NDArray[np.float64]
    nearest_home_m: npt.NDArray[np.float64]
    home: tuple[str, ...]
    homes_over: npt.NDArray[np.int64]
    turbines_over: npt.NDArray[np.int64]
    breaks: npt.NDArray[np.bool_]
    joint_over: int
    homes: int
    reaches: tuple[Reach, ...]
    user_m: float
    text: Say
    passport: Passport


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Turbines within reach of each home."""

    first: npt.NDArray[np.int64]
    turbine: npt.NDArray[np.int64]
    metres: npt.NDArray[np.float64]
    site: npt.NDArray[np.int32]
    order: npt.NDArray[np.int64]


def meeting_distance(lw_db: float, limit_db: float, alpha_db_m: float) -> float:
    """Return the distance at which one turbine meets a limit. [m].

    Parameters
    ----------
    lw_db
        Sound power level. [dB]
    limit_db
        Limit. [dB]
    alpha_db_m
        Absorption by air, 0 or more. [dB/m]

    Raises
    ------
    OptionError
        If a value is not finite or absorption negative.
    """
    if not (np.isfinite([lw_db, limit_db, alpha_db_m]).all() and alpha_db_m >= 0):
        raise OptionError(
            "wind.noise_alpha",
            Say("声功率级、限值或吸收系数无效", "level, limit or absorption is invalid"),
            Say("给出有限数，吸收不小于 0", "give finite numbers, absorption 0 or more"),
        )
    free = float(10.0 ** ((lw_db - 8.0 - limit_db) / 20.0))

    def excess(r: float) -> float:
        return float(lw_db - 20.0 * np.log10(r) - 8.0 - alpha_db_m * r - limit_db)

    if alpha_db_m == 0:
        return free
    return float(brentq(excess, free * 1e-9, free, xtol=1e-9))


def noise(ground: Ground, turbines: Turbines, params: Params) -> Noise | None:
    """Return the noise of the sites at homes, None without a layer of homes.

    Parameters
    ----------
    ground
        Land of the run; layers ``settlement`` and ``noise_zone``.
    turbines
        Of :func:`siting.wind.placing.place`.
    params
        Wind parameters ``noise_*``.

    Raises
    ------
    OptionError
        If a class has no limit.
    """
    homes = read_homes(ground, params)
    if homes is None:
        return None
    found = _pairs(homes, turbines, params)
    lw, alpha = params.number("noise_lw"), params.number("noise_alpha")
    n = turbines.count + 1
    joint = np.empty(len(homes.names))
    level, margin = np.empty(n), np.empty(n)
    home, over = np.empty(n, np.int64), np.empty(n, np.int64)
    kernels.levels(
        found.first, found.turbine, found.metres, found.site, homes.limit, lw, alpha,
        joint, level, margin, home, over,
    )  # fmt: skip
    breaks = _too_loud(homes, found, params)
    user_m = ground.table.bits.parameters.wind_settlement_m
    reaches = _reaches(params)
    return Noise(
        level_db=level[1:],
        margin_db=margin[1:],
        nearest_home_m=nearest_m(homes, turbines),
        home=tuple(homes.names[h] if h >= 0 else "" for h in home[1:]),
        homes_over=over[1:],
        turbines_over=np.bincount(turbines.site[breaks], minlength=n)[1:].astype(np.int64),
        breaks=breaks,
        joint_over=int(np.count_nonzero(joint > homes.limit)),
        homes=len(homes.names),
        reaches=reaches,
        user_m=user_m,
        text=_text(
            params,
            reaches,
            user_m,
            int(np.count_nonzero(breaks)),
            gaps(homes, turbines, meeting_distance(lw, night_limit(params, "noise_class"), alpha)),
        ),
        passport=merge(ground.passport(*RECEIVERS), params.passport()),
    )


def quieten(ground: Ground, turbines: Turbines, params: Params) -> Turbines:
    """Return the turbines without those that break a limit, if ``noise_drop`` says so.

    By default nothing goes: sound power and class are presets until a maker's sheet and the
    county's zoning are at hand, and a turbine struck on a preset would be missing from the
    count without a reason that holds.
    """
    if params.number("noise_drop") == 0:
        return turbines
    homes = read_homes(ground, params)
    if homes is None:
        return turbines
    drop = _too_loud(homes, _pairs(homes, turbines, params), params)
    return without(turbines, drop, ground.grid)


def _pairs(homes: Homes, turbines: Turbines, params: Params) -> _Pairs:
    one, two, edge = edges(homes.polygons)
    order = np.lexsort((turbines.x, turbines.y)).astype(np.int64)
    first = np.zeros(len(homes.names) + 1, np.int64)
    turbine, metres = np.empty(0, np.int64), np.empty(0)
    for _ in range(2):  # count, then fill
        n = kernels.pairs(
            turbines.x[order], turbines.y[order],
            one[:, 0].copy(), one[:, 1].copy(), two[:, 0].copy(), two[:, 1].copy(), edge,
            params.number("noise_reach_m"), first, turbine, metres,
        )  # fmt: skip
        if turbine.size < n:
            turbine, metres = np.empty(n, np.int64), np.empty(n)
    return _Pairs(first, turbine, metres, turbines.site[order], order)


def _too_loud(homes: Homes, found: _Pairs, params: Params) -> npt.NDArray[np.bool_]:
    drop = np.zeros(found.order.size, np.uint8)
    kernels.too_loud(
        found.first, found.turbine, found.metres, found.site, homes.limit,
        params.number("noise_lw"), params.number("noise_alpha"), drop,
    )  # fmt: skip
    breaks = np.zeros(drop.size, np.bool_)
    breaks[found.order] = drop.astype(np.bool_)
    return breaks


def _reaches(params: Params) -> tuple[Reach, ...]:
    limit, alpha = night_limit(params, "noise_class"), params.number("noise_alpha")
    row = params["noise_lw"]
    powers = sorted({one for one in (row.low, row.value, row.high) if one is not None})
    return tuple(Reach(lw, limit, meeting_distance(lw, limit, alpha)) for lw in powers)


def _text(
    params: Params, reaches: tuple[Reach, ...], user_m: float, loud: int, missing: tuple[Say, ...]
) -> Say:
    lw = params.number("noise_lw")
    preset = params["noise_lw"].status == "prior"
    own = next(one for one in reaches if one.lw_db == lw)
    powers = f"{reaches[0].lw_db:g}-{reaches[-1].lw_db:g} dB(A)"
    band = f"{reaches[0].metres:.0f}-{reaches[-1].metres:.0f} m"
    number = params.number("noise_class")
    chosen = Say(
        f"声功率级 {lw:g} dB(A){'（预设，应改用厂家数据）' if preset else ''}，居民点按 {number:g} "
        f"类区夜间 {own.limit_db:g} dB(A)（类别为参数）：单机达标距离 {own.metres:.0f} m（声功率级 "
        f"{powers} 时 {band}），用户退距 {user_m:g} m；均非全国规定",
        f"sound power {lw:g} dB(A){' (preset, use the maker sheet)' if preset else ''}, homes at "
        f"the class {number:g} night limit of {own.limit_db:g} dB(A) (the class is a parameter): "
        f"one turbine meets it at {own.metres:.0f} m ({band} for {powers}), the user's own "
        f"distance is {user_m:g} m; neither is a national rule",
    )
    counted = Say(
        f"按机位能量叠加，未计地形遮挡（偏严）；超限风机 {loud} 台",
        "energy sum over turbine positions, terrain screening ignored (strict); turbines over "
        f"the limit: {loud}",
    )
    said = (chosen, counted, *missing)
    return Say("；".join(one.zh for one in said), "; ".join(one.en for one in said))
