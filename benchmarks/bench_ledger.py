"""Ledger of 10 rules x 10 counties and all 1,024 what-ifs; no other tool has one.

python benchmarks/bench_ledger.py [million cells]      (default 100)

The pattern table is built from a histogram of (county, hit, unknown) that stands for the
given number of cells: a ledger reads that table and never the raster, so its time does not
depend on the cells. The peer is the same question asked of NumPy pattern by pattern, one
combination after the other.
"""

from __future__ import annotations

import sys
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
from harness import Case, Peer, table

from geo.passport import Passport
from siting.law.bits import Bits
from siting.law.ledger import fixed_point, ledger
from siting.law.patterns import PatternTable
from siting.law.predicates import Parameters
from siting.law.rules import load_ruleset
from siting.law.terms import Component, Technology
from siting.law.verdict import Judgement, judge

RULES = load_ruleset("hubei", date(2026, 11, 22))
COUNTIES = [f"county {i}" for i in range(10)]
CELL_M2 = 900.0


def histogram(million: float) -> PatternTable:
    """Return a seeded table of every predicate of the real rules for so many cells."""
    rng = np.random.default_rng(0)
    names = sorted(RULES.predicates)
    n = 15_000
    share = rng.uniform(0.01, 0.3, len(names))
    hit = rng.random((n, len(names))) < share
    unknown = (rng.random(hit.shape) < 0.01) & ~hit
    absent = frozenset(range(64, len(names)))  # what has a layer fits into one word
    hit[:, 64:] = unknown[:, 64:] = False
    words = np.uint64(1) << (np.arange(len(names), dtype=np.uint64) % np.uint64(64))
    weight = rng.exponential(size=(10, n))
    cells = np.round(weight / weight.sum() * million * 1e6)
    bits = Bits(
        tuple(RULES.predicates[name] for name in names),
        {name: j for j, name in enumerate(names)}, absent, MappingProxyType({}), Parameters(),
    )  # fmt: skip
    return PatternTable(
        bits,
        (hit * words).sum(axis=1, dtype=np.uint64),
        (unknown * words).sum(axis=1, dtype=np.uint64),
        np.zeros((1, 1), np.uint16),
        cells.sum(axis=0).astype(np.int64),
        np.vstack([np.zeros(n), cells * CELL_M2]),
        {},
        Passport(),
    )


def chosen(judged: Judgement) -> list[str]:
    """Return the ten rules that take the most land."""
    rows, _ = ledger(PATTERNS, judged, COUNTIES).whole()
    return list(rows.sort_values("total_m2", ascending=False)["rule_id"].head(10))


def one_by_one(judged: Judgement, rules: list[str]) -> Any:
    """Return lost land [1024, 10] by masks over the patterns, combination by combination."""
    book = ledger(PATTERNS, judged, COUNTIES)
    lose = book.causes.lose
    columns = [book.causes.columns([rule])[0] for rule in rules]
    area = fixed_point(PATTERNS.area_m2[1:])
    lost = np.zeros((1 << len(rules), 10))
    for number in range(1 << len(rules)):
        off = [column for j, column in enumerate(columns) if number >> j & 1]
        lost[number] = area @ np.delete(lose, off, axis=1).any(axis=1)
    return lost


def main(million: float) -> None:
    global PATTERNS  # noqa: PLW0603  # one table for every case
    PATTERNS = histogram(million)
    judged = judge(PATTERNS, RULES, Technology.WIND, Component.TURBINE_BASE)
    rules = chosen(judged)
    book = ledger(PATTERNS, judged, COUNTIES)
    size = f"{million:g} M cells, {PATTERNS.n} patterns, {len(judged.rules)} rules"
    cases = [
        Case(f"ledger, 10 counties, {size}", lambda: ledger(PATTERNS, judged, COUNTIES)),
        Case(
            "ledger of 10 rules x 10 counties and all 1,024 subsets",
            lambda: ledger(PATTERNS, judged, COUNTIES).subsets(rules).lost_m2,
            [
                Peer(
                    "NumPy, one combination at a time", "1", lambda: one_by_one(judged, rules),
                    lambda ours, theirs: bool(np.array_equal(ours, theirs)),
                )
            ],
        ),
        Case("one what-if of three rules", lambda: book.what_if(rules[:3])),
    ]  # fmt: skip
    print("\n".join(table("ledger", cases, ("numpy", "pandas"))))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 100.0)
