"""Layers that must not be read off a map: with one of them only the class leaves the run.

A pattern number tells which rules hit, so its raster would draw the outline of a
military zone. Where such a layer is present, the map and the exported rasters carry the
class of the land alone, and no card, site or table names the rules that read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from atlas.part import ClassView, PatternRaster
from geo.errors import Say
from siting.law.patterns import PatternTable
from siting.law.rules import RuleSet
from siting.study import Study

#: Supplied by the user, never drawn and never exported.
SECRET_LAYERS: Final = frozenset({"military", "military_clearance"})
WITHHELD: Final = Say("原因不公开（涉密不显示）", "reason withheld (restricted layer)")
RESTRICTED: Final = Say(
    "本次使用了涉密图层：地图与栅格只给结论类别、不给原因；成果按该图层的密级管理",
    "a restricted layer was used: map and rasters carry the class without reasons, and are as"
    " restricted as that layer",
)


def secret_rules(study: Study) -> frozenset[int]:
    """Return the indices of the rules that read a restricted layer which is present."""
    return secret_among(study.table, study.ruleset)


def secret_among(table: PatternTable, ruleset: RuleSet) -> frozenset[int]:
    """Return the indices of the rules that read a restricted layer which is present."""
    bits = table.bits
    return frozenset(
        i
        for i, rule in enumerate(ruleset.rules)
        if any(
            bits.bit_of[name] not in bits.unscreened
            and bits.predicates[bits.bit_of[name]].source_layer in SECRET_LAYERS
            for name in rule.expression.names()
        )
    )


def folded(raster: PatternRaster, notes: Mapping[str, Sequence[str]], lang: str) -> PatternRaster:
    """Return a raster of the classes alone: one pattern for each combination of classes.

    Parameters
    ----------
    notes
        By view, what every card of it says.
    """
    classes = np.stack([view.of_pattern for view in raster.views], axis=1)
    kinds, kind_of = np.unique(classes, axis=0, return_inverse=True)
    lookup = np.full(1 << 16, np.uint16(65535))
    lookup[: classes.shape[0]] = kind_of.reshape(-1)
    views = tuple(
        ClassView(
            view.id,
            view.title,
            view.swatches,
            kinds[:, column].astype(np.uint8),
            [_card(view, int(kind), notes[view.id], lang) for kind in kinds[:, column]],
        )
        for column, view in enumerate(raster.views)
    )
    return PatternRaster(raster.grid, lookup[raster.index], views, raster.passport)


def _card(view: ClassView, kind: int, notes: Sequence[str], lang: str) -> dict[str, Any]:
    """Return the card of a class: its pill, and that the reason is withheld."""
    first = int(np.flatnonzero(view.of_pattern == kind)[0])
    return {"pill": view.card[first]["pill"], "notes": [WITHHELD.of(lang), *notes]}
