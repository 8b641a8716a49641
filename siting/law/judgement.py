"""Judgement: what the law says of one component in every pattern, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from geo.passport import Passport
from siting.law.rules import WHAT_IF, Route, Rule, RuleSet
from siting.law.terms import (
    VERDICT_EN,
    VERDICT_ZH,
    Component,
    Effect,
    State,
    Technology,
    Verdict,
)
from siting.law.undecided import Undecided

Mode = Literal["explore", "legal"]
Bools = npt.NDArray[np.bool_]

#: Verdicts on which a site may be proposed without a route or a list of limited activities.
ELIGIBLE: Final = (Verdict.CLEAR, Verdict.PREFERRED, Verdict.PENALTY, Verdict.APPROVAL)


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Verdict of one component of one technology for every pattern.

    Parameters
    ----------
    verdict
        uint8 [n] of :class:`siting.law.terms.Verdict`.
    unbuildable
        bool [n]: a technical limit hits (no law).
    technical_unknown
        bool [n]: a technical limit cannot be told (e.g. no slope at the DEM's edge).
    rules
        Indices into ``ruleset.rules`` of the rules that speak of this component.
    state
        uint8 [n, len(rules)] of :class:`State`.
    hits
        Per pattern, indices into ``ruleset.rules`` that hit (grade C included: shown only).
    exempt
        Per pattern, indices of the rules that would hit or are unknown there, but that a
        built or approved facility of this technology and component has passed.
    unscreened
        Indices of the rules that need an absent layer, wherever they would bite.
    screened, total
        Legal rules that were screened, of all that take part in the verdict.
    undecided
        What legal mode cannot decide (exit code 6); filled in both modes.
    """

    technology: Technology
    component: Component
    mode: Mode
    ruleset: RuleSet
    rules: tuple[int, ...]
    state: npt.NDArray[np.uint8]
    verdict: npt.NDArray[np.uint8]
    unbuildable: Bools
    technical_unknown: Bools
    hits: tuple[tuple[int, ...], ...]
    exempt: tuple[tuple[int, ...], ...]
    unscreened: tuple[int, ...]
    screened: int
    total: int
    undecided: tuple[Undecided, ...]
    passport: Passport

    def routes(self, pattern: int) -> tuple[Route, ...]:
        """Return every lawful way that the rules hitting a pattern leave, without repeats."""
        found: dict[Route, None] = {}
        for i in self.hits[pattern]:
            rule = self.ruleset.rules[i]
            if rule.decides:
                found.update(dict.fromkeys(rule.routes))
        return tuple(found)

    def weak(self, pattern: int) -> bool:
        """Return whether only weakly evidenced rules prohibit a pattern (依据待核)."""
        hits = [self.ruleset.rules[i] for i in self.hits[pattern]]
        bans = [r for r in hits if r.decides and r.stated and r.effect is Effect.PROHIBITED]
        return bool(bans) and all(r.weak for r in bans)

    def text(self, pattern: int) -> Say:
        """Return the verdict as a reader sees it; clear is never said without its count."""
        verdict = Verdict(int(self.verdict[pattern]))
        if verdict is Verdict.CLEAR:
            bare = self.bare(pattern)
            return _joined(self.exempt_text(pattern), self.clear_text(self.exempt[pattern], bare))
        doubt = self.weak(pattern)
        said = Say(
            f"{VERDICT_ZH[verdict]}{'（依据待核）' if doubt else ''}",
            f"{VERDICT_EN[verdict]}{' (basis to be verified)' if doubt else ''}",
        )
        return _joined(said, *self._asides(pattern))

    def _asides(self, pattern: int) -> tuple[Say | None, ...]:
        """Return what has to be said beside a verdict that is not clear."""
        hits = (self.ruleset.rules[i] for i in self.hits[pattern])
        moot = sum(rule.decides and not rule.stated for rule in hits)
        left = self.total - self.screened
        return (
            Say(f"{moot} 项是否适用未写明", f"{moot} rules do not say whether they apply")
            if moot
            else None,
            self.exempt_text(pattern),
            Say(f"未筛查 {left} 项", f"{left} unscreened") if left else None,
            WHAT_IF if self.ruleset.what_if else None,
        )

    def bare(self, pattern: int | None = None) -> tuple[int, ...]:
        """Return the rules of law that have no data in a pattern (None: in any pattern).

        On clear ground these are scores only: any other rule leaves it unknown.
        """
        states = self.state if pattern is None else self.state[pattern : pattern + 1]
        here = (states == State.UNCOVERED).any(axis=0).tolist()
        return tuple(
            i
            for i, found in zip(self.rules, here, strict=True)
            if found and takes_part(self.ruleset.rules[i])
        )

    def exempt_text(self, pattern: int) -> Say | None:
        """Return what a facility at this place need not fulfil any more, None without one."""
        n = len(self.exempt[pattern])
        if n == 0:
            return None
        return Say(
            f"已建/已核准设施，免于 {n} 项",
            f"built or approved facility, exempt from {n} rule{'s' if n > 1 else ''}",
        )

    def clear_text(self, exempt: tuple[int, ...] = (), bare: tuple[int, ...] = ()) -> Say:
        """Return what ``clear`` means in this run, and where the table does not reach its day.

        Parameters
        ----------
        exempt
            Rules that are left out of the count because a facility has passed them.
        bare
            Rules without data here: not screened, whatever their layer says elsewhere.
        """
        if self.total == 0:
            reason = Say("没有规则表", "no rule table")
            if self.ruleset.jurisdiction is not None:
                reason = Say("规则表中没有当日施行的条文", "the table holds no law of that day")
            return Say(
                f"法律未筛查（{reason.zh}），红线未筛查",
                f"law unscreened ({reason.en}), red line unscreened",
            )
        passed = [i for i in exempt if takes_part(self.ruleset.rules[i])]
        total = self.total - len(passed)
        screened = self.screened - len({*passed, *bare} - set(self.unscreened))
        rest = Say("其余", "other ") if passed else Say("", "")
        caveat = self.ruleset.caveat()
        return Say(
            f"{rest.zh}已筛查的 {screened}/{total} 项未触及"
            + (f"，{len(bare)} 项此处无数据" if bare else "")
            + (f"（{caveat.zh}）" if caveat else ""),
            f"none of the {rest.en}{screened}/{total} screened rules is touched"
            + (f", {len(bare)} without data here" if bare else "")
            + (f" ({caveat.en})" if caveat else ""),
        )


def eligible_patterns(judgement: Judgement) -> Bools:
    """Return bool [n]: lawful without a route, known and buildable (可用).

    The one definition for candidates, tables, ledger and the nearest usable ground; it means
    new works where the judgement was made with ``standing=False``.
    """
    lawful = np.isin(judgement.verdict, np.array(ELIGIBLE, np.uint8))
    return np.asarray(lawful & ~judgement.unbuildable & ~judgement.technical_unknown)


def takes_part(rule: Rule) -> bool:
    """Return whether a rule takes part in the legal verdict."""
    return rule.decides and not rule.technical


def _joined(*parts: Say | None) -> Say:
    said = [part for part in parts if part is not None]
    return Say("；".join(part.zh for part in said), "; ".join(part.en for part in said))
