"""Add a file to a user's catalog: understand it, write its entries, prove that they read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd

from geo.errors import BusyError, CatalogError, DiskError, OptionError, Say, VectorError
from geo.publish import FolderLock, replacing
from layers.bureau.entrytext import entry_text
from layers.bureau.plan import Planned, plan
from layers.bureau.told import check_date
from layers.bureau.understand import Understanding, Wish, understand
from layers.catalog import edit
from layers.catalog.check import CheckLine, check_file
from layers.catalog.model import Catalog
from layers.catalog.store import open_catalog
from layers.catalog.where import coverage_of
from layers.contract import SPECS
from layers.vectors import read_vector

#: Profile that a new catalog extends.
BASE: Final = "bureau"
_LICENCE: Final = "由提供单位规定"
_EPSG: Final = "EPSG:"


@dataclass(frozen=True, slots=True)
class Addition:
    """What would be written, and where.

    Parameters
    ----------
    found
        What the file is taken for.
    planned
        The entries that it gives.
    refused
        Layers that it cannot give, and why.
    coverage
        Coverage of the entries, and what it means.
    catalog
        The file to write.
    blocks
        Entry name -> its YAML.
    text
        The whole new catalog.
    replaces
        Entries of the catalog that go.
    before
        The catalog as it was read; None = there was none.
    """

    found: Understanding
    planned: tuple[Planned, ...]
    refused: tuple[Say, ...]
    coverage: tuple[str, Say]
    catalog: Path
    blocks: Mapping[str, str]
    text: str
    replaces: tuple[str, ...]
    before: bytes | None = None


def prepare(file: Path, catalog: Path, wish: Wish, *, replace: bool = False) -> Addition:
    """Understand a file and compose its entries; nothing is written.

    Parameters
    ----------
    file
        Vector file, geodatabase folder or zipped geodatabase below the catalog's folder.
    catalog
        Catalog file of the user; need not exist.
    wish
        What the user said about the file.
    replace
        Take out entries of the same layers that stand in the catalog.

    Raises
    ------
    CatalogError
        The file lies outside the catalog's folder, or a layer has an entry already.
    VectorError, CrsError, TableError, DatumError
        As :func:`layers.bureau.understand.understand` and :func:`layers.bureau.plan.plan`.
    """
    check_date(wish.acquired)
    _refuse_name(catalog)
    _refuse_others(file)
    old = open_catalog(str(catalog)) if catalog.is_file() else None
    uri = _uri(file, catalog, old)
    counties, city = _counties(old)
    found = understand(file, wish, counties)
    planned, refused = plan(found, wish)
    coverage, mask = coverage_of(found, wish, counties, city)
    entries = {one.layer: _entry(found, one, uri, wish, coverage[0]) for one in planned}
    replaces = _replaced(catalog, old, list(entries), replace=replace)
    if mask is not None and (old is None or coverage[0] not in old.entries):
        entries = {coverage[0]: mask, **entries}
    before = None if old is None else catalog.read_bytes()
    text = edit.NEW.format(region="shiyan", extends=BASE) if before is None else before.decode()
    depth = edit.indent_of(text)
    comments = {one.layer: "；".join(_short(say) for say in one.says) for one in planned}
    blocks = {
        name: entry_text(name, entry, comments.get(name, ""), depth)
        for name, entry in entries.items()
    }
    return Addition(
        found, tuple(planned), tuple(refused), coverage, catalog, blocks,
        edit.insert(text, blocks, replaces, str(catalog)), replaces, before,
    )  # fmt: skip


def _refuse_name(catalog: Path) -> None:
    """Refuse a catalog that no run could open again."""
    if catalog.suffix.lower() in (".yaml", ".yml") and not catalog.is_dir():
        return
    raise OptionError(
        f"--catalog {catalog}",
        Say("应为 .yaml 文件", "must be a .yaml file"),
        Say("例如 --catalog my_catalog.yaml", "for example --catalog my_catalog.yaml"),
    )


def _refuse_others(file: Path) -> None:
    """Refuse rasters and tables in words that help: they are entered by hand."""
    kinds = {".tif": "raster", ".tiff": "raster", ".asc": "raster", ".csv": "table"}
    kind = kinds.get(file.suffix.lower())
    if kind is None:
        return
    name = "栅格" if kind == "raster" else "表格"
    raise VectorError(
        file,
        Say(f"是{name}，catalog add 只登记矢量", f"is a {kind}: catalog add enters vectors"),
        Say("照 data_catalog.yaml 的 bureau 配置写条目，或按其文件名放在目录文件旁（如 dem.tif）",
            "write an entry as the profile bureau in data_catalog.yaml does, or give the file "
            "the name that it has there (dem.tif) beside the catalog"),
    )  # fmt: skip


def write(addition: Addition) -> list[CheckLine]:
    """Write the catalog in one step, after its new entries have been read through it.

    Returns
    -------
    list of CheckLine
        The state of every new entry.

    Raises
    ------
    InputError
        The new text is no sound catalog, or an entry does not read; nothing is changed.
    BusyError
        Another ``catalog add`` writes it, or somebody changed it since it was read.
    DiskError
        The disk is full or cannot be written.
    """
    with _held(addition.catalog), replacing(addition.catalog) as part:
        part.write_text(addition.text, encoding="utf-8", newline="")
        lines = _read_back(addition, part)
        _refuse_changed(addition)
    return lines


def _read_back(addition: Addition, part: Path) -> list[CheckLine]:
    """Read the new entries through the new catalog; raise where one does not read."""
    try:
        trial = open_catalog(str(part))
        lines = [check_file(one.layer, trial.request(one.layer)) for one in addition.planned]
    except CatalogError as fault:  # name the catalog, not the file that will become it
        subject = fault.subject.replace(part.name, addition.catalog.name)
        raise CatalogError(subject, fault.what, fault.cure) from fault
    for wrong in (line.fault for line in lines):
        if wrong is not None:
            what = Say(f"没有写入：{wrong.what.zh}", f"was not written: {wrong.what.en}")
            raise type(wrong)(wrong.subject, what, wrong.cure)
    return lines


@contextlib.contextmanager
def _held(catalog: Path) -> Iterator[None]:
    """Keep every other ``catalog add`` from writing the same catalog meanwhile."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(FolderLock(catalog.absolute().parent))
        except BusyError as fault:
            raise _busy(catalog, "正被另一次 catalog add 写入", "is being written") from fault
        except DiskError:  # a share without locks: what changed meanwhile is still compared
            pass
        yield


def _refuse_changed(addition: Addition) -> None:
    """Refuse to write over what another program wrote since the catalog was read."""
    path = addition.catalog
    now = path.read_bytes() if path.is_file() else None
    if now != addition.before:
        raise _busy(path, "在读取之后被改动，没有写入", "has changed since it was read")


def _busy(catalog: Path, zh: str, en: str) -> BusyError:
    return BusyError(catalog, Say(zh, en), Say("再运行一次", "run the command again"))


def _short(say: Say) -> str:
    """Return the Chinese of a sentence; notes carry their English in brackets behind it."""
    return say.zh.split(" (")[0]


def _uri(file: Path, catalog: Path, old: Catalog | None) -> str:
    """Return the file's path below the catalog's root, or say where the catalog must lie."""
    root = catalog.resolve().parent if old is None else old.root
    here = file.resolve()
    if root is None or not here.is_relative_to(root):
        better = here.parent / catalog.name
        raise CatalogError(
            file,
            Say(f"不在目录文件所在的文件夹 {root or '(root 未设)'} 之下",
                f"does not lie below the folder of the catalog, {root or '(root is not set)'}"),
            Say(f"把目录文件放在数据旁：--catalog {better}",
                f"keep the catalog beside the data: --catalog {better}"),
        )  # fmt: skip
    uri = here.relative_to(root).as_posix()
    if any(c in "{}:\\" or not (c.isprintable() or c == " ") for c in uri):
        raise CatalogError(
            repr(uri),
            Say("文件名或文件夹名含有不能写入目录的字符（{ } : \\、换行、控制字符或非 UTF-8）",
                "has a name that a catalog cannot hold ({ } : \\, line ends, control "
                "characters, or not UTF-8)"),
            Say("改名后再登记", "rename it first"),
        )  # fmt: skip
    return uri


def _counties(old: Catalog | None) -> tuple[gpd.GeoDataFrame, str]:
    """Return the county outlines of the region in WGS84 and the code of its city."""
    base = old if old is not None and old.name_of("counties") else open_catalog(BASE)
    name = str(base.name_of("counties"))
    frame = read_vector(base.request(name), "EPSG:4326").data
    city = base.entries[name].driver.options.city
    return frame, city or str(frame["code"].iloc[0])[:4] + "00"


def _entry(
    found: Understanding, one: Planned, uri: str, wish: Wish, coverage: str
) -> dict[str, Any]:
    """Return the fields of an entry, in the order in which they are written."""
    options: dict[str, Any] = {"layer": found.match.info.name}
    if wish.encoding is not None:
        options["encoding"] = wish.encoding
    entry: dict[str, Any] = {
        "kind": one.kind,
        "driver": {"name": one.driver, "options": options},
        "uri": uri,
    }
    if found.crs.startswith(_EPSG):
        entry["crs"] = found.crs
    if wish.datum is not None:
        entry["datum"] = wish.datum
    if one.adapter:
        entry["adapter"] = dict(one.adapter)
    entry["coverage"] = coverage
    entry["access"] = "user_supplied"
    if wish.acquired is not None:
        entry["acquired"] = wish.acquired
    entry["source"] = {
        "title": f"{SPECS[one.layer].title}（{found.path.name}，{found.match.info.name}）",
        "licence": _LICENCE,
        "sha256": found.sha256,
    }
    return entry


def _replaced(
    catalog: Path, old: Catalog | None, layers: list[str], *, replace: bool
) -> tuple[str, ...]:
    """Return the catalog's own entries of these layers; without ``replace`` refuse them."""
    if old is None:
        return ()
    own = [n for n in old.own if (old.entries[n].layer or n) in layers]
    if own and not replace:
        raise CatalogError(
            f"{catalog}:{old.lines[own[0]]}",
            Say(f"已有条目 {', '.join(own)}", f"has the entries {', '.join(own)} already"),
            Say(
                "用 --replace 替换（原条目不再起作用）；几个县的文件先合并为一个再登记",
                "use --replace, which ends the old entry; files of several counties must be "
                "merged into one first",
            ),
        )
    return tuple(own)
