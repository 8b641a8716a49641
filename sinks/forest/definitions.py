"""The closed list of definitions of 亩均蓄积: D1-D4, and two kinds that are points only.

A figure without its definition does not exist in this package (truth.md 23). D2 and
D3 have different numerators (森林蓄积, 活立木): no ratio joins them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from geo.errors import Say
from layers.facts import ForestPoint

#: English of the words that strata are named with.
_ENGLISH: Final = {
    "马尾松": "Masson pine", "杉木": "Chinese fir", "柏木": "cypress", "栎类": "oak",
    "硬阔": "hard broadleaf", "软阔": "soft broadleaf", "阔叶混": "mixed broadleaf",
    "针阔混": "conifer-broadleaf mix", "天然": "natural", "人工": "planted",
}  # fmt: skip
LAND_CLASSES: Final = ("乔木", "竹", "特灌", "经济林", "未成林", "疏林")
ARBOR: Final = "乔木"
YOUNG: Final = "未成林"


@dataclass(frozen=True, slots=True)
class Definition:
    """What is divided by what.

    Parameters
    ----------
    classes
        Land classes of the denominator; empty for definitions that the strata
        table cannot form.
    modelled
        The strata give the numerator, so years without a published point can be modelled.
    """

    id: str
    numerator: Say
    denominator: Say
    classes: tuple[str, ...]
    modelled: bool
    target: bool = True

    @property
    def title(self) -> Say:
        """Id, numerator and denominator in one phrase."""
        return Say(
            f"{self.id} {self.numerator.zh}/{self.denominator.zh}",
            f"{self.id} {self.numerator.en} / {self.denominator.en}",
        )


_STOCK = Say("森林蓄积", "forest stock")
_LIVING = Say("活立木蓄积", "living stock")
_WOODED = Say("有林地面积", "wooded land")

DEFINITIONS: Final = (
    Definition(
        "D1", _STOCK, Say("三调森林面积", "forest area (land survey)"), ("乔木", "竹"), True
    ),
    Definition(
        "D2",
        _STOCK,
        Say("含特灌森林面积", "forest area incl. special shrub"),
        ("乔木", "竹", "特灌", "经济林"),
        True,
    ),
    Definition("D3", _LIVING, Say("含特灌森林面积", "forest area incl. special shrub"), (), False),
    Definition("D4", _STOCK, Say("乔木林面积", "tree-forest area"), ("乔木",), True),
)
POINT_KINDS: Final = (
    Definition("H1", _LIVING, _WOODED, (), False, target=False),
    Definition("H2", _STOCK, _WOODED, (), False, target=False),
)
BY_ID: Final = {one.id: one for one in (*DEFINITIONS, *POINT_KINDS)}


@dataclass(frozen=True, slots=True)
class Point:
    """A published point with a density, in ``[m³/亩]``."""

    definition: str
    year: int
    density: float
    stock_wan_m3: float
    area_wan_mu: float
    source: str
    grade: str
    assumed: bool = False  # the source does not settle the definition


def english(name: str) -> str:
    """Return a stratum or species group in English; words of a user's own table stay."""
    return " ".join(_ENGLISH.get(part, part) for part in name.split("-"))


def points(series: Iterable[ForestPoint]) -> tuple[Point, ...]:
    """Return the points of a series that have a definition and a stock, by year.

    The density [m³/亩] is stock [万m³] over area [万亩].
    """
    found = [
        Point(
            one.definition,
            one.year,
            one.stock_wan_m3 / one.area_wan_mu,
            one.stock_wan_m3,
            one.area_wan_mu,
            one.source,
            one.grade,
            one.definition_status == "assumed",
        )
        for one in series
        if one.definition in BY_ID and one.stock_wan_m3 is not None and one.area_wan_mu > 0
    ]
    return tuple(sorted(found, key=lambda p: (p.year, p.definition)))
