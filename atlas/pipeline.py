"""One run: catalog -> layers -> siting | sinks -> atlas, published as one folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from atlas.options import Options
from atlas.part import Context, PartResult
from atlas.parts import in_order
from atlas.publish import publish
from atlas.runfolder import holding
from atlas.stages import Stages
from geo.errors import Say, UndecidedError
from geo.grid import Grid
from geo.passport import Passport, merge
from layers.catalog import Catalog, open_catalog
from layers.facts import Facts, load_facts
from layers.layer import LayerStack
from layers.region import Region, load_region
from layers.stack import build_stack

#: Version of the object that ``--json`` prints.
SCHEMA = "shiyan-atlas/run/1"


@dataclass(frozen=True)
class Scene:
    """The inputs of a run, read and checked."""

    catalog: Catalog
    region: Region
    grid: Grid
    facts: Facts
    stack: LayerStack

    @cached_property
    def zones(self) -> npt.NDArray[np.uint8]:
        """County number of each cell; 0 = outside the region."""
        return self.region.zones(self.grid)


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: the results in memory and, when published, its folder."""

    options: Options
    scene: Scene
    results: Mapping[str, PartResult]
    stages: Stages
    folder: Path | None

    def summary(self) -> dict[str, Any]:
        """Return the JSON-ready object that ``--json`` prints."""
        lang = self.options.lang
        return {
            "schema": SCHEMA,
            "run": {
                "folder": str(self.folder) if self.folder else None,
                "region": self.scene.region.id,
                "version": version("shiyan-atlas"),
                **self.options.parameters(),
            },
            "parts": {
                one.id: {"absent": one.absent.of(lang)} if one.absent else dict(one.summary)
                for one in self.results.values()
            },
            "warnings": [say.of(lang) for say in warnings(self.results.values())],
        }


def read_scene(options: Options, stages: Stages, window: Grid | None = None) -> Scene:
    """Read catalog, region, facts and layers.

    Parameters
    ----------
    window
        Part of the region's grid to read instead of all of it (``shiyan why``).
    """
    with stages.stage("读取目录与区域"):
        catalog = open_catalog(options.data)
        region = load_region(options.region or catalog.default_region, catalog, options.resolution)
        facts = load_facts(region.facts_id)
        grid = window or region.grid(options.resolution or region.resolution)
    with stages.stage("读取图层") as say:
        stack = build_stack(catalog, region, grid, options.seed, say, mode=options.mode)
    return Scene(catalog, region, grid, facts, stack)


def compute(scene: Scene, options: Options, stages: Stages) -> dict[str, PartResult]:
    """Run the wanted parts in the order of their dependencies."""
    results: dict[str, PartResult] = {}
    for part in in_order(options.parts):
        with stages.stage(f"计算：{part.title.zh}") as say:
            context = Context(
                region=scene.region,
                stack=scene.stack,
                facts=scene.facts,
                as_of=options.as_of,
                mode=options.mode,
                seed=options.seed,
                lang=options.lang,
                progress=say,
            )
            results[part.id] = part.run(context, results)
    return results


def run(options: Options, stages: Stages | None = None) -> Run:
    """Do the whole run and publish its folder; see :func:`check_decided` for legal mode.

    Raises
    ------
    ShiyanError
        Any bad input; nothing is published then.
    """
    stages = stages or Stages()
    with holding(options.out):
        scene = read_scene(options, stages)
        results = compute(scene, options, stages)
        with stages.stage("写出成果"):
            folder = publish(scene, results, options, stages)
    return Run(options, scene, results, stages, folder)


def explore(options: Options, stages: Stages | None = None) -> Run:
    """Do the run in memory only: what notebooks and ``shiyan target`` use."""
    stages = stages or Stages()
    scene = read_scene(options, stages)
    return Run(options, scene, compute(scene, options, stages), stages, None)


def check_decided(done: Run) -> None:
    """Raise :class:`UndecidedError` when legal mode could not decide (the run is published)."""
    if done.options.mode != "legal":
        return
    open_points = [say for one in done.results.values() for say in one.undecided]
    if open_points:
        raise UndecidedError(
            str(done.folder or done.options.data),
            Say(
                f"合法性模式下有 {len(open_points)} 项不能判定："
                + "；".join(s.zh for s in open_points),
                f"legal mode cannot decide {len(open_points)} points: "
                + "; ".join(s.en for s in open_points),
            ),
            Say("补齐这些图层或核实依据", "bring these layers or verify the evidence"),
        )


def warnings(results: Sequence[PartResult] | Any) -> list[Say]:
    """Return the warnings of all parts, each once, in order."""
    return list(dict.fromkeys(say for one in results for say in one.warnings))


def passport(results: Mapping[str, PartResult]) -> Passport:
    """Return the merged passport of a run."""
    return merge(*(one.passport for one in results.values()))


def to_json(content: Mapping[str, Any]) -> str:
    """Return ``content`` as stable JSON; NumPy scalars become numbers, NaN becomes null."""
    return json.dumps(_plain(content), ensure_ascii=False, indent=2, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if value is None or isinstance(value, (str, int)):
        return value
    return str(value)
