"""What ``shiyan ledger`` prints: land by county and rule, and that it adds up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from atlas.answers_law import Answer, chosen, rules_of
from atlas.ledger_text import PARTS, adding_up, as_lines
from atlas.options import Options
from atlas.scene import read_scene
from atlas.stages import Stages
from atlas.tables import write_table_csv
from geo.crs import cell_areas
from geo.errors import Say, UndecidedError
from geo.publish import replacing
from siting.law.ledger import AREAS, Ledger, ledger, of_county
from siting.law.screening import pattern_table, screen
from siting.law.terms import COMPONENTS, Technology
from siting.law.verdict import Undecided, judge
from siting.settings import limits_of

SCHEMA: Final = "shiyan-atlas/ledger/1"
#: Layers whose rules stand in a ledger without their name.
_RESTRICTED: Final = frozenset({"military", "military_clearance"})
_WITHHELD: Final = Say("原因不公开（涉密不显示）", "reason withheld (restricted layer)")
_HEADS: Final = {
    "county": "县市区", "rule_id": "规则", "title": "名称", "effect": "后果", "block": "类别",
    "total_m2": "占用（m²）", "alone_m2": "单独占用（m²）", "shared_m2": "共同占用（m²）",
    "share_m2": "分摊（m²）", "routes_m2": "须走程序（m²）", "unknown_m2": "未知（m²）",
    "synthetic": "演示（无法律意义）", "supposed": "假设（非法律）",
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What the user asked of the ledger.

    Parameters
    ----------
    off
        Ids of rules to switch off.
    """

    technology: str = "pv"
    component: str | None = None
    county: str | None = None
    off: tuple[str, ...] = ()
    routes_lost: bool = False
    csv: Path | None = None


def ledger_answer(
    options: Options, wanted: Wanted, stages: Stages
) -> tuple[Answer, tuple[Undecided, ...]]:
    """Screen the region, print its ledger, and return what legal mode cannot decide."""
    technology = Technology(wanted.technology)
    component = (chosen(technology, wanted.component) or COMPONENTS[technology])[0]
    scene = read_scene(options, stages)
    ruleset = rules_of(options, scene.region)
    with stages.stage("筛查"):
        screening = screen(scene.stack, ruleset, limits_of(options.settings().values)[0])
        table = pattern_table(screening, scene.zones, cell_areas(scene.grid))
    with stages.stage("台账"):
        # as in a run: what stands exempts new works of nothing
        judged = judge(table, ruleset, technology, component, options.mode, standing=False)
        counties = [str(name) for name in scene.region.counties["name"]]
        book = ledger(
            table, judged, counties, density(technology),
            routes_lost=wanted.routes_lost, off=wanted.off, zones=scene.zones,
        )  # fmt: skip
        if wanted.county is not None:
            book = of_county(book, wanted.county)
        book = withheld(book)
    if wanted.csv is not None:
        write_csv(wanted.csv, book)
    return (as_dict(book, options.lang), as_lines(book, options.lang)), judged.undecided


def check_decided(options: Options, undecided: Collection[Undecided]) -> None:
    """Raise :class:`UndecidedError` when legal mode could not decide."""
    if options.mode == "legal" and undecided:
        texts = list(dict.fromkeys(one.text for one in undecided))
        raise UndecidedError(
            str(options.data),
            Say(
                f"合法性模式下有 {len(texts)} 项不能判定：" + "；".join(t.zh for t in texts),
                f"legal mode cannot decide {len(texts)} points: " + "; ".join(t.en for t in texts),
            ),
            Say("补齐这些图层或核实依据", "bring these layers or verify the evidence"),
        )


def density(technology: Technology) -> float | None:
    """Return the shipped capacity density, None where land has none. [MW/km²]."""
    if technology is Technology.PV:
        from siting.pv.energy import mw_per_km2
        from siting.pv.sites import parameters

        return mw_per_km2(parameters({}))
    if technology is Technology.WIND:
        from siting.wind import sites as wind

        return wind.mw_per_km2(wind.parameters({}))
    return None


def withheld(book: Ledger) -> Ledger:
    """Return the ledger without the names of rules that read a restricted layer.

    A rule whose layer is absent tells nothing, so it keeps its name.
    """
    predicates = book.judgement.ruleset.predicates
    for rule in book.causes.rules:
        asked = {predicates[name].source_layer for name in rule.expression.names()}
        if _RESTRICTED & asked and rule not in book.unscreened:
            rows = book.frame["rule_id"] == rule.id
            book.frame.loc[rows, ["rule_id", "title"]] = ["—", _WITHHELD.zh]
    return book


def as_dict(book: Ledger, lang: str) -> dict[str, Any]:
    """Return the ledger as plain data, areas in m2."""
    judged = book.judgement
    rules, whole = book.whole()
    return {
        "schema": SCHEMA,
        "technology": judged.technology.value,
        "component": judged.component.value,
        "as_of": judged.ruleset.as_of.isoformat(),
        "mode": judged.mode,
        "what_if": list(judged.ruleset.what_if),
        "off": list(book.off),
        "routes_lost": book.routes_lost,
        "synthetic": book.passport.synthetic,
        "mw_per_km2": book.mw_per_km2,
        "whole": whole.to_dict("records")[0],
        "rules": _titled(rules, book, lang),
        "counties": book.totals.to_dict("records"),
        "rules_by_county": _titled(book.frame, book, lang),
        "unscreened": [{"id": r.id, "title": r.title.of(lang)} for r in book.unscreened],
    }


def _titled(frame: pd.DataFrame, book: Ledger, lang: str) -> list[dict[str, Any]]:
    """Return the rows with titles in ``lang``."""
    names = {rule.id: rule.title.of(lang) for rule in book.causes.rules}
    return [
        {str(key): value for key, value in row.items()}
        | {"title": names.get(str(row["rule_id"]), _WITHHELD.of(lang))}
        for row in frame.to_dict("records")
    ]


def _supposed(book: Ledger) -> str:
    """Return what a file of figures must not hide: what-ifs, and rules that were switched off."""
    parts = [f"情景 {one}" for one in book.judgement.ruleset.what_if]
    parts += [f"停用 {one}" for one in book.off]
    return "；".join([*parts, "须走程序也算失去"] if book.routes_lost else parts)


def write_csv(path: Path, book: Ledger) -> None:
    """Write county x rule in whole m2, with closing rows: 分摊 adds up to the county's area."""
    closing = {"free": "其余", "unknown": "未知", "area": "合计（县域面积）"}
    tables = []
    for county, row in zip(book.counties, book.totals.to_dict("records"), strict=True):
        area = round(row["area_m2"])
        lost, free, unknown = adding_up([row[f"{name}_m2"] for name in PARTS], area, 0)
        rules = book.frame[book.frame["county"] == county].copy()
        rules["share_m2"] = adding_up(list(rules["share_m2"]), lost, 0)
        for name in ("total_m2", "alone_m2", "routes_m2", "unknown_m2"):
            rules[name] = rules[name].round()
        rules["shared_m2"] = rules["total_m2"] - rules["alone_m2"]
        for name in AREAS:
            rules[name] = rules[name].astype("Int64")
        ends = zip(closing.values(), (free, unknown, area), strict=True)
        extra = [
            {"county": county, "title": title, "block": "balance", "share_m2": int(value)}
            for title, value in ends
        ]
        tables += [rules, pd.DataFrame(extra).astype({"share_m2": "Int64"})]
    table = pd.concat(tables, ignore_index=True)
    table["synthetic"] = "是" if book.passport.synthetic else "否"
    table["supposed"] = _supposed(book)
    table = table[list(_HEADS)].rename(columns=_HEADS)
    with replacing(path) as part:
        write_table_csv(part, table)
