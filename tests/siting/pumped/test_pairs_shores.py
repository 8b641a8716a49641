"""Shores of new lakes from the drainage: furthest cells, distances, bounds."""

from __future__ import annotations

import numpy as np
import pytest
from rasterio.transform import from_origin

from geo.errors import OptionError
from geo.grid import Grid
from geo.hydrology import drainage
from siting.pumped.dams.find import find_dams
from siting.pumped.dams.model import Cap
from siting.pumped.dams.section import parameters as dam_parameters
from siting.pumped.pairs._kernels import shore
from siting.pumped.pairs.find import find_pairs
from siting.pumped.pairs.model import Size
from siting.pumped.pairs.nodes import make_nodes
from siting.pumped.pairs.options import parameters


def hills(side=260, seed=0):
    """Return a terrain of valleys with 500 m of relief and its drainage."""
    rng = np.random.default_rng(seed)
    k = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    k[0, 0] = 1
    noise = np.fft.ifft2(np.fft.fft2(rng.normal(size=(side, side))) / k**2.1).real
    noise[:] = (noise - noise.min()) / np.ptp(noise)
    dem = (100 + 700 * noise).astype(np.float32)
    grid = Grid("EPSG:4546", from_origin(500_000, 3_600_000, 30, 30), (side, side))
    return dem, drainage(dem, grid)


@pytest.fixture(scope="module")
def found():
    dem, drained = hills()
    none = Cap(np.zeros(dem.shape, np.uint8), ())
    dams, _ = find_dams(
        drained,
        dem,
        None,
        (none, none),
        dam_parameters({"dam.min_volume_mm3": 0.1, "dam.min_ratio": 1.0}),
    )
    assert dams.count > 20
    return dams, drained


def lake_cells(dams, drained, i, height):
    """Return rows and columns of a lake, cell by cell."""
    mine = drained.order[dams.start[i] : dams.start[i] + dams.cells[i]]
    wet = mine[drained.filled.ravel()[mine] < dams.foot_m[i] + height]
    return np.divmod(wet, dams.grid.shape[1])


def test_furthest_cells_in_eight_directions(found):
    dams, drained = found
    params = parameters({})
    nodes = make_nodes(dams, (), 0.01, params, drained)
    points = nodes.shore.reshape(nodes.dam_row.size, nodes.levels, shore.WAYS)
    for a, i in list(enumerate(nodes.dam_row))[::7]:
        for k in (0, 3, 8):
            if nodes.column(2)[a] - dams.foot_m[i] < (k + 1) * nodes.step:
                continue
            rows, cols = lake_cells(dams, drained, i, (k + 1) * nodes.step)
            for way in range(shore.WAYS):
                angle = way * np.pi / 4
                far = (cols - dams.col[i]) * np.cos(angle) + (rows - dams.row[i]) * np.sin(angle)
                r, c = divmod(points[a, k, way], dams.grid.shape[1])
                got = (c - dams.col[i]) * np.cos(angle) + (r - dams.row[i]) * np.sin(angle)
                assert got == pytest.approx(far.max(), abs=1e-9)
                assert got * 30 <= nodes.support[a * shore.WAYS + way] + 1e-6


def test_lengths_end_on_the_lakes_and_no_pair_is_lost(found):
    dams, drained = found
    params = parameters({
        "pair.keep": 100, "pair.head_min_greenfield_m": 50, "pair.upper_catchment_max_km2": 50,
        "pair.water_rock_min": 1.0,
    })  # fmt: skip
    sizes = (Size(40.0, 5.0),)
    pairs, audit = find_pairs(dams, (), sizes, params, drainage=drained)
    feet, _ = find_pairs(dams, (), sizes, params)
    assert pairs.count > feet.count > 5
    x, y = dams.xy()
    for i in range(0, pairs.count, 5):
        ends = (pairs.upper_shore[i], pairs.lower_shore[i])
        assert np.hypot(*(ends[0] - ends[1])) == pytest.approx(pairs.length_m[i])
        for which, high, end in (
            (pairs.upper[i], pairs.upper_height_m[i], ends[0]),
            (pairs.lower[i], pairs.lower_height_m[i], ends[1]),
        ):
            rows, cols = lake_cells(dams, drained, which, high)
            t = dams.grid.transform
            away = np.hypot(t.c + (cols + 0.5) * t.a - end[0], t.f + (rows + 0.5) * t.e - end[1])
            assert min(away.min(), np.hypot(x[which] - end[0], y[which] - end[1])) < 1e-6
    assert audit.tested[-2] == len(by_loops(dams, sizes, params, drained))
    assert audit.tested[-1] == pairs.count


def by_loops(dams, sizes, params, drained):
    """Judge every two lakes, without hash, bounds or early ends."""
    from siting.pumped.pairs._kernels import terms as t
    from siting.pumped.pairs._kernels.judge import judge
    from siting.pumped.pairs.find import rules_of
    from siting.pumped.pairs.nodes import make_hash

    nodes = make_nodes(dams, (), min(s.energy_gwh for s in sizes), params, drained)
    table, rules = make_hash(nodes, (), params), rules_of(params)
    row, passed = np.empty(t.ROW), []
    east, north = nodes.column(t.EAST), nodes.column(t.NORTH)
    for u in range(nodes.count):
        for w in range(nodes.count):
            if u == w or nodes.column(t.HIGH)[u] <= nodes.column(t.LOW)[w]:
                continue
            known = np.array([east[u], north[u], east[w], north[w]])
            for size in sizes:
                reason = judge(
                    nodes.node, nodes.offset, nodes.level, nodes.volume, nodes.moment, nodes.dam,
                    nodes.crest, nodes.shore, nodes.place, nodes.step, nodes.levels, table.x,
                    table.y, table.owner, table.cell, table.box, rules, u, w, known,
                    size.power_mw, size.hours, 0.0, -2, -2, row,
                )  # fmt: skip
                if reason == t.PAIRED:
                    passed.append((u, w, size))
    return passed


def test_distance_bound_never_exceeds_the_distance(found):
    dams, drained = found
    nodes = make_nodes(dams, (), 0.01, parameters({}), drained)
    empty = np.empty(0), np.empty(0), np.empty(0, np.int32), np.zeros(2, np.int64)
    box = np.array([0.0, 0, 1, 1, 1, 0, 0])
    rng = np.random.default_rng(1)
    node = nodes.node.reshape(nodes.count, -1)
    for _ in range(400):
        u, w = rng.choice(nodes.count, 2, replace=False)
        ku, kl = rng.integers(-1, nodes.levels, 2)
        ends = np.array([node[u, 11], node[u, 12], node[w, 11], node[w, 12]])
        d = shore.closest(
            nodes.node, nodes.shore, nodes.place, nodes.levels, *empty, box, u, ku, w, kl, ends
        )
        for form in (shore.apart, shore.apart.py_func):
            bound = form(nodes.node, nodes.shore, nodes.place, nodes.levels, u, ku, w, kl)
            assert bound <= d + 1e-6


def test_drainage_of_another_grid_is_refused(found):
    dams, _ = found
    _, other = hills(side=60)
    with pytest.raises(OptionError, match="grid"):
        find_pairs(dams, (), (Size(20.0, 5.0),), parameters({}), drainage=other)
