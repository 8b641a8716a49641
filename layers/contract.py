"""The names, units, types and meanings of every layer the project knows.

A layer that is not listed here does not exist; the catalog, the demo scene and
the rule table are checked against this list by ``tests/contracts``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    optional
        Further column -> dtype kind; kept where the file has it, absent where it has not.
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
    optional: Mapping[str, str] = field(default_factory=dict)

    def kind_of(self, column: str) -> str | None:
        """Return the dtype kind of a column that the layer must or may have, else None."""
        return self.columns.get(column) or self.optional.get(column)


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
#: Shapes of a year's wind speeds that occur on land; a map beyond holds another quantity. [-]
WEIBULL_K: Final = (1.0, 5.0)
_MONTHS_ZH: Final = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_MONTHS_EN: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def _ghi_months() -> Iterator[LayerSpec]:
    """Yield the twelve monthly sums of irradiation, ``ghi_01`` to ``ghi_12``."""
    for number, (zh, en) in enumerate(zip(_MONTHS_ZH, _MONTHS_EN, strict=True), start=1):
        yield LayerSpec(
            f"ghi_{number:02d}", "raster", f"{zh}月水平面总辐射",
            f"Global horizontal irradiation of {en}",
            f"Global irradiation on a horizontal plane, sum of {en}.",
            unit="kWh/m2", dtype="float32", nodata=NAN, valid_range=(5.0, 320.0),
        )  # fmt: skip


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
        "wind_mean", "raster", "年均风速（100 m）", "Mean wind speed at 100 m",
        "Annual mean wind speed 100 m above ground; only cells of 250 m or finer tell a ridge "
        "from a valley.",
        unit="m/s", dtype="float32", nodata=NAN, valid_range=(0.0, 25.0),
    ),
    LayerSpec(
        "wind_mean_50", "raster", "年均风速（50 m）", "Mean wind speed at 50 m",
        "Annual mean wind speed 50 m above ground; with the 100 m map it gives the shear.",
        unit="m/s", dtype="float32", nodata=NAN, valid_range=(0.0, 25.0),
    ),
    LayerSpec(
        "wind_weibull_k", "raster", "风速威布尔形状参数", "Weibull shape of the wind speed",
        "Shape k of the Weibull distribution of the wind speed over the year; 2 = Rayleigh.",
        unit="-", dtype="float32", nodata=NAN, valid_range=WEIBULL_K,
    ),
    LayerSpec(
        "air_temperature", "raster", "年均气温", "Mean air temperature",
        "Annual mean air temperature 2 m above ground.",
        unit="degC", dtype="float32", nodata=NAN, valid_range=(-30.0, 40.0),
    ),
    LayerSpec(
        "ghi", "raster", "水平面总辐射", "Global horizontal irradiation",
        "Annual global irradiation on a horizontal plane.",
        unit="kWh/m2/a", dtype="float32", nodata=NAN, valid_range=(600.0, 2600.0),
    ),
    *_ghi_months(),
    LayerSpec(
        "dni", "raster", "法向直接辐射", "Direct normal irradiation",
        "Annual direct irradiation on a plane that faces the sun.",
        unit="kWh/m2/a", dtype="float32", nodata=NAN, valid_range=(100.0, 4000.0),
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
        "reservoir", "vector", "水库", "Reservoirs",
        "Water surface of reservoirs and lakes; optional: normal and dead level [m], active, "
        "dead and total volume [10^6 m3], owner, date of impounding, name of its power plant.",
        geometry="polygon", columns={"name": "str"},
        optional={
            "npl_m": "float", "dead_m": "float", "active_mm3": "float", "dead_mm3": "float",
            "total_mm3": "float", "owner": "str", "impounded": "str", "plant": "str",
        },
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
        "national_park", "vector", "国家公园", "National parks",
        "National parks by zone: core (核心保护区) or general (一般控制区).",
        geometry="polygon", columns={"name": "str", "zone": "str"},
    ),
    LayerSpec(
        "scenic_area", "vector", "风景名胜区", "Scenic areas",
        "Scenic areas by zone: core (核心景区) or other.",
        geometry="polygon", columns={"name": "str", "zone": "str"},
    ),
    LayerSpec(
        "relic", "vector", "文物保护单位", "Protected relics",
        "Protected relics by zone: protection (保护范围) or control (建设控制地带); level "
        "world, national, provincial, city or county.",
        geometry="polygon", columns={"name": "str", "zone": "str", "level": "str"},
    ),
    LayerSpec(
        "old_tree", "vector", "古树名木保护范围", "Protected old trees",
        "Protection range of old and famous trees.", geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "geohazard", "vector", "地质灾害分区", "Geological hazard zones",
        "Geological hazard zones: danger (危险区) or prone (易发区).",
        geometry="polygon", columns={"name": "str", "zone": "str"},
    ),
    LayerSpec(
        "soil_zone", "vector", "水土流失重点防治区", "Soil-loss zones",
        "Key zones against soil loss: prevention (重点预防区) or control (重点治理区).",
        geometry="polygon", columns={"name": "str", "zone": "str"},
    ),
    LayerSpec(
        "eco_function", "vector", "重点生态功能区", "Key ecological function zones",
        "Key ecological function zones of the Yangtze basin.",
        geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "habitat", "vector", "野生动物重要栖息地", "Important wildlife habitat",
        "Important wildlife habitat and migration corridors.",
        geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "danjiangkou_zone", "vector", "丹江口库区与管理保护范围", "Danjiangkou zones",
        "Reservoir area of Danjiangkou: reservoir (库区), management (管理范围) or protection "
        "(保护范围).",
        geometry="polygon", columns={"name": "str", "zone": "str"},
    ),
    LayerSpec(
        "river_zone", "vector", "河道湖泊管理范围", "Management range of rivers and lakes",
        "Management range of rivers and lakes as drawn by the authority.",
        geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "dam_zone", "vector", "大坝管理和保护范围", "Management range of dams",
        "Management and protection range of dams as drawn by the authority.",
        geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "forest_grade", "vector", "林地保护等级", "Forest-land protection grade",
        "Forest land by protection grade 1 (Ⅰ级) to 4 (Ⅳ级).",
        geometry="polygon", columns={"name": "str", "grade": "int"},
    ),
    LayerSpec(
        "natural_forest", "vector", "天然林", "Natural forest",
        "Natural forest.", geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "state_farm", "vector", "国有林场", "State forest farms",
        "State forest farms.", geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "military", "vector", "军事设施保护区域", "Military zones",
        "Military zones: restricted (军事禁区) or managed (军事管理区); user-supplied, "
        "never drawn.",
        geometry="polygon", columns={"name": "str", "zone": "str"},
    ),
    LayerSpec(
        "military_clearance", "vector", "军用机场净空", "Military airport clearance",
        "Ground over which the clearance surface of a military airport lies below the structure.",
        geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "noise_zone", "vector", "噪声敏感建筑物集中区", "Noise-sensitive zones",
        "Zones of noise-sensitive buildings as drawn by county governments.",
        geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "power_line", "vector", "架空电力线路", "Overhead power lines",
        "Overhead power lines by voltage in kV.",
        geometry="line", columns={"name": "str", "kv": "float"},
    ),
    LayerSpec(
        "urban_boundary", "vector", "城镇开发边界", "Urban growth boundary",
        "Urban growth boundary.", geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "abandoned_mine", "vector", "废弃矿山与采煤沉陷区", "Abandoned mine land",
        "Abandoned mines and subsided mining land.", geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "facility", "vector", "已建或已核准设施", "Built or approved facilities",
        "Ground of a built or approved facility: technology and component as in siting.law, "
        "status built or approved, approved the ISO date or empty, passed the rule ids that "
        "it has passed, separated by blanks, or empty.",
        geometry="polygon",
        columns={
            "name": "str", "technology": "str", "component": "str", "status": "str",
            "approved": "str", "passed": "str",
        },
    ),
    LayerSpec(
        "plan_corridor", "vector", "一江多支三屏两谷（规划格局）", "Planned ecological corridors",
        "Ecological pattern of the city's plan; a what-if, never law.",
        geometry="polygon", columns={"name": "str"},
    ),
    LayerSpec(
        "zoning_unit", "vector", "三线一单管控单元", "Environmental zoning units",
        "Environmental zoning units: priority, key or general; a what-if, never law.",
        geometry="polygon", columns={"name": "str", "unit": "str"},
    ),
    LayerSpec(
        "national_park_candidate", "vector", "秦巴国家公园候选区", "Candidate national park",
        "Candidate area of a Qinba national park; a what-if, never law.",
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
