"""Back-test on a constructed case with a known AUC; refusals of truth.md A5."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import CrsError, GridMismatchError
from geo.grid import Grid
from geo.passport import Passport
from siting.backtest import Backtest, Untestable, auc, backtest
from siting.law.bits import Bits
from siting.law.patterns import PatternTable
from siting.law.predicates import Parameters
from siting.law.rules import load_ruleset
from siting.law.terms import Component, Technology
from siting.law.verdict import judge

RULES = load_ruleset("hubei", date(2026, 11, 22))
SIDE = 200
GRID = Grid.from_bounds("EPSG:4546", (500_000, 3_590_000, 518_000, 3_608_000), 90.0)
RED = 3000  # cells on permanent farmland


def country() -> tuple[PatternTable, np.ndarray]:
    """Free land with scores spread evenly over 0-100, and a strip of permanent farmland."""
    names = ["permanent_farmland", *sorted(set(RULES.predicates) - {"permanent_farmland"})]
    bits = Bits(
        tuple(RULES.predicates[name] for name in names),
        {name: j for j, name in enumerate(names)},
        frozenset(range(1, len(names))), MappingProxyType({}), Parameters(),
    )  # fmt: skip
    index = np.zeros(GRID.shape, np.uint16)
    index.ravel()[:RED] = 1
    free = index.size - RED
    score = np.full(index.size, 50.0, np.float32)
    score[RED:] = np.random.default_rng(5).permutation((np.arange(free) + 0.5) / free * 100)
    cells = np.array([free, RED])
    table = PatternTable(
        bits, np.array([0, 1], np.uint64), np.zeros(2, np.uint64), index, cells,
        np.vstack([[0, 0], cells * 8100.0]), {}, Passport(),
    )  # fmt: skip
    return table, score.reshape(GRID.shape)


def plants_at(cells: np.ndarray, quality: str = "exact") -> gpd.GeoDataFrame:
    x, y = GRID.xy(cells // GRID.cols, cells % GRID.cols)
    return gpd.GeoDataFrame(
        {"coord_quality": quality}, geometry=gpd.points_from_xy(x, y), crs=GRID.crs,
        index=range(len(cells)),
    )  # fmt: skip


def at_scores(score: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return free cells with the given scores."""
    order = np.argsort(score.ravel()[RED:]) + RED
    return order[np.round(wanted / 100 * (order.size - 1)).astype(int)]


def ask(plants, table, score, **options):
    judged = judge(table, RULES, Technology.PV, Component.PV_ARRAY)
    return backtest(plants, GRID, table, judged, score, draws=400, **options)


def test_known_auc():
    """Plants of density 2u on scores u: P(plant above background) is 2/3."""
    table, score = country()
    u = np.sqrt((np.arange(60) + 0.5) / 60)
    found = ask(plants_at(at_scores(score, u * 100)), table, score)
    assert isinstance(found, Backtest)
    assert found.auc == pytest.approx(2 / 3, abs=0.01)
    assert found.low < 2 / 3 < found.high
    assert 0.05 < found.high - found.low < 0.2
    assert (found.n, found.scored, found.background) == (60, 60, 10_000)
    assert found.text().zh.startswith("AUC 0.6")
    assert ask(plants_at(at_scores(score, u * 100)), table, score) == found  # same seed, same bytes


def test_plants_like_the_background_score_a_half():
    table, score = country()
    evenly = (np.arange(60) + 0.5) / 60 * 100
    found = ask(plants_at(at_scores(score, evenly)), table, score)
    assert found.auc == pytest.approx(0.5, abs=0.01)


def test_avoidance_of_a_rule():
    table, score = country()
    share = RED / score.size
    free = at_scores(score, np.linspace(1, 99, 58))
    found = ask(plants_at(np.concatenate([free, [3, 4]])), table, score)
    rule = {one.rule.id: one for one in found.rules}["R-06"]
    assert rule.plants == 2
    assert rule.land == pytest.approx(share)
    assert rule.whole == pytest.approx(2 / 60 / share)
    assert rule.conditional == pytest.approx(rule.whole)  # no other rule takes that land
    assert not rule.contradicts
    crowd = ask(plants_at(np.arange(40)), table, score)  # every plant on farmland
    assert {one.rule.id for one in crowd.rules if one.contradicts} >= {"R-06"}
    nothing = {one.rule.id: one for one in found.rules}["R-20"]
    assert nothing.whole is None


def test_too_few_plants():
    table, score = country()
    few = ask(plants_at(at_scores(score, np.linspace(1, 99, 29))), table, score)
    assert isinstance(few, Untestable)
    assert few.text().zh.startswith("无法检验 (n = 29)")
    loose = plants_at(at_scores(score, np.linspace(1, 99, 60)), "town_centroid")
    assert ask(loose, table, score).n == 0
    surveyed = plants_at(at_scores(score, np.linspace(1, 99, 60)), "surveyed")
    assert isinstance(ask(surveyed, table, score), Backtest)


def test_plants_without_a_score_do_not_count():
    table, score = country()
    cells = at_scores(score, np.linspace(1, 99, 60))
    score.ravel()[cells[:40]] = np.nan
    found = ask(plants_at(cells), table, score)
    assert isinstance(found, Untestable)
    assert found.n == 60
    assert "20 座" in found.reason.zh


def test_never_on_synthetic_layers():
    table, score = country()
    plants = plants_at(at_scores(score, np.linspace(1, 99, 60)))
    for made_up in (
        ask(plants, replace(table, passport=Passport(synthetic=True)), score),
        ask(plants, table, score, synthetic=True),
    ):
        assert isinstance(made_up, Untestable)
        assert "合成图层" in made_up.text().zh


def test_bad_input():
    table, score = country()
    plants = plants_at(np.arange(60))
    with pytest.raises(CrsError):
        ask(plants.to_crs(4490), table, score)
    with pytest.raises(GridMismatchError):
        ask(plants, table, score[:-1])


@given(st.lists(st.integers(0, 5), min_size=1), st.lists(st.integers(0, 5), min_size=1))
def test_auc_is_the_share_of_pairs(plants, background):
    pairs = [1.0 if p > b else 0.5 if p == b else 0.0 for p in plants for b in background]
    found = auc(np.array(plants, float), np.array(background, float))
    assert found == pytest.approx(np.mean(pairs))
