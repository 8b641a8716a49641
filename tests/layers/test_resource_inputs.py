"""Resource rasters through the catalog: what is believed, what is refused, and the cure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from affine import Affine

from geo.cog import write_cog
from geo.errors import NodataError, RasterError, UnitError
from geo.grid import Grid
from layers import marks, resource
from layers.catalog import open_catalog
from layers.contract import SPECS
from layers.layer import LayerStack
from layers.region import load_region
from layers.stack import build_stack

GRID = Grid("EPSG:4546", Affine(30, 0, 500_000, 0, -30, 3_600_600), (20, 30))
MONTHS = [f"ghi_{month:02d}" for month in range(1, 13)]
SOURCE = {"title": "测试", "licence": "CC0-1.0", "grade": "B"}
Build = Callable[..., LayerStack]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Return a function that registers rasters beside an elevation and builds the stack."""

    def write(name: str, values: Any, grid: Grid, nodata: float | None) -> None:
        data = np.broadcast_to(np.asarray(values, np.float32), grid.shape).copy()
        write_cog(tmp_path / f"{name}.tif", data, grid, nodata=nodata)

    def run(
        rasters: dict[str, tuple[Any, dict[str, Any]]],
        grid: Grid = GRID,
        nodata: float | None = -1e9,
    ) -> LayerStack:
        write("dem", 500.0, GRID, -9999)
        entries: dict[str, Any] = {"dem": {}}
        for name, (values, adapter) in rasters.items():
            write(name, values, grid, nodata)
            entries[name] = {"adapter": adapter}
        for name, entry in entries.items():
            entry |= {
                "kind": "raster", "driver": {"name": "geotiff"}, "uri": f"{name}.tif",
                "coverage": "valid_cells", "access": "user_supplied", "source": dict(SOURCE),
            }  # fmt: skip
        path = tmp_path / "own.yaml"
        path.write_text(yaml.safe_dump({"region": "terrain", "entries": entries}), encoding="utf-8")
        catalog = open_catalog(str(path))
        region = load_region("terrain", catalog)
        return build_stack(catalog, region, region.grid(), 1, lambda _: None)

    return run


def test_every_optional_resource_is_read(build: Build) -> None:
    rasters = {
        "wind_mean": (5.8, {"unit": "m/s"}),
        "wind_mean_50": (5.1, {"unit": "m/s"}),
        "wind_weibull_k": (1.9, {"unit": "-"}),
        "air_temperature": (11.5, {"unit": "degC"}),
        "dni": (750.0, {"unit": "kWh/m2/a"}),
        **{name: (100.0, {"unit": "kWh/m2"}) for name in MONTHS},
    }
    stack = build(rasters)
    for name, (value, _) in rasters.items():
        layer = stack.require(name)
        assert layer.raster().to_numpy() == pytest.approx(value)
        assert layer.raster().dtype == np.float32
        assert not marks.is_coarse(layer)
        resource.require_unit(layer)


def test_units_are_converted_or_refused(build: Build) -> None:
    daily = {"unit": "kWh/m2/d", "scale": 31.0}
    assert build({"ghi_07": (5.0, daily)}).require("ghi_07").raster().to_numpy() == pytest.approx(
        155.0
    )
    kelvin = {"unit": "K", "offset": -273.15}
    warm = build({"air_temperature": (285.15, kelvin)}).require("air_temperature")
    assert warm.raster().to_numpy() == pytest.approx(12.0, abs=1e-4)
    for name, unit in (("wind_mean", "kn"), ("ghi_01", "MJ/m2"), ("air_temperature", "K")):
        with pytest.raises(UnitError, match=rf"{unit}.*give adapter\.scale"):
            build({name: (10.0, {"unit": unit})})


@pytest.mark.parametrize(
    ("name", "unit"),
    [("wind_mean", "m/s"), ("wind_mean_50", "m/s"), ("ghi", "kWh/m2/a"), ("dni", "kWh/m2/a"),
     ("ghi_05", "kWh/m2"), ("air_temperature", "degC")],
)  # fmt: skip
def test_a_raster_without_a_unit_gives_no_energy(build: Build, name: str, unit: str) -> None:
    """It may be looked at, with a note; energy is refused."""
    value = {"ghi": 1200.0, "dni": 700.0, "ghi_05": 120.0}.get(name, 5.0)
    layer = build({name: (value, {})}).require(name)
    assert marks.is_unitless(layer)
    assert unit in layer.notes[0]
    with pytest.raises(UnitError, match=rf"{name}: has no unit.*adapter: {{unit: {unit}}}"):
        resource.require_unit(layer)


def test_the_shape_of_a_distribution_has_no_unit(build: Build) -> None:
    resource.require_unit(build({"wind_weibull_k": (2.0, {})}).require("wind_weibull_k"))
    assert "wind_weibull_k" not in resource.UNITED
    assert {"wind_mean", "ghi", "ghi_12", "air_temperature"} <= resource.UNITED


@pytest.mark.parametrize("code", [-999.0, -9999.0, -3.4e38])
def test_undeclared_nodata_is_named(build: Build, code: float) -> None:
    values = np.full(GRID.shape, 5.5)
    values[3:6] = code
    with pytest.raises(NodataError, match=r"wind_mean\.tif.*declare nodata") as raised:
        build({"wind_mean": (values, {"unit": "m/s"})}, nodata=1e9)
    assert f"{code:g}" in raised.value.line("zh")
    found = build({"wind_mean": (values, {"unit": "m/s", "nodata": code})}, nodata=1e9)
    cells = found.require("wind_mean").raster().to_numpy()
    assert np.isnan(cells[3:6]).all()
    assert cells[0] == pytest.approx(5.5)


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [("wind_mean", -0.4, "m/s"), ("wind_mean_50", -0.4, "m/s"), ("wind_mean", 40.0, "m/s"),
     ("ghi", -5.0, "kWh/m2/a"), ("ghi_06", -3.0, "kWh/m2"), ("ghi_06", 900.0, "kWh/m2"),
     ("dni", -1.0, "kWh/m2/a"), ("wind_weibull_k", 0.2, "-"), ("wind_weibull_k", 12.0, "-"),
     ("air_temperature", 285.0, "degC")],
)  # fmt: skip
def test_values_that_cannot_be_are_refused(
    build: Build, name: str, value: float, unit: str
) -> None:
    values = np.full(GRID.shape, sum(SPECS[name].valid_range or ()) / 2)
    values[4, 4] = value
    with pytest.raises(RasterError, match=rf"{name}\.tif.*outside.*cure: ") as raised:
        build({name: (values, {"unit": unit})})
    assert "→ 处理办法" in raised.value.line("zh")


@pytest.mark.parametrize(("cell", "coarse"), [(0.0025, False), (0.003, True), (0.25, True)])
def test_the_atlas_of_250_m_is_fine(build: Build, cell: float, coarse: bool) -> None:
    """0.0025 degree is what the Global Wind Atlas calls 250 m (truth.md A2)."""
    side = 40
    grid = Grid("EPSG:4326", Affine(cell, 0, 110.99, 0, -cell, 32.54), (side, side))
    layer = build({"wind_mean": (5.0, {"unit": "m/s"})}, grid=grid).require("wind_mean")
    assert marks.is_coarse(layer) is coarse


@pytest.mark.parametrize(("cell", "coarse"), [(250.0, False), (251.0, True)])
def test_250_metres_are_the_limit_of_a_metric_grid(build: Build, cell: float, coarse: bool) -> None:
    grid = Grid("EPSG:4546", Affine(cell, 0, 499_000, 0, -cell, 3_601_600), (12, 12))
    layer = build({"wind_mean": (5.0, {"unit": "m/s"})}, grid=grid).require("wind_mean")
    assert marks.is_coarse(layer) is coarse
