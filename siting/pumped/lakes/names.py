"""Which power plant stands at a lake: equal names once their kind is cut off, no guess."""

from __future__ import annotations

import unicodedata
from typing import Final

from layers.facts import NamedSite

#: Words that say what a thing is, cut from the end of a name.
_KINDS: Final = ("水库", "水电站", "航电枢纽", "水利枢纽", "电站")
#: How the facts tables mark a lake of a storage plant that stands already.
_STANDING: Final = "（已有）"


def stem(name: str) -> str:
    """Return a name without blanks and without the words for its kind at the end.

    Examples
    --------
    >>> stem("黄龙滩水库"), stem("黄龙滩 水电站"), stem("水库")
    ('黄龙滩', '黄龙滩', '水库')
    """
    text = "".join(unicodedata.normalize("NFKC", name).split())
    cut = True
    while cut:
        cut = False
        for kind in _KINDS:
            if text.endswith(kind) and len(text) > len(kind):
                text, cut = text[: -len(kind)], True
    return text


def plant_of(lake: str, told: str, plants: tuple[NamedSite, ...]) -> NamedSite | None:
    """Return the hydropower plant of a lake, or None.

    Parameters
    ----------
    lake
        Name of the lake; its stem must equal the plant's.
    told
        Id or name of the plant as the user's layer gives it; it comes first.
    plants
        Named sites; only those of technology ``hydro`` count.
    """
    hydro = [one for one in plants if one.technology == "hydro"]
    if told:
        return next((one for one in hydro if told in (one.id, one.name.zh, one.name.en)), None)
    wanted = stem(lake)
    found = [one for one in hydro if wanted and stem(one.name.zh) == wanted]
    return found[0] if len(found) == 1 else None


def plant_id(lake: str, told: str, plants: tuple[NamedSite, ...]) -> str:
    """Return the id of the hydropower plant of a lake, or an empty text."""
    found = plant_of(lake, told, plants)
    return "" if found is None else found.id


def uses_of(lake: str, plants: tuple[NamedSite, ...]) -> tuple[tuple[NamedSite, str], ...]:
    """Return the storage projects that are published to use a lake, each ``upper`` or ``lower``.

    Only a layout that names the lake and nothing else counts: a sentence with two designs
    (房县) is no statement about one of them.
    """
    wanted = stem(lake)
    found = []
    for one in plants:
        if one.technology != "pumped":
            continue
        for side, water in (("upper", one.upper_water), ("lower", one.lower_water)):
            name = water.removesuffix(_STANDING)
            if wanted and name != water and stem(name) == wanted:
                found.append((one, side))
    return tuple(found)
