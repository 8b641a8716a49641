"""Columns of forest sub-compartments and their aliases (reference rules.md §8.1).

Names are compared without case and underscores; a shapefile cuts them to ten bytes, so a
long beginning counts as the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from geo.errors import Say, TableError

#: Canonical column -> aliases. ``cover`` is the crown cover of shrubs, which has no pinyin
#: name in the references: only a Chinese heading, or the user, can name it.
ALIASES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "DI_LEI": ("DILEI", "地类"),
        "LIN_ZHONG": ("LINZHONG", "林种"),
        "QI_YUAN": ("QIYUAN", "起源"),
        "SEN_LIN_LB": ("SENLINLB", "SENLINLEIBIE", "森林类别"),
        "SHI_QUAN_D": ("SHIQUAND", "SHIQUANDJ", "SHIQUANDENGJI", "事权等级"),
        "GJGYL_BHDJ": ("GJGYLBHDJ", "国家级公益林保护等级"),
        "DFGYL_BHDJ": ("DFGYLBHDJ", "地方公益林保护等级"),
        "BH_DJ": ("BHDJ", "林地保护等级"),
        "YOU_SHI_SZ": ("YOUSHISZ", "YOUSHISHUZHONG", "优势树种"),
        "LING_ZU": ("LINGZU", "龄组"),
        "PINGJUN_NL": ("PINGJUNNL", "PINGJUNNIANLING", "平均年龄"),
        "YU_BI_DU": ("YUBIDU", "郁闭度"),
        "PINGJUN_XJ": ("PINGJUNXJ", "PINGJUNX", "平均胸径"),
        "HUO_LMGQXJ": ("HUOLMGQXJ", "公顷蓄积", "每公顷蓄积"),
        "MEI_GQ_ZS": ("MEIGQZS", "每公顷株数"),
        "LD_QS": ("LDQS", "林地权属"),
        "PO_DU": ("PODU", "坡度"),
        "PO_XIANG": ("POXIANG", "坡向"),
        "G_CHENG_LB": ("GCHENGLB", "工程类别"),
        "MIAN_JI": ("MIANJI", "小班面积"),
        "cover": ("灌木盖度", "灌木覆盖度"),
    }
)
#: Columns that say nothing of a forest by themselves.
_COMMON: Final = frozenset({"MIAN_JI", "PO_DU", "PO_XIANG"})
#: Shortest cut name that may stand for a longer one.
_CUT: Final = 8


def _plain(name: str) -> str:
    return name.replace("_", "").replace(" ", "").upper()


def aliases_of(columns: Iterable[str]) -> dict[str, list[str]]:
    """Return the columns of a file that may be each canonical column."""
    found: dict[str, list[str]] = {}
    for column in columns:
        plain = _plain(column)
        for canonical, names in ALIASES.items():
            if any(_same(plain, name) for name in names):
                found.setdefault(canonical, []).append(column)
                break
    return found


def _same(plain: str, alias: str) -> bool:
    if plain == alias.upper():
        return True
    return len(plain) >= _CUT and plain.isascii() and alias.startswith(plain)


def forest_columns(columns: Iterable[str]) -> frozenset[str]:
    """Return the canonical columns present that only forest data have."""
    return frozenset(aliases_of(columns)) - _COMMON


def columns_of(columns: Iterable[str], declared: Mapping[str, str], subject: str) -> dict[str, str]:
    """Return canonical column -> column of the file.

    Parameters
    ----------
    declared
        Column of the file -> canonical column (``adapter.rename``); goes first.

    Raises
    ------
    TableError
        Two columns of the file are the same one, or a declared one is not there.
    """
    present = list(columns)
    absent = [old for old in declared if old not in present]
    if absent:
        raise TableError(
            subject,
            Say(f"adapter.rename 中的字段 {', '.join(absent)} 不在文件里",
                f"lacks the columns {', '.join(absent)} of adapter.rename"),
            Say(f"现有：{', '.join(present[:20])}", f"it has: {', '.join(present[:20])}"),
        )  # fmt: skip
    found: dict[str, str] = {new: old for old, new in declared.items()}
    for canonical, names in aliases_of(present).items():
        if canonical in found:
            continue
        if len(names) > 1:
            raise TableError(
                subject,
                Say(f"字段 {'、'.join(names)} 都像 {canonical}",
                    f"columns {', '.join(names)} all look like {canonical}"),
                Say(f"在 adapter.rename 中写明一个：{names[0]}: {canonical}",
                    f"name one in adapter.rename: {names[0]}: {canonical}"),
            )  # fmt: skip
        found[canonical] = names[0]
    return found
