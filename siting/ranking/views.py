"""Views of weights: equal, the user's own, pairwise judgements (AHP), entropy; and TOPSIS.

No view is the right one: a site that stands high in all of them is a safe choice, one that
stands high in a single one is the choice of that view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say

Floats = npt.NDArray[np.float64]

#: Random index by size of the matrix, 1..15: T. L. Saaty, The Analytic Hierarchy Process
#: (McGraw-Hill 1980).
RANDOM_INDEX: Final = (
    0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59,
)  # fmt: skip
#: Highest consistency ratio that is accepted (Saaty 1980).
CR_LIMIT: Final = 0.10


@dataclass(frozen=True, slots=True, eq=False)
class Pairwise:
    """A matrix of pairwise judgements: ``matrix[i, j]`` = how much more i weighs than j.

    Parameters
    ----------
    keys
        Criteria in the order of rows and columns.
    matrix
        Shape (k, k), positive and reciprocal. [-]
    """

    keys: tuple[str, ...]
    matrix: Floats


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Weights of one view.

    Parameters
    ----------
    name
        ``equal``, ``user``, ``ahp``, ``entropy`` or ``topsis``.
    weights
        Shape (k,), sum 1; None = the view is absent. [0-1]
    why
        How the weights came about, or why the view is absent.
    ratio
        Consistency ratio of the judgements (AHP alone). [-]
    """

    name: str
    title: Say
    weights: Floats | None
    why: Say
    ratio: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Weights of pairwise judgements with their consistency.

    Parameters
    ----------
    weights
        Principal eigenvector, sum 1, shape (k,). [0-1]
    eigenvalue
        Principal eigenvalue; k for a consistent matrix.
    index, ratio
        Consistency index (eigenvalue - k) / (k - 1), and the index over the random index.
    """

    weights: Floats
    eigenvalue: float
    index: float
    ratio: float


def equal(count: int) -> Floats:
    """Return equal weights. [0-1]."""
    return np.full(count, 1.0 / count) if count else np.zeros(0)


def user_weights(
    weights: Mapping[str, float], keys: Sequence[str], subject: str = "weights"
) -> Floats:
    """Return the user's weights in the order of ``keys``. [0-1].

    Parameters
    ----------
    weights
        Criterion key -> weight; sum 1 (or 100, per cent). [- or %]
    subject
        What a refusal calls them.

    Raises
    ------
    OptionError
        If a criterion is unknown or missing, a weight is not positive, or the sum is neither
        1 nor 100.
    """
    _same_keys(subject, weights, keys)
    found = np.array([float(weights[key]) for key in keys])
    bad = [key for key, value in zip(keys, found, strict=True) if not 0 < value < np.inf]
    if bad:
        raise OptionError(
            subject,
            Say(f"权重不为正：{bad}", f"are not positive: {bad}"),
            Say("每个权重取正数", "give positive weights"),
        )
    total = float(found.sum())
    if abs(total - 1) > 1e-6 and abs(total - 100) > 1e-4:
        raise OptionError(
            subject,
            Say(f"合计为 {total:g}，不是 1（或 100）", f"sum to {total:g}, not 1 (or 100)"),
            Say(
                f"它们合计 {total:g}：逐个除以 {total:g}，或改到合计为 1",
                f"they sum to {total:g}: divide each by {total:g}, or make them sum to 1",
            ),
        )
    return np.asarray(found / total)


def ahp(judgements: Pairwise, keys: Sequence[str], subject: str = "ahp") -> Judged:
    """Return the weights of pairwise judgements in the order of ``keys``.

    Parameters
    ----------
    subject
        What a refusal calls them.

    Raises
    ------
    OptionError
        If a criterion is unknown or missing, the matrix has another size, is not positive or
        not reciprocal, is too large for a random index, or too inconsistent (ratio > 0.10).

    References
    ----------
    T. L. Saaty, The Analytic Hierarchy Process (McGraw-Hill 1980).
    """
    matrix = np.asarray(judgements.matrix, np.float64)
    k = len(judgements.keys)
    if matrix.shape != (k, k) or not 0 < k <= len(RANDOM_INDEX):
        raise OptionError(
            subject,
            Say(f"矩阵 {matrix.shape} 与 {k} 个准则不符", f"is {matrix.shape} for {k} criteria"),
            Say(
                f"给出 {k} x {k} 的方阵（至多 {len(RANDOM_INDEX)} 个准则）",
                f"give a square matrix of {k} x {k} (at most {len(RANDOM_INDEX)} criteria)",
            ),
        )
    _same_keys(subject, dict.fromkeys(judgements.keys, 1.0), keys)
    _check_reciprocal(subject, judgements.keys, matrix)
    judged = principal(matrix)
    if judged.ratio > CR_LIMIT:
        raise _inconsistent(subject, judgements.keys, matrix, judged)
    place = [judgements.keys.index(key) for key in keys]
    return Judged(judged.weights[place], judged.eigenvalue, judged.index, judged.ratio)


def principal(matrix: Floats) -> Judged:
    """Return the principal eigenvector of a positive matrix and its consistency."""
    k = len(matrix)
    values, vectors = np.linalg.eig(matrix)
    first = int(np.argmax(values.real))
    weights = np.abs(vectors[:, first].real)
    weights /= weights.sum()
    eigenvalue = float(values[first].real)
    index = max(eigenvalue - k, 0.0) / (k - 1) if k > 2 else 0.0
    ratio = index / RANDOM_INDEX[k - 1] if k > 2 else 0.0
    return Judged(weights, eigenvalue, index, ratio)


def worst_judgement(matrix: Floats, weights: Floats) -> tuple[int, int]:
    """Return the pair (i, j), i < j, whose judgement lies farthest from the weights."""
    off = np.abs(np.log(matrix * weights[None, :] / weights[:, None]))
    i, j = np.unravel_index(int(np.argmax(np.triu(off, 1))), matrix.shape)
    return int(i), int(j)


def entropy(parts: Floats) -> Floats | None:
    """Return entropy weights of the parts of the score; None where nothing differs. [0-1].

    Each criterion's parts are divided by their sum, p; its weight is 1 - H / ln n with
    Shannon's H = -sum p ln p, over the sum of all: a criterion that says the same of every
    site gets 0, whatever it matters.

    Parameters
    ----------
    parts
        Shape (n, k), not negative. [0-100]

    References
    ----------
    C. E. Shannon, Bell System Technical Journal 27 (1948); C.-L. Hwang and K. Yoon,
    Multiple Attribute Decision Making (Springer 1981).
    """
    n, k = parts.shape
    if n < 2 or k == 0:
        return None
    total = parts.sum(axis=0)
    share = np.divide(parts, total, out=np.full_like(parts, 1.0 / n), where=total > 0)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    spread = 1.0 + (share * logs).sum(axis=0) / np.log(n)
    spread[np.ptp(parts, axis=0) == 0] = 0.0
    spread = np.maximum(spread, 0.0)
    whole = float(spread.sum())
    return spread / whole if whole > 0 else None


def topsis(values: Floats, weights: Floats, gains: npt.NDArray[np.bool_]) -> Floats:
    """Return the closeness to the ideal site, 0-1, of each site.

    Columns are divided by their Euclidean norm and weighted; the ideal takes the best value
    of each criterion, the anti-ideal the worst; closeness = distance to the anti-ideal over
    the sum of both distances, 0.5 where all sites are the same.

    Parameters
    ----------
    values
        Shape (n, k), finite. [any]
    weights
        Shape (k,). [0-1]
    gains
        Shape (k,): more is better.

    References
    ----------
    C.-L. Hwang and K. Yoon, Multiple Attribute Decision Making (Springer 1981).
    """
    if len(values) == 0:
        return np.zeros(0)
    norm = np.sqrt((values**2).sum(axis=0))
    scaled = np.divide(values, norm, out=np.zeros_like(values), where=norm > 0)
    scaled = scaled * weights * np.where(gains, 1.0, -1.0)
    to_best = np.sqrt(((scaled - scaled.max(axis=0)) ** 2).sum(axis=1))
    to_worst = np.sqrt(((scaled - scaled.min(axis=0)) ** 2).sum(axis=1))
    both = to_best + to_worst
    return np.asarray(np.divide(to_worst, both, out=np.full(len(values), 0.5), where=both > 0))


def _same_keys(subject: str, given: Mapping[str, float], keys: Sequence[str]) -> None:
    unknown = sorted(set(given) - set(keys))
    absent = [key for key in keys if key not in given]
    if unknown or absent:
        raise OptionError(
            subject,
            Say(
                f"未知的准则 {unknown}，缺少的准则 {absent}",
                f"unknown criteria {unknown}, missing criteria {absent}",
            ),
            Say(f"恰好给出：{list(keys)}", f"give exactly {list(keys)}"),
        )


def _check_reciprocal(subject: str, keys: Sequence[str], matrix: Floats) -> None:
    if not np.isfinite(matrix).all() or not (matrix > 0).all():
        raise OptionError(
            subject,
            Say("判断值不全为正的有限数", "has judgements that are not positive numbers"),
            Say("用 1/9 到 9 的判断值", "use judgements from 1/9 to 9"),
        )
    off = np.abs(matrix * matrix.T - 1.0)
    if float(off.max()) > 0.02:  # 1/3 written as 0.33
        i, j = (int(x) for x in np.unravel_index(int(np.argmax(off)), off.shape))
        raise OptionError(
            subject,
            Say(
                f"{keys[i]} 比 {keys[j]} 为 {matrix[i, j]:g}，"
                f"反过来为 {matrix[j, i]:g}，不互为倒数",
                f"{keys[i]} over {keys[j]} is {matrix[i, j]:g} but the other way round "
                f"{matrix[j, i]:g}: not reciprocal",
            ),
            Say(f"把后者改为 {1 / matrix[i, j]:.4g}", f"make the latter {1 / matrix[i, j]:.4g}"),
        )


def _inconsistent(subject: str, keys: Sequence[str], matrix: Floats, judged: Judged) -> OptionError:
    i, j = worst_judgement(matrix, judged.weights)
    fit = judged.weights[i] / judged.weights[j]
    return OptionError(
        subject,
        Say(
            f"一致性比率 CR = {judged.ratio:.3f} > {CR_LIMIT:.2f}，判断互相矛盾",
            f"consistency ratio CR = {judged.ratio:.3f} > {CR_LIMIT:.2f}: judgements contradict",
        ),
        Say(
            f"先复核 {keys[i]} 比 {keys[j]} 的判断：现为 {matrix[i, j]:.3g}，"
            f"全部判断合起来约为 {fit:.3g}",
            f"look again at {keys[i]} over {keys[j]}: it is {matrix[i, j]:.3g}, all "
            f"judgements together say about {fit:.3g}",
        ),
    )
