"""Projection: the strata, their parameters and one run of the area matrix with its ledgers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import OptionError, Say, TableError
from geo.sourced import Sourced
from geo.units import MU_PER_HA
from sinks.forest import carbon, registry
from sinks.forest._kernels import run
from sinks.forest.curves import Curve, load_curves, volume_table
from sinks.forest.state import State

F64 = npt.NDArray[np.float64]
FLUXES: Final = (
    "planted_ha", "felled_ha", "disturbed_ha", "joined_ha",
    "gross_growth_m3", "mortality_m3", "harvest_m3", "disturbance_m3", "ingrowth_m3",
)  # fmt: skip
#: Felling age where the table has no row: the latest common one, so that little is cut.
_LATE: Final = 81
_OTHER_ZONE: Final = 2
_NO_ROW: Final = ("F-PRIOR", "prior")
STATES: Final = ("tree_ha", "young_ha", "stock_m3", "biomass_t")


@dataclass(frozen=True, slots=True)
class Model:
    """Arrays of one forest, ready for the kernels; rows follow ``state.names``.

    Parameters
    ----------
    k, k_error, power
        Curve shape [1/a], its log error [-] and exponent [-] by stratum.
    mortality, disturbance
        Background mortality and disturbance above it [1/a] at level 1, by stratum.
    mature
        First age [a] of final felling by stratum; ``felling`` its source and status.
    plant_share
        Share of planting that goes to each stratum [-].
    volume
        Central calibrated volume [m³/ha], shape ``(n, 201)``.
    """

    state: State
    parameters: Mapping[str, Sourced]
    k: F64
    k_error: F64
    power: F64
    mortality: F64
    disturbance: F64
    mature: npt.NDArray[np.int64]
    plant_share: F64
    young: F64
    volume: F64
    conversion: carbon.Conversion
    rho: F64
    rho_share: F64
    curve_of: tuple[Curve, ...]
    felling: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Projection:
    """One run: state at the end of each year, and the fluxes in between.

    ``states`` has one row a year from the reference year on, ``fluxes`` one row a year
    from the next; ``area`` is the matrix at the end [ha].
    """

    states: pd.DataFrame
    fluxes: pd.DataFrame
    area: F64


def build(
    state: State,
    parameters: Mapping[str, Sourced],
    *,
    conversion_set: str = carbon.DEFAULT_SET,
    zone: str = "南",
) -> Model:
    """Join the strata with curves, felling ages, mortality and conversion set.

    Parameters
    ----------
    zone
        南 or 北: the city sits on the divide, so the table of felling ages is a user setting.

    Raises
    ------
    TableError
        When a species group has no curve or no conversion row, or its curve is gross.
    OptionError
        For an unknown set or zone, or ``join_years`` outside 3-5.
    """
    curves = load_curves()
    one = carbon.conversion(conversion_set, state.species)
    lost = sorted({g for g, ok in zip(state.species, one.covered, strict=True) if not ok})
    lost += sorted({g for g in state.species if g not in curves})
    if lost:
        raise TableError(
            "forest_strata",
            Say(f"树种组 {'、'.join(lost)} 无曲线或换算", f"no curve or conversion: {lost}"),
            Say(f"用 {'、'.join(curves)}，或换一套换算", f"use {', '.join(curves)} or another set"),
        )
    curve_of = tuple(curves[group] for group in state.species)
    _only_net(curve_of)
    k = np.array([c.k for c in curve_of])
    power = np.array([c.power for c in curve_of])
    error = np.array([np.sqrt(np.log1p((c.k_se / c.k) ** 2)) for c in curve_of])
    part = registry.value(parameters, "disturbance_part") / 100.0
    dead = _deadwood(state)
    mature, felling = _mature(state, zone)
    join = round(registry.value(parameters, "join_years"))
    rho, rho_share = carbon.stocking(parameters)
    return Model(
        state, parameters, k, error, power, dead * (1.0 - part), dead * part, mature,
        _plant_share(state), state.young_rings(join),
        volume_table(state.area, state.stock, k, power), one, rho, rho_share, curve_of,
        felling,
    )  # fmt: skip


def _only_net(curves: tuple[Curve, ...]) -> None:
    """Refuse gross curves: the step would not take background mortality off (truth.md 24)."""
    gross = sorted({c.species_group for c in curves if c.kind != "net"})
    if gross:
        raise TableError(
            "curves.csv",
            Say(
                f"{'、'.join(gross)} 的曲线为 gross", f"the curves of {', '.join(gross)} are gross"
            ),
            Say("改用净曲线（立木蓄积随年龄）", "use a net curve (standing volume by age)"),
        )


def _deadwood(state: State) -> F64:
    """Return new dead wood over live stock [1/a] by stratum."""
    rows = registry.table("deadwood").set_index("species_group")["ratio_pct_5a"]
    return np.array([float(rows.get(g, rows["*"])) / 500.0 for g in state.species])


def _mature(state: State, zone: str) -> tuple[npt.NDArray[np.int64], tuple[tuple[str, str], ...]]:
    if zone not in {"南", "北"}:
        raise OptionError(
            "zone",
            Say(f"{zone} 不是 南 或 北", f"{zone} is not 南 or 北"),
            Say("取 南 或 北", "use 南 or 北"),
        )
    rows = registry.table("ages")
    order = {zone: 0, "all": 1}
    rows = rows.assign(rank=[order.get(str(z), _OTHER_ZONE) for z in rows["zone"]])
    rows = rows.sort_values("rank", kind="stable")
    ages: list[int] = []
    origin_of: list[tuple[str, str]] = []
    for group, origin in zip(state.species, state.origins, strict=True):
        same = rows["species_group"] == group
        own = rows[same & (rows["origin"] == origin)]
        exact = len(own) > 0 and own["rank"].iloc[0] < _OTHER_ZONE
        own = own if len(own) else rows[same]
        if not len(own):
            ages.append(_LATE)
            origin_of.append(_NO_ROW)
            continue
        ages.append(int(own["mature_from_a"].iloc[0]))
        # a row of another zone or origin is an assumption, however well it was read
        status = str(own["status"].iloc[0]) if exact else "prior"
        origin_of.append((str(own["source"].iloc[0]), status))
    return np.array(ages, np.int64), tuple(origin_of)


def _plant_share(state: State) -> F64:
    """Plant where 未成林 stands today, else on planted strata by area, else everywhere."""
    tree = state.area.sum(axis=1)
    planted = np.array([tree[i] if o == "planted" else 0.0 for i, o in enumerate(state.origins)])
    for weight in (state.young, planted, tree):
        if weight.sum() > 0:
            return np.asarray(weight / weight.sum())
    return np.zeros(len(tree))


def project(
    model: Model,
    first: int,
    last: int,
    *,
    harvest: float | None = None,
    disturbance: float = 1.0,
    planting_wan_mu: float | None = None,
) -> Projection:
    """Step the central model from the end of year ``first`` to the end of ``last``.

    Parameters
    ----------
    harvest
        Final felling as a share of the stock [1/a]; None = central value of the registry.
    disturbance
        Multiple of the disturbance above background [-].
    planting_wan_mu
        Planting [万亩/a]; None = central value of the registry.

    Raises
    ------
    OptionError
        When a rate is negative or ``last`` lies before ``first``.
    """
    p = model.parameters
    share = registry.value(p, "harvest_share") / 100.0 if harvest is None else harvest
    plant = registry.value(p, "planting") if planting_wan_mu is None else planting_wan_mu
    if min(share, disturbance, plant) < 0 or last < first:
        raise OptionError(
            "project",
            Say(
                "采伐、灾害、造林须不小于 0，末年不早于首年", "rates must be >= 0 and last >= first"
            ),
            Say("改正这些取值", "mend the values"),
        )
    years = last - first
    area, young = model.state.area.copy(), model.young.copy()
    fluxes, states = np.zeros((years, len(FLUXES))), np.zeros((years + 1, len(STATES)))
    v0 = registry.value(p, "v0")
    run(
        area, young, model.volume,
        carbon.biomass(model.volume, model.conversion, v0, model.rho, model.rho_share),
        model.mortality, model.mature, np.full(years, share),
        registry.value(p, "felling_cap") / 100.0,
        np.tile(np.minimum(model.disturbance * disturbance, 1.0), (years, 1)),
        np.tile(plant * 1e4 / MU_PER_HA * model.plant_share, (years, 1)),
        fluxes, states,
    )  # fmt: skip
    return Projection(
        pd.DataFrame(states, columns=list(STATES), index=pd.RangeIndex(first, last + 1)),
        pd.DataFrame(fluxes, columns=list(FLUXES), index=pd.RangeIndex(first + 1, last + 1)),
        area,
    )


def imbalance(one: Projection) -> tuple[float, float]:
    """Return the largest relative error of the area and the volume ledger over all years.

    Area: trees + 未成林 change by planting alone. Volume: stock changes by gross growth
    - mortality - harvest - disturbance + ingrowth.
    """
    s, f = one.states, one.fluxes
    land = (s["tree_ha"] + s["young_ha"]).to_numpy()
    stock = s["stock_m3"].to_numpy()
    gain = (
        f["gross_growth_m3"] - f["mortality_m3"] - f["harvest_m3"]
        - f["disturbance_m3"] + f["ingrowth_m3"]
    ).to_numpy()  # fmt: skip
    if not len(f):
        return 0.0, 0.0
    area_error = np.abs(np.diff(land) - f["planted_ha"].to_numpy()) / land[1:]
    volume_error = np.abs(np.diff(stock) - gain) / stock[1:]
    return float(area_error.max()), float(volume_error.max())
