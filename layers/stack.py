"""Stack: every entry of a catalog, read, checked and put on one grid.

For each layer of the contract: the entry is found, its files located (else its stand-in,
else the reason why it is absent), checksums verified, the data read in the contract's
form, and coverage, completeness and passport attached.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from shapely.geometry.base import BaseGeometry

from geo.errors import InputError, RasterError, Say
from geo.grid import Grid
from geo.passport import Passport
from layers import control, drivers, marks
from layers.catalog import Catalog
from layers.contract import SPECS, LayerSpec
from layers.drivers import Request
from layers.entry import COVERAGE_ONLY, FILELESS, Entry
from layers.impounded import dated
from layers.layer import Layer, LayerStack
from layers.region import Region
from layers.resource import unit_notes
from layers.shift import border_strip, find_shift
from layers.synthetic import Generators
from layers.vectors import without

Mode = Literal["explore", "legal"]


def build_stack(
    catalog: Catalog,
    region: Region,
    grid: Grid,
    seed: int,
    progress: Callable[[str], None],
    *,
    mode: Mode = "explore",
    only: Collection[str] | None = None,
) -> LayerStack:
    """Read all layers of a run.

    Parameters
    ----------
    catalog
        Which inputs there are.
    region
        Gives the outline, the buffer within which vectors are kept, and the facts.
    grid
        The run's grid, in the region's CRS.
    seed
        Of the generators.
    progress
        Called with a Chinese stage name.
    mode
        ``legal``: a red line that falls short of its control total is an error;
        ``explore``: it is a note of the layer.
    only
        Names of the layers to read; None = all.

    Returns
    -------
    LayerStack
        Layers in the order of the contract, and the reason of each absent one.

    Raises
    ------
    InputError
        When an input that the catalog declares is missing, damaged or not what it claims.
    """
    builder = _Builder(catalog, region, grid, seed, progress, mode)
    names = [name for name in SPECS if only is None or name in only]
    layers: dict[str, Layer] = {}
    absent: dict[str, Say] = {}
    for name in names:
        found = builder.layer(name)
        if isinstance(found, Layer):
            layers[name] = found
        else:
            absent[name] = found
    return LayerStack(grid, layers, absent)


@dataclass
class _Builder:
    """What the layers of one stack share."""

    catalog: Catalog
    region: Region
    grid: Grid
    seed: int
    progress: Callable[[str], None]
    mode: Mode
    _generators: Generators | None = field(default=None)
    _masks: dict[str, BaseGeometry] = field(default_factory=dict)
    _strip: BaseGeometry | None = field(default=None)

    def layer(self, name: str) -> Layer | Say:
        """Return the layer, or why it is absent."""
        entry_name = self.catalog.name_of(name)
        if entry_name is None:
            return Say("目录中没有登记", "is not in the catalog")
        catalog, entry_name, note = self._present(entry_name)
        if catalog is None:
            return Say(f"文件不存在：{note}", f"file is absent: {note}")
        self.progress(f"读取图层：{SPECS[name].title}")
        layer = dated(self._read(catalog, entry_name, name), catalog.entries[entry_name].impounded)
        if note:
            layer = replace(layer, notes=(note, *layer.notes))
        return self._with_total(layer)

    def _present(self, name: str) -> tuple[Catalog | None, str, str]:
        """Return the catalog and entry whose files exist, and a note on a stand-in."""
        catalog, note = self.catalog, ""
        while True:
            entry = catalog.entries[name]
            missing = catalog.locate(name).missing
            if not missing:
                return catalog, name, note
            other = catalog.stand_in(name)
            if other is not None:
                note = f"{marks.STAND_IN}：{entry.uri} 不存在，以 {entry.stand_in} 代替 (stand-in)"
                catalog, name = other
            elif entry.optional:
                return None, name, str(entry.uri)
            else:
                catalog.request(name)  # raises the error that names the file

    def _read(self, catalog: Catalog, entry_name: str, name: str) -> Layer:
        entry = catalog.entries[entry_name]
        request = catalog.request(entry_name)
        if entry.driver.name in FILELESS and entry.driver.name != "frykit":
            layer = self._generated().layer(name, entry.driver.name)
            extra = (marks.coarse_note(27_800.0),) if entry.driver.name == "resource" else ()
            return replace(layer, notes=(*layer.notes, *extra))
        spec = SPECS[name]
        sums = drivers.checksums(request)
        passport = _passport(request, entry_name, sums)
        if spec.kind == "raster":
            return self._raster(catalog, request, spec, passport)
        if spec.kind == "vector":
            return self._vector(catalog, request, spec, passport)
        return Layer(name, drivers.read_table(request), spec, passport)

    def _raster(
        self, catalog: Catalog, request: Request, spec: LayerSpec, passport: Passport
    ) -> Layer:
        read = drivers.read_raster(request, self.grid)
        missing = spec.nodata is None or np.isnan(spec.nodata)
        known = ~np.isnan(read.data) if missing else read.data != spec.nodata
        if not known.any() and self._whole_region():
            raise RasterError(
                request.files[0],
                Say("在本区域内没有有效像元", "has no valid cell in the region"),
                Say("检查范围、坐标系与 nodata", "check its extent, CRS and nodata"),
            )
        notes = list(read.notes)
        if read.cell_m > marks.FINE_M:
            notes.append(marks.coarse_note(read.cell_m))
        notes.extend(unit_notes(spec.name, request.entry.adapter.unit))
        # no coordinates: xarray would align layers by them and could drop cells unseen
        data = xr.DataArray(read.data, dims=("y", "x"), name=spec.name)
        coverage = self._coverage(catalog, request.entry, read.extent)
        return Layer(
            spec.name, data, spec, passport, coverage, request.entry.completeness, tuple(notes)
        )

    def _vector(
        self, catalog: Catalog, request: Request, spec: LayerSpec, passport: Passport
    ) -> Layer:
        padded = self.grid.pad(self.region.buffer_m)
        read = drivers.read_vector(request, self.grid.crs, padded)
        if read.synthetic:
            passport = replace(passport, synthetic=True)
        notes = list(read.notes)
        self._check_shift(read.data, request, notes)
        if read.data.empty:
            notes.append("区域内没有要素 (no feature in the region)")
        coverage = self._coverage(catalog, request.entry, read.extent)
        coverage = without(coverage, read.unknown, self.grid)
        far = not read.extent.intersects(shapely.box(*padded.bounds))
        if read.data.empty and far:
            # A file of another place says nothing here: unknown, never clear.
            coverage = shapely.Polygon()
            file = request.files[0].name if request.files else spec.name
            notes.append(
                f"{file} 的范围全在区域以外，按未知计，"
                "请检查坐标系 (lies wholly outside the region and counts as unknown: check its CRS)"
            )
        notes.append(f"文件共 {read.features:,} 个要素 ({read.features:,} features in the file)")
        return Layer(
            spec.name, read.data, spec, passport, coverage, request.entry.completeness, tuple(notes)
        )

    def _check_shift(self, frame: gpd.GeoDataFrame, request: Request, notes: list[str]) -> None:
        """Say, or in legal mode refuse, a layer that lies as GCJ-02 does."""
        codes = self.region.counties["code"].astype(str)
        outlined = request.layer == "counties" or request.entry.driver.name in FILELESS
        if outlined or frame.empty or not codes.str.len().gt(0).all():
            return
        if self._strip is None:
            self._strip = border_strip(self.region.counties)
        shift = find_shift(frame, self._strip, self.grid.crs)
        if shift.sure and self.mode == "legal":
            raise shift.error(request.files[0])
        if shift.kind:
            notes.append(shift.note())

    def _coverage(
        self, catalog: Catalog, entry: Entry, extent: BaseGeometry
    ) -> BaseGeometry | None:
        """Return where the layer says anything; None = everywhere on the grid."""
        if entry.coverage == "region":
            shape: BaseGeometry = self.region.boundary
        elif entry.coverage in ("extent", "valid_cells"):
            shape = extent  # missing cells inside carry the layer's nodata
        else:
            shape = self._mask(catalog, entry.coverage)
        whole = shapely.box(*self.grid.bounds)
        return None if shape.contains(whole) else shape

    def _mask(self, catalog: Catalog, name: str) -> BaseGeometry:
        """Return the union of the polygons of the entry that outlines a survey."""
        if name not in self._masks:
            entry = catalog.entries[name]
            layer = entry.layer or name
            if layer == COVERAGE_ONLY or entry.kind == "vector":
                frame = drivers.read_vector(catalog.request(name), self.grid.crs).data
            else:
                frame = self._generated().layer(layer, entry.driver.name).vector()
            if not set(frame.geometry.geom_type) <= {"Polygon", "MultiPolygon"}:
                raise InputError(
                    catalog.subject(name),
                    Say("作为覆盖范围的图层应为面", "is used as a coverage but has no polygons"),
                    Say("换用面图层", "name a polygon layer"),
                )
            shape = frame.geometry.union_all()
            if shape.is_empty:
                raise InputError(
                    catalog.subject(name),
                    Say("作为覆盖范围的图层是空的", "is used as a coverage but is empty"),
                    Say("检查导出，或改用 coverage: region", "check the export, or use region"),
                )
            self._masks[name] = shape
        return self._masks[name]

    def _generated(self) -> Generators:
        if self._generators is None:
            catalogs = (self.catalog, *self.catalog.stand_ins.values())
            wanted = frozenset(
                entry.layer or name
                for catalog in catalogs
                for name, entry in catalog.entries.items()
                if entry.driver.name == "demo"
            )
            self._generators = Generators(self.grid, self.region, self.seed, self.progress, wanted)
        return self._generators

    def _whole_region(self) -> bool:
        """Tell whether the grid holds the region, or is only a window of it."""
        return bool(shapely.box(*self.grid.bounds).covers(self.region.boundary))

    def _with_total(self, layer: Layer) -> Layer:
        key = control.TOTALS.get(layer.name)
        if key is None or self.region.facts_id is None or not self._whole_region():
            return layer
        from layers.facts import load_facts

        total = load_facts(self.region.facts_id).controls.get(key)
        note = control.check_total(layer, self.region, total, self.mode) if total else ""
        return replace(layer, notes=(*layer.notes, note)) if note else layer


def _passport(request: Request, name: str, sums: Mapping[str, str]) -> Passport:
    """Return the provenance of a layer read from files."""
    source = request.entry.source
    return Passport(
        sources=(source.id or name,),
        licences=(source.licence,),
        citations=(f"{source.title}（{source.licence}）",),
        grade=source.grade,
        synthetic=drivers.from_demo(request),
        proxy=request.entry.completeness == "presence_only",
        as_of=request.entry.acquired or "",
        sha256=tuple(f"{file}={value}" for file, value in sums.items()),
    )
