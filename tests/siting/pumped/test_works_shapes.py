"""Structures drawn on analytic valleys: shore, dam, curve, waterway, road and line."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString, Point, box

from geo.crs import cell_areas
from geo.errors import CrsError, OptionError, Say
from geo.grid import Grid
from geo.hydrology import Drainage, drainage
from geo.passport import Passport
from geo.sourced import Sourced
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from siting.law.terms import Component
from siting.pumped.dams.model import D8_WALL, DamSites
from siting.pumped.dams.section import Section
from siting.pumped.lakes.model import ExistingLake, LevelVolume
from siting.pumped.pairs.model import PairKind, Pairs
from siting.pumped.works import _kernels
from siting.pumped.works.access import nearest_road, nearest_substation, needed_kv
from siting.pumped.works.axis import bilinear, direction, footprint, profile_of, straight_axis
from siting.pumped.works.model import PARTS
from siting.pumped.works.newlake import NewLake, new_lake
from siting.pumped.works.outline import cell_outline, lake_outline
from siting.pumped.works.parameters import parameters
from siting.pumped.works.shapes import works_of

CELL = 10.0
BED, SIDE = 0.05, 0.5  # slopes along and across the valley
BODY = Section(Say("坝", "dam"), 10.0, 1.5, 1.4, 1.6)
REACH = 1000.0


def grid_of(rows: int, cols: int, cell: float = CELL) -> Grid:
    return Grid.from_bounds(
        "EPSG:4546",
        (500_000.0, 3_600_000.0, 500_000.0 + cols * cell, 3_600_000.0 + rows * cell),
        cell,
    )


def metres(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return x from the middle column and y up the valley from the southern row."""
    x = (np.arange(grid.cols) - grid.cols // 2) * grid.dx
    y = (grid.rows - 1 - np.arange(grid.rows)) * grid.dy
    return np.meshgrid(x, y)


def v_valley(rows: int = 180, cols: int = 121) -> tuple[np.ndarray, Grid]:
    """Return a valley that runs south, its bed in the middle column."""
    grid = grid_of(rows, cols)
    x, y = metres(grid)
    return (100.0 + BED * y + SIDE * np.abs(x)).astype(np.float32), grid


def site_of(drained: Drainage, row: int, col: int, axis: int, volumes: np.ndarray) -> DamSites:
    """Return one dam site; ``volumes`` by metre of height [m³]."""

    def many(value, dtype):
        return np.array([value], dtype)

    curve = np.asarray(volumes, np.float32)[None, :]
    return DamSites(
        grid=drained.grid,
        row=many(row, np.int32),
        col=many(col, np.int32),
        foot_m=many(drained.filled[row, col], np.float32),
        catchment_m2=many(drained.cells[row, col] * drained.grid.dx * drained.grid.dy, np.float64),
        axis=many(axis, np.int8),
        volume_m3=curve,
        area_m2=curve * 0 + 1,
        dam_m3=curve * 0 + 1,
        crest_length_m=curve * 0 + 1,
        cap_m=np.full((1, 2), np.inf, np.float32),
        cap_by=np.full((1, 2), -1, np.int16),
        start=many(drained.position[row, col], np.int32),
        cells=many(drained.cells[row, col], np.int32),
    )


def wedge(heights: int = 41) -> np.ndarray:
    """Return the volume of the lake in the V-valley by height."""
    return np.arange(heights) ** 3 / (3 * SIDE * BED)


def lake_at(dem, grid, row, col, axis, height, volumes) -> tuple[NewLake, DamSites, Drainage]:
    drained = drainage(dem, grid)
    site = site_of(drained, row, col, axis, volumes)
    level = float(site.foot_m[0]) + height
    lake = new_lake(drained, dem, cell_areas(grid), site, 0, level, level - height / 2, BODY, REACH)
    return lake, site, drained


def check_lake(lake: NewLake, drained: Drainage, level: float) -> None:
    """Assert what holds of every lake: wet cells below the level, the shore keeps the area."""
    t, whole = lake.grid.transform, drained.grid.transform
    top, left = round((whole.f - t.f) / lake.grid.dy), round((t.c - whole.c) / lake.grid.dx)
    ground = drained.filled[top : top + lake.grid.rows, left : left + lake.grid.cols]
    assert lake.water.any()
    assert (ground[lake.water] < level).all()
    assert lake.lake.is_valid
    assert lake.dam.is_valid
    level_m, volume, area = lake.curve
    assert lake.lake.area == pytest.approx(area[-1], rel=0.012)  # on the map and ellipsoidal
    assert level_m[-1] == pytest.approx(level)
    assert (np.diff(level_m) > 0).all()
    assert (np.diff(volume) >= 0).all()
    assert (np.diff(area) >= 0).all()
    assert volume[-1] == lake.volume_m3


def test_v_valley_with_a_dam_across():
    dem, grid = v_valley()
    row, col, height = 150, 60, 30.0
    lake, site, drained = lake_at(dem, grid, row, col, 0, height, wedge())
    level = float(site.foot_m[0]) + height
    check_lake(lake, drained, level)
    assert lake.open_m == 0.0
    assert lake.notes == ()
    assert lake.volume_m3 == pytest.approx(wedge()[30], rel=0.02)
    assert lake.curve[2, -1] == pytest.approx(height**2 / (SIDE * BED), rel=0.02)
    # the crest: from bank to bank at crest level, left bank (east, the bed runs south) first
    assert lake.crest.length == pytest.approx(2 * (height + 1.5) / SIDE, rel=0.01)
    (x0, y0), (x1, _) = lake.crest.coords
    assert x0 > x1
    assert y0 == pytest.approx(grid.xy(row, col)[1])
    profile = lake.profile
    assert profile.ground_m[0] == pytest.approx(profile.crest_m, abs=0.05)
    assert profile.ground_m[-1] == pytest.approx(profile.crest_m, abs=0.05)
    assert profile.ground_m.min() == pytest.approx(float(site.foot_m[0]), abs=0.05)
    assert profile.crest_m == pytest.approx(level + 1.5)
    assert profile.chainage_m[-1] == pytest.approx(lake.crest.length)
    # dry below the dam, and the dam covers the foot
    assert not lake.lake.contains(Point(grid.xy(row + 3, col)))
    assert lake.dam.contains(Point(grid.xy(row, col)))
    y = height + 1.5
    assert lake.dam.area == pytest.approx(2 / SIDE * (10 * y + (1.4 + 1.6) * y * y / 2), rel=0.02)


def test_a_finer_grid_comes_closer_to_the_closed_form():
    fine = grid_of(900, 601, 2.0)
    x, y = metres(fine)
    dem = (100.0 + BED * y + SIDE * np.abs(x)).astype(np.float32)
    lake, _, _ = lake_at(dem, fine, 750, 300, 0, 30.0, wedge())
    assert lake.volume_m3 == pytest.approx(wedge()[30], rel=0.005)
    assert lake.crest.length == pytest.approx(2 * 31.5 / SIDE, rel=0.002)


@pytest.mark.parametrize(("axis", "sign"), [(2, 1.0), (6, -1.0)])
def test_a_diagonal_valley_takes_a_diagonal_dam(axis: int, sign: float):
    grid = grid_of(240, 240)
    x, y = metres(grid)
    y = y - 1200.0  # the bed passes the centres of cells
    # it runs towards the south-west (or south-east)
    up, across = (sign * x + y) / math.sqrt(2), (x - sign * y) / math.sqrt(2)
    dem = (200.0 + BED * up + SIDE * np.abs(across)).astype(np.float32)
    drained = drainage(dem, grid)
    row, col = 139, 100 if sign > 0 else 140
    lake, site, _ = lake_at(dem, grid, row, col, axis, 30.0, wedge())
    check_lake(lake, drained, float(site.foot_m[0]) + 30.0)
    assert lake.volume_m3 == pytest.approx(wedge()[30], rel=0.06)
    assert lake.crest.length == pytest.approx(2 * 31.5 / SIDE, rel=0.03)
    assert lake.open_m == 0.0


def test_the_wall_of_cell_edges():
    dem, grid = v_valley()
    lake, site, drained = lake_at(dem, grid, 150, 60, D8_WALL, 30.0, wedge())
    check_lake(lake, drained, float(site.foot_m[0]) + 30.0)
    assert lake.volume_m3 == pytest.approx(wedge()[30], rel=0.05)
    assert lake.crest.length == pytest.approx(2 * 31.5 / SIDE, rel=0.15)
    assert lake.profile.ground_m.max() < lake.profile.crest_m
    assert lake.crest.coords[0][0] > lake.crest.coords[-1][0]  # left bank first
    assert any("集水区边界" in one.zh for one in lake.notes)


def two_valleys(divide_m: float) -> tuple[np.ndarray, Grid]:
    """Return two valleys side by side; the divide stands ``divide_m`` above their beds."""
    grid = grid_of(180, 201)
    x, y = metres(grid)
    half = divide_m / SIDE
    folded = np.minimum(np.abs(x), np.abs(x - 2 * half))
    return (100.0 + BED * y + SIDE * folded).astype(np.float32), grid


def test_water_over_a_divide_is_kept_in_and_said():
    dem, grid = two_valleys(20.0)
    lake, site, drained = lake_at(dem, grid, 150, 100, 0, 30.0, wedge())
    level = float(site.foot_m[0]) + 30.0
    check_lake(lake, drained, level)
    # the divide lies below the crest as far up the valley as the lake goes
    assert lake.open_m > 100.0
    assert any("副坝" in one.zh for one in lake.notes)
    first, last = int(site.start[0]), int(site.start[0] + site.cells[0])
    x, y = lake.lake.representative_point().coords[0]
    row, col = grid.rowcol(x, y)
    assert first <= drained.position[row, col] < last
    # the neighbour's bed stays dry
    assert not lake.lake.contains(Point(grid.xy(140, 100 + 8)))
    # its dam stands on the divide too
    assert lake.dam.distance(Point(grid.xy(145, 104))) < 30.0


def test_a_higher_divide_needs_no_saddle_dam():
    dem, grid = two_valleys(40.0)
    lake, _, _ = lake_at(dem, grid, 150, 100, 0, 30.0, wedge())
    assert lake.open_m == 0.0
    assert lake.volume_m3 == pytest.approx(wedge()[30], rel=0.02)


def test_an_axis_that_meets_no_bank_says_so():
    dem, grid = v_valley()
    drained = drainage(dem, grid)
    site = site_of(drained, 150, 60, 0, wedge())
    level = float(site.foot_m[0]) + 30.0
    lake = new_lake(drained, dem, cell_areas(grid), site, 0, level, level - 9, BODY, 30.0)
    assert any("未到达坝顶" in one.zh for one in lake.notes)


def oracle(z, member, rows, cols, seed, level, wall):
    """Return the water cells by a set of frontiers; ``wall`` = row of an east-west dam."""
    wet, queue = {seed}, [seed]
    while queue:
        r, c = divmod(queue.pop(), cols)
        for dr in (-1, 0, 1):
            for dc in (-1, 0, 1):
                a, b = r + dr, c + dc
                k = a * cols + b
                if not (0 <= a < rows and 0 <= b < cols) or k in wet or not z[k] < level:
                    continue
                if dr and dc and not (member[r * cols + c] and member[k]):
                    continue
                if (r <= wall) != (a <= wall):
                    continue
                wet.add(k)
                queue.append(k)
    return wet


@pytest.mark.parametrize("compiled", [True, False])
def test_the_flood_equals_a_search_by_sets(compiled: bool):
    flood = _kernels.flood_behind if compiled else _kernels.flood_behind.py_func
    rng = np.random.default_rng(7)
    rows, cols = 30, 25
    for _ in range(6):
        z = rng.uniform(0, 10, rows * cols).astype(np.float32)
        z[rng.integers(0, z.size, 20)] = np.nan
        member = rng.random(rows * cols) < 0.7
        foot = 20 * cols + 12
        z[foot], member[foot] = 0.0, True
        dam = np.array([12, 20, 5.0, 5.0, 1.0, 0.0, 0.0, -1.0, -1e9, 1e9], np.float64)
        out = np.zeros(z.size, np.uint8)
        flood(z, member, rows, cols, foot, 6.0, True, dam, np.empty(z.size, np.int64), out)
        wet = oracle(z, member, rows, cols, foot, 6.0, 20)
        assert set(np.flatnonzero(out).tolist()) == wet
        out[:] = 0
        dry = flood(z, member, rows, cols, foot, -1.0, True, dam, np.empty(z.size, np.int64), out)
        assert dry == 0
        assert not out.any()


def test_the_flood_says_what_it_meets():
    z = np.ones((5, 5), np.float32).reshape(-1)
    member = np.ones(25, np.bool_)
    dam = np.array([2, 2, 1.0, 1.0, 1.0, 0.0, 0.0, -1.0, -9.0, 9.0], np.float64)
    queue, out = np.empty(25, np.int64), np.zeros(25, np.uint8)
    assert _kernels.flood_behind(z, member, 5, 5, 12, 2.0, True, dam, queue, out) == _kernels.RIM
    assert out.reshape(5, 5).sum(axis=1).tolist() == [5, 5, 5, 0, 0]  # dry below the line
    z[:10] = 3.0
    z[7] = np.nan
    out[:] = 0
    met = _kernels.flood_behind(z, member, 5, 5, 12, 2.0, True, dam, queue, out)
    assert met == _kernels.RIM | _kernels.VOID


def test_bilinear_is_exact_on_a_plane_and_knows_its_limits():
    grid = grid_of(20, 30)
    x, y = metres(grid)
    z = (3.0 + 0.2 * x - 0.1 * y).astype(np.float32)
    px, py = np.array([500_101.0, 500_055.5]), np.array([3_600_077.0, 3_600_123.0])
    want = 3.0 + 0.2 * (px - grid.xy(0, 15)[0]) - 0.1 * (py - grid.xy(19, 0)[1])
    assert bilinear(z, grid, px, py) == pytest.approx(want, abs=1e-4)
    assert np.isnan(bilinear(z, grid, np.array([0.0]), np.array([0.0]))).all()
    z[10, 10] = np.nan
    cx, cy = grid.xy(10, 10)
    got = bilinear(z, grid, np.array([cx, cx + 10.0, cx + 4.0]), np.array([cy, cy, cy]))
    assert np.isnan(got[[0, 2]]).all()
    assert math.isfinite(got[1])


def test_axes_turn_clockwise_from_east():
    assert direction(0) == pytest.approx((1.0, 0.0))
    assert direction(2) == pytest.approx((math.sqrt(0.5), -math.sqrt(0.5)))
    assert direction(4) == pytest.approx((0.0, -1.0))
    dem, grid = v_valley()
    axis = straight_axis(dem, grid, (150, 60), 0, (0.0, 1.0), 140.0, 500.0)
    assert axis.water == pytest.approx((0.0, 1.0))
    assert axis.along == pytest.approx((1.0, 0.0))  # left bank of a river that runs south
    assert axis.closed
    below = axis.below(20.0, 30.0)
    assert below.area == pytest.approx((axis.length_m + 40.0) * 30.0)
    assert below.centroid.y < axis.foot[1]


def test_the_shore_keeps_the_area_of_its_cells_and_joins_corners():
    grid = grid_of(60, 60)
    x, y = metres(grid)
    mask = (x**2 + (y - 300) ** 2 < 220.0**2) & ~(x**2 + (y - 300) ** 2 < 60.0**2)
    shore = lake_outline(mask, grid)
    assert shore.area == pytest.approx(mask.sum() * 100.0, rel=0.01)
    assert len(shore.interiors) == 1
    assert len(shore.exterior.coords) > 30
    assert shore.length < cell_outline(mask, grid).length  # no stairs
    corner = np.zeros(grid.shape, bool)
    corner[10, 10] = corner[11, 11] = True
    assert cell_outline(corner, grid).geom_type == "Polygon"
    one = lake_outline(corner, grid)
    assert one.area == pytest.approx(200.0, rel=0.01)
    assert cell_outline(np.zeros(grid.shape, bool), grid).is_empty


def test_footprint_of_a_dam_above_flat_ground_is_a_rectangle():
    grid = grid_of(40, 40)
    z = np.full(grid.shape, 100.0, np.float32)
    z[:, :10], z[:, 30:] = 200.0, 200.0
    axis = straight_axis(z, grid, (20, 20), 0, (0.0, 1.0), 120.0, 500.0)
    profile = profile_of(z, grid, axis, 120.0, 118.5, 110.0)
    shape = footprint(axis, profile, 8.0, 1.0, 2.0)
    x, _ = shape.centroid.coords[0]
    flat = shape.intersection(box(x - 30, shape.bounds[1], x + 30, shape.bounds[3]))
    assert flat.area / 60.0 == pytest.approx(8.0 + 3.0 * 20.0, rel=0.01)


def existing(grid: Grid, polygon, name: str = "白河水库") -> ExistingLake:
    curve = LevelVolume(np.array([90.0, 110.0]), np.array([0.0, 2e7]), Say("公布", "published"))
    return ExistingLake(
        name, "reservoir", polygon, float(polygon.area), Sourced(110.0, "m", "S1"),
        Sourced(90.0, "m", "S1"), curve, 2e6, True, "", "",
        np.array(polygon.exterior.coords)[:1], (), Passport(),
    )  # fmt: skip


def one_pair(
    upper: int, lower: int, levels, shores, power_mw: float = 1200.0, water: float = 3e5
) -> Pairs:
    """Return a pair with the figures that the drawing reads."""

    def num(value: float) -> np.ndarray:
        return np.array([float(value)])

    (un, ud, uh), (ln, ld, lh) = levels
    length = math.dist(*shores)
    return Pairs(
        np.array([PairKind.BLUEFIELD_LOWER], np.uint8), np.array([upper], np.int32),
        np.array([lower], np.int32), np.array([False]), num(power_mw), num(6), num(7.2), num(water),
        num(un), num(ud), num(ln), num(ld), num(100), num(un - ld), num(ud - ln), num(1),
        num(length), num(length / 100), np.array([shores[0]]), np.array([shores[1]]), num(5),
        num(90), num(1e6), num(0), num(uh), num(lh), num(120), num(0), num(3e5), num(1e6),
    )  # fmt: skip


def upright(x: float, y: float, length: float) -> LineString:
    return LineString([(x, y), (x, y + length)])


def layers(grid: Grid, **rows) -> LayerStack:
    made = {}
    for name, records in rows.items():
        frame = gpd.GeoDataFrame(records, geometry="geometry", crs=grid.crs)
        made[name] = Layer(name, frame, SPECS[name], Passport(sources=("test",)))
    return LayerStack(grid, made)


@pytest.fixture(scope="module")
def drawn():
    """Works of one pair: a new upper lake in the V-valley, an existing lower one."""
    dem, grid = v_valley()
    drained = drainage(dem, grid)
    site = site_of(drained, 120, 60, 0, wedge())
    level = float(site.foot_m[0]) + 30.0
    west, south, east, _ = grid.bounds
    lake = existing(grid, box(west + 10, south + 5, west + 300, south + 100))
    shores = ((500_605.0, grid.xy(118, 60)[1]), (500_310.0, south + 60.0))
    pairs = one_pair(0, -1, ((level, level - 20, 30.0), (110.0, 90.0, 0.0)), shores)
    stack = layers(
        grid,
        road=[
            {"name": "G7011", "class": "motorway", "geometry": upright(west, south, 900)},
            {"name": "X201", "class": "county", "geometry": upright(east, south, 1800)},
        ],
        substation=[
            {"name": "乙站", "kv": 220.0, "geometry": Point(west + 1, south + 1)},
            {"name": "甲站", "kv": 525.0, "geometry": Point(east + 3000, south)},
        ],
    )  # fmt: skip
    return works_of(drained, dem, site, (lake,), pairs, stack=stack), pairs, lake, grid, stack


def test_every_structure_of_a_pair(drawn):
    works, _, _, grid, _ = drawn
    parts = works.parts
    assert parts.crs == grid.crs
    assert parts["part"].tolist() == [
        "upper_lake", "lower_lake", "upper_dam", "lower_works", "tunnel", "powerhouse", "road",
        "road", "line",
    ]  # fmt: skip
    assert set(parts["part"]) <= set(PARTS)
    assert parts.set_index("part")["existing"].to_dict()["lower_lake"]
    of = dict(zip(parts["part"], parts["component"], strict=True))
    assert of["upper_dam"] == Component.UPPER_RESERVOIR.value
    assert of["lower_works"] == Component.EXISTING_RESERVOIR_WORKS.value
    assert works.lower_profile == (None,)
    assert works.upper_profile[0] is not None
    assert np.isnan(works.lower_volume_m3).all()
    assert works.upper_volume_m3 == pytest.approx(works.upper_search_m3, rel=0.02)
    assert works.notes == ((),)
    assert works.holds.all()
    assert works.lower_curve[0][1, -1] == 2e7
    assert np.isnan(works.lower_curve[0][2, 0])
    assert works.upper_catchment_m2[0] > 1e5


def test_lengths_and_areas_are_those_of_the_ground(drawn):
    works, pairs, _, _, _ = drawn
    parts = works.parts.set_index("part")
    flat = float(pairs.length_m[0])
    fall = float(pairs.upper_dead_m[0] - pairs.lower_dead_m[0])
    assert parts.loc["tunnel", "length_m"] == pytest.approx(math.hypot(flat, fall))
    dam = parts.loc["upper_dam"]
    assert dam["area_m2"] == pytest.approx(dam.geometry.area, rel=2e-3)  # ellipsoidal
    assert dam["area_m2"] != dam.geometry.area
    hall = parts.loc["powerhouse"].geometry.centroid
    tunnel = parts.loc["tunnel"].geometry
    assert tunnel.project(hall) / tunnel.length == pytest.approx(0.67, abs=0.01)
    assert np.isnan(parts.loc["tunnel", "area_m2"])


def test_road_and_line_are_straight_and_say_so(drawn):
    works, _, _, _, _ = drawn
    parts = works.parts
    roads = parts[parts["part"] == "road"]
    assert roads["note"].str.startswith("直线距离，未选线").all()
    assert roads["note"].str.contains("X201").all()  # the motorway is nearer and gives no access
    assert roads.geometry.length.tolist() == pytest.approx(roads["length_m"].tolist())
    line = parts[parts["part"] == "line"].iloc[0]
    assert line["kv"] == 500.0
    assert line["note"] == "直线，未选线，至甲站"
    assert works.line_kv.tolist() == [500.0]


def test_what_is_needed_and_missing_draws_nothing(drawn):
    _, _, _, grid, stack = drawn
    x, y = np.array([500_100.0]), np.array([3_600_100.0])
    assert needed_kv(np.array([599.0, 600.0])).tolist() == [220.0, 500.0]
    assert np.isnan(nearest_substation(stack, x, y, np.array([110.0])).metres).all()
    assert np.isnan(nearest_substation(None, x, y, np.array([220.0])).metres).all()
    assert np.isnan(nearest_road(LayerStack(grid, {}), x, y).metres).all()
    assert np.isnan(nearest_road(stack, np.array([np.nan]), y).metres).all()


def test_a_lake_that_holds_less_than_the_search_said_is_noted():
    dem, grid = v_valley()
    drained = drainage(dem, grid)
    site = site_of(drained, 120, 60, 0, 2 * wedge())
    level = float(site.foot_m[0]) + 30.0
    shores = ((500_605.0, 3_600_500.0), (500_310.0, 3_600_060.0))
    lake = existing(grid, box(500_010, 3_600_005, 500_300, 3_600_100))
    pairs = one_pair(0, -1, ((level, level - 20, 30.0), (110.0, 90.0, 0.0)), shores, 300.0, 4e6)
    works = works_of(drained, dem, site, (lake,), pairs)
    assert any("复核库容" in one.zh and "-49 %" in one.zh for one in works.notes[0])
    # 0.35 of the 4 million m³ that the pair moves
    assert works.holds.tolist() == [False]
    assert any("少于所需 4.00" in one.zh for one in works.notes[0])
    assert works.line_kv.tolist() == [220.0]
    assert "road" not in set(works.parts["part"])


def test_no_pair_gives_no_structure_and_a_geographic_grid_is_refused():
    dem, grid = v_valley()
    drained = drainage(dem, grid)
    site = site_of(drained, 120, 60, 0, wedge())
    lake = existing(grid, box(500_010, 3_600_005, 500_300, 3_600_100))
    pair = one_pair(0, -1, ((140.0, 120.0, 30.0), (110.0, 90.0, 0.0)), ((0, 0), (9, 9)))
    none = works_of(drained, dem, site, (lake,), pair.take(np.zeros(1, bool)))
    assert len(none.parts) == 0
    assert none.notes == ()
    from dataclasses import replace

    lonlat = replace(drained, grid=Grid("EPSG:4326", grid.transform, grid.shape))
    with pytest.raises(CrsError):
        works_of(lonlat, dem, site, (lake,), pair)


def test_parameters_are_checked():
    assert parameters({"works.corridor_m": 80.0}).number("corridor_m") == 80.0
    with pytest.raises(OptionError):
        parameters({"works.powerhouse_share": 1.5})
    with pytest.raises(OptionError):
        parameters({"works.nothing": 1.0})
