"""Where a file says anything, and a catalog that others write too."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geo.crs import to_crs
from geo.errors import BusyError, CatalogError, DiskError, Say, VectorError
from geo.publish import FolderLock
from layers.boundaries import county_outlines
from layers.bureau.understand import Wish
from layers.catalog import open_catalog, prepare, write
from layers.catalog.add import Addition
from layers.catalog.edit import insert
from layers.control import shortfall

ZONE_37, CM_114 = "EPSG:4525", "EPSG:4547"
#: Well inside 郧西县.
BOX = shapely.box(37_430_000, 3_650_000, 37_436_000, 3_656_000)


def redline(folder: Path, *shapes: shapely.Geometry, crs: str = ZONE_37, **wish: Any) -> Addition:
    frame = gpd.GeoDataFrame({"id": range(len(shapes))}, geometry=list(shapes), crs=crs)
    pyogrio.write_dataframe(frame, folder / "STBHHX.gpkg")
    return prepare(folder / "STBHHX.gpkg", folder / "my.yaml", Wish(**wish))


def spill(metres: float) -> shapely.Geometry:
    """Return ground of 郧阳区 within ``metres`` of its border with 郧西县."""
    outlines = to_crs(county_outlines("420300"), ZONE_37).set_index("code").geometry
    border = shapely.intersection(outlines["420322"].boundary, outlines["420304"].buffer(10))
    middle = shapely.get_parts(border)[0].interpolate(0.5, normalized=True)
    return middle.buffer(metres).intersection(outlines["420304"])


def test_what_spills_over_a_border_says_nothing_of_the_county_behind(tmp_path: Path) -> None:
    assert redline(tmp_path, BOX, spill(80)).coverage[0] == "counties_420322"
    assert redline(tmp_path, BOX, spill(900)).coverage[0] == "counties_420322"
    assert redline(tmp_path, BOX, spill(5000)).coverage[0] == "counties_420304_420322"
    with pytest.raises(VectorError, match="county borders only"):
        redline(tmp_path, spill(80))


@pytest.mark.parametrize("coverage", ["region", "420322"])
def test_a_layer_of_another_place_is_never_taken_for_this_one(
    tmp_path: Path, coverage: str
) -> None:
    away = shapely.affinity.translate(BOX, -37e6, 0)
    with pytest.raises(VectorError, match="outside every county"):
        redline(tmp_path, away, crs=CM_114, coverage=coverage)


def test_counties_that_are_named_must_hold_the_features(tmp_path: Path) -> None:
    with pytest.raises(VectorError, match="lies in 420322") as caught:
        redline(tmp_path, BOX, coverage="420323")
    assert "郧西县" in caught.value.what.zh
    both = redline(tmp_path, BOX, coverage="420323, 420322 420322")
    assert both.coverage[0] == "counties_420322_420323"
    more = redline(tmp_path, BOX, spill(5000), coverage="420322")
    assert "另有要素落在 郧阳区" in more.coverage[1].zh


def test_a_claim_of_the_whole_city_names_the_counties_without_features(tmp_path: Path) -> None:
    addition = redline(tmp_path, BOX, coverage="region")
    assert "竹山县" in addition.coverage[1].zh
    assert "不是未知" in addition.coverage[1].zh
    (warning,) = shortfall(addition)
    assert "低于公布的 7,721.62 km²" in warning.zh
    assert shortfall(redline(tmp_path, BOX)) == []


HAND = (
    "region: shiyan\nextends: bureau\nentries:\n  # 联系人：林业局\n  #: 机器写的\n  a:\n"
    "    kind: x\n# 2024 年更新\n    datum: GCJ-02\n    # 内\n  # 乙的说明\n  b:\n    kind: y\n"
)


def test_an_entry_goes_whole_and_a_persons_comments_stay() -> None:
    gone = insert(HAND, {}, ("a",), "c.yaml")
    assert gone == HAND.replace(
        "  #: 机器写的\n  a:\n    kind: x\n# 2024 年更新\n    datum: GCJ-02\n    # 内\n", ""
    )


def test_line_ends_and_marks_of_windows_stay() -> None:
    text = "\ufeff" + HAND.replace("\n", "\r\n")
    added = insert(text, {"c": "  c:\n    kind: z\n"}, (), "c.yaml")
    assert added == text + "  c:\r\n    kind: z\r\n"
    odd = HAND.replace("林业局", "林\u2028entries:\u0085业局")
    assert insert(odd, {"c": "  c:\n    kind: z\n"}, (), "c.yaml").startswith(odd)


def test_windows_catalog_through_write(tmp_path: Path) -> None:
    write(redline(tmp_path, BOX))
    text = (tmp_path / "my.yaml").read_text(encoding="utf-8")
    (tmp_path / "my.yaml").write_bytes(("\ufeff" + text.replace("\n", "\r\n")).encode())
    file = tmp_path / "STBHHX.gpkg"
    write(prepare(file, tmp_path / "my.yaml", Wish(acquired="2024"), replace=True))
    raw = (tmp_path / "my.yaml").read_bytes()
    assert raw.startswith(("\ufeff" + text[:30]).encode())
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert "eco_redline" in open_catalog(str(tmp_path / "my.yaml")).own


def test_what_another_wrote_meanwhile_is_not_lost(tmp_path: Path) -> None:
    first = redline(tmp_path, BOX)
    write(prepare(tmp_path / "STBHHX.gpkg", tmp_path / "my.yaml", Wish()))
    raw = (tmp_path / "my.yaml").read_bytes()
    with pytest.raises(BusyError, match="has changed since") as caught:
        write(first)
    assert caught.value.exit_code == 4
    assert (tmp_path / "my.yaml").read_bytes() == raw
    (tmp_path / "my.yaml").unlink()
    with FolderLock(tmp_path), pytest.raises(BusyError, match="is being written"):
        write(redline(tmp_path, BOX))
    assert not (tmp_path / "my.yaml").exists()
    assert not list(tmp_path.glob(".part-*"))


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_a_stop_in_the_middle_leaves_the_catalog_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    write(redline(tmp_path, BOX))
    raw = (tmp_path / "my.yaml").read_bytes()
    again = prepare(
        tmp_path / "STBHHX.gpkg", tmp_path / "my.yaml", Wish(acquired="2024"), replace=True
    )

    def stop(*_: Any) -> None:
        raise fault

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(DiskError if isinstance(fault, OSError) else KeyboardInterrupt):
        write(again)
    assert (tmp_path / "my.yaml").read_bytes() == raw
    assert not list(tmp_path.glob(".part-*"))


@pytest.mark.parametrize("name", ["a{b}.gpkg", "a:b.gpkg", "a\nb.gpkg", "a\x1b[31m.gpkg"])
def test_names_that_a_catalog_cannot_hold(tmp_path: Path, name: str) -> None:
    with pytest.raises(CatalogError, match="rename it first") as caught:
        prepare(tmp_path / name, tmp_path / "my.yaml", Wish())
    assert "\x1b" not in caught.value.line("zh")


@pytest.mark.parametrize("name", ['它\'s "q".gpkg', "- x # y.gpkg", "&*%41.gpkg", "e\u0301.gpkg"])
def test_odd_names_are_read_back(tmp_path: Path, name: str) -> None:
    addition = redline(tmp_path, BOX)
    (tmp_path / "STBHHX.gpkg").rename(tmp_path / name)
    addition = prepare(tmp_path / name, tmp_path / "my.yaml", Wish(layer="eco_redline"))
    (line,) = write(addition)
    assert line.state == "ok"
    assert open_catalog(str(tmp_path / "my.yaml")).entries["eco_redline"].uri == name


def test_the_extent_is_said_so_that_a_stray_vertex_is_seen(tmp_path: Path) -> None:
    inside, stray = shapely.box(110.2, 33.0, 110.3, 33.1), shapely.box(0, 0, 1, 1)
    says = redline(tmp_path, inside, stray, crs="EPSG:4490", layer="eco_redline").coverage[1]
    assert "东经 0.00-110.30°、北纬 0.00-33.10°，其中 1 个全在各县市区以外" in says.zh
    assert "以外" not in redline(tmp_path, BOX).coverage[1].zh


def test_a_share_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any) -> None:
        raise OSError(errno.EOPNOTSUPP, "no locks")

    monkeypatch.setattr("geo.publish._try_lock", none)
    write(redline(tmp_path, BOX))
    assert "eco_redline" in open_catalog(str(tmp_path / "my.yaml")).own


def test_a_second_county_is_not_taken_for_a_replacement(tmp_path: Path) -> None:
    write(redline(tmp_path, BOX))
    with pytest.raises(CatalogError, match="already") as caught:
        prepare(tmp_path / "STBHHX.gpkg", tmp_path / "my.yaml", Wish())
    assert "合并" in caught.value.cure.zh


def test_a_files_text_does_not_drive_the_terminal() -> None:
    error = VectorError("a\x1b[2J.gpkg", Say("乱\x07码", "odd"), Say("改名", "rename"))
    assert "\x1b" not in error.line("zh")
    assert "\x07" not in error.line("zh")
