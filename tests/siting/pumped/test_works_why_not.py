"""Why not here: each test of the search that a point can fail, with its number."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box

from geo.errors import OptionError, Say
from geo.grid import Grid
from geo.hydrology import drainage
from geo.passport import Passport
from geo.sourced import Sourced
from siting.law.terms import Component
from siting.pumped.dams.model import Cap, DamAudit, DamSites
from siting.pumped.dams.reasons import Check as DamTest
from siting.pumped.lakes.model import ExistingLake, LevelVolume
from siting.pumped.pairs.model import PairAudit, PairKind, Pairs
from siting.pumped.pairs.reasons import REASONS
from siting.pumped.works.model import Works
from siting.pumped.works.why_not import REACH_M, Step, WhyNot, why_not

CELL = 30.0
ROWS, COLS = 120, 81
WEST, SOUTH = 500_010.0, 3_600_000.0
GRID = Grid.from_bounds(
    "EPSG:4546", (WEST, SOUTH, WEST + COLS * CELL, SOUTH + ROWS * CELL), CELL
)  # fmt: skip
BED = 40  # column of the gully
#: Rows of the audited cells of the gully by what became of them.
AT = {
    DamTest.OPEN: 118, DamTest.LARGE: 112, DamTest.NOT_ALLOWED: 104, DamTest.BARRED: 96,
    DamTest.VOLUME: 88, DamTest.CAPPED: 80, DamTest.NOT_CLOSED: 72, DamTest.RATIO: 64,
    DamTest.SUPPRESSED: 56,
}  # fmt: skip
KEPT = (50, 40, 30, 20)  # rows of the dam sites 0..3
NUMBERS = {
    DamTest.OPEN: (12.3, math.nan), DamTest.LARGE: (61.0, 50.0), DamTest.VOLUME: (0.4, 1.0),
    DamTest.CAPPED: (0.7, 1.0), DamTest.NOT_CLOSED: (0.8, 1.0), DamTest.RATIO: (2.1, 3.0),
    DamTest.SUPPRESSED: (180.0, 300.0), DamTest.BARRED: (1.0, math.nan),
}  # fmt: skip


def valley() -> np.ndarray:
    x = np.abs(np.arange(COLS) - BED) * CELL
    y = (ROWS - 1 - np.arange(ROWS)) * CELL
    return (300 + 0.1 * y[:, None] + 0.4 * x[None, :]).astype(np.float32)


DEM = valley()
DRAINED = drainage(DEM, GRID)


def sites() -> DamSites:
    rows = np.array(KEPT, np.int32)
    cols = np.full(len(KEPT), BED, np.int32)
    cells = DRAINED.cells[rows, cols]
    curve = np.full((len(KEPT), 61), 2e6, np.float32)
    return DamSites(
        GRID, rows, cols, DRAINED.filled[rows, cols].astype(np.float32),
        cells.astype(np.float64) * CELL * CELL, np.zeros(len(KEPT), np.int8), curve, curve, curve,
        curve, np.full((len(KEPT), 2), np.inf, np.float32), np.full((len(KEPT), 2), -1, np.int16),
        DRAINED.position[rows, cols].astype(np.int32), cells.astype(np.int32),
    )  # fmt: skip


def dam_audit() -> DamAudit:
    failed = list(AT.items())
    rows = [row for _, row in failed] + list(KEPT)
    reason = [int(test) for test, _ in failed] + [0] * len(KEPT)
    found = [NUMBERS.get(test, (math.nan, math.nan)) for test, _ in failed]
    numbers = np.array(found + [(math.nan, math.nan)] * len(KEPT), np.float32)
    other = np.full(len(rows), -1, np.int32)
    other[[test for test, _ in failed].index(DamTest.SUPPRESSED)] = 0
    return DamAudit(
        np.array(rows, np.int32), np.full(len(rows), BED, np.int32), np.array(reason, np.uint8),
        numbers[:, 0], numbers[:, 1], other,
    )  # fmt: skip


#: (upper, lower, normal level of both): 0-1 chosen, 2-1 nested in it, 3 lends to a lake.
ROWS_OF_PAIRS = [(0, 1, 560.0, 480.0), (2, 1, 600.0, 480.0), (3, -1, 650.0, 400.0)]
LAKE = ExistingLake(
    "下水库", "reservoir", box(WEST, SOUTH, WEST + 300, SOUTH + 300), 9e4,
    Sourced(400.0, "m", "S1"), Sourced(390.0, "m", "S1"),
    LevelVolume(np.array([390.0, 400.0]), np.array([0.0, 5e6]), Say("公布", "published")),
    2e6, True, "", "", np.array([[WEST, SOUTH]]), (), Passport(),
)  # fmt: skip
ALONE = ExistingLake(
    "孤湖", "reservoir", box(WEST + 2100, SOUTH, WEST + 2400, SOUTH + 300), 9e4,
    Sourced(400.0, "m", "S1"), Sourced(390.0, "m", "S1"), LAKE.curve, 2e6, True, "", "",
    np.array([[WEST + 2100, SOUTH]]), (), Passport(),
)  # fmt: skip


def pairs_of(rows=ROWS_OF_PAIRS) -> Pairs:
    n = len(rows)
    one = np.ones(n)
    of = np.array(rows, np.float64).reshape(n, 4)
    kind = np.where(of[:, 1] < 0, PairKind.BLUEFIELD_LOWER, PairKind.GREENFIELD).astype(np.uint8)
    shore = np.zeros((n, 2))
    return Pairs(
        kind, of[:, 0].astype(np.int32), of[:, 1].astype(np.int32), np.zeros(n, bool), 600 * one,
        6 * one, 3.6 * one, 2e6 * one, of[:, 2].copy(), of[:, 2] - 20, of[:, 3].copy(),
        of[:, 3] - 20, 80 * one, 100 * one, 60 * one, one, 900 * one, 9 * one, shore, shore,
        5 * one, 300 * one, 1e6 * one, 1e6 * one, 40 * one, 40 * one, 200 * one, 200 * one,
        1e5 * one, 1e5 * one,
    )  # fmt: skip


PAIR_AUDIT = PairAudit(
    np.array([0, 0, 0, 8], np.uint8),
    np.array([np.nan, np.nan, np.nan, 72.0], np.float32),
    np.array([np.nan, np.nan, np.nan, 100.0], np.float32),
    np.zeros(13, np.int64),
)
CAPS = (Cap(np.full(GRID.shape, 1, np.uint8), (Say("永久基本农田", "farmland"),)),) * 2


def ask(row: int, col: int = BED, **more) -> WhyNot:
    x, y = GRID.xy(row, col)
    given = {
        "dams": sites(), "dam_audit": dam_audit(), "lakes": (LAKE, ALONE), "pairs": pairs_of(),
        "pair_audit": PAIR_AUDIT, "chosen": np.array([0, 2]), "caps": CAPS, **more,
    }  # fmt: skip
    return why_not(
        x, y, DRAINED, given.pop("dams"), given.pop("dam_audit"), given.pop("lakes"),
        given.pop("pairs"), given.pop("pair_audit"), given.pop("chosen"), given.pop("caps"),
        **given,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("test", "step", "word"),
    [
        (DamTest.OPEN, Step.CATCHMENT, "12.3 km²"),
        (DamTest.LARGE, Step.CATCHMENT, "61 km²，大于上限 50 km²"),
        (DamTest.NOT_ALLOWED, Step.GROUND, "不在搜索范围"),
        (DamTest.BARRED, Step.GROUND, "禁建用地内：永久基本农田"),
        (DamTest.VOLUME, Step.HEIGHT, "只能蓄 0.4 百万 m³，不足 1"),
        (DamTest.CAPPED, Step.HEIGHT, "不触及禁建用地时只能蓄 0.7"),
        (DamTest.NOT_CLOSED, Step.HEIGHT, "能封闭山谷的坝最多蓄 0.8"),
        (DamTest.RATIO, Step.HEIGHT, "水石比最大 2.1，小于 3"),
        (DamTest.SUPPRESSED, Step.NEIGHBOUR, "坝址 0（"),
    ],
)
def test_the_first_test_that_fails_with_its_number(test: DamTest, step: Step, word: str):
    answer = ask(AT[test])
    assert answer.step is step
    assert not answer.chosen
    assert word in answer.text.zh
    assert answer.distance_m == pytest.approx(0.0)
    assert [one.step for one in answer.steps] == list(Step)[: step + 1]
    assert all(one.passed for one in answer.steps[:-1])
    assert not answer.steps[-1].passed
    value, limit = NUMBERS.get(test, (math.nan, math.nan))
    assert answer.value == pytest.approx(value, nan_ok=True)
    assert answer.limit == pytest.approx(limit, nan_ok=True)
    assert all(one.text.zh and one.text.en for one in answer.steps)
    assert answer.dam == (0 if test is DamTest.SUPPRESSED else -1)


def test_barred_ground_without_names_gives_the_group():
    assert "第 1 组" in ask(AT[DamTest.BARRED], caps=None).text.zh


def test_a_point_off_the_gullies():
    answer = ask(AT[DamTest.RATIO], BED + 20)
    assert answer.step is Step.GULLY
    assert math.isnan(answer.distance_m)
    assert answer.value == pytest.approx(600.0)
    assert answer.limit == REACH_M
    assert "最近的断面在 600 m 处" in answer.text.zh
    assert ask(AT[DamTest.RATIO], BED + 20, reach_m=700.0).step is Step.HEIGHT
    near = ask(AT[DamTest.RATIO], BED + 5)
    assert near.distance_m == pytest.approx(150.0)
    assert "150 m 处" in near.steps[0].text.zh


def test_nothing_was_looked_at_and_a_void():
    empty = DamAudit(*(np.zeros(0, kind) for kind in (int, int, np.uint8, float, float, int)))
    assert ask(60, dam_audit=empty).step is Step.GULLY
    holed = DEM.copy()
    holed[60:64, 2:6] = np.nan
    x, y = GRID.xy(62, 4)
    answer = why_not(
        x, y, drainage(holed, GRID), sites(), dam_audit(), (), pairs_of(), PAIR_AUDIT, np.array([0])
    )
    assert answer.text.zh == "此处没有高程"


def test_a_dam_site_without_a_partner():
    answer = ask(KEPT[3], pairs=pairs_of(ROWS_OF_PAIRS[:2]), chosen=np.array([0]))
    assert answer.step is Step.PARTNER
    assert answer.text == REASONS[8].say(72.0, 100.0)
    assert "72 m" in answer.text.zh
    assert (answer.value, answer.limit) == (72.0, 100.0)
    assert answer.dam == 3
    assert answer.pair == -1


def test_a_pair_that_gave_way_says_to_which():
    answer = ask(KEPT[2])
    assert answer.step is Step.BEST_SET
    assert (answer.dam, answer.pair, answer.site) == (2, 1, 0)
    assert "第 1 名" in answer.text.zh
    given = ask(KEPT[2], overlaps=np.array([-1, 1, -1]))
    assert given.site == 1
    none = ask(KEPT[2], overlaps=np.array([-1, -1, -1]))
    assert none.site == -1
    assert "造价等级之外" in none.text.zh


def test_lakes_that_only_share_a_catchment_do_not_touch():
    # site 2 lies in the catchment of 0, whose water stays below its foot
    foot = float(sites().foot_m[2])
    rows = [(0, -1, foot - 1.0, 400.0), (2, -2, foot + 60.0, 400.0)]
    apart = ask(KEPT[2], pairs=pairs_of(rows), chosen=np.array([0]))
    assert apart.site == -1
    rows[0] = (0, -1, foot + 1.0, 400.0)
    assert ask(KEPT[2], pairs=pairs_of(rows), chosen=np.array([0])).site == 0
    rows = [(0, -1, foot - 1.0, 400.0), (2, -1, foot + 60.0, 400.0)]
    assert ask(KEPT[2], pairs=pairs_of(rows), chosen=np.array([0])).site == 0  # one lake lends


def test_a_chosen_site():
    answer = ask(KEPT[0])
    assert answer.chosen
    assert (answer.pair, answer.site) == (0, 0)
    assert "入选第 1 名（两库新建，600 MW × 6.0 h）" in answer.text.zh
    assert [one.step for one in answer.steps][-3:] == [Step.PARTNER, Step.BEST_SET, Step.CHOSEN]


def test_a_point_in_an_existing_lake():
    answer = ask(ROWS - 2, 2)
    assert answer.lake == 0
    assert answer.chosen
    assert answer.site == 1
    assert "已有水库下水库" in answer.steps[0].text.zh
    alone = ask(ROWS - 2, 72)
    assert alone.lake == 1
    assert alone.step is Step.PARTNER
    assert "2.00 百万 m³" in alone.text.zh


def test_a_point_on_a_drawn_structure():
    lake = box(*GRID.xy(60, BED + 10), *GRID.xy(50, BED + 30))
    frame = gpd.GeoDataFrame(
        {
            "site": [1], "part": ["upper_lake"], "component": [Component.UPPER_RESERVOIR.value],
            "existing": [False], "geometry": [lake],
        },
        crs=GRID.crs,
    )  # fmt: skip
    nan = np.full(2, np.nan)
    works = Works(
        frame,
        (None,) * 2,
        (None,) * 2,
        (),
        (),
        nan,
        nan,
        nan,
        nan,
        nan,
        nan,
        nan,
        nan > 0,
        ((),) * 2,
    )
    answer = ask(55, BED + 20, works=works)
    assert answer.chosen
    assert (answer.pair, answer.site) == (2, 1)
    assert answer.text.zh.startswith("位于入选第 2 名")
    assert "的上水库" in answer.text.zh
    assert ask(55, BED + 20).step is Step.GULLY


def test_a_point_outside_the_terrain_is_refused():
    with pytest.raises(OptionError):
        why_not(0.0, 0.0, DRAINED, sites(), dam_audit(), (), pairs_of(), PAIR_AUDIT, np.zeros(0))
