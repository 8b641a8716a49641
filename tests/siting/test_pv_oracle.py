"""The chain of the PV yield against pvlib on the same series, and the kernel's own habits."""

from __future__ import annotations

from dataclasses import replace

import numba
import numpy as np
import pandas as pd
import pvlib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import OptionError
from siting.pv._kernels import cells as kernel
from siting.pv._kernels import codes as codec
from siting.pv._kernels import pitch
from siting.pv.chain import LAST, STEPS, make_chain
from siting.pv.clearsky import quiet_pvlib
from siting.pv.representative import Suns
from siting.sites.params import load_params

LAT, LON, ALT, NORTH = 32.5, 110.7, 600.0, -0.4
PARAMS = load_params("siting.pv", "pv")
AT = {step.key: number for number, step in enumerate(STEPS)}


@pytest.fixture(scope="module")
def chain():
    return make_chain(PARAMS, LAT, LON, ALT, NORTH)


def light_of(chain, ghi, share=0.63):
    """Return factors that give the annual irradiation ``ghi`` (n,) with a diffuse share."""
    suns = chain.suns
    beam = suns.by_month(suns.dni * suns.up).sum()
    sky = suns.by_month(suns.dhi).sum()
    ghi = np.asarray(ghi, np.float64)[None]
    return (ghi * (1 - share) / beam).astype(np.float32), (ghi * share / sky).astype(np.float32)


def some_cells(n, seed=4):
    rng = np.random.default_rng(seed)
    slope = rng.uniform(0, 40, n).astype(np.float32)
    aspect = rng.uniform(0, 360, n).astype(np.float32)
    aspect[:3] = np.nan
    slope[:3] = 0
    tangents = np.tan(np.radians(rng.gamma(2.0, 6.0, (16, n)).clip(0, 60)))
    tangents[:, :10] = 0
    codes = np.rint(tangents * codec.SCALE).astype(np.uint16)
    air = rng.uniform(6, 18, n).astype(np.float32)
    return slope, aspect, codes, rng.uniform(1100, 1500, n), air


def geometry(chain, slope, aspect):
    """Return racks in pvlib's terms: plane, axis, rotation, cross-axis slope, pitch."""
    rule = chain.rule
    facing = np.radians(np.nan_to_num(aspect, nan=180.0).astype(float) + NORTH)
    rise = np.tan(np.radians(slope.astype(float)))
    ge, gn = -rise * np.sin(facing), -rise * np.cos(facing)
    tilt = np.degrees(np.arctan(np.hypot(ge, rule.rise)))
    azimuth = np.degrees(np.arctan2(-ge, -rule.rise)) % 360
    axis = -np.degrees(np.arctan(ge))  # falls towards 90 degrees
    rotation = np.degrees(np.arctan(rule.rise / np.hypot(1, ge)))
    cross = np.degrees(np.arctan(gn / np.hypot(1, ge)))
    ratio = np.empty(slope.size, np.float32)
    pitch.land_ratios(slope, aspect, np.radians(NORTH), rule.rise, rule.suns, rule.flat,
                      rule.low, rule.high, ratio)  # fmt: skip
    north = np.array([pitch.slant_north(float(e), rule.rise) for e in ge])
    plan = np.maximum(ratio * rule.flat * np.hypot(1, ge), north)
    return {"tilt": tilt, "azimuth": azimuth, "axis": axis, "rotation": rotation,
            "cross": cross, "pitch": plan * np.hypot(1, gn / np.hypot(1, ge))}  # fmt: skip


def terrain_view(tilt, azimuth, tangents):
    """Return sky seen above horizons over that of the open plane, by a sum over heights."""
    k = np.radians(np.arange(16) * 22.5 + NORTH)[:, None, None]
    step = np.radians(0.05)
    high = (np.arange(1800) + 0.5)[None, :, None] * step
    b, a = np.radians(tilt), np.radians(azimuth)
    cosine = np.cos(high) * np.cos(k - a) * np.sin(b) + np.sin(high) * np.cos(b)
    light = np.maximum(cosine, 0) * np.cos(high) * step
    above = np.clip((high + step / 2 - np.arctan(tangents)[:, None, :]) / step, 0, 1)
    return (light * above).sum(axis=(0, 1)) / light.sum(axis=(0, 1))


def oracle(chain, slope, aspect, codes, light, air, params=PARAMS, monthly=False):
    """Return the annual AC energy by pvlib's own functions, sun by sun."""
    suns, number = chain.suns, params.number
    g = geometry(chain, slope, aspect)
    tangents = codes / codec.SCALE
    view = terrain_view(g["tilt"], g["azimuth"], tangents)
    level = terrain_view(np.zeros(slope.size), np.zeros(slope.size), tangents)
    apart = g["pitch"]  # between the rows, square to them
    across = apart * np.cos(np.radians(g["cross"]))
    lean = g["rotation"] - g["cross"]
    rows = np.array([
        float(pvlib.bifacial.utils.vf_row_sky_2d_integ(one, 1.0 / far))
        for one, far in zip(lean, apart, strict=True)
    ]) / ((1 + np.cos(np.radians(lean))) / 2)  # fmt: skip
    diffuse = pvlib.iam.marion_diffuse("ashrae", g["tilt"], b=number("iam_b"))
    keys = ("f_soiling", "f_lid", "f_nameplate", "f_mismatch", "f_wiring", "f_connections")
    dc = np.prod([number(k) for k in keys])
    months = np.zeros((12, slope.size))
    for t in range(suns.zenith.size):
        m = min(suns.month[t], light[0].shape[0] - 1)
        zenith, azimuth = np.full(slope.size, suns.zenith[t]), suns.azimuth[t]
        dni, dhi = suns.dni[t] * light[0][m].astype(float), suns.dhi[t] * light[1][m].astype(float)
        sky = pvlib.irradiance.haydavies(
            g["tilt"], g["azimuth"], dhi, dni, suns.extra[t], zenith, azimuth,
            return_components=True,
        )  # fmt: skip
        facing = pvlib.irradiance.aoi_projection(g["tilt"], g["azimuth"], zenith, azimuth)
        place = (azimuth - NORTH) % 360 / 22.5
        k = int(place)
        edge = tangents[k] + (tangents[(k + 1) % 16] - tangents[k]) * (place - k)
        free = edge <= 1 / np.tan(np.radians(suns.zenith[t]))
        shade = pvlib.shading.shaded_fraction1d(
            zenith, azimuth, 90.0, g["rotation"], collector_width=1.0,
            pitch=across, axis_tilt=g["axis"], cross_axis_slope=g["cross"],
        )  # fmt: skip
        beam = dni * np.maximum(facing, 0) + sky["poa_circumsolar"]
        beam = beam * free * (1 - shade)
        even = sky["poa_isotropic"] * view * rows
        ghi = dni * np.cos(np.radians(zenith)) * free + dhi * level
        ground = pvlib.irradiance.get_ground_diffuse(g["tilt"], ghi, number("albedo"))
        aoi = np.degrees(np.arccos(np.clip(facing, -1, 1)))
        inside = beam * pvlib.iam.ashrae(aoi, number("iam_b"))
        inside = inside + even * diffuse["sky"] + ground * diffuse["ground"]
        cell = pvlib.temperature.faiman(
            beam + even + ground, air.astype(float), number("wind_at_module"),
            number("faiman_u0"), number("faiman_u1"),
        )  # fmt: skip
        power = pvlib.pvsystem.pvwatts_dc(inside, cell, dc, -number("temperature_loss") / 100)
        rated = 1 / number("dc_ac") / number("f_inverter")
        ac = pvlib.inverter.pvwatts(power, rated, number("f_inverter"))
        months[suns.month[t]] += ac * number("f_availability") * suns.hours[t]
    return months if monthly else months.sum(axis=0)


def test_chain_equals_pvlib_on_slopes_with_horizons(chain):
    slope, aspect, codes, ghi, air = some_cells(300)
    light = light_of(chain, ghi)
    ours = chain.run(slope, aspect, codes, light, air)[0]
    theirs = oracle(chain, slope, aspect, codes, light, air)
    assert theirs.min() < 700
    assert theirs.max() > 1100
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def full_year():
    """Return every hour of a year, at its middle, as suns of the chain."""
    times = pd.date_range("2023-01-01 00:30", periods=8760, freq="h", tz="UTC")
    with quiet_pvlib():
        place = pvlib.location.Location(LAT, LON, altitude=ALT)
        sun = place.get_solarposition(times)
        sky = place.get_clearsky(times, solar_position=sun)
        extra = pvlib.irradiance.get_extra_radiation(times).to_numpy()
    zenith = sun["zenith"].to_numpy()
    day = np.flatnonzero((zenith < 90) & (sky["ghi"].to_numpy() > 0))
    return Suns(
        times[day], zenith[day], sun["azimuth"].to_numpy()[day], sky["dni"].to_numpy()[day],
        sky["dhi"].to_numpy()[day], extra[day], times.month.to_numpy()[day] - 1,
        np.ones(day.size),
    )  # fmt: skip


def test_twelve_days_stand_for_every_hour_of_the_year(chain):
    slope, aspect, codes, ghi, air = some_cells(400)
    whole = replace(chain, suns=full_year())
    twelve = chain.run(slope, aspect, codes, light_of(chain, ghi), air)[0]
    every = whole.run(slope, aspect, codes, light_of(whole, ghi), air)[0]
    off = np.abs(twelve / every - 1)
    assert off[:10].max() < 0.003  # open ground
    assert np.median(off) < 0.005
    assert off.max() < 0.03
    assert abs(twelve.sum() / every.sum() - 1) < 0.002


def test_cross_axis_slope_is_pvlibs_own(chain):
    slope, aspect, *_ = some_cells(40)
    g = geometry(chain, slope, aspect)
    turned = pvlib.tracking.calc_surface_orientation(g["rotation"], g["axis"], 90)
    np.testing.assert_allclose(turned["surface_tilt"], g["tilt"], atol=1e-9)
    np.testing.assert_allclose(turned["surface_azimuth"], g["azimuth"], atol=1e-6)
    for i in range(3, 40):
        facing = float(aspect[i]) + NORTH
        cross = pvlib.tracking.calc_cross_axis_tilt(facing, float(slope[i]), 90, g["axis"][i])
        assert cross == pytest.approx(g["cross"][i], abs=1e-4)


def test_every_step_loses_and_the_last_is_the_yield(chain):
    slope, aspect, codes, ghi, air = some_cells(200)
    light = light_of(chain, ghi)
    left = np.array([chain.run(slope, aspect, codes, light, air, k)[0]
                     for k in range(1, LAST + 1)])  # fmt: skip
    warm = AT["temperature"] - 1
    steps = np.diff(left, axis=0)
    assert (np.delete(steps, warm - 1, axis=0) <= 1e-3).all()  # cool air may gain
    np.testing.assert_array_equal(left[-1], chain.run(slope, aspect, codes, light, air)[0])


def test_cascade_equals_the_runs_of_its_steps(chain):
    slope, aspect, codes, ghi, air = some_cells(80)
    light = light_of(chain, ghi)
    year = chain.run(slope, aspect, codes, light, air)[0].astype(float)
    left = chain.cascade(slope, aspect, codes, light, air, year)
    runs = [chain.run(slope, aspect, codes, light, air, k)[0] for k in range(1, LAST + 1)]
    np.testing.assert_allclose(left, runs, rtol=3e-6)


def test_months_sum_to_the_year(chain):
    slope, aspect, codes, ghi, air = some_cells(300)
    light = light_of(chain, ghi)
    months = chain.run(slope, aspect, codes, light, air, monthly=True)
    year = chain.run(slope, aspect, codes, light, air)[0]
    np.testing.assert_allclose(months.sum(axis=0), year, rtol=2e-6)
    theirs = oracle(chain, slope[:40], aspect[:40], codes[:, :40],
                    tuple(one[:, :40] for one in light), air[:40], monthly=True)  # fmt: skip
    np.testing.assert_allclose(months[:, :40], theirs, rtol=2e-4)


def test_monthly_light_is_used_month_by_month(chain):
    slope, aspect, codes, ghi, air = some_cells(60)
    scale = np.linspace(0.7, 1.2, 12)[:, None]
    light = tuple((one * scale).astype(np.float32) for one in light_of(chain, ghi))
    months = chain.run(slope, aspect, codes, light, air, monthly=True)
    theirs = oracle(chain, slope, aspect, codes, light, air, monthly=True)
    np.testing.assert_allclose(months, theirs, rtol=2e-4)


def test_a_sharp_inverter_clips_like_pvlib():
    params = PARAMS.changed({"pv.dc_ac": 2.8})
    chain = make_chain(params, LAT, LON, ALT, NORTH)
    slope, aspect, codes, ghi, air = some_cells(50)
    light = light_of(chain, ghi)
    ours = chain.run(slope, aspect, codes, light, air)[0]
    free = chain.run(slope, aspect, codes, light, air, AT["inverter"])[0]
    clipped = chain.run(slope, aspect, codes, light, air, AT["clipping"])[0]
    assert (clipped < free - 10).any()
    theirs = oracle(chain, slope, aspect, codes, light, air, params)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def test_interpreted_equals_compiled(chain, monkeypatch):
    slope, aspect, codes, ghi, air = some_cells(kernel.BLOCK + 9)
    beam, sky = light_of(chain, ghi)
    table, sectors = chain._table(16)
    pick = np.array([20, 71, 130])
    months = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 2, 3, 3], np.int64)
    from siting.pv import chain as module

    def run(call):
        out = np.empty((12, slope.size), np.float32)
        call(slope, aspect, codes, 0, beam, sky, air, table[pick], sectors[pick], months,
             chain.iam.ravel(), module._plant(PARAMS, LAST), chain._design(LAST),
             chain.rule.suns, out)  # fmt: skip
        return out

    compiled = run(kernel.run)
    for name in ("angle", "lay", "sky_among_rows", "see", "shine", "land_ratio", "slant_north"):
        monkeypatch.setattr(kernel, name, getattr(kernel, name).py_func)
    with np.errstate(invalid="ignore"):
        plain = run(kernel.run.py_func)
    assert plain.max() > 1
    np.testing.assert_allclose(plain, compiled, rtol=2e-5, atol=2e-5)


def test_threads_and_neighbours_do_not_matter(chain):
    slope, aspect, codes, ghi, air = some_cells(1500)
    light = light_of(chain, ghi)
    all_ = chain.run(slope, aspect, codes, light, air)
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        np.testing.assert_array_equal(all_, chain.run(slope, aspect, codes, light, air))
    finally:
        numba.set_num_threads(before)
    part = slice(700, 900)
    some = chain.run(slope[part], aspect[part], codes, tuple(one[:, part] for one in light),
                     air[part], first=700)  # fmt: skip
    np.testing.assert_array_equal(some, all_[:, part])


@pytest.mark.parametrize("which", ["slope", "beam", "sky", "air"])
def test_what_is_unknown_stays_unknown(chain, which):
    slope, aspect, codes, ghi, air = some_cells(20)
    beam, sky = light_of(chain, ghi)
    target = {"slope": slope, "beam": beam[0], "sky": sky[0], "air": air}[which]
    target[5] = np.nan
    out = chain.run(slope, aspect, codes, (beam, sky), air)[0]
    assert np.isnan(out[5])
    assert np.isfinite(np.delete(out, 5)).all()


def test_an_unknown_horizon_hides_nothing():
    out = np.full(4, 7, np.uint16)
    tangents = np.array([np.nan, 0.25, 99.0, 0.0], np.float32)
    for encode in (codec.encode, codec.encode.py_func):
        encode(tangents, np.arange(4), out)
        assert out.tolist() == [0, 2048, 65535, 0]


def test_arc_tangent_is_close_enough():
    t = np.linspace(0, 20, 4001).astype(np.float32)
    found = np.array([kernel.angle(one) for one in t])
    np.testing.assert_allclose(found, np.arctan(t), atol=3e-6)


@settings(max_examples=40)
@given(
    slope=st.floats(0, 40), aspect=st.floats(0, 360), ghi=st.floats(1100, 1500),
    height=st.floats(0, 50), direction=st.integers(0, 15), warm=st.floats(5, 18),
)  # fmt: skip
def test_shade_never_helps_and_half_the_sun_is_half_the_yield(
    slope, aspect, ghi, height, direction, warm
):
    chain = make_chain(PARAMS, LAT, LON, ALT, NORTH) if not KEPT else KEPT[0]
    KEPT[:] = [chain]
    codes = np.zeros((16, 3), np.uint16)
    codes[direction, 1] = np.uint16(np.tan(np.radians(height)) * codec.SCALE)
    light = light_of(chain, [ghi, ghi, ghi / 2])
    one = np.ones(3, np.float32)
    open_, shaded, half = chain.run(
        one * np.float32(slope), one * np.float32(aspect), codes, light, one * np.float32(warm)
    )[0]
    assert shaded <= open_ + 1e-3
    assert half == pytest.approx(open_ / 2, rel=0.07)


KEPT: list = []


def test_south_slopes_in_the_open_yield_more_than_north(chain):
    slope = np.repeat(np.array([5, 10, 20, 30], np.float32), 2)
    aspect = np.tile(np.array([180, 0], np.float32), 4)
    light = light_of(chain, np.full(8, 1215))
    out = chain.run(slope, aspect, np.zeros((16, 8), np.uint16), light, np.full(8, 15, np.float32))
    south, north = out[0].reshape(4, 2).T
    assert (south > north).all()


@pytest.mark.parametrize(
    ("key", "value"),
    [("pv.f_soiling", 1.2), ("pv.albedo", 1.5), ("pv.dc_ac", 0.2), ("pv.dc_ac", 9.0),
     ("pv.rack_tilt", 75.0), ("pv.iam_b", 0.8)],
)  # fmt: skip
def test_bad_design_is_refused(key, value):
    with pytest.raises(OptionError):
        make_chain(PARAMS.changed({key: value}), LAT, LON, ALT, NORTH)
