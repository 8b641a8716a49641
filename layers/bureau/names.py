"""Known layer names of deliveries -> layers of the contract (reference rules.md §8.1).

A name counts whole (``STBHHX``), as one word of a longer name (``420322_STBHHX_2022``,
``十堰市_生态保护红线``), or, weakest, as a part of one. The last alone never decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from layers.contract import SPECS

#: Not layers of the contract: forest sub-compartments feed several, the others none.
SUBCOMPARTMENTS: Final = "subcompartments"
SLOPE_CLASSES: Final = "slope_classes"
ECOLOGICAL_SPACE: Final = "ecological_space"
#: Targets that no layer of the contract can be made from.
USELESS: Final = frozenset({SLOPE_CLASSES, ECOLOGICAL_SPACE})

WHOLE, WORD, PART = 5, 4, 2
#: Least score by which a name alone may decide what a layer is.
DECIDES: Final = WORD

#: Names seen in deliveries, by target (reference rules.md §8.1).
SEEN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "eco_redline": ("STBHHX", "GDSTBHHX", "生态保护红线", "陆域生态保护红线"),
        "permanent_farmland": (
            "YJJBNTBHTB", "GDSYJJBNTBHTB", "JBNTBHQ", "永久基本农田", "永久基本农田保护图斑",
        ),
        "urban_boundary": ("CZKFBJ", "CZKFBJGX", "城镇开发边界", "封库城镇开发边界"),
        "land_cover": ("DLTB", "地类图斑", "JQDLTB"),
        SLOPE_CLASSES: ("PDT", "坡度图", "坡度分级"),
        ECOLOGICAL_SPACE: ("STBHYN_d", "STBHYN"),
        SUBCOMPARTMENTS: ("森林资源一张图", "林地一张图", "林地小班", "森林小班", "小班"),
    }
)  # fmt: skip
#: Fields that belong to a target, as seen in deliveries.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "land_cover": (
            "DLBM", "DLMC", "QSDWDM", "QSDWMC", "ZLDWDM", "TBDLMJ", "GDLYDB", "TBBH",
        ),
        SLOPE_CLASSES: ("PDJB", "BZPDJB"),
    }
)  # fmt: skip
#: A name with one of these words is a draft, a change or a label, never the layer itself.
_NOT_THE_LAYER: Final = (
    "调出",
    "调入",
    "冲突",
    "注记",
    "备选",
    "评估",
    "拟",
    "对比",
    "草案",
    "调整前",
    "征求意见",
    "废止",
    "旧版",
    "历史",
    "备份",
    "副本",
)
_SPLIT = re.compile(r"[^A-Za-z\u3400-\u9fff]+")
_BORDER = re.compile(r"(?<=[A-Za-z])(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])(?=[A-Za-z])")
_PLACE = re.compile(r"^(湖北省)?(十堰市)?([\u3400-\u9fff]{1,3}[县区市])?")


@lru_cache(maxsize=1)
def known() -> Mapping[str, tuple[str, ...]]:
    """Return every known name by target: those seen, and each layer's own key and title."""
    names = {target: list(seen) for target, seen in SEEN.items()}
    for spec in SPECS.values():
        titles = [spec.name, *re.split(r"[（）]", spec.title)[:1]]
        names.setdefault(spec.name, []).extend(titles)
    return MappingProxyType({target: tuple(seen) for target, seen in names.items()})


def score(name: str, target: str) -> int:
    """Return how surely a layer called ``name`` is ``target``: 5 whole, 4 word, 2 part, 0."""
    if any(word in name for word in _NOT_THE_LAYER):
        return 0
    name = unicodedata.normalize("NFKC", name)  # full-width letters of an input method
    plain = name.casefold()
    words = {word.casefold() for word in _words(name)}
    best = 0
    for one in known().get(target, ()):
        wanted = one.casefold()
        if plain == wanted:
            return WHOLE
        if wanted in words:
            best = max(best, WORD)
        elif len(wanted) >= 3 and wanted in plain and not wanted.isascii():
            best = max(best, PART)
    return best


def _words(name: str) -> list[str]:
    """Return the words of a name, each also without the place that it begins with."""
    words = [part for word in _SPLIT.split(name) for part in _BORDER.split(word) if part]
    return [*words, *(_PLACE.sub("", word) for word in words)]


def field_share(columns: list[str], target: str) -> float:
    """Return the share of the fields known for ``target`` that a layer has, 0..1."""
    wanted = FIELDS.get(target)
    if not wanted:
        return 0.0
    present = {column.upper() for column in columns}
    return sum(name in present for name in wanted) / len(wanted)
