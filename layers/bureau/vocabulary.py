"""Chinese words of deliveries -> words of the contract, as the contract itself explains them.

Only what :mod:`layers.contract` says in its meanings; a word that is not here stays as it
is, is not one of the contract's values, and therefore counts as unknown when screened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from layers.bureau.codes import plain_text

_PARK: Final = {"核心保护区": "core", "一般控制区": "general"}
_LEVEL: Final = {"国家级": "national", "省级": "provincial", "市级": "city", "县级": "county"}
_RELIC_LEVEL: Final = {
    "世界文化遗产": "world", "全国重点文物保护单位": "national", "国家级": "national",
    "省级文物保护单位": "provincial", "省级": "provincial", "市级文物保护单位": "city",
    "市级": "city", "县级文物保护单位": "county", "县级": "county",
}  # fmt: skip

#: Layer -> column -> Chinese -> value of the contract.
WORDS: Final[Mapping[str, Mapping[str, Mapping[str, str | int]]]] = MappingProxyType(
    {
        "nature_reserve": {"zone": _PARK, "level": _LEVEL},
        "national_park": {"zone": _PARK},
        "nature_park": {"level": _LEVEL},
        "important_wetland": {"level": {"国家重要湿地": "national", **_LEVEL}},
        "water_source": {
            "grade": {
                "一级": 1, "二级": 2, "准保护区": 3, "一级保护区": 1, "二级保护区": 2,
                "准级": 3,
            }
        },
        "road": {
            "class": {
                "高速公路": "motorway", "高速": "motorway", "国道": "national",
                "省道": "provincial", "县道": "county", "乡道": "township",
            }
        },
        "scenic_area": {"zone": {"核心景区": "core"}},
        "relic": {
            "zone": {"保护范围": "protection", "建设控制地带": "control"},
            "level": _RELIC_LEVEL,
        },
        "geohazard": {"zone": {"危险区": "danger", "易发区": "prone"}},
        "soil_zone": {"zone": {"重点预防区": "prevention", "重点治理区": "control"}},
        "danjiangkou_zone": {
            "zone": {"库区": "reservoir", "管理范围": "management", "保护范围": "protection"}
        },
        "military": {"zone": {"军事禁区": "restricted", "军事管理区": "managed"}},
        "zoning_unit": {
            "unit": {"优先保护单元": "priority", "重点管控单元": "key", "一般管控单元": "general"}
        },
        "forest_grade": {
            "grade": {
                "Ⅰ级": 1, "Ⅱ级": 2, "Ⅲ级": 3, "Ⅳ级": 4,
                "Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4,
            }
        },
    }
)  # fmt: skip
#: Values of the contract for which deliveries have no word of their own.
_ALSO: Final[Mapping[tuple[str, str], frozenset[str]]] = MappingProxyType(
    {("scenic_area", "zone"): frozenset({"other"})}
)
#: Columns of the contract that may stay empty: a rule that asks for them reads unknown there.
BLANK: Final[Mapping[str, str | int]] = MappingProxyType(
    {"name": "", "zone": "", "level": "", "unit": "", "grade": 0, "approved": "", "passed": ""}
)
#: Columns of deliveries -> column of the contract, whole and without regard to case.
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "name": ("MC", "名称", "NAME", "XMMC", "保护区名称", "河流名称", "道路名称"),
        "zone": ("功能分区", "分区", "GNFQ", "功能区", "区划类型"),
        "level": ("级别", "保护级别", "JB"),
        "grade": ("级别", "保护区级别", "等级", "JB", "BHDJ", "BH_DJ"),
        "code": ("XZQDM", "行政区代码", "ADCODE"),
        "kv": ("电压等级", "电压", "DYDJ"),
        "width_m": ("河宽", "宽度", "KD"),
        "class": ("道路等级", "技术等级"),
        "rank": ("居民点等级",),
        "unit": ("管控单元分类", "单元类型"),
        # volumes are not here: files give them in 万 m³ or 亿 m³ without saying so
        "npl_m": ("正常蓄水位",),
        "dead_m": ("死水位",),
        "owner": ("权属单位", "管理单位"),
        "plant": ("水电站", "电站名称"),
    }
)


def headings(columns: Iterable[str], wanted: Iterable[str]) -> dict[str, list[str]]:
    """Return the columns of a file that may be each wanted column of the contract.

    A column that already has the contract's name is the only candidate for it.
    """
    present = list(columns)
    found: dict[str, list[str]] = {}
    for name in wanted:
        if name in present:
            found[name] = [name]
            continue
        names = {heading.casefold() for heading in (name, *HEADINGS.get(name, ()))}
        found[name] = [column for column in present if column.casefold() in names]
    if "counties" not in found and found.get("name") == [] and "XZQMC" in present:
        found["name"] = ["XZQMC"]
    return found


def translated(layer: str, column: str, values: Iterable[Any]) -> dict[str, str | int]:
    """Return those of the values that the contract explains, with what they become."""
    words = WORDS.get(layer, {}).get(column, {})
    texts = {str(value).strip() for value in values if value is not None}
    return {text: words[text] for text in sorted(texts) if text in words}


def left_over(layer: str, column: str, seen: Iterable[Any], values: Mapping[str, Any]) -> list[str]:
    """Return the values of a column that become none of the contract's, sorted.

    Parameters
    ----------
    seen
        Values of the file.
    values
        Stored text -> value of the contract; the others stay as they are.
    """
    words = WORDS.get(layer, {}).get(column)
    if words is None:
        return []
    known = {str(word) for word in words.values()} | _ALSO.get((layer, column), frozenset())
    texts = {plain_text(value) for value in seen}
    return sorted(text for text in texts if str(values.get(text, text)) not in known)
