"""Read a file as it was handed out and say what it is, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geo import crs as geo_crs
from geo import digest, vector
from geo.easting import guess_crs
from geo.errors import CrsError, Say, VectorError
from geo.repairs import Repairs
from geo.units import km2_to_wan_mu
from geo.vectorinfo import LayerInfo, describe
from layers.boundaries import refuse_gcj02
from layers.bureau.matcher import Match, match
from layers.shift import Shift, border_strip, find_shift

#: Metric CRS in which a layer is held against the county borders.
_METRIC: Final = "EPSG:4546"
#: Share of a feature's area that must lie in a county for it to count as touched.
_SLIVER: Final = 0.01
#: And how deep inside: the bureau's borders and the Tianditu ones lie some hundred metres
#: apart, and what spills over a border says nothing about the county behind it. [m]
_DEEP_M: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user said about the file; empty where nothing was said.

    Parameters
    ----------
    layer
        Layer of the contract (``--as``).
    inside
        Layer inside the file (``--layer``).
    columns
        Column of the file -> column of the contract.
    values
        Column -> stored text -> meaning.
    fill
        Column of the contract -> its value in every row.
    coverage
        ``region``, ``extent`` or county codes separated by blanks.
    """

    layer: str | None = None
    inside: str | None = None
    crs: str | None = None
    datum: str | None = None
    encoding: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fill: Mapping[str, str] = field(default_factory=dict)
    coverage: str | None = None
    acquired: str | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a file is taken for.

    Parameters
    ----------
    frame
        Its features, mended, in the CRS it is believed to have.
    crs, why_crs
        That CRS (of the file, before GCJ-02 is undone) and what decided it.
    area_km2
        Sum of the ellipsoidal areas of its polygons. [km2]
    counties
        Code -> name of the counties that it touches.
    whole
        It touches every county there is.
    outside
        How many of its features lie outside the region altogether.
    extent
        West, south, east, north of its features. [deg]
    named
        County names that occur in its text: the text was decoded rightly.
    shift
        What the county borders say of its datum.
    sha256
        Of the file, with its side files.
    """

    path: Path
    driver: str
    infos: tuple[LayerInfo, ...]
    match: Match
    frame: gpd.GeoDataFrame
    crs: str
    why_crs: Say
    repairs: Repairs
    area_km2: float
    counties: Mapping[str, str]
    whole: bool
    outside: int
    extent: tuple[float, float, float, float]
    named: tuple[str, ...]
    shift: Shift
    sha256: str

    @property
    def wan_mu(self) -> float:
        """Area in 万亩."""
        return float(km2_to_wan_mu(self.area_km2))

    @property
    def columns(self) -> list[str]:
        """Names of the attribute columns."""
        return [str(c) for c in self.frame.columns if c != self.frame.geometry.name]


def understand(path: Path, wish: Wish, counties: gpd.GeoDataFrame) -> Understanding:
    """Read a vector file and find out what it is.

    Parameters
    ----------
    path
        File or geodatabase folder.
    wish
        What the user said about it.
    counties
        ``code``, ``name``, geometry of the region, in WGS84.

    Raises
    ------
    VectorError, CrsError, DatumError, SizeError
        When it cannot be read, or it is not clear which layer or which CRS is meant; the
        cure names the option that settles it.
    """
    driver = vector.driver(path)
    infos = describe(path)
    found = match(path, infos, wish.layer, wish.inside)
    if found.info.features == 0:
        raise vector.empty(path, found.info.name)
    crs, why = _crs(path, found.info, wish, driver)
    frame, repairs = vector.read(
        path,
        crs=crs,
        datum=wish.datum,
        layer=found.info.name,
        encoding=wish.encoding,
        allow_empty=False,
    )
    if frame.empty:
        raise _all_left_out(path, repairs)
    metric = geo_crs.to_crs(frame, _METRIC)
    outlines = geo_crs.to_crs(counties, _METRIC)
    touched = _touched(metric, outlines)
    if found.target == "counties" and {"code", "name"} <= set(frame.columns):
        refuse_gcj02(geo_crs.to_crs(frame, geo_crs.LONLAT), str(path))
    return Understanding(
        path, driver, infos, found, frame, crs, why, repairs,
        area_km2=float(geo_crs.polygon_areas(frame).sum()) / 1e6,
        counties=touched,
        whole=len(touched) == len(counties),
        outside=int((~metric.intersects(outlines.union_all())).sum()),
        extent=_extent(frame),
        named=_named(frame, [str(name) for name in counties["name"]], path),
        shift=find_shift(metric, border_strip(outlines), _METRIC),
        sha256=digest.whole_sha256(path),
    )  # fmt: skip


def _all_left_out(path: Path, repairs: Repairs) -> VectorError:
    empty, small = len(repairs.dropped), len(repairs.slivers)
    return VectorError(
        path,
        Say(f"没有一个可用的要素：{empty} 个没有几何，{small} 个是碎面",
            f"has no usable feature: {empty} without geometry, {small} slivers"),
        Say("检查导出，或检查坐标单位", "check the export, or the unit of its coordinates"),
    )  # fmt: skip


def _extent(frame: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    west, south, east, north = geo_crs.to_crs(frame, geo_crs.LONLAT).total_bounds
    return (float(west), float(south), float(east), float(north))


def _crs(path: Path, info: LayerInfo, wish: Wish, driver: str) -> tuple[str, Say]:
    """Return the CRS of a layer and what decided it."""
    if wish.crs is not None:
        return geo_crs.check_crs(wish.crs, path), Say("按 --crs", "as told by --crs")
    if info.crs and driver != "GeoJSON":
        return geo_crs.check_crs(info.crs, path), Say("文件声明", "declared by the file")
    guess = guess_crs(vector.raw(path, layer=info.name, encoding=wish.encoding))
    if guess.crs is None:
        raise CrsError(
            path,
            Say("没有声明坐标系", "declares no CRS"),
            Say(f"{guess.why.zh}：用 --crs 写明", f"{guess.why.en}: name it by --crs"),
        )
    return guess.crs, guess.why


def _touched(frame: gpd.GeoDataFrame, counties: gpd.GeoDataFrame) -> dict[str, str]:
    """Return the counties in which a layer lies, not those over whose border it spills."""
    found: dict[str, str] = {}
    shapes = np.asarray(frame.geometry.values, dtype=object)
    tree = shapely.STRtree(shapes)
    rows = zip(counties["code"], counties["name"], counties.geometry, strict=True)
    for code, name, outline in rows:
        deep = shapely.buffer(outline, -_DEEP_M)
        whole = shapes[tree.query(deep, predicate="contains")]
        if len(whole):  # no need to cut anything
            found[str(code)] = str(name)
            continue
        near = shapes[tree.query(deep, predicate="intersects")]
        if len(near) == 0:
            continue
        flat = shapely.area(near) > 0
        inside = shapely.area(shapely.intersection(near[flat], outline)) / shapely.area(near[flat])
        if (~flat).any() or bool((inside > _SLIVER).any()):
            found[str(code)] = str(name)
    return found


def _named(frame: gpd.GeoDataFrame, names: list[str], path: Path) -> tuple[str, ...]:
    """Return the county names that occur in the text of a layer.

    Raises
    ------
    VectorError
        They occur only once the text is taken for UTF-8 that was read as GBK: the letters
        are Chinese, so nothing but a name that makes sense gives them away.
    """
    texts: set[str] = set()
    for column in frame.columns:
        if column != frame.geometry.name and frame[column].dtype.kind not in "iufbM":
            texts |= {value for value in frame[column].unique() if isinstance(value, str)}
    found = tuple(name for name in names if any(name in text for text in texts))
    if found:
        return found
    for text in texts:
        again = text.encode("gb18030", "ignore").decode("utf-8", "ignore")
        if any(name in again for name in names):
            raise VectorError(
                path,
                Say(f"属性文字是乱码（如“{text[:20]}”），按 UTF-8 读才是“{again[:20]}”",
                    f"its text is mojibake ({text[:20]!r}); read as UTF-8 it is {again[:20]!r}"),
                Say("用 --encoding UTF-8", "use --encoding UTF-8"),
            )  # fmt: skip
    return ()
