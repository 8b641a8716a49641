"""What the command line says about a piece of land: a site of a run, or a user's polygon."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from atlas.answers_law import Answer, chosen, region_of, screened, window
from atlas.answers_structures import as_lines, structures
from atlas.options import Options
from atlas.stages import Stages
from geo import crs as geo_crs
from geo import vector
from geo.crs import to_crs
from geo.errors import InputError, OptionError, Say, VectorError
from geo.grid import Grid
from layers.facts import STATUS
from layers.region import Region
from siting.law.place import PlaceAnswer, place
from siting.law.terms import COORD_QUALITY_ZH, SCREENABLE, TECHNOLOGY_ZH, Technology
from siting.sites.columns import COLUMNS
from siting.sites.forced import STATUS as NAMED

#: Ground round a piece of land that is screened with it, so that slopes at its rim are known.
RIM_M: Final = 500.0
_AREAS: Final = (int(shapely.GeometryType.POLYGON), int(shapely.GeometryType.MULTIPOLYGON))
_DATUM: Final = Say(
    "按 WGS84/CGCS2000 经纬度读；若描自互联网地图（GCJ-02），会偏约 0.5 km，请加 --datum GCJ-02",
    "read as WGS84/CGCS2000 degrees; traced on an internet map (GCJ-02) it is off by some 0.5 km: "
    "add --datum GCJ-02",
)


def why_area(
    options: Options,
    path: str,
    technology: str,
    stages: Stages,
    component: str | None = None,
    layer: str | None = None,
    datum: str | None = None,
) -> Answer:
    """Explain the land drawn in a file: the union of its polygons.

    Parameters
    ----------
    datum
        ``GCJ-02`` where the file was drawn on an internet map.
    """
    region, whole = region_of(options)
    land, count, notes = _polygons(path, layer, region, datum)
    name = Say(f"{Path(path).name}（{count} 个面）", f"{Path(path).name} ({count} polygons)")
    answer = on_land(options, land, name, technology, stages, component, whole, notes)
    return answer.to_dict(options.lang), answer.to_text(options.lang).splitlines()


def on_land(
    options: Options,
    land: BaseGeometry,
    name: Say,
    technology: str,
    stages: Stages,
    component: str | None,
    whole: Grid,
    notes: tuple[Say, ...] = (),
    *,
    standing: bool = True,
) -> PlaceAnswer:
    """Explain a polygon in the region's CRS, screening a window round it."""
    if not shapely.box(*whole.bounds).intersects(land):
        raise OptionError(
            name.zh,
            Say("不在区域内", "lies outside the region"),
            Say("检查坐标系与范围", "check its CRS and extent"),
        )
    kind = Technology(technology)
    found = screened(options, stages, window(whole, land, RIM_M))
    with stages.stage("判定"):
        return place(
            found.screening,
            found.ruleset,
            kind,
            land,
            name,
            mode=options.mode,
            components=chosen(kind, component),
            inside=found.inside,
            boundary=found.scene.region.boundary,
            notes=notes,
            standing=standing,
        )


def why_site(
    options: Options, site_id: str, stages: Stages, run: str | None = None,
    component: str | None = None,
) -> Answer:  # fmt: skip
    """Explain a site of a published run: its footprint for a candidate, facts for a project."""
    folder = run_folder(options.out, run)
    row, crs = find_site(folder, site_id)
    if not is_candidate(row):
        return unscreened_site(row, options.lang)
    options, notes = as_run(options, folder)
    region, whole = region_of(options)
    land = to_crs(gpd.GeoDataFrame(geometry=[row["geometry"]], crs=crs), region.crs).geometry[0]
    name = Say(f"{row['name']}（{site_id}）", f"{site_id} ({row['name']})")
    # as in the run: a candidate is new works
    answer = on_land(
        options,
        land,
        name,
        str(row["technology"]),
        stages,
        component,
        whole,
        notes,
        standing=False,
    )
    data = answer.to_dict(options.lang) | {"site": site_id, "run": folder.name}
    lines = answer.to_text(options.lang).splitlines()
    if str(row["technology"]) == Technology.PUMPED.value:
        found = structures(folder, site_id, options.lang)
        data, lines = data | {"structures": found}, [*lines, "", *as_lines(found, options.lang)]
    return data, lines


def run_folder(out: Path, run: str | None) -> Path:
    """Return the folder of a run: the one named, else the last one under ``out``.

    Raises
    ------
    OptionError
        When there is none.
    """
    pointer = out / "latest"
    if run is not None:
        folder = Path(run)
    elif pointer.is_file():
        folder = out / pointer.read_text(encoding="utf-8").strip()
    else:
        folder = out
    if (folder / "run.json").is_file():
        return folder
    raise OptionError(
        str(folder),
        Say("没有已发布的运行结果", "holds no published run"),
        Say("先运行 shiyan run，或用 --run 指明运行文件夹", "run shiyan run first, or name --run"),
    )


def find_site(folder: Path, site_id: str) -> tuple[dict[str, Any], object]:
    """Return the row of a site in ``sites.gpkg`` and its CRS.

    Raises
    ------
    OptionError
        When the run has no such site.
    """
    path = folder / "sites.gpkg"
    if path.is_file():
        for layer in vector.layers(path):
            frame = gpd.read_file(path, layer=layer)
            if "technology" not in frame:  # structures of sites, no sites
                continue
            rows = frame[frame["id"] == site_id]
            if len(rows):
                return dict(rows.iloc[0]), frame.crs
    raise OptionError(
        f"--site {site_id}",
        Say(f"{folder.name} 中没有这个场址", f"is no site of {folder.name}"),
        Say("编号见 sites.csv", "ids are listed in sites.csv"),
    )


def is_candidate(row: dict[str, Any]) -> bool:
    """Tell whether a site may be judged: found by a run, its footprint being the cells.

    A named real project may not, whatever its layers, unless its position is exact or
    surveyed and no layer is synthetic (truth.md A1): then its run has measured its ground.
    """
    shape = row["geometry"]
    area = shape is not None and shape.geom_type in {"Polygon", "MultiPolygon"}
    exact, synthetic = row["coord_quality"] in SCREENABLE, bool(row["synthetic"])
    if row["status"] == NAMED:
        return bool(area and exact and not synthetic and not _empty(row["area_km2"]))
    return bool(area and (synthetic or exact) and row["status"] == "candidate")


def unscreened_site(row: dict[str, Any], lang: str) -> Answer:
    """Return the answer for a named project: 未筛查, and its published facts alone."""
    said = Say("未筛查", "not screened").of(lang)
    published = {
        key: row[key]
        for key in ("id", "name", "technology", "status", "county", "capacity_mw", "storage_gwh",
                    "coord_quality", "source", "note")
        if key in row and not _empty(row[key])
    }  # fmt: skip
    why_not = str(row.get("reasons") or row.get("verdict_zh") or "")
    colon = "：" if lang == "zh" else ": "
    lines = [f"{row['name']}{colon}{said}"]
    if why_not and why_not != said:
        lines.append(f"  {why_not}")
    for key, value in published.items():
        if key != "name":
            title = COLUMNS[key].title if lang == "zh" else key
            lines.append(f"  {title}{colon}{_said(key, value, lang)}")
    return {"verdict": "unscreened", "text": said, "reason": why_not, "published": published}, lines


def _said(key: str, value: Any, lang: str) -> Any:
    """Return a published value in the reader's words instead of a code."""
    if key == "status" and value == NAMED:
        return Say("指名项目", "named project").of(lang)
    if key == "status" and value in STATUS:
        return STATUS[value].of(lang)
    if lang == "zh" and key == "technology":
        return TECHNOLOGY_ZH[Technology(value)]
    if lang == "zh" and key == "coord_quality":
        return COORD_QUALITY_ZH.get(value, value)
    return value


def _empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def as_run(options: Options, folder: Path) -> tuple[Options, tuple[Say, ...]]:
    """Return the options with seed and cell size of a run, and where the law asked differs.

    Raises
    ------
    OptionError
        When the run was made from another catalog or region.
    """
    try:
        manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        used, cell = manifest["parameters"], float(manifest["grid"]["cell_m"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            folder / "run.json",
            Say("读不出运行参数", "does not hold the parameters of a run"),
            Say("重新运行，或用 --run 指明另一次运行", "run again, or name another --run"),
        ) from error
    mine = options.parameters()
    if mine["data"] != used.get("data"):
        raise OptionError(
            f"--data {options.data}",
            Say(f"该次运行用的是 {used.get('data')}", f"the run was made from {used.get('data')}"),
            Say("给出同一目录", "give the same catalog"),
        )
    if mine["region"] != used.get("region"):
        raise OptionError(
            f"--region {options.region}",
            Say(f"该次运行的区域是 {used.get('region')}", f"the run is of {used.get('region')}"),
            Say("给出同一区域", "give the same region"),
        )
    keys = ("as_of", "mode", "what_if", "overrides", "params")
    now, then = ({k: one[k] for k in keys if one.get(k)} for one in (mine, used))
    notes = []
    if now != then:
        notes.append(
            Say(
                f"与该次运行不同：此处 {_told(now)}，运行 {_told(then)}",
                f"not as in the run: here {_told(now)}, the run {_told(then)}",
            )
        )
    return replace(options, resolution=cell, seed=int(used["seed"])), tuple(notes)


def _told(law: dict[str, Any]) -> str:
    """Return e.g. ``as_of 2026-11-22, mode explore``."""
    return ", ".join(
        f"{key} {' '.join(value) if isinstance(value, list) else value}"
        for key, value in law.items()
    )


def _polygons(
    path: str, layer: str | None, region: Region, datum: str | None
) -> tuple[BaseGeometry, int, tuple[Say, ...]]:
    """Return the union of the polygons of a file in the region's CRS, their number, and notes."""
    frame, repairs = vector.read(path, layer=layer, datum=datum, allow_empty=False)
    told = zip(repairs.lines("zh"), repairs.lines("en"), strict=True)
    notes = [Say(zh, en) for zh, en in told]
    if datum is None and geo_crs.same_crs(frame.crs, geo_crs.LONLAT):
        notes.append(_DATUM)
    parts, owner = shapely.get_parts(
        to_crs(frame, region.crs).geometry.to_numpy(), return_index=True
    )
    parts = np.array([_flat(part) for part in parts], dtype=object)
    solid = np.isin(shapely.get_type_id(parts), _AREAS) & ~shapely.is_empty(parts)
    count = len(np.unique(owner[solid]))
    if count == 0:
        raise VectorError(
            path,
            Say("没有面要素", "holds no polygon"),
            Say("给出范围面", "give the outline as polygon"),
        )
    if count < len(frame):
        left = len(frame) - count
        notes.append(
            Say(
                f"{left} 个要素不是面（线、点），未计入",
                f"{left} features are no polygons (lines, points) and are left out",
            )
        )
    return shapely.union_all(parts[solid]), count, tuple(notes)


def _flat(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a collection within a collection, anything else as it is."""
    if shape.geom_type not in {"GeometryCollection", "MultiPolygon"}:
        return shape
    return shapely.union_all([p for p in map(_flat, shape.geoms) if p.geom_type.endswith("gon")])
