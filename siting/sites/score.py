"""Scores from criteria in real units, every part kept.

A criterion runs from its declared worst to its declared best value, not from the
smallest to the largest of this run: the score of a place does not move when the region
is cropped. A missing criterion takes no part; its weight is shared by the others and
the site frame says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say

#: Score rasters keep whole points; this marks cells without a score.
NO_SCORE = 255
#: A site is known where this share of it is: the last cells of a layer's rim cost no yield. [-]
LEAST_KNOWN = 0.99


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of a technology.

    Parameters
    ----------
    key
        Name of the columns ``<key>`` (mean in real units) and ``score_<key>``.
    title
        Name a reader sees.
    unit
        Real unit of ``values``.
    values
        Cell values, shape (rows, cols); None = no layer. [unit]
    worst, best
        Values that score 0 and 100. [unit]
    weight
        Declared weight, > 0.

    Raises
    ------
    OptionError
        If worst and best are the same value: nothing could be ranked between them.
    """

    key: str
    title: Say
    unit: str
    values: npt.NDArray[np.float32] | None
    worst: float
    best: float
    weight: float

    def __post_init__(self) -> None:
        if self.worst == self.best:
            raise OptionError(
                self.key,
                Say(
                    f"0 分与 100 分同为 {self.worst:g} {self.unit}",
                    f"scores 0 and 100 at the same {self.worst:g} {self.unit}",
                ),
                Say("给出两个不同的数值", "give two different values"),
            )


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of cells and sites.

    Parameters
    ----------
    raster
        uint8 (rows, cols): score of eligible cells in whole points, 255 elsewhere.
    means
        Criterion key -> area-weighted mean a site, real units, shape (n,).
    parts
        Criterion key -> mean part of the score a site, 0-100, shape (n,).
    score
        Weighted mean of the parts a site, 0-100, shape (n,); NaN without criteria.
    used
        Criteria that took part, without their cells.
    absent
        Titles of those whose layer is missing.
    """

    raster: npt.NDArray[np.uint8]
    means: dict[str, npt.NDArray[np.float64]]
    parts: dict[str, npt.NDArray[np.float64]]
    score: npt.NDArray[np.float64]
    used: tuple[Criterion, ...]
    absent: tuple[Say, ...]


def part_of(
    values: npt.NDArray[np.floating[Any]], worst: float, best: float
) -> npt.NDArray[np.float32]:
    """Return 0 at ``worst`` and below, 100 at ``best`` and beyond, linear between.

    Missing values (NaN) score 0: a place nobody measured is not preferred.
    """
    part = (np.asarray(values, np.float32) - np.float32(worst)) * np.float32(100 / (best - worst))
    np.nan_to_num(part, copy=False, nan=0.0)
    return np.clip(part, 0.0, 100.0, out=part)


def score_sites(
    criteria: Iterable[Criterion],
    eligible: npt.NDArray[np.bool_],
    labels: npt.NDArray[np.int32],
    count: int,
    cell_area: npt.NDArray[np.float64],
) -> Scored:
    """Return the scores of eligible cells and of sites 1..count.

    Parameters
    ----------
    criteria
        Consumed one at a time, so that only one raster of criteria is held.
    eligible
        Cells of the score raster, shape (rows, cols).
    labels
        Site number of each cell, 0 = none; a site may hold cells that are not eligible.
    count
        Number of sites.
    cell_area
        Ellipsoidal area of each cell (may be a broadcast view). [m²]
    """
    # a named project stands on ground that is not eligible too: its means hold all of it
    spots = np.nonzero(eligible | (labels > 0))
    site, drawn = labels[spots], eligible[spots]
    inside = site > 0
    weight = cell_area[spots][inside]
    total = np.zeros(site.size, np.float32)
    weights = 0.0
    means: dict[str, npt.NDArray[np.float64]] = {}
    parts: dict[str, npt.NDArray[np.float64]] = {}
    used: list[Criterion] = []
    absent: list[Say] = []
    site = site[inside]
    for one in criteria:
        if one.values is None:
            absent.append(one.title)
            continue
        values = one.values[spots]
        used.append(replace(one, values=None))
        part = part_of(values, one.worst, one.best)
        total += np.float32(one.weight) * part
        weights += one.weight
        means[one.key] = weighted_mean(site, values[inside], weight, count)
        parts[one.key] = weighted_mean(site, part[inside], weight, count)
    raster = np.full(eligible.shape, NO_SCORE, np.uint8)
    score = np.full(count, np.nan)
    if weights > 0:
        total /= np.float32(weights)
        raster[spots] = np.where(drawn, np.rint(total).astype(np.uint8), NO_SCORE)
        score = weighted_mean(site, total[inside], weight, count)
    return Scored(raster, means, parts, score, tuple(used), tuple(absent))


def weighted_mean(
    site: npt.NDArray[np.int32],
    values: npt.NDArray[np.floating[Any]],
    weight: npt.NDArray[np.float64],
    count: int,
) -> npt.NDArray[np.float64]:
    """Return the weighted mean of ``values`` over sites 1..count, NaN left out."""
    ok = np.isfinite(values)
    w = np.where(ok, weight, 0.0)
    v = np.where(ok, values, 0.0).astype(np.float64)
    below = np.bincount(site, weights=w, minlength=count + 1)[1 : count + 1]
    above = np.bincount(site, weights=w * v, minlength=count + 1)[1 : count + 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(above / below)


def known_mean(
    site: npt.NDArray[np.int32],
    values: npt.NDArray[np.floating[Any]],
    weight: npt.NDArray[np.float64],
    count: int,
) -> npt.NDArray[np.float64]:
    """Return :func:`weighted_mean`, NaN for a site known on less than :data:`LEAST_KNOWN`.

    Half a site under a layer is no measurement of the other half: what becomes energy or money
    is averaged by this one.
    """
    known = weighted_mean(site, np.isfinite(values).astype(np.float32), weight, count)
    mean = weighted_mean(site, values, weight, count)
    return np.where(known >= LEAST_KNOWN, mean, np.nan)


def rank(score: npt.NDArray[np.float64], area: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return ranks 1..n: a total order by score, then area, then position.

    Parameters
    ----------
    score
        Shape (n,), NaN last. [0-100]
    area
        Shape (n,). [m²]
    """
    order = np.lexsort((np.arange(score.size), -area, -np.nan_to_num(score, nan=-1.0)))
    out = np.empty(score.size, np.int64)
    out[order] = np.arange(1, score.size + 1)
    return out
