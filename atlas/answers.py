"""What the command line says: a JSON-ready object and the lines a person reads."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from atlas.answers_law import why_here
from atlas.options import Options
from atlas.part import Tab
from atlas.pipeline import Run, warnings
from atlas.text import aligned, figure
from geo.errors import Say
from layers.catalog import open_catalog

#: Stands before the sentences of a run that read a synthetic layer.
DEMO_MARK: Final = Say(
    "演示数据（含合成图层），无法律意义", "Demo data, synthetic layers among them, no legal meaning"
)

__all__ = ["catalog_report", "run_lines", "target_answer", "why_here"]


def run_lines(done: Run, technology: str | None = None) -> list[str]:
    """Return the sentences of a run: one a tab, then the warnings and where it lies."""
    lang = done.options.lang
    tabs = sorted(
        (tab for result in done.results.values() for tab in result.tabs), key=lambda tab: tab.order
    )
    colon = Say("：", ": ").of(lang)
    lines = [
        f"{tab.title.of(lang)}{colon}{text}"
        for tab in tabs
        for text in _said(tab, lang, technology)
    ]
    lines += [
        f"{one.title.of(lang)}{colon}{one.absent.of(lang)}"
        for one in done.results.values()
        if one.absent is not None
    ]
    if any(one.passport.synthetic for one in done.results.values()):
        lines.insert(0, DEMO_MARK.of(lang))
    if technology:
        lines += [say.of(lang) for say in _answers(done, technology)]
        lines += _tables(done, technology)
    lines += [f"! {say.of(lang)}" for say in warnings(done.results.values())]
    if done.folder is not None:
        lines.append(f"→ {done.folder / 'map.html'}")
    return lines


def _said(tab: Tab, lang: str, technology: str | None) -> list[str]:
    """Return the sentences of a tab: one a view, or the wanted technology's alone."""
    said = {tab.view: tab.sentence.of(lang)}
    said |= {str(b["view"]): str(b["text"]) for b in tab.blocks if b["type"] == "sentence"}
    return [said[technology]] if technology in said else list(said.values())


def _answers(done: Run, technology: str) -> list[Say]:
    """Return what the parts say of one technology: supply, cost, ranks, what is not counted."""
    return [
        say
        for one in done.results.values()
        for say in one.extra.get("answers", {}).get(technology, ())
    ]


def _tables(done: Run, technology: str) -> list[str]:
    """Return the tables of one technology: those that parts bring, then the ranked sites."""
    own = [
        (one.id, one.extra["table"][technology])
        for one in done.results.values()
        if technology in one.extra.get("table", {})
    ]
    lines = [line for _, table in own for line in ["", *(f"  {text}" for text in aligned(*table))]]
    rest = _table_of_sites(done, technology, but=[part for part, _ in own])
    return [*lines, *rest] if rest else [*lines, ""] if lines else []


def _table_of_sites(
    done: Run, technology: str, most: int = 20, but: Collection[str] = ()
) -> list[str]:
    """Return the ranked sites of one technology; parts ``but`` bring a table of their own."""
    lang = done.options.lang
    heads = (
        Say("名次", "rank"), Say("编号", "id"), Say("名称", "name"),
        Say("容量 MW（交流）", "MW AC"),
        Say("年电量 GWh", "GWh/a"), Say("度电成本 元/kWh", "LCOE CNY/kWh"),
        Say("保本小时 h/a", "break-even h/a"),
        Say("名次区间", "interval"), Say("结论", "verdict"),
    )  # fmt: skip
    rows = [[head.of(lang) for head in heads]]
    for part, result in done.results.items():
        if result.sites is None or part in but:
            continue
        every = result.sites[result.sites["technology"] == technology]
        named = every["forced"].eq(True) if "forced" in every else False  # the user asked for them
        found = every[(np.arange(len(every)) < most) | named]
        for row in found.to_dict("records"):
            verdict = row["verdict_zh"] if lang == "zh" else str(row["verdict"]).replace("_", " ")
            shown = [figure(row["capacity_mw"]), figure(row["energy_gwh"]), *_cost_cells(row)]
            rank = row["rank"]
            place = "—" if pd.isna(rank) else str(int(rank))
            rows.append([place, str(row["id"]), str(row["name"]), *shown, str(verdict)])
    if len(rows) == 1:
        return []
    right = (True, False, False, True, True, True, True, True, False)
    return ["", *(f"  {line}" for line in aligned(rows, right)), ""]


def _cost_cells(row: Mapping[str, Any]) -> list[str]:
    """Return LCOE, break-even hours and rank interval of a site as cells, a dash where none."""
    lcoe, hours, low, high = (
        float(value) if pd.notna(value := row.get(key)) else math.nan
        for key in ("lcoe_yuan_per_kwh", "breakeven_hours", "rank_low", "rank_high")
    )
    return [
        f"{lcoe:.3f}" if math.isfinite(lcoe) else "—",
        f"{hours:,.0f}" if math.isfinite(hours) else "—",
        f"{low:.0f}-{high:.0f}" if math.isfinite(low) and math.isfinite(high) else "—",
    ]


def target_answer(done: Run) -> tuple[dict[str, Any], list[str]]:
    """Return the answer to "is 4.5 m³/亩 reached" under every definition."""
    forest = done.results["forest"]
    lang = done.options.lang
    if forest.absent is not None:
        return {"absent": forest.absent.of(lang)}, [forest.absent.of(lang)]
    lines = [tab.sentence.of(lang) for tab in forest.tabs]
    for tab in forest.tabs:
        for block in tab.blocks:
            if block["type"] == "table":
                lines += ["", str(block.get("title", "")), *_text_table(block)]
    lines += ["", *(f"! {say.of(lang)}" for say in forest.warnings)]
    return dict(forest.summary), lines


def _text_table(block: Mapping[str, Any]) -> list[str]:
    columns = [column for column in block["columns"] if not column.get("bar")]
    kept = [i for i, column in enumerate(block["columns"]) if not column.get("bar")]
    rows = [[str(row[i]) for i in kept] for row in block["rows"]]
    heads = [str(column["label"]) for column in columns]
    right = [column.get("align") == "right" for column in columns]
    return [f"  {line}" for line in aligned([heads, *rows], right)]


def catalog_report(options: Options) -> tuple[dict[str, Any], list[str], bool]:
    """Check every entry of the catalog; the flag says that at least one is broken."""
    catalog = open_catalog(options.data)
    found = catalog.check()
    marks = {"ok": "✓", "missing": "·", "warning": "!", "error": "✗"}
    lines = [f"{marks[one.state]} {one.name}：{one.text.of(options.lang)}" for one in found]
    answer = {
        "schema": "shiyan-atlas/catalog/1",
        "entries": [
            {"name": one.name, "state": one.state, "text": one.text.of(options.lang)}
            for one in found
        ],
    }
    return answer, lines, any(one.state == "error" for one in found)
