"""Economics of the sites of one technology: cost, break-even, supply, avoided CO2.

Never a single profit: LCOE with a band, the price, CAPEX and hours at which a site breaks even,
and the share of prices that cover it. What is not counted (未计) is listed, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import OptionError, Say
from geo.passport import Passport
from siting.cost import carbon
from siting.cost.assumed import (
    Sites,
    Values,
    bands,
    finance_of,
    keys_of,
    plants_of,
    values_of,
)
from siting.cost.lcoe import breakeven_capex, breakeven_hours, lcoe
from siting.cost.price import Price, existing_case, price_of
from siting.cost.supply import Supply, supply_curve
from siting.cost.tornado import tornado
from siting.law.terms import Technology
from siting.sites.params import USER, Params, load_params

F64 = npt.NDArray[np.float64]

COLUMNS: Final = (
    "capex_yuan_per_kw", "counted_yuan_per_kw", "lcoe_yuan_per_kwh", "lcoe_low", "lcoe_high",
    "breakeven_price_yuan_per_kwh", "breakeven_capex_yuan_per_kw", "breakeven_hours", "clears",
    "land_mu_per_mw", "avoided_tco2_a", "avoided_tco2_a_fossil", "avoided_tco2_life",
    "avoided_tco2_life_slow", "avoided_tco2_life_fast", "embodied_tco2",
)  # fmt: skip
_BASIS: Final = {
    Technology.PV: Say("直流 kWp", "kWp DC"),
    Technology.WIND: Say("交流 kW", "kW AC"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Economics:
    """Money and carbon of the sites of one technology.

    Parameters
    ----------
    frame
        One row a site in the order of the input: ``capex_yuan_per_kw`` (plant alone),
        ``counted_yuan_per_kw`` (with what is paid once beside it), ``lcoe_yuan_per_kwh``,
        ``lcoe_low``, ``lcoe_high`` (all assumptions at their cheap, at their dear end: an
        envelope, no probability), ``breakeven_price_yuan_per_kwh`` (equals the LCOE),
        ``breakeven_capex_yuan_per_kw`` and ``breakeven_hours`` at the mode of the price,
        ``clears`` (share of prices >= LCOE) [0-1], ``land_mu_per_mw`` [亩/MW AC],
        ``avoided_tco2_a``, ``avoided_tco2_a_fossil`` [t/a], ``avoided_tco2_life`` and its
        ``_slow`` and ``_fast`` decline [t], ``embodied_tco2`` [t]. Per kW and hours are of
        ``basis``.
    curve
        Supply curve; its ``frame`` is :attr:`supply`.
    basis
        The kW that costs and hours count: DC for PV, AC for wind.
    missing
        What is 未计.
    notes
        What a reader must know of the method.
    tornado, tornado_unit
        Swing of the result by assumption (:func:`siting.cost.tornado.tornado`).
    """

    technology: Technology
    frame: pd.DataFrame
    curve: Supply
    price: Price
    basis: Say
    missing: tuple[Say, ...]
    notes: tuple[Say, ...]
    tornado: pd.DataFrame
    tornado_unit: str
    params: Params

    @property
    def supply(self) -> pd.DataFrame:
        """Sites in the order of their cost, summed."""
        return self.curve.frame

    @property
    def passport(self) -> Passport:
        """Provenance of the parameters."""
        return self.params.passport()


def parameters(values: Mapping[str, float] | None = None) -> Params:
    """Return the group ``cost`` with the user's values in place.

    Raises
    ------
    OptionError
        If a key is unknown or a value is out of range.
    """
    return load_params("siting.cost", "cost").changed(values or {})


def economics(
    technology: Technology,
    capacity_mw: npt.ArrayLike,
    capacity_mwp: npt.ArrayLike,
    energy_gwh: npt.ArrayLike,
    connection_yuan: npt.ArrayLike | None,
    land_mu: npt.ArrayLike | None,
    cleared_mu: npt.ArrayLike | None,
    params: Params,
    *,
    ids: Sequence[str] | None = None,
    mountain: npt.ArrayLike | None = None,
    lawful: npt.NDArray[np.bool_] | None = None,
) -> Economics:
    """Return cost, break-even, supply curve and avoided CO2 of sites.

    Nothing is drawn: the same input gives the same bytes.

    Parameters
    ----------
    technology
        PV or wind.
    capacity_mw
        AC. [MW]
    capacity_mwp
        DC; read for PV, ignored for wind. [MWp]
    energy_gwh
        First year at the grid side; NaN = not known: no LCOE, break-even hours all the same.
        [GWh/a]
    connection_yuan
        Line, station and road; None or all NaN = not known for any site. NaN at one site of
        many leaves that site without cost. [元]
    land_mu, cleared_mu
        Land of the site and forest cleared; they cost something where ``cost.land_rent`` and
        ``cost.forest_restoration`` are given. [亩]
    params
        The group ``cost`` (:func:`parameters`).
    ids
        Site ids: order of equal costs in the supply curve.
    mountain
        Share of a wind site on mountain ground; None = all. [0-1]
    lawful
        Sites that the supply curve may count on; None = all.

    Raises
    ------
    OptionError
        A capacity or energy of zero or less, a negative cost, arrays of other lengths, another
        technology, a price that is not positive, an assumption out of range.
    """
    keys_of(technology)
    sites = _sites(
        technology, capacity_mw, capacity_mwp, energy_gwh, connection_yuan, land_mu, cleared_mu,
        mountain,
    )  # fmt: skip
    ac = np.asarray(capacity_mw, np.float64)
    values, price = values_of(params, technology), price_of(params)
    frame = _frame(sites, ac, values, price, params)
    pv = technology is Technology.PV
    curve = supply_curve(
        ac,
        sites.capacity_kw / 1e3 if pv else np.full(ac.shape, np.nan),
        sites.energy_kwh / 1e6,
        frame["lcoe_yuan_per_kwh"].to_numpy(np.float64),
        frame["counted_yuan_per_kw"].to_numpy(np.float64),
        ids,
        lawful,
    )
    swing, unit = tornado(sites, params)
    return Economics(
        technology=technology,
        frame=frame,
        curve=curve,
        price=price,
        basis=_BASIS[technology],
        missing=_missing(sites, params),
        notes=_notes(sites, price, params),
        tornado=swing,
        tornado_unit=unit,
        params=params,
    )


def _sites(
    technology: Technology,
    capacity_mw: npt.ArrayLike,
    capacity_mwp: npt.ArrayLike,
    energy_gwh: npt.ArrayLike,
    connection_yuan: npt.ArrayLike | None,
    land_mu: npt.ArrayLike | None,
    cleared_mu: npt.ArrayLike | None,
    mountain: npt.ArrayLike | None,
) -> Sites:
    ac = np.asarray(capacity_mw, np.float64)
    shape = ac.shape

    def column(name: str, values: npt.ArrayLike) -> F64:
        array = np.asarray(values, np.float64)
        if array.shape != shape or array.ndim != 1 or bool(np.isinf(array).any()):
            raise OptionError(
                name,
                Say(
                    f"应为 {shape} 的有限数组，实为 {array.shape}",
                    f"should be a finite array of {shape}, is {array.shape}",
                ),
                Say("每个场址一个值", "give one value a site"),
            )
        return array

    def amount(name: str, values: npt.ArrayLike | None) -> F64 | None:
        array = None if values is None else column(name, values)
        if array is None or bool(np.isnan(array).all()):
            return None
        if bool((array < 0).any()):
            raise OptionError(
                name,
                Say("有负值", "has negative values"),
                Say("费用与面积写非负的数", "give costs and areas of 0 or more"),
            )
        return array

    column("capacity_mw", ac)
    kilowatt = column("capacity_mwp", capacity_mwp) if technology is Technology.PV else ac
    share = np.ones(shape) if mountain is None else column("mountain", mountain)
    if not bool(((share >= 0) & (share <= 1)).all()):
        raise OptionError(
            "mountain",
            Say("山地比例不在 0 到 1 之间", "shares are not within 0-1"),
            Say("写 0 到 1 的数", "give shares of 0 to 1"),
        )
    return Sites(
        technology=technology,
        capacity_kw=kilowatt * 1e3,
        energy_kwh=column("energy_gwh", energy_gwh) * 1e6,
        connection_yuan=amount("connection_yuan", connection_yuan),
        land_mu=amount("land_mu", land_mu),
        cleared_mu=amount("cleared_mu", cleared_mu),
        mountain=share,
    )


def _frame(sites: Sites, ac: F64, values: Values, price: Price, params: Params) -> pd.DataFrame:
    finance, plants = finance_of(values, sites.technology), plants_of(values, sites)
    cost = lcoe(plants, finance)
    ends = bands(params, sites.technology)
    low, high = (_at({**values, **{k: v[end] for k, v in ends.items()}}, sites) for end in (0, 1))
    tonnes = carbon.avoided(
        sites.energy_kwh / 1e6, sites.capacity_kw, finance, params, sites.technology.value
    )
    columns = (
        plants.capex,
        plants.capex + plants.once_yuan / plants.capacity_kw,
        cost,
        np.minimum(low, cost),
        np.maximum(high, cost),
        cost,
        breakeven_capex(plants, finance, price.mode),
        breakeven_hours(plants, finance, price.mode),
        price.covers(cost),
        np.full(ac.shape, np.nan) if sites.land_mu is None else sites.land_mu / ac,
        tonnes.first_year,
        tonnes.first_year_fossil,
        tonnes.life,
        tonnes.life_slow,
        tonnes.life_fast,
        tonnes.embodied,
    )
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def _at(values: Values, sites: Sites) -> F64:
    return lcoe(plants_of(values, sites), finance_of(values, sites.technology))


def _missing(sites: Sites, params: Params) -> tuple[Say, ...]:
    """Return what is 未计: rows without a figure, and amounts that nobody gave."""
    own = sites.technology.value
    keys = [*keys_of(sites.technology), f"{own}_embodied"]
    found = [
        Say(
            f"{params.titles[key].zh}：未计（未查到）",
            f"{params.titles[key].en}: not counted (not found)",
        )
        for key in keys
        if params[key].value is None
    ]
    wanted = (
        (sites.land_mu, "land_rent", Say("用地面积", "the land of the sites")),
        (sites.cleared_mu, "forest_restoration", Say("占用林地面积", "the forest cleared")),
    )
    for amount, key, name in wanted:
        if amount is None and params[key].value is not None:
            title = params.titles[key]
            found.append(
                Say(
                    f"{title.zh}：未计（缺{name.zh}）",
                    f"{title.en}: not counted ({name.en} is unknown)",
                )
            )
    if sites.connection_yuan is None:
        found.append(Say("接入与道路费用：未计", "connection and road: not counted"))
    else:
        unknown = int(np.isnan(sites.connection_yuan).sum())
        if unknown:
            found.append(
                Say(
                    f"{unknown} 个场址的接入费用未知，不给出成本",
                    f"{unknown} sites have no known connection cost and get no cost",
                )
            )
    return tuple(found)


def _added(sites: Sites, params: Params) -> tuple[Say, ...]:
    """Return how much of the connection is added to the CAPEX; nothing where none is known."""
    if sites.connection_yuan is None:
        return ()
    one = params["connection_added"]
    if one.source == USER:
        share = params.share("connection_added")
        return (
            Say(
                f"接入费用按 {share:.0%} 另加（用户给定）",
                f"{share:.0%} of the connection is added to the CAPEX (given by the user)",
            ),
        )
    return (
        Say(
            "公布造价未说明是否含送出：接入费用全额另加，可能重复，低值按已含计",
            "the published CAPEX does not say whether it holds the connection: it is added in "
            "full, perhaps twice; the low end takes it as held",
        ),
    )


def _notes(sites: Sites, price: Price, params: Params) -> tuple[Say, ...]:
    basis = _BASIS[sites.technology]
    side = Say(
        "光伏造价的来源未写明直流或交流，按直流（元/kWp）计",
        "the sources of the PV CAPEX do not state its side; it is taken per kWp DC",
    )
    shipped = sites.technology is Technology.PV and params["pv_capex"].source != USER
    return (
        *((side,) if shipped else ()),
        Say(
            f"单位造价、保本造价与保本小时均按{basis.zh}；不含融资结构",
            f"CAPEX, break-even CAPEX and hours are per {basis.en}; no structure of finance",
        ),
        *_added(sites, params),
        Say(
            "低、高值为各参数同取有利端、不利端的包络，不是概率区间",
            "low and high are the envelope of all assumptions at their cheap or dear end, "
            "no interval of probability",
        ),
        price.text,
        existing_case(params).text,
        carbon.carbon_text(params),
        carbon.ONCE,
    )
