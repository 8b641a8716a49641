"""Criteria of the sites of one technology, with thresholds and errors in real units.

A criterion scores 0 at its declared worst and 100 at its declared best value; which of the
two is larger says in which direction the criterion runs. Both may carry a range, values may
carry an error: the ranking samples them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from geo.sourced import Sourced

Floats = npt.NDArray[np.float64]
Source = Literal["resource", "price"]

#: Standard normal quantile of 95 %: ``low`` and ``high`` of a value are its P5 and P95.
Z95: Final = 1.6448536269514722


def band(one: Sourced) -> tuple[float, float] | None:
    """Return low and high of a parameter as a range to be sampled; None where one is missing."""
    return None if one.low is None or one.high is None else (one.low, one.high)


@dataclass(frozen=True, slots=True, eq=False)
class Uncertainty:
    """Error of the values of one criterion.

    Either relative standard deviations or explicit bounds, not both; ``shift`` comes on top.

    Parameters
    ----------
    source
        Group to which the error belongs: ``resource`` or ``price`` (prices and costs).
    common_sd
        Relative sd of the error that all sites share; negative = falls when the error named
        by ``moves_with`` rises (LCOE when the wind is better than thought). [-]
    site_sd
        Relative sd of the error of each site alone; sign as above. [-]
    low, high
        P5 and P95 of each value, shape (n,): two half-normals of unequal width. [unit]
    common_share
        With ``low`` and ``high``: share of the error's variance that all sites share; None =
        the parameter ``rank.range_common_share``. [0-1]
    moves_with
        Criteria of one name here share their errors draw by draw; empty = the criterion's own.
    shift
        Lowest and highest shift of all sites together, of the group ``price`` (a market price
        under a margin). [unit]
    peak
        Likeliest shift: the shift is triangular; None = uniform. [unit]
    """

    source: Source = "resource"
    common_sd: float = 0.0
    site_sd: float = 0.0
    low: Floats | None = None
    high: Floats | None = None
    common_share: float | None = None
    moves_with: str = ""
    shift: tuple[float, float] | None = None
    peak: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SiteCriterion:
    """One criterion of all sites.

    Parameters
    ----------
    key
        Name of the criterion (column ``score_<key>``).
    title
        Name a reader sees.
    unit
        Real unit.
    values
        Shape (n,); NaN = unknown: such a site scores 0 here, and the ranking says so. [unit]
    worst, best
        Values that score 0 and 100. [unit]
    worst_range, best_range
        Lowest and highest value that ``worst`` and ``best`` may take, uniform; None = sure.
        [unit]
    uncertainty
        Of the values; None = sure.

    Raises
    ------
    OptionError
        If worst and best are the same or may meet within their ranges, a range does not hold
        its value, or an error is negative, unequal in length or upside down.
    """

    key: str
    title: Say
    unit: str
    values: Floats
    worst: float
    best: float
    worst_range: tuple[float, float] | None = None
    best_range: tuple[float, float] | None = None
    uncertainty: Uncertainty | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != 1 or np.isinf(self.values).any():
            self._refuse(
                Say("数值须为一列有限数或 NaN", "values are not one column of numbers or NaN"),
                Say("每个场址给一个数", "give one number a site"),
            )
        for name, value, band in (
            ("worst", self.worst, self.worst_range),
            ("best", self.best, self.best_range),
        ):
            if not np.isfinite(value) or (band is not None and not band[0] <= value <= band[1]):
                self._refuse(
                    Say(
                        f"{name} = {value:g} 不在其范围 {band} 之内",
                        f"{name} = {value:g} is not within its range {band}",
                    ),
                    Say("给出包含该值的范围", "give a range that holds the value"),
                )
        (a, b), (c, d) = self.thresholds()
        if max(a, c) <= min(b, d):
            self._refuse(
                Say(
                    f"0 分 {a:g}-{b:g} 与 100 分 {c:g}-{d:g} {self.unit} 相同或重叠",
                    f"scores 0 at {a:g}-{b:g} and 100 at {c:g}-{d:g} {self.unit}: they meet",
                ),
                Say("给出互不重叠的两个数值或范围", "give two values or ranges that do not meet"),
            )
        if self.uncertainty is not None:
            self._check_error(self.uncertainty)

    def thresholds(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the ranges of worst and best, a sure value as a range of no width. [unit]."""
        return (
            self.worst_range or (self.worst, self.worst),
            self.best_range or (self.best, self.best),
        )

    def parts(self) -> Floats:
        """Return the part of each site: 0 at worst or unknown, 100 at best. [0-100]."""
        part = (self.values - self.worst) * (100.0 / (self.best - self.worst))
        return np.clip(np.nan_to_num(part, nan=0.0), 0.0, 100.0)

    def _check_error(self, error: Uncertainty) -> None:
        relative = error.common_sd != 0 or error.site_sd != 0
        if (error.low is None) != (error.high is None) or (error.low is not None and relative):
            self._refuse(
                Say("误差须为相对标准差，或成对的低值与高值", "error is half given or given twice"),
                Say("二者取其一", "give relative sds, or low and high"),
            )
        if error.low is not None and error.high is not None:
            known = np.isfinite(self.values)
            if not error.low.shape == error.high.shape == self.values.shape or not np.all(
                (error.low <= self.values)[known] & (self.values <= error.high)[known]
            ):
                self._refuse(
                    Say("低值、数值、高值不依次递增", "low, value and high do not rise in order"),
                    Say("每个场址给出 低值 ≤ 数值 ≤ 高值", "give low <= value <= high a site"),
                )
        numbers = [error.common_sd, error.site_sd, *(error.shift or ())]
        if not np.isfinite(numbers).all() or (error.shift and error.shift[0] > error.shift[1]):
            self._refuse(
                Say("误差不是有限数，或平移范围上下颠倒", "error is not finite or upside down"),
                Say("给出有限的误差", "give a finite error, shift from low to high"),
            )
        if error.peak is not None and not (
            error.shift and error.shift[0] <= error.peak <= error.shift[1]
        ):
            self._refuse(
                Say("最可能的平移不在其范围之内", "the likeliest shift is not within its range"),
                Say("给出范围之内的值", "give a shift within the range"),
            )
        if error.common_share is not None and not 0 <= error.common_share <= 1:
            self._refuse(
                Say(f"共有部分 {error.common_share} 不在 0-1", "common share is not in 0-1"),
                Say("给出 0 到 1 的数", "give a share from 0 to 1"),
            )

    def _refuse(self, what: Say, cure: Say) -> None:
        raise OptionError(f"rank.{self.key}", what, cure)


@dataclass(frozen=True, slots=True, eq=False)
class CriteriaTable:
    """Sites x criteria of one technology.

    Parameters
    ----------
    ids
        Site ids, unique: random errors hang on the id, so that another order of the sites, or
        another site beside it, draws the same error for a site.
    capacity_mw
        Shape (n,): of two sites with the same score the larger ranks first, then the id in
        order of the alphabet. [MW]
    criteria
        In the order of the page.

    Raises
    ------
    OptionError
        If ids or keys repeat or lengths differ.
    """

    ids: tuple[str, ...]
    capacity_mw: Floats
    criteria: tuple[SiteCriterion, ...]

    def __post_init__(self) -> None:
        if len(set(self.ids)) != len(self.ids):
            raise OptionError(
                "rank.ids",
                Say("场址编号重复", "site ids repeat"),
                Say("每个场址一个编号", "give each site an id of its own"),
            )
        if len(set(self.keys)) != len(self.keys):
            raise OptionError(
                "rank.criteria",
                Say(f"准则重复：{self.keys}", f"criteria repeat: {self.keys}"),
                Say("每个准则只给一次", "give each criterion once"),
            )
        lengths = {len(self.ids), self.capacity_mw.size, *(c.values.size for c in self.criteria)}
        if len(lengths) != 1:
            raise OptionError(
                "rank.criteria",
                Say(f"长度不一：{sorted(lengths)}", f"lengths differ: {sorted(lengths)}"),
                Say("每个准则每个场址一个数", "give one number a site and criterion"),
            )

    @property
    def n(self) -> int:
        """Number of sites."""
        return len(self.ids)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the criteria in order."""
        return tuple(one.key for one in self.criteria)

    def parts(self) -> Floats:
        """Return the parts of the score, shape (n, criteria). [0-100]."""
        if not self.criteria:
            return np.zeros((self.n, 0))
        return np.stack([one.parts() for one in self.criteria], axis=1)

    def tie_order(self) -> npt.NDArray[np.int64]:
        """Return site numbers in the order that breaks ties: capacity, then id."""
        capacity = np.nan_to_num(self.capacity_mw, nan=-1.0)
        order = sorted(range(self.n), key=lambda i: (-capacity[i], self.ids[i]))
        return np.array(order, np.int64)
