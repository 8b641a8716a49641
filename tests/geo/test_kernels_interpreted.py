"""Every kernel of geo once without its compiler, called by the public functions as they are."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import numpy as np
import pytest
import shapely
from affine import Affine

import geo._kernels
from geo import burn, components, coverage, distance, horizon, hydrology, terrain, zonal
from geo.grid import Grid


def answers() -> dict[str, np.ndarray]:
    """One small scene through everything that runs a kernel."""
    rng = np.random.default_rng(17)
    grid = Grid("EPSG:4546", Affine(30, 0, 500_010, 0, -30, 3_600_000), (23, 70))
    west, south, east, north = grid.bounds
    dem = (rng.normal(size=grid.shape) * 40).astype(np.float32)
    dem[3, 4:9] = np.nan
    mask = rng.random(grid.shape) < 0.1
    # pits, flats and a lake in a bowl
    bowl = np.hypot(*np.indices(grid.shape) - np.array([[[11]], [[35]]]))
    lake = shapely.box(west + 200, south + 100, west + 500, south + 400)
    zones = rng.integers(0, 4, grid.shape).astype(np.uint8)
    shapes = [
        shapely.Polygon(rng.uniform((west, south), (east, north), (40, 2))),
        shapely.box(west - 99, south + 15, west + 975, north - 45),
        shapely.box(west + 15, south + 15, west + 975, north - 45).reverse(),
        shapely.force_3d(shapely.LineString(rng.uniform((west, south), (east, north), (4, 2))), 1),
        shapely.Point(west + 315, south + 315),  # ties are told by distance
        shapely.Point(),
    ]
    plane = np.zeros(grid.shape, np.uint64)
    raw = [shapely.to_wkb(one) for one in shapes]
    burn.burn_bits(raw, [0.0, 0.0, 0.0, 70.0, 60.0, 9.0], grid, plane, 63)
    burn.set_bit(plane, mask, 5)
    labels, count = components.label(mask, diagonal=True)
    suns = np.array([[10.0, 5.0, 1.0], [95.0, 20.0, 2.0], [200.0, 40.0, 3.0]])
    found = {
        "plane": plane,
        "labels": labels,
        "distance": distance.distance_m(mask, grid),
        "within": distance.within(mask, grid, 65.0),
        "slope": np.stack(terrain.slope_aspect(dem, grid)),
        "class": terrain.slope_class(dem, grid, [5.0, 25.0]),
        "shade": terrain.hillshade(dem, grid),
        "horizon": horizon.horizon(dem, grid, 6),
        "sky": horizon.sky_view(dem, grid, 5),
        "beam": horizon.beam_share(dem, grid, suns, 6),
        "sums": zonal.sums(zones, dem),
        "areas": zonal.area_by_pattern(
            zones.astype(np.uint16), zones, rng.uniform(1, 2, grid.shape), 4, 3
        ),
        "labelled": np.stack(list(zonal.stats(labels, dem, count).values())),
        "share": coverage.fractions(shapes[1], grid)[0],
        "drained": hydrology.drainage(bowl + np.abs(dem) / 8, grid, [(lake, 12.0)]).order,
    }
    for exact in (False, True):
        told = zonal.stats_of(shapes[1:3], dem, grid, exact=exact)
        found[f"zonal {exact}"] = np.stack(list(told.values()))
    return found


def test_interpreted_kernels_say_what_the_compiled_ones_say(monkeypatch):
    want = answers()
    kernels = {}
    for info in pkgutil.iter_modules(geo._kernels.__path__):
        module = importlib.import_module(f"geo._kernels.{info.name}")
        for name, one in vars(module).items():
            if hasattr(one, "py_func") and one.__module__ == module.__name__:
                kernels[one] = f"{info.name}.{name}"
    called = set()

    def plain(kernel, name):
        def run(*given):
            called.add(name)
            return kernel.py_func(*given)

        return run

    swapped = {kernel: plain(kernel, name) for kernel, name in kernels.items()}
    for module_name, module in list(sys.modules.items()):
        if module is not None and module_name.split(".")[0] == "geo":
            for name, one in list(vars(module).items()):
                if hasattr(one, "py_func") and one in swapped:
                    monkeypatch.setattr(module, name, swapped[one])
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        found = answers()
    for name, one in want.items():
        exact = one.dtype.kind != "f"
        np.testing.assert_allclose(
            found[name], one, rtol=0 if exact else 1e-5, atol=0 if exact else 1e-5, err_msg=name
        )
    assert sorted(set(kernels.values()) - called) == []
    assert len(called) > 40


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2)])
def test_smallest_grids(shape):
    grid = Grid("EPSG:4546", Affine(30, 0, 500_010, 0, -30, 3_600_000), shape)
    dem, mask = np.ones(shape, np.float32), np.zeros(shape, bool)
    assert np.isnan(terrain.slope_aspect(dem, grid)).all()
    assert (terrain.slope_class(dem, grid, [5.0]) == terrain.UNKNOWN).all()
    assert np.isinf(distance.distance_m(mask, grid)).all()
    assert not distance.within(mask, grid, 1e9).any()
    assert (distance.distance_m(~mask, grid) == 0).all()
    assert (horizon.horizon(dem, grid) == 0).all()
    assert horizon.sky_view(dem, grid) == pytest.approx(1.0)
    assert components.label(~mask)[1] == 1
    whole = zonal.stats_of([shapely.box(*grid.bounds)], dem, grid, exact=True)
    assert whole["count"] == pytest.approx(dem.size)
