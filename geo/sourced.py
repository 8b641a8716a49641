"""Sourced: the only form in which a figure from facts, law or parameters travels."""

from __future__ import annotations

from dataclasses import dataclass

from geo.passport import GRADES, Passport


@dataclass(frozen=True, slots=True)
class Variant:
    """Another published value of the same figure, kept beside the default."""

    value: float
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sourced:
    """A figure with its unit, band, source and status.

    Parameters
    ----------
    value
        The figure in ``unit``; ``None`` = not published (never guessed).
    unit
        Unit as printed, e.g. ``MW``.
    source
        Source id; required as soon as there is a value.
    low, high
        Band in ``unit`` where one is known.
    grade
        Evidence grade, one of :data:`geo.passport.GRADES`.
    status
        ``published``, ``derived``, ``prior``, ``memory`` or ``missing``.
    variants
        Conflicting published values, kept as data.
    """

    value: float | None
    unit: str
    source: str = ""
    low: float | None = None
    high: float | None = None
    grade: str = "-"
    status: str = "published"
    variants: tuple[Variant, ...] = ()

    def __post_init__(self) -> None:
        if self.value is not None and not self.source:
            raise ValueError("a figure needs a source id")
        if self.grade not in GRADES:
            raise ValueError(f"grade {self.grade!r} is not one of {GRADES}")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"band is upside down: {self.low} > {self.high}")

    @property
    def missing(self) -> bool:
        """True when no figure is published."""
        return self.value is None

    def passport(self) -> Passport:
        """Return the provenance of this figure."""
        sources = tuple(s for s in (self.source, *(v.source for v in self.variants)) if s)
        return Passport(
            sources=sources, grade=self.grade, unverified=self.status in {"prior", "memory"}
        )


def missing(unit: str) -> Sourced:
    """Return the figure that nobody published."""
    return Sourced(None, unit, status="missing")
