"""Our cost beside the atlas formula: order always, money only at a rate of the user."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from geo.errors import OptionError
from siting.pumped.money.compare import compare
from siting.pumped.money.model import StorageCost


def cost(total):
    total = np.asarray(total, np.float64)
    return StorageCost({}, total, total, total, np.zeros(total.shape, np.uint8), ())


def test_without_a_rate_there_is_no_ratio():
    found = compare(cost([7000.0, 6000.0, 5000.0]), [1200.0, 1000.0, 900.0])
    assert np.isnan(found.ratio).all()
    assert np.isnan(found.atlas_yuan).all()
    assert found.order == pytest.approx(1.0)
    assert "未计" in found.text.zh
    assert "元/USD" not in found.text.zh


def test_ratio_at_a_rate_of_the_user():
    found = compare(cost([7000.0, 6000.0, np.nan]), [1000.0, 1500.0, 900.0], yuan_per_usd=5.0)
    np.testing.assert_allclose(found.ratio, [1.4, 0.8, np.nan])
    assert found.count == 2
    assert np.isnan(found.order)
    assert "1.10" in found.text.zh


def test_rank_correlation_equals_scipy_with_ties():
    rng = np.random.default_rng(3)
    ours, atlas = rng.integers(0, 8, 60).astype(float), rng.integers(0, 9, 60).astype(float)
    assert compare(cost(ours), atlas).order == pytest.approx(spearmanr(ours, atlas).statistic)
    assert np.isnan(compare(cost(np.ones(5)), np.arange(5.0)).order)


def test_bad_input_is_refused():
    with pytest.raises(OptionError):
        compare(cost([1.0, 2.0]), [1.0])
    for rate in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(OptionError):
            compare(cost([1.0]), [1.0], yuan_per_usd=rate)
