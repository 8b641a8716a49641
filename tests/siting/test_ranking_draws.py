"""The ranking kernels against NumPy and SciPy on the same draws; streams and counts."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from scipy import special, stats

from geo.errors import Say
from siting.ranking import intervals as interval_module
from siting.ranking._kernels import counts, ranks, tipping
from siting.ranking.draws import BLOCK, KNOTS, Sampler, prepare
from siting.ranking.intervals import intervals
from siting.ranking.table import Z95, CriteriaTable, SiteCriterion, Uncertainty


def make_table(n=30, seed=4, order=None, keep=None):
    """Four criteria: sure, relative errors, low and high, a margin under a price."""
    rng = np.random.default_rng(seed)
    a, b, c, d = rng.random((4, n)) * 100
    a[3 % n] = np.nan
    low, high = c - rng.random(n) * 20, c + rng.random(n) * 30
    order = np.arange(n) if order is None else np.asarray(order)
    rows = order if keep is None else order[np.isin(order, keep)]
    errors = [
        None,
        Uncertainty("resource", 0.05, 0.1, moves_with="wind"),
        Uncertainty("price", low=low[rows], high=high[rows]),
        Uncertainty("price", common_sd=-0.04, site_sd=0.02, moves_with="wind", shift=(-5, 9)),
    ]
    criteria = [
        SiteCriterion("slope", Say("坡度", "slope"), "°", a[rows], 90, 5),
        SiteCriterion("yield", Say("发电", "yield"), "h", b[rows], 10, 80, (0, 20), (70, 90)),
        SiteCriterion("cost", Say("成本", "cost"), "元", c[rows], 95, 20, None, (10, 20)),
        SiteCriterion("margin", Say("价差", "margin"), "元", d[rows], 0, 100),
    ]
    criteria = [
        SiteCriterion(
            o.key, o.title, o.unit, o.values, o.worst, o.best, o.worst_range, o.best_range, e
        )
        for o, e in zip(criteria, errors, strict=True)
    ]
    ids = tuple(f"site-{i:04d}" for i in rows)
    return CriteriaTable(ids, (rng.random(n) * 50)[rows], tuple(criteria))


def sampler(table, sites, seed=0, stream="a", concentration=50.0):
    k = len(table.criteria)
    return Sampler(table, sites, np.full(k, 1 / k), concentration, seed, stream)


def split_mix(x):
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def normals(bits):
    """Return np.interp of the quantiles, SciPy's own in the two outermost steps."""
    bits = np.asarray(bits, np.uint64)
    step = (bits >> np.uint64(53)).astype(float)
    rest = (bits & np.uint64(2**53 - 1)).astype(float)
    knots = special.ndtri(np.arange(1, 2048) / 2048)
    z = np.interp(step + rest / 2.0**53, np.arange(1, 2048), knots)
    low = special.ndtri((rest + 0.5) / 2.0**64)
    high = -special.ndtri((2.0**53 - 0.5 - rest) / 2.0**64)
    return np.where(step == 0, low, np.where(step == 2047, high, z))


def numpy_ranks(sites, block):
    """Rank the same draws by whole arrays: NumPy, SciPy's normal quantile and rankdata."""
    n = sites.order.size
    out = np.empty((len(block.weight), n), np.int64)
    for d in range(len(block.weight)):
        counter = split_mix(block.stream + np.uint64(block.first + d + 1))
        bits = split_mix(counter[:, None] + sites.hashes[None, :])
        z = block.common[d][:, None] + sites.own[:, None] * normals(bits)
        moved = sites.values + np.where(z > 0, sites.up, sites.down) * z
        moved = moved + block.shift[d][:, None]
        span = (block.best[d] - block.worst[d])[:, None]
        parts = np.clip((moved - block.worst[d][:, None]) / span, 0, 1) * 100
        score = np.round(block.weight[d] @ parts, 6)
        out[d, sites.order] = stats.rankdata(-score, method="ordinal")
    return out


def kernel_ranks(kernel, sites, block):
    k, n = sites.values.shape
    draws = len(block.weight)
    out = np.empty(draws * n, np.int32)
    with np.errstate(over="ignore"):  # counters wrap round by design
        kernel(
            sites.values.ravel(), sites.down.ravel(), sites.up.ravel(), sites.own, KNOTS,
            sites.hashes, block.stream, block.weight.ravel(), block.worst.ravel(),
            block.best.ravel(), block.common.ravel(), block.shift.ravel(),
            block.first, n, k, draws, out,
        )  # fmt: skip
    found = np.empty((draws, n), np.int32)
    found[:, sites.order] = out.reshape(draws, n)
    return found


def test_ranks_equal_numpy_on_the_same_draws():
    table = make_table(400)
    sites = prepare(table, 0.5)
    stream = sampler(table, sites)
    for _ in range(2):
        block = stream.block(40)
        np.testing.assert_array_equal(sites.ranks(block), numpy_ranks(sites, block))


@pytest.mark.parametrize("compiled", [True, False])
def test_interpreted_kernel_equals_compiled(compiled):
    table = make_table(25)
    sites = prepare(table, 0.5)
    block = sampler(table, sites).block(5)
    kernel = ranks.rank_draws if compiled else ranks.rank_draws.py_func
    np.testing.assert_array_equal(kernel_ranks(kernel, sites, block), numpy_ranks(sites, block))


@pytest.mark.parametrize("compiled", [True, False])
def test_normal_quantile_is_that_of_scipy(compiled):
    kernel = ranks.quantile if compiled else ranks.quantile.py_func
    p = np.array([1e-20, 1e-12, 1e-9, 1e-4, 0.075, 0.2, 0.5, 0.77, 0.925, 0.999, 1 - 1e-9])
    mine = np.array([kernel(one) for one in p])
    np.testing.assert_allclose(mine, special.ndtri(p), rtol=1e-12)


@pytest.mark.parametrize("compiled", [True, False])
def test_normal_of_bits(compiled):
    kernel = ranks.normal if compiled else ranks.normal.py_func
    edges = [0, 1, 2**20, 2**53 - 1, 2**53, 2**63, 2**64 - 1, 2**64 - 2**30, 2**64 - 2**53]
    rng = np.random.default_rng(0)
    bits = np.array(edges + [int(x) for x in rng.integers(0, 2**64, 300, np.uint64)], np.uint64)
    mine = np.array([kernel(b, KNOTS) for b in bits])
    np.testing.assert_allclose(mine, normals(bits), rtol=1e-9, atol=1e-12)
    assert np.isfinite(mine).all()


def test_interpolated_normal_is_normal():
    """Its distribution function lies within 4e-5 of the normal one, its variance within 2e-4."""
    fine = np.linspace(1, 2047, 2046 * 64 + 1)
    z = np.interp(fine, np.arange(1, 2048), KNOTS[1:-1])
    assert np.abs(special.ndtr(z) - fine / 2048).max() < 4e-5
    middle = np.trapezoid(z**2, fine / 2048)
    cut = KNOTS[2047]
    tails = 2 * (cut * np.exp(-(cut**2) / 2) / np.sqrt(2 * np.pi) + 1 / 2048)
    assert middle + tails == pytest.approx(1, abs=2e-4)


def test_mix_is_split_mix():
    # first output of SplitMix64 with seed 0 (S. Vigna's reference code)
    assert int(ranks.mix(np.uint64(0x9E3779B97F4A7C15))) == 0xE220A8397B1DCDAF
    with np.errstate(over="ignore"):
        assert int(ranks.mix.py_func(np.uint64(0x9E3779B97F4A7C15))) == 0xE220A8397B1DCDAF


def test_errors_have_the_stated_size():
    """Site and common errors: standard deviations and the signed sharing of one mover."""
    table = make_table(2)
    sites = prepare(table, 0.5)
    assert np.hypot(sites.own[1], sites.shared[1]) == pytest.approx(1)
    assert sites.shared[3] < 0 < sites.shared[1]
    assert sites.shared[2] ** 2 == pytest.approx(0.5)
    block = sampler(table, sites).block(20_000)
    # yield and margin hang on one wind: opposite errors, draw by draw
    assert np.corrcoef(block.common[:, 1], block.common[:, 3])[0, 1] == pytest.approx(-1)
    assert block.stream[1] == block.stream[3] != block.stream[2]
    assert block.common[:, 1].std() == pytest.approx(sites.shared[1], rel=0.03)
    assert block.shift[:, 3].min() >= -5
    assert block.shift[:, 3].max() <= 9
    assert (block.shift[:, :3] == 0).all()
    assert block.worst[:, 1].min() >= 0
    assert block.worst[:, 1].max() <= 20
    assert (block.worst[:, 0] == 90).all()
    np.testing.assert_allclose(block.weight.sum(axis=1), 1)
    expected = np.sqrt(0.25 * 0.75 / 51)
    assert block.weight[:, 0].std() == pytest.approx(expected, rel=0.03)
    flat = sampler(table, sites, concentration=None).block(20_000).weight
    assert flat[:, 0].mean() == pytest.approx(0.25, rel=0.03)
    assert flat[:, 0].std() == pytest.approx(np.sqrt(0.25 * 0.75 / 5), rel=0.03)


@pytest.mark.parametrize(("low", "peak", "high"), [(-0.02, 0, 0.075), (0, 0, 2), (-1, 0, 0)])
def test_a_shift_with_a_peak_is_triangular(low, peak, high):
    """The price under a margin is drawn from the distribution that ``clears`` is read from."""
    error = Uncertainty("price", shift=(low, high), peak=peak)
    one = SiteCriterion("m", Say("价差", "m"), "元", np.array([1.0]), 0, 9, uncertainty=error)
    table = CriteriaTable(("a",), np.ones(1), (one,))
    drawn = sampler(table, prepare(table, 0.5)).block(4000).shift[:, 0]
    wanted = stats.triang((peak - low) / (high - low), low, high - low)
    assert stats.kstest(drawn, wanted.cdf).pvalue > 0.01


def test_low_and_high_are_p5_and_p95_of_the_drawn_value():
    table = make_table(20)
    sites = prepare(table, 0.5)
    cost = table.criteria[2]
    rows = sites.order
    np.testing.assert_allclose(sites.values[2] - Z95 * sites.down[2], cost.uncertainty.low[rows])
    np.testing.assert_allclose(sites.values[2] + Z95 * sites.up[2], cost.uncertainty.high[rows])
    assert special.ndtr(Z95) == pytest.approx(0.95)
    assert sites.own[2] ** 2 + sites.shared[2] ** 2 == pytest.approx(1)


def test_draws_do_not_hang_on_blocks_threads_or_company():
    table = make_table(60)
    sites = prepare(table, 0.5)
    whole = sites.ranks(sampler(table, sites).block(30))
    stream = sampler(table, sites)
    pieces = np.concatenate([sites.ranks(stream.block(size)) for size in (7, 11, 12)])
    np.testing.assert_array_equal(whole, pieces)
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        np.testing.assert_array_equal(whole, sites.ranks(sampler(table, sites).block(30)))
    finally:
        numba.set_num_threads(before)
    # another order of the sites is the same ranking
    order = np.random.default_rng(1).permutation(60)
    shuffled = make_table(60, order=order)
    other = prepare(shuffled, 0.5)
    again = other.ranks(sampler(shuffled, other).block(30))
    np.testing.assert_array_equal(again, whole[:, order])
    # without half of the sites the others keep their order, draw by draw
    keep = np.arange(0, 60, 2)
    fewer = make_table(60, keep=keep)
    part = prepare(fewer, 0.5)
    left = part.ranks(sampler(fewer, part).block(30))
    np.testing.assert_array_equal(left, stats.rankdata(whole[:, keep], axis=1))


def test_criteria_in_another_order_draw_the_same():
    table = make_table(50)
    turned = CriteriaTable(table.ids, table.capacity_mw, table.criteria[::-1])
    one, two = prepare(table, 0.5), prepare(turned, 0.5)
    np.testing.assert_array_equal(
        one.ranks(sampler(table, one).block(40)), two.ranks(sampler(turned, two).block(40))
    )


def test_seeds_and_streams_differ():
    table = make_table(50)
    sites = prepare(table, 0.5)
    first = sampler(table, sites).block(5)
    for other in (sampler(table, sites, seed=1), sampler(table, sites, stream="b")):
        block = other.block(5)
        assert (block.weight != first.weight).all()
        assert (block.stream != first.stream).all()


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("width", [1, 3])
def test_counts_and_quantiles(compiled, width):
    rng = np.random.default_rng(2)
    n, draws = 20, 200
    drawn = np.stack([rng.permutation(n) + 1 for _ in range(draws)]).astype(np.int32)
    bins = -(-n // width)
    table, top = np.zeros(n * bins, np.uint16), np.zeros(n, np.int64)
    count = counts.count_ranks if compiled else counts.count_ranks.py_func
    find = counts.count_quantile if compiled else counts.count_quantile.py_func
    for block in (drawn[:50], drawn[50:]):
        count(block.ravel(), n, len(block), width, bins, 5, table, top)
    np.testing.assert_array_equal(top, (drawn <= 5).sum(axis=0))
    low, high = np.empty(n, np.int64), np.empty(n, np.int64)
    find(table, n, width, bins, 11, False, low)
    find(table, n, width, bins, 190, True, high)
    ordered = np.sort(drawn, axis=0)
    assert ((low <= ordered[10]) & (ordered[10] < low + width)).all()
    assert ((high >= ordered[189]) & (ordered[189] > high - width)).all()


def test_intervals_are_quantiles_of_all_draws():
    table = make_table(80)
    sites = prepare(table, 0.5)
    draws = BLOCK * 3 + 9
    drawn = np.sort(sites.ranks(sampler(table, sites).block(draws)), axis=0)
    found = intervals(sites, sampler(table, sites), draws, 10)
    assert found.resolution == 1
    np.testing.assert_array_equal(found.median, drawn[int(np.ceil(draws / 2)) - 1])
    np.testing.assert_array_equal(found.low, drawn[int(0.05 * draws)])
    np.testing.assert_array_equal(found.high, drawn[int(np.ceil(0.95 * draws)) - 1])
    np.testing.assert_allclose(found.top_share, (drawn <= 10).mean(axis=0))
    assert found.top_share.sum() == pytest.approx(10)


def test_intervals_of_many_sites_widen_by_less_than_a_count(monkeypatch):
    table = make_table(80)
    sites = prepare(table, 0.5)
    exact = intervals(sites, sampler(table, sites), 200, 10)
    monkeypatch.setattr(interval_module, "BINS", 10)
    found = intervals(sites, sampler(table, sites), 200, 10)
    assert found.resolution == 8
    for wide, true, sign in ((found.low, exact.low, 1), (found.high, exact.high, -1)):
        assert (sign * (true - wide) >= 0).all()
        assert (sign * (true - wide) < 8).all()
    np.testing.assert_array_equal(found.top_share, exact.top_share)


@pytest.mark.parametrize("compiled", [True, False])
def test_crossings_of_two_lines(compiled):
    kernel = tipping.crossings if compiled else tipping.crossings.py_func
    part, rest = np.array([0.0, 100.0, 40.0]), np.array([80.0, 20.0, 10.0])
    ahead = np.array([False, False, False])
    at, net = np.empty(3), np.empty(3, np.int64)
    # at weight t: 80 (1 - t) against 20 + 80 t cross at 3/8, against 10 + 30 t at 7/11
    assert kernel(part, rest, ahead, 0, 0.2, True, at, net) == 2
    np.testing.assert_allclose(at[:2], [3 / 8, 7 / 11])
    np.testing.assert_array_equal(net[:2], [1, 1])
    assert kernel(part, rest, ahead, 0, 0.2, False, at, net) == 0


@pytest.mark.parametrize("compiled", [True, False])
def test_tip_of_top_closed_form(compiled):
    kernel = tipping.tip_of_top if compiled else tipping.tip_of_top.py_func
    # best one of three, weights 0.4 and 0.6: scores 58, 48, 30
    parts = np.array([[40.0, 70], [90, 20], [30, 30]])
    weights, rank = np.array([0.4, 0.6]), np.array([1, 2, 3])
    tip, which = np.empty(3), np.empty(3, np.int64)
    kernel(parts.ravel(), weights, rank, np.arange(3), 1, 3, 2, tip, which)
    # 40 t + 70 (1 - t) = 90 t + 20 (1 - t) at t = 0.5, either weight; the third never leads
    np.testing.assert_allclose(tip, [0.5, 0.5, -1])
    assert which[2] == -1
    assert set(which[:2]) <= {0, 1}
