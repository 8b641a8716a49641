"""Water of a storage plant: the first fill and its source, inflow, evaporation net of rain.

Closed forms over arrays of pairs. What has no source stays unknown and is said: runoff, rain
and evaporation are facts of one region and never stand for another's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Say
from geo.passport import Passport, merge
from geo.sourced import Sourced, missing
from geo.units import GRAVITY, WATER_DENSITY
from siting.sites.params import Params

Float64 = npt.NDArray[np.float64]

#: Columns of :attr:`WaterBalance.frame`.
COLUMNS: Final = ("fill_days", "fill_source", "inflow_mm3_a", "evaporation_mm3_a")
#: Where the first fill comes from; the place in this list is its code.
SOURCES: Final = (
    Say("无需初次蓄水（两库均已有）", "none needed: both lakes exist"),
    Say("集水区来水", "inflow of the catchment"),
    Say("由下库抽水", "pumped from the lower lake"),
    Say("由上库放水", "released from the upper lake"),
    Say("来水不足以在期限内蓄满，须另找水源", "inflow too small in time: another source is needed"),
    Say("径流未核查，蓄水来源未定", "runoff not checked: source unknown"),
)
NONE, INFLOW, PUMPED, RELEASED, SHORT, UNKNOWN = range(6)

_DAY_S: Final = 86_400.0
_YEAR_DAYS: Final = 365.25
_MM_PER_M: Final = 1.0e3
_M3_PER_MM3: Final = 1.0e6
_W_PER_MW: Final = 1.0e6


@dataclass(frozen=True, slots=True)
class Climate:
    """Water that falls, runs off and evaporates in a year; a missing figure stays missing.

    Parameters
    ----------
    runoff, rain, evaporation
        Depth of a year over land, over land, from open water. [mm/a]
    """

    runoff: Sourced
    rain: Sourced
    evaporation: Sourced

    def passport(self) -> Passport:
        """Return the provenance of what is known."""
        known = (self.runoff, self.rain, self.evaporation)
        return merge(*(one.passport() for one in known if not one.missing))


@dataclass(frozen=True, slots=True, eq=False)
class WaterBalance:
    """Water of each pair, one row a pair.

    Parameters
    ----------
    frame
        ``fill_days`` [d] (NaN unknown), ``fill_source`` (Chinese), ``inflow_mm3_a`` and
        ``evaporation_mm3_a`` [10^6 m³/a] of the new lakes, NaN = 未计.
    source
        Row of :data:`SOURCES`, int64 (n,).
    missing
        What is not counted and why.
    """

    frame: pd.DataFrame
    source: npt.NDArray[np.int64]
    missing: tuple[Say, ...]
    passport: Passport


def climate_of(
    params: Params, controls: Mapping[str, Sourced], factors: Mapping[str, Sourced]
) -> Climate:
    """Return runoff, rain and evaporation: the user's, else those published for the region.

    Parameters
    ----------
    params
        Group ``lake``: ``runoff_mm``, ``rain_mm``, ``evaporation_mm``, empty by default.
    controls, factors
        Of the region's facts; empty mappings for a region without.
    """

    def first(key: str, published: Sourced | None) -> Sourced:
        own = params[key]
        return own if not own.missing else published or missing("mm/a")

    return Climate(
        first("runoff_mm", factors.get("runoff_mm")),
        first("rain_mm", controls.get("mean_rain_mm")),
        first("evaporation_mm", factors.get("evaporation_mm")),
    )


def inflow_m3_a(catchment_m2: npt.ArrayLike, runoff_mm: float) -> Float64:
    """Return the inflow of a year, runoff depth times catchment. [m³/a].

    Parameters
    ----------
    catchment_m2
        Any shape. [m²]
    runoff_mm
        Runoff depth. [mm/a]

    Examples
    --------
    >>> round(float(inflow_m3_a(0.54e6, 538.6)) / 1e6, 2)
    0.29
    """
    return np.asarray(catchment_m2, np.float64) * runoff_mm / _MM_PER_M


def net_evaporation_m3_a(
    surface_m2: npt.ArrayLike, evaporation_mm: float, rain_mm: float
) -> Float64:
    """Return evaporation less rain of a new lake; negative where it rains more. [m³/a].

    Parameters
    ----------
    surface_m2
        Any shape. [m²]
    evaporation_mm, rain_mm
        From open water; on it. [mm/a]

    Examples
    --------
    >>> float(net_evaporation_m3_a(1.0e6, 1000.0, 900.0))
    100000.0
    """
    return np.asarray(surface_m2, np.float64) * (evaporation_mm - rain_mm) / _MM_PER_M


def pump_flow_m3s(power_mw: npt.ArrayLike, head_m: npt.ArrayLike, efficiency: float) -> Float64:
    """Return what pumps lift at rated power, Q = P eta / (rho g H). [m³/s].

    Parameters
    ----------
    power_mw, head_m
        Any broadcastable shape. [MW], [m]
    efficiency
        Of pumping, one way. [-]

    Examples
    --------
    >>> round(float(pump_flow_m3s(1200.0, 461.0, 0.9)), 1)
    238.8
    """
    watt = np.asarray(power_mw, np.float64) * _W_PER_MW
    return watt * efficiency / (WATER_DENSITY * GRAVITY * np.asarray(head_m, np.float64))


def water_balance(
    upper_catchment_m2: npt.ArrayLike,
    lower_catchment_m2: npt.ArrayLike,
    upper_volume_m3: npt.ArrayLike,
    lower_volume_m3: npt.ArrayLike,
    moved_m3: npt.ArrayLike,
    upper_area_m2: npt.ArrayLike,
    lower_area_m2: npt.ArrayLike,
    power_mw: npt.ArrayLike,
    head_m: npt.ArrayLike,
    flow_m3s: npt.ArrayLike,
    params: Params,
    climate: Climate,
) -> WaterBalance:
    """Return the water of pairs, arrays of shape (n,); NaN in a volume marks a lake that exists.

    The water that moves is filled once: a new upper lake needs its dead volume and the moved
    volume, two new lakes need both dead volumes and the moved volume.

    Parameters
    ----------
    upper_catchment_m2, lower_catchment_m2
        Land above the new dams; the lower one may hold the upper one. [m²]
    upper_volume_m3, lower_volume_m3
        Whole volume of a new lake at its normal level, NaN where it exists. [m³]
    moved_m3
        Water of one cycle. [m³]
    upper_area_m2, lower_area_m2
        Surface at the normal level. [m²]
    power_mw, head_m, flow_m3s
        Rated power, mean gross head, rated flow. [MW], [m], [m³/s]
    params
        Group ``lake``: ``pump_efficiency``, ``fill_months_max``.
    climate
        Of :func:`climate_of`.
    """
    upper, lower, moved = (_row(a) for a in (upper_volume_m3, lower_volume_m3, moved_m3))
    new_upper, new_lower = np.isfinite(upper), np.isfinite(lower)
    dead = sum(np.where(np.isfinite(v), np.maximum(v - moved, 0.0), 0.0) for v in (upper, lower))
    need = np.where(new_upper | new_lower, dead + moved, 0.0)
    catchment = _caught(new_upper, _row(upper_catchment_m2), new_lower, _row(lower_catchment_m2))
    runoff = climate.runoff.value
    yearly = inflow_m3_a(catchment, np.nan if runoff is None else runoff)
    natural = _over(need, yearly / _YEAR_DAYS)
    pumped = _over(need, pump_flow_m3s(power_mw, head_m, params.number("pump_efficiency")) * _DAY_S)
    released = _over(need, _row(flow_m3s) * _DAY_S)
    in_time = natural <= params.number("fill_months_max") * _YEAR_DAYS / 12.0
    cases = [
        (~new_upper & ~new_lower, NONE, np.zeros(need.size)),
        (in_time, INFLOW, natural),
        (~new_lower, PUMPED, pumped),
        (~new_upper, RELEASED, released),
        (~np.isnan(natural), SHORT, natural),
    ]
    when = [case[0] for case in cases]
    source = np.select(when, [np.full(need.size, case[1]) for case in cases], UNKNOWN)
    days = np.select(when, [np.broadcast_to(case[2], need.shape) for case in cases], np.nan)
    surface = np.where(new_upper, _row(upper_area_m2), 0.0)
    surface = surface + np.where(new_lower, _row(lower_area_m2), 0.0)
    lost, left = _evaporation(surface, climate)
    frame = pd.DataFrame(
        {
            "fill_days": np.where(np.isfinite(days), days, np.nan),
            "fill_source": [SOURCES[int(k)].zh for k in source],
            "inflow_mm3_a": yearly / _M3_PER_MM3,
            "evaporation_mm3_a": lost / _M3_PER_MM3,
        }
    )
    unknown = () if runoff is not None else (NO_RUNOFF,)
    marks = merge(climate.passport(), params.passport())
    return WaterBalance(frame, source.astype(np.int64), (*unknown, *left), marks)


NO_RUNOFF: Final = Say(
    "径流深无来源：来水与天然蓄水期未计（lake.runoff_mm 可给出）",
    "no source of runoff: inflow is not counted (give lake.runoff_mm)",
)
NO_EVAPORATION: Final = Say(
    "水面蒸发无来源：蒸发净损失未核查（lake.evaporation_mm 可给出）",
    "no source of evaporation: the net loss is not checked (give lake.evaporation_mm)",
)


def _row(values: npt.ArrayLike) -> Float64:
    return np.atleast_1d(np.asarray(values, np.float64))


def _over(amount: Float64, rate: Float64) -> Float64:
    """Return amount / rate, infinite where nothing flows, 0 where nothing is needed."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(amount > 0, amount / rate, 0.0))


def _caught(
    new_upper: npt.NDArray[np.bool_], upper: Float64, new_lower: npt.NDArray[np.bool_],
    lower: Float64,
) -> Float64:  # fmt: skip
    """Return the land that feeds the new lakes; one may lie above the other, so the larger."""
    above = np.where(new_upper, upper, 0.0)
    return np.asarray(np.maximum(above, np.where(new_lower, lower, 0.0)))


def _evaporation(surface_m2: Float64, climate: Climate) -> tuple[Float64, tuple[Say, ...]]:
    evaporation, rain = climate.evaporation.value, climate.rain.value
    if evaporation is None or rain is None:
        return np.full(surface_m2.size, np.nan), (NO_EVAPORATION,)
    return net_evaporation_m3_a(surface_m2, evaporation, rain), ()
