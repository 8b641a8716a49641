"""The columns that every site frame shares: PV, wind, pumped storage and hydropower alike.

One row is one candidate or named site. Units stand in the names (truth.md C11, C13): MW
are AC unless the name ends in ``mwp``; ``energy_gwh`` is a year's net generation and
stays empty for storage. Parts of the score (``score_*``), verdicts of components
(``verdict_*``) and other extras follow the shared columns, before ``geometry``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import geopandas as gpd
import pandas as pd

from geo.errors import Say, TableError
from siting.law.terms import COORD_QUALITY

Dtype = Literal["str", "float64", "Int64", "bool"]

#: Technologies that a site row may have (design §3: wider than the law's closed list).
TECHNOLOGIES: Final = ("pv", "wind", "pumped", "hydro", "rooftop", "biomass", "station", "line")


@dataclass(frozen=True, slots=True)
class Column:
    """One shared column: how it is stored, how it is headed, what it means."""

    dtype: Dtype
    title: str
    meaning: str


#: Name -> dtype, Chinese heading with unit, meaning; the order is the order of the files.
COLUMNS: Final[Mapping[str, Column]] = MappingProxyType(
    {
        "id": Column("str", "编号", "Stable id: facts slug, or technology + geohash."),
        "technology": Column("str", "技术", "One of TECHNOLOGIES."),
        "name": Column("str", "名称", "Published name, or county and number of a candidate."),
        "county": Column("str", "县市区", "County; a found site lies in one alone."),
        "status": Column("str", "状态", "candidate, planned, building, operating, ..."),
        "area_mu": Column("float64", "面积（亩）", "Ellipsoidal area [亩]."),
        "area_km2": Column("float64", "面积（km²）", "Ellipsoidal area [km²]."),
        "capacity_mw": Column("float64", "容量（MW，交流）", "AC capacity [MW]."),
        "capacity_mwp": Column("float64", "容量（MWp，直流）", "DC capacity [MWp]."),
        "energy_gwh": Column("float64", "年上网电量（GWh）", "Net generation of a year [GWh]."),
        "storage_gwh": Column("float64", "储能量（GWh）", "Energy of one full store [GWh]."),
        "discharge_gwh_a": Column("float64", "年发电（GWh）", "Discharge of a year [GWh]."),
        "pumping_gwh_a": Column("float64", "年抽水用电（GWh）", "Pumping of a year [GWh]."),
        "round_trip": Column("float64", "循环效率", "Discharge over pumping [-]."),
        "lcoe_yuan_per_kwh": Column("float64", "度电成本（元/kWh）", "LCOE [元/kWh]."),
        "carbon_cost_tco2": Column("float64", "碳代价（tCO2）", "Carbon lost by clearing [tCO2]."),
        "score": Column("float64", "得分", "Weighted mean of the score parts [0-100]."),
        "rank": Column("Int64", "名次", "1 = best of its technology; empty = not ranked."),
        "verdict": Column("str", "结论代码", "Verdict of the footprint, or unscreened."),
        "verdict_zh": Column("str", "结论", "The verdict as a reader sees it."),
        "unbuildable": Column("float64", "技术不可建占比", "Share of the footprint [0-1]."),
        "reasons": Column("str", "依据", "Component, verdict, hectares and rules, one line."),
        "unscreened": Column("Int64", "未筛查项数", "Rules whose layer is absent."),
        "coord_quality": Column("str", "坐标精度", "One of terms.COORD_QUALITY."),
        "synthetic": Column("bool", "演示", "Rests on at least one synthetic layer."),
        "lon": Column("float64", "经度", "Longitude of the point drawn [°, CGCS2000]."),
        "lat": Column("float64", "纬度", "Latitude of the point drawn [°, CGCS2000]."),
        "source": Column("str", "来源", "Source ids, joined by a semicolon."),
        "note": Column("str", "备注", "What is missing, assumed or not counted."),
    }
)


def _empty(dtype: Dtype) -> object:
    return {"str": "", "float64": float("nan"), "Int64": pd.NA, "bool": False}[dtype]


def empty_sites(crs: str) -> gpd.GeoDataFrame:
    """Return a frame of no rows with every shared column.

    Parameters
    ----------
    crs
        CRS of the geometry.
    """
    data = {
        name: pd.Series([], dtype=object if column.dtype == "str" else column.dtype)
        for name, column in COLUMNS.items()
    }
    return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries([], crs=crs), crs=crs)


def conform(gdf: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return ``gdf`` with every shared column, typed, ordered and checked.

    Missing columns are added empty. Extra columns (parts of the score, verdicts of
    components) are kept in their order after the shared ones, before ``geometry``.

    Parameters
    ----------
    gdf
        At least ``id``, ``technology``, ``coord_quality`` and a geometry with a CRS.

    Raises
    ------
    TableError
        If ids repeat or are empty, a technology or coordinate quality is unknown, the
        frame has no CRS, or a storage row carries ``energy_gwh`` (truth.md C13).
    """
    if gdf.crs is None:
        raise TableError(
            "sites", Say("没有坐标系", "has no CRS"), Say("给几何设定坐标系", "set the CRS")
        )
    out = {}
    for name, column in COLUMNS.items():
        values = gdf[name] if name in gdf else pd.Series([_empty(column.dtype)] * len(gdf))
        out[name] = _typed(pd.Series(values.to_numpy(dtype=object)), column.dtype, name)
    shared = set(COLUMNS) | {gdf.geometry.name}
    extra = {name: gdf[name].reset_index(drop=True) for name in gdf if name not in shared}
    frame = gpd.GeoDataFrame(
        out | extra, geometry=gpd.GeoSeries(gdf.geometry.array, crs=gdf.crs), crs=gdf.crs
    )
    _check_ids(frame)
    _check_member(frame, "technology", TECHNOLOGIES)
    _check_member(frame, "coord_quality", COORD_QUALITY)
    stored = frame.loc[(frame["technology"] == "pumped") & frame["energy_gwh"].notna(), "id"]
    if len(stored):
        raise TableError(
            "sites.energy_gwh",
            Say(f"抽蓄不计净发电量：{list(stored)}", f"is set for storage: {list(stored)}"),
            Say("改填 discharge_gwh_a 与 pumping_gwh_a", "use discharge_gwh_a and pumping_gwh_a"),
        )
    return frame


def _typed(values: pd.Series, dtype: Dtype, name: str) -> pd.Series:
    """Return ``values`` as ``dtype``; None and NaN become the dtype's empty value."""
    filled = values.where(values.notna(), other=_empty(dtype))
    try:
        if dtype == "str":
            return filled.map(str).astype(object)
        if dtype == "Int64":
            return pd.to_numeric(filled.replace({pd.NA: None})).astype("Int64")
        return filled.astype(dtype)
    except (TypeError, ValueError) as error:
        raise TableError(
            f"sites.{name}",
            Say(f"不是 {dtype}：{error}", f"is not {dtype}: {error}"),
            Say("改正该列的数值", "correct the column"),
        ) from error


def _check_ids(frame: gpd.GeoDataFrame) -> None:
    bad = sorted(set(frame.loc[frame["id"].duplicated() | (frame["id"] == ""), "id"]))
    if bad:
        raise TableError(
            "sites.id",
            Say(f"编号重复或为空：{bad}", f"repeat or are empty: {bad}"),
            Say("每个场址一个唯一编号", "give each site an id of its own"),
        )


def _check_member(frame: gpd.GeoDataFrame, name: str, allowed: tuple[str, ...]) -> None:
    bad = sorted(set(frame[name]) - set(allowed))
    if bad:
        raise TableError(
            f"sites.{name}",
            Say(f"值 {bad} 不在 {allowed} 之内", f"{bad} is not among {allowed}"),
            Say("改用列表中的值", "use a value of the list"),
        )
