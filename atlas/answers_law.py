"""What the command line says about the law: why, or why not, at a point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from atlas.options import Options
from atlas.scene import Scene, read_scene
from atlas.stages import Stages
from geo.crs import cell_areas, from_lonlat
from geo.errors import OptionError, Say
from geo.grid import Grid
from layers.catalog import open_catalog
from layers.region import Region, load_region
from siting.law.answer import ComponentAnswer, WhyAnswer
from siting.law.answer_text import component_name
from siting.law.fold import gravity
from siting.law.rules import RuleSet, load_ruleset
from siting.law.screening import Screening, pattern_table, screen
from siting.law.terms import COMPONENTS, Component, State, Technology
from siting.law.why import why
from siting.settings import limits_of

#: Half widths of the windows that ``why`` screens, one after the other until the nearest
#: free cell is proven [m]; features reach past them in the vectors themselves.
REACHES: Final = (12_000.0, 48_000.0)

Answer = tuple[dict[str, Any], list[str]]


@dataclass(frozen=True)
class Screened:
    """A window of the region, screened."""

    scene: Scene
    ruleset: RuleSet
    screening: Screening
    inside: npt.NDArray[np.bool_]


def why_here(
    options: Options,
    lon: float,
    lat: float,
    technology: str,
    stages: Stages,
    component: str | None = None,
) -> Answer:
    """Explain the cell at (lon, lat) [°], screening a window round it."""
    region, whole = region_of(options)
    x, y = (float(v) for v in from_lonlat(region.crs, lon, lat))
    if whole.rowcol(x, y) is None or not region.boundary.covers(Point(x, y)):
        raise OptionError(
            f"{lon}, {lat}",
            Say(f"不在{region.name.zh}范围内", f"is not within {region.name.en}"),
            Say("经度在前、纬度在后，单位为度", "longitude first, then latitude, in degrees"),
        )
    kind = Technology(technology)
    parts = chosen(kind, component)
    for reach in REACHES:
        grid = window(whole, shapely.box(x, y, x, y), reach)
        found = screened(options, stages, grid)
        answer = at_point(found, options, (lon, lat), kind, parts, _proven(whole, grid, x, y))
        if grid == whole or _settled(answer):
            break
    first = conclusion(answer)
    data = answer.to_dict(options.lang) | {"conclusion": first.of(options.lang)}
    return data, [first.of(options.lang), "", *answer.to_text(options.lang).splitlines()]


def at_point(
    found: Screened,
    options: Options,
    lonlat: tuple[float, float],
    technology: Technology,
    components: tuple[Component, ...],
    proven_m: float,
) -> WhyAnswer:
    """Explain one point of a screened window.

    Parameters
    ----------
    lonlat
        Longitude and latitude. [°]
    proven_m
        Distance up to which the window holds every cell of the region. [m]
    """
    scene = found.scene
    table = pattern_table(found.screening, found.inside.view(np.uint8), cell_areas(scene.grid), 1)
    return why(
        found.screening,
        table,
        found.ruleset,
        technology,
        lonlat,
        mode=options.mode,
        stack=scene.stack,
        components=components,
        proven_m=proven_m,
        beyond_m=scene.region.buffer_m,
    )


def chosen(technology: Technology, component: str | None) -> tuple[Component, ...]:
    """Return the components to answer for; empty = all.

    Raises
    ------
    OptionError
        When the technology has no such component.
    """
    if component is None:
        return ()
    known = [one.value for one in COMPONENTS[technology]]
    if component not in known:
        raise OptionError(
            f"--component {component}",
            Say(f"{technology.value} 没有这个部件", f"is no component of {technology.value}"),
            Say(f"可用：{'、'.join(known)}", f"use one of {', '.join(known)}"),
        )
    return (Component(component),)


def conclusion(answer: WhyAnswer) -> Say:
    """Return the answer in one sentence: the verdict of the first component and what decides it.

    The gravest rules that hit are named, the others counted: they follow below.
    """
    main = answer.components[0]
    hit = [one.rule for one in main.findings if one.state == State.HIT]
    law = [rule for rule in hit if rule.decides and not rule.technical]
    zh = f"结论：{component_name(main.component, 'zh')}，{main.text.zh}"
    en = f"Answer: {component_name(main.component, 'en')}, {main.text.en}"
    if law:
        worst = min(gravity(rule, State.HIT) for rule in law)
        named = [rule.title for rule in law if gravity(rule, State.HIT) == worst]
        rest = len(law) - len(named)
        zh += f"；主要因：{'、'.join(say.zh for say in named)}"
        en += f"; chiefly for: {', '.join(say.en for say in named)}"
        if rest:
            zh, en = f"{zh}；另触及 {rest} 条", f"{en}; {rest} more touched"
    if main.unbuildable:
        limits = [rule.title for rule in hit if rule.technical]
        names = Say("、".join(s.zh for s in limits), ", ".join(s.en for s in limits))
        zh += f"；按技术限值不可建（{names.zh}）"
        en += f"; unbuildable by technical limits ({names.en})"
    elif main.technical_unknown:
        zh, en = f"{zh}；技术限值未知（无数据）", f"{en}; technical limits unknown (no data)"
    return Say(zh, en)


def _settled(answer: WhyAnswer) -> bool:
    """Tell whether every component that is not free here has its nearest free cell."""

    def done(one: ComponentAnswer) -> bool:
        return one.nearest is None or one.nearest.distance_m is not None

    return all(done(one) for one in answer.components)


def region_of(options: Options) -> tuple[Region, Grid]:
    """Return the region of the options and its whole grid."""
    catalog = open_catalog(options.data)
    region = load_region(options.region or catalog.default_region, catalog, options.resolution)
    return region, region.grid(options.resolution or region.resolution)


def rules_of(options: Options, region: Region) -> RuleSet:
    """Return the law of the options' day, with their what-ifs and overrides."""
    return load_ruleset(
        region.jurisdiction, options.as_of, what_if=options.what_if, overrides=options.overrides
    )


def screened(options: Options, stages: Stages, grid: Grid) -> Screened:
    """Read and screen a window of the region."""
    scene = read_scene(options, stages, grid)
    ruleset = rules_of(options, scene.region)
    with stages.stage("筛查"):
        screening = screen(scene.stack, ruleset, limits_of(options.settings().values)[0])
        inside = scene.zones > 0
    return Screened(scene, ruleset, screening, inside)


def window(whole: Grid, land: BaseGeometry, reach: float) -> Grid:
    """Return the part of the region's own grid round some land (same cells as a full run)."""
    west, south, east, north = land.bounds
    t, cells = whole.transform, max(round(reach / whole.dx), 3)
    left = max(int((west - t.c) // whole.dx) - cells, 0)
    top = max(int((t.f - north) // whole.dy) - cells, 0)
    right = min(int((east - t.c) // whole.dx) + cells + 1, whole.cols)
    bottom = min(int((t.f - south) // whole.dy) + cells + 1, whole.rows)
    return whole.window(top, left, bottom - top, right - left)


def _proven(whole: Grid, grid: Grid, x: float, y: float) -> float:
    """Return the distance up to which a window holds every known cell of the region. [m].

    A side on which the window ends with the region's grid hides nothing.
    """
    mine, all_ = grid.bounds, whole.bounds
    away = (x - mine[0], y - mine[1], mine[2] - x, mine[3] - y)
    inner = [far for far, a, b in zip(away, mine, all_, strict=True) if abs(a - b) > whole.dx / 2]
    return min(inner) - 1.5 * whole.dx if inner else math.inf
