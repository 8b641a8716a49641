"""Demo forest strata: invented shares, fitted to the published totals of the city.

Nobody publishes the species, origin and age structure of 十堰. Every share below is
synthetic; only the sums are published: tree and bamboo area to the 三调 forest area,
with special shrub and economic forest to the area 含特灌, stock to the 森林蓄积. Which
land classes the published areas hold is itself an assumption, and said so.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Say, TableError
from geo.passport import Passport
from geo.units import mu_to_ha
from layers.contract import SPECS
from layers.facts import Facts, ForestPoint
from layers.layer import Layer

#: Reference year of the demo strata.
YEAR: Final = 2023
_STREAM: Final = 0x53545241
#: Species group, origin, share of tree area [-], relative stock level [-], mean and
#: spread of age [a]. All synthetic.
_STRATA: Final = (
    ("马尾松", "natural", 0.20, 1.00, 36, 14),
    ("马尾松", "planted", 0.07, 0.95, 26, 10),
    ("栎类", "natural", 0.27, 0.95, 38, 17),
    ("栎类", "planted", 0.02, 0.85, 24, 9),
    ("柏木", "natural", 0.08, 0.70, 38, 15),
    ("柏木", "planted", 0.06, 0.65, 26, 10),
    ("杉木", "planted", 0.05, 1.35, 20, 8),
    ("硬阔", "natural", 0.09, 1.00, 36, 16),
    ("软阔", "natural", 0.03, 0.95, 26, 12),
    ("软阔", "planted", 0.03, 1.10, 15, 7),
    ("针阔混", "natural", 0.06, 1.10, 38, 15),
    ("阔叶混", "natural", 0.04, 1.10, 38, 15),
)
_ORIGIN: Final = {"natural": "天然", "planted": "人工"}
_BAMBOO: Final = 0.010  # of the 三调 forest area, synthetic
_ECONOMIC: Final = 0.30  # of the difference between the two areas, synthetic; rest 特灌
_YOUNG_WAN_MU: Final = 18.12  # four years of the 4.53 万亩 planted in 2023 (S20), synthetic
_SPARSE_WAN_MU: Final = 20.0  # synthetic
_OLDEST: Final = 120
_RISE: Final = 0.035  # 1/a, synthetic shape of stock by age


def build(facts: Facts, seed: int) -> Layer:
    """Return the synthetic layer ``forest_strata`` for :data:`YEAR`.

    Parameters
    ----------
    facts
        Its ``forest_series`` must hold the D1 stock [万m³] and area [万亩] and the D2
        area [万亩] of :data:`YEAR`.
    seed
        Seed of the run; shapes age structure and stock by age, never the totals.

    Returns
    -------
    Layer
        Table layer; ``area_ha`` [ha], ``volume_m3`` [m³], ``age`` [a] (0 = no age).

    Raises
    ------
    TableError
        When a total is not among the facts.
    """
    one, two = _total(facts, "D1"), _total(facts, "D2")
    stock_m3 = (one.stock_wan_m3 or 0.0) * 1e4
    area_1 = mu_to_ha(one.area_wan_mu * 1e4)
    area_2 = mu_to_ha(two.area_wan_mu * 1e4)
    rng = np.random.default_rng([seed, _STREAM])
    rows = _trees(rng, area_1 * (1.0 - _BAMBOO), stock_m3)
    beside = (
        ("竹", "毛竹", "natural", area_1 * _BAMBOO),
        ("特灌", "灌木", "natural", (area_2 - area_1) * (1.0 - _ECONOMIC)),
        ("经济林", "经济树种", "planted", (area_2 - area_1) * _ECONOMIC),
        ("未成林", "马尾松", "planted", mu_to_ha(_YOUNG_WAN_MU * 1e4) * 0.5),
        ("未成林", "杉木", "planted", mu_to_ha(_YOUNG_WAN_MU * 1e4) * 0.5),
        ("疏林", "马尾松", "natural", mu_to_ha(_SPARSE_WAN_MU * 1e4)),
    )
    rows += [
        (f"{land}-{species}", species, origin, land, 0, area, 0.0)
        for land, species, origin, area in beside
    ]
    frame = pd.DataFrame(rows, columns=list(SPECS["forest_strata"].columns))
    return Layer(
        "forest_strata", frame, SPECS["forest_strata"], _passport(one, two), notes=_notes(one, two)
    )


def _trees(rng: np.random.Generator, area_ha: float, stock_m3: float) -> list[tuple[Any, ...]]:
    """Return one row a stratum and age that sum to ``area_ha`` and ``stock_m3``."""
    ages = np.arange(1, _OLDEST + 1)
    areas: list[npt.NDArray[np.float64]] = []
    stocks: list[npt.NDArray[np.float64]] = []
    for _, _, share, level, mean, spread in _STRATA:
        form = (mean / spread) ** 2
        logs = (
            (form - 1.0) * np.log(ages) - ages * form / mean + 0.15 * rng.standard_normal(len(ages))
        )
        weight = np.exp(logs - logs.max())
        areas.append(area_ha * share * weight / weight.sum())
        rise = level * (-np.expm1(-_RISE * ages)) ** 1.5
        stocks.append(areas[-1] * rise * np.exp(0.10 * rng.standard_normal(len(ages))))
    factor = stock_m3 / float(sum(s.sum() for s in stocks))
    return [
        (
            f"{group}-{_ORIGIN[origin]}",
            group,
            origin,
            "乔木",
            int(age),
            float(area),
            float(stock * factor),
        )
        for (group, origin, *_), per_area, per_stock in zip(_STRATA, areas, stocks, strict=True)
        for age, area, stock in zip(ages, per_area, per_stock, strict=True)
    ]


def _total(facts: Facts, definition: str) -> ForestPoint:
    for point in facts.forest_series:
        if (point.definition, point.year) == (definition, YEAR) and point.stock_wan_m3:
            return point
    raise TableError(
        "forest_strata",
        Say(
            f"事实表没有 {YEAR} 年 {definition} 的总量",
            f"facts hold no {definition} total of {YEAR}",
        ),
        Say(
            "在森林序列中补上该点，或用本单位小班表", "add the point, or use your own strata table"
        ),
    )


def _passport(one: ForestPoint, two: ForestPoint) -> Passport:
    return Passport(
        sources=tuple(dict.fromkeys(f"{one.source};{two.source}".split(";"))),
        grade="-",
        synthetic=True,
        unverified=True,
        as_of=f"{YEAR}-12-31",
    )


def _notes(one: ForestPoint, two: ForestPoint) -> tuple[str, ...]:
    return (
        f"演示：树种、起源、龄级与地类份额均为合成，{YEAR} 年；仅合计按已公布总量拟合",
        f"拟合总量：乔木+竹 {one.area_wan_mu} 万亩、蓄积 {one.stock_wan_m3} 万m³（{one.source}）",
        f"拟合总量：乔木+竹+特灌+经济林 {two.area_wan_mu} 万亩（{two.source}）",
        "假定：三调森林面积 = 乔木 + 竹；含特灌森林面积再加特灌与经济林；构成未公布",
        f"未成林 {_YOUNG_WAN_MU} 万亩、疏林 {_SPARSE_WAN_MU} 万亩为合成，不计入森林面积",
    )
