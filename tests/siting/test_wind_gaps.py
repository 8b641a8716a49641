"""Wind energy where the map has holes, and of which machine it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from affine import Affine
from shapely.geometry import box

from atlas.parts._siting_yield import yield_file
from geo.errors import OptionError, Say, TableError
from geo.grid import Grid
from geo.passport import Passport
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from layers.marks import coarse_note
from layers.region import Region
from siting.law.screening import Terrain
from siting.settings import Settings
from siting.sites.ground import Ground
from siting.sites.score import known_mean
from siting.study import study
from siting.wind import sites as wind
from siting.wind.aep import COARSE_AIR, wind_field
from siting.wind.energy import full_load_hours
from siting.wind.placing import place
from siting.wind.turbine import load_turbine

N, RES = 160, 90.0
GRID = Grid("EPSG:4546", Affine(RES, 0, 450_000, 0, -RES, 3_600_000), (N, N))
CURVE = """# name: own
# rotor_m: 130
# hub_m: 100
Wind Speed [m/s],Power [kW]
3,0
5,400
7,1200
9,2400
11,3000
25,3000
"""


def ridge(speed) -> Ground:
    """Return two straight ridges from west to east under a wind map."""
    _, y = np.meshgrid(np.arange(N) * RES, np.arange(N) * RES)
    dem = (
        600 + 250 * np.exp(-(((y - 4000) / 400) ** 2)) + 250 * np.exp(-(((y - 10_000) / 400) ** 2))
    )
    passport = Passport(sources=("T",), grade="B")
    cells = {"dem": dem, "wind_mean": np.broadcast_to(speed, (N, N))}
    layers = {
        name: Layer(
            name, xr.DataArray(one.astype(np.float32), dims=("y", "x")), SPECS[name], passport
        )
        for name, one in cells.items()
    }
    slope = np.degrees(np.arctan(np.hypot(*np.gradient(dem, RES)))).astype(np.float32)
    terrain = Terrain(slope, np.full((N, N), np.nan, np.float32))
    return Ground(
        GRID, LayerStack(GRID, layers, {}), terrain, np.ones((N, N), np.uint8), ("甲",),
        np.full((N, N), RES * RES), SimpleNamespace(passport=Passport()),
    )  # fmt: skip


def test_a_site_half_under_the_map_has_no_mean():
    site = np.array([1] * 200 + [2] * 200 + [3] * 200, np.int32)
    values = np.full(600, 5.0, np.float32)
    values[200:300] = np.nan  # half of site 2
    values[400] = np.nan  # a cell of site 3
    mean = known_mean(site, values, np.ones(600), 4)
    np.testing.assert_array_equal(mean, [5.0, np.nan, 5.0, np.nan])


def test_sites_with_a_turbine_in_unknown_wind_have_no_energy():
    speed = np.full((N, N), 5.6)
    speed[:, 60:] = np.nan
    ground = ridge(speed)
    params, machine = (
        wind.parameters({"wind.site_min_mw": 6.0, "wind.site_max_mw": 24.0}),
        load_turbine(),
    )
    field = wind_field(ground, params, machine, ground.zones > 0)
    found = place(ground, np.ones((N, N), bool), machine, params, field.net_h)
    hours = found.mean(found.value)
    dark = np.bincount(found.site, found.col >= 60, found.count + 1)[1:] > 0
    assert dark.any()
    assert not dark.all()
    np.testing.assert_array_equal(np.isnan(hours), dark)
    note = wind._note(field, found, named=False)
    assert f"{int((found.col >= 60).sum())} 台机位处无风资源数据" in note.zh
    assert "指名项目" not in note.zh
    assert "指名项目没有机位" in wind._note(field, found, named=True).zh


def test_the_parameter_table_names_the_machine_of_the_curve(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(CURVE, encoding="utf-8")
    own = load_turbine(path)
    rows = wind._of_machine(wind.parameters({}), own)
    assert rows.number("turbine_mw") == 3.0
    assert rows.number("rotor_m") == 130.0
    assert rows["rotor_m"].status == "user"
    assert rows.titles["rotor_m"] == Say("风轮直径（own）", "Rotor diameter (own)")
    brandless = load_turbine("IEC_Class3_Normalized_Industry_Composite")
    rows = wind._of_machine(wind.parameters({}), brandless)
    assert rows.number("rotor_m") == 183.0
    assert rows["rotor_m"].source == "NREL-TM"
    assert "IEC class III" in rows.titles["turbine_mw"].zh
    same = wind._of_machine(wind.parameters({}), load_turbine())
    assert same["rotor_m"] == wind.parameters({})["rotor_m"]


@pytest.mark.parametrize("key", ["wind.turbine_mw", "wind.rotor_m"])
def test_a_machine_is_changed_by_its_curve_alone(key):
    with pytest.raises(OptionError, match=rf"{key}: 5 is not the .* name another power_curve"):
        wind._of_machine(wind.parameters({key: 5.0}), load_turbine())


def test_a_coarse_temperature_is_said_to_be_so():
    ground = ridge(np.full((N, N), 5.6))
    air = Layer(
        "air_temperature", xr.DataArray(np.full((N, N), 12.0, np.float32), dims=("y", "x")),
        SPECS["air_temperature"], Passport(sources=("T",), grade="B"),
    )  # fmt: skip
    for one, coarse in ((air, False), (replace(air, notes=(coarse_note(27_800.0),)), True)):
        stack = LayerStack(GRID, {**ground.stack.layers, "air_temperature": one}, {})
        field = wind_field(
            replace(ground, stack=stack), wind.parameters({}), load_turbine(), ground.zones > 0
        )
        assert (COARSE_AIR in field.basis) is coarse


def test_a_calm_cell_is_known_in_the_file():
    """No hours are a result; only unknown cells are missing."""
    speed = np.full((N, N), 5.6)
    speed[:20], speed[20:40] = 0.5, np.nan
    ground = ridge(speed)
    field = wind_field(ground, wind.parameters({}), load_turbine(), ground.zones > 0)
    study, one = SimpleNamespace(grid=GRID), SimpleNamespace(field=field)
    found = yield_file(study, one)
    assert (found.data[:20] == 0).all()
    assert (found.data[20:40] == found.nodata).all()
    assert found.nodata > 8760


@pytest.mark.parametrize(
    ("key", "value"), [("shear", 14.3), ("temperature_sea", 288.0), ("lapse", 0.0065)]
)
def test_a_parameter_in_another_unit_is_refused(key, value):
    ground, params = ridge(np.full((N, N), 5.6)), wind.parameters({f"wind.{key}": value})
    with pytest.raises(OptionError, match=rf"wind\.{key}: .* is not in .*cure: give"):
        wind_field(ground, params, load_turbine(), ground.zones > 0)


def test_a_curve_that_breaks_off_at_power_is_refused(tmp_path):
    """At 6 m/s more than a seventh of the yield comes above 11 m/s: it would go unsaid."""
    path = tmp_path / "own.csv"
    path.write_text(CURVE, encoding="utf-8")
    whole = float(full_load_hours(load_turbine(path), 6.0))
    path.write_text(CURVE.replace("25,3000\n", ""), encoding="utf-8")
    with pytest.raises(TableError, match=r"own\.csv: ends at 11 m/s with power.*cut-out"):
        load_turbine(path)
    path.write_text(CURVE.replace("25,3000", "11.01,0"), encoding="utf-8")
    short = float(full_load_hours(load_turbine(path), 6.0))  # as said: it stands still
    assert short < 0.85 * whole


def test_a_bad_curve_is_refused_before_anything_is_screened(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(CURVE.replace("7,1200", "7,100"), encoding="utf-8")
    grid = Grid("EPSG:4546", Affine(RES, 0, 450_000, 0, -RES, 3_600_000), (9, 9))
    outline = box(*grid.bounds)
    counties = gpd.GeoDataFrame(
        {"code": [""], "name": ["全区"]}, geometry=[outline], crs="EPSG:4546"
    )
    region = Region("t", Say("试", "t"), "EPSG:4546", outline, counties, None, None, RES)
    stages: list[str] = []
    with pytest.raises(TableError, match=r"own\.csv: its power does not rise .*7 m/s"):
        study(
            LayerStack(grid, {}, {}), region, date(2026, 11, 22), progress=stages.append,
            settings=Settings(power_curve=path),
        )  # fmt: skip
    assert not stages
