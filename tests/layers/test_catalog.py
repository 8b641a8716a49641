"""The catalog: what opens, what is refused and how the fault is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from affine import Affine

from geo.cog import write_cog
from geo.errors import CatalogError, DatumError, InputError, OptionError, RasterError, ShiyanError
from geo.grid import Grid
from layers.catalog import open_catalog, paths
from layers.catalog.paths import expand, resolve, root_folder

SOURCE = {"title": "测试", "licence": "CC0-1.0"}


def entry(**changes: Any) -> dict[str, Any]:
    """Return a raster entry with changes; None removes a key."""
    base: dict[str, Any] = {
        "kind": "raster",
        "driver": {"name": "geotiff"},
        "uri": "dem.tif",
        "coverage": "valid_cells",
        "access": "user_supplied",
        "source": dict(SOURCE),
    }
    base.update(changes)
    return {key: value for key, value in base.items() if value is not None}


def written(folder: Path, entries: dict[str, Any], **top: Any) -> Path:
    path = folder / "own.yaml"
    data = {"region": "terrain", **top, "entries": entries}
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def dem(folder: Path, name: str = "dem.tif", **changes: Any) -> Path:
    values = np.linspace(100, 900, 20 * 30, dtype=np.float32).reshape(20, 30)
    grid = Grid("EPSG:4546", Affine(30, 0, 500_000, 0, -30, 3_600_600), (20, 30))
    write_cog(folder / name, values, grid, nodata=changes.pop("nodata", -9999.0))
    return folder / name


def refusal(path: Path) -> ShiyanError:
    with pytest.raises(ShiyanError) as caught:
        open_catalog(str(path))
    return caught.value


def test_minimal_file_opens(tmp_path: Path) -> None:
    dem(tmp_path)
    catalog = open_catalog(str(written(tmp_path, {"dem": entry()})))
    assert catalog.default_region == "terrain"
    assert catalog.name_of("dem") == "dem"
    assert catalog.locate("dem").files == (tmp_path / "dem.tif",)
    assert [line.state for line in catalog.check()] == ["ok"]


@pytest.mark.parametrize(
    ("changes", "key", "nearest"),
    [
        ({"drivr": {"name": "geotiff"}}, "drivr", "driver"),
        ({"adapter": {"nodat": 1}}, "adapter.nodat", "nodata"),
        ({"source": {**SOURCE, "license": "x"}}, "source.license", "licence"),
        ({"driver": {"name": "geotiff", "options": {"encodng": "x"}}}, "encodng", "encoding"),
        ({"valid_rang": [0, 1]}, "valid_rang", "valid_range"),
    ],
)
def test_typo_names_file_line_and_nearest_key(
    tmp_path: Path, changes: dict[str, Any], key: str, nearest: str
) -> None:
    path = written(tmp_path, {"dem": entry(**changes)})
    error = refusal(path)
    assert isinstance(error, CatalogError)
    assert key in error.what.zh
    assert key in error.what.en
    assert error.cure.en == f"did you mean {nearest}"
    name, _, line = error.subject.rpartition(":")
    assert name == str(path)
    assert key.rpartition(".")[2] in path.read_text(encoding="utf-8").splitlines()[int(line) - 1]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": 1.0}, "version"),
        ({"version": 2021}, "quote the value"),
        ({"kind": "rastr"}, "kind"),
        ({"kind": "vector"}, "geotiff"),
        ({"driver": {"name": "rasterio"}}, "driver.name"),
        ({"driver": {"name": "geotiff", "options": {"resampling": "cubicc"}}}, "resampling"),
        ({"source": {"title": "x"}}, "licence"),
        ({"source": {**SOURCE, "sha256": "abc"}}, "sha256"),
        ({"source": {**SOURCE, "commercial": "yes"}}, "commercial"),
        ({"source": {**SOURCE, "grade": "Z"}}, "grade"),
        ({"uri": None}, "uri is missing"),
        ({"coverage": "regoin"}, "region"),
        ({"valid_range": [5, 1]}, "upside down"),
        ({"layer": "demm"}, "dem"),
        ({"layer": "counties"}, "raster"),
        ({"access": "secret"}, "access"),
        ({"completeness": "partial"}, "completeness"),
        ({"datum": "WGS-84"}, "WGS84"),
        ({"adapter": {"scale": "2"}}, "scale"),
    ],
)
def test_bad_values_are_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    error = refusal(written(tmp_path, {"dem": entry(**changes)}))
    assert isinstance(error, CatalogError)
    assert said in error.line("en")
    assert "own.yaml:" in error.subject
    assert error.cure.zh


@pytest.mark.parametrize("datum", ["Xian80", "xian 1980", "Beijing54", "西安80"])
def test_wrong_datum_is_refused(tmp_path: Path, datum: str) -> None:
    error = refusal(written(tmp_path, {"dem": entry(datum=datum)}))
    assert isinstance(error, DatumError)
    assert "CGCS2000" in error.cure.zh


@pytest.mark.parametrize("crs", ["EPSG:4610", "EPSG:2381"])
def test_crs_in_a_wrong_datum_is_refused(tmp_path: Path, crs: str) -> None:
    (tmp_path / "a.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"x"},'
        '"geometry":{"type":"Polygon","coordinates":[[[110,32],[110.1,32],[110.1,32.1],[110,32]]]}}]}'
    )
    changed = entry(
        kind="vector", driver={"name": "ogr"}, uri="a.geojson", crs=crs, coverage="region"
    )
    catalog = open_catalog(str(written(tmp_path, {"eco_redline": changed})))
    (line,) = catalog.check()
    assert line.state == "error"
    assert "E-DATUM" in line.text.en


def test_gcj02_raster_is_refused(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, {"dem": entry(datum="GCJ-02")}))
    assert isinstance(error, DatumError)
    assert "GCJ-02" in error.what.zh


@pytest.mark.parametrize(
    ("changes", "zh", "cure"),
    [
        ({"version": 1.0}, "应为文本", "加引号"),
        ({"access": "opn"}, "之一", "是否想写 open"),
        ({"uri": None}, "缺少 uri", "改正该值"),
        ({"source": {**SOURCE, "commercial": "yes"}}, "应为 true 或 false", "改正该值"),
    ],
)
def test_faults_read_in_chinese(
    tmp_path: Path, changes: dict[str, Any], zh: str, cure: str
) -> None:
    error = refusal(written(tmp_path, {"dem": entry(**changes)}))
    assert zh in error.what.zh
    assert "||" not in error.line("zh") + error.line("en")
    assert cure in error.cure.zh


def test_check_reads_every_tile(tmp_path: Path) -> None:
    for name in "ab":
        dem(tmp_path, f"{name}.tif")
    tiled = entry(uri="{t}.tif", placeholders={"t": ["a", "b"]})
    path = written(tmp_path, {"dem": tiled})
    assert open_catalog(str(path)).check()[0].state == "ok"
    (tmp_path / "b.tif").write_bytes((tmp_path / "b.tif").read_bytes()[:300])
    (line,) = open_catalog(str(path)).check()
    assert line.state == "error"
    assert "b.tif" in line.text.en


def test_hash_in_a_file_name(tmp_path: Path) -> None:
    (tmp_path / "a#b").mkdir()
    path = dem(tmp_path / "a#b", "c#d.tif")
    assert open_catalog(str(path)).locate("dem").files == (path,)


def test_two_entries_of_one_layer(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, {"dem": entry(), "dem2": entry(layer="dem")}))
    assert "dem2" in error.line("en")


def test_aliased_and_oversized_catalogs(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("region: terrain\nentries:\n  dem: &a {kind: raster}\n", encoding="utf-8")
    assert "anchor" in refusal(path).line("en")
    path.write_text("region: " + "x" * 1_100_000, encoding="utf-8")
    assert "limit" in refusal(path).line("en")


@pytest.mark.parametrize("text", ["", "- a\n", "just text\n"])
def test_no_catalog_at_all(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    assert isinstance(refusal(path), CatalogError)


@pytest.mark.parametrize(
    "uri",
    [
        "../dem.tif", "a/../../dem.tif", "..\\dem.tif", "/etc/passwd", "/vsicurl/http://x/y.tif",
        "/vsizip/a.zip/b.tif", "https://example.org/dem.tif", "file:///etc/passwd",
        "NETCDF:dem.nc:z", "GTIFF_DIR:1:dem.tif", "", " ", "a\0b",
    ],
)  # fmt: skip
def test_uri_must_stay_in_its_folder(tmp_path: Path, uri: str) -> None:
    with pytest.raises(CatalogError) as caught:
        resolve(uri, tmp_path, "own.yaml:3")
    assert caught.value.subject == "own.yaml:3"


def test_symbolic_link_must_not_escape(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "dem.tif").write_bytes(b"x")
    (inside / "link.tif").symlink_to(outside / "dem.tif")
    (inside / "sub").symlink_to(outside, target_is_directory=True)
    for uri in ("link.tif", "sub/dem.tif"):
        with pytest.raises(CatalogError):
            resolve(uri, inside, "s")
    (inside / "own.tif").symlink_to(inside / "dem.tif")
    assert resolve("own.tif", inside, "s") == inside / "dem.tif"


def test_escaping_uri_in_a_catalog(tmp_path: Path) -> None:
    folder = tmp_path / "sub"
    folder.mkdir()
    dem(tmp_path)
    catalog = open_catalog(str(written(folder, {"dem": entry(uri="../dem.tif")})))
    with pytest.raises(CatalogError, match=r"own\.yaml:3 dem"):
        catalog.locate("dem")


def test_root_and_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHIYAN_DATA", raising=False)
    path = written(tmp_path, {"dem": entry()}, root="${SHIYAN_DATA}")
    catalog = open_catalog(str(path))
    assert catalog.root is None
    assert catalog.locate("dem").missing == ("${SHIYAN_DATA}/dem.tif",)
    (tmp_path / "data").mkdir()
    dem(tmp_path / "data")
    monkeypatch.setenv("SHIYAN_DATA", str(tmp_path / "data"))
    assert open_catalog(str(path)).locate("dem").missing == ()
    for bad in ("..", "a/../..", "${HOME}", "/vsizip/x", "http://x"):
        with pytest.raises(CatalogError):
            root_folder(bad, tmp_path, "s")


def test_placeholders_expand_to_tiles(tmp_path: Path) -> None:
    tiles = expand("t/N{n}E{e}.tif", {"n": ["31", "32"], "e": ["109", "110"]}, "s")
    assert tiles == ["t/N31E109.tif", "t/N31E110.tif", "t/N32E109.tif", "t/N32E110.tif"]
    for placeholders in ({}, {"n": []}, {"n": ["1"], "x": ["2"]}):
        with pytest.raises(CatalogError):
            expand("{n}.tif", placeholders, "s")


def test_hole_in_a_tile_set_is_missing(tmp_path: Path) -> None:
    dem(tmp_path, "a.tif")
    tiled = entry(uri="{t}.tif", placeholders={"t": ["a", "b"]})
    catalog = open_catalog(str(written(tmp_path, {"dem": tiled})))
    with pytest.raises(RasterError, match=r"b\.tif.*does not exist"):
        catalog.request("dem")


def test_profiles_by_name_and_the_choice_in_a_file(tmp_path: Path) -> None:
    assert open_catalog("demo").name == "demo"
    assert open_catalog("bureau").default_region == "shiyan"
    with pytest.raises(OptionError, match="demo"):
        open_catalog("dem0")
    dem(tmp_path)
    path = tmp_path / "two.yaml"
    profiles = {name: {"region": "terrain", "entries": {"dem": entry()}} for name in "ab"}
    path.write_text(yaml.safe_dump({"profiles": profiles}), encoding="utf-8")
    assert open_catalog(f"{path}#b").name == "b"
    assert isinstance(refusal(path), CatalogError)


def test_environment_names_another_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = {"region": "terrain", "entries": {"dem": entry()}}
    path = tmp_path / "c.yaml"
    path.write_text(yaml.safe_dump({"profiles": {"demo": profile}}), encoding="utf-8")
    monkeypatch.setenv("SHIYAN_CATALOG", str(path))
    assert set(open_catalog("demo").entries) == {"dem"}
    monkeypatch.setenv("SHIYAN_CATALOG", str(tmp_path / "none.yaml"))
    with pytest.raises(CatalogError, match="cannot be read"):
        open_catalog("demo")


def test_order_of_look_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment, then beside the packages (checkout), then inside the package (wheel)."""
    monkeypatch.delenv("SHIYAN_CATALOG", raising=False)
    package = tmp_path / "site" / "layers"
    package.mkdir(parents=True)
    monkeypatch.setattr(paths, "_PACKAGE", package)
    with pytest.raises(OptionError, match="SHIYAN_CATALOG"):
        paths.catalog_file()
    (package / "data_catalog.yaml").touch()
    assert paths.catalog_file() == package / "data_catalog.yaml"
    (package.parent / "data_catalog.yaml").touch()
    assert paths.catalog_file() == package.parent / "data_catalog.yaml"
    monkeypatch.setenv("SHIYAN_CATALOG", "other.yaml")
    assert paths.catalog_file() == Path("other.yaml")


def test_dem_is_a_catalog_of_one_entry(tmp_path: Path) -> None:
    catalog = open_catalog(str(dem(tmp_path)))
    assert set(catalog.entries) == {"dem"}
    assert catalog.default_region == "terrain"
    with pytest.raises(RasterError, match="does not exist"):
        open_catalog(str(tmp_path / "none.tif"))


def test_stand_in_of_a_file_comes_from_the_projects_demo(tmp_path: Path) -> None:
    catalog = open_catalog(str(written(tmp_path, {"dem": entry(stand_in="demo")})))
    other = catalog.stand_in("dem")
    assert other is not None
    assert other[0].entries[other[1]].kind == "synthetic"
    assert "demo" in catalog.check()[0].text.zh
    error = refusal(written(tmp_path, {"dem": entry(stand_in="dmo")}))
    assert "own.yaml:3" in error.subject
    assert error.cure.en == "did you mean demo"


def test_stand_in_circle(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    entries = {"dem": entry(stand_in="b")}
    back = {"dem": entry(stand_in="a")}
    both = {name: {"region": "terrain", "entries": e} for name, e in (("a", entries), ("b", back))}
    path.write_text(yaml.safe_dump({"profiles": both}), encoding="utf-8")
    with pytest.raises(CatalogError, match="circle"):
        open_catalog(f"{path}#a")


def test_check_says_what_is_wrong(tmp_path: Path) -> None:
    dem(tmp_path)
    raw = (tmp_path / "dem.tif").read_bytes()
    (tmp_path / "cut.tif").write_bytes(raw[: len(raw) * 6 // 10])
    cases = {
        "missing and needed": ("error", entry(uri="none.tif")),
        "missing, not needed": ("missing", entry(uri="none.tif", optional=True)),
        "truncated": ("error", entry(uri="cut.tif")),
        "other crs": ("error", entry(crs="EPSG:32649")),
        "range": ("error", entry(valid_range=[0, 500])),
        "sha256": ("error", entry(source={**SOURCE, "sha256": "0" * 64})),
        "unit": ("error", entry(adapter={"unit": "ft"})),
        "fine": ("ok", entry(adapter={"unit": "m"})),
    }
    for case, (state, one) in cases.items():
        (line,) = open_catalog(str(written(tmp_path, {"dem": one}))).check()
        assert line.state == state, (case, line.text.en)
        assert str(tmp_path) in line.text.en or state == "ok"


def test_error_lines_are_single_lines(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, {"dem": entry(verion="1")}))
    assert isinstance(error, InputError)
    for lang in ("zh", "en"):
        assert "\n" not in error.line(lang)
        assert "own.yaml" in error.line(lang)


@pytest.mark.parametrize(
    "root", ["${SHIYAN_DATA}/../..", "${SHIYAN_DATA}x", "${SHIYAN_DATA}/$HOME"]
)
def test_root_does_not_climb_out_of_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str
) -> None:
    monkeypatch.setenv("SHIYAN_DATA", str(tmp_path / "a" / "b"))
    with pytest.raises(CatalogError):
        root_folder(root, tmp_path, "c.yaml:1")
    monkeypatch.delenv("SHIYAN_DATA")
    with pytest.raises(CatalogError):
        root_folder(root, tmp_path, "c.yaml:1")


def test_placeholders_do_not_explode() -> None:
    names = [f"p{i}" for i in range(8)]
    uri = "".join(f"{{{name}}}" for name in names)
    values = {name: [str(i) for i in range(30)] for name in names}
    with pytest.raises(CatalogError, match="10000"):
        expand(uri, values, "c.yaml:1")


@pytest.mark.parametrize("method", ["bilinear", "average"])
def test_classes_are_never_averaged(tmp_path: Path, method: str) -> None:
    """The mean of tree (3) and bamboo (9) would be water (6)."""
    driver = {"name": "geotiff", "options": {"resampling": method}}
    error = refusal(written(tmp_path, {"land_cover": entry(driver=driver)}))
    assert method in error.line("zh")
    assert "nearest" in error.line("en")
    written(tmp_path, {"dem": entry(driver=driver)})
    assert open_catalog(str(tmp_path / "own.yaml")).entries["dem"].driver.options.resampling


@pytest.mark.parametrize(
    ("changes", "zh"),
    [
        ({"adapter": {"scale": float("nan")}}, "有限的数"),
        ({"adapter": {"offset": float("inf")}}, "有限的数"),
        ({"valid_range": [float("nan"), 1]}, "有限的数"),
        ({"adapter": {"scale": 0}}, "不得为 0"),
    ],
)
def test_numbers_that_would_wipe_a_layer(tmp_path: Path, changes: dict[str, Any], zh: str) -> None:
    error = refusal(written(tmp_path, {"dem": entry(**changes)}))
    assert "own.yaml:" in error.line("zh")
    assert zh in error.line("zh")
    assert "bad value" in error.line("en")


def test_catalog_without_profiles(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("profiles: {}\n", encoding="utf-8")
    assert "没有任何目录配置" in refusal(path).line("zh")
