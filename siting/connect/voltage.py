"""Voltage of a connection: what a circuit carries, how far, at what price (truth.md C16)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from siting.law.terms import Component
from siting.sites.params import Params

Float64 = npt.NDArray[np.float64]

#: Voltages of connections, lowest first. [kV]
CLASSES: Final = (35, 110, 220)
#: Voltages of the public grid; a station may also take the one below its own. [kV]
_GRID: Final = (35.0, 110.0, 220.0, 500.0)
#: Widest cell of the routes: beyond it a site lies in the cell of its station. [m]
WIDEST_CELL_M: Final = 1000.0
#: Largest factor of friction. [-]
DEAREST: Final = 1000.0
_FACTORS: Final = frozenset(
    {f"law_{one}" for one in ("limited", "route", "unknown", "prohibited")}
    | {f"{kind}_{one}" for kind in ("line", "road") for one in ("forest", "built", "water")}
    | {"line_hill", "line_mountain"}
)
_YUAN_PER_WAN: Final = 1.0e4
_KVA_PER_MVA: Final = 1.0e3


@dataclass(frozen=True, slots=True)
class Voltage:
    """One way to connect.

    Parameters
    ----------
    kv
        Nominal voltage. [kV]
    mw_per_circuit
        What one circuit carries. [MW]
    max_km
        Longest line. [km]
    line
        Price of a circuit, None = not found. [万元/km]
    station
        Price of the step-up station, None = not found. [元/kVA]
    """

    kv: int
    mw_per_circuit: float
    max_km: float
    line: float | None
    station: float | None

    @property
    def component(self) -> Component:
        """What the law calls such a line."""
        return Component.COLLECTOR_LINE if self.kv < CLASSES[1] else Component.TRANSMISSION

    @property
    def priced(self) -> bool:
        """Whether line and station both have a price."""
        return self.line is not None and self.station is not None


@dataclass(frozen=True, slots=True)
class Choice:
    """Connection of one site; ``kv`` 0 where none is possible."""

    kv: int
    circuits: int
    km: float
    line_yuan: float
    station_yuan: float


#: Where nothing fits.
NO_CHOICE: Final = Choice(0, 0, math.nan, math.nan, math.nan)


def voltages(params: Params) -> tuple[Voltage, ...]:
    """Return the voltages with the parameters of group ``connect``."""
    return tuple(
        Voltage(
            kv,
            params.number(f"kv{kv}_mw_per_circuit"),
            params.number(f"kv{kv}_max_km"),
            params[f"kv{kv}_line"].value,
            params[f"kv{kv}_station"].value,
        )
        for kv in CLASSES
    )


def check(params: Params) -> Params:
    """Return the parameters of group ``connect``.

    Raises
    ------
    OptionError
        A power factor or switch that is none, a broken number of circuits, cells of the
        routes that no route can be told from, a factor of friction below 1.
    """
    for key, fits_, zh, en in (
        ("power_factor", lambda v: 0.5 <= v <= 1.0, "写 0.5 到 1 的数", "give 0.5 to 1"),
        ("max_circuits", lambda v: v == int(v), "写整数回路", "give a whole number of circuits"),
        ("lower_side", lambda v: v in {0.0, 1.0}, "写 0 或 1", "give 0 or 1"),
        ("tap_in", lambda v: v in {0.0, 1.0}, "写 0 或 1", "give 0 or 1"),
        ("cell_m", lambda v: v <= WIDEST_CELL_M, f"不大于 {WIDEST_CELL_M:g} m",
         f"give {WIDEST_CELL_M:g} m or less"),
    ):  # fmt: skip
        if not fits_(params.number(key)):
            raise _refused(key, params.number(key), Say(zh, en))
    for key, one in params.items():
        # below 1 a route would be drawn to what it has to shun
        if key in _FACTORS and one.value is not None and not 1.0 <= one.value <= DEAREST:
            cure = Say(f"写 1 到 {DEAREST:g} 的系数", f"give a factor of 1 to {DEAREST:g}")
            raise _refused(key, one.value, cure)
    return params


def _refused(key: str, value: float, cure: Say) -> OptionError:
    what = Say(f"数值 {value:g} 无效", f"{value:g} is invalid")
    return OptionError(f"connect.{key}", what, cure)


def takes(station_kv: Float64, kv: int, *, lower_side: bool) -> npt.NDArray[np.bool_]:
    """Return which stations take a line of ``kv``: their own voltage or, maybe, the next below.

    Parameters
    ----------
    station_kv
        float64 [n], NaN = unknown: takes none. [kV]
    """
    own = np.abs(station_kv - kv) <= 0.05 * kv
    if not lower_side:
        return np.asarray(own)
    above = _GRID[_GRID.index(float(kv)) + 1]
    return np.asarray(own | (np.abs(station_kv - above) <= 0.05 * above))


def choose(mw: float, km: dict[int, float], params: Params) -> Choice:
    """Return the cheapest priced connection that carries a site.

    Where no priced one fits, the lowest voltage that does, its money NaN (未计).

    Parameters
    ----------
    mw
        Capacity, AC. [MW]
    km
        Length of the line by voltage, NaN = unreachable. [km]
    """
    fitting = [one for one in voltages(params) if fits(one, mw, km[one.kv], params)]
    options = [_option(one, mw, km[one.kv], params) for one in fitting]
    if not options:
        return NO_CHOICE
    priced = [one for one in options if not math.isnan(one.line_yuan + one.station_yuan)]
    if not priced:
        return options[0]
    return min(priced, key=lambda one: (one.line_yuan + one.station_yuan, one.kv))


def circuits(one: Voltage, mw: float) -> int:
    """Return how many circuits carry ``mw``, at least one."""
    return max(math.ceil(mw / one.mw_per_circuit - 1e-9), 1)


def fits(one: Voltage, mw: float, km: float, params: Params) -> bool:
    """Return whether a voltage reaches and carries a site."""
    if math.isnan(mw) or math.isnan(km):
        return False
    return circuits(one, mw) <= params.number("max_circuits") and km <= one.max_km


def _option(one: Voltage, mw: float, km: float, params: Params) -> Choice:
    count = circuits(one, mw)
    line = math.nan if one.line is None else km * count * one.line * _YUAN_PER_WAN
    mva = mw / params.number("power_factor")
    station = math.nan if one.station is None else mva * _KVA_PER_MVA * one.station
    return Choice(one.kv, count, km, line, station)
