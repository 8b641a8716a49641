"""Passport: where a value comes from, and how far it may be trusted.

A passport travels inside every result type. It is merged, never dropped:
``synthetic``, ``proxy`` and ``unverified`` are contagious (truth.md A1, design §3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

#: Evidence grades from strong to weak. ``prior`` is an assumption of ours, ``-`` has none.
GRADES: Final = ("A", "A*", "A-text", "B", "C", "D", "prior", "-")


@dataclass(frozen=True, slots=True)
class Passport:
    """Provenance of a layer, a figure or a result.

    Parameters
    ----------
    sources
        Source ids (keys of ``layers/facts/sources.csv`` or catalog entries).
    licences
        Licence ids, e.g. ``CC-BY-4.0``.
    citations
        Sentences to print under any picture that shows the data.
    grade
        Weakest evidence grade of what went in, one of :data:`GRADES`.
    synthetic
        At least one input was made by a generator.
    proxy
        At least one input stands for another quantity.
    unverified
        At least one parameter has not been checked against its source.
    as_of
        ISO date of the newest input, empty when unknown.
    sha256
        ``name=hash`` of each input file.
    """

    sources: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()
    grade: str = "-"
    synthetic: bool = False
    proxy: bool = False
    unverified: bool = False
    as_of: str = ""
    sha256: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.grade not in GRADES:
            raise ValueError(f"grade {self.grade!r} is not one of {GRADES}")

    def marks(self) -> tuple[str, ...]:
        """Return the Chinese marks a reader must see, e.g. ``('合成', '参数未核验')``."""
        pairs = ((self.synthetic, "合成"), (self.proxy, "代理"), (self.unverified, "参数未核验"))
        return tuple(word for flag, word in pairs if flag)


def merge(*passports: Passport) -> Passport:
    """Merge passports: sources join, flags are OR-ed, the weakest grade wins.

    Returns
    -------
    Passport
        An empty passport when called without arguments.
    """
    if not passports:
        return Passport()

    def join(name: str) -> tuple[str, ...]:
        seen: dict[str, None] = {}
        for one in passports:
            seen.update(dict.fromkeys(getattr(one, name)))
        return tuple(seen)

    return Passport(
        sources=join("sources"),
        licences=join("licences"),
        citations=join("citations"),
        grade=max((p.grade for p in passports), key=GRADES.index),
        synthetic=any(p.synthetic for p in passports),
        proxy=any(p.proxy for p in passports),
        unverified=any(p.unverified for p in passports),
        as_of=max(p.as_of for p in passports),
        sha256=join("sha256"),
    )
