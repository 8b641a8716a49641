"""Chinese names inside English texts: lakes, counties and units that a study carries as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from atlas.parts._siting_words import unit_in
from siting.pumped.frame import NEW_LOWER, NEW_UPPER

if TYPE_CHECKING:
    from layers.facts import Facts

_PLANT: Final = "水电站"
_STATION: Final = re.compile(r"演示(\d+)\s?kV变电站(\d+)")
_MARKS: Final = {"（": " (", "）": ")", "、": ", ", "：": ": ", "，": ", ", "；": "; "}


def names_of(facts: Facts) -> dict[str, str]:
    """Return the English names of lakes and counties, longest Chinese name first."""
    found = {NEW_UPPER: "new upper lake", NEW_LOWER: "new lower lake"}
    for site in facts.of_technology("hydro"):
        if site.name.zh.endswith(_PLANT) and site.name.en.endswith(" hydropower"):
            place = site.name.en.removesuffix(" hydropower")
            found[f"{site.name.zh.removesuffix(_PLANT)}水库"] = f"{place} reservoir"
    if {"name", "name_en"} <= set(facts.counties.columns):
        rows = facts.counties.dropna(subset=["name_en"]).to_dict("records")
        found |= {str(row["name"]): str(row["name_en"]) for row in rows}
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))


def latin(value: Any, names: Mapping[str, str]) -> Any:
    """Return JSON-like data or a frame with known names in every text in Latin letters."""
    if isinstance(value, str):
        return _text(value, names)
    if isinstance(value, Mapping):
        return {key: latin(one, names) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [latin(one, names) for one in value]
    if isinstance(value, pd.DataFrame):
        return value.map(lambda one: latin(one, names) if isinstance(one, str) else one)
    return value


def _text(text: str, names: Mapping[str, str]) -> str:
    if text.isascii():
        return text
    for zh, en in names.items():
        text = text.replace(zh, en)
    text = _STATION.sub(r"demo \1 kV substation \2", text)
    for zh, en in _MARKS.items():
        text = text.replace(zh, en)
    return unit_in(text.replace("亿元", "10⁸ CNY"), "en")
