"""The published totals that the demo scene is fitted to, read from the facts tables."""

from __future__ import annotations

from geo.errors import InputError, Say
from layers.facts import Facts

#: The forest area that the land cover reproduces: three-survey basis (truth.md D1).
FOREST_DEFINITION = "D1"


def control(facts: Facts, key: str) -> float:
    """Return a control total in the unit of the facts table.

    Raises
    ------
    InputError
        The facts hold no such figure.
    """
    found = facts.controls.get(key)
    if found is None or found.value is None:
        raise _absent(key)
    return found.value


def forest_area(facts: Facts) -> float:
    """Return the newest forest area on the land-survey basis [万亩].

    Raises
    ------
    InputError
        The forest series holds none.
    """
    points = [p for p in facts.forest_series if p.definition == FOREST_DEFINITION]
    if not points:
        raise _absent("forest_series D1")
    return max(points, key=lambda p: p.year).area_wan_mu


def _absent(key: str) -> InputError:
    return InputError(
        key,
        Say(
            "演示场景所需的公布总量不在事实表中", "the facts tables lack a total of the demo scene"
        ),
        Say("补全 layers/facts 中的表", "complete the tables of layers/facts"),
    )
