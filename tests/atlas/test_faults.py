"""Faults of the machine: signals, kills, full disks, odd terminals, protected folders."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rasterio

import atlas.cli
from atlas.options import Options
from atlas.runfolder import PART_PREFIX
from geo.grid import Grid

ROOT = Path(__file__).resolve().parents[2]
AS_OF = ("--as-of", "2026-11-22")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")

#: Run the command line after ``prepare``; SIGINT may be ignored in a background job.
START = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
{prepare}
from atlas.cli import main
main()
"""
LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"


def start(
    *words: str, cwd: Path, prepare: str = "", env: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", START.format(prepare=prepare), *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
    )  # fmt: skip


@pytest.fixture(scope="module")
def dem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small mountain in a folder whose name holds a blank and Chinese."""
    folder = tmp_path_factory.mktemp("高程 数据")
    y, x = np.mgrid[0:120, 0:160]
    profile = {
        "driver": "GTiff", "width": 160, "height": 120, "count": 1, "dtype": "int16",
        "nodata": 32767, "crs": "EPSG:32611",
        "transform": rasterio.transform.from_origin(400_000, 3_800_000, 30, 30),
    }  # fmt: skip
    with rasterio.open(folder / "山 地.tif", "w", **profile) as target:
        target.write((600 + 200 * np.sin(x / 17) * np.cos(y / 13) + 2 * x).astype("int16"), 1)
    return folder / "山 地.tif"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output folder with a finished run and a file of somebody else."""
    folder = tmp_path / "成 果"
    (folder / "20200101T000000Z-00000000").mkdir(parents=True)
    (folder / "20200101T000000Z-00000000" / "map.html").write_text("kept", encoding="utf-8")
    (folder / "latest").write_text("20200101T000000Z-00000000\n", encoding="utf-8")
    (folder / "notes.docx").write_text("mine", encoding="utf-8")
    return folder


def previous_stands(out: Path, parts: int = 0) -> None:
    names = sorted(path.name for path in out.iterdir() if path.name != ".lock")
    assert [n for n in names if not n.startswith(PART_PREFIX)] == [
        "20200101T000000Z-00000000", "latest", "notes.docx",
    ]  # fmt: skip
    assert len([n for n in names if n.startswith(PART_PREFIX)]) == parts
    assert (out / "latest").read_text(encoding="utf-8") == "20200101T000000Z-00000000\n"
    assert (out / "20200101T000000Z-00000000" / "map.html").read_text(encoding="utf-8") == "kept"


def until_writing(run: subprocess.Popen[bytes]) -> None:
    """Wait until the run writes its files."""
    assert run.stderr is not None
    for line in run.stderr:
        if "写出表格" in line.decode():
            return
    pytest.fail("the run never wrote a table")


@POSIX
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_signal_leaves_nothing(dem: Path, out: Path, number: str) -> None:
    with start("run", "--data", str(dem), "--out", str(out), *AS_OF, cwd=out) as run:
        until_writing(run)
        run.send_signal(getattr(signal, number))
        printed, said = run.communicate(timeout=60)
    assert run.returncode == 130
    assert printed == b""
    assert said.decode().splitlines()[-1].startswith("已中断")
    assert "Traceback" not in said.decode()
    previous_stands(out)


@POSIX
def test_kill_leaves_the_previous_result(dem: Path, out: Path) -> None:
    with start("run", "--data", str(dem), "--out", str(out), *AS_OF, cwd=out) as run:
        until_writing(run)
        run.kill()
        run.communicate(timeout=60)
    previous_stands(out, parts=1)
    (out / f"{PART_PREFIX}99-latest").write_text("half", encoding="utf-8")
    with start("run", "--data", str(dem), "--out", str(out), *AS_OF, cwd=out) as run:
        run.communicate(timeout=60)
    assert run.returncode == 0
    assert not list(out.glob(f"{PART_PREFIX}*"))
    newest = (out / "latest").read_text(encoding="utf-8").strip()
    assert newest > "20200101T000000Z-00000000"
    assert (out / newest / "map.html").is_file()
    assert (out / "notes.docx").read_text(encoding="utf-8") == "mine"


@POSIX
@pytest.mark.parametrize("size", [4_000, 60_000, 120_000])
def test_disk_full_in_the_middle(dem: Path, out: Path, size: int) -> None:
    """A raster, the GeoPackage and the map meet the limit, each in its own library."""
    limit = LIMIT.format(size=size)
    # compiled kernels are files too: they must not meet the limit first
    warm = "import atlas.pipeline"
    with start(
        "run", "--data", str(dem), "--out", str(out), *AS_OF, cwd=out, prepare=f"{warm}; {limit}"
    ) as run:
        printed, said = run.communicate(timeout=120)
    assert run.returncode == 5, said.decode()
    assert printed == b""
    faults = [line for line in said.decode().splitlines() if "[E-DISK]" in line]
    assert len(faults) == 2
    assert "处理办法" in faults[0]
    assert "cure" in faults[1]
    previous_stands(out)


def test_odd_names_and_terminals(dem: Path, out: Path) -> None:
    """Blanks and Chinese in names, a GBK pipe, a Turkish or bare locale: one JSON object."""
    words = ("run", "--data", str(dem), "--out", str(out), "--seed", "-1", "--json", *AS_OF)
    env = {"PYTHONIOENCODING": "gbk", "LC_ALL": "C", "TZ": "Asia/Shanghai"}
    with start(*words, cwd=out, env=env) as run:
        printed, said = run.communicate(timeout=120)
    assert run.returncode == 0, said.decode()
    answer = json.loads(printed.decode("utf-8"))
    assert list(answer) == ["schema", "run", "parts", "warnings"]
    assert answer["run"]["region"] == "terrain"
    assert answer["run"]["resolution_m"] == 30.0
    row = re.compile(r"\[ *[\d.]+ s\] \S.*|\S.* +[\d.]+( +\d+)?|阶段 .*")
    for line in said.decode("utf-8").splitlines():
        assert row.fullmatch(line), line
    manifest = json.loads((Path(answer["run"]["folder"]) / "run.json").read_text(encoding="utf-8"))
    assert manifest["inputs"]["dem"]["sha256"][0].startswith("山 地.tif=")
    assert manifest["parameters"]["seed"] == -1
    assert str(dem.parent) not in json.dumps(manifest, ensure_ascii=False)
    assert (out / "notes.docx").is_file()


def caught(monkeypatch: pytest.MonkeyPatch, capsys, *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["shiyan", *words])
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as left:
        atlas.cli.main()
    text = capsys.readouterr()
    return int(left.value.code or 0), text.out, text.err


@pytest.mark.parametrize(
    ("fault", "code", "word"),
    [
        (RuntimeError("two\nlines"), 1, "RuntimeError: two lines"),
        (MemoryError(), 1, "E-MEMORY"),
        (OSError(errno.ENOSPC, "No space left on device", "x.nbi"), 5, "x.nbi"),
        (PermissionError(errno.EACCES, "Permission denied", "dem.tif"), 1, "E-INTERNAL"),
        (KeyboardInterrupt(), 130, "已中断"),
    ],
)
def test_every_fault_is_one_line(monkeypatch, capsys, fault, code, word) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(atlas.cli, "_publish", fail)
    left, printed, said = caught(monkeypatch, capsys, "run", *AS_OF)
    assert (left, printed) == (code, "")
    lines = said.strip().splitlines()  # click ends the line of a ^C first
    assert len(lines) == (2 if code == 5 else 1)
    assert word in lines[0]


def test_debug_shows_the_call_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(atlas.cli, "_publish", fail)
    monkeypatch.setattr(sys, "argv", ["shiyan", "run", "--debug"])
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(RuntimeError, match="inside"):
        atlas.cli.main()


@pytest.mark.parametrize("lang", [("--lang", "en"), ("--lang=en",)])
def test_english_first(monkeypatch, capsys, lang: tuple[str, ...]) -> None:
    code, _, said = caught(monkeypatch, capsys, "run", "--as-of", "2026-13-01", *lang)
    assert code == 2
    assert [("cure" in line) for line in said.splitlines()] == [True, False]


@pytest.mark.parametrize("point", [("nan", "nan"), ("inf", "32"), ("32.62", "110.79")])
def test_points_that_are_none(monkeypatch, capsys, point: tuple[str, str]) -> None:
    code, _, said = caught(monkeypatch, capsys, "why", *point)
    assert code == 2
    assert "110.79 32.62" in said


def test_western_longitude_is_no_option(monkeypatch, capsys, dem: Path) -> None:
    code, _, said = caught(monkeypatch, capsys, "why", "-10.5", "34.3", "--data", str(dem))
    assert code == 2
    assert "-10.5, 34.3" in said  # read as a point, and found outside


@pytest.mark.parametrize("text", ["abc", "1e9", "9" * 30])
def test_bad_document_time(monkeypatch, capsys, text: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    code, _, said = caught(monkeypatch, capsys, "run")
    assert code == 2
    assert "SOURCE_DATE_EPOCH" in said


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--what-if", "nonsense"), "what-if nonsense"),
        (("--what-if", "national_park", "--mode", "legal"), "what-if national_park"),
        (("--overrides", "nowhere.yaml"), "--overrides nowhere.yaml"),
    ],
)
def test_assumptions_that_cannot_be_had(monkeypatch, capsys, tmp_path, words, named) -> None:
    """Refused before any layer is read."""
    monkeypatch.setattr("atlas.scene.build_stack", lambda *_, **__: pytest.fail("read a layer"))
    monkeypatch.chdir(tmp_path)
    code, printed, said = caught(monkeypatch, capsys, "run", *AS_OF, *words)
    assert (code, printed) == (2, "")
    assert said.count(named) == 2
    assert list(tmp_path.glob("out/2*")) == []


def test_broken_county_rows_name_file_and_line(monkeypatch, capsys, tmp_path: Path) -> None:
    monkeypatch.setattr("atlas.scene.build_stack", lambda *_, **__: pytest.fail("read a layer"))
    path = tmp_path / "rows.yaml"
    row = "{id: A-1, county: '420325', rule: R-none, change: 'off', clause: 一, grade: A,"
    path.write_text(
        "title: {zh: 甲, en: a}\ncounties: {'420325': {zh: 房县, en: Fangxian}}\n"
        "sources: {S-1: {title: t, locator: l, grade: A}}\noverrides:\n"
        f"  - {row} reason: {{zh: 因, en: why}}, instrument: {{zh: 法, en: law}},\n"
        "     valid_from: 2026-01-01, sources: [S-1]}\n",
        encoding="utf-8",
    )
    words = ("run", *AS_OF, "--out", str(tmp_path / "out"), "--overrides", str(path))
    code, _, said = caught(monkeypatch, capsys, *words)
    assert code == 3
    assert "rows.yaml:5" in said
    assert "R-none" in said


def test_assumptions_decide_the_name_of_a_run_whatever_their_order() -> None:
    day = date(2026, 11, 22)
    one = Options(as_of=day, what_if=("zoning", "corridor"), overrides=Path("a/rows.yaml"))
    other = Options(as_of=day, what_if=("corridor", "zoning"), overrides=Path("b/rows.yaml"))
    assert one.parameters() == other.parameters()
    assert one.parameters()["overrides"] == "rows.yaml"  # its sha256 stands under files
    assert not {"what_if", "overrides"} & set(Options(as_of=day).parameters())


def test_undecodable_name(monkeypatch, capsys) -> None:
    code, _, said = caught(monkeypatch, capsys, "run", "--out", "a\udcff")
    assert code == 2
    assert "--out" in said


def test_grid_beyond_the_memory_is_refused(monkeypatch, capsys, dem: Path, tmp_path: Path) -> None:
    import atlas.scene

    monkeypatch.setattr(atlas.scene, "machine_memory", lambda: 1_000_000)
    words = ("run", "--data", str(dem), "--out", str(tmp_path / "out"), *AS_OF)
    code, printed, said = caught(monkeypatch, capsys, *words)
    assert (code, printed) == (3, "")
    assert said.count("E-SIZE") == 2
    small = Grid.from_bounds("EPSG:4546", (0, 0, 900, 900), 90.0)
    atlas.scene.check_memory(small, None)
    atlas.scene.check_memory(small, 100 * atlas.scene.BYTES_A_CELL)


PLACE = "id: x\nname: {zh: 甲, en: x}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PLACE + "extnt_of: dem\n", ("place.yaml:3", "extent_of")),
        (PLACE + "extent_of: dme\n", ("dme",)),
        (PLACE + "extent_of: dem\nboundary: counties\n", ("place.yaml", "boundary")),
        (PLACE + "extent_of: dem\nresolution: -9\n", ("place.yaml:4", "resolution")),
        (PLACE + "extent_of: dem\nfacts: shyan\n", ("shyan",)),
        ("a: &a [x]\nb: *a\n", ("place.yaml:1",)),
        ("", ("place.yaml",)),
    ],
)
def test_region_typo(monkeypatch, capsys, dem: Path, tmp_path: Path, text: str, words) -> None:
    place, out = tmp_path / "place.yaml", tmp_path / "out"
    place.write_text(text, encoding="utf-8")
    options = ("--data", str(dem), "--region", str(place), "--out", str(out), *AS_OF)
    code, printed, said = caught(monkeypatch, capsys, "run", *options)
    assert (code, printed) == (3, "")
    faults = [line for line in said.splitlines() if "[E-" in line]
    assert len(faults) == 2
    assert all(word in line for word in words for line in faults)
    assert [path.name for path in out.iterdir()] == [".lock"]


def test_missing_region_file(monkeypatch, capsys, dem: Path, tmp_path: Path) -> None:
    options = ("--data", str(dem), "--region", "nowhere.yaml", "--out", str(tmp_path / "out"))
    code, _, said = caught(monkeypatch, capsys, "run", *options)
    assert code == 3
    assert said.count("nowhere.yaml") == 2


@pytest.mark.parametrize(
    ("uri", "digest", "kind"),
    [("nowhere.tif", "", "E-RASTER"), ("dem.tif", "0" * 64, "E-INPUT")],
)
def test_missing_or_changed_raster(
    monkeypatch, capsys, dem: Path, tmp_path: Path, uri: str, digest: str, kind: str
) -> None:
    shutil.copy(dem, tmp_path / "dem.tif")
    sha256 = f', sha256: "{digest}"' if digest else ""
    (tmp_path / "mine.yaml").write_text(
        "region: terrain\nentries:\n  dem:\n    kind: raster\n    driver: {name: geotiff}\n"
        f"    uri: {uri}\n    access: user_supplied\n    source: {{title: t, licence: l{sha256}}}"
        "\n",
        encoding="utf-8",
    )
    options = ("--data", str(tmp_path / "mine.yaml"), "--out", str(tmp_path / "out"), *AS_OF)
    code, printed, said = caught(monkeypatch, capsys, "run", *options)
    assert (code, printed) == (3, "")
    faults = [line for line in said.splitlines() if kind in line]
    assert len(faults) == 2
    assert all(uri in line for line in faults)


def test_header_bomb(monkeypatch, capsys, tmp_path: Path) -> None:
    """A file of 180 kB that claims a million million cells."""
    profile = {
        "driver": "GTiff", "width": 10**6, "height": 10**6, "count": 1, "dtype": "int16",
        "crs": "EPSG:32611", "transform": rasterio.transform.from_origin(4e5, 3.8e6, 1, 1),
        "nodata": -32768, "tiled": True, "blockxsize": 8192, "blockysize": 8192,
        "sparse_ok": True, "BIGTIFF": "YES",
    }  # fmt: skip
    with rasterio.open(tmp_path / "bomb.tif", "w", **profile):
        pass
    options = ("--data", str(tmp_path / "bomb.tif"), "--out", str(tmp_path / "out"), *AS_OF)
    for more in ((), ("--resolution", "5000")):
        code, printed, said = caught(monkeypatch, capsys, "run", *options, *more)
        assert (code, printed) == (3, "")
        assert said.count("E-SIZE") == 2


@POSIX
def test_protected_installation_compiles_elsewhere(tmp_path: Path) -> None:
    """Without a place for compiled kernels numba refuses to import them."""
    for name in ("geo", "layers", "siting", "sinks", "atlas"):
        shutil.copytree(
            ROOT / name, tmp_path / name,
            ignore=shutil.ignore_patterns("__pycache__", "*.csv", "*.js"),
        )  # fmt: skip
        for folder in [tmp_path / name, *(p for p in (tmp_path / name).rglob("*") if p.is_dir())]:
            (folder / "__pycache__").touch()  # a file in its place: even root cannot make it
    script = (
        "import os\nfrom atlas.startup import prepare_kernel_cache\nprepare_kernel_cache()\n"
        "import geo.terrain\nprint(geo.terrain.__file__)\nprint(os.environ['NUMBA_CACHE_DIR'])"
    )
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "HOME": "/dev/null"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=env, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    module, cache = done.stdout.splitlines()
    assert module.startswith(str(tmp_path))
    assert not Path(cache).exists()  # it lived as long as the process


def test_foreign_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "geo").mkdir()
    (tmp_path / "geo" / "__init__.py").write_text("", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "import atlas"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "shadows one of our packages" in last
    assert f"geo in {tmp_path}" in last
    assert "environment of its own" in last


def test_unknown_rule_table_names_the_region_file(dem: Path, tmp_path: Path) -> None:
    text = (ROOT / "layers/regions/terrain.yaml").read_text(encoding="utf-8")
    region = tmp_path / "town.yaml"
    region.write_text(text.replace("jurisdiction: none", "jurisdiction: hubie"), encoding="utf-8")
    out = tmp_path / "out"
    words = ("run", "--data", str(dem), "--region", str(region), "--out", str(out))
    with start(*words, cwd=tmp_path) as job:
        _, told = job.communicate(timeout=120)
    assert job.returncode == 3
    assert "town.yaml" in told.decode()
    assert "hubie" in told.decode()
    assert not [path for path in out.iterdir() if path.is_dir()]
