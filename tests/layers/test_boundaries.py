"""County outlines from the installed package: format, areas, datum."""

from __future__ import annotations

import itertools
import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from geo.crs import gcj02_frame_to_wgs84, polygon_areas, to_crs, wgs84_to_gcj02
from geo.errors import CatalogError, DatumError, VectorError
from layers import boundaries


def ring(points: list[tuple[int, int]], *, stepped: bool) -> bytes:
    """Encode a ring as the package does (an independent restatement of its writer)."""
    if not stepped:
        return struct.pack("<I", 0) + b"".join(struct.pack("<II", *p) for p in points)
    steps = [struct.pack("<hh", b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(points)]
    return struct.pack("<III", 1, *points[0]) + b"".join(steps)


def packed(items: list[bytes]) -> bytes:
    sizes = b"".join(struct.pack("<I", len(item)) for item in items)
    return struct.pack("<I", len(items)) + sizes + b"".join(items)


SQUARE = [(100, 100), (100, 300), (300, 300), (300, 100), (100, 100)]
HOLE = [(150, 150), (250, 150), (250, 250), (150, 250), (150, 150)]


@pytest.mark.parametrize("stepped", [True, False])
def test_polygon_with_hole_decodes(stepped: bool) -> None:
    block = struct.pack("<I", 5) + packed([ring(r, stepped=stepped) for r in (SQUARE, HOLE)])
    shape = boundaries._geometry(block)
    assert shape.geom_type == "Polygon"
    assert shape.bounds == pytest.approx((-179.9998, -89.9998, -179.9994, -89.9994), abs=1e-9)
    assert shape.area == pytest.approx((4e-4) ** 2 - (2e-4) ** 2)


def test_multipolygon_decodes() -> None:
    polygon = packed([ring(SQUARE, stepped=True)])
    other = packed([ring([(x + 1000, y) for x, y in SQUARE], stepped=True)])
    shape = boundaries._geometry(struct.pack("<I", 6) + packed([polygon, other]))
    assert shape.geom_type == "MultiPolygon"
    assert len(shape.geoms) == 2


@pytest.mark.parametrize(
    "block",
    [
        struct.pack("<I", 99) + packed([]),
        struct.pack("<I", 5) + struct.pack("<I", 10**9),
        struct.pack("<I", 5) + packed([ring(SQUARE, stepped=True)])[:-3],
    ],
)
def test_damaged_block_is_an_error(block: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    table = "city_adcode,district_adcode,district_name\n420300,420302,甲\n"
    monkeypatch.setattr(boundaries, "_read_package", lambda: (table, packed([block])))
    with pytest.raises(VectorError, match="known format"):
        boundaries.county_outlines("420300")


def test_counties_of_the_city() -> None:
    frame = boundaries.county_outlines("420300")
    assert list(frame.columns) == ["code", "name", "geometry"]
    assert frame["code"].tolist() == sorted(frame["code"])
    assert frame["name"].tolist() == [
        "茅箭区", "张湾区", "郧阳区", "郧西县", "竹山县", "竹溪县", "房县", "丹江口市",
    ]  # fmt: skip
    assert frame.geometry.is_valid.all()


def test_union_equals_sum_and_published_areas() -> None:
    """truth.md A4: within 1 % per county, sum within 0.5 % of 23,680 km²; no gap, no overlap."""
    frame = boundaries.county_outlines("420300")
    areas = polygon_areas(frame) / 1e6
    published = [540.3, 660.4, 3832.4, 3515.9, 3614.6, 3306.1, 5129.3, 3126.0]  # facts.md §5.1
    assert areas == pytest.approx(published, rel=0.01)
    assert areas.sum() == pytest.approx(23_680, rel=0.005)
    union = gpd.GeoDataFrame(geometry=[frame.geometry.union_all()], crs=frame.crs)
    assert polygon_areas(union)[0] / 1e6 == pytest.approx(areas.sum(), rel=1e-6)


def test_unknown_city() -> None:
    with pytest.raises(CatalogError, match="999900"):
        boundaries.county_outlines("999900")


def shifted(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    import shapely

    def move(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(wgs84_to_gcj02(xy[:, 0], xy[:, 1]))

    return frame.set_geometry([shapely.transform(g, move) for g in frame.geometry], crs=4326)


def test_hidden_gcj02_is_found_by_control_points() -> None:
    frame = boundaries.county_outlines("420300")
    boundaries.refuse_gcj02(frame, "good.geojson")
    with pytest.raises(DatumError, match=r"bad\.geojson.*datum: GCJ-02"):
        boundaries.refuse_gcj02(shifted(frame), "bad.geojson")


def test_a_conversion_too_many_is_found() -> None:
    frame = gcj02_frame_to_wgs84(boundaries.county_outlines("420300"))
    with pytest.raises(DatumError, match="remove datum"):
        boundaries.refuse_gcj02(frame, "twice.geojson")


def test_foreign_codes_are_not_judged() -> None:
    frame = shifted(boundaries.county_outlines("420300"))
    with pytest.raises(DatumError):
        boundaries.refuse_gcj02(frame, "at home")
    for code in ("06037", "999901"):
        abroad = frame.assign(code=code)
        assert boundaries.refuse_gcj02(abroad, "abroad") is None  # passes without an error


@pytest.mark.real
def test_equals_the_published_extract(real_data: Path) -> None:
    known = gpd.read_file(real_data / "counties_tianditu_wgs84.geojson")
    frame = boundaries.county_outlines("420300")
    for ours, theirs in zip(frame.geometry, known.geometry, strict=True):
        assert ours.symmetric_difference(theirs).area == pytest.approx(0, abs=1e-12)


@pytest.mark.real
def test_gcj02_polygons_that_claim_wgs84(real_data: Path) -> None:
    frame = gpd.read_file(real_data / "datav_420300_gcj02.json")
    frame = frame.assign(code=frame["adcode"].astype(str))
    frame = frame.set_geometry(frame.geometry.make_valid())
    with pytest.raises(DatumError, match="datum: GCJ-02"):
        boundaries.refuse_gcj02(frame, "datav")


@pytest.mark.real
def test_amap_in_wgs84_passes(real_data: Path) -> None:
    frame = gpd.read_file(real_data / "counties_amap_wgs84.geojson")
    frame = frame.assign(code=frame["adcode"].astype(str))
    boundaries.refuse_gcj02(frame, "amap")
    assert polygon_areas(to_crs(frame, "EPSG:4546")).sum() / 1e6 == pytest.approx(23_700, rel=0.005)
