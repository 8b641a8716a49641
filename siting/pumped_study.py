"""One study of pumped storage: ground -> lakes -> search -> works, law, money, doubts.

Plain data for any reader; nothing here knows of maps or reports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from geo.passport import Passport, merge
from layers.facts import Facts
from siting.law.terms import Component, Technology, Verdict
from siting.pumped import elsewhere, named, told, water
from siting.pumped.anu.search import AnuResult, anu_search
from siting.pumped.beside_plan import beside_plan
from siting.pumped.confirmed import Confirmed, confirm
from siting.pumped.dams import section as dams
from siting.pumped.doubt import field as doubt
from siting.pumped.doubt.bands import Bands, bands, failed_note
from siting.pumped.frame import M3_PER_MM3, site_frame
from siting.pumped.lakes import existing as lakes
from siting.pumped.money import cost as money
from siting.pumped.money.calibrate import calibration
from siting.pumped.money.classes import CLASSES
from siting.pumped.money.lcos import Lcos, storage_lcos
from siting.pumped.money.model import Design, StorageCost
from siting.pumped.ordered import ordered, ordered_works
from siting.pumped.pairs import options as pairs
from siting.pumped.pairs.model import Pairs
from siting.pumped.pairs.waterway import tunnels
from siting.pumped.prepared import Prepared, prepare
from siting.pumped.search import SearchResult, dam_type_of, design_of
from siting.pumped.studied import PumpedStudy
from siting.pumped.works import parameters as works
from siting.pumped.works.inside import inside_note
from siting.pumped.works.law import works_law
from siting.pumped.works.model import Works, WorksLaw
from siting.pumped.works.shapes import works_of
from siting.screened import Screened
from siting.sites.params import Params

Rules = Literal["own", "anu"]
Float64 = npt.NDArray[np.float64]

#: Sites that are drawn, judged and doubted; further ones are counted only.
MOST_SITES: Final = 200
_M_PER_KM: Final = 1.0e3


def parameters(values: Mapping[str, float]) -> dict[str, Params]:
    """Return every table of parameters that the study reads, by group.

    Raises
    ------
    OptionError
        A value that is unknown or cannot be.
    """
    return {
        "dam": dams.parameters(values),
        "lake": lakes.parameters(values),
        "pair": pairs.parameters(values),
        "works": works.parameters(values),
        "storage_cost": money.parameters(values),
        "dem_error": doubt.parameters(values),
    }


def pumped_study(
    base: Screened,
    facts: Facts,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
    rules: Rules = "own",
) -> PumpedStudy | None:
    """Find, judge, cost and doubt pairs of reservoirs in a screened region.

    Parameters
    ----------
    base
        The region, screened.
    facts
        Published figures of standing plants and named projects.
    seed
        Of the errors of the elevation.
    progress
        Called with a Chinese stage name.
    rules
        ``anu``: also search by the restated atlas rules, as a cross-check.

    Returns
    -------
    PumpedStudy or None
        None without an elevation, or in cells too coarse for a dam
        (:func:`siting.pumped.prepared.no_search`).

    Raises
    ------
    CrsError
        The grid is not metric.
    RasterError
        Heights that are no metres.
    OptionError
        A parameter that is unknown or cannot be.
    """
    say = progress or (lambda _: None)
    params = parameters(base.settings.values)
    if not base.has_law:
        params = elsewhere.elsewhere(params)
    judgements = base.new_works(Technology.PUMPED)
    prepared = prepare(base.ground, judgements, facts, params, base.as_of.isoformat())
    if prepared is None:
        return None
    result = prepared.search(params, progress)
    say("枢纽布置与复核")
    sure = _confirmed(base, prepared, result, params)
    chosen, n = result.pairs.take(sure.rows), int(sure.rows.size)
    got = _weighed(base, facts, prepared, result, sure, params, seed, say)
    drawn = _noted(sure.works, got.doubts)
    order, passport = got.order, _passport(base, prepared, params, got.doubts)
    sites = site_frame(
        chosen, result.dams, result.lakes, drawn, got.law, base.ground,
        judgements[Component.UPPER_RESERVOIR], passport, _columns(got, sure, drawn), order,
    )  # fmt: skip
    return PumpedStudy(
        grid=base.ground.grid,
        sites=sites,
        pairs=chosen.take(order),
        works=ordered_works(drawn, order, n),
        law=ordered(got.law, order, n),
        cost=ordered(got.cost, order, n, common=("missing",)),
        bands=ordered(got.doubts, order, n, common=("draws", "text", "passport")),
        lakes=result.lakes,
        plan=beside_plan(named.assess_all(facts.sites), sites, result.lakes),
        anchors=calibration(params["storage_cost"]),
        found=told.counts(result, sure),
        params=tuple(params.values()),
        notes=(
            *told.notes(prepared.survey, got.balance, got.cost, got.doubts, got.lcos),
            *_room(drawn, params),
        ),
        warnings=(
            *told.warnings(base.ground, judgements, result, sure),
            *(() if base.has_law else elsewhere.said(params)),
        ),
        undecided=told.undecided(judgements, got.law),
        passport=passport,
        rules=rules,
        cross=_cross(prepared, result, say) if rules == "anu" else None,
        search=replace(
            result,
            chosen=sure.rows[order],
            alternates=tuple(sure.alternates[i] for i in order.tolist()),
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Weighed:
    """What is known of the confirmed pairs, in the order in which they were drawn."""

    balance: water.WaterBalance
    law: WorksLaw
    roads_km: Float64
    lines_km: Float64
    cost: StorageCost
    lcos: Lcos
    doubts: Bands
    order: npt.NDArray[np.int64]
    tunnels: Float64


def _weighed(
    base: Screened, facts: Facts, prepared: Prepared, result: SearchResult, sure: Confirmed,
    params: Mapping[str, Params], seed: int, say: Callable[[str], None],
) -> _Weighed:  # fmt: skip
    """Return water, law, money and doubts of the confirmed pairs, and their ranks."""
    chosen, drawn = result.pairs.take(sure.rows), sure.works
    say("部件法规")
    balance = _water(chosen, drawn, params, facts)
    law = works_law(
        drawn, chosen, base.ground, prepared.judgements, result.lakes,
        params=params["works"], alternates=[int(one.size) for one in sure.alternates],
        water=balance.frame, upper_cap_km2=params["pair"].number("upper_catchment_max_km2"),
    )  # fmt: skip
    count = tunnels(chosen.power_mw, params["pair"])
    roads, lines = (_lengths(drawn, part, chosen.count) for part in ("road", "line"))

    def design_with(some: Pairs) -> Design:
        """Return the design with the roads and lines of the chosen pairs, for every draw too."""
        bare = design_of(some, dam_type_of(params["dam"]), count)
        return replace(bare, road_km=roads, line_km=lines)

    cost = money.storage_cost(design_with(chosen), params["storage_cost"])
    lcos = storage_lcos(cost.total, chosen.power_mw, params["storage_cost"])
    say("高程误差与分级稳定性")
    doubts = bands(
        result.drainage, prepared.dem, result.dams, result.lakes, chosen, design_with, params, seed
    )
    return _Weighed(balance, law, roads, lines, cost, lcos, doubts, _ranked(cost, law), count)


def _room(drawn: Works, params: Mapping[str, Params]) -> tuple[Say, ...]:
    note = inside_note(drawn, dams.section(params["dam"]))
    return () if note is None else (note,)


def _noted(drawn: Works, doubts: Bands) -> Works:
    """Return the structures with what their reader must know of failed draws among the notes."""
    shares = doubts.frame["failed_share"].tolist()
    said = [failed_note(share) for share in shares]
    notes = tuple(
        some if one is None else (*some, one) for some, one in zip(drawn.notes, said, strict=True)
    )
    return replace(drawn, notes=notes)


def _columns(got: _Weighed, sure: Confirmed, drawn: Works) -> dict[str, Any]:
    return {
        **_money_columns(got.cost, got.lcos),
        **_doubt_columns(got.doubts),
        **{str(name): got.balance.frame[name].to_numpy() for name in got.balance.frame},
        "alternates": [int(one.size) for one in sure.alternates],
        "tunnels": got.tunnels,
        "road_km": got.roads_km,
        "line_km": got.lines_km,
        "note": ["；".join(one.zh for one in some) for some in drawn.notes],
    }


def _confirmed(
    base: Screened, prepared: Prepared, result: SearchResult, params: Mapping[str, Params]
) -> Confirmed:
    draw = partial(
        works_of, result.drainage, prepared.dem, result.dams, result.lakes,
        stack=base.ground.stack, dam_params=params["dam"], params=params["works"],
    )  # fmt: skip
    return confirm(result, MOST_SITES, int(params["pair"].number("alternates")), draw)


def _cross(prepared: Prepared, result: SearchResult, say: Callable[[str], None]) -> AnuResult:
    say("公开图集规则交叉核对")
    barred = prepared.caps[1].code > 0
    return anu_search(result.drainage, prepared.dem, barred, result.lakes)


def _water(
    chosen: Pairs, drawn: Works, params: Mapping[str, Params], facts: Facts
) -> water.WaterBalance:
    climate = water.climate_of(params["lake"], facts.controls, facts.factors)
    return water.water_balance(
        drawn.upper_catchment_m2, drawn.lower_catchment_m2, drawn.upper_volume_m3,
        drawn.lower_volume_m3, chosen.volume_m3, chosen.upper_area_m2, chosen.lower_area_m2,
        chosen.power_mw, chosen.head_mean_m, chosen.flow_m3s, params["lake"], climate,
    )  # fmt: skip


def _lengths(drawn: Works, part: str, count: int) -> Float64:
    """Return the length of all structures of a kind by pair, NaN where there is none. [km]."""
    own = drawn.parts[drawn.parts["part"] == part]
    out = np.full(count, np.nan)
    for site, metres in zip(own["site"].tolist(), own["length_m"].tolist(), strict=True):
        out[site] = np.nansum([out[site], metres / _M_PER_KM])
    return out


def _ranked(cost: StorageCost, law: WorksLaw) -> npt.NDArray[np.int64]:
    """Return rows best first: what is prohibited last, then beyond classes, waiting, dear."""
    barred = np.array([one is Verdict.PROHIBITED for one in law.verdict], np.bool_)
    beyond = cost.cost_class >= cost.worst
    return np.lexsort((cost.total, law.waiting, beyond, barred)).astype(np.int64)


def _passport(
    base: Screened, prepared: Prepared, params: Mapping[str, Params], doubts: Bands
) -> Passport:
    lakes_known = [one.passport for one in prepared.survey.lakes]
    tables = [one.passport() for one in params.values()]
    whole = merge(base.ground.passport("dem", "reservoir"), *lakes_known, *tables, doubts.passport)
    return replace(whole, unverified=True)  # prices, dam faces and errors are priors


def _money_columns(cost: StorageCost, lcos: Lcos) -> dict[str, Any]:
    return {
        "cost_yuan_per_kw": cost.total,
        "cost_price_low": cost.low,
        "cost_price_high": cost.high,
        "cost_class": [CLASSES[int(one)].letter for one in cost.cost_class],
        "lcos_yuan_per_kwh": lcos.value,
        "discharge_gwh_a": lcos.discharge_gwh_a,
        "pumping_gwh_a": lcos.pumping_gwh_a,
        "round_trip": lcos.round_trip,
    }


def _doubt_columns(doubts: Bands) -> dict[str, Any]:
    frame = doubts.frame
    names = (
        "head_low", "head_high", "energy_low", "energy_high", "cost_low", "cost_high",
        "class_share", "class_flips", "failed_share",
    )  # fmt: skip
    volumes = {
        f"volume_{end}": frame[f"volume_{end}"].to_numpy(np.float64) / M3_PER_MM3
        for end in ("low", "high")
    }
    return {name: frame[name].to_numpy() for name in names} | volumes
