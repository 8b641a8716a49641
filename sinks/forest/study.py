"""Forest study: strata and published series in, stock, target and carbon by year out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from geo.errors import OptionError, Say, TableError
from geo.passport import Passport, merge
from geo.units import MU_PER_HA
from layers.facts import ForestPoint
from layers.layer import Layer
from sinks.forest import carbon, gate, registry
from sinks.forest.definitions import ARBOR, DEFINITIONS, Definition, Point, english, points
from sinks.forest.montecarlo import QUANTILES, Samples, sample
from sinks.forest.project import Model, Projection, build, project
from sinks.forest.state import State, from_table
from sinks.forest.target import PLAN_TARGET, Answer, answer

F64 = npt.NDArray[np.float64]
#: What a value of ``data["kind"]`` means.
NONE, BRIDGE, MODEL = "none", "bridge", "model"
_NORMAL_95: Final = 1.6449


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of a study.

    Parameters
    ----------
    draws
        Monte-Carlo draws.
    target
        Target [m³/亩].
    zone
        南 or 北, for felling ages.
    overrides
        User parameters by name (``params/priors.csv``).
    """

    draws: int = 2000
    target: float = PLAN_TARGET
    first: int = 1999
    last: int = 2060
    conversion_set: str = carbon.DEFAULT_SET
    zone: str = "南"
    overrides: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForestStudy:
    """Result of :func:`study`.

    Parameters
    ----------
    data
        ``density`` [m³/亩] over (definition, year, quantile), ``stock`` [万m³],
        ``carbon`` [万tC] over (year, quantile), ``area`` [万亩] over (definition, year)
        (median), ``net_emission`` [万tCO2/a] over (year, quantile), ``p_by`` [-] and
        ``kind`` over (definition, year). NaN = 缺数据.
    answers
        Target answer of D1-D4, in this order.
    points
        Published points of every definition, H1 and H2 included.
    central
        One run with central parameters, with its ledgers.
    gate, sweep, ratios
        Plausibility of the curves; carbon by set and V0; biomass over stock.
    """

    data: xr.Dataset
    answers: tuple[Answer, ...]
    points: tuple[Point, ...]
    central: Projection
    model: Model
    options: Options
    reference: int
    as_of: date
    gate: pd.DataFrame
    sweep: pd.DataFrame
    ratios: pd.DataFrame
    notes: tuple[Say, ...]
    passport: Passport

    def of(self, definition: str) -> tuple[Point, ...]:
        """Return the published points of one definition, by year."""
        return tuple(p for p in self.points if p.definition == definition)


def study(
    strata: Layer,
    series: Iterable[ForestPoint],
    as_of: date,
    seed: int,
    *,
    options: Options | None = None,
) -> ForestStudy:
    """Model the forest of one region from its strata and published series.

    Parameters
    ----------
    strata
        Table layer ``forest_strata`` (area [ha], stock [m³], age [a]); the year of its
        passport's ``as_of`` is the reference year.
    series
        Published points (stock [万m³], area [万亩]).
    as_of
        Day of the question: probabilities are given for later years only.
    seed
        Seed of the draws.

    Raises
    ------
    TableError
        When the strata cannot be used, or carry no year.
    OptionError
        When an option is out of range.
    """
    options = options or Options()
    reference = _reference(strata)
    if not (np.isfinite(options.target) and options.target > 0):
        raise OptionError(
            "target",
            Say(f"目标 {options.target} 须大于 0", f"target {options.target} must be above zero"),
            Say("给出 m³/亩", "give it in m³/亩"),
        )
    parameters = registry.priors(options.overrides)
    state = from_table(strata.table(), strata.name)
    model = build(state, parameters, conversion_set=options.conversion_set, zone=options.zone)
    draws = sample(model, reference, options.first, options.last, seed=seed, draws=options.draws)
    published = points(series)
    data, dense = _dataset(model, draws, published)
    answers = tuple(
        answer(one, _last(published, one.id), draws.years, dense.get(one.id), options.target, as_of)
        for one in DEFINITIONS
    )
    for i, one in enumerate(answers):
        data["p_by"][i, len(draws.past_years) :] = one.p_by
    checked = gate.check(model)
    return ForestStudy(
        data, answers, published, project(model, reference, options.last), model, options,
        reference, as_of, checked,
        carbon.sweep(state.area, model.volume, state.species, parameters),
        carbon.ratios(
            state.area, model.volume, state.species, parameters, options.conversion_set
        ),
        (
            *_notes(strata, state, published, checked, model, reference),
            *gate.bridge_faults(data["stock"], published, reference),
        ),
        _passport(strata, published, model),
    )  # fmt: skip


def _reference(strata: Layer) -> int:
    text = strata.passport.as_of[:4]
    if not text.isdigit():
        raise TableError(
            strata.name,
            Say("没有基准年（as_of 为空）", "carries no reference year (as_of is empty)"),
            Say("在目录条目写明 acquired", "state acquired in the catalog entry"),
        )
    return int(text)


def _last(published: tuple[Point, ...], definition: str) -> Point | None:
    own = [p for p in published if p.definition == definition]
    return own[-1] if own else None


def _dataset(
    model: Model, draws: Samples, published: tuple[Point, ...]
) -> tuple[xr.Dataset, dict[str, F64]]:
    """Return the dataset, and the density draws from the reference year by definition."""
    years = np.concatenate([draws.past_years, draws.years])
    past = len(draws.past_years)
    size = (len(DEFINITIONS), len(years))
    density = np.full((*size, len(QUANTILES)), np.nan)
    area = np.full(size, np.nan)
    kind = np.full(size, NONE, dtype="U6")
    dense: dict[str, F64] = {}
    for i, one in enumerate(DEFINITIONS):
        if not one.modelled:
            _interpolate(model, published, one, years, density[i], kind[i])
            continue
        held = draws.tree_ha + _beside(model.state, one)
        dense[one.id] = draws.stock / held / MU_PER_HA
        bridged = draws.past_stock / held[:, :1] / MU_PER_HA
        density[i] = np.quantile(np.hstack([bridged, dense[one.id]]), QUANTILES, axis=0).T
        area[i, past:] = np.median(held, axis=0) * MU_PER_HA / 1e4
        kind[i, :past], kind[i, past:] = BRIDGE, MODEL
    stock = np.quantile(np.hstack([draws.past_stock, draws.stock]), QUANTILES, axis=0).T / 1e4
    held_c = np.full((len(years), len(QUANTILES)), np.nan)
    held_c[past:] = np.quantile(draws.carbon, QUANTILES, axis=0).T / 1e4
    moved = np.full((len(years), len(QUANTILES)), np.nan)
    moved[past + 1 :] = np.quantile(carbon.net_emission(draws.carbon), QUANTILES, axis=0).T / 1e4
    by_year = ("year", "quantile")
    data = xr.Dataset(
        {
            "density": (("definition", *by_year), density, {"units": "m³/亩"}),
            "stock": (by_year, stock, {"units": "万m³"}),
            "carbon": (by_year, held_c, {"units": "万tC", "scope": "live"}),
            "net_emission": (by_year, moved, {"units": "万tCO2/a", "sign": "-dC x 44/12"}),
            "area": (("definition", "year"), area, {"units": "万亩"}),
            "p_by": (("definition", "year"), np.full(size, np.nan), {"units": "1"}),
            "kind": (("definition", "year"), kind),
        },
        coords={
            "definition": [one.id for one in DEFINITIONS],
            "year": years,
            "quantile": list(QUANTILES),
        },
    )
    return data, dense


def _beside(state: State, one: Definition) -> float:
    """Return the area [ha] of the denominator that is not 乔木."""
    return state.area_of(tuple(name for name in one.classes if name != ARBOR))


def _interpolate(
    model: Model,
    published: tuple[Point, ...],
    one: Definition,
    years: npt.NDArray[np.int64],
    density: F64,
    kind: npt.NDArray[np.str_],
) -> None:
    """Bridge between points of the same definition; before and after them stays empty."""
    own = [p for p in published if p.definition == one.id]
    if len(own) < 2:
        return
    inside = (years >= own[0].year) & (years <= own[-1].year)
    line = np.interp(years[inside], [p.year for p in own], [p.density for p in own])
    error = registry.value(model.parameters, "stock_error") / 100.0
    factors = 1.0 + error * _NORMAL_95 * np.array([-1.0, 0.0, 1.0])
    density[inside] = line[:, None] * factors
    kind[inside] = BRIDGE


def _passport(strata: Layer, published: tuple[Point, ...], model: Model) -> Passport:
    used = {c.source for c in model.curve_of} | {p.source for p in model.parameters.values()}
    used |= {"F-LI2016" if model.conversion.name == carbon.DEFAULT_SET else "F-ZHANG2013"}
    used |= {"F-DEADWOOD"}
    table = registry.table("sources").set_index("id")
    known = sorted(s for s in used if s in table.index and s != "F-PRIOR")
    own = Passport(
        sources=tuple(known),
        licences=("CC-BY-4.0",),
        citations=tuple(registry.citation(s) for s in known),
        grade="prior",
        unverified=True,
    )
    marks = [
        Passport(sources=tuple(p.source.split(";")), grade=p.grade, as_of=str(p.year))
        for p in published
    ]
    return replace(merge(strata.passport, own, *marks), as_of=strata.passport.as_of)


def _bare(state: State) -> tuple[Say, ...]:
    """Name strata with trees but no stock: their curve is zero, so they never grow."""
    empty = (state.stock == 0) & (state.area.sum(axis=1) > 0)
    found = [name for name, bare in zip(state.names, empty, strict=True) if bare]
    if not found:
        return ()
    return (
        Say(
            f"有面积无蓄积的分层：{'、'.join(found)}；无从定标，以后各年蓄积按 0 计，偏低",
            f"strata with area but no stock: {', '.join(map(english, found))}; no curve can be "
            "calibrated, their stock stays 0 and later years are on the low side",
        ),
    )


def _notes(
    strata: Layer,
    state: State,
    published: tuple[Point, ...],
    checked: pd.DataFrame,
    model: Model,
    reference: int,
) -> tuple[Say, ...]:
    """Say what was assumed, and where the strata do not meet the published figures."""
    notes = [*state.notes, *_bare(state)]
    for one in DEFINITIONS:
        own = [p for p in published if p.definition == one.id and p.year == reference]
        if not own or not one.modelled:
            continue
        held = (state.area.sum() + _beside(state, one)) * MU_PER_HA / 1e4
        stock = state.stock.sum() / 1e4
        for word, en, ours, theirs in (
            ("面积", "area", held, own[0].area_wan_mu),
            ("蓄积", "stock", stock, own[0].stock_wan_m3),
        ):
            if abs(ours / theirs - 1.0) > 0.005:
                zh = f"{one.id} {word}：分层表 {ours:,.1f}，公布 {theirs:,.1f}，不一致，按分层表计"
                notes.append(
                    Say(
                        zh,
                        f"{one.id} {en}: strata {ours:,.1f}, published {theirs:,.1f}; strata used",
                    )
                )
    flagged = checked.loc[checked["flag"] != "", "stratum"]
    if len(flagged):
        notes.append(
            Say(
                f"生长曲线超出 P10–P90 生物量带的分层：{'、'.join(dict.fromkeys(flagged))}",
                "curves outside the P10-P90 biomass band: "
                + ", ".join(english(str(name)) for name in dict.fromkeys(flagged)),
            )
        )
    beyond = gate.share_beyond_domain(model)
    if beyond > 0:
        notes.append(
            Say(
                f"{100 * beyond:.1f} % 的乔木面积年龄在曲线拟合范围之外（外推）",
                f"{100 * beyond:.1f} % of the tree area is outside the ages of the curve fits",
            )
        )
    if strata.passport.synthetic:
        notes.append(Say("演示：林分结构为合成", "Demo: the forest structure is synthetic"))
    return tuple(notes)
