"""The forest tab's map: where the land cover says there are trees, bamboo and shrubs."""

from __future__ import annotations

from typing import Final

import numpy as np

from atlas.part import ClassView, Context, PatternRaster, Swatch
from geo.errors import Say
from layers.contract import LAND_COVER

OUTSIDE: Final = 65535
_TREES, _BAMBOO, _SHRUBS = 3, 9, 4
#: Classes of the view in the order of the legend.
_LEGEND: Final = (
    (Say("乔木林", "tree forest"), "#2e7d32", 0.72),
    (Say("竹林", "bamboo"), "#7cb342", 0.80),
    (Say("灌木林", "shrubs"), "#c5e1a5", 0.75),
    (Say("其他地类", "other cover"), "#eceff1", 0.35),
    (Say("未知（无数据）", "unknown"), "#9e9e9e", 0.30),
)
_CLASS: Final = {_TREES: 0, _BAMBOO: 1, _SHRUBS: 2}
_OTHER, _UNKNOWN = 3, 4


def forest_raster(context: Context) -> PatternRaster | None:
    """Return the forest classes of the layer ``land_cover``, or None where it is absent.

    The picture shows cover, not stock: stock and area come from the strata table, whose
    definitions the land cover does not know. The view says so on every card.
    """
    layer = context.stack.get("land_cover")
    if layer is None:
        return None
    cover = layer.raster().to_numpy()
    zones = context.region.zones(context.stack.grid)
    index = np.where(zones > 0, cover.astype(np.uint16), np.uint16(OUTSIDE))
    codes = range(int(max(LAND_COVER)) + 1)
    of_pattern = np.array([_CLASS.get(c, _OTHER if c else _UNKNOWN) for c in codes], dtype=np.uint8)
    synthetic = layer.passport.synthetic
    swatches = tuple(
        Swatch(label, colour, opacity, hatch=number == _UNKNOWN, synthetic=synthetic)
        for number, (label, colour, opacity) in enumerate(_LEGEND)
    )
    cards = [_card(code, int(of_pattern[code]), synthetic, context.lang) for code in codes]
    view = ClassView("forest", Say("森林", "Forest"), swatches, of_pattern, cards)
    return PatternRaster(context.stack.grid, index, (view,), layer.passport)


def _card(code: int, group: int, synthetic: bool, lang: str) -> dict[str, object]:
    demo = Say("演示地类，无法律意义", "demo land cover, without legal meaning")
    name = _LEGEND[group][0].of(lang)
    if group == _OTHER and lang == "zh":
        name = LAND_COVER[code]
    note = Say(
        "地类图只示分布；面积与蓄积以小班汇总表和所写口径为准",
        "the picture shows cover only; area and stock come from the strata under their definition",
    )
    tone = "unknown" if group == _UNKNOWN else "neutral" if group == _OTHER else "forest"
    return {
        "title": Say("地类", "Land cover").of(lang),
        "subtitle": demo.of(lang) if synthetic else "",
        "pill": {"text": name, "tone": tone},
        "notes": [note.of(lang)],
    }
