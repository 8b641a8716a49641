"""Part: one chapter of the atlas; the map, the tables and the report walk parts and name none.

Everything a part hands over is plain data: text, numbers, arrays, frames. Chinese
and English stand side by side as :class:`geo.errors.Say`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, Protocol

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport
from layers.facts import Facts
from layers.layer import LayerStack
from layers.region import Region
from siting.screened import Screened, screen_region
from siting.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """What a part may know of the run.

    Parameters
    ----------
    progress
        Called with a Chinese stage name; writes to stderr and to ``run.log``.
    what_if
        Scenarios switched on, never law.
    overrides
        The user's file of county rows, or None.
    settings
        The user's parameters, weights, power curve and named projects.
    shared
        Gives the screening that the parts of a run share; None = a part makes its own.
    rules
        Rules of the search for storage: ``own``, or ``anu`` for the cross-check.
    """

    region: Region
    stack: LayerStack
    facts: Facts
    as_of: date
    mode: Literal["explore", "legal"]
    seed: int
    lang: Literal["zh", "en"]
    progress: Callable[[str], None]
    what_if: tuple[str, ...] = ()
    overrides: Path | None = None
    settings: Settings = field(default_factory=Settings)
    shared: Callable[[], Screened] | None = None
    rules: Literal["own", "anu"] = "own"

    def screened(self) -> Screened:
        """Return the region screened with the choices of this run, once for all parts."""
        if self.shared is not None:
            return self.shared()
        return screen_region(
            self.stack, self.region, self.as_of, self.mode, self.settings, self.progress,
            what_if=self.what_if, overrides=self.overrides,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Swatch:
    """One entry of a legend."""

    label: Say
    colour: str  # "#rrggbb"
    opacity: float = 1.0
    hatch: bool = False  # unknown ground
    synthetic: bool = False  # thin white diagonals in the swatch


@dataclass(frozen=True, slots=True)
class ClassView:
    """One way to colour the pattern raster: a colour class per pattern.

    Parameters
    ----------
    of_pattern
        uint8 [n_patterns]: index into ``swatches`` for each pattern.
    swatches
        Legend entries; the painter uses their colour and opacity.
    card
        Per pattern, rows of the card shown on a click: ``{"pill", "rows", "reasons"}``
        (JSON-ready, both languages resolved by the part through ``Context.lang``).
    of
        Id of another view whose blocks and vectors show beside this one: a picture of a
        quantity on a raster of its own. Empty = a view in its own right.
    tabs
        Tabs that offer a view with ``of``.
    """

    id: str
    title: Say
    swatches: tuple[Swatch, ...]
    of_pattern: npt.NDArray[np.uint8]
    card: Sequence[Mapping[str, Any]]
    of: str = ""
    tabs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PatternRaster:
    """A raster of pattern numbers with the views that colour it."""

    grid: Grid
    index: npt.NDArray[np.uint16]  # 65535 = outside the region
    views: tuple[ClassView, ...]
    passport: Passport


@dataclass(frozen=True, slots=True)
class VectorView:
    """Points, lines or polygons of the map.

    Parameters
    ----------
    features
        Any CRS; attributes are never shown, only ``card`` and ``label`` columns are
        (``card`` holds a JSON-ready mapping or None, ``label`` text or empty).
    role
        Drawing style known to the shell: ``boundary``, ``water``, ``river``, ``redline``,
        ``site`` (ranked point, columns ``rank``, ``size`` 1-3, ``class`` 0-6, ``blocked``),
        ``named`` (labelled marker, column ``icon``), ``outline`` (polygon from zoom 11),
        ``line`` (dashed, from zoom 9.5), ``turbine`` (dot, from zoom 11), ``works`` (structures of
        a storage plant from zoom 10.75; columns ``icon``: upper_lake, lower_lake, existing_lake,
        dam, tunnel, powerhouse, road or line, ``of``: id of the site whose card a click opens,
        ``label``: the head, written on the tunnel; its site carries ``drawn`` = True).
    """

    id: str
    title: Say
    role: Literal[
        "boundary", "water", "river", "redline", "site", "named", "outline", "line", "turbine",
        "works",
    ]  # fmt: skip
    features: gpd.GeoDataFrame
    passport: Passport
    colour: str = "#1f4e79"
    tabs: tuple[str, ...] = ()  # tabs on which it shows; empty = all


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the left panel.

    Parts that give a tab of one id share it: the first in ``order`` gives title and sentence,
    the blocks follow each other.

    Parameters
    ----------
    sentence
        The answer on top of the page while the tab is open.
    view
        Id of the :class:`ClassView` painted while the tab is open, or empty.
    blocks
        JSON-ready blocks drawn top to bottom, each ``{"type": ...}``; types and their
        fields are listed in ``atlas/map/blocks.py``.
    """

    id: str
    title: Say
    sentence: Say
    blocks: tuple[Mapping[str, Any], ...]
    view: str = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A sheet of ``tables.xlsx``: first row Chinese headings with units.

    Parameters
    ----------
    csv
        Name of a file in the run folder that holds the same rows; empty for none.
    """

    name: str
    frame: pd.DataFrame
    note: str
    passport: Passport
    csv: str = ""


@dataclass(frozen=True, slots=True)
class RasterFile:
    """A GeoTIFF (COG) for ``layers/``; ``_演示`` is added to the name when synthetic."""

    name: str
    grid: Grid
    data: npt.NDArray[Any]
    nodata: float
    unit: str
    passport: Passport


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the report: heading, paragraphs, optional inline SVG and table."""

    id: str
    heading: Say
    paragraphs: tuple[Say, ...]
    svg: str = ""
    table: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class PartResult:
    """What a part gives to map, tables, report and ``--json``."""

    id: str
    title: Say
    summary: Mapping[str, Any]
    passport: Passport
    tabs: tuple[Tab, ...] = ()
    raster: PatternRaster | None = None
    more_rasters: tuple[PatternRaster, ...] = ()  # pictures of quantities, views with ``of``
    vectors: tuple[VectorView, ...] = ()
    sites: gpd.GeoDataFrame | None = None
    layers: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)  # more of sites.gpkg
    tables: tuple[SheetTable, ...] = ()
    rasters: tuple[RasterFile, ...] = ()
    sections: tuple[Section, ...] = ()
    warnings: tuple[Say, ...] = ()
    absent: Say | None = None  # the part had nothing to work on, and why
    undecided: tuple[Say, ...] = ()  # what legal mode cannot decide (exit code 6)
    extra: Mapping[str, Any] = field(default_factory=dict)  # for parts that depend on this one
    assumed: Say | None = None  # 假设情景: what of the result is no law in force
    changed: Say | None = None  # rules that differ from the table as shipped


def marks(results: Iterable[PartResult]) -> dict[str, list[Say]]:
    """Return what of a run is no law in force, by kind; a kind without any is left out."""
    whole = list(results)
    found = {
        "assumed": [one.assumed for one in whole if one.assumed is not None],
        "changed": [one.changed for one in whole if one.changed is not None],
    }
    return {kind: list(dict.fromkeys(said)) for kind, said in found.items() if said}


class Part(Protocol):
    """One chapter of the atlas."""

    id: str
    title: Say
    depends_on: tuple[str, ...]

    def run(self, context: Context, before: Mapping[str, PartResult]) -> PartResult:
        """Compute the chapter from the context and the parts it depends on."""
        ...
