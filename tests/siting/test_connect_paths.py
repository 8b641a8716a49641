"""Least cost: equal to skimage and networkx to the last bit, closed form, early end, refusals."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.graph import MCP_Geometric

from geo.errors import OptionError, RasterError
from siting.connect._kernels import spread, trace
from siting.connect.paths import least_cost

STEPS = ((0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1))


@st.composite
def rasters(draw):
    rows, cols = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread_of = draw(st.sampled_from([0.0, 0.3, 1.5, 3.0]))
    friction = np.exp(spread_of * rng.uniform(-2, 2, (rows, cols))).astype(np.float32)
    friction[rng.random((rows, cols)) < draw(st.sampled_from([0.0, 0.3, 0.6]))] = np.inf
    cells = rng.integers(0, rows * cols, draw(st.integers(1, 6)))
    return friction, cells, draw(st.sampled_from([(90.0, 90.0), (30.0, 50.0), (70.0, 20.0)]))


def peer(friction, cells, dx, dy):
    cols = friction.shape[1]
    starts = [divmod(int(k), cols) for k in cells if np.isfinite(friction.flat[k])]
    if not starts:
        return np.full(friction.shape, np.inf)
    costs = friction.astype(np.float64)
    return MCP_Geometric(costs, sampling=(dy, dx)).find_costs(starts)[0]


@given(rasters())
@settings(max_examples=60)
def test_equal_to_skimage_to_the_last_bit(case):
    friction, cells, (dx, dy) = case
    found = least_cost(friction, dx, dy, cells)
    np.testing.assert_array_equal(found.cost, peer(friction, cells, dx, dy))


@given(rasters())
@settings(max_examples=20)
def test_equal_to_networkx(case):
    friction, cells, (dx, dy) = case
    rows, cols = friction.shape
    graph = nx.DiGraph()
    graph.add_nodes_from(range(rows * cols))
    for row in range(rows):
        for col in range(cols):
            for down, right in STEPS:
                r, c = row + down, col + right
                if 0 <= r < rows and 0 <= c < cols:
                    mean = (float(friction[row, col]) + float(friction[r, c])) / 2
                    if math.isfinite(mean):
                        length = math.hypot(down * dy, right * dx)
                        graph.add_edge(row * cols + col, r * cols + c, weight=mean * length)
    open_cells = {int(k) for k in cells if np.isfinite(friction.flat[k])}
    wanted = np.full(rows * cols, np.inf)
    if open_cells:
        for node, cost in nx.multi_source_dijkstra_path_length(graph, open_cells).items():
            wanted[node] = cost
    found = least_cost(friction, dx, dy, cells)
    np.testing.assert_allclose(found.cost.ravel(), wanted, rtol=1e-12)


@given(rasters())
@settings(max_examples=40)
def test_paths_cost_what_the_surface_says_and_end_at_their_source(case):
    friction, cells, (dx, dy) = case
    found = least_cost(friction, dx, dy, cells)
    cols = friction.shape[1]
    for cell in np.flatnonzero(np.isfinite(found.cost)):
        path = found.path(cell)
        assert path[0] == cell
        assert path[-1] == cells[found.source.flat[cell]]
        rows, columns = np.divmod(path, cols)
        down, right = np.diff(rows), np.diff(columns)
        assert (np.maximum(abs(down), abs(right)) == 1).all()
        f = friction.ravel()[path].astype(np.float64)
        cost = ((f[1:] + f[:-1]) / 2 * np.hypot(down * dy, right * dx)).sum()
        assert cost == pytest.approx(found.cost.flat[cell], rel=1e-12, abs=1e-12)
    nowhere = ~np.isfinite(found.cost)
    assert (found.source[nowhere] == -1).all()
    assert (found.back[nowhere] == trace.NOWHERE).all()
    for cell in np.flatnonzero(nowhere)[:3]:
        assert found.path(cell).size == 0


@given(rasters(), st.integers(0, 2**31))
@settings(max_examples=40)
def test_ending_at_targets_changes_no_target(case, seed):
    friction, cells, (dx, dy) = case
    targets = np.random.default_rng(seed).integers(0, friction.size, 4)
    whole = least_cost(friction, dx, dy, cells)
    part = least_cost(friction, dx, dy, cells, targets)
    np.testing.assert_array_equal(part.cost.flat[targets], whole.cost.flat[targets])
    np.testing.assert_array_equal(part.source.flat[targets], whole.source.flat[targets])
    done = np.isfinite(part.cost)
    np.testing.assert_array_equal(part.cost[done], whole.cost[done])
    assert (whole.cost[~done] >= part.reach).all()


def test_uniform_ground_is_octile():
    found = least_cost(np.full((40, 60), 2.0, np.float32), 90.0, 90.0, [0])
    row, col = np.mgrid[0:40, 0:60]
    near, far = np.minimum(row, col), np.maximum(row, col)
    np.testing.assert_allclose(found.cost, 2 * 90 * (far - near + math.sqrt(2) * near), rtol=1e-13)


def test_a_wall_is_walked_round_and_a_ring_shuts():
    friction = np.ones((21, 21), np.float32)
    friction[10, :20] = np.inf
    found = least_cost(friction, 1.0, 1.0, [0])
    assert 20 in found.path(20 * 21) % 21  # through the gap of the last column
    friction[10, 20] = np.nan
    found = least_cost(friction, 1.0, 1.0, [0])
    assert np.isinf(found.cost[11:]).all()
    assert np.isfinite(found.cost[:10]).all()


def test_the_first_of_two_sources_in_a_cell_counts_and_a_barred_one_reaches_nothing():
    friction = np.ones((3, 3), np.float32)
    friction[2, 2] = np.inf
    found = least_cost(friction, 1.0, 1.0, [8, 4, 4])
    assert (found.source[np.isfinite(found.cost)] == 1).all()
    alone = least_cost(friction, 1.0, 1.0, [8])
    assert np.isinf(alone.cost).all()
    assert np.isinf(least_cost(friction, 1.0, 1.0, []).cost).all()
    assert np.isinf(least_cost(np.full((2, 2), np.inf, np.float32), 1.0, 1.0, [0]).cost).all()


def test_a_range_of_a_million_goes_through_the_ring():
    rng = np.random.default_rng(7)
    friction = (10.0 ** rng.uniform(-3, 3, (40, 40)) * 0.999 + 1e-3).astype(np.float32)
    found = least_cost(friction, 90.0, 90.0, [0, 777])
    np.testing.assert_array_equal(found.cost, peer(friction, [0, 777], 90.0, 90.0))


def test_the_pool_grows():
    """More cells wait at once than the first blocks hold."""
    friction = np.ones((300, 300), np.float32)
    every = np.arange(0, friction.size, 2)
    found = least_cost(friction, 1.0, 1.0, every)
    assert found.cost.max() == 1.0
    full = np.arange(2 * spread.BLOCK, dtype=np.int32)
    pool, new, spare, fresh = spread.block(full, -1, full.size)
    assert (new, spare, fresh) == (full.size, -1, full.size + spread.BLOCK)
    assert pool.size == 2 * full.size
    assert pool[: full.size].tolist() == full.tolist()
    full[64] = 0  # a free block that names the next
    again = spread.block(full, 64, full.size)
    assert again[1:] == (64, 0, full.size)


@pytest.mark.parametrize("interpreted", [False, True])
def test_kernels_interpreted_and_compiled(monkeypatch, interpreted):
    rng = np.random.default_rng(2)
    friction = rng.uniform(1, 9, (9, 11)).astype(np.float32)
    friction[4, :7] = np.inf
    if interpreted:
        shared = ("steps", "lengths")
        mine = {
            spread: ("spread", "begin", "block", "gains", "met", *shared),
            trace: ("directions", "owners", "walk", *shared),
        }
        for module, names in mine.items():
            for name in names:
                monkeypatch.setattr(module, name, getattr(module, name).py_func)
    found = least_cost(friction, 30.0, 40.0, [0, 98, 0], [5, 60])
    whole = peer(friction, [0, 98], 30.0, 40.0)
    done = np.isfinite(found.cost)
    np.testing.assert_array_equal(found.cost[done], whole[done])
    assert done.flat[[5, 60]].all()
    assert found.path(60)[-1] in {0, 98}


def test_same_input_same_bytes():
    rng = np.random.default_rng(3)
    friction = np.ones((50, 50), np.float32)
    cells = rng.integers(0, 2500, 30)
    one, two = (least_cost(friction, 90.0, 90.0, cells) for _ in range(2))
    for name in ("cost", "back", "source"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_friction_must_be_positive(value):
    friction = np.ones((3, 3), np.float32)
    friction[1, 1] = value
    with pytest.raises(RasterError):
        least_cost(friction, 1.0, 1.0, [0])


def test_refusals():
    friction = np.ones((3, 3), np.float32)
    with pytest.raises(OptionError):
        least_cost(friction, 1.0, 1.0, [9])
    with pytest.raises(OptionError):
        least_cost(friction, 0.0, 1.0, [0])
    friction[0, 0] = 1e7
    with pytest.raises(RasterError):
        least_cost(friction, 1.0, 1.0, [0])
