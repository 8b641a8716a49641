"""Hectares per pattern under each site, and what they say component by component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from siting.law.terms import COMPONENT_ZH, VERDICT_ZH, Component, Verdict
from siting.law.verdict import Judgement

M2_PER_HA = 10_000.0
#: Rules named in the reasons of a site, largest area first.
RULES_NAMED = 4


@dataclass(frozen=True, slots=True)
class SiteLaw:
    """Legal reading of all sites of a technology.

    Parameters
    ----------
    verdict
        Most severe verdict under the footprint component, uint8 (n,).
    by_component
        Component -> most severe verdict anywhere under the site, uint8 (n,).
    unbuildable
        Share of the footprint that a technical limit bars, (n,). [0-1]
    untold_m2
        Area of the footprint where a technical limit cannot be told (no slope), (n,). [m²]
    verdict_m2
        Component -> area of each verdict under each site, (n, verdicts). [m²]
    screened
        Component -> a rule table speaks of it.
    reasons
        One Chinese line a site.
    rules
        Indices into the rule set of the footprint's rules.
    rule_m2
        Area of each of them under each site, (n, rules). [m²]
    """

    verdict: npt.NDArray[np.uint8]
    by_component: Mapping[Component, npt.NDArray[np.uint8]]
    unbuildable: npt.NDArray[np.float64]
    untold_m2: npt.NDArray[np.float64]
    verdict_m2: Mapping[Component, npt.NDArray[np.float64]]
    screened: Mapping[Component, bool]
    reasons: list[str]
    rules: tuple[int, ...]
    rule_m2: npt.NDArray[np.float64]


def pattern_areas(
    labels: npt.NDArray[np.int32],
    index: npt.NDArray[np.uint16],
    cell_area: npt.NDArray[np.float64],
    count: int,
    patterns: int,
) -> sparse.csr_matrix:
    """Return the area of each pattern under each site, sparse (count, patterns). [m²].

    Parameters
    ----------
    labels
        Site number of each cell, 0 = none.
    index
        Pattern number of each cell.
    cell_area
        Ellipsoidal area of each cell. [m²]
    count, patterns
        Number of sites and patterns.
    """
    spots = np.nonzero(labels)
    site = labels[spots] - 1
    data = cell_area[spots]
    return sparse.coo_matrix((data, (site, index[spots])), shape=(count, patterns)).tocsr()


def read_law(areas: sparse.csr_matrix, judgements: Mapping[Component, Judgement]) -> SiteLaw:
    """Return verdicts and reasons of all sites.

    Parameters
    ----------
    areas
        Result of :func:`pattern_areas`. [m²]
    judgements
        By component, the footprint first.
    """
    by_verdict = {part: _verdict_areas(areas, one) for part, one in judgements.items()}
    worst = {part: _most_severe(table) for part, table in by_verdict.items()}
    footprint = next(iter(judgements))
    total = np.asarray(areas.sum(axis=1)).ravel()
    barred = areas @ judgements[footprint].unbuildable.astype(np.float64)
    rules = _rule_areas(areas, judgements[footprint])
    titles = [
        f"{rule.id} {rule.title.zh}"
        for rule in (judgements[footprint].ruleset.rules[i] for i in judgements[footprint].rules)
    ]
    screened = {part: one.total > 0 for part, one in judgements.items()}
    reasons = [
        _reason(row, by_verdict, screened, rules[row], titles) for row in range(areas.shape[0])
    ]
    return SiteLaw(
        verdict=worst[footprint],
        by_component=worst,
        unbuildable=barred / np.maximum(total, 1e-9),
        untold_m2=areas @ judgements[footprint].technical_unknown.astype(np.float64),
        verdict_m2=by_verdict,
        screened=screened,
        reasons=reasons,
        rules=judgements[footprint].rules,
        rule_m2=rules,
    )


def _verdict_areas(areas: sparse.csr_matrix, judgement: Judgement) -> npt.NDArray[np.float64]:
    one_hot = (judgement.verdict[:, None] == np.arange(len(Verdict))[None, :]).astype(np.float64)
    return np.asarray(areas @ one_hot)


def _rule_areas(areas: sparse.csr_matrix, judgement: Judgement) -> npt.NDArray[np.float64]:
    hits = np.zeros((areas.shape[1], len(judgement.rules)))
    column = {rule: j for j, rule in enumerate(judgement.rules)}
    for pattern, rules in enumerate(judgement.hits):
        for rule in rules:
            hits[pattern, column[rule]] = 1.0
    return np.asarray(areas @ hits)


def _most_severe(table: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    return np.asarray(np.argmax(table > 0, axis=1), np.uint8)


def _reason(
    row: int,
    by_verdict: Mapping[Component, npt.NDArray[np.float64]],
    screened: Mapping[Component, bool],
    rules: npt.NDArray[np.float64],
    titles: list[str],
) -> str:
    """Return ``光伏方阵：未触及 85.2 公顷、需审批 12.1 公顷；…；涉及：…``."""
    parts = []
    for component, table in by_verdict.items():
        if not screened[component]:
            parts.append(f"{COMPONENT_ZH[component]}：未筛查")
            continue
        pieces = [
            f"{VERDICT_ZH[one]} {table[row, one] / M2_PER_HA:.1f} 公顷"
            for one in Verdict
            if table[row, one] > 0
        ]
        parts.append(f"{COMPONENT_ZH[component]}：{'、'.join(pieces)}")
    named = [j for j in np.argsort(-rules, kind="stable")[:RULES_NAMED] if rules[j] > 0]
    if named:
        hits = "、".join(f"{titles[j]}（{rules[j] / M2_PER_HA:.1f} 公顷）" for j in named)
        parts.append(f"涉及：{hits}")
    return "；".join(parts)
