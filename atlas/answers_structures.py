"""What a run found structure by structure at a storage site, for ``why --site``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from geo.errors import Say
from siting.law.terms import COMPONENT_ZH

#: The outline is judged as if every structure stood all over it.
OUTLINE: Final = Say(
    "以上把整个新占地外廓当作每一种建筑物来判；隧洞、道路、线路不在外廓内",
    "the above judges the whole outline as if each structure stood all over it; tunnel, road and "
    "line are not in the outline",
)
_TITLE: Final = Say(
    "逐建筑物（该次运行按绘出的范围判定，pumped_law.csv）",
    "structure by structure (the run, on what it drew: pumped_law.csv)",
)
_FILE: Final = "pumped_law.csv"
_ENGLISH: Final = {zh: one.value.replace("_", " ") for one, zh in COMPONENT_ZH.items()}


def structures(folder: Path, site_id: str, lang: str) -> list[dict[str, Any]]:
    """Return structure, hectares, rules and verdict of a site; none without the run's table.

    The verdict is kept as the run wrote it, in Chinese: English gets the rules alone.
    """
    path = folder / _FILE
    if not path.is_file():
        return []
    found: dict[str, dict[str, Any]] = {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if row.get("编号") != site_id:
                continue
            name = row["部件"]
            one = found.setdefault(
                name,
                {
                    "structure": Say(name, _ENGLISH.get(name, name)).of(lang),
                    "hectares": _number(row["部件占地（ha）"]),
                    "rules": [],
                    "text": row["部件结论"] if lang == "zh" else "",
                },
            )
            if row.get("规则"):
                one["rules"].append(row["规则"])
    return list(found.values())


def as_lines(found: list[dict[str, Any]], lang: str) -> list[str]:
    """Return the structures as lines under a title, none without a structure."""
    if not found:
        return []
    return [OUTLINE.of(lang), "", _TITLE.of(lang), *(f"  {_line(one, lang)}" for one in found)]


def _line(one: Mapping[str, Any], lang: str) -> str:
    area = one["hectares"]
    size = "" if area is None else Say(f" {area:.1f} 公顷", f" {area:.1f} ha").of(lang)
    rules = ", ".join(dict.fromkeys(one["rules"])) or Say("未触及条目", "no rule touched").of(lang)
    colon = Say("：", ": ").of(lang)
    return f"{one['structure']}{size}{colon}{one['text'] or rules}"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
