"""Noise at homes: closed forms, the frozen table, exact distances, sums of energy."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from shapely.geometry import MultiPolygon, Polygon, box

from geo.errors import OptionError, Say
from geo.grid import Grid
from geo.passport import Passport
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from siting.sites.params import load_params
from siting.wind._kernels import noise as kernels
from siting.wind.chains import Turbines
from siting.wind.homes import edges as outlines
from siting.wind.noise import meeting_distance, noise, quieten

CRS = "EPSG:4546"
GRID = Grid(CRS, Affine(90, 0, 450_000, 0, -90, 3_600_000), (200, 200))
PARAMS = load_params("siting.wind", "wind")
QUIET_AIR = PARAMS.changed({"wind.noise_alpha": 0.0})

#: rules2 5.4: metres to 45 and to 50 dB(A) for alpha 0, 0.002, 0.005 dB/m.
TABLE = {
    104: ((355, 329, 299), (200, 191, 180)),
    106: ((447, 407, 363), (251, 238, 221)),
    108: ((562, 501, 437), (316, 295, 271)),
    110: ((708, 615, 524), (398, 366, 329)),
    112: ((891, 750, 623), (501, 452, 398)),
}


def stand(x, y, site=None, fewest=1):
    """Return turbines at given points, each in a site of its own unless told."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    n = x.size
    site = np.arange(1, n + 1) if site is None else np.asarray(site)
    col = ((x - GRID.transform.c) // GRID.dx).astype(np.int64)
    row = ((GRID.transform.f - y) // GRID.dy).astype(np.int64)
    labels = np.zeros(GRID.shape, np.int32)
    labels[row, col] = site
    return Turbines(
        row, col, x, y, site.astype(np.int32), tuple(f"wt-{i}" for i in range(n)),
        np.zeros(n), np.full(n, np.nan), labels, int(site.max(initial=0)), 6.0, 45.0, fewest, 0,
        Say("", ""),
    )  # fmt: skip


def ground(settlement=None, zone=None, user_m=700.0, **layer):
    layers = {}
    for name, shapes in (("settlement", settlement), ("noise_zone", zone)):
        if shapes is None:
            continue
        columns = {"name": [f"{name}{i}" for i in range(len(shapes))]}
        if name == "settlement":
            columns["rank"] = ["village"] * len(shapes)
        frame = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)
        layers[name] = Layer(name, frame, SPECS[name], Passport(sources=("T",)), **layer)
    stack = LayerStack(GRID, layers)
    table = SimpleNamespace(
        bits=SimpleNamespace(parameters=SimpleNamespace(wind_settlement_m=user_m))
    )
    return SimpleNamespace(
        grid=GRID, stack=stack, table=table, passport=lambda *_: Passport(sources=("T",))
    )


def level(r, lw=108.0, alpha=0.0):
    return lw - 20 * np.log10(r) - 8 - alpha * r


@pytest.mark.parametrize("lw", sorted(TABLE))
def test_distances_of_the_table(lw):
    for limit, row in zip((45, 50), TABLE[lw], strict=True):
        for alpha, metres in zip((0.0, 0.002, 0.005), row, strict=True):
            found = meeting_distance(lw, limit, alpha)
            assert round(found) == metres
            assert level(found, lw, alpha) == pytest.approx(limit, abs=1e-9)


def test_bad_levels_are_refused():
    for bad in ((np.nan, 45, 0), (108, 45, -0.001), (108, np.inf, 0)):
        with pytest.raises(OptionError):
            meeting_distance(*bad)
    with pytest.raises(OptionError, match="noise_class"):
        noise(ground([box(0, 0, 1, 1)]), stand([450_500], [3_599_000]),
              PARAMS.changed({"wind.noise_class": 1.5}))  # fmt: skip


def test_without_homes_there_is_nothing():
    assert noise(ground(), stand([450_500], [3_599_000]), PARAMS) is None


def test_ten_log_n_only_at_equal_distances():
    home = shapely.Point(455_000, 3_595_000).buffer(1e-6)
    angle = np.linspace(0, 2 * np.pi, 7)[:-1]
    equal = stand(455_000 + 900 * np.cos(angle), 3_595_000 + 900 * np.sin(angle), np.ones(6))
    found = noise(ground([home]), equal, QUIET_AIR)
    assert found.level_db[0] == pytest.approx(level(900) + 10 * np.log10(6), abs=1e-6)
    far = np.array([900, 1400, 1900, 2400, 2900, 3400])
    uneven = stand(455_000 + far, np.full(6, 3_595_000.0), np.ones(6))
    found = noise(ground([home]), uneven, QUIET_AIR)
    wanted = 10 * np.log10(np.sum(10 ** (level(far) / 10)))
    assert found.level_db[0] == pytest.approx(wanted, abs=1e-6)
    assert found.level_db[0] < level(900) + 10 * np.log10(6) - 3
    assert found.margin_db[0] == pytest.approx(45 - wanted, abs=1e-6)
    assert found.nearest_home_m[0] == pytest.approx(900, abs=1e-5)
    assert found.home == ("settlement0",)


def test_a_site_is_judged_by_its_own_turbines():
    home = shapely.Point(455_000, 3_595_000).buffer(1e-6)
    two = stand([455_600, 454_400], [3_595_000] * 2)
    found = noise(ground([home]), two, QUIET_AIR)
    np.testing.assert_allclose(found.level_db, level(600), atol=1e-6)
    assert found.homes_over.tolist() == [0, 0]  # 562 m would meet it
    assert found.joint_over == 1  # both together do not
    assert found.turbines_over.tolist() == [0, 0]


def test_turbines_over_the_limit_are_counted_and_dropped_on_request():
    home = shapely.Point(455_000, 3_595_000).buffer(1e-6)
    three = stand([455_600, 454_350, 457_000, 452_000], [3_595_000] * 4, [1, 1, 1, 2])
    place = ground([home])
    found = noise(place, three, QUIET_AIR)
    assert found.homes_over.tolist() == [1, 0]
    assert found.turbines_over.tolist() == [1, 0]
    assert found.breaks.tolist() == [True, False, False, False]  # the loudest goes
    assert "超限风机 1 台" in found.text.zh
    assert quieten(place, three, QUIET_AIR) is three
    drop = QUIET_AIR.changed({"wind.noise_drop": 1})
    left = quieten(place, three, drop)
    assert left.x.tolist() == [454_350, 457_000, 452_000]
    assert left.site.tolist() == [1, 1, 2]
    assert left.left_out == 1
    assert (left.labels > 0).sum() == 3
    again = noise(place, left, drop)
    assert again.turbines_over.tolist() == [0, 0]
    assert (again.margin_db >= 0).all()
    small = quieten(place, replace(three, fewest=3), drop)
    assert small.count == 0  # site 1 falls below three, site 2 never had them
    assert not small.labels.any()


def test_distance_is_to_the_edge_of_the_polygon():
    ring = Polygon([(0, 0), (400, 0), (400, 300), (0, 300)], [[(100, 100), (200, 100), (150, 200)]])
    shape = shapely.affinity.translate(
        MultiPolygon([ring, box(900, 0, 1000, 50)]), 455_000, 3_590_000
    )
    rng = np.random.default_rng(4)
    x, y = rng.uniform(453_000, 458_000, 60), rng.uniform(3_588_000, 3_593_000, 60)
    order = np.argsort(y)
    x, y = x[order], y[order]
    one, two, edge = outlines(
        np.array([shape, box(455_000, 3_592_000, 455_010, 3_592_010)], object)
    )
    assert edge.tolist() == [0, 11, 15]
    oracle = shapely.distance(shape, shapely.points(x, y))
    for kernel in (kernels.to_polygon, kernels.to_polygon.py_func):
        found = [
            kernel(x[i], y[i], one[:, 0].copy(), one[:, 1].copy(), two[:, 0].copy(),
                   two[:, 1].copy(), 0, 11)
            for i in range(60)
        ]  # fmt: skip
        np.testing.assert_allclose(found, oracle, atol=1e-9)
    hole = kernels.to_polygon(455_150.0, 3_590_130.0, one[:, 0].copy(), one[:, 1].copy(),
                              two[:, 0].copy(), two[:, 1].copy(), 0, 11)  # fmt: skip
    assert hole == pytest.approx(shape.distance(shapely.Point(455_150, 3_590_130)))
    inside = kernels.to_polygon(455_050.0, 3_590_050.0, one[:, 0].copy(), one[:, 1].copy(),
                                two[:, 0].copy(), two[:, 1].copy(), 0, 11)  # fmt: skip
    assert inside == 0


def scene(seed=3, homes=40, n=120):
    rng = np.random.default_rng(seed)
    x = rng.uniform(450_000, 468_000, n)
    y = rng.uniform(3_582_000, 3_600_000, n)
    spots = rng.uniform((450_000, 3_582_000), (468_000, 3_600_000), (homes, 2))
    shapes = [
        shapely.Point(p).buffer(r) for p, r in zip(spots, rng.uniform(50, 400, homes), strict=True)
    ]
    return stand(x, y, rng.integers(1, 9, n)), shapes


def test_levels_equal_the_sum_over_all_pairs():
    turbines, shapes = scene()
    found = noise(ground(shapes[:30], shapes[30:]), turbines, PARAMS)
    points = shapely.points(turbines.x, turbines.y)
    away = shapely.distance(np.array(shapes)[:, None], points[None])
    energy = np.where(away <= 5000, 10 ** (level(np.maximum(away, 1), alpha=0.002) / 10), 0)
    own = np.stack([energy[:, turbines.site == s].sum(1) for s in range(1, 9)], 1)
    with np.errstate(divide="ignore"):
        db = 10 * np.log10(own)
        joint = 10 * np.log10(energy.sum(1))
    np.testing.assert_allclose(found.level_db, db.max(0), rtol=1e-12)
    np.testing.assert_allclose(found.margin_db, 45 - db.max(0), atol=1e-10)
    np.testing.assert_array_equal(found.homes_over, (db > 45).sum(0))
    assert found.joint_over == (joint > 45).sum()
    assert found.homes == 40
    nearest = [away[:, turbines.site == s].min() for s in range(1, 9)]
    np.testing.assert_allclose(found.nearest_home_m, nearest, atol=1e-9)
    names = [*(f"settlement{i}" for i in range(30)), *(f"noise_zone{i}" for i in range(10))]
    assert found.home == tuple(names[i] for i in db.argmax(0))
    # without the turbines that break it every site keeps every limit
    own = np.stack([energy[:, (turbines.site == s) & ~found.breaks].sum(1) for s in range(1, 9)], 1)
    assert found.breaks.any()
    assert (own <= 10**4.5 * (1 + 1e-12)).all()


def test_a_zone_has_a_class_of_its_own():
    turbines, shapes = scene()
    loose = PARAMS.changed({"wind.noise_zone_class": 2})
    one = noise(ground(None, shapes), turbines, PARAMS)
    two = noise(ground(None, shapes), turbines, loose)
    np.testing.assert_allclose(two.margin_db - one.margin_db, 5)


@pytest.mark.parametrize("empty", [[], [box(0, 0, 1, 1)]])
def test_no_home_within_reach(empty):
    found = noise(ground(empty), stand([450_500], [3_599_000]), PARAMS)
    assert np.isnan(found.level_db).all()
    assert np.isnan(found.margin_db).all()
    assert found.home == ("",)
    assert np.isnan(found.nearest_home_m[0]) == (not empty)


def test_no_turbines():
    found = noise(ground([box(0, 0, 1, 1)]), stand([], []), PARAMS)
    assert found.level_db.size == 0
    assert found.breaks.size == 0


def test_text_shows_both_distances_and_no_national_rule():
    found = noise(ground([box(0, 0, 1, 1)], user_m=650.0), stand([450_500], [3_599_000]), PARAMS)
    assert [(one.lw_db, round(one.metres)) for one in found.reaches] == [
        (104, 329), (108, 501), (112, 750),
    ]  # fmt: skip
    for word in ("501 m", "650 m", "均非全国规定", "预设", "未计地形遮挡"):
        assert word in found.text.zh
    assert "不完整" not in found.text.zh
    partial = ground([box(0, 0, 1, 1)], completeness="presence_only")
    found = noise(partial, stand([450_500], [3_599_000]),
                  PARAMS.changed({"wind.noise_lw": 105.0}))  # fmt: skip
    assert "不完整" in found.text.zh
    assert "预设" not in found.text.zh


def test_turbines_near_the_edge_of_the_layer_are_said():
    two = stand([450_500, 455_000], [3_599_000, 3_595_000])
    cover = box(450_200, 3_590_000, 460_000, 3_599_900)
    found = noise(ground([box(0, 0, 1, 1)], coverage=cover), two, PARAMS)
    assert "1 台距图层边缘不足 501 m" in found.text.zh
    found = noise(ground([box(0, 0, 1, 1)], coverage=cover.buffer(900)), two, PARAMS)
    assert "边缘" not in found.text.zh
    found = noise(ground([box(0, 0, 1, 1)], coverage=box(0, 0, 9, 9)), two, PARAMS)
    assert "2 台" in found.text.zh


def test_kernels_interpreted_equal_compiled():
    turbines, shapes = scene(n=30, homes=12)
    one, two, edge = outlines(np.array(shapes, object))
    order = np.lexsort((turbines.x, turbines.y))
    edges = (one[:, 0].copy(), one[:, 1].copy(), two[:, 0].copy(), two[:, 1].copy(), edge)
    results = []
    for fun in (lambda k: k, lambda k: k.py_func):
        first = np.zeros(13, np.int64)
        turbine, metres = np.full(360, -1), np.zeros(360)
        n = fun(kernels.pairs)(
            turbines.x[order], turbines.y[order], *edges, 5000.0, first, turbine, metres
        )
        site = turbines.site[order]
        limit = np.full(12, 45.0)
        joint, level_, margin = np.empty(12), np.empty(9), np.empty(9)
        home, over = np.empty(9, np.int64), np.empty(9, np.int64)
        fun(kernels.levels)(first, turbine, metres, site, limit, 108.0, 0.002,
                            joint, level_, margin, home, over)  # fmt: skip
        drop = np.zeros(30, np.uint8)
        fun(kernels.too_loud)(first, turbine, metres, site, limit, 108.0, 0.002, drop)
        results.append((n, first, turbine, metres, joint, level_, margin, home, over, drop))
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)
