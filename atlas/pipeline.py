"""One run: catalog -> layers -> siting | sinks -> atlas, published as one folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from atlas.options import Options
from atlas.part import Context, PartResult, marks
from atlas.parts import in_order
from atlas.publish import publish
from atlas.runfolder import holding
from atlas.scene import Scene, read_scene
from atlas.stages import Stages
from geo.errors import Say, UndecidedError
from siting.screened import Screened, screen_region

#: Version of the object that ``--json`` prints.
SCHEMA = "shiyan-atlas/run/1"


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
                "version": version("shiyan-atlas"),
                **self.options.parameters(),
                "region": self.scene.region.id,
                "resolution_m": self.scene.grid.dx,
            },
            "parts": {
                one.id: {"absent": one.absent.of(lang)} if one.absent else dict(one.summary)
                for one in self.results.values()
            },
            "warnings": [say.of(lang) for say in warnings(self.results.values())],
            **{
                key: [say.of(lang) for say in said]
                for key, said in marks(self.results.values()).items()
            },
        }


def compute(scene: Scene, options: Options, stages: Stages) -> dict[str, PartResult]:
    """Run the wanted parts in the order of their dependencies."""
    settings = options.settings()
    screened: list[Screened] = []  # made by the first part that asks

    def shared(say: Callable[[str], None]) -> Screened:
        if not screened:
            screened.append(
                screen_region(
                    scene.stack, scene.region, options.as_of, options.mode, settings, say,
                    what_if=options.what_if, overrides=options.overrides,
                )
            )  # fmt: skip
        return screened[0]

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
                what_if=options.what_if,
                overrides=options.overrides,
                settings=settings,
                shared=partial(shared, say),
                rules=options.rules,
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


def warnings(results: Iterable[PartResult]) -> list[Say]:
    """Return the warnings of all parts, each once, in order."""
    return list(dict.fromkeys(say for one in results for say in one.warnings))
