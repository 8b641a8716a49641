"""Files as a bureau hands them out, all made up: geodatabase, GBK shapefiles, sub-compartments."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from geo.crs import to_crs
from layers.boundaries import county_outlines

ZONE_37 = "EPSG:4525"
YUNXI = "420322"


def blobs(step: float, size: float, seed: int, codes: tuple[str, ...] = ()) -> gpd.GeoDataFrame:
    """Return squares of ``size`` [m], jittered, cut at the borders of the counties."""
    counties = to_crs(county_outlines("420300"), ZONE_37)
    if codes:
        counties = counties[counties["code"].isin(codes)]
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, str, shapely.Geometry]] = []
    for code, name, outline in zip(
        counties["code"], counties["name"], counties.geometry, strict=True
    ):
        west, south, east, north = outline.bounds
        for x in np.arange(west, east, step):
            for y in np.arange(south, north, step):
                dx, dy = rng.uniform(0, step - size, 2)
                box = shapely.box(x + dx, y + dy, x + dx + size, y + dy + size)
                part = shapely.intersection(box, outline)
                if part.geom_type == "Polygon" and part.area > 1e4:
                    rows.append((code, name, part))
    return gpd.GeoDataFrame(
        {"XZQDM": [r[0] for r in rows], "XZQMC": [r[1] for r in rows]},
        geometry=[r[2] for r in rows],
        crs=ZONE_37,
    )


def shapefile(frame: gpd.GeoDataFrame, path: Path, *, prj: bool) -> None:
    """Write a GBK shapefile that declares no encoding, and no CRS unless ``prj``."""
    pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", encoding="GBK")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    table = path.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    content[29] = 0
    table.write_bytes(bytes(content))
    if not prj:
        path.with_suffix(".prj").unlink()


def sub_compartments() -> gpd.GeoDataFrame:
    """Return sub-compartments of one county: every column a delivery has, in its pinyin."""
    frame = blobs(6000, 3000, 3, (YUNXI,))
    n = len(frame)
    kind = np.arange(n) % 5  # 0-2 trees, 3 shrubs, 4 young plantation
    tree = kind < 3
    species = np.array(["马尾松", "栎类", "杉木"])[np.arange(n) % 3]
    frame["XIAO_BAN"] = [str(i + 1) for i in range(n)]
    frame["DI_LEI"] = np.where(tree, "乔木林", np.where(kind == 3, "特灌林地", "未成林造林地"))
    frame["QI_YUAN"] = np.where(np.arange(n) % 2 == 0, "天然", "人工")
    frame["SHI_QUAN_D"] = np.where(kind == 0, "10", "20")
    frame["BH_DJ"] = (np.arange(n) % 4 + 1).astype(str)
    frame["YOU_SHI_SZ"] = np.where(tree, species, "")
    frame["PINGJUN_NL"] = np.where(tree, 20 + np.arange(n) % 30, 0)
    frame["HUO_LMGQXJ"] = np.where(tree, 60.0, 0.0)
    frame["灌木盖度"] = np.where(kind == 3, 45, 0)
    return frame


def make(folder: Path) -> None:
    """Write the delivery."""
    gdb = folder / "三区三线下发版.gdb"
    red = blobs(9000, 4000, 1).assign(HXMC="生态保护红线（测试）")
    farm = blobs(9000, 1500, 2).assign(DLBM="0103", DLMC="旱地")
    town = blobs(30000, 3000, 4)
    for name, frame in (("陆域生态保护红线", red), ("永久基本农田", farm), ("城镇开发边界", town)):
        pyogrio.write_dataframe(frame, gdb, layer=name, driver="OpenFileGDB", append=gdb.exists())
    water = blobs(25000, 900, 5)
    grades = np.array(["一级", "二级", "准保护区"])[np.arange(len(water)) % 3]
    named = water[["geometry"]].assign(
        名称=[f"{name}水源地" for name in water["XZQMC"]], 级别=grades
    )
    shapefile(named, folder / "水源地.shp", prj=False)
    shapefile(sub_compartments(), folder / "郧西县林地小班.shp", prj=True)
