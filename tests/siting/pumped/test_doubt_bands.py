"""Bands of pairs: no error is no band, heads spread as the theory says, ratios by numpy."""

from __future__ import annotations

import time
from dataclasses import replace

import numba
import numpy as np
import pytest
from affine import Affine

from geo.errors import OptionError
from geo.grid import Grid
from geo.hydrology import drainage
from siting.pumped.dams.model import D8_WALL, DamSites
from siting.pumped.dams.section import parameters as dam_parameters
from siting.pumped.dams.section import section
from siting.pumped.doubt._kernels import dam as dam_kernel
from siting.pumped.doubt._kernels import lake as lake_kernel
from siting.pumped.doubt._kernels import landform, lattice
from siting.pumped.doubt.bands import bands, failed_note
from siting.pumped.doubt.drawn import drawn_pairs
from siting.pumped.doubt.field import ErrorField, field_of, parameters
from siting.pumped.doubt.ground import bilinear, terrain
from siting.pumped.doubt.lakes import lake_draws
from siting.pumped.doubt.walls import wall_draws
from siting.pumped.money.cost import parameters as cost_parameters
from siting.pumped.money.cost import storage_cost
from siting.pumped.money.formula import bore_m3, values_of
from siting.pumped.pairs.model import Pairs
from siting.pumped.search import design_of

CELL = 30.0
ROWS, COLS = 260, 700
SIDE, BED = 0.45, 0.06
#: Columns of two gullies and how much higher the first lies. [m]
GULLIES, LIFT = (110, 560), 350.0


def valleys() -> tuple[np.ndarray, Grid]:
    """Return two V-shaped gullies, 13.5 km apart, that fall to the south."""
    row, col = np.mgrid[:ROWS, :COLS]
    away = np.minimum(np.abs(col - GULLIES[0]), np.abs(col - GULLIES[1])) * CELL
    lift = np.where(col < COLS // 2, LIFT, 0.0)
    z = 300 + lift + BED * (ROWS - 1 - row) * CELL + SIDE * away
    grid = Grid("EPSG:4546", Affine(CELL, 0, 500_000.0, 0, -CELL, 3_600_000.0), (ROWS, COLS))
    return z.astype(np.float32), grid


def dams_of(dem, flow, axis: int = 0, cols: tuple[int, int] = GULLIES) -> DamSites:
    """Return one dam in each gully, across it, with the curves that the bands read."""
    row, col = np.array([200, 200], np.int32), np.array(cols, np.int32)
    heights = np.arange(151.0)
    room = np.broadcast_to(heights, (2, 151))
    return DamSites(
        grid=flow.grid, row=row, col=col, foot_m=flow.filled[row, col],
        catchment_m2=flow.cells[row, col] * CELL**2, axis=np.full(2, axis, np.int8),
        volume_m3=(room**3 / (3 * SIDE * BED)).astype(np.float32),
        area_m2=(room**2 / (SIDE * BED)).astype(np.float32),
        dam_m3=(room**3).astype(np.float32),
        crest_length_m=(2 * (room + 1.5) / SIDE).astype(np.float32),
        cap_m=np.full((2, 2), 151, np.float32), cap_by=np.full((2, 2), -1, np.int16),
        start=flow.position[row, col], cells=flow.cells[row, col],
    )  # fmt: skip


def pair_of(dams: DamSites, n: int = 1, lower: int = 1) -> Pairs:
    """Return ``n`` pairs of both lakes, 60 m and 20 m of drawdown; ``lower`` may be a lake."""
    one = np.ones(n)
    up, low = float(dams.foot_m[0]), float(dams.foot_m[1])
    return Pairs(
        kind=np.zeros(n, np.uint8), upper=np.zeros(n, np.int32),
        lower=np.full(n, lower, np.int32), capped=np.zeros(n, bool),
        power_mw=300 * one, hours=6 * one, energy_gwh=1.8 * one, volume_m3=2e6 * one,
        upper_normal_m=(up + 60) * one, upper_dead_m=(up + 40) * one,
        lower_normal_m=(low + 55) * one, lower_dead_m=(low + 30) * one,
        head_mean_m=360 * one, head_max_m=380 * one, head_min_m=335 * one, loss_m=6 * one,
        length_m=3000 * one, ratio=3000 / 360 * one, upper_shore=np.zeros((n, 2)),
        lower_shore=np.zeros((n, 2)), tunnel_m=6 * one, flow_m3s=95 * one,
        upper_dam_m3=1.2e6 * one, lower_dam_m3=1e6 * one * (lower >= 0),
        upper_height_m=60 * one, lower_height_m=55 * one * (lower >= 0),
        upper_crest_m=270 * one, lower_crest_m=250 * one * (lower >= 0),
        upper_area_m2=3e5 * one, lower_area_m2=2e5 * one,
    )  # fmt: skip


@pytest.fixture(scope="module")
def scene():
    dem, grid = valleys()
    flow = drainage(dem, grid)
    return dem, flow, dams_of(dem, flow)


def params_of(**changes: float):
    return {
        "dem_error": parameters({f"dem_error.{key}": value for key, value in changes.items()}),
        "dam": dam_parameters({}),
        "storage_cost": cost_parameters({}),
    }


@pytest.mark.parametrize("axis", [0, D8_WALL])
def test_without_error_every_band_is_the_value_itself(scene, axis):
    dem, flow, dams = scene
    dams = replace(dams, axis=np.full(2, axis, np.int8))
    pairs, params = pair_of(dams), params_of(sd_factor=0)
    frame = bands(flow, dem, dams, (), pairs, design_of, params, 1).frame.iloc[0]
    total = storage_cost(design_of(pairs), params["storage_cost"]).total[0]
    for name, value in (("head", 360), ("volume", 2e6), ("energy", 1.8), ("cost", total)):
        for level in ("low", "p50", "high"):
            assert frame[f"{name}_{level}"] == pytest.approx(value, rel=1e-6), name
    assert (frame["class_share"], frame["class_flips"], frame["failed_share"]) == (1, False, 0)


def test_heads_of_far_lakes_spread_by_the_root_of_two(scene):
    dem, flow, dams = scene
    params = params_of(draws=4000, correlation_m=2000)
    ground = terrain(flow, field_of(dem, flow.grid, params["dem_error"], 3))
    drawn, _ = drawn_pairs(ground, dams, pair_of(dams), section(params["dam"]))
    sd = float(ground.field.deviation(*dams.xy())[0])
    assert sd == pytest.approx(20, rel=1e-3)
    between = drawn.upper_normal_m - drawn.lower_normal_m
    assert between.std() == pytest.approx(np.sqrt(2) * sd, rel=5 / np.sqrt(2 * 4000))
    # the shape of the valley moves the mean level by far less than the foot
    assert drawn.head_mean_m.std() == pytest.approx(np.sqrt(2) * sd, rel=0.1)


def test_an_existing_lake_keeps_its_published_level(scene):
    dem, flow, dams = scene
    params = params_of(draws=4000, correlation_m=2000)
    ground = terrain(flow, field_of(dem, flow.grid, params["dem_error"], 3))
    drawn, _ = drawn_pairs(ground, dams, pair_of(dams, lower=-1), section(params["dam"]))
    assert np.ptp(drawn.lower_normal_m) == 0
    assert (drawn.upper_normal_m - drawn.lower_normal_m).std() == pytest.approx(20, rel=0.06)
    assert (drawn.lower_dam_m3[np.isfinite(drawn.lower_dam_m3)] == 0).all()
    both = replace(pair_of(dams), upper=np.full(1, -2, np.int32), lower=np.full(1, -1, np.int32))
    still, works = drawn_pairs(ground, dams, both, section(params["dam"]))
    assert works.all()
    np.testing.assert_allclose(np.broadcast_to(still.energy_gwh, (4000, 1)), 1.8)


def plain_lake(flow, dem, dams, field: ErrorField, which: int, normal: float, dead: float):
    """Return volume, mean level and surface by numpy, without error and draw by draw."""
    x = np.arange(COLS) * CELL + 500_000 + CELL / 2
    y = 3_600_000 - np.arange(ROWS) * CELL - CELL / 2
    foot = (dams.row[which], dams.col[which])
    first = flow.position[foot]
    cell = flow.order[first : first + flow.cells[foot]]
    error = field.errors(x[cell % COLS], y[cell // COLS]).astype(float)
    shift = field.errors([x[foot[1]]], [y[foot[0]]])[0].astype(float)
    rise = flow.filled.ravel()[cell].astype(float) - float(dams.foot_m[which])
    grounds = [rise, *(rise + error[:, d] - shift[d] for d in range(field.draws))]
    rows = []
    for ground in grounds:
        wet = ground < normal
        low = np.maximum(ground[wet], dead)
        volume = (normal - low).sum()
        rows.append((volume, 0.5 * (normal**2 - low**2).sum() / volume, wet.sum()))
    return np.array(rows).T


def test_water_of_every_draw_by_numpy(scene):
    dem, flow, dams = scene
    field = field_of(dem, flow.grid, parameters({"dem_error.draws": 20}), 9)
    shape = section(dam_parameters({}))
    one = lake_draws(terrain(flow, field), dams, 0, 60.0, 40.0, shape)
    volume, mean, surface = plain_lake(flow, dem, dams, field, 0, 60.0, 40.0)
    np.testing.assert_allclose(one.volume, volume[1:] / volume[0], rtol=1e-4)
    np.testing.assert_allclose(one.mean_m, mean[1:] - mean[0], atol=1e-2)
    np.testing.assert_allclose(one.surface, surface[1:] / surface[0], rtol=0.02)
    # on the elevation itself the lake is the closed form of a V-shaped valley
    top, low = 60 + BED * CELL / 2, 40 + BED * CELL / 2
    closed = (top**3 - low**3) / (3 * SIDE * BED) / CELL**2
    assert volume[0] == pytest.approx(closed, rel=0.02)  # cells of 30 m across a gully of 130 m


def test_dam_of_every_draw_by_numpy(scene):
    dem, flow, dams = scene
    field = field_of(dem, flow.grid, parameters({"dem_error.draws": 20}), 9)
    shape = section(dam_parameters({}))
    one = lake_draws(terrain(flow, field), dams, 0, 60.0, 40.0, shape)
    crest = 60 + shape.freeboard_m
    s = np.arange(-40, 41) * CELL / 2
    x, y = dams.xy()
    error = field.errors(x[0] + s, np.full(s.size, y[0])).astype(float)
    rise = bilinear(field.dem, np.full(s.size, 200.0), GULLIES[0] + s / CELL) - dams.foot_m[0]
    ground = np.vstack([rise, (rise[:, None] + error - error[40]).T])
    # beyond the first ground at the crest nothing is built
    for side in (slice(40, None), slice(40, None, -1)):
        arm = ground[:, side]
        arm[np.maximum.accumulate(arm >= crest, axis=1)] = np.maximum(
            arm[np.maximum.accumulate(arm >= crest, axis=1)], crest
        )
    body = shape.body(ground, crest, CELL / 2)
    np.testing.assert_allclose(one.body, body[1:] / body[0], rtol=1e-3)
    b, w = shape.mean_slope, shape.crest_width_m
    assert body[0] == pytest.approx(2 / SIDE * (w * crest**2 / 2 + b * crest**3 / 3), rel=1e-3)
    assert one.crest.mean() == pytest.approx(1, abs=0.1)


def test_a_saddle_below_the_crest_is_closed_and_counted():
    # parallel gullies, and a trench 60 m above the foot through the ridge between two of them
    row, col = np.mgrid[:ROWS, :121]
    away = np.abs((col - 60 + 12) % 24 - 12) * CELL
    z = 300 + BED * (ROWS - 1 - row) * CELL + SIDE * away
    foot = z[200, 60]
    z[190, 60:85] = np.minimum(z[190, 60:85], foot + 60)
    dem = z.astype(np.float32)
    flow = drainage(dem, Grid("EPSG:4546", valleys()[1].transform, dem.shape))
    dams = dams_of(dem, flow, cols=(60, 84))
    field = field_of(dem, flow.grid, parameters({"dem_error.draws": 400}), 9)
    shape, ground = section(dam_parameters({})), terrain(flow, field)
    crest = 90 + shape.freeboard_m
    x, y = dams.xy()
    inside = flow.order[dams.start[0] : dams.start[0] + dams.cells[0]]
    cell = inside[flow.filled.ravel()[inside] < foot + crest + 90]
    given = (field.errors(x[:1], y[:1])[0], shape, crest, 90.0)
    saddle = wall_draws(ground, dams, 0, cell, *given) - wall_draws(
        ground, dams, 0, cell[:0], *given
    )
    assert saddle[1, 0] == CELL
    assert saddle[0, 0] == pytest.approx(CELL * float(shape.area(crest - 60)), rel=0.01)
    # the ridge beside it opens in some draws, the saddle lies dry in others
    assert np.nanmin(saddle[1]) <= CELL < np.nanmax(saddle[1])


def test_energy_is_volume_times_head_less_friction(scene):
    dem, flow, dams = scene
    params = params_of(draws=50)
    ground = terrain(flow, field_of(dem, flow.grid, params["dem_error"], 3))
    pairs = pair_of(dams)
    drawn, works = drawn_pairs(ground, dams, pairs, section(params["dam"]))
    assert works.all()
    loss = 6 * (360 / drawn.head_mean_m) ** 2
    wanted = 1.8 * drawn.volume_m3 / 2e6 * (drawn.head_mean_m - loss) / 354
    np.testing.assert_allclose(drawn.energy_gwh, wanted)
    np.testing.assert_allclose(drawn.hours, drawn.energy_gwh / 0.3)
    # the same power at another head takes another flow
    np.testing.assert_allclose(drawn.flow_m3s * drawn.head_mean_m, 95 * 360)


def test_bands_are_in_order_and_a_head_near_zero_fails(scene):
    dem, flow, dams = scene
    pairs = pair_of(dams, n=2)
    pairs.head_mean_m[1] = 20.0
    result = bands(flow, dem, dams, (), pairs, design_of, params_of(), 3)
    frame = result.frame
    assert result.draws == 200
    for name in ("head", "volume", "energy", "cost"):
        low, mid, high = (frame[f"{name}_{level}"] for level in ("low", "p50", "high"))
        assert (low <= mid).all()
        assert not (mid > high).any()
    assert frame["failed_share"][0] == 0
    assert 0.1 < frame["failed_share"][1] < 0.5
    assert np.isnan(frame["cost_high"][1])
    assert frame["energy_low"][1] == 0
    assert frame["class_flips"][1]
    assert frame["head_high"][0] - frame["head_low"][0] == pytest.approx(2.56 * 28, rel=0.25)
    assert "DEM-HUBEI" in result.passport.sources


def test_a_reader_is_told_of_failed_draws_and_of_the_smaller_lake(scene):
    dem, flow, dams = scene
    pairs = pair_of(dams, n=2)
    pairs.head_mean_m[1] = 20.0
    result = bands(flow, dem, dams, (), pairs, design_of, params_of(), 3)
    said = [failed_note(share) for share in result.frame["failed_share"]]
    assert said[0] is None
    assert f"{result.frame['failed_share'][1]:.0%}" in said[1].zh
    assert failed_note(float("nan")) is None
    # each lake alone holds about as much in the median, the lesser of two holds less
    ratio = float((result.frame["volume_p50"] / pairs.volume_m3).median())
    assert ratio < 0.97
    assert f"中位为标称的 {ratio:.2f} 倍" in result.text.zh
    assert f"{ratio:.2f} of the nominal" in result.text.en
    field = field_of(dem, flow.grid, params_of()["dem_error"], 3)
    shape = section(dam_parameters({}))
    for which, top, low in ((0, 60.0, 40.0), (1, 55.0, 30.0)):
        one = lake_draws(terrain(flow, field), dams, which, top, low, shape)
        assert np.median(one.volume) == pytest.approx(1.0, abs=0.15)
        assert np.median(one.volume) > ratio
    # with one lake that exists there is no smaller of two
    alone = bands(flow, dem, dams, (lake_like(),), pair_of(dams, lower=-1), design_of,
                  params_of(), 3)  # fmt: skip
    assert "中位为标称" not in alone.text.zh


def lake_like():
    """Stand for a lake of which the bands read nothing."""
    return object()


@pytest.mark.parametrize("count", [1.0, 2.0, 3.0])
def test_tunnels_of_a_plant_stay_in_every_draw(scene, count):
    dem, flow, dams = scene
    params = params_of(draws=300)
    pairs = replace(pair_of(dams), head_mean_m=np.full(1, 110.0))
    each = np.sqrt(4 * pairs.flow_m3s / (count * np.pi * 5.0))
    pairs = replace(pairs, tunnel_m=each)
    ground = terrain(flow, field_of(dem, flow.grid, params["dem_error"], 3))
    drawn, works = drawn_pairs(ground, dams, pairs, section(params["dam"]))
    prices = values_of(params["storage_cost"])
    bore = bore_m3(design_of(drawn, "cfrd", count), prices)[works]
    clear = count * np.pi / 4 * each**2
    slope = np.hypot(pairs.length_m, drawn.head_mean_m)[works]
    np.testing.assert_allclose(bore, clear * slope, rtol=1e-12)
    # the flow at a lower head would ask for more of them
    counted = bore_m3(design_of(drawn), prices)[works] / (np.pi / 4 * each**2 * slope)
    assert np.rint(counted).max() > count


def test_same_bytes_for_any_number_of_threads_and_of_pairs(scene):
    dem, flow, dams = scene
    threads = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        one = bands(flow, dem, dams, (), pair_of(dams), design_of, params_of(), 3).frame
    finally:
        numba.set_num_threads(threads)
    many = bands(flow, dem, dams, (), pair_of(dams, n=3), design_of, params_of(), 3).frame
    assert one.iloc[0].equals(many.iloc[2])


def test_two_hundred_draws_of_many_pairs_take_seconds(scene):
    dem, flow, dams = scene
    pairs = pair_of(dams, n=40)
    pairs.upper_height_m[:] = 60 + np.arange(40) / 10  # forty different lakes
    bands(flow, dem, dams, (), pair_of(dams), design_of, params_of(), 3)
    start = time.process_time()
    bands(flow, dem, dams, (), pairs, design_of, params_of(), 3)
    assert time.process_time() - start < 5


def test_a_pair_of_another_search_is_refused(scene):
    dem, flow, dams = scene
    pairs = pair_of(dams, lower=-1)
    with pytest.raises(OptionError):
        bands(
            flow,
            dem,
            dams,
            (),
            replace(pairs, upper=np.full(1, 5, np.int32)),
            design_of,
            params_of(),
            1,
        )


def test_no_pairs(scene):
    dem, flow, dams = scene
    frame = bands(flow, dem, dams, (), pair_of(dams, n=0), design_of, params_of(), 1).frame
    assert len(frame) == 0
    assert "class_flips" in frame


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
@pytest.mark.parametrize("axis", [0, D8_WALL])
def test_kernels_interpreted_give_the_same(scene, monkeypatch, axis):
    dem, flow, dams = scene
    dams = replace(dams, axis=np.full(2, axis, np.int8))
    params = parameters({"dem_error.draws": 3, "dem_error.sd_factor": 0.2})
    shape = section(dam_parameters({}))

    def one():
        return lake_draws(
            terrain(flow, field_of(dem, flow.grid, params, 3)), dams, 1, 20.0, 10.0, shape
        )

    compiled = one()
    for module in (dam_kernel, lake_kernel, lattice, landform):
        for name in ("members", "store", "straight", "edged", "border", "mixed", "normals",
                     "weights", "spline", "errors", "mean_slopes", "blended"):  # fmt: skip
            if hasattr(module, name):
                monkeypatch.setattr(module, name, getattr(module, name).py_func)
    again = one()
    for name in ("shift_m", "volume", "surface", "mean_m", "body", "crest"):
        np.testing.assert_allclose(
            getattr(again, name), getattr(compiled, name), rtol=1e-3, atol=1e-3
        )
