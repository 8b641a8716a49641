"""What the command line says: a JSON-ready object and the lines a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shapely.geometry import Point

from atlas.options import Options
from atlas.pipeline import Run, warnings
from atlas.scene import read_scene
from atlas.stages import Stages
from geo.crs import from_lonlat
from geo.errors import OptionError, Say
from geo.grid import Grid
from layers.catalog import open_catalog
from layers.region import load_region
from siting.law.rules import load_ruleset
from siting.law.terms import Technology

#: Half width of the window that ``why`` screens [m]; buffers of rules reach past it in the
#: vectors themselves, which are never cut to the window.
WHY_REACH = 1500.0


def run_lines(done: Run, technology: str | None = None) -> list[str]:
    """Return the sentences of a run: one a tab, then the warnings and where it lies."""
    lang = done.options.lang
    tabs = sorted(
        (tab for result in done.results.values() for tab in result.tabs), key=lambda tab: tab.order
    )
    lines = [f"{tab.title.of(lang)}：{tab.sentence.of(lang)}" for tab in tabs]
    lines += [
        f"{one.title.of(lang)}：{one.absent.of(lang)}"
        for one in done.results.values()
        if one.absent is not None
    ]
    if technology:
        lines += _table_of_sites(done, technology)
    lines += [f"! {say.of(lang)}" for say in warnings(done.results.values())]
    if done.folder is not None:
        lines.append(f"→ {done.folder / 'map.html'}")
    return lines


def _table_of_sites(done: Run, technology: str, most: int = 20) -> list[str]:
    lines = []
    for result in done.results.values():
        if result.sites is None:
            continue
        rows = result.sites[result.sites["technology"] == technology].head(most)
        for row in rows.itertuples(index=False):
            capacity = f"{row.capacity_mw:.0f} MW" if row.capacity_mw == row.capacity_mw else "—"
            lines.append(f"  {row.id:<16} {row.name:<14} {capacity:>9}  {row.verdict_zh}")
    return lines


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
    heads = [column["label"] for column in block["columns"]]
    rows = [[cell if isinstance(cell, str) else "" for cell in row] for row in block["rows"]]
    return ["  " + " | ".join(row) for row in [heads, *rows]]


def why_here(
    options: Options, lon: float, lat: float, technology: str, stages: Stages
) -> tuple[dict[str, Any], list[str]]:
    """Screen a window round (lon, lat) [°] and explain the cell there."""
    from siting.law.screening import screen
    from siting.law.why import why

    grid = _window(options, lon, lat)
    scene = read_scene(options, stages, grid)
    ruleset = load_ruleset(scene.region.jurisdiction, options.as_of)
    with stages.stage("筛查"):
        answer = why(
            screen(scene.stack, ruleset),
            None,
            ruleset,
            Technology(technology),
            (lon, lat),
            mode=options.mode,
            stack=scene.stack,
        )
    return answer.to_dict(options.lang), answer.to_text(options.lang).splitlines()


def _window(options: Options, lon: float, lat: float) -> Grid:
    """Return the part of the region's own grid round the point (same cells as a full run)."""
    catalog = open_catalog(options.data)
    region = load_region(options.region or catalog.default_region, catalog, options.resolution)
    whole = region.grid(options.resolution or region.resolution)
    x, y = from_lonlat(region.crs, lon, lat)
    cell = whole.rowcol(float(x), float(y))
    if cell is None or not region.boundary.covers(Point(float(x), float(y))):
        raise OptionError(
            f"{lon}, {lat}",
            Say(f"不在{region.name.zh}范围内", f"is not within {region.name.en}"),
            Say("经度在前、纬度在后，单位为度", "longitude first, then latitude, in degrees"),
        )
    reach = max(round(WHY_REACH / whole.dx), 3)
    top, left = max(cell[0] - reach, 0), max(cell[1] - reach, 0)
    bottom, right = min(cell[0] + reach + 1, whole.rows), min(cell[1] + reach + 1, whole.cols)
    return whole.window(top, left, bottom - top, right - left)


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
