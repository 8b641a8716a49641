"""What the command line says of storage at a point: the first rule of the search that it fails."""

from __future__ import annotations

import math
from typing import Any, Final

import shapely

from atlas.answers_law import Answer, region_of, why_here, window
from atlas.options import Options
from atlas.scene import read_scene
from atlas.stages import Stages
from geo.crs import from_lonlat
from geo.errors import Say
from siting.law.answer import DEMO_PREFIX
from siting.law.terms import Technology
from siting.pumped.prepared import NO_GROUND, no_search, prepare
from siting.pumped.works.why_not import STEP, WhyNot, why_not
from siting.pumped_study import parameters
from siting.screened import screen_region

#: Half width of the ground that is searched round a point: the longest waterway, a catchment
#: and a lake in its way have room. [m]
REACH_M: Final = 24_000.0
TITLE: Final = Say("抽蓄搜索：这里为什么（不）选", "Storage search: why (not) here")


def why_storage(
    options: Options, lon: float, lat: float, stages: Stages, component: str | None = None
) -> Answer:
    """Explain a point for storage: the law as for any technology, then the search.

    Parameters
    ----------
    lon, lat
        The point. [°]
    component
        Only the law of this structure; the search is told all the same.
    """
    answer, lines = why_here(options, lon, lat, Technology.PUMPED.value, stages, component)
    found, synthetic = search_here(options, lon, lat, stages)
    lang = options.lang
    data = as_dict(found, lang, synthetic=synthetic)
    said = [TITLE.of(lang), *(f"  {line}" for line in as_lines(found, lang, synthetic=synthetic))]
    return answer | {"search": data}, [lines[0], *said, *lines[1:]]


def search_here(
    options: Options, lon: float, lat: float, stages: Stages
) -> tuple[WhyNot | Say, bool]:
    """Search the ground round a point, or say why not; and tell whether it is demo ground."""
    region, whole = region_of(options)
    x, y = (float(v) for v in from_lonlat(region.crs, lon, lat))
    grid = window(whole, shapely.box(x, y, x, y), REACH_M)
    scene = read_scene(options, stages, grid)
    with stages.stage("抽蓄搜索") as say:
        base = screen_region(
            scene.stack, scene.region, options.as_of, options.mode, options.settings(), say,
            what_if=options.what_if, overrides=options.overrides,
        )  # fmt: skip
        params = parameters(base.settings.values)
        new = base.new_works(Technology.PUMPED)
        ready = prepare(base.ground, new, scene.facts, params, options.as_of.isoformat())
        synthetic = base.ground.passport("dem").synthetic
        if ready is None:
            return no_search(base.ground) or NO_GROUND, synthetic
        done = ready.search(params, say)
        found = why_not(
            x, y, done.drainage, done.dams, done.dam_audit, done.lakes, done.pairs,
            done.pair_audit, done.chosen, done.caps,
        )  # fmt: skip
    return found, synthetic


def as_lines(found: WhyNot | Say, lang: str, *, synthetic: bool) -> list[str]:
    """Return the answer as lines: what ends the search here, then the steps before it."""
    if isinstance(found, Say):
        return [found.of(lang)]
    demo = DEMO_PREFIX.of(lang) if synthetic else ""
    lines = [f"{demo}{found.text.of(lang)}"]
    if math.isfinite(found.distance_m) and found.distance_m > 0:
        lines.append(
            Say(
                f"所指为 {found.distance_m:.0f} m 外的沟道候选点",
                f"about the gully candidate {found.distance_m:.0f} m away",
            ).of(lang)
        )
    for one in found.steps:
        mark = "✓" if one.passed else "✗"
        title, text = STEP[one.step].of(lang), one.text.of(lang)
        told = "" if text == title else f"{Say('：', ': ').of(lang)}{text}"
        lines.append(f"{mark} {title}{told}")
    lines.append(_window().of(lang))
    return lines


def _window() -> Say:
    return Say(
        f"按此点周边 {REACH_M / 1e3:.0f} km 的窗口搜索，未按绘出的库复核；所说名次只在窗口内，"
        "名次与取舍以整区运行为准",
        f"searched within {REACH_M / 1e3:.0f} km of the point, lakes not drawn; a rank named here "
        "is that of the window: ranks and the choice are those of a run of the whole region",
    )


def as_dict(found: WhyNot | Say, lang: str, *, synthetic: bool) -> dict[str, Any]:
    """Return the answer as plain data; unknown numbers are null."""
    if isinstance(found, Say):
        return {"absent": found.of(lang)}
    return {
        "step": found.step.name.lower(),
        "chosen": found.chosen,
        "text": found.text.of(lang),
        "value": _number(found.value),
        "limit": _number(found.limit),
        "distance_m": _number(found.distance_m),
        "synthetic": synthetic,
        "searched_m": REACH_M,
        "steps": [
            {"step": one.step.name.lower(), "passed": one.passed, "text": one.text.of(lang)}
            for one in found.steps
        ],
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
