"""Scene: the inputs of a run - catalog, region, grid, facts and layers, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from atlas.options import Options
from atlas.stages import Stages
from geo.grid import Grid
from layers.catalog import Catalog, open_catalog
from layers.facts import Facts, load_facts
from layers.layer import LayerStack
from layers.region import Region, load_region
from layers.stack import build_stack


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
