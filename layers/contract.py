"""The names, units, types and meanings of every layer the project knows.

A layer that is not listed here does not exist; the catalog, the demo scene and
the rule table are checked against this list by ``tests/contracts``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

Kind = Literal["raster", "vector", "table"]


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """What a layer must look like after it has been read.

    Parameters
    ----------
    name
        Key used by the catalog, the rules and the code.
    kind
        ``raster`` (DataArray on the run's grid), ``vector`` (GeoDataFrame in the
        grid's CRS) or ``table`` (DataFrame).
    title
        Chinese name as a planner reads it.
    title_en
        English name.
    meaning
        One English sentence.
    unit
        Unit of a raster's values, ``class`` for codes, empty for vectors.
    dtype
        NumPy dtype of a raster.
    nodata
        Value that marks a missing raster cell (NaN for floats).
    valid_range
        Smallest and largest valid raster value, in ``unit``.
    classes
        Code -> Chinese class name of a class raster.
    geometry
        ``polygon``, ``line`` or ``point`` for vectors.
    columns
        Column -> dtype kind (``str``, ``int``, ``float``, ``bool``) that must be present.
    """

    name: str
    kind: Kind
    title: str
    title_en: str
    meaning: str
    unit: str = ""
    dtype: str = ""
    nodata: float | None = None
    valid_range: tuple[float, float] | None = None
    classes: Mapping[int, str] = field(default_factory=dict)
    geometry: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


#: Land-cover codes of the project (the demo scene writes them, adapters map onto them).
LAND_COVER: Final = MappingProxyType(
    {
        1: "耕地",
        2: "园地",
        3: "乔木林",
        4: "灌木林",
        5: "草地",
        6: "水域",
        7: "建设用地",
        8: "未利用地",
        9: "竹林",
    }
)

NAN: Final = float("nan")

_SPECS = (
    LayerSpec(
        "dem", "raster", "高程", "Elevation", "Ground elevation.",
        unit="m", dtype="float32", nodata=NAN, valid_range=(-500.0, 9000.0),
    ),
    LayerSpec(
        "land_cover", "raster", "土地覆盖", "Land cover", "Land-cover class of the cell.",
        unit="class", dtype="uint8", nodata=0, valid_range=(1, 9), classes=LAND_COVER,
    ),
    LayerSpec(
        "shrub_cover", "raster", "灌木盖度", "Shrub cover",
        "Crown cover of shrubs; 0 where there is no shrub land.",
        unit="%", dtype="uint8", nodata=255, valid_range=(0, 100),
    ),
    LayerSpec(
        "wind_mean", "raster", "年均风速（100 m，0.25°网格均值）", "Mean wind speed at 100 m",
        "Annual mean wind speed 100 m above ground, mean of a 0.25 degree cell.",
        unit="m/s", dtype="float32", nodata=NAN, valid_range=(0.0, 25.0),
    ),
    LayerSpec(
        "ghi", "raster", "水平面总辐射", "Global horizontal irradiation",
        "Annual global irradiation on a horizontal plane.",
        unit="kWh/m2/a", dtype="float32", nodata=NAN, valid_range=(600.0, 2600.0),
    ),
    LayerSpec(
        "counties", "vector", "县市区界", "Counties", "Administrative counties.",
        geometry="polygon", columns={"code": "str", "name": "str"},
    ),
    LayerSpec(
        "eco_redline", "vector", "生态保护红线", "Ecological red line",
        "Ecological protection red line.", geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "nature_reserve", "vector", "自然保护区", "Nature reserves",
        "Nature reserves by zone: core (核心保护区) or general (一般控制区).",
        geometry="polygon", columns={"name": "str", "zone": "str", "level": "str"},
    ),
    LayerSpec(
        "nature_park", "vector", "自然公园", "Nature parks",
        "Wetland, forest, geological and scenic parks, managed as general control zone.",
        geometry="polygon", columns={"name": "str", "level": "str"},
    ),
    LayerSpec(
        "permanent_farmland", "vector", "永久基本农田", "Permanent basic farmland",
        "Permanent basic farmland.", geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "water_source", "vector", "饮用水水源保护区", "Drinking-water source zones",
        "Drinking-water source protection zones; grade 1 一级, 2 二级, 3 准保护区.",
        geometry="polygon", columns={"name": "str", "grade": "int"},
    ),
    LayerSpec(
        "important_wetland", "vector", "重要湿地", "Important wetlands",
        "Important wetlands; level national or provincial.",
        geometry="polygon", columns={"name": "str", "level": "str"},
    ),
    LayerSpec(
        "reservoir", "vector", "水库", "Reservoirs", "Water surface of reservoirs and lakes.",
        geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "river", "vector", "河流", "Rivers", "River centre lines.",
        geometry="line", columns={"name": "str", "width_m": "float"},
    ),
    LayerSpec(
        "road", "vector", "公路", "Roads",
        "Roads; class motorway, national, provincial, county or township.",
        geometry="line", columns={"name": "str", "class": "str"},
    ),
    LayerSpec(
        "settlement", "vector", "居民点", "Settlements", "Settlements; rank city, town or village.",
        geometry="polygon", columns={"name": "str", "rank": "str"},
    ),
    LayerSpec(
        "substation", "vector", "变电站", "Substations", "Substations by voltage.",
        geometry="point", columns={"name": "str", "kv": "float"},
    ),
    LayerSpec(
        "airport", "vector", "机场跑道", "Airport runways", "Runway centre lines of airports.",
        geometry="line", columns={"name": "str"},
    ),
    LayerSpec(
        "public_forest", "vector", "国家级公益林", "National public-welfare forest",
        "Forest land of national public-welfare class.",
        geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "forest_strata", "table", "森林小班汇总", "Forest strata",
        "Forest area and stock by stratum and age, one row a stratum and age.",
        columns={
            "stratum": "str", "species_group": "str", "origin": "str", "land_class": "str",
            "age": "int", "area_ha": "float", "volume_m3": "float",
        },
    ),
)  # fmt: skip

SPECS: Final[Mapping[str, LayerSpec]] = MappingProxyType({spec.name: spec for spec in _SPECS})
