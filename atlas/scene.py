"""Scene: the inputs of a run - catalog, region, grid, facts and layers, read and checked."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from atlas.options import Options
from atlas.stages import Stages
from geo.errors import CatalogError, OptionError, Say, SizeError
from geo.grid import Grid
from layers.catalog import Catalog, open_catalog
from layers.facts import Facts, load_facts
from layers.layer import LayerStack
from layers.region import Region, load_region
from layers.stack import build_stack
from siting.law.rules import load_ruleset
from siting.law.verdict import refuse_what_if
from siting.sites.forced import read_forced, refuse_outside

#: Memory that a run takes for each cell of its grid [B]; measured: 63 between the demo scene at
#: 90 m and at 45 m, 93 for a bare DEM of 17 million cells.
BYTES_A_CELL = 100


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

    def counties_in(self, lang: str) -> gpd.GeoDataFrame:
        """Return the counties with their names as a reader of ``lang`` knows them."""
        counties, known = self.region.counties, self.facts.counties
        if lang == "zh" or not {"name", "name_en"} <= set(known.columns):
            return counties
        latin = dict(zip(known["name"], known["name_en"], strict=True))
        named = [
            latin[name] if isinstance(latin.get(name), str) else name for name in counties["name"]
        ]
        return counties.assign(name=named)


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
        check_jurisdiction(region, options)
        grid = window or region.grid(options.resolution or region.resolution)
        check_memory(grid, machine_memory())
        if options.sites is not None:  # refused before layers are read
            refuse_outside(read_forced(options.sites, region.crs), region.boundary)
    with stages.stage("读取图层") as say:
        stack = build_stack(catalog, region, grid, options.seed, say, mode=options.mode)
    return Scene(catalog, region, grid, facts, stack)


def check_jurisdiction(region: Region, options: Options) -> None:
    """Refuse a rule table, scenario or override that cannot be had, before layers are read.

    Raises
    ------
    CatalogError
        Naming the region profile, or the row of the overrides at fault.
    OptionError
        For an unknown scenario, and for any in legal mode.
    """
    try:
        load_ruleset(region.jurisdiction, options.as_of)
    except OptionError as error:
        subject = options.region or region.id
        what = Say(f"{error.subject}：{error.what.zh}", f"{error.subject}: {error.what.en}")
        raise CatalogError(subject, what, error.cure) from error
    if options.what_if or options.overrides is not None:
        ruleset = load_ruleset(
            region.jurisdiction,
            options.as_of,
            what_if=options.what_if,
            overrides=options.overrides,
        )
        refuse_what_if(ruleset, options.mode)


def machine_memory() -> int | None:
    """Return the memory of this machine [B], or None where the system does not tell."""
    wanted = {"SC_PAGE_SIZE", "SC_PHYS_PAGES"}
    if not hasattr(os, "sysconf") or not wanted <= set(os.sysconf_names):
        return None
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return size if size > 0 else None


def check_memory(grid: Grid, memory: int | None) -> None:
    """Refuse a grid that this machine cannot hold, before hours of swapping.

    Parameters
    ----------
    memory
        Memory of the machine [B]; None = not known, not checked.

    Raises
    ------
    SizeError
        When the run would need more.
    """
    need = grid.size * BYTES_A_CELL
    if memory is not None and need > memory:
        cells, gb = f"{grid.size / 1e6:,.0f}", f"{need / 1e9:,.0f}"
        raise SizeError(
            f"--resolution {grid.dx:g}",
            Say(f"{cells} 百万个栅格约需 {gb} GB 内存，本机 {memory / 1e9:.0f} GB",
                f"{cells} million cells need some {gb} GB, this machine has {memory / 1e9:.0f} GB"),
            Say("用更大的 --resolution，或更小的区域", "use coarser cells or a smaller region"),
        )  # fmt: skip
