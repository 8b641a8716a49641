"""Views of weights against published examples and closed forms; refusals with their cure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import OptionError
from siting.ranking.views import (
    RANDOM_INDEX,
    Pairwise,
    ahp,
    entropy,
    equal,
    principal,
    topsis,
    user_weights,
    worst_judgement,
)

KEYS = ("grid", "slope", "yield")
#: Buying a house: T. L. Saaty, How to make a decision: the analytic hierarchy process,
#: European Journal of Operational Research 48 (1990) 9-26.
HOUSE_KEYS = ("size", "transport", "neighbourhood", "age", "yard", "modern", "condition", "finance")
HOUSE = np.array(
    [
        [1, 5, 3, 7, 6, 6, 1 / 3, 1 / 4],
        [1 / 5, 1, 1 / 3, 5, 3, 3, 1 / 5, 1 / 7],
        [1 / 3, 3, 1, 6, 3, 4, 6, 1 / 5],
        [1 / 7, 1 / 5, 1 / 6, 1, 1 / 3, 1 / 4, 1 / 7, 1 / 8],
        [1 / 6, 1 / 3, 1 / 3, 3, 1, 1 / 2, 1 / 5, 1 / 6],
        [1 / 6, 1 / 3, 1 / 4, 4, 2, 1, 1 / 5, 1 / 6],
        [3, 5, 1 / 6, 7, 5, 5, 1, 1 / 2],
        [4, 7, 5, 8, 6, 6, 2, 1],
    ]
)


def consistent(weights):
    w = np.asarray(weights, float)
    return w[:, None] / w[None, :]


def test_saaty_house_eigenvector_and_consistency():
    judged = principal(HOUSE)
    published = [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333]
    np.testing.assert_allclose(judged.weights, published, atol=6e-4)
    assert judged.eigenvalue == pytest.approx(9.669, abs=5e-4)
    assert judged.index == pytest.approx(0.238, abs=5e-4)
    assert judged.ratio == pytest.approx(0.169, abs=5e-4)


def test_inconsistent_matrix_is_refused_by_its_worst_judgement():
    # Saaty names neighbourhood over general condition as the judgement to be revised
    assert worst_judgement(HOUSE, principal(HOUSE).weights) == (2, 6)
    with pytest.raises(OptionError, match=r"CR = 0\.169") as error:
        ahp(Pairwise(HOUSE_KEYS, HOUSE), HOUSE_KEYS)
    assert "neighbourhood over condition" in error.value.cure.en
    assert "复核 neighbourhood 比 condition" in error.value.cure.zh
    eased = HOUSE.copy()
    eased[2, 6], eased[6, 2] = 1.0, 1.0
    assert principal(eased).ratio < principal(HOUSE).ratio


@given(st.lists(st.floats(0.05, 1), min_size=1, max_size=15))
@settings(max_examples=40, deadline=None)
def test_consistent_matrix_gives_its_weights(weights):
    keys = tuple(f"c{j}" for j in range(len(weights)))
    judged = ahp(Pairwise(keys, consistent(weights)), keys)
    np.testing.assert_allclose(judged.weights, np.array(weights) / sum(weights), rtol=1e-9)
    assert judged.ratio == pytest.approx(0, abs=1e-9)


def test_ahp_follows_the_order_of_the_criteria():
    judged = ahp(Pairwise(KEYS, consistent([5, 3, 2])), ("yield", "grid", "slope"))
    np.testing.assert_allclose(judged.weights, [0.2, 0.5, 0.3])


def test_random_index_reaches_fifteen():
    assert len(RANDOM_INDEX) == 15
    keys = tuple(f"c{j}" for j in range(16))
    with pytest.raises(OptionError, match="at most 15"):
        ahp(Pairwise(keys, np.ones((16, 16))), keys)


@pytest.mark.parametrize(
    ("keys", "matrix", "said"),
    [
        (KEYS, np.ones((2, 2)), "for 3 criteria"),
        (KEYS, np.ones((2, 3)), "for 3 criteria"),
        (("grid", "slope", "sun"), np.ones((3, 3)), r"unknown criteria \['sun'\]"),
        (("grid", "slope"), np.ones((2, 2)), r"missing criteria \['yield'\]"),
        (KEYS, consistent([1, 1, 1]) * np.array([[1, 3, 1], [1, 1, 1], [1, 1, 1]]), "reciprocal"),
        (KEYS, np.array([[1.0, -1, 1], [-1, 1, 1], [1, 1, 1]]), "not positive"),
        (KEYS, np.array([[1.0, 0, 1], [1, 1, 1], [1, 1, 1]]), "not positive"),
        (KEYS, np.full((3, 3), np.nan), "not positive"),
    ],
)
def test_bad_judgements_are_refused(keys, matrix, said):
    with pytest.raises(OptionError, match=said):
        ahp(Pairwise(keys, matrix), KEYS)


def test_thirds_may_be_written_in_two_digits():
    matrix = np.array([[1, 3, 3], [0.33, 1, 1], [0.33, 1, 1]])
    assert ahp(Pairwise(KEYS, matrix), KEYS).weights.sum() == pytest.approx(1)


def test_fighter_aircraft_of_hwang_and_yoon():
    # C.-L. Hwang and K. Yoon, Multiple Attribute Decision Making (Springer 1981): four aircraft,
    # six attributes, cost the only one that is better when small
    values = np.array(
        [
            [2.0, 1500, 20000, 5.5, 5, 9],
            [2.5, 2700, 18000, 6.5, 3, 5],
            [1.8, 2000, 21000, 4.5, 7, 7],
            [2.2, 1800, 20000, 5.0, 5, 5],
        ]
    )
    gains = np.array([True, True, True, False, True, True])
    close = topsis(values, np.array([0.2, 0.1, 0.1, 0.1, 0.2, 0.3]), gains)
    np.testing.assert_allclose(close, [0.643, 0.268, 0.613, 0.312], atol=6e-4)


def test_topsis_closed_forms():
    one = topsis(np.array([[3.0], [4.0]]), np.ones(1), np.array([True]))
    np.testing.assert_allclose(one, [0, 1])
    # distances (0.8, 0), (0.4, 0.4), (0, 0.8) on two mirrored criteria
    two = topsis(np.array([[0.0, 2], [1, 1], [2, 0]]), np.full(2, 0.5), np.ones(2, bool))
    np.testing.assert_allclose(two, [0.5, 0.5, 0.5])
    same = topsis(np.ones((3, 2)), np.full(2, 0.5), np.ones(2, bool))
    np.testing.assert_array_equal(same, 0.5)
    assert topsis(np.zeros((0, 2)), np.full(2, 0.5), np.ones(2, bool)).size == 0


def test_entropy_closed_forms():
    # constant: 0; all on one of two sites: entropy 0, diversity 1; 3 to 1: 1 - H(1/4) / ln 2
    parts = np.array([[50.0, 100, 75], [50, 0, 25]])
    third = 1 - 0.8112781244591328
    np.testing.assert_allclose(entropy(parts), np.array([0, 1, third]) / (1 + third), atol=1e-15)
    assert entropy(np.full((4, 2), 7.0)) is None
    assert entropy(np.zeros((4, 2))) is None
    assert entropy(np.ones((1, 2))) is None
    assert entropy(np.zeros((0, 2))) is None


def test_entropy_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    parts = np.random.default_rng(3).random((40, 5)) * 100
    spread = 1 - stats.entropy(parts, axis=0) / np.log(40)
    np.testing.assert_allclose(entropy(parts), spread / spread.sum(), rtol=1e-12)


def test_user_weights_by_one_and_by_hundred():
    for total in (1.0, 100.0):
        given_weights = {"yield": 0.2 * total, "grid": 0.5 * total, "slope": 0.3 * total}
        np.testing.assert_allclose(user_weights(given_weights, KEYS), [0.5, 0.3, 0.2])
    thirds = dict.fromkeys(KEYS, 1 / 3)
    np.testing.assert_allclose(user_weights(thirds, KEYS), equal(3))


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"grid": 0.5, "slope": 0.3, "yield": 0.3}, "they sum to 1.1"),
        ({"grid": 50, "slope": 30, "yield": 30}, "they sum to 110"),
        ({"grid": 1.2, "slope": 0.3, "yield": -0.5}, r"not positive: \['yield'\]"),
        ({"grid": 0.5, "slope": 0.5, "yield": 0.0}, r"not positive: \['yield'\]"),
        ({"grid": float("nan"), "slope": 0.5, "yield": 0.5}, "not positive"),
        ({"grid": 0.5, "slope": 0.5}, r"missing criteria \['yield'\]"),
        ({"grid": 0.5, "slope": 0.3, "yield": 0.1, "sun": 0.1}, r"unknown criteria \['sun'\]"),
    ],
)
def test_bad_weights_are_refused(weights, said):
    with pytest.raises(OptionError, match=said):
        user_weights(weights, KEYS)
