"""Back-test scores and rules on plants that already stand.

Only under truth.md A5: at least 30 located plants of the technology, a background sampled
from eligible land, a bootstrap interval, and never on a synthetic layer; anything less
reads 无法检验 and why.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geo.crs import same_crs
from geo.errors import CrsError, GridMismatchError, Say
from geo.grid import Grid
from siting.law.patterns import OUTSIDE, PatternTable
from siting.law.rules import Rule
from siting.law.terms import SCREENABLE, Effect, State
from siting.law.verdict import Judgement
from siting.sites.land import eligible_patterns

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Fewest located plants of a technology that can be tested (truth.md A5).
FEWEST: Final = 30
#: Standard normal quantile of the intervals of shares, 95 %.
_Z: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Untestable:
    """There is no back-test, and why.

    Parameters
    ----------
    n
        Plants of exact or surveyed position inside the region.
    """

    n: int
    reason: Say

    def text(self) -> Say:
        """Return e.g. ``无法检验 (n = 12)：不足 30 座``."""
        return Say(
            f"无法检验 (n = {self.n})：{self.reason.zh}",
            f"cannot be tested (n = {self.n}): {self.reason.en}",
        )


@dataclass(frozen=True, slots=True)
class Avoidance:
    """How plants keep off the land of one rule.

    Parameters
    ----------
    plants
        Plants on land that the rule hits.
    land
        Share of the region that the rule hits. [0-1]
    whole
        Share of plants over share of land, all of the region; below 1 = avoided, None where
        the rule hits nothing.
    conditional
        The same on land that no other rule takes; None where that cannot be told.
    contradicts
        The rule prohibits or bars, yet plants stand there more often than land lies there,
        beyond chance (95 %): it contradicts practice, or its layer is displaced.
    """

    rule: Rule
    plants: int
    land: float
    whole: float | None
    conditional: float | None
    contradicts: bool


@dataclass(frozen=True, slots=True)
class Backtest:
    """Result of a back-test.

    Parameters
    ----------
    n
        Located plants inside the region; ``scored`` of them have a score.
    auc, low, high
        Probability that a plant scores above a random place of eligible land, and its
        bootstrap interval. [0-1]
    level
        Coverage of the interval. [0-1]
    """

    n: int
    scored: int
    background: int
    auc: float
    low: float
    high: float
    level: float
    rules: tuple[Avoidance, ...]

    def text(self) -> Say:
        """Return the AUC with its interval and numbers."""
        band = f"{self.auc:.2f} ({self.low:.2f}-{self.high:.2f})"
        return Say(
            f"AUC {band}，{self.level:.0%} 区间，n = {self.scored}，背景 {self.background} 点",
            f"AUC {band}, {self.level:.0%} interval, n = {self.scored}, "
            f"{self.background} background points",
        )


def backtest(
    plants: gpd.GeoDataFrame,
    grid: Grid,
    table: PatternTable,
    judgement: Judgement,
    score: npt.NDArray[np.float32],
    *,
    synthetic: bool = False,
    seed: int = 0,
    background: int = 10_000,
    draws: int = 2_000,
    level: float = 0.95,
) -> Backtest | Untestable:
    """Test scores and rules of one technology on plants that stand.

    Parameters
    ----------
    plants
        Points in the CRS of ``grid`` with the column ``coord_quality``; one row a plant.
    grid
        Grid of ``table.index`` and ``score``.
    table, judgement
        Patterns of the region and the footprint's judgement over them.
    score
        float32 (rows, cols), higher = better; NaN where there is none.
    synthetic
        The score rests on a synthetic layer (those of the table are known).
    seed
        Of the background sample and the bootstrap.
    background, draws
        Places sampled from eligible land; bootstrap draws.
    level
        Coverage of the interval. [0-1]

    Raises
    ------
    CrsError
        When the plants are in another CRS.
    GridMismatchError
        When score, table and grid differ in shape.
    """
    _check(plants, grid, table, score)
    cells = _located(plants, grid, table)
    n = len(cells)
    if synthetic or table.passport.synthetic:
        return Untestable(
            n,
            Say(
                "含合成图层，合成图层上不作回测", "synthetic layers are never tested against plants"
            ),
        )
    values = score[cells[:, 0], cells[:, 1]].astype(np.float64)
    values = values[np.isfinite(values)]
    if min(n, values.size) < FEWEST:
        few = Say(
            f"坐标精确或实测且有得分的电站 {values.size} 座，不足 {FEWEST} 座",
            f"{values.size} plants of exact or surveyed position with a score, fewer than {FEWEST}",
        )
        return Untestable(n, few)
    rng = np.random.default_rng(seed)
    land = _eligible_scores(table, judgement, score)
    if land.size == 0:
        return Untestable(n, Say("没有可作背景的可用地", "no eligible land for a background"))
    sample = np.sort(rng.choice(land, min(background, land.size), replace=False))
    low, high = _interval(values, sample, rng, draws, level)
    rules = _avoidance(table, judgement, table.index[cells[:, 0], cells[:, 1]].astype(np.int64))
    return Backtest(n, values.size, sample.size, auc(values, sample), low, high, level, rules)


def auc(plants: Floats, background: Floats) -> float:
    """Return the share of pairs in which the plant scores higher, ties counting half."""
    ordered = np.sort(background)
    below = np.searchsorted(ordered, plants, "left")
    upto = np.searchsorted(ordered, plants, "right")
    return float((below + upto).mean() / (2 * ordered.size))


def _check(
    plants: gpd.GeoDataFrame, grid: Grid, table: PatternTable, score: npt.NDArray[np.float32]
) -> None:
    if plants.crs is None or not same_crs(plants.crs, grid.crs):
        raise CrsError(
            "plants",
            Say(f"坐标系不是 {grid.crs}", f"are not in {grid.crs}"),
            Say("转换到运行格网的坐标系", "convert them to the CRS of the run's grid"),
        )
    if not table.index.shape == score.shape == grid.shape:
        raise GridMismatchError(
            "score",
            Say(
                f"形状 {score.shape} 不是 {grid.shape}",
                f"has shape {score.shape}, not {grid.shape}",
            ),
            Say("用同一 Grid 计算", "compute it on the run's Grid"),
        )


def _located(plants: gpd.GeoDataFrame, grid: Grid, table: PatternTable) -> Ints:
    """Return the cell (row, col) of each plant of exact or surveyed position in the region."""
    found = []
    for point, quality in zip(plants.geometry, plants["coord_quality"], strict=True):
        if quality not in SCREENABLE or point is None or point.is_empty:
            continue
        cell = grid.rowcol(float(point.x), float(point.y))
        if cell is not None and table.index[cell] != OUTSIDE:
            found.append(cell)
    return np.array(found, np.int64).reshape(-1, 2)


def _eligible_scores(
    table: PatternTable, judgement: Judgement, score: npt.NDArray[np.float32]
) -> Floats:
    lookup = np.zeros(1 << 16, np.bool_)
    lookup[: table.n] = eligible_patterns(judgement)
    values = score[lookup[table.index]].astype(np.float64)
    return np.asarray(values[np.isfinite(values)])


def _interval(
    plants: Floats, background: Floats, rng: np.random.Generator, draws: int, level: float
) -> tuple[float, float]:
    """Return the percentile bootstrap interval, both samples drawn anew each time."""
    n = background.size
    below = np.searchsorted(background, plants, "left")
    upto = np.searchsorted(background, plants, "right")
    found = np.empty(draws)
    for i in range(draws):
        drawn = np.bincount(rng.integers(n, size=n), minlength=n)
        rank = np.concatenate([[0], np.cumsum(drawn)])
        wins = (rank[below] + rank[upto]) / (2 * n)
        found[i] = wins[rng.integers(plants.size, size=plants.size)].mean()
    tail = (1 - level) / 2
    low, high = np.quantile(found, [tail, 1 - tail])
    return float(low), float(high)


def _avoidance(table: PatternTable, judgement: Judgement, at: Ints) -> tuple[Avoidance, ...]:
    """Return how the plants, standing on the patterns ``at``, keep off each rule's land."""
    every = [judgement.ruleset.rules[i] for i in judgement.rules]
    hit = judgement.state == State.HIT
    takes = np.array([rule.decides and _takes(rule) for rule in every], bool)
    taken_by = (hit & takes).sum(axis=1)
    area = table.area_m2[1:].sum(axis=0)
    out = []
    for j, rule in enumerate(every):
        if not rule.decides:
            continue
        others = taken_by - (hit[:, j] & takes[j]) > 0
        plants, land = int(hit[at, j].sum()), float(area[hit[:, j]].sum() / area.sum())
        alone = ~others
        free_land = float(area[alone].sum())
        conditional = _ratio(
            int((hit[at, j] & alone[at]).sum()),
            int(alone[at].sum()),
            float(area[alone & hit[:, j]].sum()) / free_land if free_land > 0 else 0.0,
        )
        out.append(
            Avoidance(
                rule,
                plants,
                land,
                _ratio(plants, at.size, land),
                conditional,
                _takes(rule) and land > 0 and _lowest_share(plants, at.size) > land,
            )
        )
    return tuple(out)


def _takes(rule: Rule) -> bool:
    return rule.stated and rule.effect in {Effect.PROHIBITED, Effect.UNBUILDABLE}


def _ratio(plants: int, of: int, land: float) -> float | None:
    return None if of == 0 or land <= 0 else plants / of / land


def _lowest_share(plants: int, n: int) -> float:
    """Return the lower end of Wilson's 95 % interval of a share."""
    share, z2 = plants / n, _Z * _Z
    middle = share + z2 / (2 * n)
    spread = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return (middle - spread) / (1 + z2 / n)
