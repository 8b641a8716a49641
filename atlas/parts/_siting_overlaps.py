"""Protected areas that overlap: the largest as warnings, all of them in a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from geo.errors import Say
from layers.contract import SPECS
from siting.law.overlaps import Overlap

#: Warnings that a first page can bear; a delivery may hold hundreds of overlaps.
_TOLD: Final = 3
M2_PER_HA: Final = 10_000.0


def overlaps_sheet(found: Sequence[Overlap]) -> pd.DataFrame:
    """Return one row an overlap, the largest first."""
    return pd.DataFrame(
        {
            "图层": SPECS[one.layers[0]].title,
            "名称": one.names[0],
            "与图层": SPECS[one.layers[1]].title,
            "与名称": one.names[1],
            "重叠（公顷）": one.area_m2 / M2_PER_HA,
            "说明": one.text.zh,
        }
        for one in found
    )


def few(warnings: Sequence[Say], found: Sequence[Overlap]) -> list[Say]:
    """Return warnings with the largest overlaps and the number of the others."""
    rest = {one.text for one in found[_TOLD:]}
    kept = [said for said in warnings if said not in rest]
    if rest:
        n = len(found) - _TOLD
        kept.append(
            Say(
                f"另有 {n} 处保护地重叠，见 tables.xlsx 的“保护地重叠”",
                f"{n} more overlaps of protected areas: see tables.xlsx",
            )
        )
    return kept
