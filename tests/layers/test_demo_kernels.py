"""Kernels of the demo scene: interpreted = compiled, closed forms, oracles."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from layers.demo import shapes
from layers.demo._kernels import contour, erode, grow, texture
from layers.demo.lattice import Lattice

ROWS, COLS = 14, 17


def terrain():
    """A tilted plane with bumps and two pits; the south rim is fixed."""
    rng = np.random.default_rng(3)
    z = np.arange(ROWS)[::-1, None] * 9.0 + rng.uniform(0, 14, (ROWS, COLS))
    z[4, 5] = z[8, 11] = -50.0
    fixed = np.zeros((ROWS, COLS), np.uint8)
    fixed[-1] = 1
    return z.ravel(), fixed.ravel(), rng.uniform(0.5, 1.6, ROWS * COLS)


def both(kernel):
    return [kernel.py_func, kernel]


def grown(flood, steepest, order_of, drain, settle):
    z, fixed, wobble = terrain()
    receiver, order = np.empty(z.size, np.int64), np.empty(z.size, np.int64)
    area = np.empty(z.size)
    flood(z, wobble, fixed, ROWS, COLS, receiver)
    for step in range(3):
        if step:
            steepest(z, wobble, fixed, ROWS, COLS, receiver)
        order_of(receiver, order)
        drain(receiver, order, 0.04, area)
        settle(z, fixed, receiver, order, area, np.full(z.size, 0.1), np.full(z.size, 0.9),
               COLS, 200.0, 0.5, 1.0)  # fmt: skip
    return z, receiver, order, area


def test_growth_interpreted_equals_compiled():
    kernels = (grow.flood, erode.steepest, erode.downstream_order, erode.drain, erode.settle)
    slow = grown(*(k.py_func for k in kernels))
    for a, b in zip(slow, grown(*kernels), strict=True):
        np.testing.assert_array_equal(a, b)


def test_flood_leads_every_node_to_a_fixed_one():
    z, fixed, rise = terrain()
    receiver = np.empty(z.size, np.int64)
    grow.flood(z, rise, fixed, ROWS, COLS, receiver)
    at = np.arange(z.size)
    for _ in range(z.size):
        at = receiver[at]
    assert fixed[at].all()


def test_steady_slope_is_the_closed_form_and_water_is_conserved():
    z, receiver, order, area = grown(
        grow.flood, erode.steepest, erode.downstream_order, erode.drain, erode.settle
    )
    inner = receiver != np.arange(z.size)
    step = np.abs(np.arange(z.size) - receiver)
    length = np.where(np.isin(step, (1, COLS)), 200.0, 200.0 * np.sqrt(2.0))
    slope = (z - z[receiver])[inner] / length[inner]
    np.testing.assert_allclose(slope, 1.0 / (1.0 / 0.9 + area[inner] ** 0.5 / 0.1), rtol=1e-9)
    assert area[~inner].sum() == pytest.approx(0.04 * z.size)
    rank = np.empty(z.size, np.int64)
    rank[order] = np.arange(z.size)
    assert (rank[receiver][inner] < rank[inner]).all()


@pytest.mark.parametrize("kernel", both(grow.least_cost))
def test_least_cost_equals_scipy(kernel):
    z, _, friction = terrain()
    cost, previous = np.empty(z.size), np.empty(z.size, np.int64)
    seeds, nobody = np.array([5], np.int64), np.zeros(z.size, np.uint8)
    kernel(z, friction, seeds, ROWS, COLS, 200.0, 0.05, nobody, 0, cost, previous)
    i, j, w = [], [], []
    for n in range(z.size):
        for dr, dc in ((0, 1), (1, 0), (1, 1), (1, -1)):
            r, c = n // COLS + dr, n % COLS + dc
            if r < ROWS and 0 <= c < COLS:
                m, d = r * COLS + c, 200.0 * np.hypot(dr, dc)
                grade = (z[m] - z[n]) / d / 0.05
                i.append(n), j.append(m)
                w.append(d * 0.5 * (friction[n] + friction[m]) * (1 + grade**2))
    graph = coo_matrix((w, (i, j)), shape=(z.size, z.size))
    np.testing.assert_allclose(cost, dijkstra(graph, directed=False, indices=5), rtol=1e-12)


@pytest.mark.parametrize("kernel", both(grow.least_cost))
def test_least_cost_may_stop_at_the_nearest(kernel):
    z, _, friction = terrain()
    seeds, wanted = np.array([5], np.int64), np.zeros(z.size, np.uint8)
    wanted[[5, 17, z.size // 2, z.size - 1]] = 1
    made = []
    for count in (0, 3):
        cost, previous = np.empty(z.size), np.empty(z.size, np.int64)
        kernel(z, friction, seeds, ROWS, COLS, 200.0, 0.05, wanted, count, cost, previous)
        made.append((cost, previous))
    (whole, back), (cost, previous) = made
    marked = np.flatnonzero(wanted)
    near = marked[np.argsort(whole[marked])][:3]
    np.testing.assert_array_equal(cost[near], whole[near])
    assert (cost[np.setdiff1d(marked, near)] >= whole[near].max()).all()
    for target in near:
        at = target
        while at != 5:
            assert previous[at] == back[at]
            at = previous[at]
    assert np.isinf(cost).any() or (cost >= whole).all()


@pytest.mark.parametrize("number", [0, 1])
def test_thalweg_and_upstream(number):
    # 0 <- 1 <- 2 <- 3 and 1 <- 4, with a dam on node 1
    receiver = np.array([0, 0, 1, 2, 1], np.int64)
    order = np.array([0, 1, 4, 2, 3], np.int64)
    area = np.array([5.0, 4.0, 2.0, 1.0, 1.0])
    channel, mark = np.empty(5, np.int64), np.zeros(5, np.uint8)
    both(erode.thalweg)[number](receiver, order, area, 2.0, channel)
    assert channel.tolist() == [0, 1, 2, 2, 1]
    both(erode.upstream)[number](receiver, order, np.array([1], np.int64), mark)
    assert mark.tolist() == [0, 1, 1, 1, 1]


@pytest.mark.parametrize("kernel", both(erode.open_corners))
def test_open_corners_lowers_the_lower_corner_only(kernel):
    z = np.array([10.0, 50.0, 40.0, 0.0])
    kernel(z, np.array([3, 1, 2, 3], np.int64), np.ones(4), 2, 0.5)
    np.testing.assert_allclose(z, [10.0, 50.0, 5.0 + 0.2 * 35.0, 0.0])


def test_texture_interpreted_equals_compiled():
    rng = np.random.default_rng(1)
    z = rng.uniform(100, 400, (9, 9)).astype(np.float32)
    level = np.where(z < 180, 180, 0).astype(np.float32)
    field = rng.normal(size=(9, 9)).astype(np.float32)
    cuts = np.array([0.8, 1.0, 0.4, 0.1, 0.2, 0.9, -0.6, -0.9])
    made = []
    for refine, cover in zip(both(texture.refine), both(texture.cover), strict=True):
        dem, land = np.empty((12, 13), np.float32), np.zeros((12, 13), np.uint8)
        shrub = np.zeros((12, 13), np.uint8)
        refine(z, level, 0.0, 1600.0, 200.0, 45.0, 1500.0, 90.0, 90.0, 7, dem, land)
        cover(field, field, field, 0.0, 1600.0, 200.0, 45.0, 1500.0, 90.0, 90.0, 7, cuts, dem,
              land, shrub)  # fmt: skip
        made.append((dem, land, shrub))
    for a, b in zip(*made, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
    assert set(np.unique(made[0][1])) <= set(range(1, 10))


def test_scores_agree_with_their_field():
    field = np.add.outer(np.zeros(6), np.arange(6.0)).astype(np.float32)
    x, y = np.array([300.0, 500.0]), np.array([700.0, 450.0])
    out = [np.empty((2, 5), np.float32) for _ in range(2)]
    for kernel, one in zip(both(texture.scores), out, strict=True):
        kernel(field, field, field, 0.0, 1000.0, 200.0, x, y, 7, one)
    np.testing.assert_allclose(out[0], out[1], rtol=1e-6)
    np.testing.assert_allclose(out[1][:, 4], [1.5, 2.5])


def test_noise_is_bounded_smooth_and_seeded():
    at = np.linspace(-4000.0, 4000.0, 3001)
    values = np.array([texture.noise(x, 0.3 * x, 500.0, 9) for x in at])
    assert np.abs(values).max() <= 1.0
    assert values.std() > 0.2
    assert np.abs(np.diff(values)).max() < 0.05
    assert texture.noise(10.0, 20.0, 500.0, 9) != texture.noise(10.0, 20.0, 500.0, 10)
    assert texture.noise.py_func(-17.0, 20.0, 500.0, 9) == texture.noise(-17.0, 20.0, 500.0, 9)


def test_unbend_inverts_the_bend():
    xy = np.random.default_rng(2).uniform(4e5, 5e5, (40, 2))
    moved = xy.copy()
    texture.unbend(moved, 5)
    back = np.array(
        [(x + texture.bend(x, y, 5, 0), y + texture.bend(x, y, 5, 1)) for x, y in moved]
    )
    assert np.abs(back - xy).max() < 2.0
    slow = xy.copy()
    texture.unbend.py_func(slow, 5)
    np.testing.assert_allclose(slow, moved)


def test_contours_of_a_ring_have_its_area_and_its_hole():
    lattice = Lattice(0.0, 20_000.0, 200.0, (100, 100))
    x, y = np.meshgrid(lattice.xs - 10_000.0, lattice.ys - 10_000.0)
    radius = np.hypot(x, y)
    field = 3000.0 - np.abs(radius - 5000.0)
    (ring,) = shapes.contours(field, lattice, 0.0, smallest=1.0, tolerance=1.0)
    assert len(ring.interiors) == 1
    assert ring.area == pytest.approx(np.pi * (8000.0**2 - 2000.0**2), rel=3e-3)
    (disc,) = shapes.contours(field, lattice, 0.0, smallest=2e7, tolerance=1.0)
    assert not disc.interiors


def test_contours_of_noise_equal_the_mask_and_interpreted_equals_compiled():
    lattice = Lattice(0.0, 8000.0, 200.0, (41, 41))
    field = np.random.default_rng(8).normal(size=(41, 41)).astype(np.float32)
    field[0], field[-1], field[:, 0], field[:, -1] = -9, -9, -9, -9
    found = shapes.contours(field, lattice, 0.2, smallest=0.0, tolerance=0.0)
    gx, gy = np.meshgrid(lattice.xs, lattice.ys)
    inside = shapely.contains_xy(shapely.union_all(found), gx, gy)
    # a node whose value is the level itself may fall on either side after snapping
    clear = np.abs(field - 0.2) > 2e-3
    assert (inside == (field > 0.2))[clear].all()
    made = []
    for links, trace in zip(both(contour.links), both(contour.trace), strict=True):
        following = np.empty(2 * field.size, np.int64)
        count = links(field, 0.2, following)
        points, starts = np.zeros((count, 2)), np.zeros(count + 2, np.int64)
        rings = trace(field, 0.2, following, points, starts)
        made.append((rings, points, starts))
    assert made[0][0] == made[1][0]
    np.testing.assert_allclose(made[0][1], made[1][1])


def test_heap_returns_sorted():
    keys, nodes = np.empty(50), np.empty(50, np.int64)
    values = np.random.default_rng(0).integers(0, 20, 50).astype(float)
    for push, pop in zip(both(grow.push), both(grow.pop), strict=True):
        size = 0
        for node, value in enumerate(values):
            size = push(keys, nodes, size, value, node)
        out = []
        while size:
            out.append((keys[0], nodes[0]))
            size = pop(keys, nodes, size)
        assert out == sorted(out)
