"""Region: the place of a run - outline, counties, CRS, which law and which figures apply.

A region profile is a small YAML that names catalog layers, never files. 十堰 takes its
outline from the layer ``counties``; ``terrain`` takes it from the extent of a DEM, in
the DEM's own CRS and on its own grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pydantic import Field, StrictStr, model_validator
from shapely.geometry.base import BaseGeometry

from geo import crs as geo_crs
from geo import vector
from geo.errors import CatalogError, InputError, OptionError, Say, SizeError
from geo.grid import Grid
from layers import drivers
from layers.catalog import Catalog
from layers.contract import SPECS
from layers.explain import Number, Strict, fault, nearest, validate
from layers.yaml_safe import Document, load_yaml

PROFILES: Final = Path(__file__).resolve().parent / "regions"
#: Zones are numbered in one byte, 0 = outside.
_MAX_ZONES: Final = 255
_WHOLE: Final = Say("全区", "whole area")
Metres = Annotated[Number, Field(gt=0)]


class Name(Strict):
    """A name in both languages."""

    zh: Annotated[StrictStr, Field(min_length=1)]
    en: Annotated[StrictStr, Field(min_length=1)]

    def say(self) -> Say:
        """Return the name as a :class:`Say`."""
        return Say(self.zh, self.en)


class RegionProfile(Strict):
    """The schema of ``layers/regions/*.yaml``."""

    id: Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: Name
    crs: StrictStr | None = None
    boundary: StrictStr | None = None
    extent_of: StrictStr | None = None
    jurisdiction: StrictStr = "none"
    facts: StrictStr = "none"
    resolution: Metres | None = None
    buffer_m: Annotated[Number, Field(ge=0)] = 0
    unmapped: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _one_outline(self) -> Self:
        if (self.boundary is None) == (self.extent_of is None):
            raise fault("boundary 与 extent_of 二选一", "give either boundary or extent_of")
        if self.boundary is not None and (self.crs is None or self.resolution is None):
            raise fault("boundary 需要 crs 与 resolution", "a boundary needs crs and resolution")
        if self.extent_of is not None and self.crs is not None:
            raise fault("extent_of 自带坐标系，不写 crs", "extent_of brings its own crs")
        return self


@dataclass(frozen=True, slots=True)
class Region:
    """Where a run takes place.

    Parameters
    ----------
    id, name
        Key of the profile; name as a reader sees it.
    crs
        CRS of the run, metric.
    boundary
        Outline in ``crs``. [m]
    counties
        ``code``, ``name``, geometry in ``crs``; one row 全区 when the profile has none.
    jurisdiction
        Rule set, or None: nothing is screened by law.
    facts_id
        Set of published figures, or None.
    resolution
        Default cell size. [m]
    buffer_m
        How far beyond the outline vectors are read. [m]
    unmapped
        Administrative units that have no polygon in the data.
    native
        The DEM's own grid for a region made of a DEM's extent.
    """

    id: str
    name: Say
    crs: str
    boundary: BaseGeometry
    counties: gpd.GeoDataFrame
    jurisdiction: str | None
    facts_id: str | None
    resolution: float
    buffer_m: float = 0.0
    unmapped: tuple[Say, ...] = ()
    native: Grid | None = field(default=None)

    def grid(self, resolution: float | None = None) -> Grid:
        """Return the grid of the region's box.

        Parameters
        ----------
        resolution
            Cell size [m]; None = the region's default. A DEM's own grid is kept where
            its cells have that size.
        """
        cell = self.resolution if resolution is None else resolution
        if self.native is not None and math.isclose(cell, self.native.dx, rel_tol=1e-9):
            return self.native
        return Grid.from_bounds(self.crs, self.boundary.bounds, cell)

    def zones(self, grid: Grid) -> npt.NDArray[np.uint8]:
        """Return the county of each cell by its centre: row number + 1, 0 outside."""
        zones = np.zeros(grid.shape, np.uint8)
        for row, shape in enumerate(self.counties.geometry, start=1):
            zones[vector.burn([shape], grid).astype(np.bool_)] = row
        return zones


def load_region(
    name_or_path: str | Path, catalog: Catalog, resolution: float | None = None
) -> Region:
    """Load a region profile and its outline.

    Parameters
    ----------
    name_or_path
        ``shiyan``, ``terrain``, or a profile file ``*.yaml``.
    catalog
        Holds the layer that gives the outline.
    resolution
        Cell size that replaces the profile's. [m]

    Raises
    ------
    CatalogError
        When the profile is malformed or unknown.
    InputError
        When the layer of the outline is missing or unusable.
    CrsError
        When a DEM that gives the extent has no metric CRS.
    """
    document = load_yaml(_profile_file(name_or_path))
    profile: RegionProfile = validate(RegionProfile, document)
    if resolution is not None and not 0 < resolution < math.inf:
        raise OptionError(
            "resolution",
            Say(f"分辨率 {resolution} 不为正", f"{resolution} is not positive"),
            Say("给出大于 0 的米数", "give metres above 0"),
        )
    if profile.extent_of is not None:
        return _from_dem(profile, profile.extent_of, catalog, resolution)
    return _from_boundary(profile, str(profile.boundary), catalog, resolution, document)


def _profile_file(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if path.suffix.lower() in {".yaml", ".yml"}:
        return path
    known = sorted(file.stem for file in PROFILES.glob("*.yaml"))
    if str(name_or_path) not in known:
        raise CatalogError(
            f"--region {name_or_path}",
            Say("没有这个区域配置", "there is no such region profile"),
            Say(f"可用：{nearest(str(name_or_path), known)}；或给出 .yaml 文件",
                f"use {nearest(str(name_or_path), known)}, or a .yaml file"),
        )  # fmt: skip
    return PROFILES / f"{name_or_path}.yaml"


def _entry_name(catalog: Catalog, layer: str, wanted_by: str) -> str:
    name = catalog.name_of(layer)
    if name is None:
        raise InputError(
            layer,
            Say(f"区域 {wanted_by} 需要该图层，目录 {catalog.name} 中没有",
                f"is needed by the region {wanted_by} but is not in the catalog {catalog.name}"),
            Say("在目录中登记，或用 --region 换一个区域",
                "add it to the catalog, or choose another --region"),
        )  # fmt: skip
    return name


def _from_dem(
    profile: RegionProfile, layer: str, catalog: Catalog, resolution: float | None
) -> Region:
    request = catalog.request(_entry_name(catalog, layer, profile.id))
    native = drivers.native_grid(request)
    geo_crs.require_metric(native, str(request.single()))
    outline = shapely.box(*native.bounds)
    cell = native.dx if resolution is None else resolution
    return Region(
        id=profile.id,
        name=profile.name.say(),
        crs=native.crs,
        boundary=outline,
        counties=_whole(outline, native.crs),
        jurisdiction=_or_none(profile.jurisdiction),
        facts_id=_or_none(profile.facts),
        resolution=float(cell),
        buffer_m=float(profile.buffer_m),
        unmapped=tuple(unit.say() for unit in profile.unmapped),
        native=native,
    )


def _from_boundary(
    profile: RegionProfile,
    layer: str,
    catalog: Catalog,
    resolution: float | None,
    document: Document,
) -> Region:
    crs = geo_crs.check_crs(profile.crs, f"{document.name}:{document.line_of(('crs',))}")
    geo_crs.require_metric(crs, f"{document.name}:{document.line_of(('crs',))}")
    spec = SPECS.get(layer)
    if spec is None or spec.geometry != "polygon":
        polygons = [s.name for s in SPECS.values() if s.geometry == "polygon"]
        raise CatalogError(
            f"{document.name}:{document.line_of(('boundary',))}",
            Say(f"boundary {layer} 不是面图层", f"boundary {layer} is no polygon layer"),
            Say(f"是否想写 {nearest(layer, polygons)}", f"did you mean {nearest(layer, polygons)}"),
        )
    frame = drivers.read_vector(catalog.request(_entry_name(catalog, layer, profile.id)), crs).data
    outline = frame.geometry.union_all()
    counties = frame if layer == "counties" else _whole(outline, crs)
    if len(counties) > _MAX_ZONES:
        raise SizeError(
            f"{document.name} {layer}",
            Say(f"有 {len(counties)} 个分区，上限 {_MAX_ZONES}",
                f"has {len(counties)} zones, limit {_MAX_ZONES}"),
            Say("按县合并要素", "dissolve the features by county"),
        )  # fmt: skip
    return Region(
        id=profile.id,
        name=profile.name.say(),
        crs=crs,
        boundary=outline,
        counties=counties,
        jurisdiction=_or_none(profile.jurisdiction),
        facts_id=_or_none(profile.facts),
        resolution=float(resolution if resolution is not None else profile.resolution or 0),
        buffer_m=float(profile.buffer_m),
        unmapped=tuple(unit.say() for unit in profile.unmapped),
    )


def _whole(outline: BaseGeometry, crs: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": [""], "name": [_WHOLE.zh]}, geometry=[outline], crs=crs)


def _or_none(text: str) -> str | None:
    return None if text == "none" else text
