"""Ranks of sites by several views, their intervals, and what each rank hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Say
from siting.ranking import views
from siting.ranking.draws import Sites, base_ranks, prepare
from siting.ranking.intervals import Intervals, intervals
from siting.ranking.options import draw_settings
from siting.ranking.sensitivity import Shares, shares
from siting.ranking.table import CriteriaTable, SiteCriterion
from siting.ranking.tipping import Tipping, tipping
from siting.ranking.views import Pairwise, View
from siting.ranking.wording import sentences
from siting.sites.params import Params

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """What ranks hang on.

    Parameters
    ----------
    shares
        Shares of the rank's variance by group (:data:`siting.ranking.sensitivity.GROUPS`).
    tipping
        Smallest change of one weight that moves a site; criterion numbers are those of
        :attr:`Ranking.keys`.
    text
        One sentence a site.
    """

    shares: Shares
    tipping: Tipping
    text: tuple[Say, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Ranks of the sites of one technology.

    Parameters
    ----------
    frame
        One row a site in the order of the table, columns :data:`COLUMNS`.
    views
        Every view of the weights, absent ones with the reason.
    main
        Name of the view behind ``score``, ``rank``, intervals and sensitivity.
    criteria
        Those that took part, in the order of weights.
    parts
        Criterion key -> part of the score of each site. [0-100]
    intervals, sensitivity
        None where there is nothing to rank.
    notes
        What a reader must know: missing values, dropped criteria, how draws were made.
    """

    frame: pd.DataFrame
    views: tuple[View, ...]
    main: str
    criteria: tuple[SiteCriterion, ...]
    parts: dict[str, Floats]
    intervals: Intervals | None
    sensitivity: Sensitivity | None
    notes: tuple[Say, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the criteria."""
        return tuple(one.key for one in self.criteria)


#: Columns of :attr:`Ranking.frame`; ranks are empty where a view is absent.
COLUMNS = (
    "score", "rank", "rank_equal", "rank_ahp", "rank_entropy", "rank_topsis", "rank_low",
    "rank_median", "rank_high", "top_share", "hangs_on",
)  # fmt: skip


def rank_sites(
    table: CriteriaTable,
    params: Params,
    seed: int,
    weights: Mapping[str, float] | None = None,
    ahp: Pairwise | None = None,
) -> Ranking:
    """Rank the sites of one technology.

    Parameters
    ----------
    table
        Criteria in real units. A criterion that no site knows takes no part and its weight is
        shared out; a site that does not know a value scores 0 there.
    params
        Of :func:`siting.ranking.options.parameters`.
    seed
        The same seed gives the same bytes.
    weights
        The user's weights by criterion key, sum 1 or 100; None = equal.
    ahp
        The user's pairwise judgements; None = the view is absent (no matrix is made up).

    Raises
    ------
    OptionError
        If weights or judgements cannot be used, or a parameter is out of its range.
    """
    given = views.user_weights(weights, table.keys) if weights is not None else None
    judged = views.ahp(ahp, table.keys) if ahp is not None else None
    settings = draw_settings(params)
    used = [j for j, one in enumerate(table.criteria) if not _unknown(one.values)]
    notes = _notes(table, used)
    known = replace(table, criteria=tuple(table.criteria[j] for j in used))
    parts = known.parts()
    found = _views(parts, _shared_out(given, used), judged, used)
    if not used or not table.n:
        return Ranking(
            _empty(table.n), found, found[0].name, known.criteria, {}, None, None,
            (*notes, Say("没有可排序的场址或准则", "there is nothing to rank")),
        )  # fmt: skip
    main = found[0]
    chosen = views.equal(len(used)) if main.weights is None else main.weights
    sites = prepare(known, settings.common_share)
    rank = base_ranks(known, sites, chosen)
    spread = intervals(
        sites, settings.sampler(known, sites, chosen, seed, "a"), settings.draws, settings.top
    )
    split = shares(
        known,
        sites,
        settings.sampler(known, sites, chosen, seed, "a"),
        settings.sampler(known, sites, chosen, seed, "b"),
        settings.split,
    )
    tips = tipping(parts, chosen, rank, settings.top)
    text = sentences(known, parts, chosen, rank, split, tips)
    frame = _frame(known, parts, chosen, found, rank, spread, text, sites)
    return Ranking(
        frame,
        found,
        main.name,
        known.criteria,
        {key: parts[:, j] for j, key in enumerate(known.keys)},
        spread,
        Sensitivity(split, tips, text),
        (*notes, settings.text(), *_outside(rank, spread)),
    )


def _unknown(values: Floats) -> bool:
    return values.size > 0 and bool(np.isnan(values).all())


def _shared_out(weights: Floats | None, used: list[int]) -> Floats | None:
    """Return the weights of the criteria that take part, sum 1."""
    if weights is None or not used:
        return None
    return np.asarray(weights[used] / weights[used].sum())


def _views(
    parts: Floats,
    given: Floats | None,
    judged: views.Judged | None,
    used: list[int],
) -> tuple[View, ...]:
    """Return the views, the main one first."""
    even = View(
        "equal", Say("等权", "equal"), views.equal(len(used)),
        Say("各准则权重相同", "every criterion weighs the same"),
    )  # fmt: skip
    found = [even]
    if given is not None:
        why = Say("用户给定", "given by the user")
        found.insert(0, View("user", Say("用户权重", "the user's"), given, why))
    found.append(_ahp_view(judged, used))
    spread = views.entropy(parts)
    why = Say(
        "熵权：各准则得分除以合计，1 - H/ln n 归一",
        "entropy: parts over their sum, 1 - H / ln n, over the sum of all",
    )
    if spread is None:
        why = Say("各场址得分无差异或场址不足两个", "parts do not differ, or fewer than two sites")
    found.append(View("entropy", Say("熵权", "entropy"), spread, why))
    why = Say(
        f"TOPSIS：0-100 分按向量归一，权重同{found[0].title.zh}",
        f"TOPSIS on the parts 0-100, vector normalisation, weights: {found[0].title.en}",
    )
    found.append(View("topsis", Say("TOPSIS", "TOPSIS"), found[0].weights, why))
    return tuple(found)


def _ahp_view(judged: views.Judged | None, used: list[int]) -> View:
    title = Say("层次分析法（AHP）", "AHP")
    if judged is None:
        return View("ahp", title, None, Say("未给出判断矩阵", "no matrix of judgements given"))
    why = Say(
        f"判断矩阵的主特征向量，CR = {judged.ratio:.3f}（限值 0.10）",
        f"principal eigenvector of the judgements, CR = {judged.ratio:.3f} (limit 0.10)",
    )
    return View("ahp", title, _shared_out(judged.weights, used), why, judged.ratio)


def _frame(
    table: CriteriaTable,
    parts: Floats,
    weights: Floats,
    found: tuple[View, ...],
    rank: Ints,
    spread: Intervals,
    text: tuple[Say, ...],
    sites: Sites,
) -> pd.DataFrame:
    frame = _empty(table.n)
    frame["score"] = parts @ weights
    frame["rank"] = pd.array(rank, dtype="Int64")
    for view in found:
        if view.name in {"equal", "ahp", "entropy"} and view.weights is not None:
            ranks = base_ranks(table, sites, view.weights)
            frame[f"rank_{view.name}"] = pd.array(ranks, dtype="Int64")
    close = views.topsis(parts, weights, np.ones(len(weights), bool))
    frame["rank_topsis"] = pd.array(_ranked(close, table.tie_order()), dtype="Int64")
    for name in ("low", "median", "high"):
        frame[f"rank_{name}"] = pd.array(getattr(spread, name), dtype="Int64")
    frame["top_share"] = spread.top_share
    frame["hangs_on"] = [one.zh for one in text]
    return frame


def _ranked(score: Floats, ties: Ints) -> Ints:
    """Return ranks 1..n of scores, ties (to 1e-9) in the order ``ties``."""
    order = ties[np.argsort(-np.round(score[ties], 9), kind="stable")]
    out = np.empty(score.size, np.int64)
    out[order] = np.arange(1, score.size + 1)
    return out


def _outside(rank: Ints, spread: Intervals) -> tuple[Say, ...]:
    """Say how many ranks lie outside their interval: draws need not centre on the base."""
    n = int(((rank < spread.low) | (rank > spread.high)).sum())
    if n == 0:
        return ()
    return (
        Say(
            f"{n} 个场址的名次落在自己的 P5-P95 之外：抽样的中心不是给定值"
            "（阈值范围不对称，或得分封顶）",
            f"{n} sites rank outside their own P5-P95: the draws do not centre on the values given "
            "(uneven ranges of thresholds, parts capped at 0 or 100)",
        ),
    )


def _empty(n: int) -> pd.DataFrame:
    data: dict[str, pd.Series] = {}
    for name in COLUMNS:
        if name in {"score", "top_share"}:
            data[name] = pd.Series(np.full(n, np.nan))
        elif name == "hangs_on":
            data[name] = pd.Series([""] * n, dtype=object)
        else:
            data[name] = pd.Series([pd.NA] * n, dtype="Int64")
    return pd.DataFrame(data)


def _notes(table: CriteriaTable, used: list[int]) -> tuple[Say, ...]:
    notes = []
    for j, one in enumerate(table.criteria):
        missing = int(np.isnan(one.values).sum())
        if j not in used:
            notes.append(
                Say(
                    f"{one.title.zh}：全部场址缺数据，不参加排序，其权重由其余准则分担",
                    f"{one.title.en}: unknown for every site, takes no part, its weight is "
                    "shared by the others",
                )
            )
        elif missing:
            notes.append(
                Say(
                    f"{one.title.zh}：{missing} 个场址缺数据，该项按 0 分计",
                    f"{one.title.en}: unknown for {missing} sites, which score 0 there",
                )
            )
    return tuple(notes)
